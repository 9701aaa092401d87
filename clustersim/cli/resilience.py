"""Command ``resilience``: what shocks do, and what is left of it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import (
    Force,
    Json,
    Parquet,
    Quiet,
    Values,
    Workers,
    make_folder,
    parse_pairs,
)

if TYPE_CHECKING:
    from clustersim.experiments.resilience import Course, Study
    from clustersim.experiments.uncertainty import Estimate

PICTURE = "resilience.png"


def resilience(  # noqa: PLR0913  # options of a command line
    scenario: Annotated[
        str, typer.Argument(help="Name or file of a scenario with shocks.")
    ] = "shocks",
    *,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="How many seeds, from 1 on [default: 20].")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Six seeds, in a minute or two.")] = False,
    set_: Values = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for resilience.json, tables and figure.")
    ] = None,
    parquet: Parquet = False,
    workers: Workers = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure how jobs weather each shock of a scenario.

    Each seed runs once with all shocks and once without each of them, on the same luck. Losses are
    shares of what jobs would have been without the shock: what was kept in the first year
    (resistance), the largest loss and when it came, when jobs were back within 1 % of that path and
    at the level before the shock, and what is lost for good. Intervals are of 95 %, over seeds. A
    seed takes one run for each shock and one more.
    """
    from clustersim.experiments.resilience import QUICK_SEEDS, SEEDS, TABLES, study

    if out is not None:
        names = ("resilience.json", *console.table_files(TABLES, parquet=parquet), PICTURE)
        make_folder(out, names, force=force)
    count = seeds or (QUICK_SEEDS if quick else SEEDS)
    with console.progress("shaking", quiet=quiet, unit="seeds") as show:
        found = study(
            scenario,
            seeds=count,
            overrides=parse_pairs("--set", set_),
            workers=workers,
            progress=show,
        )
    if out is not None:
        _write(found, out, parquet=parquet)
    if json:
        console.say_json(found.to_dict())
        return
    console.say(f"Jobs against the same run without the shock:\n\n{_table(found)}\n")
    console.say(found.words())


def _write(found: Study, out: Path, *, parquet: bool) -> None:
    from clustersim.plots.resilience import draw

    console.write_json(out / "resilience.json", found.to_dict())
    console.write_tables(out, found.tables(), parquet=parquet)
    draw(found.to_dict(), out / PICTURE)


def _table(found: Study) -> str:
    heading = (
        "shock",
        "year",
        "where",
        "kept in 1 year",
        "largest loss",
        "95 % interval",
        "after",
        "back on path",
        "back at level",
        "lost for good",
        "95 % interval",
        "years of jobs lost",
    )
    return console.table(heading, [_row(one) for one in found.courses], spare=("shock",))


def _row(one: Course) -> tuple[str, ...]:
    figure = one.figures
    first, last = one.years
    return (
        one.label,
        f"{first:g}" if first == last else f"{first:.0f} to {last:.0f}",
        one.scope,
        _percent(figure["resistance"].value),
        _percent(figure["depth"].value),
        _percents(figure["depth"]),
        _years(figure["time_to_trough"].value),
        _years(figure["time_to_recovery"].value),
        _years(figure["time_to_level"].value),
        _percent(figure["lost_for_good"].value),
        _percents(figure["lost_for_good"]),
        f"{figure['years_lost'].value:.2f}",
    )


def _percents(one: Estimate) -> str:
    return "-" if math.isnan(one.low) else f"{_percent(one.low)} to {_percent(one.high)}"


def _percent(share: float) -> str:
    # Next to nothing has no sign.
    return "-" if math.isnan(share) else f"{round(100.0 * share, 1) + 0.0:.1f} %"


def _years(value: float) -> str:
    return "never" if math.isnan(value) else f"{value:g} y"
