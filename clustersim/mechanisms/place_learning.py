"""Mechanism 5: learning in place."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws
from clustersim.world.elementary import expm1
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import absorptive_capacity
from clustersim.world.rows import add_gap, put_sum
from clustersim.world.threads import spread
from clustersim.world.world import DT, World, is_firm


@final
class PlaceLearning(Mechanism):
    """Firms take up what is in the air of their local industry: buzz.

    ``k_im <- k_im + (1 - exp(-place_rate absorption_i gamma_i dt)) max(kbar_cm - k_im, 0)``, where
    ``kbar_c`` is the mean knowledge of the firms of local industry c, weighted by jobs, gamma_i is
    absorptive capacity, and absorption_i the lever of the firm. All firms see the state at the
    start of the mechanism. What people who change firms carry is a matter of the labour market.

    Together with learning over ties this makes the firms of a place alike: heterogeneity falls, and
    with it what is left to learn, which is what ends the growth of a cluster in Menzel & Fornahl
    2010. With both mechanisms, `projects` and `labour.movers` off there is no endogenous maturity.

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
        "levers.absorption",
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
        common = np.zeros((world.n_regions * world.n_sectors, world.n_fields))
        place = np.empty(actors.n_rows, dtype=np.int64)
        _common_knowledge(
            actors.alive,
            actors.kind,
            actors.region,
            actors.sector,
            actors.size,
            actors.knowledge,
            world.n_sectors,
            place,
            common,
        )
        rate = self.place_rate * DT
        spread(
            _take_up,
            actors.n_rows,
            actors.knowledge,
            actors.research,
            world.levers.absorption,
            place,
            common,
            world.exchange,
            rate,
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
    place: Any,
    common: Any,
) -> None:
    """Fill in the place of each firm, -1 for other rows, and what each place knows."""
    jobs = np.zeros(common.shape[0])
    for i in range(alive.size):
        place[i] = -1
        if is_firm(alive, kind, i):
            here = np.int64(region[i]) * n_sectors + sector[i]
            place[i] = here
            jobs[here] += size[i]
            put_sum(common, here, common, here, knowledge, i, size[i])
    for c in range(jobs.size):
        if jobs[c] > 0.0:
            common[c] /= jobs[c]


@kernel
def _take_up(
    first_row: Any,
    last_row: Any,
    knowledge: Any,
    research: Any,
    absorption: Any,
    place: Any,
    common: Any,
    exchange: Any,
    rate: Any,
) -> None:
    part = slice(first_row, last_row)
    efforts, more, share = research[part], absorption[part], np.empty(last_row - first_row)
    for k in range(share.size):  # nothing else in this loop: several firms are done at a time
        share[k] = -expm1(-rate * more[k] * absorptive_capacity(efforts[k], exchange))
    for i in range(first_row, last_row):
        if place[i] >= 0:
            add_gap(knowledge, i, knowledge, i, common, place[i], share[i - first_row])
