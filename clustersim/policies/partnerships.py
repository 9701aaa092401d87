"""Partnerships of cluster organisations: bridges, and meetings of members of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from clustersim.policies.serving import column, received
from clustersim.policies.turn import CENTS, Turn, action_of, number, of_sizes
from clustersim.world.actors import Kind
from clustersim.world.first_ties import tie
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import cognitive_distance, fruitfulness, length
from clustersim.world.types import Flags, Floats, Ids
from clustersim.world.world import DT, World

_CAPACITY: Final = 0.5
"""Absorptive capacity that makes a distance fruitful where two groups are compared (assumption)."""


def partner(turn: Turn, k: int, money: Ids, hours: Floats) -> None:
    """Build bridges between organisations, and let members meet members across them.

    An organisation builds bridges until it has `bridges`, those that others have built to it
    included. It builds them, in the order of its place, to those whose members' mean knowledge is
    most fruitful for its own, ``u L(d)``, with luck u; the other has no say, and pays nothing. Over
    each bridge, ``meetings n dt / b`` pairs are brought together in a quarter, n being the members
    of the smaller of the two who do research, and b the number of bridges; both members are drawn
    by lot, the own one among science and the firms that the measure is for. Whether they then
    collaborate is theirs to say (`collaboration`). Money, hours and what the rules leave a firm
    limit the meetings.

    Parameters
    ----------
    turn
        The policy in this quarter.
    k
        Number of the measure.
    money
        Cents for the measure, by place, shape (P,).
    hours
        Hours of staff for it, by place, shape (P,).
    """
    world, measure = turn.world, turn.policy.measures[k]
    sizes = {effect.lever: effect.size for effect in action_of(measure).effects}
    members, offices = _members(world), turn.offices()
    own = np.flatnonzero((turn.standing.office >= 0) & (offices >= 0) & (money > 0))
    own = np.array([p for p in own.tolist() if int(offices[p]) in members], dtype=np.int64)
    _build_bridges(turn, offices[own], members, round(sizes["bridges"]))
    each_real = world.employment_scale
    cost, work = number(measure, "cost") * CENTS * each_real, number(measure, "hours") * each_real
    for p in own.tolist():
        office = int(offices[p])
        others = [other for other in bridged(world, office).tolist() if other in members]
        rate = sizes["meetings"] * measure.strength * DT / max(len(others), 1)
        n = [_whole(turn, rate * _smaller(members, office, other), other) for other in others]
        most = min(money[p] / max(cost, 1e-12), hours[p] / max(work, 1e-12))
        for other, wanted in zip(others, n, strict=True):
            first = _eligible(turn, k, members[office])
            meets = min(wanted, int(most), first.size)
            most -= meets
            first = _drawn(turn, first, office, other, meets)
            second = _drawn(turn, members[other], other, office, meets)
            ids = world.actors.id
            pairs = np.stack([ids[first], ids[second]], axis=1)
            world.public.meetings = np.concatenate([world.public.meetings, pairs])
            cents = np.full(meets, int(cost), dtype=np.int64)
            column(turn, k, "paid")[first] += cents / CENTS / each_real
            turn.pay(np.full(meets, p), cents, k, first)


def _eligible(turn: Turn, k: int, rows: Ids) -> Ids:
    """Return those of some members whom the measure is for, rows."""
    measure, most = turn.policy.measures[k], turn.policy.rules.per_firm
    firms: Flags = turn.world.actors.kind[rows] == Kind.FIRM
    fits: Flags = ~firms | of_sizes(turn, measure, rows)
    if most is not None:
        fits &= ~firms | (received(turn)[rows] + number(measure, "cost") <= most)
    return rows[fits]


def bridged(world: World, office: int) -> Ids:
    """Return the rows of the organisations to which one has bridges, in ascending order."""
    layer = world.ties.bridge
    ends = np.concatenate(
        [layer.second[layer.first == office], layer.first[layer.second == office]]
    )
    return np.unique(ends.astype(np.int64))


def _members(world: World) -> dict[int, Ids]:
    """Return the rows of the members that do research, by row of their organisation."""
    layer, actors = world.ties.membership, world.actors
    able = actors.research[layer.first] > 0.0
    office, member = layer.second[able].astype(np.int64), layer.first[able].astype(np.int64)
    order = np.lexsort((actors.id[member], office))
    rows, starts = np.unique(office[order], return_index=True)
    return dict(zip(rows.tolist(), np.split(member[order], starts[1:]), strict=True))


def _smaller(members: Mapping[int, Ids], one: int, other: int) -> int:
    return min(members[one].size, members[other].size)


def _build_bridges(turn: Turn, own: Ids, members: Mapping[int, Ids], most: int) -> None:
    """Let each of some organisations have `most` bridges, as long as there are others."""
    world = turn.world
    if all(bridged(world, office).size >= most for office in own.tolist()):
        return
    offices = np.array(list(members), dtype=np.int64)
    known = np.array([_mean_knowledge(world, rows) for rows in members.values()])
    at = {office: position for position, office in enumerate(offices.tolist())}
    for office in own.tolist():
        now = bridged(world, office)
        free = offices[(offices != office) & ~np.isin(offices, now)]
        lacking = min(most - now.size, free.size)
        if lacking <= 0:
            continue
        fruitful = np.empty(offices.size)
        _fruitfulness(known, at[office], world.exchange, fruitful)
        luck = turn.draws.uniform(
            "policy.bridge", world.actors.id[free], np.full(free.size, world.actors.id[office])
        )
        score = luck * fruitful[[at[other] for other in free.tolist()]]
        best = free[np.argsort(-score, kind="stable")[:lacking]]
        tie(world, "bridge", np.minimum(best, office), np.maximum(best, office))


def _mean_knowledge(world: World, rows: Ids) -> Floats:
    """Return the mean knowledge of some actors, shape (M,)."""
    out = np.zeros(world.n_fields)
    for row in rows.tolist():
        out += world.actors.knowledge[row]
    return np.asarray(out / rows.size)


@kernel
def _fruitfulness(known: Any, own: Any, exchange: Any, out: Any) -> None:
    for other in range(out.size):
        lengths = length(known, own), length(known, other)
        distance = cognitive_distance(known, own, other, lengths[0], lengths[1])
        out[other] = fruitfulness(distance, _CAPACITY, exchange)


def _whole(turn: Turn, wanted: float, other: int) -> int:
    """Return a number of meetings as a whole one, the fraction by luck."""
    ids = turn.world.actors.id
    luck = turn.draws.uniform("policy.meet", ids[[other]], np.array([turn.key]))
    return int(wanted) + int(luck[0] < wanted - int(wanted))


def _drawn(turn: Turn, rows: Ids, office: int, other: int, n: int) -> Ids:
    """Return `n` members of an organisation for meetings with those of another, rows by lot."""
    ids = turn.world.actors.id
    luck = turn.luck("policy.send", rows, f"{ids[office]}-{ids[other]}")
    return rows[np.argsort(luck, kind="stable")[:n]]


def end(world: World, offices: Ids) -> None:
    """End the bridges of some organisations, given by row."""
    layer = world.ties.bridge
    layer.keep(~(np.isin(layer.first, offices) | np.isin(layer.second, offices)))
