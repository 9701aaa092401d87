"""The runs of a comparison: a sweep of scenarios and what they are compared with, and its pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from clustersim.experiments.comparison.judged import USUAL, Comparison, Named, put_together
from clustersim.experiments.comparison.money import Prices
from clustersim.experiments.comparison.seen import TABLES, Seen, see
from clustersim.experiments.comparison.weathering import Weathered, weathered
from clustersim.experiments.sweep.keeping import plan_of
from clustersim.experiments.sweep.plan import NO_CELL, Cell, Plan
from clustersim.experiments.sweep.study import Alternative, Replications, Study, is_study
from clustersim.experiments.sweep.sweep import HERE, Engine, begin_or_go_on, planned, resume
from clustersim.experiments.sweep.work import with_indices
from clustersim.experiments.workers import each, seed_numbers
from clustersim.scenario.problems import Problem, ScenarioError
from clustersim.store import StoredRuns, StoreError, Tables, is_store_of_runs, read_runs

SEEDS: Final = 20
MOST_SEEDS: Final = 1_000
GOAL: Final = "jobs at the end"
"""Outcome, of the whole economy, whose interval a precision is about if none is named."""


@dataclass(frozen=True)
class Wanted:
    """How sure a comparison is to be.

    Attributes
    ----------
    half
        Half the width of the interval of an effect: a share of what there is without, or in the
        unit of the outcome where that is a share itself.
    outcome
        Name of the outcome, in the whole economy.
    most
        Seeds at most.
    """

    half: float
    outcome: str = GOAL
    most: int = MOST_SEEDS


def compare(  # noqa: PLR0913  # each is a choice of its own, by keyword
    scenarios: str | Path | Study | StoredRuns | Sequence[str | Path],
    *,
    baseline: str | None = None,
    seeds: int | Sequence[int] | None = None,
    overrides: Mapping[str, Any] | None = None,
    prices: Prices = USUAL,
    resilience: bool = False,
    wanted: Wanted | None = None,
    point: int | None = None,
    out: str | Path | None = None,
    engine: Engine = HERE,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Compare scenarios with a baseline, or each with what it names, on the same luck.

    Parameters
    ----------
    scenarios
        Names or files of scenarios; or a study or its file; or runs that have been stored, or their
        folder, of which the seeds are looked at that have all scenarios.
    baseline
        What all are compared with; each with its own counterpart (`against:`, or itself without its
        policies) if not given.
    seeds
        How many, from 1 on, or which; `SEEDS` if not given.
    overrides
        Values by dotted name, for all runs; None is left to the scenarios.
    prices
        What effects are worth, and how the future counts.
    resilience
        Whether each pair runs once more without its shocks, to see what a policy does to
        resilience.
    wanted
        How sure it is to be: seeds are added until it is.
    point
        Point of the uncertainties, where a study has several.
    out
        Folder in which the runs are kept, as those of a sweep; one that holds the same comparison
        is gone on with. They are thrown away if it is not given.
    engine
        Who does the runs.
    progress
        Told after each run how many are done, and of how many; of stored runs after each seed that
        has been read.

    Returns
    -------
    Comparison

    Raises
    ------
    ScenarioError
        If a scenario cannot be used, or has nothing that it could be compared with.
    StoreError
        If the runs cannot be kept; or if nothing can be compared: a table is missing, no seed is
        complete, or there are several points and none is chosen.
    ValueError
        If there is no scenario or no seed, nothing is called as the outcome that is wanted, or
        something is asked for that a study or stored runs say themselves.
    """
    what = scenarios
    if isinstance(what, str | Path) and is_store_of_runs(Path(what)):
        what = read_runs(what)
    if isinstance(what, StoredRuns | Study) or (isinstance(what, str | Path) and is_study(what)):
        if baseline is not None or seeds is not None or overrides or resilience:
            raise ValueError(
                "a study, and runs that are stored, say themselves what is run: no baseline, "
                "seeds, values or resilience can be given"
            )
    else:
        what = study_of(
            [what] if isinstance(what, str | Path) else what,
            baseline,
            seed_numbers(SEEDS if seeds is None else seeds),
            overrides,
            resilience=resilience,
        )
    if not isinstance(what, StoredRuns):
        return _run(planned(what), prices, wanted, point, out, engine, progress)
    if wanted is not None or out is not None:
        raise ValueError(
            "runs that are stored are compared as they are: nothing can be wanted or kept; "
            f"`clustersim resume {what.folder} --add-replications N` adds seeds"
        )
    return compare_stored(
        what, prices=prices, point=point, workers=engine.workers, progress=progress
    )


def _run(
    plan: Plan,
    prices: Prices,
    wanted: Wanted | None,
    point: int | None,
    out: str | Path | None,
    engine: Engine,
    progress: Callable[[int, int], None] | None,
) -> Comparison:
    check(plan)
    with _folder(out) as folder:
        begin_or_go_on(plan, folder)
        stored = resume(folder, engine=engine, progress=progress)
        found = compare_stored(stored, prices=prices, point=point, workers=engine.workers)
        while wanted is not None and (more := _missing(found, wanted)):
            stored = resume(folder, engine=engine, add_replications=more, progress=progress)
            found = compare_stored(stored, prices=prices, point=point, workers=engine.workers)
    return found


