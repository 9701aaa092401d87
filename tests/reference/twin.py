"""The slow twin: the engine's quarter, one agent at a time, as a user of Mesa would write it.

The twin is written from the docstrings of the mechanisms, which are the specification. It shares
nothing with the engine but the parameters, the keyed luck and a few named constants: knowledge is
a list, a place is an object in a dictionary, a tie is an object between two agents, and a mechanism
is a step of the model that calls a method of each agent. Where all decide on the state at the start
of a mechanism, they first decide and then act.

A difference between twin and engine is an error in one of them or in a docstring.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

import mesa
from mesa.agent import AgentSet

from clustersim.mechanisms.base import Mechanism
from clustersim.world.actors import Kind
from clustersim.world.levers import LEVERS
from clustersim.world.world import DT, World
from tests.reference import (
    collaboration,
    copying,
    demography,
    economy,
    knowledge,
    offices,
    procurement,
    projects,
    relocation,
)
from tests.reference.actor import Actor
from tests.reference.firm import FirmAgent
from tests.reference.luck import Luck
from tests.reference.offices import AuthorityAgent, ClusterOrganisationAgent
from tests.reference.partner import Partner, RTOAgent, UniversityAgent
from tests.reference.state import Project, Tie, Whose

A = TypeVar("A", bound=Actor)

RULES: Final[Mapping[str, Callable[[TwinModel, Any], None]]] = {
    "shocks": economy.shocks,
    "frontier": economy.frontier,
    "labour": economy.labour,
    "supply": procurement.supply,
    "learning": knowledge.learning,
    "place_learning": knowledge.place_learning,
    "innovation": knowledge.innovation,
    "projects": projects.projects,
    "adoption": knowledge.adoption,
    "market": economy.market,
    "finance": economy.finance,
    "exit": demography.exit_,
    "entry": demography.entry,
    "relocation": relocation.relocation,
    "collaboration": collaboration.collaboration,
    "policy": offices.policy,
}
"""The twin's rule for each mechanism, by name."""

NEUTRAL: Final = {lever.name: lever.neutral for lever in LEVERS}
"""What a lever is worth to whom nobody has given another value."""

AGENTS: Final[Mapping[Kind, type[Actor]]] = {
    cls.kind: cls
    for cls in (FirmAgent, UniversityAgent, RTOAgent, ClusterOrganisationAgent, AuthorityAgent)
}


