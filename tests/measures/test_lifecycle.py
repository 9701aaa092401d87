"""Life-cycle stages: hand-made lives, hysteresis, causality, invariance, reasons."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.measures.lifecycle import Cause, Stage, StageRule, stages

MANY_FIRMS = 50.0
NONE, INFANCY, GROWTH, MATURITY, DECLINE, RENEWAL = Stage


def path(*spells: tuple[int, float], start: float = 100.0) -> np.ndarray:
    """Jobs of one cluster, shape (T, 1): spells of so many years at such a growth (log)."""
    growth = np.concatenate([np.full(years, rate) for years, rate in spells])
    return start * np.exp(np.cumsum(growth))[:, None]


def read(jobs: np.ndarray, firms: float | np.ndarray = MANY_FIRMS, **known) -> list[Stage]:
    result = stages(jobs, np.broadcast_to(firms, jobs.shape), **known)
    return [Stage(value) for value in result.stage[:, 0]]


def spells(years: list[Stage]) -> list[Stage]:
    """The stages passed through, each run once."""
    return [s for i, s in enumerate(years) if i == 0 or s != years[i - 1]]


WHOLE_LIFE = path((10, 0.02), (15, 0.08), (15, 0.0), (12, -0.05), (12, 0.06), (16, 0.0), start=20)


def test_a_whole_life_passes_through_all_stages_in_order():
    life = read(WHOLE_LIFE, WHOLE_LIFE / 8, reference_size=[60.0])
    assert spells(life) == [INFANCY, GROWTH, MATURITY, DECLINE, RENEWAL, MATURITY]


def test_a_turn_is_seen_within_window_and_persistence():
    life = read(WHOLE_LIFE, WHOLE_LIFE / 8, reference_size=[60.0])
    rule = StageRule()
    turns = {GROWTH: 10, MATURITY: 25, DECLINE: 40, RENEWAL: 52}
    for stage, turn in turns.items():
        assert turn < life.index(stage) <= turn + rule.window + rule.min_years


@pytest.mark.parametrize("seed", range(5))
def test_noise_adds_no_stage_to_a_whole_life(seed):
    noise = np.exp(0.03 * np.random.default_rng(seed).standard_normal(WHOLE_LIFE.shape))
    life = read(WHOLE_LIFE * noise, WHOLE_LIFE / 8, reference_size=[60.0])
    assert spells(life) == [INFANCY, GROWTH, MATURITY, DECLINE, RENEWAL, MATURITY]


def test_a_constant_cluster_is_mature_and_a_small_constant_one_is_an_infant():
    constant = path((40, 0.0))
    assert spells(read(constant)) == [MATURITY]
    assert spells(read(constant, reference_size=[150.0])) == [MATURITY]
    assert spells(read(constant, reference_size=[250.0])) == [INFANCY]
    assert spells(read(constant, firms=4.0)) == [INFANCY]


def test_hysteresis_no_flicker_in_a_constant_cluster_under_noise():
    noise = np.random.default_rng(11).standard_normal((60, 1000))
    firms = np.full(noise.shape, MANY_FIRMS)
    assert not stages(1000 * np.exp(0.03 * noise), firms).transitions
    # The promise of StageRule: less than one false transition in 500 cluster years at 5 %.
    assert len(stages(1000 * np.exp(0.05 * noise), firms).transitions) < noise.size / 500
    eager = StageRule(min_years=1)
    assert len(stages(1000 * np.exp(0.05 * noise), firms, rule=eager).transitions) > (
        len(stages(1000 * np.exp(0.05 * noise), firms).transitions)
    )


def test_growth_around_its_threshold_does_not_flicker():
    wave = np.tile([0.055, 0.055, 0.015, 0.015], 12)
    jobs = 100 * np.exp(np.cumsum(wave))[:, None]
    assert spells(read(jobs)) == [MATURITY, GROWTH]


def test_an_empty_cluster_is_none_and_one_that_empties_is_none_at_once():
    assert spells(read(np.zeros((20, 1)))) == [NONE]
    jobs = path((20, 0.0))
    jobs[12:] = 0.0
    life = read(jobs)
    assert life[11:13] == [MATURITY, NONE]
    assert spells(read(path((20, 0.0)), firms=0.0)) == [NONE]


def test_a_cluster_that_appears_is_young_first_and_forgets_an_earlier_life():
    jobs = path((40, 0.0))
    jobs[5:15] = 0.0
    life = read(jobs)
    assert spells(life) == [MATURITY, NONE, INFANCY, MATURITY]
    assert life[15:18] == [INFANCY] * 3
    # A twentieth of the size: a new beginning, neither a decline nor a renewal.
    jobs[15:] = 5 * np.exp(0.06 * np.arange(25))[:, None]
    assert spells(read(jobs)) == [MATURITY, NONE, INFANCY, GROWTH]


def test_a_small_cluster_that_shrinks_stays_in_infancy():
    assert spells(read(path((30, -0.05)), reference_size=[1000.0])) == [INFANCY]


def test_a_slow_erosion_is_decline_once_deep():
    life = read(path((60, -0.012)))
    assert spells(life) == [MATURITY, DECLINE]
    level = stages(path((60, -0.012)), np.full((60, 1), MANY_FIRMS)).level[:, 0]
    entered = life.index(DECLINE)
    assert spells(read(path((60, -0.009)))) == [MATURITY]
    assert level[entered] <= 0.75 * level.max() < level[entered - 5]


def test_a_dip_that_is_made_good_within_the_hysteresis_is_no_decline():
    jobs = path((40, 0.0))
    jobs[20] *= 0.88
    assert spells(read(jobs)) == [MATURITY]


def test_a_decline_that_ends_settles_and_later_regrowth_is_renewal():
    jobs = path((10, 0.0), (10, -0.08), (20, 0.0), (12, 0.06), (10, 0.0))
    assert spells(read(jobs)) == [MATURITY, DECLINE, MATURITY, RENEWAL, MATURITY]
    causes = [t.cause for t in stages(jobs, np.full(jobs.shape, MANY_FIRMS)).transitions]
    assert causes == [Cause.SHRANK, Cause.SETTLED, Cause.REGREW, Cause.STALLED]


def test_renewal_far_beyond_the_old_peak_is_growth_again():
    jobs = path((10, 0.0), (10, -0.06), (30, 0.06))
    assert spells(read(jobs)) == [MATURITY, DECLINE, RENEWAL, GROWTH]


def test_growth_with_the_newer_paradigm_renews_a_mature_cluster():
    jobs = path((15, 0.0), (12, 0.05), (8, 0.0))
    newer = np.interp(np.arange(35), [12, 25], [0.1, 0.8])[:, None]
    assert spells(read(jobs)) == [MATURITY, GROWTH, MATURITY]
    assert spells(read(jobs, newer_share=newer)) == [MATURITY, RENEWAL, GROWTH, MATURITY]


def random_series(seed: int, years: int = 50, clusters: int = 12) -> tuple[np.ndarray, ...]:
    """Wandering clusters, some of them founded late or emptied, some years unknown."""
    rng = np.random.default_rng(seed)
    jobs = 200 * np.exp(np.cumsum(0.06 * rng.standard_normal((years, clusters)), axis=0))
    jobs[: years // 3, 0] = 0.0
    jobs[years // 2 :, 1] = 0.0
    jobs[rng.random(jobs.shape) < 0.03] = np.nan
    firms = np.floor(jobs / 20)
    return jobs, firms, rng.random(jobs.shape), rng.random(jobs.shape), rng.random(clusters) * 400


@given(st.integers(0, 2**32 - 1), st.sampled_from([2.0**-10, 0.5, 4.0, 2.0**20]))
def test_the_unit_of_employment_does_not_matter(seed, scale):
    jobs, firms, variety, newer, reference = random_series(seed)
    one = stages(jobs, firms, variety, newer, reference)
    other = stages(jobs * scale, firms, variety, newer, reference * scale)
    assert (one.stage == other.stage).all()
    assert one.transitions == other.transitions


@given(st.integers(0, 2**32 - 1), st.integers(1, 49))
def test_the_stage_of_a_year_uses_no_later_year(seed, until):
    jobs, firms, variety, newer, reference = random_series(seed)
    whole = stages(jobs, firms, variety, newer, reference)
    part = stages(jobs[:until], firms[:until], variety[:until], newer[:until], reference)
    assert (whole.stage[:until] == part.stage).all()
    assert part.transitions == tuple(t for t in whole.transitions if t.year_index < until)


@given(st.integers(0, 2**32 - 1))
def test_clusters_do_not_touch_each_other_and_transitions_tell_all_changes(seed):
    jobs, firms, variety, newer, reference = random_series(seed)
    whole = stages(jobs, firms, variety, newer, reference)
    alone = stages(jobs[:, [3]], firms[:, [3]], variety[:, [3]], newer[:, [3]], reference[[3]])
    assert (whole.stage[:, [3]] == alone.stage).all()
    stage = whole.stage
    changes = {(int(t) + 1, int(c)) for t, c in np.argwhere(stage[1:] != stage[:-1])}
    assert changes == {(t.year_index, t.cluster) for t in whole.transitions}
    for t in whole.transitions:
        assert (t.before, t.after) == tuple(stage[t.year_index - 1 : t.year_index + 1, t.cluster])
        assert "nan" not in t.reason
        assert t.reason


def test_unknown_years_keep_the_last_known_value():
    jobs = path((30, 0.0))
    gaps = jobs.copy()
    gaps[[7, 8, 20]] = np.nan
    assert read(gaps) == read(jobs)
    gaps[:5] = np.nan
    assert spells(read(gaps)) == [NONE, INFANCY, MATURITY]
    assert spells(read(jobs, firms=np.full(jobs.shape, np.nan))) == [MATURITY]


def test_europe_in_sixty_years_takes_no_time():
    rng = np.random.default_rng(0)
    shape = (60, 2950)
    jobs = 1000 * np.exp(np.cumsum(0.05 * rng.standard_normal(shape), axis=0))
    started = time.perf_counter()
    stages(jobs, jobs / 20, rng.random(shape), rng.random(shape))
    # A third of a second on an idle machine; the bound allows for a busy one.
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([1.0], [1.0]), "employment: expected 2 dimension"),
        (([[1.0]], [[1.0, 2.0]]), "firms: expected shape"),
        (([[-1.0]], [[1.0]]), "got -1.0 in year 0 of cluster 0"),
        (([[np.inf]], [[1.0]]), "finite"),
        (([[1.0]], [[1.0]], [[1.0, 1.0]]), "heterogeneity: expected shape"),
        (([[1.0]], [[1.0]], None, None, [1.0, 2.0]), "reference_size: expected shape"),
    ],
)
def test_bad_series_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        stages(*arguments)


def test_bad_rules_are_refused_with_all_problems_at_once():
    with pytest.raises(ValueError, match=r"window: expected at least 3 years, got 1; growth_up"):
        StageRule(window=1, growth_up=0.0)
    with pytest.raises(ValueError, match="infancy_share: expected at least 0"):
        StageRule(infancy_share=-1)
