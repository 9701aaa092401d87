"""Work spread over processes or machines: any number of workers, the same results."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing.connection import wait as wait_for_parent
from typing import Any, Final, TypeVar

from clustersim.world.threads import usable_cores, use_threads

J = TypeVar("J")
R = TypeVar("R")

TRIES: Final = 2
"""How often a job is tried when the worker dies under it."""
_AHEAD: Final = 2
"""Jobs handed out for each worker, so that none waits for its next one."""


class WorkerLostError(RuntimeError):
    """The process that worked on a job was killed, twice."""


class RemoteError(RuntimeError):
    """What a job raised in another process, where the error itself cannot travel."""


class EngineLostError(RuntimeError):
    """What was to do the work is gone: a scheduler, or an executor of the caller's."""


@dataclass(frozen=True)
class Failure:
    """A job that raised an error."""

    error: BaseException


def stream(
    function: Callable[[J], R],
    jobs: Iterable[J],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    slots: Callable[[], int] | None = None,
) -> Generator[tuple[int, J, R | Failure], None, None]:
    """Yield number, job and result, as they come; what a job raises is a `Failure`.

    Only a few jobs and results exist at a time, so that memory does not grow with their number.
    When a worker process dies, all that had been handed out is done once more, each in a process
    of its own: who kills it a second time has failed, and nobody else.

    Parameters
    ----------
    function
        Defined at the top of a module, so that another process finds it; it must not depend on
        anything but its job.
    jobs
        One argument for each call; they and the results travel between processes.
    workers
        Processes; as many as there are cores if not given. One works in this process.
    executor
        Who does the work instead, such as that of a Dask client. It is not shut down.
    slots
        How many jobs the executor can do at a time, asked for again and again as it may change.

    Raises
    ------
    EngineLostError
        If the executor breaks or cancels jobs.
    """
    numbered = enumerate(jobs)
    if executor is not None:
        yield from _on_executor(function, numbered, executor, slots or usable_cores)
        return
    count = workers or usable_cores()
    if count > 1:
        yield from _in_processes(function, numbered, count)
        return
    for number, job in numbered:
        try:
            result: R | Failure = function(job)
        except Exception as error:  # told to whoever asked for the work
            result = Failure(error)
        yield number, job, result


