"""The quarter of the economy: shocks, the frontier, labour, the market, finance."""

from __future__ import annotations

from math import exp, expm1, hypot, inf, isnan, log, sqrt
from typing import TYPE_CHECKING

from clustersim.mechanisms.finance import Finance
from clustersim.mechanisms.frontier import LEAST_OVERLAP, Frontier
from clustersim.mechanisms.labour import LARGE, WAGE_CURVE, Labour
from clustersim.mechanisms.market import Market
from clustersim.mechanisms.shocks import Shocks
from clustersim.world.draws import name_key
from clustersim.world.economy import WAGE
from clustersim.world.shock import Shock
from clustersim.world.world import DT
from tests.reference.partner import MeetingRing
from tests.reference.state import Conditions, Paradigm, Tie

if TYPE_CHECKING:
    from tests.reference.firm import FirmAgent
    from tests.reference.state import Sector
    from tests.reference.twin import TwinModel

PlaceKey = tuple[int, int]


def shocks(model: TwinModel, p: Shocks) -> None:
    """Set what the shocks so far make of the quarter, and let the blows of the quarter fall."""
    for sector in model.sectors:
        sector.demand_factor = 1.0
    model.conditions = Conditions(output=dict.fromkeys(model.places, 1.0))
    seen: dict[int, int] = {}
    for number, shock in enumerate(p.events):
        names = (getattr(shock, "region", None) or "", getattr(shock, "sector", None) or "")
        key = name_key(shock.kind, *names)
        ordinal = seen.get(key, 0)
        seen[key] = ordinal + 1
        past = model.struck.setdefault(number, [])
        if shock.rate is not None:
            struck = model.luck.one("shocks.strike", key, ordinal) < -expm1(-shock.rate * DT)
            now = [model.year] if struck else []
        else:
            now = [shock.year] if model.year <= shock.year < model.year + DT else []
        if shock.enabled:
            past.extend(now)
            for year in past:
                if model.year >= year:
                    burden(model, shock, model.year - year)
            for year in now:
                blow(model, shock, year)


def left_of(shock: Shock, years: float) -> float:
    """Return the share of a loss that is left."""
    length = shock.length if shock.kind == "supply_outage" else 0.0
    return exp(-max(years - length, 0.0) / shock.recovery)


def struck_places(model: TwinModel, shock: Shock) -> list[PlaceKey]:
    """Return the places of the region and sector of a shock; all where it names none."""
    region, sector = getattr(shock, "region", None), getattr(shock, "sector", None)
    return [
        (r, s)
        for r, s in model.places
        if region in {None, model.regions[r].name} and sector in {None, model.sectors[s].name}
    ]


def burden(model: TwinModel, shock: Shock, years: float) -> None:
    """Let a shock that struck some years ago weigh on the quarter."""
    now = model.conditions
    places = struck_places(model, shock)
    if shock.kind == "demand":
        for s in sorted({s for _, s in places}):
            model.sectors[s].demand_factor *= 1.0 - shock.depth * left_of(shock, years)
    elif shock.kind == "supply_outage":
        for key in places:
            now.output[key] *= 1.0 - shock.depth * left_of(shock, years)
    elif shock.kind == "pandemic":
        world_demand = sum(sector.demand_start for sector in model.sectors)
        exported = sum(sector.demand_start * sector.export_share for sector in model.sectors)
        for s, sector in enumerate(model.sectors):
            severity = shock.severity.get(sector.name, 1.0)
            exposure = 1.0 + shock.exports * sector.export_share
            exposure /= 1.0 + shock.exports * exported / world_demand
            lost = min(shock.demand * severity * exposure, 0.99)
            sector.demand_factor *= 1.0 - lost * left_of(shock, years)
            for r in range(len(model.regions)):
                lost = min(shock.supply * severity, 0.99)
                now.output[r, s] *= 1.0 - lost * left_of(shock, years)
        if years < shock.length:
            now.travel *= 1.0 - shock.travel
    elif shock.kind == "energy_price":
        stays = shock.lasting + (1.0 - shock.lasting) * left_of(shock, years)
        now.energy_price *= 1.0 + (shock.factor - 1.0) * stays
    elif shock.kind == "credit_crunch":
        now.credit *= 1.0 - shock.depth * left_of(shock, years)


def blow(model: TwinModel, shock: Shock, year: float) -> None:
    """Let the part of a shock that comes once come now."""
    places = struck_places(model, shock)
    firms = [firm for firm in model.firms if (firm.region, firm.sector) in places]
    if shock.kind == "anchor_exit" and firms:
        max(firms, key=lambda firm: firm.size).leave()
        model.end_ties_of_the_gone()
    elif shock.kind == "pandemic":
        names = shock.hardest or [region.name for region in model.regions]
        hit = [(r, s) for r, s in places if model.regions[r].name in names]
        for key in hit:
            model.places[key].skill *= 1.0 - shock.skill
        emigrate(model, hit, shock.leave)
    elif shock.kind == "talent_loss":
        for key in places:
            model.places[key].skill *= 1.0 - shock.depth
        for firm in firms:
            firm.knowledge = [k * (1.0 - shock.tacit) for k in firm.knowledge]
        emigrate(model, places, shock.leave)
    elif shock.kind == "technology":
        sector = next(sector for sector in model.sectors if sector.name == shock.sector)
        if shock.weights is None and sector.bring_forward(year, shock.width):
            return
        given = shock.weights or drawn_weights(model, sector)
        total = sum(given.values())
        weights = [given.get(name, 0.0) / total for name in model.fields.names]
        width = shock.width or 3.0
        sector.paradigms.append(Paradigm(weights, year + 3.0 * width, width))
        sector.paradigms.sort(key=lambda paradigm: paradigm.year)


