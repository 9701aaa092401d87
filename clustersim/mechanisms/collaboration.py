"""Mechanism 12: who collaborates with whom, and trust."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.actors import Kind
from clustersim.world.draws import ROUNDED_UP, Draws, draw, key_of
from clustersim.world.elementary import euclidean, exp, expm1
from clustersim.world.kernel import inlined, kernel
from clustersim.world.knowledge import (
    absorptive_capacity,
    cognitive_distance,
    decay_in_travel,
    effort,
    fruitfulness,
    length,
)
from clustersim.world.ring import Circle, meet_one
from clustersim.world.rows import AHEAD, fetch
from clustersim.world.threads import spread
from clustersim.world.ties import Adjacency, trust_after_success
from clustersim.world.types import Flags, Ints
from clustersim.world.world import DT, World

SCIENCE_CAPACITY = 10.0
"""Capacity of universities and RTOs for ties, over that of a firm (assumption)."""


@final
class Collaboration(Mechanism):
    """Actors with R&D meet, agree or not, work together, and trust grows or breaks.

    *Meeting.* Actor i looks for a partner in a quarter with chance
    ``1 - exp(-meeting_rate meeting_i e_i dt)``, e_i being its effort in research. It asks, with the
    chances `closure`, `milieu` and `region`, each times ``1 - outreach_i``, a partner of a partner,
    somebody of its milieu (the local industry; for a university those of its region), or somebody
    of its region; else anybody. Without partners, or if the partner has no other, `closure` falls
    to the milieu. The partner of a partner is the one with the lowest keyed score, twice, whoever
    asks; the others are met on a ring (`clustersim.world.ring`), so that one more actor changes the
    meetings of few. The levers meeting_i and outreach_i are those of the one who seeks.

    Whoever policy brings together (``public.meetings``) meets besides, the first of a pair asking.

    *Agreement.* The one asked agrees, unless they are tied already, with the chance below; if two
    ask each other, each asking has its own::

        L(d_ij) * (geographic W(km_ij) + social C_ij + organisational O_ij + institutional I_ij)
                / (geographic + social + organisational + institutional) * exp(-load)
        load = (deg_i / cap_i + deg_j / cap_j) / 2

    the five proximities of Boschma 2005: cognitive L (inverted U, with
    the absorptive capacity of the one who asks), geographic W, social C = 1 if
    they have a partner in common, organisational O = 1 if one is the other's parent or both have
    one parent, institutional I = 1 if both are firms, both are science, else the mean institutional
    quality of their regions. cap is `capacity`, ten times that for universities and RTOs. Trust
    begins at the mean institutional quality of the two regions.

    *Travel.* Whoever is to meet somebody of another region does so with the chance
    ``conditions.travel``, the share of the usual travel that is possible; else it meets nobody in
    the quarter. W between regions needs travel as well (`clustersim.world.knowledge`).

    *Conclusion.* A tie's project ends in a quarter with chance ``1 - exp(-dt / length)``: in
    success with chance ``success (1 + trust) / 2``. Success makes it ``min(trust + trust_gain g_ij
    (1 - trust), 1)``, with the mean ``g_ij`` of the lever `trust` of both, failure ``trust (1 -
    trust_loss)``; then the partners go on with another project with chance ``renewal * trust``;
    else the tie ends.

    Meetings, agreements and conclusions all see the state at the start of the mechanism. A new tie
    can't end in the quarter in which it is made.

    Sources: Boschma 2005; Nooteboom et al. 2007; Tomasello et al. (mean degree about 3, alliances
    of about two years). Chances and weights: assumptions. Trap: `length` is that of a project, a
    tie that is renewed lasts longer.
    """

    name: ClassVar[str] = "collaboration"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.x",
        "actors.y",
        "actors.parent",
        "actors.research",
        "actors.knowledge",
        "regions.institutional_quality",
        "conditions.travel",
        "ties.collaboration",
        "levers.meeting",
        "levers.outreach",
        "levers.trust",
        "public.meetings",
    )
    writes: ClassVar[tuple[str, ...]] = ("ties.collaboration",)

    meeting_rate: float = parameter(
        10.0,
        low=0.0,
        high=50.0,
        unit="1/year",
        meaning="Meetings that an actor of full effort seeks.",
        source="set with `capacity` and `renewal` to a mean degree near 3 (Tomasello et al.)",
    )
    closure: float = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of meetings with partners of partners.",
        source="assumption; direction: Tomasello et al.",
    )
    milieu: float = parameter(
        0.2,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of meetings within the own local industry.",
        source="assumption: most alliances join partners of different regions",
    )
    region: float = parameter(
        0.1,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of meetings within the own region; what is left is anywhere.",
        source="assumption",
    )
    geographic: float = parameter(
        1.0,
        low=0.0,
        high=100.0,
        unit="-",
        meaning="Weight of geographic proximity.",
        source="assumption",
    )
    social: float = parameter(
        1.0,
        low=0.0,
        high=100.0,
        unit="-",
        meaning="Weight of social proximity.",
        source="assumption",
    )
    organisational: float = parameter(
        0.5,
        low=0.0,
        high=100.0,
        unit="-",
        meaning="Weight of organisational proximity.",
        source="assumption",
    )
    institutional: float = parameter(
        1.0,
        low=0.01,
        high=100.0,
        unit="-",
        meaning="Weight of institutional proximity.",
        source="assumption",
    )
    capacity: float = parameter(
        16.0,
        low=0.1,
        high=1000.0,
        unit="ties",
        meaning="Ties at which agreeing becomes rare.",
        source="set with `meeting_rate` to a mean degree near 3 (Tomasello et al.)",
    )
    length: float = parameter(
        2.0,
        low=0.25,
        high=50.0,
        unit="years",
        meaning="Mean length of a project.",
        source="Tomasello et al.: about two years",
    )
    success: float = parameter(
        0.8,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Chance of success between partners of full trust.",
        source="assumption",
    )
    trust_gain: float = parameter(
        0.15,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of missing trust that a success adds.",
        source="assumption",
    )
    trust_loss: float = parameter(
        0.35,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of trust that a failure takes; larger than the gain.",
        source="assumption; trust is easier to break than to make",
    )
    renewal: float = parameter(
        0.6,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Chance that partners of full trust go on with another project.",
        source="assumption",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Conclude projects and make new ties."""
        layer = world.ties.collaboration
        adjacency = layer.adjacency(world.actors.n_rows)
        seekers, asked = self._agreements(world, adjacency, draws)
        layer.keep(self._conclude(world, draws))
        world.collaborate(seekers, asked)

    def _conclude(self, world: World, draws: Draws) -> Flags:
        """Book the projects that end; return which ties go on, shape (ties,)."""
        layer = world.ties.collaboration
        stays = np.empty(len(layer), dtype=np.bool_)
        spread(
            _conclusions,
            len(layer),
            draws.stream("collaboration.conclude"),
            world.actors.id,
            layer.first,
            layer.second,
            layer.trust,
            world.levers.trust,
            self.numbers,
            stays,
        )
        return stays

    def _agreements(self, world: World, adjacency: Adjacency, draws: Draws) -> tuple[Ints, Ints]:
        """Return the rows of those who agree to collaborate, shape (n,) each."""
        actors = world.actors
        seekers, asked = self._meetings(world, adjacency, draws)
        spread(
            _agree,
            seekers.size,
            draws.stream("collaboration.agree"),
            seekers,
            asked,
            actors.id,
            actors.kind,
            actors.region,
            actors.parent,
            actors.x,
            actors.y,
            actors.research,
            actors.knowledge,
            world.regions.institutional_quality,
            world.conditions.travel,
            adjacency.arcs,
            world.exchange,
            self.numbers,
        )
        seekers, asked = _pairs(seekers, asked)
        return seekers, asked

    def _meetings(self, world: World, adjacency: Adjacency, draws: Draws) -> tuple[Ints, Ints]:
        """Return who asks whom, rows of shape (n,) each."""
        actors = world.actors
        rows = _researchers(actors.alive, actors.research)
        luck = np.empty((3, rows.size))
        seeks = np.empty(rows.size, dtype=np.bool_)
        spread(
            _seek,
            rows.size,
            draws.stream("collaboration.meet"),
            actors.id,
            actors.research,
            world.levers.meeting,
            rows,
            self.meeting_rate * DT,
            world.exchange,
            luck,
            seeks,
        )
        circle = Circle(rows, luck[2])
        milieu, region = world.milieu(rows), actors.region[rows]
        asked = np.empty(rows.size, dtype=np.int32)
        spread(
            _ask,
            rows.size,
            draws.stream("collaboration.friend"),
            rows,
            seeks,
            luck,
            world.levers.outreach,
            actors.id,
            adjacency.arcs,
            milieu,
            circle.ring(milieu, world.n_milieus).table,
            region,
            circle.ring(region, world.n_regions).table,
            circle.everybody().table,
            (self.closure, self.milieu, self.region),
            asked,
        )
        who, asked = _pairs(rows, asked)
        if world.public.meetings.size:
            first, second = self._brought_together(world)
            who, asked = np.concatenate([who, first]), np.concatenate([asked, second])
        travel = world.conditions.travel[0]
        if travel < 1.0:
            able = draws.uniform("collaboration.travel", actors.id[who]) < travel
            able |= actors.region[who] == actors.region[asked]
            who, asked = who[able], asked[able]
        return who, asked

    @staticmethod
    def _brought_together(world: World) -> tuple[Ints, Ints]:
        """Return the rows of those whom policy brings together and who are there, (n,) each."""
        pairs, actors = world.public.meetings, world.actors
        rows = _researchers(actors.alive, actors.research)
        if rows.size == 0:
            return rows, rows
        rows = rows[np.argsort(actors.id[rows])]
        at = np.minimum(np.searchsorted(actors.id[rows], pairs), rows.size - 1)
        there = (actors.id[rows[at]] == pairs).all(axis=1)
        first, second = rows[at[there]].T
        return first, second


