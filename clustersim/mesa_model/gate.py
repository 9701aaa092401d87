"""The one place where Mesa is imported.

Mesa 3.3 forces the start method ``spawn`` on the whole process when it is imported (later versions
do so in ``batch_run`` only). Whoever imports this module keeps the start method that was set
before, or stays free to choose one.
"""

from __future__ import annotations

import multiprocessing

_before = multiprocessing.get_start_method(allow_none=True)

import mesa  # noqa: E402  # its import is what this module guards

if multiprocessing.get_start_method(allow_none=True) != _before:
    multiprocessing.set_start_method(_before, force=True)

__all__ = ["mesa"]
