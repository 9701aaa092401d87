"""Theory cases of learning, innovation, adoption and the change of paradigms."""

from __future__ import annotations

import numpy as np

from clustersim.mechanisms.adoption import Adoption
from clustersim.mechanisms.frontier import Frontier
from clustersim.mechanisms.innovation import Innovation
from clustersim.mechanisms.learning import Learning
from clustersim.world.world import DT
from experiments.verification.result import (
    Case,
    Curve,
    Floats,
    Outcome,
    Row,
    correlation,
    dispersion,
    exact,
    mean,
    share,
)
from tests.worlds import add_actors, add_ties, empty_world, luck, paradigm

CLIQUE = 6
"""Actors who all work with one another, each with a field of its own."""
RATE, RESEARCH, HALF, PEAK, STRETCH = 0.02, 0.09, 0.03, 0.4, 0.5
CAPACITY = RESEARCH / (RESEARCH + HALF)
FRUITFUL = PEAK * (1.0 + STRETCH * CAPACITY)
EXCHANGE = {
    "research_half": HALF,
    "experience": 0.0,
    "fruitful_distance": PEAK,
    "fruitful_stretch": STRETCH,
}
FASTEST = 20.0
"""Highest `tie_rate` that is allowed."""


def consensus() -> Outcome:
    """Learning alone: equals who trust each other come to know the same, ever more slowly.

    On any connected network nobody forgets and nobody passes the best, so that each field rises
    to its maximum over the network. How fast follows where all are alike: n actors, all tied,
    trust 1, no distance, each at 1 in a field of its own and at x in the others. With gap
    ``g = 1 - x`` and c = tie_rate times absorptive capacity::

        dg/dt = -c L(d) g,   d = g**2 / (1 + (n - 1) x**2),   L(d) = d / lambda exp(1 - d / lambda)

    Near consensus ``d -> g**2 / n``, and as those who are alike have nothing to tell each other,
    ``g**-2`` rises by ``2 c e / (lambda n)`` a year: the gap falls with the root of time, and no
    spectral rate exists. A quarter's step lets the pull of all partners saturate together, which
    slows learning by the share ``(n - 1) c dt / 2`` at most, here 1 %; near consensus the error is
    of the order of twice the gap, here 2 %. Rival: a peak of L that absorptive capacity does not
    move.
    """
    gap, years = _clique_gap(RATE, 1.0, 400)
    theory = _gap(years)
    rows = [
        exact(f"gap after {y} years, all tied", theory[4 * y], gap[4 * y], 0.01 * theory[4 * y])
        for y in (10, 30, 100)
    ]
    late, _ = _clique_gap(FASTEST, 0.01, 800)
    rise = (late[800] ** -2 - late[0] ** -2) / 200.0
    expected = 2.0 * FASTEST * CAPACITY * np.e / (FRUITFUL * CLIQUE)
    rival = expected * FRUITFUL / PEAK
    rows.append(
        exact("yearly rise of gap**-2 near consensus", expected, rise, 0.02 * expected, rival)
    )
    rows += _on_a_network()
    every = slice(None, None, 10)
    curve = Curve(
        "Learning alone, all tied", "years", "gap", years[every], theory[every], gap[every]
    )
    return Outcome(tuple(rows), curve)


def _clique_gap(rate: float, gap: float, n_quarters: int) -> tuple[Floats, Floats]:
    """Return the gap of a clique, quarter by quarter, and the years that have passed."""
    world = empty_world(relevance=(1.0,) * CLIQUE, exchange=EXCHANGE)
    add_actors(world, 1.0 - gap * (1.0 - np.eye(CLIQUE)), research=RESEARCH)
    first, second = np.triu_indices(CLIQUE, 1)
    add_ties(world, first, second, trust=1.0)
    learning, gaps = Learning(tie_rate=rate), [gap]
    for step in range(n_quarters):
        learning.apply(world, luck(step))
        gaps.append(1.0 - float(world.actors.knowledge[0, 1]))
    return np.array(gaps), np.arange(n_quarters + 1) * DT