@kernel
def _researchers(alive: Any, research: Any) -> Any:
    """Return the rows of those who do research, ascending, shape (n,)."""
    rows = np.empty(alive.size, dtype=np.int32)
    n = 0
    for i in range(alive.size):
        rows[n] = i
        n += alive[i] & (research[i] > 0.0)
    return rows[:n]


@kernel
def _pairs(seekers: Any, asked: Any) -> Any:
    """Return those who ask somebody, and whom: rows, shape (n,) each; -1 is nobody."""
    pairs = np.empty((2, asked.size), dtype=np.int32)
    n = 0
    for k in range(asked.size):
        pairs[0, n], pairs[1, n] = seekers[k], asked[k]
        n += asked[k] >= 0
    return pairs[0, :n], pairs[1, :n]


@kernel
def _seek(
    first_row: Any,
    last_row: Any,
    stream: Any,
    ids: Any,
    research: Any,
    meeting: Any,
    rows: Any,
    rate: Any,
    exchange: Any,
    luck: Any,
    seeks: Any,
) -> None:
    """Fill in who looks for a partner, shape (n,), and its luck, shape (3, n).

    Luck says where an actor looks, from which point of a ring, and at which point of a ring it can
    be met itself.
    """
    key = key_of(stream)
    part = slice(first_row, last_row)
    rows, luck, seeks = rows[part], luck[:, part], seeks[part]
    hazard, chance, first = np.empty(rows.size), np.empty(rows.size), np.empty(rows.size)
    factor = np.empty(rows.size)
    for k in range(rows.size):
        hazard[k], factor[k] = research[rows[k]], meeting[rows[k]]
        first[k], luck[0, k], luck[1, k], luck[2, k] = draw(key, ids[rows[k]], 0, 0)
    for k in range(rows.size):  # nothing else in this loop: several actors are done at a time
        hazard[k] = rate * effort(hazard[k], exchange) * factor[k]
        chance[k] = -expm1(-hazard[k])
    for k in range(rows.size):
        seeks[k] = (first[k] < hazard[k]) & (first[k] < chance[k])


