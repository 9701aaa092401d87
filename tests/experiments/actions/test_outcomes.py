"""Outcomes and verdicts on numbers made by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from clustersim.experiments.actions.course import FIRST_YEAR, Course
from clustersim.experiments.actions.expected import Expected
from clustersim.experiments.actions.outcomes import OUTCOMES
from clustersim.experiments.actions.verdicts import Verdict, words

QUARTERS = FIRST_YEAR + 2
EVERYBODY = np.array([True, True])


def course(trust=None, totals=None, **firms):
    """Return a course of two firms, given their values in the two quarters that are looked at."""
    made = Course.__new__(Course)
    made.ids = np.array([7, 9])
    made.firms = {}
    for name, values in firms.items():
        made.firms[name] = np.full((QUARTERS, 2), 1000.0)
        made.firms[name][FIRST_YEAR:] = values
    made.totals = {
        name: np.concatenate([np.full(FIRST_YEAR, 1000.0), values])
        for name, values in (totals or {}).items()
    }
    made.trust = trust or {}
    return made


def measure(name, done, without, who=EVERYBODY):
    return OUTCOMES[name].measure(done, without, who)


def test_firms_are_compared_while_they_live_in_both():
    closed = [[3.0, 2.0], [np.nan, 4.0]]
    done, without = course(ties=closed), course(ties=[[1.0, 2.0], [50.0, 2.0]])
    assert measure("ties", done, without) == pytest.approx(9.0 / 5.0 - 1.0)
    assert measure("ties", done, without, np.array([True, False])) == pytest.approx(2.0)
    more = course(productivity=[[0.3, 0.2], [np.nan, 0.4]])
    assert measure("productivity", more, course(productivity=np.zeros((2, 2)))) == pytest.approx(
        0.3
    )


def test_jobs_count_those_who_have_closed_as_none_and_survival_looks_at_the_end():
    done, without = course(jobs=[[4.0, 4.0], [4.0, 4.0]]), course(jobs=[[4.0, 4.0], [4.0, np.nan]])
    assert measure("jobs", done, without) == pytest.approx(16.0 / 12.0 - 1.0)
    assert measure("survival", done, without) == 0.5


def test_ties_outside_are_a_share_of_all():
    done = course(ties=np.full((2, 2), 4.0), outside=np.full((2, 2), 2.0))
    without = course(ties=np.full((2, 2), 2.0), outside=np.full((2, 2), 0.5))
    assert measure("outside", done, without) == pytest.approx(0.25)
    none = course(ties=np.zeros((2, 2)), outside=np.zeros((2, 2)))
    assert math.isnan(measure("outside", none, without))


def test_trust_is_that_of_the_same_ties_of_these_firms():
    done = course(trust={(7, 8): 0.5, (8, 30): 0.9, (9, 30): 0.1})
    without = course(trust={(7, 8): 0.4, (8, 30): 0.1})
    assert measure("trust", done, without) == pytest.approx(0.1)
    assert math.isnan(measure("trust", done, course()))


def test_vacancies_left_are_orders_of_a_quarter_less_the_jobs_of_the_next():
    orders = course(orders=[[8.0, 8.0], [0.0, 0.0]], jobs=[[4.0, 4.0], [6.0, 7.0]])
    orders.firms["orders"][FIRST_YEAR - 1] = [5.0, 3.0]
    without = course(orders=[[8.0, 8.0], [0.0, 0.0]], jobs=[[4.0, 4.0], [5.0, 6.0]])
    without.firms["orders"][FIRST_YEAR - 1] = [5.0, 3.0]
    assert measure("unfilled", orders, without) == pytest.approx(4.0 / 6.0 - 1.0)


def test_numbers_of_the_country_are_counted_after_the_first_year():
    done = course(totals={"young_closed": [2.0, 2.0], "young": [20.0, 20.0]})
    without = course(totals={"young_closed": [2.0, 2.0], "young": [10.0, 10.0]})
    assert measure("young_closing", done, without) == pytest.approx(-0.5)
    done, without = (course(totals={"subsidiaries": [n, 1.0]}) for n in (3.0, 1.0))
    assert measure("subsidiaries", done, without) == 2.0
    assert math.isnan(measure("start_ups", *(course(totals={"start_ups": [0.0, 0.0]}),) * 2))


@pytest.mark.parametrize(
    ("values", "least", "passed"),
    [
        ((0.10, 0.11, 0.12, 0.11), 0.1, True),
        ((0.10, 0.11, 0.12, 0.11), 0.2, False),
        ((0.10, 0.11, 0.12, 0.11), -0.1, False),
        ((-0.10, -0.11, -0.12, -0.11), -0.1, True),
        ((0.4, -0.1, 0.3, 0.0), 0.1, False),
        ((0.0, 0.0, 0.0, 0.0), 0.1, False),
        ((0.2, 0.2, 0.2), 0.1, True),
        ((0.2, math.nan, 0.21, 0.19, 0.2), 0.1, True),
        ((0.2,), 0.1, False),
        ((math.nan, math.nan), 0.1, False),
    ],
)
def test_an_effect_passes_if_it_is_large_enough_and_beyond_luck(values, least, passed):
    assert Verdict(Expected("firm_networks", "ties", least), values).passed is passed


def test_the_test_of_direction_is_students():
    verdict = Verdict(Expected("firm_networks", "ties", 0.1), (1.0, 2.0, 3.0))
    # t = 2 / (1 / sqrt 3) with 2 degrees of freedom; P(T > t) = (1 - t / sqrt(2 + t**2)) / 2.
    t = 2.0 * math.sqrt(3.0)
    assert verdict.p == pytest.approx((1.0 - t / math.sqrt(2.0 + t * t)) / 2.0)


def test_words_have_the_unit_of_the_outcome():
    assert words(Verdict(Expected("firm_networks", "ties", 0.1), (0.1, 0.1))) == (
        "+10.0 % (+10.0 to +10.0)"
    )
    small = Verdict(Expected("green_transition", "green", 0.1), (0.002, 0.002))
    assert words(small) == "+0.20 points (+0.20 to +0.20)"
    ln = Verdict(Expected("competence_audit", "productivity", 0.1), (0.002, 0.002))
    assert words(ln) == "+0.0020 ln (+0.0020 to +0.0020)"
