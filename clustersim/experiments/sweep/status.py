"""How far a sweep is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from clustersim.store import StoredRuns


@dataclass(frozen=True)
class Failed:
    """A run that has failed: number, scenario, seed, and its error."""

    run: int
    scenario: str
    seed: int
    kind: str
    error: str


@dataclass(frozen=True)
class Status:
    """How far a sweep is.

    Attributes
    ----------
    title, folder
        Which.
    runs, done, failed
        How many there are, are stored, and have failed.
    bytes
        Size of what is stored.
    writers
        Who adds to it now, on this machine.
    seconds
        Mean length of a run.
    per_minute
        Runs stored in a minute since the work was last begun; None if nobody works.
    seconds_left
        At that pace; None if nobody works or nothing is left.
    last
        When something was last stored; None if nothing was.
    failures
        The runs that have failed.
    """

    title: str
    folder: str
    runs: int
    done: int
    failed: int
    bytes: int
    writers: tuple[str, ...]
    seconds: float | None
    per_minute: float | None
    seconds_left: float | None
    last: str | None
    failures: tuple[Failed, ...]

    @property
    def left(self) -> int:
        """Runs that are neither stored nor have failed."""
        return self.runs - self.done - self.failed

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {**asdict(self), "left": self.left}

    def words(self) -> str:
        """Return it in plain words."""
        text = f"{self.title}: {self.done:,} of {self.runs:,} runs are stored"
        text += f", {self.failed:,} have failed" if self.failed else ""
        text += f", {self.left:,} are left" if self.left else ""
        text += f" ({self.bytes / 1e6:,.1f} MB in {self.folder})."
        if self.writers:
            text += f" Being worked on by {'; '.join(self.writers)}"
            if self.per_minute is not None and self.seconds_left is not None:
                text += (
                    f": {self.per_minute:.1f} runs a minute, about "
                    f"{self.seconds_left / 60.0:,.0f} min left"
                )
            text += "."
        elif self.left:
            text += f" Nobody works on it here; go on by `clustersim resume {self.folder}`."
        return text


def read_status(stored: StoredRuns) -> Status:
    """Return how far a sweep is.

    Parameters
    ----------
    stored
        The store, as it was opened.
    """
    state, writers = stored.state, tuple(stored.writers())
    n_runs, n_cells = stored.n_runs, int(stored.manifest["cells"])
    lengths = [one["seconds"] for one in state.done.values()]
    done, failed = len(state.done), len(state.failed)
    pace = _per_minute(stored) if writers else None
    left = n_runs - done - failed
    labels = stored.design["scenario"]
    return Status(
        title=stored.manifest["title"],
        folder=str(stored.folder),
        runs=n_runs,
        done=done,
        failed=failed,
        bytes=stored.bytes,
        writers=writers,
        seconds=sum(lengths) / len(lengths) if lengths else None,
        per_minute=pace,
        seconds_left=60.0 * left / pace if pace and left else None,
        last=max((one["time"] for one in state.done.values()), default=None),
        failures=tuple(
            Failed(
                run=run,
                scenario=str(labels[run % n_cells]),
                seed=int(stored.manifest["seeds"][run // n_cells]),
                kind=entry["kind"],
                error=entry["error"],
            )
            for run, entry in sorted(state.failed.items())
        ),
    )


def _per_minute(stored: StoredRuns) -> float | None:
    """Return the pace of those who work now: of each, since it began."""
    begun: dict[Any, Mapping[str, Any]] = {}
    for one in stored.state.sessions:
        if one["what"] == "begin":
            begun[one.get("shard")] = one
        else:
            begun.pop(one.get("shard"), None)
    if not begun:
        return None
    first = min(datetime.fromisoformat(one["time"]) for one in begun.values())
    fresh = sum(datetime.fromisoformat(one["time"]) >= first for one in stored.state.done.values())
    minutes = (datetime.now(UTC) - first).total_seconds() / 60.0
    return fresh / minutes if fresh and minutes > 0.0 else None
