"""Command ``identify``: find clusters in a table of employment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import (
    Columns,
    Force,
    Json,
    Quiet,
    Year,
    check_picture,
    parse_pairs,
)


def identify(
    table: Annotated[Path, typer.Argument(help="Table of employment, CSV or Parquet.")],
    *,
    year: Year = None,
    column: Columns = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Draw a map of the clusters (PNG, SVG or PDF).")
    ] = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find the clusters in a table of employment.

    The table has one row per region and sector with the columns region, sector and jobs, and
    optionally year, firms, x, y, area and population. Headings in English or German are
    recognised; others are named with --column.
    """
    from clustersim.experiments.identify import identify as find
    from clustersim.scenario.table import read_employment_table

    if out is not None:
        check_picture(out, force=force)
    jobs = read_employment_table(table, columns=parse_pairs("--column", column), year=year)
    console.notes(jobs.notes, quiet=quiet)
    found = find(jobs)
    if json:
        console.say_json(found.to_dict())
    else:
        console.say(found.words())
        clusters = found.clusters()
        if clusters:
            heading = ("sector", "region", "jobs", "LQ", "size", "focus", "strength")
            rows = [
                (
                    one.sector,
                    one.region,
                    f"{one.jobs:,.0f}",
                    f"{one.location_quotient:.2f}",
                    f"{one.size:.3f}",
                    f"{one.focus:.3f}",
                    one.strength,
                )
                for one in clusters
            ]
            console.say("\n" + console.table(heading, rows))
    if out is not None:
        from clustersim.plots.identify import draw

        draw(found, out)
        if not quiet:
            console.log(f"picture: {out}")
