"""Bridges between organisations, and meetings across them."""

import numpy as np
import pytest

from clustersim.mechanisms.collaboration import Collaboration
from clustersim.policies.partnerships import bridged
from clustersim.policies.policy import PublicPolicy
from clustersim.world.actors import Kind
from clustersim.world.ledger import Purpose
from clustersim.world.policy import Policy
from tests.worlds import add_actors, empty_world, luck

PLACES = [("r0", "s0"), ("r1", "s0"), ("r2", "s0"), ("r3", "s0"), ("r4", "s0")]


def world_of_places(n=40, knowledge=None):
    """Return five regions with as many firms in each."""
    world = empty_world(tuple((1.0,) for _ in PLACES), relevance=(1.0, 1.0))
    for r in range(len(PLACES)):
        known = (1.0, 0.2 * (r + 1)) if knowledge is None else knowledge[r]
        add_actors(world, np.tile(known, (n, 1)), region=r, research=0.05)
    return world


def policy(*places, budget=1e6, **measure):
    rules = {"staff": 20.0, "public_share": 1.0, "fee": 0.0, "join_rate": 20.0, "setup": 0.0}
    return Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "budget": 1.3e6 * len(places) + budget,
            "identification": {
                "method": "named",
                "places": [{"region": r, "sector": s} for r, s in places],
            },
            "governance": rules,
            "measures": [{"action": "cluster_partnerships", **measure}],
        }
    )


def quarter(world, one, step=0):
    world.clock.step = step
    PublicPolicy(policies=(one,)).apply(world, luck(step))
    return world.actors.rows(Kind.CLUSTER_ORGANISATION)


def test_each_organisation_has_bridges_to_three_others():
    world = world_of_places()
    offices = quarter(world, policy(*PLACES))
    assert all(bridged(world, office).size >= 3 for office in offices.tolist())
    ends = np.stack([world.ties.bridge.first, world.ties.bridge.second], axis=1)
    assert (ends[:, 0] < ends[:, 1]).all()
    assert np.unique(ends, axis=0).shape == ends.shape
    before = len(world.ties.bridge)
    quarter(world, policy(*PLACES), step=1)
    assert len(world.ties.bridge) == before


def test_two_organisations_have_one_bridge_and_one_alone_has_none():
    world = world_of_places()
    quarter(world, policy(*PLACES[:2]))
    assert len(world.ties.bridge) == 1
    alone = world_of_places()
    quarter(alone, policy(PLACES[0]))
    assert len(alone.ties.bridge) == 0
    assert alone.public.meetings.shape == (0, 2)


def test_members_of_both_meet_once_a_year_each():
    world = world_of_places(n=400)
    offices = quarter(world, policy(*PLACES[:2], budget=1e8))
    first, second = world.public.meetings.T
    layer = world.ties.membership
    members = [world.actors.id[layer.first[layer.second == office]] for office in offices]
    assert np.isin(world.public.meetings, np.concatenate(members)).all()
    n = min(one.size for one in members)
    # Each of the two sends a quarter of its members to a meeting, and so does the other.
    assert first.size == pytest.approx(2 * n / 4, abs=2)
    regions = world.actors.region[np.searchsorted(world.actors.id[:2000], [first, second])]
    assert (regions[0] != regions[1]).all()


def test_meetings_are_as_many_as_there_is_money_for():
    world = world_of_places(n=400)
    quarter(world, policy(*PLACES[:2], budget=16_000.0, cost=500.0))
    booked = world.public.ledger.table()
    paid = booked["cents"][booked["purpose"] == Purpose.MEASURE]
    assert set(paid.tolist()) == {50_000}
    # 4,000 euro in a quarter and what is left of the staff's; two accounts.
    spent = world.public.standing["try"].account
    assert (spent[:2] < 50_000).all()
    assert paid.size == len(world.public.meetings)


def test_those_who_meet_collaborate_if_they_agree():
    n = {}
    for meets in (True, False):
        world = world_of_places(n=300, knowledge=[(1.0, 0.1), (0.6, 0.8)] * 2 + [(1.0, 0.0)])
        quarter(world, policy(*PLACES[:2], budget=1e8))
        if not meets:
            world.public.meetings = world.public.meetings[:0]
        Collaboration(meeting_rate=0.0).apply(world, luck(1))
        n[meets] = len(world.ties.collaboration)
    assert n[False] == 0
    assert n[True] > 10


def test_nobody_meets_who_cannot_travel_or_has_left():
    world = world_of_places(n=300, knowledge=[(1.0, 0.1), (0.6, 0.8)] * 2 + [(1.0, 0.0)])
    quarter(world, policy(*PLACES[:2], budget=1e8))
    world.conditions.travel[:] = 0.0
    Collaboration(meeting_rate=0.0).apply(world, luck(1))
    assert len(world.ties.collaboration) == 0
    world.conditions.travel[:] = 1.0
    world.dismiss_firms(world.actors.rows(Kind.FIRM))
    Collaboration(meeting_rate=0.0).apply(world, luck(1))
    assert len(world.ties.collaboration) == 0


def test_bridges_end_with_the_policy():
    world = world_of_places()
    one = policy(*PLACES).model_copy(update={"until": 2000.5})
    for step in range(3):
        quarter(world, one, step=step)
    assert len(world.ties.bridge) == 0
    assert len(world.public.meetings) == 0


def test_only_firms_of_the_sizes_named_are_paid_for():
    world = world_of_places(n=100)
    world.actors.size[::2] = 400.0
    quarter(world, policy(*PLACES[:2], budget=1e8, sizes=["sme"]))
    booked = world.public.ledger.table()
    served = (booked["purpose"] == Purpose.MEASURE) & (booked["kind"] == Kind.FIRM)
    assert served.any()
    assert (booked["jobs"][served] < 250.0).all()
