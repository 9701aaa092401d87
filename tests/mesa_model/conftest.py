"""A small simulation, made anew for each test."""

from collections.abc import Callable, Sequence

import pytest

from clustersim.mechanisms.base import Mechanism
from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.founding import found
from clustersim.world.spec import RegionSpec, SectorSpec, WorldSpec

Make = Callable[..., Simulation]


@pytest.fixture
def make() -> Make:
    """Function that makes a simulation of two regions and two sectors."""

    def _make(seed: int = 1, more: Sequence[Mechanism] = ()) -> Simulation:
        spec = WorldSpec(
            sectors=(SectorSpec(name="tools"), SectorSpec(name="boats")),
            regions=(
                RegionSpec(name="north", rtos=1, jobs={"tools": 300, "boats": 80}),
                RegionSpec(
                    name="south",
                    universities=2,
                    jobs={"tools": 60, "boats": 200},
                    cluster_organisations={"boats": 1},
                ),
            ),
        )
        return Simulation(found(spec, seed), [*mechanisms(), *more], seed=seed)

    return _make


@pytest.fixture
def simulation(make: Make) -> Simulation:
    """Simulation with seed 1."""
    return make()
