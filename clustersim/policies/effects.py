"""From what policies have done to what they change: exposures become levers."""

from __future__ import annotations

import numpy as np

from clustersim.policies import regulation
from clustersim.policies.actions import ONE_BY_ONE, OWN, Delivery
from clustersim.policies.building import exposure
from clustersim.policies.serving import column
from clustersim.policies.turn import Turn, action_of, number, quarters
from clustersim.world.actors import NEVER, Kind
from clustersim.world.elementary import exponential
from clustersim.world.levers import LEVERS, Lever
from clustersim.world.types import Floats
from clustersim.world.world import DT, World


def pull(world: World, turns: list[Turn]) -> None:
    """Set the levers to what all policies together make of them in the coming quarter.

    Effects multiply: a factor is ``prod max(1 + size e, 0)``, a share ``1 - prod (1 - size e)``,
    and what is added ``sum size e``, e being exposures, from 0 to 1 times the strength of the
    measure. Of firms that are served: e is 0 until the delay is over, then the effect with which it
    began, and once it has ended and the delay has passed again, it fades with exp(-t / fade). What
    is done in a quarter works in the next one at the earliest.
    """
    values: dict[str, Floats] = {}
    for turn in turns:
        for k, measure in enumerate(turn.policy.measures):
            effects = [one for one in action_of(measure).effects if one.lever not in OWN]
            if not effects:
                continue
            regulates = action_of(measure).delivery is Delivery.REGULATION
            by_place, by_actor = _exposures(turn, k)
            for effect in effects:
                lever = LEVER[effect.lever]
                if regulates:
                    by_actor = regulation.exposure(turn, k, lever.name)
                at = {"actor": by_actor, "place": by_place}.get(lever.of)
                _combine(
                    values, lever, effect.size * (_by_region(world, by_place) if at is None else at)
                )
    for lever in LEVERS:
        given = values.get(lever.name)
        if given is None or (given == lever.neutral).all():
            world.levers.release(lever.name)
            continue
        held = world.levers.use(lever.name)
        held[...] = np.clip(given, lever.low, lever.high).reshape(held.shape)


LEVER = {lever.name: lever for lever in LEVERS}
"""Levers by name."""


def _combine(values: dict[str, Floats], lever: Lever, effect: Floats) -> None:
    before = values.get(lever.name, np.full(effect.shape, lever.neutral))
    if lever.neutral == 1.0:
        values[lever.name] = before * np.maximum(1.0 + effect, 0.0)
    elif lever.unit == "share":
        values[lever.name] = 1.0 - (1.0 - before) * (1.0 - np.minimum(effect, 1.0))
    else:
        values[lever.name] = before + effect


def _exposures(turn: Turn, k: int) -> tuple[Floats, Floats]:
    """Return the exposure of each place, shape (P,), and of each actor, shape (rows,)."""
    world, actors, measure = turn.world, turn.world.actors, turn.policy.measures[k]
    if action_of(measure).delivery is Delivery.FACILITY:
        by_place = exposure(turn, k)
        by_actor = np.zeros(actors.n_rows)
        firms = actors.rows(Kind.FIRM)
        by_actor[firms] = by_place[turn.place(firms)]
        science = np.concatenate([actors.rows(Kind.UNIVERSITY), actors.rows(Kind.RTO)])
        by_actor[science] = _by_region(world, by_place)[actors.region[science]]
        youngest = measure.youngest or action_of(measure).youngest
        if youngest is not None:
            by_actor[(world.clock.step - actors.birth) * DT > youngest] = 0.0
        return by_place, by_actor
    nowhere = np.zeros(turn.n_places)
    if action_of(measure).delivery in ONE_BY_ONE:
        return nowhere, served_exposure(turn, k)
    return nowhere, np.zeros(actors.n_rows)


def _by_region(world: World, by_place: Floats) -> Floats:
    """Return the mean exposure of each region, weighted by the jobs of its places, shape (R,)."""
    jobs = world.jobs()
    weighted = (by_place.reshape(jobs.shape) * jobs).sum(axis=1)
    return np.asarray(weighted / np.maximum(jobs.sum(axis=1), 1e-12))


def served_exposure(turn: Turn, k: int) -> Floats:
    """Return the exposure of those served, in the coming quarter, shape (rows,)."""
    measure, step = turn.policy.measures[k], turn.world.clock.step + 1
    since, until = column(turn, k, "since"), column(turn, k, "until")
    delay, fade = max(quarters(number(measure, "delay")), 1), turn.fade(k)
    ended = np.maximum(step + 1 - until.astype(np.int64) - delay, 0)
    left = exponential(-ended * DT / fade) if fade > 0.0 else (ended == 0).astype(np.float64)
    begun = (since != NEVER) & (step >= since.astype(np.int64) + delay)
    return np.where(begun, column(turn, k, "effect") * left, 0.0)
