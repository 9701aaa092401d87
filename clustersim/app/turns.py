"""Who may compute: a lock that is given in the order in which it was asked for, and a common pace.

A world that runs fast asks for its lock again as soon as it has let it go. With an ordinary lock
whoever wants to draw it, or to press a button, could wait until its end. And thirty worlds that all
go on and are all drawn at the same time leave no room for a click: better a few at a time.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Hashable
from types import TracebackType
from typing import Final
from weakref import WeakKeyDictionary

LEASE: Final = 2.0
"""Seconds after which a place is given to another, though who had it has not said that it is done:
its page may be gone."""
LOOK: Final = 0.25
"""Seconds between two looks of those who wait for places that were never given back."""


class Turns:
    """A fair, reentrant lock with one place or more.

    Parameters
    ----------
    places
        How many threads may hold it at a time.
    """

    def __init__(self, places: int = 1) -> None:
        if places < 1:
            msg = f"places: expected at least 1, got {places}"
            raise ValueError(msg)
        self._free = places
        self._mutex = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._depth: dict[int, int] = {}

    def __enter__(self) -> None:
        """Wait for a turn; a thread that has one goes on at once."""
        me = threading.get_ident()
        with self._mutex:
            if me in self._depth:
                self._depth[me] += 1
                return
            if self._free and not self._waiting:
                self._free -= 1
                self._depth[me] = 1
                return
            mine = threading.Event()
            self._waiting.append(mine)
        # Whoever leaves hands its place over, so that nobody can come between.
        mine.wait()
        with self._mutex:
            self._depth[me] = 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Hand the place over to who has waited longest."""
        me = threading.get_ident()
        with self._mutex:
            self._depth[me] -= 1
            if self._depth[me]:
                return
            del self._depth[me]
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class Pace:
    """Lets a few go on at a time; among those who wait, who had the last turn longest ago.

    A visitor who presses Step comes before worlds that run all the time.

    Parameters
    ----------
    places
        How many may go on at a time.
    lease
        Seconds for which a place is kept.
    """

    def __init__(self, places: int = 1, lease: float = LEASE) -> None:
        self._places = places
        self._lease = lease
        self._mutex = threading.Lock()
        self._going: dict[Hashable, float] = {}
        self._waiting: list[tuple[Hashable, threading.Event]] = []
        self._last: WeakKeyDictionary[Hashable, float] = WeakKeyDictionary()

    def go(self, who: Hashable) -> None:
        """Wait for a place; who has one goes on at once."""
        mine = threading.Event()
        with self._mutex:
            if who in self._going:
                return
            self._waiting.append((who, mine))
            self._fill()
        while not mine.wait(LOOK):
            with self._mutex:
                self._fill()

    def done(self, who: Hashable) -> None:
        """Leave the place to another; nothing if there is none."""
        with self._mutex:
            self._going.pop(who, None)
            self._fill()

    def _fill(self) -> None:
        now = time.monotonic()
        for one in [one for one, since in self._going.items() if now - since > self._lease]:
            del self._going[one]
        while self._waiting and len(self._going) < self._places:
            who, theirs = min(self._waiting, key=lambda one: self._last.get(one[0], 0.0))
            self._waiting.remove((who, theirs))
            self._going[who] = self._last[who] = now
            theirs.set()
