"""Measures that reach firms one by one: services, vouchers, funding, grants."""

from __future__ import annotations

from typing import Final

import numpy as np

from clustersim.policies.actions import Delivery
from clustersim.policies.order import within_limits
from clustersim.policies.organisations import excellence, own_effects
from clustersim.policies.turn import (
    CENTS,
    Turn,
    action_of,
    firms_of,
    measure_column,
    new_fields,
    number,
    of_sizes,
    quarters,
)
from clustersim.world.actors import NEVER, Column
from clustersim.world.elementary import exponential
from clustersim.world.policy import LARGE, Measure
from clustersim.world.types import AnyArray, Flags, Floats, Ids
from clustersim.world.world import DT, World

LARGEST_PROJECT: Final = 0.1
"""Share of its value added that a project with a grant costs a firm at most (assumption)."""

COLUMNS: Final = {
    "since": Column("since", np.int32, NEVER, "step", "when the measure began to serve it"),
    "until": Column("until", np.int32, NEVER, "step", "from when it is served no longer"),
    "effect": Column("effect", np.float64, 0.0, "share", "share of the full effect that it has"),
    "paid": Column("paid", np.float64, 0.0, "euro", "what the measure has spent on it so far"),
    "yearly": Column("yearly", np.float64, 0.0, "euro/year", "what it spends on it now"),
}
"""What a measure keeps about each actor; money is that for one real firm."""


def column(turn: Turn, k: int, name: str) -> AnyArray:
    """Return a column of measure `k`, shape (rows,); it is made if there is none."""
    return measure_column(turn, k, COLUMNS[name])


def serve(turn: Turn, k: int, money: Ids, hours: Floats) -> None:
    """Serve as many firms as money and hours allow, and pay for it.

    Those being served go on being served until their time is over, they are eligible no longer, or
    there is no money for them. Then new ones are chosen, in the order of the measure's `choice`,
    among those eligible who accept. Where `reach` wants more
    firms to be served than money or hours suffice for, each gets the part x of what one should get
    and x**2 of the effect: support that is spread thinly fails.

    Parameters
    ----------
    turn
        The policy in this quarter.
    k
        Number of the measure.
    money
        Cents for the measure, by place, shape (P,).
    hours
        Hours of staff for it, by place, shape (P,); infinite where the authority itself serves.
    """
    measure = turn.policy.measures[k]
    rows = eligible(turn, k)
    wanted = np.bincount(turn.place(rows), minlength=turn.n_places)
    goes_on = column(turn, k, "until")[rows] > turn.world.clock.step
    accepts = turn.luck("policy.accept", rows, measure.action) < number(measure, "take_up")
    rows, goes_on = rows[goes_on | accepts], goes_on[goes_on | accepts]
    place, cost = turn.place(rows), _cents(turn, measure, rows)
    work = np.full(rows.size, number(measure, "hours") * _quarter(turn))
    score = _score(turn, measure, rows) - 2.0 * goes_on
    part = np.ones(turn.n_places)
    if measure.reach is None:
        chosen = within_limits(place, score, cost, money)
        chosen &= within_limits(place, score, work, hours)
    else:
        wanted = np.ceil(measure.reach * wanted)
        chosen = within_limits(place, score, np.ones(rows.size), wanted)
        part = np.minimum(_share(place, cost, chosen, money), part)
        part = np.minimum(_share(place, work, chosen, hours), part)
    cost = np.floor(cost * part[place])
    chosen &= ~_too_large(turn, rows, score, np.where(chosen, cost, 0.0))
    part = part[place[chosen]]
    stop(turn, k, rows[chosen & goes_on])
    _begin(turn, k, rows[chosen & ~goes_on], part[~goes_on[chosen]])
    _spend(turn, k, rows[chosen], cost[chosen].astype(np.int64))


def stop(turn: Turn, k: int, but: Ids) -> None:
    """Stop serving all but some firms, given by row."""
    until, step = column(turn, k, "until"), turn.world.clock.step
    served = until > step
    served[but] = False
    until[served] = step
    column(turn, k, "yearly")[:] = 0.0


def eligible(turn: Turn, k: int) -> Ids:
    """Return the rows of the firms that a measure is for, shape (n,)."""
    measure, actors = turn.policy.measures[k], turn.world.actors
    rows = firms_of(turn)
    fits = of_sizes(turn, measure, rows)
    youngest = measure.youngest or action_of(measure).youngest
    if youngest is not None:
        fits &= (turn.world.clock.step - actors.birth[rows]) * DT <= youngest
    most = turn.policy.rules.per_firm
    if most is not None:
        more = yearly(turn, measure, rows) * number(measure, "length")
        fits &= received(turn)[rows] + more <= most
        fits |= column(turn, k, "until")[rows] > turn.world.clock.step
    return rows[fits]


def yearly(turn: Turn, measure: Measure, rows: Ids) -> Floats:
    """Return what a measure costs the public for each firm, euro a year, shape (n,).

    A voucher is paid over its length; of the project that a grant is for, aid pays a part, and the
    project costs no more than `LARGEST_PROJECT` of what the firm earns.
    """
    match action_of(measure).delivery:
        case Delivery.GRANT:
            most = LARGEST_PROJECT * value_added(turn.world, rows)
            return np.minimum(number(measure, "cost"), most) * aid_share(turn, rows)
        case Delivery.VOUCHER | Delivery.FUNDING:
            return np.full(rows.size, number(measure, "cost") / number(measure, "length"))
        case _:
            return np.full(rows.size, number(measure, "cost"))


def aid_share(turn: Turn, rows: Ids) -> Floats:
    """Return the share of a project that aid pays for each firm, shape (n,)."""
    rules, large = turn.policy.rules, turn.world.actors.size[rows] >= LARGE
    return np.where(large, rules.aid_large, rules.aid_sme)


