"""Runs of a comparison: the same luck, equal runs made once, errors before anything runs."""

import json

import pytest

from clustersim.experiments.comparison.judged import words
from clustersim.experiments.comparison.outcomes import contrast
from clustersim.experiments.comparison.runs import (
    Wanted,
    compare,
    compare_stored,
    study_of,
    told_apart,
)
from clustersim.experiments.comparison.seen import see
from clustersim.experiments.counterpart import counterpart
from clustersim.experiments.outcomes import public_money
from clustersim.experiments.run import resolve, run
from clustersim.experiments.sweep.sweep import Engine
from clustersim.scenario.problems import ScenarioError
from clustersim.store import StoreError, read_runs

ONE = Engine(workers=1)
SMALL = {"world.employment_scale": 80, "years": 18}


FILES = {
    "poles": ("poles", "poles", 1998),
    "vouchers": ("vouchers", "innosup", 1998),
}


@pytest.fixture(autouse=True)
def early(tmp_path, monkeypatch):
    """Scenarios whose policies begin at once, so that runs may be short, in the working folder."""
    monkeypatch.chdir(tmp_path)
    for name, (scenario, policy, until) in FILES.items():
        (tmp_path / f"{name}.yaml").write_text(
            f"schema_version: 1\nextends: {scenario}\nyears: 10\n"
            f"policies:\n  - {{name: {policy}, year: 1990.25, until: {until}}}\n"
        )


@pytest.fixture(scope="module")
def found():
    given_values = {**SMALL, "policies.poles.year": 2000, "policies.poles.until": 2006}
    return compare(["poles"], seeds=4, overrides=given_values, engine=ONE)


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
        compare(
            ["shocks"],
            baseline="base",
            seeds=2,
            overrides={**values, "shocks": []},
            engine=Engine(workers=w),
        )
        for w in (1, 2)
    )
    assert one.to_dict() == two.to_dict()
    # Without its shocks it is the baseline.
    assert {c.effect.value for c in one.cases[0].contrasts} == {0.0}
    assert {c.p for c in one.cases[0].contrasts} == {1.0}


def test_public_money_is_what_was_given_less_what_went_back():
    assert (
        public_money(run("base", years=1, overrides={"world.employment_scale": 80}).tables) == 0.0
    )


