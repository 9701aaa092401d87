"""A file as a heading and columns of text: encodings, separators, compression, Parquet.

Files are recognised by what they hold, not by their suffix. Nothing is ever written.
"""

from __future__ import annotations

import csv
import gzip
import io
import stat
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from clustersim.scenario.table_errors import TableError, refused
from clustersim.scenario.table_text import declared_separator, decode, likely_separator

_BLOCK = 1 << 24
"""Bytes read at a time; no record of a table is as long."""

MOST_BYTES = 2_000_000_000
"""Largest file that is read, in bytes, after unpacking."""

_FOREIGN = {
    b"PK\x03\x04": "an Excel or OpenDocument workbook, or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "a PDF document",
    b"\x89PNG": "a picture",
}
"""First bytes of files that are often mistaken for tables."""


class Source(ABC):
    """A file whose heading is known and whose columns can be read.

    Attributes
    ----------
    path : str
        The file, as the user named it.
    header : tuple of str
        Headings in the order of the file, without spaces around them.
    unit : str
        What a place in the file is called: ``"line"`` or ``"row"``.
    separator : str or None
        Sign between the columns; None in a Parquet file.
    notes : list of str
        Choices made in reading that the user should know.
    """

    path: str
    header: tuple[str, ...]
    unit: str
    separator: str | None
    notes: list[str]

    @abstractmethod
    def read(self, positions: Sequence[int]) -> dict[int, Any]:
        """Return the pyarrow array of each column at some positions of the header."""

    @abstractmethod
    def uneven(self) -> Sequence[tuple[int, int]]:
        """Return line and number of fields of each record that does not fit the heading."""

    @abstractmethod
    def lines(self, rows: Sequence[int]) -> list[int]:
        """Return the place in the file of each of some rows, counted from 0."""


class ParquetSource(Source):
    """A Parquet file; rows are counted from 1."""

    def __init__(self, path: str, data: bytes) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path, self.unit, self.separator, self.notes = path, "row", None, []
        try:
            self._table = pq.ParquetFile(pa.BufferReader(data))
            self.header = tuple(str(name).strip() for name in self._table.schema_arrow.names)
        except (pa.ArrowException, OSError) as error:
            raise refused(path, f"cannot be read as a Parquet file ({_first(error)})") from None

    def read(self, positions: Sequence[int]) -> dict[int, Any]:
        """Return the columns; categories become text, everything else keeps its type."""
        import pyarrow as pa

        names = self._table.schema_arrow.names
        columns: dict[int, Any] = {}
        try:
            table = self._table.read(columns=[names[position] for position in positions])
            for position in positions:
                column = table.column(names[position])
                if pa.types.is_dictionary(column.type):
                    column = column.cast(column.type.value_type)
                joined = column.combine_chunks()
                columns[position] = (
                    pa.concat_arrays(joined.chunks) if hasattr(joined, "chunks") else joined
                )
        except (pa.ArrowException, KeyError, OSError) as error:
            raise refused(self.path, f"is damaged: {_first(error)}") from None
        return columns

    def uneven(self) -> Sequence[tuple[int, int]]:
        """Return nothing: all columns of a Parquet file are equally long."""
        return ()

    def lines(self, rows: Sequence[int]) -> list[int]:
        """Return rows counted from 1."""
        return [row + 1 for row in rows]


