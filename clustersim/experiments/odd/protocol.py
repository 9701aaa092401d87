"""The ODD protocol (Grimm et al. 2020) of the model as a scenario runs it."""

from __future__ import annotations

import dataclasses
import inspect
import math
import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_type_hints

from clustersim.experiments.life_cycles import (
    DEFAULT_CLUSTER_RULE,
    LOCAL_STAGE_RULE,
    ClusterRule,
    ClusterSeries,
)
from clustersim.experiments.odd import prose
from clustersim.experiments.odd.reference import (
    attributes,
    classes,
    columns,
    constants,
    decisions,
    definitions,
    enumerations,
    founding_modules,
    functions,
    headline,
    mechanism_text,
    names,
    parameters,
    quoted,
    shared_modules,
    table,
    uses,
)
from clustersim.experiments.validation.facts import FACTS
from clustersim.experiments.validation.nulls import NULLS, Arm
from clustersim.measures.clusters import StrengthRule, cluster_stars, cluster_strength, in_top
from clustersim.measures.knowledge import heterogeneity, newer_paradigm_share
from clustersim.measures.lifecycle import StageRule, stages
from clustersim.measures.lifecycle_reasons import explain
from clustersim.measures.lifecycle_series import Series
from clustersim.measures.monitoring import (
    Collaborations,
    absorption,
    labels,
    members_and_others,
)
from clustersim.measures.stage_rule import Stage
from clustersim.mechanisms.base import Mechanism
from clustersim.monitoring import MONITORING, ORGANISATIONS
from clustersim.recorder import CLUSTERS, ECONOMY, paradigm_pair
from clustersim.scenario.describe import Row, describe, in_words, shown
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.scenario.schema import parameters_of
from clustersim.simulation import Simulation
from clustersim.world import actors, draws
from clustersim.world.actors import COLUMNS, Kind
from clustersim.world.levers import LEVERS
from clustersim.world.ties import LAYERS, Layer
from clustersim.world.world import DT, World

Schedule = Sequence[type[Mechanism]]

_TABLES: Final = ("actors", "ties")
"""Tables of which a mechanism may declare the whole."""


def odd(resolved: ResolvedScenario) -> str:
    """Return the protocol as Markdown: complete enough to build the model again.

    Parameters
    ----------
    resolved
        The scenario, with its schedule and where each value comes from.
    """
    rows = {row.path: row for row in describe(resolved)}
    mechanisms = parameters_of(resolved.schedule)
    others = {path: row for path, row in rows.items() if path not in mechanisms}
    title = resolved.scenario.title or "a scenario without a title"
    parts = [
        f"# ODD protocol: {title}",
        "This follows the ODD protocol of Grimm et al. 2020 (Journal of Artificial Societies and "
        "Social Simulation 23(2) 7). It is written by `clustersim odd` from the code and the "
        "scenario; equations are the docstrings of the code that carries them out.",
        f"The scenario in words: {in_words(resolved)}",
        _purpose(),
        _entities(resolved),
        _schedule(resolved),
        _concepts(resolved.schedule),
        _initialisation(others),
        _input(others),
        _submodels(resolved, rows),
    ]
    return "\n\n".join(parts) + "\n"


def _purpose() -> str:
    facts = [
        (
            fact.id,
            fact.use,
            fact.title,
            _number(fact.target),
            _range(fact.low, fact.high),
            fact.unit,
            fact.reason,
            fact.source,
        )
        for fact in FACTS
    ]
    nulls = [
        (
            f"`{null.id}`",
            null.expectation,
            null.statistic,
            _arm(null.base),
            _arm(null.variant),
            null.direction,
        )
        for null in NULLS
    ]
    heading = ("pattern", "use", "what", "figure", "range", "unit", "why this range", "source")
    return "\n\n".join(
        [
            "## 1. Purpose and patterns",
            prose.PURPOSE,
            prose.PATTERNS,
            table(heading, facts),
            prose.NULLS,
            table(("null", "expected", "statistic", "base", "variant", "the variant has"), nulls),
        ]
    )


