import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from clustersim.mechanisms.market import LEAST_FIT, Market, localisation
from clustersim.world.actors import Kind
from tests.worlds import add_actors, empty_world, luck

# Nothing but selection among firms and the rest of the world.
REPLICATOR = {"volatility": 0.0, "congestion": 0.0, "externalities": False}


def world_of(knowledge, jobs=((1000.0,),), **columns):
    relevance = columns.pop("relevance", (0.5, 0.5))
    world = empty_world(jobs, relevance=relevance, **columns.pop("world", {}))
    add_actors(world, knowledge, **columns)
    return world


def level(world):
    """Give home and the world demand that asks for exactly the jobs there are."""
    world.sectors.world_jobs[:] = world.jobs().sum(axis=0)
    world.sectors.demand_start[:] = 2.0 * world.jobs().sum(axis=0)
    return world


# Localisation.


def test_localisation_curve_goes_through_its_points():
    # 0.0440 ln 651 - 6.14e-4 * 650**0.712 = 0.2850 - 0.0618 = 0.2232 = ln 1.25.
    assert localisation(np.array(0.0)) == 0.0
    assert localisation(np.array(650.0)) == pytest.approx(
        0.0440 * np.log(651.0) - 6.14e-4 * 650.0**0.712, rel=1e-12
    )
    assert np.exp(localisation(np.array(650.0))) == pytest.approx(1.25, abs=0.005)
    assert localisation(np.array([9000.0, 12_000.0])) == pytest.approx([0.0, 0.0], abs=0.002)


@given(st.floats(0, 1e7), st.floats(0, 1e7))
def test_localisation_is_never_negative_and_never_more_than_a_third(a, b):
    values = localisation(np.array([a, b]))
    assert ((values >= 0.0) & (values < 0.29)).all()
    if max(a, b) < 500:  # it rises up to its peak
        assert (values[0] <= values[1]) == (a <= b) or values[0] == values[1]


# Productivity.


def test_productivity_by_hand():
    # Fit 0.5 * 0.8 + 0.5 * 0.4 = 0.6. Niche 1 holds 30 + 20 jobs, at scale 40 2,000 real jobs in
    # four narrow industries; the region has 60 jobs where 40 are usual. Labour adds 0.03, supply
    # 0.02.
    world = world_of([[0.8, 0.4], [1.0, 1.0], [0.2, 0.0]], size=[30.0, 20.0, 10.0], niche=[1, 1, 0])
    world.employment_scale = 40.0
    world.regions.jobs_usual[:] = 40.0
    world.places.labour_advantage[:] = 0.03
    world.places.supply_advantage[:] = 0.02
    Market(localisation=2.0, industries=4.0, congestion=0.1).apply(world, luck())
    common = 0.05 - 0.1 * np.log(1.5)
    curve = [2.0 * localisation(np.array(e)) for e in (500.0, 500.0, 100.0)]
    assert world.actors.log_productivity == pytest.approx(np.log([0.6, 1.0, 0.1]) + curve + common)


def test_without_externalities_only_congestion_is_left():
    world = world_of([[0.8, 0.4]], size=80.0)
    world.regions.jobs_usual[:] = 40.0
    world.places.labour_advantage[:] = 0.03
    Market(congestion=0.1, externalities=False).apply(world, luck())
    assert world.actors.log_productivity == pytest.approx([np.log(0.6) - 0.1 * np.log(2.0)])


def test_research_costs_growth_against_the_mean_of_the_sector():
    # The mean by jobs is (0.1 * 30 + 0 * 10) / 40 = 0.075; demand is what there is.
    world = world_of([[0.8, 0.4]] * 2, size=[30.0, 10.0], research=[0.1, 0.0])
    market = Market(**REPLICATOR, selection=0.4, research_pressure=2.0)
    market.apply(world, luck())
    expected = np.exp(-0.4 * 0.25 * 2.0 * np.array([0.1 - 0.075, -0.075]))
    grown = world.actors.orders / world.actors.size
    assert grown[0] / grown[1] == pytest.approx(expected[0] / expected[1])


def test_who_knows_nothing_of_use_has_the_least_productivity():
    world = world_of([[0.0, 0.0]])
    Market(**REPLICATOR).apply(world, luck())
    assert world.actors.log_productivity == pytest.approx([np.log(LEAST_FIT)])


