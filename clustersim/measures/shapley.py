"""Shapley values: what each of several causes adds, when what they add depends on the others."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray

MOST = 16
"""Causes at most: 2**16 worlds are more than anybody runs."""


def shapley(values: ArrayLike) -> FloatArray:
    """Share of each of k causes in the difference between the world with all and with none.

    The value of cause i is the mean of what it adds over all orders in which the causes can be
    switched on::

        phi_i = sum over T without i of |T|! (k - |T| - 1)! / k! (v(T + i) - v(T))

    It is the only rule under which the parts add up to ``v(all) - v(none)``, a cause that never
    changes anything gets nothing, causes that do the same get the same, and the parts of a sum of
    two quantities are the sums of their parts.

    Parameters
    ----------
    values
        What is measured in each world, shape (2**k, ...). World number ``t`` has cause i switched
        on if bit i of t is set: 0 is the world without any, ``2**k - 1`` the world with all.

    Returns
    -------
    FloatArray
        Shape (k, ...), in the unit of the values; NaN where a world it needs is NaN.

    Raises
    ------
    ValueError
        If the number of worlds is no power of two, or above ``2**MOST``.

    Notes
    -----
    Source: Shapley 1953, *A value for n-person games*; for decompositions of economic measures
    Shorrocks 2013, *Journal of Economic Inequality* 11.
    """
    v = np.asarray(values, dtype=np.float64)
    k = n_causes(v)
    worlds = np.arange(len(v))
    others = np.array([int(world).bit_count() for world in worlds])
    factorial = [math.factorial(i) for i in range(k + 1)]
    result = np.zeros((k, *v.shape[1:]))
    for i in range(k):
        without = worlds[(worlds >> i) & 1 == 0]
        weight = np.array(
            [factorial[n] * factorial[k - n - 1] / factorial[k] for n in others[without]]
        )
        added = v[without | (1 << i)] - v[without]
        result[i] = np.tensordot(weight, added, axes=(0, 0))
    return result


def n_causes(values: FloatArray) -> int:
    """Return k of values of ``2**k`` worlds.

    Raises
    ------
    ValueError
        If their number is no power of two, or above ``2**MOST``.
    """
    worlds = len(values) if values.ndim else 0
    if worlds < 1 or worlds & (worlds - 1) or worlds > 1 << MOST:
        raise ValueError(f"values: expected 2**k worlds with k up to {MOST}, got {worlds}")
    return worlds.bit_length() - 1
