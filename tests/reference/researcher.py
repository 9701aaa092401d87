"""Agents that learn from partners and innovate."""

from __future__ import annotations

from math import exp, expm1
from typing import ClassVar

from clustersim.mechanisms.innovation import MOST_ARRIVALS, Innovation
from clustersim.mechanisms.learning import Learning
from clustersim.world.world import DT
from tests.reference import formulas
from tests.reference.actor import Actor


class Researcher(Actor):
    """An agent with R&D of its own, if its intensity is above zero."""

    is_firm: ClassVar[bool] = False
    is_science: ClassVar[bool] = False

    @property
    def capacity(self) -> float:
        """Absorptive capacity."""
        return formulas.absorptive_capacity(self.research, self.model.exchange)

    @property
    def research_effort(self) -> float:
        """How actively it does research."""
        return formulas.effort(self.research, self.model.exchange)

    @property
    def own_research(self) -> float:
        """R&D intensity that it pays for itself."""
        return max(self.research - self.funded, 0.0)

    def take_stock(self) -> None:
        """Note how much it knows in all, before distances to it are asked for."""
        self.known = formulas.length(self.knowledge)

    def distance_to(self, other: Researcher) -> float:
        """Return the cognitive distance to somebody; both have taken stock."""
        if self.known == 0.0 or other.known == 0.0:
            return 1.0
        likeness = formulas.dot(self.knowledge, other.knowledge) / (self.known * other.known)
        return max(1.0 - likeness, 0.0)

    def fruitfulness_of(self, other: Researcher, capacity: float) -> float:
        """Return how fruitful exchange with somebody is for this agent."""
        return formulas.fruitfulness(self.distance_to(other), capacity, self.model.exchange)

    def travel_to(self, other: Researcher) -> float:
        """Return the share of the usual travel to somebody; within a region all of it."""
        return 1.0 if self.region == other.region else self.model.conditions.travel

    # Learning over ties, in two phases.

    def consider_partners(self, p: Learning) -> None:
        """Work out what its knowledge will be, on the partners' present knowledge."""
        self.learnt = self.knowledge
        capacity = self.capacity
        if capacity == 0.0 or not self.collaborations:
            return
        total = 0.0
        gap = [0.0] * len(self.knowledge)
        for partner, tie in self.collaborations.items():
            travel = self.travel_to(partner)
            weight = formulas.decay(tie.km, self.model.exchange, travel) * tie.trust
            weight *= self.fruitfulness_of(partner, capacity)
            total += weight
            for m, (own, theirs) in enumerate(zip(self.knowledge, partner.knowledge, strict=True)):
                if theirs > own:
                    gap[m] += weight * (theirs - own)
        if total > 0.0:
            rate = p.tie_rate * self.lever("absorption")
            share = -expm1(-rate * capacity * total * DT) / total
            self.learnt = [k + share * g for k, g in zip(self.knowledge, gap, strict=True)]

    def learn(self) -> None:
        """Know what it has learnt."""
        self.knowledge = self.learnt

    # Innovation, in two phases.

    def count_arrivals(self, p: Innovation) -> None:
        """Draw how many innovations it has in this quarter."""
        self.arrivals = 0
        if self.research == 0.0:
            return
        capacity = self.capacity
        factor = 1.0
        if self.collaborations:
            fruit = sum(self.fruitfulness_of(other, capacity) for other in self.collaborations)
            factor += p.recombination * fruit / len(self.collaborations)
            if any(other.is_science for other in self.collaborations):
                factor += p.science
        mean = p.rate * self.research_effort * factor / (1.0 + p.recombination + p.science) * DT
        mean *= self.size_effect(p) * self.lever("innovation")
        luck = self.model.luck.one("innovation.arrive", self.identity)
        chance = exp(-mean)
        reached = chance
        while luck >= reached and self.arrivals < MOST_ARRIVALS:
            self.arrivals += 1
            chance *= mean / self.arrivals
            reached += chance

    def size_effect(self, p: Innovation) -> float:  # a firm's rises with its size
        """Return how much it innovates, over what its R&D intensity alone brings."""
        return 1.0

    def innovate(self, p: Innovation) -> None:
        """Realise the innovations that have been counted, one after the other."""
        for arrival in range(self.arrivals):
            self._advance(p, arrival)

    def _advance(self, p: Innovation, arrival: int) -> None:
        mode, where, far, _ = self.model.luck.four("innovation.advance", self.identity, 0, arrival)
        needed = self.market.relevance if self.sector >= 0 else self.model.even_relevance
        weights = [w * k**2 for w, k in zip(needed, self.knowledge, strict=True)]
        if mode < self.exploration_chance(p) or sum(weights) == 0.0:
            weights = self._exploration_weights(p, self._foreseen(p, needed))
        m = formulas.pick(where, weights)
        self.innovated = self.model.quarter
        if self.model.fields.green[m]:
            self.innovated_green = self.model.quarter
        self.knowledge[m] += 2.0 * p.step * far * max(1.0 - self.knowledge[m], 0.0)
        if needed[m] * self.knowledge[m] > needed[self.niche] * self.knowledge[self.niche]:
            self.niche = m

    def exploration_chance(self, p: Innovation) -> float:
        """Return the chance that an innovation explores."""
        return p.exploration

    def _foreseen(self, p: Innovation, needed: list[float]) -> list[float]:
        """Return what it takes to be needed: in part what will be, as far as it has foresight."""
        foresight = self.lever("foresight")
        if foresight == 0.0 or self.sector < 0:
            return needed
        year = self.model.year
        if self.market.relevance != self.market.relevance_in(year):
            return needed  # relevance does not follow the paradigms
        coming = self.market.relevance_in(year + p.foresight_years)
        return [
            (1.0 - foresight) * now + foresight * then
            for now, then in zip(needed, coming, strict=True)
        ]

    def _exploration_weights(self, p: Innovation, needed: list[float]) -> list[float]:
        most = max(needed)
        weights = []
        for m, phi in enumerate(self.model.fields.relatedness):
            related = formulas.dot(phi, self.knowledge) / sum(phi)
            room = max(1.0 - self.knowledge[m], 0.0)
            attraction = 1.0 - p.pull + p.pull * needed[m] / most
            weights.append(room * (p.novelty + related) * attraction)
        return weights
