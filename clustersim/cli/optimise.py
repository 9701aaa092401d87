"""Command ``optimise``: the front of instruments and budgets, for several goals."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from clustersim.cli import console
from clustersim.cli.options import Json, Parquet, Quiet, Workers
from clustersim.cli.sweep import ended_gently, study_name

if TYPE_CHECKING:
    from clustersim.experiments.optimise.front import Front

RESULT: Final = "optimisation.json"
PICTURE: Final = "front.png"


def optimise(
    study: Annotated[Path, typer.Argument(help="Study file with a section `optimise`.")],
    *,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Folder of the search; runs/STUDY if left out. A search that is there goes on.",
        ),
    ] = None,
    candidates: Annotated[
        int | None,
        typer.Option("--candidates", min=1, help="Candidates in all, not the study's number."),
    ] = None,
    parquet: Parquet = False,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Search for settings of the levers that no other is better than in all goals.

    Every candidate meets the same uncertain points and the same seeds. Those that are kept are the
    front: more of one goal is only to be had for less of another. What was tried is kept in the
    folder; the same command goes on after an interruption, to the same end.
    """
    from clustersim.experiments.optimise.front import optimise as search
    from clustersim.plots.optimise import draw

    folder = out or Path("runs") / study_name(study)
    try:
        with (
            ended_gently(),
            console.users_code(),
            console.progress("optimising", quiet=quiet, unit="candidates") as show,
        ):
            found = search(study, folder, candidates=candidates, workers=workers, progress=show)
    except KeyboardInterrupt:
        console.end_interrupted(f"what was tried is in {folder}; the same command goes on")
    document = found.to_dict()
    console.write_json(folder / RESULT, document)
    console.write_tables(folder, {"candidates": found.rows()}, parquet=parquet)
    draw(document, folder / PICTURE)
    if json:
        console.say_json(document)
    else:
        console.say(_text(found))
    if not quiet:
        console.log(f"all candidates and the picture: {folder}")
    if any(one.failed for one in found.candidates):
        first = next(one.failed for one in found.candidates if one.failed)
        console.log(f"some candidates failed, the first of them: {first}")
        raise typer.Exit(console.SOME_FAILED)


def _text(found: Front) -> str:
    from clustersim.experiments.optimise.front import COUNTED

    section, best = found.section, found.best()
    if not best:
        return f"{found.words()}\nNo candidate is allowed; allow more, or widen the levers."
    levers = list(found.candidates[0].values)
    heading = (
        "candidate",
        *levers,
        *(f"{goal.name} ({goal.better})" for goal in section.goals),
        "undominated",
        "",
    )
    rows = [
        (
            str(row["candidate"]),
            *(_value(row[name]) for name in levers),
            *(_interval(row, goal.key) for goal in section.goals),
            f"{row['undominated_share']:.0%}",
            "knee" if row["knee"] else "",
        )
        for row in best
    ]
    return (
        f"The front; goals are {COUNTED[section.robust]} (interval of 95 % over seeds); "
        "undominated: share of\npoints and seeds in which no candidate is better in all goals:\n\n"
        f"{console.table(heading, rows)}\n\n{found.words()}"
    )


def _interval(row: dict[str, Any], key: str) -> str:
    value, low, high = (row[name] for name in (key, f"{key}:low", f"{key}:high"))
    if math.isnan(low):
        return _value(value)
    return f"{_value(value)} ({_value(low)} to {_value(high)})"


def _value(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return console.short_figure(value)
