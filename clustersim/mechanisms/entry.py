"""Mechanism 11: entry of start-ups, spin-offs and university spin-offs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world import newcomers
from clustersim.world.actors import Kind, Origin
from clustersim.world.draws import Draws, draw, happens
from clustersim.world.elementary import (
    exp,
    growth,
    log,
    log_factorial,
    power_bound,
    powers,
)
from clustersim.world.kernel import kernel
from clustersim.world.linear import cosine, product
from clustersim.world.threads import spread
from clustersim.world.types import AnyArray, Floats, Ids, Ints, Knowledge
from clustersim.world.world import DT, World, is_firm

RELEVANT = 0.01
"""Relevance above which a university's spin-off takes a field along (assumption)."""
MATCH = 4
"""Power of the cosine by which a university's spin-off finds its sector: sharp (assumption)."""
LEAD_LIMIT = 2.0
"""Largest lead or lag in log productivity that counts for spin-offs (assumption)."""
REFERENCE_JOBS = 10.0
"""Size to which rates of entry are stated, jobs: sector jobs over this are "firms" (assumption,
near the mean size of firms)."""


@dataclass
class _Cohort:
    """Newcomers of one kind: one value each, shape (n,); knowledge (n, M)."""

    ids: Ids
    region: Ints
    sector: Ints
    niche: Ints
    x: Floats
    y: Floats
    knowledge: Knowledge
    research: Floats
    log_productivity: Floats
    parent: Ids
    origin: Ints


