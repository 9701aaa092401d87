"""Files that are no scenario at all, and what plain words mean."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clustersim.scenario.nodes import plain
from clustersim.scenario.problems import Findings, ScenarioError
from clustersim.scenario.reader import read_scenario, read_scenario_text
from clustersim.scenario.scalars import is_text, resolve
from clustersim.scenario.yaml_source import parse, parse_value

Write = Callable[..., Path]


def error_of(source: str | Path) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_scenario(source)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "1:1: the file is empty"),
        (b"# only a comment\n", "1:1: the file is empty"),
        (b"---\n", "found a single value"),
        (b"a: 1\nb: caf\xe9\n", "2:7: byte 0xe9 is not UTF-8"),
        ("title: x".encode("utf-16"), "the file is UTF-16; expected UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "the file is not text"),
        (b"%YAML 9.9\n---\na: 1\n", "is not valid YAML"),
        (b'a: "\\UFFFFFFFF"\n', "is not valid YAML"),
        (b"x: " + b"1" * 11_000_000, "the file is too large; expected at most 10 MB"),
    ],
)
def test_what_is_no_scenario_is_refused(write: Write, content: bytes, message: str) -> None:
    path = write(content)
    text = error_of(path)
    assert text.startswith(str(path))
    assert message in text


def test_a_byte_order_mark_and_windows_line_ends_are_allowed(write: Write, small: Path) -> None:
    text = small.read_text(encoding="utf-8").replace("\n", "\r\n")
    windows = read_scenario(write(text.encode("utf-8-sig")))
    assert windows.scenario == read_scenario(small).scenario
    assert windows.origins["seed"].place.line == 6


def test_missing_file_folder_and_pipe_are_refused(tmp_path: Path) -> None:
    assert "there is no such file" in error_of(tmp_path / "none.yaml")
    assert "is a folder" in error_of(tmp_path)
    os.mkfifo(tmp_path / "pipe.yaml")
    assert "is not a regular file" in error_of(tmp_path / "pipe.yaml")
    assert "mine\\x00.yaml" in repr(error_of("mine\x00.yaml"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_refused(write: Write) -> None:
    path = write("schema_version: 1\n")
    path.chmod(0)
    assert "cannot be read" in error_of(path)


def test_an_alias_bomb_is_refused_at_once(write: Write) -> None:
    lines = ["a0: &a0 [x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 60)]
    start = time.perf_counter()
    text = error_of(write("\n".join(lines)))
    assert time.perf_counter() - start < 5
    assert "the alias *a0 is not allowed" in text


@pytest.mark.parametrize("sign", ["[", "{a: ", "- ", "? "])
def test_endless_nesting_is_refused_at_once(write: Write, sign: str) -> None:
    start = time.perf_counter()
    assert "nested more than 40 levels deep" in error_of(write(sign * 20_000))
    assert time.perf_counter() - start < 5


def test_mistakes_before_a_broken_line_are_found_too() -> None:
    with pytest.raises(ScenarioError) as caught:
        read_scenario_text("schema_version: 1\nyeers: 3\nseed: -1\nabout: [1, 2\n")
    messages = [problem.message for problem in caught.value.problems]
    assert messages[0] == "unknown key 'yeers'"
    assert messages[1] == "found -1"
    assert "is not valid YAML" in messages[2]
    assert len(messages) == 3


def test_many_mistakes_are_counted_but_not_all_shown() -> None:
    text = "schema_version: 1\n" + "".join(f"key{i}: 1\n" for i in range(300))
    with pytest.raises(ScenarioError) as caught:
        read_scenario_text(text)
    assert len(caught.value.problems) > 300
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == f"and {len(caught.value.problems) - 20} more"


def test_a_list_at_the_top_is_not_called_empty() -> None:
    for text in ("- 7\n", "[]", "- a: 1\n- b\n"):
        assert "found a list; expected keys and values" in error_of_text(text)


def test_control_characters_in_texts_are_refused() -> None:
    message = error_of_text('schema_version: 1\nabout: "a\\x1b[31m"\n"k\\ty": 1\n')
    assert "2:8: the control character U+001B in a text" in message
    assert "the control character U+0009" in message


def error_of_text(text: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        read_scenario_text(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("False", False),
        ("12", 12),
        ("-7", -7),
        ("017", 17),
        ("0x1F", 31),
        ("0o17", 15),
        ("00000000000000000000000000001", 1),
        ("1e-3", 0.001),
        (".5", 0.5),
        ("1.", 1.0),
        ("+1.5E2", 150.0),
        ("no", "no"),
        ("On", "On"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2001-01-01", "2001-01-01"),
        ("1,5", "1,5"),
        ("0b1", "0b1"),
        ("٣", "٣"),
        ("nan", "nan"),
    ],
)
def test_words_mean_what_yaml_1_2_says(text: str, value: object) -> None:
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)
    assert is_text(text) == isinstance(value, str)


@pytest.mark.parametrize("text", [".nan", "-.INF", "9" * 30, "0x" + "f" * 20, "1e999", "1e-999"])
def test_numbers_out_of_reach_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        resolve(text)
    assert not is_text(text)


def test_a_tree_knows_lines_and_columns() -> None:
    findings = Findings()
    document = parse("a: 1\nb:\n  - {c: x}\n  -\nd:\n", "file", findings)
    assert document is not None
    assert not len(findings)
    assert plain(document.root) == {"a": 1, "b": ({"c": "x"}, None), "d": None}
    assert document.root.entries["b"].place == ("file", 2, 1)
    assert document.root.entries["d"].value.place == ("file", 5, 1)


def test_any_value_can_be_parsed() -> None:
    findings = Findings()
    assert parse_value("", "x", findings) == (None, True)
    node, complete = parse_value("[1, {a: b}]", "x", findings)
    assert complete
    assert node is not None
    assert plain(node) == (1, {"a": "b"})


def test_a_file_that_is_read_again_gives_a_tree_of_its_own() -> None:
    findings = Findings()
    first = parse("a: {b: 1}\n", "again.yaml", findings)
    second = parse("a: {b: 1}\n", "again.yaml", findings)
    assert first is not None
    assert second is not None
    assert first == second
    first.root.entries.clear()
    third = parse("a: {b: 1}\n", "again.yaml", findings)
    assert third == second
    elsewhere = parse("a: {b: 1}\n", "elsewhere.yaml", findings)
    assert elsewhere is not None
    assert elsewhere.root.place.path == "elsewhere.yaml"


def test_a_file_with_a_mistake_reports_it_each_time() -> None:
    for _ in range(2):
        findings = Findings()
        parse("a: 1\na: 2\n", "twice.yaml", findings)
        assert len(findings) == 1
