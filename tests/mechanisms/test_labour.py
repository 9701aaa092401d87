import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from clustersim.measures.knowledge import heterogeneity_by_group
from clustersim.mechanisms.labour import LARGE, Labour
from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import COLUMNS, Kind
from clustersim.world.economy import WAGE
from tests.worlds import add_actors, empty_world, living_world, luck

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


def busy(n_regions=4, n_sectors=3, n_firms=100, size=LARGE, **columns):
    """A world with the same number of firms in every place, who keep their size, 100 km apart."""
    world = empty_world([[1000.0] * n_sectors] * n_regions)
    places = np.arange(n_regions * n_sectors)
    region, sector = np.divmod(np.repeat(places, n_firms), n_sectors)
    knowledge = np.random.default_rng(3).random((region.size, 2))
    add_actors(
        world, knowledge, region=region, sector=sector, size=size, x=100.0 * region, **columns
    )
    return world


def moves(world, step):
    """The ties made or renewed in a step: rows of old and new firms."""
    layer = world.ties.mobility
    now = layer.born == step
    return layer.first[now], layer.second[now]


def work(labour, world, step):
    """Apply the mechanism in a later step."""
    world.clock.step = step
    labour.apply(world, luck(step))


# Firms of 4 and more take people in every quarter, a quarter of their people.
CERTAIN = {"job_to_job": 1.0, "rounds": 4.0}


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


def test_a_lever_changes_how_well_people_and_vacancies_match():
    # 36 look for work and 9 are wanted: a third, and at a lever of 1/2 a sixth, of sqrt(36 * 9).
    world = world_of([[10.0, 10.0]], [[19.0, 19.0]], 36.0)
    world.levers.put("matching", ([0], [1]), 0.5)
    Labour(**{**IDLE, "efficiency": 1 / 3}).apply(world, luck())
    assert world.actors.size == pytest.approx([16.0, 13.0])
    world.actors.size[:] = 10.0
    world.levers.put("matching", ([0, 0], [0, 1]), 10.0)
    Labour(**{**IDLE, "efficiency": 1 / 3}).apply(world, luck())
    assert world.actors.size == pytest.approx([19.0, 19.0])  # no more than are wanted


@pytest.mark.parametrize(
    "wrong", [{"efficiency": 11.0}, {"reference_unemployment": 0.0}, {"pool_reference": 0.5}]
)
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Labour(**wrong)


def test_skill_counts_in_the_pool_and_in_matching():
    # Pool: half of 1000 people. Hires: half of 1/3 of sqrt(36 * 9) = 3, one in three vacancies.
    world = world_of([[60.0]], [[60.0]], 40.0)
    world.employment_scale = 10.0
    world.places.skill[:] = 0.5
    Labour(**{**IDLE, "matching_gain": 0.02}, pool_reference=500.0).apply(world, luck())
    assert world.places.labour_advantage[0, 0] == pytest.approx(0.02 * np.log(2.0))
    world = empty_world()
    add_actors(world, np.ones((3, 2)), size=[10.0, 10.0, 1.0], orders=[4.0, 16.0, 4.0])
    world.places.unemployed[:] = 30.0
    world.places.skill[:] = 0.5
    Labour(**{**IDLE, "efficiency": 1 / 3}).apply(world, luck())
    assert world.actors.size == pytest.approx([4.0, 12.0, 2.0])
    assert people(world) == pytest.approx(51.0)


def test_skill_does_not_touch_wages():
    wages = []
    for skill in (0.2, 1.0):
        world = world_of([[90.0]], [[90.0]], 10.0)
        world.places.skill[:] = skill
        Labour().apply(world, luck())
        wages.append(world.regions.wage[0])
    assert wages[0] == wages[1]


def test_lost_skill_comes_back_exponentially():
    world = world_of([[10.0, 10.0, 10.0]], [[10.0, 10.0, 10.0]], 0.0)
    world.places.skill[:] = [[0.4, 1.0, 0.9]]
    for step in range(6):
        Labour(reskilling=0.5).apply(world, luck(step))
    left = np.exp(-0.5 * 6 / 4)
    assert world.places.skill[0] == pytest.approx([1 - 0.6 * left, 1.0, 1 - 0.1 * left])
    assert world.places.skill[0, 1] == 1.0
    Labour(reskilling=0.0).apply(world, luck())
    assert world.places.skill[0, 0] == pytest.approx(1 - 0.6 * left)


def test_two_firms_that_exchange_people_by_hand():
    # Both take people for sure, a quarter of their own; carry 0.4: a tenth of each gap is closed.
    world = empty_world()
    add_actors(world, [[0.2, 0.8], [0.6, 0.4]], size=[50.0, 80.0], x=[0.0, 3.0], y=[0.0, 4.0])
    world.regions.institutional_quality[:] = 0.7
    Labour(**IDLE, **CERTAIN, carry=0.4).apply(world, luck())
    assert world.actors.knowledge == pytest.approx(np.array([[0.24, 0.8], [0.6, 0.44]]))
    assert world.actors.size.tolist() == [50.0, 80.0]
    layer = world.ties.mobility
    assert sorted(zip(layer.first.tolist(), layer.second.tolist(), strict=True)) == [(0, 1), (1, 0)]
    assert layer.km == pytest.approx([5.0, 5.0])
    assert layer.trust == pytest.approx([0.7, 0.7])
    assert layer.born.tolist() == [0, 0]


