"""The search: the same after an interruption, and clear about bad studies."""

import json
import shutil
from pathlib import Path

import pytest

from clustersim.experiments.calibration import CalibrationError, search
from clustersim.experiments.calibration.search import BEST, JOURNAL, RESULT, calibrate
from clustersim.experiments.calibration.study import FreeParameter, read_study
from clustersim.mechanisms.exit import Exit
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario
from clustersim.schedule import SCHEDULE

VALLEYS = Path(__file__).parents[1] / "data" / "valleys.yaml"
SHIPPED = Path(__file__).parents[3] / "experiments" / "calibration" / "study.yaml"

STUDY = """\
title: Two numbers
scenario: valleys.yaml
years: 18
seeds: [1]
trials: 8
batch: 4
seed: 3
fixed: {exit.least_jobs: 0.2, world.firm_size.smallest: 1.0}
parameters:
  exit.hazard_old: {low: 0.01, high: 0.06, start: 0.02, source: a test}
  world.exchange.research_half: {low: 0.01, high: 0.1, start: 0.03, log: true, source: a test}
"""


@pytest.fixture
def study(tmp_path):
    shutil.copy(VALLEYS, tmp_path)
    file = tmp_path / "study.yaml"
    file.write_text(STUDY)
    return file


def test_a_search_interrupted_goes_on_to_the_same_end(study, tmp_path):
    whole = calibrate(study, tmp_path / "whole", workers=1)
    told = []
    with pytest.MonkeyPatch.context() as patch:

        def stop(done, _of):
            if done == 5:  # the start and a generation
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            calibrate(study, tmp_path / "parts", workers=1, progress=stop)
        # What is cut off is no result.
        patch.setattr(search, "each", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            calibrate(study, tmp_path / "parts", workers=1)
    parts = calibrate(
        study, tmp_path / "parts", workers=1, progress=lambda *done: told.append(done)
    )
    assert told == [(8, 8)]
    assert parts == whole
    assert whole.n_trials == len(whole.course) == 8
    assert whole.course == tuple(sorted(whole.course, reverse=True))
    assert whole.loss == whole.course[-1] <= whole.first_loss == whole.course[0]
    # More trials later go on from there.
    more = calibrate(study, tmp_path / "parts", trials=9, workers=1)
    assert more.course[:8] == whole.course


def test_the_first_trial_has_the_values_to_start_from(study, tmp_path):
    found = calibrate(study, tmp_path / "out", trials=1, workers=1)
    start = {"exit.hazard_old": 0.02, "world.exchange.research_half": 0.03}
    assert found.parameters == pytest.approx(start)
    assert "1 trials" in found.words()


def test_the_best_parameter_set_is_a_scenario(study, tmp_path):
    out = tmp_path / "out"
    found = calibrate(study, out, trials=2, workers=1)
    # A scenario names only what is beside it.
    shutil.copy(out / BEST, tmp_path)
    resolved = read_scenario(tmp_path / BEST)
    scenario = resolved.scenario
    leave = next(one for one in resolved.mechanisms() if isinstance(one, Exit))
    assert leave.hazard_old == pytest.approx(found.parameters["exit.hazard_old"], rel=1e-5)
    assert leave.least_jobs == 0.2
    assert scenario.world.exchange.research_half == pytest.approx(
        found.parameters["world.exchange.research_half"], rel=1e-5
    )
    assert scenario.world.firm_size.smallest == 1.0
    document = json.loads((out / RESULT).read_text())
    assert document["loss"] == pytest.approx(found.loss)
    assert (out / JOURNAL).is_file()


def test_another_study_does_not_go_on_in_the_same_folder(study, tmp_path):
    calibrate(study, tmp_path / "out", trials=1, workers=1)
    study.write_text(STUDY.replace("seeds: [1]", "seeds: [2]"))
    with pytest.raises(CalibrationError, match="another study \\(it differs in seeds\\)"):
        calibrate(study, tmp_path / "out", workers=1)


def test_a_parameter_set_with_which_a_run_fails_is_no_end(study, tmp_path, monkeypatch):
    calls = []

    def some_fail(_function, jobs, **_):
        calls.append(len(jobs))
        return [None] * len(jobs) if len(calls) == 1 else [search.evaluated(job) for job in jobs]

    monkeypatch.setattr(search, "each", some_fail)
    found = calibrate(study, tmp_path / "out", workers=1)
    assert found.n_trials == 8
    assert found.first_loss == 1e6
    assert found.loss < 1e3


def test_all_mistakes_of_a_study_are_told_with_their_places(study):
    study.write_text(
        STUDY.replace("start: 0.02", "start: 0.2")
        .replace("trials: 8", "trials: many")
        .replace("research_half: {low: 0.01", "research_half: {low: 0")
        .replace("batch: 4", "bach: 4")
    )
    with pytest.raises(ScenarioError) as refused:
        read_study(study)
    text = str(refused.value)
    for line, word in ((5, "trials"), (6, "bach"), (10, "start is 0.2"), (11, "above zero")):
        assert f"study.yaml:{line}:" in text, text
        assert word in text


def test_parameters_that_the_scenario_does_not_take_are_told(study):
    study.write_text(STUDY.replace("exit.hazard_old", "exit.hazard_odd").replace("0.06", "9.0"))
    with pytest.raises(ScenarioError, match="hazard_old"):
        read_study(study)


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "title: [\n"])
def test_what_is_no_study_is_refused(study, text):
    study.write_text(text)
    with pytest.raises(ScenarioError):
        read_study(study)


def test_the_shipped_study_is_sound_and_starts_from_the_defaults():
    study = read_study(SHIPPED)
    assert len(study.parameters) >= 10
    defaults = {mechanism.name: mechanism.model_fields for mechanism in SCHEDULE}
    for name, parameter in study.parameters.items():
        mechanism, field = name.split(".")
        assert parameter.start == defaults[mechanism][field].default, name


def test_values_and_their_place_in_the_range():
    plain = FreeParameter(low=1.0, high=3.0, start=2.0, source="x")
    logs = FreeParameter(low=1.0, high=100.0, start=10.0, log=True, source="x")
    assert (plain.to_unit(2.0), logs.to_unit(10.0)) == (0.5, pytest.approx(0.5))
    for one in (plain, logs):
        for share in (0.0, 0.3, 1.0):
            assert one.to_unit(one.from_unit(share)) == pytest.approx(share)
        assert (one.from_unit(0.0), one.from_unit(1.0)) == pytest.approx((one.low, one.high))


def test_the_search_finds_the_bottom_of_a_bowl(study, tmp_path, monkeypatch):
    def bowl(_function, jobs, **_):
        return [dict(job.overrides) for job in jobs]

    def depth(values):
        return (values["exit.hazard_old"] - 0.05) ** 2 * 1e4 + abs(
            values["world.exchange.research_half"] - 0.02
        )

    monkeypatch.setattr(search, "each", bowl)
    monkeypatch.setattr(search, "mean_figures", lambda runs: runs[0])
    monkeypatch.setattr(search, "total", depth)
    monkeypatch.setattr(search, "losses", lambda _: {})
    found = calibrate(study, tmp_path / "out", trials=200, workers=1)
    assert found.parameters["exit.hazard_old"] == pytest.approx(0.05, abs=0.002)
    assert found.parameters["world.exchange.research_half"] == pytest.approx(0.02, abs=0.004)
    assert found.loss < 0.1 * found.first_loss
