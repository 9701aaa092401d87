"""The edges of a user's graph, read and checked."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from clustersim.world.actors import Kind, Origin
from clustersim.world.graph_content import (
    EDGE_ATTRIBUTES,
    ENDS,
    HERITAGE,
    UNDIRECTED,
    Node,
    Problems,
    Tie,
    hint,
    listed,
)
from clustersim.world.ties import LAYERS
from clustersim.world.values import checked_number, checked_whole, one_of_kind

if TYPE_CHECKING:
    import networkx as nx

_LONGEST_KM: Final = 60_000.0


class EdgeReader:
    """Reads edges; heritage becomes the nodes' ``parent``.

    Parameters
    ----------
    graph
        Any networkx graph.
    nodes
        Its nodes by label, as far as they could be understood.
    step
        Quarter that `born` counts to.
    problems
        Takes what is wrong.
    """

    def __init__(
        self, graph: nx.Graph, nodes: Mapping[Hashable, Node], step: int, problems: Problems
    ) -> None:
        self.graph = graph
        self.nodes = nodes
        self.step = step
        self.problems = problems
        self.ties: dict[str, dict[tuple[int, int], Tie]] = {layer: {} for layer in ENDS}
        self._arcs: set[tuple[str, Hashable, Hashable]] = set()
        self._without_direction: set[str] = set()

    def read(self) -> dict[str, list[Tie]]:
        """Return the ties of each layer; write parents into the nodes."""
        for first, second, key, data in self._edges():
            self._edge(first, second, key, data)
        self._parents()
        self._lineage()
        return {layer: list(self.ties[layer].values()) for layer in LAYERS}

    def _edges(self) -> Iterator[tuple[Hashable, Hashable, object, Mapping[str, Any]]]:
        if self.graph.is_multigraph():
            yield from self.graph.edges(keys=True, data=True)
        else:
            for first, second, data in self.graph.edges(data=True):
                yield first, second, None, data

    def _edge(
        self, first: Hashable, second: Hashable, key: object, data: Mapping[str, Any]
    ) -> None:
        where = f"edge {first!r} - {second!r}: "
        if first == second:
            self.problems.append(f"{where}joins a node with itself; remove it")
            return
        self.problems.note_near(where, data, EDGE_ATTRIBUTES)
        default = key if isinstance(key, str) and key in ENDS else "collaboration"
        layer = data.get("layer", default)
        if not isinstance(layer, str) or layer not in ENDS:
            self.problems.append(
                f"{where}layer is {layer!r}; expected one of {listed(ENDS)}{hint(layer, ENDS)}"
            )
            return
        values = self._values(where, layer, data)
        if first not in self.nodes or second not in self.nodes:
            return  # the node has been reported
        pair = self._direction(layer, first, second)
        if pair is not None and self._ends(where, layer, *pair):
            self._add(where, layer, *pair, values)

    def _values(self, where: str, layer: str, data: Mapping[str, Any]) -> dict[str, float]:
        """Return trust, km and born as far as they are given."""
        given = [name for name in ("trust", "km", "born") if name in data]
        if layer == HERITAGE and given:
            self.problems.append(f"{where}is heritage and has {listed(given)}; leave them out")
            return {}
        values: dict[str, float] = {}
        for name, low, high, check in (
            ("trust", 0.0, 1.0, checked_number),
            ("km", 0.0, _LONGEST_KM, checked_number),
            ("born", self.step - 2.0**31, self.step, checked_whole),
        ):
            if name in data:
                value = self.problems.attempt(f"{where}{name} is ", check, data[name], low, high)
                if value is not None:
                    values[name] = value - self.step if name == "born" else value
        return values

    def _direction(
        self, layer: str, first: Hashable, second: Hashable
    ) -> tuple[Hashable, Hashable] | None:
        """Return the ends in the direction of the layer; None after noting that there is none."""
        if layer in UNDIRECTED or self.graph.is_directed():
            return first, second
        if layer == "membership":
            turned = self.nodes[first].kind == Kind.CLUSTER_ORGANISATION
            return (second, first) if turned else (first, second)
        if layer not in self._without_direction:
            self._without_direction.add(layer)
            self.problems.append(
                f"edge {first!r} - {second!r}: {layer} has a direction, which this graph does not "
                "tell; use a networkx.DiGraph or MultiDiGraph"
            )
        return None

    def _ends(self, where: str, layer: str, first: Hashable, second: Hashable) -> bool:
        fits = True
        for label, allowed, end in zip(
            (first, second), ENDS[layer], ("first", "second"), strict=True
        ):
            kind = self.nodes[label].kind
            if kind not in allowed:
                fits = False
                who = " or ".join(one_of_kind(one) for one in allowed)
                self.problems.append(
                    f"{where}layer {layer}, but its {end} end {label!r} is {one_of_kind(kind)}; "
                    f"expected {who}"
                )
        return fits

    def _add(
        self, where: str, layer: str, first: Hashable, second: Hashable, values: dict[str, float]
    ) -> None:
        if (layer, first, second) in self._arcs:
            self.problems.append(f"{where}stands in the layer {layer} more than once; keep one")
            return
        self._arcs.add((layer, first, second))
        a, b = self.nodes[first].identity, self.nodes[second].identity
        ends = (min(a, b), max(a, b)) if layer in UNDIRECTED else (a, b)
        tie = self.ties[layer].setdefault(ends, Tie(*ends, dict(values)))
        for name, value in values.items():
            if tie.values.setdefault(name, value) != value:
                self.problems.append(
                    f"{where}{name} differs between the two directions; {layer} has none, "
                    "give both the same"
                )

    def _parents(self) -> None:
        """Turn heritage edges into parents."""
        by_identity = {node.identity: (label, node) for label, node in self.nodes.items()}
        for tie in self.ties[HERITAGE].values():
            label, child = by_identity[tie.second]
            if child.values.setdefault("parent", tie.first) != tie.first:
                self.problems.append(f"node {label!r}: has two parents; expected at most one")

    def _lineage(self) -> None:
        """Say of spin-offs what they are, and note whoever descends from itself."""
        import networkx as nx

        labels = {node.identity: label for label, node in self.nodes.items()}
        lineage = nx.DiGraph()
        for node in self.nodes.values():
            parent = int(node.values.get("parent", -1))
            if parent in labels:
                lineage.add_edge(parent, node.identity)
                university = self.nodes[labels[parent]].kind == Kind.UNIVERSITY
                origin = Origin.UNIVERSITY_SPIN_OFF if university else Origin.SPIN_OFF
                node.values.setdefault("origin", int(origin))
        if not nx.is_directed_acyclic_graph(lineage):
            circle = " -> ".join(repr(labels[parent]) for parent, _ in nx.find_cycle(lineage))
            self.problems.append(f"heritage runs in a circle: {circle}")
