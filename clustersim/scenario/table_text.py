"""Bytes as text, and the sign that separates its columns."""

from __future__ import annotations

import codecs
import csv
import io

from clustersim.scenario.table_errors import refused

SEPARATORS = (",", ";", "\t", "|")
"""Signs between columns that are recognised."""

_SAMPLE = 50
"""Records looked at to recognise the separator."""

_LOOK = 1 << 16
"""Signs at the start of a file that are searched for signs no text has."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(path: str, data: bytes, encoding: str | None, notes: list[str]) -> str:
    """Turn bytes into text; refuse what is no text."""
    given = encoding or next((name for bom, name in _BOMS if data.startswith(bom)), None)
    if given is None and data.count(b"\0") > len(data) // 4:
        given = "utf-16-le" if data[1::2].count(0) > data[::2].count(0) else "utf-16-be"
    text = None
    for attempt in (given,) if given else ("utf-8", "cp1252", "latin-1"):
        try:
            text = data.decode(attempt)
        except LookupError:
            raise refused(path, f"no encoding {attempt!r}", "Say for example 'utf-8'") from None
        except ValueError:
            continue
        if given is None and attempt != "utf-8":
            notes.append(
                f"the file is not UTF-8 and was read as {attempt}; "
                "if names look wrong, say its encoding (`encoding:` in the `table:` of a "
                "scenario, in Python encoding=...)"
            )
        break
    if text is None:
        raise refused(path, f"is not text in the encoding {given!r}", "Leave the encoding out")
    start = text[:_LOOK]
    controls = sum(start.count(chr(code)) for code in range(32) if chr(code) not in "\t\n\r\f\v")
    if "\0" in text or controls * 100 > len(start):
        raise refused(path, "holds binary data, expected text", "Save the table as CSV or Parquet")
    return text.removeprefix("\ufeff")


def declared_separator(text: str) -> tuple[str, int, str | None]:
    """Take off a first line "sep=;", as spreadsheets write it."""
    first, _, rest = text[:16].partition("\n")
    line = first.rstrip("\r")
    if rest and line.lower().startswith("sep=") and len(line) == len("sep=x"):
        return text[len(first) + 1 :], 1, line[-1]
    return text, 0, None


def likely_separator(text: str) -> str:
    """Recognise the separator: many columns, and the same number in each record."""

    def fitness(separator: str) -> tuple[bool, float, int]:
        sizes = []
        try:
            for record in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
                if record:
                    sizes.append(len(record))
                if len(sizes) > _SAMPLE:
                    break
        except csv.Error:
            return False, 0.0, 0
        columns = sizes[0] if sizes else 0
        return columns > 1, sizes.count(columns) / max(len(sizes), 1), columns

    return max(SEPARATORS, key=fitness)
