"""What evaluations of programmes found, against the same programmes in the simulated economy.

Run it from the root of the checkout: ``python -m experiments.programmes.study --help``.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from clustersim.experiments.validation.scorecard import interval
from clustersim.experiments.workers import each
from experiments.programmes.trial import LASTS, PROGRAMMES, Course, Trial

FUNDED: Final = slice(0, LASTS)
LATER: Final = slice(LASTS + 3, None)
"""From three years after the end, when ties of that time are over."""
_GRAF = "Graf & Broekel 2020"
_POLES = "France Stratégie 2017, 2020"
_VOUCHERS = "Cornet et al. 2006"
_DIMOS = "Dimos et al. 2022; range: World Bank 2013 and others"


@dataclass(frozen=True)
class Finding:
    """A figure of an evaluation, and how the same is measured here."""

    id: str
    use: str
    """C: a parameter was set to it; V: no parameter was."""
    programme: str
    title: str
    target: float
    low: float
    high: float
    source: str
    measure: Callable[[Course, Course], float]
    """From the course with the programme and the course without it."""


def _ratio(column: str, years: slice, done: Course, without: Course) -> float:
    """Return the log of a sum over years, with the programme over without."""
    with_it, without_it = (getattr(one, column)[years].sum() for one in (done, without))
    return float(math.log(with_it / without_it))


def _left(column: str, done: Course, without: Course) -> float:
    """Return what is left of an effect afterwards, as a share of that of the last year funded."""
    while_funded = _ratio(column, slice(LASTS - 1, LASTS), done, without)
    return _ratio(column, LATER, done, without) / while_funded


def _research_per_euro(sizes: slice, done: Course, without: Course) -> float:
    """Return how much more R&D there is for each public euro; NaN where none was spent."""
    public = float(done.spent[:, sizes].sum())
    more = float((done.research - without.research)[FUNDED, sizes].sum())
    return more / public if public > 0.0 else math.nan


def _private(done: Course, without: Course) -> float:
    """Return private R&D per public euro: R&D beyond the public euro itself."""
    return _research_per_euro(slice(None), done, without) - 1.0


def _large_research(done: Course, without: Course) -> float:
    """Return the log of R&D of large firms, with over without; NaN where there are none."""
    with_it, without_it = (float(one.research[FUNDED, 1].sum()) for one in (done, without))
    return math.log(with_it / without_it) if min(with_it, without_it) > 0.0 else math.nan


def _productivity(done: Course, without: Course) -> float:
    return float((done.log_productivity - without.log_productivity)[FUNDED].mean())


def _additional(done: Course, _: Course) -> float:
    return float(done.served[1] / done.served[0])


FINDINGS: Final[tuple[Finding, ...]] = (
    Finding(
        "P12.additional",
        "C",
        "vouchers",
        "vouchers that bring what would not have been done, share of those used",
        8.0 / 9.0,
        0.84,
        0.94,
        _VOUCHERS,
        _additional,
    ),
    Finding(
        "P16",
        "C",
        "grants",
        "private R&D per public euro of R&D grants",
        0.075,
        -0.2,
        0.25,
        _DIMOS,
        _private,
    ),
    Finding(
        "P9.sme",
        "V",
        "poles",
        "R&D of SMEs per public euro for them",
        2.5,
        1.25,
        3.75,
        _POLES,
        partial(_research_per_euro, slice(0, 1)),
    ),
    Finding(
        "P9.large",
        "V",
        "poles",
        "log R&D of large firms, with over without",
        0.0,
        -0.03,
        0.03,
        _POLES,
        _large_research,
    ),
    Finding(
        "P9.productivity",
        "V",
        "poles",
        "log productivity, with less without",
        0.0,
        -0.01,
        0.01,
        _POLES,
        _productivity,
    ),
    Finding(
        "P9.sales",
        "V",
        "poles",
        "log jobs, with over without",
        0.0,
        -0.01,
        0.01,
        _POLES,
        partial(_ratio, "jobs", FUNDED),
    ),
    Finding(
        "P5.size",
        "V",
        "networks",
        "log collaborations while funded, with over without",
        math.nan,
        0.0,
        math.inf,
        _GRAF,
        partial(_ratio, "ties", FUNDED),
    ),
    Finding(
        "P5.innovation",
        "V",
        "networks",
        "log innovations while funded, with over without",
        math.nan,
        0.0,
        math.inf,
        _GRAF,
        partial(_ratio, "innovations", FUNDED),
    ),
    Finding(
        "P5.after",
        "V",
        "networks",
        "share of the growth of networks that is left from three years after the end",
        0.0,
        -0.5,
        0.5,
        _GRAF,
        partial(_left, "ties"),
    ),
)
"""Figures of evaluations. Ranges are half the figure up and down, or small beside what funding
changes where nothing was found; where there is a direction only, that."""


def measured(trial: Trial) -> dict[str, float]:
    """Return every finding as simulated at one seed."""
    done = {name: trial.with_programme(name) for name in PROGRAMMES}
    return {one.id: one.measure(done[one.programme], trial.without) for one in FINDINGS}


def compare(trials: Sequence[Trial], workers: int | None = None) -> list[dict[str, object]]:
    """Return the findings with mean and interval of 95 % over the trials, as rows."""
    found = each(measured, list(trials), workers=workers)
    rows: list[dict[str, object]] = []
    for one in FINDINGS:
        value, low, high = interval([values[one.id] for values in found])
        rows.append(
            {
                "id": one.id,
                "use": one.use,
                "title": one.title,
                "target": None if math.isnan(one.target) else one.target,
                "low": one.low,
                "high": None if math.isinf(one.high) else one.high,
                "value": value,
                "ci": [low, high],
                "pass": bool(one.low <= value <= one.high),
                "source": one.source,
            }
        )
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--scenario", default="base", help="what the programmes are tried on")
    parser.add_argument("--seeds", type=int, default=20, help="seeds, from 1 on (20)")
    parser.add_argument("--workers", type=int, help="processes; as many as cores if not given")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error("--seeds must be at least 1")
    trials = [Trial(options.scenario, seed) for seed in range(1, options.seeds + 1)]
    rows = compare(trials, options.workers)
    if options.json:
        sys.stdout.write(json.dumps({"findings": rows, "seeds": options.seeds}, indent=2) + "\n")
        return 0
    for row in rows:
        low, high = np.array(row["ci"])
        target = "-" if row["target"] is None else f"{row['target']:.3g}"
        sys.stdout.write(
            f"{row['id']:16s}{row['use']} {target:>6s}  {row['value']:7.3f}  "
            f"{low:7.3f} to {high:7.3f}  {'ok ' if row['pass'] else 'OUT'}  {row['title']}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
