"""Intervals and tests over seeds: of means, of ratios, and of anything by resampling whole runs.

Runs at different seeds are independent; what happens within one run is not. So a run, not a
cluster or a year, is the observation.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Final, Literal, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from clustersim.measures.checks import FloatArray, amounts

T = TypeVar("T")

CONFIDENCE: Final = 0.95
RESAMPLES: Final = 1000
RULE_OF_THREE: Final = 3.0
"""An event not seen in n trials has a chance below 3 / n, at 95 %."""
FEWEST: Final = 2
"""Seeds below which there is no spread."""


class Estimate(NamedTuple):
    """A figure with its interval of 95 %; NaN where it is unknown."""

    value: float
    low: float
    high: float
    n: int
    """Seeds it rests on."""

    def to_dict(self) -> dict[str, Any]:
        """Return what a reader of JSON wants."""
        return {"value": self.value, "ci": [self.low, self.high], "seeds": self.n}


def mean(values: ArrayLike) -> Estimate:
    """Mean over seeds with Student's interval; NaN values are left out.

    Parameters
    ----------
    values
        One for each seed, shape (n,).
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[~np.isnan(x)]
    if x.size == 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    centre = float(x.mean())
    if x.size < FEWEST:
        return Estimate(centre, math.nan, math.nan, x.size)
    half = quantile(x.size) * float(x.std(ddof=1)) / math.sqrt(x.size)
    return Estimate(centre, centre - half, centre + half, x.size)


