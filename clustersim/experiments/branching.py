"""What may change in the middle of a run, and what becomes of its policies then.

From the branching quarter on other policies, parameters and shocks hold. What has happened stays:

- A policy at work that is switched off ends in that quarter as it would at its `until`: accounts go
  back to the treasury, nobody is served any longer, bridges end, rules bind nobody. What it has
  brought about lasts and fades as it does after any policy; ties, adopters, members and
  organisations remain.
- A policy at work that goes on keeps all it has: accounts, offices, members, plans, and its luck.
  Its terms may change, but for what was settled when it began.
- A policy that comes in begins in its year, or in the branching quarter if its year is earlier.
- Shocks that have struck stay; others may come or not.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal

from clustersim.experiments.legs import Leg, acting, quarters_of
from clustersim.policies.authority import has_money
from clustersim.scenario.problems import ScenarioError, did_you_mean, listed
from clustersim.scenario.reader import read_scenario, read_scenario_text
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.scenario.schema import Scenario
from clustersim.scenario.shock_words import label
from clustersim.world.draws import Draws
from clustersim.world.policy import Policy
from clustersim.world.shock import Shock, strikes
from clustersim.world.world import DT

EVERY: Final = "all"
"""Instead of names: every policy."""

_FOUNDING: Final = ("world", "seed", "record_every", "schema_version")
_SWITCHES: Final = {
    "policy.enabled": "it would leave what policies do as it stands for ever; switch policies off",
    "shocks.enabled": "it would leave what shocks do as it stands for ever; change the shocks",
}
_TITLE: Final = 200


class BranchError(ValueError):
    """A run can't be branched in this way; the message says why and what to do."""


@dataclass(frozen=True)
class Change:
    """What differs from the branching quarter on.

    Attributes
    ----------
    without
        Names of the policies that are switched off, or `EVERY`.
    overrides
        Other values, by dotted name.
    scenario
        A scenario, by file or name, whose policies come in the place of those of the run.
    years
        Length of the branch from the start of the run; None for that of the run.
    """

    without: tuple[str, ...] | Literal["all"] = ()
    overrides: Mapping[str, Any] | None = None
    scenario: str | Path | None = None
    years: float | None = None


def quarter_of(year: float, scenario: Scenario) -> int:
    """Return the quarter of a run that begins in a calendar year.

    Raises
    ------
    BranchError
        If none does.
    """
    start, n_quarters = scenario.world.start_year, round(scenario.years / DT)
    if not math.isfinite(year) or not 0.0 <= (year - start) / DT <= n_quarters:
        raise BranchError(
            f"{year:g} lies outside of the run; expected a year from {start:g} to "
            f"{start + n_quarters * DT:g}, .25 being the second quarter"
        )
    quarter = math.floor((year - start) / DT)
    if start + quarter * DT != year:
        below, above = (start + at * DT for at in (quarter, quarter + 1))
        raise BranchError(f"no quarter begins in {year:g}; the next ones do in {below} and {above}")
    return quarter


