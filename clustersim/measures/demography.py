"""Demography of firms: entry, exit, survival, sizes and growth rates."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import BoolArray, FloatArray, amounts, array, ratio

SIZE_CLASSES = (10.0, 50.0, 250.0)
"""Jobs from which a firm is small, medium, large (EU recommendation 2003/361/EC); below: micro."""


class Survival(NamedTuple):
    """Kaplan–Meier curve: a step function that starts at 1 and drops at ``age``."""

    age: FloatArray
    """Ages at which firms left, upwards, shape (K,), the unit of the durations."""
    share: FloatArray
    """Share of firms that outlives each of these ages, shape (K,), in [0, 1]."""

    def at(self, age: float) -> float:
        """Share that survives beyond ``age`` (the unit of the durations)."""
        k = int(np.searchsorted(self.age, age, side="right"))
        return float(self.share[k - 1]) if k else 1.0


def entry_rate(entrants: ArrayLike, firms: ArrayLike, years: float = 1.0) -> FloatArray:
    """Entrants per firm active in the period and year, ``n_entry / (n_active * years)``.

    Parameters
    ----------
    entrants
        Number of firms that entered in the period, any shape.
    firms
        Number of firms active in the period (those that enter or leave in it included, as in
        Eurostat's business demography), the same shape.
    years
        Length of the period, years.

    Returns
    -------
    FloatArray
        The shape given, per year; NaN where there was no firm.

    Raises
    ------
    ValueError
        On unequal shapes, negative or non-finite numbers, or a period that is not positive.
    """
    return _rate("entrants", entrants, firms, years)


def exit_rate(exits: ArrayLike, firms: ArrayLike, years: float = 1.0) -> FloatArray:
    """Firms that left per firm active in the period and year, ``n_exit / (n_active * years)``.

    Parameters
    ----------
    exits
        Number of firms that left in the period, any shape.
    firms
        Number of firms active in the period (see `entry_rate`), the same shape.
    years
        Length of the period, years.

    Returns
    -------
    FloatArray
        The shape given, per year; NaN where there was no firm.

    Raises
    ------
    ValueError
        On unequal shapes, negative or non-finite numbers, or a period that is not positive.
    """
    return _rate("exits", exits, firms, years)


def survival(duration: ArrayLike, left: ArrayLike) -> Survival:
    """Kaplan–Meier estimate, ``S(a) = prod_(a_k <= a) (1 - d_k / n_k)``.

    Parameters
    ----------
    duration
        Age at exit, or at the end of observation, shape (n,), any unit of time, at least 0.
    left
        True where the firm left, False where it was still there at the end, shape (n,).

    Returns
    -------
    Survival
        d_k firms left at age a_k, n_k had reached it; empty when nobody left.

    Raises
    ------
    ValueError
        On unequal shapes, negative or non-finite ages, or ``left`` that is not boolean.

    Notes
    -----
    Source: Kaplan & Meier 1958, *Journal of the American Statistical Association* 53.
    """
    a = amounts("duration", duration, 1)
    gone: BoolArray = np.asarray(left)
    if gone.dtype != np.bool_ or gone.shape != a.shape:
        raise ValueError(f"left: expected true or false for each of {a.size} firms")
    age, exits = np.unique(a[gone], return_counts=True)
    at_risk = a.size - np.searchsorted(np.sort(a), age, side="left")
    return Survival(age, np.asarray(np.cumprod(1.0 - exits / at_risk), dtype=np.float64))


def size_rank_slope(size: ArrayLike, minimum: float = 1.0) -> float:
    """Slope of ``ln(rank - 1/2)`` on ``ln(size)``: -1 is Zipf's law, Pr(size > s) ~ 1/s.

    Parameters
    ----------
    size
        Sizes of firms, shape (n,), jobs.
    minimum
        Smallest size that counts, jobs, positive.

    Returns
    -------
    float
        Minus the tail exponent; NaN with fewer than two different sizes.

    Raises
    ------
    ValueError
        On negative or non-finite sizes or a minimum that is not positive.

    Notes
    -----
    Rank 1 is the largest. The half corrects the bias of small samples: Gabaix & Ibragimov 2011,
    *Journal of Business & Economic Statistics* 29(1).
    """
    if not minimum > 0:
        raise ValueError(f"minimum: expected a positive size, got {minimum}")
    s = np.sort(amounts("size", size, 1))[::-1]
    s = s[s >= minimum]
    return _slope(np.log(s), np.log(np.arange(1, s.size + 1) - 0.5))


def size_class_slope(size: ArrayLike, bounds: ArrayLike) -> float:
    """Slope of ``ln Pr(size >= s)`` on ``ln s`` at the bounds s of published size classes.

    Parameters
    ----------
    size
        Sizes of firms, shape (n,), jobs.
    bounds
        Sizes s, shape (K,), jobs, positive, such as 1, 10, 20, 50, 250.

    Returns
    -------
    float
        Comparable with slopes of published tables; bounds that no firm reaches are left out; NaN
        with fewer than two left.

    Raises
    ------
    ValueError
        On negative or non-finite sizes or a bound that is not positive.
    """
    s = np.sort(amounts("size", size, 1))
    b = amounts("bounds", bounds, 1)
    if not (b > 0).all():
        raise ValueError("bounds: expected positive sizes")
    count = s.size - np.searchsorted(s, b, side="left")
    reached = count > 0
    # The number of firms n only shifts the line: Pr = count / n.
    return _slope(np.log(b[reached]), np.log(count[reached]))


def size_class_shares(
    size: ArrayLike, bounds: tuple[float, ...] = SIZE_CLASSES
) -> tuple[FloatArray, FloatArray]:
    """Shares of the size classes in firms and in jobs.

    Parameters
    ----------
    size
        Sizes of firms, shape (n,), jobs; firms of size 0 count as firms of the lowest class.
    bounds
        Sizes from which the next class begins, upwards: micro < 10 <= small < 50 <= medium < 250
        <= large.

    Returns
    -------
    firm_share, job_share : tuple of FloatArray
        Each of shape (len(bounds) + 1,), adding up to 1; NaN without firms or jobs.

    Raises
    ------
    ValueError
        On negative or non-finite sizes or bounds that do not rise.
    """
    s = amounts("size", size, 1)
    edges = amounts("bounds", bounds, 1)
    if (np.diff(edges) <= 0).any():
        raise ValueError(f"bounds: expected rising sizes, got {bounds}")
    place = np.searchsorted(edges, s, side="right")
    firms = np.bincount(place, minlength=edges.size + 1)
    jobs = np.bincount(place, weights=s, minlength=edges.size + 1)
    return ratio(firms, firms.sum(), empty=np.nan), ratio(jobs, jobs.sum(), empty=np.nan)


def excess_kurtosis(growth: ArrayLike) -> float:
    """Excess kurtosis of growth rates, ``m4 / m2^2 - 3``: 0 normal, 3 Laplace.

    Parameters
    ----------
    growth
        Growth rates (log differences), shape (n,); NaN is left out.

    Returns
    -------
    float
        Pure number, at least -2; NaN for fewer than two rates or no spread.

    Raises
    ------
    ValueError
        If it is not one-dimensional.
    """
    g = _known(growth)
    if g.size < 2 or g.min() == g.max():  # noqa: PLR2004 - spread needs two
        return float("nan")
    deviation = (g - g.mean()) / g.std()
    return float(np.mean(deviation**4) - 3.0)


def laplace_scale(growth: ArrayLike) -> float:
    """Scale b of the Laplace density ``exp(-|g - median| / b) / (2 b)``, by maximum likelihood.

    ``b = mean |g - median(g)|``.

    Parameters
    ----------
    growth
        Growth rates (log differences), shape (n,); NaN is left out.

    Returns
    -------
    float
        In the unit of the rates; NaN without rates.

    Raises
    ------
    ValueError
        If it is not one-dimensional.

    Notes
    -----
    Source: Bottazzi & Secchi 2006, *RAND Journal of Economics* 37(2), shape parameter 1.
    """
    g = _known(growth)
    return float(np.abs(g - np.median(g)).mean()) if g.size else float("nan")


def _known(growth: ArrayLike) -> FloatArray:
    """Rates without NaN."""
    g: FloatArray = array("growth", growth, 1)
    return g[~np.isnan(g)]


def _rate(name: str, events: ArrayLike, firms: ArrayLike, years: float) -> FloatArray:
    """Events per firm and year."""
    if not years > 0:
        raise ValueError(f"years: expected a positive length, got {years}")
    given = np.asarray(events, dtype=np.float64)
    count = amounts(name, given, given.ndim)
    active = amounts("firms", firms, given.ndim, given.shape)
    return ratio(count, active * years, empty=np.nan)


def _slope(x: FloatArray, y: FloatArray) -> float:
    """Least-squares slope of y on x; NaN where x does not vary."""
    if x.size == 0 or x.min() == x.max():
        return float("nan")
    centred = x - x.mean()
    return float((centred * (y - y.mean())).sum() / np.square(centred).sum())
