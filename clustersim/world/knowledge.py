"""How knowledge is compared and exchanged: formulas that several mechanisms share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from clustersim.world.kernel import kernel
from clustersim.world.spec import ExchangeSpec


class Exchange(NamedTuple):
    """The numbers of :class:`~clustersim.world.spec.ExchangeSpec`, in a form that kernels take."""

    tacit_km: float
    codified_km: float
    research_half: float
    fruitful_distance: float
    fruitful_stretch: float

    @classmethod
    def of(cls, spec: ExchangeSpec) -> Exchange:
        """Return the numbers of a specification; without decay both lengths are infinite."""
        return cls(
            tacit_km=spec.tacit_km if spec.distance_decay else np.inf,
            codified_km=spec.codified_km if spec.distance_decay else np.inf,
            research_half=spec.research_half,
            fruitful_distance=spec.fruitful_distance,
            fruitful_stretch=spec.fruitful_stretch,
        )


@kernel
def absorptive_capacity(research: Any, exchange: Any) -> Any:
    """Return absorptive capacity ``R / (R + R_half)``, 0 to 1 (Cohen & Levinthal 1990)."""
    return research / (research + exchange.research_half)


@kernel
def decay(km: Any, exchange: Any) -> Any:
    """Return how much of an exchange survives distance: half tacit, half codified, 0 to 1."""
    return 0.5 * np.exp(-km / exchange.tacit_km) + 0.5 * np.exp(-km / exchange.codified_km)


@kernel
def fruitfulness(distance: Any, capacity: Any, exchange: Any) -> Any:
    """Return how fruitful exchange at a cognitive distance is: an inverted U with peak 1.

    ``L(d) = (d / lam) exp(1 - d / lam)`` with ``lam = lam_0 (1 + theta capacity)``
    (Nooteboom et al. 2007).
    """
    peak = exchange.fruitful_distance * (1.0 + exchange.fruitful_stretch * capacity)
    ratio = distance / peak
    return ratio * np.exp(1.0 - ratio)


@kernel
def _dot(first: Any, second: Any) -> Any:
    """Return the dot product of two vectors in double precision."""
    total = 0.0
    for m in range(first.size):
        total += np.float64(first[m]) * np.float64(second[m])
    return total


@kernel
def norm(vector: Any) -> Any:
    """Return the length of a knowledge vector, shape (M,)."""
    return np.sqrt(_dot(vector, vector))


@kernel
def norms(knowledge: Any, out: Any) -> None:
    """Fill `out`, shape (n,), with the lengths of the knowledge vectors, shape (n, M)."""
    for i in range(knowledge.shape[0]):
        out[i] = norm(knowledge[i])


@kernel
def cognitive_distance(first: Any, second: Any, first_norm: Any, second_norm: Any) -> Any:
    """Return ``1 - cos`` of two knowledge vectors, 0 to 1; 1 if either knows nothing."""
    if first_norm == 0.0 or second_norm == 0.0:
        return 1.0
    return max(1.0 - _dot(first, second) / (first_norm * second_norm), 0.0)
