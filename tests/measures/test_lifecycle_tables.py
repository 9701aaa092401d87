"""Transition table and durations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from clustersim.measures.lifecycle import (
    DEFAULT_STAGE_RULE,
    Stage,
    dated,
    durations,
    stages,
    transition_table,
)

tables = arrays(
    np.int8, array_shapes(min_dims=2, max_dims=2, max_side=12), elements=st.integers(0, 5)
)


def test_by_hand():
    stage = np.array([[1, 3], [1, 3], [2, 3], [2, 4]])
    table = transition_table(stage)
    assert table[Stage.INFANCY, Stage.INFANCY] == 1
    assert table[Stage.INFANCY, Stage.GROWTH] == 1
    assert table[Stage.MATURITY, Stage.DECLINE] == 1
    assert table[Stage.MATURITY, Stage.MATURITY] == 2
    spells = durations(stage)
    assert spells.cluster.tolist() == [0, 0, 1, 1]
    assert spells.stage.tolist() == [1, 2, 3, 4]
    assert spells.start.tolist() == [0, 2, 0, 3]
    assert spells.years.tolist() == [2, 2, 3, 1]
    assert spells.censored.all()


def test_only_spells_within_the_record_are_complete():
    spells = durations([[1], [2], [2], [3]])
    assert spells.censored.tolist() == [True, False, True]
    assert spells.years.tolist() == [1, 2, 1]


@given(tables)
def test_everything_is_counted_once(stage):
    years, clusters = stage.shape
    table = transition_table(stage)
    assert table.shape == (6, 6)
    assert table.sum() == (years - 1) * clusters
    spells = durations(stage)
    assert spells.years.sum() == stage.size
    rebuilt = np.full(stage.shape, -1)
    for c, s, start, length in zip(
        spells.cluster, spells.stage, spells.start, spells.years, strict=True
    ):
        rebuilt[start : start + length, c] = s
    assert (rebuilt == stage).all()
    changes = table.sum() - np.trace(table)
    assert spells.years.size == changes + clusters


@pytest.mark.parametrize("bad", [[1, 2], [[1.0]], [[6]], [[-1]]])
@pytest.mark.parametrize("summary", [transition_table, durations])
def test_bad_tables_are_refused(summary, bad):
    with pytest.raises(ValueError, match="stage: expected"):
        summary(bad)


def test_dated_moves_stages_back_to_when_they_began() -> None:
    seen = np.array([[3], [3], [3], [4], [4], [5]])
    assert dated(seen, 2).ravel().tolist() == [3, 4, 4, 5, 5, 5]


def test_dated_leaves_appearance_and_disappearance_where_they_are() -> None:
    seen = np.array([[0, 2], [1, 2], [1, 0], [2, 0], [2, 0]])
    moved = dated(seen, 2)
    assert (moved == 0).tolist() == (seen == 0).tolist()
    assert moved[:, 0].tolist() == [0, 2, 2, 2, 2]
    assert moved[:, 1].tolist() == [2, 2, 0, 0, 0]


def test_a_turn_is_dated_to_within_two_years_of_itself() -> None:
    growth = np.r_[np.zeros(20), np.full(15, 0.06), np.zeros(15), np.full(15, -0.06)]
    jobs = 1000.0 * np.exp(np.cumsum(growth))[:, None]
    stage = stages(jobs, np.full(jobs.shape, 50.0)).stage
    turns = np.flatnonzero(np.diff(dated(stage, DEFAULT_STAGE_RULE.delay)[:, 0])) + 1
    assert np.abs(turns - [20, 35, 50]).max() <= 2


def test_a_negative_delay_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 0"):
        dated(np.array([[1]]), -1)
