"""Memory that comes back: a server that had a class in it shrinks when the class has left.

Every visitor has some ten thousand small objects. Python's own allocator gives memory back in
pieces of a megabyte, each of which is held by whatever small thing is left in it; the C library's
gives back single pages. It can be chosen only when Python starts.
"""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import sys
import sysconfig
from collections.abc import Mapping
from typing import Final

LEAN: Final[Mapping[str, str]] = {"PYTHONMALLOC": "malloc", "MALLOC_ARENA_MAX": "1"}
"""Environment under which free memory is found in one heap, and given back by the page."""


def can_be_lean() -> bool:
    """Tell whether this Python can use the C library of GNU for its objects."""
    free_threaded = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))  # has an allocator of its own
    return sys.platform == "linux" and platform.libc_ver()[0] == "glibc" and not free_threaded


def start_lean() -> None:
    """Start this program again under `LEAN`, in the same process; at once, before it does anything.

    Nothing happens where that is of no use, or an allocator was chosen by the environment. What
    this one was started with is not handed on to browsers.
    """
    if all(os.environ.get(name) == value for name, value in LEAN.items()):
        for name in LEAN:
            del os.environ[name]
        return
    if "PYTHONMALLOC" in os.environ or not sys.executable or not can_be_lean():
        return
    # The same command in the place of this one, under the interpreter that runs it.
    os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], {**os.environ, **LEAN})  # noqa: S606


def give_back() -> None:
    """Give memory that is no longer used back to the system, where that can be asked for."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # the C library of GNU has it
        if trim is not None:
            trim(0)