def _origin(row: Row) -> str:
    """Return where a value comes from; of a file its name and line, wherever it lies."""
    return re.sub(r"^.*[/\\](?=[^/\\]+:\d+$)", "", row.origin)


def _number(value: float) -> str:
    return "direction" if math.isnan(value) else f"{value:.3g}"


def _range(low: float, high: float) -> str:
    if math.isinf(low) and math.isinf(high):
        return "any"
    if math.isinf(low):
        return f"at most {high:.3g}"
    return f"at least {low:.3g}" if math.isinf(high) else f"{low:.3g} to {high:.3g}"


def _arm(arm: Arm) -> str:
    return ", ".join(f"`{name}: {shown(value)}`" for name, value in arm) or "as it is"


def _users(name: str, schedule: Schedule, *, read: bool = False) -> str:
    """Return the mechanisms that may change (or read) an array of the world.

    Those that declare the whole table of actors or ties are named once for the table.
    """
    table_of = name.partition(".")[0]
    wanted = {name} if table_of in _TABLES else {name, table_of}
    return ", ".join(
        f"`{one.name}`" for one in schedule if wanted & {*(one.reads if read else one.writes)}
    )


def _entities(resolved: ResolvedScenario) -> str:
    schedule = resolved.schedule
    kinds = ", ".join(kind.name.lower().replace("_", " ") for kind in Kind)
    listed = [
        (
            f"`{one.name}`",
            one.unit,
            shown(one.default),
            _users(f"actors.{one.name}", schedule),
            one.meaning,
        )
        for one in COLUMNS
    ]
    parts = [
        "## 2. Entities, state variables and scales",
        prose.ENTITIES,
        f"### Actors\n\nOne table for {len(Kind)} kinds ({kinds}). Beside it stands `knowledge`: "
        "the level of each technology field, in units of the world frontier; changed by "
        f"{_users('actors.knowledge', schedule) or 'nothing'}. {_whole('actors', schedule)}",
        table(("variable", "unit", "default", "changed by", "meaning"), listed),
    ]
    for one in enumerations(actors):
        values = ", ".join(f"{value.name} {value.value}" for value in one)
        parts.append(f"`{one.__name__}`, {headline(one)}: {values}.")
    for name, cls in get_type_hints(World).items():
        if dataclasses.is_dataclass(cls) and isinstance(cls, type):
            variables = [
                (f"`{variable}`", _users(f"{name}.{variable}", schedule), text)
                for variable, text in _variables(cls)
            ]
            rows = table(("variable", "changed by", "meaning"), variables)
            parts.append(f"### {headline(cls)}\n\n{rows}")
    layers = [
        (
            f"`{name}`",
            _users(f"ties.{name}", schedule),
            _users(f"ties.{name}", schedule, read=True),
            text,
        )
        for name, text in LAYERS.items()
    ]
    parts.append(f"### Levers\n\n{prose.LEVERS}\n\n{_levers(schedule)}")
    parts += [
        f"### Ties\n\n{quoted(inspect.getdoc(Layer) or '')}",
        _whole("ties", schedule),
        table(("layer", "changed by", "read by", "meaning"), layers),
        f"### Scales\n\n{prose.SCALES}\n\n{_extent(resolved)}",
    ]
    return "\n\n".join(parts)


def _levers(schedule: Schedule) -> str:
    listed = [
        (
            f"`{one.name}`",
            one.of,
            shown(one.neutral),
            _range(one.low, one.high),
            one.unit,
            names(one.mechanisms),
            _users(f"levers.{one.name}", schedule),
            one.meaning,
        )
        for one in LEVERS
    ]
    heading = ("lever", "of each", "neutral", "bounds", "unit", "acts on", "set by", "meaning")
    return table(heading, listed)


def _whole(name: str, schedule: Schedule) -> str:
    whole = names([one.name for one in schedule if name in one.writes])
    return f"The whole table is open to {whole}: there {name} begin and end, or are struck."


