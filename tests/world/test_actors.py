import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.world.actors import COLUMNS, SPARE, Actors, Column, Kind

N_FIELDS = 3


def admit(actors, ids, **columns):
    ids = np.asarray(ids, dtype=np.int64)
    knowledge = np.outer(ids, [1.0, 2.0, 3.0])
    return actors.admit({"id": ids, **columns}, knowledge)


def test_each_column_is_an_array_of_its_own_type_and_default():
    actors = Actors(3, N_FIELDS)
    assert len({column.name for column in COLUMNS}) == len(COLUMNS)
    for column in COLUMNS:
        values = getattr(actors, column.name)
        assert values.dtype == column.dtype
        assert values.tolist() == [column.default] * 3
        assert column.unit
        assert column.meaning
    assert actors.knowledge.shape == (3, N_FIELDS)
    assert (actors.n_rows, actors.n_fields) == (3, N_FIELDS)


def test_every_column_is_declared_as_an_attribute():
    # What the type checker sees is what there is.
    declared = {name for name in Actors.__annotations__ if not name.startswith("_")}
    assert declared == {*(column.name for column in COLUMNS), "knowledge", "table", "version"}


@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_precision_of_knowledge(precision):
    actors = Actors(0, N_FIELDS, precision)
    admit(actors, range(200))
    assert actors.knowledge.dtype == precision
    assert actors.spare_knowledge().dtype == precision


@pytest.mark.parametrize("name", ["size", "knowledge", "new"])
def test_an_array_cannot_be_replaced_and_the_remedy_is_named(name):
    actors = Actors(2, N_FIELDS)
    with pytest.raises(AttributeError, match=rf"write into it: actors\.{name}\[:\] = "):
        setattr(actors, name, np.zeros(2))


def test_writing_into_an_array_changes_the_table():
    actors = Actors(0, N_FIELDS)
    rows = admit(actors, [5, 6])
    actors.size[:] = [1.5, 2.5]
    admit(actors, range(100, 300))  # the table moves to a larger place
    assert actors.size[rows].tolist() == [1.5, 2.5]


def test_what_is_not_said_of_a_newcomer_is_the_default():
    actors = Actors(0, N_FIELDS)
    admit(actors, [5], size=np.array([4.0]))
    actors.dismiss(np.array([0]))
    admit(actors, [6], kind=np.array([Kind.RTO]))
    assert actors.size[0] == 0.0
    assert (actors.parent[0], actors.niche[0], actors.alive[0]) == (-1, -1, True)


def test_rows_are_those_of_the_living_by_kind():
    actors = Actors(0, N_FIELDS)
    kinds = np.array([Kind.FIRM, Kind.UNIVERSITY, Kind.FIRM, Kind.AUTHORITY])
    admit(actors, [1, 2, 3, 4], kind=kinds)
    actors.dismiss(np.array([0]))
    assert actors.rows().tolist() == [1, 2, 3]
    assert actors.rows(Kind.FIRM).tolist() == [2]
    assert actors.rows(Kind.RTO).tolist() == []


def test_row_of_finds_the_living_only():
    actors = Actors(0, N_FIELDS)
    admit(actors, [40, 41])
    assert actors.row_of(41) == 1
    actors.dismiss(np.array([1]))
    with pytest.raises(KeyError, match="no living actor has the identity 41"):
        actors.row_of(41)
    with pytest.raises(KeyError, match="identity -1"):
        actors.row_of(-1)  # the identity of a free row is nobody's


def test_free_rows_are_reused_before_the_table_grows():
    actors = Actors(0, N_FIELDS)
    admit(actors, range(1, 6))
    actors.dismiss(np.array([3, 1]))
    assert admit(actors, [10, 11, 12]).tolist() == [1, 3, 5]
    assert actors.id.tolist() == [1, 10, 3, 11, 5, 12]
    assert actors.n_rows == 6


def test_a_row_given_again_has_defaults_whatever_a_rule_wrote_to_free_rows():
    actors = Actors(0, N_FIELDS)
    admit(actors, [1, 2])
    actors.add_column(Column("extra", np.float64, 0.5, "-", "of a rule"))
    actors.dismiss(np.array([0]))
    actors.green[:] = True
    actors.orders[:] = actors.column("extra")[:] = 7.0
    actors.knowledge[:] = 0.3
    assert actors.allot(1).tolist() == [0]
    assert actors.alive.all()
    assert actors.green.tolist() == [False, True]
    assert actors.orders.tolist() == [0.0, 7.0]
    assert actors.column("extra").tolist() == [0.5, 7.0]
    assert actors.knowledge.any(axis=1).tolist() == [False, True]


