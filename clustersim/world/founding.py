"""Founding, second half: a world with its actors and their first ties.

Everything that the specification leaves open is drawn, and each draw belongs to the actor it is
about: the same seed founds the same world.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from clustersim.world import newcomers
from clustersim.world.actors import Actors, Kind, Level
from clustersim.world.draws import Draws
from clustersim.world.economy import (
    make_fields,
    make_places,
    make_regions,
    make_sectors,
    real_firms,
    simulated_jobs,
)
from clustersim.world.knowledge import Exchange
from clustersim.world.ring import Ring
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
MEMBER_SHARE = 0.4
"""Share of a local industry's firms that are members of its cluster organisation (assumption)."""
OLDEST = 100.0
"""Years: no firm is founded older than this."""
COHORT_FIRMS = 50_000
"""Firms that are founded together: whole places, about so many."""
SCIENCE_RESEARCH = 0.5
"""R&D intensity of universities and RTOs (assumption: half of what they spend)."""
INSTITUTIONS: Final = (Kind.UNIVERSITY, Kind.RTO, Kind.CLUSTER_ORGANISATION, Kind.AUTHORITY)
"""Every kind of actor but firms."""


@dataclass(frozen=True)
class Cohort:
    """Actors to be admitted: their columns, shape (n,) each, and knowledge, shape (n, M)."""

    columns: dict[str, AnyArray]
    knowledge: Floats


def found(spec: WorldSpec, seed: int) -> World:
    """Found a world.

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
        fields=make_fields(spec, sectors.paradigm_weights),
        sectors=sectors,
        regions=regions,
        places=make_places(spec, regions, jobs, draws),
        actors=Actors(0, len(spec.fields), precision),
        ties=Ties(),
    )
    return world, draws


def admit(world: World, cohort: Cohort) -> Ids:
    """Give rows to a cohort and return them, shape (n,)."""
    return world.actors.admit(cohort.columns, cohort.knowledge)


def _admit_firms(world: World, spec: WorldSpec, jobs: Floats, draws: Draws) -> None:
    """Admit the firms of all places, some places at a time, so that large worlds need no peak."""
    counts = _firm_counts(spec, jobs, draws)
    place = np.repeat(np.arange(jobs.size), counts)
    ordinal = np.arange(place.size) - np.repeat(np.cumsum(counts) - counts, counts)
    ids = draws.identities("founding.firm", place, ordinal)
    size = _firm_sizes(spec, jobs, place, ids, draws)
    world.actors.reserve(ids.size)
    ends = np.cumsum(counts)
    borders = np.unique(np.searchsorted(ends, np.arange(0, ids.size, COHORT_FIRMS)))
    for first, last in pairwise([0, *ends[borders[1:] - 1].tolist(), ids.size]):
        part = slice(first, last)
        admit(
            world,
            firm_cohort(
                world, spec, ids=ids[part], place=place[part], size=size[part], draws=draws
            ),
        )


def _firm_counts(spec: WorldSpec, jobs: Floats, draws: Draws) -> Ids:
    """Return simulated firms by place, shape (R S,): at least one where there are jobs."""
    sizes = spec.firm_size
    mean = newcomers.pareto_mean(sizes.smallest, sizes.largest, sizes.tail)
    known = real_firms(spec).ravel() / spec.employment_scale
    expected = np.where(np.isnan(known), jobs.ravel() / mean, known)
    luck = draws.uniform("founding.count", np.arange(jobs.size))
    counts = np.floor(expected + luck).astype(np.int64)
    return np.where(jobs.ravel() > 0.0, np.maximum(counts, 1), 0)


def _firm_sizes(spec: WorldSpec, jobs: Floats, place: Ids, ids: Ids, draws: Draws) -> Floats:
    """Return sizes that follow the size distribution and add up to each place's jobs."""
    sizes = spec.firm_size
    luck = draws.uniform("founding.size", ids)
    raw = newcomers.pareto_size(luck, sizes.smallest, sizes.largest, sizes.tail)
    total = np.bincount(place, weights=raw, minlength=jobs.size)
    return raw * (jobs.ravel() / np.where(total > 0.0, total, 1.0))[place]


