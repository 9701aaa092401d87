import numpy as np
import pytest
from scipy import stats

from clustersim.world.actors import COLUMNS, Kind, Level
from clustersim.world.draws import Draws
from clustersim.world.first_ties import tie_researchers
from clustersim.world.founding import OLDEST, bare_world, found, place_standing
from clustersim.world.institutions import INSTITUTIONS, admit_institutions
from clustersim.world.newcomers import pareto_mean
from clustersim.world.spec import FirmSizeSpec, RegionSpec, SectorSpec, WorldSpec
from tests.worlds import add_actors, empty_world, living_spec, living_world, small_spec

SIZES = FirmSizeSpec(smallest=2.0, largest=2000.0, tail=1.1)


def columns_by_identity(world, rows):
    """Columns of some actors in the order of their identities."""
    rows = rows[np.argsort(world.actors.id[rows])]
    table = {column.name: getattr(world.actors, column.name)[rows] for column in COLUMNS}
    return {**table, "knowledge": world.actors.knowledge[rows]}


def ties_by_identity(layer, ids):
    return {
        tuple(sorted((int(ids[a]), int(ids[b]))))
        for a, b in zip(layer.first, layer.second, strict=True)
    }


def everything(world):
    """All arrays of a world as bytes."""
    parts = [world.sectors, world.regions, world.places]
    parts += [layer for _, layer in world.ties]
    found = [v for part in parts for v in vars(part).values() if isinstance(v, np.ndarray)]
    found += [getattr(world.actors, column.name) for column in COLUMNS] + [world.actors.knowledge]
    return [values.tobytes() for values in found]


def test_jobs_of_every_place_are_those_of_the_specification():
    rng = np.random.default_rng(1)
    jobs = rng.integers(0, 4000, (6, 5)).astype(float)
    jobs[rng.random((6, 5)) < 0.3] = 0.0
    world = found(small_spec(jobs.tolist(), employment_scale=3, firm_size=SIZES), 5)
    assert world.jobs() * 3 == pytest.approx(jobs, abs=1e-9, rel=1e-12)
    assert np.array_equal(world.firms() > 0, jobs > 0)


def test_a_place_with_any_job_has_a_firm():
    world = found(small_spec(((0.01, 0.0, 3.0),), firm_size=SIZES), 5)
    assert world.firms().tolist() == [[1, 0, 1]]
    assert world.jobs()[0].tolist() == pytest.approx([0.01, 0, 3])


def test_firms_that_are_known_are_matched_in_expectation():
    # 12.3 simulated firms: 12 or 13, the latter in 30 % of worlds.
    region = {"firms": {"s0": 123.0}}
    spec = small_spec(((5000.0,),) * 1000, region=region, employment_scale=10)
    counts = found(spec, 2).firms()[:, 0]
    assert set(counts) == {12.0, 13.0}
    assert counts.mean() == pytest.approx(12.3, abs=4 * np.sqrt(0.3 * 0.7 / 1000))


def test_firms_that_are_not_known_have_the_mean_size_of_the_distribution():
    spec = small_spec(((5000.0,),) * 50, firm_size=SIZES)
    expected = 5000.0 / pareto_mean(2.0, 2000.0, 1.1)
    assert abs(found(spec, 2).firms() - expected).max() < 1.0


