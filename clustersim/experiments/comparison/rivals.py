"""Scenarios against each other: how likely one does better than another, and the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim.experiments.comparison.effects import Effect, effects, known
from clustersim.experiments.comparison.outcomes import NEUTRAL, WORSE, in_all
from clustersim.experiments.counterpart import Difference
from clustersim.experiments.uncertainty import FEWEST, drawn_again
from clustersim.world.types import Floats


@dataclass(frozen=True, eq=False)
class Rivals:
    """Several scenarios on one outcome.

    Attributes
    ----------
    outcome, scope
        What is looked at.
    names
        K scenarios.
    beats
        Share of the seeds at which the one of the row does better than that of the column, equal
        ones half, shape (K, K); 1/2 on the diagonal.
    best
        Share of the seeds at which each is the best of all, those that are equal sharing, (K,).
    best_on_average
        Chance that it is the best on average over seeds, by resampling them, (K,); NaN for one.
    pairs
        Effect of each against each later one in the list ("A less B"), all pairs of the outcome
        looked at together, in the unit of the outcome.
    """

    outcome: str
    scope: str
    names: tuple[str, ...]
    beats: Floats
    best: Floats
    best_on_average: Floats
    pairs: tuple[Effect, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        found: dict[str, Any] = known(
            {
                "outcome": self.outcome,
                "scope": self.scope,
                "scenarios": list(self.names),
                "beats": self.beats,
                "best": dict(zip(self.names, self.best.tolist(), strict=True)),
                "best_on_average": dict(
                    zip(self.names, self.best_on_average.tolist(), strict=True)
                ),
                "pairs": [_pair(one) for one in self.pairs],
            }
        )
        return found


def _pair(one: Effect) -> dict[str, Any]:
    """Return a pair without what the second has: an effect is no share of another effect."""
    found = one.to_dict()
    return {name: found[name] for name in found if name not in {"without", "relative"}}


def rivals(cases: Mapping[str, Sequence[Sequence[Difference]]]) -> tuple[Rivals, ...]:
    """Return each outcome of which more or less is better, scenario against scenario.

    What is compared is how much each has more than its counterpart. Where all have the same, that
    is no other than how much one has more than another.

    Parameters
    ----------
    cases
        The differences at each seed, by name of the scenario; of the same seeds. Fewer than two
        scenarios have no rivals.

    Raises
    ------
    ValueError
        If the numbers of seeds differ.
    """
    if len({len(one) for one in cases.values()}) > 1:
        raise ValueError("cases: expected the same seeds for all scenarios")
    if len(cases) < FEWEST:
        return ()
    by_name = [
        {(several[0].outcome, several[0].scope): several for several in in_all(one)}
        for one in cases.values()
    ]
    shared = [
        key for key in by_name[0] if key[0] not in NEUTRAL and all(key in one for one in by_name)
    ]
    out = []
    for key in shared:
        change = np.array([[one.difference for one in several[key]] for several in by_name]).T
        out.append(_rivals(key, by_name[0][key][0].unit, tuple(cases), change))
    return tuple(out)


def _rivals(key: tuple[str, str], unit: str, names: tuple[str, ...], change: Floats) -> Rivals:
    good = -change if key[0] in WORSE else change
    first, second = np.triu_indices(len(names), 1)
    pairs = effects(
        [f"{names[a]} less {names[b]}" for a, b in zip(first, second, strict=True)],
        [unit] * first.size,
        change[:, first],
        change[:, second],
    )
    average = np.full(len(names), np.nan)
    if len(change) >= FEWEST:
        average = best_share(good[drawn_again(len(change))].mean(axis=1))
    return Rivals(*key, names, beats(good), best_share(good), average, pairs)


def beats(good: Floats) -> Floats:
    """Return the share of rows at which each column is above each other, equal ones half, (K, K).

    Parameters
    ----------
    good
        The more the better, shape (n, K).
    """
    here, there = good[:, :, np.newaxis], good[:, np.newaxis, :]
    return np.asarray(((here > there) + 0.5 * (here == there)).mean(axis=0))


def best_share(good: Floats) -> Floats:
    """Return the share of rows at which each column is the highest, equal ones sharing, (K,).

    Parameters
    ----------
    good
        The more the better, shape (n, K).
    """
    best = good == good.max(axis=1, keepdims=True)
    return np.asarray((best / best.sum(axis=1, keepdims=True)).mean(axis=0))
