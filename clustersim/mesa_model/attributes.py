"""Attributes of agents that are cells of the world's arrays."""

from __future__ import annotations

from typing import Any, Final

from clustersim.world.actors import COLUMNS, Column, Kind
from clustersim.world.types import Knowledge
from clustersim.world.values import (
    KNOWING,
    KNOWLEDGE,
    WITH_REGION,
    WITH_SECTOR,
    checked_number,
    checked_value,
    checked_whole,
    one_of_kind,
)
from clustersim.world.world import World

FIXED: Final = ("id", "kind", "alive")
"""Columns that say who an actor is; they cannot be written."""


class Cell:
    """An attribute that reads and writes one column of the actor table.

    Reading gives a plain Python value. Writing checks type and bounds, since kernels do not.
    """

    def __init__(self, column: Column) -> None:
        self.column = column
        unit = "" if column.unit == "-" else f" [{column.unit}]"
        self.__doc__ = f"{column.meaning}{unit}"

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        return getattr(agent.world.actors, self.column.name)[agent.row].item()

    def __set__(self, agent: Any, value: object) -> None:
        name = self.column.name
        if name in FIXED:
            msg = f"{name} of {agent} can't be changed: it says who the actor is"
            raise AttributeError(msg)
        try:
            checked = _checked(agent.world, agent, self.column, value)
        except ValueError as error:
            msg = f"{name} of {agent} can't be {error}"
            raise ValueError(msg) from None
        getattr(agent.world.actors, name)[agent.row] = checked


def _checked(world: World, agent: Any, column: Column, value: object) -> bool | int | float:
    """Return a value that the agent's kernels can work with."""
    kind = Kind(agent.kind)
    needs = {"region": kind in WITH_REGION, "sector": kind in WITH_SECTOR, "niche": kind in KNOWING}
    if column.name in needs:
        count = {"region": world.n_regions, "sector": world.n_sectors, "niche": world.n_fields}
        needed = needs[column.name]
        optional = column.name == "region"
        high = count[column.name] - 1 if needed or optional else -1
        return checked_whole(value, 0 if needed else -1, high)
    checked = checked_value(column, value)
    if column.name == "research" and checked > 0.0 and kind not in KNOWING:
        msg = f"{checked}; {one_of_kind(kind)} does no research"
        raise ValueError(msg)
    return checked


class KnowledgeCell:
    """The attribute ``knowledge``: a row of the knowledge table, shape (M,).

    Reading gives a copy that cannot be written, because the table itself changes place each
    quarter. Assigning writes the whole row: ``agent.knowledge = values``.
    """

    __doc__ = "level of each technology field, in units of the world frontier, shape (M,)"

    def __get__(self, agent: Any, owner: type | None = None) -> Any:
        if agent is None:
            return self
        levels: Knowledge = agent.world.actors.knowledge[agent.row].copy()
        levels.setflags(write=False)
        return levels

    def __set__(self, agent: Any, values: Any) -> None:
        n_fields = agent.world.n_fields
        try:
            given = list(values)
            if len(given) != n_fields:
                msg = f"{len(given)} numbers; expected {n_fields}, one for each field"
                raise ValueError(msg)
            levels = [checked_number(value, *KNOWLEDGE) for value in given]
        except (TypeError, ValueError) as error:
            msg = f"knowledge of {agent} can't be {error}"
            raise ValueError(msg) from None
        agent.world.actors.knowledge[agent.row] = levels


def cells() -> dict[str, Any]:
    """Return the attributes of an agent by name: every column, and ``knowledge``."""
    return {**{column.name: Cell(column) for column in COLUMNS}, "knowledge": KnowledgeCell()}
