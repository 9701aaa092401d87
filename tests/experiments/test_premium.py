"""The premium of clusters explained: accounts, worlds, and how they are put together."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.experiments.premium import study, worlds
from clustersim.experiments.premium.accounting import ITEMS, account
from clustersim.experiments.premium.classes import GROUPS
from clustersim.experiments.premium.worlds import (
    ALL_ON,
    BASE_MAP,
    MAPS,
    N_WORLDS,
    OWN_MAP,
    PARTS,
    Job,
    Measured,
)
from clustersim.experiments.run import resolve
from clustersim.measures.clusters import Strength
from clustersim.measures.productivity import cluster_premium
from clustersim.scenario.problems import ScenarioError
from tests.panels import year

VALLEYS = Path(__file__).parent / "data" / "valleys.yaml"
ALL, BASIC, HIGH = GROUPS


def items(found):
    return dict(zip(ITEMS, found.tolist(), strict=True))


# Accounts


def test_accounts_by_hand():
    # One sector, two regions of 10 jobs in two firms each. Region 0 is the cluster.
    # Firms (jobs, knowledge worth): (8, 2), (2, 1) and (5, 1), (5, 1); the place of region 0
    # makes 1.5 of it. Cluster: F = 1.8, f = 1.5, A = 2.7. All: F = 1.4, f = 1.25, A = 1.85.
    worth = np.array([2.0, 1.0, 1.0, 1.0])
    made = worth * [1.5, 1.5, 1.0, 1.0]
    one = year(
        60, [8, 2, 5, 5], region=[0, 0, 1, 1], log_fit=np.log(worth), log_productivity=np.log(made)
    )
    strength = np.array([[Strength.HIGH], [Strength.NONE]])
    found = items(account(one, strength, HIGH))
    boost = 1.85 / 1.4
    half = 0.5 * (1.5 + boost)
    assert found["sectors"] == pytest.approx(0.0)
    assert found["better firms"] == pytest.approx((1.5 - 1.25) * half / 1.85)
    assert found["jobs in better firms"] == pytest.approx((0.3 - 0.15) * half / 1.85)
    assert found["place"] == pytest.approx((1.5 - boost) * 0.5 * (1.8 + 1.4) / 1.85)
    assert sum(found.values()) == pytest.approx(2.7 / 1.85 - 1.0)


def test_sectors_alone():
    # Two sectors of one region each, worth 3 and 1, 10 jobs each: mean 2, premium 50 %.
    worth = np.log([3.0, 1.0])
    one = year(60, [10, 10], region=[0, 1], sector=[0, 1], log_fit=worth, log_productivity=worth)
    strength = np.array([[Strength.BASIC, 0], [0, 0]])
    found = items(account(one, strength, BASIC))
    assert found == pytest.approx(
        {"sectors": 0.5, "better firms": 0.0, "jobs in better firms": 0.0, "place": 0.0}
    )


def test_a_newborn_firm_has_no_place_yet():
    one = year(60, [5, 5], region=[0, 1], age=[0.0, 9.0], log_productivity=[1.0, 0.0])
    found = items(account(one, np.array([[Strength.HIGH], [0]]), HIGH))
    assert found["place"] == pytest.approx(0.0)
    assert found["better firms"] > 0.1


def test_without_clusters_there_is_nothing_to_account_for():
    assert np.isnan(account(year(60, [5.0]), np.zeros((1, 1), dtype=int), ALL)).all()


@given(st.integers(0, 10_000))
def test_accounts_add_up_to_the_premium(seed):
    rng = np.random.default_rng(seed)
    n, shape = 40, (4, 3)
    one = year(
        60,
        rng.pareto(1.0, n) + 1.0,
        region=np.r_[rng.integers(4, size=n - 1), 3],
        sector=np.r_[rng.integers(3, size=n - 1), 2],
        log_fit=rng.normal(size=n),
        log_productivity=rng.normal(size=n),
        age=rng.integers(3, size=n),
    )
    strength = rng.integers(4, size=shape)
    for group in GROUPS:
        inside = group.inside(strength)[one.region, one.sector]
        expected = cluster_premium(np.exp(one.log_productivity), one.size, inside)
        assert account(one, strength, group).sum() == pytest.approx(expected, nan_ok=True)


# Worlds


def test_every_combination_is_a_world_and_the_full_one_is_the_scenario():
    job = Job("base", 3, (("years", 9),))
    assert job.values(ALL_ON) == {"years": 9, "seed": 3}
    off = job.values(0)
    assert {name for part in PARTS for name, _ in part.off} <= set(off)
    assert len({json.dumps(job.values(world)) for world in range(N_WORLDS)}) == N_WORLDS


def test_what_is_switched_off_counts_over_what_the_user_sets():
    job = Job("base", 1, (("market.selection", 0.9),))
    assert job.values(ALL_ON)["market.selection"] == 0.9
    assert job.values(0)["market.selection"] == 0.0


def test_switches_are_real_and_off_is_within_bounds():
    mechanisms = {one.name: one for one in resolve("base", Job("base", 1).values(0)).mechanisms()}
    for part in PARTS:
        for name, value in part.off:
            mechanism, parameter = name.split(".")
            if parameter == "enabled":
                assert mechanism not in mechanisms or not mechanisms[mechanism].enabled
            else:
                assert getattr(mechanisms[mechanism], parameter) == value


@pytest.fixture(scope="module")
def valleys():
    return worlds.measure(Job(str(VALLEYS), 2, (("years", 17),)))


def test_no_world_breaks_and_the_full_one_is_measured_as_itself(valleys):
    assert valleys.premium.shape == (len(MAPS), N_WORLDS, len(GROUPS))
    assert valleys.premium[0, ALL_ON] == pytest.approx(valleys.premium[1, ALL_ON], nan_ok=True)
    assert valleys.premium_accounted == pytest.approx(valleys.premium[0, ALL_ON], nan_ok=True)
    assert valleys.shared[ALL_ON] == 1.0
    assert np.isfinite(valleys.premium[:, :, 0]).all()
    assert valleys.clusters[:, 0] == pytest.approx(valleys.clusters[:, 1:].sum(axis=1))


def test_with_selection_off_jobs_still_move():
    from clustersim.experiments.validation.panel import observe

    panel = observe(resolve(VALLEYS, {**Job("", 1).values(0), "years": 3, "labour.enabled": True}))
    first, last = panel.years[1], panel.years[-1]
    _, a, b = np.intersect1d(first.id, last.id, return_indices=True)
    assert a.size > 10
    assert np.std(np.log(last.size[b] / first.size[a])) > 0.01


def test_a_cause_that_is_off_anyway_explains_exactly_nothing(valleys):
    off = dict(PARTS[0].off)
    found = worlds.measure(Job(str(VALLEYS), 2, (("years", 17), *off.items())))
    without = np.arange(N_WORLDS) & ~1
    assert np.array_equal(found.premium, found.premium[:, without], equal_nan=True)
    # The worlds in which it is off are those of before, to the last bit.
    assert np.array_equal(found.premium[0], valleys.premium[0, without], equal_nan=True)


# Putting together


def made(seed, premium, sectors_off=0.0):
    shape = (len(MAPS), N_WORLDS, len(GROUPS))
    return Measured(
        seed=seed,
        premium=np.broadcast_to(np.asarray(premium)[:, None], shape).copy(),
        sectors_off=np.full((len(MAPS), len(GROUPS)), sectors_off),
        accounts=np.full((len(GROUPS), len(ITEMS)), 0.01),
        premium_accounted=np.full(len(GROUPS), 0.01 * len(ITEMS)),
        clusters=np.ones((N_WORLDS, len(GROUPS))),
        shared=np.ones(N_WORLDS),
    )


def additive(parts, rest):
    world = np.arange(N_WORLDS)
    return rest + sum(part * (world >> i & 1) for i, part in enumerate(parts))


def test_parts_sector_mix_and_rest_add_up_to_the_premium():
    runs = [made(k, additive((0.1 * k, 0.2, 0.0, -0.05), 0.04), 0.03) for k in (1, 2, 3)]
    found = study.summary("base", runs)
    for one in found.explained:
        parts = [effect.part.value for effect in one.effects]
        assert parts == pytest.approx([0.2, 0.2, 0.0, -0.05], abs=1e-12)
        assert one.sector_mix.value == pytest.approx(0.03)
        assert one.rest.value == pytest.approx(0.01)
        assert sum(parts) + one.sector_mix.value + one.rest.value == pytest.approx(
            one.premium.value
        )
        three = {name: value.value for name, value in one.three.items()}
        assert three == pytest.approx(
            {"externality": 0.4, "selection": 0.0, "sorting": -0.02, "rest": 0.01}, abs=1e-12
        )
        # Without interplay it does not matter what is switched on first.
        for effect in one.effects:
            assert effect.alone.value == pytest.approx(effect.part.value, abs=1e-12)
            assert effect.last.value == pytest.approx(effect.part.value, abs=1e-12)
    low, high = found.explained[0].effects[0].part[1:3]
    assert low < 0.1
    assert high > 0.3


def test_interplay_is_shared():
    world = np.arange(N_WORLDS)
    both = 0.3 * ((world & 3) == 3)
    one = study.summary("base", [made(1, both), made(2, both)]).explained[0]
    assert [effect.part.value for effect in one.effects] == pytest.approx([0.15, 0.15, 0, 0])
    assert [effect.alone.value for effect in one.effects] == pytest.approx([0, 0, 0, 0])
    assert [effect.last.value for effect in one.effects] == pytest.approx([0.3, 0.3, 0, 0])


def test_seeds_with_a_world_without_clusters_are_left_out_and_told():
    lost = additive((0.1, 0, 0, 0), 0.0)
    lost[5] = np.nan
    found = study.summary("base", [made(1, lost), made(2, additive((0.2, 0, 0, 0), 0.0))])
    assert found.explained[0].left_out == 1
    assert found.explained[0].effects[0].part.value == pytest.approx(0.2)
    assert "1 of 2 seeds are left out" in found.words()
    nothing = study.summary("base", [made(1, np.full(N_WORLDS, np.nan))])
    assert "no seed has such clusters" in nothing.words()


def test_words_and_json_say_what_is_found():
    found = study.summary("base", [made(k, additive((0.1, 0.02, 0, 0), 0.0)) for k in (1, 2)])
    words = found.words()
    assert "+12.0% (Europe +25%)" in words
    assert "externality +12.0" in words
    report = json.loads(json.dumps(found.to_dict()))
    assert {one["map"] for one in report["explained"]} == {OWN_MAP, BASE_MAP}
    assert report["explained"][0]["parts"]["place"]["value"] == pytest.approx(0.1)
    assert report["causes"]["selection"]["off"]["market.selection"] == 0.0
    assert len(report["worlds"]) == N_WORLDS


def test_the_study_runs_all_worlds_of_each_seed(monkeypatch):
    told = []
    asked = []

    def quick(job):
        asked.append(job)
        return dataclasses.replace(made(job.seed, additive((0.1, 0, 0, 0), 0.0)))

    monkeypatch.setattr(study, "measure", quick)
    found = study.explain(
        VALLEYS, seeds=2, overrides={"years": 5}, workers=1, progress=lambda *at: told.append(at)
    )
    assert [job.seed for job in asked] == [1, 2]
    assert told == [(1, 2), (2, 2)]
    assert found.seeds == (1, 2)


@pytest.mark.parametrize("seeds", [0, ()])
def test_no_seed_is_refused(seeds):
    with pytest.raises(ValueError, match="at least one"):
        study.explain(VALLEYS, seeds=seeds)


def test_a_scenario_that_cannot_be_used_is_refused_before_any_run():
    with pytest.raises(ScenarioError, match="nothing_of_the_kind"):
        study.explain(VALLEYS, seeds=1, overrides={"market.nothing_of_the_kind": 1})
    with pytest.raises(ScenarioError):
        study.explain("nope", seeds=1)
