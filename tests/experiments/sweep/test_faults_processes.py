"""Whatever process dies or is stopped, nothing stored is lost, and the tables are the same."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from clustersim.experiments.sweep.sweep import Engine, resume, sweep
from clustersim.store import StoredRuns, read_runs
from tests.experiments.sweep.small import (
    TINY,
    assert_same,
    call,
    command,
    entries,
    started,
    study,
    study_file,
    trap,
)

ONE = Engine(workers=1)
SECONDS = 300
"""After which something that should have happened never will."""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + SECONDS
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < until
        time.sleep(0.01)


def ended(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return what a command said; its workers have ended too, as they have the same output."""
    return process.communicate(timeout=SECONDS)


# Workers that die, and runs that fail


def test_a_run_whose_worker_is_killed_is_done_again_and_fails_alone(tmp_path: Path) -> None:
    once, mended = tmp_path / "died", tmp_path / "mended"
    act = f"""
        died, mended = pathlib.Path({str(once)!r}), pathlib.Path({str(mended)!r})
        if draws.seed == 1 and world.clock.step == 4 and not died.exists():
            died.touch()
            os.kill(os.getpid(), 9)
        if draws.seed == 2 and not mended.exists():
            until = time.monotonic() + {SECONDS}
            while not died.exists() and time.monotonic() < until:
                time.sleep(0.01)
            os.kill(os.getpid(), 9)
    """
    plain: dict[str, Any] = {
        "scenarios": [TINY],
        "uncertainties": {},
        "replications": {"seeds": 2},
    }
    out, asked = tmp_path / "runs", study_file(tmp_path, mechanisms=[trap(tmp_path, act)], **plain)
    done = command("sweep", asked, "--out", out, "--workers", "2")
    assert done.returncode == 3, done.stderr
    assert "1 runs failed, the first of them: the worker was killed 2 times" in done.stderr
    assert f"`clustersim resume {out} --retry-failed` does them again" in done.stderr
    found = read_runs(out)
    assert once.exists()
    assert set(found.state.done) == {0}
    assert found.state.failed[1]["kind"] == "WorkerLostError"
    mended.touch()
    found = resume(out, engine=ONE, retry_failed=True)
    whole = sweep(study(**plain), tmp_path / "undisturbed", engine=ONE)
    assert_same(found, whole, but=["digest"])


def spawned(process: subprocess.Popen[str]) -> list[int]:
    """Return the workers of a command."""
    kids = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    found = []
    for kid in kids:
        try:
            if b"spawn_main" in Path(f"/proc/{kid}/cmdline").read_bytes():
                found.append(int(kid))
        except (FileNotFoundError, ProcessLookupError):  # ended meanwhile
            continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_workers_that_are_killed_at_random_moments(tmp_path: Path) -> None:
    """`pytest -m slow tests/experiments/sweep/test_faults_processes.py -k random_moments`.

    A run may have been killed twice, and so have failed; then it is done again on request.
    """
    luck, out = random.Random(3), tmp_path / "runs"  # noqa: S311
    asked = study_file(tmp_path, replications={"seeds": 30})
    process = started("sweep", asked, "--out", out, "--workers", "2")
    wait_for((out / "journal.jsonl").exists, process)
    for _ in range(6):
        time.sleep(luck.uniform(0.5, 2.5))
        workers = spawned(process) if process.poll() is None else []
        if workers:
            os.kill(luck.choice(workers), signal.SIGKILL)
    _, errors = ended(process)
    assert process.returncode in {0, 3}, errors
    assert not {one["kind"] for one in read_runs(out).state.failed.values()} - {"WorkerLostError"}
    found = resume(out, engine=Engine(workers=2), retry_failed=True)
    assert_same(
        found, sweep(study(replications={"seeds": 30}), tmp_path / "undisturbed", engine=ONE)
    )


def test_a_run_that_raises_is_noted_and_done_again_on_request(
    undisturbed: StoredRuns, tmp_path: Path
) -> None:
    mended = tmp_path / "mended"
    act = f"""
        if draws.seed == 2 and not pathlib.Path({str(mended)!r}).exists():
            raise ArithmeticError('no luck \\udc80')
    """
    out = tmp_path / "runs"
    asked = study_file(tmp_path, mechanisms=[trap(tmp_path, act)])
    done = call("sweep", asked, "--out", out, "--workers", "1", "--json")
    assert done.exit_code == 3, done.stderr
    assert "4 runs failed, the first of them:" in done.stderr
    status = json.loads(done.stdout)
    assert (status["done"], status["failed"], status["left"]) == (8, 4, 0)
    assert {one["seed"] for one in status["failures"]} == {2}
    assert "trap.py, line" in status["failures"][0]["error"]
    assert "ArithmeticError: no luck \udc80" in status["failures"][0]["error"]
    # Without being asked to, nothing is done again.
    again = call("resume", out, "--workers", "1")
    assert again.exit_code == 3
    assert "8 of 12 runs are stored, 4 have failed" in again.stdout
    shown = command("status", out, env={**os.environ, "PYTHONIOENCODING": "utf-8:strict"})
    assert shown.returncode == 0, shown.stderr
    assert "ArithmeticError: no luck \\udc80" in shown.stdout
    mended.touch()
    assert call("resume", out, "--retry-failed", "--workers", "1").exit_code == 0
    assert not read_runs(out).state.failed
    assert_same(read_runs(out), undisturbed, but=["digest"])


