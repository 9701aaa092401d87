"""The life cycle described, on histories made by hand."""

import dataclasses
import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.experiments.cycles import (
    declines,
    passages,
    phase,
    renewals,
    sensitivity,
    study,
)
from clustersim.experiments.cycles.history import (
    Blow,
    History,
    Job,
    blows,
    history,
    read_stages,
    settled_stages,
)
from clustersim.experiments.life_cycles import LOCAL_STAGE_RULE, ClusterSeries
from clustersim.experiments.run import resolve
from clustersim.experiments.validation.panel import observe
from clustersim.measures.lifecycle import Stage, StageRule
from clustersim.scenario.problems import ScenarioError
from tests.panels import panel, year

VALLEYS = Path(__file__).parent / "data" / "valleys.yaml"
RULE = LOCAL_STAGE_RULE


def series(jobs, **columns):
    """Return series of clusters with these jobs, shape (T, C)."""
    jobs = np.asarray(jobs, dtype=float)
    n_years, n = jobs.shape

    def column(name, default):
        return np.broadcast_to(np.asarray(columns.pop(name, default), dtype=float), jobs.shape)

    made = ClusterSeries(
        quarter=np.arange(n_years, dtype=np.int32) * 4,
        year=2000.0 + np.arange(n_years),
        region=np.arange(n),
        sector=np.zeros(n, dtype=np.int64),
        jobs=jobs,
        firms=column("firms", 50.0),
        heterogeneity=column("heterogeneity", 0.3),
        newer_share=column("newer_share", 0.8),
        is_cluster=np.ones(jobs.shape, dtype=bool),
        reference=np.asarray(columns.pop("reference", np.ones(n)), dtype=float),
    )
    assert not columns
    return made


def run(made, seed=1, blows=(), **known):
    """Return the history of some series; further series are as given, or nothing special."""
    names = ("outside_share", "entry_rate", "spin_off_rate", "related_variety", "largest_share")
    usual = dict.fromkeys(names, 0.1) | {"key_loss": 0.0, "elsewhere": 1000.0}
    result = read_stages(made, RULE)
    return History(
        seed=seed,
        series=made,
        stage=settled_stages(result, RULE),
        result=result,
        known={
            name: np.broadcast_to(np.asarray(value, dtype=float), made.jobs.shape)
            for name, value in (usual | known).items()
        },
        blows=tuple(blows),
        rereadings=sensitivity.reread(made, RULE, 1.25),
    )


def path(*parts):
    """Return jobs that grow at a rate for some years each: (years, log growth per year)."""
    rates = np.concatenate([np.full(years, rate) for years, rate in parts])
    return 1000.0 * np.exp(np.r_[0.0, np.cumsum(rates)])[:, None]


def rise_and_fall():
    return path((15, 0.06), (10, 0.0), (20, -0.06))


def fall_and_rise():
    return path((12, 0.0), (10, -0.06), (18, 0.06))


# Passages


def with_stages(stage, seed=1):
    """Return a history that was in these stages, whatever its series."""
    table = np.asarray(stage)
    made = run(series(np.full(table.shape, 1000.0)), seed)
    return dataclasses.replace(made, stage=table)


def test_passages_per_year_by_hand():
    one = with_stages([[1], [1], [2], [2], [2], [3]])
    two = with_stages([[1], [2], [2], [3], [3], [3]])
    rows = {(row["before"], row["after"]): row for row in passages.passage_rows([one, two])}
    assert set(rows) == {("infancy", "growth"), ("growth", "maturity")}
    # Infancy: 2 years and 1 from which a year followed; growth: 3 and 2.
    assert rows["infancy", "growth"]["per_year"] == pytest.approx(2 / 3)
    assert rows["growth", "maturity"]["per_year"] == pytest.approx(2 / 5)
    assert rows["growth", "maturity"]["count"] == 2
    assert rows["growth", "maturity"]["years_in_before"] == 5


def test_durations_by_hand():
    # Growth lasts 2, 4 and at least 3 years; the spell from the first year on is of unknown age.
    stage = np.array(
        [
            [2, 1, 1, 1],
            [2, 2, 2, 1],
            [3, 2, 2, 1],
            [3, 3, 2, 1],
            [3, 3, 2, 2],
            [3, 3, 3, 2],
            [3, 3, 3, 2],
        ]
    )
    growth = {row["stage"]: row for row in passages.duration_rows([with_stages(stage)])}["growth"]
    assert (growth["spells"], growth["still_running"], growth["left_out"]) == (3, 1, 1)
    # Kaplan–Meier: 2/3 outlast 2 years, and of those who reached 4 none is seen to outlast it.
    assert growth["first_quartile"] == 2.0
    assert growth["median"] == 4.0
    assert growth["third_quartile"] == 4.0
    assert math.isnan(growth["low"])


