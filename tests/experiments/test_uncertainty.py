"""Intervals over seeds."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clustersim.experiments import uncertainty


def test_the_mean_has_students_interval():
    # 1, 2, 3: mean 2, standard error 1 / sqrt(3), t = 4.302653 with two degrees of freedom.
    found = uncertainty.mean([1.0, 2.0, np.nan, 3.0])
    half = 4.302653 / math.sqrt(3.0)
    assert found.value == 2.0
    assert (found.low, found.high) == pytest.approx((2.0 - half, 2.0 + half), rel=1e-6)
    assert found.n == 3


def test_what_is_not_known_is_nan():
    assert math.isnan(uncertainty.mean([np.nan]).value)
    one = uncertainty.mean([4.0])
    assert one.value == 4.0
    assert math.isnan(one.low)
    assert math.isnan(uncertainty.ratio([0.0], [0.0]).value)


def test_a_ratio_by_hand():
    # 1 of 10 and 3 of 10: r = 0.2, residuals -1 and 1, var = 2 * 2 / 20**2 = 0.01.
    found = uncertainty.ratio([1, 3], [10, 10])
    assert found.value == pytest.approx(0.2)
    assert found.low == 0.0
    assert found.high == pytest.approx(0.2 + 12.7062 * 0.1, rel=1e-4)
    assert uncertainty.ratio([1, 3], [10, 10], most=1.0).high == 1.0


def test_seeds_alike_leave_no_doubt():
    found = uncertainty.ratio([2, 4], [10, 20])
    assert found[:3] == pytest.approx((0.2, 0.2, 0.2))


def test_an_event_never_seen_is_bounded_by_the_rule_of_three():
    assert uncertainty.ratio([0, 0], [100, 200])[:3] == (0.0, 0.0, 0.01)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=9),
    st.integers(1, 5),
)
def test_a_ratio_does_not_depend_on_seeds_without_base(pairs, more):
    counts = [min(pair) for pair in pairs]
    bases = [max(pair) for pair in pairs]
    one = uncertainty.ratio(counts, bases, most=1.0)
    other = uncertainty.ratio(counts + [0] * more, bases + [0] * more, most=1.0)
    assert one == pytest.approx(other, nan_ok=True)
    if not math.isnan(one.low):
        assert 0.0 <= one.low <= one.value <= one.high <= 1.0


def test_numbers_without_sense_are_refused():
    with pytest.raises(ValueError, match="bases"):
        uncertainty.ratio([1.0], [1.0, 2.0])
    with pytest.raises(ValueError, match="counts"):
        uncertainty.ratio([-1.0], [1.0])


def test_resampling_finds_the_error_of_a_mean():
    rng = np.random.default_rng(4)
    runs = rng.normal(5.0, 2.0, 60).tolist()

    def statistic(drawn):
        return np.array([np.mean(drawn), np.nan])

    known, unknown = uncertainty.resampled(runs, statistic)
    assert known.value == pytest.approx(np.mean(runs))
    expected = 1.96 * np.std(runs) / math.sqrt(60)
    assert known.high - known.low == pytest.approx(2 * expected, rel=0.15)
    assert math.isnan(unknown.low)
    assert uncertainty.resampled(runs, statistic)[0] == known
    assert math.isnan(uncertainty.resampled(runs[:1], statistic)[0].low)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_the_mean_is_within_its_interval(values):
    found = uncertainty.mean(values)
    assert found.low <= found.value <= found.high
    assert found.value == pytest.approx(np.mean(values))


def test_the_interval_holds_the_mean_in_95_of_100():
    rng = np.random.default_rng(3)
    held = 0
    for sample in rng.normal(1.0, 2.0, (2000, 8)):
        found = uncertainty.mean(sample)
        held += found.low <= 1.0 <= found.high
    # Of 2,000 with chance 0.95: six standard deviations are 2.9 points.
    assert held / 2000 == pytest.approx(0.95, abs=0.029)


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
def test_the_test_of_a_mean_is_that_of_scipy(side):
    values = [0.3, -0.1, 0.8, 0.4, math.nan]
    known = values[:-1]
    expected = stats.ttest_1samp(known, 0.0, alternative=side).pvalue
    assert uncertainty.t_test(values, side) == pytest.approx(expected)


def test_what_is_the_same_at_every_seed_is_certain():
    assert uncertainty.t_test([0.1] * 3) == 0.0
    assert uncertainty.t_test([0.1] * 3, "greater") == 0.0
    assert uncertainty.t_test([0.1] * 3, "less") == 1.0
    assert uncertainty.t_test([-0.1] * 3, "less") == 0.0
    assert uncertainty.t_test([0.0] * 3) == 1.0
    assert uncertainty.t_test([0.0] * 3, "greater") == 1.0
    assert math.isnan(uncertainty.t_test([1.0, math.nan]))


def test_the_p_and_the_interval_agree():
    # The interval of 95 % ends at zero exactly where p is 0.05.
    values = np.array([1.0, 2.0, 4.0])
    shifted = values - uncertainty.mean(values).low
    assert uncertainty.t_test(shifted) == pytest.approx(0.05)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_between_the_p_and_bonferroni_and_keeps_their_order(values):
    p = np.array(values)
    found = uncertainty.holm_adjusted(p)
    assert (found >= p).all()
    assert (found <= np.minimum(p * p.size, 1.0) + 1e-12).all()
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()


def test_holm_by_hand():
    p = np.array([0.01, 0.04, math.nan, 0.03])
    assert uncertainty.holm_adjusted(p)[[0, 1, 3]] == pytest.approx([0.03, 0.06, 0.06])
    assert math.isnan(uncertainty.holm_adjusted(p)[2])


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(0.1, 5)), min_size=1, max_size=9))
def test_the_quick_intervals_are_those_of_resampling(pairs):
    above, below = np.array(pairs).T
    (slow,) = uncertainty.resampled(above.tolist(), lambda some: np.array([np.mean(some)]))
    assert uncertainty.resampled_mean(above) == pytest.approx(slow, nan_ok=True)
    (slow,) = uncertainty.resampled(
        pairs, lambda some: np.array([sum(a for a, _ in some) / sum(b for _, b in some)])
    )
    found = uncertainty.resampled_ratio(above, below)
    assert found == pytest.approx(slow, nan_ok=True, abs=1e-12)


def test_a_ratio_to_what_may_be_nothing_is_unknown():
    assert math.isnan(uncertainty.resampled_ratio([1.0, 1.0], [-1.0, 0.5]).value)
    found = uncertainty.resampled_ratio([1.0, 1.0, 1.0], [5.0, -1.0, -1.0])
    assert found.value == 1.0
    assert math.isnan(found.low)
