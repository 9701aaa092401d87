"""A world as a networkx graph, and a world founded from one."""

import math
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import COLUMNS, Kind, Level, Origin
from clustersim.world.founding import found
from clustersim.world.graph import (
    GraphError,
    found_from_graph,
    identity_of,
    layer_graph,
    to_graph,
)
from clustersim.world.spec import FieldSpec, RegionSpec, SectorSpec, WorldSpec
from clustersim.world.world import World

ABC = 5628537405501432684
# The BLAKE2b digest of the five characters 'abc' (with the quotation marks), from b2sum -l 64.


def small_spec() -> WorldSpec:
    return WorldSpec(
        sectors=(SectorSpec(name="tools"), SectorSpec(name="boats")),
        regions=(
            RegionSpec(name="north", universities=1, rtos=1, jobs={"tools": 300, "boats": 80}),
            RegionSpec(
                name="south",
                universities=2,
                jobs={"tools": 60, "boats": 200},
                cluster_organisations={"boats": 1},
            ),
        ),
    )


def run_world(quarters: int, seed: int = 3) -> World:
    simulation = Simulation(found(small_spec(), seed), mechanisms(), seed=seed)
    simulation.run(quarters)
    return simulation.world


def assert_same_world(first: World, second: World) -> None:
    rows = [w.actors.rows()[np.argsort(w.actors.id[w.actors.rows()])] for w in (first, second)]
    pairs = list(zip((first, second), rows, strict=True))
    for column in COLUMNS:
        values = [getattr(w.actors, column.name)[r] for w, r in pairs]
        assert np.array_equal(*values), column.name
    assert np.array_equal(first.actors.knowledge[rows[0]], second.actors.knowledge[rows[1]])
    assert nx.utils.graphs_equal(to_graph(first), to_graph(second))


class TestToGraph:
    def test_nodes_are_the_living_actors_with_their_values(self) -> None:
        world = run_world(20)
        graph = to_graph(world)
        actors = world.actors
        assert set(graph) == set(actors.id[actors.rows()].tolist())
        assert graph.graph == {"step": 20, "year": 2005.0}
        for row in actors.rows(Kind.FIRM)[::7].tolist():
            data = graph.nodes[int(actors.id[row])]
            assert data["kind"] == "firm"
            assert data["region"] == world.regions.names[actors.region[row]]
            assert data["sector"] == world.sectors.names[actors.sector[row]]
            assert data["niche"] == world.fields.names[actors.niche[row]]
            assert data["size"] == actors.size[row]
            assert data["birth"] == actors.birth[row]
            assert data["digital"] is bool(actors.digital[row])
            assert data["knowledge"] == actors.knowledge[row].tolist()
            assert "level" not in data

    def test_values_are_plain_python(self) -> None:
        graph = to_graph(run_world(4))
        plain = (bool, int, float, str, list)
        assert all(type(v) in plain for _, data in graph.nodes(data=True) for v in data.values())
        assert all(type(v) in plain for *_, data in graph.edges(data=True) for v in data.values())

    def test_edges_are_keyed_by_layer_and_undirected_ones_stand_twice(self) -> None:
        world = run_world(8)
        graph = to_graph(world)
        layer = world.ties.collaboration
        assert len(layer) > 0
        for t in range(len(layer)):
            ends = [int(world.actors.id[row[t]]) for row in (layer.first, layer.second)]
            expected = {
                "layer": "collaboration",
                "trust": layer.trust[t],
                "km": layer.km[t],
                "born": layer.born[t],
            }
            assert graph.edges[ends[0], ends[1], "collaboration"] == expected
            assert graph.edges[ends[1], ends[0], "collaboration"] == expected
        members = [edge for edge in graph.edges(keys=True) if edge[2] == "membership"]
        assert len(members) == len(world.ties.membership) > 0
        assert all(
            graph.nodes[office]["kind"] == "cluster_organisation" for _, office, _ in members
        )

    def test_heritage_joins_living_parents_and_their_spin_offs(self) -> None:
        world = run_world(60)
        graph = to_graph(world)
        alive = set(graph)
        expected = {
            (data["parent"], child)
            for child, data in graph.nodes(data=True)
            if data.get("parent") in alive
        }
        assert expected
        assert {(u, v) for u, v, key in graph.edges(keys=True) if key == "heritage"} == expected

    def test_it_is_a_copy(self) -> None:
        world = run_world(2)
        graph = to_graph(world)
        node = next(iter(graph))
        before = world.actors.knowledge.copy()
        graph.nodes[node]["knowledge"][0] = 99.0
        assert np.array_equal(world.actors.knowledge, before)

    def test_algorithms_of_networkx_take_a_layer(self) -> None:
        world = run_world(12)
        graph = layer_graph(world)
        assert type(graph) is nx.Graph
        degree = world.ties.collaboration.adjacency(world.actors.n_rows).degree()
        for row in world.actors.rows(Kind.FIRM)[:50].tolist():
            assert graph.degree[int(world.actors.id[row])] == degree[row]
        assert 0.0 <= nx.transitivity(graph) <= 1.0
        assert len(nx.betweenness_centrality(graph)) == len(graph)
        assert sum(map(len, nx.connected_components(graph))) == len(graph)
        assert type(layer_graph(world, "membership")) is nx.DiGraph
        assert nx.is_directed_acyclic_graph(layer_graph(world, "heritage"))

    def test_unknown_layer(self) -> None:
        with pytest.raises(ValueError, match="there is no layer 'friendship'; there are coll"):
            layer_graph(run_world(0), "friendship")


