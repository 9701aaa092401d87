"""Runs on a Dask cluster: any that has a scheduler, however it was deployed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from clustersim.experiments.sweep.points import MissingExtraError
from clustersim.experiments.sweep.sweep import Engine

_SECONDS: Final = 30.0


class SchedulerError(ValueError):
    """There is no scheduler at the address, or it has no workers."""


@contextmanager
def dask_engine(scheduler: str, *, seconds: float = _SECONDS) -> Iterator[Engine]:
    """Connect to a Dask scheduler and give an engine that works there while the block lasts.

    A worker that dies is replaced by others, as Dask does; a run that kills workers fails.

    Parameters
    ----------
    scheduler
        Address, such as ``tcp://10.0.0.5:8786``, or the file that a scheduler was started with
        (``--scheduler-file``).
    seconds
        How long to wait for scheduler and first worker.

    Raises
    ------
    MissingExtraError
        If Dask is not installed.
    SchedulerError
        If there is no scheduler, or no worker joins it.
    """
    try:
        import distributed
    except ImportError:
        raise MissingExtraError(
            "a scheduler needs Dask; install it by `pip install 'clustersim[cluster]'`"
        ) from None
    # What it logs of a lost scheduler would bury our message, which says what to do.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    connect: Any = distributed.Client
    where = {"scheduler_file" if Path(scheduler).is_file() else "address": scheduler}
    try:
        client = connect(**where, timeout=seconds, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SchedulerError(
            f"{scheduler}: no Dask scheduler answers there ({error}); start one by `dask scheduler`"
            ", and workers by `dask worker ADDRESS --nthreads 1`"
        ) from None
    try:
        try:
            client.wait_for_workers(1, timeout=seconds)
        except TimeoutError:
            raise SchedulerError(
                f"{scheduler}: no worker has joined within {seconds:g} seconds; start some by "
                "`dask worker ADDRESS --nthreads 1`"
            ) from None
        executor = client.get_executor(pure=False)
        yield Engine(executor=executor, slots=lambda: sum(client.ncores().values()))
    finally:
        client.close(timeout=seconds)
