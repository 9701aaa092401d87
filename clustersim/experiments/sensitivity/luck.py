"""How much of an outcome's variance is luck, and how much comes from the parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np

from clustersim.world.types import Floats

_FEWEST: Final = 2


@dataclass(frozen=True)
class Luck:
    """Shares of the variance of single runs, and what is left of luck in means over seeds.

    Attributes
    ----------
    parameters
        Share of the variance of single runs that comes from the parameters.
    common
        Share of luck that moves all points alike, as a seed does that is good for everything. It is
        in no index, as all points meet the same seeds.
    own
        Share of luck that differs from point to point.
    noise
        Share of luck in the variance of the points' means over seeds. Variance-based indices are of
        these means: noise counts in all of them as one more factor that acts with all others. A
        total index no larger than this share shows nothing.

    All are NaN with one seed or one point, and where nothing varies.
    """

    parameters: float
    common: float
    own: float
    noise: float


def luck_of(values: Floats) -> Luck:
    """Take the variance of runs at points and seeds apart.

    Points and seeds are crossed, as every point meets the same seeds:
    ``y_ps = m + a_p + b_s + c_ps``. The variances of the three terms are estimated from mean
    squares (analysis of variance with random effects, one run in each cell), none below zero.
    With S seeds a point's mean holds ``a_p`` and a luck of its own of variance ``var(c) / S``.

    Parameters
    ----------
    values
        Of each point and seed, shape (P, S).

    Returns
    -------
    Luck
    """
    n_points, n_seeds = values.shape
    unknown = Luck(math.nan, math.nan, math.nan, math.nan)
    if n_points < _FEWEST or n_seeds < _FEWEST:
        return unknown
    by_point, by_seed = values.mean(axis=1), values.mean(axis=0)
    rest = values - by_point[:, np.newaxis] - by_seed + values.mean()
    own = float(np.square(rest).sum()) / ((n_points - 1) * (n_seeds - 1))
    of_points = n_seeds * float(by_point.var(ddof=1))
    of_seeds = n_points * float(by_seed.var(ddof=1))
    parameters = max((of_points - own) / n_seeds, 0.0)
    common = max((of_seeds - own) / n_points, 0.0)
    whole = parameters + common + own
    if whole <= 0.0:
        return unknown
    noise = min(own / of_points, 1.0) if of_points > 0.0 else math.nan
    return Luck(parameters / whole, common / whole, own / whole, noise)
