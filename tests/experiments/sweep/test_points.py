"""Points: each design does what it is for, and the same seed gives the same points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.experiments.sweep import points as module
from clustersim.experiments.sweep.points import MORRIS_LEVELS, MissingExtraError, points
from clustersim.experiments.sweep.study import Exploration

RANGES = {"a.x": {"low": 0, "high": 1}, "a.y": {"low": 10, "high": 1000, "log": True}}


def exploration(design: str, samples: int | None, seed: int = 1) -> Exploration:
    return Exploration.model_validate(
        {"design": design, "samples": samples, "seed": seed, "parameters": RANGES}
    )


def shares(given_: Exploration) -> np.ndarray:
    return np.array([[one.shares[name] for name in RANGES] for one in points(given_)])


@given(st.integers(1, 60), st.integers(0, 1000))
def test_a_latin_hypercube_has_one_point_in_each_stratum(samples: int, seed: int) -> None:
    found = np.floor(shares(exploration("lhs", samples, seed)) * samples)
    for column in found.T:
        assert sorted(column) == list(range(samples))


@given(st.integers(0, 6), st.integers(0, 1000))
def test_sobol_points_are_balanced(power: int, seed: int) -> None:
    n = 2**power
    found = np.floor(shares(exploration("sobol", n, seed)) * n)
    for column in found.T:
        assert sorted(column) == list(range(n))


def test_sobol_takes_any_number_and_more_points_are_no_others() -> None:
    assert np.array_equal(shares(exploration("sobol", 5)), shares(exploration("sobol", 8))[:5])


@pytest.mark.parametrize(
    ("design", "samples", "n"),
    [("lhs", 7, 7), ("sobol", 7, 7), ("morris", 4, 12), ("saltelli", 4, 16)],
)
def test_the_same_seed_gives_the_same_points(design: str, samples: int, n: int) -> None:
    first, again = (points(exploration(design, samples)) for _ in range(2))
    assert first == again
    assert len(first) == n
    assert first != points(exploration(design, samples, seed=2))
    for one in first:
        assert one.values["a.x"] == one.shares["a.x"]
        assert one.values["a.y"] == pytest.approx(10 * 100 ** one.shares["a.y"])


def test_morris_moves_one_factor_at_a_time() -> None:
    found = shares(exploration("morris", 4)).reshape(4, 3, 2)
    assert ((np.diff(found, axis=1) != 0).sum(axis=2) == 1).all()
    assert set(np.round(found.ravel() * (MORRIS_LEVELS - 1), 9)) <= {0.0, 1.0, 2.0, 3.0}


def test_a_grid_varies_the_last_factor_fastest() -> None:
    found = points(
        Exploration.model_validate({"parameters": {"a.x": [1, 2], "a.y": ["p", "q", "r"]}})
    )
    assert [tuple(one.values.values()) for one in found] == [
        (1, "p"), (1, "q"), (1, "r"), (2, "p"), (2, "q"), (2, "r")
    ]  # fmt: skip
    assert all(not one.shares for one in found)


def test_nothing_varied_is_one_point_without_values() -> None:
    (one,) = points(Exploration())
    assert not one.values


def test_salib_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr("importlib.import_module", absent)
    with pytest.raises(MissingExtraError, match=r"clustersim\[sensitivity\]"):
        module.points(exploration("morris", 2))
