"""How many events of a mean number happen, by one uniform."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.world.elementary import exp, log, log_factorial
from clustersim.world.kernel import kernel


@kernel
def poisson(luck: Any, mean: Any, out: Any) -> None:
    """Fill `out` with Poisson counts by the inverse distribution, shape (n,)."""
    for i in range(mean.size):
        out[i] = poisson_one(luck[i], mean[i])


@kernel
def poisson_one(luck: Any, mean: Any) -> Any:
    """Return the Poisson count that a uniform points at; 0 of a mean that is not above zero.

    The sum over the distribution starts twelve standard deviations below the mean, where less than
    1e-30 is left out, so that large means do not underflow.
    """
    if not mean > 0.0:
        return 0
    count = max(int(mean - 12.0 * np.sqrt(mean)), 0)
    chance = exp(count * log(mean) - mean - log_factorial(count))
    reached = chance
    while luck >= reached and count < mean + 12.0 * np.sqrt(mean) + 50.0:
        count += 1
        chance *= mean / count
        reached += chance
    return count
