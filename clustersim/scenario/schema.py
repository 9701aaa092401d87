"""What may stand in a scenario file: the classes behind it, and its JSON schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Literal

from pydantic import Field, JsonValue

from clustersim.mechanisms.base import Mechanism
from clustersim.scenario.evidence import PRESET
from clustersim.world.draws import SEED_LIMIT
from clustersim.world.policy import Policy
from clustersim.world.shock import Shock
from clustersim.world.spec import Name, Spec, WorldSpec

SCHEMA_VERSION: Final = 1
"""Version of the scenario file that this program reads and writes."""

QUARTERS_PER_YEAR: Final = 4

Schedule = Sequence[type[Mechanism]]
Role = Literal["region", "sector", "jobs", "year", "firms", "x", "y", "area", "population"]


class TableSpec(Spec):
    """A table of employment (CSV or Parquet) from which regions, sectors and jobs are taken."""

    path: str = Field(
        min_length=1, description="File, relative to the folder of the scenario file."
    )
    year: int | None = Field(
        default=None,
        ge=1,
        le=9999,
        description="Year to read; left out: the latest.",
        json_schema_extra={"unit": "calendar year"},
    )
    columns: dict[Role, Name] = Field(
        default_factory=dict,
        description="Heading of the column of each role, where it is not recognised by itself.",
    )
    separator: str | None = Field(default=None, description="Sign between columns.")
    decimal: Literal[".", ","] | None = Field(default=None, description="Sign before decimals.")
    encoding: str | None = Field(default=None, description="For example utf-8 or cp1252.")


class GraphSpec(Spec):
    """A networkx graph (GraphML) from which the firms and ties of the world are taken."""

    path: str = Field(
        min_length=1, description="File, relative to the folder of the scenario file."
    )


class WorldSection(WorldSpec):
    """The section `world:` of a scenario: a `WorldSpec`, or where to take it from."""

    table: TableSpec | None = Field(
        default=None,
        description="Table of employment; its regions and sectors replace those of extended files, "
        "and `regions` and `sectors` beside it refine what is in the table. None once it is read.",
    )
    graph: GraphSpec | None = Field(
        default=None, description="Graph file of firms and their ties, for a world of your own."
    )


class Scenario(Spec):
    """Everything that determines a run.

    A scenario that was read with `clustersim.scenario.reader.read_scenario` is complete: nothing
    is left to be looked up in other files but a graph, and `parameters` holds the value of every
    parameter of every mechanism.
    """

    schema_version: Literal[1] = Field(description="Version of the file format.")
    title: str = Field(default="", max_length=200, description="What it is called.")
    about: str = Field(default="", description="What it shows, and what it leaves out.")
    question: str = Field(default="", description="The question that it is made for.")
    against: str | dict[str, Any] | None = Field(
        default=None,
        description="What it is compared with on the same luck: a scenario (a file in the same "
        "folder, or the name of a built-in one), or itself with other values, by dotted name; left "
        "out: itself without its policies.",
    )
    seed: int = Field(
        default=1,
        ge=0,
        le=SEED_LIMIT - 1,
        description="Number of the random luck; the same seed gives the same run.",
        json_schema_extra={"unit": "-"},
    )
    years: float = Field(
        default=60,
        gt=0,
        le=1000,
        multiple_of=1 / QUARTERS_PER_YEAR,
        description="Length of the run.",
        json_schema_extra={"unit": "years"},
    )
    record_every: int = Field(
        default=QUARTERS_PER_YEAR,
        ge=1,
        le=400,
        description="Quarters from one record to the next; 4 is once a year.",
        json_schema_extra={"unit": "quarters"},
    )
    world: WorldSection = Field(
        default_factory=WorldSection, description="Regions, sectors and what is in them."
    )
    parameters: dict[str, JsonValue] = Field(
        default_factory=dict,
        alias="set",
        description="Parameters of mechanisms, as `mechanism.parameter: value`.",
    )
    shocks: tuple[Shock, ...] = Field(
        default=(), description="What befalls the economy from outside, and when."
    )
    policies: tuple[Policy, ...] = Field(
        default=(), description="What public policy does, for whom, and at what cost."
    )


REPLACEABLE: Final = ("fields", "regions", "sectors")
"""Lists of named items in `world:`, which merge by name unless `world.replace` names them."""

# Units of the numbers outside of `set:` by name of the field.
_UNITS: Final = {
    "adapt": "share",
    "aid_large": "share",
    "aid_sme": "share",
    "applies": "share",
    "area_km2": "km2",
    "breadth": "-",
    "budget": "euro/year",
    "carbon_intensity": "kg CO2/euro",
    "cluster_organisations": "organisations",
    "codified_km": "km",
    "cost": "euro",
    "cost_level": "average = 1",
    "cycle": "years",
    "deadweight": "share",
    "delay": "years",
    "demand": "share",
    "demand_growth": "1/year",
    "depth": "share",
    "district_km": "km",
    "employment_scale": "real jobs per simulated job",
    "error": "ln",
    "elections": "years",
    "eu_authorities": "authorities",
    "every": "years",
    "experience": "share",
    "export_share": "share",
    "exports": "-",
    "factor": "usual = 1",
    "fade": "years",
    "fee": "euro/year",
    "firms": "firms",
    "first": "calendar year",
    "fruitful_distance": "1 - cosine",
    "fruitful_stretch": "-",
    "focus": "share",
    "funds": "years of the wage bill",
    "green_saving": "share",
    "home_share": "share",
    "hours": "hours/year",
    "inputs": "euro/euro",
    "institutional_quality": "0 to 1",
    "jobs": "jobs",
    "join_rate": "1/year",
    "knowledge_high": "world frontier = 1",
    "knowledge_low": "world frontier = 1",
    "lag": "years",
    "largest": "jobs",
    "lasting": "share",
    "learning": "share",
    "leave": "share",
    "leave_rate": "1/year",
    "length": "years",
    "levy": "euro/tonne or euro/job/year",
    "local_inputs": "share",
    "mean_age": "years",
    "most": "clusters",
    "myopia": "1/year",
    "national_authorities": "authorities",
    "per_firm": "euro",
    "population": "inhabitants",
    "public_share": "share",
    "quotient": "-",
    "reach": "share",
    "recovery": "years",
    "research_half": "share of revenue",
    "research_mean": "share of revenue",
    "research_spread": "ln",
    "rtos": "organisations",
    "reversal": "share",
    "setup": "years",
    "severity": "usual = 1",
    "share": "relative",
    "size": "share",
    "skill": "share",
    "smallest": "jobs",
    "sme_share": "share",
    "staff": "full-time jobs",
    "standing": "-",
    "start_year": "calendar year",
    "strength": "usual = 1",
    "supply": "share",
    "swing": "share",
    "tacit": "share",
    "tacit_km": "km",
    "tail": "-",
    "take_up": "share",
    "ties": "ties per actor",
    "travel": "share",
    "unemployment": "share",
    "universities": "universities",
    "until": "calendar year",
    "value_added": "euro/job/year",
    "vested": "share",
    "visits": "share",
    "wage": "euro/year",
    "weights": "relative",
    "width": "years",
    "x": "km",
    "y": "km",
    "year": "calendar year",
    "youngest": "years",
}


def default_schedule() -> Schedule:
    """Return the mechanisms of the package in the order of the quarter."""
    from clustersim.schedule import SCHEDULE

    return SCHEDULE


def parameters_of(schedule: Schedule) -> dict[str, tuple[type[Mechanism], str]]:
    """Return the mechanism and field behind each parameter that `set:` may name.

    Parameters
    ----------
    schedule : sequence of Mechanism classes
        Mechanisms in the order of the quarter.

    Returns
    -------
    dict
        By ``"mechanism.parameter"``, in the order of the schedule. What has a section of its own,
        such as shocks and policies, is left out.
    """
    return {
        f"{mechanism.name}.{field}": (mechanism, field)
        for mechanism in schedule
        for field in mechanism.model_fields
        if field not in mechanism.sections
    }


def json_schema(schedule: Schedule | None = None) -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) of a scenario file.

    Parameters
    ----------
    schedule : sequence of Mechanism classes, optional
        The mechanisms whose parameters `set:` may name; those of the package if left out.

    Returns
    -------
    dict
        Numbers carry their bounds and `unit`, parameters of mechanisms also `source`.
    """
    schema = Scenario.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    for definition in definitions.values():
        _add_units(definition)
    schema["properties"]["set"] = _set_schema(schedule or default_schedule(), definitions)
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "Scenario that this one builds on: a file in the same folder, or the name "
        "of a built-in scenario.",
    }
    schema["properties"]["evidence"] = {
        "type": "array",
        "items": {"enum": list(PRESET)},
        "description": "Presets for where the evidence disagrees; what stands under `set:` wins "
        "over them.",
    }
    definitions["WorldSection"]["properties"]["replace"] = {
        "type": "array",
        "items": {"enum": list(REPLACEABLE)},
        "description": "Lists of which nothing is inherited from the extended scenario.",
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "clustersim scenario",
    }


def _add_units(definition: dict[str, Any]) -> None:
    for name, field in definition.get("properties", {}).items():
        if name in _UNITS:
            field.setdefault("unit", _UNITS[name])


def _set_schema(schedule: Schedule, definitions: dict[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for mechanism in schedule:
        schema = mechanism.model_json_schema()
        for key, definition in schema.get("$defs", {}).items():
            definitions.setdefault(key, definition)
        for name, field in schema.get("properties", {}).items():
            if name not in mechanism.sections:
                properties[f"{mechanism.name}.{name}"] = field
    return {
        "type": "object",
        "description": Scenario.model_fields["parameters"].description,
        "additionalProperties": False,
        "properties": properties,
    }
