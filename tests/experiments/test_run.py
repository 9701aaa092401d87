"""A run from Python: what it gives, that it can be repeated, and what it refuses."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import networkx as nx
import numpy as np
import pytest

import clustersim
from clustersim.experiments.rerun import rerun
from clustersim.experiments.result import RunResult
from clustersim.experiments.run import resolve, run
from clustersim.experiments.user_mechanism import UserMechanismError, load_mechanism
from clustersim.mechanisms.base import Mechanism
from clustersim.scenario.graph_file import write_graph
from clustersim.scenario.problems import ScenarioError
from clustersim.scenario.reader import read_scenario
from clustersim.store import FolderTakenError, StoreError, read_run
from clustersim.world.draws import Draws
from clustersim.world.world import World

VALLEYS = Path(__file__).parent / "data" / "valleys.yaml"

RESEARCH_BOOST = '''
from typing import ClassVar
from clustersim.mechanisms.base import Mechanism, parameter
from clustersim.world.actors import Kind

class Boost(Mechanism):
    """Every firm does research."""
    name: ClassVar[str] = "boost"
    writes: ClassVar[tuple[str, ...]] = ("actors.research",)
    floor: float = parameter(0.1, low=0, high=1, unit="share", meaning="Least.", source="test")

    def apply(self, world, draws):
        firms = world.actors.rows(Kind.FIRM)
        world.actors.research[firms] = world.actors.research[firms].clip(min=self.floor)
'''


class Halver(Mechanism):
    """Halves the jobs of everybody."""

    name: ClassVar[str] = "halver"
    writes: ClassVar[tuple[str, ...]] = ("actors.size",)

    def apply(self, world: World, draws: Draws) -> None:
        world.actors.size[:] *= 0.5


@pytest.fixture(scope="module")
def result() -> RunResult:
    return run(VALLEYS)


def test_run_is_offered_by_the_package() -> None:
    assert clustersim.run is run
    assert clustersim.RunResult is RunResult


def test_tables_have_a_row_per_place_and_record(result: RunResult) -> None:
    clusters, economy = result.tables["clusters"], result.tables["economy"]
    n_records = 20 * 4 // 2 + 1
    assert len(economy["quarter"]) == n_records
    assert len(clusters["quarter"]) == n_records * 3 * 2
    assert result.regions == ("Upper Valley", "Lower Valley", "Side Valley")
    assert result.sectors == ("tools", "care")
    np.testing.assert_allclose(
        clusters["jobs"].reshape(n_records, -1).sum(axis=1), economy["jobs"], rtol=1e-12
    )


def test_frames_have_names_for_indices(result: RunResult) -> None:
    clusters = result.frame("clusters")
    first = clusters.iloc[:6]
    assert first["region"].tolist() == [name for name in result.regions for _ in range(2)]
    assert first["sector"].tolist() == ["tools", "care"] * 3
    actors = result.frame("actors")
    nowhere = result.tables["actors"]["region"] == -1
    assert nowhere.any()
    assert (actors["region"][nowhere] == "").all()
    with pytest.raises(KeyError, match="no table 'firms'; there are actors, clusters"):
        result.frame("firms")


def test_stages_follow_clusters_year_by_year(result: RunResult) -> None:
    stages = result.stages
    assert set(stages["year"]) == set(range(1990, 2011))
    tools = stages[(stages["region"] == "Upper Valley") & (stages["sector"] == "tools")]
    assert len(tools) == 21
    jobs = result.frame("clusters").query(
        "region == 'Upper Valley' and sector == 'tools' and quarter % 4 == 0"
    )
    assert tools["jobs"].tolist() == jobs["jobs"].tolist()
    for _, passage in result.transitions.iterrows():
        here = stages[
            (stages["region"] == passage["region"]) & (stages["sector"] == passage["sector"])
        ].set_index("year")["stage"]
        assert here[passage["year"]] == passage["after"]
        assert here[passage["year"] - 1] == passage["before"]
        assert passage["reason"]


def test_manifest_is_json_and_tells_where_values_come_from(result: RunResult) -> None:
    manifest = json.loads(json.dumps(result.manifest, allow_nan=False))
    assert (manifest["seed"], manifest["years"]) == (7, 20)
    assert manifest["scenario"]["name"] == "valleys"
    assert manifest["scenario"]["title"] == "Three valleys"
    assert "valleys.yaml:" in manifest["scenario"]["origins"]["years"]
    assert manifest["scenario"]["origins"]["learning.tie_rate"] == "default"
    assert manifest["versions"]["clustersim"] == clustersim.__version__
    assert manifest["versions"]["numpy"] == np.__version__
    assert manifest["started"] <= manifest["finished"]


def test_arguments_win_over_the_scenario() -> None:
    short = run(VALLEYS, seed=3, years=1, overrides={"learning.tie_rate": 0.11})
    assert (short.manifest["seed"], short.manifest["years"]) == (3, 1)
    assert short.tables["economy"]["quarter"].tolist() == [0, 2, 4]
    assert run(VALLEYS, overrides={"years": 1, "seed": 3}).manifest["years"] == 1
    assert "learning.tie_rate: 0.11" in short.manifest["scenario"]["text"]
    origin = short.manifest["scenario"]["origins"]["learning.tie_rate"]
    assert origin.startswith("command line")


def test_scenario_that_was_read_runs_the_same(result: RunResult) -> None:
    assert run(read_scenario(VALLEYS)).fingerprint == result.fingerprint
    for more in ({"seed": 2}, {"years": 1}, {"overrides": {"years": 1}}, {"table": "jobs.csv"}):
        with pytest.raises(TypeError, match="has been read already"):
            run(read_scenario(VALLEYS), **more)  # type: ignore[arg-type]


def test_seed_decides_the_run(result: RunResult) -> None:
    assert run(VALLEYS).fingerprint == result.fingerprint
    assert run(VALLEYS, seed=8).fingerprint != result.fingerprint


def test_progress_is_told_every_quarter() -> None:
    told: list[tuple[int, int]] = []
    run(VALLEYS, years=1, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_result_shows_itself_in_short(result: RunResult) -> None:
    text = repr(result)
    assert text.startswith("<RunResult 'Three valleys', seed 7, 20 years; actors ")
    assert "economy 41" in text


def test_no_scenario_is_refused() -> None:
    with pytest.raises(TypeError, match="expected the name of a built-in scenario"):
        run(None)  # type: ignore[arg-type]


def test_bad_scenario_is_refused() -> None:
    with pytest.raises(ScenarioError, match="years"):
        run(VALLEYS, years=-1)


def test_result_is_saved_and_loaded(result: RunResult, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "run")
    loaded = RunResult.load(folder)
    assert loaded.fingerprint == result.fingerprint
    assert loaded.summary() == result.summary()
    assert loaded.frame("clusters").equals(result.frame("clusters"))
    again = run(folder / "scenario.yaml")
    assert again.fingerprint == result.fingerprint


def test_out_is_checked_before_the_run_begins(tmp_path: Path) -> None:
    taken = tmp_path / "run"
    taken.mkdir()
    (taken / "letter.txt").touch()
    told: list[int] = []
    with pytest.raises(FolderTakenError):
        run(VALLEYS, out=taken, progress=lambda done, total: told.append(done))
    assert told == []


def test_table_replaces_regions_and_sectors(tmp_path: Path) -> None:
    table = tmp_path / "jobs.csv"
    rows = [f"{r},{s},{j}" for r, j in (("North", 900), ("South", 300)) for s in ("ships", "care")]
    table.write_text("region,sector,jobs\n" + "\n".join(rows) + "\n")
    founded = run("base", years=1, table=table, overrides={"world.employment_scale": 1})
    assert founded.regions == ("North", "South")
    assert founded.sectors == ("care", "ships")
    assert founded.manifest["scenario"]["name"] == "jobs"
    assert founded.manifest["scenario"]["title"] == "jobs"
    assert founded.manifest["scenario"]["origins"]["title"] == "table jobs.csv"
    assert resolve("base", {"title": "Mine"}, table=table).scenario.title == "Mine"
    rows = [f"{row},2015" for row in rows]
    table.write_text("region,sector,jobs,year\n" + "\n".join(rows) + "\n")
    assert resolve("base", table=table).scenario.title == "jobs (2015)"
    jobs = founded.tables["clusters"]["jobs"][:4]
    np.testing.assert_allclose(jobs, [900, 900, 300, 300], rtol=0.02)


def test_own_mechanism_works_at_the_end_of_each_quarter() -> None:
    plain = run(VALLEYS, years=0.5)
    halved = run(VALLEYS, years=0.5, mechanisms=[Halver()])
    assert halved.tables["economy"]["jobs"][0] == plain.tables["economy"]["jobs"][0]
    assert halved.tables["economy"]["jobs"][-1] < 0.6 * plain.tables["economy"]["jobs"][-1]
    (record,) = halved.manifest["mechanisms"]
    assert record == {"class": "Halver", "file": None, "parameters": {"enabled": True}}


def test_mechanism_from_a_file_has_parameters_of_the_scenario(tmp_path: Path) -> None:
    file = tmp_path / "boost.py"
    file.write_text(RESEARCH_BOOST)
    boost = load_mechanism(str(file))
    result = run(VALLEYS, years=1, mechanisms=[boost], overrides={"boost.floor": 0.5})
    kinds = result.tables["actors"]["kind"]
    assert result.tables["actors"]["research"][kinds == 0].min() == 0.5
    assert "boost.floor: 0.5" in result.manifest["scenario"]["text"]
    resolved = resolve(VALLEYS, {"years": 1, "boost.floor": 0.5}, [boost])
    assert run(resolved, mechanisms=[boost]).fingerprint == result.fingerprint


def test_rerun_gives_every_bit_again(tmp_path: Path) -> None:
    file = tmp_path / "boost.py"
    file.write_text(RESEARCH_BOOST)
    boost = load_mechanism(str(file))
    run(VALLEYS, years=2, mechanisms=[boost], overrides={"boost.floor": 0.2}, out=tmp_path / "run")
    again = rerun(tmp_path / "run")
    assert again.identical
    assert again.repeated_fingerprint == again.fingerprint
    assert "identical to the last bit" in again.words()
    assert json.loads(json.dumps(again.to_dict()))["identical"] is True
    file.write_text(RESEARCH_BOOST + "\n# other\n")
    with pytest.raises(UserMechanismError, match="has changed since the run"):
        rerun(tmp_path / "run")
    moved = tmp_path / "elsewhere.py"
    moved.write_text(RESEARCH_BOOST)
    assert rerun(tmp_path / "run", mechanisms=[load_mechanism(str(moved))]).identical
    with pytest.raises(UserMechanismError, match="1 mechanisms of its own, 0 were given"):
        rerun(tmp_path / "run", mechanisms=[])


def test_rerun_names_what_differs_and_other_versions(result: RunResult, tmp_path: Path) -> None:
    tables: dict[str, dict[str, Any]] = {name: dict(t) for name, t in result.tables.items()}
    tables["clusters"]["jobs"] = tables["clusters"]["jobs"].copy()
    tables["clusters"]["jobs"][5] = np.nextafter(tables["clusters"]["jobs"][5], np.inf)
    manifest = {**result.manifest, "versions": {**result.manifest["versions"], "numpy": "1.0"}}
    changed = RunResult(result.tables, {**result.manifest, "sources": "0"}).save(tmp_path / "old")
    assert "The program has changed since." in rerun(changed).words()
    folder = RunResult(tables, manifest).save(tmp_path / "run")
    again = rerun(folder)
    assert not again.identical
    assert again.differing == ("clusters.jobs",)
    n_columns = len(tables["clusters"])
    assert f"clusters: 1 of {n_columns} columns differ" in again.words()
    assert again.program_changed is False
    assert f"numpy 1.0 then, {np.__version__} now" in again.words()


def test_run_from_a_graph_is_repeated_only_with_the_same_graph(tmp_path: Path) -> None:
    graph = nx.Graph()
    graph.add_node("Alpha", region="north", sector="tools", size=40.0)
    graph.add_node("Beta", region="south", sector="tools", size=30.0)
    graph.add_edge("Alpha", "Beta", trust=0.25)
    file = tmp_path / "firms.graphml"
    write_graph(graph, file)
    scenario = tmp_path / "own.yaml"
    scenario.write_text("schema_version: 1\nyears: 1\nworld:\n  graph: {path: firms.graphml}\n")
    result = run(scenario, out=tmp_path / "run")
    assert result.regions == ("north", "south")
    assert result.tables["economy"]["jobs"][0] == 70
    assert rerun(tmp_path / "run").identical
    graph.nodes["Beta"]["size"] = 31.0
    write_graph(graph, file)
    with pytest.raises(StoreError, match=r"firms\.graphml: has changed since the run"):
        rerun(tmp_path / "run")
    file.unlink()
    with pytest.raises(StoreError, match="the graph of the run is gone"):
        rerun(tmp_path / "run")


def test_rerun_refuses_what_is_no_sound_run(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no such folder"):
        rerun(tmp_path / "nothing")
    run(VALLEYS, years=0.5, mechanisms=[Halver()], out=tmp_path / "own")
    with pytest.raises(UserMechanismError, match="Halver, which came from no file"):
        rerun(tmp_path / "own")


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    code = "import sys, clustersim; clustersim.run(sys.argv[1], years=3, out=sys.argv[2])"
    folders = []
    for hash_seed in ("1", "2"):
        folder = tmp_path / hash_seed
        subprocess.run(
            [sys.executable, "-c", code, str(VALLEYS), str(folder)],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            timeout=300,
        )
        folders.append(folder)
    one, other = folders
    files = sorted(path.name for path in one.glob("*.parquet"))
    assert {"clusters.parquet", "economy.parquet", "actors.parquet", "ties.parquet"} <= set(files)
    for name in files:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name
    assert read_run(one).manifest["fingerprint"] == read_run(other).manifest["fingerprint"]
