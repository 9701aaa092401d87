"""Who is there: one session for each visitor, not too many, and none that nobody uses."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from clustersim.app.catalogue import Catalogue, Limits
from clustersim.app.lessons import Lesson, read_lessons
from clustersim.app.memory import give_back
from clustersim.app.session import Session
from clustersim.app.turns import Pace, Turns

ROUND: Final = 5.0
"""Seconds between two looks for sessions that nobody uses."""
LINGER: Final = 20.0
"""Seconds from the last leaving until memory is given back: by then its threads have ended, and a
class that leaves one by one is waited for."""
PUT_AWAY: Final = (
    "This world was put away because nobody used it for a while. Press Begin anew to go on."
)


class UnknownLessonError(ValueError):
    """There is no lesson of the name that was asked for."""


class Rooms:
    """The sessions of one server.

    Parameters
    ----------
    scenario
        What visitors begin with: a built-in name or a teacher's file; None for the usual one.
    limits
        How much there is for visitors.
    lessons
        A teacher's folder of lessons; that of the package if left out.
    lesson
        Name of the lesson with which visitors begin; None for none.

    Attributes
    ----------
    turn : Turns
        Held by whoever computes, so that no more do at a time than there are processors, and a
        click is answered while others run.
    pace : Pace
        Asked by each world before it goes on, and told when that has been drawn.
    """

    def __init__(
        self,
        scenario: str | Path | None = None,
        limits: Limits | None = None,
        lessons: Path | None = None,
        lesson: str | None = None,
    ) -> None:
        self.catalogue = Catalogue(scenario)
        self.limits = limits or Limits()
        self.lessons: Mapping[str, Lesson] = read_lessons(lessons)
        self.lesson = lesson
        if lesson is not None and lesson not in self.lessons:
            known = ", ".join(self.lessons) or "none"
            msg = f"there is no lesson {lesson!r}; there are {known}"
            raise UnknownLessonError(msg)
        places = max(1, min(2, os.cpu_count() or 1))
        self.turn, self.pace = Turns(places), Pace(places)
        self._sessions: set[Session] = set()
        self._lock = threading.Lock()
        self._left: float | None = None

    def admit(self) -> Session | None:
        """Return a session for a new visitor; None if all places are taken."""
        with self._lock:
            if len(self._sessions) >= self.limits.visitors:
                return None
            session = Session(self.catalogue, self.limits)
            session.turn, session.pace = self.turn, self.pace
            self._sessions.add(session)
            return session

    def leave(self, session: Session) -> None:
        """Free the place of a visitor who has left."""
        with self._lock:
            self._sessions.discard(session)
        session.close()
        self._left = time.monotonic()

    @property
    def present(self) -> int:
        """Number of visitors."""
        with self._lock:
            return len(self._sessions)

    def put_away(self) -> int:
        """Put the worlds of idle sessions away; return how many."""
        with self._lock:
            idle = [one for one in self._sessions if one.main and one.idle > self.limits.idle]
        for session in idle:
            session.close(PUT_AWAY)
        return len(idle)

    def go_round(self) -> bool:
        """Put idle worlds away, and give back the memory of who has left; tell whether it was."""
        if self.put_away():
            self._left = time.monotonic()
        if self._left is None or time.monotonic() - self._left < LINGER:
            return False
        self._left = None
        give_back()
        return True

    def close(self) -> None:
        """Close all sessions."""
        with self._lock:
            sessions, self._sessions = self._sessions, set()
        for session in sessions:
            session.close()


_current: list[Rooms] = []


def rooms() -> Rooms:
    """Return the rooms of this process; the usual ones where no server has opened any."""
    if not _current:
        _current.append(Rooms())
    return _current[-1]


def open_rooms(found: Rooms) -> None:
    """Let pages of this process use these rooms from now on."""
    _current[:] = [found]
