"""Why a cluster passed from one stage to another, as far as the recorded series tell."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from clustersim.measures.checks import FloatArray
from clustersim.measures.lifecycle_series import Series
from clustersim.measures.stage_rule import Stage, StageRule


class Cause(StrEnum):
    """The first reason of a transition, for counting; the text of the reason has the numbers."""

    FOUNDED = "founded"
    VANISHED = "vanished"
    TAKE_OFF = "take-off"
    SET_IN = "growth set in"
    RENEWAL_COMPLETE = "renewal complete"
    OUTGREW_INFANCY = "outgrew infancy"
    CONVERGED = "knowledge converged"
    STALLED = "growth stalled"
    REGAINED = "regained its size"
    SETTLED = "settled at a new size"
    KEY_LOSS = "sudden loss"
    LOCKED_IN = "lock-in"
    FIRMS_LEFT = "firms left"
    SHRANK = "shrank"
    NEW_PARADIGM = "newer paradigm"
    NEW_VARIETY = "new variety"
    NEW_FIRMS = "new firms"
    REGREW = "regrowth"


@dataclass(frozen=True)
class Transition:
    """One passage of one cluster from a stage to another.

    Attributes
    ----------
    year_index
        Row of the series in which the new stage was accepted.
    cluster
        Column of the series.
    before, after
        The stages.
    reason
        What the series show at that time, in words and numbers.
    cause
        The first of these reasons, to be counted.
    """

    year_index: int
    cluster: int
    before: Stage
    after: Stage
    reason: str
    cause: Cause


@dataclass(frozen=True)
class Evidence:
    """What the series of one cluster show between two years; NaN where unknown.

    Attributes
    ----------
    growth
        Growth at the end, log difference per year.
    years
        Years over which growth is measured.
    of_peak
        Size as a share of the peak.
    firms, firms_change, variety_change
        Number of firms at the end; relative change of firms and of heterogeneity.
    newer_before, newer_after
        Share on the newer paradigm at both ends.
    worst_loss, worst_firms_change
        Largest loss of jobs within one year, as a share of the peak, and the relative change of
        the number of firms in that year.
    """

    growth: float
    years: int
    of_peak: float
    firms: float
    firms_change: float
    variety_change: float
    newer_before: float
    newer_after: float
    worst_loss: float
    worst_firms_change: float


def gather(
    series: Series, year: int, since: int, cluster: int, peak: float, window: int
) -> Evidence:
    """Collect the evidence on one cluster from year ``since`` to ``year``."""
    span = slice(since, year + 1)
    jobs, firms = series.jobs[span, cluster], series.firms[span, cluster]
    newer = series.newer_share[span, cluster]
    worst_loss, worst_firms = 0.0, float("nan")
    if jobs.size > 1 and peak > 0:
        losses = (jobs[:-1] - jobs[1:]) / peak
        worst = int(np.argmax(losses))
        worst_loss = float(losses[worst])
        worst_firms = _change(firms[worst : worst + 2])
    return Evidence(
        growth=float(series.growth[year, cluster]),
        years=window,
        of_peak=float(series.level[year, cluster]) / peak if peak > 0 else float("nan"),
        firms=float(firms[-1]),
        firms_change=_change(firms),
        variety_change=_change(series.heterogeneity[span, cluster]),
        newer_before=_first_known(newer),
        newer_after=float(newer[-1]),
        worst_loss=worst_loss,
        worst_firms_change=worst_firms,
    )


def explain(before: Stage, after: Stage, seen: Evidence, rule: StageRule) -> tuple[Cause, str]:
    """Derive the reason of a transition from the evidence.

    Evidence is what has changed since the peak, in a decline; else within the
    ``window + min_years - 2`` years that led to the stage. "Notable" is a relative change of
    ``rule.notable_change``. Of several reasons the first is the cause, the others are named too:

    ========== ==================================================================================
    into       cause, in this order
    ========== ==================================================================================
    infancy    founded
    growth     out of renewal: renewal complete; out of infancy: take-off; else: growth set in
    maturity   out of decline: regained its size (``rule.near_peak`` of the peak) or settled; out of
               infancy: outgrew it; else knowledge converged if heterogeneity fell notably, or
               growth stalled
    decline    sudden loss: half of what was lost from the peak, and notably many jobs, within one
               year, in which the number of firms fell by less than half as much; lock-in: less
               than ``rule.lock_in_share`` on the newer paradigm; firms left: notably fewer; else it
               shrank
    renewal    newer paradigm: its share rose by ``rule.renewal_newer_rise``; new variety:
               heterogeneity rose notably; new firms: notably more; else regrowth
    none       vanished
    ========== ==================================================================================

    Parameters
    ----------
    before, after
        The stages.
    seen
        The evidence at the time.
    rule
        Thresholds; ``notable_change`` and ``lock_in_share`` tell what is worth naming.

    Returns
    -------
    cause, reason : tuple of Cause and str
        The first reason, and all of them in words and numbers.
    """
    if after is Stage.NONE:
        return Cause.VANISHED, "the last firm left"
    if after is Stage.INFANCY:
        return Cause.FOUNDED, f"first seen{_counted(seen.firms)}"
    if after is Stage.GROWTH:
        return _growth(before, seen)
    if after is Stage.MATURITY:
        return _maturity(before, seen, rule)
    if after is Stage.DECLINE:
        return _decline(seen, rule)
    return _renewal(seen, rule)


def _growth(before: Stage, seen: Evidence) -> tuple[Cause, str]:
    text = f"jobs grew {_rate(seen)} over {seen.years} years{_counted(seen.firms)}"
    if before is Stage.RENEWAL:
        passed = f"at {seen.of_peak:.0%} of the peak before its renewal"
        return Cause.RENEWAL_COMPLETE, f"{passed}, {text}"
    return (Cause.TAKE_OFF if before is Stage.INFANCY else Cause.SET_IN), text


def _maturity(before: Stage, seen: Evidence, rule: StageRule) -> tuple[Cause, str]:
    if before is Stage.DECLINE:
        if seen.of_peak >= rule.near_peak:
            return Cause.REGAINED, f"back at {seen.of_peak:.0%} of its peak"
        return Cause.SETTLED, f"the fall ended at {seen.of_peak:.0%} of its peak ({_rate(seen)})"
    if before in (Stage.NONE, Stage.INFANCY):
        text = f"beyond the limits of infancy without sustained growth ({_rate(seen)})"
        return Cause.OUTGREW_INFANCY, text + _counted(seen.firms)
    verb = "ended" if seen.growth <= -rule.growth_down else "stalled"
    text = f"growth {verb} ({_rate(seen)})"
    if seen.variety_change <= -rule.notable_change:
        return Cause.CONVERGED, f"{text} while heterogeneity fell {-seen.variety_change:.0%}"
    return Cause.STALLED, f"{text} at {seen.of_peak:.0%} of its peak"


def _decline(seen: Evidence, rule: StageRule) -> tuple[Cause, str]:
    """Name, in this order: a sudden loss of jobs, lock-in, the loss of firms."""
    loss = 1.0 - seen.of_peak
    found: list[tuple[Cause, str]] = []
    few_firms_left = not seen.worst_firms_change < -0.5 * seen.worst_loss
    if seen.worst_loss >= max(0.5 * loss, rule.notable_change) and few_firms_left:
        text = f"{seen.worst_loss:.0%} lost within one year"
        if not np.isnan(seen.worst_firms_change):
            text += f", in which firms changed by {seen.worst_firms_change:+.0%}"
        found.append((Cause.KEY_LOSS, text + " (a key firm or a shock)"))
    if seen.newer_after < rule.lock_in_share:
        text = f"only {seen.newer_after:.0%} on the newer paradigm"
        found.append((Cause.LOCKED_IN, text))
    if seen.firms_change <= -rule.notable_change:
        text = f"the number of firms fell {-seen.firms_change:.0%}"
        found.append((Cause.FIRMS_LEFT, text))
    cause = found[0][0] if found else Cause.SHRANK
    return cause, "; ".join([f"lost {loss:.0%} from its peak ({_rate(seen)})", *_texts(found)])


def _renewal(seen: Evidence, rule: StageRule) -> tuple[Cause, str]:
    """Name, in this order: the newer paradigm, new variety, new firms."""
    found: list[tuple[Cause, str]] = []
    if seen.newer_after - seen.newer_before >= rule.renewal_newer_rise:
        text = f"newer paradigm up from {seen.newer_before:.0%} to {seen.newer_after:.0%}"
        found.append((Cause.NEW_PARADIGM, text))
    if seen.variety_change >= rule.notable_change:
        text = f"heterogeneity up {seen.variety_change:.0%}"
        found.append((Cause.NEW_VARIETY, text))
    if seen.firms_change >= rule.notable_change:
        text = f"number of firms up {seen.firms_change:.0%}"
        found.append((Cause.NEW_FIRMS, text))
    cause = found[0][0] if found else Cause.REGREW
    text = f"regrowth of {_rate(seen)} over {seen.years} years, at {seen.of_peak:.0%} of its peak"
    return cause, "; ".join([text, *_texts(found)])


def _texts(found: list[tuple[Cause, str]]) -> list[str]:
    return [text for _, text in found]


def _rate(seen: Evidence) -> str:
    return "rate unknown" if np.isnan(seen.growth) else f"{np.expm1(seen.growth):+.1%}/year"


def _counted(firms: float) -> str:
    return "" if np.isnan(firms) else f", {firms:.0f} firms"


def _first_known(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    return float(known[0]) if known.size else float("nan")


def _change(values: FloatArray) -> float:
    """Relative change from the first known to the last value; NaN where unknown."""
    first = _first_known(values)
    return float(values[-1]) / first - 1.0 if first > 0 else float("nan")
