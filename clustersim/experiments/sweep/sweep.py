"""Do the runs of a study, keep them, and go on where it stopped."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clustersim.experiments.provenance import sources
from clustersim.experiments.rerun import again, check_graph
from clustersim.experiments.sweep.keeping import create, plan_of
from clustersim.experiments.sweep.plan import Plan, lay_out
from clustersim.experiments.sweep.study import Study, read_study
from clustersim.experiments.sweep.trunks import forget
from clustersim.experiments.sweep.work import Done, Job, OtherProgramError, work
from clustersim.experiments.workers import Failure, stream
from clustersim.store import (
    Added,
    FolderTakenError,
    RunWriter,
    Shard,
    StoredRuns,
    StoreError,
    is_store_of_runs,
    read_runs,
    rewrite_manifest,
)
from clustersim.store.lock import Lock

Progress = Callable[[int, int], None]
"""Told how many runs are done, and of how many."""


@dataclass(frozen=True)
class Engine:
    """Who does the runs.

    Attributes
    ----------
    workers
        Processes on this machine; as many as there are cores if not given.
    executor
        Who does the runs instead: any `concurrent.futures.Executor`, such as that of a Dask client.
        It is not shut down.
    slots
        How many runs the executor can do at a time; as many as there are cores if not given.
    """

    workers: int | None = None
    executor: Executor | None = None
    slots: Callable[[], int] | None = None

    @property
    def name(self) -> str:
        """What it is called in the journal."""
        if self.executor is not None:
            return type(self.executor).__name__
        return "processes"


_TRACE: Final = 8_000
"""Characters that are kept of the trace of a failure, the last ones."""
HERE = Engine()
"""All cores of this machine."""


def sweep(
    study: Study | str | Path,
    out: str | Path,
    *,
    engine: Engine = HERE,
    shard: Shard | None = None,
    progress: Progress | None = None,
) -> StoredRuns:
    """Do all runs of a study and keep them in a folder.

    The results are the same whatever does the runs, and in whatever order they end. A run that
    fails is noted, and the others go on.

    Parameters
    ----------
    study
        A study, or its file.
    out
        Folder for the runs; must not exist, or be empty, or hold the same study begun by another
        shard.
    engine
        Who does the runs.
    shard
        Which part of them is done here.
    progress
        Told after each run how many are done, and of how many.

    Returns
    -------
    StoredRuns

    Raises
    ------
    ScenarioError
        If the study or one of its scenarios cannot be used.
    StoreError
        If the folder is taken or cannot be written to. What has been stored is whole, and `resume`
        goes on with it.
    EngineLostError
        If the executor breaks; as above.
    """
    plan = planned(study)
    begin(plan, out, shard=shard)
    return resume(out, engine=engine, shard=shard, progress=progress)


def planned(study: Study | str | Path, progress: Progress | None = None) -> Plan:
    """Work out what a study comes to; errors as `lay_out`."""
    if isinstance(study, Study):
        return lay_out(study, progress=progress)
    read, root = read_study(study)
    return lay_out(read, file=study, root=root, progress=progress)


def begin(plan: Plan, out: str | Path, *, shard: Shard | None = None) -> Path:
    """Make the folder of a sweep; for a shard it may be there already, of the same plan.

    Raises
    ------
    StoreError
        If the folder is taken by anything else, or cannot be written to.
    """
    try:
        return create(out, plan)
    except FolderTakenError:
        # Another shard may have made it.
        if shard is None or shard.count == 1:
            raise
        stored = read_runs(out)
        seeds = tuple(stored.manifest["seeds"][: len(plan.seeds)])
        if stored.manifest["fingerprint"] != plan.fingerprint or seeds != plan.seeds:
            raise StoreError(
                f"{out} holds a sweep of another configuration; choose another folder"
            ) from None
        return stored.folder


def begin_or_go_on(plan: Plan, out: str | Path) -> Path:
    """Make the folder of a sweep, or take one that holds the same plan, perhaps at other seeds.

    Raises
    ------
    StoreError
        If the folder is taken by anything else, or cannot be written to.
    """
    place = Path(out)
    if not is_store_of_runs(place):
        return create(out, plan)
    stored = read_runs(place)
    if stored.manifest["fingerprint"] != plan.fingerprint:
        raise StoreError(f"{out} holds a sweep of another configuration; choose another folder")
    _set_seeds(stored.folder, plan.seeds)
    return stored.folder


def resume(
    folder: str | Path,
    *,
    engine: Engine = HERE,
    shard: Shard | None = None,
    retry_failed: bool = False,
    add_replications: int = 0,
    other_program: bool = False,
    progress: Progress | None = None,
) -> StoredRuns:
    """Go on with a sweep where it stopped: do the runs that are not stored.

    Parameters
    ----------
    folder
        Of the sweep.
    engine, shard, progress
        As for `sweep`.
    retry_failed
        Do runs again that have failed.
    add_replications
        How many seeds to add, that follow the largest there is.
    other_program
        Go on though the program is not the one that the sweep was begun with; the journal says so.

    Returns
    -------
    StoredRuns

    Raises
    ------
    StoreError
        If the folder holds no sweep, another process does the same runs, it cannot be written to,
        the program is another one, or a graph has changed.
    UserMechanismError
        If the file of a mechanism of the user's own is gone or has changed.
    EngineLostError
        If the executor breaks.
    """
    place = read_runs(folder).folder
    with RunWriter(place, shard) as writer:
        _check_program(writer.stored, other_program)
        plan = plan_of(writer.stored)
        _check_files(plan)
        if add_replications:  # last, so that they are added once, whatever was refused before
            plan = plan.with_seeds(_add_seeds(place, add_replications))
        mine = [run for run in range(plan.n_runs) if writer.shard.holds(run)]
        left = [
            run
            for run in mine
            if run not in writer.state.done and (retry_failed or run not in writer.state.failed)
        ]
        if left:
            writer.begin(engine=engine.name, left=len(left), program=sources())
            _do(plan, left, writer, engine, _counter(progress, len(mine) - len(left), len(mine)))
        dropped = writer.dropped
    stored = read_runs(folder)
    stored.dropped.extend(dropped)
    return stored


def _add_seeds(folder: Path, more: int) -> list[int]:
    with Lock(folder / "lock-manifest", str(folder)):
        stored = read_runs(folder)
        seeds = stored.manifest["seeds"]
        first = max(seeds) + 1
        added = {**stored.manifest, "seeds": [*seeds, *range(first, first + more)]}
        rewrite_manifest(folder, added)
        found: list[int] = added["seeds"]
        return found


def _set_seeds(folder: Path, seeds: Sequence[int]) -> None:
    """Add the seeds that are not there yet."""
    with Lock(folder / "lock-manifest", str(folder)):
        stored = read_runs(folder)
        there = stored.manifest["seeds"]
        added = [seed for seed in seeds if seed not in there]
        if added:
            rewrite_manifest(folder, {**stored.manifest, "seeds": [*there, *added]})


def _check_program(stored: StoredRuns, other_program: bool) -> None:
    if other_program or stored.manifest["sources"] == sources():
        return
    git = stored.manifest["git"]
    commit = f", commit {git['commit'][:12]}" if git else ""
    version = stored.manifest["versions"]["clustersim"]
    raise StoreError(
        f"{stored.folder}: was begun with another state of the program (version {version}{commit})"
        "; use that one, or start anew in another folder, or mix them on purpose by --other-program"
    )


def _check_files(plan: Plan) -> None:
    """Make sure that what the runs read besides the store is as it was: else each would fail."""
    again(plan.mechanisms, None)
    for graph in {(one.graph["file"], one.graph["sha256"]) for one in plan.cells if one.graph}:
        check_graph(dict(zip(("file", "sha256"), graph, strict=True)))


def _counter(progress: Progress | None, done: int, total: int) -> Callable[[int], None]:
    def show(more: int) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, total)

    show(0)
    return show


def _do(
    plan: Plan,
    left: Sequence[int],
    writer: RunWriter,
    engine: Engine,
    show: Callable[[int], None],
) -> None:
    """Do some runs; whatever happens, those that are done are kept."""
    jobs = _jobs(plan, left, threads=None if engine.executor is None else 1)
    results = stream(
        work, jobs, workers=engine.workers, executor=engine.executor, slots=engine.slots
    )
    why = "stopped"
    try:
        for _, job, result in results:
            if not isinstance(result, Failure):
                writer.add(_added(job, result))
            elif isinstance(result.error, OtherProgramError):
                raise result.error
            elif _lacks_program(result.error):
                raise OtherProgramError(
                    f"a worker has not all that is needed ({result.error}); install there what is "
                    "installed where the sweep was started"
                ) from result.error
            else:
                writer.fail(job.run, **_told(result.error))
            show(1)
        why = "finished"
    except KeyboardInterrupt:
        why = "interrupted"
        raise
    finally:
        try:
            writer.flush()  # first, as an impatient second Ctrl-C may come
            writer.end(why)
        finally:
            results.close()
            forget()


def _jobs(plan: Plan, runs: Sequence[int], threads: int | None) -> Iterator[Job]:
    """Yield what is to be done: at each seed, scenarios at the same point one after the other."""
    program, parting = sources(), plan.parting
    for run in sorted(runs, key=lambda run: (run // len(plan.cells), plan.run(run)[0].point)):
        cell, seed = plan.run(run)
        yield Job(run, seed, cell, plan.tables, plan.mechanisms, program, threads, parting)


def _added(job: Job, done: Done) -> Added:
    keys = {
        "run": job.run,
        "scenario": job.cell.label,
        "option": job.cell.option,
        "point": job.cell.point,
        "seed": job.seed,
    }
    record = {
        "fingerprint": done.fingerprint,
        "seconds": round(done.seconds, 3),
        "worker": done.worker,
    }
    return Added(keys, done.tables, record)


def _lacks_program(error: BaseException) -> bool:
    return (
        isinstance(error, ModuleNotFoundError)
        and (error.name or "").partition(".")[0] == "clustersim"
    )


def _told(error: BaseException) -> dict[str, Any]:
    """Return what the journal keeps of an error."""
    return {
        "kind": type(error).__name__,
        "error": str(error),
        "trace": "".join(traceback.format_exception(error))[-_TRACE:],
    }
