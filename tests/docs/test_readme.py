"""Every example of the README is executed as it is shown."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path
from typing import Any

from tests.docs.commands import run_line

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SET_UP = "python3 -m venv"


def test_commands_files_and_programs_of_the_readme(empty_cwd: Path) -> None:
    text = README.read_text(encoding="utf-8")
    names: dict[str, Any] = {"__name__": "readme"}
    ran = 0
    for language, options, content in BLOCK.findall(text):
        if options.strip():
            Path(options.strip().removeprefix("file=")).write_text(content, encoding="utf-8")
        elif language == "sh" and SET_UP not in content:
            for line in content.splitlines():
                run_line(line)
                ran += 1
        elif language == "python":
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(content, str(README), "exec"), names)  # noqa: S102  # to be executed
            ran += 1
    assert ran >= 10
    assert (empty_cwd / "runs/base-seed7/life_cycles.png").is_file()
    assert (empty_cwd / "my-run/manifest.json").is_file()


def test_the_two_commands_set_up_everything_themselves() -> None:
    lines = [line for line in README.read_text(encoding="utf-8").splitlines() if SET_UP in line]
    assert len(lines) == 2
    assert lines[0].endswith("clustersim run base")
    assert "pytest" in lines[1]
