"""Which clusters a policy is for: by name, by mapping of statistics, by call for proposals."""

from __future__ import annotations

import numpy as np

from clustersim.measures.clusters import Strength, cluster_strength
from clustersim.measures.specialisation import cluster_focus, cluster_size, location_quotient
from clustersim.policies.order import rank
from clustersim.policies.turn import new_fields
from clustersim.world.actors import Kind
from clustersim.world.draws import Draws, name_key
from clustersim.world.elementary import direction, exponential, logarithm
from clustersim.world.policy import Identification, Policy
from clustersim.world.types import Flags, Floats, Ids
from clustersim.world.world import DT, World

_STRENGTH = {"basic": Strength.BASIC, "medium": Strength.MEDIUM, "high": Strength.HIGH}


def identify(world: World, policy: Policy, draws: Draws) -> Flags:
    """Return the places that a policy is for, shape (P,).

    What mapping and a jury see is described in `clustersim.world.policy.Identification`. The score
    of mapping is the location quotient times the sector's share of jobs that is in the place; that
    of a jury the share of the place's firms that work with others, plus the share of its knowledge
    that serves new technology, each as a factor with an error.

    Parameters
    ----------
    world
        The world; ``world.public.statistics`` holds what mapping sees.
    policy
        The policy.
    draws
        Luck: the errors of statistics and jury, and who applies, by place and policy.
    """
    how = policy.identification
    allowed = _allowed(world, how)
    if how.method == "named":
        return allowed
    own = np.full(allowed.size, name_key(policy.name))
    seen = allowed & (world.jobs().ravel() > 0.0)
    score = np.zeros(allowed.size)
    if how.method != "call":
        jobs = _statistics(world, how, own, draws)
        seen &= _mapped(world, how, jobs)
        score = (location_quotient(jobs) * cluster_size(jobs)).ravel()
    if how.method != "mapping":
        connected = _connected(world)
        seen &= draws.uniform("policy.apply", world.places.key.ravel(), own) < how.applies * (
            0.5 + 0.5 * connected
        )
        novelty = _novelty(world, new_fields(world, policy))
        score = (connected + novelty) * _error(world, how, own, draws, "policy.judge")
    return seen & (_position(world, policy, score, seen) < (how.most or seen.size))


def _position(world: World, policy: Policy, score: Floats, seen: Flags) -> Ids:
    """Return the position of each place seen, the first being 0; vested interests count, (P,)."""
    own, vested = rank(-score, seen), policy.politics.vested
    if vested == 0.0:
        return own
    by_size = rank(-world.jobs().ravel(), seen)
    return rank((1.0 - vested) * own + vested * by_size, seen)


def _allowed(world: World, how: Identification) -> Flags:
    """Return the places of the regions and sectors that are allowed, or those named."""
    regions, sectors = world.regions.names, world.sectors.names
    if how.method == "named":
        wanted = {(place.region, place.sector) for place in how.places}
        return np.array([(r, s) in wanted for r in regions for s in sectors])
    return np.array(
        [
            (not how.regions or r in how.regions) and (not how.sectors or s in how.sectors)
            for r in regions
            for s in sectors
        ]
    )


def _statistics(world: World, how: Identification, own: Ids, draws: Draws) -> Floats:
    """Return jobs as statistics show them: of some years ago, with an error, shape (R, S)."""
    latest = world.clock.step - how.lag / DT
    known = [jobs for step, jobs in world.public.statistics if step <= latest]
    jobs = known[-1] if known else world.public.statistics[0][1]
    return jobs * _error(world, how, own, draws, "policy.survey").reshape(jobs.shape)


def _error(world: World, how: Identification, own: Ids, draws: Draws, decision: str) -> Floats:
    """Return lognormal errors by place, as factors, shape (P,)."""
    places = world.places.key.ravel()
    one, other = (draws.uniform(decision, places, own, lane=lane) for lane in (0, 1))
    normal = np.sqrt(-2.0 * logarithm(1.0 - one)) * direction(other)[0]
    return exponential(how.error * normal)


def _mapped(world: World, how: Identification, jobs: Floats) -> Flags:
    """Return which places reach the thresholds of a mapping, shape (P,)."""
    found = location_quotient(jobs) >= how.quotient
    found &= jobs * world.employment_scale >= how.jobs
    found &= (cluster_size(jobs) >= how.size) & (cluster_focus(jobs) >= how.focus)
    if how.least_class is not None:
        found &= cluster_strength(jobs) >= _STRENGTH[how.least_class]
    if how.local_inputs > 0.0:
        found &= _local_inputs(world, jobs) >= how.local_inputs
    return found.ravel()


def _local_inputs(world: World, jobs: Floats) -> Floats:
    """Return the share of its inputs that a place could buy in its region, shape (R, S).

    An input can be bought as far as the region has as many jobs in its sector, for each job in the
    place, as it takes to make it: euro of output go with jobs.
    """
    inputs = world.sectors.inputs
    share = np.empty_like(jobs)
    for s in range(jobs.shape[1]):
        needed = jobs[:, [s]] * inputs[:, s]
        found = np.minimum(jobs, needed).sum(axis=1)
        share[:, s] = found / np.maximum(needed.sum(axis=1), 1e-12)
    return share


def _connected(world: World) -> Floats:
    """Return the share of each place's firms that work with others, shape (P,)."""
    actors = world.actors
    firms = actors.rows(Kind.FIRM)
    place = actors.region[firms] * world.n_sectors + actors.sector[firms]
    arcs = world.ties.collaboration.adjacency(actors.n_rows).arcs
    works = arcs.start[firms + 1] > arcs.start[firms]
    n_places = world.n_regions * world.n_sectors
    count = np.bincount(place, minlength=n_places)
    together = np.bincount(place, weights=works, minlength=n_places)
    return np.asarray(together / np.maximum(count, 1))


def _novelty(world: World, new: Flags) -> Floats:
    """Return the share of each place's knowledge that is of some fields, shape (P,)."""
    actors = world.actors
    firms = actors.rows(Kind.FIRM)
    place = actors.region[firms] * world.n_sectors + actors.sector[firms]
    n_places = world.n_regions * world.n_sectors
    known = actors.knowledge[firms].astype(np.float64)
    part = np.bincount(place, weights=known[:, new].sum(axis=1), minlength=n_places)
    total = np.bincount(place, weights=known.sum(axis=1), minlength=n_places)
    return np.asarray(part / np.maximum(total, 1e-12))
