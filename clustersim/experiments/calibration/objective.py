"""How far a parameter set is from the facts given to the calibration.

The distance of a figure with a target is ``z = (value - target) / half``, half being half the width
of the fact's range, so that within the range |z| is about one or less. It counts as z**2 up to two,
and grows linearly from there, so that one hopeless figure does not rule the search. A figure of
which only the direction is known counts 4 when it is wrong. One that no run shows does not count.
The loss is the mean over all figures marked C and over the conditions of a healthy baseline.

Figures marked V are never looked at.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from clustersim.experiments.validation.facts import FACTS, Fact
from clustersim.experiments.validation.firms import SETTLED
from clustersim.experiments.validation.panel import Panel

CALIBRATED: Final[tuple[Fact, ...]] = tuple(fact for fact in FACTS if fact.use == "C")
"""The figures that the calibration is given."""

_BEND: Final = 2.0
_WRONG: Final = 4.0
_STAGES: Final = ("infancy", "growth", "maturity", "decline", "renewal")


@dataclass(frozen=True)
class Condition:
    """Something that any baseline has to be like, whatever the facts: not a stylised fact."""

    name: str
    low: float
    high: float
    reason: str
    measure: Callable[[Panel], float]


def jobs_kept(panel: Panel) -> float:
    """Jobs at the end over jobs at the beginning."""
    first, last = panel.years[0].jobs.sum(), panel.years[-1].jobs.sum()
    return float(last / first)


def unemployment(panel: Panel) -> float:
    """Share of the labour force that looks for work, mean over the years that count."""
    table = panel.clusters
    late = table["quarter"] >= SETTLED * 4
    looking, working = table["unemployed"][late].sum(), table["jobs"][late].sum()
    everybody = looking + working
    return float(looking / everybody) if everybody > 0.0 else float("nan")


def rarest_stage(panel: Panel) -> float:
    """Share of the clusters' years that is in the rarest of the five stages."""
    table = panel.tables["stages"]
    stage = table["stage"][table["stage"] != "none"]
    return min(float((stage == name).mean()) for name in _STAGES) if stage.size else 0.0


CONDITIONS: Final = (
    Condition("jobs", 0.8, 1.25, "an economy that neither fades nor explodes", jobs_kept),
    Condition("unemployment", 0.03, 0.10, "the range of European countries", unemployment),
    Condition("rarest stage", 0.01, 1.0, "all five stages occur", rarest_stage),
)


def figures(panel: Panel) -> dict[str, float]:
    """Return what the loss is made of, by name: calibrated facts and conditions of one run."""
    return {fact.id: fact.measure(panel) for fact in CALIBRATED} | {
        condition.name: condition.measure(panel) for condition in CONDITIONS
    }


def losses(values: Mapping[str, float]) -> dict[str, float]:
    """Return the loss of each figure; those that nothing shows are left out."""
    found = {}
    for fact in CALIBRATED:
        loss = _loss(values[fact.id], fact.target, fact.low, fact.high)
        if not math.isnan(loss):
            found[fact.id] = loss
    for condition in CONDITIONS:
        value = values[condition.name]
        outside = max(condition.low - value, value - condition.high, 0.0)
        # The scale of a condition is its lower bound: half of it missing is one half away.
        found[condition.name] = _bent(4.0 * outside / condition.low)
    return found


def total(values: Mapping[str, float]) -> float:
    """Return the loss of a parameter set from the mean figures of its runs."""
    return float(np.mean(list(losses(values).values())))


def mean_figures(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean of each figure over runs; NaN if no run shows it."""
    found = {}
    for name in runs[0]:
        known = [run[name] for run in runs if not math.isnan(run[name])]
        found[name] = float(np.mean(known)) if known else float("nan")
    return found


def _loss(value: float, target: float, low: float, high: float) -> float:
    if math.isnan(value):
        return float("nan")
    if math.isnan(target):
        return 0.0 if low <= value <= high else _WRONG
    return _bent((value - target) / (0.5 * (high - low)))


def _bent(z: float) -> float:
    return z * z if abs(z) <= _BEND else _BEND * (2.0 * abs(z) - _BEND)
