"""Mechanism 6: innovation."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws, draw
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import (
    absorptive_capacity,
    cognitive_distance,
    fruitfulness,
    norm,
)
from clustersim.world.newcomers import pick_one
from clustersim.world.world import DT, World

MOST_ARRIVALS = 8
"""More innovations than this in one quarter by one actor are not counted."""


@final
class Innovation(Mechanism):
    """Actors with R&D innovate: mostly along what they know, sometimes into something new.

    *Arrivals* in a quarter are Poisson with mean::

        rate * gamma_i * (1 + recombination Lbar_i + science U_i) / (1 + recombination + science) * dt

    gamma_i is absorptive capacity (which rises with R&D), ``Lbar_i`` the mean fruitfulness L(d_ij)
    over the actor's collaborations (0 without any), and ``U_i`` is 1 if one of them is with a
    university or an RTO. At most 8 are counted.

    *Mode.* An arrival is exploration with chance ``exploration``, plus ``search`` if the actor is a
    firm below the mean productivity of its market (aspiration).

    *Field.* Exploitation picks field m with weight ``w_sm k_im**2``: strength on strength, the root
    of lock-in. Exploration picks with weight ``(1 - k_im) (novelty + related_im) (1 - pull + pull
    w_sm / max_m w_sm)``, ``related_im = sum_n phi_mn k_in / sum_n phi_mn`` with the relatedness phi
    of fields. A university counts every field as relevant. Who has nothing to exploit explores.

    *Step.* ``k_im <- k_im + 2 step u (1 - k_im)``, u uniform: on average the share ``step`` of the
    room to the frontier. The actor's main field becomes m if ``w_sm k_im`` now exceeds that of its
    old main field.

    How many innovations an actor has is decided by the state at the start of the mechanism.

    Sources: March 1991 (exploration and exploitation); Cyert & March 1963 (aspiration); Weitzman
    1998 (recombination); Dosi 1982, Malerba et al. 1999 (cumulativeness). Rates: assumptions.
    """

    name: ClassVar[str] = "innovation"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.niche",
        "actors.research",
        "actors.log_productivity",
        "actors.knowledge",
        "ties.collaboration",
        "sectors.relevance",
        "sectors.mean_log_productivity",
        "fields.relatedness",
        "flows.innovations",
    )
    writes: ClassVar[tuple[str, ...]] = ("actors.knowledge", "actors.niche", "flows.innovations")

    rate: float = parameter(
        1.2,
        low=0.0,
        high=8.0,
        unit="1/year",
        meaning="Innovations of an actor of full absorptive capacity with the best of partners.",
        source="assumption; 0.6 to 2.4 gave life cycles in exploratory runs",
    )
    recombination: float = parameter(
        1.0,
        low=0.0,
        high=20.0,
        unit="-",
        meaning="How much fruitful partners add to the arrival of innovations.",
        source="assumption; direction: Weitzman 1998, Nooteboom et al. 2007",
    )
    science: float = parameter(
        0.5,
        low=0.0,
        high=20.0,
        unit="-",
        meaning="How much a tie to a university or RTO adds to the arrival of innovations.",
        source="assumption",
    )
    exploration: float = parameter(
        0.15,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of innovations that explore, for an actor that does well.",
        source="assumption",
    )
    search: float = parameter(
        0.2,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="What falling behind the market adds to that share.",
        source="assumption; direction: Cyert & March 1963",
    )
    novelty: float = parameter(
        0.1,
        low=0.0,
        high=10.0,
        unit="-",
        meaning="Weight of fields unrelated to what the actor knows, when it explores.",
        source="assumption",
    )
    pull: float = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="How far exploration looks at what the market needs now.",
        source="assumption",
    )
    step: float = parameter(
        0.12,
        low=0.0,
        high=0.5,
        unit="share",
        meaning="Mean share of the room to the frontier that an innovation closes.",
        source="assumption",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Draw who innovates, in which field, and how far."""
        actors = world.actors
        adjacency = world.ties.collaboration.adjacency(actors.n_rows)
        arrivals = np.zeros(actors.n_rows, dtype=np.int8)
        _arrivals(
            draws.stream("innovation.arrive"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.research,
            actors.knowledge,
            adjacency.start,
            adjacency.partner,
            world.exchange,
            np.array([self.rate * DT, self.recombination, self.science]),
            arrivals,
        )
        _advance(
            draws.stream("innovation.advance"),
            arrivals,
            actors.id,
            actors.kind,
            actors.region,
            actors.sector,
            actors.niche,
            actors.log_productivity,
            actors.knowledge,
            world.sectors.relevance,
            world.sectors.mean_log_productivity,
            world.fields.relatedness,
            world.flows.innovations,
            np.array([self.exploration, self.search, self.novelty, self.pull, self.step]),
        )


@kernel
def _arrivals(
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    research: Any,
    knowledge: Any,
    start: Any,
    partner: Any,
    exchange: Any,
    numbers: Any,
    arrivals: Any,
) -> None:
    rate, recombination, science = numbers
    best = 1.0 + recombination + science
    for i in range(alive.size):
        capacity = absorptive_capacity(research[i], exchange)
        if not alive[i] or capacity == 0.0:
            continue
        luck = draw(stream, ids[i], 0, 0)[0]
        if luck < np.exp(-rate * capacity):  # not even the best of partners would bring one
            continue
        factor = 1.0
        if start[i + 1] > start[i]:
            length = norm(knowledge[i])
            fruit = 0.0
            near_science = 0.0
            for arc in range(start[i], start[i + 1]):
                j = partner[arc]
                distance = cognitive_distance(
                    knowledge[i], knowledge[j], length, norm(knowledge[j])
                )
                fruit += fruitfulness(distance, capacity, exchange)
                if kind[j] == Kind.UNIVERSITY or kind[j] == Kind.RTO:
                    near_science = 1.0
            factor += recombination * fruit / (start[i + 1] - start[i]) + science * near_science
        mean = rate * capacity * factor / best
        chance = np.exp(-mean)
        reached = chance
        while luck >= reached and arrivals[i] < MOST_ARRIVALS:
            arrivals[i] += 1
            chance *= mean / arrivals[i]
            reached += chance


@kernel
def _advance(
    stream: Any,
    arrivals: Any,
    ids: Any,
    kind: Any,
    region: Any,
    sector: Any,
    niche: Any,
    log_productivity: Any,
    knowledge: Any,
    relevance: Any,
    mean_log_productivity: Any,
    relatedness: Any,
    innovations: Any,
    numbers: Any,
) -> None:
    exploration, search, novelty, pull, step = numbers
    n_fields = knowledge.shape[1]
    even = np.full(n_fields, 1.0 / n_fields)
    weights = np.empty(n_fields)
    for i in range(arrivals.size):
        for arrival in range(arrivals[i]):
            mode, field, far, _ = draw(stream, ids[i], 0, arrival)
            needed = relevance[sector[i]] if sector[i] >= 0 else even
            explores = exploration
            if kind[i] == Kind.FIRM:
                innovations[region[i], sector[i]] += 1.0
                if log_productivity[i] < mean_log_productivity[sector[i]]:
                    explores += search
            total = 0.0
            for m in range(n_fields):
                weights[m] = needed[m] * np.float64(knowledge[i, m]) ** 2
                total += weights[m]
            if mode < explores or total == 0.0:
                _explore(knowledge[i], needed, relatedness, novelty, pull, weights)
            m = pick_one(field, weights)
            known = np.float64(knowledge[i, m])
            knowledge[i, m] = known + 2.0 * step * far * max(1.0 - known, 0.0)
            old = niche[i]
            if needed[m] * knowledge[i, m] > needed[old] * knowledge[i, old]:
                niche[i] = m


@kernel
def _explore(
    known: Any, needed: Any, relatedness: Any, novelty: Any, pull: Any, weights: Any
) -> None:
    most = needed.max()
    for m in range(known.size):
        near = 0.0
        total = 0.0
        for n in range(known.size):
            near += relatedness[m, n] * known[n]
            total += relatedness[m, n]
        room = max(1.0 - np.float64(known[m]), 0.0)
        weights[m] = room * (novelty + near / total) * (1.0 - pull + pull * needed[m] / most)
