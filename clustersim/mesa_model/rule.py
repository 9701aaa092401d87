"""A mechanism written as a rule for one agent, in Mesa's manner."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from clustersim.mechanisms.base import Mechanism
from clustersim.mesa_model.agents import Actor, Firm
from clustersim.mesa_model.window import window_of
from clustersim.world.draws import Draws
from clustersim.world.world import World


class AgentRule(Mechanism):
    """A mechanism of your own that says what one agent does in a quarter.

    A subclass has a `name` and writes :meth:`act`. It goes wherever a mechanism goes: in
    ``Simulation(world, [*mechanisms, rule], ...)``, in ``ClusterModel(..., mechanisms=[rule])`` and
    in ``clustersim run --mechanism FILE.py``. The agents are those of the world's
    :class:`~clustersim.mesa_model.ClusterModel`, and their attributes are the world's arrays.

    Agents act one after another, each on what those before it have left behind. The order is drawn
    anew each quarter, from the decision ``"<name>.order"``. Who leaves before its turn does not
    act; who has entered before the rule's turn in the quarter does.

    A rule for one agent takes some microseconds for each attribute it touches. Where that is too
    slow, write a :class:`~clustersim.mechanisms.base.Mechanism` with array expressions.
    """

    agent_type: ClassVar[type[Actor]] = Firm
    """Who acts: a class of agents."""
    reads: ClassVar[tuple[str, ...]] = ("actors", "ties")
    writes: ClassVar[tuple[str, ...]] = ("actors",)

    @classmethod
    def __pydantic_init_subclass__(cls, **more: Any) -> None:
        """Refuse a rule that says nothing, where it is written."""
        super().__pydantic_init_subclass__(**more)
        if cls.act is AgentRule.act:
            msg = f"{cls.__name__} has no `act(self, agent, draws)`: write what one agent does"
            raise TypeError(msg)

    def act(self, agent: Any, draws: Draws) -> None:
        """Let one agent act.

        Parameters
        ----------
        agent
            The agent.
        draws
            Luck. ``draws.uniform_of("my_rule.decision", agent.unique_id)`` is a uniform in [0, 1)
            that belongs to this agent, decision and quarter; never use another source.
        """
        raise NotImplementedError

    def apply(self, world: World, draws: Draws) -> None:
        """Let every agent of the type act once."""
        agents = list(window_of(world, draws.seed).agents_by_type[self.agent_type])
        ids = np.array([agent.unique_id for agent in agents], dtype=np.int64)
        luck = draws.uniform(f"{self.name}.order", ids)
        for position in np.lexsort((ids, luck)).tolist():
            if agents[position].present:
                self.act(agents[position], draws)
