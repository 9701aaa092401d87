"""Mechanism 3: suppliers nearby."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws
from clustersim.world.elementary import logarithm_of_more
from clustersim.world.linear import product
from clustersim.world.world import World


@final
class Supply(Mechanism):
    """A variety of local suppliers raises productivity.

    ``gain_rs = variety_gain * ln(1 + n_rs / supplier_reference)``, where
    ``n_rs = sum_q a_qs F_rq / sum_q a_qs`` is the number of real firms in the region's supplying
    sectors, weighted by the input coefficients ``a_qs`` of sector s. A sector that buys nothing
    gains nothing.

    Source: Ciccone & Hall 1996; Fujita, Krugman & Venables 1999 (variety of inputs). The size is an
    assumption, kept small, as the localisation curve of the market includes part of it.
    """

    name: ClassVar[str] = "supply"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "sectors.inputs",
    )
    writes: ClassVar[tuple[str, ...]] = ("places.supply_advantage",)

    variety_gain: float = parameter(
        0.005,
        low=0.0,
        high=0.5,
        unit="ln",
        meaning="Gain in log productivity from e times as many local suppliers.",
        source="assumption",
    )
    supplier_reference: float = parameter(
        10.0,
        low=1.0,
        high=1e6,
        unit="firms",
        meaning="Number of local suppliers at which the gain sets in.",
        source="assumption",
    )

    def apply(self, world: World, draws: Draws) -> None:  # noqa: ARG002  # nothing here is luck
        """Set what local suppliers add in each place."""
        inputs = world.sectors.inputs
        bought = inputs.sum(axis=0)
        weights = np.divide(inputs, bought, out=np.zeros_like(inputs), where=bought > 0.0)
        suppliers = product(world.firms() * world.employment_scale, weights)
        gain = self.variety_gain * logarithm_of_more(suppliers / self.supplier_reference)
        world.places.supply_advantage[:] = gain
