"""What the declines that ended in renewal had in common, against those that did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import optimize

from clustersim.experiments import uncertainty
from clustersim.experiments.cycles.declines import Fall
from clustersim.experiments.cycles.history import History
from clustersim.measures.checks import BoolArray, FloatArray
from clustersim.measures.lifecycle import Stage

Row = dict[str, Any]

WITHIN: Final = 15
"""Years after a decline is seen in which a renewal must be seen to count (assumption)."""
LOOK_BACK: Final = 3
"""Years up to the one in which the decline is seen, over which its traits are averaged."""
TRAITS: Final = {
    "outside_share": "share of collaborations that lead out of the region",
    "entry_rate": "new firms per firm and year",
    "spin_off_rate": "spin-offs per firm and year",
    "heterogeneity": "cognitive distance between its firms",
    "newer_share": "share of knowledge that serves the newer paradigm",
    "related_variety": "related variety of the region",
    "size": "jobs over what the region's size would suggest, logarithm",
    "largest_share": "share of jobs in the largest firm",
    "year": "calendar year: what changes with time in all clusters",
}
AT_START: Final = "start"
AT_TROUGH: Final = "lowest point"
RIDGE: Final = 1.0
"""Weight of the squared slopes in the logistic regression: keeps them finite where a trait
separates the outcomes; small against tens of declines."""
_FEWEST: Final = 5
_PER_TRAIT: Final = 5
"""Declines with the rarer outcome that are needed for each trait."""


@dataclass(frozen=True, eq=False)
class Cases:
    """Declines of one run whose outcome is known, n of them.

    Attributes
    ----------
    renewed
        Shape (n,).
    traits
        By when they are measured, `AT_START` or `AT_TROUGH`, in the order of `TRAITS`, shape
        (n, K); NaN where unknown.
    unknown
        Declines too late in the run for an outcome.
    """

    renewed: BoolArray
    traits: dict[str, FloatArray]
    unknown: int


def cases(run: History, found: Sequence[Fall]) -> Cases:
    """Return the declines of a run with their outcome and traits.

    A decline renewed if a renewal of the cluster was seen within `WITHIN` years; it did not if
    there were so many years without. Traits at the start are means over the years up to that in
    which the decline was seen; traits at the lowest point are those of the year with the fewest
    jobs until the renewal, or within the same years: known with hindsight only.
    """
    renewed: list[bool] = []
    rows: dict[str, list[FloatArray]] = {AT_START: [], AT_TROUGH: []}
    unknown = 0
    for fall in found:
        last = fall.seen + WITHIN
        after = run.result.stage[fall.seen : last + 1, fall.cluster]
        again = np.flatnonzero(after == Stage.RENEWAL)
        if not again.size and last >= len(run.result.stage):
            unknown += 1
            continue
        end = fall.seen + int(again[0]) if again.size else last
        first = max(fall.seen - LOOK_BACK + 1, 0)
        lowest = fall.seen + int(np.argmin(run.series.jobs[fall.seen : end + 1, fall.cluster]))
        renewed.append(bool(again.size))
        rows[AT_START].append(_traits(run, fall.cluster, slice(first, fall.seen + 1)))
        rows[AT_TROUGH].append(_traits(run, fall.cluster, slice(lowest, lowest + 1)))
    return Cases(
        np.array(renewed, dtype=np.bool_),
        {when: np.array(values).reshape(-1, len(TRAITS)) for when, values in rows.items()},
        unknown,
    )


def _traits(run: History, cluster: int, years: slice) -> FloatArray:
    series = run.series
    with np.errstate(divide="ignore"):
        size = np.log(series.jobs[years, cluster] / series.reference[cluster])
    here = {name: values[years, cluster] for name, values in run.known.items()} | {
        "heterogeneity": series.heterogeneity[years, cluster],
        "newer_share": series.newer_share[years, cluster],
        "size": size,
        "year": series.year[years],
    }
    return np.array([_mean(here[name]) for name in TRAITS])


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def difference_rows(runs: Sequence[Cases]) -> list[Row]:
    """Return how declines that renewed differ from those that did not, trait by trait.

    The standardised difference is that of the means over the pooled standard deviation (Cohen's d):
    0.2 is small, 0.8 large. Its interval comes from drawing runs with replacement.
    """
    result = []
    for when in (AT_START, AT_TROUGH):
        pairs = [(run.traits[when], run.renewed) for run in runs]
        found = uncertainty.resampled(pairs, _differences)
        traits = np.concatenate([traits for traits, _ in pairs])
        renewed = np.concatenate([outcome for _, outcome in pairs])
        for k, (trait, words) in enumerate(TRAITS.items()):
            result.append(
                {
                    "trait": trait,
                    "when": when,
                    "renewed": _mean(traits[renewed, k]),
                    "not_renewed": _mean(traits[~renewed, k]),
                    "difference": found[k].value,
                    "low": found[k].low,
                    "high": found[k].high,
                    "words": words,
                }
            )
    return result


def _differences(runs: Sequence[tuple[FloatArray, BoolArray]]) -> FloatArray:
    traits = np.concatenate([traits for traits, _ in runs])
    renewed = np.concatenate([outcome for _, outcome in runs])
    return np.array([standardised_difference(x[renewed], x[~renewed]) for x in traits.T])


def standardised_difference(one: FloatArray, other: FloatArray) -> float:
    """Return Cohen's d, the difference of two means over the pooled standard deviation.

    Parameters
    ----------
    one, other
        Values of two groups; NaN is left out.

    Returns
    -------
    float
        NaN for fewer than two known values in a group, or without spread.
    """
    a, b = one[np.isfinite(one)], other[np.isfinite(other)]
    if min(a.size, b.size) < 2:  # noqa: PLR2004  # a spread needs two
        return float("nan")
    squares = np.square(a - a.mean()).sum() + np.square(b - b.mean()).sum()
    spread = float(np.sqrt(squares / (a.size + b.size - 2)))
    return float((a.mean() - b.mean()) / spread) if spread > 0 else float("nan")


def regression_rows(runs: Sequence[Cases]) -> list[Row]:
    """Return a logistic regression of renewal on all traits at the start of the decline.

    Traits are standardised; unknown ones count as average. The slope is the change of the log odds
    of renewal for one standard deviation more, the other traits held constant, with Wald's interval
    of a ridge-penalised fit. Empty where there are too few declines of either outcome.
    """
    traits = np.concatenate([run.traits[AT_START] for run in runs])
    renewed = np.concatenate([run.renewed for run in runs])
    rarer = int(min(renewed.sum(), (~renewed).sum()))
    spread = np.array([np.nanstd(x) if np.isfinite(x).sum() >= _FEWEST else 0.0 for x in traits.T])
    used = np.flatnonzero(spread > 0)
    if not used.size or rarer < max(_PER_TRAIT * used.size, _FEWEST):
        return []
    x = traits[:, used]
    x = np.nan_to_num((x - np.nanmean(x, axis=0)) / spread[used])
    slope, error = logistic(x, renewed)
    names = list(TRAITS)
    return [
        {
            "trait": names[k],
            "odds_ratio": float(np.exp(b)),
            "low": float(np.exp(b - 1.96 * se)),
            "high": float(np.exp(b + 1.96 * se)),
        }
        for k, b, se in zip(used, slope, error, strict=True)
    ]


def logistic(x: FloatArray, y: BoolArray, ridge: float = RIDGE) -> tuple[FloatArray, FloatArray]:
    """Return slopes of a logistic regression with intercept, and their standard errors, (K,) each.

    Minimises ``sum log(1 + exp(-z_i (a + b.x_i))) + ridge |b|^2 / 2`` with z = 1 or -1; errors from
    the inverse of the curvature there.

    Parameters
    ----------
    x
        Standardised regressors, shape (n, K).
    y
        Outcomes, shape (n,).
    ridge
        Penalty, at least 0.
    """
    design = np.column_stack([np.ones(len(x)), x])
    penalty = np.full(design.shape[1], ridge)
    penalty[0] = 0.0
    sign = np.where(y, 1.0, -1.0)

    def loss(b: FloatArray) -> tuple[float, FloatArray]:
        margin = sign * (design @ b)
        value = np.logaddexp(0.0, -margin).sum() + 0.5 * (penalty * b**2).sum()
        slope = -(design.T @ (sign / (1.0 + np.exp(np.clip(margin, -500, 500))))) + penalty * b
        return float(value), slope

    found = optimize.minimize(loss, np.zeros(design.shape[1]), jac=True, method="BFGS")
    chance = 1.0 / (1.0 + np.exp(-np.clip(design @ found.x, -500, 500)))
    curvature = (design * (chance * (1.0 - chance))[:, None]).T @ design + np.diag(penalty)
    error = np.sqrt(np.diag(np.linalg.inv(curvature)))
    return found.x[1:], error[1:]
