"""Writes plain data as YAML that reads back as the same data.

One form for everything, so that equal data give equal text: block style, keys in the given order,
floats with all their digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeGuard

from clustersim.scenario.scalars import is_text

_SIMPLE = re.compile(r"[A-Za-z][A-Za-z0-9_./()-]*(?: [A-Za-z0-9_./()-]+)*")
"""Text that needs no quotation marks: nothing in it means anything to YAML."""

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_LINES = re.compile(r"[^\W_][^\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]*[^\s\x7f-\x9f]\n")
"""Several lines that a literal block can hold: printable, beginning and ending with a sign."""


def yaml_text(data: Mapping[str, object]) -> str:
    """Return plain data (mappings, lists, text, numbers, bool, None) as a YAML document."""
    return "".join(f"{line}\n" for line in _mapping(data, ""))


def scalar(value: object) -> str:
    """Return one value as YAML on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    return text if _SIMPLE.fullmatch(text) and is_text(text) else f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return "".join(
        _ESCAPES.get(sign, sign if sign.isprintable() else f"\\U{ord(sign):08X}") for sign in text
    )


def _mapping(data: Mapping[str, object], indent: str) -> Iterator[str]:
    for key, value in data.items():
        head = f"{indent}{scalar(key)}:"
        if isinstance(value, Mapping) and value:
            yield head
            yield from _mapping(value, indent + "  ")
        elif _is_list(value) and any(isinstance(item, Mapping) or _is_list(item) for item in value):
            yield head
            yield from _items(value, indent + "  ")
        elif isinstance(value, str) and "\n" in value and _LINES.fullmatch(value):
            yield f"{head} |"
            yield from (f"{indent}  {line}" if line else "" for line in value[:-1].split("\n"))
        else:
            yield f"{head} {_flow(value)}"


def _items(values: Sequence[object], indent: str) -> Iterator[str]:
    for value in values:
        if isinstance(value, Mapping) and value:
            # The first key stands beside the dash.
            lines = _mapping(value, indent + "  ")
            yield f"{indent}- {next(lines)[len(indent) + 2 :]}"
            yield from lines
        else:
            yield f"{indent}- {_flow(value)}"


def _flow(value: object) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if _is_list(value):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return scalar(value)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)
