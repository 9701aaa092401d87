"""Statistics of firms: sizes, growth, births, deaths, survival, spin-offs, innovation.

Each takes a panel and returns one number; NaN where the panel holds too little for it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from clustersim.experiments.validation.panel import Panel, Year
from clustersim.measures.checks import BoolArray, FloatArray
from clustersim.measures.demography import (
    SIZE_CLASSES,
    excess_kurtosis,
    laplace_scale,
    size_class_shares,
    size_class_slope,
    survival,
)
from clustersim.world.actors import Origin

SETTLED = 15
"""Years of a run that are left out: what the founding was drawn from has worn off by then."""
SURVEYED_JOBS = 10.0
"""Jobs from which a firm is asked in surveys of innovation and of digital technology (Eurostat)."""

_SLOPE_BOUNDS = (10.0, 20.0, 50.0, 250.0)
_SIZE_BINS = 8
_LEAST_IN_BIN = 30
_YOUNG, _MIDDLE, _OLD = (0.0, 4.0), (6.0, 20.0), (36.0, 200.0)
"""Ages of parents that are compared, years: the inverted U is highest near the middle."""


def settled(panel: Panel) -> tuple[Year, ...]:
    """Return the snapshots that count: all after the first years, or the last of a short run."""
    return panel.later(SETTLED) or panel.years[-1:]


def mean_over_years(statistic: Callable[[Year], float]) -> Callable[[Panel], float]:
    """Return the mean of a statistic of one year over the years that count."""

    def over_years(panel: Panel) -> float:
        values = np.array([statistic(year) for year in settled(panel)])
        known = values[~np.isnan(values)]
        return float(known.mean()) if known.size else float("nan")

    return over_years


# Sizes.


def size_slope(panel: Panel) -> float:
    """Slope of the counter-cumulated size distribution in logarithms, at classes from ten jobs."""
    pooled = np.concatenate([year.size for year in settled(panel)])
    return size_class_slope(pooled, _SLOPE_BOUNDS)


def class_share(number: int, *, of_jobs: bool) -> Callable[[Panel], float]:
    """Share of a size class (0 micro to 3 large) in firms or in jobs, mean over years."""

    def share(year: Year) -> float:
        return float(size_class_shares(year.size)[int(of_jobs)][number])

    return mean_over_years(share)


# Growth.


def growth(panel: Panel) -> tuple[FloatArray, FloatArray]:
    """Return yearly log growth of the firms that live on, and their size before, shape (n,) each.

    Firms without jobs at either end are left out.
    """
    rates, sizes = [], []
    years = settled(panel)
    for before, after in pairwise(years):
        _, one, other = np.intersect1d(before.id, after.id, return_indices=True)
        a, b = before.size[one], after.size[other]
        with_jobs = (a > 0.0) & (b > 0.0)
        rates.append(np.log(b[with_jobs] / a[with_jobs]))
        sizes.append(a[with_jobs])
    if not rates:
        return np.empty(0), np.empty(0)
    return np.concatenate(rates), np.concatenate(sizes)


def growth_kurtosis(panel: Panel) -> float:
    """Excess kurtosis of yearly growth rates."""
    return excess_kurtosis(growth(panel)[0])


def growth_tent(panel: Panel) -> float:
    """Advantage of a Laplace over a normal density for the growth rates: nats per observation."""
    rates, _ = growth(panel)
    if rates.size == 0 or rates.std() == 0.0:
        return float("nan")
    laplace = -np.log(2.0 * laplace_scale(rates)) - 1.0
    normal = -0.5 * np.log(2.0 * np.pi * rates.var()) - 0.5
    return float(laplace - normal)


def growth_spread_slope(panel: Panel) -> float:
    """Exponent beta of ``sigma(growth) ~ size**-beta``, over bins of equal width in log size."""
    rates, sizes = growth(panel)
    if sizes.size == 0:
        return float("nan")
    edges = np.linspace(np.log(sizes.min()), np.log(sizes.max()), _SIZE_BINS + 1)[1:-1]
    place = np.searchsorted(edges, np.log(sizes))
    spread, centre = [], []
    for k in range(_SIZE_BINS):
        here = rates[place == k]
        if here.size >= _LEAST_IN_BIN and here.std() > 0.0:
            spread.append(np.log(here.std()))
            centre.append(np.log(sizes[place == k]).mean())
    if len(spread) < 3:  # noqa: PLR2004  # two points always lie on a line
        return float("nan")
    return float(-np.polyfit(centre, spread, 1)[0])


# Births, deaths, survival.


def birth_rate(panel: Panel) -> float:
    """Births over the firms active in the year, mean over years."""
    return _turnover(panel)[0]


def death_rate(panel: Panel) -> float:
    """Deaths over the firms active in the year, mean over years."""
    return _turnover(panel)[1]


def _turnover(panel: Panel) -> tuple[float, float]:
    table = panel.clusters
    quarter = table["quarter"]
    last = np.unique(quarter)[1:]
    births = np.array([table["entries"][quarter == q].sum() for q in last])
    deaths = np.array([table["exits"][quarter == q].sum() for q in last])
    left = np.array([table["firms"][quarter == q].sum() for q in last])
    counts = last >= min(SETTLED * 4, int(last[-1]))
    active = left + deaths
    return float((births / active)[counts].mean()), float((deaths / active)[counts].mean())


def survival_after(years: float) -> Callable[[Panel], float]:
    """Share of the newcomers that outlives an age."""

    def share(panel: Panel) -> float:
        lives = panel.lives
        return survival(lives.duration, lives.left).at(years)

    return share


# Spin-offs.


def _spun_off(panel: Panel) -> BoolArray:
    return np.asarray(panel.lives.origin == Origin.SPIN_OFF)


def spin_off_survival_lead(panel: Panel) -> float:
    """Five-year survival of spin-offs less that of start-ups."""
    lives = panel.lives
    spun, started = _spun_off(panel), lives.origin == Origin.START_UP
    if not (spun.any() and started.any()):
        return float("nan")
    return survival(lives.duration[spun], lives.left[spun]).at(5.0) - survival(
        lives.duration[started], lives.left[started]
    ).at(5.0)


def spin_off_growth_lead(panel: Panel) -> float:
    """Mean log growth from birth to about age five of spin-offs less that of start-ups."""
    lives = panel.lives
    found: dict[int, list[FloatArray]] = {int(Origin.SPIN_OFF): [], int(Origin.START_UP): []}
    for year in panel.years:
        five = (year.age >= 5.0) & (year.age < 6.0) & (year.size > 0.0)  # noqa: PLR2004
        _, at, born = np.intersect1d(year.id[five], lives.id, return_indices=True)
        rate = np.log(year.size[five][at] / np.maximum(lives.size[born], 1e-9))
        for origin, rates in found.items():
            rates.append(rate[lives.origin[born] == origin])
    spun, started = (np.concatenate(rates) for rates in found.values())
    return float(spun.mean() - started.mean()) if spun.size and started.size else float("nan")


def _parents(panel: Panel) -> tuple[FloatArray, FloatArray, BoolArray, FloatArray]:
    """Return what concerns firms as parents, one element per firm and year.

    Age, log productivity relative to the sector, whether it has a spin-off in the next year, and
    the relative log productivity of that spin-off (NaN without).
    """
    lives, spun = panel.lives, _spun_off(panel)
    ages, leads, parents, theirs = [], [], [], []
    for year in panel.years[:-1]:
        soon = spun & (lives.birth > year.step) & (lives.birth <= year.step + 4)
        mean = np.bincount(year.sector, weights=year.log_productivity) / np.maximum(
            np.bincount(year.sector), 1
        )
        child = np.full(year.id.size, np.nan)
        _, at, born = np.intersect1d(year.id, lives.parent[soon], return_indices=True)
        child[at] = lives.log_productivity[soon][born]
        ages.append(year.age)
        leads.append(year.log_productivity - mean[year.sector])
        parents.append(~np.isnan(child))
        theirs.append(child - mean[year.sector])
    return (
        np.concatenate(ages),
        np.concatenate(leads),
        np.concatenate(parents),
        np.concatenate(theirs),
    )


def spin_off_hump(panel: Panel) -> float:
    """Rate of spin-offs of middle-aged parents over the higher of that of young and old ones."""
    age, _, parent, _ = _parents(panel)

    def rate(bounds: tuple[float, float]) -> float:
        here = (age >= bounds[0]) & (age < bounds[1])
        return float(parent[here].mean()) if here.any() else float("nan")

    ends = np.array([rate(_YOUNG), rate(_OLD)])
    return rate(_MIDDLE) / float(np.nanmax(ends)) if np.nanmax(ends) > 0.0 else float("nan")


def spin_off_parent_quality(panel: Panel) -> float:
    """Rate of spin-offs of the better half of the firms over that of the other half."""
    _, lead, parent, _ = _parents(panel)
    better = lead > np.median(lead)
    worse = parent[~better].mean()
    return float(parent[better].mean() / worse) if worse > 0.0 else float("nan")


def spin_off_inheritance(panel: Panel) -> float:
    """Correlation of parents' and spin-offs' productivity relative to their sectors."""
    _, lead, parent, child = _parents(panel)
    if parent.sum() < _LEAST_IN_BIN:
        return float("nan")
    return float(np.corrcoef(lead[parent], child[parent])[0, 1])


# Innovation and digital technology.


def surveyed_share(
    column: str, calendar_year: int | None = None, low: float = SURVEYED_JOBS, high: float = np.inf
) -> Callable[[Panel], float]:
    """Share of the firms from `low` to below `high` jobs for which a column is true.

    Parameters
    ----------
    column
        A column of a year: ``digital``, ``active``, ``active_green``.
    calendar_year
        At the end of which it is asked; the mean over years if left out.
    low, high
        Jobs.
    """

    def share(year: Year) -> float:
        asked = (year.size >= low) & (year.size < high)
        return float(getattr(year, column)[asked].mean()) if asked.any() else float("nan")

    if calendar_year is None:
        return mean_over_years(share)
    return lambda panel: share(panel.at(calendar_year))


def productivity_of_class(number: int) -> Callable[[Panel], float]:
    """Productivity of the jobs of a size class over that of all jobs, mean over years."""

    def relative(year: Year) -> float:
        value = np.exp(year.log_productivity)
        here = np.searchsorted(SIZE_CLASSES, year.size, side="right") == number
        jobs = year.size[here].sum()
        if not jobs > 0.0:
            return float("nan")
        mean = (value * year.size).sum() / year.size.sum()
        return float((value[here] * year.size[here]).sum() / jobs / mean)

    return mean_over_years(relative)
