import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from clustersim.mechanisms.relocation import Relocation
from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind, Origin
from tests.worlds import SEED, add_actors, add_ties, empty_world, living_world, luck

CERTAIN = {"move_rate": 10.0, "slope": 20.0, "arrivals": False, "join_rate": 0.0}
QUIET = {"moves": False, "arrivals": False, "join_rate": 0.0}


def two_regions(here, there, n=1, *, unemployed=1000.0, **columns):
    """`n` multinationals of ten jobs in r0 with one other firm; one firm in r1."""
    world = empty_world(((1.0,), (1.0,)))
    world.places.unemployed[:] = unemployed
    world.sectors.mean_log_productivity[:] = 0.0
    add_actors(world, np.ones((2, 2)), region=[0, 1], log_productivity=[here, there], size=100.0)
    rows = add_actors(
        world, np.ones((n, 2)), **{"multinational": True, "log_productivity": here, **columns}
    )
    return world, rows


def people(world):
    return world.jobs().sum() + world.places.unemployed.sum()


def moved(world, rows, step=0, **numbers):
    Relocation(**CERTAIN | numbers).apply(world, luck(step))
    return world.actors.region[rows] == 1


# Moves.


def test_a_multinational_moves_where_more_is_on_offer():
    world, rows = two_regions(0.0, 0.5)
    before = people(world)
    assert moved(world, rows).all()
    assert world.actors.size[rows] == pytest.approx([10.0])
    assert world.places.unemployed.ravel() == pytest.approx([1010.0, 990.0])
    assert people(world) == pytest.approx(before, rel=1e-12)
    assert world.flows.relocations.tolist() == [[1.0], [0.0]]
    assert world.flows.exits.sum() == world.flows.entries.sum() == 0.0
    assert world.firms().tolist() == [[1.0], [2.0]]


def test_it_keeps_what_it_is_and_whom_it_knows():
    world, rows = two_regions(0.0, 0.5, cash=77.0, orders=25.0, anchor=True, x=3.0, y=4.0)
    organisation = add_actors(world, [[0.0, 0.0]], Kind.CLUSTER_ORGANISATION, sector=0)
    add_ties(world, rows, [0], trust=0.7, km=5.0)
    add_ties(world, [0], [1], trust=0.6, km=123.0)
    for member in (rows[0], 0):
        world.ties.membership.add(
            np.array([member]), organisation, trust=np.zeros(1), km=np.zeros(1), born=0
        )
    before = {name: getattr(world.actors, name)[rows].copy() for name in ("id", "cash", "orders")}
    assert moved(world, rows).all()
    for name, values in before.items():
        assert getattr(world.actors, name)[rows].tolist() == values.tolist(), name
    assert world.actors.multinational[rows].all()
    assert not world.actors.anchor[rows].any()
    assert world.actors.knowledge[rows].tolist() == [[1.0, 1.0]]
    x, y = world.actors.x[rows][0], world.actors.y[rows][0]
    assert np.hypot(x - world.places.x[1, 0], y - world.places.y[1, 0]) < 60.0
    assert world.ties.collaboration.km == pytest.approx([np.hypot(x, y), 123.0])
    assert world.ties.collaboration.trust.tolist() == [0.7, 0.6]
    assert world.ties.membership.first.tolist() == [0]


@pytest.mark.parametrize(("gap", "moves"), [(0.19, False), (0.21, True), (-0.5, False)])
def test_no_move_pays_below_its_cost(gap, moves):
    world, rows = two_regions(0.0, gap)
    assert moved(world, rows, moving_cost=0.2).tolist() == [moves]


def test_dear_people_make_a_place_worse():
    # ln 1.5 = 0.41 of 0.6: 0.24 less than the gap of 0.3.
    for wage, expected in ((1.5, False), (1.0, True)):
        world, rows = two_regions(0.0, 0.3)
        world.regions.wage[1] *= wage
        assert moved(world, rows, moving_cost=0.1).tolist() == [expected]
    # A high cost level as such is the usual wage there.
    world, rows = two_regions(0.0, 0.3)
    world.regions.wage[1] *= 1.5
    world.regions.cost_level[1] *= 1.5
    assert moved(world, rows, moving_cost=0.1).all()


