"""What shocks are, in words, and when those of a scenario strike."""

from __future__ import annotations

from clustersim.scenario.schema import QUARTERS_PER_YEAR, Scenario
from clustersim.world.draws import Draws
from clustersim.world.shock import (
    AnchorExit,
    CreditCrunch,
    DemandShock,
    EnergyPrice,
    Pandemic,
    Shock,
    SupplyOutage,
    TalentLoss,
    Technology,
    strikes,
)


def strike_years(scenario: Scenario) -> list[list[float]]:
    """Return the calendar years in which each shock of a scenario strikes.

    Parameters
    ----------
    scenario : Scenario
        The scenario; its seed decides on the times of shocks with a rate.

    Returns
    -------
    list of list of float
        One list for each shock, empty where it never strikes.
    """
    last = round(scenario.years * QUARTERS_PER_YEAR) - 1
    return strikes(scenario.shocks, Draws(scenario.seed), scenario.world.start_year, last)


def label(shock: Shock) -> str:  # noqa: PLR0911  # one for each kind
    """Return in a few words what a shock is, for a key or a row of a table."""
    match shock:
        case DemandShock():
            return f"demand for {shock.sector or 'everything'} falls by {shock.depth:.0%}"
        case SupplyOutage():
            return f"outage of {shock.depth:.0%}: {_where(shock.sector, shock.region)}"
        case Pandemic():
            return "pandemic"
        case EnergyPrice():
            return f"energy and carbon at {shock.factor:g} times the price"
        case Technology():
            return f"new technology: {shock.sector}"
        case AnchorExit():
            return f"largest firm closes: {shock.sector}, {shock.region}"
        case TalentLoss():
            return f"{shock.depth:.0%} of skill lost: {_where(shock.sector, shock.region)}"
        case CreditCrunch():
            return f"credit falls by {shock.depth:.0%}"


def sentence(shock: Shock) -> str:
    """Return in one sentence when a shock strikes and what it does."""
    if shock.year is None:
        return f"At random, {shock.rate:g} times a year, {_what(shock)}."
    return f"In {shock.year:g} {_what(shock)}."


def _what(shock: Shock) -> str:  # noqa: PLR0911  # one for each kind
    match shock:
        case DemandShock():
            where = f"for {shock.sector}" if shock.sector else "in all sectors"
            return f"demand {where} falls by {shock.depth:.0%} and recovers with a {_time(shock)}"
        case SupplyOutage():
            return (
                f"{_where(shock.sector, shock.region)} cannot use {shock.depth:.0%} of capacity "
                f"for {shock.length:g} years, which recovers with a {_time(shock)}"
            )
        case Pandemic():
            return (
                f"a pandemic takes {shock.demand:.0%} of demand and {shock.supply:.0%} of "
                f"capacity, which recover with a {_time(shock)}, {shock.travel:.0%} of travel "
                f"for {shock.length:g} years, and {shock.skill:.0%} of skill"
            )
        case EnergyPrice():
            return (
                f"energy and carbon cost {shock.factor:g} times as much; {shock.lasting:.0%} of "
                f"that lasts and the rest passes with a {_time(shock)}"
            )
        case Technology():
            new = "the next or a new paradigm" if shock.weights is None else "a new paradigm"
            return f"{new} of {shock.sector} begins to come"
        case AnchorExit():
            return f"the largest firm of {shock.sector} in {shock.region} closes"
        case TalentLoss():
            return (
                f"{_where(shock.sector, shock.region)} loses {shock.depth:.0%} of skill and its "
                f"firms {shock.tacit:.0%} of what they know"
            )
        case CreditCrunch():
            return f"credit falls by {shock.depth:.0%} and recovers with a {_time(shock)}"


def _time(shock: DemandShock | SupplyOutage | Pandemic | EnergyPrice | CreditCrunch) -> str:
    return f"time constant of {shock.recovery:g} years"


def _where(sector: str | None, region: str | None) -> str:
    return f"{sector or 'everything'} in {region or 'all regions'}"
