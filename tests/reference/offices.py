"""Agents without R&D: they have members and powers, but know and sell nothing."""

from __future__ import annotations

from clustersim.world.actors import Kind
from tests.reference.actor import Actor


class ClusterOrganisationAgent(Actor):
    """A cluster organisation."""

    kind = Kind.CLUSTER_ORGANISATION


class AuthorityAgent(Actor):
    """An authority of a region, a nation or the European Union."""

    kind = Kind.AUTHORITY
