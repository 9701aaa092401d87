"""Scenarios that come with the package."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

_PACKAGE = Path(__file__).resolve().parents[1]


class BuiltinScenario(NamedTuple):
    """A scenario that comes with the package.

    Parameters
    ----------
    name : str
        What it is called on the command line and in `extends:`.
    title : str
        Its title; empty if it has none or cannot be read.
    path : Path
        Its file.
    """

    name: str
    title: str
    path: Path


def builtin_folder() -> Path | None:
    """Return the folder of the built-in scenarios, or None if they are not there.

    They lie inside an installed package, and beside it in a checkout.
    """
    for folder in (_PACKAGE / "_scenarios", _PACKAGE.parent / "scenarios"):
        if folder.is_dir():
            return folder
    return None


def builtin_paths() -> dict[str, Path]:
    """Return the files of the built-in scenarios by name, sorted, `base` first."""
    folder = builtin_folder()
    paths = [] if folder is None else [path for path in folder.glob("*.yaml") if path.is_file()]
    return {path.stem: path for path in sorted(paths, key=lambda p: (p.stem != "base", p.stem))}


def builtin_scenarios() -> list[BuiltinScenario]:
    """List the built-in scenarios; a file that cannot be read is listed without its title."""
    return [BuiltinScenario(name, _title(path), path) for name, path in builtin_paths().items()]


def _title(path: Path) -> str:
    """Return the title of a scenario file, reading no further than needed."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    depth, key = 0, None
    try:
        text = path.read_text(encoding="utf-8-sig")
        for event in YAML(typ="safe", pure=True).parse(text):
            kind = type(event).__name__
            if kind.endswith(("MappingStartEvent", "SequenceStartEvent")):
                depth += 1
            elif kind.endswith(("MappingEndEvent", "SequenceEndEvent")):
                depth, key = depth - 1, None
            elif depth == 1 and kind == "ScalarEvent":
                if key == "title":
                    return " ".join(event.value.split())
                key = event.value if key is None else None
    except (OSError, ValueError, YAMLError):
        return ""
    return ""
