"""Mechanism 4: learning over ties."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws
from clustersim.world.elementary import expm1
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import (
    absorptive_capacity,
    cognitive_distance,
    decay_in_travel,
    fruitfulness,
    lengths,
)
from clustersim.world.world import DT, World


@final
class Learning(Mechanism):
    """Partners in collaboration learn what the other knows better.

    For actor i with collaborations to j, in every field m::

        dk_im / dt = tie_rate * gamma_i * sum_j omega_ij max(k_jm - k_im, 0)
        omega_ij = W(km_ij) * trust_ij * L(d_ij)

    gamma_i is absorptive capacity, W the decay with distance, L the inverted U of cognitive
    distance d (all in `clustersim.world.knowledge`). Over a quarter the equation is solved with the
    partners' knowledge held still, so that nobody overtakes those it learns from, however many::

        k_im <- k_im + (1 - exp(-tie_rate gamma_i Omega_i dt)) G_im / Omega_i
        Omega_i = sum_j omega_ij,   G_im = sum_j omega_ij max(k_jm - k_im, 0)

    Between different regions the tacit half of W needs people who travel: it is multiplied by
    ``conditions.travel``. Codified knowledge goes on.

    Everybody learns from the state at the start of the mechanism. Firms, universities and RTOs
    learn alike; without R&D (gamma = 0) nothing is learnt.

    Sources: Cohen & Levinthal 1990; Nooteboom et al. 2007; Boschma 2005. Exchange in alliances is
    very slow (Tomasello et al.), so `tie_rate` is small.
    """

    name: ClassVar[str] = "learning"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.knowledge",
        "actors.region",
        "actors.research",
        "conditions.travel",
        "ties.collaboration",
    )
    writes: ClassVar[tuple[str, ...]] = ("actors.knowledge",)

    tie_rate: float = parameter(
        0.15,
        low=0.0,
        high=20.0,
        unit="1/year",
        meaning="Rate of learning over one tie of full trust at the most fruitful distance.",
        source="assumption: slow enough that clusters stay different for decades",
    )

    def apply(self, world: World, draws: Draws) -> None:  # noqa: ARG002  # nothing here is luck
        """Let everybody learn from its partners."""
        actors, layer = world.actors, world.ties.collaboration
        if len(layer) == 0:
            return
        adjacency = layer.adjacency(actors.n_rows)
        strength = decay_of_ties(
            layer.km,
            layer.trust,
            actors.region[layer.first] != actors.region[layer.second],
            world.conditions.travel,
            world.exchange,
        )
        learnt = actors.spare_knowledge()
        _learn(
            actors.knowledge,
            learnt,
            lengths(actors.knowledge),
            actors.research,
            adjacency.arcs,
            strength,
            world.exchange,
            self.tie_rate * DT,
        )
        actors.exchange_knowledge()


@kernel
def decay_of_ties(km: Any, trust: Any, apart: Any, travel: Any, exchange: Any) -> Any:
    """Return ``W(km) * trust`` of each tie, shape (ties,); ends in two regions must travel."""
    out = np.empty(km.size)
    for t in range(km.size):
        out[t] = decay_in_travel(km[t], travel[0] if apart[t] else 1.0, exchange) * trust[t]
    return out


@kernel
def _learn(
    knowledge: Any,
    learnt: Any,
    length: Any,
    research: Any,
    arcs: Any,
    strength: Any,
    exchange: Any,
    rate: Any,
) -> None:
    n_fields = knowledge.shape[1]
    gap = np.zeros(n_fields)
    distance = np.empty(strength.size)  # of the two ends of each tie, found at the first of them
    start, partner, tie = arcs.start, arcs.partner, arcs.tie
    for i in range(knowledge.shape[0]):
        capacity = absorptive_capacity(research[i], exchange)
        share = 0.0
        if start[i] < start[i + 1]:
            gap[:] = 0.0
            total = 0.0
            for arc in range(start[i], start[i + 1]):
                j = partner[arc]
                t = tie[arc]
                if i < j:
                    distance[t] = cognitive_distance(knowledge, i, j, length[i], length[j])
                weight = strength[t] * fruitfulness(distance[t], capacity, exchange)
                total += weight
                for m in range(n_fields):
                    gap[m] += weight * max(np.float64(knowledge[j, m]) - knowledge[i, m], 0.0)
            if total > 0.0:
                share = -expm1(-rate * capacity * total) / total
        for m in range(n_fields):
            learnt[i, m] = knowledge[i, m] + share * gap[m]
