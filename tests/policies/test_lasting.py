"""How long effects last: a factor on the time in which every measure's fades."""

import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.policies.policy import PublicPolicy
from clustersim.world.policy import Policy
from tests.policies.test_serving import PLACE, SURE, firms
from tests.worlds import luck


def course(action, lever, fade, **parameters):
    """Return a lever of the first row for three years, half a year of which is funded."""
    world = firms(10)
    measure = {"action": action, "fade": fade, "delay": 0.0}
    if action == "firm_networks":
        measure = {**measure, **SURE, "length": 0.5}
    policy = Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "until": 2000.5,
            "budget": 4e5,
            "identification": PLACE,
            "measures": [measure],
        }
    )
    found = []
    for step in range(12):
        world.clock.step = step
        PublicPolicy(policies=(policy,), **parameters).apply(world, luck(step))
        found.append(float(getattr(world.levers, lever)[0]) - 1.0)
    return np.array(found)


@pytest.mark.parametrize(
    ("action", "lever"), [("firm_networks", "meeting"), ("infrastructure", "innovation")]
)
def test_to_last_twice_as_long_is_to_fade_in_twice_the_time(action, lever):
    usual = course(action, lever, 2.0)
    assert np.array_equal(course(action, lever, 2.0, lasting=1.0), usual)
    # Two times a number of years is exact.
    assert np.array_equal(course(action, lever, 2.0, lasting=2.0), course(action, lever, 4.0))
    longer, shorter = (course(action, lever, 2.0, lasting=one) for one in (4.0, 0.25))
    assert (longer[6:] > usual[6:]).all()
    assert (usual[6:] > shorter[6:]).all()
    assert (shorter[6:] >= 0.0).all()


def test_effects_fade_by_hand():
    # Served for two quarters; the last one is half of that, and e-folds in 2 x 0.25 years.
    found = course("firm_networks", "meeting", 2.0, lasting=0.25)
    assert found[4:7] / found[3:6] == pytest.approx(np.full(3, np.exp(-0.25 / 0.5)))


@pytest.mark.parametrize("lasting", [0.0, -1.0, 101.0, float("nan")])
def test_what_is_no_factor_is_refused(lasting):
    with pytest.raises(ValidationError):
        PublicPolicy(lasting=lasting)
