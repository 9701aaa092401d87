"""Whatever goes wrong, nothing stored is lost, and in the end the tables are those undisturbed."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clustersim.experiments.sweep import sweep as module
from clustersim.experiments.sweep.sweep import Engine, resume, sweep
from clustersim.experiments.user_mechanism import UserMechanismError
from clustersim.store import Shard, StoredRuns, StoreError, WriteError, read_runs
from clustersim.store import adding as adding_module
from clustersim.store.lock import Lock
from tests.experiments.sweep.small import (
    assert_same,
    command,
    entries,
    started,
    study,
    study_file,
    trap,
)

ONE = Engine(workers=1)
posix = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")


@pytest.fixture
def copy(undisturbed: StoredRuns, tmp_path: Path) -> Path:
    """Copy of a sweep that is done."""
    return Path(shutil.copytree(undisturbed.folder, tmp_path / "copy"))


@pytest.fixture
def half(tmp_path: Path) -> Path:
    """Sweep of which half has been done, as another shard."""
    sweep(study(), tmp_path / "half", engine=ONE, shard=Shard(1, 2))
    return tmp_path / "half"


# Workers that die


@posix
def test_the_run_of_a_killed_worker_is_done_again(tmp_path: Path) -> None:
    marker = tmp_path / "died"
    act = (
        f"import os, pathlib; p = pathlib.Path({str(marker)!r}); "
        "first = world.clock.step == 4 and draws.seed == 2 and not p.exists(); "
        "first and (p.touch(), os.kill(os.getpid(), 9))"
    )
    mechanisms = [trap(tmp_path, act)]
    found = sweep(study(mechanisms=mechanisms), tmp_path / "runs", engine=Engine(workers=2))
    assert marker.exists()
    assert (len(found.state.done), len(found.state.failed)) == (12, 0)
    assert_same(found, sweep(study(mechanisms=mechanisms), tmp_path / "again", engine=ONE))


@posix
def test_a_run_that_always_kills_its_worker_fails_alone(tmp_path: Path) -> None:
    act = "import os; draws.seed == 2 and os.kill(os.getpid(), 9)"
    asked = study_file(
        tmp_path,
        mechanisms=[trap(tmp_path, act)],
        scenarios=["tiny"],
        baseline=None,
        uncertainties={},
    )
    text = asked.read_text(encoding="utf-8")
    from tests.experiments.sweep.small import TINY

    asked.write_text(text.replace("- tiny", f"- {TINY}"), encoding="utf-8")
    out = tmp_path / "runs"
    done = command("sweep", asked, "--out", out, "--workers", "2")
    assert done.returncode == 3, done.stderr
    assert "1 runs failed, the first of them: the worker was killed 2 times" in done.stderr
    assert f"clustersim resume {out} --retry-failed" in done.stderr
    found = read_runs(out)
    assert set(found.state.done) == {0, 2}
    assert found.state.failed[1]["kind"] == "WorkerLostError"


def test_a_run_that_raises_is_noted_and_done_again_on_request(
    undisturbed: StoredRuns, tmp_path: Path
) -> None:
    marker = tmp_path / "mended"
    act = (
        f"import pathlib\n        if draws.seed == 2 and not pathlib.Path({str(marker)!r}).exists():"
        "\n            raise ArithmeticError('no luck \\udc80')"
    )
    out = tmp_path / "runs"
    asked = study_file(tmp_path, mechanisms=[trap(tmp_path, act)])
    done = command("sweep", asked, "--out", out, "--workers", "1", "--json")
    assert done.returncode == 3, done.stderr
    assert "4 runs failed, the first of them:" in done.stderr
    status = json.loads(done.stdout)
    assert (status["done"], status["failed"], status["left"]) == (8, 4, 0)
    assert {one["seed"] for one in status["failures"]} == {2}
    assert "ArithmeticError" in status["failures"][0]["error"]
    assert "trap.py" in status["failures"][0]["error"]  # file and line
    # Without being asked to, nothing is done again.
    again = command("resume", out, "--workers", "1")
    assert again.returncode == 3
    assert "8 of 12 runs are stored, 4 have failed" in again.stdout
    shown = command("status", out)
    assert "ArithmeticError" in shown.stdout
    marker.touch()
    mended = command("resume", out, "--retry-failed", "--workers", "1")
    assert mended.returncode == 0, mended.stderr
    found = read_runs(out)
    assert not found.state.failed
    # The trap does nothing, so the numbers are those of a sweep without it.
    marks = {run: one["fingerprint"] for run, one in found.state.done.items()}
    assert marks == {run: one["fingerprint"] for run, one in undisturbed.state.done.items()}


class Odd(Exception):
    """Cannot be read by another process."""

    def __init__(self, one: object, two: object) -> None:
        super().__init__(f"{one} {two}")


def test_an_error_that_cannot_travel_fails_alone(tmp_path: Path) -> None:
    from clustersim.experiments.workers import Failure, stream

    found = {job: result for _, job, result in stream(_odd, range(3), workers=2)}
    assert (found[0], found[2]) == (0, 2)
    assert isinstance(found[1], Failure)
    assert "Odd: 1 is odd" in str(found[1].error)


def _odd(number: int) -> int:
    if number == 1:
        raise Odd(number, "is odd")
    return number


# The parent dies, or is told to stop


def _wait_for(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while not condition() and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.01)


def _killed_until_done(folder: Path, kills: int, seed: int, seeds: int) -> int:
    """Kill a sweep at random moments, and go on; return how often it was killed."""
    luck = random.Random(seed)
    out = folder / "runs"
    asked = study_file(folder, replications={"seeds": seeds})
    killed = 0
    for turn in range(100):
        if (out / "manifest.json").exists():
            arguments: tuple[str | Path, ...] = ("resume", out)
        else:
            arguments = ("sweep", asked, "--out", out)
        process = started(*arguments, "--workers", "2" if turn % 2 else "1")
        try:
            if killed < kills:
                process.wait(timeout=0.8 + luck.random() * 3.0)
            else:
                process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            killed += 1
        _, errors = process.communicate()
        if process.returncode == 0:
            return killed
        assert process.returncode == -signal.SIGKILL, errors
    raise AssertionError("never done")


@pytest.fixture
def written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write parts as soon as a run is done."""
    monkeypatch.setattr(adding_module, "SECONDS_AT_ONCE", 0.0)


