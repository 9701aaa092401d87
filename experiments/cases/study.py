"""Every built-in scenario with a policy or an alternative, against that alternative, over seeds.

Run it from the root of the checkout: ``python -m experiments.cases.study --help``.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from clustersim.experiments.comparison.outcomes import contrast
from clustersim.experiments.counterpart import ALL, SUPPORTED, Difference, counterpart, differences
from clustersim.experiments.result import RunResult
from clustersim.experiments.run import resolve, run
from clustersim.experiments.workers import each
from clustersim.scenario.builtin import builtin_scenarios

STORED: Final = Path(__file__).with_name("effects.json")
SEEDS: Final = 10
Measure: TypeAlias = Callable[[RunResult], float]
LEFT_OUT: Final = frozenset({"panorama"})
"""Scenarios that take too long for many seeds."""


def _share_lost(before: float, after: float | None, **place: str) -> Measure:
    """Return the measure of the share of jobs that a place has lost between two years."""

    def measure(result: RunResult) -> float:
        table = result.tables["clusters"]
        there = np.ones(table["jobs"].size, dtype=np.bool_)
        for key, name in place.items():
            there &= table[key] == getattr(result, f"{key}s").index(name)
        last = table["year"].max() if after is None else after
        jobs = [table["jobs"][there & (table["year"] == year)].sum() for year in (before, last)]
        return float(1.0 - jobs[1] / jobs[0])

    return measure


def _supported(column: str, year: float) -> Measure:
    """Return the measure of a column of the supported places in a year, weighted by jobs."""

    def measure(result: RunResult) -> float:
        table, ledger = result.tables["clusters"], result.tables["ledger"]
        given = ledger["purpose"] == "appropriation"
        n_sectors = len(result.sectors)
        paid = np.unique(
            ledger["region"][given].astype(np.int64) * n_sectors + ledger["sector"][given]
        )
        place = table["region"].astype(np.int64) * n_sectors + table["sector"]
        there = np.isin(place, paid) & (table["year"] == year) & ~np.isnan(table[column])
        return float(np.average(table[column][there], weights=table["jobs"][there]))

    return measure


def _supported_change(column: str, first: float, last: float) -> Measure:
    """Return the measure of the change of a column of the supported places between two years."""
    then, now = _supported(column, first), _supported(column, last)
    return lambda result: now(result) - then(result)


MEASURES: Final[dict[str, dict[str, Measure]]] = {
    "over_specialised": {
        "jobs of the region lost, 2020 to 2022": _share_lost(2020, 2022, region="Midlands"),
        "jobs of the region lost, 2020 to the end": _share_lost(2020, None, region="Midlands"),
    },
    "key_firm": {
        "share of jobs in the largest firm, 2012": _supported("largest_share", 2012),
        "jobs of the cluster lost, 2012 to 2015": _share_lost(
            2012, 2015, region="Ironvale", sector="automotive"
        ),
    },
    "lock_in": {
        "productivity while supported, 2008": _supported("log_productivity", 2008),
        "productivity long after, 2023": _supported("log_productivity", 2023),
        "change of productivity, 2008 to 2023": _supported_change("log_productivity", 2008, 2023),
        "knowledge of the newer paradigm, 2020": _supported("newer_share", 2020),
    },
}
"""What else is looked at, by scenario: shares, and log productivity."""


FAILURES: Final[dict[str, tuple[tuple[str, str, int], ...]]] = {
    "over_specialised": (("jobs of the region lost, 2020 to 2022", "measure", 1),),
    "lock_in": (("change of productivity, 2008 to 2023", "measure", -1),),
    "vested_interests": (("innovations", ALL, -1),),
    "key_firm": (("spin-offs", SUPPORTED, -1), ("innovations", SUPPORTED, -1)),
    "myopia": (("productivity at the end", SUPPORTED, -1),),
    "networking_only": (("innovations", SUPPORTED, -1),),
    "too_thin": (("innovations", SUPPORTED, -1),),
}
"""How a failure shows, against its alternative: outcome, scope and sign of the difference."""


@dataclass(frozen=True)
class Trial:
    """A scenario at one seed."""

    scenario: str
    seed: int
    years: float | None = None


def compared(trial: Trial) -> list[Difference]:
    """Return what differs between a scenario and what it is compared with, at one seed."""
    given = {"seed": trial.seed, "years": trial.years}
    given = {name: value for name, value in given.items() if value is not None}
    resolved = resolve(trial.scenario, given)
    other = counterpart(resolved, given)
    if other is None:
        raise ValueError(f"{trial.scenario} has nothing to be compared with")
    done, without = run(resolved), run(other)
    own = [
        Difference(
            name,
            "ln" if "productivity" in name else "share",
            "measure",
            measure(done),
            measure(without),
        )
        for name, measure in MEASURES.get(trial.scenario, {}).items()
    ]
    return [*differences(done.tables, without.tables), *own]


def names() -> list[str]:
    """Return the scenarios that have something to be compared with."""
    found = [one.name for one in builtin_scenarios() if one.name not in LEFT_OUT]
    return [name for name in found if counterpart(resolve(name)) is not None]


def summary(found: Sequence[Sequence[Difference]]) -> list[dict[str, Any]]:
    """Return each outcome with its effect and interval of 95 %, over seeds."""
    rows = [contrast(several, len(found[0])) for several in zip(*found, strict=True)]
    return [
        {
            "outcome": one.outcome,
            "scope": one.scope,
            "unit": one.unit,
            "without": one.without,
            "difference": one.effect.value,
            "low": one.effect.low,
            "high": one.effect.high,
            "relative": one.relative,
        }
        for one in rows
    ]


def shows(case: dict[str, Any], outcome: str, scope: str, sign: int) -> bool:
    """Return whether a difference has a sign for sure: its interval of 95 % is on one side of 0."""
    for row in case["rows"]:
        if (row["outcome"], row["scope"]) == (outcome, scope):
            return bool(min(sign * row["low"], sign * row["high"]) > 0.0)
    raise KeyError(f"no {outcome!r} ({scope}) was looked at")


def study(scenarios: Sequence[str], seeds: int, workers: int | None = None) -> dict[str, Any]:
    """Return the differences of all scenarios over seeds, as a JSON document."""
    trials = [Trial(name, seed) for name in scenarios for seed in range(1, seeds + 1)]

    def told(done: int, of: int) -> None:
        sys.stderr.write(f"\r{done} of {of}")

    found = each(compared, trials, workers=workers, progress=told)
    sys.stderr.write("\n")
    cases = {}
    for number, name in enumerate(scenarios):
        resolved = resolve(name)
        other = counterpart(resolved)
        cases[name] = {
            "title": resolved.scenario.title,
            "with": "" if other is None else other.scenario.title,
            "rows": summary(found[number * seeds : (number + 1) * seeds]),
        }
    return {"seeds": seeds, "cases": cases}


def shown(document: dict[str, Any]) -> str:
    """Return a document of the study as text."""
    lines = []
    where = {ALL: "", SUPPORTED: " (supported)", "measure": ""}
    for name, case in document["cases"].items():
        lines.append(f"\n{name}: {case['title']}\n  against: {case['with']}")
        for row in case["rows"]:
            if math.isnan(row["difference"]):
                continue
            sure = "*" if row["low"] * row["high"] > 0.0 else " "
            style = "+8.1%" if row["relative"] or row["unit"] == "share" else "+8.3f"
            values = [format(row[key], style) for key in ("difference", "low", "high")]
            lines.append(
                f"  {sure} {values[0]}  {values[1]} to {values[2]}  "
                f"{row['outcome']}{where[row['scope']]}"
            )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("scenarios", nargs="*", help="built-in scenarios; all that can be compared")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"seeds, from 1 on ({SEEDS})")
    parser.add_argument("--workers", type=int, help="processes; as many as cores if not given")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--store", action="store_true", help=f"write {STORED.name} as well")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error("--seeds must be at least 1")
    document = study(options.scenarios or names(), options.seeds, options.workers)
    if options.store:
        STORED.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(document, indent=2) + "\n" if options.json else shown(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
