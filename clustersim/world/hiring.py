"""How those who open in a region find their people among its unemployed."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.world.kernel import kernel
from clustersim.world.types import Floats, Ids, Ints
from clustersim.world.world import World


def hire_in_region(world: World, region: Ids | Ints, wanted: Floats, luck: Floats) -> Floats:
    """Take people from the unemployed of a region, from all sectors alike.

    If more than half of them are wanted, each gets people only with the chance that half of them
    makes of what is wanted; should more still be wanted than there are, all get less.

    Parameters
    ----------
    world
        The world; ``places.unemployed`` falls by what is hired.
    region, wanted, luck
        Region, jobs and luck in [0, 1) of each who opens, shape (n,).

    Returns
    -------
    Floats
        Jobs filled, shape (n,); 0 for those who stay away.
    """
    unemployed = world.places.unemployed
    size, taken = _share_out(region, wanted, luck, unemployed.sum(axis=1))
    unemployed *= 1.0 - taken[:, None]
    return np.asarray(size)


@kernel
def _share_out(region: Any, wanted: Any, luck: Any, available: Any) -> Any:
    """Return the jobs filled, shape (n,), and what share of the `available` is taken, (R,)."""
    needed, starting, taken = np.zeros((3, available.size))
    size = np.zeros(region.size)
    for i in range(region.size):
        needed[region[i]] += wanted[i]
    for i in range(region.size):
        r = region[i]
        if needed[r] > 0.0 and luck[i] < 0.5 * available[r] / needed[r]:
            size[i] = wanted[i]
            starting[r] += wanted[i]
    granted = np.minimum(starting, available)
    for i in range(region.size):
        if size[i] > 0.0:
            size[i] *= granted[region[i]] / starting[region[i]]
    for r in range(taken.size):
        if available[r] > 0.0:
            taken[r] = granted[r] / available[r]
    return size, taken