def test_a_stage_that_nobody_left_has_no_median():
    rows = passages.duration_rows([with_stages([[1], [3], [3], [3]])] * 3)
    mature = next(row for row in rows if row["stage"] == "maturity")
    assert mature["still_running"] == 3
    assert math.isnan(mature["median"])


@given(st.lists(st.integers(0, 5), min_size=2, max_size=30))
def test_rates_and_spells_account_for_every_year(stage):
    one = with_stages(np.array(stage)[:, None])
    rows = passages.passage_rows([one])
    changes = sum(a != b for a, b in itertools.pairwise(stage))
    assert sum(row["count"] for row in rows) == changes
    spells = passages.spells(one)
    years = sum(int(part[0].sum()) for part in spells.values())
    first = next((k for k, s in enumerate(stage) if s != stage[0]), len(stage))
    assert years == sum(s != Stage.NONE for s in stage[first:])


def test_reasons_are_shares_of_the_passages_into_a_stage():
    runs = [run(series(rise_and_fall(), newer_share=0.2), seed) for seed in (1, 2)]
    rows = passages.reason_rows(runs)
    for stage in {row["into"] for row in rows}:
        assert sum(row["share"] for row in rows if row["into"] == stage) == pytest.approx(1.0)
    (decline,) = [row for row in rows if row["into"] == "decline"]
    assert (decline["reason"], decline["count"]) == ("lock-in", 2)


# Declines


def only_fall(made, **known):
    (fall,) = declines.falls(run(made, **known), RULE)
    return fall


def test_the_peak_of_a_decline_is_the_year_before_it_sank():
    fall = only_fall(series(rise_and_fall()))
    # The mean over five years is highest in the last year of the plateau.
    assert fall.peak == 25
    assert 25 < fall.seen < 35


@pytest.mark.parametrize(
    ("known", "columns", "reason"),
    [
        ({}, {}, declines.RIVALS),
        ({}, {"newer_share": 0.2}, declines.LOCK_IN),
        ({}, {"newer_share": np.nan}, declines.RIVALS),
        ({"elsewhere": path((25, 0.0), (20, -0.04))}, {}, declines.MARKET),
        ({"elsewhere": path((25, 0.0), (20, -0.01))}, {}, declines.RIVALS),
        ({"elsewhere": path((25, 0.0), (20, -0.04))}, {"newer_share": 0.2}, declines.LOCK_IN),
    ],
)
def test_reasons_of_a_decline(known, columns, reason):
    assert only_fall(series(rise_and_fall(), **columns), **known).main == reason


def test_a_key_firm_that_closes_is_the_reason_if_it_is_a_quarter_of_the_loss():
    for share, reason in ((0.5, declines.KEY_FIRM), (0.01, declines.RIVALS)):
        lost = np.zeros((46, 1))
        lost[27] = share
        assert only_fall(series(rise_and_fall()), key_loss=lost).main == reason
    before = np.zeros((46, 1))
    before[20] = 0.5  # closed before the peak
    assert only_fall(series(rise_and_fall()), key_loss=before).main == declines.RIVALS


def test_a_shock_counts_where_and_when_it_struck():
    when = 2026.5
    for blow, reason in (
        (Blow(when, None, None), declines.SHOCK),
        (Blow(when, 0, 0), declines.SHOCK),
        (Blow(when, 1, 0), declines.RIVALS),
        (Blow(when, None, 1), declines.RIVALS),
        (Blow(2010.0, None, None), declines.RIVALS),
        (Blow(2044.0, None, None), declines.RIVALS),
    ):
        assert only_fall(series(rise_and_fall()), blows=(blow,)).main == reason


