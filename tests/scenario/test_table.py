import csv
import gzip
import io
import os
import subprocess
import sys
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clustersim.scenario import table_source
from clustersim.scenario.table import TableError, available_years, read_employment_table

CELLS = [
    ("North", "Cars", 10),
    ("North", "Ships", 20),
    ("South", "Cars", 30),
    ("South", "Ships", 40),
]
HEAD = "region,sector,jobs\n"
GOOD = HEAD + "".join(f"{r},{s},{j}\n" for r, s, j in CELLS)


@pytest.fixture
def file(tmp_path):
    def write(content, name="table.csv"):
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def problems(path, **options):
    with pytest.raises(TableError) as caught:
        read_employment_table(path, **options)
    assert caught.value.problems
    return caught.value.problems


def only(path, **options):
    found = problems(path, **options)
    assert len(found) == 1, found
    return found[0]


# --- real tables ---------------------------------------------------------------------------------


def test_uk(shared_data):
    path = shared_data / "uk_itl2_jobs_2015_2022.csv"
    before = path.read_bytes()
    latest = read_employment_table(path)
    assert available_years(path) == tuple(range(2015, 2023))
    assert latest.year == 2022
    assert any("2015-2022; the latest, 2022" in note for note in latest.notes)
    assert latest.jobs.shape == (40, 19)
    absent = [read_employment_table(path, year=year).missing for year in range(2015, 2023)]
    assert absent == [5, 5, 5, 0, 0, 0, 0, 0]
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    for row in rows[::97]:
        t = read_employment_table(path, year=int(row["year"]))
        cell = t.regions.index(row["region"]), t.sectors.index(row["sector"])
        assert t.jobs[cell] == float(row["jobs"])
    assert path.read_bytes() == before


def test_germany_with_its_own_headings(shared_data):
    t = read_employment_table(shared_data / "germany_laender_2015.csv")
    assert t.jobs.shape == (16, 17)
    assert (t.year, t.missing) == (2015, 0)
    berlin, gastro = t.regions.index("Berlin"), t.sectors.index("Gastgewerbe")
    assert t.jobs[berlin, gastro] == 106400
    assert t.population[berlin] == 3520031
    assert t.area_km2[berlin] == pytest.approx(891.68)
    assert t.firms.shape == t.jobs.shape
    assert "column 'emp_all' is read as jobs" in t.notes


def test_table_that_is_not_one_of_jobs_by_region(shared_data):
    found = problems(shared_data / "goettingen_industries_2008_2017.csv")
    assert [p.line for p in found] == [None, None, None]
    assert "'jobs'" in found[2].message
    assert "one row for each region and sector" in found[2].message


# --- what is understood --------------------------------------------------------------------------


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends(file, separator, newline):
    t = read_employment_table(file(GOOD.replace(",", separator).replace("\n", newline)))
    assert t.jobs.tolist() == [[10, 20], [30, 40]]
    assert t.notes == ()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings(file, encoding):
    t = read_employment_table(file(GOOD.replace("North", "Küste").encode(encoding)))
    assert t.regions == ("Küste", "South")
    assert t.notes == ()


def test_cp1252_is_read_with_a_note(file):
    path = file(GOOD.replace("North", "Küste").encode("cp1252"))
    t = read_employment_table(path)
    assert t.regions == ("Küste", "South")
    assert "read as cp1252" in t.notes[0]
    assert read_employment_table(path, encoding="cp1252").notes == ()


def test_order_of_rows_and_columns_does_not_matter(file):
    lines = ["jobs,region,sector,extra"] + [f"{j},{r},{s},?" for r, s, j in reversed(CELLS)]
    t = read_employment_table(file("\n".join(lines)))
    assert (t.regions, t.sectors) == (("North", "South"), ("Cars", "Ships"))
    assert t.jobs.tolist() == [[10, 20], [30, 40]]