def _variables(cls: type) -> list[tuple[str, str]]:
    """Return the variables of an entity; a count that is recorded as it is has its meaning there.

    Of the clock, what is set and what is computed from it.
    """
    found = [(name, text or CLUSTERS.get(name, "")) for name, _, text in attributes(cls)]
    derived = [
        (name, inspect.getdoc(one) or "")
        for name, one in vars(cls).items()
        if isinstance(one, property)
    ]
    return found + derived


def _extent(resolved: ResolvedScenario) -> str:
    scenario = resolved.scenario
    world = scenario.world
    quarters = round(scenario.years / DT)
    if resolved.graph_file is not None:
        return f"This scenario: {quarters} steps; its world is that of {resolved.graph_file.name}."
    lists = {
        "regions": [one.name for one in world.regions],
        "sectors": [one.name for one in world.sectors],
        "technology fields": [one.name for one in world.fields],
    }
    counted = [
        f"- {len(those)} {what}, in the order of their indices: {', '.join(those)}"
        for what, those in lists.items()
    ]
    return "\n".join(
        [
            f"This scenario: {quarters} steps of {DT:g} years from {world.start_year}, with "
            f"`employment_scale` {world.employment_scale:g}.\n",
            *counted,
        ]
    )


def _schedule(resolved: ResolvedScenario) -> str:
    working = {mechanism.name: mechanism.enabled for mechanism in resolved.mechanisms()}
    lines = [
        f"{number}. `{mechanism.name}`{'' if working[mechanism.name] else ' (switched off here)'}: "
        f"{headline(mechanism)}. {uses(mechanism)}"
        for number, mechanism in enumerate(resolved.schedule, start=1)
    ]
    return "\n\n".join(
        [
            "## 3. Process overview and scheduling",
            prose.SCHEDULE,
            "\n".join(lines),
            "The step, as it is carried out:",
            _code(Simulation.step),
        ]
    )


def _code(function: Any) -> str:
    return f"```python\n{textwrap.dedent(inspect.getsource(function)).strip()}\n```"


def _concepts(schedule: Schedule) -> str:
    parts = ["## 4. Design concepts"]
    for name, text in prose.CONCEPTS:
        parts.append(f"### {name}\n\n{text}")
        if name == prose.STOCHASTICITY:
            parts += _luck(schedule)
    parts.append(f"`clusters`, one row for each place and record:\n\n{columns(CLUSTERS)}")
    parts.append(f"`economy`, one row for each record:\n\n{columns(ECONOMY)}")
    parts.append(f"`monitoring`, one row for each place with firms:\n\n{columns(MONITORING)}")
    parts.append(f"`organisations`, one for each cluster organisation:\n\n{columns(ORGANISATIONS)}")
    parts += ["Collaborations, labels and members:", _rules(*_OF_MONITORING)]
    parts += ["How knowledge is measured:", _rules(*_OF_KNOWLEDGE)]
    parts += ["Cluster mapping, by jobs alone:", _rules(*_OF_CLUSTERS)]
    parts.append("Clusters that are followed:")
    for rule, values in (
        (ClusterRule, DEFAULT_CLUSTER_RULE),
        (StrengthRule, DEFAULT_CLUSTER_RULE.strength),
    ):
        parts += [quoted(inspect.getdoc(rule) or ""), _thresholds(values)]
    parts.append(
        "Stages of the life cycle:\n\n"
        + quoted((inspect.getdoc(stages) or "").partition("\n\nParameters\n")[0])
    )
    parts.append(table(("stage", "meaning"), [(name.lower(), text) for name, text in _stages()]))
    parts += [quoted(inspect.getdoc(StageRule) or ""), _thresholds(LOCAL_STAGE_RULE)]
    parts += ["The series that stages and reasons are read off:", _rules(*_OF_STAGES)]
    return "\n\n".join(parts)


_OF_MONITORING: Final = (Collaborations, absorption, labels, members_and_others)
_OF_KNOWLEDGE: Final = (heterogeneity, newer_paradigm_share, paradigm_pair)
_OF_CLUSTERS: Final = (cluster_strength, cluster_stars, in_top)
_OF_STAGES: Final = (ClusterSeries, Series, explain)


