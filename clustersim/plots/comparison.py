"""Scenarios against their counterparts: effects, who gains, what it costs, jobs over the years.

Every function takes a comparison (or what its ``to_dict`` returns, or the same read from JSON) and
either a path of a PNG, SVG or PDF, or axes of a figure of the caller's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullLocator, PercentFormatter
from matplotlib.transforms import ScaledTranslation

from clustersim.plots.style import (
    GREY,
    PALETTE,
    STYLE,
    checked_path,
    figure_size,
    save,
    shortened,
    wrapped,
)

Document: TypeAlias = Mapping[str, Any]
Target: TypeAlias = str | Path | Axes


class Told(Protocol):
    """A comparison, or anything else that tells all it knows as a dictionary."""

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary."""


KINDS: Final = ("region", "sector", "cluster", "size of firms")
_LOOKS: Final = tuple(
    zip(
        (PALETTE[name] for name in ("blue", "vermilion", "green", "purple", "orange", "sky")),
        ("o", "s", "D", "^", "v", "P"),
        ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (4, 1, 1, 1)), (0, (2, 1)), (0, (6, 1, 1, 1, 1, 1))),
        strict=True,
    )
)
"""Colour, marker and line of each scenario; more scenarios begin again."""
_GAIN: Final = PALETTE["blue"]
_LOSS: Final = PALETTE["vermilion"]
_MOST: Final = 6
"""Winners, and losers, that are shown of each kind."""
_ROW: Final = 0.2
"""Height of a row, inches."""
_NAME: Final = 34
"""Signs of a name beside an axis."""
_MILLION: Final = 1e6
_BELOW: Final = 0.45
"""Distance of a legend from the axes above it, inches."""
_LINE: Final = 0.15
"""Height of one more line of the label between them, inches."""
_WIDE: Final = 30.0
"""How much the largest effect may be over the middle one before the axis is bent."""


def draw_effects(comparison: Told | Document, target: Target, *, scope: str = "all") -> Path | None:
    """Draw the effects of all scenarios on all outcomes, with their intervals.

    Thick lines are intervals of 95 %, thin ones those that hold for all outcomes together. Outcomes
    are shares of what there is without; shares are in points, productivity in logs.

    Parameters
    ----------
    comparison
        The comparison.
    target
        Path of a picture, or axes.
    scope
        ``"all"`` for the whole economy, ``"supported"`` for the places for which there is money.

    Raises
    ------
    ValueError
        If the suffix of the path is unknown.
    """
    document = _document(comparison)
    rows = _outcomes(document, scope)
    height = 1.2 + max(len(rows), 1) * (0.16 + 0.12 * len(document["cases"]))
    return _drawn(target, (7.2, height), lambda axes: _effects(axes, document, rows, scope))


def draw_winners(
    comparison: Told | Document,
    target: Target,
    *,
    case: int = 0,
    outcome: str = "jobs",
    kinds: Sequence[str] = KINDS,
) -> Path | None:
    """Draw who gains and who loses by a scenario: the most of each kind, with intervals of 95 %.

    Parameters
    ----------
    comparison
        The comparison.
    target
        Path of a picture, with a panel for each kind; or axes, for the first kind alone.
    case
        Number of the scenario, from 0.
    outcome
        ``"jobs"``, ``"firms"``, ``"innovations"`` or ``"productivity"``.
    kinds
        Of `KINDS`.

    Raises
    ------
    ValueError
        If the suffix of the path is unknown, or nothing is known by that outcome and these kinds.
    """
    one = _document(comparison)["cases"][case]
    found = {group["kind"]: group for group in one["groups"]["by"] if group["outcome"] == outcome}
    groups = [found[kind] for kind in kinds if kind in found]
    if not groups:
        raise ValueError(f"outcome: nothing is known of {outcome!r} by {', '.join(kinds)}")
    if isinstance(target, Axes):
        with mpl.rc_context(STYLE):
            _winners(target, groups[0])
        return None
    checked_path(target)
    shown = [max(len(_most(group)), 1) for group in groups]
    with mpl.rc_context(STYLE):
        figure = Figure(
            figsize=figure_size(height=0.9 + sum(0.62 + _ROW * n for n in shown)),
            layout="constrained",
        )
        panels = figure.subplots(
            len(groups), 1, squeeze=False, gridspec_kw={"height_ratios": [n + 2 for n in shown]}
        )
        for axes, group in zip(panels[:, 0], groups, strict=True):
            _winners(axes, group)
        _title(figure, f"Who gains and who loses: {shortened(one['title'], 60)}")
        figure.legend(
            handles=[
                Patch(color=_GAIN, label="gains, for sure"),
                Patch(color=_GAIN, alpha=_UNSURE, label="gains"),
                Patch(color=_LOSS, label="loses, for sure"),
                Patch(color=_LOSS, alpha=_UNSURE, label="loses"),
            ],
            loc="outside lower left",
            ncols=4,
        )
        return save(figure, target)


