"""Whatever disks and files do, nothing stored is lost, and the tables are the same."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clustersim.experiments.sweep import sweep as module
from clustersim.experiments.sweep.sweep import Engine, resume, sweep
from clustersim.experiments.sweep.work import Done, Job, work
from clustersim.experiments.user_mechanism import UserMechanismError
from clustersim.store import Shard, StoredRuns, StoreError, WriteError, read_runs
from clustersim.store import adding as adding_module
from clustersim.store.lock import Lock
from tests.experiments.sweep.small import assert_same, call, entries, study, study_file, trap

ONE = Engine(workers=1)
pytestmark = pytest.mark.skipif(os.name != "posix", reason="disks as on POSIX")
_known: dict[tuple[Any, ...], Done] = {}


def remembered(job: Job) -> Done:
    """Do a run, unless it was done before: here it is what becomes of it that is tested."""
    key = (job.cell.content, job.seed, job.tables, repr(job.mechanisms))
    if key not in _known:
        _known[key] = work(job)
    return _known[key]


@pytest.fixture(autouse=True)
def _runs_take_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "work", remembered)


@pytest.fixture
def copy(undisturbed: StoredRuns, tmp_path: Path) -> Path:
    """Copy of a sweep that is done."""
    return Path(shutil.copytree(undisturbed.folder, tmp_path / "copy"))


@pytest.fixture
def half(tmp_path: Path) -> Path:
    """Sweep of which half has been done, as another shard."""
    sweep(study(), tmp_path / "half", engine=ONE, shard=Shard(1, 2))
    return tmp_path / "half"


# Disks


class Dies(BaseException):
    """Stands for the end of the process at one moment."""


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
READ_ONLY = OSError(errno.EROFS, os.strerror(errno.EROFS))


def cut_short(out: Path, moment: int, error: BaseException) -> BaseException | None:
    """Begin a sweep in which nothing is brought to disk any more from some moment on."""
    left, real = moment, os.fsync

    def fsync(handle: int) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise error
        real(handle)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        patch.setattr(adding_module, "_RUNS_AT_ONCE", 5)
        try:
            sweep(study(), out, engine=ONE)
        except (Dies, WriteError) as raised:
            return raised
    return None


def gone_on_with(out: Path) -> StoredRuns:
    """Go on with a sweep that was cut short, or begin it anew if it never was."""
    return resume(out, engine=ONE) if out.exists() else sweep(study(), out, engine=ONE)


@pytest.mark.parametrize(
    ("moment", "error"),
    [
        (0, FULL),  # of the folder nothing is left
        (5, Dies()),  # it stands there, without a journal
        (6, READ_ONLY),  # the journal has no line
        (9, Dies()),  # two of the tables of a part are there
        (20, FULL),
        (27, READ_ONLY),  # the part is there, its line is not
        (48, Dies()),
        (70, FULL),  # all is there but the last line
    ],
)
def test_whatever_step_of_writing_is_the_last(
    undisturbed: StoredRuns, tmp_path: Path, moment: int, error: BaseException
) -> None:
    out = tmp_path / "runs"
    raised = cut_short(out, moment, error)
    if isinstance(error, OSError):
        told = {FULL: "the disk is full; free some space", READ_ONLY: "it is read-only; choose"}
        assert told[error] in str(raised)
        assert str(out) in str(raised)
    else:
        assert raised is error
    assert_same(gone_on_with(out), undisturbed)
    assert not [*out.glob("tables/*/.*")]


@pytest.mark.slow
@pytest.mark.parametrize("error", [Dies(), FULL], ids=["dies", "full"])
def test_each_step_of_writing_as_the_last(
    undisturbed: StoredRuns, tmp_path: Path, error: BaseException
) -> None:
    """`pytest -m slow tests/experiments/sweep/test_faults_storage.py`."""
    for moment in range(1000):
        out = tmp_path / f"runs-{moment}"
        if cut_short(out, moment, error) is None:
            break
        assert_same(gone_on_with(out), undisturbed)
        shutil.rmtree(out)
    assert moment > 70


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Disk of half a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("only root mounts disks")
    done = subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("disks cannot be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)  # noqa: S607


def test_a_disk_that_is_full(small_disk: Path, tmp_path: Path, undisturbed: StoredRuns) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(500_000))
    out = small_disk / "runs"
    done = call("sweep", study_file(tmp_path), "--out", out, "--workers", "1")
    assert done.exit_code == 1, done.stderr
    assert "the disk is full; free some space" in done.stderr
    assert f"what was done is kept; go on by `clustersim resume {out}`" in done.stderr
    ballast.unlink()
    done = call("resume", out, "--workers", "1")
    assert done.exit_code == 0, done.stderr
    assert_same(read_runs(out), undisturbed)


def test_a_disk_that_becomes_read_only(small_disk: Path, undisturbed: StoredRuns) -> None:
    out = small_disk / "runs"
    sweep(study(), out, engine=ONE, shard=Shard(1, 2))
    remount = ["mount", "-o", "remount,ro,size=600k", str(small_disk)]
    subprocess.run(remount, check=True)
    done = call("resume", out, "--workers", "1")
    assert done.exit_code == 1, done.stderr
    assert "read-only; choose another folder" in done.stderr
    assert "6 of 12 runs are stored" in call("status", out).stdout
    remount[2] = "remount,rw,size=600k"
    subprocess.run(remount, check=True)
    assert_same(resume(out, engine=ONE), undisturbed)


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, undisturbed: StoredRuns) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    place = tmp_path / "place"
    place.mkdir(mode=0o500)
    out = place / "runs"
    done = call("sweep", study_file(tmp_path), "--out", out, "--workers", "1")
    assert done.exit_code == 1, done.stderr
    assert "no permission to write there; choose another folder" in done.stderr
    assert "resume" not in done.stderr  # nothing was begun
    place.chmod(0o700)
    assert_same(sweep(study(), out, engine=ONE), undisturbed)


# Two at a time


def test_shards_that_share_runs_are_refused(half: Path, undisturbed: StoredRuns) -> None:
    with Lock(half / "lock", "half"), pytest.raises(StoreError, match="by another process"):
        resume(half, engine=ONE)
    # A shard whose runs are also those of a sweep of all.
    with (
        Lock(half / "lock-2of2", "half"),
        pytest.raises(StoreError, match=f"process {os.getpid()} on .* does the shard 2/2"),
    ):
        resume(half, engine=ONE)
    with Lock(half / "lock", "half"), pytest.raises(StoreError, match="does the shard 1/1"):
        resume(half, engine=ONE, shard=Shard(2, 2))
    with Lock(half / "lock-1of2", "half"):
        assert read_runs(half).writers() == [f"process {os.getpid()} on {os.uname().nodename}"]
        assert_same(resume(half, engine=ONE, shard=Shard(2, 2)), undisturbed)


def test_seeds_are_not_added_by_what_is_refused(copy: Path) -> None:
    with Lock(copy / "lock", "copy"), pytest.raises(StoreError):
        resume(copy, engine=ONE, add_replications=5)
    assert read_runs(copy).n_runs == 12


def test_a_file_system_without_locks_is_told(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(WriteError, match=r"lock.*No locks available"):
        resume(copy, engine=ONE)


# Files that are damaged


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


@pytest.mark.parametrize("damage", [_flip, _cut, Path.unlink])
def test_a_damaged_part_is_set_aside_and_its_runs_are_done_again(
    copy: Path, undisturbed: StoredRuns, damage: Callable[[Path], None]
) -> None:
    path = copy / "tables" / "clusters" / "part-000000.parquet"
    damage(path)
    if damage is not _flip:  # told at once, by its size
        with pytest.raises(StoreError, match=r"clusters.*part-000000.*clustersim resume"):
            read_runs(copy).frame("clusters")
    found = resume(copy, engine=ONE)
    assert len(found.dropped) == 1
    assert str(path) in found.dropped[0]
    assert_same(found, undisturbed)
    assert not path.exists()  # its number is not given again
    # Nothing to do the next time.
    assert not resume(copy, engine=ONE).dropped


@pytest.mark.parametrize(
    ("name", "damage", "told"),
    [
        ("manifest.json", _cut, "manifest.json: cannot be read"),
        ("manifest.json", Path.unlink, r"holds no sweep \(manifest.json is missing\)"),
        ("design.parquet", _flip, "design.parquet: is damaged"),
        ("design.parquet", _cut, "design.parquet: is damaged"),
        ("design.parquet", Path.unlink, "design.parquet: cannot be read.*restore it from a copy"),
    ],
)
def test_what_cannot_be_made_again_is_told(
    copy: Path, name: str, damage: Callable[[Path], None], told: str
) -> None:
    damage(copy / name)
    before = sorted(path.name for path in copy.rglob("*"))
    done = call("resume", copy)
    assert done.exit_code == 2
    with pytest.raises(StoreError, match=told):
        resume(copy, engine=ONE)
    after = sorted(path.name for path in copy.rglob("*"))
    assert before == after


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seeds": "many"}, "seeds missing or not of the right type"),
        ({"schema_version": 99}, "schema_version is 99"),
        ({"kind": "other"}, "holds no sweep"),
        ({"seeds": [1]}, "knows of 4 runs, but run 11 has been done; restore the newest copy"),
        ({"fingerprint": "0"}, "the design is not the one that the sweep was begun with"),
    ],
)
def test_a_manifest_that_was_changed_is_told(copy: Path, change: Any, told: str) -> None:
    path = copy / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, **change}), encoding="utf-8")
    with pytest.raises(StoreError, match=told):
        resume(copy, engine=ONE)


@pytest.mark.parametrize("tail", [b'{"what": "fai', b'{"what"\n', b"\0\0\0"])
def test_a_torn_line_of_the_journal_counts_as_not_written(
    copy: Path, undisturbed: StoredRuns, tail: bytes
) -> None:
    path = copy / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + tail)
    assert_same(read_runs(copy), undisturbed)
    assert_same(resume(copy, engine=ONE), undisturbed)
    assert path.read_bytes() == whole


def test_a_part_whose_line_is_torn_is_done_again(copy: Path, undisturbed: StoredRuns) -> None:
    path = copy / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1][:-9])
    assert not read_runs(copy).state.done
    assert_same(resume(copy, engine=ONE), undisturbed)


def test_a_damaged_line_of_the_journal_is_told(copy: Path) -> None:
    path = copy / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    for bad in (b"x" + lines[1], b'{"what": "part"}\n'):
        path.write_bytes(lines[0] + bad + lines[2])
        with pytest.raises(StoreError, match=r"journal.jsonl: line 2 is .*restore the file"):
            resume(copy, engine=ONE)


def test_parts_are_not_deleted_because_a_journal_is_lost(
    tmp_path: Path, monkeypatch: Any, undisturbed: StoredRuns
) -> None:
    monkeypatch.setattr(adding_module, "_RUNS_AT_ONCE", 5)
    out = tmp_path / "runs"
    sweep(study(), out, engine=ONE)
    path = out / "journal.jsonl"
    content = path.read_bytes()
    path.unlink()
    with pytest.raises(StoreError, match="a journal is missing or an old copy; restore it"):
        resume(out, engine=ONE)
    path.write_bytes(content)
    assert_same(resume(out, engine=ONE), undisturbed)


# Another program


def test_another_program_is_refused_and_can_be_allowed(half: Path, undisturbed: StoredRuns) -> None:
    path = half / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, "sources": "0" * 64}), encoding="utf-8")
    done = call("resume", half, "--add-replications", "2")
    assert done.exit_code == 2
    assert "was begun with another state of the program" in done.stderr
    assert read_runs(half).n_runs == 12  # none were added
    done = call("resume", half, "--other-program", "--workers", "1")
    assert done.exit_code == 0, done.stderr
    assert_same(read_runs(half), undisturbed)
    (begin,) = [one for one in entries(half) if one["what"] == "begin"]
    assert begin["program"] == module.sources()


def test_a_mechanism_that_has_changed_is_refused_before_any_run(tmp_path: Path) -> None:
    file = Path(trap(tmp_path, "pass"))
    out = tmp_path / "runs"
    sweep(study(mechanisms=[str(file)]), out, engine=ONE, shard=Shard(1, 2))
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    with pytest.raises(UserMechanismError, match="has changed since the run; restore it"):
        resume(out, engine=ONE)
    assert not read_runs(out).state.failed
