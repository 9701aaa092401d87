"""What a new firm is like: shared by the founding of a world and by entry.

The functions are pure: uniforms in, properties out. Those that end in ``_one`` make one firm, for
kernels; the others make many.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from clustersim.world.elementary import exp, exponential, log, logarithm, power, turned
from clustersim.world.kernel import inlined, kernel
from clustersim.world.types import Floats, Ints

MOST_RESEARCH: Final = 0.3
"""Largest R&D intensity of a firm, share of revenue (assumption)."""


@inlined
def pareto_one(uniform: Any, smallest: Any, largest: Any, tail: Any) -> Any:
    """Return one size of :func:`pareto_size`."""
    a = power(smallest, -tail)
    b = power(largest, -tail)
    return power(a - uniform * (a - b), -1.0 / tail)


def pareto_size(uniform: Floats, smallest: float, largest: float, tail: float) -> Floats:
    """Return sizes from a truncated Pareto, by the inverse of its distribution.

    ``Pr(size > s) = (s**-tail - largest**-tail) / (smallest**-tail - largest**-tail)``

    Parameters
    ----------
    uniform
        In [0, 1), any shape; 0 gives the smallest.
    smallest, largest
        Bounds, jobs.
    tail
        Exponent, greater than zero; 1 is Zipf's law.
    """
    return _each(_pareto_sizes, uniform, smallest, largest, tail)


@kernel
def _pareto_sizes(uniform: Any, smallest: Any, largest: Any, tail: Any, out: Any) -> None:
    for i in range(uniform.size):
        out[i] = pareto_one(uniform[i], smallest, largest, tail)


def _each(function: Callable[..., None], values: Floats, *more: float) -> Floats:
    flat = np.ascontiguousarray(values, dtype=np.float64).reshape(-1)
    out = np.empty_like(flat)
    function(flat, *(float(number) for number in more), out)
    return out.reshape(np.shape(values))


def pareto_mean(smallest: float, largest: float, tail: float) -> float:
    """Return the mean of the truncated Pareto of :func:`pareto_size`, jobs."""
    a, b = smallest**-tail, largest**-tail
    if np.isclose(tail, 1.0):
        return float(np.log(largest / smallest) / (a - b))
    upper, lower = largest ** (1.0 - tail), smallest ** (1.0 - tail)
    return float(tail / (1.0 - tail) * (upper - lower) / (a - b))


def pick(uniform: Floats, weights: Floats) -> Ints:
    """Return, for each row, the column that a uniform points at on the cumulated weights.

    Parameters
    ----------
    uniform
        In [0, 1), shape (n,).
    weights
        Not negative, shape (n, M); a row of zeros gives column 0.
    """
    out = np.zeros(uniform.size, dtype=np.int32)
    _pick(uniform, weights, out)
    return out


@kernel
def pick_one(uniform: Any, weights: Any) -> Any:
    """Return the column that one uniform points at on the cumulated `weights`, shape (M,)."""
    total = 0.0
    for m in range(weights.size):
        total += weights[m]
    target = uniform * total
    reached = 0.0
    chosen = 0
    for m in range(weights.size):
        if weights[m] > 0.0:
            chosen = m
            reached += weights[m]
            if reached > target:
                break
    return chosen


@kernel
def _pick(uniform: Any, weights: Any, out: Any) -> None:
    for i in range(uniform.size):
        out[i] = pick_one(uniform[i], weights[i])


@inlined
def level_one(uniform: Any, chance: Any, low: Any, high: Any) -> Any:
    """Return at which level a field is known that is known with some chance, 0 for not at all."""
    return low + (high - low) * (uniform / chance) if uniform < chance else 0.0


@kernel
def chances_to_know(relevance: Any, breadth: Any) -> Any:
    """Return ``1 - (1 - w)**breadth`` of each relevance, shape (n, M)."""
    out = np.empty(relevance.shape)
    for i in range(relevance.shape[0]):
        for m in range(relevance.shape[1]):
            out[i, m] = 1.0 - power(1.0 - relevance[i, m], breadth)
    return out


def founder_knowledge(
    uniforms: Floats,
    relevance: Floats,
    niche: Ints,
    low: float,
    high: float,
    breadth: float,
    standing: Floats | float = 1.0,
) -> Floats:
    """Return what founders know, shape (n, M), in units of the world frontier.

    A field of relevance ``w`` is known with chance ``p = 1 - (1 - w)**breadth``, the main field
    always; what is known has the level ``low + (high - low) v**(1 / standing)``, v uniform: spread
    evenly between `low` and `high` for a standing of 1, nearer to `high` above. One uniform decides
    both: below ``p`` the field is known, and ``u / p`` is v.

    Parameters
    ----------
    uniforms
        In [0, 1), shape (n, M).
    relevance
        Relevance of the fields in each founder's sector, shape (n, M), rows sum to one.
    niche
        Main field of each, shape (n,).
    low, high
        Least and highest level.
    breadth
        Greater than zero: how much of a sector's knowledge one founder has.
    standing
        Greater than zero: how good the place is where each founder has learnt, shape (n, 1) or one
        number.
    """
    chance = chances_to_know(relevance, float(breadth))
    chance[np.arange(niche.size), niche] = 1.0
    share = np.divide(uniforms, chance, out=np.ones_like(uniforms), where=chance > 0.0)
    if np.any(np.asarray(standing) != 1.0):
        share = exponential(logarithm(np.maximum(share, 1e-300)) / standing)
    return np.where(uniforms < chance, low + (high - low) * share, 0.0)


@inlined
def research_one(first: Any, second: Any, mean: Any, spread: Any) -> Any:
    """Return one R&D intensity of :func:`research_intensity`."""
    cosine, _ = turned(second)
    normal = np.sqrt(-2.0 * log(1.0 - first)) * cosine
    return min(mean * exp(spread * (normal - 0.5 * spread)), MOST_RESEARCH)


def research_intensity(uniforms: Floats, mean: float, spread: float) -> Floats:
    """Return R&D intensities, share of revenue, shape (n,).

    They are lognormal, cut off at `MOST_RESEARCH`. R&D comes by the person: a firm whose intensity
    makes less than a person's work of it, ``R_i size_i < 1``, is not counted among those that do
    R&D, and what it spends is improvement by the way. So a firm of s jobs does R&D with chance
    ``1 - Phi((-ln(s mean) + spread**2 / 2) / spread)``, which rises with size.

    The defaults, a mean of 0.04 and a spread of 2.2, make it 11.4 % of firms with 20 jobs and 63.5
    % of those with 600: in 2014 12.3 % of Spain's industrial firms with 10 to 249 jobs did R&D,
    most of them with some twenty, and 63.5 % of the larger ones (INE, innovation in companies).
    That intensity does not depend on size, but doing any does: Cohen, Levin & Mowery 1987, Cohen &
    Klepper 1996.

    Parameters
    ----------
    uniforms
        In [0, 1), shape (n, 2).
    mean
        Mean before the cut.
    spread
        Standard deviation of the logarithm.
    """
    out = np.empty(uniforms.shape[0])
    _research_intensities(uniforms, float(mean), float(spread), out)
    return out


@kernel
def _research_intensities(uniforms: Any, mean: Any, spread: Any, out: Any) -> None:
    for i in range(out.size):
        out[i] = research_one(uniforms[i, 0], uniforms[i, 1], mean, spread)


@inlined
def away_one(distance: Any, direction: Any, mean_km: Any) -> Any:
    """Return one position of :func:`around`, from its centre, by two uniforms."""
    km = -mean_km * log(1.0 - distance)
    east, north = turned(direction)
    return km * east, km * north


def around(uniforms: Floats, x: Floats, y: Floats, mean_km: float) -> tuple[Floats, Floats]:
    """Return positions around centres: distance exponential, direction even.

    Parameters
    ----------
    uniforms
        In [0, 1), shape (n, 2): distance and direction.
    x, y
        Centres, km, shape (n,).
    mean_km
        Mean distance, km.
    """
    away = np.empty((uniforms.shape[0], 2))
    _away(uniforms, float(mean_km), away)
    return x + away[:, 0], y + away[:, 1]


@kernel
def _away(uniforms: Any, mean_km: Any, out: Any) -> None:
    for i in range(out.shape[0]):
        out[i, 0], out[i, 1] = away_one(uniforms[i, 0], uniforms[i, 1], mean_km)
