"""The scorecard: each figure of each fact, as simulated, with its interval and verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import stats

import clustersim
from clustersim.experiments.run import resolve
from clustersim.experiments.validation.facts import FACTS, Fact
from clustersim.experiments.validation.nulls import NULLS, NullResult, judge
from clustersim.experiments.validation.panel import Panel, observe
from clustersim.experiments.validation.portrait import Portrait, average, portrait
from clustersim.experiments.workers import each, seed_numbers

SEEDS: Final = 60
QUICK_SEEDS: Final = 8
CONFIDENCE: Final = 0.95
SCENARIO: Final = "base"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Score:
    """One figure as simulated.

    Attributes
    ----------
    fact
        What it is compared with.
    values
        Of each seed, shape (n,); NaN where a run shows nothing of it.
    """

    fact: Fact
    values: tuple[float, ...]

    @property
    def value(self) -> float:
        """Mean over the seeds; NaN if no run shows anything."""
        return interval(self.values)[0]

    @property
    def ci(self) -> tuple[float, float]:
        """Interval of 95 % for the mean (Student's t)."""
        _, low, high = interval(self.values)
        return low, high

    @property
    def passed(self) -> bool:
        """Whether the mean lies within the fact's range."""
        return bool(self.fact.low <= self.value <= self.fact.high)

    def to_dict(self) -> dict[str, Any]:
        """Return what a reader of JSON wants."""
        fact = self.fact
        return {
            "id": fact.id,
            "use": fact.use,
            "title": fact.title,
            "unit": fact.unit,
            "target": fact.target,
            "low": fact.low,
            "high": fact.high,
            "value": self.value,
            "ci": list(self.ci),
            "pass": self.passed,
            "reason": fact.reason,
            "source": fact.source,
        }


@dataclass(frozen=True)
class Scorecard:
    """All figures and nulls.

    Attributes
    ----------
    scores
        In the order of the facts.
    nulls
        Nulls and ablations.
    seeds
        The seeds of the runs.
    scenario
        What was run.
    portrait
        The curves behind the figures, mean over the seeds.
    """

    scores: tuple[Score, ...]
    nulls: tuple[NullResult, ...]
    seeds: tuple[int, ...]
    scenario: str
    portrait: Portrait

    def passed(self, use: str) -> tuple[int, int]:
        """Return how many figures of a use pass, and of how many."""
        those = [score for score in self.scores if score.fact.use == use]
        return sum(score.passed for score in those), len(those)

    def to_dict(self) -> dict[str, Any]:
        """Return the scorecard for JSON."""
        return {
            "facts": [score.to_dict() for score in self.scores],
            "nulls": [null.to_dict() for null in self.nulls],
            "seeds": list(self.seeds),
            "scenario": self.scenario,
            "version": clustersim.__version__,
            "curves": {name: values.tolist() for name, values in self.portrait.items()},
        }

    def words(self) -> str:
        """Return what came out, in a few sentences."""
        fitted, of_fitted = self.passed("C")
        kept, of_kept = self.passed("V")
        failed = [score.fact.id for score in self.scores if not score.passed]
        lines = [
            f"{self.scenario}, {len(self.seeds)} seeds: {fitted} of {of_fitted} figures given to "
            f"the calibration (C) and {kept} of {of_kept} kept for validation (V) are within range."
        ]
        if failed:
            lines.append(f"Out of range: {', '.join(failed)}.")
        if self.nulls:
            held = sum(null.passed for null in self.nulls)
            lines.append(f"{held} of {len(self.nulls)} nulls and ablations hold at 1 %.")
        return "\n".join(lines)


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Return mean, and lower and upper end of its interval of 95 %; NaN values are left out."""
    x = np.array(values, dtype=np.float64)
    x = x[~np.isnan(x)]
    if x.size == 0:
        return math.nan, math.nan, math.nan
    mean = float(x.mean())
    if x.size == 1:
        return mean, math.nan, math.nan
    half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, x.size - 1) * x.std(ddof=1) / math.sqrt(x.size))
    return mean, mean - half, mean + half


@dataclass(frozen=True)
class Job:
    """One run to be measured: it travels to a worker, so it holds names and numbers only."""

    scenario: str
    seed: int
    overrides: tuple[tuple[str, Any], ...] = ()

    def panel(self) -> Panel:
        """Run it and return its panel."""
        values: Mapping[str, Any] = {**dict(self.overrides), "seed": self.seed}
        return observe(resolve(self.scenario, values))


def measured(job: Job) -> tuple[dict[str, float], Portrait]:
    """Return the statistics of one run, facts by id and nulls by statistic, and its curves."""
    panel = job.panel()
    values = {fact.id: fact.measure(panel) for fact in FACTS}
    return values | {null.statistic: null.measure(panel) for null in NULLS}, portrait(panel)


def validate(
    scenario: str | Path = SCENARIO,
    *,
    seeds: Sequence[int] | int = SEEDS,
    nulls: bool = True,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Scorecard:
    """Run a scenario at several seeds and compare it with the facts.

    Parameters
    ----------
    scenario
        Name or file.
    seeds
        Seeds, or how many of them, from 1 on.
    nulls
        Whether to run the nulls and ablations as well, each at all seeds.
    overrides
        Further values, as ``{"learning.tie_rate": 0.2}``, in all runs.
    workers
        Processes; as many as there are cores if not given.
    progress
        Told after each run how many are done, and of how many.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    ValueError
        If there is no seed.
    """
    numbers = seed_numbers(seeds)
    resolve(scenario, {**(overrides or {}), "seed": numbers[0]})  # all errors before any run
    variants: dict[tuple[tuple[str, Any], ...], None] = {(): None}
    if nulls:
        variants |= dict.fromkeys(arm for null in NULLS for arm in (null.base, null.variant))
    given = tuple((overrides or {}).items())
    jobs = [Job(str(scenario), seed, given + variant) for variant in variants for seed in numbers]
    found = each(measured, jobs, workers=workers, progress=progress)
    by_variant = {
        variant: [values for values, _ in found[k * len(numbers) : (k + 1) * len(numbers)]]
        for k, variant in enumerate(variants)
    }
    return Scorecard(
        scores=tuple(Score(fact, tuple(run[fact.id] for run in by_variant[()])) for fact in FACTS),
        nulls=tuple(judge(null, by_variant) for null in NULLS) if nulls else (),
        seeds=numbers,
        scenario=str(scenario),
        portrait=average([curves for _, curves in found[: len(numbers)]]),
    )
