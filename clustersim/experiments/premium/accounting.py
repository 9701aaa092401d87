"""The premium of one year taken apart by accounting: exact, but without cause and effect."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from clustersim.experiments.premium.classes import Group
from clustersim.experiments.validation.panel import Year
from clustersim.measures.checks import BoolArray, FloatArray, IntArray

SECTORS: Final = "sectors"
ITEMS: Final = (
    SECTORS,
    "better firms",
    "jobs in better firms",
    "place",
)
"""What the premium is made of, in the order in which it is shown."""

ITEM_WORDS: Final = {
    SECTORS: "clusters lie in the more productive sectors",
    "better firms": "the average firm there knows more than that of its sector",
    "jobs in better firms": "jobs are more with the firms that know more",
    "place": "the place makes the same knowledge more productive",
}


class Cells(NamedTuple):
    """Sums over the firms of each sector, shape (S,) each."""

    jobs: FloatArray
    value: FloatArray
    """Jobs times productivity."""
    known: FloatArray
    """Jobs times what the firm's own knowledge is worth."""
    firms: FloatArray
    known_of_firms: FloatArray
    """What the firms' own knowledge is worth, each counted once."""


def account(year: Year, strength: IntArray, group: Group) -> FloatArray:
    """Take the premium of a group of clusters apart, into the `ITEMS`.

    Productivity of firm i is ``A_i = F_i b_i``: what its own knowledge is worth for its sector,
    times what the place makes of it. With w_s the share of sector s in the group's jobs, c for the
    group and no index for all firms of a sector::

        premium = sum_s w_s (A_cs - A) / A
                = sum_s w_s (A_s - A) / A                            sectors
                + sum_s w_s (f_cs - f_s) (b_cs + b_s) / (2 A)        better firms
                + sum_s w_s (v_cs - v_s) (b_cs + b_s) / (2 A)        jobs in better firms
                + sum_s w_s (b_cs - b_s) (F_cs + F_s) / (2 A)        place

    A_s, F_s are means weighted by jobs, ``b_s = A_s / F_s``, f_s is the mean of F over firms, each
    counted once, and ``v_s = F_s - f_s`` the covariance of Olley and Pakes. Half sums make it exact
    without an order of the steps (Bennet's rule, the Shapley value of two factors).

    A firm born in the quarter before has not met the market: its productivity counts as its own.

    Parameters
    ----------
    year
        The firms.
    strength
        Strength class of each place, shape (R, S).
    group
        The clusters.

    Returns
    -------
    FloatArray
        Shape (4,), shares of mean productivity, adding up to the premium; NaN without such
        clusters.
    """
    inside = group.inside(strength)[year.region, year.sector] & (year.size > 0.0)
    nothing = np.full(len(ITEMS), np.nan)
    if not inside.any():
        return nothing
    every = _cells(year, year.size > 0.0)
    mine = _cells(year, inside)
    here = mine.jobs > 0.0
    every = Cells(*(values[here] for values in every))
    mine = Cells(*(values[here] for values in mine))
    mean = float((np.exp(year.log_productivity) * year.size).sum() / year.size.sum())
    weight = mine.jobs / mine.jobs.sum() / mean
    known, known_here = every.known / every.jobs, mine.known / mine.jobs
    typical, typical_here = every.known_of_firms / every.firms, mine.known_of_firms / mine.firms
    boost, boost_here = every.value / every.known, mine.value / mine.known
    half = 0.5 * (boost + boost_here)
    spread, spread_here = known - typical, known_here - typical_here
    return np.array(
        [
            (weight * (every.value / every.jobs - mean)).sum(),
            (weight * half * (typical_here - typical)).sum(),
            (weight * half * (spread_here - spread)).sum(),
            (weight * 0.5 * (known + known_here) * (boost_here - boost)).sum(),
        ]
    )


def _cells(year: Year, chosen: BoolArray) -> Cells:
    n_sectors = year.jobs.shape[1]
    value = np.exp(year.log_productivity)
    known = np.where(year.age > 0.0, np.exp(year.log_fit), value)

    def total(weights: FloatArray) -> FloatArray:
        sums = np.bincount(year.sector[chosen], weights=weights[chosen], minlength=n_sectors)
        return np.asarray(sums, dtype=np.float64)

    ones = np.ones_like(value)
    return Cells(
        jobs=total(year.size),
        value=total(year.size * value),
        known=total(year.size * known),
        firms=total(ones),
        known_of_firms=total(known),
    )
