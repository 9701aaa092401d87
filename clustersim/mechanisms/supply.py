"""Mechanism 3: suppliers, nearby and of key inputs."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw
from clustersim.world.elementary import expm1, logarithm_of_more
from clustersim.world.first_ties import tie
from clustersim.world.kernel import kernel
from clustersim.world.linear import product
from clustersim.world.newcomers import pick_one
from clustersim.world.ring import Circle, meet_one
from clustersim.world.types import Flags, Floats, Ids, Ints
from clustersim.world.world import DT, World, is_firm

NORMAL = 0.99
"""Share of its usual output from which a supplier also fills up its buyers' stocks."""

JOBS_PER_STAND = 10.0
"""A firm is met as a supplier once for each started number of so many jobs (assumption)."""

MOST_STANDS = 1000
"""Most stands of one firm, so that a giant does not fill the memory."""

NOTHING = -1.0
"""Stock of a firm that buys its key input from nobody at home."""


@final
class Supply(Mechanism):
    """Firms depend on a key supplier; a variety of suppliers nearby makes them better and safer.

    *Variety.* With ``n_rs = sum_q a_qs F_rq / sum_q a_qs``, the number of real firms in the
    region's supplying sectors, weighted by the input coefficients ``a_qs`` of sector s::

        gain_rs = variety_gain * ln(1 + n_rs / supplier_reference)

    A sector that buys nothing gains nothing.

    *Output.* ``output_i``, the share of its usual output that firm i can produce this quarter, is
    limited by its own place and by its key input::

        served_i  = mean over its suppliers j of output_j of the last quarter; 0 without one
        used_i    = min(stock_i, max(c_rs - served_i, 0))
        missing_i = 1 - served_i - used_i
        output_i  = min(c_rs, 1 - d_rs missing_i)
        d_rs      = dependence / (1 + substitution ln(1 + m_rs / supplier_reference))

    ``c_rs`` is the share of capacity that shocks leave to the place (``conditions.output``), and
    ``m_rs`` is n_rs with every firm counted at its place's c: whoever is struck too can't help out.
    What comes beyond the need is kept, and a supplier at `NORMAL` or more of its output fills the
    stock up to `inventory`; one that has too little for the need has nothing for the store. All
    see the last quarter, so a shortage travels one tie in a quarter, downstream only.

    *Search.* A firm without supplier finds one in a quarter with chance ``dt / search``, and is
    served from the next: it goes without for ``search / dt`` quarters in the mean, geometrically
    spread, at least one. A firm that has a single supplier looks for another with chance
    ``1 - exp(-switching dt)``, and leaves the old only for the new: nobody plans a shortage. A new
    firm, and everybody at the start, has found its supplier before it opens.

    *Whom.* The sector q of the key input is drawn by a_qs. In it a firm of the own region is
    `local` times as likely to be met as one elsewhere, so that the local share is
    ``local n / (local n + N - n)`` with n and N what is on offer in the region and at home. On
    offer is one stand for each started `JOBS_PER_STAND` of jobs: a large firm has many buyers, and
    takes many with it. Stands are places on a ring (`clustersim.world.ring`), drawn anew each
    quarter: one more firm changes the choice of few.

    An input that nobody else at home makes comes from the rest of the world and does not fail;
    such a firm has a stock of -1. Firms have one key supplier, but a graph may give them several;
    then they do not switch.

    `key_suppliers` switches all of this off but for variety and the place's own capacity; existing
    ties then have no effect. With the whole mechanism off, capacity has none either.

    Traps: the stock is of the key input only, in quarters of normal use. What a firm does not
    deliver is felt by the market, as lost orders, and by finance, as lost revenue. Ties are between
    simulated firms, each of which stands for several.

    Sources: variety of inputs, Ciccone & Hall 1996; Fujita, Krugman & Venables 1999 (the size is an
    assumption, kept small, as the localisation curve of the market includes part of it). Stocks and
    substitution: Hallegatte 2008; Henriet, Hallegatte & Tabourier 2012, whose firms order from
    many. One specific input instead, with a share of output that hangs on it: shocks to suppliers
    of specific inputs reach their customers (Barrot & Sauvagnat 2016; Carvalho et al. 2021), and
    one tie a firm is what a million firms can carry. Search and substitution in a network of firms:
    Inoue & Todo 2019. Sizes: assumptions.
    """

    name: ClassVar[str] = "supply"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.x",
        "actors.y",
        "actors.size",
        "actors.stock",
        "actors.output",
        "conditions.output",
        "regions.institutional_quality",
        "sectors.inputs",
        "ties.supply",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "places.supply_advantage",
        "actors.stock",
        "actors.output",
        "ties.supply",
    )

    variety_gain: float = parameter(
        0.005,
        low=0.0,
        high=0.5,
        unit="ln",
        meaning="Gain in log productivity from e times as many local suppliers.",
        source="assumption",
    )
    supplier_reference: float = parameter(
        10.0,
        low=1.0,
        high=1e6,
        unit="firms",
        meaning="Number of local suppliers at which the gain sets in.",
        source="assumption",
    )
    key_suppliers: bool = parameter(
        True,
        unit="-",
        meaning="Whether firms depend on a key supplier, so that shortages spread.",
        source="switch for null models",
    )
    dependence: float = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of output that hangs on the key input where no suppliers are nearby.",
        source="assumption; direction: Barrot & Sauvagnat 2016",
    )
    substitution: float = parameter(
        0.1,
        low=0.0,
        high=10.0,
        unit="-",
        meaning="How much a variety of local suppliers lessens the dependence.",
        source="assumption; direction: what local procurement is for",
    )
    inventory: float = parameter(
        0.25,
        low=0.0,
        high=8.0,
        unit="quarters",
        meaning="Stock of the key input that firms keep, in quarters of use.",
        source="assumption: some weeks",
    )
    search: float = parameter(
        0.375,
        low=DT,
        high=50.0,
        unit="years",
        meaning="Mean time without a supplier until another delivers.",
        source="assumption: a quarter or two",
    )
    switching: float = parameter(
        0.1,
        low=0.0,
        high=4.0,
        unit="1/year",
        meaning="How often a firm looks for another supplier although it has one.",
        source="assumption",
    )
    local: float = parameter(
        10.0,
        low=1.0,
        high=1e6,
        unit="-",
        meaning="How many times as likely a supplier of the own region is as one elsewhere.",
        source="assumption",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Set what variety adds and what firms can produce, then let them find suppliers."""
        firms, capacity = world.firms(), world.conditions.output
        world.places.supply_advantage[:] = self.variety_gain * self._variety(world, firms)
        at_hand = self._variety(world, firms * capacity)
        dependence = self.dependence / (1.0 + self.substitution * at_hand)
        n_rows = world.actors.n_rows
        served, n_suppliers = np.zeros(n_rows), np.zeros(n_rows, dtype=np.int32)
        supplier = np.full(n_rows, -1, dtype=np.int32)
        offer = np.zeros((world.n_sectors, world.n_sectors))
        if self.key_suppliers:
            offer = _offer(world.sectors.inputs, firms)
            ties = world.ties.supply
            _serve(ties.first, ties.second, world.actors.output, served, n_suppliers, supplier)
        looks = np.zeros(n_rows, dtype=np.bool_)
        _produce(
            draws.stream("supply.seek"),
            world.actors.table,
            capacity,
            dependence,
            offer.any(axis=1),
            served,
            n_suppliers,
            self.numbers,
            looks,
        )
        seekers = np.flatnonzero(looks)
        if seekers.size:
            self._find(world, seekers, supplier, offer, draws)

    def _variety(self, world: World, firms: Floats) -> Floats:
        """Return ``ln(1 + n / supplier_reference)``, shape (R, S)."""
        inputs = world.sectors.inputs
        bought = inputs.sum(axis=0)
        weights = np.divide(inputs, bought, out=np.zeros_like(inputs), where=bought > 0.0)
        suppliers = product(firms * world.employment_scale, weights)
        return logarithm_of_more(suppliers / self.supplier_reference)

    def _find(
        self, world: World, seekers: Ids, supplier: Ints, offer: Floats, draws: Draws
    ) -> None:
        """Let the seekers find suppliers, and end the ties to those whom they leave."""
        actors, layer = world.actors, world.ties.supply
        circle = _stands(world, np.asarray(offer.any(axis=0)), draws)
        region, sector = actors.region[circle.rows], actors.sector[circle.rows].astype(np.int64)
        n_places = world.n_regions * world.n_sectors
        met = np.empty(seekers.size, dtype=np.int64)
        _meet(
            draws.stream("supply.seek"),
            seekers,
            actors.table,
            offer,
            circle.ring(region * np.int64(world.n_sectors) + sector, n_places).table,
            circle.ring(sector, world.n_sectors).table,
            self.numbers,
            met,
        )
        changes = met != supplier[seekers]
        seekers, met = seekers[changes], met[changes]
        left = np.zeros(actors.n_rows, dtype=np.bool_)
        left[seekers] = True
        layer.keep(~left[layer.second])
        tie(world, "supply", met, seekers)


def _offer(inputs: Floats, firms: Floats) -> Floats:
    """Return what each sector can buy from other firms at home, shape (S, S), buyers first."""
    n_firms = firms.sum(axis=0)
    others = n_firms[None, :] - np.eye(n_firms.size)
    return np.ascontiguousarray(np.where(others > 0.0, inputs.T, 0.0))


def _stands(world: World, supplies: Flags, draws: Draws) -> Circle:
    """Return the stands of all firms of sectors that supply any."""
    actors = world.actors.table
    rows = np.empty(_n_stands(actors, supplies), dtype=np.int64)
    position = np.empty(rows.size)
    _take_stands(draws.stream("supply.stand"), actors, supplies, rows, position)
    return Circle(rows, position)


@kernel
def _serve(
    first: Any, second: Any, output: Any, served: Any, n_suppliers: Any, supplier: Any
) -> None:
    """Add up by buyer what its suppliers deliver, how many they are, and name one of them."""
    for t in range(first.size):
        i = second[t]
        served[i] += output[first[t]]
        n_suppliers[i] += 1
        supplier[i] = first[t]


@kernel
def _produce(
    stream: Any,
    actors: Any,
    capacity: Any,
    dependence: Any,
    buys: Any,
    served: Any,
    n_suppliers: Any,
    numbers: Any,
    looks: Any,
) -> None:
    """Set output and stock of all firms, and who looks for a supplier."""
    alive, kind, region, sector = actors.alive, actors.kind, actors.region, actors.sector
    ids, stock, output = actors.id, actors.stock, actors.output
    finds = DT / numbers.search
    switches = -expm1(-numbers.switching * DT)
    for i in range(ids.size):
        if not is_firm(alive, kind, i):
            continue
        able = capacity[region[i], sector[i]]
        n = n_suppliers[i]
        if n == 0 and not buys[sector[i]]:
            stock[i] = NOTHING
            output[i] = able
            continue
        share = served[i] / n if n > 0 else 0.0
        if stock[i] < 0.0:  # it has prepared for this
            stock[i] = numbers.inventory
            looks[i] = n == 0
            share = share if n > 0 else 1.0
        elif n <= 1 and buys[sector[i]]:
            looks[i] = draw(stream, ids[i], 0, 0)[0] < (switches if n == 1 else finds)
        used = min(stock[i], max(able - share, 0.0))
        output[i] = min(able, 1.0 - dependence[region[i], sector[i]] * (1.0 - share - used))
        left = min(stock[i] - used + max(share - able, 0.0), numbers.inventory)
        stock[i] = numbers.inventory if share >= NORMAL else left


@kernel
def _n_stands_of(size: Any) -> Any:
    """Return the number of stands of a firm."""
    return min(max(np.int64(np.ceil(size / JOBS_PER_STAND)), 1), MOST_STANDS)


@kernel
def _n_stands(actors: Any, supplies: Any) -> Any:
    n = 0
    for i in range(actors.id.size):
        if is_firm(actors.alive, actors.kind, i) and supplies[actors.sector[i]]:
            n += _n_stands_of(actors.size[i])
    return n


@kernel
def _take_stands(stream: Any, actors: Any, supplies: Any, rows: Any, position: Any) -> None:
    alive, kind, sector = actors.alive, actors.kind, actors.sector
    ids, size = actors.id, actors.size
    at = 0
    for i in range(ids.size):
        if is_firm(alive, kind, i) and supplies[sector[i]]:
            n = _n_stands_of(size[i])
            for block in range((n + 3) // 4):
                luck = draw(stream, ids[i], 0, block)
                for lane in range(min(4, n - 4 * block)):
                    rows[at] = i
                    position[at] = luck[lane]
                    at += 1


@kernel
def _meet(
    stream: Any,
    seekers: Any,
    actors: Any,
    offer: Any,
    local: Any,
    home: Any,
    numbers: Any,
    met: Any,
) -> None:
    """Fill in the row of the supplier whom each seeker finds, shape (n,)."""
    ids, region, sector, size = actors.id, actors.region, actors.sector, actors.size
    n_sectors = offer.shape[0]
    for k in range(seekers.size):
        i = seekers[k]
        _, which, where, point = draw(stream, ids[i], 0, 0)
        q = pick_one(which, offer[sector[i]])
        place = region[i] * n_sectors + q
        own = _n_stands_of(size[i]) if q == sector[i] else 0
        near = local.start[place + 1] - local.start[place] - own
        everywhere = home.start[q + 1] - home.start[q] - own
        more = (numbers.local - 1.0) * near
        if where * (more + everywhere) < more:
            met[k] = meet_one(local.start, local.rows, local.position, place, point, i)
        else:
            met[k] = meet_one(home.start, home.rows, home.position, q, point, i)
