"""Command ``rerun``: repeat a stored run and compare it to the last bit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import Json, Mechanisms, Quiet


def rerun(
    folder: Annotated[Path, typer.Argument(help="Folder of a stored run.")],
    mechanism: Mechanisms = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Repeat a stored run and tell whether every number is the same to the last bit.

    Nothing is written. Ends with exit code 1 if something differs, and says in which tables;
    --json names the columns.
    A mechanism of your own is loaded from the file it came from; --mechanism names it where it
    has moved to.
    """
    from clustersim.experiments.rerun import rerun as repeat
    from clustersim.experiments.user_mechanism import load_mechanism

    with console.users_code(), console.progress(f"repeating {folder}", quiet=quiet) as show:
        given = [load_mechanism(source) for source in mechanism] if mechanism else None
        repetition = repeat(folder, mechanisms=given, progress=show)
    if json:
        console.say_json(repetition.to_dict())
    else:
        console.say(repetition.words())
    if not repetition.identical:
        raise typer.Exit(console.FAILED)