@final
class Entry(Mechanism):
    """New firms: start-ups where there is opportunity, spin-offs near their parents.

    *Start-ups.* In region r and sector s their number in a quarter is Poisson with mean
    ``start_up_rate dt (J_s / 10) share_rs``, where J_s are the sector's jobs at home and::

        share_rs = own J_rs / J_s + related B_rs / sum_r B_rs + (1 - own - related) J_r / sum_r J_r

    B_rs = sum_q cos(w_s, w_q) J_rq over the other sectors q: related presence. A term without any
    jobs behind it is left out; if own and related add up to more than one, they are scaled down to
    one. A start-up knows the paradigm of its day: its main field is drawn by relevance, other
    fields are known with chance ``1 - (1 - w_sm)**breadth``, at levels between `knowledge_low` and
    `knowledge_high`. It lies near the centre of its district, and begins with the market's mean log
    productivity.

    *Spin-offs.* An incumbent has one in a quarter with chance ``1 - exp(-h_i dt)``::

        h_i = spin_off_rate exp(quality_slope l_i) (a_i / a*) exp(1 - a_i / a*)
              (size_i / 10)**size_slope

    l_i = ln A_i - mean_s between -2 and 2; a_i is the parent's age with peak a* (inverted U); a
    firm without jobs has none. With chance ``local`` it stays near its parent, else its region is
    drawn by population and it lies near the centre of its district there. With chance
    ``diversification`` it enters another sector, drawn by relatedness. It inherits
    ``k_m (1 - forgetting u_m)``, u_m uniform, and with chance ``idea`` one field more, drawn by
    relevance, at the level of a founder. It begins with its parent's log productivity; adoption,
    quality and the anchor's role are not inherited.

    *University spin-offs* come at ``university_rate`` times research quality per university and
    year, real ones, so that a simulated one, which stands for many, is as much rarer; in the
    sector drawn by ``cos(k, w_s)**4``, near the university, with what it knows of the relevant
    fields (w > 0.01) less the same forgetting, and the market's mean log productivity.

    *R&D intensity* is drawn, exponential with mean ``research_mean``: R for a start-up, half of R
    and half of the parent's for a spin-off, twice R (at most 1) for one of a university.

    *Size* is Pareto between ``smallest`` and ``largest`` jobs. People come from the unemployed of
    the region, from all sectors alike. If newcomers want more than half of them, each starts only
    with the chance that half of them makes of what is wanted; should those who start still want
    more than there are, all start smaller. Funds are ``funds`` years of the wage bill. The main
    field of a spin-off is that of the highest ``w_sm k_im``. A sector that home has no market in is
    entered by nobody.

    An identity comes from what made the firm (place and ordinal, or parent) and the step.

    Sources: Klepper 2007, 2010 and Golman & Klepper 2016 (spin-offs: quality, location,
    inheritance); Capone, Malerba & Orsenigo 2019 (inverted U in age); Frenken et al. 2007 (related
    presence). Births of 10 to 10.7 % of firms a year: Eurostat. Shares: assumptions.
    """

    name: ClassVar[str] = "entry"
    reads: ClassVar[tuple[str, ...]] = (
        "actors",
        "places.unemployed",
        "places.key",
        "places.x",
        "places.y",
        "regions.population",
        "regions.wage",
        "sectors.demand_start",
        "sectors.relevance",
        "sectors.mean_log_productivity",
        "sectors.export_share",
        "flows",
    )
    writes: ClassVar[tuple[str, ...]] = ("actors", "places.unemployed", "flows")

    start_ups: bool = parameter(
        True, unit="-", meaning="Whether there are start-ups.", source="switch for null models"
    )
    spin_offs: bool = parameter(
        True,
        unit="-",
        meaning="Whether there are spin-offs of firms and universities.",
        source="switch for null models",
    )
    start_up_rate: float = parameter(
        0.155,
        low=0.0,
        high=2.0,
        unit="1/year",
        meaning="Start-ups per year and ten jobs of the sector.",
        source="calibrated: with spin-offs, births near 10 % of firms a year (F7)",
    )
    own: float = parameter(
        0.15,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of start-ups that go where the sector is.",
        source="assumption; direction: Delgado, Porter & Stern 2010",
    )
    related: float = parameter(
        0.2,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of start-ups that go where related sectors are; what is left goes by jobs.",
        source="assumption; direction: Frenken et al. 2007",
    )
    spin_off_rate: float = parameter(
        0.04,
        low=0.0,
        high=2.0,
        unit="1/year",
        meaning="Hazard of a spin-off from an average firm of ten jobs at the best age.",
        source="assumption; 0.03 to 0.055 gave life cycles in exploratory runs",
    )
    quality_slope: float = parameter(
        1.0,
        low=0.0,
        high=5.0,
        unit="-",
        meaning="How strongly a parent's productivity raises its hazard of spin-offs.",
        source="assumption; direction: Klepper 2007",
    )
    best_age: float = parameter(
        12.0,
        low=1.0,
        high=100.0,
        unit="years",
        meaning="Age at which firms have most spin-offs.",
        source="assumption; inverted U: Capone, Malerba & Orsenigo 2019",
    )
    size_slope: float = parameter(
        0.3,
        low=0.0,
        high=1.5,
        unit="-",
        meaning="Elasticity of the spin-off hazard to the parent's jobs.",
        source="assumption; direction: Klepper 2007",
    )
    local: float = parameter(
        0.85,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of spin-offs that stay in the parent's region.",
        source="Klepper 2010 and others: eight or nine of ten",
    )
    diversification: float = parameter(
        0.08,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of spin-offs that enter another, related sector.",
        source="assumption",
    )
    forgetting: float = parameter(
        0.3,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Largest loss of a field's knowledge between parent and spin-off.",
        source="assumption",
    )
    idea: float = parameter(
        0.6,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of spin-offs founded on a field that the parent may not know.",
        source="assumption",
    )
    university_rate: float = parameter(
        0.6,
        low=0.0,
        high=100.0,
        unit="1/year",
        meaning="Spin-offs of a university of the best research quality.",
        source="assumption",
    )
    knowledge_low: float = parameter(
        0.2,
        low=0.0,
        high=1.0,
        unit="frontier",
        meaning="Least level of a field that a founder knows.",
        source="assumption",
    )
    knowledge_high: float = parameter(
        0.9,
        low=0.0,
        high=1.0,
        unit="frontier",
        meaning="Highest level of a field that a founder knows.",
        source="assumption",
    )
    breadth: float = parameter(
        4.0,
        low=0.1,
        high=50.0,
        unit="-",
        meaning="A field of relevance w is known with chance 1 - (1 - w)**breadth.",
        source="assumption",
    )
    research_mean: float = parameter(
        0.04,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Mean R&D intensity of newcomers; exponentially spread.",
        source="assumption",
    )
    smallest: float = parameter(
        1.0,
        low=0.1,
        high=1000.0,
        unit="jobs",
        meaning="Smallest newcomer.",
        source="sizes of firms (F10): nine of ten are micro firms, most of them one person",
    )
    largest: float = parameter(
        60.0,
        low=1.0,
        high=100_000.0,
        unit="jobs",
        meaning="Largest newcomer.",
        source="assumption",
    )
    tail: float = parameter(
        2.0,
        low=0.2,
        high=5.0,
        unit="-",
        meaning="Exponent of the size distribution of newcomers.",
        source="calibrated: sizes of firms (F10)",
    )
    funds: float = parameter(
        1.0,
        low=0.0,
        high=20.0,
        unit="years",
        meaning="Liquid funds at birth, years of the wage bill.",
        source="assumption: a year of wages",
    )
    district_km: float = parameter(
        4.0,
        low=0.01,
        high=1000.0,
        unit="km",
        meaning="Mean distance of a newcomer to its parent or the centre of its district.",
        source="assumption",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Let firms enter."""
        cohorts = []
        if self.start_ups:
            cohorts.append(self._start_ups(world, draws))
        if self.spin_offs:
            cohorts.append(self._spin_offs(world, draws))
            cohorts.append(self._university_spin_offs(world, draws))
        cohorts = [cohort for cohort in cohorts if cohort.ids.size]
        if cohorts:
            self._admit(world, _by_place(_joined(cohorts), world.n_sectors), draws)

    def _start_ups(self, world: World, draws: Draws) -> _Cohort:
        jobs = world.jobs()
        mean = (
            self.start_up_rate * DT * jobs.sum(axis=0) / REFERENCE_JOBS * self._shares(world, jobs)
        )
        keys = world.places.key.ravel()
        counts = np.zeros(jobs.size, dtype=np.int64)
        poisson(draws.uniform("entry.start_up", keys), mean.ravel(), counts)
        place = np.repeat(np.arange(jobs.size), counts)
        ordinal = np.arange(place.size) - np.repeat(np.cumsum(counts) - counts, counts)
        ids = draws.identities("entry.start_up", keys[place], ordinal)
        region, sector = np.divmod(place, world.n_sectors)
        needed = world.sectors.relevance[sector]
        niche = newcomers.pick(draws.uniform("entry.niche", ids), needed)
        x, y = self._near(
            world.places.x[region, sector], world.places.y[region, sector], ids, draws
        )
        return _Cohort(
            ids=ids,
            region=region,
            sector=sector,
            niche=niche,
            x=x,
            y=y,
            knowledge=newcomers.founder_knowledge(
                draws.uniforms("entry.knowledge", ids, world.n_fields),
                needed,
                niche,
                self.knowledge_low,
                self.knowledge_high,
                self.breadth,
            ),
            research=self._research(ids, draws),
            log_productivity=world.sectors.mean_log_productivity[sector],
            parent=np.full(ids.size, -1),
            origin=np.full(ids.size, Origin.START_UP),
        )

    def _shares(self, world: World, jobs: Floats) -> Floats:
        """Return where the start-ups of each sector go, shape (R, S)."""
        alike = relatedness(world.sectors.relevance)
        np.fill_diagonal(alike, 0.0)
        presence = product(jobs, alike)
        anywhere = np.repeat(jobs.sum(axis=1, keepdims=True), jobs.shape[1], axis=1)
        most = max(self.own + self.related, 1.0)
        own, related = self.own / most, self.related / most
        shares = np.zeros_like(jobs)
        bases = ((own, jobs), (related, presence), (max(1.0 - own - related, 0.0), anywhere))
        for weight, basis in bases:
            total = basis.sum(axis=0, keepdims=True)
            shares += weight * np.divide(basis, total, out=np.zeros_like(jobs), where=total > 0.0)
        return shares

    def _spin_offs(self, world: World, draws: Draws) -> _Cohort:
        actors = world.actors
        spins = np.zeros(actors.n_rows, dtype=np.bool_)
        spread(
            _spinning,
            actors.n_rows,
            draws.stream("entry.spin_off"),
            actors.table,
            world.sectors.mean_log_productivity,
            world.clock.step,
            self.numbers,
            spins,
        )
        parents = np.flatnonzero(spins)
        ids = draws.identities("entry.spin_off", actors.id[parents], np.zeros_like(parents))
        lanes = draws.uniforms("entry.spin_off_where", ids, 4)
        moves = lanes[:, 0] >= self.local
        far = newcomers.pick(lanes[:, 1], _repeat(world.regions.population, ids.size))
        region = np.where(moves, far, actors.region[parents])
        alike = relatedness(world.sectors.relevance) * _at_home(world)
        np.fill_diagonal(alike, 0.0)
        home = actors.sector[parents]
        branches = (lanes[:, 2] < self.diversification) & (alike.sum(axis=1)[home] > 0.0)
        sector = np.where(branches, newcomers.pick(lanes[:, 3], alike[home]), home)
        knowledge = self._inherited(world, parents, ids, sector, draws)
        x, y = self._near(
            np.where(moves, world.places.x[region, sector], actors.x[parents]),
            np.where(moves, world.places.y[region, sector], actors.y[parents]),
            ids,
            draws,
        )
        return _Cohort(
            ids=ids,
            region=region,
            sector=sector,
            niche=main_field(knowledge, world.sectors.relevance[sector]),
            x=x,
            y=y,
            knowledge=knowledge,
            research=0.5 * actors.research[parents] + 0.5 * self._research(ids, draws),
            log_productivity=actors.log_productivity[parents],
            parent=actors.id[parents],
            origin=np.full(ids.size, Origin.SPIN_OFF),
        )

    def _inherited(
        self, world: World, parents: Ids, ids: Ids, sector: Ints, draws: Draws
    ) -> Knowledge:
        """Return the parents' knowledge less what is forgotten, and perhaps one new idea."""
        lost = self.forgetting * draws.uniforms("entry.forget", ids, world.n_fields)
        knowledge = np.asarray(world.actors.knowledge[parents] * (1.0 - lost))
        lanes = draws.uniforms("entry.idea", ids, 3)
        field = newcomers.pick(lanes[:, 1], world.sectors.relevance[sector])
        level = self.knowledge_low + (self.knowledge_high - self.knowledge_low) * lanes[:, 2]
        has_idea = np.flatnonzero(lanes[:, 0] < self.idea)
        at = (has_idea, field[has_idea])
        knowledge[at] = np.maximum(knowledge[at], level[has_idea])
        return knowledge

    def _university_spin_offs(self, world: World, draws: Draws) -> _Cohort:
        actors = world.actors
        universities = actors.rows(Kind.UNIVERSITY)
        rate = self.university_rate / world.employment_scale
        chance = -growth(-rate * actors.quality[universities] * DT)
        luck = draws.uniform("entry.university", actors.id[universities])
        parents = universities[luck < chance]
        ids = draws.identities("entry.university", actors.id[parents], np.zeros_like(parents))
        known = actors.knowledge[parents].astype(np.float64)
        match = powers(cosine(known, world.sectors.relevance), MATCH) * _at_home(world)
        sector = newcomers.pick(draws.uniform("entry.university_sector", ids), match)
        needed = world.sectors.relevance[sector]
        lost = self.forgetting * draws.uniforms("entry.forget", ids, world.n_fields)
        knowledge = np.where(needed > RELEVANT, known * (1.0 - lost), 0.0)
        x, y = self._near(actors.x[parents], actors.y[parents], ids, draws)
        return _Cohort(
            ids=ids,
            region=actors.region[parents],
            sector=sector,
            niche=main_field(knowledge, needed),
            x=x,
            y=y,
            knowledge=knowledge,
            research=np.minimum(2.0 * self._research(ids, draws), 1.0),
            log_productivity=world.sectors.mean_log_productivity[sector],
            parent=actors.id[parents],
            origin=np.full(ids.size, Origin.UNIVERSITY_SPIN_OFF),
        )

    def _near(self, x: Floats, y: Floats, ids: Ids, draws: Draws) -> tuple[Floats, Floats]:
        return newcomers.around(draws.uniforms("entry.position", ids, 2), x, y, self.district_km)

    def _research(self, ids: Ids, draws: Draws) -> Floats:
        luck = draws.uniform("entry.research", ids)
        return newcomers.research_intensity(luck, self.research_mean)

    def _admit(self, world: World, cohort: _Cohort, draws: Draws) -> None:
        luck = draws.uniforms("entry.size", cohort.ids, 2)
        wanted = newcomers.pareto_size(luck[:, 0], self.smallest, self.largest, self.tail)
        size = _hire_newcomers(world, cohort.region, wanted, luck[:, 1])
        starts = size > 0.0
        cohort, size = _chosen(cohort, starts), size[starts]
        place = (cohort.region, cohort.sector)
        np.add.at(world.flows.entries, place, 1.0)
        np.add.at(world.flows.spin_offs, place, cohort.origin != Origin.START_UP)
        columns: dict[str, AnyArray] = {
            "id": cohort.ids,
            "kind": np.full(cohort.ids.size, Kind.FIRM),
            "region": cohort.region,
            "sector": cohort.sector,
            "niche": cohort.niche,
            "origin": cohort.origin,
            "x": cohort.x,
            "y": cohort.y,
            "birth": np.full(cohort.ids.size, world.clock.step),
            "parent": cohort.parent,
            "size": size,
            "orders": size,
            "cash": self.funds * size * world.regions.wage[cohort.region],
            "research": cohort.research,
            "log_productivity": cohort.log_productivity,
            "export_share": world.sectors.export_share[cohort.sector],
        }
        world.actors.admit(columns, cohort.knowledge)


def relatedness(relevance: Floats) -> Floats:
    """Return the cosine between the sectors' relevance, shape (S, S), 0 to 1."""
    return cosine(relevance, relevance)


def main_field(knowledge: Knowledge, relevance: Floats) -> Ints:
    """Return the field with the highest ``w k`` of each firm, shape (n,); both are (n, M)."""
    return np.asarray(np.argmax(relevance * knowledge, axis=1), dtype=np.int32)


def _repeat(weights: Floats, n: int) -> Floats:
    return np.broadcast_to(weights, (n, weights.size))


def _joined(cohorts: list[_Cohort]) -> _Cohort:
    names = _Cohort.__dataclass_fields__
    return _Cohort(
        **{name: np.concatenate([getattr(cohort, name) for cohort in cohorts]) for name in names}
    )


def _by_place(cohort: _Cohort, n_sectors: int) -> _Cohort:
    """Return the cohort by place: rows are given in order, so partners stay near in memory."""
    return _chosen(cohort, np.argsort(cohort.region * n_sectors + cohort.sector, kind="stable"))


def _chosen(cohort: _Cohort, which: AnyArray) -> _Cohort:
    return _Cohort(**{name: values[which] for name, values in vars(cohort).items()})


def _at_home(world: World) -> Floats:
    """Return 1 for sectors that home has a market in, else 0, shape (S,)."""
    return np.asarray(world.sectors.demand_start > 0.0, dtype=np.float64)


def _hire_newcomers(world: World, region: Ints, wanted: Floats, luck: Floats) -> Floats:
    """Take the newcomers' people from the unemployed; return their sizes, shape (n,), 0 for none.

    Luck, in [0, 1), decides who starts where people are short.
    """
    unemployed = world.places.unemployed
    needed = np.bincount(region, weights=wanted, minlength=world.n_regions)
    available = unemployed.sum(axis=1)
    chance = np.divide(0.5 * available, needed, out=np.zeros_like(needed), where=needed > 0.0)
    size = np.where(luck < chance[region], wanted, 0.0)
    needed = np.bincount(region, weights=size, minlength=world.n_regions)
    granted = np.minimum(needed, available)
    share = np.divide(granted, needed, out=np.zeros_like(needed), where=needed > 0.0)
    taken = np.divide(granted, available, out=np.zeros_like(needed), where=available > 0.0)
    unemployed *= 1.0 - taken[:, None]
    return np.asarray(size * share[region])


@kernel
def poisson(luck: Any, mean: Any, out: Any) -> None:
    """Fill `out` with Poisson counts by the inverse distribution, shape (n,).

    The sum over the distribution starts twelve standard deviations below the mean, where less than
    1e-30 is left out, so that large means do not underflow.
    """
    for i in range(mean.size):
        if mean[i] <= 0.0:
            out[i] = 0
            continue
        count = max(int(mean[i] - 12.0 * np.sqrt(mean[i])), 0)
        chance = exp(count * log(mean[i]) - mean[i] - log_factorial(count))
        reached = chance
        while luck[i] >= reached and count < mean[i] + 12.0 * np.sqrt(mean[i]) + 50.0:
            count += 1
            chance *= mean[i] / count
            reached += chance
        out[i] = count


@kernel
def _spinning(
    first_row: Any,
    last_row: Any,
    stream: Any,
    actors: Any,
    mean: Any,
    step: Any,
    numbers: Any,
    spins: Any,
) -> None:
    alive, kind, sector, ids = actors.alive, actors.kind, actors.sector, actors.id
    birth, size, log_productivity = actors.birth, actors.size, actors.log_productivity
    # Highest at the best age and with the largest lead that counts.
    most = numbers.spin_off_rate * exp(numbers.quality_slope * LEAD_LIMIT) * DT
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i) and size[i] > 0.0:
            luck = draw(stream, ids[i], 0, 0)[0]
            if luck >= most * power_bound(size[i] / REFERENCE_JOBS, numbers.size_slope):
                continue
            age = (step - birth[i]) * DT / numbers.best_age
            lead = min(max(log_productivity[i] - mean[sector[i]], -LEAD_LIMIT), LEAD_LIMIT)
            large = log(size[i] / REFERENCE_JOBS)
            drive = numbers.quality_slope * lead + 1.0 - age + numbers.size_slope * large
            hazard = numbers.spin_off_rate * age * exp(drive)
            spins[i] = happens(luck, hazard * DT)
