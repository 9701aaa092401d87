import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from clustersim.mechanisms.entry import Entry, relatedness
from clustersim.world.actors import Kind, Origin
from clustersim.world.births import main_field
from clustersim.world.newcomers import MOST_RESEARCH
from tests.worlds import add_actors, empty_world, luck, paradigm

N = 10_000
NO_SLOPES = {"quality_slope": 0.0, "size_slope": 0.0}
# Parents at the best age and size spin off with the bare hazard.
BEST = {"birth": -48, "size": 10.0}
SPIN = {"start_ups": False, "university_rate": 0.0, "best_age": 12.0, "spin_off_rate": 2.0}
STAY = {"local": 1.0, "diversification": 0.0, "idea": 0.0}


# Start-ups.

THREE = (
    (paradigm((1, 0, 0, 0)),),
    (paradigm((3, 4, 0, 0)),),  # cosine 3/5 with the first
    (paradigm((0, 0, 1, 1)),),  # unrelated to both
)


def places_of(jobs):
    """A world with one firm in each place, of the size of the place."""
    jobs = np.asarray(jobs, dtype=float)
    world = empty_world(np.ones_like(jobs).tolist(), paradigms=THREE[: jobs.shape[1]], n_fields=4)
    region, sector = np.divmod(np.arange(jobs.size), jobs.shape[1])
    add_actors(world, np.ones((jobs.size, 4)), region=region, sector=sector, size=jobs.ravel())
    world.places.unemployed[:] = 1e6
    return world


def start_ups_of(jobs, own, related, rate=1.0):
    world = places_of(jobs)
    Entry(spin_offs=False, start_up_rate=rate, own=own, related=related).apply(world, luck())
    return world.flows.entries


JOBS = [[30_000.0, 10_000.0, 0.0], [10_000.0, 0.0, 20_000.0]]


def test_relatedness_of_sectors_is_their_cosine():
    relevance = empty_world(((1.0,) * 3,), paradigms=THREE).sectors.relevance
    assert relatedness(relevance) == pytest.approx(np.array([[1, 0.6, 0], [0.6, 1, 0], [0, 0, 1]]))


@pytest.mark.parametrize(
    ("own", "related", "shares"),
    [
        # Where the sector is: 3/4 and 1/4; all; none and all.
        (1.0, 0.0, [[0.75, 1.0, 0.0], [0.25, 0.0, 1.0]]),
        # Where related sectors are, 0.6 times their jobs: the first sector follows the second and
        # the other way round; the third has no relatives and no such start-ups.
        (0.0, 1.0, [[1.0, 0.75, 0.0], [0.0, 0.25, 0.0]]),
        # By all jobs: 4 in 7.
        (0.0, 0.0, [[4 / 7] * 3, [3 / 7] * 3]),
    ],
    ids=["own", "related", "anywhere"],
)
def test_start_ups_go_where_there_is_opportunity(own, related, shares):
    sector_jobs = np.array([40_000.0, 10_000.0, 20_000.0])
    expected = 1.0 / 4 * sector_jobs / 10 * np.array(shares)
    entries = start_ups_of(JOBS, own, related)
    assert (abs(entries - expected) <= 4 * np.sqrt(expected)).all()


def test_number_of_start_ups_is_poisson():
    # 1000 regions of 80 jobs at a rate of 2: a mean of 4 in each and quarter.
    counts = []
    for step in (0, 1):
        world = places_of([[80.0]] * 1000)
        Entry(spin_offs=False, start_up_rate=2.0, own=1.0, related=0.0).apply(world, luck(step))
        counts += world.flows.entries[:, 0].astype(int).tolist()
    assert np.mean(counts) == pytest.approx(4.0, abs=4 * np.sqrt(4.0 / 2000))
    observed = np.bincount(np.minimum(counts, 10), minlength=11)
    expected = stats.poisson.pmf(np.arange(10), 4.0)
    expected = 2000 * np.append(expected, 1 - expected.sum())
    assert stats.chisquare(observed, expected).pvalue > 1e-3


