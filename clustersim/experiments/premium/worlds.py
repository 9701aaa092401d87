"""The worlds that are compared: every combination of four causes, switched on or off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.experiments.premium.accounting import ITEMS, SECTORS, account
from clustersim.experiments.premium.classes import GROUPS
from clustersim.experiments.run import resolve
from clustersim.experiments.validation.firms import settled
from clustersim.experiments.validation.panel import Panel, Year, observe
from clustersim.measures.checks import FloatArray, IntArray, ratio
from clustersim.measures.productivity import cluster_premium

Values = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Part:
    """A cause of the premium, and how it is switched off.

    Attributes
    ----------
    name
        Short.
    words
        What it means, for a reader who does not know the model.
    off
        Values, by dotted name, that switch it off.
    """

    name: str
    words: str
    off: Values


PARTS: Final = (
    Part(
        "place",
        "being near others makes the same firm more productive (workers, suppliers, own industry), "
        "and crowding less so",
        (("market.externalities", False), ("market.congestion", 0.0)),
    ),
    Part(
        "spillovers",
        "firms learn from neighbours, partners, joint projects and the people they hire",
        (
            ("place_learning.enabled", False),
            ("learning.enabled", False),
            ("labour.movers", False),
            ("projects.enabled", False),
        ),
    ),
    Part(
        "selection",
        "the better firms grow, and the weak shrink, close or go bankrupt",
        (("market.selection", 0.0), ("exit.protection", 0.0), ("exit.debt_limit", 50.0)),
    ),
    Part(
        "sorting",
        "new firms start where their parents and their industry are, good parents have more, and "
        "multinationals come where most is offered",
        (
            ("entry.own", 0.0),
            ("entry.related", 0.0),
            ("entry.local", 0.0),
            ("entry.quality_slope", 0.0),
            ("relocation.enabled", False),
        ),
    ),
)
"""The causes. Bit i of a world's number tells whether PARTS[i] works in it."""

N_WORLDS: Final = 1 << len(PARTS)
ALL_ON: Final = N_WORLDS - 1

OWN_MAP: Final = "own map"
BASE_MAP: Final = "base map"
MAPS: Final = (OWN_MAP, BASE_MAP)
"""Whose clusters: those found in each world itself, or in every world those of the full one."""


@dataclass(frozen=True)
class Job:
    """All worlds of one seed: it travels to a worker, so it holds names and numbers only."""

    scenario: str
    seed: int
    overrides: Values = ()

    def values(self, world: int) -> dict[str, Any]:
        """Return what is set in a world: the user's own values, then what is switched off."""
        off = [pair for i, part in enumerate(PARTS) if not world >> i & 1 for pair in part.off]
        return {**dict(self.overrides), **dict(off), "seed": self.seed}


@dataclass(frozen=True, eq=False)
class Measured:
    """What one seed shows.

    Attributes
    ----------
    seed
        Its number.
    premium
        Mean over the years that count, shape (maps, worlds, groups); NaN where a world has no such
        cluster.
    sectors_off
        What the mix of sectors makes of the premium in the world with all causes off, mean over the
        years, shape (maps, groups).
    accounts
        `ITEMS` in the full world, mean over the years, shape (groups, items).
    premium_accounted
        Premium in the full world over the same years as the accounts, shape (groups,).
    clusters
        Mean number of clusters of each group in each world, shape (worlds, groups).
    shared
        Mean share of the full world's clusters that are clusters in each world too, shape
        (worlds,).
    """

    seed: int
    premium: FloatArray
    sectors_off: FloatArray
    accounts: FloatArray
    premium_accounted: FloatArray
    clusters: FloatArray
    shared: FloatArray


def measure(job: Job) -> Measured:
    """Run all worlds of one seed on the same luck, the full one first."""
    premium = np.full((len(MAPS), N_WORLDS, len(GROUPS)), np.nan)
    clusters = np.zeros((N_WORLDS, len(GROUPS)))
    shared = np.full(N_WORLDS, np.nan)
    full = _observe(job, ALL_ON)
    base = [year.strength for year in settled(full)]
    sectors_off = np.full((len(MAPS), len(GROUPS)), np.nan)
    accounts = accounted(settled(full), base)
    for world in reversed(range(N_WORLDS)):
        years = settled(full if world == ALL_ON else _observe(job, world))
        own = [year.strength for year in years]
        premium[0, world] = premiums(years, own)
        premium[1, world] = premiums(years, base)
        clusters[world] = [
            np.mean([group.inside(strength).sum() for strength in own]) for group in GROUPS
        ]
        shared[world] = _shared(own, base)
        if world == 0:
            for m, known in enumerate((own, base)):
                sectors_off[m] = accounted(years, known)[:, ITEMS.index(SECTORS)]
    return Measured(
        seed=job.seed,
        premium=premium,
        sectors_off=sectors_off,
        accounts=accounts,
        premium_accounted=accounts.sum(axis=1),
        clusters=clusters,
        shared=shared,
    )


def _observe(job: Job, world: int) -> Panel:
    return observe(resolve(job.scenario, job.values(world)))


def premiums(years: Sequence[Year], strength: Sequence[IntArray]) -> FloatArray:
    """Return the premium of each group, mean over the years in which it has clusters.

    Parameters
    ----------
    years
        Snapshots.
    strength
        Strength class of the places in each of them, shape (R, S).

    Returns
    -------
    FloatArray
        Shape (groups,); NaN for one that never has a cluster with jobs.
    """
    found = np.array([_of_year(year, known) for year, known in zip(years, strength, strict=True)])
    return _mean(found)


def _of_year(year: Year, strength: IntArray) -> list[float]:
    mine = strength[year.region, year.sector]
    lead = np.exp(year.log_productivity)
    return [
        cluster_premium(lead, year.size, group.inside(mine)) if year.size.sum() > 0 else np.nan
        for group in GROUPS
    ]


def accounted(years: Sequence[Year], strength: Sequence[IntArray]) -> FloatArray:
    """Return the accounts of each group, mean over the years in which it has clusters.

    Parameters
    ----------
    years, strength
        As for `premiums`.

    Returns
    -------
    FloatArray
        Shape (groups, items); the items of a group add up to its premium.
    """
    found = [
        [account(year, known, group) for group in GROUPS]
        for year, known in zip(years, strength, strict=True)
    ]
    flat = _mean(np.array(found).reshape(len(years), -1))
    return flat.reshape(len(GROUPS), len(ITEMS))


def _shared(own: Sequence[IntArray], base: Sequence[IntArray]) -> float:
    """Return the share of the clusters of the base that are clusters here too."""
    there = sum(int((known > 0).sum()) for known in base)
    both = sum(int(((a > 0) & (b > 0)).sum()) for a, b in zip(own, base, strict=True))
    return both / there if there else float("nan")


def _mean(values: FloatArray) -> FloatArray:
    """Mean over the rows, NaN left out; NaN for a column without values."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0.0).sum(axis=0)
    return ratio(total, count, empty=np.nan)
