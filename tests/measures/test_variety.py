"""Related and unrelated variety."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from clustersim.measures.variety import related_variety, total_variety, unrelated_variety


def brute_force_related(shares: np.ndarray, group: np.ndarray) -> float:
    """Frenken's form: weighted entropy within groups."""
    total = 0.0
    for g in np.unique(group):
        weight = shares[group == g].sum()
        if weight > 0:
            inner = shares[group == g] / weight
            total += weight * -sum(p * np.log2(p) for p in inner if p > 0)
    return total


def test_by_hand():
    # Four equal sectors in two groups: one bit between the groups, one within.
    jobs = [[10, 10, 10, 10], [20, 20, 0, 0], [20, 0, 20, 0], [0, 0, 0, 0]]
    group = [0, 0, 1, 1]
    assert_allclose(total_variety(jobs), [2, 1, 1, np.nan])
    assert_allclose(unrelated_variety(jobs, group), [1, 0, 1, np.nan])
    assert_allclose(related_variety(jobs, group), [1, 1, 0, np.nan], atol=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 6))
def test_related_variety_is_the_weighted_entropy_within_groups(seed, n_sectors, n_regions):
    rng = np.random.default_rng(seed)
    jobs = rng.integers(0, 50, (n_regions, n_sectors)).astype(float)
    jobs[:, 0] += 1
    group = rng.integers(0, n_sectors, n_sectors)
    expected = [brute_force_related(row / row.sum(), group) for row in jobs]
    assert_allclose(related_variety(jobs, group), expected, atol=1e-9)
    assert_allclose(
        related_variety(jobs, group) + unrelated_variety(jobs, group),
        total_variety(jobs),
        atol=1e-9,
    )


def test_bad_groups_are_refused():
    with pytest.raises(ValueError, match=r"sector_group: expected shape \(2,\)"):
        unrelated_variety([[1, 1]], [0])
    with pytest.raises(ValueError, match="every sector needs a group"):
        unrelated_variety([[1, 1]], [0, -1])
    with pytest.raises(ValueError, match="expected indices"):
        related_variety([[1, 1]], [0, 5])