def test_shares_of_reasons_add_up():
    found = [
        [declines.Fall(0, 1, 5, frozenset({declines.LOCK_IN, declines.MARKET}))],
        [declines.Fall(0, 1, 5, frozenset({declines.MARKET})), declines.Fall(1, 2, 6, frozenset())],
    ]
    rows = {row["reason"]: row for row in declines.rows(found)}
    assert sum(row["share"] for row in rows.values()) == pytest.approx(1.0)
    assert rows[declines.LOCK_IN]["share"] == pytest.approx(1 / 3)
    assert rows[declines.MARKET]["share"] == pytest.approx(1 / 3)
    assert rows[declines.MARKET]["applies_share"] == pytest.approx(2 / 3)
    assert rows[declines.RIVALS]["applies_share"] == pytest.approx(1 / 3)


def test_shocks_of_a_scenario_are_found_by_place():
    shock = [
        {"kind": "demand", "year": 1995.0, "sector": "care", "depth": 0.2, "recovery": 2.0},
        {"kind": "anchor_exit", "year": 1996.0, "region": "Side Valley", "sector": "care"},
    ]
    found = blows(resolve(VALLEYS, {"shocks": shock}))
    assert found == (Blow(1995.0, None, 1), Blow(1996.0, 2, 1))


def test_shocks_of_a_scenario_count_each_time_they_strike():
    shock = [
        {"kind": "pandemic", "year": 1999.25},
        {"kind": "demand", "rate": 0.3, "sector": "care", "depth": 0.2},
        {"kind": "credit_crunch", "rate": 20.0, "depth": 0.2, "enabled": False},
    ]
    first, *others = blows(resolve(VALLEYS, {"shocks": shock, "seed": 3}))
    assert first == Blow(1999.25, None, None)
    assert len(others) > 1
    assert {(one.region, one.sector) for one in others} == {(None, 1)}
    assert all(1990.0 <= one.year < 2010.0 for one in others)
    again = blows(resolve(VALLEYS, {"shocks": shock, "seed": 4}))
    assert again[1:] != tuple(others)


# Renewals


def outcome(made, **known):
    one = run(made, **known)
    return renewals.cases(one, declines.falls(one, RULE))


def test_outcomes_of_declines():
    assert outcome(series(fall_and_rise())).renewed.tolist() == [True]
    assert outcome(series(rise_and_fall())).renewed.tolist() == []
    assert outcome(series(rise_and_fall())).unknown == 1
    long = path((15, 0.06), (10, 0.0), (40, -0.06))
    assert outcome(series(long)).renewed.tolist() == [False]


def test_traits_at_the_start_do_not_know_the_future():
    jobs = fall_and_rise()
    year_of = np.arange(len(jobs), dtype=float)[:, None]
    made = series(jobs, reference=[500.0])
    one = run(made, outside_share=year_of)
    (fall,) = declines.falls(one, RULE)
    found = renewals.cases(one, [fall])
    names = list(renewals.TRAITS)
    start = found.traits[renewals.AT_START][0]
    trough = found.traits[renewals.AT_TROUGH][0]
    assert start[names.index("outside_share")] == fall.seen - 1  # the mean of three years
    assert trough[names.index("outside_share")] == 22  # the year with the fewest jobs
    assert trough[names.index("size")] == pytest.approx(math.log(jobs[22, 0] / 500.0))


def test_the_standardised_difference_by_hand():
    one, other = np.array([3.0, 5.0, np.nan]), np.array([1.0, 3.0])
    assert renewals.standardised_difference(one, other) == pytest.approx(2.0 / math.sqrt(2.0))
    assert math.isnan(renewals.standardised_difference(one[:1], other))
    assert math.isnan(renewals.standardised_difference(np.ones(3), np.ones(3)))


def cases_of(seed, n=60, effect=2.0):
    """Return declines that renew the more likely the more ties lead outside."""
    rng = np.random.default_rng(seed)
    traits = rng.normal(size=(n, len(renewals.TRAITS)))
    chance = 1.0 / (1.0 + np.exp(-effect * traits[:, 0]))
    renewed = rng.random(n) < chance
    return renewals.Cases(renewed, {renewals.AT_START: traits, renewals.AT_TROUGH: traits}, 0)


def test_a_trait_that_matters_is_found_and_the_others_are_not():
    runs = [cases_of(seed) for seed in range(12)]
    rows = [row for row in renewals.difference_rows(runs) if row["when"] == renewals.AT_START]
    assert rows[0]["trait"] == "outside_share"
    assert rows[0]["low"] > 0.8
    assert sum(row["low"] * row["high"] > 0 for row in rows[1:]) <= 1
    odds = renewals.regression_rows(runs)
    assert odds[0]["low"] < math.exp(2.0) < odds[0]["high"]
    assert all(row["low"] < 1.0 < row["high"] for row in odds[1:])


