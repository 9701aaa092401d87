"""The picture of the life of the main clusters."""

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from clustersim.plots import lifecycle, style

REGIONS = ("North", "South")
SECTORS = ("ships", "a very long name of a sector that nobody could fit above a panel")
LIFE = ["infancy"] * 8 + ["growth"] * 12 + ["maturity"] * 10 + ["decline"] * 8 + ["none"] * 2


def stages(n_clusters: int = 4, n_years: int = 40) -> dict[str, Any]:
    """Return the lives of some clusters; the k-th peaks at (k + 1) hundred jobs."""
    year = 1990.0 + np.arange(n_years)
    rise = np.minimum(np.linspace(0, 2, n_years), 1.0)
    jobs = np.outer(rise, 100.0 * (1 + np.arange(n_clusters)))
    return {
        "year": np.repeat(year, n_clusters),
        "region": np.tile(np.arange(n_clusters) % 2, n_years),
        "sector": np.tile(np.arange(n_clusters) // 2, n_years),
        "stage": np.repeat(np.resize(LIFE, n_years), n_clusters),
        "jobs": jobs.ravel(),
    }


def names(count: int) -> tuple[str, ...]:
    return tuple(f"sector {i}" for i in range(count))


def panels(figure: Figure) -> list[Any]:
    return [axes for axes in figure.axes if axes.get_visible()]


def texts(figure: Figure) -> list[str]:
    legend = [text.get_text() for one in figure.legends for text in one.get_texts()]
    return legend + [text.get_text() for axes in panels(figure) for text in axes.texts]


def test_largest_clusters_come_first_and_no_more_than_wanted() -> None:
    figure = lifecycle.figure(stages(), REGIONS, SECTORS, most=3)
    shown = panels(figure)
    assert len(shown) == 3
    tops = [max(line.get_ydata().max() for line in axes.lines) for axes in shown]
    assert tops == [400, 300, 200]


def test_stages_have_colour_and_letter_and_cover_all_years() -> None:
    (axes,) = panels(lifecycle.figure(stages(1), REGIONS, SECTORS))
    colours = [to_rgb(line.get_color()) for line in axes.lines]
    expected = ["INFANCY", "GROWTH", "MATURITY", "DECLINE"]
    assert colours == [to_rgb(style.STAGE_COLOURS[s]) for s in expected] + [to_rgb(style.NO_DATA)]
    assert {"I", "G", "M", "D"} <= {text.get_text() for text in axes.texts}
    for before, after in zip(axes.lines, axes.lines[1:], strict=False):
        assert before.get_xdata()[-1] == after.get_xdata()[0]


def test_legend_explains_stages_and_shocks() -> None:
    marks = [lifecycle.Mark(2008.75, "financial crisis"), lifecycle.Mark(2020.0, "pandemic")]
    figure = lifecycle.figure(stages(2), REGIONS, SECTORS, marks=marks)
    found = texts(figure)
    for word in (
        "I  infancy",
        "D  decline",
        "2008.75  financial crisis",
        "2020  pandemic",
        "no firms",
    ):
        assert word in found
    assert "R  renewal" not in found
    for axes in panels(figure):
        assert [line.get_xdata()[0] for line in axes.lines[-2:]] == [2008.75, 2020.0]
    dashes = {str(line._unscaled_dash_pattern) for line in panels(figure)[0].lines[-2:]}
    assert len(dashes) == 2


def test_a_shock_of_one_place_is_drawn_there_only() -> None:
    here = lifecycle.Mark(2001.0, "closure", "South", "sector 0")
    figure = lifecycle.figure(stages(4), REGIONS, names(6), marks=[here])
    hit = [axes for axes in panels(figure) if list(axes.lines[-1].get_xdata()) == [2001.0] * 2]
    assert [[text.get_text() for text in axes.texts][-2:] for axes in hit] == [
        ["sector 0", "South"]
    ]
    nowhere = lifecycle.Mark(2001.0, "closure", "Nowhere", "sector 0")
    figure = lifecycle.figure(stages(4), REGIONS, names(6), marks=[nowhere])
    assert not any("closure" in text for text in texts(figure))


@pytest.mark.parametrize("n_shocks", [1, 2, 5, 8])
@pytest.mark.parametrize("n_clusters", [1, 4])
def test_keys_and_names_stay_in_their_place(n_shocks: int, n_clusters: int) -> None:
    label = "largest firm closes: manufacture of many long words, a region with a long name"
    marks = [lifecycle.Mark(1995.5 + i, label) for i in range(n_shocks)]
    long = tuple(f"{i} sector of many words that go on and on" for i in range(6))
    figure = lifecycle.figure(stages(n_clusters), ("W" * 40, "South"), long, marks=marks)
    with mpl.rc_context(style.STYLE):
        figure.draw_without_rendering()
    shown = panels(figure)
    boxes = [legend.get_window_extent() for legend in figure.legends]
    for box in boxes:
        assert figure.bbox.x0 <= box.x0
        assert box.x1 <= figure.bbox.x1
        assert box.y0 >= figure.bbox.y0 - 1
        assert box.y1 <= min(axes.get_tightbbox().y0 for axes in shown) + 1
        assert figure._supylabel is not None
        assert not box.overlaps(figure._supylabel.get_window_extent())
    assert boxes[0].y1 <= boxes[1].y0 + 1
    for axes in shown:
        for text in axes.texts:
            assert text.get_window_extent().x1 <= axes.get_window_extent().x1 + 3


def test_names_are_shown_shortened() -> None:
    found = texts(lifecycle.figure(stages(4), REGIONS, SECTORS))
    assert {"ships", "North", "South"} <= set(found)
    long = next(text for text in found if text.startswith("a very long"))
    assert long.endswith("…")


@pytest.mark.parametrize("n_clusters", [1, 2, 3, 4, 7, 12])
def test_lowest_panel_of_each_column_has_years(n_clusters: int, tmp_path: Path) -> None:
    figure = lifecycle.figure(stages(n_clusters), REGIONS, names(6))
    with mpl.rc_context(style.STYLE):
        figure.draw_without_rendering()
    shown = panels(figure)
    assert len(shown) == n_clusters
    for axes in shown[-3:]:
        labels = [label for label in axes.get_xticklabels() if label.get_visible()]
        assert any(label.get_text() for label in labels)


def test_panels_do_not_overlap_the_title_or_each_other() -> None:
    figure = lifecycle.figure(stages(12), REGIONS, names(6), title="Title")
    with mpl.rc_context(style.STYLE):
        figure.draw_without_rendering()
    boxes = [axes.get_tightbbox() for axes in panels(figure)]
    assert figure._suptitle is not None
    title = figure._suptitle.get_window_extent()
    assert all(not box.overlaps(title) for box in boxes)
    for i, one in enumerate(boxes):
        for other in boxes[i + 1 :]:
            assert not one.overlaps(other)


def test_no_cluster_and_one_year_give_a_picture(tmp_path: Path) -> None:
    nothing = {name: column[:0] for name, column in stages().items()}
    assert lifecycle.draw(nothing, REGIONS, SECTORS, tmp_path / "none.png").stat().st_size > 0
    figure = lifecycle.figure(nothing, REGIONS, SECTORS)
    assert "No place was a cluster" in figure.texts[0].get_text()
    lifecycle.draw(stages(2, 1), REGIONS, SECTORS, tmp_path / "one.png")


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_same_run_gives_the_same_file(tmp_path: Path, suffix: str) -> None:
    files = [
        lifecycle.draw(stages(), REGIONS, SECTORS, tmp_path / f"{name}.{suffix}")
        for name in ("one", "two")
    ]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_unknown_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"\.png, \.svg, \.pdf"):
        lifecycle.draw(stages(), REGIONS, SECTORS, tmp_path / "life.jpeg")
