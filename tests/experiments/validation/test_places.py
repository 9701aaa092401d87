"""Statistics of places, on panels made by hand."""

import numpy as np
import pytest

from clustersim.experiments.validation import phenomena, places
from clustersim.measures.clusters import Strength
from clustersim.mechanisms.market import localisation
from clustersim.world.actors import Origin
from tests.panels import lives, panel, year


def clustered(step=60, **columns):
    """Four regions and two sectors: each sector has its cluster, in regions 0 and 1."""
    jobs = [[90.0, 10.0], [10.0, 90.0], [50.0, 50.0], [50.0, 50.0]]
    region, sector = np.divmod(np.arange(8), 2)
    return year(step, np.ravel(jobs), region=region, sector=sector, **columns)


def test_clusters_and_their_premium():
    lead = np.zeros(8)
    lead[[0, 3]] = np.log(2.0)
    run = panel(clustered(log_productivity=lead))
    strength = run.years[0].strength
    assert (strength > 0).tolist() == [[True, False], [False, True], [False] * 2, [False] * 2]
    assert places.cluster_job_share(run) == pytest.approx(180 / 400)
    mean = (180 * 2.0 + 220) / 400
    every = (Strength.BASIC, Strength.MEDIUM, Strength.HIGH)
    assert places.premium(*every)(run) == pytest.approx(2.0 / mean - 1.0)
    shares = [places.class_of_clusters(one)(run) for one in every]
    assert sum(shares) == pytest.approx(1.0)


def test_the_elasticity_of_localisation_is_found_within_firms():
    # What the place adds rises with 0.045 times the log of the other firms' jobs, less 0.1 times
    # that of the region's other sectors, whatever the firms know.
    rng = np.random.default_rng(2)
    n, regions = 400, 10
    region, sector = rng.integers(regions, size=n), rng.integers(2, size=n)
    years = []
    for step in (60, 80, 100):
        size = rng.uniform(5, 50, n)
        jobs = np.zeros((regions, 2))
        np.add.at(jobs, (region, sector), size)
        others = jobs[region, sector] - size
        rest = jobs.sum(axis=1)[region] - jobs[region, sector]
        fit = rng.normal(size=n)
        gain = 0.045 * np.log(others) - 0.1 * np.log(rest) + region + 0.01 * step
        years += [
            year(s, size, region=region, sector=sector, log_fit=fit, log_productivity=fit + gain)
            for s in range(step, step + 20, 4)
        ]
    assert places.localisation_elasticity(panel(*years)) == pytest.approx(0.045, abs=1e-6)
    # Who has moved is left out, however much it gained by that.
    moved = years[-5:]
    for snapshot in moved:
        snapshot.region[0] = (snapshot.region[0] + 1) % regions
        snapshot.log_productivity[0] += 9.0
    assert places.localisation_elasticity(panel(*years)) == pytest.approx(0.045, abs=1e-3)


def test_the_gain_of_the_niche_is_that_of_the_curve():
    rng = np.random.default_rng(5)
    n, regions = 300, 30
    region = rng.integers(regions, size=n)
    size = rng.uniform(1, 80, n)
    fit = rng.normal(size=n)
    run = year(60, size, region=region, log_fit=fit)
    jobs = run.niche_jobs[region, 0, 0]
    for factor in (1.0, 0.5):
        gain = factor * localisation(jobs / 4.0)
        made = year(60, size, region=region, log_fit=fit, log_productivity=fit + gain)
        expected = np.expm1(factor * localisation(np.array(650.0)))
        assert places.niche_gain(panel(made, industries=4.0)) == pytest.approx(expected)


def test_crowded_niches_lose():
    region = np.repeat([0, 1, 2], 30)
    sizes = np.repeat([1.0, 20.0, 400.0], 30)  # niches of 30, 600 and 12,000 jobs
    gain = localisation(np.repeat([30.0, 600.0, 12_000.0], 30))
    run = panel(year(60, sizes, region=region, log_productivity=gain))
    # The curve falls from 25 % at 650 jobs to nothing at 9,000.
    assert places.niche_crowding(run) == pytest.approx(1 / 1.25 - 1, abs=0.01)
    flat = panel(year(60, sizes, region=region, log_productivity=np.zeros(90)))
    assert places.niche_crowding(flat) == pytest.approx(0.0, abs=1e-9)
    one = panel(year(60, sizes[:30], log_productivity=gain[:30]))
    assert np.isnan(places.niche_crowding(one))