@posix
def test_a_sweep_that_is_killed_is_gone_on_with(undisturbed: StoredRuns, tmp_path: Path) -> None:
    assert _killed_until_done(tmp_path, kills=3, seed=1, seeds=3) >= 1
    assert_same(read_runs(tmp_path / "runs"), undisturbed)


@posix
@pytest.mark.slow
def test_a_sweep_that_is_killed_twenty_times(tmp_path: Path) -> None:
    kills = _killed_until_done(tmp_path, kills=20, seed=2, seeds=60)
    assert kills >= 10
    whole = sweep(study(replications={"seeds": 60}), tmp_path / "whole", engine=ONE)
    assert_same(read_runs(tmp_path / "runs"), whole)


class Dies(BaseException):
    """Stands for the end of the process at one moment."""


@pytest.mark.parametrize("moment", range(12))
def test_whatever_step_of_writing_is_the_last(
    copy: Path, undisturbed: StoredRuns, tmp_path: Path, moment: int, monkeypatch: Any
) -> None:
    """The process ends at the k-th time that something is brought to disk."""
    out, left = tmp_path / "runs", moment
    real = os.fsync

    def fsync(handle: int) -> None:
        nonlocal left
        real(handle)
        if (out / "manifest.json").exists():
            left -= 1
            if left < 0:
                raise Dies

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(adding_module, "_RUNS_AT_ONCE", 5)
    with pytest.raises(Dies):
        sweep(study(), out, engine=ONE)
    monkeypatch.undo()
    assert_same(resume(out, engine=ONE), undisturbed)
    assert not [*out.glob("tables/*/.*")]


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_sweep_that_is_told_to_stop(
    tmp_path: Path, number: signal.Signals, workers: str, undisturbed: StoredRuns
) -> None:
    hold = tmp_path / "hold"
    hold.touch()
    act = (
        f"import pathlib, time\n        while pathlib.Path({str(hold)!r}).exists() and "
        "draws.seed == 2:\n            time.sleep(0.01)"
    )
    asked, out = study_file(tmp_path, mechanisms=[trap(tmp_path, act)]), tmp_path / "runs"
    process = started("sweep", asked, "--out", out, "--workers", workers)
    _wait_for((out / "journal.jsonl").exists, process)
    time.sleep(1.5 if workers == "1" else 3.0)  # the runs of the first seed are done by then
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors
    assert f"what was done is kept; go on by `clustersim resume {out}`" in errors
    assert entries(out)[-1]["why"] == "interrupted"
    hold.unlink()
    done = command("resume", out, "--workers", "1")
    assert done.returncode == 0, done.stderr
    found = read_runs(out)
    assert {r: d["fingerprint"] for r, d in found.state.done.items()} == {
        r: d["fingerprint"] for r, d in undisturbed.state.done.items()
    }


