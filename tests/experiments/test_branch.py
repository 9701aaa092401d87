"""A stored run that goes on from some quarter with other policies, or none."""

import json
import re
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clustersim
from clustersim.experiments.branch import branch
from clustersim.experiments.branching import BranchError
from clustersim.experiments.counterpart import counterpart
from clustersim.experiments.legs import acting, begin, change, finish, go_to
from clustersim.experiments.rerun import rerun
from clustersim.experiments.result import RunResult
from clustersim.experiments.run import resolve, run
from clustersim.experiments.user_mechanism import load_mechanism
from clustersim.scenario.graph_file import write_graph
from clustersim.scenario.problems import ScenarioError
from clustersim.store import FolderTakenError, StoreError, fingerprint
from tests.experiments.test_run import RESEARCH_BOOST

VALLEYS = Path(__file__).parent / "data" / "valleys.yaml"
START, YEARS = 1990, 10
AT = 1995.25

# Everything that a policy can do: organisations with members, bridges, staff and fees, services one
# by one, something built, a rule that is enforced. Two work when the run branches, one comes later.
POLICIES = """\
schema_version: 1
extends: valleys.yaml
title: Policies in the valleys
years: 10
policies:
  - name: network
    authority: national
    year: 1992
    budget: 6e6
    budgets: [{year: 1997, budget: 7e6}]
    identification: {quotient: 0}
    governance: {staff: 2, setup: 0.5, cycle: 2}
    politics: {elections: 4, swing: 0.2}
    measures:
      - {action: firm_networks, share: 0.3}
      - {action: infrastructure, share: 0.3}
      - {action: excellence_training, share: 0.2}
      - {action: cluster_partnerships, share: 0.2}
  - name: price
    year: 1993
    until: 1999
    budget: 1e6
    identification: {quotient: 0}
    measures: [{action: carbon_price}]
  - name: vouchers
    year: 1994.5
    budget: 5e6
    identification: {quotient: 0}
    measures: [{action: innovation_voucher, sizes: [sme]}]
    rules: {per_firm: 60000}
  - name: training
    year: 1997
    budget: 2e6
    identification: {quotient: 0}
    measures: [{action: skills_development}]
  - name: gone
    year: 1991
    until: 1993
    budget: 2e6
    identification: {quotient: 0}
    measures: [{action: technology_transfer}]
"""
OTHER = """\
schema_version: 1
extends: valleys.yaml
policies:
  - name: grants
    year: {year}
    budget: 3e6
    budgets: [{{year: 1994, budget: 4e6}}, {{year: 1998, budget: 1e6}}]
    identification: {{quotient: 0}}
    measures: [{{action: rd_grant}}]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with scenarios and a stored run in `run`."""
    place = tmp_path_factory.mktemp("branch")
    (place / "valleys.yaml").write_bytes(VALLEYS.read_bytes())
    (place / "policies.yaml").write_text(POLICIES, encoding="utf-8")
    run(place / "policies.yaml", out=place / "run")
    return place


@pytest.fixture(scope="module")
def stored(folder):
    return RunResult.load(folder / "run")


def as_run(folder, **overrides):
    """Return the run with some values from its start on."""
    return run(folder / "policies.yaml", overrides=overrides)


def same_places(one, other):
    """Return whether two results have the same clusters and economy, to the last bit."""
    tables = ({name: one.tables[name] for name in ("clusters", "economy")} for one in (one, other))
    return len({fingerprint(some) for some in tables}) == 1


# What stays the same


def test_branch_is_offered_by_the_package():
    assert clustersim.branch is branch


@pytest.mark.parametrize("at", [START, START + 0.25, 1994.75, AT, START + YEARS - 0.25])
def test_a_branch_in_which_nothing_changes_is_the_run(folder, stored, at):
    found = branch(folder / "run", at)
    assert found.result.fingerprint == stored.fingerprint == found.as_it_was.fingerprint
    assert found.changes == ()
    assert "nothing changes" in found.words()
    assert {one.difference for one in found.differences()} == {0.0}


