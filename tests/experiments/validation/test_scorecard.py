"""The scorecard, on numbers made by hand and on a small scenario."""

import dataclasses
import json
import math
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy import stats

from clustersim.experiments.validation import phenomena
from clustersim.experiments.validation.facts import FACTS
from clustersim.experiments.validation.nulls import NULLS, Null, judge
from clustersim.experiments.validation.portrait import AGES, SIZES, average
from clustersim.experiments.validation.programmes import FINDINGS
from clustersim.experiments.validation.scorecard import (
    FIGURES,
    Job,
    Score,
    laid_onto,
    measured,
    met,
    validate,
    words,
)
from clustersim.plots import scorecard
from clustersim.plots.scorecard import PICTURES, draw_all
from clustersim.plots.style import STYLE
from clustersim.scenario.problems import ScenarioError

VALLEYS = Path(__file__).parents[1] / "data" / "valleys.yaml"


@pytest.fixture(scope="module")
def card():
    return validate(VALLEYS, seeds=2, workers=1)


# Facts.


def test_the_facts_are_stated_whole():
    assert (*FACTS, *FINDINGS) == FIGURES
    assert len({fact.id for fact in FIGURES}) == len(FIGURES)
    for fact in FIGURES:
        assert fact.low < fact.high, fact.id
        assert math.isnan(fact.target) or fact.low <= fact.target <= fact.high, fact.id
        assert fact.reason, fact.id
        assert fact.source, fact.id


def test_every_row_of_the_evidence_is_there_with_its_use():
    rows = {fact.id.partition(".")[0]: fact.use for fact in FIGURES}
    fitted = ("F4", "F5", "F6", "F7", "F8", "F10", "F23", "F24", "F38", "F40", "F43", "P12", "P16")
    kept = ("F1", "F2", "F3", "F11", "F19", "F22", "F25", "F35", "F37", "F41", "F44", "P5", "P9")
    assert rows == dict.fromkeys(fitted, "C") | dict.fromkeys(kept, "V")


# Scores.


def test_a_score_by_hand():
    fact = dataclasses.replace(FACTS[0], low=0.0, high=2.0)
    score = Score(fact, (1.0, 2.0, 3.0, math.nan))
    # Mean 2, standard deviation 1, n = 3, t = 4.3027.
    assert score.value == 2.0
    assert score.ci == pytest.approx((2.0 - 4.3027 / 3**0.5, 2.0 + 4.3027 / 3**0.5), abs=1e-4)
    assert score.passed
    assert not Score(fact, (1.0, 2.0, 3.1)).passed
    nothing = Score(fact, (math.nan,))
    assert math.isnan(nothing.value)
    assert not nothing.passed


# Nulls.


def null(direction):
    return Null("x", "as told", "y", phenomena.concentration, (), (("a.b", 1),), direction)


def runs(base, variant):
    return {
        (): [{"y": value} for value in base],
        (("a.b", 1),): [{"y": value} for value in variant],
    }


def test_a_null_is_judged_by_a_paired_test_in_its_direction():
    base = np.array([1.0, 5.0, 3.0, 9.0, 7.0])
    gain = np.array([0.9, 1.1, 1.0, 1.2, 0.8])
    for direction, passed in (("greater", True), ("less", False)):
        found = judge(null(direction), runs(base, base + gain))
        assert found.effect == pytest.approx(1.0)
        assert found.passed is passed
        expected = stats.ttest_rel(base + gain, base, alternative=direction)
        assert found.p == pytest.approx(expected.pvalue)
    assert found.ci[0] < 1.0 < found.ci[1]


def test_pairs_that_all_differ_alike_are_certain_and_equal_ones_show_nothing():
    same = [1.0, 2.0, 3.0]
    assert judge(null("less"), runs(same, same)).p == 1.0
    assert judge(null("less"), runs(same, [0.5, 1.5, 2.5])).p == 0.0
    assert judge(null("greater"), runs(same, [0.5, 1.5, 2.5])).p == 1.0


