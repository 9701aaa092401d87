"""Heterogeneity, frontier gap, paradigm share and lock-in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.spatial.distance import pdist

from clustersim.measures.knowledge import (
    frontier_gap,
    heterogeneity,
    heterogeneity_by_group,
    lock_in,
    mean_by_group,
    newer_paradigm_share,
)

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(2, 25), st.integers(1, 10))
def test_heterogeneity_is_the_mean_pairwise_cosine_distance(seed, n, m):
    k = np.random.default_rng(seed).random((n, m)) + 1e-3
    h = heterogeneity(k)
    assert_allclose(h, pdist(k, "cosine").mean(), atol=1e-12)
    assert 0 <= h <= 1


@given(seeds, st.floats(1e-200, 1e150))
def test_heterogeneity_looks_at_direction_only(seed, scale):
    rng = np.random.default_rng(seed)
    k = rng.random((6, 4))
    lengths = rng.random((6, 1)) + 0.1
    assert_allclose(heterogeneity(k * lengths * scale), heterogeneity(k), atol=1e-12)


def test_heterogeneity_by_hand():
    assert heterogeneity(np.eye(4)) == pytest.approx(1.0)
    assert heterogeneity([[1.0, 2.0], [2.0, 4.0]]) == pytest.approx(0.0, abs=1e-12)
    assert heterogeneity([[1, 0], [1, 1]]) == pytest.approx(1 - np.sqrt(0.5))


def test_heterogeneity_by_group_equals_that_of_each_group():
    rng = np.random.default_rng(5)
    k = rng.random((200, 24)).astype(np.float32)
    group = rng.integers(-1, 6, 200)
    expected = [heterogeneity(k[group == g]) for g in range(6)]
    assert_allclose(heterogeneity_by_group(k, group, 6), expected, rtol=1e-12)


def test_groups_of_fewer_than_two_are_nan():
    k = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]
    h = heterogeneity_by_group(k, [0, 0, 1, 1], 3)
    assert_allclose(h, [1.0, np.nan, np.nan])
    assert np.isnan(heterogeneity(np.empty((0, 3))))


def test_frontier_gap_by_hand():
    k = [[1.0, 1.0], [0.5, 0.0], [0.0, 0.0]]
    assert_allclose(frontier_gap(k, [0.5, 0.5]), [0.0, 0.75, 1.0])
    assert_allclose(frontier_gap(k, [[1, 0], [1, 0], [0, 1]]), [0.0, 0.5, 1.0])


def test_newer_share_and_lock_in_by_hand():
    old, new = [0.5, 0.5, 0.0], [0.0, 0.5, 0.5]
    k = [[1, 0, 0], [0, 0, 1], [1, 0, 1], [0, 1, 0], [0, 0, 0]]
    # The field common to both says half-half about the paradigm and nothing about lock-in.
    assert_allclose(newer_paradigm_share(k, old, new), [0, 1, 0.5, 0.5, np.nan])
    assert_allclose(lock_in(k, old, new), [1, 0, 0.5, np.nan, np.nan])


@given(seeds)
def test_lock_in_lies_in_0_and_1_and_reverses_with_the_change(seed):
    rng = np.random.default_rng(seed)
    k = rng.random((8, 5)) + 1e-6
    old, new = rng.dirichlet(np.ones(5), 2)
    value = lock_in(k, old, new)
    assert ((value >= 0) & (value <= 1)).all()
    assert_allclose(value + lock_in(k, new, old), 1.0)
    share = newer_paradigm_share(k, old, new)
    assert_allclose(share + newer_paradigm_share(k, new, old), 1.0)


def test_mean_by_group_by_hand():
    mean = mean_by_group([1.0, 3.0, np.nan, 9.0], [1, 3, 5, 7], [0, 0, 0, -1], 2)
    assert_allclose(mean, [2.5, np.nan])


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="at least 0"):
        heterogeneity([[1.0, -1.0]])
    with pytest.raises(ValueError, match="group: expected shape"):
        heterogeneity_by_group([[1.0]], [0, 1], 2)
    with pytest.raises(ValueError, match="expected indices"):
        heterogeneity_by_group([[1.0]], [2], 2)
    with pytest.raises(ValueError, match="relevance: expected to add up to 1"):
        frontier_gap([[1.0, 1.0]], [1.0, 1.0])
    with pytest.raises(ValueError, match="newer_relevance: expected shape"):
        newer_paradigm_share([[1.0, 1.0]], [0.5, 0.5], [1.0])
    with pytest.raises(ValueError, match="weights: expected shape"):
        mean_by_group([1.0], [1.0, 2.0], [0], 1)
