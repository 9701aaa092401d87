import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from scipy import stats

from clustersim.mechanisms.collaboration import Collaboration
from clustersim.mechanisms.exit import Exit
from clustersim.mechanisms.finance import Finance
from clustersim.mechanisms.labour import Labour
from clustersim.mechanisms.learning import Learning
from clustersim.mechanisms.market import Market
from clustersim.mechanisms.shocks import (
    AnchorExit,
    CreditCrunch,
    DemandShock,
    EnergyPrice,
    Pandemic,
    Shocks,
    SupplyOutage,
    TalentLoss,
    Technology,
)
from clustersim.recorder import paradigm_pair
from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.shock import strikes
from tests.reference.small_world import SHOCKS as EVERY_SHOCK
from tests.reference.small_world import small_schedule, small_world
from tests.worlds import add_actors, add_ties, empty_world, living_world, luck, paradigm

START = 2000


def world_of():
    world = empty_world(((100.0, 100.0), (100.0, 100.0)), start_year=START)
    add_actors(
        world,
        np.ones((5, 2)),
        region=[0, 0, 0, 0, 1],
        sector=[0, 0, 0, 1, 0],
        size=[5.0, 30.0, 20.0, 90.0, 80.0],
    )
    add_actors(world, [[1.0, 1.0]], Kind.RTO, sector=0, size=500.0)
    return world


def course(world, shocks, years):
    factors = []
    for year in years:
        world.clock.step = round(4 * (year - START))
        Shocks(events=shocks).apply(world, luck())
        factors.append(world.sectors.demand_factor.copy())
    return np.array(factors)


def test_demand_falls_at_once_and_recovers():
    shock = DemandShock(kind="demand", year=2005.0, sector="s1", depth=0.4, recovery=2.0)
    factors = course(world_of(), [shock], [2004.75, 2005.0, 2005.5, 2007.0, 2060.0])
    expected = [1.0, 0.6, 1 - 0.4 * np.exp(-0.25), 1 - 0.4 / np.e, 1.0]
    assert factors[:, 1] == pytest.approx(np.array(expected), abs=1e-9)
    assert (factors[:, 0] == 1.0).all()


def test_a_shock_without_sector_strikes_all_and_shocks_multiply():
    shocks = [
        DemandShock(kind="demand", year=2005.0, depth=0.5, recovery=1.0),
        DemandShock(kind="demand", year=2006.0, sector="s0", depth=0.2, recovery=1.0),
    ]
    (factors,) = course(world_of(), shocks, [2006.0])
    all_sectors = 1 - 0.5 / np.e
    assert factors == pytest.approx([all_sectors * 0.8, all_sectors])


def test_a_shock_within_a_quarter_begins_with_the_next():
    shock = DemandShock(kind="demand", year=2005.1, depth=0.4, recovery=2.0)
    factors = course(world_of(), [shock], [2005.0, 2005.25])
    assert factors[0].tolist() == [1.0, 1.0]
    assert factors[1] == pytest.approx([1 - 0.4 * np.exp(-0.075)] * 2)


@pytest.mark.parametrize("year", [2003.5, 2003.6, 2003.74])
def test_the_largest_firm_of_the_place_leaves_in_its_quarter_only(year):
    world = world_of()
    add_ties(world, [1, 0], [3, 3])
    people = world.jobs() + world.places.unemployed
    event = AnchorExit(kind="anchor_exit", year=year, region="r0", sector="s0")
    course(world, [event], [2003.25])
    assert world.firms().sum() == 5
    course(world, [event], [2003.5])
    assert world.actors.alive.tolist() == [True, False, True, True, True, True]
    assert world.jobs() + world.places.unemployed == pytest.approx(people)
    assert world.flows.jobs_lost_to_exit.tolist() == [[30.0, 0.0], [0.0, 0.0]]
    assert len(world.ties.collaboration) == 1
    course(world, [event], [2003.75])
    assert world.firms().sum() == 4


def test_where_there_is_no_firm_nobody_leaves():
    world = world_of()
    event = AnchorExit(kind="anchor_exit", year=2000.0, region="r1", sector="s1")
    course(world, [event], [2000.0])
    assert world.firms().sum() == 5


def conditions(world, shocks, years):
    """Apply shocks in some years; return the conditions of each."""
    seen = []
    for year in years:
        world.clock.step = round(4 * (year - START))
        Shocks(events=shocks).apply(world, luck())
        seen.append({name: values.copy() for name, values in vars(world.conditions).items()})
    return seen


def one_by_one(seen, name):
    return [float(now[name][0]) for now in seen]


