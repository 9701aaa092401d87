"""Command ``compare``: scenarios against what they are compared with, over seeds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustersim.cli import compare_tables, console
from clustersim.cli.options import (
    Co2Price,
    Deadweight,
    DiscountRate,
    Force,
    Json,
    Quiet,
    ValueAdded,
    Values,
    Willing,
    Workers,
    check_new,
    given,
    parse_pairs,
    prices_of,
)
from clustersim.cli.sweep import Scheduler, engine_of

if TYPE_CHECKING:
    from clustersim.experiments.comparison.judged import Comparison

FILE = "compare.json"
PICTURES = ("effects.png", "jobs.png", "acceptability.png", "plane.png")
"""Pictures of a comparison; the last two only where a scenario takes money. Of each scenario there
is one of winners and losers besides."""


def compare(  # noqa: PLR0913  # options of a command line
    scenarios: Annotated[
        list[str],
        typer.Argument(
            metavar="SCENARIO...",
            help="Scenarios or scenario files; or one study file, or one folder of a sweep.",
        ),
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
            help="Add seeds until the interval of the effect on --outcome is so wide to each side, "
            "as 0.01.",
        ),
    ] = None,
    outcome: Annotated[
        str | None,
        typer.Option(
            "--outcome", help="Outcome that --precision is about [default: jobs at the end]."
        ),
    ] = None,
    most_seeds: Annotated[
        int | None,
        typer.Option("--most-seeds", min=2, help="Seeds at most [default: 1000]."),
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Show what does not differ for sure, too.")
    ] = False,
    top: Annotated[
        int, typer.Option("--top", min=1, help="Winners, and losers, to show of each kind.")
    ] = 2,
    discount_rate: DiscountRate = None,
    co2_price: Co2Price = None,
    value_added: ValueAdded = None,
    deadweight: Deadweight = None,
    willing: Willing = None,
    resilience: Annotated[
        bool,
        typer.Option(
            "--resilience", help="Run all without their shocks, too: what a policy does to losses."
        ),
    ] = False,
    point: Annotated[
        int | None,
        typer.Option(
            "--point", min=0, help="Of a study with uncertainties: the point that is looked at."
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help=f"Folder for {FILE} with everything, pictures, and the runs, which `resume`, "
            "`report` and the same command again go on with.",
        ),
    ] = None,
    scheduler: Scheduler = None,
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
    from clustersim.experiments.comparison.runs import GOAL, MOST_SEEDS, Wanted
    from clustersim.experiments.comparison.runs import compare as make
    from clustersim.experiments.sweep.study import is_study
    from clustersim.store import is_store_of_runs

    if precision is None and (outcome is not None or most_seeds is not None):
        raise console.BadInputError("--outcome and --most-seeds go with --precision")
    prices = prices_of(discount_rate, co2_price, value_added, deadweight, willing)
    wanted = None
    if precision is not None:
        wanted = Wanted(precision, outcome or GOAL, most_seeds or MOST_SEEDS)
    overrides = {**parse_pairs("--set", values), **given(years=years)}
    only = scenarios[0] if len(scenarios) == 1 else ""
    ready = is_store_of_runs(Path(only)) if only else False
    if (ready or is_study(only)) and (overrides or baseline or seeds or resilience):
        raise console.BadInputError(
            f"{only} says itself what is run: no --baseline, --seeds, --years, --set, --resilience"
        )
    if ready and (wanted is not None or scheduler):
        raise console.BadInputError(
            f"{only} is stored already: `clustersim resume {only} --add-replications N` adds seeds"
        )
    if out is not None and not (is_store_of_runs(out) and not ready):
        # The files of a comparison that is gone on with are made from its runs again.
        for name in (FILE, *PICTURES, *_winners(len(scenarios))):
            if (out / name).exists():
                check_new(out / name, force=force)
    with (
        console.progress("comparing", quiet=quiet, unit="seeds" if ready else "runs") as show,
        console.users_code(),
        engine_of(workers, scheduler) as engine,
    ):
        found = make(
            only if ready or is_study(only) else scenarios,
            baseline=baseline,
            seeds=seeds,
            overrides=overrides,
            prices=prices,
            resilience=resilience,
            wanted=wanted,
            point=point,
            out=None if ready else out,
            engine=engine,
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

    out.mkdir(parents=True, exist_ok=True)
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
