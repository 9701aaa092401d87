"""How the time and memory of a quarter grow with the number of firms.

The whole schedule is simulated at each size in a process of its own, in one thread: regions of ten
sectors with a hundred firms in each place, 24 technology fields, and about three collaborations per
firm. After two quarters of warming up the median of several quarters is taken. The cost of learning
is held against two floors: a copy of the knowledge table, and a bare gather of the partners' rows
over all ties. From the root of the checkout::

    python experiments/benchmarks/scale.py                     # 10,000, 100,000, 1,000,000 firms
    python experiments/benchmarks/scale.py --sizes 10000 --json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from clustersim.mechanisms.base import Mechanism
from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.founding import found
from clustersim.world.kernel import kernel
from clustersim.world.spec import FounderSpec, RegionSpec, SectorSpec, WorldSpec
from clustersim.world.world import World

THREADS = (
    "CLUSTERSIM_THREADS",
    "NUMBA_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
)
"""Variables of the environment that set the number of threads; read once, on import."""
SEED = 1
N_SECTORS = 10
FIRMS_PER_PLACE = 100
JOBS_PER_FIRM = 7.0
TIES = 1.65
"""Collaborations that founders propose: about three per firm are left when doubles are counted
once and firms have met for some quarters."""
MEETING_RATE = 34.0
"""Meetings per year that keep the mean degree near three (default of the package: 10)."""
WARM_UP = 2
RECORD_EVERY = 4
REPEATS = 5
"""A floor is the fastest of so many passes."""


def world_of(n_firms: int) -> World:
    """Return a world of about `n_firms` firms; larger worlds have more regions."""
    n_regions = max(round(n_firms / (N_SECTORS * FIRMS_PER_PLACE)), 1)
    per_place = n_firms / (n_regions * N_SECTORS)
    names = tuple(f"sector {s}" for s in range(N_SECTORS))
    sectors = tuple(SectorSpec(name=name, inputs={names[0]: 0.1}) for name in names)
    regions = tuple(
        RegionSpec(
            name=f"region {r}",
            rtos=1,
            jobs=dict.fromkeys(names, per_place * JOBS_PER_FIRM),
            firms=dict.fromkeys(names, per_place),
        )
        for r in range(n_regions)
    )
    return found(WorldSpec(sectors=sectors, regions=regions, founders=FounderSpec(ties=TIES)), SEED)


class Stopwatch:
    """A mechanism that notes how long each of its quarters takes."""

    def __init__(self, mechanism: Mechanism) -> None:
        self.mechanism = mechanism
        self.name = mechanism.name
        self.enabled = mechanism.enabled
        self.seconds: list[float] = []

    def apply(self, world: World, draws: Draws) -> None:
        """Apply the mechanism, and note the time."""
        start = perf_counter()
        self.mechanism.apply(world, draws)
        self.seconds.append(perf_counter() - start)


def seconds(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    start = perf_counter()
    action()
    return perf_counter() - start


@kernel
def gather(knowledge: Any, start: Any, partner: Any, out: Any) -> None:
    """Add up the knowledge of everybody's partners: what learning cannot do without.

    Parameters
    ----------
    knowledge
        Shape (n, M).
    start, partner
        Ties of everybody as compressed sparse rows, shape (n + 1,) and (2 ties,).
    out
        Filled with the sums, shape (n, M), in the precision of `knowledge`.
    """
    for i in range(knowledge.shape[0]):
        for m in range(knowledge.shape[1]):
            out[i, m] = 0.0
        for arc in range(start[i], start[i + 1]):
            j = partner[arc]
            for m in range(knowledge.shape[1]):
                out[i, m] += knowledge[j, m]


def floors(world: World) -> dict[str, float]:
    """Return the time of a copy of the knowledge table and of the bare gather, seconds."""
    knowledge = np.array(world.actors.knowledge)
    out = np.zeros_like(knowledge)
    ties = world.ties.collaboration.adjacency(world.actors.n_rows)
    gather(knowledge[:1], ties.start[:2] * 0, ties.partner[:0], out[:1])  # compiled before timing
    return {
        "copy": min(seconds(lambda: np.copyto(out, knowledge)) for _ in range(REPEATS)),
        "gather": min(
            seconds(lambda: gather(knowledge, ties.start, ties.partner, out))
            for _ in range(REPEATS)
        ),
    }


def resident() -> float:
    """Return the memory that this process holds now, bytes; NaN where the system does not say."""
    status = Path("/proc/self/statm")
    if not status.is_file():
        return float("nan")
    return float(status.read_text().split()[1]) * resource.getpagesize()


def peak() -> float:
    """Return the most memory that this process has held, bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit


def degree(world: World) -> float:
    """Return the mean number of collaborations per firm, university and RTO."""
    actors = world.actors
    able = np.isin(actors.kind, (Kind.FIRM, Kind.UNIVERSITY, Kind.RTO)) & actors.alive
    return 2.0 * len(world.ties.collaboration) / max(int(able.sum()), 1)


def simulation_of(world: World, watches: Sequence[Stopwatch]) -> Simulation:
    """Return a simulation under stopwatches."""
    return Simulation(world, watches, seed=SEED, record_every=RECORD_EVERY)  # type: ignore[arg-type]


