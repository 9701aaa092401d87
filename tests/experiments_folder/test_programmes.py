"""The study of programmes: one line for each, what is stored, and a short trial."""

import json

import pytest

from clustersim.policies.programmes import BY_NAME
from clustersim.scenario.reader import read_scenario_text
from experiments.programmes import study

STORED = json.loads(study.STORED.read_text(encoding="utf-8"))


def test_every_programme_is_tried():
    assert {one.programme for one in study.EXPECTED} == set(BY_NAME)


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_the_scenario_of_a_programme_differs_by_it_alone(name):
    one = next(one for one in study.EXPECTED if one.programme == name)
    resolved = read_scenario_text(study.scenario(one), overrides={"years": 25})
    (policy,) = resolved.scenario.policies
    assert (policy.programme, policy.year, policy.budget) == (name, 2005, one.budget)
    changed = {
        path.partition(".")[0]
        for path, origin in resolved.origins.items()
        if origin.kind == "file" and "base.yaml" not in str(origin)
    }
    assert changed == {"schema_version", "title", "policies"}


def test_in_the_stored_study_every_programme_does_what_is_expected():
    keys = [(one.programme, one.outcome, one.scope, one.least) for one in study.EXPECTED]
    stored = [
        (row["programme"], row["outcome"], row["scope"], row["least"]) for row in STORED["effects"]
    ]
    assert stored == keys
    assert STORED["seeds"] >= 10
    assert [row["programme"] for row in STORED["effects"] if not row["pass"]] == []


def test_a_few_seeds_of_a_coarse_economy_show_the_strong_ones():
    strong = ("poles", "twin_mandates", "carbon_pricing")
    rows = study.verdicts(study.tried(3, workers=1, scale=80.0, programmes=strong))
    found = {(row["programme"], row["outcome"]): row["effect"] for row in rows}
    assert found["poles", "innovations"] > 0.05
    assert found["twin_mandates", "digital firms at the end"] > 0.005
    assert found["carbon_pricing", "CO2"] < 0.0


@pytest.mark.parametrize("arguments", [["--seeds", "1"], ["--seeds", "x"]])
def test_bad_arguments_are_refused(arguments):
    with pytest.raises(SystemExit) as caught:
        study.main(arguments)
    assert caught.value.code == 2


@pytest.mark.slow
def test_every_programme_does_what_is_expected_at_other_seeds():
    rows = study.verdicts(study.tried(range(101, 111)))
    assert [row["programme"] for row in rows if not row["pass"]] == []
