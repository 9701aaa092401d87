import numpy as np
import pytest

from clustersim.world.draws import Draws
from clustersim.world.economy import (
    AREA_KM2,
    EMPLOYMENT_RATE,
    SPACING_KM,
    WAGE,
    make_places,
    make_regions,
    make_sectors,
    real_firms,
    simulated_jobs,
)
from clustersim.world.spec import DEFAULT_FIELDS, ParadigmSpec, RegionSpec, SectorSpec, WorldSpec
from tests.worlds import empty_world, paradigm, small_spec

TABLE = ((600.0, 30.0, 0.0), (200.0, 50.0, 70.0))
THREE = ((1, 1, 0), (0, 1, 1), (1, 0, 0))


def test_jobs_are_simulated_at_the_scale():
    spec = small_spec(TABLE, employment_scale=10)
    assert simulated_jobs(spec).tolist() == [[60, 3, 0], [20, 5, 7]]


def test_jobs_and_firms_of_sectors_that_are_not_named():
    spec = WorldSpec(
        sectors=(SectorSpec(name="a"), SectorSpec(name="b")),
        regions=(RegionSpec(name="r", jobs={"b": 5.0}, firms={"a": 2.0}),),
    )
    assert simulated_jobs(spec).tolist() == [[0.0, 5.0]]
    assert real_firms(spec)[0, 0] == 2.0
    assert np.isnan(real_firms(spec)[0, 1])


def test_home_holds_its_share_of_the_world_market():
    sectors = empty_world(TABLE, relevance=THREE, sector={"home_share": 0.2}).sectors
    assert sectors.demand_start == pytest.approx([4000.0, 400.0, 350.0])
    assert sectors.world_jobs == pytest.approx([3200.0, 320.0, 280.0])
    assert np.isnan(sectors.world_standing).all()


def test_inputs_are_bought_from_rows_by_columns():
    spec = small_spec(TABLE, relevance=THREE)
    buyer = spec.sectors[2].model_copy(update={"inputs": {"s0": 0.3, "s2": 0.1}})
    spec = spec.model_copy(update={"sectors": (*spec.sectors[:2], buyer)})
    sectors = make_sectors(spec, simulated_jobs(spec), Draws(1))
    assert sectors.inputs.tolist() == [[0, 0, 0.3], [0, 0, 0], [0, 0, 0.1]]


def test_paradigms_are_scaled_and_padded():
    paradigms = (
        (paradigm((3, 1, 0)),),
        (paradigm((0, 1, 1)), paradigm((1, 0, 0), year=2010, width=2)),
    )
    sectors = empty_world(((1.0, 1.0),), paradigms=paradigms).sectors
    first, second = sectors.paradigm_weights
    assert first.tolist() == [[0.75, 0.25, 0.0]] * 2
    assert second.tolist() == [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0]]
    assert sectors.paradigm_year.tolist() == [[-np.inf, np.inf], [-np.inf, 2010.0]]
    assert sectors.paradigm_width[1].tolist() == [3.0, 2.0]
    assert sectors.relevance.tolist() == [[0.75, 0.25, 0.0], [0.0, 0.5, 0.5]]


def test_fields_are_related_when_the_same_sectors_use_them():
    # Use of the fields by the sectors: f0 (1/2, 0, 1), f1 (1/2, 1/2, 0), f2 (0, 1/2, 0).
    fields = empty_world(TABLE, relevance=THREE, tags={1: ("digital",), 2: ("green",)}).fields
    f01 = 0.25 / (np.sqrt(1.25) * np.sqrt(0.5))
    f12 = 0.25 / (np.sqrt(0.5) * 0.5)
    assert fields.relatedness == pytest.approx(np.array([[1, f01, 0], [f01, 1, f12], [0, f12, 1]]))
    assert fields.digital.tolist() == [False, True, False]
    assert fields.green.tolist() == [False, False, True]


def test_a_field_nobody_uses_is_related_to_itself_only():
    relatedness = empty_world(paradigms=[(paradigm((0, 1, 0, 1)),)]).fields.relatedness
    assert relatedness[0].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert relatedness[1].tolist() == pytest.approx([0.0, 1.0, 0.0, 1.0])


def drawn_sectors(n, seed):
    spec = WorldSpec(
        start_year=2000,
        sectors=tuple(SectorSpec(name=f"s{i}") for i in range(n)),
        regions=(RegionSpec(name="r"),),
    )
    return make_sectors(spec, np.ones((1, n)), Draws(seed))


def test_sectors_without_paradigms_draw_two():
    sectors = drawn_sectors(40, 5)
    geometric = 0.72 ** np.arange(8)
    for weights in sectors.paradigm_weights.reshape(80, -1):
        used = np.sort(weights[weights > 0])[::-1]
        assert used == pytest.approx(geometric / geometric.sum())
    assert (sectors.paradigm_year[:, 0] == -np.inf).all()
    assert ((sectors.paradigm_year[:, 1] >= 2020) & (sectors.paradigm_year[:, 1] <= 2040)).all()
    assert ((sectors.paradigm_width[:, 1] >= 2) & (sectors.paradigm_width[:, 1] <= 5)).all()
    twin = np.array([bool(field.tags) for field in DEFAULT_FIELDS])
    older, newer = sectors.paradigm_weights[:, :, twin].sum(axis=(0, 2)) / 40
    assert older < 0.2
    assert newer > 0.4


