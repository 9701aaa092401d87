"""Mechanism 11, second part: multinationals come, move and are made."""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, Final, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world import newcomers
from clustersim.world.actors import Kind, Origin
from clustersim.world.counts import poisson_one
from clustersim.world.draws import Draws, draw, happens, name_key
from clustersim.world.economy import WAGE
from clustersim.world.elementary import euclidean, exp, log
from clustersim.world.hiring import hire_in_region
from clustersim.world.kernel import kernel
from clustersim.world.types import AnyArray, Floats, Ids, Ints
from clustersim.world.world import DT, World, is_firm

GAP_LIMIT: Final = 2.0
"""Largest difference between two offers that counts, log productivity (assumption)."""
LEAST_JOBS: Final = 1e-9
"""Jobs of other firms below which a firm is alone in its place."""
FAMILIAR_JOBS: Final = 1000.0
"""Jobs of a sector to which the rate of arrivals is stated."""
LAG_LIMIT: Final = -100.0
"""Lowest offer below the best of its sector that still counts, log productivity."""


@final
class Relocation(Mechanism):
    """Multinationals compare regions: some move their plants, others open subsidiaries.

    *What a place offers*, in log productivity, is what its firms make of it less what people cost::

        a_rs = mean ln A of the firms of sector s in r, by jobs - wage_weight ln(wage_r / usual_r)

    usual_r is the wage at the region's cost level and usual unemployment, as in `market`. A place
    without firms of the sector offers nothing that is known. For a firm that is there, the mean is
    over the other firms; if it is alone, mean ln A of the market stands for it.

    *Moves.* A multinational compares its place with `candidates` others of its sector, drawn by
    jobs with replacement. If the best of them offers more by a gap g above `moving_cost`, the firm
    wants to move there with chance ``1 - exp(-move_rate exp(slope min(g, 2)) dt)``. It moves if it
    finds people there. Its people become unemployed where it was. It keeps its identity, knowledge,
    funds, orders and ties, but for memberships and the role of an anchor, and lies near the centre
    of its new district. Footloose plants are why a place that falls behind loses them first.

    *Arrivals.* Foreign multinationals open subsidiaries. In a quarter their number in sector s is
    Poisson, and their region is drawn with weight ``arrivals_rs v_rs``::

        v_rs = J_rs exp(slope (a_rs - max_r a_rs))
        mean = arrival_rate dt J_s / 1000 (sum_r arrivals_rs v_rs) / (sum_r v_rs)

    J_s are the sector's jobs at home. arrivals_rs is a lever of the place: so many times as many
    are expected there, and as many as before in all others. They know the paradigm of the day
    as a founder does, in breadth, but at one high `level`; their R&D intensity is lognormal, by
    `research_mean` and `research_spread`, size Pareto between `smallest` and `largest` jobs, and
    funds are `funds` years of the wage bill, from abroad, whatever banks lend at home.

    *People* come from the unemployed of the region, from all sectors alike. If movers and arrivals
    want more than half of them, each comes only with the chance that half of them makes of what is
    wanted; should those who come still want more than there are, all start smaller. Movers hire
    again what is missing in the next quarter, as far as they find people, since they keep their
    orders. People and jobs are
    conserved.

    *Becoming one.* A firm of `large` jobs or more that belongs to no multinational is bought by
    one, or becomes one, in a quarter with chance ``1 - exp(-join_rate dt)``. The founding makes
    half of the firms with 250 jobs multinational; without this, they would die out.

    Everybody decides on the state at the start of the mechanism.

    Sources: exit of key firms, and multinationals that leave fast, in the decline of the Aalborg
    wireless cluster (Østergaard & Park 2015). Rates and sizes are assumptions: a few per cent of
    multinationals move in a year, and subsidiaries are a small share of entries.
    """

    name: ClassVar[str] = "relocation"
    reads: ClassVar[tuple[str, ...]] = (
        "actors",
        "ties",
        "places.unemployed",
        "places.x",
        "places.y",
        "regions.wage",
        "regions.cost_level",
        "sectors.relevance",
        "sectors.mean_log_productivity",
        "sectors.export_share",
        "flows",
        "levers.arrivals",
    )
    writes: ClassVar[tuple[str, ...]] = ("actors", "ties", "places.unemployed", "flows")

    moves: bool = parameter(
        True, unit="-", meaning="Whether multinationals move.", source="switch for null models"
    )
    arrivals: bool = parameter(
        True, unit="-", meaning="Whether subsidiaries arrive.", source="switch for null models"
    )
    move_rate: float = parameter(
        0.06,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="Hazard of a move for a gap of nearly zero, where moving costs nothing.",
        source="assumption; direction: Østergaard & Park 2015",
    )
    slope: float = parameter(
        2.0,
        low=0.0,
        high=20.0,
        unit="-",
        meaning="How strongly a better offer draws multinationals.",
        source="assumption",
    )
    moving_cost: float = parameter(
        0.1,
        low=0.0,
        high=10.0,
        unit="ln",
        meaning="Gap in log productivity below which no move pays.",
        source="assumption",
    )
    candidates: int = parameter(
        3,
        low=1,
        high=50,
        unit="places",
        meaning="Other places that a multinational looks at in a quarter.",
        source="assumption",
    )
    wage_weight: float = parameter(
        0.6,
        low=0.0,
        high=5.0,
        unit="-",
        meaning="Share of wages in costs: what a wage above the usual takes from an offer.",
        source="assumption: as `market.wage_pressure`",
    )
    arrival_rate: float = parameter(
        0.01,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="Subsidiaries per year and thousand jobs of the sector at home.",
        source="calibrated: jobs of medium firms (F10); below one per cent of entries",
    )
    level: float = parameter(
        0.9,
        low=0.0,
        high=1.0,
        unit="frontier",
        meaning="Level of the fields that a subsidiary knows.",
        source="assumption: the highest of founders in `entry`",
    )
    breadth: float = parameter(
        4.0,
        low=0.1,
        high=50.0,
        unit="-",
        meaning="A field of relevance w is known with chance 1 - (1 - w)**breadth.",
        source="assumption: as in `entry`",
    )
    research_mean: float = parameter(
        0.04,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Mean R&D intensity of subsidiaries.",
        source="assumption: as in `entry`",
    )
    research_spread: float = parameter(
        2.2,
        low=0.0,
        high=5.0,
        unit="ln",
        meaning="Standard deviation of the logarithm of R&D intensity.",
        source="as in `entry`",
    )
    smallest: float = parameter(
        20.0,
        low=0.1,
        high=100_000.0,
        unit="jobs",
        meaning="Smallest subsidiary.",
        source="assumption",
    )
    largest: float = parameter(
        500.0,
        low=1.0,
        high=1_000_000.0,
        unit="jobs",
        meaning="Largest subsidiary.",
        source="assumption",
    )
    tail: float = parameter(
        1.2,
        low=0.2,
        high=5.0,
        unit="-",
        meaning="Exponent of the size distribution of subsidiaries.",
        source="assumption",
    )
    funds: float = parameter(
        1.0,
        low=0.0,
        high=20.0,
        unit="years",
        meaning="Liquid funds of a subsidiary, years of the wage bill.",
        source="assumption: as in `entry`",
    )
    district_km: float = parameter(
        4.0,
        low=0.01,
        high=1000.0,
        unit="km",
        meaning="Mean distance of a plant to the centre of its new district.",
        source="assumption: as in `entry`",
    )
    large: float = parameter(
        250.0,
        low=0.0,
        high=1e6,
        unit="jobs",
        meaning="Size from which a firm may become part of a multinational.",
        source="EU recommendation 2003/361/EC: large firms",
    )
    join_rate: float = parameter(
        0.03,
        low=0.0,
        high=10.0,
        unit="1/year",
        meaning="Hazard with which such a firm does.",
        source="assumption: half of them in 23 years",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Let firms join, move and arrive, all on the state at the start."""
        jobs, total, joiners, multinationals = self._survey(world, draws)
        dear, offer, weight, counts = self._offers(world, jobs, total, draws)
        movers = target = np.empty(0, dtype=np.int64)
        if self.moves and multinationals.size:
            movers, target = self._movers(world, multinationals, jobs, total, offer, dear, draws)
        world.actors.multinational[joiners] = True
        if movers.size == 0 and not counts.any():
            return
        ids, region, sector = self._arriving(world, counts, weight, draws)
        luck = draws.uniforms("relocation.size", ids, 2)
        size = newcomers.pareto_size(luck[:, 0], self.smallest, self.largest, self.tail)
        staff = hire_in_region(
            world,
            np.concatenate([target, region]),
            np.concatenate([world.actors.size[movers], size]),
            np.concatenate(
                [draws.uniform("relocation.staff", world.actors.id[movers]), luck[:, 1]]
            ),
        )
        moved = staff[: movers.size] > 0.0
        self._move(world, movers[moved], target[moved], staff[: movers.size][moved], draws)
        came = staff[movers.size :] > 0.0
        self._admit(world, ids[came], region[came], sector[came], staff[movers.size :][came], draws)

    def _survey(self, world: World, draws: Draws) -> tuple[Floats, Floats, Ids, Ids]:
        """Return jobs and the sum of ``size ln A`` by place, who joins, and who belongs already."""
        actors = world.actors
        jobs, total = np.zeros((2, world.n_regions, world.n_sectors))
        joiners, multinationals = _survey(
            draws.stream("relocation.join"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.region,
            actors.sector,
            actors.size,
            actors.log_productivity,
            actors.multinational,
            self.numbers,
            jobs,
            total,
        )
        return jobs, total, joiners, multinationals

    def _offers(
        self, world: World, jobs: Floats, total: Floats, draws: Draws
    ) -> tuple[Floats, Floats, Floats, Ids]:
        """Return what people cost by region, offers, weights of arrivals, and their number."""
        regions = world.regions
        offer, weight = np.empty((2, *jobs.shape))
        dear, counts = np.empty(world.n_regions), np.empty(world.n_sectors, dtype=np.int64)
        _offers(
            draws.stream("relocation.arrive"),
            _keys(world.sectors.names),
            jobs,
            total,
            regions.wage,
            regions.cost_level,
            world.levers.arrivals,
            self.numbers,
            dear,
            offer,
            weight,
            counts,
        )
        return dear, offer, weight, counts

    def _movers(
        self,
        world: World,
        rows: Ids,
        jobs: Floats,
        total: Floats,
        offer: Floats,
        dear: Floats,
        draws: Draws,
    ) -> tuple[Ids, Ids]:
        """Return which of some multinationals want to move, and where to."""
        actors = world.actors
        movers, target = _look_around(
            rows,
            actors.id,
            actors.region,
            actors.sector,
            actors.size,
            actors.log_productivity,
            jobs,
            total,
            offer,
            dear,
            world.sectors.mean_log_productivity,
            draws.streams(("relocation.move", "relocation.compare")),
            self.numbers,
        )
        return movers, target

    def _arriving(
        self, world: World, counts: Ids, weight: Floats, draws: Draws
    ) -> tuple[Ids, Ints, Ids]:
        """Return identity, region and sector of the subsidiaries that are to come."""
        sector = np.repeat(np.arange(counts.size), counts)
        ordinal = np.arange(sector.size) - np.repeat(np.cumsum(counts) - counts, counts)
        key = _keys(world.sectors.names)
        ids = draws.identities("relocation.arrive", key[sector], ordinal)
        region = newcomers.pick(
            draws.uniform("relocation.where", ids), np.ascontiguousarray(weight.T[sector])
        )
        return ids, region, sector

    def _move(self, world: World, rows: Ids, region: Ints, size: Floats, draws: Draws) -> None:
        actors, places = world.actors, world.places
        old = (actors.region[rows], actors.sector[rows])
        np.add.at(places.unemployed, old, actors.size[rows])
        np.add.at(world.flows.relocations, old, 1.0)
        actors.size[rows] = size
        actors.region[rows] = region
        actors.anchor[rows] = False
        x, y = self._near(world, actors.id[rows], region, old[1], draws)
        actors.x[rows] = x
        actors.y[rows] = y
        moved = np.zeros(actors.n_rows, dtype=np.bool_)
        moved[rows] = True
        world.ties.membership.keep(~moved[world.ties.membership.first])
        for _, layer in world.ties:
            first, second = layer.first, layer.second
            longer = np.flatnonzero(moved[first] | moved[second])
            one, other = first[longer], second[longer]
            layer.km[longer] = euclidean(
                actors.x[one] - actors.x[other], actors.y[one] - actors.y[other]
            )

    def _admit(
        self, world: World, ids: Ids, region: Ints, sector: Ints, size: Floats, draws: Draws
    ) -> None:
        if ids.size == 0:
            return
        sectors = world.sectors
        needed = sectors.relevance[sector]
        niche = newcomers.pick(draws.uniform("relocation.niche", ids), needed)
        knowledge = newcomers.founder_knowledge(
            draws.uniforms("relocation.knowledge", ids, world.n_fields),
            needed,
            niche,
            self.level,
            self.level,
            self.breadth,
        )
        luck = draws.uniforms("relocation.research", ids, 2)
        x, y = self._near(world, ids, region, sector, draws)
        np.add.at(world.flows.entries, (region, sector), 1.0)
        np.add.at(world.flows.subsidiaries, (region, sector), 1.0)
        columns: dict[str, AnyArray] = {
            "id": ids,
            "kind": np.full(ids.size, Kind.FIRM),
            "region": region,
            "sector": sector,
            "niche": niche,
            "origin": np.full(ids.size, Origin.SUBSIDIARY),
            "x": x,
            "y": y,
            "birth": np.full(ids.size, world.clock.step),
            "size": size,
            "orders": size,
            "cash": self.funds * size * world.regions.wage[region],
            "research": newcomers.research_intensity(
                luck, self.research_mean, self.research_spread
            ),
            "log_productivity": sectors.mean_log_productivity[sector],
            "export_share": sectors.export_share[sector],
            "multinational": np.full(ids.size, True),
        }
        world.actors.admit(columns, knowledge)

    def _near(
        self, world: World, ids: Ids, region: Ints, sector: Ints, draws: Draws
    ) -> tuple[Floats, Floats]:
        luck = draws.uniforms("relocation.position", ids, 2)
        places = world.places
        return newcomers.around(
            luck, places.x[region, sector], places.y[region, sector], self.district_km
        )


@cache
def _keys(names: tuple[str, ...]) -> Ids:
    """Return the numbers of some names, shape (n,)."""
    return np.array([name_key(name) for name in names], dtype=np.int64)


@kernel
def _survey(
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    region: Any,
    sector: Any,
    size: Any,
    log_productivity: Any,
    multinational: Any,
    numbers: Any,
    jobs: Any,
    total: Any,
) -> Any:
    """Fill in jobs and the sum of ``size ln A`` by place, shape (R, S) each.

    Returns the rows of those who join a multinational now, and of those who belong to one already.
    """
    joiners, members = np.empty((2, alive.size), dtype=np.int64)
    n_joiners = n_members = 0
    for i in range(alive.size):
        if not is_firm(alive, kind, i):
            continue
        jobs[region[i], sector[i]] += size[i]
        total[region[i], sector[i]] += size[i] * log_productivity[i]
        if multinational[i]:
            members[n_members] = i
            n_members += 1
        elif size[i] >= numbers.large and happens(
            draw(stream, ids[i], 0, 0)[0], numbers.join_rate * DT
        ):
            joiners[n_joiners] = i
            n_joiners += 1
    return joiners[:n_joiners], members[:n_members]


@kernel
def _offers(
    stream: Any,
    key: Any,
    jobs: Any,
    total: Any,
    wage: Any,
    cost_level: Any,
    arrivals: Any,
    numbers: Any,
    dear: Any,
    offer: Any,
    weight: Any,
    counts: Any,
) -> None:
    """Fill in what people cost, what places offer, and weights and number of arrivals."""
    for r in range(dear.size):
        dear[r] = numbers.wage_weight * log(wage[r] / (WAGE * cost_level[r]))
    rate = numbers.arrival_rate if numbers.arrivals else 0.0
    for s in range(counts.size):
        best = -np.inf
        for r in range(dear.size):
            offer[r, s] = -np.inf
            if jobs[r, s] > 0.0:
                offer[r, s] = total[r, s] / jobs[r, s] - dear[r]
                best = max(best, offer[r, s])
        at_home = usual = weighted = 0.0
        for r in range(dear.size):
            weight[r, s] = 0.0
            if jobs[r, s] > 0.0:
                lag = max(offer[r, s] - best, LAG_LIMIT)
                attracted = jobs[r, s] * exp(numbers.slope * lag)
                weight[r, s] = attracted * arrivals[r, s]
                at_home += jobs[r, s]
                usual += attracted
                weighted += weight[r, s]
        more = weighted / usual if usual > 0.0 else 1.0
        mean = rate * DT * at_home / FAMILIAR_JOBS * more
        counts[s] = poisson_one(draw(stream, key[s], 0, 0)[0], mean)


@kernel
def _look_around(
    rows: Any,
    ids: Any,
    region: Any,
    sector: Any,
    sizes: Any,
    log_productivity: Any,
    jobs: Any,
    total: Any,
    offer: Any,
    dear: Any,
    mean: Any,
    luck: Any,
    numbers: Any,
) -> Any:
    """Return which of some multinationals want to move, and where to."""
    weight = np.empty(jobs.shape[0])
    movers, target = np.empty((2, rows.size), dtype=np.int64)
    n = 0
    for i in rows:
        home, s, size = region[i], sector[i], sizes[i]
        others = jobs[home, s] - size
        own = mean[s]
        if others > LEAST_JOBS:
            own = (total[home, s] - size * log_productivity[i]) / others
        own -= dear[home]
        weight[:] = jobs[:, s]
        weight[home] = 0.0
        best = -np.inf
        chosen = -1
        for c in range(numbers.candidates):
            r = newcomers.pick_one(draw(luck[1], ids[i], 0, c // 4)[c % 4], weight)
            if weight[r] > 0.0 and offer[r, s] > best:
                best = offer[r, s]
                chosen = r
        gap = best - own
        if chosen >= 0 and gap > numbers.moving_cost:
            hazard = numbers.move_rate * exp(numbers.slope * min(gap, GAP_LIMIT))
            if happens(draw(luck[0], ids[i], 0, 0)[0], hazard * DT):
                movers[n], target[n] = i, chosen
                n += 1
    return movers[:n], target[:n]
