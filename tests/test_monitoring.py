"""The tables ``monitoring`` and ``organisations``: by hand, against the ledger, and in life."""

import copy

import numpy as np
import pytest

from clustersim.measures.monitoring import Family
from clustersim.monitoring import (
    COMPARED,
    IN_CLUSTERS,
    INDICATORS,
    MONEY,
    MONITORING,
    ORGANISATIONS,
    Monitor,
)
from clustersim.recorder import CLUSTERS, Recorder
from clustersim.simulation import Simulation
from clustersim.world.actors import Column, Kind
from clustersim.world.first_ties import tie
from clustersim.world.ledger import Purpose
from clustersim.world.public import Standing
from tests.policies.worlds import policy, same
from tests.reference.small_world import START, small_schedule, small_world
from tests.worlds import add_actors, add_ties, empty_world, living_world

SHARES = (
    "collaborating_share",
    "science_share",
    "trust",
    "member_share",
    "innovating_share",
    "research_share",
    "absorption",
    "digital_share",
    "world_share",
    "export_share",
    "multinational_share",
    "exit_rate",
    "in_debt",
    "entry_rate",
    "green_share",
    "unemployment",
)


@pytest.fixture
def world():
    """At scale 10: firms 0 to 2 in r0/s0, 3 in r0/s1, 4 in r1/s0; a university, two offices."""
    world = empty_world(
        ((100.0, 100.0), (100.0, 100.0)), employment_scale=10, start_year=2000, n_fields=2
    )
    world.clock.step = 8
    add_actors(
        world,
        np.tile([0.5, 0.5], (5, 1)),
        region=[0, 0, 0, 0, 1],
        sector=[0, 0, 0, 1, 0],
        size=[30.0, 10.0, 20.0, 4.0, 6.0],
        log_productivity=[0.2, -0.2, 0.4, 0.0, 0.1],
        output=[1.0, 0.5, 1.0, 1.0, 1.0],
        research=[0.0, 0.1, 0.05, 0.02, 0.02],
        cash=[-5.0, 3.0, 0.0, -1.0, 1.0],
        export_share=[0.5, 0.1, 0.2, 0.3, 0.4],
        multinational=[False, True, False, False, False],
        digital=[True, False, False, False, False],
        green=[True, True, False, False, True],
        innovated=[5, 4, 3, 8, -(2**30)],
    )
    add_actors(world, [[1.0, 1.0]], Kind.UNIVERSITY, region=1, research=0.5)
    add_actors(world, [[0.0, 0.0]] * 2, Kind.CLUSTER_ORGANISATION, sector=0, quality=[0.5, 0.75])
    # Between 0 and 1 inside, 0 and 3 in the region, 0 and 5 outside and with science.
    add_ties(world, [0, 0, 0], [1, 3, 5], trust=[0.2, 0.4, 0.9])
    tie(world, "membership", np.array([0, 1, 4, 5]), np.array([6, 6, 6, 6]))
    world.sectors.world_standing[:] = 0.0
    world.sectors.mean_log_productivity[:] = 0.0
    world.sectors.world_jobs[:] = [134.0, 36.0]
    world.sectors.value_added[:] = 50_000.0
    world.places.unemployed[:] = [[20.0, 1.0], [0.5, 0.0]]
    world.regions.wage[:] = [30_000.0, 40_000.0]
    return world


def observed(world, before=None):
    """Return both tables after a look at the world, of a year if there was one before."""
    monitor = Monitor() if before is None else before
    monitor.observe(world)
    return monitor.tables()


def row(table, k=0):
    return {name: values[k] for name, values in table.items()}


# Places


def test_the_families_hold_every_indicator_once():
    names = [name for family in INDICATORS.values() for name in family]
    assert list(INDICATORS) == list(IN_CLUSTERS) == list(COMPARED) == list(Family)
    assert len(names) == len(set(names))
    assert set(names) | {"quarter", "year", "region", "sector"} == set(MONITORING)
    assert set(names).isdisjoint(CLUSTERS)
    told = [name for columns in IN_CLUSTERS.values() for name in columns]
    assert set(told) <= set(CLUSTERS)
    assert len(told) == len(set(told))