def test_an_outage_lasts_then_fades_where_it_struck():
    shock = SupplyOutage(
        kind="supply_outage", year=2005, region="r1", sector="s0", depth=0.4, length=0.5, recovery=2
    )
    seen = conditions(world_of(), [shock], [2004.75, 2005.0, 2005.5, 2007.5])
    assert [now["output"][1, 0] for now in seen] == pytest.approx(
        [1.0, 0.6, 0.6, 1 - 0.4 / np.e], abs=1e-12
    )
    others = [now["output"].copy() for now in seen]
    for output in others:
        output[1, 0] = 1.0
        assert (output == 1.0).all()


def test_outages_multiply_and_may_strike_everything():
    shocks = [
        SupplyOutage(kind="supply_outage", year=2000, depth=0.5),
        SupplyOutage(kind="supply_outage", year=2000, region="r0", depth=0.2),
        SupplyOutage(kind="supply_outage", year=2000, sector="s1", depth=0.5),
    ]
    (now,) = conditions(world_of(), shocks, [2000.0])
    assert now["output"] == pytest.approx(np.array([[0.4, 0.2], [0.5, 0.25]]))


def test_a_pandemic_takes_demand_capacity_travel_and_skill():
    world = world_of()
    shock = Pandemic(kind="pandemic", year=2001, travel=0.9, length=1.0, skill=0.25)
    seen = conditions(world, [shock], [2000.75, 2001.0, 2001.25, 2002.0])
    left = np.exp(-0.25 / 0.2)
    assert one_by_one(seen, "travel") == pytest.approx([1.0, 0.1, 0.1, 1.0])
    assert [now["output"][0, 1] for now in seen[:3]] == pytest.approx([1.0, 0.9, 1 - 0.1 * left])
    assert (world.places.skill == 0.75).all()  # once, not in every quarter
    world.clock.step = 5
    Shocks(events=[shock]).apply(world, luck())
    assert world.sectors.demand_factor == pytest.approx([1 - 0.1 * left] * 2)


def test_the_pandemic_is_that_of_2020():
    """Monthly losses of Eurostat, averaged over quarters, against demand times capacity."""
    april = 1 - (1 - 0.107) * (1 - 0.182)
    monthly = april * (0.053 / april) ** (np.arange(13) / 4)  # 5.3 % four months later
    shock = Pandemic(kind="pandemic", year=2020)
    for quarter, allowed in ((0, 0.005), (1, 0.005), (2, 0.02), (3, 0.01)):
        left = np.exp(-quarter / 4 / shock.recovery)
        lost = 1 - (1 - shock.demand * left) * (1 - shock.supply * left)
        seen = monthly[3 * quarter : 3 * quarter + 3].mean()
        assert lost == pytest.approx(seen, abs=allowed)
    assert monthly[12] < 0.003  # level again in April 2021


def test_the_price_of_energy_jumps_and_a_part_stays():
    shock = EnergyPrice(kind="energy_price", year=2001, factor=3.0, recovery=2.0, lasting=0.25)
    seen = conditions(world_of(), [shock], [2000.75, 2001.0, 2003.0, 2099.0])
    assert one_by_one(seen, "energy_price") == pytest.approx(
        [1.0, 3.0, 1 + 2 * (0.25 + 0.75 / np.e), 1.5]
    )


def test_credit_falls_and_comes_back():
    shock = CreditCrunch(kind="credit_crunch", year=2001, depth=0.8, recovery=2.0)
    seen = conditions(world_of(), [shock], [2000.75, 2001.0, 2003.0])
    assert one_by_one(seen, "credit") == pytest.approx([1.0, 0.2, 1 - 0.8 / np.e])


def test_talent_loss_takes_skill_and_knowledge_there_and_once():
    world = world_of()
    add_ties(world, [0], [1])
    shock = TalentLoss(
        kind="talent_loss", year=2001, region="r0", sector="s0", depth=0.4, tacit=0.25
    )
    people = world.jobs() + world.places.unemployed
    conditions(world, [shock], [2000.75, 2001.0, 2001.25])
    assert world.places.skill == pytest.approx(np.array([[0.6, 1.0], [1.0, 1.0]]))
    assert world.actors.knowledge[:5, 0] == pytest.approx([0.75, 0.75, 0.75, 1.0, 1.0])
    assert world.actors.knowledge[5] == pytest.approx([1.0, 1.0])  # the RTO keeps what it knows
    assert world.jobs() + world.places.unemployed == pytest.approx(people)
    assert len(world.ties.collaboration) == 1


