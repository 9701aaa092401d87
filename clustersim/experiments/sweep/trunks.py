"""Years that scenarios share: a worker simulates them once for all that it runs at a seed.

What a study compares is often the same until the first policy acts. Runs at one seed come one after
the other, so a worker keeps the last few states of that moment, and lets the next run grow out of
one of them where the two are sure to be the same until then. Every number is the one that a run of
its own would give, to the last bit.
"""

from __future__ import annotations

import copy
import threading
from dataclasses import dataclass
from typing import Final

from clustersim.experiments.legs import begin, change, go_to, quarters_of
from clustersim.experiments.parting import common_quarters
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.simulation import Simulation

_KEPT: Final = 4
"""States that are kept: those of a scenario with its shocks, without them, and of two variants."""
_LARGEST: Final = 30_000
"""Actors above which none is kept, as memory is dearer than time then."""


@dataclass(frozen=True)
class _Trunk:
    """A run at the moment when others may part from it."""

    scenario: ResolvedScenario
    simulation: Simulation
    monitored: bool


class _Trunks(threading.local):
    """Those of this thread, the newest last."""

    def __init__(self) -> None:
        self.kept: list[_Trunk] = []


_trunks = _Trunks()


def grown(scenario: ResolvedScenario, parting: int, *, monitored: bool) -> Simulation:
    """Return a run before its first quarter, or later, if what comes before was simulated already.

    Parameters
    ----------
    scenario
        What is to be run.
    parting
        Quarter at which scenarios of the study part, counted from the start; 0 if none share any.
    monitored
        As of a `clustersim.recorder.Recorder`.
    """
    parting = min(parting, quarters_of(scenario))
    if parting == 0:
        return begin(scenario, monitored=monitored)
    for trunk in _trunks.kept:
        done = trunk.simulation.world.clock.step
        if trunk.monitored == monitored and common_quarters(trunk.scenario, scenario) >= done:
            simulation = copy.deepcopy(trunk.simulation)
            change(simulation, scenario)
            return simulation
    simulation = begin(scenario, monitored=monitored)
    go_to(simulation, parting)
    if simulation.world.actors.n_rows <= _LARGEST:
        del _trunks.kept[: max(len(_trunks.kept) - _KEPT + 1, 0)]
        _trunks.kept.append(_Trunk(scenario, copy.deepcopy(simulation), monitored))
    return simulation


def forget() -> None:
    """Let go of what this thread keeps."""
    _trunks.kept.clear()
