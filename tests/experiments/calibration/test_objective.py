"""How far a parameter set is from the facts, on numbers made by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.experiments.calibration import objective
from clustersim.experiments.calibration.objective import (
    CALIBRATED,
    CONDITIONS,
    losses,
    mean_figures,
    total,
)
from clustersim.experiments.life_cycles import ClusterSeries
from tests.panels import panel, year


def perfect():
    """Figures that hit every target."""
    values = {}
    for fact in CALIBRATED:
        inside = max(fact.low, -1.0) if math.isinf(fact.high) else min(fact.high, 1.0)
        inside = 0.5 * (max(fact.low, inside - 1.0) + min(fact.high, inside + 1.0))
        values[fact.id] = inside if math.isnan(fact.target) else fact.target
    return values | {one.name: 0.5 * (one.low + one.high) for one in CONDITIONS}


def test_what_is_kept_for_validation_is_never_looked_at():
    assert {fact.use for fact in CALIBRATED} == {"C"}
    assert set(losses(perfect())) == {f.id for f in CALIBRATED} | {c.name for c in CONDITIONS}


def test_a_perfect_economy_has_no_loss():
    assert total(perfect()) == pytest.approx(0.0, abs=1e-12)


def test_the_loss_of_a_figure_by_hand():
    # F7.births: target 0.1035, range 0.090 to 0.117: half is 0.0135.
    for away, loss in ((0.0135, 1.0), (-0.0135, 1.0), (0.027, 4.0), (0.0405, 2.0 * (6.0 - 2.0))):
        found = losses(perfect() | {"F7.births": 0.1035 + away})["F7.births"]
        assert found == pytest.approx(loss)


def test_a_wrong_direction_counts_four():
    assert losses(perfect() | {"F40": 0.2})["F40"] == 4.0
    assert losses(perfect() | {"F40": -0.2})["F40"] == 0.0


def test_a_condition_counts_outside_its_range():
    assert losses(perfect() | {"jobs": 1.25})["jobs"] == 0.0
    # 0.2 below 0.8 is a quarter of it: four times that is 1.
    assert losses(perfect() | {"jobs": 0.6})["jobs"] == pytest.approx(1.0)


def test_what_no_run_shows_does_not_count():
    values = perfect() | {"F23": math.nan}
    assert "F23" not in losses(values)
    assert total(values) == pytest.approx(0.0, abs=1e-12)


@given(st.sampled_from([f for f in CALIBRATED if not math.isnan(f.target)]), st.floats(-50, 50))
def test_the_loss_is_smooth_even_and_grows(fact, z):
    half = 0.5 * (fact.high - fact.low)

    def loss(distance):
        return losses(perfect() | {fact.id: fact.target + distance * half})[fact.id]

    assert loss(z) == pytest.approx(loss(-z), abs=1e-6)
    assert loss(1.1 * z) >= loss(z) - 1e-9
    assert abs(loss(z + 1e-4) - loss(z)) < 1e-3


def test_figures_are_averaged_over_the_runs_that_show_them():
    found = mean_figures([{"a": 1.0, "b": math.nan}, {"a": 3.0, "b": math.nan}])
    assert found["a"] == 2.0
    assert math.isnan(found["b"])


def test_conditions_by_hand():
    quarter = np.array([60, 60, 64, 64])
    run = panel(
        year(0, [10.0, 10.0]),
        year(64, [10.0, 14.0]),
        clusters={
            "quarter": quarter,
            "unemployed": np.array([1.0, 0.0, 1.0, 2.0]),
            "jobs": np.array([20.0, 20.0, 25.0, 31.0]),
        },
        tables={
            "stages": {
                "quarter": np.repeat(quarter, 5),
                "stage": np.array(["infancy", "growth", "maturity", "decline", "renewal"] * 4),
            }
        },
    )
    assert isinstance(run.series, ClusterSeries)
    assert objective.jobs_kept(run) == pytest.approx(1.2)
    assert objective.unemployment(run) == pytest.approx(4.0 / 100.0)
    assert objective.rarest_stage(run) == pytest.approx(0.2)
