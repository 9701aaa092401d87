"""Structure of an economy and of its network at the end of a run, by the measures of the field."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from clustersim.measures import concentration, network, paths, relatedness, specialisation, variety
from clustersim.measures.ties import mean_trust
from clustersim.store import Tables
from clustersim.world.actors import Kind
from clustersim.world.types import Floats

if TYPE_CHECKING:
    import pandas as pd

PATH_WORK = 2_000_000
"""Nodes times sources for which shortest paths are measured; a large network has fewer sources."""


def _last_jobs(tables: Tables, shape: tuple[int, int]) -> Floats:
    """Return real jobs by region and sector in the last record, shape (R, S)."""
    return np.asarray(tables["clusters"]["jobs"][-shape[0] * shape[1] :].reshape(shape))


def region_structure(
    tables: Tables, regions: tuple[str, ...], sectors: tuple[str, ...]
) -> pd.DataFrame:
    """Return the structure of each region at the end, one row per region.

    Columns: ``region``, ``jobs`` (real), ``herfindahl`` of the sectors' shares, ``krugman`` index
    of specialisation, ``unrelated_variety`` (entropy between sectors, bits), ``related_variety``
    (entropy between niches within sectors, bits; Frenken et al. 2007), ``relatedness`` (mean
    relatedness density around the region's sectors, weighted by jobs; Hidalgo et al. 2007).

    Parameters
    ----------
    tables
        Tables of a run.
    regions, sectors
        Names, by index.
    """
    import pandas as pd

    jobs = _last_jobs(tables, (len(regions), len(sectors)))
    actors = tables["actors"]
    firm = actors["kind"] == Kind.FIRM
    n_fields = sum(name.startswith("knowledge_") for name in actors)
    niches = np.zeros((len(regions), len(sectors), n_fields))
    place = (actors["region"][firm], actors["sector"][firm], actors["niche"][firm])
    np.add.at(niches, place, actors["size"][firm])
    group = np.repeat(np.arange(len(sectors)), n_fields)
    flat = niches.reshape(len(regions), -1)
    density = relatedness.relatedness_density(jobs)
    total = jobs.sum(axis=1)
    return pd.DataFrame(
        {
            "region": regions,
            "jobs": total,
            "herfindahl": concentration.herfindahl(jobs, axis=1),
            "krugman": specialisation.krugman_specialisation(jobs),
            "unrelated_variety": variety.unrelated_variety(flat, group),
            "related_variety": variety.related_variety(flat, group),
            "relatedness": (density * jobs).sum(axis=1) / np.where(total > 0.0, total, np.nan),
        }
    )


def sector_structure(
    tables: Tables, regions: tuple[str, ...], sectors: tuple[str, ...]
) -> pd.DataFrame:
    """Return where each sector is at the end, one row per sector.

    Columns: ``sector``, ``jobs`` (real), ``herfindahl`` of the regions' shares, and
    ``ellison_glaeser``, the concentration beyond what the sizes of its firms bring by chance
    (Ellison & Glaeser 1997; NaN with fewer than two firms or regions).

    Parameters
    ----------
    tables
        Tables of a run.
    regions, sectors
        Names, by index.
    """
    import pandas as pd

    jobs = _last_jobs(tables, (len(regions), len(sectors)))
    actors = tables["actors"]
    index = []
    for s in range(len(sectors)):
        firm = (actors["kind"] == Kind.FIRM) & (actors["sector"] == s)
        plants, where = actors["size"][firm], actors["region"][firm]
        enough = len(plants) > 1 and np.count_nonzero(jobs.sum(axis=1)) > 1
        value = concentration.ellison_glaeser(plants, where, jobs.sum(axis=1)) if enough else np.nan
        index.append(value)
    return pd.DataFrame(
        {
            "sector": sectors,
            "jobs": jobs.sum(axis=0),
            "herfindahl": concentration.herfindahl(jobs, axis=0),
            "ellison_glaeser": index,
        }
    )


def network_structure(tables: Tables) -> dict[str, float]:
    """Return measures of the collaboration network at the end, over actors with any partner.

    Keys: ``actors``, ``ties``, ``mean_degree``, ``clustering`` (mean local), ``path_length`` (in
    the largest component), ``giant_share``, ``assortativity`` (by degree), ``hierarchy`` (slope of
    degree on rank), ``within_region``, ``within_cluster`` (shares of ties within a region, and
    within a local industry), ``mean_trust``. What does not exist without ties is NaN.

    Parameters
    ----------
    tables
        Tables of a run.
    """
    ties, actors = tables["ties"], tables["actors"]
    chosen = ties["layer"] == "collaboration"
    ids, ends = np.unique(
        np.concatenate([ties["first"][chosen], ties["second"][chosen]]), return_inverse=True
    )
    if not ids.size:
        return {"actors": 0.0, "ties": 0.0, **dict.fromkeys(_NETWORK, float("nan"))}
    first, second = np.split(ends, 2)
    net = network.adjacency(first, second, ids.size)
    row = np.searchsorted(actors["id"], ids)
    region = actors["region"][row].astype(np.int64)
    sector = actors["sector"][row].astype(np.int64)
    place = np.where(sector >= 0, region * (sector.max() + 2) + sector + 1, -1)
    sources = max(min(paths.PATH_SOURCES, PATH_WORK // ids.size), 1)
    values = (
        network.mean_degree(net),
        network.clustering(net),
        paths.mean_path_length(net, n_sources=sources),
        paths.giant_share(net),
        network.assortativity(net),
        network.hierarchy(net),
        network.within_share(net, region, int(region.max()) + 1),
        network.within_share(net, place, int(place.max()) + 1) if place.max() >= 0 else np.nan,
        mean_trust(ties["trust"][chosen]),
    )
    found = {name: float(value) for name, value in zip(_NETWORK, values, strict=True)}
    return {"actors": float(ids.size), "ties": float(np.count_nonzero(chosen)), **found}


_NETWORK = (
    "mean_degree",
    "clustering",
    "path_length",
    "giant_share",
    "assortativity",
    "hierarchy",
    "within_region",
    "within_cluster",
    "mean_trust",
)
