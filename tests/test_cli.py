"""The command line: what goes where, exit codes, help, interrupts."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clustersim.cli import app, console
from clustersim.experiments import rerun as rerun_module
from clustersim.store import read_run

VALLEYS = Path(__file__).parent / "experiments" / "data" / "valleys.yaml"
COMMANDS = (
    "scenarios",
    "init",
    "check",
    "describe",
    "schema",
    "identify",
    "run",
    "branch",
    "sweep",
    "resume",
    "status",
    "compare",
    "report",
    "export",
    "sensitivity",
    "optimise",
    "cycles",
    "premium",
    "resilience",
    "benchmark",
    "rerun",
    "validate",
    "calibrate",
    "odd",
    "doctor",
)
HELP_SECONDS = 0.3
IMPORT_SECONDS = 0.5

JOBS = "region,sector,jobs\n" + "\n".join(
    f"{region},{sector},{jobs}"
    for region, ships in (("North", 8000), ("South", 500), ("East", 500))
    for sector, jobs in (("ships", ships), ("care", 4000), ("food", 3000))
)

# Says that the run has begun, and never ends.
HANGING = """
import time
from pathlib import Path
from typing import ClassVar
from clustersim.mechanisms.base import Mechanism

class Hang(Mechanism):
    name: ClassVar[str] = "hang"

    def apply(self, world, draws):
        Path("begun").touch()
        time.sleep(60)
"""
FAILING = HANGING.replace('Path("begun").touch()', 'raise RuntimeError("no luck")')

# A process in the background of a shell ignores Ctrl-C, and so do those it starts.
MAIN = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from clustersim.cli import main
main()
"""


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def process(*arguments: object, **kwargs: Any) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "clustersim", *map(str, arguments)]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=120, **kwargs
    )


def seconds(*arguments: str) -> float:
    """Return the processor time of a Python process: the clock would measure its neighbours."""
    best = float("inf")
    for _ in range(3):
        before = os.times()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        after = os.times()
        spent = after.children_user + after.children_system
        best = min(best, spent - before.children_user - before.children_system)
    return best


@pytest.fixture
def jobs_file(empty_cwd: Path) -> Path:
    file = empty_cwd / "jobs.csv"
    file.write_text(JOBS)
    return file


# Help


def test_help_lists_every_command() -> None:
    for arguments in (["--help"], ["-h"], []):
        done = call(*arguments)
        assert all(f"  {name} " in done.output for name in COMMANDS)
    assert call("-h").exit_code == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_each_command_has_an_example(command: str) -> None:
    done = call(command, "-h")
    assert done.exit_code == 0
    assert re.search(rf"Example: clustersim {command}\b", done.stdout)
    assert call(command, "--help").stdout == done.stdout


def test_examples_in_the_help_name_what_exists() -> None:
    from clustersim.schedule import SCHEDULE

    (name,) = re.findall(r"--set ([\w.]+)=", call("run", "-h").stdout.split("Example:")[1])
    mechanism, parameter = name.split(".")
    fields = {one.name: one.model_fields for one in SCHEDULE}
    assert parameter in fields[mechanism]


def test_version() -> None:
    from clustersim import __version__

    assert call("--version").stdout == f"clustersim {__version__}\n"


