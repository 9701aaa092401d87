"""A store of many runs: parts of Parquet, a journal of what is in them, a manifest.

A folder holds ``manifest.json`` (what was asked for), ``design.parquet`` (a row for each cell: a
scenario with all its values), ``tables/NAME/part-*.parquet`` and ``journal*.jsonl``. A part holds
some runs; it is written under another name, brought to disk, renamed, and only then noted in the
journal. What the journal does not name does not count, so that a sweep can be killed at any moment:
the runs of a part that was not noted are run again, and no run stands there twice.

Each shard of a sweep has a journal, a lock and parts of its own, so that several can write into one
folder, or into several whose contents are then copied together.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from clustersim.store.columns import Table
from clustersim.store.errors import FolderTakenError, StoreError, clear_errors
from clustersim.store.files import (
    PARTIAL,
    read_table,
    replace_file,
    sync_folder,
    whole_folder,
    write_table,
    write_text,
)
from clustersim.store.journal import read_journal
from clustersim.store.lock import held
from clustersim.store.reading import to_numpy
from clustersim.store.writing import MANIFEST, check_target

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

RUNS_VERSION: Final = 1
"""Version of what stands in the folder."""
KIND: Final = "sweep"
KEYS: Final = ("run", "scenario", "option", "point", "seed")
"""Columns that stand before those of a table, and say of which run a row is."""
DESIGN: Final = "design.parquet"
TABLES: Final = "tables"
_JOURNAL: Final = re.compile(r"journal(?:-(\d+of\d+))?\.jsonl")
_LOCK: Final = re.compile(r"lock(?:-(\d+)of(\d+))?")
_HIDDEN: Final = frozenset({"data"})
"""Columns of the design that are for the program."""
_NEEDED: Final[Mapping[str, type]] = {
    "title": str,
    "study": dict,
    "cells": int,
    "seeds": list,
    "tables": list,
    "fingerprint": str,
    DESIGN: str,
}
"""What a manifest must have."""


@dataclass(frozen=True)
class Shard:
    """A part of the work: runs whose number leaves `index` - 1 when divided by `count`."""

    index: int = 1
    count: int = 1

    @property
    def tag(self) -> str:
        """What its files are marked with; empty for all the work."""
        return "" if self.count == 1 else f"-{self.index}of{self.count}"

    def holds(self, run: int) -> bool:
        """Tell whether a run is its own."""
        return run % self.count == self.index - 1

    def journal(self, folder: Path) -> Path:
        """Return its journal."""
        return folder / f"journal{self.tag}.jsonl"

    def lock(self, folder: Path) -> Path:
        """Return the file that stands for its lock."""
        return folder / f"lock{self.tag}"

    def meets(self, other: Shard) -> bool:
        """Tell whether some run may belong to both."""
        return (self.index - other.index) % math.gcd(self.count, other.count) == 0

    @classmethod
    def of_lock(cls, path: Path) -> Shard | None:
        """Return the shard that a file stands for as its lock; None for any other file."""
        found = _LOCK.fullmatch(path.name)
        if found is None:
            return None
        return cls() if found[1] is None else cls(int(found[1]), int(found[2]))


@dataclass
class State:
    """What the journals of a folder say.

    Attributes
    ----------
    done
        Fingerprint, seconds and part of each run that is stored.
    failed
        What went wrong with each run that has failed.
    parts
        Tables, sizes and runs of each part, by its name.
    named
        Names of all parts that there ever were.
    sessions
        When and how work began and ended, in order.
    """

    done: dict[int, dict[str, Any]] = field(default_factory=dict)
    failed: dict[int, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    named: set[str] = field(default_factory=set)

    def take(self, entry: Mapping[str, Any]) -> None:
        """Take in an entry of a journal."""
        match entry.get("what"):
            case "part":
                self.named.add(entry["part"])
                self.parts[entry["part"]] = dict(entry)
                self._count(entry)
            case "dropped":
                gone = self.parts.pop(entry["part"], {"runs": []})
                lost = {run["run"] for run in gone["runs"]}
                for number in lost:
                    self.done.pop(number, None)
                # A run may stand in another part as well, if two sweeps were copied together.
                for part in self.parts.values():
                    if not lost.isdisjoint(run["run"] for run in part["runs"]):
                        self._count(part)
            case "failed":
                if entry["run"] not in self.done:
                    self.failed[entry["run"]] = dict(entry)
            case _:
                self.sessions.append(dict(entry))

    def _count(self, part: Mapping[str, Any]) -> None:
        """Count the runs of a part as done; the first part that has a run is where it is read."""
        for run in part["runs"]:
            stored = {**run, "part": part["part"], "time": part["time"]}
            self.done.setdefault(run["run"], stored)
            self.failed.pop(run["run"], None)

    def counting(self, part: Mapping[str, Any]) -> list[int]:
        """Return the runs of a part that are read from it, and not from another."""
        runs = [run["run"] for run in part["runs"]]
        return [run for run in runs if self.done[run]["part"] == part["part"]]


def create_runs(
    folder: str | Path,
    manifest: Mapping[str, Any],
    design: Table,
    texts: Mapping[str, str],
) -> Path:
    """Make a folder for many runs, with none in it yet.

    Parameters
    ----------
    folder
        Where; must not exist, or be empty.
    manifest
        What is asked for; kind and version are added.
    design
        A row for each cell.
    texts
        Further files by name, for people.

    Returns
    -------
    Path
        The folder, absolute.

    Raises
    ------
    FolderTakenError
        If there is anything in it; if that is a store of runs, the message says how to go on.
    WriteError
        If it cannot be written.
    """
    place = Path(folder).expanduser().resolve()
    if is_store_of_runs(place):
        raise FolderTakenError(
            f"{folder} holds a sweep already; go on with it by `clustersim resume {folder}`, or "
            "choose another folder"
        )
    target = check_target(folder)
    with whole_folder(target) as partial:
        (partial / TABLES).mkdir()
        write_table(partial / DESIGN, design)
        digest = file_digest(partial / DESIGN)
        full = {**manifest, "kind": KIND, "schema_version": RUNS_VERSION, DESIGN: digest}
        for name, text in {**texts, MANIFEST: _json(full)}.items():
            write_text(partial / name, text)
    return target


def is_store_of_runs(folder: Path) -> bool:
    """Tell whether a folder holds a store of many runs."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("kind") == KIND


