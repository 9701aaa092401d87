"""The clusters of a table in words for people who make policy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from clustersim.experiments.identify import Identification, LocalIndustry

UNSEEN = (
    "What this mapping misses: fields that are only emerging, because statistics count them inside "
    "older sectors until they have a code of their own; specialities finer than the sectors of the "
    "table; and supply chains, partnerships, shared knowledge, trust and tacit know-how, which no "
    "employment figure shows. Use it together with a call for proposals and with people who know "
    "the region."
)
"""The limits of identification by statistics."""


def in_words(found: Identification, most: int) -> str:
    """Return what was found in paragraphs separated by an empty line.

    Parameters
    ----------
    found : Identification
        The clusters of a table.
    most : int
        Clusters and near misses named at most, each.
    """
    parts = [*found.warnings, _result(found, most), _rule(found)]
    parts += [_regions(found), _near(found, most), UNSEEN]
    return "\n\n".join(part for part in parts if part)


def _result(found: Identification, most: int) -> str:
    """Say how many clusters there are, how strong, and which are the strongest."""
    table, clusters, cells = found.table, found.clusters(), found.strength.size
    when = f"In {table.year}, " if table.year is not None else ""
    text = (
        f"{when}{len(clusters)} of {cells:,} local industries ({_percent(len(clusters) / cells)}; "
        f"{_count(table.n_regions, 'region')}, {_count(table.n_sectors, 'sector')}) "
        f"{'is a cluster' if len(clusters) == 1 else 'are clusters'}"
    )
    if not clusters:
        return f"{text}."
    classes = ", ".join(f"{n} {level}" for level, n in found.counts.items())
    one = len(clusters) == 1
    return (
        f"{text}: {classes}. {'It holds' if one else 'They hold'} {found.cluster_jobs:,.0f} of "
        f"{table.total_jobs:,.0f} jobs ({_percent(found.cluster_jobs_share)}). "
        f"{'It is' if one else 'Strongest'}: {_listing(clusters[:most])}."
    )


def _rule(found: Identification) -> str:
    """Say what makes a cluster."""
    rule = found.rule
    jobs = f", at least {rule.minimum_jobs:,.0f} jobs" if rule.minimum_jobs else ""
    return (
        f"A cluster here is a sector that weighs at least {rule.minimum_quotient:g} times as "
        f"much in its region as in the whole table (location quotient, LQ){jobs} and has at least "
        f"{_count(rule.basic_stars, 'star')}. It gets one star each for being in the top "
        f"{_percent(rule.top_share)} by size, by specialisation and by focus; "
        f"{rule.medium_stars} make it medium, {rule.high_stars} high."
    )


def _regions(found: Identification) -> str:
    """Say which regions differ most and least from the whole."""
    table = found.table
    if table.n_regions == 1 or table.n_sectors == 1:
        return ""
    high, low = int(np.nanargmax(found.krugman)), int(np.nanargmin(found.krugman))
    main = int(np.argmax(found.focus[high] - table.sector_jobs / table.total_jobs))
    return (
        f"The region least like the whole is {table.regions[high]} (Krugman index "
        f"{found.krugman[high]:.2f} of at most 2; above all more {table.sectors[main]}); "
        f"the most alike is {table.regions[low]} ({found.krugman[low]:.2f})."
    )


def _near(found: Identification, most: int) -> str:
    """Say what fell just short."""
    near = found.near_misses()
    if not near:
        return ""
    return (
        f"{_count(len(near), 'local industry', 'local industries')} fell just short (LQ from 1 "
        f"to {found.rule.minimum_quotient:g}). Those with most related strength in their "
        f"region: {_listing(near[:most])}."
    )


def _percent(share: float) -> str:
    return f"{round(100 * share, 1):g} %"


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number:,} {one if number == 1 else several or one + 's'}"


def _listing(industries: Sequence[LocalIndustry]) -> str:
    """Return local industries as text: name, jobs, location quotient and class."""
    return "; ".join(
        f"{one.sector} in {one.region} ({one.jobs:,.0f} jobs, LQ {one.location_quotient:.1f}"
        + ("" if one.strength == "none" else f", {one.strength}")
        + ")"
        for one in industries
    )
