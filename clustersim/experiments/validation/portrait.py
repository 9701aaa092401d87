"""The curves behind the figures of the scorecard, on fixed grids so that seeds can be averaged."""

from __future__ import annotations

from typing import Final

import numpy as np

from clustersim.experiments.validation.firms import growth, settled
from clustersim.experiments.validation.panel import Panel
from clustersim.experiments.validation.places import advantage, narrow_jobs, premiums
from clustersim.experiments.validation.regression import within
from clustersim.measures.checks import FloatArray
from clustersim.measures.clusters import Strength
from clustersim.measures.demography import survival
from clustersim.mechanisms.market import localisation

SIZES: Final = np.logspace(0.0, 4.0, 41)
"""Jobs at which the size distribution is read."""
GROWTH_EDGES: Final = np.linspace(-2.0, 2.0, 61)
"""Edges of the classes of yearly log growth, in standard deviations."""
AGES: Final = np.arange(0.0, 10.25, 0.25)
"""Ages at which survival is read, years."""
NICHE_EDGES: Final = np.logspace(0.5, 4.5, 17)
"""Edges of the classes of jobs in the narrow industry."""

_LEAST: Final = 10

Portrait = dict[str, FloatArray]
"""Curves by name: ``sizes`` Pr(size > s), ``growth`` density over the classes, ``survival`` share
alive, ``niches`` gain in productivity by class of niche jobs, ``classes`` share of the clusters
that are basic, medium and high, ``premiums`` productivity of the jobs in them over all, less 1.
With each stands its grid: ``sizes_at``, ``growth_at``, ``survival_at``, ``niches_at``."""


def portrait(panel: Panel) -> Portrait:
    """Return the curves of one run; NaN where it shows nothing."""
    years = settled(panel)
    sizes = np.concatenate([year.size for year in years])
    rates, _ = growth(panel)
    lives = survival(panel.lives.duration, panel.lives.left)
    strength = np.concatenate([year.strength.ravel() for year in years])
    clusters = [strength == c for c in (Strength.BASIC, Strength.MEDIUM, Strength.HIGH)]
    return {
        "sizes_at": SIZES,
        "growth_at": 0.5 * (GROWTH_EDGES[1:] + GROWTH_EDGES[:-1]),
        "survival_at": AGES,
        "niches_at": np.sqrt(NICHE_EDGES[1:] * NICHE_EDGES[:-1]),
        "sizes": np.array([(sizes > s).mean() for s in SIZES]),
        "growth": _density(rates),
        "survival": np.array([lives.at(age) for age in AGES]),
        "niches": _by_niche(panel),
        "classes": np.array([c.sum() for c in clusters]) / max((strength > Strength.NONE).sum(), 1),
        "premiums": _mean(np.stack([premiums(year)[1:] for year in years])),
    }


def _density(rates: FloatArray) -> FloatArray:
    if rates.size == 0 or rates.std() == 0.0:
        return np.full(GROWTH_EDGES.size - 1, np.nan)
    counts, _ = np.histogram((rates - np.median(rates)) / rates.std(), GROWTH_EDGES)
    return np.asarray(counts / (rates.size * np.diff(GROWTH_EDGES)))


def _by_niche(panel: Panel) -> FloatArray:
    """Return what the place adds, by class of niche jobs, sectors and years taken out.

    The level, which is then arbitrary, is that of the curve over the firms that are there.
    """
    gains, jobs = [], []
    for year in settled(panel):
        here = narrow_jobs(year, panel)
        level = localisation(here)
        gains.append(within(advantage(year), year.sector) + level.mean())
        jobs.append(here)
    gain, job = np.concatenate(gains), np.concatenate(jobs)
    place = np.digitize(job, NICHE_EDGES) - 1
    found = np.full(NICHE_EDGES.size - 1, np.nan)
    for k in range(found.size):
        here = place == k
        if here.sum() >= _LEAST:
            found[k] = np.expm1(gain[here].mean())
    return found


def _mean(rows: FloatArray) -> FloatArray:
    """Return the means of columns, NaN left out."""
    known = ~np.isnan(rows)
    total: FloatArray = np.where(known, rows, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0))


def average(portraits: list[Portrait]) -> Portrait:
    """Return the mean of several runs' curves."""
    return {name: _mean(np.stack([one[name] for one in portraits])) for name in portraits[0]}
