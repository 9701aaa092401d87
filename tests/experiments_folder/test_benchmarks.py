"""The benchmarks run at a small size, so that they cannot rot; no time is judged here."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

BENCHMARKS = Path(__file__).parents[2] / "experiments" / "benchmarks"
CHECKOUT = Path(__file__).parents[2]


def benchmark(name: str, *arguments: str) -> str:
    command = [sys.executable, "-W", "error", str(BENCHMARKS / name), *arguments]
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
