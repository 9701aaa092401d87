"""Mechanism 11: entry of start-ups, spin-offs and university spin-offs."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world import births
from clustersim.world.actors import Kind
from clustersim.world.births import Luck
from clustersim.world.counts import poisson_one
from clustersim.world.draws import Draws, draw, happens, key_of
from clustersim.world.elementary import exp, expm1, log, powers
from clustersim.world.hiring import hire_in_region
from clustersim.world.kernel import kernel
from clustersim.world.linear import cosine, product
from clustersim.world.threads import spread
from clustersim.world.types import AnyArray, Floats, Ids
from clustersim.world.world import DT, World, is_firm, leads

RELEVANT = 0.01
"""Relevance above which a university's spin-off takes a field along (assumption)."""
MATCH = 4
"""Power of the cosine by which a university's spin-off finds its sector: sharp (assumption)."""
LEAD_LIMIT = 2.0
"""Largest lead or lag in log productivity that counts for spin-offs (assumption)."""
REFERENCE_JOBS = 10.0
"""Size to which rates of entry are stated, jobs: sector jobs over this are "firms" (assumption,
near the mean size of firms)."""
DECISIONS = tuple(f"entry.{luck.name.lower()}" for luck in Luck)
"""What luck decides here, in the order of `clustersim.world.births.Luck`."""


