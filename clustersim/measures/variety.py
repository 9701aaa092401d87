"""Variety of a region's sectors: total, unrelated (between groups) and related (within groups)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, entropy, indices, jobs_table, ratio


def _shares(jobs: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Shares of sectors in each region, and which regions are empty as NaN to be added."""
    table = jobs_table(jobs)
    total = table.sum(axis=1)
    return ratio(table, total[:, None]), np.where(total > 0, 0.0, np.nan)


def _group_shares(shares: FloatArray, sector_group: ArrayLike) -> FloatArray:
    """Sum shares (R, S) into groups (R, G)."""
    n_sectors = shares.shape[1]
    group = indices("sector_group", sector_group, n_sectors, size=n_sectors)
    if (group < 0).any():
        raise ValueError("sector_group: every sector needs a group (an index of at least 0)")
    member = np.zeros((n_sectors, int(group.max()) + 1))
    member[np.arange(n_sectors), group] = 1.0
    result: FloatArray = shares @ member
    return result


def total_variety(jobs: ArrayLike) -> FloatArray:
    """Entropy of a region's employment over its sectors, ``sum_s p_s log2(1/p_s)``.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.

    Returns
    -------
    FloatArray
        Shape (R,), bits, 0 to log2(S); NaN for an empty region.

    Raises
    ------
    ValueError
        If ``jobs`` is no table of non-negative numbers with a positive total.
    """
    shares, empty = _shares(jobs)
    return entropy(shares) + empty


def unrelated_variety(jobs: ArrayLike, sector_group: ArrayLike) -> FloatArray:
    """Entropy between groups of sectors, ``UV = sum_g P_g log2(1/P_g)``.

    P_g is the share of group g in the region's jobs, ``sum_(s in g) p_s``.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.
    sector_group
        Group (such as the two-digit industry) of each sector, shape (S,), in ``range(S)``.

    Returns
    -------
    FloatArray
        Shape (R,), bits; NaN for an empty region.

    Raises
    ------
    ValueError
        If ``jobs`` is no employment table or a sector has no group.

    Notes
    -----
    Source: Frenken, van Oort & Verburg 2007, *Regional Studies* 41(5).
    """
    shares, empty = _shares(jobs)
    return entropy(_group_shares(shares, sector_group)) + empty


def related_variety(jobs: ArrayLike, sector_group: ArrayLike) -> FloatArray:
    """Weighted entropy within groups, ``RV = sum_g P_g H_g``, ``H_g`` the entropy of ``p_s / P_g``.

    Computed by the decomposition theorem as total less unrelated variety, to which it is equal.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.
    sector_group
        Group (such as the two-digit industry) of each sector, shape (S,), in ``range(S)``.

    Returns
    -------
    FloatArray
        Shape (R,), bits; NaN for an empty region.

    Raises
    ------
    ValueError
        If ``jobs`` is no employment table or a sector has no group.

    Notes
    -----
    Source: Frenken, van Oort & Verburg 2007, *Regional Studies* 41(5).
    """
    difference = total_variety(jobs) - unrelated_variety(jobs, sector_group)
    result: FloatArray = np.maximum(difference, 0.0)
    return result
