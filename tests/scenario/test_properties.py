"""Whatever is in a file, reading it gives a scenario or says what is wrong with it."""

import re
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clustersim.scenario.builtin import builtin_scenarios
from clustersim.scenario.nodes import plain
from clustersim.scenario.problems import Findings, Problem, ScenarioError
from clustersim.scenario.reader import read_scenario, read_scenario_text
from clustersim.scenario.yaml_source import parse, read_text
from clustersim.scenario.yaml_text import yaml_text

SHIPPED = frozenset(one.name for one in builtin_scenarios())
TEXT = (Path(__file__).parent / "data" / "small.yaml").read_text(encoding="utf-8")
WORDS = re.findall(r"[\w.]+|[^\w\s]|\s+", TEXT)
PLACES = st.integers(0, len(WORDS) - 1)
PIECES = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(
        [
            *("*a", "&a", "!!x ", "!", "<<: ", "\t", "---\n", ".nan", "1e999", "9" * 50, "true"),
            *("null", "{", "}", "[", "]", "? ", "- ", ": ", "|", ">", "%", "@", "`", '"', "'"),
            *("#", "~", "-1"),
        ]
    ),
    st.text(max_size=5),
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    words = list(WORDS)
    for _ in range(draw(st.integers(1, 4))):
        place = draw(PLACES) % len(words)
        action = draw(st.sampled_from(["replace", "insert", "delete", "repeat"]))
        if action == "replace":
            words[place] = draw(PIECES)
        elif action == "insert":
            words.insert(place, draw(PIECES))
        elif action == "delete" and len(words) > 1:
            del words[place]
        else:
            words.insert(draw(PLACES) % len(words), words[place])
    return "".join(words)


def read_or_complain(text: str) -> None:
    problems: tuple[Problem, ...] = ()
    try:
        resolved = read_scenario_text(text)
    except ScenarioError as error:
        problems = error.problems
    else:
        resolved.mechanisms()
        assert read_scenario_text(resolved.text).scenario == resolved.scenario
    for problem in problems:
        str(problem).encode("utf-8")  # can be printed
        assert problem.line is None or problem.line >= 1
        assert problem.column is None or problem.column >= 1


@settings(max_examples=150)
@given(mutated())
def test_a_mutated_scenario_is_read_or_refused(text: str) -> None:
    read_or_complain(text)


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_complain(text)


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "random.yaml"
    path.write_bytes(data)
    with pytest.raises(ScenarioError):
        read_scenario(path)


@settings(max_examples=100)
@given(st.text(max_size=20), st.text(max_size=20))
def test_any_override_is_read_or_refused(key: str, value: str) -> None:
    places: list[str] = []
    try:
        read_scenario_text(TEXT, overrides={key: value, "about": value})
    except ScenarioError as error:
        places = [problem.path for problem in error.problems]
    assert all(place.startswith("command line: ") for place in places)


@settings(max_examples=100)
@given(st.text(max_size=12))
def test_any_path_is_read_or_refused(name: str) -> None:
    assume(name not in SHIPPED)
    with pytest.raises(ScenarioError):
        read_scenario(name)
    findings = Findings()
    assert read_text(Path(name), name, findings) is None
    assert len(findings) == 1


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t"), max_size=20),
)
KEYS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
DATA = st.dictionaries(
    KEYS.filter(lambda key: key != "<<"),
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3).map(tuple),
            st.dictionaries(KEYS.filter(lambda key: key != "<<"), inner, max_size=3),
        ),
        max_leaves=8,
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300)
@given(DATA)
def test_what_is_written_reads_back_the_same(data: dict[str, object]) -> None:
    findings = Findings()
    text = yaml_text(data)
    document = parse(text, "x", findings)
    assert list(findings) == [], text
    assert document is not None
    assert plain(document.root) == data
    assert repr(plain(document.root)) == repr(data)
