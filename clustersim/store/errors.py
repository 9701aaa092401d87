"""What can go wrong with a folder of results, in words that say what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class StoreError(RuntimeError):
    """A folder of results cannot be written or read; the message says why and what to do."""


class FolderTakenError(StoreError):
    """There is something already where the results were to go, and it was left alone."""


class WriteError(StoreError):
    """The operating system did not let the results be written."""


_ELSEWHERE = "choose another folder"
_REMEDIES = {
    "EACCES": f"no permission to write there; {_ELSEWHERE}",
    "EPERM": f"no permission to write there; {_ELSEWHERE}",
    "EROFS": f"it is read-only; {_ELSEWHERE}",
    "ENOSPC": "the disk is full; free some space or choose another disk",
    "EDQUOT": "your quota is used up; free some space or choose another disk",
    "EFBIG": "a file became larger than is allowed here; choose another disk",
    "ENOTEMPTY": f"another run has just taken this name; {_ELSEWHERE}",
    "EEXIST": f"a file of that name is in the way; {_ELSEWHERE}",
    "ENOTDIR": f"a part of this path is a file; {_ELSEWHERE}",
    "ENAMETOOLONG": f"the name is too long; {_ELSEWHERE}",
}


@contextmanager
def clear_errors(target: Path) -> Iterator[None]:
    """Turn an error of the operating system into one that says what to do.

    Raises
    ------
    FolderTakenError
        If another run has taken the name meanwhile.
    WriteError
        Instead of any other OSError.
    """
    try:
        yield
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, "")
        kind = FolderTakenError if name == "ENOTEMPTY" else WriteError
        raise kind(f"cannot write {target}: {_REMEDIES.get(name, error)}") from error
