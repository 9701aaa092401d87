"""Statistics of places: clusters, agglomeration, variety, networks, life cycles.

Each takes a panel and returns one number; NaN where the panel holds too little for it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from clustersim.experiments.validation.firms import mean_over_years, settled
from clustersim.experiments.validation.panel import Panel, Year
from clustersim.experiments.validation.regression import groups, slopes, within
from clustersim.measures.checks import BoolArray, FloatArray, IntArray
from clustersim.measures.clusters import Strength
from clustersim.measures.demography import survival
from clustersim.measures.productivity import cluster_premium, premium_by_class
from clustersim.measures.specialisation import location_quotient
from clustersim.measures.variety import related_variety, unrelated_variety
from clustersim.mechanisms.market import localisation
from clustersim.world.actors import Origin

SPAN = 5
"""Years over which growth of places is measured."""
BEST_NICHE, CROWDED_NICHE = 650.0, 9000.0
"""Real jobs of the narrow industry in the region at which the source finds the gain highest, and
gone."""
_LEAST = 20


# Clusters (European Panorama).


def class_of_clusters(strength: Strength) -> Callable[[Panel], float]:
    """Share of the clusters that are of a strength class, mean over years."""

    def share(year: Year) -> float:
        found = year.strength[year.strength > Strength.NONE]
        return float((found == strength).mean()) if found.size else float("nan")

    return mean_over_years(share)


def cluster_job_share(panel: Panel) -> float:
    """Share of all jobs that are in clusters, mean over years."""

    def share(year: Year) -> float:
        return float(year.jobs[year.strength > Strength.NONE].sum() / year.jobs.sum())

    return mean_over_years(share)(panel)


def premium(*classes: Strength) -> Callable[[Panel], float]:
    """Productivity of the jobs in clusters of these classes over that of all jobs, less 1."""

    def of_year(year: Year) -> float:
        inside = np.isin(year.strength[year.region, year.sector], classes)
        if not inside.any():
            return float("nan")
        return cluster_premium(np.exp(year.log_productivity), year.size, inside)

    return mean_over_years(of_year)


def premiums(year: Year) -> FloatArray:
    """Return the premium of the jobs of each strength class in one year, shape (4,)."""
    strength = year.strength[year.region, year.sector]
    return premium_by_class(np.exp(year.log_productivity), year.size, strength, len(Strength))


# Agglomeration.


def advantage(year: Year) -> FloatArray:
    """Return what the place adds to log productivity, by firm."""
    return year.log_productivity - year.log_fit


def localisation_elasticity(panel: Panel) -> float:
    """Elasticity of productivity to own-sector jobs of the place, within firms over five years.

    The change of what the place adds to a firm's log productivity on the change of the log jobs of
    its sector there, other firms' jobs only; the change of the region's log jobs in other sectors
    is held constant (urbanisation), and sectors and years are taken out. What the firm knows itself
    is left out of productivity, so that the jobs that its knowledge brings do not count. Firms that
    moved to another region are left out.
    """
    changes, jobs, city, label = [], [], [], []
    for before, after in spans(panel):
        _, one, other = np.intersect1d(before.id, after.id, return_indices=True)
        own = [_other_jobs(before)[one], _other_jobs(after)[other]]
        rest = [_rest_of_region(before)[one], _rest_of_region(after)[other]]
        stayed = before.region[one] == after.region[other]
        known = stayed & (np.minimum.reduce([*own, *rest]) > 1.0)
        changes.append((advantage(after)[other] - advantage(before)[one])[known])
        jobs.append(np.log(own[1][known] / own[0][known]))
        city.append(np.log(rest[1][known] / rest[0][known]))
        sector = before.sector[one][known]
        label.append(np.stack([sector, np.full(sector.size, before.step)]))
    if not changes:
        return float("nan")
    regressors = [np.concatenate(jobs), np.concatenate(city)]
    return float(slopes(np.concatenate(changes), regressors, _groups(label))[0])


def _other_jobs(year: Year) -> FloatArray:
    """Return the jobs of the other firms of each firm's sector and region."""
    return np.asarray(year.jobs[year.region, year.sector] - year.size)


def _rest_of_region(year: Year) -> FloatArray:
    """Return the jobs of the other sectors in each firm's region."""
    return np.asarray(year.jobs.sum(axis=1)[year.region] - year.jobs[year.region, year.sector])


