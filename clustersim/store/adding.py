"""Add runs to a store: collected for a while, written as parts, then noted in the journal."""

from __future__ import annotations

import hashlib
import os
import platform
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from clustersim.store.columns import Table, Tables
from clustersim.store.errors import FolderTakenError, StoreError, clear_errors
from clustersim.store.files import PARQUET, PARTIAL, arrow_table, replace_file
from clustersim.store.journal import Journal
from clustersim.store.lock import Lock, held
from clustersim.store.runs import KEYS, TABLES, Shard, State, StoredRuns, read_runs, set_aside

if TYPE_CHECKING:
    import pyarrow as pa

_RUNS_AT_ONCE: Final = 256
_BYTES_AT_ONCE: Final = 64_000_000
SECONDS_AT_ONCE: Final = 10.0
"""How much work a kill can cost at most, besides the runs under way."""
_ROWS_PER_GROUP: Final = 4_096
"""Rows of a group at least: the runs of one are read together."""


@dataclass(frozen=True)
class Added:
    """A run to be stored: what says which it is, its tables, and what the journal keeps of it."""

    keys: Mapping[str, Any]
    tables: Tables
    record: Mapping[str, Any]


@dataclass
class _Waiting:
    """Runs that are not on disk yet."""

    runs: list[Mapping[str, Any]] = field(default_factory=list)
    tables: dict[str, list[pa.Table]] = field(default_factory=dict)
    bytes: int = 0
    since: float = 0.0


