"""Which values an actor's properties may have, for everybody who writes them from outside.

Mechanisms write arrays and answer for what they write. A graph or an agent is written by a user,
and kernels check no bounds: a region that does not exist would read foreign memory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Final

import numpy as np

from clustersim.world.actors import Column, Kind

BOUNDS: Final[Mapping[str, tuple[float, float]]] = {
    "level": (0, 3),
    "origin": (0, 3),
    "x": (-20_000.0, 20_000.0),
    "y": (-20_000.0, 20_000.0),
    "size": (0.0, math.inf),
    "orders": (0.0, math.inf),
    "stock": (-1.0, math.inf),
    "output": (0.0, 1.0),
    "research": (0.0, 1.0),
    "funded": (0.0, 1.0),
    "log_productivity": (-50.0, 50.0),
    "quality": (0.0, 1.0),
    "export_share": (0.0, 1.0),
}
"""Smallest and largest value of a column, both included; others may be any number."""

KNOWLEDGE: Final = (0.0, 100.0)
"""Smallest and largest level of knowledge, in units of the world frontier."""

KNOWING: Final = (Kind.FIRM, Kind.UNIVERSITY, Kind.RTO)
"""Kinds of actor who know something, do research and collaborate."""

WITH_REGION: Final = (*KNOWING, Kind.CLUSTER_ORGANISATION)
"""Kinds of actor who always have a region; an authority may have one."""

WITH_SECTOR: Final = (Kind.FIRM, Kind.RTO, Kind.CLUSTER_ORGANISATION)
"""Kinds of actor who have a sector; the others have none."""


def one_of_kind(kind: Kind) -> str:
    """Return how a text speaks of an actor of a kind, such as ``"a cluster organisation"``."""
    if kind == Kind.RTO:
        return "an RTO"
    name = kind.name.lower().replace("_", " ")
    return f"an {name}" if kind == Kind.AUTHORITY else f"a {name}"


def checked_value(column: Column, value: object) -> bool | int | float:
    """Return a value of a column as a plain Python number or truth value.

    Parameters
    ----------
    column
        The column; its type decides between truth values, whole and other numbers.
    value
        What is to be written.

    Raises
    ------
    ValueError
        If the value has the wrong type, is not finite or is out of :data:`BOUNDS`. The message
        begins with the value and says what was expected.
    """
    dtype = np.dtype(column.dtype)
    if dtype.kind == "b":
        if isinstance(value, bool | np.bool_):
            return bool(value)
        msg = f"{value!r}; expected True or False"
        raise ValueError(msg)
    low, high = BOUNDS.get(column.name, (-math.inf, math.inf))
    if dtype.kind == "i":
        info = np.iinfo(dtype)
        return checked_whole(value, max(low, info.min), min(high, info.max))
    return checked_number(value, low, high)


def checked_number(value: object, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a finite number from `low` to `high`.

    Raises
    ------
    ValueError
        If it is none; the message begins with the value and says what was expected.
    """
    number = _number(value)
    if math.isfinite(number) and low <= number <= high:
        return number
    msg = f"{_shown(value)}; expected a number{_range(low, high)}"
    raise ValueError(msg)


def checked_whole(value: object, low: float, high: float) -> int:
    """Return a whole number from `low` to `high`.

    Raises
    ------
    ValueError
        If it is none; the message begins with the value and says what was expected.
    """
    whole = _whole(value)
    if whole is not None and low <= whole <= high:
        return whole
    msg = f"{_shown(value)}; expected a whole number{_range(low, high)}"
    raise ValueError(msg)


def _number(value: object) -> float:
    """Return a number of any type; NaN for everything else."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.inf


def _whole(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Integral):
        return int(value)
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _range(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return ""
    if math.isinf(high):
        return f" of {low:g} or more"
    return f" of {high:.15g} or less" if math.isinf(low) else f" from {low:g} to {high:.15g}"


def _shown(value: object) -> str:
    # `np.float64(2.0)` says to nobody but a programmer what `2.0` says to everybody.
    text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 80 else f"{text[:80]}..."  # noqa: PLR2004  # one line of text
