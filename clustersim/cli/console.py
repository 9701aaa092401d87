"""What all commands share: where text goes, how errors are told, exit codes, progress."""

from __future__ import annotations

import functools
import json
import math
import os
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, Final, NoReturn, ParamSpec, TypeVar

import typer

DONE: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
SOME_FAILED: Final = 3
INTERRUPTED: Final = 130

TRACEBACK_VARIABLE: Final = "CLUSTERSIM_TRACEBACK"

_SECONDS_BETWEEN_LINES: Final = 10.0

_LEAST_TEXT: Final = 8
"""Signs of a column of text that are left where the terminal is narrow."""
_LEAST_EXTRA: Final = 16
"""Signs below which a column that can be spared is left out altogether."""
_GAP: Final = 2

P = ParamSpec("P")
R = TypeVar("R")


class BadInputError(ValueError):
    """What the user gave cannot be used; the message says why and what to do."""


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Wrap a command so that whatever goes wrong ends in one clear message and the right code."""

    @functools.wraps(function)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except KeyboardInterrupt:
            end_interrupted()
        except typer.Exit:
            raise
        except BrokenPipeError:
            # Whoever read the output (`head`, a pager) has gone; nobody is left to be told.
            _silence_stdout()
            raise typer.Exit(FAILED) from None
        except Exception as error:  # the last one who can say what happened
            end_with_error(error)

    return wrapped


def end_interrupted(left: str = "nothing was written") -> NoReturn:
    """End after Ctrl-C, saying what is `left` behind."""
    log(f"interrupted: {left}")
    raise typer.Exit(INTERRUPTED)


def end_with_error(error: Exception) -> NoReturn:
    """End with the message of an error; the traceback is shown only when it is asked for."""
    raise typer.Exit(tell_error(error))


def tell_error(error: Exception) -> int:
    """Say what went wrong and return the exit code."""
    if os.environ.get(TRACEBACK_VARIABLE):
        typer.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    kind = type(error).__name__
    if _is_bad_input(error):
        log(f"{_red('error')}: {error}")
        return BAD_INPUT
    if _is_clear(error):
        log(f"{_red('error')}: {error}")
        return FAILED
    if isinstance(error, OSError):
        where = error.filename or "a file or stream cannot be read or written"
        log(f"{_red('error')}: {where}: {error.strerror or error}")
        return FAILED
    text = " ".join(str(error).split())
    log(f"{_red('error')}: {kind}{': ' + text if text else ''}")
    log(f"This should not happen. {TRACEBACK_VARIABLE}=1 in the environment shows where it did.")
    return FAILED


def _silence_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _is_bad_input(error: Exception) -> bool:
    """Tell whether the user can put it right. The classes are imported only when it comes to it."""
    if isinstance(error, BadInputError):
        return True
    from clustersim.experiments.benchmarking import BenchmarkError
    from clustersim.experiments.branching import BranchError
    from clustersim.experiments.calibration import CalibrationError
    from clustersim.experiments.optimise import OptimisationError
    from clustersim.experiments.sensitivity import SensitivityError
    from clustersim.experiments.sweep.cluster import SchedulerError
    from clustersim.experiments.sweep.points import MissingExtraError
    from clustersim.experiments.user_mechanism import UserMechanismError
    from clustersim.scenario.problems import ScenarioError
    from clustersim.scenario.table import TableError
    from clustersim.store import StoreError, WriteError

    if isinstance(error, WriteError):
        return False
    return isinstance(
        error,
        BenchmarkError
        | BranchError
        | CalibrationError
        | MissingExtraError
        | OptimisationError
        | SchedulerError
        | SensitivityError
        | UserMechanismError
        | ScenarioError
        | TableError
        | StoreError,
    )


def _is_clear(error: Exception) -> bool:
    """Tell whether the message alone says what to do."""
    from clustersim.experiments.sweep.work import OtherProgramError
    from clustersim.experiments.user_mechanism import MechanismFailedError
    from clustersim.experiments.workers import EngineLostError, WorkerLostError
    from clustersim.store import WriteError

    return isinstance(
        error,
        EngineLostError | MechanismFailedError | OtherProgramError | WorkerLostError | WriteError,
    )


@contextmanager
def users_code() -> Iterator[None]:
    """Send what code of the user's own prints to standard error; results alone go to output."""
    with redirect_stdout(sys.stderr):
        yield