class TestIdentity:
    def test_an_identity_stays_itself_and_other_labels_are_hashed(self) -> None:
        assert identity_of(17) == identity_of(np.int64(17)) == 17
        assert identity_of("17") != 17
        assert identity_of(-1) >= 0
        assert identity_of(2**63) < 2**63

    def test_it_never_changes(self) -> None:
        assert identity_of("abc") == ABC
        assert identity_of(np.str_("abc")) == ABC

    @pytest.mark.parametrize("label", [frozenset({1}), b"a", object()])
    def test_labels_whose_text_may_differ_are_refused(self, label: Any) -> None:
        with pytest.raises(TypeError, match=r"use networkx\.relabel_nodes"):
            identity_of(label)

    @given(st.lists(st.text() | st.integers() | st.floats(allow_nan=False), unique=True))
    def test_different_labels_are_different_actors(self, labels: list[Any]) -> None:
        assert len({identity_of(label) for label in labels}) == len(labels)


class TestRoundTrip:
    @pytest.mark.parametrize("quarters", [0, 40])
    def test_a_world_comes_back_from_its_graph(self, quarters: int) -> None:
        world = run_world(quarters)
        graph = to_graph(world)
        again = to_graph(found_from_graph(graph, small_spec(), seed=99))
        assert again.graph["step"] == 0
        for _, data in graph.nodes(data=True):
            data["birth"] -= quarters
        for *_, data in graph.edges(data=True):
            if "born" in data:
                data["born"] -= quarters
        assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
        edges = [
            {(u, v, k): d for u, v, k, d in g.edges(keys=True, data=True)} for g in (again, graph)
        ]
        assert edges[0] == edges[1]

    def test_the_world_runs_on(self) -> None:
        world = found_from_graph(to_graph(run_world(12)), small_spec())
        simulation = Simulation(world, mechanisms(), seed=1)
        simulation.run(12)
        assert world.jobs().sum() > 0.0
        assert np.isfinite(world.actors.size).all()


FIELDS = (FieldSpec(name="alpha"), FieldSpec(name="beta"), FieldSpec(name="gamma", tags=("green",)))
SPEC = WorldSpec(fields=FIELDS)
SHARE = st.floats(0, 1)
OPTIONAL = {
    "orders": st.floats(0, 1e6),
    "cash": st.floats(-1e9, 1e9),
    "research": SHARE,
    "log_productivity": st.floats(-5, 5),
    "quality": SHARE,
    "export_share": SHARE,
    "birth": st.integers(-400, 0),
    "niche": st.sampled_from([field.name for field in FIELDS]),
    "digital": st.booleans(),
    "anchor": st.booleans(),
    # Of single precision, as the world stores knowledge.
    "knowledge": st.lists(st.floats(0, 1, width=32), min_size=3, max_size=3),
}
TIE = st.fixed_dictionaries(
    {}, optional={"trust": SHARE, "km": st.floats(0, 1000), "born": st.integers(-100, 0)}
)
LABELS = st.text(max_size=6) | st.integers(-50, 50) | st.tuples(st.integers(0, 9), st.text())


