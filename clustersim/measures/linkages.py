"""Input–output linkages: Leontief inverse, backward and forward linkages."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, amounts


def technical_coefficients(flows: ArrayLike, output: ArrayLike) -> FloatArray:
    """Input coefficients, ``A_st = z_st / x_t``: input from s for one unit of output of t.

    Parameters
    ----------
    flows
        Deliveries z from row sector to column sector, shape (S, S), money a year.
    output
        Gross output x, shape (S,), the same unit, positive.

    Returns
    -------
    FloatArray
        Shape (S, S), pure numbers.

    Raises
    ------
    ValueError
        On wrong shapes, negative or non-finite flows, or a sector without output.
    """
    z, x = _table(flows, output)
    return z / x[None, :]


def allocation_coefficients(flows: ArrayLike, output: ArrayLike) -> FloatArray:
    """Output coefficients, ``B_st = z_st / x_s``: share of s's output that goes to t (Ghosh 1958).

    Parameters and errors as for `technical_coefficients`.

    Returns
    -------
    FloatArray
        Shape (S, S), pure numbers.
    """
    z, x = _table(flows, output)
    return z / x[:, None]


def leontief_inverse(coefficients: ArrayLike) -> FloatArray:
    """Total requirements, ``L = (I - A)^-1 = I + A + A^2 + ...``.

    Parameters
    ----------
    coefficients
        Input coefficients A, shape (S, S). With output coefficients the result is the Ghosh
        inverse.

    Returns
    -------
    FloatArray
        Shape (S, S): output of s needed, directly and indirectly, for one unit of final demand
        for t.

    Raises
    ------
    ValueError
        If A is not square, has a negative entry, or its largest eigenvalue is not below 1: then
        a unit of output takes more than a unit of inputs and the series has no sum.
    """
    a = amounts("coefficients", coefficients, 2)
    if a.shape[0] != a.shape[1]:
        raise ValueError(f"coefficients: expected a square table, got shape {a.shape}")
    radius = float(np.abs(np.linalg.eigvals(a)).max(initial=0.0))
    if not radius < 1:
        raise ValueError(
            f"coefficients: the largest eigenvalue is {radius:.6g}, expected below 1; "
            "check that flows and output have the same unit"
        )
    return np.asarray(np.linalg.inv(np.eye(a.shape[0]) - a), dtype=np.float64)


def backward_linkages(flows: ArrayLike, output: ArrayLike) -> FloatArray:
    """Output set off in all sectors by one unit of final demand: column sums of the inverse.

    Parameters
    ----------
    flows
        Deliveries from row sector to column sector, shape (S, S), money a year. Domestic flows
        give domestic linkages.
    output
        Gross output, shape (S,), the same unit, positive.

    Returns
    -------
    FloatArray
        Shape (S,), at least 1. Divide by the mean for Rasmussen's normalised form.

    Raises
    ------
    ValueError
        See `technical_coefficients` and `leontief_inverse`.

    Notes
    -----
    Source: Eurostat 2008, *Manual of Supply, Use and Input–Output Tables*, ch. 15; checked against
    its German table.
    """
    return np.asarray(leontief_inverse(technical_coefficients(flows, output)).sum(axis=0))


def forward_linkages(flows: ArrayLike, output: ArrayLike) -> FloatArray:
    """Output enabled in all sectors by one unit of primary input: row sums of the Ghosh inverse.

    Parameters
    ----------
    flows
        Deliveries from row sector to column sector, shape (S, S), money a year.
    output
        Gross output, shape (S,), the same unit, positive.

    Returns
    -------
    FloatArray
        Shape (S,), at least 1.

    Raises
    ------
    ValueError
        See `technical_coefficients` and `leontief_inverse`.

    Notes
    -----
    Source: Miller & Blair 2009, *Input–Output Analysis*, ch. 12: the Ghosh form, not the row sums
    of the Leontief inverse, which weigh a sector by unequal sizes.
    """
    return np.asarray(leontief_inverse(allocation_coefficients(flows, output)).sum(axis=1))


def _table(flows: ArrayLike, output: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Check a flow table and its output."""
    x = amounts("output", output, 1)
    z = amounts("flows", flows, 2, (x.size, x.size))
    if not (x > 0).all():
        raise ValueError("output: every sector needs a positive output; leave out empty sectors")
    return z, x