def test_what_is_without_effect_changes_nothing(folder, stored):
    values = {
        "policies.training.enabled": False,
        "policies.gone.about": "Over.",
        "policies.vouchers.about": "Goes on.",
    }
    with pytest.raises(BranchError, match="'gone' has ended in 1993 and can't change"):
        branch(folder / "run", AT, overrides=values)
    del values["policies.gone.about"]
    found = branch(folder / "run", 1996, overrides=values)
    assert found.changes[0] == "policy 'training' does not begin"
    other = as_run(folder, **{"policies.training.enabled": False})
    assert found.result.fingerprint == other.fingerprint


def test_the_past_is_that_of_the_run(folder, stored):
    found = branch(folder / "run", AT, without="all").result
    quarter = round((AT - START) * 4)
    for name in ("clusters", "economy", "monitoring", "organisations"):
        for column, values in stored.tables[name].items():
            before = stored.tables[name]["quarter"] <= quarter
            also = found.tables[name][column][found.tables[name]["quarter"] <= quarter]
            np.testing.assert_array_equal(values[before], also, err_msg=f"{name}.{column}")
    paid = stored.tables["ledger"]["quarter"] < quarter
    n = int(paid.sum())
    for column, values in stored.tables["ledger"].items():
        np.testing.assert_array_equal(values[:n], found.tables["ledger"][column][:n])
    assert paid[:n].all()
    assert not same_places(found, stored)


# Policies that end


@pytest.mark.parametrize("name", ["network", "price", "vouchers"])
def test_switched_off_is_as_if_that_had_been_its_end(folder, name):
    found = branch(folder / "run", AT, without=[name])
    assert found.changes == (f"policy {name!r} ends in 1995.25",)
    budgets = {"policies.network.budgets": []} if name == "network" else {}
    other = as_run(folder, **{f"policies.{name}.until": AT}, **budgets)
    assert found.result.fingerprint == other.fingerprint


def test_switching_off_by_a_value_is_the_same(folder):
    found = branch(folder / "run", AT, without=["vouchers"])
    for values in ({"policies.vouchers.enabled": False}, {"policies.vouchers.until": AT}):
        again = branch(folder / "run", AT, overrides=values)
        assert again.result.fingerprint == found.result.fingerprint


def test_all_off_gives_all_money_back_and_pays_nothing_more(folder, stored):
    found = branch(folder / "run", AT, without="all")
    assert found.changes == (
        "policy 'network' ends in 1995.25",
        "policy 'price' ends in 1995.25",
        "policy 'vouchers' ends in 1995.25",
        "policy 'training' does not begin",
    )
    result = found.result
    balances = {one["policy"]: one for one in result.manifest["rules"] if one["rule"] == "balance"}
    assert set(balances) == {"network", "price", "vouchers", "gone"}
    assert all(one["kept"] and one["found"] == 0.0 for one in balances.values())
    assert all(one["kept"] for one in result.manifest["rules"])
    ledger = result.tables["ledger"]
    later = ledger["quarter"] >= found.quarter
    assert set(ledger["purpose"][later]) == {"return"}
    assert set(ledger["quarter"][later]) == {found.quarter}
    assert set(stored.tables["ledger"]["purpose"]) > {"fee", "staff", "levy", "measure"}
    organisations = result.tables["organisations"]
    after = organisations["quarter"] > found.quarter
    assert (organisations["account"][after] == 0.0).all()
    assert set(organisations["phase"][after]) == {""}
    # Organisations and their members stay, their bridges end.
    assert (organisations["member_firms"][after] > 0.0).any()
    assert (organisations["bridges"][after] == 0).all()
    assert (stored.tables["organisations"]["bridges"] > 0).any()


NAMES = ("network", "price", "vouchers", "training", "gone")
BEGINS = dict(zip(NAMES, (1992, 1993, 1994.5, 1997, 1991), strict=True))


