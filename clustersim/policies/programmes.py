"""Programmes of cluster policy: bundles of measures, under the rules of those who run them.

A policy of a scenario names one as its `programme`, and takes from it what it does not say itself.
What is here beside the brief (Morisson & Pattinson 2021) is an assumption: shares, staff, fees.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Programme:
    """A bundle of measures with its rules, as a policy of a scenario file says them."""

    name: str
    title: str
    about: str
    """What it is, and what of it the brief says."""
    values: Mapping[str, Any]
    """As under a policy of a scenario file; `measures` at least."""


def _measures(**shares: float) -> list[dict[str, Any]]:
    return [{"action": action, "share": share} for action, share in shares.items()]


PROGRAMMES: Final[tuple[Programme, ...]] = (
    Programme(
        "poles",
        "Pôles de compétitivité",
        "Competitive bidding; the state pays a part of the governance of each pole, and calls for "
        "joint projects of research of firms and science. 54 poles in 2021.",
        {
            "authority": "national",
            "identification": {"method": "call", "error": 0.2},
            "governance": {"staff": 5, "public_share": 0.5, "fee": 1000},
            "measures": _measures(joint_rd_projects=0.85, firm_networks=0.15),
        },
    ),
    Programme(
        "escp",
        "European strategic cluster partnerships",
        "Clusters collaborate across regions and sectors, and go to markets elsewhere together.",
        {
            "authority": "eu",
            "identification": {"method": "both"},
            "governance": {"staff": 2, "public_share": 0.75, "fee": 300},
            "measures": _measures(cluster_partnerships=0.6, export_networks=0.4),
        },
    ),
    Programme(
        "cluster_excellence",
        "Cluster Excellence programme",
        "Training, mentoring and benchmarking of those who manage clusters, for better services "
        "and collaboration between regions.",
        {
            "authority": "eu",
            "identification": {"method": "both"},
            "governance": {"staff": 3, "public_share": 0.5, "fee": 300},
            "measures": _measures(excellence_training=0.5, peer_review=0.2, firm_networks=0.3),
        },
    ),
    Programme(
        "innosup_1",
        "INNOSUP-1, cluster facilitated projects for new industrial value chains",
        "At least 75 % of the budget goes to SMEs, by vouchers up to EUR 60,000 in open calls and "
        "by services; clusters of several regions and sectors are brought together. 25 projects.",
        {
            "authority": "eu",
            "identification": {"method": "both"},
            "governance": {"staff": 3, "public_share": 0.8, "fee": 300},
            "measures": [
                {"action": "innovation_voucher", "share": 0.8, "cost": 20_000, "sizes": ["sme"]},
                {"action": "cluster_partnerships", "share": 0.2, "sizes": ["sme"]},
            ],
            "rules": {"sme_share": 0.75, "per_firm": 60_000},
        },
    ),
    Programme(
        "euroclusters",
        "Euroclusters, joint cluster initiatives",
        "Strategic European value chains, markets abroad for SMEs, and the uptake of innovation, "
        "digital and green technology.",
        {
            "authority": "eu",
            "identification": {"method": "both"},
            "governance": {"staff": 3, "public_share": 0.75, "fee": 300},
            "measures": [
                {"action": "digital_transition", "share": 0.2, "sizes": ["sme"]},
                {"action": "green_transition", "share": 0.2, "sizes": ["sme"]},
                {"action": "innovation_voucher", "share": 0.3, "sizes": ["sme"]},
                {"action": "export_networks", "share": 0.15, "sizes": ["sme"]},
                {"action": "cluster_partnerships", "share": 0.15},
            ],
        },
    ),
    Programme(
        "ipcei",
        "Important Projects of Common European Interest",
        "Large projects of research and first use, as of the European Battery Alliance, in a few "
        "strong clusters.",
        {
            "authority": "national",
            "identification": {"method": "mapping", "least_class": "medium", "most": 3},
            "measures": [
                {"action": "rd_grant", "share": 0.7, "cost": 5e6, "length": 4, "choice": "largest"},
                {"action": "infrastructure", "share": 0.3},
            ],
            "rules": {"aid_sme": 0.6, "aid_large": 0.5},
        },
    ),
    Programme(
        "innovation_ecosystems",
        "European Innovation Ecosystems",
        "Ecosystems across Europe are linked with each other; innovative small firms find "
        "partners.",
        {
            "authority": "eu",
            "identification": {"method": "both"},
            "governance": {"staff": 3, "public_share": 0.75, "fee": 300},
            "measures": _measures(
                cross_border_links=0.3,
                cluster_partnerships=0.3,
                technology_transfer=0.2,
                entrepreneur_networks=0.2,
            ),
        },
    ),
    Programme(
        "i3",
        "Interregional Innovation Investments",
        "Regions invest together, along the priorities of smart specialisation, from demonstration "
        "to the market.",
        {
            "authority": "eu",
            "identification": {"method": "both"},
            "governance": {"staff": 3, "public_share": 0.7, "fee": 300},
            "measures": _measures(
                joint_rd_projects=0.6, demonstrators=0.25, cluster_partnerships=0.15
            ),
        },
    ),
    Programme(
        "digital_innovation_hub",
        "European Digital Innovation Hubs",
        "Firms test digital technology before they invest, learn to use it, and are advised.",
        {
            "authority": "national",
            "governance": {"staff": 6, "public_share": 0.8, "fee": 0},
            "measures": [
                {"action": "demonstrators", "share": 0.4},
                {"action": "digital_transition", "share": 0.4, "sizes": ["sme"]},
                {"action": "management_training", "share": 0.2, "sizes": ["sme"]},
            ],
        },
    ),
    Programme(
        "innovation_audit",
        "Innovation audit",
        "A questionnaire of 45 questions, an analysis by experts, and meetings on what to do about "
        "it, by consultant and cluster manager together; it led to 3 spin-offs.",
        {
            "authority": "national",
            "governance": {"staff": 3, "public_share": 0.7, "fee": 200},
            "measures": [
                {"action": "innovation_audit", "share": 0.8, "sizes": ["sme"]},
                {"action": "spin_off_creation", "share": 0.2},
            ],
        },
    ),
    Programme(
        "peer_review",
        "Peer review",
        "Peers from other regions look at a cluster for two days and recommend what to do next.",
        {
            "authority": "eu",
            "governance": {"staff": 2, "public_share": 0.5, "fee": 300},
            "measures": _measures(
                peer_review=0.4, strategic_study=0.2, entrepreneurial_discovery=0.4
            ),
        },
    ),
    Programme(
        "smart_specialisation",
        "Clusters aligned to a smart specialisation strategy (S3)",
        "Clusters lead the entrepreneurial discovery in the region's priorities, bring actors and "
        "funding together around them, and build critical mass in what is emerging.",
        {
            "authority": "national",
            "identification": {"method": "call", "every": 7},
            "governance": {"staff": 4, "public_share": 0.6, "fee": 500},
            "measures": [
                {"action": "entrepreneurial_discovery", "share": 0.25, "choice": "newest"},
                {"action": "technology_watch", "share": 0.1},
                {"action": "joint_rd_projects", "share": 0.5, "choice": "newest"},
                {"action": "skills_development", "share": 0.15},
            ],
        },
    ),
    Programme(
        "infrastructure",
        "Research and innovation infrastructure",
        "Laboratories and test sites that no firm could build alone, open to all of the place.",
        {
            "authority": "national",
            "measures": _measures(infrastructure=0.85, demonstrators=0.15),
        },
    ),
    Programme(
        "carbon_pricing",
        "A price on CO2",
        "Regulation: every tonne costs 50 euro, paid to the treasury.",
        {
            "authority": "national",
            "identification": {"quotient": 0},
            "measures": _measures(carbon_price=1.0),
        },
    ),
    Programme(
        "twin_mandates",
        "Duties to go digital and green",
        "Regulation: firms that have not adopted digital and green technology pay until they have.",
        {
            "authority": "national",
            "identification": {"quotient": 0},
            "measures": _measures(digital_mandate=0.5, green_mandate=0.5),
        },
    ),
)
"""The programmes, by name as a policy's `programme`."""

BY_NAME: Final = {programme.name: programme for programme in PROGRAMMES}
"""Every programme by name."""
