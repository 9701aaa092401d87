"""Mesa's window on a simulation: a Mesa model, its agents, and rules for one agent.

Importing this package imports Mesa, which takes more than a second; nothing else in clustersim
does. The start method of :mod:`multiprocessing` stays as it was.
"""

from clustersim.mesa_model.agents import (
    RTO,
    Actor,
    Authority,
    ClusterOrganisation,
    DepartedError,
    Firm,
    University,
)
from clustersim.mesa_model.model import ClusterModel
from clustersim.mesa_model.rule import AgentRule

__all__ = [
    "RTO",
    "Actor",
    "AgentRule",
    "Authority",
    "ClusterModel",
    "ClusterOrganisation",
    "DepartedError",
    "Firm",
    "University",
]
