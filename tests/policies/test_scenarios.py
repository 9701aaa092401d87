"""Every built-in scenario with a policy runs, and its money is accounted for."""

import numpy as np
import pytest

from clustersim.experiments.run import run
from clustersim.scenario.builtin import builtin_scenarios
from clustersim.scenario.reader import read_scenario

LARGE = {"panorama"}
"""Too large to be run for years here; tests/experiments_folder/test_panorama.py runs it."""
NAMES = [
    one.name
    for one in builtin_scenarios()
    if one.name not in LARGE and read_scenario(one.name).scenario.policies
]


def test_there_is_one():
    assert "poles" in NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_with_and_without_its_policies_on_the_same_luck(name):
    scenario = read_scenario(name).scenario
    begins = min(policy.year for policy in scenario.policies) - scenario.world.start_year
    years = np.ceil(begins) + 3.0
    done = run(name, years=years)
    without = run(name, years=years, overrides={"policy.enabled": False})
    assert "ledger" not in without.tables
    booked = done.tables["ledger"]
    euro = {
        purpose: booked["euro"][booked["purpose"] == purpose].sum()
        for purpose in ("appropriation", "fee", "staff", "measure", "return")
    }
    left = euro["appropriation"] + euro["fee"] - euro["staff"] - euro["measure"] - euro["return"]
    assert euro["measure"] > 0.0
    assert -0.01 < left < euro["appropriation"]
    before = done.tables["clusters"]["year"] < scenario.world.start_year + begins
    for column in ("jobs", "innovations", "research"):
        with_it, without_it = (one.tables["clusters"][column] for one in (done, without))
        assert np.array_equal(with_it[before], without_it[before])
        assert not np.array_equal(with_it, without_it)
