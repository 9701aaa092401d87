"""Mechanism 6, its second part: consortia, and the technology readiness that they raise."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.actors import Kind
from clustersim.world.consortia import APPLIED_TRL, Consortia, gather, takes_part
from clustersim.world.draws import Draws, draw, happens, key_of, may_happen
from clustersim.world.elementary import expm1
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import (
    absorptive_capacity,
    cognitive_distance,
    effort,
    fruitfulness,
    length,
)
from clustersim.world.projects import RUNNING, Outcome
from clustersim.world.threads import spread
from clustersim.world.ties import Arcs, trust_after_success
from clustersim.world.types import AnyArray, Flags, Ids, Ints
from clustersim.world.world import DT, World

DEMONSTRATED_TRL = 6
"""Level of demonstration in a relevant environment: the last that demonstrators help beyond."""
PROTOTYPE_TRL = 7
"""Level at which a firm has something new to use, whatever the project aimed at."""
LEAST_CREW = 2
"""Members without whom a running project fails."""


@final
class Projects(Mechanism):
    """Consortia of firms and science raise technology readiness, and succeed or fail.

    *Proposal.* A firm, university or RTO with R&D that coordinates no project proposes one in a
    quarter with chance ``1 - exp(-proposal_rate proposal_i e_i dt)``, proposal_i being its lever
    and e_i its effort in research. A university or RTO proposes at that rate times `groups` over
    `employment_scale`: it is many groups, and a real one among firms that each stand for so many.
    A firm that takes part in `capacity` projects proposes none. The field m is drawn with weight::

        w_sm (1 - k_im) max_j k_jm      j: the actor itself and its partners in collaboration

    relevance times room, times what the consortium can begin with: nobody coordinates research
    into what neither it nor any partner knows of, but what partners alone know can be chosen, which
    is a way into a new paradigm. A university counts every field as relevant. Where all weights are
    zero there is no project.

    *Readiness.* A university's project begins at TRL 2, an RTO's at 3, a firm's at 4; one higher
    with chance k_im. The target is two levels higher, with chance `ambition` three. The length is
    drawn evenly from `shortest` to `longest`, in whole quarters.

    *Consortium.* The size is drawn evenly from `least_members` to `consortium`, coordinator
    included. Asked are partners, partners of partners, and the universities and RTOs of the region,
    if they are science or take part in fewer than `capacity` projects; those of another region with
    the chance ``conditions.travel`` only. They are asked by their scores, the lowest first::

        E_ij / (f_ij (k_jm + complementarity L(d_ij)) / (1 + complementarity))

    E_ij is an exponential variate of the pair, f_ij is `familiarity` for a partner, else 1: the
    chance of being asked first is in proportion to the weight. First comes the science that the
    project needs (a university if it begins below TRL 4, else a university or RTO; none if the
    coordinator is such), then firms until they are `least_firms`, then anybody. If one of them or
    `least_members` is missing there is no project. Who is asked joins.

    *Work.* From the quarter after its founding, for its length, each quarter every member learns
    ``(1 - exp(-sharing gamma_i dt)) (max_j k_jm - k_im)`` in the field of the project, the maximum
    over its members; of several projects in a field the best counts. Below the target, TRL rises
    by one with chance ``1 - exp(-h dt)``::

        h = progress mean_j(progress_j) mean_j(gamma_j) max_j(k_jm)
            (1 + complementarity Lbar) / (1 + complementarity) (1 + demonstrator D)

    progress_j is the lever of a member. Lbar is the mean of L(d_1j) between the first member, who
    leads, and each other; D is 1 if there is an RTO among the members and TRL is 4, 5 or 6, else 0.

    *End.* After its length a project has succeeded if TRL is at the target. Then every member
    advances, ``k_im <- k_im + gain (1 - k_im)``, and m becomes its main field if ``w_sm k_im`` now
    exceeds that of the old one. If the project has succeeded, or reached TRL 7, every member has
    innovated; those of firms are counted in the flows. Success makes the trust of each tie between
    the leader and a member ``min(trust + trust_gain g (1 - trust), 1)``, with the mean ``g`` of the
    lever `trust` of both, failure ``trust (1 - trust_loss)``. A project that has fewer than two
    members fails.

    *Ties.* Coordinator and members who are not tied are, with trust as in collaboration: a star,
    not a clique, so that a project of n members adds at most n - 1 ties. Such ties live and end by
    the rules of collaboration, before the project or after; trust changes where one is left.

    Who leaves the economy leaves its projects; the next member leads. Proposals, consortia, chances
    and what there is to learn all see the state at the start of the mechanism; two projects may so
    ask the same firm at once. Ends come after learning, one after another in the order of founding,
    those of one quarter by identity.

    The budget is recorded, not paid: it is the share `commitment` of the R&D that member firms pay
    for anyway, ``(R_i - funded_i) v_s size_i`` with v_s the value added per job of the sector, and
    `group` for each member of science, over the length.

    Sources: Gilbert, Pyka & Ahrweiler 2001 (SKIN: previous partners first, then theirs); Ahrweiler
    et al. 2015 (INFSO-SKIN: consortia of firms and science propose projects); Emilia-Romagna: 23
    projects with 104 companies and 96 research groups, TRL 4 to 6. That everybody can ask the
    science of the region is an assumption: few firms have science within two steps, and without it
    four in five proposals would come to nothing. Trap: a university is one actor here, and counts
    once however many of its groups would take part; firms are reached in two steps only, so that
    who has no partner coordinates nothing.
    """

    name: ClassVar[str] = "projects"
    reads: ClassVar[tuple[str, ...]] = (
        "actors.alive",
        "actors.id",
        "actors.kind",
        "actors.region",
        "actors.sector",
        "actors.niche",
        "actors.x",
        "actors.y",
        "actors.size",
        "actors.research",
        "actors.funded",
        "actors.knowledge",
        "conditions.travel",
        "regions.institutional_quality",
        "sectors.relevance",
        "sectors.value_added",
        "fields.green",
        "flows.innovations",
        "ties.collaboration",
        "projects",
        "levers.proposal",
        "levers.progress",
        "levers.trust",
    )
    writes: ClassVar[tuple[str, ...]] = (
        "actors.knowledge",
        "actors.niche",
        "actors.innovated",
        "actors.innovated_green",
        "flows.innovations",
        "ties.collaboration",
        "projects",
    )

    proposal_rate: float = parameter(
        0.006,
        low=0.0,
        high=50.0,
        unit="1/year",
        meaning="Projects that an actor of full effort proposes.",
        source="assumption: in `base` one a year for each 700 firms, and 2 % of them in one; twice "
        "the rate hid the inverted U of innovation in cognitive distance (F40)",
    )
    groups: float = parameter(
        10.0,
        low=0.0,
        high=1000.0,
        unit="-",
        meaning="Research groups of a university or RTO, any of which may propose.",
        source="assumption: as many as its capacity for ties over that of a firm",
    )
    capacity: int = parameter(
        2,
        low=1,
        high=1000,
        unit="projects",
        meaning="Projects at which a firm proposes and joins no more; science joins any number.",
        source="assumption; a university is many research groups",
    )
    ambition: float = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of projects that aim three levels higher, not two.",
        source="assumption; Emilia-Romagna: TRL 4 to 6",
    )
    shortest: float = parameter(
        2.0,
        low=0.25,
        high=20.0,
        unit="years",
        meaning="Length of the shortest project.",
        source="assumption",
    )
    longest: float = parameter(
        4.0,
        low=0.25,
        high=20.0,
        unit="years",
        meaning="Length of the longest project; that of the shortest, if less.",
        source="assumption: about three years in the mean, as in framework programmes",
    )
    least_members: int = parameter(
        3,
        low=2,
        high=50,
        unit="members",
        meaning="Members without whom there is no project, coordinator included.",
        source="assumption",
    )
    least_firms: int = parameter(
        2,
        low=0,
        high=50,
        unit="members",
        meaning="Firms without whom there is no project.",
        source="assumption",
    )
    consortium: int = parameter(
        9,
        low=2,
        high=50,
        unit="members",
        meaning="Members of the largest consortium; `least_members`, if less.",
        source="set to 4.5 firms a project in `base` (Emilia-Romagna: 104 companies, 23 projects)",
    )
    familiarity: float = parameter(
        3.0,
        low=0.0,
        high=100.0,
        unit="-",
        meaning="Weight of a partner over that of anybody else, when asking.",
        source="assumption; direction: Gilbert, Pyka & Ahrweiler 2001",
    )
    complementarity: float = parameter(
        2.0,
        low=0.0,
        high=20.0,
        unit="-",
        meaning="Weight of fruitful distance beside knowledge of the field.",
        source="assumption; direction: Nooteboom et al. 2007",
    )
    progress: float = parameter(
        3.0,
        low=0.0,
        high=100.0,
        unit="1/year",
        meaning="Levels of readiness that the best of consortia gains, without demonstrators.",
        source="assumption: in `base` six in ten projects succeed",
    )
    demonstrator: float = parameter(
        0.5,
        low=0.0,
        high=20.0,
        unit="-",
        meaning="What the demonstrators of an RTO add to progress at TRL 4 to 6.",
        source="assumption",
    )
    sharing: float = parameter(
        0.3,
        low=0.0,
        high=50.0,
        unit="1/year",
        meaning="Rate at which a member of full capacity catches up with the best in the field.",
        source="assumption",
    )
    gain: float = parameter(
        0.12,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of the room to the frontier that a success closes.",
        source="assumption: half as much as an innovation in the mean",
    )
    trust_gain: float = parameter(
        0.15,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of missing trust that a success adds.",
        source="assumption: as in collaboration",
    )
    trust_loss: float = parameter(
        0.35,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of trust that a failure takes; larger than the gain.",
        source="assumption: as in collaboration",
    )
    commitment: float = parameter(
        0.1,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of its R&D that a member firm puts into the project.",
        source="assumption",
    )
    group: float = parameter(
        100_000.0,
        low=0.0,
        high=1e8,
        unit="euro/year",
        meaning="What a university or RTO puts into the project.",
        source="assumption: a person and a half",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Form consortia, let the running ones work, and conclude those whose time has come."""
        arcs = world.ties.collaboration.adjacency(world.actors.n_rows).arcs
        busy, leads = world.projects.engagements(world.actors.n_rows)
        proposers = self._proposers(world, busy, leads, draws)
        n = 0
        if proposers.size:
            consortia, n, n_strangers = self._consortia(world, proposers, busy, arcs, draws)
        if len(world.projects):
            self._work(world, arcs, draws)
        if n:
            self._found(world, consortia, n)
            world.collaborate(consortia.leader[:n_strangers], consortia.stranger[:n_strangers])

    def _proposers(self, world: World, busy: Ints, leads: Flags, draws: Draws) -> Ids:
        """Return the rows of those who propose a project, shape (n,)."""
        actors = world.actors
        proposes = np.zeros(actors.n_rows, dtype=np.bool_)
        most_firm = self.proposal_rate * DT
        spread(
            _propose,
            actors.n_rows,
            draws.stream("projects.propose"),
            actors.alive,
            actors.id,
            actors.kind,
            actors.research,
            world.levers.proposal,
            busy,
            leads,
            world.exchange,
            most_firm,
            most_firm * self.groups / world.employment_scale,
            self.capacity,
            proposes,
        )
        return np.flatnonzero(proposes)

    def _consortia(
        self, world: World, rows: Ids, busy: Ints, arcs: Arcs, draws: Draws
    ) -> tuple[Consortia, int, int]:
        """Return the consortia of those who propose, how many, and how many pairs of strangers."""
        actors = world.actors
        most = max(self.consortium, self.least_members, self.least_firms + 2)  # an RTO's
        consortia = Consortia.room(rows.size, most)
        n, n_strangers = gather(
            draws.stream("projects.propose"),
            draws.stream("projects.ask"),
            draws.stream("projects.found"),
            rows,
            actors.alive,
            actors.id,
            actors.kind,
            actors.region,
            actors.sector,
            actors.size,
            actors.research,
            actors.funded,
            actors.knowledge,
            arcs,
            busy,
            world.sectors.relevance,
            world.sectors.value_added,
            world.n_regions,
            world.conditions.travel,
            world.exchange,
            self.numbers,
            consortia,
        )
        return consortia, n, n_strangers

    def _found(self, world: World, consortia: Consortia, n: int) -> None:
        """Begin the projects of the first `n` consortia."""
        start = consortia.start[: n + 1]
        columns: dict[str, AnyArray] = {
            "coordinator": world.actors.id[consortia.member[start[:-1]]],
            "born": np.full(n, world.clock.step),
        }
        for name in ("id", "field", "first_trl", "target", "length", "firms", "science", "budget"):
            columns[name] = getattr(consortia, name)[:n]
        world.projects.add(columns, consortia.member[: start[n]], np.diff(start))

    def _work(self, world: World, arcs: Arcs, draws: Draws) -> None:
        """Let members learn from one another, raise TRL, and end the projects that are over."""
        actors, projects = world.actors, world.projects
        n_ended = _run(
            draws.stream("projects.progress"),
            projects.table,
            actors.kind,
            actors.region,
            actors.sector,
            actors.niche,
            actors.research,
            world.levers.progress,
            world.levers.trust,
            actors.knowledge,
            actors.innovated,
            actors.innovated_green,
            arcs,
            world.ties.collaboration.trust,
            world.sectors.relevance,
            world.fields.green,
            world.exchange,
            self.numbers,
            world.clock.step,
            world.flows.innovations,
        )
        if n_ended:
            projects.release(actors.alive)


