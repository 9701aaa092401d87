"""A front: goals against each other, with what is dominated, what is not, and the knee."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from clustersim.plots.style import (
    GREY,
    NO_DATA,
    PALETTE,
    STYLE,
    checked_path,
    figure_size,
    plain_ticks,
    save,
    shortened,
)

_COLUMNS: Final = 3
_COUNTED: Final = {
    "mean": "mean over points and seeds",
    "worst": "at the worst point, mean over seeds",
    "regret": "largest regret over points, mean over seeds",
}


def draw(study: Mapping[str, Any], path: str | Path) -> Path:
    """Draw the front into a file.

    Parameters
    ----------
    study
        What ``Front.to_dict`` returns, or the same read from JSON.
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
    """Return a figure with one panel for each pair of goals."""
    pairs = list(itertools.combinations(study["goals"], 2))
    columns = min(len(pairs), _COLUMNS)
    rows = math.ceil(len(pairs) / columns)
    with mpl.rc_context(STYLE):
        height = 0.9 + (3.6 if columns == 1 else 2.6) * rows
        drawing = Figure(figsize=figure_size(height=height), layout="constrained")
        panels = drawing.subplots(rows, columns, squeeze=False)
        for axes, (across, up) in zip(panels.flat, pairs, strict=False):
            _panel(axes, study, across, up)
        for axes in panels.flat[len(pairs) :]:
            axes.set_axis_off()
        drawing.suptitle(
            f"{shortened(study['title'], 70)}: {len(study['candidates'])} candidates",
            x=0.01,
            ha="left",
            weight="bold",
            fontsize=10,
        )
        drawing.supxlabel(
            f"{_COUNTED[study['robust']]}; lines: intervals of 95 % over seeds",
            x=0.01,
            ha="left",
            fontsize=7.5,
            color=GREY,
        )
        handles, labels = panels.flat[0].get_legend_handles_labels()
        drawing.legend(handles, labels, loc="outside lower right", ncols=4)
    return drawing


def _panel(
    axes: Axes, study: Mapping[str, Any], across: Mapping[str, str], up: Mapping[str, str]
) -> None:
    x, y = across["key"], up["key"]
    shown = [row for row in study["candidates"] if _known(row[x]) and _known(row[y])]
    kinds = (
        ("not allowed", [row for row in shown if not row["allowed"]], "x", GREY),
        ("dominated", [row for row in shown if row["allowed"] and not row["front"]], "o", NO_DATA),
    )
    for label, rows, marker, colour in kinds:
        if rows:
            axes.scatter(
                [row[x] for row in rows],
                [row[y] for row in rows],
                marker=marker,
                color=colour,
                edgecolors=None if marker == "x" else GREY,
                linewidths=0.6,
                s=16,
                label=label,
            )
    front = sorted((row for row in shown if row["front"]), key=lambda row: row[x])
    for row in front:
        for one, across_x in ((x, True), (y, False)):
            low, high = row[f"{one}:low"], row[f"{one}:high"]
            if _known(low) and _known(high):
                xs, ys = ([low, high], [row[y]] * 2) if across_x else ([row[x]] * 2, [low, high])
                axes.plot(xs, ys, color=PALETTE["sky"], linewidth=0.8, zorder=2)
    axes.plot(
        [row[x] for row in front],
        [row[y] for row in front],
        color=PALETTE["blue"],
        # With more than two goals, neighbours in a panel need not be neighbours.
        linestyle="-" if len(study["goals"]) == 2 else "none",  # noqa: PLR2004
        marker="o",
        markersize=4.5,
        linewidth=0.9,
        label="front",
        zorder=3,
    )
    for row in front:
        if row["knee"]:
            axes.scatter(
                row[x],
                row[y],
                marker="D",
                s=60,
                color=PALETTE["vermilion"],
                label="knee",
                zorder=4,
            )
            axes.annotate(
                f"knee: {row['candidate']}",
                (row[x], row[y]),
                (6, 6),
                textcoords="offset points",
                fontsize=7.5,
            )
    plain_ticks(axes)
    regret = study["robust"] == "regret"
    for goal, put in ((across, axes.set_xlabel), (up, axes.set_ylabel)):
        wanted = "less regret" if regret else goal["better"]
        put(f"{goal['name']} (better: {wanted})")


def _known(value: float | None) -> bool:
    return value is not None and not math.isnan(value)
