"""What the nulls look for.

Each takes a panel and returns one number; NaN where the panel shows nothing of it.
"""

from __future__ import annotations

import numpy as np

from clustersim.experiments.validation.firms import mean_over_years
from clustersim.experiments.validation.panel import Panel, Year
from clustersim.measures.clusters import Strength
from clustersim.measures.concentration import ellison_glaeser
from clustersim.measures.lifecycle_reasons import Cause


def externality_premium(panel: Panel) -> float:
    """Return what places add to log productivity in clusters, over what they add elsewhere.

    Weighted by jobs, sectors compared within themselves; what firms know themselves is left out.
    """

    def of_year(year: Year) -> float:
        inside = year.strength[year.region, year.sector] > Strength.NONE
        if inside.all() or not inside.any():
            return float("nan")
        gain = year.log_productivity - year.log_fit
        weight = np.sqrt(year.size)
        groups = [weight * (year.sector == s) for s in np.unique(year.sector)]
        x = np.stack([weight * inside, *groups], axis=1)
        return float(np.linalg.lstsq(x, weight * gain, rcond=None)[0][0])

    return mean_over_years(of_year)(panel)


def concentration(panel: Panel) -> float:
    """Ellison–Glaeser index of the number of firms, mean over sectors and the years that count.

    Firms count alike, as where spin-offs are said to lead is in the number of firms; by jobs, the
    luck of a few large firms would hide it.
    """

    def of_year(year: Year) -> float:
        n_firms = np.bincount(year.region, minlength=year.jobs.shape[0]).astype(np.float64)
        found = []
        for sector in np.unique(year.sector):
            region = year.region[year.sector == sector]
            if region.size > 1:
                found.append(ellison_glaeser(np.ones(region.size), region, n_firms))
        known = np.array(found)[~np.isnan(found)] if found else np.empty(0)
        return float(known.mean()) if known.size else float("nan")

    return mean_over_years(of_year)(panel)


def converged_maturity(panel: Panel) -> float:
    """Passages into maturity because knowledge converged, per cluster followed."""
    return _per_cluster(panel, "maturity", Cause.CONVERGED)


def locked_in_declines(panel: Panel) -> float:
    """Declines by lock-in, per cluster followed."""
    return _per_cluster(panel, "decline", Cause.LOCKED_IN)


def _per_cluster(panel: Panel, after: str, cause: Cause) -> float:
    table = panel.tables["transitions"]
    n_clusters = panel.series.region.size
    if n_clusters == 0:
        return float("nan")
    counted = (table["after"] == after) & (table["cause"] == str(cause))
    return float(counted.sum() / n_clusters)


def renewals(panel: Panel) -> float:
    """Passages into renewal per passage into decline."""
    after = panel.tables["transitions"]["after"]
    declines = int((after == "decline").sum())
    return float((after == "renewal").sum() / declines) if declines else float("nan")


def knowledge_localisation(panel: Panel) -> float:
    """How much more alike firms of one sector are within a region than across regions.

    Mean cosine of knowledge over pairs of a sector's firms in one region less that over pairs in
    two, mean over sectors and years.
    """
    return mean_over_years(lambda year: year.knowledge_localisation)(panel)
