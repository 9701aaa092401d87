"""How those who open in a region find their people among its unemployed."""

from __future__ import annotations

import numpy as np

from clustersim.world.types import Floats, Ints
from clustersim.world.world import World


def hire_in_region(world: World, region: Ints, wanted: Floats, luck: Floats) -> Floats:
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
    if region.size == 0:
        return np.zeros(0)
    unemployed = world.places.unemployed
    available = unemployed.sum(axis=1)
    needed = np.bincount(region, weights=wanted, minlength=world.n_regions)
    chance = np.divide(0.5 * available, needed, out=np.zeros_like(needed), where=needed > 0.0)
    size = np.where(luck < chance[region], wanted, 0.0)
    needed = np.bincount(region, weights=size, minlength=world.n_regions)
    granted = np.minimum(needed, available)
    share = np.divide(granted, needed, out=np.zeros_like(needed), where=needed > 0.0)
    taken = np.divide(granted, available, out=np.zeros_like(needed), where=available > 0.0)
    unemployed *= 1.0 - taken[:, None]
    return np.asarray(size * share[region])
