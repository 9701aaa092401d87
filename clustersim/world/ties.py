"""Who is tied to whom: one table per layer, and a compressed adjacency for kernels.

A tie joins two rows of the actor table. When an actor leaves, its ties end in the same moment, so
no tie ever points to a free row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from clustersim.world.kernel import inlined, kernel
from clustersim.world.types import AnyArray, Flags, Floats, Ids, Ints

LAYERS: Final[Mapping[str, str]] = {
    "collaboration": "R&D collaboration, undirected",
    "supply": "key supplier (first) to buyer (second)",
    "mobility": "people moved from the first to the second lately, and took knowledge along",
    "membership": "member (first) of a cluster organisation (second); of the founding year only",
    "bridge": "between cluster organisations, undirected; only from a graph, as yet",
}
"""Layers of ties. Heritage, parent to spin-off, is kept as ``actors.parent``."""

_COLUMNS: Final[Mapping[str, Any]] = {
    "first": np.int32,
    "second": np.int32,
    "trust": np.float64,
    "km": np.float64,
    "born": np.int32,
}


class Arcs(NamedTuple):
    """The arrays of an :class:`Adjacency`, in the form that kernels take."""

    start: Ids
    partner: Ints
    tie: Ints


class Adjacency:
    """Both directions of a layer's ties by actor: compressed sparse rows.

    Attributes
    ----------
    start
        Shape (rows + 1,): the arcs of row ``i`` are ``start[i]:start[i + 1]``.
    partner
        Row at the other end of each arc, shape (2 ties,).
    tie
        Index of the arc's tie in its layer, shape (2 ties,), ascending within a row.
    """

    __slots__ = ("partner", "start", "tie")

    def __init__(self, n_rows: int, first: Ints, second: Ints) -> None:
        self.start = np.zeros(n_rows + 1, dtype=np.int64)
        self.partner = np.empty(2 * first.size, dtype=np.int32)
        self.tie = np.empty(2 * first.size, dtype=np.int32)
        _fill_adjacency(first, second, self.start, self.partner, self.tie)

    @property
    def arcs(self) -> Arcs:
        """The three arrays as one tuple."""
        return Arcs(self.start, self.partner, self.tie)

    def degree(self) -> Ids:
        """Return the number of ties of each row, shape (rows,)."""
        return np.diff(self.start)


@inlined
def trust_after_success(trust: Any, gain: Any, one: Any, other: Any) -> Any:
    """Return ``min(trust + gain g (1 - trust), 1)``; g is the mean of the levers of both actors."""
    return min(trust + gain * (1.0 - trust) * (0.5 * (one + other)), 1.0)


@kernel
def _fill_adjacency(first: Any, second: Any, start: Any, partner: Any, tie: Any) -> None:
    for t in range(first.size):
        start[first[t] + 1] += 1
        start[second[t] + 1] += 1
    for i in range(1, start.size):
        start[i] += start[i - 1]
    place = start[:-1].copy()
    for t in range(first.size):
        a = first[t]
        b = second[t]
        partner[place[a]] = b
        tie[place[a]] = t
        place[a] += 1
        partner[place[b]] = a
        tie[place[b]] = t
        place[b] += 1


@kernel
def _move_up(first: Any, second: Any, trust: Any, km: Any, born: Any, stays: Any) -> Any:
    """Move the ties that stay to the front, in their order; return how many they are."""
    n = 0
    for t in range(stays.size):
        if stays[t]:
            first[n], second[n] = first[t], second[t]
            trust[n], km[n], born[n] = trust[t], km[t], born[t]
            n += 1
    return n


@kernel
def _move_up_living(alive: Any, first: Any, second: Any, trust: Any, km: Any, born: Any) -> Any:
    """Move the ties of which both ends are alive to the front; return how many they are."""
    stays = np.empty(first.size, dtype=np.bool_)
    for t in range(first.size):
        stays[t] = alive[first[t]] and alive[second[t]]
    return _move_up(first, second, trust, km, born, stays)


class Layer:
    """The ties of one layer.

    The arrays are parts of longer ones: ties come and go without others being copied. They are not
    to be held from one change to the next.

    Attributes
    ----------
    first, second
        Rows of the two actors, shape (ties,). In an undirected layer `first` holds the smaller row
        at the time the tie is made.
    trust
        Trust between the two, 0 to 1.
    km
        Distance between the two, kilometres.
    born
        Step in which the tie was made, or renewed.
    """

    first: Ints
    second: Ints
    trust: Floats
    km: Floats
    born: Ints
    _adjacency: Adjacency | None

    def __init__(self) -> None:
        self._store: dict[str, AnyArray] = {
            name: np.empty(0, dtype=dtype) for name, dtype in _COLUMNS.items()
        }
        self._show(0)

    def __getstate__(self) -> dict[str, AnyArray]:
        """Return what a copy needs: what is shown are views, which a copy makes anew."""
        return {name: getattr(self, name) for name in _COLUMNS}

    def __setstate__(self, state: dict[str, AnyArray]) -> None:
        """Make a copy's own views."""
        self._store = state
        self._show(state["first"].size)

    def _show(self, n: int) -> None:
        """Let the layer be the first `n` ties of its store."""
        vars(self).update({name: values[:n] for name, values in self._store.items()})
        self._adjacency = None

    def __len__(self) -> int:
        return int(self.first.size)

    def add(self, first: Ints, second: Ints, *, trust: Floats, km: Floats, born: int) -> None:
        """Append ties; all arrays have shape (n,)."""
        if first.size == 0:
            return
        n = len(self)
        end = n + first.size
        if end > self._store["first"].size:
            self._grow(end + end // 8 + 64)
        for values, added in zip(
            self._store.values(), (first, second, trust, km, born), strict=True
        ):
            values[n:end] = added
        self._show(end)

    def _grow(self, capacity: int) -> None:
        """Make room for so many ties."""
        for name, values in self._store.items():
            self._store[name] = np.empty(capacity, dtype=values.dtype)
            self._store[name][: len(self)] = getattr(self, name)

    def renew(self, latest: Ids, born: int) -> Flags:
        """Let ties begin anew, and return for which rows as `second` there are any, shape (rows,).

        Parameters
        ----------
        latest
            For each row as `second` the row of the `first` of the tie to renew, or -1 for none,
            shape (rows,): each actor can have one such tie at a time, which spares a search.
        born
            Step in which they begin.
        """
        renewed = np.zeros(latest.size, dtype=np.bool_)
        _renew(self.first, self.second, latest, self.born, born, renewed)
        return renewed

    def keep(self, stays: Flags) -> None:
        """Keep the ties for which `stays`, shape (ties,), is True; the others end."""
        n = _move_up(self.first, self.second, self.trust, self.km, self.born, stays)
        if n < stays.size:
            self._show(n)

    def release(self, alive: Flags) -> None:
        """End every tie of which an end is not `alive`, shape (rows,)."""
        n = _move_up_living(alive, self.first, self.second, self.trust, self.km, self.born)
        if n < len(self):
            self._show(n)

    def adjacency(self, n_rows: int) -> Adjacency:
        """Return the adjacency over `n_rows` actors; made anew only after a change."""
        if self._adjacency is None or self._adjacency.start.size != n_rows + 1:
            self._adjacency = Adjacency(n_rows, self.first, self.second)
        return self._adjacency


@kernel
def _renew(first: Any, second: Any, latest: Any, born: Any, now: Any, renewed: Any) -> None:
    for t in range(first.size):
        if latest[second[t]] == first[t]:
            born[t] = now
            renewed[second[t]] = True


class Ties:
    """All layers, as attributes by name."""

    collaboration: Layer
    supply: Layer
    mobility: Layer
    membership: Layer
    bridge: Layer

    def __init__(self) -> None:
        for name in LAYERS:
            setattr(self, name, Layer())

    def __iter__(self) -> Iterator[tuple[str, Layer]]:
        for name in LAYERS:
            yield name, getattr(self, name)

    def release(self, alive: Flags) -> None:
        """End every tie of which an end is not `alive`, shape (rows,)."""
        for _, layer in self:
            if len(layer):
                layer.release(alive)
