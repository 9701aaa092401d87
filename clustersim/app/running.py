"""One world that runs on the page: its simulation and what is remembered of it by quarter."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from clustersim.experiments.counterpart import supported
from clustersim.experiments.legs import begin, change, name_tables
from clustersim.experiments.life_cycles import cluster_series, life_cycle_tables
from clustersim.experiments.outcomes import public_money
from clustersim.measures.clusters import cluster_strength
from clustersim.plots.marks import policy_marks, shock_marks
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.store import Table
from clustersim.world.actors import Kind
from clustersim.world.shock import Shock
from clustersim.world.types import Floats, Ints

DEGREES: Final = 2.0
"""Ends of a tie."""


@dataclass
class History:
    """What was seen in each quarter.

    Attributes
    ----------
    year
        Calendar year, with the quarter as fraction.
    jobs
        Real jobs by place, one array of shape (R, S) a quarter.
    firms, unemployed, partners
        Real firms; share of people without work; partners of a firm that has any.
    """

    year: list[float] = field(default_factory=list)
    jobs: list[Floats] = field(default_factory=list)
    firms: list[float] = field(default_factory=list)
    unemployed: list[float] = field(default_factory=list)
    partners: list[float] = field(default_factory=list)

    def total(self) -> Floats:
        """Return the jobs of all places, shape (T,)."""
        return np.array([jobs.sum() for jobs in self.jobs])

    def of(self, places: Any) -> Floats:
        """Return the jobs of some places, given as a mask of shape (R, S), shape (T,)."""
        return np.array([jobs[places].sum() for jobs in self.jobs])


class Running:
    """A world, from its founding on.

    Parameters
    ----------
    resolved
        Its scenario.
    """

    def __init__(self, resolved: ResolvedScenario) -> None:
        self.resolved = resolved
        self.simulation = begin(resolved)
        self.world = self.simulation.world
        self.history = History()
        self.tables: dict[str, Table] = {}
        self.observe()

    @property
    def year(self) -> float:
        """Calendar year, with the quarter as fraction."""
        return self.world.clock.year

    def observe(self) -> None:
        """Remember the quarter; it changes nothing in the world."""
        world, history = self.world, self.history
        jobs = world.jobs() * world.employment_scale
        people = float(world.places.unemployed.sum()) * world.employment_scale
        layer = world.ties.collaboration
        tied = np.unique(np.concatenate([layer.first, layer.second])).size
        history.year.append(world.clock.year)
        history.jobs.append(jobs)
        history.firms.append(float(world.firms().sum()) * world.employment_scale)
        everybody = people + float(jobs.sum())
        history.unemployed.append(people / everybody if everybody > 0.0 else 0.0)
        history.partners.append(DEGREES * len(layer) / tied if tied else 0.0)
        if world.clock.step % self.simulation.recorder.every == 0:
            self.read_tables()

    def read_tables(self) -> None:
        """Read what was recorded so far, with the stages of the life cycle."""
        world = self.world
        tables = {**self.simulation.tables(), **name_tables(world)}
        series = cluster_series(tables["clusters"], world.n_regions, world.n_sectors)
        self.tables = {**tables, **life_cycle_tables(series)}

    def strike(self, shock: Shock) -> None:
        """Let a shock befall the world, at the time that it names."""
        scenario = self.resolved.scenario
        more = scenario.model_copy(update={"shocks": (*scenario.shocks, shock)})
        self.resolved = replace(self.resolved, scenario=more)
        change(self.simulation, self.resolved)

    def stage_of_places(self) -> dict[tuple[int, int], str]:
        """Return the present stage of each place that is followed as a cluster."""
        stages = self.tables["stages"]
        if not stages["year"].size:
            return {}
        last = stages["year"] == stages["year"].max()
        where = zip(stages["region"][last].tolist(), stages["sector"][last].tolist(), strict=True)
        return dict(zip(where, stages["stage"][last].tolist(), strict=True))

    def strengths(self) -> Ints:
        """Return the strength of each place as a cluster, 0 to 3, shape (R, S)."""
        jobs = self.history.jobs[-1]
        if not jobs.sum() > 0.0:
            return np.zeros(jobs.shape, dtype=np.int64)
        return np.asarray(cluster_strength(jobs), dtype=np.int64)

    def main_places(self, most: int) -> list[tuple[int, int]]:
        """Return the places that are followed, those with the highest peak of jobs first."""
        stages = self.tables["stages"]
        peak: dict[tuple[int, int], float] = {}
        rows = zip(
            stages["region"].tolist(),
            stages["sector"].tolist(),
            stages["jobs"].tolist(),
            strict=True,
        )
        for region, sector, jobs in rows:
            peak[region, sector] = max(peak.get((region, sector), 0.0), jobs)
        return sorted(peak, key=lambda place: -peak[place])[:most]

    def supported(self) -> Any:
        """Return for which places there was public money, shape (R, S)."""
        shape = self.world.n_regions, self.world.n_sectors
        return supported(self.tables, math.prod(shape)).reshape(shape)

    def money(self) -> float:
        """Return the public money that was spent so far, euro."""
        return public_money(self.tables)

    def marks(self) -> list[Any]:
        """Return shocks and policies up to now, for charts over time."""
        regions, sectors = self.world.regions.names, self.world.sectors.names
        scenario = self.resolved.scenario
        found = [*shock_marks(scenario), *policy_marks(scenario, self.tables, regions, sectors)]
        first = scenario.world.start_year
        inside = [one for one in found if first <= one.year <= self.year]
        return sorted(inside, key=lambda one: one.year)

    def actors(self) -> int:
        """Return the number of actors."""
        return int(np.count_nonzero(self.world.actors.alive))

    def adopters(self) -> tuple[float, float]:
        """Return the shares of firms with digital and with green technology."""
        actors = self.world.actors
        firms = actors.rows(Kind.FIRM)
        if not firms.size:
            return 0.0, 0.0
        return float(actors.digital[firms].mean()), float(actors.green[firms].mean())
