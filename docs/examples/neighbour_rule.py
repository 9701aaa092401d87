"""Firms imitate the R&D of their partners: a rule for one agent."""

from typing import Any, ClassVar, final

from clustersim.mechanisms.base import parameter
from clustersim.mesa_model import AgentRule
from clustersim.world.draws import Draws


@final
class NeighbourRule(AgentRule):
    """A firm moves its R&D intensity towards the mean of the firms it collaborates with.

    With chance `attention` a quarter, ``R_i <- R_i + step (mean_j R_j - R_i)``.

    Source: an example. Values: assumptions.
    """

    name: ClassVar[str] = "neighbour_rule"
    writes: ClassVar[tuple[str, ...]] = ("actors.research",)

    attention: float = parameter(
        0.5,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Chance that a firm looks at its partners in a quarter.",
        source="assumption",
    )
    step: float = parameter(
        0.1,
        low=0.0,
        high=1.0,
        unit="share",
        meaning="Share of the difference that it makes up for.",
        source="assumption",
    )

    def act(self, agent: Any, draws: Draws) -> None:
        """Let one firm look around."""
        partners = [one for one in agent.neighbours("collaboration") if one.kind == agent.kind]
        if partners and draws.uniform_of("neighbour_rule.look", agent.unique_id) < self.attention:
            mean = sum(partner.research for partner in partners) / len(partners)
            agent.research += self.step * (mean - agent.research)
