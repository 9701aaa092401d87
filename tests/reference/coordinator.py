"""How a coordinator brings a consortium together."""

from __future__ import annotations

from math import inf, log1p
from typing import TYPE_CHECKING

from clustersim.mechanisms.projects import Projects
from clustersim.world.world import DT
from tests.reference import formulas
from tests.reference.partner import Partner, RTOAgent, UniversityAgent
from tests.reference.state import Project

if TYPE_CHECKING:
    from tests.reference.twin import TwinModel


class Consortium:
    """A consortium that an actor tries to bring together, and its project.

    Parameters
    ----------
    model
        The model.
    coordinator
        Who proposes.
    busy
        In how many projects each agent takes part, if in any.
    local
        The universities and RTOs of its region.
    p
        The parameters.
    """

    project: Project

    def __init__(
        self,
        model: TwinModel,
        coordinator: Partner,
        busy: dict[Partner, int],
        local: list[Partner],
        p: Projects,
    ) -> None:
        self.model, self.coordinator, self.p = model, coordinator, p
        self.busy, self.local = busy, local
        self.members = [coordinator]

    def comes_about(self) -> bool:
        """Ask around; return whether there is a consortium, which then has a project."""
        model, p, me = self.model, self.p, self.coordinator
        _, where, higher, size = model.luck.four("projects.propose", me.identity)
        further, long, _, _ = model.luck.four("projects.propose", me.identity, 0, 1)
        weights = self.field_weights()
        if max(weights) == 0.0:
            return False
        m = formulas.pick(where, weights)
        first = self.lower_level() + (1 if higher < me.knowledge[m] else 0)
        wanted = p.least_members + int(size * (max(p.consortium - p.least_members, 0) + 1))
        if not self.gather(m, first, wanted):
            return False
        more = int(max(p.longest - p.shortest, 0.0) / DT + 0.5)
        length = int(p.shortest / DT + 0.5) + int(long * (more + 1))
        firms = [member for member in self.members if member.is_firm]
        science = len(self.members) - len(firms)
        yearly = p.group * science
        yearly += sum(
            p.commitment * firm.own_research * firm.market.value_added * firm.size for firm in firms
        )
        self.project = Project(
            identity=model.luck.newcomer("projects.found", me.identity),
            coordinator=me.identity,
            field=m,
            born=model.quarter,
            length=length,
            first_trl=first,
            target=min(first + 2 + (1 if further < p.ambition else 0), 9),
            firms=len(firms),
            science=science,
            budget=yearly * length * DT,
            members=list(self.members),
        )
        return True

    def lower_level(self) -> int:
        """Return the lower of the levels at which its projects begin."""
        if isinstance(self.coordinator, UniversityAgent):
            return 2
        return 3 if isinstance(self.coordinator, RTOAgent) else 4

    def field_weights(self) -> list[float]:
        """Return relevance times room times what is known, by field."""
        me = self.coordinator
        needed = me.market.relevance if me.sector >= 0 else self.model.even_relevance
        weights = []
        for m, (relevant, own) in enumerate(zip(needed, me.knowledge, strict=True)):
            known = max([own, *(partner.knowledge[m] for partner in me.collaborations)])
            weights.append(relevant * max(1.0 - own, 0.0) * known)
        return weights

    def gather(self, m: int, first: int, wanted: int) -> bool:
        """Ask science, then firms, then anybody; return whether all who are needed are there."""
        me, p = self.coordinator, self.p
        scores = {one: self.score(one, m) for one in self.reach() if self.can_be_asked(one)}
        needs: list[type[Partner]] = []
        if first < 4 and not isinstance(me, UniversityAgent):
            needs = [UniversityAgent]
        elif not me.is_science:
            needs = [UniversityAgent, RTOAgent]
        if needs and not self.ask([one for one in scores if type(one) in needs], scores):
            return False
        while sum(member.is_firm for member in self.members) < p.least_firms:
            if not self.ask([one for one in scores if one.is_firm], scores):
                return False
        while len(self.members) < wanted and self.ask(list(scores), scores):
            pass
        return len(self.members) >= p.least_members

    def reach(self) -> list[Partner]:
        """Return partners, partners of partners and the science of the region, each once."""
        me = self.coordinator
        near = list(me.collaborations)
        far = [other for partner in near for other in partner.collaborations]
        return [one for one in dict.fromkeys([*near, *far, *self.local]) if one is not me]

    def can_be_asked(self, one: Partner) -> bool:
        """Return whether somebody does research and has time for it."""
        if not isinstance(one, Partner) or one.research <= 0.0:
            return False
        if one.region != self.coordinator.region:
            _, trip, _, _ = self.model.luck.four(
                "projects.ask", self.coordinator.identity, one.identity
            )
            if trip >= self.model.conditions.travel:
                return False
        return one.is_science or self.busy.get(one, 0) < self.p.capacity

    def score(self, one: Partner, m: int) -> float:
        """Return the score by which somebody is asked, the lowest first."""
        me, p = self.coordinator, self.p
        weight = one.knowledge[m] + p.complementarity * me.fruitfulness_of(one, me.capacity)
        weight /= 1.0 + p.complementarity
        if one in me.collaborations:
            weight *= p.familiarity
        if weight <= 0.0:
            return inf
        luck = self.model.luck.one("projects.ask", me.identity, one.identity)
        return -log1p(-luck) / weight

    def ask(self, among: list[Partner], scores: dict[Partner, float]) -> bool:
        """Win the one with the lowest score; return whether there is anybody."""
        free = [one for one in among if one not in self.members and scores[one] < inf]
        if not free:
            return False
        self.members.append(min(free, key=lambda one: scores[one]))
        return True
