"""A run in legs: which scenario holds from which quarter on.

Most runs have one leg. A branch has more: the same world goes on with other policies, parameters or
shocks. As luck belongs to the seed, the decision, the step and the actor, and every policy and
mechanism keeps what it has in the world, nothing but what changes differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from clustersim.experiments.life_cycles import cluster_series, life_cycle_tables
from clustersim.experiments.user_mechanism import UserMechanism, blamed
from clustersim.mechanisms.base import Mechanism
from clustersim.policies.authority import has_money
from clustersim.scenario.graph_file import found_scenario
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.scenario.schema import Scenario
from clustersim.simulation import Simulation
from clustersim.world.policy import Policy
from clustersim.world.world import DT, World

if TYPE_CHECKING:
    from numpy.typing import NDArray

Progress = Callable[[int, int], None]
"""Called after each quarter with the quarters done and the quarters of the run."""
Added = Sequence[Mechanism | UserMechanism]
"""Mechanisms of the user's own."""


@dataclass(frozen=True)
class Leg:
    """A part of a run.

    Attributes
    ----------
    scenario
        The scenario that holds.
    since
        The quarter from which it holds, counted from the start.
    """

    scenario: ResolvedScenario
    since: int = 0


def quarters_of(resolved: ResolvedScenario) -> int:
    """Return the quarters that a scenario lasts."""
    return round(resolved.scenario.years / DT)


def acting(scenario: Scenario, year: float) -> list[Policy]:
    """Return the policies of a scenario that act at a time, or have acted and fade.

    Before its year a policy is looked at by nothing, and neither places nor offices are chosen for
    it.
    """
    if not scenario.parameters.get("policy.enabled", True):
        return []
    return [one for one in scenario.policies if one.enabled and has_money(one) and one.year <= year]


def begin(resolved: ResolvedScenario, added: Added = (), *, monitored: bool = True) -> Simulation:
    """Return the run of a scenario before its first quarter; `monitored` as of a `Recorder`."""
    scenario = resolved.scenario
    return Simulation(
        found_scenario(resolved),
        schedule_of(resolved, added),
        seed=scenario.seed,
        record_every=scenario.record_every,
        monitored=monitored,
    )


def change(simulation: Simulation, resolved: ResolvedScenario, added: Added = ()) -> None:
    """Let another scenario hold from now on; the world and its luck stay as they are."""
    simulation.mechanisms = tuple(schedule_of(resolved, added))


def go_to(
    simulation: Simulation,
    quarter: int,
    added: Added = (),
    on_quarter: Callable[[int], None] | None = None,
) -> None:
    """Simulate up to a quarter from which the run goes on: no record is made for its sake.

    Parameters
    ----------
    simulation
        The run.
    quarter
        The quarter that comes next then.
    added
        Mechanisms of the user's own, which are named where they fail.
    on_quarter
        Told the number of quarters done since the start.
    """
    with blamed(_from_files(added)):
        while simulation.world.clock.step < quarter:
            simulation.step()
            if on_quarter is not None:
                on_quarter(simulation.world.clock.step)


def play(
    legs: Sequence[Leg],
    quarter: int,
    added: Added = (),
    progress: Progress | None = None,
    *,
    of: int,
) -> Simulation:
    """Return a run in legs as it is before some quarter, under the last of the legs.

    Parameters
    ----------
    legs
        In their order; the first one since quarter 0.
    quarter
        The quarter that comes next then.
    added
        Mechanisms of the user's own.
    progress
        Told after each quarter.
    of
        Quarters that it is told the run has.
    """
    simulation = begin(legs[0].scenario, added)
    told = None if progress is None else (lambda done: progress(done, of))
    for leg in legs:
        go_to(simulation, leg.since, added, told)
        change(simulation, leg.scenario, added)
    go_to(simulation, quarter, added, told)
    return simulation


def finish(
    simulation: Simulation,
    resolved: ResolvedScenario,
    added: Added = (),
    progress: Progress | None = None,
) -> dict[str, dict[str, NDArray[Any]]]:
    """Simulate what is left of a scenario and return all tables of the run.

    Parameters
    ----------
    simulation
        The run, at any quarter before its end.
    resolved
        The scenario that holds.
    added
        Mechanisms of the user's own.
    progress
        Told after each quarter, out of all quarters of the scenario.
    """
    world, n_quarters = simulation.world, quarters_of(resolved)
    before = world.clock.step
    on_quarter = None if progress is None else (lambda done: progress(before + done, n_quarters))
    with blamed(_from_files(added)):
        simulation.run(n_quarters - before, on_quarter=on_quarter)
    tables = {**simulation.tables(), **name_tables(world)}
    series = cluster_series(tables["clusters"], world.n_regions, world.n_sectors)
    return {**tables, **life_cycle_tables(series)}


def schedule_of(resolved: ResolvedScenario, added: Added) -> list[Mechanism]:
    """Return the mechanisms of the scenario, then those that are not in its schedule."""
    own = [one.kind() if isinstance(one, UserMechanism) else one for one in added]
    return [*resolved.mechanisms(), *(one for one in own if type(one) not in resolved.schedule)]


def _from_files(added: Added) -> list[UserMechanism]:
    return [one for one in added if isinstance(one, UserMechanism)]


def name_tables(world: World) -> dict[str, dict[str, NDArray[Any]]]:
    """Return the names behind the indices, and where the regions are."""
    regions, sectors = world.regions, world.sectors
    return {
        "regions": {
            "region": np.arange(world.n_regions, dtype=np.int32),
            "name": np.array(regions.names, dtype=np.str_),
            "x": regions.x.copy(),
            "y": regions.y.copy(),
        },
        "sectors": {
            "sector": np.arange(world.n_sectors, dtype=np.int32),
            "name": np.array(sectors.names, dtype=np.str_),
        },
        "fields": {
            "field": np.arange(world.n_fields, dtype=np.int32),
            "name": np.array(world.fields.names, dtype=np.str_),
        },
    }
