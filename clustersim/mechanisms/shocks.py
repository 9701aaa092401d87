"""Mechanism 1: what befalls the economy from outside, as the scenario sets it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import ClassVar, final

import numpy as np
from pydantic import Field

from clustersim.mechanisms.base import Mechanism
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws, name_key
from clustersim.world.economy import later_relevance
from clustersim.world.shock import (
    BEFORE_HALF,
    AnchorExit,
    CreditCrunch,
    DemandShock,
    EnergyPrice,
    Pandemic,
    Shock,
    SupplyOutage,
    TalentLoss,
    Technology,
    fading,
    strikes,
)
from clustersim.world.types import Floats, Ids
from clustersim.world.world import DT, Sectors, World

__all__ = [
    "AnchorExit",
    "CreditCrunch",
    "DemandShock",
    "EnergyPrice",
    "Pandemic",
    "Shock",
    "Shocks",
    "SupplyOutage",
    "TalentLoss",
    "Technology",
]

MOST_LOST = 0.99
"""Share of demand or capacity of a sector that a pandemic takes at most."""
USUAL_WIDTH = 3.0
"""Years of width of a new paradigm where a shock names none, as in `ParadigmSpec`."""


@final
class Shocks(Mechanism):
    """Demand, supply, pandemics, prices, technology, talent and credit, as scheduled or at random.

    *Conditions* are set anew in each quarter, as products over the shocks that have struck, each a
    loss that fades: ``left(t) = exp(-max(t - year - length, 0) / recovery)``, with a `length` of 0
    for all but supply outages::

        demand_factor_s = prod (1 - depth left(t))        demand, pandemic (`demand`, by sector)
        output_rs       = prod (1 - depth left(t))        supply_outage, pandemic (`supply`)
        travel          = prod (1 - travel)               pandemic, while t - year < length
        energy_price    = prod (1 + (factor - 1) (lasting + (1 - lasting) left(t)))
        credit          = prod (1 - depth left(t))        credit_crunch

    *Blows* fall once, in the quarter that holds the year: of an anchor exit the firm with the most
    jobs in the place leaves, its workers become unemployed, its ties end; of a talent loss
    ``skill_rs <- skill_rs (1 - depth)`` and the knowledge of the firms there ``k <- k (1 -
    tacit)``, and the share `leave` of the people there looks for work in other regions; of a
    pandemic skill is lost and people leave in the same way; of a technology a paradigm of the
    sector begins to come and is half-way after 3 widths. Blows of one quarter fall in the order of
    the list.

    Without an effect on output, travel, price, skill or credit, these are exactly 1. A shock with a
    `rate` strikes in a quarter with chance ``1 - exp(-rate dt)``, by luck of its own.

    A shock before the first or after the last quarter of a run has no effect; scenario files that
    set one are refused when they are read. What each kind is, and its sources, stand with the kinds
    in `clustersim.world.shock`.
    """

    name: ClassVar[str] = "shocks"
    reads: ClassVar[tuple[str, ...]] = (
        "actors",
        "ties",
        "projects",
        "places.unemployed",
        "places.skill",
        "flows",
        "sectors.demand_start",
        "sectors.export_share",
        "sectors.paradigm_weights",
        "sectors.paradigm_year",
        "sectors.paradigm_width",
        "sectors.has_paradigm",
        "fields.digital",
        "fields.green",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "conditions",
        "sectors.demand_factor",
        "sectors.paradigm_weights",
        "sectors.paradigm_year",
        "sectors.paradigm_width",
        "sectors.has_paradigm",
        "actors",
        "ties",
        "projects",
        "places.unemployed",
        "places.skill",
        "flows",
    )

    sections: ClassVar[Mapping[str, str]] = {"events": "shocks"}

    events: tuple[Shock, ...] = Field(
        default=(), description="The shocks; a scenario file lists them under `shocks:`."
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Set the conditions of the quarter, and let the blows fall whose time has come."""
        world.sectors.demand_factor[:] = 1.0
        for values in vars(world.conditions).values():
            values[:] = 1.0
        if not self.events:
            return
        clock = world.clock
        times = strikes(self.events, draws, clock.start_year, clock.step)
        for shock, years in zip(self.events, times, strict=True):
            for year in years:
                if clock.year >= year:
                    _burden(world, shock, clock.year - year)
                if clock.year <= year < clock.year + DT:
                    _strike(world, shock, year, draws)


