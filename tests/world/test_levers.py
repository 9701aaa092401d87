"""The levers of a world: neutral and shared until used, then with a table's comings and goings."""

import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.schedule import SCHEDULE
from clustersim.world.actors import Actors
from clustersim.world.levers import LEVERS, Levers
from tests.worlds import add_actors, empty_world

OF_ACTORS = [lever for lever in LEVERS if lever.of == "actor"]
SHAPES = {"actor": (3,), "place": (2, 4), "region": (2,)}
BY_NAME = {lever.name: lever for lever in LEVERS}


def table(n=3):
    """Actors with the identities 1 to n."""
    actors = Actors(0, 2)
    admit(actors, range(1, n + 1))
    return actors


def admit(actors, ids):
    ids = np.asarray(ids, dtype=np.int64)
    return actors.admit({"id": ids}, np.zeros((ids.size, 2)))


def levers_of(actors=None):
    return Levers(table() if actors is None else actors, 2, 4)


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.name)
class TestEachLever:
    def test_is_declared_in_full(self, lever):
        assert lever.low <= lever.neutral <= lever.high
        assert lever.neutral == (1.0 if lever.unit == "factor" else 0.0)
        assert lever.meaning
        assert set(lever.mechanisms) <= {mechanism.name for mechanism in SCHEDULE}
        assert Levers.__annotations__[lever.name] == "Floats"

    def test_is_neutral_and_takes_no_memory_of_its_own(self, lever):
        levers = levers_of()
        values = getattr(levers, lever.name)
        assert values.tolist() == np.full(SHAPES[lever.of], lever.neutral).tolist()
        assert not levers.uses(lever.name)
        other = getattr(levers_of(table(900)), lever.name)
        assert np.shares_memory(getattr(levers, lever.name), other)

    def test_can_be_read_only_until_it_is_put(self, lever):
        levers = levers_of()
        for _ in range(2):
            with pytest.raises(ValueError, match="read-only"):
                getattr(levers, lever.name)[...] = 0.5
            with pytest.raises(AttributeError, match=rf"set it with levers\.put\('{lever.name}'"):
                setattr(levers, lever.name, np.ones(3))
            levers.use(lever.name)

    def test_is_used_and_released(self, lever):
        levers = levers_of()
        values = levers.use(lever.name)
        assert values.tolist() == np.full(SHAPES[lever.of], lever.neutral).tolist()
        values[0] = 0.75
        assert levers.in_use == (lever.name,)
        assert levers.use(lever.name)[0].tolist() == values[0].tolist()
        assert getattr(levers, lever.name)[0].tolist() == values[0].tolist()
        levers.release(lever.name)
        levers.release(lever.name)
        assert levers.in_use == ()
        assert (getattr(levers, lever.name) == lever.neutral).all()

    def test_keeps_within_its_bounds(self, lever):
        levers = levers_of()
        for allowed in (lever.low, lever.high):
            levers.put(lever.name, [1], allowed)
            assert (getattr(levers, lever.name)[1] == allowed).all()
        expected = f"lever {lever.name} can't be .*; expected a number from {lever.low:g} to"
        for wrong in (lever.low - 0.01, lever.high + 0.01, np.nan, np.inf):
            with pytest.raises(ValueError, match=expected):
                levers.put(lever.name, [0], wrong)
        assert (getattr(levers, lever.name)[0] == lever.neutral).all()


def test_each_declared_attribute_is_a_lever():
    assert list(Levers.__annotations__) == [lever.name for lever in LEVERS]


def test_what_is_refused_is_not_taken_into_use():
    levers = levers_of()
    with pytest.raises(ValueError, match="can't be 11; expected a number from 0 to 10"):
        levers.put("meeting", [0, 1], [2.0, 11.0])
    assert levers.in_use == ()


@pytest.mark.parametrize("call", ["use", "uses", "release", "put"])
def test_an_unknown_name_is_refused(call):
    levers = levers_of()
    given = (np.array([0]), 1.0) if call == "put" else ()
    with pytest.raises(ValueError, match="there is no lever 'meetings'; there are meeting, outr"):
        getattr(levers, call)("meetings", *given)
    with pytest.raises(AttributeError):
        _ = levers.meetings


