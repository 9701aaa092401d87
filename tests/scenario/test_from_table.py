"""Worlds founded from a table of employment."""

from collections.abc import Callable
from pathlib import Path

import pytest

from clustersim.scenario.describe import describe, in_words
from clustersim.scenario.init import starter_text, suggested_scale
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario, read_scenario_text
from clustersim.scenario.schema import TableSpec
from clustersim.scenario.table import read_employment_table
from clustersim.world.employment import EmploymentTable

Write = Callable[..., Path]

TABLE = """Land;Zweig;Jahr;jobs;firms;area;population
Nord;Stahl;2014;100;5;900;5000
Nord;Pflege;2014;40;9;900;5000
Nord;Stahl;2015;120;6;900;5100
Nord;Pflege;2015;50;;900;5100
Süd.1;Pflege;2015;70;8;0;4000
"""
SPEC = "{path: jobs.csv, columns: {region: Land, sector: Zweig, year: Jahr}}"


def scenario_of(write: Write, rest: str = "", spec: str = SPEC) -> Path:
    write(TABLE, "jobs.csv")
    return write(f"schema_version: 1\nworld:\n  table: {spec}\n{rest}")


def test_regions_sectors_and_jobs_come_from_the_table(write: Write) -> None:
    resolved = read_scenario(scenario_of(write))
    world = resolved.scenario.world
    assert [sector.name for sector in world.sectors] == ["Pflege", "Stahl"]
    north, south = world.regions
    assert north.jobs == {"Pflege": 50, "Stahl": 120}
    assert north.firms == {"Stahl": 6}
    assert (north.area_km2, north.population, north.x) == (900, 5100, None)
    assert (south.name, south.jobs, south.area_km2) == ("Süd.1", {"Pflege": 70}, None)
    assert world.start_year == 2015
    assert world.table is None
    assert any("2015" in note for note in resolved.notes)
    assert resolved.files[-1].name == "jobs.csv"
    assert str(resolved.origins["world.regions.Nord.jobs"]) == "table jobs.csv (2015)"
    assert resolved.origins["world.start_year"].kind == "table"


def test_the_text_holds_the_table_itself(write: Write) -> None:
    resolved = read_scenario(scenario_of(write))
    (resolved.files[-1]).unlink()
    assert read_scenario_text(resolved.text).scenario == resolved.scenario


def test_the_file_refines_the_table(write: Write) -> None:
    rest = (
        "  start_year: 2020\n"
        "  sectors:\n    - {name: Stahl, demand_growth: -0.02}\n"
        "  regions:\n    - {name: Nord, universities: 3, jobs: {Stahl: 7}}\n"
    )
    resolved = read_scenario(scenario_of(write, rest), overrides={"world.regions.Süd.1.rtos": "2"})
    world = resolved.scenario.world
    assert world.start_year == 2020
    assert world.sectors[1].demand_growth == -0.02
    assert world.regions[0].jobs == {"Pflege": 50, "Stahl": 7}
    assert world.regions[0].universities == 3
    assert world.regions[1].rtos == 2
    assert resolved.origins["world.regions.Nord.jobs.Stahl"].kind == "file"
    assert resolved.origins["world.regions.Nord.jobs.Pflege"].kind == "table"


def test_names_that_the_table_does_not_have(write: Write) -> None:
    path = scenario_of(write, "  sectors:\n    - {name: Stal}\n  regions:\n    - {name: Norden}\n")
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    assert [str(problem).split(": ", 1)[1] for problem in caught.value.problems] == [
        "table jobs.csv (2015) has no sector 'Stal'; expected one of its 2 sectors; "
        "did you mean 'Stahl'?",
        "table jobs.csv (2015) has no region 'Norden'; expected one of its 2 regions; "
        "did you mean 'Nord'?",
    ]


def test_a_table_replaces_what_is_extended(write: Write) -> None:
    path = scenario_of(write)
    path.write_text(path.read_text().replace("world:", "extends: small.yaml\nshocks: []\nworld:"))
    resolved = read_scenario(path)
    assert len(resolved.scenario.world.regions) == 2
    assert len(resolved.scenario.world.fields) == 3
    assert resolved.scenario.world.start_year == 2015
    assert "table jobs.csv (2015) replaces the 3 regions of the scenario" in resolved.notes


def test_the_year_can_be_chosen_on_the_command_line(write: Write) -> None:
    resolved = read_scenario(scenario_of(write), overrides={"world.table.year": "2014"})
    assert resolved.scenario.world.start_year == 2014
    assert resolved.scenario.world.regions[0].jobs == {"Pflege": 40, "Stahl": 100}


