"""Life-cycle stage of every cluster in every year, read off recorded series, with reasons.

Stages are a measure: no mechanism reads them. The stage of a year uses that year and earlier ones
only, so that an observer in that year could have said the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clustersim.measures.checks import BoolArray, FloatArray, IntArray, amounts
from clustersim.measures.lifecycle_reasons import Cause, Evidence, Transition, explain, gather
from clustersim.measures.lifecycle_series import Series, read
from clustersim.measures.lifecycle_tables import (
    Durations,
    dated,
    durations,
    transition_table,
)
from clustersim.measures.stage_rule import DEFAULT_STAGE_RULE, Stage, StageRule

__all__ = [
    "DEFAULT_STAGE_RULE",
    "Cause",
    "Durations",
    "Evidence",
    "Stage",
    "StageResult",
    "StageRule",
    "Transition",
    "dated",
    "durations",
    "stages",
    "transition_table",
]


@dataclass(frozen=True)
class StageResult:
    """Stages of C clusters over T years.

    Attributes
    ----------
    stage
        Values of `Stage`, shape (T, C).
    level
        Jobs smoothed over the window, shape (T, C), jobs.
    growth
        Growth over the window, shape (T, C), log difference per year; NaN where unknown.
    transitions
        Every change of stage after the first year, by year, then cluster.
    """

    stage: NDArray[np.int8]
    level: FloatArray
    growth: FloatArray
    transitions: tuple[Transition, ...]


def stages(
    employment: ArrayLike,
    firms: ArrayLike,
    heterogeneity: ArrayLike | None = None,
    newer_share: ArrayLike | None = None,
    reference_size: ArrayLike | None = None,
    rule: StageRule = DEFAULT_STAGE_RULE,
) -> StageResult:
    """Read the life-cycle stage of each cluster and year off its recorded series.

    Every year indicates a stage from the smoothed size S, the growth g of jobs over
    ``rule.window`` years and the highest S so far (the peak), given the stage the cluster is in:

    ================== ===========================================================================
    indicated stage    when
    ================== ===========================================================================
    none               no jobs or no firms; accepted at once, and forgets the past
    infancy            not yet beyond it, and small (S below ``infancy_share`` of the reference),
                       or of fewer than ``infancy_firms`` firms, or younger than ``infancy_years``
    decline            g <= ``-growth_down`` and S < ``near_peak`` of the peak, or
                       g <= ``-hold * growth_down`` and ``decline_depth`` of the peak lost; ends
                       by renewal, or when it falls no more: at once if S is near the peak, else
                       after ``settle_years`` of calm
    growth             g >= ``growth_up``; lasts while g >= ``hold * growth_up``
    renewal            growth out of a decline, out of maturity after a decline that was not
                       made good, or out of maturity while the share on the newer paradigm rose by
                       ``renewal_newer_rise``; turns into growth at ``renewal_complete`` of the
                       peak before it
    maturity           everything else
    ================== ===========================================================================

    A stage other than none is accepted when it was indicated in ``rule.min_years`` years in a row;
    only the first stage after none is accepted at once. A cluster that settles after a decline is
    measured against its new size from then on. A small cluster that shrinks stays in infancy: it
    never took off. A cluster that shrinks slower than ``hold * growth_down`` is mature. A constant
    cluster is mature, or in infancy while small, of few firms or young. Until growth is known,
    which takes a whole window, it counts as zero.

    Parameters
    ----------
    employment
        Jobs per year and cluster, shape (T, C), at least 0. NaN is "unknown": the last known
        value stands; before the first known value there is no cluster.
    firms
        Number of firms, shape (T, C); NaN is "unknown" as above and sets no limit.
    heterogeneity
        Heterogeneity H of the firms' knowledge, shape (T, C); only used for reasons.
    newer_share
        Share of employment on the newer paradigm, in [0, 1], shape (T, C); NaN where no newer
        paradigm has arrived, so that its absence is not taken for lock-in.
    reference_size
        Size to compare with in infancy, such as the mean local industry of the sector, shape
        (C,), in the unit of ``employment``; without it no cluster is called small.
    rule
        The thresholds.

    Returns
    -------
    StageResult
        Stages, smoothed size, growth, and transitions with their reasons.

    Raises
    ------
    ValueError
        On unequal shapes, or a value that is negative or infinite.

    Notes
    -----
    After Menzel & Fornahl 2010, *Industrial and Corporate Change* 19(1): emergence, growth,
    sustainment and decline by size, growth and heterogeneity, and renewal by new heterogeneity.
    Growth is measured over a window and must last: a turn is seen some years after it happened.
    """
    series = read(employment, firms, heterogeneity, newer_share, rule)
    shape = series.jobs.shape
    reference = (
        np.zeros(shape[1])
        if reference_size is None
        else amounts("reference_size", reference_size, 1, shape[1:])
    )
    state = _State.before_first_year(shape[1])
    stage = np.zeros(shape, dtype=np.int8)
    transitions: list[Transition] = []
    for year in range(shape[0]):
        small = _in_infancy(series, year, reference, rule)
        _observe(state, series, year, rule)
        accepted = _accept(state, _indicate(state, series, year, small, rule), rule)
        if year > 0:
            transitions += _explained(state, accepted, series, year, rule)
        _enter(state, accepted, series.level[year], rule)
        stage[year] = state.stage
    return StageResult(stage, series.level, series.growth, tuple(transitions))


@dataclass
class _State:
    """What is remembered of each cluster from year to year; every array has shape (C,)."""

    stage: IntArray
    pending: IntArray  # the stage indicated last year
    pending_years: IntArray  # for how many years in a row
    peak: FloatArray  # highest smoothed size since it appeared or settled
    peak_year: IntArray
    calm_years: IntArray  # years in a row without fall
    fallen: BoolArray  # a decline that was not made good
    old_peak: FloatArray  # the peak before that decline, or before the renewal

    @classmethod
    def before_first_year(cls, n: int) -> _State:
        whole = [np.zeros(n, dtype=np.int64) for _ in range(5)]
        real = [np.zeros(n) for _ in range(2)]
        return cls(
            stage=whole[0],
            pending=whole[1],
            pending_years=whole[2],
            peak=real[0],
            peak_year=whole[3],
            calm_years=whole[4],
            fallen=np.zeros(n, dtype=np.bool_),
            old_peak=real[1],
        )


def _in_infancy(series: Series, year: int, reference: FloatArray, rule: StageRule) -> BoolArray:
    """Tell which clusters are small, of few firms, or young."""
    founded = series.founded[year]
    young = (founded >= 0) & (year - founded < rule.infancy_years)
    small = series.level[year] < rule.infancy_share * reference
    few = series.firms[year] < rule.infancy_firms
    return np.asarray(young | small | few, dtype=np.bool_)


def _observe(state: _State, series: Series, year: int, rule: StageRule) -> None:
    """Update peaks and years of calm; a cluster that is gone is forgotten."""
    level, growth = series.level[year], series.growth[year]
    gone = ~series.alive[year]
    # A new life begins with a new peak, even if the old one ended only the year before.
    fresh = gone | (state.stage == Stage.NONE)
    state.peak[fresh] = 0.0
    state.fallen[fresh] = False
    higher = level >= state.peak
    state.peak_year[higher] = year
    np.maximum(state.peak, level, out=state.peak)
    calm = series.alive[year] & ~(growth <= -rule.hold * rule.growth_down)
    state.calm_years[:] = np.where(calm, state.calm_years + 1, 0)


def _indicate(
    state: _State, series: Series, year: int, small: BoolArray, rule: StageRule
) -> IntArray:
    """Stage that this year's size and growth indicate, given the present stage."""
    level = series.level[year]
    growth = np.where(np.isnan(series.growth[year]), 0.0, series.growth[year])
    now = state.stage
    up = growth >= rule.growth_up
    still_up = growth >= rule.hold * rule.growth_up
    near_peak = level >= rule.near_peak * state.peak
    deep = level <= (1.0 - rule.decline_depth) * state.peak
    slips = growth <= -rule.hold * rule.growth_down
    falls = ((growth <= -rule.growth_down) & ~near_peak) | (slips & deep)
    calm = state.calm_years >= np.where(near_peak, 1, rule.settle_years)
    renewing = state.fallen | (series.newer_rise[year] >= rule.renewal_newer_rise)
    complete = level >= rule.renewal_complete * state.old_peak
    not_yet_grown = (now == Stage.NONE) | (now == Stage.INFANCY)
    declining, mature = now == Stage.DECLINE, now == Stage.MATURITY
    rising_on = still_up & ((now == Stage.GROWTH) | (now == Stage.RENEWAL))
    cases: list[tuple[NDArray[np.bool_], Stage]] = [
        (~series.alive[year], Stage.NONE),
        (not_yet_grown & small, Stage.INFANCY),
        (declining & up, Stage.RENEWAL),
        (declining & ~calm, Stage.DECLINE),
        (declining, Stage.MATURITY),
        (falls, Stage.DECLINE),
        (mature & up & renewing, Stage.RENEWAL),
        (rising_on & (now == Stage.RENEWAL) & ~complete, Stage.RENEWAL),
        (rising_on, Stage.GROWTH),
        (up, Stage.GROWTH),
    ]
    return np.select([case for case, _ in cases], [int(s) for _, s in cases], int(Stage.MATURITY))


