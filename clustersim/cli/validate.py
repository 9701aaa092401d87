"""Command ``validate``: the scorecard of stylised facts."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clustersim.cli import console
from clustersim.cli.console import BadInputError
from clustersim.cli.options import Force, Json, Quiet, Values, Workers, make_folder, parse_pairs

if TYPE_CHECKING:
    from collections.abc import Mapping


def validate(  # noqa: PLR0913  # options of a command line
    scenario: Annotated[str, typer.Argument(help="Name or file of a scenario.")] = "base",
    *,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=2, help="How many seeds, from 1 on [default: 60].")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer seeds, in a few minutes.")] = False,
    nulls: Annotated[
        bool, typer.Option("--nulls/--no-nulls", help="Whether to run nulls and ablations.")
    ] = True,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only",
            metavar="PART",
            help="Run this part only: facts, nulls or programmes. May be repeated.",
        ),
    ] = None,
    onto: Annotated[
        Path | None,
        typer.Option(
            "--onto",
            help="A scorecard.json of the same scenario, settings, seeds and version, of which the "
            "parts that are not run are taken.",
        ),
    ] = None,
    set_: Values = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for scorecard.json and the figures."),
    ] = None,
    workers: Workers = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare the simulated economy with stylised facts, and test what must disappear.

    Figures marked C were given to the calibration, those marked V never. A figure passes if its
    mean over the seeds is within the range stated; those of programmes of policy (P) compare runs
    with and without the programme on the same luck. Nulls and ablations switch a mechanism off on
    the same luck; each states its direction beforehand and holds if it shows at 1 %.
    """
    from clustersim.experiments.validation.scorecard import (
        PARTS,
        QUICK_SEEDS,
        SEEDS,
        laid_onto,
        words,
    )
    from clustersim.experiments.validation.scorecard import validate as compare

    for part in only or ():
        if part not in PARTS:
            raise BadInputError(f"--only {part!r}: expected one of {', '.join(PARTS)}")
    parts = [part for part in only or PARTS if nulls or part != "nulls"]
    stored = None if onto is None else _stored(onto)
    if out is not None:
        from clustersim.plots.scorecard import PICTURES

        make_folder(out, ("scorecard.json", *PICTURES), force=force)
    count = seeds or (QUICK_SEEDS if quick else SEEDS)
    with console.progress("validating", quiet=quiet, unit="runs") as show:
        card = compare(
            scenario,
            seeds=count,
            parts=parts,
            overrides=parse_pairs("--set", set_),
            workers=workers,
            progress=show,
        ).to_dict()
    if stored is not None:
        try:
            card = laid_onto(stored, card)
        except ValueError as error:
            raise BadInputError(f"--onto {onto}: {error}") from None
    if out is not None:
        from clustersim.plots.scorecard import draw_all

        console.write_json(out / "scorecard.json", card)
        draw_all(card, out)
    if json:
        console.say_json(card)
        return
    if card["facts"]:
        console.say(_facts(card) + "\n")
    if card["nulls"]:
        console.say(_nulls(card) + "\n")
    console.say(words(card))


def _stored(path: Path) -> dict[str, Any]:
    """Read a stored scorecard.

    Raises
    ------
    BadInputError
        If there is none.
    """
    from json import loads

    try:
        card = loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInputError(f"--onto {path}: {error}") from None
    if not isinstance(card, dict) or not {"facts", "nulls", "curves"} <= set(card):
        raise BadInputError(f"--onto {path}: this is no scorecard")
    return card


def _facts(card: Mapping[str, Any]) -> str:
    columns = ("fact", "use", "target", "range", "value", "95 % interval", "", "what")
    rows = [
        (
            one["id"],
            one["use"],
            _number(one["target"]),
            f"{_number(one['low'])} to {_number(one['high'])}",
            _number(one["value"]),
            f"{_number(one['ci'][0])} to {_number(one['ci'][1])}",
            "ok" if one["pass"] else "OUT",
            one["title"],
        )
        for one in card["facts"]
    ]
    return console.table(columns, rows, spare=("95 % interval",))


def _nulls(card: Mapping[str, Any]) -> str:
    columns = ("null or ablation", "as it is", "switched off", "effect", "p", "", "expectation")
    rows = [
        (
            one["id"],
            _number(one["base"]),
            _number(one["variant"]),
            _number(one["effect"]),
            f"{one['p']:.2g}",
            "ok" if one["pass"] else "NOT SHOWN",
            one["expectation"],
        )
        for one in card["nulls"]
    ]
    return console.table(columns, rows)


def _number(value: float | None) -> str:
    # What has no end, or is not known, is null in a stored scorecard.
    if value is None or not math.isfinite(value):
        return "-"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004  # three digits
