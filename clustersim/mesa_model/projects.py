"""The R&D projects of a world as objects, with agents as members."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clustersim.mesa_model.agents import Actor
from clustersim.world.world import DT, World


@dataclass(frozen=True)
class Project:
    """A project that runs, as it was when it was asked for.

    Attributes
    ----------
    identity
        Identity of the project, as in the table ``projects``.
    field_name
        Technology field.
    start, length
        Quarter in which it was founded, and length in years.
    first_trl, trl, target
        Technology readiness at the start, now, and aimed at.
    budget
        R&D of the members in the project over its length, euro.
    members
        Agents of the present members; the first leads.
    """

    identity: int
    field_name: str
    start: int
    length: float
    first_trl: int
    trl: int
    target: int
    budget: float
    members: tuple[Actor, ...]


def running_projects(world: World, agent: Callable[[int], Actor]) -> list[Project]:
    """Return the projects that run, in the order of their founding.

    Parameters
    ----------
    world
        The world.
    agent
        Gives the agent of an identity.
    """
    table = world.projects
    found = []
    for p in table.running.nonzero()[0].tolist():
        rows = table.member[table.start[p] : table.start[p + 1]]
        found.append(
            Project(
                identity=int(table.id[p]),
                field_name=world.fields.names[table.field[p]],
                start=int(table.born[p]),
                length=float(table.length[p]) * DT,
                first_trl=int(table.first_trl[p]),
                trl=int(table.trl[p]),
                target=int(table.target[p]),
                budget=float(table.budget[p]),
                members=tuple(agent(one) for one in world.actors.id[rows].tolist()),
            )
        )
    return found
