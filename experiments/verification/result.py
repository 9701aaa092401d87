"""What a theory case returns: numbers of theory beside those simulated, and a curve to draw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LIMIT = 3.9
"""Standard errors by which a simulated number may miss its theory. A normal variable does so with
chance 1e-4; all rows of all cases together, fewer than a hundred, with a chance below 1 %."""


@dataclass(frozen=True)
class Row:
    """One number of theory and what the simulation makes of it.

    Attributes
    ----------
    quantity
        What it is, with its unit.
    theory, simulated
        The two numbers.
    error
        Standard error of `simulated` under the theory, or of an `exact` row the deviation that is
        allowed: of rounding, or of a term that the theory neglects.
    rival
        What a plausible mistake would give, where the case names one; it has to be refused.
    exact
        Whether no luck is involved.
    """

    quantity: str
    theory: float
    simulated: float
    error: float
    rival: float | None = None
    exact: bool = False

    @property
    def score(self) -> float:
        """Deviation in standard errors, or of an exact row in allowed deviations."""
        return (self.simulated - self.theory) / self.error

    @property
    def limit(self) -> float:
        """Largest score that agrees with the theory."""
        return 1.0 if self.exact else LIMIT

    @property
    def agrees(self) -> bool:
        """Whether theory and simulation agree."""
        return abs(self.score) <= self.limit

    @property
    def refuses_rival(self) -> bool:
        """Whether the simulated number lies further from the rival than may be."""
        return self.rival is None or abs(self.simulated - self.rival) > self.limit * self.error


@dataclass(frozen=True)
class Curve:
    """A picture of a case: theory as a line, the simulation as dots."""

    title: str
    x_label: str
    y_label: str
    x: Floats
    theory: Floats
    simulated: Floats
    logarithmic: str = ""
    """Axes with a logarithmic scale: "", "x", "y" or "xy"."""


@dataclass(frozen=True)
class Outcome:
    """All rows of a case, and its picture where it has one."""

    rows: tuple[Row, ...]
    curve: Curve | None = None


Case = Callable[[], Outcome]
"""A case; its docstring states the theory, its formula and what a mistake would give."""


def share(quantity: str, theory: float, hits: Any, rival: float | None = None) -> Row:
    """Return the row of a share of independent trials; `hits` says which of them hit."""
    hit = np.asarray(hits)
    error = np.sqrt(theory * (1.0 - theory) / hit.size)
    return Row(quantity, theory, float(hit.mean()), float(error), rival)


def mean(quantity: str, theory: float, values: Any, rival: float | None = None) -> Row:
    """Return the row of a mean of independent values, its error from their spread."""
    known = np.asarray(values, dtype=np.float64)
    error = known.std(ddof=1) / np.sqrt(known.size)
    return Row(quantity, theory, float(known.mean()), float(error), rival)


def exact(
    quantity: str, theory: float, simulated: float, allowed: float, rival: float | None = None
) -> Row:
    """Return the row of a number without luck."""
    return Row(quantity, float(theory), float(simulated), float(allowed), rival, exact=True)


def dispersion(quantity: str, counts: Any, rival: float | None = None) -> Row:
    """Return the row of variance over mean of independent Poisson counts, which is 1."""
    known = np.asarray(counts, dtype=np.float64)
    ratio = float(known.var(ddof=1) / known.mean())
    return Row(quantity, 1.0, ratio, float(np.sqrt(2.0 / (known.size - 1))), rival)


def correlation(quantity: str, first: Any, second: Any) -> Row:
    """Return the row of a correlation of two independent samples, which is 0."""
    value = float(np.corrcoef(first, second)[0, 1])
    return Row(quantity, 0.0, value, 1.0 / float(np.sqrt(np.size(first))))
