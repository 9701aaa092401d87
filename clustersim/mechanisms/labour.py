"""Mechanism 2: the labour market."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws
from clustersim.world.economy import WAGE
from clustersim.world.elementary import exp, expm1, logarithm_of_more, powers
from clustersim.world.kernel import kernel
from clustersim.world.types import Floats
from clustersim.world.world import DT, World, is_firm

WAGE_CURVE = (0.05, 10.0)
"""Unemployment over its reference between which the wage curve is followed (assumption)."""


@final
class Labour(Mechanism):
    """Firms hire and dismiss; the unemployed are matched, retrain and move to vacancies.

    1. *Dismissal.* A firm with more jobs than orders dismisses the difference; those people look
       for work in their region and sector.
    2. *Matching* in each region and sector, with u unemployed and v vacancies (people)::

           hires = min(efficiency * skill * sqrt(u v), u, v)

       Every vacancy has the same chance, so a firm fills the share hires / v of its own.
    3. *Retraining.* In each region the share ``1 - exp(-retraining dt)`` of the unemployed spread
       over sectors in proportion to the jobs there; in a region without jobs nobody retrains.
    4. *Migration.* The share ``1 - exp(-migration dt)`` of all unemployed move to where vacancies
       remain, in proportion to them, within their sector; if there are none, nobody moves.
    5. *Wages* follow the wage curve:
       ``wage_r = WAGE * cost_level_r * (u_r / u_0)**-wage_elasticity`` with u_r
       the unemployment rate of the region, kept between a
       twentieth of and ten times u_0.
    6. *Thick pools* match people and jobs better; the gain in log productivity is
       ``matching_gain * ln(1 + skill * pool / pool_reference)``, pool = real jobs and unemployed
       of the place.
    7. *Reskilling.* skill of the place is 1 but where shocks have taken some; what is missing is
       learnt again: ``skill <- 1 - (1 - skill) exp(-reskilling dt)``.

    People are conserved: jobs and unemployed together stay the same in every quarter. With the
    mechanism off nobody is hired or dismissed: jobs change by entry and exit alone.

    Sources: matching function as in Pissarides 2000 (elasticity one half, assumption); wage curve
    with elasticity -0.1 (assumption); labour-market thickness as an agglomeration force, Marshall
    1890, Rosenthal & Strange 2008.
    """

    name: ClassVar[str] = "labour"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.size",
        "actors.orders",
        "places.unemployed",
        "places.skill",
        "regions.cost_level",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "actors.size",
        "places.unemployed",
        "places.skill",
        "places.labour_advantage",
        "regions.wage",
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
        0.03,
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

    def apply(self, world: World, draws: Draws) -> None:  # noqa: ARG002  # nothing here is luck
        """Clear the labour market of the quarter."""
        vacancies = self._match(world)
        jobs = world.jobs()
        self._retrain(world, jobs)
        self._migrate(world, vacancies)
        unemployed = world.places.unemployed
        rate = unemployed.sum(axis=1) / np.maximum((unemployed + jobs).sum(axis=1), 1e-12)
        relative = np.clip(rate / self.reference_unemployment, *WAGE_CURVE)
        scarcity = powers(relative, -self.wage_elasticity)
        world.regions.wage[:] = WAGE * world.regions.cost_level * scarcity
        skill = world.places.skill
        pool = (unemployed + jobs) * world.employment_scale * skill
        thickness = logarithm_of_more(pool / self.pool_reference)
        world.places.labour_advantage[:] = self.matching_gain * thickness
        skill[:] = 1.0 - (1.0 - skill) * exp(-self.reskilling * DT)

    def _match(self, world: World) -> Floats:
        """Dismiss and hire; return the vacancies that stay open, shape (R, S)."""
        actors = world.actors
        unemployed = world.places.unemployed
        vacancies = np.zeros_like(unemployed)
        _dismiss(actors.table, unemployed, vacancies)
        efficiency = self.efficiency * world.places.skill
        hires = np.minimum(
            efficiency * np.sqrt(unemployed * vacancies), np.minimum(unemployed, vacancies)
        )
        filled = np.divide(hires, vacancies, out=np.zeros_like(hires), where=vacancies > 0.0)
        _hire(actors.table, filled)
        unemployed -= hires
        return vacancies - hires

    def _retrain(self, world: World, jobs: Floats) -> None:
        unemployed = world.places.unemployed
        moving = -expm1(-self.retraining * DT) * unemployed
        total = jobs.sum(axis=1, keepdims=True)
        share = np.divide(jobs, total, out=np.zeros_like(jobs), where=total > 0.0)
        moving *= total > 0.0
        unemployed += share * moving.sum(axis=1, keepdims=True) - moving

    def _migrate(self, world: World, vacancies: Floats) -> None:
        unemployed = world.places.unemployed
        moving = -expm1(-self.migration * DT) * unemployed
        total = vacancies.sum(axis=0, keepdims=True)
        share = np.divide(vacancies, total, out=np.zeros_like(vacancies), where=total > 0.0)
        moving *= total > 0.0
        unemployed += share * moving.sum(axis=0, keepdims=True) - moving


@kernel
def _dismiss(actors: Any, unemployed: Any, vacancies: Any) -> None:
    for i in range(actors.id.size):
        if is_firm(actors.alive, actors.kind, i):
            gap = actors.orders[i] - actors.size[i]
            if gap > 0.0:
                vacancies[actors.region[i], actors.sector[i]] += gap
            else:
                unemployed[actors.region[i], actors.sector[i]] -= gap
                actors.size[i] = actors.orders[i]


@kernel
def _hire(actors: Any, filled: Any) -> None:
    for i in range(actors.id.size):
        if is_firm(actors.alive, actors.kind, i) and actors.orders[i] > actors.size[i]:
            share = filled[actors.region[i], actors.sector[i]]
            actors.size[i] += share * (actors.orders[i] - actors.size[i])
