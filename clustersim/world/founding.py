"""Founding: a world, its firms, institutions and first ties.

Everything that the specification leaves open is drawn, and each draw belongs to the actor it is
about: the same seed founds the same world.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from clustersim.world import newcomers
from clustersim.world.actors import Actors, Kind
from clustersim.world.draws import Draws
from clustersim.world.economy import (
    make_fields,
    make_places,
    make_regions,
    make_sectors,
    real_firms,
    simulated_jobs,
)
from clustersim.world.elementary import logarithm, powers
from clustersim.world.first_ties import tie_members, tie_researchers
from clustersim.world.institutions import Cohort, admit, admit_institutions, given
from clustersim.world.knowledge import Exchange
from clustersim.world.spec import WorldSpec
from clustersim.world.ties import Ties
from clustersim.world.types import AnyArray, Floats, Ids, Ints
from clustersim.world.world import Clock, World

ANCHOR_JOBS = 100.0
ANCHOR_SHARE = 0.1
"""The largest firm of a local industry is its anchor if it has at least 100 jobs and a tenth of
the local industry's (assumption)."""
MULTINATIONAL_JOBS = 250.0
MULTINATIONAL_SHARE = 0.5
"""Half of the firms with 250 jobs and more belong to multinationals (assumption)."""
QUOTIENTS = (0.25, 4.0)
"""Location quotients between which a larger one makes better founders (assumption)."""
OLDEST = 100.0
"""Years: no firm is founded older than this."""
COHORT_FIRMS = 50_000
"""Firms that are founded together: whole places, about so many."""


def found(spec: WorldSpec, seed: int) -> World:
    """Found a world.

    In this order: fields, sectors, regions and places; the firms of all places; universities,
    RTOs, cluster organisations and authorities; members of cluster organisations; the first
    collaborations. Luck is that of step 0. The first supplier of a firm, and the standing of the
    rest of the world, are found by the mechanisms in the first quarter.

    Parameters
    ----------
    spec
        What the world is founded from; every name it uses must exist in it.
    seed
        Seed of everything left open, in [0, 2**63).

    Raises
    ------
    ValueError
        If there is no region, no sector or no job.
    """
    world, draws = bare_world(spec, seed)
    jobs = simulated_jobs(spec)
    if not jobs.sum() > 0.0:
        msg = "a world needs jobs: give `jobs` for at least one region and sector"
        raise ValueError(msg)
    _admit_firms(world, spec, jobs, draws)
    admit_institutions(world, spec, draws)
    tie_members(world, draws)
    tie_researchers(world, spec.founders.ties, draws)
    return world


def bare_world(spec: WorldSpec, seed: int) -> tuple[World, Draws]:
    """Return a world without actors, and the luck of its founding."""
    if not spec.regions or not spec.sectors:
        msg = "a world needs at least one region and one sector"
        raise ValueError(msg)
    draws = Draws(seed)
    jobs = simulated_jobs(spec)
    sectors = make_sectors(spec, jobs, draws)
    regions = make_regions(spec, jobs)
    precision = np.float64 if spec.knowledge_precision == "double" else np.float32
    world = World(
        clock=Clock(spec.start_year),
        employment_scale=spec.employment_scale,
        exchange=Exchange.of(spec.exchange),
        fields=make_fields(spec, sectors.paradigm_weights[sectors.has_paradigm]),
        sectors=sectors,
        regions=regions,
        places=make_places(spec, regions, jobs, draws),
        actors=Actors(0, len(spec.fields), precision),
        ties=Ties(),
    )
    return world, draws


def _admit_firms(world: World, spec: WorldSpec, jobs: Floats, draws: Draws) -> None:
    """Admit the firms of all places, some places at a time, so that large worlds need no peak."""
    counts = _firm_counts(spec, jobs, world.places.key.ravel(), draws)
    place = np.repeat(np.arange(jobs.size), counts)
    ordinal = np.arange(place.size) - np.repeat(np.cumsum(counts) - counts, counts)
    ids = draws.identities("founding.firm", world.places.key.ravel()[place], ordinal)
    size = _firm_sizes(spec, jobs, place, ids, draws)
    standing = place_standing(spec, jobs)
    world.actors.reserve(ids.size)
    ends = np.cumsum(counts)
    borders = np.unique(np.searchsorted(ends, np.arange(0, ids.size, COHORT_FIRMS)))
    for first, last in pairwise([0, *ends[borders[1:] - 1].tolist(), ids.size]):
        part = slice(first, last)
        admit(
            world,
            firm_cohort(
                world,
                spec,
                ids=ids[part],
                place=place[part],
                size=size[part],
                standing=standing,
                draws=draws,
            ),
        )


def _firm_counts(spec: WorldSpec, jobs: Floats, key: Ids, draws: Draws) -> Ids:
    """Return simulated firms by place, shape (R S,): at least one where there are jobs.

    ``floor(expected + u)``, u uniform by place; ``expected`` are the real firms of the scenario
    over ``employment_scale``, or where they are not known the simulated jobs over the mean of the
    size distribution.
    """
    sizes = spec.firm_size
    mean = newcomers.pareto_mean(sizes.smallest, sizes.largest, sizes.tail)
    known = real_firms(spec).ravel() / spec.employment_scale
    expected = np.where(np.isnan(known), jobs.ravel() / mean, known)
    luck = draws.uniform("founding.count", key)
    counts = np.floor(expected + luck).astype(np.int64)
    return np.where(jobs.ravel() > 0.0, np.maximum(counts, 1), 0)


