"""Each action tried on a country: with it and without it, from one state and on the same luck."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from clustersim.experiments.actions.course import NAME, Course
from clustersim.experiments.actions.expected import EXPECTED, Expected
from clustersim.experiments.actions.outcomes import OUTCOMES
from clustersim.experiments.run import resolve
from clustersim.policies.actions import BY_NAME, Action, Delivery
from clustersim.scenario.graph_file import found_scenario
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from clustersim.world.policy import Governance, Policy
from clustersim.world.types import Flags
from clustersim.world.world import DT, World

BEGINS: Final = 15
"""Years of a run before an action begins, when the founding shows no longer."""
LASTS: Final = 8
"""Years that an action lasts and is looked at; the first of them only brings it into its stride."""
PLENTY: Final = 3.0
"""Money over what it would cost to serve every firm; over what makes half of a facility's full
effect, in each year; over what makes half of an organisation's, in the long run."""
COMPANION: Final = "firm_networks"
"""What an organisation does for firms while an action makes the organisation better."""
GOVERNANCE: Final[dict[str, Any]] = {
    "staff": 4,
    "fee": 0.0,
    "public_share": 1.0,
    "setup": 0.0,
    "adapt": 0.0,
}
"""Organisations that serve from the start, and keep to the plan they are given."""
FOR_ORGANISATIONS: Final = frozenset({Delivery.ORGANISATION, Delivery.PARTNERSHIP})
FOR_ALL: Final = FOR_ORGANISATIONS | {Delivery.FACILITY, Delivery.REGULATION}
"""Ways of delivery that do not choose firms."""


def policy_of(action: Action, world: World, strength: float = 1.0) -> Policy:
    """Return the policy with which an action is tried: for every place, with money for everybody.

    Firms are served by the authority itself. An action for organisations is tried where there are
    organisations, of `GOVERNANCE`, which serve their members with the `COMPANION`.

    Parameters
    ----------
    action
        The action.
    world
        The world in which it begins.
    strength
        Effect over that of the action.
    """
    firms = world.actors.rows(Kind.FIRM).size * world.employment_scale
    jobs = float(world.jobs().sum()) * world.employment_scale
    places = int((world.jobs() > 0.0).sum())
    measures: list[dict[str, Any]] = [{"action": action.name, "strength": strength}]
    more: dict[str, Any] = {}
    match action.delivery:
        case Delivery.FACILITY:
            budget = PLENTY * action.cost * jobs
        case Delivery.ORGANISATION | Delivery.PARTNERSHIP:
            other, rules = BY_NAME[COMPANION], Governance.model_validate(GOVERNANCE)
            staff = rules.staff * rules.wage * places
            many = places if action.delivery is Delivery.ORGANISATION else firms
            own, served = PLENTY * action.cost * many, PLENTY * other.cost * firms
            measures[0]["share"] = own / (own + served)
            measures.append({"action": COMPANION, "share": served / (own + served)})
            budget, more = staff + own + served, {"governance": GOVERNANCE}
        case _:
            budget = PLENTY * action.cost / action.length * firms
    return Policy.model_validate(
        {
            "name": NAME,
            "year": world.clock.year,
            "budget": budget,
            "identification": {"quotient": 0.0, "error": 0.0},
            "measures": measures,
            **more,
        }
    )


@dataclass(frozen=True)
class Trial:
    """A scenario at one seed, from whose state after `begins` years actions are tried.

    Parameters
    ----------
    scenario
        Name or file of a scenario without policies.
    seed
        Seed of all luck.
    overrides
        Further values, by dotted name.
    begins, lasts
        Years before the actions, and years that they last and are looked at.
    strength
        Effect over that of the actions; 0 for money without effect.
    """

    scenario: str
    seed: int
    overrides: tuple[tuple[str, Any], ...] = ()
    begins: int = BEGINS
    lasts: int = LASTS
    strength: float = 1.0

    @cached_property
    def start(self) -> Simulation:
        """The run up to the moment when actions begin; it is copied and never goes on itself."""
        resolved = resolve(self.scenario, {**dict(self.overrides), "seed": self.seed})
        simulation = Simulation(
            found_scenario(resolved), resolved.mechanisms(), seed=self.seed, record_every=2**30
        )
        simulation.run(round(self.begins / DT))
        return simulation

    @cached_property
    def without(self) -> Course:
        """The course without any action."""
        return self.course()

    def course(self, *policies: Policy) -> Course:
        """Return the course from the common state on, with some policies."""
        simulation = copy.deepcopy(self.start)
        simulation.mechanisms = tuple(
            one.model_copy(update={"policies": policies}) if one.name == "policy" else one
            for one in simulation.mechanisms
        )
        return Course(simulation, round(self.lasts / DT))

    def effects(self, expected: Iterable[Expected] = EXPECTED) -> list[float]:
        """Return the effect of each action on the outcome it is expected to move."""
        expected = list(expected)
        found: dict[Expected, float] = {}
        for name in dict.fromkeys(one.action for one in expected):
            action, world = BY_NAME[name], self.start.world
            done = self.course(policy_of(action, world, self.strength))
            without = self.without
            if action.delivery in FOR_ORGANISATIONS:
                without = self.course(policy_of(action, world, 0.0))
            who = reached(action, done)
            for one in expected:
                if one.action == name:
                    found[one] = OUTCOMES[one.outcome].measure(done, without, who)
        return [found[one] for one in expected]


def reached(action: Action, done: Course) -> Flags:
    """Return which firms an action is looked at: those served in the first year, shape (n,).

    Of what is built for a place or binds all who are there, all firms that it is for.
    """
    if action.delivery not in FOR_ALL:
        return done.served
    if action.youngest is not None:
        return done.age <= action.youngest
    return np.ones(done.ids.size, dtype=np.bool_)
