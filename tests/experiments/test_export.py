"""Runs of a sweep in other forms: flat, and as the EMA Workbench reads them."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from clustersim.experiments.export import EFFECT, flat, to_ema, write_ema, write_flat
from clustersim.experiments.sweep.sweep import Engine, sweep
from clustersim.store import Shard, StoredRuns, StoreError, read_runs
from tests.experiments.sweep.small import command, study

LEVERS = {"parameters": {"policies.vouchers.budget": [5.0e5, 2.0e6]}}


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> StoredRuns:
    """Two points; the baseline, and one scenario at two settings of a lever; three seeds."""
    out = tmp_path_factory.mktemp("export") / "runs"
    return sweep(study(levers=LEVERS), out, engine=Engine(workers=1))


def unpacked(path: Path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        found = {}
        for entry in archive:
            file = archive.extractfile(entry)
            assert file is not None
            found[entry.name] = file.read().decode()
    return found


def test_a_row_for_each_run_with_effects_beside_the_outcomes(stored: StoredRuns) -> None:
    table = flat(stored)
    runs = stored.frame("runs")
    assert list(table["run"]) == list(runs["run"]) == list(range(18))
    assert list(table["jobs"]) == list(runs["jobs"])
    for _, row in table.iterrows():
        base = table[
            (table["scenario"] == "tiny")
            & (table["point"] == row["point"])
            & (table["seed"] == row["seed"])
        ].iloc[0]
        if row["scenario"] == "tiny":
            assert np.isnan(row["effect_jobs"])
        else:
            assert row["effect_jobs"] == row["jobs"] - base["jobs"]
            assert row["effect_public_money"] == row["public_money"]
    assert (table.loc[table["scenario"] == "vouchers", "effect_public_money"] > 0.0).any()


def test_experiments_and_outcomes_stand_in_the_same_order(stored: StoredRuns) -> None:
    experiments, outcomes = to_ema(stored)
    assert list(experiments.columns[-3:]) == ["scenario", "policy", "model"]
    assert {"learning.tie_rate", "policies.vouchers.budget"} < set(experiments.columns)
    assert len(experiments) == 6
    runs = stored.frame("runs").set_index(["scenario", "point", "option", "seed"])
    for number, row in experiments.reset_index(drop=True).iterrows():
        point = int(row["scenario"].removeprefix("point "))
        option = -1 if row["policy"] == "as given" else int(row["policy"].removeprefix("option "))
        for place, seed in enumerate((1, 2, 3)):
            one = runs.loc[(row["model"], point, option, seed)]
            assert outcomes["innovations"][number, place] == one["innovations"]
            assert row["learning.tie_rate"] == one["set:learning.tie_rate"]
    assert set(experiments["policy"]) == {"as given", "option 0", "option 1"}
    means = to_ema(stored, mean=True)[1]
    assert means["jobs"] == pytest.approx(outcomes["jobs"].mean(axis=1))
    assert np.isnan(means[f"{EFFECT}jobs"][:2]).all()


@pytest.mark.parametrize("mean", [False, True])
def test_the_file_is_as_the_workbench_reads_it(
    stored: StoredRuns, tmp_path: Path, mean: bool
) -> None:
    path = write_ema(stored.folder, tmp_path / "runs.tar.gz", mean=mean)
    files = unpacked(path)
    metadata = json.loads(files["metadata.json"])
    experiments, outcomes = to_ema(stored, mean=mean)
    read = pd.read_csv(io.StringIO(files["experiments.csv"]))
    assert metadata["experiments"] == {
        name: "category" if name in {"scenario", "policy", "model"} else "float64" for name in read
    }
    pd.testing.assert_frame_equal(read.astype(metadata["experiments"]), experiments)
    assert [one[1] for one in metadata["outcomes"]] == list(outcomes)
    for kind, name, file in metadata["outcomes"]:
        assert kind == ("ScalarOutcome" if mean else "ArrayOutcome")
        values = pd.read_csv(io.StringIO(files[file]), header=None).to_numpy()
        np.testing.assert_array_equal(values[:, 0] if mean else values, outcomes[name])
    again = write_ema(stored, tmp_path / "again.tar.gz", mean=mean)
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_the_workbench_itself_reads_it(stored: StoredRuns, tmp_path: Path) -> None:
    """Run by `pip install ema_workbench`, `pytest -m slow tests/experiments/test_export.py`."""
    workbench = pytest.importorskip("ema_workbench")
    path = write_ema(stored, tmp_path / "runs.tar.gz")
    experiments, outcomes = workbench.load_results(str(path))
    mine = to_ema(stored)
    pd.testing.assert_frame_equal(experiments, mine[0])
    for name, values in mine[1].items():
        np.testing.assert_array_equal(outcomes[name], values)


def test_runs_that_are_missing_are_unknown(tmp_path: Path) -> None:
    half = sweep(study(), tmp_path / "half", engine=Engine(workers=1), shard=Shard(1, 2))
    _, outcomes = to_ema(half)
    assert outcomes["jobs"].shape == (4, 3)
    assert np.isnan(outcomes["jobs"]).sum() == 6
    # An effect is known where the run that it is compared with is there too.
    table = flat(half)
    assert len(table) == 6
    there = set(zip(table["cell"], table["seed"], strict=True))
    paired = [(a, seed) in there for a, seed in zip(table["against"], table["seed"], strict=True)]
    known = table["effect_jobs"].notna() if "effect_jobs" in table else np.zeros(6, dtype=bool)
    assert list(known) == paired


def test_the_command_and_what_it_refuses(stored: StoredRuns, tmp_path: Path) -> None:
    csv, ema = tmp_path / "runs.csv", tmp_path / "runs.tar.gz"
    done = command("export", stored.folder, "--csv", csv, "--ema", ema)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(ema), str(csv)]
    pd.testing.assert_frame_equal(pd.read_csv(csv), pd.read_csv(write_flat(stored, csv)))
    before = csv.read_bytes()
    for arguments, told in (
        ((stored.folder,), "nothing to write"),
        ((stored.folder, "--csv", csv), "exists already"),
        ((stored.folder, "--csv", tmp_path / "no" / "x.csv"), "there is no folder"),
        ((stored.folder, "--ema", tmp_path / "x.zip"), "ends with .tar.gz"),
        ((stored.folder, "--csv", tmp_path / "x.csv", "--mean"), "belongs to --ema"),
        ((tmp_path / "nowhere", "--csv", tmp_path / "x.csv"), "no such folder"),
        ((tmp_path, "--csv", tmp_path / "x.csv"), "holds no sweep"),
    ):
        refused = command("export", *arguments)
        assert refused.returncode == 2, arguments
        assert told in refused.stderr, refused.stderr
    assert csv.read_bytes() == before
    assert command("export", stored.folder, "--csv", csv, "--force").returncode == 0


def test_nothing_is_exported_of_a_sweep_without_runs(tmp_path: Path) -> None:
    found = sweep(study(), tmp_path / "runs", engine=Engine(workers=1), shard=Shard(13, 13))
    assert not found.state.done
    with pytest.raises(StoreError, match="no run is stored yet; `clustersim resume"):
        flat(read_runs(found.folder))
