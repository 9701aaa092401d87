"""Scenarios compared over seeds: effects by hand, corrections against theory, costs, errors."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clustersim.experiments import compare as module
from clustersim.experiments.compare import compare, holm_adjusted, public_money, words
from clustersim.experiments.counterpart import Difference
from clustersim.experiments.run import run
from clustersim.scenario.problems import ScenarioError

SMALL = {"world.employment_scale": 80, "years": 18}


def differences(done, without, outcome="innovations", unit="innovations"):
    return [
        Difference(outcome, unit, "all", float(a), float(b))
        for a, b in zip(done, without, strict=True)
    ]


def test_an_effect_by_hand():
    one = module.contrast(differences([12, 13, 17], [10, 10, 10]), n_outcomes=4)
    change = np.array([0.2, 0.3, 0.7])
    error = change.std(ddof=1) / math.sqrt(3)
    assert one.relative
    assert one.without == 10.0
    assert one.effect.value == pytest.approx(0.4)
    assert one.effect.high - 0.4 == pytest.approx(stats.t.ppf(0.975, 2) * error)
    assert one.high - 0.4 == pytest.approx(stats.t.ppf(1 - 0.05 / 8, 2) * error)
    assert one.p == pytest.approx(stats.ttest_1samp(change, 0.0).pvalue)
    assert one.better == 1.0
    assert one.detectable == pytest.approx(error * (stats.t.ppf(0.975, 2) + stats.t.ppf(0.8, 2)))


def test_less_is_better_of_firms_lost():
    one = module.contrast(differences([8, 12, 9], [10, 10, 10], "firms lost"), n_outcomes=1)
    assert one.better == pytest.approx(2 / 3)


def test_what_pairing_saves_is_all_for_twins_and_nothing_for_strangers():
    rng = np.random.default_rng(3)
    base, stranger = rng.normal(100, 10, (2, 4000))
    assert module.contrast(differences(base + 1, base), 1).saved == pytest.approx(1.0)
    assert module.contrast(differences(stranger, base), 1).saved == pytest.approx(0.0, abs=0.06)


def test_seeds_for_a_precision_are_as_many_as_it_takes():
    rng = np.random.default_rng(5)
    base = np.full(30, 100.0)
    one = module.contrast(differences(base + rng.normal(5, 10, 30), base), 1)
    spread = (one.effect.high - one.effect.value) * math.sqrt(30) / stats.t.ppf(0.975, 29)
    needed = one.seeds_for(0.01)
    half = [stats.t.ppf(0.975, n - 1) * spread / math.sqrt(n) for n in (needed, needed - 1)]
    assert half[0] <= 0.01 < half[1]
    assert 2 <= one.seeds_for(1.0) < 10
    assert one.seeds_for(0.0) is None


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_between_the_p_and_bonferroni_and_keeps_their_order(values):
    p = np.array(values)
    found = holm_adjusted(p)
    assert (found >= p).all()
    assert (found <= np.minimum(p * p.size, 1.0) + 1e-12).all()
    assert (np.diff(found[np.argsort(p, kind="stable")]) >= 0).all()


def test_holm_by_hand():
    p = np.array([0.01, 0.04, math.nan, 0.03])
    assert holm_adjusted(p)[[0, 1, 3]] == pytest.approx([0.03, 0.06, 0.06])
    assert math.isnan(holm_adjusted(p)[2])


def test_intervals_for_all_together_hold_as_often_as_they_say():
    rng = np.random.default_rng(11)
    missed = 0
    for _ in range(300):
        base = np.full(12, 100.0)
        rows = [
            module.contrast(differences(base + rng.normal(0, 5, 12), base), 8) for _ in range(8)
        ]
        missed += any(one.sure for one in rows)
    assert missed / 300 < 0.09


def test_what_one_more_costs():
    several = differences([12, 13, 17], [10, 10, 10])
    cost = module._cost(several, np.array([600.0, 600.0, 600.0]))
    assert math.isnan(cost.euro.value)  # of three, the effect may be none
    several = differences([12, 13, 14, 13, 12, 14], [10] * 6)
    cost = module._cost(several, np.full(6, 600.0))
    assert cost.euro.value == pytest.approx(3600.0 / 18.0)
    assert cost.euro.low < 200.0 < cost.euro.high
    less = differences([90, 91, 92, 90], [100] * 4, "CO2", "tonnes")
    assert module._cost(less, np.full(4, 370.0)).euro.value == pytest.approx(4 * 370.0 / 37.0)


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
    assert public_money(run("base", years=1, overrides={"world.employment_scale": 80})) == 0.0


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
