"""What evaluations of programmes of policy found, against the same programmes simulated.

A programme is tried for five years, against the same run without it, on the same luck
(`clustersim.experiments.validation.trials`). What evaluations can only estimate is a difference
here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from clustersim.experiments.validation.facts import NO_FIGURE, Figure
from clustersim.experiments.validation.trials import LASTS, Course, Trial

FUNDED: Final = slice(0, LASTS)
LATER: Final = slice(LASTS + 3, None)
"""From three years after the end, when ties of that time are over."""

_INF: Final = float("inf")
_GROUP: Final = "programmes"
_GRAF = "Graf & Broekel 2020"
_POLES = "France Stratégie 2017, 2020"
_DIRECTION = "the source gives the direction"
_NOTHING = (
    "the evaluation measured nothing; an effect of this size would not have been told from nothing"
)


@dataclass(frozen=True)
class Finding(Figure):
    """A figure of an evaluation of a programme.

    Attributes
    ----------
    programme
        Name of the programme that is tried (`clustersim.experiments.validation.trials.PROGRAMMES`).
    measure
        The simulated value, from the course with the programme and the course without it.
    """

    programme: str
    measure: Callable[[Course, Course], float]


def _ratio(column: str, years: slice, done: Course, without: Course) -> float:
    """Return the log of a sum over years, with the programme over without; NaN without any."""
    sums = [float(getattr(one, column)[years].sum()) for one in (done, without)]
    return math.log(sums[0] / sums[1]) if min(sums) > 0.0 else math.nan


def _left(column: str, done: Course, without: Course) -> float:
    """Return what is left of an effect afterwards, as a share of that of the last year funded."""
    while_funded = _ratio(column, slice(LASTS - 1, LASTS), done, without)
    if while_funded == 0.0:
        return math.nan
    return _ratio(column, LATER, done, without) / while_funded


def _research_per_euro(sizes: slice, done: Course, without: Course) -> float:
    """Return how much more R&D there is for each public euro; NaN where none was spent."""
    public = float(done.spent[:, sizes].sum())
    more = float((done.research - without.research)[FUNDED, sizes].sum())
    return more / public if public > 0.0 else math.nan


def private_research(done: Course, without: Course) -> float:
    """Return private R&D per public euro: R&D beyond the public euro itself."""
    return _research_per_euro(slice(None), done, without) - 1.0


def _large_research(done: Course, without: Course) -> float:
    """Return the log of R&D of large firms, with over without; NaN where there are none."""
    sums = [float(one.research[FUNDED, 1].sum()) for one in (done, without)]
    return math.log(sums[0] / sums[1]) if min(sums) > 0.0 else math.nan


def _productivity(done: Course, without: Course) -> float:
    return float((done.log_productivity - without.log_productivity)[FUNDED].mean())


def _additional(done: Course, _: Course) -> float:
    served, did_more = (float(share) for share in done.served)
    return did_more / served if served > 0.0 else math.nan


FINDINGS: Final[tuple[Finding, ...]] = (
    Finding(
        "P5.size",
        "V",
        _GROUP,
        "log collaborations while networks are funded, with over without",
        "ln",
        NO_FIGURE,
        0.0,
        _INF,
        _DIRECTION,
        _GRAF,
        "networks",
        partial(_ratio, "ties", FUNDED),
    ),
    Finding(
        "P5.innovation",
        "V",
        _GROUP,
        "log innovations while networks are funded, with over without",
        "ln",
        NO_FIGURE,
        0.0,
        _INF,
        _DIRECTION,
        _GRAF,
        "networks",
        partial(_ratio, "innovations", FUNDED),
    ),
    Finding(
        "P5.after",
        "V",
        _GROUP,
        "share of the growth of networks that is left from three years after the end",
        "share",
        0.0,
        -0.5,
        0.5,
        "not after: less than half is left",
        _GRAF,
        "networks",
        partial(_left, "ties"),
    ),
    Finding(
        "P9.sme",
        "V",
        _GROUP,
        "R&D of SMEs in poles per public euro for them",
        "euro/euro",
        2.5,
        1.25,
        3.75,
        "half up and down: one programme, of which only a part is simulated",
        _POLES,
        "poles",
        partial(_research_per_euro, slice(0, 1)),
    ),
    Finding(
        "P9.large",
        "V",
        _GROUP,
        "log R&D of large firms, with poles over without",
        "ln",
        0.0,
        -0.03,
        0.03,
        _NOTHING,
        _POLES,
        "poles",
        _large_research,
    ),
    Finding(
        "P9.productivity",
        "V",
        _GROUP,
        "log productivity, with poles less without",
        "ln",
        0.0,
        -0.01,
        0.01,
        _NOTHING,
        _POLES,
        "poles",
        _productivity,
    ),
    Finding(
        "P9.sales",
        "V",
        _GROUP,
        "log jobs, with poles over without",
        "ln",
        0.0,
        -0.01,
        0.01,
        _NOTHING + "; jobs stand for sales",
        _POLES,
        "poles",
        partial(_ratio, "jobs", FUNDED),
    ),
    Finding(
        "P12.additional",
        "C",
        _GROUP,
        "vouchers that bring what would not have been done, share of those used",
        "share",
        8.0 / 9.0,
        0.84,
        0.94,
        "the source speaks of tenths of all vouchers: half a tenth up and down",
        "Cornet et al. 2006",
        "vouchers",
        _additional,
    ),
    Finding(
        "P16",
        "C",
        _GROUP,
        "private R&D per public euro of R&D grants",
        "euro/euro",
        0.075,
        -0.2,
        0.252,
        "at most what other meta-analyses find (0.166 to 0.252, World Bank 2013); at least that a "
        "fifth of the public euro replaces private R&D (assumption)",
        "Dimos et al. 2022",
        "grants",
        private_research,
    ),
)
"""Figures of evaluations, in the order of the evidence."""


def measured(trial: Trial) -> dict[str, float]:
    """Return every finding as simulated at one seed, by id."""
    done = {name: trial.with_programme(name) for name in {one.programme for one in FINDINGS}}
    return {one.id: one.measure(done[one.programme], trial.without) for one in FINDINGS}