def test_only_living_actors_have_levers():
    actors = table()
    actors.dismiss(np.array([1]))
    levers = levers_of(actors)
    levers.put("digital", [0, 2], 2.0)
    with pytest.raises(ValueError, match="digital belongs to living actors"):
        levers.put("digital", [0, 1], 2.0)
    assert levers.digital.tolist() == [2.0, 1.0, 2.0]
    assert actors.digital.tolist() == [False] * 3  # a column of that name is another matter


def test_places_and_regions_are_put_by_index():
    levers = levers_of()
    levers.put("matching", ([0, 1], [3, 0]), [0.5, 2.0])
    levers.put("crowding", [1], 0.25)
    assert levers.matching.tolist() == [[1.0, 1.0, 1.0, 0.5], [2.0, 1.0, 1.0, 1.0]]
    assert levers.crowding.tolist() == [1.0, 0.25]


def test_who_leaves_takes_its_values_along_and_newcomers_are_neutral():
    actors = table()
    levers = levers_of(actors)
    levers.put("meeting", [0, 1, 2], [2.0, 3.0, 4.0])
    levers.put("skill", [1], 0.5)
    actors.dismiss(np.array([1]))
    assert levers.meeting.tolist() == [2.0, 1.0, 4.0]
    assert levers.skill.tolist() == [0.0, 0.0, 0.0]
    levers.use("meeting")[1] = 9.0  # whatever is left in a free row
    assert admit(actors, [4]).tolist() == [1]
    assert levers.meeting.tolist() == [2.0, 1.0, 4.0]


def test_levers_grow_with_the_table():
    actors = table()
    levers = levers_of(actors)
    levers.put("trust", [2], 5.0)
    actors.reserve(10)
    assert levers.trust.tolist() == [1.0, 1.0, 5.0]
    levers.put("trust", [0], 3.0)
    admit(actors, range(10, 15))
    admit(actors, range(100, 400))
    assert levers.trust.tolist() == [3.0, 1.0, 5.0] + [1.0] * 305
    assert levers.meeting.shape == levers.skill.shape == (308,)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda w: pickle.loads(pickle.dumps(w))])
def test_a_copy_of_a_world_has_levers_of_its_own(copied):
    world = empty_world(((1.0, 1.0),))
    rows = add_actors(world, np.ones((2, 2)))
    world.levers.put("meeting", rows, 2.0)
    world.levers.put("start_ups", ([0], [1]), 3.0)
    other = copied(world)
    other.levers.put("meeting", rows[:1], 5.0)
    other.levers.put("start_ups", ([0], [1]), 0.5)
    other.levers.use("skill")
    add_actors(other, np.ones((1, 2)))
    assert world.levers.in_use == ("meeting", "start_ups")
    assert world.levers.meeting.tolist() == [2.0, 2.0]
    assert world.levers.start_ups.tolist() == [[1.0, 3.0]]
    assert other.levers.meeting.tolist() == [5.0, 2.0, 1.0]
    assert other.levers.start_ups.tolist() == [[1.0, 0.5]]
    assert other.levers.in_use == ("meeting", "skill", "start_ups")


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["admit", "dismiss", "put", "release"]),
        st.sampled_from([lever.name for lever in OF_ACTORS]),
        st.integers(0, 60),
    ),
    max_size=25,
)


@given(STEPS, st.randoms(use_true_random=False))
def test_comings_and_goings_keep_the_levers_of_each_actor(steps, random):
    actors = Actors(0, 2)
    levers = levers_of(actors)
    held: dict[str, dict[int, float]] = {}
    newest = 0
    for action, name, number in steps:
        present = actors.id[actors.rows()].tolist()
        chosen = random.sample(present, min(number, len(present)))
        rows = np.array([actors.row_of(i) for i in chosen], dtype=np.int64)
        lever = BY_NAME[name]
        if action == "admit":
            admit(actors, np.arange(newest + 1, newest + 1 + number))
            newest += number
        elif action == "dismiss":
            actors.dismiss(rows)
            for values in held.values():
                for i in chosen:
                    values.pop(i, None)
        elif action == "put":
            values = [random.uniform(lever.low, lever.high) for _ in chosen]
            levers.put(name, rows, values)
            held.setdefault(name, {}).update(zip(chosen, values, strict=True))
        else:
            levers.release(name)
            held.pop(name, None)
        assert set(levers.in_use) == set(held)
        for one in OF_ACTORS:
            values = getattr(levers, one.name)
            expected = [held.get(one.name, {}).get(i, one.neutral) for i in actors.id.tolist()]
            assert values.tolist() == expected
