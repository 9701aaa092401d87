"""How an economy weathers shocks: the gap to the same run without each of them, over time."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, PercentFormatter

from clustersim.plots.style import GREY, PALETTE, STYLE, checked_path, figure_size, save

_COLUMNS: Final = 3
_LOOKS: Final[dict[str, tuple[str, Any]]] = {
    "whole economy": (PALETTE["blue"], "-"),
    "struck places": (PALETTE["vermilion"], (0, (4, 1.5))),
}
_LEAST_GAP: Final = 0.02
"""Least height of an axis, so that next to nothing looks like it."""
_TITLE_WIDTH: Final = 36
"""Letters in a line above a panel."""


def draw(study: Mapping[str, Any], path: str | Path) -> Path:
    """Draw the study into a file.

    Parameters
    ----------
    study
        What ``Study.to_dict`` of `clustersim.experiments.resilience` returns, or the same read from
        JSON.
    path
        A PNG, SVG or PDF by its suffix; one that is there is replaced.

    Raises
    ------
    ValueError
        If the suffix is none of these.
    """
    checked_path(path)
    return save(figure(study), path)


def figure(study: Mapping[str, Any]) -> Figure:
    """Return a figure with one panel for each shock."""
    by_shock = [list(those) for _, those in groupby(study["courses"], lambda one: one["shock"])]
    columns = min(max(len(by_shock), 1), _COLUMNS)
    rows = max(math.ceil(len(by_shock) / columns), 1)
    with mpl.rc_context(STYLE):
        drawing = Figure(figsize=figure_size(height=0.9 + 1.75 * rows), layout="constrained")
        panels = drawing.subplots(rows, columns, squeeze=False)
        for axes, courses in zip(panels.flat, by_shock, strict=False):
            _panel(axes, courses)
        for axes in panels.flat[len(by_shock) :]:
            axes.set_axis_off()
        for axes in panels[:, 0]:
            axes.set_ylabel("jobs, against no shock")
        for axes in panels.flat[max(len(by_shock) - columns, 0) : len(by_shock)]:
            axes.set_xlabel("years since the shock")
        n = len(study["seeds"])
        drawing.suptitle(
            f"What shocks do to jobs ({study['scenario']}, {n} seed{'s' if n != 1 else ''}; "
            "band: 95 % of the mean)",
            x=0.01,
            ha="left",
            weight="bold",
            fontsize=10,
        )
        used = {one["scope"] for one in study["courses"]}
        keys = [
            Line2D([], [], color=colour, linestyle=line, label=name)
            for name, (colour, line) in _LOOKS.items()
            if name in used
        ]
        drawing.legend(handles=keys, loc="outside lower left", ncols=len(keys) or 1)
    return drawing


def _panel(axes: Axes, courses: Sequence[Mapping[str, Any]]) -> None:
    """Draw the courses of one shock; clusters and others among the struck stand in the table."""
    lowest, highest = -_LEAST_GAP, 0.25 * _LEAST_GAP
    for one in courses:
        if one["scope"] not in _LOOKS:
            continue
        colour, line = _LOOKS[one["scope"]]
        since = _numbers(one["since"])
        gap = -_numbers(one["loss"])
        axes.fill_between(
            since, -_numbers(one["high"]), -_numbers(one["low"]), color=colour, alpha=0.18, lw=0
        )
        axes.plot(since, gap, color=colour, linestyle=line, linewidth=1.3)
        known = gap[~np.isnan(gap)]
        if known.size:
            lowest, highest = min(lowest, known.min()), max(highest, known.max())
    room = 0.25 * (highest - lowest)
    axes.set_ylim(lowest - room, highest + room)
    axes.axhline(0.0, color=GREY, linewidth=0.6, zorder=0)
    axes.axvline(0.0, color=GREY, linewidth=0.8, linestyle=":", zorder=0)
    first, last = courses[0]["first_year"], courses[0]["last_year"]
    when = f"{first:g}" if first == last else f"{first:.0f} to {last:.0f}"
    title = textwrap.fill(f"{when}: {courses[0]['label']}", _TITLE_WIDTH)
    axes.set_title(title, fontsize=8, weight="normal")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    if highest - lowest < 0.03:  # noqa: PLR2004  # ticks would round to the same percent
        axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=1))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def _numbers(values: Sequence[float | None]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([math.nan if one is None else one for one in values], dtype=np.float64)
