"""What all levers have in common: a factor for everybody is as good as a parameter times it."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.schedule import SCHEDULE, mechanisms
from clustersim.simulation import Simulation
from clustersim.world.draws import Draws
from clustersim.world.levers import LEVERS
from tests.mechanisms.test_declarations import arrays, same, schedule, world_in_motion
from tests.worlds import SEED, living_world

PARAMETERS = [
    ("meeting", "collaboration", ("meeting_rate",)),
    ("trust", "collaboration", ("trust_gain",)),
    ("trust", "projects", ("trust_gain",)),
    ("absorption", "learning", ("tie_rate",)),
    ("absorption", "place_learning", ("place_rate",)),
    ("innovation", "innovation", ("rate",)),
    ("proposal", "projects", ("proposal_rate",)),
    ("progress", "projects", ("progress",)),
    ("digital", "adoption", ("digital_innovation", "digital_imitation")),
    ("green", "adoption", ("green_innovation", "green_imitation")),
    ("closing", "exit", ("hazard_old", "hazard_young")),
    ("credit", "exit", ("debt_limit",)),
    ("spin_off", "entry", ("spin_off_rate", "university_rate")),
    ("matching", "labour", ("efficiency",)),
    ("start_ups", "entry", ("start_up_rate",)),
    ("arrivals", "relocation", ("arrival_rate",)),
]
"""Levers that multiply, with the parameters that they multiply."""

QUIET = {"innovation": {"rate": 1.0}, "projects": {"proposal_rate": 2.0, "progress": 3.0}}
"""Parameters that leave room for a factor within their bounds."""


@pytest.fixture(scope="module")
def moving():
    world = world_in_motion()
    for name in world.levers.in_use:
        world.levers.release(name)
    return world


def after(world, name, changes):
    """Return a copy of a world after one mechanism with some parameters multiplied."""
    world = copy.deepcopy(world)
    mechanism = next(one for one in schedule() if one.name == name)
    given = {**mechanism.model_dump(), **QUIET.get(name, {})}
    given |= {parameter: given[parameter] * factor for parameter, factor in changes.items()}
    draws = Draws(3)
    draws.step = world.clock.step
    type(mechanism)(**given).apply(world, draws)
    return world


def test_every_factor_has_its_parameters():
    known = {(lever.name, one) for lever in LEVERS for one in lever.mechanisms}
    others = {("suppliers", "supply"), ("crowding", "market")}
    factors = {pair for pair in known if pair[0] in {x.name for x in LEVERS if x.neutral == 1.0}}
    assert factors - others == {(lever, name) for lever, name, _ in PARAMETERS}
    assert {mechanism.name for mechanism in SCHEDULE} >= {name for _, name, _ in PARAMETERS}


# A power of two, so that the order of products does not matter to the last bit.
@pytest.mark.parametrize(("lever", "name", "parameters"), PARAMETERS)
@given(factor=st.sampled_from([0.0, 0.125, 0.25, 0.5, 1.0, 2.0]))
def test_a_factor_for_everybody_is_as_good_as_the_parameters_times_it(
    moving, lever, name, parameters, factor
):
    levered = copy.deepcopy(moving)
    levered.levers.use(lever)[...] = factor
    by_lever = after(levered, name, {})
    by_lever.levers.release(lever)
    by_parameter = after(moving, name, dict.fromkeys(parameters, factor))
    for (array, one), (_, other) in zip(arrays(by_lever), arrays(by_parameter), strict=True):
        assert same(one, other), array


@pytest.mark.parametrize(("lever", "name", "parameters"), PARAMETERS)
def test_such_a_factor_changes_something(moving, lever, name, parameters):
    """The test above is not vacuous."""
    plain = after(moving, name, {})
    changed = after(moving, name, dict.fromkeys(parameters, 0.125))
    pairs = zip(arrays(plain), arrays(changed), strict=True)
    assert any(not same(one, other) for (_, one), (_, other) in pairs)


def test_levers_in_use_at_their_neutral_values_change_no_bit():
    worlds = []
    for used in (False, True):
        world = living_world()
        for lever in LEVERS if used else ():
            world.levers.use(lever.name)
        Simulation(world, mechanisms(), seed=SEED, record_every=1000).run(24)
        assert (len(world.levers.in_use) == len(LEVERS)) == used
        worlds.append(world)
    for (name, one), (_, other) in zip(*map(arrays, worlds), strict=True):
        assert same(one, other), name
