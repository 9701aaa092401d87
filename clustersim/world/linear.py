"""Small products in a fixed order of summation.

A BLAS library chooses its loops by the processor, so that ``a @ b`` differs in the last bit between
machines, and with it a whole run. These products are small; a plain loop is as fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.world.kernel import kernel
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
    length = np.outer(np.sqrt((first**2).sum(axis=1)), np.sqrt((second**2).sum(axis=1)))
    dots = product(first, second.T)
    return np.divide(dots, length, out=np.zeros_like(dots), where=length > 0.0)


@kernel
def _multiply(first: Any, second: Any, out: Any) -> None:
    for i in range(out.shape[0]):
        for k in range(first.shape[1]):
            for j in range(out.shape[1]):
                out[i, j] += first[i, k] * second[k, j]
