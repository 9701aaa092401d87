"""Checks a tree against the classes of a scenario; every problem gets its place and its remedy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from clustersim.mechanisms.base import Mechanism
from clustersim.scenario.nodes import Broken, Entry, Items, Map, Node, Scalar, child, plain
from clustersim.scenario.problems import (
    KEPT,
    Findings,
    Place,
    did_you_mean,
    listed,
    shortened,
)
from clustersim.scenario.schema import Scenario, Schedule, parameters_of
from clustersim.scenario.schema_index import SchemaIndex
from clustersim.scenario.words import expected, found, remedy

_NOT_IN_PARTS = frozenset({"missing", "too_short", "union_tag_not_found"})
"""What is no mistake in a file that is laid over another or was read only in part."""


class Validator:
    """Validates trees for one schedule of mechanisms.

    Parameters
    ----------
    schedule : sequence of Mechanism classes
        The mechanisms whose parameters may be set.
    schema : mapping
        JSON schema of the scenario file for the same schedule.
    findings : Findings
        Where problems are noted.
    """

    def __init__(self, schedule: Schedule, schema: Mapping[str, Any], findings: Findings) -> None:
        self.schedule = schedule
        self.index = SchemaIndex(schema)
        self.findings = findings
        self._parameters = parameters_of(schedule)
        self._sections = {
            f"{mechanism.name}.{field}": section
            for mechanism in schedule
            for field, section in mechanism.sections.items()
        }

    def scenario(self, root: Map, *, partial: bool) -> Scenario | None:
        """Return the scenario of a tree, or None after noting all its problems.

        Parameters
        ----------
        root : Map
            The tree.
        partial : bool
            Whether parts may be missing, because the tree is one file of several or was read
            only up to a mistake; then nothing is returned.
        """
        rest = {key: entry for key, entry in root.entries.items() if key != "set"}
        parameters = self.parameters(child(root, "set"))
        data = {key: plain(entry.value) for key, entry in rest.items()}
        data["set"] = {}
        result: Scenario | None = self._model(Scenario, data, root, (), partial=partial)
        if result is None or parameters is None or partial:
            return None
        return result.model_copy(update={"parameters": parameters})

    def parameters(self, section: Node | None) -> dict[str, Any] | None:
        """Return the value of every parameter of every mechanism, or None after noting problems.

        Parameters
        ----------
        section : Node or None
            What stands under `set:`.
        """
        before = len(self.findings)
        if section is not None and not isinstance(section, Map | Broken):
            self.findings.add(
                section.place,
                f"found {found(section)}",
                "parameters, one a line, as `mechanism.parameter: value`",
            )
        given = section.entries if isinstance(section, Map) else {}
        for key, entry in given.items():
            if key not in self._parameters:
                self._unknown_parameter(key, entry)
        values: dict[str, Any] = {}
        for mechanism in self.schedule:
            values.update(self._mechanism(mechanism, given))
        return values if len(self.findings) == before else None

    def _mechanism(self, mechanism: type[Mechanism], given: Mapping[str, Entry]) -> dict[str, Any]:
        fields = [field for name, (owner, field) in self._parameters.items() if owner is mechanism]
        own = {
            field: given[f"{mechanism.name}.{field}"]
            for field in fields
            if f"{mechanism.name}.{field}" in given
        }
        data = {field: plain(entry.value) for field, entry in own.items()}
        place = next(iter(own.values())).place if own else Place("default")
        result = self._model(mechanism, data, Map(place, own), (mechanism.name,), partial=False)
        if result is None:
            return {}
        every = result.model_dump(mode="json", include=set(fields))
        return {f"{mechanism.name}.{field}": every[field] for field in fields}

    def _unknown_parameter(self, key: str, entry: Entry) -> None:
        names = list(self._parameters)
        mechanisms = list(dict.fromkeys(name.split(".")[0] for name in names))
        mechanism, _, rest = key.partition(".")
        if section := self._sections.get(key):
            self._add(
                entry.place, f"{section} are not a parameter", "", f"list them under `{section}:`"
            )
        elif isinstance(entry.value, Map) and mechanism in mechanisms and not rest:
            inner = next(iter(entry.value.entries), "enabled")
            text = f"write `{mechanism}.{inner}: ...` in one line"
            self._add(entry.place, f"found keys and values under {key!r}", "dotted names", text)
        elif mechanism in mechanisms:
            own = [name for name in names if name.split(".")[0] == mechanism]
            self._add(
                entry.place,
                f"unknown parameter {shortened(key)}",
                f"one of {listed(own)}",
                did_you_mean(key, own),
            )
        else:
            hint = did_you_mean(key, names) or did_you_mean(mechanism, mechanisms)
            self._add(
                entry.place,
                f"unknown mechanism {shortened(mechanism)} in {shortened(key)}",
                f"one of {listed(mechanisms, 30)}",
                hint,
            )

    def _model(
        self,
        model: type[BaseModel],
        data: Mapping[str, Any],
        root: Map,
        prefix: tuple[str, ...],
        *,
        partial: bool,
    ) -> Any:
        """Return a validated model, or None after noting its problems."""
        try:
            return model.model_validate(data, strict=True)
        except ValidationError as error:
            for detail in error.errors(include_url=False, include_input=False)[: 10 * KEPT]:
                if not (partial and detail["type"] in _NOT_IN_PARTS):
                    self._note(detail, data, root, prefix)
            return None

    def _note(
        self, detail: Any, data: Mapping[str, Any], root: Map, prefix: tuple[str, ...]
    ) -> None:
        kind: str = detail["type"]
        loc: tuple[str | int, ...] = detail["loc"]
        if not loc and kind == "value_error":
            self._together(str(detail["msg"]).removeprefix("Value error, "), root, prefix)
            return
        node, place, path = locate(root, loc)
        if isinstance(node, Broken) or isinstance(child(node, "kind"), Broken):
            return
        schema = self._schema(path, data, prefix)
        if kind == "extra_forbidden":
            self._unknown_key(str(loc[-1]), place, self._schema(path[:-1], data, prefix))
        elif kind == "value_error":
            self._add(node.place, str(detail["msg"]).removeprefix("Value error, "), "", "")
        elif kind == "missing":
            self._add(node.place, f"{str(loc[-1])!r} is missing", "", "")
        elif kind in ("union_tag_invalid", "union_tag_not_found"):
            self._kind(node, schema)
        elif loc[-1] == "[key]":
            text = str(path[-1])
            options = list(
                self._schema(path[:-1], data, prefix).get("propertyNames", {}).get("enum", ())
            )
            wanted = f"one of {listed(options)}" if options else "a name of 1 to 120 characters"
            hint = did_you_mean(text, options)
            self._add(place, f"unknown key {shortened(text)}", wanted, hint)
        elif kind in ("too_short", "too_long"):
            self._add(node.place, f"found {_count(node)}", expected(schema), "")
        else:
            wanted = expected(schema) or _wanted(detail)
            self._add(node.place, f"found {found(node)}", wanted, remedy(node, schema))

    def _together(self, text: str, root: Map, prefix: tuple[str, ...]) -> None:
        """Note that values which are right one by one do not go together.

        The message of a mechanism begins with the name of the parameter it is about.
        """
        entry = root.entries.get(text.partition(" ")[0])
        name = ".".join([*prefix, text])
        self._add(entry.place if entry else root.place, name, "", "")

    def _schema(
        self, path: Sequence[str | int], data: Mapping[str, Any], prefix: tuple[str, ...]
    ) -> dict[str, Any]:
        """Return the schema at a path; parameters of a mechanism stand under `set`."""
        if not prefix:
            return self.index.at(path, data)
        if not path:
            return {}
        return self.index.at(("set", f"{prefix[0]}.{path[0]}", *path[1:]))

    def _unknown_key(self, key: str, place: Place, schema: Mapping[str, Any]) -> None:
        names = list(schema.get("properties", ()))
        hint = did_you_mean(key, names)
        if not hint and key in self._parameters:
            hint = "put it under `set:`"
        self._add(place, f"unknown key {shortened(key)}", f"one of {listed(names, 20)}", hint)

    def _kind(self, node: Node, schema: Mapping[str, Any]) -> None:
        kinds = schema.get("properties", {}).get("kind", {}).get("enum", [])
        given = child(node, "kind")
        wanted = f"one of {listed(kinds)}"
        if given is None:
            self._add(node.place, "'kind' is missing", wanted, "")
        else:
            text = given.value if isinstance(given, Scalar) else ""
            hint = did_you_mean(str(text), kinds)
            self._add(given.place, f"unknown kind: {found(given)}", wanted, hint)

    def _add(self, place: Place, message: str, wanted: str, hint: str) -> None:
        self.findings.add(place, message, wanted, hint)


def _wanted(detail: Any) -> str:
    """Return what is expected where the schema of a value offers several forms of it."""
    if detail["type"] in ("model_type", "model_attributes_type", "dict_type", "mapping_type"):
        return "keys and values"
    return str(detail["msg"]).lower()


def _count(node: Node) -> str:
    if isinstance(node, Map):
        return f"{len(node.entries)} keys"
    return f"{len(node.items)} items" if isinstance(node, Items) else found(node)


def locate(root: Map, loc: Sequence[str | int]) -> tuple[Node, Place, list[str | int]]:
    """Return the node that an error of pydantic is about, the place of its key, and its path.

    Where the path leaves the tree (a missing key), the last node on it is returned.
    """
    node: Node = root
    place = root.place
    path: list[str | int] = []
    for position, part in enumerate(loc):
        if position == 2 and path[:1] == ["shocks"]:  # noqa: PLR2004  # the kind, not a key
            continue
        if isinstance(node, Map) and part in node.entries:
            entry = node.entries[str(part)]
            node, place = entry.value, entry.place
        elif isinstance(node, Items) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            place = node.place
        else:
            break
        path.append(part)
    return node, place, path
