"""Mechanism 8: productivity, and competition with each other and the rest of the world."""

from __future__ import annotations

from typing import Any, ClassVar, Self, final

import numpy as np
from pydantic import model_validator

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw, key_of
from clustersim.world.economy import WAGE
from clustersim.world.elementary import (
    exp,
    expm1,
    log,
    log1p,
    power,
)
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import own_research
from clustersim.world.linear import row_sums
from clustersim.world.rows import dot
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
                 + labour_rs + supply_rs + skill_i - congestion c(ln(J_r / max(D_r, 1)))
        c(x) = crowding_r x if x > 0, else x
        l(E) = max(0.0440 ln(1 + E) - 6.14e-4 E**0.712, 0)

    E_rsn are the real jobs of the niche in the region. The curve gains 25 % at 650 jobs and is
    gone above 9,000 (Martin, Mayer & Mayneris 2011; closed form through these points). Trap: the
    jobs that count are those of one narrow industry in one area of employment, not of the cluster;
    the jobs of one sector and technology field in a region are spread over `industries` of them.
    J_r are the jobs of the region and D_r those it would have at the mean density of all regions at
    the start: where jobs are dense land is dear and roads are full, whenever they came. Where the
    area of a region is not known, D_r are its own jobs at the start. The lever crowding_r makes
    more or less of such crowding; where there is room, it has nothing to act on. skill_i is a lever
    of the firm.

    *Growth.* Orders follow a replicator with the rest of the world as one more competitor::

        o_i = size_i exp(selection (ln A_i - mean_s - wage_pressure ln(wage_r / usual_r)
                                    - energy_pressure intensity_s e_i ln(price)
                                    - research_pressure (R_i - R_s) + access_i) dt + x_i),
        scaled so that all of o and the rest of the world add up to world demand D_s(t)

    mean_s is the mean of ln A over the market, weighted by jobs, the rest of the world included.
    wage_r / usual_r is the wage of the region over that at its cost level and usual unemployment:
    where people are scarce, firms lose ground. What a firm spends on R&D it can't give in its
    price: R_i is its own R&D (``research - funded``, what public money does not bring), R_s the
    mean of the sector at home, by jobs; the rest of the world is taken to spend as much. access_i,
    to markets, is a lever of the firm. Firms lose ground too where energy and carbon are dear at
    home: ``price`` is ``conditions.energy_price``, over the usual; ``intensity_s`` the carbon
    intensity of the sector over the mean of all sectors; ``e_i`` is 1, and for adopters of
    green technology ``1 - saving_s`` (``sectors.green_saving``). The rest of the world pays the
    usual price. A firm that can't produce all of its usual output loses orders besides: o_i is
    multiplied by ``1 - lost_orders (1 - output_i)``, and its competitors win them. The rest is
    delivered later. Orders here are a firm's standing, not one quarter's sales, so that what it
    loses in a quarter it has to win back: only customers who leave for good count.
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

    Sources: replicator, Fisher 1930, Metcalfe 1994; localisation as above; that crowding goes by
    density: assumption.
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
        "actors.research",
        "actors.funded",
        "conditions.energy_price",
        "places.labour_advantage",
        "places.supply_advantage",
        "regions.jobs_usual",
        "regions.wage",
        "regions.cost_level",
        "sectors.relevance",
        "sectors.carbon_intensity",
        "sectors.green_saving",
        "sectors.demand_start",
        "sectors.demand_growth",
        "sectors.demand_factor",
        "sectors.world_jobs",
        "sectors.world_log_productivity",
        "sectors.world_standing",
        "levers.access",
        "levers.crowding",
        "levers.skill",
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
        0.26,
        low=0.0,
        high=5.0,
        unit="1/year",
        meaning="Growth per year for each unit of log productivity above the market.",
        source="calibrated: sizes and deaths of firms (F4, F7, F10); 0.25 to 0.5 gave life cycles "
        "in exploratory runs",
    )
    volatility: float = parameter(
        0.22,
        low=0.0,
        high=1.9,
        unit="1/sqrt(year)",
        meaning="Standard deviation of yearly log growth of a firm with one job.",
        source="calibrated: sizes of firms (F10); order of magnitude of firm panels",
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
        0.15,
        low=0.0,
        high=1.0,
        unit="-",
        meaning="Exponent with which volatility falls with size.",
        source="calibrated: the spread of growth by size (F6: 0.09 to 0.20)",
    )
    congestion: float = parameter(
        0.06,
        low=0.0,
        high=2.0,
        unit="ln",
        meaning="Loss of log productivity where jobs are e times as dense as usual.",
        source="calibrated with `labour.matching_gain`: elasticity of productivity to own-sector "
        "jobs (F23), which it lowers; 0.05 to 0.14 gave life cycles in exploratory runs",
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
        0.1,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of what a firm can't deliver whose customers go to others for good.",
        source="assumption: most wait, or come back; at 0.25 an industry that stands still for "
        "some quarters would hardly return; industry was back a year after April 2020 (Eurostat)",
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
    research_pressure: float = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="-",
        meaning="What R&D above the mean, as a share of revenue, takes from growth.",
        source="derived: R&D is a cost, and the others are counted by their share too",
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
        self._set_orders(world, draws, self._set_means(world))

    def _set_productivity(self, world: World) -> None:
        actors, places = world.actors, world.places
        advantage = np.zeros((world.n_regions, world.n_sectors, world.n_fields))
        _advantages(
            actors.alive,
            actors.kind,
            actors.region,
            actors.sector,
            actors.niche,
            actors.size,
            world.regions.jobs_usual,
            world.levers.crowding,
            places.labour_advantage,
            places.supply_advantage,
            world.employment_scale / self.industries,
            self.numbers,
            advantage,
        )
        spread(
            _log_productivity,
            actors.n_rows,
            actors.alive,
            actors.kind,
            actors.region,
            actors.sector,
            actors.niche,
            actors.knowledge,
            world.sectors.relevance,
            advantage,
            world.levers.skill,
            actors.log_productivity,
        )

    def _set_means(self, world: World) -> Floats:
        """Set the means of the market; return mean own R&D by sector, share, shape (S,)."""
        actors, sectors = world.actors, world.sectors
        mean_research = np.zeros(world.n_sectors)
        _set_means(
            actors.alive,
            actors.kind,
            actors.sector,
            actors.size,
            actors.research,
            actors.funded,
            actors.log_productivity,
            sectors.world_jobs,
            sectors.world_standing,
            sectors.world_log_productivity,
            sectors.home_log_productivity,
            sectors.mean_log_productivity,
            mean_research,
        )
        return mean_research

    def _set_orders(self, world: World, draws: Draws, mean_research: Floats) -> None:
        sectors, actors, regions = world.sectors, world.actors, world.regions
        price, energy = log(float(world.conditions.energy_price[0])), np.zeros(world.n_sectors)
        if price != 0.0:
            energy = self.energy_pressure * price * relative_intensity(sectors)
        spread(
            _grow,
            actors.n_rows,
            draws.stream("market.grow"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.region,
            actors.sector,
            actors.size,
            actors.output,
            actors.green,
            actors.research,
            actors.funded,
            world.levers.access,
            actors.log_productivity,
            sectors.mean_log_productivity,
            mean_research,
            regions.wage,
            regions.cost_level,
            energy,
            sectors.green_saving,
            self.spread,
            self.numbers,
            actors.orders,
        )
        _share_out(
            actors.alive,
            actors.kind,
            actors.sector,
            sectors.demand_start,
            sectors.demand_growth,
            sectors.demand_factor,
            world.clock.time,
            sectors.mean_log_productivity,
            sectors.world_log_productivity,
            self.selection * DT,
            actors.orders,
            sectors.world_jobs,
        )


def localisation(niche_jobs: Floats) -> Floats:
    """Return the gain in log productivity from real jobs in the own niche, any shape.

    ``max(0.0440 ln(1 + E) - 6.14e-4 E**0.712, 0)`` (Martin, Mayer & Mayneris 2011: +25 % at 650
    jobs, nothing left above 9,000; the curve is not followed below zero, where the source is
    silent).
    """
    flat = np.ascontiguousarray(niche_jobs, dtype=np.float64).reshape(-1)
    gains = np.empty_like(flat)
    _localisations(flat, 1.0, 1.0, gains)
    return gains.reshape(np.shape(niche_jobs))[()]


@kernel
def _localisations(niche_jobs: Any, real: Any, factor: Any, out: Any) -> None:
    for c in range(out.size):
        jobs = niche_jobs[c] * real
        gain = 0.0440 * log1p(jobs) - 6.14e-4 * power(jobs, 0.712)
        out[c] = factor * max(gain, 0.0)


@kernel
def _advantages(
    alive: Any,
    kind: Any,
    region: Any,
    sector: Any,
    niche: Any,
    size: Any,
    jobs_usual: Any,
    crowding: Any,
    labour: Any,
    supply: Any,
    real: Any,
    numbers: Any,
    out: Any,
) -> None:
    """Add up what place and niche add to log productivity, shape (R, S, M)."""
    n_regions, n_sectors, n_fields = out.shape
    niche_jobs = np.zeros(out.shape)
    for i in range(alive.size):
        if is_firm(alive, kind, i):
            niche_jobs[region[i], sector[i], niche[i]] += size[i]
    region_jobs = row_sums(niche_jobs.reshape(n_regions, n_sectors * n_fields))
    if numbers.externalities:
        _localisations(niche_jobs.reshape(-1), real, numbers.localisation, out.reshape(-1))
    for r in range(n_regions):
        density = region_jobs[r] / max(jobs_usual[r], 1.0)
        crowded = numbers.congestion * (log(density) if density > 0.0 else 0.0)
        if crowded > 0.0:
            crowded *= crowding[r]
        for s in range(n_sectors):
            near = labour[r, s] + supply[r, s] if numbers.externalities else 0.0
            for m in range(n_fields):
                out[r, s, m] = out[r, s, m] + near - crowded


@kernel
def _log_productivity(
    first_row: Any,
    last_row: Any,
    alive: Any,
    kind: Any,
    region: Any,
    sector: Any,
    niche: Any,
    knowledge: Any,
    relevance: Any,
    advantage: Any,
    skill: Any,
    out: Any,
) -> None:
    fit = np.ones(last_row - first_row)
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i):
            fit[i - first_row] = max(dot(relevance, sector[i], knowledge, i), LEAST_FIT)
    for k in range(fit.size):  # nothing else in this loop: several firms are done at a time
        fit[k] = log(fit[k])
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i):
            out[i] = fit[i - first_row] + advantage[region[i], sector[i], niche[i]] + skill[i]


