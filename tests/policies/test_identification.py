"""Which clusters a policy finds, by hand."""

import numpy as np
import pytest

from clustersim.policies.identification import identify
from clustersim.world.policy import Policy
from tests.worlds import add_actors, add_ties, empty_world, luck

JOBS = np.array([[80.0, 10.0], [10.0, 10.0], [10.0, 80.0]])
"""Location quotients: 1.78 0.22 / 1 1 / 0.22 1.78."""


def world_of(jobs=JOBS):
    world = empty_world(((1.0, 1.0),) * len(jobs), relevance=(1.0, 1.0))
    region, sector = np.indices(jobs.shape)
    add_actors(
        world,
        np.tile([0.5, 0.5], (jobs.size, 1)),
        region=region.ravel(),
        sector=sector.ravel(),
        size=jobs.ravel(),
    )
    world.public.statistics.append((0, world.jobs()))
    return world


def found(world, step=0, **how):
    policy = Policy.model_validate(
        {
            "name": "try",
            "year": 2000,
            "budget": 1.0,
            "identification": {"error": 0.0, "lag": 0.0, **how},
            "measures": [{"action": "rd_grant"}],
        }
    )
    return np.flatnonzero(identify(world, policy, luck(step))).tolist()


def test_mapping_by_location_quotient():
    assert found(world_of(), quotient=1.5) == [0, 5]
    assert found(world_of(), quotient=0.9) == [0, 2, 3, 5]


def test_mapping_by_size_and_focus():
    # Of the sector's 100 jobs 80, 10, 10; of the region's 90, 20, 90: 0.89, 0.5, 0.11 in sector 0.
    assert found(world_of(), quotient=0.0, size=0.5) == [0, 5]
    assert found(world_of(), quotient=0.0, focus=0.4) == [0, 2, 3, 5]
    assert found(world_of(), quotient=0.0, focus=0.4, size=0.11) == [0, 5]


def test_mapping_by_jobs_scope_and_number():
    jobs = JOBS.copy()
    jobs[0, 0] = 160.0
    world = world_of(jobs)
    assert found(world, quotient=1.2, jobs=100.0) == [0]
    assert found(world, quotient=1.2, most=1) == [5]
    names = world.regions.names
    assert found(world, regions=(names[2],)) == [5]
    assert found(world, quotient=1.2, sectors=(world.sectors.names[0],)) == [0]


def test_mapping_by_strength_and_local_inputs():
    world = world_of()
    assert found(world, quotient=0.0, least_class="basic") == [0, 5]
    world.sectors.inputs[:] = [[0.0, 0.0], [0.5, 0.0]]
    # 80 jobs of sector 0 need 40 of sector 1, of which there are 10; 10 need 5, and there are some.
    assert found(world, quotient=0.0, local_inputs=0.5) == [2, 4]


def test_statistics_are_old():
    world = world_of()
    world.actors.size[:] = JOBS[::-1].ravel()
    world.public.statistics.append((8, world.jobs()))
    world.public.statistics[:] = [(0, world_of().jobs()), (8, world.jobs())]
    world.clock.step = 10
    assert found(world, step=10, lag=2.0) == [0, 5]
    assert found(world, step=10, lag=0.25) == [1, 4]


def test_statistics_err():
    world = world_of()
    hits = [0 in found(world, step=step, error=1.0) for step in range(200)]
    assert 0.5 < np.mean(hits) < 0.99


def test_mapping_does_not_see_what_is_new_in_an_old_sector_but_a_jury_does():
    world = world_of()
    world.fields.digital[:] = [False, True]
    world.actors.knowledge[2] = [0.1, 0.9]
    assert found(world, quotient=1.5) == [0, 5]
    chosen = [found(world, step=s, method="call", applies=1.0, most=1) for s in range(40)]
    assert chosen.count([2]) >= 15


def test_the_connected_apply_more_often():
    world = world_of()
    rows = add_actors(world, np.tile([0.5, 0.5], (2, 1)), region=0, sector=0)
    add_ties(world, [0, rows[0]], [rows[1], rows[1]])
    times = np.array(
        [
            [p in found(world, step=s, method="call", applies=0.8) for p in (0, 5)]
            for s in range(300)
        ]
    ).mean(axis=0)
    assert times == pytest.approx([0.8, 0.4], abs=0.09)


def test_both_lets_only_the_mapped_apply():
    world = world_of()
    seen = {p for s in range(30) for p in found(world, step=s, method="both", applies=1.0)}
    assert seen == {0, 5}


def test_named_places():
    world = world_of()
    place = {"region": world.regions.names[1], "sector": world.sectors.names[0]}
    assert found(world, method="named", places=[place]) == [2]