# Disks


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.ENOSPC, "the disk is full; free some space"), (errno.EROFS, "it is read-only")],
)
@pytest.mark.parametrize("where", ["part", "journal"])
def test_a_disk_that_takes_no_more(
    undisturbed: StoredRuns, tmp_path: Path, monkeypatch: Any, number: int, told: str, where: str
) -> None:
    broken = True

    def fail(real: Any, chosen: Callable[..., bool]) -> Any:
        def called(*arguments: Any) -> Any:
            if broken and chosen(*arguments):
                raise OSError(number, os.strerror(number))
            return real(*arguments)

        return called

    if where == "part":
        real = adding_module.replace_file
        chosen = fail(real, lambda path, _: path.parent.name == "stages")
        monkeypatch.setattr(adding_module, "replace_file", chosen)
    else:
        append = adding_module.Journal.append
        chosen = fail(append, lambda _, entry: entry["what"] == "part")
        monkeypatch.setattr(adding_module.Journal, "append", chosen)
    with pytest.raises(
        WriteError if where == "part" else OSError, match=told if where == "part" else ""
    ):
        sweep(study(), tmp_path / "runs", engine=ONE)
    broken = False
    assert not read_runs(tmp_path / "runs").state.done
    assert_same(resume(tmp_path / "runs", engine=ONE), undisturbed)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Disk of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.name != "posix" or os.geteuid() != 0:
        pytest.skip("only root mounts disks")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("disks cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)  # noqa: S607


@posix
def test_a_disk_that_is_full(small_disk: Path, tmp_path: Path, undisturbed: StoredRuns) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(500_000))
    out = small_disk / "runs"
    done = command("sweep", study_file(tmp_path), "--out", out, "--workers", "1")
    assert done.returncode == 1, done.stderr
    assert "the disk is full; free some space" in done.stderr
    assert f"what was done is kept; go on by `clustersim resume {out}`" in done.stderr
    ballast.unlink()
    done = command("resume", out, "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert_same(read_runs(out), undisturbed)


@posix
def test_a_disk_that_becomes_read_only(
    small_disk: Path, tmp_path: Path, undisturbed: StoredRuns
) -> None:
    out = small_disk / "runs"
    sweep(study(), out, engine=ONE, shard=Shard(1, 2))
    remount = ["mount", "-o", "remount", str(small_disk)]
    subprocess.run([*remount[:2], "remount,ro,size=600k", remount[3]], check=True)
    done = command("resume", out, "--workers", "1")
    assert done.returncode == 1, done.stderr
    assert "read-only; choose another folder" in done.stderr
    assert "6 of 12 runs are stored" in command("status", out).stdout
    subprocess.run([*remount[:2], "remount,rw,size=600k", remount[3]], check=True)
    assert_same(resume(out, engine=ONE), undisturbed)


# Two at a time


def test_two_sweeps_in_one_folder(half: Path, undisturbed: StoredRuns) -> None:
    with Lock(half / "lock", "half"), pytest.raises(StoreError, match="by another process"):
        resume(half, engine=ONE)
    # A shard whose runs are also those of a sweep of all.
    with (
        Lock(half / "lock-2of2", "half"),
        pytest.raises(StoreError, match=f"process {os.getpid()} on .* does the shard 2/2"),
    ):
        resume(half, engine=ONE)
    with Lock(half / "lock", "half"), pytest.raises(StoreError, match="does the shard 1/1"):
        resume(half, engine=ONE, shard=Shard(2, 2))
    with Lock(half / "lock-1of2", "half"):
        assert read_runs(half).writers() == [f"process {os.getpid()} on {os.uname().nodename}"]
        assert_same(resume(half, engine=ONE, shard=Shard(2, 2)), undisturbed)


def test_seeds_are_not_added_by_what_is_refused(copy: Path) -> None:
    with Lock(copy / "lock", "copy"), pytest.raises(StoreError):
        resume(copy, engine=ONE, add_replications=5)
    assert read_runs(copy).n_runs == 12


@posix
def test_a_file_system_without_locks_is_told(copy: Path, monkeypatch: Any) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(WriteError, match=r"lock.*No locks available"):
        resume(copy, engine=ONE)


# Files that are damaged


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize("damage", [_flip, _cut, Path.unlink])
def test_a_damaged_part_is_set_aside_and_its_runs_are_done_again(
    copy: Path, undisturbed: StoredRuns, damage: Callable[[Path], None]
) -> None:
    path = copy / "tables" / "clusters" / "part-000000.parquet"
    damage(path)
    if damage is not _flip:  # told at once, by its size
        with pytest.raises(StoreError, match=r"clusters.*part-000000.*clustersim resume"):
            read_runs(copy).frame("clusters")
    found = resume(copy, engine=ONE)
    assert len(found.dropped) == 1
    assert str(path) in found.dropped[0]
    assert_same(found, undisturbed)
    assert not path.exists()  # its number is not given again
    # Nothing to do the next time.
    assert not resume(copy, engine=ONE).dropped


@pytest.mark.parametrize(
    ("name", "damage", "told"),
    [
        ("manifest.json", _cut, "manifest.json: cannot be read"),
        ("manifest.json", Path.unlink, r"holds no sweep \(manifest.json is missing\)"),
        ("design.parquet", _flip, "design.parquet: is damaged"),
        ("design.parquet", _cut, "design.parquet: is damaged"),
        ("design.parquet", Path.unlink, "design.parquet: cannot be read.*restore it from a copy"),
    ],
)
def test_what_cannot_be_made_again_is_told(
    copy: Path, name: str, damage: Callable[[Path], None], told: str
) -> None:
    damage(copy / name)
    before = sorted(path.name for path in copy.rglob("*"))
    done = command("resume", copy)
    assert done.returncode == 2
    with pytest.raises(StoreError, match=told):
        resume(copy, engine=ONE)
    after = sorted(path.name for path in copy.rglob("*"))
    assert before == after


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seeds": "many"}, "seeds missing or not of the right type"),
        ({"schema_version": 99}, "schema_version is 99"),
        ({"kind": "other"}, "holds no sweep"),
        ({"seeds": [1]}, "knows of 4 runs, but run 11 has been done; restore the newest copy"),
        ({"fingerprint": "0"}, "the design is not the one that the sweep was begun with"),
    ],
)
def test_a_manifest_that_was_changed_is_told(copy: Path, change: Any, told: str) -> None:
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, **change}), encoding="utf-8")
    with pytest.raises(StoreError, match=told):
        resume(copy, engine=ONE)


