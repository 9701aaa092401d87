"""Pictures of a report, each in a wide form for a page and a narrow one for a telephone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import matplotlib as mpl
from matplotlib.figure import Figure

from clustersim.plots import comparison as plots
from clustersim.plots.stages import draw_stages
from clustersim.plots.style import STYLE, save, wrapped

NARROW: Final = 4.3
"""Width of a narrow picture, inches."""


@dataclass(frozen=True)
class Picture:
    """A picture as SVG.

    Attributes
    ----------
    name
        Of its file.
    title
        What it shows.
    alt
        What can be seen in it, for those who cannot see it.
    wide, narrow
        The two forms.
    """

    name: str
    title: str
    alt: str
    wide: bytes
    narrow: bytes


def pictures(facts: Mapping[str, Any]) -> dict[str, Picture]:
    """Draw all pictures of a report, by name."""
    document = facts["comparison"]
    cases = document["cases"]
    out = {
        "effects": _both(
            "effects",
            "Effects on the whole economy",
            "Effects of each scenario on each outcome with intervals; the same numbers are in the "
            "table of outcomes.",
            lambda path: plots.draw_effects(document, path),
            lambda path: _alone(path, _tall(document, "all"), document, "all"),
        ),
        "jobs": _both(
            "jobs",
            "Jobs over the years",
            "Mean jobs with and without each scenario, and their difference with its interval.",
            lambda path: plots.draw_jobs(document, path),
            lambda path: _jobs_narrow(document, path),
        ),
        "stages": _both(
            "stages",
            "Clusters by stage of the life cycle",
            "Mean number of clusters in infancy, growth, maturity, decline and renewal by year.",
            lambda path: draw_stages(facts["stages"], _titles(facts), path),
            lambda path: draw_stages(facts["stages"], _titles(facts), path, width=NARROW),
        ),
    }
    if any(row["scope"] == "supported" for case in cases for row in case["outcomes"]):
        out["supported"] = _both(
            "supported",
            "Effects in the places for which there is money",
            "Effects of each scenario in the supported places, with intervals.",
            lambda path: plots.draw_effects(document, path, scope="supported"),
            lambda path: _alone(path, _tall(document, "supported"), document, "supported"),
        )
    for number, case in enumerate(cases):
        out[f"winners-{number + 1}"] = _both(
            f"winners-{number + 1}",
            f"Who gains and who loses: {case['title']}",
            "Jobs more or fewer by region, sector, cluster and size of firms, with intervals.",
            partial(_winners_wide, document, number),
            partial(_winners_narrow, document, number),
        )
    if document["choices"]:
        what = _main_choice(document)
        out["plane"] = _both(
            "plane",
            "What it costs and what it brings",
            "Public money against effect for each scenario, and the frontier of those that are not "
            "dominated; the same numbers are in the table below it.",
            lambda path: plots.draw_plane(document, path, what=what),
            lambda path: _axes(path, 3.6, lambda axes: plots.draw_plane(document, axes, what=what)),
        )
        out["acceptability"] = _both(
            "acceptability",
            "Which to choose, by what one is willing to pay",
            "Chance of each scenario to be the best, by what one is willing to pay for one more.",
            lambda path: plots.draw_acceptability(document, path, what=what),
            lambda path: _axes(
                path, 3.2, lambda axes: plots.draw_acceptability(document, axes, what=what)
            ),
        )
    return out


def _main_choice(document: Mapping[str, Any]) -> str:
    """Return what the choice is shown for: jobs, or innovations where jobs are hardly gained."""
    for one in document["choices"]:
        if any(p["low"] is not None and p["low"] > 0.0 for p in one["points"]):
            return str(one["what"])
    return str(document["choices"][0]["what"])


def _titles(facts: Mapping[str, Any]) -> dict[str, str]:
    return {one["name"]: one["title"] for one in facts["scenarios"]}


def _both(
    name: str,
    title: str,
    alt: str,
    wide: Callable[[Path], Any],
    narrow: Callable[[Path], Any],
) -> Picture:
    with TemporaryDirectory() as folder:
        files = [Path(folder) / f"{form}.svg" for form in ("wide", "narrow")]
        wide(files[0])
        narrow(files[1])
        return Picture(name, title, alt, *(file.read_bytes() for file in files))


def _tall(document: Mapping[str, Any], scope: str) -> float:
    rows = {r["outcome"] for c in document["cases"] for r in c["outcomes"] if r["scope"] == scope}
    return 1.4 + len(rows) * (0.16 + 0.12 * len(document["cases"]))


def _alone(path: Path, height: float, document: Mapping[str, Any], scope: str) -> None:
    _axes(path, height, lambda axes: plots.draw_effects(document, axes, scope=scope))


def _axes(path: Path, height: float, draw: Callable[[Any], Any]) -> None:
    """Draw into one pair of axes of the narrow width; long titles and keys are broken."""
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(NARROW, height), layout="constrained")
        axes = figure.subplots()
        draw(axes)
        axes.set_title(wrapped(axes.get_title(loc="left"), 46), fontsize=8.5)
        legend = axes.get_legend()
        for text in legend.get_texts() if legend is not None else ():
            text.set_text(wrapped(text.get_text(), 52))
        save(figure, path)


def _jobs_narrow(document: Mapping[str, Any], path: Path) -> None:
    cases = document["cases"]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(NARROW, 0.4 + 1.9 * len(cases)), layout="constrained")
        panels = figure.subplots(len(cases), 1, squeeze=False, sharex=True)
        for number, axes in enumerate(panels[:, 0]):
            plots.draw_jobs(document, axes, cases=[number])
            axes.set_title(wrapped(cases[number]["title"], 46), fontsize=8.5)
            if number + 1 < len(cases):
                axes.set_xlabel("")
        save(figure, path)


def _winners_wide(document: Mapping[str, Any], number: int, path: Path) -> None:
    plots.draw_winners(document, path, case=number)


def _winners_narrow(document: Mapping[str, Any], number: int, path: Path) -> None:
    kinds = [
        group["kind"]
        for group in document["cases"][number]["groups"]["by"]
        if group["outcome"] == "jobs"
    ]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(NARROW, 2.3 * max(len(kinds), 1)), layout="constrained")
        panels = figure.subplots(len(kinds), 1, squeeze=False)
        for axes, kind in zip(panels[:, 0], kinds, strict=True):
            plots.draw_winners(document, axes, case=number, kinds=[kind])
            axes.set_title(wrapped(axes.get_title(loc="left"), 52), fontsize=7.5)
        save(figure, path)