@kernel
def _propose(
    first_row: Any,
    last_row: Any,
    stream: Any,
    alive: Any,
    ids: Any,
    kind: Any,
    research: Any,
    proposal: Any,
    busy: Any,
    leads: Any,
    exchange: Any,
    most_firm: Any,
    most_science: Any,
    capacity: Any,
    proposes: Any,
) -> None:
    """Fill in who proposes a project, shape (rows,); `most` is the hazard at full effort."""
    key = key_of(stream)
    for i in range(first_row, last_row):
        is_firm = kind[i] == Kind.FIRM
        busy_firm = is_firm & (busy[i] >= capacity)
        if not alive[i] or research[i] <= 0.0 or leads[i] or busy_firm or not takes_part(kind[i]):
            continue
        luck = draw(key, ids[i], 0, 0)[0]
        most = (most_firm if is_firm else most_science) * proposal[i]
        if may_happen(luck, most):
            proposes[i] = happens(luck, most * effort(research[i], exchange))


@kernel
def _run(
    stream: Any,
    projects: Any,
    kind: Any,
    region: Any,
    sector: Any,
    niche: Any,
    research: Any,
    progress: Any,
    gains: Any,
    knowledge: Any,
    innovated: Any,
    innovated_green: Any,
    arcs: Any,
    trust: Any,
    relevance: Any,
    green: Any,
    exchange: Any,
    numbers: Any,
    step: Any,
    innovations: Any,
) -> Any:
    """Let all projects work on one state, then end those that are over; return how many."""
    start, member, field = projects.start, projects.member, projects.field
    rises = np.zeros(field.size, dtype=np.bool_)
    learnt = np.zeros(member.size)
    _prospects(
        key_of(stream),
        projects.id,
        start,
        member,
        field,
        projects.trl,
        projects.target,
        kind,
        research,
        progress,
        knowledge,
        exchange,
        numbers,
        learnt,
        rises,
    )
    for p in range(field.size):
        projects.trl[p] += rises[p]
        for a in range(start[p], start[p + 1]):
            known = np.float64(knowledge[member[a], field[p]])
            knowledge[member[a], field[p]] = max(known, learnt[a])
    even = np.full(knowledge.shape[1], 1.0 / knowledge.shape[1])
    n_ended = 0
    for p in range(field.size):
        crew = member[start[p] : start[p + 1]]
        over = crew.size < LEAST_CREW or step - projects.born[p] >= projects.length[p]
        if projects.ended[p] != RUNNING or not over:
            continue
        n_ended += 1
        succeeded = crew.size >= LEAST_CREW and projects.trl[p] >= projects.target[p]
        projects.ended[p] = step
        projects.outcome[p] = Outcome.SUCCEEDED if succeeded else Outcome.FAILED
        if crew.size < LEAST_CREW:
            continue
        m = field[p]
        if succeeded or projects.trl[p] >= PROTOTYPE_TRL:
            _count(
                crew, green[m], step, kind, region, sector, innovated, innovated_green, innovations
            )
        if succeeded:
            _reward(crew, m, sector, niche, knowledge, relevance, even, numbers.gain)
        _settle(crew, succeeded, arcs, trust, gains, numbers)
    return n_ended


