"""The one place where numba is configured.

A kernel is compiled in ``nopython`` mode, cached on disk so that a worker starts fast, and never
uses ``fastmath``: a sum must come out the same on every run. A kernel is one thread's work and lets
others run beside it; `clustersim.world.threads` shares out the rows of large worlds. A division by
zero follows NumPy (``inf``), not Python.

Numba notices a change of a cached kernel's own file, but not of the functions it calls from other
files, and would go on running the old ones. So the cache lies in a folder named by a fingerprint of
all sources that hold kernels: after any change everything is compiled anew.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections import namedtuple
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

_PACKAGE = Path(__file__).resolve().parent.parent
_SOURCES = ("world", "mechanisms")
_PREFIX = "clustersim-kernels-"
_KEPT = 4


def kernel(function: F) -> F:
    """Compile ``function`` with numba and keep its type for the type checker."""
    return _compiled(function, nogil=True)


def inlined(function: F) -> F:
    """Compile a short ``function`` for use within kernels, where each call is replaced by it.

    Numba passes results through memory, which for a dozen operations costs as much as they do.
    """
    return _compiled(function, forceinline=True)


def _compiled(function: F, **options: bool) -> F:
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(cache_folder())
    try:
        return cast("F", numba.njit(cache=True, error_model="numpy", **options)(function))
    finally:
        numba.config.CACHE_DIR = before


def record_type(names: Iterable[str], *, module: str, path: str) -> Any:
    """Return a named-tuple type that kernels take as an argument.

    Parameters
    ----------
    names
        Names of its fields.
    module, path
        Module and qualified name under which the caller keeps it; cached kernels look for it there.
    """
    make: Any = namedtuple  # the type checker knows only literal fields
    made = make(path.rpartition(".")[2], list(names), module=module)
    made.__qualname__ = path
    return made


@cache
def cache_folder() -> Path:
    """Return the folder of compiled kernels: the first of three places that can be written.

    They are ``NUMBA_CACHE_DIR`` if it is set, the package's own ``__pycache__``, and the user's
    cache folder; failing all, a temporary folder.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in _SOURCES:
        for source in sorted((_PACKAGE / part).glob("*.py")):
            digest.update(source.read_bytes())
    name = f"{_PREFIX}{digest.hexdigest()}"
    user = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    chosen = [Path(numba.config.CACHE_DIR)] if numba.config.CACHE_DIR else []
    for parent in (*chosen, _PACKAGE / "__pycache__", user / "clustersim"):
        folder = parent / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            _forget_older(parent)
            return folder
    return Path(tempfile.mkdtemp(prefix=name))


def _forget_older(parent: Path) -> None:
    """Delete all but the newest few folders of kernels, those of sources that have changed."""
    folders = sorted(parent.glob(f"{_PREFIX}*"), key=lambda folder: folder.stat().st_mtime)
    for folder in folders[:-_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)
