"""What outcomes hang on: bars with intervals, or Morris's plane of mean effect and spread."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from clustersim.plots.style import (
    GREY,
    PALETTE,
    STYLE,
    checked_path,
    figure_size,
    plain_ticks,
    save,
    shortened,
)

_COLUMNS: Final = 2
_MOST: Final = 12
"""Factors shown in a panel: those that matter most."""
_NAMED: Final = 6
"""Factors that are named in Morris's plane."""
_NEAR: Final = 0.25
_LOOKS: Final = {
    "S1": (PALETTE["sky"], "alone (S1)"),
    "ST": (PALETTE["blue"], "with others (ST)"),
    "PRCC": (PALETTE["blue"], "rank correlation (PRCC)"),
}
_COLOURS: Final = {1: PALETTE["blue"], -1: PALETTE["vermilion"], 0: GREY}
_SIGNS: Final = {1: ("^", "raises it"), -1: ("v", "lowers it"), 0: ("o", "either way, or unsure")}
_SUBTITLES: Final = {
    "sobol": "share of the variance; lines: intervals of 95 %;\ndashed: what luck alone would give",
    "ranks": "partial rank correlations; lines: intervals of 95 %",
    "morris": "across: mean size of the effect over the whole range (mu*,\n"
    "interval of 95 %); up: how it differs from place to place (sigma)",
}


def draw(study: Mapping[str, Any], path: str | Path) -> Path:
    """Draw the study into a file.

    Parameters
    ----------
    study
        What ``Sensitivity.to_dict`` returns, or the same read from JSON.
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
    """Return a figure with one panel for each outcome of each scenario."""
    analyses = study["analyses"]
    method = analyses[0]["method"]
    factors = min(max(len(one["factors"]) for one in analyses), _MOST)
    columns = min(len(analyses), _COLUMNS)
    rows = math.ceil(len(analyses) / columns)
    tall = 2.6 if method == "morris" else 0.75 + 0.24 * factors
    with mpl.rc_context(STYLE):
        drawing = Figure(figsize=figure_size(height=0.9 + tall * rows), layout="constrained")
        panels = drawing.subplots(rows, columns, squeeze=False)
        for axes, one in zip(panels.flat, analyses, strict=False):
            if method == "morris":
                _plane(axes, one)
            else:
                _bars(axes, one)
            scenario = one["scenario"]
            if one["option"] >= 0:
                scenario += f", option {one['option']}"
            title = f"{shortened(scenario, 24)}: {one['of']} of {one['outcome']}"
            axes.set_title(title, fontsize=8.5)
        for axes in panels.flat[len(analyses) :]:
            axes.set_axis_off()
        drawing.suptitle(
            f"What outcomes hang on ({shortened(study['title'], 60)})",
            x=0.01,
            ha="left",
            weight="bold",
            fontsize=10,
        )
        drawing.supxlabel(_SUBTITLES[method], x=0.01, ha="left", fontsize=7.5, color=GREY)
        handles, labels = panels.flat[0].get_legend_handles_labels()
        if method == "morris":
            handles = [
                panels.flat[0].scatter([], [], marker=marker, color=_COLOURS[sign], s=24)
                for sign, (marker, _) in _SIGNS.items()
            ]
            labels = [words for _, words in _SIGNS.values()]
        drawing.legend(handles, labels, loc="outside lower right", ncols=3)
    return drawing


def _bars(axes: Axes, one: Mapping[str, Any]) -> None:
    """Draw a bar for each measure of each factor, the one that matters most on top."""
    names = one["order"][:_MOST]
    measures = [name for name in _LOOKS if name in one["factors"][names[0]]]
    height = 0.8 / len(measures)
    for k, measure in enumerate(measures):
        colour, label = _LOOKS[measure]
        found = [one["factors"][name][measure] for name in names]
        at = np.arange(len(names)) + (k - 0.5 * (len(measures) - 1)) * height
        axes.barh(at, [each["value"] for each in found], height=height, color=colour, label=label)
        for y, each in zip(at, found, strict=True):
            axes.plot(each["ci"], [y, y], color="black", linewidth=0.9)
    noise = one["variance"]["noise"]
    if one["method"] == "sobol" and noise is not None and not math.isnan(noise):
        axes.axvline(noise, color=GREY, linewidth=0.9, linestyle=(0, (4, 2)))
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set_yticks(range(len(names)), [shortened(name, 34) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)


def _plane(axes: Axes, one: Mapping[str, Any]) -> None:
    """Draw each factor by the mean size of its effect and its spread."""
    names: Sequence[str] = one["order"]
    largest = max(one["factors"][name]["mu_star"]["value"] for name in names)
    for place, name in enumerate(names):
        found = one["factors"][name]
        mu, star, sigma = (found[measure] for measure in ("mu", "mu_star", "sigma"))
        sign = 1 if mu["ci"][0] > 0.0 else -1 if mu["ci"][1] < 0.0 else 0
        colour = _COLOURS[sign]
        axes.plot(star["ci"], [sigma["value"]] * 2, color=colour, linewidth=0.9)
        axes.scatter(star["value"], sigma["value"], marker=_SIGNS[sign][0], color=colour, s=24)
        if place < _NAMED:
            # Near the left end a name begins at its factor, so as not to stand on the axis; names
            # are above and below in turns, as some factors come close to each other.
            side = "left" if star["value"] < _NEAR * largest else "center"
            axes.annotate(
                shortened(name, 28),
                (star["value"], sigma["value"]),
                (0, 5) if place % 2 == 0 else (0, -11),
                textcoords="offset points",
                fontsize=6.5,
                ha=side,
            )
    axes.margins(0.12)
    axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    plain_ticks(axes)
