"""Command ``sensitivity``: which uncertainty outcomes and effects hang on."""

from __future__ import annotations

import math
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from clustersim.cli import console
from clustersim.cli.options import Json, Parquet, Quiet, Workers
from clustersim.cli.sweep import Scheduler, carry_on, study_name

if TYPE_CHECKING:
    from clustersim.experiments.sensitivity.analysis import Analysis, Sensitivity
    from clustersim.store import StoredRuns

RESULT: Final = "sensitivity.json"
PICTURE: Final = "sensitivity.png"
_WORDS: Final = {
    "sobol": "Sobol's total indices: the share of the variance in which a factor has any part",
    "morris": "Morris's mu*: what the outcome changes by, on average, over a factor's whole range; "
    "+ where it rises, - where it falls, ± where that is not sure",
    "ranks": "partial rank correlations: -1 to 1, how surely the outcome falls or rises",
}


def sensitivity(
    study: Annotated[Path, typer.Argument(help="Study file, or folder of a sweep.")],
    *,
    outcome: Annotated[
        list[str] | None,
        typer.Option(
            "--outcome",
            metavar="NAME",
            help="Outcome to look at, as jobs. May be repeated. "
            "[default: jobs, productivity, innovations, clusters]",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Of a study file: folder for its runs; runs/STUDY if left out. Of a sweep: folder "
            "for the results; FOLDER/sensitivity if left out.",
        ),
    ] = None,
    parquet: Parquet = False,
    workers: Workers = None,
    scheduler: Scheduler = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Find out which uncertainty the outcomes hang on, and the effects of policies.

    A study file is run first, as `sweep` does; stopped by whatever, `resume` goes on with it. The
    design of the study says what is found: Morris's elementary effects (`morris`), Sobol's indices
    (`saltelli`), rank correlations (`lhs`, `sobol`). Results are tables and a picture in the folder
    `sensitivity` of the sweep, made anew each time.
    """
    from clustersim.experiments.sensitivity.analysis import check_outcomes
    from clustersim.experiments.sensitivity.analysis import sensitivity as analyse
    from clustersim.plots.sensitivity import draw
    from clustersim.store import read_runs

    check_outcomes(outcome)
    if study.is_dir():
        if workers is not None or scheduler is not None:
            raise console.BadInputError(
                f"{study} is analysed as it is; --workers and --scheduler are for a study file"
            )
        stored, target = read_runs(study), out or study / "sensitivity"
    else:
        stored = _swept(study, out, workers, scheduler, quiet=quiet)
        target = stored.folder / "sensitivity"
    found = analyse(stored, outcome)
    target.mkdir(parents=True, exist_ok=True)
    document = found.to_dict()
    console.write_json(target / RESULT, document)
    console.write_tables(target, found.tables(), parquet=parquet)
    draw(document, target / PICTURE)
    if json:
        console.say_json(document)
    else:
        console.say(_text(found))
    console.notes([*found.notes, *found.warnings()], quiet=quiet)
    if not quiet:
        console.log(f"tables and picture: {target}")
    if stored.state.failed:
        raise typer.Exit(console.SOME_FAILED)


def _swept(
    study: Path, out: Path | None, workers: int | None, scheduler: str | None, *, quiet: bool
) -> StoredRuns:
    """Do the runs of a study."""
    from clustersim.experiments.sensitivity.analysis import explored
    from clustersim.experiments.sweep.sweep import begin, planned

    folder = out or Path("runs") / study_name(study)
    with console.progress("reading", quiet=quiet, unit="scenarios") as show, console.users_code():
        plan = planned(study, show)
    explored(plan.study)
    begin(plan, folder)
    return carry_on(folder, None, workers, scheduler, quiet=quiet)


def _text(found: Sensitivity) -> str:
    """Return a table for each scenario's level and effect, one of the luck, and words."""
    parts = []
    for (label, of), group in groupby(found.analyses, key=lambda one: (one.label, one.of)):
        those = list(group)
        method = those[0].indices.method
        parts.append(
            f"{label}, {of} of outcomes; {_WORDS[method]} (interval of 95 %):\n\n{_table(those)}"
        )
    parts.append(
        "Where the variance comes from: single runs, and the means over seeds that are analysed:"
        f"\n\n{_luck(found)}"
    )
    return "\n\n".join([*parts, found.words()])


def _table(those: list[Analysis]) -> str:
    heading = ("factor", *(one.outcome for one in those))
    # Factors that matter to any outcome come first.
    places = {
        name: min(one.indices.order.index(i) for one in those)
        for i, name in enumerate(those[0].factors)
    }
    rows = []
    for name in sorted(places, key=lambda name: places[name]):
        i = those[0].factors.index(name)
        rows.append((name, *(_cell(one, i) for one in those)))
    return console.table(heading, rows, keep=heading[1:])


def _cell(one: Analysis, i: int) -> str:
    index = one.indices.measures[one.indices.main][i]
    value, low, high = map(console.short_figure, (index.value, index.low, index.high))
    text = f"{value} ({low} to {high})"
    if one.indices.method == "morris":
        mu = one.indices.measures["mu"][i]
        # The sign is told where it is sure.
        sign = "+" if mu.low > 0.0 else "-" if mu.high < 0.0 else "±"
        return f"{sign} {text}"
    return text


def _luck(found: Sensitivity) -> str:
    heading = (
        "scenario",
        "of",
        "outcome",
        "mean",
        "deviation",
        "parameters",
        "luck of all",
        "luck of each",
        "luck in means",
    )
    rows = []
    for one in found.analyses:
        luck = one.luck
        shares = (luck.parameters, luck.common, luck.own, luck.noise)
        figures = (*map(console.short_figure, (one.mean, one.deviation)), *map(_percent, shares))
        rows.append((one.label, one.of, one.outcome, *figures))
    return console.table(heading, rows, spare=("scenario",))


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.0%}"
