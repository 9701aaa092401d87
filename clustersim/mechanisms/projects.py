"""Mechanism 6, its second part: consortia, and the technology readiness that they raise."""

from __future__ import annotations

from typing import Any, ClassVar, final

import numpy as np

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.actors import Kind
from clustersim.world.consortia import (
    APPLIED_TRL,
    Consortia,
    gather,
    science_by_region,
    takes_part,
)
from clustersim.world.draws import Draws, draw, happens
from clustersim.world.elementary import euclidean, expm1
from clustersim.world.kernel import kernel
from clustersim.world.knowledge import (
    absorptive_capacity,
    cognitive_distance,
    fruitfulness,
    length,
)
from clustersim.world.projects import RUNNING, Outcome
from clustersim.world.ties import Arcs
from clustersim.world.types import AnyArray, Ids, Ints
from clustersim.world.world import DT, World

DEMONSTRATED_TRL = 6
"""Level of demonstration in a relevant environment: the last that demonstrators help beyond."""
PROTOTYPE_TRL = 7
"""Level at which a firm has something new to use, whatever the project aimed at."""


@final
class Projects(Mechanism):
    """Consortia of firms and science raise technology readiness, and succeed or fail.

    *Proposal.* A firm, university or RTO with R&D that coordinates no project proposes one in a
    quarter with chance ``1 - exp(-proposal_rate gamma_i dt)``. A university or RTO proposes at
    that rate times `groups` over `employment_scale`: it is many groups, and a real one among firms
    that each stand for so many. A firm that takes part in `capacity` projects proposes none. The
    field m is drawn with weight::

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
    if they have R&D, and are science or take part in fewer than `capacity` projects, by their
    scores, the lowest first::

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

        h = progress mean_j(gamma_j) max_j(k_jm) (1 + complementarity Lbar) / (1 + complementarity)
            (1 + demonstrator D)

    Lbar is the mean of L(d_1j) between the first member, who leads, and each other; D is 1 if there
    is an RTO among the members and TRL is 4, 5 or 6, else 0.

    *End.* After its length a project has succeeded if TRL is at the target. Then every member
    advances, ``k_im <- k_im + gain (1 - k_im)``, and m becomes its main field if ``w_sm k_im`` now
    exceeds that of the old one. If the project has succeeded, or reached TRL 7, every member has
    innovated; those of firms are counted in the flows. Success makes the trust of each tie between
    the leader and a member ``trust + trust_gain (1 - trust)``, failure ``trust (1 - trust_loss)``.
    A project that has fewer than two members fails.

    *Ties.* Coordinator and members who are not tied are, with trust as in collaboration: a star,
    not a clique, so that a project of n members adds at most n - 1 ties. Such ties live on by the
    rules of collaboration, and end with it or outlast the project.

    Who leaves the economy leaves its projects; the next member leads. Proposals, consortia, chances
    and what there is to learn all see the state at the start of the mechanism; two projects may so
    ask the same firm at once. Ends come after learning, one after another in the order of founding,
    those of one quarter by identity.

    The budget is recorded, not paid: it is the share `commitment` of the R&D that member firms pay
    for anyway, ``R_i output size_i``, and `group` for each member of science, over the length.

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
        "actors.knowledge",
        "regions.institutional_quality",
        "sectors.relevance",
        "fields.green",
        "flows.innovations",
        "ties.collaboration",
        "projects",
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
        0.012,
        low=0.0,
        high=50.0,
        unit="1/year",
        meaning="Projects that an actor of full absorptive capacity proposes.",
        source="assumption: in `base` one a year for each 200 firms, and 5 to 9 % of them in one",
    )
    groups: float = parameter(
        10.0,
        low=0.0,
        high=1000.0,
        unit="-",
        meaning="Research groups of a university or RTO, each of which proposes by itself.",
        source="assumption: as many as its capacity for ties over that of a firm",
    )
    capacity: int = parameter(
        2,
        low=1,
        high=1000,
        unit="projects",
        meaning="Projects at which a firm proposes and joins no more; science has no limit.",
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
        1.0,
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
        source="assumption: in `base` three in four projects succeed",
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
        source="assumption: as much as an innovation",
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
    output: float = parameter(
        60_000.0,
        low=1.0,
        high=1e7,
        unit="euro/job/year",
        meaning="Value added per job, from which the R&D of a firm follows.",
        source="assumption: as in finance",
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
        actors, projects = world.actors, world.projects
        layer = world.ties.collaboration
        arcs = layer.adjacency(actors.n_rows).arcs
        ids, consortia = self._consortia(world, arcs, draws)
        if len(projects):
            self._work(world, draws)
            self._conclude(world, arcs)
            projects.release(actors.alive)
        founded = np.flatnonzero(consortia.members)
        if founded.size:
            self._found(world, ids, consortia, founded)

    def _consortia(self, world: World, arcs: Arcs, draws: Draws) -> tuple[Ids, Consortia]:
        """Return the identities that new projects get, ascending, and their consortia."""
        actors = world.actors
        busy, leads = world.projects.engagements(actors.n_rows)
        proposes = np.zeros(actors.n_rows, dtype=np.bool_)
        luck = draws.stream("projects.propose")
        _propose(
            luck,
            actors.table,
            busy,
            leads,
            world.exchange,
            self.numbers,
            world.employment_scale,
            proposes,
        )
        rows = np.flatnonzero(proposes)
        ids = draws.identities("projects.found", actors.id[rows], np.zeros_like(rows))
        order = np.argsort(ids)
        rows, ids = rows[order], ids[order]
        most = max(self.consortium, self.least_members, self.least_firms + 2)  # an RTO's
        consortia = Consortia.none(rows.size, most)
        if rows.size:
            gather(
                luck,
                draws.stream("projects.ask"),
                rows,
                actors.table,
                arcs,
                *science_by_region(world),
                busy,
                world.sectors.relevance,
                world.exchange,
                self.numbers,
                consortia,
            )
        return ids, consortia

    def _found(self, world: World, ids: Ids, consortia: Consortia, founded: Ids) -> None:
        """Begin the projects of the consortia that have come about, and tie their members."""
        count, member = consortia.members[founded], consortia.member[founded]
        taken = np.arange(member.shape[1]) < count[:, None]
        columns: dict[str, AnyArray] = {
            "id": ids[founded],
            "coordinator": world.actors.id[member[:, 0]],
            "born": np.full(founded.size, world.clock.step),
        }
        for name in ("field", "first_trl", "target", "length", "firms", "science", "budget"):
            columns[name] = getattr(consortia, name)[founded]
        world.projects.add(columns, member[taken], count)
        strangers = consortia.stranger[founded] & taken
        leader = np.repeat(member[:, 0], strangers.sum(axis=1))
        self._tie(world, leader, member[strangers])

    def _tie(self, world: World, leader: Ints, other: Ints) -> None:
        """Tie leaders with members whom they have not worked with, each pair once."""
        actors, quality = world.actors, world.regions.institutional_quality
        n_rows = np.int64(actors.n_rows)
        pairs = np.unique(np.minimum(leader, other) * n_rows + np.maximum(leader, other))
        first, second = np.divmod(pairs, n_rows)
        world.ties.collaboration.add(
            first,
            second,
            trust=0.5 * (quality[actors.region[first]] + quality[actors.region[second]]),
            km=euclidean(actors.x[first] - actors.x[second], actors.y[first] - actors.y[second]),
            born=world.clock.step,
        )

    def _work(self, world: World, draws: Draws) -> None:
        """Let the members of running projects learn from one another, and raise TRL."""
        projects, actors = world.projects, world.actors
        chance = np.zeros(len(projects))
        best = np.zeros(len(projects))
        known = np.zeros(projects.member.size)
        args = (projects.table, actors.table, world.exchange, self.numbers, known, best, chance)
        _prospects(*args)
        _advance(draws.stream("projects.progress"), *args)

    def _conclude(self, world: World, arcs: Arcs) -> None:
        """End the projects whose time has come, or that have lost their members."""
        _end(
            world.projects.table,
            world.actors.table,
            arcs,
            world.ties.collaboration.trust,
            world.sectors.relevance,
            world.fields.green,
            self.numbers,
            world.clock.step,
            world.flows.innovations,
        )


@kernel
def _propose(
    stream: Any,
    actors: Any,
    busy: Any,
    leads: Any,
    exchange: Any,
    numbers: Any,
    scale: Any,
    proposes: Any,
) -> None:
    """Fill in who proposes a project, shape (rows,)."""
    alive, ids, kind, research = actors.alive, actors.id, actors.kind, actors.research
    hazard = numbers.proposal_rate * DT
    if hazard == 0.0:
        return
    for i in range(ids.size):
        if not alive[i] or research[i] <= 0.0 or leads[i] or not takes_part(kind[i]):
            continue
        rate = hazard
        if kind[i] != Kind.FIRM:
            rate *= numbers.groups / scale
        elif busy[i] >= numbers.capacity:
            continue
        luck = draw(stream, ids[i], 0, 0)[0]
        proposes[i] = happens(luck, rate * absorptive_capacity(research[i], exchange))


@kernel
def _prospects(
    projects: Any, actors: Any, exchange: Any, numbers: Any, known: Any, best: Any, chance: Any
) -> None:
    """Fill in what members know of the field, the best of it, and the chance that TRL rises."""
    start, member, knowledge = projects.start, projects.member, actors.knowledge
    for p in range(best.size):
        n = start[p + 1] - start[p]
        if projects.ended[p] != RUNNING or n < 2:  # noqa: PLR2004  # nobody to work with
            continue
        m = projects.field[p]
        leader = member[start[p]]
        length_leader = length(knowledge, leader)
        ready = projects.trl[p]
        shown = False
        capacity = 0.0
        fruit = 0.0
        for a in range(start[p], start[p + 1]):
            j = member[a]
            known[a] = knowledge[j, m]
            best[p] = max(best[p], known[a])
            own = absorptive_capacity(actors.research[j], exchange)
            capacity += own
            if a == start[p]:
                capacity_leader = own
            else:
                far = cognitive_distance(knowledge, leader, j, length_leader, length(knowledge, j))
                fruit += fruitfulness(far, capacity_leader, exchange)
            if actors.kind[j] == Kind.RTO and APPLIED_TRL <= ready <= DEMONSTRATED_TRL:
                shown = True
        if ready >= projects.target[p]:
            continue
        hazard = numbers.progress * DT * (capacity / n) * best[p]
        hazard *= 1.0 + numbers.complementarity * fruit / (n - 1)
        hazard /= 1.0 + numbers.complementarity
        if shown:
            hazard *= 1.0 + numbers.demonstrator
        chance[p] = -expm1(-hazard)


@kernel
def _advance(
    stream: Any,
    projects: Any,
    actors: Any,
    exchange: Any,
    numbers: Any,
    known: Any,
    best: Any,
    chance: Any,
) -> None:
    """Learn within projects, and raise TRL where luck has it."""
    start, member, knowledge = projects.start, projects.member, actors.knowledge
    for p in range(chance.size):
        m = projects.field[p]
        for a in range(start[p], start[p + 1]):
            j = member[a]
            capacity = absorptive_capacity(actors.research[j], exchange)
            share = -expm1(-numbers.sharing * capacity * DT)
            learnt = known[a] + share * max(best[p] - known[a], 0.0)
            knowledge[j, m] = max(np.float64(knowledge[j, m]), learnt)
        if chance[p] > 0.0 and draw(stream, projects.id[p], 0, 0)[0] < chance[p]:
            projects.trl[p] += 1


@kernel
def _end(
    projects: Any,
    actors: Any,
    arcs: Any,
    trust: Any,
    relevance: Any,
    green: Any,
    numbers: Any,
    step: Any,
    innovations: Any,
) -> None:
    start, member = projects.start, projects.member
    for p in range(projects.id.size):
        alone = start[p + 1] - start[p] < 2  # noqa: PLR2004  # nobody to work with
        over = alone or step - projects.born[p] >= projects.length[p]
        if projects.ended[p] != RUNNING or not over:
            continue
        projects.ended[p] = step
        succeeded = not alone and projects.trl[p] >= projects.target[p]
        projects.outcome[p] = Outcome.SUCCEEDED if succeeded else Outcome.FAILED
        if alone:
            continue
        m = projects.field[p]
        members = member[start[p] : start[p + 1]]
        if succeeded or projects.trl[p] >= PROTOTYPE_TRL:
            _count(members, green[m], step, actors, innovations)
        if succeeded:
            _reward(members, m, actors, relevance, numbers.gain)
        for arc in range(arcs.start[members[0]], arcs.start[members[0] + 1]):
            if (members == arcs.partner[arc]).any():
                t = arcs.tie[arc]
                if succeeded:
                    trust[t] += numbers.trust_gain * (1.0 - trust[t])
                else:
                    trust[t] *= 1.0 - numbers.trust_loss


@kernel
def _count(members: Any, green: Any, step: Any, actors: Any, innovations: Any) -> None:
    """Note that the members have innovated, and count the firms among them."""
    for j in members:
        actors.innovated[j] = step
        if green:
            actors.innovated_green[j] = step
        if actors.kind[j] == Kind.FIRM:
            innovations[actors.region[j], actors.sector[j]] += 1.0


@kernel
def _reward(members: Any, m: Any, actors: Any, relevance: Any, gain: Any) -> None:
    """Advance the members of a project that has succeeded in field `m`."""
    niche, knowledge = actors.niche, actors.knowledge
    even = np.full(knowledge.shape[1], 1.0 / knowledge.shape[1])
    for j in members:
        known = np.float64(knowledge[j, m])
        knowledge[j, m] = known + gain * max(1.0 - known, 0.0)
        needed = relevance[actors.sector[j]] if actors.sector[j] >= 0 else even
        if needed[m] * knowledge[j, m] > needed[niche[j]] * knowledge[j, niche[j]]:
            niche[j] = m
