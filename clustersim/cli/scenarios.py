"""Command ``scenarios``: list the scenarios that come with the package."""

from __future__ import annotations

from clustersim.cli import console
from clustersim.cli.options import Json


def scenarios(json: Json = False) -> None:
    """List the scenarios that come with the package."""
    from clustersim.scenario.builtin import builtin_scenarios

    found = builtin_scenarios()
    if json:
        console.say_json(
            [{"name": one.name, "title": one.title, "path": str(one.path)} for one in found]
        )
    else:
        console.say(console.table(("name", "title"), [(one.name, one.title) for one in found]))
