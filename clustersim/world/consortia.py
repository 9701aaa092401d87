"""How a coordinator brings a consortium together; the rules stand in the mechanism `projects`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from clustersim.world.actors import Kind
from clustersim.world.draws import draw
from clustersim.world.elementary import log
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import (
    absorptive_capacity,
    cognitive_distance,
    fruitfulness,
    length,
)
from clustersim.world.newcomers import pick_one
from clustersim.world.projects import HIGHEST_TRL
from clustersim.world.types import Flags, Floats, Ids, Ints
from clustersim.world.world import DT, World

UNIVERSITY_TRL = 2
RTO_TRL = 3
FIRM_TRL = 4
"""Lower of the two levels at which the projects of a university, an RTO and a firm begin; RTOs have
the demonstrators that bridge the two others (assumption)."""
APPLIED_TRL = 4
"""Level of validation in the laboratory; what begins below it is research for universities."""
LEAST_LEVELS = 2
"""Levels that a project aims to rise, at least; `ambition` adds one."""
ANYBODY = 0
A_FIRM = 1
SCIENCE = 2
A_UNIVERSITY = 3
"""Whom a coordinator looks for."""


class Consortia(NamedTuple):
    """Consortia that are about to be founded, one row for each: what their projects are.

    The members of a row stand in the first ``members`` places, the coordinator first; ``stranger``
    says which of them the coordinator has not worked with. No members, no consortium.
    """

    field: Ids
    first_trl: Ids
    target: Ids
    length: Ids
    firms: Ids
    science: Ids
    budget: Floats
    members: Ids
    member: Ints
    stranger: Flags

    @classmethod
    def none(cls, n: int, most: int) -> Consortia:
        """Return room for `n` consortia of at most so many members."""
        return cls(
            field=np.zeros(n, dtype=np.int64),
            first_trl=np.zeros(n, dtype=np.int64),
            target=np.zeros(n, dtype=np.int64),
            length=np.zeros(n, dtype=np.int64),
            firms=np.zeros(n, dtype=np.int64),
            science=np.zeros(n, dtype=np.int64),
            budget=np.zeros(n),
            members=np.zeros(n, dtype=np.int64),
            member=np.zeros((n, most), dtype=np.int32),
            stranger=np.zeros((n, most), dtype=np.bool_),
        )


def science_by_region(world: World) -> tuple[Ids, Ids]:
    """Return where the universities and RTOs of each region begin, (R + 1,), and their rows."""
    actors = world.actors
    science = (actors.kind == Kind.UNIVERSITY) | (actors.kind == Kind.RTO)
    rows = np.flatnonzero(science & actors.alive)
    rows = rows[np.argsort(actors.region[rows], kind="stable")]
    start = np.searchsorted(actors.region[rows], np.arange(world.n_regions + 1))
    return start, rows


@kernel
def takes_part(kind: Any) -> Any:
    """Return whether actors of a kind do research of their own."""
    return kind in (Kind.FIRM, Kind.UNIVERSITY, Kind.RTO)


@kernel
def gather(
    stream: Any,
    ask: Any,
    rows: Any,
    actors: Any,
    arcs: Any,
    science_start: Any,
    science: Any,
    busy: Any,
    relevance: Any,
    exchange: Any,
    numbers: Any,
    consortia: Any,
) -> None:
    """Fill in the consortium of each proposer, or leave its count at zero."""
    ids, kind, knowledge = actors.id, actors.kind, actors.knowledge
    n_fields = knowledge.shape[1]
    even = np.full(n_fields, 1.0 / n_fields)
    weights = np.empty(n_fields)
    seen = np.zeros(ids.size, dtype=np.int32)
    candidate = np.empty(ids.size, dtype=np.int32)
    score = np.empty(ids.size)
    quarters = np.int64(numbers.shortest / DT + 0.5)
    more_quarters = np.int64(max(numbers.longest - numbers.shortest, 0.0) / DT + 0.5)
    more_members = max(numbers.consortium - numbers.least_members, 0)
    for p in range(rows.size):
        i = rows[p]
        _, where, higher, size = draw(stream, ids[i], 0, 0)
        further, long, _, _ = draw(stream, ids[i], 0, 1)
        sector = actors.sector[i]
        needed = relevance[sector] if sector >= 0 else even
        _feasible(i, knowledge, arcs, needed, weights)
        if weights.max() == 0.0:
            continue
        m = pick_one(where, weights)
        first = FIRM_TRL
        if kind[i] == Kind.UNIVERSITY:
            first = UNIVERSITY_TRL
        elif kind[i] == Kind.RTO:
            first = RTO_TRL
        first += higher < knowledge[i, m]
        region = actors.region[i]
        local = science[science_start[region] : science_start[region + 1]]
        near, reached = _reach(i, p + 1, arcs, local, seen, candidate)
        n_partners, n = _score(
            ask, i, m, near, reached, actors, busy, exchange, numbers, candidate, score
        )
        wanted = numbers.least_members + np.int64(size * (more_members + 1))
        if not _choose(
            p, i, first, wanted, n_partners, n, kind, numbers, candidate, score, consortia
        ):
            continue
        consortia.field[p] = m
        consortia.first_trl[p] = first
        consortia.target[p] = min(first + LEAST_LEVELS + (further < numbers.ambition), HIGHEST_TRL)
        consortia.length[p] = quarters + np.int64(long * (more_quarters + 1))
        _account(p, actors, numbers, consortia)


@kernel
def _feasible(i: Any, knowledge: Any, arcs: Any, needed: Any, weights: Any) -> None:
    """Fill in the weight of each field as the subject of a project of actor `i`."""
    for m in range(needed.size):
        weights[m] = knowledge[i, m]
    for arc in range(arcs.start[i], arcs.start[i + 1]):
        j = arcs.partner[arc]
        for m in range(needed.size):
            weights[m] = max(weights[m], np.float64(knowledge[j, m]))
    for m in range(needed.size):
        room = max(1.0 - np.float64(knowledge[i, m]), 0.0)
        weights[m] *= needed[m] * room


@kernel
def _reach(i: Any, mark: Any, arcs: Any, local: Any, seen: Any, candidate: Any) -> Any:
    """Fill in whom actor `i` can reach, partners first; return how many partners, and in all.

    Whoever was looked at is marked in `seen`, shape (rows,), with the number of the proposal.
    """
    start, partner = arcs.start, arcs.partner
    seen[i] = mark
    reached = 0
    for arc in range(start[i], start[i + 1]):
        candidate[reached] = partner[arc]
        seen[partner[arc]] = mark
        reached += 1
    near = reached
    for arc in range(start[i], start[i + 1]):
        for second in range(start[partner[arc]], start[partner[arc] + 1]):
            if seen[partner[second]] != mark:
                seen[partner[second]] = mark
                candidate[reached] = partner[second]
                reached += 1
    for j in local:
        if seen[j] != mark:
            candidate[reached] = j
            reached += 1
    return near, reached


@kernel
def _score(
    stream: Any,
    i: Any,
    m: Any,
    near: Any,
    reached: Any,
    actors: Any,
    busy: Any,
    exchange: Any,
    numbers: Any,
    candidate: Any,
    score: Any,
) -> Any:
    """Keep the candidates who can be asked, with scores; return how many partners, and in all.

    Nothing in the loop is passed more than an array or two, as each costs a reference count.
    """
    ids, kind, research, knowledge = actors.id, actors.kind, actors.research, actors.knowledge
    capacity = absorptive_capacity(research[i], exchange)
    length_i = length(knowledge, i)
    n_partners = 0
    n = 0
    for c in range(reached):
        j = candidate[c]
        idle = kind[j] != Kind.FIRM or busy[j] < numbers.capacity
        if research[j] <= 0.0 or not idle or not takes_part(kind[j]):
            continue
        far = cognitive_distance(knowledge, i, j, length_i, length(knowledge, j))
        fruit = fruitfulness(far, capacity, exchange)
        weight = np.float64(knowledge[j, m]) + numbers.complementarity * fruit
        weight /= 1.0 + numbers.complementarity
        weight *= numbers.familiarity if c < near else 1.0
        if weight > 0.0:
            candidate[n] = j
            score[n] = -log(1.0 - draw(stream, ids[i], ids[j], 0)[0]) / weight
            n += 1
            n_partners += c < near
    return n_partners, n


@kernel
def _suits(kind: Any, sought: Any) -> Any:
    if sought == A_FIRM:
        return kind == Kind.FIRM
    if sought == A_UNIVERSITY:
        return kind == Kind.UNIVERSITY
    return sought == ANYBODY or kind != Kind.FIRM


@kernel
def _ask_one(sought: Any, n: Any, kind: Any, candidate: Any, score: Any) -> Any:
    """Return the place of the candidate with the lowest score of those who suit, or -1."""
    chosen = -1
    lowest = np.inf
    for c in range(n):
        if score[c] < lowest and _suits(kind[candidate[c]], sought):
            chosen = c
            lowest = score[c]
    return chosen


@kernel
def _choose(
    p: Any,
    i: Any,
    first: Any,
    wanted: Any,
    n_partners: Any,
    n: Any,
    kind: Any,
    numbers: Any,
    candidate: Any,
    score: Any,
    consortia: Any,
) -> Any:
    """Fill in the members of a consortium and return whether it comes about."""
    members, stranger = consortia.member[p], consortia.stranger[p]
    members[0] = i
    count = 1
    firms = 1 if kind[i] == Kind.FIRM else 0
    lacks_science = kind[i] != Kind.UNIVERSITY if first < APPLIED_TRL else kind[i] == Kind.FIRM
    while True:
        if lacks_science:
            sought = A_UNIVERSITY if first < APPLIED_TRL else SCIENCE
        elif firms < numbers.least_firms:
            sought = A_FIRM
        elif count < wanted:
            sought = ANYBODY
        else:
            break
        c = _ask_one(sought, n, kind, candidate, score)
        if c < 0:
            if sought != ANYBODY:
                return False
            break
        members[count] = candidate[c]
        stranger[count] = c >= n_partners
        firms += kind[candidate[c]] == Kind.FIRM
        score[c] = np.inf
        lacks_science = False
        count += 1
    if count < numbers.least_members:
        return False
    consortia.members[p] = count
    consortia.firms[p] = firms
    consortia.science[p] = count - firms
    return True


@kernel
def _account(p: Any, actors: Any, numbers: Any, consortia: Any) -> None:
    """Fill in the budget of a consortium."""
    yearly = consortia.science[p] * numbers.group
    for c in range(consortia.members[p]):
        j = consortia.member[p, c]
        if actors.kind[j] == Kind.FIRM:
            yearly += numbers.commitment * actors.research[j] * numbers.output * actors.size[j]
    consortia.budget[p] = yearly * consortia.length[p] * DT
