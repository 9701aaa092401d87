"""Theory cases of growth, selection, jobs and wages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import stats
from scipy.optimize import brentq

from clustersim.mechanisms.exit import Exit
from clustersim.mechanisms.labour import Labour
from clustersim.mechanisms.market import Market
from clustersim.world.world import DT, World
from experiments.verification.result import Case, Curve, Floats, Outcome, Row, exact, mean, share
from tests.worlds import add_actors, empty_world, luck

ALONE = {"congestion": 0.0, "externalities": False, "wage_pressure": 0.0, "lost_orders": 0.0}
SHOCK_RATE = 0.5
CHANCE = float(-np.expm1(-SHOCK_RATE * DT))
"""Chance of a shock in a quarter."""
VOLATILITY = 0.6
"""High, so that sizes spread within some decades."""
WORLD_JOBS = 1e12
"""So large a rest of the world that what firms win at home costs the others nothing."""
ROUNDING = 1e-9
"""Growth, in log size, below which there was no shock: of shocks one in a billion is as small."""


def _scale(volatility: float) -> float:
    """Return the scale of the Laplace shock, in log size."""
    return float(volatility * np.sqrt(DT / CHANCE / 2.0))


SCALE = _scale(VOLATILITY)


def _gibrat(n: int, volatility: float) -> tuple[World, Market]:
    """Return n firms of one job in a boundless market, and a market of luck alone."""
    world = empty_world()
    add_actors(world, np.ones((n, 2)), size=1.0)
    world.sectors.world_jobs[:] = WORLD_JOBS
    world.sectors.demand_start[:] = WORLD_JOBS + n
    return world, Market(
        **ALONE,
        selection=0.0,
        volatility=volatility,
        shock_rate=SHOCK_RATE,
        volatility_slope=0.0,
    )


def growth() -> Outcome:
    """Shocks alone: growth is a fair compound Laplace process (Bottazzi & Secchi 2006).

    In a quarter a firm is hit with chance ``q = 1 - exp(-rate dt)``; then its log size moves by
    ``ln(1 - b**2) + Laplace(b)`` with ``b = volatility sqrt(dt / (2 q))``. So the mean absolute
    deviation from the median of those hit is b, ``exp(-3)`` of them move by more than 3 b,
    ``E[exp(x)] = 1``, the variance of the Laplace part in a year is ``volatility**2`` and its
    excess kurtosis ``(6 / q - 3) / 4``. Rivals: shocks in every quarter (share, kurtosis), normal
    ones of the same variance (size, tail), shocks without the correction ``ln(1 - b**2)`` (mean of
    exp(x)), a variance that is not concentrated in the quarters with a shock.
    """
    n, volatility = 200_000, 0.2
    scale = _scale(volatility)
    world, market = _gibrat(n, volatility)
    steps = np.empty((4, n))
    for step in range(4):
        world.clock.step = step
        market.apply(world, luck(step))
        steps[step] = np.log(world.actors.orders / world.actors.size)
    hit = np.abs(steps - np.median(steps, axis=1, keepdims=True)) > ROUNDING
    x = steps[hit] - np.log(1.0 - scale**2)
    year = np.where(hit, steps - np.log(1.0 - scale**2), 0.0).sum(axis=0)
    centred = year**2 / volatility**2
    kurtosis = (6.0 / CHANCE - 3.0) / 4.0
    # With the variance known, E[year**4] / volatility**4 - 3 needs no ratio of moments.
    deviation = np.sqrt(2.0) * scale
    normal_tail = 2.0 * float(stats.norm.sf(3.0 * scale / deviation))
    rows = (
        share("share of quarters with a shock", CHANCE, hit, 1.0),
        mean("mean absolute shock", scale, np.abs(x), deviation * np.sqrt(2.0 / np.pi)),
        share(
            "share of shocks beyond 3 b", float(np.exp(-3.0)), np.abs(x) > 3 * scale, normal_tail
        ),
        mean("mean of exp(x)", 1.0, np.exp(steps), 1.0 - CHANCE + CHANCE / (1.0 - scale**2)),
        mean("yearly variance over volatility squared", 1.0, centred, CHANCE),
        mean("excess kurtosis of a year", kurtosis, centred**2 - 3.0, 0.75),
    )
    return Outcome(rows)


def size_tail() -> Outcome:
    """Random growth with renewal or a barrier: the tail of sizes is Pareto (Gabaix 1999).

    Firms grow by luck alone (Gibrat), in a market that grows at the rate mu. Let M be the moment
    function of a quarter's log growth::

        M(z) = E[exp(z x)] = 1 - q + q (1 - b**2)**z / (1 - z**2 b**2),   |z| < 1 / b

    If firms die at the hazard delta and each is replaced by one of a single job, sizes beyond one
    job have ``Pr(size > s) ~ s**-zeta`` with zeta the root of ``exp(-delta dt) exp(zeta mu dt)
    M(zeta) = 1`` (Reed 2001). If nobody dies but none falls below one job, zeta is the root beyond
    0 of ``exp(zeta mu dt) M(zeta) = 1`` (Kesten 1973; Gabaix 1999). As shocks are fair, M(1) = 1:
    where the growth of those who stay makes good all deaths, mu = delta, sizes follow Zipf's law,
    whatever the shocks.

    Laplace steps have no memory: who passes a level passes it by an exponential overshoot. So
    wherever levels are passed by shocks alone (mu <= 0) the law is exact from one job on, and with
    mu > 0 it holds in the tail, here above 5 jobs. The exponent is Hill's, of the n sizes above
    the threshold, with the standard error ``zeta / sqrt(n)``. Rivals: normal steps of the same
    variance, so that ``M(z) = exp(volatility**2 dt z (z - 1) / 2)``; for Zipf's law a market that
    does not grow.
    """
    # Nobody is between the one job of a newborn and the threshold but by rounding.
    renewed, curve = _tail("exponent, renewal at 10 %/year", 1.0001, death=0.1, drift=0.0)
    zipf, _ = _tail("exponent, growth makes good all deaths", 5.0, death=0.1, drift=0.1)
    barrier, _ = _tail("exponent, barrier at one job", 1.0001, death=0.0, drift=-0.05)
    return Outcome((renewed, zipf, barrier), curve)


def _moment(z: float) -> float:
    return float(1.0 - CHANCE + CHANCE * (1.0 - SCALE**2) ** z / (1.0 - z**2 * SCALE**2))


def _normal_moment(z: float) -> float:
    return float(np.exp(VOLATILITY**2 * DT * z * (z - 1.0) / 2.0))


def _exponent(moment: Callable[[float], float], death: float, drift: float) -> float:
    def excess(z: float) -> float:
        return float(np.exp((z * drift - death) * DT) * moment(z) - 1.0)

    # Above 1 / b no Laplace moment exists; 0.3 lies beyond the root 0 of a barrier.
    return float(brentq(excess, 0.3, 1.0 / SCALE - 1e-9))


def _tail(quantity: str, threshold: float, *, death: float, drift: float) -> tuple[Row, Curve]:
    sizes = _grown(death, drift)
    theory = _exponent(_moment, death, drift)
    beyond = sizes[sizes > threshold]
    zeta = beyond.size / np.log(beyond / threshold).sum()
    error = theory / np.sqrt(beyond.size)
    rival = _exponent(_moment if drift > 0.0 else _normal_moment, death, min(drift, 0.0))
    row = Row(quantity, theory, float(zeta), float(error), rival)
    x = np.geomspace(threshold, np.sort(sizes)[-20], 25)
    above = np.array([(sizes > s).mean() for s in x])
    line = (sizes > threshold).mean() * (x / threshold) ** -theory
    return row, Curve("Random growth, renewal", "jobs", "share larger", x, line, above, "xy")


def _grown(death: float, drift: float) -> Floats:
    """Return sizes after eighty years of luck, with renewal at `death` or a barrier at one job."""
    n = 40_000
    world, market = _gibrat(n, VOLATILITY)
    world.sectors.demand_growth[:] = drift
    leave = Exit(
        hazard_old=death,
        hazard_young=0.0,
        protection=0.0,
        size_slope=0.0,
        debt_limit=50.0,
        least_jobs=0.0,
    )
    born = n
    actors = world.actors
    for step in range(320):
        world.clock.step = step
        market.apply(world, luck(step))
        actors.size[:] = actors.orders  # everybody is hired at once
        if death > 0.0:
            leave.apply(world, luck(step))
            gone = n - int(world.firms().sum())
            if gone:
                add_actors(world, np.ones((gone, 2)), size=1.0, id=np.arange(gone) + born + 1)
            born += gone
        else:
            np.maximum(actors.size, 1.0, out=actors.size)
    return actors.size[actors.rows()]


def replicator() -> Outcome:
    """Replicator alone: Fisher's theorem, and the exact solution behind it.

    Without luck and advantages the share of competitor i, the rest of the world included, is
    ``p_i(t) = p_i(0) A_i**(s t) / sum_j p_j(0) A_j**(s t)`` (s: selection). So the mean of ln A
    rises at the rate ``d mean / dt = s Var(ln A)`` (Fisher 1930). A quarter's rise divided by dt
    misses this by ``s**2 dt kappa_3 / 2`` to leading order (kappa_3: third cumulant of ln A),
    which is what the rows allow, one half more: the smaller s, the nearer. Rival: a selection by
    the quarter instead of by the year.
    """
    rows = []
    for selection in (0.4, 0.04, 0.004):
        _, mean_before, variance, third, mean_after, _ = _selected(selection, 1)
        rise = (mean_after - mean_before) / DT
        allowed = 1.5 * selection**2 * DT * abs(third) / 2.0
        quantity = f"yearly rise of mean ln A over its variance, s = {selection:g}"
        rows.append(
            exact(
                quantity,
                selection,
                rise / variance,
                allowed / variance,
                4 * selection,
            )
        )
    shares, *_, fitness = _selected(0.4, 80)
    start, end = shares
    expected = start * np.exp(0.4 * fitness * 20.0)
    expected /= expected.sum()
    worst = float(np.abs(end / expected - 1.0).max())
    rows.append(exact("largest relative error of a share after 20 years", 0.0, worst, 1e-9))
    return Outcome(tuple(rows))


def _selected(selection: float, n_quarters: int) -> tuple[Any, ...]:
    """Return shares, first and last; mean, variance and third cumulant at first; the mean at last.

    The last of all is what everybody's productivity was: it does not change.
    """
    rng = np.random.default_rng(8)
    known = rng.uniform(0.2, 1.0, 40)
    world = empty_world(relevance=(0.5, 0.5))
    add_actors(world, np.column_stack([known, known]), size=rng.uniform(1.0, 50.0, 40))
    world.sectors.world_jobs[:] = world.jobs().sum()
    world.sectors.demand_start[:] = 2.0 * world.jobs().sum()
    market = Market(**ALONE, volatility=0.0, selection=selection)
    actors, sectors = world.actors, world.sectors
    jobs = [np.append(actors.size, sectors.world_jobs)]
    for step in range(n_quarters):
        world.clock.step = step
        market.apply(world, luck(step))
        actors.size[:] = actors.orders
        jobs.append(np.append(actors.size, sectors.world_jobs))
    fitness = np.append(actors.log_productivity, sectors.world_log_productivity)
    first, last = (one / one.sum() for one in (jobs[0], jobs[-1]))
    before, after = float(first @ fitness), float(last @ fitness)
    variance = float(first @ (fitness - before) ** 2)
    third = float(first @ (fitness - before) ** 3)
    return (first, last), before, variance, third, after, fitness


def labour() -> Outcome:
    """Labour alone: identities of the matching function and of the wage curve.

    Hires are ``A sqrt(u v)`` as long as there are more people and vacancies than that
    (Pissarides 2000): the elasticities to u and to v are one half each, and twice of both give
    twice the hires. Wages have the elasticity ``-epsilon`` to unemployment. Jobs and unemployed
    together stay what they were. All are exact, up to rounding.
    """
    rows = []
    base = _hired(400.0, 100.0)
    rows.append(
        exact("hires of 400 people and 100 vacancies", 0.3 * 200.0, base, 1e-9, 0.3 * 100.0)
    )
    for name, u, v, elasticity in (
        ("unemployed", 800.0, 100.0, 0.5),
        ("vacancies", 400.0, 200.0, 0.5),
        ("both", 800.0, 200.0, 1.0),
    ):
        found = float(np.log2(_hired(u, v) / base))
        rows.append(exact(f"elasticity of hires to {name}", elasticity, found, 1e-9))
    few, many = _wage(4.0), _wage(8.0)
    rows.append(exact("elasticity of wages to unemployment", -0.1, np.log2(many / few), 1e-9))
    world = _labour_market(400.0, 100.0)
    before = world.jobs().sum() + world.places.unemployed.sum()
    Labour().apply(world, luck())
    after = world.jobs().sum() + world.places.unemployed.sum()
    rows.append(exact("jobs and unemployed after a quarter", before, after, 1e-9))
    return Outcome(tuple(rows))


def _labour_market(unemployed: float, vacancies: float) -> World:
    world = empty_world()
    add_actors(world, np.ones((1, 2)), size=1000.0, orders=1000.0 + vacancies)
    world.places.unemployed[:] = unemployed
    return world


def _hired(unemployed: float, vacancies: float) -> float:
    world = _labour_market(unemployed, vacancies)
    Labour(efficiency=0.3, retraining=0.0, migration=0.0).apply(world, luck())
    return float(world.jobs().sum()) - 1000.0


def _wage(unemployed: float) -> float:
    """Return the wage where so many of 100 people look for work."""
    world = empty_world()
    add_actors(world, np.ones((1, 2)), size=100.0 - unemployed)
    world.places.unemployed[:] = unemployed
    Labour(efficiency=0.0, wage_elasticity=0.1).apply(world, luck())
    return float(world.regions.wage[0])


CASES: tuple[Case, ...] = (growth, size_tail, replicator, labour)
