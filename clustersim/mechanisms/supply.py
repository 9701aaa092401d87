"""Mechanism 3: suppliers, nearby and of key inputs."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw
from clustersim.world.elementary import logarithm_of_more
from clustersim.world.first_ties import tie
from clustersim.world.kernel import kernel
from clustersim.world.linear import product
from clustersim.world.newcomers import pick_one
from clustersim.world.ring import Circle, meet_one
from clustersim.world.types import Floats, Ids, Ints
from clustersim.world.world import DT, World, is_firm

NORMAL = 0.99
"""Share of its usual output from which a supplier also fills up its buyers' stocks."""

JOBS_PER_STAND = 10.0
"""A firm is met as a supplier once for each started number of so many jobs (assumption)."""

MOST_STANDS = 1000
"""Most stands of one firm, so that a giant does not fill the memory."""

CHOICE = 4.0
"""Open stands for each firm that is expected to look for one."""

NOTHING = -1.0
"""Stock of a firm that buys its key input from nobody at home."""

FOR_THE_FIRST_TIME = 2
"""Mark of a firm that looks for its first supplier."""


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

    *Search.* A firm without supplier finds one in a quarter with chance ``suppliers dt / search``,
    and is served from the next: where the lever `suppliers` of the place is 1, it goes without for
    ``search / dt`` quarters in the mean, geometrically spread, at least one. A firm with one
    supplier chooses anew when its contract ends, in those quarters t in which ``t + identity`` is a
    multiple of ``contract / dt`` (rounded): each in its own, without luck, which a million firms
    would have to draw. It leaves the old supplier only for another: nobody plans a shortage. A new
    firm, and everybody at the start, has found its supplier before it opens.

    *Whom.* The sector q of the key input is drawn by a_qs. In it a firm of the own region is
    `local` times as likely to be met as one elsewhere, so that the local share is
    ``local n / (local n + N - n)`` with n and N what is on offer in the region and at home. On
    offer is one stand for each started `JOBS_PER_STAND` of jobs: a large firm has many buyers, and
    takes many with it. Stands are places on a ring (`clustersim.world.ring`), drawn anew each
    quarter: one more firm changes the choice of few. In a sector with more than `offers` stands,
    and than `CHOICE` for each firm that is expected to look for one, only so many are open, by
    luck: which spares time and hardly matters. Where no stand is open, nobody is found.

    An input that nobody else at home makes comes from the rest of the world and does not fail;
    such a firm has a stock of -1. Firms have one key supplier, but a graph may give them several;
    then they keep them.

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
        "levers.suppliers",
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
    contract: float = parameter(
        10.0,
        low=DT,
        high=1e6,
        unit="years",
        meaning="Time after which a firm chooses its supplier anew.",
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
    offers: float = parameter(
        1000.0,
        low=1.0,
        high=1e9,
        unit="stands",
        meaning="Least number of a sector's stands that are open in a quarter, if it has so many.",
        source="choice of precision: many to choose from",
    )

    @property
    def contract_quarters(self) -> int:
        """Quarters that a contract runs, at least one."""
        return max(round(self.contract / DT), 1)

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
        looks = np.zeros(n_rows, dtype=np.int8)
        stands = np.zeros(firms.shape, dtype=np.int64)
        _produce(
            draws.stream("supply.seek"),
            world.actors.table,
            capacity,
            dependence,
            world.levers.suppliers,
            offer.any(axis=1),
            served,
            n_suppliers,
            -world.clock.step % self.contract_quarters,
            self.contract_quarters,
            self.numbers,
            looks,
            stands,
        )
        if looks.any():
            self._find(world, looks, supplier, Market(offer, stands, stands.sum(axis=0)), draws)

    def _variety(self, world: World, firms: Floats) -> Floats:
        """Return ``ln(1 + n / supplier_reference)``, shape (R, S)."""
        inputs = world.sectors.inputs
        bought = inputs.sum(axis=0)
        weights = np.divide(inputs, bought, out=np.zeros_like(inputs), where=bought > 0.0)
        suppliers = product(firms * world.employment_scale, weights)
        return logarithm_of_more(suppliers / self.supplier_reference)

    def _find(
        self, world: World, looks: Ints, supplier: Ints, market: Market, draws: Draws
    ) -> None:
        """Let firms find suppliers, and end the ties to those whom they leave."""
        actors, layer = world.actors, world.ties.supply
        seekers = np.flatnonzero(looks)
        circle = self._open_stands(world, seekers, market, draws)
        region, sector = actors.region[circle.rows], actors.sector[circle.rows].astype(np.int64)
        met = np.empty(seekers.size, dtype=np.int64)
        _meet(
            draws.stream("supply.seek"),
            seekers,
            looks,
            actors.table,
            market,
            circle.ring(region * np.int64(world.n_sectors) + sector, market.stands.size).table,
            circle.ring(sector, world.n_sectors).table,
            self.numbers,
            met,
        )
        changes = (met >= 0) & (met != supplier[seekers])
        seekers, met = seekers[changes], met[changes]
        left = np.zeros(actors.n_rows, dtype=np.bool_)
        left[seekers] = True
        layer.keep(~left[layer.second])
        tie(world, "supply", met, seekers)

    def _open_stands(self, world: World, seekers: Ids, market: Market, draws: Draws) -> Circle:
        """Return the stands at which somebody can be met, as circle of the firms' rows."""
        offer, n_stands = market.offer, np.maximum(market.total, 1)
        each = offer.sum(axis=1, keepdims=True)
        chance = np.divide(offer, each, out=np.zeros_like(offer), where=each > 0.0)
        looking = np.bincount(world.actors.sector[seekers], minlength=world.n_sectors)
        wanted = CHOICE * product(looking[None, :].astype(np.float64), chance)[0]
        share = np.minimum(np.maximum(wanted, self.offers) / n_stands, 1.0)
        share[~offer.any(axis=0)] = 0.0
        most = int(np.ceil(share * n_stands).sum() + world.firms().sum())
        rows, position = np.empty(most, dtype=np.int64), np.empty(most)
        stream = draws.stream("supply.stand")
        n = _take_stands(stream, world.actors.table, share, rows, position)
        return Circle(rows[:n], position[:n])


class Market(NamedTuple):
    """Where inputs can be bought."""

    offer: Floats
    """Input coefficients of each sector from other firms at home, shape (S, S), buyers first."""
    stands: Ids
    """Stands by place, open or not, shape (R, S)."""
    total: Ids
    """Stands by sector, shape (S,)."""


def _offer(inputs: Floats, firms: Floats) -> Floats:
    """Return what each sector can buy from other firms at home, shape (S, S), buyers first."""
    n_firms = firms.sum(axis=0)
    others = n_firms[None, :] - np.eye(n_firms.size)
    return np.ascontiguousarray(np.where(others > 0.0, inputs.T, 0.0))


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
    suppliers: Any,
    buys: Any,
    served: Any,
    n_suppliers: Any,
    phase: Any,
    contract: Any,
    numbers: Any,
    looks: Any,
    stands: Any,
) -> None:
    """Set output and stock of all firms, who looks for a supplier, and count the stands."""
    alive, kind, region, sector = actors.alive, actors.kind, actors.region, actors.sector
    ids, size, stock, output = actors.id, actors.size, actors.stock, actors.output
    finds = DT / numbers.search
    for i in range(ids.size):
        if not is_firm(alive, kind, i):
            continue
        r = region[i]
        s = sector[i]
        able = capacity[r, s]
        n = n_suppliers[i]
        stands[r, s] += _n_stands(size[i])
        if n == 0 and not buys[s]:
            stock[i] = NOTHING
            output[i] = able
            continue
        share = served[i] / n if n > 0 else 0.0
        if stock[i] < 0.0:  # it has prepared for this
            stock[i] = numbers.inventory
            if n == 0:
                share = 1.0
                looks[i] = FOR_THE_FIRST_TIME
        elif n == 0:
            looks[i] = draw(stream, ids[i], 0, 0)[0] < finds * suppliers[r, s]
        elif n == 1 and buys[s]:
            looks[i] = ids[i] % contract == phase
        used = min(stock[i], max(able - share, 0.0))
        output[i] = min(able, 1.0 - dependence[r, s] * (1.0 - share - used))
        left = min(stock[i] - used + max(share - able, 0.0), numbers.inventory)
        stock[i] = numbers.inventory if share >= NORMAL else left