@pytest.mark.parametrize("tail", [b'{"what": "fai', b'{"what"\n', b"\0\0\0"])
def test_a_torn_line_of_the_journal_counts_as_not_written(
    copy: Path, undisturbed: StoredRuns, tail: bytes
) -> None:
    path = copy / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    assert_same(read_runs(copy), undisturbed)
    assert_same(resume(copy, engine=ONE), undisturbed)
    assert path.read_bytes() == whole


def test_a_part_whose_line_is_torn_is_done_again(copy: Path, undisturbed: StoredRuns) -> None:
    path = copy / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:-9])
    assert not read_runs(copy).state.done
    assert_same(resume(copy, engine=ONE), undisturbed)


def test_a_damaged_line_of_the_journal_is_told(copy: Path) -> None:
    path = copy / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for bad in (b"x" + lines[1], b'{"what": "part"}\n'):
        path.write_bytes(lines[0] + bad + lines[2])
        with pytest.raises(StoreError, match=r"journal.jsonl: line 2 is .*restore the file"):
            resume(copy, engine=ONE)


def test_parts_are_not_deleted_because_a_journal_is_lost(
    tmp_path: Path, monkeypatch: Any, undisturbed: StoredRuns
) -> None:
    monkeypatch.setattr(adding_module, "_RUNS_AT_ONCE", 5)
    out = tmp_path / "runs"
    sweep(study(), out, engine=ONE)
    path = out / "journal.jsonl"
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(StoreError, match="a journal is missing or an old copy; restore it"):
        resume(out, engine=ONE)
    path.write_bytes(content)
    assert_same(resume(out, engine=ONE), undisturbed)