@settings(max_examples=6, deadline=None)
@given(
    quarter=st.integers(0, 39),
    off=st.sets(st.sampled_from(NAMES), min_size=1),
)
def test_whatever_is_switched_off_and_whenever(folder, quarter, off):
    """It is as if that had been its end; what has not begun is not there; what is over stays."""
    at = START + quarter / 4
    over = {"gone": 1993, "price": 1999}
    values = {}
    for name in off:
        if at <= BEGINS[name]:
            values[f"policies.{name}.enabled"] = False
        elif at < over.get(name, np.inf):
            values[f"policies.{name}.until"] = at
    if not values:
        with pytest.raises(BranchError, match="there is nothing to switch off"):
            branch(folder / "run", at, without=off)
        return
    if "policies.network.until" in values:
        values["policies.network.budgets"] = [
            {"year": year, "budget": 7e6} for year in (1997,) if year < at
        ]
        if at <= 1992.5:
            return  # no scenario file may say that a policy ends while it is set up
    found = branch(folder / "run", at, without=off)
    assert found.result.fingerprint == as_run(folder, **values).fingerprint
    assert all(one["kept"] for one in found.result.manifest.get("rules", ()))


def test_off_from_the_start_is_the_run_without_policies(folder):
    found = branch(folder / "run", START, without="all")
    none = counterpart(resolve(folder / "policies.yaml"))
    assert found.result.fingerprint == run(none).fingerprint
    assert "ledger" not in found.result.tables


def test_a_policy_without_effect_may_end_unnoticed(folder, tmp_path):
    """It costs and serves as others do; but for who is paid, nothing moves when it ends."""
    none = {"policies.vouchers.measures.0.strength": 0, "policies.vouchers.year": 1993}
    run(folder / "policies.yaml", years=8, overrides=none, out=tmp_path / "run")
    found = branch(tmp_path / "run", AT, without="vouchers")
    assert same_places(found.result, found.as_it_was)
    assert found.result.fingerprint != found.as_it_was.fingerprint
    assert {one.difference for one in found.differences()} == {0.0}


def test_a_policy_ended_by_an_election_cannot_change(folder, tmp_path):
    voted = {
        "policies.network.politics": {"elections": 2, "reversal": 1},
        "policies.network.budgets": [],
    }
    run(folder / "policies.yaml", years=8, overrides=voted, out=tmp_path / "run")
    assert branch(tmp_path / "run", 1993.75, without="network").quarter == 15
    for terms in ({"without": "network"}, {"overrides": {"policies.network.until": 1997}}):
        with pytest.raises(BranchError, match=r"ended by an election before 1994\.25"):
            branch(tmp_path / "run", 1994.25, **terms)
    # Of all, those that are at work end.
    assert "'vouchers' ends" in branch(tmp_path / "run", AT, without="all").words()


def test_a_world_founded_from_a_graph_is_branched(tmp_path):
    graph = nx.Graph()
    for name, region in (("Alpha", "north"), ("Beta", "south")):
        graph.add_node(name, region=region, sector="tools", size=40.0)
    graph.add_edge("Alpha", "Beta", trust=0.25)
    write_graph(graph, tmp_path / "firms.graphml")
    scenario = tmp_path / "own.yaml"
    scenario.write_text("schema_version: 1\nyears: 2\nworld:\n  graph: {path: firms.graphml}\n")
    run(scenario, out=tmp_path / "run")
    values = {"market.selection": 0.9}
    branch(tmp_path / "run", 2000.5, overrides=values, out=tmp_path / "branch")
    assert rerun(tmp_path / "branch").identical


def test_a_policy_may_end_while_it_is_set_up(folder):
    run(folder / "policies.yaml", years=8, out=folder / "short")
    found = branch(folder / "short", 1992.25, without=["network"], out=folder / "set_up")
    ledger = found.result.tables["ledger"]
    own = ledger["policy"] == "network"
    assert set(ledger["purpose"][own]) == {"appropriation", "fee", "staff", "return"}
    assert rerun(folder / "set_up").identical


# Policies that go on under other terms


