"""Whether the simulated firms are fine enough for the local industries of a world."""

from __future__ import annotations

import math

from clustersim.world.spec import WorldSpec


def scale_note(world: WorldSpec) -> str:
    """Return a note if one simulated firm stands for more jobs than local industries have.

    The smallest simulated firm stands for ``employment_scale * firm_size.smallest`` real jobs. A
    local industry with fewer than that has one firm or none, by luck.

    Parameters
    ----------
    world : WorldSpec
        Regions and jobs, the table already merged.

    Returns
    -------
    str
        How many local industries are too small, and which scale would do; empty if none is.
    """
    jobs = [number for region in world.regions for number in region.jobs.values() if number > 0]
    smallest = world.firm_size.smallest
    least = world.employment_scale * smallest
    coarse = sum(number < least for number in jobs)
    if not coarse:
        return ""
    verb = "has" if coarse == 1 else "have"
    text = (
        f"{coarse:,} of {len(jobs):,} local industries {verb} fewer jobs than one simulated firm "
        f"stands for (employment_scale {world.employment_scale:g} times firm_size.smallest "
        f"{smallest:g}); results for them are noise"
    )
    enough = min(jobs) / smallest
    if enough >= 1:
        return f"{text}; a scale of at most {_rounded_down(enough):g} would do"
    if world.employment_scale > 1:
        left = sum(number < smallest for number in jobs)
        return f"{text}; with a scale of 1 it would be {left:,}"
    return text


def _rounded_down(value: float) -> float:
    """Return a number of at least 1 with two digits, not above it."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return max(math.floor(value / step) * step, 1.0)
