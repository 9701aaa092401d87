"""What is wrong with a scenario: all of it, each with its place, what was expected, the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SHOWN = 20
"""Problems printed in the text of a :class:`ScenarioError`."""

KEPT = 1000
"""Problems kept in full; a file with more is broken enough."""

_MANY_NAMES = 3000
"""With more valid names than this, only capitals are compared: the rest would take too long."""


class Place(NamedTuple):
    """Where a value stands.

    Parameters
    ----------
    path : str
        File as the user named it, or ``"command line: --set years=10"``, or ``"default"``.
    line, column : int or None
        Counted from 1; None for the whole of it.
    """

    path: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """Return ``file:line:column``, without what is not known."""
        return ":".join(str(part) for part in self if part is not None)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a scenario.

    Parameters
    ----------
    path : str
        The file, or ``"command line: --set ..."``.
    line, column : int or None
        Counted from 1; None if the whole file is meant.
    message : str
        What was found.
    expected : str
        What would be right; may be empty.
    hint : str
        The remedy, or the nearest valid name; may be empty.
    """

    path: str
    line: int | None
    column: int | None
    message: str
    expected: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """Return the problem as one line of text, with its place first."""
        text = f"{Place(self.path, self.line, self.column)}: {self.message}"
        if self.expected:
            text += f"; expected {self.expected}"
        return f"{text}; {self.hint}" if self.hint else text


class ScenarioError(ValueError):
    """A scenario cannot be used.

    Parameters
    ----------
    problems : sequence of Problem
        Everything that is wrong, in the order of the files.

    Attributes
    ----------
    problems : tuple of Problem
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append(f"and {len(self.problems) - SHOWN:,} more")
        super().__init__("\n".join(lines))


class Findings:
    """Collects problems while a scenario is read; a problem reported twice is kept once."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}

    def __len__(self) -> int:
        """Return the number of problems so far."""
        return len(self._problems)

    def __iter__(self) -> Iterator[Problem]:
        """Yield the problems in the order in which they were noted."""
        yield from self._problems

    @property
    def full(self) -> bool:
        """Whether enough problems are known to stop looking for more."""
        return len(self._problems) >= KEPT

    def add(self, place: Place, message: str, expected: str = "", hint: str = "") -> None:
        """Note a problem at a place."""
        if not self.full:
            self._problems.setdefault(Problem(*place, message, expected, hint))

    def raise_if_any(self, order: Sequence[str] = ()) -> None:
        """Raise a :class:`ScenarioError` if anything was noted.

        Parameters
        ----------
        order : sequence of str
            Files in the order in which their problems are listed; others come last.
        """
        if not self._problems:
            return
        rank = {path: position for position, path in enumerate(order)}
        raise ScenarioError(
            sorted(
                self._problems,
                key=lambda p: (rank.get(p.path, len(rank)), p.line or 0, p.column or 0),
            )
        )


def did_you_mean(name: str, valid: Collection[str]) -> str:
    """Return "did you mean 'x'?" for the nearest valid name, or an empty text if none is near.

    Upper and lower case make no difference, nor do ``_``, ``-`` and spaces.
    """
    by_plain = {_plain(candidate): candidate for candidate in valid}
    wanted = _plain(name)
    if wanted in by_plain:
        return f"did you mean {by_plain[wanted]!r}?"
    if len(by_plain) > _MANY_NAMES or len(name) > 200:  # noqa: PLR2004  # no name is as long
        return ""
    close = difflib.get_close_matches(wanted, list(by_plain), n=1, cutoff=0.6)
    return f"did you mean {by_plain[close[0]]!r}?" if close else ""


def listed(names: Iterable[str], most: int = 12) -> str:
    """Return names separated by commas, the list cut after `most`."""
    every = list(names)
    text = ", ".join(every[:most])
    return text + (f" and {len(every) - most} more" if len(every) > most else "")


def shortened(text: str, most: int = 60) -> str:
    """Return a text in quotation marks, safe to print, cut after `most` characters."""
    return repr(text) if len(text) <= most else f"{text[:most]!r}..."


def _plain(name: str) -> str:
    return name.casefold().replace("-", "_").replace(" ", "_")
