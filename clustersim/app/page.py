"""The page: one world, or two, for each visitor, run by Mesa's own controller."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Any, Final

import solara
import solara.lab
from mesa.visualization.solara_viz import ModelController
from mesa.visualization.utils import update_counter

from clustersim.app import charts, drawing
from clustersim.app.catalogue import TooLargeError
from clustersim.app.evaluators import verdicts_html
from clustersim.app.lessons import Lesson
from clustersim.app.model import TaughtModel
from clustersim.app.panels import LessonText, Settings, Shocks, Start, TakeHome
from clustersim.app.rooms import Rooms, rooms
from clustersim.app.running import Running
from clustersim.app.session import Session, problem_of
from clustersim.app.views import Drawn, NetworkOf, html, tiles
from clustersim.scenario.problems import ScenarioError

STYLE: Final = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")

SPEEDS: Final[dict[str, tuple[int, int]]] = {
    "slow (a quarter a second)": (1000, 1),
    "normal (4 quarters a second)": (200, 1),
    "fast": (20, 1),
    "a year at a time": (20, 4),
}
"""Milliseconds from one picture to the next, and quarters between them, by what they are called."""
NORMAL: Final = "normal (4 quarters a second)"


@dataclass(frozen=True)
class Look:
    """How a visitor looks at the worlds; it stays when a world is begun anew."""

    speed: str = NORMAL
    colouring: str = "kind"
    layer: str = "collaboration"


@dataclass(frozen=True)
class Visit:
    """What the parts of a page share.

    Attributes
    ----------
    session
        The session.
    lesson
        The lesson that was chosen, if any.
    told
        A reactive number that grows when settings change.
    look
        A reactive `Look`.
    anew
        Begins a new world.
    """

    session: Session
    lesson: Lesson | None
    told: Any
    look: Any
    anew: Callable[[], None]


@solara.component
def Page() -> None:
    """Give a visitor a world of their own."""
    house = rooms()
    session = solara.use_memo(house.admit, [])

    def stay() -> Callable[[], None]:
        return lambda: None if session is None else house.leave(session)

    solara.use_effect(stay, [])
    solara.Title("clustersim")
    solara.Style(STYLE)
    with solara.AppBar():
        solara.lab.ThemeToggle()
    with solara.AppBarTitle():
        solara.Text("clustersim: how clusters live")
    if session is None:
        html(
            f"<div class='cs-card'><h2>All {house.limits.visitors} places are taken</h2><p>Wait "
            "until somebody closes the page, then load it again. Whoever runs the server can allow "
            "more with --visitors.</p></div>"
        )
        return
    Laboratory(house, session)


@solara.component
def Laboratory(house: Rooms, session: Session) -> None:
    """Show what can be set beside the worlds."""
    version = solara.use_reactive(0)
    told = solara.use_reactive(0)
    look = solara.use_reactive(Look())

    def first() -> str:
        if house.lesson is None:
            return ""
        session.take(house.lessons[house.lesson])
        return house.lesson

    begun = solara.use_memo(first, [])
    lesson, set_lesson = solara.use_state(begun)
    text = house.lessons.get(lesson)

    def anew() -> None:
        version.value += 1
        told.value += 1

    with solara.Div(classes=["cs-page"]):
        with solara.Div(classes=["cs-pick"]):
            Start(house, session, lesson, set_lesson, anew)
        with solara.Div(classes=["cs-lesson"]):
            if text is not None:
                LessonText(text)
        with solara.Div(classes=["cs-main"]):
            # Elements that differ in their key alone are the same to Solara: hence the version too.
            visit = Visit(session, text, told, look, anew)
            Worlds(visit, version.value).key(f"worlds-{version.value}")
        with solara.Div(classes=["cs-side"]):
            Settings(session, text, told)
            TakeHome(session)


@solara.component
def Worlds(visit: Visit, version: int) -> None:
    """Found the world of the settings, or say why it cannot be founded."""

    def found() -> tuple[TaughtModel | None, str]:
        try:
            return TaughtModel(visit.session), ""
        except (ScenarioError, TooLargeError) as error:
            return None, problem_of(error)

    model, problem = solara.use_memo(found, [version])
    if model is None:
        solara.Error(f"This does not work: {problem}.")
        solara.Button("Begin anew", on_click=visit.anew)
        return
    Run(visit, model)


@solara.component
def Run(visit: Visit, first: TaughtModel) -> None:
    """Run a world and show it; what is shown takes the model, as Reset makes a new one."""
    session, look = visit.session, visit.look
    model = solara.use_reactive(first)
    parameters = solara.use_reactive({"session": session})
    interval, between = (solara.use_reactive(one) for one in SPEEDS[look.value.speed])
    threads = solara.use_reactive(False)
    struck, set_struck = solara.use_state("")
    now = model.value

    def pace(name: str) -> None:
        look.value = replace(look.value, speed=name)
        interval.value, between.value = SPEEDS[name]

    with solara.Div(classes=["cs-card", "cs-bar"]):
        ModelController(
            model,
            model_parameters=parameters,
            play_interval=interval,
            render_interval=between,
            use_threads=threads,
        )
        solara.Select("Speed", value=look.value.speed, values=list(SPEEDS), on_value=pace)
        Clock(now)
    Notices(now, visit.told, struck, visit.anew)
    Shocks(now, visit.lesson, set_struck)
    if session.other is None:
        with solara.Div(classes=["cs-pair"]):
            with solara.Div(classes=["cs-column"]):
                Networks(now, look)
                Numbers(now)
                Atlas(now)
            with solara.Div(classes=["cs-column"]):
                Lives(now)
        return
    Networks(now, look)
    with solara.Div(classes=["cs-pair"]):
        with solara.Div(classes=["cs-column"]):
            Lives(now)
            Atlas(now)
        with solara.Div(classes=["cs-column"]):
            with solara.Div(classes=["cs-card"]):
                html("<h2>What it makes of it: jobs in this world less the other</h2>")
                Drawn(now, lambda main, other: charts.difference(main, other) if other else "")
                html("<h2>What evaluators would say</h2>")
                Drawn(now, lambda main, other: verdicts_html(main, other) if other else "")
            Numbers(now)


@solara.component
def Numbers(model: TaughtModel) -> None:
    """Show the indicators."""
    with solara.Div(classes=["cs-card"]):
        html("<h2>In numbers</h2>")
        Drawn(model, tiles)


@solara.component
def Atlas(model: TaughtModel) -> None:
    """Show the map."""
    with solara.Div(classes=["cs-card"]):
        html("<h2>Map of regions</h2>")
        Drawn(model, lambda main, _: charts.region_map(main))


@solara.component
def Networks(model: TaughtModel, look: Any) -> None:
    """Show the network of each world, and what colours and lines stand for."""
    names = {label: name for name, label in drawing.COLOURINGS.items()}
    layers = {label: name for name, label in drawing.LAYERS.items()}
    colouring, layer = look.value.colouring, look.value.layer

    def change(**what: str) -> None:
        look.value = replace(look.value, **what)

    with solara.Div(classes=["cs-card"]):
        with solara.Div(classes=["cs-row"]):
            solara.Select(
                "Colour",
                value=drawing.COLOURINGS[colouring],
                values=list(names),
                on_value=lambda label: change(colouring=names[label]),
            )
            solara.Select(
                "Lines",
                value=drawing.LAYERS[layer],
                values=list(layers),
                on_value=lambda label: change(layer=layers[label]),
            )
        with solara.Div(classes=["cs-worlds"]):
            for heading, running in _both(model.session):
                with solara.Div():
                    html(f"<h2>{escape(heading)}</h2>")
                    NetworkOf(model.session, running, colouring, layer)


@solara.component
def Lives(model: TaughtModel) -> None:
    """Show the lives of the main clusters."""
    with solara.Div(classes=["cs-card"]):
        html("<h2>Life of the main clusters: jobs over the years</h2>")
        Drawn(model, charts.life_cycles)
        html(charts.stage_legend())
        if model.session.other is not None:
            html("<p class='cs-note'>Broken line: the other world.</p>")


def _both(session: Session) -> list[tuple[str, Running]]:
    """Return the worlds with their headings."""
    with session.lock:
        if session.main is None:
            return []
        if session.other is None or session.twin is None:
            return [("Network", session.main)]
        return [("This world", session.main), (f"Other: {session.twin.label}", session.other)]


@solara.component
def Clock(model: TaughtModel) -> None:
    """Show the time of the world."""
    update_counter.get()
    session = model.session
    session.painted.clear()
    # An effect comes when all of the page has been made.
    solara.use_effect(session.drawn)
    main = session.main
    if main is None:
        return
    scenario = main.resolved.scenario
    year, quarter = divmod(main.year, 1.0)
    last = scenario.world.start_year + scenario.years
    end = ", the end" if session.ended else f" of {last:g}"
    html(
        f"<div class='cs-clock' role='status'>{year:.0f}, quarter {quarter * 4 + 1:.0f}{end}</div>"
    )


@solara.component
def Notices(model: TaughtModel, told: Any, struck: str, anew: Callable[[], None]) -> None:
    """Tell what a visitor should know."""
    told.get()
    update_counter.get()
    session = model.session
    if session.notice:
        solara.Warning(session.notice)
    if session.stale:
        # It floats, as the settings can be a long way off.
        with solara.Div(classes=["cs-float"]):
            html(
                "<span role='status'>Settings have changed. This run goes on as it began; the next "
                "one begins under the new settings.</span>"
            )
            solara.Button("Begin anew", color="primary", on_click=anew)
    if session.main is None:
        solara.Button("Begin anew", color="primary", on_click=anew)
    if struck:
        html(f"<p role='status' class='cs-note'>{escape(struck)}</p>")
