"""Puts the events of a YAML parser together to a tree, refusing all that is not plain data."""

from __future__ import annotations

import unicodedata
from typing import Any

from clustersim.scenario.nodes import Broken, Entry, Items, Map, Node, Scalar
from clustersim.scenario.problems import Findings, Place, shortened
from clustersim.scenario.scalars import resolve

MOST_DEPTH = 40
"""Levels of nesting; a scenario needs about ten."""


class TreeBuilder:
    """Takes the events of a file one after the other.

    Parameters
    ----------
    shown : str
        Name of the file in messages.
    findings : Findings
        Where problems are noted.

    Attributes
    ----------
    root : Node or None
        The tree, once its last event has been taken; None while there is none.
    place : Place
        Where the last event begins.
    """

    def __init__(self, shown: str, findings: Findings) -> None:
        self.shown, self.findings = shown, findings
        self.root: Node | None = None
        self.place = Place(shown, 1, 1)
        self._stack: list[tuple[Map | Items, bool, bool]] = []
        self._keys: list[tuple[str, Place] | None] = []
        self._documents = 0
        self._skipped = 0

    def take(self, event: Any) -> bool:
        """Take the next event; False if the rest is not to be read."""
        kind = type(event).__name__
        mark = event.start_mark
        self.place = Place(self.shown, mark.line + 1, mark.column + 1)
        if kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._close()
        elif kind == "DocumentStartEvent":
            return self._document(event)
        elif kind == "ScalarEvent":
            self._add(self._scalar(event))
        elif kind == "AliasEvent":
            self._add(self._alias(event))
        elif kind in ("MappingStartEvent", "SequenceStartEvent"):
            return self._open(event, kind)
        return True

    def _document(self, event: Any) -> bool:
        self._documents += 1
        if event.version is not None and tuple(event.version) != (1, 2):
            self.findings.add(
                self.place, "another version of YAML", "YAML 1.2", "delete the line with %YAML"
            )
        if self._documents > 1:
            self.findings.add(
                self.place,
                "a second document begins",
                "one scenario in a file",
                "delete the `---` or make two files",
            )
            return False
        return True

    def _open(self, event: Any, kind: str) -> bool:
        if len(self._stack) + self._skipped >= MOST_DEPTH:
            self.findings.add(self.place, f"nested more than {MOST_DEPTH} levels deep")
            return False
        tagged = self._tagged(event)
        node = Map(self.place) if kind == "MappingStartEvent" else Items(self.place)
        if self._skipped or self._wants_key():
            if not self._skipped:
                self.findings.add(
                    self.place, "a key that is a list or mapping", "text", "put it in quotes"
                )
            self._skipped += 1
            return True
        self._stack.append((node, tagged, event.flow_style))
        self._keys.append(None)
        return True

    def _close(self) -> None:
        if self._skipped:
            self._skipped -= 1
            if not self._skipped:
                self._keys[-1] = ("", self.place)
            return
        node, tagged, _ = self._stack.pop()
        self._keys.pop()
        self._add(Broken(node.place) if tagged else node)

    def finish(self) -> None:
        """Close what a mistake has left open; of a list or mapping in brackets nothing is kept."""
        self._skipped = 0
        while self._stack:
            _, _, in_brackets = self._stack[-1]
            if in_brackets:
                self._stack.pop()
                self._keys.pop()
            else:
                self._close()

    def _wants_key(self) -> bool:
        return bool(self._stack) and isinstance(self._stack[-1][0], Map) and self._keys[-1] is None

    def _add(self, node: Node) -> None:
        """Put a value where it belongs, or remember it as the key of the next."""
        if self._skipped:
            return
        if not self._stack:
            self.root = node
            return
        parent = self._stack[-1][0]
        if isinstance(parent, Items):
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            text = node.text if isinstance(node, Scalar) else ""
            self._keys[-1] = (text, node.place)
            return
        self._keys[-1] = None
        text, place = key
        if text and isinstance(node, Scalar) and node.empty:
            node.place = place
        self._add_entry(parent, text, Entry(place, node))

    def _add_entry(self, parent: Map, key: str, entry: Entry) -> None:
        if key == "":
            return
        if key == "<<":
            self.findings.add(
                entry.place, "merge keys (`<<`) are not allowed", "", "write the values out"
            )
        elif key in parent.entries:
            first = parent.entries[key].place
            self.findings.add(
                entry.place,
                f"duplicate key {shortened(key)}",
                "each key once",
                f"the first is in line {first.line}; keep one",
            )
        else:
            parent.entries[key] = entry

    def _scalar(self, event: Any) -> Node:
        wants_key = self._wants_key()
        text: str = event.value
        if self._tagged(event):
            return Broken(self.place)
        is_plain = event.style is None
        if self._odd_signs(text, in_key=wants_key):
            return Broken(self.place)
        if wants_key:
            if text == "" and not self._skipped:
                self.findings.add(self.place, "a key without a name", "text before the colon")
            return Scalar(text, self.place, text, plain=False)
        if not is_plain:
            return Scalar(text, self.place, text, plain=False)
        try:
            return Scalar(resolve(text), self.place, text)
        except ValueError as error:
            self.findings.add(self.place, f"{error}, found {shortened(text, 30)}", "a number")
            return Broken(self.place)

    def _odd_signs(self, text: str, *, in_key: bool) -> bool:
        """Note signs that only an escape can bring in; tell whether there are any."""
        if any("\ud800" <= sign <= "\udfff" for sign in text):
            self.findings.add(self.place, "half of a character (a surrogate)", "whole characters")
            return True
        control = next((sign for sign in text if _is_control(sign, in_key=in_key)), None)
        if control is not None:
            code = f"U+{ord(control):04X}"
            self.findings.add(
                self.place, f"the control character {code} in a text", "text", "delete it"
            )
        return control is not None

    def _alias(self, event: Any) -> Node:
        key = self._keys[-1] if self._keys else None
        if not (key and key[0] == "<<"):
            self.findings.add(
                self.place,
                f"the alias *{event.anchor} is not allowed",
                "the value itself",
                "write the value out where it is used",
            )
        return Broken(self.place)

    def _tagged(self, event: Any) -> bool:
        """Note a tag such as ``!!python/object``; tell whether there is one."""
        if not event.tag:
            return False
        tag = str(event.tag).replace("tag:yaml.org,2002:", "!!")
        self.findings.add(
            self.place, f"the tag {shortened(tag)} is not allowed", "plain data", "delete the tag"
        )
        return True


def _is_control(sign: str, *, in_key: bool) -> bool:
    """Tell whether a sign steers a terminal or printer; values may hold tabs and line breaks."""
    return unicodedata.category(sign) == "Cc" and (in_key or sign not in "\n\t")
