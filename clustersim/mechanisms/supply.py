"""Mechanism 3: suppliers, nearby and of key inputs."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.draws import Draws, draw, key_of
from clustersim.world.elementary import log1p
from clustersim.world.first_ties import tie
from clustersim.world.kernel import kernel
from clustersim.world.linear import column_sums, row_sums
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

CHOICE = 4.0
"""Open stands for each firm that is expected to look for one."""

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
        actors, firms, capacity = world.actors, world.firms(), world.conditions.output
        dependence, stands = np.empty(firms.shape), np.zeros(firms.shape)
        _set_variety(
            firms,
            capacity,
            world.sectors.inputs,
            world.employment_scale,
            self.numbers,
            world.places.supply_advantage,
            dependence,
        )
        n_rows = actors.n_rows
        served, n_suppliers = np.zeros(n_rows), np.zeros(n_rows, dtype=np.int32)
        supplier = np.full(n_rows, -1, dtype=np.int32)
        offer = np.zeros((world.n_sectors, world.n_sectors))
        if self.key_suppliers:
            _fill_offer(world.sectors.inputs, firms, offer)
            ties = world.ties.supply
            _serve(ties.first, ties.second, actors.output, served, n_suppliers, supplier)
        seekers, first_time = _produce(
            draws.stream("supply.seek"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.region,
            actors.sector,
            actors.size,
            capacity,
            dependence,
            world.levers.suppliers,
            offer,
            served,
            n_suppliers,
            -world.clock.step % self.contract_quarters,
            self.contract_quarters,
            self.numbers,
            stands,
            actors.stock,
            actors.output,
        )
        if seekers.size:
            self._find(world, seekers, first_time, supplier, Market(offer, stands), draws)

    def _find(
        self,
        world: World,
        seekers: Ids,
        first_time: Flags,
        supplier: Ints,
        market: Market,
        draws: Draws,
    ) -> None:
        """Let firms find suppliers, and end the ties to those whom they leave."""
        actors, layer = world.actors, world.ties.supply
        rows, position, place, sector = _take_stands(
            draws.stream("supply.stand"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.region,
            actors.sector,
            actors.size,
            seekers,
            market,
            self.offers,
        )
        circle = Circle(rows, position)
        buyers, suppliers = _meet(
            draws.stream("supply.seek"),
            seekers,
            first_time,
            supplier,
            actors.id,
            actors.region,
            actors.sector,
            actors.size,
            market,
            circle.ring(place, market.stands.size).table,
            circle.ring(sector, world.n_sectors).table,
            self.numbers,
            actors.stock,
        )
        left = np.zeros(actors.n_rows, dtype=np.bool_)
        left[buyers] = True
        layer.keep(~left[layer.second])
        tie(world, "supply", suppliers, buyers)


class Market(NamedTuple):
    """Where inputs can be bought."""

    offer: Floats
    """Input coefficients of each sector from other firms at home, shape (S, S), buyers first."""
    stands: Floats
    """Number of stands by place, open or not, shape (R, S)."""


@kernel
def _set_variety(
    firms: Any,
    capacity: Any,
    inputs: Any,
    employment_scale: Any,
    numbers: Any,
    advantage: Any,
    dependence: Any,
) -> None:
    """Set what variety adds, and what share of output hangs on the key input, by place."""
    bought = column_sums(inputs)
    for r in range(firms.shape[0]):
        for s in range(firms.shape[1]):
            nearby, at_hand = 0.0, 0.0
            for q in range(firms.shape[1]):
                weight = inputs[q, s] / bought[s] if bought[s] > 0.0 else 0.0
                nearby += firms[r, q] * employment_scale * weight
                at_hand += firms[r, q] * capacity[r, q] * employment_scale * weight
            advantage[r, s] = numbers.variety_gain * log1p(nearby / numbers.supplier_reference)
            safety = numbers.substitution * log1p(at_hand / numbers.supplier_reference)
            dependence[r, s] = numbers.dependence / (1.0 + safety)


@kernel
def _fill_offer(inputs: Any, firms: Any, offer: Any) -> None:
    """Fill in what each sector can buy from other firms at home, shape (S, S), buyers first."""
    n_firms = column_sums(firms)
    for s in range(n_firms.size):
        for q in range(n_firms.size):
            others = n_firms[q] - 1.0 if q == s else n_firms[q]
            if others > 0.0:
                offer[s, q] = inputs[q, s]


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
    alive: Any,
    ids: Any,
    kind: Any,
    region: Any,
    sector: Any,
    size: Any,
    capacity: Any,
    dependence: Any,
    suppliers: Any,
    offer: Any,
    served: Any,
    n_suppliers: Any,
    phase: Any,
    contract: Any,
    numbers: Any,
    stands: Any,
    stock: Any,
    output: Any,
) -> Any:
    """Set output and stock of all firms, and count the stands.

    Returns the rows of those who look for a supplier, and whether it is their first.
    """
    key = key_of(stream)
    seekers, first_time = np.empty(ids.size, dtype=np.int64), np.empty(ids.size, dtype=np.bool_)
    n_seekers = 0
    buys = row_sums(offer) > 0.0
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
        is_new = stock[i] < 0.0
        looks = False
        if is_new:  # it has prepared for this
            stock[i] = numbers.inventory
            if n == 0:
                share = 1.0
                looks = True
        elif n == 0:
            looks = draw(key, ids[i], 0, 0)[0] < finds * suppliers[r, s]
        elif n == 1 and buys[s]:
            looks = ids[i] % contract == phase
        if looks:
            seekers[n_seekers], first_time[n_seekers] = i, is_new
            n_seekers += 1
        used = min(stock[i], max(able - share, 0.0))
        output[i] = min(able, 1.0 - dependence[r, s] * (1.0 - share - used))
        left = min(stock[i] - used + max(share - able, 0.0), numbers.inventory)
        stock[i] = numbers.inventory if share >= NORMAL else left
    return seekers[:n_seekers].copy(), first_time[:n_seekers].copy()


@kernel
def _n_stands(size: Any) -> Any:
    """Return the number of stands of a firm."""
    return min(max(np.int64(np.ceil(size / JOBS_PER_STAND)), 1), MOST_STANDS)


@kernel
def _take_stands(
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    region: Any,
    sector: Any,
    size: Any,
    seekers: Any,
    market: Any,
    least: Any,
) -> Any:
    """Return row, place on the ring, place and sector of the open stands, shape (n,) each."""
    n_stands = column_sums(market.stands)
    share = _open_shares(sector, seekers, market.offer, n_stands, least)
    most = np.int64(np.ceil(share * n_stands).sum()) + ids.size  # each firm may gain one by luck
    rows, position = np.empty(most, dtype=np.int64), np.empty(most)
    places, sectors = np.empty(most, dtype=np.int64), np.empty(most, dtype=np.int64)
    key = key_of(stream)
    at = 0
    for i in range(ids.size):
        if is_firm(alive, kind, i) and share[sector[i]] > 0.0:
            luck = draw(key, ids[i], 0, 0)
            n = np.int64(_n_stands(size[i]) * share[sector[i]] + luck[0])
            for lane in range(1, n + 1):
                if lane % 4 == 0:
                    luck = draw(key, ids[i], 0, lane // 4)
                rows[at] = i
                position[at] = luck[lane % 4]
                places[at] = np.int64(region[i]) * share.size + sector[i]
                sectors[at] = sector[i]
                at += 1
    return rows[:at], position[:at], places[:at], sectors[:at]


@kernel
def _open_shares(sector: Any, seekers: Any, offer: Any, n_stands: Any, least: Any) -> Any:
    """Return the share of each sector's stands that are open, shape (S,)."""
    looking, expected = np.zeros(n_stands.size), np.zeros(n_stands.size)
    for i in seekers:
        looking[sector[i]] += 1.0
    bought, sold = row_sums(offer), column_sums(offer)
    for s in range(looking.size):
        if bought[s] > 0.0:
            for q in range(expected.size):
                expected[q] += looking[s] * (offer[s, q] / bought[s])
    share = np.zeros(n_stands.size)
    for q in range(share.size):
        if sold[q] > 0.0:
            share[q] = min(max(CHOICE * expected[q], least) / max(n_stands[q], 1.0), 1.0)
    return share


