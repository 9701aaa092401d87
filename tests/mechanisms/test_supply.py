import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.mechanisms.supply import Supply
from clustersim.world.actors import Kind
from tests.worlds import add_actors, empty_world, luck

GAIN = {"variety_gain": 0.02, "supplier_reference": 10.0}


def world_of(firms):
    """A world with so many firms of each place, shape (R, S)."""
    firms = np.asarray(firms)
    world = empty_world(np.ones(firms.shape).tolist(), employment_scale=2)
    region, sector = np.divmod(np.repeat(np.arange(firms.size), firms.ravel()), firms.shape[1])
    add_actors(world, np.ones((firms.sum(), 2)), region=region, sector=sector)
    return world


def test_suppliers_by_hand():
    # Sector 1 buys 0.2 from sector 0 and 0.1 from itself; at scale 2 region 0 has 12 and 6 firms:
    # (0.2 * 12 + 0.1 * 6) / 0.3 = 10 suppliers. In region 1 there are 0.1 * 6 / 0.3 = 2.
    world = world_of([[6, 3], [0, 3]])
    world.sectors.inputs[:] = [[0.0, 0.2], [0.0, 0.1]]
    Supply(**GAIN).apply(world, luck())
    assert world.places.supply_advantage == pytest.approx(
        0.02 * np.array([[0.0, np.log(1 + 10 / 10)], [0.0, np.log(1 + 2 / 10)]])
    )


def test_who_buys_nothing_gains_nothing():
    world = world_of([[6, 3], [0, 3]])
    world.places.supply_advantage[:] = 0.7
    Supply(**GAIN).apply(world, luck())
    assert (world.places.supply_advantage == 0.0).all()


def test_only_firms_supply():
    world = world_of([[1, 1]])
    world.sectors.inputs[:] = [[0.0, 0.2], [0.0, 0.0]]
    Supply(**GAIN).apply(world, luck())
    before = world.places.supply_advantage.copy()
    add_actors(world, np.ones((5, 2)), Kind.RTO, sector=0)
    Supply(**GAIN).apply(world, luck())
    assert np.array_equal(world.places.supply_advantage, before)


def test_more_suppliers_are_better_at_a_falling_rate():
    gains = []
    for n in (0, 10, 20, 30):
        world = world_of([[n, 1]])
        world.sectors.inputs[:] = [[0.0, 0.3], [0.0, 0.0]]
        Supply(**GAIN).apply(world, luck())
        gains.append(world.places.supply_advantage[0, 1])
    steps = np.diff(gains)
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()


@pytest.mark.parametrize("wrong", [{"variety_gain": 0.6}, {"supplier_reference": 0.0}])
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Supply(**wrong)
