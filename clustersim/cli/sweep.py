"""Commands ``sweep``, ``resume`` and ``status``: many runs, kept in a store."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clustersim.cli import console
from clustersim.cli.options import Json, Quiet, Workers

if TYPE_CHECKING:
    from clustersim.experiments.sweep.estimate import Estimate
    from clustersim.experiments.sweep.plan import Plan
    from clustersim.experiments.sweep.sweep import Engine
    from clustersim.store import Shard, StoredRuns

_SHOWN = 5
"""Failures that are shown."""

Scheduler = Annotated[
    str | None,
    typer.Option(
        "--scheduler",
        metavar="ADDRESS",
        help="Do the runs on a Dask cluster: the address of its scheduler, or its file.",
    ),
]
ShardText = Annotated[
    str | None,
    typer.Option(
        "--shard", metavar="I/N", help="Do the I-th of N parts only, as 2/8; the others elsewhere."
    ),
]


def sweep(
    study: Annotated[Path, typer.Argument(help="Study file.")],
    *,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the runs; runs/STUDY if left out.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what it would take, and run nothing.")
    ] = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    shard: ShardText = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Do all runs of a study, and keep them.

    A study names scenarios, what is uncertain, what can be chosen, and how many seeds. Its runs are
    kept as Parquet tables that one call reads; a run that fails is noted and the others go on.
    Stopped by whatever, `resume` goes on where it was.
    """
    from clustersim.experiments.sweep.estimate import estimate
    from clustersim.experiments.sweep.sweep import planned

    part = parse_shard(shard)
    folder = out or Path("runs") / study_name(study)
    with console.progress("reading", quiet=quiet, unit="scenarios") as show, console.users_code():
        plan = planned(study, show)
    if dry_run:
        found = estimate(plan, folder, workers)
        if json:
            console.say_json(found.to_dict())
        else:
            console.say(_estimated(found))
        return
    _go_on(folder, part, workers, scheduler, plan, json=json, quiet=quiet)


def resume(  # noqa: PLR0913  # options of a command line
    folder: Annotated[Path, typer.Argument(help="Folder of a sweep.")],
    *,
    retry_failed: Annotated[
        bool, typer.Option("--retry-failed", help="Do runs again that have failed.")
    ] = False,
    add_replications: Annotated[
        int, typer.Option("--add-replications", min=0, metavar="N", help="Add N seeds.")
    ] = 0,
    other_program: Annotated[
        bool,
        typer.Option(
            "--other-program",
            help="Go on though the program has changed since; the journal keeps a note.",
        ),
    ] = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    shard: ShardText = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Go on with a sweep where it stopped.

    What is stored is looked over: parts that are damaged are set aside, and their runs done again.
    """
    more: dict[str, Any] = {
        "retry_failed": retry_failed,
        "add_replications": add_replications,
        "other_program": other_program,
    }
    part = parse_shard(shard)
    _go_on(folder, part, workers, scheduler, json=json, quiet=quiet, **more)


def status(
    folder: Annotated[Path, typer.Argument(help="Folder of a sweep.")],
    *,
    json: Json = False,
) -> None:
    """Say how far a sweep is, also while it runs."""
    from clustersim.experiments.sweep.status import read_status
    from clustersim.store import read_runs

    found = read_status(read_runs(folder))
    if json:
        console.say_json(found.to_dict())
        return
    console.say(found.words())
    if found.failures:
        rows = [(str(one.run), one.scenario, str(one.seed), one.error) for one in found.failures]
        heading = ("run", "scenario", "seed", "error")
        console.say("\n" + console.table(heading, rows[:_SHOWN], keep=("error",)))
        if len(rows) > _SHOWN:
            console.say(f"and {len(rows) - _SHOWN:,} more; --json shows all")


def study_name(study: Path) -> str:
    """Return a name for the runs of a study file: its own, or that of its folder."""
    return study.parent.resolve().name if study.stem == "study" else study.stem


def parse_shard(text: str | None) -> Shard | None:
    """Read ``I/N``; None for all the work.

    Raises
    ------
    BadInputError
        If it is anything else.
    """
    from clustersim.store import Shard

    if text is None:
        return None
    first, _, last = text.partition("/")
    if not (first.isdecimal() and last.isdecimal() and 1 <= int(first) <= int(last)):
        raise console.BadInputError(f"--shard {text!r}: expected I/N with 1 <= I <= N, such as 2/8")
    return Shard(int(first), int(last))


@contextmanager
def engine_of(workers: int | None, scheduler: str | None) -> Iterator[Engine]:
    """Give what does the runs: processes here, or a Dask cluster.

    Raises
    ------
    BadInputError
        If both are asked for.
    """
    from clustersim.experiments.sweep.sweep import Engine

    if scheduler is None:
        yield Engine(workers=workers)
        return
    if workers is not None:
        raise console.BadInputError("either --workers or --scheduler, not both")
    from clustersim.experiments.sweep.cluster import dask_engine

    with dask_engine(scheduler) as engine:
        yield engine


@contextmanager
def ended_gently() -> Iterator[None]:
    """Take a request to end, as a batch system sends it, for Ctrl-C: what is done is kept."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _go_on(  # what is to be done, and how it is shown
    folder: Path,
    shard: Shard | None,
    workers: int | None,
    scheduler: str | None,
    plan: Plan | None = None,
    *,
    json: bool,
    quiet: bool,
    **more: Any,
) -> None:
    """Do what is to be done, and say how it ended."""
    stored = carry_on(folder, shard, workers, scheduler, plan, quiet=quiet, **more)
    _say_end(stored, folder, json=json)


