"""Functions whose indices are known, through the same tables as a sweep's."""

import math

import numpy as np
import pandas as pd
import pytest

from clustersim.experiments.sensitivity import SensitivityError
from clustersim.experiments.sensitivity.analysis import analyse
from clustersim.experiments.sensitivity.indices import elementary_effects
from clustersim.experiments.sensitivity.luck import luck_of
from clustersim.experiments.sweep.points import points
from clustersim.experiments.sweep.study import Study

SEEDS = (1, 2)


def study(design, samples, n_factors, **more):
    factors = {f"x{i}": {"low": 0.0, "high": 1.0} for i in range(1, n_factors + 1)}
    return Study.model_validate(
        {
            "title": "a function",
            "scenarios": ["base"],
            "uncertainties": {"design": design, "samples": samples, "parameters": factors},
            **more,
        }
    )


def tables(one, function, seeds=SEEDS, effect=None):
    """Return the tables of a sweep whose outcome is a function of the shares and the seed."""
    every = points(one.uncertainties)
    n = len(every)
    shares = np.array([list(point.shares.values()) for point in every])
    roles = ["scenario"] * n if effect is None else ["scenario"] * n + ["counterpart"] * n
    design = pd.DataFrame({"cell": np.arange(len(roles)), "role": roles, "option": -1})
    design["scenario"] = "base"
    design["point"] = np.arange(len(roles)) % n
    design["against"] = -1
    if effect is not None:
        design.loc[: n - 1, "against"] = np.arange(n, 2 * n)
    for i, name in enumerate(every[0].shares):
        design[f"share:{name}"] = np.tile(shares[:, i], len(roles) // n)
    rows = []
    for seed in seeds:
        level = function(shares, seed)
        values = level if effect is None else np.concatenate([level + effect(shares), level])
        rows.append(pd.DataFrame({"cell": design["cell"], "seed": seed, "jobs": values}))
    return design, pd.concat(rows, ignore_index=True)


def analysed(one, function, seeds=SEEDS, effect=None):
    design, runs = tables(one, function, seeds, effect)
    return analyse(one, design, runs, seeds, ["jobs"])


def ishigami(shares, _seed=1):
    x = math.pi * (2.0 * shares - 1.0)
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def ishigami_indices():
    """Return S1 and ST, with a = 7 and b = 0.1 (Ishigami & Homma 1990)."""
    v1 = 0.5 * (1.0 + 0.1 * math.pi**4 / 5.0) ** 2
    v2 = 7.0**2 / 8.0
    v13 = 0.1**2 * math.pi**8 * (1.0 / 18.0 - 1.0 / 50.0)
    v = v1 + v2 + v13
    return np.array([v1, v2, 0.0]) / v, np.array([v1 + v13, v2, v13]) / v


def values(analysis, measure):
    return np.array([one.value for one in analysis.indices.measures[measure]])


def test_sobol_indices_of_the_ishigami_function():
    (found,) = analysed(study("saltelli", 4096, 3), ishigami).analyses
    s1, st = ishigami_indices()
    assert s1 == pytest.approx([0.3139, 0.4424, 0.0], abs=1e-4)
    assert values(found, "S1") == pytest.approx(s1, abs=0.02)
    assert values(found, "ST") == pytest.approx(st, abs=0.02)
    # Without luck there is nothing to take off.
    assert values(found, "ST_net") == pytest.approx(values(found, "ST"))
    for measure, truth in (("S1", s1), ("ST", st)):
        for one, true in zip(found.indices.measures[measure], truth, strict=True):
            assert one.low - 1e-9 <= true <= one.high + 1e-9
    assert found.indices.order == (0, 1, 2)
    assert (found.mean, found.luck.parameters) == pytest.approx((3.5, 1.0), abs=0.02)
    assert found.warnings() == []


def test_sobol_indices_of_the_g_function():
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0])
    v = 1.0 / (3.0 * (1.0 + a) ** 2)
    whole = float(np.prod(1.0 + v)) - 1.0
    first = v / whole
    total = v * np.array([np.prod(np.delete(1.0 + v, i)) for i in range(5)]) / whole

    def g(shares, _seed):
        return np.prod((np.abs(4.0 * shares - 2.0) + a) / (1.0 + a), axis=1)

    (found,) = analysed(study("saltelli", 2048, 5), g).analyses
    assert values(found, "S1") == pytest.approx(first, abs=0.03)
    assert values(found, "ST") == pytest.approx(total, abs=0.03)
    assert found.indices.order == (0, 1, 2, 3, 4)