def study_of(
    scenarios: Sequence[str | Path],
    baseline: str | None,
    seeds: Sequence[int],
    overrides: Mapping[str, Any] | None = None,
    *,
    resilience: bool = False,
) -> Study:
    """Return the study that a comparison comes to; errors as `compare`."""
    if not scenarios:
        raise ValueError("scenarios: expected at least one")
    scenarios = [str(one) for one in scenarios]
    if baseline is not None and baseline not in scenarios:
        scenarios = [baseline, *scenarios]
    names = told_apart([Path(one).stem for one in scenarios])
    first = None if baseline is None else names[scenarios.index(baseline)]
    return Study(
        title=f"Comparison of {', '.join(name for name in names if name != first)}",
        scenarios=tuple(
            Alternative(scenario=one, name=name) for one, name in zip(scenarios, names, strict=True)
        ),
        baseline=first,
        counterparts=True,
        resilience=resilience,
        set={name: value for name, value in (overrides or {}).items() if value is not None},
        replications=Replications(seeds=tuple(seeds)),
        keep=tuple(name for name in TABLES if name not in {"regions", "sectors"}),
    )


def told_apart(names: Sequence[str]) -> list[str]:
    """Return names of which none is there twice: the second "poles" is "poles (2)"."""
    out: list[str] = []
    for name in names:
        label, number = name, 1
        while label in out:
            number += 1
            label = f"{name} ({number})"
        out.append(label)
    return out


@contextmanager
def _folder(out: str | Path | None) -> Iterator[Path]:
    if out is not None:
        yield Path(out)
        return
    with TemporaryDirectory(prefix="clustersim-") as folder:
        yield Path(folder) / "runs"


def check(plan: Plan) -> None:
    """Make sure that each scenario can be compared place by place.

    Raises
    ------
    ScenarioError
        If one has nothing that it could be compared with, or other places, years or records.
    """
    problems: dict[str, Problem] = {}
    for cell in cases_of(plan, every=True):
        if cell.against == NO_CELL:
            problems[cell.scenario] = Problem(
                cell.scenario,
                None,
                None,
                "it has no policies and no `against:`, so there is nothing to compare it with",
                "a counterpart",
                "name one by `--baseline`, or in a study by `baseline:` or `counterparts: true`",
            )
            continue
        other = plan.cells[cell.against]
        mine, theirs = _frame(cell), _frame(other)
        unlike = [name for name, value in mine.items() if value != theirs[name]]
        if unlike:
            problems[cell.scenario] = Problem(
                cell.scenario,
                None,
                None,
                f"it differs from {other.scenario} in {', '.join(unlike)}",
                "the same places, years and records",
                "give all `--years`, or `--set record_every=4`",
            )
    if problems:
        raise ScenarioError(list(problems.values()))


def cases_of(plan: Plan, *, every: bool = False) -> list[Cell]:
    """Return the cells that are compared with something; or `every` that should be."""
    return [
        cell
        for cell in plan.cells
        if cell.role == "scenario"
        and cell.scenario != plan.study.baseline
        and (every or cell.against != NO_CELL)
    ]


def _frame(cell: Cell) -> dict[str, Any]:
    """Return what two scenarios must share to be compared place by place."""
    data = cell.data
    world = data["world"]
    return {
        "regions": [one["name"] for one in world["regions"]],
        "sectors": [one["name"] for one in world["sectors"]],
        "start_year": world["start_year"],
        "years": data["years"],
        "record_every": data["record_every"],
    }


@dataclass(frozen=True)
class _Job:
    """All pairs of one seed; it travels to a worker, which reads them."""

    folder: str
    stamp: int
    """Changes when runs are added, so that what was read before is not taken."""
    pairs: tuple[tuple[int, int], ...]
    calm: tuple[tuple[int, int] | None, ...]
    """Numbers of the runs without shocks, if there are any."""


