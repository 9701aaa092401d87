"""What a visitor sets: scenario, luck, policies, parameters, mechanisms, shocks, downloads."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import solara

from clustersim.app.blows import BUTTONS, Button
from clustersim.app.controls import FACTORS, SWITCHES, Slider, sliders
from clustersim.app.downloads import DOWNLOADS, Download
from clustersim.app.lessons import Lesson
from clustersim.app.rooms import Rooms
from clustersim.app.session import Session, Twin
from clustersim.app.views import html

_PLACES = 30
"""Places that can be chosen for a shock."""


@solara.component
def Fold(title: str, children: Any = (), opened: bool = False) -> None:
    """Show a heading that opens what belongs to it, by mouse, finger or keyboard."""
    is_open, set_open = solara.use_state(opened)
    with solara.Div():
        solara.Button(
            f"{'▾' if is_open else '▸'} {title}",
            text=True,
            on_click=lambda: set_open(not is_open),
            attributes={"aria-expanded": "true" if is_open else "false"},
        )
        if is_open:
            solara.Div(children=list(children))


@solara.component
def Start(
    house: Rooms, session: Session, lesson: str, on_lesson: Any, on_anew: Callable[[], None]
) -> None:
    """Choose a scenario or a lesson."""
    titles = house.catalogue.titles
    by_title = {f"{title} ({name})": name for name, title in titles.items()}
    now = next(text for text, name in by_title.items() if name == session.scenario)
    lessons = {"no lesson": "", **{one.title: name for name, one in house.lessons.items()}}
    current = next((text for text, name in lessons.items() if name == lesson), "no lesson")

    def choose(title: str) -> None:
        session.choose(by_title[title])
        on_lesson("")
        on_anew()

    def learn(title: str) -> None:
        name = lessons[title]
        if name:
            session.take(house.lessons[name])
            on_anew()
        on_lesson(name)

    with solara.Div(classes=["cs-card"]):
        solara.Select("Lesson", value=current, values=list(lessons), on_value=learn)
        solara.Select("Scenario", value=now, values=list(by_title), on_value=choose)


@solara.component
def LessonText(lesson: Lesson) -> None:
    """Show a lesson: its question, what to try and what to look for."""

    def listed(heading: str, points: tuple[str, ...], tag: str) -> str:
        items = "".join(f"<li>{escape(point)}</li>" for point in points)
        above = f"<h3>{heading}</h3>" if heading else ""
        return f"{above}<{tag}>{items}</{tag}>" if points else ""

    with solara.Div(classes=["cs-card"]):
        html(
            f"<h2>{escape(lesson.title)}</h2><p><b>{escape(lesson.question)}</b></p>"
            f"<p>{escape(lesson.background)}</p>"
            f"{listed('Try this', lesson.try_, 'ol')}"
            f'<p class="cs-note">About {lesson.minutes} minutes.</p>'
        )
        # Closed, as it says what will be seen: students should guess first.
        with Fold("What to look for"):
            html(listed("", lesson.look, "ul"))
        if lesson.discuss or lesson.sources:
            with Fold("Afterwards"):
                html(listed("Talk about it", lesson.discuss, "ul"))
                html(listed("To read", lesson.sources, "ul"))


@solara.component
def Settings(session: Session, lesson: Lesson | None, told: Any) -> None:
    """Set what holds from the start of the next run.

    `told` is a reactive number that grows with each change, so that all is shown anew.
    """
    told.get()

    def put(name: str, value: Any) -> None:
        session.put(name, value)
        told.value += 1

    with solara.Div(classes=["cs-card"]):
        html(
            "<h2>Settings</h2><p class='cs-note'>They hold from the start of a run. What is "
            "changed meanwhile waits for the next one: press Begin anew, or Reset.</p>"
        )
        Luck(session, told)
        OtherWorldChoice(session, lesson, told)
        with Fold("Policies", opened=True):
            Policies(session, put, told)
        with Fold("Parameters"):
            for one in sliders():
                Parameter(one, session.value(one.name), put)
        with Fold("Mechanisms"):
            for switch in SWITCHES:
                with solara.Tooltip(switch.tooltip):
                    solara.Switch(
                        label=switch.label,
                        value=bool(session.value(switch.name)),
                        on_value=lambda value, name=switch.name: put(name, value),
                    )


@solara.component
def Luck(session: Session, told: Any) -> None:
    """Set the seed."""
    told.get()
    problem, set_problem = solara.use_state("")
    seed = session.base().scenario.seed if session.seed is None else session.seed

    def put(text: str) -> None:
        try:
            session.put_seed(int(text))
        except ValueError:
            set_problem("a whole number from 0 on")
            return
        set_problem("")
        told.value += 1

    with solara.Tooltip("Another number is another history; the same number is the same luck."):
        solara.InputText(
            "Seed (number of the luck)", value=str(seed), on_value=put, error=problem or False
        )


@solara.component
def OtherWorldChoice(session: Session, lesson: Lesson | None, told: Any) -> None:
    """Ask for a second world on the same luck."""
    told.get()
    choices: dict[str, Twin | None] = {"one world": None}
    if session.base().scenario.policies:
        choices["two worlds: the other without policy"] = Twin()
    if lesson is not None and not isinstance(lesson.twin, bool):
        choices[f"two worlds: the other with {lesson.twin.label}"] = Twin(
            lesson.twin.label, lesson.twin.set
        )
    now = next((text for text, twin in choices.items() if twin == session.twin), "one world")

    def put(text: str) -> None:
        session.put_twin(choices[text])
        told.value += 1

    with solara.Tooltip("The other world has the same luck; what differs is the policy alone."):
        solara.Select("Worlds", value=now, values=list(choices), on_value=put)


@solara.component
def Policies(session: Session, put: Callable[[str, Any], None], told: Any) -> None:
    """Switch the policies of the scenario, and set their budgets."""
    told.get()
    policies = session.base().scenario.policies
    if not policies:
        html("<p class='cs-note'>This scenario has no policy.</p>")
    for one in policies:
        name = f"policies.{one.name}"
        budget = float(session.value(f"{name}.budget"))
        now = next(
            (text for text, factor in FACTORS.items() if factor * one.budget == budget),
            "as planned",
        )
        until = f" to {one.until:g}" if one.until is not None else ""
        html("<div class='cs-policy'></div>")
        with solara.Tooltip(one.about or f"Policy of the authority {one.authority}."):
            solara.Switch(
                label=f"{one.name} (from {one.year:g}{until})",
                value=bool(session.value(f"{name}.enabled")),
                on_value=lambda value, name=name: put(f"{name}.enabled", value),
            )
        solara.Select(
            f"Budget of {one.name}, planned €{one.budget / 1e6:,.2f} m a year",
            value=now,
            values=list(FACTORS),
            on_value=lambda text, name=name, planned=one.budget: put(
                f"{name}.budget", planned * FACTORS[text]
            ),
        )


@solara.component
def Parameter(slider: Slider, value: float, put: Callable[[str, Any], None]) -> None:
    """Show a slider, and on demand what is known about it."""
    known, set_known = solara.use_state(False)
    with solara.Div(classes=["cs-slider"]):
        solara.SliderFloat(
            f"{slider.title}: {value:g}",
            value=float(value),
            min=slider.least,
            max=slider.most,
            step=slider.step,
            on_value=lambda moved: put(slider.name, round(float(moved), 6)),
        )
        # At the mark alone: elsewhere it would lie over the slider below.
        with solara.Tooltip(slider.tooltip):
            solara.Button(
                "?",
                text=True,
                small=True,
                on_click=lambda: set_known(not known),
                attributes={
                    "aria-label": f"What is known about: {slider.label}",
                    "aria-expanded": "true" if known else "false",
                },
            )
        if known:
            html(f"<p>{escape(slider.tooltip)}</p>")


@solara.component
def Shocks(model: Any, lesson: Lesson | None, on_struck: Callable[[str], None]) -> None:
    """Let something befall the world of a `clustersim.app.model.TaughtModel`."""
    session = model.session
    places = solara.use_memo(lambda: _places(session), [id(session.main)])
    first = next(iter(places), "")
    if lesson is not None and lesson.place is not None:
        wanted = f"{lesson.place.sector}, {lesson.place.region}"
        first = wanted if wanted in places else first
    chosen, set_place = solara.use_state("")
    place = chosen if chosen in places else first

    def strike(button: Button) -> None:
        try:
            on_struck(session.strike(button.name, *places[place]))
        except ValueError as error:
            on_struck(str(error))

    with solara.Div(classes=["cs-card"]):
        html("<h2>What if …?</h2>")
        with solara.Div(classes=["cs-row"]):
            solara.Select("Place", value=place, values=list(places), on_value=set_place)
            for button in BUTTONS:
                solara.Button(
                    button.label,
                    outlined=True,
                    small=True,
                    on_click=lambda button=button: strike(button),
                    attributes={"title": button.tooltip},
                )


def _places(session: Session) -> dict[str, tuple[str, str]]:
    """Return the places that a shock can strike, main clusters first, then the largest."""
    running = session.main
    if running is None:
        return {}
    jobs = running.history.jobs[-1]
    order = [tuple(divmod(i, jobs.shape[1])) for i in (-jobs).ravel().argsort(kind="stable")]
    regions, sectors = running.world.regions.names, running.world.sectors.names
    chosen = [*running.main_places(_PLACES), *order]
    named = {f"{sectors[s]}, {regions[r]}": (regions[r], sectors[s]) for r, s in chosen}
    return dict(list(named.items())[:_PLACES])


@solara.component
def TakeHome(session: Session) -> None:
    """Offer data, figure and scenario file."""
    problem, set_problem = solara.use_state("")

    def making(download: Download) -> Callable[[], bytes]:
        def make() -> bytes:
            session.touch()
            set_problem("")
            try:
                return download.make(session)
            except ValueError as error:
                set_problem(str(error))
                return str(error).encode()

        return make

    with solara.Div(classes=["cs-card"]):
        html(
            "<h2>Take it home</h2><p class='cs-note'>The scenario file repeats this run, number "
            "for number: clustersim run scenario.yaml</p>"
        )
        with solara.Div(classes=["cs-row"]):
            for download in DOWNLOADS:
                with solara.FileDownload(
                    making(download), filename=download.filename, mime_type=download.mime
                ):
                    solara.Button(download.label, outlined=True, small=True)
        if problem:
            html(f"<p role='alert' class='cs-note'>{escape(problem)}</p>")
