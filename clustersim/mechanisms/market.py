"""Mechanism 8: productivity, and competition with each other and the rest of the world."""

from __future__ import annotations

from typing import Any, ClassVar, Self, final

import numpy as np
from pydantic import model_validator

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw
from clustersim.world.economy import WAGE
from clustersim.world.elementary import (
    exp,
    expm1,
    exponential,
    log,
    logarithm,
    logarithm_of_more,
    power,
    powers,
)
from clustersim.world.kernel import kernel
from clustersim.world.threads import spread
from clustersim.world.types import Floats
from clustersim.world.world import DT, World, is_firm, relative_intensity

LEAST_FIT = 1e-3
"""Least fit of a firm's knowledge, so that its logarithm exists."""


@final
class Market(Mechanism):
    """Firms that are more productive than their market grow at the cost of the others.

    *Productivity* of firm i in region r, sector s, niche n (log, world frontier = 0)::

        ln A_i = ln(max(sum_m w_sm k_im, LEAST_FIT)) + localisation l(E_rsn / industries)
                 + labour_rs + supply_rs - congestion ln(J_r / max(J_r0, 1))
        l(E) = max(0.0440 ln(1 + E) - 6.14e-4 E**0.712, 0)

    E_rsn are the real jobs of the niche in the region. The curve gains 25 % at 650 jobs and is
    gone above 9,000 (Martin, Mayer & Mayneris 2011; closed form through these points). Trap: the
    jobs that count are those of one narrow industry in one area of employment, not of the cluster;
    the jobs of one sector and technology field in a region are spread over `industries` of them.
    J_r / J_r0 compares the region's jobs with those at the start, which its land and roads are made
    for.

    *Growth.* Orders follow a replicator with the rest of the world as one more competitor::

        o_i = size_i exp(selection (ln A_i - mean_s - wage_pressure ln(wage_r / usual_r)
                                    - energy_pressure intensity_s e_i ln(price)) dt + x_i),
        scaled so that all of o and the rest of the world add up to world demand D_s(t)

    mean_s is the mean of ln A over the market, weighted by jobs, the rest of the world included.
    wage_r / usual_r is the wage of the region over that at its cost level and usual unemployment:
    where people are scarce, firms lose ground. So they do where energy and carbon are dear at home:
    ``price`` is ``conditions.energy_price``, over the usual; ``intensity_s`` the carbon intensity
    of the sector over the mean of all sectors; ``e_i`` is ``1 - green_saving`` for adopters of
    green technology, else 1. The rest of the world pays the usual price. A firm that can't produce
    all of its usual output loses orders besides: o_i is multiplied by
    ``1 - lost_orders (1 - output_i)``, and its competitors win them. The rest is delivered later.
    Orders here are a firm's standing, not one quarter's sales, so that what it loses in a quarter
    it has to win back: only customers who leave for good count.
    Business is lumpy: in a quarter a firm wins or loses some with chance
    ``q = 1 - exp(-shock_rate dt)``, else x_i = 0. It is then Laplace with variance
    ``(volatility * max(size, 1)**-volatility_slope)**2 dt / q`` and mean of exp(x) = 1, so that the
    variance in a year is the square of the volatility, and its excess kurtosis near
    ``6 / shock_rate``: tent-shaped growth rates with fat tails that calm down with size (Bottazzi &
    Secchi 2006, where opportunities arrive one by one; Fu et al. 2005; Riccaboni et al. 2008).
    ``D_s(t) = D_s0 exp(growth_s t) demand_factor_s``: demand bounds the total, and what home loses
    the world wins.

    In the first quarter the standing of the rest of the world is set so that it is as productive as
    the mean firm at home; in a sector that home does not have, at the frontier.

    With the mechanism off nothing moves but by entry and exit. `externalities` switches off
    localisation, labour and supply advantages alone.

    Sources: replicator, Fisher 1930, Metcalfe 1994; localisation as above; congestion: assumption.
    """

    name: ClassVar[str] = "market"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.niche",
        "actors.size",
        "actors.output",
        "actors.knowledge",
        "actors.green",
        "conditions.energy_price",
        "places.labour_advantage",
        "places.supply_advantage",
        "regions.jobs_start",
        "regions.wage",
        "regions.cost_level",
        "sectors.relevance",
        "sectors.carbon_intensity",
        "sectors.demand_start",
        "sectors.demand_growth",
        "sectors.demand_factor",
        "sectors.world_jobs",
        "sectors.world_log_productivity",
        "sectors.world_standing",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "actors.log_productivity",
        "actors.orders",
        "sectors.home_log_productivity",
        "sectors.mean_log_productivity",
        "sectors.world_jobs",
        "sectors.world_log_productivity",
        "sectors.world_standing",
    )

    selection: float = parameter(
        0.25,
        low=0.0,
        high=5.0,
        unit="1/year",
        meaning="Growth per year for each unit of log productivity above the market.",
        source="calibrated: sizes and deaths of firms (F4, F7, F10); 0.25 to 0.5 gave life cycles "
        "in exploratory runs",
    )
    volatility: float = parameter(
        0.2,
        low=0.0,
        high=1.9,
        unit="1/sqrt(year)",
        meaning="Standard deviation of yearly log growth of a firm with one job.",
        source="assumption; order of magnitude of firm panels",
    )
    shock_rate: float = parameter(
        0.5,
        low=0.05,
        high=1000.0,
        unit="1/year",
        meaning="How often a firm wins or loses business; a high rate makes small steps of it.",
        source="set to an excess kurtosis of 10 to 15 (Fu et al. 2005, and panels of firms)",
    )
    volatility_slope: float = parameter(
        0.12,
        low=0.0,
        high=1.0,
        unit="-",
        meaning="Exponent with which volatility falls with size.",
        source="calibrated: the spread of growth by size (F6: 0.09 to 0.20)",
    )
    congestion: float = parameter(
        0.03,
        low=0.0,
        high=2.0,
        unit="ln",
        meaning="Loss of log productivity when a region has e times its jobs at the start.",
        source="calibrated: elasticity of productivity to own-sector jobs (F23); lower than the "
        "0.05 to 0.14 of exploratory runs, as the localisation curve counts crowding too",
    )
    wage_pressure: float = parameter(
        0.6,
        low=0.0,
        high=5.0,
        unit="-",
        meaning="Share of wages in costs: what a wage above the usual takes from growth.",
        source="assumption: near the labour share of income",
    )
    lost_orders: float = parameter(
        0.25,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of what a firm can't deliver whose customers go to others for good.",
        source="assumption: most wait, or come back",
    )
    energy_pressure: float = parameter(
        0.05,
        low=0.0,
        high=5.0,
        unit="-",
        meaning="Share of energy and carbon in costs, in a sector of mean carbon intensity: what a "
        "price above the usual takes from growth.",
        source="assumption; it counts where the price differs from the usual",
    )
    green_saving: float = parameter(
        0.4,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of that pressure that adopters of green technology are spared.",
        source="assumption",
    )
    localisation: float = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="-",
        meaning="Factor on the localisation curve; 1 is the curve as estimated.",
        source="Martin, Mayer & Mayneris 2011",
    )
    industries: float = parameter(
        25.0,
        low=1.0,
        high=100.0,
        unit="-",
        meaning="Narrow industries, and areas of employment they lie in, over which the jobs of a "
        "region in one field of a sector are spread.",
        source="calibrated: elasticity of productivity to own-sector jobs (F23); derived: some 5 "
        "narrow industries in a field (a cluster of 20,950 jobs has 10 to 30, in 3 to 4 fields), "
        "each spread over some 5 areas of employment of the region",
    )
    externalities: bool = parameter(
        True,
        unit="-",
        meaning="Whether localisation, thick labour markets and suppliers count.",
        source="switch for null models",
    )

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        """Refuse shocks so wild that no mean of exp(x) exists."""
        if not self.spread < 1.0:
            most = self.volatility / self.spread
            msg = (
                f"volatility is {self.volatility:g}; with shock_rate {self.shock_rate:g} it has to "
                f"be below {most:.3g}: the rarer shocks are, the larger each"
            )
            raise ValueError(msg)
        return self

    @property
    def spread(self) -> float:
        """Scale of the Laplace shock, in log size, that hits a firm with one job."""
        chance = -expm1(-self.shock_rate * DT)
        return float(self.volatility * np.sqrt(DT / chance / 2.0))

    def apply(self, world: World, draws: Draws) -> None:
        """Set productivity, then orders."""
        self._set_productivity(world)
        self._set_means(world)
        self._set_orders(world, draws)

    def _set_productivity(self, world: World) -> None:
        actors, places = world.actors, world.places
        niche_jobs = np.zeros((world.n_regions, world.n_sectors, world.n_fields))
        _niche_jobs(actors.table, niche_jobs)
        advantage = np.zeros_like(niche_jobs)
        if self.externalities:
            advantage += self.localisation * localisation(
                niche_jobs * (world.employment_scale / self.industries)
            )
            advantage += (places.labour_advantage + places.supply_advantage)[..., None]
        crowding = niche_jobs.sum(axis=(1, 2)) / np.maximum(world.regions.jobs_start, 1.0)
        crowded = np.where(crowding > 0.0, logarithm(crowding), 0.0)
        advantage -= self.congestion * crowded[:, None, None]
        relevance = world.sectors.relevance
        spread(_log_productivity, actors.n_rows, actors.table, relevance, advantage)

    def _set_means(self, world: World) -> None:
        sectors = world.sectors
        total = np.zeros(world.n_sectors)
        jobs = np.zeros(world.n_sectors)
        _sums(world.actors.table, jobs, total)
        home = np.divide(total, jobs, out=np.zeros_like(total), where=jobs > 0.0)
        sectors.home_log_productivity[:] = home
        first = np.isnan(sectors.world_standing)
        sectors.world_standing[first] = (home - sectors.world_log_productivity)[first]
        sectors.world_log_productivity[first] = home[first]
        world_total = sectors.world_jobs * sectors.world_log_productivity
        everybody = np.maximum(jobs + sectors.world_jobs, 1e-12)
        sectors.mean_log_productivity[:] = (total + world_total) / everybody

    def _set_orders(self, world: World, draws: Draws) -> None:
        sectors, actors = world.sectors, world.actors.table
        n_rows = world.actors.n_rows
        total = np.zeros(world.n_sectors)
        regions = world.regions
        dear = self.wage_pressure * logarithm(regions.wage / (WAGE * regions.cost_level))
        luck = draws.stream("market.grow")
        price = log(float(world.conditions.energy_price[0]))
        energy = self.energy_pressure * price * relative_intensity(sectors)
        mean = sectors.mean_log_productivity
        spread(_grow, n_rows, luck, actors, mean, dear, energy, self.spread, self.numbers)
        _add_orders(actors, total)
        lead = sectors.world_log_productivity - sectors.mean_log_productivity
        world_orders = sectors.world_jobs * exponential(self.selection * DT * lead)
        growth = exponential(sectors.demand_growth * world.clock.time)
        demand = sectors.demand_start * growth * sectors.demand_factor
        scale = demand / np.maximum(total + world_orders, 1e-12)
        _scale(actors, scale)
        sectors.world_jobs[:] = world_orders * scale


