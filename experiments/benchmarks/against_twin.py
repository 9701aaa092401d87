"""How much faster the engine is than the same quarter as plain Mesa agents.

Both start from one world and simulate the whole schedule: the engine with its arrays and kernels,
knowledge in single precision as in any run, the twin (`tests.reference`) with one Python object for
each actor. Both simulate the same quarters: for each one of the twin's the engine begins again and
again from a copy of the same world. They take turns in one process, in one thread, and processor
time is counted, so that a busy machine disturbs little; with ``--threads 2`` the engine has two
threads, and the clock is read instead. Nothing is recorded or collected on either side. From the
root of the checkout::

    python -m experiments.benchmarks.against_twin            # 3,000 firms
    python -m experiments.benchmarks.against_twin --large    # 30,000 firms
    python -m experiments.benchmarks.against_twin --json     # one JSON document on stdout
"""

from __future__ import annotations

import argparse
import copy
import json
import platform
import sys
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter, process_time
from typing import Any, TypedDict

import mesa
import numpy as np

from clustersim.mechanisms.base import Mechanism
from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.founding import found
from clustersim.world.spec import RegionSpec, SectorSpec, WorldSpec
from clustersim.world.threads import use_threads
from clustersim.world.world import World
from tests.reference.luck import Luck
from tests.reference.twin import TwinModel

SEED = 1
SECTORS = ("machines", "vehicles", "chemicals", "food", "software")
FIRMS_PER_PLACE = 30
JOBS_PER_FIRM = 7.0
WARM_UP = 12
"""Quarters before anything is timed: kernels are compiled, firms enter and leave."""
ENGINE_TURNS = 12
"""How often the engine simulates the quarters that the twin simulates once."""


class Result(TypedDict):
    """What was measured; times are medians, processor seconds for a quarter."""

    firms: int
    actors: int
    threads: int
    collaborations: int
    engine: float
    engine_quartiles: list[float]
    engine_quarters: int
    twin: float
    twin_quarters: int
    twin_luck_share: float
    ratio: float
    engine_by_mechanism: dict[str, float]
    twin_by_mechanism: dict[str, float]
    versions: dict[str, str]


def world_of(n_firms: int) -> World:
    """Return a world of about `n_firms` firms: regions of five sectors, 30 firms in each place."""
    n_regions = max(round(n_firms / (FIRMS_PER_PLACE * len(SECTORS))), 1)
    jobs = dict.fromkeys(SECTORS, FIRMS_PER_PLACE * JOBS_PER_FIRM)
    firms = dict.fromkeys(SECTORS, float(FIRMS_PER_PLACE))
    sectors = tuple(SectorSpec(name=name, inputs={SECTORS[0]: 0.1}) for name in SECTORS)
    regions = tuple(
        RegionSpec(name=f"region {r}", jobs=jobs, firms=firms, rtos=1) for r in range(n_regions)
    )
    return found(WorldSpec(sectors=sectors, regions=regions), SEED)


def seconds(action: Callable[[], object], clock: Callable[[], float] = process_time) -> float:
    """Return the time that an action takes, by default that of the processor."""
    start = clock()
    action()
    return clock() - start


def seconds_by_mechanism(
    steps: Sequence[tuple[str, Callable[[], object]]],
) -> dict[str, float]:
    """Return the processor time of some named actions, done in order."""
    return {name: seconds(action) for name, action in steps}


def engine_profile(
    world: World, schedule: Sequence[Mechanism], n_quarters: int
) -> dict[str, float]:
    """Return the median time of each mechanism over some quarters of the engine."""
    draws = Draws(SEED)
    rows = []
    for _ in range(n_quarters):
        draws.step = world.clock.step
        rows.append(
            seconds_by_mechanism(
                [(m.name, lambda m=m: m.apply(world, draws)) for m in schedule]  # type: ignore[misc]
            )
        )
        world.clock.step += 1
    return {m.name: median(row[m.name] for row in rows) for m in schedule}


def twin_profile(model: TwinModel, n_quarters: int) -> dict[str, float]:
    """Return the median time of each mechanism over some quarters of the twin."""
    rows = []
    for _ in range(n_quarters):
        model.begin_quarter()
        rows.append(
            seconds_by_mechanism(
                [(p.name, lambda rule=rule, p=p: rule(model, p)) for rule, p in model.rules]  # type: ignore[misc]
            )
        )
        model.end_quarter()
    return {p.name: median(row[p.name] for row in rows) for _, p in model.rules}