def test_another_budget_from_then_on(folder):
    found = branch(folder / "run", AT, overrides={"policies.vouchers.budget": 1e6})
    budgets = {"policies.vouchers.budgets": [{"year": AT, "budget": 1e6}]}
    assert found.result.fingerprint == as_run(folder, **budgets).fingerprint
    assert found.changes == ("policies.vouchers.budget is 1e+06 instead of 5e+06",)


def test_a_budget_of_nothing_is_no_end(folder):
    found = branch(
        folder / "run", AT, overrides={"policies.vouchers.budget": 0}, out=folder / "poor"
    )
    budgets = {"policies.vouchers.budgets": [{"year": AT, "budget": 0}]}
    assert found.result.fingerprint == as_run(folder, **budgets).fingerprint
    # It still stands, and can end in a branch of the branch.
    again = branch(folder / "poor", 1997, without=["vouchers"])
    assert again.changes == ("policy 'vouchers' ends in 1997",)


def test_a_policy_may_last_longer_or_shorter(folder):
    for until in (1997.5, 2005):
        values = {"policies.price.until": until}
        found = branch(folder / "run", AT, overrides=values)
        assert found.result.fingerprint == as_run(folder, **values).fingerprint


# Policies that come in


def test_a_policy_that_comes_later_is_as_if_it_had_been_planned(folder):
    (folder / "later.yaml").write_text(OTHER.format(year=1996), encoding="utf-8")
    text = OTHER.format(year=1996)
    text = text.replace("{year: 1994, budget: 4e6}, ", "")
    (folder / "later.yaml").write_text(text, encoding="utf-8")
    found = branch(folder / "run", AT, scenario=folder / "later.yaml")
    whole = POLICIES + text.partition("policies:\n")[2]
    (folder / "planned.yaml").write_text(whole, encoding="utf-8")
    ends = {f"policies.{name}.until": AT for name in ("network", "price", "vouchers")}
    off = {"policies.training.enabled": False, "policies.network.budgets": []}
    other = run(folder / "planned.yaml", overrides={**ends, **off})
    assert found.result.fingerprint == other.fingerprint
    assert found.changes[-1] == "policy 'grants' begins in 1996"


def test_a_policy_whose_year_is_past_begins_with_the_branch(folder):
    (folder / "earlier.yaml").write_text(OTHER.format(year=1993), encoding="utf-8")
    found = branch(folder / "run", AT, scenario=folder / "earlier.yaml")
    assert found.changes[-1] == "policy 'grants' begins in 1995.25"
    ledger = found.result.tables["ledger"]
    given = (ledger["policy"] == "grants") & (ledger["purpose"] == "appropriation")
    assert ledger["quarter"][given].min() == found.quarter
    by_quarter = [
        ledger["euro"][given & (ledger["quarter"] == quarter)].sum()
        for quarter in (found.quarter, round(4 * (1998 - START)))
    ]
    # The budget of 1994 holds when it comes in, that of 1998 later.
    assert by_quarter == [pytest.approx(1e6), pytest.approx(0.25e6)]


def test_policies_of_the_same_name_go_on_under_the_terms_of_the_scenario(folder, stored):
    """The run's own scenario, with a value changed by hand, says what differs from then on."""
    text = (folder / "run" / "scenario.yaml").read_text(encoding="utf-8")
    edited = folder / "edited.yaml"
    edited.write_text(text, encoding="utf-8")
    assert branch(folder / "run", AT, scenario=edited).result.fingerprint == stored.fingerprint
    found = branch(folder / "run", AT, scenario=edited, overrides={"policies.vouchers.budget": 1e6})
    other = branch(folder / "run", AT, overrides={"policies.vouchers.budget": 1e6})
    assert found.result.fingerprint == other.result.fingerprint
    edited.write_text(found.result.manifest["scenario"]["text"], encoding="utf-8")
    again = branch(folder / "run", AT, scenario=edited)
    assert again.result.fingerprint == other.result.fingerprint
    assert again.changes == other.changes
    assert again.changes == ("policies.vouchers.budget is 1e+06 instead of 5e+06",)