def test_paradigms_of_a_sector_do_not_depend_on_how_many_there_are():
    few, many = drawn_sectors(3, 5), drawn_sectors(9, 5)
    assert np.array_equal(few.paradigm_weights, many.paradigm_weights[:3])
    assert np.array_equal(few.paradigm_year, many.paradigm_year[:3])
    assert not np.array_equal(few.paradigm_year, drawn_sectors(3, 6).paradigm_year)


def test_regions_without_coordinates_keep_their_distance():
    regions = make_regions(small_spec(((1.0,),) * 30), np.ones((30, 1)))
    assert regions.km.shape == (30, 30)
    assert np.array_equal(regions.km, regions.km.T)
    nearest = (regions.km + 1e9 * np.eye(30)).min(axis=1)
    assert (nearest > 0.6 * SPACING_KM).all()
    assert (nearest < 1.5 * SPACING_KM).all()
    # A spiral from the centre: more regions leave the others where they are.
    fewer = make_regions(small_spec(((1.0,),) * 7), np.ones((7, 1)))
    assert np.array_equal(fewer.x, regions.x[:7])


def test_what_is_said_of_a_region_is_kept_and_the_rest_assumed():
    regions = empty_world(((450.0,),), employment_scale=10).regions
    assert regions.area_km2.tolist() == [AREA_KM2]
    assert regions.population == pytest.approx([450.0 / EMPLOYMENT_RATE])
    assert regions.jobs_usual.tolist() == [45.0]
    spec = small_spec(((1.0,),) * 2)
    wide, narrow = (
        region.model_copy(update={"area_km2": area})
        for region, area in zip(spec.regions, (30.0, 10.0), strict=True)
    )
    spec = spec.model_copy(update={"regions": (wide, narrow)})
    shared = make_regions(spec, np.array([[10.0], [70.0]]))
    assert shared.jobs_usual.tolist() == [60.0, 20.0]  # at two jobs a square kilometre
    spec = spec.model_copy(update={"regions": (wide, small_spec(((1.0,),) * 2).regions[1])})
    unknown = make_regions(spec, np.array([[15.0], [70.0]]))
    assert unknown.jobs_usual.tolist() == [15.0, 70.0]  # half a job there, and its own here
    assert regions.wage.tolist() == [WAGE]
    said = {"x": 3.0, "y": 4.0, "area_km2": 50.0, "population": 9.0, "cost_level": 1.5}
    regions = empty_world(((450.0,),), region=said).regions
    assert [float(getattr(regions, name)[0]) for name in said] == list(said.values())
    assert regions.wage.tolist() == [1.5 * WAGE]


def test_distance_is_that_of_the_plane():
    spec = small_spec(((1.0,), (1.0,)))
    a, b = spec.regions
    here, there = {"x": 0.0, "y": 0.0}, {"x": 30.0, "y": -40.0}
    pair = (a.model_copy(update=here), b.model_copy(update=there))
    regions = make_regions(spec.model_copy(update={"regions": pair}), np.ones((2, 1)))
    assert regions.km.tolist() == [[0.0, 50.0], [50.0, 0.0]]


def test_unemployment_is_a_share_of_the_labour_force():
    world = empty_world(TABLE, relevance=THREE, founders={"unemployment": 0.2})
    jobs = np.array(TABLE)
    assert world.places.unemployed / (world.places.unemployed + jobs).clip(1e-9) == pytest.approx(
        np.where(jobs > 0, 0.2, 0.0)
    )


def test_districts_lie_evenly_over_the_area_of_the_region():
    spec = small_spec(((1.0,) * 2,) * 1000, region={"area_km2": 100.0 * np.pi, "x": 7.0, "y": -3.0})
    regions = make_regions(spec, np.ones((1000, 2)))
    places = make_places(spec, regions, np.ones((1000, 2)), Draws(4))
    km = np.hypot(places.x - 7.0, places.y + 3.0)
    assert km.max() <= 10.0
    # Evenly over a disc: a quarter of them within half the radius.
    assert (km < 5.0).mean() == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 2000))


def test_a_later_paradigm_needs_a_year():
    sector = SectorSpec(
        name="a",
        paradigms=(
            ParadigmSpec(weights={DEFAULT_FIELDS[0].name: 1.0}),
            ParadigmSpec(weights={DEFAULT_FIELDS[1].name: 1.0}),
        ),
    )
    spec = WorldSpec(sectors=(sector,), regions=(RegionSpec(name="r", jobs={"a": 10.0}),))
    with pytest.raises(ValueError, match=r"sector 'a': its 2\. paradigm needs a year"):
        make_sectors(spec, np.array([[10.0]]), Draws(1))
