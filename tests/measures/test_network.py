"""Structure of networks against networkx, and the small world of Watts and Strogatz."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from clustersim.measures import network as net
from clustersim.measures.paths import mean_path_length


def arrays_of(graph: nx.Graph) -> tuple[np.ndarray, np.ndarray, int]:
    edges = np.array(list(graph.edges), dtype=np.int64).reshape(-1, 2)
    return edges[:, 0], edges[:, 1], graph.number_of_nodes()


@st.composite
def random_graphs(draw: st.DrawFn) -> nx.Graph:
    n = draw(st.integers(1, 40))
    return nx.gnp_random_graph(n, draw(st.floats(0, 0.5)), seed=draw(st.integers(0, 2**31)))


@given(random_graphs())
def test_degrees_and_clustering_agree_with_networkx(graph):
    a = net.adjacency(*arrays_of(graph))
    assert_allclose(net.degree(a), [d for _, d in graph.degree])
    assert_allclose(net.triangles(a), list(nx.triangles(graph).values()))
    assert_allclose(net.local_clustering(a), list(nx.clustering(graph).values()))
    assert net.clustering(a) == pytest.approx(nx.average_clustering(graph))
    shares = net.degree_distribution(a)
    assert_allclose(shares * graph.number_of_nodes(), nx.degree_histogram(graph), atol=1e-9)
    assert net.mean_degree(a) == pytest.approx(shares @ np.arange(shares.size))


@given(random_graphs())
def test_assortativity_agrees_with_networkx(graph):
    ours = net.assortativity(net.adjacency(*arrays_of(graph)))
    ends = [graph.degree[v] for edge in graph.edges for v in edge]
    if len(set(ends)) < 2:
        assert np.isnan(ours)
    else:
        expected = nx.degree_pearson_correlation_coefficient(graph)
        assert ours == pytest.approx(expected, abs=1e-9)


def test_repetition_direction_and_loops_are_dropped():
    a = net.adjacency([0, 1, 0, 2], [1, 0, 1, 2], 4)
    assert a.toarray().tolist() == [[0, 1, 0, 0], [1, 0, 0, 0], [0] * 4, [0] * 4]


@pytest.mark.parametrize(
    ("p", "clustering", "clustering_error", "path", "path_error"),
    [
        (0, 0.667, 0.0005, 50.5, 0.05),
        (0.01, 0.646, 0.01, 8.8, 0.7),
        (0.1, 0.488, 0.015, 4.43, 0.1),
        (1, 0.009, 0.002, 3.27, 0.05),
    ],
)
def test_small_world_of_watts_and_strogatz(p, clustering, clustering_error, path, path_error):
    graph = nx.watts_strogatz_graph(1000, 10, p, seed=1998)
    a = net.adjacency(*arrays_of(graph))
    assert net.clustering(a) == pytest.approx(clustering, abs=clustering_error)
    assert mean_path_length(a) == pytest.approx(path, abs=path_error)


def test_hierarchy_is_zero_in_a_ring_and_the_exponent_of_a_power_law():
    ring = net.adjacency(*arrays_of(nx.cycle_graph(20)))
    assert net.hierarchy(ring) == 0.0
    star = net.hierarchy(net.adjacency(*arrays_of(nx.star_graph(19))))
    degrees = np.array([19.0] + [1.0] * 19)
    slope = np.polyfit(np.log(np.arange(1, 21)), np.log(degrees), 1)[0]
    assert star == pytest.approx(-slope)
    assert star > 0


def test_ties_within_and_outside_by_hand():
    # 0-1 within group 0; 1-2 between the groups; 2-3 within group 1; 3-4 to a groupless node.
    a = net.adjacency([0, 1, 2, 3], [1, 2, 3, 4], 5)
    group = [0, 0, 1, 1, -1]
    within, outside = net.ties_by_group(a, group, 3)
    assert within.tolist() == [1, 1, 0]
    assert outside.tolist() == [1, 2, 0]
    assert net.within_share(a, group, 3) == 0.5


@given(random_graphs(), st.integers(0, 2**32 - 1))
def test_within_share_agrees_with_counting(graph, seed):
    n = graph.number_of_nodes()
    group = np.random.default_rng(seed).integers(0, 3, n)
    share = net.within_share(net.adjacency(*arrays_of(graph)), group, 3)
    same = [group[u] == group[v] for u, v in graph.edges]
    assert_allclose(share, np.mean(same) if same else np.nan)


def test_empty_networks_are_nan():
    nobody = net.adjacency([], [], 0)
    assert np.isnan([net.mean_degree(nobody), net.clustering(nobody), net.hierarchy(nobody)]).all()
    assert net.degree_distribution(nobody).size == 0
    alone = net.adjacency([], [], 3)
    assert net.mean_degree(alone) == 0
    assert np.isnan(net.assortativity(alone))
    assert np.isnan(net.within_share(alone, [0, 0, 0], 1))


@pytest.mark.parametrize(
    ("source", "target", "n", "message"),
    [
        ([0], [1, 2], 3, r"target: expected shape \(1,\)"),
        ([0], [3], 3, "expected indices from -1"),
        ([0], [-1], 3, "needs two nodes"),
        ([0.5], [1.0], 3, "whole numbers"),
        ([], [], -1, "n_nodes"),
    ],
)
def test_bad_edges_are_refused(source, target, n, message):
    with pytest.raises(ValueError, match=message):
        net.adjacency(source, target, n)


def test_bad_groups_are_refused():
    with pytest.raises(ValueError, match="group: expected shape"):
        net.within_share(net.adjacency([0], [1], 2), [0], 1)
