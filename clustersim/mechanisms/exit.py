"""Mechanism 10: exit."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw, happens
from clustersim.world.elementary import exp, log
from clustersim.world.kernel import kernel
from clustersim.world.world import DT, World, is_firm


@final
class Exit(Mechanism):
    """Firms leave: the young, small and unproductive more often, and all who run out of funds.

    The hazard of firm i, per year, is::

        h_i = (hazard_old + hazard_young exp(-(age_i - 1) / maturing))
              exp(-protection l_i) (max(size_i, 1) / size_reference)**-size_slope
        l_i = min(max(ln A_i - mean_s, -lead_limit), lead_limit)

    with age in years and size in jobs; a firm leaves in a quarter with chance
    ``1 - exp(-h_i dt)``. It also leaves if its debt exceeds `debt_limit` years of wages, or if it
    has fewer than `least_jobs` jobs. All leave on the state at the start of the mechanism. Workers
    become unemployed, ties end, projects lose a member, the row is free.

    Sources: the form fits survival of 81 % after one year and 44 to 46 % after five, with 0.042 and
    0.148 and nothing else (Eurostat business demography). As running out of funds and being small
    or unproductive add to it, the defaults are lower, set so that in the scenario `base` about
    8.5 % of firms leave in a year (Eurostat: 8.5 %); about 41 % of newcomers then live for five
    years (Eurostat: 44 to 46 %). The effects of productivity and size are assumptions (directions:
    Jovanovic 1982; Evans 1987; Dunne, Roberts & Samuelson 1989). Without the effect of size, local
    industries come and go far faster than in employment tables, as large firms close as often as
    small ones.
    """

    name: ClassVar[str] = "exit"
    reads: ClassVar[tuple[str, ...]] = (
        "actors",
        "places.unemployed",
        "regions.wage",
        "sectors.mean_log_productivity",
        "ties",
        "projects",
        "flows",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "actors",
        "ties",
        "projects",
        "places.unemployed",
        "flows",
    )

    hazard_old: float = parameter(
        0.02,
        low=0.0,
        high=2.0,
        unit="1/year",
        meaning="Hazard of an old firm of mean productivity.",
        source="set to deaths of 8.5 % of firms a year in `base` (Eurostat 2021)",
    )
    hazard_young: float = parameter(
        0.09,
        low=0.0,
        high=2.0,
        unit="1/year",
        meaning="What youth adds to the hazard, at an age of one year.",
        source="set to deaths of 8.5 % of firms a year in `base` (Eurostat 2021)",
    )
    maturing: float = parameter(
        6.0,
        low=0.1,
        high=100.0,
        unit="years",
        meaning="Time in which the liability of newness falls to 37 %.",
        source="set to deaths of 8.5 % of firms a year in `base` (Eurostat 2021)",
    )
    protection: float = parameter(
        0.5,
        low=0.0,
        high=10.0,
        unit="-",
        meaning="How strongly log productivity above the market protects.",
        source="assumption; direction: Jovanovic 1982",
    )
    lead_limit: float = parameter(
        2.0,
        low=0.0,
        high=10.0,
        unit="ln",
        meaning="Largest lead or lag in log productivity that counts.",
        source="assumption",
    )
    size_slope: float = parameter(
        0.3,
        low=0.0,
        high=2.0,
        unit="-",
        meaning="Elasticity of the hazard to size, with its sign changed.",
        source="assumption; direction: Evans 1987, Dunne, Roberts & Samuelson 1989",
    )
    size_reference: float = parameter(
        5.0,
        low=0.1,
        high=10_000.0,
        unit="jobs",
        meaning="Size at which the hazard is that of an average firm.",
        source="assumption: most firms are small, so that the mean hazard stays as it is",
    )
    debt_limit: float = parameter(
        0.5,
        low=0.0,
        high=50.0,
        unit="years",
        meaning="Debt that banks carry, in years of the wage bill.",
        source="assumption",
    )
    least_jobs: float = parameter(
        0.25,
        low=0.0,
        high=100.0,
        unit="jobs",
        meaning="A firm with fewer jobs closes.",
        source="assumption: less than a quarter of a job is nobody",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Draw who leaves, and let them leave together."""
        actors = world.actors
        leaves = np.zeros(actors.n_rows, dtype=np.bool_)
        _leaving(
            draws.stream("exit.leave"),
            actors.table,
            world.sectors.mean_log_productivity,
            world.regions.wage,
            world.clock.step,
            self.numbers,
            leaves,
        )
        world.dismiss_firms(np.flatnonzero(leaves))


@kernel
def _leaving(
    stream: Any, actors: Any, mean: Any, wage: Any, step: Any, numbers: Any, leaves: Any
) -> None:
    alive, kind, region, sector = actors.alive, actors.kind, actors.region, actors.sector
    ids, birth, sizes, cash = actors.id, actors.birth, actors.size, actors.cash
    log_productivity = actors.log_productivity
    for i in range(ids.size):
        if is_firm(alive, kind, i):
            size = sizes[i]
            age = (step - birth[i]) * DT
            lead = log_productivity[i] - mean[sector[i]]
            lead = min(max(lead, -numbers.lead_limit), numbers.lead_limit)
            small = log(max(size, 1.0) / numbers.size_reference)
            young = numbers.hazard_young * exp(-(age - 1.0) / numbers.maturing)
            hazard = (numbers.hazard_old + young) * exp(
                -numbers.protection * lead - numbers.size_slope * small
            )
            broke = cash[i] < -numbers.debt_limit * size * wage[region[i]]
            luck = draw(stream, ids[i], 0, 0)[0]
            leaves[i] = broke or size < numbers.least_jobs or happens(luck, hazard * DT)