def _gap(years: Floats) -> Floats:
    """Return the gap by the differential equation, in small steps of fourth order."""

    def slope(g: float) -> float:
        ratio = g * g / (1.0 + (CLIQUE - 1) * (1.0 - g) ** 2) / FRUITFUL
        return float(-RATE * CAPACITY * ratio * np.exp(1.0 - ratio) * g)

    gap, fine, step = [1.0], 20, DT / 20
    for _ in years[1:]:
        g = gap[-1]
        for _ in range(fine):
            a = slope(g)
            b = slope(g + step / 2 * a)
            c = slope(g + step / 2 * b)
            d = slope(g + step * c)
            g += step / 6 * (a + 2 * b + 2 * c + d)
        gap.append(g)
    return np.array(gap)


def _on_a_network() -> list[Row]:
    """Return what must hold on a network of no order: a ring of twelve with chords."""
    n = 12
    known = np.random.default_rng(4).random((n, 6))
    world = empty_world(relevance=(1.0,) * 6, exchange={**EXCHANGE, "fruitful_distance": 0.05})
    add_actors(world, known, research=RESEARCH)
    ring = np.arange(n)
    add_ties(world, ring, (ring + 1) % n, trust=1.0)
    add_ties(world, [0, 3, 5], [6, 8, 11], trust=1.0)
    best = known.max(axis=0)
    learning, fallen = Learning(tie_rate=FASTEST), 0.0
    for step in range(2000):
        before = world.actors.knowledge.copy()
        learning.apply(world, luck(step))
        fallen = max(fallen, float((before - world.actors.knowledge).max()))
    after = world.actors.knowledge
    return [
        exact("largest gap on a ring with chords", 0.0, float((best - after).max()), 0.03, 1.0),
        exact("most that anybody forgot there", 0.0, max(fallen, 0.0), 1e-15),
        exact("most by which anybody passed the best", 0.0, max((after - best).max(), 0.0), 1e-12),
    ]


LEVEL = 1e-3
"""Knowledge of those who are listened to; so little that it turns nobody's vector."""


def listening() -> Outcome:
    """Learning from those who do not learn: a linear system, with the rates of spectral theory.

    Listeners know one field, and hear of another from leaders without R&D, who never learn. As
    the leaders know very little, cognitive distance stays at 1, here the peak of L, and learning
    is linear: ``dk/dt = -G (k - k_leader)`` with G the Laplacian of the network grounded at the
    leaders. As listeners have nothing to tell each other, G is diagonal, and its eigenvalues are
    the weighted degrees: the gap of listener i is::

        exp(-tie_rate gamma Omega_i t),   Omega_i = sum_j trust_ij W(km_ij)

    with ``W(km) = exp(-km / 3) / 2 + exp(-km / 500) / 2``. What LEVEL neglects is of its own order,
    1e-3. Rival: a decay of distance in which all is codified.
    """
    degrees, trusts, km = (1, 2, 4), (1.0, 0.5, 0.25), (0.0, 6.0, 60.0)
    world = empty_world(
        relevance=(1.0, 1.0),
        exchange={
            "research_half": HALF,
            "experience": 0.0,
            "fruitful_distance": 1.0,
            "fruitful_stretch": 0.0,
            "tacit_km": 3.0,
            "codified_km": 500.0,
        },
    )
    listeners = add_actors(world, np.tile([1.0, 0.0], (3, 1)), research=RESEARCH)
    for row, degree, trust, distance in zip(listeners, degrees, trusts, km, strict=True):
        leaders = add_actors(world, np.tile([0.0, LEVEL], (degree, 1)), research=0.0)
        add_ties(world, np.repeat(row, degree), leaders, trust=trust, km=distance)
    learning = Learning(tie_rate=0.4)
    for step in range(12):
        learning.apply(world, luck(step))
    rows = []
    for row, degree, trust, distance in zip(listeners, degrees, trusts, km, strict=True):
        rate = -np.log(1.0 - world.actors.knowledge[row, 1] / LEVEL) / 3.0
        near, far = np.exp(-distance / 3.0), np.exp(-distance / 500.0)
        weight = 0.4 * CAPACITY * degree * trust
        theory = weight * (near + far) / 2.0
        rows.append(
            exact(
                f"rate, {degree} leaders of trust {trust:g} at {distance:g} km",
                theory,
                rate,
                1e-3 * theory,
                weight * far if distance else None,
            )
        )
    return Outcome(tuple(rows))


