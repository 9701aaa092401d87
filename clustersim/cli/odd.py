"""Command ``odd``: the ODD protocol of the model as a scenario runs it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import (
    Columns,
    Force,
    Mechanisms,
    Quiet,
    TableFile,
    Values,
    Year,
    check_new,
    parse_pairs,
    table_spec,
)


def odd(  # noqa: PLR0913  # each is an option of its own
    scenario: Annotated[str, typer.Argument(help="Name or file of a scenario.")] = "base",
    *,
    values: Values = None,
    table: TableFile = None,
    column: Columns = None,
    year: Year = None,
    mechanism: Mechanisms = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Markdown file; else it is printed.")
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write the ODD protocol (2020 form): purpose, entities, schedule, concepts, every equation.

    It is made from the code's own docstrings and the values of the scenario, each with its unit,
    source and origin: what is needed to build the model again.
    """
    from clustersim.experiments.odd.protocol import odd as write
    from clustersim.experiments.run import resolve
    from clustersim.experiments.user_mechanism import load_mechanism

    if out is not None:
        check_new(out, force=force)
    spec = table_spec(table, column, year)
    with console.users_code():
        added = [load_mechanism(source) for source in mechanism or ()]
        resolved = resolve(scenario, parse_pairs("--set", values), added, spec)
    console.notes(resolved.notes, quiet=quiet)
    text = write(resolved)
    if out is None:
        console.say(text.rstrip("\n"))
    else:
        out.write_text(text, encoding="utf-8", newline="\n")
        if not quiet:
            console.log(f"protocol: {out}")
