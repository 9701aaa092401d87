"""The JSON schema, and what is said about a scenario in words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clustersim.scenario import builtin
from clustersim.scenario.describe import describe, in_words
from clustersim.scenario.firm_sizes import mean_firm_size
from clustersim.scenario.init import starter_text, write_starter
from clustersim.scenario.problems import Place, Problem, ScenarioError, did_you_mean
from clustersim.scenario.reader import read_scenario, read_scenario_text
from clustersim.scenario.schema import Scenario, json_schema
from clustersim.scenario.schema_index import SchemaIndex
from clustersim.scenario.words import bounds, expected
from clustersim.schedule import SCHEDULE


def numbers_of(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    sections = [("", schema), *schema["$defs"].items(), ("set", schema["properties"]["set"])]
    for where, section in sections:
        for name, field in section.get("properties", {}).items():
            options = [field, *field.get("anyOf", []), field.get("additionalProperties")]
            kinds = [option.get("type") for option in options if isinstance(option, dict)]
            if "const" not in field and ("number" in kinds or "integer" in kinds):
                yield f"{where}.{name}", field


def test_every_number_has_a_unit() -> None:
    numbers = dict(numbers_of(json_schema()))
    assert len(numbers) > 60
    assert "RegionSpec.jobs" in numbers
    assert [name for name, field in numbers.items() if not field.get("unit")] == []


def test_every_parameter_has_meaning_and_source() -> None:
    parameters = json_schema()["properties"]["set"]["properties"]
    fields = [name for mechanism in SCHEDULE for name in mechanism.model_fields]
    assert len(parameters) == len(fields) - 2  # without the shocks and the policies
    for name, field in parameters.items():
        assert field["description"], name
        assert name.endswith(".enabled") or field["source"], name


def test_unknown_keys_are_forbidden_at_every_depth() -> None:
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert schema["properties"]["set"]["additionalProperties"] is False
    for definition in schema["$defs"].values():
        if definition.get("type") == "object":
            assert definition["additionalProperties"] is False


def test_every_value_of_a_scenario_has_a_place_in_the_schema(small: Path) -> None:
    for row in describe(read_scenario(small)):
        assert row.meaning or row.path.endswith((".tags", ".kind")), row


def test_describe_gives_value_unit_origin_and_meaning(small: Path) -> None:
    rows = {row.path: row for row in describe(read_scenario(small, overrides={"seed": "3"}))}
    depth = rows["shocks.0.depth"]
    assert (depth.value, depth.unit, depth.origin) == ("0.2", "share", f"{small}:50")
    assert depth.meaning == "Share of demand that is lost at once."
    assert rows["seed"].origin == "command line: --set seed=3"
    assert rows["labour.enabled"].value == "false"
    assert rows["labour.efficiency"].origin == "default"
    assert rows["world.regions.Upper Valley.jobs.tools"].value == "9000"
    assert rows["world.regions.Upper Valley.jobs.tools"].unit == "jobs"
    assert rows["world.sectors.tools.paradigms.1.weights.software"].unit == "relative"
    assert rows["world.sectors.tools.paradigms.0.year"].value == "-"


def test_the_paragraph_tells_what_the_scenario_is(small: Path) -> None:
    text = in_words(read_scenario(small))
    for words in (
        "Three valleys. It runs from the start of 1990 for 20 years with seed 7",
        "recorded every 2 quarters",
        "22,000 jobs, one simulated job standing for 10, in 3 regions "
        "(Upper Valley, Lower Valley, Side Valley) and 2 sectors (care, tools), largest first",
        "switched off: labour.",
        "Set other than by default: supply.variety_gain.",
        "In 2001.25 demand for tools falls by 20% and recovers",
        "In 2005 the largest firm of tools in Upper Valley closes.",
        "It asks: What is read?",
    ):
        assert words in text


def test_the_index_follows_references_and_kinds() -> None:
    index = SchemaIndex(json_schema())
    data = {"shocks": [{"kind": "demand"}, {"kind": "anchor_exit"}]}
    assert index.at(("shocks", 0, "depth"), data)["exclusiveMaximum"] == 1
    assert index.at(("shocks", 1, "depth"), data) == {}
    assert index.at(("world", "regions", 5, "x"))["nullable"] is True
    assert index.at(("world", "regions", 5, "jobs", "any name"))["unit"] == "jobs"
    assert index.at(("nothing", 1, "here")) == {}


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "number", "minimum": 0, "maximum": 1, "unit": "share"}, "from 0 to 1 (share)"),
        ({"type": "integer", "minimum": 0, "maximum": 2**63 - 1}, "to 9223372036854775807"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 5}, "greater than 0 and of at most"),
        ({"type": "array", "minItems": 1}, "a list of at least 1 item"),
        ({"enum": ["a", "b"]}, "one of a, b"),
        ({"anyOf": [{"type": "string"}, {"type": "boolean"}]}, "text or true or false"),
    ],
)
def test_schemas_in_words(schema: dict[str, Any], words: str) -> None:
    assert words in expected(schema)


def test_no_bounds_no_words() -> None:
    assert bounds({"type": "number"}) == ""


def test_the_mean_of_a_truncated_pareto() -> None:
    low, high, tail = 2.0, 5000.0, 1.06
    # Midpoint rule over the quantiles: the mean is the integral of the inverse distribution.
    n = 400_000
    total = 0.0
    for i in range(n):
        u = (i + 0.5) / n
        total += low * (1 - u * (1 - (low / high) ** tail)) ** (-1 / tail)
    assert mean_firm_size(low, high, tail) == pytest.approx(total / n, rel=1e-3)
    assert mean_firm_size(low, high, 1.0) == pytest.approx(
        mean_firm_size(low, high, 1.0 + 1e-6), rel=1e-4
    )
    assert mean_firm_size(3.0, 3.0 + 1e-15, 0.2) == pytest.approx(3.0)


def test_problems_as_text() -> None:
    assert str(Problem("a.yaml", 3, 4, "wrong", "right", "try")) == (
        "a.yaml:3:4: wrong; expected right; try"
    )
    assert str(Problem("a.yaml", None, None, "wrong")) == "a.yaml: wrong"
    assert str(Place("a.yaml", 3)) == "a.yaml:3"
    assert issubclass(ScenarioError, ValueError)


def test_the_nearest_name() -> None:
    assert did_you_mean("Employment-Scale", ["employment_scale"]) == (
        "did you mean 'employment_scale'?"
    )
    assert did_you_mean("xyz", ["employment_scale"]) == ""


def test_a_starter_extends_base(tmp_path: Path) -> None:
    text = starter_text()
    resolved = read_scenario_text(text)
    assert resolved.scenario.world == read_scenario("base").scenario.world
    for name in resolved.scenario.parameters:
        assert f"# {name}: " in text
    path = tmp_path / "mine.yaml"
    write_starter(path, text)
    assert read_scenario(path).scenario == resolved.scenario
    with pytest.raises(FileExistsError):
        write_starter(path, "")
    assert path.read_text(encoding="utf-8") == text


def test_the_lines_of_a_starter_hold_when_they_are_taken_in() -> None:
    text = "\n".join(
        line.replace("  # ", "  ", 1) if ".enabled" in line or " (from" in line else line
        for line in starter_text().splitlines()
    )
    assert read_scenario_text(text).scenario == read_scenario_text(starter_text()).scenario


def test_built_in_scenarios_are_listed() -> None:
    listed = builtin.builtin_scenarios()
    assert listed[0].name == "base"
    assert listed[0].title == read_scenario("base").scenario.title


def test_a_broken_built_in_file_is_listed_without_title(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "bad.yaml").write_text("title: [x\n")
    (folder / "binary.yaml").write_bytes(b"\xff\x00")
    (folder / "good.yaml").write_text("world: {title: no}\ntitle: Yes\nrest: [\n")
    monkeypatch.setattr(builtin, "_PACKAGE", tmp_path / "package")
    assert [(one.name, one.title) for one in builtin.builtin_scenarios()] == [
        ("bad", ""),
        ("binary", ""),
        ("good", "Yes"),
    ]


def test_no_built_in_scenarios_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin, "_PACKAGE", tmp_path / "package")
    assert builtin.builtin_scenarios() == []


def test_a_scenario_is_frozen(small: Path) -> None:
    scenario = read_scenario(small).scenario
    with pytest.raises(ValueError, match="frozen"):
        scenario.seed = 3  # type: ignore[misc]
    assert isinstance(scenario, Scenario)
