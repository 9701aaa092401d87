import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.experiments.validation.regression import groups, slopes, within


def test_within_takes_out_the_means_of_groups():
    assert within([1.0, 3.0, 10.0, 5.0], np.array([0, 0, 2, 2])).tolist() == [-1, 1, 2.5, -2.5]


def test_groups_number_combinations():
    number = groups([0, 0, 1, 1, 0], [5, 7, 5, 5, 5])
    assert number[0] == number[4]
    assert number[2] == number[3]
    assert np.unique(number).tolist() == [0, 1, 2]


@given(st.integers(0, 2**32 - 1))
def test_slopes_are_those_of_a_regression_on_dummies(seed):
    rng = np.random.default_rng(seed)
    n = 60
    group = np.arange(n) % 4
    x = rng.normal(size=(n, 2))
    y = x @ [0.5, -2.0] + np.array([3.0, -1.0, 0.0, 7.0])[group] + rng.normal(size=n)
    full = np.column_stack([x, group[:, None] == np.arange(4)])
    expected = np.linalg.lstsq(full, y, rcond=None)[0][:2]
    assert slopes(y, [x[:, 0], x[:, 1]], group) == pytest.approx(expected, abs=1e-9)


def test_one_intercept_if_there_are_no_groups():
    x = np.array([0.0, 1.0, 2.0])
    assert slopes(3.0 + 2.0 * x, [x]) == pytest.approx([2.0])


@pytest.mark.parametrize("x", [[1.0, 1.0, 1.0], [2.0]])
def test_what_does_not_vary_has_no_slope(x):
    assert np.isnan(slopes(np.arange(len(x)), [np.array(x)])).all()


def test_a_constant_regressor_gives_no_slope_whatever_its_rounding():
    constant = np.full(7, 0.1)
    assert np.isnan(slopes(np.arange(7.0), [constant])).all()
    assert np.isnan(slopes(np.arange(7.0), [np.arange(7.0) ** 2, constant])).all()
