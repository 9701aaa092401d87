"""Agents that look for partners, and the rings on which they meet."""

from __future__ import annotations

from bisect import bisect_left
from math import exp, expm1, hypot

from clustersim.mechanisms.collaboration import Collaboration
from clustersim.mechanisms.projects import Projects
from clustersim.world.actors import Kind
from clustersim.world.world import DT
from tests.reference import formulas
from tests.reference.researcher import Researcher


class MeetingRing:
    """Agents on a circle; whoever looks from a point meets the next one clockwise."""

    def __init__(self) -> None:
        self.points: list[float] = []
        self.agents: list[Partner] = []

    def append(self, agent: Partner) -> None:
        """Add an agent; agents come in the order of their points."""
        self.points.append(agent.point)
        self.agents.append(agent)

    def meet(self, point: float, seeker: Partner) -> Partner | None:
        """Return whom the seeker meets, or None where there is nobody else."""
        at = bisect_left(self.points, point) % len(self.points)
        if self.agents[at] is seeker:
            at = (at + 1) % len(self.points)
        return self.agents[at] if self.agents[at] is not seeker else None


class Partner(Researcher):
    """An agent that seeks partners for its R&D and is asked by others."""

    point: float
    """Where it stands on the rings of this quarter."""

    @property
    def milieu(self) -> tuple[str, int, int]:
        """Its local industry; for a university, those of its region."""
        return ("milieu", self.region, self.sector)

    def rings(self) -> tuple[tuple[str, int, int], ...]:
        """Return the rings on which it stands: milieu, region and everybody's."""
        return self.milieu, ("region", self.region, 0), ("everybody", 0, 0)

    def seek(
        self, p: Collaboration, rings: dict[tuple[str, int, int], MeetingRing]
    ) -> Partner | None:
        """Look for a partner, if need be in another region; return who is asked, or None."""
        met = self._meet(p, rings)
        if met is not None and met.region != self.region:
            luck = self.model.luck.one("collaboration.travel", self.identity)
            return met if luck < self.model.conditions.travel else None
        return met

    def _meet(
        self, p: Collaboration, rings: dict[tuple[str, int, int], MeetingRing]
    ) -> Partner | None:
        luck = self.model.luck
        rate = p.meeting_rate * self.lever("meeting")
        chance = -expm1(-rate * self.research_effort * DT)
        meets, where, point, _ = luck.four("collaboration.meet", self.identity)
        if meets >= chance:
            return None
        milieu, region, everybody = self.rings()
        near = 1.0 - self.lever("outreach")
        if where < p.closure * near:
            friend = self._favourite()
            asked = friend._favourite(other_than=self) if friend else None
            return asked or rings[milieu].meet(point, self)
        if where < (p.closure + p.milieu) * near:
            return rings[milieu].meet(point, self)
        if where < (p.closure + p.milieu + p.region) * near:
            return rings[region].meet(point, self)
        return rings[everybody].meet(point, self)

    def _favourite(self, other_than: Partner | None = None) -> Partner | None:
        """Return the partner with the lowest keyed score."""
        candidates = [partner for partner in self.collaborations if partner is not other_than]
        return min(candidates, key=self._score, default=None)

    def _score(self, partner: Partner) -> float:
        return self.model.luck.one("collaboration.friend", self.identity, partner.identity)

    def agrees_with(self, other: Partner, p: Collaboration) -> bool:
        """Return whether a meeting with somebody whom it asked leads to a collaboration."""
        if other in self.collaborations:
            return False
        chance = self.fruitfulness_of(other, self.capacity) * self._proximity(other, p)
        chance *= exp(-0.5 * (self.load(p) + other.load(p)))
        return self.model.luck.one("collaboration.agree", self.identity, other.identity) < chance

    def _proximity(self, other: Partner, p: Collaboration) -> float:
        """Return the mean of four proximities, geographic to institutional, 0 to 1."""
        km = hypot(self.x - other.x, self.y - other.y)
        total = p.geographic * formulas.decay(km, self.model.exchange, self.travel_to(other))
        if any(partner in other.collaborations for partner in self.collaborations):
            total += p.social
        if (
            self.parent == other.identity
            or other.parent == self.identity
            or (self.parent >= 0 and self.parent == other.parent)
        ):
            total += p.organisational
        alike = self.is_firm == other.is_firm
        total += p.institutional * (1.0 if alike else self.mean_quality(other))
        return total / (p.geographic + p.social + p.organisational + p.institutional)

    def mean_quality(self, other: Partner) -> float:
        """Return the mean institutional quality of the two regions."""
        return 0.5 * (self.home_quality + other.home_quality)

    def load(self, p: Collaboration) -> float:
        """Return its number of ties over what it can cope with."""
        return len(self.collaborations) / (p.capacity * (1.0 if self.is_firm else 10.0))

    # Projects.

    def proposes(self, p: Projects, busy: int) -> bool:
        """Return whether it proposes a project, being in so many of them already."""
        rate = p.proposal_rate * self.lever("proposal") * self.research_effort
        if not self.is_firm:
            rate *= p.groups / self.model.employment_scale
        elif busy >= p.capacity:
            return False
        return self.model.luck.one("projects.propose", self.identity) < -expm1(-rate * DT)

    def have_innovated(self, m: int) -> None:
        """Remember an innovation that came out of a project; a firm's is counted."""
        self.innovated = self.model.quarter
        if self.model.fields.green[m]:
            self.innovated_green = self.model.quarter
        if self.is_firm:
            self.place.innovations += 1.0

    def take_home(self, m: int, gain: float) -> None:
        """Advance in the field of a project that has succeeded."""
        needed = self.market.relevance if self.sector >= 0 else self.model.even_relevance
        self.knowledge[m] += gain * max(1.0 - self.knowledge[m], 0.0)
        if needed[m] * self.knowledge[m] > needed[self.niche] * self.knowledge[self.niche]:
            self.niche = m


class UniversityAgent(Partner):
    """A university."""

    kind = Kind.UNIVERSITY
    is_science = True

    def has_spin_off(self, rate: float) -> bool:
        """Return whether a firm is founded out of the university in this quarter."""
        luck = self.model.luck.one("entry.university", self.identity)
        return luck < -expm1(-rate * self.lever("spin_off") * self.quality * DT)


class RTOAgent(Partner):
    """A research and technology organisation."""

    kind = Kind.RTO
    is_science = True
