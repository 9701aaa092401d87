"""The package itself: version, public names, and a cheap import."""

import subprocess
import sys
from fractions import Fraction
from importlib.metadata import version

import pytest

import clustersim

HEAVY = {"matplotlib", "mesa", "networkx", "numba", "numpy", "pandas", "pyarrow", "scipy", "typer"}


def test_version_is_the_installed_one() -> None:
    assert clustersim.__version__ == version("clustersim")


def test_import_loads_nothing_heavy() -> None:
    code = "import sys, clustersim; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    loaded = set(done.stdout.split())
    assert "clustersim" in loaded
    assert not loaded & HEAVY


def test_every_public_name_exists_and_is_listed() -> None:
    for name in clustersim._PUBLIC:
        assert getattr(clustersim, name).__name__ == name
        assert name in dir(clustersim)


def test_public_name_is_imported_on_first_use_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(clustersim._PUBLIC, "Fraction", "fractions")
    assert "Fraction" in dir(clustersim)
    assert "Fraction" not in vars(clustersim)
    try:
        assert clustersim.Fraction is Fraction
        assert vars(clustersim)["Fraction"] is Fraction
    finally:
        vars(clustersim).pop("Fraction", None)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = clustersim.nonsense