# The parent is killed


def killed_until_done(folder: Path, kills: int, seed: int) -> StoredRuns:
    """Kill a sweep that many times at random moments, and go on until it is done."""
    luck, out = random.Random(seed), folder / "runs"  # noqa: S311
    asked = study_file(folder)
    for turn in range(20 * kills):
        there = (out / "manifest.json").exists()
        arguments: list[str | Path] = ["resume", out] if there else ["sweep", asked, "--out", out]
        if kills and there and not turn % 3:  # so that there is always something left to do
            arguments += ["--add-replications", "2"]
        process = started(*arguments, "--workers", "2" if turn % 2 else "1", "--quiet")
        try:
            process.wait(luck.uniform(0.3, 2.0) if kills else SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            kills -= 1
        _, errors = ended(process)
        assert process.returncode in {0, -signal.SIGKILL}, errors
        if not kills and process.returncode == 0:
            return read_runs(out)
    raise AssertionError("never done")


def test_a_sweep_that_is_killed_is_gone_on_with(tmp_path: Path) -> None:
    found = killed_until_done(tmp_path, kills=2, seed=1)
    seeds = {"seeds": len(found.manifest["seeds"])}
    assert_same(found, sweep(study(replications=seeds), tmp_path / "undisturbed", engine=ONE))


@pytest.mark.slow
def test_a_sweep_that_is_killed_twenty_times(tmp_path: Path) -> None:
    """`pytest -m slow tests/experiments/sweep/test_faults_processes.py -k twenty_times`."""
    found = killed_until_done(tmp_path, kills=20, seed=2)
    seeds = {"seeds": len(found.manifest["seeds"])}
    assert_same(found, sweep(study(replications=seeds), tmp_path / "undisturbed", engine=ONE))


# A sweep that is told to stop, or that another one meets


@contextmanager
def held(folder: Path, workers: int) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Give a sweep whose runs of the second seed go on until the block ends, and its folder."""
    hold, out = folder / "hold", folder / "runs"
    hold.mkdir()
    act = f"""
        hold, until = pathlib.Path({str(hold)!r}), time.monotonic() + {SECONDS}
        if draws.seed == 2 and hold.exists():
            (hold / str(os.getpid())).touch()
            while hold.exists() and time.monotonic() < until:
                time.sleep(0.01)
    """
    asked = study_file(folder, mechanisms=[trap(folder, act)])
    process = started("sweep", asked, "--out", out, "--workers", str(workers), "--quiet")
    try:
        wait_for(lambda: len([*hold.iterdir()]) == workers, process)
        yield process, out
    finally:
        process.kill()
        ended(process)
        hold.rename(folder / "released")


def assert_told(process: subprocess.Popen[str], number: signal.Signals, out: Path) -> None:
    """Send a signal to a sweep and its workers, as a terminal does; make sure that it ends well."""
    os.killpg(process.pid, number)
    said, errors = ended(process)
    assert process.returncode == 130, errors
    assert not said
    assert errors == f"interrupted: what was done is kept; go on by `clustersim resume {out}`\n"
    assert entries(out)[-1]["why"] == "interrupted"


@pytest.mark.parametrize(
    ("number", "workers"),
    [
        (signal.SIGINT, 1),
        pytest.param(signal.SIGINT, 2, marks=pytest.mark.slow),
        pytest.param(signal.SIGTERM, 2, marks=pytest.mark.slow),
    ],
)
def test_a_sweep_that_is_told_to_stop_keeps_what_is_done(
    tmp_path: Path, number: signal.Signals, workers: int, undisturbed: StoredRuns
) -> None:
    """`pytest -m slow tests/experiments/sweep/test_faults_processes.py -k told_to_stop`."""
    with held(tmp_path, workers) as (process, out):
        assert_told(process, number, out)
    assert set(read_runs(out).state.done) <= {0, 1, 2, 3}
    assert_same(resume(out, engine=ONE), undisturbed, but=["digest"])


def test_a_second_sweep_is_refused_and_the_first_stops_when_told(
    tmp_path: Path, undisturbed: StoredRuns
) -> None:
    with held(tmp_path, 1) as (process, out):
        second = call("sweep", tmp_path / "study.yaml", "--out", out)
        assert second.exit_code == 2
        assert f"holds a sweep already; go on with it by `clustersim resume {out}`" in second.stderr
        for more in ([], ["--shard", "1/2"], ["--add-replications", "1"]):
            second = call("resume", out, *more)
            assert second.exit_code == 2
            who = f"is being written to by another process (process {process.pid} on "
            assert who in second.stderr
            assert "wait for it to end, or stop it" in second.stderr
        status = json.loads(call("status", out, "--json").stdout)
        assert status["writers"] == [f"process {process.pid} on {os.uname().nodename}"]
        assert (status["runs"], status["done"], status["left"]) == (12, 4, 8)
        assert set(read_runs(out).frame("clusters")["run"]) == {0, 1, 2, 3}  # read meanwhile
        assert_told(process, signal.SIGTERM, out)
    assert set(read_runs(out).state.done) == {0, 1, 2, 3}
    done = call("resume", out, "--workers", "1")
    assert done.exit_code == 0, done.stderr
    assert_same(read_runs(out), undisturbed, but=["digest"])


@pytest.mark.slow
def test_two_sweeps_begun_at_once_in_one_folder(tmp_path: Path, undisturbed: StoredRuns) -> None:
    """`pytest -m slow tests/experiments/sweep/test_faults_processes.py -k begun_at_once`."""
    for turn in range(5):
        out = tmp_path / f"runs-{turn}"
        asked = study_file(tmp_path)
        both = [started("sweep", asked, "--out", out, "--workers", "1") for _ in range(2)]
        told = [ended(process)[1] for process in both]
        assert sorted(process.returncode for process in both) == [0, 2], told
        assert_same(read_runs(out), undisturbed)
        assert not [path for path in tmp_path.iterdir() if ".partial-" in path.name]


# Dask


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """File of a scheduler that has a worker, and its process."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    dask = [sys.executable, "-m", "dask"]
    more: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file"]
    processes = [subprocess.Popen([*dask, "scheduler", *options, str(file)], **more)]
    try:
        until = time.monotonic() + SECONDS
        while not file.exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        options = ["--nthreads", "1", "--no-dashboard", "--scheduler-file", str(file)]
        processes.append(subprocess.Popen([*dask, "worker", *options], **more))
        yield file, processes[0]
    finally:
        for process in processes[::-1]:
            process.terminate()
        for process in processes[::-1]:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.mark.slow
def test_a_dask_worker_and_then_the_scheduler_is_lost(
    tmp_path: Path, scheduler: tuple[Path, subprocess.Popen[bytes]], undisturbed: StoredRuns
) -> None:
    """`pytest -m slow tests/experiments/sweep/test_faults_processes.py -k dask`."""
    file, hub = scheduler
    hold, died = tmp_path / "hold", tmp_path / "died"
    hold.touch()
    act = f"""
        hold, died = pathlib.Path({str(hold)!r}), pathlib.Path({str(died)!r})
        if draws.seed == 1 and not died.exists():
            died.touch()
            os.kill(os.getpid(), 9)
        until = time.monotonic() + {SECONDS}
        while draws.seed == 3 and hold.exists() and time.monotonic() < until:
            time.sleep(0.01)
    """
    out, asked = tmp_path / "runs", study_file(tmp_path, mechanisms=[trap(tmp_path, act)])
    process = started("sweep", asked, "--out", out, "--scheduler", file)
    # The worker is started anew by its keeper; then the runs of two seeds can be done.
    wait_for(lambda: out.exists() and len(read_runs(out).state.done) == 8, process)
    assert died.exists()
    hub.kill()
    _, errors = ended(process)
    assert process.returncode == 1, errors
    assert "the executor is gone" in errors
    assert f"go on by `clustersim resume {out} --scheduler {file}`" in errors
    hold.unlink()
    gone = command("resume", out, "--scheduler", "tcp://127.0.0.1:9")
    assert gone.returncode == 2
    assert "no Dask scheduler answers there" in gone.stderr
    assert_same(resume(out, engine=ONE), undisturbed, but=["digest"])


@pytest.mark.slow
def test_a_scheduler_file(
    tmp_path: Path, scheduler: tuple[Path, subprocess.Popen[bytes]], undisturbed: StoredRuns
) -> None:
    """`pytest -m slow tests/experiments/sweep/test_faults_processes.py -k scheduler_file`."""
    file, _ = scheduler
    out = tmp_path / "runs"
    done = command("sweep", study_file(tmp_path), "--out", out, "--scheduler", file)
    assert done.returncode == 0, done.stderr
    assert_same(read_runs(out), undisturbed)


def test_workers_and_a_scheduler_are_not_both_asked_for(tmp_path: Path) -> None:
    out = tmp_path / "runs"
    asked = study_file(tmp_path)
    both = call("sweep", asked, "--out", out, "--scheduler", "tcp://x:1", "--workers", "2")
    assert both.exit_code == 2
    assert "either --workers or --scheduler, not both" in both.stderr
    assert not out.exists()
