"""From the recorded series of all places to clusters and their life-cycle stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustersim.measures.clusters import (
    DEFAULT_STRENGTH_RULE,
    Strength,
    StrengthRule,
    cluster_strength,
)
from clustersim.measures.lifecycle import (
    Stage,
    StageResult,
    StageRule,
    dated,
    stages,
)
from clustersim.store import Table
from clustersim.world.types import Flags, Floats, Ids

QUARTERS_PER_YEAR = 4


@dataclass(frozen=True)
class ClusterRule:
    """Which places are followed as clusters.

    A place (a sector in a region) is followed if it was a cluster in the sense of cluster mapping,
    by location quotient, size and stars (`StrengthRule`), for `lasting` years in a row at any time
    of the run: one good year in a small region makes no cluster. In a shorter run it must be one
    in every year.

    Attributes
    ----------
    strength
        What makes a cluster in one year. An assumption, as its own documentation says.
    lasting
        Years in a row. An assumption: the window over which growth is measured.
    """

    strength: StrengthRule = DEFAULT_STRENGTH_RULE
    lasting: int = 5


DEFAULT_CLUSTER_RULE = ClusterRule()

LOCAL_STAGE_RULE = StageRule(infancy_share=0.75)
"""What makes a stage of a local industry. It is small, and in infancy until it has grown out of it,
below three quarters of the jobs that it would have had in the first year if every region had the
sectors of the whole (assumption)."""


@dataclass(frozen=True, eq=False)
class ClusterSeries:
    """Yearly series of the C places that are followed, over T years.

    Attributes
    ----------
    quarter, year
        Time of each row, shape (T,).
    region, sector
        Where each cluster is, shape (C,), indices.
    jobs, firms, heterogeneity, newer_share
        As recorded, shape (T, C).
    is_cluster
        Whether the place qualifies in that year, shape (T, C).
    reference
        Jobs with which the sector would have weighed in the region what it weighed everywhere
        (location quotient 1) in the first year, shape (C,): what "small" is measured by, so that
        a small region may have a mature cluster.
    """

    quarter: NDArray[np.int32]
    year: Floats
    region: Ids
    sector: Ids
    jobs: Floats
    firms: Floats
    heterogeneity: Floats
    newer_share: Floats
    is_cluster: Flags
    reference: Floats


def cluster_series(
    places: Table, n_regions: int, n_sectors: int, rule: ClusterRule = DEFAULT_CLUSTER_RULE
) -> ClusterSeries:
    """Choose the places to follow and return their yearly series.

    Parameters
    ----------
    places
        The recorded table ``clusters``: one row per place and record, ordered by quarter, region
        and sector.
    n_regions, n_sectors
        R and S.
    rule
        Which places are followed.

    Returns
    -------
    ClusterSeries
        Clusters in the order of region, then sector; none where a year has no record.
    """
    shape = (-1, n_regions, n_sectors)
    quarter = places["quarter"].reshape(shape)[:, 0, 0]
    yearly = quarter % QUARTERS_PER_YEAR == 0
    series = {
        name: places[name].reshape(shape)[yearly].astype(np.float64)
        for name in ("jobs", "firms", "heterogeneity", "newer_share")
    }
    qualifies = np.stack([_qualifies(jobs, rule.strength) for jobs in series["jobs"]])
    region, sector = np.nonzero(_lasting(qualifies, rule.lasting) & has_yearly_records(quarter))
    return ClusterSeries(
        quarter=quarter[yearly],
        year=places["year"].reshape(shape)[yearly, 0, 0],
        region=region,
        sector=sector,
        is_cluster=qualifies[:, region, sector],
        reference=_expected(series["jobs"][0])[region, sector],
        **{name: values[:, region, sector] for name, values in series.items()},
    )


def has_yearly_records(quarter: NDArray[Any]) -> bool:
    """Tell whether there is a record for every year, without which no stage can be read.

    Parameters
    ----------
    quarter
        Quarters of the records, ascending; each at least once.
    """
    yearly = np.unique(quarter[quarter % QUARTERS_PER_YEAR == 0])
    return bool((np.diff(yearly) == QUARTERS_PER_YEAR).all())


def life_cycle_tables(
    series: ClusterSeries, rule: StageRule = LOCAL_STAGE_RULE
) -> dict[str, dict[str, NDArray[Any]]]:
    """Read the stages off the series, as tables to be stored.

    Parameters
    ----------
    series
        The clusters.
    rule
        What makes a stage.

    Returns
    -------
    dict
        ``stages``: one row per year and cluster, with the ``stage`` by the year in which it began
        (`dated`) and as it was ``seen`` at the time; ``transitions``: one row per passage from one
        stage to another, with the ``year`` in which it began, the year in which it was ``seen``,
        cause and reason.
    """
    result = stages(
        series.jobs,
        series.firms,
        series.heterogeneity,
        series.newer_share,
        series.reference,
        rule,
    )
    return {
        "stages": _stage_table(series, result, rule),
        "transitions": _transitions(series, result, rule),
    }


def _qualifies(jobs: Floats, rule: StrengthRule) -> Flags:
    if not jobs.sum() > 0:
        return np.zeros(jobs.shape, dtype=np.bool_)
    return np.asarray(cluster_strength(jobs, rule=rule) > Strength.NONE)


def _expected(jobs: Floats) -> Floats:
    """Return the jobs of each place if every region had the sectors of the whole, shape (R, S)."""
    total = jobs.sum()
    if not total > 0:
        return np.zeros(jobs.shape)
    return np.asarray(np.outer(jobs.sum(axis=1), jobs.sum(axis=0)) / total)


def _lasting(qualifies: Flags, years: int) -> Flags:
    """Tell which places qualify for so many years in a row at any time, shape (R, S)."""
    needed = min(years, len(qualifies))
    in_a_row = np.zeros(qualifies.shape[1:], dtype=np.int64)
    found = np.zeros(qualifies.shape[1:], dtype=np.bool_)
    for year in qualifies:
        in_a_row = np.where(year, in_a_row + 1, 0)
        found |= in_a_row >= needed
    return found


def _stage_table(
    series: ClusterSeries, result: StageResult, rule: StageRule
) -> dict[str, NDArray[Any]]:
    n_years, n_clusters = result.stage.shape
    names = np.array([stage.name.lower() for stage in Stage])
    return {
        "quarter": np.repeat(series.quarter, n_clusters).astype(np.int32),
        "year": np.repeat(series.year, n_clusters),
        "region": np.tile(series.region, n_years).astype(np.int32),
        "sector": np.tile(series.sector, n_years).astype(np.int32),
        "stage": names[dated(result.stage, rule.delay).ravel()],
        "seen": names[result.stage.ravel()],
        "is_cluster": series.is_cluster.ravel(),
        "jobs": series.jobs.ravel(),
        "smoothed_jobs": result.level.ravel(),
        "growth": result.growth.ravel(),
    }


def _transitions(
    series: ClusterSeries, result: StageResult, rule: StageRule
) -> dict[str, NDArray[Any]]:
    found = result.transitions
    when = np.array([one.year_index for one in found], dtype=np.int64)
    where = np.array([one.cluster for one in found], dtype=np.int64)
    at_once = np.array([Stage.NONE in {one.before, one.after} for one in found], dtype=np.bool_)
    began = np.where(at_once, when, np.maximum(when - rule.delay, 0))
    return {
        "quarter": series.quarter[began].astype(np.int32),
        "year": series.year[began],
        "seen": series.year[when],
        "region": series.region[where].astype(np.int32),
        "sector": series.sector[where].astype(np.int32),
        "before": np.array([one.before.name.lower() for one in found], dtype=np.str_),
        "after": np.array([one.after.name.lower() for one in found], dtype=np.str_),
        "cause": np.array([str(one.cause) for one in found], dtype=np.str_),
        "reason": np.array([one.reason for one in found], dtype=np.str_),
    }
