"""Mechanism 7: adoption of digital and green technology."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw
from clustersim.world.kernel import kernel
from clustersim.world.world import DT, World, is_firm


@final
class Adoption(Mechanism):
    """Firms adopt digital and green technology, by themselves and by example.

    A firm that has not adopted does so in a quarter with chance ``1 - exp(-(p + q F_i) dt)``, where
    ``F_i`` is the share of adopters among its partners in collaboration, science included. Adopting
    once advances every field of the transition: ``k_im <- k_im + advance (1 - k_im)``. The digital
    and the green transition are drawn apart; both read the adopters at the start of the mechanism.

    Source: Bass 1969 (innovators p, imitators q). Values: assumptions.
    """

    name: ClassVar[str] = "adoption"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.digital",
        "actors.green",
        "actors.knowledge",
        "ties.collaboration",
        "fields.digital",
        "fields.green",
    )
    writes: ClassVar[tuple[str, ...]] = ("actors.digital", "actors.green", "actors.knowledge")

    digital_innovation: float = parameter(
        0.02,
        low=0.0,
        high=5.0,
        unit="1/year",
        meaning="Hazard of adopting digital technology without an example (p).",
        source="assumption",
    )
    digital_imitation: float = parameter(
        0.2,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="What partners who all have adopted add to it (q).",
        source="assumption",
    )
    green_innovation: float = parameter(
        0.008,
        low=0.0,
        high=5.0,
        unit="1/year",
        meaning="Hazard of adopting green technology without an example (p).",
        source="assumption",
    )
    green_imitation: float = parameter(
        0.12,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="What partners who all have adopted add to it (q).",
        source="assumption",
    )
    advance: float = parameter(
        0.05,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of the room to the frontier that adopting closes in the fields concerned.",
        source="assumption",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Let firms adopt."""
        actors = world.actors
        arcs = world.ties.collaboration.adjacency(actors.n_rows).arcs
        for name, innovation, imitation in (
            ("digital", self.digital_innovation, self.digital_imitation),
            ("green", self.green_innovation, self.green_imitation),
        ):
            adopted = getattr(actors, name)
            before = adopted.copy()
            luck = draws.stream(f"adoption.{name}")
            rates = (innovation * DT, imitation * DT)
            _adopt(luck, actors.table, arcs, before, rates, adopted)
            new = np.flatnonzero(adopted & ~before)
            _advance(actors.knowledge, new, getattr(world.fields, name), self.advance)


@kernel
def _adopt(stream: Any, actors: Any, arcs: Any, before: Any, rates: Any, adopted: Any) -> None:
    innovation, imitation = rates
    for i in range(actors.id.size):
        if not is_firm(actors.alive, actors.kind, i) or before[i]:
            continue
        share = 0.0
        if arcs.start[i + 1] > arcs.start[i]:
            for arc in range(arcs.start[i], arcs.start[i + 1]):
                share += before[arcs.partner[arc]]
            share /= arcs.start[i + 1] - arcs.start[i]
        luck = draw(stream, actors.id[i], 0, 0)[0]
        adopted[i] = luck < -np.expm1(-(innovation + imitation * share))


@kernel
def _advance(knowledge: Any, rows: Any, concerned: Any, advance: Any) -> None:
    for i in rows:
        for m in range(knowledge.shape[1]):
            if concerned[m]:
                known = np.float64(knowledge[i, m])
                knowledge[i, m] = known + advance * max(1.0 - known, 0.0)
