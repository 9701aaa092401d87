"""Where results are kept: a folder of Parquet tables and a manifest that says how they were made.

A folder is written beside its place under a temporary name and renamed when all of it is on disk,
so that a run which was interrupted leaves nothing that looks whole. The same tables give the same
bytes; the fingerprint depends on names, types and numbers alone, not on the writer or the time.
"""

from clustersim.store.columns import (
    Table,
    Tables,
    describe_tables,
    differing_columns,
    fingerprint,
)
from clustersim.store.errors import FolderTakenError, StoreError, WriteError
from clustersim.store.reading import StoredRun, read_run
from clustersim.store.writing import MANIFEST, SCHEMA_VERSION, check_target, leftovers, write_run

__all__ = [
    "MANIFEST",
    "SCHEMA_VERSION",
    "FolderTakenError",
    "StoreError",
    "StoredRun",
    "Table",
    "Tables",
    "WriteError",
    "check_target",
    "describe_tables",
    "differing_columns",
    "fingerprint",
    "leftovers",
    "read_run",
    "write_run",
]
