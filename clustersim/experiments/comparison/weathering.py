"""What a policy does to resilience: what shocks take with it and without it, on the same luck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.experiments.comparison.effects import interval, known
from clustersim.experiments.resilience import BEFORE, NAMES
from clustersim.experiments.uncertainty import Estimate, resampled
from clustersim.measures.resilience import losses, resilience
from clustersim.store import Tables
from clustersim.world.types import Floats

CHANGES: Final = ("resistance", "depth", "lost_for_good", "years_lost")
"""Figures of which the difference that the policy makes is taken; times may never come."""
_QUARTERS: Final = 4


@dataclass(frozen=True, eq=False)
class Weathered:
    """Jobs around the first shock at one seed, over those without it when it came.

    The first of two rows is with the policy, the second without it.

    Attributes
    ----------
    since
        Years since the last record before the shock, shape (T,).
    struck, spared
        With and without the shocks, shape (2, T).
    year
        Calendar year of the last record before the shock.
    """

    since: Floats
    struck: Floats
    spared: Floats
    year: float


def weathered(
    done: Tables, without: Tables, done_calm: Tables, without_calm: Tables
) -> Weathered | None:
    """Return how jobs weather shocks with and without a policy, from four runs of the same luck.

    The shocks begin after the last record in which the runs with and without them are the same,
    with the policy and without it. None if nothing ever differs, or there are no jobs.

    Parameters
    ----------
    done, without
        Tables with and without the policy, with the shocks.
    done_calm, without_calm
        The same without the shocks.

    Raises
    ------
    ValueError
        If the four have not the same records.
    """
    runs = (done, without, done_calm, without_calm)
    quarter = np.asarray(done["economy"]["quarter"], dtype=np.float64)
    if any(not np.array_equal(one["economy"]["quarter"], quarter) for one in runs):
        raise ValueError("expected four runs with the same records")
    jobs = np.stack([np.asarray(one["economy"]["jobs"], dtype=np.float64) for one in runs])
    unlike = (jobs[:2] != jobs[2:]).any(axis=0)
    if not unlike.any():
        return None
    before = max(int(np.argmax(unlike)) - 1, 0)
    level = jobs[2:, before]
    if not (level > 0.0).all():
        return None
    years = quarter / _QUARTERS
    first = int(np.searchsorted(years, years[before] - BEFORE / _QUARTERS))
    shares = jobs[:, first:] / np.tile(level, 2)[:, np.newaxis]
    year = float(np.asarray(done["economy"]["year"])[before])
    return Weathered(years[first:] - years[before], shares[:2], shares[2:], year)


@dataclass(frozen=True, eq=False)
class Weathering:
    """What a policy does to resilience, over seeds.

    Attributes
    ----------
    seeds
        Seeds at which the shocks strike.
    years
        First and last year of the last record before a shock.
    done, without
        Figures of `clustersim.measures.resilience.Resilience` by name, of the mean course, with the
        policy and without it.
    change
        Those of `CHANGES` with the policy less those without it: the difference of differences. The
        effect that the policy has without shocks is no part of it.
    since
        Years since the shock, shape (T,).
    loss
        Share of jobs that the shocks take, with the policy and without it, shape (2, T).
    """

    seeds: int
    years: tuple[float, float]
    done: dict[str, Estimate]
    without: dict[str, Estimate]
    change: dict[str, Estimate]
    since: Floats
    loss: Floats

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        sides = {"with": self.done, "without": self.without, "change": self.change}
        found: dict[str, Any] = known(
            {
                "seeds": self.seeds,
                "years": list(self.years),
                **{
                    side: {name: interval(one) for name, one in figures.items()}
                    for side, figures in sides.items()
                },
                "since": self.since,
                "loss_with": self.loss[0],
                "loss_without": self.loss[1],
            }
        )
        return found


def weathering(found: Sequence[Weathered | None]) -> Weathering | None:
    """Return what a policy does to resilience; None if the shocks strike at no seed.

    Figures are those of the mean course over seeds, as in `clustersim.experiments.resilience`, with
    intervals from resampling seeds, all four runs of a seed together. Seeds of which the shocks
    come at other times are lined up, over the years that all have.

    Parameters
    ----------
    found
        One for each seed.
    """
    struck = [one for one in found if one is not None]
    if not struck:
        return None
    start = max(float(one.since[0]) for one in struck)
    end = min(float(one.since[-1]) for one in struck)
    if not start <= 0.0 < end:
        return None
    tiny = 1e-9
    windows = [(one.since >= start - tiny) & (one.since <= end + tiny) for one in struck]
    since = struck[0].since[windows[0]]
    curves = [
        np.concatenate([one.struck[:, window], one.spared[:, window]])
        for one, window in zip(struck, windows, strict=True)
    ]
    wanted = [NAMES.index(name) for name in CHANGES]

    def figures(chosen: Sequence[Floats]) -> Floats:
        mean = np.mean(chosen, axis=0)
        two = np.array([resilience(since, mean[k], mean[k + 2], 0.0) for k in (0, 1)])
        return np.concatenate([two[0], two[1], (two[0] - two[1])[wanted]])

    rows = resampled(curves, figures)
    n = len(NAMES)
    mean = np.mean(curves, axis=0)
    return Weathering(
        seeds=len(struck),
        years=(min(one.year for one in struck), max(one.year for one in struck)),
        done=dict(zip(NAMES, rows[:n], strict=True)),
        without=dict(zip(NAMES, rows[n : 2 * n], strict=True)),
        change=dict(zip(CHANGES, rows[2 * n :], strict=True)),
        since=since,
        loss=np.stack([losses(mean[k], mean[k + 2]) for k in (0, 1)]),
    )


def words(one: Weathering) -> str:
    """Return in a sentence or two what a policy does to resilience."""
    depth, gone = one.change["depth"], one.change["lost_for_good"]
    text = (
        f"Of the jobs that there would be without shocks, they take {one.done['depth'].value:.1%} "
        f"at worst with the policy and {one.without['depth'].value:.1%} without it "
        f"({_points(depth)}), and {one.done['lost_for_good'].value:.1%} for good with it and "
        f"{one.without['lost_for_good'].value:.1%} without ({_points(gone)})."
    )
    if math.isnan(gone.low) or gone.low <= 0.0 <= gone.high:
        return f"{text} What is lost for good differs by no more than luck may bring."
    return text


def _points(one: Estimate) -> str:
    # Next to nothing has no sign.
    value, low, high = (round(100.0 * number, 2) + 0.0 for number in one[:3])
    interval = "" if math.isnan(low) else f", {low:+.2f} to {high:+.2f}"
    return f"{value:+.2f} points{interval}"
