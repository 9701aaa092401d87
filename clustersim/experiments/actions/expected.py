"""What each action is expected to do, said before it is tried."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Expected:
    """An outcome that an action moves, and by how much at least; the sign is the direction.

    The outcome is one of `clustersim.experiments.actions.outcomes.OUTCOMES`.

    The least size, a convention, is a tenth of what the action adds to its lever where the outcome
    is what the lever multiplies (a factor of 1 + 0.5 on meetings: 5 % more collaborations); one in
    a thousand where the way is longer (productivity, jobs, survival, knowledge), half of that for
    `technology_watch`, as only those who explore look ahead; one firm in a hundred for adoption.
    """

    action: str
    outcome: str
    least: float


EXPECTED: Final[tuple[Expected, ...]] = (
    Expected("diffusion_events", "ties", 0.05),
    Expected("diffusion_events", "productivity", 0.001),
    Expected("demonstrators", "readiness", 0.05),
    Expected("demonstrators", "digital", 0.01),
    Expected("technology_watch", "rising", 0.0005),
    Expected("technology_transfer", "projects", 0.05),
    Expected("technology_transfer", "productivity", 0.001),
    Expected("specialised_expertise", "innovations", 0.03),
    Expected("incubators", "start_ups", 0.02),
    Expected("incubators", "young_closing", -0.025),
    Expected("entrepreneur_networks", "ties", 0.1),
    Expected("spin_off_creation", "spin_offs", 0.06),
    Expected("start_up_funding", "survival", 0.001),
    Expected("firm_networks", "ties", 0.1),
    Expected("firm_networks", "outside", 0.01),
    Expected("shared_rd", "projects", 0.1),
    Expected("shared_rd", "readiness", 0.02),
    Expected("export_networks", "jobs", 0.001),
    Expected("market_intelligence", "jobs", 0.001),
    Expected("joint_rd_projects", "projects", 0.1),
    Expected("competence_audit", "productivity", 0.001),
    Expected("strategic_study", "additional", 0.01),
    Expected("strategic_study", "help", 0.01),
    Expected("engagement", "members", 0.1),
    Expected("marketing", "subsidiaries", 0.2),
    Expected("marketing", "start_ups", 0.005),
    Expected("management_training", "productivity", 0.003),
    Expected("management_training", "jobs", 0.001),
    Expected("skills_development", "productivity", 0.001),
    Expected("capital_markets", "survival", 0.001),
    Expected("joint_financing", "survival", 0.001),
    Expected("legal_framework", "start_ups", 0.01),
    Expected("infrastructure", "readiness", 0.05),
    Expected("infrastructure", "innovations", 0.02),
    Expected("trust_building", "trust", 0.001),
    Expected("trust_building", "ties", 0.03),
    Expected("basis_financing", "productivity", 0.001),
    Expected("eu_initiatives", "outside", 0.02),
    Expected("eu_initiatives", "projects", 0.05),
    Expected("cross_border_links", "outside", 0.04),
    Expected("entrepreneurial_discovery", "rising", 0.001),
    Expected("entrepreneurial_discovery", "projects", 0.03),
    Expected("green_transition", "green", 0.01),
    Expected("digital_transition", "digital", 0.01),
    Expected("covid_recovery", "survival", 0.001),
    Expected("innovation_voucher", "innovations", 0.05),
    Expected("rd_grant", "research", 0.05),
    Expected("innovation_audit", "innovations", 0.02),
    Expected("innovation_audit", "spin_offs", 0.02),
    Expected("excellence_training", "help", 0.05),
    Expected("peer_review", "help", 0.03),
    Expected("cluster_partnerships", "ties", 0.01),
    Expected("carbon_price", "green", 0.005),
    Expected("carbon_price", "emissions", -0.001),
    Expected("digital_mandate", "digital", 0.02),
    Expected("green_mandate", "green", 0.02),
    Expected("green_mandate", "emissions", -0.001),
)
"""One line for each action and outcome. A new action needs one."""
