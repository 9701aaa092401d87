"""Shocks by button: what students can let befall their world, from the next quarter on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from clustersim.world.shock import Shock

_SHOCK: Final[TypeAdapter[Shock]] = TypeAdapter(Shock)


@dataclass(frozen=True)
class Button:
    """A shock that can be chosen.

    Attributes
    ----------
    name
        Short name, used by lessons.
    label
        On the button.
    tooltip
        What happens, and how much of it is known.
    what
        What the scenario file says about it, but for the year and the place.
    where
        What of the chosen place it names: region, sector, both or neither.
    """

    name: str
    label: str
    tooltip: str
    what: Mapping[str, Any]
    where: tuple[str, ...] = ()

    def shock(self, year: float, region: str, sector: str) -> Shock:
        """Return the shock.

        Parameters
        ----------
        year
            Calendar year, with the quarter as fraction.
        region, sector
            The place that is chosen on the page; some shocks strike everywhere.
        """
        place = {"region": region, "sector": sector}
        named = {name: place[name] for name in self.where}
        return _SHOCK.validate_python({"year": year, **self.what, **named})


BUTTONS: Final = (
    Button(
        "anchor",
        "Close the anchor firm",
        "The largest firm of the place closes. Its people look for work, its ties end.",
        {"kind": "anchor_exit"},
        ("region", "sector"),
    ),
    Button(
        "pandemic",
        "Pandemic",
        "Demand and capacity fall by a tenth each, travel between regions stops for five quarters: "
        "the size of 2020 (Eurostat).",
        {"kind": "pandemic"},
    ),
    Button(
        "technology",
        "New technology",
        "A new technology begins to come in the sector of the place; what was learnt for the old "
        "one counts less and less.",
        {"kind": "technology"},
        ("sector",),
    ),
    Button(
        "demand",
        "Demand falls",
        "World demand for the sector falls by a fifth and recovers within some years, as for "
        "European industry in 2008.",
        {"kind": "demand", "depth": 0.2},
        ("sector",),
    ),
    Button(
        "talent",
        "Talent leaves",
        "The place loses a fifth of its skill, a tenth of what its firms know, and a tenth of its "
        "people. Sizes are assumptions.",
        {"kind": "talent_loss", "depth": 0.2, "leave": 0.1},
        ("region", "sector"),
    ),
    Button(
        "energy",
        "Energy gets dear",
        "Energy and carbon cost three times as much; half of the rise stays. Sizes are "
        "assumptions.",
        {"kind": "energy_price", "factor": 3.0, "lasting": 0.5},
    ),
    Button(
        "credit",
        "Banks stop lending",
        "Banks lend a third less and recover within some years. Sizes are assumptions.",
        {"kind": "credit_crunch", "depth": 0.33},
    ),
)
"""The buttons, in their order on the page."""


def button(name: str) -> Button:
    """Return the button of a name.

    Raises
    ------
    KeyError
        If there is none.
    """
    for one in BUTTONS:
        if one.name == name:
            return one
    raise KeyError(name)