def test_gzip_and_spreadsheet_habits(file):
    text = "sep=;\r\nregion;sector;jobs\r\n\r\nNorth; Cars ;1\r\nNorth;Ships;2\r\n;;\r\n;;\r\n"
    t = read_employment_table(file(gzip.compress(text.encode()), "table.csv.gz"))
    assert t.sectors == ("Cars", "Ships")
    assert t.jobs.tolist() == [[1, 2]]


def test_quoted_separators_and_line_breaks(file):
    path = file(HEAD + 'North,"Cars,\nvans",1\nNorth,"""Ships""",2\nNorth,Trade,none\n')
    found = only(path)
    assert (found.line, found.column) == (5, "jobs")
    t = read_employment_table(file(path.read_text().replace("none", "3")))
    assert t.sectors == ('"Ships"', "Cars, vans", "Trade")


@pytest.mark.parametrize(
    ("numbers", "values"),
    [
        (("1234.5", "7"), (1234.5, 7)),
        (("1234,5", "7"), (1234.5, 7)),
        (("1.234,5", "1.000"), (1234.5, 1000)),
        (("1,234.5", "1,000"), (1234.5, 1000)),
        (("1 234,5", "1\u00a0000"), (1234.5, 1000)),
        (("1'234.5", "1’000"), (1234.5, 1000)),
        (("1,234,567", "7"), (1234567, 7)),
        (("1.234.567", "7.000"), (1234567, 7000)),
        (("0.125", "1.125"), (0.125, 1.125)),
        (("1.5e3", "+2"), (1500, 2)),
        ((".5", "1."), (0.5, 1)),
    ],
)
def test_ways_to_write_numbers(file, numbers, values):
    lines = ["region;sector;jobs"] + [f"N;{i};{n}" for i, n in enumerate(numbers)]
    assert read_employment_table(file("\n".join(lines))).jobs.tolist() == [list(values)]


@pytest.mark.parametrize("number", ["1.234", "1,234"])
def test_number_with_two_meanings_is_refused_until_told(file, number):
    path = file(f"region;sector;jobs\nN;a;{number}\n")
    found = only(path)
    assert "can mean 1234 or 1.234" in found.message
    assert "decimal=" in found.message
    both = {read_employment_table(path, decimal=sign).total_jobs for sign in ".,"}
    assert both == {1234, 1.234}


def test_comma_between_columns_settles_what_a_comma_in_a_number_means(file):
    assert read_employment_table(file(HEAD + 'N,a,"1,234"\n')).total_jobs == 1234


def test_points_before_three_digits_are_open_between_commas_too(file):
    message = only(file(HEAD + "N,a,12.400\nN,b,3.150\n")).message
    assert "'12.400' in column 'jobs' can mean 12400 or 12.400" in message
    assert "`decimal: ','` in the `table:` of a scenario, in Python decimal='.'" in message
    assert read_employment_table(file(HEAD + "N,a,12.400\n"), decimal=",").total_jobs == 12400
    for other in ("0.5", "1234.567", "1234"):
        path = file(HEAD + f"N,a,12.400\nN,b,{other}\n")
        assert read_employment_table(path).total_jobs == 12.4 + float(other)


def test_two_conventions_in_one_file_are_refused(file):
    found = only(file("region;sector;jobs\nN;a;1,25\nN;b;1.5\nN;c;2,5\n"))
    assert found.line == 3
    assert "found '1.5', expected a number of jobs, with ',' before decimals" in found.message


@pytest.mark.parametrize("mark", ["", "-", ".", ":", "x", "NA", "..."])
def test_cells_without_figure_are_absent(file, mark):
    t = read_employment_table(file(GOOD.replace("20", mark)))
    assert t.jobs.tolist() == [[10, 0], [30, 40]]
    assert t.missing == 1
    assert "counted as absent cells: 1" in t.notes[0]


def test_cells_not_in_the_file_are_absent(file):
    t = read_employment_table(file(GOOD.replace("North,Ships,20\n", "")))
    assert t.jobs.tolist() == [[10, 0], [30, 40]]
    assert t.missing == 1


