"""Outcomes of the economy on which actions are tried, each a difference of two courses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from clustersim.experiments.actions.course import AHEAD, FIRST_YEAR, YOUNG, Course
from clustersim.world.types import Flags, Floats

Compare = Callable[[Course, Course, Flags], float]
"""From the course with the action, that without it, and which firms are looked at."""


@dataclass(frozen=True)
class Outcome:
    """What is measured, in which unit, and how."""

    name: str
    title: str
    unit: str
    """*share*: relative change; *points*: difference of shares; else the difference's own unit."""
    measure: Compare


def _both(name: str, done: Course, without: Course, who: Flags) -> tuple[Floats, Floats]:
    """Return values of the firms from the first year's end on, where they live in both courses.

    Shape (quarters, n) each; 0 elsewhere.
    """
    one, other = (course.firms[name][FIRST_YEAR:, who] for course in (done, without))
    lives = ~np.isnan(one) & ~np.isnan(other)
    return np.where(lives, one, 0.0), np.where(lives, other, 0.0)


def _change(one: float, other: float) -> float:
    """Return by how much one number is more than the other, as a share; NaN of nothing."""
    return float(one / other - 1.0) if other > 0.0 else np.nan


def _relative(name: str, done: Course, without: Course, who: Flags) -> float:
    """Return by how much the sum over firms and quarters differs, as a share."""
    return _change(*(values.sum() for values in _both(name, done, without, who)))


def _mean(name: str, done: Course, without: Course, who: Flags) -> float:
    """Return by how much the mean over firms and quarters differs."""
    one, other = _both(name, done, without, who)
    lives = ~np.isnan(done.firms[name][FIRST_YEAR:, who] + without.firms[name][FIRST_YEAR:, who])
    return float((one - other).sum() / max(lives.sum(), 1))


def _outside(done: Course, without: Course, who: Flags) -> float:
    shares = []
    for k in (0, 1):
        part, whole = (_both(name, done, without, who)[k].sum() for name in ("outside", "ties"))
        shares.append(part / whole if whole > 0.0 else np.nan)
    return float(shares[0] - shares[1])


def _trust(done: Course, without: Course, who: Flags) -> float:
    """Return how much more trust there is in ties of these firms that are in both at the end."""
    firms = set(done.ids[who].tolist())
    gains = [
        trust - without.trust[pair]
        for pair, trust in done.trust.items()
        if pair in without.trust and not firms.isdisjoint(pair)
    ]
    return float(np.mean(gains)) if gains else np.nan


def _alive(done: Course, without: Course, who: Flags) -> float:
    """Return how many more of the firms still live at the end, as a share of them."""
    one, other = (~np.isnan(course.firms["jobs"][-1, who]) for course in (done, without))
    return float(one.mean() - other.mean()) if one.size else np.nan


def _work(done: Course, without: Course, who: Flags) -> float:
    """Return how many more jobs these firms have, those that have closed none, as a share."""
    return _change(*(np.nansum(one.firms["jobs"][FIRST_YEAR:, who]) for one in (done, without)))


def _unfilled(done: Course, without: Course, who: Flags) -> float:
    """Return by how much more vacancies stay open when people have been hired, as a share."""
    left = []
    for course in (done, without):
        wanted, found = (course.firms[name][:, who] for name in ("orders", "jobs"))
        left.append(np.nansum(np.maximum(wanted[FIRST_YEAR - 1 : -1] - found[FIRST_YEAR:], 0.0)))
    return _change(*left)


def _rate(count: str, of: str, done: Course, without: Course, _: Flags) -> float:
    """Return by how much a count for each of those at risk differs, as a share."""
    rates = []
    for course in (done, without):
        events, at_risk = (course.totals[name][FIRST_YEAR:].sum() for name in (count, of))
        rates.append(events / at_risk if at_risk > 0.0 else np.nan)
    return _change(*rates)


def _count(name: str, done: Course, without: Course, _: Flags) -> float:
    """Return by how much a number over the whole country differs, as a share."""
    return _change(*(course.totals[name][FIRST_YEAR:].sum() for course in (done, without)))


def _more(name: str, done: Course, without: Course, _: Flags) -> float:
    """Return by how much a number over the whole country differs."""
    one, other = (course.totals[name][FIRST_YEAR:].sum() for course in (done, without))
    return float(one - other)


def _difference(name: str, done: Course, without: Course, _: Flags) -> float:
    one, other = (course.totals[name][FIRST_YEAR:].mean() for course in (done, without))
    return float(one - other)


OUTCOMES: Final = {
    one.name: one
    for one in (
        Outcome("ties", "collaborations", "share", partial(_relative, "ties")),
        Outcome("outside", "share of collaborations with other regions", "points", _outside),
        Outcome("trust", "trust in the same collaborations at the end", "points", _trust),
        Outcome("innovations", "innovations", "share", partial(_relative, "innovations")),
        Outcome("research", "R&D, euro", "share", partial(_relative, "research")),
        Outcome("projects", "R&D projects begun", "share", partial(_relative, "projects")),
        Outcome(
            "readiness",
            "rises of readiness for each running project",
            "share",
            partial(_rate, "rises", "running"),
        ),
        Outcome("successes", "projects that succeed", "share", partial(_count, "succeeded")),
        Outcome("digital", "adopters of digital technology", "points", partial(_mean, "digital")),
        Outcome("green", "adopters of green technology", "points", partial(_mean, "green")),
        Outcome(
            "rising",
            f"knowledge of fields that will matter more in {AHEAD:g} years",
            "share",
            partial(_relative, "rising"),
        ),
        Outcome("productivity", "log productivity", "ln", partial(_mean, "productivity")),
        Outcome("jobs", "jobs of these firms, closed ones counted", "share", _work),
        Outcome("survival", "firms that live at the end", "points", _alive),
        Outcome(
            "spin_offs", "spin-offs from these firms", "share", partial(_relative, "spin_offs")
        ),
        Outcome("start_ups", "start-ups", "share", partial(_count, "start_ups")),
        Outcome(
            "young_closing",
            f"closings of firms up to {YOUNG:g} years old, each year",
            "share",
            partial(_rate, "young_closed", "young"),
        ),
        Outcome(
            "subsidiaries",
            "subsidiaries from abroad",
            "number",
            partial(_more, "subsidiaries"),
        ),
        Outcome("unfilled", "vacancies that nobody fills in the quarter", "share", _unfilled),
        Outcome("unemployed", "people who look for work", "share", partial(_count, "unemployed")),
        Outcome("emissions", "emissions of CO2", "share", partial(_count, "emissions")),
        Outcome("all_jobs", "jobs of the country", "share", partial(_count, "all_jobs")),
        Outcome("members", "members of the organisations", "share", partial(_count, "members")),
        Outcome(
            "additional",
            "share of those served who would not have done it anyway",
            "points",
            partial(_difference, "additional"),
        ),
        Outcome("help", "help that arrives with firms", "share", partial(_count, "help")),
    )
}
"""All outcomes by name."""
