"""A lock that is given in the order in which it was asked for.

A world that runs fast asks for its lock again as soon as it has let it go. With an ordinary lock
whoever wants to draw it, or to press a button, could wait until its end.
"""

from __future__ import annotations

import threading
from collections import deque
from types import TracebackType


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
