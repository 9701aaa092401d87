"""A small study end to end, from its file to tables and a picture."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

import clustersim
from clustersim.cli import app
from clustersim.experiments.sensitivity import SensitivityError
from clustersim.experiments.sweep.sweep import Engine, sweep
from clustersim.plots import sensitivity as plots

VALLEYS = Path(__file__).parents[1] / "data" / "valleys.yaml"
STUDY = """\
title: Two numbers of the valleys
scenarios: [aided.yaml]
counterparts: true
years: 4
replications: {seeds: 2}
keep: []
uncertainties:
  design: morris
  samples: 4
  parameters:
    innovation.rate: {low: 0.5, high: 3.0}
    market.volatility: {low: 0.1, high: 0.4, source: a test}
"""
AIDED = """\
schema_version: 1
extends: valleys.yaml
title: Valleys with vouchers
policies:
  - name: vouchers
    authority: national
    year: 1991
    until: 1993
    budget: 3e6
    identification: {quotient: 0}
    measures: [{action: innovation_voucher, sizes: [sme]}]
    rules: {per_firm: 60000}
"""


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("sensitivity")
    shutil.copy(VALLEYS, place)
    (place / "aided.yaml").write_text(AIDED)
    (place / "study.yaml").write_text(STUDY)
    done = run("sensitivity", place / "study.yaml", "--out", place / "out", "--workers", 1)
    assert done.exit_code == 0, done.stderr
    (place / "said.txt").write_text(done.stdout)
    return place


def test_a_study_is_run_and_analysed(folder):
    said = (folder / "said.txt").read_text()
    assert "aided, level of outcomes" in said
    assert "aided, effect of outcomes" in said
    assert "innovation.rate" in said
    assert "luck in means" in said
    made = folder / "out" / "sensitivity"
    assert {path.name for path in made.iterdir()} == {
        "sensitivity.json",
        "indices.csv",
        "variance.csv",
        "sensitivity.png",
    }
    document = json.loads((made / "sensitivity.json").read_text())
    level = next(
        one
        for one in document["analyses"]
        if (one["of"], one["outcome"]) == ("level", "innovations")
    )
    assert level["order"][0] == "innovation.rate"
    assert level["factors"]["innovation.rate"]["mu"]["value"] > 0.0
    table = pd.read_csv(made / "indices.csv")
    assert set(table["measure"]) == {"mu", "mu_star", "sigma"}
    assert set(table["of"]) == {"level", "effect"}


def test_the_effect_is_the_difference_to_the_counterpart_at_the_same_point_and_seed(folder):
    stored = clustersim.sensitivity(folder / "out", ["innovations"])
    level, effect = stored.analyses
    from clustersim.store import read_runs

    runs = read_runs(folder / "out").frame("runs").set_index(["cell", "seed"])["innovations"]
    design = read_runs(folder / "out").design
    own = design[design["role"] == "scenario"]
    differences = [
        sum(runs[cell, seed] - runs[other, seed] for seed in (1, 2)) / 2
        for cell, other in zip(own["cell"], own["against"], strict=True)
    ]
    assert effect.mean == pytest.approx(sum(differences) / len(differences))
    assert (level.points, level.seeds) == (12, 2)


def test_a_folder_is_analysed_again_with_other_outcomes(folder, tmp_path):
    done = run(
        *("sensitivity", folder / "out", "--outcome", "firms", "--json", "--parquet"),
        *("--out", tmp_path / "again", "-q"),
    )
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    assert {one["outcome"] for one in document["analyses"]} == {"firms"}
    assert (tmp_path / "again" / "indices.parquet").is_file()
    assert done.stderr == ""


def test_the_same_folder_is_not_run_twice(folder):
    done = run("sensitivity", folder / "study.yaml", "--out", folder / "out")
    assert done.exit_code == 2
    assert "holds a sweep already" in done.stderr


def test_the_nearest_name_of_an_outcome_is_told_before_anything_is_run(folder, tmp_path):
    done = run("sensitivity", folder / "study.yaml", "--outcome", "inovations", "--out", tmp_path)
    assert done.exit_code == 2
    assert "did you mean 'innovations'?" in done.stderr


def test_a_study_without_ranges_is_refused_before_anything_is_run(folder, tmp_path):
    file = folder / "grid.yaml"
    file.write_text("title: nothing\nscenarios: [valleys.yaml]\nyears: 1\n")
    done = run("sensitivity", file, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "nothing is varied over ranges" in done.stderr
    assert not (tmp_path / "out").exists()


def test_workers_are_for_a_study_file(folder):
    done = run("sensitivity", folder / "out", "--workers", 1)
    assert done.exit_code == 2
    assert "analysed as it is" in done.stderr


def test_no_study_and_no_sweep(tmp_path):
    assert run("sensitivity", tmp_path).exit_code == 2
    assert run("sensitivity", tmp_path / "none.yaml").exit_code == 2


def test_a_sweep_that_has_not_begun_is_no_result(folder, tmp_path):
    from clustersim.experiments.sweep.sweep import begin, planned

    place = begin(planned(folder / "study.yaml"), tmp_path / "out")
    with pytest.raises(SensitivityError, match="no run is done yet"):
        clustersim.sensitivity(place)


def test_failed_runs_are_told_with_the_remedy(folder, tmp_path, monkeypatch):
    from clustersim.experiments.sweep import sweep as module

    good, done = module.work, {}

    def some_fail(job):
        if job.run == 3:
            raise ArithmeticError("a test")
        # What a run comes to makes no difference here.
        if not done:
            done[0] = good(job)
        return done[0]

    monkeypatch.setattr(module, "work", some_fail)
    stored = sweep(folder / "study.yaml", tmp_path / "out", engine=Engine(workers=1))
    with pytest.raises(SensitivityError, match="1 of 4 trajectories are left out"):
        clustersim.sensitivity(stored)
    done = run("sensitivity", tmp_path / "out")
    assert done.exit_code == 2


def test_salib_that_is_missing_is_told(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "SALib.analyze.morris", None)
    done = run("sensitivity", folder / "out")
    assert done.exit_code == 2
    assert "clustersim[sensitivity]" in done.stderr


def test_base_samples_of_saltelli_are_a_power_of_two(folder):
    file = folder / "saltelli.yaml"
    file.write_text(STUDY.replace("morris", "saltelli").replace("samples: 4", "samples: 5"))
    done = run("sensitivity", file)
    assert done.exit_code == 2
    assert "power of two, such as 8" in done.stderr


def analysis(method, measures, noise=0.3):
    def figures(value):
        return {name: {"value": value, "ci": [value - 0.1, value + 0.1]} for name in measures}

    return {
        "scenario": "base",
        "option": -1,
        "of": "level",
        "outcome": "jobs",
        "method": method,
        "order": ["b", "a"],
        "variance": {"noise": noise},
        "factors": {"a": figures(0.2), "b": figures(0.7)},
    }


@pytest.mark.parametrize("noise", [0.3, None])
def test_bars_stand_in_the_order_of_what_matters(noise):
    one = analysis("sobol", ("S1", "ST", "ST_net"), noise)
    drawing = plots.figure({"title": "a test", "analyses": [one] * 3})
    axes = drawing.axes[0]
    assert [bar.get_width() for bar in axes.patches] == [0.7, 0.2] * 2
    assert [label.get_text() for label in axes.get_yticklabels()] == ["b", "a"]
    # Four intervals, the line at zero, and that of luck where it is known.
    assert len(axes.lines) == 5 + (noise is not None)


def test_the_plane_of_morris_has_a_mark_for_each_factor(tmp_path):
    one = analysis("morris", ("mu", "mu_star", "sigma"))
    drawing = plots.figure({"title": "a test", "analyses": [one]})
    assert {text.get_text() for text in drawing.axes[0].texts} == {"a", "b"}
    assert plots.draw({"title": "a test", "analyses": [one]}, tmp_path / "a.png").is_file()


def test_another_suffix_is_refused(tmp_path):
    with pytest.raises(ValueError, match="suffix"):
        plots.draw({"analyses": []}, tmp_path / "a.jpeg")
