import numpy as np
import pytest

from clustersim.world.actors import Kind
from clustersim.world.world import Clock, Flows
from tests.worlds import add_actors, add_ties, empty_world

TWO_BY_TWO = ((100.0, 100.0), (100.0, 100.0))


def test_clock_counts_quarters():
    clock = Clock(1990)
    assert (clock.time, clock.year) == (0.0, 1990.0)
    clock.step = 7
    assert (clock.time, clock.year) == (1.75, 1991.75)


def test_flows_are_counts_by_place():
    flows = Flows.empty(2, 3)
    assert {values.shape for values in vars(flows).values()} == {(2, 3)}
    flows.exits[1, 2] = 4.0
    kept = flows.exits
    flows.clear()
    assert kept[1, 2] == 0.0
    assert flows.exits is kept
    assert flows.entries is not flows.exits


@pytest.fixture
def world():
    world = empty_world(TWO_BY_TWO)
    add_actors(world, np.ones((5, 2)), region=[0, 0, 1, 1, 1], sector=[0, 1, 0, 0, 1], size=3.0)
    add_actors(world, np.ones((2, 2)), Kind.UNIVERSITY, region=[0, 1], size=99.0)
    add_actors(world, np.ones((1, 2)), Kind.RTO, region=1, sector=1, size=99.0)
    return world


def test_jobs_and_firms_are_those_of_firms(world):
    assert world.firms().tolist() == [[1, 1], [2, 1]]
    assert world.jobs().tolist() == [[3, 3], [6, 3]]
    assert (world.n_regions, world.n_sectors, world.n_fields) == (2, 2, 2)


def test_milieus_are_local_industries_and_one_of_science_in_each_region(world):
    # region times 3 plus sector; universities the last of their region.
    assert world.milieu(world.actors.rows()).tolist() == [0, 1, 3, 3, 4, 2, 5, 4]
    assert world.n_milieus == 6
    assert world.actors.sector[5] == -1  # asking changes nothing


def test_firms_that_leave_free_their_people_ties_and_row(world):
    add_ties(world, [0, 2, 5], [2, 3, 3])
    unemployed = world.places.unemployed.copy()
    world.dismiss_firms(np.array([2, 4]))
    expected = np.array([[0, 0], [3, 3]])
    assert world.places.unemployed - unemployed == pytest.approx(expected)
    assert np.array_equal(world.flows.jobs_lost_to_exit, expected)
    assert world.flows.exits.tolist() == [[0, 0], [1, 1]]
    assert world.firms().tolist() == [[1, 1], [1, 0]]
    layer = world.ties.collaboration
    assert (layer.first.tolist(), layer.second.tolist()) == ([5], [3])
    assert not world.actors.alive[[2, 4]].any()


def test_nobody_leaves_when_nobody_is_named(world):
    version = world.actors.version
    world.dismiss_firms(np.array([], dtype=np.int64))
    assert world.actors.version == version
    assert world.flows.exits.sum() == 0.0


def test_pairs_begin_to_collaborate_once_by_rows():
    world = empty_world(((1.0,), (1.0,)))
    add_actors(
        world,
        np.full((4, 2), 0.5),
        region=[0, 0, 1, 1],
        x=[0.0, 3.0, 0.0, 0.0],
        y=[0.0, 4.0, 0.0, 0.0],
    )
    world.regions.institutional_quality[:] = [0.4, 0.8]
    add_ties(world, [0], [3])
    world.clock.step = 5
    world.collaborate(np.array([3, 1, 0, 2]), np.array([2, 0, 1, 1]))
    ties = world.ties.collaboration
    assert list(zip(ties.first.tolist(), ties.second.tolist(), strict=True)) == [
        (0, 3),
        (0, 1),
        (1, 2),
        (2, 3),
    ]
    assert ties.trust[1:] == pytest.approx([0.4, 0.6, 0.8])
    assert ties.km[1:] == pytest.approx([5.0, 5.0, 0.0])
    assert ties.born[1:].tolist() == [5, 5, 5]
    world.collaborate(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))
    assert len(ties) == 4
