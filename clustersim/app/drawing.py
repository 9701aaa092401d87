"""The network as a picture: where each actor stands, its colour and form, and the ties, as bytes.

Positions are given at birth: the place of an actor in its region is its own position in space, and
the regions are laid out once, when the world is founded. A frame is a few array expressions, and
what the browser gets is six bytes for an actor and four for a tie.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.app.running import Running
from clustersim.plots.style import PALETTE, STAGE_COLOURS
from clustersim.world.actors import Kind
from clustersim.world.types import Floats, Ids
from clustersim.world.world import World

WIDTH: Final = 1000.0
HEIGHT: Final = 640.0
"""Size of the picture in its own units."""
MOST_TIES: Final = 5000
"""Ties drawn; those of the most trust, if there are more."""
LAYERS: Final = {
    "collaboration": "work together",
    "supply": "key suppliers",
    "mobility": "people who changed firms",
}
"""Layers that can be drawn, in the words of the page."""
COLOURINGS: Final = {
    "kind": "kind of actor",
    "stage": "stage of the cluster",
    "sector": "sector",
}
"""What colours can stand for."""

_MARGIN: Final = 30.0
_TOP: Final = 80.0
"""Room above the regions and their names for authorities that have none."""
_GAP: Final = 14.0
_SPREAD: Final = 0.9
"""Quantile of the distances in a region that reaches two thirds of its radius."""
_ROUNDS: Final = 200
_SECTORS: Final = 7
"""Sectors with a colour of their own."""
_KINDS: Final = (
    (Kind.FIRM, "firm", PALETTE["blue"], "circle"),
    (Kind.UNIVERSITY, "university", PALETTE["vermilion"], "square"),
    (Kind.RTO, "research organisation", PALETTE["orange"], "diamond"),
    (Kind.CLUSTER_ORGANISATION, "cluster organisation", PALETTE["green"], "triangle"),
    (Kind.AUTHORITY, "authority", PALETTE["black"], "star"),
)
_OTHER: Final = "#B5B5B5"
_STEPS: Final = 65535.0


@dataclass(frozen=True)
class Layout:
    """Where regions stand in the picture, for the whole of a run.

    Attributes
    ----------
    x, y, radius
        Circle of each region, in units of the picture, shape (R,).
    spread
        Distance from the centre that is drawn at two thirds of the radius, km, shape (R,).
    names
        Names of the regions.
    """

    x: Floats
    y: Floats
    radius: Floats
    spread: Floats
    names: tuple[str, ...]

    @classmethod
    def of(cls, world: World) -> Layout:
        """Lay the regions of a world out: as on the map, moved apart where they would overlap."""
        regions, actors = world.regions, world.actors
        jobs = world.jobs().sum(axis=1)
        share = np.sqrt(np.maximum(jobs, 1.0) / max(float(jobs.sum()), 1.0))
        room = np.sqrt((WIDTH - 2 * _MARGIN) * (HEIGHT - _TOP - _MARGIN) / (3.6 * np.pi))
        radius = np.maximum(room * share, 0.3 * room / np.sqrt(share.size))
        x = _scaled(regions.x, _MARGIN + radius.max() * 0.6, WIDTH - _MARGIN - radius.max() * 0.6)
        y = _scaled(-regions.y, _TOP + radius.max() * 0.6, HEIGHT - _MARGIN - radius.max() * 0.6)
        _move_apart(x, y, radius)
        spread = np.ones(share.size)
        for r in range(share.size):
            here = actors.rows()[actors.region[actors.rows()] == r]
            if here.size:
                km = np.hypot(actors.x[here] - regions.x[r], actors.y[here] - regions.y[r])
                spread[r] = max(float(np.quantile(km, _SPREAD)), 0.1)
        return cls(x, y, radius, spread, regions.names)

    def places(self, world: World, rows: Ids) -> tuple[Floats, Floats]:
        """Return where actors stand in the picture, shape (n,) each."""
        actors, regions = world.actors, world.regions
        region = actors.region[rows]
        away = region < 0
        r = np.where(away, 0, region)
        dx, dy = actors.x[rows] - regions.x[r], actors.y[rows] - regions.y[r]
        km = np.hypot(dx, dy)
        # Two thirds of the way at the spread, and never outside of the circle.
        shrunk = self.radius[r] * np.tanh(0.8 * km / self.spread[r]) * 0.97
        scale = np.divide(shrunk, km, out=np.zeros(km.size), where=km > 0.0)
        x, y = self.x[r] + dx * scale, self.y[r] - dy * scale
        x[away] = _MARGIN + 24.0 * np.arange(np.count_nonzero(away))
        y[away] = 12.0
        return x, y


def _scaled(values: Floats, low: float, high: float) -> Floats:
    """Return values spread over a range; in its middle if they are all alike."""
    span = float(np.ptp(values))
    if span == 0.0:
        return np.full(values.size, 0.5 * (low + high))
    scaled: Floats = low + (values - values.min()) / span * (high - low)
    return scaled


def _move_apart(x: Floats, y: Floats, radius: Floats) -> None:
    """Move circles until they no longer overlap, or nearly so; by rule, without luck."""
    n = x.size
    one, other = np.triu_indices(n, 1)
    for _ in range(_ROUNDS):
        dx, dy = x[other] - x[one], y[other] - y[one]
        km = np.hypot(dx, dy)
        near = radius[one] + radius[other] + _GAP - km
        push = np.where(near > 0.0, 0.25 * near, 0.0)
        if not push.any():
            return
        # Circles on one point part to the side.
        ux = np.divide(dx, km, out=np.ones(km.size), where=km > 0.0) * push
        uy = np.divide(dy, km, out=np.zeros(km.size), where=km > 0.0) * push
        for values, move in ((x, ux), (y, uy)):
            np.add.at(values, other, move)
            np.add.at(values, one, -move)
        np.clip(x, _MARGIN * 0.3 + radius, WIDTH - _MARGIN * 0.3 - radius, out=x)
        np.clip(y, _TOP + radius, HEIGHT - 4.0 - radius, out=y)


@dataclass(frozen=True)
class Key:
    """One line of the legend: a name, a colour and a form."""

    label: str
    colour: str
    form: str = "circle"


@dataclass(frozen=True)
class Frame:
    """A picture of a moment, as the browser takes it.

    Attributes
    ----------
    data
        What is sent: bytes of actors and ties in base 64, regions, colours.
    ids
        Identities of the actors, in the order in which they are drawn, shape (n,).
    legend
        What colours and forms stand for.
    words
        What can be seen, for those who cannot see it.
    """

    data: dict[str, Any]
    ids: Ids
    legend: tuple[Key, ...]
    words: str


def frame(
    running: Running, layout: Layout, colouring: str = "kind", layer: str = "collaboration"
) -> Frame:
    """Draw a world.

    Parameters
    ----------
    running
        The world.
    layout
        Where its regions stand.
    colouring
        One of `COLOURINGS`.
    layer
        One of `LAYERS`; empty for no ties.
    """
    world = running.world
    actors = world.actors
    rows = actors.rows()
    # Firms first and large ones last, so that nobody who stands out is hidden.
    rows = rows[np.lexsort((actors.size[rows], actors.kind[rows] != Kind.FIRM))]
    x, y = layout.places(world, rows)
    keys, colour = _colours(running, rows, colouring)
    record = np.zeros(rows.size, dtype=[("x", "<u2"), ("y", "<u2"), ("look", "u1"), ("size", "u1")])
    record["x"] = np.clip(x / WIDTH, 0.0, 1.0) * _STEPS
    record["y"] = np.clip(y / HEIGHT, 0.0, 1.0) * _STEPS
    record["look"] = colour * len(_KINDS) + actors.kind[rows]
    record["size"] = np.clip(4.0 * np.sqrt(np.maximum(actors.size[rows], 1.0)), 0, 255)
    ties = _ties(world, rows, layer)
    strengths = running.strengths()
    data = {
        "actors": base64.b64encode(record.tobytes()).decode(),
        "ties": base64.b64encode(ties.tobytes()).decode(),
        "colours": [key.colour for key in keys],
        "regions": [
            [round(float(v), 1) for v in one[:3]] + [name, int(stars)]
            for *one, name, stars in zip(
                layout.x, layout.y, layout.radius, layout.names, strengths.max(axis=1), strict=True
            )
        ],
    }
    return Frame(data, actors.id[rows].copy(), _legend(keys, colouring), _words(running, ties))


def _colours(running: Running, rows: Ids, colouring: str) -> tuple[list[Key], Ids]:
    """Return the colours that are used, and which of them each actor has, shape (n,)."""
    actors = running.world.actors
    if colouring == "sector":
        return _by_sector(running, rows)
    if colouring == "stage":
        return _by_stage(running, rows)
    keys = [Key(name, colour, form) for _, name, colour, form in _KINDS]
    return keys, actors.kind[rows].astype(np.int64)


def _by_sector(running: Running, rows: Ids) -> tuple[list[Key], Ids]:
    world = running.world
    first = running.history.jobs[0].sum(axis=0)
    main = np.argsort(-first, kind="stable")[:_SECTORS]
    shades = [colour for name, colour in PALETTE.items() if name != "black"]
    keys = [Key(world.sectors.names[s], shades[i]) for i, s in enumerate(main.tolist())]
    keys.append(Key("no sector, or another", _OTHER))
    index = np.full(world.n_sectors + 1, len(main), dtype=np.int64)
    index[main] = np.arange(main.size)
    return keys, index[world.actors.sector[rows]]  # -1 is the last, which has none


def _by_stage(running: Running, rows: Ids) -> tuple[list[Key], Ids]:
    world = running.world
    names = list(STAGE_COLOURS)
    keys = [Key(name.lower(), STAGE_COLOURS[name]) for name in names]
    keys.append(Key("no cluster", _OTHER))
    index = np.full((world.n_regions + 1, world.n_sectors + 1), len(names), dtype=np.int64)
    for (region, sector), stage in running.stage_of_places().items():
        if stage.upper() in names:
            index[region, sector] = names.index(stage.upper())
    return keys, index[world.actors.region[rows], world.actors.sector[rows]]


def _ties(world: World, rows: Ids, layer: str) -> Any:
    """Return the ties that are drawn, as positions in the list of actors, shape (n, 2)."""
    if layer not in LAYERS:
        return np.empty((0, 2), dtype="<u2")
    ties = getattr(world.ties, layer)
    position = np.full(world.actors.n_rows, -1, dtype=np.int64)
    position[rows] = np.arange(rows.size)
    pairs = np.stack([position[ties.first], position[ties.second]], axis=1)
    drawn = (pairs >= 0).all(axis=1) & (pairs <= _STEPS).all(axis=1)
    chosen = np.flatnonzero(drawn)
    if chosen.size > MOST_TIES:
        chosen = chosen[np.argsort(-ties.trust[chosen], kind="stable")[:MOST_TIES]]
    return pairs[chosen].astype("<u2")


def _legend(keys: Sequence[Key], colouring: str) -> tuple[Key, ...]:
    if colouring == "kind":
        return tuple(keys)
    forms = tuple(Key(name, "currentColor", form) for _, name, _, form in _KINDS[1:])
    return (*keys, *forms)


def _words(running: Running, ties: Any) -> str:
    world = running.world
    kind = world.actors.kind[world.actors.rows()]
    counts = [f"{np.count_nonzero(kind == one):,} {_several(name)}" for one, name, *_ in _KINDS]
    return f"Network of {', '.join(counts)} with {len(ties):,} ties, in {running.year:g}"


def _several(name: str) -> str:
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def about(running: Running, identity: int) -> str:
    """Return who an actor is, in a sentence; empty if it has left.

    Parameters
    ----------
    running
        The world.
    identity
        The actor's identity.
    """
    world = running.world
    actors = world.actors
    try:
        row = actors.row_of(identity)
    except KeyError:
        return ""
    kind = int(actors.kind[row])
    name = next(text for one, text, *_ in _KINDS if one == kind)
    parts = []
    if actors.sector[row] >= 0:
        parts.append(world.sectors.names[actors.sector[row]])
    if actors.region[row] >= 0:
        parts.append(world.regions.names[actors.region[row]])
    where = f" ({', '.join(parts)})" if parts else ""
    text = f"{name.capitalize()}{where}"
    if kind == Kind.FIRM:
        age = (world.clock.step - int(actors.birth[row])) / 4
        text += f": {actors.size[row]:,.0f} jobs, {age:.0f} years old"
        text += f", {actors.research[row]:.1%} of revenue for R&D"
    layer = world.ties.collaboration
    partners = np.count_nonzero((layer.first == row) | (layer.second == row))
    return f"{text}; works with {partners} {'other' if partners == 1 else 'others'}."