def firm_cohort(
    world: World,
    spec: WorldSpec,
    *,
    ids: Ids,
    place: Ids,
    size: Floats,
    draws: Draws,
    niche: Ints | None = None,
) -> Cohort:
    """Return founding firms with everything drawn but place and size.

    Parameters
    ----------
    world
        The world that they will belong to.
    spec
        Its specification.
    ids, place, size
        Identity, place (region times S plus sector) and jobs of each, shape (n,).
    draws
        Luck of the founding.
    niche
        Main field of each, shape (n,), -1 where it is drawn; None if all are.
    """
    founders = spec.founders
    region, sector = np.divmod(place, world.n_sectors)
    relevance = world.sectors.relevance[sector]
    taste = -np.log1p(
        -draws.uniforms("founding.taste", np.arange(world.places.x.size), world.n_fields)
    )
    drawn = newcomers.pick(draws.uniform("founding.niche", ids), relevance * taste[place])
    niche = _given(niche, drawn)
    x, y = newcomers.around(
        draws.uniforms("founding.position", ids, 2),
        world.places.x.ravel()[place],
        world.places.y.ravel()[place],
        founders.district_km,
    )
    age = -founders.mean_age * np.log1p(-draws.uniform("founding.age", ids))
    knowledge = newcomers.founder_knowledge(
        draws.uniforms("founding.knowledge", ids, world.n_fields),
        relevance,
        niche,
        founders.knowledge_low,
        founders.knowledge_high,
        founders.breadth,
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
            draws.uniform("founding.research", ids), founders.research_mean
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


def _given(values: Ints | None, drawn: Ints) -> Ints:
    """Return what is given, and where that is -1 what is drawn; both of shape (n,)."""
    if values is None:
        return drawn
    chosen: Ints = np.where(values >= 0, values, drawn).astype(drawn.dtype)
    return chosen


def admit_institutions(
    world: World, spec: WorldSpec, draws: Draws, kinds: Collection[Kind] = INSTITUTIONS
) -> None:
    """Admit universities, RTOs, cluster organisations and authorities, or only some `kinds`."""
    for kind, name in ((Kind.UNIVERSITY, "universities"), (Kind.RTO, "rtos")):
        if kind in kinds:
            counts = np.array([getattr(region, name) for region in spec.regions])
            admit(world, _scientists(world, kind, counts, draws))
    if Kind.CLUSTER_ORGANISATION in kinds:
        _admit_organisations(world, spec, draws)
    if Kind.AUTHORITY in kinds:
        _admit_authorities(world, spec, draws)


def _admit_organisations(world: World, spec: WorldSpec, draws: Draws) -> None:
    counts = np.array(
        [
            [region.cluster_organisations.get(sector, 0) for sector in world.sectors.names]
            for region in spec.regions
        ]
    )
    place = np.repeat(np.arange(counts.size), counts.ravel())
    region, sector = np.divmod(place, world.n_sectors)
    admit(world, _offices(world, Kind.CLUSTER_ORGANISATION, region, sector, Level.NONE, draws))


def _admit_authorities(world: World, spec: WorldSpec, draws: Draws) -> None:
    everywhere = np.arange(world.n_regions)
    for level, region in (
        (Level.REGIONAL, everywhere),
        (Level.NATIONAL, np.full(spec.national_authorities, -1)),
        (Level.EU, np.full(spec.eu_authorities, -1)),
    ):
        none = np.full(region.size, -1)
        admit(world, _offices(world, Kind.AUTHORITY, region, none, level, draws))


def _scientists(world: World, kind: Kind, counts: Ids, draws: Draws) -> Cohort:
    region = np.repeat(np.arange(counts.size), counts)
    ordinal = np.arange(region.size) - np.repeat(np.cumsum(counts) - counts, counts)
    ids = draws.identities(f"founding.{kind.name.lower()}", region, ordinal)
    return science_cohort(world, kind, ids=ids, region=region, draws=draws)


def science_cohort(
    world: World,
    kind: Kind,
    *,
    ids: Ids,
    region: Ids,
    draws: Draws,
    sector: Ints | None = None,
    niche: Ints | None = None,
) -> Cohort:
    """Return universities or RTOs with everything drawn but their region.

    A university knows about half of all fields. An RTO serves a sector of its region, drawn by
    jobs, and knows what that sector's present and coming paradigms need.

    Parameters
    ----------
    world
        The world that they will belong to; its firms are there already.
    kind
        University or RTO.
    ids, region
        Identity and region of each, shape (n,).
    draws
        Luck of the founding.
    sector, niche
        Sector that an RTO serves, and main field, shape (n,); -1 where it is drawn, None if all
        are.
    """
    verb = kind.name.lower()
    lanes = draws.uniforms(f"founding.{verb}", ids, 4)
    sector = _given(sector, newcomers.pick(lanes[:, 0], world.jobs()[region]))
    spread = np.full((1, world.n_fields), 1.0 / world.n_fields)
    coming = world.sectors.paradigm_weights.mean(axis=1)[sector]
    relevance = np.repeat(spread, region.size, axis=0) if kind == Kind.UNIVERSITY else coming
    niche = _given(niche, newcomers.pick(lanes[:, 1], relevance))
    level = draws.uniforms(f"founding.{verb}_knowledge", ids, world.n_fields)
    breadth = 16.0 if kind == Kind.UNIVERSITY else 6.0
    knowledge = newcomers.founder_knowledge(level, relevance, niche, 0.4, 1.0, breadth)
    spread_x, spread_y = newcomers.around(
        lanes[:, 2:], world.regions.x[region], world.regions.y[region], 5.0
    )
    columns: dict[str, AnyArray] = {
        "id": ids,
        "kind": np.full(ids.size, kind),
        "region": region,
        "sector": np.full(ids.size, -1) if kind == Kind.UNIVERSITY else sector,
        "niche": niche,
        "x": spread_x,
        "y": spread_y,
        "research": np.full(ids.size, SCIENCE_RESEARCH),
        "quality": 0.3 + 0.5 * lanes[:, 1] + 0.2 * world.regions.institutional_quality[region],
    }
    return Cohort(columns, knowledge)


def _offices(
    world: World, kind: Kind, region: Ids, sector: Ints, level: Level, draws: Draws
) -> Cohort:
    origin = (region + 1) * (world.n_sectors + 1) + sector + 1
    seen: dict[int, int] = {}
    ordinal = np.array([seen.setdefault(o, 0) for o in origin.tolist()], dtype=np.int64)
    for i, o in enumerate(origin.tolist()):
        ordinal[i] = seen[o]
        seen[o] += 1
    ids = draws.identities(f"founding.{kind.name.lower()}_{level.name.lower()}", origin, ordinal)
    levels = np.full(ids.size, level)
    return office_cohort(world, kind, ids=ids, region=region, sector=sector, level=levels)


def office_cohort(
    world: World, kind: Kind, *, ids: Ids, region: Ids, sector: Ints, level: Ints
) -> Cohort:
    """Return cluster organisations or authorities: they act, but know and sell nothing.

    Parameters
    ----------
    world
        The world that they will belong to.
    kind
        Cluster organisation or authority.
    ids
        Identity of each, shape (n,).
    region, sector
        Where each belongs, shape (n,); -1 for none.
    level
        Level of government of each, shape (n,).
    """
    above = region < 0
    columns: dict[str, AnyArray] = {
        "id": ids,
        "kind": np.full(ids.size, kind),
        "region": region,
        "sector": sector,
        "level": level,
        "x": np.where(above, world.regions.x.mean(), world.regions.x[region]),
        "y": np.where(above, world.regions.y.mean(), world.regions.y[region]),
        "quality": np.full(ids.size, 0.5),
    }
    return Cohort(columns, np.zeros((ids.size, world.n_fields)))


def tie_members(world: World, draws: Draws) -> None:
    """Make firms members of the cluster organisation of their local industry, some of them."""
    actors = world.actors
    firms = actors.rows(Kind.FIRM)
    firm_place = actors.region[firms] * world.n_sectors + actors.sector[firms]
    for office in actors.rows(Kind.CLUSTER_ORGANISATION).tolist():
        here = firms[firm_place == actors.region[office] * world.n_sectors + actors.sector[office]]
        luck = draws.uniform(
            "founding.membership", actors.id[here], np.full_like(here, actors.id[office])
        )
        members = here[luck < MEMBER_SHARE]
        tie(world, "membership", members, np.full_like(members, office))


def tie_researchers(world: World, proposals: float, draws: Draws) -> None:
    """Give actors with R&D their first collaborations.

    Each proposes `proposals` ties (a fraction by chance), three quarters of them within its milieu,
    the others anywhere; double proposals count once.
    """
    actors = world.actors
    rows = np.flatnonzero(actors.alive & (actors.research > 0.0))
    if rows.size == 0:
        return
    position = draws.uniform("founding.ring", actors.id[rows])
    order = np.argsort(position)
    rows, position = rows[order], position[order]
    ids = actors.id[rows]
    place = world.milieu(rows)
    local = Ring(rows, position, place, world.n_milieus)
    anywhere = Ring(rows, position, np.zeros_like(place), 1)
    pairs = []
    for k in range(int(np.ceil(proposals))):
        lanes = draws.uniforms(f"founding.tie_{k}", ids, 3)
        near = local.meet(place, lanes[:, 0], rows)
        far = anywhere.meet(np.zeros_like(place), lanes[:, 0], rows)
        partner = np.where(lanes[:, 1] < 0.75, near, far)  # noqa: PLR2004  # see the docstring
        wanted = (lanes[:, 2] < proposals - k) & (partner >= 0)
        pairs.append(np.sort(np.stack([rows[wanted], partner[wanted]], axis=1), axis=1))
    chosen = np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), dtype=np.int64)
    tie(world, "collaboration", chosen[:, 0], chosen[:, 1])


def tie(world: World, layer: str, first: Ids, second: Ids) -> None:
    """Make ties between rows, shape (n,): trust is the mean quality of both ends' institutions."""
    actors = world.actors
    km = np.hypot(actors.x[first] - actors.x[second], actors.y[first] - actors.y[second])
    quality = world.regions.institutional_quality
    trust = 0.5 * (quality[actors.region[first]] + quality[actors.region[second]])
    getattr(world.ties, layer).add(first, second, trust=trust, km=km, born=world.clock.step)
