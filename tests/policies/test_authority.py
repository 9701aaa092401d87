"""Budgets by year, elections, and what interests make of a choice."""

import numpy as np
import pytest

from clustersim.policies.authority import budget_at
from clustersim.policies.identification import identify
from clustersim.world.ledger import Purpose
from clustersim.world.policy import Policy
from tests.policies.test_serving import firms, quarter
from tests.policies.worlds import START, policy, run
from tests.worlds import add_actors, empty_world, luck


def given(**changes):
    return Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "budget": 100.0,
            "measures": [{"action": "firm_networks"}],
            **changes,
        }
    )


def test_budgets_hold_from_their_year_on():
    one = given(budgets=[{"year": 2004, "budget": 0.0}, {"year": 2002, "budget": 50.0}])
    years = [2000, 2001.75, 2002, 2003.75, 2004, 2010]
    assert [budget_at(one, year) for year in years] == [100, 100, 50, 50, 0, 0]


def test_budgets_are_higher_before_elections_and_lower_after_them():
    one = given(politics={"elections": 4, "swing": 0.2})
    years = [2002.75, 2003, 2003.75, 2004, 2004.75, 2005, 2007, 2008]
    expected = [100, 120, 120, 80, 80, 100, 120, 80]
    assert [budget_at(one, year) for year in years] == pytest.approx(expected)
    later = given(politics={"elections": 4, "first": 2001, "swing": 0.2})
    assert budget_at(later, 2000) == pytest.approx(120.0)


def test_money_of_a_later_year_is_paid_then_and_a_year_of_none_pays_none():
    world = run(
        policy("firm_networks", budget=0.0, budgets=[{"year": START + 1, "budget": 8e5}]),
        quarters=6,
    )
    booked = world.public.ledger.table()
    came = booked["purpose"] == Purpose.APPROPRIATION
    assert sorted(set(booked["quarter"][came].tolist())) == [4, 5]
    assert booked["cents"][came].sum() == 2 * 2e5 * 100


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_an_election_may_end_a_policy(chance):
    world = run(policy("firm_networks", politics={"elections": 1, "reversal": chance}), quarters=8)
    booked = world.public.ledger.table()
    came = booked["quarter"][booked["purpose"] == Purpose.APPROPRIATION]
    assert came.max() == (7 if chance == 0.0 else 3)


def test_an_election_ends_as_many_policies_as_its_chance_says():
    ended = 0
    for number in range(300):
        world = firms(2)
        one = given(name=f"try {number}", politics={"elections": 1, "reversal": 0.3})
        for step in (0, 4):
            quarter(world, one, step=step)
        ended += world.public.standing[one.name].stopped
    assert ended / 300 == pytest.approx(0.3, abs=0.08)


def test_short_sighted_authorities_spend_less_on_what_works_late():
    # Half and half, delays of 0.25 and 3 years: exp(-0.25) and exp(-3).
    world = run(
        policy("firm_networks", "infrastructure", politics={"myopia": 1.0}),
        quarters=1,
    )
    plan = world.public.standing["try"].plan[:, 0]
    weights = np.exp([-0.25, -3.0])
    assert plan == pytest.approx(weights / weights.sum())


def test_vested_interests_choose_the_large_place_and_else_the_specialised_one():
    # Region 0 lives on sector 1 alone; region 1 is large in everything, and not specialised.
    world = empty_world(((0.0, 90.0), (900.0, 1000.0)), relevance=((1.0, 1.0), (1.0, 1.0)))
    for region, sector, size in ((0, 1, 90.0), (1, 0, 900.0), (1, 1, 1000.0)):
        add_actors(world, [[0.5, 0.5]], region=region, sector=sector, size=size)
    world.public.statistics.append((0, world.jobs()))
    how = {"quotient": 0.0, "most": 1, "error": 0.0}
    chosen = {
        vested: np.flatnonzero(
            identify(world, given(identification=how, politics={"vested": vested}), luck())
        ).tolist()
        for vested in (0.0, 1.0)
    }
    assert chosen == {0.0: [2], 1.0: [3]}


def test_vested_interests_are_served_first():
    sizes = []
    for vested in (0.0, 1.0):
        world = firms(200, size=np.arange(1.0, 201.0))
        one = given(
            budget=8_000.0,
            identification={"quotient": 0.0},
            politics={"vested": vested},
            measures=[{"action": "firm_networks", "take_up": 1.0}],
        )
        quarter(world, one)
        served = world.actors.column("policy.try.0.until") > 0
        sizes.append(sorted(world.actors.size[served].tolist()))
    assert sizes[1] == [float(s) for s in range(191, 201)]
    assert sizes[0] != sizes[1]