def test_every_purpose_of_the_ledger_has_a_column():
    of_accounts = set(Purpose) - {Purpose.LEVY}
    assert {purpose for purpose, _ in MONEY.values()} == of_accounts


def test_a_place_by_hand(world):
    table = observed(world)["monitoring"]
    assert list(table) == list(MONITORING)
    assert table["region"].tolist() == [0, 0, 1]  # r1/s1 has no firm
    assert table["sector"].tolist() == [0, 1, 0]
    found = row(table)
    added = 50_000.0 * np.array([30 * np.exp(0.2), 10 * np.exp(-0.2), 20 * np.exp(0.4)])
    revenue = added * [1.0, 0.5, 1.0]
    exchange = world.exchange
    absorbed = np.mean(
        [
            exchange.experience + (1 - exchange.experience) * r / (r + exchange.research_half)
            for r in (0.0, 0.1, 0.05)
        ]
    )
    expected = {
        "quarter": 8,
        "year": 2002.0,
        "region": 0,
        "sector": 0,
        "collaborations_inside": 2 / 3,
        "collaborations_region": 1 / 3,
        "collaborations_outside": 1 / 3,
        "collaborating_share": 2 / 3,
        "science_share": 1 / 4,
        "trust": (2 * 0.2 + 0.4 + 0.9) / 4,
        "member_share": 2 / 3,
        "innovations_per_firm": np.nan,
        "innovating_share": 2 / 3,  # in steps 5 and 4, but not in 3
        "research_share": (0.1 * revenue[1] + 0.05 * revenue[2]) / revenue.sum(),
        "absorption": absorbed,
        "digital_share": 1 / 3,
        "world_share": 60 / (66 + 134),
        "export_share": (30 * 0.5 + 10 * 0.1 + 20 * 0.2) / 60,
        "multinational_share": 10 / 60,
        "value_added": added.sum() / 60,
        "exit_rate": np.nan,
        "in_debt": 1 / 3,
        "entry_rate": np.nan,
        "green_share": 2 / 3,
        "unemployment": 20 / 80,
        "emission_intensity": np.nan,
        "wage": 30_000.0,
        "organisations": 2,
    }
    assert found == pytest.approx(expected, nan_ok=True)


def test_flows_are_rates_a_year_since_the_last_record(world):
    monitor = Monitor()
    monitor.observe(world)
    world.flows.clear()
    world.clock.step += 2
    for name, value in {"innovations": 6.0, "exits": 1.0, "entries": 2.0, "emissions": 8.0}.items():
        getattr(world.flows, name)[0, 0] = value
    found = row(observed(world, monitor)["monitoring"], 3)
    added = 50_000.0 * (30 * np.exp(0.2) + 10 * np.exp(-0.2) + 20 * np.exp(0.4))
    # Three firms, and one that has left, in half a year; emissions in tonnes.
    assert found["innovations_per_firm"] == pytest.approx(6 / 3 / 0.5)
    assert found["exit_rate"] == pytest.approx(1 / 4 / 0.5)
    assert found["entry_rate"] == pytest.approx(2 / 4 / 0.5)
    assert found["emission_intensity"] == pytest.approx(8_000.0 / (added * 0.5))


def test_value_added_is_unknown_until_the_market_has_met(world):
    world.sectors.world_standing[0] = np.nan
    table = observed(world)["monitoring"]
    assert np.isnan(table["value_added"]).tolist() == [True, False, True]
    assert not np.isnan(table["research_share"]).any()


def test_a_world_without_firms_and_organisations_is_observed():
    tables = observed(empty_world())
    assert list(tables["monitoring"]) == list(MONITORING)
    assert list(tables["organisations"]) == list(ORGANISATIONS)
    assert {values.size for table in tables.values() for values in table.values()} == {0}


def test_looking_changes_nothing():
    world = small_world(1)
    before = copy.deepcopy(world)
    observed(world)
    assert same(world, before)


# Organisations