_UNSURE: Final = 0.45


def draw_acceptability(
    comparison: Told | Document, target: Target, *, what: str = "job at the end"
) -> Path | None:
    """Draw how likely each scenario is the best, by what one is willing to pay for one more.

    Parameters
    ----------
    comparison
        The comparison.
    target
        Path of a picture, or axes.
    what
        What one more is called, as ``"job at the end"``, ``"job-year"`` or ``"innovation"``.

    Raises
    ------
    ValueError
        If the suffix of the path is unknown, or there is no such choice, as where no scenario takes
        money.
    """
    document = _document(comparison)
    choice = _choice(document, what)
    return _drawn(target, (7.2, 3.6), lambda axes: _acceptability(axes, document, choice))


def draw_plane(
    comparison: Told | Document, target: Target, *, what: str = "job at the end"
) -> Path | None:
    """Draw what scenarios cost and bring, and the frontier of those that are not dominated.

    Parameters
    ----------
    comparison, target, what
        As for `draw_acceptability`.

    Raises
    ------
    ValueError
        As for `draw_acceptability`.
    """
    document = _document(comparison)
    choice = _choice(document, what)
    return _drawn(target, (7.2, 4.0), lambda axes: _plane(axes, document, choice))


def draw_jobs(
    comparison: Told | Document,
    target: Target | tuple[Axes, Axes],
    *,
    cases: Sequence[int] | None = None,
) -> Path | None:
    """Draw jobs over the years: with and without, and their difference with its interval of 95 %.

    Parameters
    ----------
    comparison
        The comparison.
    target
        Path of a picture, with a column for each scenario; or two axes, for the levels and the
        difference of the first of `cases`; or axes, for the difference alone.
    cases
        Numbers of the scenarios, from 0; all if not given.

    Raises
    ------
    ValueError
        If the suffix of the path is unknown.
    """
    every = _document(comparison)["cases"]
    chosen = [every[number] for number in (range(len(every)) if cases is None else cases)]
    if isinstance(target, Axes | tuple):
        with mpl.rc_context(STYLE):
            if isinstance(target, tuple):
                _levels(target[0], chosen[0])
            _difference(target if isinstance(target, Axes) else target[1], chosen[0])
        return None
    checked_path(target)
    with mpl.rc_context(STYLE):
        width = max(7.2, 2.6 * len(chosen))
        figure = Figure(figsize=figure_size(width, height=4.6), layout="constrained")
        panels = figure.subplots(2, len(chosen), squeeze=False, sharex="col")
        for (above, below), one in zip(panels.T, chosen, strict=True):
            _levels(above, one)
            _difference(below, one)
            above.set_title(wrapped(one["title"], 32))
            above.set_xlabel("")
        for axes in panels[:, 1:].flat:
            axes.set_ylabel("")
        keys = [
            Line2D([], [], color=_GAIN, label="with"),
            Line2D([], [], color=GREY, linestyle=(0, (4, 2)), label="without"),
            Patch(color=_GAIN, alpha=0.2, label="95 % of the mean difference"),
        ]
        figure.legend(handles=keys, loc="outside lower left", ncols=3)
        return save(figure, target)


