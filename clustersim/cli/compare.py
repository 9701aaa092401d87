"""Command ``compare``: scenarios against what they are compared with, over seeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustersim.cli import compare_tables, console
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
    from clustersim.experiments.comparison.judged import Comparison

FILE = "compare.json"
PICTURES = ("effects.png", "jobs.png", "acceptability.png", "plane.png")
"""Pictures of a comparison; the last two only where a scenario takes money. Of each scenario there
is one of winners and losers besides."""


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
    top: Annotated[
        int, typer.Option("--top", min=1, help="Winners, and losers, to show of each kind.")
    ] = 2,
    discount_rate: Annotated[
        float | None,
        typer.Option("--discount-rate", min=0.0, max=1.0, help="A year [default: 0.03]."),
    ] = None,
    co2_price: Annotated[
        float | None,
        typer.Option("--co2-price", min=0.0, help="Euro for a tonne of CO2 [default: 100]."),
    ] = None,
    value_added: Annotated[
        float | None,
        typer.Option(
            "--value-added", min=0.0, help="What a job adds, euro a year [default: 60000]."
        ),
    ] = None,
    deadweight: Annotated[
        float | None,
        typer.Option(
            "--deadweight", min=0.0, help="What a public euro costs beyond itself [default: 0]."
        ),
    ] = None,
    willing: Annotated[
        float | None,
        typer.Option(
            "--willing", min=0.0, help="Euro one would pay for one more job [default: 50000]."
        ),
    ] = None,
    resilience: Annotated[
        bool,
        typer.Option(
            "--resilience", help="Run all without their shocks, too: what a policy does to losses."
        ),
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help=f"Folder for {FILE} with everything, and pictures.")
    ] = None,
    workers: Workers = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare scenarios with a baseline on the same luck, over seeds.

    Each seed runs every scenario and what it is compared with. Effects are mean differences with
    intervals of 95 %; what is shown without --all differs for sure for all outcomes together, and p
    is corrected for their number. Then come who gains and who loses, what the money brings (net
    present value, and what one more job, firm or innovation costs; unknown where there may be no
    effect), the life cycle of the clusters and, of several scenarios, which to choose.
    """
    from clustersim.experiments.comparison.money import Prices
    from clustersim.experiments.comparison.runs import SEEDS
    from clustersim.experiments.comparison.runs import compare as compare_scenarios

    amounts = {
        "discount_rate": discount_rate,
        "co2": co2_price,
        "value_added": value_added,
        "deadweight": deadweight,
        "willing": willing,
    }
    try:
        prices = Prices(**{name: value for name, value in amounts.items() if value is not None})
    except ValueError as error:
        raise console.BadInputError(str(error)) from None
    if out is not None:
        make_folder(out, (FILE, *PICTURES, *_winners(len(scenarios))), force=force)
    overrides = {**parse_pairs("--set", values), **given(years=years)}
    with console.progress("comparing", quiet=quiet, unit="seeds") as show:
        found = compare_scenarios(
            scenarios,
            baseline=baseline,
            seeds=seeds or SEEDS,
            overrides=overrides,
            prices=prices,
            resilience=resilience,
            workers=workers,
            progress=show,
        )
    if out is not None:
        _write(found, out)
    if json:
        console.say_json(found.to_dict())
        return
    _say(found, everything=everything, precision=precision, top=top)


def _say(found: Comparison, *, everything: bool, precision: float | None, top: int) -> None:
    from clustersim.experiments.comparison import weathering
    from clustersim.experiments.comparison.judged import words

    for case in found.cases:
        parts = [
            compare_tables.wrapped(words(case, len(found.seeds))),
            compare_tables.outcomes(case, everything=everything, precision=precision),
            compare_tables.winners(case.groups, top),
            compare_tables.money(case.money),
            compare_tables.stages(case.stages, everything=everything),
        ]
        if case.weathering is not None:
            parts.append(compare_tables.wrapped(weathering.words(case.weathering)))
        console.say("\n\n".join(parts) + "\n\n")
    if len(found.cases) > 1:
        console.say(compare_tables.several(found))


def _write(found: Comparison, out: Path) -> None:
    from clustersim.plots import comparison

    document = found.to_dict()
    console.write_json(out / FILE, document)
    comparison.draw_effects(document, out / PICTURES[0])
    comparison.draw_jobs(document, out / PICTURES[1])
    for number, name in enumerate(_winners(len(found.cases))):
        comparison.draw_winners(document, out / name, case=number)
    if found.choices:
        comparison.draw_acceptability(document, out / PICTURES[2])
        comparison.draw_plane(document, out / PICTURES[3])


def _winners(n: int) -> list[str]:
    """Return the names of the pictures of winners and losers of n scenarios."""
    return [f"winners_{number}.png" for number in range(1, n + 1)]
