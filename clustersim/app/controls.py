"""What a visitor can change: sliders and switches, in plain words, with what is known about them.

Bounds, units, usual values and sources are those of the scenario schema; what stands here is the
name for students, the range of the slider and what the literature says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from clustersim.scenario.schema import json_schema


@dataclass(frozen=True)
class Slider:
    """A parameter that can be set by a slider.

    Attributes
    ----------
    name
        Dotted name, as for ``--set``.
    label
        What students call it.
    least, most, step
        Ends and step of the slider, in the unit of the parameter.
    literature
        What is known about it.
    unit, usual, meaning, source
        From the schema.
    """

    name: str
    label: str
    least: float
    most: float
    step: float
    literature: str
    unit: str
    usual: float
    meaning: str
    source: str

    @property
    def tooltip(self) -> str:
        """What it means, what is known, and where the usual value comes from."""
        usual = f"Usual: {self.usual:g}{_unit(self.unit)}"
        source = f" ({self.source})" if self.source else ""
        return f"{self.meaning} {self.literature} {usual}{source}."

    @property
    def title(self) -> str:
        """The label with its unit."""
        return f"{self.label}{f' [{self.unit}]' if self.unit not in ('', '-') else ''}"


@dataclass(frozen=True)
class Switch:
    """Something that can be switched off.

    Attributes
    ----------
    name
        Dotted name of the boolean.
    label
        What students call it.
    tooltip
        What is gone when it is off.
    """

    name: str
    label: str
    tooltip: str


_SLIDERS: Final = (
    (
        "entry.start_up_rate",
        "New firms",
        (0.0, 0.4, 0.02),
        "In the European Union about one firm in ten is new in a year.",
    ),
    (
        "entry.spin_off_rate",
        "Spin-offs of firms",
        (0.0, 0.15, 0.01),
        "Good firms have more and better spin-offs; so grew Detroit and Silicon Valley "
        "(Klepper 2007).",
    ),
    (
        "entry.local",
        "Spin-offs that stay near",
        (0.0, 1.0, 0.05),
        "Eight or nine of ten founders stay in the region of their former employer.",
    ),
    (
        "market.localisation",
        "Advantage of being among one's own industry",
        (0.0, 3.0, 0.25),
        "Gains are real but modest, and turn into losses where it gets crowded.",
    ),
    (
        "market.selection",
        "How hard the market selects",
        (0.0, 1.0, 0.02),
        "The more productive grow; how fast is disputed, most growth of firms looks like luck.",
    ),
    (
        "place_learning.place_rate",
        "Learning that is in the air",
        (0.0, 0.2, 0.01),
        "Marshall (1890) held that in a district the secrets of the trade are in the air; others "
        "find that they travel with people and ties.",
    ),
    (
        "learning.tie_rate",
        "Learning from partners",
        (0.0, 0.6, 0.05),
        "Those who work together learn from each other, the more so the more they trust.",
    ),
    (
        "world.exchange.fruitful_distance",
        "Most fruitful cognitive distance",
        (0.05, 0.95, 0.05),
        "Too near and there is nothing to learn, too far and one does not understand: an inverted "
        "U (Nooteboom et al. 2007).",
    ),
    (
        "collaboration.geographic",
        "How much nearness counts for partners",
        (0.0, 4.0, 0.25),
        "Nearness helps, but is neither needed nor enough (Boschma 2005).",
    ),
    (
        "innovation.rate",
        "Innovations of the most active",
        (0.0, 2.4, 0.05),
        "How many there are depends on what is counted; here an innovation is a new idea in use.",
    ),
    (
        "innovation.exploration",
        "Innovations that explore something new",
        (0.0, 1.0, 0.05),
        "Who only exploits what is known falls into a trap, who only explores never earns from it "
        "(March 1991).",
    ),
    (
        "frontier.obsolescence",
        "How fast knowledge gets old",
        (0.0, 0.08, 0.005),
        "The world goes on: who does not learn falls behind.",
    ),
    (
        "supply.dependence",
        "Dependence on the key supplier",
        (0.0, 1.0, 0.05),
        "Firms whose supplier fails lose sales themselves (Barrot & Sauvagnat 2016).",
    ),
)

SWITCHES: Final = (
    Switch(
        "market.externalities",
        "Advantages of place",
        "Off: no firm gains from others nearby, neither by suppliers nor by a labour market.",
    ),
    Switch("entry.spin_offs", "Spin-offs", "Off: no firm and no university has offspring."),
    Switch("entry.start_ups", "Start-ups", "Off: nobody founds a firm from scratch."),
    Switch(
        "frontier.paradigms",
        "Change of technology",
        "Off: the first technology rules for ever, and nothing that was learnt gets outdated by a "
        "new one.",
    ),
    Switch("learning.enabled", "Learning from partners", "Off: ties carry no knowledge."),
    Switch(
        "place_learning.enabled", "Learning that is in the air", "Off: places carry no knowledge."
    ),
    Switch("innovation.enabled", "Innovation", "Off: nobody finds anything new."),
    Switch("collaboration.enabled", "Collaboration", "Off: no new ties between partners."),
    Switch(
        "labour.movers",
        "People who change firms",
        "Off: nobody takes knowledge along to a new job.",
    ),
    Switch(
        "world.exchange.distance_decay",
        "Distance matters",
        "Off: knowledge passes as easily across the country as across the street.",
    ),
    Switch("relocation.enabled", "Multinationals move", "Off: no plant comes or moves away."),
)
"""Mechanisms that can be switched off."""

FACTORS: Final[Mapping[str, float]] = {"half": 0.5, "as planned": 1.0, "double": 2.0, "5 ×": 5.0}
"""What the budget of a policy can be multiplied by."""


@cache
def sliders() -> tuple[Slider, ...]:
    """Return the sliders, with what the schema says about their parameters."""
    return tuple(
        Slider(
            name,
            label,
            *ends,
            literature,
            unit=str(entry.get("unit", "-")),
            usual=float(entry["default"]),
            meaning=str(entry.get("description", "")),
            source=str(entry.get("source", "")),
        )
        for name, label, ends, literature in _SLIDERS
        for entry in [_schema_of(name)]
    )


def _schema_of(name: str) -> Mapping[str, Any]:
    """Return the entry of the JSON schema for a dotted name."""
    schema, exchange = _schema(), "world.exchange."
    part = schema["$defs"]["ExchangeSpec"] if name.startswith(exchange) else None
    entries = (part or schema["properties"]["set"])["properties"]
    entry: Mapping[str, Any] = entries[name.removeprefix(exchange)]
    return entry


@cache
def _schema() -> dict[str, Any]:
    return json_schema()


def _unit(unit: str) -> str:
    return "" if unit in ("", "-") else f" {unit}"