def test_an_organisation_by_hand(world):
    table = observed(world)["organisations"]
    assert list(table) == list(ORGANISATIONS)
    assert table["id"].tolist() == world.actors.id[[6, 7]].tolist()
    first, second = row(table), row(table, 1)
    # Firms 0 and 1 of the place are members, 2 is not; firm 4 is a member from elsewhere.
    jobs = np.array([30.0, 10.0])
    expected = {
        "quarter": 8,
        "region": 0,
        "sector": 0,
        "excellence": 0.5,
        "member_firms": 30.0,
        "member_universities": 1,
        "member_rtos": 0,
        "member_share": 2 / 3,
        "served": 0.0,
        "public": 0.0,
        "account": 0.0,
        "collaborations_members": 4 / 2,
        "collaborations_others": 0.0,
        "innovating_members": 1.0,
        "innovating_others": 0.0,
        "export_members": (jobs @ [0.5, 0.1]) / 40,
        "export_others": 0.2,
        "productivity_members": (jobs @ [0.2, -0.2]) / 40,
        "productivity_others": 0.4,
        "survival_members": np.nan,
        "growth_others": np.nan,
        "green_members": 1.0,
        "green_others": 0.0,
    }
    known = {name: first[name] for name in expected}
    assert known == pytest.approx(expected, nan_ok=True)
    assert (first["policy"], first["label"], second["label"]) == ("", "none", "silver")
    assert second["member_firms"] == second["member_share"] == 0.0
    assert np.isnan(second["collaborations_members"])
    assert second["collaborations_others"] == pytest.approx(4 / 3)


def test_a_double_membership_counts_once(world):
    tie(world, "membership", np.array([0]), np.array([6]))
    assert observed(world)["organisations"]["member_firms"][0] == 30.0


def test_survival_and_growth_are_those_of_the_firms_of_the_last_record(world):
    monitor = Monitor()
    monitor.observe(world)
    world.dismiss_firms(np.array([1]))
    # The row of the one that left is taken by a newcomer, who is no survivor.
    (newcomer,) = add_actors(world, [[0.5, 0.5]], size=50.0)
    assert newcomer == 1
    world.actors.size[[0, 2]] = [33.0, 10.0]
    world.clock.step += 4
    found = row(observed(world, monitor)["organisations"], 2)
    assert found["survival_members"] == pytest.approx(1 / 2)
    assert found["survival_others"] == 1.0
    assert found["growth_members"] == pytest.approx(33 / 40)
    assert found["growth_others"] == pytest.approx(10 / 20)


def test_a_firm_that_moves_away_has_survived(world):
    monitor = Monitor()
    monitor.observe(world)
    world.actors.region[0] = 1
    world.clock.step += 4
    found = row(observed(world, monitor)["organisations"], 2)
    assert found["survival_members"] == 1.0
    assert found["member_share"] == pytest.approx(1 / 2)
    assert found["member_firms"] == 30.0


def test_an_organisation_founded_since_the_last_record_knows_of_no_past(world):
    monitor = Monitor()
    monitor.observe(world)
    add_actors(
        world, [[0.0, 0.0]], Kind.CLUSTER_ORGANISATION, id=2, region=1, sector=0, quality=0.9
    )
    table = observed(world, monitor)["organisations"]
    assert table["id"][2:].tolist() == sorted(world.actors.id[[6, 7, 8]])
    new = row(table, 2 + int(np.flatnonzero(table["id"][2:] == 2)[0]))
    assert new["label"] == "gold"
    assert np.isnan(new["survival_members"])
    assert np.isnan(new["growth_others"])


def test_an_organisation_without_a_sector_has_no_place(world):
    add_actors(world, [[0.0, 0.0]], Kind.CLUSTER_ORGANISATION, sector=-1)
    tie(world, "membership", np.array([0]), np.array([8]))
    found = row(observed(world)["organisations"], 2)
    assert found["member_firms"] == 10.0
    assert np.isnan(found["member_share"])
    assert all(np.isnan(found[f"collaborations_{who}"]) for who in ("members", "others"))