@st.composite
def graphs(draw: st.DrawFn) -> nx.MultiDiGraph:
    """Return graphs of actors of all kinds with some attributes, and ties that fit them."""
    graph = nx.MultiDiGraph()
    for label in draw(st.lists(LABELS, min_size=1, max_size=12, unique_by=identity_of)):
        kind = draw(st.sampled_from([kind.name.lower() for kind in Kind])) if len(graph) else "firm"
        data: dict[str, Any] = {"kind": kind}
        if kind != "authority" or draw(st.booleans()):
            data["region"] = draw(st.sampled_from(["east", "west", "Köln"]))
        if kind in {"firm", "rto", "cluster_organisation"}:
            data["sector"] = draw(st.sampled_from(["steel", "food"]))
        if kind == "firm":
            data["size"] = draw(st.floats(1, 1e4))
        names = OPTIONAL if kind in {"firm", "university", "rto"} else ["quality", "cash"]
        data |= draw(st.fixed_dictionaries({}, optional={n: OPTIONAL[n] for n in names}))
        if draw(st.booleans()):
            data |= {"x": draw(st.floats(-900, 900)), "y": draw(st.floats(-900, 900))}
        graph.add_node(label, **data)
    _add_edges(draw, graph)
    return graph


def _add_edges(draw: st.DrawFn, graph: nx.MultiDiGraph) -> None:
    kinds = nx.get_node_attributes(graph, "kind")
    knowing = [n for n in graph if kinds[n] in {"firm", "university", "rto"}]
    firms = [n for n in graph if kinds[n] == "firm"]
    offices = [n for n in graph if kinds[n] == "cluster_organisation"]
    for layer, first, second in (
        ("collaboration", knowing, knowing),
        ("bridge", offices, offices),
        ("supply", firms, firms),
        ("mobility", firms, firms),
        ("membership", knowing, offices),
    ):
        pairs = [(a, b) for a in first for b in second if a != b]
        for a, b in draw(st.lists(st.sampled_from(pairs), max_size=5)) if pairs else []:
            data = draw(TIE)
            graph.add_edge(a, b, key=layer, layer=layer, **data)
            if layer in {"collaboration", "bridge"}:
                graph.remove_edges_from([(a, b, layer), (b, a, layer)])
                graph.add_edge(a, b, key=layer, layer=layer, **data)
                graph.add_edge(b, a, key=layer, layer=layer, **data)
    for position, child in enumerate(firms[1:]):
        if draw(st.booleans()):
            graph.add_edge(firms[position], child, key="heritage", layer="heritage")


@settings(max_examples=60)
@given(graphs(), st.integers(0, 2**63 - 1))
def test_a_graph_comes_back_with_all_that_it_says(graph: nx.MultiDiGraph, seed: int) -> None:
    again = to_graph(found_from_graph(graph, SPEC, seed))
    expected = nx.relabel_nodes(graph, identity_of)
    assert set(again) == set(expected)
    assert set(again.edges(keys=True)) == set(expected.edges(keys=True))
    for node, data in expected.nodes(data=True):
        assert again.nodes[node].items() >= data.items()
    for edge in expected.edges(keys=True):
        assert again.edges[edge].items() >= expected.edges[edge].items()


@settings(max_examples=20)
@given(graphs(), st.randoms(use_true_random=False))
def test_the_order_of_nodes_and_edges_is_nothing(graph: nx.MultiDiGraph, random: Any) -> None:
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))
    random.shuffle(nodes)
    random.shuffle(edges)
    shuffled = nx.MultiDiGraph()
    shuffled.add_nodes_from(nodes)
    shuffled.add_edges_from(edges)
    assert_same_world(found_from_graph(graph, SPEC, 5), found_from_graph(shuffled, SPEC, 5))


