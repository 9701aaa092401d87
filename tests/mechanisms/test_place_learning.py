import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from clustersim.measures.knowledge import heterogeneity
from clustersim.mechanisms.place_learning import PlaceLearning
from clustersim.world.actors import Kind
from tests.worlds import add_actors, empty_world, luck

EXCHANGE = {"research_half": 0.03, "experience": 0.0}


def test_taking_up_by_hand():
    # Mean by jobs: field 0 (30 * 1 + 10 * 0) / 40 = 0.75, field 1 (30 * 0.2 + 10 * 1) / 40 = 0.4.
    # Capacity 1/2: the share taken up is 1 - exp(-8 / 2 / 4) = 1 - 1/e.
    world = empty_world(exchange=EXCHANGE)
    add_actors(world, [[1.0, 0.2], [0.0, 1.0]], size=[30.0, 10.0])
    PlaceLearning(place_rate=8.0).apply(world, luck())
    share = 1 - 1 / np.e
    assert world.actors.knowledge == pytest.approx(
        np.array([[1.0, 0.2 + share * 0.2], [share * 0.75, 1.0]])
    )


def test_places_do_not_mix():
    world = empty_world(((1.0, 1.0), (1.0, 1.0)), exchange=EXCHANGE)
    add_actors(world, np.eye(2)[[0, 1, 1, 1]], region=[0, 0, 1, 1], sector=[0, 1, 0, 1])
    before = world.actors.knowledge.copy()
    PlaceLearning(place_rate=20.0).apply(world, luck())
    assert np.array_equal(world.actors.knowledge, before)


@pytest.mark.parametrize("experience", [0.0, 0.2])
def test_only_firms_take_up_and_without_research_by_experience_alone(experience):
    world = empty_world(exchange=EXCHANGE | {"experience": experience})
    add_actors(world, [[1.0, 0.0], [0.0, 1.0]], research=[0.03, 0.0])
    add_actors(world, [[0.0, 0.0]], Kind.RTO, sector=0, size=1000.0)
    PlaceLearning(place_rate=20.0).apply(world, luck())
    assert world.actors.knowledge[0, 1] > 0.0
    assert world.actors.knowledge[1] == pytest.approx([0.5 * (1 - np.exp(-5 * experience)), 1.0])
    assert world.actors.knowledge[2].tolist() == [0.0, 0.0]


def test_at_a_rate_of_zero_nothing_changes():
    world = empty_world(exchange=EXCHANGE)
    add_actors(world, [[1.0, 0.0], [0.0, 1.0]])
    PlaceLearning(place_rate=0.0).apply(world, luck())
    assert world.actors.knowledge.tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_place_learning_alone_makes_a_place_alike():
    rng = np.random.default_rng(3)
    knowledge = rng.random((30, 8)) * (rng.random((30, 8)) < 0.5)
    world = empty_world(relevance=[1] * 8, exchange=EXCHANGE)
    add_actors(world, knowledge, size=rng.pareto(1.1, 30) + 2, research=0.05)
    learning = PlaceLearning(place_rate=2.0)
    course = [heterogeneity(world.actors.knowledge)]
    for _ in range(80):
        learning.apply(world, luck())
        course.append(heterogeneity(world.actors.knowledge))
    assert (np.diff(course) < 0.0).all()
    assert course[-1] < 0.25 * course[0]


FIRMS = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.1, 100)), min_size=2, max_size=8
)


@given(FIRMS, st.floats(0, 20))
def test_nobody_forgets_passes_the_best_or_draws_apart(firms, rate):
    knowledge = np.array([firm[:2] for firm in firms])
    world = empty_world(exchange=EXCHANGE)
    add_actors(world, knowledge, size=[firm[2] for firm in firms])
    PlaceLearning(place_rate=rate).apply(world, luck())
    after = world.actors.knowledge
    assert (after >= knowledge).all()
    assert (after <= knowledge.max(axis=0) + 1e-12).all()
    # Firms of equal capacity come closer in every field.
    apart = abs(knowledge[:, None] - knowledge[None, :])
    assert (abs(after[:, None] - after[None, :]) <= apart + 1e-12).all()


def test_the_lever_of_a_firm_changes_how_much_it_takes_up():
    # As in the first test: the share is 1 - exp(-lever).
    world = empty_world(exchange=EXCHANGE)
    add_actors(world, [[1.0, 0.2], [0.0, 1.0]], size=[30.0, 10.0])
    world.levers.put("absorption", [0, 1], [0.5, 2.0])
    PlaceLearning(place_rate=8.0).apply(world, luck())
    less, more = 1 - np.exp(-0.5), 1 - np.exp(-2.0)
    assert world.actors.knowledge == pytest.approx(
        np.array([[1.0, 0.2 + less * 0.2], [more * 0.75, 1.0]])
    )


@pytest.mark.parametrize("wrong", [-0.1, 21.0])
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match="place_rate"):
        PlaceLearning(place_rate=wrong)
