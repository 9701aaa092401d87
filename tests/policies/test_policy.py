"""What holds of every policy: money, rules, nothing for nothing."""

import copy

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clustersim.policies.actions import ACTIONS, BY_NAME, GROUPS, INSTRUMENTS, OWN
from clustersim.policies.serving import Delivery
from clustersim.world.actors import Kind
from clustersim.world.ledger import Purpose
from clustersim.world.levers import LEVERS
from clustersim.world.policy import LARGE
from tests.policies.worlds import START, policy, run, same

EVERY = tuple(BY_NAME)
MANAGED = {"governance": {"staff": 3, "join_rate": 2.0}}
LEVER = {lever.name: lever for lever in LEVERS}


def test_the_table_has_the_32_actions_in_eight_groups():
    found = [sum(one.group == group for one in ACTIONS) for group in GROUPS]
    assert found == [5, 4, 5, 4, 4, 4, 3, 3]
    assert len({one.name for one in (*ACTIONS, *INSTRUMENTS)}) == 41


@pytest.mark.parametrize("changes", [{"budget": 0.0}, {"enabled": False}, {"year": START + 30}])
def test_a_policy_without_money_or_time_changes_not_a_bit(changes):
    without = run(quarters=12)
    idle = run(policy(*EVERY, **{**MANAGED, **changes}), quarters=12)
    assert same(without, idle)
    assert not idle.public.standing


def cents(world, purpose):
    booked = world.public.ledger.table()
    return int(booked["cents"][booked["purpose"] == purpose].sum())


def balances(world):
    came = cents(world, Purpose.APPROPRIATION) + cents(world, Purpose.FEE)
    went = sum(cents(world, p) for p in (Purpose.STAFF, Purpose.MEASURE, Purpose.RETURN))
    left = sum(int(one.account.sum()) for one in world.public.standing.values())
    return came - went - left


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.sampled_from(EVERY), min_size=1, max_size=4, unique=True),
    st.floats(1.0, 1e8),
    st.booleans(),
    st.integers(1, 6),
)
def test_every_cent_is_accounted_for(actions, budget, managed, years):
    changes = MANAGED if managed else {}
    one = policy(*actions, budget=budget, until=START + years, **changes)
    other = policy("rd_grant", name="other", year=START + 0.5, identification={"every": 1.0})
    world = run(one, other, quarters=10)
    assert balances(world) == 0
    assert all((one.account >= 0).all() for one in world.public.standing.values())


def test_what_is_left_at_the_end_goes_back():
    world = run(policy("firm_networks", until=START + 1), quarters=6)
    assert cents(world, Purpose.RETURN) > 0
    assert world.public.standing["try"].account.sum() == 0
    assert cents(world, Purpose.APPROPRIATION) == 4 * 100_000_000


def test_a_quarter_of_the_budget_comes_in_every_quarter():
    world = run(policy("firm_networks"), quarters=3)
    booked = world.public.ledger.table()
    came = booked["purpose"] == Purpose.APPROPRIATION
    assert [booked["cents"][came & (booked["quarter"] == q)].sum() for q in range(3)] == [10**8] * 3


@pytest.mark.parametrize("action", EVERY)
def test_each_action_pulls_its_levers_for_those_it_reaches_and_no_others(action):
    kind = BY_NAME[action]
    world = run(policy(action, **MANAGED, budget=4e7), quarters=8)
    pulled = {effect.lever for effect in kind.effects} - set(OWN)
    assert set(world.levers.in_use) == pulled
    actors = world.actors
    reached = np.isin(actors.region * 3 + actors.sector, [0 * 3 + 0, 2 * 3 + 2])
    for effect in kind.effects:
        if kind.delivery is Delivery.PARTNERSHIP:
            assert len(world.ties.bridge) > 0
            assert len(world.public.meetings) > 0
            continue
        if effect.lever in OWN:
            assert world.public.standing["try"].working.max() > 0.0
            continue
        change = getattr(world.levers, effect.lever) - LEVER[effect.lever].neutral
        assert (np.sign(change[change != 0.0]) == np.sign(effect.size)).all()
        assert abs(change).max() <= 1.5 * abs(effect.size) + 1e-12
        if LEVER[effect.lever].of == "actor":
            away = ~reached & (actors.kind == Kind.FIRM)
            assert not change[away].any()
    if kind.delivery is Delivery.GRANT:
        funded = actors.funded[actors.kind == Kind.FIRM]
        assert funded.max() > 0.0
        assert (actors.research >= actors.funded).all()


@pytest.mark.parametrize(("action", "least"), [("firm_networks", 0.9), ("rd_grant", 0.98)])
def test_smes_get_the_share_that_the_rules_keep_for_them(action, least):
    places = [
        {"region": r, "sector": s}
        for r in ("north", "east", "south")
        for s in ("engines", "tools", "foods")
    ]
    how = {"identification": {"method": "named", "places": places}}
    shares = []
    for rule in (0.0, least):
        measures = [{"action": action, "choice": "largest", "cost": 60_000.0}]
        one = policy(measures=measures, rules={"sme_share": rule}, budget=1e6, **how)
        booked = run(one, quarters=8).public.ledger.table()
        served = booked["purpose"] == Purpose.MEASURE
        small = booked["jobs"][served] < LARGE
        shares.append(booked["cents"][served][small].sum() / booked["cents"][served].sum())
    assert shares[0] < least <= shares[1]


def test_no_firm_gets_more_than_the_rules_allow():
    world = run(
        policy("firm_networks", "rd_grant", rules={"per_firm": 120_000.0}, budget=5e7), quarters=24
    )
    booked = world.public.ledger.table()
    served = booked["purpose"] == Purpose.MEASURE
    _, firm = np.unique(booked["recipient"][served], return_inverse=True)
    each = np.bincount(firm, weights=booked["cents"][served] / 100.0) / world.employment_scale
    assert 50_000.0 < each.max() <= 120_000.0


def test_luck_of_a_policy_does_not_hang_on_other_policies():
    alone = run(policy("firm_networks"), quarters=4)
    idle = policy("rd_grant", name="idle", budget=1.0)
    both = run(idle, policy("firm_networks"), quarters=4)
    served = []
    for world in (alone, both):
        booked = world.public.ledger.table()
        mine = booked["policy"] == list(world.public.standing).index("try")
        served.append(np.sort(booked["recipient"][mine & (booked["measure"] == 0)]))
    assert served[0].size > 0
    assert np.array_equal(*served)


def test_a_copy_of_the_world_goes_on_alike():
    from clustersim.simulation import Simulation
    from tests.reference.small_world import small_schedule

    one = policy("firm_networks", "infrastructure", **MANAGED)
    world = run(one, quarters=4)
    other = copy.deepcopy(world)
    for each in (world, other):
        Simulation(each, small_schedule(policy={"policies": (one,)}), seed=1).run(4)
    assert same(world, other)
    assert balances(other) == 0
