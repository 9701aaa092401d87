"""The commands shown in the chapter on the life cycle run, and what it says of causes is so."""

import re
import shlex
from pathlib import Path

from typer.testing import CliRunner

from clustersim.cli import app
from clustersim.experiments.cycles.declines import REASONS
from clustersim.experiments.premium.accounting import ITEMS
from clustersim.experiments.premium.worlds import PARTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "life_cycle.md"
TEXT = PAGE.read_text(encoding="utf-8")


def test_commands_of_the_page(empty_cwd: Path) -> None:
    commands = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    lines = [line for block in commands for line in block.splitlines()]
    assert len(lines) == 2
    for line in lines:
        done = CliRunner().invoke(app, shlex.split(line)[1:])
        assert done.exit_code == 0, f"{line}: {done.stderr}"
        assert done.stdout
    written = {path.name for folder in ("cycles", "premium") for path in Path(folder).iterdir()}
    assert {"cycles.json", "phase.png", "passages.csv", "premium.json", "premium.png"} <= written


def test_the_table_of_causes_is_that_of_the_code() -> None:
    for part in PARTS:
        (row,) = re.findall(rf"^\| {part.name} \|.*\|$", TEXT, re.MULTILINE)
        shown = set(re.findall(r"`([\w.]+)`", row))
        assert shown == {name.removesuffix(".enabled") for name, _ in part.off}


def test_all_items_and_reasons_are_explained() -> None:
    plain = TEXT.lower()
    for name in (*ITEMS, *REASONS):
        words = name.rstrip("s") if name in {"better firms", "key firm"} else name
        assert words.replace("jobs in", "jobs are in") in plain, name