def test_too_few_declines_have_no_regression():
    assert renewals.regression_rows([cases_of(1, n=30)]) == []


def test_logistic_slopes_of_a_two_by_two_table():
    # 30 of 40 with the trait and 10 of 40 without: the odds ratio is 9, and without a penalty
    # the error of its logarithm is sqrt(1/30 + 1/10 + 1/10 + 1/30).
    x = np.repeat([1.0, 0.0], 40)[:, None]
    y = np.r_[np.arange(40) < 30, np.arange(40) < 10]
    slope, error = renewals.logistic(x, y, ridge=0.0)
    assert slope[0] == pytest.approx(math.log(9.0), rel=1e-4)
    assert error[0] == pytest.approx(math.sqrt(2 / 30 + 2 / 10), rel=1e-3)


def test_the_penalty_keeps_slopes_finite_where_a_trait_separates():
    x = np.linspace(-1.0, 1.0, 20)[:, None]
    slope, _ = renewals.logistic(x, x[:, 0] > 0)
    assert 0.5 < slope[0] < 10.0


# Thresholds


def test_each_threshold_is_moved_down_and_up_within_its_meaning():
    found = {}
    for name, rule in sensitivity.variants(StageRule(), 2.0):
        found.setdefault(name, []).append(getattr(rule, name))
    assert found["growth_up"] == [0.015, 0.06]
    assert found["window"] == [3, 10]
    assert found["min_years"] == [2, 6]
    assert found["near_peak"] == [0.45, 1.0]
    assert found["renewal_complete"] == [0.9, 2.5]
    assert found["decline_depth"] == [0.125, 0.5]
    assert set(found) == {field.name for field in dataclasses.fields(StageRule)}


@given(st.floats(1.01, 50.0))
def test_every_factor_gives_rules_that_have_a_meaning(factor):
    for name, rule in sensitivity.variants(LOCAL_STAGE_RULE, factor):
        others = [f.name for f in dataclasses.fields(rule) if f.name != name]
        assert all(getattr(rule, one) == getattr(LOCAL_STAGE_RULE, one) for one in others)


@pytest.mark.parametrize("factor", [1.0, 0.5, -2.0, math.inf, math.nan])
def test_a_factor_without_sense_is_refused(factor):
    with pytest.raises(ValueError, match="above 1"):
        next(sensitivity.variants(StageRule(), factor))


def test_rereading_counts_the_years_that_change():
    # Growth of 4 % a year is growth at 3 %, and not at 6 %.
    made = series(path((30, 0.04)))
    found = {
        (one.name, one.value): one for one in sensitivity.reread(made, StageRule(), factor=2.0)
    }
    higher = found["growth_up", 0.06]
    assert higher.years == 31
    assert higher.before[Stage.GROWTH] == higher.changed > 20
    assert higher.after[Stage.GROWTH] == 0
    assert found["decline_depth", 0.5].changed == 0
    assert found["lock_in_share", 1.0].changed == 0


def test_rows_of_thresholds_pool_the_runs():
    runs = [
        sensitivity.reread(series(path((30, rate))), StageRule(), factor=2.0)
        for rate in (0.04, 0.1)
    ]
    rows = {(row["threshold"], row["value"]): row for row in sensitivity.rows(runs)}
    row = rows["growth_up", 0.06]
    changed = runs[0][3].changed
    assert runs[0][3].name == "growth_up"
    assert row["changed_share"] == pytest.approx(changed / 62)
    assert row["growth_change"] == pytest.approx(-0.5)
    assert math.isnan(row["infancy_change"])


def test_a_cause_may_change_without_the_stage():
    made = series(rise_and_fall(), newer_share=0.6)
    found = {(one.name, one.value): one for one in sensitivity.reread(made, RULE, factor=1.25)}
    stricter = found["lock_in_share", 0.625]
    assert (stricter.changed, stricter.other_causes) == (0, 1)


# Phase


def test_cells_hold_all_years_and_move_where_clusters_move():
    jobs = path((40, 0.02))
    h = np.linspace(0.6, 0.2, 41)[:, None]
    one = run(series(jobs, heterogeneity=h))
    rows = phase.cells([one] * 5)
    assert sum(row["cluster_years"] for row in rows) == 5 * len(one.stage)
    moves = [row["heterogeneity_change"] for row in rows]
    assert np.nanmax(np.abs(np.array(moves) + 0.01)) < 1e-9
    assert all(row["size_change"] > 0 for row in rows)