class RunWriter:
    """Adds runs to a store, as the only one who does so for its shard.

    What a sweep that was killed left half written is deleted on entering; parts that are not what
    was written are set aside, and their runs count as not done.

    Parameters
    ----------
    folder
        Made by `create_runs`.
    shard
        Which part of the work is done here.

    Attributes
    ----------
    state
        What is stored.
    dropped
        Why parts were set aside.

    Raises
    ------
    FolderTakenError
        On entering, if another process adds to the same shard.
    StoreError
        On entering, if the folder holds no store of runs that can be read.
    WriteError
        Whenever something cannot be written.
    """

    def __init__(self, folder: Path, shard: Shard | None = None) -> None:
        self.folder = folder
        self.shard = shard or Shard()
        self.dropped: list[str] = []
        self._stack = ExitStack()
        self._waiting = _Waiting()

    def __enter__(self) -> RunWriter:
        """Take the lock, and put in order what was left."""
        with ExitStack() as stack:
            stack.enter_context(Lock(self.shard.lock(self.folder), str(self.folder)))
            self._refuse_others()
            self.stored: StoredRuns = read_runs(self.folder)
            self._journal = Journal(self.shard.journal(self.folder))
            stack.callback(self._journal.close)
            self._put_in_order()
            self._number = self._next_number()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the lock."""
        self._stack.close()

    @property
    def state(self) -> State:
        """What is stored."""
        return self.stored.state

    def _refuse_others(self) -> None:
        """Make sure that nobody does runs of another shard that are also of this one."""
        own = self.shard.lock(self.folder)
        for path in sorted(self.folder.iterdir()):
            other = None if path == own else Shard.of_lock(path)
            if other is not None and self.shard.meets(other) and (who := held(path)) is not None:
                raise FolderTakenError(
                    f"{self.folder} is being written to by another process{who}, which does the "
                    f"shard {other.index}/{other.count}; wait for it to end, or stop it"
                )

    def _put_in_order(self) -> None:
        left = [*self.stored.leftovers(self.shard.tag)]
        # A sweep that is killed leaves one part that is not noted; more were noted elsewhere.
        whole = {path.stem for path in left if PARTIAL not in path.name}
        if len(whole) > len({name.rpartition("-")[0] for name in whole}):
            raise StoreError(
                f"{self.folder}: no journal names {', '.join(sorted(whole)[:3])}, so a journal is "
                f"missing or an old copy; restore it, or delete these parts in {TABLES}/"
            )
        with clear_errors(self.folder):
            for path in left:
                path.unlink()
            own = f"part{self.shard.tag}-"
            for name, why in [*self.stored.damaged()]:
                if name.startswith(own):
                    set_aside(self.folder, self.state.parts[name])
                    self.note({"what": "dropped", "part": name, "why": why})
                    self.dropped.append(why)

    def _next_number(self) -> int:
        own = f"part{self.shard.tag}-"
        used = [
            int(name.removeprefix(own))
            for name in self.state.named
            if name.startswith(own) and name.removeprefix(own).isdecimal()
        ]
        return max(used, default=-1) + 1

    def note(self, entry: Mapping[str, Any]) -> None:
        """Write an entry of the journal, with the time."""
        full = {**entry, "time": _now()}
        self._journal.append(full)
        self.state.take(full)

    def begin(self, **what: Any) -> None:
        """Note that work begins."""
        who = {"host": platform.node(), "pid": os.getpid()}
        self.note({"what": "begin", "shard": self.shard.tag, **who, **what})

    def end(self, why: str) -> None:
        """Note that work ends."""
        self.note({"what": "end", "shard": self.shard.tag, "why": why})

    def fail(self, run: int, **what: Any) -> None:
        """Note that a run has failed."""
        self.note({"what": "failed", "run": run, **what})

    def add(self, run: Added) -> None:
        """Take a run, and write what has been collected if it is much or long ago."""
        waiting = self._waiting
        if not waiting.runs:
            waiting.since = time.monotonic()
        for name, columns in run.tables.items():
            rows = len(next(iter(columns.values())))
            keys = {key: np.full(rows, run.keys[key]) for key in KEYS}
            table = arrow_table({**keys, **columns})
            waiting.tables.setdefault(name, []).append(table)
            waiting.bytes += table.nbytes
        waiting.runs.append({**run.record, "run": run.keys["run"], "tables": sorted(run.tables)})
        late = time.monotonic() - waiting.since >= SECONDS_AT_ONCE
        if late or waiting.bytes >= _BYTES_AT_ONCE or len(waiting.runs) >= _RUNS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what has been collected, and note it; it is on disk when this returns."""
        waiting = self._waiting
        if not waiting.runs:
            return
        name = f"part{self.shard.tag}-{self._number:06d}"
        files = {}
        for table, pieces in sorted(waiting.tables.items()):
            path = self.folder / TABLES / table / f"{name}.parquet"
            content, rows = _parquet(pieces)
            with clear_errors(path):
                path.parent.mkdir(exist_ok=True)
                replace_file(path, content)
            digest = hashlib.sha256(content).hexdigest()
            files[table] = {"rows": rows, "bytes": len(content), "sha256": digest}
        runs = [dict(record) for record in waiting.runs]
        self.note({"what": "part", "part": name, "files": files, "runs": runs})
        self._number += 1
        self._waiting = _Waiting()


def _parquet(pieces: list[pa.Table]) -> tuple[memoryview, int]:
    """Return runs as a Parquet file in memory; a run never stands in two groups of rows.

    Columns that some runs do not have, as of knowledge in more fields, are null for them.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    total = 0
    schema = pa.unify_schemas([piece.schema for piece in pieces])
    with pq.ParquetWriter(sink, schema, **PARQUET) as writer:
        group: list[pa.Table] = []
        rows = 0
        for number, piece in enumerate(pieces, start=1):
            group.append(piece)
            rows += piece.num_rows
            if rows >= _ROWS_PER_GROUP or number == len(pieces):
                whole = pa.concat_tables([schema.empty_table(), *group], promote_options="default")
                writer.write_table(whole, row_group_size=max(rows, 1))
                total += rows
                group, rows = [], 0
    return memoryview(sink.getvalue()), total


def encoded_bytes(columns: Table) -> int:
    """Return how many bytes a table takes in a store."""
    return len(_parquet([arrow_table(columns)])[0])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
