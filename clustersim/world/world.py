"""The state of a simulated economy: plain arrays, nothing computed from them is kept twice.

Sizes are written R regions, S sectors, M technology fields, P paradigms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import fsum
from typing import Any, Final

import numpy as np

from clustersim.world.actors import Actors, Kind
from clustersim.world.elementary import euclidean
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import Exchange
from clustersim.world.levers import Levers
from clustersim.world.projects import Projects
from clustersim.world.public import Public
from clustersim.world.ties import Ties
from clustersim.world.types import Flags, Floats, Ids, Ints

DT: Final = 0.25
"""Length of a step in years: a quarter. Rates are per year and are converted with this number."""


@dataclass
class Clock:
    """Time: the number of quarters done, and the calendar year in which step 0 begins."""

    start_year: int
    """Calendar year in which step 0 begins."""
    step: int = 0
    """Quarters done."""

    @property
    def time(self) -> float:
        """Years since the start."""
        return self.step * DT

    @property
    def year(self) -> float:
        """Calendar year, with the quarter as fraction."""
        return self.start_year + self.time


@dataclass
class Fields:
    """Technology fields, M of them."""

    names: tuple[str, ...]
    """Names of the fields, M of them."""
    digital: Flags
    """Belongs to the digital transition, shape (M,)."""
    green: Flags
    """Belongs to the green transition, shape (M,)."""
    relatedness: Floats
    """Cosine between the sectors' use of two fields, shape (M, M), 0 to 1, ones on the diagonal."""


@dataclass
class Sectors:
    """Sectors, S of them, and the rest of the world in each."""

    names: tuple[str, ...]
    """Names of the sectors, S of them."""
    demand_start: Floats
    """World demand at the start, simulated jobs, shape (S,)."""
    demand_growth: Floats
    """Growth of world demand, per year, shape (S,)."""
    demand_factor: Floats
    """World demand over what it would be without shocks, shape (S,)."""
    export_share: Floats
    """Share of output sold abroad, shape (S,)."""
    carbon_intensity: Floats
    """kg CO2 per euro of output, shape (S,)."""
    value_added: Floats
    """Value added per job of a firm at the mean of its market, euro a year, shape (S,)."""
    green_saving: Floats
    """Share of its CO2, and of dear energy, that green technology spares a firm, shape (S,)."""
    inputs: Floats
    """Euro bought from sector i per euro of output of sector j, shape (S, S)."""
    paradigm_weights: Floats
    """Relevance of the fields under each paradigm, shape (S, P, M), rows sum to one."""
    paradigm_year: Floats
    """Calendar year of each paradigm's half-way point, shape (S, P); -inf for the first, and inf
    where a sector has fewer paradigms than others."""
    paradigm_width: Floats
    """Width of each change, years, shape (S, P)."""
    has_paradigm: Flags
    """Which of the P paradigms a sector has, shape (S, P); the others repeat its last."""
    relevance: Floats
    """Relevance of each field now, w[s, m], shape (S, M), rows sum to one."""
    world_log_productivity: Floats
    """Log productivity of the rest of the world, shape (S,); its knowledge and its standing."""
    world_standing: Floats
    """Part of the former that is not knowledge, shape (S,): what puts home and the rest of the
    world level in the founding year. NaN until the market first meets."""
    world_jobs: Floats
    """Jobs of the rest of the world, shape (S,), simulated jobs."""
    home_log_productivity: Floats
    """Mean log productivity of the firms at home, weighted by jobs, shape (S,)."""
    mean_log_productivity: Floats
    """Mean log productivity over the whole market, weighted by jobs, shape (S,)."""


@dataclass
class Regions:
    """Regions, R of them."""

    names: tuple[str, ...]
    """Names of the regions, R of them."""
    key: Ids
    """Number of the region by its name, shape (R,)."""
    x: Floats
    """km to the east, shape (R,)."""
    y: Floats
    """km to the north, shape (R,)."""
    km: Floats
    """Distance between centres, shape (R, R)."""
    area_km2: Floats
    """Area, shape (R,)."""
    population: Floats
    """Inhabitants, shape (R,)."""
    cost_level: Floats
    """Costs relative to the average, shape (R,)."""
    institutional_quality: Floats
    """Quality of government, 0 to 1, shape (R,)."""
    jobs_usual: Floats
    """Simulated jobs at the mean density at the start, (R,); own ones where no area is known."""
    wage: Floats
    """Wage cost, euro per job and year, shape (R,)."""