def test_its_own_success_is_no_offer_of_the_place():
    world, rows = two_regions(0.0, 0.3, log_productivity=2.0, size=5000.0, unemployed=1e5)
    assert moved(world, rows).all()


def test_alone_it_takes_the_market_for_its_place():
    for mean, expected in ((0.0, True), (0.4, False)):
        world = empty_world(((1.0,), (1.0,)))
        world.places.unemployed[:] = 1000.0
        world.sectors.mean_log_productivity[:] = mean
        add_actors(world, np.ones((1, 2)), region=1, log_productivity=0.3)
        rows = add_actors(world, np.ones((1, 2)), multinational=True, log_productivity=-3.0)
        assert moved(world, rows).tolist() == [expected]


def test_nobody_moves_to_a_place_without_the_sector_or_without_people():
    world = empty_world(((1.0, 1.0), (1.0, 1.0)))
    world.places.unemployed[:] = 1000.0
    add_actors(world, np.ones((1, 2)), region=1, sector=1, log_productivity=3.0)
    rows = add_actors(world, np.ones((2, 2)), multinational=True, log_productivity=-3.0)
    assert not moved(world, rows).any()
    world, rows = two_regions(0.0, 1.0, unemployed=0.0)
    before = world.actors.size.copy()
    assert not moved(world, rows).any()
    assert world.actors.size.tolist() == before.tolist()


def test_movers_share_the_people_there_are():
    # 40 firms of ten jobs want 400 of 100: one in eight comes, for about 50 jobs.
    world, rows = two_regions(0.0, 1.0, 40, unemployed=100.0)
    before = people(world)
    came = moved(world, rows)
    assert 1 <= came.sum() <= 12
    assert people(world) == pytest.approx(before, rel=1e-12)
    assert (world.places.unemployed >= 0.0).all()


def test_chance_follows_the_hazard():
    # 0.5 exp(2 * 0.4) a year.
    n = 4000
    world, rows = two_regions(0.0, 0.4, n, unemployed=1e6, size=1e-6)
    share = moved(world, rows, move_rate=0.5, slope=2.0).mean()
    expected = 1.0 - np.exp(-0.5 * np.exp(0.8) / 4)
    assert share == pytest.approx(expected, abs=3 * np.sqrt(expected * (1 - expected) / n))


def test_the_best_of_the_candidates_counts():
    # Of ten other regions one is better: it is among three candidates with chance 1 - 0.9**3.
    n = 3000
    jobs = ((1.0,),) * 11
    world = empty_world(jobs)
    world.places.unemployed[:] = 1e6
    better = np.where(np.arange(11) == 7, 1.0, 0.0)
    add_actors(world, np.ones((11, 2)), region=np.arange(11), log_productivity=better, size=100.0)
    rows = add_actors(world, np.ones((n, 2)), multinational=True, size=1e-6)
    Relocation(**CERTAIN | {"candidates": 3}).apply(world, luck())
    gone = world.actors.region[rows] == 7
    assert set(world.actors.region[rows].tolist()) == {0, 7}
    assert gone.mean() == pytest.approx(1 - 0.9**3, abs=3 * np.sqrt(0.25 / n))


def test_only_multinationals_move():
    world, rows = two_regions(0.0, 1.0, 3, multinational=[True, False, True])
    assert moved(world, rows).tolist() == [True, False, True]
    assert world.actors.region[:2].tolist() == [0, 1]


# Arrivals.


