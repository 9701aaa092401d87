"""What public policy sets out to do: who pays, for which clusters, with which measures and rules.

These are the classes behind the ``policies:`` section of a scenario file. They hold data only; the
actions are in `clustersim.policies.actions`, and what happens in `clustersim.policies`.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from clustersim.world.spec import Name, NonNegative, Positive, Share, Spec

Year = Annotated[float, Field(ge=1500, le=3000)]
Size = Literal["sme", "large"]
Strength = Literal["basic", "medium", "high"]
Choice = Literal["lottery", "largest", "newest", "connected"]

LARGE: Final = 250.0
"""Jobs from which a firm is large (recommendation 2003/361/EC of the European Commission)."""


class PlaceSpec(Spec):
    """A local industry by name."""

    region: Name = Field(description="Region.")
    sector: Name = Field(description="Sector.")


class Identification(Spec):
    """How the clusters are found that a policy is for.

    *named*: those listed. *mapping*: from statistics of jobs, a local industry whose location
    quotient, jobs, size, focus, strength and local share of inputs reach the thresholds, the
    strongest first.
    Statistics are `lag` years old and err by `error`; they know sectors, not the technology in
    them, so that what is new in an old sector is not seen. *call*: local industries apply, with
    chance ``applies (1 + c) / 2``, c being the share of their firms that work with others, and the
    best `most` win; a jury sees c and the share of new technology, and errs by `error` as well.
    *both*: mapping says who may apply.
    """

    method: Literal["named", "mapping", "call", "both"] = Field(
        default="mapping", description="How clusters are found."
    )
    places: tuple[PlaceSpec, ...] = Field(default=(), description="The clusters, if named.")
    regions: tuple[Name, ...] = Field(default=(), description="Only in these; left out: anywhere.")
    sectors: tuple[Name, ...] = Field(default=(), description="Only these; left out: any.")
    quotient: NonNegative = Field(default=1.5, description="Least location quotient.")
    jobs: NonNegative = Field(default=0.0, description="Least jobs.")
    size: Share = Field(default=0.0, description="Least share of the jobs of the sector.")
    focus: Share = Field(default=0.0, description="Least share of the jobs of the region.")
    least_class: Strength | None = Field(default=None, description="Least strength class.")
    local_inputs: Share = Field(
        default=0.0, description="Least share of inputs that the sectors of the region can supply."
    )
    most: int | None = Field(default=None, ge=1, le=100_000, description="Clusters at most.")
    lag: float = Field(default=2.0, ge=0, le=20, description="Age of the statistics, years.")
    error: float = Field(
        default=0.1, ge=0, le=2, description="Spread of the error, ln of jobs or of the score."
    )
    applies: Share = Field(default=0.8, description="Chance that a well connected one applies.")
    every: float = Field(
        default=0.0, ge=0, le=100, description="Years between revisions of the choice; 0: never."
    )


class Governance(Spec):
    """The cluster organisations that carry out a policy: staff, money, members."""

    staff: Positive = Field(default=4.0, description="Staff of each, full-time jobs.")
    wage: Positive = Field(default=60_000.0, description="Cost of a full-time job, euro a year.")
    public_share: Share = Field(
        default=0.5, description="Share of the cost of staff that the policy pays."
    )
    fee: NonNegative = Field(default=500.0, description="Fee of a member firm, euro a year.")
    join_rate: float = Field(
        default=0.3, ge=0, le=20, description="Rate at which firms and science join."
    )
    leave_rate: float = Field(
        default=0.05, ge=0, le=20, description="Rate at which members leave that are not served."
    )
    cycle: float = Field(
        default=4.0, gt=0, le=50, description="Years from one revision of the plan to the next."
    )
    learning: Share = Field(
        default=0.3, description="Share of what is lacking in excellence that a cycle brings."
    )
    setup: float = Field(
        default=0.5,
        ge=0,
        le=20,
        description="Years in which an organisation is defined and its plan designed, before it "
        "serves anybody.",
    )
    adapt: Share = Field(
        default=0.5,
        description="How far the plan follows what an organisation sees when it revises it; 0: "
        "the plan never changes.",
    )


class Measure(Spec):
    """One action of a policy: how much of the money, for whom, and what differs from the usual.

    What is left out is that of the action.
    """

    action: Name = Field(description="Name of the action.")
    share: Positive = Field(default=1.0, description="Weight in the money of the measures.")
    reach: Share | None = Field(
        default=None,
        description="Share of all those eligible to be served, with what money there is; left "
        "out: as many as can be served well.",
    )
    sizes: tuple[Size, ...] = Field(
        default=("sme", "large"), min_length=1, description="Sizes of firms that are eligible."
    )
    youngest: Positive | None = Field(
        default=None, description="Firms up to this age only, years; left out: as the action says."
    )
    choice: Choice = Field(
        default="lottery",
        description="Who is served first: by lot, the largest, those with the newest technology, "
        "or the best connected.",
    )
    cost: Positive | None = Field(default=None, description="Euro a year for each one served.")
    hours: NonNegative | None = Field(default=None, description="Staff hours a year for each.")
    length: Positive | None = Field(default=None, description="Years that each is served.")
    take_up: Share | None = Field(default=None, description="Share of those asked who accept.")
    deadweight: Share | None = Field(
        default=None, description="Share of those served who would have done the same anyway."
    )
    delay: NonNegative | None = Field(default=None, description="Years until it works.")
    fade: NonNegative | None = Field(
        default=None, description="Years after its end until 37 % of the effect is left."
    )
    strength: NonNegative = Field(default=1.0, description="Effect over that of the action.")
    levy: Positive | None = Field(
        default=None,
        description="Of regulation, what firms pay: euro per tonne of CO2, or euro per job and "
        "year until they comply.",
    )


class Rules(Spec):
    """Rules of a policy, checked before the run and proved by the ledger after it."""

    sme_share: Share = Field(
        default=0.0, description="Least share for SMEs of what measures spend on firms."
    )
    per_firm: Positive | None = Field(
        default=None, description="Euro for one firm at most, in all."
    )
    aid_sme: float = Field(
        default=0.5, gt=0, le=1, description="Share of a project of an SME that aid pays."
    )
    aid_large: float = Field(default=0.25, gt=0, le=1, description="The same of a large firm.")


class Politics(Spec):
    """What elections and interests make of a policy; without them it is carried out as written.

    At an election the clusters are chosen again, and the policy may end. `vested` is the weight of
    size, as a rank, in who is chosen and who is served, beside what the policy itself looks at.
    """

    elections: float = Field(default=0.0, ge=0, le=50, description="Years between them; 0: none.")
    first: Year | None = Field(
        default=None, description="Year of the first; left out: one period after the start."
    )
    swing: Share = Field(
        default=0.0,
        description="Share by which the budget is higher in the year before an election, and lower "
        "in the year after it.",
    )
    reversal: Share = Field(default=0.0, description="Chance that an election ends the policy.")
    myopia: float = Field(
        default=0.0,
        ge=0,
        le=10,
        description="Rate at which measures lose weight in the money with the delay of what they "
        "do.",
    )
    vested: Share = Field(
        default=0.0, description="Weight of size in who is chosen and who is served."
    )


class BudgetFrom(Spec):
    """Another budget, from a year on."""

    year: Year = Field(description="Year from which it holds.")
    budget: NonNegative = Field(description="Euro a year.")


class Policy(Spec):
    """A policy: an authority spends money on measures for clusters, for some years."""

    name: Name = Field(description="Name of the policy; each has its own.")
    programme: Name | None = Field(
        default=None,
        description="Programme whose values it takes where it has none of its own; left out: none.",
    )
    about: str = Field(default="", description="What it is about.")
    authority: Name = Field(
        default="national", description="Who pays: national, eu, or the name of a region."
    )
    year: Year = Field(description="Calendar year of the start; .25 is the second quarter.")
    until: Year | None = Field(default=None, description="Year of the end; left out: none.")
    budget: NonNegative = Field(description="Euro a year.")
    budgets: tuple[BudgetFrom, ...] = Field(
        default=(), description="Budgets of later years, where they differ."
    )
    priorities: tuple[Name, ...] = Field(
        default=(),
        description="Technology fields that count as new for a jury and for the order in which "
        "firms are served; left out: digital and green ones.",
    )
    politics: Politics = Field(
        default_factory=Politics, description="What elections and interests make of it."
    )
    identification: Identification = Field(
        default_factory=Identification, description="Which clusters it is for."
    )
    governance: Governance | None = Field(
        default=None,
        description="Cluster organisations that carry it out; left out: the authority itself.",
    )
    measures: tuple[Measure, ...] = Field(min_length=1, description="What is done.")
    rules: Rules = Field(default_factory=Rules, description="Rules that it keeps.")
    enabled: bool = Field(default=True, description="Whether it is done at all.")