def trio() -> nx.Graph:
    graph = nx.Graph()
    graph.add_node("Alpha", region="north", sector="tools", size=40)
    graph.add_node("Beta", region="north", sector="tools")
    graph.add_node("Uni", kind="university", region="south")
    graph.add_edge("Alpha", "Beta", trust=0.7)
    graph.add_edge("Beta", "Uni")
    return graph


class TestFromGraph:
    def test_what_is_left_out_is_drawn(self) -> None:
        world = found_from_graph(trio())
        graph = to_graph(world)
        beta = graph.nodes[identity_of("Beta")]
        assert beta["kind"] == "firm"
        assert beta["size"] >= WorldSpec().firm_size.smallest
        assert beta["birth"] <= 0
        assert any(beta["knowledge"])
        assert to_graph(found_from_graph(trio(), seed=1)).nodes[identity_of("Beta")] != beta
        assert world.regions.names == ("north", "south")
        assert world.sectors.names == ("tools",)
        assert world.jobs().sum() == pytest.approx(40 + beta["size"])
        edge = graph.edges[identity_of("Alpha"), identity_of("Beta"), "collaboration"]
        assert edge["trust"] == 0.7
        places = [graph.nodes[identity_of(n)] for n in ("Alpha", "Beta")]
        assert edge["km"] == pytest.approx(
            math.hypot(places[0]["x"] - places[1]["x"], places[0]["y"] - places[1]["y"])
        )
        other = graph.edges[identity_of("Beta"), identity_of("Uni"), "collaboration"]
        assert other["trust"] == RegionSpec(name="any").institutional_quality

    def test_nobody_else_is_there_unless_asked_for(self) -> None:
        spec = WorldSpec(
            regions=(RegionSpec(name="north", rtos=2), RegionSpec(name="south", universities=5))
        )
        assert found_from_graph(trio(), spec).actors.rows().size == 3
        world = found_from_graph(trio(), spec, complete=True)
        counts = {kind: world.actors.rows(kind).size for kind in Kind}
        assert counts == {
            Kind.FIRM: 2,
            Kind.UNIVERSITY: 1,
            Kind.RTO: 2,
            Kind.CLUSTER_ORGANISATION: 0,
            Kind.AUTHORITY: 4,
        }

    def test_firms_are_placed_around_those_with_a_position(self) -> None:
        graph = nx.Graph()
        graph.add_node(0, region="far", sector="tools", x=5000, y=-3000)
        graph.add_nodes_from(range(1, 200), region="far", sector="tools")
        world = found_from_graph(graph)
        rows = world.actors.rows()
        away = np.hypot(world.actors.x[rows] - 5000, world.actors.y[rows] + 3000)
        assert np.mean(away) == pytest.approx(WorldSpec().founders.district_km, rel=0.3)
        assert (world.regions.x[0], world.regions.y[0]) == (5000, -3000)

    def test_age_in_years(self) -> None:
        graph = trio()
        graph.nodes["Alpha"]["age"] = 10.5
        world = found_from_graph(graph)
        assert world.actors.birth[world.actors.row_of(identity_of("Alpha"))] == -42

    def test_the_scale_of_employment_is_kept(self) -> None:
        spec = WorldSpec(employment_scale=50)
        assert found_from_graph(trio(), spec).regions.jobs_usual.sum() == pytest.approx(
            found_from_graph(trio()).regions.jobs_usual.sum()
        )

    def test_a_spin_off_is_told_by_its_parent(self) -> None:
        graph = nx.DiGraph(trio())
        graph.add_edge("Uni", "Beta", layer="heritage")
        graph.nodes["Alpha"]["parent"] = "Beta"
        actors = found_from_graph(graph).actors
        row = {name: actors.row_of(identity_of(name)) for name in graph}
        assert actors.parent[row["Beta"]] == identity_of("Uni")
        assert actors.origin[row["Beta"]] == Origin.UNIVERSITY_SPIN_OFF
        assert actors.parent[row["Alpha"]] == identity_of("Beta")
        assert actors.origin[row["Alpha"]] == Origin.SPIN_OFF

    def test_an_authority_is_national_unless_it_has_a_region(self) -> None:
        graph = trio()
        graph.add_node("state", kind="Authority")
        graph.add_node("land", kind=Kind.AUTHORITY, region="north")
        actors = found_from_graph(graph).actors
        assert actors.level[actors.row_of(identity_of("state"))] == Level.NATIONAL
        assert actors.level[actors.row_of(identity_of("land"))] == Level.REGIONAL

    def test_membership_is_understood_without_a_direction(self) -> None:
        graph = trio()
        graph.add_node("Org", kind="cluster organisation", region="north", sector="tools")
        graph.add_edge("Org", "Beta", layer="membership")
        world = found_from_graph(graph)
        layer = world.ties.membership
        assert world.actors.id[layer.first].tolist() == [identity_of("Beta")]
        assert world.actors.id[layer.second].tolist() == [identity_of("Org")]

    def test_own_attributes_have_no_effect(self) -> None:
        plain, coloured = trio(), trio()
        nx.set_node_attributes(coloured, "red", "color")
        nx.set_edge_attributes(coloured, 3.5, "weight")
        assert_same_world(found_from_graph(plain), found_from_graph(coloured))


