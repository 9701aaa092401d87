"""Guided lessons: YAML files that a teacher can edit, each with a scenario and a question."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from pydantic import Field

from clustersim.scenario.documents import Part, read_document

FOLDER: Final = Path(__file__).resolve().parent / "lessons"
"""Where the lessons of the package lie."""


class LessonError(ValueError):
    """There is no such folder of lessons."""


class Place(Part):
    """A local industry."""

    region: str
    sector: str


class OtherWorld(Part):
    """How the second world differs; left out: by having no policy."""

    label: str = Field(min_length=1, max_length=120)
    set: dict[str, Any] = Field(min_length=1)


class Lesson(Part):
    """A lesson.

    Attributes
    ----------
    title, question, background
        What it is about.
    order
        Lessons are listed by it, then by title.
    minutes
        How long it takes in class.
    scenario, seed, set
        The world: a scenario that comes with the program, and what differs from it.
    twin
        The second world; ``true`` for the same one without policy; left out: one world.
    place
        The local industry that shock buttons strike at first.
    try_, look, discuss
        What to do, what to look for, and what to talk about afterwards.
    sources
        What to read.
    """

    title: str = Field(min_length=1, max_length=120)
    order: int = 100
    minutes: int = Field(default=20, ge=1, le=300)
    scenario: str = "classroom"
    seed: int | None = Field(default=None, ge=0)
    set: dict[str, Any] = Field(default_factory=dict)
    twin: OtherWorld | bool = False
    place: Place | None = None
    question: str = Field(min_length=1)
    background: str = ""
    try_: tuple[str, ...] = Field(alias="try", min_length=1)
    look: tuple[str, ...] = Field(min_length=1)
    discuss: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def read_lessons(folder: Path | None = None) -> dict[str, Lesson]:
    """Read all lessons of a folder, by the names of their files, in their order.

    Parameters
    ----------
    folder
        A teacher's own folder; that of the package if left out.

    Raises
    ------
    LessonError
        If the folder is not there.
    ScenarioError
        If a file in it cannot be used, with all that is wrong and its place.
    """
    place = FOLDER if folder is None else folder
    if not place.is_dir():
        raise LessonError(f"{place}: there is no such folder")
    found = {path.stem: read_document(path, Lesson)[0] for path in sorted(place.glob("*.yaml"))}
    order = sorted(found, key=lambda name: (found[name].order, found[name].title))
    return {name: found[name] for name in order}
