"""Command ``describe``: every value of a scenario, with unit and origin."""

from __future__ import annotations

from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import (
    Columns,
    Json,
    Mechanisms,
    Quiet,
    TableFile,
    Values,
    Year,
    parse_pairs,
    table_spec,
)

_LONGEST = 120
"""Signs of a value or meaning that are shown; --json has them all."""


def describe(
    scenario: Annotated[str, typer.Argument(help="A built-in scenario or a scenario file.")],
    *,
    values: Values = None,
    table: TableFile = None,
    column: Columns = None,
    year: Year = None,
    mechanism: Mechanisms = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what a scenario is, and print every value with its unit and where it came from."""
    from clustersim.experiments.run import resolve
    from clustersim.experiments.user_mechanism import load_mechanism
    from clustersim.scenario.describe import describe as tell
    from clustersim.scenario.describe import in_words

    spec = table_spec(table, column, year)
    with console.users_code():
        added = [load_mechanism(source) for source in mechanism or ()]
        resolved = resolve(scenario, parse_pairs("--set", values), added, spec)
    console.notes(resolved.notes, quiet=quiet)
    rows = tell(resolved)
    if json:
        document = {"words": in_words(resolved), "values": [row._asdict() for row in rows]}
        console.say_json(document)
    else:
        console.say(f"{in_words(resolved)}\n")
        heading = ("name", "value", "unit", "origin", "meaning")
        short = [[console.cut(cell, _LONGEST) for cell in row[: len(heading)]] for row in rows]
        console.say(console.table(heading, short, spare=("meaning", "origin"), keep=("name",)))