def test_those_served_in_the_last_quarter_are_counted(world):
    standing = Standing.fresh(("firm_networks", "marketing"), np.ones(2), 4, 0)
    standing.office[0] = world.actors.id[6]
    standing.account[0] = 1234
    world.public.standing["try"] = standing
    until = world.actors.add_column(Column("policy.try.0.until", np.int32, -(2**30), "step", ""))
    # The clock stands at 8 after quarter 7: 0 until 8, 1 until 7; 2 is served, but no member.
    until[[0, 1, 2, 4]] = [8, 7, 20, 12]
    table = observed(world)["organisations"]
    assert table["served"].tolist() == [20.0, 0.0]
    assert table["policy"].tolist() == ["try", ""]
    assert table["account"].tolist() == [12.34, 0.0]


def book(world, purpose, cents, **values):
    usual = {"measure": -1, "payer": -1, "recipient": -1, "kind": -1, "jobs": 0.0, "cost": 0}
    place = {"quarter": 0, "policy": 0, "region": 0, "sector": 0}
    world.public.ledger.book(1, purpose=purpose, cents=cents, **{**usual, **place, **values})


def test_money_is_that_of_the_account_since_the_last_record(world):
    office = int(world.actors.id[6])
    world.public.standing["try"] = Standing.fresh(("marketing",), np.ones(1), 4, 0)
    monitor = Monitor()
    # Given before there was an office; what another account receives is not its.
    book(world, Purpose.APPROPRIATION, 70_000)
    book(world, Purpose.APPROPRIATION, 13, sector=1)
    book(world, Purpose.APPROPRIATION, 11, region=1)
    book(world, Purpose.STAFF, 4, region=1, payer=int(world.actors.id[7]))
    book(world, Purpose.STAFF, 30_001, payer=office)
    book(world, Purpose.FEE, 505, payer=int(world.actors.id[0]), recipient=office)
    book(world, Purpose.MEASURE, 20_000, payer=office, recipient=int(world.actors.id[0]))
    table = observed(world, monitor)["organisations"]
    found, other = row(table), row(table, 1)
    assert [other[name] for name in MONEY] == [0.11, 0.0, 0.04, 0.0, 0.0]
    money = {name: found[name] for name in MONEY}
    assert money == {
        "public": 700.0,
        "fees": 5.05,
        "staff_cost": 300.01,
        "measures": 200.0,
        "returned": 0.0,
    }
    book(world, Purpose.RETURN, 20_504, payer=office)
    found = row(observed(world, monitor)["organisations"], 2)
    assert [found[name] for name in MONEY] == [0.0, 0.0, 0.0, 0.0, 205.04]


def test_money_given_last_and_not_yet_used_is_that_of_the_present_office(world):
    standing = Standing.fresh(("marketing",), np.ones(1), 4, 0)
    standing.office[0] = world.actors.id[7]
    world.public.standing["try"] = standing
    book(world, Purpose.APPROPRIATION, 500)
    assert observed(world)["organisations"]["public"].tolist() == [0.0, 5.0]


# In life


RULES = {"fee": 700.0, "join_rate": 1.0, "cycle": 1.0, "learning": 0.25}


def lively(*policies, quarters=18, every=3, seed=1):
    """Return world and simulation after some quarters of the small world with policies."""
    world = small_world(seed)
    simulation = Simulation(
        world, small_schedule(policy={"policies": policies}), seed=seed, record_every=every
    )
    simulation.run(quarters)
    return world, simulation.tables()


@pytest.fixture(scope="module")
def governed():
    """Two policies with organisations, one that ends and one that moves on; one without any."""
    return lively(
        policy(
            "firm_networks",
            "infrastructure",
            "cluster_partnerships",
            governance=RULES,
            until=START + 3,
        ),
        policy(
            "innovation_voucher",
            name="moves",
            governance={**RULES, "public_share": 1.0},
            identification={"method": "both", "quotient": 0.5, "most": 2, "every": 1.0, "error": 2},
        ),
        policy("marketing", name="alone"),
    )


def test_what_organisations_receive_and_pay_is_the_ledger_to_the_cent(governed):
    world, tables = governed
    ledger, organisations = world.public.ledger.table(), tables["organisations"]
    own = ledger["policy"] < 2
    assert (~own).any()
    for name, (purpose, _) in MONEY.items():
        booked = ledger["cents"][own & (ledger["purpose"] == purpose)].sum()
        found = np.rint(100.0 * organisations[name]).astype(np.int64)
        assert np.array_equal(found / 100.0, organisations[name])
        assert found.sum() == booked > 0, name