def spans(panel: Panel) -> list[tuple[Year, Year]]:
    """Return pairs of snapshots, `SPAN` years apart, one after the other."""
    years = settled(panel)
    return list(zip(years[:-SPAN:SPAN], years[SPAN::SPAN], strict=True))


def _groups(labels: list[IntArray]) -> IntArray:
    """Return the groups of labels that were collected span by span, each of shape (K, n)."""
    stacked: IntArray = np.concatenate(labels, axis=1)
    return groups(*stacked)


def niche_gain(panel: Panel) -> float:
    """Productivity near 650 jobs of the own narrow industry over that with none, less 1."""
    return _on_the_curve(panel, 0.0, BEST_NICHE)


def niche_crowding(panel: Panel) -> float:
    """Productivity at 9,000 jobs of the own narrow industry over that near 650, less 1."""
    return _on_the_curve(panel, BEST_NICHE, CROWDED_NICHE)


def _on_the_curve(panel: Panel, before: float, after: float) -> float:
    """Return what the place adds at some jobs of the narrow industry over that at others, less 1.

    Firms with next to no jobs around them, or with thousands, are rare where one firm stands for
    many. So what the place adds is regressed on the closed form of the curve, sectors compared
    within themselves, and the slope applied to the curve's heights.
    """
    low, high = localisation(np.array([before, after]))

    def of_year(year: Year) -> float:
        curve = localisation(narrow_jobs(year, panel))
        slope = slopes(advantage(year), [curve], year.sector)[0]
        return float(np.expm1(slope * (high - low)))

    return mean_over_years(of_year)(panel)


def narrow_jobs(year: Year, panel: Panel) -> FloatArray:
    """Return the real jobs of each firm's narrow industry in its region."""
    jobs = year.niche_jobs[year.region, year.sector, year.niche]
    return np.asarray(jobs / panel.industries)


def density_elasticity(panel: Panel) -> float:
    """Elasticity of the regions' productivity to their density of jobs, mean over years.

    Productivity is the mean of the jobs' log productivity less the mean of their sector.
    """

    def of_year(year: Year) -> float:
        lead = within(year.log_productivity, year.sector)
        n_regions = year.jobs.shape[0]
        jobs = np.bincount(year.region, weights=year.size, minlength=n_regions)
        total = np.bincount(year.region, weights=lead * year.size, minlength=n_regions)
        there = jobs > 0.0
        density = np.log(year.jobs.sum(axis=1)[there] / panel.area_km2[there])
        return float(slopes(total[there] / jobs[there], [density])[0])

    return mean_over_years(of_year)(panel)


# Variety, start-ups, convergence.


def related_variety_slope(panel: Panel) -> float:
    """Slope of the regions' five-year growth of jobs on related variety, per unit of entropy.

    Unrelated variety, density and the year are held constant (Frenken et al. 2007). Sectors are
    the groups, and the fields in them what is related.
    """
    y, related, unrelated, dense, when = [], [], [], [], []
    for before, after in spans(panel):
        n_regions, n_sectors, n_fields = before.niche_jobs.shape
        was, now = before.jobs.sum(axis=1), after.jobs.sum(axis=1)
        there = (was > 0.0) & (now > 0.0)
        flat = before.niche_jobs.reshape(n_regions, -1)[there]
        group = np.repeat(np.arange(n_sectors), n_fields)
        y.append(np.log(now[there] / was[there]))
        related.append(related_variety(flat, group))
        unrelated.append(unrelated_variety(flat, group))
        dense.append(np.log(was[there] / panel.area_km2[there]))
        when.append(np.full(there.sum(), before.step))
    if not y:
        return float("nan")
    found = slopes(
        np.concatenate(y),
        [np.concatenate(part) for part in (related, unrelated, dense)],
        groups(np.concatenate(when)),
    )
    return float(found[0])


def _start_ups(panel: Panel) -> BoolArray:
    return np.asarray(panel.lives.origin == Origin.START_UP)


def _related_presence(year: Year, panel: Panel) -> FloatArray:
    """Return the location quotient of the sectors related to each, by place, shape (R, S)."""
    related = np.maximum(year.jobs @ panel.relatedness, 1e-9)
    return np.asarray(location_quotient(related))


