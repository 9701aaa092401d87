"""Folders of results: whole or not there, the same bytes for the same numbers, clear errors."""

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from clustersim import store

MANIFEST = {"seed": 1, "scenario": {"name": "small"}}

# Writes a run, and stops for ever at the n-th fsync after saying so.
HANGING_WRITER = """
import os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a shell
import numpy as np
from clustersim import store
folder, stop_at, force = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "force"
count, real = 0, os.fsync
def hang(handle):
    global count
    count += 1
    if count == stop_at:
        print("here", flush=True)
        time.sleep(60)
    real(handle)
os.fsync = hang
store.write_run(folder, {"b": {"x": np.arange(9)}, "a": {"x": np.arange(9)}}, {}, force=force)
"""
FSYNCS_BEFORE_RENAME = 4  # two tables, the manifest, the folder


def tables() -> dict[str, dict[str, np.ndarray[Any, Any]]]:
    rng = np.random.default_rng(5)
    return {
        "clusters": {
            "quarter": np.repeat(np.arange(3, dtype=np.int32), 4),
            "jobs": rng.random(12),
            "share": rng.random(12).astype(np.float32),
            "gap": np.where(np.arange(12) % 5, rng.random(12), np.nan),
            "alive": rng.random(12) < 0.5,
        },
        "regions": {"name": np.array(["Südtirol", "Łódź", ""]), "id": np.arange(3)},
    }


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written = tables()
    folder = store.write_run(tmp_path / "deep" / "run", written, MANIFEST, texts={"note.txt": "ä"})
    stored = store.read_run(folder)
    assert stored.names == ("clusters", "regions")
    for name, columns in written.items():
        read = stored.arrays(name)
        assert list(read) == list(columns)
        for column, values in columns.items():
            np.testing.assert_array_equal(read[column], values)
            assert read[column].dtype.kind == values.dtype.kind
            assert read[column].dtype.itemsize == values.dtype.itemsize
    assert stored.manifest["scenario"] == {"name": "small"}
    assert stored.manifest["fingerprint"] == store.fingerprint(written)
    assert stored.frame("clusters").shape == (12, 5)
    assert (folder / "note.txt").read_text(encoding="utf-8") == "ä"
    stored.verify()
    assert store.leftovers(folder.parent) == []


def test_same_tables_give_the_same_bytes(tmp_path: Path) -> None:
    one = store.write_run(tmp_path / "one", tables(), MANIFEST)
    two = store.write_run(tmp_path / "two", dict(reversed(tables().items())), MANIFEST)
    for file in sorted(path.name for path in one.iterdir()):
        assert (one / file).read_bytes() == (two / file).read_bytes(), file


@given(
    values=hnp.arrays(st.sampled_from(["f8", "f4", "i4", "i8", "u1", "?"]), st.integers(1, 30)),
    data=st.data(),
)
def test_fingerprint_sees_every_value(values: Any, data: st.DataObject) -> None:
    before = store.fingerprint({"t": {"x": values}})
    assert store.fingerprint({"t": {"x": values.astype(values.dtype.newbyteorder(">"))}}) == before
    changed = values.copy()
    position = data.draw(st.integers(0, len(values) - 1))
    changed.view(np.uint8)[position * values.itemsize] ^= 1
    assert store.fingerprint({"t": {"x": changed}}) != before


def test_fingerprint_sees_names_types_and_the_borders_of_texts() -> None:
    x = np.array([1, 2], dtype=np.int32)
    prints = {
        store.fingerprint({"t": {"x": x}}),
        store.fingerprint({"t": {"y": x}}),
        store.fingerprint({"u": {"x": x}}),
        store.fingerprint({"t": {"x": x.astype(np.int64)}}),
        store.fingerprint({"t": {"x": x.view(np.float32)}}),
        store.fingerprint({"t": {"x": np.array(["ab", "c"])}}),
        store.fingerprint({"t": {"x": np.array(["a", "bc"])}}),
    }
    assert len(prints) == 7
    wide = np.array(["ab", "c"], dtype="<U50")
    assert store.fingerprint({"t": {"x": wide}}) == store.fingerprint(
        {"t": {"x": np.array(["ab", "c"], dtype=object)}}
    )


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"x": np.zeros(2), "y": np.zeros(3)}, "one length"),
        ({"x": np.zeros((2, 2))}, "one-dimensional"),
        ({}, "one-dimensional"),
        ({"x": np.array([1, "a"], dtype=object)}, "not all text"),
        ({"x": np.zeros(2, dtype=complex)}, "complex128 cannot be stored"),
    ],
)
def test_tables_that_cannot_be_stored_are_refused(
    tmp_path: Path, columns: dict[str, Any], message: str
) -> None:
    with pytest.raises(store.StoreError, match=message):
        store.write_run(tmp_path / "run", {"t": columns}, {})
    assert list(tmp_path.iterdir()) == []


