"""Regulation: rules that bind all firms of a place, and what firms pay under them."""

from __future__ import annotations

from typing import Final

import numpy as np

from clustersim.policies.actions import BY_NAME
from clustersim.policies.serving import value_added
from clustersim.policies.turn import CENTS, Turn, action_of, measure_column, number, of_sizes
from clustersim.world.actors import Column, Kind
from clustersim.world.types import AnyArray, Floats, Ids
from clustersim.world.world import DT, World

_KG_PER_TONNE: Final = 1_000.0

COLUMNS: Final = {
    "bound": Column("bound", np.float64, 0.0, "share", "how far a rule is enforced on it"),
    "burden": Column("burden", np.float64, 0.0, "share", "what it pays, over its value added"),
}
"""What regulation keeps about each actor."""


def enforce(turn: Turn, k: int, money: Ids) -> None:
    """Enforce a rule on the firms of the chosen places, as far as the money for it goes.

    In a place the rule is enforced to the part ``x = money / (cost n dt)``, at most 1, for n firms
    (of the measure's sizes, members or not). A firm pays ``levy q x`` euro a year to the treasury:
    q is its CO2 in tonnes, as `finance` counts it, or, where there is something to adopt, its jobs
    until it has adopted it. What it pays is a burden on its competitiveness, as a share of its
    value added.

    Parameters
    ----------
    turn
        The policy in this quarter.
    k
        Number of the measure.
    money
        Cents for the measure, by place, shape (P,).
    """
    world, measure = turn.world, turn.policy.measures[k]
    actors, scale = world.actors, world.employment_scale
    firms = actors.rows(Kind.FIRM)
    firms = firms[turn.standing.chosen[turn.place(firms)]]
    firms = firms[of_sizes(turn, measure, firms)]
    place = turn.place(firms)
    needed = np.bincount(place, minlength=turn.n_places) * number(measure, "cost") * DT * scale
    spent = np.minimum(np.ceil(needed * CENTS), money).astype(np.int64)
    at = np.flatnonzero(spent > 0)
    turn.pay(at, spent[at], k)
    part = np.minimum(spent / np.maximum(needed * CENTS, 1e-12), 1.0)[place]
    added = value_added(world, firms)
    levy = number(measure, "levy") * _base(world, measure.action, firms, added) * part
    cents = np.floor(levy * DT * scale * CENTS).astype(np.int64)
    actors.cash[firms] -= cents / CENTS / scale
    turn.take(firms, cents, k)
    clear(turn, k)
    column(turn, k, "bound")[firms] = part
    column(turn, k, "burden")[firms] = levy / np.maximum(added, 1e-12)


def _base(world: World, action: str, firms: Ids, added: Floats) -> Floats:
    """Return what a levy is on: tonnes of CO2 a year, or jobs of those who do not comply, (n,)."""
    actors, sectors = world.actors, world.sectors
    adopt = BY_NAME[action].adopt
    if adopt:
        return np.where(getattr(actors, adopt)[firms], 0.0, actors.size[firms])
    sector = actors.sector[firms]
    spared = np.where(actors.green[firms], 1.0 - sectors.green_saving[sector], 1.0)
    kg = added * actors.output[firms] * sectors.carbon_intensity[sector] * spared
    return np.asarray(kg / _KG_PER_TONNE)


def clear(turn: Turn, k: int) -> None:
    """Let a rule bind nobody."""
    for name in COLUMNS:
        column(turn, k, name)[:] = 0.0


def column(turn: Turn, k: int, name: str) -> AnyArray:
    """Return a column of measure `k`, shape (rows,); it is made if there is none."""
    return measure_column(turn, k, COLUMNS[name])


def exposure(turn: Turn, k: int, lever: str) -> Floats:
    """Return the exposure of each actor to a rule, shape (rows,).

    That of `access` is the burden; of others, how far the rule is enforced, times the levy over the
    usual one.
    """
    if lever == "access":
        return column(turn, k, "burden")
    measure = turn.policy.measures[k]
    more = number(measure, "levy") / action_of(measure).levy
    return np.asarray(column(turn, k, "bound") * measure.strength * more)
