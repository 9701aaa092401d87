"""Dominance worked out by hand and by brute force; acceptability against the normal law."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clustersim.experiments.comparison.choice import (
    DOMINATED,
    EXTENDED,
    FRONTIER,
    NONE,
    acceptability,
    choices,
    frontier,
)
from clustersim.experiments.comparison.flows import flows
from clustersim.experiments.comparison.money import Prices, money
from tests.experiments.comparison.made import tables


def test_a_frontier_by_hand():
    names = ("A", "B", "C", "D", "E")
    found = {one.name: one for one in frontier(names, (0, 10, 30, 35, 40), (0, 1, 2, 4, 3))}
    # E is dearer than D and brings less. From B to C one more costs 20, from C to D 2.50: nobody
    # would stop at C. From A to B 10, from B to D 8.33: nobody would stop at B either.
    assert {name: one.state for name, one in found.items()} == {
        "A": FRONTIER,
        "B": EXTENDED,
        "C": EXTENDED,
        "D": FRONTIER,
        "E": DOMINATED,
    }
    assert found["D"].icer == pytest.approx(35 / 4)
    assert math.isnan(found["A"].icer)
    assert math.isnan(found["E"].icer)


def test_ratios_rise_along_the_frontier():
    found = frontier(("none", "a", "b"), (0.0, 10.0, 30.0), (0.0, 10.0, 20.0))
    assert [one.icer for one in found][1:] == [1.0, 2.0]


def test_of_two_that_are_the_same_the_later_is_dominated():
    found = frontier(("none", "a", "b"), (0, 5, 5), (0, 3, 3))
    assert [(one.name, one.state) for one in found[1:]] == [("a", FRONTIER), ("b", DOMINATED)]


def test_what_saves_money_and_brings_more_dominates_doing_nothing():
    first, second = frontier((NONE, "a"), (0, -5), (0, 3))
    assert (first.name, first.state) == ("a", FRONTIER)
    assert (second.name, second.state) == (NONE, DOMINATED)


@given(
    st.lists(
        st.tuples(st.integers(0, 20), st.integers(-5, 20)), min_size=1, max_size=7, unique=True
    )
)
def test_the_frontier_holds_exactly_what_is_best_at_some_price(points):
    euro, gain = (np.array(column, dtype=float) for column in zip(*points, strict=True))
    names = [str(k) for k in range(len(points))]
    found = {int(one.name): one for one in frontier(names, euro.tolist(), gain.tolist())}
    front = sorted((k for k, one in found.items() if one.state == FRONTIER), key=lambda k: euro[k])
    # Between two prices at which somebody is indifferent, one is the best.
    turns = [found[k].icer for k in front[1:]]
    assert turns == sorted(turns)
    for price in np.linspace(0, 500, 997):
        benefit = price * gain - euro
        assert benefit[front].max() == pytest.approx(benefit.max(), abs=1e-9)
    for k, low, high in zip(front, [0.0, *turns], [*turns, 1e4], strict=True):
        price = 0.5 * (low + high)
        assert price * gain[k] - euro[k] == pytest.approx((price * gain - euro).max(), abs=1e-6)


def test_acceptability_without_luck_is_a_step_at_the_ratio():
    euro, gain = np.full((5, 1), 100.0), np.full((5, 1), 2.0)
    found = acceptability(("a",), euro, gain, np.array([0.0, 49.0, 50.0, 51.0]))
    assert found["a"].tolist() == [0.0, 0.0, 0.5, 1.0]
    assert found[NONE].tolist() == [1.0, 1.0, 0.5, 0.0]


def test_acceptability_follows_the_normal_law():
    # Gains of mean 10 and standard deviation 20 at 100 seeds: that of the mean is 2.
    rng = np.random.default_rng(2)
    gain = rng.normal(0.0, 1.0, (100, 1))
    gain = 10.0 + 20.0 * (gain - gain.mean()) / gain.std()
    willing = np.array([80.0, 100.0, 125.0])
    found = acceptability(("a",), np.full((100, 1), 1000.0), gain, willing)["a"]
    expected = stats.norm.cdf((willing * 10 - 1000) / (willing * 2))
    assert found == pytest.approx(expected, abs=0.05)


@given(st.integers(2, 6), st.integers(1, 4), st.integers(0, 1000))
def test_chances_sum_to_one(n, k, number):
    rng = np.random.default_rng(number)
    euro, gain = rng.normal(5, 3, (2, n, k))
    names = [str(i) for i in range(k)]
    found = acceptability(names, euro, gain, np.array([0.0, 1.0, 10.0]))
    assert sum(found.values()) == pytest.approx(np.ones(3))
    assert all((values >= 0.0).all() for values in found.values())


def seed(more, euro):
    jobs = np.full((3, 1, 1), 100.0)
    ledger = [(0, "appropriation", 0, 0, euro)] if euro else ()
    return flows(tables(jobs + more, ledger=ledger), tables(jobs))


def test_scenarios_are_chosen_for_jobs_job_years_and_innovations():
    prices = Prices(discount_rate=0.0, willing=30.0)
    cases = {
        "dear": money([seed(10, 1000.0), seed(12, 1000.0)], prices),
        "cheap": money([seed(4, 100.0), seed(6, 100.0)], prices),
    }
    jobs, years, innovations = choices(cases)
    assert [one.name for one in jobs.points] == [NONE, "cheap", "dear"]
    assert [one.icer for one in jobs.points][1:] == pytest.approx([100 / 5, 900 / 6])
    assert [one.icer for one in years.points][1:] == pytest.approx([10, 75])
    assert (jobs.points[1].low + jobs.points[1].high) / 2 == pytest.approx(5)
    assert jobs.at_asked == {NONE: 0.0, "cheap": 1.0, "dear": 0.0}
    assert 30.0 in jobs.willing
    assert years.at_asked == {}
    assert [one.state for one in innovations.points] == [FRONTIER, DOMINATED, DOMINATED]


def test_where_there_is_no_money_there_is_nothing_to_choose():
    assert choices({"a": money([seed(5, 0.0)] * 2, Prices())}) == ()


def test_one_seed_has_no_chance():
    (jobs, *_) = choices({"a": money([seed(5, 10.0)], Prices())})
    assert np.isnan(jobs.probability["a"]).all()


def test_other_years_to_discount_to_are_refused():
    cases = {str(base): money([seed(5, 10.0)] * 2, Prices(), base) for base in (2000.0, 2001.0)}
    with pytest.raises(ValueError, match="same seeds, prices and year"):
        choices(cases)