@final
class Entry(Mechanism):
    """New firms: start-ups where there is opportunity, spin-offs near their parents.

    *Start-ups.* In region r and sector s their number in a quarter is Poisson with mean
    ``start_up_rate dt (J_s / 10) share_rs start_ups_rs``, where J_s are the sector's jobs at home,
    start_ups_rs is a lever of the place, and::

        share_rs = own J_rs / J_s + related B_rs / sum_r B_rs + (1 - own - related) J_r / sum_r J_r

    B_rs = sum_q cos(w_s, w_q) J_rq over the other sectors q: related presence. A term without any
    jobs behind it is left out; if own and related add up to more than one, they are scaled down to
    one. A start-up knows the paradigm of its day: its main field is drawn by relevance, other
    fields are known with chance ``1 - (1 - w_sm)**breadth``, at levels between `knowledge_low` and
    `knowledge_high`. It lies near the centre of its district, and begins with the market's mean log
    productivity.

    *Spin-offs.* An incumbent has one in a quarter with chance ``1 - exp(-h_i dt)``::

        h_i = spin_off_i spin_off_rate exp(quality_slope l_i) (a_i / a*) exp(1 - a_i / a*)
              (size_i / 10)**size_slope

    spin_off_i is a lever of the parent, l_i = ln A_i - mean_s between -2 and 2; a_i is the parent's
    age with peak a* (inverted U); a firm without jobs has none. With chance ``local`` it stays near
    its parent, else its region is drawn by population and it lies near the centre of its district
    there. With chance ``diversification`` it enters another sector, drawn by relatedness. It
    inherits ``k_m (1 - forgetting u_m)``, u_m uniform, and with chance ``idea`` one field more,
    drawn by relevance, at the level of a founder. It begins with its parent's log productivity;
    adoption, quality and the anchor's role are not inherited.

    *University spin-offs* come at ``spin_off_i university_rate`` times research quality per
    university and year, real ones, so that a simulated one, which stands for many, is as much
    rarer; in the sector drawn by ``cos(k, w_s)**4``, near the university, with what it knows of the
    relevant fields (w > 0.01) less the same forgetting, and the market's mean log productivity.

    *R&D intensity* is lognormal, by ``research_mean`` and ``research_spread``: R for a start-up,
    half of R and half of the parent's own (less what is publicly funded) for a spin-off, twice R
    for one of a university, at most 0.3.

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
        "levers.start_ups",
        "levers.spin_off",
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
        0.16,
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
        meaning="Mean R&D intensity of newcomers.",
        source="assumption",
    )
    research_spread: float = parameter(
        2.2,
        low=0.0,
        high=5.0,
        unit="ln",
        meaning="Standard deviation of the logarithm of R&D intensity.",
        source="share of firms with R&D by size (INE 2014; `newcomers.research_intensity`)",
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
        luck = draws.streams(DECISIONS)
        alike = relatedness(world.sectors.relevance)
        np.fill_diagonal(alike, 0.0)
        counts = np.zeros((world.n_regions, world.n_sectors), dtype=np.int64)
        if self.start_ups:
            self._count_start_ups(world, alike, luck, counts)
        firms = universities = np.empty(0, dtype=np.int64)
        if self.spin_offs:
            firms = self._parents(world, luck)
            universities = self._academic_parents(world, luck)
        n_start_ups = int(counts.sum())
        n = n_start_ups + firms.size + universities.size
        if n == 0:
            return
        cohort = births.Cohort.of(n, world.n_fields)
        if n_start_ups:
            self._make_start_ups(world, cohort, counts, luck)
        if firms.size:
            self._make_spin_offs(world, cohort, n_start_ups, firms, alike, luck)
        if universities.size:
            self._make_university_spin_offs(
                world, cohort, n - universities.size, universities, luck
            )
        self._admit(world, cohort, luck)

    def _count_start_ups(self, world: World, alike: Floats, luck: AnyArray, counts: Ids) -> None:
        jobs = world.jobs()
        _count_start_ups(
            luck[Luck.START_UP],
            world.places.key,
            self.numbers,
            jobs,
            product(jobs, alike),
            jobs.sum(axis=1),
            world.levers.start_ups,
            counts,
        )

    def _parents(self, world: World, luck: AnyArray) -> Ids:
        """Return the rows of the firms that have a spin-off."""
        actors = world.actors
        spins = np.zeros(actors.n_rows, dtype=np.bool_)
        spread(
            _spinning,
            actors.n_rows,
            luck[Luck.SPIN_OFF],
            actors.alive,
            actors.id,
            actors.kind,
            actors.sector,
            actors.birth,
            actors.size,
            actors.log_productivity,
            world.levers.spin_off,
            world.sectors.mean_log_productivity,
            world.clock.step,
            self.numbers,
            spins,
        )
        return np.flatnonzero(spins)

    def _academic_parents(self, world: World, luck: AnyArray) -> Ids:
        """Return the rows of the universities that have a spin-off."""
        actors = world.actors
        spins = np.zeros(actors.n_rows, dtype=np.bool_)
        rate = self.university_rate / world.employment_scale
        stream = luck[Luck.UNIVERSITY]
        _researching(
            stream,
            actors.alive,
            actors.id,
            actors.kind,
            actors.quality,
            world.levers.spin_off,
            rate,
            spins,
        )
        return np.flatnonzero(spins)

    def _make_start_ups(
        self, world: World, cohort: births.Cohort, counts: Ids, luck: AnyArray
    ) -> None:
        places, sectors = world.places, world.sectors
        births.start_ups(
            cohort,
            counts,
            places.key,
            places.x,
            places.y,
            sectors.relevance,
            sectors.mean_log_productivity,
            luck,
            self.numbers,
        )

    def _make_spin_offs(
        self,
        world: World,
        cohort: births.Cohort,
        first: int,
        parents: Ids,
        alike: Floats,
        luck: AnyArray,
    ) -> None:
        actors = world.actors
        births.spin_offs(
            cohort,
            first,
            parents,
            actors.id,
            actors.region,
            actors.sector,
            actors.x,
            actors.y,
            actors.research,
            actors.funded,
            actors.log_productivity,
            actors.knowledge,
            world.places.x,
            world.places.y,
            world.regions.population,
            world.sectors.relevance,
            alike * _at_home(world),
            luck,
            self.numbers,
        )

    def _make_university_spin_offs(
        self, world: World, cohort: births.Cohort, first: int, parents: Ids, luck: AnyArray
    ) -> None:
        actors, sectors = world.actors, world.sectors
        known = actors.knowledge[parents].astype(np.float64)
        match = powers(cosine(known, sectors.relevance), MATCH) * _at_home(world)
        births.university_spin_offs(
            cohort,
            first,
            parents,
            actors.id,
            actors.region,
            actors.x,
            actors.y,
            actors.knowledge,
            sectors.relevance,
            match,
            RELEVANT,
            sectors.mean_log_productivity,
            luck,
            self.numbers,
        )

    def _admit(self, world: World, cohort: births.Cohort, luck: AnyArray) -> None:
        """Let those start who find people: rows are given by place, so partners stay near."""
        actors, flows = world.actors, world.flows
        order, region, wanted, lucky = births.wishes(cohort, world.n_sectors, luck, self.numbers)
        size = hire_in_region(world, region, wanted, lucky)
        births.enter(
            cohort,
            order,
            size,
            actors.allot(int(np.count_nonzero(size))),
            actors.table,
            world.regions.wage,
            world.sectors.export_share,
            self.funds,
            world.clock.step,
            flows.entries,
            flows.spin_offs,
        )


def relatedness(relevance: Floats) -> Floats:
    """Return the cosine between the sectors' relevance, shape (S, S), 0 to 1."""
    return cosine(relevance, relevance)


