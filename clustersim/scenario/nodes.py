"""A scenario file as a tree in which every key and value knows where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from clustersim.scenario.problems import Place


@dataclass(slots=True)
class Scalar:
    """A single value.

    Parameters
    ----------
    value : None, bool, int, float or str
        What it means under YAML 1.2.
    place : Place
        Where it starts.
    text : str
        What is written.
    plain : bool
        Whether it is written without quotation marks.
    """

    value: object
    place: Place
    text: str = ""
    plain: bool = True

    @property
    def empty(self) -> bool:
        """Whether nothing is written, as in ``key:`` at the end of a line."""
        return self.value is None and not self.text


@dataclass(slots=True)
class Broken:
    """A value whose problem has been reported already."""

    place: Place


@dataclass(slots=True)
class Entry:
    """A key's place and its value."""

    place: Place
    value: Node


@dataclass(slots=True)
class Map:
    """Keys and values, in the order of the file."""

    place: Place
    entries: dict[str, Entry] = field(default_factory=dict)


@dataclass(slots=True)
class Items:
    """A list."""

    place: Place
    items: list[Node] = field(default_factory=list)


Node: TypeAlias = Scalar | Map | Items | Broken

_HUGE: Final = 10**300
"""Whole numbers beyond this cannot become decimal numbers."""

BROKEN: Final = object()
"""Stands for a :class:`Broken` node in plain data: of no type, so nothing takes it for valid."""


def plain(node: Node) -> object:
    """Return the plain data of a tree: dict, tuple, str, int, float, bool, None."""
    if isinstance(node, Map):
        return {key: plain(entry.value) for key, entry in node.entries.items()}
    if isinstance(node, Items):
        return tuple(plain(item) for item in node.items)
    return node.value if isinstance(node, Scalar) else BROKEN


def tree(value: object, place: Place) -> Node:
    """Return plain data as a tree that stands at one place.

    Anything but mappings, lists and tuples becomes a scalar as it is.
    """
    if isinstance(value, Mapping):
        return Map(place, {str(key): Entry(place, tree(v, place)) for key, v in value.items()})
    if isinstance(value, list | tuple):
        return Items(place, [tree(item, place) for item in value])
    return Scalar(value, place, "" if value is None else written(value), plain=False)


def written(value: object) -> str:
    """Return a value from Python as text for messages."""
    if isinstance(value, int) and abs(value) > _HUGE:
        return "a huge number"  # Python refuses to write out thousands of digits
    return str(value)


def child(node: Node | None, *keys: str) -> Node | None:
    """Return the value under nested keys, or None if there is none."""
    for key in keys:
        entry = node.entries.get(key) if isinstance(node, Map) else None
        node = None if entry is None else entry.value
    return node


def entries(node: Node | None) -> Iterator[tuple[str, Entry]]:
    """Yield keys and entries of a mapping; nothing for any other node."""
    if isinstance(node, Map):
        yield from node.entries.items()


def items(node: Node | None) -> list[Node]:
    """Return the items of a list; none for any other node."""
    return node.items if isinstance(node, Items) else []


def text_of(node: Node | None) -> str | None:
    """Return the value of a scalar that is text, else None."""
    return node.value if isinstance(node, Scalar) and isinstance(node.value, str) else None


def number_of(node: Node | None) -> float | None:
    """Return the value of a scalar that is a number, else None."""
    if isinstance(node, Scalar) and isinstance(node.value, int | float):
        huge = isinstance(node.value, int) and abs(node.value) > _HUGE
        return None if huge or isinstance(node.value, bool) else float(node.value)
    return None


def name_of(node: Node) -> str | None:
    """Return the text under `name` of a mapping, else None."""
    return text_of(child(node, "name"))