@kernel
def _prospects(
    key: Any,
    ids: Any,
    start: Any,
    member: Any,
    field: Any,
    trl: Any,
    target: Any,
    kind: Any,
    research: Any,
    progress: Any,
    knowledge: Any,
    exchange: Any,
    numbers: Any,
    learnt: Any,
    rises: Any,
) -> None:
    """Fill in what each member will know of the field, and of which projects TRL rises.

    What has ended has no members.
    """
    for p in range(ids.size):
        crew = member[start[p] : start[p + 1]]
        if crew.size < LEAST_CREW:
            continue
        m = field[p]
        best = 0.0
        capacity = 0.0
        faster = 0.0
        shown = 1.0
        for j in crew:
            best = max(best, np.float64(knowledge[j, m]))
            capacity += absorptive_capacity(research[j], exchange)
            faster += progress[j]
            if kind[j] == Kind.RTO and APPLIED_TRL <= trl[p] <= DEMONSTRATED_TRL:
                shown = 1.0 + numbers.demonstrator
        for c in range(crew.size):
            known = np.float64(knowledge[crew[c], m])
            own = absorptive_capacity(research[crew[c]], exchange)
            share = -expm1(-numbers.sharing * own * DT)
            learnt[start[p] + c] = known + share * (best - known)
        if trl[p] >= target[p]:
            continue
        luck = draw(key, ids[p], 0, 0)[0]
        most = numbers.progress * DT * (capacity / crew.size) * best * shown
        most *= faster / crew.size
        if may_happen(luck, most):  # the most fruitful of distances is worth 1
            fruit = _fruit(crew, research, knowledge, exchange)
            fruit = 1.0 + numbers.complementarity * fruit
            rises[p] = happens(luck, most * fruit / (1.0 + numbers.complementarity))