def test_luck_raises_total_indices_and_can_be_taken_off():
    spread = float(np.std(ishigami(np.random.default_rng(1).random((100_000, 3)))))

    def noisy(shares, seed):
        own = np.random.default_rng(seed).normal(size=len(shares))
        return ishigami(shares) + 10.0 * seed + spread * own

    seeds = (1, 2, 3, 4)
    (found,) = analysed(study("saltelli", 4096, 3), noisy, seeds).analyses
    # Half of the variance of single runs but for the seed's own part, a fifth of that of means.
    assert found.luck.noise == pytest.approx(0.2, abs=0.02)
    assert found.luck.parameters == pytest.approx(found.luck.own, rel=0.1)
    truth = ishigami_indices()[1]
    assert values(found, "ST") == pytest.approx(0.2 + 0.8 * truth, abs=0.03)
    assert values(found, "ST_net") == pytest.approx(truth, abs=0.04)


def test_morris_on_a_linear_function_gives_its_coefficients():
    slopes = np.array([3.0, -2.0, 0.0, 0.5])
    (found,) = analysed(study("morris", 10, 4), lambda x, seed: x @ slopes + seed).analyses
    assert values(found, "mu") == pytest.approx(slopes)
    assert values(found, "mu_star") == pytest.approx(np.abs(slopes))
    assert values(found, "sigma") == pytest.approx(0.0, abs=1e-9)
    assert found.indices.order == (0, 1, 3, 2)
    assert found.warnings() == []
    # All seeds move all points alike: no luck of their own.
    assert (found.luck.own, found.luck.noise) == pytest.approx((0.0, 0.0), abs=1e-12)


def test_morris_sees_an_interaction():
    (found,) = analysed(study("morris", 40, 3), lambda x, _: x[:, 0] * x[:, 1]).analyses
    sigma = values(found, "sigma")
    assert min(sigma[:2]) > 0.2
    assert sigma[2] < 1e-12


def test_elementary_effects_are_changes_over_steps():
    x = np.array(
        [[0.0, 1.0], [2 / 3, 1.0], [2 / 3, 1 / 3], [1.0, 0.0], [1.0, 2 / 3], [1 / 3, 2 / 3]]
    )
    y = x @ [6.0, -3.0] + np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    assert elementary_effects(x, y) == pytest.approx(np.array([[6.0, -3.0]] * 2))


def test_rank_correlations_of_a_monotone_function():
    def bent(x, _seed):
        return np.exp(4.0 * x[:, 0]) - 3.0 * x[:, 1] ** 3

    (found,) = analysed(study("lhs", 400, 3), bent).analyses
    prcc = values(found, "PRCC")
    assert prcc[0] > 0.9
    assert prcc[1] < -0.15
    assert abs(prcc[2]) < 0.15
    assert found.indices.measures["PRCC"][2].low < 0.0 < found.indices.measures["PRCC"][2].high
    assert found.indices.explained > 0.9
    assert found.indices.order[0] == 0


def test_rank_correlations_agree_with_those_of_residuals():
    from scipy import stats

    one = study("sobol", 64, 3)
    design, _ = tables(one, ishigami)
    (found,) = analysed(one, ishigami).analyses
    x = stats.rankdata(design[["share:x1", "share:x2", "share:x3"]].to_numpy(), axis=0)
    y = stats.rankdata(ishigami(design.filter(like="share:").to_numpy()))

    def rest(values, others):
        columns = np.column_stack([np.ones(len(values)), others])
        return values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]

    for i in range(3):
        others = np.delete(x, i, axis=1)
        expected = np.corrcoef(rest(x[:, i], others), rest(y, others))[0, 1]
        assert values(found, "PRCC")[i] == pytest.approx(expected, abs=1e-9)
    assert any("goes up and down" in text for text in found.warnings())


def test_an_effect_hangs_on_something_else_than_the_level():
    found = analysed(study("saltelli", 512, 3), ishigami, effect=lambda x: 2.0 * x[:, 2])
    level, effect = found.analyses
    assert (level.of, effect.of) == ("level", "effect")
    assert level.factors[level.indices.order[0]] == "x1"
    assert effect.factors[effect.indices.order[0]] == "x3"
    assert values(effect, "ST") == pytest.approx([0.0, 0.0, 1.0], abs=0.01)
    assert "the effect of jobs hangs most on x3" in found.words()


def test_wide_intervals_are_told_with_what_would_do():
    (few,) = analysed(study("saltelli", 128, 3), ishigami).analyses
    wide, *_ = few.warnings()
    assert "half an interval is up to" in wide
    assert few.indices.needed > 128
    assert few.indices.needed.bit_count() == 1
    (enough,) = analysed(study("saltelli", few.indices.needed, 3), ishigami).analyses
    assert not enough.indices.wide


def test_a_first_place_that_is_not_settled_is_told():
    def equal(x, _seed):
        return x[:, 0] + 1.001 * x[:, 1]

    (found,) = analysed(study("saltelli", 64, 2), equal).analyses
    assert found.indices.settled < 0.95
    assert any("not settled" in text for text in found.warnings())


