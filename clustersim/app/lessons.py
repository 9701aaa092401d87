"""Guided lessons: YAML files that a teacher can edit, each with a scenario and a question."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

FOLDER: Final = Path(__file__).resolve().parent / "lessons"
"""Where the lessons of the package lie."""


class LessonError(ValueError):
    """A lesson file that cannot be used; the message names the file and all that is wrong."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Strict):
    """A local industry."""

    region: str
    sector: str


class OtherWorld(_Strict):
    """How the second world differs; left out: by having no policy."""

    label: str = Field(min_length=1, max_length=120)
    set: dict[str, JsonValue] = Field(min_length=1)


class Lesson(_Strict):
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
    set: dict[str, JsonValue] = Field(default_factory=dict)
    twin: OtherWorld | bool = False
    place: Place | None = None
    question: str = Field(min_length=1)
    background: str = ""
    try_: tuple[str, ...] = Field(alias="try", min_length=1)
    look: tuple[str, ...] = Field(min_length=1)
    discuss: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


def read_lesson(path: Path) -> Lesson:
    """Read a lesson file.

    Raises
    ------
    LessonError
        If it cannot be read, or something in it is missing, unknown or of the wrong kind.
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise LessonError(f"{path}: cannot be read ({error})") from None
    except YAMLError as error:
        raise LessonError(f"{path}: is no valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, Mapping):
        raise LessonError(f"{path}: expected a lesson with a title, a question, try and look")
    try:
        return Lesson.model_validate(data)
    except ValidationError as error:
        raise LessonError(f"{path}: {_told(error)}") from None


def _told(error: ValidationError) -> str:
    found: list[str] = []
    for one in error.errors():
        where = ".".join(str(part) for part in one["loc"])
        what = str(one["msg"])
        if one["type"] == "extra_forbidden":
            what = f"is unknown; there are {', '.join(_names())}"
        found.append(f"{where}: {what[0].lower()}{what[1:]}")
    return "; ".join(found)


def _names() -> list[str]:
    return [field.alias or name for name, field in Lesson.model_fields.items()]


def read_lessons(folder: Path | None = None) -> dict[str, Lesson]:
    """Read all lessons of a folder, by the names of their files, in their order.

    Parameters
    ----------
    folder
        A teacher's own folder; that of the package if left out.

    Raises
    ------
    LessonError
        If the folder is not there, or a file in it cannot be used.
    """
    place = FOLDER if folder is None else folder
    if not place.is_dir():
        raise LessonError(f"{place}: there is no such folder")
    found = {path.stem: read_lesson(path) for path in sorted(place.glob("*.yaml"))}
    order = sorted(found, key=lambda name: (found[name].order, found[name].title))
    return {name: found[name] for name in order}
