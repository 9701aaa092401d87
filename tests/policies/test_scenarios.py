"""Every built-in scenario runs from the command line, is compared, and accounts for its money."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from clustersim.cli import app
from clustersim.experiments.counterpart import counterpart
from clustersim.experiments.run import resolve, run
from clustersim.scenario.builtin import builtin_scenarios
from clustersim.scenario.reader import read_scenario
from clustersim.store import read_run

LARGE = {"panorama"}
"""Too large to be run for years here; tests/experiments_folder/test_panorama.py runs it."""
COARSER = 4.0
"""How many times as many real jobs a simulated one stands for here."""
NAMES = [one.name for one in builtin_scenarios() if one.name not in LARGE]


def coarser(name: str) -> float:
    return COARSER * read_scenario(name).scenario.world.employment_scale


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_from_the_command_line(name: str, tmp_path: Path) -> None:
    scenario = read_scenario(name).scenario
    begins = [policy.year for policy in scenario.policies if policy.enabled]
    begins += [shock.year for shock in scenario.shocks]
    years = np.ceil(max(begins, default=1992) - scenario.world.start_year) + 2.0
    options = ["--years", str(years), "--set", f"world.employment_scale={coarser(name)}"]
    done = CliRunner().invoke(
        app, ["run", name, *options, "--json", "--quiet", "--no-plot", "--out", str(tmp_path / "r")]
    )
    assert done.exit_code == 0, done.stderr
    compared = json.loads(done.stdout)["compared"]
    stored = read_run(tmp_path / "r")
    if counterpart(resolve(name)) is None:
        assert compared is None
    else:
        assert any(one["difference"] for one in compared["differences"])
    if scenario.policies:
        rules = stored.manifest["rules"]
        assert {one["policy"] for one in rules} == {
            policy.name for policy in scenario.policies if policy.enabled
        }
        assert all(one["kept"] for one in rules)
        ledger = stored.arrays("ledger")
        assert ledger["euro"][ledger["purpose"] == "measure"].sum() > 0.0


def test_a_policy_changes_nothing_before_it_begins() -> None:
    given = {"world.employment_scale": coarser("poles"), "years": 17}
    resolved = resolve("poles", given)
    done, without = run(resolved), run(counterpart(resolved, given))
    assert "ledger" not in without.tables
    before = done.tables["clusters"]["year"] < 2005
    assert before.any()
    for column, values in done.tables["clusters"].items():
        other = without.tables["clusters"][column]
        assert np.array_equal(values[before], other[before], equal_nan=True), column
    with_it, without_it = (one.tables["clusters"]["innovations"] for one in (done, without))
    assert not np.array_equal(with_it, without_it)