def localisation(niche_jobs: Floats) -> Floats:
    """Return the gain in log productivity from real jobs in the own niche, any shape.

    ``max(0.0440 ln(1 + E) - 6.14e-4 E**0.712, 0)`` (Martin, Mayer & Mayneris 2011: +25 % at 650
    jobs, nothing left above 9,000; the curve is not followed below zero, where the source is
    silent).
    """
    return np.maximum(
        0.0440 * logarithm_of_more(niche_jobs) - 6.14e-4 * powers(niche_jobs, 0.712), 0.0
    )


@kernel
def _niche_jobs(actors: Any, out: Any) -> None:
    for i in range(actors.id.size):
        if is_firm(actors.alive, actors.kind, i):
            out[actors.region[i], actors.sector[i], actors.niche[i]] += actors.size[i]


@kernel
def _log_productivity(
    first_row: Any, last_row: Any, actors: Any, relevance: Any, advantage: Any
) -> None:
    alive, kind, region, sector = actors.alive, actors.kind, actors.region, actors.sector
    niche, knowledge, log_productivity = actors.niche, actors.knowledge, actors.log_productivity
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i):
            s = sector[i]
            fit = 0.0
            for m in range(knowledge.shape[1]):
                fit += relevance[s, m] * np.float64(knowledge[i, m])
            log_productivity[i] = log(max(fit, LEAST_FIT)) + advantage[region[i], s, niche[i]]


