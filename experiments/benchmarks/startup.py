"""How long one waits: for the program's help, for its import, and for the main job.

Each command runs several times in a process of its own, in turns, so that a busy machine slows all
alike; kernels have been compiled before. From the root of the checkout::

    python experiments/benchmarks/startup.py
    python experiments/benchmarks/startup.py --repeats 15 --json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[2]
HEAVY = ("matplotlib", "mesa", "pandas", "pyarrow", "numba", "scipy", "networkx", "numpy")
"""Packages that starting must not import; the first three are the slow ones."""
PROBE = f"import sys; print(*(name for name in {HEAVY!r} if name in sys.modules))"
AIMS = {"clustersim --help": 0.3, "import clustersim": 0.5, "clustersim run": 10.0}
"""Seconds on a machine that does nothing else."""


def commands(years: float, folder: Path) -> dict[str, list[str]]:
    """Return the commands by name; the first is what Python itself takes."""
    program = [sys.executable, "-m", "clustersim"]
    job = ["run", "base", "--years", f"{years:g}", "--out", str(folder / "run"), "--force"]
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "clustersim --help": [*program, "--help"],
        "import clustersim": [sys.executable, "-c", "import clustersim"],
        "clustersim run": [*program, *job, "--quiet"],
    }


def environment() -> dict[str, str]:
    """Return this process's environment, in which the checkout can be imported."""
    paths = [str(CHECKOUT), os.environ.get("PYTHONPATH", "")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}


def output(command: Sequence[str], folder: Path) -> str:
    """Run a command in a folder and return what it prints.

    Raises
    ------
    subprocess.CalledProcessError
        If it fails.
    """
    done = subprocess.run(  # noqa: S603  # this interpreter and this package
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, text=True, check=True
    )
    return done.stdout


def timed(command: Sequence[str], folder: Path) -> float:
    """Return how long a command takes, seconds."""
    start = perf_counter()
    output(command, folder)
    return perf_counter() - start


def loaded(folder: Path) -> dict[str, list[str]]:
    """Return which heavy packages the import, and the help, have loaded."""
    show_help = (
        "import contextlib, io, sys; sys.argv = ['clustersim', '--help']\n"
        "import clustersim.cli\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):\n"
        "    clustersim.cli.main()\n"
    )
    programs = {"import clustersim": "import clustersim\n", "clustersim --help": show_help}
    return {
        name: output([sys.executable, "-c", program + PROBE], folder).split()
        for name, program in programs.items()
    }


def measure(repeats: int, years: float) -> dict[str, Any]:
    """Time every command `repeats` times, a third as often the main job."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        chosen = commands(years, folder)
        for command in chosen.values():  # compiles kernels and writes the byte code
            output(command, folder)
        times: dict[str, list[float]] = {label: [] for label in chosen}
        for turn in range(repeats):
            for label, command in chosen.items():
                if label != "clustersim run" or turn % 3 == 0:
                    times[label].append(timed(command, folder))
        modules = loaded(folder)
    bare = median(times["python -c pass"])
    return {
        "versions": {"python": platform.python_version()},
        "years": years,
        "commands": {
            label: {
                "seconds": median(values),
                "fastest": min(values),
                "runs": len(values),
                "ratio": median(values) / bare,
                "aim": AIMS.get(label),
            }
            for label, values in times.items()
        },
        "loaded": modules,
    }


def table(result: dict[str, Any]) -> str:
    """Return the result as text."""
    columns = f"{'median, s':>11}{'fastest, s':>12}{'runs':>6}{'x python':>10}{'aim, s':>8}"
    lines = [f"{'command':<28}{columns}"]
    for label, row in result["commands"].items():
        aim = "" if row["aim"] is None else f"{row['aim']:g}"
        shown = f"{label} base" if label == "clustersim run" else label
        lines.append(
            f"{shown:<28}{row['seconds']:>11.3f}{row['fastest']:>12.3f}{row['runs']:>6}"
            f"{row['ratio']:>10.1f}{aim:>8}"
        )
    lines += [
        f"loaded by {name!r}: {', '.join(modules) if modules else 'nothing heavy'}"
        for name, modules in result["loaded"].items()
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=9, help="runs of each short command")
    parser.add_argument("--years", type=float, default=60.0, help="length of the main job")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    given = parser.parse_args()
    if given.repeats < 1:
        parser.error("--repeats must be at least 1")
    result = measure(given.repeats, given.years)
    text = json.dumps(result, indent=2) + "\n" if given.json else table(result)
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
