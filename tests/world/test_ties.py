import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.world.ties import LAYERS, Layer, Ties

PAIRS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] != pair[1]),
    max_size=40,
)


def layer_of(pairs, layer=None):
    """A layer in which the trust of a tie is its number and its length ten times that."""
    layer = Layer() if layer is None else layer
    numbers = np.arange(len(pairs), dtype=float)
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    layer.add(ends[:, 0], ends[:, 1], trust=numbers / 100.0, km=10.0 * numbers, born=3)
    return layer


def arcs_of(layer, n_rows):
    adjacency = layer.adjacency(n_rows)
    return {
        i: [
            (int(adjacency.partner[a]), int(adjacency.tie[a]))
            for a in range(adjacency.start[i], adjacency.start[i + 1])
        ]
        for i in range(n_rows)
    }


def arcs_by_hand(pairs, n_rows):
    arcs = {i: [] for i in range(n_rows)}
    for number, (a, b) in enumerate(pairs):
        arcs[a].append((b, number))
        arcs[b].append((a, number))
    return arcs


def test_every_layer_is_an_attribute():
    ties = Ties()
    assert [name for name, _ in ties] == list(LAYERS)
    assert all(getattr(ties, name) is layer for name, layer in ties)


@given(PAIRS, st.integers(10, 14))
def test_adjacency_is_that_of_a_dictionary(pairs, n_rows):
    layer = layer_of(pairs)
    assert arcs_of(layer, n_rows) == arcs_by_hand(pairs, n_rows)
    degree = layer.adjacency(n_rows).degree()
    assert degree.tolist() == [len(row) for row in arcs_by_hand(pairs, n_rows).values()]
    assert degree.sum() == 2 * len(layer)


@given(PAIRS, PAIRS, st.randoms(use_true_random=False))
def test_adjacency_follows_every_change(before, after, random):
    layer = layer_of(before)
    arcs_of(layer, 10)
    stays = np.array([random.random() < 0.5 for _ in before], dtype=bool)
    layer.keep(stays)
    kept = [pair for pair, stay in zip(before, stays, strict=True) if stay]
    assert arcs_of(layer, 10) == arcs_by_hand(kept, 10)
    layer_of(after, layer)
    assert arcs_of(layer, 10) == arcs_by_hand(kept + after, 10)
    # One more actor: one more row.
    assert arcs_of(layer, 11) == arcs_by_hand(kept + after, 11)


def test_adjacency_is_made_anew_only_after_a_change():
    layer = layer_of([(0, 1), (1, 2)])
    first = layer.adjacency(3)
    layer.keep(np.array([True, True]))
    assert layer.adjacency(3) is first
    layer.keep(np.array([True, False]))
    assert layer.adjacency(3) is not first


@given(PAIRS, st.dictionaries(st.integers(0, 9), st.integers(0, 9)))
def test_renewed_are_the_ties_that_are_named_and_no_others(pairs, wanted):
    layer = layer_of(pairs)
    adjacency = layer.adjacency(10)
    latest = np.array([wanted.get(second, -1) for second in range(10)])
    renewed = layer.renew(latest, 8)
    named = [wanted.get(second) == first for first, second in pairs]
    assert layer.born.tolist() == [8 if it else 3 for it in named]
    found = {second for (_, second), it in zip(pairs, named, strict=True) if it}
    assert np.flatnonzero(renewed).tolist() == sorted(found)
    assert list(zip(layer.first.tolist(), layer.second.tolist(), strict=True)) == pairs
    assert layer.adjacency(10) is adjacency


def test_keep_keeps_all_that_belongs_to_a_tie():
    layer = layer_of([(0, 1), (1, 2), (2, 3)])
    layer.keep(np.array([True, False, True]))
    assert layer.first.tolist() == [0, 2]
    assert layer.second.tolist() == [1, 3]
    assert layer.trust.tolist() == [0.0, 0.02]
    assert layer.km.tolist() == [0.0, 20.0]
    assert layer.born.tolist() == [3, 3]
    assert len(layer) == 2


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_goes_on_by_itself(copied):
    layer = layer_of([(0, 1), (1, 2), (2, 3)])
    layer.keep(np.array([True, False, True]))
    other = copied(layer)
    assert (other.first.tolist(), other.second.tolist()) == ([0, 2], [1, 3])
    layer_of([(4, 5), (5, 6)], other)
    other.trust[:] = 0.5
    assert other.adjacency(7).degree().tolist() == [1, 1, 1, 1, 1, 2, 1]
    assert layer.trust.tolist() == [0.0, 0.02]
    assert layer.adjacency(7).degree().tolist() == [1, 1, 1, 1, 0, 0, 0]
    other.keep(np.array([False, True, True, False]))
    assert (other.first.tolist(), other.second.tolist()) == ([2, 4], [3, 5])
    assert other.trust.tolist() == [0.5, 0.5]


@given(PAIRS, st.sets(st.integers(0, 9)))
def test_ties_of_the_departed_end_in_every_layer(pairs, departed):
    ties = Ties()
    for _, layer in ties:
        layer_of(pairs, layer)
    alive = np.array([i not in departed for i in range(10)])
    ties.release(alive)
    left = [pair for pair in pairs if not departed & set(pair)]
    for _, layer in ties:
        assert list(zip(layer.first.tolist(), layer.second.tolist(), strict=True)) == left
        assert alive[layer.first].all()
        assert alive[layer.second].all()
