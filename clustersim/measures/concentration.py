"""How unequally something is spread: Herfindahl, Gini and Ellison–Glaeser."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, amounts, indices


def herfindahl(amount: ArrayLike, axis: int = -1) -> FloatArray:
    """Herfindahl–Hirschman index, ``HHI = sum_i (x_i / sum_i x_i)^2``.

    Parameters
    ----------
    amount
        Non-negative amounts (jobs, sales, ...) of any shape; the unit cancels.
    axis
        The axis that is summed over.

    Returns
    -------
    FloatArray
        The shape of ``amount`` without ``axis``, in [1/n, 1]; NaN where nothing is there.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or there is no axis to sum over.
    """
    given = np.asarray(amount, dtype=np.float64)
    if given.ndim == 0:
        raise ValueError("amount: expected an array, got a single number")
    x = amounts("amount", given, given.ndim)
    total = x.sum(axis=axis, keepdims=True)
    shares = np.divide(x, total, out=np.full_like(x, np.nan), where=total > 0)
    return np.asarray(np.square(shares).sum(axis=axis), dtype=np.float64)


def gini(values: ArrayLike, *, corrected: bool = False) -> float:
    """Gini coefficient, ``G = sum_i (2 i - n - 1) x_(i) / (n sum_i x_i)``, x sorted upwards.

    Parameters
    ----------
    values
        Non-negative values of any unit, shape (n,).
    corrected
        Multiply by ``n / (n - 1)``, so that "one has all" gives 1 and not ``1 - 1/n``.

    Returns
    -------
    float
        0 (all equal) to ``1 - 1/n``; NaN when nothing is there, or ``corrected`` with n = 1.

    Raises
    ------
    ValueError
        If it is not one-dimensional or a value is negative or not finite.
    """
    x = np.sort(amounts("values", values, 1))
    n = x.size
    if n == 0 or not x.sum() > 0 or (corrected and n == 1):
        return float("nan")
    rank = np.arange(1, n + 1)
    coefficient = float(((2 * rank - n - 1) * x).sum() / (n * x.sum()))
    return coefficient * n / (n - 1) if corrected else coefficient


def gini_specialisation(jobs: ArrayLike, reference: ArrayLike) -> float:
    """Gini coefficient of regional specialisation: of the location quotients of one region.

    ``G = 2 / (n^2 mean(R)) sum_i i (R_(i) - mean(R))`` with ``R_s = (e_s/e) / (f_s/f)`` sorted
    upwards, which is the plain Gini coefficient of R.

    Parameters
    ----------
    jobs
        Employment by sector in the region, shape (S,), jobs.
    reference
        Employment by sector in the whole, shape (S,), jobs; positive in every sector.

    Returns
    -------
    float
        0 (the structure of the whole) to ``1 - 1/S``.

    Raises
    ------
    ValueError
        If the lengths differ, a number is negative or not finite, the region has no jobs, or the
        whole has none in some sector.

    Notes
    -----
    Source: Farhauer & Kröll 2013, *Standorttheorien*; checked against their example.
    """
    here = amounts("jobs", jobs, 1)
    whole = amounts("reference", reference, 1, here.shape)
    if not here.sum() > 0:
        raise ValueError("jobs: the region has no jobs")
    if not (whole > 0).all():
        raise ValueError("reference: every sector needs jobs in the whole; leave out empty sectors")
    return gini((here / here.sum()) / (whole / whole.sum()))


def ellison_glaeser(plant_jobs: ArrayLike, region: ArrayLike, region_jobs: ArrayLike) -> float:
    """Ellison–Glaeser index of agglomeration of one industry, corrected for large plants.

    ``gamma = (G - (1 - sum x_r^2) H) / ((1 - sum x_r^2) (1 - H))`` with ``G = sum (s_r - x_r)^2``,
    s_r the industry's share in region r, x_r the share of all jobs there and H the Herfindahl
    index of the industry's plants.

    Parameters
    ----------
    plant_jobs
        Jobs of the industry's plants, shape (K,).
    region
        Region index of each plant, shape (K,), in ``range(R)``.
    region_jobs
        All jobs of the regions, shape (R,).

    Returns
    -------
    float
        0 when the plants lie as if thrown at a dartboard of jobs; above 0 agglomeration, below 0
        dispersion. NaN where it has no meaning: one plant, or all jobs in one region.

    Raises
    ------
    ValueError
        On wrong shapes, negative or non-finite numbers, a plant without region, or no jobs.

    Notes
    -----
    Source: Ellison & Glaeser 1997, *Journal of Political Economy* 105(5).
    """
    z = amounts("plant_jobs", plant_jobs, 1)
    x = amounts("region_jobs", region_jobs, 1)
    r = indices("region", region, x.size, size=z.size)
    if not (z.sum() > 0 and x.sum() > 0):
        raise ValueError("plant_jobs, region_jobs: both need a positive total")
    if (r < 0).any():
        raise ValueError("region: every plant needs a region (an index of at least 0)")
    x = x / x.sum()
    s = np.bincount(r, weights=z, minlength=x.size) / z.sum()
    h = float(herfindahl(z))
    spread = 1.0 - float(np.square(x).sum())
    # Rounding may leave a share of 1 a hair below it.
    if np.isclose(h, 1.0, rtol=0, atol=1e-12) or np.isclose(spread, 0.0, rtol=0, atol=1e-12):
        return float("nan")
    g = float(np.square(s - x).sum())
    return (g - spread * h) / (spread * (1.0 - h))
