"""Meeting somebody by chance, so that one more actor does not change whom the others meet.

Every actor has a place on a ring, a uniform in [0, 1) drawn anew each time; who looks for somebody
draws a point and meets the next actor clockwise (consistent hashing, Karger et al. 1997). A
newcomer takes over only the meetings that fall just before its own place; with an index into a list
it would shift everybody's partner.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from clustersim.world.kernel import inlined, kernel
from clustersim.world.types import Floats, Ids, Ints


class RingTable(NamedTuple):
    """The arrays of a :class:`Ring`, in the form that kernels take."""

    start: Ids
    rows: Ints
    position: Floats


class Circle:
    """Actors in the order of their places, from which rings of several groupings are made.

    Parameters
    ----------
    rows
        Rows of the actors, shape (n,).
    position
        Place of each, in [0, 1), shape (n,).
    """

    __slots__ = ("order", "rows", "sorted_position", "sorted_rows")

    def __init__(self, rows: Ints, position: Floats) -> None:
        self.rows = rows
        self.order, self.sorted_rows, self.sorted_position = _sort(rows, position)

    def ring(self, group: Ints, n_groups: int) -> Ring:
        """Return rings of the actors, one for each group.

        Parameters
        ----------
        group
            Group of each, 0 to ``n_groups - 1``, shape (n,), in the order of the rows given.
        n_groups
            Number of rings.
        """
        arranged = _arrange(self.order, self.sorted_rows, self.sorted_position, group, n_groups)
        return Ring(RingTable(*arranged))

    def everybody(self) -> Ring:
        """Return one ring of all actors, whose group is 0."""
        return Ring(
            RingTable(np.array([0, self.rows.size]), self.sorted_rows, self.sorted_position)
        )


class Ring:
    """Rings of actors, one for each group; :meth:`Circle.ring` makes them."""

    __slots__ = ("table",)

    def __init__(self, table: RingTable) -> None:
        self.table = table

    def meet(self, group: Ints, point: Floats, seekers: Ids) -> Ids:
        """Return the row that each seeker meets, shape (n,), or -1 where there is nobody else.

        Parameters
        ----------
        group
            Ring on which each looks, shape (n,).
        point
            Point from which it looks clockwise, in [0, 1), shape (n,).
        seekers
            Rows of those who look, shape (n,); nobody meets itself.
        """
        out = np.empty(seekers.size, dtype=np.int64)
        _meet(self.table, group, point, seekers, out)
        return out


@kernel
def _sort(rows: Any, position: Any) -> Any:
    """Return the indices of the actors by ascending position, their rows and their positions.

    Positions are uniform, so that each tells nearly where its actor belongs: a counting sort by
    that place leaves only neighbours to be exchanged.
    """
    n = position.size
    order, sorted_position = np.empty(n, dtype=np.int32), np.empty(n)
    free = np.zeros(n + 1, dtype=np.int32)
    for i in range(n):
        free[min(np.int64(position[i] * n), n - 1) + 1] += 1
    for k in range(n):
        free[k + 1] += free[k]
    for i in range(n):
        slot = min(np.int64(position[i] * n), n - 1)
        order[free[slot]] = i
        sorted_position[free[slot]] = position[i]
        free[slot] += 1
    for k in range(1, n):
        moving, its_position = order[k], sorted_position[k]
        at = k
        while at > 0 and sorted_position[at - 1] > its_position:
            order[at], sorted_position[at] = order[at - 1], sorted_position[at - 1]
            at -= 1
        order[at], sorted_position[at] = moving, its_position
    return order, rows[order], sorted_position


@kernel
def _arrange(order: Any, rows: Any, position: Any, group: Any, n_groups: Any) -> Any:
    """Distribute the actors, who come in `order`, to the rings of their groups; return these."""
    start = np.zeros(n_groups + 1, dtype=np.int64)
    rows_out, position_out = np.empty_like(rows), np.empty_like(position)
    for g in group:
        start[g + 1] += 1
    for g in range(1, start.size):
        start[g] += start[g - 1]
    free = start[:-1].copy()
    for k in range(order.size):
        g = group[order[k]]
        at = free[g]
        free[g] += 1
        rows_out[at] = rows[k]
        position_out[at] = position[k]
    return start, rows_out, position_out


@kernel
def _first_from(position: Any, low: Any, high: Any, point: Any) -> Any:
    """Return the first index in [low, high) whose position is at least `point`, or `high`.

    Positions are uniform, so that a point tells nearly where it belongs: among n, to within some
    sqrt(n) places, and what is missing there tells the rest still better. A few steps are left.
    """
    n = high - low
    at = min(low + np.int64(point * n), high - 1)
    at += np.int64((point - position[at]) * n)
    at = min(max(at, low), high - 1)
    while at > low and position[at - 1] >= point:
        at -= 1
    while at < high and position[at] < point:
        at += 1
    return at


@inlined
def meet_one(ring: Any, group: Any, point: Any, seeker: Any) -> Any:
    """Return the row that a seeker meets on the ring of a group, or -1; see :meth:`Ring.meet`.

    A row may stand at several places of a ring; a seeker passes over all of its own.
    """
    return _meet_one(ring.start, ring.rows, ring.position, group, point, seeker)


@kernel
def _meet_one(start: Any, rows: Any, position: Any, group: Any, point: Any, seeker: Any) -> Any:
    low = start[group]
    high = start[group + 1]
    if high == low:
        return -1
    at = _first_from(position, low, high, point)
    if at == high:
        at = low
    for _ in range(high - low):
        if rows[at] != seeker:
            return rows[at]
        at = at + 1 if at + 1 < high else low
    return -1


@kernel
def _meet(ring: Any, group: Any, point: Any, seekers: Any, out: Any) -> None:
    for i in range(seekers.size):
        out[i] = meet_one(ring, group[i], point[i], seekers[i])
