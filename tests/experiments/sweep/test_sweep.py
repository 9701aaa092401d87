"""Whatever does the runs, and however they are shared out, the tables are the same."""

import multiprocessing
import shutil
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pandas as pd
import pytest

from clustersim.experiments.sweep.cluster import SchedulerError, dask_engine
from clustersim.experiments.sweep.estimate import estimate
from clustersim.experiments.sweep.plan import lay_out
from clustersim.experiments.sweep.status import read_status
from clustersim.experiments.sweep.sweep import Engine, resume, sweep
from clustersim.store import FolderTakenError, Shard, StoredRuns, StoreError, fingerprint, read_runs
from clustersim.store.runs import KEYS
from clustersim.world.threads import use_threads
from tests.experiments.sweep.small import assert_same, study


def test_two_workers(undisturbed: StoredRuns, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    found = sweep(
        study(),
        tmp_path / "runs",
        engine=Engine(workers=2),
        progress=lambda *done: told.append(done),
    )
    assert_same(found, undisturbed)
    assert told == [(k, 12) for k in range(13)]


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_an_executor_of_the_callers(undisturbed: StoredRuns, tmp_path: Path, kind: str) -> None:
    executor: Executor = (
        ThreadPoolExecutor(2)
        if kind == "threads"
        else ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    )
    try:
        with executor:
            found = sweep(study(), tmp_path / "runs", engine=Engine(executor=executor))
    finally:
        use_threads()
    assert_same(found, undisturbed)
    assert found.state.sessions[0]["engine"] == type(executor).__name__


def test_shards_in_one_folder(undisturbed: StoredRuns, tmp_path: Path) -> None:
    out = tmp_path / "runs"
    for index in (1, 2, 3):
        found = sweep(study(), out, engine=Engine(workers=1), shard=Shard(index, 3))
        assert len(found.state.done) == 4 * index
    assert_same(found, undisturbed)
    with pytest.raises(StoreError, match="another configuration"):
        sweep(study(years=1.75), out, shard=Shard(1, 3))
    with pytest.raises(StoreError, match="another configuration"):
        sweep(study(replications={"seeds": [7, 8, 9]}), out, shard=Shard(1, 3))


def test_shards_in_two_folders_are_copied_together(undisturbed: StoredRuns, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    sweep(study(), one, engine=Engine(workers=1), shard=Shard(1, 2))
    sweep(study(), other, engine=Engine(workers=1), shard=Shard(2, 2))
    shutil.copytree(other / "tables", one / "tables", dirs_exist_ok=True)
    shutil.copy(other / "journal-2of2.jsonl", one)
    assert_same(read_runs(one), undisturbed)


def test_runs_that_stand_there_twice_are_read_once(undisturbed: StoredRuns, tmp_path: Path) -> None:
    """All runs of one folder, and half of them again of another that were copied into it."""
    one, other = tmp_path / "one", tmp_path / "other"
    shutil.copytree(undisturbed.folder, one)
    sweep(study(), other, engine=Engine(workers=1), shard=Shard(2, 2))
    shutil.copytree(other / "tables", one / "tables", dirs_exist_ok=True)
    shutil.copy(other / "journal-2of2.jsonl", one)
    assert_same(read_runs(one), undisturbed)
    pytest.importorskip("duckdb")
    counted = read_runs(one).sql("select run, count(*) as n from economy group by run order by run")
    assert counted["n"].tolist() == [3] * 12
    # One of the two copies is lost: the other is read, and nothing is done again.
    lost = next((one / "tables" / "clusters").glob("part-0*"))
    lost.unlink()
    found = resume(one, engine=Engine(workers=1))
    assert_same(found, undisturbed)


def test_seeds_are_added_and_numbers_stay(undisturbed: StoredRuns, tmp_path: Path) -> None:
    out = tmp_path / "runs"
    sweep(study(replications={"seeds": 2}), out, engine=Engine(workers=1))
    found = resume(out, engine=Engine(workers=1), add_replications=1)
    assert_same(found, undisturbed)
    assert [one["left"] for one in found.state.sessions if one["what"] == "begin"] == [8, 4]


def test_a_folder_that_is_taken_is_left_alone(undisturbed: StoredRuns, tmp_path: Path) -> None:
    with pytest.raises(FolderTakenError, match="clustersim resume"):
        sweep(study(), undisturbed.folder)
    (tmp_path / "file").touch()
    with pytest.raises(FolderTakenError, match="exists already"):
        sweep(study(), tmp_path)


def test_reading(undisturbed: StoredRuns) -> None:
    stored = read_runs(undisturbed.folder)
    clusters = stored.frame("clusters")
    assert clusters.columns[:5].tolist() == list(KEYS)
    assert clusters["run"].is_monotonic_increasing
    some = stored.frame("clusters", columns=["jobs", "seed"], runs=[5, 3])
    assert some.columns.tolist() == [*KEYS, "jobs"]
    expected = clusters[clusters["run"].isin([3, 5])][some.columns].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, expected)
    assert stored.frame("clusters", runs=[]).empty
    assert stored.arrow("economy").num_rows == 12 * 3
    runs = stored.frame("runs")
    assert runs["run"].tolist() == list(range(12))
    assert set(runs["scenario"]) == {"tiny", "vouchers"}
    by_cell = runs.groupby("point")["set:learning.tie_rate"].nunique()
    assert by_cell.tolist() == [1, 1]
    assert {"jobs", "public_money", "role", "against"} <= set(runs.columns)
    tables = stored.tables(3)
    assert (tables["clusters"]["jobs"] == expected[expected["run"] == 3]["jobs"]).all()
    assert "12 of 12 runs done" in repr(stored)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda s: s.frame("nothing"), "no table 'nothing'; there are clusters"),
        (lambda s: s.frame("clusters", columns=["nothing"]), "has no column nothing"),
        (lambda s: s.frame("clusters", runs=[99]), "run 99 is not there"),
        (lambda s: s.tables(99), "run 99 is not there"),
    ],
)
def test_what_is_not_there_is_told(undisturbed: StoredRuns, call, told: str) -> None:
    with pytest.raises(StoreError, match=told):
        call(undisturbed)


