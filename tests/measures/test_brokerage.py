"""Brokers against networkx."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from clustersim.measures.brokerage import betweenness, constraint, effective_size
from clustersim.measures.network import adjacency


@given(st.integers(1, 30), st.floats(0, 0.6), st.integers(0, 2**31))
def test_agrees_with_networkx(n, p, seed):
    graph = nx.gnp_random_graph(n, p, seed=seed)
    edges = np.array(list(graph.edges), dtype=np.int64).reshape(-1, 2)
    a = adjacency(edges[:, 0], edges[:, 1], n)
    assert_allclose(effective_size(a), list(nx.effective_size(graph).values()))
    assert_allclose(constraint(a), list(nx.constraint(graph).values()))
    assert_allclose(betweenness(a), list(nx.betweenness_centrality(graph).values()), atol=1e-12)


def test_the_centre_of_a_star_is_the_broker():
    a = adjacency([0, 0, 0], [1, 2, 3], 5)
    assert_allclose(effective_size(a), [3, 1, 1, 1, np.nan])
    assert_allclose(constraint(a), [1 / 3, 1, 1, 1, np.nan])
    assert betweenness(a)[0] == pytest.approx(0.5)


def test_betweenness_of_a_large_network_is_refused_with_the_remedy():
    with pytest.raises(ValueError, match="use effective_size or constraint"):
        betweenness(adjacency([0], [1], 50), exact_up_to=49)
