"""Founding a world from a user's own networkx graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clustersim.world import newcomers
from clustersim.world.actors import COLUMNS, Kind
from clustersim.world.draws import Draws
from clustersim.world.first_ties import tie
from clustersim.world.founding import bare_world, firm_cohort, place_standing
from clustersim.world.graph_content import UNDIRECTED, GraphError, Node, Problems, Tie
from clustersim.world.graph_edges import EdgeReader
from clustersim.world.graph_nodes import NodeReader
from clustersim.world.institutions import (
    INSTITUTIONS,
    Cohort,
    admit,
    admit_institutions,
    office_cohort,
    science_cohort,
)
from clustersim.world.spec import RegionSpec, SectorSpec, WorldSpec
from clustersim.world.types import Floats, Ids
from clustersim.world.values import checked_whole
from clustersim.world.world import World

if TYPE_CHECKING:
    import networkx as nx


def found_from_graph(
    graph: nx.Graph, spec: WorldSpec | None = None, seed: int = 0, *, complete: bool = False
) -> World:
    """Found a world from a graph of actors and ties.

    Every attribute of :func:`~clustersim.world.graph.to_graph` may be given. What is left out is
    drawn as in :func:`~clustersim.world.founding.found`:

    *Nodes.* `kind` is ``firm`` if left out. A firm and a cluster organisation need `region` and
    `sector`, a university, an RTO and a regional authority a `region`. `size` (simulated jobs) is
    drawn from the distribution of firm sizes, `age` (years) or `birth` (quarter), `x` and `y`
    (km), `research`, `knowledge`, `niche` and the rest as the founding draws them. `parent` is the
    label of the parent; an edge of the layer ``heritage`` says the same.

    *Edges.* `layer` is the key of the edge if that names a layer, else ``collaboration``. Left-out
    `trust` begins at the mean institutional quality of both regions, `km` is the distance of the
    positions, and `born` is now. A tie of an undirected layer may stand in one direction or both.

    *The graph.* Its attribute `step`, 0 if left out, is the quarter that `birth` and `born` count
    to. The world itself begins at step 0.

    Attributes of other names are the user's own and have no effect, unless they look like a
    misspelt one. A node's identity is :func:`~clustersim.world.graph_content.identity_of` its
    label; the label itself is not kept. The world does not depend on the order of nodes and edges.

    Parameters
    ----------
    graph
        Any networkx graph. Supply, mobility and heritage need a directed one.
    spec
        Regions and sectors by name, with everything else that a world is founded from. Their jobs,
        firms and institutions are those of the graph, whatever `spec` says. Regions or sectors
        that it does not name at all are those named on nodes, in alphabetical order, a region at
        the mean position of its actors.
    seed
        Seed of everything left open, in [0, 2**63).
    complete
        Whether kinds of institution of which the graph has none (universities, RTOs, cluster
        organisations, authorities) are founded as `spec` says.

    Raises
    ------
    GraphError
        A ``ValueError`` with everything that is wrong with the graph, each with its node or edge.
    ValueError
        If the seed is out of range.
    """
    spec = WorldSpec() if spec is None else spec
    content = _read(graph, spec)
    draws = Draws(seed)
    _draw_sizes(content, spec, draws)
    spec = _spec_of(content, spec)
    world, draws = bare_world(spec, seed)
    _centre_districts(world, content)
    for kind in Kind:
        _admit_kind(world, spec, content, kind, draws)
    if complete:
        present = {node.kind for node in content.nodes.values()}
        admit_institutions(
            world, spec, draws, [kind for kind in INSTITUTIONS if kind not in present]
        )
    for layer, ties in content.ties.items():
        _add_ties(world, layer, ties)
    return world


@dataclass(frozen=True)
class _Content:
    """Actors by identity, ascending, and ties by layer."""

    nodes: dict[int, Node]
    ties: dict[str, list[Tie]]


def _read(graph: nx.Graph, spec: WorldSpec) -> _Content:
    """Read a graph; raise everything that is wrong with it."""
    problems = Problems()
    given = graph.graph.get("step", 0)
    step = problems.attempt("the graph: step is ", checked_whole, given, 0, 2**31 - 1) or 0
    names = {
        "region": [region.name for region in spec.regions],
        "sector": [sector.name for sector in spec.sectors],
        "niche": [field.name for field in spec.fields],
    }
    by_label = NodeReader(graph, names, len(spec.fields), step, problems).read()
    ties = EdgeReader(graph, by_label, step, problems).read()
    if problems:
        raise GraphError(problems)
    nodes = {node.identity: node for node in by_label.values()}
    return _Content(dict(sorted(nodes.items())), ties)


def _of_kind(content: _Content, kind: Kind) -> list[Node]:
    return [node for node in content.nodes.values() if node.kind == kind]


def _draw_sizes(content: _Content, spec: WorldSpec, draws: Draws) -> None:
    """Give a size to the firms that have none."""
    sizes = spec.firm_size
    firms = [node for node in _of_kind(content, Kind.FIRM) if "size" not in node.values]
    luck = draws.uniform(
        "founding.size", np.array([node.identity for node in firms], dtype=np.int64)
    )
    drawn = newcomers.pareto_size(luck, sizes.smallest, sizes.largest, sizes.tail)
    for node, size in zip(firms, drawn.tolist(), strict=True):
        node.values["size"] = size


def _spec_of(content: _Content, spec: WorldSpec) -> WorldSpec:
    """Return the specification with the regions, sectors and jobs of the graph."""
    nodes = content.nodes.values()
    jobs: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for node in _of_kind(content, Kind.FIRM):
        size = float(node.values["size"])
        jobs[str(node.region)][str(node.sector)] += size * spec.employment_scale
    if not sum(sum(by_sector.values()) for by_sector in jobs.values()) > 0.0:
        raise GraphError(["the graph: has no firm with jobs; a world needs at least one"])
    regions = spec.regions or tuple(
        _region(name, [node for node in nodes if node.region == name])
        for name in sorted({node.region for node in nodes if node.region is not None})
    )
    sectors = spec.sectors or tuple(
        SectorSpec(name=name)
        for name in sorted({node.sector for node in nodes if node.sector is not None})
    )
    changed = [
        region.model_copy(update={"jobs": dict(jobs[region.name]), "firms": {}})
        for region in regions
    ]
    return spec.model_copy(update={"regions": tuple(changed), "sectors": sectors})


def _region(name: str, nodes: Sequence[Node]) -> RegionSpec:
    """Return a region at the mean position of its actors, if any of them has one."""
    placed = [(node.values["x"], node.values["y"]) for node in nodes if "x" in node.values]
    if not placed:
        return RegionSpec(name=name)
    x, y = np.mean(placed, axis=0).tolist()
    return RegionSpec(name=name, x=x, y=y)


def _centre_districts(world: World, content: _Content) -> None:
    """Lay the centre of a district where its firms are, so that others are drawn around them."""
    at: dict[tuple[int, int], list[tuple[float, float]]] = defaultdict(list)
    for node in _of_kind(content, Kind.FIRM):
        if "x" in node.values:
            place = (world.regions.names.index(str(node.region)), _sector(world, node))
            at[place].append((float(node.values["x"]), float(node.values["y"])))
    for place, positions in at.items():
        world.places.x[place], world.places.y[place] = np.mean(positions, axis=0)


def _sector(world: World, node: Node) -> int:
    return -1 if node.sector is None else world.sectors.names.index(node.sector)


def _admit_kind(world: World, spec: WorldSpec, content: _Content, kind: Kind, draws: Draws) -> None:
    nodes = _of_kind(content, kind)
    if not nodes:
        return
    index = {
        name: {one: i for i, one in enumerate(names)}
        for name, names in (
            ("region", world.regions.names),
            ("sector", world.sectors.names),
            ("niche", world.fields.names),
        )
    }
    ids = np.array([node.identity for node in nodes], dtype=np.int64)
    region, sector, niche = (
        np.array([index[name].get(getattr(node, name), -1) for node in nodes], dtype=np.int64)
        for name in ("region", "sector", "niche")
    )
    if kind == Kind.FIRM:
        place = region * world.n_sectors + sector
        size = np.array([float(node.values["size"]) for node in nodes])
        jobs = np.zeros(world.places.x.shape)
        np.add.at(jobs, (region, sector), size)
        cohort = firm_cohort(
            world,
            spec,
            ids=ids,
            place=place,
            size=size,
            standing=place_standing(spec, jobs),
            draws=draws,
            niche=niche,
        )
    elif kind in (Kind.UNIVERSITY, Kind.RTO):
        cohort = science_cohort(
            world, kind, ids=ids, region=region, draws=draws, sector=sector, niche=niche
        )
    else:
        level = np.array([node.values.get("level", 0) for node in nodes])
        cohort = office_cohort(world, kind, ids=ids, region=region, sector=sector, level=level)
    admit(world, _with_given(world, cohort, nodes))


def _with_given(world: World, cohort: Cohort, nodes: Sequence[Node]) -> Cohort:
    """Return the cohort with everything that the graph gives in place of what was drawn."""
    columns = dict(cohort.columns)
    for column in COLUMNS:
        given = {i: n.values[column.name] for i, n in enumerate(nodes) if column.name in n.values}
        if given:
            drawn = columns.get(column.name, np.full(len(nodes), column.default))
            columns[column.name] = _replaced(np.array(drawn, dtype=column.dtype), given)
    known = {i: node.knowledge for i, node in enumerate(nodes) if node.knowledge is not None}
    knowledge = _replaced(cohort.knowledge.copy(), known)
    if "niche" in columns:
        # Without a niche of its own, an actor's main field is the one that it knows best.
        own = {i: _best_field(world, columns["sector"][i], knowledge[i]) for i in known}
        own = {i: field for i, field in own.items() if nodes[i].niche is None}
        columns["niche"] = _replaced(np.array(columns["niche"]), own)
    return Cohort(columns, knowledge)


def _replaced(values: Any, given: Mapping[int, Any]) -> Any:
    for i, value in given.items():
        values[i] = value
    return values


def _best_field(world: World, sector: int, knowledge: Floats) -> int:
    weights = world.sectors.relevance[sector] if sector >= 0 else 1.0
    return int(np.argmax(weights * knowledge))


def _add_ties(world: World, layer: str, ties: Sequence[Tie]) -> None:
    if not ties:
        return
    first, second = _rows(world, [(one.first, one.second) for one in ties]).T
    if layer in UNDIRECTED:
        first, second = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((second, first))
    table = getattr(world.ties, layer)
    tie(world, layer, first[order], second[order])
    for name in ("trust", "km", "born"):
        _write(getattr(table, name), [ties[i] for i in order.tolist()], name)


def _write(column: Any, ties: Sequence[Tie], name: str) -> None:
    _replaced(column, {i: one.values[name] for i, one in enumerate(ties) if name in one.values})


def _rows(world: World, identities: Sequence[tuple[int, int]]) -> Ids:
    """Return the rows of pairs of identities, shape (n, 2)."""
    rows = world.actors.rows()
    rows = rows[np.argsort(world.actors.id[rows])]
    wanted = np.array(identities, dtype=np.int64)
    return rows[np.searchsorted(world.actors.id[rows], wanted)]