def test_what_is_left_is_what_came_less_what_went(governed):
    tables = governed[1]["organisations"]
    ids, at = np.unique(tables["id"], return_inverse=True)
    cents = {name: np.rint(100 * tables[name]).astype(np.int64) for name in (*MONEY, "account")}
    flow = cents["public"] + cents["fees"]
    flow -= cents["staff_cost"] + cents["measures"] + cents["returned"]
    for k in range(ids.size):
        mine = at == k
        assert np.array_equal(np.cumsum(flow[mine]), cents["account"][mine])


def test_every_column_moves(governed):
    tables = governed[1]
    moves_not = {"id"}
    for name, columns in (("monitoring", MONITORING), ("organisations", ORGANISATIONS)):
        for column in columns:
            values = tables[name][column]
            if values.dtype.kind == "f":
                values = values[~np.isnan(values)]
            assert np.unique(values).size > 1 or column in moves_not, f"{name}.{column}"
    assert {"none", "bronze", "silver"} <= set(tables["organisations"]["label"].tolist())


def test_shares_are_shares_and_counts_add_up(governed):
    world, tables = governed
    table, clusters = tables["monitoring"], tables["clusters"]
    for name in SHARES:
        known = table[name][~np.isnan(table[name])]
        if name in {"exit_rate", "entry_rate"}:
            assert (known >= 0).all()
        else:
            assert ((known >= 0) & (known <= 1)).all(), name
    there = clusters["firms"] > 0
    for name in ("quarter", "region", "sector"):
        assert np.array_equal(table[name], clusters[name][there])
    last = clusters["quarter"][there] == world.clock.step
    firms = clusters["firms"][there][last] / world.employment_scale
    per_firm = sum(table[f"collaborations_{where}"] for where in ("inside", "region", "outside"))
    kind, layer = world.actors.kind, world.ties.collaboration
    ends = (kind[layer.first] == Kind.FIRM).sum() + (kind[layer.second] == Kind.FIRM).sum()
    assert (per_firm[last] * firms).sum() == pytest.approx(ends)
    for name in ("digital", "green"):
        adopted = getattr(world.actors, name)[world.actors.rows(Kind.FIRM)].sum()
        assert (table[f"{name}_share"][last] * firms).sum() == pytest.approx(adopted)
    inside = tables["organisations"]["quarter"] == world.clock.step
    assert table["organisations"][last].sum() == inside.sum()
    for name in ("member_share", "survival_members", "survival_others"):
        known = tables["organisations"][name]
        known = known[~np.isnan(known)]
        assert ((known >= 0) & (known <= 1)).all()


def test_a_run_without_policy_is_monitored_as_well():
    world = living_world()
    recorder = Recorder(4)
    recorder.observe(world)
    tables = recorder.tables(world)
    assert tables["monitoring"]["region"].size == 5
    assert tables["organisations"]["member_firms"].size == 3
    assert (tables["organisations"]["public"] == 0.0).all()
    assert "ledger" not in tables


def test_networks_raise_what_monitoring_sees_on_the_same_luck():
    total = np.zeros((2, 2))
    for seed in (1, 2, 3):
        for k, budget in enumerate((0.0, 4e7)):
            one = policy(
                "firm_networks",
                budget=budget,
                governance={**RULES, "staff": 100.0, "join_rate": 20.0, "public_share": 1.0},
            )
            table = lively(one, quarters=8, every=8, seed=seed)[1]["monitoring"]
            chosen = (table["quarter"] == 8) & (
                (table["region"] == 0) & (table["sector"] == 0)
                | (table["region"] == 1) & (table["sector"] == 2)
            )
            total[k, 0] += table["member_share"][chosen].sum()
            total[k, 1] += sum(
                table[f"collaborations_{where}"][chosen].sum()
                for where in ("inside", "region", "outside")
            )
    assert (total[1] > total[0]).all(), total
