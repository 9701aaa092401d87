"""Programmes that policies name: what they bring, what wins, and what is written out."""

import pytest

from clustersim.policies.actions import BY_NAME as ACTIONS
from clustersim.policies.programmes import BY_NAME
from clustersim.scenario.describe import in_words
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario, read_scenario_text

HEAD = "schema_version: 1\nextends: base\nyears: 30\npolicies:\n"


def policy(programme, more=""):
    return (
        f"{HEAD}  - name: try\n    programme: {programme}\n    year: 2000\n    budget: 50e6\n{more}"
    )


@pytest.mark.parametrize("name", list(BY_NAME))
def test_each_programme_makes_a_policy_that_can_be_run(name):
    resolved = read_scenario_text(policy(name, "    identification: {most: 4}\n"))
    (one,) = resolved.scenario.policies
    programme = BY_NAME[name]
    assert [m.action for m in one.measures] == [m["action"] for m in programme.values["measures"]]
    assert all(measure.action in ACTIONS for measure in one.measures)
    assert one.authority == programme.values["authority"]
    assert programme.title in in_words(resolved)


def test_what_the_policy_says_itself_wins():
    text = policy("innosup_1", "    rules: {per_firm: 40000}\n    authority: national\n")
    resolved = read_scenario_text(text)
    (one,) = resolved.scenario.policies
    assert (one.rules.per_firm, one.rules.sme_share, one.authority) == (40_000, 0.75, "national")
    origin = {key: str(value) for key, value in resolved.origins.items()}
    assert origin["policies.try.rules.sme_share"] == "programme innosup_1"
    assert origin["policies.try.rules.per_firm"] == "scenario:9"


def test_measures_of_the_policy_replace_those_of_the_programme():
    text = policy("poles", "    measures: [{action: firm_networks}]\n")
    (one,) = read_scenario_text(text).scenario.policies
    assert [measure.action for measure in one.measures] == ["firm_networks"]


def test_the_command_line_may_change_the_programme_and_what_it_says():
    overrides = {
        "policies.try.programme": "escp",
        "policies.try.measures.0.share": "0.9",
        "policies.try.governance.staff": "7",
    }
    (one,) = read_scenario_text(policy("poles"), overrides=overrides).scenario.policies
    assert one.measures[0].action == "cluster_partnerships"
    assert one.measures[0].share == 0.9
    assert one.governance.staff == 7


def test_the_complete_text_gives_the_same_policy_without_the_programme():
    resolved = read_scenario_text(policy("innosup_1", "    rules: {per_firm: null}\n"))
    again = read_scenario_text(resolved.text)
    expected = resolved.scenario.policies[0].model_copy(update={"programme": None})
    assert expected.rules.per_firm is None
    assert again.scenario.policies == (expected,)


def test_an_unknown_programme_names_the_nearest_and_nothing_else_is_wrong():
    with pytest.raises(ScenarioError) as caught:
        read_scenario_text(policy("inosup_1"))
    (problem,) = caught.value.problems
    assert (problem.line, problem.hint) == (6, "did you mean 'innosup_1'?")


@pytest.mark.parametrize(
    ("more", "line", "words"),
    [
        ("    priorities: [sofware]\n", 9, "did you mean 'software'"),
        ("    budgets: [{year: 1999, budget: 1}]\n", 9, "a budget from 1999 on is never paid"),
        (
            "    measures: [{action: firm_networks, levy: 3}]\n",
            9,
            "firm_networks is no regulation, and has no levy",
        ),
        (
            "    governance: null\n",
            9,
            "cluster_partnerships is for cluster organisations, and the policy has none",
        ),
        ("    politics: {elections: -1}\n", 9, "expected a number from 0 to 50"),
    ],
)
def test_mistakes_are_found_with_their_line(more, line, words):
    name = "escp" if "governance" in more else "poles"
    with pytest.raises(ScenarioError) as caught:
        read_scenario_text(policy(name, more))
    assert any(words in str(one) for one in caught.value.problems)
    if "governance" not in more:
        assert [one.line for one in caught.value.problems] == [line]


def test_a_built_in_scenario_may_be_given_a_programme():
    overrides = {"policies.poles.programme": "i3"}
    one = read_scenario("poles", overrides=overrides).scenario.policies[0]
    assert one.programme == "i3"
