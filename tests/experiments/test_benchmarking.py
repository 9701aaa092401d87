"""Cluster organisations side by side: ranks, money, names, and the command."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from clustersim.cli import app
from clustersim.experiments.benchmarking import (
    LEAST,
    LESS_IS_BETTER,
    NOT_RANKED,
    BenchmarkError,
    benchmark,
)
from clustersim.experiments.result import RunResult
from clustersim.measures.monitoring import Family
from clustersim.monitoring import INDICATORS, MONITORING, ORGANISATIONS
from clustersim.store import StoreError

FAMILIES = [family.name.lower() for family in Family]
TEXTS = {"policy": "", "label": "none"}
VALLEYS = Path(__file__).parent / "data" / "valleys.yaml"


def result(organisations, places=(), regions=5, sectors=2):
    """Return a result from rows of both tables; what a row leaves out is the same everywhere."""

    def table(columns, rows):
        found = {}
        for name in columns:
            values = [row.get(name, TEXTS.get(name, 0)) for row in rows]
            kind = {"quarter": np.int32, "id": np.int64, "region": np.int32, "sector": np.int32}
            text = name in TEXTS
            found[name] = np.array(values, dtype=np.str_ if text else kind.get(name, np.float64))
        return found

    tables = {
        "organisations": table(ORGANISATIONS, organisations),
        "monitoring": table(MONITORING, places),
        "regions": {"name": np.array([f"r{k}" for k in range(regions)])},
        "sectors": {"name": np.array([f"s{k}" for k in range(sectors)])},
    }
    return RunResult(tables, {"scenario": {"title": "By hand"}, "seed": 1, "years": 1})


def at(quarter, **values):
    return {"quarter": quarter, "year": 2000 + quarter / 4, **values}


def offices(*sectors, quarter=0, **columns):
    """Return one organisation for each sector given, each in a region of its own."""
    return [
        at(quarter, id=10 + k, region=k, sector=s, **{n: v[k] for n, v in columns.items()})
        for k, s in enumerate(sectors)
    ]


# Ranks


def test_what_is_declared_is_ranked():
    names = {name for family in INDICATORS.values() for name in family}
    assert names >= LESS_IS_BETTER | NOT_RANKED
    found = benchmark(result(offices(0, 0, 0))).organisations[0]
    ranked = {name for family in found.indicators.values() for name in family}
    assert names - NOT_RANKED <= ranked
    assert {name for name in ORGANISATIONS if name.endswith("_members")} <= ranked
    assert list(found.ranks) == list(found.indicators) == FAMILIES


def test_ranks_by_hand():
    places = [
        at(0, region=k, sector=0, trust=trust, exit_rate=exits)
        for k, (trust, exits) in enumerate([(0.2, 0.3), (0.9, 0.1), (0.5, 0.2)])
    ]
    found = benchmark(result(offices(0, 0, 0), places)).organisations
    trust = [one.indicators["collaboration"]["trust"] for one in found]
    assert [one.value for one in trust] == [0.2, 0.9, 0.5]
    assert [one.rank for one in trust] == [0.0, 1.0, 0.5]
    # Few exits are good.
    exits = [one.indicators["performance"]["exit_rate"].rank for one in found]
    assert exits == [0.0, 1.0, 0.5]
    # All other indicators are level; there are eight of collaboration and seven of performance.
    assert len(found[0].indicators["collaboration"]) == 8
    assert found[1].ranks["collaboration"] == pytest.approx((7 * 0.5 + 1) / 8)
    count = len(found[0].indicators["performance"])
    assert found[1].ranks["performance"] == pytest.approx(((count - 1) * 0.5 + 1) / count)
    assert found[1].ranks["innovation"] == 0.5
    assert (found[1].best, found[0].worst) == ("performance", "performance")
    assert (found[2].best, found[2].worst) == ("", "")
    assert "cannot be told" in found[2].sentence()


def test_comparison_is_within_the_sector_if_there_are_enough():
    collaborations = [1.0, 2.0, 3.0, 9.0, 0.0]
    sectors = (0, 0, 0, 1, 1)
    assert LEAST == 3
    found = benchmark(
        result(offices(*sectors, collaborations_members=collaborations))
    ).organisations
    ranks = [one.indicators["collaboration"]["collaborations_members"].rank for one in found]
    # Among three of the sector; the two of the other sector among all five.
    assert ranks == [0.0, 0.5, 1.0, 1.0, 0.0]
    assert [one.compared_with for one in found] == ["s0"] * 3 + [""] * 2
    assert [one.others for one in found] == [2, 2, 2, 4, 4]


def test_what_is_unknown_is_left_out_and_a_single_one_has_no_rank():
    growth = [math.nan, 1.0, 2.0]
    found = benchmark(result(offices(0, 0, 0, growth_members=growth))).organisations
    ranks = [one.indicators["performance"]["growth_members"].rank for one in found]
    assert ranks == pytest.approx([math.nan, 0.0, 1.0], nan_ok=True)
    (alone,) = benchmark(result(offices(0))).organisations
    assert all(math.isnan(rank) for rank in alone.ranks.values())
    assert alone.others == 0
    assert alone.best == alone.worst == ""


def test_a_place_without_firms_and_an_office_without_a_sector_are_unknown():
    places = [at(0, region=1, sector=0, trust=0.5)]
    found = benchmark(result(offices(0, 0, -1), places)).organisations
    trust = [one.indicators["collaboration"]["trust"].value for one in found]
    assert trust == pytest.approx([math.nan, 0.5, math.nan], nan_ok=True)
    assert [one.name for one in found] == ["C1 r0 s0", "C2 r1 s0", "C3 r2"]


@given(st.lists(st.tuples(st.integers(0, 1), st.floats(0, 1)), min_size=2, max_size=12))
def test_ranks_lie_between_nothing_and_all(rows):
    sectors, trust = zip(*rows, strict=True)
    places = [at(0, region=k, sector=s, trust=t) for k, (s, t) in enumerate(rows)]
    run = result(offices(*sectors, survival_members=trust), places, regions=len(rows))
    found = benchmark(run).organisations
    assert len(found) == len(rows)
    for one in found:
        assert all(0.0 <= rank <= 1.0 for rank in one.ranks.values())
        if one.best:
            assert one.ranks[one.best] == max(one.ranks.values())
            assert one.ranks[one.worst] == min(one.ranks.values())
            assert one.best != one.worst


# Records, numbers and money


def test_the_record_before_is_taken_and_money_is_that_of_its_year():
    rows = [
        at(quarter, id=10, public=public, fees=10.0, member_firms=5.0)
        for quarter, public in ((0, 500.0), (2, 100.0), (4, 200.0), (6, 400.0))
    ]
    run = result(rows)
    (last,) = benchmark(run).organisations
    # In the year up to 2001.5: what came in the quarters 3 to 6.
    assert last.money == pytest.approx(620.0)
    assert last.money_per_member == pytest.approx(124.0)
    (before,) = benchmark(run, year=2001.4).organisations
    assert before.money == pytest.approx(320.0)
    # Half a year after the start: 110 in half a year.
    (early,) = benchmark(run, year=2000.5).organisations
    assert early.money == pytest.approx(220.0)
    (start,) = benchmark(run, year=2000).organisations
    assert math.isnan(start.money)
    assert benchmark(run, year=2001.4).year == 2001.0


def test_records_that_are_years_apart_give_money_a_year():
    rows = [at(quarter, id=10, public=public) for quarter, public in ((0, 0.0), (8, 900.0))]
    (one,) = benchmark(result(rows)).organisations
    assert one.money == pytest.approx(450.0)
    assert math.isnan(one.money_per_member)


def test_numbers_are_those_of_the_order_of_appearance_and_stay():
    rows = [
        at(0, id=90, region=1),
        at(4, id=5, region=3),
        at(4, id=7, region=0),
        at(4, id=90, region=1),
    ]
    run = result(rows)
    assert [one.name for one in benchmark(run, year=2000).organisations] == ["C1 r1 s0"]
    names = {one.id: one.name for one in benchmark(run).organisations}
    assert names == {90: "C1 r1 s0", 7: "C2 r0 s0", 5: "C3 r3 s0"}
    assert [one.id for one in benchmark(run).organisations] == [90, 7, 5]


def test_one_that_came_within_the_year_had_no_money_before():
    rows = [at(0, id=1), at(2, id=1), at(4, id=1, public=70.0), at(4, id=2, public=30.0)]
    money = {one.id: one.money for one in benchmark(result(rows)).organisations}
    assert money == {1: 70.0, 2: 30.0}


def test_words_say_who_and_what_a_rank_does_not_say():
    places = [at(0, region=k, sector=0, trust=k / 4, wage=-k) for k in range(3)]
    rows = offices(0, 0, 0, label=["none", "gold", "silver"], member_firms=[0.0, 40.0, 1200.0])
    words = benchmark(result(rows, places)).words().splitlines()
    assert words[0] == "3 cluster organisations in 2000."
    assert words[1].startswith("C1 r0 s0: no label, 0 member firms. Best in system level (ahead of")
    assert words[3].startswith(
        "C3 r2 s0: label silver, 1,200 member firms. Best in collaboration and collaborative "
        "dynamics (ahead of 56% of its 2 peers on average), weakest in system level ("
    )
    assert "not what the organisation has brought about" in words[-1]


# What cannot be compared


def test_errors_say_what_to_do():
    with pytest.raises(BenchmarkError, match="no cluster organisation to compare; give its reg"):
        benchmark(result([]))
    run = result([at(8, id=1)], [at(0), at(8)])
    for year in (1999, 2003, math.nan, math.inf, -math.inf):
        with pytest.raises(BenchmarkError, match="outside of the run; expected one from 2000 to 2"):
            benchmark(run, year=year)
    with pytest.raises(BenchmarkError, match=r"no cluster organisation in 2001; .* from 2002 on"):
        benchmark(run, year=2001)


def test_a_run_of_another_version_is_refused():
    run = result([at(0, id=1)])
    del run.tables["monitoring"]["trust"]
    with pytest.raises(BenchmarkError, match="no column 'trust' of table 'monitoring': another"):
        benchmark(run)
    del run.tables["organisations"]
    with pytest.raises(BenchmarkError, match="has no table 'organisations': another version"):
        benchmark(run)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(StoreError, match="no such folder"):
        benchmark(tmp_path / "nope")


# The command


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Return the folder of a run of two years of the three valleys."""
    from clustersim.experiments.run import run

    folder = tmp_path_factory.mktemp("runs") / "valleys"
    run(VALLEYS, years=2, out=folder)
    return folder