def test_a_policy_that_was_off_can_come_in(folder):
    off = {"policies.vouchers.enabled": False}
    run(folder / "policies.yaml", years=8, overrides=off, out=folder / "off")
    found = branch(folder / "off", AT, overrides={"policies.vouchers.enabled": True})
    other = run(folder / "policies.yaml", years=8, overrides={"policies.vouchers.year": AT})
    assert found.result.fingerprint == other.fingerprint
    assert found.changes == ("policy 'vouchers' begins in 1995.25",)
    nothing_said = branch(folder / "off", AT, without="all").changes
    assert not any("vouchers" in change for change in nothing_said)


# Parameters and shocks


def test_a_shock_that_comes_later_is_as_if_it_had_been_there(folder):
    shocks = [{"kind": "demand", "year": AT, "depth": 0.3}, {"kind": "pandemic", "year": 1997}]
    found = branch(folder / "run", AT, overrides={"shocks": shocks})
    assert found.result.fingerprint == as_run(folder, shocks=shocks).fingerprint
    assert found.changes == (
        "demand for everything falls by 30% strikes, in 1995.25",
        "pandemic strikes, in 1997",
    )


def test_shocks_that_have_struck_stay(folder):
    shocks = [
        {"kind": "demand", "year": 1993, "depth": 0.3},
        {"kind": "demand", "rate": 0.5, "depth": 0.1},
        {"kind": "pandemic", "year": 1997},
    ]
    run(folder / "policies.yaml", years=8, overrides={"shocks": shocks}, out=folder / "struck")
    for changed, words in (
        ([*shocks[1:]], "of 1993 has struck already"),
        ([{**shocks[0], "depth": 0.2}, *shocks[1:]], "falls by 30% of 1993 has struck already"),
        ([shocks[0], shocks[2]], "falls by 10% of 199.* has struck already"),
        ([*shocks, {"kind": "pandemic", "year": 1992}], "pandemic would have struck in 1992"),
    ):
        with pytest.raises(BranchError, match=words):
            branch(folder / "struck", AT, overrides={"shocks": changed})
    found = branch(folder / "struck", AT, overrides={"shocks": shocks[:2]})
    assert found.changes == ("pandemic does not strike, in 1997",)
    other = run(folder / "policies.yaml", years=8, overrides={"shocks": shocks[:2]})
    assert found.result.fingerprint == other.fingerprint


def test_a_parameter_holds_from_then_on(folder, stored):
    values = {"market.selection": 0.9, "labour.enabled": True}
    found = branch(folder / "run", AT, overrides=values)
    before, after = resolve(folder / "policies.yaml"), resolve(folder / "policies.yaml", values)
    simulation = begin(before)
    go_to(simulation, found.quarter)
    change(simulation, after)
    assert fingerprint(finish(simulation, after)) == found.result.fingerprint
    assert found.result.fingerprint != stored.fingerprint
    origins = found.result.manifest["scenario"]["origins"]
    assert origins["market.selection"].startswith("command line")
    assert origins["years"] == stored.manifest["scenario"]["origins"]["years"]


# Length


def test_a_branch_may_be_longer_than_the_run(folder):
    """Also one that ends between two of its yearly records, and branches where it ends."""
    soon = {"policies.training.year": 1994, "policies.network.budgets": []}
    run(folder / "policies.yaml", years=5.25, overrides=soon, out=folder / "odd")
    for at in (1994, START + 5.25):
        found = branch(folder / "odd", at, years=7)
        assert found.result.fingerprint == as_run(folder, years=7, **soon).fingerprint
    assert found.differences() == ()
    found = branch(folder / "odd", 1994, years=7, without="all")
    (jobs,) = (
        one for one in found.differences() if (one.outcome, one.scope) == ("jobs at the end", "all")
    )
    clusters = found.result.tables["clusters"]
    # The last record of the run itself is one that the branch does not make.
    assert jobs.done == pytest.approx(clusters["jobs"][clusters["quarter"] == 20].sum())