def test_a_single_mover_into_a_small_firm_by_hand():
    # One of two people is new: half of carry 0.5. The large firm finds nobody to take people from
    # as long as the small one does not stand on the ring.
    labour = Labour(**IDLE, job_to_job=0.25, rounds=0.5, carry=0.5)
    quarters = 0
    for step in range(80):
        world = empty_world()
        add_actors(world, [[0.2, 0.8], [0.6, 0.4]], size=[2.0, 100.0])
        labour.apply(world, luck(step))
        moved = 0 in world.ties.mobility.second
        assert world.actors.knowledge[0] == pytest.approx([0.3 if moved else 0.2, 0.8])
        quarters += moved
    # One quarter in eight.
    assert 3 <= quarters <= 20


def test_knowledge_grows_only_towards_that_of_the_old_firm():
    world = busy(size=20.0)
    before = world.actors.knowledge.copy()
    Labour(**IDLE, carry=1.0, job_to_job=10.0, rounds=4.0).apply(world, luck())
    known, (old, new) = world.actors.knowledge, moves(world, 0)
    assert new.size > 500
    assert np.unique(new).size == new.size
    assert (old != new).all()
    most = np.maximum(before[old], before[new])
    assert (known[new] >= before[new]).all()
    assert (known[new] <= most + 1e-15).all()
    assert (known[new] > before[new]).any()
    # All people are new: everything comes along, on the knowledge that the old firm had before.
    assert known[new] == pytest.approx(most)
    others = np.setdiff1d(np.arange(before.shape[0]), new)
    assert (known[others] == before[others]).all()


@pytest.mark.parametrize(
    ("size", "chance"), [(0.5, 0.036), (2.0, 0.144), (3.0, 0.216), (10.0, 0.25), (500.0, 0.25)]
)
def test_as_many_move_as_the_rate_says(size, chance):
    # 0.288 of all people in a year, 0.072 in a quarter: a firm of 2 takes a person with chance
    # 0.144; firms above 3.5 take 0.288 of their people once a year.
    taking = 0
    for step in range(5):
        world = busy(4, 1, 500, size=size)
        add_actors(world, np.ones((1, 2)), size=LARGE)
        work(Labour(**IDLE, job_to_job=0.288, rounds=1.0), world, step)
        taking += (moves(world, step)[1] < 2000).sum()
    n = 5 * 2000
    assert taking / n == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / n))


def test_movers_come_from_firms_in_proportion_to_their_jobs_up_to_fifty():
    size = np.tile([10.0, 50.0, 500.0], 500)
    came = np.zeros(3)
    for step in range(20):
        world = busy(1, 1, 1500, size=size)
        work(Labour(**IDLE, **CERTAIN), world, step)
        came += np.bincount(moves(world, step)[0] % 3, minlength=3)
    assert came.sum() == 20 * 1500
    assert came / came.sum() == pytest.approx([1 / 11, 5 / 11, 5 / 11], abs=0.01)


def test_movers_stay_near_as_the_rings_say():
    world = busy(n_firms=300)
    Labour(**IDLE, **CERTAIN, local=0.6, regional=0.3).apply(world, luck())
    old, new = moves(world, 0)
    assert new.size == 4 * 3 * 300
    region, sector = world.actors.region, world.actors.sector
    here = region[old] == region[new]
    same = here & (sector[old] == sector[new])
    # Of those within the region a third stay in the sector, of those anywhere a twelfth.
    for found, share in ((same, 0.6 + 0.3 / 3 + 0.1 / 12), (here, 0.9 + 0.1 / 4)):
        assert found.mean() == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / new.size))
    assert (world.ties.mobility.km[here] == 0.0).all()
    assert (world.ties.mobility.km[~here] >= 100.0).all()


def test_who_is_alone_looks_further():
    labour = Labour(**IDLE, **CERTAIN, local=1.0)
    # The first is alone in its sector, but not in its region; the third is alone in its region.
    world = empty_world([[1.0, 1.0], [1.0, 1.0]])
    add_actors(world, np.ones((3, 2)), region=[0, 0, 1], sector=[0, 1, 0], size=LARGE)
    labour.apply(world, luck())
    old, new = moves(world, 0)
    came = dict(zip(new.tolist(), old.tolist(), strict=True))
    assert came.keys() == {0, 1, 2}
    assert came[0] == 1
    assert came[1] == 0
    alone = empty_world()
    add_actors(alone, [[1.0, 1.0]], size=LARGE)
    labour.apply(alone, luck())
    assert len(alone.ties.mobility) == 0
    nobody = empty_world()
    labour.apply(nobody, luck())
    assert len(nobody.ties.mobility) == 0


