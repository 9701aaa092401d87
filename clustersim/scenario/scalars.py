"""What a plain word of YAML means: the core schema of YAML 1.2.2, section 10.3.2.

Only these are anything but text: ``null``, ``true`` and ``false`` (also capitalised), ``~``, whole
numbers, ``0x`` and ``0o`` numbers, decimal numbers. So ``no``, ``on``, ``1_000``, ``12:30`` and
``2001-01-01`` are text.
"""

from __future__ import annotations

import math
import re

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOL = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_WHOLE = re.compile(r"[-+]?[0-9]+", re.ASCII)
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", re.ASCII)

_LARGEST = 2**63
_MOST_DIGITS = 19
_MOST_TEXT = 400
"""No number within reach needs as many signs; longer ones are not even tried."""


def resolve(text: str) -> bool | int | float | str | None:
    """Return the value of a plain scalar.

    Raises
    ------
    ValueError
        If it is a number that is infinite, not a number, or beyond what can be computed with.
    """
    if text in _NULL:
        return None
    if text in _BOOL:
        return _BOOL[text]
    if _NOT_FINITE.fullmatch(text):
        raise ValueError("infinite numbers and not-a-number are not allowed")
    if _WHOLE.fullmatch(text):
        return _whole(text, 10)
    if _BASED.fullmatch(text):
        return _whole(text[2:], 8 if text[1] == "o" else 16)
    if _DECIMAL.fullmatch(text):
        return _decimal(text)
    return text


def is_text(text: str) -> bool:
    """Tell whether a plain scalar would be read as text."""
    try:
        return isinstance(resolve(text), str)
    except ValueError:
        return False


def _whole(digits: str, base: int) -> int:
    if len(digits.lstrip("+-0")) > _MOST_DIGITS:
        raise ValueError("the number is too large")
    # Leading zeros are stripped because Python limits the length of text it turns into integers.
    value = int(digits.lstrip("+-").lstrip("0") or "0", base)
    if value >= _LARGEST:
        raise ValueError("the number is too large")
    return -value if digits.startswith("-") else value


def _decimal(text: str) -> float:
    if len(text) > _MOST_TEXT:
        raise ValueError("the number has too many digits")
    value = float(text)
    if math.isinf(value):
        raise ValueError("the number is too large")
    if value == 0.0 and re.search("[1-9]", re.split("[eE]", text)[0]):
        raise ValueError("the number is too close to zero")
    return value
