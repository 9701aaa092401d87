"""Cluster organisations: offices, members, fees, staff, and how they become better."""

from __future__ import annotations

from typing import Final

import numpy as np

from clustersim.policies.building import exposure
from clustersim.policies.turn import CENTS, Turn, action_of, column_name, members_of, whole_cents
from clustersim.world.actors import Kind, Level
from clustersim.world.elementary import growth
from clustersim.world.first_ties import tie
from clustersim.world.institutions import admit, office_cohort
from clustersim.world.ledger import NOBODY, Purpose
from clustersim.world.policy import Governance
from clustersim.world.types import Flags, Floats, Ids
from clustersim.world.world import DT

HOURS: Final = 1_600.0
"""Hours that a full-time job works in a year (assumption)."""


def found(turn: Turn) -> None:
    """Give every chosen place of a policy an office: one that is free, else a new one."""
    world, standing = turn.world, turn.standing
    actors = world.actors
    without = np.flatnonzero(standing.chosen & (standing.office == NOBODY))
    if without.size == 0:
        return
    taken = np.concatenate([other.office for other in world.public.standing.values()])
    free = actors.rows(Kind.CLUSTER_ORGANISATION)
    free = free[~np.isin(actors.id[free], taken) & (actors.sector[free] >= 0)]
    place = turn.place(free)
    for p in without:
        here = free[place == p]
        if here.size:
            standing.office[p] = actors.id[here[0]]
    new = without[standing.office[without] == NOBODY]
    if new.size == 0:
        return
    policy = np.full(new.size, turn.key)
    ids = turn.draws.identities("policy.found", world.places.key.ravel()[new], policy)
    region, sector = np.divmod(new, world.n_sectors)
    kind, level = Kind.CLUSTER_ORGANISATION, np.full(new.size, Level.NONE)
    admit(world, office_cohort(world, kind, ids=ids, region=region, sector=sector, level=level))
    standing.office[new] = ids


def govern(turn: Turn, rules: Governance) -> Floats:
    """Let firms and science join and leave, take fees, pay staff; return hours of staff, (P,).

    Firms of the place, and universities and RTOs of its region, join at ``join_rate (0.5 + x) (1 +
    engagement)``, x being how well the organisation serves (`excellence`). Members that no measure
    serves leave at `leave_rate`. Member firms pay the fee, which the organisation keeps. Staff are
    paid by the policy up to `public_share`, and by fees; where both fall short there are fewer
    hours.
    """
    office = turn.offices()
    _leave(turn, rules, office)
    _join(turn, rules, office)
    return _pay_staff(turn, rules, _take_fees(turn, rules), office)


def _leave(turn: Turn, rules: Governance, office: Ids) -> None:
    world = turn.world
    layer = world.ties.membership
    own = np.flatnonzero(np.isin(layer.second, office[office >= 0]))
    rows = layer.first[own].astype(np.int64)
    idle = ~served(turn)[rows]
    leaves = turn.luck("policy.leave", rows) < -growth(-rules.leave_rate * DT)
    stays = np.ones(len(layer), dtype=np.bool_)
    stays[own[idle & leaves]] = False
    layer.keep(stays)


def served(turn: Turn) -> Flags:
    """Return who is served by a measure of the policy now, shape (rows,)."""
    actors, step = turn.world.actors, turn.world.clock.step
    out = np.zeros(actors.n_rows, dtype=np.bool_)
    for k in range(len(turn.policy.measures)):
        until = actors.column(column_name(turn.policy.name, k, "until"))
        if until is not None:
            out |= until > step
    return out


def _join(turn: Turn, rules: Governance, office: Ids) -> None:
    world, actors = turn.world, turn.world.actors
    members = np.zeros(actors.n_rows, dtype=np.bool_)
    layer = world.ties.membership
    members[layer.first[np.isin(layer.second, office[office >= 0])]] = True
    firms = actors.rows(Kind.FIRM)
    science = np.concatenate([actors.rows(Kind.UNIVERSITY), actors.rows(Kind.RTO)])
    engagement = 1.0 + own_effects(turn, "engagement")
    better = excellence(turn)
    for near, at in ((firms, turn.place(firms)), _near(turn, science)):
        asks = (office[at] >= 0) & ~members[near]
        rows, place = near[asks], at[asks]
        rate = rules.join_rate * (0.5 + better[place]) * engagement[place]
        joins = turn.luck("policy.join", rows) < -growth(-rate * DT)
        tie(world, "membership", rows[joins], office[place[joins]])


def _near(turn: Turn, science: Ids) -> tuple[Ids, Ids]:
    """Return science of the region of each chosen place, and the place, in the order of places."""
    world = turn.world
    chosen = np.flatnonzero(turn.standing.chosen)
    region = world.actors.region[science]
    order = np.argsort(region, kind="stable")
    ends = np.searchsorted(region[order], np.arange(world.n_regions), side="right")
    many = np.bincount(region, minlength=world.n_regions)[chosen // world.n_sectors]
    last = np.repeat(ends[chosen // world.n_sectors], many)
    back = np.repeat(np.cumsum(many), many) - np.arange(many.sum())
    return science[order[last - back]], np.repeat(chosen, many)


def _take_fees(turn: Turn, rules: Governance) -> Ids:
    """Let member firms pay their fee of the quarter; return cents by place, shape (P,)."""
    world = turn.world
    if rules.fee == 0.0:
        return np.zeros(turn.n_places, dtype=np.int64)
    firms = members_of(turn)
    scale = world.employment_scale
    cents = np.full(firms.size, whole_cents(rules.fee * DT * scale))
    world.actors.cash[firms] -= cents / CENTS / scale
    places = turn.place(firms)
    turn.receive(Purpose.FEE, places, cents, world.actors.id[firms])
    return np.bincount(places, weights=cents, minlength=turn.n_places).astype(np.int64)


def _pay_staff(turn: Turn, rules: Governance, fees: Ids, office: Ids) -> Floats:
    there = np.flatnonzero(office >= 0)
    cost = int(whole_cents(rules.staff * rules.wage * DT))
    public = int(rules.public_share * cost)
    account = turn.standing.account[there]
    paid = np.minimum(np.minimum(cost, public + fees[there]), account)
    turn.pay_out(Purpose.STAFF, there, paid)
    hours = np.zeros(turn.n_places)
    hours[there] = rules.staff * HOURS * DT * paid / cost * (0.5 + excellence(turn)[there])
    return hours


def excellence(turn: Turn) -> Floats:
    """Return how well the organisation of each place serves, 0 to 1, shape (P,); 0.5 for none.

    Training and reviews add the share e of what it lacks, as long as they work: ``x + e (1 - x)``.
    """
    office = turn.offices()
    own = np.where(office >= 0, turn.world.actors.quality[office], 0.5)
    added = np.where(office >= 0, np.minimum(own_effects(turn, "excellence"), 1.0), 0.0)
    return np.asarray(own + added * (1.0 - own))


def own_effects(turn: Turn, lever: str) -> Floats:
    """Return what measures do for the organisations themselves, by place, shape (P,)."""
    out = np.zeros(turn.n_places)
    for k, measure in enumerate(turn.policy.measures):
        for effect in action_of(measure).effects:
            if effect.lever == lever:
                out += effect.size * exposure(turn, k)
    return out
