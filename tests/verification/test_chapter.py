"""The chapter on verification tells the truth, and its command works."""

import ast
import functools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clustersim.schedule import SCHEDULE
from experiments.verification.cases import CASES
from experiments.verification.verify import CHAPTER, main
from tests.reference.compare import RELATIVE

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "experiments" / "verification" / "verify.py"
TEXT = CHAPTER.read_text(encoding="utf-8")
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)


@functools.cache
def names_in(path):
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_test_that_is_named_exists():
    assert len(NAMED) > 50
    assert [f"{path}::{name}" for path, name in NAMED if name not in names_in(path)] == []
    # Nothing that looks like a test escapes the pattern.
    assert len(re.findall(r"::\w", TEXT)) == len(NAMED)


def test_every_case_that_is_named_exists_and_every_case_is_shown_once():
    names = [case.__name__ for case in CASES]
    assert set(re.findall(r"case `(\w+)`", TEXT)) <= set(names)
    assert re.findall(r"^### `(\w+)`", TEXT, re.MULTILINE) == names


def test_every_mechanism_has_a_test_that_is_named():
    named = {path for path, _ in NAMED}
    without = [one.name for one in SCHEDULE if f"tests/mechanisms/test_{one.name}.py" not in named]
    assert [name for name in without if name not in OTHERWISE] == []


OTHERWISE = {"finance", "policy"}
"""Mechanisms whose rule is bookkeeping, worked out by hand in their own tests; those of policy are
in ``tests/policies``."""


def test_the_tolerance_of_the_twin_is_the_one_that_is_told():
    assert f"relative tolerance of {RELATIVE:.0e}".replace("e-0", "e-") in TEXT


def run(*arguments):
    command = [sys.executable, "-W", "error", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT.parent)


def test_the_command_prints_json_and_saves_the_figure_from_anywhere(tmp_path):
    picture = tmp_path / "cases.png"
    done = run("paradigms", "labour", "--json", "--figure", picture)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert list(result) == ["paradigms", "labour"]
    assert all(row["agrees"] for rows in result.values() for row in rows)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_command_prints_a_table(capsys):
    assert main(["paradigms"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("paradigms\nquantity")
    assert "years from a tenth to nine tenths" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gravity"], "no case gravity; there are survival"),
        (["labour", "--write"], "--write needs all cases"),
    ],
)
def test_wrong_usage_is_told(arguments, message, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err
