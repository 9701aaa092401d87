"""A scenario that has been read: its values, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from clustersim.mechanisms.base import Mechanism
from clustersim.scenario.merge import DEFAULT_PLACE, is_named
from clustersim.scenario.nodes import Map, Node, child, items
from clustersim.scenario.problems import Place
from clustersim.scenario.schema import Scenario, parameters_of
from clustersim.scenario.yaml_text import yaml_text

OriginKind = Literal["default", "programme", "preset", "file", "table", "command line"]


@dataclass(frozen=True)
class Origin:
    """Where a value comes from.

    Parameters
    ----------
    kind : str
        ``"default"``, ``"programme"``, ``"preset"``, ``"file"``, ``"table"`` or ``"command line"``.
    place : Place
        The file and line, the name of a preset, or what was said on the command line.
    """

    kind: OriginKind
    place: Place

    def __str__(self) -> str:
        """Return ``default``, ``base.yaml:12``, ``table jobs.csv (2015)`` or what was typed."""
        return str(Place(self.place.path, self.place.line))


@dataclass(frozen=True, eq=False)
class ResolvedScenario:
    """A valid scenario and where it comes from.

    Parameters
    ----------
    scenario : Scenario
        Everything that determines a run.
    origins : mapping of str to Origin
        Origin of each value by dotted path, as ``"years"``, ``"learning.tie_rate"``,
        ``"world.regions.Bavaria.x"`` or ``"shocks.0.depth"``. The jobs and firms that a region
        has from a table share one.
    values : mapping of str to object
        The value at each of these paths.
    files : tuple of Path
        Every file that was read: the scenario, what it extends, its table and graph.
    notes : tuple of str
        Choices made in reading that a user should know.
    schedule : tuple of Mechanism classes
        Mechanisms in the order of the quarter.
    graph_file : Path or None
        The graph that the world is founded from.
    """

    scenario: Scenario
    origins: Mapping[str, Origin]
    values: Mapping[str, object]
    files: tuple[Path, ...]
    notes: tuple[str, ...]
    schedule: tuple[type[Mechanism], ...]
    graph_file: Path | None = None

    @cached_property
    def text(self) -> str:
        """The whole scenario as YAML that can be run by itself.

        Extended files, tables, the command line and all defaults are written out, so that it gives
        the same run where files or defaults have changed. A graph stays a file of its own.
        """
        names = ", ".join(path.name for path in self.files)
        # The comment is for people; a line break in a file's name must not end it.
        return f"# Complete scenario, made from {names!r}.\n{yaml_text(self.data)}"

    @property
    def data(self) -> dict[str, Any]:
        """What `text` says, as plain data that JSON can hold."""
        data = self.scenario.model_dump(mode="json", by_alias=True, exclude_none=True)
        for policy in data["policies"]:  # all that a programme says is written out
            policy.pop("programme", None)
        return data

    def mechanisms(self) -> tuple[Mechanism, ...]:
        """Return the mechanisms with their parameters, in the order of the quarter."""
        given = self.scenario.parameters
        values: dict[type[Mechanism], dict[str, Any]] = {cls: {} for cls in self.schedule}
        for name, (mechanism, field) in parameters_of(self.schedule).items():
            values[mechanism][field] = given[name]
        for mechanism in self.schedule:
            for field, section in mechanism.sections.items():
                values[mechanism][field] = getattr(self.scenario, section)
        return tuple(cls.model_validate(values[cls]) for cls in self.schedule)


def trace(scenario: Scenario, root: Map) -> Iterator[tuple[str, object, Origin]]:
    """Yield the dotted path, value and origin of every value of a scenario.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    root : Map
        The merged tree that it was made from.
    """
    data = scenario.model_dump(by_alias=True)
    data["world"].pop("table")
    for key, value in data.items():
        if key == "set":
            for name, setting in value.items():
                yield name, setting, origin_of(child(root, "set", name))
        else:
            yield from _trace(value, child(root, key), (key,))


def _trace(
    value: object, node: Node | None, path: tuple[str, ...]
) -> Iterator[tuple[str, object, Origin]]:
    origin = origin_of(node)
    if isinstance(value, Mapping) and origin.kind != "table":
        for key, inner in value.items():
            yield from _trace(inner, child(node, str(key)), (*path, str(key)))
    elif isinstance(value, list | tuple) and any(isinstance(item, Mapping) for item in value):
        nodes: list[Node | None] = [*items(node)] or [None] * len(value)
        for position, (item, inside) in enumerate(zip(value, nodes, strict=True)):
            part = item["name"] if is_named(path) else str(position)
            yield from _items_of(item, inside, (*path, part))
    elif value not in ({}, (), []):
        yield ".".join(path), value, origin


def _items_of(
    item: Mapping[str, object], node: Node | None, path: tuple[str, ...]
) -> Iterator[tuple[str, object, Origin]]:
    """Yield the values of one item of a list; a name that is part of the path is left out."""
    for key, value in item.items():
        if key == "name" and is_named(path[:-1]):
            continue
        yield from _trace(value, child(node, key), (*path, key))


def origin_of(node: Node | None) -> Origin:
    """Return the origin of a value of a tree; the default where there is none."""
    place = DEFAULT_PLACE if node is None else node.place
    if place.line is not None:
        return Origin("file", place)
    kinds: tuple[OriginKind, ...] = ("command line", "table", "programme", "preset")
    for kind in kinds:
        if place.path.startswith(f"{kind} ") or place.path.startswith(f"{kind}:"):
            return Origin(kind, place)
    return Origin("default", DEFAULT_PLACE)
