"""The reason of each transition comes from the data at the transition."""

import numpy as np
import pytest

from clustersim.measures.lifecycle import Cause, Stage, Transition, stages

YEARS = np.arange(45)


def jobs_with(*spells: tuple[int, float]) -> np.ndarray:
    growth = np.concatenate([np.full(years, rate) for years, rate in spells])
    return 100 * np.exp(np.cumsum(growth))[:, None]


def only(transitions: tuple[Transition, ...], after: Stage) -> Transition:
    (found,) = [t for t in transitions if t.after is after]
    return found


FALL = jobs_with((15, 0.0), (30, -0.05))
FIFTY = np.full((45, 1), 50.0)


def test_decline_names_the_loss_and_without_more_knowledge_nothing_else():
    t = only(stages(FALL, FIFTY).transitions, Stage.DECLINE)
    assert t.cause is Cause.SHRANK
    level = stages(FALL, FIFTY).level[:, 0]
    lost = 1 - level[t.year_index] / level[: t.year_index].max()
    assert t.reason == f"lost {lost:.0%} from its peak (-4.9%/year)"


def test_decline_with_old_knowledge_is_lock_in():
    t = only(stages(FALL, FIFTY, None, np.full((45, 1), 0.12)).transitions, Stage.DECLINE)
    assert t.cause is Cause.LOCKED_IN
    assert "only 12% on the newer paradigm" in t.reason
    t = only(stages(FALL, FIFTY, None, np.full((45, 1), 0.8)).transitions, Stage.DECLINE)
    assert t.cause is Cause.SHRANK


def test_decline_with_falling_numbers_of_firms():
    t = only(stages(FALL, FALL / 2).transitions, Stage.DECLINE)
    assert t.cause is Cause.FIRMS_LEFT
    firms = FALL[t.year_index, 0] / 100 - 1
    assert f"the number of firms fell {-firms:.0%}" in t.reason


def test_a_sudden_loss_with_few_firms_gone_points_to_a_key_firm():
    jobs = jobs_with((15, 0.0), (1, -0.5), (29, -0.03))
    firms = np.where(YEARS < 15, 50.0, 49.0)[:, None]
    t = only(stages(jobs, firms).transitions, Stage.DECLINE)
    assert t.cause is Cause.KEY_LOSS
    assert "39% lost within one year, in which firms changed by -2%" in t.reason
    # As many firms gone as jobs: not one key firm.
    t = only(stages(jobs, jobs / 2).transitions, Stage.DECLINE)
    assert t.cause is Cause.FIRMS_LEFT


@pytest.mark.parametrize(
    ("late", "cause", "text"),
    [
        (0.25, Cause.CONVERGED, "while heterogeneity fell"),
        (0.50, Cause.STALLED, "of its peak"),
        (np.nan, Cause.STALLED, "of its peak"),
    ],
)
def test_growth_stalls_with_or_without_convergence(late, cause, text):
    jobs = jobs_with((20, 0.06), (25, 0.0))
    variety = np.interp(YEARS, [10, 25], [0.5, late])[:, None]
    t = only(stages(jobs, FIFTY, variety).transitions, Stage.MATURITY)
    assert t.cause is cause
    assert t.reason.startswith("growth stalled (")
    assert text in t.reason


@pytest.mark.parametrize(
    ("known", "cause", "text"),
    [
        ({}, Cause.REGREW, "regrowth of "),
        (
            {"newer_share": np.interp(YEARS, [20, 35], [0.1, 0.7])[:, None]},
            Cause.NEW_PARADIGM,
            "newer paradigm up from ",
        ),
        (
            {"heterogeneity": np.interp(YEARS, [20, 35], [0.2, 0.4])[:, None]},
            Cause.NEW_VARIETY,
            "heterogeneity up ",
        ),
        ({"firms": np.interp(YEARS, [20, 35], [30, 60])[:, None]}, Cause.NEW_FIRMS, "firms up "),
    ],
)
def test_renewal_names_what_rose_with_it(known, cause, text):
    jobs = jobs_with((10, 0.0), (12, -0.06), (23, 0.05))
    t = only(stages(jobs, **{"firms": FIFTY, **known}).transitions, Stage.RENEWAL)
    assert t.before is Stage.DECLINE
    assert t.cause is cause
    assert text in t.reason


def test_take_off_founding_and_end():
    jobs = jobs_with((45, 0.06))
    jobs[:5] = 0.0
    jobs[40:] = 0.0
    firms = np.where(jobs > 0, 12.0, 0.0)
    founded, took_off, gone = stages(jobs, firms).transitions
    assert (founded.cause, founded.reason) == (Cause.FOUNDED, "first seen, 12 firms")
    assert took_off.cause is Cause.TAKE_OFF
    assert took_off.reason == "jobs grew +6.2%/year over 5 years, 12 firms"
    assert (gone.cause, gone.year_index, gone.reason) == (Cause.VANISHED, 40, "the last firm left")


def test_a_loss_after_a_renewal_is_told_from_the_new_peak():
    jobs = jobs_with((10, 0.0), (8, -0.06), (14, 0.05), (13, -0.08))
    result = stages(jobs, FIFTY)
    first, second = (t for t in result.transitions if t.after is Stage.DECLINE)
    level = result.level[:, 0]
    for t in (first, second):
        # The second peak is the higher one: the largest size so far in both cases.
        lost = 1 - level[t.year_index] / level[: t.year_index].max()
        assert t.reason.startswith(f"lost {lost:.0%} from its peak")
    assert level[second.year_index - 15 : second.year_index].max() > 1.05 * level[:15].max()


def test_growth_of_a_mature_cluster_is_no_take_off():
    jobs = jobs_with((15, 0.0), (30, 0.05))
    assert only(stages(jobs, FIFTY).transitions, Stage.GROWTH).cause is Cause.SET_IN


def test_outgrowing_infancy_without_growth_regaining_and_completed_renewal():
    firms = np.where(YEARS < 20, 3.0, 8.0)[:, None]
    t = only(stages(jobs_with((45, 0.0)), firms).transitions, Stage.MATURITY)
    assert t.cause is Cause.OUTGREW_INFANCY
    assert t.reason.endswith("(+0.0%/year), 8 firms")
    jobs = jobs_with((10, 0.0), (8, -0.06), (27, 0.06))
    t = only(stages(jobs, FIFTY).transitions, Stage.GROWTH)
    assert t.cause is Cause.RENEWAL_COMPLETE
    assert "of the peak before its renewal" in t.reason
    slow = jobs_with((10, 0.0), (5, -0.06), (30, 0.029))
    back = [t for t in stages(slow, FIFTY).transitions if t.before is Stage.DECLINE]
    assert [t.cause for t in back] == [Cause.REGAINED]
