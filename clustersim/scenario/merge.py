"""Lays one scenario over another: what an extending file says wins.

- Mappings merge key by key.
- The lists `fields`, `regions` and `sectors` of `world:`, and `policies`, merge item by item, by
  name; new names are added at the end. ``replace: [regions]`` under `world:` drops what was
  inherited first.
- The presets that a file names under `evidence:` lie under its own `set:`.
- Everything else is replaced as a whole: numbers, texts, `shocks`, `paradigms`, `tags`, and each
  parameter under `set:`.
"""

from __future__ import annotations

from collections.abc import Sequence

from clustersim.scenario.evidence import EVIDENCE, ORIGIN, PRESET
from clustersim.scenario.nodes import (
    Broken,
    Entry,
    Items,
    Map,
    Node,
    child,
    entries,
    items,
    name_of,
    plain,
    text_of,
    tree,
)
from clustersim.scenario.problems import Findings, Place, did_you_mean, listed, shortened
from clustersim.scenario.schema import REPLACEABLE
from clustersim.world.spec import DEFAULT_FIELDS

DEFAULT_PLACE = Place("default")
"""Where values stand that are part of the program."""

_PRESETS = f"a list of names of presets out of {listed(PRESET, 20)}"

Path = tuple[str, ...]


def merge(below: Map, above: Map) -> Map:
    """Return a new tree with `above` laid over `below`; neither is changed."""
    merged = _merge(below, above, ())
    return merged if isinstance(merged, Map) else above


def _merge(below: Node, above: Node, path: Path) -> Node:
    if isinstance(below, Map) and isinstance(above, Map) and not _is_parameter(path):
        merged = dict(below.entries)
        for key, entry in above.entries.items():
            old = merged.get(key)
            value = entry.value if old is None else _merge(old.value, entry.value, (*path, key))
            merged[key] = Entry(entry.place, value)
        return Map(above.place, merged)
    if isinstance(below, Items) and isinstance(above, Items) and is_named(path):
        return _merge_named(below, above, path)
    return above


def is_named(path: Sequence[str | int]) -> bool:
    """Tell whether the list at a path has items with names, which merge by name."""
    if tuple(path) == ("policies",):
        return True
    return len(path) == 2 and path[0] == "world" and path[1] in REPLACEABLE  # noqa: PLR2004


def _is_parameter(path: Path) -> bool:
    return len(path) == 2 and path[0] == "set"  # noqa: PLR2004  # `set` and the parameter


def _merge_named(below: Items, above: Items, path: Path) -> Items:
    merged = list(below.items)
    position = {name_of(item): index for index, item in enumerate(merged)}
    for item in above.items:
        name = name_of(item)
        if name is not None and name in position:
            merged[position[name]] = _merge(merged[position[name]], item, (*path, name))
        else:
            merged.append(item)
    return Items(above.place, merged)


def take_replace(root: Map, findings: Findings) -> tuple[str, ...]:
    """Take `world.replace` out of a tree and return the names of lists it holds."""
    world = child(root, "world")
    entry = world.entries.pop("replace", None) if isinstance(world, Map) else None
    if entry is None:
        return ()
    expected = f"a list of names out of {listed(REPLACEABLE)}"
    if not isinstance(entry.value, Items):
        findings.add(entry.value.place, "`replace` is not a list", expected, "write [regions]")
        return ()
    names: list[str] = []
    for item in entry.value.items:
        name = text_of(item)
        if name in REPLACEABLE:
            names.append(str(name))
        else:
            hint = did_you_mean(name, REPLACEABLE) if name else ""
            findings.add(item.place, f"{shortened(name or '')} cannot be replaced", expected, hint)
    return tuple(names)


def over_presets(root: Map, findings: Findings) -> Map:
    """Return a tree laid over the presets that it names, without their names.

    Parameters
    ----------
    root
        The tree of one file, or of the command line; the names are taken out of it.
    findings
        Where problems are noted.
    """
    entry = root.entries.pop(EVIDENCE, None)
    if entry is None or isinstance(entry.value, Broken):
        return root
    if not isinstance(entry.value, Items):
        name = text_of(entry.value) or next(iter(PRESET))
        findings.add(entry.value.place, f"`{EVIDENCE}` is not a list", _PRESETS, f"write [{name}]")
        return root
    below = Map(root.place)
    owners: dict[str, str] = {}
    for item in entry.value.items:
        preset = PRESET.get(text_of(item) or "")
        if preset is None:
            name = shortened(str(plain(item)))
            hint = did_you_mean(text_of(item) or "", PRESET)
            findings.add(item.place, f"there is no preset {name}", _PRESETS, hint)
            continue
        for parameter in preset.values:
            other = owners.setdefault(parameter, preset.name)
            if other != preset.name:
                findings.add(
                    item.place,
                    f"{other} and {preset.name} both set {parameter}",
                    "one of them",
                    f"leave the other out, or put {parameter} itself under `set:`",
                )
        values = tree({"set": dict(preset.values)}, Place(f"{ORIGIN} {preset.name}"))
        if isinstance(values, Map):
            below = merge(below, values)
    return merge(below, root)


def without(root: Map, names: Sequence[str]) -> Map:
    """Return a tree without some of the lists of its world."""
    world = child(root, "world")
    if not names or not isinstance(world, Map):
        return root
    kept = {key: entry for key, entry in world.entries.items() if key not in names}
    merged = dict(root.entries)
    merged["world"] = Entry(root.entries["world"].place, Map(world.place, kept))
    return Map(root.place, merged)


def with_default_fields(root: Map) -> Map:
    """Return a tree in which the default technology fields are written out, if it names none."""
    if child(root, "world", "fields") is not None:
        return root
    fields = [{"name": field.name, "tags": field.tags} for field in DEFAULT_FIELDS]
    return merge(root, _world({"fields": fields}, DEFAULT_PLACE))


def _world(content: dict[str, object], place: Place) -> Map:
    node = tree({"world": content}, place)
    return node if isinstance(node, Map) else Map(place)


def note_repeated_names(root: Map, findings: Findings) -> None:
    """Note every name that occurs twice in one list of one file."""
    for key in REPLACEABLE:
        seen: dict[str, Place] = {}
        for item in items(child(root, "world", key)):
            name = name_of(item)
            entry = next((e for k, e in entries(item) if k == "name"), None)
            if name is None or entry is None:
                continue
            if name in seen:
                findings.add(
                    entry.value.place,
                    f"the name {shortened(name)} occurs twice in {key}",
                    "each name once",
                    f"the first is in line {seen[name].line}; put both together",
                )
            seen.setdefault(name, entry.value.place)
