"""The rows of an employment table, checked: names, years, numbers, and that they agree."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustersim.scenario.table_columns import REGION_ROLES
from clustersim.scenario.table_errors import Findings
from clustersim.scenario.table_numbers import Numbers, decimal_sign, parse_numbers
from clustersim.scenario.table_source import Source
from clustersim.world.types import Flags, Floats

MOST_CELLS = 20_000_000
"""Regions times sectors that a table may have; more means that the wrong column was taken."""

MOST_JOBS = 1e12
"""Jobs, firms or inhabitants of one cell; more than the world has."""

_YEARS = (1, 9999)
"""First and last year that is taken for one."""


@dataclass(frozen=True)
class Rows:
    """The checked rows of a file; `numbers` by role, nan where there is no figure."""

    regions: tuple[str, ...]
    sectors: tuple[str, ...]
    region: NDArray[np.intp]
    sector: NDArray[np.intp]
    year: NDArray[np.int64] | None
    numbers: dict[str, Floats]
    notes: list[str]


def read_rows(
    source: Source, found: Mapping[str, int], findings: Findings, decimal: str | None
) -> Rows:
    """Read and check every row of the file."""
    arrays = source.read(list(found.values()))
    data = {role: arrays[position] for role, position in found.items()}
    heading = {role: source.header[position] for role, position in found.items()}
    for line, fields in source.uneven():
        findings.add(
            f"{fields} fields, expected {len(source.header)} as in the heading. "
            "Put text that holds the separator in quotation marks, and close each of them",
            line=line,
        )
    kept = _not_blank(data)
    if not kept.any():
        if not findings.total:
            findings.add("holds a heading but no rows. Expected one for each region and sector")
        findings.raise_if_any(source.lines)
    report = _Report(findings, heading, np.flatnonzero(kept))
    data = {role: column.take(_indices(kept)) for role, column in data.items()}
    regions, region = _names(data.pop("region"), "region", report)
    sectors, sector = _names(data.pop("sector"), "sector", report)
    years = report.years(data.pop("year")) if "year" in data else None
    numbers, marks = _numbers(data, source.separator, decimal, report)
    rows = Rows(regions, sectors, region, sector, years, numbers, marks)
    if not findings.total:
        _check_duplicates(rows, report)
        _check_regions(rows, report)
    if len(regions) * len(sectors) > MOST_CELLS:
        findings.add(
            f"{len(regions):,} regions times {len(sectors):,} sectors are too many cells. "
            f"Check that {heading['region']!r} and {heading['sector']!r} are the right columns"
        )
    return rows


class _Report:
    """Notes problems of the rows kept, in the file's own headings and row numbers."""

    def __init__(
        self, findings: Findings, heading: Mapping[str, str], rows: NDArray[np.intp]
    ) -> None:
        self.findings, self.heading, self.rows = findings, heading, rows

    def where(
        self,
        wrong: Flags,
        role: str,
        message: Callable[[int], str],
        first: NDArray[np.intp] | None = None,
    ) -> None:
        """Note a problem wherever `wrong`; `message` gets the place among the rows kept.

        `first`, where given, holds for each row kept the row it contradicts.
        """
        places = np.flatnonzero(wrong)
        self.findings.add_rows(
            self.rows[places].tolist(),
            self.heading[role],
            lambda found: message(int(places[found])),
            None if first is None else self.rows[first[places]].tolist(),
        )

    def years(self, column: Any) -> NDArray[np.int64]:
        """Return the years of the rows kept, noting what is no year."""
        return read_years(column, self.heading["year"], self.findings, self.rows)


def _not_blank(data: Mapping[str, Any]) -> Flags:
    """Tell which rows hold anything in the columns used (spreadsheets add empty rows)."""
    import pyarrow.compute as pc

    blank: Flags | None = None
    for column in data.values():
        empty = column.is_null()
        if str(column.type) in ("string", "large_string"):
            empty = pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), ""), True)
        flags = np.asarray(empty.to_numpy(zero_copy_only=False), dtype=np.bool_)
        blank = flags if blank is None else blank & flags
    return np.zeros(0, dtype=np.bool_) if blank is None else ~blank


def _indices(kept: Flags) -> Any:
    import pyarrow as pa

    return pa.array(np.flatnonzero(kept))


