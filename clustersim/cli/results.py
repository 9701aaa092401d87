"""Where commands put the results of runs that are given no folder."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clustersim.experiments.result import RunResult

RUNS = Path("runs")
"""Where results go when no folder is named."""


def folders(name: str) -> Iterator[Path]:
    """Yield ``runs/NAME``, ``runs/NAME-2``, ``runs/NAME-3`` and so on."""
    yield RUNS / name
    yield from (RUNS / f"{name}-{number}" for number in count(2))


def save_to_free(result: RunResult, name: str) -> Path:
    """Save to the first folder that is free, even if others take names at the same time."""
    from clustersim.store import FolderTakenError

    places = folders(name)
    while True:
        try:
            return result.save(next(places))
        except FolderTakenError:
            continue


def short(folder: Path) -> Path:
    """Return a folder as seen from here, if it is below."""
    here = Path.cwd()
    return folder.relative_to(here) if folder.is_relative_to(here) else folder
