import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clustersim.experiments.identify import identify
from clustersim.measures.clusters import StrengthRule
from clustersim.scenario.table import read_employment_table
from clustersim.world.employment import EmploymentTable

# Cars: 600 of 900 jobs in A, 100 in B; the whole has 700 cars and 1,100 other jobs.
JOBS = [[600, 300], [100, 800]]


def table(jobs, **more):
    jobs = np.asarray(jobs, dtype=float)
    regions = tuple(f"Region {chr(65 + i)}" for i in range(jobs.shape[0]))
    sectors = tuple(f"Sector {i + 1}" for i in range(jobs.shape[1]))
    return EmploymentTable(regions, sectors, jobs, **more)


@pytest.fixture(scope="module")
def uk(shared_data):
    path = shared_data / "uk_itl2_jobs_2015_2022.csv"
    return {year: identify(read_employment_table(path, year=year)) for year in (2015, 2022)}


def test_worked_by_hand():
    found = identify(table(JOBS))
    assert found.quotient[0, 0] == pytest.approx((600 / 900) / (700 / 1800))
    first = found.clusters()[0]
    assert (first.region, first.sector, first.jobs) == ("Region A", "Sector 1", 600)
    assert first.size == pytest.approx(6 / 7)
    assert first.focus == pytest.approx(2 / 3)
    # Best in size and specialisation; the larger focus is that of sector 2 in region B.
    assert (first.stars, first.strength) == (2, "medium")
    assert found.counts == {"high": 0, "medium": 1, "basic": 0}
    assert found.cluster_jobs_share == pytest.approx(600 / 1800)
    assert found.hhi.tolist() == pytest.approx([5 / 9, 65 / 81])
    assert found.krugman.tolist() == pytest.approx([2 * (2 / 3 - 7 / 18), 2 * (7 / 18 - 1 / 9)])


def test_uk_reference_figures(uk):
    for found in uk.values():
        assert 0.08 <= (found.quotient > 1.5).mean() <= 0.10
        assert 0.08 <= found.summary()["specialised_cells_share"] <= 0.10
    both = (uk[2015].table.jobs > 0) & (uk[2022].table.jobs > 0)
    logs = [np.log(found.quotient[both]) for found in uk.values()]
    assert np.corrcoef(logs)[0, 1] == pytest.approx(0.926, abs=0.001)


def test_uk_in_words(uk):
    words = uk[2022].words()
    assert words.startswith("In 2022, 72 of 760 local industries (9.5 %; 40 regions, 19 sectors)")
    assert "Mining and quarrying in North Eastern Scotland" in words
    assert "The region least like the whole is Inner London - West" in words
    assert "emerging" in words
    assert "missing for 5 of 760 cells" in uk[2015].words()
    assert "missing for" not in words


def test_germany(shared_data):
    found = identify(read_employment_table(shared_data / "germany_laender_2015.csv"))
    clusters = {(one.region, one.sector) for one in found.clusters()}
    assert ("Hessen", "Erbringung von Finanz- und Versicherungsleistungen") in clusters
    assert ("Hamburg", "Information und Kommunikation") in clusters
    assert found.table.regions[int(np.argmax(found.krugman))] == "Berlin"


def test_table_of_all_cells_agrees_with_the_arrays(uk):
    found = uk[2022]
    frame = found.to_frame()
    assert len(frame) == 760
    assert frame.shape[1] == 9
    np.testing.assert_array_equal(frame["location_quotient"], found.quotient.ravel())
    assert (frame["strength"] != "none").sum() == len(found.clusters()) == 72
    by_region = frame.groupby("region")["focus"].sum()
    np.testing.assert_allclose(by_region, 1)
    one = frame.iloc[123]
    assert isinstance(frame, pd.DataFrame)
    assert one["jobs"] == found.table.jobs.ravel()[123]


def test_clusters_are_sorted(uk):
    order = {"high": 3, "medium": 2, "basic": 1}
    keys = [(order[c.strength], c.location_quotient) for c in uk[2022].clusters()]
    assert keys == sorted(keys, reverse=True)
    near = uk[2022].near_misses()
    assert [n.relatedness for n in near] == sorted((n.relatedness for n in near), reverse=True)
    assert all(1 <= n.location_quotient < 1.5 and n.stars and n.strength == "none" for n in near)


def test_regions(uk):
    rows = {row["region"]: row for row in uk[2022].regions()}
    assert sum(row["clusters"] for row in rows.values()) == 72
    jobs = sum(row["jobs"] * row["cluster_jobs_share"] for row in rows.values())
    assert jobs == pytest.approx(uk[2022].cluster_jobs)


def test_as_json(uk):
    whole = json.loads(json.dumps(uk[2015].to_dict(), allow_nan=False))
    assert whole["summary"]["clusters"] == len(whole["clusters"]) == 58
    assert whole["summary"]["clusters_by_strength"] == {"high": 11, "medium": 31, "basic": 16}
    assert whole["rule"]["minimum_quotient"] == 1.5
    assert len(whole["local_industries"]) == 760
    assert "emerging" in whole["limits"]


def test_rule_decides():
    everything = StrengthRule(minimum_quotient=0, basic_stars=0, medium_stars=4, high_stars=4)
    assert identify(table(JOBS), everything).is_cluster.all()
    large = StrengthRule(minimum_quotient=0, minimum_jobs=500, basic_stars=0)
    found = identify(table(JOBS), large)
    np.testing.assert_array_equal(found.is_cluster, np.array(JOBS) >= 500)
    assert "at least 500 jobs" in found.words()
    none = identify(table(JOBS), StrengthRule(minimum_quotient=9))
    assert none.words().startswith("0 of 4 local industries (0 %; 2 regions, 2 sectors) are clu")
    assert none.clusters() == []


@pytest.mark.parametrize(
    ("jobs", "what", "remedy"),
    [
        ([[1, 2, 3]], "one region only (Region A)", "Add the other regions"),
        ([[1], [2]], "one sector only (Sector 1)", "Add the other sectors"),
    ],
)
def test_nothing_to_compare_with(jobs, what, remedy):
    found = identify(table(jobs))
    assert found.clusters() == []
    assert np.allclose(found.quotient, 1)
    assert found.words().startswith(f"The table has {what}. ")
    assert remedy in found.warnings[0]


def test_region_without_jobs_has_no_structure():
    found = identify(table([[600, 300], [100, 800], [0, 0]]))
    empty = found.regions()[2]
    assert (empty["krugman"], empty["hhi"], empty["cluster_jobs_share"]) == (None, None, None)
    json.dumps(found.to_dict(), allow_nan=False)
    assert "Region C" not in found.words()


def test_no_jobs_at_all():
    with pytest.raises(ValueError, match="no job"):
        identify(table([[0, 0]]))


@given(
    arrays(
        float, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(0, 10**6)
    ).filter(lambda jobs: jobs.sum() > 0)
)
def test_any_table_is_described(jobs):
    found = identify(table(jobs))
    whole = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert whole["summary"]["clusters"] == sum(found.counts.values())
    assert 0 <= found.cluster_jobs_share <= 1
    assert all(one.jobs > 0 and one.location_quotient >= 1.5 for one in found.clusters())
    assert f"of {jobs.size} local industries" in found.words()
    if 1 in jobs.shape:
        assert not found.is_cluster.any()
