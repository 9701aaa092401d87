"""Every example of the documentation is executed as it is shown."""

import contextlib
import io
import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.docs.commands import run_line

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = (
    "branch.md",
    "life_cycle.md",
    "mesa_and_networkx.md",
    "monitoring.md",
    "your_own_mechanism.md",
)
COMMANDS = ("comparison.md", "report.md", "sensitivity.md", "sweeps.md")
"""Pages whose commands are run, in the folder of the examples."""
_BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    language: str
    options: str
    text: str
    line: int


def blocks(page: str) -> list[Block]:
    """Return the fenced blocks of a page, each with the line on which its text begins."""
    text = (DOCS / page).read_text(encoding="utf-8")
    return [
        Block(m[1], m[2].strip(), m[3], text.count("\n", 0, m.start(3)) + 1)
        for m in _BLOCK.finditer(text)
    ]


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_page_runs(
    page: str, empty_cwd: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(DOCS / "examples"))
    names: dict[str, Any] = {"__name__": "page"}
    printed = ""
    executed = 0
    for block in blocks(page):
        if block.language == "text":
            assert printed == block.text, f"{page}, line {block.line}"
        if block.language != "python" or block.options:
            continue
        out = io.StringIO()
        # Blank lines in front make the line numbers of an error those of the page.
        code = compile("\n" * (block.line - 1) + block.text, str(DOCS / page), "exec")
        with contextlib.redirect_stdout(out):
            exec(code, names)  # noqa: S102  # examples are there to be executed
        printed = out.getvalue()
        executed += 1
    assert executed >= 3


@pytest.mark.parametrize("page", COMMANDS)
def test_the_commands_of_a_page_work(page: str, empty_cwd: Path) -> None:
    for file in (DOCS / "examples").glob("*.yaml"):
        shutil.copy(file, empty_cwd)
    names: dict[str, Any] = {"__name__": "page"}
    printed, executed = "", 0
    for block in blocks(page):
        where = f"{page}, line {block.line}"
        if block.language == "sh":
            for line in block.text.splitlines():
                run_line(line)
                executed += 1
        elif block.language == "python":
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(block.text, where, "exec"), names)  # noqa: S102  # as above
            printed = out.getvalue()
        elif block.language == "text":
            assert printed == block.text, where
    assert executed >= 2


@pytest.mark.parametrize("page", [*PAGES, *COMMANDS])
def test_files_shown_are_the_files(page: str) -> None:
    for block in blocks(page):
        if block.options:
            option, _, name = block.options.partition("=")
            assert option == "file"
            assert block.text == (DOCS / name).read_text(encoding="utf-8"), name


def test_both_ways_of_writing_a_mechanism_are_shown() -> None:
    shown = {block.options for block in blocks("your_own_mechanism.md")}
    assert {f"file=examples/{name}.py" for name in ("training_vouchers", "neighbour_rule")} <= shown
