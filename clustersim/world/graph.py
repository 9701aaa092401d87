"""A world as a networkx graph, and a world founded from one.

Nodes are actors, keyed by identity; edges are ties, keyed by layer. :func:`to_graph` tells all of
it as a ``MultiDiGraph``, because supply, mobility, membership and heritage have a direction; a tie
of an undirected layer (collaboration, bridge) stands there as two arcs, as in networkx's own
``to_directed``. For networkx's algorithms on one layer take :func:`layer_graph`, a plain ``Graph``
or ``DiGraph``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from clustersim.world.actors import COLUMNS, Kind, Level, Origin
from clustersim.world.graph_content import (
    ENDS,
    HERITAGE,
    UNDIRECTED,
    GraphError,
    identity_of,
)
from clustersim.world.graph_founding import found_from_graph
from clustersim.world.ties import LAYERS
from clustersim.world.types import Ids
from clustersim.world.world import World

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["GraphError", "found_from_graph", "identity_of", "layer_graph", "to_graph"]

_ENUMS: Final = {"kind": Kind, "level": Level, "origin": Origin}


def to_graph(world: World) -> nx.MultiDiGraph:
    """Return the actors and ties of a moment as a graph, a copy that nothing changes any more.

    Nodes are keyed by identity. Their attributes are the columns of
    :data:`~clustersim.world.actors.COLUMNS` by name and in their units, as plain Python values:
    `kind`, `region`, `sector`, `niche` (technology field), `level` and `origin` are names, and
    absent where there is none, as is `parent` (an identity); `knowledge` is a list of M numbers.

    Edges are keyed by layer, from the first actor to the second, with the attributes `layer`,
    `trust` (0 to 1), `km` and `born` (quarter). Undirected layers stand in both directions. Edges
    of the layer ``heritage`` run from a living parent to its spin-off and have no other attribute.

    The graph's own attributes are `step` (quarters done) and `year`.

    Parameters
    ----------
    world
        The world.
    """
    import networkx as nx

    graph = nx.MultiDiGraph(step=world.clock.step, year=world.clock.year)
    graph.add_nodes_from(_nodes(world, _by_identity(world, tuple(Kind))))
    for layer in (*LAYERS, HERITAGE):
        for first, second, data in _edges(world, layer):
            graph.add_edge(first, second, key=layer, **data)
            if layer in UNDIRECTED:
                graph.add_edge(second, first, key=layer, **data)
    return graph


def layer_graph(world: World, layer: str = "collaboration") -> nx.Graph:
    """Return one layer as a simple graph that networkx's algorithms take as it is.

    Parameters
    ----------
    world
        The world.
    layer
        A layer of ties, or ``"heritage"``.

    Returns
    -------
    networkx.Graph or networkx.DiGraph
        A ``DiGraph`` if the layer has a direction. Nodes are the living actors of all kinds that
        the layer may join, tied or not; attributes are those of :func:`to_graph`.

    Raises
    ------
    ValueError
        If there is no such layer.
    """
    import networkx as nx

    if layer not in ENDS:
        msg = f"there is no layer {layer!r}; there are {', '.join(ENDS)}"
        raise ValueError(msg)
    kind = nx.Graph if layer in UNDIRECTED else nx.DiGraph
    graph = kind(step=world.clock.step, year=world.clock.year)
    first, second = ENDS[layer]
    graph.add_nodes_from(_nodes(world, _by_identity(world, {*first, *second})))
    graph.add_edges_from(_edges(world, layer))
    return graph


def _by_identity(world: World, kinds: Any) -> Ids:
    actors = world.actors
    rows = np.flatnonzero(actors.alive & np.isin(actors.kind, sorted(kinds)))
    return rows[np.argsort(actors.id[rows])]


def _nodes(world: World, rows: Ids) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield identity and attributes of each row."""
    actors = world.actors
    names = [column.name for column in COLUMNS if column.name not in {"id", "alive"}]
    columns = [_attribute(world, name, rows) for name in names]
    columns.append(actors.knowledge[rows].tolist())
    names.append("knowledge")
    for identity, *values in zip(actors.id[rows].tolist(), *columns, strict=True):
        pairs = zip(names, values, strict=True)
        yield identity, {name: value for name, value in pairs if value is not None}


def _attribute(world: World, name: str, rows: Ids) -> list[Any]:
    """Return an attribute of each row, None where there is none."""
    values: list[Any] = getattr(world.actors, name)[rows].tolist()
    indexed = {
        "region": world.regions.names,
        "sector": world.sectors.names,
        "niche": world.fields.names,
    }
    if name in indexed:
        return [indexed[name][value] if value >= 0 else None for value in values]
    if name == "level":
        return [Level(v).name.lower() if v != Level.NONE else None for v in values]
    if name in _ENUMS:
        return [_ENUMS[name](value).name.lower() for value in values]
    if name == "parent":
        return [value if value >= 0 else None for value in values]
    return values


def _edges(world: World, layer: str) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield identities of both ends and attributes of each tie of a layer."""
    if layer == HERITAGE:
        yield from _heritage(world)
        return
    ties = getattr(world.ties, layer)
    columns = (
        world.actors.id[ties.first],
        world.actors.id[ties.second],
        ties.trust,
        ties.km,
        ties.born,
    )
    for first, second, trust, km, born in zip(*(c.tolist() for c in columns), strict=True):
        yield first, second, {"layer": layer, "trust": trust, "km": km, "born": born}


def _heritage(world: World) -> Iterator[tuple[int, int, dict[str, Any]]]:
    actors = world.actors
    rows = np.flatnonzero(actors.alive & np.isin(actors.parent, actors.id[actors.alive]))
    for parent, child in zip(actors.parent[rows].tolist(), actors.id[rows].tolist(), strict=True):
        yield parent, child, {"layer": HERITAGE}
