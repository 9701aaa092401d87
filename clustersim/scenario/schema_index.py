"""Looks up what the JSON schema says about a place in a scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class SchemaIndex:
    """Looks up what the JSON schema says about a place in a scenario.

    Parameters
    ----------
    schema : mapping
        What :func:`json_schema` returns.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema

    def at(self, path: Sequence[str | int], data: object = None) -> dict[str, Any]:
        """Return the schema of the value at a path; empty where there is none.

        Parameters
        ----------
        path : sequence of str or int
            Keys and positions, such as ``("world", "regions", 0, "x")``.
        data : object, optional
            The plain data of the scenario, which tells one kind of shock from another.
        """
        schema = self._resolved(dict(self._schema), data)
        for part in path:
            data = _step(data, part)
            schema = self._resolved(_inner(schema, part), data)
        return schema

    def _resolved(self, schema: dict[str, Any], data: object) -> dict[str, Any]:
        """Follow references, choose the kind of a union, and drop the alternative `null`."""
        while True:
            options = schema.get("oneOf") or schema.get("anyOf")
            if "$ref" in schema:
                name = str(schema["$ref"]).rsplit("/", 1)[-1]
                rest = {key: value for key, value in schema.items() if key != "$ref"}
                schema = {**self._schema["$defs"][name], **rest}
            elif "discriminator" in schema:
                mapping = schema["discriminator"]["mapping"]
                kind = _step(data, schema["discriminator"]["propertyName"])
                if not isinstance(kind, str) or kind not in mapping:
                    return {"properties": {"kind": {"enum": list(mapping)}}}
                schema = {"$ref": mapping[kind]}
            elif options:
                others = [option for option in options if option.get("type") != "null"]
                if len(others) != 1:
                    return schema
                rest = {k: v for k, v in schema.items() if k not in ("anyOf", "oneOf")}
                schema = {**others[0], **rest, "nullable": True}
            else:
                return schema


def _step(data: object, part: str | int) -> object:
    if isinstance(data, Mapping):
        return data.get(part)
    if isinstance(data, Sequence) and isinstance(part, int) and 0 <= part < len(data):
        return data[part]
    return None


def _inner(schema: Mapping[str, Any], part: str | int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    if part in properties:
        return dict(properties[part])
    more = schema.get("items") if isinstance(part, int) else schema.get("additionalProperties")
    if not isinstance(more, dict):
        return {}
    # What is said about a whole mapping holds for its values: `jobs` is in jobs.
    about = {key: schema[key] for key in ("unit", "description") if key in schema}
    return {**about, **more}
