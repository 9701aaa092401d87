"""From pairs of tables to a comparison: pure, small, and all that JSON can hold."""

import json
import pickle

import numpy as np
import pytest

from clustersim.experiments.comparison.effects import effects, known
from clustersim.experiments.comparison.judged import Named, judge, put_together, words
from clustersim.experiments.comparison.money import Prices
from clustersim.experiments.comparison.seen import TABLES, see
from tests.experiments.comparison.made import tables

BASE = np.tile([[100.0, 50.0], [30.0, 20.0]], (4, 1, 1))


def made(more, luck, euro=1000.0):
    """A pair of runs: `more` jobs in the first place from the second record on."""
    jobs = BASE + luck
    done = jobs.copy()
    done[1:, 0, 0] += more
    ledger = [(2, "appropriation", 0, 0, euro)] if euro else ()
    stages = [(0, 0, "growth")]
    return tables(done, ledger=ledger, stages=stages), tables(jobs, stages=stages)


def seeds(more, **given):
    return [see(*made(more + k, luck=k, **given)) for k in range(3)]


def test_only_the_tables_that_are_named_are_read():
    done, without = made(5.0, 0.0)
    assert set(done) <= set(TABLES)
    untouched = pickle.dumps((done, without))
    see(done, without)
    assert pickle.dumps((done, without)) == untouched


def test_what_is_kept_of_a_seed_travels_and_says_the_same():
    kept = seeds(5.0)
    again = pickle.loads(pickle.dumps(kept))
    first, second = (judge("a", "A", "B", one).to_dict() for one in (kept, again))
    assert first == second
    json.dumps(first, allow_nan=False)


def test_the_order_of_the_seeds_changes_no_mean():
    kept = seeds(5.0)
    one, other = (judge("a", "A", "B", list(several)) for several in (kept, reversed(kept)))
    assert one.money.npv == pytest.approx(other.money.npv)
    assert [c.effect.value for c in one.contrasts] == pytest.approx(
        [c.effect.value for c in other.contrasts]
    )


def test_several_are_put_together():
    names = [Named("a", "First", "Base"), Named("b", "Second", "Base"), Named("c", "Third", "Base")]
    found = put_together((1, 2, 3), names, [seeds(5.0), seeds(9.0), seeds(1.0)])
    assert [case.name for case in found.cases] == ["a", "b", "c"]
    assert found.same_counterpart
    jobs = next(one for one in found.rivals if one.outcome == "jobs at the end")
    assert jobs.best.tolist() == [0.0, 1.0, 0.0]
    worth = next(one for one in found.rivals if one.outcome == "net present value")
    assert worth.best.tolist() == [0.0, 1.0, 0.0]
    expected = found.cases[0].money.npv.value - found.cases[1].money.npv.value
    assert worth.pairs[0].effect.value == pytest.approx(expected)
    assert [one.state for one in found.choices[0].points].count("frontier") == 2
    document = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert document["cases"][1]["money"]["prices"]["discount_rate"] == 0.03
    assert document["cases"][0]["course"]["difference"] == [0, 6, 6, 6]
    assert "3 seeds" in words(found.cases[0], 3)


def test_everything_is_discounted_to_the_same_year():
    late = []
    for k in range(2):
        jobs = BASE + k
        done = jobs.copy()
        done[3:, 0, 0] += 5.0
        late.append(see(tables(done, ledger=[(9, "appropriation", 0, 0, 10.0)]), tables(jobs)))
    names = [Named("early", "", ""), Named("late", "", "")]
    found = put_together((1, 2), names, [seeds(5.0)[:2], late])
    assert [case.money.base for case in found.cases] == [2000.0, 2000.0]
    assert judge("late", "", "", late).money.base == 2002.0


def test_other_counterparts_are_said():
    other = [see(*made(5.0, luck=7.0 + k)) for k in range(3)]
    names = [Named("a", "", ""), Named("b", "", "")]
    assert not put_together((1, 2, 3), names, [seeds(5.0), other]).same_counterpart


def test_prices_reach_the_money():
    one, two = (judge("a", "", "", seeds(5.0), prices=Prices(value_added=v)) for v in (1.0, 2.0))
    assert two.money.product.value == pytest.approx(2 * one.money.product.value)


def test_runs_of_other_places_are_refused():
    with pytest.raises(ValueError, match="differ in their places"):
        see(made(5.0, 0.0)[0], tables(np.ones((4, 1, 1))))


def test_effects_want_a_column_for_each_name():
    with pytest.raises(ValueError, match="a column for each name"):
        effects(["a"], ["jobs"], np.ones((3, 2)), np.ones((3, 2)))


def test_what_is_unknown_is_none():
    assert known({"a": [1.0, np.nan], "b": (np.inf, "x")}) == {"a": [1.0, None], "b": [None, "x"]}
