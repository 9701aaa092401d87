"""The action plan of cluster organisations: the management cycle, and what a revision changes.

The cycle is that of PWC in Morisson & Pattinson 2021: define, design, implement, monitor, evaluate,
revise.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from clustersim.policies.actions import ONE_BY_ONE
from clustersim.policies.serving import column
from clustersim.policies.turn import Turn, action_of, members_of, quarters
from clustersim.world.actors import NEVER
from clustersim.world.elementary import direction, exponential, logarithm
from clustersim.world.policy import Governance
from clustersim.world.public import Phase
from clustersim.world.types import Floats, Ids

MISREADING: Final = 0.5
"""Spread of the error with which an organisation without any excellence reads its indicators, as a
share of the money or of the firms (assumption)."""


def phase_at(age: int, rules: Governance) -> Phase:
    """Return the phase of an organisation `age` quarters after its policy began.

    It defines what it is and designs its plan in the first and second half of `setup`. Then cycles
    follow: it implements, in the last year of a cycle it monitors and evaluates, and in the last
    quarter it revises the plan.
    """
    setup, cycle = quarters(rules.setup), max(quarters(rules.cycle), 1)
    if age < setup:
        return Phase.DEFINE if 2 * age < setup else Phase.DESIGN
    left = cycle - 1 - (age % cycle)
    if left == 0:
        return Phase.REVISE
    return Phase(max(Phase.EVALUATE - left + 1, Phase.IMPLEMENT))


def revise(turn: Turn, rules: Governance) -> None:
    """Let organisations revise their plan at the end of a cycle, and become better.

    Excellence x rises by ``learning (1 - x)``. The weight w of each measure in the money of the
    place becomes ``w exp(adapt (s - mean s))``, and the weights sum to one again::

        s = used / given + better + (1 - x) MISREADING e

    ``used / given`` is the share of its money that could be spent; ``better`` is the share of the
    members served in the cycle who innovated in it, less that share of the other members, and 0 for
    what is not delivered firm by firm; e is normal. This is what a manager sees, and no effect:
    better firms may have come for the service. The mean is over the measures, by weight.
    """
    world, standing = turn.world, turn.standing
    age, cycle = world.clock.step - standing.began, max(quarters(rules.cycle), 1)
    if age == 0 or age % cycle:
        return
    office = turn.offices()
    places = np.flatnonzero(office >= 0)
    quality = world.actors.quality
    _follow_indicators(turn, rules, places, quality[office[places]], cycle)
    quality[office[places]] += rules.learning * (1.0 - quality[office[places]])


def _follow_indicators(
    turn: Turn, rules: Governance, places: Ids, excellence: Floats, cycle: int
) -> None:
    standing, n_measures = turn.standing, len(turn.policy.measures)
    if n_measures > 1 and rules.adapt > 0.0 and places.size:
        given = standing.given[:, places]
        seen = np.where(given > 0.0, standing.used[:, places] / np.maximum(given, 1e-12), 1.0)
        seen += _better(turn, cycle)[:, places]
        seen += (1.0 - excellence) * MISREADING * _errors(turn, places)
        plan = standing.plan[:, places]
        seen -= (plan * seen).sum(axis=0)
        plan *= exponential(rules.adapt * seen).reshape(plan.shape)
        standing.plan[:, places] = plan / plan.sum(axis=0)
    standing.given[:, places] = 0.0
    standing.used[:, places] = 0.0


def _better(turn: Turn, cycle: int) -> Floats:
    """Return by how much more of those served have innovated than of other members, (K, P)."""
    world, step = turn.world, turn.world.clock.step
    firms = members_of(turn)
    place = turn.place(firms)
    innovated = (world.actors.innovated[firms] > step - cycle).astype(np.float64)
    out = np.zeros((len(turn.policy.measures), turn.n_places))
    for k, measure in enumerate(turn.policy.measures):
        if action_of(measure).delivery not in ONE_BY_ONE:
            continue
        since, until = column(turn, k, "since")[firms], column(turn, k, "until")[firms]
        served = (since != NEVER) & (until > step - cycle)
        both = np.ones(turn.n_places, dtype=np.bool_)
        for group, sign in ((served, 1.0), (~served, -1.0)):
            n = np.bincount(place[group], minlength=turn.n_places)
            found = np.bincount(place[group], innovated[group], minlength=turn.n_places)
            out[k] += sign * found / np.maximum(n, 1)
            both &= n > 0
        out[k] *= both
    return out


def _errors(turn: Turn, places: Ids) -> Floats:
    """Return standard normal errors, one for each measure and place, shape (K, places)."""
    key = turn.world.places.key.ravel()[places]
    measures = np.arange(len(turn.policy.measures))[:, None]
    own, number = np.broadcast_arrays(key[None, :], turn.key + measures)
    one, other = (
        turn.draws.uniform("policy.read", own.ravel(), number.ravel(), lane=lane) for lane in (0, 1)
    )
    normal = np.sqrt(-2.0 * logarithm(1.0 - one)) * direction(other)[0]
    return np.asarray(normal.reshape(own.shape))
