"""Which local industries are clusters, and how strong: stars and classes of cluster mapping."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clustersim.measures.checks import BoolArray, FloatArray, IntArray, array, jobs_table
from clustersim.measures.specialisation import cluster_focus, location_quotient


class Strength(IntEnum):
    """Strength class of a local industry, in the words of the European Panorama of Clusters."""

    NONE = 0
    BASIC = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True)
class StrengthRule:
    """Thresholds of the strength classes.

    The classes are those of the *European Panorama of Clusters and Industrial Change 2020*; size,
    specialisation and focus are the criteria of Sölvell, Ketels & Lindqvist 2008. The numbers are
    assumptions, open to calibration on the 198 high, 898 medium and 1,854 basic clusters of 2020.

    Attributes
    ----------
    minimum_quotient
        Location quotient from which a local industry can be a cluster (pure number).
    minimum_jobs
        Jobs from which it can be one (jobs of the table).
    top_share
        Share of the compared local industries that receives a star, in (0, 1].
    basic_stars, medium_stars, high_stars
        Stars from which a cluster is of that class (count).
    """

    minimum_quotient: float = 1.5
    minimum_jobs: float = 0.0
    top_share: float = 0.2
    basic_stars: int = 1
    medium_stars: int = 2
    high_stars: int = 3

    def __post_init__(self) -> None:
        """Refuse thresholds without meaning."""
        if self.minimum_quotient < 0 or self.minimum_jobs < 0:
            raise ValueError("minimum_quotient, minimum_jobs: expected at least 0")
        if not 0 < self.top_share <= 1:
            raise ValueError(f"top_share: expected a share in (0, 1], got {self.top_share}")
        if not 0 <= self.basic_stars <= self.medium_stars <= self.high_stars:
            raise ValueError("stars: expected 0 <= basic_stars <= medium_stars <= high_stars")


DEFAULT_STRENGTH_RULE = StrengthRule()
"""Where jobs are all that is known: a specialised place without a star is no cluster."""
PERFORMANCE_RULE = StrengthRule(basic_stars=0)
"""Where performance is known, as in the Panorama of 2020, which tells clusters apart by levels of
performance: every specialised place is a cluster, and one of average performance a basic one."""


def in_top(values: ArrayLike, top_share: float) -> BoolArray:
    """Tell which of a column's n positive values are among its ``ceil(top_share * n)`` highest.

    Equal values share their fate: where a tie would exceed the number of places, none of it is in.

    Parameters
    ----------
    values
        Shape (R, S), any unit; NaN and values not above zero take no part.
    top_share
        Share of places, in (0, 1].

    Returns
    -------
    BoolArray
        Shape (R, S).

    Raises
    ------
    ValueError
        If ``values`` is not two-dimensional or ``top_share`` is no share above 0.
    """
    x: FloatArray = array("values", values, 2)
    if not 0 < top_share <= 1:
        raise ValueError(f"top_share: expected a share in (0, 1], got {top_share}")
    if x.size == 0:
        return np.zeros(x.shape, dtype=np.bool_)
    present = x > 0
    n = np.count_nonzero(present, axis=0)
    # The small step down keeps 0.07 * 100 = 7.000000000000001 from becoming eight places.
    places = np.ceil(top_share * n - 1e-9).astype(np.int64)
    ascending = np.sort(np.where(present, x, -np.inf), axis=0)
    # Whoever is above the first who finds no place has one.
    first_outside = np.maximum(len(x) - 1 - places, 0)[None]
    bar = np.take_along_axis(ascending, first_outside, axis=0)[0]
    return np.asarray(present & ((places >= n) | (x > bar)))


def cluster_stars(
    jobs: ArrayLike,
    performance: ArrayLike | None = None,
    rule: StrengthRule = DEFAULT_STRENGTH_RULE,
) -> IntArray:
    """Count the stars of every local industry, clusters or not.

    One star each for being in the top ``rule.top_share`` in a criterion. Where jobs are all that is
    known: *size*, its jobs among the regions of its sector; *specialisation*, its location quotient
    among the same; *focus*, its share of the region's jobs among the local industries of all
    sectors (within one sector, focus ranks as specialisation does and would count it twice). Where
    performance is given: *specialisation*, and each criterion of performance among the regions of
    its sector.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.
    performance
        Criteria of which more is better, such as value added per job, shape (K, R, S), any units;
        NaN where unknown.
    rule
        The thresholds.

    Returns
    -------
    IntArray
        Shape (R, S), 0 to 3, or to K + 1 with performance.

    Raises
    ------
    ValueError
        If ``jobs`` is no employment table or ``performance`` has another shape.
    """
    table = jobs_table(jobs)
    return _stars(table, location_quotient(table), performance, rule)


def _stars(
    table: FloatArray, quotient: FloatArray, performance: ArrayLike | None, rule: StrengthRule
) -> IntArray:
    """Count the stars of a table of jobs whose location quotients are known."""
    stars = in_top(quotient, rule.top_share).astype(np.int64)
    if performance is None:
        stars += in_top(table, rule.top_share)
        focus = cluster_focus(table).reshape(-1, 1)
        return np.asarray(stars + in_top(focus, rule.top_share).reshape(table.shape))
    given: FloatArray = array("performance", performance, 3)
    if given.shape[1:] != table.shape:
        raise ValueError(
            f"performance: expected shape (K, {table.shape[0]}, {table.shape[1]}), "
            f"got {given.shape}"
        )
    for criterion in given:
        stars += in_top(np.where(table > 0, criterion, np.nan), rule.top_share)
    return stars


def cluster_strength(
    jobs: ArrayLike,
    performance: ArrayLike | None = None,
    rule: StrengthRule = DEFAULT_STRENGTH_RULE,
) -> NDArray[np.int8]:
    """Classify every local industry: none, basic, medium or high.

    A cluster has ``LQ >= minimum_quotient``, at least ``minimum_jobs`` jobs (and more than none)
    and ``basic_stars`` stars; more stars make it medium or high (see `cluster_stars`).

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.
    performance
        Criteria of which more is better, shape (K, R, S), any units; NaN where unknown.
    rule
        The thresholds.

    Returns
    -------
    NDArray[np.int8]
        Shape (R, S), values of `Strength`.

    Raises
    ------
    ValueError
        If ``jobs`` is no employment table or ``performance`` has another shape.
    """
    table = jobs_table(jobs)
    quotient = location_quotient(table)
    stars = _stars(table, quotient, performance, rule)
    qualifies = (quotient >= rule.minimum_quotient) & (table >= rule.minimum_jobs) & (table > 0)
    bounds = np.array([rule.basic_stars, rule.medium_stars, rule.high_stars])
    level = np.searchsorted(bounds, stars, side="right")
    return np.where(qualifies, level, Strength.NONE).astype(np.int8)
