"""An append-only journal: one JSON document a line, on disk before anything relies on it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clustersim.store.errors import StoreError, clear_errors
from clustersim.store.files import sync_folder


def read_journal(path: Path) -> list[dict[str, Any]]:
    """Return the entries of a journal; none if it does not exist.

    A last line that was cut short, as by a loss of power, counts as not written.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    StoreError
        If a line before the last cannot be read: the file was changed by something else.
    """
    return _read(path)[0]


def _read(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Return the entries and how many bytes they take."""
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise StoreError(f"{path}: cannot be read: {error.strerror}") from None
    entries: list[dict[str, Any]] = []
    size = 0
    lines = content.split(b"\n")
    for number, line in enumerate(lines[:-1], start=1):
        try:
            entry = json.loads(line)
            if not isinstance(entry, dict):
                raise ValueError("not an object")
        except ValueError:
            if number == len(lines) - 1:
                break  # the system wrote the end of a line before its middle
            raise StoreError(
                f"{path}: line {number} is damaged; restore the file from a copy, or start anew in "
                "another folder"
            ) from None
        entries.append(entry)
        size += len(line) + 1
    return entries, size


class Journal:
    """A journal that is written to.

    What stands after the last whole line is cut off when it is opened.

    Parameters
    ----------
    path
        The file; made if it does not exist.

    Attributes
    ----------
    entries
        What it held when it was opened.
    """

    def __init__(self, path: Path) -> None:
        self.entries, size = _read(path)
        self._path = path
        with clear_errors(path):
            self._file = path.open("ab", buffering=0)
            try:
                if self._file.tell() != size:
                    self._file.truncate(size)
                sync_folder(path.parent)
            except BaseException:
                self._file.close()
                raise

    def append(self, entry: Mapping[str, Any]) -> None:
        """Write an entry, and return when it is on disk.

        Raises
        ------
        WriteError
            If it cannot be written; then the journal is as it was.
        """
        # Half a surrogate, as in the name of a file, has no UTF-8; escaped it is the same in JSON.
        text = json.dumps(entry, ensure_ascii=False, allow_nan=False)
        line = text.encode("utf-8", "backslashreplace") + b"\n"
        with clear_errors(self._path):
            start = self._file.seek(0, os.SEEK_END)
            try:
                written = 0
                while written < len(line):
                    written += self._file.write(line[written:])
                os.fsync(self._file.fileno())
            except BaseException:  # also when interrupted: no line may follow half a line
                self._file.truncate(start)
                raise

    def close(self) -> None:
        """Close the file."""
        self._file.close()