def _accept(state: _State, indicated: IntArray, rule: StageRule) -> IntArray:
    """Accept an indicated stage once it has lasted; hysteresis against flicker."""
    same = indicated == state.pending
    state.pending_years[:] = np.where(same, state.pending_years + 1, 1)
    state.pending[:] = indicated
    at_once = (indicated == Stage.NONE) | (state.stage == Stage.NONE)
    return np.where(at_once | (state.pending_years >= rule.min_years), indicated, state.stage)


def _explained(
    state: _State, accepted: IntArray, series: Series, year: int, rule: StageRule
) -> list[Transition]:
    """Transitions of this year, with reasons; called before the state takes them over."""
    result = []
    # The years whose data made the case: the window of the first year that indicated it, onwards.
    evidence_years = rule.window + rule.min_years - 2
    for c in np.flatnonzero(accepted != state.stage).tolist():
        before, after = Stage(int(state.stage[c])), Stage(int(accepted[c]))
        since = int(state.peak_year[c]) if after is Stage.DECLINE else year - evidence_years
        since = min(max(since, int(series.founded[year, c]), 0), year)
        # A renewal is told by the peak before the fall, everything else by the present one.
        recovers = (after is Stage.RENEWAL and state.fallen[c]) or (
            before is Stage.RENEWAL and after is Stage.GROWTH
        )
        peak = float(state.old_peak[c] if recovers else state.peak[c])
        seen = gather(series, year, since, c, peak, rule.window)
        cause, reason = explain(before, after, seen, rule)
        result.append(Transition(year, c, before, after, reason, cause))
    return result


def _enter(state: _State, accepted: IntArray, level: FloatArray, rule: StageRule) -> None:
    """Take over the accepted stages and what they change in the memory."""
    new = accepted != state.stage
    was_low = (state.stage == Stage.DECLINE) | (state.stage == Stage.RENEWAL)
    falls = new & (accepted == Stage.DECLINE)
    renews = new & (accepted == Stage.RENEWAL)
    settles = new & was_low & (accepted == Stage.MATURITY)
    begins = falls | (renews & ~state.fallen)
    state.old_peak[begins] = state.peak[begins]
    state.fallen[falls] = True
    made_good = level >= rule.near_peak * state.old_peak
    state.fallen[(settles & made_good) | (new & (accepted == Stage.GROWTH))] = False
    # A cluster that settles away from its peak is measured against its new size from now on.
    lower = settles & (level < rule.near_peak * state.peak)
    state.peak[lower] = level[lower]
    state.stage[:] = accepted
