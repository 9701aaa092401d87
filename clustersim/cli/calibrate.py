"""Command ``calibrate``: fit the free parameters to the facts given to the calibration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import Json, Quiet, Workers


def calibrate(
    study: Annotated[Path, typer.Argument(help="File of the study (YAML).")],
    *,
    out: Annotated[
        Path, typer.Option("--out", help="Folder of the trials; a search that is there goes on.")
    ] = Path("calibration"),
    trials: Annotated[
        int | None, typer.Option("--trials", min=1, help="Trials in all, not the study's number.")
    ] = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search for the parameters that bring the simulated economy nearest to the facts.

    Only figures marked C are looked at. The trials are kept in the folder as they are done: the
    same command goes on after an interruption. best.yaml is the best parameter set as a scenario.
    """
    from clustersim.experiments.calibration.search import BEST
    from clustersim.experiments.calibration.search import calibrate as search

    try:
        with console.progress("calibrating", quiet=quiet, unit="trials") as show:
            found = search(study, out, trials=trials, workers=workers, progress=show)
    except KeyboardInterrupt:
        console.end_interrupted(f"the trials done so far are in {out}; the same command goes on")
    if json:
        console.say_json(found.to_dict())
        return
    rows = [
        (name, f"{found.figures[name]:.4g}", f"{loss:.2f}") for name, loss in found.losses.items()
    ]
    console.say(console.table(("figure", "value", "loss"), rows))
    console.say("")
    best = [(name, f"{value:.5g}") for name, value in found.parameters.items()]
    console.say(console.table(("parameter", "best"), best))
    console.say("\n" + found.words())
    if not quiet:
        console.log(f"the best parameter set: {out / BEST}")