def drawn_weights(model: TwinModel, sector: Sector) -> dict[str, float]:
    """Return the weights of a paradigm of which nothing is said."""
    come = [paradigm for paradigm in sector.paradigms if paradigm.year < inf]
    known = come[-1].weights
    key = name_key(sector.name, str(len(come)))
    luck = model.luck.for_ever("shocks.paradigm", key, len(known))
    fields = model.fields
    twin = [a or b for a, b in zip(fields.digital, fields.green, strict=True)]
    score = {
        name: 0.5 * w / max(known) + 0.5 * u + 0.35 * t
        for name, w, u, t in zip(fields.names, known, luck, twin, strict=True)
    }
    best = sorted(score, key=lambda name: -score[name])[:8]
    return {name: 0.72**rank for rank, name in enumerate(best)}


def emigrate(model: TwinModel, places: list[PlaceKey], share: float) -> None:
    """Let a share of the people of some places look for work in the same sector elsewhere."""
    if share == 0.0:
        return
    left = {r for r, _ in places}
    for s in sorted({s for _, s in places}):
        wanted = {r: 0.0 for r in range(len(model.regions)) if r not in left}
        for firm in model.firms:
            if firm.sector == s and firm.region in wanted:
                wanted[firm.region] += max(firm.size, firm.orders)
        total = sum(wanted.values())
        if total == 0.0:
            continue
        moving = 0.0
        for r in sorted(left):
            moving += share * model.places[r, s].unemployed
            model.places[r, s].unemployed *= 1.0 - share
        for firm in model.firms:
            if firm.sector == s and firm.region in left:
                moving += share * firm.size
                firm.size *= 1.0 - share
        for r, jobs in wanted.items():
            model.places[r, s].unemployed += moving * jobs / total


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
    """Dismiss, match, retrain, migrate, set wages and thickness, move people, train them."""
    vacancies = dict.fromkeys(model.places, 0.0)
    model.firms.do("announce", vacancies)
    filled = dict.fromkeys(model.places, 0.0)
    left = dict.fromkeys(model.places, 0.0)
    for key, place in model.places.items():
        u, v = place.unemployed, vacancies[key]
        efficiency = p.efficiency * place.skill * model.lever("matching", key)
        hires = min(efficiency * sqrt(u * v), u, v)
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
        pool = (place.unemployed + jobs[key]) * model.employment_scale * place.skill
        place.labour_advantage = p.matching_gain * log(1.0 + pool / p.pool_reference)
    if p.movers and p.job_to_job > 0.0:
        move_people(model, p)
    for place in model.places.values():
        place.skill += (1.0 - place.skill) * -expm1(-p.reskilling * DT)


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


def move_people(model: TwinModel, p: Labour) -> None:
    """Let people change firms: they bring knowledge, and tie their new firm to their old one."""
    rings: dict[tuple[str, int, int], MeetingRing] = {}
    leaving = []
    for firm in model.firms:
        if model.luck.four("labour.move", firm.identity)[3] < firm.size / LARGE:
            firm.point = model.luck.four("labour.move", firm.identity, block=1)[0]
            leaving.append(firm)
    for firm in sorted(leaving, key=lambda firm: firm.point):
        for ring in firm.rings():
            rings.setdefault(ring, MeetingRing()).append(firm)
    moves = [(firm.takes_people_from(rings, p), firm) for firm in model.firms]
    moves = [(old, new) for old, new in moves if old is not None]
    known = [new.knowledge_with_people_of(old, p) for old, new in moves]
    for (_, new), knowledge in zip(moves, known, strict=True):
        new.knowledge = knowledge
    ties = {(tie.first, tie.second): tie for tie in model.ties["mobility"]}
    for old, new in moves:
        if (old, new) in ties:
            ties[old, new].born = model.quarter
        else:
            km = hypot(old.x - new.x, old.y - new.y)
            model.add_tie("mobility", Tie(old, new, old.mean_quality(new), km, model.quarter))
    model.ties["mobility"] = [
        tie for tie in model.ties["mobility"] if (model.quarter - tie.born) * DT < p.memory
    ]


def market(model: TwinModel, p: Market) -> None:
    """Set productivity and means, then share out demand between home and the rest of the world."""
    set_productivity(model, p)
    for sector, firms in zip(model.sectors, model.firms_by_sector(), strict=True):
        set_mean(sector, firms)
        jobs = sum(firm.size for firm in firms)
        research = sum(firm.size * firm.own_research for firm in firms) / max(jobs, 1e-12)
        for firm in firms:
            firm.receive_orders(research, p)
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
    crowding = []
    for r, (jobs, region) in enumerate(zip(region_jobs, model.regions, strict=True)):
        crowded = log(jobs / max(region.jobs_usual, 1.0)) if jobs > 0.0 else 0.0
        crowding.append(crowded * model.lever("crowding", r) if crowded > 0.0 else crowded)
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
