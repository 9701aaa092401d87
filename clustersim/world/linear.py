"""Small products in a fixed order of summation.

A BLAS library chooses its loops by the processor, so that ``a @ b`` differs in the last bit between
machines, and with it a whole run. These products are small; a plain loop is as fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.world.kernel import kernel
from clustersim.world.rows import dot
from clustersim.world.types import Floats


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
