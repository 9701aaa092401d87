"""Mechanism 12: who collaborates with whom, and trust."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws, draw, happens
from clustersim.world.elementary import euclidean, exp, expm1
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import (
    absorptive_capacity,
    cognitive_distance,
    decay_in_travel,
    fruitfulness,
    length,
)
from clustersim.world.ring import Circle, meet_one
from clustersim.world.threads import spread
from clustersim.world.ties import Adjacency
from clustersim.world.types import Flags, Ids
from clustersim.world.world import DT, World

SCIENCE_CAPACITY = 10.0
"""Capacity of universities and RTOs for ties, over that of a firm (assumption)."""


@final
class Collaboration(Mechanism):
    """Actors with R&D meet, agree or not, work together, and trust grows or breaks.

    *Meeting.* Actor i looks for a partner in a quarter with chance
    ``1 - exp(-meeting_rate gamma_i dt)``. It asks, with the chances `closure`, `milieu` and
    `region`, a partner of a partner, somebody of its milieu (the local industry; for a university
    those of its region), or somebody of its region; else anybody. Without partners, or if the
    partner has no other, `closure` falls to the milieu. The partner of a partner is the one with
    the lowest keyed score, twice, whoever asks; the others are met on a ring
    (`clustersim.world.ring`), so that one more actor changes the meetings of few.

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
    success with chance ``success (1 + trust) / 2``. Success makes it ``trust + trust_gain
    (1 - trust)``, failure ``trust (1 - trust_loss)``; then the partners go on with another project
    with chance ``renewal * trust``; else the tie ends.

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
    )
    writes: ClassVar[tuple[str, ...]] = ("ties.collaboration",)

    meeting_rate: float = parameter(
        6.0,
        low=0.0,
        high=50.0,
        unit="1/year",
        meaning="Meetings that an actor of full absorptive capacity seeks.",
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
        12.0,
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
        first, second = self._agreements(world, adjacency, draws)
        layer.keep(self._conclude(world, draws))
        actors, quality = world.actors, world.regions.institutional_quality
        layer.add(
            first,
            second,
            trust=0.5 * (quality[actors.region[first]] + quality[actors.region[second]]),
            km=euclidean(actors.x[first] - actors.x[second], actors.y[first] - actors.y[second]),
            born=world.clock.step,
        )

    def _conclude(self, world: World, draws: Draws) -> Flags:
        """Book the projects that end; return which ties go on, shape (ties,)."""
        layer = world.ties.collaboration
        stays = np.ones(len(layer), dtype=np.bool_)
        spread(
            _conclusions,
            len(layer),
            draws.stream("collaboration.conclude"),
            world.actors.id,
            layer.first,
            layer.second,
            layer.trust,
            self.numbers,
            stays,
        )
        return stays

    def _agreements(self, world: World, adjacency: Adjacency, draws: Draws) -> tuple[Ids, Ids]:
        """Return the rows of those who agree to collaborate, each pair once, shape (n,) each."""
        actors = world.actors
        seekers, asked = self._meetings(world, adjacency, draws)
        agrees = np.zeros(seekers.size, dtype=np.bool_)
        spread(
            _agree,
            seekers.size,
            draws.stream("collaboration.agree"),
            seekers,
            asked,
            actors.table,
            world.regions.institutional_quality,
            world.conditions.travel,
            adjacency.arcs,
            world.exchange,
            self.numbers,
            agrees,
        )
        first = np.minimum(seekers, asked)[agrees]
        second = np.maximum(seekers, asked)[agrees]
        pairs = np.sort(first * np.int64(actors.n_rows) + second)
        each_once = np.ones(pairs.size, dtype=np.bool_)
        each_once[1:] = pairs[1:] != pairs[:-1]
        return np.divmod(pairs[each_once], np.int64(max(actors.n_rows, 1)))

    def _meetings(self, world: World, adjacency: Adjacency, draws: Draws) -> tuple[Ids, Ids]:
        """Return who asks whom, rows of shape (n,) each."""
        actors = world.actors
        rows = np.flatnonzero(actors.alive & (actors.research > 0.0))
        luck = draws.uniforms("collaboration.meet", actors.id[rows], 4)
        circle = Circle(rows, np.ascontiguousarray(luck[:, 3]))
        asked = np.full(rows.size, -1, dtype=np.int64)
        spread(
            _ask,
            rows.size,
            draws.stream("collaboration.friend"),
            luck,
            rows,
            actors.table,
            adjacency.arcs,
            circle.ring(world.milieu(rows), world.n_milieus).table,
            circle.ring(actors.region[rows], world.n_regions).table,
            circle.ring(np.zeros_like(rows), 1).table,
            world.exchange,
            self.numbers,
            asked,
        )
        met = asked >= 0
        travel = world.conditions.travel[0]
        if travel < 1.0:
            able = draws.uniform("collaboration.travel", actors.id[rows]) < travel
            met &= able | (actors.region[rows] == actors.region[asked])
        return rows[met], asked[met]


@kernel
def _ask(
    first_row: Any,
    last_row: Any,
    friend_stream: Any,
    luck: Any,
    rows: Any,
    actors: Any,
    arcs: Any,
    milieu: Any,
    region: Any,
    world: Any,
    exchange: Any,
    numbers: Any,
    asked: Any,
) -> None:
    """Fill in whom each actor asks, shape (n,): a row, or -1 for nobody.

    The four lanes of luck, shape (n, 4), say whether an actor looks for a partner, where, from
    which point of a ring, and at which point of a ring it can be met itself.
    """
    ids, research = actors.id, actors.research
    start, partner = arcs.start, arcs.partner
    for k in range(first_row, last_row):
        capacity = absorptive_capacity(research[rows[k]], exchange)
        if not happens(luck[k, 0], numbers.meeting_rate * DT * capacity):
            continue
        where = luck[k, 1]
        if where < numbers.closure:
            friend = _lowest_score(friend_stream, rows[k], -1, ids, start, partner)
            if friend >= 0:
                asked[k] = _lowest_score(friend_stream, friend, rows[k], ids, start, partner)
            if asked[k] >= 0:
                continue
        if where < numbers.closure + numbers.milieu:
            asked[k] = meet_one(
                milieu.start, milieu.rows, milieu.position, milieu.group[k], luck[k, 2], rows[k]
            )
        elif where < numbers.closure + numbers.milieu + numbers.region:
            asked[k] = meet_one(
                region.start, region.rows, region.position, region.group[k], luck[k, 2], rows[k]
            )
        else:
            asked[k] = meet_one(world.start, world.rows, world.position, 0, luck[k, 2], rows[k])


@kernel
def _lowest_score(stream: Any, actor: Any, avoid: Any, ids: Any, start: Any, partner: Any) -> Any:
    """Return the partner of `actor` with the lowest keyed score, other than `avoid`, or -1."""
    best = 2.0
    chosen = -1
    for arc in range(start[actor], start[actor + 1]):
        j = partner[arc]
        if j != avoid:
            score = draw(stream, ids[actor], ids[j], 0)[0]
            if score < best:
                best = score
                chosen = j
    return chosen


@kernel
def _agree(
    first_row: Any,
    last_row: Any,
    stream: Any,
    seekers: Any,
    asked: Any,
    actors: Any,
    quality: Any,
    travel: Any,
    arcs: Any,
    exchange: Any,
    numbers: Any,
    agrees: Any,
) -> None:
    ids, kind, region, parent = actors.id, actors.kind, actors.region, actors.parent
    x, y, research, knowledge = actors.x, actors.y, actors.research, actors.knowledge
    start, partner = arcs.start, arcs.partner
    weights = numbers.geographic + numbers.social + numbers.organisational + numbers.institutional
    for p in range(first_row, last_row):
        i = seekers[p]
        j = asked[p]
        load = _load(i, kind, start, numbers.capacity) + _load(j, kind, start, numbers.capacity)
        chance = exp(-0.5 * load)
        luck = draw(stream, ids[i], ids[j], 0)[0]
        if luck >= chance:  # each factor is at most 1: once it is too much, the rest is idle
            continue
        tied, common = _acquainted(i, j, start, partner)
        if tied:
            continue
        alike = (kind[i] == Kind.FIRM) == (kind[j] == Kind.FIRM)
        family = parent[i] == ids[j] or parent[j] == ids[i]
        family = family or (parent[i] >= 0 and parent[i] == parent[j])
        km = euclidean(x[i] - x[j], y[i] - y[j])
        able = travel[0] if region[i] != region[j] else 1.0
        proximity = numbers.geographic * decay_in_travel(km, able, exchange)
        between = 0.5 * (quality[region[i]] + quality[region[j]])
        proximity += numbers.institutional * (1.0 if alike else between)
        proximity += numbers.social if common else 0.0
        proximity += numbers.organisational if family else 0.0
        chance *= proximity / weights
        if luck < chance:
            far = cognitive_distance(knowledge, i, j, length(knowledge, i), length(knowledge, j))
            capacity = absorptive_capacity(research[i], exchange)
            agrees[p] = luck < chance * fruitfulness(far, capacity, exchange)


@kernel
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
    numbers: Any,
    stays: Any,
) -> None:
    chance = -expm1(-DT / numbers.length)
    for t in range(first_row, last_row):
        a = min(ids[first[t]], ids[second[t]])
        b = max(ids[first[t]], ids[second[t]])
        concludes, outcome, again, _ = draw(stream, a, b, 0)
        if concludes < chance:
            if outcome < numbers.success * (1.0 + trust[t]) / 2.0:
                trust[t] += numbers.trust_gain * (1.0 - trust[t])
            else:
                trust[t] *= 1.0 - numbers.trust_loss
            stays[t] = again < numbers.renewal * trust[t]
