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
from clustersim.world.threads import spread
from clustersim.world.world import DT, World


@final
class Learning(Mechanism):
    """Partners in collaboration learn what the other knows better.

    For actor i with collaborations to j, in every field m::

        dk_im / dt = tie_rate * gamma_i * sum_j omega_ij max(k_jm - k_im, 0)
        omega_ij = W(km_ij) * trust_ij * L(d_ij)

    gamma_i is absorptive capacity, W the decay with distance, L the inverted U of cognitive
    distance d (all in `clustersim.world.knowledge`). In the step of a quarter the pull of all
    partners saturates together, so that nobody overtakes those it learns from, however many; for
    small rates this is the equation above::

        k_im <- k_im + (1 - exp(-tie_rate gamma_i Omega_i dt)) G_im / Omega_i
        Omega_i = sum_j omega_ij,   G_im = sum_j omega_ij max(k_jm - k_im, 0)

    Between different regions the tacit half of W needs people who travel: it is multiplied by
    ``conditions.travel``, and so is the share `visits` of the other half. What is written down goes
    on.

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
        knowledge, exchange = actors.knowledge, world.exchange
        strength, distance = np.empty(len(layer)), np.empty(len(layer))
        length = lengths(knowledge)
        spread(
            _ties,
            len(layer),
            layer.first,
            layer.second,
            layer.km,
            layer.trust,
            actors.region,
            world.conditions.travel,
            knowledge,
            length,
            exchange,
            strength,
            distance,
        )
        learnt = actors.spare_knowledge()
        spread(
            _learn,
            actors.n_rows,
            knowledge,
            learnt,
            actors.research,
            adjacency.arcs,
            strength,
            distance,
            exchange,
            self.tie_rate * DT,
        )
        actors.exchange_knowledge()


@kernel
def _ties(
    first_row: Any,
    last_row: Any,
    first: Any,
    second: Any,
    km: Any,
    trust: Any,
    region: Any,
    travel: Any,
    knowledge: Any,
    length: Any,
    exchange: Any,
    strength: Any,
    distance: Any,
) -> None:
    """Fill in ``W(km) * trust`` and the cognitive distance of each tie, shape (ties,) each.

    The tacit half of W between two regions needs people to travel.
    """
    for t in range(first_row, last_row):
        i = first[t]
        j = second[t]
        possible = travel[0] if region[i] != region[j] else 1.0
        strength[t] = decay_in_travel(km[t], possible, exchange) * trust[t]
        distance[t] = cognitive_distance(knowledge, i, j, length[i], length[j])


@kernel
def _learn(
    first_row: Any,
    last_row: Any,
    knowledge: Any,
    learnt: Any,
    research: Any,
    arcs: Any,
    strength: Any,
    distance: Any,
    exchange: Any,
    rate: Any,
) -> None:
    n_fields = knowledge.shape[1]
    gap = np.zeros(n_fields)
    start, partner, tie = arcs.start, arcs.partner, arcs.tie
    for i in range(first_row, last_row):
        capacity = absorptive_capacity(research[i], exchange)
        share = 0.0
        if start[i] < start[i + 1]:
            gap[:] = 0.0
            total = 0.0
            for arc in range(start[i], start[i + 1]):
                j = partner[arc]
                t = tie[arc]
                weight = strength[t] * fruitfulness(distance[t], capacity, exchange)
                total += weight
                for m in range(n_fields):
                    gap[m] += weight * max(np.float64(knowledge[j, m]) - knowledge[i, m], 0.0)
            if total > 0.0:
                share = -expm1(-rate * capacity * total) / total
        for m in range(n_fields):
            learnt[i, m] = knowledge[i, m] + share * gap[m]
