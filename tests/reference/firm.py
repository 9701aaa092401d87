"""Firms."""

from __future__ import annotations

from math import exp, expm1, log, sqrt

from clustersim.mechanisms.adoption import Adoption
from clustersim.mechanisms.entry import REFERENCE_JOBS, Entry
from clustersim.mechanisms.exit import Exit
from clustersim.mechanisms.finance import Finance
from clustersim.mechanisms.innovation import Innovation
from clustersim.mechanisms.labour import Labour
from clustersim.mechanisms.market import LEAST_FIT, Market
from clustersim.mechanisms.place_learning import PlaceLearning
from clustersim.world.actors import Kind
from clustersim.world.economy import WAGE
from clustersim.world.world import DT
from tests.reference import formulas
from tests.reference.partner import MeetingRing, Partner


class FirmAgent(Partner):
    """A firm of any size."""

    kind = Kind.FIRM
    is_firm = True

    @property
    def lead(self) -> float:
        """Log productivity above the mean of its market."""
        return self.log_productivity - self.market.mean_log_productivity

    @property
    def age(self) -> float:
        """Age in years."""
        return (self.model.quarter - self.birth) * DT

    @property
    def wage(self) -> float:
        """Wage cost per job and year in its region."""
        return self.model.regions[self.region].wage

    # Labour.

    def announce(self, vacancies: dict[tuple[int, int], float]) -> None:
        """Dismiss whom the orders do not need, or add to the open vacancies."""
        if self.orders > self.size:
            vacancies[self.region, self.sector] += self.orders - self.size
        else:
            self.place.unemployed += self.size - self.orders
            self.size = self.orders

    def hire(self, filled: dict[tuple[int, int], float]) -> None:
        """Fill the share of its vacancies that everybody in the place fills."""
        if self.orders > self.size:
            self.size += filled[self.region, self.sector] * (self.orders - self.size)

    def takes_people_from(
        self, rings: dict[tuple[str, int, int], MeetingRing], p: Labour
    ) -> Partner | None:
        """Return the firm from which it takes people in this quarter, or None."""
        takes, where, point, _ = self.model.luck.four("labour.move", self.identity)
        if takes >= min(p.job_to_job * self.size, p.rounds) * DT:
            return None
        place, region, everybody = self.rings()
        if where < p.local:
            asked = [place, region, everybody]
        elif where < p.local + p.regional:
            asked = [region, everybody]
        else:
            asked = [everybody]
        for ring in asked:
            found = rings[ring].meet(point, self) if ring in rings else None
            if found is not None:
                return found
        return None

    def knowledge_with_people_of(self, other: Partner, p: Labour) -> list[float]:
        """Return what it will know once people of another firm work here."""
        movers = self.size * p.job_to_job / min(p.job_to_job * self.size, p.rounds)
        share = p.carry * min(movers / self.size, 1.0)
        return [
            own + share * max(theirs - own, 0.0)
            for own, theirs in zip(self.knowledge, other.knowledge, strict=True)
        ]

    # Knowledge.

    def learn_in_place(self, common: dict[tuple[int, int], list[float]], p: PlaceLearning) -> None:
        """Take up some of what the firms of the place know on average."""
        share = -expm1(-p.place_rate * self.lever("absorption") * self.capacity * DT)
        self.knowledge = [
            k + share * max(mean - k, 0.0)
            for k, mean in zip(self.knowledge, common[self.region, self.sector], strict=True)
        ]

    def exploration_chance(self, p: Innovation) -> float:
        """Explore more when below aspiration."""
        return p.exploration + (p.search if self.lead < 0.0 else 0.0)

    def size_effect(self, p: Innovation) -> float:
        """Innovate more often when large, less than in proportion."""
        return (max(self.size, 1.0) / p.size_reference) ** p.size_slope

    def innovate(self, p: Innovation) -> None:
        """Innovate, and count it where it happens."""
        self.place.innovations += self.arrivals
        super().innovate(p)

    def consider_adoption(self, transition: str, p: Adoption) -> None:
        """Decide on adopting digital or green technology, by the partners' present state."""
        self.adopts = False
        if getattr(self, transition):
            return
        share = 0.0
        if self.collaborations:
            adopters = sum(getattr(partner, transition) for partner in self.collaborations)
            share = adopters / len(self.collaborations)
        hazard = getattr(p, f"{transition}_innovation")
        hazard += getattr(p, f"{transition}_imitation") * share
        hazard *= (max(self.size, 1.0) / p.size_reference) ** p.size_slope
        hazard *= self.lever(transition)
        digital, green, _, _ = self.model.luck.four("adoption.adopt", self.identity)
        luck = digital if transition == "digital" else green
        self.adopts = luck < -expm1(-hazard * DT)

    def adopt(self, transition: str, p: Adoption) -> None:
        """Adopt if it has decided so, and advance in the fields of the transition."""
        if not self.adopts:
            return
        setattr(self, transition, True)
        self.adopted = self.model.quarter
        if transition == "green":
            self.adopted_green = self.model.quarter
        for m, concerned in enumerate(getattr(self.model.fields, transition)):
            if concerned:
                self.knowledge[m] += p.advance * max(1.0 - self.knowledge[m], 0.0)

    # Market and finance.

    def set_productivity(
        self, niche_jobs: dict[tuple[int, int, int], float], crowding: list[float], p: Market
    ) -> None:
        """Set log productivity from knowledge and what the place adds and takes."""
        self.log_productivity = log(
            max(formulas.dot(self.market.relevance, self.knowledge), LEAST_FIT)
        )
        if p.externalities:
            jobs = niche_jobs[self.region, self.sector, self.niche]
            real_jobs = jobs * self.model.employment_scale / p.industries
            self.log_productivity += p.localisation * formulas.localisation(real_jobs)
            self.log_productivity += self.place.labour_advantage + self.place.supply_advantage
        self.log_productivity -= p.congestion * crowding[self.region]
        self.log_productivity += self.lever("skill")

    def receive_orders(self, usual_research: float, p: Market) -> None:
        """Grow or shrink by productivity and luck, before demand is shared out."""
        chance = -expm1(-p.shock_rate * DT)
        happens, luck, _, _ = self.model.luck.four("market.grow", self.identity)
        shock = fair = 0.0
        if happens < chance:
            volatility = p.volatility * max(self.size, 1.0) ** -p.volatility_slope
            spread = volatility * sqrt(DT / chance / 2.0)
            side = 2.0 * luck - 1.0
            shock = -spread * log(max(1.0 - abs(side), 1e-15))
            if side <= 0.0:
                shock = -shock
            fair = log(1.0 - spread**2)
        region = self.model.regions[self.region]
        dear = p.wage_pressure * log(region.wage / (WAGE * region.cost_level))
        dear += (
            p.energy_pressure
            * self.market.relative_intensity
            * self.spared
            * log(self.model.conditions.energy_price)
        )
        dear += p.research_pressure * (self.own_research - usual_research)
        lead = self.lead - dear + self.lever("access")
        self.orders = self.size * exp(p.selection * lead * DT + shock + fair)
        self.orders *= 1.0 - p.lost_orders * (1.0 - self.output)

    @property
    def spared(self) -> float:
        """What of a burden of dear energy is left to it; adopters of green technology save some."""
        return 1.0 - self.market.green_saving if self.green else 1.0

    def book(self, p: Finance) -> None:
        """Earn, pay, give to the state and save."""
        usual = self.size * self.market.value_added * exp(self.lead)
        revenue = usual * self.output
        profit = (1.0 - self.own_research) * revenue - self.size * (self.wage + p.capital)
        dearer = (self.model.conditions.energy_price - 1.0) * self.market.relative_intensity
        profit -= self.size * dearer * p.energy_cost * self.spared
        if self.cash < 0.0:
            profit += p.interest * self.cash
        taxes = p.tax * profit if profit > 0.0 else 0.0
        self.cash = min(self.cash + (profit - taxes) * DT, p.reserve * usual)
        self.place.research += self.research * revenue * DT
        self.place.taxes += taxes * DT
        carbon = self.market.carbon_intensity * self.spared
        self.place.emissions += revenue * carbon * DT / 1000.0

    # Demography.

    def leaves(self, p: Exit) -> bool:
        """Return whether it closes in this quarter."""
        debt_limit = p.debt_limit * self.model.conditions.credit * self.lever("credit")
        if self.cash < -debt_limit * self.size * self.wage or self.size < p.least_jobs:
            return True
        lead = min(max(self.lead, -p.lead_limit), p.lead_limit)
        hazard = p.hazard_old + p.hazard_young * exp(-(self.age - 1.0) / p.maturing)
        hazard *= exp(-p.protection * lead)
        hazard *= (max(self.size, 1.0) / p.size_reference) ** -p.size_slope
        hazard *= self.lever("closing")
        return self.model.luck.one("exit.leave", self.identity) < -expm1(-hazard * DT)

    def leave(self) -> None:
        """Close: people look for work; the model ends the ties."""
        self.place.unemployed += self.size
        self.place.jobs_lost_to_exit += self.size
        self.place.exits += 1.0
        self.remove()

    def has_spin_off(self, p: Entry) -> bool:
        """Return whether people leave to found a firm of their own."""
        if self.size <= 0.0:
            return False
        lead = min(max(self.lead, -2.0), 2.0)
        age = self.age / p.best_age
        hazard = p.spin_off_rate * exp(p.quality_slope * lead) * age * exp(1.0 - age)
        hazard *= (self.size / REFERENCE_JOBS) ** p.size_slope
        hazard *= self.lever("spin_off")
        return self.model.luck.one("entry.spin_off", self.identity) < -expm1(-hazard * DT)
