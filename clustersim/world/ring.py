"""Meeting somebody by chance, so that one more actor does not change whom the others meet.

Every actor has a place on a ring, a uniform in [0, 1) drawn anew each time; who looks for somebody
draws a point and meets the next actor clockwise (consistent hashing, Karger et al. 1997). A
newcomer takes over only the meetings that fall just before its own place; with an index into a list
it would shift everybody's partner.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from clustersim.world.kernel import kernel
from clustersim.world.types import Floats, Ids, Ints


class RingTable(NamedTuple):
    """The arrays of a :class:`Ring`, in the form that kernels take."""

    start: Ids
    rows: Ids
    position: Floats
    group: Ints


class Ring:
    """Rings of actors, one for each group.

    Parameters
    ----------
    rows
        Rows of the actors, shape (n,).
    position
        Place of each on its ring, in [0, 1), shape (n,).
    group
        Group of each, 0 to ``n_groups - 1``, shape (n,).
    n_groups
        Number of rings.
    """

    __slots__ = ("table",)

    def __init__(self, rows: Ids, position: Floats, group: Ints, n_groups: int) -> None:
        start = np.zeros(n_groups + 1, dtype=np.int64)
        np.cumsum(np.bincount(group, minlength=n_groups), out=start[1:])
        self.table = RingTable(start, np.empty_like(rows), np.empty_like(position), group)
        _arrange(rows, position, self.table)

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
def _arrange(rows: Any, position: Any, ring: Any) -> None:
    """Order the actors by group and position.

    Positions are uniform, so that each tells nearly where its actor belongs: a counting sort by
    that place leaves only neighbours to be exchanged.
    """
    start, group, rows_out, position_out = ring.start, ring.group, ring.rows, ring.position
    n = rows.size
    slot = np.empty(n, dtype=np.int64)
    free = np.zeros(n + 1, dtype=np.int64)
    for i in range(n):
        low = start[group[i]]
        n_here = start[group[i] + 1] - low
        slot[i] = low + min(np.int64(position[i] * n_here), n_here - 1)
        free[slot[i] + 1] += 1
    for k in range(n):
        free[k + 1] += free[k]
    for i in range(n):
        at = free[slot[i]]
        free[slot[i]] += 1
        rows_out[at] = rows[i]
        position_out[at] = position[i]
    for g in range(start.size - 1):
        for k in range(start[g] + 1, start[g + 1]):
            moving = position_out[k]
            row = rows_out[k]
            at = k
            while at > start[g] and position_out[at - 1] > moving:
                position_out[at] = position_out[at - 1]
                rows_out[at] = rows_out[at - 1]
                at -= 1
            position_out[at] = moving
            rows_out[at] = row


@kernel
def _first_from(position: Any, low: Any, high: Any, point: Any) -> Any:
    """Return the first index in [low, high) whose position is at least `point`, or `high`.

    Positions are uniform, so that the place of a point can be guessed to within a few steps.
    """
    at = min(low + np.int64(point * (high - low)), high - 1)
    while at > low and position[at - 1] >= point:
        at -= 1
    while at < high and position[at] < point:
        at += 1
    return at


@kernel
def meet_one(start: Any, rows: Any, position: Any, group: Any, point: Any, seeker: Any) -> Any:
    """Return the row that a seeker meets on the ring of a group, or -1; see :meth:`Ring.meet`."""
    low = start[group]
    high = start[group + 1]
    if high == low:
        return -1
    at = _first_from(position, low, high, point)
    if at == high:
        at = low
    if rows[at] == seeker:
        at = at + 1 if at + 1 < high else low
    return rows[at] if rows[at] != seeker else -1


@kernel
def _meet(ring: Any, group: Any, point: Any, seekers: Any, out: Any) -> None:
    for i in range(seekers.size):
        out[i] = meet_one(ring.start, ring.rows, ring.position, group[i], point[i], seekers[i])