def newborns(world):
    return world.actors.rows()[world.actors.birth[world.actors.rows()] == world.clock.step]


def test_start_ups_know_the_paradigm_of_their_day():
    world = places_of([[0.0, 20_000.0]])
    world.clock.step = 9
    world.sectors.relevance[1] = [0.0, 0.0, 0.25, 0.75]  # what now counts
    entry = Entry(
        spin_offs=False,
        start_up_rate=2.0,
        own=1.0,
        related=0.0,
        breadth=2.0,
        knowledge_low=0.3,
        knowledge_high=0.7,
        research_mean=0.03,
        research_spread=0.5,
    )
    entry.apply(world, luck(9))
    rows, actors = newborns(world), world.actors
    n = rows.size
    known = actors.knowledge[rows]
    assert n > 800
    assert (known[:, :2] == 0.0).all()
    # Main field 2 with chance 1/4; known anyway with chance 1 - (3/4)**2 = 7/16.
    chance = 0.25 + 0.75 * 7 / 16
    assert (actors.niche[rows] == 2).mean() == pytest.approx(0.25, abs=4 * np.sqrt(3 / 16 / n))
    share = (known[:, 2] > 0).mean()
    assert share == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / n))
    levels = known[known > 0]
    assert levels.min() >= 0.3
    assert levels.max() <= 0.7
    expected = stats.lognorm(0.5, scale=0.03 * np.exp(-0.125))
    assert stats.kstest(actors.research[rows], expected.cdf).pvalue > 1e-3
    assert (actors.origin[rows] == Origin.START_UP).all()
    assert (actors.parent[rows] == -1).all()


def test_newcomers_are_pareto_and_bring_their_funds():
    world = places_of([[40_000.0]])
    world.regions.wage[:] = 30_000.0
    entry = Entry(
        spin_offs=False,
        start_up_rate=2.0,
        own=1.0,
        smallest=2.0,
        largest=80.0,
        tail=1.3,
        funds=0.25,
        district_km=5.0,
    )
    entry.apply(world, luck())
    actors, rows = world.actors, newborns(world)[1:]  # the first is the firm that was there
    a, b = 2.0**-1.3, 80.0**-1.3
    law = stats.kstest(actors.size[rows], lambda s: (a - s**-1.3) / (a - b))
    assert law.pvalue > 1e-3
    assert np.array_equal(actors.orders[rows], actors.size[rows])
    assert actors.cash[rows] == pytest.approx(0.25 * 30_000.0 * actors.size[rows])
    km = np.hypot(actors.x[rows] - world.places.x[0, 0], actors.y[rows] - world.places.y[0, 0])
    assert stats.kstest(km, stats.expon(scale=5.0).cdf).pvalue > 1e-3


# People.


def test_newcomers_take_their_people_from_the_unemployed():
    world = places_of(JOBS)
    before = world.jobs().sum(axis=1) + world.places.unemployed.sum(axis=1)
    Entry(spin_offs=False, start_up_rate=0.5, own=1.0).apply(world, luck())
    after = world.jobs().sum(axis=1) + world.places.unemployed.sum(axis=1)
    assert after == pytest.approx(before, rel=1e-12)
    assert world.flows.entries.sum() > 500
    # They come from all sectors of the region alike.
    assert np.ptp(world.places.unemployed[0]) == pytest.approx(0.0, abs=1e-6)


def test_where_people_are_few_only_some_start_at_their_full_size():
    world = places_of([[40_000.0]])
    world.places.unemployed[:] = 1000.0
    Entry(spin_offs=False, start_up_rate=2.0, own=1.0, smallest=2.0).apply(world, luck())
    size = world.actors.size[newborns(world)[1:]]
    # 2000 start-ups want some 9000 people: half of the 1000 make a chance of about one in 18.
    assert 50 < size.size < 200
    assert size.min() >= 2.0
    assert size.sum() == pytest.approx(500.0, rel=0.3)
    assert world.places.unemployed.sum() + size.sum() == pytest.approx(1000.0)
    assert world.flows.entries.sum() == size.size


