"""A map of clusters: regions by sectors, coloured by location quotient, clusters marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import NDArray

from clustersim.measures.clusters import Strength, StrengthRule
from clustersim.plots import style
from clustersim.world.employment import EmploymentTable
from clustersim.world.types import Floats

MOST_REGIONS = 100
"""Rows drawn at most: the regions with the most jobs."""

MOST_SECTORS = 60
"""Columns drawn at most: the sectors with the most jobs."""


def _mark(shape: str, size: float, face: str, edge: str) -> dict[str, Any]:
    return {
        "marker": shape,
        "markersize": size,
        "markerfacecolor": face,
        "markeredgecolor": edge,
        "markeredgewidth": 0.9,
    }


MARKERS: dict[Strength, dict[str, Any]] = {
    Strength.BASIC: _mark("o", 4.2, "white", "black"),
    Strength.MEDIUM: _mark("o", 5.2, "black", "white"),
    Strength.HIGH: _mark("*", 10.0, "black", "white"),
}
"""Mark of each strength class: another shape or filling, set off from dark and light cells."""

_CELL = (0.36, 0.205)
"""Width and height of a cell, inches."""

_NARROW = 2.6
"""Least width of the map, inches: the colour scale below it has five labels."""

_WIDE_SCALE = 5.2
"""Width of a map from which the words of its colour scale stand in one line, inches."""

_LOG_LIMIT = 2.0
"""Colours end at location quotients of 2 to the power of minus and plus this."""


class Identified(Protocol):
    """What is drawn: the result of identifying clusters in a table."""

    @property
    def table(self) -> EmploymentTable:
        """The employment table."""

    @property
    def rule(self) -> StrengthRule:
        """What makes a cluster."""

    @property
    def quotient(self) -> Floats:
        """Location quotients, shape (R, S)."""

    @property
    def strength(self) -> NDArray[np.int8]:
        """Values of `Strength`, shape (R, S)."""


def draw(identification: Identified, path: str | Path) -> Path:
    """Draw the map of clusters into a file.

    Parameters
    ----------
    identification : Identified
        Such as `clustersim.experiments.identify.Identification`.
    path : path
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
    return style.save(figure(identification), path)


def figure(identification: Identified) -> Figure:
    """Return the map of clusters as a figure.

    Rows are regions and columns sectors, in the order of the table. Colour is the base-2
    logarithm of the location quotient, cut at 1/4 and 4. A mark shows the strength of a cluster,
    bars show the jobs of rows and columns. Of very large tables the 100 regions and 60 sectors
    with the most jobs are drawn, and the title says so.

    Parameters
    ----------
    identification : Identified

    Returns
    -------
    Figure
    """
    table = identification.table
    rows = _largest(table.region_jobs, MOST_REGIONS)
    columns = _largest(table.sector_jobs, MOST_SECTORS)
    cells = np.ix_(rows, columns)
    wide, high = len(columns) * _CELL[0], len(rows) * _CELL[1]
    with mpl.rc_context(style.STYLE):
        # Inches for names on the left, bars, colour scale, and names below the map.
        drawing = Figure(
            figsize=style.figure_size(max(wide + 4.6, style.WIDTH), height=high + 3.4),
            layout="constrained",
        )
        drawing.get_layout_engine().set(hspace=0.01, wspace=0.01)  # type: ignore[call-arg, union-attr]
        grid = drawing.add_gridspec(
            3, 2, width_ratios=[max(wide, _NARROW), 1.1], height_ratios=[0.55, max(high, 0.4), 0.1]
        )
        heat = drawing.add_subplot(grid[1, 0])
        above = drawing.add_subplot(grid[0, 0], sharex=heat)
        beside = drawing.add_subplot(grid[1, 1], sharey=heat)
        image = _draw_heat(heat, identification.quotient[cells], table.jobs[cells])
        _draw_marks(heat, identification.strength[cells])
        _name_axes(heat, [table.regions[r] for r in rows], [table.sectors[s] for s in columns])
        _draw_bars(above, table.sector_jobs[columns], upright=True)
        _draw_bars(beside, table.region_jobs[rows], upright=False)
        _draw_scale(drawing, drawing.add_subplot(grid[2, 0]), image, wide)
        drawing.suptitle(
            _title(identification, len(rows), len(columns)), x=0.01, ha="left", weight="bold"
        )
        drawing.legend(
            handles=_legend(identification), loc="outside lower left", ncols=4, columnspacing=1.2
        )
    return drawing


def _largest(jobs: Floats, most: int) -> NDArray[np.intp]:
    """Return the positions of the largest entries, in their old order."""
    return np.sort(np.argsort(-jobs, kind="stable")[:most])


