"""Clusters by stage of the life cycle over the years, a panel for each scenario."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from clustersim.plots.style import (
    STAGE_COLOURS,
    STYLE,
    WIDTH,
    checked_path,
    figure_size,
    save,
    wrapped,
)

_HATCHES: Final = {"INFANCY": "..", "GROWTH": "", "MATURITY": "//", "DECLINE": "", "RENEWAL": "xx"}
"""So that stages can be told apart without colour."""
_PANEL: Final = 1.9
_SIGNS_PER_INCH: Final = 9


def draw_stages(
    stages: Mapping[str, Mapping[str, Sequence[float]]],
    titles: Mapping[str, str],
    path: str | Path,
    *,
    width: float = WIDTH,
) -> Path:
    """Draw how many clusters are in each stage, mean over seeds.

    Parameters
    ----------
    stages
        By scenario: ``years``, and clusters in each stage by its name, of one length.
    titles
        Title of each scenario.
    path
        The picture, PNG, SVG or PDF.
    width
        Of the picture, inches.

    Raises
    ------
    ValueError
        If the suffix of the path is unknown, or there is no scenario.
    """
    checked_path(path)
    if not stages:
        raise ValueError("stages: expected at least one scenario")
    columns = min(len(stages), max(int(width / 2.4), 1))
    rows = -(-len(stages) // columns)
    with mpl.rc_context({**STYLE, "hatch.linewidth": 0.4}):
        figure = Figure(
            figsize=figure_size(width, height=0.8 + _PANEL * rows), layout="constrained"
        )
        panels = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
        for axes, (name, one) in zip(panels.flat, stages.items(), strict=False):
            _panel(axes, one)
            signs = int(_SIGNS_PER_INCH * width / columns)
            axes.set_title(wrapped(titles[name], signs), fontsize=8.5)
        for axes in list(panels.flat)[len(stages) :]:
            axes.set_visible(False)
        for axes in panels[:, 0]:
            axes.set_ylabel("clusters (mean)")
        figure.legend(
            handles=[_key(stage, colour) for stage, colour in STAGE_COLOURS.items()],
            loc="outside lower left",
            ncols=5 if width > 5.0 else 3,  # noqa: PLR2004  # inches that five names take
        )
        return save(figure, path)


def _key(stage: str, colour: str) -> Patch:
    return Patch(facecolor=colour, hatch=_HATCHES[stage], edgecolor="white", label=stage.lower())


def _panel(axes: Any, one: Mapping[str, Sequence[float]]) -> None:
    years = np.asarray(one["years"])
    bottom = np.zeros(years.size)
    for stage, colour in STAGE_COLOURS.items():
        top = bottom + np.asarray(one[stage.lower()])
        axes.fill_between(
            years,
            bottom,
            top,
            facecolor=colour,
            hatch=_HATCHES[stage],
            edgecolor="white",
            linewidth=0.3,
        )
        bottom = top
    axes.set_xlim(float(years[0]), float(years[-1]))
    axes.set_ylim(0.0, None)
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
