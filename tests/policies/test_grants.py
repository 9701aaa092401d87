"""What grants add to research and what they displace, by hand."""

import numpy as np
import pytest

from clustersim.policies.policy import PublicPolicy
from clustersim.world.policy import Policy
from tests.policies.test_serving import PLACE, firms, quarter
from tests.worlds import luck

GRANT = {
    "action": "rd_grant",
    "take_up": 1.0,
    "deadweight": 0.0,
    "delay": 0.0,
    "hours": 0.0,
    "length": 1.0,
}


def grants(cost, **changes):
    return Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "budget": 1e12,
            "identification": PLACE,
            "measures": [{**GRANT, "cost": cost, **changes}],
            "rules": {"aid_sme": 0.4, "aid_large": 0.25},
        }
    )


def funded(size, research, cost, displacement=0.5):
    world = firms(1, size=size, research=research)
    world.sectors.value_added[:] = 50_000.0
    before = float(world.actors.cash[0])
    PublicPolicy(policies=(grants(cost),), displacement=displacement).apply(world, luck())
    return world, float(world.actors.cash[0]) - before


def test_a_small_firm_does_all_of_the_project_in_addition():
    # No R&D of its own: 20,000 euro of 10 * 50,000 are added, of which aid pays 8,000.
    world, cash = funded(10.0, 0.0, 20_000.0)
    assert world.actors.funded[0] == pytest.approx(0.04)
    assert world.actors.research[0] == pytest.approx(0.04)
    assert cash == pytest.approx(-12_000.0 / 4)


def test_a_large_firm_does_by_it_what_it_would_have_done():
    # Own R&D of 5 % of 50 million is 2.5 million; D = C O / (O + C / 2) of a project of 100,000.
    world, cash = funded(1000.0, 0.05, 100_000.0)
    displaced = 1e5 * 2.5e6 / (2.5e6 + 5e4)
    assert world.actors.funded[0] == pytest.approx((1e5 - displaced) / 5e7)
    assert cash == pytest.approx((25_000.0 + displaced - 1e5) / 4)


def test_research_goes_back_when_the_grant_is_over():
    world = firms(3, research=0.02)
    policy = grants(30_000.0, length=0.5).model_copy(update={"until": 2000.5})
    for step in range(4):
        quarter(world, policy, step=step)
        assert (world.actors.funded > 0.0).all() == (step < 2)
    assert world.actors.research == pytest.approx(0.02)
    assert (world.actors.funded == 0.0).all()


def test_a_grant_that_is_deadweight_displaces_all():
    world = firms(2_000, research=0.02)
    before = world.actors.cash.copy()
    quarter(world, grants(30_000.0, deadweight=0.4))
    more = world.actors.funded > 0.0
    assert more.mean() == pytest.approx(0.6, abs=0.04)
    # What aid pays, 0.4 of 30,000, is theirs to keep.
    assert (world.actors.cash - before)[~more] == pytest.approx(12_000.0 / 4)


def test_research_has_a_limit():
    # A project of a tenth of what the firm earns, which displaces next to nothing.
    world, _ = funded(1.0, 0.25, 1e6, displacement=100.0)
    assert world.actors.research[0] == pytest.approx(0.3)
    assert np.isfinite(world.actors.cash).all()
