"""Mechanism 1: what befalls the economy from outside, as the scenario sets it."""

from __future__ import annotations

from math import fsum
from typing import ClassVar, final

import numpy as np
from pydantic import Field

from clustersim.mechanisms.base import Mechanism
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
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
from clustersim.world.types import Ids
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

USUAL_WIDTH = 3.0
"""Years of width of a new paradigm where a shock names none, as in `ParadigmSpec`."""


@final
class Shocks(Mechanism):
    """Demand, supply, pandemics, prices, technology, talent and credit, as scheduled or at random.

    *Conditions* are set anew in each quarter, as products over the shocks that have struck, each a
    loss that fades: ``left(t) = exp(-max(t - year - length, 0) / recovery)``::

        demand_factor_s = prod (1 - depth left(t))        demand, pandemic (share `demand`)
        output_rs       = prod (1 - depth left(t))        supply_outage, pandemic (share `supply`)
        travel          = prod (1 - travel)               pandemic, while t - year < length
        energy_price    = prod (1 + (factor - 1) (lasting + (1 - lasting) left(t)))
        credit          = prod (1 - depth left(t))        credit_crunch

    *Blows* fall once, in the quarter that holds the year: of an anchor exit the firm with the most
    jobs in the place leaves, its workers become unemployed, its ties end; of a talent loss (and a
    pandemic) ``skill_rs <- skill_rs (1 - depth)`` and the knowledge of the firms there
    ``k <- k (1 - tacit)``; of a technology a paradigm of the sector begins to come and is half-way
    after 3 widths. Blows of one quarter fall in the order of the list.

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
        "sectors.paradigm_weights",
        "sectors.paradigm_year",
        "sectors.paradigm_width",
        "sectors.has_paradigm",
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

    events: tuple[Shock, ...] = Field(
        default=(), description="The shocks; a scenario file lists them under `shocks:`."
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Set the conditions of the quarter, and let the blows fall whose time has come."""
        world.sectors.demand_factor[:] = 1.0
        for values in vars(world.conditions).values():
            values[:] = 1.0
        clock = world.clock
        times = strikes(self.events, draws, clock.start_year, clock.step)
        for shock, years in zip(self.events, times, strict=True):
            for year in years:
                if clock.year >= year:
                    _burden(world, shock, clock.year - year)
                if clock.year <= year < clock.year + DT:
                    _strike(world, shock, year)


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
            demand *= 1.0 - shock.demand * left
            conditions.output *= 1.0 - shock.supply * left
            if time < shock.length:
                conditions.travel *= 1.0 - shock.travel
        case EnergyPrice():
            left = shock.lasting + (1.0 - shock.lasting) * fading(time, shock.recovery)
            conditions.energy_price *= 1.0 + (shock.factor - 1.0) * left
        case CreditCrunch():
            conditions.credit *= 1.0 - shock.depth * fading(time, shock.recovery)
        case _:
            pass


def _strike(world: World, shock: Shock, year: float) -> None:
    """Let a blow fall."""
    match shock:
        case AnchorExit():
            rows = _firms(world, shock.region, shock.sector)
            if rows.size:
                world.dismiss_firms(rows[[np.argmax(world.actors.size[rows])]])
        case Pandemic():
            world.places.skill *= 1.0 - shock.skill
        case TalentLoss():
            world.places.skill[_place(world, shock.region, shock.sector)] *= 1.0 - shock.depth
            rows = _firms(world, shock.region, shock.sector)
            world.actors.knowledge[rows] *= 1.0 - shock.tacit
        case Technology():
            s = world.sectors.names.index(shock.sector)
            if shock.weights is None:
                _bring_forward(world.sectors, s, year, shock.width)
            else:
                weights = np.zeros(world.n_fields)
                total = fsum(shock.weights.values())
                for name, weight in shock.weights.items():
                    weights[world.fields.names.index(name)] = weight / total
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


def _firms(world: World, region: str, sector: str | None) -> Ids:
    """Return the rows of the firms of a region, in one sector or all."""
    actors = world.actors
    here = actors.alive & (actors.kind == Kind.FIRM)
    here &= actors.region == world.regions.names.index(region)
    if sector is not None:
        here &= actors.sector == world.sectors.names.index(sector)
    return np.flatnonzero(here)


def _bring_forward(sectors: Sectors, s: int, year: float, width: float | None) -> None:
    """Let the next paradigm of a sector begin; where none is to come nothing happens."""
    years, widths = sectors.paradigm_year[s], sectors.paradigm_width[s]
    for p in range(1, years.size):
        if sectors.has_paradigm[s, p] and years[p] - BEFORE_HALF * widths[p] > year:
            own = widths[p] if width is None else width
            # Not before the one that it follows, and never later than it would have come.
            years[p] = min(max(year + BEFORE_HALF * own, years[p - 1]), years[p])
            widths[p] = own
            return


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