def start_up_slope(panel: Panel) -> float:
    """Slope of log start-ups on the log location quotient of related sectors in the region.

    Over places and spans of five years; own jobs, sector and year are held constant. Places
    without a start-up count as half of one.
    """
    lives, begun = panel.lives, _start_ups(panel)
    y, near, own, label = [], [], [], []
    for before, after in spans(panel):
        born = begun & (lives.birth > before.step) & (lives.birth <= after.step)
        count = np.zeros(before.jobs.shape)
        np.add.at(count, (lives.region[born], lives.sector[born]), 1.0)
        there = before.jobs > 0.0
        y.append(np.log(np.maximum(count, 0.5))[there])
        near.append(np.log(_related_presence(before, panel))[there])
        own.append(np.log(before.jobs[there]))
        _, sector = np.nonzero(there)
        label.append(np.stack([sector, np.full(sector.size, before.step)]))
    if not y:
        return float("nan")
    regressors = [np.concatenate(near), np.concatenate(own)]
    return float(slopes(np.concatenate(y), regressors, _groups(label))[0])


def start_up_survival_lead(panel: Panel) -> float:
    """Three-year survival of start-ups in clusters less that of the others."""
    lives, begun = panel.lives, _start_ups(panel)
    strength = {year.step: year.strength for year in panel.years}
    before = lives.birth // 4 * 4
    inside = np.array(
        [
            strength[step][region, sector] > Strength.NONE
            for step, region, sector in zip(before, lives.region, lives.sector, strict=True)
        ],
        dtype=np.bool_,
    )
    ins, outs = begun & inside, begun & ~inside
    if ins.sum() < _LEAST or outs.sum() < _LEAST:
        return float("nan")
    return survival(lives.duration[ins], lives.left[ins]).at(3.0) - survival(
        lives.duration[outs], lives.left[outs]
    ).at(3.0)


def convergence_slope(panel: Panel) -> float:
    """Slope of the places' five-year growth of jobs on their log jobs before.

    The log location quotient of related sectors is held constant (Delgado, Porter & Stern 2010),
    and so are regions and sectors in each span, by turns of demeaning.
    """
    y, level, near, region, sector = [], [], [], [], []
    for before, after in spans(panel):
        there = (before.jobs > 0.0) & (after.jobs > 0.0)
        r, s = np.nonzero(there)
        y.append(np.log(after.jobs[there] / before.jobs[there]))
        level.append(np.log(before.jobs[there]))
        near.append(np.log(_related_presence(before, panel))[there])
        region.append(np.stack([r, np.full(r.size, before.step)]))
        sector.append(np.stack([s, np.full(s.size, before.step)]))
    if not y:
        return float("nan")
    by_region = _groups(region)
    by_sector = _groups(sector)
    left = [np.concatenate(part) for part in (y, level, near)]
    for _ in range(30):  # alternating projections on the two sets of fixed effects
        left = [within(within(values, by_region), by_sector) for values in left]
    return float(slopes(left[0], left[1:])[0])


# Networks.


def mean_degree(panel: Panel) -> float:
    """Mean collaborations of the firms that have any, mean over years."""

    def of_year(year: Year) -> float:
        tied = year.degree > 0
        return float(year.degree[tied].mean()) if tied.any() else float("nan")

    return mean_over_years(of_year)(panel)


def tie_length(panel: Panel) -> float:
    """Mean length of the collaborations that ended by themselves, years."""
    return float(panel.tie_lengths.mean()) if panel.tie_lengths.size else float("nan")


def distance_hump(panel: Panel) -> float:
    """Curvature of innovation in the mean cognitive distance to partners, per unit squared.

    Slope on the squared distance of having innovated within three years, a linear term, the number
    of partners and R&D (as ``R / (R + 0.03)``) held constant; negative is an inverted U.
    """
    far, many, able, new, when = [], [], [], [], []
    for year in settled(panel):
        tied = year.degree > 0
        far.append(year.partner_distance[tied])
        many.append(np.log(year.degree[tied]))
        able.append(year.research[tied] / (year.research[tied] + 0.03))
        new.append(year.innovated[tied].astype(np.float64))
        when.append(np.full(tied.sum(), year.step))
    d = np.concatenate(far)
    if d.size < _LEAST:
        return float("nan")
    centred = d - d.mean()
    regressors = [centred**2, centred, np.concatenate(many), np.concatenate(able)]
    return float(slopes(np.concatenate(new), regressors, groups(np.concatenate(when)))[0])


# Life cycles.


def share_of_declines(*causes: str) -> Callable[[Panel], float]:
    """Share of the clusters' declines that have one of these causes."""

    def share(panel: Panel) -> float:
        table = panel.tables["transitions"]
        declines = table["after"] == "decline"
        return float(np.isin(table["cause"][declines], causes).mean()) if declines.any() else np.nan

    return share
