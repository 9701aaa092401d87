"""What a sweep costs besides its runs, and what it saves: workers, storing, memory, pairs.

Sides are measured in turns in one tree of processes, and the load of the machine is told, as others
may share it. From the root of the checkout::

    python -m experiments.benchmarks.sweep                 # some minutes on two cores
    python -m experiments.benchmarks.sweep --runs 1000     # the stated size: half an hour
    python -m experiments.benchmarks.sweep --only storing start --json
"""

from __future__ import annotations

# Workers import this module too, so what is heavy is imported where it is used.
import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clustersim.experiments.sweep.study import Study
    from clustersim.store import StoredRuns

SECTORS = ("machines", "vehicles", "chemicals", "food", "software")
FIRMS_PER_PLACE = 30
JOBS_PER_FIRM = 7
WORKERS = 2
FEWEST = 4
AIMS = {
    "of_twice": 0.9,
    "storing_share": 0.05,
    "growth_of_peak": 1.1,
    "start_seconds": 1.0,
    "paired_over_unpaired": 1 / 3,
    "batch_run_ratio": 100.0,
}


def study_of(folder: Path, firms: int, years: float, seeds: int) -> Study:
    """Return a study of one world: regions of five sectors with 30 firms in each place."""
    from clustersim.experiments.sweep.study import Study
    from clustersim.scenario.yaml_text import yaml_text

    per_place = min(firms / len(SECTORS), FIRMS_PER_PLACE)
    jobs = dict.fromkeys(SECTORS, JOBS_PER_FIRM * per_place)
    world = {
        "start_year": 2000,
        "sectors": [{"name": name, "inputs": {SECTORS[0]: 0.1}} for name in SECTORS],
        "regions": [
            {
                "name": f"region {r}",
                "rtos": 1,
                "jobs": jobs,
                "firms": dict.fromkeys(jobs, per_place),
            }
            for r in range(max(round(firms / (per_place * len(SECTORS))), 1))
        ],
    }
    path = folder / f"world-{firms}-{years:g}.yaml"
    content = {"schema_version": 1, "title": "A plain world", "years": years, "record_every": 4}
    path.write_text(yaml_text({**content, "world": world}), encoding="utf-8")
    asked = {"title": "A plain world", "scenarios": [str(path)], "replications": {"seeds": seeds}}
    return Study.model_validate(asked)


def load() -> float:
    """Return how many processes have wanted a core in the last minute, those of ours included."""
    return os.getloadavg()[0]


def processor_seconds() -> float:
    """Return the processor time of this process and of those that it started and that ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


# Workers


def one_pace(study: Study, out: Path, workers: int) -> dict[str, float]:
    """Do a sweep, and return its pace once all workers are at work, and in all."""
    from clustersim.experiments.sweep.sweep import Engine, sweep

    ends: list[float] = []
    begun, used = perf_counter(), processor_seconds()
    stored = sweep(
        study,
        out,
        engine=Engine(workers=workers),
        progress=lambda *_: ends.append(perf_counter()),
    )
    ended, used = perf_counter(), processor_seconds() - used
    first = min(2 * workers, len(ends) - 2)  # the first of `ends` is before any run
    pace = (len(ends) - 1 - first) / (ends[-1] - ends[first])
    length = median(one["seconds"] for one in stored.state.done.values())
    return {
        "runs_per_second": pace,
        "whole_runs_per_second": stored.n_runs / (ended - begun),
        "processor_seconds_per_run": used / stored.n_runs,
        "run_seconds": length,
        "busy": pace * length / workers,
    }


def pace_apart(runs: int, firms: int, years: float) -> float:
    """Return the pace of as many programs of one worker each at once: what the machine gives."""
    command = [sys.executable, "-m", "experiments.benchmarks.sweep", "--alone"]
    sizes = ["--runs", str(max(runs // WORKERS, FEWEST)), "--firms", str(firms)]
    begun = [
        subprocess.Popen([*command, *sizes, "--years", str(years)], stdout=subprocess.PIPE)  # noqa: S603
        for _ in range(WORKERS)
    ]
    said = [process.communicate()[0] for process in begun]
    return sum(float(json.loads(one)["runs_per_second"]) for one in said)


def workers(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure one worker, several, and several programs that have nothing in common, in turns."""
    study = study_of(folder, given.firms, given.years, given.runs)
    turns: dict[int, list[dict[str, float]]] = {1: [], WORKERS: []}
    loads, apart = [], []
    for turn in range(given.repeats):
        for count, found in turns.items():
            found.append(one_pace(study, folder / f"pace-{turn}-{count}", count))
            loads.append(load())
        apart.append(pace_apart(given.runs, given.firms, given.years))
    several = {
        str(count): {name: median(one[name] for one in found) for name in found[0]}
        for count, found in turns.items()
    }
    ratios = [
        two["runs_per_second"] / (WORKERS * one["runs_per_second"])
        for one, two in zip(turns[1], turns[WORKERS], strict=True)
    ]
    cost = [several[str(count)]["processor_seconds_per_run"] for count in turns]
    return {
        "runs": given.runs,
        "repeats": given.repeats,
        "by_workers": several,
        "apart_runs_per_second": median(apart),
        "of_apart": median(
            two["runs_per_second"] / both for two, both in zip(turns[WORKERS], apart, strict=True)
        ),
        "of_twice": median(ratios),
        "of_twice_each": ratios,
        "of_twice_by_processor": cost[0] / cost[1],
        "load": loads,
    }


