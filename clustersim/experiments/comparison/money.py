"""Whether a scenario is worth its money: present value, cost of one more, break-even values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from clustersim.experiments.comparison.effects import interval, known
from clustersim.experiments.comparison.flows import Flows, present
from clustersim.experiments.comparison.outcomes import per_unit
from clustersim.experiments.uncertainty import Estimate, mean, resampled_ratio
from clustersim.world.types import Floats

RATES: Final = (0.0, 0.01, 0.03, 0.05, 0.07)
"""Discount rates at which the present value is shown besides."""
UNITS: Final = {
    "job_years": "job-year",
    "jobs": "job at the end",
    "innovations": "innovation",
    "emissions": "tonne of CO2 less",
    "firms": "firm at the end",
}
"""What has a cost, and what one more (of CO2 one less) is called."""


@dataclass(frozen=True)
class Prices:
    """What effects are worth, and how the future counts.

    Attributes
    ----------
    discount_rate
        A year. The European Commission's *Guide to Cost-Benefit Analysis of Investment Projects*
        (2014) has a social discount rate of 5 % for cohesion countries and 3 % for others.
    co2
        Euro for a tonne of CO2 (assumption).
    value_added
        Value added of a job at the mean productivity of its sector, euro a year (assumption; the
        default of a scenario's sectors).
    deadweight
        What one euro of public money costs beyond itself, as taxes distort (assumption).
    willing
        Euro that one is willing to pay for one more job at the end (assumption).

    Raises
    ------
    ValueError
        If a value is negative or not finite.
    """

    discount_rate: float = 0.03
    co2: float = 100.0
    value_added: float = 60_000.0
    deadweight: float = 0.0
    willing: float = 50_000.0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (math.isfinite(value) and value >= 0.0):
                raise ValueError(f"{name}: expected a finite number of at least 0, got {value}")

    def to_dict(self) -> dict[str, float]:
        """Return everything as one dictionary that JSON can hold."""
        return dict(vars(self))


@dataclass(frozen=True)
class UnitCost:
    """Public euro, discounted, for one more of something; unknown where there may be no effect."""

    what: str
    more: Estimate
    """How many more there are; CO2 less. Flows are discounted as money is, what is left at the end
    is not."""
    euro: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {"what": self.what, "more": interval(self.more), "euro": interval(self.euro)}


@dataclass(frozen=True, eq=False)
class Money:
    """What a scenario costs and brings against its counterpart, in present values.

    The net present value is that of value added gained, less public money with its deadweight,
    less more CO2 at its price, at each seed::

        npv = sum over spells t of (v dQ_t - (1 + d) dG_t - c dE_t) (1 + r)^(b - t)

    ``dQ`` is the difference in job-years weighted by productivity (`Flows.product`), v the value
    added of one, ``dG`` public money (what policies are given and do not give back), d its
    deadweight, ``dE`` tonnes of CO2 and c their price; t is the middle of the spell, b the year to
    which all is discounted.

    Counted are all jobs and firms of the economy, in the years of the run. Not counted are: what
    the run's end leaves to the future; what people would do without the job (all value added is
    taken as gained: where labour is scarce that is too much, and `break_even` says how little would
    do); profits that go abroad; fees and levies, which are transfers between firms and the public;
    what firms themselves spend, as it is others' income; anything that the model lacks.

    Attributes
    ----------
    prices
        What effects are valued at.
    base
        Year to which everything is discounted.
    product, public, co2
        The three parts, euro; the net present value is their sum, so that costs are below zero.
    by_jobs
        The part of `product` that would be there if the jobs gained or lost were of the usual
        productivity; the rest is that of higher productivity, and of jobs in better places.
    npv
        Net present value, euro, with its interval over seeds.
    positive
        Share of the seeds at which it is above zero.
    ratio
        Value added and CO2 over public money with its deadweight; unknown where it takes none.
    break_even
        Value added of a job, euro a year, at which the net present value is zero; unknown where
        product may not rise.
    by_rate
        Net present value at other discount rates.
    costs
        What one more costs.
    euro, worth, gains
        Public money, discounted, net present value, and what is gained by name of `UNITS`, at each
        seed, shape (n,).
    """

    prices: Prices
    base: float
    product: Estimate
    public: Estimate
    co2: Estimate
    by_jobs: Estimate
    npv: Estimate
    positive: float
    ratio: Estimate
    break_even: Estimate
    by_rate: tuple[tuple[float, Estimate], ...]
    costs: tuple[UnitCost, ...]
    euro: Floats
    worth: Floats
    gains: dict[str, Floats]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        found: dict[str, Any] = known(
            {
                "prices": self.prices.to_dict(),
                "base_year": self.base,
                "euro": interval(mean(self.euro)),
                "parts": {
                    "value_added": interval(self.product),
                    "value_added_by_jobs": interval(self.by_jobs),
                    "public_money": interval(self.public),
                    "co2": interval(self.co2),
                },
                "npv": interval(self.npv),
                "npv_above_zero": self.positive,
                "benefit_cost_ratio": interval(self.ratio),
                "break_even_value_added": interval(self.break_even),
                "npv_by_discount_rate": [
                    {"rate": rate, **interval(one)} for rate, one in self.by_rate
                ],
                "costs": [one.to_dict() for one in self.costs],
            }
        )
        return found


def money(found: Sequence[Flows], prices: Prices, base: float | None = None) -> Money:
    """Return what a scenario costs and brings.

    Parameters
    ----------
    found
        One for each seed.
    prices
        What effects are worth.
    base
        Calendar year to which everything is discounted; if not given, that in which the scenario
        and its counterpart begin to differ.
    """
    base = min(one.begins for one in found) if base is None else base
    flow = present(found, prices.discount_rate, base)
    parts = _parts(flow, prices)
    npv: Floats = sum(parts.values(), start=np.zeros(len(found)))
    gains = {
        "job_years": flow["job_years"],
        "jobs": np.array([one.jobs[0, -1] - one.jobs[1, -1] for one in found]),
        "innovations": flow["innovations"],
        "emissions": -flow["emissions"],
        "firms": np.array([one.firms[0] - one.firms[1] for one in found]),
    }
    return Money(
        prices=prices,
        base=base,
        product=mean(parts["product"]),
        public=mean(parts["public"]),
        co2=mean(parts["co2"]),
        by_jobs=mean(prices.value_added * flow["job_years"]),
        npv=mean(npv),
        positive=float(np.mean(npv > 0.0)),
        ratio=_ratio(parts["product"] + parts["co2"], -parts["public"]),
        break_even=_ratio(-parts["public"] - parts["co2"], flow["product"]),
        by_rate=tuple(
            (rate, _npv(found, replace(prices, discount_rate=rate), base)) for rate in RATES
        ),
        costs=tuple(
            UnitCost(what, mean(gains[name]), per_unit(flow["euro"], gains[name]))
            for name, what in UNITS.items()
        ),
        euro=flow["euro"],
        worth=npv,
        gains=gains,
    )


def _parts(flow: dict[str, Floats], prices: Prices) -> dict[str, Floats]:
    return {
        "product": prices.value_added * flow["product"],
        "public": -(1.0 + prices.deadweight) * flow["euro"],
        "co2": -prices.co2 * flow["emissions"],
    }


def _npv(found: Sequence[Flows], prices: Prices, base: float) -> Estimate:
    parts = _parts(present(found, prices.discount_rate, base), prices)
    return mean(sum(parts.values(), start=np.zeros(len(found))))


def _ratio(above: Floats, below: Floats) -> Estimate:
    """Return a ratio of sums over seeds; unknown where what it is over may not be above zero."""
    if not mean(below).low > 0.0:
        return Estimate(math.nan, math.nan, math.nan, len(below))
    return resampled_ratio(above, below)
