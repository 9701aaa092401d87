"""Which files a scenario consists of: the chain of `extends:`, and what paths may be followed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath

from clustersim.scenario.builtin import builtin_paths
from clustersim.scenario.nodes import Broken, Entry, Map, Node, Scalar, child, text_of
from clustersim.scenario.problems import Findings, Place, did_you_mean, listed, shortened
from clustersim.scenario.schema import SCHEMA_VERSION, WorldSection
from clustersim.scenario.words import found
from clustersim.scenario.yaml_source import Document, parse, read_text

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_MOST_FILES = 50
"""Length of a chain of `extends:` that nobody needs."""


@dataclass(frozen=True)
class Layer:
    """One file of a scenario.

    Parameters
    ----------
    path : Path
        The file.
    shown : str
        Its name in messages.
    document : Document or None
        What it holds; None if it could not be read.
    """

    path: Path
    shown: str
    document: Document | None

    @property
    def root(self) -> Map | None:
        """The tree of the file."""
        return self.document.root if self.document else None


@dataclass(frozen=True)
class Chain:
    """A scenario file and all files that it extends.

    Parameters
    ----------
    layers : tuple of Layer
        The file itself first, then what it extends, and so on.
    whole : bool
        Whether all of them could be read to the end.
    """

    layers: tuple[Layer, ...]
    whole: bool


def locate(source: str | Path, findings: Findings) -> Path | None:
    """Return the file that a user means: a path, or the name of a built-in scenario.

    A file wins over a built-in scenario if the text has a suffix or a folder; a bare name is a
    built-in scenario first.
    """
    if isinstance(source, Path) or not _NAME.fullmatch(source):
        return Path(source)
    builtin = builtin_paths()
    if source in builtin:
        return builtin[source]
    if Path(source).exists():
        return Path(source)
    names = listed(builtin) or "none are installed"
    findings.add(
        Place(source),
        "there is no such file and no built-in scenario of this name",
        f"a file such as {source}.yaml, or a built-in scenario ({names})",
        did_you_mean(source, builtin),
    )
    return None


def read_chain(
    path: Path, findings: Findings, *, text: str | None = None, document: Document | None = None
) -> Chain:
    """Read a scenario file and all files that it extends.

    Parameters
    ----------
    path : Path
        The file.
    findings : Findings
        Where problems are noted.
    text, document : optional
        What the first file holds, if it has been read already, or parsed.

    Returns
    -------
    Chain
        What could be read.
    """
    layers: list[Layer] = []
    seen: list[Path] = []
    following: Path | None = path
    shown = str(path)
    while following is not None:
        seen.append(_real(following))
        if layers or document is None:
            first = text is not None and not layers
            body = text if first else read_text(following, shown, findings)
            document = None if body is None else parse(body, shown, findings)
        layers.append(Layer(following, shown, document))
        if document is None:
            break
        _drop_empty(document.root)
        _check_version(document, findings)
        extends = "extends" in document.root.entries
        following = _extended(document.root, following, seen, findings)
        if following is None:
            return Chain(tuple(layers), not extends and _complete(layers))
        shown = str(following)
    return Chain(tuple(layers), whole=False)


def _complete(layers: list[Layer]) -> bool:
    return all(layer.document is not None and layer.document.complete for layer in layers)


def inside(folder: Path, given: str) -> str:
    """Tell why a path in a scenario file must not be followed; empty if it may be.

    Parameters
    ----------
    folder : Path
        Folder of the scenario file.
    given : str
        What the file says. It must be relative, must not contain ``..`` and must not lead out of
        the folder through a symbolic link.
    """
    windows = PureWindowsPath(given)
    if "\x00" in given or "\n" in given:
        return "is not a path"
    if PurePosixPath(given).is_absolute() or windows.drive or windows.root or given[:1] == "~":
        return "is not relative to the scenario's folder"
    if ".." in windows.parts:
        return "climbs out of the scenario's folder"
    try:
        if not (folder / given).resolve().is_relative_to(folder.resolve()):
            return "leads out of the scenario's folder through a link"
    except (OSError, RuntimeError, ValueError):
        return "is not a path"
    return ""


PATH_REMEDY = "move the file into the scenario's folder and name it from there"


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return path


def _extended(root: Map, path: Path, seen: list[Path], findings: Findings) -> Path | None:
    """Return the file that a file extends, taking the key out of its tree."""
    entry = root.entries.pop("extends", None)
    if entry is None:
        return None
    given = text_of(entry.value)
    if given is None or not given.strip():
        if not isinstance(entry.value, Broken):
            findings.add(
                entry.value.place,
                "`extends` is not the name of one scenario",
                "a file in the same folder or a built-in scenario, such as base",
            )
        return None
    target = _target(given, path, entry.value, findings)
    if target is not None and _real(target) in seen:
        start = seen.index(_real(target))
        names = [file.name for file in seen[start:]] + [target.name]
        findings.add(
            entry.value.place,
            f"the chain of extends goes in a circle: {' -> '.join(names)}",
            "a scenario that extends nothing at the end",
            "delete one of these `extends`",
        )
        return None
    if len(seen) >= _MOST_FILES:
        findings.add(entry.value.place, f"more than {_MOST_FILES} files extend each other")
        return None
    return target


def _target(given: str, path: Path, node: Node, findings: Findings) -> Path | None:
    builtin = builtin_paths()
    if _NAME.fullmatch(given) and not (path.parent / given).is_file():
        if given in builtin:
            return builtin[given]
        nearest = did_you_mean(given, builtin)
        beside = (path.parent / f"{given}.yaml").is_file()
        findings.add(
            node.place,
            f"there is no built-in scenario {shortened(given)}",
            listed(builtin) or "a file",
            f"did you mean {given + '.yaml'!r}?" if beside else nearest,
        )
        return None
    reason = inside(path.parent, given)
    if reason:
        findings.add(
            node.place, f"the path {shortened(given)} {reason}", "a file beside it", PATH_REMEDY
        )
        return None
    target = path.parent / given
    if not target.is_file():
        kind = "is a folder" if target.is_dir() else "there is no such file"
        others = [file.name for file in path.parent.glob("*.y*ml") if file != path]
        findings.add(
            node.place,
            f"{shortened(given)}: {kind}",
            "a scenario file in the same folder",
            did_you_mean(given, others),
        )
        return None
    return target


def _check_version(document: Document, findings: Findings) -> None:
    """Note a version of the format that is missing or wrong, and go on as if it were right."""
    root = document.root
    entry = root.entries.get("schema_version")
    place = root.place if entry is None else entry.value.place
    value = entry.value.value if entry is not None and isinstance(entry.value, Scalar) else None
    right = type(value) is int and value == SCHEMA_VERSION  # true and 1.0 are equal to 1, too
    wanted = f"`schema_version: {SCHEMA_VERSION}`"
    if entry is None and document.complete:
        findings.add(place, "'schema_version' is missing", wanted)
    elif type(value) is int and value > SCHEMA_VERSION:
        newer = f"the file is written for version {value} of the format"
        findings.add(place, newer, wanted, "use a newer clustersim")
    elif entry is not None and not isinstance(entry.value, Broken) and not right:
        findings.add(place, f"found {found(entry.value)}", wanted)
    root.entries["schema_version"] = Entry(place, Scalar(SCHEMA_VERSION, place))


def _drop_empty(root: Map) -> None:
    """Take sections without content for absent: `set:` with every line commented out."""
    world = child(root, "world")
    for node, keys in (
        (root, ("world", "set", "evidence", "shocks", "policies")),
        (world, ("replace", *WorldSection.model_fields)),
    ):
        for key in keys:
            value = child(node, key)
            if isinstance(node, Map) and isinstance(value, Scalar) and value.empty:
                del node.entries[key]
