import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats

from clustersim.world.counts import poisson


def counts_of(uniforms, means):
    out = np.zeros(len(uniforms), dtype=np.int64)
    poisson(np.asarray(uniforms, dtype=float), np.asarray(means, dtype=float), out)
    return out


@example(uniform=0.9999999899999998, mean=487204.0)
@given(
    st.floats(0, 1 - 1e-8),
    st.one_of(st.floats(0, 5), st.floats(5, 1000), st.floats(1e3, 1e6)),
)
def test_poisson_counts_are_those_of_scipy(uniform, mean):
    (count,) = counts_of([uniform], [mean])
    if mean == 0.0:
        assert count == 0
        return
    # The inverse distribution, up to rounding where a uniform falls on a step of it. Chances are
    # exponentials of differences of numbers as large as mean ln(mean).
    rounding = 1e-9 + 8e-16 * mean * np.log1p(mean)
    lowest = stats.poisson.ppf(max(uniform - rounding, 0.0), mean)
    highest = stats.poisson.ppf(min(uniform + rounding, 1.0), mean)
    assert max(lowest, 0) <= count <= highest


@pytest.mark.parametrize("mean", [0.01, 0.7, 12.0, 900.0])
def test_poisson_mean_and_variance(mean):
    counts = counts_of(np.random.default_rng(1).random(200_000), np.full(200_000, mean))
    assert counts.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean / 200_000))
    assert counts.var() == pytest.approx(mean, rel=0.05)


def test_the_luckiest_uniform_ends():
    assert counts_of([np.nextafter(1.0, 0.0)] * 2, [0.5, 1e5])[0] < 60
