"""The quarter of the network: meetings, agreements, conclusions."""

from __future__ import annotations

from math import expm1, hypot
from typing import TYPE_CHECKING

from clustersim.mechanisms.collaboration import Collaboration
from clustersim.world.world import DT
from tests.reference.partner import MeetingRing, Partner
from tests.reference.state import Tie

if TYPE_CHECKING:
    from tests.reference.twin import TwinModel


def collaboration(model: TwinModel, p: Collaboration) -> None:
    """Let actors meet and agree, conclude running projects, then make the new ties."""
    pairs = agreements(model, p)
    ended = [tie for tie in model.ties["collaboration"] if concludes_for_good(model, tie, p)]
    model.end_collaborations(ended)
    for first, second in pairs:
        km = hypot(first.x - second.x, first.y - second.y)
        tie = Tie(first, second, first.mean_quality(second), km, model.quarter)
        model.add_tie("collaboration", tie)


def agreements(model: TwinModel, p: Collaboration) -> list[tuple[Partner, Partner]]:
    """Return the pairs that agree to collaborate, each once."""
    researchers = [agent for agent in model.researchers if agent.research > 0.0]
    for agent in researchers:
        agent.take_stock()
        agent.point = model.luck.four("collaboration.meet", agent.identity)[3]
    rings: dict[tuple[str, int, int], MeetingRing] = {}
    for agent in sorted(researchers, key=lambda agent: agent.point):
        for ring in agent.rings():
            rings.setdefault(ring, MeetingRing()).append(agent)
    pairs = {}
    for seeker in researchers:
        asked = seeker.seek(p, rings)
        if asked is not None and seeker.agrees_with(asked, p):
            pairs[frozenset((seeker, asked))] = (seeker, asked)
    return list(pairs.values())


def concludes_for_good(model: TwinModel, tie: Tie, p: Collaboration) -> bool:
    """Book a project if it ends now; return whether its partners part."""
    one, other = sorted((tie.first.identity, tie.second.identity))
    ends, outcome, again, _ = model.luck.four("collaboration.conclude", one, other)
    if ends >= -expm1(-DT / p.length):
        return False
    if outcome < p.success * (1.0 + tie.trust) / 2.0:
        tie.grow(p.trust_gain)
    else:
        tie.trust *= 1.0 - p.trust_loss
    return again >= p.renewal * tie.trust
