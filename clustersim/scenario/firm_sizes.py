"""The mean of the size distribution from which firms are founded."""

from __future__ import annotations

import math


def mean_firm_size(smallest: float, largest: float, tail: float) -> float:
    """Return the mean of a truncated Pareto distribution of firm sizes, jobs.

    With ``Pr(size > s) ~ s**-tail`` between L = smallest and H = largest the density is
    ``tail L**tail s**(-tail - 1) / (1 - (L / H)**tail)``, of which the mean is ::

        tail / (tail - 1) * (L - H(L / H) ** tail) / (1 - (L / H) ** tail)

    and ``ln(H / L) * L / (1 - L / H)`` where tail is 1.

    Parameters
    ----------
    smallest, largest : float
        Jobs, 0 < smallest < largest.
    tail : float
        Exponent, above 0.
    """
    ratio = smallest / largest
    if abs(tail - 1.0) < 1e-9:  # noqa: PLR2004  # next to it the quotient loses its digits
        return smallest * math.log(1.0 / ratio) / (1.0 - ratio)
    power = math.pow(ratio, tail)
    if power == 1.0:  # all firms of one size
        return smallest
    mean = tail / (tail - 1.0) * (smallest - largest * power) / (1.0 - power)
    return min(max(mean, smallest), largest)  # differences of nearly equal numbers lose digits
