"""One run of one scenario: found the world, let the quarters pass, read off the stages."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from clustersim.experiments.life_cycles import cluster_series, life_cycle_tables
from clustersim.experiments.proof import prove
from clustersim.experiments.provenance import environment
from clustersim.experiments.result import RunResult
from clustersim.experiments.user_mechanism import UserMechanism, blamed
from clustersim.mechanisms.base import Mechanism
from clustersim.scenario.graph_file import found_scenario
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.resolved import Origin, ResolvedScenario
from clustersim.scenario.schema import TableSpec, default_schedule
from clustersim.simulation import Simulation
from clustersim.store import check_target
from clustersim.world.world import DT, World

if TYPE_CHECKING:
    from numpy.typing import NDArray

_READ_ALREADY = (
    "this scenario has been read already; give seed, years, overrides and table to read_scenario"
)

_TABLE = "table "
"""What the origin of a value from a table begins with."""

Progress = Callable[[int, int], None]
"""Called after each quarter with the quarters done and the quarters of the run."""


def run(  # noqa: PLR0913  # each is a choice of its own, by keyword
    scenario: str | Path | ResolvedScenario,
    *,
    seed: int | None = None,
    years: float | None = None,
    overrides: Mapping[str, Any] | None = None,
    mechanisms: Sequence[Mechanism | UserMechanism] = (),
    table: TableSpec | str | Path | None = None,
    progress: Progress | None = None,
    out: str | Path | None = None,
    force: bool = False,
) -> RunResult:
    """Run a scenario once.

    Parameters
    ----------
    scenario
        Name of a built-in scenario, a scenario file, or one that has been read already (then
        `seed`, `years`, `overrides` and `table` must not be given: they belong to its reading).
    seed
        Number of the luck; the scenario's own if not given.
    years
        Length of the run; the scenario's own if not given.
    overrides
        Further values to set, by dotted name, as ``{"learning.tie_rate": 0.2}``.
    mechanisms
        Mechanisms of your own; they join the end of the quarter in this order. Parameters of one
        from `load_mechanism` may be set by the scenario and by `overrides`.
    table
        Employment table from which the world is founded, instead of the scenario's regions and
        sectors: a file, or a `TableSpec` that says how to read it.
    progress
        Told after each quarter how far the run is.
    out
        Folder to write the result to when it is done; asked for before the run begins.
    force
        Replace a run in that folder.

    Returns
    -------
    RunResult

    Raises
    ------
    ScenarioError
        If the scenario cannot be used; all its problems at once.
    StoreError
        If the result could not be written to `out`.
    TypeError
        If a scenario that has been read is combined with values that belong to its reading, or
        `scenario` is none.
    MechanismFailedError
        If a mechanism from `load_mechanism` fails.
    """
    if not isinstance(scenario, str | Path | ResolvedScenario):
        raise TypeError(
            "scenario: expected the name of a built-in scenario, a file or a scenario that has "
            f"been read, got {type(scenario).__name__}"
        )
    if out is not None:
        check_target(out, force=force)
    started = time.perf_counter()
    manifest: dict[str, Any] = {"started": _now()}
    if isinstance(scenario, ResolvedScenario):
        if overrides or any(value is not None for value in (seed, years, table)):
            raise TypeError(_READ_ALREADY)
        resolved = scenario
    else:
        resolved = resolve(
            scenario, {**(overrides or {}), "seed": seed, "years": years}, mechanisms, table
        )
    tables = _simulate(resolved, mechanisms, progress)
    scenario_read = resolved.scenario
    proofs = prove(tables, scenario_read.policies, scenario_read.world.employment_scale)
    manifest |= {
        **describe_run(resolved, mechanisms),
        **({"rules": [proof.to_dict() for proof in proofs]} if proofs else {}),
        **environment(),
        "finished": _now(),
        "seconds": round(time.perf_counter() - started, 3),
    }
    result = RunResult(tables, manifest)
    if out is not None:
        result.save(out, force=force)
    return result


def resolve(
    source: str | Path,
    overrides: Mapping[str, Any] | None = None,
    mechanisms: Sequence[Mechanism | UserMechanism] = (),
    table: TableSpec | str | Path | None = None,
) -> ResolvedScenario:
    """Read a scenario for a run with mechanisms of the user's own.

    Parameters
    ----------
    source, mechanisms, table
        As for `run`.
    overrides
        As for `run`; a value of None is left to the scenario.

    Returns
    -------
    ResolvedScenario
        Its schedule ends with the mechanisms from `load_mechanism`. If `table` is given and
        `overrides` have no title, it is titled by the table.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    """
    values = {name: value for name, value in (overrides or {}).items() if value is not None}
    schedule = (*default_schedule(), *kinds(mechanisms))
    resolved = read_scenario(source, overrides=values, table=table, schedule=schedule)
    return resolved if table is None or "title" in values else _titled_by_table(resolved)


def _titled_by_table(resolved: ResolvedScenario) -> ResolvedScenario:
    """Title a scenario by the table that its world is from: its own title speaks of another."""
    origin = next((one for one in resolved.origins.values() if one.kind == "table"), None)
    if origin is None:
        return resolved
    file = _table_file(resolved, origin)
    title = file.stem + origin.place.path.removeprefix(f"{_TABLE}{file.name}")
    return replace(
        resolved,
        scenario=resolved.scenario.model_copy(update={"title": title}),
        values={**resolved.values, "title": title},
        origins={**resolved.origins, "title": origin},
    )


def _table_file(resolved: ResolvedScenario, origin: Origin) -> Path:
    """Return the file of a table that values come from."""
    names = {path.name: path for path in resolved.files}
    named = origin.place.path.removeprefix(_TABLE)
    return names[max((name for name in names if named.startswith(name)), key=len)]


def kinds(mechanisms: Sequence[Mechanism | UserMechanism]) -> tuple[type[Mechanism], ...]:
    """Return the classes of the mechanisms that came from files."""
    return tuple(one.kind for one in mechanisms if isinstance(one, UserMechanism))


def scenario_name(resolved: ResolvedScenario) -> str:
    """Return a short name of a scenario: that of its file, or of the table that titles it."""
    origin = resolved.origins.get("title")
    if origin is not None and origin.kind == "table":
        return _table_file(resolved, origin).stem
    return resolved.files[0].stem


def describe_run(
    resolved: ResolvedScenario, mechanisms: Sequence[Mechanism | UserMechanism] = ()
) -> dict[str, Any]:
    """Return the part of a manifest that is enough to repeat a run.

    Parameters
    ----------
    resolved
        The scenario.
    mechanisms
        Mechanisms added to its own.
    """
    scenario, name = resolved.scenario, scenario_name(resolved)
    return {
        "scenario": {
            "name": name,
            "title": scenario.title or name,
            "folder": str(resolved.files[0].parent.resolve()) if resolved.graph_file else None,
            "graph": graph_record(resolved),
            "files": [path.name for path in resolved.files],
            "text": resolved.text,
            "origins": _origins(resolved),
            "notes": list(resolved.notes),
            "employment_scale": scenario.world.employment_scale,
        },
        "seed": scenario.seed,
        "years": scenario.years,
        "mechanisms": [_record(mechanism) for mechanism in mechanisms],
    }


def _origins(resolved: ResolvedScenario) -> dict[str, str]:
    """Return where each value comes from, files by name: a manifest may be shown to others."""
    names = {str(path): path.name for path in resolved.files}
    found = {}
    for name, origin in sorted(resolved.origins.items()):
        text = str(origin)
        for path, short in names.items():
            text = text.replace(path, short)
        found[name] = text
    return found


def _simulate(
    resolved: ResolvedScenario,
    mechanisms: Sequence[Mechanism | UserMechanism],
    progress: Progress | None,
) -> dict[str, dict[str, NDArray[Any]]]:
    scenario = resolved.scenario
    world = found_scenario(resolved)
    simulation = Simulation(
        world,
        _schedule(resolved, mechanisms),
        seed=scenario.seed,
        record_every=scenario.record_every,
    )
    n_quarters = round(scenario.years / DT)
    on_quarter = None if progress is None else (lambda done: progress(done, n_quarters))
    with blamed([one for one in mechanisms if isinstance(one, UserMechanism)]):
        simulation.run(n_quarters, on_quarter=on_quarter)
    tables = {**simulation.tables(), **name_tables(world)}
    series = cluster_series(tables["clusters"], world.n_regions, world.n_sectors)
    return {**tables, **life_cycle_tables(series)}


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


def _schedule(
    resolved: ResolvedScenario, mechanisms: Sequence[Mechanism | UserMechanism]
) -> list[Mechanism]:
    """Return the mechanisms of the scenario, then those that are not in its schedule."""
    added = [one.kind() if isinstance(one, UserMechanism) else one for one in mechanisms]
    return [*resolved.mechanisms(), *(one for one in added if type(one) not in resolved.schedule)]


def _record(mechanism: Mechanism | UserMechanism) -> dict[str, Any]:
    """Return what the manifest keeps of a mechanism of the user's own."""
    if isinstance(mechanism, UserMechanism):
        return mechanism.record()
    kind = type(mechanism)
    return {"class": kind.__name__, "file": None, "parameters": mechanism.model_dump(mode="json")}


def graph_record(resolved: ResolvedScenario) -> dict[str, str] | None:
    """Return file and content of the graph a world is founded from, the one thing not in `text`."""
    file = resolved.graph_file
    if file is None:
        return None
    return {"file": str(file.resolve()), "sha256": hashlib.sha256(file.read_bytes()).hexdigest()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
