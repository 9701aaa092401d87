"""Which clusters are there, and how strong: cluster mapping of an employment table.

The statistical half of cluster identification: location quotient, size, focus and strength class
of every region and sector, as a table, as JSON and in words. The other half, a call for
proposals, sees what statistics miss; the words say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustersim.experiments.identify_words import UNSEEN, in_words
from clustersim.measures.clusters import (
    DEFAULT_STRENGTH_RULE,
    Strength,
    StrengthRule,
    cluster_stars,
    cluster_strength,
)
from clustersim.measures.concentration import herfindahl
from clustersim.measures.relatedness import relatedness_density
from clustersim.measures.specialisation import (
    cluster_focus,
    cluster_size,
    krugman_specialisation,
    location_quotient,
)
from clustersim.world.employment import EmploymentTable
from clustersim.world.types import Flags, Floats

CLASSES = (Strength.HIGH, Strength.MEDIUM, Strength.BASIC)
"""Strength classes of clusters, the strongest first."""


@dataclass(frozen=True)
class LocalIndustry:
    """One region and sector.

    Parameters
    ----------
    region, sector : str
        Names.
    jobs : float, jobs
        Employment.
    location_quotient : float, pure number
        Weight of the sector in the region over its weight in the whole table.
    size : float, share
        Share of the sector's jobs that is in the region.
    focus : float, share
        Share of the region's jobs that is in the sector.
    stars : int
        In how many of size, specialisation and focus it is among the best.
    strength : str
        ``"none"``, ``"basic"``, ``"medium"`` or ``"high"``.
    relatedness : float, share
        Share of related sectors in which the region is specialised too (relatedness density).
    """

    region: str
    sector: str
    jobs: float
    location_quotient: float
    size: float
    focus: float
    stars: int
    strength: str
    relatedness: float


@dataclass(frozen=True, eq=False)
class Identification:
    """The clusters of an employment table of R regions and S sectors.

    Parameters
    ----------
    table : EmploymentTable
        What was mapped.
    rule : StrengthRule
        What makes a cluster.
    quotient, size, focus, relatedness : array, shape (R, S)
        As in :class:`LocalIndustry`.
    stars : int array, shape (R, S)
        Stars of each local industry.
    strength : int8 array, shape (R, S)
        Values of :class:`~clustersim.measures.clusters.Strength`.
    hhi : array, shape (R,)
        Herfindahl index of each region over sectors, in [1/S, 1]; nan for a region without jobs.
    krugman : array, shape (R,)
        Krugman index of each region against the whole table, in [0, 2]; nan without jobs.
    warnings : tuple of str
        Why the result may mean less than it seems, each with its remedy.
    """

    table: EmploymentTable
    rule: StrengthRule
    quotient: Floats
    size: Floats
    focus: Floats
    relatedness: Floats
    stars: NDArray[np.int64]
    strength: NDArray[np.int8]
    hhi: Floats
    krugman: Floats
    warnings: tuple[str, ...]

    @property
    def is_cluster(self) -> Flags:
        """Which local industries are clusters, shape (R, S)."""
        return np.asarray(self.strength > Strength.NONE)

    @property
    def counts(self) -> dict[str, int]:
        """Number of clusters by class, the strongest class first."""
        return {level.name.lower(): int((self.strength == level).sum()) for level in CLASSES}

    @property
    def cluster_jobs(self) -> float:
        """Jobs in clusters."""
        return float(self.table.jobs[self.is_cluster].sum())

    @property
    def cluster_jobs_share(self) -> float:
        """Share of all jobs that is in clusters."""
        return self.cluster_jobs / self.table.total_jobs

    def clusters(self) -> list[LocalIndustry]:
        """Return the clusters, by strength class, then location quotient, the highest first."""
        return self._listed(self.is_cluster, (self.table.jobs, self.quotient, self.strength))

    def near_misses(self) -> list[LocalIndustry]:
        """Return local industries just short of a cluster, those with most related strength first.

        They have a location quotient from 1 up to the rule's minimum, jobs enough, and a star.
        """
        near = (
            ~self.is_cluster
            & (self.quotient >= 1)
            & (self.quotient < self.rule.minimum_quotient)
            & (self.table.jobs >= self.rule.minimum_jobs)
            & (self.stars >= max(self.rule.basic_stars, 1))
        )
        return self._listed(near, (self.table.jobs, self.quotient, self.relatedness))

    def local_industries(self) -> list[LocalIndustry]:
        """Return every region and sector, in the order of the table."""
        return [self._local_industry(int(r), int(s)) for r, s in np.ndindex(*self.strength.shape)]

    def records(self) -> list[dict[str, Any]]:
        """Return every region and sector as a flat dictionary: a tidy table."""
        return [asdict(one) for one in self.local_industries()]

    def to_frame(self) -> Any:
        """Return every region and sector as a pandas DataFrame, one row each."""
        import pandas as pd

        return pd.DataFrame.from_records(self.records())

    def regions(self) -> list[dict[str, Any]]:
        """Return for each region its jobs, clusters, jobs in clusters, HHI and Krugman index."""
        jobs, clusters = self.table.region_jobs, self.is_cluster
        within = np.where(clusters, self.table.jobs, 0.0).sum(axis=1)
        return [
            {
                "region": name,
                "jobs": float(jobs[r]),
                "clusters": int(clusters[r].sum()),
                "cluster_jobs_share": float(within[r] / jobs[r]) if jobs[r] > 0 else None,
                "hhi": _number(self.hhi[r]),
                "krugman": _number(self.krugman[r]),
            }
            for r, name in enumerate(self.table.regions)
        ]

    def summary(self) -> dict[str, Any]:
        """Return the figures of the whole table."""
        cells = self.strength.size
        over = (self.quotient > self.rule.minimum_quotient).sum()
        return {
            "year": self.table.year,
            "regions": self.table.n_regions,
            "sectors": self.table.n_sectors,
            "cells": cells,
            "cells_without_figure": self.table.missing,
            "jobs": self.table.total_jobs,
            "clusters": int(self.is_cluster.sum()),
            "clusters_by_strength": self.counts,
            "cluster_jobs": self.cluster_jobs,
            "cluster_jobs_share": self.cluster_jobs_share,
            "specialised_cells_share": float(over / cells),
        }

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {
            "rule": asdict(self.rule),
            "summary": self.summary(),
            "clusters": [asdict(one) for one in self.clusters()],
            "near_misses": [asdict(one) for one in self.near_misses()],
            "regions": self.regions(),
            "local_industries": self.records(),
            "warnings": list(self.warnings),
            "notes": list(self.table.notes),
            "limits": UNSEEN,
        }

    def words(self, most: int = 5) -> str:
        """Return the result in plain words, in paragraphs separated by an empty line.

        Parameters
        ----------
        most : int
            Clusters and near misses named at most, each.
        """
        return in_words(self, most)

    def _listed(self, chosen: Flags, keys: Sequence[NDArray[Any]]) -> list[LocalIndustry]:
        """Return chosen local industries by descending keys, the last key first; then by place."""
        r, s = np.nonzero(chosen)
        order = np.lexsort([-key[r, s].astype(np.float64) for key in keys])
        return [self._local_industry(int(r[i]), int(s[i])) for i in order]

    def _local_industry(self, r: int, s: int) -> LocalIndustry:
        return LocalIndustry(
            region=self.table.regions[r],
            sector=self.table.sectors[s],
            jobs=float(self.table.jobs[r, s]),
            location_quotient=float(self.quotient[r, s]),
            size=float(self.size[r, s]),
            focus=float(self.focus[r, s]),
            stars=int(self.stars[r, s]),
            strength=Strength(int(self.strength[r, s])).name.lower(),
            relatedness=float(self.relatedness[r, s]),
        )


def identify(table: EmploymentTable, rule: StrengthRule = DEFAULT_STRENGTH_RULE) -> Identification:
    """Find the clusters of an employment table.

    Parameters
    ----------
    table : EmploymentTable
        Jobs by region and sector.
    rule : StrengthRule
        What makes a cluster, and a strong one.

    Returns
    -------
    Identification
        With warnings where a table of one region or one sector leaves nothing to compare.

    Raises
    ------
    ValueError
        If the table holds no job.
    """
    jobs = table.jobs
    empty = table.region_jobs == 0
    return Identification(
        table=table,
        rule=rule,
        quotient=location_quotient(jobs),
        size=cluster_size(jobs),
        focus=cluster_focus(jobs),
        relatedness=relatedness_density(jobs),
        stars=cluster_stars(jobs, rule=rule),
        strength=cluster_strength(jobs, rule=rule),
        hhi=np.where(empty, np.nan, herfindahl(jobs)),
        krugman=krugman_specialisation(jobs),
        warnings=_warnings(table),
    )


def _warnings(table: EmploymentTable) -> tuple[str, ...]:
    warnings = []
    if table.n_regions == 1:
        warnings.append(
            f"The table has one region only ({table.regions[0]}). A location quotient compares "
            "regions, so all are 1 and no cluster can be found. Add the other regions of the "
            "country, or one region that holds the rest of it."
        )
    if table.n_sectors == 1:
        warnings.append(
            f"The table has one sector only ({table.sectors[0]}). A location quotient compares "
            "sectors, so all are 1 and no cluster can be found. Add the other sectors, or one that "
            "holds the rest of the economy."
        )
    if table.missing:
        warnings.append(
            f"The figure is missing for {table.missing:,} of {table.jobs.size:,} cells, which "
            "count as 0 jobs: clusters there stay unseen, and the same sectors elsewhere look "
            "stronger. "
            "Fill them in if you can."
        )
    return tuple(warnings)


def _number(value: float) -> float | None:
    """Return a float, or None for nan, which JSON does not know."""
    return None if np.isnan(value) else float(value)
