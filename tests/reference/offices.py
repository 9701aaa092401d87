"""Agents without R&D: they have members and powers, but know and sell nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clustersim.policies.policy import PublicPolicy
from clustersim.world.actors import Kind
from tests.reference.actor import Actor

if TYPE_CHECKING:
    from tests.reference.twin import TwinModel


def policy(model: TwinModel, p: PublicPolicy) -> None:
    """Do nothing where there is no policy; the twin answers levers, but pulls none itself.

    Raises
    ------
    NotImplementedError
        If there is a policy.
    """
    if p.policies:
        raise NotImplementedError("the twin has no rule for policies")


class ClusterOrganisationAgent(Actor):
    """A cluster organisation."""

    kind = Kind.CLUSTER_ORGANISATION


class AuthorityAgent(Actor):
    """An authority of a region, a nation or the European Union."""

    kind = Kind.AUTHORITY
