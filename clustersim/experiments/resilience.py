"""What shocks do to an economy: each run with and without each shock, on the same luck."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

import clustersim
from clustersim.experiments import uncertainty
from clustersim.experiments.run import resolve
from clustersim.experiments.uncertainty import Estimate
from clustersim.experiments.workers import each, seed_numbers
from clustersim.measures.checks import FloatArray
from clustersim.measures.clusters import cluster_strength
from clustersim.measures.resilience import TOLERANCE, Resilience, losses, resilience
from clustersim.scenario.graph_file import found_scenario
from clustersim.scenario.problems import Problem, ScenarioError
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.scenario.schema import QUARTERS_PER_YEAR
from clustersim.scenario.shock_words import label, strike_years
from clustersim.simulation import Simulation
from clustersim.world.shock import Shock

SEEDS: Final = 20
QUICK_SEEDS: Final = 6
ECONOMY: Final = "whole economy"
PLACES: Final = "struck places"
CLUSTERS: Final = "struck clusters"
OTHERS: Final = "struck, no clusters"
SCOPES: Final = (ECONOMY, PLACES, CLUSTERS, OTHERS)
"""Whose jobs: of all places, of those that the shock strikes, and of these the clusters (by cluster
mapping at the last record before the shock) and the others."""
BEFORE: Final = 8
"""Quarters before a shock that a course begins."""
NAMES: Final = Resilience._fields
TABLES: Final = ("resilience", "courses")
"""Names of the tables, in the order of :meth:`Study.tables`."""

_BEGIN: Final = 1e-9

Values = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Job:
    """All runs of one seed: it travels to a worker, so it holds names and numbers only."""

    scenario: str
    seed: int
    overrides: Values = ()

    def resolved(self, without: int | None = None) -> ResolvedScenario:
        """Read the scenario, with one of its shocks switched off."""
        values = {**dict(self.overrides), "seed": self.seed, "record_every": 1}
        if without is not None:
            values[f"shocks.{without}.enabled"] = False
        return resolve(self.scenario, values)


@dataclass(frozen=True, eq=False)
class Pair:
    """Jobs around one shock, with and without it, over the jobs without it before the shock.

    Attributes
    ----------
    since
        Years since the shock, shape (T,).
    struck, spared
        With and without, by scope, shape (scopes, T); NaN where there are no such places.
    year
        Calendar year of the shock.
    """

    since: FloatArray
    struck: FloatArray
    spared: FloatArray
    year: float


def measure(job: Job) -> list[Pair | None]:
    """Run a seed with all shocks and without each; None for a shock that never strikes."""
    full = job.resolved()
    scenario = full.scenario
    with_all: tuple[FloatArray, FloatArray] | None = None
    found: list[Pair | None] = []
    for number, (shock, years) in enumerate(
        zip(scenario.shocks, strike_years(scenario), strict=True)
    ):
        if not years:
            found.append(None)
            continue
        with_all = with_all or _jobs(full)
        time, jobs = with_all
        _, without = _jobs(job.resolved(number))
        found.append(_pair(time, jobs, without, years[0], _struck(full, shock)))
    return found


def _jobs(resolved: ResolvedScenario) -> tuple[FloatArray, FloatArray]:
    """Return the years recorded, shape (T,), and jobs by place, shape (T, R S)."""
    scenario = resolved.scenario
    world = found_scenario(resolved)
    simulation = Simulation(world, resolved.mechanisms(), seed=scenario.seed, record_every=1)
    simulation.run(round(scenario.years * QUARTERS_PER_YEAR))
    clusters = simulation.recorder.tables(world)["clusters"]
    places = world.n_regions * world.n_sectors
    return clusters["year"][::places], clusters["jobs"].reshape(-1, places)


def _struck(resolved: ResolvedScenario, shock: Shock) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which places a shock strikes, shape (R, S)."""
    world = resolved.scenario.world
    region, sector = getattr(shock, "region", None), getattr(shock, "sector", None)
    return np.array(
        [
            [region in (None, r.name) and sector in (None, s.name) for s in world.sectors]
            for r in world.regions
        ],
        dtype=np.bool_,
    )


def _pair(
    time: FloatArray, jobs: FloatArray, without: FloatArray, year: float, struck: Any
) -> Pair:
    before = int(np.searchsorted(time, year, side="right")) - 1
    first = max(before - BEFORE, 0)

    level = without[before]
    is_cluster = np.zeros(struck.shape, dtype=np.bool_)
    if level.sum() > 0.0:
        is_cluster = cluster_strength(level.reshape(struck.shape)) > 0
    scopes = [np.ones_like(struck), struck, struck & is_cluster, struck & ~is_cluster]
    inside = np.stack([scope.ravel() for scope in scopes]).astype(np.float64)

    def course(table: FloatArray) -> FloatArray:
        base = (inside * level).sum(axis=1, keepdims=True)
        sums = np.stack([(table[first:] * scope).sum(axis=1) for scope in inside])
        shares: FloatArray = sums / np.where(base > 0.0, base, np.nan)
        return shares

    # Measured from the last record before the shock, so that seeds with other times line up.
    return Pair(time[first:] - time[before], course(jobs), course(without), year)


