"""Winners and losers: effects by region, sector, cluster and size class of firms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.experiments.comparison.effects import Effect, effects, interval, known
from clustersim.experiments.counterpart import first_difference
from clustersim.experiments.uncertainty import FEWEST, Estimate, mean
from clustersim.measures.concentration import herfindahl
from clustersim.recorder import SIZE_CLASSES
from clustersim.store import Tables
from clustersim.world.types import Flags, Floats

KINDS: Final = ("region", "sector", "cluster", "size of firms")
OUTCOMES: Final = {"jobs": "jobs", "firms": "firms", "innovations": "innovations"}
"""What is counted by place, and its unit: jobs and firms at the end, innovations from the time on
at which the two can differ."""
PRODUCTIVITY: Final = "productivity"
SIZED: Final = ("jobs", "firms")
"""What is known of size classes."""
ENOUGH: Final = 0.5
"""Share of the seeds in which a place must have been a cluster to be counted as one."""


@dataclass(frozen=True, eq=False)
class Places:
    """What there is in each place at one seed; the first of two is the scenario, then without.

    Attributes
    ----------
    regions, sectors
        Names, R and S of them.
    amounts
        By outcome: jobs and firms at the end, innovations since the two can differ, shape
        (2, R, S).
    productivity
        Mean log productivity at the end, shape (2, R, S); NaN where there are no firms.
    cluster
        Whether the place has been a cluster in either run, as the table `stages` tells, (R, S).
    sized
        By `SIZED`, at the end, shape (2, classes).
    """

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    amounts: dict[str, Floats]
    productivity: Floats
    cluster: Flags
    sized: dict[str, Floats]


def places(done: Tables, without: Tables) -> Places:
    """Return what there is in each place of a pair of runs of the same places and records.

    Parameters
    ----------
    done, without
        Tables of the scenario and of its counterpart.
    """
    regions, sectors = (
        tuple(str(name) for name in done[table]["name"]) for table in ("regions", "sectors")
    )
    shape = (-1, len(regions), len(sectors))
    first = first_difference(done, without, len(done["economy"]["year"]))
    both = (done, without)

    def column(name: str) -> list[Floats]:
        return [np.asarray(one["clusters"][name], dtype=np.float64).reshape(shape) for one in both]

    cluster = np.zeros(shape[1:], dtype=np.bool_)
    for one in both:
        cluster[np.asarray(one["stages"]["region"]), np.asarray(one["stages"]["sector"])] = True
    return Places(
        regions=regions,
        sectors=sectors,
        amounts={
            "jobs": np.stack([one[-1] for one in column("jobs")]),
            "firms": np.stack([one[-1] for one in column("firms")]),
            "innovations": np.stack([one[first:].sum(axis=0) for one in column("innovations")]),
        },
        productivity=np.stack([one[-1] for one in column("log_productivity")]),
        cluster=cluster,
        sized={name: np.stack([_by_size(one, name) for one in both]) for name in SIZED},
    )


def _by_size(tables: Tables, name: str) -> Floats:
    """Return firms or jobs by size class at the end, shape (classes,)."""
    table = tables["sizes"]
    last = np.asarray(table["quarter"]) == np.max(table["quarter"])
    size, value = np.asarray(table["size"])[last], np.asarray(table[name])[last]
    return np.array([value[size == one].sum() for one in SIZE_CLASSES], dtype=np.float64)


@dataclass(frozen=True)
class Group:
    """Effects on one outcome in the groups of a kind, and how unequal they are.

    Attributes
    ----------
    kind, outcome
        One of `KINDS`, and what is looked at.
    effects
        One for each group. Intervals and p are corrected for all groups of the kind.
    won, lost
        What the groups that gain and those that lose have more and less, all together. Which they
        are is told, for each seed, by the other seeds: else the larger of many chance differences
        would count as gains. They add up to the whole effect, but for
        groups to which nothing happens at the other seeds. Unknown for fewer than two seeds, and
        for productivity, which does not add up.
    """

    kind: str
    outcome: str
    effects: tuple[Effect, ...]
    won: Estimate
    lost: Estimate

    @property
    def losing(self) -> float:
        """Share of the groups that lose, for sure or not; NaN if there is no group."""
        values = [one.effect.value for one in self.effects]
        return float(np.mean(np.array(values) < 0.0)) if values else math.nan

    @property
    def displaced(self) -> float:
        """What is lost for each one won; NaN where nothing is won for sure."""
        return max(-self.lost.value, 0.0) / self.won.value if self.won.low > 0.0 else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        sure = [one.effect.value for one in self.effects if one.sure]
        return {
            "kind": self.kind,
            "outcome": self.outcome,
            "groups": len(self.effects),
            "losing": known(self.losing),
            "sure_winners": sum(value > 0.0 for value in sure),
            "sure_losers": sum(value < 0.0 for value in sure),
            "won": interval(self.won),
            "lost": interval(self.lost),
            "lost_for_each_won": known(self.displaced),
            "effects": [one.to_dict() for one in self.effects],
        }


@dataclass(frozen=True)
class Groups:
    """Winners and losers of a scenario.

    Attributes
    ----------
    groups
        By kind and outcome.
    concentration
        What the scenario changes in the concentration of jobs between regions: Theil's index of
        jobs per region (0 if all have as many), and the Herfindahl index of their shares.
    """

    groups: tuple[Group, ...]
    concentration: tuple[Effect, ...]

    def of(self, kind: str, outcome: str = "jobs") -> Group:
        """Return the effects on an outcome in the groups of a kind.

        Raises
        ------
        KeyError
            If there is no such.
        """
        for one in self.groups:
            if (one.kind, one.outcome) == (kind, outcome):
                return one
        raise KeyError(f"no {outcome!r} by {kind!r}")

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {
            "by": [one.to_dict() for one in self.groups],
            "concentration": [one.to_dict() for one in self.concentration],
        }


def winners_and_losers(found: Sequence[Places]) -> Groups:
    """Return the effects by region, sector, cluster and size class of firms.

    A place counts as a cluster if it has been one in either run at `ENOUGH` of the seeds or more;
    its effect then rests on all seeds. Multiple tests are corrected for among the groups of one
    kind, by outcome.

    Parameters
    ----------
    found
        One for each seed.

    Raises
    ------
    ValueError
        If the seeds have not the same places.
    """
    first = found[0]
    names = (first.regions, first.sectors)
    if any((one.regions, one.sectors) != names for one in found):
        raise ValueError("found: expected seeds with the same regions and sectors")
    often = np.mean([one.cluster for one in found], axis=0) >= ENOUGH
    groups = []
    for outcome, unit in OUTCOMES.items():
        values = np.stack([one.amounts[outcome] for one in found])
        for kind, labels, mine in (
            ("region", first.regions, values.sum(axis=3)),
            ("sector", first.sectors, values.sum(axis=2)),
            ("cluster", _cluster_names(first, often), values[:, :, often]),
        ):
            groups.append(_group(kind, outcome, unit, labels, mine))
        if outcome in SIZED:
            mine = np.stack([one.sized[outcome] for one in found])
            groups.append(_group(KINDS[3], outcome, unit, tuple(SIZE_CLASSES), mine))
    jobs = np.stack([one.amounts["jobs"] for one in found])
    level = np.stack([one.productivity for one in found])
    for kind, labels, mine in (
        ("region", first.regions, _mean_level(level, jobs, 3)),
        ("sector", first.sectors, _mean_level(level, jobs, 2)),
        ("cluster", _cluster_names(first, often), level[:, :, often]),
    ):
        groups.append(_group(kind, PRODUCTIVITY, "ln", labels, mine))
    by_region = jobs.sum(axis=3)
    indices = np.stack([theil(by_region), herfindahl(by_region)], axis=2)
    concentration = effects(
        ("Theil", "Herfindahl"), ("index", "index"), indices[:, 0], indices[:, 1]
    )
    return Groups(tuple(groups), concentration)


def _cluster_names(one: Places, often: Flags) -> tuple[str, ...]:
    return tuple(
        f"{one.sectors[sector]} in {one.regions[region]}" for region, sector in np.argwhere(often)
    )


def _mean_level(level: Floats, jobs: Floats, axis: int) -> Floats:
    """Return mean log productivity over an axis, weighted by jobs; NaN where there are none."""
    weight = np.where(np.isnan(level), 0.0, jobs)
    total = weight.sum(axis=axis)
    sums = (np.nan_to_num(level) * weight).sum(axis=axis)
    return np.asarray(np.divide(sums, total, out=np.full(total.shape, np.nan), where=total > 0.0))


def _group(kind: str, outcome: str, unit: str, names: Sequence[str], values: Floats) -> Group:
    """Return the effects in groups; `values` with and without, shape (n, 2, G)."""
    done, without = values[:, 0], values[:, 1]
    won = lost = Estimate(math.nan, math.nan, math.nan, len(values))
    if unit != "ln":
        won, lost = won_and_lost(done - without)
    return Group(kind, outcome, effects(names, [unit] * len(names), done, without), won, lost)


def won_and_lost(change: Floats) -> tuple[Estimate, Estimate]:
    """Return what groups that gain have more, and what those that lose have less, all together.

    At each seed the groups are sorted by their mean change at the other seeds; what does not change
    there is in neither. So no seed tells which group wins and how much at the same time, and where
    there is but chance both are zero on average.

    Parameters
    ----------
    change
        Of each group at each seed, shape (n, G).

    Returns
    -------
    won, lost : Estimate
        Means over seeds, with Student's interval of 95 %; NaN for fewer than two seeds. The seeds
        share what they are sorted by, so that the intervals are approximate.
    """
    n = len(change)
    if n < FEWEST:
        unknown = Estimate(math.nan, math.nan, math.nan, n)
        return unknown, unknown
    others = (change.sum(axis=0) - change) / (n - 1)
    return tuple(  # type: ignore[return-value]  # two of them
        mean(np.where(there, change, 0.0).sum(axis=1)) for there in (others > 0.0, others < 0.0)
    )


def theil(amount: Floats) -> Floats:
    """Return Theil's index of inequality over the last axis, ``sum s ln(G s)`` of shares s.

    Zero if all G have as much, ``ln G`` if one has all; NaN if there is nothing.

    Source: Theil 1967, *Economics and Information Theory*.

    Parameters
    ----------
    amount
        At least 0, shape (..., G).
    """
    total = amount.sum(axis=-1, keepdims=True)
    share = np.divide(amount, total, out=np.full(amount.shape, np.nan), where=total > 0.0)
    logs = np.log(np.where(share > 0.0, share * amount.shape[-1], 1.0))
    index: Floats = (share * logs).sum(axis=-1)
    return index