@pytest.mark.skipif(os.name != "posix", reason="needs the processor time of a child")
def test_help_and_import_are_fast() -> None:
    assert 0 < seconds("-m", "clustersim", "--help") < HELP_SECONDS
    assert 0 < seconds("-c", "import clustersim") < IMPORT_SECONDS


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, clustersim.cli; "
        "print(*sorted({m.partition('.')[0] for m in sys.modules} & set(sys.argv[1:])))"
    )
    heavy = ["matplotlib", "mesa", "numba", "numpy", "pandas", "pyarrow", "pydantic", "rich"]
    done = subprocess.run(
        [sys.executable, "-c", code, *heavy], check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == ""


# Scenario files


def test_scenarios_lists_base_first() -> None:
    assert call("scenarios").stdout.splitlines()[1].startswith("base ")
    assert json.loads(call("scenarios", "--json").stdout)[0]["name"] == "base"


def test_schema_is_json() -> None:
    schema = json.loads(call("schema").stdout)
    assert schema["$schema"].startswith("https://json-schema.org/")
    assert "years" in schema["properties"]
    study = json.loads(call("schema", "--study").stdout)
    assert {"scenarios", "uncertainties", "levers"} <= set(study["properties"])


def test_check_tells_all_problems_of_all_files(empty_cwd: Path) -> None:
    bad = empty_cwd / "bad.yaml"
    bad.write_text(VALLEYS.read_text().replace("years: 20", "years: soon").replace("seed", "sead"))
    done = call("check", VALLEYS, bad, "nope")
    assert done.exit_code == 2
    assert done.stdout == f"{VALLEYS}: correct\n"
    lines = bad.read_text().splitlines()
    for word, expected in (("soon", "years"), ("sead", "seed")):
        number = next(n for n, line in enumerate(lines, 1) if word in line)
        assert re.search(rf"bad\.yaml:{number}:.*{word}", done.stderr)
        assert expected in done.stderr
    assert "nope" in done.stderr
    report = json.loads(call("check", VALLEYS, bad, "--json").stdout)
    assert [one["ok"] for one in report] == [True, False]
    assert len(report[1]["problems"]) == 2
    assert call("check", VALLEYS).exit_code == 0


def test_describe_tells_values_units_and_origins() -> None:
    done = call("describe", VALLEYS, "--set", "learning.tie_rate=0.11")
    assert done.exit_code == 0
    (years,) = [line for line in done.stdout.splitlines() if line.startswith("years ")]
    assert re.search(r" 20 +years +.*valleys\.yaml:\d+ ", years)
    report = json.loads(
        call("describe", VALLEYS, "--json", "--set", "learning.tie_rate=0.11").stdout
    )
    (rate,) = [row for row in report["values"] if row["path"] == "learning.tie_rate"]
    assert rate["value"] == "0.11"
    assert rate["origin"].startswith("command line")
    assert report["words"].startswith("Three valleys.")


def test_init_writes_a_correct_scenario_once(empty_cwd: Path) -> None:
    done = call("init", "Ma région")
    assert (done.exit_code, done.stdout) == (0, "ma-région.yaml\n")
    assert call("check", "ma-région.yaml").exit_code == 0
    assert "Ma région" in Path("ma-région.yaml").read_text(encoding="utf-8")
    Path("ma-région.yaml").write_text("precious")
    again = call("init", "Ma région")
    assert (again.exit_code, again.stdout) == (2, "")
    assert "exists already" in again.stderr
    assert Path("ma-région.yaml").read_text() == "precious"
    assert call("init", "Ma région", "--force").exit_code == 0
    assert call("init", "--out", "none/x.yaml").exit_code == 2


def test_init_from_a_table(jobs_file: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    assert call("init", "beside", "--table", jobs_file).exit_code == 0
    assert "path: jobs.csv" in Path("beside.yaml").read_text()
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "away.yaml"
    assert call("init", "away", "--table", jobs_file, "--out", elsewhere).exit_code == 0
    jobs_file.rename("moved.csv")
    assert call("check", elsewhere).exit_code == 0
    assert call("check", "beside.yaml").exit_code == 2


# Clusters in a table


def test_identify_names_the_cluster(jobs_file: Path) -> None:
    done = call("identify", jobs_file, "--out", "map.png")
    assert done.exit_code == 0
    assert re.search(r"^ships +North +8,000 ", done.stdout, re.MULTILINE)
    assert Path("map.png").read_bytes().startswith(b"\x89PNG")
    report = json.loads(call("identify", jobs_file, "--json").stdout)
    first = report["clusters"][0]
    assert (first["region"], first["sector"], first["jobs"]) == ("North", "ships", 8000)


def test_identify_keeps_pictures_and_takes_columns(jobs_file: Path) -> None:
    Path("map.png").write_text("precious")
    assert call("identify", jobs_file, "--out", "map.png").exit_code == 2
    assert Path("map.png").read_text() == "precious"
    assert call("identify", jobs_file, "--out", "map.jpeg").exit_code == 2
    jobs_file.write_text(JOBS.replace("region", "Gegend", 1))
    assert call("identify", jobs_file).exit_code == 2
    assert call("identify", jobs_file, "--column", "region=Gegend").exit_code == 0


@pytest.mark.parametrize("pairs", [["region"], ["=x"], ["region=a", "region=b"]])
def test_pairs_without_sense_are_refused(jobs_file: Path, pairs: list[str]) -> None:
    options = [part for pair in pairs for part in ("--column", pair)]
    done = call("identify", jobs_file, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--column" in done.stderr


# Runs


def test_run_stores_what_it_tells(empty_cwd: Path) -> None:
    done = call("run", VALLEYS, "--years", 2, "--seed", 3, "--set", "learning.tie_rate=0.11")
    assert done.exit_code == 0, done.stderr
    assert "Result: runs/valleys-seed3" in done.stdout.replace(os.sep, "/")
    stored = read_run("runs/valleys-seed3")
    stored.verify()
    assert (stored.manifest["seed"], stored.manifest["years"]) == (3, 2)
    assert "learning.tie_rate: 0.11" in stored.manifest["scenario"]["text"]


def test_run_never_takes_the_place_of_another(empty_cwd: Path) -> None:
    folders = []
    for _ in range(3):
        done = call("run", VALLEYS, "--years", 0.5, "--json", "--quiet")
        assert done.stderr == ""
        folders.append(Path(json.loads(done.stdout)["folder"]).name)
    assert folders == ["valleys-seed7", "valleys-seed7-2", "valleys-seed7-3"]
    assert call("run", VALLEYS, "--years", 0.5, "--out", "runs/valleys-seed7").exit_code == 2


def test_run_with_out_and_force(empty_cwd: Path) -> None:
    arguments = ("run", VALLEYS, "--years", 0.5, "--out", "here/deep")
    assert call(*arguments).exit_code == 0
    refused = call(*arguments, "--seed", 9)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "exists already" in refused.stderr
    assert call(*arguments, "--seed", 9, "--force").exit_code == 0
    assert read_run("here/deep").manifest["seed"] == 9


def test_run_draws_the_clusters_and_shocks(empty_cwd: Path) -> None:
    scenario = empty_cwd / "shocked.yaml"
    shocks = "shocks:\n  - {kind: demand, year: 1992, depth: 0.2}\n"
    scenario.write_text(VALLEYS.read_text() + shocks)
    done = call("run", scenario, "--years", 6, "--plot", "life.svg")
    assert done.exit_code == 0, done.stderr
    assert "demand for everything falls by 20%" in Path("life.svg").read_text()
    assert call("run", scenario, "--years", 6, "--plot", "life.svg").exit_code == 2


def with_policy(folder: Path, more: str = "") -> Path:
    """Write a scenario with a policy that begins in 1991 and ends in 1994."""
    scenario = folder / "funded.yaml"
    scenario.write_text(
        VALLEYS.read_text()
        + "policies:\n  - {name: help, programme: innosup_1, year: 1991, until: 1994,\n"
        + "     budget: 5e6, identification: {method: mapping}}\n"
        + more
    )
    return scenario


def test_run_says_what_a_policy_changes(empty_cwd: Path) -> None:
    scenario = with_policy(empty_cwd)
    done = call("run", scenario, "--years", 6, "--out", "r", "--plot", "life.svg")
    assert done.exit_code == 0, done.stderr
    assert "Compared with 'Three valleys, without its policies', on the same luck" in done.stdout
    assert re.search(r"^innovations +in what is supported +[0-9,]+ ", done.stdout, re.MULTILINE)
    assert "kept, as the ledger shows: the share of SMEs" in done.stdout.replace("\n", " ")
    assert "policy 'help' begins" in Path("life.svg").read_text()
    compared = read_run("r").manifest["compared"]
    assert {one["scope"] for one in compared["differences"]} == {"all", "supported"}
    alone = call("run", scenario, "--years", 6, "--alone", "--no-plot", "--json", "--quiet")
    assert json.loads(alone.stdout)["compared"] is None


def test_run_compares_with_what_a_scenario_names(empty_cwd: Path) -> None:
    against = "against: {title: A little, policies.help.budget: 1e5}\n"
    scenario = with_policy(empty_cwd, against)
    done = call("run", scenario, "--years", 4, "--no-plot", "--json", "--quiet")
    assert json.loads(done.stdout)["compared"]["with"] == "A little"
    wrong = with_policy(empty_cwd, "against: {policies.hepl.budget: 1e5}\n")
    for command in ("run", "check"):
        done = call(command, wrong)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "funded.yaml, against: policies.hepl.budget" in done.stderr


@pytest.fixture
def stored_run(empty_cwd: Path) -> Path:
    """Return the folder of a run with a policy from 1991 to 1994."""
    call("run", with_policy(empty_cwd), "--years", 6, "--out", "run", "--alone", "--no-plot")
    return Path("run")


def test_branch_says_what_differs_from_then_on(stored_run: Path) -> None:
    done = call("branch", stored_run, "--at", 1993.25, "--without", "help")
    assert done.exit_code == 0, done.stderr
    assert "from 1993.25 on, on the same luck: policy 'help' ends in 1993.25." in done.stdout
    assert re.search(r"what +where +branch +as it was +difference", done.stdout)
    assert re.search(r"innovations +in what is supported", done.stdout)
    assert "Result: runs/run-branch" in done.stdout.replace(os.sep, "/")
    assert read_run("runs/run-branch").manifest["branch"]["quarter"] == 13
    assert call("rerun", "runs/run-branch").exit_code == 0
    again = call("branch", stored_run, "--at", 1993.25, "--without-all", "--json", "--quiet")
    assert again.stderr == ""
    report = json.loads(again.stdout)
    assert Path(report["folder"]).name == "run-branch-2"
    assert report["fingerprint"] == read_run("runs/run-branch").manifest["fingerprint"]
    assert report["changes"] == ["policy 'help' ends in 1993.25"]
    assert report["program_changed"] is False
    assert {one["scope"] for one in report["differences"]} == {"all", "supported"}


def test_branch_with_values_a_scenario_and_more_years(stored_run: Path) -> None:
    values = ("--set", "policies.help.budget=1e6", "--set", "shocks=[{kind: pandemic, year: 1995}]")
    done = call("branch", stored_run, "--at", 1993, *values, "--years", 7, "--out", "longer")
    assert done.exit_code == 0, done.stderr
    assert "years is 7 instead of" in done.stdout
    assert read_run("longer").manifest["years"] == 7
    other = stored_run / "scenario.yaml"
    text = other.read_text(encoding="utf-8").replace("- name: help", "- name: other")
    Path("other.yaml").write_text(text, encoding="utf-8")
    done = call("branch", stored_run, "--at", 1993, "--scenario", "other.yaml", "-q")
    assert done.exit_code == 0, done.stderr
    assert "policy 'help' ends in 1993; policy 'other' begins in 1993" in done.stdout


def test_branch_after_the_last_record_compares_nothing(empty_cwd: Path) -> None:
    call("run", with_policy(empty_cwd), "--years", 6, "--out", "run", "--alone", "--no-plot")
    more = ("--set", "market.localisation=0.5", "--years", 7)
    done = call("branch", "run", "--at", 1996, *more)
    assert done.exit_code == 0, done.stderr
    assert "nothing is compared" in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("run",), "Missing option '--at'"),
        (("nowhere", "--at", 1993, "--without-all"), "no such folder"),
        ((".", "--at", 1993, "--without-all"), "holds no run"),
        (("run", "--at", 1993), "say what changes: --without NAME"),
        (("run", "--at", "soon", "--without-all"), "Input should be a valid number"),
        (("run", "--at", 1890, "--without-all"), "outside of the run"),
        (("run", "--at", "nan", "--without-all"), "outside of the run"),
        (("run", "--at", 1993.1, "--without-all"), "no quarter begins in 1993.1"),
        (("run", "--at", 1993, "--without", "hlp"), "did you mean 'help'?"),
        (("run", "--at", 1993, "--without", "help", "--without-all"), "leave --without out"),
        (("run", "--at", 1993, "--without", "help", "--scenario", "base"), "come in the place of"),
        (("run", "--at", 1993, "--scenario", "nowhere"), "no built-in scenario of this name"),
        (("run", "--at", 1993, "--set", "seed=4"), "seed: can't change"),
        (("run", "--at", 1993, "--set", "market.localisatio=1"), "did you mean"),
        (("run", "--at", 1993, "--without-all", "--out", "run"), "exists already"),
        (("run", "--at", 1993, "--without-all", "--years", -3), "years"),
    ],
)
def test_branch_refuses_what_it_cannot_use(
    stored_run: Path, options: tuple[Any, ...], words: str
) -> None:
    before = sorted(Path().rglob("*"))
    done = call("branch", *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr.replace("\n", " ")
    assert "Traceback" not in done.stderr
    assert sorted(Path().rglob("*")) == before


def test_compare_says_what_differs_over_seeds(empty_cwd: Path) -> None:
    scenario = with_policy(empty_cwd)
    options = ("compare", scenario, "--seeds", 3, "--years", 6, "--workers", 1)
    done = call(*options, "--out", "found", "--all", "--precision", 0.01)
    assert done.exit_code == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "Three valleys against Three valleys, without its policies, 3 seeds" in text
    assert re.search(r"^innovations +supported .*%.* to ", done.stdout, re.MULTILINE)
    for words in (
        "Jobs at the end are the same everywhere",
        "net present value",
        "one more",
        "cluster-years",
    ):
        assert words in text
    report = json.loads(Path("found/compare.json").read_text())
    assert report["seeds"] == [1, 2, 3]
    assert {"groups", "money", "stages", "course"} <= set(report["cases"][0])
    for name in ("effects", "jobs", "winners_1", "acceptability", "plane"):
        assert Path(f"found/{name}.png").read_bytes().startswith(b"\x89PNG")
    again = call(*options, "--out", "found", "--json")
    assert (again.exit_code, json.loads(again.stdout)["cases"]) == (0, report["cases"])
    assert call("compare", VALLEYS, scenario, *options[2:], "--out", "found").exit_code == 2
    alone = call("compare", VALLEYS, "--seeds", 2)
    assert (alone.exit_code, alone.stdout) == (2, "")
    assert "nothing to compare it with" in alone.stderr
    assert call("compare", VALLEYS, "--seeds", 1).exit_code == 2


def test_compare_holds_several_scenarios_against_each_other(empty_cwd: Path) -> None:
    scenario = with_policy(empty_cwd)
    options = ("--seeds", 2, "--years", 5, "--workers", 1, "--quiet")
    prices = ("--discount-rate", 0.05, "--co2-price", 7, "--value-added", 1e5, "--willing", 1e6)
    done = call("compare", scenario, scenario, *options, *prices, "--deadweight", 0.2)
    assert done.exit_code == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "best on average, chance funded funded (2)" in text
    assert "5.0% a year" in text
    assert "CO2, 7 a tonne" in text
    assert "value added, 100,000 a job" in text
    assert "and 20% deadweight" in text
    assert "at 1,000,000 euro for one more" in text
    told = call("compare", scenario, *options, "--json", "--resilience")
    report = json.loads(told.stdout)
    assert report["cases"][0]["weathering"] is None  # there are no shocks
    assert report["rivals"] == []
    assert call("compare", scenario, "--discount-rate", -1).exit_code == 2
    wrong = call("compare", scenario, "--co2-price", "inf", "--out", "never")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "co2: expected a finite number of at least 0" in wrong.stderr
    assert not Path("never").exists()


# Studies


def test_cycles_writes_what_it_tells(empty_cwd: Path) -> None:
    options = ("cycles", VALLEYS, "--seeds", 2, "--set", "years=16", "--workers", 1)
    done = call(*options, "--out", "found", "--factor", 1.5)
    assert done.exit_code == 0, done.stderr
    assert "Thresholds divided and multiplied by 1.5" in done.stdout
    assert re.search(r"^growth_up +0\.03 +0\.045 ", done.stdout, re.MULTILINE)
    report = json.loads(Path("found/cycles.json").read_text())
    assert report["seeds"] == [1, 2]
    lines = Path("found/thresholds.csv").read_text().splitlines()
    assert len(lines) == len(report["thresholds"]) + 1
    assert lines[0].startswith("threshold,usual,value,changed_share")
    for picture in ("phase", "stages", "reasons"):
        assert Path(f"found/{picture}.png").read_bytes().startswith(b"\x89PNG")
    again = call(*options, "--out", "found")
    assert (again.exit_code, again.stdout) == (2, "")
    assert call(*options, "--out", "found", "--parquet", "--force", "--quiet").stderr == ""
    assert Path("found/passages.parquet").is_file()


def test_cycles_and_premium_print_json_alone() -> None:
    options = ("--seeds", 1, "--set", "years=3", "--workers", 1, "--json", "--quiet")
    for command, key in (("cycles", "thresholds"), ("premium", "explained")):
        done = call(command, VALLEYS, *options)
        assert (done.exit_code, done.stderr) == (0, "")
        assert json.loads(done.stdout)[key]


def test_premium_writes_what_it_tells(empty_cwd: Path) -> None:
    options = ("premium", VALLEYS, "--seeds", 2, "--set", "years=16", "--workers", 1)
    done = call(*options, "--out", "found")
    assert done.exit_code == 0, done.stderr
    for name in ("spillovers", "sector mix", "jobs in better firms", "= premium", "Europe"):
        assert re.search(rf"^{name} ", done.stdout, re.MULTILINE)
    report = json.loads(Path("found/premium.json").read_text())
    assert report["seeds"] == [1, 2]
    assert Path("found/premium.png").read_bytes().startswith(b"\x89PNG")
    assert call(*options, "--out", "found").exit_code == 2


def test_resilience_writes_what_it_tells(empty_cwd: Path) -> None:
    shaken = empty_cwd / "shaken.yaml"
    shock = "shocks:\n  - {kind: demand, year: 1993, sector: tools, depth: 0.3}\n"
    shaken.write_text(VALLEYS.read_text() + shock)
    options = ("resilience", shaken, "--seeds", 2, "--set", "years=8", "--workers", 1)
    done = call(*options, "--out", "found")
    assert done.exit_code == 0, done.stderr
    for name in ("whole economy", "struck places", "lost for good", "never more than|were back"):
        assert re.search(name, done.stdout)
    assert json.loads(Path("found/resilience.json").read_text())["seeds"] == [1, 2]
    assert Path("found/resilience.png").read_bytes().startswith(b"\x89PNG")
    for name, columns in (("resilience", "depth_low"), ("courses", "years_since")):
        assert columns in Path(f"found/{name}.csv").read_text().splitlines()[0]
    assert call(*options, "--out", "found").exit_code == 2
    again = call(*options, "--out", "found", "--parquet", "--force", "--json", "--quiet")
    assert json.loads(again.stdout)["courses"]
    assert again.stderr == ""
    assert Path("found/courses.parquet").is_file()
    refused = call("resilience", VALLEYS, "--seeds", 1)
    assert refused.exit_code == 2
    assert "no shock that is at work" in refused.stderr


@pytest.mark.parametrize("command", ["cycles", "premium"])
@pytest.mark.parametrize(
    "options",
    [
        ("nope",),
        (VALLEYS, "--seeds", 0),
        (VALLEYS, "--seeds", -3),
        (VALLEYS, "--seeds", "many"),
        (VALLEYS, "--set", "years=0.5"),
        (VALLEYS, "--set", "market.selektion=1"),
        (VALLEYS, "--set", "market.selection"),
        (VALLEYS, "--workers", 0),
    ],
)
def test_studies_refuse_what_they_cannot_use(command: str, options: tuple[Any, ...]) -> None:
    done = call(command, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr
    assert "should not happen" not in done.stderr


@pytest.mark.parametrize("factor", [1, 0.5, -1, "inf", "nan"])
def test_cycles_refuses_a_factor_without_sense(factor: Any) -> None:
    done = call("cycles", VALLEYS, "--factor", factor)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--factor" in done.stderr


def test_run_from_a_table(jobs_file: Path) -> None:
    options = ("--table", jobs_file, "--years", 0.5, "--set", "world.employment_scale=10")
    done = call("run", "base", *options, "--json")
    assert done.exit_code == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["summary"]["n_places"] == 9
    assert report["summary"]["title"] == "jobs"
    assert Path(report["folder"]).name == "jobs-seed1"
    assert "no picture" in done.stderr
    assert call("run", "base", "--column", "region=Land").exit_code == 2
    assert call("run", "base", *options, "--column", "colour=Land").exit_code == 2


def test_run_with_a_mechanism_of_the_users_own(empty_cwd: Path) -> None:
    file = empty_cwd / "own.py"
    file.write_text("x = 1\n")
    done = call("run", VALLEYS, "--mechanism", file)
    assert done.exit_code == 2
    assert "has no subclass of clustersim.mechanisms.base.Mechanism" in done.stderr
    file.write_text(HANGING.replace("time.sleep(60)", "pass"))
    done = call("run", VALLEYS, "--years", 0.5, "--mechanism", f"{file}:Hang", "--out", "run")
    assert done.exit_code == 0, done.stderr
    assert Path("begun").exists()
    assert call("rerun", "run").exit_code == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "nope"),
        ("run", VALLEYS, "--years", "soon"),
        ("run", VALLEYS, "--years", "-1"),
        ("run", VALLEYS, "--set", "learning.tie_rat=0.1"),
        ("run", VALLEYS, "--set", "learning.tie_rate"),
        ("run", VALLEYS, "--nonsense"),
        ("run",),
        ("nonsense",),
        ("rerun", "nowhere"),
        ("identify", "nowhere.csv"),
        ("describe", "nope"),
    ],
)
def test_bad_input_is_told_without_a_traceback(
    empty_cwd: Path, arguments: tuple[object, ...]
) -> None:
    done = call(*arguments)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert list(empty_cwd.iterdir()) == []


