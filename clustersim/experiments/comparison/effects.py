"""Paired effects over seeds, several of them looked at together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim.experiments.uncertainty import (
    CONFIDENCE,
    FEWEST,
    Estimate,
    holm_adjusted,
    mean,
    quantile,
    t_test,
)
from clustersim.world.types import Floats


@dataclass(frozen=True)
class Effect:
    """What is more (or less) of something in a scenario than without it, over seeds.

    Attributes
    ----------
    name, unit
        What it is.
    without
        Mean of the counterpart.
    effect
        Mean difference in the unit, with Student's interval of 95 %.
    low, high
        Interval of 95 % for all effects that are looked at together (Bonferroni).
    p, holm
        Two-sided p of the paired t test, and corrected for all of them (Holm 1979).
    gains
        Share of the seeds at which there is more.
    """

    name: str
    unit: str
    without: float
    effect: Estimate
    low: float
    high: float
    p: float
    holm: float
    gains: float

    @property
    def relative(self) -> float:
        """The effect over what there is without; NaN of logs and shares, and of nothing."""
        if self.unit in PLAIN or not abs(self.without) > 0.0:
            return math.nan
        return self.effect.value / abs(self.without)

    @property
    def sure(self) -> bool:
        """Whether the interval for all together is on one side of zero."""
        return self.low > 0.0 or self.high < 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        found: dict[str, Any] = known(
            {
                "name": self.name,
                "unit": self.unit,
                "without": self.without,
                "effect": self.effect.value,
                "relative": self.relative,
                "ci": [self.effect.low, self.effect.high],
                "ci_all": [self.low, self.high],
                "p": self.p,
                "p_holm": self.holm,
                "gains": self.gains,
            }
        )
        return found


PLAIN = ("ln", "share", "index")
"""Units of which an effect is no share of what there is."""


def effects(
    names: Sequence[str], units: Sequence[str], done: Floats, without: Floats
) -> tuple[Effect, ...]:
    """Return several paired effects that are looked at together.

    Parameters
    ----------
    names, units
        G of them.
    done, without
        Of each seed, with and without, shape (n, G); NaN where unknown.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    if done.shape != without.shape or done.ndim != FEWEST or done.shape[1] != len(names):
        raise ValueError("done, without: expected one row for each seed and a column for each name")
    change = done - without
    found = [mean(column) for column in change.T]
    p = np.array([t_test(column) for column in change.T])
    rows = []
    for number, (one, holm) in enumerate(zip(found, holm_adjusted(p), strict=True)):
        column = change[:, number]
        there = ~np.isnan(column)
        wide = width_for_all(one, len(names))
        rows.append(
            Effect(
                name=names[number],
                unit=units[number],
                without=float(without[there, number].mean()) if there.any() else math.nan,
                effect=one,
                low=one.value - wide,
                high=one.value + wide,
                p=float(p[number]),
                holm=float(holm),
                gains=float(np.mean(column[there] > 0.0)) if there.any() else math.nan,
            )
        )
    return tuple(rows)


def width_for_all(one: Estimate, n_together: int) -> float:
    """Return half the width of an interval of 95 % for several means together (Bonferroni).

    Parameters
    ----------
    one
        Mean with its own interval.
    n_together
        How many are looked at together.
    """
    if one.n < FEWEST:
        return math.nan
    error = 0.5 * (one.high - one.low) / quantile(one.n)
    return error * quantile(one.n, 1.0 - (1.0 - CONFIDENCE) / n_together)


def known(value: Any) -> Any:
    """Return a value of lists and dictionaries with None in place of NaN and infinity."""
    if isinstance(value, dict):
        return {name: known(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [known(one) for one in value]
    if isinstance(value, np.ndarray):
        return known(value.tolist())
    return None if isinstance(value, float) and not math.isfinite(value) else value


def interval(one: Estimate) -> dict[str, Any]:
    """Return an estimate as a dictionary that JSON can hold."""
    found: dict[str, Any] = known({"value": one.value, "ci": [one.low, one.high]})
    return found
