import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.world.ledger import COLUMNS, Ledger, Purpose, shared_out


@given(
    st.integers(0, 10**15),
    st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda w: sum(w) > 0),
)
def test_parts_sum_to_the_whole_to_the_cent(cents, weights):
    parts = shared_out(cents, np.array(weights))
    assert parts.sum() == cents
    assert (parts >= 0).all()


def test_parts_go_by_weight():
    assert shared_out(100, np.array([1.0, 0.0, 3.0])).tolist() == [25, 0, 75]


def usual(**changes):
    return {
        "quarter": 3,
        "policy": 0,
        "measure": -1,
        "purpose": int(Purpose.STAFF),
        "region": 0,
        "sector": 1,
        "payer": 7,
        "recipient": -1,
        "kind": -1,
        "jobs": 0.0,
        "cents": 5,
        "cost": 0,
        **changes,
    }


def test_an_empty_ledger_has_all_columns():
    assert {name: column.dtype for name, column in Ledger().table().items()} == {
        name: np.dtype(dtype) for name, (dtype, _) in COLUMNS.items()
    }


def test_payments_stand_in_the_order_in_which_they_were_made():
    ledger = Ledger()
    ledger.book(0, **usual())
    ledger.book(2, **usual(cents=np.array([4, 6])))
    ledger.book(1, **usual(quarter=4))
    first = ledger.table()
    ledger.book(1, **usual(quarter=5))
    assert first["cents"].tolist() == [4, 6, 5]
    assert ledger.table()["quarter"].tolist() == [3, 3, 4, 5]


def test_a_payment_without_a_column_is_refused():
    values = usual()
    del values["payer"]
    with pytest.raises(KeyError, match="payer"):
        Ledger().book(1, **values)


@given(st.lists(st.integers(1, 4), max_size=6), st.integers(0, 30), st.booleans())
def test_what_came_since_is_the_rest_of_the_table(sizes, n, merged):
    ledger, total = Ledger(), 0
    for size in sizes:
        ledger.book(size, **usual(cents=np.arange(size) + total))
        total += size
        if merged:
            ledger.table()
    later = ledger.since(n)
    assert later["cents"].tolist() == list(range(min(n, total), total))
    assert {name: column.dtype for name, column in later.items()} == {
        name: np.dtype(dtype) for name, (dtype, _) in COLUMNS.items()
    }
