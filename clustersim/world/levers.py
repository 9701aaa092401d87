"""Levers: the named values through which instruments of policy act on mechanisms.

A lever belongs to each actor, place (a sector in a region) or region. At its neutral value, 1 where
it multiplies and 0 where it is added, the mechanism works as if there were no lever, to the last
bit. Mechanisms read ``world.levers.<name>`` and say in their equations what it does; who sets
levers, when and at what cost is the matter of policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final, Literal

import numpy as np

from clustersim.world.actors import Actors, Column
from clustersim.world.types import Floats

Of = Literal["actor", "place", "region"]


@dataclass(frozen=True)
class Lever:
    """A named value that a mechanism takes from outside: whose it is, bounds, unit and meaning."""

    name: str
    of: Of
    """Whose value it is."""
    neutral: float
    """Value without effect: 1 of a factor, 0 of what is added."""
    low: float
    high: float
    unit: str
    meaning: str
    mechanisms: tuple[str, ...]
    """Names of the mechanisms that it acts on."""


def _factor(name: str, of: Of, *mechanisms: str, meaning: str) -> Lever:
    return Lever(name, of, 1.0, 0.0, 10.0, "factor", meaning, mechanisms)


def _share(name: str, *mechanisms: str, meaning: str) -> Lever:
    return Lever(name, "actor", 0.0, 0.0, 1.0, "share", meaning, mechanisms)


def _lead(name: str, *mechanisms: str, meaning: str) -> Lever:
    return Lever(name, "actor", 0.0, -1.0, 1.0, "ln", meaning, mechanisms)


LEVERS: Final[tuple[Lever, ...]] = (
    _factor("meeting", "actor", "collaboration", meaning="rate at which it seeks partners"),
    _share(
        "outreach",
        "collaboration",
        meaning="share of the meetings with partners of partners, in the milieu and in the region "
        "that it seeks anywhere instead",
    ),
    _factor(
        "trust",
        "actor",
        "collaboration",
        "projects",
        meaning="gain of trust on success; of a tie the mean of both ends, and no trust exceeds 1",
    ),
    _factor(
        "absorption",
        "actor",
        "learning",
        "place_learning",
        meaning="rate at which it learns from partners and from its place",
    ),
    _factor("innovation", "actor", "innovation", meaning="mean number of its innovations"),
    _share(
        "foresight",
        "innovation",
        meaning="weight of coming relevance, instead of today's, when it explores",
    ),
    _factor("proposal", "actor", "projects", meaning="rate at which it proposes projects"),
    _factor(
        "progress",
        "actor",
        "projects",
        meaning="hazard of a rise in readiness; of a project the mean of its members",
    ),
    _factor("digital", "actor", "adoption", meaning="hazard of adopting digital technology"),
    _factor("green", "actor", "adoption", meaning="hazard of adopting green technology"),
    _lead("access", "market", meaning="added to its lead over the market when orders grow"),
    _lead("skill", "market", meaning="added to its log productivity"),
    _factor("closing", "actor", "exit", meaning="hazard of closing, where funds and jobs suffice"),
    _factor("credit", "actor", "exit", meaning="debt at which it has to close"),
    _factor("spin_off", "actor", "entry", meaning="hazard of a spin-off from it"),
    _factor("matching", "place", "labour", meaning="efficiency of matching people and vacancies"),
    _factor(
        "suppliers", "place", "supply", meaning="chance of finding a supplier where there is none"
    ),
    _factor("start_ups", "place", "entry", meaning="mean number of start-ups"),
    _factor("arrivals", "place", "relocation", meaning="mean number of subsidiaries from abroad"),
    _factor(
        "crowding",
        "region",
        "market",
        meaning="loss of log productivity where jobs are denser than usual",
    ),
)
"""All levers there are."""

_BY_NAME: Final[Mapping[str, Lever]] = {lever.name: lever for lever in LEVERS}

_COLUMNS: Final[Mapping[str, Column]] = {
    one.name: Column(f"levers.{one.name}", np.float64, one.neutral, one.unit, one.meaning)
    for one in LEVERS
    if one.of == "actor"
}
"""The columns that hold the levers of actors, by lever; some levers are named as other columns."""

_NEUTRAL: Final[dict[float, Floats]] = {}
"""The longest array of ones and of zeros so far; all levers not in use are shown parts of them."""


def _neutral(value: float, n: int) -> Floats:
    """Return a neutral value `n` times, in an array that nobody can write."""
    held = _NEUTRAL.get(value)
    if held is None or held.size < n:
        held = np.full(n + n // 8, value)
        held.flags.writeable = False
        _NEUTRAL[value] = held
    return held[:n]


class Levers:
    """The levers of a world. ``levers.<name>`` is the array of values, which can be read only.

    Levers of actors have shape (rows,) and follow the rows of the table: whoever leaves takes its
    values along, and newcomers begin with the neutral one. Those of places have shape (R, S), those
    of regions (R,). A lever that is not in use needs no memory.

    Parameters
    ----------
    actors
        The table of actors.
    n_regions, n_sectors
        R and S.
    """

    meeting: Floats
    outreach: Floats
    trust: Floats
    absorption: Floats
    innovation: Floats
    foresight: Floats
    proposal: Floats
    progress: Floats
    digital: Floats
    green: Floats
    access: Floats
    skill: Floats
    closing: Floats
    credit: Floats
    spin_off: Floats
    matching: Floats
    suppliers: Floats
    start_ups: Floats
    arrivals: Floats
    crowding: Floats

    def __init__(self, actors: Actors, n_regions: int, n_sectors: int) -> None:
        self._actors = actors
        self._shapes: dict[str, tuple[int, ...]] = {
            "place": (n_regions, n_sectors),
            "region": (n_regions,),
        }
        self._used: dict[str, Floats] = {}

    @property
    def in_use(self) -> tuple[str, ...]:
        """Names of the levers in use."""
        return tuple(lever.name for lever in LEVERS if self.uses(lever.name))

    def uses(self, name: str) -> bool:
        """Return whether a lever is in use."""
        return self._values(_known(name)) is not None

    def _values(self, lever: Lever) -> Floats | None:
        """Return the values of a lever, None if it is not in use."""
        if lever.of == "actor":
            return self._actors.column(_COLUMNS[lever.name].name)
        return self._used.get(lever.name)

    def use(self, name: str) -> Floats:
        """Take a lever into use, if it is not; return its values, to be written within its bounds.

        Like the columns of actors, the array is replaced when the table grows: it is not to be held
        from one mechanism to the next.

        Raises
        ------
        ValueError
            If there is no such lever.
        """
        lever = _known(name)
        values = self._values(lever)
        if values is not None:
            return values
        if lever.of == "actor":
            return self._actors.add_column(_COLUMNS[name])
        self._used[name] = np.full(self._shapes[lever.of], lever.neutral)
        return self._used[name]

    def put(self, name: str, where: Any, values: Any) -> None:
        """Set a lever for some of those who have it; it is in use then.

        Parameters
        ----------
        name
            Name of the lever.
        where
            Rows of living actors; ``(regions, sectors)`` for a lever of places; regions.
        values
            One value, or one for each.

        Raises
        ------
        ValueError
            If there is no such lever, a value is out of its bounds, or a row holds no actor.
        """
        lever = _known(name)
        given = np.asarray(values, dtype=np.float64)
        wrong = given[~((given >= lever.low) & (given <= lever.high))]
        if wrong.size:
            msg = (
                f"lever {name} can't be {wrong[0]:g}; expected a number from {lever.low:g} to "
                f"{lever.high:g}"
            )
            raise ValueError(msg)
        if lever.of == "actor" and not self._actors.alive[where].all():
            msg = f"lever {name} belongs to living actors; a row among those given holds none"
            raise ValueError(msg)
        self.use(name)[where] = given

    def release(self, name: str) -> None:
        """Let a lever be neutral for everybody again, as if it had never been used."""
        if self.uses(name):
            if _known(name).of == "actor":
                self._actors.drop_column(_COLUMNS[name].name)
            else:
                del self._used[name]


class _Shown:
    """The attribute of a lever: its values, in a form that cannot be written."""

    def __init__(self, lever: Lever) -> None:
        self.lever = lever

    def __get__(self, levers: Levers | None, owner: type | None = None) -> Any:
        if levers is None:
            return self
        lever = self.lever
        values = levers._values(lever)
        if values is not None:
            shown = values.view()
            shown.flags.writeable = False
            return shown
        if lever.of == "actor":
            return _neutral(lever.neutral, levers._actors.id.size)
        shape = levers._shapes[lever.of]
        return _neutral(lever.neutral, prod(shape)).reshape(shape)

    def __set__(self, levers: Levers, value: object) -> None:
        name = self.lever.name
        msg = f"levers.{name} can't be replaced; set it with levers.put({name!r}, ...)"
        raise AttributeError(msg)


for _lever in LEVERS:
    setattr(Levers, _lever.name, _Shown(_lever))


def _known(name: str) -> Lever:
    if name not in _BY_NAME:
        msg = f"there is no lever {name!r}; there are {', '.join(_BY_NAME)}"
        raise ValueError(msg)
    return _BY_NAME[name]
