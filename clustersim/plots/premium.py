"""The premium of clusters taken apart: bars stacked row by row, from nothing to the whole."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from clustersim.plots.style import GREY, PALETTE, STYLE, checked_path, figure_size, save

COLOURS: Final = {
    "place": PALETTE["orange"],
    "spillovers": PALETTE["sky"],
    "selection": PALETTE["green"],
    "sorting": PALETTE["purple"],
    "sector mix": PALETTE["blue"],
    "rest": GREY,
    "sectors": PALETTE["blue"],
    "better firms": PALETTE["sky"],
    "jobs in better firms": PALETTE["green"],
}
_WHOLE: Final = PALETTE["black"]
_OWN_MAP: Final = "own map"

Step = tuple[str, Mapping[str, Any]]


def draw(study: Mapping[str, Any], path: str | Path) -> Path:
    """Draw the study into a file.

    Parameters
    ----------
    study
        What ``Premium.to_dict`` returns, or the same read from JSON.
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
    """Return a figure with one column for each group of clusters and one row for each method."""
    own = [one for one in study["explained"] if one["map"] == _OWN_MAP]
    causes = [[*one["parts"].items(), *one["base"].items()] for one in own]
    items = [list(one["items"].items()) for one in study["accounted"]]
    wholes = [[one["premium"] for one in part] for part in (own, study["accounted"])]
    with mpl.rc_context(STYLE):
        drawing = Figure(figsize=figure_size(height=5.4), layout="constrained")
        panels = drawing.subplots(2, len(own), squeeze=False)
        for row, (steps, whole) in enumerate(zip((causes, items), wholes, strict=True)):
            for column, axes in enumerate(panels[row]):
                _waterfall(axes, steps[column], whole[column], names=column == 0)
        for axes, one in zip(panels[0], own, strict=True):
            axes.set_title(f"{one['group']}\n", fontsize=9.5)
            axes.annotate(
                f"found in Europe: {_europe(one['found_in_europe'])}",
                (0, 1),
                (0, 5),
                xycoords="axes fraction",
                textcoords="offset points",
                fontsize=7.5,
                color=GREY,
            )
        for axes, text in zip(
            panels[:, 0],
            ("by switching causes off", "by accounting, in the full world"),
            strict=True,
        ):
            axes.set_ylabel(text, fontsize=8.5)
        for axes in panels[-1]:
            axes.set_xlabel("points", fontsize=7.5)
        drawing.align_ylabels(panels[:, 0])
        seeds = len(study["seeds"])
        drawing.suptitle(
            f"Why jobs in clusters are more productive ({study['scenario']}, "
            f"{seeds} seed{'s' if seeds != 1 else ''})",
            x=0.01,
            ha="left",
            weight="bold",
            fontsize=10,
        )
        drawing.supxlabel(
            "A point is 1 % of the productivity of all jobs. Each bar starts where the one above "
            "ends; lines are intervals of 95 %.",
            x=0.01,
            ha="left",
            fontsize=7.5,
            color=GREY,
        )
    return drawing


def _waterfall(axes: Axes, steps: Sequence[Step], whole: Mapping[str, Any], *, names: bool) -> None:
    """Draw the steps below each other, each from the sum of those above, and the whole at last."""
    total = 0.0
    for row, (name, estimate) in enumerate(steps):
        value = _points(estimate["value"])
        if math.isnan(value):
            continue
        axes.barh(row, value, left=total, height=0.62, color=COLOURS[name])
        total += value
        _interval(axes, row, estimate, total - value)
        axes.plot([total, total], [row, row + 1], color=GREY, linewidth=0.6)
    last = len(steps)
    value = _points(whole["value"])
    if math.isnan(value):
        axes.text(0.5, 0.5, "no such clusters", ha="center", color=GREY, transform=axes.transAxes)
        axes.set_xticks([])
    else:
        axes.barh(last, value, height=0.62, color="white", edgecolor=_WHOLE, hatch="////")
        _interval(axes, last, whole, 0.0)
        axes.margins(x=0.08)
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set_ylim(last + 0.6, -0.6)
    labels = [name for name, _ in steps] + ["= premium"]
    axes.set_yticks(range(last + 1), labels if names else [""] * (last + 1))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:+g}" if x else "0"))
    axes.tick_params(length=2, colors=GREY)
    for label in axes.get_yticklabels():
        label.set_color("black")


def _interval(axes: Axes, row: int, estimate: Mapping[str, Any], start: float) -> None:
    low, high = (_points(end) for end in estimate["ci"])
    if not math.isnan(low + high):
        axes.plot([start + low, start + high], [row, row], color=_WHOLE, linewidth=1.0)
        for end in (low, high):
            axes.plot([start + end] * 2, [row - 0.13, row + 0.13], color=_WHOLE, linewidth=1.0)


def _points(share: float | None) -> float:
    return math.nan if share is None else 100.0 * share


def _europe(found: Sequence[float]) -> str:
    low, high = found
    return f"{low:+.0%}" if low == high else f"{low:+.0%} to {high:+.0%}"