def test_runs_that_show_nothing_are_left_out_pair_by_pair():
    found = judge(null("greater"), runs([1.0, math.nan, 2.0, 4.0], [2.0, 9.0, 4.0, 7.0]))
    assert found.effect == pytest.approx(2.0)
    unknown = judge(null("greater"), runs([math.nan] * 3, [1.0] * 3))
    assert (unknown.p, unknown.passed) == (1.0, False)


def test_the_nulls_are_those_of_the_model_each_with_two_different_arms():
    assert len({one.id for one in NULLS}) == len(NULLS) == 7
    assert all(one.base != one.variant and one.expectation for one in NULLS)
    # What goes by one name is measured in one way.
    by_name = {}
    for one in NULLS:
        assert by_name.setdefault(one.statistic, one.measure) is one.measure


# A small scenario, whole.


def test_the_scorecard_of_a_small_scenario(card):
    document = card.to_dict()
    assert [fact["id"] for fact in document["facts"]] == [fact.id for fact in FIGURES]
    assert document["seeds"] == [1, 2]
    assert {"id", "use", "target", "low", "high", "value", "ci", "pass"} <= set(
        document["facts"][0]
    )
    assert {"id", "expectation", "effect", "ci", "p", "pass"} <= set(document["nulls"][0])
    assert all(score.passed == (score.fact.low <= score.value <= score.fact.high)
               for score in card.scores if not math.isnan(score.value))  # fmt: skip
    text = words(document)
    passed, of = document["met"]["C"]["figures"]
    assert f"{passed} of {of} figures given to the calibration" in text
    passed, of = document["met"]["V"]["rows"]
    assert f"and {passed} of {of} (V)" in text
    failed = [score.fact.id for score in card.scores if not score.passed]
    assert f"Out of range: {', '.join(failed)}." in text
    assert f"of {len(NULLS)} nulls and ablations hold" in text


def test_figures_and_rows_are_counted_by_hand():
    given = [
        ("F1.a", "C", True),
        ("F1.b", "C", True),
        ("P2.a", "V", True),
        ("P2.b", "V", False),
        ("P3", "V", True),
    ]
    facts = [{"id": name, "use": use, "pass": passed} for name, use, passed in given]
    assert met(facts) == {
        "C": {"figures": [2, 2], "rows": [1, 1]},
        "V": {"figures": [2, 3], "rows": [1, 2]},
    }


# Parts.


def test_a_part_is_that_of_the_whole_and_takes_its_place_in_it(card, tmp_path):
    part = validate(VALLEYS, seeds=2, parts=["programmes"], workers=1)
    assert [score.fact for score in part.scores] == list(FINDINGS)
    assert (part.nulls, part.portrait) == ((), {})
    whole = {score.fact.id: score.values for score in card.scores}
    for score in part.scores:
        assert score.values == pytest.approx(whole[score.fact.id], nan_ok=True, rel=0, abs=0)
    stored = json.loads(json.dumps(card.to_dict()))
    for one in stored["facts"]:
        if one["id"] == "P16":
            one["value"] = 99.0
    again = laid_onto(stored, part.to_dict())
    # As text, for nothing equals what is not known.
    assert json.dumps(again, sort_keys=True) == json.dumps(card.to_dict(), sort_keys=True)
    # Without facts there are no curves to draw.
    assert [path.name for path in draw_all(part.to_dict(), tmp_path)] == ["scorecard.png"]


def test_nulls_alone_are_those_of_the_whole(card):
    part = validate(VALLEYS, seeds=2, parts=["nulls"], workers=1)
    assert part.scores == ()
    assert [null.p for null in part.nulls] == [null.p for null in card.nulls]