def innovations() -> Outcome:
    """Innovation alone: arrivals are Poisson in R&D effort.

    An actor without partners, with ``recombination = science = 0`` and ten jobs, innovates in a
    quarter a number of times that is Poisson with mean ``rate gamma dt``. Over N independent
    counts: mean, variance over mean with the standard error ``sqrt(2 / N)``, share of none,
    correlation of neighbouring quarters. Rival: absorptive capacity left out; and for the variance
    that of a fixed number.
    """
    n, rate = 1000, 1.6
    world = empty_world(((10.0,),) * n, exchange=EXCHANGE)
    add_actors(world, np.tile([0.5, 0.0], (n, 1)), region=np.arange(n), research=RESEARCH)
    search = Innovation(rate=rate, recombination=0.0, science=0.0)
    counts = np.empty((20, n))
    for step in range(20):
        world.clock.step = step
        search.apply(world, luck(step))
        counts[step] = world.flows.innovations[:, 0]
        world.flows.clear()
    flat = counts.ravel()
    expected = rate * CAPACITY * DT
    rows = (
        mean("innovations of an actor in a quarter", expected, flat, rate * DT),
        dispersion("variance over mean of their counts", flat, 0.0),
        share("share of quarters with none", float(np.exp(-expected)), flat == 0, 1 - expected),
        correlation(
            "correlation of neighbouring quarters", counts[:-1].ravel(), counts[1:].ravel()
        ),
    )
    return Outcome(rows)


INNOVATORS, IMITATORS, POPULATION = 0.03, 0.38, 1500
"""Hazards p and q in a year, of the size that diffusion studies find (assumption); firms."""


def diffusion() -> Outcome:
    """Adoption alone: exponential without a network, Bass's curve where everybody sees everybody.

    Without ties a firm of ten jobs adopts at the hazard p, and the share of adopters is
    ``F = 1 - exp(-p t)``. Where all are tied, F_i is the share of all others, and (Bass 1969)::

        dF/dt = (p + q F)(1 - F),   F(t) = (1 - exp(-(p + q) t)) / (1 + q/p exp(-(p + q) t))

    Examples are followed a quarter later: the engine follows ``F <- F + (1 - F)(1 - exp(-(p + q F)
    dt))``, which lags behind by some ``q dt / 2 ln(q / p)`` of a logistic's steepest quarter
    (derived: an explicit step loses q dt / 2 of the rate, for ln(q / p) / q years), 3 %. The
    standard error grows with the spread of the process itself (linear noise): ``V <- (1 + (q - p -
    2 q F) dt)**2 V + (p + q F)(1 - F) dt / n``. Rivals: Bass without imitators, and imitators
    where nobody is tied.
    """
    alone, tied = _adopters(ties=False), _adopters(ties=True)
    years = np.arange(81) * DT
    speed = INNOVATORS + IMITATORS
    decay = np.exp(-speed * years)
    bass = (1.0 - decay) / (1.0 + IMITATORS / INNOVATORS * decay)
    quarterly, error = _bass_by_quarters()
    exponential = 1.0 - np.exp(-INNOVATORS * years)
    rows = [
        share(
            "share after 10 years, nobody tied",
            exponential[40],
            np.arange(POPULATION) < round(alone[40] * POPULATION),
            bass[40],
        )
    ]
    for year in (5, 10, 15):
        q = 4 * year
        rows.append(
            Row(
                f"share after {year} years, all tied",
                float(quarterly[q]),
                float(tied[q]),
                float(error[q]),
                float(exponential[q]),
            )
        )
    gap = float(np.abs(quarterly - bass).max())
    lag = IMITATORS * DT / 8.0 * float(np.log(IMITATORS / INNOVATORS))
    rows.append(exact("largest gap of the quarterly to Bass's curve", 0.0, gap, lag))
    curve = Curve("Adoption, all tied", "years", "share of adopters", years, quarterly, tied)
    return Outcome(tuple(rows), curve)


