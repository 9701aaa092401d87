"""Founding, the institutions: universities, RTOs, cluster organisations and authorities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from clustersim.world import newcomers
from clustersim.world.actors import Kind, Level
from clustersim.world.draws import Draws, name_key
from clustersim.world.spec import WorldSpec
from clustersim.world.types import AnyArray, Floats, Ids, Ints
from clustersim.world.world import World

SCIENCE_RESEARCH = 0.5
"""R&D intensity of universities and RTOs (assumption: half of what they spend)."""
UNIVERSITY_BREADTH = 16.0
RTO_BREADTH = 6.0
"""As the breadth of founders: a university knows about half of 24 fields, an RTO most of those
that its sector needs (assumptions)."""
SCIENCE_LEVELS = (0.4, 1.0)
"""Least and highest level of a field that science knows (assumption)."""
CAMPUS_KM = 5.0
"""Mean distance of science to the centre of its region, km (assumption)."""
INSTITUTIONS: Final = (Kind.UNIVERSITY, Kind.RTO, Kind.CLUSTER_ORGANISATION, Kind.AUTHORITY)
"""Every kind of actor but firms."""


@dataclass(frozen=True)
class Cohort:
    """Actors to be admitted: their columns, shape (n,) each, and knowledge, shape (n, M)."""

    columns: dict[str, AnyArray]
    knowledge: Floats


def given(values: Ints | None, drawn: Ints) -> Ints:
    """Return what is given, and where that is -1 what is drawn; both of shape (n,)."""
    if values is None:
        return drawn
    chosen: Ints = np.where(values >= 0, values, drawn).astype(drawn.dtype)
    return chosen


def admit(world: World, cohort: Cohort) -> Ids:
    """Give rows to a cohort and return them, shape (n,)."""
    return world.actors.admit(cohort.columns, cohort.knowledge)


def admit_institutions(
    world: World, spec: WorldSpec, draws: Draws, kinds: Collection[Kind] = INSTITUTIONS
) -> None:
    """Admit universities, RTOs, cluster organisations and authorities, or only some `kinds`.

    As many as the scenario says; each region has one regional authority.
    """
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
    origin = world.regions.key[region]
    ids = draws.identities(f"founding.{kind.name.lower()}", origin, ordinal)
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
    jobs, and knows what that sector's present and coming paradigms need. Knowledge is that of
    `founder_knowledge` with the levels and breadths below; relevance is even over all fields for
    a university, and the mean over all paradigms of its sector for an RTO; so is the draw of the
    main field. Position: about the centre of the region. Research quality is three fifths luck,
    uniform, and two fifths the institutional quality of the region (assumption).

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
    sector = given(sector, newcomers.pick(lanes[:, 0], world.jobs()[region]))
    spread = np.full((1, world.n_fields), 1.0 / world.n_fields)
    sectors = world.sectors
    n_paradigms = sectors.has_paradigm.sum(axis=1, keepdims=True)
    used = sectors.paradigm_weights * sectors.has_paradigm[..., None]
    coming = (used.sum(axis=1) / n_paradigms)[sector]
    relevance = np.repeat(spread, region.size, axis=0) if kind == Kind.UNIVERSITY else coming
    niche = given(niche, newcomers.pick(lanes[:, 1], relevance))
    level = draws.uniforms(f"founding.{verb}_knowledge", ids, world.n_fields)
    breadth = UNIVERSITY_BREADTH if kind == Kind.UNIVERSITY else RTO_BREADTH
    knowledge = newcomers.founder_knowledge(level, relevance, niche, *SCIENCE_LEVELS, breadth)
    spread_x, spread_y = newcomers.around(
        lanes[:, 2:], world.regions.x[region], world.regions.y[region], CAMPUS_KM
    )
    luck = draws.uniform(f"founding.{verb}_quality", ids)
    quality = 0.6 * luck + 0.4 * world.regions.institutional_quality[region]
    columns: dict[str, AnyArray] = {
        "id": ids,
        "kind": np.full(ids.size, kind),
        "region": region,
        "sector": np.full(ids.size, -1) if kind == Kind.UNIVERSITY else sector,
        "niche": niche,
        "x": spread_x,
        "y": spread_y,
        "research": np.full(ids.size, SCIENCE_RESEARCH),
        "quality": quality,
    }
    return Cohort(columns, knowledge)


def _offices(
    world: World, kind: Kind, region: Ids, sector: Ints, level: Level, draws: Draws
) -> Cohort:
    names = (*world.regions.names, ""), (*world.sectors.names, "")
    origin = [
        name_key(names[0][r], names[1][s])
        for r, s in zip(region.tolist(), sector.tolist(), strict=True)
    ]
    seen: Counter[int] = Counter()
    ordinal = np.empty(len(origin), dtype=np.int64)
    for i, key in enumerate(origin):
        ordinal[i] = seen[key]
        seen[key] += 1
    ids = draws.identities(f"founding.{kind.name.lower()}_{level.name.lower()}", origin, ordinal)
    levels = np.full(ids.size, level)
    return office_cohort(world, kind, ids=ids, region=region, sector=sector, level=levels)


def office_cohort(
    world: World, kind: Kind, *, ids: Ids, region: Ids, sector: Ints, level: Ints
) -> Cohort:
    """Return cluster organisations or authorities: they act, but know and sell nothing.

    They lie at the centre of their region, those above the regions at the mean of all centres.
    Quality is one half (assumption).

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
