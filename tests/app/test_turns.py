"""The fair lock: nobody comes between, nobody starves, and it can be taken again."""

import threading
import time

import pytest

from clustersim.app.turns import Turns


def test_no_more_are_in_than_there_are_places() -> None:
    lock, inside, most = Turns(2), 0, 0
    guard = threading.Lock()

    def work() -> None:
        nonlocal inside, most
        for _ in range(20):
            with lock, lock:
                with guard:
                    inside += 1
                    most = max(most, inside)
                time.sleep(0.0002)
                with guard:
                    inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(20)
    assert most == 2
    assert inside == 0


def test_who_asks_all_the_time_lets_others_in() -> None:
    lock, stop, times = Turns(), threading.Event(), 0

    def greedy() -> None:
        nonlocal times
        while not stop.is_set():
            with lock:
                times += 1
                time.sleep(0.001)

    thread = threading.Thread(target=greedy)
    thread.start()
    while not times:
        time.sleep(0.001)
    for _ in range(10):
        before = times
        with lock:
            # The one that is under way, and at most one that asked before.
            assert times <= before + 2
    stop.set()
    thread.join(20)


def test_a_place_is_given_back_when_something_goes_wrong() -> None:
    lock = Turns()
    with pytest.raises(KeyError), lock:
        raise KeyError
    with lock:
        pass
    with pytest.raises(ValueError, match="at least 1"):
        Turns(0)
