"""How knowledge is compared and exchanged: formulas that several mechanisms share."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from clustersim.world.elementary import exp
from clustersim.world.kernel import inlined, kernel
from clustersim.world.rows import dot
from clustersim.world.spec import ExchangeSpec


class Exchange(NamedTuple):
    """The numbers of :class:`~clustersim.world.spec.ExchangeSpec`, in a form that kernels take."""

    tacit_km: float
    codified_km: float
    research_half: float
    experience: float
    fruitful_distance: float
    fruitful_stretch: float
    visits: float

    @classmethod
    def of(cls, spec: ExchangeSpec) -> Exchange:
        """Return the numbers of a specification; without decay both lengths are infinite."""
        return cls(
            tacit_km=spec.tacit_km if spec.distance_decay else np.inf,
            codified_km=spec.codified_km if spec.distance_decay else np.inf,
            research_half=spec.research_half,
            experience=spec.experience,
            fruitful_distance=spec.fruitful_distance,
            fruitful_stretch=spec.fruitful_stretch,
            visits=spec.visits,
        )


@inlined
def effort(research: Any, exchange: Any) -> Any:
    """Return the effort in research, ``R / (R + R_half)``, 0 to 1: what is sought actively."""
    return research / (research + exchange.research_half)


@inlined
def own_research(research: Any, funded: Any) -> Any:
    """Return the R&D intensity that a firm pays for itself: what public money does not bring."""
    return max(research - funded, 0.0)


@inlined
def absorptive_capacity(research: Any, exchange: Any) -> Any:
    """Return absorptive capacity ``x + (1 - x) R / (R + R_half)``, 0 to 1.

    It comes with research, and, for the share x (`experience`), with doing the work: Cohen &
    Levinthal 1990 name both.
    """
    return exchange.experience + (1.0 - exchange.experience) * effort(research, exchange)


@inlined
def decay(km: Any, exchange: Any) -> Any:
    """Return how much of an exchange survives distance: half tacit, half codified, 0 to 1.

    ``W(km) = exp(-km / tacit_km) / 2 + exp(-km / codified_km) / 2``; without decay over distance
    both lengths are infinite, and W is 1.
    """
    return decay_in_travel(km, 1.0, exchange)


@inlined
def decay_in_travel(km: Any, travel: Any, exchange: Any) -> Any:
    """Return how much of an exchange survives distance where people travel less than usually.

    ``W(km) = travel exp(-km / tacit_km) / 2 + carried exp(-km / codified_km) / 2`` with ``carried =
    1 - visits (1 - travel)`` and `travel` the share of the usual travel that is possible, 0 to 1.
    Everyday contact hardly reaches another region: what is tacit and comes from there is carried by
    those who travel.
    """
    far = exp(-km / exchange.codified_km) * (1.0 - exchange.visits * (1.0 - travel))
    return 0.5 * travel * exp(-km / exchange.tacit_km) + 0.5 * far


@inlined
def fruitfulness(distance: Any, capacity: Any, exchange: Any) -> Any:
    """Return how fruitful exchange at a cognitive distance is: an inverted U with peak 1.

    ``L(d) = (d / lam) exp(1 - d / lam)`` with ``lam = lam_0 (1 + theta capacity)``
    (Nooteboom et al. 2007).
    """
    peak = exchange.fruitful_distance * (1.0 + exchange.fruitful_stretch * capacity)
    ratio = distance / peak
    return ratio * exp(1.0 - ratio)


@inlined
def length(knowledge: Any, i: Any) -> Any:
    """Return the length of the knowledge vector in row `i`; knowledge has shape (n, M)."""
    return np.sqrt(dot(knowledge, i, knowledge, i))


@kernel
def lengths(knowledge: Any) -> Any:
    """Return the lengths of all knowledge vectors, shape (n,)."""
    out = np.empty(knowledge.shape[0])
    for i in range(out.size):
        out[i] = length(knowledge, i)
    return out


@inlined
def cognitive_distance(knowledge: Any, i: Any, j: Any, length_i: Any, length_j: Any) -> Any:
    """Return ``1 - cos`` of the knowledge in rows `i` and `j`, 0 to 1; 1 if either is nothing."""
    both = length_i * length_j
    return max(1.0 - dot(knowledge, i, knowledge, j) / both, 0.0) if both > 0.0 else 1.0