def test_people_who_leave_look_for_work_where_firms_of_their_sector_are():
    world = empty_world(((100.0, 100.0), (100.0, 100.0), (100.0, 100.0)), start_year=START)
    # s0: 60 at work in r0; r1 has 30 jobs and wants 50, r2 has 150 and wants 120. s1: r0 only.
    add_actors(
        world,
        np.ones((5, 2)),
        region=[0, 0, 1, 2, 0],
        sector=[0, 0, 0, 0, 1],
        size=[40.0, 20.0, 30.0, 150.0, 10.0],
        orders=[40.0, 20.0, 50.0, 120.0, 10.0],
    )
    world.places.unemployed[:] = [[10.0, 5.0], [1.0, 2.0], [3.0, 4.0]]
    shock = TalentLoss(kind="talent_loss", year=2001, region="r0", depth=0.1, leave=0.2)
    conditions(world, [shock], [2000.75, 2001.0, 2001.25])
    # 0.2 * (60 + 10) = 14 go to r1 and r2 as 50 to 150; of s1 there is nobody elsewhere.
    assert world.actors.size == pytest.approx([32.0, 16.0, 30.0, 150.0, 10.0])
    assert world.actors.orders == pytest.approx([40.0, 20.0, 50.0, 120.0, 10.0])
    assert world.places.unemployed == pytest.approx(
        np.array([[8.0, 5.0], [1.0 + 3.5, 2.0], [3.0 + 10.5, 4.0]])
    )


@pytest.mark.parametrize("leave", [0.0, 0.3])
def test_the_hardest_hit_regions_lose_skill_and_people_to_the_others(leave):
    world = small_world(1)
    people = world.jobs() + world.places.unemployed
    start = world.clock.year
    shock = Pandemic(kind="pandemic", year=start, skill=0.5, leave=leave, hardest=("north", "east"))
    Shocks(events=[shock]).apply(world, luck())
    assert world.places.skill.tolist() == [[0.5] * 3] * 2 + [[1.0] * 3] * 2
    now = world.jobs() + world.places.unemployed
    assert now.sum(axis=0) == pytest.approx(people.sum(axis=0), rel=1e-12)
    assert now[:2] == pytest.approx((1.0 - leave) * people[:2])
    assert (now[2:].sum(axis=0) > people[2:].sum(axis=0)).all() == (leave > 0.0)


def test_where_no_region_is_spared_nobody_leaves():
    for hardest in ((), ("north", "east", "south", "west")):
        world = small_world(1)
        before = world.actors.size.copy(), world.places.unemployed.copy()
        shock = Pandemic(kind="pandemic", year=world.clock.year, leave=0.5, hardest=hardest)
        Shocks(events=[shock]).apply(world, luck())
        assert np.array_equal(world.actors.size, before[0])
        assert np.array_equal(world.places.unemployed, before[1])
        assert (world.places.skill == 0.98).all()


def test_a_pandemic_hits_exporters_harder_and_all_as_much_as_is_said():
    world = world_of()
    world.sectors.export_share[:] = [0.6, 0.1]
    world.sectors.demand_start[:] = [100.0, 300.0]
    shock = Pandemic(kind="pandemic", year=2001, demand=0.2, exports=2.0)
    (now,) = conditions(world, [shock], [2001.0])
    # The mean share is 0.225, so that s0 loses 0.2 * 2.2 / 1.45 and s1 0.2 * 1.2 / 1.45.
    lost = 1.0 - world.sectors.demand_factor
    assert lost == pytest.approx([0.2 * 2.2 / 1.45, 0.2 * 1.2 / 1.45])
    assert (lost * [100.0, 300.0]).sum() == pytest.approx(0.2 * 400.0)
    assert now["output"] == pytest.approx(np.full((2, 2), 0.9))  # capacity is lost alike


def test_a_pandemic_hits_some_sectors_harder():
    world = world_of()
    shock = Pandemic(kind="pandemic", year=2001, demand=0.3, severity={"s0": 5.0, "s1": 0.5})
    (now,) = conditions(world, [shock], [2001.0])
    assert 1.0 - world.sectors.demand_factor == pytest.approx([0.99, 0.15])
    assert now["output"] == pytest.approx(np.array([[0.5, 0.95]] * 2))


# Technology.


def world_of_paradigms():
    """Sector s0 changes in 2020 and 2040, s1 never."""
    return empty_world(
        ((10.0, 10.0),),
        paradigms=(
            (
                paradigm((1, 0, 0)),
                paradigm((0, 1, 0), year=2020, width=2),
                paradigm((0, 1, 1), year=2040, width=1),
            ),
            (paradigm((0, 0, 1)),),
        ),
        n_fields=3,
        start_year=START,
    )


def test_the_next_paradigm_is_brought_forward():
    world = world_of_paradigms()
    shock = Technology(kind="technology", year=2005, sector="s0")
    conditions(world, [shock], [2004.75])
    assert world.sectors.paradigm_year[0].tolist() == [-np.inf, 2020, 2040]
    conditions(world, [shock], [2005.0, 2005.25])
    # Half-way three widths of 2 years after it begins, and only one is brought forward.
    assert world.sectors.paradigm_year[0].tolist() == [-np.inf, 2011, 2040]
    assert world.sectors.paradigm_year[1].tolist() == [-np.inf, np.inf, np.inf]
    older, newer = paradigm_pair(world.sectors, 2005.25)
    assert older[0].tolist() == [1, 0, 0]
    assert newer[0].tolist() == [0, 1, 0]


