"""A price on CO2 and duties to adopt, by hand."""

import numpy as np
import pytest

from clustersim.policies.policy import PublicPolicy
from clustersim.world.ledger import Purpose
from clustersim.world.policy import Policy
from tests.policies.test_serving import PLACE, firms
from tests.worlds import luck


def world_of_three():
    """Return three firms of 10 jobs: brown, green, digital; 0.5 kg CO2 a euro."""
    world = firms(3)
    world.sectors.carbon_intensity[:] = 0.5
    world.sectors.green_saving[:] = 0.4
    world.sectors.value_added[:] = 60_000.0
    world.actors.green[1] = world.actors.digital[2] = True
    return world


def apply(world, action, budget=1e6, until=None, step=0, **measure):
    one = Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "until": until,
            "budget": budget,
            "identification": PLACE,
            "measures": [{"action": action, **measure}],
        }
    )
    world.clock.step = step
    before = world.actors.cash[:3].copy()
    PublicPolicy(policies=(one,)).apply(world, luck(step))
    return (before - world.actors.cash[:3]).tolist()


def levies(world):
    booked = world.public.ledger.table()
    mine = booked["purpose"] == Purpose.LEVY
    return dict(zip(booked["payer"][mine].tolist(), booked["cents"][mine].tolist(), strict=True))


def test_a_carbon_price_is_paid_on_what_is_emitted():
    # 600,000 euro at 0.5 kg: 300 tonnes a year, of which green spares 40 %, at 50 euro; a quarter.
    world = world_of_three()
    assert apply(world, "carbon_price") == pytest.approx([3_750.0, 2_250.0, 3_750.0])
    ids = world.actors.id[:3]
    assert levies(world) == {ids[0]: 375_000, ids[1]: 225_000, ids[2]: 375_000}
    assert world.levers.access[:3] == pytest.approx([-0.025, -0.015, -0.025])
    assert world.levers.green[:3] == pytest.approx(1.5)


def test_a_higher_price_has_more_effect():
    world = world_of_three()
    assert apply(world, "carbon_price", levy=100.0)[0] == pytest.approx(7_500.0)
    assert world.levers.green[0] == pytest.approx(2.0)


def test_a_rule_is_enforced_as_far_as_there_is_money_for_it():
    # 20 euro a firm and year are 60; 30 do for the half.
    world = world_of_three()
    assert apply(world, "carbon_price", budget=30.0) == pytest.approx([1_875.0, 1_125.0, 1_875.0])
    assert world.levers.green[0] == pytest.approx(1.25)


@pytest.mark.parametrize(("action", "spared"), [("digital_mandate", 2), ("green_mandate", 1)])
def test_who_has_adopted_pays_nothing(action, spared):
    # 200 euro for each of 10 jobs, a quarter.
    world = world_of_three()
    paid = apply(world, action)
    assert paid == pytest.approx([0.0 if i == spared else 500.0 for i in range(3)])
    lever = getattr(world.levers, action.split("_", maxsplit=1)[0])
    assert lever[:3] == pytest.approx(3.0)


def test_no_account_has_part_in_a_levy():
    world = world_of_three()
    apply(world, "carbon_price", budget=4_000.0)
    booked = world.public.ledger.table()
    spent = booked["cents"][booked["purpose"] == Purpose.MEASURE].sum()
    assert spent == 3 * 500
    assert world.public.standing["try"].account.sum() == 100_000 - spent


def test_rules_end_with_the_policy():
    world = world_of_three()
    apply(world, "carbon_price", until=2000.25)
    assert apply(world, "carbon_price", until=2000.25, step=1) == [0.0] * 3
    assert world.levers.in_use == ()


def test_only_firms_of_the_sizes_named_are_bound():
    world = world_of_three()
    world.actors.size[0] = 300.0
    paid = apply(world, "carbon_price", sizes=["large"])
    assert np.flatnonzero(paid).tolist() == [0]
