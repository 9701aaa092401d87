"""Brokers: nodes that join others who are not joined themselves."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.measures.checks import FloatArray, ratio
from clustersim.measures.network import degree, triangles

EXACT_BETWEENNESS = 2_000
"""Nodes up to which `betweenness` agrees to work: its time grows with nodes times ties."""


def effective_size(network: Any) -> FloatArray:
    """Burt's effective size of a node's ego network, ``k_i - 2 t_i / k_i``.

    Parameters
    ----------
    network
        Result of `network.adjacency`, N nodes.

    Returns
    -------
    FloatArray
        Shape (N,): partners less the mean number of ties a partner has with the other partners.
        From 1 (all partners joined) to k_i (none joined); NaN for a node without ties.

    Notes
    -----
    Source: Burt 1992, *Structural Holes*, in the form of Borgatti 1997, *Connections* 20(1).
    """
    k = degree(network).astype(np.float64)
    return k - ratio(2.0 * triangles(network), k, empty=np.nan)


def constraint(network: Any) -> FloatArray:
    """Burt's constraint, ``c_i = sum_(j in N(i)) (p_ij + sum_q p_iq p_qj)^2``, ``p_ij = a_ij/k_i``.

    Parameters
    ----------
    network
        Result of `network.adjacency`, N nodes.

    Returns
    -------
    FloatArray
        Shape (N,): low for a broker, 1 with one partner; NaN for a node without ties.

    Notes
    -----
    Source: Burt 2004, *American Journal of Sociology* 110(2).
    """
    from scipy import sparse

    k = degree(network).astype(np.float64)
    if not network.nnz:
        return np.full(k.shape, np.nan)
    shares = sparse.diags_array(ratio(1.0, k)) @ network
    invested = (shares + shares @ shares).multiply(network)
    result = np.asarray(invested.power(2).sum(axis=1), dtype=np.float64).ravel()
    result[k == 0] = np.nan
    return result


def betweenness(network: Any, exact_up_to: int = EXACT_BETWEENNESS) -> FloatArray:
    """Betweenness: share of shortest paths between two others that run through a node.

    ``b_i = 2 / ((N-1)(N-2)) sum_(s<t) sigma_st(i) / sigma_st``, by Brandes' algorithm.

    Parameters
    ----------
    network
        Result of `network.adjacency`, N nodes.
    exact_up_to
        Largest number of nodes that is worth waiting for.

    Returns
    -------
    FloatArray
        Shape (N,), in [0, 1]; 0 for all in a network of fewer than three nodes.

    Raises
    ------
    ValueError
        If the network is larger: use `effective_size` or `constraint`, whose time grows with ties.

    Notes
    -----
    Source: Freeman 1977; Brandes 2001; computed by networkx.
    """
    import networkx as nx

    n = network.shape[0]
    if n > exact_up_to:
        raise ValueError(
            f"network: betweenness of {n} nodes is slow (limit {exact_up_to}); use effective_size "
            "or constraint, or raise exact_up_to"
        )
    values = nx.betweenness_centrality(nx.from_scipy_sparse_array(network))
    return np.array([values[i] for i in range(n)], dtype=np.float64)