@dataclass
class Places:
    """Local industries: a sector in a region; arrays of shape (R, S)."""

    unemployed: Floats
    """People who look for work in the sector, simulated."""
    skill: Floats
    """What the people of the place can do over what they usually can; 1 unless talent is lost."""
    labour_advantage: Floats
    """What a thick labour market adds to log productivity."""
    supply_advantage: Floats
    """What local suppliers add to log productivity."""
    key: Ids
    """Number of the place by the names of region and sector: luck and identities belong to it."""
    x: Floats
    """km to the east of the centre of the district."""
    y: Floats
    """km to the north of the centre of the district."""


@dataclass
class Conditions:
    """What shocks make of the quarter, set anew in each; everything is 1 without a shock."""

    output: Floats
    """Share of its capacity that a local industry can use, shape (R, S)."""
    travel: Floats
    """Share of the usual travel between regions that is possible, shape (1,)."""
    energy_price: Floats
    """Price of energy and carbon over the usual, shape (1,)."""
    credit: Floats
    """What banks lend over what they usually do, shape (1,)."""

    @classmethod
    def usual(cls, n_regions: int, n_sectors: int) -> Conditions:
        """Return the conditions of a quarter without shocks."""
        return cls(np.ones((n_regions, n_sectors)), np.ones(1), np.ones(1), np.ones(1))


@dataclass
class Flows:
    """What happened since the last record, shape (R, S), set to zero when recorded.

    Counts, but for ``research`` and ``taxes`` in euro and ``emissions`` in tonnes of CO2.
    """

    entries: Floats
    exits: Floats
    spin_offs: Floats
    innovations: Floats
    jobs_lost_to_exit: Floats
    subsidiaries: Floats
    relocations: Floats
    research: Floats
    taxes: Floats
    emissions: Floats

    @classmethod
    def empty(cls, n_regions: int, n_sectors: int) -> Flows:
        """Return flows of zero."""
        return cls(*(np.zeros((n_regions, n_sectors)) for _ in cls.__dataclass_fields__))

    def clear(self) -> None:
        """Set everything to zero."""
        for values in vars(self).values():
            values[:] = 0.0


@dataclass
class World:
    """Everything that is, at one moment."""

    clock: Clock
    employment_scale: float
    exchange: Exchange
    fields: Fields
    sectors: Sectors
    regions: Regions
    places: Places
    actors: Actors
    ties: Ties
    projects: Projects = field(init=False)
    conditions: Conditions = field(init=False)
    flows: Flows = field(init=False)
    public: Public = field(init=False)
    levers: Levers = field(init=False)

    def __post_init__(self) -> None:
        self.projects = Projects()
        self.conditions = Conditions.usual(self.n_regions, self.n_sectors)
        self.flows = Flows.empty(self.n_regions, self.n_sectors)
        self.public = Public()
        self.levers = Levers(self.actors, self.n_regions, self.n_sectors)

    @property
    def n_regions(self) -> int:
        """Number of regions, R."""
        return len(self.regions.names)

    @property
    def n_sectors(self) -> int:
        """Number of sectors, S."""
        return len(self.sectors.names)

    @property
    def n_fields(self) -> int:
        """Number of technology fields, M."""
        return len(self.fields.names)

    @property
    def n_milieus(self) -> int:
        """Number of milieus, R (S + 1); see :meth:`milieu`."""
        return self.n_regions * (self.n_sectors + 1)

    def milieu(self, rows: Ints) -> Ints:
        """Return the milieu of actors who have a region, shape (n,).

        The firms and RTOs of a local industry share a milieu, numbered ``region (S + 1) + sector``;
        the universities of a region have one of their own, the last of the region.
        """
        out = np.empty(rows.size, dtype=np.int32)
        _milieus(self.actors.region, self.actors.sector, rows, self.n_sectors, out)
        return out

    def jobs(self) -> Floats:
        """Return simulated jobs by place, shape (R, S)."""
        actors, out = self.actors, np.zeros((self.n_regions, self.n_sectors))
        _jobs_by_place(actors.alive, actors.kind, actors.region, actors.sector, actors.size, out)
        return out

    def firms(self) -> Floats:
        """Return the number of simulated firms by place, shape (R, S)."""
        actors, out = self.actors, np.zeros((self.n_regions, self.n_sectors))
        _firms_by_place(actors.alive, actors.kind, actors.region, actors.sector, out)
        return out

    def collaborate(self, one: Ints, other: Ints) -> None:
        """Tie actors who begin to work together, each pair once, in the order of their rows.

        Trust begins at the mean institutional quality of the two regions.

        Parameters
        ----------
        one, other
            Rows of both actors, shape (n,); a pair may come several times, and either way round.
        """
        actors = self.actors
        first, second, trust, km = _beginnings(
            one, other, actors.region, actors.x, actors.y, self.regions.institutional_quality
        )
        self.ties.collaboration.add(first, second, trust=trust, km=km, born=self.clock.step)

    def dismiss_firms(self, rows: Ids) -> None:
        """Let firms leave: workers become unemployed, ties end, projects go on, rows are freed.

        Parameters
        ----------
        rows
            Rows of living firms, shape (n,), each once.
        """
        if rows.size == 0:
            return
        actors, flows = self.actors, self.flows
        _count_leavers(
            rows,
            actors.region,
            actors.sector,
            actors.size,
            self.places.unemployed,
            flows.jobs_lost_to_exit,
            flows.exits,
        )
        actors.dismiss(rows)
        self.release()

    def release(self) -> None:
        """End the ties of those who have left, and take them out of their projects."""
        self.ties.release(self.actors.alive)
        self.projects.release(self.actors.alive)