def test_niches_are_those_of_one_region_and_sector():
    world = world_of(
        np.ones((4, 2)),
        ((1.0, 1.0), (1.0, 1.0)),
        size=300.0,
        region=[0, 0, 1, 1],
        sector=[0, 1] * 2,
    )
    Market(congestion=0.0, localisation=1.0, industries=1.0, volatility=0.0).apply(world, luck())
    assert world.actors.log_productivity == pytest.approx([localisation(np.array(300.0))] * 4)


def test_universities_do_not_compete():
    world = world_of([[0.8, 0.4]])
    row = add_actors(world, [[1.0, 1.0]], Kind.UNIVERSITY)
    Market().apply(world, luck())
    assert world.actors.log_productivity[row].tolist() == [0.0]
    assert world.actors.orders[row].tolist() == [0.0]


# Orders.


def test_orders_by_hand():
    # ln A: ln 1 and ln 0.5. The world, with 30 jobs, starts at the mean of home,
    # (10 ln 1 + 20 ln 0.5) / 30 = -0.4621, so that is the mean of all.
    world = world_of([[1.0, 1.0], [0.5, 0.5]], size=[10.0, 20.0])
    world.sectors.world_jobs[:] = 30.0
    world.sectors.demand_start[:] = 90.0
    Market(**REPLICATOR, selection=0.8).apply(world, luck())
    mean = 20 * np.log(0.5) / 30
    assert world.sectors.mean_log_productivity == pytest.approx([mean])
    assert world.sectors.world_log_productivity == pytest.approx([mean])
    raw = np.array([10 * np.exp(0.2 * -mean), 20 * np.exp(0.2 * (np.log(0.5) - mean)), 30.0])
    expected = raw * 90.0 / raw.sum()
    assert world.actors.orders == pytest.approx(expected[:2])
    assert world.sectors.world_jobs == pytest.approx(expected[2:])
    assert world.actors.size.tolist() == [10.0, 20.0]  # hiring is for the labour market


def test_what_is_not_delivered_is_lost_to_competitors():
    # Alike but for the second firm, which delivers nothing of half its output: a quarter of half
    # of its orders go to the first firm and to the world.
    world = level(world_of(np.full((2, 2), 0.5), size=30.0, output=[1.0, 0.5]))
    world.sectors.world_jobs[:] = 30.0
    world.sectors.demand_start[:] = 90.0
    Market(**REPLICATOR, lost_orders=0.25).apply(world, luck())
    raw = np.array([30.0, 30.0 * 0.875, 30.0])
    expected = raw * 90.0 / raw.sum()
    assert world.actors.orders == pytest.approx(expected[:2])
    assert world.sectors.world_jobs == pytest.approx(expected[2:])


def test_who_delivers_everything_loses_nothing():
    one, other = (level(world_of(np.full((9, 2), 0.5))) for _ in range(2))
    Market(lost_orders=0.0).apply(one, luck())
    Market(lost_orders=1.0).apply(other, luck())
    assert one.actors.orders.tobytes() == other.actors.orders.tobytes()


def test_the_standing_of_the_world_is_set_once():
    world = level(world_of([[0.5, 0.5]]))
    market = Market(**REPLICATOR)
    world.sectors.world_log_productivity[:] = -0.2  # what the frontier says it knows
    market.apply(world, luck())
    assert world.sectors.world_standing == pytest.approx([np.log(0.5) + 0.2])
    world.actors.knowledge[:] = 1.0
    market.apply(world, luck(1))
    assert world.sectors.world_standing == pytest.approx([np.log(0.5) + 0.2])


def test_home_loses_to_a_better_world():
    world = level(world_of([[0.5, 0.5]], size=100.0))
    world.sectors.world_standing[:] = 0.0
    world.sectors.world_log_productivity[:] = 0.0
    Market(**REPLICATOR, selection=0.8).apply(world, luck())
    # Shares 1 and 1, leads ln 0.5 and 0: weights exp(0.2 ln 0.5) and 1 of 200 jobs.
    assert world.actors.orders == pytest.approx([200 * 0.5**0.2 / (0.5**0.2 + 1)])