def rewrite_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Replace the manifest of a store, as when seeds are added.

    Raises
    ------
    WriteError
        If it cannot be written; then it is as it was.
    """
    with clear_errors(folder / MANIFEST):
        replace_file(folder / MANIFEST, _json(manifest).encode())


def _json(document: Mapping[str, Any]) -> str:
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return text + "\n"


def read_runs(folder: str | Path) -> StoredRuns:
    """Open a store of many runs, also while it is being written to.

    Parameters
    ----------
    folder
        As made by `create_runs`.

    Returns
    -------
    StoredRuns
        What is in it now.

    Raises
    ------
    StoreError
        If there is no such folder, or it holds no store of runs that can be read.
    """
    place = Path(folder).expanduser().resolve()
    if not place.is_dir():
        raise StoreError(f"{folder}: no such folder")
    stored = StoredRuns(place, _manifest(place, folder), _state(place))
    if stored.last >= stored.n_runs:  # seeds may have been added since the manifest was read
        stored = replace(stored, manifest=_manifest(place, folder))
    if stored.last >= stored.n_runs:
        raise StoreError(
            f"{place / MANIFEST}: knows of {stored.n_runs:,} runs, but run {stored.last} has been "
            "done; restore the newest copy of the file, which has all seeds"
        )
    return stored


def _manifest(place: Path, folder: str | Path) -> dict[str, Any]:
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{folder}: holds no sweep ({MANIFEST} is missing)") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{place / MANIFEST}: cannot be read: {error}") from None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        raise StoreError(f"{folder}: holds no sweep, but a single run or something else")
    version = manifest.get("schema_version")
    if version != RUNS_VERSION:
        raise StoreError(
            f"{place / MANIFEST}: schema_version is {version!r}, this version of clustersim reads "
            f"{RUNS_VERSION}; use the version that wrote it"
        )
    lacking = [name for name, kind in _NEEDED.items() if not isinstance(manifest.get(name), kind)]
    if lacking:
        raise StoreError(
            f"{place / MANIFEST}: {', '.join(lacking)} missing or not of the right type; restore "
            "the file from a copy"
        )
    return manifest


def _state(place: Path) -> State:
    state = State()
    for journal in journals(place):
        for number, entry in enumerate(read_journal(journal), start=1):
            try:
                state.take(entry)
            except (KeyError, TypeError):
                raise StoreError(
                    f"{journal}: line {number} is not what a sweep writes; restore the file from a "
                    "copy, or start anew in another folder"
                ) from None
    return state


def journals(folder: Path) -> list[Path]:
    """Return the journals of a folder, in the order of their names."""
    return sorted(path for path in folder.iterdir() if _JOURNAL.fullmatch(path.name))


@dataclass(frozen=True, eq=False)
class StoredRuns:
    """A store of many runs that has been opened.

    Attributes
    ----------
    folder
        Where it is.
    manifest
        What was asked for.
    state
        What was there when it was opened.
    """

    folder: Path
    manifest: dict[str, Any]
    state: State
    dropped: list[str] = field(default_factory=list)
    """Why parts were set aside when the sweep was gone on with."""

    def __repr__(self) -> str:
        """Return title and number of runs."""
        return (
            f"<StoredRuns {self.manifest['title']!r}: {len(self.state.done)} of {self.n_runs} runs "
            f"done, {len(self.state.failed)} failed; tables {', '.join(self.names)}>"
        )

    @property
    def n_runs(self) -> int:
        """Runs that were asked for."""
        return len(self.manifest["seeds"]) * int(self.manifest["cells"])

    @property
    def last(self) -> int:
        """Largest number of a run that is stored or has failed; -1 if there is none."""
        return max((*self.state.done, *self.state.failed), default=-1)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables of which there is anything."""
        return tuple(sorted({name for part in self.state.parts.values() for name in part["files"]}))

    @property
    def bytes(self) -> int:
        """Size of all parts."""
        return sum(
            file["bytes"] for part in self.state.parts.values() for file in part["files"].values()
        )

    def writers(self) -> list[str]:
        """Say who is writing to the store now, on this machine."""
        locks = sorted(path for path in self.folder.iterdir() if path.name.startswith("lock"))
        found = (held(path) for path in locks)
        return [who.removeprefix(" (").removesuffix(")") for who in found if who is not None]

    @cached_property
    def design(self) -> pd.DataFrame:
        """A row for each cell: scenario, what it is compared with, and what the study set."""
        return self._design(hidden=False).to_pandas(use_threads=False)

    def content(self) -> list[str]:
        """Return each cell's scenario with all its values, as JSON."""
        found: list[str] = self._design(hidden=True).column("data").to_pylist()
        return found

    def _design(self, *, hidden: bool) -> pa.Table:
        path = self.folder / DESIGN
        try:
            content = path.read_bytes()
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be read: {error.strerror}; restore it from a copy"
            ) from None
        if hashlib.sha256(content).hexdigest() != self.manifest[DESIGN]:
            raise StoreError(
                f"{path}: is damaged, or not the one that {MANIFEST} was written with; restore "
                "both from a copy, or start anew in another folder"
            )
        found = read_table(content)
        return found if hidden else found.drop_columns(sorted(_HIDDEN))

    def frame(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        runs: Sequence[int] | None = None,
    ) -> pd.DataFrame:
        """Return a table of all runs as a pandas DataFrame, in the order of the runs.

        Parameters
        ----------
        name
            Name of the table, such as ``"clusters"``; or ``"runs"`` for one row of each run with
            what the study set and all outcomes.
        columns
            Columns wanted besides those of `KEYS`; all if not given.
        runs
            Runs wanted; all if not given.

        Raises
        ------
        StoreError
            If there is no such table or column, or a part is missing or damaged.
        """
        if name == "runs":
            return self._runs()
        return self.arrow(name, columns=columns, runs=runs).to_pandas(use_threads=False)

    def _runs(self) -> pd.DataFrame:
        outcomes = self.frame("outcomes")
        design = self.design
        cells = outcomes["run"] % int(self.manifest["cells"])
        keep = [one for one in design.columns if one not in {"scenario", "option", "point"}]
        settings = design[keep].iloc[cells.to_numpy()].reset_index(drop=True)
        return outcomes.iloc[:, : len(KEYS)].join(settings).join(outcomes.iloc[:, len(KEYS) :])

    def arrow(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        runs: Sequence[int] | None = None,
    ) -> pa.Table:
        """Return a table as a `pyarrow.Table`; as `frame`."""
        import pyarrow as pa

        wanted = None if runs is None else {int(run) for run in runs}
        if absent := sorted((wanted or set()) - self.state.done.keys()):
            raise StoreError(f"{self.folder}: run {', '.join(map(str, absent))} is not there")
        chosen = None if columns is None else [*dict.fromkeys((*KEYS, *columns))]
        found = []
        for path, only in self._paths(name, wanted):
            try:
                found.append(read_table(path, columns=chosen, runs=only))
            except (OSError, ValueError) as error:
                raise StoreError(
                    f"{path}: cannot be read: {error}; `clustersim resume {self.folder}` makes its "
                    "runs anew"
                ) from None
        if not found:
            return self.arrow(name, columns=columns).slice(0, 0)
        table = pa.concat_tables(found, promote_options="default")
        missing = [one for one in columns or () if one not in table.schema.names]
        if missing:
            raise StoreError(f"{self.folder}: {name} has no column {', '.join(missing)}")
        return table.sort_by("run")

    def _paths(
        self, name: str, runs: set[int] | None = None
    ) -> list[tuple[Path, list[int] | None]]:
        """Return the parts of a table, and which runs are read of each; None for all of it.

        Each part is there and of the right size.
        """
        if name not in self.names:
            raise StoreError(
                f"{self.folder}: no table {name!r}; there are {', '.join(self.names) or 'none yet'}"
            )
        out = []
        for part in self.state.parts.values():
            if name not in part["files"]:
                continue
            counting = self.state.counting(part)
            only = [run for run in counting if runs is None or run in runs]
            if not only:
                continue
            path = self.folder / TABLES / name / f"{part['part']}.parquet"
            if not path.is_file() or path.stat().st_size != part["files"][name]["bytes"]:
                raise StoreError(
                    f"{path}: missing or cut short; `clustersim resume {self.folder}` makes its "
                    "runs anew"
                )
            out.append((path, None if len(only) == len(part["runs"]) else only))
        return out

    def tables(
        self, run: int, names: Sequence[str] | None = None
    ) -> dict[str, dict[str, np.ndarray[Any, Any]]]:
        """Return tables of one run, without the columns of `KEYS`.

        Parameters
        ----------
        run
            Its number.
        names
            Tables wanted, of which those that the run has are returned; all if not given.

        Raises
        ------
        StoreError
            If the run is not there, or cannot be read.
        """
        if run not in self.state.done:
            raise StoreError(f"{self.folder}: run {run} is not there")
        out = {}
        for name in self.state.done[run]["tables"]:
            if names is not None and name not in names:
                continue
            table = self.arrow(name, runs=[run])
            out[name] = {
                column: to_numpy(table.column(column))
                for column in table.column_names
                if column not in KEYS
                and not 0 < table.num_rows == table.column(column).null_count  # of other runs only
            }
        return out

    def sql(self, query: str) -> pd.DataFrame:
        """Return the answer to a query in SQL, over the tables of `names`, `design` and `runs`.

        Raises
        ------
        StoreError
            If DuckDB is not installed.
        """
        try:
            import duckdb
        except ImportError:
            raise StoreError(
                "SQL needs DuckDB; install it by `pip install 'clustersim[sql]'`"
            ) from None
        with duckdb.connect() as connection:
            for name in self.names:
                paths = self._paths(name)
                if all(only is None for _, only in paths):
                    connection.read_parquet([str(path) for path, _ in paths]).create_view(name)
                else:  # some runs stand there twice, as two sweeps were copied together
                    connection.register(name, self.arrow(name))
            connection.register("design", self.design)
            if "outcomes" in self.names:
                connection.register("runs", self._runs())
            found: pd.DataFrame = connection.sql(query).df()
            return found

    def damaged(self) -> Iterator[tuple[str, str]]:
        """Yield the parts whose content is not what was written, and why."""
        for name, part in self.state.parts.items():
            for table, file in part["files"].items():
                path = self.folder / TABLES / table / f"{name}.parquet"
                if not path.is_file():
                    yield name, f"{path} is missing"
                    break
                try:
                    whole = file_digest(path) == file["sha256"]
                except OSError as error:
                    yield name, f"{path} cannot be read ({error.strerror})"
                    break
                if not whole:
                    yield name, f"{path} is damaged"
                    break

    def leftovers(self, tag: str) -> Iterator[Path]:
        """Yield files of a shard that no journal names: it was killed while it wrote them.

        Without a tag, those of all shards.
        """
        shards = re.escape(tag) if tag else r"(-\d+of\d+)?"
        ours = re.compile(rf"part{shards}-\d+")
        for path in sorted((self.folder / TABLES).glob("*/*")):
            whole = path.name.removesuffix(".parquet")
            if PARTIAL in path.name:
                whole = path.name.removeprefix(".").partition(".")[0]
            elif whole in self.state.parts:
                continue
            if ours.fullmatch(whole):
                yield path


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def set_aside(folder: Path, part: Mapping[str, Any]) -> None:
    """Rename the files of a damaged part, so that nobody reads them, and they are not lost."""
    for table in part["files"]:
        path = folder / TABLES / table / f"{part['part']}.parquet"
        if path.is_file():
            path.rename(path.with_name(f".{path.name}.damaged-{os.urandom(3).hex()}"))
            sync_folder(path.parent)
