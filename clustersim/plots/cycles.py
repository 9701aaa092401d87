"""Pictures of the life cycle described: the phase picture, the stages, and the reasons."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from clustersim.plots.style import GREY, NO_DATA, PALETTE, STAGE_COLOURS, STYLE, figure_size, save

PICTURES: Final = ("phase.png", "stages.png", "reasons.png")
"""Names of the pictures, in the order of `draw_all`."""

STAGES: Final = tuple(name.lower() for name in STAGE_COLOURS)
_LINES: Final = ("-", "--", "-.", ":", (0, (6, 2, 1, 2, 1, 2)))
_MARKERS: Final = ("o", "^", "s", "D", "v")
_YEARS: Final = 3
"""Years of movement that an arrow of the phase picture stands for."""
_DARK: Final = 0.75
"""Share of the highest rate from which a cell needs white letters."""
_FILLED: Final = PALETTE["blue"]
_HOLLOW: Final = PALETTE["vermilion"]

Rows = Sequence[Mapping[str, Any]]


def draw_all(study: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw all pictures into a folder that exists.

    Parameters
    ----------
    study
        What ``Cycles.to_dict`` returns, or the same read from JSON.
    folder
        Where the `PICTURES` go; those that are there are replaced.
    """
    drawings = (phase(study), stages(study), reasons(study))
    return [save(drawing, folder / name) for drawing, name in zip(drawings, PICTURES, strict=True)]


def phase(study: Mapping[str, Any]) -> Figure:
    """Return where clusters are in size and heterogeneity, where they move, and their mean path."""
    with mpl.rc_context(STYLE):
        drawing = _figure(study, "Size and heterogeneity of clusters", 4.6)
        left, right = drawing.subfigures(1, 2, squeeze=False, width_ratios=(1.25, 1.0))[0]
        _cells(left.subplots(), study["phase_cells"])
        upper, lower = right.subplots(2, 1)
        _positions(upper, study["phase_stages"])
        _path(lower, study["path"])
    return drawing


def stages(study: Mapping[str, Any]) -> Figure:
    """Return how often stages follow each other, and how long they last."""
    with mpl.rc_context(STYLE):
        drawing = _figure(study, "Passages between stages, and how long they last", 3.7)
        left, right = drawing.subplots(1, 2)
        _rates(left, study["passages"])
        _survival(right, study["survival"])
    return drawing


def reasons(study: Mapping[str, Any]) -> Figure:
    """Return why clusters decline, what renewals had in common, and what the thresholds matter."""
    with mpl.rc_context(STYLE):
        drawing = _figure(study, "Declines, renewals, and the thresholds behind the stages", 4.9)
        left, right = drawing.subfigures(1, 2, squeeze=False)[0]
        upper, lower = left.subplots(2, 1, height_ratios=(1.0, 1.35))
        _declines(upper, study["declines"])
        _renewals(lower, study["renewals"], study["outcomes"])
        _thresholds(right.subplots(), study["thresholds"])
    return drawing


def _figure(study: Mapping[str, Any], title: str, height: float) -> Figure:
    drawing = Figure(figsize=figure_size(height=height), layout="constrained")
    n = len(study["seeds"])
    runs = f"{study['scenario']}, {n} seed{'s' if n != 1 else ''}, {study['clusters']} clusters"
    drawing.suptitle(f"{title} ({runs})", x=0.01, ha="left", weight="bold", fontsize=10)
    return drawing


def _colour(stage: str) -> str:
    return STAGE_COLOURS.get(stage.upper(), NO_DATA)


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _empty(axes: Axes, text: str) -> None:
    axes.text(0.5, 0.5, text, ha="center", va="center", color=GREY, transform=axes.transAxes)
    axes.set_xticks([])
    axes.set_yticks([])


