"""Says in words what a value is and what the schema wants instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from clustersim.scenario.nodes import Items, Map, Node, Scalar
from clustersim.scenario.problems import listed, shortened

_NUMBERS = ("number", "integer")
_EXACT = 10**15
"""Whole numbers below this are shown right with 15 digits."""

_NOUNS = {
    "array": "a list",
    "boolean": "true or false",
    "null": "nothing",
    "object": "keys and values",
    "string": "text",
}
_SIZES = {
    "array": ("Items", "items"),
    "object": ("Properties", "keys"),
    "string": ("Length", "characters"),
}
_DIGITS = re.compile(r"[-+]?[0-9][0-9_ ',.]*")


def found(node: Node | None) -> str:
    """Return what a value is, as in "found ..."."""
    if isinstance(node, Map):
        return "keys and values"
    if isinstance(node, Items):
        return "a list"
    if not isinstance(node, Scalar):
        return "nothing"
    if node.value is None:
        return "nothing" if not node.text else node.text
    if isinstance(node.value, str):
        return f"the text {shortened(node.value)}"
    return shortened(node.text).strip("'") if node.text else str(node.value)


def expected(schema: Mapping[str, Any]) -> str:
    """Return what the schema of a value wants, with bounds and unit; empty if it does not say."""
    kind = schema.get("type")
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return f"one of {listed([str(value) for value in schema['enum']])}"
    if "anyOf" in schema:
        return " or ".join(filter(None, (expected(option) for option in schema["anyOf"])))
    if kind in _NUMBERS:
        noun = "a whole number" if kind == "integer" else "a number"
        return " ".join(filter(None, (noun, bounds(schema), _unit(schema))))
    return _NOUNS.get(str(kind), "") + _size(schema)


def bounds(schema: Mapping[str, Any]) -> str:
    """Return the bounds of a number: "from 0 to 1", "greater than 0"; empty if there are none."""
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if low is not None and high is not None:
        text = f"from {low:.15g} to {high:.15g}" if high < _EXACT else f"from {low} to {high}"
    else:
        parts = (
            (low, "of at least"),
            (above, "greater than"),
            (high, "of at most"),
            (below, "less than"),
        )
        text = " and ".join(f"{words} {bound:.15g}" for bound, words in parts if bound is not None)
    step = schema.get("multipleOf")
    return f"{text}, a multiple of {step:g}".removeprefix(", ") if step is not None else text


def remedy(node: Node | None, schema: Mapping[str, Any]) -> str:
    """Return how a value of the wrong type can be put right; empty if that is not known."""
    if not isinstance(node, Scalar):
        return ""
    kind, value = schema.get("type"), node.value
    if kind == "string" and not isinstance(value, str) and value is not None:
        return "put it in quotation marks"
    if kind == "boolean" and isinstance(value, str):
        words = {"yes": "true", "on": "true", "no": "false", "off": "false"}
        word = words.get(value.casefold())
        return f"write {word}" if word else ""
    if kind in _NUMBERS and isinstance(value, str):
        return _number_remedy(node, value.strip())
    if kind == "array" and value is not None:
        return f"write [{node.text}]"
    return ""


def _number_remedy(node: Scalar, text: str) -> str:
    percent = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?%", text)
    if percent:
        return f"write {float(percent[1]) / 100:g}"
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", text):
        return f"write {text.replace(',', '.')}, with a point"
    if re.fullmatch(r"[-+]?[0-9]{1,3}(?:[_ '][0-9]{3})+", text):
        return f"write {re.sub('[^-+0-9]', '', text)}"
    if not node.plain and re.fullmatch(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?", text):
        return "leave out the quotation marks"
    digits = _DIGITS.match(text)
    return "write the number alone, without unit" if digits else ""


def _unit(schema: Mapping[str, Any]) -> str:
    unit = schema.get("unit", "-")
    return "" if unit == "-" else f"({unit})"


def _size(schema: Mapping[str, Any]) -> str:
    """Return how long a text, list or mapping may be, after its noun."""
    if schema.get("type") not in _SIZES:
        return ""
    suffix, noun = _SIZES[schema["type"]]
    low, high = schema.get(f"min{suffix}"), schema.get(f"max{suffix}")
    if low is not None and high is not None:
        return f" of {low} to {high} {noun}"
    if low is not None:
        return f" of at least {low} {noun if low != 1 else noun.removesuffix('s')}"
    return f" of at most {high} {noun}" if high is not None else ""
