"""Pictures of the scorecard: one for each group of facts, and one of all figures."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import NDArray

from clustersim.mechanisms.market import localisation
from clustersim.plots.style import GREY, PALETTE, STYLE, figure_size, save

_SIMULATED = PALETTE["blue"]
_REAL = PALETTE["vermilion"]
Curves = Mapping[str, NDArray[np.float64]]
_CLASSES = ("basic", "medium", "high")
_PANORAMA_SHARES = (1854 / 2950, 898 / 2950, 198 / 2950)


def _plain(axis: Axis) -> None:
    """Write powers of ten in full: the style shows texts as they are, without mathematics."""
    axis.set_major_formatter(lambda value, _: f"{value:,.0f}" if value >= 1.0 else f"{value:g}")
    axis.set_minor_formatter(NullFormatter())


def _sizes(axes: Axes, curves: Curves) -> None:
    at, share = curves["sizes_at"], curves["sizes"]
    there = share > 0.0
    axes.loglog(at[there], share[there], "o", ms=3, color=_SIMULATED, label="simulated")
    axes.loglog(at, 1.0 / at, color=_REAL, label="Zipf's law, Pr(size > s) = 1/s")
    axes.set(xlabel="size s, jobs", ylabel="Pr(size > s)", ylim=(1e-5, 1.5))
    _plain(axes.xaxis)
    _plain(axes.yaxis)


def _growth(axes: Axes, curves: Curves) -> None:
    centre = curves["growth_at"]
    density = curves["growth"]
    there = density > 0.0
    axes.semilogy(centre[there], density[there], "o", ms=3, color=_SIMULATED, label="simulated")
    laplace = np.exp(-math.sqrt(2.0) * np.abs(centre)) / math.sqrt(2.0)
    normal = np.exp(-0.5 * centre**2) / math.sqrt(2.0 * math.pi)
    axes.semilogy(centre, laplace, color=_REAL, label="Laplace (tent)")
    axes.semilogy(centre, normal, "--", color=GREY, label="normal")
    axes.set(xlabel="yearly log growth less the median, standard deviations", ylabel="density")
    _plain(axes.yaxis)


def _survival(axes: Axes, curves: Curves) -> None:
    axes.step(
        curves["survival_at"],
        curves["survival"],
        where="post",
        color=_SIMULATED,
        label="simulated",
    )
    axes.errorbar(
        [1.0, 5.0], [0.81, 0.45], [0.0, 0.01], fmt="D", color=_REAL, label="EU (Eurostat)"
    )
    axes.set(xlabel="age, years", ylabel="share of newcomers alive", ylim=(0.0, 1.02))


def _niches(axes: Axes, curves: Curves) -> None:
    centre = curves["niches_at"]
    axes.semilogx(centre, curves["niches"], "o", color=_SIMULATED, label="simulated")
    jobs = np.logspace(0.5, 4.5, 200)
    axes.semilogx(
        jobs,
        np.expm1(localisation(jobs)),
        color=_REAL,
        label="Martin, Mayer & Mayneris 2011 (closed form)",
    )
    axes.set(
        xlabel="jobs in the narrow industry of the region",
        ylabel="gain in productivity from the place",
    )
    _plain(axes.xaxis)


def _clusters(axes: Axes, curves: Curves) -> None:
    place = np.arange(len(_CLASSES))
    axes.bar(place - 0.2, curves["classes"], 0.38, color=_SIMULATED, label="simulated")
    axes.bar(place + 0.2, _PANORAMA_SHARES, 0.38, color=_REAL, label="European Panorama 2020")
    axes.set_xticks(place, _CLASSES)
    axes.set(ylabel="share of the clusters", xlabel="strength class")
    for k, premium in enumerate(curves["premiums"]):
        if not math.isnan(premium):
            axes.annotate(
                f"{premium:+.0%}",
                (k - 0.2, curves["classes"][k]),
                ha="center",
                va="bottom",
                fontsize=7.5,
            )


_PANELS: Final[dict[str, tuple[str, Callable[[Axes, Curves], None]]]] = {
    "sizes.png": ("Sizes of firms (F4, F10)", _sizes),
    "growth.png": ("Growth of firms (F5, F6)", _growth),
    "survival.png": ("Survival of newcomers (F8)", _survival),
    "niches.png": ("Productivity and the niche (F24)", _niches),
    "clusters.png": ("Strength of clusters (F1), and productivity over all jobs (F2)", _clusters),
}

PICTURES: Final = (*_PANELS, "scorecard.png")
"""Names of the files that `draw_all` writes."""


def draw_all(scorecard: Mapping[str, Any], folder: Path) -> list[Path]:
    """Draw a picture of each group of facts, where there are curves, and one of all figures.

    Parameters
    ----------
    scorecard
        As `Scorecard.to_dict` returns it, or as read from ``scorecard.json``.
    folder
        Where `PICTURES` go; it exists.
    """
    # JSON has no NaN: what is not known is null there.
    curves = {name: np.array(c, dtype=np.float64) for name, c in scorecard["curves"].items()}
    made = []
    with mpl.rc_context(STYLE):
        for name, (title, draw) in _PANELS.items() if curves else ():
            figure = Figure(figsize=figure_size(4.6, ratio=0.75), layout="constrained")
            axes = figure.subplots()
            axes.set_title(title)
            draw(axes, curves)
            axes.legend()
            made.append(save(figure, folder / name))
        made.append(save(_overview(scorecard["facts"]), folder / "scorecard.png"))
    return made


def _overview(facts: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw where each value lies in its range: 0 is the lower end, 1 the upper."""
    bounded = [one for one in facts if math.isfinite(_known(one["high"]) - _known(one["low"]))]
    figure = Figure(figsize=figure_size(7.2, height=1.0 + 0.2 * len(bounded)), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(0.0, 1.0, color="#E8F0E8", zorder=0)
    for k, one in enumerate(reversed(bounded)):
        _mark(axes, k, one)
    names = [f"{one['title']}  {one['id']} ({one['use']})" for one in reversed(bounded)]
    axes.set_yticks(range(len(bounded)), names)
    axes.tick_params(axis="y", labelsize=6.5)
    axes.set_xlim(-2.0, 3.0)
    axes.set_xticks([0.0, 1.0], ["lower", "upper"])
    axes.set_xlabel("ends of the range", x=0.5)
    axes.xaxis.set_label_coords(0.5, -0.025)
    axes.set_title("Simulated values in the ranges of the facts", loc="right")
    return figure


def _known(value: float | None) -> float:
    return math.nan if value is None else value


def _mark(axes: Axes, row: int, one: Mapping[str, Any]) -> None:
    def at(value: float | None) -> float:
        return float((_known(value) - one["low"]) / (one["high"] - one["low"]))

    place = at(one["value"])
    style: dict[str, Any] = {"color": _SIMULATED if one["pass"] else _REAL, "ms": 4}
    if math.isnan(place):
        axes.annotate("not observed", (0.5, row), ha="center", va="center", fontsize=6, color=GREY)
    elif not -1.9 < place < 2.9:  # noqa: PLR2004  # the edges of the picture
        edge = -1.9 if place < 0.0 else 2.9
        axes.plot(edge, row, "<" if place < 0.0 else ">", **style)
    else:
        ends = [at(end) for end in one["ci"]]
        if not any(map(math.isnan, ends)):
            axes.plot(ends, [row, row], lw=1, color=style["color"])
        axes.plot(place, row, "o" if one["pass"] else "D", **style)
