import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clustersim.policies.order import rank, within_limits


def test_ranks_by_hand():
    score = np.array([0.3, 0.1, 0.2, 0.1])
    assert rank(score, np.array([True, True, False, True])).tolist() == [2, 0, 4, 1]


def test_the_first_of_groups_by_hand():
    group = np.array([0, 1, 0, 1, 0])
    score = np.array([0.5, 0.2, 0.1, 0.3, 0.4])
    chosen = within_limits(group, score, np.ones(5), np.array([2.0, 0.0]))
    assert chosen.tolist() == [False, False, True, False, True]


def test_who_does_not_fit_lets_nobody_pass():
    chosen = within_limits(
        np.zeros(3, dtype=np.int64), np.arange(3.0), np.array([2.0, 5.0, 1.0]), np.array([4.0])
    )
    assert chosen.tolist() == [True, False, False]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1), st.floats(0, 5)), max_size=40),
    st.lists(st.floats(0, 30), min_size=4, max_size=4),
)
def test_limits_are_kept_and_nobody_better_of_a_group_is_left_out(rows, limits):
    group = np.array([g for g, _, _ in rows], dtype=np.int64)
    score, amount = (np.array([row[at] for row in rows], dtype=float) for at in (1, 2))
    chosen = within_limits(group, score, amount, np.array(limits))
    for g in range(4):
        here = group == g
        assert amount[here & chosen].sum() <= limits[g] + 1e-5
        if chosen[here].any() and (~chosen[here]).any():
            assert score[here & chosen].max() <= score[here & ~chosen].min()
