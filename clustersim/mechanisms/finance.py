"""Mechanism 9: revenue, costs and liquid funds."""

from __future__ import annotations

from typing import Any, ClassVar, final

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws
from clustersim.world.elementary import exp
from clustersim.world.kernel import kernel
from clustersim.world.world import DT, World, is_firm, relative_intensity


@final
class Finance(Mechanism):
    """Firms earn, pay wages, capital and R&D, and keep what is left up to a limit.

    Per year, in euro::

        usual_i = size_i * output * exp(ln A_i - mean_s)     (value added)
        revenue_i = usual_i * share_i
        profit_i = (1 - R_i) revenue_i - size_i (wage_r + capital + dearer_i)
        dearer_i = (price - 1) energy_cost intensity_s (1 - green_saving if i is green)
        cash_i <- min(cash_i + profit_i dt, reserve * usual_i)

    Revenue grows with productivity relative to the market, as prices are the market's. share_i is
    the share of its usual output that the firm can produce (``actors.output``, set by supply);
    wages and capital cost the same meanwhile. What exceeds the reserve goes to the owners; the
    reserve is measured on usual revenue, for nobody pays out what a bad quarter needs. R_i is R&D
    intensity. ``price`` is the price of energy and carbon over the usual
    (``conditions.energy_price``); the usual one is in `output` already, which is value added.
    ``intensity_s`` is the carbon intensity of the sector over the mean of all.

    With the mechanism off nobody runs out of funds.

    Sources: values are assumptions of the order of the European Union's non-financial business
    economy.
    """

    name: ClassVar[str] = "finance"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.size",
        "actors.output",
        "actors.cash",
        "actors.research",
        "actors.log_productivity",
        "actors.green",
        "conditions.energy_price",
        "sectors.carbon_intensity",
        "sectors.mean_log_productivity",
        "regions.wage",
    )
    writes: ClassVar[tuple[str, ...]] = ("actors.cash",)

    output: float = parameter(
        60_000.0,
        low=1.0,
        high=1e7,
        unit="euro/job/year",
        meaning="Value added per job of a firm at the mean of its market.",
        source="assumption",
    )
    capital: float = parameter(
        8_000.0,
        low=0.0,
        high=1e7,
        unit="euro/job/year",
        meaning="Cost of capital per job.",
        source="assumption",
    )
    energy_cost: float = parameter(
        2_000.0,
        low=0.0,
        high=1e6,
        unit="euro/job/year",
        meaning="Usual cost of energy and carbon per job in a sector of mean carbon intensity.",
        source="assumption; it counts where the price differs from the usual",
    )
    green_saving: float = parameter(
        0.4,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of a rise of that cost that adopters of green technology are spared.",
        source="assumption; as in `market`",
    )
    reserve: float = parameter(
        1.0,
        low=0.0,
        high=20.0,
        unit="years",
        meaning="Liquid funds kept at most, in years of revenue.",
        source="assumption",
    )

    def apply(self, world: World, draws: Draws) -> None:  # noqa: ARG002  # nothing here is luck
        """Book the quarter."""
        sectors = world.sectors
        price = float(world.conditions.energy_price[0])
        dearer = (price - 1.0) * self.energy_cost * relative_intensity(sectors)
        mean = sectors.mean_log_productivity
        _book(world.actors.table, mean, world.regions.wage, dearer, self.numbers)


@kernel
def _book(actors: Any, mean: Any, wage: Any, dearer: Any, numbers: Any) -> None:
    for i in range(actors.id.size):
        if is_firm(actors.alive, actors.kind, i):
            lead = actors.log_productivity[i] - mean[actors.sector[i]]
            usual = actors.size[i] * numbers.output * exp(lead)
            revenue = usual * actors.output[i]
            energy = dearer[actors.sector[i]]
            energy *= 1.0 - numbers.green_saving if actors.green[i] else 1.0
            costs = actors.size[i] * (wage[actors.region[i]] + numbers.capital + energy)
            profit = (1.0 - actors.research[i]) * revenue - costs
            actors.cash[i] = min(actors.cash[i] + profit * DT, numbers.reserve * usual)