def _rules(*things: Any) -> str:
    """Return what functions and classes say of themselves, but for parameters."""
    texts = [(inspect.getdoc(one) or "").partition("\n\nParameters\n")[0] for one in things]
    return definitions([(one.__name__, text) for one, text in zip(things, texts, strict=True)])


def _stages() -> list[tuple[str, str]]:
    return [(name, text) for name, _, text in attributes(Stage)]


def _thresholds(rule: Any) -> str:
    values = [
        (f"`{name}`", shown(value))
        for name, value in vars(rule).items()
        if not dataclasses.is_dataclass(value)
    ]
    return table(("threshold", "value"), values)


def _luck(schedule: Schedule) -> list[str]:
    """Return how luck is drawn, and which decisions draw it: read off the calls in the code."""
    users = [one for mechanism in schedule if (one := inspect.getmodule(mechanism)) is not None]
    modules = dict.fromkeys([*founding_modules(), *users, *shared_modules(schedule)])
    listed = [
        (headline(module), names(found)) for module in modules if (found := decisions(module))
    ]
    return [
        quoted(inspect.getdoc(draws) or ""),
        definitions(functions(draws)),
        "Decisions that draw luck or give identities, by the module that does:",
        table(("module", "decisions"), listed),
    ]


def _module(module: Any, *, private: bool = False) -> list[str]:
    """Return what a module says of its rules: classes, functions and constants."""
    parts = [definitions([*classes(module), *functions(module, private=private)])]
    numbers = [
        (f"`{name}`", value, text) for name, value, text in constants(module, private=private)
    ]
    if numbers:
        parts.append(table(("constant", "value", "meaning"), numbers))
    return [part for part in parts if part]


def _initialisation(rows: Mapping[str, Row]) -> str:
    values = [row for path, row in rows.items() if not path.startswith("shocks.")]
    parts = ["## 5. Initialization", prose.INITIALISATION]
    for module in founding_modules():
        parts += [f"### {headline(module)}", *_module(module, private=True)]
    return "\n\n".join([*parts, f"### Values of the scenario\n\n{_values(values)}"])


def _values(rows: Sequence[Row]) -> str:
    listed = [
        (f"`{row.path}`", row.value, row.unit, _origin(row), row.bounds, row.meaning)
        for row in rows
    ]
    return table(("value", "is", "unit", "from", "bounds", "meaning"), listed)


def _input(rows: Mapping[str, Row]) -> str:
    shocks = [row for path, row in rows.items() if path.startswith("shocks.")]
    listed = _values(shocks) if shocks else "In this scenario there are no shocks."
    return f"## 6. Input data\n\n{prose.INPUT}\n\n{listed}"


def _submodels(resolved: ResolvedScenario, rows: Mapping[str, Row]) -> str:
    parts = ["## 7. Submodels", prose.SUBMODELS]
    heading = ("parameter", "value", "unit", "from", "bounds", "meaning", "source")
    every = parameters_of(resolved.schedule)
    for number, mechanism in enumerate(resolved.schedule, start=1):
        sources = {name: field["source"] for name, field in parameters(mechanism)}
        listed = []
        for path, (owner, name) in every.items():
            if owner is mechanism:
                row = rows[path]
                cells = (f"`{path}`", row.value, row.unit, _origin(row), row.bounds, row.meaning)
                listed.append((*cells, sources.get(name, "switch")))
        module = inspect.getmodule(mechanism)
        parts.append(f"### 7.{number} `{mechanism.name}`: {headline(mechanism)}")
        parts.append(mechanism_text(mechanism))
        parts.append(table(heading, listed))
        parts += [] if module is None else _module(module)
    parts.append(f"### Formulas that several submodels share\n\n{prose.SHARED}")
    for module in shared_modules(resolved.schedule):
        parts += [quoted(inspect.getdoc(module) or ""), *_module(module)]
    return "\n\n".join(parts)