def carry_on(  # what is to be done, and how it is shown
    folder: Path,
    shard: Shard | None,
    workers: int | None,
    scheduler: str | None,
    plan: Plan | None = None,
    *,
    quiet: bool,
    **more: Any,
) -> StoredRuns:
    """Do the runs of a sweep that are not stored; how to go on is said if it is stopped.

    With a plan, the sweep is begun once it is known that there is who does its runs.
    """
    from clustersim.experiments.sweep.sweep import begin
    from clustersim.experiments.sweep.sweep import resume as go_on

    begun = plan is None
    remedy = f"clustersim resume {quote(str(folder))}"
    if shard is not None:
        remedy += f" --shard {shard.index}/{shard.count}"
    if scheduler is not None:
        remedy += f" --scheduler {quote(scheduler)}"
    try:
        with (
            ended_gently(),
            engine_of(workers, scheduler) as engine,
            console.progress("sweep", quiet=quiet, unit="runs") as show,
        ):
            if plan is not None:
                begin(plan, folder, shard=shard)
                begun = True
            stored = go_on(folder, engine=engine, shard=shard, progress=show, **more)
    except KeyboardInterrupt:
        if not begun:
            console.end_interrupted()
        console.end_interrupted(f"what was done is kept; go on by `{remedy}`")
    except Exception as error:
        code = console.tell_error(error)
        if begun and code == console.FAILED:
            console.log(f"what was done is kept; go on by `{remedy}`")
        raise typer.Exit(code) from None
    console.notes([f"{why}; its runs were done again" for why in stored.dropped], quiet=quiet)
    return stored


def _say_end(stored: StoredRuns, folder: Path, *, json: bool) -> None:
    from clustersim.experiments.sweep.status import read_status

    found = read_status(stored)
    if json:
        console.say_json(found.to_dict())
    else:
        console.say(found.words())
    if found.failed:
        first = found.failures[0]
        console.log(
            f"{found.failed:,} runs failed, the first of them: {first.error}\n"
            f"`clustersim status {folder}` shows them, "
            f"`clustersim resume {folder} --retry-failed` does them again"
        )
        raise typer.Exit(console.SOME_FAILED)


def _estimated(found: Estimate) -> str:
    runs = f"{found.cells:,} cells at {found.seeds:,} seeds: {found.runs:,} runs"
    each = "1 worker" if found.workers == 1 else f"{found.workers} workers"
    size, free = (console.byte_words(one) for one in (found.bytes, found.free_bytes))
    text = (
        f"{runs}\n"
        f"time: about {console.time_words(found.seconds)} on {each} of this machine\n"
        f"disk: about {size}, {free} are free\n"
        "(from two years of each scenario; worlds that grow and policies that come later take more)"
    )
    if found.bytes > found.free_bytes:
        text += "\nThe disk is too small: keep fewer tables (`keep:`), or choose another folder."
    return text
