"""Compiled kernels are kept on disk, and never outlive the sources they were made from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest

import clustersim
from clustersim.world.kernel import cache_folder, kernel

PACKAGE = Path(clustersim.__file__).parent
PROGRAM = """
import numpy as np
from clustersim.mechanisms.learning import _ties
from clustersim.world.knowledge import Exchange
exchange = Exchange(np.inf, np.inf, 0.03, 0.0, 1.0, 0.5, 0.5)
ends = np.zeros(1, dtype=np.int32), np.ones(1, dtype=np.int32)
weights, known = np.empty((1, 2)), np.eye(2, dtype=np.float32)
places = np.zeros(2, dtype=np.int32), np.zeros(2), np.ones(1)
more = known, np.ones(2), exchange, weights
_ties(0, 1, *ends, np.zeros(1), np.ones(1), *places, *more)
print(weights[0, 0])
"""


def _decay(folder: Path) -> float:
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    environment.pop("NUMBA_CACHE_DIR", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def test_a_change_in_a_called_function_reaches_the_kernels_of_other_files(tmp_path: Path) -> None:
    copy = tmp_path / "clustersim"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    assert _decay(tmp_path) == 1.0
    source = copy / "world" / "knowledge.py"
    text = source.read_text(encoding="utf-8")
    line = "return 0.5 * travel * exp(-km / exchange.tacit_km)"
    assert line in text
    source.write_text(text.replace(line, line.replace("0.5", "1.5")), "utf-8")
    assert _decay(tmp_path) == 2.0


def test_kernels_of_older_sources_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    for age in range(9):
        old = tmp_path / f"clustersim-kernels-{age}"
        old.mkdir()
        os.utime(old, (1000 + age, 1000 + age))
    (tmp_path / "other").mkdir()
    cache_folder.cache_clear()
    try:
        now = cache_folder()
    finally:
        monkeypatch.undo()
        cache_folder.cache_clear()
    kept = sorted(folder.name for folder in tmp_path.iterdir())
    assert kept == sorted([now.name, *(f"clustersim-kernels-{age}" for age in (6, 7, 8)), "other"])


def test_kernels_are_kept_on_disk_apart_from_other_users_of_numba() -> None:
    before = numba.config.CACHE_DIR

    @kernel
    def double(x: float) -> float:
        return 2.0 * x

    assert double(2.0) == 4.0
    assert before == numba.config.CACHE_DIR
    assert cache_folder().is_dir()
    assert cache_folder().name.startswith("clustersim-kernels-")
