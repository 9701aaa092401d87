import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.mechanisms.shocks import AnchorExit, DemandShock, Shocks
from clustersim.world.actors import Kind
from tests.worlds import add_actors, add_ties, empty_world, luck

START = 2000


def world_of():
    world = empty_world(((100.0, 100.0), (100.0, 100.0)), start_year=START)
    add_actors(
        world,
        np.ones((5, 2)),
        region=[0, 0, 0, 0, 1],
        sector=[0, 0, 0, 1, 0],
        size=[5.0, 30.0, 20.0, 90.0, 80.0],
    )
    add_actors(world, [[1.0, 1.0]], Kind.RTO, sector=0, size=500.0)
    return world


def course(world, shocks, years):
    factors = []
    for year in years:
        world.clock.step = round(4 * (year - START))
        Shocks(events=shocks).apply(world, luck())
        factors.append(world.sectors.demand_factor.copy())
    return np.array(factors)


def test_demand_falls_at_once_and_recovers():
    shock = DemandShock(kind="demand", year=2005.0, sector="s1", depth=0.4, recovery=2.0)
    factors = course(world_of(), [shock], [2004.75, 2005.0, 2005.5, 2007.0, 2060.0])
    expected = [1.0, 0.6, 1 - 0.4 * np.exp(-0.25), 1 - 0.4 / np.e, 1.0]
    assert factors[:, 1] == pytest.approx(np.array(expected), abs=1e-9)
    assert (factors[:, 0] == 1.0).all()


def test_a_shock_without_sector_strikes_all_and_shocks_multiply():
    shocks = [
        DemandShock(kind="demand", year=2005.0, depth=0.5, recovery=1.0),
        DemandShock(kind="demand", year=2006.0, sector="s0", depth=0.2, recovery=1.0),
    ]
    (factors,) = course(world_of(), shocks, [2006.0])
    all_sectors = 1 - 0.5 / np.e
    assert factors == pytest.approx([all_sectors * 0.8, all_sectors])


def test_a_shock_within_a_quarter_begins_with_the_next():
    shock = DemandShock(kind="demand", year=2005.1, depth=0.4, recovery=2.0)
    factors = course(world_of(), [shock], [2005.0, 2005.25])
    assert factors[0].tolist() == [1.0, 1.0]
    assert factors[1] == pytest.approx([1 - 0.4 * np.exp(-0.075)] * 2)


@pytest.mark.parametrize("year", [2003.5, 2003.6, 2003.74])
def test_the_largest_firm_of_the_place_leaves_in_its_quarter_only(year):
    world = world_of()
    add_ties(world, [1, 0], [3, 3])
    people = world.jobs() + world.places.unemployed
    event = AnchorExit(kind="anchor_exit", year=year, region="r0", sector="s0")
    course(world, [event], [2003.25])
    assert world.firms().sum() == 5
    course(world, [event], [2003.5])
    assert world.actors.alive.tolist() == [True, False, True, True, True, True]
    assert world.jobs() + world.places.unemployed == pytest.approx(people)
    assert world.flows.jobs_lost_to_exit.tolist() == [[30.0, 0.0], [0.0, 0.0]]
    assert len(world.ties.collaboration) == 1
    course(world, [event], [2003.75])
    assert world.firms().sum() == 4


def test_where_there_is_no_firm_nobody_leaves():
    world = world_of()
    event = AnchorExit(kind="anchor_exit", year=2000.0, region="r1", sector="s1")
    course(world, [event], [2000.0])
    assert world.firms().sum() == 5


def test_without_shocks_demand_is_what_it_is():
    world = world_of()
    world.sectors.demand_factor[:] = 0.3
    Shocks().apply(world, luck())
    assert world.sectors.demand_factor.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"kind": "demand", "year": 2005, "depth": 1.0}, "less than 1"),
        ({"kind": "demand", "year": 2005, "depth": 0.0}, "greater than 0"),
        ({"kind": "demand", "year": 2005, "depth": 0.5, "recovery": 0}, "greater than 0"),
        ({"kind": "demand", "year": 2005}, "Field required"),
        ({"kind": "anchor_exit", "year": 2005, "region": "r0"}, "Field required"),
        ({"kind": "flood", "year": 2005}, "'demand', 'supply_outage', 'pandemic'"),
    ],
)
def test_shocks_that_make_no_sense_are_refused(event, message):
    with pytest.raises(ValidationError, match=message):
        Shocks(events=[event])
