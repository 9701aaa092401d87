"""What a policy can do: the 32 actions of cluster policy, and instruments of programmes.

The actions are those of Table 1 of Morisson & Pattinson 2021, *Clusters: Driving the Green and
Digital Twin Transitions* (Interreg Europe), in its eight groups. Each is a row of this table and
none has code of its own: it is delivered in one of the ways of `Delivery`, and pulls levers
(`clustersim.world.levers`) of those it reaches. What is not said to come from a source is an
assumption, and every number can be set in a scenario.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from clustersim.world.levers import LEVERS


class Delivery(Enum):
    """How an action reaches those it is for."""

    SERVICE = "service"
    """Staff serve firms one by one: money and hours for each."""
    VOUCHER = "voucher"
    """Firms are given money for a purpose, once."""
    GRANT = "grant"
    """Aid pays a part of a project of research of a firm; the firm pays the rest."""
    FUNDING = "funding"
    """Firms are given money, to be used as their own."""
    FACILITY = "facility"
    """Something is built for the place, and wears out; all who are there have it."""
    ORGANISATION = "organisation"
    """The cluster organisation itself becomes better."""
    PARTNERSHIP = "partnership"
    """Organisations build bridges to others, and bring members of both together."""
    REGULATION = "regulation"
    """A rule binds all firms of the place; money goes into its enforcement."""


ONE_BY_ONE: Final = frozenset(
    {Delivery.SERVICE, Delivery.VOUCHER, Delivery.FUNDING, Delivery.GRANT}
)
"""Ways of delivery that reach chosen firms one by one."""


@dataclass(frozen=True)
class Effect:
    """What an action does to a lever at full exposure: what is added to a factor of 1, or to 0."""

    lever: str
    size: float


@dataclass(frozen=True)
class Action:
    """An action of cluster policy.

    Costs are in euro of a fixed year: a year for each firm served; of a voucher its value; of a
    grant the project's cost a year; of a facility what makes half of its full effect, for each job
    of the place; of an organisation what brings half of the most in a year; of a partnership a
    meeting of two members; of regulation its enforcement, a year for each firm.
    """

    name: str
    group: str
    title: str
    delivery: Delivery
    effects: tuple[Effect, ...]
    cost: float
    channel: str
    """By what it works, in plain words."""
    source: str = "assumption"
    hours: float = 0.0
    """Hours of staff a year for each firm served; of a partnership for each meeting."""
    length: float = 1.0
    """Years that a firm is served."""
    take_up: float = 0.5
    """Share of those asked who accept."""
    deadweight: float = 0.2
    """Share of those served who would have done the same anyway."""
    delay: float = 0.25
    """Years until it works."""
    fade: float = 0.75
    """Years after its end until 37 % of the effect is left; of a facility until it has worn."""
    youngest: float | None = None
    """Firms up to this age only, years."""
    levy: float = 0.0
    """Of regulation, what a firm pays: euro for each tonne of CO2; or, where there is something to
    `adopt`, euro for each job and year until it has."""
    adopt: Literal["", "digital", "green"] = ""
    """Of regulation, the technology by which a firm complies; a carbon price has none."""

    def __post_init__(self) -> None:
        """Refuse an effect on a lever that does not exist."""
        known = {lever.name for lever in LEVERS} | set(OWN)
        for effect in self.effects:
            if effect.lever not in known:
                msg = f"action {self.name}: there is no lever {effect.lever!r}"
                raise ValueError(msg)


OWN: Final = ("excellence", "engagement", "targeting", "bridges", "meetings")
"""What actions change in a cluster organisation itself: how well it serves, how many join, how many
of those served would not have done the same anyway, to how many other organisations it has bridges,
and to how many meetings a year it sends each member over a bridge."""

NEW_TECHNOLOGY: Final = "New Technology"
FIRM_GROWTH: Final = "Firm Growth"
NETWORK: Final = "Inter-Actor Network"
FORMATION: Final = "Cluster Formation"
FACTORS: Final = "Factor Markets"
BASIS: Final = "Cluster Basis"
GOVERNANCE: Final = "Multi-level Governance"
SOCIETY: Final = "Societal Challenges"
PROGRAMME: Final = "Instruments of programmes"

GROUPS: Final = (
    NEW_TECHNOLOGY,
    FIRM_GROWTH,
    NETWORK,
    FORMATION,
    FACTORS,
    BASIS,
    GOVERNANCE,
    SOCIETY,
)
"""The eight groups of the table."""


def _effects(**sizes: float) -> tuple[Effect, ...]:
    return tuple(Effect(lever, size) for lever, size in sizes.items())


_PARTNERS = "Firms meet more partners"
ACTIONS: Final[tuple[Action, ...]] = (
    Action(
        "diffusion_events",
        NEW_TECHNOLOGY,
        "Facilitate the diffusion of technology (events, workshops)",
        Delivery.SERVICE,
        _effects(meeting=0.5, absorption=0.2),
        cost=600.0,
        hours=4.0,
        channel=f"{_PARTNERS} and take up more of what these and their place know.",
    ),
    Action(
        "demonstrators",
        NEW_TECHNOLOGY,
        "Build demonstrators and FabLabs to develop and test new technologies",
        Delivery.FACILITY,
        _effects(progress=0.5, digital=0.4, innovation=0.1),
        cost=400.0,
        delay=2.0,
        fade=10.0,
        channel="Projects become ready for use sooner, and technology is seen before it is bought.",
    ),
    Action(
        "technology_watch",
        NEW_TECHNOLOGY,
        "Create an observatory and technology watch",
        Delivery.SERVICE,
        _effects(foresight=0.9),
        cost=300.0,
        hours=2.0,
        channel="Firms that explore look at what will matter, not at what matters now.",
    ),
    Action(
        "technology_transfer",
        NEW_TECHNOLOGY,
        "Facilitate technology transfer",
        Delivery.SERVICE,
        _effects(absorption=0.4, proposal=0.5),
        cost=2_000.0,
        hours=12.0,
        channel="Firms learn faster from partners and propose more joint projects.",
    ),
    Action(
        "specialised_expertise",
        NEW_TECHNOLOGY,
        "Facilitate access to specialised expertise",
        Delivery.SERVICE,
        _effects(innovation=0.3, absorption=0.2),
        cost=5_000.0,
        hours=8.0,
        channel="Experts help firms to find new products and processes.",
    ),
    Action(
        "incubators",
        FIRM_GROWTH,
        "Support cluster-based incubators",
        Delivery.FACILITY,
        _effects(start_ups=0.2, closing=-0.25),
        cost=150.0,
        delay=1.0,
        fade=8.0,
        youngest=4.0,
        channel="More firms are founded, and fewer of the young ones close.",
    ),
    Action(
        "entrepreneur_networks",
        FIRM_GROWTH,
        "Encourage entrepreneur networks",
        Delivery.SERVICE,
        _effects(meeting=1.0, trust=0.3),
        cost=400.0,
        hours=6.0,
        youngest=6.0,
        channel="Young firms meet partners sooner and trust them more.",
    ),
    Action(
        "spin_off_creation",
        FIRM_GROWTH,
        "Facilitate the creation of spin-offs",
        Delivery.SERVICE,
        _effects(spin_off=0.6),
        cost=1_500.0,
        hours=10.0,
        channel="More people leave firms to found their own, near by and with what they know.",
    ),
    Action(
        "start_up_funding",
        FIRM_GROWTH,
        "Support funding opportunities for start-ups",
        Delivery.FUNDING,
        _effects(closing=-0.15),
        cost=30_000.0,
        take_up=0.9,
        deadweight=0.3,
        youngest=3.0,
        channel="Young firms live longer on other people's money.",
    ),
    Action(
        "firm_networks",
        NETWORK,
        "Foster intra- and extra-cluster firm networks",
        Delivery.SERVICE,
        _effects(meeting=1.0, outreach=0.1, trust=0.3),
        cost=800.0,
        hours=8.0,
        channel=f"{_PARTNERS}, some of them elsewhere, and trust them more.",
        source="assumption; networks raise meetings and trust rather than R&D, and fade with the "
        "money (Graf & Broekel 2020)",
    ),
    Action(
        "shared_rd",
        NETWORK,
        "Development of shared R&D",
        Delivery.SERVICE,
        _effects(proposal=1.0, progress=0.2),
        cost=3_000.0,
        hours=16.0,
        channel="Firms and science propose more joint projects, which come on faster.",
    ),
    Action(
        "export_networks",
        NETWORK,
        "Form export networks",
        Delivery.SERVICE,
        _effects(access=0.02),
        cost=3_000.0,
        hours=8.0,
        channel="Firms win orders that their productivity alone would not bring.",
    ),
    Action(
        "market_intelligence",
        NETWORK,
        "Compile market intelligence",
        Delivery.SERVICE,
        _effects(access=0.01, foresight=0.1),
        cost=500.0,
        hours=2.0,
        channel="Firms know sooner where orders are to be had and what will matter.",
    ),
    Action(
        "joint_rd_projects",
        NETWORK,
        "Promote joint R&D projects",
        Delivery.GRANT,
        _effects(proposal=1.0),
        cost=1_000_000.0,
        hours=20.0,
        length=3.0,
        take_up=0.9,
        deadweight=0.0,
        fade=0.5,
        channel="Aid pays a part of projects; what a firm would have done anyway is displaced.",
        source="displacement is set to the additionality of R&D support (Dimos et al. 2022)",
    ),
    Action(
        "competence_audit",
        FORMATION,
        "Conduct competence audit",
        Delivery.SERVICE,
        _effects(absorption=0.2, skill=0.005),
        cost=2_500.0,
        hours=20.0,
        fade=3.0,
        channel="Firms learn what they lack, and learn it.",
    ),
    Action(
        "strategic_study",
        FORMATION,
        "Undertake strategic study and analysis",
        Delivery.ORGANISATION,
        _effects(targeting=0.5),
        cost=100_000.0,
        fade=4.0,
        channel="The organisation serves those who would not have done the same anyway.",
    ),
    Action(
        "engagement",
        FORMATION,
        "Engage actors and communicate",
        Delivery.ORGANISATION,
        _effects(engagement=1.0),
        cost=80_000.0,
        fade=2.0,
        channel="More firms and science join.",
    ),
    Action(
        "marketing",
        FORMATION,
        "Promote cluster marketing",
        Delivery.FACILITY,
        _effects(arrivals=0.5, start_ups=0.05),
        cost=60.0,
        delay=0.5,
        fade=2.0,
        channel="Foreign firms and founders choose the place more often.",
    ),
    Action(
        "management_training",
        FACTORS,
        "Provide management and technical training",
        Delivery.SERVICE,
        _effects(skill=0.03),
        cost=8_000.0,
        hours=4.0,
        delay=0.5,
        fade=5.0,
        channel="Firms make more of what they know.",
    ),
    Action(
        "skills_development",
        FACTORS,
        "Promote skills development (skill centres, skills alliances)",
        Delivery.FACILITY,
        _effects(matching=0.2, skill=0.01),
        cost=300.0,
        delay=1.0,
        fade=6.0,
        channel="People can do more, and vacancies are filled sooner.",
    ),
    Action(
        "capital_markets",
        FACTORS,
        "Facilitate access to specialised capital markets",
        Delivery.SERVICE,
        _effects(credit=0.5),
        cost=1_000.0,
        hours=6.0,
        channel="Firms can bear more debt before they have to close.",
    ),
    Action(
        "joint_financing",
        FACTORS,
        "Promote joint financing",
        Delivery.FUNDING,
        _effects(credit=0.3),
        cost=20_000.0,
        take_up=0.7,
        deadweight=0.3,
        channel="Firms get through a bad year.",
    ),
    Action(
        "legal_framework",
        BASIS,
        "Improve the legal framework",
        Delivery.FACILITY,
        _effects(start_ups=0.1, matching=0.05),
        cost=20.0,
        delay=2.0,
        fade=20.0,
        channel="It is easier to found a firm and to hire.",
    ),
    Action(
        "infrastructure",
        BASIS,
        "Create or mutualise research and innovation infrastructures and projects",
        Delivery.FACILITY,
        _effects(progress=0.5, innovation=0.2, absorption=0.2),
        cost=2_000.0,
        delay=3.0,
        fade=15.0,
        channel="Firms and science find more, and bring it further.",
    ),
    Action(
        "trust_building",
        BASIS,
        "Facilitate trust and social capital",
        Delivery.SERVICE,
        _effects(trust=1.0, meeting=0.3),
        cost=500.0,
        hours=10.0,
        fade=1.5,
        channel="Success together builds more trust, and trust carries knowledge.",
    ),
    Action(
        "basis_financing",
        BASIS,
        "Promote joint financing of the cluster basis",
        Delivery.FACILITY,
        _effects(crowding=-0.1),
        cost=1_000.0,
        delay=2.0,
        fade=15.0,
        channel="Sites, roads and housing make a dense place less dear.",
    ),
    Action(
        "eu_initiatives",
        GOVERNANCE,
        "Facilitate EU industrial initiatives",
        Delivery.SERVICE,
        _effects(outreach=0.2, proposal=0.5),
        cost=1_500.0,
        hours=10.0,
        channel="Firms look for partners abroad and propose projects with them.",
    ),
    Action(
        "cross_border_links",
        GOVERNANCE,
        "Link actors from different EU member states, regions and their industrial ecosystems",
        Delivery.SERVICE,
        _effects(outreach=0.4, meeting=0.3),
        cost=1_200.0,
        hours=8.0,
        channel="Firms meet partners of other regions, who know other things.",
    ),
    Action(
        "entrepreneurial_discovery",
        GOVERNANCE,
        "Lead the entrepreneurial discovery process in S3",
        Delivery.SERVICE,
        _effects(foresight=0.4, meeting=0.3, proposal=0.3),
        cost=1_000.0,
        hours=12.0,
        channel="Those who take part find together what the region could do next.",
    ),
    Action(
        "green_transition",
        SOCIETY,
        "Lead the green transition",
        Delivery.SERVICE,
        _effects(green=1.0),
        cost=2_000.0,
        hours=8.0,
        channel="Firms adopt green technology sooner.",
    ),
    Action(
        "digital_transition",
        SOCIETY,
        "Accelerate the digital transition",
        Delivery.SERVICE,
        _effects(digital=1.0),
        cost=2_000.0,
        hours=8.0,
        channel="Firms adopt digital technology sooner.",
    ),
    Action(
        "covid_recovery",
        SOCIETY,
        "Contribute to COVID-19 recovery efforts and resilience",
        Delivery.FUNDING,
        _effects(credit=0.5, closing=-0.2, digital=0.3),
        cost=15_000.0,
        take_up=0.8,
        deadweight=0.4,
        channel="Firms that would have closed for want of money go on.",
    ),
)
"""The actions of the table, in its order."""

INSTRUMENTS: Final[tuple[Action, ...]] = (
    Action(
        "innovation_voucher",
        PROGRAMME,
        "Innovation voucher for services of science and experts",
        Delivery.VOUCHER,
        _effects(innovation=0.5, absorption=0.3),
        cost=10_000.0,
        hours=4.0,
        take_up=0.9,
        deadweight=1.0 / 9.0,
        fade=0.75,
        channel="A firm buys what it could not have found itself.",
        source="of ten vouchers eight are additional, one would have been done anyway, one is not "
        "used (Cornet et al. 2006)",
    ),
    Action(
        "rd_grant",
        PROGRAMME,
        "Grant for a firm's own R&D",
        Delivery.GRANT,
        (),
        cost=100_000.0,
        hours=8.0,
        length=2.0,
        take_up=0.9,
        deadweight=0.0,
        fade=0.25,
        channel="Aid pays a part of a project; what the firm would have done anyway is displaced.",
        source="displacement is set to the additionality of R&D support (Dimos et al. 2022)",
    ),
    Action(
        "innovation_audit",
        PROGRAMME,
        "Innovation audit: questionnaire, analysis by experts, meetings",
        Delivery.SERVICE,
        _effects(innovation=0.2, absorption=0.2, spin_off=0.2),
        cost=4_000.0,
        hours=30.0,
        fade=2.0,
        channel="A firm is told what it lacks, by people it trusts, and acts on it.",
    ),
    Action(
        "excellence_training",
        PROGRAMME,
        "Training and benchmarking of cluster managers",
        Delivery.ORGANISATION,
        _effects(excellence=0.5),
        cost=60_000.0,
        fade=8.0,
        channel="The organisation serves its members better.",
    ),
    Action(
        "peer_review",
        PROGRAMME,
        "Peer review by managers of other clusters",
        Delivery.ORGANISATION,
        _effects(excellence=0.3, targeting=0.2),
        cost=30_000.0,
        fade=5.0,
        channel="The organisation sees itself with other eyes.",
    ),
    Action(
        "cluster_partnerships",
        PROGRAMME,
        "Partnerships of cluster organisations: matchmaking between their members",
        Delivery.PARTNERSHIP,
        _effects(bridges=3.0, meetings=1.0),
        cost=800.0,
        hours=6.0,
        channel="Members of clusters that know other things are brought together.",
    ),
    Action(
        "carbon_price",
        PROGRAMME,
        "A price on CO2",
        Delivery.REGULATION,
        _effects(green=0.5, access=-1.0),
        cost=20.0,
        levy=50.0,
        delay=0.0,
        channel="Firms pay for what they emit: they adopt green technology sooner, and those that "
        "emit much lose orders to others abroad.",
    ),
    Action(
        "digital_mandate",
        PROGRAMME,
        "A duty to work digitally",
        Delivery.REGULATION,
        _effects(digital=2.0, access=-1.0),
        cost=100.0,
        levy=200.0,
        delay=0.0,
        adopt="digital",
        channel="Firms adopt digital technology sooner, and pay until they do.",
    ),
    Action(
        "green_mandate",
        PROGRAMME,
        "A duty to use green technology",
        Delivery.REGULATION,
        _effects(green=2.0, access=-1.0),
        cost=100.0,
        levy=200.0,
        delay=0.0,
        adopt="green",
        channel="Firms adopt green technology sooner, and pay until they do.",
    ),
)
"""What programmes do beside the actions of the table."""

BY_NAME: Final = {action.name: action for action in (*ACTIONS, *INSTRUMENTS)}
"""Every action and instrument by name."""
