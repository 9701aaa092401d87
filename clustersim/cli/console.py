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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn, ParamSpec, TypeVar

import typer

DONE: Final = 0
FAILED: Final = 1
BAD_INPUT: Final = 2
INTERRUPTED: Final = 130

TRACEBACK_VARIABLE: Final = "CLUSTERSIM_TRACEBACK"

_SECONDS_BETWEEN_LINES: Final = 10.0

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
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
    if os.environ.get(TRACEBACK_VARIABLE):
        typer.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    kind = type(error).__name__
    if _is_bad_input(error):
        log(f"{_red('error')}: {error}")
        raise typer.Exit(BAD_INPUT)
    if _is_clear(error):
        log(f"{_red('error')}: {error}")
        raise typer.Exit(FAILED)
    text = " ".join(str(error).split())
    log(f"{_red('error')}: {kind}{': ' + text if text else ''}")
    log(f"This should not happen. {TRACEBACK_VARIABLE}=1 in the environment shows where it did.")
    raise typer.Exit(FAILED)


def _is_bad_input(error: Exception) -> bool:
    """Tell whether the user can put it right. The classes are imported only when it comes to it."""
    if isinstance(error, BadInputError):
        return True
    from clustersim.experiments.user_mechanism import UserMechanismError
    from clustersim.scenario.problems import ScenarioError
    from clustersim.scenario.table import TableError
    from clustersim.store import StoreError, WriteError

    if isinstance(error, WriteError):
        return False
    return isinstance(error, UserMechanismError | ScenarioError | TableError | StoreError)


def _is_clear(error: Exception) -> bool:
    """Tell whether the message alone says what to do."""
    from clustersim.store import WriteError

    return isinstance(error, WriteError)


def say(text: str) -> None:
    """Write a result to standard output."""
    typer.echo(text)


def say_json(document: object) -> None:
    """Write one JSON document to standard output; a number that JSON does not know becomes null."""
    plain = (getattr(sys.stdout, "encoding", "") or "").lower().replace("-", "") != "utf8"
    typer.echo(json.dumps(_jsonable(document), indent=2, ensure_ascii=plain, allow_nan=False))


def log(text: str) -> None:
    """Write a message to standard error."""
    typer.echo(text, err=True)


def notes(lines: Sequence[str], *, quiet: bool = False) -> None:
    """Write notes to standard error."""
    if not quiet:
        for line in lines:
            log(f"note: {line}")


def table(heading: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows of text as a table with aligned columns; numbers to the right.

    On a terminal the last column is cut to its width, elsewhere nothing is cut.
    """
    columns = list(zip(heading, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [bool(rows) and all(_is_number(cell) for cell in column[1:]) for column in columns]
    lines = [
        "  ".join(
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ).rstrip()
        for row in (heading, *rows)
    ]
    if sys.stdout.isatty():
        limit = shutil.get_terminal_size().columns
        lines = [cut(line, limit) for line in lines]
        if colour(sys.stdout):
            lines[0] = typer.style(lines[0], bold=True)
    return "\n".join(lines)


def cut(text: str, width: int) -> str:
    """Return a text in at most `width` signs, the last of them "…" if it was longer."""
    return text if len(text) <= width else text[: width - 1] + "…"


def colour(stream: Any) -> bool:
    """Tell whether a stream is a terminal that wants colour (https://no-color.org)."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR")


@contextmanager
def progress(label: str, *, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how far a run is: a bar on a terminal, else a line now and then.

    Parameters
    ----------
    label
        What is being done.
    quiet
        Show nothing.
    """
    if quiet:
        yield lambda done, total: None  # noqa: ARG005
    elif sys.stderr.isatty():
        with _bar(label) as show:
            yield show
    else:
        yield _lines(label)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(label, total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


def _lines(label: str) -> Callable[[int, int], None]:
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            log(f"{label}: {done} of {total} quarters")

    return show


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
