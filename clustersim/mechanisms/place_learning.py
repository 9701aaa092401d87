"""Mechanism 5: learning in place."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import absorptive_capacity
from clustersim.world.world import DT, World


@final
class PlaceLearning(Mechanism):
    """Firms take up what is in the air of their local industry, through movers and buzz.

    ``k_im <- k_im + (1 - exp(-place_rate gamma_i dt)) max(kbar_cm - k_im, 0)``, where ``kbar_c`` is
    the mean knowledge of the firms of local industry c, weighted by jobs, and gamma_i is absorptive
    capacity. All firms see the state at the start of the mechanism.

    Together with learning over ties this makes the firms of a place alike: heterogeneity falls, and
    with it what is left to learn, which is what ends the growth of a cluster in Menzel & Fornahl
    2010. With both mechanisms off there is no endogenous maturity.

    Sources: Marshall 1890 ("in the air"); Bathelt, Malmberg & Maskell 2004 (buzz); Menzel &
    Fornahl 2010.
    """

    name: ClassVar[str] = "place_learning"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.size",
        "actors.knowledge",
        "actors.research",
    )
    writes: ClassVar[tuple[str, ...]] = ("actors.knowledge",)

    place_rate: float = parameter(
        0.08,
        low=0.0,
        high=20.0,
        unit="1/year",
        meaning="Rate at which a firm of full absorptive capacity takes up what its place knows.",
        source="assumption; 0.03 to 0.13 gave life cycles in exploratory runs",
    )

    def apply(self, world: World, draws: Draws) -> None:  # noqa: ARG002  # nothing here is luck
        """Let every firm take up some of what its local industry knows."""
        actors = world.actors
        n_sectors = world.n_sectors
        common = np.zeros((world.n_regions * n_sectors, world.n_fields))
        table = (actors.alive, actors.kind, actors.region, actors.sector)
        _common_knowledge(*table, actors.size, actors.knowledge, n_sectors, common)
        _take_up(
            *table,
            actors.research,
            actors.knowledge,
            n_sectors,
            common,
            world.exchange,
            self.place_rate * DT,
        )


@kernel
def _common_knowledge(
    alive: Any,
    kind: Any,
    region: Any,
    sector: Any,
    size: Any,
    knowledge: Any,
    n_sectors: Any,
    common: Any,
) -> None:
    jobs = np.zeros(common.shape[0])
    for i in range(alive.size):
        if alive[i] and kind[i] == Kind.FIRM:
            place = region[i] * n_sectors + sector[i]
            jobs[place] += size[i]
            for m in range(knowledge.shape[1]):
                common[place, m] += size[i] * knowledge[i, m]
    for place in range(common.shape[0]):
        if jobs[place] > 0.0:
            for m in range(common.shape[1]):
                common[place, m] /= jobs[place]


@kernel
def _take_up(
    alive: Any,
    kind: Any,
    region: Any,
    sector: Any,
    research: Any,
    knowledge: Any,
    n_sectors: Any,
    common: Any,
    exchange: Any,
    rate: Any,
) -> None:
    for i in range(alive.size):
        if alive[i] and kind[i] == Kind.FIRM:
            place = region[i] * n_sectors + sector[i]
            share = -np.expm1(-rate * absorptive_capacity(research[i], exchange))
            for m in range(knowledge.shape[1]):
                known = np.float64(knowledge[i, m])
                knowledge[i, m] = known + share * max(common[place, m] - known, 0.0)
