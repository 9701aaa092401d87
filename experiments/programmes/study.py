"""Every programme of cluster policy on the baseline, against the same run without it, over seeds.

Run it from the root of the checkout: ``python -m experiments.programmes.study --help``.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clustersim.experiments.comparison.judged import Comparison
from clustersim.experiments.comparison.runs import compare
from clustersim.experiments.counterpart import ALL, SUPPORTED
from clustersim.experiments.sweep.sweep import Engine

STORED: Final = Path(__file__).with_name("effects.json")
SEEDS: Final = 10
BEGINS: Final = 2005
LASTS: Final = 10
"""Years of a programme; the run ends with it."""
START: Final = 1990
"""Year in which `base` begins."""


@dataclass(frozen=True)
class Expected:
    """What a programme should move, said before it was tried: outcome, where, and how far at least.

    The sign of `least` is the direction; a share of what there is without, or points of a share.
    """

    programme: str
    budget: float
    """Euro a year."""
    outcome: str
    scope: str
    least: float
    clusters: int | None = 8
    """Clusters that are supported at most; None for all places."""


EXPECTED: Final[tuple[Expected, ...]] = (
    Expected("poles", 30e6, "innovations", SUPPORTED, 0.1),
    Expected("escp", 10e6, "collaborations at the end", ALL, 0.002),
    Expected("cluster_excellence", 10e6, "collaborations at the end", ALL, 0.002),
    Expected("innosup_1", 15e6, "innovations", SUPPORTED, 0.03),
    Expected("euroclusters", 15e6, "innovations", SUPPORTED, 0.02),
    Expected("euroclusters", 15e6, "digital firms at the end", ALL, 0.001),
    Expected("ipcei", 30e6, "R&D", SUPPORTED, 0.02, clusters=3),
    Expected("innovation_ecosystems", 10e6, "collaborations at the end", ALL, 0.002),
    Expected("i3", 20e6, "innovations", SUPPORTED, 0.05),
    Expected("digital_innovation_hub", 20e6, "digital firms at the end", ALL, 0.001),
    Expected("innovation_audit", 8e6, "innovations", SUPPORTED, 0.02),
    Expected("peer_review", 6e6, "collaborations at the end", ALL, 0.001),
    Expected("smart_specialisation", 20e6, "innovations", SUPPORTED, 0.03),
    Expected("infrastructure", 30e6, "innovations", SUPPORTED, 0.03),
    Expected("carbon_pricing", 2e6, "CO2", ALL, -0.003, clusters=None),
    Expected("twin_mandates", 10e6, "digital firms at the end", ALL, 0.01, clusters=None),
    Expected("twin_mandates", 10e6, "green firms at the end", ALL, 0.01, clusters=None),
)
"""One line or more for each programme. Budgets and sizes are assumptions."""


def scenario(one: Expected) -> str:
    """Return the text of a scenario with a programme, and nothing else that differs from `base`."""
    how = "" if one.clusters is None else f"    identification: {{most: {one.clusters}}}\n"
    return (
        f"schema_version: 1\nextends: base\ntitle: {one.programme}\npolicies:\n"
        f"  - name: {one.programme}\n    programme: {one.programme}\n    year: {BEGINS}\n"
        f"    until: {BEGINS + LASTS}\n    budget: {one.budget:.0f}\n{how}"
    )


def tried(
    seeds: int | Sequence[int],
    *,
    workers: int | None = None,
    scale: float | None = None,
    programmes: Sequence[str] = (),
) -> Comparison:
    """Run `base` with each programme and without any, on the same luck.

    Parameters
    ----------
    seeds
        How many, from 1 on, or which.
    workers
        Processes; as many as cores if not given.
    scale
        Real jobs that a simulated one stands for; that of `base` if not given.
    programmes
        These only; all if none is named.
    """
    texts = {
        one.programme: scenario(one)
        for one in EXPECTED
        if not programmes or one.programme in programmes
    }
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for name, text in texts.items():
            files.append(Path(folder) / f"{name}.yaml")
            files[-1].write_text(text, encoding="utf-8")
        overrides = {"years": BEGINS - START + LASTS, "world.employment_scale": scale}
        return compare(
            [str(file) for file in files],
            baseline="base",
            seeds=seeds,
            overrides=overrides,
            engine=Engine(workers=workers),
        )


def verdicts(found: Comparison) -> list[dict[str, Any]]:
    """Return for each expectation what was found, and whether it is met for sure and in size."""
    cases = {case.name: case for case in found.cases}
    rows = []
    for one in EXPECTED:
        if one.programme not in cases:
            continue
        (row,) = (
            contrast
            for contrast in cases[one.programme].contrasts
            if (contrast.outcome, contrast.scope) == (one.outcome, one.scope)
        )
        sign = 1.0 if one.least > 0.0 else -1.0
        value, low, high, _ = row.effect
        sure = min(sign * low, sign * high) > 0.0
        rows.append(
            {
                "programme": one.programme,
                "outcome": one.outcome,
                "scope": one.scope,
                "least": one.least,
                "effect": value,
                "ci": [low, high],
                "pass": bool(sure and sign * value >= abs(one.least)),
            }
        )
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the study from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"seeds, from 1 on ({SEEDS})")
    parser.add_argument("--workers", type=int, help="processes; as many as cores if not given")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--store", action="store_true", help=f"write {STORED.name} as well")
    options = parser.parse_args(arguments)
    if options.seeds < 2:  # noqa: PLR2004  # of one there is no interval
        parser.error("--seeds must be at least 2")
    rows = verdicts(tried(options.seeds, workers=options.workers))
    document = {"seeds": options.seeds, "effects": rows}
    text = json.dumps(document, indent=1) + "\n"
    if options.store:
        STORED.write_text(text, encoding="utf-8")
    if options.json:
        sys.stdout.write(text)
        return 0
    for row in rows:
        low, high = row["ci"]
        sys.stdout.write(
            f"{row['programme']:23s}{row['outcome']:27s}{row['scope']:10s}{row['effect']:+8.2%}  "
            f"{low:+8.2%} to {high:+8.2%}  least {row['least']:+.1%}  "
            f"{'ok' if row['pass'] else 'NO'}\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