def test_existing_folder_is_kept_without_force(tmp_path: Path) -> None:
    folder = store.write_run(tmp_path / "run", tables(), {"seed": 1})
    with pytest.raises(store.StoreError, match="exists already"):
        store.write_run(folder, tables(), {"seed": 2})
    assert store.read_run(folder).manifest["seed"] == 1


def test_force_replaces_the_whole_run(tmp_path: Path) -> None:
    folder = store.write_run(tmp_path / "run", tables(), {"seed": 1})
    store.write_run(folder, {"other": {"x": np.arange(2)}}, {"seed": 2}, force=True)
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "other.parquet"]
    assert store.read_run(folder).manifest["seed"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_force_never_replaces_what_is_no_run(tmp_path: Path) -> None:
    precious = tmp_path / "home" / "letter.txt"
    precious.parent.mkdir()
    precious.write_text("dear")
    for target in (precious.parent, precious):
        with pytest.raises(store.StoreError, match="not replaced even by force"):
            store.write_run(target, tables(), {}, force=True)
    assert precious.read_text() == "dear"


def test_force_never_deletes_what_no_run_wrote(tmp_path: Path) -> None:
    texts = {"scenario.yaml": "", "life_cycles.png": ""}
    folder = store.write_run(tmp_path / "run", tables(), {"seed": 1}, texts=texts)
    store.check_target(folder, force=True)
    for name in "abcd":
        (folder / f"{name}.txt").write_text("precious")
    with pytest.raises(store.FolderTakenError, match=r"\(a.txt, b.txt, c.txt and 1 more\)"):
        store.check_target(folder, force=True)
    with pytest.raises(store.FolderTakenError, match="not replaced even by force"):
        store.write_run(folder, tables(), {"seed": 2}, force=True)
    assert (folder / "d.txt").read_text() == "precious"
    assert store.read_run(folder).manifest["seed"] == 1


@pytest.mark.parametrize("force", [False, True])
def test_empty_folder_is_used(tmp_path: Path, force: bool) -> None:
    (tmp_path / "run").mkdir()
    store.write_run(tmp_path / "run", tables(), {"seed": 2}, force=force)
    store.read_run(tmp_path / "run").verify()
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_failed_replacement_puts_the_old_run_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = store.write_run(tmp_path / "run", tables(), {"seed": 1})
    rename = Path.rename

    def fail_for_the_new_one(self: Path, target: Path) -> Path:
        if ".partial-" in self.name:
            raise OSError(errno.EIO, "broken")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new_one)
    with pytest.raises(store.StoreError, match="broken"):
        store.write_run(folder, tables(), {"seed": 2}, force=True)
    assert store.read_run(folder).manifest["seed"] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_name_taken_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def be_late(self: Path, target: Path) -> Path:
        target.mkdir()
        (target / "theirs").write_text("x")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", be_late)
    with pytest.raises(store.StoreError, match="another run has just taken this name"):
        store.write_run(tmp_path / "run", tables(), {})
    assert [path.name for path in tmp_path.rglob("*")] == ["run", "theirs"]


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.ENOSPC, "the disk is full; free some space"),
        (errno.EROFS, "it is read-only"),
        (errno.EDQUOT, "quota"),
        (errno.EIO, "i/o trouble"),
    ],
)
def test_trouble_with_the_disk_is_said_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    def fail(handle: int) -> None:
        raise OSError(number, "i/o trouble")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(store.StoreError, match=message):
        store.write_run(tmp_path / "run", tables(), {})
    assert list(tmp_path.iterdir()) == []


def test_file_in_the_path_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(store.StoreError, match="a file of that name is in the way"):
        store.write_run(tmp_path / "file" / "run", tables(), {})


@pytest.mark.skipif(os.name != "posix", reason="needs the permissions of POSIX")
def test_read_only_folder_is_said(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o555)
    code = f"""
import os
import numpy as np
from clustersim import store
if os.geteuid() == 0:  # root may write anywhere
    os.seteuid(65534)
try:
    store.write_run({str(closed / "run")!r}, {{"t": {{"x": np.arange(2)}}}}, {{}})
except store.StoreError as error:
    print(error)
"""
    for parent in closed.parents:
        if "pytest" in parent.name or parent == tmp_path:
            parent.chmod(0o755)  # so that it is `closed` that refuses, whoever the test runs as
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=60
    )
    assert "no permission to write there; choose another folder" in done.stdout
    assert list(closed.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="needs the signals of POSIX")
