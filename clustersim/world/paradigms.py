"""Paradigms: what a sector has to know in a year that has come, or is to come."""

from __future__ import annotations

import math

import numpy as np

from clustersim.world.types import Floats
from clustersim.world.world import Sectors


def relevance(sectors: Sectors, year: float) -> Floats:
    """Return the relevance of each field in each sector in a calendar year, shape (S, M)."""
    share = _logistic((year - sectors.paradigm_year) / sectors.paradigm_width)
    mixed = sectors.paradigm_weights[:, 0].copy()
    for p in range(1, share.shape[1]):
        mixed += share[:, p, None] * (sectors.paradigm_weights[:, p] - mixed)
    return mixed


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
