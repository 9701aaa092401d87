"""What is wrong with an employment table: all of it, each with its place and its remedy."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

SHOWN = 20
"""Problems printed in the text of a :class:`TableError`."""

KEPT = 1000
"""Problems kept in full; a file with more is counted to the end but not remembered."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a table.

    Parameters
    ----------
    path : str
        The file.
    line : int or None
        Line of the file, counted from 1 (row, in a Parquet file); None for the whole file.
    column : str or None
        Name of the column as the file gives it; None if no single column is to blame.
    message : str
        What was found, what was expected, and the remedy.
    unit : str
        What `line` counts: ``"line"``, or ``"row"`` in a Parquet file.
    """

    path: str
    line: int | None
    column: str | None
    message: str
    unit: str = "line"

    def __str__(self) -> str:
        """Return the problem as one line of text, with its place first."""
        place = self.path
        if self.line is not None:
            place += f", {self.unit} {self.line}"
        if self.column is not None:
            place += f", column {self.column!r}"
        return f"{place}: {self.message}"


class TableError(ValueError):
    """An employment table cannot be used.

    Parameters
    ----------
    problems : sequence of Problem
        What is wrong, in the order of the file.
    total : int, optional
        How many problems there are in all, when more than `problems` holds.

    Attributes
    ----------
    problems : tuple of Problem
    total : int
    """

    def __init__(self, problems: Sequence[Problem], total: int | None = None) -> None:
        self.problems = tuple(problems)
        self.total = len(self.problems) if total is None else total
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if self.total > len(lines):
            lines.append(f"and {self.total - len(lines):,} more")
        super().__init__("\n".join(lines))


class Findings:
    """Collects problems by row while a table is checked.

    Rows are counted from 0 without the heading; they become lines of the file only when there is
    something to report, because finding the line of a row means going through the file again.

    Parameters
    ----------
    path : str
        The file.
    unit : str
        What a place in the file is called: ``"line"`` or ``"row"``.
    """

    def __init__(self, path: str, unit: str = "line") -> None:
        self.path = path
        self.unit = unit
        self.total = 0
        self._whole: list[Problem] = []
        self._by_row: list[tuple[int, str | None, str, int]] = []

    def add(self, message: str, *, column: str | None = None, line: int | None = None) -> None:
        """Note a problem of the whole file or of a known line."""
        self.total += 1
        if len(self._whole) < KEPT:
            self._whole.append(Problem(self.path, line, column, message, self.unit))

    def add_rows(
        self,
        rows: Sequence[int],
        column: str | None,
        message: Callable[[int], str],
        earlier: Sequence[int] | None = None,
    ) -> None:
        """Note a problem in each of some rows.

        Parameters
        ----------
        rows : sequence of int
            The rows.
        column : str or None
            Heading of the column.
        message : callable
            Called with the place of a row in `rows`, gives the message.
        earlier : sequence of int, optional
            For each row, the row it contradicts; the message then ends with its line.
        """
        self.total += len(rows)
        for place, row in enumerate(rows[:KEPT]):
            other = int(row if earlier is None else earlier[place])
            self._by_row.append((int(row), column, message(place), other))

    def raise_if_any(self, lines: Callable[[Sequence[int]], Sequence[int]]) -> None:
        """Raise a :class:`TableError` if anything was noted.

        Parameters
        ----------
        lines : callable
            Gives the line in the file of each of some rows.
        """
        if not self.total:
            return
        places = lines([row for row, _, _, _ in self._by_row])
        others = lines([other for _, _, _, other in self._by_row])
        placed = [
            Problem(
                self.path,
                place,
                column,
                message if other == place else f"{message} (see {self.unit} {other})",
                self.unit,
            )
            for place, other, (_, column, message, _) in zip(
                places, others, self._by_row, strict=True
            )
        ]
        problems = sorted(self._whole + placed, key=lambda p: (p.line is not None, p.line or 0))
        raise TableError(problems[:KEPT], self.total)


def refused(path: str, what: str, remedy: str = "", *, line: int | None = None) -> TableError:
    """Return the error for a file that cannot be used at all."""
    return TableError([Problem(path, line, None, f"{what}. {remedy}" if remedy else what)])


def nearest(name: str, valid: Sequence[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest valid name, or an empty text if none is near.

    Upper and lower case make no difference.
    """
    by_fold = {candidate.casefold(): candidate for candidate in reversed(valid)}
    close = difflib.get_close_matches(name.casefold(), list(by_fold), n=1, cutoff=0.6)
    return f" Did you mean {by_fold[close[0]]!r}?" if close else ""


def quoted(names: Sequence[str], most: int = 12) -> str:
    """Return names in quotation marks, separated by commas, the list cut after `most`."""
    text = ", ".join(repr(name) for name in names[:most])
    return text + (f" and {len(names) - most} more" if len(names) > most else "")
