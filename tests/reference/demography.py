"""The quarter of births and deaths: exit and entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clustersim.mechanisms.entry import REFERENCE_JOBS, Entry
from clustersim.mechanisms.exit import Exit
from clustersim.world.actors import Origin
from clustersim.world.newcomers import MOST_RESEARCH
from clustersim.world.world import DT
from tests.reference import formulas
from tests.reference.firm import FirmAgent
from tests.reference.partner import Partner, UniversityAgent

if TYPE_CHECKING:
    from tests.reference.twin import TwinModel

Newcomer = dict[str, Any]
"""Properties of a firm that is about to enter."""


def exit_(model: TwinModel, p: Exit) -> None:
    """Let firms decide who leaves; then all of them leave together."""
    leaving = model.firms.select(lambda firm: firm.leaves(p))
    leaving.do("leave")
    model.end_ties_of_the_gone()


def entry(model: TwinModel, p: Entry) -> None:
    """Let firms enter, on the state at the start."""
    newcomers: list[Newcomer] = []
    if p.start_ups:
        newcomers += start_ups(model, p)
    if p.spin_offs:
        newcomers += [spin_off(model, firm, p) for firm in model.firms if firm.has_spin_off(p)]
        newcomers += [
            university_spin_off(model, university, p)
            for university in model.all_of(UniversityAgent)
            if university.has_spin_off(p.university_rate / model.employment_scale)
        ]
    admit(model, newcomers, p)


def start_ups(model: TwinModel, p: Entry) -> list[Newcomer]:
    """Return the start-ups of all places."""
    jobs = model.jobs()
    sector_jobs = [0.0] * len(model.sectors)
    for (_, s), here in jobs.items():
        sector_jobs[s] += here
    newcomers = []
    for (r, s), share in start_up_shares(model, jobs, p).items():
        mean = p.start_up_rate * DT * sector_jobs[s] / REFERENCE_JOBS * share
        mean *= model.lever("start_ups", (r, s))
        number = model.places[r, s].key
        for ordinal in range(formulas.poisson(model.luck.one("entry.start_up", number), mean)):
            identity = model.luck.newcomer("entry.start_up", number, ordinal)
            newcomers.append(start_up(model, identity, (r, s), p))
    return newcomers


def start_up_shares(
    model: TwinModel, jobs: dict[tuple[int, int], float], p: Entry
) -> dict[tuple[int, int], float]:
    """Return where the start-ups of each sector go, by place."""
    regions, sectors = range(len(model.regions)), range(len(model.sectors))
    likeness = sector_likeness(model)
    presence = {
        (r, s): sum(likeness[s][q] * jobs[r, q] for q in sectors) for r in regions for s in sectors
    }
    anywhere = {(r, s): sum(jobs[r, q] for q in sectors) for r in regions for s in sectors}
    most = max(p.own + p.related, 1.0)
    own, related = p.own / most, p.related / most
    shares = dict.fromkeys(jobs, 0.0)
    for weight, basis in (
        (own, jobs),
        (related, presence),
        (max(1.0 - own - related, 0.0), anywhere),
    ):
        for s in sectors:
            total = sum(basis[r, s] for r in regions)
            if total > 0.0:
                for r in regions:
                    shares[r, s] += weight * basis[r, s] / total
    return shares


def sector_likeness(model: TwinModel) -> list[list[float]]:
    """Return how alike the relevance of two sectors is, 0 for a sector and itself."""
    return [
        [
            0.0 if one is other else formulas.cosine(one.relevance, other.relevance)
            for other in model.sectors
        ]
        for one in model.sectors
    ]


def start_up(model: TwinModel, identity: int, place: tuple[int, int], p: Entry) -> Newcomer:
    """Return a start-up: it knows the paradigm of its day."""
    sector, district = model.sectors[place[1]], model.places[place]
    niche = formulas.pick(model.luck.one("entry.niche", identity), sector.relevance)
    x, y = near(model, identity, district.x, district.y, p)
    luck = model.luck.many("entry.knowledge", identity, len(model.fields))
    levels = (p.knowledge_low, p.knowledge_high)
    return {
        "identity": identity,
        "region": place[0],
        "sector": place[1],
        "niche": niche,
        "x": x,
        "y": y,
        "knowledge": formulas.founder_knowledge(luck, sector.relevance, niche, levels, p.breadth),
        "research": drawn_research(model, identity, p),
        "log_productivity": sector.mean_log_productivity,
        "origin": Origin.START_UP,
    }


def spin_off(model: TwinModel, parent: FirmAgent, p: Entry) -> Newcomer:
    """Return a spin-off of a firm."""
    identity = model.luck.newcomer("entry.spin_off", parent.identity)
    moves, whither, branches, into = model.luck.four("entry.spin_off_where", identity)
    region, s, centre = parent.region, parent.sector, (parent.x, parent.y)
    likeness = [
        alike if sector.demand_start > 0.0 else 0.0
        for alike, sector in zip(sector_likeness(model)[s], model.sectors, strict=True)
    ]
    if branches < p.diversification and sum(likeness) > 0.0:
        s = formulas.pick(into, likeness)
    if moves >= p.local:
        region = formulas.pick(whither, [r.population for r in model.regions])
        centre = (model.places[region, s].x, model.places[region, s].y)
    x, y = near(model, identity, *centre, p)
    relevance = model.sectors[s].relevance
    knowledge = remembered(model, identity, parent, p)
    idea, where, height, _ = model.luck.four("entry.idea", identity)
    if idea < p.idea:
        field = formulas.pick(where, relevance)
        level = p.knowledge_low + (p.knowledge_high - p.knowledge_low) * height
        knowledge[field] = max(knowledge[field], level)
    return {
        "identity": identity,
        "region": region,
        "sector": s,
        "niche": main_field(knowledge, relevance),
        "x": x,
        "y": y,
        "knowledge": knowledge,
        "research": 0.5 * parent.own_research + 0.5 * drawn_research(model, identity, p),
        "log_productivity": parent.log_productivity,
        "parent": parent.identity,
        "origin": Origin.SPIN_OFF,
    }


def university_spin_off(model: TwinModel, parent: UniversityAgent, p: Entry) -> Newcomer:
    """Return a spin-off of a university, in a sector that fits what the university knows."""
    identity = model.luck.newcomer("entry.university", parent.identity)
    fit = [
        formulas.cosine(parent.knowledge, sector.relevance) ** 4
        if sector.demand_start > 0.0
        else 0.0
        for sector in model.sectors
    ]
    s = formulas.pick(model.luck.one("entry.university_sector", identity), fit)
    sector = model.sectors[s]
    knowledge = [
        k if w > 0.01 else 0.0
        for k, w in zip(remembered(model, identity, parent, p), sector.relevance, strict=True)
    ]
    x, y = near(model, identity, parent.x, parent.y, p)
    return {
        "identity": identity,
        "region": parent.region,
        "sector": s,
        "niche": main_field(knowledge, sector.relevance),
        "x": x,
        "y": y,
        "knowledge": knowledge,
        "research": min(2.0 * drawn_research(model, identity, p), MOST_RESEARCH),
        "log_productivity": sector.mean_log_productivity,
        "parent": parent.identity,
        "origin": Origin.UNIVERSITY_SPIN_OFF,
    }


def remembered(model: TwinModel, identity: int, parent: Partner, p: Entry) -> list[float]:
    """Return the parent's knowledge less what is forgotten."""
    luck = model.luck.many("entry.forget", identity, len(model.fields))
    return [k * (1.0 - p.forgetting * u) for k, u in zip(parent.knowledge, luck, strict=True)]


