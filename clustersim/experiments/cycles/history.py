"""What is kept of one run: its clusters year by year, their stages, and what else is known."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clustersim.experiments.cycles.sensitivity import Rereading, reread
from clustersim.experiments.life_cycles import LOCAL_STAGE_RULE, QUARTERS_PER_YEAR, ClusterSeries
from clustersim.experiments.run import resolve
from clustersim.experiments.validation.panel import Panel, Year, observe
from clustersim.measures.checks import FloatArray, IntArray, ratio
from clustersim.measures.lifecycle import StageResult, StageRule, dated, stages
from clustersim.measures.variety import related_variety
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.scenario.shock_words import strike_years

KEY_SHARE: Final = 0.1
"""Share of the jobs of its place from which a firm is a key firm (assumption)."""


@dataclass(frozen=True)
class Blow:
    """A shock: when, and where, by index; None for everywhere, -1 for nowhere."""

    year: float
    region: int | None
    sector: int | None


@dataclass(frozen=True, eq=False)
class History:
    """The clusters of one run, C of them over T years.

    Attributes
    ----------
    seed
        Of the run.
    series
        Yearly series of the clusters.
    stage
        By the year in which it began (`dated`), shape (T', C): the last years, in which a turn
        could not have been seen yet, are left out.
    result
        Stages as seen at the time, and transitions.
    known
        Further yearly series by name, shape (T, C) each; NaN where unknown: ``outside_share`` of
        the collaborations that lead out of the region, ``entry_rate`` and ``spin_off_rate`` per
        firm, ``related_variety`` of the region, ``largest_share`` of the largest firm in jobs,
        ``key_loss`` share of last year's jobs in key firms that have closed since,
        ``elsewhere`` the jobs of the sector in the other regions.
    blows
        Shocks that struck.
    rereadings
        The stages under other thresholds.
    """

    seed: int
    series: ClusterSeries
    stage: IntArray
    result: StageResult
    known: dict[str, FloatArray]
    blows: tuple[Blow, ...]
    rereadings: tuple[Rereading, ...]


@dataclass(frozen=True)
class Job:
    """One run to be described: it travels to a worker, so it holds names and numbers only."""

    scenario: str
    seed: int
    overrides: tuple[tuple[str, Any], ...] = ()
    factor: float = 1.25

    def resolved(self) -> ResolvedScenario:
        """Read the scenario."""
        return resolve(self.scenario, {**dict(self.overrides), "seed": self.seed})


def collect(job: Job) -> History:
    """Run a scenario and keep what the description needs."""
    resolved = job.resolved()
    return history(job.seed, observe(resolved), blows(resolved), factor=job.factor)


def history(
    seed: int,
    panel: Panel,
    struck: tuple[Blow, ...] = (),
    *,
    factor: float = 1.25,
    rule: StageRule = LOCAL_STAGE_RULE,
) -> History:
    """Reduce a panel to the history of its clusters."""
    series = panel.series
    result = read_stages(series, rule)
    return History(
        seed=seed,
        series=series,
        stage=settled_stages(result, rule),
        result=result,
        known=_known(panel),
        blows=struck,
        rereadings=reread(series, rule, factor),
    )


def read_stages(series: ClusterSeries, rule: StageRule) -> StageResult:
    """Read the stages off recorded series."""
    return stages(
        series.jobs, series.firms, series.heterogeneity, series.newer_share, series.reference, rule
    )


def settled_stages(result: StageResult, rule: StageRule) -> IntArray:
    """Return stages by the year in which they began, without the years that are provisional."""
    by_beginning = dated(result.stage, rule.delay)
    return by_beginning[: max(len(by_beginning) - rule.delay, 1)]


def blows(resolved: ResolvedScenario) -> tuple[Blow, ...]:
    """Return the shocks that strike in a run of a scenario."""
    world = resolved.scenario.world
    times = strike_years(resolved.scenario)
    regions = [one.name for one in world.regions]
    sectors = [one.name for one in world.sectors]
    return tuple(
        Blow(
            year,
            _index(regions, getattr(event, "region", None)),
            _index(sectors, getattr(event, "sector", None)),
        )
        for event, years in zip(resolved.scenario.shocks, times, strict=True)
        for year in years
    )


def _index(names: list[str], name: str | None) -> int | None:
    if name is None:
        return None
    return names.index(name) if name in names else -1


def _known(panel: Panel) -> dict[str, FloatArray]:
    region, sector = panel.series.region, panel.series.sector
    n_regions, n_sectors = panel.years[-1].jobs.shape
    recorded = {
        name: values.reshape(-1, n_regions, n_sectors)
        for name, values in panel.clusters.items()
        if name in {"quarter", "firms", "entries", "spin_offs", "largest_share"}
    }
    yearly = recorded["quarter"][:, 0, 0] % QUARTERS_PER_YEAR == 0

    def of(name: str) -> FloatArray:
        return np.asarray(recorded[name][yearly][:, region, sector], dtype=np.float64)

    before = np.concatenate([of("firms")[:1], of("firms")[:-1]])
    years = panel.years
    variety = np.stack([_related_variety(year) for year in years])[:, region]
    own = np.stack([year.jobs for year in years])
    elsewhere = (own.sum(axis=1, keepdims=True) - own)[:, region, sector]
    nothing = np.zeros((1, n_regions, n_sectors))
    losses = [_key_loss(one, two) for one, two in pairwise(years)]
    return {
        "outside_share": np.stack([_outside_share(year) for year in years])[:, region, sector],
        "entry_rate": ratio(of("entries"), before, empty=np.nan),
        "spin_off_rate": ratio(of("spin_offs"), before, empty=np.nan),
        "related_variety": variety,
        "largest_share": of("largest_share"),
        "key_loss": np.concatenate([nothing, *(loss[None] for loss in losses)])[:, region, sector],
        "elsewhere": elsewhere,
    }


def _outside_share(year: Year) -> FloatArray:
    """Share of each place's collaborations that lead out of the region, shape (R, S)."""
    place, n = _place(year)
    all_ties = np.bincount(place, weights=year.degree, minlength=n)
    outside = np.bincount(place, weights=year.outside, minlength=n)
    return ratio(outside, all_ties, empty=np.nan).reshape(year.jobs.shape)


def _key_loss(before: Year, after: Year) -> FloatArray:
    """Share of each place's jobs that was in key firms which closed within the year, (R, S)."""
    place, n = _place(before)
    total = np.bincount(place, weights=before.size, minlength=n)
    share = ratio(before.size, total[place])
    gone = (share >= KEY_SHARE) & ~np.isin(before.id, after.id)
    lost = np.bincount(place, weights=share * gone, minlength=n)
    return np.asarray(lost, dtype=np.float64).reshape(before.jobs.shape)


def _place(year: Year) -> tuple[NDArray[np.int64], int]:
    n_regions, n_sectors = year.jobs.shape
    return year.region * n_sectors + year.sector, n_regions * n_sectors


def _related_variety(year: Year) -> FloatArray:
    """Related variety of each region, over fields within sectors, shape (R,)."""
    n_regions, n_sectors, n_fields = year.niche_jobs.shape
    if not year.niche_jobs.sum() > 0:
        return np.full(n_regions, np.nan)
    group = np.repeat(np.arange(n_sectors), n_fields)
    return related_variety(year.niche_jobs.reshape(n_regions, -1), group)
