"""Mechanism 6: innovation."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.actors import Kind
from clustersim.world.draws import ROUNDED_UP, Draws, draw, key_of
from clustersim.world.elementary import exp, power
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import (
    absorptive_capacity,
    cognitive_distance,
    effort,
    fruitfulness,
    length,
)
from clustersim.world.newcomers import pick_one
from clustersim.world.paradigms import coming_relevance
from clustersim.world.rows import put_sum
from clustersim.world.threads import spread
from clustersim.world.types import Floats
from clustersim.world.world import DT, World

MOST_ARRIVALS = 8
"""More innovations than this in one quarter by one actor are not counted."""


@final
class Innovation(Mechanism):
    """Actors with R&D innovate: mostly along what they know, sometimes into something new.

    *Arrivals* in a quarter are Poisson with mean::

        innovation_i rate e_i f_i dt (1 + recombination Lbar_i + science U_i)
                                     / (1 + recombination + science)
        f_i = (max(size_i, 1) / size_reference)**size_slope for a firm, 1 for science

    innovation_i is the lever of the actor, e_i its effort in research (which rises with R&D
    intensity), f_i what a larger firm makes of as much R&D of each euro, ``Lbar_i`` the mean
    fruitfulness L(d_ij) over the actor's collaborations (0 without any), and ``U_i`` is 1 if one of
    them is with a university or an RTO. At most 8 are counted.

    *Mode.* An arrival is exploration with chance ``exploration``, plus ``search`` if the actor is a
    firm below the mean productivity of its market (aspiration).

    *Field.* Exploitation picks field m with weight ``w_sm k_im**2``: strength on strength, the root
    of lock-in. Exploration picks with weight ``(1 - k_im) (novelty + related_im) (1 - pull + pull
    w_sm / max_m w_sm)``, ``related_im = sum_n phi_mn k_in / sum_n phi_mn`` with the relatedness phi
    of fields. A university counts every field as relevant. Who has nothing to exploit explores. Who
    has foresight, a lever from 0 to 1, explores by ``(1 - foresight_i) w_sm(t) + foresight_i
    w_sm(t + foresight_years)`` in place of w_sm. Where relevance does not follow the paradigms, as
    with ``frontier.paradigms`` off, nothing is to be foreseen.

    *Step.* ``k_im <- k_im + 2 step u (1 - k_im)``, u uniform: on average the share ``step`` of the
    room to the frontier. The actor's main field becomes m if ``w_sm k_im`` now exceeds that of its
    old main field.

    How many innovations an actor has is decided by the state at the start of the mechanism; several
    of one actor act one after another. Those of firms are counted in the flows.

    Sources: March 1991 (exploration and exploitation); Cyert & March 1963 (aspiration); Weitzman
    1998 (recombination); Cohen & Klepper 1996 (innovations rise with size, less than in
    proportion); Dosi 1982, Malerba et al. 1999 (cumulativeness). Rates: assumptions.
    """

    name: ClassVar[str] = "innovation"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.niche",
        "actors.size",
        "actors.research",
        "actors.log_productivity",
        "actors.knowledge",
        "ties.collaboration",
        "sectors.relevance",
        "sectors.paradigm_weights",
        "sectors.paradigm_year",
        "sectors.paradigm_width",
        "sectors.mean_log_productivity",
        "fields.relatedness",
        "fields.green",
        "flows.innovations",
        "levers.innovation",
        "levers.foresight",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "actors.knowledge",
        "actors.niche",
        "actors.innovated",
        "actors.innovated_green",
        "flows.innovations",
    )

    rate: float = parameter(
        0.65,
        low=0.0,
        high=8.0,
        unit="1/year",
        meaning="Innovations of an actor of full effort with the best of partners.",
        source="assumption: the lower end of 0.6 to 2.4, which gave life cycles in exploratory "
        "runs, as an innovation is a new product or process and no daily improvement",
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
    size_slope: float = parameter(
        0.315,
        low=0.0,
        high=1.0,
        unit="-",
        meaning="Elasticity of a firm's innovations to its jobs.",
        source="assumption; direction: Cohen & Klepper 1996, below one",
    )
    size_reference: float = parameter(
        10.0,
        low=0.1,
        high=10_000.0,
        unit="jobs",
        meaning="Size of a firm that innovates at `rate`.",
        source="assumption: near the mean size of firms, so that innovations in all stay as many",
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
    foresight_years: float = parameter(
        5.0,
        low=0.0,
        high=50.0,
        unit="years",
        meaning="How far ahead those with foresight look when they explore.",
        source="assumption",
    )
    step: float = parameter(
        0.24,
        low=0.0,
        high=0.5,
        unit="share",
        meaning="Mean share of the room to the frontier that an innovation closes.",
        source="assumption: with `rate`, how fast an actor of average R&D advances",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Draw who innovates, in which field, and how far."""
        actors = world.actors
        arrivals = np.zeros(actors.n_rows, dtype=np.int8)
        spread(
            _arrivals,
            actors.n_rows,
            draws.stream("innovation.arrive"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.size,
            actors.research,
            world.levers.innovation,
            actors.knowledge,
            world.ties.collaboration.adjacency(actors.n_rows).arcs,
            world.exchange,
            self.numbers,
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
            actors.innovated,
            actors.innovated_green,
            actors.knowledge,
            world.levers.foresight,
            world.sectors.relevance,
            self._coming(world),
            world.sectors.mean_log_productivity,
            world.fields.relatedness,
            world.fields.green,
            self.numbers,
            world.clock.step,
            world.flows.innovations,
        )

    def _coming(self, world: World) -> Floats:
        """Return what those with foresight know to become relevant, shape (S, M)."""
        if not world.levers.uses("foresight"):
            return world.sectors.relevance
        return coming_relevance(world.sectors, world.clock.year, self.foresight_years)


@kernel
def _arrivals(
    first_row: Any,
    last_row: Any,
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    size: Any,
    research: Any,
    innovation: Any,
    knowledge: Any,
    arcs: Any,
    exchange: Any,
    numbers: Any,
    arrivals: Any,
) -> None:
    key = key_of(stream)
    best = 1.0 + numbers.recombination + numbers.science
    part = slice(first_row, last_row)
    means = _most(kind[part], size[part], research[part], innovation[part], exchange, numbers)
    for i in range(first_row, last_row):
        most = means[i - first_row]
        if not alive[i] or research[i] == 0.0:
            continue
        luck = draw(key, ids[i], 0, 0)[0]
        if luck < 1.0 - most or luck < exp(-most):
            continue  # not even the best of partners would bring one
        science = _has_science(i, kind, arcs.start, arcs.partner)
        social = 1.0 if arcs.start[i] < arcs.start[i + 1] else 0.0
        at_best = 1.0 + numbers.recombination * social + numbers.science * science
        if luck < exp(-most * (at_best / best * ROUNDED_UP)):
            continue  # nor would those it has, were all of them as fruitful as can be
        factor = _inspiration(i, science, research[i], knowledge, arcs, exchange, numbers)
        mean = most * factor / best
        chance = exp(-mean)
        reached = chance
        while luck >= reached and arrivals[i] < MOST_ARRIVALS:
            arrivals[i] += 1
            chance *= mean / arrivals[i]
            reached += chance


@kernel
def _most(kind: Any, size: Any, research: Any, innovation: Any, exchange: Any, numbers: Any) -> Any:
    """Return the mean arrivals of each row if its partners were the best, shape (n,).

    Nothing else is done in this loop, so that several rows are done at a time.
    """
    out = np.empty(kind.size)
    for i in range(out.size):
        larger = power(max(size[i], 1.0) / numbers.size_reference, numbers.size_slope)
        most = numbers.rate * DT * effort(research[i], exchange) * innovation[i]
        out[i] = most * larger if kind[i] == Kind.FIRM else most
    return out


@kernel
def _has_science(i: Any, kind: Any, start: Any, partner: Any) -> Any:
    """Return U_i."""
    for arc in range(start[i], start[i + 1]):
        if kind[partner[arc]] == Kind.UNIVERSITY or kind[partner[arc]] == Kind.RTO:
            return 1.0
    return 0.0


@kernel
def _inspiration(
    i: Any, science: Any, research: Any, knowledge: Any, arcs: Any, exchange: Any, numbers: Any
) -> Any:
    """Return ``1 + recombination Lbar_i + science U_i``."""
    n_partners = arcs.start[i + 1] - arcs.start[i]
    if n_partners == 0:
        return 1.0
    own = length(knowledge, i)
    capacity = absorptive_capacity(research, exchange)
    fruit = 0.0
    for arc in range(arcs.start[i], arcs.start[i + 1]):
        j = arcs.partner[arc]
        distance = cognitive_distance(knowledge, i, j, own, length(knowledge, j))
        fruit += fruitfulness(distance, capacity, exchange)
    return 1.0 + numbers.recombination * fruit / n_partners + numbers.science * science


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
    innovated: Any,
    innovated_green: Any,
    knowledge: Any,
    foresight: Any,
    relevance: Any,
    coming: Any,
    mean_log_productivity: Any,
    relatedness: Any,
    green: Any,
    numbers: Any,
    step: Any,
    innovations: Any,
) -> None:
    key = key_of(stream)
    n_fields = knowledge.shape[1]
    even = np.full(n_fields, 1.0 / n_fields)
    related = np.ascontiguousarray(relatedness.T)
    all_related = _sums_of_rows(relatedness)
    weights, sought = np.empty((2, n_fields))
    near = np.zeros((2, n_fields))
    for i in range(arrivals.size):
        if arrivals[i] == 0:
            continue
        known = knowledge[i]
        needed = relevance[sector[i]] if sector[i] >= 0 else even
        ahead = coming[sector[i]] if sector[i] >= 0 else even
        for arrival in range(arrivals[i]):
            mode, field, far, _ = draw(key, ids[i], 0, arrival)
            explores = numbers.exploration
            if kind[i] == Kind.FIRM:
                innovations[region[i], sector[i]] += 1.0
                if log_productivity[i] < mean_log_productivity[sector[i]]:
                    explores += numbers.search
            total = 0.0
            for m in range(n_fields):
                weights[m] = needed[m] * np.float64(known[m]) ** 2
                total += weights[m]
            if mode < explores or total == 0.0:
                put_sum(near, 0, near, 1, near, 1, 0.0)
                for n in range(n_fields):
                    put_sum(near, 0, near, 0, related, n, known[n])
                for m in range(n_fields):
                    sought[m] = (1.0 - foresight[i]) * needed[m] + foresight[i] * ahead[m]
                _explore(known, sought, near[0], all_related, numbers, weights)
            m = pick_one(field, weights)
            innovated[i] = step
            if green[m]:
                innovated_green[i] = step
            before = np.float64(known[m])
            known[m] = before + 2.0 * numbers.step * far * max(1.0 - before, 0.0)
            old = niche[i]
            if needed[m] * known[m] > needed[old] * known[old]:
                niche[i] = m


@kernel
def _sums_of_rows(numbers: Any) -> Any:
    out = np.zeros(numbers.shape[0])
    for m in range(out.size):
        for n in range(numbers.shape[1]):
            out[m] += numbers[m, n]
    return out


@kernel
def _explore(
    known: Any, needed: Any, near: Any, all_related: Any, numbers: Any, weights: Any
) -> None:
    """Fill in the weights of the fields; `near` is ``sum_n phi_mn k_in``, shape (M,)."""
    most = needed.max()
    for m in range(known.size):
        room = max(1.0 - np.float64(known[m]), 0.0)
        pulled = 1.0 - numbers.pull + numbers.pull * needed[m] / most
        weights[m] = room * (numbers.novelty + near[m] / all_related[m]) * pulled
