import numpy as np
import pytest

from clustersim.world.hiring import hire_in_region
from tests.worlds import empty_world


def world_of(unemployed):
    world = empty_world(((1.0, 1.0), (1.0, 1.0)))
    world.places.unemployed[:] = unemployed
    return world


def test_people_come_from_all_sectors_of_the_region_alike():
    world = world_of([[30.0, 10.0], [5.0, 5.0]])
    size = hire_in_region(world, np.array([0, 0]), np.array([8.0, 12.0]), np.array([0.9, 0.9]))
    assert size.tolist() == [8.0, 12.0]
    assert world.places.unemployed == pytest.approx(np.array([[15.0, 5.0], [5.0, 5.0]]))


def test_luck_decides_where_more_than_half_are_wanted():
    # Half of 40 over 80 wanted: a chance of a quarter.
    world = world_of([[30.0, 10.0], [0.0, 0.0]])
    luck = np.array([0.24, 0.26])
    size = hire_in_region(world, np.array([0, 0]), np.array([40.0, 40.0]), luck)
    assert size.tolist() == [40.0, 0.0]
    assert world.places.unemployed.tolist() == [[0.0, 0.0], [0.0, 0.0]]


def test_all_get_less_where_those_who_come_want_too_many():
    world = world_of([[30.0, 10.0], [0.0, 0.0]])
    size = hire_in_region(world, np.array([0, 0]), np.array([60.0, 20.0]), np.zeros(2))
    assert size == pytest.approx([30.0, 10.0])
    assert world.places.unemployed == pytest.approx(np.zeros((2, 2)))


def test_where_nobody_looks_for_work_nobody_is_hired():
    world = world_of(0.0)
    assert hire_in_region(world, np.array([1]), np.array([5.0]), np.zeros(1)).tolist() == [0.0]
    empty = np.zeros(0)
    assert hire_in_region(world, np.zeros(0, dtype=int), empty, empty).size == 0
