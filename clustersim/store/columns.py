"""The fingerprint of results: a number that is the same only if every value is the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from clustersim.store.errors import StoreError

Table: TypeAlias = Mapping[str, NDArray[Any]]
"""Columns by name: one-dimensional arrays of one length."""
Tables: TypeAlias = Mapping[str, Table]
"""Tables by name."""

_TEXT: Final = "text"


def fingerprint(tables: Tables) -> str:
    """Return the SHA-256 over all columns: names, types, lengths and bytes.

    It does not depend on the order of tables or columns, on the version of the Parquet writer, or
    on the time.

    Parameters
    ----------
    tables
        Columns by table and name.

    Returns
    -------
    str
        64 hexadecimal digits.

    Raises
    ------
    StoreError
        If a table is not made of one-dimensional columns of one length, or a column holds
        anything but numbers, truth values and text.
    """
    return combine(describe_tables(tables))


def describe_tables(tables: Tables) -> dict[str, Any]:
    """Return rows of each table, and type and SHA-256 of each column, as kept in the manifest.

    Parameters
    ----------
    tables
        Columns by table and name.

    Returns
    -------
    dict
        ``{table: {"rows": n, "columns": {column: {"dtype": ..., "sha256": ...}}}}``, sorted.

    Raises
    ------
    StoreError
        As `fingerprint`.
    """
    out: dict[str, Any] = {}
    for table, columns in sorted(tables.items()):
        shapes = {np.shape(values) for values in columns.values()}
        if len(shapes) != 1 or len(next(iter(shapes))) != 1:
            raise StoreError(
                f"table {table!r}: expected one-dimensional columns of one length, "
                f"got shapes {sorted(shapes)}"
            )
        out[table] = {
            "rows": next(iter(shapes))[0],
            "columns": {
                name: _describe_column(f"{table}.{name}", columns[name]) for name in sorted(columns)
            },
        }
    return out


def differing_columns(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Name the columns, as ``table.column``, in which two results of `describe_tables` differ.

    A column that only one of them has counts as different.
    """
    flat = [
        {
            (table, name): column
            for table, entry in side.items()
            for name, column in entry["columns"].items()
        }
        for side in (one, other)
    ]
    keys = sorted(flat[0].keys() | flat[1].keys())
    return [
        f"{table}.{name}"
        for table, name in keys
        if flat[0].get((table, name)) != flat[1].get((table, name))
    ]


def _describe_column(where: str, values: NDArray[Any]) -> dict[str, str]:
    array = np.asarray(values)
    if array.dtype.kind in "OU":
        texts = array.tolist()
        if not all(isinstance(text, str) for text in texts):
            raise StoreError(f"column {where}: an array of objects that are not all text")
        # A column has many rows and few texts: each is encoded once.
        encoded = {text: _with_length(text) for text in set(texts)}
        content = b"".join([encoded[text] for text in texts])
        return {"dtype": _TEXT, "sha256": hashlib.sha256(content).hexdigest()}
    if array.dtype.kind not in "biuf":
        raise StoreError(f"column {where}: type {array.dtype} cannot be stored")
    little = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<"), copy=False))
    return {"dtype": array.dtype.name, "sha256": hashlib.sha256(little.tobytes()).hexdigest()}


def _with_length(text: str) -> bytes:
    """Return a text with its length before it, which keeps ("ab", "c") apart from ("a", "bc")."""
    encoded = str(text).encode()
    return len(encoded).to_bytes(8, "little") + encoded


def combine(described: Mapping[str, Any]) -> str:
    """Return the fingerprint of tables described by `describe_tables`."""
    canonical = json.dumps(described, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
