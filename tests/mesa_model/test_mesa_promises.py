"""What Mesa's documentation promises of AgentSet and DataCollector holds for these agents."""

import gc
from collections.abc import Callable
from functools import partial
from typing import Any

import mesa
import numpy as np
import pytest

from clustersim.mesa_model import RTO, Authority, ClusterModel, Firm, University
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind

Make = Callable[..., Simulation]


@pytest.fixture
def model(simulation: Simulation) -> ClusterModel:
    return ClusterModel(simulation)


def of_firms(model: ClusterModel, name: str) -> Any:
    actors = model.world.actors
    return getattr(actors, name)[actors.rows(Kind.FIRM)]


class TestAgentSet:
    def test_select(self, model: ClusterModel) -> None:
        large = model.agents.select(lambda a: a.size > 10.0, agent_type=Firm)
        assert len(large) == np.count_nonzero(of_firms(model, "size") > 10.0) > 0
        assert len(model.agents.select(agent_type=University)) == 3
        assert len(model.agents.select(at_most=4)) == 4
        assert len(model.agents.select(at_most=0.5)) == len(model.agents) // 2
        count = len(model.agents)
        large.select(lambda a: a.size > 20.0, inplace=True)
        assert len(large) == np.count_nonzero(of_firms(model, "size") > 20.0)
        assert len(model.agents) == count

    def test_get_and_agg(self, model: ClusterModel) -> None:
        firms = model.agents_by_type[Firm]
        sizes = of_firms(model, "size")
        assert sorted(firms.get("size")) == sorted(sizes.tolist())
        assert firms.agg("size", max) == sizes.max()
        assert firms.agg("size", [min, len]) == [sizes.min(), sizes.size]
        pairs = firms.get(["size", "region_name"])
        assert {pair[1] for pair in pairs} == {"north", "south"}
        assert model.agents.get("mood", handle_missing="default", default_value=0)[0] == 0
        with pytest.raises(AttributeError):
            model.agents.get("mood")

    def test_set_and_do(self, model: ClusterModel) -> None:
        firms = model.agents_by_type[Firm]
        result = firms.set("digital", True)
        assert result is firms
        assert of_firms(model, "digital").all()

        def grow(firm: Any, factor: float) -> None:
            firm.orders *= factor

        before = of_firms(model, "orders").copy()
        firms.do(grow, factor=2.0)
        assert np.array_equal(of_firms(model, "orders"), 2.0 * before)
        firms.select(lambda f: f.sector_name == "boats").do("remove")
        assert set(model.agents_by_type[Firm].get("sector_name")) == {"tools"}

    def test_map_and_shuffle_do(self, model: ClusterModel) -> None:
        seen: list[int] = []
        model.agents.shuffle_do(lambda agent: seen.append(agent.unique_id))
        assert sorted(seen) == sorted(model.agents.get("unique_id"))
        assert seen != model.agents.get("unique_id")
        assert sum(model.agents_by_type[Firm].map(lambda f: f.size)) == pytest.approx(
            of_firms(model, "size").sum()
        )

    def test_groupby(self, model: ClusterModel) -> None:
        firms = model.agents_by_type[Firm]
        groups = firms.groupby("region_name")
        jobs = model.world.jobs().sum(axis=1)
        expected = dict(zip(model.world.regions.names, jobs.tolist(), strict=True))
        assert groups.agg("size", sum) == pytest.approx(expected)
        counts = firms.groupby(lambda f: (f.region_name, f.sector_name)).count()
        assert sum(counts.values()) == len(firms)
        assert set(model.agents.groupby(type).count()) == set(model.agent_types)

    def test_sort_and_shuffle(self, model: ClusterModel) -> None:
        firms = model.agents_by_type[Firm]
        sizes = firms.sort("size").get("size")
        assert sizes == sorted(sizes, reverse=True)
        assert next(iter(firms.sort(lambda f: f.age, ascending=True))).age == min(firms.get("age"))
        shuffled = model.agents.shuffle()
        assert set(shuffled) == set(model.agents)
        assert list(shuffled) != list(model.agents)

    def test_a_set_in_the_users_hand_loses_those_who_left(self, model: ClusterModel) -> None:
        firms = model.agents_by_type[Firm].select(lambda f: f.size > 0.0)
        before = len(firms)
        for _ in range(30):
            model.step()
        gc.collect()
        assert 0 < len(firms) < before
        assert all(firm.present for firm in firms)


class TestDataCollector:
    def collector(self) -> mesa.DataCollector:
        return mesa.DataCollector(
            model_reporters={
                "firms": lambda m: len(m.agents_by_type[Firm]),
                "year": "year",
                "jobs": partial(total, name="size"),
            },
            agent_reporters={"kind": "kind", "twice": lambda a: 2.0 * a.size},
            agenttype_reporters={
                Firm: {"size": "size", "knowledge": "knowledge"},
                Authority: {"level": "level"},
            },
        )

    def test_it_collects(self, model: ClusterModel) -> None:
        collector = self.collector()
        collector.collect(model)
        sizes = {agent.unique_id: agent.size for agent in model.agents_by_type[Firm]}
        known = {agent.unique_id: agent.knowledge for agent in model.agents_by_type[Firm]}
        for _ in range(12):
            model.step()
            collector.collect(model)
        frame = collector.get_model_vars_dataframe()
        assert frame["year"].tolist() == [2000.0 + quarter / 4 for quarter in range(13)]
        assert frame["firms"].iloc[-1] == model.world.firms().sum()
        assert frame["jobs"].iloc[-1] == pytest.approx(model.world.jobs().sum())
        agents = collector.get_agent_vars_dataframe()
        assert agents.loc[12].index.tolist() == [agent.unique_id for agent in model.agents]
        firms = collector.get_agenttype_vars_dataframe(Firm)
        first = firms.loc[0]
        assert first["size"].to_dict() == sizes
        # What was collected stays as it was, although the world went on.
        assert all(np.array_equal(first["knowledge"][i], known[i]) for i in known)
        assert set(collector.get_agenttype_vars_dataframe(Authority)["level"]) == {1, 2, 3}
        assert (
            agents["twice"].loc[0].to_dict().items()
            >= {i: 2.0 * size for i, size in sizes.items()}.items()
        )

    def test_a_type_of_which_nobody_is_left(self, model: ClusterModel) -> None:
        collector = mesa.DataCollector(agenttype_reporters={RTO: {"quality": "quality"}})
        collector.collect(model)
        next(iter(model.agents_by_type[RTO])).remove()
        model.step()
        collector.collect(model)
        frame = collector.get_agenttype_vars_dataframe(RTO)
        assert frame.index.get_level_values("Step").tolist() == [0]

    def test_a_subclass_collects_in_its_step(self, make: Make) -> None:
        class Watched(ClusterModel):
            def __init__(self, source: Simulation) -> None:
                super().__init__(source)
                self.datacollector = mesa.DataCollector(model_reporters={"quarter": "quarter"})

            def step(self) -> None:
                super().step()
                self.datacollector.collect(self)

        model = Watched(make())
        for _ in range(3):
            model.step()
        assert model.datacollector.get_model_vars_dataframe()["quarter"].tolist() == [1, 2, 3]
        assert model.steps == 3


def total(model: ClusterModel, name: str) -> float:
    return float(sum(model.agents_by_type[Firm].get(name)))
