"""Mesa's window on a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clustersim.mechanisms.base import Mechanism
from clustersim.mesa_model.window import KEEPS_TIME, Window
from clustersim.scenario.graph_file import found_scenario
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.simulation import Simulation
from clustersim.world.world import DT


class ClusterModel(Window):
    """A simulation as a Mesa model.

    ``step()`` simulates a quarter. Stepping through Mesa or through ``model.simulation`` gives the
    same arrays, bit by bit: agents are a view, and nobody pays for them who does not ask.

    Parameters
    ----------
    source
        A simulation, or what to make one of: the name of a built-in scenario such as ``"base"``, a
        scenario file, or a scenario that has been read.
    seed
        Seed of the run instead of the scenario's, a whole number in [0, 2**63).
    mechanisms
        Mechanisms of your own, applied after those of the scenario.
    years
        After which ``running`` becomes False and ``run_model()`` ends. The scenario's, if left
        out; a simulation runs for ever.

    Attributes
    ----------
    simulation : Simulation
        The simulation, with its ``world``, ``draws`` and recorded ``tables()``.
    steps : int
        Steps taken through Mesa. What the world has seen is ``quarter``, and ``year``.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used; all its problems at once.
    TypeError
        If a simulation is combined with a seed or mechanisms, which it has already.
    ValueError
        If the seed is out of range.
    """

    def __init__(
        self,
        source: Simulation | ResolvedScenario | str | Path,
        *,
        seed: int | None = None,
        mechanisms: Sequence[Mechanism] = (),
        years: float | None = None,
    ) -> None:
        if isinstance(source, Simulation):
            if seed is not None or mechanisms:
                msg = "a simulation has its seed and mechanisms; give them to Simulation(...)"
                raise TypeError(msg)
            simulation = source
        else:
            simulation, scenario_years = _simulation(source, seed, mechanisms)
            years = scenario_years if years is None else years
        super().__init__(simulation.world, simulation.draws.seed)
        self.simulation = simulation
        self._last_quarter = None if years is None else self.quarter + round(years / DT)

    def step(self) -> None:
        """Simulate one quarter."""
        self.simulation.step()
        if not KEEPS_TIME:
            self.time = float(self.steps)
        if self.made:
            self.refresh()
        if self._last_quarter is not None and self.quarter >= self._last_quarter:
            self.running = False


def _simulation(
    source: ResolvedScenario | str | Path, seed: int | None, mechanisms: Sequence[Mechanism]
) -> tuple[Simulation, float]:
    """Return the simulation of a scenario, and its length in years."""
    resolved = source if isinstance(source, ResolvedScenario) else read_scenario(source)
    scenario = resolved.scenario
    chosen = scenario.seed if seed is None else seed
    simulation = Simulation(
        found_scenario(resolved, chosen),
        [*resolved.mechanisms(), *mechanisms],
        seed=chosen,
        record_every=scenario.record_every,
    )
    return simulation, scenario.years
