"""Rows shared out over threads: every row once, and the same bits whatever their number."""

import hashlib
import os
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world import threads
from clustersim.world.threads import spread, usable_cores, use_threads
from tests.worlds import living_world


@pytest.fixture(autouse=True)
def _usual():
    yield
    use_threads()


@given(st.integers(0, 100_000), st.integers(1, 5))
def test_every_row_is_treated_once(n_rows, count):
    use_threads(count)
    seen = np.zeros(n_rows, dtype=np.int64)

    def work(first, last, add):
        seen[first:last] += add

    spread(work, n_rows, 1)
    assert (seen == 1).all()


def test_few_rows_stay_on_the_thread_of_the_caller():
    use_threads(4)
    names = set()

    def work(_first, _last):
        names.add(threading.current_thread().name)

    spread(work, 2 * threads.FEWEST - 1)
    assert names == {threading.current_thread().name}
    spread(work, 4 * threads.FEWEST)
    assert len(names) > 1


def test_an_error_of_any_part_is_raised():
    use_threads(2)

    def work(first, _last):
        if first > 0:
            raise LookupError("the second part")

    with pytest.raises(LookupError, match="second part"):
        spread(work, 10 * threads.FEWEST)


def test_there_is_at_least_one_core_and_one_thread(monkeypatch):
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
    with pytest.raises(ValueError, match="at least 1, got 0"):
        use_threads(0)
    for given_value, expected in (("3", 3), ("0", None), ("many", None), ("", None)):
        monkeypatch.setenv(threads.VARIABLE, given_value)
        use_threads()
        assert threads._team.size == (expected or min(usable_cores(), threads.MOST))


def test_a_run_is_the_same_on_one_thread_and_on_three(monkeypatch):
    monkeypatch.setattr(threads, "FEWEST", 20)
    found = []
    for count in (1, 3):
        use_threads(count)
        simulation = Simulation(living_world(20), mechanisms(), seed=5)
        simulation.run(12)
        digest = hashlib.sha256()
        for table in simulation.tables().values():
            for values in table.values():
                digest.update(np.ascontiguousarray(values).tobytes())
        found.append(digest.hexdigest())
    assert found[0] == found[1]