@pytest.mark.parametrize(
    ("scenarios", "baseline", "words"),
    [
        (["base"], None, "nothing to compare it with"),
        (["poles"], "classroom", "it differs from classroom in regions, sectors"),
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


def test_whatever_says_what_is_run_can_be_compared(tmp_path):
    values = {"world.employment_scale": 400, "years": 9}
    study = study_of(["poles.yaml"], None, (1, 2), values)
    found = compare(study, engine=ONE, out=tmp_path / "runs")
    same = [
        compare("poles.yaml", seeds=2, overrides=values, engine=ONE),
        compare(tmp_path / "runs", engine=ONE),
        compare(read_runs(tmp_path / "runs"), engine=ONE),
    ]
    assert [one.to_dict() for one in same] == [found.to_dict()] * 3
    with pytest.raises(ValueError, match="say themselves what is run"):
        compare(study, seeds=3)
    with pytest.raises(ValueError, match="as they are"):
        compare(tmp_path / "runs", wanted=Wanted(0.1))


def test_tables_of_a_comparison(found):
    outcomes = found.frame()
    case = found.cases[0]
    assert list(outcomes["effect"]) == [one.effect.value for one in case.contrasts]
    assert list(outcomes["low"]) == [one.effect.low for one in case.contrasts]
    assert list(outcomes["high_all"]) == [one.high for one in case.contrasts]
    assert set(outcomes["scenario"]) == {"poles"}
    money = found.frame("money").set_index("name")
    assert money.loc["net present value", "value"] == pytest.approx(case.money.npv.value)
    jobs = found.frame("groups").query("kind == 'region' and outcome == 'jobs'")
    assert list(jobs["name"]) == [one.name for one in case.groups.of("region").effects]
    assert len(found.frame("course")) == len(case.course.years)
    assert list(found.frame("stages")["name"]) == [one.name for one in case.stages]
    assert list(found.frame("costs")["what"]) == [one.what for one in case.money.costs]
    assert len(found.frame("concentration")) == 2
    points = found.frame("choices")
    assert {"what", "scenario", "euro", "gain", "state"} <= set(points)
    chances = found.frame("acceptability").groupby(["what", "willing"])["probability"].sum()
    assert chances.to_numpy() == pytest.approx(1.0)
    assert found.frame("rivals").empty
    with pytest.raises(KeyError, match="no table 'jobs'; there are outcomes, money"):
        found.frame("jobs")
    assert repr(found) == "<Comparison of poles; 4 seeds>"
    assert found.words().startswith(words(case, 4))


def test_how_often_one_beats_another():
    values = {"world.employment_scale": 400, "years": 9}
    both = compare(["poles.yaml", "vouchers.yaml"], seeds=3, overrides=values, engine=ONE)
    jobs = ("jobs at the end", "all")
    first = next(one for one in both.rivals if (one.outcome, one.scope) == jobs)
    rivals = both.frame("rivals").set_index(["outcome", "scope", "scenario", "other"])["beats"]
    one = rivals["jobs at the end", "all", "poles", "vouchers"]
    other = rivals["jobs at the end", "all", "vouchers", "poles"]
    assert [one, other] == [first.beats[0, 1], first.beats[1, 0]]
    gains = [{(row.outcome, row.scope): row for row in case.contrasts}[jobs] for case in both.cases]
    # Both have the same counterpart, so that more of an effect is more jobs.
    assert (gains[0].effect.value > gains[1].effect.value) == (first.pairs[0].effect.value > 0.0)


def test_equal_counterparts_are_run_once_at_a_seed(tmp_path):
    values = {"world.employment_scale": 400, "years": 9}
    names = ["poles.yaml", "vouchers.yaml", "poles.yaml"]
    found = compare(names, seeds=2, overrides=values, engine=ONE, out=tmp_path / "runs")
    stored = read_runs(tmp_path / "runs")
    # Three scenarios and their one counterpart.
    assert stored.n_runs == len(stored.state.done) == 8
    assert found.same_counterpart
    assert [case.name for case in found.cases] == ["poles", "vouchers", "poles (2)"]
    alone = compare(["vouchers.yaml"], seeds=2, overrides=values, engine=ONE)
    assert alone.cases[0].to_dict()["outcomes"] == found.cases[1].to_dict()["outcomes"]


def test_what_is_stored_gives_the_same_as_the_runs_themselves(tmp_path):
    values = {"world.employment_scale": 200, "years": 12}
    found = compare(["poles.yaml"], seeds=2, overrides=values, engine=ONE, out=tmp_path / "runs")
    seen = []
    for seed in (1, 2):
        resolved = resolve("poles.yaml", {**values, "seed": seed})
        other = counterpart(resolved, values)
        assert other is not None
        seen.append(see(run(resolved).tables, run(other).tables))
    for row in found.cases[0].contrasts:
        mine = [
            one
            for several in seen
            for one in several.differences
            if (one.outcome, one.scope) == (row.outcome, row.scope)
        ]
        assert contrast(mine, len(found.cases[0].contrasts)).effect == row.effect


def test_a_comparison_that_was_kept_is_gone_on_with(tmp_path):
    values = {"world.employment_scale": 400, "years": 9}
    given_values = {"overrides": values, "engine": ONE, "out": tmp_path / "runs"}
    compare(["poles.yaml"], seeds=2, **given_values)
    told = []
    found = compare(
        ["poles.yaml"], seeds=3, progress=lambda *done: told.append(done), **given_values
    )
    assert told == [(4, 6), (5, 6), (6, 6)]
    assert found.seeds == (1, 2, 3)
    again = compare_stored(read_runs(tmp_path / "runs"), workers=1)
    assert again.to_dict() == found.to_dict()
    with pytest.raises(StoreError, match="another configuration"):
        compare(["vouchers.yaml"], seeds=2, **given_values)


def test_seeds_are_added_until_the_interval_is_narrow_enough():
    values = {"world.employment_scale": 400, "years": 8}
    rough = compare(["poles.yaml"], seeds=3, overrides=values, engine=ONE).cases[0]
    (row,) = [c for c in rough.contrasts if (c.outcome, c.scope) == ("innovations", "all")]
    half = 0.35 * (row.effect.high - row.effect.low)
    wanted = Wanted(half, "innovations", most=40)
    found = compare(["poles.yaml"], seeds=3, overrides=values, wanted=wanted, engine=ONE)
    assert 3 < len(found.seeds) <= 40
    (row,) = [c for c in found.cases[0].contrasts if (c.outcome, c.scope) == ("innovations", "all")]
    assert 0.5 * (row.effect.high - row.effect.low) <= half
    few = compare(
        ["poles.yaml"], seeds=3, overrides=values, wanted=Wanted(1e-9, most=4), engine=ONE
    )
    assert len(few.seeds) == 4
    with pytest.raises(ValueError, match="nothing is called 'jobbs'"):
        compare(["poles.yaml"], seeds=2, overrides=values, wanted=Wanted(1.0, "jobbs"), engine=ONE)


def test_the_baseline_is_no_case_of_its_own():
    study = study_of(["base", "poles"], "base", (1,))
    assert [one.known_as for one in study.scenarios] == ["base", "poles"]
    assert study.baseline == "base"
    assert study_of(["poles.yaml"], "base", (1,)).scenarios[0].known_as == "base"
    assert told_apart(["a", "a", "b", "a"]) == ["a", "a (2)", "b", "a (3)"]


def test_resilience_takes_the_shocks_out_of_both():
    values = {
        "world.employment_scale": 200,
        "years": 6,
        "shocks": [{"kind": "pandemic", "year": 1992.25}],
        "policies.recovery.year": 1992.5,
        "policies.recovery.until": 1995,
    }
    found = compare(["pandemic"], seeds=2, overrides=values, engine=ONE, resilience=True)
    shaken = found.cases[0].weathering
    assert shaken.seeds == 2
    assert shaken.years == (1992, 1992)
    assert 0.0 < shaken.done["depth"].value < 0.5
    assert 0.0 < shaken.without["depth"].value < 0.5
    assert compare(["pandemic"], seeds=1, overrides=values, engine=ONE).cases[0].weathering is None
