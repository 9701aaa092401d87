import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.mechanisms.finance import Finance
from clustersim.world.actors import Kind
from tests.worlds import add_actors, empty_world, luck

NUMBERS = {"output": 60_000.0, "capital": 8_000.0, "reserve": 1.0}


def booked(wage=40_000.0, **columns):
    world = empty_world()
    world.regions.wage[:] = wage
    world.sectors.mean_log_productivity[:] = 0.1
    add_actors(world, [[1.0, 1.0]], **{"size": 10.0, "log_productivity": 0.1, **columns})
    Finance(**NUMBERS).apply(world, luck())
    return world.actors.cash[0]


def test_a_quarter_at_the_mean_of_the_market():
    # Revenue 600,000; profit 0.95 * 600,000 - 10 * 48,000 = 90,000 a year.
    assert booked(research=0.05, cash=1000.0) == pytest.approx(1000.0 + 22_500.0)


def test_revenue_grows_with_productivity():
    # exp(ln A - mean) = 2: revenue 1,200,000, profit 1,140,000 - 480,000.
    lead = 0.1 + np.log(2.0)
    assert booked(research=0.05, log_productivity=lead) == pytest.approx(165_000.0)


def test_what_is_not_produced_earns_nothing_and_costs_the_same():
    # 40 % of 600,000: 240,000 - 480,000.
    assert booked(research=0.0, output=0.4) == pytest.approx(-60_000.0)


def test_a_bad_quarter_does_not_lower_the_reserve():
    assert booked(research=0.0, output=0.8, cash=600_000.0) == pytest.approx(600_000.0)


def test_losses_become_debt():
    # Half the revenue: 285,000 - 480,000.
    lead = 0.1 - np.log(2.0)
    assert booked(research=0.05, log_productivity=lead) == pytest.approx(-48_750.0)


def test_what_exceeds_the_reserve_goes_to_the_owners():
    assert booked(cash=590_000.0, research=0.0) == pytest.approx(600_000.0)


def test_wages_are_those_of_the_region():
    assert booked(wage=50_000.0, research=0.0) == pytest.approx((600_000.0 - 580_000.0) / 4)


def test_a_firm_without_jobs_has_neither_revenue_nor_cost():
    assert booked(size=0.0, cash=0.0) == 0.0


def test_only_firms_keep_books():
    assert booked(kind=Kind.UNIVERSITY, cash=5.0) == 5.0


@pytest.mark.parametrize("wrong", [{"output": 0.0}, {"capital": -1.0}, {"reserve": 21.0}])
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Finance(**wrong)
