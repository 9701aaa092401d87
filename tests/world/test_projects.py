import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.world.projects import HIGHEST_TRL, RUNNING, Outcome, Projects

N_ROWS = 8
CREWS = st.lists(
    st.lists(st.integers(0, N_ROWS - 1), min_size=1, max_size=5, unique=True), max_size=12
)


def begin(projects, crews, first=0, born=3):
    """Begin projects whose identity and budget are their number."""
    n = len(crews)
    numbers = np.arange(first, first + n)
    columns = {
        "id": numbers,
        "coordinator": np.array([100 + crew[0] for crew in crews], dtype=np.int64),
        "field": numbers % 3,
        "born": np.full(n, born),
        "length": np.full(n, 12),
        "first_trl": np.full(n, 4),
        "target": np.full(n, 6),
        "firms": np.array([len(crew) for crew in crews], dtype=np.int64),
        "science": np.zeros(n, dtype=np.int64),
        "budget": numbers.astype(float),
    }
    members = np.array([row for crew in crews for row in crew], dtype=np.int64)
    projects.add(columns, members, np.array([len(crew) for crew in crews], dtype=np.int64))


def crews_of(projects):
    assert projects.start[0] == 0
    assert projects.start[-1] == projects.member.size
    assert projects.start.size == len(projects) + 1
    return [
        projects.member[projects.start[p] : projects.start[p + 1]].tolist()
        for p in range(len(projects))
    ]


def types(projects):
    return {name: array.dtype for name, array in vars(projects).items()}


def test_begins_empty():
    projects = Projects()
    assert len(projects) == 0
    assert crews_of(projects) == []
    projects.release(np.ones(N_ROWS, dtype=bool))
    projects.forget_ended()
    assert len(projects) == 0


@given(CREWS, CREWS)
def test_members_are_kept_project_by_project(before, after):
    projects = Projects()
    kinds = types(projects)
    begin(projects, before)
    begin(projects, after, first=len(before))
    assert crews_of(projects) == before + after
    assert projects.id.tolist() == list(range(len(before) + len(after)))
    assert projects.counts.tolist() == [len(crew) for crew in before + after]
    assert (projects.trl == projects.first_trl).all()
    assert (projects.ended == RUNNING).all()
    assert (projects.outcome == Outcome.RUNNING).all()
    assert types(projects) == kinds


@given(CREWS, st.sets(st.integers(0, N_ROWS - 1)), st.sets(st.integers(0, 11)))
def test_the_departed_and_the_ended_have_no_part(crews, departed, ended):
    projects = Projects()
    begin(projects, crews)
    over = sorted(p for p in ended if p < len(crews))
    projects.ended[over] = 9
    alive = np.array([row not in departed for row in range(N_ROWS)])
    projects.release(alive)
    left = [
        [] if p in over else [row for row in crew if row not in departed]
        for p, crew in enumerate(crews)
    ]
    assert crews_of(projects) == left
    # Once more changes nothing.
    projects.release(alive)
    assert crews_of(projects) == left
    projects.forget_ended()
    stay = [p for p in range(len(crews)) if p not in over]
    assert projects.id.tolist() == stay
    assert projects.budget.tolist() == [float(p) for p in stay]
    assert crews_of(projects) == [left[p] for p in stay]


@given(CREWS)
def test_engagements_are_counted_by_row(crews):
    projects = Projects()
    begin(projects, crews)
    busy, leads = projects.engagements(N_ROWS)
    assert busy.tolist() == [sum(row in crew for crew in crews) for row in range(N_ROWS)]
    assert leads.tolist() == [any(crew[0] == row for crew in crews) for row in range(N_ROWS)]


def test_what_has_ended_is_forgotten_with_members_that_were_not_released():
    projects = Projects()
    begin(projects, [[0, 1, 2], [3, 4], [5, 6, 7]])
    projects.ended[1] = 5
    projects.forget_ended()
    assert crews_of(projects) == [[0, 1, 2], [5, 6, 7]]


def test_the_table_is_what_kernels_take():
    projects = Projects()
    begin(projects, [[0, 1]])
    table = projects.table
    assert set(table._fields) == set(vars(projects))
    assert table.member is projects.member
    assert table.trl is projects.trl


@pytest.mark.parametrize("missing", ["id", "budget"])
def test_a_column_that_is_missing_is_an_error(missing):
    projects = Projects()
    begin(projects, [[0, 1]])
    columns = {
        name: array
        for name, array in vars(projects).items()
        if name not in {missing, "start", "member", "ended", "trl", "outcome"}
    }
    with pytest.raises(KeyError, match=missing):
        Projects().add(columns, np.array([0, 1]), np.array([2]))


def test_readiness_ends_at_nine():
    assert HIGHEST_TRL == 9
