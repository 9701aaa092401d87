"""Files and folders that are either whole or not there, and on disk when they are."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from clustersim.store.columns import Table
from clustersim.store.errors import clear_errors

if TYPE_CHECKING:
    import pyarrow as pa

PARTIAL: Final = ".partial-"
"""Part of the name of a file or folder whose writing was cut short."""
REPLACED: Final = ".replaced-"
"""Part of the name of a folder that was being replaced when the writing was cut short."""

_ROWS_PER_GROUP: Final = 131_072
PARQUET: Final[dict[str, Any]] = {
    "version": "2.6",
    "compression": "zstd",
    "compression_level": 3,
    "store_schema": False,
}
"""Everything that could differ between two writers of the same numbers is fixed here."""


@contextmanager
def whole_folder(target: Path, *, force: bool = False) -> Iterator[Path]:
    """Give a folder to write into, and put it in its place when the block has ended well.

    Parameters
    ----------
    target
        Its place; its parents are made.
    force
        Replace what is there.

    Raises
    ------
    FolderTakenError
        If another process has taken the name meanwhile.
    WriteError
        If it cannot be written. Then nothing is left behind.
    """
    with clear_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = _beside(target, PARTIAL)
        try:
            partial.mkdir()
            yield partial
            sync_folder(partial)
            _publish(partial, target, force)
        except BaseException:
            # Also when interrupted: what is half written goes, whatever the reason.
            shutil.rmtree(partial, ignore_errors=True)
            raise


def arrow_table(columns: Table) -> pa.Table:
    """Return columns as a `pyarrow.Table`."""
    import pyarrow as pa

    return pa.table(
        {
            name: pa.array(values.tolist(), pa.string())
            if values.dtype.kind in "OU"
            else pa.array(values.astype(values.dtype.newbyteorder("="), copy=False))
            for name, values in columns.items()
        }
    )


def write_table(path: Path, columns: Table) -> None:
    """Write a table as Parquet, on disk when this returns."""
    import pyarrow.parquet as pq

    with path.open("wb") as file:
        pq.write_table(arrow_table(columns), file, row_group_size=_ROWS_PER_GROUP, **PARQUET)
        file.flush()
        os.fsync(file.fileno())


def read_table(
    source: Path | bytes,
    *,
    columns: Sequence[str] | None = None,
    runs: Collection[int] | None = None,
) -> pa.Table:
    """Read a Parquet file, or what stands in one.

    In this thread alone: those of a scan may be at work still when a short program ends, and then
    abort it (https://github.com/apache/arrow/issues/39862).

    Parameters
    ----------
    source
        The file, or its content.
    columns
        Columns wanted; those that it does not have are left out.
    runs
        Values wanted of the column ``run``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    with pq.ParquetFile(pa.BufferReader(source) if isinstance(source, bytes) else source) as file:
        if runs is None:
            return file.read(columns=columns, use_threads=False)
        number = file.schema_arrow.get_field_index("run")
        limits = [
            file.metadata.row_group(group).column(number).statistics
            for group in range(file.num_row_groups)
        ]
        groups = [
            group
            for group, limit in enumerate(limits)
            if limit is None
            or not limit.has_min_max
            or any(limit.min <= run <= limit.max for run in runs)
        ]
        table = file.read_row_groups(groups, columns=columns, use_threads=False)
    return table.filter(pc.is_in(table.column("run"), pa.array(runs, table.column("run").type)))


def write_text(path: Path, text: str) -> None:
    """Write a text, on disk when this returns."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, content: bytes | memoryview) -> None:
    """Write a file, or write it anew, so that it is the old or the new one whatever happens."""
    partial = _beside(path, PARTIAL)
    try:
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on disk."""
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
        sync_folder(target.parent)
        return
    old = _beside(target, REPLACED)
    try:
        target.rename(old)
        partial.rename(target)
    except BaseException:
        if old.exists() and not target.exists():
            old.rename(target)
        raise
    sync_folder(target.parent)
    shutil.rmtree(old, ignore_errors=True)
