"""A mechanism as a rule for one agent."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import pytest

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.mesa_model import Actor, AgentRule, ClusterModel, Firm, University
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.world import World

Make = Callable[..., Simulation]


class Thrift(AgentRule):
    """Firms with luck raise their research."""

    name: ClassVar[str] = "thrift"
    chance: float = parameter(0.3, low=0, high=1, unit="1", meaning="Chance.", source="assumption")

    def act(self, agent: Any, draws: Draws) -> None:
        if draws.uniform_of("thrift.save", agent.unique_id) < self.chance:
            agent.research = min(agent.research + 0.01, 1.0)


class ThriftInArrays(Mechanism):
    """The same with arrays."""

    name: ClassVar[str] = "thrift"

    def apply(self, world: World, draws: Draws) -> None:
        actors = world.actors
        rows = actors.rows(Kind.FIRM)
        saves = rows[draws.uniform("thrift.save", actors.id[rows]) < 0.3]
        actors.research[saves] = np.minimum(actors.research[saves] + 0.01, 1.0)


class Record(AgentRule):
    """Notes who acts, in which order."""

    name: ClassVar[str] = "record"
    seen: ClassVar[list[Any]] = []

    def act(self, agent: Any, draws: Draws) -> None:
        agent.turns = getattr(agent, "turns", 0) + 1
        self.seen.append(agent)


class TestAgentRule:
    def test_it_does_what_arrays_do(self, make: Make) -> None:
        arrays = make(more=[ThriftInArrays()])
        rule = make(more=[Thrift()])
        model = ClusterModel(make(more=[Thrift()]))
        for _ in range(20):
            arrays.step()
            rule.step()
            model.step()
        for world in (rule.world, model.world):
            for name in ("id", "research", "size", "cash"):
                expected = getattr(arrays.world.actors, name)
                assert np.array_equal(getattr(world.actors, name), expected)
            assert np.array_equal(world.actors.knowledge, arrays.world.actors.knowledge)

    def test_parameters_are_checked(self) -> None:
        with pytest.raises(ValueError, match="less than or equal to 1"):
            Thrift(chance=2)

    def test_a_rule_needs_act(self) -> None:
        with pytest.raises(TypeError, match="Nothing has no `act"):

            class Nothing(AgentRule):
                name: ClassVar[str] = "nothing"

    @pytest.mark.parametrize("agent_type", [Firm, University])
    def test_all_of_a_type_act_once_in_a_drawn_order(
        self, make: Make, agent_type: type[Actor]
    ) -> None:
        kind = agent_type.kind_of_actor

        class Some(Record):
            name: ClassVar[str] = "some"
            seen: ClassVar[list[Any]] = []

        Some.agent_type = agent_type

        def acted(seed: int) -> list[list[int]]:
            simulation = make(seed, [Some()])
            orders = []
            for _ in range(8):
                Some.seen.clear()
                simulation.step()
                orders.append([agent.unique_id for agent in Some.seen])
                actors = simulation.world.actors
                assert sorted(orders[-1]) == sorted(actors.id[actors.rows(kind)].tolist())
            return orders

        first = acted(1)
        assert first == acted(1)
        # Three universities stand in six orders: eight draws are all alike once in 280,000 runs.
        assert len({tuple(order) for order in first}) > 1

    def test_agents_are_those_of_the_model_and_live_on(self, make: Make) -> None:
        Record.seen.clear()
        model = ClusterModel(make(more=[Record()]))
        agents = set(model.agents)
        model.step()
        assert set(Record.seen) <= agents | set(model.agents)
        assert set(Record.seen) & agents
        unbound = make(more=[Record()])
        unbound.run(5)
        mine = [agent for agent in Record.seen if agent.world is unbound.world]
        old = [agent for agent in mine if agent.present and agent.birth < 0]
        assert max(agent.turns for agent in old) == 5

    def test_two_simulations_may_share_a_rule(self, make: Make) -> None:
        rule = Thrift()
        apart = make(5, [Thrift()])
        one, other = make(5, [rule]), make(6, [rule])
        for _ in range(6):
            one.step()
            other.step()
            apart.step()
        assert np.array_equal(one.world.actors.research, apart.world.actors.research)

    def test_who_leaves_before_its_turn_does_not_act(self, make: Make) -> None:
        class Duel(AgentRule):
            name: ClassVar[str] = "duel"
            acted: ClassVar[list[Any]] = []

            def act(self, agent: Any, draws: Draws) -> None:
                self.acted.append(agent)
                rivals = [f for f in agent.model.agents_by_type[Firm] if f is not agent]
                if rivals:
                    rivals[0].remove()

        simulation = make()
        n_firms = simulation.world.actors.rows(Kind.FIRM).size
        Duel().apply(simulation.world, simulation.draws)
        assert 0 < len(Duel.acted) < n_firms
        assert simulation.world.actors.rows(Kind.FIRM).size == n_firms - len(Duel.acted)