def test_without_any_people_nobody_starts():
    world = places_of([[40_000.0]])
    world.places.unemployed[:] = 0.0
    Entry(spin_offs=False, start_up_rate=0.5, own=1.0).apply(world, luck())
    assert newborns(world)[1:].size == 0
    assert world.flows.entries.sum() == 0.0


def test_more_people_are_never_taken_than_there_are():
    world = places_of([[40_000.0]])
    world.places.unemployed[:] = 3.0
    entry = Entry(spin_offs=False, start_up_rate=2.0, own=1.0, smallest=50.0, largest=60.0)
    for step in range(200):
        entry.apply(world, luck(step))
        assert world.places.unemployed.min() >= 0.0
        total = world.actors.size[newborns(world)[1:]].sum() + world.places.unemployed.sum()
        assert total == pytest.approx(3.0)


def test_nobody_enters_a_sector_without_a_market_at_home():
    world = places_of([[40_000.0, 0.0]])
    world.places.unemployed[:] = 1e6
    Entry(start_up_rate=0.5, diversification=1.0, spin_off_rate=1.0).apply(world, luck())
    assert world.flows.entries[0, 0] > 0.0
    assert world.flows.entries[0, 1] == 0.0


# Spin-offs.


def parents_of(knowledge=(0.8, 0.6, 0.0, 0.4), regions=1, n=N, **columns):
    world = empty_world(((1.0, 1.0, 1.0),) * regions, paradigms=THREE)
    world.places.unemployed[:] = 1e6
    add_actors(world, np.tile(knowledge, (n, 1)), **{**BEST, **columns})
    return world


def children_of(world, **numbers):
    """Rows of the spin-offs after a quarter, and those of their parents."""
    Entry(**{**SPIN, **STAY, **NO_SLOPES, **numbers}).apply(world, luck())
    rows = np.flatnonzero(world.actors.alive & (world.actors.origin == Origin.SPIN_OFF))
    row = {int(i): r for r, i in enumerate(world.actors.id.tolist())}
    return rows, np.array([row[i] for i in world.actors.parent[rows].tolist()], dtype=np.int64)


def share_close_to(count, n, expected):
    assert count / n == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n))


@pytest.mark.parametrize("years", [0.0, 3.0, 12.0, 30.0, 60.0])
def test_the_hazard_is_an_inverted_U_in_age(years):
    rows, _ = children_of(parents_of(birth=-int(4 * years)))
    a = years / 12.0
    share_close_to(rows.size, N, 1 - np.exp(-2.0 * a * np.exp(1 - a) / 4))


@pytest.mark.parametrize(("lead", "counted"), [(0.5, 0.5), (-0.5, -0.5), (3.0, 2.0), (-3.0, -2.0)])
def test_good_parents_have_more(lead, counted):
    world = parents_of(log_productivity=lead + 0.1)
    world.sectors.mean_log_productivity[:] = 0.1
    rows, _ = children_of(world, spin_off_rate=0.5, quality_slope=0.7)
    share_close_to(rows.size, N, 1 - np.exp(-0.5 * np.exp(0.7 * counted) / 4))


@pytest.mark.parametrize("size", [1.0, 10.0, 90.0])
def test_large_parents_have_more(size):
    rows, _ = children_of(parents_of(size=size), spin_off_rate=0.5, size_slope=0.4)
    share_close_to(rows.size, N, 1 - np.exp(-0.5 * (size / 10) ** 0.4 / 4))


def test_most_stay_near_their_parents():
    # Four regions of 1, 2, 3 and 4 tenths of the people; parents live in the first. Of those who
    # move, by population, one in ten comes back to it.
    world = parents_of(regions=4, x=17.0, y=-5.0)
    world.regions.population[:] = [1.0, 2.0, 3.0, 4.0]
    rows, _ = children_of(world, local=0.85, district_km=4.0)
    region = world.actors.region[rows]
    for r, share in enumerate([0.85 + 0.015, 0.03, 0.045, 0.06]):
        share_close_to((region == r).sum(), rows.size, share)
    # Those who stay settle around the parent, the others in the district they go to.
    away = rows[region == 3]
    km = np.hypot(
        world.actors.x[away] - world.places.x[3, 0], world.actors.y[away] - world.places.y[3, 0]
    )
    assert stats.kstest(km, stats.expon(scale=4.0).cdf).pvalue > 1e-3
    home = rows[region == 0]
    km = np.hypot(world.actors.x[home] - 17.0, world.actors.y[home] + 5.0)
    assert (km < 40.0).mean() > 0.95


