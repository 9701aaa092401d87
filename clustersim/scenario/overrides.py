"""Values from the command line: ``learning.tie_rate=0.3``, ``years=10``, ``world.start_year=1990``.

An item of a list of named things is reached by its name (``world.regions.Bavaria.universities``),
an item of any other list by its position, counted from 0 (``shocks.0.depth``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from clustersim.scenario.merge import is_named
from clustersim.scenario.nodes import Entry, Items, Map, Node, Scalar, name_of, plain, tree, written
from clustersim.scenario.problems import Findings, Place, did_you_mean, listed, shortened
from clustersim.scenario.schema_index import SchemaIndex
from clustersim.scenario.yaml_source import parse_value

_SHOWN = 200
"""Characters of a value that are repeated in messages."""

_NOT_SETTABLE = ("extends", "set", "schema_version")


@dataclass(frozen=True)
class Override:
    """One value from the command line.

    Parameters
    ----------
    key : str
        Dotted name, as given.
    keys : tuple of str
        The parts of the name: ``("set", "learning.tie_rate")`` or ``("world", "start_year")``.
    value : object
        Text as given on the command line, or any plain value from Python.
    place : Place
        ``command line: --set key=value``.
    """

    key: str
    keys: tuple[str, ...]
    value: object
    place: Place


def read_overrides(
    given: Mapping[str, object],
    parameters: Collection[str],
    schema: Mapping[str, Any],
    findings: Findings,
) -> list[Override]:
    """Return the overrides that name something, noting those that do not.

    Parameters
    ----------
    given : mapping
        Values by dotted name.
    parameters : collection of str
        Every parameter of a mechanism, as ``"mechanism.parameter"``.
    schema : mapping
        JSON schema of the scenario file.
    findings : Findings
        Where problems are noted.
    """
    top = [key for key in schema["properties"] if key not in _NOT_SETTABLE]
    overrides: list[Override] = []
    for key, value in given.items():
        shown = " ".join(written(value)[:_SHOWN].split())
        place = Place(f"command line: --set {key}={shown}")
        name = key.removeprefix("set.")
        first = name.split(".")[0]
        if name in parameters:
            overrides.append(Override(key, ("set", name), value, place))
        elif first in top and name == key:
            overrides.append(Override(key, tuple(key.split(".")), value, place))
        else:
            hint = did_you_mean(name, [*parameters, *top])
            findings.add(
                place, f"nothing is called {shortened(name)}", "a parameter or a key", hint
            )
    return overrides


def apply_overrides(
    root: Map, overrides: list[Override], index: SchemaIndex, findings: Findings
) -> None:
    """Write overrides into a tree, which is changed.

    Parameters
    ----------
    root : Map
        The merged tree of all files.
    overrides : list of Override
        What to write.
    index : SchemaIndex
        Tells which values are text and are taken as they are.
    findings : Findings
        Where problems are noted.
    """
    for override in overrides:
        path = ("set", override.keys[1]) if override.keys[0] == "set" else None
        if path is None:
            _assign(root, override, index, findings)
            continue
        section = root.entries.setdefault("set", Entry(override.place, Map(override.place)))
        node = _value(override, index.at(path), findings)
        if isinstance(section.value, Map) and node is not None:
            section.value.entries[path[1]] = Entry(override.place, node)


def _assign(root: Map, override: Override, index: SchemaIndex, findings: Findings) -> None:
    """Write one value at a dotted path, making the mappings on the way."""
    node: Node = root
    path: list[str | int] = []
    rest = list(override.keys)
    while rest:
        if isinstance(node, Map):
            key = rest.pop(0)
            path.append(key)
            if not rest:
                value = _value(override, index.at(path, _data(root, path)), findings)
                if value is not None:
                    node.entries[key] = Entry(override.place, value)
                return
            node = node.entries.setdefault(key, Entry(override.place, Map(override.place))).value
        elif isinstance(node, Items):
            position, used = _position(node, rest, path, override, findings)
            if position is None:
                return
            path.append(position)
            rest = rest[used:]
            if not rest:
                value = _value(override, index.at(path, _data(root, path)), findings)
                if value is not None:
                    node.items[position] = value
                return
            node = node.items[position]
        else:
            findings.add(override.place, f"{'.'.join(map(str, path))} has nothing inside")
            return


def _data(root: Map, path: list[str | int]) -> object:
    """Return the plain data that the schema needs: only shocks come in kinds."""
    shocks = root.entries.get("shocks")
    return {"shocks": plain(shocks.value)} if shocks and path[0] == "shocks" else None


def _position(
    node: Items, rest: list[str], path: list[str | int], override: Override, findings: Findings
) -> tuple[int | None, int]:
    """Return the position of a list item and how many parts of the name it takes up."""
    where = ".".join(map(str, path))
    if is_named(path):
        names = [name_of(item) for item in node.items]
        # A name may hold dots itself: the longest one that fits is meant.
        for used in range(len(rest), 0, -1):
            name = ".".join(rest[:used])
            if name in names:
                return names.index(name), used
        known = list(dict.fromkeys(name for name in names if name is not None))
        findings.add(
            override.place,
            f"there is no {shortened(rest[0])} in {where}",
            listed(known) or "nothing: the list is empty",
            did_you_mean(rest[0], known),
        )
        return None, 0
    if rest[0].isdecimal() and len(rest[0]) < 10 and int(rest[0]) < len(node.items):  # noqa: PLR2004
        return int(rest[0]), 1
    last = len(node.items) - 1
    expected = f"a position from 0 to {last}" if node.items else "nothing: the list is empty"
    findings.add(override.place, f"{where} has no item {shortened(rest[0])}", expected)
    return None, 0


def _value(override: Override, schema: Mapping[str, Any], findings: Findings) -> Node | None:
    """Return the value of an override as a tree that stands on the command line."""
    value = override.value
    if not isinstance(value, str):
        return tree(value, override.place)
    if schema.get("type") == "string":
        return Scalar(value, override.place, value, plain=False)
    found = Findings()
    node, complete = parse_value(value, override.place.path, found)
    for problem in found:
        findings.add(override.place, problem.message, problem.expected, problem.hint)
    if not complete:
        return None
    return _moved(Scalar(None, override.place) if node is None else node, override.place)


def _moved(node: Node, place: Place) -> Node:
    """Return a tree that stands at one place as a whole."""
    node.place = place
    if isinstance(node, Map):
        for entry in node.entries.values():
            entry.place = place
            _moved(entry.value, place)
    elif isinstance(node, Items):
        for item in node.items:
            _moved(item, place)
    return node
