"""What a run comes to, in a few figures: the outcomes that studies look at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.measures.lifecycle import Stage
from clustersim.store import Tables

Values = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Outcome:
    """A figure of a run, from a column of one of its tables.

    Attributes
    ----------
    key
        Its name as a column.
    name, unit
        Its name in words, and in what it is counted.
    table, column
        Where it comes from.
    how
        From the column, records by places, and the jobs likewise; or from the column by records.
    """

    key: str
    name: str
    unit: str
    table: str
    column: str
    how: Callable[[Values, Values], float]


def _last(values: Values, _: Values) -> float:
    return float(values[-1].sum())


def _sum(values: Values, _: Values) -> float:
    return float(values.sum())


def _mean(values: Values, jobs: Values) -> float:
    weight = np.where(np.isnan(values[-1]), 0.0, jobs[-1])
    total = float(weight.sum())
    return float((np.nan_to_num(values[-1]) * weight).sum()) / total if total > 0.0 else math.nan


PAIRED: Final = (
    Outcome("jobs", "jobs at the end", "jobs", "clusters", "jobs", _last),
    Outcome("firms", "firms at the end", "firms", "clusters", "firms", _last),
    Outcome("productivity", "productivity at the end", "ln", "clusters", "log_productivity", _mean),
    Outcome("innovations", "innovations", "innovations", "clusters", "innovations", _sum),
    Outcome("research", "R&D", "euro", "clusters", "research", _sum),
    Outcome("new_firms", "new firms", "firms", "clusters", "entries", _sum),
    Outcome("spin_offs", "spin-offs", "firms", "clusters", "spin_offs", _sum),
    Outcome("firms_lost", "firms lost", "firms", "clusters", "exits", _sum),
    Outcome("emissions", "CO2", "tonnes", "clusters", "emissions", _sum),
    Outcome(
        "heterogeneity", "heterogeneity at the end", "0 to 1", "clusters", "heterogeneity", _mean
    ),
    Outcome(
        "collaborations", "collaborations at the end", "ties", "economy", "collaborations", _last
    ),
    Outcome("trust", "trust at the end", "0 to 1", "economy", "mean_trust", _last),
    Outcome(
        "digital_share", "digital firms at the end", "share", "economy", "digital_share", _last
    ),
    Outcome("green_share", "green firms at the end", "share", "economy", "green_share", _last),
    Outcome(
        "projects", "projects that succeeded", "projects", "economy", "projects_succeeded", _sum
    ),
)
"""Outcomes that are compared between two runs. Sums are over the years that are looked at."""

STAGES: Final = tuple(stage.name.lower() for stage in Stage if stage is not Stage.NONE)

WHOLE: Final[Mapping[str, str]] = {
    "public_money": "euro that policies were given and did not give back",
    "clusters": "clusters at the end",
    "cluster_years": "years of all clusters together",
    **{f"years_of_{name}": f"years of all clusters in the stage {name}" for name in STAGES},
    "declines": "passages of clusters into decline",
    "renewals": "passages of clusters into renewal",
}
"""Further outcomes of a whole run, with what they are."""


def outcomes(tables: Tables) -> dict[str, float]:
    """Return all outcomes of a run, of all its places and all its years.

    Parameters
    ----------
    tables
        Of a run; those of which one is missing give NaN.

    Returns
    -------
    dict
        By key of `PAIRED` and `WHOLE`.
    """
    n_records = len(tables["economy"]["year"])
    jobs = np.asarray(tables["clusters"]["jobs"], dtype=np.float64).reshape(n_records, -1)
    found = {}
    for one in PAIRED:
        column = np.asarray(tables[one.table][one.column], dtype=np.float64)
        by_place = column.reshape(n_records, -1) if one.table == "clusters" else column
        found[one.key] = one.how(by_place, jobs)
    return {**found, **_whole(tables)}


def public_money(tables: Tables) -> float:
    """Return what policies were given and did not give back, euro."""
    if "ledger" not in tables:
        return 0.0
    purpose, euro = (np.asarray(tables["ledger"][name]) for name in ("purpose", "euro"))
    return float(euro[purpose == "appropriation"].sum() - euro[purpose == "return"].sum())


def _whole(tables: Tables) -> dict[str, float]:
    year, stage = (np.asarray(tables["stages"][name]) for name in ("year", "stage"))
    after = np.asarray(tables["transitions"]["after"])
    there = stage != Stage.NONE.name.lower()
    at_the_end = there & (year == year.max(initial=-math.inf))
    return {
        "public_money": public_money(tables),
        "clusters": float(np.count_nonzero(at_the_end)),
        "cluster_years": float(np.count_nonzero(there)),
        **{f"years_of_{name}": float(np.count_nonzero(stage == name)) for name in STAGES},
        "declines": float(np.count_nonzero(after == "decline")),
        "renewals": float(np.count_nonzero(after == "renewal")),
    }