def _burden(world: World, shock: Shock, time: float) -> None:
    """Multiply the conditions by what is left of a shock after some years."""
    conditions, demand = world.conditions, world.sectors.demand_factor
    match shock:
        case DemandShock():
            demand[_one(world.sectors.names, shock.sector)] *= 1.0 - shock.depth * fading(
                time, shock.recovery
            )
        case SupplyOutage():
            left = fading(time, shock.recovery, shock.length)
            conditions.output[_place(world, shock.region, shock.sector)] *= 1.0 - shock.depth * left
        case Pandemic():
            left = fading(time, shock.recovery)
            severity, exposure = _severity(world, shock), _exposure(world, shock)
            demand *= 1.0 - np.minimum(shock.demand * severity * exposure, MOST_LOST) * left
            conditions.output *= 1.0 - np.minimum(shock.supply * severity, MOST_LOST) * left
            if time < shock.length:
                conditions.travel *= 1.0 - shock.travel
        case EnergyPrice():
            left = shock.lasting + (1.0 - shock.lasting) * fading(time, shock.recovery)
            conditions.energy_price *= 1.0 + (shock.factor - 1.0) * left
        case CreditCrunch():
            conditions.credit *= 1.0 - shock.depth * fading(time, shock.recovery)
        case _:
            pass


def _strike(world: World, shock: Shock, year: float, draws: Draws) -> None:
    """Let a blow fall."""
    match shock:
        case AnchorExit():
            rows = _firms(world, shock.region, shock.sector)
            if rows.size:
                world.dismiss_firms(rows[[np.argmax(world.actors.size[rows])]])
        case Pandemic():
            for region in shock.hardest or (None,):
                world.places.skill[_place(world, region, None)] *= 1.0 - shock.skill
            if shock.hardest:
                _emigrate(world, shock.hardest, None, shock.leave)
        case TalentLoss():
            world.places.skill[_place(world, shock.region, shock.sector)] *= 1.0 - shock.depth
            rows = _firms(world, shock.region, shock.sector)
            world.actors.knowledge[rows] *= 1.0 - shock.tacit
            _emigrate(world, (shock.region,), shock.sector, shock.leave)
        case Technology():
            s = world.sectors.names.index(shock.sector)
            if shock.weights is None and _bring_forward(world.sectors, s, year, shock.width):
                return
            weights = _weights(world, s, shock, draws)
            _insert(world.sectors, s, weights, year, shock.width or USUAL_WIDTH)
        case _:
            pass


def _one(names: tuple[str, ...], name: str | None) -> slice:
    """Return what picks a name, or all of them."""
    if name is None:
        return slice(None)
    at = names.index(name)
    return slice(at, at + 1)


def _place(world: World, region: str | None, sector: str | None) -> tuple[slice, slice]:
    return _one(world.regions.names, region), _one(world.sectors.names, sector)


def _severity(world: World, shock: Pandemic) -> Floats:
    """Return how hard a pandemic hits each sector, shape (S,)."""
    return np.array([shock.severity.get(name, 1.0) for name in world.sectors.names])


def _exposure(world: World, shock: Pandemic) -> Floats:
    """Return what each sector loses by its exports over what all lose on average, shape (S,)."""
    share, demand = world.sectors.export_share, world.sectors.demand_start
    total = fsum(demand)
    mean = fsum(share * demand) / total if total > 0.0 else 0.0
    exposure: Floats = (1.0 + shock.exports * share) / (1.0 + shock.exports * mean)
    return exposure


