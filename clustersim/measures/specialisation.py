"""Where a sector is over-represented: location quotient, size, focus and specialisation.

Every function reads an employment table ``jobs`` of shape (R regions, S sectors) in jobs; the unit
cancels in all results, which are pure numbers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, amounts, jobs_table, ratio


def cluster_size(jobs: ArrayLike) -> FloatArray:
    """Share of a sector's jobs that is in each region, ``e_rs / sum_r e_rs``.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.

    Returns
    -------
    FloatArray
        Shape (R, S), in [0, 1]; every column with jobs sums to 1, an empty column is 0.
        "Size" among the three criteria of cluster mapping (Sölvell, Ketels & Lindqvist 2008).

    Raises
    ------
    ValueError
        If ``jobs`` is no table of non-negative numbers with a positive total.
    """
    table = jobs_table(jobs)
    return ratio(table, table.sum(axis=0, keepdims=True))


def cluster_focus(jobs: ArrayLike) -> FloatArray:
    """Share of a region's jobs that is in each sector, ``e_rs / sum_s e_rs``.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.

    Returns
    -------
    FloatArray
        Shape (R, S), in [0, 1]; every row with jobs sums to 1, an empty row is 0. "Focus" among the
        three criteria of cluster mapping (Sölvell, Ketels & Lindqvist 2008).

    Raises
    ------
    ValueError
        If ``jobs`` is no table of non-negative numbers with a positive total.
    """
    table = jobs_table(jobs)
    return ratio(table, table.sum(axis=1, keepdims=True))


def location_quotient(jobs: ArrayLike) -> FloatArray:
    """Location quotient (Balassa, Hoover), ``LQ_rs = (e_rs / e_r) / (e_s / e)``.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.

    Returns
    -------
    FloatArray
        Shape (R, S); 1 where the sector weighs in the region what it weighs in the whole table.
        The mean of a column weighted by the regions' jobs is 1. Cells of an empty region or
        sector are 0.

    Raises
    ------
    ValueError
        If ``jobs`` is no table of non-negative numbers with a positive total.

    Notes
    -----
    Source: Farhauer & Kröll 2013, *Standorttheorien*; checked against their example.
    """
    table = jobs_table(jobs)
    return ratio(cluster_focus(table), table.sum(axis=0) / table.sum())


def krugman_specialisation(jobs: ArrayLike) -> FloatArray:
    """Krugman index of a region against the whole, ``K_r = sum_s |e_rs / e_r - e_s / e|``.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs. The whole is the sum over the table's regions.

    Returns
    -------
    FloatArray
        Shape (R,), in [0, 2]: 0 is the structure of the whole. NaN for an empty region.

    Raises
    ------
    ValueError
        If ``jobs`` is no table of non-negative numbers with a positive total.

    Notes
    -----
    Source: Krugman 1991, *Geography and Trade*; Farhauer & Kröll 2013. To compare with a whole
    that is not the sum of the regions use `structure_difference`.
    """
    table = jobs_table(jobs)
    result: FloatArray = np.abs(cluster_focus(table) - table.sum(axis=0) / table.sum()).sum(axis=1)
    result[table.sum(axis=1) == 0] = np.nan
    return result


def structure_difference(jobs: ArrayLike, reference: ArrayLike) -> float:
    """Krugman index between two places, ``K = sum_s |e_s / e - f_s / f|``.

    Parameters
    ----------
    jobs
        Employment by sector in one place, shape (S,), jobs.
    reference
        Employment by sector in the other, shape (S,), jobs.

    Returns
    -------
    float
        0 for the same structure up to 2 for no sector in common.

    Raises
    ------
    ValueError
        If the lengths differ, a number is negative or not finite, or a place has no jobs.
    """
    here = amounts("jobs", jobs, 1)
    there = amounts("reference", reference, 1, here.shape)
    if not (here.sum() > 0 and there.sum() > 0):
        raise ValueError("jobs, reference: both places must have jobs")
    return float(np.abs(here / here.sum() - there / there.sum()).sum())


def litzenberger_sternberg(
    jobs: ArrayLike, firms: ArrayLike, population: ArrayLike, area: ArrayLike
) -> FloatArray:
    """Cluster index of Litzenberger & Sternberg: density times rate times smallness of firms.

    ``CI_rs = (e_rs/p_r)/(e_s/p) * (e_rs/a_r)/(e_s/a) * (b_rs/e_rs)/(b_s/e_s)``.

    Parameters
    ----------
    jobs
        Employment e, shape (R, S), jobs.
    firms
        Number of firms b, shape (R, S).
    population
        Population p of the regions, shape (R,), persons, positive.
    area
        Area a of the regions, shape (R,), km², positive.

    Returns
    -------
    FloatArray
        Shape (R, S), from 0; 1 is the average place. It grows with the number of regions and is
        to be compared within one table only. Cells without jobs are 0.

    Raises
    ------
    ValueError
        On a wrong shape, a negative number, or a region without population or area.

    Notes
    -----
    Source: Litzenberger & Sternberg 2006, *Geographische Zeitschrift* 94(2), as worked in
    Farhauer & Kröll 2014.
    """
    e = jobs_table(jobs)
    b = amounts("firms", firms, 2, e.shape)
    p = amounts("population", population, 1, (e.shape[0],))
    a = amounts("area", area, 1, (e.shape[0],))
    if not ((p > 0).all() and (a > 0).all()):
        raise ValueError("population, area: every region needs a positive population and area")
    share = ratio(e, e.sum(axis=0))
    rate = share / (p / p.sum())[:, None]
    density = share / (a / a.sum())[:, None]
    smallness = ratio(ratio(b, e), ratio(b.sum(axis=0), e.sum(axis=0)))
    result: FloatArray = rate * density * smallness
    return result