def test_a_paradigm_that_has_begun_is_not_brought_forward_again():
    world = world_of_paradigms()
    shock = Technology(kind="technology", year=2015, sector="s0", width=4)
    conditions(world, [shock], [2015.0])  # that of 2020 began in 2014
    assert world.sectors.paradigm_year[0].tolist() == [-np.inf, 2020, 2027]
    assert world.sectors.paradigm_width[0].tolist() == [3, 2, 4]


def world_of_many_fields():
    """One sector that changes in 2020; 20 fields, of which 10 to 19 are digital or green."""
    tags = {m: ("digital",) if m % 2 else ("green",) for m in range(10, 20)}
    weights = [1.0 / (m + 1) if m < 5 else 0.0 for m in range(20)]
    return empty_world(
        ((10.0, 10.0),),
        paradigms=((paradigm(weights), paradigm(weights[::-1], year=2020, width=2)),) * 2,
        n_fields=20,
        tags=tags,
        start_year=START,
    )


def drawn(years, seed=1, sector="s0"):
    """Let technologies come by themselves in some years; return the paradigms of the sector."""
    world = world_of_many_fields()
    shocks = [Technology(kind="technology", year=year, sector=sector) for year in years]
    draws = Draws(seed)
    for year in years:
        world.clock.step = draws.step = round(4 * (year - START))
        Shocks(events=shocks).apply(world, draws)
    for row in world.sectors.paradigm_year:
        assert row.tolist() == sorted(row)
    s = world.sectors.names.index(sector)
    return world.sectors.paradigm_year[s].tolist(), world.sectors.paradigm_weights[s]


def test_where_no_paradigm_is_to_come_one_is_drawn():
    years, weights = drawn([2030.0, 2050.0])
    assert years == [-np.inf, 2020, 2039, 2059]
    geometric = 0.72 ** np.arange(8)
    for new in weights[2:]:
        assert np.sort(new)[::-1][:8] == pytest.approx(geometric / geometric.sum())
        assert (new > 0).sum() == 8
    assert not np.array_equal(weights[2], weights[3])


def test_a_drawn_paradigm_is_luck_of_the_sector_and_not_of_the_time():
    (_, first), (_, later), (_, other), (_, elsewhere) = (
        drawn([2030.0]),
        drawn([2041.0]),
        drawn([2030.0], seed=2),
        drawn([2030.0], sector="s1"),
    )
    assert np.array_equal(first[2], later[2])
    assert not np.array_equal(first[2], other[2])
    assert not np.array_equal(first[2], elsewhere[2])


def test_drawn_paradigms_prefer_the_digital_and_green_and_what_the_sector_uses():
    weights = np.array([drawn([2030.0], seed)[1][2] for seed in range(40)])
    twin, used = weights[:, 10:].sum(axis=1), weights[:, 15:].sum(axis=1)
    assert twin.mean() > 0.6  # half of the fields
    assert used.mean() > 0.4  # a quarter of them


def test_a_paradigm_never_overtakes_the_one_before_it():
    world = world_of_paradigms()
    shocks = [Technology(kind="technology", year=2015, sector="s0", width=0.5)]
    conditions(world, shocks, [2015.0])  # would be half-way in 2016.5, before that of 2020
    assert world.sectors.paradigm_year[0].tolist() == [-np.inf, 2020, 2020]


def test_a_new_paradigm_takes_its_place_in_the_order_of_years():
    world = world_of_paradigms()
    shock = Technology(
        kind="technology", year=2020, sector="s0", width=2, weights={"field 0": 1, "field 2": 3}
    )
    conditions(world, [shock], [2020.0])
    sectors = world.sectors
    assert sectors.paradigm_year.tolist() == [[-np.inf, 2020, 2026, 2040], [-np.inf] + [np.inf] * 3]
    assert sectors.paradigm_weights[0].tolist() == [
        [1, 0, 0],
        [0, 1, 0],
        [0.25, 0, 0.75],
        [0, 0.5, 0.5],
    ]
    assert sectors.has_paradigm.tolist() == [[True] * 4, [True, False, False, False]]
    assert (sectors.paradigm_weights[1] == [0, 0, 1]).all()