@kernel
def _ask(
    first_row: Any,
    last_row: Any,
    friend_stream: Any,
    rows: Any,
    seeks: Any,
    luck: Any,
    outreach: Any,
    ids: Any,
    arcs: Any,
    milieu: Any,
    milieus: Any,
    region: Any,
    regions: Any,
    world: Any,
    shares: Any,
    asked: Any,
) -> None:
    """Fill in whom each actor asks, a row, or -1 for nobody, as who does not look for a partner.

    Those who look are first sorted by where they look: loops that do always the same are guessed
    right by the processor.
    """
    key = key_of(friend_stream)
    start, partner = arcs.start, arcs.partner
    where, point = luck[0], luck[1]
    lists = np.empty((4, last_row - first_row + 1), dtype=np.int32)
    n = np.zeros(4, dtype=np.int64)
    to_friends, more_milieu, more_region = shares
    to_milieu = to_friends + more_milieu
    to_region = to_milieu + more_region
    for k in range(first_row, last_row):
        asked[k] = -1
        if not seeks[k]:
            continue
        near = 1.0 - outreach[rows[k]]
        which = np.int64(where[k] >= to_friends * near)
        which += (which > 0) & (where[k] >= to_milieu * near)
        which += (which > 1) & (where[k] >= to_region * near)
        lists[which, n[which]] = k
        n[which] += 1
    for k in lists[0, : n[0]]:
        friend = _lowest_score(key, rows[k], -1, ids, start, partner)
        if friend >= 0:
            asked[k] = _lowest_score(key, friend, rows[k], ids, start, partner)
        lists[1, n[1]] = k
        n[1] += asked[k] < 0
    for k in lists[1, : n[1]]:
        asked[k] = meet_one(milieus, milieu[k], point[k], rows[k])
    for k in lists[2, : n[2]]:
        asked[k] = meet_one(regions, region[k], point[k], rows[k])
    for k in lists[3, : n[3]]:
        asked[k] = meet_one(world, 0, point[k], rows[k])


