"""Productivity: aggregate, Olley–Pakes decomposition and the premium of clusters."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, IntArray, amounts, array, indices, ratio


class OlleyPakes(NamedTuple):
    """Static decomposition of aggregate productivity; all in the unit of productivity."""

    aggregate: float
    """Mean weighted by jobs."""
    unweighted_mean: float
    """Productivity of the average firm."""
    covariance: float
    """What is gained because the better firms are the larger: aggregate less unweighted mean."""


def weighted_productivity(productivity: ArrayLike, employment: ArrayLike) -> float:
    """Mean productivity weighted by jobs, ``sum e_i a_i / sum e_i``.

    Parameters
    ----------
    productivity
        Value added per job, shape (n,), any unit.
    employment
        Jobs, shape (n,), at least 0.

    Returns
    -------
    float
        In the unit of productivity; NaN without jobs.

    Raises
    ------
    ValueError
        On wrong shapes, NaN or infinite productivity, or negative employment.
    """
    a, e = _firms(productivity, employment)
    return float((a * e).sum() / e.sum()) if e.sum() > 0 else float("nan")


def olley_pakes(productivity: ArrayLike, employment: ArrayLike) -> OlleyPakes:
    """Olley–Pakes decomposition, ``sum s_i a_i = mean(a) + sum (s_i - mean(s)) (a_i - mean(a))``.

    Parameters
    ----------
    productivity
        Value added per job, or its logarithm, shape (n,).
    employment
        Jobs, shape (n,), at least 0; ``s_i = e_i / sum e``.

    Returns
    -------
    OlleyPakes
        Aggregate, unweighted mean and covariance; NaN without jobs.

    Raises
    ------
    ValueError
        On wrong shapes, NaN or infinite productivity, or negative employment.

    Notes
    -----
    Source: Olley & Pakes 1996, *Econometrica* 64(6), eq. 16.
    """
    a, e = _firms(productivity, employment)
    if not e.sum() > 0:
        return OlleyPakes(float("nan"), float("nan"), float("nan"))
    share = e / e.sum()
    mean = float(a.mean())
    covariance = float(((share - share.mean()) * (a - mean)).sum())
    return OlleyPakes(float((share * a).sum()), mean, covariance)


def cluster_premium(productivity: ArrayLike, employment: ArrayLike, in_cluster: ArrayLike) -> float:
    """Productivity of jobs in clusters over that of all jobs, less 1 (0.25 is +25 %).

    Parameters
    ----------
    productivity
        Value added per job, shape (n,), any unit, positive on average.
    employment
        Jobs, shape (n,), at least 0.
    in_cluster
        Whether the firm (or local industry) is in a cluster, shape (n,), boolean.

    Returns
    -------
    float
        Pure number; NaN without jobs in clusters.

    Raises
    ------
    ValueError
        On wrong shapes, negative employment, or mean productivity that is not positive.

    Notes
    -----
    The comparison of the *European Panorama of Clusters and Industrial Change 2020* is with the
    average of the economy, clusters included.
    """
    inside = np.asarray(in_cluster)
    if inside.dtype != np.bool_:
        raise ValueError(f"in_cluster: expected true or false, got {inside.dtype}")
    return float(premium_by_class(productivity, employment, inside.astype(np.int64), 2)[1])


def premium_by_class(
    productivity: ArrayLike, employment: ArrayLike, strength: ArrayLike, n_classes: int
) -> FloatArray:
    """Productivity of the jobs of each class over that of all jobs, less 1.

    Parameters
    ----------
    productivity
        Value added per job, shape (n,), any unit, positive on average.
    employment
        Jobs, shape (n,), at least 0.
    strength
        Class of the firm (or local industry), shape (n,), in ``range(n_classes)``; -1 counts in
        the whole only.
    n_classes
        Number of classes.

    Returns
    -------
    FloatArray
        Shape (n_classes,), pure numbers; NaN for a class without jobs.

    Raises
    ------
    ValueError
        On wrong shapes, negative employment, or mean productivity that is not positive.
    """
    a, e = _firms(productivity, employment)
    c: IntArray = indices("strength", strength, n_classes, size=a.size)
    whole = weighted_productivity(a, e)
    if whole <= 0:
        raise ValueError(f"productivity: expected a positive mean, got {whole}")
    known = c >= 0
    jobs = np.bincount(c[known], weights=e[known], minlength=n_classes)
    value = np.bincount(c[known], weights=(a * e)[known], minlength=n_classes)
    return ratio(value, jobs, empty=np.nan) / whole - 1.0


def _firms(productivity: ArrayLike, employment: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Check productivity and employment of the same firms."""
    e = amounts("employment", employment, 1)
    a: FloatArray = array("productivity", productivity, 1, e.shape)
    if not np.isfinite(a).all():
        raise ValueError("productivity: expected finite numbers; leave out firms without value")
    return a, e
