"""What a scenario is compared with, and what differs."""

import numpy as np
import pytest

from clustersim.experiments.counterpart import counterpart, differences, from_manifest, rows
from clustersim.experiments.run import resolve, run
from clustersim.scenario.problems import ScenarioError

POLICY = """\
schema_version: 1
extends: base
title: Try
years: 4
policies:
  - {name: try, year: 1992, budget: 20e6, measures: [{action: innovation_voucher}]}
"""


def scenario(tmp_path, more="", name="try.yaml"):
    file = tmp_path / name
    file.write_text(POLICY + more, encoding="utf-8")
    return file


def test_without_policies_there_is_nothing_to_compare_with(tmp_path):
    assert counterpart(resolve("base")) is None
    off = {"policies.try.enabled": False}
    assert counterpart(resolve(scenario(tmp_path), off), off) is None


def test_a_policy_is_compared_with_the_same_without_it(tmp_path):
    resolved = resolve(scenario(tmp_path), {"seed": 7})
    other = counterpart(resolved, {"seed": 7})
    assert other.scenario.policies == ()
    assert other.scenario.seed == 7
    assert other.scenario.title == "Try, without its policies"


def test_another_scenario_is_taken_at_the_same_seed_and_years(tmp_path):
    scenario(tmp_path, name="other.yaml")
    file = scenario(tmp_path, "against: other.yaml\n")
    given = {"seed": 5, "years": 3, "policies.try.budget": 1e6, "market.localisation": 0.4}
    other = counterpart(resolve(file, given), given)
    assert (other.scenario.seed, other.scenario.years) == (5, 3)
    assert other.scenario.policies[0].budget == 20e6
    assert other.scenario.parameters["market.localisation"] == 0.4
    assert counterpart(resolve(scenario(tmp_path, "against: base\n"))).scenario.policies == ()


def test_the_same_with_other_values(tmp_path):
    more = "against: {title: Less, policies.try.budget: 5e6}\n"
    other = counterpart(resolve(scenario(tmp_path, more)))
    assert (other.scenario.title, other.scenario.policies[0].budget) == ("Less", 5e6)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("against: nowhere\n", "no built-in scenario of this name"),
        ("against: {policies.tri.budget: 5}\n", "try.yaml, against: policies.tri.budget=5"),
        ("against: {policies.try.budget: -5}\n", "at least 0"),
        ("against: 7\n", "found 7"),
    ],
)
def test_what_cannot_be_compared_with_is_said(tmp_path, more, words):
    with pytest.raises(ScenarioError, match=words):
        counterpart(resolve(scenario(tmp_path, more)))


def test_differences_by_hand():
    def tables(jobs, innovations, ledger=None):
        n = len(jobs)
        column = np.zeros(2 * n)
        clusters = {
            name: column.copy()
            for name in (
                "firms",
                "log_productivity",
                "research",
                "entries",
                "spin_offs",
                "exits",
                "emissions",
                "heterogeneity",
            )
        }
        clusters |= {
            "quarter": np.repeat(4 * np.arange(n), 2),
            "jobs": np.ravel(np.array(jobs, dtype=float)),
            "innovations": np.ravel(np.array(innovations, dtype=float)),
        }
        economy = {
            name: np.zeros(n)
            for name in (
                "collaborations",
                "mean_trust",
                "digital_share",
                "green_share",
                "projects_succeeded",
            )
        }
        economy["year"] = 2000.0 + np.arange(n)
        out = {"clusters": clusters, "economy": economy, "sectors": {"name": np.array(["a", "b"])}}
        return out if ledger is None else {**out, "ledger": ledger}

    ledger = {
        "purpose": np.array(["appropriation", "measure"]),
        "region": np.array([0, 0]),
        "sector": np.array([1, 0]),
    }
    done = tables([[1, 2], [1, 4], [3, 5]], [[1, 1], [2, 3], [4, 5]], ledger)
    without = tables([[1, 2], [1, 2], [1, 2]], [[1, 1], [1, 1], [1, 1]])
    found = {(one.outcome, one.scope): one for one in differences(done, without)}
    jobs = found["jobs at the end", "all"]
    assert (jobs.done, jobs.without, jobs.difference) == (8.0, 3.0, 5.0)
    assert jobs.relative == pytest.approx(5 / 3)
    # Sums leave out the first record, in which nothing differs.
    assert found["innovations", "all"].done == 14.0
    assert found["innovations", "supported"].done == 8.0
    assert found["jobs at the end", "supported"].done == 5.0
    assert found["productivity at the end", "all"].relative is None
    heading, lines = rows(list(found.values()))
    assert all(len(line) == len(heading) for line in lines)
    stored = {"differences": [one.to_dict() for one in found.values()]}
    assert rows(from_manifest(stored)) == (heading, lines)


def test_runs_of_other_places_are_not_compared():
    one, other = run("base", years=1), run("base", years=2)
    with pytest.raises(ValueError, match="places or their records"):
        differences(one.tables, other.tables)


def test_a_policy_without_effect_differs_in_nothing(tmp_path):
    resolved = resolve(scenario(tmp_path), {"policies.try.budget": 0})
    found = differences(run(resolved).tables, run(counterpart(resolved)).tables)
    assert {one.difference for one in found} == {0.0}
    assert {one.scope for one in found} == {"all"}


def test_a_policy_differs_from_its_first_year_on(tmp_path):
    resolved = resolve(scenario(tmp_path))
    done, without = run(resolved), run(counterpart(resolved))
    found = {(one.outcome, one.scope): one for one in differences(done.tables, without.tables)}
    assert found["innovations", "supported"].difference > 0.0
    year = done.tables["clusters"]["year"]
    later = done.tables["clusters"]["innovations"][year > 1992]
    assert found["innovations", "all"].done == later.sum()
