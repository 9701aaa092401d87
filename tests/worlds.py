"""Worlds small enough to work out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.founding import bare_world, found
from clustersim.world.spec import (
    FieldSpec,
    ParadigmSpec,
    RegionSpec,
    SectorSpec,
    WorldSpec,
)
from clustersim.world.world import World

SEED = 20
"""Seed of the hand-made worlds."""


def field_names(n_fields: int) -> tuple[str, ...]:
    """Return the names of the fields of a small world."""
    return tuple(f"field {m}" for m in range(n_fields))


def paradigm(weights: Sequence[float], **more: Any) -> ParadigmSpec:
    """Return a paradigm from one weight per field; a weight of zero leaves the field out."""
    names = field_names(len(weights))
    return ParadigmSpec(
        weights={name: w for name, w in zip(names, weights, strict=True) if w > 0.0}, **more
    )


def small_spec(
    jobs: Sequence[Sequence[float]] = ((1000.0,),),
    *,
    relevance: Sequence[float] | Sequence[Sequence[float]] = (1.0, 1.0),
    paradigms: Sequence[Sequence[ParadigmSpec]] | None = None,
    n_fields: int = 2,
    tags: dict[int, tuple[str, ...]] | None = None,
    region: dict[str, Any] | None = None,
    sector: dict[str, Any] | None = None,
    **world: Any,
) -> WorldSpec:
    """Return a specification: regions ``r0, r1, ...``, sectors ``s0, s1, ...``.

    Parameters
    ----------
    jobs
        Jobs by region and sector.
    relevance
        Weight of each field: one row for all sectors, or a row for each.
    paradigms
        Paradigms of each sector, instead of `relevance`.
    n_fields
        Least number of fields.
    tags
        Tags of the fields that have any.
    region, sector
        What is said of every region and every sector.
    **world
        Further fields of the specification.
    """
    n_sectors = len(jobs[0])
    if paradigms is None:
        rows = np.broadcast_to(np.asarray(relevance, dtype=float), (n_sectors, _last(relevance)))
        paradigms = [(paradigm(row.tolist()),) for row in rows]
        n_used = rows.shape[1]
    else:
        n_used = 1 + max(
            int(name.split()[1]) for row in paradigms for one in row for name in one.weights
        )
    given = {"knowledge_precision": "double", **world}
    return WorldSpec(
        fields=tuple(
            FieldSpec(name=name, tags=(tags or {}).get(m, ()))
            for m, name in enumerate(field_names(max(n_used, n_fields)))
        ),
        sectors=tuple(
            SectorSpec(name=f"s{s}", paradigms=tuple(row), **(sector or {}))
            for s, row in enumerate(paradigms)
        ),
        regions=tuple(
            RegionSpec(
                name=f"r{r}",
                jobs={f"s{s}": value for s, value in enumerate(row)},
                **(region or {}),
            )
            for r, row in enumerate(jobs)
        ),
        **given,
    )


def _last(values: Any) -> int:
    return int(np.asarray(values).shape[-1])


def empty_world(*args: Any, **changes: Any) -> World:
    """Return a world without actors; arguments as for `small_spec`."""
    return bare_world(small_spec(*args, **changes), SEED)[0]


def add_actors(world: World, knowledge: Any, kind: Kind = Kind.FIRM, **columns: Any) -> Any:
    """Admit actors and return their rows; a single value of a column serves all of them."""
    known = np.atleast_2d(np.asarray(knowledge, dtype=float))
    n = known.shape[0]
    highest = int(world.actors.id.max(initial=0))
    size = columns.get("size", 10.0 if kind == Kind.FIRM else 0.0)
    given = {
        "id": np.arange(n) + highest + 1,
        "kind": kind,
        "region": 0,
        "sector": 0 if kind == Kind.FIRM else -1,
        "niche": 0,
        "size": size,
        "orders": size,
        "research": 0.03,
        **columns,
    }
    return world.actors.admit({k: np.broadcast_to(v, n) for k, v in given.items()}, known)


def add_ties(world: World, first: Any, second: Any, *, trust: Any = 0.5, km: Any = 0.0) -> None:
    """Tie rows in collaboration."""
    first, second = np.atleast_1d(first), np.atleast_1d(second)
    world.ties.collaboration.add(
        first,
        second,
        trust=np.broadcast_to(np.asarray(trust, dtype=float), first.size),
        km=np.broadcast_to(np.asarray(km, dtype=float), first.size),
        born=world.clock.step,
    )


def luck(step: int = 0, seed: int = SEED) -> Draws:
    """Return the luck of a step."""
    draws = Draws(seed)
    draws.step = step
    return draws


def living_spec(**changes: Any) -> WorldSpec:
    """Return the specification of a world with everything in it: 3 regions, 2 sectors, 6 fields."""
    given: dict[str, Any] = {
        "jobs": ((900.0, 300.0), (500.0, 700.0), (200.0, 0.0)),
        "paradigms": (
            (paradigm((4, 2, 1, 1, 0, 0)), paradigm((0, 0, 1, 1, 3, 2), year=2020, width=2)),
            (paradigm((0, 1, 4, 2, 1, 0)), paradigm((1, 0, 0, 1, 2, 4), year=2030, width=3)),
        ),
        "tags": {4: ("digital",), 5: ("green",)},
        "region": {
            "universities": 1,
            "rtos": 1,
            "cluster_organisations": {"s0": 1},
        },
        "sector": {"inputs": {"s0": 0.1, "s1": 0.2}},
    }
    return small_spec(**{**given, **changes})


def living_world(seed: int = SEED, **changes: Any) -> World:
    """Return a founded world of `living_spec`."""
    return found(living_spec(**changes), seed)
