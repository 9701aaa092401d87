import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.mechanisms.learning import Learning
from clustersim.world.actors import Kind
from tests.worlds import add_actors, add_ties, empty_world, luck

# Capacity 1/2 at R&D of 0.03; the most fruitful distance is then 0.8 * 1.25 = 1.
EXCHANGE = {
    "tacit_km": 3.0,
    "codified_km": 500.0,
    "research_half": 0.03,
    "experience": 0.0,
    "fruitful_distance": 0.8,
    "fruitful_stretch": 0.5,
}


def world_of(knowledge, **columns):
    exchange = EXCHANGE | columns.pop("exchange", {})
    world = empty_world(relevance=[1.0] * len(knowledge[0]), exchange=exchange)
    add_actors(world, knowledge, **columns)
    return world


def test_learning_over_one_tie_by_hand():
    # Strangers to each other's field (distance 1, L = 1), trust 0.5, no distance: omega = 0.5.
    # The share learnt is 1 - exp(-4 * 1/2 * 0.5 / 4) = 1 - exp(-1/4) of a gap of 1.
    world = world_of([[1.0, 0.0], [0.0, 1.0]], research=[0.03, 0.0])
    add_ties(world, 0, 1, trust=0.5)
    Learning(tie_rate=4.0).apply(world, luck())
    # The second does no R&D and learns nothing.
    assert world.actors.knowledge == pytest.approx(np.array([[1.0, 1 - np.exp(-0.25)], [0.0, 1.0]]))


def test_partners_are_weighted_by_trust_and_distance():
    # omega: 0.8 for the first at 0 km; 0.4 (exp(-km/3) + exp(-km/500)) / 2 for the second.
    km = 10.0
    second = 0.4 * 0.5 * (np.exp(-km / 3) + np.exp(-km / 500))
    total = 0.8 + second
    share = 1 - np.exp(-2.0 * 0.5 * total / 4)
    world = world_of(np.eye(3), research=[0.03, 0.0, 0.0])
    add_ties(world, [0, 0], [1, 2], trust=[0.8, 0.4], km=[0.0, km])
    Learning(tie_rate=2.0).apply(world, luck())
    assert world.actors.knowledge[0] == pytest.approx(
        [1.0, share * 0.8 / total, share * second / total]
    )


def test_cognitive_distance_is_an_inverted_U():
    # A learner knows field 0; teachers are at 1 - cos = d. Most is learnt of field 1, per unit of
    # what the teacher has over it, at the fruitful distance, here 0.4 * 1.25 = 0.5.
    learnt = []
    for d in (0.02, 0.5, 1.0):
        cos = 1 - d
        world = world_of(
            [[1.0, 0.0], [cos, np.sqrt(1 - cos**2)]],
            research=[0.03, 0.0],
            exchange={"fruitful_distance": 0.4},
        )
        add_ties(world, 0, 1, trust=1.0)
        Learning(tie_rate=1.0).apply(world, luck())
        learnt.append(world.actors.knowledge[0, 1] / world.actors.knowledge[1, 1])
    assert learnt[0] < learnt[2] < learnt[1]
    assert learnt[1] == pytest.approx(1 - np.exp(-1.0 * 0.5 / 4))
    assert learnt[2] == pytest.approx(1 - np.exp(-1.0 * 0.5 * 2 / np.e / 4))


def test_like_minds_have_nothing_to_tell_each_other():
    world = world_of([[0.2, 0.1], [0.8, 0.4]])
    add_ties(world, 0, 1)
    before = world.actors.knowledge.copy()
    Learning(tie_rate=20.0).apply(world, luck())
    assert world.actors.knowledge == pytest.approx(before, abs=1e-12)


def test_everybody_learns_from_the_state_at_the_start():
    # In a chain a - b - c nothing of c's reaches a within one quarter.
    world = world_of(np.eye(3))
    add_ties(world, [0, 1], [1, 2], trust=1.0)
    Learning(tie_rate=20.0).apply(world, luck())
    known = world.actors.knowledge
    assert known[0, 2] == 0.0
    assert known[2, 0] == 0.0
    assert known[1, 0] == pytest.approx(known[1, 2]) != 0.0
    Learning(tie_rate=20.0).apply(world, luck())
    assert world.actors.knowledge[0, 2] > 0.0


