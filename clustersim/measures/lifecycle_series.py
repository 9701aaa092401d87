"""The series that stages are read off: smoothed size, growth and age, from the past alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import BoolArray, FloatArray, IntArray, array, ratio
from clustersim.measures.stage_rule import StageRule


@dataclass(frozen=True)
class Series:
    """What is known of C clusters in each of T years; every row uses that year and earlier ones.

    Attributes
    ----------
    jobs, firms, heterogeneity, newer_share
        The recorded series, shape (T, C); where a year is missing the last known value stands,
        and NaN before the first.
    alive
        Whether there are jobs and, as far as known, firms, shape (T, C).
    level
        Mean of jobs over the window since the cluster appeared, shape (T, C); 0 when not alive.
    growth
        Least-squares slope of ln(jobs) over the window, per year, shape (T, C); NaN before the
        cluster is there for a whole window.
    newer_rise
        Change of ``newer_share`` over ``window`` years, shape (T, C); NaN where unknown.
    founded
        Year index in which the cluster last appeared, shape (T, C); -1 if it is older than the
        record, or not alive.
    """

    jobs: FloatArray
    firms: FloatArray
    heterogeneity: FloatArray
    newer_share: FloatArray
    alive: BoolArray
    level: FloatArray
    growth: FloatArray
    newer_rise: FloatArray
    founded: IntArray


def read(
    employment: ArrayLike,
    firms: ArrayLike,
    heterogeneity: ArrayLike | None,
    newer_share: ArrayLike | None,
    rule: StageRule,
) -> Series:
    """Check the recorded series and derive size, growth and age.

    Parameters
    ----------
    employment, firms, heterogeneity, newer_share, rule
        As for `clustersim.measures.lifecycle.stages`.

    Returns
    -------
    Series
        The derived series.

    Raises
    ------
    ValueError
        On unequal shapes, or a value that is negative or infinite.
    """
    jobs = _recorded("employment", employment, None)
    shape = jobs.shape
    n_firms = _recorded("firms", firms, shape)
    unknown = np.full(shape, np.nan)
    variety = unknown if heterogeneity is None else _recorded("heterogeneity", heterogeneity, shape)
    newer = unknown if newer_share is None else _recorded("newer_share", newer_share, shape)
    alive: BoolArray = (jobs > 0) & ~(n_firms == 0)
    start = _start(alive)
    level, growth = _level_and_growth(jobs, alive, start, rule.window)
    rise = np.full(shape, np.nan)
    rise[rule.window :] = newer[rule.window :] - newer[: -rule.window]
    founded = np.where(alive & (start > 0), start, -1)
    return Series(jobs, n_firms, variety, newer, alive, level, growth, rise, founded)


def _recorded(name: str, values: ArrayLike, shape: tuple[int, ...] | None) -> FloatArray:
    """Check a recorded table and fill missing years with the last known value."""
    table: FloatArray = array(name, values, 2, shape)
    bad = (table < 0) | np.isinf(table)
    if bad.any():
        year, cluster = (int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name}: expected finite numbers of at least 0 (or NaN for unknown), got "
            f"{table[year, cluster]} in year {year} of cluster {cluster}"
        )
    years = np.arange(table.shape[0])[:, None]
    last_known = np.maximum.accumulate(np.where(np.isnan(table), -1, years), axis=0)
    filled: FloatArray = np.take_along_axis(table, np.maximum(last_known, 0), axis=0)
    return filled


def _start(alive: BoolArray) -> IntArray:
    """Year in which the present life of each cluster began; meaningful where it is alive."""
    years = np.arange(alive.shape[0])[:, None]
    begins = alive.copy()
    begins[1:] &= ~alive[:-1]
    return np.asarray(np.maximum.accumulate(np.where(begins, years, 0), axis=0), dtype=np.int64)


def _level_and_growth(
    jobs: FloatArray, alive: BoolArray, start: IntArray, window: int
) -> tuple[FloatArray, FloatArray]:
    """Trailing mean of jobs and slope of their logarithm, over the years of the present life."""
    n_years = jobs.shape[0]
    years = np.arange(n_years)[:, None]
    n, total, product = (np.zeros(jobs.shape) for _ in range(3))
    # Years from the middle of the window: a slope is sum x y / sum x^2 when the x add up to zero.
    x = 0.5 * (window - 1) - np.arange(window)
    for lag in range(min(window, n_years)):
        earlier = jobs[: n_years - lag]
        used = alive[lag:] & (years[lag:] - lag >= start[lag:])
        # Relative to the present year: the slope then does not depend on the unit of jobs.
        log = np.zeros(earlier.shape)
        np.log(ratio(earlier, jobs[lag:]), out=log, where=used)
        n[lag:] += used
        total[lag:] += np.where(used, earlier, 0.0)
        product[lag:] += x[lag] * log
    slope = np.where(n == window, product / np.square(x).sum(), np.nan)
    return ratio(total, n), slope
