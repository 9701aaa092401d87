"""Summaries of life cycles: how often stages follow each other, and how long they last."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from clustersim.measures.checks import BoolArray, IntArray
from clustersim.measures.stage_rule import Stage

N_STAGES = len(Stage)


@dataclass(frozen=True)
class Durations:
    """Spells: unbroken runs of one cluster in one stage; all arrays have shape (n spells,).

    Attributes
    ----------
    cluster, stage
        Whose spell it is, and in which stage (values of `Stage`).
    start
        Year index of its first year.
    years
        Its length, years.
    censored
        True where it begins in the first or ends in the last year of the record, so that its
        length is a lower bound.
    """

    cluster: IntArray
    stage: IntArray
    start: IntArray
    years: IntArray
    censored: BoolArray


def dated(stage: ArrayLike, delay: int) -> IntArray:
    """Stages by the year in which they began, looking back, instead of when they could be seen.

    A stage is seen some years after its beginning, since growth is measured over a window and must
    last. Looking back from the end of the record, every stage is moved that many years earlier; the
    last `delay` years keep the stage of the last year and are provisional. The years before a
    cluster appears or after it has gone stay as they are.

    Parameters
    ----------
    stage
        Values of `Stage` as seen at the time, shape (T, C).
    delay
        Years, at least 0; `StageRule.delay`.

    Returns
    -------
    IntArray
        Shape (T, C).

    Raises
    ------
    ValueError
        If a value is no stage, or the delay is negative.
    """
    seen = _stages(stage)
    if delay < 0:
        raise ValueError(f"delay: expected at least 0, got {delay}")
    later = np.minimum(np.arange(len(seen)) + delay, len(seen) - 1)
    moved = seen[later]
    return np.where((seen == Stage.NONE) | (moved == Stage.NONE), seen, moved)


def transition_table(stage: ArrayLike) -> IntArray:
    """Count the years in which a cluster passed from each stage to each.

    Parameters
    ----------
    stage
        Values of `Stage`, shape (T, C).

    Returns
    -------
    IntArray
        Shape (6, 6): row the stage of one year, column that of the next; the diagonal counts the
        years without change. Adds up to (T - 1) C.

    Raises
    ------
    ValueError
        If it is not a table of stages.
    """
    table = _stages(stage)
    pair = table[:-1] * N_STAGES + table[1:]
    return np.bincount(pair.ravel(), minlength=N_STAGES**2).reshape(N_STAGES, N_STAGES)


def durations(stage: ArrayLike) -> Durations:
    """List all spells, by cluster, then year.

    Parameters
    ----------
    stage
        Values of `Stage`, shape (T, C).

    Returns
    -------
    Durations
        The spells; their years add up to T C.

    Raises
    ------
    ValueError
        If it is not a table of stages.
    """
    table = _stages(stage)
    n_years = table.shape[0]
    begins = np.ones(table.shape, dtype=np.bool_)
    begins[1:] = table[1:] != table[:-1]
    cluster, start = np.nonzero(begins.T)
    end = np.append(cluster * n_years + start, table.size)[1:] - cluster * n_years
    censored = (start == 0) | (end == n_years)
    return Durations(cluster, table[start, cluster], start, end - start, censored)


def _stages(stage: ArrayLike) -> IntArray:
    """Check a table of stages."""
    given = np.asarray(stage)
    if given.ndim != 2 or not np.issubdtype(given.dtype, np.integer):  # noqa: PLR2004
        raise ValueError(
            f"stage: expected whole numbers of shape (years, clusters), got {given.dtype} of "
            f"shape {given.shape}"
        )
    if given.size and not (given.min() >= 0 and given.max() < N_STAGES):
        raise ValueError(f"stage: expected values from 0 to {N_STAGES - 1}")
    return given.astype(np.int64)
