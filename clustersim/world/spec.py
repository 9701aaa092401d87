"""What a world is founded from: regions, sectors, technology fields, and what stands in them.

These are the classes behind the ``world:`` section of a scenario file. They hold data only; the
world itself is made from them by `clustersim.world.founding`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Tag = Literal["digital", "green"]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Name = Annotated[str, Field(min_length=1, max_length=120)]


class Spec(BaseModel):
    """Frozen data that refuses unknown keys, and refuses infinity and NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FieldSpec(Spec):
    """A technology field: a part of what can be known."""

    name: Name
    tags: tuple[Tag, ...] = Field(
        default=(), description="Whether the field belongs to the digital or the green transition."
    )


class ParadigmSpec(Spec):
    """What a sector must know while one technological paradigm rules it.

    The share of the new paradigm follows ``1 / (1 + exp(-(t - year) / width))``.
    """

    year: float | None = Field(
        default=None,
        ge=1500,
        le=3000,
        description="Calendar year in which half of the relevance has moved to this paradigm; "
        "left out for the paradigm that rules at the start.",
    )
    width: float = Field(
        default=3.0, gt=0, le=50, description="Years; a larger width is a slower change."
    )
    weights: dict[Name, Positive] = Field(
        min_length=1,
        description="Relevance of each technology field; scaled to sum to one.",
    )


class SectorSpec(Spec):
    """An economic sector and its place in the world market."""

    name: Name
    demand_growth: float = Field(
        default=0.0,
        ge=-0.2,
        le=0.2,
        description="Growth of world demand per year, in jobs at the productivity of the frontier.",
    )
    home_share: float = Field(
        default=0.1,
        gt=0,
        lt=1,
        description="Share of the world market that the simulated regions hold at the start.",
    )
    export_share: Share = Field(
        default=0.3, description="Share of output sold abroad; a pandemic takes more of it."
    )
    carbon_intensity: NonNegative = Field(
        default=0.2,
        description="kg CO2 per euro of output; where energy and carbon become dear, sectors "
        "suffer in proportion to it.",
    )
    value_added: Positive = Field(
        default=60_000.0,
        description="Value added per job of a firm at the mean of its market, euro a year "
        "(assumption).",
    )
    green_saving: Share = Field(
        default=0.4,
        description="Share of its CO2, and of what energy and carbon cost above the usual, that "
        "green technology spares a firm (assumption).",
    )
    inputs: dict[Name, Share] = Field(
        default_factory=dict,
        description="Input coefficients: euro bought from each sector per euro of output.",
    )
    paradigms: tuple[ParadigmSpec, ...] = Field(
        default=(),
        description="Technological paradigms in the order of their years; when left out, two are "
        "drawn, the second of them in the middle third of a 60-year run.",
    )


class RegionSpec(Spec):
    """A region: where it lies and what is in it."""

    name: Name
    x: float | None = Field(default=None, ge=-20000, le=20000, description="km to the east.")
    y: float | None = Field(default=None, ge=-20000, le=20000, description="km to the north.")
    area_km2: Positive | None = Field(default=None, description="Area, square kilometres.")
    population: Positive | None = Field(default=None, description="Inhabitants.")
    cost_level: float = Field(
        default=1.0, gt=0.1, lt=10, description="Wages and rents relative to the average (1)."
    )
    institutional_quality: Share = Field(
        default=0.6,
        description="Quality of government, 0 to 1; the trust that strangers start from.",
    )
    universities: int = Field(default=1, ge=0, le=1000, description="Universities in the region.")
    rtos: int = Field(
        default=0, ge=0, le=1000, description="Research and technology organisations."
    )
    cluster_organisations: dict[Name, Annotated[int, Field(ge=0, le=1000)]] = Field(
        default_factory=dict, description="Cluster organisations by sector."
    )
    jobs: dict[Name, NonNegative] = Field(
        default_factory=dict, description="Employment by sector, real jobs."
    )
    firms: dict[Name, NonNegative] = Field(
        default_factory=dict, description="Real firms by sector, where they are known."
    )


class FirmSizeSpec(Spec):
    """The size distribution of firms at the start: a truncated Pareto.

    ``Pr(size > s) ~ s**-tail`` between ``smallest`` and ``largest`` jobs. Zipf's law for firms is
    ``tail = 1`` (Axtell 2001); 1.03 to 1.08 in recent tables (US Census SUSB, Eurostat SBS).
    """

    smallest: float = Field(default=1.0, gt=0, le=1000, description="Jobs.")
    largest: float = Field(default=5000.0, gt=1, le=1_000_000, description="Jobs.")
    tail: float = Field(default=1.06, gt=0.2, le=5, description="Exponent of the Pareto tail.")


