"""Study files: factors, and mistakes told with place and remedy."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from clustersim.experiments.sweep.plan import lay_out
from clustersim.experiments.sweep.study import Factor, Replications, Study, read_study
from clustersim.scenario.problems import ScenarioError
from tests.experiments.sweep.small import TINY, content, study_file

HEAD = f"title: A\nscenarios: [{TINY}]\n"


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("titel: x\n", 3, "titel: unknown key.*did you mean 'title'"),
        ("replications: {seeds: 0}\n", 3, "0 seeds; expected 1 to 1,000,000"),
        ("replications: {seeds: [1, 1]}\n", 3, "none of them twice"),
        ("replications: {seeds: [-1]}\n", 3, "expected seeds from 0 to 2"),
        ("keep: [clutsers]\n", 3, "no table 'clutsers'; expected some of clusters"),
        ("baseline: nobody\n", None, "'nobody' is none of the scenarios \\(tiny\\)"),
        ("set: {seed: 3}\n", None, "seeds stand under `replications`"),
        ("levers: {parameters: {seed: [1, 2]}}\n", None, "seed is the same for all runs"),
        (
            "levers: {parameters: {a.b: [1]}}\nuncertainties: {parameters: {a.b: [1]}}\n",
            None,
            "a.b: either uncertain or a lever",
        ),
        ("levers: {parameters: {a.b: {values: [1], scenarios: [x]}}}\n", None, "x is none of the"),
        ("levers: {design: sobol, parameters: {a.b: {low: 1, high: 2}}}\n", 3, "`samples` is mi"),
        ("levers: {samples: 3, parameters: {a.b: [1]}}\n", 3, "a grid has no `samples`"),
        ("levers: {parameters: {a.b: {low: 1, high: 2}}}\n", 3, "a grid needs .* of a.b"),
        (
            "levers: {design: saltelli, samples: 6, parameters: {a.b: {low: 1, high: 2}}}\n",
            3,
            "6 base samples; expected a power of two, such as 8",
        ),
        (
            "levers:\n  design: morris\n  samples: 4\n  parameters:\n"
            "    a.b: {low: 1, high: 2, scenarios: [tiny]}\n",
            None,
            "varies all factors in all scenarios",
        ),
        (
            "levers:\n  parameters:\n    a.b: {low: 0, high: 1, steps: 1000}\n"
            "    a.c: {low: 0, high: 1, steps: 1000}\n    a.d: {low: 0, high: 1, steps: 1000}\n",
            None,
            "a grid of 1,000,000,000 points",
        ),
        ("levers: {parameters: {a.b: {low: 2, high: 1}}}\n", 3, "low is 2, which is not below"),
        ("levers: {parameters: {a.b: {low: 1}}}\n", 3, "expected both `low` and `high`"),
        ("levers: {parameters: {a.b: {values: [1], low: 1, high: 2}}}\n", 3, "either `values`"),
        ("levers: {parameters: {a.b: {values: [1], log: true}}}\n", 3, "belong to a range"),
        ("levers: {parameters: {a.b: {low: 0, high: 1, log: true}}}\n", 3, "begin above zero"),
        ("levers: {parameters: {a.b: {low: 0.2, high: 0.8, whole: true}}}\n", 3, "no whole number"),
        ("levers: {parameters: {a.b: {}}}\n", 3, "expected either `values`"),
        ("years: -1\n", 3, "years: input should be greater than 0"),
        ("years: 1\nyears: 2\n", 4, "years.*twice|duplicate|already"),
    ],
)
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, text: str, line: int | None, told: str
) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=told) as caught:
        read_study(path)
    (problem,) = caught.value.problems
    assert problem.path == str(path)
    if line is not None:
        assert problem.line == line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "study.yaml"),
        ("title: A\nscenarios: []\n", "scenarios: .*at least 1"),
        ("title: A\nscenarios: [a.yaml, b/a.yaml]\n", "a stands there twice; give each a `name`"),
        ("- a\n", "study.yaml:1"),
        ("title: [\n", "study.yaml:"),
    ],
)
def test_what_is_no_study_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ScenarioError, match=told):
        read_study(path)


def test_several_mistakes_are_told_together(tmp_path: Path) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(f"{HEAD}keep: [x]\nyears: 0\nmore: 1\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        read_study(path)
    assert [one.line for one in caught.value.problems] == [3, 4, 5]


def test_a_study_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.yaml"):
        read_study(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("changes", "line", "told"),
    [
        ({"set": {"learning.tie_rat": 1}}, None, "tie_rate"),
        ({"scenarios": [{"scenario": "nowhere"}], "baseline": None}, None, "nowhere"),
        (
            {"levers": {"parameters": {"learning.tie_rate2": [1]}}, "uncertainties": {}},
            None,
            "vouchers: .*learning.tie_rate2",
        ),
        (
            {"uncertainties": {"parameters": {"learning.tie_rate": [0.1, -5]}}},
            None,
            "tiny: .*-5",
        ),
    ],
)
def test_what_a_scenario_does_not_take_is_told_at_its_place_in_the_study(
    tmp_path: Path, changes: dict[str, Any], line: int | None, told: str
) -> None:
    path = study_file(tmp_path, **changes)
    read, root = read_study(path)
    with pytest.raises(ScenarioError, match=told) as caught:
        lay_out(read, file=path, root=root)
    assert all(one.path == str(path) and one.line for one in caught.value.problems)


ranges = st.tuples(st.floats(0.001, 1e6), st.floats(1.001, 1e3), st.booleans(), st.booleans()).map(
    lambda t: {"low": t[0], "high": t[0] * t[1] + 1.0, "log": t[2], "whole": t[3]}
)


@given(ranges, st.floats(0, 1), st.floats(0, 1))
def test_a_factor_stays_in_its_range_and_rises(given_: dict[str, Any], a: float, b: float) -> None:
    factor = Factor(**given_)
    first, second = sorted((a, b))
    low, high = factor.at(first), factor.at(second)
    assert given_["low"] <= low <= high <= given_["high"]
    if factor.whole:
        assert all(isinstance(value, int) for value in (low, high))
        ends = math.ceil(given_["low"]), math.floor(given_["high"])
        assert (factor.at(0.0), factor.at(1.0)) == ends


@given(ranges, st.integers(2, 40))
def test_levels_stay_in_the_range_and_rise(given_: dict[str, Any], steps: int) -> None:
    found = Factor(**given_, steps=steps).levels()
    assert list(found) == sorted(set(found))
    assert given_["low"] <= found[0] <= found[-1] <= given_["high"]
    if not given_["whole"]:
        assert len(found) == steps
        assert (found[0], found[-1]) == (given_["low"], given_["high"])


def test_each_whole_number_has_an_equal_part() -> None:
    factor = Factor(low=1, high=4, whole=True)
    assert [factor.at(k / 8) for k in range(8)] == [1, 1, 2, 2, 3, 3, 4, 4]
    small = Factor(low=1, high=7, whole=True, log=True)  # parts end at 1/3, 0.53, 2/3 ...
    assert [small.at(s) for s in (0.0, 0.32, 0.34, 0.66, 0.67, 1.0)] == [1, 1, 2, 3, 4, 7]


def test_values_have_equal_parts_and_are_levels_and_ends() -> None:
    factor = Factor(values=("a", "b", True))
    assert [factor.at(s) for s in (0.0, 0.3, 0.34, 0.7, 1.0)] == ["a", "a", "b", True, True]
    assert factor.levels() == factor.ends() == ("a", "b", True)


def test_a_range_in_logarithms() -> None:
    factor = Factor(low=1, high=100, log=True, steps=3)
    assert factor.levels() == pytest.approx((1, 10, 100))
    assert factor.at(0.5) == pytest.approx(10)


def test_seeds_are_counted_or_named() -> None:
    with pytest.raises(ValidationError, match=r"expected seeds from 0 to 2\*\*63 - 1"):
        Replications(seeds=(2**63,))
    assert Replications(seeds=3, first=5).numbers == (5, 6, 7)
    assert Replications(seeds=(9, 2)).numbers == (9, 2)


def test_a_plain_list_is_a_factor_and_a_plain_name_a_scenario() -> None:
    found = Study.model_validate(content(levers={"parameters": {"a.b": [1, 2]}}))
    assert found.levers.parameters["a.b"].values == (1, 2)
    assert [one.known_as for one in found.scenarios] == ["tiny", "vouchers"]


def test_a_study_is_frozen() -> None:
    found = Study.model_validate(content())
    with pytest.raises(ValidationError):
        found.title = "other"  # type: ignore[misc]