def test_the_parts_of_variance_are_those_of_the_model():
    rng = np.random.default_rng(5)
    a, b, c = rng.normal(size=(4000, 1)), rng.normal(size=200), rng.normal(size=(4000, 200))
    found = luck_of(2.0 * a + 1.0 * b + 3.0 * c)
    assert (found.parameters, found.common, found.own) == pytest.approx(
        (4 / 14, 1 / 14, 9 / 14), abs=0.02
    )
    assert found.noise == pytest.approx((9 / 200) / (4 + 9 / 200), rel=0.1)


@pytest.mark.parametrize(
    "values", [np.ones((5, 3)), np.ones((1, 3)), np.arange(5.0)[:, np.newaxis]]
)
def test_luck_is_unknown_where_nothing_can_tell(values):
    assert math.isnan(luck_of(values).noise)


def without(runs, lost):
    return runs[~runs["cell"].isin(lost)]


def test_sobol_needs_every_run():
    one = study("saltelli", 8, 3)
    design, runs = tables(one, ishigami)
    with pytest.raises(SensitivityError, match=r"2 of 80 runs are missing.*1 have failed.*retry"):
        analyse(one, design, without(runs, [7]), SEEDS, ["jobs"], folder="out", failed=1)


def test_morris_leaves_out_whole_trajectories():
    one = study("morris", 10, 3)
    design, runs = tables(one, ishigami)
    found = analyse(one, design, without(runs, [5]), SEEDS, ["jobs"])
    assert found.notes[0].startswith("base: 2 of 80 runs are missing: 1 of 10 trajectories")
    (kept,) = found.analyses
    assert (kept.points, kept.dropped, kept.indices.blocks) == (36, 4, 9)
    # What is left is what a design without that trajectory gives.
    left = runs[(runs["cell"] < 4) | (runs["cell"] >= 8)]
    (again,) = analyse(one, design, left, SEEDS, ["jobs"]).analyses
    assert repr(kept) == repr(again)  # NaN, for what is not told, is not equal to itself


def test_other_designs_leave_out_points():
    one = study("lhs", 40, 3)
    design, runs = tables(one, ishigami)
    found = analyse(one, design, without(runs, [5, 9]), SEEDS, ["jobs"])
    assert found.analyses[0].points == 38
    assert "2 of 40 points are left out" in found.notes[0]


@pytest.mark.parametrize(
    ("design", "samples", "lost", "message"),
    [
        ("morris", 3, [], "3 trajectories"),
        ("lhs", 12, [], "12 points for 3 factors"),
        ("lhs", 12, range(12), "no point is whole"),
        ("morris", 4, range(16), "no point is whole"),
    ],
)
def test_too_few_points_are_an_error(design, samples, lost, message):
    one = study(design, samples, 3)
    cells, runs = tables(one, ishigami)
    with pytest.raises(SensitivityError, match=message):
        analyse(one, cells, without(runs, lost), SEEDS, ["jobs"])


def test_an_outcome_that_does_not_vary_or_is_not_known_is_left_out():
    one = study("morris", 5, 3)
    with pytest.raises(SensitivityError, match="the same at all points"):
        analysed(one, lambda x, _: np.ones(len(x)))
    with pytest.raises(SensitivityError, match="not known at 1 points"):
        analysed(one, lambda x, _: np.where(np.arange(len(x)) == 3, np.nan, x[:, 0]))


def test_nothing_in_ranges_is_an_error():
    grid = Study.model_validate(
        {
            "title": "a grid",
            "scenarios": ["base"],
            "uncertainties": {"parameters": {"x1": {"values": [1, 2]}}},
        }
    )
    with pytest.raises(SensitivityError, match="nothing is varied over ranges"):
        analyse(grid, pd.DataFrame(), pd.DataFrame(), SEEDS)


def test_each_setting_of_the_levers_is_looked_at_for_itself():
    factors = {f"x{i}": {"low": 0.0, "high": 1.0} for i in (1, 2)}
    one = Study.model_validate(
        {
            "title": "two settings",
            "scenarios": ["base"],
            "uncertainties": {"design": "morris", "samples": 5, "parameters": factors},
            "levers": {"parameters": {"budget": [0, 1]}},
        }
    )
    n = len(points(one.uncertainties))
    design, _ = tables(one, lambda x, _: x[:, 0])
    design = pd.concat([design.assign(option=0), design.assign(option=1)], ignore_index=True)
    design["cell"] = np.arange(2 * n)
    x = design.filter(like="share:").to_numpy()
    jobs = np.where(np.arange(2 * n) < n, x[:, 0], 3.0 * x[:, 1])
    runs = pd.DataFrame({"cell": design["cell"], "seed": 1, "jobs": jobs})
    low, high = analyse(one, design, runs, [1], ["jobs"]).analyses
    assert (low.option, high.option) == (0, 1)
    assert values(low, "mu") == pytest.approx([1.0, 0.0])
    assert values(high, "mu") == pytest.approx([0.0, 3.0])
    assert high.label == "base, option 1"
