"""How a series weathers a shock."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from clustersim.measures.resilience import Resilience, losses, resilience, sensitivity

UNSHAKEN = Resilience(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)

SERIES = st.lists(st.floats(1.0, 1e4), min_size=6, max_size=30)


def test_a_blow_that_heals_by_hand():
    # Level 100; the shock at 2 takes 20 at once, then 30, 10, 0.5, nothing.
    time = np.arange(8.0)
    series = [100, 100, 100, 80, 70, 90, 99.5, 100]
    found = resilience(time, series, np.full(8, 100.0), 2.0, first=1.0, last=2.0)
    assert found.resistance == pytest.approx(0.8)
    assert found.depth == pytest.approx(0.3)
    assert found.time_to_trough == 2.0
    assert found.time_to_recovery == 4.0  # 99.5 is within 1 %
    assert found.time_to_level == 5.0
    assert found.lost_for_good == pytest.approx(0.0025)
    assert found.years_lost == pytest.approx(0.605)


def test_growth_recovers_its_level_long_before_its_path():
    time = np.arange(0.0, 10.5, 0.5)
    path = 100 * 1.05**time
    series = np.where(time > 1.0, 0.9 * path, path)
    found = resilience(time, series, path, 1.0)
    assert found.resistance == pytest.approx(0.9)
    assert found.depth == pytest.approx(0.1)
    assert np.isnan(found.time_to_recovery)
    # 0.9 * 1.05**t >= 1.05 from t = 1 - ln 0.9 / ln 1.05 = 3.16 on, seen at 3.5.
    assert found.time_to_level == pytest.approx(2.5)
    assert found.lost_for_good == pytest.approx(0.1)


def test_decline_that_no_shock_caused_is_no_loss():
    time = np.arange(6.0)
    path = np.array([100.0, 90, 80, 70, 60, 50])
    assert resilience(time, path, path, 1.0) == UNSHAKEN
    struck = np.where(time > 1.0, 0.9 * path, path)
    assert np.isnan(resilience(time, struck, path, 1.0).time_to_level)


def test_a_shock_that_does_good_is_a_gain():
    time = np.arange(5.0)
    found = resilience(time, [10, 10, 12, 12, 12], [10.0] * 5, 1.0)
    assert found.depth == 0.0
    assert found.lost_for_good == pytest.approx(-0.2)
    assert found.years_lost == pytest.approx(-0.6)


def test_the_shock_may_fall_between_two_times():
    found = resilience([0, 1, 2, 3], [4, 4, 2, 4], [4, 4, 4, 4], 1.25)
    assert found.time_to_trough == 0.75
    assert found.time_to_recovery == 1.75


def test_what_is_gone_in_both_is_no_loss_and_from_nothing_none_is_known():
    assert_allclose(losses([0, 5, 1], [0, 10, 0]), [0, 0.5, np.nan])
    assert np.isnan(resilience([0, 1, 2], [0, 1, 1], [0, 0, 0], 0.0)).all()


@pytest.mark.parametrize(
    ("jobs", "index"),
    [
        ((100, 90, 1000, 950), 2.0),  # 10 % against 5 %
        ((100, 98, 1000, 950), 0.4),
        ((100, 110, 1000, 950), -2.0),
        ((100, 100, 1000, 950), 0.0),
        ((100, 90, 1000, 1000), np.nan),
        ((0, 0, 1000, 950), np.nan),
    ],
)
def test_sensitivity_compares_a_region_with_the_whole(jobs, index):
    assert sensitivity(*jobs) == pytest.approx(index, nan_ok=True)
    assert sensitivity(*(8.0 * one for one in jobs)) == sensitivity(*jobs) or np.isnan(index)
    with pytest.raises(ValueError, match="at least 0"):
        sensitivity(-1.0, *jobs[1:])


@given(SERIES, st.integers(0, 4))
def test_without_a_difference_nothing_is_lost(series, at):
    found = resilience(np.arange(len(series)), series, series, at)
    assert found == UNSHAKEN


@given(SERIES, st.integers(0, 4), st.sampled_from([0.25, 2.0, 1024.0]), st.data())
def test_scale_does_not_matter(series, at, factor, data):
    other = data.draw(st.lists(st.floats(1.0, 1e4), min_size=len(series), max_size=len(series)))
    y, c, time = np.array(series), np.array(other), np.arange(len(series))
    one, two = resilience(time, y, c, at), resilience(time, factor * y, factor * c, at)
    assert_allclose(one, two, rtol=1e-12)


@given(SERIES, st.integers(0, 4), st.data())
def test_the_figures_fit_together(series, at, data):
    other = data.draw(st.lists(st.floats(1.0, 1e4), min_size=len(series), max_size=len(series)))
    found = resilience(np.arange(len(series)), series, other, at)
    assert 0.0 <= found.depth < 1.0
    assert found.resistance >= 1.0 - found.depth
    assert found.lost_for_good <= found.depth
    for later in (found.time_to_recovery, found.time_to_level):
        assert later == 0.0 or np.isnan(later) or later >= found.time_to_trough


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time": [0, 0, 1]}, "rising"),
        ({"time": [0, np.nan, 1]}, "rising"),
        ({"struck": 2.0}, "struck"),
        ({"struck": -1.0}, "struck"),
        ({"series": [1, 2]}, "shape"),
        ({"counterfactual": [1, -2, 3]}, "at least 0"),
        ({"tolerance": -0.1}, "tolerance"),
        ({"first": 0.0}, "above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(change, message):
    given = {"time": [0, 1, 2], "series": [1, 2, 3], "counterfactual": [1, 2, 3], "struck": 0.0}
    with pytest.raises(ValueError, match=message):
        resilience(**{**given, **change})