def test_universities_neither_send_nor_take_movers():
    world = busy(1, 1, 20)
    row = add_actors(world, [[5.0, 5.0]], Kind.UNIVERSITY, size=LARGE)
    Labour(**IDLE, **CERTAIN, carry=1.0).apply(world, luck())
    assert row not in world.ties.mobility.first
    assert row not in world.ties.mobility.second
    assert world.actors.knowledge[:20].max() <= 1.0


def test_one_more_firm_changes_the_moves_of_few():
    few, more = busy(1, 1, 1000), busy(1, 1, 1000)
    add_actors(more, [[1.0, 1.0]], id=99_999, size=LARGE)
    for world in (few, more):
        Labour(**IDLE, **CERTAIN).apply(world, luck())
    before, after = (dict(np.transpose(moves(world, 0)[::-1]).tolist()) for world in (few, more))
    changed = [row for row in range(1000) if before[row] != after[row]]
    assert all(after[row] == 1000 for row in changed)
    assert len(changed) < 30


def test_ties_of_movers_fade_after_a_while_and_are_renewed_by_the_next():
    world = empty_world()
    add_actors(world, np.ones((4, 2)), size=[50.0, 50.0, 0.0, 0.0])
    world.ties.mobility.add(
        np.array([0, 2, 3]),
        np.array([1, 3, 2]),
        trust=np.array([0.1, 0.2, 0.3]),
        km=np.ones(3),
        born=-2,
    )
    world.ties.mobility.born[1] = -1
    for step in range(4):
        work(Labour(**IDLE, **CERTAIN, memory=1.0), world, step)
        layer = world.ties.mobility
        ends = zip(layer.first.tolist(), layer.second.tolist(), strict=True)
        born = dict(zip(ends, layer.born.tolist(), strict=True))
        # Firms without people take none: their ties are a year old in steps 2 and 3.
        expected = {(0, 1): step, (1, 0): step}
        if step < 3:
            expected[2, 3] = -1
        if step < 2:
            expected[3, 2] = -2
        assert born == expected
        # A renewed tie is the old one.
        assert layer.trust[(layer.first == 0)].tolist() == [0.1]


def history(parameters, n_quarters=10):
    """All arrays of a world after some quarters, and its ties of movers."""
    world = living_world()
    world.places.skill[0] = 0.5
    world.ties.mobility.add(np.array([0]), np.array([1]), trust=np.ones(1), km=np.ones(1), born=-9)
    Simulation(world, mechanisms({"labour": parameters}), seed=4).run(n_quarters)
    state = {column.name: getattr(world.actors, column.name) for column in COLUMNS}
    state |= {"knowledge": world.actors.knowledge, **vars(world.places)}
    state |= {"trust": world.ties.collaboration.trust, "wage": world.regions.wage}
    return {name: array.tobytes() for name, array in state.items()}, world.ties.mobility


def test_without_movers_everything_else_is_the_same_to_the_last_bit():
    off, given = history({"movers": False})
    none, untouched = history({"job_to_job": 0.0})
    idle, made = history({"carry": 0.0})
    on, _ = history({})
    assert off == none == idle
    assert off["knowledge"] != on["knowledge"]
    # What a graph brought stays, unless movers are at work.
    for layer in (given, untouched):
        assert [layer.first[0], layer.second[0], layer.born[0], len(layer)] == [0, 1, -9, 1]
    assert len(made) > 10


def test_movers_change_no_size():
    sizes = []
    for movers in (True, False):
        world = living_world()
        Labour(movers=movers).apply(world, luck())
        sizes.append(world.actors.size.tobytes() + world.places.unemployed.tobytes())
    assert sizes[0] == sizes[1]


@pytest.mark.parametrize("seed", range(4))
def test_movers_make_the_firms_of_a_place_alike(seed):
    # Almeida & Kogut 1999: knowledge stays where people do. Same luck in both arms.
    variety = []
    for movers in (True, False):
        world = living_world(seed)
        only = [Labour(**IDLE, movers=movers, carry=0.2)]
        Simulation(world, only, seed=seed).run(40)
        rows = world.actors.rows(Kind.FIRM)
        place = world.actors.region[rows] * 2 + world.actors.sector[rows]
        variety.append(heterogeneity_by_group(world.actors.knowledge[rows], place, 6)[:5])
    assert (variety[0] < variety[1]).all()
    assert np.mean(variety[0]) < 0.8 * np.mean(variety[1])


@pytest.mark.parametrize(
    "wrong",
    [{"rounds": 0.0}, {"carry": 1.1}, {"memory": 0.1}, {"local": -0.1}, {"reskilling": -1.0}],
)
def test_parameters_of_movers_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Labour(**wrong)
