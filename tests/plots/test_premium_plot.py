"""The picture of the premium: bars that stand on each other, whatever is unknown."""

import copy
import json

import numpy as np
import pytest

from clustersim.experiments.premium import study
from clustersim.experiments.premium.accounting import ITEMS
from clustersim.experiments.premium.classes import GROUPS
from clustersim.experiments.premium.worlds import MAPS, N_WORLDS, PARTS, Measured
from clustersim.plots import premium


def made(seed, premium):
    return Measured(
        seed=seed,
        premium=premium,
        sectors_off=np.full((len(MAPS), len(GROUPS)), 0.01),
        accounts=np.tile([0.02, 0.03, -0.01, 0.04], (len(GROUPS), 1)),
        premium_accounted=np.full(len(GROUPS), 0.08),
        clusters=np.ones((N_WORLDS, len(GROUPS))),
        shared=np.ones(N_WORLDS),
    )


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(3)
    shape = (len(MAPS), N_WORLDS, len(GROUPS))
    runs = [made(seed, 0.1 + 0.05 * rng.random(shape)) for seed in (1, 2, 3)]
    for one in runs:
        one.premium[:, :, 1] = np.nan  # no basic or medium clusters
    return json.loads(json.dumps(study.summary("base", runs).to_dict()))


def bars(axes):
    return [(bar.get_x(), bar.get_width()) for bar in axes.patches]


def test_each_bar_starts_where_the_one_above_ends_and_the_last_is_the_sum(report):
    figure = premium.figure(report)
    for axes in (figure.axes[0], figure.axes[3]):
        *steps, (start, whole) = bars(axes)
        assert start == 0.0
        at = 0.0
        for x, width in steps:
            assert x == pytest.approx(at)
            at += width
        assert at == pytest.approx(whole)
    assert len(bars(figure.axes[0])) == len(PARTS) + 3
    assert len(bars(figure.axes[3])) == len(ITEMS) + 1


def test_a_group_without_clusters_says_so(report):
    axes = premium.figure(report).axes[1]
    assert bars(axes) == []
    assert "no such clusters" in [text.get_text() for text in axes.texts]


def test_names_and_what_was_found_in_europe_are_written(report):
    figure = premium.figure(report)
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == [*(part.name for part in PARTS), "sector mix", "rest", "= premium"]
    found = [axes.texts[0].get_text() for axes in figure.axes[:3]]
    assert any("+140%" in text for text in found)
    assert any("+10% to +15%" in text for axes in figure.axes for text in map(str, axes.texts))


def test_one_seed_has_no_intervals(report, tmp_path):
    lonely = copy.deepcopy(report)
    for one in lonely["explained"]:
        for estimate in (one["premium"], *one["parts"].values(), *one["base"].values()):
            estimate["ci"] = [None, None]
    few, many = (premium.figure(one).axes[0] for one in (lonely, report))
    assert len(few.lines) < len(many.lines)
    assert premium.draw(lonely, tmp_path / "one.png").stat().st_size > 10_000


def test_another_suffix_is_refused(report, tmp_path):
    with pytest.raises(ValueError, match="suffix"):
        premium.draw(report, tmp_path / "premium.jpeg")
