"""Command ``cycles``: the life cycle of clusters, described."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    from clustersim.experiments.cycles.study import Cycles

Row = dict[str, Any]


def cycles(  # noqa: PLR0913  # options of a command line
    scenario: Annotated[str, typer.Argument(help="Name or file of a scenario.")] = "base",
    *,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=1, help="How many seeds, from 1 on [default: 30].")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Six seeds, in half a minute.")] = False,
    factor: Annotated[
        float,
        typer.Option(
            "--factor", help="By which each threshold of the stages is divided and multiplied."
        ),
    ] = 1.25,
    set_: Values = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for cycles.json, tables and figures.")
    ] = None,
    parquet: Parquet = False,
    workers: Workers = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Describe the life cycle of clusters over many seeds.

    How often clusters pass from stage to stage and why, how long stages last, why clusters decline,
    what declines that renewed had in common, and how much the stages depend on the thresholds that
    define them. Intervals are of 95 %, with a run as one observation.
    """
    from clustersim.experiments.cycles.study import QUICK_SEEDS, SEEDS, describe

    if not 1.0 < factor < math.inf:
        raise console.BadInputError(f"--factor {factor}: expected a number above 1")
    if out is not None:
        from clustersim.experiments.cycles.study import TABLES
        from clustersim.plots.cycles import PICTURES

        names = ("cycles.json", *console.table_files(TABLES, parquet=parquet), *PICTURES)
        make_folder(out, names, force=force)
    count = seeds or (QUICK_SEEDS if quick else SEEDS)
    with console.progress("describing", quiet=quiet, unit="runs") as show:
        found = describe(
            scenario,
            seeds=count,
            factor=factor,
            overrides=parse_pairs("--set", set_),
            workers=workers,
            progress=show,
        )
    if out is not None:
        _write(found, out, parquet=parquet)
    if json:
        console.say_json(found.to_dict())
        return
    for title, text in _tables(found):
        console.say(f"{title}\n\n{text}\n")
    console.say(found.words())


def _write(found: Cycles, out: Path, *, parquet: bool) -> None:
    from clustersim.plots.cycles import draw_all

    console.write_json(out / "cycles.json", found.to_dict())
    console.write_tables(out, found.tables(), parquet=parquet)
    draw_all(found.to_dict(), out)


def _tables(found: Cycles) -> list[tuple[str, str]]:
    """Return the tables that have rows, each with its title."""
    factor = f"{found.factor:g}"
    made = [
        ("Passages a year, of clusters in the first stage:", _passages(found.passages)),
        ("Years that a stage lasts (spells still running count):", _durations(found.durations)),
        ("First reason of the passages into a stage:", _reasons(found.reasons)),
        ("Why clusters decline:", _declines(found.declines)),
        (
            f"Declines that renewed within {found.outcomes['within_years']} years "
            f"({found.outcomes['renewed']} of {found.outcomes['known']}), against the others:",
            _renewals(found.differences),
        ),
        ("Odds of renewal for one standard deviation more:", _regression(found.regression)),
        (f"Thresholds divided and multiplied by {factor}:", _thresholds(found.thresholds)),
    ]
    return [(title, text) for title, text in made if text]


def _table(heading: Sequence[str], rows: Sequence[Sequence[str]], spare: Sequence[str] = ()) -> str:
    return console.table(heading, rows, spare=spare) if rows else ""


def _passages(rows: Sequence[Row]) -> str:
    return _table(
        ("from", "to", "passages", "years", "per year", "95 % interval"),
        [
            (
                one["before"],
                one["after"],
                f"{one['count']:,}",
                f"{one['years_in_before']:,}",
                _number(one["per_year"]),
                _interval(one),
            )
            for one in rows
        ],
    )


def _durations(rows: Sequence[Row]) -> str:
    return _table(
        ("stage", "spells", "running", "1st quartile", "median", "95 % interval", "3rd quartile"),
        [
            (
                one["stage"],
                f"{one['spells']:,}",
                f"{one['still_running']:,}",
                *(_years(one[name]) for name in ("first_quartile", "median")),
                _range(_years(one["low"]), _years(one["high"])),
                _years(one["third_quartile"]),
            )
            for one in rows
        ],
    )


def _reasons(rows: Sequence[Row]) -> str:
    return _table(
        ("into", "reason", "passages", "share", "95 % interval"),
        [
            (
                one["into"],
                one["reason"],
                f"{one['count']:,}",
                _percent(one["share"]),
                _percents(one),
            )
            for one in rows
        ],
    )


def _declines(rows: Sequence[Row]) -> str:
    if not any(one["count"] for one in rows):
        return ""
    return _table(
        ("main reason", "declines", "share", "95 % interval", "applies at all", "what it is"),
        [
            (
                one["reason"],
                f"{one['count']:,}",
                _percent(one["share"]),
                _percents(one),
                _percent(one["applies_share"]),
                one["words"],
            )
            for one in rows
        ],
        spare=("what it is",),
    )


def _renewals(rows: Sequence[Row]) -> str:
    if all(math.isnan(one["difference"]) for one in rows):
        return ""
    return _table(
        ("trait", "at the", "renewed", "not", "difference/sd", "95 % interval", "what it is"),
        [
            (
                one["trait"],
                one["when"],
                _number(one["renewed"]),
                _number(one["not_renewed"]),
                _number(one["difference"]),
                _interval(one),
                one["words"],
            )
            for one in rows
        ],
        spare=("what it is",),
    )


def _regression(rows: Sequence[Row]) -> str:
    return _table(
        ("trait at the start", "odds ratio", "95 % interval"),
        [(one["trait"], _number(one["odds_ratio"]), _interval(one)) for one in rows],
    )


def _thresholds(rows: Sequence[Row]) -> str:
    stages = ("infancy", "growth", "maturity", "decline", "renewal")
    return _table(
        ("threshold", "usual", "tried", "years changed", "passages", *stages),
        [
            (
                one["threshold"],
                f"{one['usual']:.3g}",
                f"{one['value']:.3g}",
                _percent(one["changed_share"]),
                _change(one["passages_change"]),
                *(_change(one[f"{stage}_change"]) for stage in stages),
            )
            for one in rows
        ],
    )


def _interval(one: Row) -> str:
    return _range(_number(one["low"]), _number(one["high"]))


def _percents(one: Row) -> str:
    return _range(_percent(one["low"]), _percent(one["high"]))


def _range(low: str, high: str) -> str:
    return "-" if "-" in (low, high) else f"{low} to {high}"


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"


def _years(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.0f}"


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{100.0 * share:.1f} %"


def _change(share: float) -> str:
    return "-" if math.isnan(share) else f"{100.0 * share:+.0f} %"
