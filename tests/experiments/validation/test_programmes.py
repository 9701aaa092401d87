"""Programmes of policy against their evaluations, by hand and on a small scenario."""

import math
from pathlib import Path

import numpy as np
import pytest

from clustersim.experiments.validation.programmes import FINDINGS, measured
from clustersim.experiments.validation.scorecard import validate
from clustersim.experiments.validation.trials import LASTS, PROGRAMMES, YEARS, Course, Trial

VALLEYS = Path(__file__).parents[1] / "data" / "valleys.yaml"


def course(**changes):
    usual = {
        "research": np.full((YEARS, 2), 100.0),
        "ties": np.full(YEARS, 50.0),
        "innovations": np.full(YEARS, 20.0),
        "log_productivity": np.zeros(YEARS),
        "jobs": np.full(YEARS, 1000.0),
        "spent": np.zeros((YEARS, 2)),
        "served": np.array([0.5, 0.4]),
    }
    return Course(**{**usual, **changes})


def value(name, done, without=None):
    (one,) = (finding for finding in FINDINGS if finding.id == name)
    return one.measure(done, without or course())


def test_findings_by_hand():
    funded = np.arange(YEARS) < LASTS
    spent = np.where(funded[:, None], [10.0, 5.0], 0.0)
    research = 100.0 + np.where(funded[:, None], [25.0, 3.0], 0.0)
    done = course(spent=spent, research=research)
    # 28 a year in all for 15 of public money; 25 for 10 in SMEs.
    assert value("P16", done) == pytest.approx(13.0 / 15.0)
    assert value("P9.sme", done) == pytest.approx(2.5)
    assert value("P9.large", done) == pytest.approx(np.log(1.03))
    assert value("P9.sales", done) == 0.0
    assert value("P12.additional", done) == pytest.approx(0.8)


def test_what_is_left_of_networks_by_hand():
    years = np.arange(YEARS)
    ties = np.where(years < LASTS, 55.0, np.where(years < LASTS + 3, 54.0, 51.0))
    done = course(ties=ties, log_productivity=np.where(years < LASTS, 0.02, 9.0))
    assert value("P5.size", done) == pytest.approx(np.log(1.1))
    assert value("P5.after", done) == pytest.approx(np.log(1.02) / np.log(1.1))
    assert value("P9.productivity", done) == pytest.approx(0.02)


@pytest.mark.slow
def test_the_programmes_do_what_evaluations_found():
    card = validate(seeds=8, parts=["programmes"])
    assert [score.fact.id for score in card.scores if not score.passed] == ["P9.sme"]


def test_a_small_scenario_goes_through():
    found = measured(Trial(str(VALLEYS), 1))
    assert list(found) == [one.id for one in FINDINGS]
    assert np.isfinite([found[name] for name in ("P16", "P5.size", "P9.productivity")]).all()


def test_without_a_programme_nothing_differs():
    trial = Trial(str(VALLEYS), 2)
    again = Trial(str(VALLEYS), 2).without
    assert np.array_equal(trial.without.research, again.research)
    assert set(PROGRAMMES) == {one.programme for one in FINDINGS}


def test_what_is_not_there_is_not_known():
    nothing = course(
        research=np.zeros((YEARS, 2)), ties=np.zeros(YEARS), served=np.array([0.0, 0.0])
    )
    for name in ("P16", "P9.sme", "P9.large", "P5.size", "P5.after", "P12.additional"):
        assert math.isnan(value(name, nothing, nothing)), name
