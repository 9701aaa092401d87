"""Authorities and cluster organisations carry out policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final, final

import numpy as np
from pydantic import Field

from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.policies import building, effects, grants, organisations, serving
from clustersim.policies.actions import Delivery
from clustersim.policies.identification import identify
from clustersim.policies.turn import CENTS, Turn, action_of
from clustersim.world.actors import Kind, Level
from clustersim.world.draws import Draws
from clustersim.world.ledger import NOBODY, Purpose, shared_out
from clustersim.world.policy import Policy
from clustersim.world.public import Standing
from clustersim.world.types import Flags
from clustersim.world.world import DT, World

_ONE_BY_ONE: Final = {Delivery.SERVICE, Delivery.VOUCHER, Delivery.FUNDING, Delivery.GRANT}


@final
class PublicPolicy(Mechanism):
    """Authorities find clusters, pay, and are served by organisations; levers follow.

    In every quarter, for each policy whose time it is, in the order of the scenario:

    1. *Identification.* At the start, and every `every` years if it says so, the places are chosen
       (`clustersim.policies.identification`). Accounts of places that are dropped are closed.
    2. *Money.* A quarter of the yearly budget is shared out over the chosen places by their jobs.
    3. *Governance.* Where organisations carry the policy out, firms and science join and leave,
       fees are paid, staff are paid, and after each cycle the organisation is better
       (`clustersim.policies.organisations`).
    4. *Measures.* What is left, and the hours of staff, are shared out over the measures by their
       weights. Firms are served one by one (`clustersim.policies.serving`), or something is built
       for the place (`clustersim.policies.building`). What is not spent stays in the account, and
       goes back to the treasury when the policy ends.
    5. *Effects.* Exposures become levers (`clustersim.policies.effects`) and grants R&D
       (`clustersim.policies.grants`), for all mechanisms of the coming quarter.

    Every payment is in the ledger, in whole cents (`clustersim.world.ledger`). A policy without
    money does nothing at all: not a bit of the world differs. Authorities and cluster organisations
    act in one mechanism, as they act in turns on the same accounts.

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
        "by lot among all firms of `base` (experiments/programmes)",
    )

    def apply(self, world: World, draws: Draws) -> None:
        """Let a quarter of all policies pass."""
        turns = [
            self._turn(world, draws, policy)
            for policy in self.policies
            if policy.enabled and policy.budget > 0.0 and policy.year <= world.clock.year
        ]
        if not turns:
            return
        _survey(world)
        for turn in turns:
            _act(turn)
        effects.pull(world, turns)
        grants.fund(world, turns, self.displacement)

    @staticmethod
    def _turn(world: World, draws: Draws, policy: Policy) -> Turn:
        standing = world.public.standing
        if policy.name not in standing:
            actions = tuple(measure.action for measure in policy.measures)
            n_places = world.n_regions * world.n_sectors
            standing[policy.name] = Standing.fresh(actions, n_places, world.clock.step)
        return Turn(world, draws, policy, _authority(world, policy))


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
    policy, standing, world = turn.policy, turn.standing, turn.world
    if policy.until is not None and world.clock.year >= policy.until:
        for k, measure in enumerate(policy.measures):
            if action_of(measure).delivery in _ONE_BY_ONE:
                serving.stop(turn, k, np.empty(0, dtype=np.int64))
            else:
                building.wear(turn, k)
        _close(turn, np.ones(turn.n_places, dtype=np.bool_))
        return
    _choose(turn)
    _appropriate(turn)
    hours = np.full(turn.n_places, np.inf)
    if policy.governance is not None:
        organisations.found(turn)
        hours = organisations.govern(turn, policy.governance)
        organisations.revise(turn, policy.governance)
    weights = np.array([measure.share for measure in policy.measures])
    weights /= weights.sum()
    money = standing.account.copy()
    for k, measure in enumerate(policy.measures):
        part = np.floor(money * weights[k]).astype(np.int64)
        if action_of(measure).delivery in _ONE_BY_ONE:
            serving.serve(turn, k, part, hours * weights[k])
        else:
            building.build(turn, k, part)


def _choose(turn: Turn) -> None:
    """Choose the places at the start and when the choice is revised."""
    standing, every = turn.standing, turn.policy.identification.every
    step = turn.world.clock.step
    known = standing.identified >= 0
    if known and (every == 0.0 or (step - standing.identified) * DT < every):
        return
    standing.identified = step
    chosen = identify(turn.world, turn.policy, turn.draws)
    dropped = standing.chosen & ~chosen
    _close(turn, dropped)
    standing.office[dropped] = NOBODY
    standing.chosen = chosen


def _appropriate(turn: Turn) -> None:
    """Let the accounts of the chosen places receive their part of the quarter's budget."""
    chosen = np.flatnonzero(turn.standing.chosen)
    jobs = turn.world.jobs().ravel()[chosen]
    if chosen.size == 0 or jobs.sum() <= 0.0:
        return
    quarter = round(turn.policy.budget * DT * CENTS)
    turn.receive(Purpose.APPROPRIATION, chosen, shared_out(quarter, jobs), turn.payer)


def _close(turn: Turn, those: Flags) -> None:
    """Give back to the treasury what is left in some accounts, shape (P,)."""
    places = np.flatnonzero(those & (turn.standing.account > 0))
    turn.pay_out(Purpose.RETURN, places, turn.standing.account[places])
