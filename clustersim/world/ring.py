"""Meeting somebody by chance, so that one more actor does not change whom the others meet.

Every actor has a place on a ring, a uniform in [0, 1) drawn anew each time; who looks for somebody
draws a point and meets the next actor clockwise (consistent hashing, Karger et al. 1997). A
newcomer takes over only the meetings that fall just before its own place; with an index into a list
it would shift everybody's partner.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.world.kernel import kernel
from clustersim.world.types import Floats, Ids, Ints


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

    __slots__ = ("position", "rows", "start")

    def __init__(self, rows: Ids, position: Floats, group: Ints, n_groups: int) -> None:
        self.start = np.zeros(n_groups + 1, dtype=np.int64)
        np.cumsum(np.bincount(group, minlength=n_groups), out=self.start[1:])
        self.rows = np.empty_like(rows)
        self.position = np.empty_like(position)
        _arrange(rows, position, group, self.start, self.rows, self.position)

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
        _meet(self.start, self.rows, self.position, group, point, seekers, out)
        return out


@kernel
def _arrange(
    rows: Any, position: Any, group: Any, start: Any, rows_out: Any, position_out: Any
) -> None:
    """Order the actors by group and position.

    Positions are uniform, so that each tells nearly where its actor belongs: a counting sort by
    that place leaves only neighbours to be exchanged.
    """
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
def _meet(
    start: Any, rows: Any, position: Any, group: Any, point: Any, seekers: Any, out: Any
) -> None:
    for i in range(seekers.size):
        low = start[group[i]]
        high = start[group[i] + 1]
        if high == low:
            out[i] = -1
            continue
        at = _first_from(position, low, high, point[i])
        if at == high:
            at = low
        if rows[at] == seekers[i]:
            at = at + 1 if at + 1 < high else low
        out[i] = rows[at] if rows[at] != seekers[i] else -1
