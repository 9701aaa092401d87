"""The scorecard: each figure of each fact, as simulated, with its interval and verdict."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import clustersim
from clustersim.experiments.run import resolve
from clustersim.experiments.uncertainty import mean
from clustersim.experiments.validation import programmes
from clustersim.experiments.validation.facts import FACTS, Figure
from clustersim.experiments.validation.nulls import NULLS, NullResult, judge
from clustersim.experiments.validation.panel import Panel, observe
from clustersim.experiments.validation.portrait import Portrait, average, portrait
from clustersim.experiments.validation.trials import Trial
from clustersim.experiments.workers import each, seed_numbers

SEEDS: Final = 60
QUICK_SEEDS: Final = 8
SCENARIO: Final = "base"
PARTS: Final = ("facts", "nulls", "programmes")
"""What a validation consists of: facts about the economy as it is, nulls and ablations, and trials
of programmes of policy."""
FIGURES: Final[tuple[Figure, ...]] = (*FACTS, *programmes.FINDINGS)

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

    fact: Figure
    values: tuple[float, ...]

    @property
    def value(self) -> float:
        """Mean over the seeds; NaN if no run shows anything."""
        return mean(self.values).value

    @property
    def ci(self) -> tuple[float, float]:
        """Interval of 95 % for the mean (Student's t)."""
        found = mean(self.values)
        return found.low, found.high

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
        In the order of `FIGURES`.
    nulls
        Nulls and ablations.
    seeds
        The seeds of the runs.
    scenario
        What was run.
    settings
        Every value of it but the seed, by dotted path.
    portrait
        The curves behind the facts, mean over the seeds; none without facts.
    """

    scores: tuple[Score, ...]
    nulls: tuple[NullResult, ...]
    seeds: tuple[int, ...]
    scenario: str
    settings: Mapping[str, Any]
    portrait: Portrait

    def to_dict(self) -> dict[str, Any]:
        """Return the scorecard for JSON."""
        facts = [score.to_dict() for score in self.scores]
        return {
            "facts": facts,
            "met": met(facts),
            "nulls": [null.to_dict() for null in self.nulls],
            "seeds": list(self.seeds),
            "scenario": self.scenario,
            "version": clustersim.__version__,
            "settings": dict(self.settings),
            "curves": {name: values.tolist() for name, values in self.portrait.items()},
        }


def met(facts: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, list[int]]]:
    """Count what is met, and of how many, by use: figures, and rows of the evidence.

    A row, such as F8, is met if all its figures are. It is C if any of its figures is.
    """
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for one in facts:
        rows.setdefault(one["id"].partition(".")[0], []).append(one)
    found = {}
    for use in ("C", "V"):
        figures = [one["pass"] for one in facts if one["use"] == use]
        whole = [
            all(one["pass"] for one in row)
            for row in rows.values()
            if use == min(one["use"] for one in row)
        ]
        found[use] = {
            "figures": [sum(figures), len(figures)],
            "rows": [sum(whole), len(whole)],
        }
    return found


def words(card: Mapping[str, Any]) -> str:
    """Return what came out, in a few sentences, from a scorecard as `Scorecard.to_dict` has it."""
    lines = [f"{card['scenario']}, {len(card['seeds'])} seeds."]
    if card["facts"]:
        counts = {
            (use, what): f"{number} of {of}"
            for use, by_what in card["met"].items()
            for what, (number, of) in by_what.items()
        }
        lines += [
            f"{counts['C', 'figures']} figures given to the calibration (C) and "
            f"{counts['V', 'figures']} kept for validation (V) are within range.",
            f"Counted by rows of the evidence, of which every figure must be: "
            f"{counts['C', 'rows']} (C) and {counts['V', 'rows']} (V).",
        ]
    if failed := [one["id"] for one in card["facts"] if not one["pass"]]:
        lines.append(f"Out of range: {', '.join(failed)}.")
    if card["nulls"]:
        held = sum(one["pass"] for one in card["nulls"])
        lines.append(f"{held} of {len(card['nulls'])} nulls and ablations hold at 1 %.")
    return "\n".join(lines)


def laid_onto(stored: Mapping[str, Any], card: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored scorecard with the parts of a new one in place of its own.

    Parameters
    ----------
    stored
        As read from ``scorecard.json``.
    card
        As `Scorecard.to_dict` returns it, with some of the `PARTS`.

    Raises
    ------
    ValueError
        If the two are not of the same scenario, seeds, version and settings. Parameters that are
        new since are let pass: at their defaults they must leave the model as it was.
    """
    for what in ("scenario", "seeds", "version"):
        if stored.get(what) != card[what]:
            raise ValueError(f"the stored scorecard has other {what}: {stored.get(what)}")
    now = card["settings"]
    if "settings" not in stored:
        raise ValueError("the stored scorecard does not tell its settings")
    for name, value in stored["settings"].items():
        if name not in now or now[name] != value:
            raise ValueError(
                f"{name} was {value} in the stored scorecard, and is {now.get(name)} here"
            )
    rows = {one["id"]: one for one in (*stored["facts"], *card["facts"])}
    facts = [rows[figure.id] for figure in FIGURES if figure.id in rows]
    return {
        **card,
        "facts": facts,
        "met": met(facts),
        "nulls": card["nulls"] or stored["nulls"],
        "curves": card["curves"] or stored["curves"],
    }


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


def _measured(job: Job | Trial) -> tuple[dict[str, float], Portrait]:
    return measured(job) if isinstance(job, Job) else (programmes.measured(job), {})


def validate(
    scenario: str | Path = SCENARIO,
    *,
    seeds: Sequence[int] | int = SEEDS,
    parts: Collection[str] = PARTS,
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
    parts
        Which of the `PARTS` to run, each at all seeds.
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
        If there is no seed, or a part is unknown.
    """
    numbers = seed_numbers(seeds)
    if unknown := [part for part in parts if part not in PARTS]:
        raise ValueError(f"a validation has no part {unknown[0]!r}; it has {', '.join(PARTS)}")
    # All errors before any run.
    values = resolve(scenario, {**(overrides or {}), "seed": numbers[0]}).values
    variants: dict[tuple[tuple[str, Any], ...], None] = {(): None} if "facts" in parts else {}
    if "nulls" in parts:
        variants |= dict.fromkeys(arm for null in NULLS for arm in (null.base, null.variant))
    given = tuple((overrides or {}).items())
    jobs: list[Job | Trial] = [
        Job(str(scenario), seed, given + variant) for variant in variants for seed in numbers
    ]
    if "programmes" in parts:
        jobs += [Trial(str(scenario), seed, given) for seed in numbers]
    found = each(_measured, jobs, workers=workers, progress=progress)
    n = len(numbers)
    by_variant = {
        variant: [one for one, _ in found[k * n : (k + 1) * n]]
        for k, variant in enumerate(variants)
    }
    scores: list[Score] = []
    for part, figures, runs in (
        ("facts", FACTS, by_variant.get((), [])),
        ("programmes", programmes.FINDINGS, [one for one, _ in found[-n:]]),
    ):
        if part in parts:
            scores += [Score(one, tuple(run[one.id] for run in runs)) for one in figures]
    return Scorecard(
        scores=tuple(scores),
        nulls=tuple(judge(null, by_variant) for null in NULLS) if "nulls" in parts else (),
        seeds=numbers,
        scenario=str(scenario),
        # As JSON has it, to be compared with what is stored.
        settings=json.loads(json.dumps({k: v for k, v in values.items() if k != "seed"})),
        portrait=average([curves for _, curves in found[:n]]) if "facts" in parts else {},
    )
