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
from typing import Any, Final

import numpy as np

from clustersim.experiments.counterpart import ALL, SUPPORTED, Difference, counterpart, differences
from clustersim.experiments.result import RunResult
from clustersim.experiments.run import resolve, run
from clustersim.experiments.uncertainty import mean
from clustersim.experiments.workers import each
from clustersim.scenario.builtin import builtin_scenarios

STORED: Final = Path(__file__).with_name("effects.json")
SEEDS: Final = 12
AFTER_CHANGE: Final = 2006.0
"""Year in which electronics have changed for those who follow the paradigm of 2002."""
LEFT_OUT: Final = frozenset({"panorama"})
"""Scenarios that take too long for many seeds."""


def lost_jobs(result: RunResult) -> float:
    """Share of the jobs that Midlands had at the end of 2019 that it has lost two years later."""
    table = result.tables["clusters"]
    there = table["region"] == result.regions.index("Midlands")
    jobs = [table["jobs"][there & (table["year"] == year)].sum() for year in (2020, 2022)]
    return float(1.0 - jobs[1] / jobs[0])


def gone_for_good(result: RunResult) -> float:
    """Share of the jobs that Midlands had at the end of 2019 that it lacks in the end."""
    table = result.tables["clusters"]
    there = table["region"] == result.regions.index("Midlands")
    years = (2020, table["year"].max())
    jobs = [table["jobs"][there & (table["year"] == year)].sum() for year in years]
    return float(1.0 - jobs[1] / jobs[0])


def lost_with_the_firm(result: RunResult) -> float:
    """Share of the jobs of Ironvale's automotive industry lost in the three years of the exit."""
    table = result.tables["clusters"]
    there = table["region"] == result.regions.index("Ironvale")
    there &= table["sector"] == result.sectors.index("automotive")
    jobs = [table["jobs"][there & (table["year"] == year)].sum() for year in (2012, 2015)]
    return float(1.0 - jobs[1] / jobs[0])


def newer_knowledge(result: RunResult) -> float:
    """Share of knowledge in electronics that serves the newer paradigm, weighted by jobs."""
    table = result.tables["clusters"]
    there = (table["year"] == AFTER_CHANGE) & (
        table["sector"] == result.sectors.index("electronics")
    )
    known = there & ~np.isnan(table["newer_share"])
    return float(np.average(table["newer_share"][known], weights=table["jobs"][known]))


MEASURES: Final[dict[str, dict[str, Callable[[RunResult], float]]]] = {
    "over_specialised": {
        "jobs of the region lost in two years": lost_jobs,
        "jobs of the region lost for good": gone_for_good,
    },
    "key_firm": {"jobs lost with the key firm": lost_with_the_firm},
    "lock_in": {"knowledge of the newer paradigm": newer_knowledge},
}
"""What else is looked at, by scenario: shares."""


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
        Difference(name, "share", "measure", measure(done), measure(without))
        for name, measure in MEASURES.get(trial.scenario, {}).items()
    ]
    return [*differences(done.tables, without.tables), *own]


def names() -> list[str]:
    """Return the scenarios that have something to be compared with."""
    found = [one.name for one in builtin_scenarios() if one.name not in LEFT_OUT]
    return [name for name in found if counterpart(resolve(name)) is not None]


def summary(found: Sequence[Sequence[Difference]]) -> list[dict[str, Any]]:
    """Return each outcome with the mean of its difference and an interval of 95 %, over seeds."""
    rows = []
    for several in zip(*found, strict=True):
        first = several[0]
        plain = mean([one.difference for one in several])
        base = float(np.nanmean([one.without for one in several]))
        relative = first.relative is not None and abs(base) > 0.0
        scale = abs(base) if relative else 1.0
        rows.append(
            {
                "outcome": first.outcome,
                "scope": first.scope,
                "unit": first.unit,
                "without": base,
                "difference": plain.value / scale,
                "low": plain.low / scale,
                "high": plain.high / scale,
                "relative": relative,
                "more": float(np.mean([one.difference > 0.0 for one in several])),
            }
        )
    return rows


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
