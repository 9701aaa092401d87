"""Structure of a network of ties: degrees, clustering, assortativity, hierarchy, groups.

A network is given as its `adjacency`, built once from the edge arrays: undirected, unweighted, at
most one tie between two nodes, none of a node with itself. Paths are in `paths`, brokers in
`brokerage`, the history of ties in `ties`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import FloatArray, IntArray, indices, ratio


def adjacency(source: ArrayLike, target: ArrayLike, n_nodes: int) -> Any:
    """Build the adjacency of the simple undirected network with these ties.

    Parameters
    ----------
    source, target
        End points of the ties, shape (E,), in ``range(n_nodes)``. Direction, repetition and ties
        of a node with itself are dropped.
    n_nodes
        Number of nodes N, those without ties included.

    Returns
    -------
    scipy.sparse.csr_array
        Shape (N, N), symmetric, float64, entries 1, indices sorted.

    Raises
    ------
    ValueError
        If the arrays differ in length, are not whole numbers, or name a node that does not exist.
    """
    from scipy import sparse

    if n_nodes < 0:
        raise ValueError(f"n_nodes: expected at least 0, got {n_nodes}")
    a = indices("source", source, n_nodes)
    b = indices("target", target, n_nodes, size=a.size)
    if a.size and min(a.min(), b.min()) < 0:
        raise ValueError("source, target: every tie needs two nodes (indices of at least 0)")
    low, high = np.minimum(a, b), np.maximum(a, b)
    key = np.unique((low * n_nodes + high)[low != high])
    low, high = key // max(n_nodes, 1), key % max(n_nodes, 1)
    matrix = sparse.csr_array(
        (np.ones(2 * key.size), (np.r_[low, high], np.r_[high, low])), shape=(n_nodes, n_nodes)
    )
    matrix.sort_indices()
    return matrix


def degree(network: Any) -> IntArray:
    """Degree (number of partners) of every node.

    Parameters
    ----------
    network
        Result of `adjacency`, N nodes.

    Returns
    -------
    IntArray
        Shape (N,).
    """
    return np.asarray(np.diff(network.indptr), dtype=np.int64)


def mean_degree(network: Any) -> float:
    """Mean number of partners, ``2 E / N``; NaN without nodes."""
    k = degree(network)
    return float(k.mean()) if k.size else float("nan")


def degree_distribution(network: Any) -> FloatArray:
    """Share of nodes with each degree, shape (largest degree + 1,), adding up to 1.

    Parameters
    ----------
    network
        Result of `adjacency`; without nodes the distribution is empty.
    """
    k = degree(network)
    return np.bincount(k) / k.size if k.size else np.empty(0)


def triangles(network: Any) -> IntArray:
    """Triangles through every node, ``(A^2 o A) 1 / 2``, shape (N,)."""
    if not network.shape[0]:
        return np.empty(0, dtype=np.int64)
    closed = np.asarray((network @ network).multiply(network).sum(axis=1)).ravel()
    return np.rint(closed / 2).astype(np.int64)


def local_clustering(network: Any) -> FloatArray:
    """Local clustering coefficient, ``C_i = 2 t_i / (k_i (k_i - 1))``, 0 below two partners.

    Parameters
    ----------
    network
        Result of `adjacency`, N nodes.

    Returns
    -------
    FloatArray
        Shape (N,), in [0, 1].

    Notes
    -----
    Source: Watts & Strogatz 1998, *Nature* 393.
    """
    k = degree(network).astype(np.float64)
    return ratio(2.0 * triangles(network), k * (k - 1))


def clustering(network: Any) -> float:
    """Mean local clustering coefficient over all nodes; NaN without nodes."""
    local = local_clustering(network)
    return float(local.mean()) if local.size else float("nan")


def assortativity(network: Any) -> float:
    """Degree assortativity: Pearson correlation of the degrees at the two ends of a tie.

    Parameters
    ----------
    network
        Result of `adjacency`.

    Returns
    -------
    float
        -1 to 1; NaN when all ties join equal degrees, or there is none.

    Notes
    -----
    Source: Newman 2002, *Physical Review Letters* 89. Every tie counts in both directions.
    """
    k = degree(network).astype(np.float64)
    here = np.repeat(k, k.astype(np.int64))
    there = k[network.indices]
    if here.size == 0 or here.min() == here.max():
        return float("nan")
    centred = here - here.mean()
    return float((centred * (there - there.mean())).sum() / np.square(centred).sum())


def hierarchy(network: Any) -> float:
    """Degree hierarchy: minus the slope of log degree on log rank, over nodes with a tie.

    ``ln k_i = c - a ln(rank_i)``, rank 1 the node with most partners; a is returned.

    Parameters
    ----------
    network
        Result of `adjacency`.

    Returns
    -------
    float
        0 for equal degrees, larger the more a core dominates; NaN below two nodes with ties.

    Notes
    -----
    Source: Crespo, Suire & Vicente 2014, *Journal of Economic Geography* 14(1): networks of high
    hierarchy and high assortativity lock in.
    """
    k = np.sort(degree(network))[::-1]
    k = k[k > 0].astype(np.float64)
    if k.size < 2:  # noqa: PLR2004 - a slope needs two points
        return float("nan")
    x = np.log(np.arange(1, k.size + 1))
    x -= x.mean()
    # Relative to the largest, which leaves the slope alone and makes equal degrees exactly zero;
    # `+ 0.0` turns minus zero into zero.
    return float(-(x * np.log(k / k[0])).sum() / np.square(x).sum() + 0.0)


def within_share(network: Any, group: ArrayLike, n_groups: int) -> float:
    """Share of ties whose two ends are in the same group (cluster, region, sector).

    Parameters
    ----------
    network
        Result of `adjacency`, N nodes.
    group
        Group of each node, shape (N,), in ``range(n_groups)``; -1 is in no group, and a tie of
        such a node counts as outside.
    n_groups
        Number of groups.

    Returns
    -------
    float
        In [0, 1]; the share of ties to the outside is one minus it. NaN without ties.

    Raises
    ------
    ValueError
        If ``group`` has another length or an index out of range.
    """
    within, _ = ties_by_group(network, group, n_groups)
    total = network.nnz // 2
    return int(within.sum()) / total if total else float("nan")


def ties_by_group(network: Any, group: ArrayLike, n_groups: int) -> tuple[IntArray, IntArray]:
    """Count every group's ties within it and to the outside.

    Parameters
    ----------
    network
        Result of `adjacency`, N nodes.
    group
        Group of each node, shape (N,), in ``range(n_groups)``; -1 is in no group.
    n_groups
        Number of groups.

    Returns
    -------
    within, outside : tuple of IntArray
        Each of shape (n_groups,). A tie between two groups is an outside tie of both.

    Raises
    ------
    ValueError
        If ``group`` has another length or an index out of range.
    """
    g = indices("group", group, n_groups, size=network.shape[0])
    here = np.repeat(g, degree(network))
    there = g[network.indices]
    member = here >= 0
    within = np.bincount(here[member & (here == there)], minlength=n_groups) // 2
    outside = np.bincount(here[member & (here != there)], minlength=n_groups)
    return within.astype(np.int64), outside.astype(np.int64)
