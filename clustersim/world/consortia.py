"""How a coordinator brings a consortium together; the rules stand in the mechanism `projects`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from clustersim.world.actors import Kind
from clustersim.world.draws import draw, identity, key_of
from clustersim.world.elementary import log
from clustersim.world.kernel import inlined, kernel
from clustersim.world.knowledge import (
    absorptive_capacity,
    cognitive_distance,
    fruitfulness,
    length,
    own_research,
)
from clustersim.world.newcomers import pick_one
from clustersim.world.projects import HIGHEST_TRL
from clustersim.world.types import Floats, Ids, Ints
from clustersim.world.world import DT

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
    """Room for consortia that come about: their projects, and who takes part.

    Attributes
    ----------
    id, field, first_trl, target, length, firms, science, budget
        Columns of the projects, as in :class:`~clustersim.world.projects.Projects`, shape (n,).
    start
        Shape (n + 1,): the members of consortium ``p`` are ``start[p]:start[p + 1]``.
    member
        Row of each member, consortium after consortium, the coordinator first.
    leader, stranger
        Rows of coordinators and of members whom they have not worked with, pair by pair.
    """

    id: Ids
    field: Ints
    first_trl: Ints
    target: Ints
    length: Ints
    firms: Ints
    science: Ints
    budget: Floats
    start: Ids
    member: Ints
    leader: Ints
    stranger: Ints

    @classmethod
    def room(cls, n: int, most: int) -> Consortia:
        """Return room for `n` consortia of at most so many members."""
        return cls(
            id=np.empty(n, dtype=np.int64),
            field=np.empty(n, dtype=np.int32),
            first_trl=np.empty(n, dtype=np.int8),
            target=np.empty(n, dtype=np.int8),
            length=np.empty(n, dtype=np.int32),
            firms=np.empty(n, dtype=np.int32),
            science=np.empty(n, dtype=np.int32),
            budget=np.empty(n),
            start=np.zeros(n + 1, dtype=np.int64),
            member=np.empty(n * most, dtype=np.int32),
            leader=np.empty(n * most, dtype=np.int32),
            stranger=np.empty(n * most, dtype=np.int32),
        )


@inlined
def takes_part(kind: Any) -> Any:
    """Return whether actors of a kind do research of their own."""
    return (kind == Kind.FIRM) | (kind == Kind.UNIVERSITY) | (kind == Kind.RTO)


@kernel
def gather(
    stream: Any,
    ask: Any,
    names: Any,
    rows: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    region: Any,
    sector: Any,
    size: Any,
    research: Any,
    funded: Any,
    knowledge: Any,
    arcs: Any,
    busy: Any,
    relevance: Any,
    added: Any,
    n_regions: Any,
    travel: Any,
    exchange: Any,
    numbers: Any,
    consortia: Any,
) -> Any:
    """Fill in the consortia that come about; return how many, and how many pairs of strangers.

    Parameters
    ----------
    stream, ask, names
        Streams of the proposals, of the asking, and of the projects' identities.
    rows
        Who proposes, shape (n,).
    alive, ids, kind, region, sector, size, research, funded, knowledge
        Columns of the actor table.
    arcs
        Collaborations.
    busy
        In how many projects each row takes part, shape (rows,).
    relevance
        Of the fields in each sector, shape (S, M).
    added
        Value added per job in each sector, shape (S,).
    n_regions
        Number of regions, R.
    travel
        Share of the usual travel that is possible, shape (1,).
    exchange, numbers
        Numbers of the exchange of knowledge, and of the mechanism.
    consortia
        Room for them; they are put in by the identity of their projects, ascending.
    """
    key, ask_key = key_of(stream), key_of(ask)
    even = np.full(knowledge.shape[1], 1.0 / knowledge.shape[1])
    weights = np.empty(even.size)
    seen = np.zeros(ids.size, dtype=np.int32)
    candidate = np.empty(ids.size, dtype=np.int32)
    score = np.empty(ids.size)
    science_start, science = _science_by_region(alive, kind, region, n_regions)
    more_members = max(numbers.consortium - numbers.least_members, 0)
    name = np.empty(rows.size, dtype=np.int64)
    for p in range(rows.size):
        name[p] = identity(names, ids[rows[p]], 0)
    n = 0
    n_strangers = 0
    for p in np.argsort(name):
        i = rows[p]
        _, where, higher, large = draw(key, ids[i], 0, 0)
        further, long, _, _ = draw(key, ids[i], 0, 1)
        needed = relevance[sector[i]] if sector[i] >= 0 else even
        _feasible(i, knowledge, arcs.start, arcs.partner, needed, weights)
        if weights.max() == 0.0:
            continue
        m = pick_one(where, weights)
        first = _lower_level(kind[i]) + (higher < knowledge[i, m])
        local = science[science_start[region[i]] : science_start[region[i] + 1]]
        near, reached = _reach(i, p + 1, arcs.start, arcs.partner, local, seen, candidate)
        n_partners, n_asked = _score(
            ask_key,
            i,
            m,
            near,
            candidate[:reached],
            ids,
            kind,
            region,
            research,
            knowledge,
            busy,
            travel[0],
            exchange,
            numbers,
            score,
        )
        count, strangers = _choose(
            i,
            first,
            numbers.least_members + np.int64(large * (more_members + 1)),
            n_partners,
            kind,
            numbers,
            candidate[:n_asked],
            score,
            consortia.member[consortia.start[n] :],
            consortia.leader[n_strangers:],
            consortia.stranger[n_strangers:],
        )
        if count == 0:
            continue
        consortia.id[n] = name[p]
        consortia.field[n] = m
        consortia.first_trl[n] = first
        consortia.target[n] = min(first + LEAST_LEVELS + (further < numbers.ambition), HIGHEST_TRL)
        consortia.length[n] = _quarters(long, numbers.shortest, numbers.longest)
        consortia.start[n + 1] = consortia.start[n] + count
        _account(n, kind, sector, size, research, funded, added, numbers, consortia)
        n += 1
        n_strangers += strangers
    return n, n_strangers


@inlined
def _quarters(uniform: Any, shortest: Any, longest: Any) -> Any:
    """Return a length in quarters, evenly drawn between two numbers of years."""
    more = np.int64(max(longest - shortest, 0.0) / DT + 0.5)
    return np.int64(shortest / DT + 0.5) + np.int64(uniform * (more + 1))


@kernel
def _science_by_region(alive: Any, kind: Any, region: Any, n_regions: Any) -> Any:
    """Return where the universities and RTOs of each region begin, (R + 1,), and their rows."""
    start = np.zeros(n_regions + 1, dtype=np.int64)
    for i in range(kind.size):
        if alive[i] and _suits(kind[i], SCIENCE):
            start[region[i] + 1] += 1
    for r in range(n_regions):
        start[r + 1] += start[r]
    place = start[:-1].copy()
    rows = np.empty(start[n_regions], dtype=np.int32)
    for i in range(kind.size):
        if alive[i] and _suits(kind[i], SCIENCE):
            rows[place[region[i]]] = i
            place[region[i]] += 1
    return start, rows


@inlined
def _lower_level(kind: Any) -> Any:
    """Return the lower of the two levels at which the projects of a kind begin."""
    if kind == Kind.UNIVERSITY:
        return UNIVERSITY_TRL
    return RTO_TRL if kind == Kind.RTO else FIRM_TRL


@kernel
def _feasible(i: Any, knowledge: Any, start: Any, partner: Any, needed: Any, weights: Any) -> None:
    """Fill in the weight of each field as the subject of a project of actor `i`."""
    for m in range(needed.size):
        weights[m] = knowledge[i, m]
    for arc in range(start[i], start[i + 1]):
        j = partner[arc]
        for m in range(needed.size):
            weights[m] = max(weights[m], np.float64(knowledge[j, m]))
    for m in range(needed.size):
        room = max(1.0 - np.float64(knowledge[i, m]), 0.0)
        weights[m] *= needed[m] * room


@kernel
def _reach(
    i: Any, mark: Any, start: Any, partner: Any, local: Any, seen: Any, candidate: Any
) -> Any:
    """Fill in whom actor `i` can reach, partners first; return how many partners, and in all.

    Whoever was looked at is marked in `seen`, shape (rows,), with the number of the proposal.
    """
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
    key: Any,
    i: Any,
    m: Any,
    near: Any,
    candidate: Any,
    ids: Any,
    kind: Any,
    region: Any,
    research: Any,
    knowledge: Any,
    busy: Any,
    travel: Any,
    exchange: Any,
    numbers: Any,
    score: Any,
) -> Any:
    """Keep the candidates who can be asked, with scores; return how many partners, and in all.

    The first `near` candidates are partners, before and after.
    """
    capacity = absorptive_capacity(research[i], exchange)
    length_i = length(knowledge, i)
    n_partners = 0
    n = 0
    for c in range(candidate.size):
        j = candidate[c]
        luck, trip, _, _ = draw(key, ids[i], ids[j], 0)
        if region[j] != region[i] and trip >= travel:
            continue
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
            score[n] = -log(1.0 - luck) / weight
            n += 1
            n_partners += c < near
    return n_partners, n


@inlined
def _suits(kind: Any, sought: Any) -> Any:
    """Return whether actors of a kind are among those who are sought."""
    if sought == A_FIRM:
        return kind == Kind.FIRM
    if sought == A_UNIVERSITY:
        return kind == Kind.UNIVERSITY
    science = (kind == Kind.UNIVERSITY) | (kind == Kind.RTO)
    return science if sought == SCIENCE else True


@kernel
def _ask_one(sought: Any, kind: Any, candidate: Any, score: Any) -> Any:
    """Return the place of the candidate with the lowest score of those who suit, or -1."""
    chosen = -1
    lowest = np.inf
    for c in range(candidate.size):
        if score[c] < lowest and _suits(kind[candidate[c]], sought):
            chosen = c
            lowest = score[c]
    return chosen


@kernel
def _choose(
    i: Any,
    first: Any,
    wanted: Any,
    n_partners: Any,
    kind: Any,
    numbers: Any,
    candidate: Any,
    score: Any,
    member: Any,
    leader: Any,
    stranger: Any,
) -> Any:
    """Fill in the members of a consortium, and who of them are strangers; return how many.

    No members, no consortium.
    """
    member[0] = i
    count = 1
    strangers = 0
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
        c = _ask_one(sought, kind, candidate, score)
        if c < 0:
            if sought != ANYBODY:
                return 0, 0
            break
        member[count] = candidate[c]
        if c >= n_partners:
            leader[strangers], stranger[strangers] = i, candidate[c]
            strangers += 1
        firms += kind[candidate[c]] == Kind.FIRM
        score[c] = np.inf
        lacks_science = False
        count += 1
    return (count, strangers) if count >= numbers.least_members else (0, 0)


@kernel
def _account(
    n: Any,
    kind: Any,
    sector: Any,
    size: Any,
    research: Any,
    funded: Any,
    added: Any,
    numbers: Any,
    consortia: Any,
) -> None:
    """Fill in who takes part in consortium `n`, and its budget, euro."""
    firms = 0
    yearly = 0.0
    members = consortia.member[consortia.start[n] : consortia.start[n + 1]]
    for j in members:
        if kind[j] == Kind.FIRM:
            firms += 1
            own = own_research(research[j], funded[j])
            yearly += numbers.commitment * own * added[sector[j]] * size[j]
    consortia.firms[n] = firms
    consortia.science[n] = members.size - firms
    yearly += consortia.science[n] * numbers.group
    consortia.budget[n] = yearly * consortia.length[n] * DT