def branched(
    legs: Sequence[Leg], quarter: int, given: Change
) -> tuple[ResolvedScenario, tuple[str, ...]]:
    """Return the scenario that holds from a quarter on, and in words what changes.

    Parameters
    ----------
    legs
        Of the run, as they stand in its manifest.
    quarter
        The branching quarter, after the last of them has begun to hold.
    given
        What is to change.

    Raises
    ------
    BranchError
        If something can't change in the middle of a run.
    ScenarioError
        If a value, or the scenario whose policies come in, can't be used.
    """
    overrides, before = _checked(given), legs[-1].scenario
    file = before.files[0]

    def read(text: str, values: Mapping[str, Any]) -> ResolvedScenario:
        return read_scenario_text(
            text,
            name=file.name,
            folder=file.parent,
            overrides=values,
            schedule=before.schedule,
        )

    own = {name: value for name, value in overrides.items() if not _is_of_policies(name)}
    theirs = {name: value for name, value in overrides.items() if _is_of_policies(name)}
    after = read(before.text, own if given.scenario is not None else overrides)
    if quarters_of(after) <= quarter:
        year = before.scenario.world.start_year + quarter * DT
        raise BranchError(
            f"nothing is left of {after.scenario.years:g} years after {year:g}; give more `years`, "
            "counted from the start of the run"
        )
    _check_parameters(before, after)
    _check_shocks(before.scenario, after.scenario, quarter)
    wanted = after.scenario.policies
    if given.scenario is not None:
        wanted = _policies_of(given.scenario, theirs, before)
    elif given.without:
        wanted = _without(before.scenario.policies, wanted, given.without)
    crossing = _Crossing(legs, quarter)
    policies = crossing.cross(wanted)
    if given.without and not crossing.changes:
        which = "no policy" if given.without == EVERY else f"no policy called {given.without[0]!r}"
        raise BranchError(
            f"{which} is at work in {crossing.year:g} or comes later; there is nothing to switch "
            "off"
        )
    title = after.scenario.title or file.stem
    if "title" not in overrides:
        title = f"{title[: _TITLE - 24]}, branch of {crossing.year:g}"
    final = replace(
        after,
        scenario=after.scenario.model_copy(update={"policies": policies, "title": title}),
    )
    checked = _read_again(final, read, given.scenario)
    return checked, (*crossing.changes, *_other_values(before, checked, crossing.told))


def _is_of_policies(name: str) -> bool:
    return name.partition(".")[0] == "policies"


def _checked(given: Change) -> dict[str, Any]:
    """Return the values that are to change, if they can and do not contradict the rest."""
    overrides = dict(given.overrides or {})
    if given.years is not None:
        if overrides.get("years", given.years) != given.years:
            raise BranchError("`years` is given twice")
        overrides["years"] = given.years
    fixed = [name for name in overrides if name.partition(".")[0] in _FOUNDING]
    if fixed:
        raise BranchError(
            f"{listed(fixed)}: can't change in the middle of a run, which was founded and recorded "
            "by it; parameters, shocks, policies and the length of the run can"
        )
    if given.scenario is not None and given.without:
        raise BranchError(
            "the policies of a scenario come in the place of all others: give either that scenario "
            "or the policies that are switched off"
        )
    if given.without == EVERY or not given.without:
        return overrides
    for name in given.without:
        if also := [one for one in overrides if one.startswith(f"policies.{name}.")]:
            raise BranchError(f"{also[0]} is set, but {name!r} is switched off; do one of the two")
    return overrides


def _check_parameters(before: ResolvedScenario, after: ResolvedScenario) -> None:
    """Refuse to switch off what clears up behind itself."""
    for name, why in _SWITCHES.items():
        if before.scenario.parameters.get(name) != after.scenario.parameters.get(name):
            raise BranchError(f"{name} can't change in the middle of a run: {why}")


def _check_shocks(before: Scenario, after: Scenario, quarter: int) -> None:
    """Make sure that what has befallen the run is the same in the branch."""
    if before.shocks == after.shocks or quarter == 0:
        return
    then, now = (_struck(scenario, quarter) for scenario in (before, after))
    for shock, year in then:
        if (shock, year) not in now:
            raise BranchError(
                f"{label(shock)} of {year:g} has struck already, and can't change; leave it in "
                "the list as it is"
            )
    for shock, year in now:
        if (shock, year) not in then:
            raise BranchError(
                f"{label(shock)} would have struck in {year:g}, before the branch; give it a "
                "`year` from the branch on"
            )
    if then != now:
        raise BranchError("shocks that have struck stay as many as they are, and in their order")


def _struck(scenario: Scenario, quarter: int) -> list[tuple[Shock, float]]:
    times = strikes(scenario.shocks, Draws(scenario.seed), scenario.world.start_year, quarter - 1)
    return [
        (shock, year) for shock, years in zip(scenario.shocks, times, strict=True) for year in years
    ]


