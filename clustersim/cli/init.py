"""Command ``init``: write a scenario file to start from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import (
    Columns,
    Force,
    Quiet,
    TableFile,
    Year,
    check_new,
    parse_pairs,
    table_spec,
)

if TYPE_CHECKING:
    from clustersim.scenario.schema import TableSpec


def init(
    name: Annotated[str, typer.Argument(help="What the scenario is called.")] = "My scenario",
    *,
    table: TableFile = None,
    column: Columns = None,
    year: Year = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="File to write; NAME.yaml if left out.")
    ] = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write a scenario file to start from, with comments that say what can be changed.

    With --table the world of the scenario is that of the table. A table in the scenario's folder,
    or below it, is named in the scenario; the jobs of any other are written into it.
    """
    from clustersim.scenario.init import starter_text
    from clustersim.scenario.table import read_employment_table

    target = out if out is not None else Path(f"{_file_name(name)}.yaml")
    check_new(target, force=force)
    spec = table_spec(table, column, year)
    if table is None or spec is None:
        text = starter_text(title=name)
    else:
        jobs = read_employment_table(table, columns=parse_pairs("--column", column), year=year)
        console.notes(jobs.notes, quiet=quiet)
        text = starter_text(jobs, spec=_beside(spec, target), title=name)
    target.write_text(text, encoding="utf-8", newline="\n")
    console.say(str(target))
    if not quiet:
        console.log(f"next: clustersim check {target}, then clustersim run {target}")


def _file_name(name: str) -> str:
    """Return a name that every system takes as a file's."""
    return re.sub(r"[^\w.-]+", "-", name.removesuffix(".yaml").lower()).strip("-.") or "scenario"


def _beside(spec: TableSpec, target: Path) -> TableSpec | None:
    """Return where the table is as seen from the scenario; None if that is not in its folder."""
    folder, table = target.absolute().parent.resolve(), Path(spec.path).resolve()
    if not table.is_relative_to(folder):
        return None
    return spec.model_copy(update={"path": table.relative_to(folder).as_posix()})
