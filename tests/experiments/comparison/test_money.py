"""What a scenario costs and brings: by hand, break-even values, what cannot be known."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.experiments.comparison.flows import flows
from clustersim.experiments.comparison.money import RATES, Prices, money
from tests.experiments.comparison.made import tables


def seed(more=10.0, euro=1000.0, co2=0.0, innovations=0.0):
    """One place and two years; `more` jobs and so on in each year, money at the start."""
    there = np.reshape([0.0, 1.0, 1.0], (3, 1, 1))
    done = tables(
        np.full((3, 1, 1), 100.0 + more),
        ledger=[(0, "appropriation", 0, 0, euro)],
        emissions=(50.0 + co2) * there,
        innovations=innovations * there,
    )
    return flows(done, tables(np.full((3, 1, 1), 100.0), emissions=50.0 * there))


def test_the_net_present_value_by_hand():
    prices = Prices(discount_rate=0.1, co2=3.0, value_added=200.0, deadweight=0.25)
    found = money([seed(co2=7.0)] * 2, prices)
    # In the middle of the first and of the second year.
    factors = 1.1**-0.5 + 1.1**-1.5
    assert found.product.value == pytest.approx(200 * 10 * factors)
    assert found.by_jobs.value == pytest.approx(found.product.value)
    assert found.public.value == pytest.approx(-1.25 * 1000 * 1.1**-0.5)
    assert found.co2.value == pytest.approx(-3 * 7 * factors)
    parts = found.product.value + found.public.value + found.co2.value
    assert found.npv.value == pytest.approx(parts)
    assert found.positive == 1.0
    expected = (found.product.value + found.co2.value) / -found.public.value
    assert found.ratio.value == pytest.approx(expected)
    assert found.base == 2000


def test_productivity_is_no_job():
    # As many jobs, twice as productive.
    jobs = np.full((2, 1, 1), 100.0)
    one = flows(tables(jobs, log_productivity=math.log(2)), tables(jobs))
    found = money([one, one], Prices(discount_rate=0.0, value_added=50.0))
    assert found.product.value == pytest.approx(50 * 100)
    assert found.by_jobs.value == 0.0


def test_what_one_more_costs():
    found = money([seed(innovations=4.0), seed(innovations=6.0)] * 3, Prices(discount_rate=0.0))
    costs = {one.what: one for one in found.costs}
    assert costs["job-year"].more.value == 20.0
    assert costs["job-year"].euro.value == pytest.approx(1000 / 20)
    assert costs["job at the end"].euro.value == pytest.approx(1000 / 10)
    assert costs["innovation"].euro.value == pytest.approx(6000 / 60)
    assert costs["innovation"].euro.low < 100.0 < costs["innovation"].euro.high
    # No CO2 less and no firm more.
    assert math.isnan(costs["tonne of CO2 less"].euro.value)
    assert math.isnan(costs["firm at the end"].euro.value)


def test_flows_are_discounted_as_money_is_and_what_is_left_at_the_end_is_not():
    free, dear = (money([seed()] * 2, Prices(discount_rate=rate)) for rate in (0.0, 0.5))
    of = {one.what: one.more.value for one in dear.costs}
    assert of["job at the end"] == 10.0
    assert of["job-year"] == pytest.approx(10 * (1.5**-0.5 + 1.5**-1.5))
    assert free.euro.tolist() == [1000.0, 1000.0]
    assert dear.euro == pytest.approx(np.full(2, 1000 * 1.5**-0.5))


def test_less_co2_is_gained():
    found = money([seed(co2=-5.0)] * 2, Prices(discount_rate=0.0, co2=10.0))
    assert found.co2.value == pytest.approx(100.0)
    costs = {one.what: one.euro.value for one in found.costs}
    assert costs["tonne of CO2 less"] == pytest.approx(100.0)


@given(
    st.floats(0.0, 0.2), st.floats(0.0, 300.0), st.floats(0.0, 1.0), st.floats(1.0, 1e6),
    st.floats(-20.0, 20.0),
)  # fmt: skip
def test_at_the_break_even_value_nothing_is_left(rate, price, deadweight, euro, co2):
    seeds = [seed(10.0, euro, co2), seed(12.0, euro, co2)]
    # So that the difference in product is above zero for sure.
    seeds = seeds * 3
    prices = Prices(discount_rate=rate, co2=price, deadweight=deadweight)
    value = money(seeds, prices).break_even.value
    if value >= 0.0:
        there = money(seeds, Prices(rate, price, value, deadweight))
        assert there.npv.value == pytest.approx(0.0, abs=1e-6 * (euro + price * abs(co2)))


def test_by_discount_rate():
    found = money([seed()] * 2, Prices(discount_rate=0.03))
    assert [rate for rate, _ in found.by_rate] == list(RATES)
    at = dict(found.by_rate)
    assert at[0.03].value == pytest.approx(found.npv.value)
    # Money comes first and jobs later: the more the future is discounted, the less is left.
    values = [one.value for _, one in found.by_rate]
    assert values == sorted(values, reverse=True)


def test_another_year_to_discount_to_changes_all_alike():
    one, later = (money([seed()] * 2, Prices(), base) for base in (None, 2010.0))
    assert later.npv.value == pytest.approx(one.npv.value * 1.03**10)
    assert later.ratio.value == pytest.approx(one.ratio.value)


def test_without_money_there_is_no_ratio_and_no_cost():
    jobs = np.full((2, 1, 1), 100.0)
    found = money([flows(tables(jobs + 5), tables(jobs))] * 3, Prices())
    assert math.isnan(found.ratio.value)
    assert all(math.isnan(one.euro.value) for one in found.costs)
    assert found.npv.value > 0.0


@pytest.mark.parametrize(
    ("name", "value"), [("discount_rate", -0.01), ("co2", math.nan), ("willing", math.inf)]
)
def test_prices_that_make_no_sense(name, value):
    with pytest.raises(ValueError, match=f"{name}: expected a finite number of at least 0"):
        Prices(**{name: value})
