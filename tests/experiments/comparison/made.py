"""Tables of runs made by hand."""

from __future__ import annotations

import numpy as np

from clustersim.recorder import SIZE_CLASSES

CLUSTERS = (
    "firms",
    "innovations",
    "research",
    "entries",
    "spin_offs",
    "exits",
    "emissions",
    "heterogeneity",
    "log_productivity",
    "output",
)
ECONOMY = ("collaborations", "mean_trust", "digital_share", "green_share", "projects_succeeded")
USUAL = {"output": 1.0, "firms": 10.0, "heterogeneity": 0.5}


def tables(jobs, *, every=4, start=2000, ledger=(), stages=(), passages=(), sizes=None, **columns):
    """Tables of a run: jobs by record, region and sector, and other columns of the same shape."""
    jobs = np.asarray(jobs, dtype=np.float64)
    n, n_regions, n_sectors = jobs.shape
    quarter = np.arange(n, dtype=np.int32) * every
    year = start + quarter / 4
    places = n_regions * n_sectors
    region, sector = np.divmod(np.tile(np.arange(places, dtype=np.int32), n), n_sectors)
    clusters = {
        "quarter": np.repeat(quarter, places),
        "year": np.repeat(year, places),
        "region": region,
        "sector": sector,
        "jobs": jobs.ravel(),
    }
    for name in CLUSTERS:
        values = np.asarray(columns.get(name, USUAL.get(name, 0.0)), dtype=np.float64)
        clusters[name] = np.broadcast_to(values, jobs.shape).ravel().copy()
    if sizes is None:
        sizes = np.ones((n_regions, len(SIZE_CLASSES)))
    n_classes = len(SIZE_CLASSES)
    last = np.tile(np.asarray(sizes, dtype=np.float64).ravel(), n)
    made = {
        "clusters": clusters,
        "economy": {
            "quarter": quarter,
            "year": year,
            "jobs": jobs.sum(axis=(1, 2)),
            **{name: np.ones(n) for name in ECONOMY},
        },
        "sizes": {
            "quarter": np.repeat(quarter, n_regions * n_classes),
            "year": np.repeat(year, n_regions * n_classes),
            "region": np.tile(np.repeat(np.arange(n_regions), n_classes), n),
            "size": np.tile(list(SIZE_CLASSES), n * n_regions),
            "firms": last,
            "jobs": 10.0 * last,
        },
        "regions": {"name": np.array([f"r{k}" for k in range(n_regions)])},
        "sectors": {"name": np.array([f"s{k}" for k in range(n_sectors)])},
        "stages": _rows(stages, ("region", "sector", "stage")),
        "transitions": _rows(passages, ("region", "sector", "after")),
    }
    if ledger:
        made["ledger"] = _rows(ledger, ("quarter", "purpose", "region", "sector", "euro"))
    return made


def _rows(rows, names):
    """Return columns of rows of numbers and texts."""
    columns = zip(*rows, strict=True) if rows else [()] * len(names)
    texts = {"stage", "after", "purpose"}
    return {
        name: np.array(values, dtype=np.str_ if name in texts else None if rows else np.int64)
        for name, values in zip(names, columns, strict=True)
    }
