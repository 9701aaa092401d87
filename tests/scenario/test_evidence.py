"""Presets that a scenario names: where they lie, what wins over them, and every mistake."""

from pathlib import Path

import pytest

from clustersim.scenario.describe import describe, in_words
from clustersim.scenario.evidence import PRESET, PRESETS
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario, read_scenario_text
from clustersim.scenario.schema import json_schema, parameters_of
from clustersim.schedule import SCHEDULE

HEAD = "schema_version: 1\nextends: small.yaml\n"


def problems(read):
    with pytest.raises(ScenarioError) as caught:
        read()
    return [(one.line, str(one)) for one in caught.value.problems]


def test_presets_are_stated_whole_and_set_what_there_is():
    assert list(PRESET) == [one.name for one in PRESETS]
    assert len(PRESET) == len(PRESETS)
    for one in PRESETS:
        assert one.title, one.name
        assert one.source, one.name
        assert one.disagreement, one.name
        assert one.values, one.name
        assert one.values.keys() <= parameters_of(SCHEDULE).keys(), one.name
        # The values are within the bounds of their parameters.
        read_scenario("base", overrides={"evidence": [one.name]})


@pytest.mark.parametrize("name", ["additionality_central"])
def test_central_presets_are_the_defaults(name):
    defaults = read_scenario("base").scenario.parameters
    assert all(defaults[key] == value for key, value in PRESET[name].values.items())


def test_defaults_then_presets_then_the_file_then_the_command_line(write):
    write(HEAD + "evidence: [effects_last]\nset: {policy.displacement: 0.5}\n", "middle.yaml")
    text = (
        "schema_version: 1\nextends: middle.yaml\nevidence: [additionality_low, heritage]\n"
        "set: {market.externalities: true}\n"
    )
    path = write(text)
    resolved = read_scenario(path)
    values, origins = resolved.values, resolved.origins
    # Of the extended file, over its own extended file.
    assert values["policy.lasting"] == PRESET["effects_last"].values["policy.lasting"]
    assert str(origins["policy.lasting"]) == "preset effects_last"
    assert origins["policy.lasting"].kind == "preset"
    # The preset of this file wins over `set:` of what it extends, and loses against its own.
    low = PRESET["additionality_low"].values["policy.displacement"]
    assert values["policy.displacement"] == low
    assert values["market.externalities"] is True
    assert str(origins["market.externalities"]).endswith("mine.yaml:4")
    # Presets of the command line win over all files, and lose against its own values.
    above = read_scenario(
        path,
        overrides={"evidence": "[effects_fade, heritage]", "policy.lasting": "2"},
    )
    assert above.values["policy.lasting"] == 2
    assert above.origins["policy.lasting"].kind == "command line"
    assert above.values["market.externalities"] is False
    assert str(above.origins["market.externalities"]) == "preset heritage"
    assert above.values["policy.displacement"] == low


def test_a_preset_is_told_and_the_whole_text_says_the_same(small):
    resolved = read_scenario(small, overrides={"evidence": ["effects_fade"]})
    (row,) = (row for row in describe(resolved) if row.path == "policy.lasting")
    assert (row.value, row.origin) == ("0.25", "preset effects_fade")
    assert "Where the evidence disagrees it takes effects_fade." in in_words(resolved)
    assert "evidence" not in in_words(read_scenario(small))
    again = read_scenario_text(resolved.text)
    assert again.scenario == resolved.scenario


def test_without_presets_nothing_differs(write, small):
    assert read_scenario(write(HEAD + "evidence: []\n")).scenario == read_scenario(small).scenario
    assert read_scenario(write(HEAD + "evidence:\n")).scenario == read_scenario(small).scenario


def test_two_presets_of_one_parameter(write):
    path = write(HEAD + "evidence:\n  - heritage\n  - effects_fade\n  - effects_last\n")
    ((line, words),) = problems(lambda: read_scenario(path))
    assert line == 6
    assert "effects_fade and effects_last both set policy.lasting; expected one of them" in words
    assert "leave the other out, or put policy.lasting itself under `set:`" in words


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("evidence: [heritag]", 3, "there is no preset 'heritag'"),
        ("evidence: [heritag]", 3, "did you mean 'heritage'?"),
        ("evidence: [heritage,\n  3]", 4, "there is no preset '3'"),
        ("evidence: heritage", 3, "write [heritage]"),
        ("evidence: {heritage: true}", 3, "`evidence` is not a list"),
        ("evidance: [heritage]", 3, "did you mean 'evidence'?"),
    ],
)
def test_mistakes_have_a_line_and_a_remedy(write, text, line, message):
    ((found, words),) = problems(lambda: read_scenario(write(f"{HEAD}{text}\n")))
    assert found == line
    assert message in words


@pytest.mark.parametrize("name", ["evidence", "evidence.0"])
def test_mistakes_on_the_command_line(small, name):
    ((line, words),) = problems(lambda: read_scenario(small, overrides={name: "heritage"}))
    assert line is None
    assert words.startswith(f"command line: --set {name}=heritage: `evidence` is not a list")


def test_a_mistake_is_told_with_all_others(write):
    text = f"{HEAD}evidence: [heritag]\nset: {{market.selection: -1}}\n"
    assert [line for line, _ in problems(lambda: read_scenario(write(text)))] == [3, 4]


def test_the_schema_knows_the_names():
    assert json_schema()["properties"]["evidence"]["items"]["enum"] == list(PRESET)


def test_the_page_names_every_preset():
    page = Path(__file__).parents[2] / "docs" / "evidence.md"
    text = page.read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in PRESET)
