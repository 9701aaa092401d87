"""The doctor finds what is wrong and says what to do."""

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from clustersim.experiments import doctor
from clustersim.experiments.provenance import versions
from clustersim.store import write_run


class Usage(NamedTuple):
    """What `shutil.disk_usage` returns."""

    total: int
    used: int
    free: int


def test_sound_installation_passes(tmp_path: Path) -> None:
    checks = doctor.examine(tmp_path / "runs")
    assert [check.name for check in checks if not check.ok] == []
    assert checks[-1].name == "smoke run"
    assert "stored and read back" in checks[-1].found
    assert not (tmp_path / "runs").exists()
    assert checks[0].to_dict()["ok"] is True


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "versions", lambda: {**versions(), "numba": None})
    ok, found = doctor.check_packages()
    assert not ok
    assert found.startswith("missing: numba; install clustersim again")


def test_full_disk_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda place: Usage(10**9, 10**9, 10**6))
    ok, found = doctor.check_disk(tmp_path)
    assert not ok
    assert found.startswith("only 0.0 GB free")


def test_place_that_is_no_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    ok, found = doctor.check_disk(tmp_path / "runs")
    assert not ok
    assert "cannot be written to" in found


def test_leftovers_are_listed_and_harmless(tmp_path: Path) -> None:
    write_run(tmp_path / "run", {"t": {"x": np.zeros(1)}}, {})
    assert doctor.check_leftovers(tmp_path) == (True, "none")
    (tmp_path / ".run.partial-1-ab").mkdir()
    ok, found = doctor.check_leftovers(tmp_path)
    assert ok
    assert found == f"safe to delete: {tmp_path / '.run.partial-1-ab'}"


def test_the_only_copy_of_a_run_is_not_called_safe_to_delete(tmp_path: Path) -> None:
    (tmp_path / ".run.replaced-1-ab").mkdir()
    ok, found = doctor.check_leftovers(tmp_path)
    assert not ok
    assert "only copy" in found
    assert str(tmp_path / "run") in found
    (tmp_path / "run").mkdir()
    ok, found = doctor.check_leftovers(tmp_path)
    assert ok
    assert found == f"safe to delete: {tmp_path / '.run.replaced-1-ab'}"


def test_broken_scenario_and_none_at_all_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from clustersim.scenario import builtin

    monkeypatch.setattr(builtin, "builtin_folder", lambda: tmp_path)
    assert doctor.check_scenarios() == (False, "none found; install clustersim again")
    (tmp_path / "base.yaml").write_text("schema_version: 1\nnonsense: 2\n")
    ok, found = doctor.check_scenarios()
    assert not ok
    assert found.startswith("cannot be read: base (")


def test_check_that_fails_is_reported_not_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> tuple[bool, str]:
        raise RuntimeError("no luck")

    monkeypatch.setattr(doctor, "check_smoke_run", fail)
    last = doctor.examine(tmp_path)[-1]
    assert (last.ok, last.found) == (False, "RuntimeError: no luck")


def test_read_only_cache_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.check_kernel_cache()[0]
    monkeypatch.setattr("os.access", lambda path, mode: False)
    ok, found = doctor.check_kernel_cache()
    assert not ok
    assert "NUMBA_CACHE_DIR" in found
