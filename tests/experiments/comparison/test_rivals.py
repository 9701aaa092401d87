"""Scenario against scenario by hand, and what must always add up."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.experiments.comparison.rivals import beats, best_share, rivals
from clustersim.experiments.counterpart import Difference


def seeds(values, outcome="jobs at the end", without=100.0):
    return [[Difference(outcome, "jobs", "all", without + v, without)] for v in values]


def test_who_beats_whom_by_hand():
    (found,) = rivals(
        {"a": seeds([5, 6, 1, 2]), "b": seeds([1, 6, 3, 1]), "c": seeds([0, 0, 0, 2])}
    )
    # a against b: 5 > 1, 6 = 6, 1 < 3, 2 > 1.
    assert found.beats[0].tolist() == [0.5, 2.5 / 4, 3.5 / 4]
    assert found.beats[1].tolist() == [1.5 / 4, 0.5, 3 / 4]
    # Best: a; a and b; b; a and c.
    assert found.best.tolist() == [2 / 4, 1.5 / 4, 0.5 / 4]
    assert [one.name for one in found.pairs] == ["a less b", "a less c", "b less c"]
    assert found.pairs[0].effect.value == pytest.approx(3.5 - 2.75)
    assert set(found.to_dict()["pairs"][0]) & {"without", "relative"} == set()


def test_of_firms_lost_the_fewest_are_best():
    (found,) = rivals({"a": seeds([-5, -3], "firms lost"), "b": seeds([0, 1], "firms lost")})
    assert found.best.tolist() == [1.0, 0.0]
    assert found.pairs[0].effect.value == -4.5


def test_one_that_is_always_better_is_best_on_average():
    (found,) = rivals({"a": seeds([1, 2, 3]), "b": seeds([0, 1, 2])})
    assert found.best_on_average.tolist() == [1.0, 0.0]
    (lonely,) = rivals({"a": seeds([1]), "b": seeds([0])})
    assert np.isnan(lonely.best_on_average).all()
    assert lonely.best.tolist() == [1.0, 0.0]


def test_what_is_neither_good_nor_bad_has_no_rivals():
    assert rivals({"a": seeds([1], "heterogeneity at the end"), "b": seeds([2], "CO2")}) == ()
    name = "heterogeneity at the end"
    assert rivals({"a": seeds([1], name), "b": seeds([2], name)}) == ()


def test_one_alone_has_no_rivals():
    assert rivals({"a": seeds([1, 2])}) == ()


def test_what_some_seed_does_not_know_is_left_out():
    assert rivals({"a": seeds([1, math.nan]), "b": seeds([1, 2])}) == ()


def test_other_seeds_are_refused():
    with pytest.raises(ValueError, match="same seeds"):
        rivals({"a": seeds([1, 2]), "b": seeds([1])})


@given(st.integers(1, 8), st.integers(1, 5), st.integers(0, 999))
def test_shares_add_up(n, k, number):
    good = np.random.default_rng(number).integers(0, 4, (n, k)).astype(float)
    assert beats(good) + beats(good).T == pytest.approx(np.ones((k, k)))
    assert best_share(good).sum() == pytest.approx(1.0)
    # The best beats every other at least half as often as it is the best.
    assert (beats(good) >= best_share(good)[:, np.newaxis] / 2 - 1e-12).all()