@kernel
def _lowest_score(key: Any, actor: Any, avoid: Any, ids: Any, start: Any, partner: Any) -> Any:
    """Return the partner of `actor` with the lowest keyed score, other than `avoid`, or -1."""
    best = 2.0
    chosen = np.int64(-1)
    if start[actor] + 1 == start[actor + 1]:  # the lowest of one: no luck is needed
        j = partner[start[actor]]
        return np.int64(j) if j != avoid else chosen
    for arc in range(start[actor], start[actor + 1]):
        j = partner[arc]
        if j != avoid:
            score = draw(key, ids[actor], ids[j], 0)[0]
            if score < best:
                best = score
                chosen = np.int64(j)
    return chosen


@kernel
def _agree(
    first_row: Any,
    last_row: Any,
    stream: Any,
    seekers: Any,
    asked: Any,
    ids: Any,
    kind: Any,
    region: Any,
    parent: Any,
    x: Any,
    y: Any,
    research: Any,
    knowledge: Any,
    quality: Any,
    travel: Any,
    arcs: Any,
    exchange: Any,
    numbers: Any,
) -> None:
    """Put nobody, -1, in place of those asked who do not agree, shape (n,).

    What is cheap to know comes first: most are refused by it.
    """
    key = key_of(stream)
    start, partner = arcs.start, arcs.partner
    weights = numbers.geographic + numbers.social + numbers.organisational + numbers.institutional
    part = slice(first_row, last_row)
    answers, seekers, asked = asked[part], seekers[part], asked[part].copy()
    answers[:] = -1
    n = seekers.size
    luck, chance, near = _first_look(
        key, seekers, asked, ids, kind, region, x, y, start, travel[0], exchange, numbers
    )
    chosen = np.empty(n + 1, dtype=np.int32)
    left = 0
    for p in range(n):  # each factor is at most 1: once it is too much, the rest is idle
        chosen[left] = p
        left += luck[p] < chance[p]
    asking, left = chosen[:left], 0
    for p in asking:
        i, j = seekers[p], asked[p]
        near[p] += numbers.institutional * _alike(i, j, kind, region, quality)
        organised = numbers.organisational if _family(i, j, ids, parent) else 0.0
        most = chance[p] * ((near[p] + numbers.social + organised) / weights)
        chosen[left] = p
        left += luck[p] < most * ROUNDED_UP
    asking, left = chosen[:left], 0
    for p in asking:
        i, j = seekers[p], asked[p]
        tied, common = _acquainted(i, j, start, partner)
        proximity = near[p] + (numbers.social if common else 0.0)
        proximity += numbers.organisational if _family(i, j, ids, parent) else 0.0
        chance[p] *= proximity / weights
        chosen[left] = p
        left += (not tied) & (luck[p] < chance[p])
    asking = chosen[:left]
    for at in range(left):
        ahead = asking[min(at + AHEAD, left - 1)]
        fetch(knowledge, seekers[ahead])
        fetch(knowledge, asked[ahead])
        p = asking[at]
        i, j = seekers[p], asked[p]
        far = cognitive_distance(knowledge, i, j, length(knowledge, i), length(knowledge, j))
        capacity = absorptive_capacity(research[i], exchange)
        if luck[p] < chance[p] * fruitfulness(far, capacity, exchange):
            answers[p] = j


