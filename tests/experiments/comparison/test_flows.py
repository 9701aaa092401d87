"""Flows over the years by hand, discounting against the formula, jobs with and without."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.experiments.comparison.flows import course, flows, present
from clustersim.experiments.outcomes import public_money
from tests.experiments.comparison.made import tables


def one_place(values, **given_values):
    return tables(np.reshape(values, (-1, 1, 1)), **given_values)


def test_job_years_are_the_area_below_the_jobs():
    found = flows(one_place([10, 20, 40]), one_place([10, 10, 10]))
    assert found.years.tolist() == [2000, 2001, 2002]
    assert found.jobs.tolist() == [[10, 20, 40], [10, 10, 10]]
    assert found.job_years.tolist() == [[15, 30], [10, 10]]
    assert found.firms.tolist() == [10, 10]
    # The records of 2000 are the same, those of 2001 are not.
    assert found.begins == 2000


def test_quarterly_records_are_put_into_years():
    yearly = flows(one_place([10, 20, 40]), one_place([10, 10, 10]))
    quarterly = flows(
        one_place([10, 12.5, 15, 17.5, 20, 25, 30, 35, 40], every=1),
        one_place([10] * 9, every=1, innovations=np.ones((9, 1, 1))),
    )
    assert quarterly.years.tolist() == yearly.years.tolist()
    assert quarterly.job_years == pytest.approx(yearly.job_years)
    # Innovations belong to the time before a record; that of the start belongs to no spell.
    assert quarterly.innovations.tolist() == [[0, 0], [4, 4]]


def test_rare_records_make_long_spells():
    found = flows(one_place([10, 20], every=8), one_place([10, 10], every=8))
    assert found.years.tolist() == [2000, 2002]
    assert found.job_years.tolist() == [[30], [20]]


def test_money_is_booked_in_the_year_that_it_is_paid_in():
    ledger = [
        (0, "appropriation", 0, 0, 100.0),
        (3, "measure", 0, 0, 90.0),
        (4, "appropriation", 0, 0, 50.0),
        (7, "return", 0, 0, 20.0),
    ]
    done = one_place([10, 10, 10], ledger=ledger)
    found = flows(done, one_place([10, 10, 10]))
    assert found.euro.tolist() == [[100, 30], [0, 0]]
    assert public_money(done) == found.euro[0].sum() == 130.0
    # Nothing of the places ever differs, but money flows from the start.
    assert found.begins == 2000


def test_money_that_both_take_begins_nothing():
    paid = (1, "appropriation", 0, 0, 5.0)
    more = (9, "appropriation", 0, 0, 7.0)
    jobs = [10, 10, 10, 10]
    found = flows(one_place(jobs, ledger=[paid, more]), one_place(jobs, ledger=[paid]))
    assert found.begins == 2002
    assert (found.euro[0] - found.euro[1]).tolist() == [0, 0, 7]


def test_product_weighs_jobs_by_productivity_against_the_counterpart():
    # Two places of one sector, 10 jobs each, of log productivity 0 and 1: the mean is 0.5.
    jobs = np.full((2, 2, 1), 10.0)
    level = np.tile([[0.0], [1.0]], (2, 1, 1))
    usual = 10 * (math.exp(-0.5) + math.exp(0.5))
    found = flows(
        tables(jobs, log_productivity=level + math.log(2)), tables(jobs, log_productivity=level)
    )
    assert found.product[:, 0] == pytest.approx([2 * usual, usual])
    assert found.job_years[:, 0].tolist() == [20, 20]


def test_what_cannot_be_produced_is_no_product():
    jobs = np.full((2, 1, 1), 10.0)
    found = flows(tables(jobs, output=0.7), tables(jobs))
    assert found.product[:, 0] == pytest.approx([7, 10])


def test_where_nobody_has_met_a_market_every_job_counts_alike():
    jobs = np.full((2, 1, 2), 10.0)
    found = flows(tables(jobs, log_productivity=np.nan), tables(jobs, log_productivity=np.nan))
    assert found.product.tolist() == [[20], [20]]


@given(st.floats(0.001, 0.2), st.integers(1, 40))
def test_present_value_of_an_annuity(rate, years):
    # One job-year a year, from the middle of each year: the sum of a geometric series.
    found = flows(one_place([11] * (years + 1)), one_place([10] * (years + 1)))
    v = 1 / (1 + rate)
    expected = math.sqrt(v) * (1 - v**years) / (1 - v)
    assert present([found], rate, 2000)["job_years"][0] == pytest.approx(expected)
    assert present([found], 0.0, 2000)["job_years"][0] == pytest.approx(years)
    # Discounted to ten years later it is worth as much more.
    later = present([found], rate, 2010)["job_years"][0]
    assert later == pytest.approx(expected * (1 + rate) ** 10)


@pytest.mark.parametrize("rate", [-1.0, math.nan, math.inf])
def test_a_rate_that_makes_no_sense(rate):
    found = flows(one_place([1, 2]), one_place([1, 1]))
    with pytest.raises(ValueError, match="rate: expected a finite number above -1"):
        present([found], rate, 2000)


def test_jobs_over_the_years():
    seeds = [
        flows(one_place([10, 12]), one_place([10, 10])),
        flows(one_place([20, 24]), one_place([20, 20])),
    ]
    found = course(seeds)
    assert found.done.tolist() == [15, 18]
    assert found.without.tolist() == [15, 15]
    # Differences 2 and 4: mean 3, standard error 1, t = 12.706 with one degree of freedom.
    assert found.difference[1] == pytest.approx([3, 3 - 12.706, 3 + 12.706], abs=1e-3)
    assert found.difference[0].tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="records of the same times"):
        course([seeds[0], flows(one_place([1, 2], start=1999), one_place([1, 2], start=1999))])
