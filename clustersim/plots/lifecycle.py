"""The life of the main clusters: jobs over time, with the stages as colours and letters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
    """

    year: float
    label: str


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
    height = rows * _PANEL_HEIGHT + 1.1
    with mpl.rc_context(style.STYLE):
        drawing = Figure(figsize=style.figure_size(height=height), layout="constrained")
        if not lives:
            drawing.text(0.5, 0.5, "No place was a cluster for long enough.", ha="center")
            return drawing
        panels = drawing.subplots(rows, _COLUMNS, sharex=True, squeeze=False).ravel()
        for panel, life in zip(panels, lives, strict=False):
            _draw_life(panel, life, marks)
        for panel in panels[len(lives) :]:
            panel.set_visible(False)
        for position in range(max(len(lives) - _COLUMNS, 0), len(lives)):
            # The lowest panel of each column carries the years.
            panels[position].tick_params(labelbottom=True)
        drawing.suptitle(title or "Life of the main clusters", x=0.01, ha="left", weight="bold")
        drawing.supylabel("jobs (each panel has its own scale)", fontsize=8, color=style.GREY)
        drawing.legend(
            handles=_legend(lives, marks), loc="outside lower left", ncols=5, columnspacing=1.2
        )
    return drawing


@dataclass(frozen=True, eq=False)
class _Life:
    """One cluster: its name, and its stage and jobs by year, shape (T,)."""

    sector: str
    region: str
    year: Floats
    jobs: Floats
    stage: NDArray[np.str_]

    def spells(self) -> list[tuple[int, int, str]]:
        """Return first and last year index and name of each unbroken stage."""
        starts = np.flatnonzero(np.append(True, self.stage[1:] != self.stage[:-1]))
        ends = np.append(starts[1:], len(self.stage)) - 1
        return [(int(a), int(b), str(self.stage[a])) for a, b in zip(starts, ends, strict=True)]


def _lives(stages: Table, regions: Sequence[str], sectors: Sequence[str]) -> list[_Life]:
    """Return the clusters by their highest number of jobs, the largest first."""
    pairs = np.stack([stages["region"], stages["sector"]], axis=1)
    lives = []
    for region, sector in np.unique(pairs, axis=0):
        here = (pairs == (region, sector)).all(axis=1)
        order = np.flatnonzero(here)[np.argsort(stages["year"][here], kind="stable")]
        lives.append(
            _Life(
                sectors[sector],
                regions[region],
                *(stages[name][order] for name in ("year", "jobs", "stage")),
            )
        )
    return sorted(lives, key=lambda life: -float(life.jobs.max()))


def _draw_life(axes: Axes, life: _Life, marks: Sequence[Mark]) -> None:
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
    for number, mark in enumerate(marks):
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
        style.shortened(life.sector, 30),
        (0, 1),
        (0, 12),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=8.5,
        weight="bold",
    )
    region = axes.annotate(
        style.shortened(life.region, 34),
        (0, 1),
        (0, 3),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=7.5,
        color=style.GREY,
    )
    # A long name must not make the panels narrow.
    sector.set_in_layout(False)
    region.set_in_layout(False)


def _dashes(number: int) -> Any:
    """Return the line style of a shock; the fifth looks like the first again."""
    return (0, [(2, 2), (6, 2), (6, 2, 1, 2), (1, 1)][number % 4])


def _colour(stage: str) -> str:
    return style.STAGE_COLOURS.get(stage.upper(), style.NO_DATA)


def _legend(lives: Sequence[_Life], marks: Sequence[Mark]) -> list[Any]:
    """Return a key to the stages, with their letters, and to the shocks."""
    handles: list[Any] = [
        Patch(facecolor=colour, alpha=_FILL, edgecolor=colour, label=f"{name[0]}  {name.lower()}")
        for name, colour in style.STAGE_COLOURS.items()
    ]
    other: list[Any] = [
        Line2D(
            [],
            [],
            color="black",
            linewidth=0.8,
            linestyle=_dashes(number),
            label=f"{int(mark.year)}  {mark.label}",
        )
        for number, mark in enumerate(marks)
    ]
    if any((life.stage == "none").any() for life in lives):
        other.append(Patch(facecolor=style.NO_DATA, label="no firms"))
    # matplotlib fills a legend column by column: the stages are to stand in the first row.
    width = len(handles)
    other += [Line2D([], [], linestyle="none", label=" ") for _ in range(-len(other) % width)]
    rows = [handles, *(other[i : i + width] for i in range(0, len(other), width))]
    return [handle for column in zip(*rows, strict=True) for handle in column]