class TwinModel(mesa.Model):
    """A simulated economy of Mesa agents.

    Parameters
    ----------
    world
        The engine's world to start from; it is copied and not touched again.
    mechanisms
        Applied in this order each quarter, with their parameters; those that are not enabled are
        passed over.
    seed
        Seed of all luck.

    Raises
    ------
    KeyError
        If the twin has no rule for a mechanism.
    """

    def __init__(self, world: World, mechanisms: Sequence[Mechanism], seed: int) -> None:
        super().__init__(rng=int(seed))
        self.rules = [(RULES[mechanism.name], mechanism) for mechanism in mechanisms]
        self.luck = Luck(seed)
        self.quarter = world.clock.step
        self.start_year = world.clock.start_year
        self.employment_scale = world.employment_scale
        self.exchange = world.exchange
        self.fields = copying.fields(world)
        self.even_relevance = [1.0 / len(self.fields)] * len(self.fields)
        self.sectors = copying.sectors(world)
        self.regions = copying.regions(world)
        self.places = copying.places(world)
        self.struck: dict[int, list[float]] = {}
        self.conditions = copying.conditions(world)
        self.levers = copying.levers(world)
        self.ties: dict[str, list[Tie]] = {name: [] for name, _ in world.ties}
        self._add_agents(world)

    @classmethod
    def from_world(cls, world: World, mechanisms: Sequence[Mechanism], seed: int) -> TwinModel:
        """Return the twin of an engine's world."""
        return cls(world, mechanisms, seed)

    def _add_agents(self, world: World) -> None:
        by_row = {
            row: AGENTS[Kind(kind)](self, **properties)
            for row, kind, properties in copying.actors(world)
        }
        for name, layer in world.ties:
            columns = (layer.first, layer.second, layer.trust, layer.km, layer.born)
            for first, second, trust, km, born in zip(
                *(column.tolist() for column in columns), strict=True
            ):
                self.add_tie(name, Tie(by_row[first], by_row[second], trust, km, born))
        self.projects: list[Project] = copying.projects(world, by_row)

    def lever(self, name: str, whose: Whose) -> float:
        """Return the value of a lever of an actor (by identity), a place or a region."""
        return self.levers[name].get(whose, NEUTRAL[name])

    @property
    def year(self) -> float:
        """Calendar year, with the quarter as fraction."""
        return self.start_year + self.quarter * DT

    def all_of(self, kind: type[A]) -> AgentSet:
        """Return the agents of one class."""
        if kind not in self.agents_by_type:
            return AgentSet([], random=self.random)
        return self.agents_by_type[kind]

    @property
    def firms(self) -> AgentSet:
        """The firms."""
        return self.all_of(FirmAgent)

    @property
    def researchers(self) -> AgentSet:
        """Firms, universities and RTOs, with and without R&D."""
        return self.agents.select(agent_type=Partner)

    def firms_by_sector(self) -> list[list[FirmAgent]]:
        """Return the firms of each sector."""
        firms: list[list[FirmAgent]] = [[] for _ in self.sectors]
        for firm in self.firms:
            firms[firm.sector].append(firm)
        return firms

    def firms_by_place(self) -> dict[tuple[int, int], list[FirmAgent]]:
        """Return the firms of each place."""
        firms: dict[tuple[int, int], list[FirmAgent]] = {place: [] for place in self.places}
        for firm in self.firms:
            firms[firm.region, firm.sector].append(firm)
        return firms

    def science_by_region(self) -> list[list[Partner]]:
        """Return the universities and RTOs of each region."""
        science: list[list[Partner]] = [[] for _ in self.regions]
        for one in self.researchers:
            if one.is_science:
                science[one.region].append(one)
        return science

    def jobs_by_sector(self) -> list[list[float]]:
        """Return simulated jobs by sector, and in it by region."""
        jobs = self.jobs()
        return [[jobs[r, s] for r in range(len(self.regions))] for s in range(len(self.sectors))]

    def jobs(self) -> dict[tuple[int, int], float]:
        """Return simulated jobs by place."""
        jobs = dict.fromkeys(self.places, 0.0)
        for firm in self.firms:
            jobs[firm.region, firm.sector] += firm.size
        return jobs

    def step(self) -> None:
        """Simulate one quarter."""
        self.begin_quarter()
        for rule, mechanism in self.rules:
            if mechanism.enabled:
                rule(self, mechanism)
        self.end_quarter()

    def begin_quarter(self) -> None:
        """Begin a quarter: new luck."""
        self.luck.begin(self.quarter)

    def end_quarter(self) -> None:
        """End a quarter: time goes on."""
        self.quarter += 1

    def add_tie(self, layer: str, tie: Tie) -> None:
        """Tie two agents."""
        self.ties[layer].append(tie)
        if layer == "collaboration":
            tie.first.collaborations[tie.second] = tie
            tie.second.collaborations[tie.first] = tie

    def end_collaborations(self, ended: list[Tie]) -> None:
        """End some collaborations."""
        for tie in ended:
            del tie.first.collaborations[tie.second]
            del tie.second.collaborations[tie.first]
        gone = set(ended)
        self.ties["collaboration"] = [tie for tie in self.ties["collaboration"] if tie not in gone]

    def end_ties_of_the_gone(self) -> None:
        """End all ties of agents that have left the model, and take them out of their projects."""
        present = set(self.agents)
        for project in self.projects:
            project.members = [member for member in project.members if member in present]

        def is_over(tie: Tie) -> bool:
            return tie.first not in present or tie.second not in present

        for layer, ties in self.ties.items():
            if layer == "collaboration":
                self.end_collaborations([tie for tie in ties if is_over(tie)])
            else:
                self.ties[layer] = [tie for tie in ties if not is_over(tie)]
