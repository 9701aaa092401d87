"""Memory: the command for the page starts again under another allocator, and only where it can."""

import os
import subprocess
import sys

import pytest

from clustersim.app import memory

_PROGRAM = """
import os, sys
from clustersim.app.memory import start_lean
start_lean()
own = sys.getallocatedblocks() > 0  # of Python's own allocator
print(os.getpid(), own, os.environ.get("PYTHONMALLOC"), sys.argv[1:])
"""


def started(**more: str) -> tuple[int, str]:
    environment = {k: v for k, v in os.environ.items() if k not in memory.LEAN}
    with subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, "app", "two words"],
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, **more},
    ) as process:
        out, _ = process.communicate(timeout=60)
        pid, _, rest = out.partition(" ")
        assert int(pid) == process.pid
        return process.returncode, rest.strip()


@pytest.mark.skipif(not memory.can_be_lean(), reason="not the C library of GNU")
def test_the_same_command_goes_on_in_the_same_process() -> None:
    assert started() == (0, "False None ['app', 'two words']")


def test_an_allocator_that_was_chosen_is_left_alone() -> None:
    assert started(PYTHONMALLOC="pymalloc") == (0, "True pymalloc ['app', 'two words']")


def test_where_it_is_of_no_use_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in memory.LEAN:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(memory, "can_be_lean", lambda: False)
    memory.start_lean()  # else these tests would begin again
    memory.give_back()