def _document(comparison: Told | Document) -> Document:
    return comparison if isinstance(comparison, Mapping) else comparison.to_dict()


def _drawn(target: Target, size: tuple[float, float], draw: Any) -> Path | None:
    """Draw into axes, or into a picture of its own."""
    if isinstance(target, Axes):
        with mpl.rc_context(STYLE):
            draw(target)
        return None
    checked_path(target)
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=figure_size(size[0], height=size[1]), layout="constrained")
        draw(figure.subplots())
        return save(figure, target)


def _title(figure: Figure, text: str) -> None:
    figure.suptitle(text, x=0.01, ha="left", weight="bold", fontsize=10)


def _look(number: int) -> tuple[str, str, Any]:
    return _LOOKS[number % len(_LOOKS)]


def _outcomes(document: Document, scope: str) -> list[str]:
    """Return the outcomes that any scenario has, in their order."""
    names = [
        row["outcome"]
        for case in document["cases"]
        for row in case["outcomes"]
        if row["scope"] == scope
    ]
    return list(dict.fromkeys(names))


def _effects(axes: Axes, document: Document, rows: Sequence[str], scope: str) -> None:
    cases = document["cases"]
    step = 0.7 / max(len(cases), 1)
    units: dict[str, str] = {}
    ends: list[float] = []
    for number, case in enumerate(cases):
        colour, marker, _ = _look(number)
        for row in case["outcomes"]:
            if row["scope"] != scope:
                continue
            units[row["outcome"]] = "" if row["relative"] else row["unit"]
            at = rows.index(row["outcome"]) + (number - 0.5 * (len(cases) - 1)) * step
            single, together = (_numbers(row[name]) * 100.0 for name in ("ci", "ci_all"))
            value = row["effect"] * 100.0
            axes.plot(together, [at, at], color=colour, linewidth=0.8, solid_capstyle="butt")
            axes.plot(single, [at, at], color=colour, linewidth=2.2, solid_capstyle="butt")
            axes.plot([value], [at], marker=marker, color=colour, markersize=4.5, zorder=3)
            ends += [end for end in (*together, value) if not math.isnan(end) and end]
    bent = _bend(axes, ends)
    axes.axvline(0.0, color=GREY, linewidth=0.8, zorder=0)
    for k in range(1, len(rows), 2):
        axes.axhspan(k - 0.5, k + 0.5, color=GREY, alpha=0.07, linewidth=0, zorder=-1)
    labels = [f"{name}{_in_unit(units.get(name, ''))}" for name in rows]
    axes.set_yticks(range(len(rows)), labels)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    where = "the whole economy" if scope == "all" else "the places for which there is money"
    axes.set_title(f"Effects in {where}, over {_seeds(document)}")
    scale = "" if bent is None else f" (powers of ten beyond {bent:g})"
    axes.set_xlabel(
        f"% of what there is without{scale};\nthick: 95 % interval, thin: for all outcomes"
    )
    keys = [
        Line2D([], [], color=colour, marker=marker, label=shortened(case["title"], 60))
        for case, (colour, marker, _) in (
            (case, _look(number)) for number, case in enumerate(cases)
        )
    ]
    _legend_below(axes, handles=keys)


def _in_unit(unit: str) -> str:
    return {"": "", "ln": " (ln × 100)", "share": " (points)"}.get(unit, " (× 100)")