def node(**data: Any) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph(trio())
    graph.nodes["Beta"].update(data)
    return graph


def edge(first: str, second: str, **data: Any) -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(trio().nodes(data=True))
    graph.add_node("Org", kind="cluster_organisation", region="north", sector="tools")
    graph.add_edge(first, second, **data)
    return graph


WRONG = [
    (node(kind="frim"), "node 'Beta': kind is 'frim'; expected one of firm, .*did you mean 'firm'"),
    (node(kind=3), "kind is 3; expected one of"),
    (node(region=""), "region is ''; expected a name"),
    (node(sector=7), "sector is 7; expected a name"),
    (node(size=-3), "node 'Beta': size is -3; expected a number of 0 or more"),
    (node(size=math.nan), "size is nan; expected a number"),
    (node(size=10**400), "size is 10+...; expected a number"),
    (node(size="12"), "size is '12'; expected a number"),
    (node(size=True), "size is True; expected a number"),
    (node(research=1.5), "research is 1.5; expected a number from 0 to 1"),
    (node(digital=1), "digital is 1; expected True or False"),
    (node(birth=1.5), "birth is 1.5; expected a whole number"),
    (node(birth=2), "birth is 2; expected a quarter not after that of the graph"),
    (node(age=-1), "age is -1; expected a number from 0"),
    (node(age=1, birth=-4), "both age and birth"),
    (node(x=1), "only one of x and y"),
    (node(knowledge=[1, 2]), "knowledge has 2 numbers; expected 24"),
    (node(knowledge="1 2"), "knowledge is '1 2'; expected a list"),
    (node(knowledge=[*[0.5] * 23, -1]), r"knowledge\[23\] is -1; expected a number from 0"),
    (node(niche="alchemy"), "niche is 'alchemy'; expected one of mechanical engineering"),
    (node(level="eu"), "has a level; only an authority has one"),
    (node(parent="Nobody"), "parent is 'Nobody'; expected the label of a node"),
    (node(sise=4), "has an attribute 'sise'; did you mean 'size'"),
    (node(Region="x"), "has an attribute 'Region'; did you mean 'region'"),
    (node(kind="university"), "has a sector; a university has none"),
    (
        edge("Alpha", "Beta", trust=1.2),
        "edge 'Alpha' - 'Beta': trust is 1.2; expected a number from",
    ),
    (edge("Alpha", "Beta", trust="high"), "trust is 'high'; expected a number"),
    (edge("Alpha", "Beta", km=-1), "km is -1; expected a number"),
    (edge("Alpha", "Beta", born=5), "born is 5; expected a whole number .*to 0"),
    (edge("Alpha", "Beta", layer="suply"), "layer is 'suply'; expected one of .*mean 'supply'"),
    (edge("Alpha", "Alpha"), "joins a node with itself"),
    (edge("Alpha", "Beta", layer="membership"), "its second end 'Beta' is a firm; expected a clus"),
    (edge("Alpha", "Uni", layer="supply"), "its second end 'Uni' is a university; expected a firm"),
    (edge("Alpha", "Org"), "layer collaboration, but its second end 'Org' is a cluster organ"),
    (edge("Alpha", "Beta", layer="heritage", trust=1), "is heritage and has trust"),
]


