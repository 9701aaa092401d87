"""Small worlds in which policies work."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.policies.policy import PublicPolicy
from clustersim.simulation import Simulation
from clustersim.world.policy import Policy
from clustersim.world.world import World
from tests.reference.small_world import START, small_schedule, small_world

PLACES = [{"region": "north", "sector": "engines"}, {"region": "south", "sector": "foods"}]


def policy(*actions: str, **changes: Any) -> Policy:
    """Return a policy for two places from the start on, with one measure for each action."""
    given: dict[str, Any] = {
        "name": "try",
        "year": START,
        "budget": 4e6,
        "identification": {"method": "named", "places": PLACES},
        "measures": [{"action": action} for action in actions],
        **changes,
    }
    return Policy.model_validate(given)


def run(*policies: Policy, quarters: int = 8, seed: int = 1) -> World:
    """Return the small world after some quarters with policies."""
    world = small_world(seed)
    schedule = small_schedule(policy={"policies": policies})
    Simulation(world, schedule, seed=seed).run(quarters)
    return world


def same(one: World, other: World) -> bool:
    """Return whether two worlds are alike in every array, to the last bit."""
    for part in ("actors", "places", "sectors", "regions", "flows", "conditions"):
        mine, theirs = getattr(one, part), getattr(other, part)
        names = vars(mine) if part != "actors" else mine.table._fields
        for name in names:
            a, b = getattr(mine, name), getattr(theirs, name)
            if isinstance(a, np.ndarray) and not np.array_equal(
                a, b, equal_nan=a.dtype.kind == "f"
            ):
                return False
    return all(
        np.array_equal(getattr(a, column), getattr(b, column))
        for (_, a), (_, b) in zip(one.ties, other.ties, strict=True)
        for column in ("first", "second", "trust", "km", "born")
    )


def apply(world: World, *policies: Policy, step: int = 0, **parameters: Any) -> None:
    """Let one quarter of policies pass, and nothing else."""
    from tests.worlds import luck

    world.clock.step = step
    PublicPolicy(policies=policies, **parameters).apply(world, luck(step))
