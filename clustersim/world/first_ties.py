"""Founding, the first ties: members of cluster organisations, partners in R&D."""

from __future__ import annotations

from typing import Any

import numpy as np

from clustersim.world.actors import Kind
from clustersim.world.draws import Draws
from clustersim.world.elementary import euclidean
from clustersim.world.kernel import kernel
from clustersim.world.ring import Circle
from clustersim.world.types import Ids
from clustersim.world.world import World

MEMBER_SHARE = 0.4
"""Share of a local industry's firms that are members of its cluster organisation (assumption)."""


def tie_members(world: World, draws: Draws) -> None:
    """Make firms members of the cluster organisation of their local industry, some of them.

    Each firm of the place joins with chance `MEMBER_SHARE`.
    """
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
    the others anywhere, whom it meets on a ring (`clustersim.world.ring`); double proposals count
    once, and nobody declines.
    """
    actors = world.actors
    rows = np.flatnonzero(actors.alive & (actors.research > 0.0))
    if rows.size == 0:
        return
    ids = actors.id[rows]
    position = draws.uniform("founding.ring", ids)
    place = world.milieu(rows)
    circle = Circle(rows, position)
    local = circle.ring(place, world.n_milieus)
    anywhere = circle.ring(np.zeros_like(place), 1)
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
    """Make ties between rows, shape (n,): trust is the mean quality of both ends' institutions.

    Quality is the institutional quality of their regions.
    """
    actors = world.actors
    trust, km = _beginnings(
        first, second, actors.region, actors.x, actors.y, world.regions.institutional_quality
    )
    getattr(world.ties, layer).add(first, second, trust=trust, km=km, born=world.clock.step)


@kernel
def _beginnings(first: Any, second: Any, region: Any, x: Any, y: Any, quality: Any) -> Any:
    """Return trust and distance (km) of each tie, shape (n,) each."""
    trust, km = np.empty(first.size), np.empty(first.size)
    for k in range(first.size):
        i, j = first[k], second[k]
        trust[k] = 0.5 * (quality[region[i]] + quality[region[j]])
        km[k] = euclidean(x[i] - x[j], y[i] - y[j])
    return trust, km