def test_optional_columns(file):
    text = (
        "region,sector,jobs,firms,x,y,area_km2,population\n"
        "N,a,1,5,-1.5,2,100,1000\nN,b,2,,-1.5,2,100,1000\nS,a,3,4,7,8,50,500\n"
    )
    t = read_employment_table(file(text))
    np.testing.assert_array_equal(t.firms, [[5, np.nan], [4, np.nan]])
    assert t.x.tolist() == [-1.5, 7]
    assert t.y.tolist() == [2, 8]
    assert t.area_km2.tolist() == [100, 50]
    assert t.population.tolist() == [1000, 500]


def test_half_given_descriptions_are_left_out_with_a_note(file):
    text = "region,sector,jobs,x,population\nN,a,1,1,9\nS,a,3,2,\n"
    t = read_employment_table(file(text))
    assert (t.x, t.y, t.population) == (None, None, None)
    assert any("population is given for 1 of 2 regions" in note for note in t.notes)
    assert any("both x and y" in note for note in t.notes)


@pytest.mark.parametrize(
    "header",
    [
        "Bundesland,Wirtschaftszweig,Beschäftigte",
        "BUNDESLAND,Branche,Beschaeftigte",
        "nuts_name,industry,employees",
        "region,ind_name,emp_all",
    ],
)
def test_known_headings(file, header):
    t = read_employment_table(file(GOOD.replace("region,sector,jobs", header)))
    assert t.total_jobs == 100


def test_headings_named_by_the_user(file):
    path = file(GOOD.replace("region,sector,jobs", "Where,What,How many"))
    names = {"region": "Where", "sector": "what", "jobs": "How many"}
    assert read_employment_table(path, columns=names).total_jobs == 100
    assert len(problems(path)) == 3


def test_a_column_named_for_one_role_is_not_taken_for_another(file):
    path = file("region_name,region,jobs\nN,a,1\nS,a,2\n")
    t = read_employment_table(path, columns={"sector": "region"})
    assert (t.regions, t.sectors) == (("N", "S"), ("a",))


def test_several_years(file):
    path = file("region,sector,jobs,year\nN,a,1,2019\nN,a,2,2021.0\nS,b,5,2019\n")
    assert available_years(path) == (2019, 2021)
    latest = read_employment_table(path)
    assert (latest.regions, latest.total_jobs, latest.year) == (("N",), 2, 2021)
    earlier = read_employment_table(path, year=2019)
    assert (earlier.jobs.tolist(), earlier.missing) == ([[1, 0], [0, 5]], 2)
    assert not any("latest" in note for note in earlier.notes)
    found = only(path, year=2020)
    assert "no rows for the year 2020; the file has 2019, 2021" in found.message


def test_file_without_years(file):
    path = file(GOOD)
    assert available_years(path) == ()
    assert read_employment_table(path).year is None
    assert "no column of years" in only(path, year=2020).message


def test_totals_and_near_duplicates_are_pointed_out(file):
    t = read_employment_table(file(GOOD + "north,Cars,1\nNorth,Insgesamt,30\n"))
    assert any("'Insgesamt' looks like a total" in note for note in t.notes)
    assert any("'North' and 'north' differ" in note for note in t.notes)


def test_figures_that_are_sums_of_the_others_are_pointed_out(file):
    rows = "A,x,10\nA,y,20\nB,x,5\nB,y,7\nAB,x,15\nAB,y,27\n"
    notes = read_employment_table(file(HEAD + rows)).notes
    assert [n.split(" looks")[0] for n in notes if "a total" in n] == ["region 'AB'"]
    notes = read_employment_table(file(HEAD + rows.replace("15", "16"))).notes
    assert not any("a total" in note for note in notes)


def test_one_heading_cannot_have_two_roles(file):
    found = only(file(GOOD), columns={"region": "region", "sector": "Region"})
    assert found.column == "region"
    assert "is named for the roles 'region' and 'sector'" in found.message


