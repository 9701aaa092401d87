"""The search: it finds known fronts, and an interruption changes nothing."""

import math

import numpy as np
import pytest

from clustersim.experiments.optimise import OptimisationError
from clustersim.experiments.optimise.front import front_of
from clustersim.experiments.optimise.search import Journal, proposed, search
from clustersim.experiments.sweep.study import Factor, Optimisation

pytest.importorskip("optuna")


def section(**more):
    return Optimisation.model_validate(
        {
            "goals": [
                {"outcome": "jobs", "better": "less"},
                {"outcome": "firms", "better": "less"},
            ],
            "candidates": 400,
            "generation": 20,
            "seed": 3,
            **more,
        }
    )


def levers(n, low=0.0, high=1.0):
    return {f"x{i}": Factor(low=low, high=high) for i in range(n)}


def point(*goals):
    return {
        name: np.full((1, 1), float(value))
        for name, value in zip(("jobs", "firms"), goals, strict=True)
    }


def zdt1(candidates):
    """Zitzler, Deb & Thiele 2000; the front is f2 = 1 - sqrt(f1)."""
    found = []
    for values in candidates:
        x = list(values.values())
        g = 1.0 + 9.0 * sum(x[1:]) / (len(x) - 1)
        found.append((point(x[0], g * (1.0 - math.sqrt(x[0] / g))), None))
    return found


def schaffer(candidates):
    """Schaffer 1985; all x from 0 to 2 are on the front."""
    return [(point(one["x0"] ** 2, (one["x0"] - 2.0) ** 2), None) for one in candidates]


def tried(folder, one, factors, evaluate, **more):
    return search(one, factors, evaluate, Journal(folder, {"title": "a test"}, 2), **more)


def test_the_front_of_schaffer(tmp_path):
    one = section(candidates=100)
    found = front_of("a", one, tried(tmp_path, one, levers(1, -10.0, 10.0), schaffer))
    front = [found.candidates[i] for i in found.scores.front]
    assert len(front) > 15
    assert all(-0.01 <= c.values["x0"] <= 2.01 for c in front)
    # The whole front is covered, and the knee is where both goals are equal.
    assert min(c.values["x0"] for c in front) < 0.4
    assert max(c.values["x0"] for c in front) > 1.6
    assert found.candidates[found.scores.knee].values["x0"] == pytest.approx(1.0, abs=0.25)


def test_the_front_of_zdt1(tmp_path):
    one = section(candidates=600)
    found = front_of("a", one, tried(tmp_path, one, levers(4), zdt1))
    gaps = []
    for i in found.scores.front:
        f1, f2 = found.scores.costs[i]
        gaps.append(f2 - (1.0 - math.sqrt(f1)))
    assert min(gaps) > -1e-9
    assert np.mean(gaps) < 0.1
    # Chance alone with as many candidates stays far away.
    lucky = np.random.default_rng(1).random((600, 4))
    chance = zdt1([dict(enumerate(row)) for row in lucky])
    values = [(float(o["firms"][0, 0]), float(o["jobs"][0, 0])) for o, _ in chance if o is not None]
    assert min(f2 - (1.0 - math.sqrt(f1)) for f2, f1 in values) > np.mean(gaps)


def test_the_first_generation_fills_the_space():
    first = proposed(section(), ["a", "b"], [])
    assert len(first) == 20
    for name in ("a", "b"):
        shares = sorted(one[name] for one in first)
        assert max(np.diff([0.0, *shares, 1.0])) < 0.15


@pytest.mark.parametrize("robust", ["mean", "regret"])
def test_an_interrupted_search_goes_on_to_the_same_end(tmp_path, robust):
    one = section(candidates=90, robust=robust)
    whole = tried(tmp_path / "whole", one, levers(3), zdt1)
    calls = []

    def stopped(candidates):
        calls.append(len(candidates))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return zdt1(candidates)

    with pytest.raises(KeyboardInterrupt):
        tried(tmp_path / "parts", one, levers(3), stopped)
    # In the middle of a generation, too.
    assert len(tried(tmp_path / "parts", one, levers(3), zdt1, most=53)) == 53
    told = []
    parts = tried(tmp_path / "parts", one, levers(3), zdt1, progress=lambda *now: told.append(now))
    assert told == [(60, 90), (80, 90), (90, 90)]
    assert [c.shares for c in parts] == [c.shares for c in whole]
    assert len(whole) == 90
    other = tried(tmp_path / "other", section(candidates=90, seed=4), levers(3), zdt1)
    assert [c.shares for c in other] != [c.shares for c in whole]


def test_a_candidate_is_not_tried_twice(tmp_path):
    seen = []

    def once(candidates):
        seen.extend(tuple(one.values()) for one in candidates)
        return [(point(one["x0"], one["x1"]), None) for one in candidates]

    few = {
        "x0": Factor(low=1.0, high=3.0, whole=True),
        "x1": Factor(values=(10, 20, 30)),
    }
    found = tried(tmp_path, section(candidates=60), few, once)
    assert len(found) == 60
    assert len(seen) == len(set(seen)) <= 9
    assert found[0].outcomes is not None


def test_failed_candidates_are_kept_and_avoided(tmp_path):
    def half(candidates):
        return [(None, "a test") if one["x0"] > 0.5 else zdt1([one])[0] for one in candidates]

    found = tried(tmp_path, section(candidates=200), levers(2), half)
    failed = [one.failed == "a test" for one in found]
    assert all(one.outcomes is None for one, bad in zip(found, failed, strict=True) if bad)
    assert np.mean(failed[:20]) > 0.35
    assert np.mean(failed[100:]) < 0.2


def test_what_is_not_allowed_is_left(tmp_path):
    one = section(candidates=200, at_least={"jobs": 0.5})
    found = front_of("a", one, tried(tmp_path, one, levers(2), zdt1))
    assert all(found.candidates[i].values["x0"] >= 0.5 for i in found.scores.front)
    assert np.mean([v <= 0.0 for v in found.scores.violation[100:]]) > 0.8


def test_another_search_does_not_go_on_in_the_same_folder(tmp_path):
    Journal(tmp_path, {"seed": 1, "title": "a"}, 2)
    with pytest.raises(OptimisationError, match="another search \\(it differs in seed\\)"):
        Journal(tmp_path, {"seed": 2, "title": "a"}, 2)