def main_field(knowledge: list[float], relevance: list[float]) -> int:
    """Return the field with the highest ``w k``."""
    return max(range(len(knowledge)), key=lambda m: relevance[m] * knowledge[m])


def near(model: TwinModel, identity: int, x: float, y: float, p: Entry) -> tuple[float, float]:
    """Return a position near a parent or the centre of a district."""
    return formulas.around(model.luck.many("entry.position", identity, 2), x, y, p.district_km)


def drawn_research(model: TwinModel, identity: int, p: Entry) -> float:
    """Return an R&D intensity."""
    luck = model.luck.four("entry.research", identity)
    return formulas.research_intensity(luck, p.research_mean, p.research_spread)


def admit(model: TwinModel, newcomers: list[Newcomer], p: Entry) -> None:
    """Let newcomers hire from the unemployed of their region, and enter."""
    sizes: dict[int, float] = {}
    for r, region_newcomers in by_region(newcomers).items():
        places = [model.places[r, s] for s in range(len(model.sectors))]
        available = sum(place.unemployed for place in places)
        wanted = {}
        luck = {}
        for newcomer in region_newcomers:
            identity = newcomer["identity"]
            large, starts, _, _ = model.luck.four("entry.size", identity)
            wanted[identity] = formulas.pareto_size(large, p.smallest, p.largest, p.tail)
            luck[identity] = starts
        chance = 0.5 * available / sum(wanted.values())
        starting = {who: size for who, size in wanted.items() if luck[who] < chance}
        needed = sum(starting.values())
        granted = min(needed, available)
        if granted > 0.0:
            for place in places:
                place.unemployed *= 1.0 - granted / available
            sizes |= {who: size * granted / needed for who, size in starting.items()}
    for newcomer in newcomers:
        if sizes.get(newcomer["identity"], 0.0) > 0.0:
            enter(model, newcomer, sizes[newcomer["identity"]], p)


def by_region(newcomers: list[Newcomer]) -> dict[int, list[Newcomer]]:
    """Return the newcomers of each region that has any."""
    found: dict[int, list[Newcomer]] = {}
    for newcomer in newcomers:
        found.setdefault(newcomer["region"], []).append(newcomer)
    return found


def enter(model: TwinModel, newcomer: Newcomer, size: float, p: Entry) -> None:
    """Let one firm enter."""
    place = model.places[newcomer["region"], newcomer["sector"]]
    place.entries += 1.0
    place.spin_offs += newcomer["origin"] != Origin.START_UP
    FirmAgent(
        model,
        **newcomer,
        birth=model.quarter,
        size=size,
        orders=size,
        cash=p.funds * size * model.regions[newcomer["region"]].wage,
        export_share=model.sectors[newcomer["sector"]].export_share,
    )
