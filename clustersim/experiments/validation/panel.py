"""What a statistician would collect of a simulated economy: a yearly panel of all its firms.

A run keeps series of places; facts about firms (their sizes, growth, survival, spin-offs) need the
firms themselves. A panel is made beside a run and holds what business registers, innovation surveys
and alliance databases hold. One simulated firm is one observation, whatever it stands for; jobs of
places are simulated jobs times ``employment_scale``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustersim.experiments.life_cycles import (
    QUARTERS_PER_YEAR,
    ClusterSeries,
    cluster_series,
    life_cycle_tables,
)
from clustersim.measures.checks import BoolArray, FloatArray, IntArray
from clustersim.measures.clusters import PERFORMANCE_RULE, cluster_strength
from clustersim.measures.demography import SIZE_CLASSES
from clustersim.mechanisms.base import Mechanism
from clustersim.mechanisms.market import Market
from clustersim.scenario.graph_file import found_scenario
from clustersim.scenario.problems import Problem, ScenarioError
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from clustersim.world.elementary import logarithm
from clustersim.world.knowledge import lengths
from clustersim.world.linear import cosine
from clustersim.world.world import DT, World

_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)

INNOVATION_YEARS = 3
"""Years over which an innovation survey asks (Eurostat's Community Innovation Survey)."""


@dataclass(frozen=True, eq=False)
class Year:
    """All firms at the end of a year, n of them, and the places.

    Attributes
    ----------
    step
        Quarters since the start.
    id, region, sector, niche, origin
        As in the table of actors, shape (n,).
    age
        Years, shape (n,).
    size
        Jobs, shape (n,).
    log_productivity
        Natural logarithm, world frontier = 0, shape (n,).
    log_fit
        The part of it that is the firm's own knowledge: ``ln sum_m w_sm k_im``, shape (n,).
    research
        R&D intensity, shape (n,).
    parent
        Identity of the parent of a spin-off, else -1, shape (n,).
    digital
        Whether digital technology has been adopted, shape (n,).
    innovated
        Whether the firm found something new in the last three years, shape (n,).
    active, active_green
        Whether it did, or adopted technology that was new to it (in a green field; green
        technology), shape (n,): surveys count both, product or process (Oslo Manual 2018).
    degree
        Collaborations, shape (n,).
    outside
        Those of them that lead out of the firm's region, shape (n,).
    partner_distance
        Mean cognitive distance to the partners, shape (n,); NaN without any.
    jobs
        Real jobs by place, shape (R, S).
    niche_jobs
        Real jobs by place and main field, shape (R, S, M).
    knowledge_localisation
        Mean cosine of knowledge over pairs of firms of one sector in one region, less that over
        pairs in two regions, mean over the sectors; NaN where there are no such pairs.
    """

    step: int
    id: NDArray[np.int64]
    region: IntArray
    sector: IntArray
    niche: IntArray
    origin: IntArray
    age: FloatArray
    size: FloatArray
    log_productivity: FloatArray
    log_fit: FloatArray
    research: FloatArray
    parent: NDArray[np.int64]
    digital: BoolArray
    innovated: BoolArray
    active: BoolArray
    active_green: BoolArray
    degree: IntArray
    outside: IntArray
    partner_distance: FloatArray
    jobs: FloatArray
    niche_jobs: FloatArray
    knowledge_localisation: float

    @cached_property
    def strength(self) -> IntArray:
        """Strength class of each place, shape (R, S), values of `Strength`.

        By specialisation and three criteria of performance: productivity, productivity of the small
        and medium firms, and the share of the surveyed firms (from ten jobs) active in innovation.
        """
        productivity = np.exp(self.log_productivity)
        small_and_medium = self.size * (self.size < SIZE_CLASSES[-1])
        surveyed = (self.size >= SIZE_CLASSES[0]).astype(np.float64)
        performance = np.stack(
            [
                self.place_mean(productivity, self.size),
                self.place_mean(productivity, small_and_medium),
                self.place_mean(self.active.astype(np.float64), surveyed),
            ]
        )
        return cluster_strength(self.jobs, performance, PERFORMANCE_RULE).astype(np.int64)

    def place_mean(self, values: FloatArray, weights: FloatArray) -> FloatArray:
        """Return the weighted mean of the firms of each place, shape (R, S); NaN without weight."""
        total, whole = np.zeros(self.jobs.shape), np.zeros(self.jobs.shape)
        np.add.at(whole, (self.region, self.sector), weights)
        np.add.at(total, (self.region, self.sector), values * weights)
        mean = np.divide(total, whole, out=np.full(total.shape, np.nan), where=whole > 0.0)
        return np.asarray(mean)


@dataclass(frozen=True, eq=False)
class Lives:
    """Every firm that was born during the run, one element each, shape (n,).

    Attributes
    ----------
    id, parent
        Identities; parent is -1 for start-ups.
    birth
        Quarter of birth.
    last
        Last quarter in which it was alive.
    left
        Whether it left before the end of the run.
    origin
        Values of `Origin`.
    region, sector
        Place of birth.
    log_productivity
        At the end of its first quarter.
    size
        Jobs at the end of its first quarter.
    """

    id: NDArray[np.int64]
    parent: NDArray[np.int64]
    birth: IntArray
    last: IntArray
    left: BoolArray
    origin: IntArray
    region: IntArray
    sector: IntArray
    log_productivity: FloatArray
    size: FloatArray

    @property
    def duration(self) -> FloatArray:
        """Years between birth and the quarter of leaving, or the end of the run."""
        return np.asarray((self.last - self.birth + self.left) * DT, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Panel:
    """A run as statistics see it.

    Attributes
    ----------
    years
        Snapshots at the end of each year, the founding first.
    lives
        The firms born during the run.
    tie_lengths
        Years that the collaborations which ended by themselves had lasted, both partners still
        alive, shape (n,).
    series, tables
        The clusters' yearly series, and the tables ``stages`` and ``transitions`` read off them.
    clusters
        The recorded table ``clusters``.
    area_km2
        Area of the regions, shape (R,).
    start_year
        Calendar year in which the run begins.
    relatedness
        Cosine between what sectors need to know at the end of the run, shape (S, S), with zeros on
        the diagonal.
    industries
        Narrow industries in a technology field of a sector, as the market was told.
    """

    years: tuple[Year, ...]
    lives: Lives
    tie_lengths: FloatArray
    series: ClusterSeries
    tables: dict[str, dict[str, NDArray[Any]]]
    clusters: dict[str, NDArray[Any]]
    area_km2: FloatArray
    start_year: int
    relatedness: FloatArray
    industries: float

    def later(self, first: int) -> tuple[Year, ...]:
        """Return the snapshots from a year of the run on."""
        return tuple(year for year in self.years if year.step >= first * QUARTERS_PER_YEAR)

    def at(self, calendar_year: int) -> Year:
        """Return the snapshot at the end of a calendar year, or the nearest there is."""
        wanted = (calendar_year + 1 - self.start_year) * QUARTERS_PER_YEAR
        return min(self.years, key=lambda year: abs(year.step - wanted))


def check_length(resolved: ResolvedScenario) -> None:
    """Refuse a scenario of which no panel can be made.

    Raises
    ------
    ScenarioError
        If it is shorter than a year.
    """
    years = resolved.scenario.years
    if years < 1:
        found = f"years is {years:g}"
        where = resolved.scenario.title
        raise ScenarioError([Problem(where, None, None, found, "one whole year at least")])


def observe(resolved: ResolvedScenario, mechanisms: tuple[Mechanism, ...] | None = None) -> Panel:
    """Run a scenario and collect its panel.

    Parameters
    ----------
    resolved
        The scenario; its years are taken whole.
    mechanisms
        Another schedule than the scenario's.

    Raises
    ------
    ScenarioError
        If the scenario is shorter than a year.
    """
    check_length(resolved)
    scenario = resolved.scenario
    world = found_scenario(resolved)
    schedule = resolved.mechanisms() if mechanisms is None else mechanisms
    simulation = Simulation(world, schedule, seed=scenario.seed, record_every=QUARTERS_PER_YEAR)
    observer = _Observer(world)
    simulation.run(
        int(scenario.years) * QUARTERS_PER_YEAR, on_quarter=lambda _done: observer.look(world)
    )
    clusters = simulation.recorder.tables(world)["clusters"]
    series = cluster_series(clusters, world.n_regions, world.n_sectors)
    return Panel(
        years=tuple(observer.years),
        lives=observer.lives(),
        tie_lengths=observer.tie_lengths(),
        series=series,
        tables=life_cycle_tables(series),
        clusters=clusters,
        area_km2=world.regions.area_km2.copy(),
        start_year=world.clock.start_year,
        relatedness=_relatedness(world),
        industries=next((m.industries for m in schedule if isinstance(m, Market)), 1.0),
    )


def _relatedness(world: World) -> FloatArray:
    alike = cosine(world.sectors.relevance, world.sectors.relevance)
    np.fill_diagonal(alike, 0.0)
    return alike


class _Observer:
    """Looks at the world at the end of each quarter."""

    def __init__(self, world: World) -> None:
        self.years = [snapshot(world)]
        self._known = world.actors.id[world.actors.rows(Kind.FIRM)]
        self._born: list[dict[str, NDArray[Any]]] = []
        self._gone: list[tuple[int, NDArray[np.int64]]] = []
        self._ties = _Pairs.of(world)
        self._lengths: list[FloatArray] = []
        self._step = world.clock.step

    def look(self, world: World) -> None:
        actors = world.actors
        self._step = world.clock.step
        rows = actors.rows(Kind.FIRM)
        ids = actors.id[rows]
        new = rows[~np.isin(ids, self._known)]
        names = ("id", "parent", "origin", "region", "sector", "log_productivity", "size")
        self._born.append(
            {name: getattr(actors, name)[new].copy() for name in names}
            | {"birth": np.full(new.size, self._step)}
        )
        gone = self._known[~np.isin(self._known, ids)]
        self._gone.append((self._step - 1, gone))
        self._known = ids
        self._look_at_ties(world)
        if self._step % QUARTERS_PER_YEAR == 0:
            self.years.append(snapshot(world))

    def _look_at_ties(self, world: World) -> None:
        now, before = _Pairs.of(world), self._ties
        alive = world.actors.id[world.actors.rows()]
        ended = np.flatnonzero(~np.isin(before.key, now.key))
        both = np.isin(before.low[ended], alive) & np.isin(before.high[ended], alive)
        # The ties of the founding year are of unknown age.
        counted = ended[both & (before.born[ended] > 0)]
        self._lengths.append(
            np.asarray((world.clock.step - 1 - before.born[counted]) * DT, dtype=np.float64)
        )
        self._ties = now

    def lives(self) -> Lives:
        born = {name: np.concatenate([part[name] for part in self._born]) for name in self._born[0]}
        order = np.argsort(born["id"])
        born = {name: values[order] for name, values in born.items()}
        last = np.full(order.size, self._step)
        left = np.zeros(order.size, dtype=np.bool_)
        for step, gone in self._gone:
            mine = gone[np.isin(gone, born["id"])]
            at = np.searchsorted(born["id"], mine)
            last[at] = step
            left[at] = True
        return Lives(last=last, left=left, **born)

    def tie_lengths(self) -> FloatArray:
        return np.concatenate(self._lengths)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """The collaborations of one quarter: both identities, lower first, and when each was made."""

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    born: NDArray[np.int32]

    @property
    def key(self) -> NDArray[np.uint64]:
        """One number for each pair; two pairs share one with a chance of about 1e-14."""
        mixed = self.low.astype(np.uint64) * _MIX
        return (mixed ^ (mixed >> _HALF)) + self.high.astype(np.uint64)

    @classmethod
    def of(cls, world: World) -> _Pairs:
        layer = world.ties.collaboration
        one, other = world.actors.id[layer.first], world.actors.id[layer.second]
        return cls(np.minimum(one, other), np.maximum(one, other), layer.born.copy())


def snapshot(world: World) -> Year:
    """Return the firms and places of this moment."""
    actors, step = world.actors, world.clock.step
    rows = actors.rows(Kind.FIRM)
    region, sector = actors.region[rows].astype(np.int64), actors.sector[rows].astype(np.int64)
    niche = actors.niche[rows].astype(np.int64)
    size = actors.size[rows].copy()
    jobs = world.jobs() * world.employment_scale
    niche_jobs = np.zeros((world.n_regions, world.n_sectors, world.n_fields))
    np.add.at(niche_jobs, (region, sector, niche), size * world.employment_scale)
    fit = (world.sectors.relevance[sector] * actors.knowledge[rows]).sum(axis=1)
    lately = step - INNOVATION_YEARS * QUARTERS_PER_YEAR
    distance, degree, outside = _partners(world)
    return Year(
        step=step,
        id=actors.id[rows].copy(),
        region=region,
        sector=sector,
        niche=niche,
        origin=actors.origin[rows].astype(np.int64),
        age=np.asarray((step - actors.birth[rows]) * DT, dtype=np.float64),
        size=size,
        log_productivity=actors.log_productivity[rows].copy(),
        log_fit=logarithm(np.maximum(fit, 1e-9)),
        research=actors.research[rows].copy(),
        parent=actors.parent[rows].copy(),
        digital=actors.digital[rows].copy(),
        innovated=actors.innovated[rows] >= lately,
        active=np.maximum(actors.innovated, actors.adopted)[rows] >= lately,
        active_green=np.maximum(actors.innovated_green, actors.adopted_green)[rows] >= lately,
        degree=degree[rows],
        outside=outside[rows],
        partner_distance=distance[rows],
        jobs=jobs,
        niche_jobs=niche_jobs,
        knowledge_localisation=_knowledge_localisation(world, rows),
    )


def _knowledge_localisation(world: World, rows: NDArray[np.int64]) -> float:
    """Return how much more alike firms of a sector are within regions than across.

    The sum of the cosines over all pairs of a set is ``|sum of unit vectors|**2``, each pair twice
    and each firm once with itself.
    """
    actors = world.actors
    shape = (world.n_regions, world.n_sectors)
    norm = lengths(actors.knowledge)[rows]
    known = rows[norm > 0.0]
    unit = actors.knowledge[known] / norm[norm > 0.0, None]
    place = (actors.region[known], actors.sector[known])
    total = np.zeros((*shape, world.n_fields))
    np.add.at(total, place, unit)
    count = np.zeros(shape)
    np.add.at(count, place, 1.0)
    inside = (total**2).sum(axis=(0, 2)) - count.sum(axis=0)
    inside_pairs = (count * (count - 1.0)).sum(axis=0)
    across = (total.sum(axis=0) ** 2).sum(axis=1) - (total**2).sum(axis=(0, 2))
    across_pairs = count.sum(axis=0) ** 2 - (count**2).sum(axis=0)
    both = (inside_pairs > 0.0) & (across_pairs > 0.0)
    if not both.any():
        return float("nan")
    return float((inside[both] / inside_pairs[both] - across[both] / across_pairs[both]).mean())


def _partners(world: World) -> tuple[FloatArray, IntArray, IntArray]:
    """Return mean cognitive distance to partners, NaN without any, and degrees, by row.

    The second degree counts the partners in other regions alone.
    """
    actors, layer = world.actors, world.ties.collaboration
    first, second = layer.first, layer.second
    norm = lengths(actors.knowledge)
    dot = (actors.knowledge[first].astype(np.float64) * actors.knowledge[second]).sum(axis=1)
    both = norm[first] * norm[second]
    far = 1.0 - np.divide(dot, both, out=np.zeros(dot.size), where=both > 0.0)
    ends = np.concatenate([first, second])
    degree = np.bincount(ends, minlength=actors.n_rows)
    total = np.bincount(ends, weights=np.concatenate([far, far]), minlength=actors.n_rows)
    mean = np.divide(total, degree, out=np.full(actors.n_rows, np.nan), where=degree > 0)
    leads_out = actors.region[first] != actors.region[second]
    outside = np.bincount(ends[np.tile(leads_out, 2)], minlength=actors.n_rows)
    return mean, degree, outside
