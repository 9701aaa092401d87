"""Runs of a comparison: the same luck, equal runs made once, errors before anything runs."""

import json

import numpy as np
import pytest

from clustersim.experiments.comparison import runs as module
from clustersim.experiments.comparison.flows import public_money
from clustersim.experiments.comparison.judged import words
from clustersim.experiments.comparison.runs import Job, compare, same_run
from clustersim.experiments.run import resolve, run
from clustersim.scenario.problems import ScenarioError

SMALL = {"world.employment_scale": 80, "years": 18}


@pytest.fixture(scope="module")
def found():
    given_values = {**SMALL, "policies.poles.year": 2000, "policies.poles.until": 2006}
    return compare(["poles"], seeds=4, overrides=given_values, workers=1)


def test_poles_bring_innovations_on_the_same_luck(found):
    (case,) = found.cases
    assert found.seeds == (1, 2, 3, 4)
    rows = {(one.outcome, one.scope): one for one in case.contrasts}
    assert rows["innovations", "supported"].effect.low > 0.0
    assert rows["innovations", "all"].better == 1.0
    assert case.euro.value > 0.0
    assert "of public money more" in words(case, 4)


def test_a_document_of_all_that_json_can_hold(found):
    text = json.dumps(found.to_dict(), allow_nan=False)
    case = json.loads(text)["cases"][0]
    assert {"outcome", "effect", "ci", "ci_bootstrap", "ci_all", "p_holm"} <= set(
        case["outcomes"][0]
    )


def test_the_number_of_workers_changes_nothing():
    values = {**SMALL, "years": 4, "record_every": 4}
    one, two = (
        compare(["shocks"], baseline="base", seeds=2, overrides={**values, "shocks": []}, workers=w)
        for w in (1, 2)
    )
    assert one.to_dict() == two.to_dict()
    # Without its shocks it is the baseline.
    assert {c.effect.value for c in one.cases[0].contrasts} == {0.0}
    assert {c.p for c in one.cases[0].contrasts} == {1.0}


def test_public_money_is_what_was_given_less_what_went_back():
    assert public_money(run("base", years=1, overrides={"world.employment_scale": 80}).tables) == 0.0


@pytest.mark.parametrize(
    ("scenarios", "baseline", "words"),
    [
        (["base"], None, "nothing to compare it with"),
        (["poles"], "classroom", "it differs from classroom.yaml in regions, sectors"),
        (["shocks"], "base", "in years, record_every; .* give all `--years`"),
        (["poles"], "vouchers.yml", "vouchers.yml"),
        (["nowhere"], None, "no built-in scenario of this name"),
    ],
)
def test_what_cannot_be_compared_is_said_before_anything_runs(scenarios, baseline, words):
    with pytest.raises(ScenarioError, match=words):
        compare(scenarios, baseline=baseline, seeds=2)


def test_there_has_to_be_a_scenario():
    with pytest.raises(ValueError, match="at least one"):
        compare([])


def test_what_is_written_for_readers_makes_no_other_run():
    one = resolve("poles", {"seed": 3})
    other = resolve("poles", {"seed": 3, "title": "Something else"})
    assert one.text != other.text
    assert same_run(one) == same_run(other)
    assert same_run(one) != same_run(resolve("poles", {"seed": 4}))
    assert same_run(one) != same_run(resolve("vouchers", {"seed": 3}))


def test_equal_counterparts_are_run_once_within_a_seed(monkeypatch):
    made = []

    def counted(resolved):
        made.append(resolved.scenario.seed)
        return run(resolved)

    monkeypatch.setattr(module, "run", counted)
    values = {"world.employment_scale": 400, "years": 2}
    names = ["poles", "vouchers", "poles"]
    found = compare(names, seeds=2, overrides=values, workers=1)
    # Two scenarios and their one counterpart.
    assert made == [1, 1, 1, 2, 2, 2]
    assert found.same_counterpart
    assert [case.name for case in found.cases] == ["poles", "vouchers", "poles (2)"]
    alone = compare(["vouchers"], seeds=2, overrides=values, workers=1)
    assert alone.cases[0].to_dict()["outcomes"] == found.cases[1].to_dict()["outcomes"]


def test_only_what_is_needed_again_is_kept():
    job = Job(("poles", "poles"), None, 1, (("years", 1), ("world.employment_scale", 400)))
    resolved = job.resolved("poles")
    once = module._Once([resolved, resolved])
    first, second = once.tables(resolved), once.tables(resolved)
    assert first is second
    assert not once._tables
    assert set(first) <= set(module.TABLES)


def test_resilience_takes_the_shocks_out_of_both():
    values = {"world.employment_scale": 200, "years": 12, "record_every": 4}
    found = compare(
        ["pandemic"], seeds=1, overrides=values, baseline="base", workers=1, resilience=True
    )
    (case,) = found.cases
    if case.weathering is not None:
        assert np.isfinite(case.weathering.done["depth"].value)