@given(
    st.lists(st.tuples(st.floats(0, 1e4), st.floats(0, 1)), min_size=1, max_size=8),
    st.floats(0, 5),
    st.floats(0, 0.9),
    st.floats(-0.2, 0.2),
    st.floats(0.1, 1),
    st.integers(0, 240),
)
def test_demand_bounds_the_total(firms, selection, volatility, growth, factor, step):
    world = world_of(
        [[k, 1 - k] for _, k in firms], size=[s for s, _ in firms], relevance=(0.3, 0.7)
    )
    world.sectors.demand_growth[:] = growth
    world.sectors.demand_factor[:] = factor
    world.clock.step = step
    demand = world.sectors.demand_start * np.exp(growth * step / 4) * factor
    Market(selection=selection, volatility=volatility).apply(world, luck(step))
    total = world.actors.orders.sum() + world.sectors.world_jobs
    assert total == pytest.approx(demand, rel=1e-12)
    assert (world.actors.orders >= 0.0).all()


def test_a_sector_without_firms_is_left_to_the_world():
    world = world_of([[1.0, 1.0]], ((100.0, 0.0),))
    Market().apply(world, luck())
    for name in ("mean_log_productivity", "world_log_productivity", "world_standing", "world_jobs"):
        assert np.isfinite(getattr(world.sectors, name)).all(), name


# Growth shocks.

ALWAYS = 200.0
"""Shocks a year at which every quarter has one."""


def shocks_of(size, n=40_000, step=0, **numbers):
    """Log growth of many like firms, apart from what all have in common."""
    world = level(world_of(np.ones((n, 2)), size=size))
    market = Market(congestion=0.0, externalities=False, **numbers)
    market.apply(world, luck(step))
    # The rest of the world has no luck: its growth is what all have in common.
    common = np.log(world.sectors.world_jobs[0] / world.jobs().sum())
    return np.log(world.actors.orders / world.actors.size) - common


@pytest.mark.parametrize(("size", "slope"), [(1.0, 0.18), (100.0, 0.18), (0.5, 0.18), (50.0, 0.0)])
def test_growth_is_laplace_and_fair(size, slope):
    # Standard deviation of a quarter 0.6 * size^-slope * sqrt(1/4), scale that over sqrt 2; a firm
    # below one job counts as one. The mean of exp(x) is 1.
    deviation = 0.3 * max(size, 1.0) ** -slope
    scale = deviation / np.sqrt(2.0)
    x = shocks_of(size, volatility=0.6, volatility_slope=slope, shock_rate=ALWAYS)
    shift = np.log(1 - scale**2)
    assert stats.kstest(x, stats.laplace(loc=shift, scale=scale).cdf).pvalue > 1e-3
    assert np.exp(x).mean() == pytest.approx(1.0, abs=4 * np.exp(x).std() / np.sqrt(x.size))
    # Kurtosis of a Laplace is 6, so the error of the variance is sqrt(5 / n) of it.
    assert x.var() == pytest.approx(deviation**2, rel=4 * np.sqrt(5 / x.size))


def test_shocks_are_rare_and_keep_the_variance():
    # Chance 1 - exp(-0.5 / 4) in a quarter; the variance is that of every quarter's shocks.
    x = shocks_of(1.0, volatility=0.3, shock_rate=0.5)
    hit = np.abs(x - np.median(x)) > 1e-9
    chance = -np.expm1(-0.125)
    assert hit.mean() == pytest.approx(chance, abs=4 * np.sqrt(chance / x.size))
    scale = 0.15 / np.sqrt(2.0 * chance)
    shift = np.log(1 - scale**2)
    assert stats.kstest(x[hit], stats.laplace(loc=shift, scale=scale).cdf).pvalue > 1e-3
    assert np.exp(x).mean() == pytest.approx(1.0, abs=4 * np.exp(x).std() / np.sqrt(x.size))


def test_growth_in_a_year_has_the_tails_of_rare_shocks():
    # Four quarters of shocks that come with chance q: the excess kurtosis of the sum is
    # (6 / q - 3) / 4, near 6 / shock_rate.
    quarters = [shocks_of(1.0, n=60_000, volatility=0.1, step=step) for step in range(4)]
    year = np.sum(quarters, axis=0)
    q = -np.expm1(-0.125)
    assert stats.kurtosis(year) == pytest.approx((6 / q - 3) / 4, rel=0.15)


