"""Mechanism 5: learning in place."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws
from clustersim.world.elementary import expm1
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import absorptive_capacity
from clustersim.world.threads import spread
from clustersim.world.world import DT, World, is_firm


@final
class PlaceLearning(Mechanism):
    """Firms take up what is in the air of their local industry: buzz.

    ``k_im <- k_im + (1 - exp(-place_rate gamma_i dt)) max(kbar_cm - k_im, 0)``, where ``kbar_c`` is
    the mean knowledge of the firms of local industry c, weighted by jobs, and gamma_i is absorptive
    capacity. All firms see the state at the start of the mechanism. What people who change firms
    carry is a matter of the labour market.

    Together with learning over ties this makes the firms of a place alike: heterogeneity falls, and
    with it what is left to learn, which is what ends the growth of a cluster in Menzel & Fornahl
    2010. With both mechanisms and `labour.movers` off there is no endogenous maturity.

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
        common = np.zeros((world.n_regions, world.n_sectors, world.n_fields))
        _common_knowledge(actors.table, common)
        rate = self.place_rate * DT
        spread(_take_up, actors.n_rows, actors.table, common, world.exchange, rate)


@kernel
def _common_knowledge(actors: Any, common: Any) -> None:
    jobs = np.zeros(common.shape[:2])
    for i in range(actors.id.size):
        if is_firm(actors.alive, actors.kind, i):
            jobs[actors.region[i], actors.sector[i]] += actors.size[i]
            there = common[actors.region[i], actors.sector[i]]
            for m in range(there.size):
                there[m] += actors.size[i] * actors.knowledge[i, m]
    for r in range(common.shape[0]):
        for s in range(common.shape[1]):
            if jobs[r, s] > 0.0:
                common[r, s] /= jobs[r, s]


@kernel
def _take_up(
    first_row: Any, last_row: Any, actors: Any, common: Any, exchange: Any, rate: Any
) -> None:
    for i in range(first_row, last_row):
        if is_firm(actors.alive, actors.kind, i):
            there = common[actors.region[i], actors.sector[i]]
            share = -expm1(-rate * absorptive_capacity(actors.research[i], exchange))
            for m in range(there.size):
                known = np.float64(actors.knowledge[i, m])
                actors.knowledge[i, m] = known + share * max(there[m] - known, 0.0)