def _emigrate(world: World, regions: Sequence[str], sector: str | None, share: float) -> None:
    """Let a share of the people of some regions look for work in the same sector elsewhere."""
    if share == 0.0:
        return
    actors, unemployed = world.actors, world.places.unemployed
    left = np.array([name in regions for name in world.regions.names])
    firms = actors.rows(Kind.FIRM)
    place = actors.region[firms], actors.sector[firms]
    wanted = np.zeros_like(unemployed)
    np.add.at(wanted, place, np.maximum(actors.size[firms], actors.orders[firms]))
    wanted[left] = 0.0
    total = wanted.sum(axis=0)
    goes = (total > 0.0) & np.array([sector in (None, name) for name in world.sectors.names])
    people = (unemployed + world.jobs())[left].sum(axis=0) * share
    unemployed[np.ix_(left, goes)] *= 1.0 - share
    unemployed[:, goes] += wanted[:, goes] / total[goes] * people[goes]
    actors.size[firms[left[place[0]] & goes[place[1]]]] *= 1.0 - share


def _firms(world: World, region: str, sector: str | None) -> Ids:
    """Return the rows of the firms of a region, in one sector or all."""
    actors = world.actors
    here = actors.alive & (actors.kind == Kind.FIRM)
    here &= actors.region == world.regions.names.index(region)
    if sector is not None:
        here &= actors.sector == world.sectors.names.index(sector)
    return np.flatnonzero(here)


def _weights(world: World, s: int, shock: Technology, draws: Draws) -> Floats:
    """Return the relevance of the fields under a new paradigm of a sector, shape (M,)."""
    sectors, fields = world.sectors, world.fields
    if shock.weights is None:
        count = int(sectors.has_paradigm[s].sum())
        # The same paradigm whenever it comes: luck of the sector and its number, not of the step.
        key = np.array([name_key(sectors.names[s], str(count))])
        lanes = Draws(draws.seed).uniforms("shocks.paradigm", key, world.n_fields)[0]
        known = sectors.paradigm_weights[s, count - 1]
        return later_relevance(known, lanes, fields.digital | fields.green)
    weights = np.zeros(world.n_fields)
    total = fsum(shock.weights.values())
    for name, weight in shock.weights.items():
        weights[fields.names.index(name)] = weight / total
    return weights


def _bring_forward(sectors: Sectors, s: int, year: float, width: float | None) -> bool:
    """Let the next paradigm of a sector begin; return whether there was one still to come."""
    years, widths = sectors.paradigm_year[s], sectors.paradigm_width[s]
    for p in range(1, years.size):
        if sectors.has_paradigm[s, p] and years[p] - BEFORE_HALF * widths[p] > year:
            own = widths[p] if width is None else width
            # Not before the one that it follows, and never later than it would have come.
            years[p] = min(max(year + BEFORE_HALF * own, years[p - 1]), years[p])
            widths[p] = own
            return True
    return False


def _insert(sectors: Sectors, s: int, weights: np.ndarray, year: float, width: float) -> None:
    """Add a paradigm to a sector in the order of years; the arrays grow where there is no room."""
    if sectors.has_paradigm[s, -1]:
        last = sectors.paradigm_weights[:, -1:]
        sectors.paradigm_weights = np.concatenate([sectors.paradigm_weights, last], axis=1)
        for name, fill in (("year", np.inf), ("width", 1.0)):
            more = np.full((len(sectors.names), 1), fill)
            held = getattr(sectors, f"paradigm_{name}")
            setattr(sectors, f"paradigm_{name}", np.concatenate([held, more], axis=1))
        none = np.zeros((len(sectors.names), 1), dtype=np.bool_)
        sectors.has_paradigm = np.concatenate([sectors.has_paradigm, none], axis=1)
    half = year + BEFORE_HALF * width
    count = int(sectors.has_paradigm[s].sum())
    at = int((sectors.paradigm_year[s, :count] <= half).sum())
    for array in (sectors.paradigm_weights[s], sectors.paradigm_year[s], sectors.paradigm_width[s]):
        array[at + 1 : count + 1] = array[at:count].copy()
    sectors.paradigm_weights[s, at] = weights
    sectors.paradigm_year[s, at] = half
    sectors.paradigm_width[s, at] = width
    sectors.has_paradigm[s, : count + 1] = True
    sectors.paradigm_weights[s, count + 1 :] = sectors.paradigm_weights[s, count]
