"""Where ties lead, their history and their quality: local share, repetition and trust."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, amounts, indices, ratio


def repeat_share(source: ArrayLike, target: ArrayLike, n_nodes: int, history: int = 0) -> float:
    """Share of newly formed ties whose two nodes had a tie before.

    Parameters
    ----------
    source, target
        End points of the ties in the order in which they were formed, shape (E,), in
        ``range(n_nodes)``; direction does not matter.
    n_nodes
        Number of nodes.
    history
        The first so many ties only serve as the past and are not counted.

    Returns
    -------
    float
        In [0, 1]; NaN when no tie is left to count.

    Raises
    ------
    ValueError
        If the arrays differ in length or name a node that does not exist, or ``history`` is not in
        ``0..E``.
    """
    a = indices("source", source, n_nodes)
    b = indices("target", target, n_nodes, size=a.size)
    if a.size and min(a.min(), b.min()) < 0:
        raise ValueError("source, target: every tie needs two nodes (indices of at least 0)")
    if not 0 <= history <= a.size:
        raise ValueError(f"history: expected 0 to {a.size} ties, got {history}")
    if history == a.size:
        return float("nan")
    pair = np.minimum(a, b) * n_nodes + np.maximum(a, b)
    _, first = np.unique(pair, return_index=True)
    repeated = np.ones(a.size, dtype=np.bool_)
    repeated[first] = False
    return float(repeated[history:].mean())


def local_share(
    source_region: ArrayLike, target_region: ArrayLike, group: ArrayLike, n_groups: int
) -> FloatArray:
    """Share of each group's ties whose two ends are in the same region.

    Parameters
    ----------
    source_region, target_region
        Region of the two ends, shape (E,), indices of at least 0.
    group
        Group that a tie belongs to, such as the local industry of the buyer, shape (E,), in
        ``range(n_groups)``; -1 is in no group.
    n_groups
        Number of groups.

    Returns
    -------
    FloatArray
        Shape (n_groups,), in [0, 1]; NaN for a group without ties.

    Raises
    ------
    ValueError
        If the arrays differ in length or a group is out of range.
    """
    a, b = np.asarray(source_region), np.asarray(target_region)
    if a.shape != b.shape:
        raise ValueError(f"target_region: expected shape {a.shape}, got {b.shape}")
    g = indices("group", group, n_groups, size=a.size)
    same = (a == b)[g >= 0]
    g = g[g >= 0]
    local = np.bincount(g[same], minlength=n_groups)
    return ratio(local, np.bincount(g, minlength=n_groups), np.nan)


def mean_trust(trust: ArrayLike) -> float:
    """Mean trust over ties, in [0, 1]; NaN without ties.

    Parameters
    ----------
    trust
        Trust of the ties, shape (E,), in [0, 1].

    Raises
    ------
    ValueError
        If it is not one-dimensional or a value is outside [0, 1].
    """
    tau: FloatArray = amounts("trust", trust, 1)
    if (tau > 1).any():
        raise ValueError(f"trust: expected values in [0, 1], got {tau.max()}")
    return float(tau.mean()) if tau.size else float("nan")
