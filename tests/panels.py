"""Panels of firms small enough to work out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.experiments.life_cycles import ClusterSeries
from clustersim.experiments.validation.panel import Lives, Panel, Year
from clustersim.world.actors import Origin


def year(step: int, size: Any, **columns: Any) -> Year:
    """Return a snapshot of firms with these jobs; a single value serves all of them.

    Places are as large as the firms in them, unless ``jobs`` or ``niche_jobs`` say otherwise.
    """
    jobs = np.asarray(size, dtype=float)
    n = jobs.size

    def column(name: str, default: Any, dtype: Any) -> Any:
        return np.broadcast_to(np.asarray(columns.pop(name, default), dtype=dtype), (n,)).copy()

    region, sector = column("region", 0, np.int64), column("sector", 0, np.int64)
    niche = column("niche", 0, np.int64)
    shape = (int(region.max()) + 1, int(sector.max()) + 1, int(niche.max()) + 1)
    niche_jobs = np.zeros(columns.pop("shape", shape))
    np.add.at(niche_jobs, (region, sector, niche), jobs)
    niche_jobs = columns.pop("niche_jobs", niche_jobs)
    made = Year(
        step=step,
        id=column("id", np.arange(n) + 1, np.int64),
        region=region,
        sector=sector,
        niche=niche,
        origin=column("origin", Origin.FOUNDED, np.int64),
        age=column("age", 10.0, float),
        size=jobs,
        log_productivity=column("log_productivity", 0.0, float),
        log_fit=column("log_fit", 0.0, float),
        research=column("research", 0.03, float),
        parent=column("parent", -1, np.int64),
        digital=column("digital", False, bool),
        innovated=column("innovated", False, bool),
        active=column("active", False, bool),
        active_green=column("active_green", False, bool),
        degree=column("degree", 0, np.int64),
        outside=column("outside", 0, np.int64),
        partner_distance=column("partner_distance", np.nan, float),
        jobs=np.asarray(columns.pop("jobs", niche_jobs.sum(axis=2)), dtype=float),
        niche_jobs=niche_jobs,
        knowledge_localisation=float(columns.pop("knowledge_localisation", 0.0)),
    )
    assert not columns, f"a year has no {columns}"
    return made


def lives(birth: Any, last: Any, left: Any, **columns: Any) -> Lives:
    """Return firms born during the run."""
    n = np.size(birth)

    def column(name: str, default: Any, dtype: Any) -> Any:
        return np.broadcast_to(np.asarray(columns.pop(name, default), dtype=dtype), (n,)).copy()

    made = Lives(
        id=column("id", np.arange(n) + 1, np.int64),
        parent=column("parent", -1, np.int64),
        birth=np.asarray(birth, dtype=np.int64),
        last=np.asarray(last, dtype=np.int64),
        left=np.asarray(left, dtype=bool),
        origin=column("origin", Origin.START_UP, np.int64),
        region=column("region", 0, np.int64),
        sector=column("sector", 0, np.int64),
        log_productivity=column("log_productivity", 0.0, float),
        size=column("size", 2.0, float),
    )
    assert not columns, f"lives have no {columns}"
    return made


def panel(*years: Year, **parts: Any) -> Panel:
    """Return a panel of these snapshots, with nothing else in it but what is given."""
    n_regions, n_sectors = years[-1].jobs.shape
    nothing = np.zeros(0)
    made = Panel(
        years=years,
        lives=parts.pop("lives", lives([], [], [])),
        tie_lengths=np.asarray(parts.pop("tie_lengths", nothing), dtype=float),
        series=parts.pop(
            "series",
            ClusterSeries(
                quarter=np.zeros(0, dtype=np.int32),
                year=nothing,
                region=np.zeros(parts.pop("n_clusters", 0), dtype=np.int64),
                sector=np.zeros(0, dtype=np.int64),
                jobs=nothing,
                firms=nothing,
                heterogeneity=nothing,
                newer_share=nothing,
                is_cluster=nothing,
                reference=nothing,
            ),
        ),
        tables=parts.pop("tables", {}),
        clusters=parts.pop("clusters", {}),
        area_km2=np.asarray(parts.pop("area_km2", np.ones(n_regions)), dtype=float),
        start_year=parts.pop("start_year", 2000),
        relatedness=parts.pop("relatedness", np.zeros((n_sectors, n_sectors))),
        industries=parts.pop("industries", 1.0),
    )
    assert not parts, f"a panel has no {parts}"
    return made
