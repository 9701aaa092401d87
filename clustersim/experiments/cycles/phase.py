"""The phase picture: where clusters are in size and heterogeneity, and where they move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from clustersim.experiments.cycles.history import History
from clustersim.experiments.cycles.passages import LIVING, name
from clustersim.measures.checks import FloatArray, ratio
from clustersim.measures.lifecycle import Stage

Row = dict[str, Any]
CELLS: Final = (9, 8)
"""Cells of the picture: over heterogeneity, and over jobs."""
FEWEST: Final = 5
"""Cluster-years from which a cell is shown."""
AROUND: Final = 15
"""Years before and after a decline begins that the mean path shows."""
_TAIL: Final = 1.0


def size_of_peak(run: History) -> FloatArray:
    """Return jobs over the highest jobs that the cluster ever has, shape (T', C)."""
    jobs = run.series.jobs
    peak = np.nanmax(jobs, axis=0, initial=0.0)
    return ratio(jobs, peak, empty=np.nan)[: len(run.stage)]


def cells(runs: Sequence[History]) -> list[Row]:
    """Return the cells with clusters: how many years, which stages, and the mean yearly movement.

    Heterogeneity runs from its first to its 99th percentile, jobs from nothing to the own peak.
    """
    x, y, dx, dy, stage = _points(runs)
    if not x.size:
        return []
    low, high = np.percentile(x, [_TAIL, 100.0 - _TAIL])
    high = max(high, low + 1e-9)
    edges = np.linspace(low, high, CELLS[0] + 1), np.linspace(0.0, 1.0, CELLS[1] + 1)
    column = np.clip(np.searchsorted(edges[0], x, side="right") - 1, 0, CELLS[0] - 1)
    row = np.clip(np.searchsorted(edges[1], y, side="right") - 1, 0, CELLS[1] - 1)
    found = []
    for i in range(CELLS[0]):
        for j in range(CELLS[1]):
            here = (column == i) & (row == j)
            if here.sum() < FEWEST:
                continue
            count = np.bincount(stage[here], minlength=len(Stage))
            moves = here & np.isfinite(dx + dy)
            found.append(
                {
                    "heterogeneity_low": float(edges[0][i]),
                    "heterogeneity_high": float(edges[0][i + 1]),
                    "size_low": float(edges[1][j]),
                    "size_high": float(edges[1][j + 1]),
                    "cluster_years": int(here.sum()),
                    "stage": name(Stage(int(np.argmax(count)))),
                    "stage_share": float(count.max() / here.sum()),
                    "heterogeneity_change": _mean(dx[moves]),
                    "size_change": _mean(dy[moves]),
                }
            )
    return found


def stage_rows(runs: Sequence[History]) -> list[Row]:
    """Return where clusters are in each stage: median and quartiles of heterogeneity and size."""
    x, y, _, _, stage = _points(runs)
    result = []
    for one in LIVING:
        here = stage == one
        if here.sum() < FEWEST:
            continue
        h, s = np.percentile(x[here], [25, 50, 75]), np.percentile(y[here], [25, 50, 75])
        row: Row = {"stage": name(one), "cluster_years": int(here.sum())}
        for part, values in (("heterogeneity", h), ("size", s)):
            for at, value in zip(("q1", "median", "q3"), values, strict=True):
                row[f"{part}_{at}"] = float(value)
        result.append(row)
    return result


def path_rows(runs: Sequence[History]) -> list[Row]:
    """Return the mean path around the beginning of a decline, a row for each year from it."""
    names = ("size", "heterogeneity", "newer_share", "outside_share")
    collected: dict[int, list[tuple[float, ...]]] = {t: [] for t in range(-AROUND, AROUND + 1)}
    for run in runs:
        shape = run.stage.shape
        size = size_of_peak(run)
        series = [
            size,
            run.series.heterogeneity[: shape[0]],
            run.series.newer_share[: shape[0]],
            run.known["outside_share"][: shape[0]],
        ]
        begins = (run.stage[1:] == Stage.DECLINE) & (run.stage[:-1] != Stage.DECLINE)
        for year, cluster in np.argwhere(begins):
            for t, rows in collected.items():
                if 0 <= year + 1 + t < shape[0]:
                    rows.append(tuple(float(one[year + 1 + t, cluster]) for one in series))
    result = []
    for t, rows in collected.items():
        if len(rows) >= FEWEST:
            table = np.array(rows)
            row: Row = {"years_from_decline": t, "declines": len(rows)}
            row |= {one: _mean(table[:, k]) for k, one in enumerate(names)}
            result.append(row)
    return result


def _points(runs: Sequence[History]) -> tuple[FloatArray, ...]:
    """Heterogeneity, size, their change to the next year, and stage of every cluster-year."""
    parts: list[list[Any]] = []
    for run in runs:
        n = len(run.stage)
        h, size = run.series.heterogeneity[:n], size_of_peak(run)
        change = [np.full(h.shape, np.nan) for _ in range(2)]
        change[0][:-1], change[1][:-1] = np.diff(h, axis=0), np.diff(size, axis=0)
        here = np.isfinite(h + size) & (run.stage != Stage.NONE)
        parts.append([values[here] for values in (h, size, *change, run.stage)])
    joined = [np.concatenate(values) for values in zip(*parts, strict=True)]
    return (*joined[:4], joined[4].astype(np.int64))


def _mean(values: FloatArray) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
