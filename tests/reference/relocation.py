"""The quarter of multinationals: who joins them, who moves, who arrives."""

from __future__ import annotations

from math import exp, expm1, hypot, inf, log
from typing import TYPE_CHECKING

from clustersim.mechanisms.relocation import GAP_LIMIT, Relocation
from clustersim.world.actors import Origin
from clustersim.world.draws import name_key
from clustersim.world.economy import WAGE
from clustersim.world.world import DT
from tests.reference import formulas
from tests.reference.firm import FirmAgent

if TYPE_CHECKING:
    from tests.reference.twin import TwinModel

PlaceKey = tuple[int, int]
Arrival = tuple[int, PlaceKey]
FirmsByPlace = dict[PlaceKey, list[FirmAgent]]


def relocation(model: TwinModel, p: Relocation) -> None:
    """Let firms join, move and arrive, all on the state at the start."""
    joiners = [firm for firm in model.firms if joins(model, firm, p)]
    found = model.firms_by_place()
    jobs = model.jobs_by_sector()
    wishes = {
        firm: target
        for firm in model.firms
        if p.moves
        and firm.multinational
        and (target := wanted_region(model, firm, found, jobs[firm.sector], p)) is not None
    }
    newcomers = arriving(model, found, jobs, p) if p.arrivals else []
    wanted: dict[int, tuple[int, float, float]] = {}
    for firm, region in wishes.items():
        luck = model.luck.one("relocation.staff", firm.identity)
        wanted[firm.identity] = (region, firm.size, luck)
    for identity, (region, _) in newcomers:
        large, luck, _, _ = model.luck.four("relocation.size", identity)
        size = formulas.pareto_size(large, p.smallest, p.largest, p.tail)
        wanted[identity] = (region, size, luck)
    staff = hire(model, wanted)
    for firm in joiners:
        firm.multinational = True
    for firm, region in wishes.items():
        if staff[firm.identity] > 0.0:
            move(model, firm, region, staff[firm.identity], p)
    for identity, place in newcomers:
        if staff[identity] > 0.0:
            arrive(model, identity, place, staff[identity], p)


def joins(model: TwinModel, firm: FirmAgent, p: Relocation) -> bool:
    """Return whether a firm becomes part of a multinational."""
    if firm.multinational or firm.size < p.large:
        return False
    return model.luck.one("relocation.join", firm.identity) < -expm1(-p.join_rate * DT)


def offer(
    model: TwinModel,
    place: PlaceKey,
    found: FirmsByPlace,
    p: Relocation,
    without: FirmAgent | None = None,
) -> float | None:
    """Return what a place offers (to a firm that is there); None if nothing is known."""
    firms = [firm for firm in found[place] if firm is not without and firm.size > 0.0]
    region = model.regions[place[0]]
    dear = p.wage_weight * log(region.wage / (WAGE * region.cost_level))
    jobs = sum(firm.size for firm in firms)
    if jobs > 1e-9:
        return sum(firm.size * firm.log_productivity for firm in firms) / jobs - dear
    return None if without is None else model.sectors[place[1]].mean_log_productivity - dear


def wanted_region(
    model: TwinModel, firm: FirmAgent, found: FirmsByPlace, jobs: list[float], p: Relocation
) -> int | None:
    """Return where a multinational wants to move, or None if it wants to stay."""
    weights = list(jobs)
    weights[firm.region] = 0.0
    if sum(weights) <= 0.0:
        return None
    best, target = -inf, None
    for luck in model.luck.many("relocation.compare", firm.identity, p.candidates):
        r = formulas.pick(luck, weights)
        there = offer(model, (r, firm.sector), found, p)
        if there is not None and there > best:
            best, target = there, r
    own = offer(model, (firm.region, firm.sector), found, p, without=firm)
    assert own is not None
    gap = best - own
    if gap <= p.moving_cost:
        return None
    hazard = p.move_rate * exp(p.slope * min(gap, GAP_LIMIT))
    luck = model.luck.one("relocation.move", firm.identity)
    return target if luck < -expm1(-hazard * DT) else None


