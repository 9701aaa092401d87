"""What is taken home: it can be read, says what was seen, and repeats the run."""

import csv
import io
import zipfile
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from clustersim.app.catalogue import Catalogue
from clustersim.app.downloads import DOWNLOADS, figure, places_csv, scenario_file, tables_zip
from clustersim.app.session import Session, Twin
from clustersim.cli import app as command_line
from clustersim.store import read_run


@pytest.fixture(scope="module")
def session() -> Session:
    found = Session(Catalogue())
    found.put("entry.start_up_rate", 0.2)
    found.put_seed(9)
    found.put_twin(Twin())
    found.start()
    for quarter in range(13):
        if quarter == 5:
            found.strike("anchor", "Valley", "instruments")
        found.step()
    return found


def test_the_scenario_file_gives_the_same_numbers_on_the_command_line(
    session: Session, tmp_path: Path
) -> None:
    file, out = tmp_path / "scenario.yaml", tmp_path / "out"
    file.write_bytes(scenario_file(session))
    asked = ["run", str(file), "--out", str(out), "--no-plot", "--alone", "--quiet"]
    ran = CliRunner().invoke(command_line, asked)
    assert ran.exit_code == 0, ran.output
    stored = read_run(out).arrays("clusters")
    seen = session.main.tables["clusters"]
    for name, values in seen.items():
        np.testing.assert_array_equal(values, stored[name][: values.size], err_msg=name)


def test_the_table_has_the_numbers_of_both_worlds_with_names(session: Session) -> None:
    rows = list(csv.DictReader(io.StringIO(places_csv(session).decode("utf-8-sig"))))
    clusters = session.main.tables["clusters"]
    assert len(rows) == 2 * clusters["jobs"].size
    assert {row["world"] for row in rows} == {"this", "other"}
    assert rows[0]["region"] == "Valley"
    assert rows[0]["sector"] == "instruments"
    jobs = [float(row["jobs"]) for row in rows if row["world"] == "this"]
    np.testing.assert_array_equal(jobs, clusters["jobs"])
    assert rows[0]["newer_share"] == ""


def test_the_archive_holds_every_table_of_both_worlds_and_the_scenario(session: Session) -> None:
    with zipfile.ZipFile(io.BytesIO(tables_zip(session))) as archive:
        names = archive.namelist()
        assert archive.read("scenario.yaml") == scenario_file(session)
        assert b"clustersim run scenario.yaml" in archive.read("README.txt")
        for table, columns in session.main.tables.items():
            part = pq.read_table(io.BytesIO(archive.read(f"this_world/{table}.parquet")))
            assert part.column_names == list(columns)
    assert "other_world/clusters.parquet" in names


@pytest.mark.parametrize(("suffix", "begin"), [(".png", b"\x89PNG"), (".svg", b"<?xml")])
def test_the_figure_is_a_picture(suffix: str, begin: bytes, session: Session) -> None:
    assert figure(session, suffix).startswith(begin)


def test_a_figure_of_nothing_is_refused_in_words() -> None:
    fresh = Session(Catalogue())
    with pytest.raises(ValueError, match="put away"):
        figure(fresh, ".png")
    fresh.start()
    assert figure(fresh, ".png")


def test_each_download_makes_bytes(session: Session) -> None:
    assert len({one.filename for one in DOWNLOADS}) == len(DOWNLOADS)
    for one in DOWNLOADS:
        assert len(one.make(session)) > 100