class TestErrors:
    @pytest.mark.parametrize(("graph", "message"), WRONG, ids=[message for _, message in WRONG])
    def test_one_thing_wrong(self, graph: nx.Graph, message: str) -> None:
        with pytest.raises(GraphError, match=message) as caught:
            found_from_graph(graph)
        assert len(caught.value.problems) == 1

    def test_firm_without_region_and_sector(self) -> None:
        graph = trio()
        graph.add_node("Lost")
        with pytest.raises(ValueError, match="has no region; a firm needs one") as caught:
            found_from_graph(graph)
        assert "'Lost': has no sector; a firm needs one" in str(caught.value)

    def test_all_problems_are_told_together(self) -> None:
        graph = nx.MultiDiGraph(trio())
        graph.nodes["Alpha"].update(size=-1, research=2)
        graph.add_node("x", kind="bank")
        graph.add_edge("Alpha", "Beta", layer="nothing")
        with pytest.raises(GraphError) as caught:
            found_from_graph(graph)
        assert len(caught.value.problems) == 4

    def test_many_problems_are_counted(self) -> None:
        graph = nx.empty_graph(200)
        with pytest.raises(GraphError, match="and 350 more"):
            found_from_graph(graph)

    def test_names_that_the_specification_does_not_have(self) -> None:
        spec = WorldSpec(regions=(RegionSpec(name="nord"), RegionSpec(name="south")))
        with pytest.raises(GraphError, match=r"region is 'north'; .*did you mean 'nord'"):
            found_from_graph(trio(), spec)

    def test_a_direction_is_needed(self) -> None:
        graph = trio()
        graph.add_edge("Alpha", "Beta", layer="supply")
        with pytest.raises(GraphError, match="supply has a direction, which this graph does not"):
            found_from_graph(graph)

    def test_twice_the_same_tie(self) -> None:
        graph = nx.MultiGraph(trio())
        graph.add_edge("Beta", "Alpha")
        with pytest.raises(GraphError, match="in the layer collaboration more than once"):
            found_from_graph(graph)

    def test_two_directions_that_disagree(self) -> None:
        graph = nx.DiGraph(trio())
        graph.edges["Beta", "Alpha"]["trust"] = 0.1
        with pytest.raises(GraphError, match="trust differs between the two directions"):
            found_from_graph(graph)

    def test_two_parents_and_a_circle(self) -> None:
        graph = nx.MultiDiGraph(trio())
        graph.add_edge("Alpha", "Beta", key="heritage")
        graph.add_edge("Uni", "Beta", key="heritage")
        with pytest.raises(GraphError, match="'Beta': has two parents"):
            found_from_graph(graph)
        graph.remove_edge("Uni", "Beta", key="heritage")
        graph.add_edge("Beta", "Alpha", key="heritage")
        with pytest.raises(GraphError, match="heritage runs in a circle: "):
            found_from_graph(graph)

    def test_two_labels_of_one_identity(self) -> None:
        graph = trio()
        graph.add_node(identity_of("Alpha"), region="north", sector="tools")
        with pytest.raises(GraphError, match="has the same identity as 'Alpha'"):
            found_from_graph(graph)

    def test_no_jobs(self) -> None:
        graph = nx.Graph()
        graph.add_node("Uni", kind="university", region="south")
        with pytest.raises(GraphError, match="no firm with jobs"):
            found_from_graph(graph)

    def test_levels_of_authorities(self) -> None:
        graph = trio()
        graph.add_node("a", kind="authority", level="none")
        graph.add_node("b", kind="authority", level="regional")
        graph.add_node("c", kind="authority", level="eu", region="north")
        with pytest.raises(GraphError) as caught:
            found_from_graph(graph)
        text = str(caught.value)
        assert "level is none; expected regional, national or eu" in text
        assert "level is regional; such an authority needs a region" in text
        assert "level is eu; such an authority has no region" in text

    def test_step_of_the_graph(self) -> None:
        graph = trio()
        graph.graph["step"] = -1
        with pytest.raises(GraphError, match="the graph: step is -1; expected a whole number"):
            found_from_graph(graph)
