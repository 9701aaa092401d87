"""Proximity and relatedness density against econcomplex."""

import econcomplex
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from clustersim.measures.relatedness import proximity, relatedness_density


def test_by_hand():
    # Three regions, each specialised where its number is high: sectors 0 and 1 go together twice.
    jobs = [[9, 9, 1], [9, 9, 1], [1, 9, 20]]
    assert_allclose(proximity(jobs), [[0, 1, 0], [1, 0, 0], [0, 0, 0]])
    assert_allclose(relatedness_density(jobs), [[1, 1, 0], [1, 1, 0], [0, 0, 0]])


@given(st.integers(0, 2**32 - 1))
def test_agrees_with_econcomplex(seed):
    rng = np.random.default_rng(seed)
    jobs = rng.lognormal(3, 1.5, (rng.integers(3, 30), rng.integers(3, 15)))
    ours = proximity(jobs)
    assert_allclose(ours, econcomplex.proximity(jobs, compute="product")["product"], atol=1e-12)
    assert_allclose(
        100 * relatedness_density(jobs), econcomplex.relatedness_density(jobs), atol=1e-9
    )
    assert ((ours >= 0) & (ours <= 1)).all()
    assert_allclose(ours, ours.T)


def test_density_takes_a_given_proximity():
    jobs = [[9.0, 1.0], [1.0, 9.0]]
    assert_allclose(relatedness_density(jobs, phi=[[0.0, 1.0], [0.5, 0.0]]), [[0, 1], [1, 0]])


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="threshold"):
        proximity([[1.0]], threshold=0)
    with pytest.raises(ValueError, match="threshold"):
        relatedness_density([[1.0]], threshold=-1)
    with pytest.raises(ValueError, match="phi: expected shape"):
        relatedness_density([[1.0, 2.0]], phi=[[1.0]])
