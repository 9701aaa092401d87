"""One picture: how location quotients persist, and how regions grow, in data and model."""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl
import numpy as np
from compare import OVER_REPRESENTED, Floats, correlation, log_growth
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from clustersim.measures.specialisation import location_quotient
from clustersim.plots import style

Pair = tuple[Floats, Floats]
"""Jobs of the first and the last year, shape (R, S) each."""

_LIMITS = (0.04, 12.0)
_TICKS = (0.1, 0.5, 1, 2, 5, 10)
_AREA = 60.0


def draw(path: Path, data: Pair, model: Pair, runs: list[Pair], scale: float) -> Path:
    """Draw the comparison into a file, PNG, SVG or PDF by its suffix.

    Parameters
    ----------
    path
        The file.
    data, model
        Jobs in the data and in the first run.
    runs
        Jobs in all runs, for the growth of regions.
    scale
        Real jobs per simulated job.
    """
    with mpl.rc_context(style.STYLE):
        figure = Figure(figsize=style.figure_size(9.0, height=3.5), layout="constrained")
        left, middle, right = figure.subplots(1, 3, width_ratios=(1, 1, 1))
        _quotients(left, data, "Data", style.PALETTE["black"])
        _quotients(middle, model, f"Model, {scale:g} jobs as one", style.PALETTE["blue"])
        middle.set_ylabel("")
        _growth(right, data, runs)
    return style.save(figure, path)


def _quotients(axes: Axes, pair: Pair, title: str, colour: str) -> None:
    before, after = (location_quotient(jobs) for jobs in pair)
    both = (before > 0) & (after > 0)
    jobs = pair[0][both]
    r = correlation(np.log(before[both]), np.log(after[both]))
    for cut in (axes.axhline, axes.axvline):
        cut(OVER_REPRESENTED, color=style.GREY, linewidth=0.6, linestyle=":")
    axes.text(_LIMITS[1], 1.55, f"{OVER_REPRESENTED:g}", ha="right", va="bottom", color=style.GREY)
    axes.plot(_LIMITS, _LIMITS, color=style.GREY, linewidth=0.8)
    axes.scatter(
        before[both].clip(*_LIMITS),
        after[both].clip(*_LIMITS),
        s=3 + _AREA * jobs / jobs.max(),
        color=colour,
        alpha=0.35,
        linewidth=0,
    )
    axes.set(
        xscale="log",
        yscale="log",
        xlim=_LIMITS,
        ylim=_LIMITS,
        xticks=_TICKS,
        yticks=_TICKS,
        xticklabels=[f"{tick:g}" for tick in _TICKS],
        yticklabels=[f"{tick:g}" for tick in _TICKS],
        xlabel="location quotient 2015",
        ylabel="location quotient 2022",
        title=title,
        aspect="equal",
    )
    axes.minorticks_off()
    axes.text(0.05, 0.93, f"correlation of logs {r:.2f}", transform=axes.transAxes, fontsize=8)


def _growth(axes: Axes, data: Pair, runs: list[Pair]) -> None:
    for position, pair in enumerate(runs):
        label = f"model, {len(runs)} runs" if position == 0 else None
        axes.ecdf(_regions(pair), color=style.PALETTE["sky"], linewidth=1.0, label=label)
    axes.ecdf(_regions(data), color=style.PALETTE["black"], linewidth=1.8, label="data")
    axes.set(
        xlabel="growth of jobs 2015 to 2022, %",
        ylabel="share of regions",
        title=f"Growth of the {data[0].shape[0]} regions",
        box_aspect=1,
    )
    axes.legend(loc="lower right")


def _regions(pair: Pair) -> Floats:
    return 100.0 * np.expm1(log_growth(pair[0].sum(axis=1), pair[1].sum(axis=1)))
