"""Mechanism 1: what befalls the economy from outside, at a time set in the scenario."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, final

import numpy as np
from pydantic import Field

from clustersim.mechanisms.base import Mechanism
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.elementary import exp
from clustersim.world.spec import Name, Spec
from clustersim.world.world import DT, World


class DemandShock(Spec):
    """World demand falls at once and recovers exponentially.

    The factor on demand is ``1 - depth * exp(-(t - year) / recovery)`` from `year` on. Industry in
    the European Union lost 21 points within 12 months of 2008 and was above 90 % after 25
    (European Commission); under COVID-19 it lost 18 % in April 2020 and was back after a year
    (Eurostat).
    """

    kind: Literal["demand"]
    year: float = Field(ge=1500, le=3000, description="Calendar year; .25 is the second quarter.")
    sector: Name | None = Field(default=None, description="Sector struck; left out: all sectors.")
    depth: float = Field(gt=0, lt=1, description="Share of demand that is lost at once.")
    recovery: float = Field(
        default=1.5, gt=0, le=50, description="Years after which 37 % of the loss is left."
    )


class AnchorExit(Spec):
    """The largest firm of a local industry closes."""

    kind: Literal["anchor_exit"]
    year: float = Field(ge=1500, le=3000, description="Calendar year; .25 is the second quarter.")
    region: Name = Field(description="Region of the local industry.")
    sector: Name = Field(description="Sector of the local industry.")


Shock = Annotated[DemandShock | AnchorExit, Field(discriminator="kind")]


@final
class Shocks(Mechanism):
    """Demand shocks and the exit of anchor firms, as scheduled.

    ``demand_factor_s(t) = prod over shocks of (1 - depth * exp(-(t - year) / recovery))``, over the
    shocks of sector s whose year has come. An anchor exit happens in the quarter that holds its
    year: the firm with the most jobs leaves, its workers become unemployed, its ties end.

    A shock before the first or after the last quarter of a run has no effect; scenario files that
    set one are refused when they are read.
    """

    name: ClassVar[str] = "shocks"
    reads: ClassVar[tuple[str, ...]] = (
        "actors",
        "ties",
        "projects",
        "places.unemployed",
        "flows",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "sectors.demand_factor",
        "actors",
        "ties",
        "projects",
        "places.unemployed",
        "flows",
    )

    events: tuple[Shock, ...] = Field(
        default=(), description="The shocks; a scenario file lists them under `shocks:`."
    )

    def apply(self, world: World, draws: Draws) -> None:  # noqa: ARG002  # nothing here is luck
        """Set the demand factor of each sector and close the anchors whose time has come."""
        factor = world.sectors.demand_factor
        factor[:] = 1.0
        now = world.clock.year
        for shock in self.events:
            if isinstance(shock, AnchorExit):
                if now <= shock.year < now + DT:
                    _close_anchor(world, shock)
            elif now >= shock.year:
                struck = slice(None) if shock.sector is None else _index(world, shock.sector)
                factor[struck] *= 1.0 - shock.depth * exp(-(now - shock.year) / shock.recovery)


def _index(world: World, sector: str) -> int:
    return world.sectors.names.index(sector)


def _close_anchor(world: World, shock: AnchorExit) -> None:
    actors = world.actors
    here = (
        actors.alive
        & (actors.kind == Kind.FIRM)
        & (actors.region == world.regions.names.index(shock.region))
        & (actors.sector == _index(world, shock.sector))
    )
    rows = np.flatnonzero(here)
    if rows.size:
        world.dismiss_firms(rows[[np.argmax(actors.size[rows])]])
