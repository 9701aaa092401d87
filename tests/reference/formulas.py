"""Formulas of the rules for single numbers and lists, with nothing but Python's own math."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, exp, lgamma, log, log1p, pi, sin, sqrt

from clustersim.world.knowledge import Exchange
from clustersim.world.newcomers import MOST_RESEARCH


def logistic(value: float) -> float:
    """Return ``1 / (1 + exp(-value))`` for any value, infinity included."""
    if value >= 0.0:
        return 1.0 / (1.0 + exp(-value))
    return exp(value) / (1.0 + exp(value))


def length(vector: list[float]) -> float:
    """Return the length of a vector."""
    return sqrt(sum(v * v for v in vector))


def dot(first: list[float], second: list[float]) -> float:
    """Return the inner product of two vectors."""
    return sum(a * b for a, b in zip(first, second, strict=True))


def cosine(first: list[float], second: list[float]) -> float:
    """Return the cosine of two vectors; 0 if one of them is zero."""
    both = length(first) * length(second)
    return dot(first, second) / both if both > 0.0 else 0.0


def effort(research: float, exchange: Exchange) -> float:
    """Return ``R / (R + R_half)``."""
    return research / (research + exchange.research_half)


def absorptive_capacity(research: float, exchange: Exchange) -> float:
    """Return what comes with experience, and of the rest what comes with research."""
    return exchange.experience + (1.0 - exchange.experience) * effort(research, exchange)


def decay(km: float, exchange: Exchange, travel: float = 1.0) -> float:
    """Return how much of an exchange survives distance, half of it tacit, half codified.

    The tacit half, and of the codified half what comes by visits, need the share of travel that is
    possible.
    """
    tacit = exp(-km / exchange.tacit_km) * travel
    written = 1.0 - exchange.visits
    far = exp(-km / exchange.codified_km) * (written + exchange.visits * travel)
    return 0.5 * tacit + 0.5 * far


def fruitfulness(distance: float, capacity: float, exchange: Exchange) -> float:
    """Return the inverted U of cognitive distance, with peak 1."""
    peak = exchange.fruitful_distance * (1.0 + exchange.fruitful_stretch * capacity)
    return distance / peak * exp(1.0 - distance / peak)


def localisation(niche_jobs: float) -> float:
    """Return the gain in log productivity from real jobs in the own niche."""
    return max(0.0440 * log1p(niche_jobs) - 6.14e-4 * float(niche_jobs**0.712), 0.0)


def pick(luck: float, weights: list[float]) -> int:
    """Return the index that a uniform points at on the cumulated weights; 0 if all are zero."""
    target = luck * sum(weights)
    reached = 0.0
    chosen = 0
    for index, weight in enumerate(weights):
        if weight > 0.0:
            chosen = index
            reached += weight
            if reached > target:
                break
    return chosen


def poisson(luck: float, mean: float) -> int:
    """Return a Poisson count by the inverse of its distribution."""
    if mean <= 0.0:
        return 0
    count = 0
    reached = exp(-mean)
    most = mean + 12.0 * sqrt(mean) + 50.0
    while luck >= reached and count < most:
        count += 1
        reached += exp(count * log(mean) - mean - lgamma(count + 1.0))
    return count


def pareto_size(luck: float, smallest: float, largest: float, tail: float) -> float:
    """Return a size from a Pareto distribution that is cut off at both ends."""
    a, b = smallest**-tail, largest**-tail
    return float((a - luck * (a - b)) ** (-1.0 / tail))


def research_intensity(luck: Sequence[float], mean: float, spread: float) -> float:
    """Return an R&D intensity, lognormally spread (Box & Muller), at most `MOST_RESEARCH`."""
    normal = sqrt(-2.0 * log1p(-luck[0])) * cos(2.0 * pi * luck[1])
    return min(mean * exp(spread * normal - spread**2 / 2.0), MOST_RESEARCH)


def around(luck: list[float], x: float, y: float, mean_km: float) -> tuple[float, float]:
    """Return a position near a centre: distance exponential, direction even."""
    distance = -mean_km * log1p(-luck[0])
    angle = 2.0 * pi * luck[1]
    return x + distance * cos(angle), y + distance * sin(angle)


def founder_knowledge(
    luck: list[float],
    relevance: list[float],
    niche: int,
    levels: tuple[float, float],
    breadth: float,
) -> list[float]:
    """Return what a founder knows: the main field, and others with chance ``1-(1-w)**breadth``."""
    low, high = levels
    knowledge = []
    for field, (u, w) in enumerate(zip(luck, relevance, strict=True)):
        chance = 1.0 if field == niche else 1.0 - (1.0 - w) ** breadth
        knowledge.append(low + (high - low) * u / chance if u < chance else 0.0)
    return knowledge
