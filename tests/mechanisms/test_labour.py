import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from clustersim.mechanisms.labour import Labour
from clustersim.world.actors import Kind
from clustersim.world.economy import WAGE
from tests.worlds import add_actors, empty_world, luck

IDLE = {"efficiency": 0.0, "retraining": 0.0, "migration": 0.0, "matching_gain": 0.0}
# At these rates half of those concerned move within a quarter.
HALF = 4.0 * np.log(2.0)


def world_of(jobs, orders, unemployed):
    """A world with one firm per place, shape (R, S)."""
    jobs = np.asarray(jobs, dtype=float)
    world = empty_world(np.ones_like(jobs).tolist())
    region, sector = np.divmod(np.arange(jobs.size), jobs.shape[1])
    add_actors(
        world,
        np.ones((jobs.size, 2)),
        region=region,
        sector=sector,
        size=jobs.ravel(),
        orders=np.asarray(orders, dtype=float).ravel(),
    )
    world.places.unemployed[:] = unemployed
    return world


def people(world):
    return world.jobs().sum() + world.places.unemployed.sum()


def test_matching_by_hand():
    # A dismisses 6, so 36 look for work; B and C want 6 and 3 more. Matches: sqrt(36 * 9) / 3 = 6,
    # two in three vacancies: B gets 4, C gets 2.
    world = empty_world()
    add_actors(world, np.ones((3, 2)), size=[10.0, 10.0, 1.0], orders=[4.0, 16.0, 4.0])
    world.places.unemployed[:] = 30.0
    Labour(**{**IDLE, "efficiency": 1 / 3}).apply(world, luck())
    assert world.actors.size == pytest.approx([4.0, 14.0, 3.0])
    assert world.places.unemployed == pytest.approx(np.array([[30.0]]))
    assert people(world) == pytest.approx(51.0)


def test_no_more_are_hired_than_there_are_people_or_vacancies():
    few = world_of([[10.0]], [[30.0]], 5.0)
    Labour(**{**IDLE, "efficiency": 10.0}).apply(few, luck())
    assert few.actors.size.tolist() == pytest.approx([15.0])
    assert few.places.unemployed.tolist() == [[0.0]]
    many = world_of([[10.0]], [[12.0]], 500.0)
    Labour(**{**IDLE, "efficiency": 10.0}).apply(many, luck())
    assert many.actors.size.tolist() == pytest.approx([12.0])


def test_who_has_no_firm_has_no_job():
    # Universities have neither jobs nor vacancies.
    world = world_of([[10.0]], [[10.0]], 5.0)
    row = add_actors(world, [[1.0, 1.0]], Kind.UNIVERSITY, orders=50.0)
    Labour(**{**IDLE, "efficiency": 10.0}).apply(world, luck())
    assert world.actors.size[row].tolist() == [0.0]


def test_the_unemployed_retrain_to_where_the_jobs_are():
    # Half of 8 move; three quarters of the jobs are in the first sector: 8 - 4 + 3, 0 + 1.
    world = world_of([[30.0, 10.0]], [[30.0, 10.0]], [[8.0, 0.0]])
    Labour(**{**IDLE, "retraining": HALF}).apply(world, luck())
    assert world.places.unemployed == pytest.approx(np.array([[7.0, 1.0]]))


def test_nobody_retrains_where_there_are_no_jobs():
    world = world_of([[0.0, 0.0]], [[0.0, 0.0]], [[8.0, 2.0]])
    Labour(**{**IDLE, "retraining": HALF}).apply(world, luck())
    assert world.places.unemployed.tolist() == [[8.0, 2.0]]


def test_the_unemployed_move_to_vacancies_of_their_sector():
    # Sector 0: half of 8 leave region 0 and half of 2 region 2; vacancies 30 and 10 in 1 and 2.
    jobs = [[10.0, 10.0]] * 3
    orders = [[10.0, 10.0], [40.0, 10.0], [20.0, 10.0]]
    world = world_of(jobs, orders, [[8.0, 6.0], [0.0, 0.0], [2.0, 0.0]])
    Labour(**{**IDLE, "migration": HALF}).apply(world, luck())
    # Of the 5 who move, 3.75 go to region 1 and 1.25 to region 2; nobody moves in sector 1.
    assert world.places.unemployed == pytest.approx(np.array([[4, 6], [3.75, 0], [2.25, 0]]))


@pytest.mark.parametrize(
    ("unemployed", "factor"),
    [(12.0, 2.0**-0.1), (6.0, 1.0), (3.0, 2.0**0.1), (0.0, 20.0**0.1), (90.0, 10.0**-0.1)],
)
def test_wage_curve(unemployed, factor):
    # 100 people in all, reference 6 %; the ratio is kept between 1/20 and 10.
    jobs = [[100.0 - unemployed]]
    world = world_of(jobs, jobs, unemployed)
    world.regions.cost_level[:] = 1.2
    labour = Labour(**IDLE, wage_elasticity=0.1, reference_unemployment=0.06)
    labour.apply(world, luck())
    assert world.regions.wage[0] == pytest.approx(WAGE * 1.2 * factor)


def test_thick_pools_match_better():
    # 60 jobs and 40 unemployed stand for 1000 people at scale 10: ln(1 + 1000 / 500) = ln 3.
    world = world_of([[60.0]], [[60.0]], 40.0)
    world.employment_scale = 10.0
    Labour(**{**IDLE, "matching_gain": 0.02}, pool_reference=500.0).apply(world, luck())
    assert world.places.labour_advantage[0, 0] == pytest.approx(0.02 * np.log(3.0))


QUANTITY = st.floats(0, 1e4)


@given(
    st.lists(st.tuples(QUANTITY, QUANTITY, QUANTITY), min_size=6, max_size=6),
    st.floats(0, 10),
    st.floats(0, 10),
    st.floats(0, 10),
)
def test_people_are_conserved(places, efficiency, retraining, migration):
    size, orders, unemployed = (np.array(v).reshape(3, 2) for v in zip(*places, strict=True))
    world = world_of(size, orders, unemployed)
    before = people(world)
    sizes = world.actors.size.copy()
    Labour(efficiency=efficiency, retraining=retraining, migration=migration).apply(world, luck())
    assert people(world) == pytest.approx(before, rel=1e-12, abs=1e-9)
    assert (world.places.unemployed >= -1e-9).all()
    # Everybody moves towards its orders and nobody past them.
    low = np.minimum(sizes, world.actors.orders) - 1e-9
    high = np.maximum(sizes, world.actors.orders) * (1 + 1e-12) + 1e-9
    assert ((world.actors.size >= low) & (world.actors.size <= high)).all()
    assert np.isfinite(world.regions.wage).all()


def test_the_unemployed_of_a_sector_stay_in_it_when_only_migration_works():
    rng = np.random.default_rng(1)
    world = world_of(rng.random((4, 3)), 5 * rng.random((4, 3)), rng.random((4, 3)))
    before = world.places.unemployed.sum(axis=0)
    Labour(**{**IDLE, "migration": 3.0}).apply(world, luck())
    # Those dismissed join the unemployed of their sector.
    lost = world.jobs().sum(axis=0)
    assert world.places.unemployed.sum(axis=0) + lost == pytest.approx(
        before + np.random.default_rng(1).random((4, 3)).sum(axis=0)
    )


@pytest.mark.parametrize(
    "wrong", [{"efficiency": 11.0}, {"reference_unemployment": 0.0}, {"pool_reference": 0.5}]
)
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Labour(**wrong)
