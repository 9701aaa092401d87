"""Mechanism 2: the labour market."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw, key_of
from clustersim.world.economy import WAGE
from clustersim.world.elementary import exp, expm1, log1p, power
from clustersim.world.first_ties import tie
from clustersim.world.kernel import kernel
from clustersim.world.linear import column_sums, row_sums
from clustersim.world.ring import Circle, meet_one
from clustersim.world.rows import add_gap, put_sum
from clustersim.world.types import Ids
from clustersim.world.world import DT, World, is_firm

WAGE_CURVE = (0.05, 10.0)
"""Unemployment over its reference between which the wage curve is followed (assumption)."""
LARGE = 50.0
"""Jobs from which on a firm loses people to others in every quarter (assumption)."""


@final
class Labour(Mechanism):
    """Firms hire and dismiss; the unemployed retrain and migrate; people change from firm to firm.

    1. *Dismissal.* A firm with more jobs than orders dismisses the difference; those people look
       for work in their region and sector.
    2. *Matching* in each region and sector, with u unemployed and v vacancies (people)::

           hires = min(efficiency * matching * skill * sqrt(u v), u, v)

       so that a place which lost its skilled people fills fewer vacancies; matching is a lever of
       the place. Every vacancy has the same chance: a firm fills the share hires / v of its own.
    3. *Retraining.* In each region the share ``1 - exp(-retraining dt)`` of the unemployed spread
       over sectors in proportion to the jobs there; in a region without jobs nobody retrains.
    4. *Migration.* The share ``1 - exp(-migration dt)`` of all unemployed move to where vacancies
       remain, in proportion to them, within their sector; if there are none, nobody moves.
    5. *Wages* follow the wage curve:
       ``wage_r = WAGE * cost_level_r * (u_r / u_0)**-wage_elasticity`` with u_r
       the unemployment rate of the region, kept between a
       twentieth of and ten times u_0.
    6. *Thick pools* match people and jobs better; the gain in log productivity is
       ``matching_gain * ln(1 + pool / pool_reference)``, pool = skill * real jobs and unemployed
       of the place.
    7. *Movers* go from one firm to another and take along what they know. They are exchanged: who
       loses people replaces them, so that no size changes. Firm i takes people from another with
       chance ``dt min(job_to_job size_i, rounds)`` in a quarter. It is then the share
       ``s_i = min(job_to_job / min(job_to_job size_i, rounds), 1)`` of its people that are new, at
       least one person; over the years a firm takes ``job_to_job`` of its size a year. All of one
       round come from one firm j, met on a ring (`clustersim.world.ring`): that of the local
       industry with chance `local`, that of the region with chance `regional`, else that of
       everybody; where nobody else is on the ring, the next wider one. On the rings of a quarter
       stands a firm with chance ``min(size / 50, 1)``: people met come from firms in proportion to
       their jobs, those above 50 alike. In every field m::

           k_im <- k_im + carry s_i max(k_jm - k_im, 0)

       Unlike buzz and ties, this needs no R&D: what is in people's heads comes in with them
       (learning by hiring). All see the knowledge at the start of the mechanism.
    8. A move makes a tie of the layer `mobility` from j to i, or renews it: it is *born* now.
       A tie ends when its last move is `memory` years ago. Trust begins at the mean institutional
       quality of the two regions; no rule reads it.
    9. *Skill*, 1 unless talent was lost, recovers after all this:
       ``skill <- 1 - (1 - skill) exp(-reskilling dt)``.

    People are conserved: jobs and unemployed together stay the same in every quarter. With the
    mechanism off nobody is hired or dismissed: jobs change by entry and exit alone. Without
    `movers`, or at a `job_to_job` of zero, 7 and 8 are left out, and ties of the layer that a graph
    brought stay as they are.

    Sources: matching function as in Pissarides 2000 (elasticity one half, assumption); wage curve
    with elasticity -0.1 (assumption); labour-market thickness as an agglomeration force, Marshall
    1890, Rosenthal & Strange 2008; movers as a channel of localised knowledge, Almeida & Kogut
    1999, Breschi & Lissoni 2009, Song, Almeida & Wu 2003. Trap: rounds make moves lumpy (a firm of
    a hundred gets its movers of a year at once, and from one firm). On average that changes
    nothing, as learning is linear in the share; it bounds the ties to one per firm and round, and
    the work.
    """

    name: ClassVar[str] = "labour"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.x",
        "actors.y",
        "actors.size",
        "actors.orders",
        "actors.knowledge",
        "places.unemployed",
        "places.skill",
        "regions.cost_level",
        "regions.institutional_quality",
        "ties.mobility",
        "levers.matching",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "actors.size",
        "actors.knowledge",
        "places.unemployed",
        "places.skill",
        "places.labour_advantage",
        "regions.wage",
        "ties.mobility",
    )

    efficiency: float = parameter(
        0.9,
        low=0.0,
        high=10.0,
        unit="1/quarter",
        meaning="Efficiency of matching people and vacancies.",
        source="assumption: most vacancies are filled within the quarter",
    )
    retraining: float = parameter(
        0.4,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="Rate at which the unemployed change sector.",
        source="assumption",
    )
    migration: float = parameter(
        0.3,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="Rate at which the unemployed move to regions with vacancies.",
        source="assumption",
    )
    wage_elasticity: float = parameter(
        0.1,
        low=0.0,
        high=2.0,
        unit="-",
        meaning="Elasticity of wages to unemployment, with its sign changed.",
        source="assumption: the wage curve",
    )
    reference_unemployment: float = parameter(
        0.06,
        low=0.001,
        high=0.5,
        unit="share",
        meaning="Unemployment rate at which wages stand at the region's cost level.",
        source="assumption",
    )
    matching_gain: float = parameter(
        0.045,
        low=0.0,
        high=0.5,
        unit="ln",
        meaning="Gain in log productivity from a pool that is larger by a factor e.",
        source="calibrated: elasticity of productivity to own-sector jobs (F23)",
    )
    pool_reference: float = parameter(
        1000.0,
        low=1.0,
        high=1e7,
        unit="people",
        meaning="Pool at which the gain sets in.",
        source="assumption",
    )
    reskilling: float = parameter(
        0.3,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="Rate at which people make good lost skill.",
        source="assumption: half of it in some two years",
    )
    movers: bool = parameter(
        True,
        unit="-",
        meaning="Whether people change from firm to firm and take knowledge along.",
        source="switch for null models",
    )
    job_to_job: float = parameter(
        0.288,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="People who come from another firm in a year, over the people of a firm.",
        source="assumption: 2.4 % a month",
    )
    rounds: float = parameter(
        1.0,
        low=0.1,
        high=4.0,
        unit="1/year",
        meaning="Times a year that a larger firm takes people from another.",
        source="assumption for the sake of speed: one group a year",
    )
    local: float = parameter(
        0.6,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of moves within the local industry.",
        source="assumption",
    )
    regional: float = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of moves within the region across sectors; what is left is anywhere.",
        source="assumption",
    )
    carry: float = parameter(
        0.04,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of the gap to their old firm that closes where all people are movers.",
        source="assumption: slow beside what is learnt in place",
    )
    memory: float = parameter(
        1.0,
        low=0.25,
        high=50.0,
        unit="years",
        meaning="How long a move ties two firms.",
        source="assumption",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Clear the labour market of the quarter."""
        actors, places, regions = world.actors, world.places, world.regions
        _clear(
            actors.alive,
            actors.kind,
            actors.region,
            actors.sector,
            actors.orders,
            actors.size,
            world.levers.matching,
            world.employment_scale,
            self.numbers,
            places.skill,
            places.unemployed,
            places.labour_advantage,
            regions.cost_level,
            regions.wage,
        )
        if self.movers and self.job_to_job > 0.0:
            self._move(world, draws)

    def _move(self, world: World, draws: Draws) -> None:
        """Let people change firms: knowledge comes along, and ties remember it."""
        knowledge = world.actors.knowledge
        receivers, sources = self._moves(world, draws)
        learnt = np.empty((receivers.size, knowledge.shape[1]), dtype=knowledge.dtype)
        _carry(knowledge, world.actors.size, receivers, sources, self.numbers, learnt)
        knowledge[receivers] = learnt
        self._remember(world, receivers, sources)

    def _moves(self, world: World, draws: Draws) -> tuple[Ids, Ids]:
        """Return who takes people from whom, rows of shape (n,) each, each receiver once."""
        actors = world.actors
        receivers, where, point, leaving, position = _lots(
            draws.stream("labour.move"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.size,
            self.numbers,
        )
        circle = Circle(leaving, position)
        milieu, region = world.milieu(leaving), actors.region[leaving]
        takers, sources = _meet_sources(
            receivers,
            where,
            point,
            world.milieu(receivers),
            circle.ring(milieu, world.n_milieus).table,
            actors.region,
            circle.ring(region, world.n_regions).table,
            circle.everybody().table,
            self.numbers,
        )
        return takers, sources

    def _remember(self, world: World, receivers: Ids, sources: Ids) -> None:
        """Renew and make the ties of the moves; let old ones end."""
        actors, layer, now = world.actors, world.ties.mobility, world.clock.step
        latest = np.full(actors.n_rows, -1, dtype=np.int64)
        latest[receivers] = sources
        new = ~layer.renew(latest, now)[receivers]
        layer.keep((now - layer.born) * DT < self.memory)
        tie(world, "mobility", sources[new], receivers[new])


@kernel
def _clear(
    alive: Any,
    kind: Any,
    region: Any,
    sector: Any,
    orders: Any,
    size: Any,
    matching: Any,
    employment_scale: Any,
    numbers: Any,
    skill: Any,
    unemployed: Any,
    advantage: Any,
    cost_level: Any,
    wage: Any,
) -> None:
    """Do all that is no matter of movers; nothing of what they do depends on skill."""
    vacancies = np.zeros(unemployed.shape)
    _dismiss(alive, kind, region, sector, orders, size, unemployed, vacancies)
    filled = _match(numbers.efficiency, skill, matching, unemployed, vacancies)
    jobs = _hire(alive, kind, region, sector, orders, filled, size)
    _retrain(-expm1(-numbers.retraining * DT), jobs, unemployed)
    _migrate(-expm1(-numbers.migration * DT), vacancies, unemployed)
    _set_wages(unemployed, jobs, cost_level, numbers, wage)
    forgotten = exp(-numbers.reskilling * DT)
    for r in range(skill.shape[0]):
        for s in range(skill.shape[1]):
            pool = (unemployed[r, s] + jobs[r, s]) * employment_scale * skill[r, s]
            advantage[r, s] = numbers.matching_gain * log1p(pool / numbers.pool_reference)
            skill[r, s] = 1.0 - (1.0 - skill[r, s]) * forgotten


@kernel
def _dismiss(
    alive: Any,
    kind: Any,
    region: Any,
    sector: Any,
    orders: Any,
    size: Any,
    unemployed: Any,
    vacancies: Any,
) -> None:
    for i in range(alive.size):
        if is_firm(alive, kind, i):
            gap = orders[i] - size[i]
            if gap > 0.0:
                vacancies[region[i], sector[i]] += gap
            else:
                unemployed[region[i], sector[i]] -= gap
                size[i] = orders[i]


@kernel
def _match(efficiency: Any, skill: Any, matching: Any, unemployed: Any, vacancies: Any) -> Any:
    """Take those who are hired out of both; return the share of vacancies filled, shape (R, S)."""
    filled = np.zeros(vacancies.shape)
    for r in range(filled.shape[0]):
        for s in range(filled.shape[1]):
            u, v = unemployed[r, s], vacancies[r, s]
            hires = min(efficiency * skill[r, s] * matching[r, s] * np.sqrt(u * v), u, v)
            if v > 0.0:
                filled[r, s] = hires / v
            unemployed[r, s] = u - hires
            vacancies[r, s] = v - hires
    return filled


@kernel
def _hire(
    alive: Any, kind: Any, region: Any, sector: Any, orders: Any, filled: Any, size: Any
) -> Any:
    """Let firms grow; return the jobs by place, shape (R, S)."""
    jobs = np.zeros(filled.shape)
    for i in range(alive.size):
        if is_firm(alive, kind, i):
            if orders[i] > size[i]:
                size[i] += filled[region[i], sector[i]] * (orders[i] - size[i])
            jobs[region[i], sector[i]] += size[i]
    return jobs


@kernel
def _retrain(chance: Any, jobs: Any, unemployed: Any) -> None:
    moving = chance * unemployed
    total, leaving = row_sums(jobs), row_sums(moving)
    for r in range(total.size):
        if total[r] > 0.0:
            for s in range(jobs.shape[1]):
                unemployed[r, s] += jobs[r, s] / total[r] * leaving[r] - moving[r, s]


@kernel
def _migrate(chance: Any, vacancies: Any, unemployed: Any) -> None:
    moving = chance * unemployed
    total, leaving = column_sums(vacancies), column_sums(moving)
    for r in range(vacancies.shape[0]):
        for s in range(total.size):
            if total[s] > 0.0:
                unemployed[r, s] += vacancies[r, s] / total[s] * leaving[s] - moving[r, s]


@kernel
def _set_wages(unemployed: Any, jobs: Any, cost_level: Any, numbers: Any, wage: Any) -> None:
    least, most = WAGE_CURVE
    idle, people = row_sums(unemployed), row_sums(unemployed + jobs)
    for r in range(wage.size):
        relative = idle[r] / max(people[r], 1e-12) / numbers.reference_unemployment
        scarcity = power(min(max(relative, least), most), -numbers.wage_elasticity)
        wage[r] = WAGE * cost_level[r] * scarcity


@kernel
def _lots(stream: Any, alive: Any, ids: Any, kind: Any, size: Any, numbers: Any) -> Any:
    """Draw which firms take people, and which stand on the rings.

    Returns the rows of the former, on which ring each looks and from which point, then the rows of
    the latter and their places on the rings.
    """
    key = key_of(stream)
    receivers = np.empty(ids.size, dtype=np.int64)  # what stays unused is never touched
    where = np.empty(ids.size)
    point = np.empty(ids.size)
    leaving = np.empty(ids.size, dtype=np.int32)
    position = np.empty(ids.size)
    n = 0
    n_leaving = 0
    for i in range(ids.size):
        if not is_firm(alive, kind, i):
            continue
        takes, ring, at, lets_go = draw(key, ids[i], 0, 0)
        if takes < DT * min(numbers.job_to_job * size[i], numbers.rounds):
            receivers[n] = i
            where[n] = ring
            point[n] = at
            n += 1
        if lets_go < size[i] / LARGE:
            leaving[n_leaving] = i
            position[n_leaving] = draw(key, ids[i], 0, 1)[0]
            n_leaving += 1
    return (
        receivers[:n].copy(),
        where[:n].copy(),
        point[:n].copy(),
        leaving[:n_leaving].copy(),
        position[:n_leaving].copy(),
    )


@kernel
def _meet_sources(
    receivers: Any,
    where: Any,
    point: Any,
    milieu: Any,
    milieus: Any,
    region: Any,
    regions: Any,
    world: Any,
    numbers: Any,
) -> Any:
    """Return the rows of those who find people, and from which rows these come."""
    takers, sources = np.empty_like(receivers), np.empty_like(receivers)
    n = 0
    for k in range(receivers.size):
        i = receivers[k]
        j = -1
        if where[k] < numbers.local:
            j = meet_one(milieus, milieu[k], point[k], i)
        if j < 0 and where[k] < numbers.local + numbers.regional:
            j = meet_one(regions, region[i], point[k], i)
        if j < 0:
            j = meet_one(world, 0, point[k], i)
        if j >= 0:
            takers[n], sources[n] = i, j
            n += 1
    return takers[:n].copy(), sources[:n].copy()


@kernel
def _carry(
    knowledge: Any, size: Any, receivers: Any, sources: Any, numbers: Any, learnt: Any
) -> None:
    """Fill in what the receivers know with their new people, shape (n, M)."""
    for k in range(receivers.size):
        i = receivers[k]
        j = sources[k]
        new = numbers.job_to_job / min(numbers.job_to_job * size[i], numbers.rounds)
        put_sum(learnt, k, knowledge, i, knowledge, i, 0.0)
        add_gap(learnt, k, knowledge, i, knowledge, j, numbers.carry * min(new, 1.0))
