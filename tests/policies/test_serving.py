"""Measures that reach firms one by one, by hand."""

import numpy as np
import pytest

from clustersim.policies.policy import PublicPolicy
from clustersim.world.policy import Policy
from tests.worlds import add_actors, empty_world, luck

PLACE = {"method": "named", "places": [{"region": "region 0", "sector": "sector 0"}]}
SURE = {"take_up": 1.0, "deadweight": 0.0, "delay": 0.0, "hours": 0.0}


def policy(*, budget, rules=None, governance=None, until=None, **measure):
    return Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "until": until,
            "budget": budget,
            "identification": PLACE,
            "governance": governance,
            "measures": [{"action": "firm_networks", **SURE, **measure}],
            "rules": rules or {},
        }
    )


def firms(n=10, **columns):
    world = empty_world(((1.0,), (1.0,)), relevance=(1.0, 1.0))
    names = world.regions.names[0], world.sectors.names[0]
    PLACE["places"] = [{"region": names[0], "sector": names[1]}]
    add_actors(world, np.tile([0.5, 0.5], (n, 1)), **{"size": 10.0, **columns})
    return world


def quarter(world, *policies, step=0):
    world.clock.step = step
    PublicPolicy(policies=policies).apply(world, luck(step))


def served(world):
    return int((world.actors.column("policy.try.0.until") > world.clock.step).sum())


def test_as_many_are_served_as_the_money_is_for():
    # 4,000 euro a year and 800 for each: five.
    world = firms()
    quarter(world, policy(budget=4_000.0, cost=800.0))
    assert served(world) == 5
    # Five times a quarter of 800 euro.
    assert world.public.ledger.table()["cents"].tolist()[-5:] == [20_000] * 5


def test_as_many_are_served_as_the_staff_have_hours_for():
    # One job of 1,600 hours a year, of excellence 1/2; of which 400 for each: four.
    world = firms()
    world.places.unemployed[:] = 0.0
    rules = {"staff": 1.0, "wage": 40_000.0, "public_share": 1.0, "fee": 0.0, "join_rate": 20.0}
    rules["setup"] = 0.0
    quarter(world, policy(budget=1e6, cost=100.0, hours=400.0, governance=rules))
    members = len(world.ties.membership)
    assert members > 4
    assert served(world) == 4


def test_those_who_are_served_go_on_until_their_time_is_over():
    world, measure = firms(100), policy(budget=8_000.0, cost=800.0, length=0.5)
    rows = []
    for step in range(4):
        quarter(world, measure, step=step)
        rows.append(np.flatnonzero(world.actors.column("policy.try.0.until") > step))
    assert [len(one) for one in rows] == [10] * 4
    assert np.array_equal(rows[0], rows[1])
    assert np.array_equal(rows[2], rows[3])
    assert not np.array_equal(rows[1], rows[2])


@pytest.mark.parametrize(("reach", "expected"), [(None, 1.0), (0.5, 1.0), (1.0, 0.25)])
def test_support_that_is_spread_thinly_fails(reach, expected):
    # Money for five of ten: all ten get a half each, and a quarter of the effect.
    world = firms()
    quarter(world, policy(budget=4_000.0, cost=800.0, reach=reach))
    change = world.levers.meeting - 1.0
    assert change[change > 0.0] == pytest.approx(expected)
    assert (change > 0.0).sum() == (10 if reach == 1.0 else 5)
    spent = world.public.ledger.table()
    assert spent["cents"][spent["measure"] == 0].sum() == 100_000


def test_who_is_eligible_no_longer_or_for_whom_there_is_no_money_is_served_no_longer():
    world = firms(10)
    quarter(world, policy(budget=8_000.0, cost=800.0, length=5.0))
    assert served(world) == 10
    world.actors.size[:3] = 400.0
    quarter(world, policy(budget=8_000.0, cost=800.0, length=5.0, sizes=["sme"]), step=1)
    assert np.flatnonzero(world.actors.column("policy.try.0.until") > 1).tolist() == [*range(3, 10)]
    world.public.standing["try"].account[:] = 0
    quarter(world, policy(budget=1_600.0, cost=800.0, length=5.0, sizes=["sme"]), step=2)
    assert served(world) == 2
    quarter(world, policy(budget=8_000.0, until=2000.5), step=3)
    assert served(world) == 0


def test_who_is_asked_may_decline_and_deadweight_is_paid_without_effect():
    world = firms(20_000)
    measure = policy(budget=1e9, take_up=0.5, deadweight=0.3)
    quarter(world, measure)
    n = served(world)
    assert n / 20_000 == pytest.approx(0.5, abs=0.015)
    changed = (world.levers.meeting > 1.0).sum()
    assert changed / n == pytest.approx(0.7, abs=0.02)


def test_it_works_after_the_delay_and_fades_after_the_end():
    # Served in quarters 0 and 1, with a delay of two: full in 2 and 3, then exp(-t / 0.5) with t
    # from a quarter on.
    world = firms()
    measure = policy(budget=1e6, length=0.5, delay=0.5, fade=0.5, until=2000.5)
    course = []
    for step in range(6):
        quarter(world, measure, step=step)
        course.append(float(world.levers.meeting[0]) - 1.0)
    # What is set in a quarter holds in the next one.
    expected = [0.0, 1.0, 1.0, np.exp(-0.5), np.exp(-1.0), np.exp(-1.5)]
    assert course == pytest.approx(expected)


@pytest.mark.parametrize(
    ("choice", "first"), [("largest", [8, 9]), ("newest", [0, 1]), ("connected", [4, 5])]
)
def test_who_is_served_first(choice, first):
    from tests.worlds import add_ties

    world = firms(size=np.arange(1.0, 11.0))
    world.fields.digital[:] = [True, False]
    world.actors.knowledge[:, 0] = np.linspace(1.0, 0.1, 10)
    add_ties(world, [4, 4, 5, 5], [0, 1, 2, 3])
    quarter(world, policy(budget=1_600.0, cost=800.0, choice=choice))
    assert np.flatnonzero(world.levers.meeting > 1.0).tolist() == first


def test_only_those_it_is_for_are_served():
    world = firms(size=np.where(np.arange(10) < 3, 400.0, 10.0), birth=np.arange(10))
    quarter(world, policy(budget=1e6, sizes=["large"]), step=9)
    assert np.flatnonzero(world.levers.meeting > 1.0).tolist() == [0, 1, 2]
    world = firms(birth=np.arange(10))
    quarter(world, policy(budget=1e6, youngest=0.5), step=9)
    assert np.flatnonzero(world.levers.meeting > 1.0).tolist() == [7, 8, 9]


def test_two_effects_that_are_too_strong_do_not_turn_a_factor_round():
    # Closing falls by 0.2 at full effect: at twenty times that it would be 1 - 4 = -3, twice 9.
    world = firms()
    one = policy(budget=1e9, action="covid_recovery", strength=20.0)
    quarter(world, one, one.model_copy(update={"name": "other"}))
    assert (world.levers.closing[:10] == 0.0).all()


def test_of_ten_vouchers_eight_are_additional_one_is_not_used():
    world = firms(50_000)
    quarter(
        world,
        Policy.model_validate(
            {
                "name": "try",
                "year": 2000,
                "budget": 1e10,
                "identification": PLACE,
                "measures": [{"action": "innovation_voucher", "delay": 0.0}],
            }
        ),
    )
    assert served(world) / 50_000 == pytest.approx(0.9, abs=0.005)
    assert (world.levers.innovation > 1.0).mean() == pytest.approx(0.8, abs=0.006)
