"""Command ``export``: the runs of a sweep in other forms."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import Force, check_new


def export(
    folder: Annotated[Path, typer.Argument(help="Folder of a sweep.")],
    *,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE.csv", help="One flat table, a row for each run."),
    ] = None,
    ema: Annotated[
        Path | None,
        typer.Option(
            "--ema", metavar="FILE.tar.gz", help="A file for load_results of the EMA Workbench."
        ),
    ] = None,
    mean: Annotated[
        bool, typer.Option("--mean", help="With --ema: means over seeds, not each of them.")
    ] = False,
    force: Force = False,
) -> None:
    """Write the runs of a sweep in other forms: one flat table, or for the EMA Workbench.

    Both hold what the study set, all outcomes, and the effects of scenarios that are compared with
    others, at the same point and the same seed.
    """
    from clustersim.experiments.export import write_ema, write_flat

    if csv is None and ema is None:
        raise console.BadInputError("nothing to write; name a file by --csv or --ema")
    if mean and ema is None:
        raise console.BadInputError("--mean belongs to --ema")
    for file in (csv, ema):
        if file is not None:
            check_new(file, force=force)
    if ema is not None:
        console.say(str(write_ema(folder, ema, mean=mean)))
    if csv is not None:
        console.say(str(write_flat(folder, csv)))