@dataclass(frozen=True, eq=False)
class Course:
    """What one shock did in one scope.

    Attributes
    ----------
    number, kind, label
        Of the shock: place in the scenario's list (from 0), kind, words.
    scope
        One of `SCOPES`.
    years
        Calendar years of its first strike in the seeds, lowest and highest.
    seeds
        Seeds in which it struck.
    figures
        By the names of `clustersim.measures.resilience.Resilience`.
    since
        Years since the shock, shape (T,).
    loss
        Share of the counterfactual that is lost, mean and interval over seeds, shape (T, 3).
    """

    number: int
    kind: str
    label: str
    scope: str
    years: tuple[float, float]
    seeds: int
    figures: dict[str, Estimate]
    since: FloatArray
    loss: FloatArray

    def head(self) -> dict[str, Any]:
        """Return which shock and scope it is."""
        return {
            "shock": self.number,
            "kind": self.kind,
            "label": self.label,
            "scope": self.scope,
            "first_year": self.years[0],
            "last_year": self.years[1],
            "seeds": self.seeds,
        }

    def row(self) -> dict[str, Any]:
        """Return the figures as a row of a table."""
        row = self.head()
        for name, one in self.figures.items():
            row |= {name: one.value, f"{name}_low": one.low, f"{name}_high": one.high}
        return row


@dataclass(frozen=True, eq=False)
class Study:
    """All of it: what every shock of a scenario did, by scope."""

    scenario: str
    seeds: tuple[int, ...]
    courses: tuple[Course, ...]
    never: tuple[str, ...]
    """Shocks that struck in no seed."""

    def to_dict(self) -> dict[str, Any]:
        """Return the study for JSON."""
        return {
            "scenario": self.scenario,
            "seeds": list(self.seeds),
            "version": clustersim.__version__,
            "tolerance": TOLERANCE,
            "never_struck": list(self.never),
            "courses": [
                {
                    **one.head(),
                    "figures": {name: value.to_dict() for name, value in one.figures.items()},
                    "since": one.since.tolist(),
                    "loss": one.loss[:, 0].tolist(),
                    "low": one.loss[:, 1].tolist(),
                    "high": one.loss[:, 2].tolist(),
                }
                for one in self.courses
            ],
        }

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return rows by table: the figures of each shock, and its course over time."""
        courses = [
            {
                "shock": one.number,
                "kind": one.kind,
                "scope": one.scope,
                "years_since": float(t),
                "loss": float(loss),
                "low": float(low),
                "high": float(high),
            }
            for one in self.courses
            for t, (loss, low, high) in zip(one.since, one.loss, strict=True)
        ]
        return dict(zip(TABLES, ([one.row() for one in self.courses], courses), strict=True))

    def words(self) -> str:
        """Return what came out, a sentence for each shock."""
        lines = [_sentence(one) for one in self.courses if one.scope in (ECONOMY, PLACES)]
        lines += self._clusters()
        lines += [f"In no seed: {text}." for text in self.never]
        return "\n".join(lines)

    def _clusters(self) -> list[str]:
        """Tell where clusters and other places surely differ in the largest loss."""
        by = {(one.number, one.scope): one for one in self.courses}
        lines = []
        for (number, scope), clusters in by.items():
            if scope != CLUSTERS:
                continue
            mine, theirs = (one.figures["depth"] for one in (clusters, by[number, OTHERS]))
            if mine.high < theirs.low or theirs.high < mine.low:
                more = "less" if mine.value < theirs.value else "more"
                lines.append(
                    f"{clusters.label}: clusters lost {more} than the other places that were "
                    f"struck, {mine.value:.1%} against {theirs.value:.1%} at worst."
                )
        return lines


def study(
    scenario: str | Path,
    *,
    seeds: Sequence[int] | int = SEEDS,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Run a scenario with and without each of its shocks and measure resilience in jobs.

    Runs of one seed share all luck, and differ by the one shock only; the other shocks strike in
    both. The figures are those of the mean course over seeds: the courses of single places come
    apart by chance once anything differs, and the largest of many chance differences is no depth.
    Intervals are of 95 %, by resampling seeds. Of a random shock the first strike counts, and the
    others after it are part of its course.

    Parameters
    ----------
    scenario
        Name or file; it lists shocks.
    seeds
        Seeds, or how many of them, from 1 on.
    overrides
        Further values, as ``{"labour.reskilling": 0.1}``.
    workers
        Processes; as many as there are cores if not given.
    progress
        Told after each seed how many are done, and of how many.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used, or no shock can strike in it.
    ValueError
        If there is no seed.
    """
    numbers = seed_numbers(seeds)
    given = tuple((overrides or {}).items())
    jobs = [Job(str(scenario), seed, given) for seed in numbers]
    read = jobs[0].resolved()
    shocks = read.scenario.shocks
    works = read.scenario.parameters.get("shocks.enabled", True)
    if not works or not any(shock.enabled for shock in shocks):
        raise ScenarioError(
            [
                Problem(
                    read.scenario.title or str(scenario),
                    None,
                    None,
                    "the scenario has no shock that is at work",
                    "at least one under `shocks:`",
                )
            ]
        )
    return summary(
        str(scenario), numbers, shocks, each(measure, jobs, workers=workers, progress=progress)
    )


