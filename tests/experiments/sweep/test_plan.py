"""Cells: every scenario meets the same points and seeds; equal counterparts are run once."""

from itertools import product
from typing import Any

import pytest

from clustersim.experiments.sweep.keeping import create, plan_of
from clustersim.experiments.sweep.plan import NO_CELL, Cell, Plan, lay_out
from clustersim.scenario.problems import ScenarioError
from clustersim.store import read_runs
from tests.experiments.sweep.small import HELPED, TINY, study

_BUDGET = {"values": [5e5, 2e6], "scenarios": ["vouchers"]}
BUDGETS = {"parameters": {"policies.vouchers.budget": _BUDGET}}


def of(plan: Plan, scenario: str, role: str = "scenario") -> list[Cell]:
    return [one for one in plan.cells if (one.scenario, one.role) == (scenario, role)]


def test_every_scenario_meets_the_same_points() -> None:
    plan = lay_out(study())
    tiny, vouchers = of(plan, "tiny"), of(plan, "vouchers")
    assert [one.values for one in tiny] == [one.values for one in vouchers]
    assert [one.against for one in vouchers] == [one.number for one in tiny]
    assert [one.against for one in tiny] == [NO_CELL, NO_CELL]
    assert [one.number for one in plan.cells] == [0, 1, 2, 3]
    assert plan.n_runs == 12


def test_levers_are_not_of_the_baseline() -> None:
    plan = lay_out(study(levers=BUDGETS))
    assert [(one.option, one.point) for one in of(plan, "tiny")] == [(-1, 0), (-1, 1)]
    vouchers = of(plan, "vouchers")
    assert [(one.option, one.point) for one in vouchers] == [*product((0, 1), (0, 1))]
    for one in vouchers:
        assert plan.cells[one.against].values.items() <= one.values.items()


def test_a_lever_of_one_scenario_leaves_the_other_alone() -> None:
    plan = lay_out(study(levers=BUDGETS, baseline=None))
    assert [one.option for one in of(plan, "tiny")] == [-1, -1]


def test_equal_counterparts_are_run_once() -> None:
    plan = lay_out(study(levers=BUDGETS, baseline=None, counterparts=True))
    assert len(of(plan, "vouchers")) == 4
    others = of(plan, "vouchers", "counterpart")
    assert len(others) == 2  # one for each point, whatever the budget
    for one in of(plan, "vouchers"):
        other = plan.cells[one.against]
        assert other.role == "counterpart"
        assert other.values["learning.tie_rate"] == one.values["learning.tie_rate"]
        assert not other.data["policies"]
    assert all(one.against == NO_CELL for one in of(plan, "tiny"))  # has no policies


def test_calm_cells_lack_the_shocks_alone() -> None:
    plan = lay_out(study(resilience=True, baseline=None, counterparts=True))
    assert all(one.calm == NO_CELL for one in of(plan, "tiny"))  # has no shocks
    for one in of(plan, "vouchers"):
        calm = plan.cells[one.calm]
        assert calm.data["set"]["shocks.enabled"] is False
        assert calm.data["policies"] == one.data["policies"]
        quiet = plan.cells[plan.cells[one.against].calm]
        assert quiet.data["set"]["shocks.enabled"] is False
        assert not quiet.data["policies"]
        assert {calm.label, quiet.label} == {
            "vouchers (without shocks)", "vouchers (counterpart, without shocks)"
        }  # fmt: skip


def test_numbers_of_runs_stay_when_seeds_are_added() -> None:
    few = lay_out(study())
    more = few.with_seeds((1, 2, 3, 4, 5))
    assert [few.run(k) for k in range(few.n_runs)] == [more.run(k) for k in range(few.n_runs)]
    runs = {(cell.number, seed) for cell, seed in map(more.run, range(more.n_runs))}
    assert runs == set(product(range(4), range(1, 6)))


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"replications": {"seeds": 9}}, True),
        ({"title": "Other", "question": "Why?"}, True),
        ({"set": {"exit.hazard_old": 0.03}}, False),
        ({"years": 1.5}, False),
        ({"keep": ["clusters"]}, False),
        ({"scenarios": [TINY, {"scenario": HELPED, "name": "vouchers"}], "baseline": None}, False),
        ({"resilience": True}, False),
    ],
)
def test_the_fingerprint_is_of_the_values_and_not_of_the_seeds(
    changes: dict[str, Any], same: bool
) -> None:
    assert (lay_out(study()).fingerprint == lay_out(study(**changes)).fingerprint) is same


def test_a_plan_is_read_from_its_store(tmp_path) -> None:
    plan = lay_out(study(levers=BUDGETS))
    found = plan_of(read_runs(create(tmp_path / "runs", plan)))
    assert found.fingerprint == plan.fingerprint
    assert found.seeds == plan.seeds
    for one, other in zip(plan.cells, found.cells, strict=True):
        assert (one.data, one.values, one.shares) == (other.data, other.values, other.shares)
        assert (one.against, one.calm, one.label) == (other.against, other.calm, other.label)


def test_values_that_do_not_go_together_are_told() -> None:
    # Each end is fine by itself; both together are not.
    both = {
        "parameters": {
            "policies.vouchers.year": [2000.25, 2001.0],
            "policies.vouchers.until": [2001.25, 2001.75],
        }
    }
    with pytest.raises(ScenarioError, match=r"vouchers at .*until=2001\.25"):
        lay_out(
            study(
                scenarios=[{"scenario": HELPED, "name": "vouchers"}],
                baseline=None, uncertainties={}, levers=both,
            )
        )  # fmt: skip


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    lay_out(study(), progress=lambda *done: told.append(done))
    assert told == [(k, 4) for k in range(1, 5)]
