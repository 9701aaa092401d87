"""Lays the programmes that policies name under what the scenario says about them."""

from __future__ import annotations

from clustersim.policies.programmes import BY_NAME
from clustersim.scenario.merge import merge
from clustersim.scenario.nodes import Broken, Entry, Items, Map, Node, child, items, text_of, tree
from clustersim.scenario.problems import Findings, Place, did_you_mean, listed, shortened

PROGRAMME = "programme"
"""Key of a policy, and how the origin of what comes from a programme begins."""


def with_programmes(root: Map, findings: Findings) -> Map:
    """Return a tree in which each policy that names a programme has what that says.

    What the policy says itself wins. A programme that does not exist is noted.

    Parameters
    ----------
    root : Map
        The merged tree of all files.
    findings : Findings
        Where problems are noted.
    """
    policies = child(root, "policies")
    if not isinstance(policies, Items):
        return root
    laid = Items(policies.place, [_laid(node, findings) for node in items(policies)])
    merged = dict(root.entries)
    merged["policies"] = Entry(root.entries["policies"].place, laid)
    return Map(root.place, merged)


def _laid(policy: Node, findings: Findings) -> Node:
    named = child(policy, PROGRAMME)
    name = text_of(named)
    if named is None or name is None or not isinstance(policy, Map):
        return policy
    if name not in BY_NAME:
        findings.add(
            named.place,
            f"there is no programme {shortened(name)}",
            f"one of {listed(list(BY_NAME))}",
            did_you_mean(name, list(BY_NAME)),
        )
        # What the programme would have said is not missing as well.
        unknown = {key: Entry(named.place, Broken(named.place)) for key in ("measures",)}
        return Map(policy.place, {**unknown, **policy.entries})
    below = tree(BY_NAME[name].values, Place(f"{PROGRAMME} {name}"))
    return merge(below, policy) if isinstance(below, Map) else policy
