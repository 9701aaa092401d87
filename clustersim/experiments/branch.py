"""The switch-off counterfactual: a stored run from some quarter on with other policies, or none.

The world of a quarter is not stored. As everything is deterministic, the run is simulated again up
to it, which every record until then must confirm to the last bit; then it goes on under what has
changed, on the same luck.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from clustersim.experiments.branching import BranchError, Change, branched, quarter_of
from clustersim.experiments.counterpart import Difference
from clustersim.experiments.counterpart import differences as compared
from clustersim.experiments.legs import Progress, change, finish, play, quarters_of
from clustersim.experiments.provenance import versions
from clustersim.experiments.rerun import program_changed, retrace, texts
from clustersim.experiments.result import RunResult
from clustersim.experiments.run import Started, made
from clustersim.experiments.user_mechanism import UserMechanism
from clustersim.scenario.problems import listed
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.simulation import Simulation
from clustersim.store import (
    StoredRun,
    Table,
    Tables,
    check_target,
    describe_tables,
    differing_columns,
    read_run,
)

_RECORDED: Final = ("clusters", "economy", "monitoring", "organisations")
"""Tables with rows of every record."""
_BOOKED: Final = ("ledger", "projects")
"""Tables with rows of every quarter."""


@dataclass(frozen=True, eq=False)
class Branch:
    """A stored run, and what it would have been from some quarter on.

    Attributes
    ----------
    as_it_was
        The stored run.
    result
        The branch; its tables begin with what both share.
    quarter, year
        From when on they can differ.
    changes
        What changes then, in words.
    program_changed
        Whether the program's own files are not those of the stored run; None if it keeps no record
        of them. All that both share is the same to the last bit, or there is no branch; that the
        rest of the run would be the same again, only `rerun` can tell.
    """

    as_it_was: RunResult
    result: RunResult
    quarter: int
    year: float
    changes: tuple[str, ...]
    program_changed: bool | None = None

    def differences(self) -> tuple[Difference, ...]:
        """Return what differs from the branching quarter on: the branch is `done`.

        If one of the two is longer, up to the last record that both have. What is supported are the
        places for which there was money in either. Empty if there is no record after the quarter
        that both have.
        """
        return differences(self.result.tables, self.as_it_was.tables, self.quarter)

    def words(self) -> str:
        """Return what the branch is, in a sentence."""
        title = self.as_it_was.manifest["scenario"]["title"]
        what = "; ".join(self.changes) or "nothing changes"
        text = f"{title!r} from {self.year:g} on, on the same luck: {what}."
        if not self.program_changed:
            return text
        return text + (
            "\nThe program has changed since the run was made. What both share is the same; "
            "whether the rest of the run would be, `rerun` tells."
        )


def branch(  # noqa: PLR0913  # each is a choice of its own, by keyword
    folder: str | Path,
    at: float,
    *,
    without: Sequence[str] | str = (),
    overrides: Mapping[str, Any] | None = None,
    scenario: str | Path | None = None,
    years: float | None = None,
    mechanisms: Sequence[UserMechanism] | None = None,
    progress: Progress | None = None,
    out: str | Path | None = None,
    force: bool = False,
) -> Branch:
    """Let a stored run go on from a quarter with other policies, or none, on the same luck.

    What happens to policies that end, go on or come in is described in
    `clustersim.experiments.branching`.

    Parameters
    ----------
    folder
        A folder of results, of a run or of a branch. It is not changed.
    at
        Calendar year of the branching quarter, .25 being the second; the first in which anything
        can differ.
    without
        Name or names of the policies that are switched off; the text ``"all"`` for all of them.
    overrides
        Other values from then on, by dotted name: of parameters, shocks, and the policies.
    scenario
        A scenario whose policies come in the place of those of the run. A policy of one name goes
        on under the terms of the scenario.
    years
        Length of the branch, from the start of the run; that of the run if not given.
    mechanisms
        The user's own mechanisms of the run, if their files have moved.
    progress, out, force
        As for `clustersim.experiments.run.run`; `out` is for the branch.

    Returns
    -------
    Branch

    Raises
    ------
    BranchError
        If the run can't be branched there or in this way, or this version of the program does not
        repeat what is stored.
    ScenarioError
        If a value or the scenario can't be used.
    StoreError
        If the folder holds no whole run, or the result could not be written.
    UserMechanismError
        If the file of a mechanism of the user's own is gone or has changed.
    """
    if out is not None:
        check_target(out, force=force)
    started = Started.now()
    stored = read_run(folder)
    stored.verify()
    legs, added = retrace(stored.manifest, mechanisms)
    quarter = quarter_of(at, legs[-1].scenario.scenario)
    if 0 < legs[-1].since >= quarter:
        begins = stored.manifest["branch"]
        raise BranchError(
            f"this run is itself a branch, of {begins['folder']} from {begins['year']:g} on; give "
            "a later year, or branch that run"
        )
    given = Change(_names(without), overrides, scenario, years)
    after, changes = branched(legs, quarter, given)
    was = RunResult.load(folder)
    simulation = play(legs, quarter, added, progress, of=quarters_of(after))
    _check_past(simulation, stored, was.tables)
    _check_elections(simulation, given)
    change(simulation, after, added)
    tables = finish(simulation, after, added, progress)
    result = made(after, tables, started, added)
    result.manifest["branch"] = _record(stored, quarter, float(at), changes)
    result.manifest["scenario"]["origins"] |= _kept_origins(stored, legs[-1].scenario, after)
    found = Branch(was, result, quarter, float(at), changes, program_changed(stored.manifest))
    result.manifest["compared"] = {
        "with": was.manifest["scenario"]["title"],
        "fingerprint": stored.manifest["fingerprint"],
        "differences": [one.to_dict() for one in found.differences()],
    }
    if out is not None:
        result.save(out, force=force)
    return found


def _names(without: Sequence[str] | str) -> tuple[str, ...] | Literal["all"]:
    if without == "all":
        return "all"
    return (without,) if isinstance(without, str) else tuple(without)


def _check_elections(simulation: Simulation, given: Change) -> None:
    """Make sure that no policy is to change that an election has ended, which only the run tells.

    Raises
    ------
    BranchError
        If one is.
    """
    named = () if given.without == "all" else given.without
    for name, standing in simulation.world.public.standing.items():
        own = any(value.startswith(f"policies.{name}.") for value in given.overrides or {})
        if standing.stopped and (own or name in named):
            raise BranchError(
                f"policy {name!r} was ended by an election before "
                f"{simulation.world.clock.year:g} and can't change; give another policy another "
                "name"
            )


def _record(stored: StoredRun, quarter: int, at: float, changes: Iterable[str]) -> dict[str, Any]:
    """Return what a manifest keeps of a branch, enough to repeat it without the run it is of."""
    manifest = stored.manifest
    return {
        "folder": str(stored.folder),
        "fingerprint": manifest["fingerprint"],
        "quarter": quarter,
        "year": at,
        "changes": list(changes),
        "before": texts(manifest),
    }


def _kept_origins(
    stored: StoredRun, before: ResolvedScenario, after: ResolvedScenario
) -> dict[str, str]:
    """Return where the values come from that are those of the run."""
    return {
        name: origin
        for name, origin in stored.manifest["scenario"]["origins"].items()
        if name in after.values and after.values[name] == before.values.get(name)
    }


def _check_past(simulation: Simulation, stored: StoredRun, there: Tables) -> None:
    """Make sure that a run simulated again is what was stored of it up to this quarter.

    Raises
    ------
    BranchError
        If any number is another.
    """
    quarter, every = simulation.world.clock.step, simulation.recorder.every
    again: dict[str, Table] = {**simulation.tables()}
    wrong = differing_columns(
        *(describe_tables(_past(tables, quarter, every)) for tables in (again, there))
    )
    if not wrong:
        return
    manifest = stored.manifest
    then, now = manifest.get("versions", {}), versions()
    changed = [f"{name} {then.get(name)}" for name in now if now[name] != then.get(name)]
    if program_changed(manifest):
        changed.insert(0, "the program as it was")
    raise BranchError(
        f"{stored.folder}: simulated again, the run is another one before it branches "
        f"({listed(wrong, 3)}); use what it was made with ({listed(changed) or 'another machine'}),"
        f" or make the run again (clustersim run {stored.folder / 'scenario.yaml'} --out FOLDER) "
        "and branch that"
    )


def _past(tables: Tables, quarter: int, every: int) -> dict[str, Table]:
    """Return the rows that are settled before a quarter begins, of the tables that have any."""
    found: dict[str, Table] = {}
    for name in (*_RECORDED, *_BOOKED):
        if name not in tables:
            continue
        table = tables[name]
        if name == "projects":
            rows = (table["end"] >= 0) & (table["end"] < quarter)
        elif name == "ledger":
            rows = table["quarter"] < quarter
        else:
            # The last record of a run may be one more than those of every so many quarters.
            rows = (table["quarter"] <= quarter) & (table["quarter"] % every == 0)
        if rows.any():
            found[name] = {column: values[rows] for column, values in table.items()}
    return found


def differences(branch: Tables, run: Tables, quarter: int) -> tuple[Difference, ...]:
    """Return what differs between a branch and its run; see `Branch.differences`."""
    both = np.intersect1d(branch["economy"]["quarter"], run["economy"]["quarter"])
    both = both[both > quarter]
    if both.size == 0:
        return ()
    done, without = (_only(tables, both) for tables in (branch, run))
    ledgers = [tables["ledger"] for tables in (branch, run) if "ledger" in tables]
    if ledgers:
        done["ledger"] = {
            name: np.concatenate([ledger[name] for ledger in ledgers]) for name in ledgers[0]
        }
    return compared(done, without, first=0)


def _only(tables: Tables, quarters: Any) -> dict[str, Table]:
    """Return what is compared of a run, with the records of some quarters."""
    found: dict[str, Table] = {"sectors": tables["sectors"]}
    for name in ("clusters", "economy"):
        rows = np.isin(tables[name]["quarter"], quarters)
        found[name] = {column: values[rows] for column, values in tables[name].items()}
    return found