# Storing


@contextmanager
def watched(owner: Any, names: Sequence[str], spent: list[float]) -> Iterator[None]:
    """Note the time of some functions of a class or module, the outermost of them."""
    depth = 0
    before = {name: getattr(owner, name) for name in names}

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **options: Any) -> Any:
            nonlocal depth
            depth += 1
            start = perf_counter()
            try:
                return function(*arguments, **options)
            finally:
                depth -= 1
                if not depth:
                    spent.append(perf_counter() - start)

        return called

    for name, function in before.items():
        setattr(owner, name, timed(function))
    try:
        yield
    finally:
        for name, function in before.items():
            setattr(owner, name, function)


def storing(study: Study, folder: Path, repeats: int) -> dict[str, Any]:
    """Do runs with and without storing them, in turns."""
    from clustersim.experiments.provenance import sources
    from clustersim.experiments.sweep import work as module
    from clustersim.experiments.sweep.sweep import Engine, begin, planned, resume
    from clustersim.store import RunWriter

    plan = planned(study)
    jobs = [
        module.Job(run, plan.run(run)[1], plan.run(run)[0], plan.tables, (), sources())
        for run in range(plan.n_runs)
    ]
    module.work(jobs[0])
    kept, bare, shares, prints = [], [], [], []
    for turn in range(repeats):
        out = begin(plan, folder / f"storing-{turn}")
        spent: list[float] = []
        marking: list[float] = []
        with (
            watched(RunWriter, ("begin", "add", "flush", "end"), spent),
            watched(module, ("fingerprint",), marking),
        ):
            start, used = perf_counter(), process_time()
            stored = resume(out, engine=Engine(workers=1))
            whole = perf_counter() - start
            kept.append(process_time() - used)
        shares.append(sum(spent) / whole)
        prints.append(sum(marking) / whole)
        used = process_time()
        for job in jobs:
            module.work(job)
        bare.append(process_time() - used)
    differences = [1.0 - without / whole for without, whole in zip(bare, kept, strict=True)]
    return {
        "runs": plan.n_runs,
        "repeats": repeats,
        "stored_processor_seconds": median(kept),
        "bare_processor_seconds": median(bare),
        "storing_share": median(shares),
        "storing_share_by_difference": median(differences),
        "fingerprint_share": median(prints),
        "bytes_per_run": stored.bytes / plan.n_runs,
        "load": load(),
    }


# Memory


