"""Sweeps small enough for a test, and what it means that two of them are the same."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from typer.testing import CliRunner, Result

from clustersim.cli import app
from clustersim.experiments.sweep.study import Study
from clustersim.scenario.yaml_text import yaml_text
from clustersim.store import StoredRuns, fingerprint, read_runs
from clustersim.store.files import PARQUET

DATA = Path(__file__).parent / "data"
TINY, HELPED = str(DATA / "tiny.yaml"), str(DATA / "helped.yaml")
RAISING = """
import os, pathlib, time
from typing import ClassVar
from clustersim.mechanisms.base import Mechanism

class Trap(Mechanism):
    name: ClassVar[str] = "trap"

    def apply(self, world, draws):
        {act}
"""
# What is begun in the background of a shell ignores Ctrl-C, and so do those that it starts.
MAIN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from clustersim.store import adding
adding.SECONDS_AT_ONCE = 0.0
from clustersim.cli import main
main()
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
    lines = indent(dedent(act).strip(), " " * 8).lstrip()
    path.write_text(RAISING.format(act=lines), encoding="utf-8")
    return str(path)


def assert_same(one: StoredRuns, other: StoredRuns, *, but: Collection[str] = ()) -> None:
    """Make sure that two sweeps hold the same runs, to the last byte, each once.

    Columns of the design may differ, as the digest does if one has a mechanism that does nothing.
    """
    one, other = read_runs(one.folder), read_runs(other.folder)
    marks = [
        {run: entry["fingerprint"] for run, entry in stored.state.done.items()}
        for stored in (one, other)
    ]
    assert marks[0] == marks[1]
    assert one.names == other.names
    for name in one.names:
        assert _bytes(one.arrow(name)) == _bytes(other.arrow(name)), name
    for run in sorted(marks[0])[::5]:
        assert fingerprint(one.tables(run)) == marks[0][run]
    runs = [stored.frame("runs").drop(columns=[*but]) for stored in (one, other)]
    pd.testing.assert_frame_equal(*runs, check_exact=True)


def _bytes(table: pa.Table) -> bytes:
    """Return a table as one file."""
    sink = pa.BufferOutputStream()
    pq.write_table(table.combine_chunks(), sink, **PARQUET)
    return sink.getvalue().to_pybytes()


def call(*arguments: str | Path) -> Result:
    """Run a command of the command line in this process."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def command(*arguments: str | Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command of the command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "clustersim", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        **more,
    )


def started(*arguments: str | Path) -> subprocess.Popen[str]:
    """Begin a command in a session of its own, as if typed; it writes a part for each run."""
    return subprocess.Popen(
        [sys.executable, "-c", MAIN, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def entries(folder: Path) -> list[dict[str, Any]]:
    """Return the entries of the journal of a sweep."""
    lines = (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
