"""Paradigms: what a sector has to know in a year that has come, or is to come."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from clustersim.world.kernel import kernel
from clustersim.world.types import Floats
from clustersim.world.world import Sectors


def relevance(sectors: Sectors, year: float) -> Floats:
    """Return the relevance of each field in each sector in a calendar year, shape (S, M)."""
    later = (year - sectors.paradigm_year[:, 1:]) / sectors.paradigm_width[:, 1:]
    mixed = sectors.paradigm_weights[:, 0].copy()
    _mix(sectors.paradigm_weights, _logistic(later), mixed)
    return mixed


@kernel
def _mix(weights: Any, share: Any, mixed: Any) -> None:
    """Let the paradigms after the first take over their shares, shape (S, P - 1), in turn."""
    for s in range(share.shape[0]):
        for p in range(share.shape[1]):
            for m in range(mixed.shape[1]):
                mixed[s, m] += share[s, p] * (weights[s, p + 1, m] - mixed[s, m])


def _logistic(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)).

    The same bits as `scipy.special.expit`, but importing that takes longer than a small run. Both
    take the exponential of the C library; that of `elementary` differs in the last bit, and stored
    results rest on these.
    """
    return np.array([_logistic_of(one) for one in x.ravel().tolist()]).reshape(x.shape)


def _logistic_of(x: float) -> float:
    try:
        return 1.0 / (1.0 + math.exp(-x))
    except OverflowError:
        return 0.0


def coming_relevance(sectors: Sectors, year: float, years: float) -> Floats:
    """Return what will be relevant in some years, as those with foresight know it, shape (S, M).

    Where relevance does not follow the paradigms, as none ever come, nothing is to be foreseen:
    that of today.
    """
    follows = (sectors.relevance == relevance(sectors, year)).all(axis=1, keepdims=True)
    ahead = relevance(sectors, year + years)
    return np.where(follows, ahead, sectors.relevance)
