"""Command ``report``: what compared scenarios bring, as a page for people who decide."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import (
    Co2Price,
    Deadweight,
    DiscountRate,
    Force,
    Json,
    Quiet,
    ValueAdded,
    Willing,
    Workers,
    check_new,
    prices_of,
)


def report(  # noqa: PLR0913  # options of a command line
    folder: Annotated[Path, typer.Argument(help="Folder of a sweep or a comparison.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the report; FOLDER/report if left out."),
    ] = None,
    goal: Annotated[
        str, typer.Option("--goal", help="Outcome that the answer is about.")
    ] = "jobs at the end",
    point: Annotated[
        int | None,
        typer.Option("--point", min=0, help="Point of the uncertainties, where there are several."),
    ] = None,
    discount_rate: DiscountRate = None,
    co2_price: Co2Price = None,
    value_added: ValueAdded = None,
    deadweight: Deadweight = None,
    willing: Willing = None,
    workers: Workers = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Make a report on compared scenarios: one HTML file that opens offline, Markdown and JSON.

    It has the question, the answer in two sentences with how sure it is, the effects, who gains and
    who loses, what the money brings, the life cycle of the clusters, the ledger, assumptions and
    limits, the method, and how to repeat it.
    """
    from clustersim.reporting import HTML, JSON, MARKDOWN
    from clustersim.reporting import report as make
    from clustersim.reporting.words import goal_name
    from clustersim.store import read_runs

    try:
        goal = goal_name(goal)
    except ValueError as error:
        raise console.BadInputError(f"--{error}") from None
    place = out or folder / "report"
    stored = read_runs(folder)
    for name in (HTML, MARKDOWN, JSON):
        if (place / name).exists():
            check_new(place / name, force=force)
    prices = prices_of(discount_rate, co2_price, value_added, deadweight, willing)
    with console.progress("reading", quiet=quiet, unit="seeds") as show:
        made = make(stored, goal=goal, prices=prices, point=point, workers=workers, progress=show)
    page = made.write(place)
    if json:
        console.say_json(made.facts)
        return
    console.say("\n".join(made.facts["answer"]))
    console.say(f"\nReport: {page}")
