"""Measures that build something for a place, or make its cluster organisation better."""

from __future__ import annotations

import numpy as np

from clustersim.policies.actions import Delivery
from clustersim.policies.turn import CENTS, Turn, action_of, number
from clustersim.world.elementary import growth
from clustersim.world.types import Floats, Ids
from clustersim.world.world import DT


def build(turn: Turn, k: int, money: Ids) -> None:
    """Spend money on what a place, or its organisation, has of a measure, shape (P,).

    What has been laid out wears, ``B <- (B + euro) exp(-dt / fade)``, and so does what works, which
    follows it with the delay: ``W <- W exp(-dt / fade)``, then ``W <- W + (B - W) (1 - exp(-dt /
    delay))``.
    """
    places = np.flatnonzero(money > 0)
    turn.standing.built[k, places] += money[places] / CENTS
    turn.pay(places, money[places], k)
    wear(turn, k)


def wear(turn: Turn, k: int) -> None:
    """Let a quarter pass for what has been built."""
    measure, standing = turn.policy.measures[k], turn.standing
    fade, delay = turn.fade(k), number(measure, "delay")
    left = 1.0 + growth(-DT / fade) if fade > 0.0 else 0.0
    comes = -growth(-DT / delay) if delay > 0.0 else 1.0
    standing.built[k] *= left
    standing.working[k] *= left
    standing.working[k] += (standing.built[k] - standing.working[k]) * comes


def exposure(turn: Turn, k: int) -> Floats:
    """Return the share of the full effect that each place has of a measure, 0 to 1, shape (P,).

    ``W / (W + half)``: of a facility, half is `cost` for each real job of the place; of what is
    spent on an organisation, `cost` for each year that it lasts.
    """
    measure = turn.policy.measures[k]
    working, cost = turn.standing.working[k], number(measure, "cost")
    if action_of(measure).delivery is Delivery.ORGANISATION:
        half = np.full(working.size, cost * turn.fade(k))
    else:
        half = cost * turn.world.jobs().ravel() * turn.world.employment_scale
    return np.asarray(working / np.maximum(working + half, 1e-12)) * measure.strength
