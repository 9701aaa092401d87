"""What a worker gives back: the run's own tables, with names."""

import numpy as np
import pytest

from clustersim.experiments.provenance import sources
from clustersim.experiments.run import run
from clustersim.experiments.sweep.plan import lay_out
from clustersim.experiments.sweep.study import CHOOSABLE, NAMES
from clustersim.experiments.sweep.sweep import Engine, sweep
from clustersim.experiments.sweep.work import Job, OtherProgramError, with_indices, with_names, work
from clustersim.store import fingerprint, read_runs
from tests.experiments.sweep.small import study


def job(number: int = 3, **changes: object) -> Job:
    plan = lay_out(study(keep=CHOOSABLE))
    given = {
        "run": number, "seed": 2, "cell": plan.cells[number], "tables": plan.tables,
        "mechanisms": (), "program": sources(), **changes,
    }  # fmt: skip
    return Job(**given)


def test_names_and_indices_are_the_runs_own_tables_bit_for_bit() -> None:
    asked = job()
    done = work(asked)
    result = run(asked.cell.resolved(2))
    back = with_indices(done.tables)
    for name in set(CHOOSABLE + NAMES) & set(result.tables):
        assert fingerprint({name: back[name]}) == fingerprint({name: result.tables[name]}), name
    assert done.fingerprint == fingerprint(done.tables)
    assert done.tables["clusters"]["region"][0] == "Old Town"


def test_no_place_is_an_empty_text_and_back() -> None:
    names = {"regions": {"name": np.array(["b", "a"])}}
    table = {"region": np.array([1, -1, 0], dtype=np.int32)}
    named = with_names(table, names)
    assert named["region"].tolist() == ["a", "", "b"]
    assert with_indices({**names, "x": named})["x"]["region"].tolist() == [1, -1, 0]


def test_what_is_read_from_a_store_is_the_run(tmp_path) -> None:
    stored = sweep(study(keep=CHOOSABLE), tmp_path / "runs", engine=Engine(workers=1))
    done = work(job())
    back = read_runs(stored.folder).tables(7)  # cell 3 at the second seed
    assert fingerprint(back) == done.fingerprint == stored.state.done[7]["fingerprint"]


def test_another_program_is_refused() -> None:
    with pytest.raises(OtherProgramError, match="another version of clustersim; install"):
        work(job(program="0" * 64))


def test_what_is_not_kept_is_not_made_and_changes_nothing() -> None:
    kept, all_kept = job(tables=("clusters", "economy")), job()
    few, many = work(kept).tables, work(all_kept).tables
    assert set(few) == {"clusters", "economy", "outcomes"}
    assert {"monitoring", "organisations"} <= set(many)
    for name in few:
        assert fingerprint({name: few[name]}) == fingerprint({name: many[name]}), name
