"""One run of a sweep again: the same to the last bit, and with all its tables if wanted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clustersim.experiments.legs import Progress, begin, finish
from clustersim.experiments.rerun import Repetition, again, check_graph, compared
from clustersim.experiments.run import Started, made
from clustersim.experiments.sweep.keeping import plan_of
from clustersim.experiments.sweep.work import kept
from clustersim.experiments.user_mechanism import UserMechanism
from clustersim.store import (
    StoredRuns,
    StoreError,
    Tables,
    check_target,
    describe_tables,
    fingerprint,
    read_runs,
)


def rerun_one(
    runs: StoredRuns | str | Path,
    number: int,
    *,
    mechanisms: Sequence[UserMechanism] | None = None,
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Repetition:
    """Repeat one run of a sweep and compare what was kept of it bit by bit.

    Parameters
    ----------
    runs
        The sweep, or its folder, which is not changed.
    number
        Of the run, as in the column ``run`` of its tables.
    mechanisms
        The user's own mechanisms of the sweep, if their files have moved.
    out
        Folder for the repeated run with all its tables, of which a sweep keeps a few; it is a
        stored run like any other, from which `branch` can go on.
    force
        Replace a run in that folder.
    progress
        As for `clustersim.experiments.run.run`.

    Returns
    -------
    Repetition

    Raises
    ------
    StoreError
        If the folder holds no sweep, the run is not in it or its tables are not those that were
        written, the graph of its world is gone or has changed, or `out` cannot be written.
    UserMechanismError
        If the file of a mechanism of the user's own is gone or has changed.
    ScenarioError
        If this version cannot read the scenario of the run.
    """
    stored = runs if isinstance(runs, StoredRuns) else read_runs(runs)
    if out is not None:
        check_target(out, force=force)
    before = describe_tables(_tables(stored, number))
    plan = plan_of(stored)
    cell, seed = plan.run(number)
    added = again(plan.mechanisms, mechanisms)
    check_graph(cell.graph)
    resolved = cell.resolved(seed, added)
    started = Started.now()
    tables = finish(begin(resolved, added), resolved, added, progress)
    after = describe_tables(kept(tables, plan.tables))
    if out is not None:
        made(resolved, tables, started, added).save(out, force=force)
    return compared(stored.folder, stored.manifest, before, after, run=number)


def _tables(stored: StoredRuns, number: int) -> Tables:
    """Return what is stored of a run, after a look at its fingerprint."""
    if number in stored.state.failed:
        raise StoreError(
            f"{stored.folder}: run {number} has failed ({stored.state.failed[number]['error']}); "
            f"`clustersim resume {stored.folder} --retry-failed` does it again"
        )
    if number not in stored.state.done:
        raise StoreError(
            f"{stored.folder}: run {number} is not there; runs are numbered from 0 to "
            f"{stored.n_runs - 1}, and {len(stored.state.done):,} are stored"
        )
    tables = stored.tables(number)
    if fingerprint(tables) != stored.state.done[number]["fingerprint"]:
        raise StoreError(
            f"{stored.folder}: the tables of run {number} are not those that were written; "
            f"`clustersim resume {stored.folder}` finds what is damaged and makes it anew"
        )
    return tables
