"""Theory cases: what a mechanism alone must do, and that each case could fail."""

import functools

import pytest

from experiments.verification.cases import CASES
from experiments.verification.result import Row
from experiments.verification.verify import CHAPTER, cells, section

MOST_ROWS = 100
"""So many rows at 1e-4 each fail with a chance of at most 1 % together."""


@functools.cache
def outcome(case):
    return case()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_theory_and_simulation_agree(case):
    wrong = [cells(row) for row in outcome(case).rows if not row.agrees]
    assert wrong == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_a_plausible_mistake_would_be_noticed(case):
    rows = outcome(case).rows
    unnoticed = [cells(row) for row in rows if not row.refuses_rival]
    assert unnoticed == []
    assert any(row.rival is not None for row in rows)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_chapter_shows_what_the_case_gives_now(case):
    assert section(case, outcome(case)) in CHAPTER.read_text(encoding="utf-8"), (
        "run `python experiments/verification/verify.py --write`"
    )


def test_all_cases_together_hardly_ever_fail_by_chance():
    assert len(CASES) < sum(len(outcome(case).rows) for case in CASES) < MOST_ROWS


@pytest.mark.parametrize(
    ("row", "agrees", "refuses"),
    [
        (Row("x", 1.0, 1.38, 0.1, 2.0), True, True),
        (Row("x", 1.0, 1.40, 0.1, 1.5), False, False),
        (Row("x", 1.0, 1.09, 0.1, 1.2, exact=True), True, True),
        (Row("x", 1.0, 0.89, 0.1, None, exact=True), False, True),
    ],
)
def test_rows_agree_within_their_limit(row, agrees, refuses):
    assert (row.agrees, row.refuses_rival) == (agrees, refuses)
