"""Training vouchers: small firms are paid to learn what is related to their main field."""

from typing import ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.world import DT, World


@final
class TrainingVouchers(Mechanism):
    """Small firms may get a voucher, and close a part of their gap to the frontier.

    A firm with at most `largest` jobs gets a voucher in a quarter with chance
    ``1 - exp(-rate dt)``. In each field it then learns in proportion to how related the field is
    to its main field n: ``k_m <- k_m + lesson R_nm (1 - k_m)``, where the gap is not below zero.

    Source: an example. Values: assumptions.
    """

    name: ClassVar[str] = "training_vouchers"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.niche",
        "actors.size",
        "actors.knowledge",
        "fields.relatedness",
    )
    writes: ClassVar[tuple[str, ...]] = ("actors.knowledge",)

    rate: float = parameter(
        0.25,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="Hazard of getting a voucher.",
        source="assumption",
    )
    largest: float = parameter(
        50.0,
        low=0.0,
        high=1e6,
        unit="jobs",
        meaning="A firm with more jobs gets none.",
        source="assumption: small firms as the European Union defines them",
    )
    lesson: float = parameter(
        0.1,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of the gap to the frontier that a voucher closes in the main field.",
        source="assumption",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Draw who gets a voucher, and let them learn together."""
        actors = world.actors
        rows = actors.rows(Kind.FIRM)
        rows = rows[actors.size[rows] <= self.largest]
        luck = draws.uniform("training_vouchers.get", actors.id[rows])
        rows = rows[luck < -np.expm1(-self.rate * DT)]
        known = actors.knowledge[rows]
        related = world.fields.relatedness[actors.niche[rows]]
        actors.knowledge[rows] = known + self.lesson * related * np.maximum(1.0 - known, 0.0)
