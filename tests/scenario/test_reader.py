"""Reading, extending, overriding and repeating scenarios."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clustersim.mechanisms.labour import Labour
from clustersim.mechanisms.shocks import AnchorExit, DemandShock, Shocks
from clustersim.scenario.builtin import builtin_paths
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario, read_scenario_data, read_scenario_text
from clustersim.schedule import SCHEDULE
from clustersim.world.spec import DEFAULT_FIELDS

Write = Callable[..., Path]
HEAD = "schema_version: 1\nextends: small.yaml\n"


def problems_of(read: Callable[[], object]) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        read()
    return [str(problem) for problem in caught.value.problems]


def test_a_scenario_holds_what_the_file_says(small: Path) -> None:
    resolved = read_scenario(small)
    scenario = resolved.scenario
    assert (scenario.title, scenario.seed, scenario.years) == ("Three valleys", 7, 20)
    assert scenario.record_every == 2
    assert scenario.world.employment_scale == 10
    assert [region.name for region in scenario.world.regions] == [
        "Upper Valley",
        "Lower Valley",
        "Side Valley",
    ]
    assert scenario.world.regions[0].jobs == {"tools": 9000, "care": 4000}
    assert scenario.world.regions[2].rtos == 1
    assert scenario.world.sectors[0].paradigms[1].weights == {"software": 2, "recycling": 1}
    assert scenario.shocks == (
        DemandShock(kind="demand", year=2001.25, sector="tools", depth=0.2, recovery=2),
        AnchorExit(kind="anchor_exit", year=2005, region="Upper Valley", sector="tools"),
    )
    assert resolved.files == (small,)


def test_mechanisms_have_the_parameters_of_the_file(small: Path) -> None:
    resolved = read_scenario(small)
    mechanisms = resolved.mechanisms()
    assert tuple(type(mechanism) for mechanism in mechanisms) == tuple(SCHEDULE)
    by_type = {type(mechanism): mechanism for mechanism in mechanisms}
    assert not by_type[Labour].enabled
    assert by_type[Labour] == Labour(enabled=False)
    assert by_type[Shocks] == Shocks(events=resolved.scenario.shocks)
    assert resolved.scenario.parameters["supply.variety_gain"] == 0.01


def test_every_value_has_an_origin(small: Path) -> None:
    resolved = read_scenario(small, overrides={"years": "18", "labour.efficiency": 0.7})
    origins = resolved.origins
    assert origins.keys() == resolved.values.keys()
    assert str(origins["seed"]) == f"{small}:6"
    assert str(origins["world.regions.Lower Valley.firms.tools"]) == f"{small}:38"
    assert str(origins["shocks.0.depth"]) == f"{small}:50"
    assert str(origins["supply.variety_gain"]) == f"{small}:47"
    assert origins["world.national_authorities"].kind == "default"
    assert origins["market.enabled"].kind == "default"
    assert origins["years"].kind == "command line"
    assert str(origins["labour.efficiency"]) == "command line: --set labour.efficiency=0.7"
    assert set(resolved.scenario.parameters) <= origins.keys()


def test_the_text_repeats_the_scenario(small: Path) -> None:
    resolved = read_scenario(small, overrides={"shocks.0.depth": "0.5", "title": "A: b # c"})
    again = read_scenario_text(resolved.text)
    assert again.scenario == resolved.scenario
    assert again.scenario.title == "A: b # c"
    assert again.text == resolved.text.replace("small.yaml", "scenario")
    assert again.mechanisms() == resolved.mechanisms()


def test_reading_is_fast(small: Path) -> None:
    read_scenario(small)
    start = time.perf_counter()
    read_scenario(small)
    assert time.perf_counter() - start < 0.5


def test_the_base_scenario_repeats_itself() -> None:
    resolved = read_scenario("base")
    assert read_scenario_text(resolved.text).scenario == resolved.scenario


def test_an_extending_file_wins(write: Write) -> None:
    child = write(
        HEAD + "years: 30\nset: {market.enabled: false}\n"
        "world:\n  regions:\n    - {name: Side Valley, rtos: 3, jobs: {tools: 5}}\n"
        "    - {name: New Valley, jobs: {care: 8}}\n"
    )
    resolved = read_scenario(child)
    scenario = resolved.scenario
    assert (scenario.years, scenario.seed) == (30, 7)
    regions = {region.name: region for region in scenario.world.regions}
    assert list(regions)[3] == "New Valley"
    assert regions["Side Valley"].jobs == {"care": 2000, "tools": 5}
    assert regions["Side Valley"].rtos == 3
    assert regions["Side Valley"].x == 30.5
    assert scenario.parameters["market.enabled"] is False
    assert scenario.parameters["labour.enabled"] is False
    assert len(scenario.shocks) == 2
    assert str(resolved.origins["years"]) == f"{child}:3"
    assert str(resolved.origins["seed"]) == f"{child.parent / 'small.yaml'}:6"
    assert resolved.files == (child, child.parent / "small.yaml")


def test_shocks_and_paradigms_are_replaced_as_a_whole(write: Write) -> None:
    child = write(
        HEAD + "shocks: []\nworld:\n  sectors:\n"
        "    - {name: tools, paradigms: [{weights: {recycling: 1}}]}\n"
    )
    scenario = read_scenario(child).scenario
    assert scenario.shocks == ()
    assert [p.weights for p in scenario.world.sectors[0].paradigms] == [{"recycling": 1}]
    assert scenario.world.sectors[0].demand_growth == 0.01


def test_replace_drops_what_is_inherited(write: Write) -> None:
    child = write(
        HEAD + "shocks: []\nworld:\n  replace: [regions]\n"
        "  regions:\n    - {name: Plain, jobs: {care: 8}}\n"
    )
    world = read_scenario(child).scenario.world
    assert [region.name for region in world.regions] == ["Plain"]
    assert len(world.sectors) == 2


def test_fields_join_the_default_ones_only_in_an_extending_file(write: Write) -> None:
    write(
        "schema_version: 1\nworld:\n  sectors: [{name: a}]\n  regions: [{name: r, jobs: {a: 9}}]\n",
        "plain.yaml",
    )
    child = write(
        "schema_version: 1\nextends: plain.yaml\nworld:\n  fields:\n"
        "    - {name: quantum, tags: [digital]}\n    - {name: textiles, tags: [green]}\n"
    )
    resolved = read_scenario(child)
    fields = resolved.scenario.world.fields
    assert len(fields) == len(DEFAULT_FIELDS) + 1
    assert {field.name: field.tags for field in fields}["textiles"] == ("green",)
    assert resolved.origins["world.fields.quantum.tags"].kind == "file"
    assert resolved.origins["world.fields.software.tags"].kind == "default"


def test_empty_sections_count_as_absent(write: Write) -> None:
    child = write(HEAD + "set:\n  # market.enabled: false\nshocks:\nworld:\n  regions:\n")
    assert read_scenario(child).scenario.parameters["market.enabled"] is True
    assert len(read_scenario(child).scenario.world.regions) == 3


def test_a_built_in_scenario_can_be_extended(write: Write) -> None:
    child = write("schema_version: 1\nextends: base\nseed: 99\n")
    assert read_scenario(child).scenario.seed == 99
    assert read_scenario(child).scenario.world == read_scenario("base").scenario.world


def test_mistakes_of_a_parent_are_reported_in_its_file(write: Write) -> None:
    parent = write("schema_version: 1\nextends: small.yaml\nyears: ten\nsed: 1\n", "parent.yaml")
    child = write("schema_version: 1\nextends: parent.yaml\nyears: 10\nsede: 2\n")
    assert [text.split(";")[0] for text in problems_of(lambda: read_scenario(child))] == [
        f"{child}:4:1: unknown key 'sede'",
        f"{parent}:3:8: found the text 'ten'",
        f"{parent}:4:1: unknown key 'sed'",
        f"{parent.parent / 'small.yaml'}:50:26: the shock of 2001.25 lies outside of the run",
        f"{parent.parent / 'small.yaml'}:51:31: the shock of 2005 lies outside of the run",
    ]


def test_a_circle_of_files_is_refused(write: Write) -> None:
    write("schema_version: 1\nextends: b.yaml\n", "a.yaml")
    write("schema_version: 1\nextends: c.yaml\n", "b.yaml")
    third = write("schema_version: 1\nextends: a.yaml\n", "c.yaml")
    (text,) = problems_of(lambda: read_scenario(third))
    assert "c.yaml -> a.yaml -> b.yaml -> c.yaml" in text
    assert text.startswith(f"{third.parent / 'b.yaml'}:2:10")


def test_a_link_out_of_the_folder_is_refused(write: Write, tmp_path: Path, small: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.yaml").symlink_to(small)
    child = inner / "child.yaml"
    child.write_text("schema_version: 1\nextends: link.yaml\n")
    (text,) = problems_of(lambda: read_scenario(child))
    assert "leads out of the scenario's folder through a link" in text


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("yeers", "10", "nothing is called 'yeers'; expected a parameter or a key; did you mean"),
        ("labour.eficiency", "1", "did you mean 'labour.efficiency'?"),
        ("labour.efficiency", "99", "found 99; expected a number from 0 to 10"),
        ("years", "ten", "found the text 'ten'"),
        ("years", "[10", "is not valid YAML"),
        ("years", "", "found nothing"),
        ("years", ".inf", "infinite numbers"),
        ("years", float("inf"), "found inf"),
        ("seed", 1.5, "found 1.5"),
        ("seed", True, "found True"),
        ("world.start_yeer", "2000", "unknown key 'start_yeer'; expected one of"),
        ("world.regions.Upper Valey.x", "1", "did you mean 'Upper Valley'?"),
        ("shocks.2.depth", "0.1", "shocks has no item '2'; expected a position from 0 to 1"),
        ("shocks.0.depth", "2", "found 2; expected a number greater than 0 and less than 1"),
        ("years.x", "2", "years has nothing inside"),
        ("extends", "base", "nothing is called 'extends'"),
    ],
)
def test_mistakes_on_the_command_line(small: Path, key: str, value: object, message: str) -> None:
    texts = problems_of(lambda: read_scenario(small, overrides={key: value}))
    assert any(
        text.startswith(f"command line: --set {key}=") and message in text for text in texts
    ), texts


def test_a_huge_number_from_python(small: Path) -> None:
    (text,) = problems_of(lambda: read_scenario(small, overrides={"years": 10**5000}))
    assert "found a huge number; expected a number" in text


def test_mistakes_on_the_command_line_and_in_files_come_together(write: Write) -> None:
    child = write(HEAD + "sede: 2\n")
    texts = problems_of(lambda: read_scenario(child, overrides={"years": "x", "seed": "y"}))
    assert len(texts) == 3


def test_the_command_line_reaches_every_kind_of_value(small: Path) -> None:
    resolved = read_scenario(
        small,
        overrides={
            "set.market.enabled": "false",
            "shocks.enabled": "false",
            "world.regions.Upper Valley.jobs.care": "6",
            "world.regions.Upper Valley.universities": 4,
            "world.firm_size.tail": "1.2",
            "shocks.1.year": "2006",
            "about": "no: yes",
            "world.fields.forging.tags": "[digital, green]",
        },
    )
    scenario = resolved.scenario
    assert scenario.parameters["market.enabled"] is False
    assert scenario.world.regions[0].jobs["care"] == 6
    assert scenario.world.regions[0].universities == 4
    assert scenario.world.firm_size.tail == 1.2
    assert scenario.shocks[1].year == 2006
    assert scenario.about == "no: yes"
    assert scenario.world.fields[0].tags == ("digital", "green")
    scale, shocks = resolved.notes
    assert scale.startswith("1 of 5 local industries has fewer jobs than one simulated firm")
    assert "a scale of at most 6 would do" in scale
    assert shocks == "the shocks have no effect, as `shocks.enabled` is false"


def test_a_scale_that_is_fine_enough_is_not_worth_a_word(small: Path) -> None:
    resolved = read_scenario(small, overrides={"world.employment_scale": 1})
    assert not [note for note in resolved.notes if "local industries" in note]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"entry.smallest": 70},
            "`entry.smallest` is 70, `entry.largest` is 60; expected `entry.smallest` below 60",
        ),
        ({"entry.smallest": 5, "entry.largest": 5}, "`entry.smallest` is 5"),
        ({"relocation.smallest": 600}, "`relocation.largest` is 500"),
        ({"entry.knowledge_high": 0.1}, "`entry.knowledge_low` is 0.2"),
        ({"world.founders.knowledge_low": 0.95}, "`world.founders.knowledge_low` is 0.95"),
        ({"collaboration.closure": 0.9, "collaboration.milieu": 0.9}, "expected a sum of at most"),
        ({"entry.own": 0.9}, "`entry.own` + `entry.related` is 1.1; expected a sum of at most 1"),
        ({"title": "red\x1b[31m"}, "U+001B"),
        ({"title": "two\nlines"}, "U+000A"),
    ],
)
def test_values_that_do_not_fit_together(
    small: Path, overrides: dict[str, object], message: str
) -> None:
    (problem,) = problems_of(lambda: read_scenario(small, overrides=overrides))
    assert message in problem
    assert next(iter(overrides)) in problem or "command line" in problem


def test_default_fields_can_be_set_on_the_command_line() -> None:
    resolved = read_scenario("base", overrides={"world.fields.textiles.tags": "[green]"})
    fields = {field.name: field.tags for field in resolved.scenario.world.fields}
    assert fields["textiles"] == ("green",)
    assert len(fields) == len(DEFAULT_FIELDS)


def test_an_unknown_name_lists_the_built_in_ones() -> None:
    (text,) = problems_of(lambda: read_scenario("bsae"))
    assert "a built-in scenario (base" in text
    assert "did you mean 'base'?" in text


def test_a_schedule_of_ones_own(small: Path) -> None:
    class Weather(Labour.__base__):  # type: ignore[name-defined, misc]
        """Rain."""

        name = "weather"
        rain: float = 1.0

    schedule = (*SCHEDULE, Weather)
    resolved = read_scenario(small, overrides={"weather.rain": "3"}, schedule=schedule)
    last = resolved.mechanisms()[-1]
    assert isinstance(last, Weather)
    assert last.rain == 3


def test_a_graph_is_carried_as_a_path(write: Write) -> None:
    graph = write("<graphml/>", "ties.graphml")
    child = write("schema_version: 1\nworld:\n  graph: {path: ties.graphml}\n")
    resolved = read_scenario(child)
    assert resolved.graph_file == graph
    assert resolved.scenario.world.graph is not None
    assert resolved.scenario.world.graph.path == "ties.graphml"
    again = read_scenario_text(resolved.text, folder=child.parent)
    assert again.scenario == resolved.scenario


@pytest.mark.parametrize("name", sorted(builtin_paths()))
def test_the_data_of_a_scenario_reads_as_its_text_does(name: str) -> None:
    resolved = read_scenario(name, overrides={"seed": 5})
    data = json.loads(json.dumps(resolved.data))
    again = read_scenario_data(data)
    assert again.scenario == read_scenario_text(resolved.text).scenario
    assert again.scenario.seed == 5
