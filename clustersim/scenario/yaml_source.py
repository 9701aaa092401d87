"""Reads YAML 1.2 into a tree with places, and reports all that is wrong with it.

Of YAML only plain data is allowed: mappings with text keys, lists, scalars. Tags, aliases, merge
keys and second documents are refused, each with its remedy; so no file can run code, and none can
grow when it is read.
"""

from __future__ import annotations

import bisect
import itertools
import pickle
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clustersim.scenario.nodes import Broken, Items, Map, Node
from clustersim.scenario.problems import KEPT, Findings, Place
from clustersim.scenario.yaml_builder import TreeBuilder

MOST_BYTES = 10_000_000
"""Largest scenario file that is read."""

_MOST_REPEATED = 5
"""How often one kind of wrong character is reported."""

_FOREIGN_SIGN = re.compile(
    "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufefe\\uff00-\\ufffd\U00010000-\U0010ffff]"
)
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^ \t#\r\n])", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?|\n")


@dataclass(frozen=True)
class Document:
    """What was read of a file.

    Parameters
    ----------
    root : Map
        The tree.
    complete : bool
        False if the file could be read only up to a mistake in its form: what is missing from the
        tree may stand in the rest of the file.
    """

    root: Map
    complete: bool


def read_text(path: Path, shown: str, findings: Findings) -> str | None:
    """Return the text of a file, or None after noting why it is not text.

    Parameters
    ----------
    path : Path
        The file.
    shown : str
        Its name in messages.
    findings : Findings
        Where problems are noted.
    """
    place = Place(shown)
    try:
        if path.is_dir():
            findings.add(place, "is a folder", "a scenario file")
            return None
        if not path.is_file():
            there = path.exists()
            findings.add(place, "is not a regular file" if there else "there is no such file")
            return None
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        findings.add(place, f"cannot be read ({reason})")
        return None
    if len(data) > MOST_BYTES:
        findings.add(place, "the file is too large", f"at most {MOST_BYTES // 1_000_000} MB")
        return None
    return _decoded(data, place, findings)


def _decoded(data: bytes, place: Place, findings: Findings) -> str | None:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        findings.add(place, "the file is UTF-16", "UTF-8", "save it as UTF-8")
        return None
    if b"\x00" in data:
        findings.add(place, "the file is not text", "a scenario in YAML")
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = len(_LINE_END.findall(before.decode("utf-8", errors="replace"))) + 1
        column = len(re.split(rb"[\r\n]", before)[-1].decode("utf-8", errors="replace")) + 1
        findings.add(
            Place(place.path, line, column),
            f"byte 0x{data[error.start]:02x} is not UTF-8",
            "text in UTF-8",
            "save the file as UTF-8",
        )
        return None


def parse(text: str, shown: str, findings: Findings) -> Document | None:
    """Return the tree of a file whose top level is a mapping, or None if there is none.

    Parameters
    ----------
    text : str
        The whole file.
    shown : str
        Its name in messages.
    findings : Findings
        Where problems are noted.
    """
    if (text, shown) in _PARSED:
        return _again(text, shown)
    problems = len(findings)
    node, complete = parse_value(text, shown, findings)
    if isinstance(node, Map):
        if complete and len(findings) == problems:
            _keep(text, shown, node)
        return Document(node, complete)
    if node is None:
        if complete:
            findings.add(Place(shown, 1, 1), "the file is empty", "a scenario in YAML")
    elif not isinstance(node, Broken):
        kind = "a list" if isinstance(node, Items) else "a single value"
        findings.add(node.place, f"found {kind}", "keys and values, such as `schema_version: 1`")
    return None


_PARSED: Final[dict[tuple[str, str], bytes]] = {}
"""Trees of the last files without problems: a sweep reads the same files for each of its cells, and
to read YAML takes ten times as long as all the rest. Pickled, as whoever gets a tree changes it."""
_KEPT: Final = 32


def _keep(text: str, shown: str, root: Map) -> None:
    while len(_PARSED) >= _KEPT:
        del _PARSED[next(iter(_PARSED))]
    _PARSED[text, shown] = pickle.dumps(root, pickle.HIGHEST_PROTOCOL)


def _again(text: str, shown: str) -> Document:
    return Document(pickle.loads(_PARSED[text, shown]), complete=True)  # noqa: S301  # our own


def parse_value(text: str, shown: str, findings: Findings) -> tuple[Node | None, bool]:
    """Return any YAML value as a tree (None if empty), and whether it could be read to the end."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError

    if _foreign_signs(text, shown, findings):
        return None, False
    builder = TreeBuilder(shown, findings)
    complete = True
    try:
        # Events, not nodes: a fault is noted and reading goes on, and nothing is ever constructed.
        for event in YAML(typ="safe", pure=True).parse(text):
            if not builder.take(event):
                complete = False
                break
    except MarkedYAMLError as error:
        complete = False
        if not _tabs(text, shown, findings, error):
            _note_syntax(error, shown, findings)
    except Exception as error:  # the library raises IndexError, OverflowError ...
        complete = False
        findings.add(builder.place, f"is not valid YAML ({type(error).__name__}: {error})")
    builder.finish()
    return builder.root, complete


class _Lines:
    """Finds line and column of a position in a text, both counted from 1."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in _LINE_END.finditer(text))]

    def place(self, shown: str, position: int) -> Place:
        line = bisect.bisect_right(self._starts, position)
        return Place(shown, line, position - self._starts[line - 1] + 1)


def _foreign_signs(text: str, shown: str, findings: Findings) -> bool:
    """Note characters that YAML does not allow; tell whether there are any."""
    matches = list(itertools.islice(_FOREIGN_SIGN.finditer(text), _MOST_REPEATED))
    if not matches:
        return False
    lines = _Lines(text)
    for match in matches:
        place = lines.place(shown, match.start())
        code = f"U+{ord(match[0]):04X}"
        findings.add(place, f"the character {code} is not allowed", "text", "delete it")
    return True


def _tabs(text: str, shown: str, findings: Findings, error: Any) -> bool:
    """Note every line indented with a tab, if that is what the error is about."""
    if "\\t" not in str(error.problem):
        return False
    lines = _Lines(text)
    positions = [match.start() + match[0].index("\t") for match in _TAB_INDENT.finditer(text)]
    for position in positions[:KEPT]:
        place = lines.place(shown, position)
        findings.add(place, "a tab in the indentation", "spaces", "indent with spaces")
    return bool(positions)


_REMEDIES = (
    ("mapping values are not allowed", "check the indentation, and put text with `: ` in quotes"),
    ("could not find expected ':'", "put a colon and a space between a key and its value"),
    ("did not find expected <block end>", "check the indentation"),
    ("expected <block end>", "check the indentation"),
    ("cannot start any token", "put the text in quotation marks"),
    ("unexpected end of stream", "close the quotation mark"),
    ("expected ',' or ']'", "close the list with ]"),
    ("expected ',' or '}'", "close the mapping with }"),
)


def _note_syntax(error: Any, shown: str, findings: Findings) -> None:
    """Note a mistake in the form of the file, in the words of the parser and with its remedy."""
    problem = " ".join(str(error.problem or error.context or "unreadable").split())
    # What is never closed is found at the end of the file, but is wrong where it begins.
    open_end = "end of stream" in problem or "<stream end>" in problem
    mark = error.context_mark if open_end and error.context_mark else error.problem_mark
    mark = mark or error.context_mark
    place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown)
    hint = next((remedy for words, remedy in _REMEDIES if words in problem), "")
    findings.add(place, f"is not valid YAML: {problem}", "", hint)