class TimedLuck(Luck):
    """Luck that counts its calls and the time they take."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.spent = 0.0

    def four(
        self, decision: str, actor: int, other: int = 0, block: int = 0
    ) -> tuple[float, float, float, float]:
        """Draw, and note the time."""
        start = process_time()
        drawn = super().four(decision, actor, other, block)
        self.spent += process_time() - start
        return drawn


def luck_share(model: TwinModel) -> float:
    """Return the share of one of the twin's quarters that goes into drawing keyed luck."""
    plain = model.luck
    model.luck = timed = TimedLuck(SEED)
    whole = seconds(model.step)
    model.luck = plain
    return timed.spent / whole


def measure(n_firms: int, twin_quarters: int, threads: int = 1) -> Result:
    """Time engine and twin on the same quarters of the same world."""
    use_threads(threads)
    clock = process_time if threads == 1 else perf_counter
    world, schedule = world_of(n_firms), mechanisms()
    simulation = Simulation(world, schedule, seed=SEED, record_every=2**30)
    simulation.run(WARM_UP)
    model = TwinModel.from_world(world, schedule, SEED)
    firms, actors = world.actors.rows(Kind.FIRM).size, world.actors.rows().size
    ties = len(world.ties.collaboration)
    twin: list[float] = []
    engine: list[float] = []
    for turn in range(max(ENGINE_TURNS, twin_quarters)):
        if turn < twin_quarters:
            twin.append(seconds(model.step, clock))
        if turn < ENGINE_TURNS:
            again = Simulation(copy.deepcopy(world), schedule, seed=SEED, record_every=2**30)
            engine += [seconds(again.step, clock) for _ in range(twin_quarters)]
    quartiles = np.quantile(engine, [0.25, 0.75]).tolist()
    return Result(
        firms=int(firms),
        actors=int(actors),
        threads=threads,
        collaborations=ties,
        engine=median(engine),
        engine_quartiles=quartiles,
        engine_quarters=len(engine),
        twin=median(twin),
        twin_quarters=twin_quarters,
        twin_luck_share=luck_share(model),
        ratio=median(twin) / median(engine),
        engine_by_mechanism=engine_profile(world, schedule, twin_quarters),
        twin_by_mechanism=twin_profile(model, twin_quarters),
        versions={
            "python": platform.python_version(),
            "mesa": mesa.__version__,
            "numpy": np.__version__,
        },
    )


def table(result: Result) -> str:
    """Return a result as text for people."""
    lines = [
        f"{result['firms']:,} firms, {result['actors']:,} actors, "
        f"{result['collaborations']:,} collaborations at the start of the timing; threads of the "
        f"engine: {result['threads']}",
        "",
        f"{'milliseconds per quarter':26s}{'engine':>12s}{'Mesa agents':>14s}{'ratio':>9s}",
        _row("whole quarter", result["engine"], result["twin"]),
    ]
    for name, engine in result["engine_by_mechanism"].items():
        lines.append(_row(f"  {name}", engine, result["twin_by_mechanism"][name]))
    low, high = result["engine_quartiles"]
    lines += [
        "",
        f"engine: median of {result['engine_quarters']} quarters, quartiles {1e3 * low:.2f} and "
        f"{1e3 * high:.2f} ms; Mesa agents: median of {result['twin_quarters']} quarters, "
        f"{result['twin_luck_share']:.0%} of it for keyed luck",
    ]
    return "\n".join(lines)


def _row(name: str, engine: float, twin: float) -> str:
    return f"{name:26s}{1e3 * engine:12.3f}{1e3 * twin:14.1f}{twin / engine:9.0f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--large", action="store_true", help="30,000 firms instead of 3,000")
    parser.add_argument("--firms", type=int, help="another number of firms")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--quarters", type=int, help="quarters of the twin (9, large: 3)")
    parser.add_argument("--threads", type=int, default=1, help="threads of the engine (1)")
    options = parser.parse_args(arguments)
    if options.threads < 1:
        parser.error("--threads must be at least 1")
    n_firms = options.firms or (30_000 if options.large else 3_000)
    result = measure(n_firms, options.quarters or (3 if options.large else 9), options.threads)
    document: dict[str, Any] = dict(result)
    sys.stdout.write((json.dumps(document, indent=2) if options.json else table(result)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
