"""Write a folder of results so that it is either whole or not there."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping, Set
from pathlib import Path
from typing import Any, Final

from clustersim.store.columns import Tables, combine, describe_tables
from clustersim.store.errors import FolderTakenError, clear_errors
from clustersim.store.files import PARTIAL, REPLACED, whole_folder, write_table, write_text

SCHEMA_VERSION: Final = 1
"""Version of the manifest and of what stands in a folder."""
MANIFEST: Final = "manifest.json"
"""Name of the manifest in a folder."""

_FOR_PEOPLE: Final = frozenset({"scenario.yaml", "life_cycles.png"})
"""Files that runs leave beside their tables."""
_NAMED: Final = 3


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
    with whole_folder(target, force=force) as partial:
        for name, columns in sorted(tables.items()):
            write_table(partial / f"{name}.parquet", columns)
        for name, text in {**(texts or {}), MANIFEST: document + "\n"}.items():
            write_text(partial / name, text)
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
