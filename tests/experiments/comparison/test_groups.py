"""Winners and losers by hand, inequality against theory, chance taken for no gain."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from clustersim.experiments.comparison.groups import (
    KINDS,
    PRODUCTIVITY,
    places,
    theil,
    winners_and_losers,
    won_and_lost,
)
from tests.experiments.comparison.made import tables

BASE = np.array([[100.0, 50.0], [30.0, 20.0]])


def pair(change, stages=((0, 0, "growth"),), **given_values):
    """Return places of two records: the same, then with a change by region and sector."""
    done = tables([BASE, BASE + change], stages=stages, **given_values)
    return places(done, tables([BASE, BASE]))


def test_effects_by_region_sector_and_cluster_by_hand():
    seeds = [pair([[10, -4], [-2, 0]]), pair([[14, -4], [-4, 0]])]
    found = winners_and_losers(seeds)
    regions = {one.name: one for one in found.of("region").effects}
    assert regions["r0"].effect.value == 8.0  # 6 and 10
    assert regions["r0"].without == 150.0
    assert regions["r0"].relative == pytest.approx(8 / 150)
    assert regions["r1"].effect.value == -3.0
    assert (regions["r0"].gains, regions["r1"].gains) == (1.0, 0.0)
    sectors = {one.name: one.effect.value for one in found.of("sector").effects}
    assert sectors == {"s0": 9.0, "s1": -4.0}  # 8 and 10
    (cluster,) = found.of("cluster").effects
    assert (cluster.name, cluster.effect.value) == ("s0 in r0", 12.0)
    # Of the two regions one loses, and the other seed tells which.
    region = found.of("region")
    assert region.losing == 0.5
    assert (region.won.value, region.lost.value) == (8.0, -3.0)


def test_all_together_are_wider_than_each_alone():
    found = winners_and_losers([pair([[10, -4], [-2, 0]]), pair([[14, -3], [-4, 1]])])
    for group in found.groups:
        for one in group.effects:
            if not math.isnan(one.low) and one.effect.low < one.effect.high:
                assert (one.low < one.effect.low) == (len(group.effects) > 1)
                assert one.holm >= one.p


def test_a_place_is_a_cluster_if_it_is_one_at_half_of_the_seeds_in_either_run():
    often = [(0, 0, "growth"), (1, 1, "decline")]
    seeds = [pair(0.0, often), pair(0.0, [(0, 0, "growth")]), pair(0.0, [(0, 1, "growth")])]
    names = [one.name for one in winners_and_losers(seeds).of("cluster").effects]
    assert names == ["s0 in r0"]
    without = tables([BASE, BASE], stages=[(1, 0, "infancy")])
    assert places(tables([BASE, BASE]), without).cluster.tolist() == [[False, False], [True, False]]


def test_no_cluster_at_all():
    found = winners_and_losers([pair(0.0, ()), pair(1.0, ())])
    assert found.of("cluster").effects == ()
    assert math.isnan(found.of("cluster").losing)


def test_size_classes_by_hand():
    more = [[1, 2, 1, 1], [1, 1, 1, 4]]
    found = winners_and_losers([pair(0.0, sizes=more), pair(0.0)])
    effects = {one.name: one.effect.value for one in found.of("size of firms", "firms").effects}
    assert effects == {"micro": 0.0, "small": 0.5, "medium": 0.0, "large": 1.5}
    jobs = {one.name: one.effect.value for one in found.of("size of firms").effects}
    assert jobs["large"] == 15.0
    with pytest.raises(KeyError):
        found.of("size of firms", "innovations")


def test_productivity_is_weighted_by_jobs_and_does_not_add_up():
    level = np.zeros((2, 2, 2))
    level[1] = [[0.3, 0.0], [np.nan, np.nan]]
    done = tables([BASE, BASE], log_productivity=level)
    found = winners_and_losers([places(done, tables([BASE, BASE]))] * 2)
    group = found.of("region", PRODUCTIVITY)
    assert group.effects[0].effect.value == pytest.approx(0.3 * 100 / 150)
    assert math.isnan(group.effects[1].effect.value)  # nothing is known of it
    assert math.isnan(group.effects[0].relative)
    assert math.isnan(group.won.value)


def test_innovations_count_from_the_time_on_at_which_the_two_can_differ():
    before = np.zeros((3, 2, 2))
    before[:, 0, 0] = [5, 7, 9]
    after = before.copy()
    after[2, 0, 0] = 12
    done = tables([BASE] * 3, innovations=after)
    one = places(done, tables([BASE] * 3, innovations=before))
    assert one.amounts["innovations"][:, 0, 0].tolist() == [12, 9]


def test_concentration_between_regions():
    # All new jobs go to the larger region.
    found = winners_and_losers([pair([[50, 0], [0, 0]]), pair([[60, 0], [0, 0]])])
    theil_index, herfindahl = found.concentration
    assert theil_index.effect.value > 0.0
    assert herfindahl.without == pytest.approx(0.75**2 + 0.25**2)
    expected = np.mean([(200 / 250) ** 2 + (50 / 250) ** 2, (210 / 260) ** 2 + (50 / 260) ** 2])
    assert herfindahl.effect.value == pytest.approx(expected - 0.625)


def test_theil_of_equals_and_of_one_that_has_all():
    assert theil(np.full(7, 3.0)) == pytest.approx(0.0)
    assert theil(np.array([0.0, 5.0, 0.0])) == pytest.approx(math.log(3))
    # Shares of 3/4 and 1/4.
    assert theil(np.array([3.0, 1.0])) == pytest.approx(0.75 * math.log(1.5) + 0.25 * math.log(0.5))
    assert math.isnan(theil(np.zeros(3)))


@given(hnp.arrays(np.float64, st.integers(1, 9), elements=st.floats(0.001, 1e6)))
def test_theil_knows_no_unit_no_order_and_no_replication(amount):
    index = float(theil(amount))
    assert -1e-12 <= index <= math.log(amount.size) + 1e-9
    assert theil(1000.0 * amount) == pytest.approx(index, abs=1e-12)
    assert theil(amount[::-1]) == pytest.approx(index, abs=1e-12)
    assert theil(np.tile(amount, 3)) == pytest.approx(index, abs=1e-9)


@given(hnp.arrays(np.float64, st.tuples(st.integers(2, 8), st.integers(1, 6)),
                  elements=st.floats(0.1, 100).map(lambda x: round(x, 3))))  # fmt: skip
def test_what_is_won_and_lost_adds_up(change):
    change[:, ::2] *= -1.0
    won, lost = won_and_lost(change)
    assert won.value + lost.value == pytest.approx(change.sum(axis=1).mean())
    # Groups that always gain or always lose are told rightly.
    assert won.value >= 0.0 >= lost.value


def test_chance_alone_is_no_gain():
    rng = np.random.default_rng(7)
    found = [won_and_lost(rng.normal(0, 1, (6, 30)))[0].value for _ in range(400)]
    # The mean of six seeds over 30 groups, sorted by themselves, would win 15 x 0.33 = 4.9.
    assert np.mean(found) == pytest.approx(0.0, abs=4 * np.std(found) / 20)


def test_one_seed_tells_nobody_apart():
    assert math.isnan(won_and_lost(np.ones((1, 3)))[0].value)
    assert winners_and_losers([pair(1.0)]).of("region").effects[0].effect.value == 2.0


def test_seeds_of_other_places_are_refused():
    small = np.ones((2, 1, 1))
    with pytest.raises(ValueError, match="same regions and sectors"):
        winners_and_losers([pair(0.0), places(tables(small), tables(small))])


def test_every_kind_is_there():
    found = winners_and_losers([pair(0.0), pair(0.0)])
    assert {one.kind for one in found.groups} == set(KINDS)
    assert all(not one.sure for group in found.groups for one in group.effects)