def test_what_users_code_prints_does_not_disturb_the_result(empty_cwd: Path) -> None:
    file = empty_cwd / "own.py"
    text = HANGING.replace("time.sleep(60)", "print('in a quarter')")
    file.write_text("print('at import')\n" + text)
    done = call("run", VALLEYS, "--years", 0.5, "--mechanism", file, "--out", "run", "--json")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["summary"]["seed"] == 7
    assert "at import" in done.stderr
    assert "in a quarter" in done.stderr
    assert json.loads(call("rerun", "run", "--json").stdout)["identical"] is True


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("import time", "import sys; sys.exit(0)", 2), ("time.sleep(60)", "raise SystemExit(0)", 1)],
)
def test_users_code_that_ends_the_program_is_told(
    empty_cwd: Path, old: str, new: str, code: int
) -> None:
    (empty_cwd / "own.py").write_text(HANGING.replace(old, new))
    done = call("run", VALLEYS, "--mechanism", "own.py")
    assert (done.exit_code, done.stdout) == (code, "")
    assert re.search(r"own\.py, line \d+: it ends the program", done.stderr)


def test_trouble_with_a_file_is_one_line(empty_cwd: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, *_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "write_text", refuse)
    done = call("init", "closed")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == "error: closed.yaml: Permission denied\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a full device")