def test_who_stays_settles_at_an_exponential_distance_of_the_parent():
    world = parents_of(x=np.linspace(0, 50, N))
    rows, parents = children_of(world, district_km=4.0)
    actors = world.actors
    km = np.hypot(actors.x[rows] - actors.x[parents], actors.y[rows] - actors.y[parents])
    assert stats.kstest(km, stats.expon(scale=4.0).cdf).pvalue > 1e-3
    assert np.array_equal(actors.region[rows], actors.region[parents])


def test_some_enter_a_related_sector():
    # The first sector is related to the second only.
    rows, _ = children_of(world := parents_of(), diversification=0.3)
    sector = world.actors.sector[rows]
    share_close_to((sector == 1).sum(), rows.size, 0.3)
    assert (sector != 2).all()
    # The third has no relatives.
    rows, _ = children_of(world := parents_of(sector=2), diversification=0.3)
    assert (world.actors.sector[rows] == 2).all()


def test_knowledge_is_inherited_with_losses():
    rows, parents = children_of(world := parents_of(), forgetting=0.4)
    kept = (
        world.actors.knowledge[rows][:, [0, 1, 3]] / world.actors.knowledge[parents][:, [0, 1, 3]]
    )
    assert (world.actors.knowledge[rows, 2] == 0.0).all()  # nobody inherits what nobody knew
    for m in range(3):
        assert stats.kstest(kept[:, m], stats.uniform(0.6, 0.4).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(kept.T)[0, 1]) < 4 / np.sqrt(rows.size)


def test_some_are_founded_on_an_idea_of_their_own():
    # Without forgetting all that is new is the idea: one field of relevance, here 0.25, 0, 0.25,
    # 0.5, at a level between 0.85 and 0.95, above what parents know.
    world = parents_of()
    world.sectors.relevance[0] = [0.25, 0.0, 0.25, 0.5]
    rows, parents = children_of(
        world, forgetting=0.0, idea=0.6, knowledge_low=0.85, knowledge_high=0.95
    )
    gain = world.actors.knowledge[rows] - world.actors.knowledge[parents]
    assert (gain >= 0.0).all()
    assert ((gain > 0.0).sum(axis=1) <= 1).all()
    for m, relevance in enumerate([0.25, 0.0, 0.25, 0.5]):
        share_close_to((gain[:, m] > 0).sum(), rows.size, 0.6 * relevance)
    levels = world.actors.knowledge[rows][gain > 0.0]
    assert stats.kstest(levels, stats.uniform(0.85, 0.1).cdf).pvalue > 1e-3


def test_an_idea_never_makes_forget():
    rows, parents = children_of(
        world := parents_of(), forgetting=0.0, idea=1.0, knowledge_low=0.0, knowledge_high=0.1
    )
    assert (world.actors.knowledge[rows] >= world.actors.knowledge[parents]).all()


def test_what_a_spin_off_takes_from_its_parent():
    world = parents_of(research=0.08, log_productivity=0.2)
    rows, parents = children_of(world, forgetting=0.0, research_mean=0.0)
    actors = world.actors
    assert np.array_equal(actors.parent[rows], actors.id[parents])
    assert actors.research[rows] == pytest.approx(np.full(rows.size, 0.04))  # half the parent's
    assert (actors.log_productivity[rows] == 0.2).all()
    needed = world.sectors.relevance[actors.sector[rows]]
    expected = [main_field(*pair) for pair in zip(actors.knowledge[rows], needed, strict=True)]
    assert actors.niche[rows].tolist() == expected
    assert world.flows.spin_offs[0, 0] == world.flows.entries[0, 0] == rows.size


