"""Which of several scenarios to choose for the money: dominance, frontier and acceptability."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np

from clustersim.experiments.comparison.effects import known
from clustersim.experiments.comparison.money import UNITS, Money
from clustersim.experiments.uncertainty import FEWEST, drawn_again, mean
from clustersim.world.types import Floats

NONE: Final = "none of them"
"""The counterpart: it costs nothing more and brings nothing more."""
FRONTIER: Final = "frontier"
DOMINATED: Final = "dominated"
EXTENDED: Final = "dominated by a mix"
CHOSEN_FOR: Final = ("jobs", "job_years", "innovations")
"""What scenarios are chosen for, by name of `UNITS`."""
STEPS: Final = 40
"""Steps of the acceptability curve."""
LEAST_TOP: Final = 100_000.0
"""Highest amount of an acceptability curve where no scenario tells another, euro."""
MOST_TOP: Final = 20.0
"""The highest amount over what one is said to be willing to pay, at most."""


@dataclass(frozen=True)
class Point:
    """A scenario in the plane of cost and effect.

    Attributes
    ----------
    name
        The scenario, or `NONE`.
    euro, gain
        Mean public money and mean effect against the counterpart, discounted.
    state
        `FRONTIER`; `DOMINATED`, if another brings as much for no more money (strict dominance); or
        `EXTENDED`, if a mix of two others does (extended dominance).
    icer
        Incremental cost-effectiveness ratio: euro for one more than by the next cheaper scenario on
        the frontier; NaN for the cheapest and for what is dominated.
    low, high
        Interval of 95 % of the mean effect; NaN for the counterpart, and for a single seed.
    """

    name: str
    euro: float
    gain: float
    state: str
    icer: float
    low: float = math.nan
    high: float = math.nan

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        found: dict[str, Any] = known(dict(vars(self)))
        return found


@dataclass(frozen=True, eq=False)
class Choice:
    """Which scenario to choose for one more of something.

    Attributes
    ----------
    what
        What one more is called.
    points
        The counterpart and the scenarios, the cheapest first.
    willing
        Euro that one is willing to pay for one more, shape (T,).
    probability
        Chance that each scenario has the highest net benefit, ``willing gain - euro`` on average,
        by name, shape (T,): the cost-effectiveness acceptability curves (Fenwick, O'Brien & Briggs
        2004, *Health Economics* 13). From resampling the seeds; NaN for a single seed.
    asked
        The amount of `willing` that was asked for; NaN for none.
    """

    what: str
    points: tuple[Point, ...]
    willing: Floats
    probability: dict[str, Floats]
    asked: float

    @property
    def at_asked(self) -> dict[str, float]:
        """Chance that each is best at the amount that was asked for."""
        if math.isnan(self.asked):
            return {}
        at = int(np.argmin(np.abs(self.willing - self.asked)))
        return {name: float(values[at]) for name, values in self.probability.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        found: dict[str, Any] = known(
            {
                "what": self.what,
                "points": [one.to_dict() for one in self.points],
                "willing": self.willing,
                "probability": self.probability,
                "asked": self.asked,
                "best_at_asked": self.at_asked,
            }
        )
        return found


def choices(cases: Mapping[str, Money]) -> tuple[Choice, ...]:
    """Return which scenario to choose for jobs, job-years and innovations.

    The scenarios are measured against their counterparts, so that they can be held against each
    other only if those are the same. Nothing if no scenario takes money.

    Parameters
    ----------
    cases
        By name, of the same seeds, discounted to the same year.

    Raises
    ------
    ValueError
        If they are discounted to different years, or have different numbers of seeds.
    """
    if len({(one.base, one.euro.size, one.prices) for one in cases.values()}) > 1:
        raise ValueError("cases: expected the same seeds, prices and year to discount to")
    if not any(one.euro.any() for one in cases.values()):
        return ()
    euro = np.stack([one.euro for one in cases.values()], axis=1)
    asked = next(iter(cases.values())).prices.willing
    return tuple(
        _choice(
            UNITS[name],
            tuple(cases),
            euro,
            np.stack([one.gains[name] for one in cases.values()], axis=1),
            asked if name == "jobs" else math.nan,
        )
        for name in CHOSEN_FOR
    )


def _choice(what: str, names: tuple[str, ...], euro: Floats, gain: Floats, asked: float) -> Choice:
    plain = frontier((NONE, *names), [0.0, *euro.mean(axis=0)], [0.0, *gain.mean(axis=0)])
    ends = {name: mean(column) for name, column in zip(names, gain.T, strict=True)}
    points = tuple(
        replace(one, low=ends[one.name].low, high=ends[one.name].high) if one.name in ends else one
        for one in plain
    )
    ratios = [one.icer for one in points if one.state == FRONTIER and one.icer > 0.0]
    top = 2.0 * max(ratios) if ratios else LEAST_TOP
    if asked > 0.0:
        top = min(max(top, 2.0 * asked), MOST_TOP * asked)
    willing = np.linspace(0.0, top, STEPS + 1)
    if not math.isnan(asked):
        willing = np.unique([*willing, asked])
    return Choice(what, points, willing, acceptability(names, euro, gain, willing), asked)


def frontier(
    names: Sequence[str], euro: Sequence[float], gain: Sequence[float]
) -> tuple[Point, ...]:
    """Return which of several are dominated, and the ratios along the frontier, the cheapest first.

    Source: Drummond, Sculpher, Claxton, Stoddart & Torrance 2015, *Methods for the Economic
    Evaluation of Health Care Programmes*.

    Parameters
    ----------
    names, euro, gain
        K of them. Of two that are the same the later is dominated.
    """
    order = sorted(range(len(names)), key=lambda i: (euro[i], -gain[i], i))
    state = dict.fromkeys(order, FRONTIER)
    kept: list[int] = []
    for i in order:
        # Whatever came before is no dearer.
        if kept and gain[i] <= gain[kept[-1]]:
            state[i] = DOMINATED
            continue
        while len(kept) > 1 and _icer(kept[-2], kept[-1], euro, gain) > _icer(
            kept[-1], i, euro, gain
        ):
            state[kept.pop()] = EXTENDED
        kept.append(i)
    ratio = {b: _icer(a, b, euro, gain) for a, b in pairwise(kept)}
    return tuple(
        Point(names[i], float(euro[i]), float(gain[i]), state[i], ratio.get(i, math.nan))
        for i in order
    )


def _icer(cheap: int, dear: int, euro: Sequence[float], gain: Sequence[float]) -> float:
    return float((euro[dear] - euro[cheap]) / (gain[dear] - gain[cheap]))


def acceptability(
    names: Sequence[str], euro: Floats, gain: Floats, willing: Floats
) -> dict[str, Floats]:
    """Return the chance that each scenario, or none, is the best, by what one is willing to pay.

    Parameters
    ----------
    names
        K of them.
    euro, gain
        At each seed, shape (n, K).
    willing
        Euro for one more, shape (T,).

    Returns
    -------
    dict
        By name, and for `NONE`, shape (T,); they sum to one, those that are equally good sharing.
    """
    n = len(euro)
    if n < FEWEST:
        return {name: np.full(willing.size, math.nan) for name in (NONE, *names)}
    drawn = drawn_again(n)
    # The counterpart comes first, at no cost and no gain; shape (resamples, K + 1).
    costs, gains = (np.pad(values[drawn].mean(axis=1), ((0, 0), (1, 0))) for values in (euro, gain))
    benefit = willing[:, np.newaxis, np.newaxis] * gains - costs
    best = benefit == benefit.max(axis=2, keepdims=True)
    chance = (best / best.sum(axis=2, keepdims=True)).mean(axis=1)
    return {name: chance[:, k] for k, name in enumerate((NONE, *names))}
