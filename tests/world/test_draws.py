import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clustersim.world.draws import SEED_LIMIT, Draws, decision_key, happens, may_happen

SEEDS = st.integers(0, SEED_LIMIT - 1)
IDENTITIES = st.integers(0, 2**63 - 1)
STEPS = st.integers(0, 2**31 - 1)
N = 200_000
ACTORS = np.arange(N)
# A correlation of N independent pairs has a standard error of 1 / sqrt(N).
LIMIT = 4.5 / np.sqrt(N)


def at(seed, step):
    draws = Draws(seed)
    draws.step = step
    return draws


def words_by_numpy(key, counter):
    """Four words of NumPy's own generator."""
    generator = np.random.Philox(
        key=np.array(key, dtype=np.uint64), counter=np.array(counter, dtype=np.uint64)
    )
    return generator.random_raw(4)


def uniforms_by_numpy(key, counter):
    return (words_by_numpy(key, counter) >> np.uint64(11)) * 2.0**-53


@given(SEEDS, st.text(max_size=30), STEPS, IDENTITIES, IDENTITIES, st.integers(0, 40))
def test_a_draw_is_bit_by_bit_that_of_numpy(seed, decision, step, actor, other, lane):
    draws = at(seed, step)
    expected = uniforms_by_numpy([seed, decision_key(decision)], [lane // 4, step, actor, other])[
        lane % 4
    ]
    assert draws.uniform_of(decision, actor, other, lane=lane) == expected
    drawn = draws.uniform(decision, np.array([actor]), np.array([other]), lane=lane)
    assert drawn.tolist() == [expected]


@given(SEEDS, STEPS, st.lists(IDENTITIES, min_size=1, max_size=5), st.integers(1, 11))
def test_many_lanes_are_blocks_of_four(seed, step, actors, n_lanes):
    drawn = at(seed, step).uniforms("market.grow", np.array(actors), n_lanes)
    key = [seed, decision_key("market.grow")]
    for row, actor in zip(drawn, actors, strict=True):
        blocks = [uniforms_by_numpy(key, [block, step, actor, 0]) for block in range(3)]
        assert row.tolist() == np.concatenate(blocks)[:n_lanes].tolist()


@given(IDENTITIES, st.integers(0, 10**6), STEPS, st.text(max_size=20))
def test_an_identity_is_a_word_without_seed_and_sign(origin, ordinal, step, decision):
    # The key that no seed has: seeds end below 2**63.
    key = [2**64 - 1, decision_key(decision)]
    word = int(words_by_numpy(key, [0, step, origin, ordinal])[0])
    for seed in (0, 7, SEED_LIMIT - 1):
        made = at(seed, step).identities(decision, [origin], [ordinal])
        assert made.tolist() == [word % 2**63]


def test_key_of_a_decision_is_written_down():
    # First eight bytes of BLAKE2b, little endian: a change would change every run.
    assert decision_key("market.grow") == int.from_bytes(
        bytes.fromhex("b6c20fd45ba294bd"), "little"
    )


def test_no_two_of_a_million_newcomers_are_alike():
    places, ordinals = np.divmod(np.arange(1_000_000), 1000)
    ids = at(1, 5).identities("entry.start_up", places, ordinals)
    assert np.unique(ids).size == ids.size
    assert ids.min() >= 0


def test_identities_differ_between_steps_and_decisions():
    places = np.arange(1000)
    first = at(1, 5).identities("entry.start_up", places, places)
    later = at(1, 6).identities("entry.start_up", places, places)
    other = at(1, 5).identities("entry.spin_off", places, places)
    assert np.unique(np.concatenate([first, later, other])).size == 3000


@pytest.mark.parametrize("lane", [0, 1, 2, 3, 4, 9])
def test_draws_are_uniform(lane):
    drawn = at(3, 8).uniform("exit.leave", ACTORS, lane=lane)
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3
    assert drawn.min() >= 0.0
    assert drawn.max() < 1.0


def test_luck_of_one_actor_over_time_is_uniform():
    drawn = [at(3, step).uniform_of("exit.leave", 77) for step in range(5000)]
    assert stats.kstest(drawn, "uniform").pvalue > 1e-3


@pytest.mark.parametrize(
    ("seed", "step", "decision", "shift", "lane"),
    [
        (4, 8, "exit.leave", 0, 0),
        (3, 9, "exit.leave", 0, 0),
        (3, 8, "exit.stay", 0, 0),
        (3, 8, "exit.leave", 1, 0),
        (3, 8, "exit.leave", 0, 1),
        (3, 8, "exit.leave", 0, 4),
    ],
    ids=["seed", "step", "decision", "actor", "lane", "block"],
)
def test_luck_is_independent_between(seed, step, decision, shift, lane):
    one = at(3, 8).uniform("exit.leave", ACTORS)
    two = at(seed, step).uniform(decision, ACTORS + shift, lane=lane)
    assert abs(np.corrcoef(one, two)[0, 1]) < LIMIT
    # Dependence that no correlation shows: cells of a 10 by 10 table.
    cells = np.histogram2d(one, two, bins=10, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(cells.ravel()).pvalue > 1e-3


def test_luck_of_a_pair_is_independent_of_that_of_the_pair_reversed():
    one = at(3, 8).uniform("ties.agree", ACTORS, ACTORS + 5)
    two = at(3, 8).uniform("ties.agree", ACTORS + 5, ACTORS)
    assert abs(np.corrcoef(one, two)[0, 1]) < LIMIT


@given(st.lists(IDENTITIES, min_size=1, max_size=30, unique=True), st.randoms())
def test_luck_does_not_depend_on_who_else_is_asked(actors, random):
    draws = at(9, 3)
    together = dict(zip(actors, draws.uniform("exit.leave", np.array(actors)), strict=True))
    some = random.sample(actors, random.randint(1, len(actors)))
    apart = draws.uniform("exit.leave", np.array(some))
    assert apart.tolist() == [together[actor] for actor in some]


def test_nobody_asked_is_nobody_answered():
    none = np.array([], dtype=np.int64)
    assert Draws(1).uniform("a", none).shape == (0,)
    assert Draws(1).uniforms("a", none, 5).shape == (0, 5)
    assert Draws(1).identities("a", none, none).shape == (0,)


@pytest.mark.parametrize("seed", [0, 1, SEED_LIMIT - 1, np.int64(7), np.uint8(3)])
def test_takes_every_whole_number_in_range(seed):
    draws = Draws(seed)
    assert draws.seed == seed
    assert type(draws.seed) is int
    assert draws.stream("a").tolist() == [seed, decision_key("a"), 0]


@pytest.mark.parametrize(
    "seed", [-1, SEED_LIMIT, True, False, 1.5, 2.0, float("nan"), float("inf"), "7", "x", None]
)
def test_refuses_what_is_no_seed(seed):
    with pytest.raises(ValueError, match=r"seed must be a whole number from 0 to 2\*\*63 - 1"):
        Draws(seed)


def test_several_streams_are_those_of_each_decision():
    draws = Draws(2**63 - 1)
    draws.step = 7
    names = ("a.b", "a.c", "d.e")
    assert draws.streams(names).tolist() == [draws.stream(name).tolist() for name in names]
    draws.step = 8
    assert draws.streams(names)[:, 2].tolist() == [8] * 3


@given(st.floats(0.0, 1.0, exclude_max=True), st.floats(0.0, 5.0), st.floats(0.0, 1.0))
def test_what_happens_may_happen(luck, most, share):
    assert may_happen(luck, most) or not happens(luck, share * most)


def test_most_of_what_does_not_happen_is_told_at_once():
    assert not may_happen(0.5, 0.4)
    assert may_happen(0.3, 0.4)
