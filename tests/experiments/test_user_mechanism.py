"""Mechanisms from files: found, loaded, and refused with a reason."""

from pathlib import Path

import pytest

from clustersim.experiments.user_mechanism import (
    MechanismFailedError,
    UserMechanismError,
    blamed,
    load_mechanism,
)

GOOD = """
from __future__ import annotations
from typing import ClassVar
from clustersim.mechanisms.base import Mechanism

class Quiet(Mechanism):
    name: ClassVar[str] = "quiet"
    strength: float = 0.5

    def apply(self, world, draws):
        pass
"""
FUTURE, BODY = GOOD.lstrip().split("\n", 1)
SECOND = BODY.replace("Quiet", "Loud").replace('"quiet"', '"loud"')


def write(folder: Path, text: str, name: str = "own.py") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def test_the_only_mechanism_is_taken(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD)
    loaded = load_mechanism(str(file))
    assert loaded.kind.__name__ == "Quiet"
    assert loaded.kind().strength == 0.5  # type: ignore[attr-defined]
    assert loaded.file == file
    record = loaded.record()
    assert (record["class"], record["file"]) == ("Quiet", str(file))
    assert load_mechanism(str(file)).sha256 == record["sha256"]


def test_one_of_several_is_named(tmp_path: Path) -> None:
    file = write(tmp_path, GOOD + SECOND)
    assert load_mechanism(f"{file}:Loud").kind.name == "loud"
    with pytest.raises(UserMechanismError, match=r"several mechanisms \(Quiet, Loud\); choose"):
        load_mechanism(str(file))
    with pytest.raises(UserMechanismError, match="no mechanism 'Quite'; did you mean Quiet"):
        load_mechanism(f"{file}:Quite")
    with pytest.raises(UserMechanismError, match="no mechanism 'X'; it has Quiet, Loud"):
        load_mechanism(f"{file}:X")


def test_common_base_in_the_file_is_not_meant(tmp_path: Path) -> None:
    text = GOOD + "\nclass Quieter(Quiet):\n    name: ClassVar[str] = 'quieter'\n"
    assert load_mechanism(str(write(tmp_path, text))).kind.name == "quieter"


def test_files_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one = load_mechanism(str(write(tmp_path / "a", GOOD)))
    other = load_mechanism(str(write(tmp_path / "b", f"{FUTURE}\n{SECOND}")))
    assert (one.kind.name, other.kind.name) == ("quiet", "loud")
    assert one.kind.__module__ != other.kind.__module__


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1\n", "has no subclass of clustersim.mechanisms.base.Mechanism"),
        (
            "from clustersim.mechanisms.shocks import Shocks\n",
            "has no subclass of clustersim.mechanisms.base.Mechanism",
        ),
        ("x = 1\nimport sys\nsys.exit(0)\n", "own.py, line 3: it ends the program"),
        (GOOD + "\n    def model_post_init(self, _):\n        exit()\n", "cannot be made: it ends"),
        ("def broken(:\n", "own.py, line 1: SyntaxError"),
        ("x = 1\ny = x / 0\n", "own.py, line 2: ZeroDivisionError: division by zero"),
        (GOOD.replace("    strength: float = 0.5\n", "    strength: float\n"), r"\(strength\)"),
        (GOOD.replace('    name: ClassVar[str] = "quiet"\n', ""), "Quiet has no name"),
        (GOOD.replace('"quiet"', '"learning"'), "'learning' is a mechanism of clustersim"),
        (GOOD.replace("def apply", "def applies"), "Quiet has no `apply"),
    ],
)
def test_what_cannot_be_used_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserMechanismError, match=message):
        load_mechanism(str(write(tmp_path, text)))


@pytest.mark.parametrize(
    ("fails", "message"),
    [
        ("1 / 0", r"own\.py, line 11: ZeroDivisionError: division by zero$"),
        ("raise SystemExit", r"own\.py, line 11: it ends the program"),
    ],
)
def test_failing_mechanism_is_blamed(tmp_path: Path, fails: str, message: str) -> None:
    loaded = load_mechanism(str(write(tmp_path, GOOD.replace("pass", fails))))
    other = load_mechanism(str(write(tmp_path, GOOD, "other.py")))
    with pytest.raises(MechanismFailedError, match=message), blamed([other, loaded]):
        loaded.kind().apply(None, None)  # type: ignore[arg-type]
    with pytest.raises(KeyError), blamed([other, loaded]):
        {}["of nobody's file"]


def test_nothing_is_left_beside_the_file(tmp_path: Path) -> None:
    load_mechanism(str(write(tmp_path, GOOD)))
    assert [path.name for path in tmp_path.iterdir()] == ["own.py"]


def test_missing_file_and_other_file_are_said(tmp_path: Path) -> None:
    with pytest.raises(UserMechanismError, match="no such file; expected"):
        load_mechanism(str(tmp_path / "nothing.py"))
    with pytest.raises(UserMechanismError, match="not a Python file"):
        load_mechanism(str(write(tmp_path, GOOD, "own.txt")))