def test_sizes_follow_the_pareto():
    spec = small_spec(((200_000.0,),), firm_size=SIZES)
    world = found(spec, 3)
    size = np.sort(world.actors.size[world.actors.rows(Kind.FIRM)])[::-1]
    assert size.size > 15_000
    # Rank falls with size to the power of -tail, where the upper bound is far.
    inner = slice(50, size.size // 2)
    rank = np.arange(1, size.size + 1) - 0.5
    slope = np.polyfit(np.log(size[inner]), np.log(rank[inner]), 1)[0]
    assert slope == pytest.approx(-1.1, abs=0.05)


def test_the_same_seed_founds_the_same_world_bit_by_bit():
    assert everything(living_world(7)) == everything(living_world(7))


def test_another_seed_founds_another_world_of_the_same_actors():
    one, two = living_world(7), living_world(8)
    here, there = one.actors, two.actors
    common = np.intersect1d(here.id[here.rows()], there.id[there.rows()])
    # Places draw one firm more or less; the others are the same actors with other luck.
    assert common.size >= here.rows().size - 6
    sizes = [
        [float(a.size[a.row_of(i)]) for i in common.tolist() if a.kind[a.row_of(i)] == Kind.FIRM]
        for a in (here, there)
    ]
    assert (np.array(sizes[0]) != np.array(sizes[1])).mean() > 0.9


def test_one_more_region_leaves_the_others_as_they_are():
    # Standing compares a place with all the others, so that another region changes it.
    spec = living_spec()
    founders = spec.founders.model_copy(update={"standing": 0.0})
    spec = spec.model_copy(update={"founders": founders})
    last = RegionSpec(name="far", jobs={"s0": 400.0, "s1": 100.0}, universities=1, rtos=1)
    more = spec.model_copy(update={"regions": (*spec.regions, last)})
    before, after = found(spec, 9), found(more, 9)
    rows_before = np.flatnonzero(before.actors.alive & (before.actors.region >= 0))
    inside = (after.actors.region >= 0) & (after.actors.region < 3)
    rows_after = np.flatnonzero(after.actors.alive & inside)
    old, new = columns_by_identity(before, rows_before), columns_by_identity(after, rows_after)
    for name, values in old.items():
        assert np.array_equal(values, new[name], equal_nan=values.dtype.kind == "f"), name
    # Members are as they were; collaborations too, but those that now fall to a newcomer.
    for name in ("membership", "collaboration"):
        was = ties_by_identity(getattr(before.ties, name), before.actors.id)
        now = ties_by_identity(getattr(after.ties, name), after.actors.id)
        among_old = {pair for pair in now if set(pair) <= set(old["id"].tolist())}
        assert among_old <= was
        assert len(among_old) > 0.85 * len(was)
        if name == "membership":
            assert among_old == was


def test_firms_are_what_founders_are():
    spec = small_spec(
        ((40_000.0, 40_000.0),),
        firm_size=SIZES,
        founders={"research_mean": 0.02, "research_spread": 0.5, "mean_age": 12.0, "funds": 0.25},
        region={"cost_level": 1.5},
        sector={"export_share": 0.4},
    )
    world = found(spec, 4)
    actors = world.actors
    firms = actors.rows(Kind.FIRM)
    n = firms.size
    expected = stats.lognorm(0.5, scale=0.02 * np.exp(-0.125))
    assert stats.kstest(actors.research[firms], expected.cdf).pvalue > 1e-3
    age = -actors.birth[firms] / 4.0
    # Whole quarters, rounded down: an eighth of a year less on average; cut at OLDEST.
    assert age.mean() == pytest.approx(11.875, abs=4 * 12.0 / np.sqrt(n))
    assert age.max() <= OLDEST
    assert actors.cash[firms] == pytest.approx(0.25 * actors.size[firms] * 60_000.0)
    assert np.array_equal(actors.orders[firms], actors.size[firms])
    assert (actors.log_productivity[firms] == 0.0).all()  # until the market meets
    assert (actors.export_share[firms] == 0.4).all()
    assert (actors.knowledge[firms, actors.niche[firms]] > 0.0).all()
    assert (actors.parent[firms] == -1).all()


def test_places_differ_in_their_main_fields():
    spec = small_spec(((5000.0,),) * 8, relevance=(1,) * 8, firm_size=SIZES)
    world = found(spec, 4)
    firms = world.actors.rows(Kind.FIRM)
    table = np.zeros((8, 8))
    np.add.at(table, (world.actors.region[firms], world.actors.niche[firms]), 1)
    assert stats.chi2_contingency(table)[1] < 1e-6
    # Over all places each field is equally likely.
    assert (table.sum(axis=0) > 0).all()


def test_firms_lie_around_their_district():
    spec = small_spec(((40_000.0,),), firm_size=SIZES, founders={"district_km": 3.0})
    world = found(spec, 4)
    firms = world.actors.rows(Kind.FIRM)
    km = np.hypot(
        world.actors.x[firms] - world.places.x[0, 0], world.actors.y[firms] - world.places.y[0, 0]
    )
    assert stats.kstest(km, stats.expon(scale=3.0).cdf).pvalue > 1e-3


def test_an_anchor_is_the_largest_firm_if_it_is_large():
    spec = small_spec(((30_000.0, 60.0, 2500.0),) * 10, firm_size=SIZES)
    actors = found(spec, 4).actors
    firms = actors.rows(Kind.FIRM)
    for region in range(10):
        for sector in range(3):
            here = firms[(actors.region[firms] == region) & (actors.sector[firms] == sector)]
            size = actors.size[here]
            large = (size == size.max()) & (size >= 100) & (size >= 0.1 * size.sum())
            assert np.array_equal(actors.anchor[here], large)
    assert actors.anchor[firms].any()


def test_half_of_the_large_firms_are_multinational():
    spec = small_spec(((3_000_000.0,),), firm_size=SIZES)
    actors = found(spec, 4).actors
    firms = actors.rows(Kind.FIRM)
    large = actors.size[firms] >= 250
    assert not actors.multinational[firms][~large].any()
    n = large.sum()
    assert actors.multinational[firms][large].mean() == pytest.approx(0.5, abs=2 / np.sqrt(n))


def test_institutions_are_as_many_as_they_are_said_to_be():
    world = living_world()
    actors = world.actors
    counts = {kind: actors.rows(kind).size for kind in INSTITUTIONS}
    assert counts == {
        Kind.UNIVERSITY: 3,
        Kind.RTO: 3,
        Kind.CLUSTER_ORGANISATION: 3,
        Kind.AUTHORITY: 3 + 1 + 1,
    }
    science = np.concatenate([actors.rows(Kind.UNIVERSITY), actors.rows(Kind.RTO)])
    assert (actors.research[science] == 0.5).all()
    luck = (
        actors.quality[science] - 0.4 * world.regions.institutional_quality[actors.region[science]]
    )
    assert ((luck >= 0.0) & (luck <= 0.6)).all()
    assert (actors.sector[actors.rows(Kind.UNIVERSITY)] == -1).all()
    assert (actors.sector[actors.rows(Kind.RTO)] >= 0).all()
    offices = actors.rows(Kind.AUTHORITY)
    assert actors.level[offices].tolist() == [
        Level.REGIONAL, Level.REGIONAL, Level.REGIONAL, Level.NATIONAL, Level.EU,
    ]  # fmt: skip
    assert actors.region[offices].tolist() == [0, 1, 2, -1, -1]
    assert (actors.knowledge[offices] == 0.0).all()
    assert np.unique(actors.id[actors.rows()]).size == actors.rows().size


def test_what_a_university_knows_says_nothing_about_its_quality():
    spec = WorldSpec(
        sectors=(SectorSpec(name="a"),),
        regions=(RegionSpec(name="r", universities=1000, jobs={"a": 100.0}),),
    )
    actors = found(spec, 1).actors
    universities = actors.rows(Kind.UNIVERSITY)
    quality = actors.quality[universities]
    for column in (actors.niche, actors.x, actors.y, actors.knowledge.sum(axis=1)):
        assert abs(np.corrcoef(quality, column[universities])[0, 1]) < 0.1


def test_only_some_kinds_of_institution_can_be_admitted():
    spec = living_spec()
    world, draws = bare_world(spec, 3)
    admit_institutions(world, spec, draws, kinds={Kind.RTO})
    assert set(world.actors.kind[world.actors.rows()]) == {Kind.RTO}


def test_several_offices_of_one_place_are_different_actors():
    region = {"cluster_organisations": {"s0": 3}}
    world = found(small_spec(region=region, national_authorities=2, eu_authorities=2), 1)
    ids = world.actors.id[world.actors.rows()]
    assert np.unique(ids).size == ids.size
    assert world.actors.rows(Kind.CLUSTER_ORGANISATION).size == 3
    assert world.actors.rows(Kind.AUTHORITY).size == 1 + 2 + 2


def test_rtos_serve_sectors_by_their_jobs():
    world = found(small_spec(((900.0, 100.0),), region={"rtos": 1000}), 6)
    serves_first = (world.actors.sector[world.actors.rows(Kind.RTO)] == 0).mean()
    assert serves_first == pytest.approx(0.9, abs=4 * np.sqrt(0.09 / 1000))


def test_members_belong_to_the_organisation_of_their_place():
    region = {"cluster_organisations": {"s0": 2}}
    world = found(small_spec(((20_000.0, 900.0),) * 2, region=region, firm_size=SIZES), 6)
    actors, layer = world.actors, world.ties.membership
    for name in ("region", "sector"):
        values = getattr(actors, name)
        assert np.array_equal(values[layer.first], values[layer.second])
    assert (actors.kind[layer.first] == Kind.FIRM).all()
    assert (actors.kind[layer.second] == Kind.CLUSTER_ORGANISATION).all()
    # Two in five of the firms, for each of two organisations in each region.
    n = 2 * world.firms()[:, 0].sum()
    assert len(layer) / n == pytest.approx(0.4, abs=4 * np.sqrt(0.24 / n))


def test_founding_ties_are_proposed_by_each_and_counted_once():
    spec = small_spec(((20_000.0,),) * 2, firm_size=SIZES, founders={"ties": 1.5})
    world = found(spec, 6)
    actors, layer = world.actors, world.ties.collaboration
    n = (actors.research > 0).sum()
    pairs = list(zip(layer.first.tolist(), layer.second.tolist(), strict=True))
    assert len(set(pairs)) == len(pairs)
    assert all(a < b for a, b in pairs)
    # Each proposes 1.5 ties; few are proposed twice, so the mean degree is a little below 3.
    assert 2.85 < 2 * len(layer) / n <= 3.0 + 4 * np.sqrt(0.25 / n)
    # Three quarters at home; the rest falls on either of two regions.
    same = (actors.region[layer.first] == actors.region[layer.second]).mean()
    assert same == pytest.approx(0.875, abs=0.02)
    km = np.hypot(
        actors.x[layer.first] - actors.x[layer.second],
        actors.y[layer.first] - actors.y[layer.second],
    )
    assert layer.km == pytest.approx(km)
    assert (layer.trust == 0.6).all()  # mean institutional quality of both regions
    assert (layer.born == 0).all()


def test_without_proposals_there_are_no_ties():
    world = found(small_spec(founders={"ties": 0.0}), 6)
    assert len(world.ties.collaboration) == 0


def test_trust_is_the_mean_quality_of_both_regions():
    world = empty_world(((1.0,), (1.0,)))
    world.regions.institutional_quality[:] = [0.2, 0.8]
    add_actors(world, np.ones((2, 2)), region=[0, 1])
    # Nobody else is near: of forty proposals each, one in four goes far and meets the other.
    tie_researchers(world, 40.0, Draws(3))
    assert world.ties.collaboration.trust.tolist() == [0.5]


@pytest.mark.parametrize(
    ("jobs", "changes"),
    [
        (((500.0, 100.0), (0.0, 0.0)), {"region": {"universities": 1, "rtos": 1}}),
        (((50.0,),), {}),
        (((50.0,),), {"region": {"universities": 0}}),
        (((300.0, 200.0),), {"knowledge_precision": "single"}),
        (((300.0,),), {"founders": {"research_mean": 0.0, "unemployment": 0.0}}),
        (((300.0,),), {"national_authorities": 0, "eu_authorities": 0}),
    ],
    ids=["region without jobs", "one place", "no science", "single", "no research", "no authority"],
)
def test_unusual_worlds_are_founded(jobs, changes):
    world = found(small_spec(jobs, **changes), 5)
    assert world.jobs() == pytest.approx(np.array(jobs))
    for values in (world.places.unemployed, world.regions.population, world.actors.knowledge):
        assert np.isfinite(values).all()
    for _, layer in world.ties:
        assert np.isfinite(layer.km).all()


def test_precision_of_knowledge_is_that_of_the_specification():
    for name, dtype in (("single", np.float32), ("double", np.float64)):
        assert found(small_spec(knowledge_precision=name), 1).actors.knowledge.dtype == dtype


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (WorldSpec(), "at least one region and one sector"),
        (WorldSpec(regions=(RegionSpec(name="r"),)), "at least one region and one sector"),
        (
            WorldSpec(regions=(RegionSpec(name="r"),), sectors=(SectorSpec(name="s"),)),
            "needs jobs: give `jobs`",
        ),
    ],
)
def test_a_world_of_nothing_is_refused(spec, message):
    with pytest.raises(ValueError, match=message):
        found(spec, 1)


