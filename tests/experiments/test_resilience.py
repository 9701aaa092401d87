"""Shocks against the same run without them."""

import json
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from clustersim.experiments import resilience
from clustersim.experiments.resilience import (
    CLUSTERS,
    ECONOMY,
    NAMES,
    OTHERS,
    PLACES,
    Job,
    Pair,
    study,
    summary,
)
from clustersim.experiments.run import run
from clustersim.plots import resilience as plot
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario
from clustersim.world.shock import AnchorExit, DemandShock, Pandemic

VALLEYS = Path(__file__).parent / "data" / "valleys.yaml"
SHOCKS = """
shocks:
  - {kind: demand, year: 1995, sector: tools, depth: 0.4, recovery: 1}
  - {kind: credit_crunch, year: 1999, depth: 0.5, enabled: false}
  - {kind: anchor_exit, year: 1998, region: Upper Valley, sector: tools}
  - {kind: energy_price, rate: 0.001, factor: 2}
"""


@pytest.fixture(scope="module")
def scenario(tmp_path_factory):
    path = tmp_path_factory.mktemp("shaken") / "shaken.yaml"
    path.write_text(VALLEYS.read_text() + SHOCKS)
    return path


@pytest.fixture(scope="module")
def found(scenario):
    return study(scenario, seeds=3, overrides={"years": 14, "labour.enabled": True}, workers=1)


def test_each_shock_is_told_for_the_economy_and_where_it_struck(found):
    shown = [(one.number, one.kind, one.scope) for one in found.courses]
    assert shown == [
        (0, "demand", ECONOMY),
        (0, "demand", PLACES),
        (0, "demand", CLUSTERS),
        (0, "demand", OTHERS),
        (2, "anchor_exit", ECONOMY),
        (2, "anchor_exit", PLACES),
    ]
    assert found.never == ("energy and carbon at 2 times the price",)


def test_before_a_shock_both_runs_are_the_same(found):
    for one in found.courses:
        assert one.since[0] == -2.0
        assert (one.loss[one.since <= 0.0] == 0.0).all()
        assert one.loss[one.since > 0.0].any()


def test_a_fall_of_demand_costs_jobs_where_it_strikes_most(found):
    economy, places, clusters, others = found.courses[:4]
    ends = sorted(one.figures["resistance"].value for one in (clusters, others))
    assert ends[0] <= places.figures["resistance"].value <= ends[1]
    assert 0.02 < economy.figures["depth"].value < places.figures["depth"].value < 0.45
    assert economy.figures["time_to_trough"].value <= 1.0
    low, high = places.figures["depth"].low, places.figures["depth"].high
    assert low <= places.figures["depth"].value <= high


def test_report_and_tables_say_the_same(found):
    report = json.loads(json.dumps(found.to_dict()))
    rows = found.tables()
    assert [one["label"] for one in report["courses"]] == [r["label"] for r in rows["resilience"]]
    for one, row in zip(report["courses"], rows["resilience"], strict=True):
        assert set(one["figures"]) == set(NAMES)
        assert one["figures"]["depth"]["value"] == row["depth"]
        assert len(one["since"]) == len(one["loss"]) == len(one["low"]) == len(one["high"])
    assert len(rows["courses"]) == sum(len(one["since"]) for one in report["courses"])
    assert "In no seed: energy and carbon" in found.words()


def test_the_same_seeds_give_the_same_whatever_the_order(scenario):
    overrides = {"years": 10}
    once = study(scenario, seeds=(1, 2), overrides=overrides, workers=1)
    again = study(scenario, seeds=(2, 1), overrides=overrides, workers=1)
    for one, other in zip(once.courses, again.courses, strict=True):
        assert one.figures["depth"].value == pytest.approx(other.figures["depth"].value)


def test_without_differs_by_that_shock_only(scenario):
    job = Job(str(scenario), 5, (("years", 12),))
    full, without = job.resolved().scenario, job.resolved(2).scenario
    assert [shock.enabled for shock in full.shocks] == [True, False, True, True]
    assert [shock.enabled for shock in without.shocks] == [True, False, False, True]
    changed = without.shocks[2].model_copy(update={"enabled": True})
    assert (*without.shocks[:2], changed, *without.shocks[3:]) == full.shocks
    assert without.model_copy(update={"shocks": ()}) == full.model_copy(update={"shocks": ()})


def pair(lost, year=2000.0, since=(-0.25, 0.0, 0.25, 0.5)):
    t = np.array(since)
    spared = np.ones((4, t.size))
    struck = np.where(t > 0.0, 1.0 - lost, 1.0) * spared
    struck[2] = spared[2] - 0.5 * (1.0 - struck[2])  # clusters lose half as much
    return Pair(t, struck, spared, year)