@kernel
def _n_stands(size: Any) -> Any:
    """Return the number of stands of a firm."""
    return min(max(np.int64(np.ceil(size / JOBS_PER_STAND)), 1), MOST_STANDS)


@kernel
def _take_stands(stream: Any, actors: Any, share: Any, rows: Any, position: Any) -> Any:
    """Fill in row and position of the open stands and return their number."""
    alive, kind, sector = actors.alive, actors.kind, actors.sector
    ids, size = actors.id, actors.size
    at = 0
    for i in range(ids.size):
        if is_firm(alive, kind, i) and share[sector[i]] > 0.0:
            luck = draw(stream, ids[i], 0, 0)
            n = np.int64(_n_stands(size[i]) * share[sector[i]] + luck[0])
            for lane in range(1, n + 1):
                if lane % 4 == 0:
                    luck = draw(stream, ids[i], 0, lane // 4)
                rows[at] = i
                position[at] = luck[lane % 4]
                at += 1
    return at


@kernel
def _meet(
    stream: Any,
    seekers: Any,
    looks: Any,
    actors: Any,
    market: Any,
    local: Any,
    home: Any,
    numbers: Any,
    met: Any,
) -> None:
    """Fill in the row of the supplier whom each seeker finds, or -1, shape (n,)."""
    ids, region, sector, size = actors.id, actors.region, actors.sector, actors.size
    offer, stands, total = market.offer, market.stands, market.total
    for k in range(seekers.size):
        i = seekers[k]
        _, which, where, point = draw(stream, ids[i], 0, 0)
        q = pick_one(which, offer[sector[i]])
        own = _n_stands(size[i]) if q == sector[i] else 0
        more = (numbers.local - 1.0) * (stands[region[i], q] - own)
        met[k] = -1
        if where * (more + total[q] - own) < more:
            place = region[i] * offer.shape[0] + q
            met[k] = meet_one(local, place, point, i)
        if met[k] < 0:
            met[k] = meet_one(home, q, point, i)
        if met[k] < 0 and looks[i] == FOR_THE_FIRST_TIME:
            actors.stock[i] = NOTHING
