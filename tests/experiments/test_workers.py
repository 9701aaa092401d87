"""Work spread over processes."""

import os
import signal
import time
from pathlib import Path

import pytest

from clustersim.experiments.workers import TRIES, WorkerLostError, each, seed_numbers
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


def test_workers_that_always_die_are_given_up():
    with pytest.raises(
        WorkerLostError, match=f"lost {TRIES} times.*3 of 3.*fewer workers.*__main__"
    ):
        each(die, range(3), workers=2)


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