def test_a_sector_with_room_takes_a_new_paradigm_without_growth():
    world = world_of_paradigms()
    shock = Technology(kind="technology", year=2001, sector="s1", weights={"field 1": 2})
    conditions(world, [shock], [2001.0])
    sectors = world.sectors
    assert sectors.paradigm_year.tolist() == [[-np.inf, 2020, 2040], [-np.inf, 2010, np.inf]]
    assert sectors.paradigm_weights[1].tolist() == [[0, 0, 1], [0, 1, 0], [0, 1, 0]]
    assert sectors.has_paradigm[1].tolist() == [True, True, False]


@pytest.mark.parametrize(("year", "struck"), [(-0.5, 0), (0.0, 1), (4.9, 1), (5.0, 0)])
def test_only_what_is_scheduled_from_the_start_on_has_struck(year, struck):
    shock = DemandShock(kind="demand", year=START + year, depth=0.1)
    assert len(strikes([shock], Draws(1), START, 19)[0]) == struck


# Random times.


def test_random_shocks_strike_at_their_rate():
    shock = DemandShock(kind="demand", rate=0.4, depth=0.1)
    counts = [len(strikes([shock], Draws(seed), START, 399)[0]) for seed in range(60)]
    expected = 400 * (1 - np.exp(-0.1))
    spread = np.sqrt(400 * np.exp(-0.1) * (1 - np.exp(-0.1)) / 60)
    assert np.mean(counts) == pytest.approx(expected, abs=3 * spread)


def test_the_luck_of_a_shock_is_its_own():
    demand = DemandShock(kind="demand", rate=0.5, depth=0.1)
    outage = SupplyOutage(kind="supply_outage", rate=0.5, depth=0.1)
    again = DemandShock(kind="demand", rate=0.5, depth=0.9)

    def times(*shocks):
        return strikes(shocks, Draws(3), START, 199)

    (alone,) = times(demand)
    assert len(alone) > 10
    assert times(outage, demand)[1] == alone
    assert times(again) == [alone]  # how deep it is does not matter to when it strikes
    first, second = times(demand, again)
    assert first == alone != second
    off = demand.model_copy(update={"enabled": False})
    assert times(off, again) == [[], second]


def test_times_of_the_past_do_not_change():
    shock = DemandShock(kind="demand", rate=0.5, depth=0.1)
    longer = strikes([shock], Draws(3), START, 199)[0]
    shorter = strikes([shock], Draws(3), START, 99)[0]
    assert longer[: len(shorter)] == shorter
    assert all(year * 4 == int(year * 4) for year in longer)


def test_random_strikes_add_up():
    shock = DemandShock(kind="demand", rate=2.0, depth=0.3, recovery=0.5)
    years = [START + k / 4 for k in range(40)]
    factors = course(world_of(), [shock], years)[:, 0]
    struck = strikes([shock], luck(), START, 39)[0]
    expected = [
        np.prod([1 - 0.3 * np.exp(-(now - year) / 0.5) for year in struck if year <= now])
        for now in years
    ]
    assert len(struck) > 3
    assert factors == pytest.approx(np.array(expected))


# Who feels it.


@pytest.mark.parametrize("visits", [0.0, 0.4])
def test_tacit_learning_over_distance_needs_travel(visits):
    # Ends in one region learn as ever; between regions what is written down is left.
    exchange = {
        "tacit_km": 200.0,
        "codified_km": 500.0,
        "research_half": 0.03,
        "experience": 0.0,
        "visits": visits,
    }
    learnt = {}
    for travel in (1.0, 0.0):
        world = empty_world(((1.0,), (1.0,)), exchange=exchange)
        add_actors(
            world,
            [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]],
            region=[0, 0, 0, 1],
        )
        add_ties(world, [0, 2], [1, 3], km=100.0, trust=0.01)
        world.conditions.travel[:] = travel
        Learning(tie_rate=0.1).apply(world, luck())
        learnt[travel] = world.actors.knowledge[[0, 2], 1].copy()
    assert learnt[1.0][0] == learnt[1.0][1] == learnt[0.0][0]
    tacit, codified = np.exp(-0.5), np.exp(-0.2)
    # Little is learnt, so that what is learnt is in proportion to W.
    left = (1.0 - visits) * codified / (tacit + codified)
    assert learnt[0.0][1] / learnt[1.0][1] == pytest.approx(left, rel=1e-3)


def projects_made(travel, **exchange):
    """Let 400 actors of two regions, 20 km apart, meet anybody; return the pairs of each sort."""
    only = {"social": 0.0, "organisational": 0.0, "institutional": 0.01, "closure": 0.0}
    world = empty_world(((1.0,), (1.0,)), exchange=exchange)
    rng = np.random.default_rng(1)
    add_actors(world, rng.random((400, 2)), region=np.arange(400) % 2, x=np.arange(400) % 2 * 20.0)
    world.conditions.travel[:] = travel
    Collaboration(**only, milieu=0.0, region=0.0, meeting_rate=50.0).apply(world, luck())
    layer, region = world.ties.collaboration, world.actors.region
    pairs = list(zip(layer.first.tolist(), layer.second.tolist(), strict=True))
    apart = {pair for pair in pairs if region[pair[0]] != region[pair[1]]}
    return apart, set(pairs) - apart