def test_what_is_no_regular_file_is_not_read(tmp_path, file, monkeypatch):
    os.mkfifo(tmp_path / "pipe.csv")
    for path in (tmp_path / "pipe.csv", "/dev/zero"):
        assert "is not a regular file" in only(path).message
    monkeypatch.setattr(table_source, "MOST_BYTES", 50)
    assert "is too large" in only(file(GOOD)).message
    assert "is too large" in only(file(gzip.compress(b"region,sector,jobs\n" * 9))).message


def test_jobs_out_of_range(file):
    assert "out of range" in only(file(HEAD + "N,a,1e13\n")).message


def test_control_characters_in_names(file):
    rows = "".join(f"N,sector {i},1\n" for i in range(40))
    found = only(file(HEAD + rows + "N\x07,a,1\n"))
    assert (found.line, found.column) == (42, "region")
    assert "a control character in 'N\\x07'" in found.message


def test_one_region_can_be_read(file):
    t = read_employment_table(file(HEAD + "North,Cars,1\nNorth,Ships,2\n"))
    assert t.jobs.shape == (1, 2)
    assert any("one region only" in note for note in t.notes)


def test_byte_order_mark_in_the_middle_is_no_part_of_a_name(file):
    t = read_employment_table(file(HEAD + "\ufeffN,a,1\n\ufeffN,b,2\nN,c,3\n"))
    assert t.regions == ("N",)


def test_accents_written_in_two_ways_are_one_name(file):
    t = read_employment_table(file(HEAD + "Zu\u0308rich,a,1\nZ\u00fcrich,b,2\n"))
    assert t.regions == ("Zürich",)


# --- Parquet -------------------------------------------------------------------------------------


def parquet(path, **columns):
    pq.write_table(pa.table(columns), path)
    return path


@pytest.mark.parametrize("kind", [pa.int32(), pa.float32(), pa.decimal128(9, 2), pa.string()])
def test_parquet(tmp_path, kind):
    path = parquet(
        tmp_path / "table.any",
        region=pa.array(["N", "N", "S"]).dictionary_encode(),
        sector=pa.array([1, 2, 1]),
        year=pa.array([2020, 2020, 2020], pa.int16()),
        jobs=pa.array([10, 20, None]).cast(pa.string()).cast(kind),
    )
    t = read_employment_table(path)
    assert t.jobs.tolist() == [[10, 20], [0, 0]]
    assert (t.regions, t.sectors, t.missing) == (("N", "S"), ("1", "2"), 2)


def test_parquet_problems_name_the_row(tmp_path):
    path = parquet(
        tmp_path / "bad.parquet", region=["N", "N", None], sector=["a", "a", "b"], jobs=[1.0, -2, 3]
    )
    assert [(p.unit, p.line, p.column) for p in problems(path)] == [
        ("row", 2, "jobs"),
        ("row", 3, "region"),
    ]
    assert "row 2" in str(problems(path)[0])


def test_parquet_columns_of_the_wrong_type(tmp_path):
    path = parquet(
        tmp_path / "bad.parquet",
        region=["N", "S"],
        sector=["a", "b"],
        jobs=[True, False],
        year=pa.array([0, 1], pa.date32()),
    )
    found = problems(path)
    assert {p.column for p in found} == {"jobs", "year"}
    assert "holds bool, expected numbers" in next(p for p in found if p.column == "jobs").message
    with pytest.raises(TableError, match="date32"):
        available_years(path)


def test_parquet_names_of_the_wrong_type(tmp_path):
    path = parquet(tmp_path / "bad.parquet", region=[["N"], ["S"]], sector=["a", "b"], jobs=[1, 2])
    assert "expected names" in only(path).message


def test_parquet_with_nan_and_infinity(tmp_path):
    path = parquet(
        tmp_path / "bad.parquet", region=["N", "S"], sector=["a", "a"], jobs=[np.nan, np.inf]
    )
    assert [p.line for p in problems(path)] == [1, 2]


def test_damaged_parquet(tmp_path):
    path = parquet(tmp_path / "t.parquet", region=["N"], sector=["a"], jobs=[1])
    path.write_bytes(path.read_bytes()[:-20])
    assert "cannot be read as a Parquet file" in only(path).message


