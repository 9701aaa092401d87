"""What the command ``compare`` says, on a comparison made by hand."""

import numpy as np
import pytest

from clustersim.cli import compare_tables
from clustersim.experiments.comparison.judged import Named, put_together
from clustersim.experiments.comparison.seen import see
from tests.experiments.comparison.made import tables

JOBS = np.tile(np.linspace(1000.0, 9000.0, 8).reshape(4, 2), (4, 1, 1))


def seed(gain, luck, euro, base=JOBS):
    jobs = base + luck
    done = jobs.copy()
    done[1:] += gain * (1.0 + 0.01 * luck)
    places = [(region, sector, "growth") for region in range(4) for sector in range(2)]
    ledger = [(2, "appropriation", 0, 0, euro)]
    return see(tables(done, ledger=ledger, stages=places), tables(jobs, stages=places[:7]))


GAIN = np.array([[90.0, 5.0], [40.0, 0.0], [-3.0, 0.0], [-60.0, -7.0]])


def made(base=JOBS):
    names = [Named("a", "First", "Base"), Named("b", "Second", "Base")]
    seen = [
        [seed(GAIN * times, k, 1e6 * times, base if times > 1 else JOBS) for k in range(5)]
        for times in (1.0, 2.0)
    ]
    return put_together(range(1, 6), names, seen)


@pytest.fixture(scope="module")
def found():
    return made()


def row(text, start):
    (line,) = (one for one in text.splitlines() if " ".join(one.split()).startswith(start))
    return " ".join(line.split())


def test_the_most_of_each_kind_are_shown_the_winners_first(found):
    text = compare_tables.winners(found.cases[0].groups, top=1)
    shown = [" ".join(line.split()[:2]) for line in text.splitlines() if line.startswith("region")]
    assert shown == ["region r0", "region r3"]
    assert "+97 +3.08%" in row(text, "region r0")  # 95 more, and 1.9 by luck
    assert row(text, "region r0").endswith("100%")
    assert row(text, "region r3").endswith("0%")
    assert len([line for line in text.splitlines() if line.startswith("cluster")]) == 2


def test_winners_and_losers_are_told_apart_only_where_seeds_tell(found):
    text = " ".join(compare_tables.winners(found.cases[0].groups, top=1).split())
    assert "By region, 50% of 4 have fewer jobs on average. As the other seeds tell which" in text
    assert "those that gain have +138 jobs" in text
    assert "those that lose -71" in text
    noise = [seed(GAIN * (-1.0) ** k, k, 1.0) for k in range(4)]
    lost = put_together(range(4), [Named("n", "", "")], [noise])
    text = compare_tables.winners(lost.cases[0].groups, top=1)
    assert "These seeds do not tell which gain and which lose." in " ".join(text.split())


def test_nothing_that_differs_is_said_in_words():
    same = put_together((1, 2), [Named("n", "", "")], [[seed(0.0 * GAIN, k, 1.0) for k in (0, 1)]])
    assert compare_tables.winners(same.cases[0].groups, top=1) == (
        "Jobs at the end are the same everywhere."
    )
    few = compare_tables.outcomes(same.cases[0], everything=False, precision=None)
    assert few == "Nothing differs for sure; --all shows every outcome."


def test_money_in_millions_with_its_parts(found):
    money = found.cases[0].money
    text = compare_tables.money(money)
    assert row(text, "net present value").split()[3] == f"{money.npv.value / 1e6:+,.1f}"
    assert row(text, "public money") == "public money -1.0 -1.0 to -1.0"
    lines = text.splitlines()
    assert lines[2].startswith("  of which from more jobs")
    assert "above zero at 100% of the seeds" in " ".join(text.split())
    assert "may be none" in row(text, "innovation")
    assert row(text, "job at the end").startswith("job at the end +66")


def test_stages_that_differ_for_sure(found):
    text = compare_tables.stages(found.cases[0].stages, everything=False)
    assert row(text, "in growth").startswith("in growth cluster-years 7.0 +1.00")
    assert "in decline" not in text
    assert "in decline" in compare_tables.stages(found.cases[0].stages, everything=True)


def test_several_are_held_against_each_other(found):
    text = compare_tables.several(found)
    assert row(text, "b +").split()[1] == f"{found.cases[1].money.npv.value / 1e6:+,.1f}"
    assert row(text, "net present value 0% 100%")
    assert row(text, "none of them").startswith("none of them 0.0 0.0 frontier")
    assert row(text, "jobs at the end") == "jobs at the end 0% 100%"
    assert "different things" not in text
    other = compare_tables.several(made(base=JOBS + 5.0))
    assert other.startswith("The scenarios are compared with different things")


def test_many_scenarios_fit_on_100_columns():
    names = [Named(f"{k}_a_long_name_of_a_scenario", "", "") for k in range(8)]
    seen = [[seed(GAIN * (k + 1), luck, 1e6) for luck in (0, 1)] for k in range(8)]
    text = compare_tables.several(put_together((1, 2), names, seen))
    assert max(map(len, text.splitlines())) <= 100


def test_all_fits_on_100_columns(found):
    case = found.cases[1]
    texts = [
        compare_tables.outcomes(case, everything=True, precision=None),
        compare_tables.winners(case.groups, top=3),
        compare_tables.money(case.money),
        compare_tables.stages(case.stages, everything=True),
        compare_tables.several(found),
    ]
    assert max(len(line) for text in texts for line in text.splitlines()) <= 100