def test_people_of_other_regions_are_met_in_proportion_to_travel():
    # Only the meeting needs travel here: what is exchanged is written down.
    apart, together = zip(
        *(projects_made(travel, visits=0.0) for travel in (1.0, 0.5, 0.2, 0.0)), strict=True
    )
    assert apart[0] > apart[1] > apart[2] > apart[3] == set()
    n = len(apart[0])
    for met, share in zip(apart[1:3], (0.5, 0.2), strict=True):
        spread = np.sqrt(n * share * (1.0 - share))
        assert len(met) == pytest.approx(share * n, abs=3 * spread)
    assert together[0] == together[1] == together[2] == together[3] != set()


def test_projects_over_distance_need_visits():
    # The same people meet: those agree who would have agreed without visits, and no others.
    near, far = {"tacit_km": 50.0, "codified_km": 0.1}, {"visits": 1.0}
    for exchange in (near, far):
        every, half = (projects_made(travel, **exchange)[0] for travel in (1.0, 0.5))
        met = projects_made(0.5, visits=0.0, tacit_km=1e-3, codified_km=20_000.0)[0]
        assert half < every
        assert len(half) < 0.7 * len(met)


def test_banks_that_lend_less_let_indebted_firms_close():
    nobody = {"hazard_old": 0.0, "hazard_young": 0.0, "least_jobs": 0.0}
    for credit, left in ((1.0, 3), (0.5, 2), (0.0, 1)):
        world = empty_world()
        add_actors(world, np.ones((3, 2)), size=10.0, cash=[0.0, -60_000.0, -150_000.0])
        world.regions.wage[:] = 40_000.0
        world.conditions.credit[:] = credit
        Exit(**nobody, debt_limit=0.5).apply(world, luck())
        assert world.firms().sum() == left


def world_of_two_sectors():
    """Two firms of each sector, the second of each green; carbon intensities 0.1 and 0.3."""
    world = empty_world(((10.0, 10.0),))
    add_actors(
        world, np.ones((4, 2)), sector=[0, 0, 1, 1], green=[False, True, False, True], size=10.0
    )
    world.sectors.carbon_intensity[:] = [0.1, 0.3]
    return world


def test_dear_energy_costs_money_by_carbon_intensity_and_less_when_green():
    costs = []
    for price in (1.0, 3.0):
        world = world_of_two_sectors()
        world.conditions.energy_price[:] = price
        Finance(energy_cost=2000.0, tax=0.0).apply(world, luck())
        costs.append(world.actors.cash.copy())
    # Twice 2,000 euro more a job and year, times 0.5 or 1.5, for 10 jobs and a quarter.
    expected = 4000.0 * np.array([0.5, 0.3, 1.5, 0.9]) * 10 / 4
    assert costs[0] - costs[1] == pytest.approx(expected)


def test_dear_energy_costs_orders_by_carbon_intensity_and_less_when_green():
    orders = []
    numbers = {"volatility": 0.0, "selection": 0.4, "wage_pressure": 0.0}
    for price in (1.0, 3.0):
        world = world_of_two_sectors()
        world.conditions.energy_price[:] = price
        Market(**numbers, energy_pressure=0.5).apply(world, luck())
        orders.append(world.actors.orders.copy())
    ratio = orders[1] / orders[0]
    pressure = 0.4 / 4 * 0.5 * np.log(3.0) * np.array([0.5, 0.3, 1.5, 0.9])
    # Each market is scaled to its demand, so firms of one sector are compared.
    assert ratio[1] / ratio[0] == pytest.approx(np.exp(pressure[0] - pressure[1]))
    assert ratio[3] / ratio[2] == pytest.approx(np.exp(pressure[2] - pressure[3]))
    assert (ratio[[0, 2]] < ratio[[1, 3]]).all()
    assert ratio[2] < ratio[0] < 1.0


def test_where_no_sector_emits_the_price_does_not_matter():
    world = world_of_two_sectors()
    world.sectors.carbon_intensity[:] = 0.0
    world.conditions.energy_price[:] = 3.0
    Finance(energy_cost=2000.0).apply(world, luck())
    other = world_of_two_sectors()
    Finance(energy_cost=2000.0).apply(other, luck())
    assert world.actors.cash.tolist() == other.actors.cash.tolist()


