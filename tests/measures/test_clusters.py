"""Strength classes of local industries."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.measures.clusters import (
    PERFORMANCE_RULE,
    Strength,
    StrengthRule,
    cluster_stars,
    cluster_strength,
    in_top,
)
from clustersim.measures.specialisation import location_quotient


def test_top_places_by_hand():
    column = np.array([[5.0], [4.0], [3.0], [2.0], [1.0], [0.0], [np.nan]])
    assert in_top(column, 0.2)[:, 0].tolist() == [True] + [False] * 6
    assert in_top(column, 0.4)[:, 0].tolist() == [True, True] + [False] * 5
    assert in_top(column, 1.0)[:, 0].tolist() == [True] * 5 + [False] * 2


def test_a_tie_that_exceeds_the_places_gets_none():
    assert not in_top(np.ones((5, 1)), 0.2).any()
    assert (
        in_top([[3.0], [3.0], [1.0], [1.0], [1.0]], 0.4)[:, 0].tolist() == [True] * 2 + [False] * 3
    )


def table() -> np.ndarray:
    """Ten regions of three sectors; region 0 is large and specialised in sector 0."""
    jobs = np.full((10, 3), [100.0, 1000.0, 1000.0])
    jobs[:, 0] += np.arange(10)
    jobs[0] = [2000.0, 500.0, 500.0]
    return jobs


def test_a_large_specialised_focused_region_is_high():
    strength = cluster_strength(table())
    assert cluster_stars(table())[0, 0] == 3
    assert strength[0, 0] == Strength.HIGH
    assert (strength[1:, 0] == Strength.NONE).all()
    assert (strength[:, 1:] == Strength.NONE).all()


def test_more_stars_give_a_higher_class():
    kinds = [Strength.BASIC, Strength.MEDIUM, Strength.HIGH]
    rules = [StrengthRule(medium_stars=4, high_stars=4), StrengthRule(high_stars=4), StrengthRule()]
    assert [cluster_strength(table(), rule=rule)[0, 0] for rule in rules] == kinds


def test_performance_gives_stars_beside_specialisation():
    performance = np.ones((2, 10, 3))
    performance[0, 0, 0] = performance[1, 0, 0] = 2.0
    assert cluster_stars(table(), performance)[0, 0] == 3
    performance[1, 0, 0] = np.nan
    assert cluster_stars(table(), performance)[0, 0] == 2
    # Size and focus are no performance: another region that is specialised has one star.
    assert cluster_stars(table(), performance).max() == 2


def test_a_specialised_place_of_average_performance_is_a_basic_cluster():
    nothing = np.full((2, 10, 3), np.nan)
    strength = cluster_strength(table(), nothing, PERFORMANCE_RULE)
    assert strength[0, 0] == Strength.BASIC
    assert (strength[1:, 0] == Strength.NONE).all()


@pytest.mark.parametrize(
    "rule", [StrengthRule(minimum_jobs=2001), StrengthRule(minimum_quotient=20.0)]
)
def test_the_minimum_decides_what_can_be_a_cluster(rule):
    assert (cluster_strength(table(), rule=rule) == Strength.NONE).all()


@given(st.integers(0, 2**32 - 1), st.sampled_from([0.5, 4.0]))
def test_classes_do_not_depend_on_the_unit_and_only_specialised_cells_qualify(seed, scale):
    jobs = np.random.default_rng(seed).lognormal(4, 1.5, (20, 6))
    strength = cluster_strength(jobs)
    assert (strength == cluster_strength(jobs * scale)).all()
    assert (location_quotient(jobs)[strength > 0] >= 1.5).all()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="performance: expected shape"):
        cluster_stars([[1.0, 2.0]], [[[1.0]]])
    with pytest.raises(ValueError, match="top_share"):
        in_top([[1.0]], 0.0)
    for bad in ({"top_share": 1.5}, {"minimum_jobs": -1}, {"basic_stars": 3, "medium_stars": 2}):
        with pytest.raises(ValueError, match="expected"):
            StrengthRule(**bad)
