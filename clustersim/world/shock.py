"""What can befall an economy from outside: the kinds of shock, and when they strike.

These are the classes behind the ``shocks:`` section of a scenario file. They hold data only; what
they do is in `clustersim.mechanisms.shocks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from clustersim.world.draws import Draws, draw, name_key
from clustersim.world.elementary import exp, expm1
from clustersim.world.kernel import kernel
from clustersim.world.spec import Name, Positive, Share, Spec
from clustersim.world.world import DT

DECISION: Final = "shocks.strike"
"""Decision that the luck of random shocks belongs to."""

BEFORE_HALF: Final = 3.0
"""Widths from the beginning of a paradigm to its half-way point, as the recorder counts it."""

Recovery = Annotated[float, Field(gt=0, le=50)]
Lost = Annotated[float, Field(gt=0, lt=1)]
Sector = Annotated[Name | None, Field(description="Sector struck; left out: all sectors.")]
Region = Annotated[Name | None, Field(description="Region struck; left out: all regions.")]

_RECOVERY: Final = "Years after which 37 % of the loss is left."
_LEAVE: Final = "Share of the people who move to other regions at once."


class BaseShock(Spec):
    """What every shock has: when it strikes, once in a year or at random with a rate."""

    year: float | None = Field(
        default=None, ge=1500, le=3000, description="Calendar year; .25 is the second quarter."
    )
    rate: float | None = Field(
        default=None,
        gt=0,
        le=20,
        description="In place of a year: strikes a year, at random times that the seed decides.",
        json_schema_extra={"unit": "1/year"},
    )
    enabled: bool = Field(
        default=True,
        description="Whether it strikes. Off, it still keeps its place in the luck of the others.",
    )

    @model_validator(mode="after")
    def _timed(self) -> Self:
        """Refuse a shock without a time, and one with two."""
        if (self.year is None) == (self.rate is None):
            msg = "a shock strikes in a `year` or with a `rate`: give one of them"
            raise ValueError(msg)
        return self


class DemandShock(BaseShock):
    """World demand falls at once and recovers exponentially.

    The factor on demand is ``1 - depth * exp(-(t - year) / recovery)`` from `year` on. Industry in
    the European Union lost 21 points within 12 months of 2008 and was above 90 % after 25
    (European Commission); under COVID-19 it lost 18 % in April 2020 and was back after a year
    (Eurostat).
    """

    kind: Literal["demand"]
    sector: Sector = None
    depth: Lost = Field(description="Share of demand that is lost at once.")
    recovery: Recovery = Field(default=1.5, description=_RECOVERY)


class SupplyOutage(BaseShock):
    """Local industries can use a part of their capacity only.

    The share of capacity that is left is ``1 - depth`` for `length` years from `year` on, then
    ``1 - depth * exp(-(t - year - length) / recovery)``; it stands in ``conditions.output``. What
    that does to production and to customers downstream is up to the mechanism `supply`. The
    defaults of `length` and `recovery` are assumptions.
    """

    kind: Literal["supply_outage"]
    region: Region = None
    sector: Sector = None
    depth: Lost = Field(description="Share of capacity that cannot be used.")
    length: float = Field(default=0.5, ge=0, le=50, description="Years of the full outage.")
    recovery: Recovery = Field(default=0.5, description=_RECOVERY)


class Pandemic(BaseShock):
    """A pandemic: demand and capacity fall everywhere, nobody travels, some skill is lost.

    From `year` on demand falls by `demand` and capacity by `supply`; both losses fade with
    exp(-(t - year) / recovery). `severity` says how much harder some sectors are hit, and exports
    are hit harder than sales at home: the demand for sector s falls by::

        demand * severity_s * (1 + exports x_s) / (1 + exports X)

    x_s is its export share and X the mean of all sectors, weighted by demand, so that `demand` is
    the loss of all where no severity is given. No sector loses more than 99 %. For `length` years
    only the share ``1 - travel`` of the usual travel is possible. In the regions that are hit
    hardest (or everywhere) the share `skill` of what people can do in their work is lost at once,
    and the share `leave` of the people moves to the other regions, as in a talent loss; where no
    region is spared nobody moves.

    The five challenges of COVID-19 for clusters (European Commission), and where they act:

    - *supply chains*: ``conditions.output``, the share of capacity that can be used;
    - *science and industry*: ``conditions.travel``, without which nobody is met in another region,
      and fewer agree to a project there;
    - *links between clusters*: ``conditions.travel`` too: over ties between regions what people
      carry who travel no longer flows, what is written down does;
    - *access to talent*: ``places.skill``, which matching and thick labour markets need, and
      ``places.unemployed``, the people who have moved;
    - *global value chains*: ``sectors.demand_factor``, of which exporters lose more.

    Size: industry lost 10.7 % in March and 18.2 % in April 2020, read as changes on the month
    before; in August it was 5.3 % below, and in April 2021 level (Eurostat). April was thus
    ``1 - 0.893 * 0.818 = 27.0 %`` below. The loss fell to 5.3 % in four months, that is
    exponentially with 4 / ln(27.0 / 5.3) = 2.5 months or 0.2 years, which leaves 0.2 % in April
    2021: level. April, May and June were on average 19 % below: ``27.0 % (1 + e**-0.41 +
    e**-0.81) / 3``, the loss in the quarter of the shock. That it is one half demand and one half
    supply, with ``(1 - 0.1) (1 - 0.1) = 0.81``, is an assumption, and so are `length`, `travel`,
    `skill`, `exports` and that nobody leaves unless it is said.
    """

    kind: Literal["pandemic"]
    demand: float = Field(default=0.1, ge=0, lt=1, description="Share of demand lost at once.")
    supply: float = Field(default=0.1, ge=0, lt=1, description="Share of capacity lost at once.")
    recovery: Recovery = Field(default=0.2, description=_RECOVERY)
    travel: Share = Field(default=1.0, description="Share of travel between regions that stops.")
    length: float = Field(default=1.25, ge=0, le=50, description="Years without that travel.")
    skill: float = Field(default=0.02, ge=0, lt=1, description="Share of skill lost at once.")
    leave: float = Field(default=0.0, ge=0, lt=1, description=_LEAVE)
    hardest: tuple[Name, ...] = Field(
        default=(), description="Regions that lose skill and people; left out: all regions."
    )
    severity: dict[Name, Annotated[float, Field(ge=0, le=20)]] = Field(
        default_factory=dict,
        description="How hard sectors are hit in demand and supply, over the rest.",
    )
    exports: float = Field(
        default=0.5, ge=0, le=20, description="How much more is lost of exports than of home sales."
    )


class EnergyPrice(BaseShock):
    """The price of energy and carbon at home jumps; a part of the rise may be there to stay.

    ``1 + (factor - 1) (lasting + (1 - lasting) exp(-(t - year) / recovery))`` over the usual price,
    in ``conditions.energy_price``. A carbon price is a factor with ``lasting: 1``. Firms of sectors
    that emit much lose orders and money, adopters of green technology less. The rest of the world
    pays the usual price. The default of `recovery` is an assumption.
    """

    kind: Literal["energy_price"]
    factor: float = Field(ge=0.1, le=20, description="Price at once over the usual price.")
    recovery: Recovery = Field(
        default=1.5, description="Years after which 37 % of the rise that passes is left."
    )
    lasting: Share = Field(default=0.0, description="Share of the rise that stays for good.")


class Technology(BaseShock):
    """A new technological paradigm begins to come in a sector.

    It has half come 3 `width` years after it strikes, and follows the logistic curve of `frontier`.
    With `weights` it is one more paradigm of the sector, in the order of the years. Without, the
    sector's next paradigm is brought forward, with its own width unless one is given; if none is
    still to come, a new one is drawn, half from what the sector uses and half by luck, with the
    digital and green fields preferred. How related fields are stays as it was founded.
    """

    kind: Literal["technology"]
    sector: Name = Field(description="Sector in which it comes.")
    width: float | None = Field(
        default=None,
        gt=0,
        le=50,
        description="Years; a larger width is a slower change. Left out: 3, or that of the "
        "paradigm that is brought forward.",
    )
    weights: dict[Name, Positive] | None = Field(
        default=None,
        min_length=1,
        description="Relevance of each technology field; scaled to sum to one. Left out: the "
        "sector's next paradigm comes now, or one that is drawn if there is none.",
    )


class AnchorExit(BaseShock):
    """The largest firm of a local industry closes."""

    kind: Literal["anchor_exit"]
    region: Name = Field(description="Region of the local industry.")
    sector: Name = Field(description="Sector of the local industry.")


class TalentLoss(BaseShock):
    """People with skills leave a region's industry, and firms lose what only those people knew.

    ``skill <- skill (1 - depth)`` at once, made good by learning on the job (`labour`); and the
    knowledge of each firm there, ``k <- k (1 - tacit)``. Of the people there, at work and out of
    work, the share `leave` moves: they look for work in the same sector of other regions, which
    they choose in proportion to the jobs that firms there have or want to have, the sum of
    ``max(size, orders)``. Where there are none, people stay. The defaults of `tacit` and `leave`
    are assumptions.
    """

    kind: Literal["talent_loss"]
    region: Name = Field(description="Region that loses people.")
    sector: Sector = None
    depth: Lost = Field(description="Share of skill lost at once.")
    tacit: float = Field(
        default=0.1, ge=0, lt=1, description="Share of the firms' knowledge lost at once."
    )
    leave: float = Field(default=0.0, ge=0, lt=1, description=_LEAVE)


class CreditCrunch(BaseShock):
    """Banks lend less: ``1 - depth * exp(-(t - year) / recovery)`` of the debt they usually carry.

    It stands in ``conditions.credit``. The default of `recovery` is an assumption.
    """

    kind: Literal["credit_crunch"]
    depth: Annotated[float, Field(gt=0, le=1)] = Field(description="Share of credit lost at once.")
    recovery: Recovery = Field(default=1.5, description=_RECOVERY)


Shock = Annotated[
    DemandShock
    | SupplyOutage
    | Pandemic
    | EnergyPrice
    | Technology
    | AnchorExit
    | TalentLoss
    | CreditCrunch,
    Field(discriminator="kind"),
]


def fading(time: float, recovery: float, length: float = 0.0) -> float:
    """Return the share of a loss that is left `time` years after it: all of it for `length`."""
    return 1.0 if time <= length else float(exp(-(time - length) / recovery))


def strikes(
    shocks: Sequence[Shock], draws: Draws, start_year: float, step: int
) -> list[list[float]]:
    """Return the calendar years in which each shock strikes in the quarters up to `step`.

    A shock with a year strikes in the quarter that holds it. One with a rate strikes in a quarter
    with chance ``1 - exp(-rate dt)``, at its start. Its luck belongs to its kind, region and
    sector, and to its place among shocks for which these are the same, so that other shocks do not
    shift it.

    Parameters
    ----------
    shocks
        As the scenario lists them.
    draws
        Luck; only its seed matters here, as the times of the past are drawn again.
    start_year
        Calendar year of step 0.
    step
        The last quarter asked for.
    """
    stream = draws.stream(DECISION)
    seen: Counter[int] = Counter()
    found: list[list[float]] = []
    for shock in shocks:
        region, sector = getattr(shock, "region", None), getattr(shock, "sector", None)
        key = name_key(shock.kind, region or "", sector or "")
        ordinal = seen[key]
        seen[key] += 1
        if not shock.enabled:
            found.append([])
        elif shock.rate is None:
            year = np.nan if shock.year is None else shock.year
            there = start_year <= year < start_year + (step + 1) * DT
            found.append([year] if there else [])
        else:
            hits = np.zeros(step + 1, dtype=np.bool_)
            _struck(stream, key, ordinal, -expm1(-shock.rate * DT), hits)
            found.append([start_year + at * DT for at in np.flatnonzero(hits).tolist()])
    return found


@kernel
def _struck(stream: Any, key: Any, ordinal: Any, chance: Any, out: Any) -> None:
    at = stream.copy()
    for step in range(out.size):
        at[2] = step
        out[step] = draw(at, key, ordinal, 0)[0] < chance
