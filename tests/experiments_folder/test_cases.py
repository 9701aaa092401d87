"""The study of cases: what is compared, what is stored, and that the failures show."""

import json

import pytest

from clustersim.experiments.counterpart import SUPPORTED
from clustersim.scenario.builtin import builtin_scenarios
from clustersim.scenario.reader import read_scenario
from experiments.cases import study

STORED = json.loads(study.STORED.read_text(encoding="utf-8"))


def test_all_scenarios_with_a_policy_or_an_alternative_are_compared():
    expected = {
        one.name
        for one in builtin_scenarios()
        if read_scenario(one.name).scenario.policies or read_scenario(one.name).scenario.against
    }
    assert set(study.names()) == expected - study.LEFT_OUT
    assert len(expected) >= 20


def test_the_stored_study_is_of_the_present_scenarios():
    assert set(STORED["cases"]) == set(study.names())
    assert STORED["seeds"] >= 10
    for name, case in STORED["cases"].items():
        assert case["title"] == read_scenario(name).scenario.title


@pytest.mark.parametrize(
    ("name", "shows"), [(name, one) for name, every in study.FAILURES.items() for one in every]
)
def test_each_failure_shows_against_its_alternative(name, shows):
    assert study.shows(STORED["cases"][name], *shows)


def test_a_case_at_one_seed():
    found = {
        (one.outcome, one.scope): one for one in study.compared(study.Trial("vouchers", 1, 28))
    }
    assert found["innovations", SUPPORTED].difference > 0.0
    rows = study.summary([list(found.values())] * 2)
    assert [row["outcome"] for row in rows] == [outcome for outcome, _ in found]


def test_intervals_and_signs_by_hand():
    case = {"rows": [{"outcome": "jobs", "scope": "all", "low": -0.3, "high": -0.1}]}
    assert study.shows(case, "jobs", "all", -1)
    assert not study.shows(case, "jobs", "all", 1)
    case["rows"][0]["high"] = 0.1
    assert not study.shows(case, "jobs", "all", -1)
    with pytest.raises(KeyError, match="no 'firms'"):
        study.shows(case, "firms", "all", 1)


@pytest.mark.parametrize("arguments", [["--seeds", "0"], ["--seeds", "x"]])
def test_bad_arguments_are_refused(arguments):
    with pytest.raises(SystemExit) as caught:
        study.main(arguments)
    assert caught.value.code == 2


@pytest.mark.slow
@pytest.mark.parametrize("name", list(study.FAILURES))
def test_each_failure_shows_at_other_seeds(name):
    found = [study.compared(study.Trial(name, seed)) for seed in range(201, 213)]
    case = {"rows": study.summary(found)}
    assert all(study.shows(case, *one) for one in study.FAILURES[name])
