"""Small products and sums in a fixed order of summation.

A BLAS library chooses its loops by the processor, so that ``a @ b`` differs in the last bit between
machines, and with it a whole run. These products are small; a plain loop is as fast.

The sums are for kernels, and add in the order of NumPy's ``sum``, on which stored results rest.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from clustersim.world.kernel import kernel
from clustersim.world.rows import dot
from clustersim.world.types import Floats

_LANES: Final = 8
_BLOCK: Final = 128


def product(first: Floats, second: Floats) -> Floats:
    """Return the matrix product, shape (n, m), of arrays of shape (n, k) and (k, m)."""
    out = np.zeros((first.shape[0], second.shape[1]))
    _multiply(np.ascontiguousarray(first), np.ascontiguousarray(second), out)
    return out


def cosine(first: Floats, second: Floats) -> Floats:
    """Return the cosine between the rows of two arrays, shape (n, m); 0 where one is zero.

    Parameters
    ----------
    first, second
        Shapes (n, k) and (m, k).
    """
    out = np.zeros((first.shape[0], second.shape[0]))
    _cosines(np.ascontiguousarray(first), np.ascontiguousarray(second), out)
    return out


@kernel
def _cosines(first: Any, second: Any, out: Any) -> None:
    for i in range(out.shape[0]):
        squared = dot(first, i, first, i)
        for j in range(out.shape[1]):
            length = np.sqrt(squared) * np.sqrt(dot(second, j, second, j))
            if length > 0.0:
                out[i, j] = dot(first, i, second, j) / length


@kernel
def _multiply(first: Any, second: Any, out: Any) -> None:
    for i in range(out.shape[0]):
        for k in range(first.shape[1]):
            for j in range(out.shape[1]):
                out[i, j] += first[i, k] * second[k, j]


@kernel
def total(values: Any) -> Any:
    """Return the sum of some numbers, shape (n,), in pairs as NumPy adds them."""
    n = values.size
    if n > _BLOCK:
        half = n // 2
        half -= half % _LANES
        return total(values[:half]) + total(values[half:])
    whole = n - n % _LANES
    out = 0.0
    if whole > 0:
        a = values[:_LANES].copy()
        for i in range(_LANES, whole):
            a[i % _LANES] += values[i]
        out = ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))
    for i in range(whole, n):
        out += values[i]
    return out


@kernel
def row_sums(table: Any) -> Any:
    """Return what the rows of a table of shape (n, m) add up to, shape (n,): ``sum(axis=1)``."""
    out = np.empty(table.shape[0])
    for i in range(out.size):
        out[i] = total(table[i])
    return out


@kernel
def column_sums(table: Any) -> Any:
    """Return what the columns of a table of shape (n, m) add up to, shape (m,): ``sum(axis=0)``."""
    if table.shape[1] == 1:  # NumPy adds a single column as if it were a row
        return np.full(1, total(table[:, 0]))
    out = np.zeros(table.shape[1])
    for i in range(table.shape[0]):
        for j in range(out.size):
            out[j] += table[i, j]
    return out