@pytest.mark.parametrize("arguments", [("scenarios",), ("--version",), ("schema",)])
def test_full_output_is_told(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "clustersim", *arguments],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
        )
    assert done.returncode == 1
    assert done.stderr == "error: standard output: No space left on device\n"


def test_unexpected_error_is_one_line_and_the_traceback_is_for_asking(
    empty_cwd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = empty_cwd / "own.py"
    file.write_text(FAILING)
    done = call("run", VALLEYS, "--mechanism", file)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "own.py, line 11: RuntimeError: no luck\n" in done.stderr
    assert "Traceback" not in done.stderr
    monkeypatch.setenv("CLUSTERSIM_TRACEBACK", "1")
    assert 'raise RuntimeError("no luck")' in call("run", VALLEYS, "--mechanism", file).stderr
    monkeypatch.delenv("CLUSTERSIM_TRACEBACK")

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("odd")

    monkeypatch.setattr("clustersim.experiments.run.resolve", fail)
    done = call("run", VALLEYS)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith("error: RuntimeError: odd\nThis should not happen. CLUSTERSIM_T")
    assert [path.name for path in empty_cwd.iterdir()] == ["own.py"]


def test_full_disk_is_a_failure_not_bad_input(
    empty_cwd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    done = call("run", VALLEYS, "--years", 0.5)
    assert done.exit_code == 1
    assert "the disk is full" in done.stderr
    assert list((empty_cwd / "runs").iterdir()) == []


def test_rerun_tells_whether_all_is_the_same(
    empty_cwd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    call("run", VALLEYS, "--years", 1, "--out", "run")
    done = call("rerun", "run")
    assert (done.exit_code, "identical to the last bit" in done.stdout) == (0, True)
    assert json.loads(call("rerun", "run", "--json").stdout)["identical"] is True

    other_seed = {"seed: 7": "seed: 8"}
    read = rerun_module.read_scenario_text

    def changed(text: str, **kwargs: Any) -> Any:
        for old, new in other_seed.items():
            text = text.replace(old, new)
        return read(text, **kwargs)

    monkeypatch.setattr(rerun_module, "read_scenario_text", changed)
    done = call("rerun", "run")
    assert done.exit_code == 1
    assert re.search(r"clusters: \d+ of \d+ columns differ", done.stdout)
    assert "clusters.jobs" not in done.stdout
    report = json.loads(call("rerun", "run", "--json").stdout)
    assert "clusters.jobs" in report["differing"]


def test_doctor_passes_and_fails(empty_cwd: Path) -> None:
    done = call("doctor", "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["ok"]) == (0, True)
    Path("runs").write_text("a file in the way")
    done = call("doctor")
    assert done.exit_code == 1
    assert "WRONG  disk:" in done.stdout


# Tables on a terminal

ROWS = [
    ("manufacture of machinery and equipment", "North", "1,234,567", "12.34", "a long life"),
    ("care", "South and the islands beyond it", "1", "0.50", "a life that is longer still"),
]
HEADING = ("sector", "region", "jobs", "LQ", "stages")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch: pytest.MonkeyPatch, width: int, **options: Any) -> list[str]:
    monkeypatch.setattr(sys, "stdout", Terminal())
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    return console.table(HEADING, ROWS, **options).splitlines()


@pytest.mark.parametrize("width", [120, 80, 60, 50])
def test_narrow_terminal_cuts_text_and_no_number(
    monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    lines = shown(monkeypatch, width)
    assert max(map(len, lines)) <= width
    assert "1,234,567" in lines[1]
    assert "12.34" in lines[1]
    assert lines[1].startswith("manufac")
    assert ("…" in lines[1]) is (width < 120)


def test_columns_that_can_be_spared_go_first(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, 110, spare=("stages", "region"))
    assert all(name in lines[0] for name in HEADING)
    assert lines[2].endswith("…")
    assert lines[1].startswith(ROWS[0][0])
    lines = shown(monkeypatch, 80, spare=("stages", "region"))
    assert "stages" not in lines[0]
    assert lines[1].startswith(ROWS[0][0])
    kept = shown(monkeypatch, 80, keep=("sector",))
    assert kept[1].startswith(ROWS[0][0])
    assert max(map(len, kept)) <= 80
    assert "region" not in shown(monkeypatch, 60, spare=("stages", "region"))[0]


def test_describe_has_no_endless_lines_in_a_pipe(empty_cwd: Path) -> None:
    longest = "very " * 300
    done = call("describe", VALLEYS, "--set", f"question={longest}")
    (question,) = [line for line in done.stdout.splitlines() if line.startswith("question ")]
    assert "…" in question
    rows = done.stdout.partition("\n\n")[2].splitlines()
    assert max(map(len, rows)) < 600
    assert (
        longest.strip()
        in call("describe", VALLEYS, "--set", f"question={longest}", "--json").stdout
    )


# Streams, colour and interrupts


def test_results_and_messages_go_to_different_streams(empty_cwd: Path) -> None:
    done = process("run", VALLEYS, "--years", 0.5, "--json", cwd=empty_cwd)
    assert done.returncode == 0
    assert json.loads(done.stdout)["summary"]["title"] == "Three valleys"
    loud = process("run", VALLEYS, "--years", 0.5, cwd=empty_cwd)
    assert "done in" in loud.stderr
    assert "\x1b" not in loud.stdout + loud.stderr


def test_json_is_readable_where_the_terminal_is_not_unicode(empty_cwd: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    (empty_cwd / "jobs.csv").write_text(JOBS.replace("North", "Süd"), encoding="utf-8")
    done = process("identify", "jobs.csv", "--json", cwd=empty_cwd, env=environment)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["clusters"][0]["region"] == "Süd"


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)])
def test_colour_only_on_a_terminal_that_wants_it(
    empty_cwd: Path, no_color: str, coloured: bool
) -> None:
    import pty

    environment = {**os.environ, "NO_COLOR": no_color, "TERM": "xterm"}
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "clustersim", "run", "nope"],
        check=False,
        stderr=theirs,
        stdout=subprocess.DEVNULL,
        cwd=empty_cwd,
        env=environment,
        timeout=60,
    )
    os.close(theirs)
    shown = os.read(ours, 10_000)
    os.close(ours)
    assert b"nope" in shown
    assert (b"\x1b[" in shown) is coloured