def test_differences_are_counted_from_the_branch_on(folder, stored):
    found = branch(folder / "run", AT, without=["vouchers"])
    by_name = {(one.outcome, one.scope): one for one in found.differences()}
    for tables, value in (
        (found.result.tables, by_name["innovations", "all"].done),
        (stored.tables, by_name["innovations", "all"].without),
    ):
        later = tables["clusters"]["quarter"] > found.quarter
        assert value == tables["clusters"]["innovations"][later].sum()
    assert by_name["innovations", "supported"].difference < 0.0
    compared = found.result.manifest["compared"]
    assert compared["fingerprint"] == stored.fingerprint
    assert len(compared["differences"]) == len(by_name)


# What is kept, and repeated


def test_a_branch_is_stored_repeated_and_branched_again(folder, stored):
    first = branch(folder / "run", AT, without=["network"], out=folder / "first")
    assert rerun(folder / "first").identical
    with pytest.raises(FolderTakenError):
        branch(folder / "run", AT, out=folder / "first")
    kept = json.loads((folder / "first" / "manifest.json").read_text())["branch"]
    assert kept["folder"] == str(folder / "run")
    assert (kept["quarter"], kept["year"]) == (21, AT)
    assert kept["fingerprint"] == stored.fingerprint
    assert kept["before"] == [{"since": 0, "text": stored.manifest["scenario"]["text"]}]
    second = branch(folder / "first", 1998, without=["vouchers"], out=folder / "second")
    assert rerun(folder / "second").identical
    ends = {"policies.network.until": AT, "policies.network.budgets": []}
    both = as_run(folder, **ends, **{"policies.vouchers.until": 1998})
    assert second.result.fingerprint == both.fingerprint
    assert first.result.fingerprint != second.result.fingerprint
    for at in (1994, AT):
        with pytest.raises(BranchError, match=r"itself a branch, of .*run from 1995\.25 on"):
            branch(folder / "first", at)
    assert rerun(folder / "run").identical


def test_a_run_that_is_not_repeated_is_not_branched(folder, tmp_path):
    changed = tmp_path / "changed"
    changed.mkdir()
    for file in (folder / "run").iterdir():
        (changed / file.name).write_bytes(file.read_bytes())
    manifest = json.loads((changed / "manifest.json").read_text())
    text = manifest["scenario"]["text"]
    manifest["scenario"]["text"] = re.sub(r"(learning\.tie_rate): .*", r"\1: 0.3", text)
    assert manifest["scenario"]["text"] != text
    manifest["sources"] = "of another program"
    (changed / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(
        BranchError, match=r"before it branches .*the program as it was.*clustersim"
    ):
        branch(changed, AT)
    # Before anything could differ, it is still the run; but what it was made with is gone.
    found = branch(changed, START)
    assert found.program_changed
    assert "The program has changed since" in found.words()
    assert branch(folder / "run", START).program_changed is False


def test_a_changed_table_is_refused(folder, tmp_path):
    changed = tmp_path / "changed"
    changed.mkdir()
    for file in (folder / "run").iterdir():
        (changed / file.name).write_bytes(file.read_bytes())
    (changed / "economy.parquet").write_bytes((changed / "regions.parquet").read_bytes())
    with pytest.raises(StoreError, match="changed since it was written"):
        branch(changed, AT)


def test_a_mechanism_of_the_users_own_goes_on(folder, tmp_path):
    file = tmp_path / "boost.py"
    file.write_text(RESEARCH_BOOST, encoding="utf-8")
    boost = load_mechanism(str(file))
    run(folder / "policies.yaml", years=8, mechanisms=[boost], out=tmp_path / "run")
    found = branch(tmp_path / "run", 1995, without=["vouchers"])
    values = {"policies.vouchers.until": 1995}
    other = run(folder / "policies.yaml", years=8, overrides=values, mechanisms=[boost])
    assert found.result.fingerprint == other.fingerprint


def test_progress_is_told_once_for_each_quarter(folder):
    told = []
    branch(folder / "run", 1991, years=8, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 32) for done in range(1, 33)]


