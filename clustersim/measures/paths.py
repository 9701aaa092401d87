"""Reach of a network: components, and the length of shortest paths."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.measures.checks import IntArray

EXACT_PATHS = 2_000
"""Nodes of the giant component up to which `mean_path_length` uses every source."""

PATH_SOURCES = 500
"""Sources used beyond that."""

_CHUNK = 64  # sources at once: the distances of a chunk are a table of 64 x N


def components(network: Any) -> IntArray:
    """Component of every node, shape (N,), numbered by the first node of each.

    Parameters
    ----------
    network
        Result of `network.adjacency`.
    """
    from scipy.sparse import csgraph

    if not network.shape[0]:
        return np.empty(0, dtype=np.int64)
    _, label = csgraph.connected_components(network, directed=False)
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return np.asarray(order[inverse], dtype=np.int64)


def component_sizes(network: Any) -> IntArray:
    """Sizes of the components, largest first; isolated nodes are components of one."""
    return np.sort(np.bincount(components(network)))[::-1].astype(np.int64)


def giant_share(network: Any) -> float:
    """Share of nodes in the largest component, in (0, 1]; NaN without nodes."""
    sizes = component_sizes(network)
    return float(sizes[0] / sizes.sum()) if sizes.size else float("nan")


def mean_path_length(
    network: Any, exact_up_to: int = EXACT_PATHS, n_sources: int = PATH_SOURCES
) -> float:
    """Mean shortest path between two nodes of the largest component, in steps.

    Exact up to ``exact_up_to`` nodes. Beyond that, the mean over the paths from ``n_sources``
    nodes to all others: the nodes at equal intervals in the component's order of indices, so that
    the same network gives the same number and no random draw is used.

    Parameters
    ----------
    network
        Result of `network.adjacency`.
    exact_up_to
        Size of the largest component up to which every node is a source, at least 0.
    n_sources
        Number of sources beyond that, at least 1.

    Returns
    -------
    float
        At least 1; NaN where no component has two nodes. Of several largest components, the one
        with the lowest node counts.

    Raises
    ------
    ValueError
        If a limit is too low.
    """
    from scipy.sparse import csgraph

    if exact_up_to < 0 or n_sources < 1:
        raise ValueError("exact_up_to: expected at least 0; n_sources: expected at least 1")
    label = components(network)
    if not label.size:
        return float("nan")
    nodes = np.flatnonzero(label == np.argmax(np.bincount(label)))
    n = nodes.size
    if n == 1:
        return float("nan")
    giant = network[nodes][:, nodes]
    count = n if n <= exact_up_to else min(n_sources, n)
    sources = np.arange(count) * n // count
    total = 0.0
    for start in range(0, count, _CHUNK):
        distances = csgraph.dijkstra(
            giant, directed=False, unweighted=True, indices=sources[start : start + _CHUNK]
        )
        total += float(distances.sum())
    return total / (count * (n - 1))
