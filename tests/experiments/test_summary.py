"""The main facts of a run, from tables made by hand."""

import json
from typing import Any

import numpy as np
import pytest

from clustersim.experiments.summary import Spell, summarise

MANIFEST = {"scenario": {"title": "By hand"}, "seed": 4}


def tables(every: int = 4) -> dict[str, dict[str, Any]]:
    """Return three years of two places; the second is a cluster, then gone."""
    quarter = np.array([0, every, 2 * every], dtype=np.int32)
    return {
        "economy": {
            "quarter": quarter,
            "year": 2000 + quarter / 4,
            "jobs": np.array([100.0, 150.0, 120.0]),
            "firms": np.array([40.0, 50.0, 30.0]),
            "mean_degree": np.array([0.0, 2.5, 3.5]),
        },
        "clusters": {
            "quarter": np.repeat(quarter, 2),
            "entries": np.array([0.0, 0.0, 10.0, 5.0, 0.0, 0.0]),
            "exits": np.array([0.0, 0.0, 3.0, 2.0, 10.0, 10.0]),
        },
        "stages": {
            "quarter": np.repeat(quarter, 2),
            "year": np.repeat(2000 + quarter / 4, 2),
            "region": np.array([0, 1, 0, 1, 0, 1], dtype=np.int32),
            "sector": np.zeros(6, dtype=np.int32),
            "stage": np.array(["growth", "maturity", "growth", "maturity", "maturity", "none"]),
            "jobs": np.array([20.0, 50.0, 30.0, 60.0, 25.0, 0.0]),
        },
        "transitions": {"quarter": np.array([8, 8], dtype=np.int32)},
    }


def test_facts_are_those_of_the_tables() -> None:
    summary = summarise(tables(), MANIFEST, ("North", "South"), ("ships",))
    assert (summary.title, summary.seed) == ("By hand", 4)
    assert (summary.first_year, summary.last_year) == (2000, 2002)
    assert (summary.jobs_start, summary.jobs_end) == (100, 120)
    # Active: 40 + 15 in the first year, 50 + 0 in the second.
    assert summary.entry_rate == pytest.approx(15 / 105)
    assert summary.exit_rate == pytest.approx(25 / 105)
    assert summary.mean_degree == 3.5
    assert summary.stages_at_end == {
        "none": 1,
        "infancy": 0,
        "growth": 0,
        "maturity": 1,
        "decline": 0,
        "renewal": 0,
    }
    south, north = summary.clusters
    assert (south.region, south.sector) == ("South", "ships")
    assert (south.jobs_start, south.jobs_peak, south.peak_year, south.jobs_end) == (50, 60, 2001, 0)
    assert south.spells == (Spell("maturity", 2000, 2001, 2), Spell("none", 2002, 2002, 0))
    assert [spell.stage for spell in north.spells] == ["growth", "maturity"]
    json.dumps(summary.to_dict(), allow_nan=False)


def test_words_and_rows_say_the_same() -> None:
    summary = summarise(tables(), MANIFEST, ("North", "South"), ("ships",))
    words = summary.words()
    assert "2 of 2 local industries were clusters at some time between 2000 and 2002" in words
    assert "1 in maturity" in words
    assert "1 gone" in words
    assert "firms from 40 to 30. A year brought 14.3 new firms per 100 and took 23.8." in words
    assert "3.5 partners" in words
    assert "changed their stage 2 times. All stages are provisional: the run is short." in words
    assert "A place counts as one if it was 5 years in a row, or in every year of a sh" in words
    assert "stands for" not in words
    heading, rows = summary.rows()
    assert {len(row) for row in rows} == {len(heading)}
    assert rows[0][:6] == ("ships", "South", "50", "60", "2001", "0")
    assert rows[1][-2:] == ("maturity, 0 y", "growth 2000 > maturity 2002")
    assert len(summary.rows(most=1)[1]) == 1


def test_scale_single_change_and_long_run_are_said() -> None:
    given = tables()
    given["transitions"] = {"quarter": np.array([8], dtype=np.int32)}
    given["economy"]["year"] = np.array([2000.0, 2001.0, 2007.75])
    scaled = {**MANIFEST, "scenario": {"title": "By hand", "employment_scale": 10.0}}
    words = summarise(given, scaled, ("North", "South"), ("ships",)).words()
    assert "between 2000 and 2007." in words
    assert "changed their stage once. Stages are dated back" in words
    assert "those of the last 4 years are provisional" in words
    assert "One simulated job stands for 10." in words


def test_run_shorter_than_a_year_has_no_stages() -> None:
    given = tables(every=1)
    summary = summarise(given, MANIFEST, ("North", "South"), ("ships",))
    assert not summary.has_stages
    assert "the run is shorter than a year" in summary.words()
    assert summary.rows()[1] == []


def test_run_without_clusters_says_so() -> None:
    given = tables()
    given["stages"] = {name: column[:0] for name, column in given["stages"].items()}
    summary = summarise(given, MANIFEST, ("North", "South"), ("ships",))
    assert summary.clusters == ()
    assert summary.words().startswith("None of 2 local industries was a cluster for long enough")


def test_run_without_yearly_records_says_why_it_has_no_stages() -> None:
    given = tables(every=8)
    given["stages"] = {name: column[:0] for name, column in given["stages"].items()}
    summary = summarise(given, MANIFEST, ("North", "South"), ("ships",))
    assert not summary.has_stages
    assert "they need a record every year" in summary.words()


def test_economy_without_firms_has_no_rates() -> None:
    given = tables()
    given["economy"]["firms"] = np.zeros(3)
    given["clusters"]["entries"] = np.zeros(6)
    summary = summarise(given, MANIFEST, ("North", "South"), ("ships",))
    assert summary.entry_rate is None
    assert "new firms per 100" not in summary.words()


LEDGER = {
    "policy": np.array(["first"] * 5 + ["second"]),
    "purpose": np.array(
        ["appropriation", "staff", "measure", "measure", "return", "appropriation"]
    ),
    "measure": np.array(["", "", "rd_grant", "infrastructure", "", ""]),
    "kind": np.array(["", "", "firm", "", "", ""]),
    "jobs": np.array([0.0, 0.0, 300.0, 0.0, 0.0, 0.0]),
    "recipient": np.array([-1, -1, 7, -1, -1, -1]),
    "euro": np.array([9e6, 1e6, 2e6, 5e6, 1e6, 4e6]),
}


def test_what_policies_have_spent_is_said() -> None:
    summary = summarise({**tables(), "ledger": LEDGER}, MANIFEST, ("North", "South"), ("ships",))
    first, second = summary.spending
    assert (first.budget, first.staff, first.returned) == (9e6, 1e6, 1e6)
    assert first.measures == {"rd_grant": 2e6, "infrastructure": 5e6}
    assert (first.firms, first.sme_share) == (1, 0.0)
    assert (second.policy, second.budget, second.measures) == ("second", 4e6, {})
    words = summary.words()
    assert (
        "Policy 'first' was given 9.0 million euro and spent 5.0 on infrastructure, 2.0 on "
        "rd_grant, 1.0 on staff; 1.0 went back. It served 1 simulated firms; of what went to firms "
        "SMEs got 0%."
    ) in words
    assert "Policy 'second' was given 4.0 million euro and spent nothing." in words
    json.dumps(summary.to_dict(), allow_nan=False)
