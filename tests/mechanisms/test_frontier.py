import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from clustersim.mechanisms.frontier import LEAST_OVERLAP, Frontier
from clustersim.world.paradigms import relevance
from tests.worlds import add_actors, empty_world, luck, paradigm

START = 2000
STILL = {"obsolescence": 0.0, "world_imitation": 0.0, "world_lag": 0.0}


def shifting_world(year=2020.0, width=4.0):
    """One sector that moves from field 0 to field 1."""
    row = (paradigm((1, 0)), paradigm((0, 1), year=year, width=width))
    return empty_world(((100.0,),), paradigms=[row], start_year=START)


def at(world, year):
    world.clock.step = round(4 * (year - START))
    return world


@pytest.mark.parametrize(
    ("year", "share"),
    [
        (2020.0, 0.5),
        (2024.0, 1 / (1 + np.exp(-1))),
        (2016.0, 1 / (1 + np.exp(1))),
        (2000.0, 1 / (1 + np.exp(5))),
    ],
)
def test_relevance_moves_on_a_logistic(year, share):
    world = at(shifting_world(), year)
    Frontier(**STILL).apply(world, luck())
    assert world.sectors.relevance[0] == pytest.approx([1 - share, share], abs=1e-12)


def test_without_paradigms_relevance_and_the_world_stay():
    world = at(shifting_world(), 2030.0)
    world.sectors.relevance[:] = [[0.75, 0.25]]
    world.sectors.world_standing[:] = 0.1
    Frontier(**STILL | {"world_lag": 9.0}, paradigms=False).apply(world, luck())
    assert world.sectors.relevance.tolist() == [[0.75, 0.25]]
    assert world.sectors.world_log_productivity == pytest.approx([0.1])  # overlap 1: no lag


def test_a_third_paradigm_takes_over_from_what_the_second_left():
    # Half-way to the third in 2030, when 1 / (1 + e^-5) have moved to the second.
    row = (
        paradigm((1, 0, 0)),
        paradigm((0, 1, 0), year=2020, width=2),
        paradigm((0, 0, 1), year=2030, width=2),
    )
    world = at(empty_world(((1.0,),), paradigms=[row], start_year=START), 2030.0)
    Frontier(**STILL).apply(world, luck())
    second = 1 / (1 + np.exp(-5))
    expected = [0.5 * (1 - second), 0.5 * second, 0.5]
    assert world.sectors.relevance[0] == pytest.approx(expected, abs=1e-12)


YEARS = st.floats(1500, 3000)
WEIGHTS = st.lists(st.floats(0.01, 10), min_size=4, max_size=4)


@given(st.lists(st.tuples(YEARS, st.floats(0.1, 50), WEIGHTS), max_size=3), WEIGHTS, YEARS)
def test_relevance_always_sums_to_one(later, first, now):
    row = [paradigm(first)]
    row += [paradigm(w, year=y, width=width) for y, width, w in sorted(later)]
    sectors = empty_world(((1.0, 1.0),), paradigms=[row, [paradigm((1, 0, 0, 1))]]).sectors
    needed = relevance(sectors, now)
    assert needed.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert (needed >= 0.0).all()
    assert needed[1].tolist() == [0.5, 0.0, 0.0, 0.5]  # one that has only one paradigm


def test_knowledge_falls_to_a_part_e_in_one_over_the_rate():
    world = empty_world()
    add_actors(world, [[0.8, 0.4], [1.0, 0.0]])
    frontier = Frontier(**{**STILL, "obsolescence": 0.25})
    for _ in range(16):  # four years
        frontier.apply(world, luck())
    assert world.actors.knowledge == pytest.approx(np.array([[0.8, 0.4], [1.0, 0.0]]) / np.e)


def test_the_world_knows_what_was_relevant_a_while_ago():
    # In 2020 half has moved; 4 ln 3 years before a quarter had. The world has 1/2 of the old and
    # 1/4 of the new: ln 0.75.
    world = at(shifting_world(), 2020.0)
    world.sectors.world_standing[:] = 0.2
    Frontier(**{**STILL, "world_lag": 4 * np.log(3)}).apply(world, luck())
    assert world.sectors.world_log_productivity[0] == pytest.approx(np.log(0.75) + 0.2)


def test_a_world_without_lag_is_at_the_frontier():
    world = at(shifting_world(), 2021.0)
    Frontier(**STILL).apply(world, luck())
    assert world.sectors.world_log_productivity[0] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(world.sectors.world_standing[0])  # only the market sets it


def test_the_world_imitates_those_ahead_of_it():
    # Its standing is behind by 0.1; in a quarter 1 - exp(-2 / 4) of it is closed.
    world = empty_world()
    world.sectors.world_standing[:] = 0.2
    world.sectors.world_log_productivity[:] = -0.1
    world.sectors.home_log_productivity[:] = 0.3
    Frontier(**{**STILL, "world_imitation": 2.0}).apply(world, luck())
    standing = 0.2 + (1 - np.exp(-0.5)) * 0.1
    assert world.sectors.world_standing[0] == pytest.approx(standing)
    assert world.sectors.world_log_productivity[0] == pytest.approx(standing)


def test_the_world_does_not_imitate_those_behind_it():
    world = empty_world()
    world.sectors.world_standing[:] = 0.5
    world.sectors.world_log_productivity[:] = 0.5
    world.sectors.home_log_productivity[:] = 0.1
    Frontier(**{**STILL, "world_imitation": 2.0}).apply(world, luck())
    assert world.sectors.world_standing.tolist() == [0.5]


@pytest.mark.parametrize(
    "wrong", [{"obsolescence": -0.1}, {"obsolescence": 0.6}, {"world_lag": 51}, {"lag": 1}]
)
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Frontier(**wrong)


@pytest.mark.parametrize("width", [1e-3, 0.1, 3.0])
def test_a_lag_costs_the_world_nothing_for_good_however_fast_a_paradigm_comes(width):
    world = shifting_world(year=2010.0, width=width)
    world.sectors.world_standing[:] = 0.2
    world.sectors.home_log_productivity[:] = -0.5
    frontier = Frontier(obsolescence=0.0, world_lag=5.0, world_imitation=1.0)
    lowest = np.inf
    for year in np.arange(START, 2060, 0.25):
        frontier.apply(at(world, year), luck())
        lowest = min(lowest, world.sectors.world_log_productivity[0])
    assert np.log(LEAST_OVERLAP) + 0.2 <= lowest < 0.0
    assert world.sectors.world_log_productivity[0] == pytest.approx(0.2, abs=1e-6)