def _bend(axes: Axes, ends: Sequence[float]) -> float | None:
    """Bend the axis where a few effects are so large that the others could not be seen.

    Returns up to where it is straight; None if it is so everywhere.
    """
    sizes = [abs(end) for end in ends]
    if not sizes or max(sizes) <= _WIDE * float(np.median(sizes)):
        axes.xaxis.set_major_locator(MaxNLocator(6))
        return None
    straight = _rounded(float(np.median(sizes)))
    axes.set_xscale("symlog", linthresh=straight, linscale=1.0)
    top = math.ceil(math.log10(max(sizes) / straight))
    marks = [straight * 10.0**power for power in range(top + 1)]
    axes.set_xticks([*(-mark for mark in reversed(marks)), 0.0, *marks])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+g}" if value else "0"))
    room = 1.5
    axes.set_xlim(min(*ends, -straight) * room, max(*ends, straight) * room)
    return straight


def _rounded(value: float) -> float:
    """Return the power of ten at or above a value."""
    return float(10.0 ** math.ceil(math.log10(value)))


def _most(group: Document) -> list[Document]:
    """Return those that gain most and those that lose most, from the first to the last."""
    known = [one for one in group["effects"] if one["effect"]]
    order = sorted(known, key=lambda one: -one["effect"])
    if len(order) <= 2 * _MOST:
        return order
    return order[:_MOST] + order[-_MOST:]


def _winners(axes: Axes, group: Document) -> None:
    shown = _most(group)
    for at, one in enumerate(shown):
        low, high = _numbers(one["ci"])
        together = _numbers(one["ci_all"])
        sure = bool(together[0] > 0.0 or together[1] < 0.0)
        colour = _GAIN if one["effect"] > 0.0 else _LOSS
        axes.barh(at, one["effect"], color=colour, alpha=1.0 if sure else _UNSURE, height=0.72)
        axes.plot([low, high], [at, at], color="black", linewidth=0.8)
    if not shown:
        axes.text(0.5, 0.5, "nothing differs", transform=axes.transAxes, ha="center", color=GREY)
    axes.axvline(0.0, color=GREY, linewidth=0.8, zorder=0)
    axes.set_yticks(range(len(shown)), [shortened(one["name"], _NAME) for one in shown])
    axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    unit = "ln" if group["outcome"] == "productivity" else group["outcome"]
    total = group["groups"]
    count = f"{len(shown)} of {total}" if len(shown) < total else f"all {total}"
    axes.set_title(f"by {group['kind']} ({count}; {unit} more or fewer, line: 95 %)", fontsize=8.5)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    if unit != "ln":
        axes.xaxis.set_major_formatter(FuncFormatter(_signed))


def _choice(document: Document, what: str) -> Document:
    for one in document["choices"]:
        if one["what"] == what:
            found: Document = one
            return found
    names = ", ".join(one["what"] for one in document["choices"]) or "none: there is no money"
    raise ValueError(f"what: no choice for one more {what!r}; there are {names}")


def _name_of(document: Document, name: str) -> str:
    """Return the title of a scenario by its name; of what is none of them, the name."""
    for case in document["cases"]:
        if case["scenario"] == name:
            return str(case["title"])
    return name


def _look_of(document: Document, name: str) -> tuple[str, str, Any]:
    names = [case["scenario"] for case in document["cases"]]
    return _look(names.index(name)) if name in names else (GREY, "x", (0, (3, 2)))


def _acceptability(axes: Axes, document: Document, choice: Document) -> None:
    willing = _numbers(choice["willing"])
    for name, values in choice["probability"].items():
        colour, _, line = _look_of(document, name)
        label = shortened(_name_of(document, name), 60)
        axes.plot(willing, _numbers(values), color=colour, linestyle=line, label=label)
    if choice["asked"] is not None:
        axes.axvline(choice["asked"], color=GREY, linewidth=0.8, linestyle=":", zorder=0)
        amount = f" {choice['asked']:,.0f}"
        axes.text(choice["asked"], 1.03, amount, fontsize=7, color=GREY, va="bottom")
    axes.set_ylim(-0.02, 1.02)
    axes.set_xlim(0.0, float(willing[-1]))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.set_xlabel(f"what one is willing to pay for one more {choice['what']}, euro")
    axes.set_ylabel("chance to be the best")
    axes.set_title(f"Which to choose for the money, over {_seeds(document)}", pad=14)
    _legend_below(axes)


