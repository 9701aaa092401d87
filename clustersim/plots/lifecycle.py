"""The life of the main clusters: jobs over time, with the stages as colours and letters."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from clustersim.plots import style
from clustersim.store import Table
from clustersim.world.types import Floats

MOST: Final = 12
"""Clusters drawn if not told otherwise: those with the highest peak."""

_COLUMNS: Final = 3
_PANEL_HEIGHT: Final = 1.6
_LABEL_SHARE: Final = 0.06
"""Part of the time axis that a spell must fill to be given its letter."""
_LEGEND: Final[dict[str, Any]] = {"columnspacing": 1.2, "borderaxespad": 0.0}
"""Form of the keys below the panels."""
_NAME: Final = "name"
"""Marks the texts that name a panel."""
_FILL: Final = 0.45
"""Opacity of the area below the line."""


@dataclass(frozen=True)
class Mark:
    """Something that befell the economy, drawn as a line across time.

    Attributes
    ----------
    year
        Calendar year.
    label
        What it was, for the legend.
    region, sector
        Names of the place that was hit; None for all. The line is drawn in the panels of this
        place only.
    places
        Names of region and sector of each place, where there are several; None for all.
    """

    year: float
    label: str
    region: str | None = None
    sector: str | None = None
    places: frozenset[tuple[str, str]] | None = None


def draw(
    stages: Table,
    regions: Sequence[str],
    sectors: Sequence[str],
    path: str | Path,
    *,
    marks: Sequence[Mark] = (),
    title: str = "",
    most: int = MOST,
) -> Path:
    """Draw the life of the main clusters into a file.

    Parameters
    ----------
    stages, regions, sectors, marks, title, most
        As for `figure`.
    path
        A PNG, SVG or PDF by its suffix; one that is there is replaced.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        If the suffix is none of these.
    """
    style.checked_path(path)
    return style.save(figure(stages, regions, sectors, marks=marks, title=title, most=most), path)


def figure(
    stages: Table,
    regions: Sequence[str],
    sectors: Sequence[str],
    *,
    marks: Sequence[Mark] = (),
    title: str = "",
    most: int = MOST,
) -> Figure:
    """Return a figure with one panel per cluster: jobs over time, coloured by stage.

    Parameters
    ----------
    stages
        The table ``stages`` of a run: one row per year and cluster, with the columns ``year``,
        ``region``, ``sector`` (indices), ``stage`` (text) and ``jobs``.
    regions, sectors
        Names, by index.
    marks
        Shocks.
    title
        Above the panels.
    most
        Panels at most: the clusters with the most jobs at their peak, the largest first.

    Returns
    -------
    Figure
        Every panel has a scale of jobs of its own, from zero; a note says so.
    """
    lives = _lives(stages, regions, sectors)[:most]
    rows = max(-(-len(lives) // _COLUMNS), 1)
    # Inches above and below the panels for title, legend and note.
    height = rows * _PANEL_HEIGHT + 0.75
    numbered = _seen(marks, lives)
    with mpl.rc_context(style.STYLE):
        drawing = Figure(figsize=style.figure_size(height=height), layout="constrained")
        if not lives:
            drawing.text(0.5, 0.5, "No place was a cluster for long enough.", ha="center")
            return drawing
        panels = drawing.subplots(rows, _COLUMNS, sharex=True, squeeze=False).ravel()
        for panel, life in zip(panels, lives, strict=False):
            _draw_life(panel, life, numbered)
        for panel in panels[len(lives) :]:
            panel.set_visible(False)
        for position in range(max(len(lives) - _COLUMNS, 0), len(lives)):
            # The lowest panel of each column carries the years.
            panels[position].tick_params(labelbottom=True)
        # About as many signs fit into a line.
        words = textwrap.fill(title or "Life of the main clusters", 76)
        drawing.suptitle(words, x=0.01, ha="left", weight="bold")
        # A single row is too low for the long form.
        scales = "jobs (each panel has its own scale)" if rows > 1 else "jobs (own scales)"
        drawing.supylabel(scales)
        _add_legends(drawing, _keys(lives), _shock_keys(numbered), height)
        _fit_names(drawing, panels[: len(lives)].tolist())
    return drawing


def _seen(marks: Sequence[Mark], lives: Sequence[_Life]) -> list[tuple[int, Mark]]:
    """Return the shocks that hit a place that is drawn, each with its number."""
    seen = [mark for mark in marks if any(life.hit_by(mark) for life in lives)]
    return list(enumerate(seen))


def _fit_names(drawing: Figure, panels: Sequence[Axes]) -> None:
    """Shorten the names above the panels to the width of their panel, once that is known."""
    renderer = style.renderer_of(drawing)
    drawing.draw_without_rendering()
    for panel in panels:
        width = panel.get_window_extent(renderer).width
        for text in panel.texts:
            if text.get_gid() == _NAME:
                style.fit(drawing, text, width)


@dataclass(frozen=True, eq=False)
class _Life:
    """One cluster: its name, and its stage and jobs by year, shape (T,)."""

    sector: str
    region: str
    year: Floats
    jobs: Floats
    stage: NDArray[np.str_]

    def hit_by(self, mark: Mark) -> bool:
        """Tell whether a shock befell this cluster."""
        here = mark.region in (None, self.region) and mark.sector in (None, self.sector)
        return here and (mark.places is None or (self.region, self.sector) in mark.places)

    def spells(self) -> list[tuple[int, int, str]]:
        """Return first and last year index and name of each unbroken stage."""
        starts = np.flatnonzero(np.append(True, self.stage[1:] != self.stage[:-1]))
        ends = np.append(starts[1:], len(self.stage)) - 1
        return [(int(a), int(b), str(self.stage[a])) for a, b in zip(starts, ends, strict=True)]


def _lives(stages: Table, regions: Sequence[str], sectors: Sequence[str]) -> list[_Life]:
    """Return the clusters by their highest number of jobs, the largest first."""
    order = np.lexsort((stages["year"], stages["sector"], stages["region"]))
    columns = {name: stages[name][order] for name in ("region", "sector", "year", "jobs", "stage")}
    differs = [columns[name][1:] != columns[name][:-1] for name in ("region", "sector")]
    starts = np.flatnonzero(np.append(True, differs[0] | differs[1]))[: order.size]
    lives = [
        _Life(
            sectors[columns["sector"][first]],
            regions[columns["region"][first]],
            *(columns[name][first:end] for name in ("year", "jobs", "stage")),
        )
        for first, end in pairwise([*starts.tolist(), order.size])
    ]
    return sorted(lives, key=lambda life: -float(life.jobs.max()))


def _draw_life(axes: Axes, life: _Life, marks: Sequence[tuple[int, Mark]]) -> None:
    top = float(life.jobs.max()) * 1.18 or 1.0
    span = float(life.year[-1] - life.year[0]) or 1.0
    for first, last, stage in life.spells():
        # A spell reaches to the first point of the next, so that the area has no gaps.
        points = slice(first, min(last + 2, len(life.year)))
        colour = _colour(stage)
        axes.fill_between(
            life.year[points], life.jobs[points], color=colour, alpha=_FILL, linewidth=0
        )
        axes.plot(life.year[points], life.jobs[points], color=colour, linewidth=2)
        if stage != "none" and life.year[last] - life.year[first] >= _LABEL_SHARE * span:
            middle = (life.year[points][0] + life.year[points][-1]) / 2
            letter = axes.text(middle, 0.05 * top, stage[0].upper(), ha="center", fontsize=7.5)
            # A light ground keeps a letter readable where a shock crosses it.
            letter.set_bbox({"facecolor": "white", "alpha": 0.6, "linewidth": 0, "pad": 1.2})
    for number, mark in marks:
        if life.hit_by(mark):
            axes.axvline(mark.year, color="black", linewidth=0.8, linestyle=_dashes(number))
    axes.set_ylim(0, top)
    axes.set_xlim(life.year[0], life.year[-1] if len(life.year) > 1 else life.year[0] + 1)
    _name(axes, life)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=3, min_n_ticks=2))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda jobs, _: f"{jobs:,.0f}"))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))
    axes.tick_params(length=2, colors=style.GREY)


def _name(axes: Axes, life: _Life) -> None:
    """Write sector and region above a panel."""
    axes.set_title(" ", pad=13)  # keeps room for both; they are outside the layout, see below
    sector = axes.annotate(
        style.shortened(life.sector, 60),
        (0, 1),
        (0, 12),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=8.5,
        weight="bold",
    )
    region = axes.annotate(
        style.shortened(life.region, 60),
        (0, 1),
        (0, 3),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=7.5,
        color=style.GREY,
    )
    # A long name must not make the panels narrow.
    for name in (sector, region):
        name.set_in_layout(False)
        name.set_gid(_NAME)


def _dashes(number: int) -> Any:
    """Return the line style of a shock; the fifth looks like the first again."""
    return (0, [(2, 2), (6, 2), (6, 2, 1, 2), (1, 1)][number % 4])


def _colour(stage: str) -> str:
    return style.STAGE_COLOURS.get(stage.upper(), style.NO_DATA)


def _keys(lives: Sequence[_Life]) -> list[Any]:
    """Return a key to the stages that occur, with their letters."""
    occur = {str(stage).upper() for life in lives for stage in life.stage}
    handles = [
        Patch(facecolor=colour, alpha=_FILL, edgecolor=colour, label=f"{name[0]}  {name.lower()}")
        for name, colour in style.STAGE_COLOURS.items()
        if name in occur
    ]
    if "NONE" in occur:
        handles.append(Patch(facecolor=style.NO_DATA, label="no firms"))
    return handles


def _shock_keys(marks: Sequence[tuple[int, Mark]]) -> list[Any]:
    """Return a key to the shocks."""
    return [
        Line2D(
            [],
            [],
            color="black",
            linewidth=0.8,
            linestyle=_dashes(number),
            label=f"{_when(mark.year)}  {style.shortened(mark.label, 72)}",
        )
        for number, mark in marks
    ]


def _when(year: float) -> str:
    return f"{year:.0f}" if float(year).is_integer() else f"{year:.2f}"


def _add_legends(drawing: Figure, stages: list[Any], shocks: list[Any], height: float) -> None:
    """Add the keys to stages and shocks below the panels, each in as many columns as fit.

    Parameters
    ----------
    drawing
        The picture; it is made as much higher as the keys need.
    stages, shocks
        Keys.
    height
        Inches that all the rest needs.
    """
    groups = [keys for keys in (shocks, stages) if keys]
    inches = [_columns(drawing, keys) for keys in groups]
    below = sum(high for _, high in inches)
    drawing.set_size_inches(*style.figure_size(height=height + below))
    whole = drawing.get_size_inches()[1]
    bottom = 0.0
    for keys, (columns, high) in zip(groups, inches, strict=True):
        drawing.legend(
            handles=_in_rows(keys, columns),
            loc="lower left",
            bbox_to_anchor=(0.0, bottom / whole),
            ncols=columns,
            **_LEGEND,
        )
        bottom += high
    share = below / whole
    drawing.get_layout_engine().set(rect=(0, share, 1, 1 - share))  # type: ignore[call-arg, union-attr]
    # The words beside the panels stand at their middle.
    middle = share + (1 - share) / 2
    drawing.supylabel(drawing.get_supylabel(), y=middle, fontsize=8, color=style.GREY)


def _columns(drawing: Figure, keys: list[Any]) -> tuple[int, float]:
    """Return how many columns of keys fit into the width, and how many inches high they are."""
    renderer = style.renderer_of(drawing)
    for columns in range(len(keys), 0, -1):
        legend = drawing.legend(handles=_in_rows(keys, columns), ncols=columns, **_LEGEND)
        box = legend.get_window_extent(renderer)
        legend.remove()
        if box.width <= drawing.bbox.width:
            break
    return columns, float(box.height / drawing.dpi)


def _in_rows(keys: list[Any], columns: int) -> list[Any]:
    """Return keys in an order in which the legend, which fills columns first, shows them in rows.

    A last row that is not full is filled up with empty keys.
    """
    gaps = [Line2D([], [], linestyle="none", label=" ") for _ in range(-len(keys) % columns)]
    padded = keys + gaps
    return [padded[i] for column in range(columns) for i in range(column, len(padded), columns)]
