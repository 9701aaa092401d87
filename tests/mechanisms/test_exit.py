import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.mechanisms.exit import Exit
from clustersim.world.actors import Kind
from tests.worlds import add_actors, add_ties, empty_world, luck

N = 20_000
NOBODY = {
    "hazard_old": 0.0,
    "hazard_young": 0.0,
    "maturing": 6.0,
    "protection": 0.0,
    "lead_limit": 2.0,
    "size_slope": 0.0,
    "size_reference": 5.0,
    "debt_limit": 0.5,
    "least_jobs": 0.0,
}
OLD = NOBODY | {"hazard_old": 0.8}


def world_of(n=N, **columns):
    world = empty_world()
    add_actors(world, np.ones((n, 2)), **{"size": 5.0, **columns})
    return world


def survivors(world, n=N, **numbers):
    Exit(**OLD | numbers).apply(world, luck())
    return world.firms().sum() / n


def survival_close_to(share, hazard):
    """In a quarter exp(-hazard / 4) stay."""
    expected = np.exp(-hazard / 4)
    assert share == pytest.approx(expected, abs=3 * np.sqrt(expected * (1 - expected) / N))


def test_age_counts_from_birth():
    # At an age of 1 + 6 ln 2 years youth adds half of 0.8; age is in whole quarters.
    world = world_of(birth=-20)
    world.clock.step = 1  # 21 quarters old
    share = survivors(world, hazard_old=0.1, hazard_young=0.8)
    survival_close_to(share, 0.1 + 0.8 * np.exp(-(5.25 - 1) / 6))


@pytest.mark.parametrize(
    ("lead", "counted"), [(0.5, 0.5), (-0.5, -0.5), (1.5, 1.0), (-1.5, -1.0), (0.0, 0.0)]
)
def test_productivity_protects_up_to_a_limit(lead, counted):
    world = world_of(log_productivity=0.3 + lead)
    world.sectors.mean_log_productivity[:] = 0.3
    share = survivors(world, protection=0.9, lead_limit=1.0)
    survival_close_to(share, 0.8 * np.exp(-0.9 * counted))


@pytest.mark.parametrize(("size", "counted"), [(5.0, 5.0), (80.0, 80.0), (1.0, 1.0), (0.5, 1.0)])
def test_small_firms_leave_more_often(size, counted):
    # A firm with less than one job counts as one.
    share = survivors(world_of(size=size), size_slope=0.4)
    survival_close_to(share, 0.8 * (counted / 5.0) ** -0.4)


def test_who_has_more_debt_than_banks_carry_leaves():
    # Wages of 10 jobs at 40,000: half a year's is a debt of 200,000.
    world = world_of(3, size=10.0, cash=[-199_000.0, -201_000.0, 1.0])
    world.regions.wage[:] = 40_000.0
    Exit(**NOBODY).apply(world, luck())
    assert world.actors.alive.tolist() == [True, False, True]


def test_who_has_hardly_a_job_leaves():
    world = world_of(3, size=[0.0, 0.24, 0.25])
    Exit(**NOBODY | {"least_jobs": 0.25}).apply(world, luck())
    assert world.actors.alive.tolist() == [False, False, True]


def test_people_become_unemployed_and_ties_end():
    world = world_of(2000, cash=np.where(np.arange(2000) % 2, -1e9, 0.0))
    add_ties(world, np.arange(1999), np.arange(1, 2000))
    add_ties(world, [0], [2])
    before = world.jobs() + world.places.unemployed
    Exit(**NOBODY).apply(world, luck())
    assert world.jobs() + world.places.unemployed == pytest.approx(before, rel=1e-12)
    assert world.firms().sum() == 1000
    assert world.flows.exits.tolist() == [[1000.0]]
    assert world.flows.jobs_lost_to_exit == pytest.approx(np.array([[5000.0]]))
    assert len(world.ties.collaboration) == 1


def test_only_firms_leave_and_none_without_hazard():
    world = world_of(50)
    rows = add_actors(world, np.ones((50, 2)), Kind.UNIVERSITY, cash=-1e9)
    Exit(**NOBODY).apply(world, luck())
    assert world.firms().sum() == 50
    Exit(**NOBODY | {"hazard_old": 2.0, "size_slope": 2.0, "size_reference": 1e4}).apply(
        world, luck()
    )
    assert world.firms().sum() == 0
    assert world.actors.alive[rows].all()


def test_productivity_that_the_market_has_not_set_protects_nobody():
    # Without a market everybody stands at the mean.
    survival_close_to(survivors(world_of(), protection=5.0), 0.8)


# Levers.


@pytest.mark.parametrize("lever", [0.0, 0.5, 2.0])
def test_a_lever_changes_the_hazard(lever):
    world = world_of()
    world.levers.put("closing", np.arange(N), lever)
    survival_close_to(survivors(world), 0.8 * lever)


def test_who_is_broke_or_has_no_jobs_leaves_whatever_the_hazard():
    world = world_of(3, size=[5.0, 5.0, 0.1], cash=[0.0, -1e9, 0.0])
    world.levers.put("closing", [0, 1, 2], 0.0)
    Exit(**OLD | {"least_jobs": 0.25}).apply(world, luck())
    assert world.actors.alive.tolist() == [True, False, False]


def test_a_lever_changes_the_debt_that_banks_carry():
    # Usually 200,000, as above.
    world = world_of(4, size=10.0, cash=[-399_000.0, -401_000.0, -101_000.0, -99_000.0])
    world.regions.wage[:] = 40_000.0
    world.levers.put("credit", [0, 1, 2, 3], [2.0, 2.0, 0.5, 0.5])
    Exit(**NOBODY).apply(world, luck())
    assert world.actors.alive.tolist() == [True, False, False, True]
    assert world.levers.credit.tolist() == [2.0, 1.0, 1.0, 0.5]


@pytest.mark.parametrize("wrong", [{"hazard_old": 2.1}, {"maturing": 0.0}, {"size_slope": -0.1}])
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Exit(**wrong)
