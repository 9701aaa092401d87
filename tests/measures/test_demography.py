"""Demography of firms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy import stats

from clustersim.measures.demography import (
    entry_rate,
    excess_kurtosis,
    exit_rate,
    laplace_scale,
    size_class_shares,
    size_class_slope,
    size_rank_slope,
    survival,
)


def test_rates_by_hand():
    assert_allclose(entry_rate([10, 0, 0], [100, 50, 0]), [0.1, 0, np.nan])
    assert exit_rate(2, 100, years=0.25) == pytest.approx(0.08)


def test_survival_by_hand():
    # Of five firms one leaves at 1, one is last seen at 2, one leaves at 3, two stay until 4.
    curve = survival([1, 2, 3, 4, 4], np.array([True, False, True, False, False]))
    assert_allclose(curve.age, [1, 3])
    assert_allclose(curve.share, [0.8, 0.8 * 2 / 3])
    assert [curve.at(a) for a in (0.5, 1, 2.9, 10)] == pytest.approx([1, 0.8, 0.8, 1.6 / 3])


@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_survival_agrees_with_scipy(seed, n):
    rng = np.random.default_rng(seed)
    age, left = rng.integers(0, 10, n), rng.random(n) < 0.6
    curve = survival(age, left)
    reference = stats.ecdf(stats.CensoredData(uncensored=age[left], right=age[~left])).sf
    assert_allclose([curve.at(a) for a in range(11)], reference.evaluate(np.arange(11)), atol=1e-12)


def test_survival_when_nobody_leaves():
    curve = survival([1.0, 2.0], np.array([False, False]))
    assert curve.age.size == 0
    assert curve.at(5) == 1.0


def test_zipf_sizes_have_slope_minus_one():
    n = 20_000
    zipf = n / (np.arange(1, n + 1) - 0.5)  # the rank-size rule itself
    assert size_rank_slope(zipf) == pytest.approx(-1.0)
    drawn = 1 / (1 - np.random.default_rng(2).random(n))
    assert size_rank_slope(drawn) == pytest.approx(-1.0, abs=0.04)
    assert size_class_slope(drawn, [1, 10, 20, 50, 250]) == pytest.approx(-1.0, abs=0.05)


def test_slopes_without_spread_are_nan():
    assert np.isnan(size_rank_slope([5.0, 5.0]))
    assert np.isnan(size_rank_slope([], minimum=2))
    assert np.isnan(size_class_slope([1.0, 2.0], [1, 100]))


def test_size_classes_by_hand():
    firms, jobs = size_class_shares([1, 9.5, 10, 49, 50, 250, 630.5])
    assert_allclose(firms, np.array([2, 2, 1, 2]) / 7)
    assert_allclose(jobs, [0.0105, 0.059, 0.05, 0.8805])
    assert np.isnan(size_class_shares([])[0]).all()


def test_growth_statistics():
    g = np.random.default_rng(4).laplace(0.01, 0.2, 100_000)
    assert laplace_scale(g) == pytest.approx(0.2, rel=0.02)
    assert excess_kurtosis(g) == pytest.approx(stats.kurtosis(g))
    assert excess_kurtosis(g) == pytest.approx(3.0, abs=0.4)
    assert excess_kurtosis([1.0, np.nan, -1.0]) == pytest.approx(-2.0)
    assert np.isnan([excess_kurtosis([1.0, 1.0]), laplace_scale([np.nan])]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: entry_rate([1], [1, 2]), "firms: expected shape"),
        (lambda: exit_rate(-1, 2), "exits: expected finite numbers of at least 0"),
        (lambda: entry_rate(1, 2, years=0), "years"),
        (lambda: survival([1.0], [1]), "true or false"),
        (lambda: size_rank_slope([1.0], minimum=0), "minimum"),
        (lambda: size_class_slope([1.0], [0.0]), "positive sizes"),
        (lambda: size_class_shares([1.0], (10.0, 5.0)), "rising sizes"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
