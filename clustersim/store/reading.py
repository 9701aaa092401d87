"""Read a folder of results: the manifest at once, a table when it is asked for."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from clustersim.store.columns import combine, describe_tables, differing_columns
from clustersim.store.errors import StoreError
from clustersim.store.files import read_table
from clustersim.store.writing import MANIFEST, SCHEMA_VERSION

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read_run(folder: str | Path) -> StoredRun:
    """Open a folder of results; tables are read when they are asked for.

    Parameters
    ----------
    folder
        A folder written by `write_run`.

    Returns
    -------
    StoredRun

    Raises
    ------
    StoreError
        If there is no such folder, it has no valid manifest, or a table is missing.
    """
    place = Path(folder).expanduser().resolve()
    if not place.is_dir():
        raise StoreError(f"{place}: no such folder")
    try:
        manifest = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StoreError(f"{place}: holds no run ({MANIFEST} is missing)") from None
    except (OSError, ValueError) as error:
        raise StoreError(f"{place / MANIFEST}: cannot be read: {error}") from None
    if problem := _problem_with(manifest):
        raise StoreError(f"{place / MANIFEST}: {problem}")
    for name in manifest["tables"]:
        if not (place / f"{name}.parquet").is_file():
            raise StoreError(f"{place}: {name}.parquet is missing; the folder is incomplete")
    return StoredRun(place, manifest)


@dataclass(frozen=True)
class StoredRun:
    """A folder of results that has been opened.

    Attributes
    ----------
    folder
        Where it is.
    manifest
        What made it.
    """

    folder: Path
    manifest: dict[str, Any]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the tables."""
        return tuple(sorted(self.manifest["tables"]))

    def arrow(self, name: str) -> pa.Table:
        """Return one table as a `pyarrow.Table`.

        Raises
        ------
        StoreError
            If there is no table of that name, or its file cannot be read.
        """
        if name not in self.manifest["tables"]:
            raise StoreError(f"{self.folder}: no table {name!r}; there are {', '.join(self.names)}")
        path = self.folder / f"{name}.parquet"
        try:
            return read_table(path)
        except (OSError, ValueError) as error:
            raise StoreError(f"{path}: cannot be read: {error}") from None

    def frame(self, name: str) -> pd.DataFrame:
        """Return one table as a `pandas.DataFrame`; errors as `arrow`."""
        return self.arrow(name).to_pandas(use_threads=False)

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Return one table as arrays by column, of the types they were written with."""
        table = self.arrow(name)
        return {column: to_numpy(table.column(column)) for column in table.column_names}

    def verify(self) -> None:
        """Check every column against the manifest.

        Raises
        ------
        StoreError
            If a file cannot be read or does not hold what was written; every such column is named.
        """
        found = describe_tables({name: self.arrays(name) for name in self.names})
        wrong = differing_columns(self.manifest["tables"], found)
        if wrong:
            raise StoreError(f"{self.folder}: changed since it was written: {', '.join(wrong)}")
        if combine(found) != self.manifest["fingerprint"]:
            raise StoreError(
                f"{self.folder}: the fingerprint in {MANIFEST} is not that of its tables"
            )


def to_numpy(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return a column as an array of the type it was written with."""
    import pyarrow as pa

    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return np.array(column.to_pylist(), dtype=np.str_)
    values: NDArray[Any] = column.combine_chunks().to_numpy(zero_copy_only=False)
    return values


def _problem_with(manifest: object) -> str | None:
    if not isinstance(manifest, dict):
        return "not a manifest: expected a JSON object"
    version = manifest.get("schema_version")
    if version != SCHEMA_VERSION:
        return (
            f"schema_version is {version!r}, this version of clustersim reads {SCHEMA_VERSION}; "
            "use the version that wrote it"
        )
    for key, kind in {"tables": dict, "fingerprint": str}.items():
        if not isinstance(manifest.get(key), kind):
            return f"{key!r} is missing or not of the right type"
    return None
