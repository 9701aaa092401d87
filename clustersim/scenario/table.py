"""Bring your own region: read jobs by region and sector from CSV or Parquet.

A table is in long form: one row for each region and sector (and year), in any order, with the
columns region, sector and jobs, and optionally year, firms, x and y (km), area (km2) and
population. Headings may be English or German, or be named by the caller. Everything wrong with a
file is reported at once, with line, column and remedy. Files are never changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustersim.scenario.table_columns import REGION_ROLES, find_columns
from clustersim.scenario.table_errors import Findings, Problem, TableError
from clustersim.scenario.table_rows import Rows, read_rows, read_years
from clustersim.scenario.table_source import Source, open_source
from clustersim.world.employment import EmploymentTable
from clustersim.world.types import Floats

__all__ = ["Problem", "TableError", "available_years", "read_employment_table"]

_TOTAL = re.compile(
    r"^(total|all|sum|alle|summe|gesamt|insgesamt)$|\b(in )?(total|insgesamt|zusammen)$"
    r"|^(total|all|alle) (sectors|industries|regions|activities|branchen|regionen)",
    re.IGNORECASE,
)
"""Names that look like a total over the other rows."""


def read_employment_table(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    year: int | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
) -> EmploymentTable:
    """Read an employment table.

    Parameters
    ----------
    path : path
        CSV (separated by comma, semicolon, tab or bar; gzip or not) or Parquet.
    columns : mapping of role to heading, optional
        For example ``{"region": "Bundesland"}``. The roles are region, sector, jobs, year, firms,
        x, y (km), area (km2) and population. Roles not named are found by well-known headings.
    year : int, optional
        The year to read; the latest if the file has several and none is given.
    encoding : str, optional
        For example ``"cp1252"``; recognised if not given (UTF-8, UTF-16, else cp1252).
    separator, decimal : str, optional
        The sign between columns, and the sign before decimals; recognised if not given.

    Returns
    -------
    EmploymentTable
        Regions and sectors are sorted by name, so that the order of rows does not matter. Cells
        that are not in the file, or have no figure ("", "-", ".", ":", "x", "NA" and the like),
        hold 0 and are counted in `missing`. `notes` tells the choices made in reading.

    Raises
    ------
    TableError
        If anything is wrong: every problem, each with file, line, column and remedy.

    Notes
    -----
    The whole file is checked, not only the year that is read: a file with errors in one year is
    not to be trusted in another.
    """
    source, found, findings = _open(path, columns, encoding, separator, decimal)
    rows = read_rows(source, found, findings, decimal)
    findings.raise_if_any(source.lines)
    source.notes += rows.notes
    chosen = _choose_year(rows, year, source, findings)
    findings.raise_if_any(source.lines)
    return _assemble(rows, chosen, source)


def available_years(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str | None = None,
    separator: str | None = None,
) -> tuple[int, ...]:
    """Return the years an employment table holds, in order; none if it has no year column.

    Parameters
    ----------
    path, columns, encoding, separator
        As for :func:`read_employment_table`.

    Returns
    -------
    tuple of int

    Raises
    ------
    TableError
        If the file cannot be read, lacks a column, or a year is no whole number. Other cells are
        not checked.
    """
    source, found, findings = _open(path, columns, encoding, separator, None)
    if "year" not in found:
        return ()
    column = source.read([found["year"]])[found["year"]]
    years = read_years(column, source.header[found["year"]], findings)
    findings.raise_if_any(source.lines)
    return tuple(int(value) for value in np.unique(years))


def _open(
    path: str | Path,
    columns: Mapping[str, str] | None,
    encoding: str | None,
    separator: str | None,
    decimal: str | None,
) -> tuple[Source, dict[str, int], Findings]:
    """Check the arguments, open the file and find its columns."""
    findings = Findings(str(path))
    if separator is not None and (len(separator) != 1 or separator in '"\r\n'):
        findings.add(f"separator {separator!r}: expected one sign such as ';'")
    if decimal not in (None, ".", ","):
        findings.add(f"decimal {decimal!r}: expected '.' or ','")
    findings.raise_if_any(list)
    source = open_source(path, encoding, separator)
    findings.unit = source.unit
    found, notes = find_columns(source.header, columns, findings)
    source.notes += notes
    findings.raise_if_any(list)
    return source, found, findings


def _choose_year(rows: Rows, year: int | None, source: Source, findings: Findings) -> int | None:
    """Return the year to read: the one asked for, else the latest."""
    if rows.year is None:
        if year is not None:
            findings.add(
                f"year {year} was asked for, but the file has no column of years. "
                "Leave the year out, or name the column with --column year=HEADING "
                "(in Python columns={'year': 'HEADING'})"
            )
        return None
    years = np.unique(rows.year).tolist()
    if year is not None and year not in years:
        near = min(years, key=lambda one: abs(one - year))
        findings.add(
            f"no rows for the year {year}; the file has {_ranges(years)}. The nearest is {near}"
        )
    if year is None and len(years) > 1:
        source.notes.append(
            f"the file has the years {_ranges(years)}; the latest, {years[-1]}, was read"
        )
    return int(years[-1]) if year is None else year


def _ranges(years: Sequence[int]) -> str:
    """Return years as text, runs shortened: 2015-2017, 2020."""
    runs: list[list[int]] = []
    for year in years:
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _assemble(rows: Rows, year: int | None, source: Source) -> EmploymentTable:
    """Put the rows of one year into arrays."""
    chosen = slice(None) if rows.year is None else np.flatnonzero(rows.year == year)
    used_regions, region = np.unique(rows.region[chosen], return_inverse=True)
    used_sectors, sector = np.unique(rows.sector[chosen], return_inverse=True)
    regions = tuple(rows.regions[i] for i in used_regions)
    sectors = tuple(rows.sectors[i] for i in used_sectors)
    cells = np.full((len(regions), len(sectors)), np.nan)
    cells[region, sector] = rows.numbers["jobs"][chosen]
    if not np.nansum(cells) > 0:
        message = "no positive number of jobs at all. Check that the right column was taken"
        raise TableError([Problem(source.path, None, None, message)])
    firms = None
    if "firms" in rows.numbers:
        firms = np.full(cells.shape, np.nan)
        firms[region, sector] = rows.numbers["firms"][chosen]
    notes = list(source.notes)
    places = {
        role: _of_regions(role, rows.numbers[role][chosen], region, len(regions), notes)
        for role in REGION_ROLES
        if role in rows.numbers
    }
    if (places.get("x") is None) != (places.get("y") is None):
        notes.append("a position needs both x and y; it is not used")
        places["x"] = places["y"] = None
    notes += _warnings(regions, sectors, np.nan_to_num(cells, nan=0.0))
    return EmploymentTable(
        regions=regions,
        sectors=sectors,
        jobs=np.nan_to_num(cells, nan=0.0),
        firms=firms,
        x=places.get("x"),
        y=places.get("y"),
        area_km2=places.get("area"),
        population=places.get("population"),
        year=year,
        missing=int(np.isnan(cells).sum()),
        notes=tuple(notes),
    )


def _sums(rows: Floats) -> list[int]:
    """Return the rows that hold in every column what all the other rows hold together.

    Fewer than two columns with jobs, or a single other row, can agree by chance.
    """
    others = rows.sum(axis=0) - rows
    # Half a job for each row of the sum, as figures may be rounded.
    near = np.abs(rows - others) <= np.minimum(0.5 * len(rows), 1e-3 * others) + 1e-9
    alike = near.all(axis=1) & ((rows > 0).sum(axis=1) > 1)
    return np.flatnonzero(alike).tolist() if len(rows) > 2 else []  # noqa: PLR2004


def _of_regions(
    role: str, values: Floats, region: NDArray[np.intp], n_regions: int, notes: list[str]
) -> Floats | None:
    """Return one figure for each region, or None with a note if some regions have none."""
    result = np.full(n_regions, np.nan)
    result[region] = values
    given = int((~np.isnan(result)).sum())
    if given < n_regions:
        if given:
            notes.append(f"{role} is given for {given} of {n_regions} regions only; it is not used")
        return None
    return result


def _warnings(regions: Sequence[str], sectors: Sequence[str], jobs: Floats) -> list[str]:
    """Return notes on names and figures that look like mistakes."""
    notes = []
    for what, names, rows in (("region", regions, jobs), ("sector", sectors, jobs.T)):
        totals = [name for name in names if _TOTAL.search(name)] if len(names) > 1 else []
        sums = [names[row] for row in _sums(rows)]
        notes += [
            f"{what} {name!r} looks like a total; if it is one, delete its rows, "
            "or its jobs count twice"
            for name in dict.fromkeys([*totals[:1], *sums])
        ]
        folded: dict[str, str] = {}
        for name in names:
            other = folded.setdefault(name.casefold(), name)
            if other != name:
                notes.append(f"{what}s {other!r} and {name!r} differ in upper and lower case only")
    if len(regions) == 1:
        notes.append("the table has one region only; specialisation needs others to compare with")
    return notes