@pytest.mark.parametrize("stop_at", range(1, FSYNCS_BEFORE_RENAME + 1))
@pytest.mark.parametrize("force", ["keep", "force"])
def test_killed_writer_leaves_nothing_that_looks_whole(
    tmp_path: Path, stop_at: int, force: str
) -> None:
    folder = tmp_path / "run"
    if force == "force":
        store.write_run(folder, tables(), {"seed": 1})
    stop_writer_at(folder, stop_at, force, signal.SIGKILL)
    if force == "force":
        store.read_run(folder).verify()
    else:
        with pytest.raises(store.StoreError, match="no such folder"):
            store.read_run(folder)
    (left,) = store.leftovers(tmp_path)
    assert left.name.startswith(".run.partial-")
    store.write_run(folder, tables(), {"seed": 2}, force=True)
    assert store.read_run(folder).manifest["seed"] == 2


@pytest.mark.skipif(os.name != "posix", reason="needs the signals of POSIX")
def test_interrupted_writer_cleans_up(tmp_path: Path) -> None:
    stop_writer_at(tmp_path / "run", 2, "keep", signal.SIGINT)
    assert list(tmp_path.iterdir()) == []


def stop_writer_at(folder: Path, stop_at: int, force: str, how: signal.Signals) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", HANGING_WRITER, str(folder), str(stop_at), force],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "here\n"
        writer.send_signal(how)
        writer.communicate(timeout=30)
        assert writer.returncode != 0
    finally:
        writer.kill()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "holds no run"),
        ("not JSON", "cannot be read"),
        ("[]", "expected a JSON object"),
        ('{"schema_version": 99}', "schema_version is 99"),
        ('{"schema_version": 1, "tables": {}}', "'fingerprint' is missing"),
        (
            '{"schema_version": 1, "tables": {"t": {}}, "fingerprint": ""}',
            r"t.parquet is missing",
        ),
    ],
)
def test_folder_without_a_valid_manifest_is_refused(
    tmp_path: Path, content: str | None, message: str
) -> None:
    if content is not None:
        (tmp_path / store.MANIFEST).write_text(content)
    with pytest.raises(store.StoreError, match=message):
        store.read_run(tmp_path)


def test_changed_numbers_are_found_and_named(tmp_path: Path) -> None:
    folder = store.write_run(tmp_path / "run", tables(), MANIFEST)
    changed = tables()
    changed["clusters"]["jobs"][7] = np.nextafter(changed["clusters"]["jobs"][7], 2.0)
    other = store.write_run(tmp_path / "other", changed, MANIFEST)
    (other / "clusters.parquet").replace(folder / "clusters.parquet")
    with pytest.raises(store.StoreError, match=r"changed since it was written: clusters\.jobs$"):
        store.read_run(folder).verify()


def test_changed_fingerprint_is_found(tmp_path: Path) -> None:
    folder = store.write_run(tmp_path / "run", tables(), MANIFEST)
    path = folder / store.MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "fingerprint": "0" * 64}))
    with pytest.raises(store.StoreError, match="fingerprint"):
        store.read_run(folder).verify()


def test_unreadable_table_and_unknown_name_are_said(tmp_path: Path) -> None:
    folder = store.write_run(tmp_path / "run", tables(), MANIFEST)
    with pytest.raises(store.StoreError, match="no table 'firms'; there are clusters, regions"):
        store.read_run(folder).arrow("firms")
    (folder / "regions.parquet").write_bytes(b"PAR1")
    with pytest.raises(store.StoreError, match=r"regions\.parquet: cannot be read"):
        store.read_run(folder).arrays("regions")


def test_differing_columns_names_what_only_one_has() -> None:
    one = store.describe_tables({"t": {"x": np.zeros(2), "y": np.zeros(2)}})
    other = store.describe_tables({"t": {"x": np.zeros(2)}, "u": {"z": np.zeros(1)}})
    assert store.differing_columns(one, other) == ["t.y", "u.z"]
    assert store.differing_columns(one, one) == []


def test_leftovers_of_no_folder_are_none(tmp_path: Path) -> None:
    assert store.leftovers(tmp_path / "nowhere") == []
