"""Work spread over processes."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from clustersim.experiments.workers import (
    TRIES,
    EngineLostError,
    Failure,
    WorkerLostError,
    each,
    seed_numbers,
    stream,
)
from clustersim.world import threads


def square(x: int) -> int:
    time.sleep(0.02 * (3 - x % 3))  # not in the order of the jobs
    return x * x


def refuse(x: int) -> int:
    if x == 1:
        raise LookupError(f"no {x}")
    return x


def die_once(job: tuple[int, str]) -> int:
    number, folder = job
    marker = Path(folder) / f"died-{number}"
    if number == 1 and not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def die(_: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.mark.parametrize("workers", [1, 2, None])
def test_results_come_in_the_order_of_the_jobs(workers):
    told = []
    found = each(square, range(5), workers=workers, progress=lambda *done: told.append(done))
    assert found == [0, 1, 4, 9, 16]
    assert told == [(k, 5) for k in range(1, 6)]


def test_no_jobs_are_no_work():
    assert each(square, []) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_job_is_raised(workers):
    with pytest.raises(LookupError, match="no 1"):
        each(refuse, range(4), workers=workers)


def test_the_jobs_of_a_killed_worker_are_done_again(tmp_path):
    jobs = [(k, str(tmp_path)) for k in range(4)]
    assert each(die_once, jobs, workers=2) == [0, 1, 2, 3]
    assert (tmp_path / "died-1").exists()


def test_a_job_that_kills_its_worker_again_is_given_up():
    with pytest.raises(WorkerLostError, match=f"killed {TRIES} times.*fewer workers"):
        each(die, range(3), workers=2)


def die_at_two(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_only_the_job_that_kills_its_worker_fails():
    found = {job: result for _, job, result in stream(die_at_two, range(8), workers=2)}
    assert isinstance(found.pop(2), Failure)
    assert found == {number: number for number in range(8) if number != 2}


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_does_not_stop_the_others(workers):
    found = {job: result for _, job, result in stream(refuse, range(4), workers=workers)}
    failed = found.pop(1)
    assert isinstance(failed, Failure)
    assert isinstance(failed.error, LookupError)
    assert found == {0: 0, 2: 2, 3: 3}


def test_jobs_are_asked_for_as_they_are_needed():
    asked = []

    def jobs():
        for number in range(100):
            asked.append(number)
            yield number

    for _ in stream(square, jobs(), workers=2):
        break
    assert len(asked) <= 6


def test_an_executor_of_the_callers_does_the_work():
    with ThreadPoolExecutor(2) as executor:
        found = stream(square, range(5), executor=executor)
        assert sorted(result for _, _, result in found) == [0, 1, 4, 9, 16]
        assert executor.submit(square, 3).result() == 9  # it has not been shut down


def test_an_executor_that_breaks_is_told():
    context = multiprocessing.get_context("spawn")
    with (
        ProcessPoolExecutor(1, mp_context=context) as executor,
        pytest.raises(EngineLostError, match="jobs under way"),
    ):
        list(stream(die, range(3), executor=executor))


def test_workers_end_when_their_parent_is_killed(tmp_path):
    script = tmp_path / "parent.py"
    script.write_text(
        "import os, sys, time\n"
        "from clustersim.experiments.workers import stream\n"
        "def pid(number):\n"
        "    return os.getpid()\n"
        "if __name__ == '__main__':\n"
        "    for _, _, found in stream(pid, range(1), workers=2):\n"
        "        print(found, flush=True)\n"
        "        time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    os.kill(worker, 0)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        try:
            os.kill(worker, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    pytest.fail("the worker lives on")


def threads_here(_: int) -> int:
    return threads._team.size


def test_workers_have_one_thread_each():
    assert each(threads_here, range(2), workers=2) == [1, 1]


def test_seeds_are_those_given_or_as_many_from_one_on():
    assert seed_numbers(3) == (1, 2, 3)
    assert seed_numbers([7, 2]) == (7, 2)
    for none in (0, []):
        with pytest.raises(ValueError, match="seeds: expected at least one"):
            seed_numbers(none)


class OddError(Exception):
    """Cannot be read by another process."""

    def __init__(self, one: object, two: object) -> None:
        super().__init__(f"{one} {two}")


def raise_odd(number: int) -> int:
    if number == 1:
        raise OddError(number, "is odd")
    return number


def test_an_error_that_cannot_travel_fails_alone():
    found = {job: result for _, job, result in stream(raise_odd, range(3), workers=2)}
    assert (found[0], found[2]) == (0, 2)
    assert isinstance(found[1], Failure)
    assert "OddError: 1 is odd" in str(found[1].error)


@pytest.mark.skipif(os.name != "posix", reason="signals as on POSIX")
def test_workers_do_not_hear_ctrl_c_even_while_they_start(capfd):
    done = threading.Event()

    def press() -> None:
        while not done.wait(0.005):
            for child in multiprocessing.active_children():
                os.kill(child.pid, signal.SIGINT)

    pressing = threading.Thread(target=press)
    pressing.start()
    try:
        assert each(square, range(4), workers=2) == [0, 1, 4, 9]
    finally:
        done.set()
        pressing.join()
    assert not capfd.readouterr().err


SCRIPT = """
from clustersim.experiments.workers import each
print(each(abs, [-1, 2], workers=2))
"""


@pytest.mark.parametrize("typed", [False, True])
def test_a_script_needs_no_guard(tmp_path, typed):
    """Workers do not import the script that started them, or what was typed at a prompt."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = [sys.executable] if typed else [sys.executable, str(script)]
    done = subprocess.run(
        command, input=SCRIPT if typed else "", capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout == "[1, 2]\n"
