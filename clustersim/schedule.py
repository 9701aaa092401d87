"""The order of the quarter, in one place.

Mechanisms never call one another; they meet in the world. Each sees what those before it in this
quarter have left behind, and within one mechanism all actors decide on the state at its start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from clustersim.mechanisms.adoption import Adoption
from clustersim.mechanisms.base import Mechanism
from clustersim.mechanisms.collaboration import Collaboration
from clustersim.mechanisms.entry import Entry
from clustersim.mechanisms.exit import Exit
from clustersim.mechanisms.finance import Finance
from clustersim.mechanisms.frontier import Frontier
from clustersim.mechanisms.innovation import Innovation
from clustersim.mechanisms.labour import Labour
from clustersim.mechanisms.learning import Learning
from clustersim.mechanisms.market import Market
from clustersim.mechanisms.place_learning import PlaceLearning
from clustersim.mechanisms.projects import Projects
from clustersim.mechanisms.relocation import Relocation
from clustersim.mechanisms.shocks import Shocks
from clustersim.mechanisms.supply import Supply
from clustersim.policies.policy import PublicPolicy

SCHEDULE: Final[tuple[type[Mechanism], ...]] = (
    Shocks,
    Frontier,
    Labour,
    Supply,
    Learning,
    PlaceLearning,
    Innovation,
    Projects,
    Adoption,
    Market,
    Finance,
    Exit,
    Entry,
    Relocation,
    Collaboration,
    PublicPolicy,
)
"""The mechanisms of a quarter, in order."""


def mechanisms(
    parameters: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[Mechanism, ...]:
    """Return the mechanisms in order, with parameters by mechanism name where they differ.

    Parameters
    ----------
    parameters
        For example ``{"learning": {"tie_rate": 0.2}, "entry": {"enabled": False}}``.

    Raises
    ------
    KeyError
        If there is no mechanism of that name.
    pydantic.ValidationError
        If a parameter is unknown, has the wrong type or is out of bounds.
    """
    given = dict(parameters or {})
    made = tuple(mechanism(**given.pop(mechanism.name, {})) for mechanism in SCHEDULE)
    if given:
        known = ", ".join(mechanism.name for mechanism in SCHEDULE)
        msg = f"no mechanism is called {', '.join(map(repr, given))}; there are {known}"
        raise KeyError(msg)
    return made


def explain() -> str:
    """Return the schedule as text: number, name, what it does, what it writes."""
    lines = []
    for number, mechanism in enumerate(SCHEDULE, start=1):
        summary = (mechanism.__doc__ or "").strip().splitlines()[0]
        lines.append(f"{number:2d}  {mechanism.name:15s} {summary}")
        lines.append(f"    {'':15s} writes {', '.join(mechanism.writes)}")
    return "\n".join(lines)
