"""Mechanism 10: exit."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw, happens, key_of
from clustersim.world.elementary import exp, log
from clustersim.world.kernel import kernel
from clustersim.world.threads import spread
from clustersim.world.world import DT, World, is_firm, leads


@final
class Exit(Mechanism):
    """Firms leave: the young, small and unproductive more often, and all who run out of funds.

    The hazard of firm i, per year, is::

        h_i = closing_i (hazard_old + hazard_young exp(-(age_i - 1) / maturing))
              exp(-protection l_i) (max(size_i, 1) / size_reference)**-size_slope
        l_i = min(max(ln A_i - mean_s, -lead_limit), lead_limit)

    with age in years and size in jobs; a firm leaves in a quarter with chance ``1 - exp(-h_i dt)``.
    It also leaves if its debt exceeds ``credit_i debt_limit`` years of wages, times
    ``conditions.credit`` (what banks lend over what they usually do), or if it has fewer than
    `least_jobs` jobs. closing_i and credit_i are levers of the firm. All leave on the state at the
    start of the mechanism. Workers become unemployed, ties end, projects lose a member, the row is
    free.

    Sources: the form alone fits survival of 81 % after one year and 44 to 46 % after five, with
    0.042 and 0.148 (Eurostat business demography). As running out of funds and being unproductive
    add to it, the defaults are lower, calibrated in the scenario `base` to births, deaths, survival
    and sizes of firms. Directions of productivity and size: Jovanovic 1982; Evans 1987; Dunne,
    Roberts & Samuelson 1989.
    """

    name: ClassVar[str] = "exit"
    reads: ClassVar[tuple[str, ...]] = (
        "actors",
        "places.unemployed",
        "regions.wage",
        "sectors.mean_log_productivity",
        "conditions.credit",
        "ties",
        "projects",
        "flows",
        "levers.closing",
        "levers.credit",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "actors",
        "ties",
        "projects",
        "places.unemployed",
        "flows",
    )

    hazard_old: float = parameter(
        0.015,
        low=0.0,
        high=2.0,
        unit="1/year",
        meaning="Hazard of an old firm of mean productivity.",
        source="calibrated: births, deaths and survival (F7, F8; experiments/calibration)",
    )
    hazard_young: float = parameter(
        0.113,
        low=0.0,
        high=2.0,
        unit="1/year",
        meaning="What youth adds to the hazard, at an age of one year.",
        source="calibrated: births, deaths and survival (F7, F8; experiments/calibration)",
    )
    maturing: float = parameter(
        6.0,
        low=0.1,
        high=100.0,
        unit="years",
        meaning="Time in which the liability of newness falls to 37 %.",
        source="fits survival in the European Union (F8)",
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
        0.07,
        low=0.0,
        high=2.0,
        unit="-",
        meaning="Elasticity of the hazard to size, with its sign changed.",
        source="calibrated: sizes of firms (F4, F10); direction: Evans 1987, Dunne, Roberts & "
        "Samuelson 1989",
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
        2.5,
        low=0.0,
        high=50.0,
        unit="years",
        meaning="Debt that banks carry, in years of the wage bill.",
        source="calibrated: survival (F8); with `entry.funds`, most firms close before",
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
        spread(
            _leaving,
            actors.n_rows,
            draws.stream("exit.leave"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.region,
            actors.sector,
            actors.birth,
            actors.size,
            actors.cash,
            actors.log_productivity,
            world.levers.closing,
            world.levers.credit,
            world.sectors.mean_log_productivity,
            world.regions.wage,
            self.debt_limit * float(world.conditions.credit[0]),
            world.clock.step,
            self.numbers,
            leaves,
        )
        world.dismiss_firms(np.flatnonzero(leaves))


@kernel
def _leaving(
    first_row: Any,
    last_row: Any,
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    region: Any,
    sector: Any,
    birth: Any,
    size: Any,
    cash: Any,
    log_productivity: Any,
    closing: Any,
    credit: Any,
    mean: Any,
    wage: Any,
    debt_limit: Any,
    step: Any,
    numbers: Any,
    leaves: Any,
) -> None:
    """Fill in who leaves, shape (n,)."""
    key = key_of(stream)
    part = slice(first_row, last_row)
    lead = leads(first_row, last_row, alive, kind, sector, log_productivity, mean)
    hazard = _hazards(lead, birth[part], size[part], step, numbers)
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i):
            broke = cash[i] < -debt_limit * size[i] * wage[region[i]] * credit[i]
            likely = hazard[i - first_row] * DT * closing[i]
            luck = draw(key, ids[i], 0, 0)[0]
            leaves[i] = broke or size[i] < numbers.least_jobs or happens(luck, likely)


@kernel
def _hazards(lead: Any, birth: Any, size: Any, step: Any, numbers: Any) -> Any:
    """Return the hazard of each row, shape (n,); it means nothing where there is no firm.

    There is nothing but arithmetic in this loop, so that several firms are done at a time.
    """
    hazard = np.empty(size.size)
    for i in range(size.size):
        age = (step - birth[i]) * DT
        ahead = min(max(lead[i], -numbers.lead_limit), numbers.lead_limit)
        small = log(max(size[i], 1.0) / numbers.size_reference)
        young = numbers.hazard_young * exp(-(age - 1.0) / numbers.maturing)
        hazard[i] = (numbers.hazard_old + young) * exp(
            -numbers.protection * ahead - numbers.size_slope * small
        )
    return hazard
