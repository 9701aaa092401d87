"""Command ``branch``: a stored run from some quarter on with other policies, or none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clustersim.cli import console
from clustersim.cli.options import Force, Json, Mechanisms, Quiet, Values, parse_pairs
from clustersim.cli.results import folders, save_to_free, short

if TYPE_CHECKING:
    from clustersim.experiments.branch import Branch


def branch(  # noqa: PLR0913  # one per option
    folder: Annotated[Path, typer.Argument(help="Folder of a stored run.")],
    *,
    at: Annotated[
        float,
        typer.Option("--at", metavar="YEAR", help="From when on; .25 is the second quarter."),
    ],
    without: Annotated[
        list[str] | None,
        typer.Option(
            "--without", metavar="NAME", help="A policy that is switched off. May be repeated."
        ),
    ] = None,
    without_all: Annotated[
        bool, typer.Option("--without-all", help="Switch all policies off.")
    ] = False,
    values: Values = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            "--scenario",
            metavar="FILE",
            help="A scenario whose policies come in the place of those of the run.",
        ),
    ] = None,
    years: Annotated[
        float | None,
        typer.Option("--years", help="Length from the start of the run; may be longer than it."),
    ] = None,
    mechanism: Mechanisms = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the branch; runs/RUN-branch if left out."),
    ] = None,
    force: Force = False,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Let a stored run go on from a quarter with other policies, or none, on the same luck.

    The run is simulated again up to that quarter, and every record must be the stored one. From
    then on policies are switched off, come in, or have other terms; parameters and shocks may
    change too (--set). A policy that is switched off ends as it would in its last year: what is
    left in its accounts goes back, and what it has brought about fades. The last table says what
    differs from the run as it was.
    """
    from clustersim.experiments.branch import branch as simulate
    from clustersim.experiments.user_mechanism import load_mechanism
    from clustersim.store import check_target

    overrides = parse_pairs("--set", values)
    if without_all and without:
        raise console.BadInputError("--without-all switches all policies off; leave --without out")
    if not (without or without_all or overrides or scenario is not None or years is not None):
        raise console.BadInputError(
            "say what changes: --without NAME, --without-all, --set NAME=VALUE, --scenario FILE or "
            "--years N"
        )
    name = f"{folder.resolve().name}-branch"
    # What cannot be written at the end is said before the time is spent.
    target = next(one for one in folders(name) if not one.exists()) if out is None else out
    check_target(target, force=force)
    with console.users_code(), console.progress(f"branch of {folder}", quiet=quiet) as show:
        found = simulate(
            folder,
            at,
            without="all" if without_all else tuple(without or ()),
            overrides=overrides,
            scenario=scenario,
            years=years,
            mechanisms=[load_mechanism(source) for source in mechanism] if mechanism else None,
            progress=show,
        )
    result = found.result
    place = save_to_free(result, name) if out is None else result.save(out, force=force)
    _report(found, place, json=json, quiet=quiet)


def _report(found: Branch, folder: Path, *, json: bool, quiet: bool) -> None:
    from clustersim.experiments.counterpart import rows

    result, differences = found.result, found.differences()
    if json:
        console.say_json(
            {
                "folder": str(folder),
                "fingerprint": result.fingerprint,
                "seconds": result.manifest["seconds"],
                "year": found.year,
                "changes": list(found.changes),
                "program_changed": found.program_changed,
                "differences": [one.to_dict() for one in differences],
                "summary": result.summary().to_dict(),
            }
        )
        return
    console.say(found.words())
    if differences:
        (what, where, _, _, *rest), lines = rows(differences)
        heading = (what, where, "branch", "as it was", *rest)
        console.say(
            f"\nFrom {found.year:g} on (at this seed; another history would differ):\n"
            f"{console.table(heading, lines)}"
        )
    else:
        console.say("\nThere is no record after that which both have: nothing is compared.")
    console.say(f"\nResult: {short(folder)}")
    if not quiet:
        console.log(f"done in {result.manifest['seconds']:.1f} s")
