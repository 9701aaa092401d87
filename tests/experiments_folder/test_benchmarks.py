"""The benchmarks run at a small size, so that they cannot rot; no time is judged here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.sweep.small import HELPED

BENCHMARKS = Path(__file__).parents[2] / "experiments" / "benchmarks"
CHECKOUT = Path(__file__).parents[2]


def benchmark(name: str, *arguments: str) -> str:
    return _printed([sys.executable, "-W", "error", str(BENCHMARKS / name), *arguments])


def module(name: str, *arguments: str) -> str:
    return _printed([sys.executable, "-m", name, *arguments])


def _printed(command: list[str]) -> str:
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_scale_measures_every_mechanism_at_every_size() -> None:
    document: dict[str, Any] = json.loads(
        benchmark("scale.py", "--sizes", "500", "1500", "--quarters", "3", "--json")
    )
    small, large = document["sizes"]
    assert 400 < small["firms"] < 600
    assert 1300 < large["firms"] < 1700
    for size in (small, large):
        assert size["fields"] == 24
        assert len(size["quarters"]) == 3
        assert min(size["quarters"]) <= size["quarter_seconds"] <= max(size["quarters"])
        assert all(value > 0 for value in size["mechanism_seconds"].values())
        assert size["mechanism_seconds"]["learning"] >= size["copy_seconds"]
        assert size["gather_seconds"] > size["copy_seconds"]
        assert all(2.3 < degree < 3.7 for degree in size["degree"])
        assert size["peak_bytes"] > 0


def test_scale_prints_a_table() -> None:
    text = benchmark("scale.py", "--sizes", "500", "--quarters", "1")
    assert "per firm, over the first size" in text
    assert "collaboration" in text


def test_startup_reports_ratio_aim_and_what_is_loaded() -> None:
    document: dict[str, Any] = json.loads(
        benchmark("startup.py", "--repeats", "1", "--years", "1", "--json")
    )
    commands = document["commands"]
    assert commands["python -c pass"]["ratio"] == 1
    assert commands["clustersim --help"]["aim"] == 0.3
    assert all(row["seconds"] > 0 for row in commands.values())
    assert not {"mesa", "matplotlib", "pandas"} & set(document["loaded"]["import clustersim"])
    assert not {"mesa", "matplotlib", "pandas"} & set(document["loaded"]["clustersim --help"])


SMALL = (
    "--firms 60 --years 2 --runs 4 --stored-runs 4 --repeats 1 --memory-runs 4 --starts 1 "
    "--twin-firms 60 --twin-seeds 1 --twin-years 1 --seeds 4 --scenarios"
)


def sweep(*parts: str) -> str:
    return module("experiments.benchmarks.sweep", *SMALL.split(), HELPED, "--only", *parts)


def test_sweep_measures_pace_start_and_batch_run() -> None:
    document: dict[str, Any] = json.loads(sweep("workers", "start", "batch_run", "--json"))
    workers = document["workers"]
    assert set(workers["by_workers"]) == {"1", "2"}
    assert all(one["runs_per_second"] > 0 for one in workers["by_workers"].values())
    assert document["start"]["start_seconds"] > 0
    (against,) = document["batch_run"]["sizes"]
    assert against["ratio"] > 0
    assert against["largest_difference_of_jobs"] < 1e-6


def test_sweep_prints_a_table_of_what_was_asked_for() -> None:
    text = sweep("storing")
    assert "share of the time, by stopwatch" in text
    assert "batch_run" not in text


@pytest.mark.slow
def test_sweep_measures_memory_pairs_and_engines() -> None:
    """`pytest -m slow tests/experiments_folder/test_benchmarks.py`."""
    document: dict[str, Any] = json.loads(sweep("memory", "pairing", "engines", "--json"))
    assert [one["runs"] for one in document["memory"]["sizes"]] == [4]
    assert document["memory"]["sizes"][0]["peak_bytes"] > 1e7
    (compared,) = document["pairing"]["scenarios"]
    assert all(ratio >= 0 for ratio in compared["by_outcome"].values())
    assert {"jobs at the end", "firms at the end"} <= set(compared["by_outcome"])
    same = document["engines"]["same"]
    assert {"2 workers", "threads"} <= set(same)
    assert all(same.values())
