"""The quarter of the economy: shocks, the frontier, labour, the market, finance."""

from __future__ import annotations

from math import exp, expm1, isnan, log, sqrt
from typing import TYPE_CHECKING

from clustersim.mechanisms.finance import Finance
from clustersim.mechanisms.frontier import LEAST_OVERLAP, Frontier
from clustersim.mechanisms.labour import WAGE_CURVE, Labour
from clustersim.mechanisms.market import Market
from clustersim.mechanisms.shocks import AnchorExit, DemandShock, Shocks
from clustersim.world.economy import WAGE
from clustersim.world.world import DT

if TYPE_CHECKING:
    from tests.reference.firm import FirmAgent
    from tests.reference.state import Sector
    from tests.reference.twin import TwinModel

PlaceKey = tuple[int, int]


def shocks(model: TwinModel, p: Shocks) -> None:
    """Set the demand factors, and close the anchors whose quarter has come."""
    for sector in model.sectors:
        sector.demand_factor = 1.0
        for shock in p.events:
            if isinstance(shock, DemandShock) and shock.sector in {None, sector.name}:
                sector.demand_factor *= remaining_demand(shock, model.year)
    for shock in p.events:
        if isinstance(shock, AnchorExit) and model.year <= shock.year < model.year + DT:
            firms = [
                firm
                for firm in model.firms
                if model.regions[firm.region].name == shock.region
                and firm.market.name == shock.sector
            ]
            if firms:
                max(firms, key=lambda firm: firm.size).leave()
                model.end_ties_of_the_gone()


def remaining_demand(shock: DemandShock, year: float) -> float:
    """Return the factor that a shock puts on demand in a calendar year."""
    if year < shock.year:
        return 1.0
    return 1.0 - shock.depth * exp(-(year - shock.year) / shock.recovery)


def frontier(model: TwinModel, p: Frontier) -> None:
    """Move relevance and the rest of the world; everybody's knowledge becomes older."""
    for sector in model.sectors:
        if p.paradigms:
            sector.relevance = sector.relevance_in(model.year)
            before = sector.relevance_in(model.year - p.world_lag)
        else:
            before = sector.relevance
        behind = sector.home_log_productivity - sector.world_standing
        if behind > 0.0:
            sector.world_standing += -expm1(-p.world_imitation * DT) * behind
        known = sum(min(now, then) for now, then in zip(sector.relevance, before, strict=True))
        standing = 0.0 if isnan(sector.world_standing) else sector.world_standing
        sector.world_log_productivity = log(max(known, LEAST_OVERLAP)) + standing
    model.agents.do("fade", exp(-p.obsolescence * DT))


def labour(model: TwinModel, p: Labour) -> None:
    """Dismiss, match, retrain, migrate, and set wages and the advantage of thick pools."""
    vacancies = dict.fromkeys(model.places, 0.0)
    model.firms.do("announce", vacancies)
    filled = dict.fromkeys(model.places, 0.0)
    left = dict.fromkeys(model.places, 0.0)
    for key, place in model.places.items():
        u, v = place.unemployed, vacancies[key]
        hires = min(p.efficiency * sqrt(u * v), u, v)
        filled[key] = hires / v if v > 0.0 else 0.0
        left[key] = v - hires
        place.unemployed -= hires
    model.firms.do("hire", filled)
    jobs = model.jobs()
    for r in range(len(model.regions)):
        in_region = [(r, s) for s in range(len(model.sectors))]
        move_unemployed(model, in_region, jobs, -expm1(-p.retraining * DT))
    for s in range(len(model.sectors)):
        in_sector = [(r, s) for r in range(len(model.regions))]
        move_unemployed(model, in_sector, left, -expm1(-p.migration * DT))
    set_wages(model, p, jobs)
    for key, place in model.places.items():
        pool = (place.unemployed + jobs[key]) * model.employment_scale
        place.labour_advantage = p.matching_gain * log(1.0 + pool / p.pool_reference)


def move_unemployed(
    model: TwinModel, keys: list[PlaceKey], attraction: dict[PlaceKey, float], share: float
) -> None:
    """Let a share of the unemployed of some places spread over them by their attraction."""
    total = sum(attraction[key] for key in keys)
    if total <= 0.0:
        return
    moving = sum(model.places[key].unemployed for key in keys) * share
    for key in keys:
        place = model.places[key]
        place.unemployed += moving * attraction[key] / total - share * place.unemployed


def set_wages(model: TwinModel, p: Labour, jobs: dict[PlaceKey, float]) -> None:
    """Let wages follow the wage curve."""
    for r, region in enumerate(model.regions):
        keys = [(r, s) for s in range(len(model.sectors))]
        unemployed = sum(model.places[key].unemployed for key in keys)
        people = unemployed + sum(jobs[key] for key in keys)
        rate = unemployed / people if people > 0.0 else 0.0
        relative = min(max(rate / p.reference_unemployment, WAGE_CURVE[0]), WAGE_CURVE[1])
        region.wage = WAGE * region.cost_level * relative**-p.wage_elasticity


def market(model: TwinModel, p: Market) -> None:
    """Set productivity and means, then share out demand between home and the rest of the world."""
    set_productivity(model, p)
    for sector, firms in zip(model.sectors, model.firms_by_sector(), strict=True):
        set_mean(sector, firms)
        for firm in firms:
            firm.receive_orders(p)
        lead = sector.world_log_productivity - sector.mean_log_productivity
        world_orders = sector.world_jobs * exp(p.selection * lead * DT)
        growth = exp(sector.demand_growth * model.quarter * DT)
        demand = sector.demand_start * growth * sector.demand_factor
        everything = sum(firm.orders for firm in firms) + world_orders
        scale = demand / max(everything, 1e-12)
        for firm in firms:
            firm.orders *= scale
        sector.world_jobs = world_orders * scale


def set_productivity(model: TwinModel, p: Market) -> None:
    """Set the productivity of all firms."""
    niche_jobs: dict[tuple[int, int, int], float] = {}
    region_jobs = [0.0] * len(model.regions)
    for firm in model.firms:
        niche = (firm.region, firm.sector, firm.niche)
        niche_jobs[niche] = niche_jobs.get(niche, 0.0) + firm.size
        region_jobs[firm.region] += firm.size
    crowding = [
        log(jobs / max(region.jobs_start, 1.0)) if jobs > 0.0 else 0.0
        for jobs, region in zip(region_jobs, model.regions, strict=True)
    ]
    model.firms.do("set_productivity", niche_jobs, crowding, p)


def set_mean(sector: Sector, firms: list[FirmAgent]) -> None:
    """Set the mean productivity of a market, at first with the rest of the world level."""
    jobs = sum(firm.size for firm in firms)
    total = sum(firm.size * firm.log_productivity for firm in firms)
    home = total / jobs if jobs > 0.0 else 0.0
    sector.home_log_productivity = home
    if isnan(sector.world_standing):
        sector.world_standing = home - sector.world_log_productivity
        sector.world_log_productivity = home
    total += sector.world_jobs * sector.world_log_productivity
    sector.mean_log_productivity = total / max(jobs + sector.world_jobs, 1e-12)


def finance(model: TwinModel, p: Finance) -> None:
    """Book the quarter of every firm."""
    model.firms.do("book", p)
