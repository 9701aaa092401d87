"""Write a folder of results so that it is either whole or not there."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any, Final

from clustersim.store.columns import Table, Tables, combine, describe_tables
from clustersim.store.errors import FolderTakenError, clear_errors

SCHEMA_VERSION: Final = 1
"""Version of the manifest and of what stands in a folder."""
MANIFEST: Final = "manifest.json"
"""Name of the manifest in a folder."""
PARTIAL: Final = ".partial-"
"""Part of the name of a folder whose writing was cut short."""
REPLACED: Final = ".replaced-"
"""Part of the name of a folder that was being replaced when the writing was cut short."""

_FOR_PEOPLE: Final = frozenset({"scenario.yaml", "life_cycles.png"})
"""Files that runs leave beside their tables."""
_NAMED: Final = 3

_ROWS_PER_GROUP: Final = 131_072


def check_target(folder: str | Path, *, force: bool = False) -> Path:
    """Tell whether results can go to a folder, before the time is spent on making them.

    Parameters
    ----------
    folder, force
        As for `write_run`.

    Returns
    -------
    Path
        The folder, absolute. Nothing is made or changed.

    Raises
    ------
    FolderTakenError
        If the folder is not empty, and `force` is not set, it holds no run, or it holds files that
        no run wrote.
    WriteError
        If the folder in which it would be made is a file, or may not be written to.
    """
    target = Path(folder).expanduser().resolve()
    with clear_errors(target):
        if os.path.lexists(target):
            _check_taken(target, force=force)
        parent = next(place for place in target.parents if place.exists())
        if not parent.is_dir():
            raise FileExistsError(errno.EEXIST, "a file", str(parent))
        if not os.access(parent, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "not writable", str(parent))
    return target


def _check_taken(target: Path, *, force: bool) -> None:
    """Refuse what exists, unless it is an empty folder or a run that may be replaced."""
    found = {entry.name for entry in target.iterdir()} if target.is_dir() else {target.name}
    if not found:
        return
    if not force:
        raise FolderTakenError(
            f"{target} exists already; choose another folder, or replace it by force"
        )
    tables = _tables_in(target / MANIFEST)
    if tables is None:
        raise FolderTakenError(
            f"{target} exists and holds no run, so it is not replaced even by force"
        )
    others = sorted(found - {MANIFEST} - _FOR_PEOPLE - {f"{name}.parquet" for name in tables})
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        raise FolderTakenError(
            f"{target} holds files that no run wrote ({', '.join(others[:_NAMED])}{more}), so it "
            "is not replaced even by force; move them away or choose another folder"
        )


def _tables_in(manifest: Path) -> Set[str] | None:
    """Return the names of the tables of a run; None if this is no manifest of one."""
    try:
        return set(json.loads(manifest.read_text(encoding="utf-8"))["tables"])
    except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
        return None


def write_run(
    folder: str | Path,
    tables: Tables,
    manifest: Mapping[str, Any],
    *,
    texts: Mapping[str, str] | None = None,
    force: bool = False,
) -> Path:
    """Write a folder of results so that it is either whole or not there.

    Parameters
    ----------
    folder
        Where to write; its parents are made.
    tables
        Columns by table and name; each table becomes ``<table>.parquet``.
    manifest
        What made the tables, as JSON; ``schema_version``, ``tables`` and ``fingerprint`` are added.
    texts
        Further files by name, for people.
    force
        Replace a folder that holds a run and nothing else. Anything else that exists, but for an
        empty folder, is never replaced.

    Returns
    -------
    Path
        The folder, absolute.

    Raises
    ------
    FolderTakenError
        As `check_target`.
    WriteError
        If it cannot be written, the disk being full for example. Then nothing is left behind.
    StoreError
        If a column cannot be stored.
    """
    target = check_target(folder, force=force)
    described = describe_tables(tables)
    full = {
        **manifest,
        "schema_version": SCHEMA_VERSION,
        "tables": described,
        "fingerprint": combine(described),
    }
    document = json.dumps(full, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    with clear_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = _beside(target, PARTIAL)
        try:
            partial.mkdir()
            for name, columns in sorted(tables.items()):
                _write_table(partial / f"{name}.parquet", columns)
            for name, text in {**(texts or {}), MANIFEST: document + "\n"}.items():
                _write_text(partial / name, text)
            _sync_folder(partial)
            _publish(partial, target, force)
        except BaseException:
            # Also when interrupted: what is half written goes, whatever the reason.
            shutil.rmtree(partial, ignore_errors=True)
            raise
    return target


def leftovers(folder: str | Path) -> list[Path]:
    """List what runs that were cut short left in `folder`.

    A folder with ``.partial-`` in its name is half a run, of no use. One with ``.replaced-`` is an
    older run, whole, whose replacement was cut short: if the new one is not there, it is the only
    copy.
    """
    place = Path(folder)
    if not place.is_dir():
        return []
    return sorted(
        entry
        for entry in place.iterdir()
        if entry.name.startswith(".") and (PARTIAL in entry.name or REPLACED in entry.name)
    )


def _write_table(path: Path, columns: Table) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays = {
        name: pa.array(values.tolist(), pa.string())
        if values.dtype.kind in "OU"
        else pa.array(values.astype(values.dtype.newbyteorder("="), copy=False))
        for name, values in columns.items()
    }
    with path.open("wb") as file:
        # Everything that could differ between two writers of the same numbers is fixed here.
        pq.write_table(
            pa.table(arrays),
            file,
            version="2.6",
            compression="zstd",
            compression_level=3,
            row_group_size=_ROWS_PER_GROUP,
            store_schema=False,
        )
        file.flush()
        os.fsync(file.fileno())


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    # Windows can neither open nor sync a folder; there the rename alone has to do.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _beside(target: Path, kind: str) -> Path:
    return target.parent / f".{target.name}{kind}{os.getpid()}-{secrets.token_hex(4)}"


def _publish(partial: Path, target: Path, force: bool) -> None:
    """Rename `partial` to `target`; the older run steps aside first and is deleted last."""
    if not (force and target.exists()):
        # Another run may have taken the name since it was looked for: then this fails, as the
        # folder is not empty. An empty one is removed, since Windows renames to no existing name.
        if target.is_dir():
            target.rmdir()
        partial.rename(target)
        _sync_folder(target.parent)
        return
    old = _beside(target, REPLACED)
    try:
        target.rename(old)
        partial.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    _sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)
