"""The quarter of procurement: variety nearby, what is delivered, and who finds a supplier."""

from __future__ import annotations

from bisect import bisect_left
from math import ceil, floor, hypot, log1p
from typing import TYPE_CHECKING

from clustersim.mechanisms.supply import CHOICE, JOBS_PER_STAND, MOST_STANDS, NORMAL, Supply
from clustersim.world.world import DT
from tests.reference import formulas
from tests.reference.state import Tie

if TYPE_CHECKING:
    from tests.reference.firm import FirmAgent
    from tests.reference.twin import TwinModel

Stands = list[tuple[float, "FirmAgent"]]


def supply(model: TwinModel, p: Supply) -> None:
    """Set what variety adds and what firms can produce; then let them find suppliers."""
    usual = dict.fromkeys(model.places, 1.0)
    for key, variety in varieties(model, p, usual).items():
        model.places[key].supply_advantage = p.variety_gain * variety
    at_hand = varieties(model, p, model.conditions.output)
    suppliers: dict[FirmAgent, list[FirmAgent]] = {firm: [] for firm in model.firms}
    if p.key_suppliers:
        for tie in model.ties["supply"]:
            suppliers[tie.second].append(tie.first)
    served = {
        firm: sum(one.output for one in its) / len(its) if its else 0.0
        for firm, its in suppliers.items()
    }
    newly = {firm for firm in model.firms if firm.stock < 0.0}
    offers = on_offer(model)
    seekers: list[FirmAgent] = []
    for firm, its in suppliers.items():
        buys = p.key_suppliers and any(offers[firm.sector])
        dependence = p.dependence / (1.0 + p.substitution * at_hand[firm.region, firm.sector])
        if produce(firm, its, served[firm], buys, dependence, p):
            seekers.append(firm)
    if seekers:
        find(model, seekers, newly, suppliers, offers, p)


def varieties(
    model: TwinModel, p: Supply, weight: dict[tuple[int, int], float]
) -> dict[tuple[int, int], float]:
    """Return the log of local suppliers by place, each counted at the weight of its place."""
    firms = dict.fromkeys(model.places, 0.0)
    for firm in model.firms:
        firms[firm.region, firm.sector] += model.employment_scale
    variety = {}
    for r, s in model.places:
        inputs = model.sectors[s].inputs
        bought = sum(inputs)
        n = 0.0
        if bought > 0.0:
            n = sum(a * firms[r, q] * weight[r, q] for q, a in enumerate(inputs)) / bought
        variety[r, s] = log1p(n / p.supplier_reference)
    return variety


def on_offer(model: TwinModel) -> list[list[float]]:
    """Return each sector's input coefficients, without those of which nobody else is there."""
    firms = [len(those) for those in model.firms_by_sector()]
    return [
        [a if firms[q] > (q == buyer) else 0.0 for q, a in enumerate(sector.inputs)]
        for buyer, sector in enumerate(model.sectors)
    ]


def produce(
    firm: FirmAgent,
    suppliers: list[FirmAgent],
    served: float,
    buys: bool,
    dependence: float,
    p: Supply,
) -> bool:
    """Set output and stock; return whether the firm looks for a supplier."""
    able = firm.model.conditions.output[firm.region, firm.sector]
    if not suppliers and not buys:
        firm.stock, firm.output = -1.0, able
        return False
    looks = False
    if firm.stock < 0.0:
        firm.stock = p.inventory
        looks = not suppliers
        if looks:
            served = 1.0
    elif buys and len(suppliers) <= 1:
        if suppliers:
            quarters = max(round(p.contract / DT), 1)
            looks = (firm.identity + firm.model.quarter) % quarters == 0
        else:
            lever = firm.model.lever("suppliers", (firm.region, firm.sector))
            chance = lever * DT / p.search
            looks = firm.model.luck.one("supply.seek", firm.identity) < chance
    used = min(firm.stock, max(able - served, 0.0))
    firm.output = min(able, 1.0 - dependence * (1.0 - served - used))
    firm.stock = min(firm.stock - used + max(served - able, 0.0), p.inventory)
    if served >= NORMAL:
        firm.stock = p.inventory
    return looks


def find(
    model: TwinModel,
    seekers: list[FirmAgent],
    newly: set[FirmAgent],
    suppliers: dict[FirmAgent, list[FirmAgent]],
    offers: list[list[float]],
    p: Supply,
) -> None:
    """Let seekers meet suppliers on the ring of their region or of the whole country."""
    share = open_share(model, seekers, offers, p)
    local: dict[tuple[int, int], Stands] = {key: [] for key in model.places}
    home: list[Stands] = [[] for _ in model.sectors]
    total = dict.fromkeys(model.places, 0)
    for firm in model.firms:
        n = n_stands(firm)
        total[firm.region, firm.sector] += n
        n_open = floor(n * share[firm.sector] + model.luck.one("supply.stand", firm.identity))
        for position in model.luck.many("supply.stand", firm.identity, n_open + 1)[1:]:
            local[firm.region, firm.sector].append((position, firm))
            home[firm.sector].append((position, firm))
    for stands in (*local.values(), *home):
        stands.sort(key=lambda stand: stand[0])
    new = []
    for firm in seekers:
        _, which, where, point = model.luck.four("supply.seek", firm.identity)
        q = formulas.pick(which, offers[firm.sector])
        own = n_stands(firm) if q == firm.sector else 0
        everywhere = sum(n for (_, sector), n in total.items() if sector == q) - own
        more = (p.local - 1.0) * (total[firm.region, q] - own)
        met = None
        if where * (more + everywhere) < more:
            met = meet(local[firm.region, q], point, firm)
        met = met or meet(home[q], point, firm)
        if met is None:
            if firm in newly:
                firm.stock = -1.0
        elif [met] != suppliers[firm]:
            new.append((met, firm))
    left = {firm for _, firm in new}
    model.ties["supply"] = [tie for tie in model.ties["supply"] if tie.second not in left]
    for met, firm in new:
        km = hypot(met.x - firm.x, met.y - firm.y)
        model.add_tie("supply", Tie(met, firm, met.mean_quality(firm), km, model.quarter))


def open_share(
    model: TwinModel, seekers: list[FirmAgent], offers: list[list[float]], p: Supply
) -> list[float]:
    """Return the share of each sector's stands that are open."""
    wanted = [0.0] * len(model.sectors)
    for firm in seekers:
        offer = offers[firm.sector]
        for q, a in enumerate(offer):
            wanted[q] += CHOICE * a / sum(offer)
    n = [sum(n_stands(firm) for firm in firms) for firms in model.firms_by_sector()]
    return [
        min(max(wanted[q], p.offers) / max(n[q], 1), 1.0) if any(o[q] for o in offers) else 0.0
        for q in range(len(model.sectors))
    ]


def n_stands(firm: FirmAgent) -> int:
    """Return how many stands a firm has."""
    return min(max(ceil(firm.size / JOBS_PER_STAND), 1), MOST_STANDS)


def meet(stands: Stands, point: float, seeker: FirmAgent) -> FirmAgent | None:
    """Return whose stand is the first from a point on, other than the seeker's own, or None."""
    start = bisect_left(stands, point, key=lambda stand: stand[0])
    for k in range(len(stands)):
        _, firm = stands[(start + k) % len(stands)]
        if firm is not seeker:
            return firm
    return None
