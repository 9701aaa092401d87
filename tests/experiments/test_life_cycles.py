"""Which places are followed as clusters, and the tables of their stages."""

from typing import Any

import numpy as np
import pytest

from clustersim.experiments.life_cycles import (
    ClusterRule,
    cluster_series,
    has_yearly_records,
    life_cycle_tables,
)
from clustersim.measures.clusters import StrengthRule

N_REGIONS, N_SECTORS = 4, 2


def places(jobs: Any, every: int = 4) -> dict[str, np.ndarray[Any, Any]]:
    """Return a recorded table for jobs of shape (T, R, S)."""
    n_records = len(jobs)
    region, sector = np.divmod(np.arange(N_REGIONS * N_SECTORS), N_SECTORS)
    quarter = np.repeat(np.arange(n_records, dtype=np.int32) * every, N_REGIONS * N_SECTORS)
    return {
        "quarter": quarter,
        "year": 2000 + quarter / 4,
        "region": np.tile(region, n_records).astype(np.int32),
        "sector": np.tile(sector, n_records).astype(np.int32),
        "jobs": jobs.ravel(),
        "firms": jobs.ravel() / 10,
        "heterogeneity": np.full(quarter.size, 0.5),
        "newer_share": np.full(quarter.size, np.nan),
    }


def one_cluster(n_years: int, years: slice) -> np.ndarray[Any, Any]:
    """Return the same jobs in all regions, but in some years a cluster of sector 1 in region 2."""
    jobs = np.tile([3000.0, 1000.0], (n_years, N_REGIONS, 1))
    jobs[years, 2, 1] = 4000.0
    jobs[years, 2, 0] = 500.0
    return jobs


@pytest.mark.parametrize(("lasted", "followed"), [(4, 0), (5, 1), (6, 1)])
def test_place_is_followed_if_it_was_a_cluster_for_long_enough(lasted: int, followed: int) -> None:
    table = places(one_cluster(12, slice(3, 3 + lasted)))
    series = cluster_series(table, N_REGIONS, N_SECTORS)
    assert len(series.region) == followed
    if followed:
        assert (series.region[0], series.sector[0]) == (2, 1)
        assert series.is_cluster[:, 0].tolist() == [3 <= t < 3 + lasted for t in range(12)]
        assert series.jobs[:, 0].tolist() == table["jobs"].reshape(12, 4, 2)[:, 2, 1].tolist()


def test_years_that_do_not_follow_each_other_do_not_add_up() -> None:
    jobs = one_cluster(12, slice(0, 3))
    jobs[6:9] = jobs[0]
    assert cluster_series(places(jobs), N_REGIONS, N_SECTORS).region.size == 0


def test_short_run_asks_for_every_year() -> None:
    always = one_cluster(2, slice(0, 2))
    assert cluster_series(places(always), N_REGIONS, N_SECTORS).region.tolist() == [2]
    once = one_cluster(2, slice(0, 1))
    assert cluster_series(places(once), N_REGIONS, N_SECTORS).region.size == 0


def test_rule_decides() -> None:
    table = places(one_cluster(12, slice(0, 12)))
    strict = ClusterRule(strength=StrengthRule(minimum_jobs=5000))
    assert cluster_series(table, N_REGIONS, N_SECTORS, strict).region.size == 0


def test_reference_is_the_size_at_a_location_quotient_of_one() -> None:
    jobs = one_cluster(12, slice(0, 12))
    series = cluster_series(places(jobs), N_REGIONS, N_SECTORS)
    expected = jobs[0, 2].sum() * jobs[0, :, 1].sum() / jobs[0].sum()
    assert series.reference[0] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("every", "yearly"), [(1, True), (2, True), (4, True), (3, False), (8, False)]
)
def test_stages_need_a_record_every_year(every: int, yearly: bool) -> None:
    table = places(one_cluster(50, slice(0, 50)), every)
    assert has_yearly_records(table["quarter"]) is yearly
    series = cluster_series(table, N_REGIONS, N_SECTORS)
    assert (series.region.size == 1) is yearly
    assert (np.diff(series.quarter) == 4).all() == yearly


def test_economy_without_jobs_has_no_clusters() -> None:
    tables = life_cycle_tables(cluster_series(places(np.zeros((6, 4, 2))), 4, 2))
    assert all(len(column) == 0 for table in tables.values() for column in table.values())


def test_tables_have_stages_and_reasons() -> None:
    jobs = one_cluster(30, slice(0, 30))
    jobs[10:, 2, 1] = 4000 * 0.93 ** np.arange(1, 21)
    tables = life_cycle_tables(cluster_series(places(jobs), N_REGIONS, N_SECTORS))
    stages, passages = tables["stages"], tables["transitions"]
    assert {len(column) for column in stages.values()} == {30}
    assert stages["stage"][0] == "maturity"
    assert stages["stage"][-1] == "decline"
    (turn,) = np.flatnonzero(stages["stage"][1:] != stages["stage"][:-1]) + 1
    assert passages["quarter"].tolist() == [stages["quarter"][turn]]
    assert passages["year"].tolist() == [stages["year"][turn]]
    assert (passages["before"].tolist(), passages["after"].tolist()) == (["maturity"], ["decline"])
    assert "peak" in passages["reason"][0]
