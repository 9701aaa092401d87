"""Two scenarios that are the same up to some year: what they share is simulated once."""

from __future__ import annotations

import copy

from clustersim.experiments.legs import (
    Added,
    Progress,
    acting,
    begin,
    change,
    finish,
    go_to,
    quarters_of,
)
from clustersim.experiments.result import RunResult
from clustersim.experiments.run import Started, made
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.world.world import DT

_MAY_DIFFER = ("policies", "title", "about", "question", "against", "years")
"""What of two scenarios may differ without any effect before a policy acts or one of them ends."""


def run_pair(
    resolved: ResolvedScenario,
    other: ResolvedScenario,
    *,
    mechanisms: Added = (),
    progress: Progress | None = None,
    other_progress: Progress | None = None,
) -> tuple[RunResult, RunResult]:
    """Run two scenarios; the quarters in which they are the same are simulated once.

    Every number is the one that two runs of their own would give, to the last bit.

    Parameters
    ----------
    resolved, other
        The scenarios, of any kind; there is something to share if they differ in their policies
        alone.
    mechanisms
        As for `clustersim.experiments.run.run`. Nothing is shared where there are any: what they
        keep outside of the world is not known.
    progress, other_progress
        Told of the quarters of each; the other one begins where it parts from the first.

    Returns
    -------
    tuple of RunResult
        Of the first and of the other.
    """
    started = Started.now()
    simulation = begin(resolved, mechanisms)
    shared = 0 if mechanisms else common_quarters(resolved, other)
    n_quarters = quarters_of(resolved)
    go_to(
        simulation,
        shared,
        on_quarter=None if progress is None else (lambda done: progress(done, n_quarters)),
    )
    goes_on = copy.deepcopy(simulation) if shared else None
    first = made(resolved, finish(simulation, resolved, mechanisms, progress), started, mechanisms)
    # The state of the first is let go before the other goes on.
    del simulation
    started = Started.now()
    if goes_on is None:
        goes_on = begin(other, mechanisms)
    else:
        change(goes_on, other, mechanisms)
    tables = finish(goes_on, other, mechanisms, other_progress)
    return first, made(other, tables, started, mechanisms)


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
