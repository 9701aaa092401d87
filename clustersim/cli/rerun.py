"""Command ``rerun``: repeat a stored run and compare it to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import Force, Json, Mechanisms, Quiet


def rerun(
    folder: Annotated[Path, typer.Argument(help="Folder of a stored run, or of a sweep.")],
    *,
    run: Annotated[
        int | None,
        typer.Option("--run", metavar="N", min=0, help="Of a sweep: the run to repeat."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FOLDER", help="With --run: keep the run with all its tables."
        ),
    ] = None,
    force: Force = False,
    mechanism: Mechanisms = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Repeat a stored run and tell whether every number is the same to the last bit.

    Ends with exit code 1 if something differs, and says in which tables; --json names the columns.
    Nothing is written, unless a run of a sweep is to be kept with all its tables: a sweep keeps a
    few, and `branch` and `benchmark` need more.
    A mechanism of your own is loaded from the file it came from; --mechanism names it where it
    has moved to.
    """
    from clustersim.experiments.rerun import rerun as repeat
    from clustersim.experiments.sweep.repeat import rerun_one
    from clustersim.experiments.user_mechanism import load_mechanism
    from clustersim.store import is_store_of_runs

    sweep = is_store_of_runs(folder)
    if sweep and run is None:
        raise console.BadInputError(f"{folder} holds a sweep; say which run by --run N")
    if not sweep and (run is not None or out is not None):
        raise console.BadInputError(f"--run and --out are for sweeps; {folder} holds none")
    shown = f"repeating {folder}" if run is None else f"repeating run {run} of {folder}"
    with console.users_code(), console.progress(shown, quiet=quiet) as show:
        given = [load_mechanism(source) for source in mechanism] if mechanism else None
        repetition = (
            repeat(folder, mechanisms=given, progress=show)
            if run is None
            else rerun_one(folder, run, mechanisms=given, out=out, force=force, progress=show)
        )
    if json:
        console.say_json(repetition.to_dict())
    else:
        console.say(repetition.words())
        if out is not None:
            console.say(f"All its tables are in {out}.")
    if not repetition.identical:
        raise typer.Exit(console.FAILED)
