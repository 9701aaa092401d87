"""Mechanism 7: adoption of digital and green technology."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw, happens
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
        before = np.stack([actors.digital, actors.green])
        hazards = np.array(
            [
                [self.digital_innovation, self.digital_imitation],
                [self.green_innovation, self.green_imitation],
            ]
        )
        after = before.copy()
        arcs = world.ties.collaboration.adjacency(actors.n_rows).arcs
        luck = draws.stream("adoption.adopt")
        _adopt(luck, actors.id, actors.alive, actors.kind, arcs, hazards * DT, before, after)
        concerned = (world.fields.digital, world.fields.green)
        for transition, adopted in enumerate((actors.digital, actors.green)):
            new = np.flatnonzero(after[transition] & ~before[transition])
            adopted[new] = True
            _advance(actors.knowledge, new, concerned[transition], self.advance)


@kernel
def _adopt(
    stream: Any,
    ids: Any,
    alive: Any,
    kind: Any,
    arcs: Any,
    hazards: Any,
    before: Any,
    after: Any,
) -> None:
    start, partner = arcs.start, arcs.partner
    for i in range(ids.size):
        if not is_firm(alive, kind, i) or (before[0, i] and before[1, i]):
            continue
        n_partners = start[i + 1] - start[i]
        n_digital = 0.0
        n_green = 0.0
        for arc in range(start[i], start[i + 1]):
            n_digital += before[0, partner[arc]]
            n_green += before[1, partner[arc]]
        share = 1.0 / n_partners if n_partners > 0 else 0.0
        luck = draw(stream, ids[i], 0, 0)
        digital = hazards[0, 0] + hazards[0, 1] * n_digital * share
        green = hazards[1, 0] + hazards[1, 1] * n_green * share
        after[0, i] = before[0, i] or happens(luck[0], digital)
        after[1, i] = before[1, i] or happens(luck[1], green)


@kernel
def _advance(knowledge: Any, rows: Any, concerned: Any, advance: Any) -> None:
    for i in rows:
        for m in range(knowledge.shape[1]):
            if concerned[m]:
                known = np.float64(knowledge[i, m])
                knowledge[i, m] = known + advance * max(1.0 - known, 0.0)