def test_a_caller_may_give_a_table_from_anywhere(write: Write, small: Path, tmp_path: Path) -> None:
    write(TABLE, "jobs.csv")
    spec = TableSpec(
        path=str(tmp_path / "jobs.csv"),
        columns={"region": "Land", "sector": "Zweig", "year": "Jahr"},
    )
    overrides = {"world.table.year": "2014", "world.regions.Nord.rtos": "1"}
    with pytest.raises(ScenarioError) as caught:
        read_scenario(small, table=spec, overrides=overrides)
    assert {problem.message.split(" '")[0] for problem in caught.value.problems} == {
        "there is no sector",
        "there is no region",
        "the shock of 2001.25 lies outside of the run",
        "the shock of 2005 lies outside of the run",
    }
    resolved = read_scenario(small, table=spec, overrides={**overrides, "shocks": "[]"})
    assert [region.name for region in resolved.scenario.world.regions] == ["Nord"]
    assert resolved.scenario.world.regions[0].rtos == 1
    assert resolved.scenario.world.start_year == 2014


def test_mistakes_of_a_table_come_with_those_of_the_file(write: Write, tmp_path: Path) -> None:
    path = scenario_of(write, "years: ten\n")
    write(TABLE.replace("100;5", "many;5").replace("70;8", "-70;8"), "jobs.csv")
    with pytest.raises(ScenarioError) as caught:
        read_scenario(path)
    first, second, third = caught.value.problems
    assert first.message == "found the text 'ten'"
    assert (Path(second.path), second.line) == (tmp_path / "jobs.csv", 2)
    assert (Path(third.path), third.line) == (tmp_path / "jobs.csv", 6)
    assert "column 'jobs'" in third.message


def test_a_table_out_of_the_folder_is_refused(write: Write, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "jobs.csv").write_text(TABLE)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "jobs.csv").symlink_to(outside / "jobs.csv")
    path = inside / "mine.yaml"
    path.write_text(f"schema_version: 1\nworld:\n  table: {SPEC}\n")
    with pytest.raises(ScenarioError, match="leads out of the scenario's folder through a link"):
        read_scenario(path)


def test_a_starter_is_valid_and_founded_on_the_table(write: Write, tmp_path: Path) -> None:
    table_path = write(TABLE, "jobs.csv")
    columns = {"region": "Land", "sector": "Zweig", "year": "Jahr"}
    table = read_employment_table(table_path, columns=columns)
    spec = TableSpec.model_validate({"path": "jobs.csv", "columns": columns})
    named = read_scenario(write(starter_text(table, spec=spec, title="Nord & Süd: x")))
    inline = read_scenario_text(starter_text(table))
    assert named.scenario.title == "Nord & Süd: x"
    assert named.scenario.world == inline.scenario.world
    assert named.scenario.world.regions[0].jobs == {"Pflege": 50, "Stahl": 120}


def test_the_suggested_scale_keeps_a_world_small() -> None:
    def table(jobs: float) -> EmploymentTable:
        return EmploymentTable(("r",), ("s",), [[jobs]])  # type: ignore[arg-type]

    assert suggested_scale(table(1000)) == 1
    assert suggested_scale(table(3e6)) == 50
    assert suggested_scale(table(1e15)) == 10_000


def test_a_table_is_described_by_its_sums(write: Write) -> None:
    resolved = read_scenario(scenario_of(write))
    rows = {row.path: row for row in describe(resolved)}
    assert rows["world.regions.Nord.jobs"].value == "170 in 2 sectors"
    assert rows["world.regions.Nord.jobs"].unit == "jobs"
    assert rows["world.regions.Süd.1.population"].value == "4000"
    assert rows["world.regions.Süd.1.population"].unit == "inhabitants"
    assert "240 jobs" in in_words(resolved)


def test_a_real_table(shared_data: Path) -> None:
    path = shared_data / "germany_laender_2015.csv"
    table = read_employment_table(path)
    scale = suggested_scale(table)
    resolved = read_scenario("base", table=path, overrides={"world.employment_scale": scale})
    jobs = sum(sum(region.jobs.values()) for region in resolved.scenario.world.regions)
    assert jobs == pytest.approx(table.total_jobs)
    assert {region.name for region in resolved.scenario.world.regions} == set(table.regions)
    assert read_scenario_text(resolved.text).scenario == resolved.scenario
