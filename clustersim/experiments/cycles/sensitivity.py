"""How much the stages depend on the thresholds by which they are told apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Final

import numpy as np

from clustersim.experiments import uncertainty
from clustersim.experiments.life_cycles import ClusterSeries
from clustersim.measures.checks import IntArray
from clustersim.measures.lifecycle import Stage, StageResult, StageRule, dated, stages

N_STAGES: Final = len(Stage)
Row = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Rereading:
    """The stages of one run under one other threshold.

    Attributes
    ----------
    name
        Of the threshold.
    usual, value
        Its value in the rule, and the other.
    years
        Cluster-years in which there is a stage under either.
    changed
        Those whose stage differs.
    before, after
        Cluster-years in each stage under the rule and under the other threshold, shape (6,).
    transitions
        Passages under the rule, and under the other threshold.
    other_causes
        Of the passages that both have in the same year, those whose cause differs.
    """

    name: str
    usual: float
    value: float
    years: int
    changed: int
    before: IntArray
    after: IntArray
    transitions: tuple[int, int]
    other_causes: int


def variants(rule: StageRule, factor: float) -> Iterator[tuple[str, StageRule]]:
    """Return the rules in which one threshold is divided or multiplied by a factor.

    Whole numbers move by one at least. What has no meaning (a share above one, a window below three
    years, a renewal complete below the peak) is moved to the nearest value that has, and left out
    if that is the usual one.

    Parameters
    ----------
    rule
        The usual thresholds.
    factor
        Above 1.

    Raises
    ------
    ValueError
        If the factor is not above 1.
    """
    if not 1.0 < factor < np.inf:
        raise ValueError(f"factor: expected a number above 1, got {factor}")
    for field in fields(rule):
        usual = getattr(rule, field.name)
        for moved in (usual / factor, usual * factor):
            value: float = _bounded(rule, field.name, moved)
            if isinstance(usual, int):
                step = max(abs(round(moved) - usual), 1)
                value = int(_bounded(rule, field.name, usual + np.sign(moved - usual) * step))
            if value != usual:
                yield field.name, replace(rule, **{field.name: value})  # type: ignore[arg-type]


def _bounded(rule: StageRule, name: str, value: float) -> float:
    """Return the nearest value that a threshold can have."""
    low = {
        "window": 3,
        "min_years": 1,
        "settle_years": 1,
        "renewal_complete": rule.near_peak,
    }.get(name, 0)
    high = {
        "hold": 1.0,
        "near_peak": min(1.0, rule.renewal_complete),
        "decline_depth": 0.99,
        "renewal_newer_rise": 1.0,
        "lock_in_share": 1.0,
    }.get(name, np.inf)
    return float(min(max(value, low), high))


def reread(series: ClusterSeries, rule: StageRule, factor: float) -> tuple[Rereading, ...]:
    """Read the stages of one run again under each other threshold; nothing is run anew."""
    usual = _read(series, rule)
    found = []
    for name, other in variants(rule, factor):
        again = _read(series, other)
        one, two = dated(usual.stage, rule.delay), dated(again.stage, other.delay)
        here = (one != Stage.NONE) | (two != Stage.NONE)
        found.append(
            Rereading(
                name=name,
                usual=float(getattr(rule, name)),
                value=float(getattr(other, name)),
                years=int(here.sum()),
                changed=int((here & (one != two)).sum()),
                before=np.bincount(one.ravel(), minlength=N_STAGES),
                after=np.bincount(two.ravel(), minlength=N_STAGES),
                transitions=(len(usual.transitions), len(again.transitions)),
                other_causes=_other_causes(usual, again),
            )
        )
    return tuple(found)


def _read(series: ClusterSeries, rule: StageRule) -> StageResult:
    return stages(
        series.jobs, series.firms, series.heterogeneity, series.newer_share, series.reference, rule
    )


def _other_causes(usual: StageResult, again: StageResult) -> int:
    def key(one: Any) -> tuple[int, int, Stage, Stage]:
        return one.year_index, one.cluster, one.before, one.after

    causes = {key(one): one.cause for one in usual.transitions}
    tally = Counter(causes.get(key(one), one.cause) != one.cause for one in again.transitions)
    return tally[True]


def rows(runs: Sequence[Sequence[Rereading]]) -> list[Row]:
    """Return one row for each other threshold, over all runs.

    Parameters
    ----------
    runs
        The rereadings of each run, all in the same order.
    """
    result = []
    for those in zip(*runs, strict=True):
        first = those[0]
        changed = uncertainty.ratio(
            [one.changed for one in those], [one.years for one in those], most=1.0
        )
        before = np.sum([one.before for one in those], axis=0)
        after = np.sum([one.after for one in those], axis=0)
        passages = np.sum([one.transitions for one in those], axis=0)
        row: Row = {
            "threshold": first.name,
            "usual": first.usual,
            "value": first.value,
            "changed_share": changed.value,
            "low": changed.low,
            "high": changed.high,
            "passages_change": _change(passages[0], passages[1]),
            "other_causes_share": _share(sum(one.other_causes for one in those), passages[0]),
        }
        for stage in list(Stage)[1:]:
            row[f"{stage.name.lower()}_change"] = _change(before[stage], after[stage])
        result.append(row)
    return result


def _change(before: float, after: float) -> float:
    return float(after / before - 1.0) if before > 0 else float("nan")


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")
