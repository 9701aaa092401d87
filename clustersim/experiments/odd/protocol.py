"""The ODD protocol (Grimm et al. 2020) of the model as a scenario runs it."""

from __future__ import annotations

import inspect
import math
import re
from collections.abc import Mapping
from types import ModuleType
from typing import Final

from clustersim.experiments.life_cycles import LOCAL_STAGE_RULE, ClusterRule
from clustersim.experiments.odd import prose
from clustersim.experiments.odd.reference import (
    attributes,
    columns,
    constants,
    functions,
    headline,
    mechanism_text,
    parameters,
    quoted,
    table,
    uses,
)
from clustersim.experiments.validation.facts import FACTS
from clustersim.experiments.validation.nulls import NULLS
from clustersim.measures.lifecycle import StageRule, stages
from clustersim.recorder import CLUSTERS, ECONOMY
from clustersim.scenario.describe import Row, describe, in_words, shown
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.world import (
    draws,
    economy,
    first_ties,
    founding,
    institutions,
    knowledge,
    newcomers,
    ring,
)
from clustersim.world.actors import COLUMNS, Kind
from clustersim.world.ties import LAYERS
from clustersim.world.world import Conditions, Fields, Flows, Places, Regions, Sectors

FOUNDING: Final[tuple[ModuleType, ...]] = (founding, economy, institutions, first_ties, newcomers)
_ENTITIES: Final = (
    (Regions, "Regions"),
    (Places, "Local industries (places)"),
    (Sectors, "Sectors, and the rest of the world in each"),
    (Fields, "Technology fields"),
    (Conditions, "Conditions of the quarter"),
    (Flows, "Flows since the last record"),
)


def odd(resolved: ResolvedScenario) -> str:
    """Return the protocol as Markdown: complete enough to build the model again.

    Parameters
    ----------
    resolved
        The scenario, with its schedule and where each value comes from.
    """
    rows = {row.path: row for row in describe(resolved)}
    title = resolved.scenario.title or "a scenario without a title"
    parts = [
        f"# ODD protocol: {title}",
        "This follows the ODD protocol of Grimm et al. 2020 (Journal of Artificial Societies and "
        "Social Simulation 23(2) 7). It is written by `clustersim odd` from the code and the "
        "scenario; equations are the docstrings of the code that carries them out.",
        f"The scenario in words: {in_words(resolved)}",
        _purpose(),
        _entities(),
        _schedule(resolved),
        _concepts(),
        _initialisation(rows),
        f"## 6. Input data\n\n{prose.INPUT}",
        _submodels(resolved, rows),
    ]
    return "\n\n".join(parts) + "\n"


def _purpose() -> str:
    facts = [
        (fact.id, fact.use, fact.title, _number(fact.target), fact.unit, fact.source)
        for fact in FACTS
    ]
    nulls = "\n".join(f"- `{null.id}`: {null.expectation}." for null in NULLS)
    heading = ("pattern", "use", "what", "figure", "unit", "source")
    return "\n\n".join(
        [
            "## 1. Purpose and patterns",
            prose.PURPOSE,
            prose.PATTERNS,
            table(heading, facts),
            prose.NULLS,
            nulls,
        ]
    )


def _origin(row: Row) -> str:
    """Return where a value comes from; of a file its name and line, wherever it lies."""
    return re.sub(r"^.*[/\\](?=[^/\\]+:\d+$)", "", row.origin)


def _number(value: float) -> str:
    return "direction" if math.isnan(value) else f"{value:.3g}"


def _entities() -> str:
    kinds = ", ".join(kind.name.lower().replace("_", " ") for kind in Kind)
    actors = [(f"`{one.name}`", one.unit, shown(one.default), one.meaning) for one in COLUMNS]
    parts = [
        "## 2. Entities, state variables and scales",
        f"### Actors\n\nOne table for five kinds ({kinds}). Beside it stands `knowledge`: the "
        "level of each technology field, in units of the world frontier.",
        table(("variable", "unit", "default", "meaning"), actors),
    ]
    for cls, title in _ENTITIES:
        listed = [(f"`{name}`", text) for name, _, text in attributes(cls)]
        parts.append(f"### {title}\n\n{table(('variable', 'meaning'), listed)}")
    layers = [(f"`{name}`", text) for name, text in LAYERS.items()]
    parts.append(
        "### Ties\n\nEach has trust (0 to 1), its length in km and the quarter in which it was "
        f"made.\n\n{table(('layer', 'meaning'), layers)}"
    )
    parts.append(f"### Scales\n\n{prose.SCALES}")
    return "\n\n".join(parts)


