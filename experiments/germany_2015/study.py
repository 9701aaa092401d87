"""Germany's Länder founded from their jobs and firms of 2015: sanity figures over forty years.

Run it from anywhere: ``python experiments/germany_2015/study.py --help``.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustersim.experiments.result import RunResult
from clustersim.experiments.run import run
from clustersim.measures.specialisation import krugman_specialisation, location_quotient
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.table import read_employment_table
from clustersim.world.employment import EmploymentTable

SCENARIO = Path(__file__).parent / "scenario.yaml"
TABLE = Path(__file__).parents[3] / "shared" / "data" / "germany_laender_2015.csv"
MARKS = (0, 7, 40)
"""Years after the start of which the figures are printed, as far as the run goes."""

Floats = NDArray[np.float64]
Row = tuple[str, str, int]

ROWS: tuple[Row, ...] = (
    ("year", "year", 0),
    ("jobs", "jobs", 0),
    ("unemployment", "unemployed, share of the labour force", 3),
    ("firms", "firms", 0),
    ("mean_size", "jobs per firm", 1),
    ("entry_rate", "entries per firm in the year before", 3),
    ("exit_rate", "exits per firm in the year before", 3),
    ("log_productivity", "log productivity, frontier = 0", 3),
    ("mean_degree", "partners of those with any", 2),
    ("correlation", "correlation of log LQ with the start", 3),
    ("sd_log_lq", "standard deviation of log LQ", 3),
    ("share_over", "share of cells with LQ above 1.5", 3),
    ("krugman", "Krugman index, mean over Länder", 3),
    ("slowest", "growth of the slowest Land since the start", 3),
    ("fastest", "growth of the fastest Land since the start", 3),
    ("cells_lost", "cells that have lost all jobs", 0),
)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", type=Path, default=TABLE, help="Länder, sections, jobs, firms")
    parser.add_argument("--scale", type=float, help="real jobs per simulated job")
    parser.add_argument("--years", type=int, default=MARKS[-1], help="length of the run")
    parser.add_argument("--seed", type=int, default=1, help="number of the luck")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    given = parser.parse_args()
    if given.years < 1:
        parser.error("--years must be at least 1")
    if not given.table.is_file():
        parser.error(
            f"--table {given.table}: no such file; it is the table of jobs and firms in 16 Länder "
            "and 17 sections of Germany in 2015 (Destatis), which does not come with the program"
        )
    return given


def simulate(given: argparse.Namespace) -> tuple[RunResult, float]:
    """Run the scenario once, founded on the table; return also real jobs per simulated job."""
    values = {"seed": given.seed, "years": given.years}
    if given.scale is not None:
        values["world.employment_scale"] = given.scale
    # A scenario names only files beside it, so both go to a folder of their own.
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(given.table, Path(folder) / "jobs.csv")
        shutil.copy(SCENARIO, folder)
        resolved = read_scenario(Path(folder) / SCENARIO.name, overrides=values)
    return run(resolved), resolved.scenario.world.employment_scale


def founding(result: RunResult, table: EmploymentTable) -> dict[str, float]:
    """Return how far the founded world is from its table: totals, and the worst Land and section.

    Deviations are shares of the table's figure.
    """
    places = result.tables["clusters"]
    shape = (-1, table.n_regions, table.n_sectors)
    figures: dict[str, float] = {}
    for name, wanted in (("jobs", table.jobs), ("firms", table.firms)):
        if wanted is None:
            continue
        founded = places[name].reshape(shape)[0].astype(np.float64)
        figures[f"{name}_table"] = float(wanted.sum())
        figures[f"{name}_founded"] = float(founded.sum())
        for axis, what in ((1, "region"), (0, "sector")):
            ratio = founded.sum(axis=axis) / wanted.sum(axis=axis)
            figures[f"{name}_worst_{what}"] = float(np.abs(ratio - 1.0).max())
    return figures


def course(result: RunResult, table: EmploymentTable) -> list[dict[str, float]]:
    """Return the figures of `ROWS` at each mark that the run reaches."""
    places, economy = result.tables["clusters"], result.tables["economy"]
    shape = (-1, table.n_regions, table.n_sectors)
    jobs = places["jobs"].reshape(shape).astype(np.float64)
    flows = {
        rate: places[name].reshape(shape).sum(axis=(1, 2))
        for rate, name in (("entry_rate", "entries"), ("exit_rate", "exits"))
    }
    start = _log(location_quotient(jobs[0]))
    rows = []
    for year in sorted({mark for mark in MARKS if mark < len(jobs)} | {len(jobs) - 1}):
        quotient = location_quotient(jobs[year])
        now = _log(quotient)
        known = np.isfinite(start) & np.isfinite(now)
        growth = jobs[year].sum(axis=1) / jobs[0].sum(axis=1) - 1.0
        total, firms = float(economy["jobs"][year]), float(economy["firms"][year])
        rates = {
            rate: math.nan if year == 0 else float(flow[year] / economy["firms"][year - 1])
            for rate, flow in flows.items()
        }
        rows.append(
            {
                "year": float(economy["year"][year]),
                "jobs": total,
                "unemployment": float(economy["unemployed"][year])
                / (total + float(economy["unemployed"][year])),
                "firms": firms,
                "mean_size": total / firms,
                **rates,
                "log_productivity": float(economy["log_productivity"][year]),
                "mean_degree": float(economy["mean_degree"][year]),
                "correlation": float(np.corrcoef(start[known], now[known])[0, 1]),
                "sd_log_lq": float(np.nanstd(now)),
                "share_over": float((quotient > 1.5).mean()),  # noqa: PLR2004  # as the row says
                "krugman": float(np.nanmean(krugman_specialisation(jobs[year]))),
                "slowest": float(growth.min()),
                "fastest": float(growth.max()),
                "cells_lost": float(((jobs[0] > 0) & (jobs[year] == 0)).sum()),
            }
        )
    return rows


def checks(result: RunResult) -> dict[str, bool]:
    """Return what must hold in any sound run."""
    places, economy = result.tables["clusters"], result.tables["economy"]
    people = economy["jobs"] + economy["unemployed"]
    return {
        "jobs and firms finite, none negative": all(
            bool((np.isfinite(places[name]) & (places[name] >= 0)).all())
            for name in ("jobs", "firms")
        ),
        "people conserved (jobs and unemployed)": bool(np.allclose(people, people[0], rtol=1e-9)),
        "firms in every Land at the end": bool((_last_firms(result) > 0).all()),
    }


def _last_firms(result: RunResult) -> Floats:
    places = result.tables["clusters"]
    shape = (-1, len(result.regions), len(result.sectors))
    return np.asarray(places["firms"].reshape(shape)[-1].sum(axis=1), dtype=np.float64)


def _log(values: Floats) -> Floats:
    return np.log(values, out=np.full(values.shape, np.nan), where=values > 0)


def text(document: dict[str, Any]) -> str:
    """Return the result as text."""
    found = document["founding"]
    lines = [f"One simulated job stands for {document['scale']:g}; {document['seconds']:.1f} s", ""]
    lines += [
        f"{name}: {found[f'{name}_table']:,.0f} in the table, "
        f"{found[f'{name}_founded']:,.0f} founded; farthest Land "
        f"{found[f'{name}_worst_region']:.2%} off, farthest section "
        f"{found[f'{name}_worst_sector']:.2%}"
        for name in ("jobs", "firms")
    ]
    lines.append("")
    for key, label, digits in ROWS:
        cells = (
            f"{row[key]:.0f}" if key == "year" else _number(row[key], digits)
            for row in document["course"]
        )
        lines.append(f"{label:<44}" + "".join(f"{cell:>14}" for cell in cells))
    lines.append("")
    for what, holds in document["checks"].items():
        lines.append(f"{'holds' if holds else 'BROKEN'}: {what}")
    return "\n".join(lines) + "\n"


def _number(value: float, digits: int) -> str:
    return "-" if math.isnan(value) else f"{value:,.{digits}f}"


def main() -> int:
    """Run the study and print it; exit code 1 if a check does not hold."""
    given = arguments()
    started = time.perf_counter()
    try:
        result, scale = simulate(given)
    except ScenarioError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    table = read_employment_table(given.table, year=2015)
    document: dict[str, Any] = {
        "scale": scale,
        "seconds": time.perf_counter() - started,
        "founding": founding(result, table),
        "course": course(result, table),
        "checks": checks(result),
    }
    if given.json:
        plain = [
            {k: None if math.isnan(v) else v for k, v in row.items()} for row in document["course"]
        ]
        sys.stdout.write(json.dumps(document | {"course": plain}, indent=2) + "\n")
    else:
        sys.stdout.write(text(document))
    return 0 if all(document["checks"].values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
