"""Command ``doctor``: check the installation."""

from __future__ import annotations

import typer

from clustersim.cli import console
from clustersim.cli.options import Json
from clustersim.cli.results import RUNS


def doctor(json: Json = False) -> None:
    """Check the installation: versions, disk, scenarios, and a small run.

    Ends with exit code 1 if something is wrong, and says what to do.
    """
    from clustersim.experiments.doctor import examine

    checks = examine(RUNS)
    well = all(check.ok for check in checks)
    if json:
        console.say_json({"ok": well, "checks": [check.to_dict() for check in checks]})
    else:
        for check in checks:
            console.say(f"{'ok   ' if check.ok else 'WRONG'}  {check.name}: {check.found}")
    if not well:
        raise typer.Exit(console.FAILED)
