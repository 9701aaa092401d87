"""What an authority decides: which clusters, how much money, until when; and elections."""

from __future__ import annotations

import numpy as np

from clustersim.policies.identification import identify
from clustersim.policies.turn import CENTS, Turn, quarters
from clustersim.world.ledger import NOBODY, Purpose, shared_out
from clustersim.world.policy import Policy
from clustersim.world.types import Flags
from clustersim.world.world import DT


def has_money(policy: Policy) -> bool:
    """Return whether a policy ever spends anything."""
    return policy.budget > 0.0 or any(later.budget > 0.0 for later in policy.budgets)


def budget_at(policy: Policy, year: float) -> float:
    """Return the budget at a time, euro a year.

    That of the latest year named that has come, times ``1 + swing`` in the year before an election
    and ``1 - swing`` in the year after it.
    """
    yearly = policy.budget
    for later in sorted(policy.budgets, key=lambda one: one.year):
        yearly = later.budget if later.year <= year else yearly
    since, until = _from_election(policy, year)
    if until is not None and until * DT <= 1.0:
        yearly *= 1.0 + policy.politics.swing
    if since is not None and since * DT < 1.0:
        yearly *= 1.0 - policy.politics.swing
    return yearly


def _from_election(policy: Policy, year: float) -> tuple[int | None, int | None]:
    """Return the quarters since the last and until the next election; None if there is none."""
    politics = policy.politics
    if politics.elections == 0.0:
        return None, None
    period = max(quarters(politics.elections), 1)
    first = policy.year + politics.elections if politics.first is None else politics.first
    past = quarters(year - first)
    if past < 0:
        return None, -past
    return past % period, period - past % period


def is_over(turn: Turn) -> bool:
    """Return whether a policy has ended, by its year or by an election.

    An election ends it with the chance `reversal`.
    """
    policy, standing, year = turn.policy, turn.standing, turn.world.clock.year
    since, _ = _from_election(policy, year)
    if since == 0 and policy.politics.reversal > 0.0:
        luck = turn.draws.uniform("policy.reverse", np.array([turn.key]))
        standing.stopped |= bool(luck[0] < policy.politics.reversal)
    return standing.stopped or (policy.until is not None and year >= policy.until)


def choose(turn: Turn) -> None:
    """Choose the places at the start, at elections, and when the choice is revised."""
    standing, every = turn.standing, turn.policy.identification.every
    step = turn.world.clock.step
    since, _ = _from_election(turn.policy, turn.world.clock.year)
    due = every > 0.0 and (step - standing.identified) * DT >= every
    if standing.identified >= 0 and not due and since != 0:
        return
    standing.identified = step
    chosen = identify(turn.world, turn.policy, turn.draws)
    dropped = standing.chosen & ~chosen
    close(turn, dropped)
    standing.office[dropped] = NOBODY
    standing.chosen = chosen


def appropriate(turn: Turn) -> None:
    """Let the accounts of the chosen places receive their part of the quarter's budget.

    It is shared out by their jobs. While organisations are set up, they get no more than the public
    part of what their staff cost.
    """
    chosen = np.flatnonzero(turn.standing.chosen)
    jobs = turn.world.jobs().ravel()[chosen]
    if chosen.size == 0 or jobs.sum() <= 0.0:
        return
    cents = round(budget_at(turn.policy, turn.world.clock.year) * DT * CENTS)
    governance = turn.policy.governance
    if governance is not None and turn.being_set_up:
        staff = governance.staff * governance.wage * governance.public_share * DT * CENTS
        cents = min(cents, int(staff) * chosen.size)
        jobs = np.ones(chosen.size)
    if cents > 0:
        turn.receive(Purpose.APPROPRIATION, chosen, shared_out(cents, jobs), turn.payer)


def close(turn: Turn, those: Flags) -> None:
    """Give back to the treasury what is left in some accounts, shape (P,)."""
    places = np.flatnonzero(those & (turn.standing.account > 0))
    turn.pay_out(Purpose.RETURN, places, turn.standing.account[places])
