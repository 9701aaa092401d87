"""The runs of a comparison, made in memory: each scenario and its counterpart on the same luck."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from clustersim.experiments.comparison.judged import USUAL, Comparison, Named, put_together
from clustersim.experiments.comparison.money import Prices
from clustersim.experiments.comparison.seen import TABLES, Seen, see
from clustersim.experiments.comparison.weathering import Weathered, weathered
from clustersim.experiments.counterpart import counterpart
from clustersim.experiments.run import resolve, run, scenario_name
from clustersim.experiments.workers import each, seed_numbers
from clustersim.scenario.problems import Problem, ScenarioError
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.store import Tables

SEEDS: Final = 20
_FOR_READERS: Final = {"title": "", "about": "", "question": "", "against": None}
"""Parts of a scenario that change nothing in its run."""


@dataclass(frozen=True)
class Job:
    """All runs of one seed: it travels to a worker, so it holds names and numbers only."""

    scenarios: tuple[str, ...]
    baseline: str | None
    seed: int
    overrides: tuple[tuple[str, Any], ...] = ()
    shaken: bool = False
    """Whether everything runs without its shocks as well."""

    def resolved(self, source: str) -> ResolvedScenario:
        """Read a scenario at the seed."""
        return resolve(source, {**dict(self.overrides), "seed": self.seed})

    def other(self, resolved: ResolvedScenario) -> ResolvedScenario | None:
        """Return what a scenario is compared with; None if there is nothing."""
        if self.baseline is not None:
            return self.resolved(self.baseline)
        return counterpart(resolved, {**dict(self.overrides), "seed": self.seed})


def compare(
    scenarios: Sequence[str],
    *,
    baseline: str | None = None,
    seeds: int | Sequence[int] = SEEDS,
    overrides: Mapping[str, Any] | None = None,
    prices: Prices = USUAL,
    resilience: bool = False,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Compare scenarios with a baseline, or each with what it names, on the same luck.

    Parameters
    ----------
    scenarios
        Names or files.
    baseline
        What all are compared with; each with its own counterpart (`against:`, or itself without its
        policies) if not given.
    seeds
        How many, from 1 on, or which.
    overrides
        Values by dotted name, for all runs; None is left to the scenarios.
    prices
        What effects are worth, and how the future counts.
    resilience
        Whether each pair runs once more without its shocks, to see what a policy does to
        resilience.
    workers
        Processes; as many as there are cores if not given.
    progress
        Told after each seed how many are done, and of how many.

    Returns
    -------
    Comparison

    Raises
    ------
    ScenarioError
        If a scenario cannot be used, or has nothing that it could be compared with.
    ValueError
        If there is no scenario or no seed.
    """
    if not scenarios:
        raise ValueError("scenarios: expected at least one")
    numbers = seed_numbers(seeds)
    values = tuple((key, value) for key, value in (overrides or {}).items() if value is not None)
    jobs = [Job(tuple(scenarios), baseline, seed, values, resilience) for seed in numbers]
    names = [_named(*_pair(jobs[0], source)) for source in scenarios]
    found = each(_seen, jobs, workers=workers, progress=progress)
    by_case = list(zip(*found, strict=True))
    return put_together(
        numbers,
        names,
        [[one for one, _ in several] for several in by_case],
        prices=prices,
        shaken=[[one for _, one in several] for several in by_case] if resilience else None,
    )


def _named(resolved: ResolvedScenario, other: ResolvedScenario) -> Named:
    name = scenario_name(resolved)
    titles = (one.scenario.title or scenario_name(one) for one in (resolved, other))
    return Named(name, *titles)


def _pair(job: Job, source: str) -> tuple[ResolvedScenario, ResolvedScenario]:
    """Return a scenario and what it is compared with, or raise what stands in the way."""
    resolved = job.resolved(source)
    other = job.other(resolved)
    shown = str(resolved.files[0])
    if other is None:
        message = "it has no policies and no `against:`, so there is nothing to compare it with"
        hint = "name one by `--baseline`"
        raise ScenarioError([Problem(shown, None, None, message, "a counterpart", hint)])
    mine, theirs = (_frame(one) for one in (resolved, other))
    unlike = [name for name, value in mine.items() if value != theirs[name]]
    if unlike:
        message = f"it differs from {other.files[0].name} in {', '.join(unlike)}"
        hint = "give all `--years`, or `--set record_every=4`"
        raise ScenarioError(
            [Problem(shown, None, None, message, "the same places, years and records", hint)]
        )
    return resolved, other


def _frame(resolved: ResolvedScenario) -> dict[str, Any]:
    """Return what two scenarios must share to be compared place by place."""
    scenario = resolved.scenario
    return {
        "regions": [one.name for one in scenario.world.regions],
        "sectors": [one.name for one in scenario.world.sectors],
        "start_year": scenario.world.start_year,
        "years": scenario.years,
        "record_every": scenario.record_every,
    }


def _seen(job: Job) -> list[tuple[Seen, Weathered | None]]:
    """Run everything at one seed and reduce it; of equal scenarios, one is run for all."""
    pairs = [_pair(job, source) for source in job.scenarios]
    runs = [[*pair, *(_calm(one) for one in pair if job.shaken)] for pair in pairs]
    once = _Once(one for several in runs for one in several)
    out: list[tuple[Seen, Weathered | None]] = []
    for several in runs:
        done, without, *calm = (once.tables(one) for one in several)
        shaken = weathered(done, without, *calm) if calm else None
        out.append((see(done, without), shaken))
    return out


def _calm(resolved: ResolvedScenario) -> ResolvedScenario:
    """Return a scenario without its shocks."""
    return replace(resolved, scenario=resolved.scenario.model_copy(update={"shocks": ()}))


class _Once:
    """Tables of runs, each made when it is first asked for and kept until it is last."""

    def __init__(self, wanted: Any) -> None:
        self._left = Counter(same_run(one) for one in wanted)
        self._tables: dict[str, Tables] = {}

    def tables(self, resolved: ResolvedScenario) -> Tables:
        key = same_run(resolved)
        if key not in self._tables:
            tables = run(resolved).tables
            self._tables[key] = {name: tables[name] for name in TABLES if name in tables}
        self._left[key] -= 1
        return self._tables[key] if self._left[key] else self._tables.pop(key)


def same_run(resolved: ResolvedScenario) -> str:
    """Return a text that two scenarios share only if their runs are the same.

    Parameters
    ----------
    resolved
        The scenario, at its seed.
    """
    scenario = resolved.scenario.model_copy(update=_FOR_READERS)
    plain = replace(resolved, scenario=scenario)
    # The first line names the files.
    return f"{resolved.graph_file}\n{plain.text.partition(chr(10))[2]}"
