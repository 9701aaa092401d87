"""Outcomes of a scenario against those of its counterpart, and what one more costs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from clustersim.experiments.comparison.effects import known, width_for_all
from clustersim.experiments.counterpart import Difference
from clustersim.experiments.uncertainty import (
    FEWEST,
    Estimate,
    holm_adjusted,
    mean,
    quantile,
    resampled_mean,
    resampled_ratio,
    t_test,
)
from clustersim.world.types import Floats

POWER: Final = 0.8
"""Chance of seeing an effect of the size that is called detectable."""
WORSE: Final = frozenset({"firms lost", "CO2"})
"""Outcomes of which less is better."""
NEUTRAL: Final = frozenset({"heterogeneity at the end"})
"""Outcomes of which neither more nor less is better."""
COSTED: Final[Mapping[str, str]] = {
    "jobs at the end": "job at the end",
    "firms at the end": "firm at the end",
    "innovations": "innovation",
    "R&D": "euro of R&D",
    "CO2": "tonne of CO2 less",
}
"""Outcomes of which one more (of CO2 one less) has a cost, and what one is called."""

NORMAL: Final = 1.959963
"""Quantile of the normal law for an interval of 95 %, rounded down."""


@dataclass(frozen=True)
class Contrast:
    """An outcome of a scenario against that of its counterpart, over seeds.

    Attributes
    ----------
    outcome, unit, scope
        As of a `Difference`.
    without
        Mean of the counterpart.
    relative
        Whether the effect is a share of that mean; else it is in the unit of the outcome.
    effect
        Mean difference with Student's interval of 95 %.
    bootstrap
        The same with the percentile interval of the bootstrap over seeds.
    low, high
        Interval of 95 % for all outcomes of the scenario together (Bonferroni).
    p, holm
        Two-sided p of the paired t test, and corrected for all outcomes (Holm).
    better
        Share of the seeds at which the scenario does better (of `firms lost` and `CO2`, with less);
        NaN of what is neither good nor bad.
    saved
        Share of the runs that the same luck saves: 1 less the variance of the difference over that
        of a difference of independent runs.
    detectable
        Effect that as many seeds would find at 5 % with the chance `POWER`.
    """

    outcome: str
    unit: str
    scope: str
    without: float
    relative: bool
    effect: Estimate
    bootstrap: Estimate
    low: float
    high: float
    p: float
    holm: float
    better: float
    saved: float
    detectable: float

    @property
    def sure(self) -> bool:
        """Whether the interval for all outcomes together is on one side of zero."""
        return self.low > 0.0 or self.high < 0.0

    def seeds_for(self, half: float) -> int | None:
        """Return how many seeds make the interval of the effect `half` wide to each side.

        None where there are too few to tell. The t quantile of the number itself is used.
        """
        width = 0.5 * (self.effect.high - self.effect.low)
        n = self.effect.n
        if n < FEWEST or math.isnan(width) or not half > 0.0:
            return None
        spread = width * math.sqrt(n) / quantile(n)
        # Student's quantile is a little above the normal one: fewer are never enough.
        low = max(math.floor((NORMAL * spread / half) ** 2), FEWEST)

        def enough(number: int) -> bool:
            return quantile(number) * spread / math.sqrt(number) <= half

        step = 1
        while not enough(low + step - 1):
            step *= 2
        high = low + step - 1
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if enough(middle) else (middle + 1, high)
        return high

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        found = {
            "outcome": self.outcome,
            "scope": self.scope,
            "unit": self.unit,
            "without": self.without,
            "relative": self.relative,
            "effect": self.effect.value,
            "ci": [self.effect.low, self.effect.high],
            "ci_bootstrap": [self.bootstrap.low, self.bootstrap.high],
            "ci_all": [self.low, self.high],
            "p": self.p,
            "p_holm": self.holm,
            "better": self.better,
            "saved_by_pairing": self.saved,
            "detectable": self.detectable,
        }
        return {name: known(value) for name, value in found.items()}


@dataclass(frozen=True)
class Cost:
    """Public euro for one more of an outcome; unknown where the effect may be none."""

    outcome: str
    what: str
    scope: str
    euro: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        value, low, high, _ = self.euro
        return {
            "outcome": self.outcome,
            "scope": self.scope,
            "euro": known(value),
            "ci": known([low, high]),
        }


def contrasts(found: Sequence[Sequence[Difference]]) -> tuple[Contrast, ...]:
    """Return each outcome that is known at all seeds against that of the counterpart.

    Parameters
    ----------
    found
        The differences at each seed.
    """
    kept = in_all(found)
    rows = [contrast(several, len(kept)) for several in kept]
    corrected = holm_adjusted([one.p for one in rows])
    return tuple(replace(one, holm=float(holm)) for one, holm in zip(rows, corrected, strict=True))


def costs(found: Sequence[Sequence[Difference]], euro: Floats) -> tuple[Cost, ...]:
    """Return what one more of each outcome costs, not discounted; nothing if there is no money.

    Parameters
    ----------
    found
        The differences at each seed.
    euro
        Public money that the scenario took more, shape (n,).
    """
    if not euro.any():
        return ()
    return tuple(cost(several, euro) for several in in_all(found) if several[0].outcome in COSTED)


def in_all(found: Sequence[Sequence[Difference]]) -> list[list[Difference]]:
    """Return the differences of each outcome that is known at all seeds, one for each seed."""
    by_key = [{(one.outcome, one.scope): one for one in several} for several in found]
    keys = [key for key in by_key[0] if all(key in several for several in by_key)]
    kept = [[several[key] for several in by_key] for key in keys]
    return [several for several in kept if not any(math.isnan(one.difference) for one in several)]


def contrast(several: Sequence[Difference], n_outcomes: int) -> Contrast:
    """Return an outcome against that of the counterpart; `holm` is not known yet, and NaN.

    Parameters
    ----------
    several
        The difference at each seed, of one outcome.
    n_outcomes
        How many outcomes are looked at together.
    """
    first, n = several[0], len(several)
    done, without = (np.array([getattr(one, key) for one in several]) for key in _SIDES)
    base = float(without.mean())
    relative = all(one.relative is not None for one in several)
    change: Floats = (done - without) / (abs(base) if relative else 1.0)
    effect = mean(change)
    bootstrap = resampled_mean(change)
    error = float(change.std(ddof=1)) / math.sqrt(n) if n >= FEWEST else math.nan
    wide = width_for_all(effect, n_outcomes)
    sign = -1.0 if first.outcome in WORSE else 1.0
    return Contrast(
        outcome=first.outcome,
        unit=first.unit,
        scope=first.scope,
        without=base,
        relative=relative,
        effect=effect,
        bootstrap=bootstrap,
        low=effect.value - wide,
        high=effect.value + wide,
        p=t_test(change),
        holm=math.nan,
        better=math.nan
        if first.outcome in NEUTRAL
        else float(np.mean(sign * (done - without) > 0.0)),
        saved=_saved(done, without),
        detectable=error * (quantile(n) + quantile(n, 2.0 * POWER - 1.0))
        if n >= FEWEST
        else math.nan,
    )


_SIDES: Final = ("done", "without")


def _saved(done: Floats, without: Floats) -> float:
    """Return the share of runs that the same luck saves; NaN where nothing varies."""
    if done.size < FEWEST:
        return math.nan
    apart = float(done.var(ddof=1) + without.var(ddof=1))
    return 1.0 - float((done - without).var(ddof=1)) / apart if apart > 0.0 else math.nan


def cost(several: Sequence[Difference], euro: Floats) -> Cost:
    """Return what one more costs: public money over the effect, both over all seeds together.

    Parameters
    ----------
    several
        The difference at each seed, of one outcome.
    euro
        Public money that the scenario took more, shape (n,).
    """
    first = several[0]
    sign = -1.0 if first.outcome in WORSE else 1.0
    gain = np.array([sign * one.difference for one in several])
    return Cost(first.outcome, COSTED[first.outcome], first.scope, per_unit(euro, gain))


def per_unit(euro: Floats, gain: Floats) -> Estimate:
    """Return money over what is gained, with the percentile interval of the bootstrap over seeds.

    Unknown where the gain may be none, as a ratio to it has no interval then, and where it costs
    nothing.

    Parameters
    ----------
    euro, gain
        Of each seed, shape (n,).
    """
    if mean(gain).low > 0.0 and euro.sum() > 0.0:
        return resampled_ratio(euro, gain)
    return Estimate(math.nan, math.nan, math.nan, euro.size)
