import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from clustersim.world import newcomers
from clustersim.world.spec import FounderSpec

UNIT = st.floats(0.0, 1.0, exclude_max=True)
PARETOS = [(2.0, 5000.0, 1.06), (1.5, 60.0, 1.4), (1.0, 1000.0, 1.0), (3.0, 50.0, 0.5)]


def survival(size, smallest, largest, tail):
    """Pr(size > s) of the truncated Pareto, as in its docstring."""
    a, b = smallest**-tail, largest**-tail
    return (size**-tail - b) / (a - b)


@given(st.lists(UNIT, min_size=1, max_size=20), st.floats(0.2, 100), st.floats(2, 1e4), UNIT)
def test_pareto_size_is_the_inverse_of_the_distribution(uniforms, smallest, factor, more):
    largest, tail = smallest * factor, 0.2 + 4.8 * more
    u = np.array(uniforms)
    size = newcomers.pareto_size(u, smallest, largest, tail)
    assert (size >= smallest * (1 - 1e-12)).all()
    assert (size <= largest * (1 + 1e-9)).all()
    assert np.allclose(survival(size, smallest, largest, tail), 1.0 - u, atol=1e-9)


@pytest.mark.parametrize("numbers", PARETOS)
def test_pareto_quantiles(numbers):
    u = (np.arange(100_000) + 0.5) / 100_000
    size = newcomers.pareto_size(u, *numbers)
    for q in (0.1, 0.5, 0.9, 0.99):
        assert survival(np.quantile(size, q), *numbers) == pytest.approx(1.0 - q, abs=1e-4)


@pytest.mark.parametrize("numbers", [*PARETOS, (2.0, 9.0, 1.0 + 1e-9), (2.0, 9.0, 4.0)])
def test_pareto_mean_is_the_integral_of_the_survival_function(numbers):
    smallest, largest, _ = numbers
    above = integrate.quad(survival, smallest, largest, args=numbers, limit=200)[0]
    assert newcomers.pareto_mean(*numbers) == pytest.approx(smallest + above, rel=1e-6)


@pytest.mark.parametrize("numbers", PARETOS)
def test_pareto_mean_is_that_of_its_sizes(numbers):
    size = newcomers.pareto_size(np.random.default_rng(2).random(400_000), *numbers)
    error = size.std() / np.sqrt(size.size)
    assert abs(size.mean() - newcomers.pareto_mean(*numbers)) < 4 * error


WEIGHTS = st.lists(st.integers(0, 5), min_size=1, max_size=8)


@given(st.lists(UNIT, min_size=1, max_size=10), WEIGHTS)
def test_pick_points_at_the_cumulated_weights(uniforms, weights):
    u, w = np.array(uniforms), np.array(weights, dtype=float)
    picked = newcomers.pick(u, np.broadcast_to(w, (u.size, w.size)))
    if w.sum() == 0.0:
        assert picked.tolist() == [0] * u.size
        return
    assert picked.tolist() == np.searchsorted(np.cumsum(w), u * w.sum(), side="right").tolist()
    assert (w[picked] > 0.0).all()


def test_pick_never_falls_off_the_end():
    # The sum of the weights in another order may be a little more than the cumulated sum.
    w = np.full((1, 7), 0.1)
    w[0, 6] = 0.0
    assert newcomers.pick(np.array([np.nextafter(1.0, 0.0)]), w).tolist() == [5]


def test_founders_know_a_field_with_the_chance_of_its_relevance():
    # w = 0.5, 0.3, 0.2, 0 and breadth 2: chances 0.75, 0.51, 0.36, 0; the main field, here the
    # third, is always known.
    n = 40_000
    u = np.random.default_rng(3).random((n, 4))
    relevance = np.tile([0.5, 0.3, 0.2, 0.0], (n, 1))
    known = newcomers.founder_knowledge(u, relevance, np.full(n, 2), 0.2, 0.9, 2.0)
    chance = np.array([0.75, 0.51, 1.0, 0.0])
    error = np.sqrt(chance * (1 - chance) / n)
    assert (abs((known > 0).mean(axis=0) - chance) <= 4 * error).all()
    for m in range(3):
        levels = known[known[:, m] > 0, m]
        assert stats.kstest(levels, stats.uniform(0.2, 0.7).cdf).pvalue > 1e-3


