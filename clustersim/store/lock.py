"""A lock on a folder of results, held by one process and free when that process is gone."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from clustersim.store.errors import FolderTakenError, clear_errors

_TRIES: Final = 5
_PAUSE: Final = 0.02


class Lock:
    """A lock held while the block lasts; whatever ends the process frees it.

    Parameters
    ----------
    path
        File that stands for what is locked; it stays.
    what
        What is locked, for the message.

    Raises
    ------
    FolderTakenError
        On entering, if another process holds it.
    """

    def __init__(self, path: Path, what: str) -> None:
        self._path = path
        self._what = what
        self._file: IO[str] | None = None

    def __enter__(self) -> Lock:
        """Take the lock."""
        with clear_errors(self._path):
            self._file = self._path.open("a+", encoding="utf-8")
            try:
                taken = _taken_soon(self._file)
            except OSError:  # a file system without locks
                self._file.close()
                raise
        if not taken:
            holder = _holder(self._file)
            self._file.close()
            raise FolderTakenError(
                f"{self._what} is being written to by another process{holder}; wait for it to end, "
                "or stop it"
            )
        with clear_errors(self._path):
            self._file.truncate(0)
            self._file.write(json.dumps({"host": platform.node(), "pid": os.getpid()}))
            self._file.flush()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Free the lock."""
        if self._file is not None:
            self._file.close()


def _taken_soon(file: IO[str]) -> bool:
    """Take a lock, which `held` may have for a moment."""
    for _ in range(_TRIES):
        if _take(file):
            return True
        time.sleep(_PAUSE)
    return False


def held(path: Path) -> str | None:
    """Return who holds a lock, as ", process 12 on host"; None if it is free."""
    try:
        with path.open("r+", encoding="utf-8") as file:
            return None if _take(file) else _holder(file)
    except OSError:
        return None


def _holder(file: IO[str]) -> str:
    file.seek(0)
    try:
        who = json.loads(file.read())
        return f" (process {who['pid']} on {who['host']})"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 30
    """A byte beyond the content is locked, as a locked one cannot be read by others."""

    def _take(file: IO[str]) -> bool:
        file.seek(_FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(file: IO[str]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
