"""The pictures of the described life cycle."""

import json

import numpy as np
import pytest

from clustersim.experiments.cycles import study
from clustersim.experiments.cycles.passages import LIVING, name
from clustersim.plots import cycles
from tests.experiments.test_cycles import fall_and_rise, rise_and_fall, run, series


def report_of(runs):
    return json.loads(json.dumps(study.summary("base", runs).to_dict()).replace("NaN", "null"))


@pytest.fixture(scope="module")
def report():
    rng = np.random.default_rng(5)
    runs = []
    for seed in range(4):
        jobs = [
            made * np.exp(rng.normal(0, 0.03, made.shape))
            for made in (rise_and_fall()[:41], fall_and_rise())
        ]
        table = np.concatenate(jobs, axis=1)
        runs.append(run(series(table, heterogeneity=rng.uniform(0.1, 0.5, table.shape)), seed))
    return report_of(runs)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_all_stages_have_a_colour_a_line_and_a_marker():
    assert tuple(name(stage) for stage in LIVING) == cycles.STAGES
    assert len(set(cycles._LINES)) == len(set(cycles._MARKERS)) == len(LIVING)


def test_the_pictures_are_written(report, tmp_path):
    made = cycles.draw_all(report, tmp_path)
    assert [path.name for path in made] == list(cycles.PICTURES)
    assert all(path.stat().st_size > 10_000 for path in made)


def test_cells_carry_the_letter_of_their_stage_and_arrows_stay_short(report):
    axes = next(a for a in cycles.phase(report).axes if "heterogeneity (" in a.get_xlabel())
    letters = [text for text in texts(axes) if text and text in "IGMDR"]
    assert sorted(letters) == sorted(cell["stage"][0].upper() for cell in report["phase_cells"])
    cell = report["phase_cells"][0]
    width = cell["heterogeneity_high"] - cell["heterogeneity_low"]
    high = cell["size_high"] - cell["size_low"]
    arrows = [text for text in axes.texts if getattr(text, "arrow_patch", None)]
    assert arrows
    for arrow in arrows:
        move = (arrow.xy[0] - arrow.xyann[0]) / width, (arrow.xy[1] - arrow.xyann[1]) / high
        assert np.hypot(*move) <= 1.0 + 1e-9


def test_rates_are_written_into_their_cells(report):
    axes = cycles.stages(report).axes[0]
    shown = [text for text in texts(axes) if text.endswith("%")]
    assert sorted(shown) == sorted(
        f"{100 * row['per_year']:.1f} %"
        for row in report["passages"]
        if row["before"] in cycles.STAGES
    )


def test_bars_of_declines_add_up_to_all_of_them(report):
    figure = cycles.reasons(report)
    axes = next(a for a in figure.axes if a.get_title(loc="left").startswith("why clusters"))
    assert sum(bar.get_width() for bar in axes.patches) == pytest.approx(1.0)


def test_thresholds_that_matter_most_come_first(report):
    figure = cycles.reasons(report)
    axes = next(a for a in figure.axes if "by threshold" in a.get_title(loc="left"))
    names = [label.get_text().replace(" ", "_") for label in axes.get_yticklabels()]
    largest = [
        max(row["changed_share"] for row in report["thresholds"] if row["threshold"] == one)
        for one in names
    ]
    assert largest == sorted(largest, reverse=True)


@pytest.mark.filterwarnings("error")
def test_nothing_to_show_is_said(tmp_path):
    nothing = report_of([run(series(np.zeros((20, 0))))])
    assert len(cycles.draw_all(nothing, tmp_path)) == len(cycles.PICTURES)
    found = [text for axes in cycles.phase(nothing).axes for text in texts(axes)]
    assert "too few clusters" in found
    assert "no declines" in [t for axes in cycles.reasons(nothing).axes for t in texts(axes)]