def test_nothing_is_laid_onto_a_scorecard_of_something_else(card):
    document = json.loads(json.dumps(card.to_dict()))
    settings = document["settings"]
    wrong = (
        ({"seeds": [1, 2, 3]}, "seeds"),
        ({"version": "0.0.1"}, "version"),
        ({"scenario": "base"}, "scenario"),
        ({"settings": settings | {"market.congestion": 9.0}}, "market.congestion was 9.0"),
        ({"settings": settings | {"gone.away": 1.0}}, "gone.away was 1.0"),
    )
    for change, message in wrong:
        with pytest.raises(ValueError, match=message):
            laid_onto(document | change, card.to_dict())
    del document["settings"]
    with pytest.raises(ValueError, match="does not tell its settings"):
        laid_onto(document, card.to_dict())
    # A parameter that is new since is let pass.
    del settings["market.congestion"]
    assert laid_onto(document | {"settings": settings}, card.to_dict())["seeds"] == [1, 2]


def test_a_run_is_measured_by_its_seed_alone(card):
    values, curves = measured(Job(str(VALLEYS), 2))
    by_id = {score.fact.id: score.values[1] for score in card.scores}
    for name, value in [(fact.id, by_id[fact.id]) for fact in FACTS]:
        assert values[name] == pytest.approx(value, nan_ok=True, rel=1e-12), name
    assert curves["sizes"].shape == SIZES.shape
    assert curves["survival"].shape == AGES.shape


def test_two_processes_find_what_one_finds(card):
    other = validate(VALLEYS, seeds=(1, 2), parts=["facts", "programmes"], workers=2)
    for one, two in zip(card.scores, other.scores, strict=True):
        assert one.values == pytest.approx(two.values, nan_ok=True, rel=0, abs=0)


def test_curves_are_averaged_where_they_are_known():
    one = {"x": np.array([1.0, np.nan, np.nan])}
    two = {"x": np.array([3.0, 4.0, np.nan])}
    assert average([one, two])["x"] == pytest.approx([2.0, 4.0, np.nan], nan_ok=True)


def test_overrides_reach_every_run():
    switches = {"entry.enabled": False, "policy.enabled": False}
    parts = ["facts", "programmes"]
    off = validate(VALLEYS, seeds=1, parts=parts, workers=1, overrides=switches)
    value = {score.fact.id: score.value for score in off.scores}
    assert value["F7.births"] == 0.0
    # No programme: no effect, and nothing to divide by what was paid.
    assert value["P9.productivity"] == 0.0
    assert all(math.isnan(value[name]) for name in ("P5.after", "P12.additional", "P16"))


def test_bad_input_is_told_before_any_run():
    with pytest.raises(ScenarioError, match="no built-in scenario"):
        validate("nope", seeds=2)
    with pytest.raises(ScenarioError, match="entry"):
        validate(VALLEYS, seeds=2, overrides={"entry.rat": 1.0})
    with pytest.raises(ValueError, match="at least one"):
        validate(VALLEYS, seeds=0)
    with pytest.raises(ValueError, match="no part 'fact'"):
        validate(VALLEYS, seeds=2, parts=["fact"])


def test_pictures_are_drawn_from_the_document_or_from_its_file(card, tmp_path):
    made = draw_all(card.to_dict(), tmp_path)
    assert [path.name for path in made] == list(PICTURES)
    assert all(path.stat().st_size > 5000 for path in made)
    # As a file has it: what is not known is null.
    text = json.dumps(card.to_dict()).replace("NaN", "null").replace("-Infinity", "null")
    draw_all(json.loads(text.replace("Infinity", "null")), tmp_path)


def test_numbers_on_the_axes_are_written_out(card):
    curves = {name: np.asarray(values) for name, values in card.portrait.items()}
    with mpl.rc_context(STYLE):
        for name, (_, draw) in scorecard._PANELS.items():
            figure = Figure()
            axes = figure.subplots()
            draw(axes, curves)
            figure.canvas.draw()
            labels = [*axes.get_xticklabels(which="both"), *axes.get_yticklabels(which="both")]
            assert not [text.get_text() for text in labels if "$" in text.get_text()], name