@kernel
def _fruit(crew: Any, research: Any, knowledge: Any, exchange: Any) -> Any:
    """Return how fruitful the distances are from the first of a crew to the others, the mean."""
    leader = crew[0]
    capacity = absorptive_capacity(research[leader], exchange)
    own = length(knowledge, leader)
    fruit = 0.0
    for j in crew[1:]:
        far = cognitive_distance(knowledge, leader, j, own, length(knowledge, j))
        fruit += fruitfulness(far, capacity, exchange)
    return fruit / (crew.size - 1)


@kernel
def _count(
    crew: Any,
    green: Any,
    step: Any,
    kind: Any,
    region: Any,
    sector: Any,
    innovated: Any,
    innovated_green: Any,
    innovations: Any,
) -> None:
    """Note that the members have innovated, and count the firms among them."""
    for j in crew:
        innovated[j] = step
        if green:
            innovated_green[j] = step
        if kind[j] == Kind.FIRM:
            innovations[region[j], sector[j]] += 1.0


@kernel
def _reward(
    crew: Any,
    m: Any,
    sector: Any,
    niche: Any,
    knowledge: Any,
    relevance: Any,
    even: Any,
    gain: Any,
) -> None:
    """Advance the members of a project that has succeeded in field `m`."""
    for j in crew:
        known = np.float64(knowledge[j, m])
        knowledge[j, m] = known + gain * max(1.0 - known, 0.0)
        needed = relevance[sector[j]] if sector[j] >= 0 else even
        if needed[m] * knowledge[j, m] > needed[niche[j]] * knowledge[j, niche[j]]:
            niche[j] = m


@kernel
def _settle(crew: Any, succeeded: Any, arcs: Any, trust: Any, gains: Any, numbers: Any) -> None:
    """Change the trust between the first of a crew, who leads, and the others."""
    for arc in range(arcs.start[crew[0]], arcs.start[crew[0] + 1]):
        partner = arcs.partner[arc]
        if (crew == partner).any():
            t = arcs.tie[arc]
            if succeeded:
                one, other = gains[crew[0]], gains[partner]
                trust[t] = trust_after_success(trust[t], numbers.trust_gain, one, other)
            else:
                trust[t] *= 1.0 - numbers.trust_loss