def _adopters(*, ties: bool) -> Floats:
    world = empty_world(relevance=(1.0, 1.0), tags={1: ("digital",)})
    add_actors(world, np.full((POPULATION, 2), 0.5), size=10.0)
    if ties:
        add_ties(world, *np.triu_indices(POPULATION, 1))
    adoption = Adoption(
        digital_innovation=INNOVATORS,
        digital_imitation=IMITATORS,
        green_innovation=0.0,
        green_imitation=0.0,
        size_reference=10.0,
    )
    shares = [0.0]
    for step in range(80):
        world.clock.step = step
        adoption.apply(world, luck(step))
        shares.append(float(world.actors.digital.mean()))
    return np.array(shares)


def _bass_by_quarters() -> tuple[Floats, Floats]:
    """Return the expected share of adopters, quarter by quarter, and its standard error."""
    shares, variances = [0.0], [0.0]
    for _ in range(80):
        f, v = shares[-1], variances[-1]
        hazard = INNOVATORS + IMITATORS * f
        slope = 1.0 + (IMITATORS - INNOVATORS - 2.0 * IMITATORS * f) * DT
        variances.append(slope**2 * v + hazard * (1.0 - f) * DT / POPULATION)
        shares.append(f + (1.0 - f) * float(-np.expm1(-hazard * DT)))
    return np.array(shares), np.sqrt(variances)


def paradigms() -> Outcome:
    """Frontier alone: relevance moves on a logistic, and standing knowledge fades.

    ``phi(t) = 1 / (1 + exp(-(t - year) / width))`` of a sector's relevance has moved to a new
    paradigm: half of it in its year, and from a tenth to nine tenths in ``2 ln 9`` widths, 4.4.
    Knowledge that nobody renews is ``exp(-obsolescence t)`` of what it was. Exact, up to rounding;
    passages of a tenth are read between quarters, to ``dt**2 / width`` at worst.
    """
    year, width = 2015.0, 2.5
    row = (paradigm((1, 0)), paradigm((0, 1), year=year, width=width))
    world = empty_world(((100.0,),), paradigms=[row], start_year=2000)
    add_actors(world, [[0.8, 0.4]])
    frontier = Frontier(obsolescence=0.02, world_imitation=0.0, world_lag=0.0)
    moved = []
    for step in range(121):
        world.clock.step = step
        frontier.apply(world, luck(step))
        moved.append(float(world.sectors.relevance[0, 1]))
    years = 2000.0 + np.arange(121) * DT
    theory = 1.0 / (1.0 + np.exp(-(years - year) / width))
    passage = np.interp([0.1, 0.9], moved, years)
    known = float(world.actors.knowledge[0, 0])
    worst = float(np.abs(np.array(moved) - theory).max())
    rows = (
        exact("largest error of the logistic", 0.0, worst, 1e-12),
        exact("share moved in the year of the paradigm", 0.5, moved[60], 1e-12),
        exact(
            "years from a tenth to nine tenths",
            2.0 * np.log(9.0) * width,
            passage[1] - passage[0],
            DT**2 / width,
            4.0 * np.log(9.0) * width,
        ),
        exact("what is left of 0.8 after 121 quarters", 0.8 * np.exp(-0.02 * 30.25), known, 1e-9),
    )
    curve = Curve("Change of paradigm", "year", "share moved", years, theory, np.array(moved))
    return Outcome(rows, curve)


CASES: tuple[Case, ...] = (consensus, listening, innovations, diffusion, paradigms)
