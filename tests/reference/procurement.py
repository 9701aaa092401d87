"""The quarter of procurement: variety nearby, what is delivered, and who finds a supplier."""

from __future__ import annotations

from bisect import bisect_left
from math import ceil, expm1, hypot, log1p
from typing import TYPE_CHECKING

from clustersim.mechanisms.supply import JOBS_PER_STAND, MOST_STANDS, NORMAL, Supply
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
    seekers = []
    for firm, its in suppliers.items():
        offer = on_offer(model, firm.sector) if p.key_suppliers else [0.0] * len(model.sectors)
        dependence = p.dependence / (1.0 + p.substitution * at_hand[firm.region, firm.sector])
        if produce(firm, its, served[firm], any(offer), dependence, p):
            seekers.append(firm)
    if seekers:
        find(model, seekers, suppliers, p)


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


def on_offer(model: TwinModel, buyer: int) -> list[float]:
    """Return the input coefficients of a sector, without those of which nobody else is there."""
    there = {firm.sector for firm in model.firms}
    competitors = sum(firm.sector == buyer for firm in model.firms) - 1
    return [
        a if (competitors > 0 if q == buyer else q in there) else 0.0
        for q, a in enumerate(model.sectors[buyer].inputs)
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
        chance = -expm1(-p.switching * DT) if suppliers else DT / p.search
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
    suppliers: dict[FirmAgent, list[FirmAgent]],
    p: Supply,
) -> None:
    """Let seekers meet suppliers on the ring of their region or of the whole country."""
    local: dict[tuple[int, int], Stands] = {}
    home: dict[int, Stands] = {}
    for firm in model.firms:
        for k in range(n_stands(firm)):
            lane = model.luck.four("supply.stand", firm.identity, 0, k // 4)[k % 4]
            local.setdefault((firm.region, firm.sector), []).append((lane, firm))
            home.setdefault(firm.sector, []).append((lane, firm))
    for stands in (*local.values(), *home.values()):
        stands.sort(key=lambda stand: stand[0])
    offers = [on_offer(model, s) for s in range(len(model.sectors))]
    new = []
    for firm in seekers:
        _, which, where, point = model.luck.four("supply.seek", firm.identity)
        q = formulas.pick(which, offers[firm.sector])
        own = n_stands(firm) if q == firm.sector else 0
        near = local.get((firm.region, q), [])
        more = (p.local - 1.0) * (len(near) - own)
        nearby = where * (more + len(home[q]) - own) < more
        met = meet(near if nearby else home[q], point, firm)
        if [met] != suppliers[firm]:
            new.append((met, firm))
    left = {firm for _, firm in new}
    model.ties["supply"] = [tie for tie in model.ties["supply"] if tie.second not in left]
    for met, firm in new:
        km = hypot(met.x - firm.x, met.y - firm.y)
        model.add_tie("supply", Tie(met, firm, met.mean_quality(firm), km, model.quarter))


def n_stands(firm: FirmAgent) -> int:
    """Return how many stands a firm has."""
    return min(max(ceil(firm.size / JOBS_PER_STAND), 1), MOST_STANDS)


def meet(stands: Stands, point: float, seeker: FirmAgent) -> FirmAgent:
    """Return whose stand is the first from a point on, other than the seeker's own."""
    start = bisect_left(stands, point, key=lambda stand: stand[0])
    return next(firm for _, firm in stands[start:] + stands[:start] if firm is not seeker)
