"""What is compared between 2015 and 2022, in the data and in the model alike.

Every function takes tables of jobs of shape (R regions, S sectors), in real jobs. Logarithms are
natural, and leave out cells that have no jobs in one of the years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from clustersim.measures.clusters import Strength, cluster_strength
from clustersim.measures.concentration import herfindahl
from clustersim.measures.specialisation import (
    krugman_specialisation,
    location_quotient,
)

Floats = NDArray[np.float64]

OVER_REPRESENTED = 1.5
"""Location quotient from which a sector counts as over-represented in a region."""
SMALL, LARGE = 5_000.0, 20_000.0
"""Jobs that part small, middling and large cells: 23, 34 and 43 % of the cells of 2015."""


@dataclass(frozen=True)
class Measure:
    """One line of the comparison: the key of its number, the group it belongs to, and words."""

    key: str
    group: str
    label: str
    digits: int = 3


MEASURES = (
    Measure("lq_p05", "Location quotients in 2022", "5 % quantile"),
    Measure("lq_p25", "Location quotients in 2022", "25 % quantile"),
    Measure("lq_p50", "Location quotients in 2022", "median"),
    Measure("lq_p75", "Location quotients in 2022", "75 % quantile"),
    Measure("lq_p95", "Location quotients in 2022", "95 % quantile"),
    Measure("share_over", "Location quotients in 2022", "share of cells above 1.5"),
    Measure("sd_log_lq", "Location quotients in 2022", "standard deviation of log LQ"),
    Measure("persistence", "Persistence of log LQ, 2015 to 2022", "correlation, all cells"),
    Measure("persistence_jobs", "Persistence of log LQ, 2015 to 2022", "weighted by jobs"),
    Measure("persistence_small", "Persistence of log LQ, 2015 to 2022", "cells below 5,000 jobs"),
    Measure("persistence_middling", "Persistence of log LQ, 2015 to 2022", "cells in between"),
    Measure("persistence_large", "Persistence of log LQ, 2015 to 2022", "cells above 20,000 jobs"),
    Measure("reversion", "Persistence of log LQ, 2015 to 2022", "slope of 2022 on 2015"),
    Measure("region_mean", "Log growth, 2015 to 2022", "regions, mean"),
    Measure("region_sd", "Log growth, 2015 to 2022", "regions, standard deviation"),
    Measure("sector_mean", "Log growth, 2015 to 2022", "sectors, mean"),
    Measure("sector_sd", "Log growth, 2015 to 2022", "sectors, standard deviation"),
    Measure("cell_sd", "Log growth, 2015 to 2022", "cells, standard deviation"),
    Measure("cell_sd_jobs", "Log growth, 2015 to 2022", "cells, weighted by jobs"),
    Measure("cells_lost", "Log growth, 2015 to 2022", "cells that lost all jobs", 0),
    Measure("clusters_basic", "Clusters in 2022", "basic", 0),
    Measure("clusters_medium", "Clusters in 2022", "medium", 0),
    Measure("clusters_high", "Clusters in 2022", "high", 0),
    Measure("clusters_kept", "Clusters in 2022", "share of those of 2015 that still are"),
    Measure("hhi", "Concentration in 2022", "Herfindahl of a region's sectors, mean", 4),
    Measure("sector_hhi", "Concentration in 2022", "Herfindahl of a sector's regions, mean", 4),
    Measure("krugman", "Concentration in 2022", "Krugman index of a region, mean"),
)

FORECASTS = (
    Measure("forecast_lq", "Forecast", "log LQ of 2022, simulated with actual: correlation"),
    Measure("forecast_region", "Forecast", "growth of regions: correlation with actual"),
    Measure("forecast_sector", "Forecast", "growth of sectors: correlation with actual"),
    Measure("forecast_cell", "Forecast", "growth of cells: correlation with actual"),
)


def structure(jobs: Floats) -> dict[str, float]:
    """Return what can be told from the jobs of one year."""
    quotient = location_quotient(jobs)
    there = quotient > 0
    strength = cluster_strength(jobs)
    quantiles = {f"lq_p{q:02d}": float(np.quantile(quotient, q / 100)) for q in (5, 25, 50, 75, 95)}
    return quantiles | {
        "share_over": float((quotient > OVER_REPRESENTED).mean()),
        "sd_log_lq": float(np.log(quotient[there]).std()),
        "clusters_basic": float((strength == Strength.BASIC).sum()),
        "clusters_medium": float((strength == Strength.MEDIUM).sum()),
        "clusters_high": float((strength == Strength.HIGH).sum()),
        "hhi": float(np.nanmean(herfindahl(jobs, axis=1))),
        "sector_hhi": float(np.nanmean(herfindahl(jobs, axis=0))),
        "krugman": float(np.nanmean(krugman_specialisation(jobs))),
    }


def change(start: Floats, end: Floats) -> dict[str, float]:
    """Return what can be told from the jobs of two years."""
    both = (start > 0) & (end > 0)
    before, after, weight = log_quotient(start)[both], log_quotient(end)[both], start[both]
    growth = log_growth(start[both], end[both])
    classes = {
        "small": weight < SMALL,
        "middling": (weight >= SMALL) & (weight <= LARGE),
        "large": weight > LARGE,
    }
    regions, sectors = (log_growth(start.sum(axis=a), end.sum(axis=a)) for a in (1, 0))
    was, still = cluster_strength(start) > Strength.NONE, cluster_strength(end) > Strength.NONE
    return {
        "persistence": correlation(before, after),
        "persistence_jobs": correlation(before, after, weight),
        **{
            f"persistence_{name}": correlation(before[chosen], after[chosen])
            for name, chosen in classes.items()
        },
        "reversion": correlation(before, after) * float(after.std() / before.std()),
        "region_mean": float(np.nanmean(regions)),
        "region_sd": float(np.nanstd(regions)),
        "sector_mean": float(np.nanmean(sectors)),
        "sector_sd": float(np.nanstd(sectors)),
        "cell_sd": float(growth.std()),
        "cell_sd_jobs": float(np.sqrt(np.cov(growth, aweights=weight, ddof=0))),
        "cells_lost": float(((start > 0) & (end == 0)).sum()),
        "clusters_kept": float((was & still).sum() / was.sum()) if was.any() else float("nan"),
    }


def forecast(start: Floats, simulated: Floats, actual: Floats) -> dict[str, float]:
    """Return how well simulated jobs of the last year agree with the actual ones, cell by cell."""

    def agree(a: Floats, b: Floats) -> float:
        known = np.isfinite(a) & np.isfinite(b)
        return correlation(a[known], b[known])

    def growth(end: Floats, axis: int) -> Floats:
        return log_growth(start.sum(axis=axis), end.sum(axis=axis))

    return {
        "forecast_lq": agree(log_quotient(simulated), log_quotient(actual)),
        "forecast_region": agree(growth(simulated, 1), growth(actual, 1)),
        "forecast_sector": agree(growth(simulated, 0), growth(actual, 0)),
        "forecast_cell": agree(log_growth(start, simulated), log_growth(start, actual)),
    }


def log_quotient(jobs: Floats) -> Floats:
    """Return the logarithm of the location quotients; NaN for cells without jobs."""
    return _log(location_quotient(jobs))


def log_growth(start: Floats, end: Floats) -> Floats:
    """Return ``ln(end / start)``, any shape; NaN where either is zero."""
    return _log(end) - _log(start)


def _log(values: Floats) -> Floats:
    return np.log(values, out=np.full(values.shape, np.nan), where=values > 0)


def correlation(a: Floats, b: Floats, weight: Floats | None = None) -> float:
    """Return the (weighted) correlation of two series, shape (n,); NaN if one does not vary."""
    if a.size < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:  # noqa: PLR2004  # one point has no slope
        return float("nan")
    covariance = np.cov(a, b, aweights=weight)
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def interval(values: Floats) -> tuple[float, float, float]:
    """Return the mean over runs and the interval that holds one more run with 95 %.

    ``mean -+ t(0.975, n - 1) s sqrt(1 + 1 / n)``: reality is one history, to be compared with the
    spread of histories and not with the error of their mean. NaN bounds if there is one run only.
    """
    mean = float(values.mean())
    if values.size == 1:
        return mean, float("nan"), float("nan")
    spread = float(values.std(ddof=1)) * np.sqrt(1.0 + 1.0 / values.size)
    half = float(stats.t.ppf(0.975, values.size - 1)) * spread
    return mean, mean - half, mean + half
