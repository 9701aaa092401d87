"""What the twin's world consists of besides its agents."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING

from tests.reference.formulas import logistic

if TYPE_CHECKING:
    from tests.reference.actor import Actor
    from tests.reference.partner import Partner

Whose = int | tuple[int, int]
"""Whose a lever is: identity of an actor, region and sector of a place, or a region."""


@dataclass
class Paradigm:
    """What a sector must know, and when that has half come."""

    weights: list[float]
    year: float
    width: float


@dataclass
class Sector:
    """A sector and the rest of the world in it; attributes as in the engine's ``sectors``."""

    name: str
    demand_start: float
    demand_growth: float
    demand_factor: float
    export_share: float
    carbon_intensity: float
    value_added: float
    green_saving: float
    relative_intensity: float
    """Carbon intensity over the mean of all sectors."""
    inputs: list[float]
    """Euro bought from each sector per euro of output."""
    paradigms: list[Paradigm]
    relevance: list[float]
    world_log_productivity: float
    world_standing: float
    world_jobs: float
    home_log_productivity: float
    mean_log_productivity: float

    def relevance_in(self, year: float) -> list[float]:
        """Return the relevance of each field in a calendar year."""
        mixed = self.paradigms[0].weights
        for paradigm in self.paradigms[1:]:
            phi = logistic((year - paradigm.year) / paradigm.width)
            mixed = [
                (1.0 - phi) * old + phi * new
                for old, new in zip(mixed, paradigm.weights, strict=True)
            ]
        return list(mixed)

    def bring_forward(self, year: float, width: float | None) -> bool:
        """Let the next paradigm begin in a year; return whether one was still to come."""
        for before, paradigm in pairwise(self.paradigms):
            if paradigm.year < inf and paradigm.year - 3.0 * paradigm.width > year:
                paradigm.width = width or paradigm.width
                earliest = max(year + 3.0 * paradigm.width, before.year)
                paradigm.year = min(earliest, paradigm.year)
                return True
        return False


@dataclass
class Region:
    """A region; attributes as in the engine's ``regions``."""

    name: str
    population: float
    cost_level: float
    institutional_quality: float
    jobs_usual: float
    wage: float


@dataclass
class Place:
    """A local industry, with what happened in it; attributes as in ``places`` and ``flows``."""

    key: int
    unemployed: float
    skill: float
    labour_advantage: float
    supply_advantage: float
    x: float
    y: float
    entries: float
    exits: float
    spin_offs: float
    innovations: float
    jobs_lost_to_exit: float
    subsidiaries: float
    relocations: float
    research: float
    taxes: float
    emissions: float


@dataclass
class Conditions:
    """What shocks make of the quarter; attributes as in the engine's ``conditions``."""

    output: dict[tuple[int, int], float]
    """By region and sector."""
    travel: float = 1.0
    energy_price: float = 1.0
    credit: float = 1.0


@dataclass(eq=False)
class Tie:
    """A tie between two agents."""

    first: Actor
    second: Actor
    trust: float
    km: float
    born: int

    def grow(self, gain: float) -> None:
        """Gain trust by a success."""
        lever = 0.5 * (self.first.lever("trust") + self.second.lever("trust"))
        self.trust = min(self.trust + gain * lever * (1.0 - self.trust), 1.0)

    def other(self, actor: Actor) -> Actor:
        """Return the actor at the other end."""
        return self.second if actor is self.first else self.first


@dataclass(eq=False)
class Project:
    """A project of a consortium; attributes as in the engine's ``projects``."""

    identity: int
    coordinator: int
    """Identity of the actor that proposed it."""
    field: int
    born: int
    length: int
    first_trl: int
    target: int
    firms: int
    science: int
    budget: float
    members: list[Partner]
    """The first leads."""
    trl: int = 0
    ended: int = -1
    outcome: str = "RUNNING"

    def __post_init__(self) -> None:
        self.trl = max(self.trl, self.first_trl)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.ended < 0


@dataclass
class Fields:
    """The technology fields."""

    names: tuple[str, ...]
    digital: list[bool]
    green: list[bool]
    relatedness: list[list[float]] = field(repr=False)

    def __len__(self) -> int:
        return len(self.names)
