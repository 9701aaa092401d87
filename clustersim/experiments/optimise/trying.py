"""Candidates are tried: runs at all points of the uncertainties and all seeds, and at those only.

Every candidate meets the same points and the same seeds, and so does what it is compared with,
which is run once for all that share it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from clustersim.experiments.optimise import OptimisationError
from clustersim.experiments.optimise.search import Journal, Tried
from clustersim.experiments.provenance import sources
from clustersim.experiments.sweep.plan import Cell, Plan, lay_out
from clustersim.experiments.sweep.study import Exploration, Optimisation, Study
from clustersim.experiments.sweep.trunks import forget
from clustersim.experiments.sweep.work import Job, OtherProgramError, work
from clustersim.experiments.workers import Failure, stream
from clustersim.scenario.nodes import Map
from clustersim.scenario.problems import ScenarioError
from clustersim.world.types import Floats

_COMPARED: Final = "compared"
Key = tuple[str, int]
"""Digest of a cell, and seed."""


class Trials:
    """Tries settings of the levers of a study.

    Parameters
    ----------
    study
        With its section `optimise`.
    file, root
        Where it was read from.
    journal
        Where runs of what candidates are compared with are kept.
    workers
        Processes; as many as there are cores if not given.
    progress
        Told after each run how many runs of those under way are done, and of how many.
    """

    def __init__(
        self,
        study: Study,
        *,
        file: str | Path | None,
        root: Map | None,
        journal: Journal,
        workers: int | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        if study.optimise is None:
            raise OptimisationError("the study has no section `optimise`")
        self._section: Optimisation = study.optimise
        self._study = study
        self._file, self._root = file, root
        self._journal, self._workers = journal, workers
        self._progress = progress
        self._compared: dict[Key, dict[str, float]] = {
            (digest, int(seed)): found for digest, seed, found in (journal.kept(_COMPARED) or [])
        }

    def __call__(self, candidates: Sequence[Mapping[str, Any]]) -> list[Tried]:
        """Try some settings of the levers."""
        plans: list[Plan | str] = []
        for values in candidates:
            try:
                plans.append(self.plan(values))
            except ScenarioError as error:
                plans.append(str(error.problems[0]))
        self._check_effects(plans)
        jobs: dict[Key, Job] = {}
        for plan in plans:
            if isinstance(plan, Plan):
                for cell in _needed(plan):
                    for seed in plan.seeds:
                        key = (cell.digest, seed)
                        if key not in self._compared:
                            jobs.setdefault(key, _job(plan, cell, seed))
        found = {**self._compared, **self._done(jobs)}
        tried = [
            self._tried(plan, found) if isinstance(plan, Plan) else (None, plan) for plan in plans
        ]
        self._keep_compared(plans, found)
        return tried

    def plan(self, values: Mapping[str, Any]) -> Plan:
        """Return what is run for a setting of the levers.

        Raises
        ------
        ScenarioError
            If the scenario does not take it.
        """
        return lay_out(at(self._study, values), file=self._file, root=self._root)

    def _done(self, jobs: Mapping[Key, Job]) -> dict[Key, dict[str, float] | str]:
        """Do runs; of one that fails, return why."""
        # Runs that share their first years come one after the other.
        keys = sorted(jobs, key=lambda key: (key[1], jobs[key].cell.point))
        found: dict[Key, dict[str, float] | str] = {}
        count = None if self._workers is None else min(self._workers, max(len(jobs), 1))
        for number, _, result in stream(work, [jobs[key] for key in keys], workers=count):
            if isinstance(result, Failure):
                if isinstance(result.error, OtherProgramError):
                    raise result.error
                found[keys[number]] = f"{type(result.error).__name__}: {result.error}"
            else:
                outcomes = result.tables["outcomes"]
                found[keys[number]] = {name: float(value[0]) for name, value in outcomes.items()}
            if self._progress is not None:
                self._progress(len(found), len(jobs))
        forget()
        return found

    def _tried(self, plan: Plan, found: Mapping[Key, dict[str, float] | str]) -> Tried:
        """Return outcomes and effects of a candidate, or why a run of it failed."""
        cells = _own(plan)
        for cell in _needed(plan):
            for seed in plan.seeds:
                one = found[cell.digest, seed]
                if isinstance(one, str):
                    return None, f"{cell.label} at seed {seed}: {one}"
        # A setting without any policy is compared with itself: it has no effect.
        those = [cell if cell.against < 0 else plan.cells[cell.against] for cell in cells]
        outcomes = {}
        for name in self._names():
            level = _matrix(found, cells, plan.seeds, name)
            outcomes[name] = level
            outcomes[f"effect:{name}"] = level - _matrix(found, those, plan.seeds, name)
        return outcomes, None

    def _check_effects(self, plans: Sequence[Plan | str]) -> None:
        """Refuse goals that are effects if no candidate is compared with anything."""
        laid = [plan for plan in plans if isinstance(plan, Plan)]
        effects = [goal.name for goal in self._section.goals if goal.of == "effect"]
        if not effects or not laid or self._compared:
            return
        if not any(cell.against >= 0 for plan in laid for cell in _own(plan)):
            raise OptimisationError(
                f"{self._study.title}: {', '.join(effects)}: the scenario is compared with "
                "nothing; it has no policies, and the study names no `baseline`"
            )

    def _names(self) -> tuple[str, ...]:
        """Return the outcomes that are looked at."""
        goals = (goal.outcome for goal in self._section.goals)
        return tuple(dict.fromkeys((*goals, *self._section.at_most, *self._section.at_least)))

    def _keep_compared(
        self, plans: Sequence[Plan | str], found: Mapping[Key, dict[str, float] | str]
    ) -> None:
        """Keep the runs of what candidates are compared with, for those that follow."""
        before = len(self._compared)
        for plan in plans:
            if isinstance(plan, Plan):
                own = {cell.number for cell in _own(plan)}
                for cell in _needed(plan):
                    for seed in plan.seeds:
                        one = found[cell.digest, seed]
                        if cell.number not in own and not isinstance(one, str):
                            self._compared[cell.digest, seed] = one
        if len(self._compared) > before:
            kept = [[*key, one] for key, one in self._compared.items()]
            self._journal.keep(_COMPARED, kept)


def at(study: Study, values: Mapping[str, Any]) -> Study:
    """Return a study with its levers set."""
    scenarios = tuple(
        one
        if one.known_as == study.baseline
        else one.model_copy(update={"set": {**one.set, **values}})
        for one in study.scenarios
    )
    effects = study.optimise is not None and any(
        goal.of == "effect" for goal in study.optimise.goals
    )
    return study.model_copy(
        update={
            "scenarios": scenarios,
            "levers": Exploration(),
            "optimise": None,
            "resilience": False,
            "counterparts": effects,
            "keep": (),
        }
    )


def check(study: Study, *, file: str | Path | None, root: Map | None) -> None:
    """Find out whether the scenario takes the ends of all ranges, one at a time.

    Raises
    ------
    ScenarioError
        With all that is wrong.
    """
    # A point in the middle stands for the search.
    levers = study.levers.model_copy(update={"design": "lhs", "samples": 1})
    lay_out(study.model_copy(update={"levers": levers, "optimise": None}), file=file, root=root)


def _own(plan: Plan) -> list[Cell]:
    """Return the cells of the scenario itself, a cell for each point."""
    return [
        cell
        for cell in plan.cells
        if cell.role == "scenario" and cell.scenario != plan.study.baseline
    ]


def _needed(plan: Plan) -> Iterator[Cell]:
    """Yield the cells that are run: of the scenario, and what it is compared with."""
    for cell in _own(plan):
        yield cell
        if cell.against >= 0:
            yield plan.cells[cell.against]


def _job(plan: Plan, cell: Cell, seed: int) -> Job:
    return Job(cell.number, seed, cell, (), plan.mechanisms, sources(), parting=plan.parting)


def _matrix(
    found: Mapping[Key, Any], cells: Sequence[Cell], seeds: Sequence[int], name: str
) -> Floats:
    """Return an outcome of points and seeds."""
    return np.array(
        [[found[cell.digest, seed][name] for seed in seeds] for cell in cells], dtype=np.float64
    )
