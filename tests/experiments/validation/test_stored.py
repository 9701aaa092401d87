"""The stored scorecard, which the documentation shows, is that of this code."""

import json
import math
from pathlib import Path

import pytest

from clustersim.experiments.validation.nulls import NULLS
from clustersim.experiments.validation.scorecard import FIGURES, met, validate

ROOT = Path(__file__).parents[3]
CARD = json.loads((ROOT / "experiments" / "validation" / "scorecard.json").read_text())


def _same(stored, value):
    """Compare with a stored number; what JSON does not know is null there."""
    return stored is None if not math.isfinite(value) else stored == pytest.approx(value)


def test_it_is_of_these_facts_and_nulls():
    assert [one["id"] for one in CARD["facts"]] == [fact.id for fact in FIGURES]
    for one, fact in zip(CARD["facts"], FIGURES, strict=True):
        assert (one["use"], one["title"], one["source"]) == (fact.use, fact.title, fact.source)
        assert (one["unit"], one["reason"]) == (fact.unit, fact.reason), fact.id
        assert _same(one["target"], fact.target), fact.id
        assert _same(one["low"], fact.low), fact.id
        assert _same(one["high"], fact.high), fact.id
    assert [one["id"] for one in CARD["nulls"]] == [null.id for null in NULLS]
    assert [one["expectation"] for one in CARD["nulls"]] == [null.expectation for null in NULLS]
    assert len(CARD["seeds"]) >= 30


def test_what_passes_is_what_lies_within():
    for one in CARD["facts"]:
        low = -math.inf if one["low"] is None else one["low"]
        high = math.inf if one["high"] is None else one["high"]
        assert one["pass"] == (one["value"] is not None and low <= one["value"] <= high), one["id"]
    for one in CARD["nulls"]:
        assert one["pass"] == (one["p"] < 0.01), one["id"]
    assert CARD["met"] == met(CARD["facts"])


def test_the_pictures_of_the_documentation_are_there():
    for name in ("scorecard.png", "sizes.png", "growth.png", "survival.png", "niches.png"):
        assert (ROOT / "docs" / "validation" / name).stat().st_size > 5000


@pytest.mark.slow
def test_a_few_seeds_more_agree_with_it():
    again = validate(seeds=range(101, 107), parts=["facts", "programmes"])
    for one, score in zip(CARD["facts"], again.scores, strict=True):
        if one["value"] is None:
            continue
        low, high = one["ci"]
        # Six seeds are about sqrt(5) times as uncertain as thirty; five such half-widths are a
        # chance of one in a million for one figure, and one in twenty thousand for all.
        slack = 5.0 * 0.5 * (high - low) * math.sqrt(1.0 + 5.0)
        assert score.value == pytest.approx(one["value"], abs=max(slack, 1e-9)), one["id"]