def test_figures_are_those_of_the_mean_course():
    shock = DemandShock(kind="demand", year=2000, sector="tools", depth=0.5)
    whole = summary("by hand", (1, 2), (shock,), [[pair(0.1)], [pair(0.3)]])
    economy = whole.courses[0]
    assert economy.figures["depth"].value == pytest.approx(0.2)
    assert economy.figures["depth"].low == pytest.approx(0.1)
    assert economy.figures["depth"].high == pytest.approx(0.3)
    assert math.isnan(economy.figures["time_to_recovery"].value)
    assert "were not back within 1%" in whole.words()


def test_seeds_in_which_a_random_shock_never_strikes_are_left_out():
    shock = Pandemic(kind="pandemic", rate=0.1)
    longer = pair(0.2, 2010.0, (-0.5, -0.25, 0.0, 0.25, 0.5, 0.75))
    whole = summary("by hand", (1, 2, 3), (shock,), [[pair(0.1)], [None], [longer]])
    # It strikes everywhere: the struck places are the economy.
    assert [one.scope for one in whole.courses] == [ECONOMY, CLUSTERS, OTHERS]
    course = whole.courses[0]
    assert course.seeds == 2
    assert course.years == (2000.0, 2010.0)
    assert course.since.tolist() == [-0.25, 0.0, 0.25, 0.5]
    assert course.figures["depth"].value == pytest.approx(0.15)


def test_clusters_are_told_where_they_surely_differ():
    shock = DemandShock(kind="demand", year=2000, sector="tools", depth=0.5)
    runs = [[pair(lost)] for lost in (0.19, 0.2, 0.21)]
    text = summary("by hand", (1, 2, 3), (shock,), runs).words()
    assert "clusters lost less than the other places that were struck, 10.0% against 20.0%" in text
    unsure = [[pair(lost)] for lost in (0.0, 0.9)]
    assert "clusters lost" not in summary("by hand", (1, 2), (shock,), unsure).words()


def test_a_place_without_jobs_has_no_resilience():
    shock = AnchorExit(kind="anchor_exit", year=2000, region="here", sector="tools")
    empty = pair(0.1)
    empty.struck[1], empty.spared[1] = np.nan, np.nan
    whole = summary("by hand", (1,), (shock,), [[empty]])
    assert whole.courses[0].figures["depth"].value == pytest.approx(0.1)
    assert math.isnan(whole.courses[1].figures["depth"].value)
    assert "there are no such jobs" in whole.words()
    assert plot.figure(json.loads(json.dumps(whole.to_dict()))).axes


@pytest.mark.parametrize(
    "overrides",
    [
        {"shocks.0.enabled": False, "shocks.2.enabled": False, "shocks.3.enabled": False},
        {"shocks.enabled": False},
    ],
)
def test_a_scenario_without_shocks_at_work_is_refused(scenario, overrides):
    with pytest.raises(ScenarioError, match="no shock that is at work"):
        study(scenario, seeds=1, overrides=overrides)
    with pytest.raises(ScenarioError, match="no shock that is at work"):
        study(VALLEYS, seeds=1)


def test_no_seed_is_no_study(scenario):
    with pytest.raises(ValueError, match="seeds"):
        study(scenario, seeds=())


def test_the_shipped_scenario_has_one_shock_of_each_kind():
    shocks = read_scenario("shocks").scenario.shocks
    kinds = [shock.kind for shock in shocks]
    assert len(kinds) == len(set(kinds)) == 8
    assert all(b.year - a.year >= 2 for a, b in pairwise(shocks))


# The picture.


def test_one_panel_for_each_shock_with_its_courses(found):
    report = json.loads(json.dumps(found.to_dict()))
    drawing = plot.figure(report)
    shown = [axes for axes in drawing.axes if axes.get_title(loc="left")]
    assert [axes.get_title(loc="left").split(":")[0] for axes in shown] == ["1995", "1998"]
    lines = [line for line in shown[0].lines if len(line.get_xdata()) > 2]
    assert len(lines) == 2
    for line, one in zip(lines, report["courses"][:2], strict=True):
        assert np.asarray(line.get_ydata()) == pytest.approx(-np.array(one["loss"]))


def test_a_picture_of_unknown_kind_is_refused_before_it_is_drawn(found, tmp_path):
    with pytest.raises(ValueError, match="gif"):
        plot.draw(found.to_dict(), tmp_path / "x.gif")
    assert plot.draw(json.loads(json.dumps(found.to_dict())), tmp_path / "x.svg").is_file()


def test_tables_are_named(found):
    assert tuple(found.tables()) == resilience.TABLES


def test_the_shipped_scenario_shows_its_deepest_shocks():
    result = run("shocks")
    year, jobs = result.tables["economy"]["year"], result.tables["economy"]["jobs"]
    assert np.isfinite(jobs).all()
    for struck, least in ((2008.75, 0.15), (2020.25, 0.07)):
        before, after = jobs[year == struck][0], jobs[year == struck + 0.5][0]
        assert after < (1.0 - least) * before
        assert jobs[year == struck + 2.0][0] > 0.97 * before
