"""Sweeps small enough for a test, and what it means that two of them are the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from clustersim.experiments.sweep.study import Study
from clustersim.scenario.yaml_text import yaml_text
from clustersim.store import StoredRuns, fingerprint, read_runs

DATA = Path(__file__).parent / "data"
TINY, HELPED = str(DATA / "tiny.yaml"), str(DATA / "helped.yaml")
RAISING = """
from typing import ClassVar
from clustersim.mechanisms.base import Mechanism

class Trap(Mechanism):
    name: ClassVar[str] = "trap"

    def apply(self, world, draws):
        {act}
"""


def content(**changes: Any) -> dict[str, Any]:
    """Return a study of two scenarios, two points and as many seeds as said, as plain data."""
    return {
        "title": "Two towns",
        "scenarios": [TINY, {"scenario": HELPED, "name": "vouchers"}],
        "baseline": "tiny",
        "years": 2,
        "replications": {"seeds": 3},
        "uncertainties": {
            "design": "lhs",
            "samples": 2,
            "parameters": {"learning.tie_rate": {"low": 0.05, "high": 0.4}},
        },
        **changes,
    }


def study(**changes: Any) -> Study:
    """Return the study of `content`."""
    return Study.model_validate(content(**changes))


def study_file(folder: Path, **changes: Any) -> Path:
    """Write the study of `content` to a file."""
    path = folder / "study.yaml"
    path.write_text(yaml_text(content(**changes)), encoding="utf-8")
    return path


def trap(folder: Path, act: str) -> str:
    """Write a mechanism that acts in each quarter as said, with `world` and `draws`."""
    path = folder / "trap.py"
    path.write_text(RAISING.format(act=act), encoding="utf-8")
    return str(path)


def assert_same(one: StoredRuns, other: StoredRuns) -> None:
    """Make sure that two sweeps hold the same runs, to the last bit, each once."""
    one, other = read_runs(one.folder), read_runs(other.folder)
    marks = [
        {run: entry["fingerprint"] for run, entry in stored.state.done.items()}
        for stored in (one, other)
    ]
    assert marks[0] == marks[1]
    assert one.names == other.names
    for name in one.names:
        assert one.arrow(name).schema == other.arrow(name).schema
        pd.testing.assert_frame_equal(one.frame(name), other.frame(name), check_exact=True)
    for run, mark in marks[0].items():
        assert fingerprint(one.tables(run)) == mark
    assert one.frame("runs").equals(other.frame("runs"))


def command(*arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command of the command line."""
    return subprocess.run(
        [sys.executable, "-m", "clustersim", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **more,
    )


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    """Begin a command in a session of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "clustersim", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def entries(folder: Path) -> list[dict[str, Any]]:
    """Return the entries of the journal of a sweep."""
    lines = (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