@pytest.mark.skipif(os.name != "posix", reason="needs the signals of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("options", [(), ("--out", "runs/mine")])
def test_run_that_is_cut_short_leaves_nothing_that_looks_whole(
    empty_cwd: Path, how: signal.Signals, options: tuple[str, ...]
) -> None:
    (empty_cwd / "hang.py").write_text(HANGING)
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "run", str(VALLEYS), "--mechanism", "hang.py", *options],
        cwd=empty_cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            limit = time.monotonic() + 60
            while not (empty_cwd / "begun").exists():
                assert time.monotonic() < limit
                time.sleep(0.02)
            started.send_signal(how)
            stdout, stderr = started.communicate(timeout=30)
        finally:
            started.kill()
    assert stdout == ""
    assert not (empty_cwd / "runs").exists()
    if how is signal.SIGINT:
        assert started.returncode == 130
        assert "interrupted: nothing was written" in stderr
        assert "Traceback" not in stderr


# The scorecard and the calibration


def test_validate_prints_a_table_of_facts_nulls_and_words(empty_cwd: Path) -> None:
    done = call("validate", VALLEYS, "--seeds", 2, "--out", "card", "--workers", 1)
    assert done.exit_code == 0
    assert "F8.survival_5" in done.stdout
    assert "spin_offs.concentration" in done.stdout
    assert "given to the calibration (C)" in done.stdout
    assert "P9.sme" in done.stdout
    assert "Counted by rows of the evidence" in done.stdout
    card = empty_cwd / "card" / "scorecard.json"
    document = json.loads(card.read_text())
    assert document["seeds"] == [1, 2]
    assert (empty_cwd / "card" / "sizes.png").is_file()
    # A part, run again, finds what the whole has found; what is not run is taken from it.
    again = ("validate", VALLEYS, "--only", "programmes", "--onto", card, "--workers", 1)
    done = call(*again, "--seeds", 2, "--out", "more", "--quiet")
    assert done.exit_code == 0
    assert "spin_offs.concentration" in done.stdout
    assert (empty_cwd / "more" / "scorecard.json").read_text() == card.read_text()
    other = call(*again, "--seeds", 3, "--quiet")
    assert other.exit_code == 2
    assert "has other seeds" in other.stderr
    # Nothing is overwritten.
    again = call("validate", VALLEYS, "--seeds", 2, "--out", "card")
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_validate_as_json() -> None:
    done = call("validate", VALLEYS, "--seeds", 2, "--no-nulls", "--json", "--quiet")
    document = json.loads(done.stdout)
    assert set(document) >= {"facts", "nulls", "seeds", "version"}
    assert document["nulls"] == []
    assert done.stderr == ""


