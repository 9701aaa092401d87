"""A model from a scenario is the run of that scenario."""

from pathlib import Path
from typing import Any, ClassVar

import networkx as nx
import numpy as np
import pytest

from clustersim.mechanisms.base import Mechanism
from clustersim.mesa_model import ClusterModel, Firm
from clustersim.scenario.graph_file import write_graph
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario
from clustersim.simulation import Simulation
from clustersim.world.draws import Draws
from clustersim.world.founding import found
from clustersim.world.world import World

SCENARIO = """\
schema_version: 1
seed: 7
years: 1.5
record_every: 2
world:
  sectors: [{name: tools}, {name: boats}]
  regions:
    - {name: north, jobs: {tools: 400, boats: 90}}
    - {name: south, jobs: {boats: 250}}
set:
  learning.tie_rate: 0.2
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    return path


def test_it_runs_as_the_scenario_says(path: Path) -> None:
    resolved = read_scenario(path)
    simulation = Simulation(
        found(resolved.scenario.world, 7), resolved.mechanisms(), seed=7, record_every=2
    )
    simulation.run(6)
    for source in (path, str(path), resolved):
        model = ClusterModel(source)
        model.run_model()
        assert (model.steps, model.running) == (6, False)
        for name, values in simulation.tables()["clusters"].items():
            got = model.simulation.tables()["clusters"][name]
            assert np.array_equal(got, values, equal_nan=values.dtype.kind == "f")


def test_seed_and_years_of_ones_own(path: Path) -> None:
    model = ClusterModel(path, seed=8, years=0.5)
    model.run_model()
    assert model.steps == 2
    assert model.simulation.draws.seed == 8
    assert not np.array_equal(
        model.world.actors.size[:20], ClusterModel(path, years=0.5).world.actors.size[:20]
    )


def test_a_mechanism_of_ones_own(path: Path) -> None:
    class Gift(Mechanism):
        name: ClassVar[str] = "gift"

        def apply(self, world: World, draws: Draws) -> None:
            world.actors.cash[world.actors.alive] += 1e9

    model = ClusterModel(path, mechanisms=[Gift()])
    model.step()
    assert min(model.agents_by_type[Firm].get("cash")) > 5e8


def test_a_world_from_a_graph(tmp_path: Path) -> None:
    graph = nx.empty_graph(3)
    nx.set_node_attributes(graph, "north", "region")
    nx.set_node_attributes(graph, "tools", "sector")
    write_graph(graph, tmp_path / "firms.graphml")
    path = tmp_path / "graph.yaml"
    path.write_text("schema_version: 1\nworld: {graph: {path: firms.graphml}}\n", encoding="utf-8")
    model = ClusterModel(path)
    assert {agent.unique_id for agent in model.agents_by_type[Firm]} == {0, 1, 2}
    model.step()
    assert set(model.graph) == {agent.unique_id for agent in model.agents}


@pytest.mark.parametrize("source", ["no such scenario", Path("absent.yaml")])
def test_a_scenario_that_is_not_there(source: Any, empty_cwd: Path) -> None:
    with pytest.raises(ScenarioError):
        ClusterModel(source)
