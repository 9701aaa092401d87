import numpy as np
import pytest

from clustersim.recorder import CLUSTERS, ECONOMY, SIZES, Recorder, paradigm_pair
from clustersim.world.actors import Kind
from clustersim.world.first_ties import tie
from tests.worlds import add_actors, add_ties, empty_world, living_world, paradigm

TWO_BY_TWO = ((100.0, 100.0), (100.0, 100.0))
SHIFT = (paradigm((1, 0)), paradigm((0, 1), year=2010, width=2))


@pytest.fixture
def world():
    """At scale 10: two firms in r0/s0, one each in r0/s1 and r1/s0, none in r1/s1."""
    world = empty_world(TWO_BY_TWO, paradigms=[SHIFT, SHIFT], employment_scale=10, start_year=2000)
    add_actors(
        world,
        [[1.0, 0.0], [0.0, 1.0], [0.3, 0.1], [0.5, 0.5]],
        region=[0, 0, 0, 1],
        sector=[0, 0, 1, 0],
        size=[30.0, 10.0, 4.0, 6.0],
        log_productivity=[0.2, -0.2, 0.4, 0.0],
        digital=[True, False, False, False],
        green=[True, True, False, True],
    )
    add_actors(world, [[1.0, 1.0]], Kind.UNIVERSITY, region=1, research=0.5)
    add_ties(world, [0, 0, 0], [1, 2, 4], trust=[0.2, 0.4, 0.9])
    world.sectors.world_standing[:] = 0.0  # the market has met
    world.sectors.world_jobs[:] = [120.0, 30.0]
    world.places.unemployed[:] = [[3.0, 1.0], [0.5, 0.0]]
    return world


def tables_of(world):
    recorder = Recorder(4)
    recorder.observe(world)
    return recorder.tables(world)


def test_clusters_by_hand(world):
    world.clock.step = 6
    clusters = tables_of(world)["clusters"]
    assert list(clusters) == list(CLUSTERS)
    assert clusters["quarter"].tolist() == [6] * 4
    assert clusters["year"].tolist() == [2001.5] * 4
    assert clusters["region"].tolist() == [0, 0, 1, 1]
    assert clusters["sector"].tolist() == [0, 1, 0, 1]
    assert clusters["jobs"].tolist() == [400.0, 40.0, 60.0, 0.0]
    assert clusters["firms"].tolist() == [20.0, 10.0, 10.0, 0.0]
    assert clusters["unemployed"].tolist() == [30.0, 10.0, 5.0, 0.0]
    # (30 * 0.2 - 10 * 0.2) / 40 = 0.1
    assert clusters["log_productivity"] == pytest.approx([0.1, 0.4, 0.0, np.nan], nan_ok=True)
    assert clusters["largest_share"] == pytest.approx([0.75, 1.0, 1.0, np.nan], nan_ok=True)
    # Two firms that know nothing in common.
    assert clusters["heterogeneity"][0] == pytest.approx(1.0)
    # The second paradigm begins in 2004.
    assert np.isnan(clusters["newer_share"]).all()


def test_the_share_on_the_newer_paradigm_is_known_once_it_has_come(world):
    world.clock.step = 20
    assert np.isnan(tables_of(world)["clusters"]["newer_share"]).all()  # relevance has not moved
    world.sectors.relevance[0] = [0.9, 0.1]
    share = tables_of(world)["clusters"]["newer_share"]
    # In the first sector; in r0 the second firm's knowledge serves it, weighted by jobs 10 / 40.
    assert share == pytest.approx([0.25, np.nan, 0.5, np.nan], nan_ok=True)


def test_supply_by_hand(world):
    # Of the jobs of r0/s0 three quarters produce 0.6 and one quarter all: 0.7.
    world.actors.output[:4] = [0.6, 1.0, 0.8, 1.0]
    tie(world, "supply", np.array([2, 3, 3]), np.array([0, 0, 2]))
    clusters = tables_of(world)["clusters"]
    assert clusters["output"] == pytest.approx([0.7, 0.8, 1.0, np.nan], nan_ok=True)
    shares = [0.5, 0.0, np.nan, np.nan]
    assert clusters["local_suppliers"] == pytest.approx(shares, nan_ok=True)