def t_test(
    values: ArrayLike, alternative: Literal["two-sided", "greater", "less"] = "two-sided"
) -> float:
    """P of Student's test that a mean over seeds is zero; NaN values are left out.

    Where all values are the same there is no luck: 0 if they lie to the side that is asked for, 1
    if not. NaN for fewer than two.

    Parameters
    ----------
    values
        One for each seed, shape (n,).
    alternative
        What is held against a mean of zero: that it differs, is above or is below.
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[~np.isnan(x)]
    if x.size < FEWEST:
        return math.nan
    sign = {"two-sided": 0.0, "greater": 1.0, "less": -1.0}[alternative]
    centre = float(x.mean())
    asked = sign * centre if sign else abs(centre)
    if float(np.ptp(x)) == 0.0:
        return 0.0 if (sign * x[0] if sign else abs(x[0])) > 0.0 else 1.0
    error = float(x.std(ddof=1)) / math.sqrt(x.size)
    return float((1.0 if sign else 2.0) * stats.t.sf(asked / error, x.size - 1))


def holm_adjusted(p: ArrayLike) -> FloatArray:
    """Return p values corrected for being several (Holm 1979), shape (n,); NaN is left out.

    Parameters
    ----------
    p
        P values, 0 to 1 or NaN, shape (n,).
    """
    values = np.asarray(p, dtype=np.float64)
    out = np.full(values.size, np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    times = np.arange(order.size, 0, -1)
    out[order] = np.minimum(np.maximum.accumulate(values[order] * times), 1.0)
    return out


def ratio(counts: ArrayLike, bases: ArrayLike, most: float = math.inf) -> Estimate:
    """Ratio of two sums over seeds, ``sum c / sum x``, as events per year or shares.

    The interval is that of the ratio estimator (Cochran 1977, *Sampling Techniques*, chapter 6),
    ``var(r) = n / (n - 1) sum (c - r x)^2 / (sum x)^2``, kept between 0 and `most`. Where no event
    was seen at all it ends at ``3 / sum x``.

    Parameters
    ----------
    counts, bases
        Of each seed, shape (n,), at least 0; seeds with a base of 0 add nothing.
    most
        Largest value that makes sense; 1 for a share.

    Raises
    ------
    ValueError
        On unequal shapes, or numbers that are negative or not finite.
    """
    c = amounts("counts", counts, 1)
    x = amounts("bases", bases, 1, c.shape)
    n, whole = int((x > 0).sum()), float(x.sum())
    if whole <= 0:
        return Estimate(math.nan, math.nan, math.nan, 0)
    r = float(c.sum()) / whole
    if r == 0.0:
        return Estimate(0.0, 0.0, min(RULE_OF_THREE / whole, most), n)
    if n < FEWEST:
        return Estimate(r, math.nan, math.nan, n)
    here = x > 0
    squares = float(np.square(c[here] - r * x[here]).sum())
    half = quantile(n) * math.sqrt(n / (n - 1) * squares) / whole
    return Estimate(r, max(r - half, 0.0), min(r + half, most), n)


def resampled(
    runs: Sequence[T], statistic: Callable[[Sequence[T]], FloatArray], resamples: int = RESAMPLES
) -> list[Estimate]:
    """Statistics of all runs together, with intervals from drawing runs with replacement.

    The draws are always the same, so that the same runs give the same interval.

    Parameters
    ----------
    runs
        One element for each seed.
    statistic
        From runs to K numbers, shape (K,); NaN where unknown.
    resamples
        How often the runs are drawn.

    Returns
    -------
    list of Estimate
        K of them; the interval is from the 2.5 to the 97.5 % point of the resamples in which the
        number is known, and unknown for fewer than two runs or if it is unknown in more than one
        resample of ten.

    Notes
    -----
    Source: Efron & Tibshirani 1993, *An Introduction to the Bootstrap* (percentile interval).
    """
    found = np.asarray(statistic(runs), dtype=np.float64)
    n = len(runs)
    if n < FEWEST:
        return [Estimate(float(value), math.nan, math.nan, n) for value in found]
    drawn = drawn_again(n, resamples)
    again = np.array([statistic([runs[i] for i in rows]) for rows in drawn], dtype=np.float64)
    return [
        _percentiles(float(value), column, n) for value, column in zip(found, again.T, strict=True)
    ]


def resampled_mean(values: ArrayLike) -> Estimate:
    """Mean over seeds, with the interval of `resampled`, sooner.

    Parameters
    ----------
    values
        One for each seed, shape (n,).
    """
    x = np.asarray(values, dtype=np.float64)
    value = float(x.mean()) if x.size else math.nan
    if x.size < FEWEST:
        return Estimate(value, math.nan, math.nan, x.size)
    return _percentiles(value, x[drawn_again(x.size)].mean(axis=1), x.size)


def resampled_ratio(above: ArrayLike, below: ArrayLike) -> Estimate:
    """Ratio of two sums over seeds of either sign, with the interval of `resampled`, sooner.

    It is unknown where what it is over is not above zero.

    Parameters
    ----------
    above, below
        One for each seed, shape (n,).
    """
    a, b = (np.asarray(values, dtype=np.float64) for values in (above, below))
    value = float(a.sum() / b.sum()) if b.sum() > 0.0 else math.nan
    if a.size < FEWEST:
        return Estimate(value, math.nan, math.nan, a.size)
    drawn = drawn_again(a.size)
    over, under = a[drawn].sum(axis=1), b[drawn].sum(axis=1)
    ratios = np.divide(over, under, out=np.full(over.size, np.nan), where=under > 0.0)
    return _percentiles(value, ratios, a.size)


def _percentiles(value: float, again: FloatArray, n: int) -> Estimate:
    """Return a number with the interval of its resamples, shape (resamples,)."""
    known = again[~np.isnan(again)]
    if math.isnan(value) or known.size < 0.9 * again.size:
        return Estimate(value, math.nan, math.nan, n)
    tail = 0.5 * (1.0 - CONFIDENCE)
    low, high = np.quantile(known, [tail, 1.0 - tail])
    return Estimate(value, float(low), float(high), n)


@cache
def quantile(n: int, level: float = CONFIDENCE) -> float:
    """Return how many standard errors wide to each side Student's interval of `n` values is.

    Parameters
    ----------
    n
        Values, at least 2.
    level
        What the interval holds, as 0.95.
    """
    return float(stats.t.ppf(0.5 + level / 2.0, n - 1))


def drawn_again(n: int, resamples: int = RESAMPLES) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return which runs each resample of the bootstrap has, shape (resamples, n); always the same.

    Parameters
    ----------
    n
        Runs.
    resamples
        How often they are drawn, with replacement.
    """
    return np.random.default_rng(1).integers(n, size=(resamples, n))
