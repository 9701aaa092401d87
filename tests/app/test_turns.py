"""Lock and pace: nobody comes between, nobody starves, and nothing is held for ever."""

import threading
import time

import pytest

from clustersim.app.turns import Pace, Turns


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


class Somebody:
    pass


def test_a_place_of_the_pace_is_kept_until_it_is_given_back() -> None:
    pace, one, other = Pace(1, lease=60.0), Somebody(), Somebody()
    pace.go(one)
    pace.go(one)
    went = threading.Event()
    thread = threading.Thread(target=lambda: (pace.go(other), went.set()))
    thread.start()
    assert not went.wait(0.6)
    pace.done(one)
    assert went.wait(20)
    thread.join(20)
    pace.done(one)  # had none any more: the other keeps its own
    assert other in pace._going


def test_who_had_a_turn_longest_ago_is_let_in_first() -> None:
    pace, visitor, holder = Pace(1, lease=60.0), Somebody(), Somebody()
    runners = [Somebody() for _ in range(4)]
    for one in (visitor, *runners, holder):
        pace.go(one)
        if one is not holder:
            pace.done(one)
    order, threads = [], []
    for one in (*runners, visitor):
        threads.append(threading.Thread(target=lambda one=one: (pace.go(one), order.append(one))))
        threads[-1].start()
        while len(pace._waiting) < len(threads):
            time.sleep(0.001)
    pace.done(holder)
    for number, one in enumerate((visitor, *runners)):
        while len(order) <= number:
            time.sleep(0.001)
        assert order[number] is one
        pace.done(one)
    for thread in threads:
        thread.join(20)


def test_a_place_that_nobody_gives_back_is_lost_for_a_while_only() -> None:
    pace = Pace(1, lease=0.05)
    pace.go(Somebody())
    begun = time.monotonic()
    pace.go(Somebody())
    assert time.monotonic() - begun < 10
