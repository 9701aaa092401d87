"""Scenarios against what they are compared with, over seeds: effects, how sure, and at what cost.

A scenario and its counterpart have the same luck at each seed, so that what differs is theirs and
not that of two histories. Seeds are independent of each other: all that is said rests on one
difference for each seed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import stats

import clustersim
from clustersim.experiments.counterpart import ALL, Difference, counterpart, differences
from clustersim.experiments.result import RunResult
from clustersim.experiments.run import resolve, run, scenario_name
from clustersim.experiments.uncertainty import CONFIDENCE, Estimate, mean, resampled
from clustersim.experiments.workers import each, seed_numbers
from clustersim.scenario.problems import Problem, ScenarioError
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.world.types import Floats

SEEDS: Final = 20
POWER: Final = 0.8
"""Chance of seeing an effect of the size that is called detectable."""
WORSE: Final = frozenset({"firms lost", "CO2"})
"""Outcomes of which less is better."""
NEUTRAL: Final = frozenset({"heterogeneity at the end"})
"""Outcomes of which neither more nor less is better."""
COSTED: Final[Mapping[str, str]] = {
    "jobs at the end": "job at the end",
    "firms at the end": "firm at the end",
    "innovations": "innovation",
    "R&D": "euro of R&D",
    "CO2": "tonne of CO2 less",
}
"""Outcomes of which one more (of CO2 one less) has a cost, and what one is called."""
_FEWEST: Final = 2


@dataclass(frozen=True)
class Job:
    """All runs of one seed: it travels to a worker, so it holds names and numbers only."""

    scenarios: tuple[str, ...]
    baseline: str | None
    seed: int
    overrides: tuple[tuple[str, Any], ...] = ()

    def resolved(self, source: str) -> ResolvedScenario:
        """Read a scenario at the seed."""
        return resolve(source, {**dict(self.overrides), "seed": self.seed})

    def other(self, resolved: ResolvedScenario) -> ResolvedScenario | None:
        """Return what a scenario is compared with; None if there is nothing."""
        if self.baseline is not None:
            return self.resolved(self.baseline)
        return counterpart(resolved, {**dict(self.overrides), "seed": self.seed})


@dataclass(frozen=True)
class Seen:
    """A scenario at one seed: what differs, and the public money that it took more, euro."""

    differences: tuple[Difference, ...]
    euro: float


@dataclass(frozen=True)
class Contrast:
    """An outcome of a scenario against that of its counterpart, over seeds.

    Attributes
    ----------
    outcome, unit, scope
        As of a `Difference`.
    without
        Mean of the counterpart.
    relative
        Whether the effect is a share of that mean; else it is in the unit of the outcome.
    effect
        Mean difference with Student's interval of 95 %.
    bootstrap
        The same with the percentile interval of the bootstrap over seeds.
    low, high
        Interval of 95 % for all outcomes of the scenario together (Bonferroni).
    p, holm
        Two-sided p of the paired t test, and corrected for all outcomes (Holm).
    better
        Share of the seeds at which the scenario does better (of `firms lost` and `CO2`, with less);
        NaN of what is neither good nor bad.
    saved
        Share of the runs that the same luck saves: 1 less the variance of the difference over that
        of a difference of independent runs.
    detectable
        Effect that as many seeds would find at 5 % with the chance `POWER`.
    """

    outcome: str
    unit: str
    scope: str
    without: float
    relative: bool
    effect: Estimate
    bootstrap: Estimate
    low: float
    high: float
    p: float
    holm: float
    better: float
    saved: float
    detectable: float

    @property
    def sure(self) -> bool:
        """Whether the interval for all outcomes together is on one side of zero."""
        return self.low > 0.0 or self.high < 0.0

    def seeds_for(self, half: float) -> int | None:
        """Return how many seeds make the interval of the effect `half` wide to each side.

        None where there are too few to tell. The t quantile of the number itself is used.
        """
        width = 0.5 * (self.effect.high - self.effect.low)
        n = self.effect.n
        if n < _FEWEST or math.isnan(width) or not half > 0.0:
            return None
        spread = width * math.sqrt(n) / _quantile(n)
        # Student's quantile is above the normal one, so that fewer are never enough.
        needed = max(math.floor((1.95 * spread / half) ** 2), _FEWEST)
        while _quantile(needed) * spread / math.sqrt(needed) > half:
            needed += 1
        return needed

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        found = {
            "outcome": self.outcome,
            "scope": self.scope,
            "unit": self.unit,
            "without": self.without,
            "relative": self.relative,
            "effect": self.effect.value,
            "ci": [self.effect.low, self.effect.high],
            "ci_bootstrap": [self.bootstrap.low, self.bootstrap.high],
            "ci_all": [self.low, self.high],
            "p": self.p,
            "p_holm": self.holm,
            "better": self.better,
            "saved_by_pairing": self.saved,
            "detectable": self.detectable,
        }
        return {name: _known(value) for name, value in found.items()}


@dataclass(frozen=True)
class Cost:
    """Public euro for one more of an outcome; unknown where the effect may be none."""

    outcome: str
    what: str
    scope: str
    euro: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        value, low, high, _ = self.euro
        return {
            "outcome": self.outcome,
            "scope": self.scope,
            "euro": _known(value),
            "ci": _known([low, high]),
        }


@dataclass(frozen=True)
class Compared:
    """A scenario against its counterpart."""

    name: str
    title: str
    other: str
    euro: Estimate
    """Public money that it took more, euro."""
    contrasts: tuple[Contrast, ...]
    costs: tuple[Cost, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {
            "scenario": self.name,
            "title": self.title,
            "with": self.other,
            "euro": _known(self.euro.value),
            "outcomes": [one.to_dict() for one in self.contrasts],
            "costs": [one.to_dict() for one in self.costs],
        }


@dataclass(frozen=True)
class Comparison:
    """What several scenarios do against their counterparts, over seeds."""

    seeds: tuple[int, ...]
    cases: tuple[Compared, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {
            "seeds": list(self.seeds),
            "version": clustersim.__version__,
            "cases": [case.to_dict() for case in self.cases],
        }


def compare(
    scenarios: Sequence[str],
    *,
    baseline: str | None = None,
    seeds: int | Sequence[int] = SEEDS,
    overrides: Mapping[str, Any] | None = None,
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
    jobs = [Job(tuple(scenarios), baseline, seed, values) for seed in numbers]
    pairs = [_pair(jobs[0], source) for source in scenarios]
    found = each(_seen, jobs, workers=workers, progress=progress)
    return Comparison(
        numbers,
        tuple(
            _compared(resolved, other, [of_seed[number] for of_seed in found])
            for number, (resolved, other) in enumerate(pairs)
        ),
    )


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


def _seen(job: Job) -> list[Seen]:
    """Run everything at one seed; what several are compared with is run once."""
    common = None if job.baseline is None else run(job.resolved(job.baseline))
    out = []
    for source in job.scenarios:
        resolved = job.resolved(source)
        other = job.other(resolved) if common is None else None
        against = common if other is None else run(other)
        if against is None:  # looked at before the first run
            raise AssertionError(f"{source} has nothing to be compared with")
        done = run(resolved)
        more = public_money(done) - public_money(against)
        out.append(Seen(differences(done.tables, against.tables), more))
    return out


def public_money(result: RunResult) -> float:
    """Return what policies were given and did not give back, euro."""
    if "ledger" not in result.tables:
        return 0.0
    ledger = result.tables["ledger"]
    purpose, euro = np.asarray(ledger["purpose"]), np.asarray(ledger["euro"])
    return float(euro[purpose == "appropriation"].sum() - euro[purpose == "return"].sum())


def _compared(
    resolved: ResolvedScenario, other: ResolvedScenario, found: Sequence[Seen]
) -> Compared:
    euro = np.array([one.euro for one in found])
    kept = _in_all([one.differences for one in found])
    rows = [contrast(several, len(kept)) for several in kept]
    p = np.array([one.p for one in rows])
    contrasts = tuple(
        _with_holm(one, float(holm)) for one, holm in zip(rows, holm_adjusted(p), strict=True)
    )
    costs = [
        _cost(several, euro) for several in kept if several[0].outcome in COSTED and euro.any()
    ]
    return Compared(
        name=scenario_name(resolved),
        title=resolved.scenario.title or scenario_name(resolved),
        other=other.scenario.title or scenario_name(other),
        euro=mean(euro),
        contrasts=contrasts,
        costs=tuple(costs),
    )


def _in_all(found: Sequence[Sequence[Difference]]) -> list[list[Difference]]:
    """Return the differences of each outcome that is known at all seeds, one for each seed."""
    by_key = [{(one.outcome, one.scope): one for one in several} for several in found]
    keys = [key for key in by_key[0] if all(key in several for several in by_key)]
    kept = [[several[key] for several in by_key] for key in keys]
    return [several for several in kept if not any(math.isnan(one.difference) for one in several)]


def contrast(several: Sequence[Difference], n_outcomes: int) -> Contrast:
    """Return an outcome against that of the counterpart; `holm` is not known yet, and NaN.

    Parameters
    ----------
    several
        The difference at each seed, of one outcome.
    n_outcomes
        How many outcomes are looked at together.
    """
    first, n = several[0], len(several)
    done, without = (np.array([getattr(one, key) for one in several]) for key in _SIDES)
    base = float(without.mean())
    relative = all(one.relative is not None for one in several)
    change: Floats = (done - without) / (abs(base) if relative else 1.0)
    effect = mean(change)
    bootstrap = resampled(change.tolist(), lambda rows: np.array([np.mean(rows)]))[0]
    error = float(change.std(ddof=1)) / math.sqrt(n) if n >= _FEWEST else math.nan
    wide = error * _quantile(n, 1.0 - (1.0 - CONFIDENCE) / n_outcomes) if n >= _FEWEST else math.nan
    sign = -1.0 if first.outcome in WORSE else 1.0
    return Contrast(
        outcome=first.outcome,
        unit=first.unit,
        scope=first.scope,
        without=base,
        relative=relative,
        effect=effect,
        bootstrap=bootstrap,
        low=effect.value - wide,
        high=effect.value + wide,
        p=_p(effect.value, error, n),
        holm=math.nan,
        better=math.nan
        if first.outcome in NEUTRAL
        else float(np.mean(sign * (done - without) > 0.0)),
        saved=_saved(done, without),
        detectable=error * (_quantile(n) + float(stats.t.ppf(POWER, n - 1)))
        if n >= _FEWEST
        else math.nan,
    )


_SIDES: Final = ("done", "without")


def _with_holm(one: Contrast, holm: float) -> Contrast:
    return Contrast(**{**vars(one), "holm": holm})


def _p(value: float, error: float, n: int) -> float:
    """Return the two-sided p of a mean; 1 where nothing differs at any seed."""
    if n < _FEWEST:
        return math.nan
    if error == 0.0:
        return 1.0 if value == 0.0 else 0.0
    return float(2.0 * stats.t.sf(abs(value) / error, n - 1))


def _saved(done: Floats, without: Floats) -> float:
    """Return the share of runs that the same luck saves; NaN where nothing varies."""
    if done.size < _FEWEST:
        return math.nan
    apart = float(done.var(ddof=1) + without.var(ddof=1))
    return 1.0 - float((done - without).var(ddof=1)) / apart if apart > 0.0 else math.nan


def holm_adjusted(p: Floats) -> Floats:
    """Return p values corrected for being several (Holm 1979), shape (n,); NaN is left out.

    Parameters
    ----------
    p
        P values, 0 to 1 or NaN, shape (n,).
    """
    out = np.full(p.size, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    times = np.arange(order.size, 0, -1)
    out[order] = np.minimum(np.maximum.accumulate(p[order] * times), 1.0)
    return out


def _cost(several: Sequence[Difference], euro: Floats) -> Cost:
    """Return what one more costs: public money over the effect, both over all seeds together."""
    first = several[0]
    sign = -1.0 if first.outcome in WORSE else 1.0
    rows = [(float(e), sign * one.difference) for e, one in zip(euro, several, strict=True)]
    gain = mean([more for _, more in rows])

    def per_unit(some: Sequence[tuple[float, float]]) -> Floats:
        more = sum(gained for _, gained in some)
        return np.array([sum(spent for spent, _ in some) / more if more > 0.0 else math.nan])

    unknown = Estimate(math.nan, math.nan, math.nan, len(rows))
    # A ratio to an effect that may be none has no interval.
    estimate = resampled(rows, per_unit)[0] if gain.low > 0.0 else unknown
    return Cost(first.outcome, COSTED[first.outcome], first.scope, estimate)


def _quantile(n: int, level: float = CONFIDENCE) -> float:
    return float(stats.t.ppf(0.5 + level / 2.0, n - 1))


def _known(value: Any) -> Any:
    """Return a value with None in place of NaN."""
    if isinstance(value, list):
        return [_known(one) for one in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def words(case: Compared, seeds: int) -> str:
    """Return in a few sentences what a scenario changes, and what that costs."""
    sure = [one for one in case.contrasts if one.sure]
    text = [
        f"{case.title} against {case.other}, {seeds} seeds: {len(sure)} of "
        f"{len(case.contrasts)} outcomes differ for sure, all of them together at 95 %."
    ]
    if case.euro.value:
        text.append(f"It takes {case.euro.value / 1e6:,.1f} million euro of public money more.")
    costs = [
        f"{one.euro.value:,.0f} euro for one {one.what}"
        for one in case.costs
        if one.scope == ALL and not math.isnan(one.euro.value)
    ]
    if costs:
        text.append(f"In the whole economy that is {'; or '.join(costs)}.")
    saved = [one.saved for one in case.contrasts if not math.isnan(one.saved)]
    if saved:
        text.append(f"The same luck saves {np.median(saved):.0%} of the runs (median).")
    return " ".join(text)