def test_a_large_table_grows_by_some_free_rows_which_are_given_next():
    actors = Actors(0, N_FIELDS)
    admit(actors, range(10 * SPARE))
    assert admit(actors, [1000]).tolist() == [10 * SPARE]
    assert actors.n_rows == 10 * SPARE + 10
    assert (actors.id[~actors.alive] == -1).all()
    assert (actors.spare_knowledge()[~actors.alive] == 0.0).all()
    assert admit(actors, [1001, 1002]).tolist() == [10 * SPARE + 1, 10 * SPARE + 2]
    assert actors.n_rows == 10 * SPARE + 10


def test_version_tells_of_every_change_of_who_is_there():
    actors = Actors(0, N_FIELDS)
    seen = {actors.version}
    admit(actors, [1])
    seen.add(actors.version)
    actors.dismiss(np.array([0]))
    seen.add(actors.version)
    assert len(seen) == 3


def test_exchange_makes_the_second_table_the_first():
    actors = Actors(0, N_FIELDS)
    admit(actors, [1, 2])
    before = actors.knowledge
    spare = actors.spare_knowledge()
    assert spare.shape == before.shape
    assert not np.shares_memory(spare, before)
    spare[:] = 7.0
    actors.exchange_knowledge()
    assert (actors.knowledge == 7.0).all()
    assert np.shares_memory(actors.spare_knowledge(), before)
    # The table that is shown is the one that later newcomers enter.
    admit(actors, [3])
    assert actors.knowledge[:2].tolist() == [[7.0] * 3] * 2
    assert actors.knowledge[2].tolist() == [3.0, 6.0, 9.0]


def test_a_column_beside_the_schema_follows_the_rows():
    actors = Actors(0, N_FIELDS)
    admit(actors, [1, 2])
    assert actors.column("more") is None
    more = actors.add_column(Column("more", np.float64, 0.5, "-", "anything"))
    assert more.tolist() == [0.5, 0.5]
    more[:] = [1.0, 2.0]
    actors.dismiss(np.array([0]))
    assert actors.column("more").tolist() == [0.5, 2.0]
    admit(actors, [3, 4])
    assert actors.column("more").tolist() == [0.5, 2.0, 0.5]
    assert "more" not in actors.table._fields
    for copied in (copy.deepcopy(actors), pickle.loads(pickle.dumps(actors))):
        copied.dismiss(np.array([1]))
        assert copied.column("more").tolist() == [0.5] * 3
    actors.drop_column("more")
    assert actors.column("more") is None
    admit(actors, range(10, 200))


STEPS = st.lists(
    st.tuples(st.sampled_from(["admit", "dismiss", "exchange"]), st.integers(0, 90)), max_size=25
)


@given(STEPS, st.randoms(use_true_random=False))
def test_comings_and_goings_keep_identities_and_values(steps, random):
    actors = Actors(0, N_FIELDS, np.float64)
    expected: dict[int, float] = {}
    newest = 0
    for action, number in steps:
        if action == "admit":
            ids = np.arange(newest + 1, newest + 1 + number)
            newest += number
            rows = admit(actors, ids, size=ids / 4.0)
            assert np.array_equal(actors.id[rows], ids)
            expected |= {int(i): float(i) for i in ids}
        elif action == "dismiss":
            leaving = random.sample(sorted(expected), min(number, len(expected)))
            rows = np.array([actors.row_of(i) for i in leaving], dtype=np.int64)
            actors.dismiss(rows)
            for i in leaving:
                del expected[i]
        else:
            actors.spare_knowledge()[:] = actors.knowledge + actors.alive[:, None]
            actors.exchange_knowledge()
            expected = {i: value + 1.0 for i, value in expected.items()}
        living = actors.rows()
        assert sorted(actors.id[living].tolist()) == sorted(expected)
        assert np.array_equal(actors.size[living], actors.id[living] / 4.0)
        shift = np.array([expected[int(i)] - i for i in actors.id[living]])
        known = np.outer(actors.id[living], [1.0, 2.0, 3.0]) + shift[:, None]
        assert np.array_equal(actors.knowledge[living], known)
        free = ~actors.alive
        assert (actors.id[free] == -1).all()
        assert (actors.size[free] == 0.0).all()
        assert (actors.knowledge[free] == 0.0).all()


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda a: pickle.loads(pickle.dumps(a))])
def test_a_copy_stands_on_its_own_and_shows_its_own_store(copied):
    actors = Actors(0, 3)
    actors.admit({"id": np.arange(4), "size": np.arange(4.0)}, np.ones((4, 3)))
    twin = copied(actors)
    twin.size[:] = 9.0
    twin.admit({"id": np.array([4])}, np.zeros((1, 3)))
    twin.dismiss(np.array([0]))
    assert actors.size.tolist() == [0.0, 1.0, 2.0, 3.0]
    assert twin.size.tolist() == [0.0, 9.0, 9.0, 9.0, 0.0]
    assert twin.id.tolist() == [-1, 1, 2, 3, 4]