def _policies_of(
    source: str | Path, overrides: Mapping[str, Any], before: ResolvedScenario
) -> tuple[Policy, ...]:
    """Return the policies of a scenario."""
    found = read_scenario(source, overrides=overrides, schedule=before.schedule)
    policies = found.scenario.policies
    if not any(policy.enabled for policy in policies):
        raise BranchError(f"{source}: has no policies; to have none, switch all of the run off")
    return tuple(policy.model_copy(update={"programme": None}) for policy in policies)


def _without(
    known: Sequence[Policy], wanted: Sequence[Policy], names: tuple[str, ...] | Literal["all"]
) -> tuple[Policy, ...]:
    """Return some policies without those named."""
    if names == EVERY:
        return ()
    valid = [policy.name for policy in known]
    for name in names:
        if name not in valid:
            hint = did_you_mean(name, valid)
            have = f"it has {listed(valid)}" if valid else "it has none"
            raise BranchError(
                f"the run has no policy {name!r}; {have}{'; ' + hint if hint else ''}"
            )
    return tuple(policy for policy in wanted if policy.name not in names)


class _Crossing:
    """The policies of a run, as they cross into its branch.

    Parameters
    ----------
    legs
        Of the run.
    quarter
        The branching quarter.
    """

    def __init__(self, legs: Sequence[Leg], quarter: int) -> None:
        last = legs[-1].scenario.scenario
        self.policies, start = last.policies, last.world.start_year
        self.year = start + quarter * DT
        ends = [*(leg.since for leg in legs[1:]), quarter]
        self.begun = {
            policy.name
            for leg, end in zip(legs, ends, strict=True)
            for policy in acting(leg.scenario.scenario, start + (end - 1) * DT)
            if end > 0
        }
        """Names of the policies that have acted."""
        self.changes: list[str] = []
        self.told: set[str] = set()
        """Names of the policies of which all is said."""

    def cross(self, wanted: Sequence[Policy]) -> tuple[Policy, ...]:
        """Return the policies of the branch, those of the run first and in their order."""
        mine = {policy.name: policy for policy in wanted}
        old = [self._old(policy, mine.pop(policy.name, None)) for policy in self.policies]
        new = [self._coming(policy) for policy in mine.values()]
        return tuple(policy for policy in (*old, *new) if policy is not None)

    def _old(self, policy: Policy, mine: Policy | None) -> Policy | None:
        """Return what becomes of a policy of the run; None if it never begins."""
        if policy.name not in self.begun:
            if mine is None or not mine.enabled:
                self.told.add(policy.name)
                if policy.enabled and has_money(policy):
                    self._say(policy, "does not begin")
                return mine
            return mine if mine == policy else self._coming(mine)
        if policy.until is not None and policy.until <= self.year:
            if mine is not None and mine != policy:
                raise BranchError(
                    f"policy {policy.name!r} has ended in {policy.until:g} and can't change; give "
                    "another policy another name"
                )
            return policy
        if mine is None or not mine.enabled or mine.until == self.year:
            self._say(policy, f"ends in {self.year:g}")
            return _ended(policy, self.year)
        self._check_terms(policy, mine)
        return mine

    def _say(self, policy: Policy, what: str) -> None:
        self.changes.append(f"policy {policy.name!r} {what}")
        self.told.add(policy.name)

    def _check_terms(self, policy: Policy, mine: Policy) -> None:
        """Refuse terms of a policy at work that were settled when it began, or have no effect."""
        for what, settled in _SETTLED.items():
            if settled(policy) != settled(mine):
                raise BranchError(
                    f"policy {policy.name!r} is at work in {self.year:g}; its {what} can't change "
                    "then. Let it end, and another one of another name begin"
                )
        if mine.until is not None and mine.until < self.year:
            raise BranchError(
                f"policy {policy.name!r} can't end in {mine.until:g}, before the branch; give a "
                f"year from {self.year:g} on"
            )
        holds = [later for later in mine.budgets if later.year <= self.year]
        if mine.budget != policy.budget and holds:
            raise BranchError(
                f"the `budget` of policy {policy.name!r} holds no longer in {self.year:g}, as "
                f"`budgets` has another one from {holds[-1].year:g} on; change that"
            )
        chosen_again = mine.identification.every > 0.0 or mine.politics.elections > 0.0
        if mine.identification != policy.identification and not chosen_again:
            raise BranchError(
                f"policy {policy.name!r} has chosen its clusters and does not choose again; give "
                "`identification.every`, or let it end and another one begin"
            )

    def _coming(self, policy: Policy) -> Policy:
        """Return a policy that comes in, from the branching quarter on at the earliest."""
        if not policy.enabled or not has_money(policy):
            return policy
        if policy.until is not None and policy.until <= self.year:
            raise BranchError(
                f"policy {policy.name!r} would come in when it is over, in {policy.until:g}; give "
                f"it an `until` after {self.year:g}"
            )
        year = policy.year
        if year <= self.year - DT:
            year, holds = self.year, [one for one in policy.budgets if one.year <= self.year]
            budget = max(holds, key=lambda one: one.year).budget if holds else policy.budget
            later = tuple(one for one in policy.budgets if one.year > self.year)
            policy = policy.model_copy(update={"year": year, "budget": budget, "budgets": later})
        self._say(policy, f"begins in {year:g}")
        return policy


