"""Offices, members, fees, staff, and what is built, by hand."""

import numpy as np
import pytest

from clustersim.policies.policy import PublicPolicy
from clustersim.world.actors import Kind
from clustersim.world.ledger import Purpose
from clustersim.world.policy import Identification, Policy
from tests.policies.test_serving import PLACE, firms, quarter
from tests.worlds import add_actors, empty_world, luck

RULES = {
    "staff": 2.0,
    "wage": 50_000.0,
    "public_share": 0.5,
    "fee": 400.0,
    "join_rate": 0.0,
    "leave_rate": 0.0,
    "setup": 0.0,
}


def policy(action="rd_grant", budget=1e6, name="try", governance=None, **measure):
    return Policy.model_validate(
        {
            "name": name,
            "year": 2000,
            "budget": budget,
            "identification": PLACE,
            "governance": {**RULES, **(governance or {})},
            "measures": [{"action": action, "take_up": 0.0, **measure}],
        }
    )


def booked(world, purpose):
    table = world.public.ledger.table()
    return table["cents"][table["purpose"] == purpose]


def test_an_office_that_is_free_is_used_and_else_one_is_founded():
    world = firms(2)
    old = add_actors(world, [[0.0, 0.0]], Kind.CLUSTER_ORGANISATION, sector=0, research=0.0)
    quarter(world, policy(), policy(name="other", action="firm_networks"))
    offices = [int(one.office[0]) for one in world.public.standing.values()]
    assert offices[0] == world.actors.id[old[0]]
    assert offices[1] != offices[0]
    assert world.actors.rows(Kind.CLUSTER_ORGANISATION).size == 2


@pytest.mark.parametrize("excellence", [0.0, 1.0])
def test_firms_and_science_of_the_place_join(excellence):
    world = firms(4_000)
    away = add_actors(world, [[0.5, 0.5]] * 50, region=1)
    office = add_actors(
        world, [[0.0, 0.0]], Kind.CLUSTER_ORGANISATION, sector=0, quality=excellence, research=0.0
    )
    quarter(world, policy(governance={"join_rate": 1.0}))
    layer = world.ties.membership
    assert (layer.second == office[0]).all()
    assert not np.isin(layer.first, away).any()
    share = np.isin(np.arange(4_000), layer.first).mean()
    assert share == pytest.approx(1 - np.exp(-(0.5 + excellence) / 4), abs=0.03)
    assert len(layer) == np.unique(layer.first).size


def test_science_of_the_region_joins():
    world = firms(1)
    science = add_actors(world, [[0.5, 0.5]], Kind.UNIVERSITY, research=0.5)
    add_actors(world, [[0.5, 0.5]], Kind.UNIVERSITY, region=1, research=0.5)
    quarter(world, policy(governance={"join_rate": 20.0}))
    members = world.ties.membership.first
    assert members[world.actors.kind[members] == Kind.UNIVERSITY].tolist() == science.tolist()


def test_science_joins_in_every_chosen_place_of_its_region():
    world = empty_world(((1.0, 1.0, 1.0),) * 3, relevance=(1.0, 1.0))
    chosen = ((0, 0), (0, 2), (2, 1))
    places = [
        {"region": world.regions.names[r], "sector": world.sectors.names[s]} for r, s in chosen
    ]
    one, two, other, away = (
        add_actors(world, [[0.5, 0.5]], Kind.UNIVERSITY, region=r)[0] for r in (0, 0, 2, 1)
    )
    given = policy(governance={"join_rate": 20.0}).model_copy(
        update={"identification": Identification(method="named", places=places)}
    )
    quarter(world, given)
    layer, actors = world.ties.membership, world.actors
    science = actors.kind[layer.first] == Kind.UNIVERSITY
    pairs = list(zip(layer.first[science], actors.sector[layer.second[science]], strict=True))
    # In the order of places, and in each in that of science.
    assert pairs == [(one, 0), (two, 0), (one, 2), (two, 2), (other, 1)]
    assert away not in layer.first


def test_where_members_pay_nothing_nothing_is_booked():
    world = firms(10)
    quarter(world, policy(governance={"join_rate": 20.0, "fee": 0.0}))
    assert len(world.ties.membership) > 0
    assert booked(world, Purpose.STAFF).size == 1
    assert booked(world, Purpose.FEE).size == 0