def test_main_field_is_where_knowledge_counts_most():
    assert main_field(np.array([0.9, 0.5]), np.array([0.3, 0.7])) == 1
    assert main_field(np.array([0.4, 0.8, 0.8]), np.array([0.2, 0.4, 0.4])) == 1  # the first of two


# University spin-offs.


def university_spin_offs(known, **numbers):
    world = empty_world(((1.0, 1.0, 1.0),) * 2, paradigms=THREE)
    world.places.unemployed[:] = 1e6
    add_actors(world, np.tile(known, (N, 1)), Kind.UNIVERSITY, quality=0.5, region=1, x=9.0, y=2.0)
    given = {"start_ups": False, "university_rate": 4.0, "district_km": 3.0, **numbers}
    Entry(**given).apply(world, luck())
    return world, world.actors.rows(Kind.FIRM)


def test_universities_have_spin_offs_by_their_quality():
    _, rows = university_spin_offs((1.0, 1.0, 1.0, 1.0))
    share_close_to(rows.size, N, 1 - np.exp(-4.0 * 0.5 / 4))


def test_university_spin_offs_enter_the_sector_that_fits_and_stay():
    # k = (1, 0, 1, 1): cosines 1/sqrt 3, 3/5/sqrt 3, 2/sqrt 6; their fourth powers.
    weights = np.array([1 / 3, 0.36 / 3, 2 / 3]) ** 2
    world, rows = university_spin_offs((1.0, 0.0, 1.0, 1.0))
    actors = world.actors
    for s, share in enumerate(weights / weights.sum()):
        share_close_to((actors.sector[rows] == s).sum(), rows.size, share)
    assert (actors.region[rows] == 1).all()
    assert (actors.origin[rows] == Origin.UNIVERSITY_SPIN_OFF).all()
    km = np.hypot(actors.x[rows] - 9.0, actors.y[rows] - 2.0)
    assert stats.kstest(km, stats.expon(scale=3.0).cdf).pvalue > 1e-3
    assert world.flows.spin_offs.sum() == world.flows.entries.sum() == rows.size


def test_university_spin_offs_know_what_is_relevant_less_what_they_forget():
    world, rows = university_spin_offs((0.8, 0.8, 0.8, 0.8), forgetting=0.5)
    actors = world.actors
    for s, fields in enumerate([[0], [0, 1], [2, 3]]):
        here = rows[actors.sector[rows] == s]
        known = actors.knowledge[here]
        others = [m for m in range(4) if m not in fields]
        assert (known[:, others] == 0.0).all()
        for m in fields:
            assert stats.kstest(known[:, m], stats.uniform(0.4, 0.4).cdf).pvalue > 1e-3


def test_university_spin_offs_do_twice_the_research_but_never_more_than_a_firm_can():
    numbers = {"research_mean": 0.02, "research_spread": 0.5}
    world, rows = university_spin_offs((1.0,) * 4, **numbers)
    research = world.actors.research[rows]
    expected = stats.lognorm(0.5, scale=0.04 * np.exp(-0.125))
    assert stats.kstest(research, expected.cdf).pvalue > 1e-3
    world, rows = university_spin_offs((1.0,) * 4, research_mean=1.0, research_spread=0.1)
    assert world.actors.research[rows].max() == MOST_RESEARCH


# All together.


def test_newcomers_have_identities_of_their_own():
    world = places_of(JOBS)
    add_actors(world, np.ones((3000, 4)), region=1, sector=0, **BEST)
    add_actors(world, np.ones((300, 4)), Kind.UNIVERSITY, quality=1.0)
    entry = Entry(spin_off_rate=1.0, university_rate=2.0)
    for step in range(6):
        world.clock.step = step
        entry.apply(world, luck(step))
    ids = world.actors.id[world.actors.rows()]
    assert np.unique(ids).size == ids.size
    origins = world.actors.origin[world.actors.rows()]
    assert set(origins.tolist()) == set(Origin) - {Origin.SUBSIDIARY}
    for values in (world.actors.knowledge, world.actors.size, world.actors.research):
        assert np.isfinite(values).all()


