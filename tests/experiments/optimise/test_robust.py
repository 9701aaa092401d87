"""What counts over points, which candidates are best, and the knee: cases worked out by hand."""

import numpy as np
import pytest

from clustersim.experiments.optimise.robust import knee_of, nondominated, scored, told
from clustersim.experiments.sweep.study import Optimisation


def section(**more):
    return Optimisation.model_validate(
        {
            "goals": [
                {"outcome": "innovations", "better": "more"},
                {"outcome": "public_money", "better": "less"},
            ],
            "candidates": 8,
            **more,
        }
    )


def outcomes(innovations, money):
    """Return outcomes of points (rows) at two seeds, the same but for half a unit."""
    spread = np.array([-0.5, 0.5])
    return {
        "innovations": np.array(innovations)[:, np.newaxis] + spread,
        "public_money": np.array(money)[:, np.newaxis] + np.zeros(2),
    }


# Two points. The first is good on average, the second where it is worst, the third is dominated,
# the fourth is cheap.
FOUR = [
    outcomes([10.0, 2.0], [5.0, 5.0]),
    outcomes([5.0, 4.0], [5.0, 5.0]),
    outcomes([3.0, 1.5], [6.0, 6.0]),
    outcomes([1.0, 1.0], [1.0, 1.0]),
]


def test_the_mean_over_points():
    found = scored(section(), FOUR)
    assert found.costs.tolist() == [[-6.0, 5.0], [-4.5, 5.0], [-2.25, 6.0], [-1.0, 1.0]]
    assert found.front == (0, 3)
    assert found.intervals[0][0].value == 6.0
    # Student's interval of two seeds half a unit to both sides: 12.7 times 0.5.
    assert found.intervals[0][0].high == pytest.approx(6.0 + 12.706 * 0.5, abs=1e-3)
    # At the first point candidates 0 and 3 are best, at the second 1 and 3.
    assert found.shares.tolist() == [0.5, 0.5, 0.0, 1.0]


def test_the_worst_point():
    found = scored(section(robust="worst"), FOUR)
    assert found.costs[:, 0].tolist() == [-2.0, -4.0, -1.5, -1.0]
    assert found.front == (1, 3)


def test_the_worst_but_a_share_of_the_points():
    many = [outcomes(np.arange(10.0), np.ones(10)), outcomes(np.full(10, 1.5), np.ones(10))]
    assert scored(section(robust="worst"), many).costs[:, 0].tolist() == [0.0, -1.5]
    assert scored(section(robust="worst", quantile=0.2), many).costs[:, 0].tolist() == [-2.0, -1.5]


def test_regret_is_measured_against_the_best_that_is_known_for_a_point():
    found = scored(section(robust="regret"), FOUR)
    # The best of the points: 10 and 4 innovations, 1 and 1 money.
    assert found.costs.tolist() == [[2.0, 4.0], [5.0, 4.0], [7.0, 5.0], [9.0, 0.0]]
    better = [*FOUR, outcomes([4.0, 12.0], [9.0, 9.0])]
    again = scored(section(robust="regret"), better)
    # Somebody found out what can be had at the second point.
    assert again.costs[0, 0] == 10.0
    # A candidate that is not allowed is no measure of what can be had.
    barred = scored(section(robust="regret", at_most={"public_money": 8.0}), better)
    assert barred.costs[0, 0] == 2.0


def test_what_is_allowed():
    found = scored(section(at_most={"public_money": 5.0}, at_least={"innovations": 4.0}), FOUR)
    assert found.violation == pytest.approx([0.0, 0.0, 0.2 + 1.75 / 4, 0.75])
    assert found.front == (0,)
    # If the worst counts, it has to hold at the worst point.
    assert scored(section(robust="worst", at_least={"innovations": 4.0}), FOUR).front == (1,)


def test_the_search_is_told_that_what_is_not_allowed_is_worse_than_all_that_is():
    candidates = [*FOUR, None]
    found = scored(section(at_most={"public_money": 5.0}), candidates)
    costs = told(found)
    allowed, over, failed = costs[[0, 1, 3]], costs[2], costs[4]
    assert (over > allowed).all()
    assert (failed > over).all()
    assert np.isnan(found.costs[4]).all()
    assert found.front == (0, 3)
    # Nothing is known of any.
    assert np.isfinite(told(scored(section(), [None, None]))).all()


def test_an_outcome_that_is_not_known_is_no_good():
    unknown = outcomes([np.nan, 1.0], [0.0, 0.0])
    found = scored(section(), [*FOUR, unknown])
    assert found.violation[4] > 0.0
    assert found.front == (0, 3)


def test_nobody_dominates_an_equal_and_of_equals_the_first_stands_for_all():
    costs = np.array([[1.0, 2.0], [2.0, 1.0], [1.0, 2.0], [2.0, 2.0]])
    assert nondominated(costs).tolist() == [True, True, False, False]


def test_the_knee_is_furthest_from_the_line_between_the_ends():
    costs = np.array([[0.0, 10.0], [1.0, 3.0], [5.0, 2.0], [10.0, 0.0], [9.0, 9.0]])
    front = (0, 1, 2, 3)
    assert knee_of(costs, front) == 1
    distance = [abs(x + y - 10.0) for x, y in costs[list(front)]]
    assert int(np.argmax(distance)) == 1
    assert knee_of(costs, (0, 3)) is None


def test_intervals_of_what_is_worst_are_those_of_the_point_that_decides():
    rng = np.random.default_rng(2)
    candidates = [
        {name: rng.normal(size=(3, 40)) for name in ("innovations", "public_money")}
        for _ in range(5)
    ]
    for robust in ("mean", "worst", "regret"):
        found = scored(section(robust=robust), candidates)
        for i in range(5):
            for g, goal in enumerate(found.intervals[i]):
                assert abs(goal.value) == pytest.approx(abs(found.costs[i, g]))
                assert goal.low < goal.value < goal.high or goal.value == goal.low == goal.high
