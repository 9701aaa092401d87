"""Which sectors go together, and how close a region is to a sector it might enter."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, amounts, ratio
from clustersim.measures.specialisation import location_quotient


def proximity(jobs: ArrayLike, threshold: float = 1.0) -> FloatArray:
    """Proximity of sectors by co-specialisation of regions (Hidalgo et al. 2007).

    ``phi_st = min(P(s | t), P(t | s)) = n_st / max(n_s, n_t)``: n_s regions have a location
    quotient of at least ``threshold`` in s, n_st in both.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.
    threshold
        Location quotient from which a region counts as specialised.

    Returns
    -------
    FloatArray
        Shape (S, S), symmetric, in [0, 1]; the diagonal is 0, so that a sector is not its own
        neighbour.

    Raises
    ------
    ValueError
        If ``jobs`` is no employment table or ``threshold`` is not positive.

    Notes
    -----
    Source: Hidalgo, Klinger, Barabási & Hausmann 2007, *Science* 317.
    """
    if not threshold > 0:
        raise ValueError(f"threshold: expected a positive location quotient, got {threshold}")
    present = (location_quotient(jobs) >= threshold).astype(np.float64)
    together = present.T @ present
    count = present.sum(axis=0)
    result = ratio(together, np.maximum(count[:, None], count[None, :]))
    np.fill_diagonal(result, 0.0)
    return result


def relatedness_density(
    jobs: ArrayLike, phi: ArrayLike | None = None, threshold: float = 1.0
) -> FloatArray:
    """Share of a sector's related sectors, by proximity, in which the region is specialised.

    ``d_rs = sum_t phi_st M_rt / sum_t phi_st``, M_rt = 1 where ``LQ_rt >= threshold``.

    Parameters
    ----------
    jobs
        Employment, shape (R, S), jobs.
    phi
        Proximity of sectors, shape (S, S); that of `proximity` when left out.
    threshold
        Location quotient from which a region counts as specialised.

    Returns
    -------
    FloatArray
        Shape (R, S), in [0, 1]; 0 for a sector without related sectors.

    Raises
    ------
    ValueError
        If ``jobs`` is no employment table, ``phi`` has another shape or a negative entry, or
        ``threshold`` is not positive.

    Notes
    -----
    Source: Hidalgo et al. 2007; as a share of regions' capabilities Boschma, Balland & Kogler 2015.
    """
    if not threshold > 0:
        raise ValueError(f"threshold: expected a positive location quotient, got {threshold}")
    present = (location_quotient(jobs) >= threshold).astype(np.float64)
    n = present.shape[1]
    related = proximity(jobs, threshold) if phi is None else amounts("phi", phi, 2, (n, n))
    return ratio(present @ related.T, related.sum(axis=1))
