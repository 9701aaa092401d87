"""What all agents of the twin have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import mesa

from clustersim.world.actors import COLUMNS, Kind
from tests.reference.state import Place, Sector, Tie

if TYPE_CHECKING:
    from tests.reference.twin import TwinModel

PROPERTIES = {
    column.name: column.default for column in COLUMNS if column.name not in {"id", "kind", "alive"}
}
"""Properties of an agent with their defaults; it has an identity, its class is its kind, and it is
alive as long as it is in the model."""


class Actor(mesa.Agent):
    """An agent with a place, a knowledge vector and ties.

    Parameters
    ----------
    model
        The model.
    identity
        Identity for life, as in the engine (Mesa's ``unique_id`` is another number).
    knowledge
        What it knows of each technology field.
    **properties
        Any of `PROPERTIES`.
    """

    kind: ClassVar[Kind]
    model: TwinModel
    region: int
    sector: int
    niche: int
    x: float
    y: float
    birth: int
    parent: int
    origin: int
    size: float
    orders: float
    stock: float
    output: float
    cash: float
    research: float
    funded: float
    log_productivity: float
    quality: float
    anchor: bool
    multinational: bool
    digital: bool
    green: bool
    innovated: int
    innovated_green: int

    def __init__(
        self, model: TwinModel, identity: int, knowledge: list[float], **properties: Any
    ) -> None:
        super().__init__(model)
        self.identity = identity
        self.knowledge = knowledge
        self.collaborations: dict[Actor, Tie] = {}
        for name, default in PROPERTIES.items():
            setattr(self, name, properties.pop(name, default))
        if properties:
            msg = f"an actor has no {', '.join(sorted(properties))}"
            raise TypeError(msg)

    @property
    def place(self) -> Place:
        """The local industry that it belongs to."""
        return self.model.places[self.region, self.sector]

    @property
    def market(self) -> Sector:
        """The sector that it belongs to."""
        return self.model.sectors[self.sector]

    @property
    def home_quality(self) -> float:
        """Institutional quality of its region."""
        return self.model.regions[self.region].institutional_quality

    def lever(self, name: str) -> float:
        """Return what a lever is worth to it."""
        return self.model.lever(name, self.identity)

    def fade(self, factor: float) -> None:
        """Fall behind the moving frontier."""
        self.knowledge = [k * factor for k in self.knowledge]