@kernel
def _set_means(
    alive: Any,
    kind: Any,
    sector: Any,
    size: Any,
    research: Any,
    funded: Any,
    log_productivity: Any,
    world_jobs: Any,
    world_standing: Any,
    world_log_productivity: Any,
    home: Any,
    mean: Any,
    mean_research: Any,
) -> None:
    """Set the means of home and of the whole market; in the first quarter, the world's standing."""
    total = np.zeros(mean.size)
    jobs = np.zeros(mean.size)
    for i in range(alive.size):
        if is_firm(alive, kind, i):
            jobs[sector[i]] += size[i]
            total[sector[i]] += size[i] * log_productivity[i]
            mean_research[sector[i]] += size[i] * own_research(research[i], funded[i])
    for s in range(mean.size):
        mean_research[s] /= max(jobs[s], 1e-12)
        home[s] = total[s] / jobs[s] if jobs[s] > 0.0 else 0.0
        if np.isnan(world_standing[s]):
            world_standing[s] = home[s] - world_log_productivity[s]
            world_log_productivity[s] = home[s]
        everybody = max(jobs[s] + world_jobs[s], 1e-12)
        mean[s] = (total[s] + world_jobs[s] * world_log_productivity[s]) / everybody


@kernel
def _grow(
    first_row: Any,
    last_row: Any,
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    region: Any,
    sector: Any,
    size: Any,
    output: Any,
    green: Any,
    research: Any,
    funded: Any,
    access: Any,
    log_productivity: Any,
    mean: Any,
    mean_research: Any,
    wage: Any,
    cost_level: Any,
    energy: Any,
    saving: Any,
    shock_scale: Any,
    numbers: Any,
    orders: Any,
) -> None:
    """Set the orders before they are scaled."""
    key = key_of(stream)
    chance = -expm1(-numbers.shock_rate * DT)
    dear = np.empty(wage.size)
    for r in range(dear.size):
        dear[r] = numbers.wage_pressure * log(wage[r] / (WAGE * cost_level[r]))
    growths = np.zeros(last_row - first_row)
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i):
            lead = log_productivity[i] - mean[sector[i]] - dear[region[i]]
            lead -= energy[sector[i]] * (1.0 - saving[sector[i]] if green[i] else 1.0)
            own = own_research(research[i], funded[i])
            lead -= numbers.research_pressure * (own - mean_research[sector[i]])
            growths[i - first_row] = lead + access[i]
    for k in range(growths.size):  # nothing else in this loop: several firms are done at a time
        growths[k] = exp(numbers.selection * DT * growths[k])
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i):
            growth = growths[i - first_row]
            happens, luck, _, _ = draw(key, ids[i], 0, 0)
            if happens < chance:
                scale = shock_scale * power(max(size[i], 1.0), -numbers.volatility_slope)
                side = 2.0 * luck - 1.0
                shock = -scale * log(max(1.0 - abs(side), 1e-15))
                growth *= exp(shock if side > 0.0 else -shock)
                growth *= 1.0 - scale * scale  # 1 / E[exp(shock)]
            growth *= 1.0 - numbers.lost_orders * (1.0 - output[i])
            orders[i] = size[i] * growth


@kernel
def _share_out(
    alive: Any,
    kind: Any,
    sector: Any,
    demand_start: Any,
    demand_growth: Any,
    demand_factor: Any,
    time: Any,
    mean: Any,
    world_log_productivity: Any,
    selection: Any,
    orders: Any,
    world_jobs: Any,
) -> None:
    """Scale the orders of home and of the rest of the world, so that they add up to demand."""
    total = np.zeros(mean.size)
    for i in range(alive.size):
        if is_firm(alive, kind, i):
            total[sector[i]] += orders[i]
    scale = np.empty(total.size)
    for s in range(total.size):
        demand = demand_start[s] * exp(demand_growth[s] * time) * demand_factor[s]
        world_orders = world_jobs[s] * exp(selection * (world_log_productivity[s] - mean[s]))
        scale[s] = demand / max(total[s] + world_orders, 1e-12)
        world_jobs[s] = world_orders * scale[s]
    for i in range(alive.size):
        if is_firm(alive, kind, i):
            orders[i] *= scale[sector[i]]