def test_lost_skill_makes_matching_worse_and_pools_thinner_and_comes_back():
    idle = {"retraining": 0.0, "migration": 0.0}
    found = {}
    for skill in (1.0, 0.5):
        world = empty_world()
        add_actors(world, [[1.0, 1.0]], size=100.0, orders=125.0)
        world.places.unemployed[:] = 100.0
        world.places.skill[:] = skill
        Labour(**idle, efficiency=0.2, matching_gain=0.1, reskilling=0.8).apply(world, luck())
        hired = world.actors.size[0] - 100.0
        found[skill] = (hired, world.places.labour_advantage[0, 0], world.places.skill[0, 0])
        assert world.jobs().sum() + world.places.unemployed.sum() == pytest.approx(200.0)
    assert found[1.0] == pytest.approx((0.2 * 50.0, 0.1 * np.log(1.2), 1.0))
    assert found[0.5] == pytest.approx((0.1 * 50.0, 0.1 * np.log(1.1), 1 - 0.5 * np.exp(-0.2)))
    assert found[1.0][2] == 1.0


# Nothing happens where nothing happens.


def everything(world):
    tables = [world.actors, world.places, world.sectors, world.regions, world.conditions]
    arrays = {}
    for table in tables:
        for name in dir(table):
            value = getattr(table, name, None)
            if isinstance(value, np.ndarray) and not name.startswith("_"):
                arrays[f"{type(table).__name__}.{name}"] = value.tobytes()
    return arrays


def run(**parameters):
    world = living_world()
    Simulation(world, mechanisms(parameters), seed=7).run(16)
    return everything(world)


def test_without_a_shock_at_work_nothing_changes_to_the_last_bit():
    asleep = [
        DemandShock(kind="demand", year=2001, depth=0.5, enabled=False),
        Pandemic(kind="pandemic", rate=5.0, enabled=False),
        Technology(kind="technology", year=2999, sector="s0"),
        TalentLoss(kind="talent_loss", year=2999, region="r0", depth=0.5, leave=0.5),
        Pandemic(kind="pandemic", year=2999, leave=0.5, hardest=("r0",), severity={"s0": 3.0}),
    ]
    usual = run()
    assert "Places.skill" in usual
    assert run(shocks={"events": asleep}) == usual
    assert run(shocks={"enabled": False}) == usual


@pytest.mark.parametrize(
    "parameters",
    [
        {"market": {"energy_pressure": 3.0}},
        {"finance": {"energy_cost": 9000.0}},
        {"labour": {"reskilling": 5.0}},
    ],
    ids=str,
)
def test_parameters_of_shocks_count_under_shocks_only(parameters):
    assert run(**parameters) == run()
    start = living_world().clock.year
    shocks = (
        EnergyPrice(kind="energy_price", year=start + 1, factor=3.0),
        TalentLoss(kind="talent_loss", year=start + 1, region="r0", depth=0.5),
    )
    events = {"shocks": {"events": shocks}}
    assert run(**parameters, **events) != run(**events)


def test_without_shocks_demand_is_what_it_is():
    world = world_of()
    world.sectors.demand_factor[:] = 0.3
    Shocks().apply(world, luck())
    assert world.sectors.demand_factor.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"kind": "demand", "year": 2005, "depth": 1.0}, "less than 1"),
        ({"kind": "demand", "year": 2005, "depth": 0.0}, "greater than 0"),
        ({"kind": "demand", "year": 2005, "depth": 0.5, "recovery": 0}, "greater than 0"),
        ({"kind": "demand", "year": 2005}, "Field required"),
        ({"kind": "anchor_exit", "year": 2005, "region": "r0"}, "Field required"),
        ({"kind": "demand", "depth": 0.5}, "give one of them"),
        ({"kind": "pandemic", "year": 2005, "rate": 1.0}, "give one of them"),
        ({"kind": "pandemic", "rate": 0.0}, "greater than 0"),
        ({"kind": "energy_price", "year": 2005}, "Field required"),
        ({"kind": "energy_price", "year": 2005, "factor": 0.0}, "greater than or equal to 0.1"),
        ({"kind": "technology", "year": 2005, "sector": "s0", "weights": {}}, "at least 1"),
        ({"kind": "technology", "year": 2005}, "Field required"),
        ({"kind": "talent_loss", "year": 2005, "depth": 0.5}, "Field required"),
        ({"kind": "credit_crunch", "year": 2005, "depth": 1.5}, "less than or equal to 1"),
        ({"kind": "supply_outage", "year": 2005, "depth": 0.5, "length": -1}, "greater than or"),
        ({"kind": "flood", "year": 2005}, "'demand', 'supply_outage', 'pandemic'"),
    ],
)
def test_shocks_that_make_no_sense_are_refused(event, message):
    with pytest.raises(ValidationError, match=message):
        Shocks(events=[event])


# Whatever strikes.