def peak() -> float:
    """Return the most memory that this program has held, bytes.

    What `getrusage` says includes the process that started this one, for a moment.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return 1024.0 * float(line.split()[1])
    unit = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * unit


def child(runs: int) -> dict[str, Any]:
    """Do many runs of a tiny world in two workers, and say what this process has held."""
    from clustersim.experiments.sweep.sweep import Engine, sweep

    with tempfile.TemporaryDirectory() as name:
        study = study_of(Path(name), 20, 2, runs)
        stored = sweep(study, Path(name) / "runs", engine=Engine(workers=WORKERS))
        return {"runs": len(stored.state.done), "peak_bytes": peak(), "bytes": stored.bytes}


def memory(sizes: Sequence[int]) -> dict[str, Any]:
    """Measure the parent's memory with few and with many runs, each in a fresh process."""
    found = []
    for size in sizes:
        command = [sys.executable, "-m", "experiments.benchmarks.sweep", "--child", str(size)]
        done = subprocess.run(  # noqa: S603  # this interpreter and this file
            command, stdout=subprocess.PIPE, text=True, check=True
        )
        found.append(json.loads(done.stdout))
    return {"sizes": found, "growth_of_peak": found[-1]["peak_bytes"] / found[0]["peak_bytes"]}


# Starting


def start(study: Study, starts: int) -> dict[str, Any]:
    """Measure how long a worker takes until it can begin a job, and its first job."""
    from clustersim.experiments import workers as pools
    from clustersim.experiments.provenance import sources
    from clustersim.experiments.sweep.sweep import planned
    from clustersim.experiments.sweep.work import Job, with_names, work

    plan = planned(study)
    cell, seed = plan.run(0)
    job = Job(0, seed, cell, plan.tables, (), sources())
    work(job)  # kernels are compiled, or were
    ready, first, later = [], [], []
    for _ in range(starts):
        begun = perf_counter()
        pool = pools._pool(1)
        # Whatever is called, its module is imported there first: all that a run needs.
        pool.submit(with_names, {}, {}).result()
        ready.append(perf_counter() - begun)
        for times in (first, later):
            begun = perf_counter()
            pool.submit(work, job).result()
            times.append(perf_counter() - begun)
        pool.shutdown()
    return {
        "start_seconds": median(ready),
        "fastest": min(ready),
        "first_run_seconds": median(first),
        "later_run_seconds": median(later),
        "starts": starts,
        "load": load(),
    }


# Pairs


def pairing(scenario: str, seeds: int) -> dict[str, Any]:
    """Compare a scenario with and without its policies, and say what the same luck saves.

    As many pairs as independent runs would be needed on each side, times the ratio of the variance
    of a difference at the same luck to that of a difference of independent runs, give the same
    interval.
    """
    from clustersim.experiments.comparison.runs import compare
    from clustersim.experiments.sweep.sweep import Engine

    begun = perf_counter()
    found = compare([scenario], seeds=seeds, engine=Engine(workers=WORKERS))
    ratios = {
        one.outcome: 1.0 - one.saved for one in found.cases[0].contrasts if one.saved == one.saved
    }
    return {
        "scenario": Path(scenario).stem,
        "seeds": seeds,
        "seconds": perf_counter() - begun,
        "by_outcome": ratios,
        "paired_over_unpaired": median(ratios.values()),
        "reached": sum(one <= AIMS["paired_over_unpaired"] for one in ratios.values()),
    }


# Engines


