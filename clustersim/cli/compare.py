"""Command ``compare``: scenarios against what they are compared with, over seeds."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import (
    Force,
    Json,
    Quiet,
    Values,
    Workers,
    given,
    make_folder,
    parse_pairs,
)

if TYPE_CHECKING:
    from clustersim.experiments.compare import Compared, Contrast

FILE = "compare.json"


def compare(  # noqa: PLR0913  # options of a command line
    scenarios: Annotated[
        list[str], typer.Argument(metavar="SCENARIO...", help="Scenarios or scenario files.")
    ],
    *,
    baseline: Annotated[
        str | None,
        typer.Option(
            "--baseline",
            help="What all are compared with; left out: what each names, or itself without its "
            "policies.",
        ),
    ] = None,
    seeds: Annotated[
        int | None, typer.Option("--seeds", min=2, help="How many seeds, from 1 on [default: 20].")
    ] = None,
    years: Annotated[float | None, typer.Option("--years", help="Length of the runs.")] = None,
    values: Values = None,
    precision: Annotated[
        float | None,
        typer.Option(
            "--precision",
            min=1e-6,
            help="Say how many seeds make each interval so wide to each side, as 0.01.",
        ),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show what does not differ for sure, too.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help=f"Folder for {FILE}, with all figures.")
    ] = None,
    workers: Workers = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare scenarios with a baseline on the same luck, over seeds.

    Each seed runs every scenario and what it is compared with. Effects are mean differences with
    intervals of 95 %, and with those that hold for all outcomes of a scenario together; p is
    corrected for their number. What one more job, firm or innovation costs is public money over
    effect, unknown where there may be no effect.
    """
    from clustersim.experiments.compare import SEEDS, words
    from clustersim.experiments.compare import compare as compare_scenarios

    if out is not None:
        make_folder(out, (FILE,), force=force)
    overrides = {**parse_pairs("--set", values), **given(years=years)}
    with console.progress("comparing", quiet=quiet, unit="seeds") as show:
        found = compare_scenarios(
            scenarios,
            baseline=baseline,
            seeds=seeds or SEEDS,
            overrides=overrides,
            workers=workers,
            progress=show,
        )
    if out is not None:
        console.write_json(out / FILE, found.to_dict())
    if json:
        console.say_json(found.to_dict())
        return
    for case in found.cases:
        console.say(f"{words(case, len(found.seeds))}\n")
        console.say(f"{_table(case, everything=everything, precision=precision)}\n")


def _table(case: Compared, *, everything: bool, precision: float | None) -> str:
    heading = ("what", "where", "without", "effect", "95 %", "95 %, all together", "p", "better")
    heading += ("cost, euro", *(("seeds",) if precision is not None else ()))
    costs = {(one.outcome, one.scope): one for one in case.costs}
    rows = []
    for one in case.contrasts:
        if not (everything or one.sure):
            continue
        cost = costs.get((one.outcome, one.scope))
        row = (
            one.outcome,
            "everywhere" if one.scope == "all" else "in what is supported",
            _amount(one),
            _effect(one.effect.value, one),
            f"{_effect(one.effect.low, one)} to {_effect(one.effect.high, one)}",
            f"{_effect(one.low, one)} to {_effect(one.high, one)}",
            f"{one.holm:.1g}",
            "" if math.isnan(one.better) else f"{one.better:.0%}",
            "" if cost is None else _euro(cost.euro.value),
        )
        needed = one.seeds_for(precision) if precision is not None else None
        rows.append((*row, f"{needed:,}" if needed else "") if precision is not None else row)
    if not rows:
        return "Nothing differs for sure; --all shows every outcome."
    return console.table(heading, rows)


def _euro(value: float) -> str:
    if math.isnan(value):
        return ""
    few = 100.0
    return f"{value:.2f}" if value < few else f"{value:,.0f}"


def _effect(value: float, one: Contrast) -> str:
    if math.isnan(value):
        return "-"
    if one.relative:
        return f"{value:+.2%}"
    return f"{100.0 * value:+.2f} points" if one.unit == "share" else f"{value:+.4f}"


def _amount(one: Contrast) -> str:
    millions = 1e6
    if one.unit == "euro":
        return f"{one.without / millions:,.1f} m"
    return f"{one.without:,.0f}" if one.relative else f"{one.without:.3f}"
