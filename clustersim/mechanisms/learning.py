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
from clustersim.world.rows import AHEAD, add_gap, fetch, put_sum
from clustersim.world.threads import spread
from clustersim.world.world import DT, World


@final
class Learning(Mechanism):
    """Partners in collaboration learn what the other knows better.

    For actor i with collaborations to j, in every field m::

        dk_im / dt = tie_rate * absorption_i * gamma_i * sum_j omega_ij max(k_jm - k_im, 0)
        omega_ij = W(km_ij) * trust_ij * L(d_ij)

    gamma_i is absorptive capacity, W the decay with distance, L the inverted U of cognitive
    distance d (all in `clustersim.world.knowledge`); absorption_i is the lever of the learner. In
    the step of a quarter the pull of all partners saturates together, so that nobody overtakes
    those it learns from, however many; for small rates this is the equation above::

        k_im <- k_im + (1 - exp(-tie_rate absorption_i gamma_i Omega_i dt)) G_im / Omega_i
        Omega_i = sum_j omega_ij,   G_im = sum_j omega_ij max(k_jm - k_im, 0)

    Between different regions the tacit half of W needs people who travel: it is multiplied by
    ``conditions.travel``, and so is the share `visits` of the other half. What is written down goes
    on.

    Everybody learns from the state at the start of the mechanism. Firms, universities and RTOs
    learn alike; without R&D gamma is what experience is good for.

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
        "levers.absorption",
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
        knowledge, exchange = actors.knowledge, world.exchange
        weights = np.empty((len(layer), 2))
        spread(
            _ties,
            len(layer),
            layer.first,
            layer.second,
            layer.km,
            layer.trust,
            actors.region,
            actors.research,
            world.conditions.travel,
            knowledge,
            lengths(knowledge),
            exchange,
            weights,
        )
        spread(
            _learn,
            actors.n_rows,
            knowledge,
            actors.spare_knowledge(),
            actors.research,
            world.levers.absorption,
            layer.adjacency(actors.n_rows).arcs,
            weights,
            exchange,
            self.tie_rate * DT,
        )
        actors.exchange_knowledge()


@kernel
def _ties(
    first_tie: Any,
    last_tie: Any,
    first: Any,
    second: Any,
    km: Any,
    trust: Any,
    region: Any,
    research: Any,
    travel: Any,
    knowledge: Any,
    length: Any,
    exchange: Any,
    weights: Any,
) -> None:
    """Fill in omega of each tie, as it is for its smaller and for its larger row, shape (ties, 2).

    The tacit half of W between two regions needs people to travel.
    """
    n = last_tie - first_tie
    km, trust = km[first_tie:last_tie], trust[first_tie:last_tie]
    distance, possible = np.empty(n), np.empty(n)
    one, other = np.empty(n), np.empty(n)
    for t in range(n):
        ahead = min(first_tie + t + AHEAD, first.size - 1)
        fetch(knowledge, first[ahead])
        fetch(knowledge, second[ahead])
        i, j = first[first_tie + t], second[first_tie + t]
        distance[t] = cognitive_distance(knowledge, i, j, length[i], length[j])
    for t in range(n):
        i, j = first[first_tie + t], second[first_tie + t]
        one[t], other[t] = research[min(i, j)], research[max(i, j)]
        possible[t] = travel[0] if region[i] != region[j] else 1.0
    for t in range(n):  # nothing else in this loop: several ties are done at a time
        strength = decay_in_travel(km[t], possible[t], exchange) * trust[t]
        able = absorptive_capacity(one[t], exchange)
        one[t] = strength * fruitfulness(distance[t], able, exchange)
        able = absorptive_capacity(other[t], exchange)
        other[t] = strength * fruitfulness(distance[t], able, exchange)
    for t in range(n):
        weights[first_tie + t, 0], weights[first_tie + t, 1] = one[t], other[t]


@kernel
def _learn(
    first_row: Any,
    last_row: Any,
    knowledge: Any,
    learnt: Any,
    research: Any,
    absorption: Any,
    arcs: Any,
    weights: Any,
    exchange: Any,
    rate: Any,
) -> None:
    nothing = np.zeros((1, knowledge.shape[1]))
    gap = np.zeros_like(nothing)
    start, partner, tie = arcs.start, arcs.partner, arcs.tie
    for i in range(first_row, last_row):
        put_sum(gap, 0, nothing, 0, nothing, 0, 0.0)
        total = 0.0
        for arc in range(start[i], start[i + 1]):
            fetch(knowledge, partner[min(arc + AHEAD, partner.size - 1)])
            j = partner[arc]
            weight = weights[tie[arc], np.int64(i > j)]
            total += weight
            add_gap(gap, 0, knowledge, i, knowledge, j, weight)
        share = 0.0
        if total > 0.0:
            able = absorption[i] * absorptive_capacity(research[i], exchange)
            share = -expm1(-rate * able * total) / total
        put_sum(learnt, i, knowledge, i, gap, 0, share)
