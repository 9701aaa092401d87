"""What a sweep will take: runs, time and disk, from a short trial of each of its scenarios."""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from clustersim.experiments.legs import begin, name_tables, quarters_of
from clustersim.experiments.life_cycles import cluster_series, life_cycle_tables
from clustersim.experiments.rerun import again
from clustersim.experiments.sweep.plan import Cell, Plan
from clustersim.experiments.sweep.work import monitored, with_names
from clustersim.store.adding import encoded_bytes
from clustersim.world.threads import usable_cores

_WARM: Final = 2
"""Quarters before anything is timed: kernels are compiled, and ties are made."""
_TIMED: Final = 6
_STATIC: Final = frozenset({"actors", "ties", "regions", "sectors", "fields"})
"""Tables that do not grow with the length of a run."""


@dataclass(frozen=True)
class Estimate:
    """What a sweep will take, roughly.

    Attributes
    ----------
    runs, cells, seeds
        How many.
    workers
        Processes that the time is for.
    seconds
        Time in all, by the clock.
    bytes
        Size of the store.
    free_bytes
        Room on the disk.
    """

    runs: int
    cells: int
    seeds: int
    workers: int
    seconds: float
    bytes: float
    free_bytes: int

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return asdict(self)


def estimate(plan: Plan, folder: str | Path, workers: int | None = None) -> Estimate:
    """Try each scenario for two years on this machine, and reckon what all runs will take.

    A world that grows takes longer than it says, and policies that begin later are not in it.

    Parameters
    ----------
    plan
        The sweep.
    folder
        Where it is to be kept.
    workers
        Processes; as many as there are cores if not given.
    """
    count = workers or usable_cores()
    tried: dict[str, tuple[float, float]] = {}
    seconds = size = 0.0
    for cell in plan.cells:
        if cell.scenario not in tried:
            tried[cell.scenario] = _try(plan, cell)
        seconds += tried[cell.scenario][0]
        size += tried[cell.scenario][1]
    place = Path(folder).expanduser().resolve()
    there = next(one for one in (place, *place.parents) if one.exists())
    return Estimate(
        runs=plan.n_runs,
        cells=len(plan.cells),
        seeds=len(plan.seeds),
        workers=count,
        seconds=seconds * len(plan.seeds) / min(count, plan.n_runs),
        bytes=size * len(plan.seeds),
        free_bytes=shutil.disk_usage(there).free,
    )


def _try(plan: Plan, cell: Cell) -> tuple[float, float]:
    """Return seconds and bytes of one run of a cell."""
    added = again(plan.mechanisms, None)
    resolved = cell.resolved(plan.seeds[0], added)
    begun = time.perf_counter()
    simulation = begin(resolved, added, monitored=monitored(plan.tables))
    founding = time.perf_counter() - begun
    world, every = simulation.world, resolved.scenario.record_every
    simulation.run(_WARM)
    begun = time.perf_counter()
    simulation.run(_TIMED)
    quarter = (time.perf_counter() - begun) / _TIMED
    tables = {**simulation.tables(), **name_tables(world)}
    series = cluster_series(tables["clusters"], world.n_regions, world.n_sectors)
    tables |= life_cycle_tables(series)
    n_quarters = quarters_of(resolved)
    records, so_far = n_quarters / every + 1, len(tables["economy"]["year"])
    size = 0.0
    for name in plan.tables:
        if name in tables:
            more = 1.0 if name in _STATIC else records / so_far
            size += encoded_bytes(with_names(tables[name], tables)) * more
    return founding + quarter * n_quarters, size
