"""Who works together on what: R&D projects of consortia that raise technology readiness (TRL).

A project has an identity of its own; its members are rows of the actor table, kept as compressed
sparse rows. When an actor leaves, it leaves its projects in the same moment, so no project ever
names a free row. A project that has ended has no members any more and stays until it is recorded,
so that the table never holds more than what runs and what ended since the last record.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any, Final

import numpy as np

from clustersim.world.kernel import kernel, record_type
from clustersim.world.types import AnyArray, Flags, Floats, Ids, Ints

HIGHEST_TRL: Final = 9
"""Technology readiness of what is proven in operation; the scale begins at 1, basic principles."""
RUNNING: Final = -1
"""The step in which a project ended that has not."""


class Outcome(IntEnum):
    """What became of a project."""

    RUNNING = 0
    SUCCEEDED = 1
    FAILED = 2


_COLUMNS: Final[Mapping[str, Any]] = {
    "id": np.int64,
    "coordinator": np.int64,
    "field": np.int32,
    "born": np.int32,
    "length": np.int32,
    "ended": np.int32,
    "first_trl": np.int8,
    "trl": np.int8,
    "target": np.int8,
    "firms": np.int32,
    "science": np.int32,
    "budget": np.float64,
    "outcome": np.int8,
}

ProjectTable: Final = record_type(
    [*_COLUMNS, "start", "member"], module=__name__, path="ProjectTable"
)
"""All arrays of the table by name, in the form that kernels take; a tuple made for the moment."""


class Projects:
    """The projects, in the order of their founding; those of one quarter by identity.

    Attributes
    ----------
    id
        Identity, shape (projects,).
    coordinator
        Identity of the actor that proposed the project, who may have left since.
    field
        Technology field, index.
    born, length
        Step in which it was founded, and length in quarters.
    ended
        Step in which it ended, or -1.
    first_trl, trl, target
        Technology readiness at the start, now, and aimed at, 1 to 9.
    firms, science
        Members at the start: firms, and universities and RTOs.
    budget
        R&D of the members in the project over its length, euro.
    outcome
        An `Outcome`.
    start
        Shape (projects + 1,): the members of project ``p`` are ``start[p]:start[p + 1]``.
    member
        Row of each member, shape (members of all,); the first of a project leads it.
    """

    id: Ids
    coordinator: Ids
    field: Ints
    born: Ints
    length: Ints
    ended: Ints
    first_trl: Ints
    trl: Ints
    target: Ints
    firms: Ints
    science: Ints
    budget: Floats
    outcome: Ints
    start: Ids
    member: Ints

    def __init__(self) -> None:
        for name, dtype in _COLUMNS.items():
            setattr(self, name, np.empty(0, dtype=dtype))
        self.start = np.zeros(1, dtype=np.int64)
        self.member = np.empty(0, dtype=np.int32)

    def __len__(self) -> int:
        return int(self.id.size)

    @property
    def table(self) -> Any:
        """All arrays of the moment as a `ProjectTable`, for kernels."""
        return ProjectTable(**vars(self))

    @property
    def running(self) -> Flags:
        """Which projects have not ended, shape (projects,)."""
        return np.asarray(self.ended == RUNNING)

    @property
    def counts(self) -> Ids:
        """Present members of each, shape (projects,)."""
        return np.diff(self.start)

    def add(self, columns: Mapping[str, AnyArray], members: Ints, counts: Ids) -> None:
        """Append projects that begin.

        Parameters
        ----------
        columns
            Values by column, each of shape (n,); all but ``ended``, ``trl`` and ``outcome``.
        members
            Rows of all members, project after project, each project's leader first.
        counts
            Members of each, shape (n,).
        """
        new = {
            "ended": np.full(counts.size, RUNNING),
            "trl": columns["first_trl"],
            "outcome": np.full(counts.size, Outcome.RUNNING),
            **columns,
        }
        for name, dtype in _COLUMNS.items():
            added = new[name].astype(dtype, copy=False)
            setattr(self, name, np.concatenate([getattr(self, name), added]))
        self.start = np.concatenate([self.start, self.start[-1] + np.cumsum(counts)])
        self.member = np.concatenate([self.member, members.astype(np.int32, copy=False)])

    def release(self, alive: Flags) -> None:
        """Let go the members who are not `alive`, shape (rows,), and all of what has ended."""
        if self.member.size == 0:
            return
        start, member = np.zeros_like(self.start), np.empty_like(self.member)
        _copy_present(self.start, self.member, self.ended, alive, start, member)
        self.start, self.member = start, member[: start[-1]]

    def forget_ended(self) -> None:
        """Drop the projects that have ended, once they are recorded."""
        stays = self.running
        if stays.all():
            return
        counts = self.counts
        self.member = self.member[np.repeat(stays, counts)]
        self.start = np.concatenate([[0], np.cumsum(counts[stays])])
        for name in _COLUMNS:
            setattr(self, name, getattr(self, name)[stays])

    def engagements(self, n_rows: int) -> tuple[Ints, Flags]:
        """Return in how many projects each row takes part, and whether it leads one, (rows,)."""
        takes_part = np.zeros(n_rows, dtype=np.int32)
        leads = np.zeros(n_rows, dtype=np.bool_)
        _engagements(self.start, self.member, takes_part, leads)
        return takes_part, leads


@kernel
def _engagements(start: Any, member: Any, takes_part: Any, leads: Any) -> None:
    for p in range(start.size - 1):
        for a in range(start[p], start[p + 1]):
            takes_part[member[a]] += 1
            if a == start[p]:
                leads[member[a]] = True


@kernel
def _copy_present(
    start: Any, member: Any, ended: Any, alive: Any, new_start: Any, new_member: Any
) -> None:
    n = 0
    for p in range(ended.size):
        for a in range(start[p], start[p + 1]):
            if ended[p] == RUNNING and alive[member[a]]:
                new_member[n] = member[a]
                n += 1
        new_start[p + 1] = n