def test_the_elasticity_of_density():
    jobs = np.array([100.0, 400.0, 900.0])
    area = np.array([10.0, 10.0, 30.0])
    lead = 0.05 * np.log(jobs / area)
    run = panel(year(60, jobs, region=[0, 1, 2], log_productivity=lead), area_km2=area)
    assert places.density_elasticity(run) == pytest.approx(0.05)


def spans_of(jobs_by_year, **columns):
    """Snapshots every year from 60 on, five alike and then the next; one firm for each place."""
    years = []
    for k, jobs in enumerate(jobs_by_year):
        region, sector = np.divmod(np.arange(jobs.size), jobs.shape[1])
        for s in range(5):
            step = 60 + 20 * k + 4 * s
            years.append(year(step, jobs.ravel(), region=region, sector=sector, **columns))
    return years


def test_convergence_within_regions_and_sectors():
    # Growth falls with the own level and rises with what is related, by region and sector.
    rng = np.random.default_rng(6)
    start = np.exp(rng.normal(6.0, 1.0, (12, 5)))
    common = rng.normal(size=(12, 1)) + rng.normal(size=(1, 5))
    alike = rng.uniform(0.1, 0.9, (5, 5))
    np.fill_diagonal(alike, 0.0)
    end = np.exp(np.log(start) * 0.9 + 0.3 * np.log(start @ alike) + common)
    run = panel(*spans_of([start, end]), relatedness=alike)
    assert places.convergence_slope(run) == pytest.approx(-0.1, abs=1e-6)


def test_related_variety_and_growth():
    # Jobs of two fields in each of two sectors; growth is 0.3 per bit of related variety.
    rng = np.random.default_rng(7)
    niche = rng.uniform(1.0, 100.0, (40, 2, 2))
    share = niche / niche.sum(axis=2, keepdims=True)
    weight = niche.sum(axis=2) / niche.sum(axis=(1, 2))[:, None]
    related = (weight * -(share * np.log2(share)).sum(axis=2)).sum(axis=1)
    later = niche * np.exp(0.3 * related)[:, None, None]
    years = []
    for k, jobs in enumerate((niche, later)):
        for s in range(5):
            region, sector, field = np.indices(jobs.shape).reshape(3, -1)
            years.append(
                year(60 + 20 * k + 4 * s, jobs.ravel(), region=region, sector=sector, niche=field)
            )
    run = panel(*years, area_km2=rng.uniform(1, 9, 40))
    assert places.related_variety_slope(run) == pytest.approx(0.3, abs=1e-9)


def test_start_ups_follow_related_sectors():
    # Two sectors related to each other, one to nothing: start-ups as the related sector's jobs.
    rng = np.random.default_rng(8)
    jobs = np.exp(rng.normal(5.0, 0.7, (30, 3)))
    alike = np.array([[0.0, 1.0, 0.1], [1.0, 0.0, 0.1], [0.1, 0.1, 0.0]])
    presence = jobs @ alike
    quotient = presence / presence.sum(axis=1, keepdims=True)
    quotient /= presence.sum(axis=0) / presence.sum()
    count = np.rint(20.0 * quotient**1.5).astype(int)
    place = np.repeat(np.arange(90), count.ravel())
    born = lives(
        np.full(place.size, 70), np.full(place.size, 90), False, region=place // 3, sector=place % 3
    )
    run = panel(*spans_of([jobs, jobs]), lives=born, relatedness=alike)
    assert places.start_up_slope(run) == pytest.approx(1.5, abs=0.05)


def test_start_ups_in_clusters_live_longer():
    born = lives(
        np.full(100, 61),
        np.r_[np.full(40, 80), np.full(20, 64), np.full(20, 80), np.full(20, 64)],
        np.repeat([False, True, False, True], [40, 20, 20, 20]),
        region=np.repeat([0, 2], [60, 40]),
        origin=Origin.START_UP,
    )
    run = panel(clustered(60), clustered(64), lives=born)
    assert places.start_up_survival_lead(run) == pytest.approx(40 / 60 - 20 / 40)


