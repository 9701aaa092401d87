"""Resilience: how a series weathers a shock, against what it would have been without it."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, amounts, array

TOLERANCE: Final = 0.01
"""Largest relative loss at which a series counts as recovered (assumption)."""


class Resilience(NamedTuple):
    """What a shock did to one series; losses are shares of the counterfactual.

    Losses below zero are gains. Times are in the unit of the time given, counted from the shock;
    NaN where what they wait for has not happened by the end.
    """

    resistance: float
    """Share of the counterfactual that is kept at the worst moment of the first `first` years."""
    depth: float
    """Largest loss; 0 if there never is any."""
    time_to_trough: float
    """Time of the largest loss, the first if there are several; 0 if there is none."""
    time_to_recovery: float
    """Time at which the loss, after the trough, is within `tolerance` (back on the path that there
    would have been); 0 if it never was above."""
    time_to_level: float
    """Time at which the series, after the trough, is back at its level before the shock
    (engineering resilience); 0 if it never was below that, or the loss never above `tolerance`."""
    lost_for_good: float
    """Mean loss over the last `last` years (adaptive resilience: below zero where the shock left
    more than it took)."""
    years_lost: float
    """Area between the two, over the counterfactual level before the shock: in years of it."""


def sensitivity(before: float, after: float, all_before: float, all_after: float) -> float:
    """Return Martin's index of sensitivity, ``(dE_r / E_r) / (dE_N / E_N)``.

    Below 1 the region (or sector) resists a recession better than the whole, above 1 worse; below
    zero it goes the other way.

    Source: Martin 2012, *Journal of Economic Geography* 12.

    Parameters
    ----------
    before, after
        Jobs of the region at the beginning and at the end of the recession.
    all_before, all_after
        Those of the whole.

    Returns
    -------
    float
        NaN where either had no jobs before, or the whole did not change.

    Raises
    ------
    ValueError
        On numbers that are negative or not finite.
    """
    given = amounts("jobs", [before, after, all_before, all_after], 1)
    if given[0] == 0.0 or given[2] == 0.0 or given[2] == given[3]:
        return math.nan
    own, whole = given[1] / given[0] - 1.0, given[3] / given[2] - 1.0
    return float(own / whole)


def losses(series: ArrayLike, counterfactual: ArrayLike) -> FloatArray:
    """Return ``1 - series / counterfactual``, shape (T,): 0 where both are 0, else NaN there.

    Raises
    ------
    ValueError
        On unequal shapes or numbers that are negative or not finite.
    """
    y = amounts("series", series, 1)
    c = amounts("counterfactual", counterfactual, 1, y.shape)
    loss: FloatArray = np.divide(c - y, c, out=np.full(y.size, np.nan), where=c > 0.0)
    loss[(c == 0.0) & (y == 0.0)] = 0.0
    return loss


def resilience(
    time: ArrayLike,
    series: ArrayLike,
    counterfactual: ArrayLike,
    struck: float,
    *,
    tolerance: float = TOLERANCE,
    first: float = 1.0,
    last: float = 1.0,
) -> Resilience:
    """Return how a series weathers a shock.

    With the loss ``l(t) = 1 - y(t) / c(t)`` of the series y against the counterfactual c, which is
    the same without the shock, at all times t after the shock at s::

        resistance       = 1 - max(l(t), 0) over s < t <= s + first
        depth            = max(l(t), 0),  reached at t*;   time_to_trough = t* - s
        time_to_recovery = first t >= t* with l(t) <= tolerance, less s
        time_to_level    = first t >= t* with y(t) >= y(s), less s
        lost_for_good    = mean of l(t) over the last `last` years
        years_lost       = sum of (c(t) - y(t)) dt / c(s)

    y(s) and c(s) are the last values at or before the shock, dt the time since the value before.
    Nothing changes if both series are multiplied by the same number.

    Sources: resistance and recovery as two sides of resilience, and engineering against adaptive
    resilience, Martin 2012. Trap: against the level before the shock a growing series looks more
    resilient than it is, and a declining one never recovers; the counterfactual is free of that.

    Parameters
    ----------
    time
        Times, strictly rising, shape (T,).
    series, counterfactual
        With and without the shock, at least 0, shape (T,).
    struck
        Time of the shock; at least one time lies at or before it and one after.
    tolerance
        Loss at which the series counts as recovered, at least 0.
    first, last
        Lengths of the beginning and the end, in units of time, above 0.

    Raises
    ------
    ValueError
        On unequal shapes, numbers that are negative or not finite, times that do not rise, a shock
        outside of the times, or a tolerance or length that makes no sense.
    """
    t = array("time", time, 1)
    y = amounts("series", series, 1, t.shape)
    c = amounts("counterfactual", counterfactual, 1, t.shape)
    if not np.isfinite(t).all() or (np.diff(t) <= 0.0).any():
        raise ValueError("time: expected finite numbers in strictly rising order")
    if not (t.size and t[0] <= struck < t[-1]):
        raise ValueError(f"struck: expected a time within those of the series, got {struck}")
    if not (tolerance >= 0.0 and first > 0.0 and last > 0.0):
        raise ValueError("expected a tolerance of at least 0, and lengths above 0")
    before = int(np.searchsorted(t, struck, side="right")) - 1
    since = t[before + 1 :] - struck
    loss = losses(y, c)[before + 1 :]
    if np.isnan(loss).all():
        return Resilience(*[math.nan] * 7)
    depth = max(float(np.nanmax(loss)), 0.0)
    # A loss that stays the same is deepest at its first moment, whatever the last bit says.
    trough = int(np.flatnonzero(loss >= depth * (1.0 - 1e-9))[0]) if depth > 0.0 else 0
    early = loss[since <= first]
    early = early[~np.isnan(early)]
    late = loss[t[before + 1 :] > t[-1] - last]
    late = late[~np.isnan(late)]
    area = float(((c - y)[before + 1 :] * np.diff(t)[before:]).sum())
    hurt = depth > tolerance
    below = bool((y[before + 1 :] < y[before]).any())
    return Resilience(
        resistance=1.0 - max(float(early.max()), 0.0) if early.size else math.nan,
        depth=depth,
        time_to_trough=float(since[trough]) if depth > 0.0 else 0.0,
        time_to_recovery=_until(since, loss <= tolerance, trough) if hurt else 0.0,
        time_to_level=_until(since, y[before + 1 :] >= y[before], trough)
        if hurt and below
        else 0.0,
        lost_for_good=float(late.mean()) if late.size else math.nan,
        years_lost=area / float(c[before]) if c[before] > 0.0 else math.nan,
    )


def _until(since: FloatArray, happened: object, trough: int) -> float:
    """Return the first time from the trough on at which something has happened; NaN if never."""
    after = np.flatnonzero(np.asarray(happened)[trough:])
    return float(since[trough + after[0]]) if after.size else math.nan