@kernel
def _first_look(
    key: Any,
    seekers: Any,
    asked: Any,
    ids: Any,
    kind: Any,
    region: Any,
    x: Any,
    y: Any,
    start: Any,
    travel: Any,
    exchange: Any,
    numbers: Any,
) -> Any:
    """Return luck, ``exp(-load)`` and weighted geographic proximity of each pair, shape (n,)."""
    n = seekers.size
    luck, chance, near, able = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    names = np.empty((n, 2), dtype=np.int64)
    for p in range(n):  # only looked up: the processor waits for many rows at a time
        i, j = seekers[p], asked[p]
        names[p, 0], names[p, 1] = ids[i], ids[j]
        load = _load(i, kind, start, numbers.capacity) + _load(j, kind, start, numbers.capacity)
        chance[p] = load
        near[p] = euclidean(x[i] - x[j], y[i] - y[j])
        able[p] = travel if region[i] != region[j] else 1.0
    for p in range(n):
        luck[p] = draw(key, names[p, 0], names[p, 1], 0)[0]
    for p in range(n):  # nothing else in this loop: several pairs are done at a time
        chance[p] = exp(-0.5 * chance[p])
        near[p] = numbers.geographic * decay_in_travel(near[p], able[p], exchange)
    return luck, chance, near


@inlined
def _alike(i: Any, j: Any, kind: Any, region: Any, quality: Any) -> Any:
    """Return institutional proximity."""
    between = 0.5 * (quality[region[i]] + quality[region[j]])
    return 1.0 if (kind[i] == Kind.FIRM) == (kind[j] == Kind.FIRM) else between


@inlined
def _family(i: Any, j: Any, ids: Any, parent: Any) -> Any:
    """Return whether one is the other's parent or both have one."""
    siblings = (parent[i] >= 0) & (parent[i] == parent[j])
    return (parent[i] == ids[j]) | (parent[j] == ids[i]) | siblings


@inlined
def _load(actor: Any, kind: Any, start: Any, capacity: Any) -> Any:
    """Return the actor's ties over its capacity, ten times as large for science."""
    more = 1.0 if kind[actor] == Kind.FIRM else SCIENCE_CAPACITY
    return (start[actor + 1] - start[actor]) / (capacity * more)


@kernel
def _acquainted(i: Any, j: Any, start: Any, partner: Any) -> Any:
    """Return whether two actors are tied, and whether they have a partner in common."""
    common = False
    for a in range(start[i], start[i + 1]):
        if partner[a] == j:
            return True, True
        for b in range(start[j], start[j + 1]):
            if partner[a] == partner[b]:
                common = True
    return False, common


@kernel
def _conclusions(
    first_row: Any,
    last_row: Any,
    stream: Any,
    ids: Any,
    first: Any,
    second: Any,
    trust: Any,
    gains: Any,
    numbers: Any,
    stays: Any,
) -> None:
    key = key_of(stream)
    chance = -expm1(-DT / numbers.length)
    part = slice(first_row, last_row)
    first, second, trust, stays = first[part], second[part], trust[part], stays[part]
    names = np.empty((first.size, 2), dtype=np.int64)
    for t in range(first.size):  # only looked up: the processor waits for many rows at a time
        a, b = ids[first[t]], ids[second[t]]
        names[t, 0], names[t, 1] = min(a, b), max(a, b)
    for t in range(first.size):
        concludes, outcome, again, _ = draw(key, names[t, 0], names[t, 1], 0)
        stays[t] = concludes >= chance
        if concludes < chance:
            if outcome < numbers.success * (1.0 + trust[t]) / 2.0:
                one, other = gains[first[t]], gains[second[t]]
                trust[t] = trust_after_success(trust[t], numbers.trust_gain, one, other)
            else:
                trust[t] *= 1.0 - numbers.trust_loss
            stays[t] = again < numbers.renewal * trust[t]
