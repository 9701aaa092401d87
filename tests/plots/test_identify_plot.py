from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread

from clustersim.experiments.identify import identify
from clustersim.plots import style
from clustersim.plots.identify import MARKERS, draw, figure
from clustersim.scenario.table import read_employment_table
from clustersim.world.employment import EmploymentTable


def found(jobs, regions=None, sectors=None):
    jobs = np.asarray(jobs, dtype=float)
    return identify(
        EmploymentTable(
            regions or tuple(f"Region {i}" for i in range(jobs.shape[0])),
            sectors or tuple(f"Sector {i}" for i in range(jobs.shape[1])),
            jobs,
        )
    )


@pytest.fixture(scope="module")
def uk(shared_data):
    return identify(read_employment_table(shared_data / "uk_itl2_jobs_2015_2022.csv", year=2022))


def overlapping(labels, renderer):
    boxes = [label.get_window_extent(renderer) for label in labels]
    return sum(a.y0 < b.y1 - 1 and b.y0 < a.y1 - 1 for a, b in pairwise(boxes))


def test_uk_is_drawn_in_full(uk):
    drawing = figure(uk)
    heat = drawing.axes[0]
    assert len(heat.get_yticklabels()) == 40
    assert len(heat.get_xticklabels()) == 19
    values = heat.collections[0].get_array()
    np.testing.assert_allclose(values.reshape(40, 19), np.log2(uk.quotient))
    marks = [len(line.get_xdata()) for line in heat.lines]
    assert marks == [uk.counts[level.name.lower()] for level in MARKERS]
    row, column = np.argwhere(uk.strength == 3)[0]
    high = heat.lines[2]
    assert (column, row) in set(zip(high.get_xdata(), high.get_ydata(), strict=True))
    assert "72 clusters among 40 × 19" in drawing.get_suptitle()
    assert "2022" in drawing.get_suptitle()


def test_uk_names_can_be_read(uk):
    drawing = figure(uk)
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    renderer = canvas.get_renderer()
    heat = drawing.axes[0]
    assert overlapping(heat.get_yticklabels(), renderer) == 0
    width, height = canvas.get_width_height()
    for label in [*heat.get_yticklabels(), *heat.get_xticklabels()]:
        box = label.get_window_extent(renderer)
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height


def test_labels_of_the_scale_stay_in_a_small_picture():
    drawing = figure(found([[900, 1], [1, 900], [300, 200]]))
    canvas = FigureCanvasAgg(drawing)
    canvas.draw()
    renderer = canvas.get_renderer()
    scale = drawing.axes[3].xaxis
    box = scale.label.get_window_extent(renderer)
    assert box.x0 >= 0
    assert box.x1 <= drawing.bbox.x1
    ticks = [label.get_window_extent(renderer) for label in scale.get_ticklabels()]
    assert all(a.x1 < b.x0 for a, b in pairwise(ticks))


def test_cells_without_jobs_are_left_grey():
    heat = figure(found([[600, 300], [100, 0]])).axes[0]
    assert heat.collections[0].get_array().mask.reshape(2, 2).tolist() == [
        [False, False],
        [False, True],
    ]


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_kinds_of_file(tmp_path, suffix, start):
    first = draw(found([[600, 300], [100, 800]]), tmp_path / f"a.{suffix}")
    again = draw(found([[600, 300], [100, 800]]), str(tmp_path / f"b.{suffix}"))
    assert first == tmp_path / f"a.{suffix}"
    assert first.read_bytes().startswith(start)
    assert first.read_bytes() == again.read_bytes()


def test_picture_has_the_colours_of_the_quotients(tmp_path):
    # Quotients of 2 on the diagonal, nearly 0 beside it.
    pixels = imread(draw(found([[900, 1], [1, 900]]), tmp_path / "map.PNG"))[..., :3]
    colours = mpl.colormaps[style.DIVERGING]
    for colour in (colours(0.75), colours(0.0)):
        near = np.abs(pixels - np.array(colour[:3])).max(axis=2) < 0.02
        assert near.sum() > 1000


@pytest.mark.parametrize("name", ["map.jpg", "map", "map.csv"])
def test_unknown_kind_of_file(tmp_path, name):
    with pytest.raises(ValueError, match=r"\.png, \.svg, \.pdf"):
        draw(found([[1, 2], [3, 4]]), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "jobs", [[[5]], [[5, 0, 0]], [[5], [0]], [[0, 0], [1, 0]], np.ones((3, 80))]
)
def test_odd_tables(tmp_path, jobs):
    assert draw(found(jobs), tmp_path / "odd.png").stat().st_size > 5000


def test_names_with_signs_of_their_own(tmp_path):
    odd = found([[1, 2], [3, 4]], ("A$B$", "<b>&"), ("x_1^2", "\\frac{1}"))
    assert "&lt;b&gt;&amp;" in draw(odd, tmp_path / "odd.svg").read_text(encoding="utf-8")


def test_very_large_tables_show_the_largest(tmp_path):
    jobs = np.random.default_rng(3).integers(1, 1000, size=(400, 90))
    drawing = figure(found(jobs))
    heat = drawing.axes[0]
    assert len(heat.get_yticklabels()) == 100
    assert len(heat.get_xticklabels()) == 60
    assert "largest 100 regions and 60 sectors" in drawing.get_suptitle()
    largest = set(np.argsort(-jobs.sum(axis=1))[:100])
    assert {int(label.get_text().split()[1]) for label in heat.get_yticklabels()} == largest
    assert draw(found(jobs), tmp_path / "large.png").stat().st_size > 5000