def measure(n_firms: int, n_quarters: int) -> dict[str, Any]:
    """Time `n_quarters` quarters of a world of `n_firms` firms, in this process."""
    schedule = mechanisms({"collaboration": {"meeting_rate": MEETING_RATE}})
    # A small world first: kernels are compiled or read before memory and time are measured.
    simulation_of(world_of(200), [Stopwatch(m) for m in schedule]).run(2 * RECORD_EVERY)
    before = resident()
    founding = perf_counter()
    world = world_of(n_firms)
    founding = perf_counter() - founding
    watches = [Stopwatch(mechanism) for mechanism in schedule]
    simulation = simulation_of(world, watches)
    simulation.run(WARM_UP)
    firms, degree_before = world.actors.rows(Kind.FIRM).size, degree(world)
    quarters = [seconds(simulation.step) for _ in range(n_quarters)]
    degree_after = degree(world)
    held = resident() - before
    recording = seconds(lambda: simulation.recorder.observe(world))
    profile = {watch.name: median(watch.seconds[WARM_UP:]) for watch in watches}
    limits = floors(world)
    return {
        "firms": int(firms),
        "fields": world.n_fields,
        "places": world.n_regions * world.n_sectors,
        "degree": [degree_before, degree_after],
        "founding_seconds": founding,
        "quarters": quarters,
        "quarter_seconds": median(quarters),
        "recording_seconds": recording,
        "mechanism_seconds": profile,
        "bytes_per_firm": held / firms,
        "peak_bytes": peak(),
        "peak_bytes_per_firm": (peak() - before) / firms,
        "copy_seconds": limits["copy"],
        "gather_seconds": limits["gather"],
        "learning_over_copy": profile["learning"] / limits["copy"],
        "learning_over_gather": profile["learning"] / limits["gather"],
    }


def measure_apart(n_firms: int, n_quarters: int) -> dict[str, Any]:
    """Do the same in a fresh process, so that no other size leaves its memory behind."""
    command = [sys.executable, __file__, "--child", "--sizes", str(n_firms)]
    done = subprocess.run(  # noqa: S603  # this interpreter and this file
        [*command, "--quarters", str(n_quarters)],
        env={**os.environ, **dict.fromkeys(THREADS, "1")},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def table(results: Sequence[dict[str, Any]]) -> str:
    """Return the results as text, one column for each size."""

    def row(label: str, values: Sequence[str]) -> str:
        return f"{label:<42}" + "".join(f"{value:>13}" for value in values)

    def numbers(label: str, key: str, digits: int, factor: float = 1.0) -> str:
        return row(label, [f"{factor * result[key]:,.{digits}f}" for result in results])

    per_firm = [1e9 * r["quarter_seconds"] / r["firms"] for r in results]
    lines = [
        numbers("firms", "firms", 0),
        numbers("places", "places", 0),
        row(
            "ties per actor, before and after",
            ["{:.2f} {:.2f}".format(*r["degree"]) for r in results],
        ),
        numbers("founding, s", "founding_seconds", 2),
        numbers("quarter, s (median)", "quarter_seconds", 4),
        row("  fastest, s", [f"{min(r['quarters']):.4f}" for r in results]),
        row("  per firm, ns", [f"{value:,.0f}" for value in per_firm]),
        row("  per firm, over the first size", [f"{v / per_firm[0]:.2f}" for v in per_firm]),
        numbers("one record, s", "recording_seconds", 4),
        numbers("memory held, bytes per firm", "bytes_per_firm", 0),
        numbers("memory at its peak, bytes per firm", "peak_bytes_per_firm", 0),
        numbers("memory of the process at its peak, MB", "peak_bytes", 0, 1e-6),
        "mechanisms, ns per firm",
    ]
    for name in results[0]["mechanism_seconds"]:
        cost = [1e9 * r["mechanism_seconds"][name] / r["firms"] for r in results]
        lines.append(row(f"  {name}", [f"{value:,.1f}" for value in cost]))
    lines += [
        "floors of learning, ns per firm",
        row("  copy of the knowledge table", [_per_firm(r, "copy_seconds") for r in results]),
        row("  gather over all ties", [_per_firm(r, "gather_seconds") for r in results]),
        numbers("learning over the copy", "learning_over_copy", 1),
        numbers("learning over the gather", "learning_over_gather", 1),
    ]
    return "\n".join(lines) + "\n"


def _per_firm(result: dict[str, Any], key: str) -> str:
    return f"{1e9 * result[key] / result['firms']:,.1f}"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--quarters", type=int, default=8, help="timed quarters")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if min(given.sizes) < 1 or given.quarters < 1:
        parser.error("--sizes and --quarters must be at least 1")
    if given.child:
        sys.stdout.write(json.dumps(measure(given.sizes[0], given.quarters)))
        return 0
    results = []
    for size in given.sizes:
        sys.stderr.write(f"{size:,} firms ...\n")
        results.append(measure_apart(size, given.quarters))
    if given.json:
        versions = {"python": platform.python_version(), "numpy": np.__version__}
        document = {"versions": versions, "machine": platform.machine(), "sizes": results}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.write(table(results))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