def test_positions_and_path_around_a_decline():
    one = run(series(rise_and_fall()))
    rows = {row["stage"]: row for row in phase.stage_rows([one] * 3)}
    assert rows["growth"]["size_median"] < rows["maturity"]["size_median"] == pytest.approx(1.0)
    around = {row["years_from_decline"]: row for row in phase.path_rows([one] * 6)}
    assert around[0]["declines"] == 6
    assert around[-5]["size"] > around[5]["size"]


# From a run


@pytest.fixture(scope="module")
def valleys():
    return history(1, observe(resolve(VALLEYS, {"seed": 1, "years": 15})))


def test_series_beside_the_clusters_are_those_of_the_run(valleys):
    shape = valleys.series.jobs.shape
    assert shape[1] > 0
    for name, values in valleys.known.items():
        assert values.shape == shape, name
    share = valleys.known["outside_share"]
    known = share[~np.isnan(share)]
    assert known.size
    assert ((known >= 0) & (known <= 1)).all()


def test_outside_ties_and_key_losses_by_hand():
    # Region 0: three firms of 60, 30 and 10 jobs; the first closes. Region 1: one firm.
    first = year(
        0, [60, 30, 10, 50], region=[0, 0, 0, 1], degree=[4, 2, 2, 0], outside=[1, 1, 0, 0]
    )
    second = year(4, [32, 12, 50], region=[0, 0, 1], id=[2, 3, 4], degree=0)
    table = {name: np.zeros(4) for name in ("firms", "entries", "spin_offs", "largest_share")} | {
        "quarter": np.array([0, 0, 4, 4])
    }
    made = series(np.ones((2, 2)))
    found = history(1, panel(first, second, series=made, clusters=table)).known
    assert found["outside_share"][0, 0] == pytest.approx(2 / 8)
    assert np.isnan(found["outside_share"][0, 1])
    assert found["key_loss"].tolist() == [[0.0, 0.0], [0.6, 0.0]]
    assert found["elsewhere"].tolist() == [[50.0, 100.0], [50.0, 44.0]]


def test_ties_of_a_snapshot_that_lead_out_are_some_of_all():
    found = observe(resolve(VALLEYS, {"seed": 1, "years": 4})).years[-1]
    assert (found.outside <= found.degree).all()
    assert 0 < found.outside.sum() < found.degree.sum()


# The study


def test_the_study_of_a_small_scenario():
    told = []
    found = study.describe(
        VALLEYS, seeds=2, overrides={"years": 15}, workers=1, progress=lambda *at: told.append(at)
    )
    assert told == [(1, 2), (2, 2)]
    assert found.seeds == (1, 2)
    assert found.clusters > 0
    report = found.to_dict()
    assert set(found.tables()) <= set(report)
    assert "cluster-years" in found.words()


def test_words_of_a_world_with_declines():
    runs = [run(series(fall_and_rise()), seed) for seed in (1, 2)]
    found = study.summary("base", runs)
    assert found.outcomes == {
        "known": 2,
        "renewed": 2,
        "unknown": 0,
        "within_years": renewals.WITHIN,
    }
    assert "Declines, by main reason: rivals 100%" in found.words()
    assert "2 of 2 declines renewed" in found.words()
    json.dumps(found.to_dict())


def test_a_world_without_clusters_is_described_as_such():
    nothing = run(series(np.zeros((20, 0))))
    found = study.summary("base", [nothing, nothing])
    assert "nothing to describe" in found.words()
    assert found.cells == found.path == found.passages == []


def test_hostile_input_is_refused_before_any_run():
    with pytest.raises(ValueError, match="at least one"):
        study.describe(VALLEYS, seeds=0)
    with pytest.raises(ValueError, match="above 1"):
        study.describe(VALLEYS, seeds=1, factor=1.0)
    with pytest.raises(ScenarioError):
        study.describe("nope", seeds=1)
    with pytest.raises(ScenarioError, match="nothing_of_the_kind"):
        study.describe(VALLEYS, seeds=1, overrides={"exit.nothing_of_the_kind": 1})


def test_a_job_travels_by_name():
    assert Job(str(VALLEYS), 5, (("years", 3),)).resolved().scenario.seed == 5
