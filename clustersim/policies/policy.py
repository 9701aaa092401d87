"""Authorities and cluster organisations carry out policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np
from pydantic import Field

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.policies import (
    building,
    effects,
    grants,
    organisations,
    partnerships,
    plan,
    regulation,
    serving,
)
from clustersim.policies.actions import Delivery
from clustersim.policies.authority import appropriate, choose, close, has_money, is_over
from clustersim.policies.turn import CENTS, Turn, action_of, number
from clustersim.world.actors import Kind, Level
from clustersim.world.draws import Draws
from clustersim.world.elementary import exponential
from clustersim.world.ledger import NOBODY
from clustersim.world.policy import Policy
from clustersim.world.public import Standing
from clustersim.world.types import Floats
from clustersim.world.world import DT, World


@final
class PublicPolicy(Mechanism):
    """Authorities find clusters, pay, and are served by organisations; levers follow.

    In every quarter, for each policy whose time it is, in the order of the scenario:

    1. *Identification.* At the start, at elections, and every `every` years if it says so, the
       places are chosen (`clustersim.policies.identification`). Accounts of places that are dropped
       are closed. An election may end the policy (`clustersim.policies.authority`).
    2. *Money.* A quarter of the yearly budget is shared out over the chosen places by their jobs.
    3. *Governance.* Where organisations carry the policy out, firms and science join and leave,
       fees are paid, and staff are paid (`clustersim.policies.organisations`). At the end of each
       cycle the organisation is better, and revises its plan (`clustersim.policies.plan`).
    4. *Measures.* What is left, and the hours of staff, are shared out over the measures by the
       plan. It begins with their weights, ``share exp(-myopia delay)``. Firms are served one by one
       (`clustersim.policies.serving`), something is built for the place
       (`clustersim.policies.building`), members of several organisations are brought together
       (`clustersim.policies.partnerships`), or a rule is enforced
       (`clustersim.policies.regulation`). What is not spent stays in the account, and goes back to
       the treasury when the policy ends.
    5. *Effects.* Exposures become levers (`clustersim.policies.effects`) and grants R&D
       (`clustersim.policies.grants`), for all mechanisms of the coming quarter.

    Every payment is in the ledger, in whole cents (`clustersim.world.ledger`). A policy that never
    has money does nothing at all: not a bit of the world differs. Authorities and cluster
    organisations act in one mechanism, as they act in turns on the same accounts.

    Sources: the policy cycle of Morisson & Pattinson 2021; what an action costs and does stands
    with the actions (`clustersim.policies.actions`).
    """

    name: ClassVar[str] = "policy"
    reads: ClassVar[tuple[str, ...]] = (
        "actors",
        "ties",
        "places",
        "sectors",
        "fields",
        "regions",
        "public",
    )
    writes: ClassVar[tuple[str, ...]] = ("actors", "ties", "levers", "public")

    sections: ClassVar[Mapping[str, str]] = {"policies": "policies"}

    policies: tuple[Policy, ...] = Field(
        default=(), description="The policies; a scenario file lists them under `policies:`."
    )
    displacement: float = parameter(
        0.095,
        low=0.0,
        high=100.0,
        unit="-",
        meaning="How much of its own R&D a firm keeps up beside a project that aid pays a part of; "
        "0: the project displaces all that it would have cost.",
        source="set to 7.5 cents of private R&D per public euro (Dimos et al. 2022) for `rd_grant` "
        "by lot among all firms of `base` (`clustersim validate --only programmes`)",
    )

    lasting: float = parameter(
        1.0,
        low=0.01,
        high=100.0,
        unit="-",
        meaning="How long effects last: factor on the time in which each measure's fades, and in "
        "which what is built wears.",
        source="assumption: as the actions say; sources disagree (presets `effects_last` and "
        "`effects_fade`)",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Let a quarter of all policies pass."""
        turns = [
            self._turn(world, draws, policy)
            for policy in self.policies
            if policy.enabled
            and policy.year <= world.clock.year
            and (has_money(policy) or policy.name in world.public.standing)
        ]
        world.public.meetings = world.public.meetings[:0]
        if not turns:
            return
        _survey(world)
        for turn in turns:
            _act(turn)
        effects.pull(world, turns)
        grants.fund(world, turns, self.displacement)

    def _turn(self, world: World, draws: Draws, policy: Policy) -> Turn:
        standing = world.public.standing
        if policy.name not in standing:
            standing[policy.name] = Standing.fresh(
                tuple(measure.action for measure in policy.measures),
                _weights(policy),
                world.n_regions * world.n_sectors,
                world.clock.step,
            )
        return Turn(world, draws, policy, _authority(world, policy), self.lasting)


