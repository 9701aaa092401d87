"""The example mechanisms do what their documentation says, wherever a mechanism goes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clustersim.experiments.user_mechanism import load_mechanism
from clustersim.mechanisms.base import Mechanism
from clustersim.mesa_model import ClusterModel, Firm
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.founding import found
from clustersim.world.spec import RegionSpec, SectorSpec, WorldSpec
from clustersim.world.world import World

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
FILES = sorted(path.name for path in EXAMPLES.glob("*.py"))


def small_world() -> World:
    spec = WorldSpec(
        sectors=(SectorSpec(name="tools"),),
        regions=(RegionSpec(name="north", jobs={"tools": 900}),),
    )
    return found(spec, 1)


def made(name: str, **parameters: Any) -> Mechanism:
    return load_mechanism(str(EXAMPLES / name)).kind(**parameters)


@pytest.mark.parametrize("name", FILES)
def test_it_changes_what_it_declares_and_nothing_else(name: str) -> None:
    world = small_world()
    arrays = {f"actors.{n}": a for n, a in vars(world.actors).items() if isinstance(a, np.ndarray)}
    before = {n: array.copy() for n, array in arrays.items() if not n.startswith("actors._")}
    mechanism = made(name)
    mechanism.apply(world, Draws(1))
    changed = {n for n, array in before.items() if not np.array_equal(array, arrays[n])}
    assert changed == set(mechanism.writes)


def test_vouchers_go_to_small_firms() -> None:
    world = small_world()
    actors = world.actors
    before = actors.knowledge.copy()
    made("training_vouchers.py", rate=10.0, largest=8.0).apply(world, Draws(1))
    learned = (actors.knowledge > before).any(axis=1)
    firms = actors.kind == Kind.FIRM
    small = firms & (actors.size <= 8.0)
    assert not learned[~small].any()
    assert learned[small].mean() == pytest.approx(-np.expm1(-2.5), abs=0.1)
    row = np.flatnonzero(learned)[0]
    related = world.fields.relatedness[actors.niche[row]]
    expected = before[row] + 0.1 * related * np.maximum(1.0 - before[row], 0.0)
    np.testing.assert_allclose(actors.knowledge[row], expected, rtol=1e-6)


def test_firms_move_towards_their_partners() -> None:
    world = small_world()
    simulation = Simulation(world, [made("neighbour_rule.py", attention=1.0, step=1.0)], seed=1)
    model = ClusterModel(simulation)
    lonely = {f.unique_id: f.research for f in model.agents_by_type[Firm] if not f.neighbours()}
    spread = np.std([f.research for f in model.agents_by_type[Firm] if f.neighbours()])
    for _ in range(10):
        model.step()
    assert all(model.agent(identity).research == value for identity, value in lonely.items())
    assert np.std([f.research for f in model.agents_by_type[Firm] if f.neighbours()]) < spread / 2