def test_a_seed_out_of_range_is_refused():
    with pytest.raises(ValueError, match="seed must be a whole number"):
        found(small_spec(), -1)


def test_luck_belongs_to_places_by_name_not_by_position():
    def spec(sectors, regions):
        return WorldSpec(
            sectors=tuple(SectorSpec(name=name) for name in sectors),
            regions=tuple(
                RegionSpec(name=name, x=0, y=0, jobs={"a": 500.0, "b": 300.0}) for name in regions
            ),
        )

    def firms_of(world):
        actors, found_ = world.actors, {}
        for row in actors.rows(Kind.FIRM).tolist():
            place = (
                world.regions.names[actors.region[row]],
                world.sectors.names[actors.sector[row]],
            )
            firm = (int(actors.id[row]), float(actors.size[row]), actors.knowledge[row].tobytes())
            found_.setdefault(place, []).append(firm)
        return {place: sorted(firms) for place, firms in found_.items()}

    first = firms_of(found(spec("ab", "rs"), 1))
    later = firms_of(found(spec("cba", "sqr"), 1))
    assert {place: later[place] for place in first} == first


def test_larger_industries_than_expected_have_founders_who_know_more():
    jobs = np.array([[8000.0, 2000.0], [2000.0, 8000.0]])
    spec = small_spec(jobs.tolist(), firm_size=SIZES)
    assert place_standing(spec, jobs) == pytest.approx(np.array([1.6, 0.4, 0.4, 1.6]) ** 0.2)
    flat = spec.model_copy(update={"founders": spec.founders.model_copy(update={"standing": 0.0})})
    assert place_standing(flat, jobs).tolist() == [1.0] * 4
    level = []
    for world in (found(spec, 3), found(flat, 3)):
        actors, firms = world.actors, world.actors.rows(Kind.FIRM)
        special = actors.region[firms] == actors.sector[firms]
        known = actors.knowledge[firms, actors.niche[firms]]
        level.append(known[special].mean() - known[~special].mean())
    assert level[0] > level[1] + 0.02


def test_a_place_without_jobs_has_a_standing_and_extremes_are_bounded():
    jobs = np.array([[1000.0, 0.0], [1.0, 100_000.0]])
    spec = small_spec(jobs.tolist())
    standing = place_standing(spec, jobs)
    assert np.isfinite(standing).all()
    assert standing[1] == 1.0
    assert standing.max() <= 4.0**0.2
    assert standing.min() >= 0.25**0.2
