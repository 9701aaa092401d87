"""What candidates are worth over uncertain points and seeds, and which of them are best.

Outcomes are arrays of candidates, points and seeds. All costs are counted so that less is better.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.experiments import uncertainty
from clustersim.experiments.sweep.study import Optimisation
from clustersim.experiments.uncertainty import Estimate
from clustersim.world.types import Floats

Marks = np.ndarray[Any, np.dtype[np.bool_]]

_LEAST_KNEE: Final = 3
_FAILED: Final = 1e6
"""Violation of a candidate of which a run fails."""


@dataclass(frozen=True)
class Scores:
    """What candidates are worth, as far as all of them are known.

    Attributes
    ----------
    costs
        Of each candidate and goal, less being better; NaN of those that have failed.
    intervals
        The same with intervals over seeds, in the goal's own direction.
    violation
        How far each candidate is beyond what is allowed, as a share of it; 0 if it is allowed.
    front
        Candidates that no other allowed one dominates.
    shares
        Of each candidate, the share of seeds and points in which no allowed one dominates it.
    knee
        The candidate of the front with the least mean of its goals, each counted from 0 (the best
        of the front) to 1 (the worst of it): with two goals, the one that is furthest from the line
        between the two ends. None of a front of less than three.
    """

    costs: Floats
    intervals: list[list[Estimate]]
    violation: Floats
    front: tuple[int, ...]
    shares: Floats
    knee: int | None


def scored(section: Optimisation, outcomes: Sequence[Mapping[str, Floats] | None]) -> Scores:
    """Say what candidates are worth, and which are best.

    Parameters
    ----------
    section
        Goals, what is allowed, and what counts over the points.
    outcomes
        Of each candidate, outcomes and effects by key, each of points and seeds, shape (P, S); None
        if it has failed.
    """
    known = [i for i, one in enumerate(outcomes) if one is not None]
    n, n_goals = len(outcomes), len(section.goals)
    violation = np.full(n, _FAILED)
    costs = np.full((n, n_goals), np.nan)
    intervals = [[Estimate(math.nan, math.nan, math.nan, 0)] * n_goals for _ in range(n)]
    shares = np.zeros(n)
    if not known:
        return Scores(costs, intervals, violation, (), shares, None)
    by_key = {
        key: np.array([_of(outcomes[i], key) for i in known])
        for key in {goal.key for goal in section.goals} | {*section.at_most, *section.at_least}
    }
    signed = [by_key[goal.key] * (1.0 if goal.better == "less" else -1.0) for goal in section.goals]
    # What is not known cannot be said to be good.
    unknown = np.isnan(np.stack(signed)).any(axis=(0, 2, 3))
    violation[known] = np.where(unknown, _FAILED, _violation(section, by_key))
    allowed = np.flatnonzero(violation[known] <= 0.0)
    for g, (goal, values) in enumerate(zip(section.goals, signed, strict=True)):
        found, over_seeds = _robust(section, values, allowed)
        costs[known, g] = found
        sign = 1.0 if goal.better == "less" or section.robust == "regret" else -1.0
        for place, i in enumerate(known):
            intervals[i][g] = uncertainty.mean(sign * over_seeds[place])
    places = [known[place] for place in allowed]
    front = tuple(places[k] for k in np.flatnonzero(nondominated(costs[places])))
    shares[places] = _shares(np.stack(signed, axis=-1)[allowed])
    return Scores(costs, intervals, violation, front, shares, knee_of(costs, front))


def told(scores: Scores) -> Floats:
    """Return costs for a search that knows nothing of what is allowed, shape (candidates, goals).

    Every candidate that is not allowed is worse in all goals than every one that is, and worse the
    further it is beyond (Deb 2000: constrained domination).
    """
    costs = scores.costs.copy()
    allowed = scores.violation <= 0.0
    some = costs[~np.isnan(costs).any(axis=1)]
    top = some.max(axis=0) if len(some) else np.zeros(costs.shape[1])
    span = np.where(np.ptp(some, axis=0) > 0.0, np.ptp(some, axis=0), 1.0) if len(some) else 1.0
    beyond = (1.0 + scores.violation)[:, np.newaxis]
    return np.where(allowed[:, np.newaxis], costs, top + span * beyond)


def nondominated(costs: Floats) -> Marks:
    """Tell which rows no other row dominates: none is at least as good in all and better in one.

    Of equal rows the first stands for all.
    """
    n = len(costs)
    found = np.zeros(n, dtype=np.bool_)
    for i in range(n):
        no_worse = (costs <= costs[i]).all(axis=1)
        better = (costs < costs[i]).any(axis=1)
        equal = (costs[:i] == costs[i]).all(axis=1).any()
        found[i] = not (no_worse & better).any() and not equal
    return found


def knee_of(costs: Floats, front: Sequence[int]) -> int | None:
    """Return the knee of a front, as `Scores.knee`."""
    if len(front) < _LEAST_KNEE:
        return None
    those = costs[list(front)]
    span = np.ptp(those, axis=0)
    scaled = (those - those.min(axis=0)) / np.where(span > 0.0, span, 1.0)
    return front[int(scaled.mean(axis=1).argmin())]


def _of(outcomes: Mapping[str, Floats] | None, key: str) -> Floats:
    if outcomes is None:
        raise AssertionError("a candidate that has failed has no outcomes")
    return outcomes[key]


def _violation(section: Optimisation, by_key: Mapping[str, Floats]) -> Floats:
    """Return how far candidates are beyond what is allowed, shape (candidates,).

    Of the mean over points if the mean counts, else at the worst point.
    """
    total: Floats = np.zeros(len(next(iter(by_key.values()))))
    for sign, limits in ((1.0, section.at_most), (-1.0, section.at_least)):
        for name, limit in limits.items():
            by_point = sign * by_key[name].mean(axis=2)
            value = by_point.mean(axis=1) if section.robust == "mean" else by_point.max(axis=1)
            over = (value - sign * limit) / max(abs(limit), 1e-9)
            # What is not known is not allowed.
            total += np.where(np.isnan(over), _FAILED, np.maximum(over, 0.0))
    return total


def _robust(
    section: Optimisation, values: Floats, allowed: np.ndarray[Any, np.dtype[np.int64]]
) -> tuple[Floats, Floats]:
    """Return what counts of a goal, and the same at each seed for the point that decides.

    Parameters
    ----------
    values
        Of candidates, points and seeds; less is better.
    allowed
        Candidates among which the best of each point is looked for.

    Returns
    -------
    costs, over_seeds
        Shapes (C,) and (C, S); the mean of the second over seeds is the first.
    """
    if section.robust == "mean":
        over_seeds: Floats = np.mean(values, axis=1)
        whole: Floats = np.mean(over_seeds, axis=1)
        return whole, over_seeds
    if section.robust == "regret":
        among = allowed if len(allowed) else np.arange(len(values))
        best = among[values[among].mean(axis=2).argmin(axis=0)]
        values = values - values[best, np.arange(values.shape[1])]
    by_point: Floats = np.mean(values, axis=2)
    left_out = int(section.quantile * by_point.shape[1])
    deciding = np.argsort(by_point, axis=1, kind="stable")[:, by_point.shape[1] - 1 - left_out]
    rows = np.arange(len(values))
    return by_point[rows, deciding], values[rows, deciding]


def _shares(costs: Floats) -> Floats:
    """Return the share of points and seeds in which candidates are not dominated.

    Parameters
    ----------
    costs
        Of candidates, points, seeds and goals.
    """
    if not len(costs):
        return np.zeros(0)
    found = np.zeros(len(costs))
    n_points, n_seeds = costs.shape[1:3]
    for p in range(n_points):
        for s in range(n_seeds):
            here = costs[:, p, s]
            no_worse = (here[:, np.newaxis] <= here).all(axis=2)
            better = (here[:, np.newaxis] < here).any(axis=2)
            found += ~(no_worse & better).any(axis=0)
    shares: Floats = found / (n_points * n_seeds)
    return shares
