"""Mechanism 9: revenue, costs, taxes and liquid funds."""

from __future__ import annotations

from typing import Any, ClassVar, Final, NamedTuple, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws
from clustersim.world.elementary import exp
from clustersim.world.kernel import inlined, kernel
from clustersim.world.knowledge import own_research
from clustersim.world.types import Floats, Ids
from clustersim.world.world import DT, World, is_firm, relative_intensity

_KG_PER_TONNE: Final = 1000.0


class Books(NamedTuple):
    """What some firms book in a quarter, euro, shape (n,) each.

    ``revenue = wages + capital + energy + research + interest + taxes + saved + owners``
    """

    revenue: Floats
    wages: Floats
    capital: Floats
    energy: Floats
    """What energy and carbon cost above their usual price; negative when they are cheaper."""
    research: Floats
    """What the firm pays for R&D itself, beside what is publicly funded."""
    interest: Floats
    taxes: Floats
    saved: Floats
    """Change of liquid funds."""
    owners: Floats


@final
class Finance(Mechanism):
    """Firms earn, pay wages, capital, energy, R&D, interest and taxes, and keep some of the rest.

    Per year, in euro::

        usual_i = size_i * v_s * exp(ln A_i - mean_s)        (value added)
        revenue_i = usual_i * share_i
        profit_i = (1 - R_i) revenue_i - size_i (wage_r + capital + dearer_i)
                   - interest max(-cash_i, 0)
        dearer_i = (price - 1) energy_cost intensity_s (1 - saving_s if i is green)
        taxes_i = tax max(profit_i, 0)
        cash_i <- min(cash_i + (profit_i - taxes_i) dt, reserve * usual_i)

    Revenue grows with productivity relative to the market, as prices are the market's. share_i is
    the share of its usual output that the firm can produce (``actors.output``, set by supply);
    wages and capital cost the same meanwhile. What exceeds the reserve goes to the owners; the
    reserve is measured on usual revenue, for nobody pays out what a bad quarter needs. R_i is own
    R&D intensity: ``research - funded``, what public money does not bring. ``price`` is the price
    of energy and carbon over the usual (``conditions.energy_price``); the usual one is in v_s
    already, the value added per job in the sector (``sectors.value_added``). ``intensity_s`` is the
    carbon intensity of the sector over the mean of all.

    *Where the money goes.* In every quarter and for every firm::

        revenue = wages + capital + energy + R&D + interest + taxes + change of cash + to owners

    :meth:`books` gives all of these. Wages go to the people of the region; capital, energy and
    interest to suppliers and banks, which are not simulated. Taxes and R&D are added up by place in
    ``flows.taxes`` and ``flows.research``, R&D with the part that public money brings. Trap: taxes
    are paid quarter by quarter, and no loss is carried forward.

    *CO2.* A firm emits ``revenue_i c_s (1 - saving_s if i is green)`` kg a year, c_s being the
    carbon intensity of its sector in kg per euro and ``saving_s`` its ``sectors.green_saving``;
    by place in ``flows.emissions``, tonnes.

    With the mechanism off nobody runs out of funds, pays taxes or is seen to emit.

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
        "actors.funded",
        "actors.log_productivity",
        "actors.green",
        "conditions.energy_price",
        "flows.research",
        "flows.taxes",
        "flows.emissions",
        "sectors.carbon_intensity",
        "sectors.green_saving",
        "sectors.value_added",
        "sectors.mean_log_productivity",
        "regions.wage",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "actors.cash",
        "flows.research",
        "flows.taxes",
        "flows.emissions",
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
    interest: float = parameter(
        0.05,
        low=0.0,
        high=1.0,
        unit="1/year",
        meaning="Interest on debt.",
        source="assumption",
    )
    tax: float = parameter(
        0.2,
        low=0.0,
        high=0.9,
        unit="share",
        meaning="Share of a positive profit that is paid as tax.",
        source="assumption; of the order of rates in the European Union",
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
        actors, sectors, flows = world.actors, world.sectors, world.flows
        _book(
            actors.alive,
            actors.kind,
            actors.region,
            actors.sector,
            actors.size,
            actors.output,
            actors.cash,
            actors.research,
            actors.funded,
            actors.green,
            actors.log_productivity,
            sectors.mean_log_productivity,
            world.regions.wage,
            self._dearer(world),
            sectors.value_added,
            sectors.carbon_intensity,
            sectors.green_saving,
            self.numbers,
            flows.research,
            flows.taxes,
            flows.emissions,
        )

    def books(self, world: World, firms: Ids) -> Books:
        """Return what `apply` would book now for some firms, without booking it.

        Parameters
        ----------
        world
            The world as this mechanism finds it.
        firms
            Rows of living firms, shape (n,).
        """
        out = np.zeros((len(Books._fields), firms.size))
        mean, added = world.sectors.mean_log_productivity, world.sectors.value_added
        wage, dearer = world.regions.wage, self._dearer(world)
        saving = world.sectors.green_saving
        _look(world.actors.table, firms, mean, wage, dearer, added, saving, self.numbers, out)
        return Books(*out)

    def _dearer(self, world: World) -> Floats:
        """Return the cost of energy above the usual, by sector, euro per job and year."""
        price = float(world.conditions.energy_price[0])
        return (price - 1.0) * self.energy_cost * relative_intensity(world.sectors)


@inlined
def _year(
    size: Any,
    lead: Any,
    output: Any,
    own: Any,
    cash: Any,
    per_job: Any,
    added: Any,
    numbers: Any,
) -> Any:
    """Return revenue, interest and taxes, euro/year, and funds before and after the owners."""
    usual = size * added * exp(lead)
    revenue = usual * output
    interest = numbers.interest * max(-cash, 0.0)
    profit = (1.0 - own) * revenue - size * per_job - interest
    taxes = numbers.tax * max(profit, 0.0)
    left = cash + (profit - taxes) * DT
    return revenue, interest, taxes, left, min(left, numbers.reserve * usual)


@inlined
def _spared(green: Any, saving: Any) -> Any:
    return 1.0 - saving if green else 1.0


@kernel
def _book(
    alive: Any,
    kind: Any,
    region: Any,
    sector: Any,
    size: Any,
    output: Any,
    cash: Any,
    research: Any,
    funded: Any,
    green: Any,
    log_productivity: Any,
    mean: Any,
    wage: Any,
    dearer: Any,
    added: Any,
    intensity: Any,
    saving: Any,
    numbers: Any,
    spent: Any,
    taxed: Any,
    emitted: Any,
) -> None:
    for i in range(alive.size):
        if is_firm(alive, kind, i):
            r, s = region[i], sector[i]
            spared = _spared(green[i], saving[s])
            per_job = wage[r] + numbers.capital + dearer[s] * spared
            revenue, _, taxes, _, after = _year(
                size[i],
                log_productivity[i] - mean[s],
                output[i],
                own_research(research[i], funded[i]),
                cash[i],
                per_job,
                added[s],
                numbers,
            )
            cash[i] = after
            spent[r, s] += research[i] * revenue * DT
            taxed[r, s] += taxes * DT
            emitted[r, s] += intensity[s] * spared * revenue * DT / _KG_PER_TONNE


@kernel
def _look(
    actors: Any,
    firms: Any,
    mean: Any,
    wage: Any,
    dearer: Any,
    added: Any,
    saving: Any,
    numbers: Any,
    out: Any,
) -> None:
    for n in range(firms.size):
        i = firms[n]
        s = actors.sector[i]
        size, cash = actors.size[i], actors.cash[i]
        own = own_research(actors.research[i], actors.funded[i])
        pay, energy = wage[actors.region[i]], dearer[s] * _spared(actors.green[i], saving[s])
        lead = actors.log_productivity[i] - mean[s]
        per_job = pay + numbers.capital + energy
        revenue, interest, taxes, left, after = _year(
            size, lead, actors.output[i], own, cash, per_job, added[s], numbers
        )
        out[0, n] = revenue * DT
        out[1, n] = size * pay * DT
        out[2, n] = size * numbers.capital * DT
        out[3, n] = size * energy * DT
        out[4, n] = own * revenue * DT
        out[5, n] = interest * DT
        out[6, n] = taxes * DT
        out[7, n] = after - cash
        out[8, n] = left - after