def test_members_pay_fees_and_staff_are_paid_by_both():
    world = firms(10)
    world.clock.step = 0
    quarter(world, policy(governance={"join_rate": 20.0}))
    members = len(world.ties.membership)
    assert 5 < members <= 10
    # 100 euro a quarter of each member; of 25,000 for staff the policy pays half.
    assert booked(world, Purpose.FEE).tolist() == [10_000] * members
    assert booked(world, Purpose.STAFF).tolist() == [1_250_000 + members * 10_000]
    cash = world.actors.cash[:10]
    assert sorted(set(cash.tolist())) == ([-100.0, 0.0] if members < 10 else [-100.0])


def test_members_that_are_not_served_leave():
    world = firms(1_000)
    quarter(world, policy(governance={"join_rate": 20.0}))
    before = len(world.ties.membership)
    quarter(world, policy(governance={"join_rate": 0.0, "leave_rate": 1.0}), step=1)
    assert len(world.ties.membership) / before == pytest.approx(np.exp(-0.25), abs=0.04)
    served = {"take_up": 1.0, "hours": 0.0, "cost": 1.0, "length": 5.0}
    quarter(world, policy(**served), step=2)
    after = len(world.ties.membership)
    quarter(world, policy(**served, governance={"leave_rate": 20.0}), step=3)
    assert len(world.ties.membership) == after


def test_an_organisation_learns_once_in_a_cycle():
    world = firms(2)
    one = policy(governance={"cycle": 0.5, "learning": 0.4})
    course = []
    for step in range(5):
        quarter(world, one, step=step)
        office = world.actors.rows(Kind.CLUSTER_ORGANISATION)
        course.append(float(world.actors.quality[office[0]]))
    assert course == pytest.approx([0.5, 0.5, 0.7, 0.7, 0.82])


def test_what_is_built_works_later_and_wears_out():
    # 100,000 euro in a quarter for 10 firms of 10 jobs; half of the effect costs 2,000 a job.
    world = firms(10)
    one = Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "until": 2000.25,
            "budget": 400_000.0,
            "identification": PLACE,
            "measures": [{"action": "infrastructure", "delay": 0.0, "fade": 10.0}],
        }
    )
    course = []
    for step in range(5):
        quarter(world, one, step=step)
        course.append(float(world.levers.innovation[0]) - 1.0)
    built = 1e5 * np.exp(-np.arange(1, 6) * 0.025)
    assert course == pytest.approx(0.2 * built / (built + 2_000.0 * 100.0))
    assert world.public.standing["try"].account.sum() == 0


def test_studies_let_less_money_be_wasted():
    shares = []
    for study in (False, True):
        world = firms(20_000)
        measures = [{"action": "firm_networks", "take_up": 1.0, "deadweight": 0.5, "delay": 0.0}]
        if study:
            measures.append({"action": "strategic_study", "share": 1e-3, "delay": 0.0})
        one = Policy.model_validate(
            {
                "name": "try",
                "year": 2000,
                "budget": 1e10,
                "identification": PLACE,
                "measures": measures[::-1],
            }
        )
        PublicPolicy(policies=(one,)).apply(world, luck())
        shares.append(float((world.levers.meeting > 1.0).mean()))
    assert shares[0] == pytest.approx(0.5, abs=0.02)
    assert shares[1] > 0.7


def test_training_lets_an_organisation_serve_better_while_it_lasts():
    # So much is spent that all but a hundredth of the full effect is there: of the half that an
    # organisation of 0.5 lacks, half is added, and what doubled a firm's meetings adds 1.25.
    found = []
    for strength in (0.0, 1.0):
        world = firms(2_000)
        usual = {"take_up": 1.0, "deadweight": 0.0, "delay": 0.0, "cost": 1.0}
        one = Policy.model_validate(
            {
                "name": "try",
                "year": 2000,
                "budget": 4e8,
                "identification": PLACE,
                "governance": {**RULES, "staff": 2e3, "join_rate": 1.0, "public_share": 1.0},
                "measures": [
                    {"action": "excellence_training", **usual, "fade": 1e6, "strength": strength},
                    {"action": "firm_networks", **usual},
                ],
            }
        )
        for step in range(2):
            quarter(world, one, step=step)
        office = world.actors.rows(Kind.CLUSTER_ORGANISATION)
        assert world.actors.quality[office].tolist() == [0.5]
        found.append((len(world.ties.membership), float(world.levers.meeting.max())))
    (members, meeting), (more, better) = found
    assert meeting == 2.0
    assert better == pytest.approx(2.25, abs=0.01)
    stay_out = 2_000 * np.exp(-0.25)
    assert more - members == pytest.approx(stay_out * (np.exp(-0.25) - np.exp(-0.3125)), abs=30)
