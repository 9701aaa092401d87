"""Newcomers in the making: their properties before they hire and enter.

What each kind of newcomer knows and where it settles is specified by the mechanism of entry, which
decides how many there are and whose. Every number is drawn from streams that are passed in, in the
order of `Luck`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from clustersim.world.actors import Kind, Origin
from clustersim.world.draws import draw, identity, key_of
from clustersim.world.kernel import inlined, kernel
from clustersim.world.knowledge import own_research
from clustersim.world.newcomers import (
    MOST_RESEARCH,
    away_one,
    chances_to_know,
    level_one,
    pareto_one,
    pick_one,
    research_one,
)
from clustersim.world.types import Floats, Ids


class Luck(IntEnum):
    """Which of the streams a number is drawn from."""

    START_UP = 0
    NICHE = 1
    KNOWLEDGE = 2
    POSITION = 3
    RESEARCH = 4
    SPIN_OFF = 5
    SPIN_OFF_WHERE = 6
    FORGET = 7
    IDEA = 8
    UNIVERSITY = 9
    UNIVERSITY_SECTOR = 10
    SIZE = 11


class Cohort(NamedTuple):
    """Newcomers: one value each, shape (n,); knowledge (n, M)."""

    ids: Ids
    region: Ids
    sector: Ids
    niche: Ids
    parent: Ids
    origin: Ids
    x: Floats
    y: Floats
    research: Floats
    log_productivity: Floats
    knowledge: Floats

    @classmethod
    def of(cls, n: int, n_fields: int) -> Cohort:
        """Return room for `n` newcomers."""
        whole, real = np.empty((6, n), dtype=np.int64), np.empty((4, n))
        return cls._make([*whole, *real, np.empty((n, n_fields))])


@kernel
def start_ups(
    cohort: Cohort,
    counts: Any,
    key: Any,
    x: Any,
    y: Any,
    relevance: Any,
    mean_log_productivity: Any,
    luck: Any,
    numbers: Any,
) -> None:
    """Fill in the start-ups, the first of the cohort: `counts` of each place, shape (R, S)."""
    ids, region, sector, niche = cohort.ids, cohort.region, cohort.sector, cohort.niche
    at_x, at_y, parent, origin = cohort.x, cohort.y, cohort.parent, cohort.origin
    knowledge, research = cohort.knowledge, cohort.research
    log_productivity = cohort.log_productivity
    low, high = numbers.knowledge_low, numbers.knowledge_high
    chance = chances_to_know(relevance, numbers.breadth)
    niches, levels = key_of(luck[Luck.NICHE]), key_of(luck[Luck.KNOWLEDGE])
    positions, researches = key_of(luck[Luck.POSITION]), key_of(luck[Luck.RESEARCH])
    i = 0
    for r in range(counts.shape[0]):
        for s in range(counts.shape[1]):
            for ordinal in range(counts[r, s]):
                ids[i] = identity(luck[Luck.START_UP], key[r, s], ordinal)
                region[i], sector[i] = r, s
                niche[i] = pick_one(draw(niches, ids[i], 0, 0)[0], relevance[s])
                _draw_all(levels, ids[i], knowledge, i)
                for m in range(relevance.shape[1]):
                    known = 1.0 if m == niche[i] else chance[s, m]
                    knowledge[i, m] = level_one(knowledge[i, m], known, low, high)
                east, north = _away(positions, ids[i], numbers)
                at_x[i], at_y[i] = x[r, s] + east, y[r, s] + north
                research[i] = _research(researches, ids[i], numbers)
                log_productivity[i] = mean_log_productivity[s]
                parent[i] = -1
                origin[i] = Origin.START_UP
                i += 1


@kernel
def spin_offs(
    cohort: Cohort,
    first: Any,
    parents: Any,
    parent_id: Any,
    parent_region: Any,
    parent_sector: Any,
    parent_x: Any,
    parent_y: Any,
    parent_research: Any,
    parent_funded: Any,
    parent_log_productivity: Any,
    parent_knowledge: Any,
    x: Any,
    y: Any,
    population: Any,
    relevance: Any,
    alike: Any,
    luck: Any,
    numbers: Any,
) -> None:
    """Fill in the spin-offs of firms, from the `first` of them in the cohort on.

    `parents` are rows, shape (n,), of the columns of actors that are called `parent_...`. Chances
    to enter one sector from another, `alike`, have shape (S, S).
    """
    ids, region, sector, knowledge = cohort.ids, cohort.region, cohort.sector, cohort.knowledge
    low, high = numbers.knowledge_low, numbers.knowledge_high
    for p in range(parents.size):
        parent, i = parents[p], first + p
        ids[i] = identity(luck[Luck.SPIN_OFF], parent_id[parent], 0)
        moves, whither, branches, into = draw(luck[Luck.SPIN_OFF_WHERE], ids[i], 0, 0)
        region[i], sector[i] = parent_region[parent], parent_sector[parent]
        if branches < numbers.diversification and alike[sector[i]].sum() > 0.0:
            sector[i] = pick_one(into, alike[sector[i]])
        centre_x, centre_y = parent_x[parent], parent_y[parent]
        if moves >= numbers.local:
            region[i] = pick_one(whither, population)
            centre_x, centre_y = x[region[i], sector[i]], y[region[i], sector[i]]
        east, north = _away(key_of(luck[Luck.POSITION]), ids[i], numbers)
        cohort.x[i], cohort.y[i] = centre_x + east, centre_y + north
        _draw_all(key_of(luck[Luck.FORGET]), ids[i], knowledge, i)
        for m in range(relevance.shape[1]):
            left = 1.0 - numbers.forgetting * knowledge[i, m]
            knowledge[i, m] = np.float64(parent_knowledge[parent, m]) * left
        idea, field, height, _ = draw(luck[Luck.IDEA], ids[i], 0, 0)
        if idea < numbers.idea:
            m = pick_one(field, relevance[sector[i]])
            knowledge[i, m] = max(knowledge[i, m], low + (high - low) * height)
        drawn = _research(key_of(luck[Luck.RESEARCH]), ids[i], numbers)
        cohort.niche[i] = main_field(knowledge[i], relevance[sector[i]])
        own = own_research(parent_research[parent], parent_funded[parent])
        cohort.research[i] = 0.5 * own + 0.5 * drawn
        cohort.log_productivity[i] = parent_log_productivity[parent]
        cohort.parent[i] = parent_id[parent]
        cohort.origin[i] = Origin.SPIN_OFF


@kernel
def university_spin_offs(
    cohort: Cohort,
    first: Any,
    parents: Any,
    parent_id: Any,
    parent_region: Any,
    parent_x: Any,
    parent_y: Any,
    parent_knowledge: Any,
    relevance: Any,
    match: Any,
    least_relevance: Any,
    mean_log_productivity: Any,
    luck: Any,
    numbers: Any,
) -> None:
    """Fill in the spin-offs of universities, from the `first` of them in the cohort on.

    `parents` are rows, shape (n,), of the columns of actors that are called `parent_...`. Weights
    of the sectors for each, `match`, have shape (n, S).
    """
    ids, sector, knowledge = cohort.ids, cohort.sector, cohort.knowledge
    for p in range(parents.size):
        parent, i = parents[p], first + p
        ids[i] = identity(luck[Luck.UNIVERSITY], parent_id[parent], 0)
        cohort.region[i] = parent_region[parent]
        sector[i] = pick_one(draw(luck[Luck.UNIVERSITY_SECTOR], ids[i], 0, 0)[0], match[p])
        _draw_all(key_of(luck[Luck.FORGET]), ids[i], knowledge, i)
        for m in range(relevance.shape[1]):
            left = 1.0 - numbers.forgetting * knowledge[i, m]
            if not relevance[sector[i], m] > least_relevance:
                left = 0.0
            knowledge[i, m] = np.float64(parent_knowledge[parent, m]) * left
        east, north = _away(key_of(luck[Luck.POSITION]), ids[i], numbers)
        cohort.x[i], cohort.y[i] = parent_x[parent] + east, parent_y[parent] + north
        cohort.niche[i] = main_field(knowledge[i], relevance[sector[i]])
        drawn = _research(key_of(luck[Luck.RESEARCH]), ids[i], numbers)
        cohort.research[i] = min(2.0 * drawn, MOST_RESEARCH)
        cohort.log_productivity[i] = mean_log_productivity[sector[i]]
        cohort.parent[i] = parent_id[parent]
        cohort.origin[i] = Origin.UNIVERSITY_SPIN_OFF


@kernel
def wishes(cohort: Cohort, n_sectors: Any, luck: Any, numbers: Any) -> Any:
    """Return the order of the cohort by place, and what each wishes in this order, (n,) each.

    That is its region, the jobs that it wants, and its luck in hiring. Among those of one place the
    order is that of the cohort.
    """
    ids, region, sector = cohort.ids, cohort.region, cohort.sector
    place = region * n_sectors + sector
    order = np.argsort(place, kind="mergesort")
    wanted, lucky = np.empty((2, order.size))
    for k in range(order.size):
        large, lucky[k], _, _ = draw(luck[Luck.SIZE], ids[order[k]], 0, 0)
        wanted[k] = pareto_one(large, numbers.smallest, numbers.largest, numbers.tail)
    return order, region[order], wanted, lucky


@kernel
def enter(
    cohort: Cohort,
    order: Any,
    size: Any,
    rows: Any,
    actors: Any,
    wage: Any,
    export_share: Any,
    funds: Any,
    step: Any,
    entries: Any,
    spin_offs: Any,
) -> None:
    """Write those of the cohort who have people to their rows, and count them by place.

    Sizes, in jobs, are in the `order` of the cohort that :func:`wishes` made, and `rows` are as
    many as sizes are not zero; `funds` are in years of the wage bill.
    """
    n = 0
    for k in range(order.size):
        if not size[k] > 0.0:
            continue
        c, i = order[k], rows[n]
        n += 1
        r, s = cohort.region[c], cohort.sector[c]
        actors.id[i], actors.parent[i] = cohort.ids[c], cohort.parent[c]
        actors.kind[i], actors.origin[i] = Kind.FIRM, cohort.origin[c]
        actors.region[i], actors.sector[i], actors.niche[i] = r, s, cohort.niche[c]
        actors.x[i], actors.y[i] = cohort.x[c], cohort.y[c]
        actors.birth[i] = step
        actors.size[i] = actors.orders[i] = size[k]
        actors.cash[i] = funds * size[k] * wage[r]
        actors.research[i] = cohort.research[c]
        actors.log_productivity[i] = cohort.log_productivity[c]
        actors.export_share[i] = export_share[s]
        for m in range(cohort.knowledge.shape[1]):
            actors.knowledge[i, m] = cohort.knowledge[c, m]
        entries[r, s] += 1.0
        if cohort.origin[c] != Origin.START_UP:
            spin_offs[r, s] += 1.0


@inlined
def _draw_all(stream: Any, actor: Any, out: Any, i: Any) -> None:
    """Fill row `i`, shape (M,), with the uniforms of a decision that has one for each field."""
    n_fields = out.shape[1]
    for m in range(0, n_fields, 4):
        lanes = draw(stream, actor, 0, m // 4)
        for lane in range(min(4, n_fields - m)):
            out[i, m + lane] = lanes[lane]


@inlined
def _away(stream: Any, newcomer: Any, numbers: Any) -> Any:
    """Return how far from the centre a newcomer settles, km to the east and to the north."""
    distance, direction, _, _ = draw(stream, newcomer, 0, 0)
    return away_one(distance, direction, numbers.district_km)


@inlined
def _research(stream: Any, newcomer: Any, numbers: Any) -> Any:
    first, second, _, _ = draw(stream, newcomer, 0, 0)
    return research_one(first, second, numbers.research_mean, numbers.research_spread)


@kernel
def main_field(knowledge: Any, relevance: Any) -> Any:
    """Return the field with the highest ``w k``; both have shape (M,)."""
    chosen = 0
    for m in range(1, knowledge.size):
        if relevance[m] * knowledge[m] > relevance[chosen] * knowledge[chosen]:
            chosen = m
    return chosen