@kernel
def _meet(
    stream: Any,
    seekers: Any,
    first_time: Any,
    supplier: Any,
    ids: Any,
    region: Any,
    sector: Any,
    size: Any,
    market: Any,
    local: Any,
    home: Any,
    numbers: Any,
    stock: Any,
) -> Any:
    """Return the rows of those who have found another supplier, and theirs."""
    offer, stands = market.offer, market.stands
    n_stands = column_sums(stands)
    buyers, suppliers = np.empty_like(seekers), np.empty_like(seekers)
    n = 0
    for k in range(seekers.size):
        i = seekers[k]
        _, which, where, point = draw(stream, ids[i], 0, 0)
        q = pick_one(which, offer[sector[i]])
        own = _n_stands(size[i]) if q == sector[i] else 0
        more = (numbers.local - 1.0) * (stands[region[i], q] - own)
        met = -1
        if where * (more + n_stands[q] - own) < more:
            place = region[i] * offer.shape[0] + q
            met = meet_one(local, place, point, i)
        if met < 0:
            met = meet_one(home, q, point, i)
        if met < 0 and first_time[k]:
            stock[i] = NOTHING
        if met >= 0 and met != supplier[i]:
            buyers[n], suppliers[n] = i, met
            n += 1
    return buyers[:n].copy(), suppliers[:n].copy()
