"""Repeat a stored run from its manifest, and tell whether every number is the same."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from clustersim.experiments.legs import Leg, Progress, finish, play, quarters_of
from clustersim.experiments.provenance import sources, versions
from clustersim.experiments.run import kinds
from clustersim.experiments.user_mechanism import (
    UserMechanism,
    UserMechanismError,
    load_mechanism,
)
from clustersim.scenario.reader import read_scenario_text
from clustersim.scenario.schema import default_schedule
from clustersim.store import StoreError, describe_tables, differing_columns, read_run
from clustersim.store.columns import combine


@dataclass(frozen=True)
class Repetition:
    """A stored run against its repetition.

    Attributes
    ----------
    folder
        The stored run.
    fingerprint, repeated_fingerprint
        Of the stored and of the repeated tables.
    differing
        Columns that are not the same to the last bit, as ``table.column``.
    n_columns
        Number of columns by table.
    run
        Number of the run, if the folder holds a sweep.
    program_changed
        Whether the program's own files are not those of the stored run; None if it keeps no
        record of them.
    changed_versions
        Versions that are not those of the stored run: name, then stored and present version.
    """

    folder: str
    fingerprint: str
    repeated_fingerprint: str
    differing: tuple[str, ...]
    n_columns: dict[str, int]
    program_changed: bool | None
    changed_versions: dict[str, tuple[str | None, str | None]]
    run: int | None = None

    @property
    def identical(self) -> bool:
        """Whether every table is the same to the last bit."""
        return not self.differing

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {**asdict(self), "identical": self.identical}

    def words(self) -> str:
        """Return the outcome in plain words."""
        if self.identical:
            text = (
                f"Every table is identical to the last bit (fingerprint {self.fingerprint[:16]})."
            )
        else:
            counts = Counter(name.partition(".")[0] for name in self.differing)
            text = "Not identical.\n" + "\n".join(
                f"  {table}: {n} of {self.n_columns[table]} columns differ"
                for table, n in counts.items()
            )
        if self.program_changed:
            text += "\nThe program has changed since."
        changed = [f"{name} {a} then, {b} now" for name, (a, b) in self.changed_versions.items()]
        return text + (f"\nOther versions: {'; '.join(changed)}." if changed else "")


def rerun(
    folder: str | Path,
    *,
    mechanisms: Sequence[UserMechanism] | None = None,
    progress: Progress | None = None,
) -> Repetition:
    """Repeat a stored run and compare every column bit by bit.

    Parameters
    ----------
    folder
        A folder of results. It is checked against its manifest first and is not changed.
    mechanisms
        The user's own mechanisms of that run, if their files have moved.
    progress
        As for `clustersim.experiments.run.run`.

    Returns
    -------
    Repetition

    Raises
    ------
    StoreError
        If the folder holds no whole run, its tables are not those that were written, or the graph
        that its world was founded from is gone or has changed.
    UserMechanismError
        If the file of a mechanism of the user's own is gone or has changed.
    ScenarioError
        If this version cannot read the scenario of the run.
    """
    stored = read_run(folder)
    stored.verify()
    manifest = stored.manifest
    legs, added = retrace(manifest, mechanisms)
    scenario = legs[-1].scenario
    simulation = play(legs, legs[-1].since, added, progress, of=quarters_of(scenario))
    described = describe_tables(finish(simulation, scenario, added, progress))
    return compared(stored.folder, manifest, manifest["tables"], described)


def compared(
    folder: Path,
    manifest: Mapping[str, Any],
    stored: Mapping[str, Any],
    repeated: Mapping[str, Any],
    *,
    run: int | None = None,
) -> Repetition:
    """Return a repetition from what `describe_tables` tells of the stored and the new tables."""
    now = versions()
    then = manifest["versions"]
    return Repetition(
        folder=str(folder),
        fingerprint=combine(stored),
        repeated_fingerprint=combine(repeated),
        differing=tuple(differing_columns(stored, repeated)),
        n_columns=_count_columns(stored, repeated),
        run=run,
        program_changed=program_changed(manifest),
        changed_versions={
            name: (then.get(name), now.get(name))
            for name in sorted(then.keys() | now.keys())
            if then.get(name) != now.get(name)
        },
    )


def retrace(
    manifest: Mapping[str, Any], mechanisms: Sequence[UserMechanism] | None = None
) -> tuple[tuple[Leg, ...], list[UserMechanism]]:
    """Return what a stored run was made of: its legs, and the user's mechanisms.

    Parameters
    ----------
    manifest
        Of the run.
    mechanisms
        The user's own mechanisms of that run, if their files have moved.

    Raises
    ------
    StoreError
        If the graph that its world was founded from is gone or has changed.
    UserMechanismError
        If the file of a mechanism of the user's own is gone or has changed.
    ScenarioError
        If this version cannot read the scenario of the run.
    """
    described = manifest["scenario"]
    check_graph(described["graph"])
    added = again(manifest["mechanisms"], mechanisms)
    beside = described["folder"]
    legs = [
        Leg(
            read_scenario_text(
                one["text"],
                name=f"{described['name']}.yaml",
                folder=None if beside is None else Path(beside),
                schedule=(*default_schedule(), *kinds(added)),
            ),
            one["since"],
        )
        for one in texts(manifest)
    ]
    return tuple(legs), added


def program_changed(manifest: Mapping[str, Any]) -> bool | None:
    """Return whether the program's own files are not those of a run; None if it has no record."""
    return manifest["sources"] != sources() if "sources" in manifest else None


def texts(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the text of each scenario that held in a run, with the quarter since when."""
    branched = manifest.get("branch", {"before": [], "quarter": 0})
    last = {"since": branched["quarter"], "text": manifest["scenario"]["text"]}
    return [*branched["before"], last]


def _count_columns(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of columns of each table that either of two results has."""
    return {
        name: len(set().union(*(side[name]["columns"] for side in (one, other) if name in side)))
        for name in sorted({*one, *other})
    }


def check_graph(record: Mapping[str, str] | None) -> None:
    """Make sure that the graph of a run is what it was."""
    if record is None:
        return
    file = Path(record["file"])
    if not file.is_file():
        raise StoreError(f"{file}: the graph of the run is gone; put it back to repeat the run")
    if hashlib.sha256(file.read_bytes()).hexdigest() != record["sha256"]:
        raise StoreError(f"{file}: has changed since the run; restore it to repeat the run")


def again(
    records: Sequence[Mapping[str, Any]], given: Sequence[UserMechanism] | None
) -> list[UserMechanism]:
    """Load the user's mechanisms of a run again and make sure that they are the same."""
    if given is None:
        for record in records:
            if record["file"] is None:
                raise UserMechanismError(
                    f"the run used the mechanism {record['class']}, which came from no file; "
                    "put it into one and name the file"
                )
        given = [load_mechanism(f"{record['file']}:{record['class']}") for record in records]
    if len(given) != len(records):
        raise UserMechanismError(
            f"the run used {len(records)} mechanisms of its own, {len(given)} were given"
        )
    for record, one in zip(records, given, strict=True):
        if record.get("sha256") not in (None, one.sha256):
            raise UserMechanismError(
                f"{one.file}: has changed since the run; restore it to repeat the run"
            )
    return list(given)
