"""Small products and sums in a fixed order."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from clustersim.world.linear import column_sums, row_sums, total

SIZES = (1, 2, 7, 8, 9, 16, 23, 127, 128, 129, 300, 1001)


def numbers(*shape):
    """Numbers of very different size, of which each order has another sum."""
    luck = np.random.default_rng(1)
    return luck.random(shape) * 10.0 ** luck.integers(-6, 6, shape)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("other", [1, 3, 8])
def test_sums_have_the_bits_of_numpy(n, other):
    table = numbers(n, other)
    assert_array_equal(column_sums(table), table.sum(axis=0))
    assert_array_equal(row_sums(table), table.sum(axis=1))
    assert_array_equal(row_sums(table.T.copy()), table.T.copy().sum(axis=1))


@pytest.mark.parametrize("n", SIZES)
def test_the_total_has_the_bits_of_numpy(n):
    values = numbers(n)
    assert total(values) == values.sum()


def test_the_total_of_nothing_is_zero():
    assert total(np.empty(0)) == 0.0
