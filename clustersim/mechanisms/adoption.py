"""Mechanism 7: adoption of digital and green technology."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw, happens, key_of, may_happen
from clustersim.world.elementary import power
from clustersim.world.kernel import kernel
from clustersim.world.threads import spread
from clustersim.world.world import DT, World, is_firm


@final
class Adoption(Mechanism):
    """Firms adopt digital and green technology, by themselves and by example.

    A firm that has not adopted does so in a quarter with chance ``1 - exp(-h_i dt)``::

        h_i = lever_i (p + q F_i) (max(size_i, 1) / size_reference)**size_slope

    ``lever_i`` is the lever `digital` or `green` of the firm; ``F_i`` is the share of adopters
    among its partners in collaboration, among them science, which never adopts. A larger firm
    spreads the fixed cost of new technology over more, and adopts earlier. Adopting once advances
    every field of the transition: ``k_im <- k_im + advance (1 - k_im)``. The digital and the green
    transition are drawn apart; both read the adopters at the start of the mechanism.

    Sources: Bass 1969 (innovators p, imitators q); size: Eurostat, digital intensity of 55 % of the
    small and medium and about 90 % of the large firms.
    """

    name: ClassVar[str] = "adoption"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.size",
        "actors.digital",
        "actors.green",
        "actors.knowledge",
        "ties.collaboration",
        "fields.digital",
        "fields.green",
        "levers.digital",
        "levers.green",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "actors.digital",
        "actors.green",
        "actors.adopted",
        "actors.adopted_green",
        "actors.knowledge",
    )

    digital_innovation: float = parameter(
        0.0108,
        low=0.0,
        high=5.0,
        unit="1/year",
        meaning="Hazard of adopting digital technology without an example (p).",
        source="calibrated: digital intensity of firms (F43)",
    )
    digital_imitation: float = parameter(
        0.13,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="What partners who all have adopted add to it (q).",
        source="calibrated: digital intensity of firms (F43)",
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
    size_slope: float = parameter(
        0.4,
        low=0.0,
        high=2.0,
        unit="-",
        meaning="Elasticity of the hazard of adopting to jobs.",
        source="calibrated: digital intensity of small and large firms (F43)",
    )
    size_reference: float = parameter(
        10.0,
        low=0.1,
        high=10_000.0,
        unit="jobs",
        meaning="Size of a firm that adopts at the hazards given.",
        source="assumption: near the mean size of firms",
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
        actors, fields = world.actors, world.fields
        new = np.zeros((2, actors.n_rows), dtype=np.bool_)
        spread(
            _adopt,
            actors.n_rows,
            draws.stream("adoption.adopt"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.size,
            actors.digital,
            actors.green,
            world.levers.digital,
            world.levers.green,
            world.ties.collaboration.adjacency(actors.n_rows).arcs,
            self.numbers,
            new,
        )
        _advance(
            new,
            world.clock.step,
            self.advance,
            fields.digital,
            fields.green,
            actors.digital,
            actors.green,
            actors.adopted,
            actors.adopted_green,
            actors.knowledge,
        )


@kernel
def _adopt(
    first_row: Any,
    last_row: Any,
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    size: Any,
    digital: Any,
    green: Any,
    digital_lever: Any,
    green_lever: Any,
    arcs: Any,
    numbers: Any,
    new: Any,
) -> None:
    """Fill in who adopts digital and who green technology, shape (2, n)."""
    key = key_of(stream)
    jobs, ease = size[first_row:last_row], np.empty(last_row - first_row)
    for k in range(ease.size):  # nothing else in this loop: several firms are done at a time
        ease[k] = power(max(jobs[k], 1.0) / numbers.size_reference, numbers.size_slope)
    alone_digital, example_digital = numbers.digital_innovation * DT, numbers.digital_imitation * DT
    alone_green, example_green = numbers.green_innovation * DT, numbers.green_imitation * DT
    most_digital, most_green = alone_digital + example_digital, alone_green + example_green
    for i in range(first_row, last_row):
        if not is_firm(alive, kind, i) or (digital[i] and green[i]):
            continue
        luck_digital, luck_green, _, _ = draw(key, ids[i], 0, 0)
        ease_digital = ease[i - first_row] * digital_lever[i]
        ease_green = ease[i - first_row] * green_lever[i]
        if not digital[i] and may_happen(luck_digital, most_digital * ease_digital):
            hazard = alone_digital + example_digital * _share(i, digital, arcs.start, arcs.partner)
            new[0, i] = happens(luck_digital, hazard * ease_digital)
        if not green[i] and may_happen(luck_green, most_green * ease_green):
            hazard = alone_green + example_green * _share(i, green, arcs.start, arcs.partner)
            new[1, i] = happens(luck_green, hazard * ease_green)


@kernel
def _share(i: Any, adopted: Any, start: Any, partner: Any) -> Any:
    """Return the share of adopters among the partners of an actor, 0 if it has none."""
    n_partners = start[i + 1] - start[i]
    n_adopted = 0.0
    for arc in range(start[i], start[i + 1]):
        n_adopted += adopted[partner[arc]]
    return n_adopted * (1.0 / n_partners) if n_partners > 0 else 0.0


@kernel
def _advance(
    new: Any,
    now: Any,
    advance: Any,
    is_digital: Any,
    is_green: Any,
    digital: Any,
    green: Any,
    adopted: Any,
    adopted_green: Any,
    knowledge: Any,
) -> None:
    """Note who has adopted, and let it know more in the fields concerned."""
    for i in range(digital.size):
        if new[0, i]:
            digital[i] = True
            adopted[i] = now
            _learn(knowledge, i, is_digital, advance)
        if new[1, i]:
            green[i] = True
            adopted[i] = adopted_green[i] = now
            _learn(knowledge, i, is_green, advance)


@kernel
def _learn(knowledge: Any, i: Any, concerned: Any, advance: Any) -> None:
    for m in range(knowledge.shape[1]):
        if concerned[m]:
            known = np.float64(knowledge[i, m])
            knowledge[i, m] = known + advance * max(1.0 - known, 0.0)