def _ended(policy: Policy, year: float) -> Policy:
    """Return a policy that ends in a year; what it said of later years is left out."""
    changed: dict[str, Any] = {
        "until": year,
        "budgets": tuple(one for one in policy.budgets if one.year < year),
    }
    governance = policy.governance
    if governance is not None and policy.year + governance.setup >= year:
        # It ends while its organisations are set up: a file may not say that they never work.
        setup = max(year - policy.year - DT, 0.0)
        changed["governance"] = governance.model_copy(update={"setup": setup})
    return policy.model_copy(update=changed)


_SETTLED: Final[Mapping[str, Callable[[Policy], object]]] = {
    "year": lambda policy: policy.year,
    "authority": lambda policy: policy.authority,
    "rules": lambda policy: policy.rules,
    "governance by organisations or by the authority": lambda policy: policy.governance is None,
    "measures and their shares": lambda policy: [(m.action, m.share) for m in policy.measures],
    "myopia": lambda policy: policy.politics.myopia,
}
"""What of a policy is settled when it begins."""


def _other_values(before: ResolvedScenario, after: ResolvedScenario, told: set[str]) -> list[str]:
    """Return in words which other values differ, and which shocks."""
    changes = []
    for scenario, other, what in (
        (before.scenario, after.scenario, "does not strike"),
        (after.scenario, before.scenario, "strikes"),
    ):
        for shock in scenario.shocks:
            if shock.enabled and shock not in other.shocks:
                when = f"in {shock.year:g}" if shock.year else f"at random, {shock.rate:g} a year"
                changes.append(f"{label(shock)} {what}, {when}")
    for name in dict.fromkeys([*before.values, *after.values]):
        first, *rest = name.split(".")
        was, now = (one.values.get(name) for one in (before, after))
        if was == now or first in ("title", "shocks") or (first == "policies" and rest[0] in told):
            continue
        changes.append(f"{name} is {_shown(now)} instead of {_shown(was)}")
    return changes


def _shown(value: object) -> str:
    return "nothing" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _read_again(
    final: ResolvedScenario,
    read: Callable[[str, Mapping[str, Any]], ResolvedScenario],
    source: str | Path | None,
) -> ResolvedScenario:
    """Return the scenario of a branch as its text says it, checked as a whole."""
    try:
        checked = read(final.text, {})
    except ScenarioError as error:
        where = "the branch" if source is None else f"{source}, in this run"
        raise ScenarioError(
            [replace(one, path=where, line=None, column=None) for one in error.problems]
        ) from None
    origins = {
        name: final.origins[name]
        if name in final.origins and final.values.get(name) == checked.values[name]
        else origin
        for name, origin in checked.origins.items()
    }
    return replace(checked, origins=origins)