def arriving(rate=10.0, jobs=8000.0, offers=(0.0, 0.0), step=0, levers=None, **numbers):
    world = empty_world(((1.0,), (1.0,)), relevance=(0.5, 0.5))
    world.places.unemployed[:] = 1e7
    world.sectors.mean_log_productivity[:] = 0.3
    world.clock.step = step
    add_actors(
        world, np.ones((2, 2)), region=[0, 1], log_productivity=offers, size=jobs, export_share=0.1
    )
    if levers is not None:
        world.levers.put("arrivals", ([0, 1], [0, 0]), levers)
    numbers = QUIET | {"arrivals": True, "arrival_rate": rate} | numbers
    Relocation(**numbers).apply(world, luck(step))
    rows = np.flatnonzero(world.actors.alive & (world.actors.origin == Origin.SUBSIDIARY))
    return world, rows


def test_arrivals_are_poisson_in_the_jobs_of_the_sector():
    # 0.5 a year for each of 16 thousand jobs: two in a quarter.
    counts = [arriving(0.5, step=step)[1].size for step in range(400)]
    assert np.mean(counts) == pytest.approx(2.0, abs=3 * np.sqrt(2.0 / 400))
    assert np.var(counts) == pytest.approx(2.0, abs=0.5)
    assert arriving(0.0)[1].size == 0


def test_what_a_subsidiary_is_like():
    world, rows = arriving(smallest=30.0, largest=300.0, tail=1.5, funds=0.5, level=0.8, step=6)
    actors = world.actors
    assert rows.size > 20
    assert actors.multinational[rows].all()
    assert (actors.birth[rows] == 6).all()
    assert (actors.parent[rows] == -1).all()
    assert np.unique(actors.id[rows]).size == rows.size
    size = actors.size[rows]
    a, b = 30.0**-1.5, 300.0**-1.5
    assert stats.kstest(size, lambda s: (a - s**-1.5) / (a - b)).pvalue > 1e-3
    assert actors.orders[rows].tolist() == size.tolist()
    assert actors.cash[rows] == pytest.approx(0.5 * 40_000.0 * size)
    known = actors.knowledge[rows]
    assert set(np.unique(known.round(12))) <= {0.0, 0.8}
    assert known[np.arange(rows.size), actors.niche[rows]] == pytest.approx(0.8)
    assert actors.log_productivity[rows] == pytest.approx(0.3)
    assert world.flows.entries.sum() == world.flows.subsidiaries.sum() == rows.size
    assert world.flows.spin_offs.sum() == 0.0
    assert people(world) == pytest.approx(2e7 + 16_000.0, rel=1e-12)


def test_they_choose_what_offers_more():
    # Twice the weight exp(2 * 0.5) = 2.72.
    counts = np.zeros(2)
    for step in range(10):
        world, rows = arriving(offers=(0.5, 0.0), slope=2.0, step=step)
        counts += np.bincount(world.actors.region[rows], minlength=2)
    expected = np.e / (np.e + 1.0)
    assert counts[0] / counts.sum() == pytest.approx(expected, abs=3 * np.sqrt(0.2 / counts.sum()))


@pytest.mark.parametrize("levers", [(3.0, 1.0), (1.0, 0.0), (0.5, 2.0), (0.0, 0.0)])
def test_a_lever_changes_the_arrivals_of_a_place_and_of_no_other(levers):
    # 40 in a quarter, e to 1 by what is on offer.
    n, counts = 40, np.zeros(2)
    for step in range(n):
        world, rows = arriving(offers=(0.5, 0.0), slope=2.0, step=step, levers=levers)
        counts += np.bincount(world.actors.region[rows], minlength=2)
    expected = n * 40.0 * np.array([np.e, 1.0]) / (np.e + 1.0) * levers
    assert (abs(counts - expected) <= 4 * np.sqrt(expected)).all()


def test_nobody_comes_where_nobody_looks_for_work():
    world = empty_world(((1.0,),))
    world.places.unemployed[:] = 0.0
    add_actors(world, np.ones((1, 2)), size=8000.0)
    Relocation(arrival_rate=10.0).apply(world, luck())
    assert world.firms().sum() == 1.0


