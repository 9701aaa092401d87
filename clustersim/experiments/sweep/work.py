"""What a worker does: one run, of which it returns tables, outcomes and a fingerprint."""

from __future__ import annotations

import hashlib
import os
import platform
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from clustersim.experiments.legs import begin, finish
from clustersim.experiments.outcomes import outcomes
from clustersim.experiments.provenance import sources
from clustersim.experiments.rerun import again, check_graph
from clustersim.experiments.sweep.plan import Cell
from clustersim.experiments.sweep.trunks import grown
from clustersim.experiments.user_mechanism import UserMechanism
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.store import Table, Tables, fingerprint
from clustersim.world.threads import use_threads

_CELLS: Final = 64
"""Scenarios that a worker keeps ready: runs of one cell at other seeds follow soon."""
_MONITORED: Final = frozenset({"monitoring", "organisations"})
"""Tables that are made only if they are kept."""


class OtherProgramError(RuntimeError):
    """A worker has not the program of whoever gave it the work."""


@dataclass(frozen=True)
class Job:
    """A run to be done; it travels to a worker."""

    run: int
    seed: int
    cell: Cell
    tables: tuple[str, ...]
    mechanisms: tuple[Mapping[str, Any], ...]
    program: str
    """SHA-256 of the program, as `provenance.sources`."""
    threads: int | None = None
    """Threads that the worker may use; None leaves them as they are."""
    parting: int = 0
    """Quarter up to which scenarios of the plan may be the same; 0 if none are."""


@dataclass(frozen=True)
class Done:
    """What is stored of a run.

    Attributes
    ----------
    tables
        Those asked for and ``outcomes``, with names instead of indices.
    fingerprint
        Of these tables.
    seconds
        That the run took.
    worker
        Machine and process that did it.
    """

    tables: Tables
    fingerprint: str
    seconds: float
    worker: str


def work(job: Job) -> Done:
    """Do a run.

    Raises
    ------
    OtherProgramError
        If the program here is another one.
    MechanismFailedError
        If a mechanism of the user's own fails.
    """
    begun = time.perf_counter()
    if job.threads is not None:
        use_threads(job.threads)
    if _sources() != job.program:
        raise OtherProgramError(
            f"the worker on {platform.node()} has another version of clustersim; install there "
            "what is installed where the sweep was started"
        )
    mechanisms = _mechanisms(job.mechanisms)
    resolved = replace_seed(_scenario(job.cell, mechanisms), job.seed)
    watched = monitored(job.tables)
    if mechanisms:  # what they keep outside of the world is not known
        simulation = begin(resolved, mechanisms, monitored=watched)
    else:
        simulation = grown(resolved, job.parting, monitored=watched)
    tables = kept(finish(simulation, resolved, mechanisms), job.tables)
    return Done(
        tables=tables,
        fingerprint=fingerprint(tables),
        seconds=time.perf_counter() - begun,
        worker=f"{platform.node()}:{os.getpid()}",
    )


def kept(made: Tables, names: Sequence[str]) -> dict[str, Table]:
    """Return what a sweep keeps of a run: some of its tables, with names, and ``outcomes``."""
    tables: dict[str, Table] = {
        name: with_names(made[name], made) for name in names if name in made
    }
    tables["outcomes"] = {name: np.array([value]) for name, value in outcomes(made).items()}
    return tables


def monitored(tables: Iterable[str]) -> bool:
    """Tell whether any of these tables needs a run that is monitored."""
    return not _MONITORED.isdisjoint(tables)


_NAMED: Final = {"region": "regions", "sector": "sectors", "field": "fields"}


def with_names(table: Table, tables: Tables) -> dict[str, Any]:
    """Return a table with names of regions, sectors and fields instead of indices.

    The index -1 ("none") becomes an empty text. The tables of names themselves keep both.
    """
    columns = dict(table)
    if "name" in columns:
        return columns
    for column, names in _NAMED.items():
        if column in columns:
            every = np.array([*tables[names]["name"].tolist(), ""], dtype=np.str_)
            columns[column] = every[columns[column]]
    return columns


def with_indices(tables: Tables) -> dict[str, dict[str, Any]]:
    """Return tables with indices instead of names, as a run has them."""
    out = {}
    for name, table in tables.items():
        columns = dict(table)
        for column, names in _NAMED.items():
            if column in columns and "name" not in columns and names in tables:
                every = np.array(["", *np.asarray(tables[names]["name"]).tolist()])
                order = np.argsort(every)
                place = np.searchsorted(every, columns[column], sorter=order)
                columns[column] = (order[place] - 1).astype(np.int32)
        out[name] = columns
    return out


def replace_seed(resolved: ResolvedScenario, seed: int) -> ResolvedScenario:
    """Return a scenario at another seed."""
    return replace(resolved, scenario=resolved.scenario.model_copy(update={"seed": seed}))


@lru_cache(maxsize=1)
def _sources() -> str:
    return sources()


_ready: dict[tuple[Any, ...], ResolvedScenario] = {}
_loaded: dict[str, tuple[UserMechanism, ...]] = {}
_one_at_a_time: Final = threading.Lock()
"""An executor may have several threads in one process."""


def _scenario(cell: Cell, mechanisms: Sequence[UserMechanism]) -> ResolvedScenario:
    """Return the scenario of a cell, at any seed."""
    graph = cell.graph and (cell.graph["file"], cell.graph["sha256"])
    key = (cell.content, cell.folder, graph, tuple(one.kind for one in mechanisms))
    with _one_at_a_time:
        if key not in _ready:
            while len(_ready) >= _CELLS:
                del _ready[next(iter(_ready))]
            check_graph(cell.graph)
            _ready[key] = cell.resolved(1, mechanisms)
        return _ready[key]


def _mechanisms(records: Sequence[Mapping[str, Any]]) -> tuple[UserMechanism, ...]:
    """Load the user's mechanisms once, and make sure that they are the same."""
    key = hashlib.sha256(repr([dict(one) for one in records]).encode()).hexdigest()
    with _one_at_a_time:
        if key not in _loaded:
            _loaded[key] = tuple(again(records, None))
        return _loaded[key]
