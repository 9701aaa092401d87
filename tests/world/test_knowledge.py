import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.spatial.distance import cosine

from clustersim.world.elementary import exp
from clustersim.world.knowledge import (
    Exchange,
    absorptive_capacity,
    cognitive_distance,
    decay,
    decay_in_travel,
    effort,
    fruitfulness,
    length,
    lengths,
)
from clustersim.world.spec import ExchangeSpec

EXCHANGE = Exchange(
    tacit_km=3.0,
    codified_km=500.0,
    research_half=0.03,
    experience=0.0,
    fruitful_distance=0.4,
    fruitful_stretch=0.5,
    visits=0.25,
)
VECTORS = hnp.arrays(np.float64, 5, elements=st.floats(0, 1).map(lambda v: v if v > 1e-6 else 0.0))


def distance(first, second):
    both = np.stack([first, second])
    return cognitive_distance(both, 0, 1, length(both, 0), length(both, 1))


def test_the_numbers_are_those_of_the_specification():
    spec = ExchangeSpec(
        tacit_km=2,
        codified_km=40,
        research_half=0.1,
        experience=0.2,
        fruitful_distance=0.3,
        fruitful_stretch=0,
        visits=0.4,
    )
    assert Exchange.of(spec) == (2, 40, 0.1, 0.2, 0.3, 0, 0.4)


def test_without_decay_distance_does_not_matter():
    exchange = Exchange.of(ExchangeSpec(distance_decay=False))
    assert [decay(km, exchange) for km in (0.0, 5.0, 20_000.0)] == [1.0, 1.0, 1.0]


def test_half_the_capacity_at_the_half_intensity():
    assert absorptive_capacity(0.0, EXCHANGE) == 0.0
    assert absorptive_capacity(0.03, EXCHANGE) == 0.5
    assert absorptive_capacity(0.09, EXCHANGE) == pytest.approx(0.75)


def test_experience_is_worth_something_without_research():
    able = EXCHANGE._replace(experience=0.2)
    assert absorptive_capacity(0.0, able) == 0.2
    assert absorptive_capacity(0.03, able) == pytest.approx(0.2 + 0.8 * 0.5)
    assert effort(0.0, able) == 0.0
    assert effort(0.03, able) == 0.5


def test_tacit_exchange_fades_before_codified():
    # Half of each survives at 0 km; at 3 ln 2 km a quarter of the whole is tacit.
    assert decay(0.0, EXCHANGE) == 1.0
    near = 3.0 * np.log(2.0)
    assert decay(near, EXCHANGE) == pytest.approx(0.25 + 0.5 * np.exp(-near / 500.0))
    assert decay(500.0, EXCHANGE) == pytest.approx(0.5 / np.e)


def test_without_travel_only_what_is_written_down_is_left():
    # At 3 km a half of e**-1 is tacit, and of the other half a quarter comes by visits.
    tacit, far = 0.5 / np.e, 0.5 * np.exp(-3.0 / 500.0)
    assert decay_in_travel(3.0, 0.0, EXCHANGE) == pytest.approx(0.75 * far)
    assert decay_in_travel(3.0, 0.5, EXCHANGE) == pytest.approx(0.5 * tacit + 0.875 * far)


@given(st.floats(0, 20_000))
def test_with_usual_travel_nothing_changes_to_the_last_bit(km):
    plain = 0.5 * exp(-km / 3.0) + 0.5 * exp(-km / 500.0)
    assert decay(km, EXCHANGE) == decay_in_travel(km, 1.0, EXCHANGE) == plain


@given(st.floats(0, 20_000), st.floats(0, 20_000))
def test_exchange_never_grows_with_distance(a, b):
    near, far = sorted((a, b))
    assert 0.0 <= decay(far, EXCHANGE) <= decay(near, EXCHANGE) <= 1.0


@pytest.mark.parametrize(("capacity", "peak"), [(0.0, 0.4), (0.5, 0.5), (1.0, 0.6)])
def test_inverted_U_peaks_further_out_for_those_who_absorb_more(capacity, peak):
    assert fruitfulness(0.0, capacity, EXCHANGE) == 0.0
    assert fruitfulness(peak, capacity, EXCHANGE) == pytest.approx(1.0)
    assert fruitfulness(2 * peak, capacity, EXCHANGE) == pytest.approx(2.0 / np.e)
    distances = np.linspace(0.0, 1.0, 201)
    values = [fruitfulness(d, capacity, EXCHANGE) for d in distances]
    assert distances[np.argmax(values)] == pytest.approx(peak)
    assert max(values) <= 1.0


@given(VECTORS, VECTORS)
def test_cognitive_distance_is_one_less_the_cosine(first, second):
    d = distance(first, second)
    assert 0.0 <= d <= 1.0
    assert d == distance(second, first)
    if first.any() and second.any():
        assert d == pytest.approx(cosine(first, second), abs=1e-12)
    else:
        assert d == 1.0


@given(VECTORS.filter(np.any), st.floats(0.1, 10))
def test_those_who_know_the_same_in_proportion_are_not_distant(vector, factor):
    assert distance(vector, factor * vector) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_lengths_are_summed_in_double_precision(precision):
    vectors = np.random.default_rng(1).random((20, 24)).astype(precision)
    out = lengths(vectors)
    assert out == pytest.approx(np.linalg.norm(vectors.astype(np.float64), axis=1), rel=1e-14)
    assert [length(vectors, i) for i in range(20)] == out.tolist()