def _plane(axes: Axes, document: Document, choice: Document) -> None:
    points = choice["points"]
    front = [one for one in points if one["state"] == "frontier"]
    axes.plot(
        [one["gain"] for one in front],
        [one["euro"] / _MILLION for one in front],
        color=GREY,
        linewidth=1.0,
        zorder=1,
    )
    for one in points:
        colour, marker, _ = _look_of(document, one["name"])
        on = one["state"] == "frontier"
        if one["low"] is not None:
            ends = [one["low"], one["high"]]
            level = [one["euro"] / _MILLION] * 2
            axes.plot(ends, level, color=colour, linewidth=0.9, alpha=0.7, zorder=2)
        axes.plot(
            [one["gain"]],
            [one["euro"] / _MILLION],
            linestyle="none",
            marker=marker,
            color=colour,
            markerfacecolor=colour if on else "white",
            markersize=7,
            zorder=3,
            label=f"{shortened(_name_of(document, one['name']), 52)}: {_standing(one)}",
        )
    axes.axhline(0.0, color=GREY, linewidth=0.5, zorder=0)
    axes.axvline(0.0, color=GREY, linewidth=0.5, zorder=0)
    axes.margins(0.08)
    axes.xaxis.set_major_formatter(FuncFormatter(_signed))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel(f"{_plural(choice['what'])} more than without")
    axes.set_ylabel("public money, million euro,\ndiscounted")
    axes.set_title("What it costs and what it brings; grey line: the frontier, bars: 95 %")
    _legend_below(axes)


def _legend_below(axes: Axes, **given: Any) -> None:
    """Put the legend below the label of the horizontal axis, however high the axes are."""
    lines = 1 + axes.get_xlabel().count("\n")
    figure = axes.get_figure(root=True)
    if figure is None:  # axes that were taken out of their figure
        raise ValueError("target: expected axes that belong to a figure")
    below = ScaledTranslation(0.0, -_BELOW - _LINE * (lines - 1), figure.dpi_scale_trans)
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0.0, 0.0),
        bbox_transform=axes.transAxes + below,
        borderaxespad=0.0,
        **given,
    )


def _standing(point: Document) -> str:
    if point["state"] != "frontier":
        return str(point["state"])
    if point["icer"] is None:
        return "cheapest"
    return f"{point['icer']:,.0f} euro for one more"


def _plural(what: str) -> str:
    head, _, tail = what.partition(" ")
    return f"{head}s {tail}".strip()


def _levels(axes: Axes, case: Document) -> None:
    course = case["course"]
    years = _numbers(course["years"])
    for name, colour, line in (("without", GREY, (0, (4, 2))), ("done", _GAIN, "-")):
        axes.plot(years, _numbers(course[name]) / 1e3, color=colour, linestyle=line, linewidth=1.3)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_ylabel("jobs, thousand")
    axes.set_xlabel("year")


def _difference(axes: Axes, case: Document) -> None:
    course = case["course"]
    years, low, high = (_numbers(course[name]) for name in ("years", "low", "high"))
    axes.fill_between(years, low, high, color=_GAIN, alpha=0.2, linewidth=0)
    axes.plot(years, _numbers(course["difference"]), color=_GAIN, linewidth=1.3)
    axes.axhline(0.0, color=GREY, linewidth=0.8, zorder=0)
    axes.yaxis.set_major_formatter(FuncFormatter(_signed))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.set_ylabel("jobs, with less without")
    axes.set_xlabel("year")


def _signed(value: float, _: Any) -> str:
    return f"{value:+,.0f}" if value else "0"


def _thousands(value: float, _: Any) -> str:
    return f"{value:,.0f}"


def _seeds(document: Document) -> str:
    n = len(document["seeds"])
    return f"{n} seed{'s' if n != 1 else ''}"


def _numbers(values: Sequence[float | None]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([math.nan if one is None else one for one in values], dtype=np.float64)
