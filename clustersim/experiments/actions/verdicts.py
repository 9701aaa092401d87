"""Whether actions do what they are expected to do: means, intervals and tests over seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Literal

from clustersim.experiments.actions.expected import EXPECTED, Expected
from clustersim.experiments.actions.outcomes import OUTCOMES
from clustersim.experiments.actions.trial import Trial
from clustersim.experiments.uncertainty import mean, t_test
from clustersim.experiments.workers import each
from clustersim.policies.actions import BY_NAME

LEVEL: Final = 0.01
"""Level of the test of an effect's direction."""


@dataclass(frozen=True)
class Verdict:
    """What an action does to an outcome, over seeds."""

    expected: Expected
    values: tuple[float, ...]
    """The effect at each seed; NaN where there was nothing to measure."""

    @property
    def mean(self) -> float:
        """Mean over seeds."""
        return mean(self.values).value

    @property
    def ci(self) -> tuple[float, float]:
        """Interval of 95 % for the mean (Student's t)."""
        found = mean(self.values)
        return found.low, found.high

    @property
    def p(self) -> float:
        """Chance of so much in the expected direction if there were no effect (t, one side).

        1 where it can't be told: fewer than two seeds, or no effect at any.
        """
        side: Literal["greater", "less"] = "greater" if self.expected.least >= 0.0 else "less"
        p = t_test(self.values, side)
        return 1.0 if math.isnan(p) else p

    @property
    def passed(self) -> bool:
        """Whether the effect has the expected direction, beyond luck, and the least size."""
        least = self.expected.least
        reached = self.mean * math.copysign(1.0, least) >= abs(least)
        return bool(reached and self.p < LEVEL)

    def to_dict(self) -> dict[str, Any]:
        """Return what a reader of JSON wants."""
        action, outcome = BY_NAME[self.expected.action], OUTCOMES[self.expected.outcome]
        return {
            "action": action.name,
            "changes": {effect.lever: effect.size for effect in action.effects},
            "outcome": outcome.name,
            "title": outcome.title,
            "unit": outcome.unit,
            "least": self.expected.least,
            "value": self.mean,
            "ci": list(self.ci),
            "p": self.p,
            "pass": self.passed,
        }


def _effects(expected: tuple[Expected, ...], trial: Trial) -> list[float]:
    return trial.effects(expected)


def judge(
    trials: Sequence[Trial],
    expected: Sequence[Expected] = EXPECTED,
    *,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Verdict]:
    """Return what each action does to the outcome it is expected to move, over trials.

    Parameters
    ----------
    trials
        Usually one scenario at several seeds.
    expected
        What is expected; one verdict for each.
    workers, progress
        As for `clustersim.experiments.workers.each`.
    """
    found = each(
        partial(_effects, tuple(expected)), list(trials), workers=workers, progress=progress
    )
    return [
        Verdict(one, tuple(values))
        for one, values in zip(expected, zip(*found, strict=True), strict=True)
    ]


def without_row(actions: Sequence[str], expected: Sequence[Expected] = EXPECTED) -> list[str]:
    """Return the actions of which nothing is expected yet."""
    told = {one.action for one in expected}
    return [name for name in actions if name not in told]


def words(verdict: Verdict | dict[str, Any]) -> str:
    """Return an effect with its interval, in the unit of its outcome."""
    row = verdict.to_dict() if isinstance(verdict, Verdict) else verdict
    value, (low, high) = row["value"], row["ci"]
    match row["unit"]:
        case "share":
            form, factor, unit = "+.1f", 100.0, " %"
        case "points":
            form, factor, unit = "+.1f", 100.0, " points"
        case "ln":
            form, factor, unit = "+.4f", 1.0, " ln"
        case _:
            form, factor, unit = "+.1f", 1.0, ""
    if abs(value) * factor < 1.0 and form == "+.1f":
        form = "+.2f"
    return f"{value * factor:{form}}{unit} ({low * factor:{form}} to {high * factor:{form}})"