def _at_home(world: World) -> Floats:
    """Return 1 for sectors that home has a market in, else 0, shape (S,)."""
    return np.asarray(world.sectors.demand_start > 0.0, dtype=np.float64)


@kernel
def _count_start_ups(
    stream: Any,
    key: Any,
    numbers: Any,
    jobs: Any,
    presence: Any,
    region_jobs: Any,
    start_ups: Any,
    counts: Any,
) -> None:
    """Fill in the number of start-ups of each place, shape (R, S)."""
    n_regions, n_sectors = jobs.shape
    rate = numbers.start_up_rate * DT
    most = max(numbers.own + numbers.related, 1.0)
    own, related = numbers.own / most, numbers.related / most
    other = max(1.0 - own - related, 0.0)
    total = np.zeros((3, n_sectors))
    for r in range(n_regions):
        for s in range(n_sectors):
            total[0, s] += jobs[r, s]
            total[1, s] += presence[r, s]
            total[2, s] += region_jobs[r]
    for r in range(n_regions):
        for s in range(n_sectors):
            share = 0.0
            share += own * (jobs[r, s] / total[0, s] if total[0, s] > 0.0 else 0.0)
            share += related * (presence[r, s] / total[1, s] if total[1, s] > 0.0 else 0.0)
            share += other * (region_jobs[r] / total[2, s] if total[2, s] > 0.0 else 0.0)
            mean = rate * total[0, s] / REFERENCE_JOBS * share * start_ups[r, s]
            if mean > 0.0:
                counts[r, s] = poisson_one(draw(stream, key[r, s], 0, 0)[0], mean)


@kernel
def _spinning(
    first_row: Any,
    last_row: Any,
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    sector: Any,
    birth: Any,
    size: Any,
    log_productivity: Any,
    spin_off: Any,
    mean: Any,
    step: Any,
    numbers: Any,
    spins: Any,
) -> None:
    """Fill in which firms have a spin-off, shape (n,)."""
    key = key_of(stream)
    part = slice(first_row, last_row)
    lead = leads(first_row, last_row, alive, kind, sector, log_productivity, mean)
    hazard = _hazards(lead, birth[part], size[part], step, numbers)
    for i in range(first_row, last_row):
        if is_firm(alive, kind, i) and size[i] > 0.0:
            likely = hazard[i - first_row] * DT * spin_off[i]
            spins[i] = happens(draw(key, ids[i], 0, 0)[0], likely)


@kernel
def _hazards(lead: Any, birth: Any, size: Any, step: Any, numbers: Any) -> Any:
    """Return the hazard of each row, shape (n,); it means nothing where there is no firm.

    There is nothing but arithmetic in this loop, so that several firms are done at a time.
    """
    hazard = np.empty(size.size)
    for i in range(size.size):
        age = (step - birth[i]) * DT / numbers.best_age
        ahead = min(max(lead[i], -LEAD_LIMIT), LEAD_LIMIT)
        large = log(size[i] / REFERENCE_JOBS)
        drive = numbers.quality_slope * ahead + 1.0 - age + numbers.size_slope * large
        hazard[i] = numbers.spin_off_rate * age * exp(drive)
    return hazard


@kernel
def _researching(
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    quality: Any,
    spin_off: Any,
    rate: Any,
    spins: Any,
) -> None:
    """Fill in which universities have a spin-off, shape (n,)."""
    for i in range(ids.size):
        if alive[i] and kind[i] == Kind.UNIVERSITY:
            likely = rate * quality[i] * DT * spin_off[i]
            spins[i] = draw(stream, ids[i], 0, 0)[0] < -expm1(-likely)