def test_economy_by_hand(world):
    economy = tables_of(world)["economy"]
    assert list(economy) == list(ECONOMY)
    row = {name: values[0] for name, values in economy.items()}
    assert row == {
        "quarter": 0,
        "year": 2000.0,
        "jobs": 500.0,
        "firms": 40.0,
        "unemployed": 45.0,
        "home_share": 0.25,  # 50 of 200
        "log_productivity": pytest.approx((30 * 0.2 - 10 * 0.2 + 4 * 0.4) / 50),
        "collaborations": 3,
        "mean_degree": pytest.approx(6 / 4),  # four actors have any
        "mean_trust": pytest.approx(0.5),
        "digital_share": 0.25,
        "green_share": 0.75,
        "projects": 0,
        "projects_succeeded": 0,
    }


def test_sizes_by_hand(world):
    world.clock.step = 6
    sizes = tables_of(world)["sizes"]
    assert list(sizes) == list(SIZES)
    assert sizes["quarter"].tolist() == [6] * 8
    assert sizes["year"].tolist() == [2001.5] * 8
    assert sizes["region"].tolist() == [0] * 4 + [1] * 4
    assert sizes["size"].tolist() == ["micro", "small", "medium", "large"] * 2
    # Firms of 30, 10 and 4 jobs in r0, of 6 in r1; the university is no firm.
    assert sizes["firms"].tolist() == [10, 20, 0, 0, 10, 0, 0, 0]
    assert sizes["jobs"].tolist() == [40, 400, 0, 0, 60, 0, 0, 0]


@pytest.mark.parametrize(
    ("size", "name"),
    [
        (0.5, "micro"),
        (9.99, "micro"),
        (10, "small"),
        (50, "medium"),
        (249, "medium"),
        (250, "large"),
    ],
)
def test_a_class_begins_at_its_least(world, size, name):
    world.actors.size[3] = size
    sizes = tables_of(world)["sizes"]
    (row,) = np.flatnonzero((sizes["region"] == 1) & (sizes["firms"] > 0))
    assert sizes["size"][row] == name


def test_clusters_add_up_to_the_economy():
    world = living_world(employment_scale=3)
    tables = tables_of(world)
    clusters, economy = tables["clusters"], tables["economy"]
    for name in ("jobs", "firms", "unemployed"):
        assert clusters[name].sum() == pytest.approx(economy[name][0]), name
    for name in ("jobs", "firms"):
        assert tables["sizes"][name].sum() == pytest.approx(economy[name][0]), name
    assert clusters["jobs"] == pytest.approx([900, 300, 500, 700, 200, 0])


def test_productivity_is_unknown_until_the_market_has_met():
    tables = tables_of(living_world())
    assert np.isnan(tables["clusters"]["log_productivity"]).all()
    assert np.isnan(tables["economy"]["log_productivity"]).all()


def test_flows_are_those_since_the_last_record(world):
    recorder = Recorder(1)
    recorder.observe(world)
    world.flows.entries[0, 1] = 3.0
    world.flows.taxes[1, 0] = 70.0
    world.dismiss_firms(np.array([1]))
    recorder.observe(world)
    recorder.observe(world)
    clusters = recorder.tables(world)["clusters"]
    assert clusters["entries"].tolist() == [0] * 4 + [0, 30, 0, 0] + [0] * 4
    assert clusters["exits"].tolist() == [0] * 4 + [10, 0, 0, 0] + [0] * 4
    assert clusters["jobs_lost_to_exit"].tolist() == [0] * 4 + [100, 0, 0, 0] + [0] * 4
    assert clusters["taxes"].tolist() == [0] * 4 + [0, 0, 700, 0] + [0] * 4
    assert clusters["unemployed"][4:8].tolist() == [130.0, 10.0, 5.0, 0.0]