# --- what is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        (GOOD.replace("20", "many"), 3, "jobs", "found 'many', expected a number of jobs"),
        (GOOD.replace("20", "-20"), 3, "jobs", "found '-20', expected a number of jobs of 0"),
        (GOOD.replace("20", "nan"), 3, "jobs", "found 'nan'"),
        (GOOD.replace("20", "-inf"), 3, "jobs", "found '-inf'"),
        (GOOD.replace("20", "1e999"), 3, "jobs", "found '1e999'"),
        (GOOD.replace("20", "1 2"), 3, "jobs", "found '1 2'"),
        (GOOD.replace("20", "0x14"), 3, "jobs", "found '0x14'"),
        (GOOD + "North,Cars,11\n", 6, "region", "'North', 'Cars' occurs again"),
        (GOOD.replace("South,Cars", ",Cars"), 4, "region", "empty, expected the name of a region"),
        (GOOD.replace("South,Cars", "South, "), 4, "sector", "empty, expected the name of a sect"),
        (GOOD.replace("20\n", "20,21\n"), 3, None, "4 fields, expected 3"),
        (GOOD.replace(",20\n", "\n"), 3, None, "2 fields, expected 3"),
        (HEAD, None, None, "a heading but no rows"),
        (HEAD + "\n\n,,\n", None, None, "a heading but no rows"),
        ("", None, None, "is empty"),
        ("\n \n", None, None, "is empty"),
        (HEAD + "N,a,0\nS,a,0\n", None, None, "no positive number of jobs"),
        (HEAD + "N,a,\nS,a,\n", None, None, "no positive number of jobs"),
        (HEAD + 'N,"a,1\nS,a,2\n', 2, None, "quotation mark"),
        ("region,sector,jobs,year\nN,a,1,soon\n", 2, "year", "found 'soon', expected a year"),
        ("region,sector,jobs,year\nN,a,1,\n", 2, "year", "found nothing, expected a year"),
        ("region,sector,jobs,year\nN,a,1,2015.5\n", 2, "year", "found '2015.5'"),
        ("region,sector,jobs,firms\nN,a,1,-1\n", 2, "firms", "number of firms of 0 or more"),
        ("region,sector,jobs,x,y\nN,a,1,east,2\n", 2, "x", "expected a position in km"),
    ],
)
def test_problem_with_its_place(file, text, line, column, message):
    path = file(text)
    found = only(path)
    assert (found.path, found.line, found.column) == (str(path), line, column)
    assert message in found.message


@pytest.mark.parametrize("role", ["x", "y", "area", "population"])
def test_description_that_differs_within_a_region(file, role):
    text = f"region,sector,jobs,year,{role}\nN,a,1,2015,7\nS,a,2,2015,9\nN,b,2,2015,8\n"
    found = only(file(text + "N,a,1,2016,10\nN,b,1,2016,10\n"))
    assert (found.line, found.column) == (4, role)
    assert "found 8, but 7 in an earlier row of 'N'" in found.message
    assert found.message.endswith("(see line 2)")


def test_duplicate_names_the_line_of_the_first(file):
    found = only(file(HEAD + "\nN,a,1\n\nN,a,2\n"))
    assert found.line == 5
    assert found.message.endswith("(see line 3)")


def test_same_cell_in_two_years_is_no_duplicate(file):
    path = file("region,sector,jobs,year\nN,a,1,2015\nN,a,2,2016\nN,a,3,2016\n")
    found = only(path)
    assert found.line == 4
    assert "'N', 'a', 2016" in found.message


def test_missing_column_names_the_nearest_heading(file):
    found = only(file(GOOD.replace("sector", "sektors")))
    assert found.line is None
    assert "no column with the name of the sector" in found.message
    assert "Did you mean 'sektors'?" in found.message
    assert "columns={'sector'" in found.message


def test_column_named_but_absent(file):
    found = only(file(GOOD), columns={"jobs": "jbos"})
    assert "no column has this heading" in found.message
    assert "Did you mean 'jobs'?" in found.message


