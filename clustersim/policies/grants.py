"""Grants for research: what they add to the R&D of firms, and what they displace."""

from __future__ import annotations

import numpy as np

from clustersim.policies.actions import Delivery
from clustersim.policies.serving import aid_share, column, value_added
from clustersim.policies.turn import Turn, action_of
from clustersim.world.actors import Kind
from clustersim.world.newcomers import MOST_RESEARCH
from clustersim.world.world import DT, World


def fund(world: World, turns: list[Turn], displacement: float) -> None:
    """Set what public money adds to the R&D of firms in the coming quarter.

    A firm with a grant G does a project of cost C a year, of which G is the share that the rules
    of aid allow. Of what it would have
    spent by itself, O a year, the project displaces::

        D = C O / (O + displacement C)

    so that its R&D rises by C - D, and its own part by C - D - G. A small firm that does next to no
    R&D does all of the project in addition; a large one does by it what it would have done anyway.
    ``actors.funded`` is (C - D) over value added, at most what brings R&D to `MOST_RESEARCH`; the
    firm pays C - G and saves D. Where the grant is deadweight, D = C.
    """
    actors = world.actors
    grants = [
        (turn, k)
        for turn in turns
        for k, measure in enumerate(turn.policy.measures)
        if action_of(measure).delivery is Delivery.GRANT
    ]
    if not grants:
        return
    firms = actors.rows(Kind.FIRM)
    own = actors.research[firms] - actors.funded[firms]
    added = value_added(world, firms)
    induced, paid = np.zeros(firms.size), np.zeros(firms.size)
    for turn, k in grants:
        aid = column(turn, k, "yearly")[firms]
        cost = aid / aid_share(turn, firms)
        spent = own * added
        displaced = cost * spent / np.maximum(spent + displacement * cost, 1e-12)
        displaced = np.where(column(turn, k, "effect")[firms] > 0.0, displaced, cost)
        induced += cost - displaced
        paid += cost - aid - displaced
    new = np.minimum(induced / np.maximum(added, 1e-12), np.maximum(MOST_RESEARCH - own, 0.0))
    actors.cash[firms] -= paid * DT
    actors.funded[firms] = new
    actors.research[firms] = own + new
