"""Whatever table is written is read as it was; whatever is damaged is refused, never otherwise."""

import csv
import gzip
import io
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clustersim.scenario.table import TableError, available_years, read_employment_table
from clustersim.world.employment import EmploymentTable

REQUIRED = ["region", "sector", "jobs", "year"]


def normal(name):
    return unicodedata.normalize("NFC", " ".join(name.split()))


def names(**signs):
    letters = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff", **signs)
    return st.text(letters, min_size=1, max_size=12).map(normal).filter(bool)


amounts = st.one_of(
    st.integers(0, 10**7).map(float), st.floats(0, 1e9, allow_nan=False, allow_infinity=False)
)


@dataclass
class Sheet:
    """A table as rows of text, and what it should be read as."""

    header: list[str]
    rows: list[list[str]]
    regions: list[str]
    sectors: list[str]
    jobs: np.ndarray
    present: np.ndarray
    separator: str
    decimal: str

    def text(self):
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, delimiter=self.separator, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return stream.getvalue()


@st.composite
def sheets(draw, separators=",;\t|", codec="utf-8"):
    regions = sorted(draw(st.lists(names(codec=codec), min_size=1, max_size=5, unique=True)))
    sectors = sorted(draw(st.lists(names(codec=codec), min_size=1, max_size=5, unique=True)))
    shape = len(regions), len(sectors)
    cells = [(r, s) for r in range(shape[0]) for s in range(shape[1])]
    chosen = draw(st.lists(st.sampled_from(cells), min_size=1, unique=True))
    present = np.zeros(shape, dtype=bool)
    jobs = np.zeros(shape)
    for cell in chosen:
        present[cell] = True
        jobs[cell] = draw(amounts)
    assume(jobs.sum() > 0)
    decimal = draw(st.sampled_from(".,"))
    header = draw(st.permutations([*REQUIRED, "remark"]))
    rows = []
    for r, s in chosen:
        row = {
            "region": regions[r],
            "sector": sectors[s],
            "jobs": repr(float(jobs[r, s])).replace(".", decimal),
            "year": "2020",
            "remark": draw(st.sampled_from(["", "x", "a,b;c"])),
        }
        rows.append([row[name] for name in header])
    return Sheet(
        header, rows, regions, sectors, jobs, present, draw(st.sampled_from(separators)), decimal
    )


def read(data, name="table.csv", **options):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        try:
            return read_employment_table(path, **options)
        finally:
            assert path.read_bytes() == data


def outcome(data, reader=read_employment_table):
    """Return what is read and None, or None and the error; any other exception is a failure."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        path.write_bytes(data)
        try:
            return reader(path), None
        except TableError as error:
            return None, error


def assert_same(table, sheet):
    r, s = sheet.present.any(axis=1), sheet.present.any(axis=0)
    assert table.regions == tuple(np.array(sheet.regions, dtype=object)[r])
    assert table.sectors == tuple(np.array(sheet.sectors, dtype=object)[s])
    np.testing.assert_array_equal(table.jobs, sheet.jobs[np.ix_(r, s)])
    assert table.missing == (~sheet.present[np.ix_(r, s)]).sum()
    assert table.year == 2020


@given(
    sheets(),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    st.booleans(),
    st.booleans(),
)
def test_what_is_written_is_read(sheet, encoding, packed, told):
    data = sheet.text().encode(encoding)
    options = {"encoding": encoding, "separator": sheet.separator} if told else {}
    table = read(gzip.compress(data) if packed else data, decimal=sheet.decimal, **options)
    assert_same(table, sheet)


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@given(st.data())
def test_old_encodings(encoding, data):
    sheet = data.draw(sheets(codec=encoding))
    encoded = sheet.text().encode(encoding)
    assert_same(read(encoded, encoding=encoding, decimal=sheet.decimal), sheet)


@given(sheets(separators=";\t|"))
def test_decimal_sign_is_recognised_or_asked_for_but_never_mistaken(sheet):
    table, error = outcome(sheet.text().encode())
    if error is None:
        assert_same(table, sheet)
    else:
        assert "decimal=" in str(error)


CELLS = {
    "text": ("jobs", "several"),
    "negative": ("jobs", "-3"),
    "nan": ("jobs", "NaN"),
    "infinite": ("jobs", "inf"),
    "no region": ("region", " "),
    "no sector": ("sector", ""),
    "no year": ("year", ""),
    "odd year": ("year", "MMXX"),
}


def spoil(sheet, row, what):
    """Damage one row; return the text and the column to blame, None for the whole row."""
    column = {name: i for i, name in enumerate(sheet.header)}
    if what in CELLS:
        blamed, value = CELLS[what]
        sheet.rows[row][column[blamed]] = value
        return blamed
    if what == "too long":
        sheet.rows[row] = [*sheet.rows[row], "more"]
    else:
        sheet.rows[row] = sheet.rows[row][:-1]
    return None


@given(
    sheets(),
    st.data(),
    st.sampled_from([*CELLS, "too long", "too short"]),
)
def test_one_damaged_row_is_found_where_it_is(sheet, data, what):
    row = data.draw(st.integers(0, len(sheet.rows) - 1))
    blamed = spoil(sheet, row, what)
    with pytest.raises(TableError) as caught:
        read(sheet.text().encode(), decimal=sheet.decimal, separator=sheet.separator)
    places = [(p.line, p.column) for p in caught.value.problems]
    assert places == [(row + 2, blamed)]


@given(sheets(), st.data())
def test_repeated_cell_is_found(sheet, data):
    row = data.draw(st.sampled_from(sheet.rows))
    sheet.rows.append(list(row))
    with pytest.raises(TableError, match="occurs again"):
        read(sheet.text().encode(), decimal=sheet.decimal)


@given(sheets(), st.sampled_from(["region", "sector", "jobs"]))
def test_missing_column_is_found(sheet, name):
    sheet.header[sheet.header.index(name)] = "something else"
    with pytest.raises(TableError) as caught:
        read(sheet.text().encode(), decimal=sheet.decimal)
    assert [p.line for p in caught.value.problems] == [None]
    assert repr(name) in caught.value.problems[0].message


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_table_error(data):
    table, error = outcome(data)
    assert error.problems if table is None else isinstance(table, EmploymentTable)


@given(sheets(), st.data(), st.binary(max_size=6))
def test_broken_files_are_a_table_or_a_table_error(sheet, data, noise):
    whole = sheet.text().encode()
    at = data.draw(st.integers(0, len(whole)))
    broken = whole[:at] + noise + whole[data.draw(st.integers(at, len(whole))) :]
    table, error = outcome(broken)
    assert error.problems if table is None else table.total_jobs > 0
    years, error = outcome(broken, available_years)
    assert error.problems if years is None else isinstance(years, tuple)
