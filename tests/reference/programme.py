"""A policy that sets all levers and pays for R&D, by luck: the engine's side and the twin's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from clustersim.mechanisms.base import Mechanism
from clustersim.world.draws import Draws
from clustersim.world.levers import LEVERS, Lever
from clustersim.world.world import World

if TYPE_CHECKING:
    from tests.reference.state import Whose
    from tests.reference.twin import TwinModel

REACHED = 0.6
"""Share of those who have a lever for whom it is set anew in a quarter; others keep theirs."""


def setting(lever: Lever, luck: Any) -> Any:
    """Return the value that luck gives to a lever: strong, and to either side of neutral."""
    if lever.unit == "factor":
        return 3.0 * luck
    return luck if lever.unit == "share" else 0.4 * (luck - 0.5)


class Programme(Mechanism):
    """Sets all levers but those left out for some of all actors, places and regions each quarter.

    It also funds a part of the R&D of everybody, newcomers included.
    """

    name: ClassVar[str] = "programme"
    writes: ClassVar[tuple[str, ...]] = (
        "actors.funded",
        *(f"levers.{lever.name}" for lever in LEVERS),
    )
    left_out: tuple[str, ...] = ()
    funds: bool = True

    def apply(self, world: World, draws: Draws) -> None:
        """Set levers and funds."""
        for lever in self.levers():
            where, keys = _those(world, lever)
            decision = f"programme.{lever.name}"
            reached = draws.uniform(decision, keys) < REACHED
            values = setting(lever, draws.uniform(decision, keys, lane=1))
            world.levers.put(lever.name, tuple(w[reached] for w in where), values[reached])
        if self.funds:
            actors = world.actors
            rows = actors.rows()
            share = draws.uniform("programme.fund", actors.id[rows])
            actors.funded[rows] = share * actors.research[rows]

    def levers(self) -> list[Lever]:
        """Return the levers that are set."""
        return [lever for lever in LEVERS if lever.name not in self.left_out]

    @classmethod
    def twin(cls, model: TwinModel, p: Programme) -> None:
        """Do the same to the agents, places and regions of the twin."""
        for lever in p.levers():
            for whose, key in _twins_of_those(model, lever):
                reached, luck, _, _ = model.luck.four(f"programme.{lever.name}", key)
                if reached < REACHED:
                    model.levers[lever.name][whose] = setting(lever, luck)
        if p.funds:
            for agent in model.agents:
                luck = model.luck.one("programme.fund", agent.identity)
                agent.funded = luck * agent.research


def _those(world: World, lever: Lever) -> tuple[tuple[NDArray[Any], ...], NDArray[np.int64]]:
    """Return the indices of those who have a lever, and the numbers that their luck belongs to."""
    if lever.of == "actor":
        rows = world.actors.rows()
        return (rows,), world.actors.id[rows]
    if lever.of == "place":
        key = world.places.key
        return np.nonzero(np.ones(key.shape)), key.ravel()
    regions = np.arange(world.n_regions)
    return (regions,), regions


def _twins_of_those(model: TwinModel, lever: Lever) -> list[tuple[Whose, int]]:
    if lever.of == "actor":
        return [(agent.identity, agent.identity) for agent in model.agents]
    if lever.of == "place":
        return [(whose, place.key) for whose, place in model.places.items()]
    return [(r, r) for r in range(len(model.regions))]
