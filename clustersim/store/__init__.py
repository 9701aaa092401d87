"""Where results are kept: a folder of Parquet tables and a manifest that says how they were made.

A folder is written beside its place under a temporary name and renamed when all of it is on disk,
so that a run which was interrupted leaves nothing that looks whole. The same tables give the same
bytes; the fingerprint depends on names, types and numbers alone, not on the writer or the time.
"""

from clustersim.store.adding import Added, RunWriter
from clustersim.store.columns import (
    Table,
    Tables,
    describe_tables,
    differing_columns,
    fingerprint,
)
from clustersim.store.errors import FolderTakenError, StoreError, WriteError
from clustersim.store.reading import StoredRun, read_run
from clustersim.store.runs import (
    Shard,
    StoredRuns,
    create_runs,
    is_store_of_runs,
    read_runs,
    rewrite_manifest,
)
from clustersim.store.writing import MANIFEST, SCHEMA_VERSION, check_target, leftovers, write_run

__all__ = [
    "MANIFEST",
    "SCHEMA_VERSION",
    "Added",
    "FolderTakenError",
    "RunWriter",
    "Shard",
    "StoreError",
    "StoredRun",
    "StoredRuns",
    "Table",
    "Tables",
    "WriteError",
    "check_target",
    "create_runs",
    "describe_tables",
    "differing_columns",
    "fingerprint",
    "is_store_of_runs",
    "leftovers",
    "read_run",
    "read_runs",
    "rewrite_manifest",
    "write_run",
]
