"""The nodes of a user's graph, read and checked."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from enum import IntEnum
from numbers import Integral
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from clustersim.world.actors import COLUMNS, Kind, Level, Origin
from clustersim.world.graph_content import (
    NAMES,
    NODE_ATTRIBUTES,
    Node,
    Problems,
    hint,
    identity_of,
    listed,
    named,
)
from clustersim.world.values import (
    KNOWING,
    KNOWLEDGE,
    WITH_REGION,
    WITH_SECTOR,
    checked_number,
    checked_value,
    one_of_kind,
)
from clustersim.world.world import DT

if TYPE_CHECKING:
    import networkx as nx

_NAME_LENGTH: Final = 120
_OLDEST_YEARS: Final = 10_000.0


class NodeReader:
    """Reads nodes.

    Parameters
    ----------
    graph
        Any networkx graph.
    names
        Names that the attributes `region`, `sector` and `niche` may have; if empty, any.
    n_fields
        Number of technology fields.
    step
        Quarter that `birth` counts to.
    problems
        Takes what is wrong.
    """

    def __init__(
        self,
        graph: nx.Graph,
        names: Mapping[str, Collection[str]],
        n_fields: int,
        step: int,
        problems: Problems,
    ) -> None:
        self.graph = graph
        self.names = names
        self.n_fields = n_fields
        self.step = step
        self.problems = problems

    def read(self) -> dict[Hashable, Node]:
        """Return the nodes that can be understood, by label."""
        nodes: dict[Hashable, Node] = {}
        labels: dict[int, Hashable] = {}
        for label, data in self.graph.nodes(data=True):
            where = f"node {label!r}: "
            try:
                identity = identity_of(label)
            except TypeError as error:
                self.problems.append(f"{where}{error}")
                continue
            if identity in labels:
                self.problems.append(
                    f"{where}has the same identity as {labels[identity]!r}; rename one of them"
                )
                continue
            labels[identity] = label
            self.problems.note_near(where, data, NODE_ATTRIBUTES)
            given = data.get("kind", "firm")
            kind = self.problems.attempt(where, named, Kind, "kind", given)
            if kind is not None:
                nodes[label] = self._node(where, identity, kind, data)
        return nodes

    def _node(self, where: str, identity: int, kind: Kind, data: Mapping[str, Any]) -> Node:
        node = Node(identity, kind)
        for name in ("region", "sector", "niche"):
            if name in data:
                setattr(node, name, self.problems.attempt(where, self._name, name, data[name]))
        self._belonging(where, node, data)
        enums: tuple[tuple[str, type[IntEnum]], ...] = (("level", Level), ("origin", Origin))
        for name, enum in enums:
            if name in data:
                value = self.problems.attempt(where, named, enum, name, data[name])
                if value is not None:
                    node.values[name] = int(value)
        self._numbers(where, node, data)
        self._birth(where, node, data)
        if "parent" in data:
            node.values["parent"] = self._parent(where, data["parent"])
        self._level(where, node)
        if "knowledge" in data:
            node.knowledge = self.problems.attempt(where, self._knowledge, data["knowledge"])
        return node

    def _name(self, name: str, value: object) -> str:
        if not isinstance(value, str) or not value.strip() or len(value) > _NAME_LENGTH:
            msg = f"{name} is {value!r}; expected a name of 1 to {_NAME_LENGTH} characters"
            raise ValueError(msg)
        known = self.names[name]
        if known and value not in known:
            msg = f"{name} is {value!r}; expected one of {listed(known)}{hint(value, known)}"
            raise ValueError(msg)
        return value

    def _belonging(self, where: str, node: Node, data: Mapping[str, Any]) -> None:
        who = one_of_kind(node.kind)
        if node.kind in WITH_REGION and "region" not in data:
            self.problems.append(f"{where}has no region; {who} needs one")
        needs_sector = node.kind in WITH_SECTOR and node.kind != Kind.RTO
        if needs_sector and "sector" not in data:
            self.problems.append(f"{where}has no sector; {who} needs one")
        if node.kind not in WITH_SECTOR and "sector" in data:
            self.problems.append(f"{where}has a sector; {who} has none, leave it out")
        if node.kind not in KNOWING and "niche" in data:
            self.problems.append(f"{where}has a niche; {who} has none, leave it out")

    def _numbers(self, where: str, node: Node, data: Mapping[str, Any]) -> None:
        for column in COLUMNS:
            name = column.name
            if name in {"id", "alive", "parent", *NAMES} or name not in data:
                continue
            value = self.problems.attempt(f"{where}{name} is ", checked_value, column, data[name])
            if value is not None:
                node.values[name] = value
        if ("x" in data) != ("y" in data):
            self.problems.append(f"{where}has only one of x and y; give both (km), or neither")
        if node.kind not in KNOWING and node.values.get("research"):
            self.problems.append(
                f"{where}research is {node.values['research']}; {one_of_kind(node.kind)} does none"
            )

    def _birth(self, where: str, node: Node, data: Mapping[str, Any]) -> None:
        if "age" in data:
            age = self.problems.attempt(
                f"{where}age is ", checked_number, data["age"], 0.0, _OLDEST_YEARS
            )
            if "birth" in data:
                self.problems.append(f"{where}has both age and birth; give one of them")
            elif age is not None:
                node.values["birth"] = -round(age / DT)
        elif "birth" in node.values:
            birth = int(node.values["birth"])
            if birth > self.step:
                self.problems.append(
                    f"{where}birth is {birth}; expected a quarter not after that of the graph "
                    f"({self.step}; its attribute `step`)"
                )
            node.values["birth"] = max(birth - self.step, -(2**31))

    def _parent(self, where: str, label: Any) -> int:
        """Return the identity of a parent, who may have left unless it is named by a text."""
        try:
            identity = identity_of(label)
        except TypeError as error:
            self.problems.append(f"{where}parent: {error}")
            return -1
        if not isinstance(label, Integral) and label not in self.graph:
            self.problems.append(f"{where}parent is {label!r}; expected the label of a node")
        return identity

    def _level(self, where: str, node: Node) -> None:
        if node.kind != Kind.AUTHORITY:
            if node.values.pop("level", Level.NONE) != Level.NONE:
                self.problems.append(f"{where}has a level; only an authority has one")
            return
        default = Level.NATIONAL if node.region is None else Level.REGIONAL
        level = Level(int(node.values.setdefault("level", default)))
        if level == Level.NONE:
            self.problems.append(f"{where}level is none; expected regional, national or eu")
        elif (level == Level.REGIONAL) != (node.region is not None):
            needs = "needs a region" if level == Level.REGIONAL else "has no region"
            self.problems.append(f"{where}level is {level.name.lower()}; such an authority {needs}")

    def _knowledge(self, given: object) -> list[float]:
        if isinstance(given, str) or not isinstance(given, Sequence | np.ndarray):
            msg = f"knowledge is {given!r}; expected a list of {self.n_fields} numbers"
            raise ValueError(msg)
        if len(given) != self.n_fields:
            msg = (
                f"knowledge has {len(given)} numbers; expected {self.n_fields}, one for each field"
            )
            raise ValueError(msg)
        levels = []
        for m, value in enumerate(given):
            try:
                levels.append(checked_number(value, *KNOWLEDGE))
            except ValueError as error:
                msg = f"knowledge[{m}] is {error}"
                raise ValueError(msg) from None
        return levels
