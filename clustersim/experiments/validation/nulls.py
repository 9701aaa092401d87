"""Nulls and ablations: what must disappear when a mechanism is switched off.

Each compares two arms on the same luck, seed by seed, and states beforehand in which direction a
statistic moves. It holds if a one-sided paired t-test says so at 1 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np

from clustersim.experiments.uncertainty import FEWEST, mean, t_test
from clustersim.experiments.validation import phenomena
from clustersim.experiments.validation.panel import Panel

LEVEL: Final = 0.01

Arm = tuple[tuple[str, Any], ...]
"""Values that are set, by dotted name."""


@dataclass(frozen=True)
class Null:
    """One comparison.

    Attributes
    ----------
    id
        Short name.
    expectation
        What is expected, in words, stated before any run.
    statistic
        Name of what is measured, the same for the same measure.
    measure
        From the panel of one run to a number.
    base, variant
        The two arms; an empty arm is the scenario as it is.
    direction
        Where the variant's statistic lies, seen from the base.
    """

    id: str
    expectation: str
    statistic: str
    measure: Callable[[Panel], float]
    base: Arm
    variant: Arm
    direction: Literal["less", "greater"]


@dataclass(frozen=True)
class NullResult:
    """How a comparison came out.

    Attributes
    ----------
    null
        What was compared.
    base, variant
        Mean of the statistic in both arms, over the seeds at which both are known.
    effect
        Mean paired difference, variant less base.
    ci
        Its interval of 95 %.
    p
        Of the one-sided paired t-test.
    """

    null: Null
    base: float
    variant: float
    effect: float
    ci: tuple[float, float]
    p: float

    @property
    def passed(self) -> bool:
        """Whether the stated direction holds at 1 %."""
        return bool(self.p < LEVEL)

    def to_dict(self) -> dict[str, Any]:
        """Return what a reader of JSON wants."""
        return {
            "id": self.null.id,
            "expectation": self.null.expectation,
            "statistic": self.null.statistic,
            "base": self.base,
            "variant": self.variant,
            "effect": self.effect,
            "ci": list(self.ci),
            "p": self.p,
            "pass": self.passed,
        }


_NO_EXTERNALITIES: Final[Arm] = (("market.externalities", False),)
_NO_SPIN_OFFS: Final[Arm] = (("entry.spin_offs", False),)
_NO_CONVERGENCE: Final[Arm] = (
    ("learning.enabled", False),
    ("place_learning.enabled", False),
    ("labour.movers", False),
    ("projects.enabled", False),
)
_NO_OUTSIDE_TIES: Final[Arm] = (
    ("collaboration.closure", 0.0),
    ("collaboration.milieu", 1.0),
    ("collaboration.region", 0.0),
    ("projects.enabled", False),
    ("relocation.moves", False),
)
_NO_PARADIGMS: Final[Arm] = (("frontier.paradigms", False),)
_NO_DECAY: Final[Arm] = (("world.exchange.distance_decay", False),)

NULLS: Final[tuple[Null, ...]] = (
    Null(
        "externalities.premium",
        "without externalities what a cluster adds to productivity goes",
        "externality premium",
        phenomena.externality_premium,
        (),
        _NO_EXTERNALITIES,
        "less",
    ),
    Null(
        "externalities.heritage",
        "without externalities spin-offs alone keep sectors concentrated (Golman & Klepper)",
        "concentration of firms",
        phenomena.concentration,
        _NO_EXTERNALITIES + _NO_SPIN_OFFS,
        _NO_EXTERNALITIES,
        "greater",
    ),
    Null(
        "spin_offs.concentration",
        "without spin-offs sectors are less concentrated",
        "concentration of firms",
        phenomena.concentration,
        (),
        _NO_SPIN_OFFS,
        "less",
    ),
    Null(
        "learning.maturity",
        "without learning from each other knowledge does not converge into maturity",
        "maturity by convergence",
        phenomena.converged_maturity,
        (),
        _NO_CONVERGENCE,
        "less",
    ),
    Null(
        "outside_ties.renewal",
        "without ties to the outside fewer declines end in renewal",
        "renewals",
        phenomena.renewals,
        (),
        _NO_OUTSIDE_TIES,
        "less",
    ),
    Null(
        "paradigms.decline",
        "without a change of paradigm no cluster declines by lock-in",
        "declines by lock-in",
        phenomena.locked_in_declines,
        (),
        _NO_PARADIGMS,
        "less",
    ),
    Null(
        "distance.localisation",
        "without decay over distance knowledge is less localised",
        "localisation of knowledge",
        phenomena.knowledge_localisation,
        (),
        _NO_DECAY,
        "less",
    ),
)
"""All of them, in the order of the mechanisms they are about."""


def judge(null: Null, runs: Mapping[Arm, Sequence[Mapping[str, float]]]) -> NullResult:
    """Compare the two arms of a null.

    Parameters
    ----------
    null
        What is compared.
    runs
        Statistics of each arm's runs, by name, in the order of the seeds.
    """
    base = np.array([run[null.statistic] for run in runs[null.base]])
    variant = np.array([run[null.statistic] for run in runs[null.variant]])
    known = ~(np.isnan(base) | np.isnan(variant))
    base, variant = base[known], variant[known]
    if base.size < FEWEST:
        nothing = math.nan
        return NullResult(null, nothing, nothing, nothing, (nothing, nothing), 1.0)
    difference = variant - base
    effect = mean(difference)
    return NullResult(
        null=null,
        base=float(base.mean()),
        variant=float(variant.mean()),
        effect=effect.value,
        ci=(effect.low, effect.high),
        p=t_test(difference, null.direction),
    )