def call(*arguments):
    return CliRunner().invoke(app, ["benchmark", *map(str, arguments)])


def test_the_command_tells_what_the_function_finds(stored):
    done = call(stored)
    assert (done.exit_code, done.stderr) == (0, "")
    found = benchmark(stored)
    # As text, in which what is unknown is the same as itself.
    assert str(found) == str(benchmark(RunResult.load(stored)))
    assert found.title == "Three valleys"
    assert found.year == 1992.0
    lines = done.stdout.splitlines()
    heading = lines[0].split()
    assert heading[0] == "organisation"
    # A column for each family, in their order.
    shown = heading[heading.index("collab") :][: len(FAMILIES)]
    assert all(family.startswith(name) for name, family in zip(shown, FAMILIES, strict=True))
    assert lines[1].startswith("C1 Lower Valley tools")
    assert found.words() in done.stdout


def test_the_command_prints_json_alone(stored):
    done = call(stored, "--json", "--year", 1991)
    assert (done.exit_code, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    assert document["year"] == 1991.0
    (one,) = document["organisations"]
    assert one["name"] == "C1 Lower Valley tools"
    assert set(one["ranks"]) == set(FAMILIES)
    # Alone it has no rank, which JSON writes as null.
    assert one["ranks"]["system"] is None
    assert one["indicators"]["collaboration"]["trust"]["value"] > 0.0
    assert document["caution"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--year", 2050), "outside of the run; expected one from 1990 to 1992"),
        (("--year", 1989.75), "outside of the run"),
        (("--year", "nan"), "outside of the run"),
        (("--year", "-inf"), "outside of the run"),
        (("--year", "soon"), "--year"),
        (("--yaer", 1991), "No such option"),
        (("more",), "unexpected extra argument"),
    ],
)
def test_the_command_refuses_what_it_cannot_use(stored, options, message):
    done = call(stored, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in " ".join(done.stderr.split())
    assert "should not happen" not in done.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no such folder"),
        ({}, "holds no run"),
        ({"manifest.json": "{"}, "cannot be read"),
        ({"manifest.json": "[]"}, "not a manifest"),
        ({"manifest.json": '{"schema_version": 1, "tables": {}, "fingerprint": ""}'}, "no table"),
    ],
)
def test_the_command_refuses_folders_without_a_run(empty_cwd, content, message):
    folder = empty_cwd / "found"
    if content is not None:
        folder.mkdir()
        for name, text in content.items():
            (folder / name).write_text(text)
    done = call(folder)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert "should not happen" not in done.stderr


def test_the_command_refuses_a_run_without_organisations_and_one_with_a_broken_table(empty_cwd):
    run = result([], [at(0)])
    run.manifest["scenario"]["text"] = ""
    run.save("alone")
    done = call("alone")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "no cluster organisation to compare" in done.stderr
    run = result([at(0, id=1)], [at(0)])
    run.manifest["scenario"]["text"] = ""
    run.save("broken")
    Path("broken/organisations.parquet").write_bytes(b"PAR1 nonsense")
    done = call("broken")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "organisations.parquet: cannot be read" in done.stderr
    Path("broken/organisations.parquet").unlink()
    done = call("broken")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "the folder is incomplete" in done.stderr


def test_a_run_without_a_title_is_compared_too():
    run = result([at(0, id=1)], [at(0)])
    run.manifest["scenario"] = None
    assert benchmark(run).title == ""