def test_policies_act_from_their_year_on(folder):
    scenario = resolve(folder / "policies.yaml").scenario
    assert [one.name for one in acting(scenario, 1992.75)] == ["network", "gone"]
    none = resolve(folder / "policies.yaml", {"policy.enabled": False}).scenario
    assert acting(none, 1999) == []


# What is refused


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"at": 1989.75}, "1989.75 lies outside of the run; expected a year from 1990 to 2000"),
        ({"at": 2000.25}, "outside of the run"),
        ({"at": float("nan")}, "outside of the run"),
        ({"at": float("inf")}, "outside of the run"),
        ({"at": 1995.1}, "no quarter begins in 1995.1; the next ones do in 1995.0 and 1995.25"),
        ({"at": 2000}, "nothing is left of 10 years after 2000; give more `years`"),
        ({"years": 3}, "outside of the run|nothing is left"),
        ({"without": ["voucher"]}, "no policy 'voucher'; it has network.*did you mean 'vouchers'"),
        ({"without": ["gone"]}, "no policy called 'gone' is at work in 1995.25 or comes later"),
        ({"without": "all", "scenario": "base"}, "give either that scenario or the policies"),
        ({"scenario": "base"}, "base: has no policies"),
        ({"overrides": {"seed": 3}}, "seed: can't change in the middle of a run"),
        ({"overrides": {"record_every": 4, "world.start_year": 3}}, "record_every, world.start"),
        ({"overrides": {"policy.enabled": False}}, "policy.enabled can't change"),
        ({"overrides": {"years": 8}, "years": 9}, "`years` is given twice"),
        (
            {"overrides": {"policies.vouchers.budget": 1}, "without": ["vouchers"]},
            "'vouchers' is switched off; do one of the two",
        ),
        ({"overrides": {"policies.vouchers.year": 1996}}, "at work in 1995.25; its year can't"),
        ({"overrides": {"policies.vouchers.rules.per_firm": 9e4}}, "its rules can't change"),
        ({"overrides": {"policies.vouchers.authority": "eu"}}, "its authority can't change"),
        ({"overrides": {"policies.network.measures.0.share": 0.5}}, "measures and their shares"),
        ({"overrides": {"policies.vouchers.governance": {}}}, "its governance by organisations"),
        ({"overrides": {"policies.vouchers.until": 1995}}, "can't end in 1995, before the branch"),
        (
            {"overrides": {"policies.vouchers.identification.most": 2}},
            "has chosen its clusters and does not choose again",
        ),
        ({"at": 1998, "overrides": {"policies.network.budget": 5e6}}, "from 1997 on; change that"),
    ],
)
def test_what_cannot_be_is_said(folder, terms, words):
    with pytest.raises((BranchError, ScenarioError), match=words):
        branch(folder / "run", **{"at": AT, **terms})


def test_a_scenario_that_does_not_fit_is_refused(folder):
    policy = OTHER.format(year=1996).partition("policies:\n")[2]
    (folder / "misfit.yaml").write_text(
        "schema_version: 1\nextends: base\npolicies:\n"
        + policy.replace("rd_grant", "rd_grant")
        .replace("identification: {quotient: 0}", "identification: {regions: [Hillcrest]}")
        .replace("{year: 1994, budget: 4e6}, ", ""),
        encoding="utf-8",
    )
    with pytest.raises(ScenarioError, match=r"misfit.yaml, in this run: .*Hillcrest"):
        branch(folder / "run", AT, scenario=folder / "misfit.yaml")
    (folder / "over.yaml").write_text(
        OTHER.format(year=1990)
        .replace("    budget: 3e6", "    until: 1995\n    budget: 3e6")
        .replace(", {year: 1998, budget: 1e6}", ""),
        encoding="utf-8",
    )
    with pytest.raises(BranchError, match="would come in when it is over, in 1995"):
        branch(folder / "run", AT, scenario=folder / "over.yaml")
