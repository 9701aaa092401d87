"""Engine and twin agree on what levers do, and each lever does something."""

import numpy as np
import pytest

from clustersim.simulation import Simulation
from clustersim.world.levers import LEVERS
from tests.reference.compare import run_together
from tests.reference.programme import Programme
from tests.reference.small_world import small_schedule, small_world
from tests.reference.twin import RULES

QUARTERS = 40
NAMES = [lever.name for lever in LEVERS]


@pytest.fixture(autouse=True)
def twin_rule(monkeypatch):
    monkeypatch.setitem(RULES, "programme", Programme.twin)


def schedule(programme):
    """Return the schedule with the programme early on: who enters later in a quarter is neutral."""
    shocks, *others = small_schedule(exit={"debt_limit": 0.5})
    return (shocks, programme, *others)


@pytest.mark.parametrize("seed", [1, 2])
def test_agree_with_all_levers_in_use(seed):
    world = small_world(seed)
    founded = set(world.actors.id.tolist())
    neutral_newcomers = []

    def note(_model):
        new = [row for row in world.actors.rows() if int(world.actors.id[row]) not in founded]
        born = [row for row in new if world.actors.birth[row] == world.clock.step - 1]
        neutral_newcomers.extend(world.levers.meeting[row] == 1.0 for row in born)

    model = run_together(world, schedule(Programme()), seed, QUARTERS, on_quarter=note)
    assert world.levers.in_use == tuple(NAMES)
    assert all(neutral_newcomers)
    assert len(neutral_newcomers) > 50
    assert not founded <= set(world.actors.id.tolist())
    firms = list(model.firms)
    assert any(0.0 < firm.funded < firm.research for firm in firms)
    assert len({firm.lever("meeting") for firm in firms}) > 0.5 * len(firms)


def test_agree_after_every_single_mechanism_with_all_levers_in_use():
    run_together(small_world(3), schedule(Programme()), 3, 8, each_rule=True)


def end_of(programme):
    """All arrays of the actors, and the sums of what happened, after a run of the engine."""
    world = small_world(1)
    Simulation(world, schedule(programme), seed=1, record_every=2**30).run(QUARTERS)
    rows = world.actors.rows()
    rows = rows[np.argsort(world.actors.id[rows])]
    table = world.actors
    return table.id[rows].tolist(), table.knowledge[rows].tobytes(), table.cash[rows].tobytes()


@pytest.fixture(scope="module")
def with_all():
    return end_of(Programme())


@pytest.mark.parametrize("name", NAMES)
def test_each_lever_matters(name, with_all):
    assert end_of(Programme(left_out=(name,))) != with_all


def test_public_money_for_research_matters(with_all):
    assert end_of(Programme(funds=False)) != with_all
    assert end_of(Programme()) == with_all
