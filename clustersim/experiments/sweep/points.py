"""Points of a design: which values factors take together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.experiments.sweep.study import Exploration, Factor
from clustersim.world.types import Floats

MORRIS_LEVELS: Final = 4
"""Levels of each factor in Morris's trajectories."""


class MissingExtraError(ValueError):
    """A library that the study needs is not installed."""


@dataclass(frozen=True)
class Point:
    """Values of factors, and where each lies in its range.

    Attributes
    ----------
    values
        By dotted name.
    shares
        Of a design over ranges, 0 to 1 by dotted name; empty for a grid.
    """

    values: Mapping[str, Any]
    shares: Mapping[str, float]

    def of(self, scenario: str, factors: Mapping[str, Factor]) -> dict[str, Any]:
        """Return the values that hold for a scenario."""
        return {
            name: value
            for name, value in self.values.items()
            if (only := factors[name].scenarios) is None or scenario in only
        }


def points(exploration: Exploration) -> tuple[Point, ...]:
    """Lay points out; one without values if nothing is varied.

    The same exploration gives the same points: those of `lhs` by `scipy.stats.qmc.LatinHypercube`
    (McKay, Beckman & Conover 1979), of `sobol` by `scipy.stats.qmc.Sobol` (Owen scrambling), of
    `morris` and `saltelli` by SALib (Morris 1991; Saltelli 2002).

    Parameters
    ----------
    exploration
        Factors and design.

    Raises
    ------
    MissingExtraError
        If the design needs SALib, and it is not installed.
    """
    factors = exploration.parameters
    if not factors:
        return (Point({}, {}),)
    names = list(factors)
    if exploration.design == "grid":
        levels = [one.levels() for one in factors.values()]
        return tuple(
            Point(dict(zip(names, values, strict=True)), {})
            for values in itertools.product(*levels)
        )
    shares = _LAYOUTS[exploration.design](exploration, names)
    return tuple(
        Point(
            {name: factors[name].at(float(s)) for name, s in zip(names, row, strict=True)},
            {name: float(s) for name, s in zip(names, row, strict=True)},
        )
        for row in shares
    )


def _samples(exploration: Exploration) -> int:
    if exploration.samples is None:
        raise AssertionError("a design over ranges has samples")
    return exploration.samples


def _lhs(exploration: Exploration, names: list[str]) -> Floats:
    from scipy.stats import qmc

    luck = np.random.default_rng(exploration.seed)
    found: Floats = qmc.LatinHypercube(len(names), rng=luck).random(_samples(exploration))
    return found


def _sobol(exploration: Exploration, names: list[str]) -> Floats:
    from scipy.stats import qmc

    luck, n = np.random.default_rng(exploration.seed), _samples(exploration)
    engine = qmc.Sobol(len(names), scramble=True, rng=luck)
    # Drawn up to the next power of two: only so many are balanced, and a warning says no more.
    found: Floats = engine.random_base2(max(n - 1, 0).bit_length())[:n]
    return found


def problem(names: list[str]) -> dict[str, Any]:
    """Return the factors as SALib wants them: all from 0 to 1."""
    return {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}


def _morris(exploration: Exploration, names: list[str]) -> Floats:
    sample = salib("SALib.sample.morris", "morris").sample
    found: Floats = sample(
        problem(names), _samples(exploration), num_levels=MORRIS_LEVELS, seed=exploration.seed
    )
    return found


def _saltelli(exploration: Exploration, names: list[str]) -> Floats:
    n = _samples(exploration)
    sample = salib("SALib.sample.sobol", "saltelli").sample
    found: Floats = sample(problem(names), n, calc_second_order=False, seed=exploration.seed)
    return found


_LAYOUTS: Final[Mapping[str, Callable[[Exploration, list[str]], Floats]]] = {
    "lhs": _lhs,
    "sobol": _sobol,
    "morris": _morris,
    "saltelli": _saltelli,
}


def salib(module: str, design: str) -> Any:
    """Return a module of SALib, which a design needs.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError:
        raise MissingExtraError(
            f"the design {design} needs SALib; install it by "
            "`pip install 'clustersim[sensitivity]'`"
        ) from None
