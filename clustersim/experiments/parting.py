"""Until when two scenarios are the same, so that what they share need be simulated once only."""

from __future__ import annotations

from clustersim.experiments.legs import acting, quarters_of
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.world.world import DT

_MAY_DIFFER = ("policies", "title", "about", "question", "against", "years")
"""What of two scenarios may differ without any effect before a policy acts or one of them ends."""


def common_quarters(one: ResolvedScenario, other: ResolvedScenario) -> int:
    """Return for how many quarters from the start two scenarios are sure to be the same.

    They are if they differ in their policies alone, as long as the policies that act are the same
    ones in the same order.
    """
    if _founded(one) != _founded(other):
        return 0
    scenarios = one.scenario, other.scenario
    least = min(quarters_of(one), quarters_of(other))
    start = one.scenario.world.start_year
    for quarter in range(least):
        first, second = (acting(scenario, start + quarter * DT) for scenario in scenarios)
        if first != second:
            return quarter
    return least


def _founded(resolved: ResolvedScenario) -> tuple[object, ...]:
    """Return all of a scenario that has an effect before a policy acts or the run ends."""
    data = {
        name: value for name, value in dict(resolved.scenario).items() if name not in _MAY_DIFFER
    }
    return data, resolved.schedule, resolved.graph_file
