"""Why clusters decline: lock-in, the closing of key firms, the market, shocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.experiments import uncertainty
from clustersim.experiments.cycles.history import History
from clustersim.measures.checks import FloatArray
from clustersim.measures.lifecycle import Stage, StageRule

Row = dict[str, Any]

SHOCK: Final = "shock"
KEY_FIRM: Final = "key firm"
LOCK_IN: Final = "lock-in"
MARKET: Final = "market"
RIVALS: Final = "rivals"
REASONS: Final = {
    SHOCK: "a scheduled shock struck between the peak and the decline",
    KEY_FIRM: "a quarter of the loss or more was in key firms that closed",
    LOCK_IN: "a newer paradigm had begun, and less than half of what firms knew served it",
    MARKET: "the sector lost at least half as large a share of its jobs in the other regions",
    RIVALS: "none of these: the cluster alone lost ground, to other regions and the world",
}
"""In the order in which the main reason is named."""

KEY_PART: Final = 0.25
"""Part of the loss that key firms must make up (assumption)."""
MARKET_PART: Final = 0.5
"""Loss of the sector elsewhere over that of the cluster from which the market is a reason
(assumption)."""


@dataclass(frozen=True)
class Fall:
    """One decline of one cluster.

    Attributes
    ----------
    cluster
        Column of the series.
    peak, seen
        Year indices of the highest smoothed size before it, and in which the decline was accepted.
    marks
        Which of the first four `REASONS` apply; several may.
    """

    cluster: int
    peak: int
    seen: int
    marks: frozenset[str]

    @property
    def main(self) -> str:
        """The first reason that applies."""
        return next((reason for reason in REASONS if reason in self.marks), RIVALS)


def falls(run: History, rule: StageRule) -> list[Fall]:
    """Return the declines of a run, in the order in which they were seen."""
    return [
        _fall(run, one.cluster, one.year_index, rule)
        for one in run.result.transitions
        if one.after is Stage.DECLINE
    ]


def _fall(run: History, cluster: int, seen: int, rule: StageRule) -> Fall:
    past = run.result.stage[:seen, cluster]
    # Since the last decline ended, or the cluster appeared.
    other = np.flatnonzero((past == Stage.NONE) | (past == Stage.DECLINE))
    since = int(other[-1]) + 1 if other.size else 0
    # Of equal sizes the last: a fall begins where the plateau ends.
    peak = seen - int(np.argmax(run.result.level[since : seen + 1, cluster][::-1]))
    jobs = run.series.jobs[[peak, seen], cluster]
    marks = set()
    if _struck(run, cluster, peak, seen):
        marks.add(SHOCK)
    if _key_part(run, cluster, peak, seen) >= KEY_PART:
        marks.add(KEY_FIRM)
    if run.series.newer_share[seen, cluster] < rule.lock_in_share:  # unknown until it has come
        marks.add(LOCK_IN)
    whole = run.known["elsewhere"][[peak, seen], cluster]
    if _loss(whole) >= MARKET_PART * max(_loss(jobs), 1e-12):
        marks.add(MARKET)
    return Fall(cluster, peak, seen, frozenset(marks))


def _loss(jobs: FloatArray) -> float:
    return 1.0 - float(jobs[1] / jobs[0]) if jobs[0] > 0 else 0.0


def _key_part(run: History, cluster: int, peak: int, seen: int) -> float:
    """Return the jobs of key firms that closed since the peak over the jobs lost since then."""
    jobs = run.series.jobs[peak : seen + 1, cluster]
    lost = float(jobs[0] - jobs[-1])
    closed = float((run.known["key_loss"][peak + 1 : seen + 1, cluster] * jobs[:-1]).sum())
    return closed / lost if lost > 0 else 0.0


def _struck(run: History, cluster: int, peak: int, seen: int) -> bool:
    first, last = run.series.year[peak] - 1.0, run.series.year[seen]
    region, sector = run.series.region[cluster], run.series.sector[cluster]
    return any(
        first <= blow.year <= last
        and blow.region in (None, region)
        and blow.sector in (None, sector)
        for blow in run.blows
    )


def rows(found: Sequence[Sequence[Fall]]) -> list[Row]:
    """Return the share of declines by main reason, and those in which a reason applies at all.

    Parameters
    ----------
    found
        The declines of each run.
    """
    total = [len(those) for those in found]
    result = []
    for reason, words in REASONS.items():
        main = uncertainty.ratio(
            [sum(one.main == reason for one in those) for those in found], total, most=1.0
        )
        any_ = uncertainty.ratio(
            [
                sum(reason in one.marks or reason == one.main == RIVALS for one in those)
                for those in found
            ],
            total,
            most=1.0,
        )
        result.append(
            {
                "reason": reason,
                "count": sum(one.main == reason for those in found for one in those),
                "share": main.value,
                "low": main.low,
                "high": main.high,
                "applies_share": any_.value,
                "applies_low": any_.low,
                "applies_high": any_.high,
                "words": words,
            }
        )
    return result
