"""Command ``check``: check scenario files."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from clustersim.cli import console
from clustersim.cli.options import Json, Quiet


def check(
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO...", help="Scenarios or scenario files.")
    ],
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Check scenario files and show all their errors together.

    Each error has its file, line and column, what was expected, and the nearest valid name.
    """
    results = [_checked(source, quiet=quiet or json) for source in scenarios]
    well = all(result["ok"] for result in results)
    if json:
        console.say_json(results)
    else:
        for result in results:
            if result["ok"]:
                console.say(f"{result['scenario']}: correct")
            else:
                console.log("\n".join(result["problems"]))
    if not well:
        raise typer.Exit(console.BAD_INPUT)


def _checked(source: str, *, quiet: bool) -> dict[str, Any]:
    from clustersim.experiments.counterpart import counterpart
    from clustersim.scenario.problems import ScenarioError
    from clustersim.scenario.reader import read_scenario

    try:
        resolved = read_scenario(source)
        counterpart(resolved)
    except ScenarioError as error:
        return {"scenario": source, "ok": False, "problems": [str(one) for one in error.problems]}
    console.notes(resolved.notes, quiet=quiet)
    return {"scenario": source, "ok": True, "problems": [], "notes": list(resolved.notes)}