def _names(column: Any, role: str, report: _Report) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the different names, sorted, and the number of the name of each row."""
    import pyarrow as pa

    try:
        texts = column.cast(pa.large_string())
    except pa.ArrowException:
        report.findings.add(f"holds {column.type}, expected names", column=report.heading[role])
        return ("?",), np.zeros(len(column), dtype=np.intp)
    coded = texts.fill_null("").dictionary_encode()
    given = [_normal(text) for text in coded.dictionary.to_pylist()]
    names = sorted(set(given))
    number = {name: position for position, name in enumerate(names)}
    codes = coded.indices.to_numpy(zero_copy_only=False)
    numbers = np.array([number[name] for name in given], dtype=np.intp)[codes]
    if "" in number:
        report.where(
            numbers == number[""],
            role,
            lambda _: f"empty, expected the name of a {role}. Fill it in or delete the row",
        )
    odd = [place for name, place in number.items() if any(map(_is_control, name))]
    if odd:
        report.where(
            np.isin(numbers, odd),
            role,
            lambda row: f"a control character in {names[numbers[row]]!r}. Delete it in the file",
        )
    return tuple(names), numbers


def _is_control(sign: str) -> bool:
    return unicodedata.category(sign) == "Cc"


def _normal(name: str) -> str:
    """Return a name with single spaces, composed accents and no byte order mark."""
    return unicodedata.normalize("NFC", " ".join(name.replace("\ufeff", "").split()))


def read_years(
    column: Any, heading: str, findings: Findings, rows: NDArray[np.intp] | None = None
) -> NDArray[np.int64]:
    """Return a column of years as whole numbers, noting what is no year."""
    try:
        found = parse_numbers(column, ".")
    except TypeError:
        findings.add(f"holds {column.type}, expected a year such as 2022", column=heading)
        return np.zeros(len(column), dtype=np.int64)
    values = np.where(found.absent, np.nan, found.values)
    low, high = _YEARS
    whole = (values >= low) & (values <= high) & (values == np.floor(values))
    places = np.flatnonzero(~whole)
    findings.add_rows(
        (places if rows is None else rows[places]).tolist(),
        heading,
        lambda found: f"found {_shown(column, int(places[found]))}, expected a year such as 2022",
    )
    return np.where(whole, values, 0).astype(np.int64)


def _shown(column: Any, row: int) -> str:
    """Return a cell as text for a message."""
    value = column[row].as_py()
    return "nothing" if value is None or value == "" else repr(value)


def _numbers(
    data: Mapping[str, Any], separator: str | None, decimal: str | None, report: _Report
) -> tuple[dict[str, Floats], list[str]]:
    """Parse and check every column of numbers."""
    texts = {
        report.heading[role]: column
        for role, column in data.items()
        if str(column.type) in ("string", "large_string")
    }
    sign = decimal
    if sign is None:
        sign, trouble = decimal_sign(texts, separator)
        if trouble:
            report.findings.add(trouble)
    numbers: dict[str, Floats] = {}
    notes: list[str] = []
    for role, column in data.items():
        try:
            found = parse_numbers(column, sign)
        except TypeError:
            report.findings.add(
                f"holds {column.type}, expected numbers", column=report.heading[role]
            )
            continue
        _check_numbers(role, column, found, sign, report)
        numbers[role] = found.values
        absent = int(found.absent.sum())
        if role == "jobs" and absent:
            notes.append(f"rows without a figure for jobs, counted as absent cells: {absent:,}")
    if sign == "," and texts:
        notes.append("numbers were read with a decimal comma")
    return numbers, notes


def _check_numbers(role: str, column: Any, found: Numbers, sign: str, report: _Report) -> None:
    """Note text that is no number, nan and infinity, and negative numbers."""
    what = {"x": "a position in km", "y": "a position in km", "area": "an area in km2"}
    expected = what.get(role, f"a number of {role if role != 'population' else 'inhabitants'}")
    remedy = "Correct it, or leave the cell empty if the figure is not known"
    report.where(
        found.wrong,
        role,
        lambda row: (
            f"found {_shown(column, row)}, expected {expected}, with {sign!r} before decimals. "
            f"{remedy}"
        ),
    )
    if role not in ("x", "y"):
        report.where(
            found.values < 0,
            role,
            lambda row: f"found {_shown(column, row)}, expected {expected} of 0 or more. {remedy}",
        )
        report.where(
            found.values > MOST_JOBS,
            role,
            lambda row: (
                f"found {_shown(column, row)}, out of range: expected {expected} of at most "
                f"{MOST_JOBS:,.0f}. {remedy}"
            ),
        )


def _check_duplicates(rows: Rows, report: _Report) -> None:
    """Note every cell that occurs a second time."""
    first, again = _first_of(rows, with_sector=True)

    def message(row: int) -> str:
        cell = f"{rows.regions[rows.region[row]]!r}, {rows.sectors[rows.sector[row]]!r}"
        if rows.year is not None:
            cell += f", {rows.year[row]}"
        return f"the cell {cell} occurs again. Keep one, or add them up"

    report.where(again, "region", message, first)


def _check_regions(rows: Rows, report: _Report) -> None:
    """Note figures of a region that differ between its rows of one year."""
    first, _ = _first_of(rows, with_sector=False)
    for role in REGION_ROLES:
        if role not in rows.numbers:
            continue
        values = rows.numbers[role]
        differs = ~((values == values[first]) | (np.isnan(values) & np.isnan(values[first])))

        def message(row: int, values: Floats = values, role: str = role) -> str:
            return (
                f"found {values[row]:.15g}, but {values[first[row]]:.15g} in an earlier row of "
                f"{rows.regions[rows.region[row]]!r}. Expected one {role} for each region and year"
            )

        report.where(differs, role, message, first)


def _first_of(rows: Rows, *, with_sector: bool) -> tuple[NDArray[np.intp], Flags]:
    """Return, for each row, the first row of its region (cell) and year, and if it is another."""
    key = rows.region.astype(np.int64)
    if with_sector:
        key = key * len(rows.sectors) + rows.sector
    if rows.year is not None:
        key = key * (_YEARS[1] + 1) + rows.year
    _, index, inverse = np.unique(key, return_index=True, return_inverse=True)
    first = index[inverse]
    return first, first != np.arange(len(key))