def _schedule(resolved: ResolvedScenario) -> str:
    working = {mechanism.name: mechanism.enabled for mechanism in resolved.mechanisms()}
    lines = [
        f"{number}. `{mechanism.name}`{'' if working[mechanism.name] else ' (switched off here)'}: "
        f"{headline(mechanism)}. {uses(mechanism)}"
        for number, mechanism in enumerate(resolved.schedule, start=1)
    ]
    return (
        "## 3. Process overview and scheduling\n\nEach quarter these work in this order. Each sees "
        "what those before it have left; within one, all actors decide on the state at its "
        "start.\n\n" + "\n".join(lines)
    )


def _concepts() -> str:
    parts = ["## 4. Design concepts"]
    parts += [f"### {name}\n\n{text}" for name, text in prose.CONCEPTS]
    parts.append(f"`clusters`, one row for each place and record:\n\n{columns(CLUSTERS)}")
    parts.append(f"`economy`, one row for each record:\n\n{columns(ECONOMY)}")
    parts.append(f"Clusters that are followed:\n\n{quoted(inspect.getdoc(ClusterRule) or '')}")
    parts.append(
        "Stages of the life cycle:\n\n"
        + quoted((inspect.getdoc(stages) or "").partition("\n\nParameters\n")[0])
    )
    values = [(f"`{name}`", shown(value)) for name, value in vars(LOCAL_STAGE_RULE).items()]
    parts.append(quoted(inspect.getdoc(StageRule) or ""))
    parts.append(table(("threshold", "value"), values))
    parts.append(f"Luck:\n\n{quoted(inspect.getdoc(draws) or '')}")
    return "\n\n".join(parts)


def _initialisation(rows: Mapping[str, Row]) -> str:
    world = [
        (f"`{row.path}`", row.value, row.unit, _origin(row), row.meaning)
        for path, row in rows.items()
        if path.startswith("world.")
    ]
    parts = ["## 5. Initialization", prose.INITIALISATION]
    for module in FOUNDING:
        parts.append(f"### {headline(module)}")
        parts += [f"`{name}`:\n\n{quoted(text)}" for name, text in functions(module)]
        numbers = [(f"`{name}`", value, text) for name, value, text in constants(module)]
        if numbers:
            parts.append(table(("constant", "value", "meaning"), numbers))
    parts.append(
        "### Values of the scenario\n\n" + table(("value", "is", "unit", "from", "meaning"), world)
    )
    return "\n\n".join(parts)


def _submodels(resolved: ResolvedScenario, rows: Mapping[str, Row]) -> str:
    parts = ["## 7. Submodels"]
    heading = ("parameter", "value", "unit", "from", "bounds", "meaning", "source")
    for number, mechanism in enumerate(resolved.schedule, start=1):
        listed = []
        for name, field in parameters(mechanism):
            row = rows[f"{mechanism.name}.{name}"]
            bounds = (
                f"{field['minimum']} to {field['maximum']}" if "minimum" in field else "true, false"
            )
            listed.append(
                (
                    f"`{row.path}`",
                    row.value,
                    row.unit,
                    _origin(row),
                    bounds,
                    row.meaning,
                    field["source"],
                )
            )
        module = inspect.getmodule(mechanism)
        numbers = [] if module is None else constants(module)
        parts.append(f"### 7.{number} `{mechanism.name}`: {headline(mechanism)}")
        parts.append(mechanism_text(mechanism))
        parts.append(table(heading, listed) if listed else "No numeric parameters.")
        if numbers:
            shown_numbers = [(f"`{name}`", value, text) for name, value, text in numbers]
            parts.append(table(("constant", "value", "meaning"), shown_numbers))
    parts.append("### Formulas that several submodels share")
    for module in (knowledge, ring):
        parts.append(quoted(inspect.getdoc(module) or ""))
        parts += [f"`{name}`:\n\n{quoted(text)}" for name, text in functions(module)]
    return "\n\n".join(parts)