def test_validate_refuses_bad_input(empty_cwd: Path) -> None:
    no_card = empty_cwd / "card.json"
    no_card.write_text("{}")
    for arguments in (
        ["nope"],
        [VALLEYS, "--set", "exit.hazzard=1"],
        [VALLEYS, "--seeds", 1],
        [VALLEYS, "--only", "programs"],
        [VALLEYS, "--onto", no_card],
        [VALLEYS, "--onto", empty_cwd / "none.json"],
    ):
        done = call("validate", *arguments)
        assert done.exit_code == 2, arguments
        assert "Traceback" not in done.output


def test_calibrate_searches_and_goes_on(empty_cwd: Path) -> None:
    (empty_cwd / "valleys.yaml").write_text(VALLEYS.read_text())
    study = empty_cwd / "study.yaml"
    study.write_text(
        "title: One number\nscenario: valleys.yaml\nyears: 16\nseeds: [1]\ntrials: 2\n"
        "parameters:\n  exit.hazard_old: {low: 0.01, high: 0.05, start: 0.02, source: a test}\n"
    )
    done = call("calibrate", study, "--out", "found", "--workers", 1)
    assert done.exit_code == 0
    assert "2 trials; the loss fell from" in done.stdout
    assert (empty_cwd / "found" / "best.yaml").is_file()
    more = call("calibrate", study, "--out", "found", "--trials", 3, "--json", "--quiet")
    assert json.loads(more.stdout)["n_trials"] == 3
    assert more.stderr == ""
    bad = call("calibrate", "nowhere.yaml")
    assert bad.exit_code == 2
    assert "nowhere.yaml" in bad.stderr


def test_odd_is_printed_or_written(empty_cwd: Path) -> None:
    printed = call("odd", VALLEYS)
    assert printed.exit_code == 0
    assert printed.stdout.startswith("# ODD protocol: Three valleys\n")
    written = call("odd", VALLEYS, "--out", "odd.md", "--quiet")
    assert written.output == ""
    assert (empty_cwd / "odd.md").read_text() == printed.stdout
    assert call("odd", VALLEYS, "--out", "odd.md").exit_code == 2
    assert call("odd", VALLEYS, "--out", "odd.md", "--force").exit_code == 0
    assert call("odd", "nope").exit_code == 2