def relative_intensity(sectors: Sectors) -> Floats:
    """Return the carbon intensity of each sector over the mean of all, shape (S,); 0 if all are."""
    mean = fsum(sectors.carbon_intensity.tolist()) / len(sectors.names)
    return sectors.carbon_intensity / mean if mean > 0.0 else np.zeros(len(sectors.names))


@kernel
def is_firm(alive: Any, kind: Any, row: Any) -> Any:
    """Return whether a row of the table of actors holds a firm.

    The two arrays are passed, not the `ActorTable`: to pass a tuple of arrays costs numba a
    reference count for each of its arrays, some 100 ns, at every call.
    """
    return alive[row] and kind[row] == Kind.FIRM


@kernel
def leads(
    first_row: Any,
    last_row: Any,
    alive: Any,
    kind: Any,
    sector: Any,
    log_productivity: Any,
    mean: Any,
) -> Any:
    """Return log productivity above the mean of the sector's market, by row; 0 if it is no firm."""
    lead = np.zeros(last_row - first_row)
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i):
            lead[i - first_row] = log_productivity[i] - mean[sector[i]]
    return lead


@kernel
def _jobs_by_place(alive: Any, kind: Any, region: Any, sector: Any, size: Any, out: Any) -> None:
    for i in range(alive.size):
        if is_firm(alive, kind, i):
            out[region[i], sector[i]] += size[i]


@kernel
def _firms_by_place(alive: Any, kind: Any, region: Any, sector: Any, out: Any) -> None:
    for i in range(alive.size):
        if is_firm(alive, kind, i):
            out[region[i], sector[i]] += 1.0


@kernel
def _count_leavers(
    rows: Any, region: Any, sector: Any, size: Any, unemployed: Any, jobs: Any, firms: Any
) -> None:
    """Add those who leave to the unemployed, and to the jobs and firms lost, (R, S) each."""
    for i in rows:
        r, s = region[i], sector[i]
        unemployed[r, s] += size[i]
        jobs[r, s] += size[i]
        firms[r, s] += 1.0


@kernel
def _beginnings(one: Any, other: Any, region: Any, x: Any, y: Any, quality: Any) -> Any:
    """Return both rows, trust and distance (km) of each pair once, shape (pairs,) each."""
    n_rows = np.int64(region.size)
    pairs = np.empty(one.size, dtype=np.int64)
    for k in range(pairs.size):
        pairs[k] = min(one[k], other[k]) * n_rows + max(one[k], other[k])
    pairs.sort()
    n = 0
    for k in range(pairs.size):
        if n == 0 or pairs[k] != pairs[n - 1]:
            pairs[n] = pairs[k]
            n += 1
    first, second = np.empty(n, dtype=np.int32), np.empty(n, dtype=np.int32)
    trust, km = np.empty(n), np.empty(n)
    for k in range(n):
        i, j = divmod(pairs[k], n_rows)
        first[k], second[k] = i, j
        trust[k] = 0.5 * (quality[region[i]] + quality[region[j]])
        km[k] = euclidean(x[i] - x[j], y[i] - y[j])
    return first, second, trust, km


@kernel
def _milieus(region: Any, sector: Any, rows: Any, n_sectors: Any, out: Any) -> None:
    for k in range(rows.size):
        own = sector[rows[k]]
        out[k] = region[rows[k]] * (n_sectors + 1) + (own if own >= 0 else n_sectors)
