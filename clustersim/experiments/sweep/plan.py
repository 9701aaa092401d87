"""What a study comes to: cells (a scenario with all its values) and seeds; a run is one of each."""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from clustersim.experiments.counterpart import counterpart
from clustersim.experiments.run import describe_run, graph_record, kinds, resolve
from clustersim.experiments.sweep.points import Point, points
from clustersim.experiments.sweep.study import NAMES, Alternative, Exploration, Factor, Study
from clustersim.experiments.user_mechanism import UserMechanism, load_mechanism
from clustersim.scenario.nodes import Map
from clustersim.scenario.problems import Findings, Place, Problem, ScenarioError
from clustersim.scenario.reader import read_scenario_data
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.scenario.schema import default_schedule
from clustersim.scenario.validate import locate
from clustersim.world.world import DT

_ASIDE: Final = ("seed", "title", "about", "question", "against", "schema_version")
"""What of a scenario makes no difference to its runs, the seed set apart."""
NO_CELL: Final = -1
_ROLES: Final[Mapping[str, str]] = {
    "scenario": "",
    "counterpart": " (counterpart)",
    "calm": " (without shocks)",
    "calm counterpart": " (counterpart, without shocks)",
}
_SHOWN: Final = 5


@dataclass(frozen=True)
class Cell:
    """A scenario with all its values, but for the seed.

    Attributes
    ----------
    number
        Of the cell, from 0 on.
    scenario, title
        Its name in the study, and what it is called.
    role
        ``"scenario"``; ``"counterpart"``, what one is compared with; ``"calm"`` and ``"calm
        counterpart"``, these two without their shocks.
    option, point
        Numbers of the setting of the levers and of the uncertainties; -1 for none of them.
    values, shares
        Values set by the study, and shares of the ranges, by dotted name.
    against, calm
        Cell of what it is compared with, and of itself without shocks; -1 for none.
    content
        All its values: JSON, compressed by zlib.
    folder, graph
        Where a graph is that the world is founded from, and what it was; else None.
    """

    number: int
    scenario: str
    title: str
    role: str
    option: int
    point: int
    values: Mapping[str, Any]
    shares: Mapping[str, float]
    against: int
    calm: int
    content: bytes
    folder: str | None = None
    graph: Mapping[str, str] | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The scenario as plain data."""
        found: dict[str, Any] = json.loads(zlib.decompress(self.content))
        return found

    @property
    def label(self) -> str:
        """What its rows are marked with in the tables."""
        return self.scenario + _ROLES[self.role]

    @property
    def digest(self) -> str:
        """SHA-256 of what makes a difference to its runs, the seed set apart."""
        return _digest(self.data)

    def resolved(self, seed: int, mechanisms: Sequence[UserMechanism] = ()) -> ResolvedScenario:
        """Return the scenario at a seed, ready to run."""
        return read_scenario_data(
            {**self.data, "seed": seed},
            name=f"{self.scenario}.yaml",
            folder=None if self.folder is None else Path(self.folder),
            schedule=(*default_schedule(), *kinds(mechanisms)),
        )


@dataclass(frozen=True)
class Plan:
    """All runs of a study.

    Attributes
    ----------
    study
        What was asked for.
    cells
        Of each seed.
    seeds
        In the order in which they are run. Run ``k * len(cells) + c`` is cell ``c`` at the k-th
        seed, so that more seeds leave the numbers as they are.
    mechanisms
        Those of the user's own, as in a manifest.
    """

    study: Study
    cells: tuple[Cell, ...]
    seeds: tuple[int, ...]
    mechanisms: tuple[Mapping[str, Any], ...] = ()
    described: tuple[Mapping[str, Any], ...] = ()
    """Each scenario without what is varied: text, files and where each value comes from."""

    @property
    def n_runs(self) -> int:
        """Number of runs."""
        return len(self.cells) * len(self.seeds)

    def run(self, number: int) -> tuple[Cell, int]:
        """Return cell and seed of a run."""
        order, cell = divmod(number, len(self.cells))
        return self.cells[cell], self.seeds[order]

    def with_seeds(self, seeds: Sequence[int]) -> Plan:
        """Return the plan with other seeds."""
        return replace(self, seeds=tuple(seeds))

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables that are stored."""
        return tuple(dict.fromkeys((*NAMES, *self.study.keep)))

    @cached_property
    def parting(self) -> int:
        """Quarter in which the first policy of any cell begins; 0 if there is none, or one cell."""
        if len(self.cells) == 1:
            return 0
        years = [
            policy["year"] - data["world"]["start_year"]
            for data in (cell.data for cell in self.cells)
            for policy in data.get("policies", ())
        ]
        return max(math.ceil(min(years, default=0.0) / DT), 0)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the configuration; seeds are set apart, as more may be added."""
        content = {
            "cells": [(cell.digest, cell.against, cell.calm) for cell in self.cells],
            "graphs": [cell.graph and cell.graph["sha256"] for cell in self.cells],
            "tables": self.tables,
            "mechanisms": [dict(one) for one in self.mechanisms],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def lay_out(
    study: Study,
    *,
    file: str | Path | None = None,
    root: Map | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """Work out what is to be run, and check all of it.

    Parameters
    ----------
    study
        What is asked for.
    file, root
        Where it was read from: files that it names are looked for beside it, and problems are told
        with their places.
    progress
        Told after each scenario that has been read how many are done, and of how many.

    Returns
    -------
    Plan

    Raises
    ------
    ScenarioError
        With all that is wrong.
    UserMechanismError
        If a mechanism of the user's own cannot be used.
    MissingExtraError
        If a design needs a library that is not installed.
    """
    if study.levers.design == "search":
        raise ScenarioError(
            [
                Problem(
                    str(file or "study"),
                    None,
                    None,
                    "levers are searched, not laid out",
                    hint="use `clustersim optimise`, or give `levers` another `design`",
                )
            ]
        )
    folder = Path(file).parent if file is not None else Path()
    beside = [_beside(folder, source) for source in study.mechanisms]
    mechanisms = tuple(load_mechanism(source) for source in beside)
    builder = _Builder(study, folder, mechanisms)
    builder.check(str(file or "study"), root)
    builder.build(progress)
    return Plan(
        study=study,
        cells=tuple(builder.cells),
        seeds=study.replications.numbers,
        mechanisms=tuple(one.record() for one in mechanisms),
        described=tuple(
            {**describe_run(builder.read(one, {}), mechanisms)["scenario"], "name": one.known_as}
            for one in study.scenarios
        ),
    )


def _beside(folder: Path, source: str) -> str:
    path, colon, kind = source.rpartition(":")
    file = path if colon and path.endswith(".py") else source
    found = str(folder / file) if (folder / file).is_file() else file
    return f"{found}:{kind}" if file != source else found


class _Builder:
    """Puts the cells of a study together; equal ones are kept once."""

    def __init__(self, study: Study, folder: Path, mechanisms: Sequence[UserMechanism]) -> None:
        self.study = study
        self.folder = folder
        self.mechanisms = mechanisms
        self.cells: list[Cell] = []
        self.known: dict[tuple[Any, ...], int] = {}

    def check(self, shown: str, root: Map | None) -> None:
        """Find out whether the scenarios take the ends of all ranges, one at a time."""
        findings = Findings()
        for number, one in enumerate(self.study.scenarios):
            try:
                self.read(one, {})
            except ScenarioError as error:
                self._note(findings, error, shown, root, ("scenarios", number))
                continue
            for part in ("uncertainties", "levers"):
                exploration: Exploration = getattr(self.study, part)
                for name, factor in exploration.parameters.items():
                    if self.holds(part, one, factor):
                        self._try(findings, one, name, factor, shown, root, part)
        findings.raise_if_any()

    def _try(
        self,
        findings: Findings,
        one: Alternative,
        name: str,
        factor: Factor,
        shown: str,
        root: Map | None,
        part: str,
    ) -> None:
        for value in factor.ends():
            try:
                self.read(one, {name: value})
            except ScenarioError as error:
                self._note(
                    findings, error, shown, root, (part, "parameters", name), f"{one.known_as}: "
                )
                return

    def _note(  # what, where, and in which words
        self,
        findings: Findings,
        error: ScenarioError,
        shown: str,
        root: Map | None,
        path: tuple[str | int, ...],
        before: str = "",
    ) -> None:
        for found in error.problems:
            place = Place(shown) if root is None else locate(root, path)[1]
            told = found.message
            if not found.path.startswith("command line"):
                told = f"{Place(found.path, found.line, found.column)}: {told}"
            findings.add(place, f"{before}{told}", found.expected, found.hint)

    def holds(self, part: str, one: Alternative, factor: Factor) -> bool:
        """Tell whether a factor is varied in a scenario; a baseline has no levers."""
        if part == "levers" and one.known_as == self.study.baseline:
            return False
        return factor.scenarios is None or one.known_as in factor.scenarios

    def overrides(self, one: Alternative, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return all that is set for a scenario of the study."""
        length = {} if self.study.years is None else {"years": self.study.years}
        return {**length, **self.study.set, **one.set, **values}

    def read(self, one: Alternative, values: Mapping[str, Any]) -> ResolvedScenario:
        """Read a scenario with the values of a cell."""
        beside = self.folder / one.scenario
        source = str(beside) if beside.is_file() else one.scenario
        return resolve(source, self.overrides(one, values), self.mechanisms)

    def build(self, progress: Callable[[int, int], None] | None) -> None:
        """Make all cells."""
        wanted = list(self._combinations())
        problems: list[Problem] = []
        for done, (one, option, point, values, shares) in enumerate(wanted, start=1):
            try:
                self._cell(one, option, point, values, shares)
            except ScenarioError as error:
                at = ", ".join(f"{name}={value}" for name, value in values.items())
                problems += [
                    replace(found, message=f"{one.known_as} at {at}: {found.message}")
                    for found in error.problems
                ]
                if len(problems) >= _SHOWN:
                    break
            if progress is not None:
                progress(done, len(wanted))
        if problems:
            raise ScenarioError(problems)
        self._compare_with_baseline()

    def _combinations(
        self,
    ) -> Iterator[tuple[Alternative, int, int, dict[str, Any], dict[str, float]]]:
        study = self.study
        uncertain, levers = points(study.uncertainties), points(study.levers)
        for one in study.scenarios:
            some = [
                (number, lever.of(one.known_as, study.levers.parameters), lever)
                for number, lever in enumerate(levers)
            ]
            if one.known_as == study.baseline or not any(values for _, values, _ in some):
                some = [(NO_CELL, {}, Point({}, {}))]
            for option, chosen, lever in some:
                for point, state in enumerate(uncertain):
                    values = state.of(one.known_as, study.uncertainties.parameters)
                    yield (
                        one,
                        option if study.levers.parameters else NO_CELL,
                        point if study.uncertainties.parameters else NO_CELL,
                        {**chosen, **values},
                        {**lever.shares, **state.shares},
                    )

    def _cell(
        self,
        one: Alternative,
        option: int,
        point: int,
        values: dict[str, Any],
        shares: dict[str, float],
    ) -> None:
        study = self.study
        resolved = self.read(one, values)
        against = NO_CELL
        if study.baseline is None and study.counterparts:
            other = counterpart(resolved, self.overrides(one, values), self.mechanisms)
            if other is not None:
                calm = self._calm(one, other, option, point, values, shares, "calm counterpart")
                against = self._add(
                    one, other, "counterpart", option, point, values, shares, calm=calm
                )
        calm = self._calm(one, resolved, option, point, values, shares)
        self._add(one, resolved, "scenario", option, point, values, shares, against, calm)

    def _calm(
        self,
        one: Alternative,
        resolved: ResolvedScenario,
        option: int,
        point: int,
        values: dict[str, Any],
        shares: dict[str, float],
        role: str = "calm",
    ) -> int:
        """Add a scenario without its shocks, if that is wanted and it has any."""
        scenario = resolved.scenario
        works = scenario.parameters.get("shocks.enabled", True)
        if not self.study.resilience or not works or not any(s.enabled for s in scenario.shocks):
            return NO_CELL
        title = f"{scenario.title or one.known_as}, without shocks"
        calmed = scenario.model_copy(
            update={"parameters": {**scenario.parameters, "shocks.enabled": False}, "title": title}
        )
        quiet = replace(resolved, scenario=calmed)
        return self._add(one, quiet, role, option, point, values, shares)

    def _add(  # noqa: PLR0913, PLR0917  # what a cell is made of
        self,
        one: Alternative,
        resolved: ResolvedScenario,
        role: str,
        option: int,
        point: int,
        values: dict[str, Any],
        shares: dict[str, float],
        against: int = NO_CELL,
        calm: int = NO_CELL,
    ) -> int:
        data = {name: value for name, value in resolved.data.items() if name != "against"}
        digest = _digest(data)
        # Scenarios stand there even if they are equal; what they are compared with, once.
        graph = graph_record(resolved)
        founded = graph and graph["sha256"]
        key = (digest, founded, role if role == "scenario" else "", against, calm)
        if role != "scenario" and key in self.known:
            return self.known[key]
        number = len(self.cells)
        self.cells.append(
            Cell(
                number=number,
                scenario=one.known_as,
                title=resolved.scenario.title or one.known_as,
                role=role,
                option=option,
                point=point,
                values=values,
                shares=shares,
                against=against,
                calm=calm,
                content=zlib.compress(json.dumps(data).encode()),
                folder=str(resolved.files[0].parent.resolve()) if graph else None,
                graph=graph,
            )
        )
        self.known.setdefault(key, number)
        return number

    def _compare_with_baseline(self) -> None:
        """Note against which cell of the baseline each cell of the others stands."""
        if self.study.baseline is None:
            return
        bases = {
            cell.point: cell.number
            for cell in self.cells
            if cell.role == "scenario" and cell.scenario == self.study.baseline
        }
        self.cells = [
            replace(cell, against=bases[cell.point])
            if cell.role == "scenario" and cell.scenario != self.study.baseline
            else cell
            for cell in self.cells
        ]


def _digest(data: Mapping[str, Any]) -> str:
    kept = {name: value for name, value in data.items() if name not in _ASIDE}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