def say(text: str) -> None:
    """Write a result to standard output."""
    try:
        try:
            typer.echo(text)
        except UnicodeEncodeError:  # a name or message has what the terminal has no sign for
            encoding = sys.stdout.encoding
            typer.echo(text.encode(encoding, "backslashreplace").decode(encoding))
    except BrokenPipeError:
        raise
    except OSError as error:
        # What is still in the buffer cannot be written either, and would fail again at the end.
        _silence_stdout()
        error.filename = "standard output"
        raise


def write_json(path: Path, document: object) -> None:
    """Write one JSON document to a file; a number that JSON does not know becomes null."""
    text = json.dumps(_jsonable(document), indent=2, ensure_ascii=False, allow_nan=False)
    path.write_text(f"{_whole(text)}\n", encoding="utf-8")


def _whole(text: str) -> str:
    """Escape half a surrogate, as in the name of a file: no encoding has it, but it is JSON so."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def table_files(names: Iterable[str], *, parquet: bool) -> list[str]:
    """Return the names of the files that `write_tables` makes of tables of these names."""
    return [f"{name}.{'parquet' if parquet else 'csv'}" for name in names]


def write_tables(
    folder: Path, tables: Mapping[str, Sequence[Mapping[str, Any]]], *, parquet: bool
) -> None:
    """Write tables, rows by name of the column, to a folder: a file each, CSV or Parquet."""
    import pandas as pd

    for file, rows in zip(table_files(tables, parquet=parquet), tables.values(), strict=True):
        frame = pd.DataFrame(rows)
        if parquet:
            frame.to_parquet(folder / file, index=False)
        else:
            frame.to_csv(folder / file, index=False)


def say_json(document: object) -> None:
    """Write one JSON document to standard output; a number that JSON does not know becomes null."""
    plain = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "") != "utf8"
    say(_whole(json.dumps(_jsonable(document), indent=2, ensure_ascii=plain, allow_nan=False)))


def log(text: str) -> None:
    """Write a message to standard error."""
    typer.echo(text, err=True)


def notes(lines: Sequence[str], *, quiet: bool = False) -> None:
    """Write notes to standard error."""
    if not quiet:
        for line in lines:
            log(f"note: {line}")


def short_figure(value: float) -> str:
    """Return a figure of any size in few signs."""
    large = 1000.0
    return f"{value:,.0f}" if abs(value) >= large else f"{value:.3g}"


def table(
    heading: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    spare: Sequence[str] = (),
    keep: Sequence[str] = (),
) -> str:
    """Return rows of text as a table with aligned columns; numbers to the right.

    On a terminal that is too narrow, columns of text are cut; numbers are never. Elsewhere nothing
    is cut.

    Parameters
    ----------
    heading
        Names of the columns.
    rows
        Cells.
    spare
        Columns that give way before the others, the first of them first, and are left out if
        little would remain of them.
    keep
        Columns that give way after all others.
    """
    columns = list(zip(heading, *rows, strict=True))
    right = [bool(rows) and all(_is_number(cell) for cell in column[1:]) for column in columns]
    widths = [max(map(len, column)) for column in columns]
    if sys.stdout.isatty():
        widths = _fitted(columns, right, shutil.get_terminal_size().columns, spare, keep)
    lines = [
        (" " * _GAP)
        .join(
            cell.rjust(width) if to_right else cut(cell, width).ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
            if width
        )
        .rstrip()
        for row in (heading, *rows)
    ]
    if colour(sys.stdout):
        lines[0] = typer.style(lines[0], bold=True)
    return "\n".join(lines)


def _fitted(
    columns: Sequence[Sequence[str]],
    right: Sequence[bool],
    limit: int,
    spare: Sequence[str],
    keep: Sequence[str],
) -> list[int]:
    """Return the width of each column of a table of at most `limit` signs, if that can be."""
    widths = [max(map(len, column)) for column in columns]

    def excess() -> int:
        shown = [width for width in widths if width]
        return sum(shown) + _GAP * (len(shown) - 1) - limit

    heads = [column[0] for column in columns]
    for name in spare:
        place = heads.index(name)
        if (over := excess()) > 0:
            rest = widths[place] - over
            widths[place] = rest if rest >= _LEAST_EXTRA else 0
    # A number among texts stays whole as well.
    least = [
        max([_LEAST_TEXT, *(len(cell) for cell in column if _is_number(cell))])
        for column in columns
    ]
    while excess() > 0:
        long = [
            i
            for i, width in enumerate(widths)
            if not right[i] and heads[i] not in spare and width > least[i]
        ]
        if not long:
            break
        widths[max(long, key=lambda i: (heads[i] not in keep, widths[i]))] -= 1
    return widths


def cut(text: str, width: int) -> str:
    """Return a text in at most `width` signs, the last of them "…" if it was longer."""
    return text if len(text) <= width else text[: width - 1] + "…"


def colour(stream: Any) -> bool:
    """Tell whether a stream is a terminal that wants colour (https://no-color.org)."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


@contextmanager
def progress(
    label: str, *, quiet: bool, unit: str = "quarters"
) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how far a run is: a bar on a terminal, else a line now and then.

    Parameters
    ----------
    label
        What is being done.
    quiet
        Show nothing.
    unit
        What is counted.
    """
    if quiet:
        yield lambda done, total: None  # noqa: ARG005
    elif sys.stderr.isatty():
        with _bar(label) as show:
            yield show
    else:
        yield _lines(label, unit)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    pace = _Pace()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(label, total=None, left="")

        def show(done: int, total: int) -> None:
            left = time_words(pace.left(done, total))
            bars.update(bar, completed=done, total=total, left=f"{left} left" if left else "")

        yield show


def _lines(label: str, unit: str) -> Callable[[int, int], None]:
    last, pace = time.monotonic(), _Pace()

    def show(done: int, total: int) -> None:
        nonlocal last
        seconds = pace.left(done, total)
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            left = "" if seconds is None else f", about {time_words(seconds)} left"
            log(f"{label}: {done:,} of {total:,} {unit}{left}")

    return show


class _Pace:
    """How long the rest takes at the pace so far; what was done before it began does not count."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._before: int | None = None

    def left(self, done: int, total: int) -> float | None:
        """Return the seconds left; None until there is something to tell by."""
        if self._before is None:
            # The first word of a sweep that is gone on with is what is done already.
            self._before = done if done > 1 else 0
        fresh = done - self._before
        if fresh <= 1:  # on a new machine kernels are compiled in the first step
            return None
        return (time.monotonic() - self._begun) / fresh * (total - done)


_MINUTE: Final = 60.0
_HOUR: Final = 3600.0


def time_words(seconds: float | None) -> str:
    """Return a length of time as people say it, such as "3 min"; empty for None."""
    if seconds is None:
        return ""
    if seconds < _MINUTE:
        return f"{seconds:.0f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    hours, rest = divmod(round(seconds / _MINUTE), 60)
    return f"{hours:,} h {rest} min"


_THOUSAND: Final = 1000.0
_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")


def byte_words(size: float) -> str:
    """Return a size as people say it, such as "12 MB"."""
    power = min(int(math.log(max(size, 1.0), _THOUSAND)), len(_UNITS) - 1)
    return f"{size / _THOUSAND**power:,.0f} {_UNITS[power]}"


def _is_number(text: str) -> bool:
    return text.replace(",", "").replace(".", "", 1).lstrip("-").isdigit()


def _red(text: str) -> str:
    return typer.style(text, fg="red", bold=True) if colour(sys.stderr) else text


def _jsonable(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