def summary(
    scenario: str,
    seeds: Sequence[int],
    shocks: Sequence[Shock],
    runs: Sequence[Sequence[Pair | None]],
) -> Study:
    """Put the seeds together."""
    courses: list[Course] = []
    never: list[str] = []
    for number, shock in enumerate(shocks):
        pairs = [pair for run in runs if (pair := run[number]) is not None]
        if not pairs:
            if shock.enabled:
                never.append(label(shock))
            continue
        courses += [
            _course(number, shock, name, scope, pairs)
            for scope, name in enumerate(SCOPES)
            if name in _told(shock)
        ]
    return Study(scenario, tuple(seeds), tuple(courses), tuple(never))


def _told(shock: Shock) -> tuple[str, ...]:
    """Return the scopes that differ: a single place is not divided, and everything is one."""
    region, sector = getattr(shock, "region", None), getattr(shock, "sector", None)
    if region and sector:
        return (ECONOMY, PLACES)
    return SCOPES if region or sector else (ECONOMY, CLUSTERS, OTHERS)


def _course(number: int, shock: Shock, name: str, scope: int, pairs: Sequence[Pair]) -> Course:
    # Random times differ between seeds: what all have seen is compared.
    start = max(float(pair.since[0]) for pair in pairs)
    end = min(float(pair.since[-1]) for pair in pairs)
    windows = [(pair.since >= start - _BEGIN) & (pair.since <= end + _BEGIN) for pair in pairs]
    since = pairs[0].since[windows[0]]
    curves = [
        np.stack([pair.struck[scope, window], pair.spared[scope, window]])
        for pair, window in zip(pairs, windows, strict=True)
    ]
    known = [curve for curve in curves if not np.isnan(curve).any()]

    def figures(chosen: Sequence[FloatArray]) -> FloatArray:
        struck, spared = np.mean(chosen, axis=0)
        return np.array(resilience(since, struck, spared, 0.0))

    estimates = (
        uncertainty.resampled(known, figures)
        if known
        else [Estimate(math.nan, math.nan, math.nan, 0)] * len(NAMES)
    )

    def loss(chosen: Sequence[FloatArray]) -> FloatArray:
        struck, spared = np.mean(chosen, axis=0)
        shares: FloatArray = np.nan_to_num(losses(struck, spared))
        return shares

    spread = (
        [[one.value, one.low, one.high] for one in uncertainty.resampled(known, loss)]
        if known
        else [[math.nan] * 3] * since.size
    )
    years = [pair.year for pair in pairs]
    return Course(
        number=number,
        kind=shock.kind,
        label=label(shock),
        scope=name,
        years=(min(years), max(years)),
        seeds=len(pairs),
        figures=dict(zip(NAMES, estimates, strict=True)),
        since=since,
        loss=np.array(spread),
    )


def _sentence(one: Course) -> str:
    figure = {name: value.value for name, value in one.figures.items()}
    if math.isnan(figure["depth"]):
        return f"{one.label}, {one.scope}: there are no such jobs."
    text = f"{one.label}, {one.scope}: jobs fell up to {figure['depth']:.1%} below what they "
    text += "would have been"
    if figure["depth"] > 0.0:
        text += f", {figure['time_to_trough']:g} years after the shock"
    if figure["depth"] <= TOLERANCE:
        text += f", never more than {TOLERANCE:.0%}"
    elif math.isnan(figure["time_to_recovery"]):
        text += f", and were not back within {TOLERANCE:.0%} by the end"
    else:
        text += f", and were back within {TOLERANCE:.0%} after {figure['time_to_recovery']:g} years"
    gone = one.figures["lost_for_good"]
    sure = not math.isnan(gone.low) and (gone.low > 0.0 or gone.high < 0.0)
    end = f"{abs(gone.value):.1%} {'lost' if gone.value > 0.0 else 'gained'}"
    return f"{text}; in the last year {end if sure else 'no sure difference is left'}."
