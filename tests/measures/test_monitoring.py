"""Indicators of monitoring: collaborations by where they lead, shares, labels, ranks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.measures.monitoring import (
    LABELS,
    Family,
    absorption,
    collaborations_by_group,
    labels,
    members_and_others,
    percentile_rank,
    share_by_group,
)

seeds = st.integers(0, 2**32 - 1)


def test_the_brief_names_two_direct_families_and_three_indirect_ones():
    assert [family.direct for family in Family] == [True, True, False, False, False]


# Collaborations

# Firms 0 and 1 are of group 0, firm 2 of group 1 in the same region, firm 3 of group 2 in another;
# 4 is a university of the first region, 5 an RTO of the second.
GROUP = [0, 0, 1, 2, -1, -1]
REGION = [0, 0, 0, 1, 0, 1]
SCIENCE = [False] * 4 + [True] * 2


def counted(first, second, trust):
    return collaborations_by_group(
        first, second, trust, group=GROUP, region=REGION, science=SCIENCE, n_groups=4
    )


def test_collaborations_by_hand():
    first, second = [0, 0, 0, 0, 5], [1, 2, 3, 4, 0]
    found = counted(first, second, [0.1, 0.3, 0.5, 0.7, 0.9])
    # Both firms of group 0 have the first; firm 0 has the other four as well.
    assert found.inside.tolist() == [2, 0, 0, 0]
    assert found.region.tolist() == [2, 1, 0, 0]
    assert found.outside.tolist() == [2, 0, 1, 0]
    assert found.science.tolist() == [2, 0, 0, 0]
    assert found.total.tolist() == [6, 1, 1, 0]
    trust = [(2 * 0.1 + 0.3 + 0.5 + 0.7 + 0.9) / 6, 0.3, 0.5, np.nan]
    assert found.trust == pytest.approx(trust, nan_ok=True)


def test_science_among_itself_is_no_collaboration_of_firms():
    found = counted([4], [5], [0.5])
    assert found.total.tolist() == [0, 0, 0, 0]
    assert np.isnan(found.trust).all()


def test_no_region_is_no_ones_region():
    found = collaborations_by_group(
        [0], [1], [0.5], group=[0, 1], region=[-1, -1], science=[False, False], n_groups=2
    )
    assert found.outside.tolist() == [1, 1]


@given(seeds, st.integers(2, 40), st.integers(0, 120))
def test_every_end_at_a_firm_is_counted_once(seed, n, ties):
    luck = np.random.default_rng(seed)
    first, second = luck.integers(0, n, (2, ties))
    group = luck.integers(-1, 4, n)
    region = luck.integers(0, 2, n)
    science = group < 0
    found = collaborations_by_group(
        first,
        second,
        luck.random(ties),
        group=group,
        region=region,
        science=science,
        n_groups=4,
    )
    expected = np.zeros((4, 3))
    with_science = np.zeros(4)
    for a, b in [*zip(first, second, strict=True), *zip(second, first, strict=True)]:
        if group[a] >= 0:
            where = 0 if group[a] == group[b] else 1 if region[a] == region[b] else 2
            expected[group[a], where] += 1
            with_science[group[a]] += science[b]
    assert np.array_equal(np.stack(found[:3], axis=1), expected)
    assert np.array_equal(found.science, with_science)
    assert np.array_equal(np.isnan(found.trust), found.total == 0)
    assert (found.trust[found.total > 0] <= 1.0).all()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"first": [9]}, "first: expected indices"),
        ({"second": [-1]}, "second: expected indices from 0 to 5, got -1"),
        ({"trust": [0.5, 0.5]}, "trust: expected shape"),
        ({"trust": [-0.5]}, "trust: expected finite numbers"),
        ({"second": [1, 2], "trust": [0.5]}, "as many of each"),
        ({"science": [True]}, "as many of each"),
        ({"group": [4, 0, 0, 0, 0, 0]}, "group: expected indices"),
        ({"region": [0]}, "region: expected shape"),
    ],
)
def test_wrong_ties_are_refused(changes, message):
    given = {
        "first": [0],
        "second": [1],
        "trust": [0.5],
        "group": GROUP,
        "region": REGION,
        "science": SCIENCE,
        **changes,
    }
    first, second, trust = (given.pop(name) for name in ("first", "second", "trust"))
    with pytest.raises(ValueError, match=message):
        collaborations_by_group(first, second, trust, **given, n_groups=4)


# Shares


def test_shares_by_hand():
    share = share_by_group([True, False, True, True], [0, 0, 2, -1], 3)
    assert share == pytest.approx([0.5, np.nan, 1.0], nan_ok=True)
    assert np.isnan(share_by_group([], np.empty(0, dtype=int), 2)).all()
    with pytest.raises(ValueError, match="group: expected shape"):
        share_by_group([True], [0, 1], 2)


@given(seeds, st.integers(0, 50))
def test_shares_weighted_by_counts_add_up(seed, n):
    luck = np.random.default_rng(seed)
    flags, group = luck.random(n) < 0.5, luck.integers(0, 3, n)
    share, count = share_by_group(flags, group, 3), np.bincount(group, minlength=3)
    assert np.nansum(share * count) == pytest.approx(flags.sum())
    assert ((share >= 0) & (share <= 1))[count > 0].all()


def test_absorption_is_that_of_the_model():
    from clustersim.world.knowledge import Exchange, absorptive_capacity
    from clustersim.world.spec import ExchangeSpec

    exchange = Exchange.of(ExchangeSpec())
    research = np.array([0.0, 0.01, 0.2])
    found = absorption(research, exchange.research_half, exchange.experience)
    assert found == pytest.approx([absorptive_capacity(r, exchange) for r in research])
    assert absorption([0.0, 0.1], 0.0, 0.0).tolist() == [0.0, 1.0]


# Labels


def test_labels_at_their_thresholds():
    low, middle, high = LABELS.values()
    assert 0.0 < low < middle < high < 1.0
    below = [np.nextafter(x, 0.0) for x in (low, middle, high)]
    assert labels([0.0, *below]).tolist() == ["none", "none", "bronze", "silver"]
    assert labels([low, middle, high, 1.0]).tolist() == ["bronze", "silver", "gold", "gold"]
    assert labels([]).tolist() == []


def test_a_new_organisation_has_no_label_and_earns_each_in_a_cycle():
    from clustersim.world.policy import Governance

    excellence, course = 0.5, []
    for _ in range(4):
        course.append(labels([excellence])[0])
        excellence += Governance().learning * (1.0 - excellence)
    assert course == ["none", "bronze", "silver", "gold"]


# Members and others


def test_members_and_others_by_hand():
    # Firms 0 to 3 are in place 0, firm 4 in place 1. Organisation 0 of place 0 has firms 0 and 1,
    # organisation 1 of place 0 has firm 1, organisation 2 of place 1 has nobody, 3 has no place.
    found = members_and_others(
        [1.0, 2.0, 3.0, 6.0, 9.0],
        [1.0, 1.0, 1.0, 2.0, 1.0],
        inside=([0, 1, 1], [0, 0, 1]),
        place=[0, 0, 0, 0, 1],
        n_places=2,
        home=[0, 0, 1, -1],
    )
    assert found.members == pytest.approx([3 / 2, 2.0, np.nan, np.nan], nan_ok=True)
    assert found.others == pytest.approx([9 / 3, 10 / 4, 9.0, np.nan], nan_ok=True)


def test_what_is_unknown_of_a_firm_is_left_out():
    found = members_and_others(
        [np.nan, 2.0, np.nan],
        [1.0, 1.0, 5.0],
        inside=([0, 1], [0, 0]),
        place=[0, 0, 0],
        n_places=1,
        home=[0],
    )
    assert found.members.tolist() == [2.0]
    assert np.isnan(found.others).all()


@given(seeds, st.integers(1, 30))
def test_all_as_members_leave_no_others_and_no_rounding_error(seed, n):
    luck = np.random.default_rng(seed)
    weight = luck.random(n)
    firms = luck.permutation(n)
    found = members_and_others(
        luck.random(n) * weight,
        weight,
        inside=(firms, np.zeros(n, dtype=int)),
        place=np.zeros(n, dtype=int),
        n_places=1,
        home=[0],
    )
    assert np.isnan(found.others).all()
    assert 0.0 <= found.members[0] <= 1.0


@given(seeds, st.integers(2, 40))
def test_members_and_others_together_are_the_place(seed, n):
    luck = np.random.default_rng(seed)
    place, joined = luck.integers(0, 3, n), luck.random(n) < 0.5
    home = np.array([0, 1, 2])
    firm = np.flatnonzero(joined)
    amount, weight = luck.random(n), luck.random(n) + 0.1
    found = members_and_others(
        amount, weight, inside=(firm, place[firm]), place=place, n_places=3, home=home
    )
    for p in range(3):
        for values, chosen in ((found.members, joined), (found.others, ~joined)):
            mine = chosen & (place == p)
            expected = amount[mine].sum() / weight[mine].sum() if mine.any() else np.nan
            assert values[p] == pytest.approx(expected, nan_ok=True)


def test_members_who_are_nowhere_are_refused():
    for inside in (([3], [0]), ([0], [1]), ([-1], [0])):
        with pytest.raises(ValueError, match="expected indices"):
            members_and_others([1.0], [1.0], inside=inside, place=[0], n_places=1, home=[0])


# Ranks


def test_ranks_by_hand():
    assert percentile_rank([3.0, 1.0, 2.0]).tolist() == [1.0, 0.0, 0.5]
    assert percentile_rank([1.0, 1.0, 2.0]).tolist() == [0.25, 0.25, 1.0]
    assert percentile_rank([5.0, 5.0]).tolist() == [0.5, 0.5]
    known = percentile_rank([np.nan, 1.0, 4.0])
    assert known == pytest.approx([np.nan, 0.0, 1.0], nan_ok=True)
    assert np.isnan(percentile_rank([7.0, np.nan])).all()
    assert percentile_rank([]).size == 0


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=30))
def test_ranks_are_one_half_on_average_and_keep_the_order(values):
    rank = percentile_rank([float(v) for v in values])
    assert rank.mean() == pytest.approx(0.5)
    assert ((rank >= 0) & (rank <= 1)).all()
    assert (np.diff(rank[np.argsort(values, kind="stable")]) >= 0).all()
    turned = percentile_rank([-float(v) for v in values])
    assert turned == pytest.approx(1.0 - rank)