def test_one_uniform_decides_whether_and_how_well():
    # w = 0.5 and breadth 1: known below 0.5, at the level 0.2 + 0.6 u / 0.5.
    u = np.array([[0.0, 0.9], [0.25, 0.9], [0.5, 0.9]])
    known = newcomers.founder_knowledge(u, np.full((3, 2), 0.5), np.array([1, 1, 1]), 0.2, 0.8, 1.0)
    assert known[:, 0] == pytest.approx([0.2, 0.5, 0.0])
    assert known[:, 1] == pytest.approx([0.2 + 0.6 * 0.9] * 3)


def test_research_is_lognormal_up_to_its_limit():
    u = np.random.default_rng(4).random((50_000, 2))
    research = newcomers.research_intensity(u, 0.04, 1.0)
    expected = stats.lognorm(1.0, scale=0.04 * np.exp(-0.5))
    below = research < newcomers.MOST_RESEARCH
    assert stats.kstest(research[below], expected.cdf).pvalue > 1e-3
    assert (~below).mean() == pytest.approx(expected.sf(newcomers.MOST_RESEARCH), abs=1e-3)
    assert research.max() == newcomers.MOST_RESEARCH
    assert newcomers.research_intensity(u[:4], 0.04, 0.0) == pytest.approx([0.04] * 4)
    assert newcomers.research_intensity(u[:2], 0.0, 2.0).tolist() == [0.0, 0.0]


def test_few_small_and_most_large_firms_do_research():
    # At least a person's work: 12.3 % of Spain's industrial firms from 10 to 249 jobs in 2014 did
    # R&D, most of them with some twenty jobs, and 63.5 % of the larger ones.
    u = np.random.default_rng(5).random((200_000, 2))
    founders = FounderSpec()
    drawn = newcomers.research_intensity(u, founders.research_mean, founders.research_spread)
    assert (drawn * 20 >= 1.0).mean() == pytest.approx(0.123, abs=0.02)
    assert (drawn * 600 >= 1.0).mean() == pytest.approx(0.635, abs=0.02)


def test_positions_lie_around_their_centre():
    u = np.random.default_rng(5).random((50_000, 2))
    x, y = newcomers.around(u, np.full(50_000, 30.0), np.full(50_000, -7.0), 4.0)
    km = np.hypot(x - 30.0, y + 7.0)
    assert stats.kstest(km, stats.expon(scale=4.0).cdf).pvalue > 1e-3
    angle = np.arctan2(y + 7.0, x - 30.0)
    assert stats.kstest(angle, stats.uniform(-np.pi, 2 * np.pi).cdf).pvalue > 1e-3


def test_a_better_standing_raises_levels_and_changes_nothing_else():
    u = np.random.default_rng(4).random((4000, 3))
    relevance, niche = np.full((4000, 3), 1 / 3), np.zeros(4000, dtype=np.int64)
    plain = newcomers.founder_knowledge(u, relevance, niche, 0.2, 0.9, 2.0)
    better = newcomers.founder_knowledge(u, relevance, niche, 0.2, 0.9, 2.0, standing=3.0)
    assert ((plain > 0) == (better > 0)).all()
    assert (better >= plain).all()
    # Levels share**(1/3) of the way: the mean of v**(1/3) over a uniform v is 3/4.
    assert better[:, 0].mean() == pytest.approx(0.2 + 0.7 * 0.75, abs=4 * 0.7 * 0.194 / 63)
    assert (newcomers.founder_knowledge(u, relevance, niche, 0.2, 0.9, 2.0, 1.0) == plain).all()
