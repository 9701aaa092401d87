"""Transition table and durations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from clustersim.measures.lifecycle import Stage, durations, transition_table

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