def _cells(axes: Axes, cells: Rows) -> None:
    axes.set_title(
        f"commonest stage, and mean movement in {_YEARS} years", fontsize=8.5, weight="normal"
    )
    axes.set_xlabel("heterogeneity (mean cognitive distance of firms)")
    axes.set_ylabel("jobs, as a share of the own peak")
    if not cells:
        _empty(axes, "too few clusters")
        return
    for cell in cells:
        x, y = cell["heterogeneity_low"], cell["size_low"]
        width, high = cell["heterogeneity_high"] - x, cell["size_high"] - y
        colour = _colour(cell["stage"])
        shade = 0.15 + 0.45 * cell["stage_share"]
        axes.add_patch(Rectangle((x, y), width, high, facecolor=colour, alpha=shade, lw=0))
        axes.text(
            x + 0.07 * width,
            y + 0.07 * high,
            cell["stage"][0].upper(),
            fontsize=6.5,
            color="#303030",
        )
        move = [_YEARS * _number(cell[f"{name}_change"]) for name in ("heterogeneity", "size")]
        if not any(map(math.isnan, move)):
            length = math.hypot(move[0] / width, move[1] / high)
            move = [part / max(length, 1.0) for part in move]
            middle = (x + width / 2, y + high / 2)
            end = (middle[0] + move[0], middle[1] + move[1])
            arrow = {"arrowstyle": "-|>", "lw": 0.8, "mutation_scale": 6.0, "color": "black"}
            axes.annotate("", end, middle, arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
    axes.set_xlim(
        min(one["heterogeneity_low"] for one in cells),
        max(one["heterogeneity_high"] for one in cells),
    )
    axes.set_ylim(0.0, 1.0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    _note(
        axes,
        "I infancy   G growth   M maturity   D decline   R renewal\n"
        "darker: more of one stage; arrows are one cell long at most",
    )


def _note(axes: Axes, text: str) -> None:
    axes.annotate(
        text,
        (0, 0),
        (0, -30),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=7,
        va="top",
        color=GREY,
    )


def _positions(axes: Axes, positions: Rows) -> None:
    axes.set_title("median and quartiles in each stage", fontsize=8.5, weight="normal")
    axes.set_xlabel("heterogeneity")
    axes.set_ylabel("share of peak")
    if not positions:
        _empty(axes, "too few clusters")
        return
    for one in positions:
        x, y = one["heterogeneity_median"], one["size_median"]
        colour = _colour(one["stage"])
        axes.plot([one["heterogeneity_q1"], one["heterogeneity_q3"]], [y, y], color=colour, lw=1)
        axes.plot([x, x], [one["size_q1"], one["size_q3"]], color=colour, lw=1)
        marker = _MARKERS[STAGES.index(one["stage"])]
        axes.plot(x, y, marker, color=colour, ms=6, label=one["stage"])
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7, handletextpad=0.2)


def _path(axes: Axes, path: Rows) -> None:
    axes.set_title("mean path around a decline", fontsize=8.5, weight="normal")
    axes.set_xlabel("years from the beginning of the decline")
    if not path:
        _empty(axes, "too few declines")
        return
    t = [one["years_from_decline"] for one in path]
    lines = (
        ("size", "jobs, share of peak", PALETTE["black"], "-"),
        ("heterogeneity", "heterogeneity", PALETTE["blue"], "--"),
        ("newer_share", "newer paradigm", PALETTE["green"], "-."),
        ("outside_share", "outside ties", PALETTE["vermilion"], ":"),
    )
    for name, label, colour, line in lines:
        values = [_number(one[name]) for one in path]
        axes.plot(t, values, linestyle=line, color=colour, lw=1.5, label=label)
    axes.axvline(0.0, color=GREY, lw=0.6)
    axes.set_ylim(0.0, 1.0)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), fontsize=7, handlelength=1.8)


def _rates(axes: Axes, passages: Rows) -> None:
    axes.set_title("passages a year, of clusters in the row's stage", fontsize=8.5, weight="normal")
    columns = (*STAGES, "gone")
    rate = {(one["before"], one["after"]): one for one in passages}
    most = max((_number(one["per_year"]) for one in passages if one["before"] in STAGES), default=0)
    for i, before in enumerate(STAGES):
        for j, after in enumerate(columns):
            one = rate.get((before, after))
            value = _number(one["per_year"]) if one else 0.0
            share = value / most if most > 0 else 0.0
            colour = mpl.colormaps["Blues"](0.75 * share) if one else "white"
            axes.add_patch(Rectangle((j, i), 1, 1, facecolor=colour, edgecolor=NO_DATA, lw=0.5))
            text = "·" if before != after else ""
            if one:
                text = f"{100.0 * value:.1f} %"
            ink = "white" if one and share > _DARK else "black"
            axes.text(j + 0.5, i + 0.5, text, ha="center", va="center", fontsize=7, color=ink)
    axes.set_xlim(0, len(columns))
    axes.set_ylim(len(STAGES), 0)
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns, rotation=30, ha="right")
    axes.set_yticks(np.arange(len(STAGES)) + 0.5, STAGES)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_xlabel("to")
    axes.set_ylabel("from")