class TextSource(Source):
    """A file of separated text; lines are counted from 1, the heading included."""

    def __init__(self, path: str, data: bytes, encoding: str | None, separator: str | None) -> None:
        self.path, self.unit, self.notes = path, "line", []
        text = decode(path, data, encoding, self.notes)
        text, self._skipped, declared = declared_separator(text)
        self.separator = separator or declared or likely_separator(text)
        self._uneven: bool = False
        self.header, offset, lines = self._heading(text)
        self._skipped += lines
        self._body = text[offset:]

    def _heading(self, text: str) -> tuple[tuple[str, ...], int, int]:
        """Return the heading, where it ends in the text, and how many lines it takes."""
        stream = io.StringIO(text, newline="")
        reader = csv.reader(stream, delimiter=str(self.separator))
        try:
            for record in reader:
                if any(field.strip() for field in record):
                    return tuple(field.strip() for field in record), stream.tell(), reader.line_num
        except csv.Error as error:
            raise refused(self.path, f"the heading cannot be read ({error})") from None
        raise refused(self.path, "is empty", "Expected a heading and one row for each cell")

    def read(self, positions: Sequence[int]) -> dict[int, Any]:
        """Return the columns as text; records that do not fit the heading are left out."""
        import pyarrow as pa
        from pyarrow import csv as arrow

        names = [str(i) for i in range(len(self.header))]
        wanted = [names[position] for position in positions]
        if not self._body.strip():
            return {position: pa.array([], pa.string()) for position in positions}
        try:
            table = arrow.read_csv(
                pa.BufferReader(self._body.encode("utf-8", errors="replace")),
                read_options=arrow.ReadOptions(
                    column_names=names, block_size=_BLOCK, use_threads=False
                ),
                parse_options=arrow.ParseOptions(
                    delimiter=self.separator,
                    newlines_in_values=True,
                    invalid_row_handler=self._leave_out,
                ),
                convert_options=arrow.ConvertOptions(
                    include_columns=wanted,
                    column_types=dict.fromkeys(wanted, pa.large_string()),
                    strings_can_be_null=False,
                ),
            )
        except pa.ArrowException as error:
            raise refused(
                self.path,
                f"cannot be read as columns separated by {self.separator!r} ({_first(error)})",
                "Look for a quotation mark that is opened and never closed",
            ) from None
        return {
            position: pa.concat_arrays(table.column(name).chunks)
            for position, name in zip(positions, wanted, strict=True)
        }

    def _leave_out(self, _: Any) -> str:
        self._uneven = True
        return "skip"

    def _records(self) -> Iterator[tuple[int, int]]:
        """Yield line and number of fields of every record below the heading."""
        reader = csv.reader(io.StringIO(self._body, newline=""), delimiter=str(self.separator))
        before = 0
        try:
            for record in reader:
                if record:
                    yield self._skipped + before + 1, len(record)
                before = reader.line_num
        except csv.Error as error:
            line = self._skipped + before + 1
            raise refused(self.path, f"cannot be read ({error})", line=line) from None

    def uneven(self) -> Sequence[tuple[int, int]]:
        """Return line and number of fields of each record that does not fit the heading."""
        if not self._uneven:
            return ()
        return [(line, n) for line, n in self._records() if n != len(self.header)]

    def lines(self, rows: Sequence[int]) -> list[int]:
        """Return the line on which each row begins; fields may hold line breaks."""
        if not rows:
            return []
        fitting = [line for line, n in self._records() if n == len(self.header)]
        return [int(line) for line in np.array(fitting)[np.array(rows)]]


def open_source(path: str | Path, encoding: str | None, separator: str | None) -> Source:
    """Open a CSV file (gzip or not) or a Parquet file and read its heading.

    Parameters
    ----------
    path : path
        The file.
    encoding, separator : str or None
        As the user says; None to recognise them.

    Returns
    -------
    Source

    Raises
    ------
    TableError
        If the file is absent, unreadable, a folder, empty, or no table.
    """
    name = str(path)
    data = _bytes(Path(path), name)
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
                data = packed.read(MOST_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise refused(name, f"is a damaged gzip file ({error})", "Fetch it again") from None
        if len(data) > MOST_BYTES:
            raise _too_large(name, "more")
    if data[:4] == b"PAR1":
        return ParquetSource(name, data)
    for start, what in _FOREIGN.items():
        if data.startswith(start):
            raise refused(name, f"is {what}", "Save the table as CSV or Parquet")
    return TextSource(name, data, encoding, separator)


def _bytes(path: Path, name: str) -> bytes:
    try:
        # A device or pipe may never end, so it is not even opened.
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise refused(name, "is not a regular file", "Save the table as CSV or Parquet")
        if stat.S_ISREG(status.st_mode) and status.st_size > MOST_BYTES:
            raise _too_large(name, f"{status.st_size:,}")
        return path.read_bytes()
    except TableError:
        raise
    except FileNotFoundError:
        raise refused(name, "no such file", "Check the path") from None
    except IsADirectoryError:
        raise refused(name, "is a folder", "Name a CSV or Parquet file in it") from None
    except (OSError, ValueError) as error:
        raise refused(name, f"cannot be read ({error})", "Check the path and its rights") from None


def _too_large(name: str, size: str) -> TableError:
    return refused(
        name,
        f"is too large: {size} bytes, expected at most {MOST_BYTES:,}",
        "Keep only the columns and years that are needed",
    )


def _first(error: Exception) -> str:
    """Return the first line of an error's text."""
    return (str(error).splitlines() or [type(error).__name__])[0]
