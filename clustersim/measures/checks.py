"""Checks of the arrays given to the measures: clear errors instead of wrong numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def array(name: str, values: ArrayLike, ndim: int, shape: tuple[int, ...] | None = None) -> Any:
    """Return ``values`` as a float64 array of ``ndim`` dimensions; NaN and signs are not checked.

    Raises
    ------
    ValueError
        If the number of dimensions, or the shape where one is given, is another.
    """
    result = np.asarray(values, dtype=np.float64)
    if result.ndim != ndim:
        raise ValueError(f"{name}: expected {ndim} dimension(s), got shape {result.shape}")
    if shape is not None and result.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, got {result.shape}")
    return result


def amounts(
    name: str, values: ArrayLike, ndim: int, shape: tuple[int, ...] | None = None
) -> FloatArray:
    """Return ``values`` as a float64 array of finite, non-negative numbers.

    Raises
    ------
    ValueError
        On a wrong shape, or a value that is negative, NaN or infinite.
    """
    result: FloatArray = array(name, values, ndim, shape)
    # The ends tell of all at once, NaN included; the place is sought only where one is wrong.
    if result.size and not (result.min() >= 0 and result.max() < np.inf):
        bad = ~(np.isfinite(result) & (result >= 0))
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ValueError(
            f"{name}: expected finite numbers of at least 0, got {result[where]} at index "
            f"{where[0] if ndim == 1 else where}"
        )
    return result


def jobs_table(jobs: ArrayLike) -> FloatArray:
    """Return employment as a float64 table of shape (regions, sectors) with a positive total.

    Raises
    ------
    ValueError
        If it is not two-dimensional, has a negative or non-finite cell, or holds no job at all.
    """
    table = amounts("jobs", jobs, 2)
    if not table.sum() > 0:
        raise ValueError("jobs: the table holds no job; at least one cell must be positive")
    return table


def indices(name: str, values: ArrayLike, count: int, *, size: int | None = None) -> IntArray:
    """Return ``values`` as int64 indices into ``range(count)``; -1 means "none".

    Raises
    ------
    ValueError
        If they are not whole numbers of one dimension, not ``size`` many, or out of range.
    """
    given = np.asarray(values)
    if given.ndim != 1 or (size is not None and given.size != size):
        wanted = "one dimension" if size is None else f"shape ({size},)"
        raise ValueError(f"{name}: expected {wanted}, got shape {given.shape}")
    if given.size and given.dtype.kind not in "iu":
        raise ValueError(f"{name}: expected whole numbers (an integer array), got {given.dtype}")
    result: IntArray = given.astype(np.int64)
    if result.size and (result.min() < -1 or result.max() >= count):
        raise ValueError(
            f"{name}: expected indices from -1 (none) to {count - 1}, got "
            f"{int(result.min())} to {int(result.max())}"
        )
    return result


def ratio(numerator: ArrayLike, denominator: ArrayLike, empty: float = 0.0) -> FloatArray:
    """Divide element by element; where the denominator is zero the result is ``empty``."""
    top = np.asarray(numerator, dtype=np.float64)
    bottom = np.asarray(denominator, dtype=np.float64)
    shape = top.shape if top.shape == bottom.shape else np.broadcast_shapes(top.shape, bottom.shape)
    result: FloatArray = np.full(shape, empty)
    np.divide(top, bottom, out=result, where=bottom != 0)
    return result


def entropy(shares: ArrayLike, axis: int = -1) -> FloatArray:
    """Shannon entropy in bits, ``sum_i p_i log2(1 / p_i)``, with ``0 log(1/0) = 0``."""
    p = np.asarray(shares, dtype=np.float64)
    logs = np.zeros_like(p)
    np.log2(p, out=logs, where=p > 0)
    result: FloatArray = np.maximum(-np.sum(p * logs, axis=axis), 0.0)
    return result