def _firm_sizes(spec: WorldSpec, jobs: Floats, place: Ids, ids: Ids, draws: Draws) -> Floats:
    """Return sizes that follow the size distribution and add up to each place's jobs.

    Each firm draws from the truncated Pareto of ``firm_size``; then all of a place are scaled by
    one factor.
    """
    sizes = spec.firm_size
    luck = draws.uniform("founding.size", ids)
    raw = newcomers.pareto_size(luck, sizes.smallest, sizes.largest, sizes.tail)
    total = np.bincount(place, weights=raw, minlength=jobs.size)
    return raw * (jobs.ravel() / np.where(total > 0.0, total, 1.0))[place]


def place_standing(spec: WorldSpec, jobs: Floats) -> Floats:
    """Return how good the founders of each place are, shape (R S,), 1 for an average place.

    ``location quotient**standing``: an industry that is larger than expected is there because it
    is better (revealed comparative advantage). Quotients count between a quarter and four.

    Parameters
    ----------
    spec
        What the world is founded from.
    jobs
        Simulated jobs at the start, shape (R, S).
    """
    expected = jobs.sum(axis=1, keepdims=True) * (jobs.sum(axis=0) / max(jobs.sum(), 1e-300))
    quotient = np.divide(jobs, expected, out=np.ones_like(jobs), where=jobs > 0.0)
    return powers(np.clip(quotient, *QUOTIENTS), spec.founders.standing).ravel()


def firm_cohort(
    world: World,
    spec: WorldSpec,
    *,
    ids: Ids,
    place: Ids,
    size: Floats,
    standing: Floats,
    draws: Draws,
    niche: Ints | None = None,
) -> Cohort:
    """Return founding firms with everything drawn but place and size.

    *Main field*: by relevance in the sector times the taste of the place for each field,
    exponential with mean 1, so that places of one sector begin with different strengths.
    *Position*: about the centre of the district, at an exponential distance with mean
    ``district_km``, in any direction. *Age*: exponential with mean ``mean_age``, at most `OLDEST`
    years. *Knowledge*: `founder_knowledge` with the numbers of ``founders`` and the standing of
    the place. *Funds*: ``funds`` years of the wage bill at the wage of the region. *R&D
    intensity*: lognormal, by ``research_mean`` and ``research_spread``. Orders equal jobs. The
    anchor of a place is its largest firm, if it is large enough; multinationals are drawn among
    large firms.

    Parameters
    ----------
    world
        The world that they will belong to.
    spec
        Its specification.
    ids, place, size
        Identity, place (region times S plus sector) and jobs of each, shape (n,).
    standing
        How good each place is, shape (R S,); see `place_standing`.
    draws
        Luck of the founding.
    niche
        Main field of each, shape (n,), -1 where it is drawn; None if all are.
    """
    founders = spec.founders
    region, sector = np.divmod(place, world.n_sectors)
    relevance = world.sectors.relevance[sector]
    tastes = draws.uniforms("founding.taste", world.places.key.ravel(), world.n_fields)
    taste = -logarithm(1.0 - tastes)
    drawn = newcomers.pick(draws.uniform("founding.niche", ids), relevance * taste[place])
    niche = given(niche, drawn)
    x, y = newcomers.around(
        draws.uniforms("founding.position", ids, 2),
        world.places.x.ravel()[place],
        world.places.y.ravel()[place],
        founders.district_km,
    )
    age = -founders.mean_age * logarithm(1.0 - draws.uniform("founding.age", ids))
    knowledge = newcomers.founder_knowledge(
        draws.uniforms("founding.knowledge", ids, world.n_fields),
        relevance,
        niche,
        founders.knowledge_low,
        founders.knowledge_high,
        founders.breadth,
        standing[place][:, None],
    )
    luck = draws.uniform("founding.multinational", ids)
    columns: dict[str, AnyArray] = {
        "id": ids,
        "kind": np.full(ids.size, Kind.FIRM),
        "region": region,
        "sector": sector,
        "niche": niche,
        "x": x,
        "y": y,
        "birth": -np.floor(np.minimum(age, OLDEST) * 4.0).astype(np.int32),
        "size": size,
        "orders": size,
        "cash": founders.funds * size * world.regions.wage[region],
        "research": newcomers.research_intensity(
            draws.uniforms("founding.research", ids, 2),
            founders.research_mean,
            founders.research_spread,
        ),
        "export_share": world.sectors.export_share[sector],
        "anchor": _anchors(place, size, world.places.x.size),
        "multinational": (size >= MULTINATIONAL_JOBS) & (luck < MULTINATIONAL_SHARE),
    }
    return Cohort(columns, knowledge)


def _anchors(place: Ids, size: Floats, n_places: int) -> AnyArray:
    total = np.bincount(place, weights=size, minlength=n_places)
    largest = np.zeros(n_places)
    np.maximum.at(largest, place, size)
    large = (size >= ANCHOR_JOBS) & (size >= ANCHOR_SHARE * total[place])
    return np.asarray(large & (size == largest[place]))
