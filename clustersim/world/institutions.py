"""Founding, the institutions: universities, RTOs, cluster organisations and authorities."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np

from clustersim.world import newcomers
from clustersim.world.actors import Kind, Level
from clustersim.world.draws import Draws
from clustersim.world.spec import WorldSpec
from clustersim.world.types import AnyArray, Floats, Ids, Ints
from clustersim.world.world import World

SCIENCE_RESEARCH = 0.5
"""R&D intensity of universities and RTOs (assumption: half of what they spend)."""
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
    sector = given(sector, newcomers.pick(lanes[:, 0], world.jobs()[region]))
    spread = np.full((1, world.n_fields), 1.0 / world.n_fields)
    coming = world.sectors.paradigm_weights.mean(axis=1)[sector]
    relevance = np.repeat(spread, region.size, axis=0) if kind == Kind.UNIVERSITY else coming
    niche = given(niche, newcomers.pick(lanes[:, 1], relevance))
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