def test_sql(undisturbed: StoredRuns) -> None:
    pytest.importorskip("duckdb")
    found = undisturbed.sql(
        "select r.scenario, avg(r.jobs) as jobs, count(*) as n from runs r "
        "join design d on d.cell = r.run % 4 group by all order by 1"
    )
    runs = undisturbed.frame("runs")
    assert found["n"].tolist() == [6, 6]
    expected = runs.groupby("scenario")["jobs"].mean().tolist()
    assert found["jobs"].tolist() == pytest.approx(expected)


def test_status(undisturbed: StoredRuns) -> None:
    found = read_status(undisturbed)
    assert (found.runs, found.done, found.failed, found.left) == (12, 12, 0, 0)
    assert found.words().startswith("Two towns: 12 of 12 runs are stored (")
    assert found.seconds is not None
    assert found.to_dict()["left"] == 0


def test_an_estimate_counts_and_is_near(undisturbed: StoredRuns, tmp_path: Path) -> None:
    found = estimate(lay_out(study()), tmp_path / "not" / "there", workers=1)
    assert (found.runs, found.cells, found.seeds, found.workers) == (12, 4, 3, 1)
    assert found.seconds > 0.0
    # Parts share what each file costs, so the reckoning is above; the order is right.
    assert 0.5 * undisturbed.bytes < found.bytes < 30 * undisturbed.bytes


def test_tables_of_all_kinds_and_worlds_go_into_one_store(tmp_path: Path) -> None:
    from clustersim.experiments.sweep.study import CHOOSABLE
    from tests.experiments.sweep.small import HELPED

    other = str(Path(__file__).parents[1] / "data" / "valleys.yaml")  # 3 fields, not 2
    asked = study(
        scenarios=[HELPED, {"scenario": other, "set": {"record_every": 4}}],
        baseline=None,
        keep=CHOOSABLE,
        replications={"seeds": 1},
    )
    found = sweep(asked, tmp_path / "runs", engine=Engine(workers=1))
    assert not found.state.failed
    assert {"actors", "ties", "monitoring", "organisations"} <= set(found.names)
    for name in found.names:
        assert found.frame(name) is not None
    for run, entry in found.state.done.items():
        assert fingerprint(found.tables(run)) == entry["fingerprint"]


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as found:
        yield found


@pytest.mark.filterwarnings("default")
def test_a_dask_cluster(undisturbed: StoredRuns, tmp_path: Path, cluster) -> None:
    with dask_engine(cluster.scheduler_address) as engine:
        found = sweep(study(), tmp_path / "runs", engine=engine)
    assert_same(found, undisturbed)
    assert found.state.sessions[0]["engine"] == "ClientExecutor"
    assert len({one["worker"] for one in found.state.done.values()}) == 2


@pytest.mark.filterwarnings("default")
def test_a_scheduler_that_is_not_there_is_told() -> None:
    pytest.importorskip("distributed")
    with (
        pytest.raises(SchedulerError, match="no Dask scheduler answers there"),
        dask_engine("tcp://127.0.0.1:9", seconds=1),
    ):
        pass
