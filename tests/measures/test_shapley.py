"""Shapley values: games with known answers, and the properties that define them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clustersim.measures.shapley import MOST, shapley

numbers = st.floats(-1e3, 1e3, allow_nan=False)


@st.composite
def games(draw, least=1, most=5):
    k = draw(st.integers(least, most))
    return draw(arrays(np.float64, 1 << k, elements=numbers))


def worlds(k):
    return np.arange(1 << k)


def has(i, k):
    return (worlds(k) >> i) & 1 == 1


def test_the_glove_game():
    # Player 0 has a left glove, players 1 and 2 a right one each; a pair is worth 1.
    value = (has(0, 3) & (has(1, 3) | has(2, 3))).astype(float)
    assert shapley(value) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_two_causes_by_hand():
    # Nothing: 1. The first alone: 3. The second alone: 2. Both: 8.
    # First: (2 + 6) / 2 = 4. Second: (1 + 5) / 2 = 3.
    assert shapley([1.0, 3.0, 2.0, 8.0]).tolist() == [4.0, 3.0]


def test_a_majority_of_unequal_votes():
    # Votes 3, 2, 1, 1 and a quota of 4: the first is pivotal in half of all orders.
    votes = sum(weight * has(i, 4) for i, weight in enumerate((3, 2, 1, 1)))
    assert shapley((votes >= 4).astype(float)) == pytest.approx([1 / 2, 1 / 6, 1 / 6, 1 / 6])


def test_no_cause_at_all():
    assert shapley([5.0]).shape == (0,)


def test_several_quantities_at_once():
    value = np.array([[1.0, 0.0], [3.0, 1.0], [2.0, 0.0], [8.0, 1.0]])
    assert shapley(value).tolist() == [[4.0, 1.0], [3.0, 0.0]]


@given(games())
def test_parts_add_up(value):
    assert shapley(value).sum() == pytest.approx(value[-1] - value[0], abs=1e-7)


@given(games(least=2), st.data())
def test_a_cause_that_changes_nothing_gets_nothing(value, data):
    k = value.size.bit_length() - 1
    i = data.draw(st.integers(0, k - 1))
    without = value[worlds(k) & ~(1 << i)]
    assert shapley(without)[i] == pytest.approx(0.0, abs=1e-9)


@given(games(least=2))
def test_causes_that_do_the_same_get_the_same(value):
    k = value.size.bit_length() - 1
    first, second = worlds(k) & 1, worlds(k) >> 1 & 1
    swapped = (worlds(k) & ~3) | (first << 1) | second
    part = shapley(value + value[swapped])
    assert part[0] == pytest.approx(part[1], abs=1e-7)


@given(games(least=2, most=3), st.data())
def test_relabelling_causes_relabels_parts(value, data):
    k = value.size.bit_length() - 1
    order = data.draw(st.permutations(range(k)))
    moved = sum(((worlds(k) >> i & 1) << order[i]) for i in range(k))
    relabelled = np.empty_like(value)
    relabelled[moved] = value
    assert shapley(relabelled)[list(order)] == pytest.approx(shapley(value), abs=1e-7)


@given(st.integers(1, 4).flatmap(lambda k: arrays(np.float64, (2, 1 << k), elements=numbers)))
def test_parts_of_a_sum_are_sums_of_parts(two):
    assert shapley(two[0] + two[1]) == pytest.approx(shapley(two[0]) + shapley(two[1]), abs=1e-7)


@given(arrays(np.float64, 4, elements=numbers))
def test_causes_that_do_not_interact_get_what_they_add(added):
    value = sum(added[i] * has(i, 4) for i in range(4))
    assert shapley(value) == pytest.approx(added, abs=1e-7)


@pytest.mark.parametrize("worlds", [0, 3, 6, (1 << MOST) + 1])
def test_any_other_number_of_worlds_is_refused(worlds):
    with pytest.raises(ValueError, match="expected 2\\*\\*k worlds"):
        shapley(np.zeros(worlds))


def test_a_single_number_is_refused():
    with pytest.raises(ValueError, match="expected 2\\*\\*k worlds"):
        shapley(1.0)


def test_an_unknown_world_makes_the_parts_unknown():
    assert np.isnan(shapley([0.0, np.nan, 1.0, 2.0])).all()
