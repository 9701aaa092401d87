"""Theory cases of who enters and who leaves."""

from __future__ import annotations

import numpy as np

from clustersim.mechanisms.entry import Entry
from clustersim.mechanisms.exit import Exit
from clustersim.world.world import DT
from experiments.verification.result import (
    Case,
    Curve,
    Floats,
    Outcome,
    correlation,
    dispersion,
    exact,
    mean,
    share,
)
from tests.worlds import add_actors, empty_world, luck

FIRMS = 40_000
HAZARD_OLD, HAZARD_YOUNG, MATURING = 0.042, 0.148, 6.0
"""Hazards that alone fit survival in the European Union (EVIDENCE F7, F8; `Exit`)."""

PLACES, JOBS, RATE = 1000, 80.0, 2.0

PARENTS, SPIN_OFF_RATE, BEST_AGE, SIZE_SLOPE = 20_000, 0.4, 12.0, 0.5


def survival() -> Outcome:
    """Exit alone: survival is the exponential of the integrated hazard.

    With every other reason to leave switched off, a firm of age a leaves at the hazard
    ``h(a) = h_o + h_y exp(-(a - 1) / m)``. The hazard is held still within a quarter, so that of
    n firms born together the share alive after T years is::

        S(T) = exp(-dt sum_k h(k dt)),  k = 0 ... T/dt - 1
             = exp(-h_o T - h_y exp(1/m) dt (1 - exp(-T/m)) / (1 - exp(-dt/m)))

    whose limit for small dt is ``exp(-h_o T - h_y m exp(1/m) (1 - exp(-T/m)))``. Each firm is a
    trial of its own: the standard error is ``sqrt(S (1 - S) / n)``. Rival: a hazard of youth that
    is `h_y` at birth and not at the age of one year.
    """
    world = empty_world()
    add_actors(world, np.ones((FIRMS, 2)), size=5.0)
    leave = Exit(
        hazard_old=HAZARD_OLD,
        hazard_young=HAZARD_YOUNG,
        maturing=MATURING,
        protection=0.0,
        size_slope=0.0,
        debt_limit=50.0,
        least_jobs=0.0,
    )
    alive = [1.0]
    for quarter in range(60):
        world.clock.step = quarter
        leave.apply(world, luck(quarter))
        alive.append(world.firms().sum() / FIRMS)
    years = np.arange(61) * DT
    theory, rival = _survival(years, 1.0), _survival(years, 0.0)
    rows = []
    for year in (1, 5, 10, 15):
        q = 4 * year
        stayed = np.arange(FIRMS) < round(alive[q] * FIRMS)
        rows.append(share(f"share alive after {year} years", theory[q], stayed, rival[q]))
    continuous = np.exp(
        -HAZARD_OLD * 5.0
        - HAZARD_YOUNG * MATURING * np.exp(1 / MATURING) * (1 - np.exp(-5.0 / MATURING))
    )
    # The sum exceeds the integral by (h(0) - h(5)) dt / 2 in its exponent, to leading order.
    rows.append(exact("the same after 5 years, in the limit", continuous, theory[20], 0.006))
    curve = Curve("Exit alone", "years", "share alive", years, theory, np.array(alive))
    return Outcome(tuple(rows), curve)


def _survival(years: Floats, reference: float) -> Floats:
    youth = (1 - np.exp(-years / MATURING)) / (1 - np.exp(-DT / MATURING))
    young = HAZARD_YOUNG * np.exp(reference / MATURING) * DT * youth
    return np.asarray(np.exp(-HAZARD_OLD * years - young))


def start_ups() -> Outcome:
    """Entry alone: start-ups are Poisson, independent between places.

    In a place with J jobs of a sector, alone in its region and with ``own = 1``, the start-ups of
    a quarter are Poisson with mean ``lambda = start_up_rate dt J / 10``, here 4. Over N
    independent counts their mean has the standard error ``sqrt(lambda / N)``, their variance over
    their mean is 1 with the standard error ``sqrt(2 / N)``, and ``exp(-lambda)`` of the places
    have none. Counts of neighbouring quarters do not hang together: their correlation is 0 with
    the standard error ``1 / sqrt(N)``. Rival: a rate by the quarter instead of by the year; and for
    the variance that of a fixed number, which is 0.
    """
    counts = np.array([_start_ups(step) for step in (0, 1)])
    flat = counts.ravel()
    expected = RATE * DT * JOBS / 10.0
    rows = (
        mean("start-ups in a place and quarter", expected, flat, 4 * expected),
        dispersion("variance over mean of their counts", flat, 0.0),
        share("share of places with none", float(np.exp(-expected)), flat == 0, np.exp(-1.0)),
        correlation("correlation of neighbouring quarters", counts[0], counts[1]),
    )
    return Outcome(rows)


def _start_ups(step: int) -> Floats:
    world = empty_world(((JOBS,),) * PLACES)
    add_actors(world, np.ones((PLACES, 2)), region=np.arange(PLACES), size=JOBS)
    world.places.unemployed[:] = 1e6
    world.clock.step = step
    Entry(spin_offs=False, start_up_rate=RATE, own=1.0, related=0.0).apply(world, luck(step))
    return world.flows.entries[:, 0]


def spin_offs() -> Outcome:
    """Spin-offs alone: each parent is a trial of its own, at a hazard that is a hump in its age.

    Where quality does not count, a parent of age a and z jobs has a spin-off in a quarter with
    chance ``1 - exp(-h dt)``::

        h = spin_off_rate (a / a*) exp(1 - a / a*) (z / 10)**size_slope

    which peaks at the age a* with the rate itself. The standard error is that of a share of
    independent trials. Rivals: a hump that is not scaled to peak at one, which is lower by the
    factor e; for the largest parents a hazard in proportion to jobs.
    """
    rows = []
    parents = ((4.0, 10.0), (BEST_AGE, 10.0), (40.0, 10.0), (BEST_AGE, 90.0))
    for quarter, (age, size) in enumerate(parents):  # each with luck of its own
        relative = age / BEST_AGE
        hazard = SPIN_OFF_RATE * relative * np.exp(1.0 - relative)
        scaled = hazard * (size / 10.0) ** SIZE_SLOPE
        mistaken = hazard * size / 10.0 if size > 10.0 else hazard / np.e  # noqa: PLR2004
        theory, rival = (float(-np.expm1(-h * DT)) for h in (scaled, mistaken))
        having = np.arange(PARENTS) < _spin_offs(age, size, quarter)
        rows.append(
            share(f"share with a spin-off, {age:g} years, {size:g} jobs", theory, having, rival)
        )
    return Outcome(tuple(rows))


def _spin_offs(age: float, size: float, quarter: int) -> float:
    world = empty_world()
    add_actors(world, np.ones((PARENTS, 2)), size=size, birth=quarter - round(age / DT))
    world.clock.step = quarter
    world.places.unemployed[:] = 1e9
    entry = Entry(
        start_ups=False,
        university_rate=0.0,
        spin_off_rate=SPIN_OFF_RATE,
        best_age=BEST_AGE,
        quality_slope=0.0,
        size_slope=SIZE_SLOPE,
    )
    entry.apply(world, luck(quarter))
    return float(world.flows.spin_offs.sum())


CASES: tuple[Case, ...] = (survival, start_ups, spin_offs)
