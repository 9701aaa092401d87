"""Pictures of a comparison: what is drawn, into files and into axes, whatever is unknown."""

import json

import numpy as np
import pytest
from matplotlib.figure import Figure

from clustersim.experiments.comparison.judged import Named, put_together
from clustersim.experiments.comparison.seen import see
from clustersim.plots import comparison as module
from tests.experiments.comparison.made import tables

DRAW = (
    module.draw_effects,
    module.draw_winners,
    module.draw_acceptability,
    module.draw_plane,
    module.draw_jobs,
)
BASE = np.tile([[100.0, 50.0], [30.0, 20.0]], (4, 1, 1))


def seed(more, luck, euro):
    jobs = BASE + luck
    done = jobs.copy()
    done[1:, 0, 0] += more
    done[1:, 1, 1] -= 1.0 + 0.1 * luck
    ledger = [(2, "appropriation", 0, 0, euro)] if euro else ()
    stages = [(0, 0, "growth")]
    return see(tables(done, ledger=ledger, stages=stages), tables(jobs, stages=stages))


def made(n=3, euro=1000.0):
    names = [Named("a", "First $ title", "Base"), Named("b", "Second title", "Base")]
    seen = [[seed(more + k, k, euro * more) for k in range(n)] for more in (5.0, 9.0)]
    return put_together(range(1, n + 1), names, seen)


@pytest.fixture(scope="module")
def found():
    return made()


def axes():
    return Figure().subplots()


@pytest.mark.parametrize("draw", DRAW)
def test_into_a_file_the_same_each_time(draw, found, tmp_path):
    document = json.loads(json.dumps(found.to_dict()))
    one = draw(found, tmp_path / "one.svg")
    other = draw(document, tmp_path / "other.svg")
    assert one.read_bytes() == other.read_bytes()
    assert draw(found, str(tmp_path / "one.png")).stat().st_size > 10_000


@pytest.mark.parametrize("draw", DRAW)
def test_another_suffix_is_refused(draw, found, tmp_path):
    with pytest.raises(ValueError, match="suffix"):
        draw(found, tmp_path / "picture.jpeg")


@pytest.mark.parametrize("draw", DRAW)
def test_into_axes_with_names_and_units(draw, found):
    target = axes()
    assert draw(found, target) is None
    assert target.lines or target.patches
    assert target.get_title("left") or target.get_ylabel()


@pytest.mark.parametrize("draw", DRAW)
def test_a_single_seed_has_no_intervals_and_is_drawn(draw, tmp_path):
    draw(made(n=1), tmp_path / "one.png")


def test_effects_have_a_row_for_each_outcome_and_a_mark_for_each_scenario(found):
    target = axes()
    module.draw_effects(found, target)
    names = [text.get_text() for text in target.get_yticklabels()]
    assert names[0] == "jobs at the end"
    assert "digital firms at the end (points)" in names
    marks = [line.get_xdata()[0] for line in target.lines if line.get_marker() == "o"]
    jobs = found.cases[0].contrasts[0]
    assert marks[0] == pytest.approx(100.0 * jobs.effect.value)
    texts = [text.get_text() for text in target.get_legend().get_texts()]
    assert texts == ["First $ title", "Second title"]


def test_an_axis_is_bent_only_where_effects_are_far_apart():
    straight, bent = axes(), axes()
    assert module._bend(straight, [1.0, -2.0, 3.0]) is None
    assert straight.get_xscale() == "linear"
    assert module._bend(bent, [0.04, -0.05, 0.06, 20.0]) == pytest.approx(0.1)
    assert bent.get_xscale() == "symlog"
    assert bent.get_xlim() == pytest.approx((-0.15, 30.0))


def test_winners_come_first_and_losers_last(found):
    target = axes()
    module.draw_winners(found, target, kinds=("region",))
    assert [text.get_text() for text in target.get_yticklabels()] == ["r0", "r1"]
    widths = [bar.get_width() for bar in target.patches]
    assert widths[0] > 0.0 > widths[1]
    assert widths[0] == pytest.approx(6.0)
    assert target.patches[0].get_facecolor() != target.patches[1].get_facecolor()


def test_of_many_groups_the_most_are_shown():
    one = {"name": "x", "ci": [None, None], "ci_all": [None, None]}
    effects = [{**one, "effect": float(k)} for k in range(-20, 21)]
    shown = [row["effect"] for row in module._most({"effects": effects})]
    assert shown == [20, 19, 18, 17, 16, 15, -15, -16, -17, -18, -19, -20]


def test_what_is_not_known_by_these_kinds_is_refused(found):
    with pytest.raises(ValueError, match="nothing is known of 'innovations' by size of firms"):
        module.draw_winners(found, axes(), outcome="innovations", kinds=("size of firms",))


def test_acceptability_curves_sum_to_one(found):
    target = axes()
    module.draw_acceptability(found, target)
    curves = [line.get_ydata() for line in target.lines if len(line.get_ydata()) > 2]
    assert len(curves) == 3
    assert sum(curves) == pytest.approx(np.ones(len(curves[0])))
    assert len({line.get_linestyle() for line in target.lines}) > 1


def test_the_plane_shows_what_is_on_the_frontier(found):
    target = axes()
    module.draw_plane(found, target)
    texts = [text.get_text() for text in target.get_legend().get_texts()]
    assert texts[0] == "none of them: cheapest"
    assert any("euro for one more" in text for text in texts)


def test_where_there_is_no_money_there_is_no_choice_to_draw():
    with pytest.raises(ValueError, match="there are none: there is no money"):
        module.draw_plane(made(euro=0.0), axes())
    with pytest.raises(ValueError, match="no choice for one more 'x'; there are job at the end"):
        module.draw_acceptability(made(), axes(), what="x")


def test_jobs_with_and_without_and_their_difference(found):
    above, below = Figure().subplots(2)
    module.draw_jobs(found, (above, below), cases=[1])
    without, done = (line.get_ydata() for line in above.lines)
    assert (done - without) * 1e3 == pytest.approx(found.cases[1].course.difference[:, 0])
    assert below.lines[0].get_ydata() == pytest.approx(found.cases[1].course.difference[:, 0])


def test_other_places_than_the_whole_economy(found):
    target = axes()
    module.draw_effects(found, target, scope="supported")
    assert "for which there is money" in target.get_title("left")
