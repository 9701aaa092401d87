"""The agents of a :class:`~clustersim.mesa_model.ClusterModel`: Mesa's view of single actors.

An agent holds no state of the simulation. Its attributes are cells of the world's arrays, found
through the actor's identity: the columns of :data:`~clustersim.world.actors.COLUMNS` under their
names, and ``knowledge``. Other attributes may be added as on any Python object.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np

from clustersim.mesa_model.attributes import cells
from clustersim.mesa_model.gate import mesa
from clustersim.world.actors import Kind
from clustersim.world.ties import LAYERS
from clustersim.world.world import DT, World


class DepartedError(LookupError):
    """An actor has left the simulation, so its agent has nothing to read or write any more."""


class Actor(mesa.Agent):
    """What all agents have in common; a model makes them, nobody else.

    Parameters
    ----------
    model
        The model.
    identity
        Identity of a living actor that the model has no agent for.

    Attributes
    ----------
    unique_id : int
        The actor's identity, the same in every run in which the actor appears.
    """

    kind_of_actor: ClassVar[Kind]

    def __init__(self, model: Any, identity: int) -> None:
        if not model.expects(identity, type(self)):
            msg = (
                f"agents are made by the model: {type(self).__name__} {identity} is not a living "
                "actor without an agent; look in model.agents"
            )
            raise ValueError(msg)
        self.identity = identity
        self.world: World = model.world
        self._row: int = self.world.actors.row_of(identity)
        super().__init__(model)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.identity}>"

    @property
    def row(self) -> int:
        """Row of the actor table that holds the actor now; it may change from step to step.

        Raises
        ------
        DepartedError
            If the actor has left the simulation. Its row may belong to another by now.
        """
        ids = self.world.actors.id
        if self._row >= ids.size or ids[self._row] != self.identity:
            try:
                self._row = self.world.actors.row_of(self.identity)
            except KeyError:
                msg = f"{self!r} has left the simulation; look in model.agents for who is there"
                raise DepartedError(msg) from None
        return self._row

    @property
    def present(self) -> bool:
        """Whether the actor is still in the simulation."""
        try:
            return self.row >= 0
        except DepartedError:
            return False

    @property
    def age(self) -> float:
        """Years since birth."""
        return float((self.world.clock.step - self.birth) * DT)

    @property
    def region_name(self) -> str | None:
        """Name of the region; None for an authority above the regions."""
        return self.world.regions.names[self.region] if self.region >= 0 else None

    @property
    def sector_name(self) -> str | None:
        """Name of the sector; None where none applies."""
        return self.world.sectors.names[self.sector] if self.sector >= 0 else None

    def neighbours(self, layer: str = "collaboration") -> list[Actor]:
        """Return the agents tied to this one in a layer, in either direction, by identity.

        Parameters
        ----------
        layer
            One of :data:`clustersim.world.ties.LAYERS`.

        Raises
        ------
        ValueError
            If there is no such layer.
        DepartedError
            If the actor has left.
        """
        if layer not in LAYERS:
            msg = f"there is no layer {layer!r}; there are {', '.join(LAYERS)}"
            raise ValueError(msg)
        actors = self.world.actors
        adjacency = getattr(self.world.ties, layer).adjacency(actors.n_rows)
        row = self.row
        partners = adjacency.partner[adjacency.start[row] : adjacency.start[row + 1]]
        return [self.model.agent(one) for one in np.unique(actors.id[partners]).tolist()]

    def remove(self) -> None:
        """Let the actor leave the simulation, and the agent the model.

        A firm closes: its workers become unemployed. The ties of whoever leaves end.
        """
        if self.present:
            self._leave()
        super().remove()
        self.model.forget(self)

    def _leave(self) -> None:
        actors = self.world.actors
        actors.dismiss(np.array([self.row]))
        self.world.release()


for _name, _cell in cells().items():
    setattr(Actor, _name, _cell)


class Firm(Actor):
    """A firm."""

    kind_of_actor = Kind.FIRM

    def _leave(self) -> None:
        self.world.dismiss_firms(np.array([self.row]))


class University(Actor):
    """A university."""

    kind_of_actor = Kind.UNIVERSITY


class RTO(Actor):
    """A research and technology organisation."""

    kind_of_actor = Kind.RTO


class ClusterOrganisation(Actor):
    """An organisation that manages the cluster of a sector in a region."""

    kind_of_actor = Kind.CLUSTER_ORGANISATION


class Authority(Actor):
    """A regional, national or European authority."""

    kind_of_actor = Kind.AUTHORITY


AGENT_TYPES: Final[dict[Kind, type[Actor]]] = {
    agent_type.kind_of_actor: agent_type
    for agent_type in (Firm, University, RTO, ClusterOrganisation, Authority)
}
"""The class of agent for each kind of actor."""
