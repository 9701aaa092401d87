"""Command ``validate``: the scorecard of stylised facts."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import Force, Json, Quiet, Values, Workers, make_folder, parse_pairs


def validate(  # noqa: PLR0913  # options of a command line
    scenario: Annotated[str, typer.Argument(help="Name or file of a scenario.")] = "base",
    *,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=2, help="How many seeds, from 1 on [default: 30].")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer seeds, in a few minutes.")] = False,
    nulls: Annotated[
        bool, typer.Option("--nulls/--no-nulls", help="Whether to run nulls and ablations.")
    ] = True,
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
    mean over the seeds is within the range stated. Nulls and ablations switch a mechanism off on
    the same luck; each states its direction beforehand and holds if it shows at 1 %.
    """
    from clustersim.experiments.validation.scorecard import QUICK_SEEDS, SEEDS
    from clustersim.experiments.validation.scorecard import validate as compare

    if out is not None:
        from clustersim.plots.scorecard import PICTURES

        make_folder(out, ("scorecard.json", *PICTURES), force=force)
    count = seeds or (QUICK_SEEDS if quick else SEEDS)
    with console.progress("validating", quiet=quiet, unit="runs") as show:
        card = compare(
            scenario,
            seeds=count,
            nulls=nulls,
            overrides=parse_pairs("--set", set_),
            workers=workers,
            progress=show,
        )
    if out is not None:
        from clustersim.plots.scorecard import draw_all

        console.write_json(out / "scorecard.json", card.to_dict())
        draw_all(card.to_dict(), out)
    if json:
        console.say_json(card.to_dict())
        return
    columns = ("fact", "use", "target", "range", "value", "95 % interval", "", "what")
    rows = [
        (
            one.fact.id,
            one.fact.use,
            _number(one.fact.target),
            f"{_number(one.fact.low)} to {_number(one.fact.high)}",
            _number(one.value),
            f"{_number(one.ci[0])} to {_number(one.ci[1])}",
            "ok" if one.passed else "OUT",
            one.fact.title,
        )
        for one in card.scores
    ]
    console.say(console.table(columns, rows, spare=("95 % interval",)))
    if card.nulls:
        console.say("")
        heading = ("null or ablation", "as it is", "switched off", "effect", "p", "", "expectation")
        console.say(
            console.table(
                heading,
                [
                    (
                        one.null.id,
                        _number(one.base),
                        _number(one.variant),
                        _number(one.effect),
                        f"{one.p:.2g}",
                        "ok" if one.passed else "NOT SHOWN",
                        one.null.expectation,
                    )
                    for one in card.nulls
                ],
            )
        )
    console.say("\n" + card.words())


def _number(value: float) -> str:
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return "-inf" if value < 0 else "inf"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"  # noqa: PLR2004  # three digits
