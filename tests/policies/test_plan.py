"""The management cycle, and what organisations learn from their indicators."""

import numpy as np
import pytest

from clustersim.policies.plan import phase_at
from clustersim.world.actors import Kind
from clustersim.world.ledger import Purpose
from clustersim.world.policy import Governance, Policy
from clustersim.world.public import Phase
from tests.policies.test_serving import PLACE, firms, quarter


def policy(*measures, **governance):
    rules = {"public_share": 1.0, "fee": 0.0, "join_rate": 20.0, "leave_rate": 0.0, "setup": 0.0}
    return Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "budget": 1e6,
            "identification": PLACE,
            "governance": {**rules, **governance},
            "measures": list(measures),
        }
    )


def test_the_phases_of_a_cycle_in_their_order():
    rules = Governance(setup=1.0, cycle=2.0)
    course = [phase_at(age, rules).name for age in range(12)]
    assert course[:4] == ["DEFINE"] * 2 + ["DESIGN"] * 2
    assert course[4:8] == ["IMPLEMENT", "MONITOR", "EVALUATE", "REVISE"]
    assert course[8:12] == ["IMPLEMENT"] * 4
    assert phase_at(3, Governance(setup=0.0, cycle=0.25)) is Phase.REVISE


def test_nobody_is_served_while_organisations_are_set_up_and_only_staff_are_paid():
    world = firms(20)
    one = policy({"action": "firm_networks", "take_up": 1.0}, setup=0.5, staff=1.0, wage=40_000.0)
    for step in range(3):
        quarter(world, one, step=step)
    booked = world.public.ledger.table()
    paid = np.zeros((3, len(Purpose)), dtype=np.int64)
    np.add.at(paid, (booked["quarter"], booked["purpose"]), booked["cents"])
    purposes = (Purpose.APPROPRIATION, Purpose.STAFF, Purpose.MEASURE)
    by_quarter = [{p.name: row[p] for p in purposes} for row in paid.tolist()]
    staff = {"APPROPRIATION": 1_000_000, "STAFF": 1_000_000, "MEASURE": 0}
    assert by_quarter[:2] == [staff, staff]
    assert by_quarter[2]["APPROPRIATION"] == 25_000_000
    assert by_quarter[2]["MEASURE"] > 0


def revised(adapt, excellence=1.0):
    """Return the plan after a cycle in which one measure finds takers and the other none."""
    world = firms(20)
    taken = {"action": "firm_networks", "take_up": 1.0, "cost": 50_000.0, "hours": 0.0}
    ignored = {"action": "technology_watch", "take_up": 0.0}
    one = policy(taken, ignored, adapt=adapt, cycle=1.0, learning=0.0)
    quarter(world, one)
    office = world.actors.rows(Kind.CLUSTER_ORGANISATION)
    world.actors.quality[office] = excellence
    for step in range(1, 5):
        quarter(world, one, step=step)
    return world.public.standing["try"].plan[:, 0]


def test_money_goes_where_it_is_taken_up():
    assert revised(0.0).tolist() == [0.5, 0.5]
    some, more = revised(0.5), revised(1.0)
    assert some.sum() == more.sum() == pytest.approx(1.0)
    assert 0.5 < some[0] < more[0]


def test_a_bad_organisation_misreads_its_indicators():
    assert revised(0.5, 0.0) != pytest.approx(revised(0.5, 1.0))


def test_money_goes_to_what_serves_those_who_innovate():
    # All money is taken up; members served by the first measure innovated, the others did not.
    world = firms(40)
    each = {"take_up": 1.0, "cost": 1e5, "hours": 0.0, "length": 10.0, "reach": 0.5}
    one = policy(
        {"action": "firm_networks", **each},
        {"action": "technology_watch", **each},
        adapt=1.0,
        cycle=1.0,
        learning=0.0,
    )
    quarter(world, one)
    office = world.actors.rows(Kind.CLUSTER_ORGANISATION)
    world.actors.quality[office] = 1.0
    served = world.actors.column("policy.try.0.until") > 0
    other = world.actors.column("policy.try.1.until") > 0
    assert served.any()
    assert other.any()
    world.actors.innovated[served & ~other] = 1
    for step in range(1, 5):
        quarter(world, one, step=step)
    plan = world.public.standing["try"].plan[:, 0]
    assert plan[0] > 0.55


def test_a_plan_of_one_measure_never_changes():
    world = firms(10)
    one = policy({"action": "firm_networks"}, cycle=0.5)
    for step in range(6):
        quarter(world, one, step=step)
    assert (world.public.standing["try"].plan == 1.0).all()