def test_a_record_is_not_changed_by_what_comes_later(world):
    recorder = Recorder(1)
    recorder.observe(world)
    before = {name: values.copy() for name, values in recorder.tables(world)["clusters"].items()}
    world.actors.size[:] = 1.0
    world.places.unemployed[:] = 99.0
    world.flows.entries[:] = 5.0
    after = recorder.tables(world)["clusters"]
    for name, values in before.items():
        assert np.array_equal(values, after[name], equal_nan=True), name


def test_actors_are_in_the_order_of_their_identities(world):
    world.actors.id[:5] = [50, 40, 30, 20, 10]
    world.dismiss_firms(np.array([2]))
    table = tables_of(world)["actors"]
    assert table["id"].tolist() == [10, 20, 40, 50]
    assert table["size"].tolist() == [0.0, 6.0, 10.0, 30.0]
    assert table["knowledge_0"].tolist() == [1.0, 0.5, 0.0, 1.0]
    assert table["knowledge_1"].tolist() == [1.0, 0.5, 1.0, 0.0]
    assert "alive" not in table
    assert "orders" not in table


def test_ties_are_between_identities(world):
    world.actors.id[:5] = [50, 40, 30, 20, 10]
    world.ties.membership.add(
        np.array([3]), np.array([1]), trust=np.array([0.5]), km=np.array([7.0]), born=2
    )
    table = tables_of(world)["ties"]
    assert table["layer"].tolist() == ["collaboration"] * 3 + ["membership"]
    assert table["first"].tolist() == [50, 50, 50, 20]
    assert table["second"].tolist() == [10, 30, 40, 40]
    assert table["trust"].tolist() == [0.9, 0.4, 0.2, 0.5]
    assert table["km"].tolist() == [0.0, 0.0, 0.0, 7.0]


def test_a_world_without_firms_and_ties_is_recorded():
    tables = tables_of(empty_world())
    assert tables["clusters"]["jobs"].tolist() == [0.0]
    assert np.isnan(tables["clusters"]["largest_share"]).all()
    assert np.isnan(tables["economy"]["digital_share"]).all()
    assert tables["economy"]["mean_degree"].tolist() == [0.0]
    assert tables["ties"]["layer"].size == tables["ties"]["km"].size == 0


@pytest.mark.parametrize("every", [0, -4])
def test_records_are_at_least_a_quarter_apart(every):
    with pytest.raises(ValueError, match=f"record_every must be at least one quarter, not {every}"):
        Recorder(every)


@pytest.mark.parametrize(
    ("year", "pair"),
    [
        (2000.0, (0, 1)),  # the second has not begun, but it is the one to come
        (2010.0, (0, 1)),
        (2020.9, (0, 1)),
        (2021.0, (1, 2)),  # the third begins three widths of 3 years before 2030
        (2050.0, (1, 2)),
    ],
)
def test_the_newer_paradigm_is_the_last_that_has_begun(year, pair):
    row = (
        paradigm((1, 0, 0)),
        paradigm((0, 1, 0), year=2010, width=2),
        paradigm((0, 0, 1), year=2030, width=3),
    )
    sectors = empty_world(((1.0,),), paradigms=[row]).sectors
    older, newer = paradigm_pair(sectors, year)
    assert (int(older.argmax()), int(newer.argmax())) == pair
    assert older.shape == newer.shape == (1, 3)


@pytest.mark.parametrize("year", [1900.0, 2010.0, 2500.0])
def test_a_sector_with_one_paradigm_has_it_as_both(year):
    row = (paradigm((1, 0, 0)), paradigm((0, 1, 0), year=2010, width=2))
    sectors = empty_world(((1.0, 1.0),), paradigms=[(paradigm((0, 0, 1)),), row]).sectors
    older, newer = paradigm_pair(sectors, year)
    assert older[0].tolist() == newer[0].tolist() == [0.0, 0.0, 1.0]
    assert older[1].tolist() == [1.0, 0.0, 0.0]
    assert newer[1].tolist() == [0.0, 1.0, 0.0]
