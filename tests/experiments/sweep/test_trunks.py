"""What scenarios share is simulated once, and nothing differs by it."""

from pathlib import Path

import pytest

from clustersim.experiments.provenance import sources
from clustersim.experiments.sweep import trunks
from clustersim.experiments.sweep.plan import lay_out
from clustersim.experiments.sweep.study import Study
from clustersim.experiments.sweep.sweep import Engine, sweep
from clustersim.experiments.sweep.work import Job, work
from clustersim.simulation import Simulation
from tests.experiments.test_branch import POLICIES, VALLEYS


@pytest.fixture
def compared(tmp_path: Path) -> Study:
    """Five scenarios of valleys: their policies begin after a year, one lacks them, one differs."""
    (tmp_path / "valleys.yaml").write_bytes(VALLEYS.read_bytes())
    (tmp_path / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    file = str(tmp_path / "policies.yaml")
    scenarios = [
        str(tmp_path / "valleys.yaml"),
        file,
        {"scenario": file, "name": "poor", "set": {"policies.network.budget": 1e5}},
        {"scenario": file, "name": "late", "set": {"policies.vouchers.year": 1996}},
        {"scenario": file, "name": "other", "set": {"market.selection": 0.4}},
    ]
    return Study.model_validate(
        {"title": "Valleys", "scenarios": scenarios, "replications": {"seeds": 2}}
    )


@pytest.fixture
def quarters(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The quarters that are simulated, one after the other."""
    seen: list[int] = []
    step = Simulation.step

    def counted(simulation: Simulation) -> None:
        seen.append(simulation.world.clock.step)
        step(simulation)

    monkeypatch.setattr(Simulation, "step", counted)
    return seen


def fingerprints(stored) -> list[str]:
    return [stored.state.done[run]["fingerprint"] for run in range(stored.n_runs)]


def test_runs_are_those_of_their_own_to_the_last_bit(compared, tmp_path) -> None:
    plan = lay_out(compared)
    stored = sweep(compared, tmp_path / "runs", engine=Engine(workers=1))
    alone = []
    for number in range(plan.n_runs):
        cell, seed = plan.run(number)
        alone.append(work(Job(number, seed, cell, plan.tables, (), sources())).fingerprint)
    assert fingerprints(stored) == alone
    assert len(set(alone)) == plan.n_runs


def test_what_is_shared_is_simulated_once(compared, tmp_path, quarters) -> None:
    plan = lay_out(compared)
    assert plan.parting == 4
    sweep(compared, tmp_path / "runs", engine=Engine(workers=1))
    # Four of five scenarios are one in the first year; each is on its own from then on.
    assert quarters.count(0) == quarters.count(3) == 2 * 2
    assert quarters.count(4) == 2 * 5
    assert trunks._trunks.kept == []


def test_nothing_is_shared_where_nothing_is_the_same(compared) -> None:
    alone = compared.model_copy(update={"scenarios": compared.scenarios[:1]})
    varied = {"parameters": {"market.selection": {"values": [0.2, 0.3]}}}
    two = Study.model_validate({**alone.model_dump(), "uncertainties": varied})
    assert len(lay_out(two).cells) == 2
    assert lay_out(two).parting == 0
    one = Study.model_validate({"title": "One", "scenarios": ["vouchers"]})
    assert lay_out(one).parting == 0


def test_a_large_world_is_not_kept_twice(compared, tmp_path, quarters, monkeypatch) -> None:
    monkeypatch.setattr(trunks, "_LARGEST", 10)
    sweep(compared, tmp_path / "runs", engine=Engine(workers=1))
    assert quarters.count(0) == 2 * 5
