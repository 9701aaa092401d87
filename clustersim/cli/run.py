"""Command ``run``: run a scenario once and keep the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clustersim.cli import console
from clustersim.cli.options import (
    Columns,
    Force,
    Json,
    Mechanisms,
    Quiet,
    TableFile,
    Values,
    Year,
    check_picture,
    given,
    parse_pairs,
    table_spec,
)
from clustersim.cli.results import folders, save_to_free, short

if TYPE_CHECKING:
    from clustersim.experiments.result import RunResult
    from clustersim.experiments.user_mechanism import UserMechanism
    from clustersim.scenario.resolved import ResolvedScenario
    from clustersim.scenario.schema import Scenario

PICTURE = "life_cycles.png"
"""Name of the picture in the folder of a result."""


_LEAST_YEARS = 2
"""Years of a picture; of one alone nothing could be seen."""


def run(  # noqa: PLR0913  # one per option
    scenario: Annotated[str, typer.Argument(help="A built-in scenario or a scenario file.")],
    *,
    seed: Annotated[int | None, typer.Option("--seed", help="Number of the luck.")] = None,
    years: Annotated[float | None, typer.Option("--years", help="Length of the run.")] = None,
    values: Values = None,
    table: TableFile = None,
    column: Columns = None,
    year: Year = None,
    mechanism: Mechanisms = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the result; runs/SCENARIO-seedSEED if left out."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            help="File of the picture (PNG, SVG, PDF); in the result's folder if left out.",
        ),
    ] = None,
    no_plot: Annotated[bool, typer.Option("--no-plot", help="Draw no picture.")] = False,
    force: Force = False,
    json: Json = False,
    alone: Annotated[
        bool,
        typer.Option(
            "--alone", help="Do not run what the scenario is compared with, as without policies."
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Run a scenario and store the result.

    The folder holds every table as Parquet, the scenario with all its values, a picture of the
    main clusters with their stages, and a manifest that says how to repeat the run. Without --out
    nothing is ever replaced: the next run of the same name goes to ...-2. A scenario with policies
    is run without them as well, on the same luck, or against the one that it names (`against:`),
    and the manifest and the last table say what differs.
    """
    from clustersim.experiments.counterpart import counterpart
    from clustersim.experiments.run import resolve, scenario_name
    from clustersim.experiments.run import run as simulate
    from clustersim.experiments.user_mechanism import load_mechanism
    from clustersim.store import check_target

    if out is not None:
        check_target(out, force=force)
    if plot is not None:
        check_picture(plot, force=force)
    overrides = {**parse_pairs("--set", values), **given(seed=seed, years=years)}
    spec = table_spec(table, column, year)
    with console.users_code():
        added = [load_mechanism(source) for source in mechanism or ()]
        resolved = resolve(scenario, overrides, added, spec)
    console.notes(resolved.notes, quiet=quiet)
    label = f"{scenario_name(resolved)}, seed {resolved.scenario.seed}"
    name = f"{scenario_name(resolved)}-seed{resolved.scenario.seed}"
    if out is None:
        # What cannot be written at the end is said before the time is spent.
        check_target(next(folder for folder in folders(name) if not folder.exists()))
    with console.users_code():
        other = None if alone else counterpart(resolved, overrides, added, spec)
        with console.progress(label, quiet=quiet) as show:
            if other is None:
                result = simulate(resolved, mechanisms=added, progress=show)
            else:
                result = _run_both(resolved, other, added, show)
    folder = save_to_free(result, name) if out is None else result.save(out, force=force)
    _report(result, folder, json=json, quiet=quiet)
    if no_plot:
        return
    if len(set(result.tables["stages"]["year"].tolist())) < _LEAST_YEARS:
        console.notes(["no picture: there are no clusters over two years or more"], quiet=quiet)
    else:
        try:
            drawn = _draw(result, resolved.scenario, plot or folder / PICTURE)
        except KeyboardInterrupt:
            console.end_interrupted(f"the result in {short(folder)} is whole, without its picture")
        if not quiet:
            console.log(f"picture: {short(drawn)}")


def _run_both(
    resolved: ResolvedScenario,
    other: ResolvedScenario,
    added: Sequence[UserMechanism],
    show: Callable[[int, int], None],
) -> RunResult:
    """Run a scenario and what it is compared with; note in its manifest how the two differ."""
    from clustersim.experiments.counterpart import differences
    from clustersim.experiments.legs import quarters_of
    from clustersim.experiments.pair import run_pair

    first = quarters_of(resolved)
    both = first + quarters_of(other)
    result, without = run_pair(
        resolved,
        other,
        mechanisms=added,
        progress=lambda done, _: show(done, both),
        other_progress=lambda done, _: show(first + done, both),
    )
    found = differences(result.tables, without.tables)
    result.manifest["compared"] = {
        "with": without.manifest["scenario"]["title"],
        "fingerprint": without.fingerprint,
        "differences": [one.to_dict() for one in found],
    }
    return result


def _report(result: RunResult, folder: Path, *, json: bool, quiet: bool) -> None:
    summary = result.summary()
    if json:
        console.say_json(
            {
                "folder": str(folder),
                "fingerprint": result.fingerprint,
                "seconds": result.manifest["seconds"],
                "summary": summary.to_dict(),
                "compared": result.manifest.get("compared"),
                "network": result.network(),
                "regions": result.region_structure().to_dict(orient="records"),
                "sectors": result.sector_structure().to_dict(orient="records"),
            }
        )
        return
    console.say(f"{summary.title}, seed {summary.seed}\n\n{summary.words()}")
    heading, rows = summary.rows()
    if rows:
        console.say(
            f"\nThe main clusters, in jobs:\n{console.table(heading, rows, spare=heading[-1:])}"
        )
    if "compared" in result.manifest:
        _say_differences(result.manifest["compared"])
    console.say(f"\nResult: {short(folder)}")
    if not quiet:
        console.log(f"done in {result.manifest['seconds']:.1f} s")


def _say_differences(compared: Mapping[str, Any]) -> None:
    """Say how a run differs from what it is compared with."""
    from clustersim.experiments.counterpart import from_manifest, rows

    heading, lines = rows(from_manifest(compared))
    console.say(
        f"\nCompared with {compared['with']!r}, on the same luck (at this seed; another history "
        f"would differ):\n{console.table(heading, lines)}"
    )


def _draw(result: RunResult, scenario: Scenario, path: Path) -> Path:
    """Draw the life of the main clusters, with shocks and policies of the run; return where."""
    from clustersim.plots.lifecycle import draw
    from clustersim.plots.marks import policy_marks, shock_marks

    summary = result.summary()
    names = (result.regions, result.sectors)
    marks = [*shock_marks(scenario), *policy_marks(scenario, result.tables, *names)]
    inside = [one for one in marks if summary.first_year <= one.year <= summary.last_year]
    seen = sorted(inside, key=lambda mark: mark.year)
    title = f"{summary.title}, seed {summary.seed}"
    stages = result.tables["stages"]
    return draw(stages, result.regions, result.sectors, path, marks=seen, title=title)