# Joining.


def test_large_firms_become_multinational_by_a_hazard():
    n = 4000
    world = empty_world(((1.0,),))
    size = np.where(np.arange(n) % 2, 250.0, 249.0)
    add_actors(world, np.ones((n, 2)), size=size)
    Relocation(**QUIET | {"join_rate": 1.0}).apply(world, luck())
    large = size >= 250.0
    assert not world.actors.multinational[~large].any()
    expected = 1.0 - np.exp(-0.25)
    assert world.actors.multinational[large].mean() == pytest.approx(expected, abs=0.03)


# The whole.


def states(world):
    tables = {name: getattr(world.actors, name).copy() for name in ("region", "size", "x", "id")}
    ties = world.ties.collaboration
    return {
        **tables,
        "multinational": world.actors.multinational.copy(),
        "unemployed": world.places.unemployed.copy(),
        "km": ties.km.copy(),
        "members": world.ties.membership.first.copy(),
        "entries": world.flows.entries.copy(),
    }


def run(quarters=12, **numbers):
    world = living_world()
    world.actors.multinational[::4] = world.actors.kind[::4] == Kind.FIRM
    schedule = mechanisms({"relocation": numbers})
    Simulation(world, schedule, seed=SEED, record_every=1000).run(quarters)
    return world


def test_without_strength_it_is_as_if_it_were_not_there():
    off = states(run(enabled=False))
    for numbers in (
        {"move_rate": 0.0, "arrival_rate": 0.0, "join_rate": 0.0},
        {"moves": False, "arrivals": False, "join_rate": 0.0},
    ):
        zero = states(run(**numbers))
        assert all(np.array_equal(off[name], zero[name]) for name in off)
    assert not np.array_equal(off["region"], states(run(move_rate=5.0))["region"])


def test_multinationals_leave_a_place_that_fell_behind_faster_than_others():
    """Aalborg: more multinationals than other firms are gone from the lagging place."""
    stayed = {True: [], False: []}
    for seed in range(3):
        world = empty_world(((3000.0,), (3000.0,)))
        n = 600
        region = np.arange(n) % 2
        rows = add_actors(
            world,
            np.where(region[:, None] == 0, 0.6, 0.8) * np.ones((n, 2)),
            region=region,
            multinational=np.arange(n) % 6 < 2,
            birth=-100,
            cash=4e5,
        )
        ids = world.actors.id[rows].copy()
        old = region == 0
        footloose = world.actors.multinational[rows].copy()
        schedule = mechanisms({"relocation": {"arrivals": False}})
        Simulation(world, schedule, seed=seed, record_every=1000).run(20)
        here = world.actors.id[world.actors.alive & (world.actors.region == 0)]
        for kind in (True, False):
            stayed[kind].append(np.isin(ids[old & (footloose == kind)], here).mean())
    assert max(stayed[True]) < min(stayed[False])


def test_people_are_conserved_over_many_quarters():
    world = living_world()
    world.actors.multinational[:] = world.actors.kind == Kind.FIRM
    relocation = Relocation(move_rate=5.0, moving_cost=0.0, arrival_rate=5.0, large=10.0)
    world.actors.log_productivity[:] = np.linspace(-1.0, 1.0, world.actors.n_rows)
    before = people(world)
    for step in range(12):
        world.clock.step = step
        relocation.apply(world, luck(step))
        assert people(world) == pytest.approx(before, rel=1e-12)
        assert (world.places.unemployed > -1e-9).all()
    assert world.flows.relocations.sum() > 0
    assert world.flows.subsidiaries.sum() > 0


def test_a_world_without_firms_has_no_multinationals():
    world = empty_world()
    Relocation().apply(world, luck())
    assert world.actors.n_rows == 0


@pytest.mark.parametrize(
    "wrong", [{"move_rate": -0.1}, {"candidates": 0}, {"candidates": 1.5}, {"level": 1.1}]
)
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Relocation(**wrong)