# Another program


def test_another_program_is_refused_and_can_be_allowed(half: Path, undisturbed: StoredRuns) -> None:
    path = half / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "sources": "0" * 64}), encoding="utf-8")
    done = command("resume", half, "--add-replications", "2")
    assert done.returncode == 2
    assert "was begun with another state of the program" in done.stderr
    assert read_runs(half).n_runs == 12  # none were added
    done = command("resume", half, "--other-program", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert_same(read_runs(half), undisturbed)
    (begin,) = [one for one in entries(half) if one["what"] == "begin"]
    assert begin["program"] == module.sources()


def test_a_mechanism_that_has_changed_is_refused_before_any_run(tmp_path: Path) -> None:
    file = Path(trap(tmp_path, "pass"))
    out = tmp_path / "runs"
    sweep(study(mechanisms=[str(file)]), out, engine=ONE, shard=Shard(1, 2))
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(UserMechanismError, match="has changed since the run; restore it"):
        resume(out, engine=ONE)
    assert not read_runs(out).state.failed


# Dask


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[Path, list[subprocess.Popen[bytes]]]]:
    """File of a scheduler that has a worker, and both processes."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    more: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file"]
    processes = [subprocess.Popen([*dask, "scheduler", *options, str(file)], **more)]
    until = time.monotonic() + 60
    while not file.exists():
        assert time.monotonic() < until
        time.sleep(0.05)
    options = ["--nthreads", "1", "--no-dashboard", "--scheduler-file", str(file)]
    processes.append(subprocess.Popen([*dask, "worker", *options], **more))
    yield file, processes
    for process in processes[::-1]:
        process.terminate()
    for process in processes:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@posix
@pytest.mark.slow
def test_a_dask_worker_and_then_the_scheduler_is_lost(
    tmp_path: Path, scheduler: tuple[Path, list[subprocess.Popen[bytes]]], undisturbed: StoredRuns
) -> None:
    file, (hub, _) = scheduler
    hold, died = tmp_path / "hold", tmp_path / "died"
    hold.touch()
    act = (
        f"import os, pathlib, time; died = pathlib.Path({str(died)!r})\n"
        "        if draws.seed == 1 and not died.exists():\n"
        "            died.touch()\n            os.kill(os.getpid(), 9)\n"
        f"        while draws.seed == 3 and pathlib.Path({str(hold)!r}).exists():\n"
        "            time.sleep(0.01)"
    )
    asked, out = study_file(tmp_path, mechanisms=[trap(tmp_path, act)]), tmp_path / "runs"
    process = started("sweep", asked, "--out", out, "--scheduler", file)
    _wait_for(lambda: (out / "journal.jsonl").exists() and died.exists(), process)
    time.sleep(12)  # the nanny starts another worker; runs of two seeds are done
    hub.kill()
    _, errors = process.communicate(timeout=90)
    assert process.returncode == 1, errors
    assert "the executor is gone" in errors
    assert f"go on by `clustersim resume {out} --scheduler {file}`" in errors
    assert len(read_runs(out).state.done) >= 4
    hold.unlink()
    done = command("resume", out, "--workers", "1")
    assert done.returncode == 0, done.stderr
    found = read_runs(out)
    assert {r: d["fingerprint"] for r, d in found.state.done.items()} == {
        r: d["fingerprint"] for r, d in undisturbed.state.done.items()
    }


@posix
def test_a_scheduler_file_and_none_that_answers(
    tmp_path: Path, scheduler: tuple[Path, list[subprocess.Popen[bytes]]], undisturbed: StoredRuns
) -> None:
    file, _ = scheduler
    out = tmp_path / "runs"
    both = command(
        "sweep", study_file(tmp_path), "--out", out, "--scheduler", file, "--workers", "2"
    )
    assert both.returncode == 2
    assert not out.exists()
    done = command("sweep", study_file(tmp_path), "--out", out, "--scheduler", file)
    assert done.returncode == 0, done.stderr
    assert_same(read_runs(out), undisturbed)
