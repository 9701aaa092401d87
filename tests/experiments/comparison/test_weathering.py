"""What a policy does to what shocks take: differences of differences by hand."""

import json

import numpy as np
import pytest

from clustersim.experiments.comparison.weathering import weathered, weathering, words
from tests.experiments.comparison.made import tables

YEARS = 9


def run(loss=0.0, level=100.0, strikes=3, last=None):
    """Jobs that a shock takes a share of from a record on, up to one before `last`."""
    jobs = np.full(YEARS, level)
    jobs[strikes:last] *= 1.0 - loss
    return tables(jobs.reshape(-1, 1, 1))


def four(with_policy, without, level=110.0, **given):
    return weathered(
        run(with_policy, level, **given), run(without, **given), run(level=level), run()
    )


def test_a_policy_that_halves_the_loss_by_hand():
    one = four(0.05, 0.10)
    assert one.year == 2002
    assert one.since.tolist() == [-2, -1, 0, 1, 2, 3, 4, 5, 6]
    # Over what there would be without the shock; the 10 % that the policy brings cancel out.
    assert one.struck[0][2:5] == pytest.approx([1.0, 0.95, 0.95])
    found = weathering([one, one])
    assert found.done["depth"].value == pytest.approx(0.05)
    assert found.without["depth"].value == pytest.approx(0.10)
    assert found.change["depth"].value == pytest.approx(-0.05)
    assert found.change["resistance"].value == pytest.approx(0.05)
    assert found.change["lost_for_good"].value == pytest.approx(-0.05)
    assert found.change["years_lost"].value == pytest.approx(-0.05 * 6)
    assert found.loss[1][3:] == pytest.approx(np.full(6, 0.10))
    assert "5.0% at worst with the policy and 10.0% without it" in words(found)
    json.dumps(found.to_dict(), allow_nan=False)


def test_a_policy_that_only_brings_jobs_does_nothing_to_resilience():
    found = weathering([four(0.1, 0.1, level=200.0), four(0.2, 0.2, level=300.0)])
    assert all(one.value == pytest.approx(0.0) for one in found.change.values())
    assert "no more than luck" in words(found)


def test_recovery_with_it_and_none_without():
    shaken = weathered(run(0.1, last=6), run(0.1), run(), run())
    found = weathering([shaken])
    assert found.done["time_to_recovery"].value == 4.0
    assert np.isnan(found.without["time_to_recovery"].value)
    assert found.done["lost_for_good"].value == pytest.approx(0.0)


def test_the_interval_is_over_seeds():
    seeds = [four(0.05, 0.10), four(0.02, 0.10), four(0.08, 0.10), four(0.05, 0.12)]
    depth = weathering(seeds).change["depth"]
    assert depth.value == pytest.approx(0.05 - 0.105)
    assert depth.low < depth.value < depth.high < 0.0


def test_seeds_are_lined_up_at_their_shocks():
    found = weathering([four(0.1, 0.1, strikes=2), four(0.1, 0.1, strikes=4), None])
    assert found.seeds == 2
    assert found.years == (2001, 2003)
    assert found.since.tolist() == [-1, 0, 1, 2, 3, 4, 5]
    assert found.done["depth"].value == pytest.approx(0.1)


def test_where_no_shock_strikes_there_is_nothing_to_weather():
    assert four(0.0, 0.0) is None
    assert weathering([None, None]) is None
    assert weathering([]) is None


def test_other_records_are_refused():
    with pytest.raises(ValueError, match="same records"):
        weathered(run(), run(), run(), tables(np.ones((YEARS - 1, 1, 1))))
