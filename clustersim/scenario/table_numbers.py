"""Numbers as people and statistical offices write them.

"1234.5", "1,234.5", "1.234,5", "1 234,5" and "1'234.5" are all the same number somewhere. One
file follows one convention, so the convention is decided on all numbers of the file together;
a file that leaves it open (does "1.234" mean 1234 or 1.234?) is refused rather than guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from clustersim.world.types import Flags, Floats

ABSENT = ("", "-", "–", "—", ".", "..", "...", ":", "/", "x", "*", "c", "[c]", "[x]", "na", "n/a")
"""What statistical offices print where there is no figure (compared in lower case)."""

_GROUP = " \u00a0\u2009\u202f'\u2019"
"""Signs between groups of three digits that are never decimal signs."""

_SURE = {
    ".": r"^[+-]?(\d{1,3}([,G]\d{3})*|\d*)\.\d+([eE][+-]?\d+)?$|^[+-]?\d{1,3}(,\d{3}){2,}$",
    ",": r"^[+-]?(\d{1,3}([.G]\d{3})*|\d*),\d+([eE][+-]?\d+)?$|^[+-]?\d{1,3}(\.\d{3}){2,}$",
}
"""Numbers that tell which sign is the decimal sign, unless `_OPEN` matches as well."""

_OPEN = {".": r"^[+-]?[1-9]\d{0,2}\.\d{3}$", ",": r"^[+-]?[1-9]\d{0,2},\d{3}$"}
"""Numbers in which the sign may also separate thousands."""

_UNGROUPED = r"^[+-]?\d{4,}$"
"""Whole numbers that a file which groups digits would write with a separator."""

_NUMBER = {
    ".": r"^[+-]?((\d+|[1-9]\d{0,2}([,G]\d{3})+)(\.\d*)?|\.\d+)([eE][+-]?\d+)?$",
    ",": r"^[+-]?((\d+|[1-9]\d{0,2}([.G]\d{3})+)(,\d*)?|,\d+)([eE][+-]?\d+)?$",
}
"""Every number that may be written with a given decimal sign."""


@dataclass(frozen=True)
class Numbers:
    """A column of numbers.

    Parameters
    ----------
    values : array, shape (N,)
        The numbers; nan where absent, or where the text is no finite number.
    absent : bool array, shape (N,)
        Rows without a figure.
    wrong : bool array, shape (N,)
        Rows whose text is no finite number.
    """

    values: Floats
    absent: Flags
    wrong: Flags


def decimal_sign(columns: Mapping[str, Any], separator: str | None) -> tuple[str, str | None]:
    """Decide which sign separates the decimals.

    Parameters
    ----------
    columns : mapping of heading to pyarrow array of text
        All columns of the file that should hold numbers.
    separator : str or None
        What separates the columns of the file; a comma tells that a comma is no decimal sign.

    Returns
    -------
    sign : str
        ``"."`` or ``","``.
    trouble : str or None
        Why the sign cannot be decided, with the remedy, if it cannot.
    """
    sure = {".": 0, ",": 0}
    doubtful: dict[str, tuple[str, str]] = {}
    ungrouped = False
    for heading, column in columns.items():
        texts = _stripped(column.unique())
        ungrouped = ungrouped or bool(_matches(texts, _UNGROUPED).any())
        for sign in sure:
            open_ = _matches(texts, _OPEN[sign])
            sure[sign] += int((_matches(texts, _SURE[sign]) & ~open_).sum())
            if open_.any():
                doubtful.setdefault(sign, (texts[int(np.argmax(open_))].as_py(), heading))
    if any(sure.values()):
        # Where both occur the rarer is the mistake, and is then reported with its line.
        return ("," if sure[","] > sure["."] else "."), None
    if separator == ",":
        # A comma inside a field groups digits there. A point may do so too, unless large numbers
        # stand without any: then the file does not group its digits.
        doubtful = {} if ungrouped else {k: v for k, v in doubtful.items() if k == "."}
    if not doubtful:
        return ".", None
    text, heading = next(iter(doubtful.values()))
    digits = text.replace(".", "").replace(",", "")
    return ".", (
        f"{text!r} in column {heading!r} can mean {digits} or {text.replace(',', '.')}, and no "
        "other number of the file decides. Write whole numbers without thousands separators, or "
        "say what stands before decimals (`decimal: '.'` or `decimal: ','` in the `table:` of a "
        "scenario, in Python decimal='.' or decimal=',')"
    )


def parse_numbers(column: Any, decimal: str) -> Numbers:
    """Turn a column into numbers.

    Parameters
    ----------
    column : pyarrow array
        Text, or any numeric type; null is absent.
    decimal : str
        The sign before the decimals, ``"."`` or ``","``; the other one and spaces and
        apostrophes may separate thousands.

    Returns
    -------
    Numbers
        Text that is no number, and nan and infinity, are marked as wrong.

    Raises
    ------
    TypeError
        If the column holds neither text nor numbers.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        coded = column.dictionary_encode()
        unique = _parse_texts(_stripped(coded.dictionary), decimal)
        null = np.asarray(coded.indices.is_null().to_numpy(zero_copy_only=False))
        codes = coded.indices.fill_null(0).to_numpy(zero_copy_only=False)
        if null.all():
            return Numbers(np.full(len(null), np.nan), null, np.zeros(len(null), dtype=bool))
        return Numbers(
            np.where(null, np.nan, unique.values[codes]),
            null | unique.absent[codes],
            ~null & unique.wrong[codes],
        )
    if pa.types.is_null(kind):
        column, kind = column.cast(pa.float64()), pa.float64()
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        absent = column.is_null().to_numpy(zero_copy_only=False)
        wrong = ~absent & ~np.isfinite(values)
        return Numbers(np.where(wrong, np.nan, values), absent, wrong)
    raise TypeError(f"a column of type {kind} holds no numbers")


def _parse_texts(texts: Any, decimal: str) -> Numbers:
    """Parse different texts, already stripped."""
    import pyarrow.compute as pc

    absent = np.asarray(
        pc.is_in(pc.utf8_lower(texts), value_set=_array(ABSENT)).to_numpy(zero_copy_only=False)
    )
    valid = _matches(texts, _NUMBER[decimal])
    other = "," if decimal == "." else "."
    bare = pc.replace_substring_regex(texts, f"[{other}{_GROUP}]", "")
    bare = pc.replace_substring(bare, ",", ".")
    values = np.full(len(texts), np.nan)
    values[valid] = bare.to_numpy(zero_copy_only=False)[valid].astype(np.float64)
    wrong = ~absent & ~np.isfinite(values)
    values[wrong] = np.nan
    return Numbers(values, absent, wrong)


def _array(texts: tuple[str, ...]) -> Any:
    import pyarrow as pa

    return pa.array(texts, pa.string())


def _stripped(texts: Any) -> Any:
    """Return texts as strings without the spaces around them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.utf8_trim_whitespace(texts.cast(pa.string()))


def _matches(texts: Any, pattern: str) -> Flags:
    import pyarrow.compute as pc

    found = pc.match_substring_regex(texts, pattern.replace("G", _GROUP)).fill_null(False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)
