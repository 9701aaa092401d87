"""The one place where numba is configured.

A kernel is compiled in ``nopython`` mode, cached on disk so that a worker starts fast, and never
uses ``fastmath``: a sum must come out the same on every run. Kernels are single-threaded, because
sweeps use the cores for whole runs. A division by zero follows NumPy (``inf``), not Python.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile ``function`` with numba and keep its type for the type checker."""
    return cast("F", numba.njit(cache=True, error_model="numpy")(function))
