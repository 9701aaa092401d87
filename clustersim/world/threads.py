"""Kernels on several threads: rows are shared out, each thread does its part.

Only loops in which every row is on its own are spread, so that the bits of a result depend neither
on the number of threads nor on which of them is first. Small worlds stay on one thread: to wake
another costs as much as some thousand rows. Sweeps use the cores for whole runs, so their workers
have one thread each.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any, Final

FEWEST: Final = 8_000
"""Rows for each thread below which another thread does not pay."""
MOST: Final = 8
"""Threads at most: the loops wait for memory, and more threads wait together."""
VARIABLE: Final = "CLUSTERSIM_THREADS"


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _wanted() -> int:
    given = os.environ.get(VARIABLE, "")
    return int(given) if given.isdecimal() and int(given) > 0 else min(usable_cores(), MOST)


class _Team:
    """The threads of this process; they are started when first needed."""

    def __init__(self) -> None:
        self.size = _wanted()
        self.pool: ThreadPoolExecutor | None = None

    def helpers(self) -> ThreadPoolExecutor:
        if self.pool is None:
            self.pool = ThreadPoolExecutor(max(self.size - 1, 1), "clustersim")
        return self.pool

    def resize(self, size: int) -> None:
        if self.pool is not None:
            self.pool.shutdown()
            self.pool = None
        self.size = size


_team = _Team()
if hasattr(os, "register_at_fork"):  # threads do not live on in a forked process
    os.register_at_fork(after_in_child=lambda: setattr(_team, "pool", None))


def use_threads(count: int | None = None) -> None:
    """Let kernels of large worlds run on `count` threads from now on.

    Parameters
    ----------
    count
        1 for none but the caller's; if left out, what the environment variable
        ``CLUSTERSIM_THREADS`` says, or as many as there are cores, eight at most.

    Raises
    ------
    ValueError
        If `count` is not at least 1.
    """
    if count is not None and count < 1:
        msg = f"threads: expected at least 1, got {count}"
        raise ValueError(msg)
    _team.resize(_wanted() if count is None else count)


def spread(work: Callable[..., None], n_rows: int, *arguments: Any) -> None:
    """Call a kernel ``work(first, last, *arguments)`` for all rows, in parts if there are many.

    Parameters
    ----------
    work
        Kernel that treats the rows from `first` to below `last`, each on its own.
    n_rows
        Number of rows.
    arguments
        What else the kernel takes.
    """
    n_parts = min(_team.size, n_rows // FEWEST)
    if n_parts <= 1:
        work(0, n_rows, *arguments)
        return
    ends = [n_rows * part // n_parts for part in range(n_parts + 1)]
    pool = _team.helpers()
    others = [pool.submit(work, first, last, *arguments) for first, last in pairwise(ends[1:])]
    try:
        work(0, ends[1], *arguments)
    finally:
        for other in others:
            other.result()
