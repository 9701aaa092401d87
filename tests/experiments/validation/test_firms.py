"""Statistics of firms, on panels made by hand."""

import numpy as np
import pytest
from scipy import stats

from clustersim.experiments.validation import firms
from clustersim.world.actors import NEVER, Origin
from tests.panels import lives, panel, year

assert NEVER < 0


def test_years_of_settling_are_left_out():
    run = panel(*(year(4 * y, [1.0]) for y in range(20)))
    assert [one.step for one in firms.settled(run)] == [60, 64, 68, 72, 76]
    short = panel(year(0, [1.0]), year(4, [2.0]))
    assert [one.step for one in firms.settled(short)] == [4]


def test_means_over_years_leave_out_what_is_unknown():
    values = iter([1.0, np.nan, 4.0])
    mean = firms.mean_over_years(lambda _: next(values))
    assert mean(panel(*(year(4 * y, [1.0]) for y in (15, 16, 17)))) == 2.5


def test_the_slope_of_zipf_is_minus_one():
    ranks = np.arange(1, 5001)
    assert firms.size_slope(panel(year(60, 5000.0 / ranks))) == pytest.approx(-1.0, abs=0.02)


def test_shares_of_size_classes():
    run = panel(year(60, [1.0, 9.0, 10.0, 60.0, 920.0]))
    firms_of = [firms.class_share(k, of_jobs=False)(run) for k in range(4)]
    jobs_of = [firms.class_share(k, of_jobs=True)(run) for k in range(4)]
    assert firms_of == pytest.approx([0.4, 0.2, 0.2, 0.2])
    assert jobs_of == pytest.approx([0.01, 0.01, 0.06, 0.92])


def grown(rates, sizes):
    """A panel in which firms grow at these rates in its last year."""
    sizes = np.broadcast_to(sizes, rates.shape)
    return panel(year(60, sizes), year(64, sizes * np.exp(rates)))


def test_growth_is_of_those_who_live_on():
    run = panel(
        year(60, [10.0, 20.0, 30.0], id=[1, 2, 3]),
        year(64, [60.0, 10.0, 5.0], id=[3, 2, 9]),
    )
    rates, sizes = firms.growth(run)
    assert rates == pytest.approx(np.log([0.5, 2.0]))
    assert sizes.tolist() == [20.0, 30.0]


def test_growth_that_is_laplace_is_told_from_growth_that_is_normal():
    rng = np.random.default_rng(3)
    laplace = grown(rng.laplace(size=40_000) * 0.1, 10.0)
    normal = grown(rng.normal(size=40_000) * 0.1, 10.0)
    # In nats, the difference of the entropies of both densities of one variance.
    expected = 0.5 * np.log(2 * np.pi * np.e) - np.log(2 * np.e / np.sqrt(2.0))
    assert firms.growth_tent(laplace) == pytest.approx(expected, abs=0.02)
    assert firms.growth_tent(normal) < 0.0
    assert firms.growth_kurtosis(laplace) == pytest.approx(3.0, abs=0.4)
    assert firms.growth_kurtosis(normal) == pytest.approx(0.0, abs=0.15)


def test_the_exponent_of_the_spread_of_growth():
    rng = np.random.default_rng(4)
    sizes = np.exp(rng.uniform(0.0, 7.0, 60_000))
    run = grown(rng.laplace(size=sizes.size) * 0.3 * sizes**-0.17, sizes)
    assert firms.growth_spread_slope(run) == pytest.approx(0.17, abs=0.01)


def test_births_and_deaths_over_all_active_firms():
    table = {
        "quarter": np.array([0, 0, 60, 60, 64, 64]),
        "entries": np.array([0, 0, 4, 6, 5, 5]),
        "exits": np.array([0, 0, 10, 0, 5, 15]),
        "firms": np.array([50, 50, 40, 50, 40, 40]),
    }
    run = panel(year(64, [1.0]), clusters=table)
    # Active: 90 + 10 and 80 + 20.
    assert firms.birth_rate(run) == pytest.approx((0.10 + 0.10) / 2)
    assert firms.death_rate(run) == pytest.approx((0.10 + 0.20) / 2)


