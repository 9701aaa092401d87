"""What a visitor sees of the worlds: network, indicators, charts and map.

Each takes a Mesa model and can stand in a page of one's own too, as
``SolaraViz(model, components=[Network, LifeCycle])``.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import solara
from mesa.visualization.utils import update_counter

from clustersim.app import charts, drawing
from clustersim.app.drawing import Key, Layout
from clustersim.app.indicators import indicators
from clustersim.app.running import Running
from clustersim.app.session import Session

_FORMS = {
    "circle": '<circle cx="7" cy="7" r="5"/>',
    "square": '<rect x="2" y="2" width="10" height="10"/>',
    "diamond": '<path d="M7 1 13 7 7 13 1 7Z"/>',
    "triangle": '<path d="M7 1 13 12 1 12Z"/>',
    "star": '<path d="M7 1 8.6 5.2 13 5.4 9.6 8.2 10.8 12.6 7 10.1 3.2 12.6 4.4 8.2 1 5.4 '
    '5.4 5.2Z"/>',
}


@solara.component_vue("network.vue")
def _Canvas(picture: dict[str, Any], words: str, event_picked: Callable[[int], None]) -> None:
    """Draw a frame in the browser; what it needs stands in the file beside this one."""


def html(text: str, classes: str = "") -> Any:
    """Show HTML of our own making."""
    return solara.HTML(tag="div", unsafe_innerHTML=text, classes=[classes] if classes else [])


def key_html(legend: tuple[Key, ...]) -> str:
    """Return a legend as HTML."""
    items = "".join(
        f'<li><svg width="14" height="14" aria-hidden="true" fill="{_shade(one.colour)}">'
        f"{_FORMS[one.form]}</svg>{escape(one.label)}</li>"
        for one in legend
    )
    return f'<ul class="cs-legend">{items}</ul>'


def _shade(colour: str) -> str:
    """Return a colour that is seen by day and by night: black is the colour of the text."""
    return "currentColor" if colour == "#000000" else colour


@solara.component
def NetworkOf(session: Session, running: Running, colouring: str, layer: str) -> None:
    """Draw the network of one world; whoever is clicked is told about."""
    update_counter.get()
    layout = solara.use_memo(lambda: Layout.of(running.world), [id(running)])
    picked, set_picked = solara.use_state(-1)
    shown = solara.use_ref(None)
    with session.turn, session.lock:
        frame = drawing.frame(running, layout, colouring, layer)
        said = drawing.about(running, picked) if picked >= 0 else ""
    shown.current = frame.ids

    def pick(position: int) -> None:
        ids = shown.current
        set_picked(int(ids[position]) if ids is not None and 0 <= position < len(ids) else -1)

    with solara.Div():
        _Canvas(picture=frame.data, words=frame.words, event_picked=pick)
        html(key_html(frame.legend))
        told = escape(said) or "Click on an actor to see who it is."
        html(f'<p class="cs-note" aria-live="polite">{told}</p>')


@solara.component
def Network(model: Any) -> None:
    """Draw the network of a `clustersim.app.model.TaughtModel`, by kind of actor."""
    main = model.session.main
    if main is not None:
        NetworkOf(model.session, main, "kind", "collaboration")


@solara.component
def Drawn(model: Any, draw: Callable[[Running, Running | None], str]) -> None:
    """Show what a function makes of both worlds of a model, anew in every quarter."""
    update_counter.get()
    session = model.session
    with session.turn, session.lock:
        text = "" if session.main is None else draw(session.main, session.other)
    html(text)


@solara.component
def LifeCycle(model: Any) -> None:
    """Draw the lives of the main clusters of a `clustersim.app.model.TaughtModel`."""
    Drawn(model, charts.life_cycles)
    html(charts.stage_legend())


@solara.component
def RegionMap(model: Any) -> None:
    """Draw the map of a `clustersim.app.model.TaughtModel`."""
    Drawn(model, lambda main, _: charts.region_map(main))


@solara.component
def Indicators(model: Any) -> None:
    """Show the indicators of a `clustersim.app.model.TaughtModel`."""
    Drawn(model, tiles)


def tiles(running: Running, other: Running | None) -> str:
    """Return the indicators as HTML, with those of the other world beside them."""
    others = {one.label: one.value for one in indicators(other)} if other is not None else {}
    cells = []
    for one in indicators(running):
        beside = f"<small>other world: {escape(others.get(one.label, '–'))}</small>"
        change = f"<small>{escape(one.change)} since the start</small>"
        cells.append(
            f'<div class="cs-tile" title="{escape(one.meaning)}"><span>{escape(one.label)}</span>'
            f"<b>{escape(one.value)}</b>{beside if others else ''}{change if one.change else ''}"
            f"<small>{escape(one.meaning)}</small></div>"
        )
    return f'<div class="cs-tiles">{"".join(cells)}</div>'
