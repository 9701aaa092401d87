"""Charts of the page as SVG: small enough to be made anew in every quarter, sharp at every size.

Colours and names are those of the pictures of the command line. Each chart is a picture to a screen
reader too, with a sentence that says what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Any, Final

import numpy as np

from clustersim.app.running import Running
from clustersim.plots.style import PALETTE, STAGE_COLOURS
from clustersim.world.types import Floats
from clustersim.world.world import DT

LIVES: Final = 6
"""Clusters of which the life is drawn."""
OTHER_DASH: Final = "5 3"
"""Dashes of everything that belongs to the other world."""

_WIDE, _HIGH = 340.0, 170.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 16.0, 18.0, 20.0
_LETTER_YEARS: Final = 2.0
_SHADES: Final = ("#D9D9D9", "#A6CEE3", "#4A90C2", "#0B4F86")
"""Strength of a cluster, from none to three stars: darker is stronger."""


class _Axes:
    """Scales of a chart over time, and what is drawn into it so far."""

    def __init__(self, years: tuple[float, float], low: float, high: float) -> None:
        self.first, self.last = years
        self.low, self.high = low, high if high > low else low + 1.0
        self.parts: list[str] = []

    def x(self, year: float) -> float:
        span = max(self.last - self.first, DT)
        return _LEFT + (year - self.first) / span * (_WIDE - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return _HIGH - _BOTTOM - share * (_HIGH - _TOP - _BOTTOM)

    def grid(self) -> None:
        """Draw the scales with about three numbers each."""
        for value in _ticks(self.low, self.high, 3):
            y = self.y(value)
            self.parts.append(
                f'<line x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
                'stroke="currentColor" stroke-opacity="0.15"/>'
                f'<text x="{_LEFT - 4}" y="{y + 3:.1f}" text-anchor="end" '
                f'class="cs-tick">{_number(value)}</text>'
            )
        for year in _ticks(self.first, self.last, 4):
            self.parts.append(
                f'<text x="{self.x(year):.1f}" y="{_HIGH - 6}" text-anchor="middle" '
                f'class="cs-tick">{year:.0f}</text>'
            )

    def line(self, years: Sequence[float], values: Floats, colour: str, dash: str = "") -> None:
        """Draw a line; years without a value are left out."""
        points = " ".join(
            f"{self.x(year):.1f},{self.y(value):.1f}"
            for year, value in zip(years, values.tolist(), strict=True)
            if not math.isnan(value)
        )
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'
        )

    def mark(self, year: float, number: int, label: str) -> None:
        """Draw a line across time, with its number."""
        x = self.x(year)
        self.parts.append(
            f"<g><title>{escape(f'{year:g}: {label}')}</title>"
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP}" y2="{_HIGH - _BOTTOM}" '
            'stroke="currentColor" stroke-dasharray="2 2"/>'
            f'<text x="{x + 2:.1f}" y="{_HIGH - _BOTTOM - 4}" class="cs-mark">{number}</text></g>'
        )

    def svg(self, words: str) -> str:
        """Return the chart."""
        return (
            f'<svg viewBox="0 0 {_WIDE:g} {_HIGH:g}" role="img" aria-label="{escape(words)}" '
            f'class="cs-chart">{"".join(self.parts)}</svg>'
        )


def _ticks(low: float, high: float, about: int) -> list[float]:
    """Return round numbers between two values, two at least."""
    span = high - low
    if not span > 0.0:
        return [low]
    power = 10.0 ** np.floor(np.log10(span / about))
    step = next(power * m for m in (1.0, 2.0, 5.0, 10.0) if span / (power * m) <= about + 2.0)
    first = np.ceil(low / step - 1e-9)
    last = np.floor(high / step + 1e-9)
    return [float(k * step) + 0.0 for k in np.arange(first, last + 1)]  # no -0


def _number(value: float) -> str:
    """Return a number in few signs."""
    thousand = 1000.0
    if abs(value) >= 10 * thousand:
        return f"{value / thousand:,.0f}k"
    return f"{value:,.0f}" if abs(value) >= 1.0 or value == 0.0 else f"{value:.2g}"


def _span(running: Running) -> tuple[float, float]:
    scenario = running.resolved.scenario
    first = float(scenario.world.start_year)
    return first, first + scenario.years


def life_cycles(running: Running, other: Running | None = None, most: int = LIVES) -> str:
    """Return a chart for each of the main clusters: jobs over time, on bands that are its stages.

    Parameters
    ----------
    running
        The world.
    other
        The other world, of which the same places are drawn as broken lines.
    most
        Clusters at most.
    """
    marks = running.marks()
    charts = [
        _life(running, other, place, list(enumerate(marks, start=1)))
        for place in running.main_places(most)
    ]
    if not charts:
        return '<p class="cs-note">No place is a cluster yet.</p>'
    said = "".join(f"<li>{escape(f'{mark.year:g}: {mark.label}')}</li>" for mark in marks)
    listed = f'<ol class="cs-marks">{said}</ol>' if marks else ""
    return f'<div class="cs-charts">{"".join(charts)}</div>{listed}'


def _life(
    running: Running, other: Running | None, place: tuple[int, int], marks: list[tuple[int, Any]]
) -> str:
    region, sector = place
    names = running.world.regions.names[region], running.world.sectors.names[sector]
    history = running.history
    jobs = np.array([one[region, sector] for one in history.jobs])
    lines = [jobs]
    if other is not None:
        lines.append(np.array([one[region, sector] for one in other.history.jobs]))
    axes = _Axes(_span(running), 0.0, 1.15 * max(float(line.max()) for line in lines))
    stage = _bands(axes, running, place)
    axes.grid()
    if other is not None:
        axes.line(other.history.year, lines[1], "currentColor", OTHER_DASH)
    axes.line(history.year, jobs, "currentColor")
    for number, mark in marks:
        if _hits(mark, names):
            axes.mark(mark.year, number, mark.label)
    title = f"{names[1]}, {names[0]}"
    words = f"{title}: {jobs[-1]:,.0f} jobs in {running.year:g}, stage {stage}"
    return (
        f'<figure class="cs-life"><figcaption><b>{escape(title)}</b> '
        f"{jobs[-1]:,.0f} jobs, {escape(stage)}</figcaption>{axes.svg(words)}</figure>"
    )


def _hits(mark: Any, names: tuple[str, str]) -> bool:
    """Tell whether a mark concerns a place."""
    region, sector = names
    here = mark.region in (None, region) and mark.sector in (None, sector)
    return here and (mark.places is None or names in mark.places)


def _bands(axes: _Axes, running: Running, place: tuple[int, int]) -> str:
    """Draw the stages of a place as bands with their letters; return the present one."""
    stages = running.tables["stages"]
    here = (stages["region"] == place[0]) & (stages["sector"] == place[1])
    years, names = stages["year"][here], stages["stage"][here]
    if not years.size:
        return "not known yet"
    ends = [*np.flatnonzero(names[1:] != names[:-1]).tolist(), years.size - 1]
    starts = [0, *(end + 1 for end in ends[:-1])]
    borders = [float(years[start]) for start in starts] + [running.year]
    for (begin, end), start in zip(pairwise(borders), starts, strict=True):
        colour = STAGE_COLOURS.get(str(names[start]).upper())
        if colour is None or end <= begin:
            continue
        left, right = axes.x(begin), axes.x(end)
        axes.parts.append(
            f'<rect x="{left:.1f}" y="{_TOP}" width="{right - left:.1f}" '
            f'height="{_HIGH - _TOP - _BOTTOM}" fill="{colour}" fill-opacity="0.45"/>'
        )
        if end - begin >= _LETTER_YEARS:
            axes.parts.append(
                f'<text x="{(left + right) / 2:.1f}" y="{_TOP - 4}" text-anchor="middle" '
                f'class="cs-letter">{str(names[start])[0].upper()}</text>'
            )
    return str(names[-1]).replace("none", "no firms")


def stage_legend() -> str:
    """Return what the bands mean, in words that a student understands."""
    meaning = {
        "INFANCY": "young, or still small",
        "GROWTH": "jobs grow",
        "MATURITY": "large, and steady",
        "DECLINE": "jobs are lost",
        "RENEWAL": "grows again after a decline, or on new knowledge",
    }
    items = "".join(
        f'<li><span class="cs-swatch" style="background:{colour}73"></span>'
        f"<b>{name[0]}</b> {name.lower()}: {meaning[name]}</li>"
        for name, colour in STAGE_COLOURS.items()
    )
    return f'<ul class="cs-legend">{items}</ul>'


def difference(running: Running, other: Running) -> str:
    """Return what differs between two worlds: jobs with less without, over time.

    Parameters
    ----------
    running, other
        The world with, and the one without.
    """
    history = running.history
    everywhere = history.total() - other.history.total()
    lines = [(everywhere, PALETTE["blue"], "", "all places")]
    places = running.supported()
    if places.any() and not places.all():
        there = history.of(places) - other.history.of(places)
        lines.append((there, PALETTE["vermilion"], OTHER_DASH, "the places with public money"))
    values = np.concatenate([line for line, *_ in lines])
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    pad = 0.1 * max(high - low, 1.0)
    axes = _Axes(_span(running), low - pad, high + pad)
    axes.grid()
    zero = axes.y(0.0)
    axes.parts.append(
        f'<line x1="{_LEFT}" x2="{_WIDE - _RIGHT}" y1="{zero:.1f}" y2="{zero:.1f}" '
        'stroke="currentColor"/>'
    )
    for line, colour, dash, _ in lines:
        axes.line(history.year, line, colour, dash)
    marks = running.marks()
    for number, mark in enumerate(marks, start=1):
        axes.mark(mark.year, number, mark.label)
    said = "; ".join(f"{line[-1]:+,.0f} jobs in {name}" for line, _, _, name in lines)
    keys = "".join(
        f'<li><svg width="26" height="8" aria-hidden="true"><line x1="0" x2="26" y1="4" y2="4" '
        f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}"/></svg> '
        f"{escape(name)}: <b>{line[-1]:+,.0f} jobs</b></li>"
        for line, colour, dash, name in lines
    )
    listed = "".join(f"<li>{escape(f'{mark.year:g}: {mark.label}')}</li>" for mark in marks)
    keys += (
        f"<li>innovations so far: <b>{_innovations(running) - _innovations(other):+,.0f}</b></li>"
    )
    return (
        f"<figure>{axes.svg(f'Difference between both worlds in {running.year:g}: {said}')}"
        f'</figure><ul class="cs-legend">{keys}</ul>'
        + (f'<ol class="cs-marks">{listed}</ol>' if marks else "")
    )


def _innovations(running: Running) -> float:
    """Return the innovations that were recorded so far."""
    return float(running.tables["clusters"]["innovations"].sum())


def region_map(running: Running) -> str:
    """Return the map: a circle for each region, its area its jobs, its shade the cluster strength.

    Parameters
    ----------
    running
        The world.
    """
    world = running.world
    jobs, strengths = running.history.jobs[-1], running.strengths()
    few = world.n_regions <= 12  # noqa: PLR2004  # many regions need room
    wide, most = (420.0, 52.0) if few else (560.0, 30.0)
    x, y, high = _on_map(world.regions.x, world.regions.y, wide)
    largest = max(float(jobs.sum(axis=1).max()), 1.0)
    parts, said = [], []
    for r in np.argsort(-jobs.sum(axis=1), kind="stable").tolist():
        total, stars = float(jobs[r].sum()), int(strengths[r].max())
        s = int(np.lexsort((-jobs[r], -strengths[r]))[0])
        what = f"{world.sectors.names[s]} {'★' * stars}" if stars else "no cluster"
        radius = max(most * np.sqrt(total / largest), 4.0)
        label = f"{world.regions.names[r]}: {total:,.0f} jobs, {what}"
        said.append(label)
        parts.append(
            f"<g><title>{escape(label)}</title>"
            f'<circle cx="{x[r]:.0f}" cy="{y[r]:.0f}" r="{radius:.1f}" fill="{_SHADES[stars]}" '
            'stroke="currentColor"/>'
            f'<text x="{x[r]:.0f}" y="{y[r] - radius - 17:.0f}" text-anchor="middle" '
            f'class="cs-name">{escape(world.regions.names[r])}</text>'
            f'<text x="{x[r]:.0f}" y="{y[r] - radius - 4:.0f}" text-anchor="middle" '
            f'class="cs-kind">{escape(what)}</text></g>'
        )
    words = escape("Map of regions. " + "; ".join(said[:8]))
    return (
        f'<svg viewBox="0 0 {wide:g} {high:g}" role="img" aria-label="{words}" '
        f'class="cs-chart">{"".join(parts)}</svg>{_strength_legend()}'
    )


def _on_map(east: Floats, north: Floats, wide: float) -> tuple[Floats, Floats, float]:
    """Return where regions are on the map, one scale for both directions, and its height."""
    side = 80.0
    span = max(float(np.ptp(east)), float(np.ptp(north)), 1.0)
    scale = (wide - 2 * side) / span
    x = side + (east - east.min()) * scale + 0.5 * (span - float(np.ptp(east))) * scale
    y = side + (north.max() - north) * scale
    return x, y, float(y.max()) + side


def _strength_legend() -> str:
    names = ("no cluster", "★ basic cluster", "★★ medium", "★★★ strong")
    items = "".join(
        f'<li><span class="cs-swatch" style="background:{colour}"></span>{name}</li>'
        for name, colour in zip(names, _SHADES, strict=True)
    )
    return (
        f'<ul class="cs-legend">{items}</ul><p class="cs-note">The area of a circle is the jobs of '
        "a region. A local industry is a cluster where its part of the jobs is half as large again "
        "as elsewhere; stars are for being large, specialised and weighty among its kind.</p>"
    )
