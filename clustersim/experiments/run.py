"""One run of one scenario: found the world, let the quarters pass, read off the stages."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustersim.experiments.legs import Added, Progress, begin, finish
from clustersim.experiments.proof import prove
from clustersim.experiments.provenance import environment
from clustersim.experiments.result import RunResult
from clustersim.experiments.user_mechanism import UserMechanism
from clustersim.mechanisms.base import Mechanism
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.resolved import Origin, ResolvedScenario
from clustersim.scenario.schema import TableSpec, default_schedule
from clustersim.store import check_target

if TYPE_CHECKING:
    from numpy.typing import NDArray

_READ_ALREADY = (
    "this scenario has been read already; give seed, years, overrides and table to read_scenario"
)

_TABLE = "table "
"""What the origin of a value from a table begins with."""


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
    started = Started.now()
    if isinstance(scenario, ResolvedScenario):
        if overrides or any(value is not None for value in (seed, years, table)):
            raise TypeError(_READ_ALREADY)
        resolved = scenario
    else:
        named = {"seed": seed, "years": years}
        given = {name: value for name, value in named.items() if value is not None}
        resolved = resolve(scenario, {**(overrides or {}), **given}, mechanisms, table)
    tables = finish(begin(resolved, mechanisms), resolved, mechanisms, progress)
    result = made(resolved, tables, started, mechanisms)
    if out is not None:
        result.save(out, force=force)
    return result


@dataclass(frozen=True)
class Started:
    """When a run was started."""

    time: str
    counter: float

    @classmethod
    def now(cls) -> Started:
        """Return this moment."""
        return cls(_now(), time.perf_counter())


def made(
    resolved: ResolvedScenario,
    tables: dict[str, dict[str, NDArray[Any]]],
    started: Started,
    mechanisms: Added = (),
    **more: Any,
) -> RunResult:
    """Return the result of a run that is done, with its manifest.

    Parameters
    ----------
    resolved
        The scenario.
    tables
        Of the run.
    started
        When it was started.
    mechanisms
        Mechanisms added to the scenario's own.
    **more
        What else the manifest says.
    """
    scenario = resolved.scenario
    proofs = prove(tables, scenario.policies, scenario.world.employment_scale)
    manifest = {
        "started": started.time,
        **describe_run(resolved, mechanisms),
        **({"rules": [proof.to_dict() for proof in proofs]} if proofs else {}),
        **environment(),
        "finished": _now(),
        "seconds": round(time.perf_counter() - started.counter, 3),
        **more,
    }
    return RunResult(tables, manifest)


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