def test_one_more_parent_does_not_change_the_children_of_the_others():
    alone, together = parents_of(n=500), parents_of(n=500)
    add_actors(together, [[0.1] * 4], **BEST)
    few, _ = children_of(alone, local=0.5, idea=0.5)
    many, parents = children_of(together, local=0.5, idea=0.5)
    of_old = many[parents < 500]
    for name in ("id", "parent", "region", "sector", "niche", "research", "knowledge", "size"):
        values = getattr(alone.actors, name)[few], getattr(together.actors, name)[of_old]
        assert np.array_equal(*values), name


@pytest.mark.parametrize(
    ("switches", "origins"),
    [
        ({"start_ups": False, "spin_offs": False}, set()),
        ({"start_ups": False}, {Origin.SPIN_OFF, Origin.UNIVERSITY_SPIN_OFF}),
        ({"spin_offs": False}, {Origin.START_UP}),
        ({"start_up_rate": 0.0, "spin_off_rate": 0.0, "university_rate": 0.0}, set()),
    ],
)
def test_switches_of_null_models(switches, origins):
    world = parents_of(n=2000)
    add_actors(world, np.ones((20, 4)), Kind.UNIVERSITY, quality=1.0)
    before = set(world.actors.id.tolist())
    given = {"start_up_rate": 0.5, "spin_off_rate": 1.0, "university_rate": 4.0, **switches}
    Entry(**given).apply(world, luck())
    new = [r for r in world.actors.rows() if world.actors.id[r] not in before]
    assert set(world.actors.origin[new].tolist()) == origins


# Levers and public money.


def test_a_lever_changes_the_start_ups_of_a_place():
    world = places_of(JOBS)
    levers = np.array([[2.0, 0.5, 1.0], [0.0, 3.0, 1.0]])
    world.levers.put("start_ups", ..., levers)
    Entry(spin_offs=False, start_up_rate=1.0, own=0.0, related=0.0).apply(world, luck())
    share = np.array([4 / 7, 3 / 7])[:, None]
    expected = levers * np.array([40_000.0, 10_000.0, 20_000.0]) / 40 * share
    assert (abs(world.flows.entries - expected) <= 4 * np.sqrt(expected)).all()


def test_a_lever_changes_the_spin_offs_of_a_parent():
    world = parents_of()
    world.levers.put("spin_off", np.arange(N), np.where(np.arange(N) % 2, 3.0, 0.0))
    rows, parents = children_of(world, spin_off_rate=0.5)
    assert (parents % 2 == 1).all()
    share_close_to(rows.size, N / 2, 1 - np.exp(-0.5 * 3.0 / 4))
    assert (world.levers.spin_off[rows] == 1.0).all()  # levers are not inherited


def test_a_lever_changes_the_spin_offs_of_a_university():
    world = empty_world(((1.0, 1.0, 1.0),), paradigms=THREE)
    world.places.unemployed[:] = 1e6
    add_actors(world, np.ones((N, 4)), Kind.UNIVERSITY, quality=0.5)
    world.levers.put("spin_off", np.arange(N), np.where(np.arange(N) % 2, 2.0, 0.0))
    Entry(start_ups=False, university_rate=1.0).apply(world, luck())
    parents = world.actors.parent[world.actors.rows(Kind.FIRM)]
    assert (parents % 2 == 0).all()  # identities begin with 1
    share_close_to(parents.size, N / 2, 1 - np.exp(-2.0 * 0.5 / 4))


def test_what_is_publicly_funded_is_not_inherited():
    world = parents_of(research=0.08, funded=np.where(np.arange(N) % 2, 0.02, 0.0))
    rows, parents = children_of(world, research_mean=0.0)
    expected = np.where(parents % 2, 0.03, 0.04)
    assert world.actors.research[rows] == pytest.approx(expected)
    assert (world.actors.funded[rows] == 0.0).all()


@pytest.mark.parametrize("wrong", [{"local": 1.1}, {"best_age": 0.5}, {"spin_off_rate": 2.5}])
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Entry(**wrong)