def each(
    function: Callable[[J], R],
    jobs: Sequence[J],
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[R]:
    """Return the function's result for each job, in the order of the jobs.

    Parameters
    ----------
    function, jobs, workers
        As for `stream`.
    progress
        Told after each job how many are done, and of how many.

    Raises
    ------
    WorkerLostError
        If a process was killed under the same job twice, as the operating system does when memory
        is short.
    Exception
        Whatever `function` raises; jobs that have not begun are then left undone.
    """
    results: dict[int, R] = {}
    count = min(workers or usable_cores(), len(jobs))
    for number, _, result in stream(function, jobs, workers=max(count, 1)):
        if isinstance(result, Failure):
            raise result.error
        results[number] = result
        if progress is not None:
            progress(len(results), len(jobs))
    return [results[number] for number in range(len(jobs))]


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


def _in_processes(
    function: Callable[[J], R], jobs: Iterator[tuple[int, J]], count: int
) -> Generator[tuple[int, J, R | Failure], None, None]:
    running: dict[Future[R], tuple[int, J]] = {}
    pool = _pool(count)
    try:
        while True:
            suspects: list[tuple[int, J]] = []
            for number, job in islice(jobs, _AHEAD * count - len(running)):
                try:
                    running[_submitted(pool, function, job)] = number, job
                except BrokenExecutor:  # a worker has died since the last look
                    suspects.append((number, job))
            if not running and not suspects:
                return
            done = wait(running, return_when=FIRST_COMPLETED).done if not suspects else [*running]
            while done:
                for future in done:
                    number, job = running.pop(future)
                    error = future.exception()
                    if isinstance(error, BrokenExecutor):
                        suspects.append((number, job))
                    else:
                        result: R | Failure = _result(future)
                        yield number, job, result
                # All that was handed to a broken pool comes back at once.
                done = [*running] if suspects else []
            if suspects:
                _stop(pool)
                yield from _alone(function, suspects, count)
                pool = _pool(count)
    finally:
        _stop(pool)


def _alone(
    function: Callable[[J], R], jobs: Sequence[tuple[int, J]], count: int
) -> Generator[tuple[int, J, R | Failure], None, None]:
    """Do jobs each in a process of its own, `count` at a time."""
    waiting = iter(jobs)
    running: dict[Future[R], tuple[int, J, ProcessPoolExecutor]] = {}
    try:
        while True:
            for number, job in islice(waiting, count - len(running)):
                pool = _pool(1)
                running[_submitted(pool, function, job)] = number, job, pool
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number, job, pool = running.pop(future)
                pool.shutdown()
                result = _result(future)
                if isinstance(result, Failure) and isinstance(result.error, BrokenExecutor):
                    result = Failure(WorkerLostError(_KILLED))
                yield number, job, result
    finally:
        for _, _, pool in running.values():
            _stop(pool)


def _submitted(pool: ProcessPoolExecutor, function: Callable[[J], R], job: J) -> Future[R]:
    """Hand a job to a pool; a worker that is started for it does not hear Ctrl-C.

    Before `_begin` it would die of it, and show where it was.
    """
    with _without_script(function):
        if sys.platform == "win32":
            return pool.submit(_guarded, function, job)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            return pool.submit(_guarded, function, job)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


_one_script: Final = threading.Lock()


@contextmanager
def _without_script(function: Callable[..., Any]) -> Iterator[None]:
    """Keep workers that are started here from importing the script that runs.

    They need nothing of it, unless the function is defined there, and a script (or lines typed at a
    prompt) may then call `sweep` and the like without `if __name__ == '__main__':`.
    """
    main = sys.modules["__main__"]
    if function.__module__ == "__main__":
        yield
        return
    with _one_script:
        kept = {
            name: getattr(main, name) for name in ("__spec__", "__file__") if hasattr(main, name)
        }
        try:
            for name in kept:
                setattr(main, name, None)
            yield
        finally:
            for name, value in kept.items():
                setattr(main, name, value)


def _guarded(function: Callable[[J], R], job: J) -> R:
    """Do a job in a worker; an error that cannot be read by the parent would break the pool."""
    try:
        return function(job)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # noqa: S301  # what was written a moment ago
        except Exception:  # whatever the error's own methods raise
            raise RemoteError("".join(traceback.format_exception_only(error)).strip()) from None
        raise


_KILLED: Final = (
    f"the worker was killed {TRIES} times under it, the last time alone in its process; memory may "
    "be too small: use fewer workers, or a smaller world"
)


def _on_executor(
    function: Callable[[J], R],
    jobs: Iterator[tuple[int, J]],
    executor: Executor,
    slots: Callable[[], int],
) -> Generator[tuple[int, J, R | Failure], None, None]:
    running: dict[Future[R], tuple[int, J]] = {}
    lost: set[int] = set()
    try:
        while True:
            room = max(_AHEAD * _asked(slots), 1) - len(running)
            for number, job in islice(jobs, max(room, 0)):
                running[_asked(executor.submit, function, job)] = number, job
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                number, job = running.pop(future)
                result = _result(future)
                if isinstance(result, Failure) and _killed(result.error):
                    if number not in lost:
                        lost.add(number)
                        running[_asked(executor.submit, function, job)] = number, job
                        continue
                    result = Failure(WorkerLostError(_KILLED))
                yield number, job, result
    except (BrokenExecutor, CancelledError) as error:
        raise EngineLostError(
            f"the executor is gone, with {len(running)} jobs under way: "
            f"{type(error).__name__} {error}".rstrip()
        ) from error
    finally:
        for future in running:
            future.cancel()


def _asked(ask: Callable[..., R], *arguments: Any) -> R:
    """Ask an executor, or its cluster, for something; one that is gone cannot give it."""
    try:
        return ask(*arguments)
    except (BrokenExecutor, CancelledError):
        raise
    except (RuntimeError, OSError) as error:
        raise EngineLostError(
            f"the executor is gone: {type(error).__name__} {error}".rstrip()
        ) from error


def _result(future: Future[R]) -> R | Failure:
    if future.cancelled():
        raise CancelledError
    error = future.exception()
    if error is None:
        return future.result()
    return Failure(error)


def _killed(error: BaseException) -> bool:
    """Tell whether Dask gave a job up because workers died under it; Dask may not be installed."""
    if isinstance(error, BrokenExecutor):
        raise error
    return type(error).__name__ == "KilledWorker"


def _pool(count: int) -> ProcessPoolExecutor:
    # A forked process would inherit locks of threads that do not run in it.
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(count, mp_context=context, initializer=_begin)


def _begin() -> None:
    """Prepare a worker: the cores are taken by the workers, so each has one thread.

    Ctrl-C is for the parent to deal with. If the parent is killed, the worker ends too; it would
    wait for work for ever.
    """
    use_threads(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: Any) -> None:
    wait_for_parent([sentinel])
    os._exit(1)


def _stop(pool: ProcessPoolExecutor) -> None:
    """End a pool at once: what its workers are doing is wanted by nobody."""
    processes = dict(getattr(pool, "_processes", None) or {})
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes.values():
        process.terminate()
    for process in processes.values():
        process.join()
