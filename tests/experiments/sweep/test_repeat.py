"""One run of a sweep again, the same to the last bit, and with all its tables."""

import json
from pathlib import Path

import pytest

from clustersim.experiments.branch import branch
from clustersim.experiments.rerun import rerun
from clustersim.experiments.sweep.repeat import rerun_one
from clustersim.experiments.sweep.sweep import Engine, sweep
from clustersim.store import StoredRuns, StoreError, read_run
from tests.experiments.sweep.small import command, study, trap


@pytest.mark.parametrize("number", [0, 5, 11])
def test_any_run_is_the_same_to_the_last_bit(undisturbed: StoredRuns, number: int) -> None:
    found = rerun_one(undisturbed, number)
    assert found.identical
    assert found.run == number
    assert found.fingerprint == undisturbed.state.done[number]["fingerprint"]
    assert found.repeated_fingerprint == found.fingerprint
    assert "identical to the last bit" in found.words()


def test_a_run_kept_with_all_its_tables_is_a_run_like_any_other(
    undisturbed: StoredRuns, tmp_path: Path
) -> None:
    runs = undisturbed.frame("runs").set_index("run")
    number = int(runs.index[runs["scenario"] == "vouchers"][0])
    rerun_one(undisturbed.folder, number, out=tmp_path / "one")
    stored = read_run(tmp_path / "one")
    assert set(undisturbed.names) - {"outcomes"} < set(stored.names)
    assert stored.manifest["seed"] == runs.loc[number, "seed"]
    assert stored.manifest["scenario"]["name"] == "vouchers"
    clusters = undisturbed.tables(number, ["clusters"])["clusters"]
    assert (stored.arrays("clusters")["jobs"] == clusters["jobs"]).all()
    assert rerun(tmp_path / "one").identical
    branched = branch(tmp_path / "one", 2001, without=["vouchers"], out=tmp_path / "other")
    assert branched.result.manifest["branch"]
    with pytest.raises(StoreError, match="exists"):
        rerun_one(undisturbed.folder, number, out=tmp_path / "one")
    assert rerun_one(undisturbed.folder, number, out=tmp_path / "one", force=True).identical


def test_what_has_changed_is_told(tmp_path: Path) -> None:
    file = trap(tmp_path, "world.actors.size[:1] += 1.0")
    asked = study(mechanisms=[file], scenarios=["base"], baseline=None, uncertainties={}, years=1)
    found = sweep(asked, tmp_path / "runs", engine=Engine(workers=1))
    assert rerun_one(found, 0).identical
    # As if the program had changed and the mechanism with it.
    text = Path(file).read_text(encoding="utf-8")
    Path(file).write_text(text.replace("+= 1.0", "+= 2.0"), encoding="utf-8")
    done = command("rerun", tmp_path / "runs", "--run", "0")
    assert done.returncode == 2
    assert "has changed since the run" in done.stderr


def test_numbers_that_differ_give_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A mechanism that hangs on something outside of the run.
    act = "import os; world.actors.size[:1] += float(os.environ['GROWTH'])"
    monkeypatch.setenv("GROWTH", "1")
    asked = study(mechanisms=[trap(tmp_path, act)], uncertainties={})
    sweep(asked, tmp_path / "runs", engine=Engine(workers=1))
    assert command("rerun", tmp_path / "runs", "--run", "0").returncode == 0
    monkeypatch.setenv("GROWTH", "2")
    done = command("rerun", tmp_path / "runs", "--run", "0")
    assert done.returncode == 1, done.stderr
    assert done.stdout.startswith("Not identical.")
    assert "clusters: " in done.stdout


def test_the_command(undisturbed: StoredRuns, tmp_path: Path) -> None:
    done = command(
        "rerun", undisturbed.folder, "--run", 3, "--json", "--quiet", "--out", tmp_path / "3"
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert (document["identical"], document["run"], document["differing"]) == (True, 3, [])
    assert read_run(tmp_path / "3").names
    for arguments, told in (
        ((undisturbed.folder,), "say which run by --run N"),
        ((undisturbed.folder, "--run", 99), "runs are numbered from 0 to 11"),
        ((tmp_path / "3", "--run", 0), "holds none"),
        ((undisturbed.folder, "--run", -1), "greater than or equal to 0"),
        ((undisturbed.folder, "--run", 0, "--out", tmp_path / "3"), "exists"),
    ):
        refused = command("rerun", *arguments)
        assert refused.returncode == 2, arguments
        assert told in refused.stderr


def test_a_damaged_or_failed_run_is_not_repeated(tmp_path: Path) -> None:
    act = "assert draws.seed != 2, 'no luck'"
    asked = study(mechanisms=[trap(tmp_path, act)], uncertainties={})
    found = sweep(asked, tmp_path / "runs", engine=Engine(workers=1))
    failed = next(iter(found.state.failed))
    with pytest.raises(StoreError, match=r"has failed \(.*no luck.*--retry-failed"):
        rerun_one(found, failed)
    found.state.done[0]["fingerprint"] = "0" * 64
    with pytest.raises(StoreError, match="are not those that were written"):
        rerun_one(found, 0)
