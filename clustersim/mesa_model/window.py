"""Mesa's view of a world: agents that come and go with its actors."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np

from clustersim.mesa_model.agents import AGENT_TYPES, Actor
from clustersim.mesa_model.gate import mesa
from clustersim.mesa_model.projects import Project, running_projects
from clustersim.world.actors import Kind, Origin
from clustersim.world.graph import to_graph
from clustersim.world.world import World

_WINDOW = "_mesa_window"
KEEPS_TIME = hasattr(mesa.Model, "time")
"""Whether this version of Mesa counts time itself; where not, the model does, in steps."""


class Window(mesa.Model):
    """A Mesa model of the actors of a world; it can look and write, but not step.

    Agents are made when somebody first asks for them. From then on an actor has the same agent for
    life; the agents of those who left are removed and newcomers added whenever the agents are
    asked for, and after each step. They stand in the order of birth, and of identity among those
    born in the same quarter, whenever they were made.

    Parameters
    ----------
    world
        The world.
    seed
        Seed of Mesa's own luck, ``model.random`` and ``model.rng``, as in ``agents.shuffle()``. It
        has no part in the simulation, whose luck is :class:`~clustersim.world.draws.Draws`.
    """

    def __init__(self, world: World, seed: int) -> None:
        # A plain int: other types give other streams in some versions of Mesa.
        super().__init__(rng=int(seed))
        self.world = world
        self._by_identity: dict[int, Actor] = {}
        self._version: int | None = None
        self._expected: int | None = None
        self._n_own = 0
        if not KEEPS_TIME:
            self.time = 0.0
        empty = type(self._all_agents)
        for agent_type in AGENT_TYPES.values():
            self._agents_by_type[agent_type] = empty([], random=self.random)
        # Only in the world itself does the window live as long as the world: a table of windows
        # would keep all worlds alive.
        vars(world)[_WINDOW] = self

    @property
    def agents(self) -> Any:
        """All agents, an AgentSet."""
        self.refresh()
        return self._all_agents

    @agents.setter
    def agents(self, _agents: object) -> None:
        msg = "model.agents is Mesa's; keep agents of your own under another name"
        raise AttributeError(msg)

    @property
    def agent_types(self) -> list[type]:
        """The classes of agents."""
        return list(self.agents_by_type)

    @property
    def agents_by_type(self) -> dict[type, Any]:
        """An AgentSet for each class of agents, also for those of which there are none."""
        self.refresh()
        agents: dict[type, Any] = self._agents_by_type
        return agents

    @property
    def graph(self) -> nx.MultiDiGraph:
        """Actors and ties of this moment, see :func:`clustersim.world.graph.to_graph`."""
        return to_graph(self.world)

    @property
    def projects(self) -> list[Project]:
        """The R&D projects that run at this moment, with agents as members."""
        return running_projects(self.world, self.agent)

    @property
    def quarter(self) -> int:
        """Quarters that the world has seen."""
        return self.world.clock.step

    @property
    def year(self) -> float:
        """Calendar year, with the quarter as fraction."""
        return self.world.clock.year

    def agent(self, identity: int) -> Actor:
        """Return the agent of a living actor.

        Parameters
        ----------
        identity
            The actor's identity: ``unique_id`` of its agent, and its node in ``model.graph``.

        Raises
        ------
        KeyError
            If no living actor has this identity.
        """
        self.refresh()
        if identity not in self._by_identity:
            msg = f"no living actor has the identity {identity}"
            raise KeyError(msg)
        return self._by_identity[identity]

    def refresh(self) -> None:
        """Bring the agents into step with the actors."""
        actors = self.world.actors
        if actors.version == self._version:
            return
        rows = actors.rows()
        present = dict(zip(actors.id[rows].tolist(), rows.tolist(), strict=True))
        for identity in self._by_identity.keys() - present.keys():
            self.deregister_agent(self._by_identity.pop(identity))
        new = np.array([row for i, row in present.items() if i not in self._by_identity], dtype=int)
        later = actors.origin[new] != Origin.FOUNDED  # offices are of the founding, born at 0
        for row in new[np.lexsort((actors.id[new], actors.birth[new], later))].tolist():
            self._expected = int(actors.id[row])
            AGENT_TYPES[Kind(int(actors.kind[row]))](self, self._expected)
        self._expected = None
        self._version = actors.version

    @property
    def made(self) -> bool:
        """Whether anybody has asked for agents."""
        return self._version is not None

    def expects(self, identity: int, agent_type: type[Actor]) -> bool:
        """Tell whether the model is just making this agent."""
        return identity == self._expected and agent_type in AGENT_TYPES.values()

    def forget(self, agent: Actor) -> None:
        """Keep an agent no longer whose actor has left."""
        self._by_identity.pop(agent.identity, None)

    def remove_all_agents(self) -> None:
        """Let every actor leave the simulation, and every agent the model."""
        self.refresh()
        super().remove_all_agents()

    def register_agent(self, agent: Any) -> None:
        """Take in an agent; called by Mesa when it is made.

        The agents of actors have their identity as ``unique_id``; agents that a user adds are
        counted from 1.
        """
        super().register_agent(agent)
        if isinstance(agent, Actor):
            agent.unique_id = agent.identity
            self._by_identity[agent.identity] = agent
        else:
            self._n_own += 1
            agent.unique_id = self._n_own
        # Mesa before 3.5 counts agents in a table of the class, which keeps every model alive.
        getattr(mesa.Agent, "_ids", {}).pop(self, None)


def window_of(world: World, seed: int) -> Window:
    """Return the Mesa model of a world, and make one if there is none.

    Parameters
    ----------
    world
        The world.
    seed
        Seed of Mesa's own luck, for a model that is made here.
    """
    found = vars(world).get(_WINDOW)
    return found if isinstance(found, Window) else Window(world, seed)
