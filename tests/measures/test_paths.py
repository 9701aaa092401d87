"""Components and paths against networkx."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.measures.network import adjacency
from clustersim.measures.paths import component_sizes, components, giant_share, mean_path_length


def adjacency_of(graph: nx.Graph):
    edges = np.array(list(graph.edges), dtype=np.int64).reshape(-1, 2)
    return adjacency(edges[:, 0], edges[:, 1], graph.number_of_nodes())


@given(st.integers(1, 40), st.floats(0, 0.3), st.integers(0, 2**31))
def test_components_agree_with_networkx(n, p, seed):
    graph = nx.gnp_random_graph(n, p, seed=seed)
    a = adjacency_of(graph)
    sizes = sorted((len(c) for c in nx.connected_components(graph)), reverse=True)
    assert component_sizes(a).tolist() == sizes
    assert giant_share(a) == pytest.approx(sizes[0] / n)
    label = components(a)
    assert all(len(set(label[list(c)])) == 1 for c in nx.connected_components(graph))
    if sizes[0] > 1:
        best = max(nx.connected_components(graph), key=lambda c: (len(c), -min(c)))
        expected = nx.average_shortest_path_length(graph.subgraph(best))
        assert mean_path_length(a) == pytest.approx(expected)


def test_components_are_numbered_by_their_first_node():
    assert components(adjacency([3, 1], [4, 2], 5)).tolist() == [0, 1, 1, 2, 2]


def test_sampled_paths_come_close_and_repeat():
    a = adjacency_of(nx.watts_strogatz_graph(1500, 6, 0.2, seed=3))
    exact = mean_path_length(a)
    sampled = mean_path_length(a, exact_up_to=100, n_sources=200)
    assert sampled == mean_path_length(a, exact_up_to=100, n_sources=200)
    assert sampled != exact
    assert sampled == pytest.approx(exact, rel=0.02)
    assert mean_path_length(a, exact_up_to=0, n_sources=10**6) == exact


def test_networks_without_paths_are_nan():
    assert np.isnan(mean_path_length(adjacency([], [], 0)))
    assert np.isnan(mean_path_length(adjacency([], [], 4)))
    assert np.isnan(giant_share(adjacency([], [], 0)))


def test_limits_are_checked():
    a = adjacency([0], [1], 2)
    with pytest.raises(ValueError, match="n_sources"):
        mean_path_length(a, n_sources=0)
    with pytest.raises(ValueError, match="exact_up_to"):
        mean_path_length(a, exact_up_to=-1)
