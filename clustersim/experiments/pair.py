"""Two scenarios that are the same up to some year: what they share is simulated once."""

from __future__ import annotations

import copy

from clustersim.experiments.legs import (
    Added,
    Progress,
    begin,
    change,
    finish,
    go_to,
    quarters_of,
)
from clustersim.experiments.parting import common_quarters
from clustersim.experiments.result import RunResult
from clustersim.experiments.run import Started, made
from clustersim.scenario.resolved import ResolvedScenario


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