def test_degree_and_length_of_ties():
    run = panel(year(60, np.ones(4), degree=[0, 1, 2, 3]), tie_lengths=[1.0, 2.0, 6.0])
    assert places.mean_degree(run) == 2.0
    assert places.tie_length(run) == 3.0
    assert np.isnan(places.tie_length(panel(year(60, [1.0]))))


@pytest.mark.parametrize(("curvature", "sign"), [(-3.0, -1), (3.0, 1), (0.0, 0)])
def test_an_inverted_u_has_a_negative_curvature(curvature, sign):
    rng = np.random.default_rng(9)
    far = rng.uniform(0.0, 0.8, 20_000)
    chance = 0.5 + curvature * ((far - 0.4) ** 2 - 0.05)
    made = year(
        60,
        np.ones(far.size),
        degree=rng.integers(1, 6, far.size),
        partner_distance=far,
        innovated=rng.random(far.size) < chance,
        research=rng.exponential(0.04, far.size),
    )
    found = places.distance_hump(panel(made))
    assert found == pytest.approx(curvature, abs=0.35)
    assert sign == 0 or np.sign(found) == sign


def transitions(*rows):
    return {
        "transitions": {
            "after": np.array([after for after, _ in rows]),
            "cause": np.array([cause for _, cause in rows]),
        }
    }


def test_causes_of_declines_and_passages_per_cluster():
    tables = transitions(
        ("decline", "lock-in"),
        ("decline", "shrank"),
        ("decline", "sudden loss"),
        ("renewal", "new variety"),
        ("maturity", "knowledge converged"),
        ("maturity", "growth stalled"),
    )
    run = panel(year(60, [1.0]), tables=tables, n_clusters=4)
    assert places.share_of_declines("lock-in", "sudden loss")(run) == pytest.approx(2 / 3)
    assert phenomena.renewals(run) == pytest.approx(1 / 3)
    assert phenomena.converged_maturity(run) == 0.25
    assert phenomena.locked_in_declines(run) == 0.25
    nothing = panel(year(60, [1.0]), tables=transitions(("growth", "take-off")))
    assert np.isnan(places.share_of_declines("lock-in")(nothing))
    assert np.isnan(phenomena.renewals(nothing))
    assert np.isnan(phenomena.locked_in_declines(nothing))


def test_the_premium_of_externalities_leaves_out_what_firms_know():
    gain = np.zeros(8)
    gain[[0, 3]] = 0.2
    fit = np.array([5.0, 1.0, 1.0, 5.0, 1.0, 1.0, 1.0, 1.0])
    run = panel(clustered(log_fit=fit, log_productivity=fit + gain))
    assert phenomena.externality_premium(run) == pytest.approx(0.2)


def test_concentration_is_that_of_ellison_and_glaeser():
    even = year(60, np.ones(40), region=np.tile([0, 1], 20), sector=np.repeat([0, 1], 20))
    apart = year(60, np.ones(40), region=np.repeat([0, 1], 20), sector=np.repeat([0, 1], 20))
    assert phenomena.concentration(panel(even)) == pytest.approx(-1 / 19)
    assert phenomena.concentration(panel(apart)) == pytest.approx(1.0)


def test_an_empty_region_takes_no_part_in_growth():
    rng = np.random.default_rng(7)
    start, end = np.exp(rng.normal(6.0, 1.0, (2, 12, 5)))
    start[3] = end[3] = 0.0
    end[4] = 0.0
    niche = rng.integers(2, size=60)
    years = spans_of([start, end], niche=niche)
    # With one firm in each place a sector is one field there, and variety within it is nothing.
    assert np.isnan(places.related_variety_slope(panel(*years)))
    mixed = [
        year(
            one.step,
            np.r_[one.size, one.size * rng.uniform(0.1, 1.0, 60)],
            region=np.r_[one.region, one.region],
            sector=np.r_[one.sector, one.sector],
            niche=np.r_[niche, 1 - niche],
        )
        for one in years
    ]
    assert np.isfinite(places.related_variety_slope(panel(*mixed)))