def test_unknown_role(file):
    found = only(file(GOOD), columns={"secter": "sector"})
    assert "Did you mean 'sector'?" in found.message


def test_ambiguous_headings(file):
    found = only(file("region,employees,workforce,sector\nN,1,1,a\n"))
    assert "'employees', 'workforce' could each be the jobs" in found.message
    twice = file("region,jobs,jobs,sector\nN,1,1,a\n")
    assert "Rename all but one of them in the file" in only(twice).message
    assert "2 columns have this heading" in only(twice, columns={"jobs": "jobs"}).message


def test_all_problems_at_once_in_the_order_of_the_file(file):
    text = HEAD + "N,a,x1\n,a,2\nN,c,-3\n" + "N,d,1,2\n"
    assert [p.line for p in problems(file(text))] == [2, 3, 4, 5]


def test_twenty_problems_are_shown_and_the_rest_counted(file):
    path = file(HEAD + "".join(f"N,{i},bad\n" for i in range(1500)))
    with pytest.raises(TableError) as caught:
        read_employment_table(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[0].startswith(f"{path}, line 2, column 'jobs': found 'bad'")
    assert lines[-1] == "and 1,480 more"
    assert (len(caught.value.problems), caught.value.total) == (1000, 1500)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04rest of a workbook", "an Excel or OpenDocument workbook"),
        (b"\xd0\xcf\x11\xe0rest", "an old Excel workbook"),
        (b"PAR1 but no more", "cannot be read as a Parquet file"),
        (b"\x1f\x8bnot really", "damaged gzip"),
        (gzip.compress(GOOD.encode(), mtime=0)[:-9], "damaged gzip"),
        (bytes(range(256)) * 20, "binary data"),
        (b"\x00" * 1000, "binary data"),
        (b"\xff\xfe" + b"\x00\xd8" * 9, "not text in the encoding 'utf-16'"),
    ],
)
def test_what_is_no_table(file, content, message):
    assert message in only(file(content)).message


def test_paths_that_are_no_files(tmp_path, file):
    assert "is a folder" in only(tmp_path).message
    assert "no such file" in only(tmp_path / "nowhere.csv").message
    assert "cannot be read" in only("nul\0byte.csv").message
    assert "cannot be read" in only(file(GOOD) / "below").message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"encoding": "klingon"}, "no encoding 'klingon'"),
        ({"encoding": "hex"}, "no encoding 'hex'"),
        ({"encoding": "ascii"}, "not text in the encoding 'ascii'"),
        ({"separator": ";;"}, "separator ';;'"),
        ({"separator": '"'}, "expected one sign"),
        ({"decimal": "x"}, "decimal 'x'"),
    ],
)
def test_options_without_meaning(file, options, message):
    assert message in only(file(GOOD.replace("North", "Küste")), **options).message


def test_wrong_separator_is_recognised_as_such(file):
    found = problems(file(GOOD), separator=";")
    assert "the file has 'region,sector,jobs'" in found[0].message


def test_a_column_of_numbers_taken_for_regions(file):
    rows = "".join(f"r{i},s{i},1\n" for i in range(5000))
    assert "5,000 regions times 5,000 sectors" in only(file(HEAD + rows)).message


# --- how it behaves ------------------------------------------------------------------------------


def test_import_is_light():
    code = (
        "import sys, clustersim.scenario.table\n"
        "print([m for m in ('pandas', 'pyarrow', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_a_million_rows(tmp_path):
    stream = io.StringIO()
    stream.write("region;sector;jobs\n")
    for r in range(1000):
        stream.writelines(f"region {r};sector {s};{r + s},5\n" for s in range(1000))
    path = tmp_path / "big.csv"
    path.write_text(stream.getvalue())
    start = time.perf_counter()
    t = read_employment_table(path)
    assert time.perf_counter() - start < 15
    assert t.jobs.sum() == sum((r + s + 0.5) for r in range(1000) for s in range(1000))
