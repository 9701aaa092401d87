"""Knowledge of firms: heterogeneity, distance to the frontier, paradigm and lock-in."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, IntArray, amounts, array, indices, ratio

_CHUNK = 50_000  # rows at once: a large world is measured without a copy of its knowledge


def heterogeneity(knowledge: ArrayLike) -> float:
    """Mean pairwise cosine distance H of a set of knowledge vectors.

    ``H = 2 / (n (n-1)) sum_(i<j) (1 - u_i . u_j) = (n^2 - |sum_i u_i|^2) / (n (n-1))`` with
    ``u = k / |k|``: the sum of the unit vectors gives in O(n M) what pairs would give in O(n^2 M).

    Parameters
    ----------
    knowledge
        Knowledge k >= 0, shape (n, M fields), units of the world frontier. A vector of zeros has
        no direction and is left out.

    Returns
    -------
    float
        0 (all alike in direction) to 1 (nothing in common); NaN for fewer than two vectors.

    Raises
    ------
    ValueError
        If it is not two-dimensional, or an entry is negative or not finite.
    """
    vectors = amounts("knowledge", knowledge, 2)
    return float(heterogeneity_by_group(vectors, np.zeros(len(vectors), dtype=np.int64), 1)[0])


def heterogeneity_by_group(knowledge: ArrayLike, group: ArrayLike, n_groups: int) -> FloatArray:
    """Heterogeneity H (see `heterogeneity`) within every group.

    Parameters
    ----------
    knowledge
        Knowledge k >= 0, shape (n, M fields), units of the world frontier.
    group
        Group of each vector, shape (n,), in ``range(n_groups)``; -1 is in no group.
    n_groups
        Number of groups.

    Returns
    -------
    FloatArray
        Shape (n_groups,), in [0, 1]; NaN for a group of fewer than two vectors that are not zero.

    Raises
    ------
    ValueError
        On wrong shapes, negative or non-finite knowledge, or a group out of range.
    """
    vectors = array("knowledge", knowledge, 2)
    g = indices("group", group, n_groups, size=vectors.shape[0])
    total = np.zeros((n_groups, vectors.shape[1]))
    n = np.zeros(n_groups)
    for first in range(0, len(vectors), _CHUNK):
        part = slice(first, first + _CHUNK)
        _add_units(amounts("knowledge", vectors[part], 2), g[part], total, n)
    squared = np.einsum("gm,gm->g", total, total)
    return np.clip(ratio(n * n - squared, n * (n - 1), empty=np.nan), 0.0, 1.0)


def _add_units(k: FloatArray, g: IntArray, total: FloatArray, n: FloatArray) -> None:
    """Add the unit vectors of some rows to the totals of their groups, and count them."""
    # Dividing by the largest entry first keeps the squares of tiny vectors from underflowing.
    largest = k.max(axis=1, initial=0.0)
    used = np.flatnonzero((largest > 0) & (g >= 0))
    unit = k[used] / largest[used, None]
    unit /= np.sqrt(np.einsum("nm,nm->n", unit, unit))[:, None]
    cell = g[used, None] * unit.shape[1] + np.arange(unit.shape[1])
    total += np.bincount(cell.ravel(), unit.ravel(), total.size).reshape(total.shape)
    n += np.bincount(g[used], minlength=n.size)


def frontier_gap(knowledge: ArrayLike, relevance: ArrayLike) -> FloatArray:
    """Distance to the world frontier in what matters, ``1 - sum_m w_m k_m``.

    Parameters
    ----------
    knowledge
        Knowledge k >= 0, shape (n, M), units of the world frontier (= 1).
    relevance
        Relevance w of the fields, shape (M,) or (n, M), adding up to 1 over the fields.

    Returns
    -------
    FloatArray
        Shape (n,); 0 at the frontier, 1 with no relevant knowledge, below 0 beyond the frontier.

    Raises
    ------
    ValueError
        On wrong shapes, a negative or non-finite entry, or a relevance that does not add up to 1.
    """
    k = amounts("knowledge", knowledge, 2)
    w = _relevance("relevance", relevance, k.shape)
    return np.asarray(1.0 - (w * k).sum(axis=1))


def newer_paradigm_share(
    knowledge: ArrayLike, older_relevance: ArrayLike, newer_relevance: ArrayLike
) -> FloatArray:
    """Share of what a firm knows for either paradigm that serves the newer one.

    ``share = k.w_new / (k.w_old + k.w_new)``; its mean weighted by jobs (`mean_by_group`) is the
    share of employment on the newer paradigm.

    Parameters
    ----------
    knowledge
        Knowledge k >= 0, shape (n, M), units of the world frontier.
    older_relevance, newer_relevance
        Relevance of the fields before and after the change, shape (M,) or (n, M), adding up to 1.

    Returns
    -------
    FloatArray
        Shape (n,), in [0, 1]; NaN without knowledge for either.

    Raises
    ------
    ValueError
        On wrong shapes, a negative or non-finite entry, or a relevance that does not add up to 1.
    """
    k = amounts("knowledge", knowledge, 2)
    older = (_relevance("older_relevance", older_relevance, k.shape) * k).sum(axis=1)
    newer = (_relevance("newer_relevance", newer_relevance, k.shape) * k).sum(axis=1)
    return ratio(newer, older + newer, empty=np.nan)


def lock_in(
    knowledge: ArrayLike, older_relevance: ArrayLike, newer_relevance: ArrayLike
) -> FloatArray:
    """Technological lock-in: how much of the knowledge touched by a change lies where it loses.

    ``L = sum_m k_m max(d_m, 0) / sum_m k_m |d_m|`` with ``d = w_old - w_new``. Fields whose
    relevance does not move count for nothing.

    Parameters
    ----------
    knowledge
        Knowledge k >= 0, shape (n, M), units of the world frontier.
    older_relevance, newer_relevance
        Relevance of the fields before and after the change, shape (M,) or (n, M), adding up to 1.

    Returns
    -------
    FloatArray
        Shape (n,): 1 is all in fading fields (locked in), 0 all in rising ones, 1/2 balanced. NaN
        where nothing changes or the firm knows nothing that is touched.

    Raises
    ------
    ValueError
        On wrong shapes, a negative or non-finite entry, or a relevance that does not add up to 1.

    Notes
    -----
    The definition is an assumption: the literature describes lock-in without measuring it so
    (Grabher 1993; Østergaard & Park 2015).
    """
    k = amounts("knowledge", knowledge, 2)
    older = _relevance("older_relevance", older_relevance, k.shape)
    newer = _relevance("newer_relevance", newer_relevance, k.shape)
    fading = older - newer
    lost = (k * np.maximum(fading, 0.0)).sum(axis=1)
    gained = (k * np.maximum(-fading, 0.0)).sum(axis=1)
    return ratio(lost, lost + gained, empty=np.nan)


def mean_by_group(
    values: ArrayLike, weights: ArrayLike, group: ArrayLike, n_groups: int
) -> FloatArray:
    """Weighted mean of a firm-level value in every group, ``sum w v / sum w``.

    Parameters
    ----------
    values
        Shape (n,), any unit; NaN is left out.
    weights
        Weight (such as jobs), shape (n,), at least 0.
    group
        Group, shape (n,), in ``range(n_groups)``; -1 is in no group.
    n_groups
        Number of groups.

    Returns
    -------
    FloatArray
        Shape (n_groups,), the unit of ``values``; NaN for a group without weight.

    Raises
    ------
    ValueError
        On wrong shapes, a negative weight, or a group out of range.
    """
    v: FloatArray = array("values", values, 1)
    w = amounts("weights", weights, 1, v.shape)
    g: IntArray = indices("group", group, n_groups, size=v.size)
    used = (g >= 0) & ~np.isnan(v)
    if not used.all():
        v, w, g = v[used], w[used], g[used]
    total = np.bincount(g, weights=w, minlength=n_groups)
    weighted = np.bincount(g, weights=w * v, minlength=n_groups)
    return ratio(weighted, total, empty=np.nan)


def _relevance(name: str, values: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Check relevance of shape (M,) or (n, M) that adds up to 1 over the fields."""
    given = np.asarray(values, dtype=np.float64)
    w = amounts(name, given, given.ndim, shape if given.ndim > 1 else shape[-1:])
    if w.size and not np.allclose(w.sum(axis=-1), 1.0, rtol=0, atol=1e-6):
        raise ValueError(f"{name}: expected to add up to 1 over the fields")
    return w
