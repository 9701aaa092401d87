"""Explains a scenario: every value with unit, origin and meaning, and the whole in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from clustersim.scenario.policy_words import policy_sentences
from clustersim.scenario.problems import listed
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.scenario.schema import REPLACEABLE, Scenario, json_schema
from clustersim.scenario.schema_index import SchemaIndex
from clustersim.scenario.shock_words import sentence
from clustersim.scenario.words import bounds
from clustersim.scenario.yaml_text import scalar

_SHOWN = 8
"""Names listed in the paragraph before the rest is only counted."""


class Row(NamedTuple):
    """One value of a scenario.

    Parameters
    ----------
    path : str
        Dotted path.
    value : str
        The value as text; "-" where there is none.
    unit : str
        Its unit; empty for text and switches.
    origin : str
        ``default``, ``preset heritage``, ``base.yaml:12``, ``table jobs.csv (2015)`` or ``command
        line: --set ...``.
    meaning : str
        What it is, in a sentence.
    bounds : str
        What a number may be, as "from 0 to 1"; empty where anything goes.
    """

    path: str
    value: str
    unit: str
    origin: str
    meaning: str
    bounds: str


def describe(resolved: ResolvedScenario) -> list[Row]:
    """Return every value of a scenario, in the order of the file.

    Parameters
    ----------
    resolved : ResolvedScenario
        What `clustersim.scenario.reader.read_scenario` returns.

    Returns
    -------
    list of Row
    """
    index = SchemaIndex(json_schema(resolved.schedule))
    names = {f"set.{name}" for name in resolved.scenario.parameters}
    shocks = {"shocks": [shock.model_dump() for shock in resolved.scenario.shocks]}
    rows = []
    for path, value in resolved.values.items():
        keys = ("set", path) if f"set.{path}" in names else _keys(path, resolved)
        schema = index.at(keys, shocks)
        number = isinstance(value, int | float | Mapping) and not isinstance(value, bool)
        rows.append(
            Row(
                path,
                shown(value),
                str(schema.get("unit", "")) if number or value is None else "",
                str(resolved.origins[path]),
                str(schema.get("description", "")),
                bounds(schema),
            )
        )
    return rows


def _keys(path: str, resolved: ResolvedScenario) -> tuple[str | int, ...]:
    """Return a dotted path as keys and positions; names of regions may hold dots themselves."""
    parts = path.split(".")
    if parts[0] == "policies":
        return _policy_keys(path, resolved)
    if parts[0] != "world" or parts[1] not in REPLACEABLE:
        return tuple(int(part) if part.isdecimal() else part for part in parts)
    named = getattr(resolved.scenario.world, parts[1])
    rest = path.removeprefix(f"world.{parts[1]}.")
    name = max((one.name for one in named if rest.startswith(f"{one.name}.")), key=len)
    inner = rest[len(name) + 1 :].split(".", 1)
    if inner[0] == "paradigms":
        # `paradigms.0.weights.<field>`: what follows `weights` is one name.
        more = inner[1].split(".", 2)
        return ("world", parts[1], 0, "paradigms", int(more[0]), *more[1:])
    return ("world", parts[1], 0, *inner)


def _policy_keys(path: str, resolved: ResolvedScenario) -> tuple[str | int, ...]:
    """Return a dotted path to a value of a policy as keys and positions."""
    rest = path.removeprefix("policies.")
    policies = resolved.scenario.policies
    name = max((one.name for one in policies if rest.startswith(f"{one.name}.")), key=len)
    inner = rest[len(name) + 1 :].split(".")
    return ("policies", 0, *(int(part) if part.isdecimal() else part for part in inner))


def shown(value: object) -> str:
    """Return a value as text on one line; of the jobs of a table, the sum."""
    if value is None or value == "":
        return "-"
    if isinstance(value, Mapping):
        return f"{shown(float(sum(value.values())))} in {len(value)} sectors"
    if isinstance(value, list | tuple):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return " ".join(str(value).split()) if isinstance(value, str) else scalar(value)


def in_words(resolved: ResolvedScenario) -> str:
    """Return what a scenario is, in one paragraph.

    Parameters
    ----------
    resolved : ResolvedScenario
        What `clustersim.scenario.reader.read_scenario` returns.
    """
    scenario = resolved.scenario
    parts = [f"{_title(scenario)}.", _run(scenario), _world(resolved), _mechanisms(resolved)]
    parts += _shocks(scenario)
    parts += _policies(scenario)
    parts.append(_against(scenario))
    if scenario.question:
        parts.append(f"It asks: {' '.join(scenario.question.split())}")
    return " ".join(part for part in parts if part)


def _title(scenario: Scenario) -> str:
    return scenario.title.rstrip(".") or "A scenario without a title"


def _run(scenario: Scenario) -> str:
    start, years = scenario.world.start_year, scenario.years
    every = scenario.record_every
    record = {1: "each quarter", 4: "once a year"}.get(every, f"every {every} quarters")
    return (
        f"It runs from the start of {start} for {years:g} years with seed {scenario.seed} and is "
        f"recorded {record}."
    )


def _world(resolved: ResolvedScenario) -> str:
    world = resolved.scenario.world
    if resolved.graph_file is not None:
        return f"Its world comes from the graph {resolved.graph_file.name}."
    jobs: dict[str, float] = {sector.name: 0.0 for sector in world.sectors}
    for region in world.regions:
        for sector, number in region.jobs.items():
            jobs[sector] += number
    total = sum(jobs.values())
    largest = sorted(jobs, key=lambda name: -jobs[name])
    regions = sorted(world.regions, key=lambda region: -sum(region.jobs.values()))
    scale = world.employment_scale
    stands = "" if scale == 1 else f", one simulated job standing for {scale:g}"
    return (
        f"Its world has {total:,.0f} jobs{stands}, "
        f"in {_counted(len(regions), 'region')} ({listed([r.name for r in regions], _SHOWN)}) and "
        f"{_counted(len(largest), 'sector')} ({listed(largest, _SHOWN)}), largest first, and "
        f"{_counted(len(world.fields), 'technology field')}."
    )


def _mechanisms(resolved: ResolvedScenario) -> str:
    on: list[str] = []
    off: list[str] = []
    for mechanism in resolved.mechanisms():
        (on if mechanism.enabled else off).append(mechanism.name)
    changed = [
        name
        for name in resolved.scenario.parameters
        if resolved.origins[name].kind != "default" and not name.endswith(".enabled")
    ]
    text = f"{_counted(len(on), 'mechanism')} at work: {', '.join(on)}"
    text += f"; switched off: {', '.join(off)}." if off else "; none is switched off."
    if changed:
        text += f" Set other than by default: {listed(changed, _SHOWN)}."
    origins = [one for one in resolved.origins.values() if one.kind == "preset"]
    presets = list(dict.fromkeys(str(one).removeprefix("preset ") for one in origins))
    if presets:
        text += f" Where the evidence disagrees it takes {listed(presets, _SHOWN)}."
    return text


def _shocks(scenario: Scenario) -> list[str]:
    at_work = [shock for shock in scenario.shocks if shock.enabled]
    return [sentence(shock) for shock in at_work] or ["There are no shocks."]


def _policies(scenario: Scenario) -> list[str]:
    at_work = [policy for policy in scenario.policies if policy.enabled]
    return [text for policy in at_work for text in policy_sentences(policy)]


def _against(scenario: Scenario) -> str:
    """Return what a scenario is compared with on the same luck, in words."""
    against = scenario.against
    if isinstance(against, str):
        return f"It is compared with the scenario {against}."
    if against is not None:
        named = f" ({against['title']})" if "title" in against else ""
        changed = [name for name in against if name != "title"]
        return f"It is compared with itself{named} with other {listed(changed, _SHOWN)}."
    if any(policy.enabled for policy in scenario.policies):
        return "It is compared with itself without policies."
    return ""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