@pytest.mark.parametrize("kind", [Kind.FIRM, Kind.UNIVERSITY, Kind.RTO])
def test_all_kinds_learn_alike(kind):
    world = world_of([[1.0, 0.0], [0.0, 1.0]], kind=kind)
    add_ties(world, 0, 1)
    Learning(tie_rate=4.0).apply(world, luck())
    assert world.actors.knowledge[0, 1] == pytest.approx(1 - np.exp(-0.25))


def test_without_ties_or_at_a_rate_of_zero_nothing_changes():
    world = world_of(np.eye(3))
    before = world.actors.knowledge.copy()
    Learning(tie_rate=20.0).apply(world, luck())
    assert np.array_equal(world.actors.knowledge, before)
    add_ties(world, [0, 1], [1, 2])
    Learning(tie_rate=0.0).apply(world, luck())
    assert np.array_equal(world.actors.knowledge, before)


def test_learning_alone_rises_to_the_best_of_the_component():
    # Two components: a ring of six with chords, and a pair. Nobody ever forgets or passes the best
    # of its component, and the gap to it closes (slowly at the end: the nearer, the less to tell).
    rng = np.random.default_rng(4)
    knowledge = rng.random((8, 4)) * (rng.random((8, 4)) < 0.6)
    world = world_of(knowledge, research=0.3, exchange={"fruitful_distance": 0.1})
    add_ties(world, [0, 1, 2, 3, 4, 0, 1, 6], [1, 2, 3, 4, 5, 5, 4, 7], trust=1.0)
    best = np.array([knowledge[:6].max(axis=0)] * 6 + [knowledge[6:].max(axis=0)] * 2)
    learning = Learning(tie_rate=20.0)
    gap = [(best - knowledge).max()]
    for _ in range(400):
        before = world.actors.knowledge.copy()
        learning.apply(world, luck())
        assert (world.actors.knowledge >= before).all()
        assert (world.actors.knowledge <= best + 1e-12).all()
        gap.append((best - world.actors.knowledge).max())
    assert gap[100] < 0.25 * gap[0]
    assert gap[400] < 0.12 * gap[0]
    assert (best[0] > best[7]).any()  # what is known in one component stays there


def test_many_partners_do_not_carry_anyone_past_them():
    world = world_of([[1.0, 0.0]] + [[0.0, 0.7]] * 50, research=0.9)
    add_ties(world, [0] * 50, range(1, 51), trust=1.0)
    Learning(tie_rate=20.0).apply(world, luck())
    assert 0.69 < world.actors.knowledge[0, 1] <= 0.7 + 1e-12


def test_single_precision_learns_the_same():
    learnt = []
    for precision in ("single", "double"):
        world = empty_world(relevance=[1, 1], exchange=EXCHANGE, knowledge_precision=precision)
        add_actors(world, [[0.9, 0.2], [0.1, 0.8]])
        add_ties(world, 0, 1)
        Learning(tie_rate=4.0).apply(world, luck())
        learnt.append(world.actors.knowledge)
    assert learnt[0].dtype == np.float32
    assert learnt[0] == pytest.approx(learnt[1], rel=1e-6)


def test_the_lever_of_the_learner_changes_its_rate():
    # As in the first test, at half and at twice the rate of 4: each is its own learner.
    world = world_of([[1.0, 0.0], [0.0, 1.0]], research=0.03)
    add_ties(world, 0, 1, trust=0.5)
    world.levers.put("absorption", [0, 1], [0.5, 2.0])
    Learning(tie_rate=4.0).apply(world, luck())
    assert world.actors.knowledge == pytest.approx(
        np.array([[1.0, 1 - np.exp(-0.125)], [1 - np.exp(-0.5), 1.0]])
    )


@pytest.mark.parametrize("wrong", [{"tie_rate": -0.1}, {"tie_rate": 21.0}])
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match="tie_rate"):
        Learning(**wrong)
