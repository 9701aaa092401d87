"""A report as one HTML file that opens offline, as Markdown, and as JSON with the same numbers."""

from __future__ import annotations

import base64
import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

from clustersim.reporting.figures import Picture
from clustersim.reporting.sections import Block, Bullets, Code, Paragraph, Section, Shown, Table

FIGURES = "figures"
"""Folder of the pictures beside a report in Markdown."""


def as_html(
    facts: Mapping[str, Any], found: Sequence[Section], pictures: Mapping[str, Picture]
) -> str:
    """Return a report as one HTML page: no script, nothing that is loaded from elsewhere."""
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=PackageLoader("clustersim.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # What was escaped is marked as such after the signs of emphasis have been read.
    environment.filters["emphasis"] = lambda text: Markup(_emphasis(text))  # noqa: S704
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["uri"] = _uri
    page = environment.get_template("report.html")
    return page.render(facts=facts, sections=found, pictures=pictures) + "\n"


def _uri(svg: bytes) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def _emphasis(text: str) -> str:
    """Return escaped text with ``**bold**``, `code`, and what is sure in bold."""
    safe = html.escape(text)
    safe = re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", safe)
    safe = re.sub(r"`([^`]+)`", r"<code>\1</code>", safe)
    return re.sub(r"^([^*]*\d[^*]*)\*$", r"<strong>\1*</strong>", safe)


def as_markdown(
    facts: Mapping[str, Any], found: Sequence[Section], pictures: Mapping[str, Picture]
) -> str:
    """Return a report as Markdown; its pictures are files in `FIGURES`."""
    lines = [f"# {_plain(facts['title'])}", ""]
    if facts["question"]:
        lines += [f"> {_plain(' '.join(facts['question'].split()))}", ""]
    for section in found:
        lines += [f"## {section.title}", ""]
        for block in section.blocks:
            lines += [*_markdown(block, pictures), ""]
    return "\n".join(lines)


def _markdown(block: Block, pictures: Mapping[str, Picture]) -> list[str]:
    match block:
        case Paragraph(text):
            return [_plain(text)]
        case Bullets(items):
            return [f"- {_plain(item)}" for item in items]
        case Code(text):
            longest = max((len(run) for run in re.findall("`+", text)), default=0)
            fence = "`" * max(3, longest + 1)
            return [fence, text.rstrip("\n"), fence]
        case Shown(name):
            picture = pictures[name]
            return [f"![{_plain(picture.title)}]({FIGURES}/{picture.name}.svg)"]
        case Table():
            return _table(block)


def _plain(text: str) -> str:
    """Return a text of which no part is taken for HTML."""
    return text.replace("<", "\\<")


def _table(block: Table) -> list[str]:
    def row(cells: Sequence[str]) -> str:
        return f"| {' | '.join(_plain(cell).replace('|', '/') for cell in cells)} |"

    rule = row(["---", *["---:"] * (len(block.heading) - 1)])
    lines = [f"**{_plain(block.caption)}**", "", row(block.heading), rule, *map(row, block.rows)]
    return [*lines, "", block.note] if block.note else lines
