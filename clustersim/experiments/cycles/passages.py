"""How clusters pass from stage to stage: rates, durations and reasons, with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from clustersim.experiments import uncertainty
from clustersim.experiments.cycles.history import History
from clustersim.measures.checks import BoolArray, FloatArray, IntArray
from clustersim.measures.demography import Survival, survival
from clustersim.measures.lifecycle import Stage, durations, transition_table

Row = dict[str, Any]
LIVING: Final = tuple(stage for stage in Stage if stage is not Stage.NONE)
QUARTILES: Final = (0.75, 0.5, 0.25)
"""Shares that outlast the first quartile, the median and the third quartile."""


def name(stage: Stage) -> str:
    """Return the name of a stage; a place without firms is "gone"."""
    return "gone" if stage is Stage.NONE else stage.name.lower()


def passage_rows(runs: Sequence[History]) -> list[Row]:
    """Return how often each stage followed each, per year spent in the first.

    A passage counts in the year in which it began. The last years of a record, in which a turn
    could not have been seen yet, are left out.
    """
    tables = np.stack([transition_table(run.stage) for run in runs])
    spent = tables.sum(axis=2)
    result = []
    for before in Stage:
        for after in Stage:
            count = tables[:, before, after]
            if before is after or not count.any():
                continue
            rate = uncertainty.ratio(count, spent[:, before])
            result.append(
                {
                    "before": name(before),
                    "after": name(after),
                    "count": int(count.sum()),
                    "years_in_before": int(spent[:, before].sum()),
                    "per_year": rate.value,
                    "low": rate.low,
                    "high": rate.high,
                }
            )
    return result


def spells(run: History) -> dict[Stage, tuple[FloatArray, BoolArray, int]]:
    """Return, for each stage, the years of its spells, whether they ended, and how many are out.

    Spells that were under way in the first year are left out: nobody knows how long they had
    lasted. Those that go on in the last year count as lasting at least so long (censored).
    """
    found = durations(run.stage)
    begun = found.start > 0
    ended = found.start + found.years < len(run.stage)
    result: dict[Stage, tuple[FloatArray, BoolArray, int]] = {}
    for stage in LIVING:
        mine = found.stage == stage
        use = mine & begun
        result[stage] = (
            found.years[use].astype(np.float64),
            ended[use],
            int((mine & ~begun).sum()),
        )
    return result


def duration_curve(runs: Sequence[History], stage: Stage) -> Survival:
    """Kaplan–Meier curve of the years that a stage lasts, over all runs."""
    parts = [spells(run)[stage] for run in runs]
    years = np.concatenate([part[0] for part in parts])
    ended = np.concatenate([part[1] for part in parts])
    return survival(years, ended)


def duration_rows(runs: Sequence[History]) -> list[Row]:
    """Return how long each stage lasts: quartiles by Kaplan–Meier, the median with its interval."""
    each = [spells(run) for run in runs]
    result = []
    for stage in LIVING:
        parts = [one[stage] for one in each]
        n = sum(part[0].size for part in parts)
        first, median, third = _quartiles(parts).tolist()
        interval = uncertainty.resampled(parts, lambda drawn: _quartiles(drawn)[1:2])[0]
        result.append(
            {
                "stage": name(stage),
                "spells": n,
                "still_running": int(sum((~part[1]).sum() for part in parts)),
                "left_out": sum(part[2] for part in parts),
                "first_quartile": first,
                "median": median,
                "low": interval.low,
                "high": interval.high,
                "third_quartile": third,
            }
        )
    return result


def _quartiles(parts: Sequence[tuple[FloatArray, BoolArray, int]]) -> FloatArray:
    """First quartile, median and third quartile, years; NaN where fewer ended than that."""
    years = np.concatenate([part[0] for part in parts])
    ended = np.concatenate([part[1] for part in parts])
    curve = survival(years, ended)
    result = np.full(len(QUARTILES), np.nan)
    for k, share in enumerate(QUARTILES):
        reached = np.flatnonzero(curve.share <= share + 1e-12)
        if reached.size:
            result[k] = curve.age[reached[0]]
    return result


def reason_rows(runs: Sequence[History]) -> list[Row]:
    """Return the first reason of the passages into each stage, as shares of these passages."""
    counts: dict[tuple[Stage, str], IntArray] = {}
    total = {stage: np.zeros(len(runs), dtype=np.int64) for stage in Stage}
    for k, run in enumerate(runs):
        for one in run.result.transitions:
            key = (one.after, str(one.cause))
            counts.setdefault(key, np.zeros(len(runs), dtype=np.int64))[k] += 1
            total[one.after][k] += 1
    result = []
    for stage in Stage:
        mine = [(cause, count) for (after, cause), count in counts.items() if after is stage]
        for cause, count in sorted(mine, key=lambda pair: (-pair[1].sum(), pair[0])):
            share = uncertainty.ratio(count, total[stage], most=1.0)
            result.append(
                {
                    "into": name(stage),
                    "reason": cause,
                    "count": int(count.sum()),
                    "share": share.value,
                    "low": share.low,
                    "high": share.high,
                }
            )
    return result
