"""Checks that look at several values of the policies of a scenario together.

As in `clustersim.scenario.cross`, what has the wrong type is passed over here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from clustersim.policies.actions import BY_NAME, ONE_BY_ONE, Delivery
from clustersim.scenario.nodes import (
    Map,
    Node,
    Scalar,
    child,
    items,
    name_of,
    number_of,
    text_of,
)
from clustersim.scenario.problems import Findings, did_you_mean, listed, shortened
from clustersim.world.policy import Governance, Rules
from clustersim.world.spec import WorldSpec

AUTHORITIES: Final = ("national", "eu")
"""Names of authorities that are no regions."""


@dataclass(frozen=True)
class Frame:
    """What policies have to fit into; None or empty where it could not be read."""

    regions: Collection[str]
    sectors: Collection[str]
    fields: Collection[str]
    start: float | None
    end: float | None
    missing: Collection[str]
    """Levels of government of which the scenario has no authority: national, eu."""


def check_policies(root: Map, frame: Frame, findings: Findings) -> None:
    """Note everything in the policies of a merged tree that does not fit together."""
    policies = [node for node in items(child(root, "policies")) if isinstance(node, Map)]
    for node in policies:
        check = _Check(node, frame, findings)
        check.names()
        check.times()
        check.measures()
        check.money()
    _twice(policies, findings)


class _Check:
    def __init__(self, node: Map, frame: Frame, findings: Findings) -> None:
        self.node, self.frame, self.findings = node, frame, findings
        self.given = [one for one in items(child(node, "measures")) if isinstance(one, Map)]

    def names(self) -> None:
        """Look for authorities, regions and sectors that do not exist."""
        authority = child(self.node, "authority")
        name = text_of(authority) or AUTHORITIES[0]
        if name in self.frame.missing:
            where = authority or self.node
            self.findings.add(
                where.place,
                f"there is no {name} authority",
                "an authority of the scenario",
                f"set `{name}_authorities: 1` under `world:`",
            )
        elif name not in AUTHORITIES:
            self._known(authority, [*AUTHORITIES, *self.frame.regions], "authority")
        how = child(self.node, "identification")
        for place in items(child(how, "places")):
            self._known(child(place, "region"), self.frame.regions, "region")
            self._known(child(place, "sector"), self.frame.sectors, "sector")
        for key, names, what in (
            ("regions", self.frame.regions, "region"),
            ("sectors", self.frame.sectors, "sector"),
        ):
            for one in items(child(how, key)):
                self._known(one, names, what)
        for one in items(child(self.node, "priorities")):
            self._known(one, self.frame.fields, "technology field")
        method, places = text_of(child(how, "method")), child(how, "places")
        if method == "named" and not items(places):
            self.findings.add(
                (how or self.node).place, "no places are named", "`places:`", "list at least one"
            )
        elif places is not None and items(places) and method != "named":
            self.findings.add(
                places.place,
                f"places are named, but clusters are found by {method or 'mapping'}",
                "`method: named`, or no places",
            )

    def times(self) -> None:
        """Compare the years of a policy with each other and with the run."""
        start, until = child(self.node, "year"), child(self.node, "until")
        begins, ends = number_of(start), number_of(until)
        if begins is not None and ends is not None and ends <= begins and until is not None:
            self.findings.add(
                until.place,
                f"the policy ends in {ends:g}, before it begins in {begins:g}",
                f"a year after {begins:g}",
            )
        for one in items(child(self.node, "budgets")):
            self._budget_from(one, begins, ends)
        self._set_up_in_time(begins, ends)
        low, high = self.frame.start, self.frame.end
        if begins is None or start is None or low is None or high is None:
            return
        if not low <= begins < high:
            self.findings.add(
                start.place,
                f"the policy begins in {begins:g}, outside of the run",
                f"a year from {low:g} to before {high:g}",
            )

    def _set_up_in_time(self, begins: float | None, ends: float | None) -> None:
        governance = child(self.node, "governance")
        if not isinstance(governance, Map) or begins is None or ends is None or ends <= begins:
            return
        setup = _number(child(governance, "setup"), float(Governance.model_fields["setup"].default))
        if begins + setup >= ends:
            self.findings.add(
                (child(governance, "setup") or governance).place,
                f"organisations are set up for {setup:g} years, until the policy has ended",
                f"less than {ends - begins:g} years",
                "lower `setup`, or let the policy last longer",
            )

    def _budget_from(self, node: Node, begins: float | None, ends: float | None) -> None:
        from_year = number_of(child(node, "year"))
        if from_year is None:
            return
        if (begins is not None and from_year <= begins) or (ends is not None and from_year >= ends):
            self.findings.add(
                node.place,
                f"a budget from {from_year:g} on is never paid",
                "a year after the policy begins and before it ends",
            )

    def measures(self) -> None:
        """Check what is done, and for whom."""
        rules = child(self.node, "rules")
        most, share = number_of(child(rules, "per_firm")), number_of(child(rules, "sme_share"))
        for measure in self.given:
            action = self._known(child(measure, "action"), BY_NAME, "action")
            if action is not None and most is not None:
                self._affordable(measure, action, most)
            if action is not None:
                self._possible(measure, action)
        excluded = [one for one in self.given if not self._is_for_smes(one)]
        total = math.fsum(self._share(one) for one in self.given)
        for_large = math.fsum(self._share(one) for one in excluded)
        if share and excluded and for_large > (1.0 - share) * total + 1e-9:
            self.findings.add(
                excluded[0].place,
                f"{for_large / total:.0%} of the money is for large firms only, while the rules "
                f"keep {share:.0%} for SMEs",
                f"at most {1.0 - share:.0%}",
                "lower its `share`, or add sme to `sizes`",
            )

    def _possible(self, measure: Map, action: str) -> None:
        delivery, levy = BY_NAME[action].delivery, child(measure, "levy")
        if levy is not None and delivery is not Delivery.REGULATION:
            self.findings.add(
                levy.place,
                f"{action} is no regulation, and has no levy",
                "no `levy`",
                "take `carbon_price` or a mandate",
            )
        organised = {Delivery.PARTNERSHIP, Delivery.ORGANISATION}
        if delivery in organised and not isinstance(child(self.node, "governance"), Map):
            self.findings.add(
                measure.place,
                f"{action} is for cluster organisations, and the policy has none",
                "`governance:`",
                "say what staff they have and who pays it",
            )

    def _affordable(self, measure: Map, action: str, most: float) -> None:
        kind = BY_NAME[action]
        cost = _number(child(measure, "cost"), kind.cost)
        length = _number(child(measure, "length"), kind.length)
        if kind.delivery not in ONE_BY_ONE:
            return
        once = kind.delivery in {Delivery.VOUCHER, Delivery.FUNDING}
        part = 1.0
        if kind.delivery is Delivery.GRANT:
            default = float(Rules.model_fields["aid_sme"].default)
            part = _number(child(self.node, "rules", "aid_sme"), default)
        total = cost * part * (1.0 if once else length)
        if total > most + 1e-9:
            self.findings.add(
                (child(measure, "cost") or measure).place,
                f"{action} costs {total:,.0f} euro for a firm, while the rules allow {most:,.0f}",
                f"at most {most:,.0f} euro",
                "lower `cost` or `length`, or raise `rules: per_firm`",
            )

    @staticmethod
    def _is_for_smes(measure: Map) -> bool:
        sizes = items(child(measure, "sizes"))
        return not sizes or any(text_of(size) == "sme" for size in sizes)

    @staticmethod
    def _share(measure: Map) -> float:
        return _number(child(measure, "share"), 1.0)

    def money(self) -> None:
        """Check that the budget can pay the staff of as many organisations as there will be."""
        governance, how = child(self.node, "governance"), child(self.node, "identification")
        budget = child(self.node, "budget")
        places = items(child(how, "places"))
        most = len(places) if places else number_of(child(how, "most"))
        if not isinstance(governance, Map) or not most:
            return
        staff, wage, share = (
            _number(child(governance, key), float(Governance.model_fields[key].default))
            for key in ("staff", "wage", "public_share")
        )
        needed = staff * wage * share * most
        later = (child(one, "budget") for one in items(child(self.node, "budgets")))
        for node in (budget, *later):
            yearly = number_of(node)
            if node is not None and yearly and needed > yearly:
                self.findings.add(
                    node.place,
                    f"{yearly:,.0f} euro a year can't pay the staff of {most:g} organisations, "
                    f"{needed:,.0f}",
                    f"at least {needed:,.0f}",
                    "raise `budget`, or lower `staff`, `public_share` or `most`",
                )

    def _known(self, node: Node | None, names: Collection[str], what: str) -> str | None:
        """Return the name at a node if it is one of those known, and note it if not."""
        name = text_of(node)
        if node is None or name is None or not names:
            return None
        if name in names:
            return name
        self.findings.add(
            node.place,
            f"there is no {what} {shortened(name)}",
            f"one of {listed(sorted(names))}",
            did_you_mean(name, sorted(names)),
        )
        return None


def number_of_authorities(world: Node | None, name: str) -> float:
    """Return how many authorities of a level, national or eu, a world has."""
    key = f"{name}_authorities"
    return _number(child(world, key), float(WorldSpec.model_fields[key].default))


def _number(node: Node | None, default: float) -> float:
    value = number_of(node)
    return default if value is None else value


def _twice(policies: list[Map], findings: Findings) -> None:
    """Note policies of one name, and of one authority that do one thing twice at a time."""
    names: dict[str, Map] = {}
    for node in policies:
        name = name_of(node)
        if name in names:
            findings.add(
                node.place, f"two policies are called {shortened(name)}", "a name for each"
            )
        elif name is not None:
            names[name] = node
    for position, one in enumerate(policies):
        for other in policies[position + 1 :]:
            for action in _actions(other) & _actions(one):
                if _overlap(one, other):
                    findings.add(
                        other.place,
                        f"{shortened(name_of(one) or '')} and {shortened(name_of(other) or '')} "
                        f"both do {action}, for the same clusters and at the same time",
                        "one of them",
                        "make it one measure, or let them differ in time, place or authority",
                    )


def _actions(policy: Map) -> set[str]:
    names = (text_of(child(measure, "action")) for measure in items(child(policy, "measures")))
    return {name for name in names if name}


def _overlap(one: Map, other: Map) -> bool:
    """Return whether two policies of one authority can meet in time and place."""
    if any(_is_off(node) for node in (one, other)):
        return False
    if (text_of(child(one, "authority")) or "national") != (
        text_of(child(other, "authority")) or "national"
    ):
        return False
    begins = max(_number(child(node, "year"), -math.inf) for node in (one, other))
    ends = min(_number(child(node, "until"), math.inf) for node in (one, other))
    return begins < ends and all(
        not mine or not theirs or mine & theirs
        for mine, theirs in zip(_scope(one), _scope(other), strict=True)
    )


def _is_off(policy: Map) -> bool:
    enabled = child(policy, "enabled")
    return isinstance(enabled, Scalar) and enabled.value is False


def _scope(policy: Map) -> Iterator[set[str]]:
    """Yield the regions and the sectors that a policy names; empty for all."""
    how = child(policy, "identification")
    for key, part in (("regions", "region"), ("sectors", "sector")):
        named = [child(place, part) for place in items(child(how, "places"))]
        names = (text_of(node) for node in [*items(child(how, key)), *named])
        yield {name for name in names if name}