@kernel
def _sums(actors: Any, jobs: Any, total: Any) -> None:
    for i in range(actors.id.size):
        if is_firm(actors.alive, actors.kind, i):
            jobs[actors.sector[i]] += actors.size[i]
            total[actors.sector[i]] += actors.size[i] * actors.log_productivity[i]


@kernel
def _grow(
    first_row: Any,
    last_row: Any,
    stream: Any,
    actors: Any,
    mean: Any,
    dear: Any,
    energy: Any,
    spread: Any,
    numbers: Any,
) -> None:
    alive, kind, sector, ids = actors.alive, actors.kind, actors.sector, actors.id
    region, output, green = actors.region, actors.output, actors.green
    size, orders, log_productivity = actors.size, actors.orders, actors.log_productivity
    chance = -expm1(-numbers.shock_rate * DT)
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i):
            lead = log_productivity[i] - mean[sector[i]] - dear[region[i]]
            lead -= energy[sector[i]] * (1.0 - numbers.green_saving if green[i] else 1.0)
            growth = exp(numbers.selection * DT * lead)
            happens, luck, _, _ = draw(stream, ids[i], 0, 0)
            if happens < chance:
                scale = spread * power(max(size[i], 1.0), -numbers.volatility_slope)
                side = 2.0 * luck - 1.0
                shock = -scale * log(max(1.0 - abs(side), 1e-15))
                growth *= exp(shock if side > 0.0 else -shock)
                growth *= 1.0 - scale * scale  # 1 / E[exp(shock)]
            growth *= 1.0 - numbers.lost_orders * (1.0 - output[i])
            orders[i] = size[i] * growth


@kernel
def _add_orders(actors: Any, total: Any) -> None:
    for i in range(actors.id.size):
        if is_firm(actors.alive, actors.kind, i):
            total[actors.sector[i]] += actors.orders[i]


@kernel
def _scale(actors: Any, scale: Any) -> None:
    for i in range(actors.id.size):
        if is_firm(actors.alive, actors.kind, i):
            actors.orders[i] *= scale[actors.sector[i]]
