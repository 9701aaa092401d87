"""Who is there: one table for all kinds of actor, one array per property.

``actors.size`` *is* the array; a row is an actor. A row is free (``alive`` is False) after its
actor has left and is given to a later one, so a row number is no identity: ``actors.id`` is, for
life. Draws, results and records use identities; ties and kernels use rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

import numpy as np

from clustersim.world.kernel import kernel, record_type
from clustersim.world.types import AnyArray, Flags, Floats, Ids, Ints, Knowledge


class Kind(IntEnum):
    """The five kinds of actor."""

    FIRM = 0
    UNIVERSITY = 1
    RTO = 2
    CLUSTER_ORGANISATION = 3
    AUTHORITY = 4


class Level(IntEnum):
    """Level of government of an authority; NONE for everybody else."""

    NONE = 0
    REGIONAL = 1
    NATIONAL = 2
    EU = 3


class Origin(IntEnum):
    """How an actor came to be."""

    FOUNDED = 0
    START_UP = 1
    SPIN_OFF = 2
    UNIVERSITY_SPIN_OFF = 3
    SUBSIDIARY = 4


SPARE: Final = 64
"""A table that grows does so by one row in so many at least."""
NEVER: Final = -(2**30)
"""The step of what has not happened yet."""


@dataclass(frozen=True)
class Column:
    """One property of an actor: its type, the value of an empty row, unit and meaning."""

    name: str
    dtype: Any
    default: Any
    unit: str
    meaning: str


COLUMNS: Final[tuple[Column, ...]] = (
    Column("id", np.int64, -1, "-", "identity, for life"),
    Column(
        "kind", np.int8, -1, "-", "kind of actor: firm, university, RTO, organisation, authority"
    ),
    Column("alive", np.bool_, False, "-", "whether the row holds an actor"),
    Column("region", np.int32, -1, "index", "region; -1 for an authority above the regions"),
    Column("sector", np.int32, -1, "index", "sector; -1 where none applies"),
    Column("niche", np.int32, -1, "index", "main technology field"),
    Column("level", np.int8, 0, "-", "level of government of an authority"),
    Column(
        "origin", np.int8, 0, "-", "founded, start-up, spin-off, university spin-off or subsidiary"
    ),
    Column("x", np.float64, 0.0, "km", "position to the east"),
    Column("y", np.float64, 0.0, "km", "position to the north"),
    Column(
        "birth", np.int32, 0, "quarter", "step of birth; negative for actors older than the run"
    ),
    Column("parent", np.int64, -1, "-", "identity of the parent of a spin-off; -1 for none"),
    Column("size", np.float64, 0.0, "jobs", "jobs filled (simulated)"),
    Column("orders", np.float64, 0.0, "jobs", "jobs that the market asks for (simulated)"),
    Column(
        "stock",
        np.float64,
        -1.0,
        "quarters",
        "key input in store, in quarters of use; -1 before a firm buys any at home",
    ),
    Column("output", np.float64, 1.0, "share", "share of its usual output that a firm can produce"),
    Column("cash", np.float64, 0.0, "euro", "liquid funds"),
    Column("research", np.float64, 0.0, "share", "R&D intensity: R&D over revenue"),
    Column(
        "funded",
        np.float64,
        0.0,
        "share",
        "part of the R&D intensity that public money pays or brings about; the rest is its own",
    ),
    Column(
        "log_productivity",
        np.float64,
        0.0,
        "ln",
        "log productivity, world frontier = 0; 0 until the market meets",
    ),
    Column(
        "quality", np.float64, 0.0, "0..1", "research quality, or excellence of an organisation"
    ),
    Column("export_share", np.float64, 0.0, "share", "share of output sold abroad"),
    Column("anchor", np.bool_, False, "-", "whether the firm anchors its local industry"),
    Column("multinational", np.bool_, False, "-", "whether the firm belongs to a multinational"),
    Column("digital", np.bool_, False, "-", "whether digital technology has been adopted"),
    Column("green", np.bool_, False, "-", "whether green technology has been adopted"),
    Column("innovated", np.int32, NEVER, "quarter", "step of the last innovation in any field"),
    Column("innovated_green", np.int32, NEVER, "quarter", "the same, in a green field"),
    Column("adopted", np.int32, NEVER, "quarter", "step of the last adoption of technology"),
    Column("adopted_green", np.int32, NEVER, "quarter", "the same, of green technology"),
)
"""The schema: arrays, Mesa attributes, documentation and checks are made from it. Knowledge,
``actors.knowledge`` of shape (rows, fields) in units of the world frontier, stands beside it."""


ALIKE: Final[Mapping[Any, list[Column]]] = {
    dtype: [column for column in COLUMNS if column.dtype == dtype]
    for dtype in dict.fromkeys(column.dtype for column in COLUMNS)
}
"""The columns by their type."""

ActorTable: Final = record_type(
    [*(column.name for column in COLUMNS), "knowledge"], module=__name__, path="ActorTable"
)
"""All arrays of the table by name, in the form that kernels take; a tuple made for the moment."""


class Actors:
    """The table of actors.

    Parameters
    ----------
    n_rows
        Rows at the start, all free.
    n_fields
        Technology fields M; ``knowledge`` has shape (rows, M).
    precision
        Type in which knowledge is stored, ``numpy.float32`` or ``numpy.float64``.
    """

    id: Ids
    kind: Ints
    alive: Flags
    region: Ints
    sector: Ints
    niche: Ints
    level: Ints
    origin: Ints
    x: Floats
    y: Floats
    birth: Ints
    parent: Ids
    size: Floats
    orders: Floats
    stock: Floats
    output: Floats
    cash: Floats
    research: Floats
    funded: Floats
    log_productivity: Floats
    quality: Floats
    export_share: Floats
    anchor: Flags
    multinational: Flags
    digital: Flags
    green: Flags
    innovated: Ints
    innovated_green: Ints
    adopted: Ints
    adopted_green: Ints
    knowledge: Knowledge
    table: Any
    """All arrays of the moment as an `ActorTable`, for kernels."""

    _columns: tuple[Column, ...]
    _store: dict[str, AnyArray]
    _blocks: list[tuple[AnyArray, AnyArray]]
    """The schema's columns of each type as one array, shape (columns, rows), and their defaults:
    rows are reset block by block, as a call costs more than what it writes."""
    _spare: Knowledge
    version: int

    def __init__(self, n_rows: int, n_fields: int, precision: Any = np.float32) -> None:
        store: dict[str, AnyArray] = {
            column.name: np.empty(0, dtype=column.dtype) for column in COLUMNS
        }
        store["knowledge"] = np.zeros((n_rows, n_fields), dtype=precision)
        object.__setattr__(self, "_columns", COLUMNS)
        object.__setattr__(self, "_store", store)
        object.__setattr__(self, "version", 0)
        self._hold(n_rows)
        self._show(n_rows)

    def __setattr__(self, name: str, value: object) -> None:
        """Refuse to replace an array: kernels, agents and views would go on using the old one."""
        msg = f"actors.{name} can't be replaced; write into it: actors.{name}[:] = ..."
        raise AttributeError(msg)

    def __getstate__(self) -> dict[str, Any]:
        """Return what a copy needs: what is shown are views, which a copy makes anew."""
        return {
            "columns": self._columns,
            "store": self._store,
            "n_rows": self.n_rows,
            "version": self.version,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make a copy's own views."""
        object.__setattr__(self, "_columns", state["columns"])
        object.__setattr__(self, "_store", state["store"])
        object.__setattr__(self, "version", state["version"])
        self._hold(len(state["store"]["knowledge"]))
        self._show(state["n_rows"])

    def _hold(self, capacity: int) -> None:
        """Arrange the arrays of the store, with room for some rows, one after the other."""
        store = self._store
        blocks: list[tuple[AnyArray, AnyArray]] = []
        object.__setattr__(self, "_blocks", blocks)
        object.__setattr__(self, "_spare", None)
        for dtype, columns in ALIKE.items():
            block = np.empty((len(columns), capacity), dtype=dtype)
            for room, column in zip(block, columns, strict=True):
                old = store[column.name]
                room[: old.size], room[old.size :] = old, column.default
                store[column.name] = room
            blocks.append((block, np.array([column.default for column in columns], dtype=dtype)))
        known = store["knowledge"]
        if len(known) < capacity:
            store["knowledge"] = np.zeros((capacity, known.shape[1]), dtype=known.dtype)
            store["knowledge"][: len(known)] = known
        # Zeros, for rows that nobody has had yet are not written before the tables are exchanged.
        object.__setattr__(self, "_spare", np.zeros_like(store["knowledge"]))

    def _show(self, n_rows: int) -> None:
        store = self._store
        shown = [store[name][:n_rows] for name in ActorTable._fields]
        table = ActorTable._make(shown)
        # Past `__setattr__`, which refuses; this is done whenever the table grows by a row.
        vars(self).update(zip(ActorTable._fields, shown, strict=True), table=table)

    @property
    def n_rows(self) -> int:
        """Number of rows, free ones included."""
        return self.id.size

    @property
    def n_fields(self) -> int:
        """Number of technology fields."""
        return int(self.knowledge.shape[1])

    def rows(self, kind: Kind | None = None) -> Ids:
        """Return the rows of the living actors (of one kind), ascending, shape (n,)."""
        chosen = self.alive if kind is None else self.alive & (self.kind == kind)
        return np.flatnonzero(chosen)

    def row_of(self, identity: int) -> int:
        """Return the row of a living actor.

        Raises
        ------
        KeyError
            If no living actor has this identity.
        """
        found = np.flatnonzero((self.id == identity) & self.alive)
        if found.size == 0:
            msg = f"no living actor has the identity {identity}"
            raise KeyError(msg)
        return int(found[0])

    def add_column(self, column: Column) -> AnyArray:
        """Keep a column beside the schema, and return it, at its default, shape (rows,).

        It follows the rows as the others do. Its name must be new; :meth:`column` finds it.
        """
        values = np.full(self._store["id"].size, column.default, dtype=column.dtype)
        self._store[column.name] = values
        object.__setattr__(self, "_columns", (*self._columns, column))
        return values[: self.n_rows]

    def drop_column(self, name: str) -> None:
        """Keep a column beside the schema no longer."""
        del self._store[name]
        kept = tuple(column for column in self._columns if column.name != name)
        object.__setattr__(self, "_columns", kept)

    def column(self, name: str) -> AnyArray | None:
        """Return a column by its name, shape (rows,); None if there is none."""
        values = self._store.get(name)
        return None if values is None else values[: self.n_rows]

    def reserve(self, n_more: int) -> None:
        """Make room for `n_more` rows beyond those in use; admitting them then copies nothing."""
        n_rows = self.n_rows
        self._grow(n_rows + n_more)
        self._show(n_rows)

    def admit(self, columns: Mapping[str, AnyArray], knowledge: Knowledge) -> Ids:
        """Give rows to newcomers and return them, shape (n,).

        Free rows are used first, in ascending order; what `columns` does not name is set to its
        default, and ``alive`` to True.

        Parameters
        ----------
        columns
            Values by column, each of shape (n,); ``id`` is required.
        knowledge
            Knowledge of the newcomers, shape (n, M).
        """
        rows = self.allot(columns["id"].size)
        for name, values in columns.items():
            self._store[name][rows] = values
        self.knowledge[rows] = knowledge
        return rows

    def allot(self, n: int) -> Ids:
        """Give rows to `n` newcomers, and return them: what is not written has its default.

        As :meth:`admit`, for those who write the properties of newcomers themselves, ``id`` first
        of all.
        """
        rows = np.flatnonzero(~self.alive)[:n]
        if rows.size < n:
            start, missing = self.n_rows, n - rows.size
            # A few rows more than needed, so that not every newcomer has all arrays shown anew.
            self._grow(start + max(missing, start // SPARE))
            rows = np.concatenate([rows, np.arange(start, start + missing)])
        # Those who leave are reset, but a rule from outside may have written to all rows.
        self._reset(rows)
        self.alive[rows] = True
        self._changed()
        return rows

    def dismiss(self, rows: Ids) -> None:
        """Free the rows of actors who leave; their values are reset to the defaults."""
        self._reset(rows)
        self._changed()

    def _reset(self, rows: Ids) -> None:
        for block, defaults in self._blocks:
            _put_defaults(block, defaults, rows)
        for column in self._columns[len(COLUMNS) :]:
            self._store[column.name][rows] = column.default
        self.knowledge[rows] = 0.0

    def _changed(self) -> None:
        object.__setattr__(self, "version", self.version + 1)

    def _grow(self, n_rows: int) -> None:
        capacity = self._store["id"].size
        if n_rows > capacity:
            more = max(n_rows, capacity + capacity // 8 + 64) - capacity
            for column in self._columns[len(COLUMNS) :]:
                extra = np.full(more, column.default, dtype=column.dtype)
                self._store[column.name] = np.concatenate([self._store[column.name], extra])
            self._hold(capacity + more)
        self._show(n_rows)

    def spare_knowledge(self) -> Knowledge:
        """Return a second table of the shape of ``knowledge``, its contents undefined.

        A synchronous rule reads ``knowledge``, writes here, and calls :meth:`exchange_knowledge`.
        """
        return self._spare[: self.n_rows]

    def exchange_knowledge(self) -> None:
        """Make the table of :meth:`spare_knowledge` the knowledge of the actors.

        ``actors.knowledge`` is another array from then on: unlike the columns, it is not to be
        held from one mechanism to the next.
        """
        old = self._store["knowledge"]
        self._store["knowledge"] = self._spare
        object.__setattr__(self, "_spare", old)
        knowledge = self._store["knowledge"][: self.n_rows]
        table = ActorTable._make((*self.table[:-1], knowledge))  # the last of its fields
        vars(self).update(knowledge=knowledge, table=table)


@kernel
def _put_defaults(block: Any, defaults: Any, rows: Any) -> None:
    """Write the default of each column of a block to some rows."""
    for c in range(defaults.size):
        for row in rows:
            block[c, row] = defaults[c]