def _weights(policy: Policy) -> Floats:
    """Return the weights of the measures in the money, for short-sighted authorities too, (K,)."""
    share = np.array([measure.share for measure in policy.measures])
    delay = np.array([number(measure, "delay") for measure in policy.measures])
    return np.asarray(share * exponential(-policy.politics.myopia * delay))


def _authority(world: World, policy: Policy) -> int:
    """Return the identity of the authority that pays; nobody if there is none of that name."""
    actors = world.actors
    offices = actors.rows(Kind.AUTHORITY)
    level = {"national": Level.NATIONAL, "eu": Level.EU}.get(policy.authority, Level.REGIONAL)
    mine = actors.level[offices] == level
    if level == Level.REGIONAL:
        mine &= actors.region[offices] == world.regions.names.index(policy.authority)
    return int(actors.id[offices[mine][0]]) if mine.any() else NOBODY


def _survey(world: World) -> None:
    """Keep the jobs of each year, which mapping looks at some years later."""
    seen, step = world.public.statistics, world.clock.step
    if not seen or step - seen[-1][0] >= 1.0 / DT:
        seen.append((step, world.jobs()))


def _act(turn: Turn) -> None:
    """Let a quarter of one policy pass."""
    policy, standing = turn.policy, turn.standing
    if is_over(turn):
        _end(turn)
        return
    choose(turn)
    appropriate(turn)
    hours = np.full(turn.n_places, np.inf)
    if policy.governance is not None:
        organisations.found(turn)
        hours = organisations.govern(turn, policy.governance)
        plan.revise(turn, policy.governance)
        standing.phase = plan.phase_at(turn.world.clock.step - standing.began, policy.governance)
    if turn.being_set_up:
        return
    money = standing.account.copy()
    for k, measure in enumerate(policy.measures):
        part = np.floor(money * standing.plan[k]).astype(np.int64)
        before = standing.account.copy()
        match action_of(measure).delivery:
            case Delivery.FACILITY | Delivery.ORGANISATION:
                building.build(turn, k, part)
            case Delivery.PARTNERSHIP:
                partnerships.partner(turn, k, part, hours * standing.plan[k])
            case Delivery.REGULATION:
                regulation.enforce(turn, k, part)
            case _:
                serving.serve(turn, k, part, hours * standing.plan[k])
        standing.given[k] += part / CENTS
        standing.used[k] += (before - standing.account) / CENTS


def _end(turn: Turn) -> None:
    """Serve nobody any longer, and give back what is left; what was built wears."""
    turn.standing.phase = None
    for k, measure in enumerate(turn.policy.measures):
        match action_of(measure).delivery:
            case Delivery.FACILITY | Delivery.ORGANISATION:
                building.wear(turn, k)
            case Delivery.PARTNERSHIP:
                offices = turn.offices()
                partnerships.end(turn.world, offices[offices >= 0])
            case Delivery.REGULATION:
                regulation.clear(turn, k)
            case _:
                serving.stop(turn, k, np.empty(0, dtype=np.int64))
    close(turn, np.ones(turn.n_places, dtype=np.bool_))
