"""Least squares with fixed effects, as the econometric sources of the facts use it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, IntArray

_ROUNDING = 1e-12


def within(values: ArrayLike, group: IntArray) -> FloatArray:
    """Return values less the mean of their group, shape (n,).

    Parameters
    ----------
    values
        Shape (n,).
    group
        Number of the group of each, 0 or more, shape (n,).
    """
    x = np.asarray(values, dtype=np.float64)
    count = np.bincount(group)
    total = np.bincount(group, weights=x)
    return np.asarray(x - (total / np.maximum(count, 1))[group])


def groups(*labels: ArrayLike) -> IntArray:
    """Return one number for each combination of labels, shape (n,), from 0 without gaps."""
    stacked = np.stack([np.asarray(label, dtype=np.int64) for label in labels])
    _, number = np.unique(stacked, axis=1, return_inverse=True)
    return np.asarray(number, dtype=np.int64).reshape(-1)


def slopes(y: ArrayLike, regressors: list[FloatArray], group: IntArray | None = None) -> FloatArray:
    """Return the least-squares slopes of y on the regressors, shape (K,).

    Parameters
    ----------
    y
        Shape (n,).
    regressors
        K arrays of shape (n,).
    group
        Fixed effects: all are taken within these groups; one common intercept if left out.

    Returns
    -------
    FloatArray
        NaN where there are fewer observations than slopes, or a regressor does not vary.
    """
    common = np.zeros(np.size(y), dtype=np.int64) if group is None else group
    if common.size <= len(regressors):
        return np.full(len(regressors), np.nan)
    raw = np.stack(regressors, axis=1)
    x = np.stack([within(regressor, common) for regressor in regressors], axis=1)
    # What is left of a constant once its mean is taken is rounding, and must not count.
    constant = np.abs(x).max(axis=0) <= _ROUNDING * np.abs(raw).max(axis=0)
    if constant.any() or np.linalg.matrix_rank(x) < x.shape[1]:
        return np.full(len(regressors), np.nan)
    found, *_ = np.linalg.lstsq(x, within(y, common), rcond=None)
    return np.asarray(found, dtype=np.float64)