def _draw_heat(axes: Axes, quotient: Floats, jobs: Floats) -> Any:
    """Draw the colours; cells without jobs are grey."""
    logs = np.full(quotient.shape, np.nan)
    np.log2(quotient, out=logs, where=(jobs > 0) & (quotient > 0))
    axes.set_facecolor(style.NO_DATA)
    # Quadrilaterals instead of an image stay sharp in SVG and PDF and carry white lines between.
    return axes.pcolormesh(
        np.arange(jobs.shape[1] + 1) - 0.5,
        np.arange(jobs.shape[0] + 1) - 0.5,
        np.ma.masked_invalid(logs),
        cmap=style.DIVERGING,
        norm=Normalize(-_LOG_LIMIT, _LOG_LIMIT),
        edgecolors="white",
        linewidth=0.6,
    )


def _draw_marks(axes: Axes, strength: NDArray[np.int8]) -> None:
    for level, mark in MARKERS.items():
        row, column = np.nonzero(strength == level)
        axes.plot(column, row, linestyle="none", **mark)


def _name_axes(axes: Axes, regions: list[str], sectors: list[str]) -> None:
    axes.set_xlim(-0.5, len(sectors) - 0.5)
    axes.set_ylim(len(regions) - 0.5, -0.5)
    axes.set_yticks(range(len(regions)), [style.shortened(name, 46) for name in regions])
    axes.set_xticks(
        range(len(sectors)),
        [style.wrapped(name, 26) for name in sectors],
        rotation=50,
        ha="right",
        va="top",
        rotation_mode="anchor",
        linespacing=0.95,
    )
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)


def _draw_bars(axes: Axes, jobs: Floats, *, upright: bool) -> None:
    """Draw the jobs of columns (upright) or rows (lying), with the scale on the outside."""
    places = np.arange(len(jobs))
    axis: Axis
    other: Axis
    if upright:
        axes.bar(places, jobs, width=0.72, color=style.GREY)
        axis, other = axes.yaxis, axes.xaxis
    else:
        axes.barh(places, jobs, height=0.72, color=style.GREY)
        axis, other = axes.xaxis, axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=2, min_n_ticks=2))
    axis.set_major_formatter(FuncFormatter(lambda jobs, _: _amount(jobs)))
    axis.set_label_text("jobs", color=style.GREY)
    axis.set_tick_params(labelsize=7, length=2, colors=style.GREY)
    other.set_tick_params(length=0, labelbottom=False, labelleft=False)
    axes.spines[:].set_visible(False)


def _amount(jobs: float) -> str:
    """Return a number of jobs in a few signs: 950, 12k, 1.5M."""
    for unit, sign in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if jobs >= unit:
            return f"{jobs / unit:.3g}{sign}"
    return f"{jobs:.3g}"


def _draw_scale(drawing: Figure, axes: Axes, image: Any, wide: float) -> None:
    ticks = np.arange(-_LOG_LIMIT, _LOG_LIMIT + 1)
    bar = drawing.colorbar(
        image, cax=axes, orientation="horizontal", extend="both", ticks=ticks.tolist()
    )
    words = "location quotient: weight of the sector in the region over its weight overall"
    middle = "1: as in the whole table"
    if wide < _WIDE_SCALE:
        words, middle = words.replace(": ", ":\n").replace(" over its", "\nover its"), "1"
    bar.ax.set_xticklabels(["¼", "½", middle, "2", "4"])
    bar.set_label(words)
    bar.outline.set_visible(False)


def _title(identification: Identified, n_rows: int, n_columns: int) -> str:
    table = identification.table
    n_clusters = int((identification.strength > Strength.NONE).sum())
    text = f"{n_clusters:,} cluster{'' if n_clusters == 1 else 's'}"
    text += f" among {table.n_regions:,} × {table.n_sectors:,} regions and sectors"
    if table.year is not None:
        text += f", {table.year}"
    if (n_rows, n_columns) != (table.n_regions, table.n_sectors):
        text += f"\n(drawn: the largest {n_rows} regions and {n_columns} sectors)"
    return text


def _legend(identification: Identified) -> list[Any]:
    """Return the key to the marks, with the number of clusters in each class."""
    handles = []
    for level, mark in MARKERS.items():
        count = int((identification.strength == level).sum())
        handles.append(_key(f"{level.name.lower()} cluster ({count:,})", mark))
    return [*handles, _key("no jobs or no figure", _mark("s", 8, style.NO_DATA, style.NO_DATA))]


def _key(label: str, mark: dict[str, Any]) -> Line2D:
    return Line2D([], [], linestyle="none", label=label, **mark)
