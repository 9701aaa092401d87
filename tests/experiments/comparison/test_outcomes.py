"""Outcomes compared over seeds: effects by hand, corrections against theory, costs."""

import math

import numpy as np
import pytest
from scipy import stats

from clustersim.experiments.comparison import outcomes as module
from clustersim.experiments.counterpart import Difference


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
    # However many, they are found at once.
    assert one.seeds_for(1e-9) == pytest.approx((stats.norm.ppf(0.975) * spread / 1e-9) ** 2)


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
    cost = module.cost(several, np.array([600.0, 600.0, 600.0]))
    assert math.isnan(cost.euro.value)  # of three, the effect may be none
    several = differences([12, 13, 14, 13, 12, 14], [10] * 6)
    cost = module.cost(several, np.full(6, 600.0))
    assert cost.euro.value == pytest.approx(3600.0 / 18.0)
    assert cost.euro.low < 200.0 < cost.euro.high
    less = differences([90, 91, 92, 90], [100] * 4, "CO2", "tonnes")
    assert module.cost(less, np.full(4, 370.0)).euro.value == pytest.approx(4 * 370.0 / 37.0)


def test_what_costs_nothing_more_has_no_cost_of_one():
    several = differences([12, 13, 14, 13, 12, 14], [10] * 6)
    assert math.isnan(module.cost(several, np.full(6, -600.0)).euro.value)
    assert module.costs([several], np.zeros(6)) == ()


def test_outcomes_that_some_seed_does_not_know_are_left_out():
    known, unknown = (
        differences([1.0, 2.0], [1.0, 1.0]),
        differences([1.0, math.nan], [1.0, 1.0], "x"),
    )
    found = module.contrasts(list(zip(known, unknown, strict=True)))
    assert [one.outcome for one in found] == ["innovations"]
    assert found[0].holm == pytest.approx(found[0].p)
