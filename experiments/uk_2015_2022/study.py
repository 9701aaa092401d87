"""The United Kingdom founded from its jobs of 2015, simulated, and held against 2022.

Run it from anywhere: ``python experiments/uk_2015_2022/study.py --help``.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

import report
from compare import Floats, change, forecast, interval, structure

from clustersim.experiments.run import run
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.table import TableError, read_employment_table
from clustersim.world.employment import EmploymentTable

SCENARIO = Path(__file__).parent / "scenario.yaml"
TABLE = Path(__file__).parents[3] / "shared" / "data" / "uk_itl2_jobs_2015_2022.csv"
FIRST, LAST = 2015, 2022
HORIZON = LAST - FIRST


@dataclass(frozen=True)
class Run:
    """Jobs of one simulated run, shape (years + 1, R, S), what else is known of it, seconds."""

    seed: int
    jobs: Floats
    firms: Floats
    seconds: float


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", type=Path, default=TABLE, help="year, region, sector, jobs")
    parser.add_argument("--scale", type=float, default=10.0, help="real jobs per simulated job")
    parser.add_argument("--seeds", type=int, default=5, help="number of runs")
    parser.add_argument("--years", type=int, default=HORIZON, help="length of each run, 7 or more")
    parser.add_argument(
        "--resolution",
        type=lambda text: [float(part) for part in text.split(",")],
        default=[],
        metavar="SCALE,SCALE",
        help="also one run at each of these scales",
    )
    parser.add_argument("--figure", type=Path, help="draw into this file (PNG, SVG or PDF)")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    given = parser.parse_args()
    if given.years < HORIZON or given.seeds < 1:
        parser.error(f"--years must be at least {HORIZON}, --seeds at least 1")
    if any(scale < 1 for scale in (given.scale, *given.resolution)):
        parser.error("--scale and --resolution must be at least 1 real job per simulated job")
    if not given.table.is_file():
        parser.error(
            f"--table {given.table}: no such file; it is the table of jobs in 40 regions and 19 "
            f"sectors of the United Kingdom, {FIRST} to {LAST} (ONS, BRES), which does not come "
            "with the program"
        )
    return given


def read_years(path: Path) -> tuple[EmploymentTable, EmploymentTable]:
    """Return the tables of the first and the last year, which must have the same cells."""
    try:
        first, last = (read_employment_table(path, year=year) for year in (FIRST, LAST))
    except TableError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None
    if (first.regions, first.sectors) != (last.regions, last.sectors):
        sys.stderr.write(f"{path}: {FIRST} and {LAST} differ in their regions or sectors\n")
        raise SystemExit(2)
    return first, last


def simulate(table: Path, first: EmploymentTable, seed: int, years: int, scale: float) -> Run:
    """Run the scenario once, founded on the table."""
    values = {"seed": seed, "years": years, "world.employment_scale": scale}
    # A scenario names only files beside it, so both go to a folder of their own.
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(table, Path(folder) / "jobs.csv")
        shutil.copy(SCENARIO, folder)
        resolved = read_scenario(Path(folder) / SCENARIO.name, overrides=values)
    started = time.perf_counter()
    result = run(resolved)
    seconds = time.perf_counter() - started
    shape = (years + 1, first.n_regions, first.n_sectors)
    places = result.tables["clusters"]
    rows = [result.regions.index(name) for name in first.regions]
    columns = [result.sectors.index(name) for name in first.sectors]
    jobs, firms = (
        places[name].reshape(shape)[:, rows][:, :, columns].astype(np.float64)
        for name in ("jobs", "firms")
    )
    sys.stderr.write(
        f"scale {scale:g}, seed {seed}: {years} years, {firms[0].sum() / scale:,.0f} firms, "
        f"{seconds:.1f} s\n"
    )
    return Run(seed, jobs, firms, seconds)


def compare_runs(runs: list[Run], start: Floats, end: Floats) -> dict[str, dict[str, Any]]:
    """Return data, simulated mean, interval and whether it holds the data, by measure."""
    actual = structure(end) | change(start, end)
    simulated = [
        structure(one.jobs[HORIZON])
        | change(one.jobs[0], one.jobs[HORIZON])
        | forecast(start, one.jobs[HORIZON], end)
        for one in runs
    ]
    # "As it was" is the forecast that nothing changes.
    unchanged = {"forecast_lq": forecast(start, start, end)["forecast_lq"]}
    then = structure(start) | unchanged
    lines: dict[str, dict[str, Any]] = {}
    for key in simulated[0]:
        mean, low, high = interval(np.array([one[key] for one in simulated]))
        data = actual.get(key, math.nan)
        known = not (math.isnan(low) or math.isnan(data))
        lines[key] = {
            "before": then.get(key, math.nan),
            "data": data,
            "mean": mean,
            "low": low,
            "high": high,
            "inside": bool(low <= data <= high) if known else None,
        }
    return lines


def course(runs: list[Run]) -> list[dict[str, float]]:
    """Return what becomes of the structure every ten years, the mean over runs.

    ``persistence`` is the correlation of log LQ with the start, ``seven_years`` that with seven
    years before.
    """
    years = runs[0].jobs.shape[0] - 1
    rows = []
    for year in sorted({0, HORIZON, *range(10, years, 10), years}):
        values = [
            structure(one.jobs[year])
            | change(one.jobs[0], one.jobs[year])
            | {
                "jobs": float(one.jobs[year].sum()),
                "firms": float(one.firms[year].sum()),
                "seven_years": change(one.jobs[year - HORIZON], one.jobs[year])["persistence"]
                if year >= HORIZON
                else math.nan,
            }
            for one in runs
        ]
        mean = {key: float(np.mean([one[key] for one in values])) for key in values[0]}
        rows.append({"year": FIRST + year} | mean)
    return rows


def main() -> int:
    """Run the study and print it."""
    given = arguments()
    first, last = read_years(given.table)
    runs = [
        simulate(given.table, first, seed, given.years, given.scale)
        for seed in range(1, given.seeds + 1)
    ]
    document: dict[str, Any] = {
        "regions": first.n_regions,
        "sectors": first.n_sectors,
        "jobs": first.total_jobs,
        "scale": given.scale,
        "seeds": [one.seed for one in runs],
        "years": given.years,
        "simulated_firms": float(np.mean([one.firms[0].sum() for one in runs])) / given.scale,
        "seconds": [round(one.seconds, 2) for one in runs],
        "measures": compare_runs(runs, first.jobs, last.jobs),
    }
    if given.resolution:
        document["resolution"] = []
        for scale in sorted(given.resolution, reverse=True):
            one = simulate(given.table, first, 1, HORIZON, scale)
            lines = compare_runs([one], first.jobs, last.jobs)
            document["resolution"].append(
                {"scale": scale, "firms": float(one.firms[0].sum()) / scale, "seconds": one.seconds}
                | {key: lines[key]["mean"] for key in report.RESOLUTION}
            )
    if given.years > HORIZON:
        document["course"] = course(runs)
    if given.figure is not None:
        import picture

        pair = (runs[0].jobs[0], runs[0].jobs[HORIZON])
        growth = [(one.jobs[0], one.jobs[HORIZON]) for one in runs]
        picture.draw(given.figure, (first.jobs, last.jobs), pair, growth, given.scale)
    if given.json:
        sys.stdout.write(json.dumps(report.plain(document), indent=2) + "\n")
    else:
        sys.stdout.write(report.text(document))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