def compare_stored(
    stored: StoredRuns,
    *,
    prices: Prices = USUAL,
    point: int | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Compare the scenarios of a sweep that has been stored.

    Only seeds at which every pair is stored are looked at.

    Parameters
    ----------
    stored
        The store.
    prices
        What effects are worth, and how the future counts.
    point
        Point of the uncertainties, where a study has several.
    workers
        Processes that read; as many as there are cores if not given.
    progress
        Told after each seed how many are done, and of how many.

    Raises
    ------
    StoreError
        If nothing can be compared: a table is missing, no seed is complete, or there are several
        points and none is chosen.
    ScenarioError
        As `check`.
    """
    plan = plan_of(stored)
    missing = [one for one in _NEEDED if one not in plan.tables]
    if missing:
        raise StoreError(
            f"{stored.folder}: a comparison needs {', '.join(missing)}, which the study does not "
            "`keep:`"
        )
    check(plan)
    cells = _at_point(plan, point, stored)
    orders = [order for order in range(len(plan.seeds)) if _complete(stored, plan, cells, order)]
    if not orders:
        raise StoreError(
            f"{stored.folder}: there is no seed yet at which all scenarios are stored; go on by "
            f"`clustersim resume {stored.folder}`"
        )
    jobs = [_job(stored, plan, cells, order) for order in orders]
    found = each(_read, jobs, workers=workers, progress=progress)
    by_case = list(zip(*found, strict=True))
    shaken = any(cell.calm != NO_CELL for cell in cells)
    return put_together(
        [plan.seeds[order] for order in orders],
        [_named(plan, cell) for cell in cells],
        [[one for one, _ in several] for several in by_case],
        prices=prices,
        shaken=[[one for _, one in several] for several in by_case] if shaken else None,
    )


_NEEDED: Final = tuple(name for name in TABLES if name != "ledger")


def _at_point(plan: Plan, point: int | None, stored: StoredRuns) -> list[Cell]:
    cells = cases_of(plan)
    there = sorted({cell.point for cell in cells})
    if point is None and len(there) > 1:
        raise StoreError(
            f"{stored.folder}: the study has {len(there)} points of uncertainties; choose one by "
            f"`--point`, {there[0]} to {there[-1]}, or see `clustersim sensitivity`"
        )
    chosen = there[0] if point is None else point
    if chosen not in there:
        raise StoreError(f"{stored.folder}: no point {chosen}; there are {there[0]} to {there[-1]}")
    return [cell for cell in cells if cell.point == chosen]


def _needed(plan: Plan, cells: Sequence[Cell]) -> set[int]:
    """Return the cells that are read for some cases."""
    numbers = {number for cell in cells for number in (cell.number, cell.against, cell.calm)}
    numbers |= {plan.cells[cell.against].calm for cell in cells}
    return numbers - {NO_CELL}


def _complete(stored: StoredRuns, plan: Plan, cells: Sequence[Cell], order: int) -> bool:
    first = order * len(plan.cells)
    return all(first + number in stored.state.done for number in _needed(plan, cells))


def _job(stored: StoredRuns, plan: Plan, cells: Sequence[Cell], order: int) -> _Job:
    first = order * len(plan.cells)
    calm: list[tuple[int, int] | None] = []
    for cell in cells:
        # Who has no shocks is calm already.
        both = [one.calm for one in (cell, plan.cells[cell.against])]
        mine, other = (
            first + (number if one == NO_CELL else one)
            for number, one in zip((cell.number, cell.against), both, strict=True)
        )
        calm.append(None if both == [NO_CELL, NO_CELL] else (mine, other))
    return _Job(
        folder=str(stored.folder),
        stamp=len(stored.state.parts),
        pairs=tuple((first + cell.number, first + cell.against) for cell in cells),
        calm=tuple(calm),
    )


@lru_cache(maxsize=1)
def _opened(folder: str, stamp: int) -> StoredRuns:  # noqa: ARG001  # the stamp tells what is new
    return read_runs(folder)


def _read(job: _Job) -> list[tuple[Seen, Weathered | None]]:
    """Read all pairs of a seed and reduce them; what several are compared with is read once."""
    stored = _opened(job.folder, job.stamp)
    read: dict[int, Tables] = {}

    def tables(run: int) -> Tables:
        if run not in read:
            read[run] = with_indices(stored.tables(run, TABLES))
        return read[run]

    out: list[tuple[Seen, Weathered | None]] = []
    for (mine, other), calm in zip(job.pairs, job.calm, strict=True):
        done, without = tables(mine), tables(other)
        shaken = None
        if calm is not None:
            shaken = weathered(done, without, *(tables(run) for run in calm))
        out.append((see(done, without), shaken))
    return out


def _named(plan: Plan, cell: Cell) -> Named:
    other = plan.cells[cell.against]
    chosen = [name for name in cell.values if name in plan.study.levers.parameters]
    setting = ", ".join(f"{name} = {_short(cell.values[name])}" for name in chosen)
    more = f" ({setting})" if setting else ""
    return Named(f"{cell.scenario}{more}", f"{cell.title}{more}", other.title)


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _missing(found: Comparison, wanted: Wanted) -> int:
    """Return how many seeds more are needed, at most as many again as there are."""
    n = len(found.seeds)
    needed = n
    for case in found.cases:
        rows = [one for one in case.contrasts if one.scope == "all"]
        mine = [one for one in rows if one.outcome == wanted.outcome]
        if not mine:
            names = ", ".join(one.outcome for one in rows)
            raise ValueError(f"outcome: nothing is called {wanted.outcome!r}; there are {names}")
        effect = mine[0].effect
        if math.isnan(effect.low) or 0.5 * (effect.high - effect.low) > wanted.half:
            needed = max(needed, mine[0].seeds_for(wanted.half) or 2 * n, n + 1)
    return max(min(needed, 2 * n, wanted.most) - n, 0)
