"""GraphML files, and scenarios that found their world from one."""

from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from clustersim.scenario.graph_file import found_scenario, read_graph, write_graph
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario
from clustersim.world.actors import Kind
from clustersim.world.founding import found
from clustersim.world.graph import GraphError, found_from_graph, identity_of, layer_graph, to_graph
from clustersim.world.spec import RegionSpec, SectorSpec, WorldSpec

SPEC = WorldSpec(
    sectors=(SectorSpec(name="tools"), SectorSpec(name="bateaux à voile")),
    regions=(
        RegionSpec(
            name="Köln",
            jobs={"tools": 200, "bateaux à voile": 90},
            cluster_organisations={"tools": 1},
        ),
        RegionSpec(name="south <&>", jobs={"tools": 100}),
    ),
)
SCENARIO = """\
schema_version: 1
seed: 5
years: 2
world:
  graph: {path: firms.graphml}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    graph = nx.Graph()
    graph.add_node("Alpha", region="north", sector="tools", size=40.0, digital=True)
    graph.add_node("Beta", region="south", sector="tools")
    graph.add_edge("Alpha", "Beta", trust=0.25)
    write_graph(graph, tmp_path / "firms.graphml")
    (tmp_path / "own.yaml").write_text(SCENARIO, encoding="utf-8")
    return tmp_path


def test_a_world_survives_the_way_through_a_file(tmp_path: Path) -> None:
    graph = to_graph(found(SPEC, 3))
    write_graph(graph, tmp_path / "world.graphml")
    again = read_graph(tmp_path / "world.graphml")
    assert again.is_directed()
    assert dict(again.nodes(data=True)) == dict(graph.nodes(data=True))
    back = to_graph(found_from_graph(again, SPEC, seed=8))
    assert nx.utils.graphs_equal(back, graph)


def test_writing_leaves_the_graph_as_it_is(tmp_path: Path) -> None:
    graph = layer_graph(found(SPEC, 3))
    before = {node: dict(data) for node, data in graph.nodes(data=True)}
    write_graph(graph, tmp_path / "layer.graphml")
    assert dict(graph.nodes(data=True)) == before


def test_a_scenario_founds_its_world_from_a_graph(folder: Path) -> None:
    resolved = read_scenario(folder / "own.yaml")
    world = found_scenario(resolved)
    actors = world.actors
    firms = actors.rows(Kind.FIRM)
    assert set(actors.id[firms].tolist()) == {identity_of("Alpha"), identity_of("Beta")}
    alpha = actors.row_of(identity_of("Alpha"))
    assert actors.size[alpha] == 40.0
    assert actors.digital[alpha]
    assert world.ties.collaboration.trust.tolist() == [0.25]
    # Of institutions the graph has none, so they are there as in any other scenario.
    assert actors.rows(Kind.UNIVERSITY).size == 2
    assert actors.rows(Kind.AUTHORITY).size == 4
    other = found_scenario(resolved, seed=6).actors
    beta = identity_of("Beta")
    assert other.size[other.row_of(beta)] != actors.size[actors.row_of(beta)]


def test_a_scenario_without_a_graph_is_founded_from_its_jobs(tmp_path: Path) -> None:
    (tmp_path / "plain.yaml").write_text(
        "schema_version: 1\nworld:\n  sectors: [{name: tools}]\n"
        "  regions: [{name: north, jobs: {tools: 500}}]\n",
        encoding="utf-8",
    )
    resolved = read_scenario(tmp_path / "plain.yaml")
    expected = found(resolved.scenario.world, resolved.scenario.seed)
    assert np.array_equal(found_scenario(resolved).actors.size, expected.actors.size)


def test_what_is_wrong_with_a_graph_is_told_with_its_file(folder: Path) -> None:
    graph = read_graph(folder / "firms.graphml")
    graph.nodes["Alpha"]["size"] = -1.0
    graph.nodes["Beta"]["kind"] = "frim"
    write_graph(graph, folder / "firms.graphml")
    with pytest.raises(ScenarioError) as caught:
        found_scenario(read_scenario(folder / "own.yaml"))
    first, second = caught.value.problems
    assert first.path == second.path == str(folder / "firms.graphml")
    assert first.message.startswith("node 'Alpha': size is -1.0")
    assert "did you mean 'firm'" in second.message


def test_numbers_are_identities_and_other_names_are_text(tmp_path: Path) -> None:
    labels = ["17", "017", "-3", str(2**63), str(2**63 - 1), "Ⅷ", "x"]
    nx.write_graphml(nx.empty_graph(labels), tmp_path / "labels.graphml")
    read = list(read_graph(tmp_path / "labels.graphml"))
    assert read == [17, "017", "-3", str(2**63), 2**63 - 1, "Ⅷ", "x"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, r"firms\.graphml: cannot be read \(No such file"),
        ("", "is no GraphML"),
        ("<graphml><node", "is no GraphML"),
        ("<html></html>", "is no GraphML"),
        ("graph [ node [ id 0 ] ]", "is no GraphML"),
        (
            '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
            '<key id="a" for="node" attr.name="size" attr.type="double"/>'
            '<graph edgedefault="undirected"><node id="n"><data key="a">many</data></node>'
            "</graph></graphml>",
            "is no GraphML .*many",
        ),
    ],
)
def test_what_is_no_graphml_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    path = tmp_path / "firms.graphml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(GraphError, match=message):
        read_graph(path)


def test_gaps_in_knowledge(tmp_path: Path) -> None:
    graph = nx.Graph()
    graph.add_node("Alpha", knowledge_0=0.5, knowledge_2=0.5)
    nx.write_graphml(graph, tmp_path / "gap.graphml")
    with pytest.raises(GraphError, match="node 'Alpha': has no knowledge_1, but knowledge_2"):
        read_graph(tmp_path / "gap.graphml")