def content(stored: StoredRuns) -> dict[str, bytes]:
    """Return each table of a sweep as one file, in the order of the runs."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    found = {}
    for name in stored.names:
        sink = pa.BufferOutputStream()
        pq.write_table(stored.arrow(name).combine_chunks(), sink)
        found[name] = sink.getvalue().to_pybytes()
    return found


def engines(study: Study, folder: Path) -> dict[str, Any]:
    """Do the same sweep by one worker, processes, threads and a Dask cluster."""
    from clustersim.experiments.sweep.cluster import dask_engine
    from clustersim.experiments.sweep.sweep import Engine, sweep
    from clustersim.world.threads import use_threads

    found = {
        f"{count} worker{'s' if count > 1 else ''}": content(
            sweep(study, folder / f"same-{count}", engine=Engine(workers=count))
        )
        for count in (1, WORKERS)
    }
    with ThreadPoolExecutor(WORKERS) as executor:
        stored = sweep(study, folder / "same-threads", engine=Engine(executor=executor))
        found["threads"] = content(stored)
    use_threads()
    try:
        import distributed
    except ImportError:
        pass
    else:
        with (
            distributed.LocalCluster(
                n_workers=WORKERS, threads_per_worker=1, dashboard_address=None
            ) as cluster,
            dask_engine(cluster.scheduler_address) as engine,
        ):
            found["Dask cluster"] = content(sweep(study, folder / "same-dask", engine=engine))
    first = found["1 worker"]
    return {
        "runs": len(study.replications.numbers),
        "tables": len(first),
        "same": {name: one == first for name, one in found.items() if name != "1 worker"},
    }


# All of it

PARTS = ("workers", "storing", "memory", "start", "pairing", "batch_run", "engines")


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Measure what was asked for."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def study(years: float, seeds: int) -> Study:
            return study_of(folder, given.firms, years, seeds)

        def batch_run() -> dict[str, Any]:
            from experiments.benchmarks.against_batch_run import ENGINE_SEEDS
            from experiments.benchmarks.against_batch_run import measure as measured

            studies = [
                study_of(folder, firms, given.twin_years, max(ENGINE_SEEDS, given.twin_seeds))
                for firms in given.twin_firms
            ]
            return {"sizes": [measured(one, given.twin_seeds) for one in studies]}

        parts: dict[str, Callable[[], dict[str, Any]]] = {
            "workers": lambda: workers(given, folder),
            "storing": lambda: storing(
                study(given.years, given.stored_runs), folder, given.repeats
            ),
            "memory": lambda: memory(given.memory_runs),
            "start": lambda: start(study_of(folder, 20, 2, 1), given.starts),
            "pairing": lambda: {
                "scenarios": [pairing(one, given.seeds) for one in given.scenarios]
            },
            "batch_run": batch_run,
            "engines": lambda: engines(study(2, 8), folder),
        }
        for part in given.only:
            begun = perf_counter()
            found[part] = parts[part]()
            sys.stderr.write(f"{part}: {perf_counter() - begun:.0f} s\n")
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("--only", nargs="+", choices=PARTS, default=PARTS, help="what is measured")
    add("--firms", type=int, default=1_000, help="firms of the plain world")
    add("--years", type=float, default=40.0, help="years of its runs")
    add("--runs", type=int, default=40, help="runs of each side and turn (stated size: 1000)")
    add("--stored-runs", type=int, default=20, help="runs with and without storing")
    add("--repeats", type=int, default=3, help="turns of either")
    add("--memory-runs", type=int, nargs="+", default=[200, 2_000], help="numbers of tiny runs")
    add("--starts", type=int, default=5, help="workers that are started")
    add("--scenarios", nargs="+", default=["vouchers", "full_mix"], help="what is compared")
    add("--seeds", type=int, default=20, help="seeds of the comparison")
    add("--twin-firms", type=int, nargs="+", default=[1_000, 3_000], help="firms of batch_run")
    add("--twin-seeds", type=int, default=2, help="seeds of batch_run")
    add("--twin-years", type=float, default=10.0, help="years of batch_run")
    add("--json", action="store_true", help="print JSON and nothing else")
    add("--child", type=int, help=argparse.SUPPRESS)
    add("--alone", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child is not None:
        sys.stdout.write(json.dumps(child(given.child)))
        return 0
    if given.alone:
        with tempfile.TemporaryDirectory() as name:
            study = study_of(Path(name), given.firms, given.years, given.runs)
            sys.stdout.write(json.dumps(one_pace(study, Path(name) / "runs", 1)))
        return 0
    if (
        min(given.runs, given.stored_runs, *given.memory_runs) < FEWEST
        or min(given.repeats, given.starts) < 1
    ):
        parser.error(f"expected at least {FEWEST} runs, one turn and one start")
    found = measure(given)
    from experiments.benchmarks.sweep_table import table

    if given.json:
        versions = {"python": platform.python_version(), "machine": platform.machine()}
        document = {"versions": versions, "aims": AIMS, **found}
        sys.stdout.write(json.dumps(document, indent=2) + "\n")
    else:
        sys.stdout.write(table(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