def test_shocks_without_a_mean_are_refused():
    with pytest.raises(ValidationError, match=r"volatility is 1\.2; .*below 0\.97"):
        Market(volatility=1.2, shock_rate=0.5)
    assert Market(volatility=1.2, shock_rate=50.0).spread < 1.0


def test_growth_calms_down_with_size():
    sizes = np.array([1.0, 10.0, 100.0, 1000.0])
    numbers = {"volatility": 0.4, "volatility_slope": 0.18, "shock_rate": ALWAYS}
    spread = [shocks_of(s, **numbers).std() for s in sizes]
    slope = np.polyfit(np.log(sizes), np.log(spread), 1)[0]
    assert slope == pytest.approx(-0.18, abs=0.01)


def test_without_volatility_there_is_no_luck():
    assert shocks_of(10.0, volatility=0.0) == pytest.approx(np.zeros(40_000), abs=1e-12)


def test_the_boldest_luck_is_still_finite():
    x = shocks_of(1.0, volatility=1.9, shock_rate=ALWAYS)
    assert np.isfinite(x).all()


# The replicator: its theory is verified in tests/verification.


def test_without_selection_nothing_moves():
    world = level(world_of([[0.2, 0.2], [0.9, 0.9]], size=[30.0, 10.0]))
    market = Market(**REPLICATOR, selection=0.0)
    for step in range(4):
        market.apply(world, luck(step))
        world.actors.size[:] = world.actors.orders  # everybody is hired at once
    assert world.actors.size == pytest.approx([30.0, 10.0])


# Levers and public money.


def test_skill_is_part_of_productivity_and_of_its_means():
    world = world_of([[0.8, 0.4]] * 2, size=[30.0, 10.0])
    world.levers.put("skill", [1], 0.2)
    Market(**REPLICATOR).apply(world, luck())
    assert world.actors.log_productivity == pytest.approx(np.log(0.6) + np.array([0.0, 0.2]))
    assert world.sectors.home_log_productivity == pytest.approx([np.log(0.6) + 0.05])


def test_access_adds_to_growth_and_to_nothing_else():
    world = world_of([[0.8, 0.4]] * 2, size=[30.0, 10.0])
    world.levers.put("access", [1], 0.2)
    Market(**REPLICATOR, selection=0.4).apply(world, luck())
    grown = world.actors.orders / world.actors.size
    assert grown[1] / grown[0] == pytest.approx(np.exp(0.4 * 0.25 * 0.2))
    assert world.actors.log_productivity == pytest.approx([np.log(0.6)] * 2)


@pytest.mark.parametrize(("lever", "crowded"), [(0.0, 0.0), (0.5, 0.5), (2.0, 2.0)])
def test_a_lever_changes_what_crowding_takes_but_not_what_room_gives(lever, crowded):
    # Twice the usual jobs in the first region, half of them in the second.
    world = world_of([[0.8, 0.4]] * 2, ((1000.0,), (1000.0,)), region=[0, 1], size=80.0)
    world.regions.jobs_usual[:] = [40.0, 160.0]
    world.levers.put("crowding", [0, 1], lever)
    Market(congestion=0.1, externalities=False).apply(world, luck())
    expected = np.log(0.6) + 0.1 * np.log(2.0) * np.array([-crowded, 1.0])
    assert world.actors.log_productivity == pytest.approx(expected)


def test_publicly_funded_research_costs_no_growth():
    # Own R&D is 0.1 and 0.04; the mean by jobs is (0.1 * 30 + 0.04 * 10) / 40 = 0.085.
    world = world_of(
        [[0.8, 0.4]] * 3, size=[30.0, 10.0, 0.0], research=[0.1, 0.1, 0.04], funded=[0.0, 0.06, 0]
    )
    world.actors.size[2] = 1e-9
    Market(**REPLICATOR, selection=0.4, research_pressure=2.0).apply(world, luck())
    grown = world.actors.orders / world.actors.size
    assert grown[1] / grown[0] == pytest.approx(np.exp(0.1 * 2.0 * 0.06))
    assert grown[2] == pytest.approx(grown[1])


@pytest.mark.parametrize(
    "wrong", [{"selection": -0.1}, {"volatility": 2.0}, {"externalities": "perhaps"}]
)
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Market(**wrong)
