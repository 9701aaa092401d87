import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.world import elementary as el

TINY = st.floats(1e-30, 1e-3).flatmap(lambda x: st.sampled_from([x, -x]))
FINITE = {"allow_nan": False, "allow_infinity": False}


def exact(function, *values):
    """The value to 80 digits, rounded once."""
    with localcontext() as context:
        context.prec = 80
        return float(function(*(Decimal(value) for value in values)))


def units(value, reference):
    """Error in units of the last place."""
    return abs(value - reference) / math.ulp(reference)


@given(st.floats(-700.0, 700.0))
def test_exp_is_right_to_the_last_places(x):
    assert units(el.exp(x), exact(Decimal.exp, x)) <= 1.0


@given(st.one_of(st.floats(-40.0, 700.0), TINY))
def test_expm1_is_right_to_the_last_places(x):
    reference = x if abs(x) < 1e-30 else exact(lambda d: d.exp() - 1, x)
    assert units(el.expm1(x), reference) <= 2.0


@given(st.one_of(st.floats(5e-324, 1e308), st.floats(0.5, 2.0)))
def test_log_is_right_to_the_last_places(x):
    reference = exact(Decimal.ln, x)
    assert el.log(x) == reference or units(el.log(x), reference) <= 2.0


@given(st.one_of(st.floats(-0.999, 1e300), TINY))
def test_log1p_is_right_to_the_last_places(x):
    reference = x if abs(x) < 1e-30 else exact(lambda d: (1 + d).ln(), x)
    assert el.log1p(x) == reference or units(el.log1p(x), reference) <= 2.0


@given(st.floats(1e-6, 1e6), st.floats(-20.0, 20.0))
def test_power_is_right_as_far_as_it_says(x, y):
    reference = exact(lambda a, b: (b * a.ln()).exp(), x, y)
    assert units(el.power(x, y), reference) <= 2.0 + 2.0 * abs(y * math.log(x))


@given(st.floats(-50.0, 50.0))
def test_a_direction_lies_on_the_circle(share):
    cosine, sine = el.turned(share)
    angle = 2.0 * math.pi * (share - math.floor(share))
    assert cosine == pytest.approx(math.cos(angle), abs=1e-14)
    assert sine == pytest.approx(math.sin(angle), abs=1e-14)


def test_quarters_of_a_turn_are_exact():
    assert [el.turned(k / 4.0) for k in range(5)] == [
        (1.0, 0.0),
        (0.0, 1.0),
        (-1.0, 0.0),
        (0.0, -1.0),
        (1.0, 0.0),
    ]


@pytest.mark.parametrize("n", [0, 1, 2, 5, 15, 16, 17, 100, 5000])
def test_log_factorial(n):
    assert el.log_factorial(n) == pytest.approx(math.lgamma(n + 1.0), rel=2e-15, abs=1e-15)


def each_log1p(values):
    return np.array([el.log1p(value) for value in values])


@pytest.mark.parametrize(
    ("function", "reference", "values"),
    [
        (el.exponential, np.exp, [np.nan, np.inf, -np.inf, 0.0, 1.0, 800.0, -800.0]),
        (el.growth, np.expm1, [np.nan, np.inf, -np.inf, 0.0, 800.0, -800.0]),
        (el.logarithm, np.log, [np.nan, np.inf, 0.0, -1.0, 1.0, 5e-324, 1e-310]),
        (each_log1p, np.log1p, [np.nan, np.inf, 0.0, -1.0, -2.0]),
    ],
)
def test_edges_are_those_of_numpy(function, reference, values):
    with np.errstate(all="ignore"):
        assert function(values) == pytest.approx(reference(values), rel=1e-15, nan_ok=True)


def test_powers_of_nothing():
    assert el.powers([0.0, 2.0], -1.0).tolist() == [np.inf, 0.5]
    assert el.powers([0.0, 7.0], 0.0).tolist() == [1.0, 1.0]


def test_arrays_keep_their_shape():
    table = np.arange(1.0, 7.0).reshape(2, 3)
    for function in (el.exponential, el.growth, el.logarithm):
        assert function(table).shape == (2, 3)
    assert function(table.T)[1, 0] == function(table)[0, 1]
    assert el.powers(table, 2.0).shape == (2, 3)
    assert all(part.shape == (2, 3) for part in el.direction(table))
    assert el.exponential([]).shape == (0,)


def test_a_product_and_a_sum_are_rounded_once():
    small = 2.0**-30
    assert el.exp(0.0) == 1.0
    # (1 + e)(1 - e) - 1 = -e**2, of which two roundings leave nothing.
    assert _fused(1.0 + small, 1.0 - small, -1.0) == -(small**2)


@el.kernel
def _fused(a, b, c):
    return el.fma(a, b, c)


@given(st.floats(-1e6, 1e6, **FINITE), st.floats(-1e6, 1e6, **FINITE))
def test_euclidean_is_the_hypotenuse(x, y):
    assert el.euclidean(x, y) == pytest.approx(math.hypot(x, y), rel=1e-15, abs=1e-150)
