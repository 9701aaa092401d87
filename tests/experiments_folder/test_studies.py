"""The studies under ``experiments/`` run, tell the truth about their data, and fail clearly."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
UK = EXPERIMENTS / "uk_2015_2022" / "study.py"
GERMANY = EXPERIMENTS / "germany_2015" / "study.py"


def study(
    script: Path, *arguments: object, code: int = 0, cwd: Path | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", str(script), *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done


@pytest.fixture(scope="module")
def uk(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """Return the result of a coarse run of eight years, and its picture."""
    folder = tmp_path_factory.mktemp("uk")
    done = study(
        UK,
        *("--table", shared_data / "uk_itl2_jobs_2015_2022.csv", "--scale", 3000, "--seeds", 2),
        *("--years", 8, "--resolution", "5000", "--figure", "picture.png", "--json"),
        cwd=folder,
    )
    return json.loads(done.stdout), folder / "picture.png"


def test_uk_data_has_the_figures_that_were_published_with_it(
    uk: tuple[dict[str, Any], Path],
) -> None:
    lines = uk[0]["measures"]
    assert lines["persistence"]["data"] == pytest.approx(0.926, abs=5e-4)
    assert lines["share_over"]["before"] == pytest.approx(0.08, abs=0.005)
    assert lines["share_over"]["data"] == pytest.approx(0.10, abs=0.005)


def test_uk_forecast_of_no_change_is_the_persistence_of_the_data(
    uk: tuple[dict[str, Any], Path],
) -> None:
    lines = uk[0]["measures"]
    assert lines["forecast_lq"]["before"] == pytest.approx(lines["persistence"]["data"])
    assert lines["forecast_lq"]["mean"] < 1


def test_uk_interval_surrounds_the_mean_and_the_verdict_follows_from_it(
    uk: tuple[dict[str, Any], Path],
) -> None:
    for line in uk[0]["measures"].values():
        if line["low"] is not None:
            assert line["low"] <= line["mean"] <= line["high"]
        if line["inside"] is not None:
            assert line["inside"] == (line["low"] <= line["data"] <= line["high"])


def test_uk_course_begins_with_the_table(uk: tuple[dict[str, Any], Path]) -> None:
    course = uk[0]["course"]
    assert [row["year"] for row in course] == [2015, 2022, 2023]
    assert course[0]["jobs"] == pytest.approx(uk[0]["jobs"])
    assert course[0]["persistence"] == pytest.approx(1)
    assert course[0]["share_over"] == pytest.approx(uk[0]["measures"]["share_over"]["before"])


def test_uk_coarser_worlds_have_fewer_firms(uk: tuple[dict[str, Any], Path]) -> None:
    assert [row["scale"] for row in uk[0]["resolution"]] == [5000]
    assert uk[0]["resolution"][0]["firms"] < uk[0]["simulated_firms"]


def test_uk_picture_is_drawn(uk: tuple[dict[str, Any], Path]) -> None:
    assert uk[1].read_bytes().startswith(b"\x89PNG")


def test_uk_prints_a_table_and_a_verdict(shared_data: Path) -> None:
    table = shared_data / "uk_itl2_jobs_2015_2022.csv"
    text = study(UK, "--table", table, "--scale", 5000, "--seeds", 1).stdout
    assert "correlation, all cells" in text
    assert "Verdict:" in text
    assert "no other was fitted to it" in text


@pytest.mark.parametrize("script", [UK, GERMANY])
def test_without_its_table_a_study_says_which_and_exits_with_2(
    script: Path, tmp_path: Path
) -> None:
    done = study(script, "--table", tmp_path / "none.csv", code=2)
    assert "none.csv: no such file" in done.stderr
    assert not done.stdout


def test_uk_refuses_a_table_of_something_else(shared_data: Path) -> None:
    done = study(UK, "--table", shared_data / "germany_laender_2015.csv", code=2)
    assert "2022" in done.stderr


def test_uk_refuses_less_than_seven_years(shared_data: Path) -> None:
    table = shared_data / "uk_itl2_jobs_2015_2022.csv"
    assert "--years must be at least 7" in study(UK, "--table", table, "--years", 3, code=2).stderr


def test_germany_founds_its_table_and_stays_sound(shared_data: Path) -> None:
    table = shared_data / "germany_laender_2015.csv"
    done = study(GERMANY, "--table", table, "--scale", 2000, "--years", 9, "--json")
    document = json.loads(done.stdout)
    founded = document["founding"]
    assert founded["jobs_founded"] == pytest.approx(39_055_000)
    assert founded["jobs_worst_region"] < 1e-9
    # Rounded by luck in each of 272 cells, and at least one firm where there are jobs.
    assert founded["firms_founded"] == pytest.approx(founded["firms_table"], rel=0.05)
    assert [row["year"] for row in document["course"]] == [2015, 2022, 2024]
    assert all(document["checks"].values())
    assert all(np.isfinite(row["jobs"]) for row in document["course"])