def _survival(axes: Axes, curves: Rows) -> None:
    axes.set_title("how long stages last (Kaplan–Meier)", fontsize=8.5, weight="normal")
    for k, stage in enumerate(STAGES):
        mine = [one for one in curves if one["stage"] == stage]
        if mine:
            years = [0.0, *(one["years"] for one in mine)]
            share = [1.0, *(one["share"] for one in mine)]
            axes.step(
                years,
                share,
                where="post",
                color=_colour(stage),
                linestyle=_LINES[k],
                lw=1.7,
                label=stage,
            )
    axes.axhline(0.5, color=GREY, lw=0.5)
    axes.set(xlabel="years in the stage", ylabel="share of spells that last longer")
    axes.set_ylim(0.0, 1.02)
    axes.set_xlim(left=0.0)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    if axes.get_legend_handles_labels()[0]:
        axes.legend(handlelength=2.6)


def _declines(axes: Axes, rows: Rows) -> None:
    n = sum(one["count"] for one in rows)
    axes.set_title(f"why clusters decline ({n} declines)", fontsize=8.5, weight="normal")
    if not n:
        _empty(axes, "no declines")
        return
    for k, one in enumerate(rows):
        axes.barh(k, one["share"], height=0.55, color=_FILLED)
        _line(axes, k, one["low"], one["high"])
        axes.plot(one["applies_share"], k, "D", ms=4, mfc="white", color=_HOLLOW)
    axes.set_yticks(range(len(rows)), [one["reason"] for one in rows])
    axes.invert_yaxis()
    axes.set_xlim(0.0, 1.0)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_xlabel("bar: main reason; diamond: it applies at all", fontsize=7)


def _renewals(axes: Axes, rows: Rows, outcomes: Mapping[str, Any]) -> None:
    axes.set_title(
        f"what renewals had in common ({outcomes['renewed']} of {outcomes['known']})",
        fontsize=8.5,
        weight="normal",
    )
    traits = list(dict.fromkeys(one["trait"] for one in rows))
    for one in rows:
        start = one["when"] == "start"
        row = traits.index(one["trait"]) + (-0.16 if start else 0.16)
        colour = _FILLED if start else _HOLLOW
        _line(axes, row, one["low"], one["high"], colour)
        style: dict[str, Any] = {"mfc": colour if start else "white", "color": colour, "ms": 4}
        label = f"at the {one['when']}" if one["trait"] == traits[0] else None
        axes.plot(_number(one["difference"]), row, "o" if start else "D", label=label, **style)
    axes.axvline(0.0, color=GREY, lw=0.8)
    axes.set_yticks(range(len(traits)), [trait.replace("_", " ") for trait in traits])
    axes.set_ylim(len(traits) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.set_xlabel("renewed less not renewed, standard deviations", fontsize=7)
    axes.legend(fontsize=6.5, loc="upper center", bbox_to_anchor=(0.4, -0.2), ncols=2)


def _line(
    axes: Axes, row: float, low: float | None, high: float | None, colour: str = "black"
) -> None:
    ends = _number(low), _number(high)
    if not any(map(math.isnan, ends)):
        axes.plot(ends, [row, row], color=colour, lw=1.0)


def _thresholds(axes: Axes, rows: Rows) -> None:
    axes.set_title("years with another stage, by threshold", fontsize=8.5, weight="normal")
    if all(math.isnan(_number(one["changed_share"])) for one in rows):
        _empty(axes, "no clusters")
        return
    names = list(dict.fromkeys(one["threshold"] for one in rows))
    largest = {
        name: max(_number(one["changed_share"]) for one in rows if one["threshold"] == name)
        for name in names
    }
    names.sort(key=lambda name: -largest[name])
    for one in rows:
        less = one["value"] < one["usual"]
        row = names.index(one["threshold"]) + (-0.19 if less else 0.19)
        axes.barh(row, _number(one["changed_share"]), height=0.34, color=_colour_of(less=less))
        _line(axes, row, one["low"], one["high"])
        text = f" {one['value']:.3g}"
        ends = (_number(one["changed_share"]), _number(one["high"]))
        axes.text(max(end for end in ends if end >= 0.0), row, text, va="center", fontsize=6)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.margins(x=0.12)
    axes.set_xlim(left=0.0)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_xlabel("upper bar: threshold lower; lower bar: higher (its value)", fontsize=7)


def _colour_of(*, less: bool) -> str:
    return PALETTE["sky"] if less else PALETTE["orange"]
