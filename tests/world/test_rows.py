import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core.errors import TypingError

from clustersim.world.kernel import kernel
from clustersim.world.rows import add_gap, dot, fetch, put_sum

PRECISIONS = [np.float32, np.float64]


@kernel
def product_of(a, i, b, j):
    return dot(a, i, b, j)


@kernel
def gap_added(out, o, a, i, b, j, weight):
    add_gap(out, o, a, i, b, j, weight)


@kernel
def sum_put(out, o, a, i, b, j, weight):
    put_sum(out, o, a, i, b, j, weight)


@kernel
def fetched(a, i):
    fetch(a, i)


def table(n_fields, precision=np.float64, seed=1):
    return np.random.default_rng(seed).uniform(-1.0, 1.0, (3, n_fields)).astype(precision)


def in_four_sums(x, y):
    """The sum in the order that the docstring of `dot` gives."""
    products = x.astype(np.float64) * y.astype(np.float64)
    whole = len(products) - len(products) % 4
    sums = [0.0] * 4
    for m in range(whole):
        sums[m % 4] += products[m]
    for m in range(whole, len(products)):
        sums[0] += products[m]
    return (sums[0] + sums[1]) + (sums[2] + sums[3])


@given(st.integers(0, 40), st.sampled_from(PRECISIONS), st.sampled_from(PRECISIONS))
def test_a_dot_product_has_the_bits_of_four_sums_in_double_precision(n_fields, one, other):
    a, b = table(n_fields, one), table(n_fields, other, seed=2)
    assert product_of(a, 2, b, 1) == in_four_sums(a[2], b[1])


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("n_fields", [1, 4, 7, 8, 9, 24, 31])
def test_what_another_row_has_more_is_added(n_fields, precision):
    out, a, b = (table(n_fields, precision, seed) for seed in (1, 2, 3))
    before = out.copy()
    gap = np.maximum(b[2].astype(np.float64) - a[1].astype(np.float64), 0.0)
    expected = (before[0].astype(np.float64) + 0.3 * gap).astype(precision)
    gap_added(out, 0, a, 1, b, 2, 0.3)
    assert np.array_equal(out[0], expected)
    assert np.array_equal(out[1:], before[1:])  # no field of another row


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("n_fields", [1, 4, 7, 8, 9, 24, 31])
def test_a_row_becomes_a_weighted_sum(n_fields, precision):
    out, a, b = (table(n_fields, precision, seed) for seed in (1, 2, 3))
    before = out.copy()
    expected = (a[1].astype(np.float64) + 0.7 * b[0].astype(np.float64)).astype(precision)
    sum_put(out, 1, a, 1, b, 0, 0.7)
    assert np.array_equal(out[1], expected)
    assert np.array_equal(out[[0, 2]], before[[0, 2]])


def test_a_row_may_be_changed_in_place():
    a = table(24, np.float32)
    b = a.copy()
    gap_added(a, 0, a, 0, a, 1, 0.5)
    own, other = b[0].astype(np.float64), b[1].astype(np.float64)
    expected = (own + 0.5 * np.maximum(other - own, 0.0)).astype(np.float32)
    assert np.array_equal(a[0], expected)


def test_fetching_changes_nothing():
    a = table(24)
    before = a.copy()
    fetched(a, 2)
    assert np.array_equal(a, before)


def test_arrays_in_the_order_of_fortran_are_refused():
    columns = np.asfortranarray(table(24))
    for call in (
        lambda: product_of(columns, 0, table(24), 1),
        lambda: gap_added(table(24), 0, table(24), 1, columns, 2, 0.5),
        lambda: sum_put(columns, 0, table(24), 1, table(24), 2, 0.5),
    ):
        with pytest.raises(TypingError, match="an array in C order"):
            call()
