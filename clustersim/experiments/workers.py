"""Work spread over processes: results in the order of the jobs, whatever the number of workers."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final, TypeVar

from clustersim.world.threads import usable_cores, use_threads

J = TypeVar("J")
R = TypeVar("R")

TRIES: Final = 3
"""How often a job is tried when workers die under it."""


class WorkerLostError(RuntimeError):
    """A process that worked on a job was killed, several times in a row."""


def each(
    function: Callable[[J], R],
    jobs: Sequence[J],
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[R]:
    """Return the function's result for each job.

    Parameters
    ----------
    function
        Defined at the top of a module, so that another process finds it; it must not depend on
        anything but its job.
    jobs
        One argument for each call; they and the results travel between processes.
    workers
        Processes; as many as there are cores if not given. One works in this process.
    progress
        Told after each job how many are done, and of how many.

    Raises
    ------
    WorkerLostError
        If a process was killed `TRIES` times, as the operating system does when memory is short.
    Exception
        Whatever `function` raises; jobs that have not begun are then left undone.
    """
    count = min(workers or usable_cores(), len(jobs))
    if count <= 1:
        return [_told(function(job), k, jobs, progress) for k, job in enumerate(jobs, start=1)]
    results: dict[int, R] = {}
    for _ in range(TRIES):
        try:
            _spread(function, jobs, results, count, progress)
        except BrokenProcessPool:
            continue
        return [results[k] for k in range(len(jobs))]
    lost = len(jobs) - len(results)
    raise WorkerLostError(
        f"a worker was lost {TRIES} times, with {lost} of {len(jobs)} jobs left to do; memory may "
        "be too small for so many (use fewer workers), or a script begins its work without "
        "`if __name__ == '__main__':`, as workers import the script"
    )


def seed_numbers(seeds: int | Sequence[int]) -> tuple[int, ...]:
    """Return the seeds of a study: those given, or as many as said, from 1 on.

    Raises
    ------
    ValueError
        If there is none.
    """
    numbers = tuple(range(1, seeds + 1)) if isinstance(seeds, int) else tuple(seeds)
    if not numbers:
        raise ValueError("seeds: expected at least one")
    return numbers


def _told(result: R, done: int, jobs: Sequence[Any], progress: Any) -> R:
    if progress is not None:
        progress(done, len(jobs))
    return result


def _spread(
    function: Callable[[J], R],
    jobs: Sequence[J],
    results: dict[int, R],
    count: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """Do the jobs that have no result yet."""
    # A forked process would inherit locks of threads that do not run in it.
    context = multiprocessing.get_context("spawn")
    # The cores are taken by the workers: each has one thread.
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=use_threads, initargs=(1,))
    try:
        running: dict[Future[R], int] = {
            pool.submit(function, job): k for k, job in enumerate(jobs) if k not in results
        }
        while running:
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                results[running.pop(future)] = future.result()
                _told(None, len(results), jobs, progress)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