KEY = ("kind", "region", "sector")
REGIONS, SECTORS = st.sampled_from([None, "r0", "r1"]), st.sampled_from([None, "s0", "s1"])
TIMES = st.one_of(
    st.fixed_dictionaries({"year": st.floats(START, START + 9)}),
    st.fixed_dictionaries({"rate": st.floats(0.1, 3.0)}),
)
SHOCKS = st.builds(
    lambda time, kind: {**time, **kind},
    TIMES,
    st.one_of(
        st.fixed_dictionaries(
            {"kind": st.just("demand"), "sector": SECTORS, "depth": st.floats(0.01, 0.99)}
        ),
        st.fixed_dictionaries(
            {
                "kind": st.just("supply_outage"),
                "region": REGIONS,
                "sector": SECTORS,
                "depth": st.floats(0.01, 0.99),
                "length": st.floats(0.0, 5.0),
            }
        ),
        st.fixed_dictionaries({"kind": st.just("pandemic"), "travel": st.floats(0.0, 1.0)}),
        st.fixed_dictionaries(
            {
                "kind": st.just("energy_price"),
                "factor": st.floats(0.1, 20.0),
                "lasting": st.floats(0.0, 1.0),
            }
        ),
        st.fixed_dictionaries({"kind": st.just("credit_crunch"), "depth": st.floats(0.01, 1.0)}),
    ),
)


@given(st.lists(SHOCKS, max_size=5), st.integers(0, 39), st.randoms())
def test_conditions_stay_in_their_bounds_in_any_order(shocks, step, random):
    # Shocks of one kind and place share luck by their order, so those keep it.
    shuffled = sorted(shocks, key=lambda shock: (shock["kind"], random.random()))
    alike = {tuple(sorted((k, str(v)) for k, v in one.items() if k in KEY)) for one in shocks}
    found = []
    for events in (shocks, shuffled if len(alike) == len(shocks) else shocks):
        world = world_of()
        world.clock.step = step
        Shocks(events=events).apply(world, luck(step))
        found.append([*vars(world.conditions).values(), world.sectors.demand_factor])
    output, travel, price, credit, demand = found[0]
    for share in (output, travel, credit, demand):
        assert ((share >= 0.0) & (share <= 1.0)).all()
    assert (price > 0.0).all()
    for one, other in zip(*found, strict=True):
        assert one == pytest.approx(other, rel=1e-12)


@pytest.mark.parametrize("seed", [1, 2])
def test_people_are_conserved_whatever_strikes(seed):
    world = small_world(seed)
    people = (world.jobs() + world.places.unemployed).sum()
    Simulation(world, small_schedule(shocks={"events": EVERY_SHOCK}), seed=seed).run(24)
    assert (world.jobs() + world.places.unemployed).sum() == pytest.approx(people, rel=1e-12)
    assert (world.places.skill <= 1.0).all()
    assert (world.places.skill > 0.0).all()
    assert np.isfinite(world.actors.knowledge[world.actors.alive]).all()
    weights = world.sectors.paradigm_weights
    assert weights.sum(axis=2) == pytest.approx(np.ones(weights.shape[:2]))
    assert (
        np.diff(np.where(world.sectors.has_paradigm, world.sectors.paradigm_year, 9e9)[:, 1:])
        >= 0.0
    ).all()


def with_and_without(shock, seed=3):
    """Return the world after three years, with and without a shock."""
    found = []
    for events in ((shock,), ()):
        world = small_world(seed)
        Simulation(world, small_schedule(shocks={"events": events}), seed=seed).run(12)
        found.append(world)
    return found


def test_when_banks_lend_less_more_firms_close():
    shock = CreditCrunch(kind="credit_crunch", year=START + 2.75, depth=1.0)
    pairs = [with_and_without(shock, seed) for seed in range(3, 11)]
    fewer = [spared.firms().sum() - struck.firms().sum() for struck, spared in pairs]
    assert stats.ttest_1samp(fewer, 0.0, alternative="greater").pvalue < 0.05


def test_a_pandemic_costs_jobs():
    shock = Pandemic(kind="pandemic", year=START + 2.5, demand=0.3)
    struck, spared = with_and_without(shock)
    assert struck.jobs().sum() < 0.9 * spared.jobs().sum()


def test_talent_loss_costs_productivity_where_it_strikes():
    shock = TalentLoss(kind="talent_loss", year=START + 2, region="north", depth=0.4, tacit=0.3)
    both = [world.actors for world in with_and_without(shock)]
    for region, less in ((0, True), (2, False)):
        struck, spared = (
            one.log_productivity[(one.kind == Kind.FIRM) & one.alive & (one.region == region)]
            for one in both
        )
        assert (struck.mean() < spared.mean() - 0.2) == less
