"""The life cycle with and without, counted by hand."""

import numpy as np
import pytest

from clustersim.experiments.comparison.stages import life_cycle, lives
from tests.experiments.comparison.made import tables

JOBS = np.ones((2, 2, 2))


def test_years_and_passages_by_hand():
    done = tables(
        JOBS,
        stages=[(0, 0, "growth"), (0, 0, "growth"), (0, 1, "maturity"), (0, 1, "none")],
        # The first cluster gets to maturity twice, and counts once.
        passages=[(0, 0, "maturity"), (0, 0, "renewal"), (0, 0, "maturity"), (0, 1, "none")],
    )
    without = tables(JOBS, stages=[(0, 0, "decline")], passages=[(0, 0, "decline")])
    found = lives(done, without)
    assert found.years.tolist() == [[0, 2, 1, 0, 0], [0, 0, 0, 1, 0]]
    assert found.passages.tolist() == [[1, 0, 1, 1], [0, 1, 0, 0]]
    effects = {one.name: one for one in life_cycle([found, lives(without, without)])}
    assert effects["in growth"].effect.value == 1.0
    assert effects["in growth"].unit == "cluster-years"
    assert effects["clusters declining"].effect.value == -0.5
    assert effects["clusters declining"].without == 1.0
    assert effects["clusters dissolving"].effect.value == 0.5
    assert effects["clusters dissolving"].holm >= effects["clusters dissolving"].p


def test_no_clusters_at_all():
    found = life_cycle([lives(tables(JOBS), tables(JOBS))] * 2)
    assert all(one.effect.value == 0.0 and not one.sure for one in found)
    assert {one.holm for one in found} == {1.0}


def test_effects_that_are_the_same_at_every_seed_are_sure():
    done = tables(JOBS, stages=[(0, 0, "growth")])
    found = {one.name: one for one in life_cycle([lives(done, tables(JOBS))] * 3)}
    assert found["in growth"].sure
    assert found["in growth"].p == pytest.approx(0.0)