def value_added(world: World, firms: Ids) -> Floats:
    """Return the value added of firms, euro a year, shape (n,)."""
    actors, sectors = world.actors, world.sectors
    sector = actors.sector[firms]
    lead = actors.log_productivity[firms] - sectors.mean_log_productivity[sector]
    return np.asarray(actors.size[firms] * sectors.value_added[sector] * exponential(lead))


def received(turn: Turn) -> Floats:
    """Return what the measures of a policy have spent on each actor, real euro, shape (rows,)."""
    each = [column(turn, k, "paid") for k in range(len(turn.policy.measures))]
    return np.asarray(np.sum(each, axis=0))


def _quarter(turn: Turn) -> float:
    """Return what a year of one firm is in a quarter of as many real firms as it stands for."""
    return DT * turn.world.employment_scale


def _cents(turn: Turn, measure: Measure, rows: Ids) -> Floats:
    """Return what each firm costs in this quarter, whole cents, no more than the rules leave it."""
    cost = yearly(turn, measure, rows) * _quarter(turn)
    most = turn.policy.rules.per_firm
    if most is not None:
        left = np.maximum(most - received(turn)[rows], 0.0) * turn.world.employment_scale
        cost = np.minimum(cost, left)
    return np.floor(cost * CENTS)


def _share(place: Ids, amount: Floats, chosen: Flags, limit: AnyArray) -> Floats:
    """Return the part of what the chosen need that there is, by place, shape (P,)."""
    needed = np.bincount(place[chosen], weights=amount[chosen], minlength=limit.size)
    return np.asarray(limit / np.maximum(needed, 1e-9))


def _score(turn: Turn, measure: Measure, rows: Ids) -> Floats:
    """Return who comes first, the lowest, from 0 to 1, shape (n,); vested interests count."""
    vested = turn.policy.politics.vested
    score = _own_score(turn, measure, rows)
    if vested == 0.0 or rows.size == 0:
        return score
    by_size = np.lexsort((score, -turn.world.actors.size[rows]))
    place = np.empty(rows.size)
    place[by_size] = np.arange(rows.size) / rows.size
    return np.asarray((1.0 - vested) * score + vested * place)


def _own_score(turn: Turn, measure: Measure, rows: Ids) -> Floats:
    """Return the same by the choice of the measure alone, shape (n,)."""
    world, actors = turn.world, turn.world.actors
    luck = turn.luck("policy.choose", rows, measure.action)
    if measure.choice == "lottery" or rows.size == 0:
        return luck
    if measure.choice == "largest":
        values = actors.size[rows]
    elif measure.choice == "connected":
        arcs = world.ties.collaboration.adjacency(actors.n_rows).arcs
        values = (arcs.start[rows + 1] - arcs.start[rows]).astype(np.float64)
    else:
        new = new_fields(world, turn.policy)
        values = actors.knowledge[rows].astype(np.float64)[:, new].sum(axis=1)
    order = np.lexsort((luck, -values))
    out = np.empty(rows.size)
    out[order] = np.arange(rows.size) / rows.size
    return out


def _too_large(turn: Turn, rows: Ids, score: Floats, cents: Floats) -> Flags:
    """Return which large firms have to wait, so that SMEs get the share that the rules say.

    `cents` is what each firm would get, 0 if nothing; the large ones who come first stay as long as
    all that large firms get, over what SMEs get, is allowed.
    """
    share, large = turn.policy.rules.sme_share, turn.world.actors.size[rows] >= LARGE
    if share == 0.0:
        return np.zeros(rows.size, dtype=np.bool_)
    allowed = np.array([cents[~large].sum() * (1.0 - share) / share])
    out = large.copy()
    one_group = np.zeros(int(large.sum()), dtype=np.int64)
    out[large] = ~within_limits(one_group, score[large], cents[large], allowed)
    return out


def _begin(turn: Turn, k: int, rows: Ids, part: Floats) -> None:
    """Note that firms begin to be served, and how much effect it will have on each."""
    measure, step = turn.policy.measures[k], turn.world.clock.step
    until, since = column(turn, k, "until"), column(turn, k, "since")
    again = until[rows] == step
    since[rows[~again]] = step
    until[rows] = step + max(quarters(number(measure, "length")), 1)
    place = turn.place(rows)
    targeted = np.clip(own_effects(turn, "targeting")[place], 0.0, 1.0)
    deadweight = number(measure, "deadweight") * (1.0 - targeted)
    additional = turn.luck("policy.add", rows, measure.action) >= deadweight
    column(turn, k, "effect")[rows] = (
        measure.strength * part**2 * additional * _quality(turn, place)
    )


def _quality(turn: Turn, place: Ids) -> Floats:
    """Return how well those who serve do it, 1 on average: ``0.5 + excellence``, shape (n,)."""
    return np.asarray(0.5 + excellence(turn)[place])


def _spend(turn: Turn, k: int, rows: Ids, cents: Ids) -> None:
    """Pay for the quarter of those who are served, shape (n,)."""
    actors, scale = turn.world.actors, turn.world.employment_scale
    each = cents / CENTS / scale
    column(turn, k, "paid")[rows] += each
    column(turn, k, "yearly")[rows] = each / DT
    delivery, cost = action_of(turn.policy.measures[k]).delivery, np.zeros(rows.size, np.int64)
    if delivery is Delivery.FUNDING:
        actors.cash[rows] += each
    elif delivery is Delivery.GRANT:
        cost = np.ceil(cents / aid_share(turn, rows)).astype(np.int64)
    turn.pay(turn.place(rows), cents, k, rows, cost)