def arriving(
    model: TwinModel, found: FirmsByPlace, jobs: list[list[float]], p: Relocation
) -> list[Arrival]:
    """Return identity and place of the subsidiaries that are to come."""
    newcomers = []
    for s, sector in enumerate(model.sectors):
        key = name_key(sector.name)
        here = jobs[s]
        if not sum(here):
            continue
        offers = [offer(model, (r, s), found, p) for r in range(len(model.regions))]
        best = max(one for one in offers if one is not None)
        usual = [
            0.0 if one is None else n * exp(p.slope * (one - best))
            for n, one in zip(here, offers, strict=True)
        ]
        weights = [w * model.lever("arrivals", (r, s)) for r, w in enumerate(usual)]
        mean = p.arrival_rate * DT * sum(here) / 1000.0 * sum(weights) / sum(usual)
        count = formulas.poisson(model.luck.one("relocation.arrive", key), mean)
        for ordinal in range(count):
            identity = model.luck.newcomer("relocation.arrive", key, ordinal)
            r = formulas.pick(model.luck.one("relocation.where", identity), weights)
            newcomers.append((identity, (r, s)))
    return newcomers


def hire(model: TwinModel, wanted: dict[int, tuple[int, float, float]]) -> dict[int, float]:
    """Let those who want to open hire from the unemployed of their region; return their jobs."""
    staff = dict.fromkeys(wanted, 0.0)
    for r in range(len(model.regions)):
        here = {who: (size, luck) for who, (at, size, luck) in wanted.items() if at == r}
        if not here:
            continue
        places = [model.places[r, s] for s in range(len(model.sectors))]
        available = sum(place.unemployed for place in places)
        chance = 0.5 * available / sum(size for size, _ in here.values())
        coming = {who: size for who, (size, luck) in here.items() if luck < chance}
        needed = sum(coming.values())
        granted = min(needed, available)
        if granted > 0.0:
            for place in places:
                place.unemployed *= 1.0 - granted / available
            staff |= {who: size * granted / needed for who, size in coming.items()}
    return staff


def near(model: TwinModel, identity: int, place: PlaceKey, p: Relocation) -> tuple[float, float]:
    """Return a position near the centre of a district."""
    luck = model.luck.many("relocation.position", identity, 2)
    district = model.places[place]
    return formulas.around(luck, district.x, district.y, p.district_km)


def move(model: TwinModel, firm: FirmAgent, region: int, size: float, p: Relocation) -> None:
    """Move a plant: its people stay behind, its ties go along, memberships end."""
    firm.place.unemployed += firm.size
    firm.place.relocations += 1.0
    firm.size, firm.region, firm.anchor = size, region, False
    firm.x, firm.y = near(model, firm.identity, (region, firm.sector), p)
    model.ties["membership"] = [t for t in model.ties["membership"] if t.first is not firm]
    for ties in model.ties.values():
        for tie in ties:
            if firm in {tie.first, tie.second}:
                tie.km = hypot(tie.first.x - tie.second.x, tie.first.y - tie.second.y)


def arrive(model: TwinModel, identity: int, place: PlaceKey, size: float, p: Relocation) -> None:
    """Let a subsidiary open."""
    sector, here = model.sectors[place[1]], model.places[place]
    here.entries += 1.0
    here.subsidiaries += 1.0
    niche = formulas.pick(model.luck.one("relocation.niche", identity), sector.relevance)
    luck = model.luck.many("relocation.knowledge", identity, len(model.fields))
    levels = (p.level, p.level)
    x, y = near(model, identity, place, p)
    FirmAgent(
        model,
        identity,
        formulas.founder_knowledge(luck, sector.relevance, niche, levels, p.breadth),
        region=place[0],
        sector=place[1],
        niche=niche,
        origin=Origin.SUBSIDIARY,
        x=x,
        y=y,
        birth=model.quarter,
        size=size,
        orders=size,
        cash=p.funds * size * model.regions[place[0]].wage,
        research=formulas.research_intensity(
            model.luck.four("relocation.research", identity), p.research_mean, p.research_spread
        ),
        log_productivity=sector.mean_log_productivity,
        export_share=sector.export_share,
        multinational=True,
    )
