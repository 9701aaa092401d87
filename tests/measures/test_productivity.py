"""Productivity measures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from clustersim.measures.productivity import (
    cluster_premium,
    olley_pakes,
    premium_by_class,
    weighted_productivity,
)


def test_by_hand():
    productivity, jobs = [1.0, 3.0], [1.0, 3.0]
    assert weighted_productivity(productivity, jobs) == pytest.approx(2.5)
    assert olley_pakes(productivity, jobs) == pytest.approx((2.5, 2.0, 0.5))
    assert cluster_premium(productivity, jobs, [False, True]) == pytest.approx(0.2)
    premium = premium_by_class([1.0, 3.0, 2.5], [1, 3, 2], [0, 2, -1], 3)
    assert_allclose(premium, [1 / 2.5 - 1, np.nan, 3 / 2.5 - 1])


@given(st.integers(0, 2**32 - 1), st.integers(1, 50))
def test_olley_pakes_adds_up(seed, n):
    rng = np.random.default_rng(seed)
    a, e = rng.normal(0, 1, n), rng.lognormal(2, 1, n)
    parts = olley_pakes(a, e)
    assert parts.aggregate == pytest.approx(weighted_productivity(a, e))
    assert parts.unweighted_mean + parts.covariance == pytest.approx(parts.aggregate)
    equal = olley_pakes(a, np.full(n, 7.0))
    assert equal.covariance == pytest.approx(0, abs=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_premiums_weighted_by_jobs_cancel(seed):
    rng = np.random.default_rng(seed)
    a, e = rng.lognormal(0, 0.5, 40), rng.lognormal(2, 1, 40)
    strength = np.arange(40) % 4
    jobs = np.bincount(strength, weights=e)
    assert premium_by_class(a, e, strength, 4) @ jobs == pytest.approx(0, abs=1e-9)


def test_without_jobs_it_is_nan():
    assert np.isnan(weighted_productivity([1.0], [0.0]))
    assert np.isnan(olley_pakes([1.0], [0.0])).all()
    assert np.isnan(cluster_premium([1.0], [1.0], [False]))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="leave out firms"):
        weighted_productivity([np.nan], [1])
    with pytest.raises(ValueError, match="productivity: expected shape"):
        olley_pakes([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="true or false"):
        cluster_premium([1.0], [1.0], [1])
    with pytest.raises(ValueError, match="positive mean"):
        premium_by_class([-1.0], [1.0], [0], 1)