class FounderSpec(Spec):
    """What the firms of the founding year are like; newcomers later are set by `entry`."""

    research_mean: Share = Field(
        default=0.04, description="Mean R&D intensity, share of revenue (assumption)."
    )
    research_spread: float = Field(
        default=2.2,
        ge=0,
        le=5,
        description="Spread of R&D intensity, standard deviation of its logarithm (set to the "
        "share of firms with R&D by size; `clustersim.world.newcomers.research_intensity`).",
    )
    knowledge_low: Share = Field(default=0.2, description="Least level of a field that is known.")
    knowledge_high: Share = Field(default=0.9, description="Highest level of a field.")
    breadth: float = Field(
        default=4.0,
        gt=0,
        le=50,
        description="A field of relevance w is known with chance 1 - (1 - w)**breadth.",
    )
    standing: float = Field(
        default=0.2,
        ge=0,
        le=5,
        description="How much more the founders of a place know where its sector is larger than "
        "expected: exponent of the location quotient; 0: no more (set to the slope of 0.92 of log "
        "location quotients in 2022 on those of 2015 in the United Kingdom).",
    )
    mean_age: Positive = Field(default=12.0, description="Years; ages are exponentially spread.")
    funds: NonNegative = Field(default=1.0, description="Liquid funds, years of the wage bill.")
    ties: NonNegative = Field(
        default=1.2, le=50, description="Collaborations that each actor with R&D proposes."
    )
    unemployment: float = Field(
        default=0.06,
        ge=0,
        le=0.9,
        description="Share of the labour force that looks for work at the start.",
    )
    district_km: Positive = Field(
        default=4.0, description="Mean distance of a firm to the centre of its district, km."
    )


class ExchangeSpec(Spec):
    """How knowledge passes between two actors; used by learning, innovation and collaboration."""

    distance_decay: bool = Field(
        default=True, description="Whether distance matters at all for the exchange of knowledge."
    )
    tacit_km: float = Field(
        default=3.0,
        gt=0,
        le=20000,
        description="Decay length of tacit exchange, km (Rosenthal & Strange 2008: fades within "
        "five miles).",
    )
    codified_km: float = Field(
        default=500.0,
        gt=0,
        le=20000,
        description="Decay length of codified exchange, km (assumption).",
    )
    visits: Share = Field(
        default=0.5,
        description="Share of the exchange over codified_km that travellers carry, which stops "
        "with travel between regions (assumption).",
    )
    research_half: float = Field(
        default=0.03,
        gt=0,
        le=1,
        description="R&D intensity at which effort is half of the most (assumption; form: Cohen & "
        "Levinthal 1990).",
    )
    experience: Share = Field(
        default=0.15,
        description="Absorptive capacity that comes with doing the work, without any R&D "
        "(assumption; that there is such: Cohen & Levinthal 1990).",
    )
    fruitful_distance: float = Field(
        default=0.35,
        gt=0,
        le=1,
        description="Cognitive distance (1 - cosine) at which exchange is most fruitful for an "
        "actor that absorbs nothing (assumption; inverted U: Nooteboom et al. 2007).",
    )
    fruitful_stretch: float = Field(
        default=0.5,
        ge=0,
        le=5,
        description="How far absorptive capacity moves that distance outwards (assumption; "
        "direction: Nooteboom et al. 2007).",
    )


class WorldSpec(Spec):
    """Everything that a world is founded from."""

    start_year: int = Field(default=2000, ge=1500, le=3000, description="Calendar year of step 0.")
    employment_scale: float = Field(
        default=1.0,
        ge=1,
        le=1_000_000,
        description="Real jobs (and real firms) that one simulated job (and firm) stands for. "
        "Institutions stand for themselves, so that their part in ties grows with the scale.",
    )
    fields: tuple[FieldSpec, ...] = Field(
        default_factory=lambda: DEFAULT_FIELDS, min_length=2, max_length=200
    )
    sectors: tuple[SectorSpec, ...] = Field(default=(), max_length=1000)
    regions: tuple[RegionSpec, ...] = Field(default=(), max_length=10000)
    firm_size: FirmSizeSpec = Field(default_factory=FirmSizeSpec)
    founders: FounderSpec = Field(default_factory=FounderSpec)
    exchange: ExchangeSpec = Field(default_factory=ExchangeSpec)
    national_authorities: int = Field(default=1, ge=0, le=100, description="National authorities.")
    eu_authorities: int = Field(default=1, ge=0, le=10, description="Authorities of the EU.")
    knowledge_precision: Literal["single", "double"] = Field(
        default="single",
        description="Precision in which knowledge is stored; sums are always in double precision.",
    )


def _field(name: str, *tags: Tag) -> FieldSpec:
    return FieldSpec(name=name, tags=tags)


DEFAULT_FIELDS: tuple[FieldSpec, ...] = (
    _field("mechanical engineering"),
    _field("materials"),
    _field("metal processing"),
    _field("tooling"),
    _field("chemistry"),
    _field("process engineering"),
    _field("food technology"),
    _field("textiles"),
    _field("construction technology"),
    _field("transport and logistics"),
    _field("electrical engineering"),
    _field("electronics"),
    _field("optics and sensors"),
    _field("medical technology"),
    _field("biotechnology"),
    _field("design and organisation"),
    _field("software", "digital"),
    _field("data and artificial intelligence", "digital"),
    _field("connectivity", "digital"),
    _field("robotics and automation", "digital"),
    _field("renewable energy", "green"),
    _field("storage and hydrogen", "green"),
    _field("circular materials", "green"),
    _field("energy efficiency", "green"),
)
"""The 24 technology fields used when a scenario names none (an assumption: broad fields of the
patent classification of the World Intellectual Property Organization, shortened)."""