def test_survival_counts_quarters_from_birth_to_the_quarter_of_leaving():
    # Born in quarter 10: one is gone in quarter 12, one in 30, one stays.
    born = lives([10, 10, 10], [11, 29, 40], [True, True, False])
    assert born.duration.tolist() == [0.5, 5.0, 7.5]
    run = panel(year(60, [1.0]), lives=born)
    assert firms.survival_after(1.0)(run) == pytest.approx(2 / 3)
    assert firms.survival_after(5.0)(run) == pytest.approx(1 / 3)


def test_spin_offs_that_outlive_and_outgrow():
    born = lives(
        [0] * 4,
        [39, 39, 7, 39],
        [False, False, True, False],
        id=[1, 2, 3, 4],
        origin=[Origin.SPIN_OFF, Origin.SPIN_OFF, Origin.START_UP, Origin.START_UP],
        size=[2.0, 2.0, 2.0, 4.0],
    )
    at_five = year(20, [8.0, 2.0, 4.0], id=[1, 2, 4], age=5.0)
    run = panel(at_five, lives=born)
    assert firms.spin_off_survival_lead(run) == pytest.approx(0.5)
    assert firms.spin_off_growth_lead(run) == pytest.approx(0.5 * np.log(4.0))


def test_parents_of_spin_offs():
    n = 400
    age = np.repeat([2.0, 10.0, 50.0], [100, 200, 100])
    lead = np.tile([1.0, -1.0], n // 2)
    parents = np.r_[0:100:20, 100:300:4, 301:399:40]  # 5 young, 50 middle-aged, 3 old
    born = lives(
        np.full(parents.size, 62),
        np.full(parents.size, 80),
        False,
        id=np.arange(parents.size) + 1000,
        parent=parents + 1,
        origin=Origin.SPIN_OFF,
        log_productivity=0.5 * lead[parents] + 0.01 * np.arange(parents.size),
    )
    run = panel(year(60, np.ones(n), age=age, log_productivity=lead), year(64, [1.0]), lives=born)
    assert firms.spin_off_hump(run) == pytest.approx((50 / 200) / (5 / 100))
    better = (lead[parents] > 0).sum()
    assert better > parents.size - better
    assert firms.spin_off_inheritance(run) > 0.3


def test_better_firms_have_more_spin_offs():
    lead = np.r_[np.full(50, 1.0), np.full(51, -1.0)]
    parents = np.r_[0:10, 60:65]
    born = lives(
        np.full(15, 61),
        np.full(15, 80),
        False,
        id=np.arange(15) + 1000,
        parent=parents + 1,
        origin=Origin.SPIN_OFF,
    )
    run = panel(year(60, np.ones(101), log_productivity=lead), year(64, [1.0]), lives=born)
    assert firms.spin_off_parent_quality(run) == pytest.approx((10 / 50) / (5 / 51))


def test_surveys_ask_firms_of_a_size_in_a_year():
    first = year(84, [5.0, 20.0, 30.0, 300.0], digital=[True, True, False, True])
    second = year(88, [5.0, 20.0], digital=[True, True])
    run = panel(first, second, start_year=2000)
    assert firms.surveyed_share("digital", 2020, low=10.0, high=250.0)(run) == 0.5
    assert firms.surveyed_share("digital", 2021)(run) == 1.0
    assert firms.surveyed_share("digital")(run) == pytest.approx((2 / 3 + 1.0) / 2)
    assert np.isnan(firms.surveyed_share("digital", 2021, low=250.0)(run))


def test_productivity_of_size_classes():
    run = panel(year(60, [5.0, 5.0, 90.0], log_productivity=np.log([0.5, 1.5, 2.0])))
    mean = (5 * 0.5 + 5 * 1.5 + 90 * 2.0) / 100
    assert firms.productivity_of_class(0)(run) == pytest.approx(1.0 / mean)
    assert firms.productivity_of_class(2)(run) == pytest.approx(2.0 / mean)
    assert np.isnan(firms.productivity_of_class(3)(run))


def test_kurtosis_agrees_with_scipy():
    rates = np.random.default_rng(1).standard_t(5, 3000) * 0.1
    assert firms.growth_kurtosis(grown(rates, 20.0)) == pytest.approx(stats.kurtosis(rates))
