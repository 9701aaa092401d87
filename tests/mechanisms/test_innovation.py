import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from clustersim.mechanisms.innovation import MOST_ARRIVALS, Innovation
from clustersim.world.actors import NEVER, Kind
from clustersim.world.paradigms import relevance
from tests.worlds import add_actors, add_ties, empty_world, luck, paradigm

N = 20_000
# Capacity 1/2 at R&D of 0.03; the most fruitful distance is then 1.
EXCHANGE = {
    "research_half": 0.03,
    "experience": 0.0,
    "fruitful_distance": 0.8,
    "fruitful_stretch": 0.5,
}
ALONE = {"recombination": 0.0, "science": 0.0}
EXPLOIT = {"exploration": 0.0, "search": 0.0}
RARE = {**ALONE, "rate": 0.4}  # 0.05 arrivals in a quarter: hardly ever two


def world_of(knowledge, n=N, relevance=(1.0, 1.0), **columns):
    """A world of firms in pairs or more, all with the same knowledge where one row is given."""
    world = empty_world(relevance=relevance, exchange=EXCHANGE)
    known = np.asarray(knowledge, dtype=float)
    add_actors(world, np.tile(known, (n, 1)) if known.ndim == 1 else known, **columns)
    return world


def changed(world, knowledge):
    """Which actors know something new, and in which field, if in only one."""
    new = world.actors.knowledge != np.asarray(knowledge)
    return new.any(axis=1), new.argmax(axis=1)


def share_close_to(count, n, expected):
    assert count / n == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n))


@pytest.mark.parametrize("rate", [0.4, 2.0, 8.0])
def test_arrivals_are_poisson(rate):
    # Capacity 1/2, no partners: rate / 8 in a quarter, and none with chance exp(-rate / 8).
    world = world_of([0.5, 0.0])
    Innovation(rate=rate, **ALONE, **EXPLOIT, step=0.1).apply(world, luck())
    mean = rate / 8
    arrivals = world.flows.innovations.sum()
    assert arrivals == pytest.approx(N * mean, abs=4 * np.sqrt(N * mean))
    new, _ = changed(world, [0.5, 0.0])
    share_close_to((~new).sum(), N, np.exp(-mean))


def test_arrivals_without_partners_are_fewer():
    # 1 / (1 + 1 + 0.5) of the rate.
    world = world_of([0.5, 0.0])
    Innovation(rate=8.0, recombination=1.0, science=0.5, **EXPLOIT).apply(world, luck())
    mean = 8.0 * 0.5 / 2.5 / 4
    assert world.flows.innovations.sum() == pytest.approx(N * mean, abs=4 * np.sqrt(N * mean))


@pytest.mark.parametrize(
    ("second", "kind", "factor"),
    [
        ([0.0, 1.0], Kind.FIRM, 1 + 1.0),  # distance 1, most fruitful
        ([1.0, 0.0], Kind.FIRM, 1.0),  # the same: nothing to recombine
        ([1.0, 1.0], Kind.FIRM, 1 + (d := 1 - 0.5**0.5) * np.exp(1 - d)),
        ([0.0, 1.0], Kind.RTO, 1 + 1.0 + 0.5),  # the best of partners
        ([0.0, 1.0], Kind.UNIVERSITY, 1 + 1.0 + 0.5),
    ],
)
def test_fruitful_partners_and_science_bring_more(second, kind, factor):
    half = N // 2
    world = world_of(np.tile([1.0, 0.0], (half, 1)))
    rows = add_actors(world, np.tile(second, (half, 1)), kind, research=0.0)
    add_ties(world, np.arange(half), rows)
    Innovation(rate=8.0, recombination=1.0, science=0.5, **EXPLOIT).apply(world, luck())
    # Only firms are counted; those of the second half do no R&D.
    mean = half * 8.0 * 0.5 * factor / 2.5 / 4
    assert world.flows.innovations.sum() == pytest.approx(mean, abs=4 * np.sqrt(mean))


def test_fruitfulness_is_the_mean_over_partners():
    # One partner at the best distance, one alike: half the recombination.
    n = 6000
    world = world_of(np.tile([1.0, 0.0], (n, 1)))
    far = add_actors(world, np.tile([0.0, 1.0], (n, 1)), research=0.0)
    like = add_actors(world, np.tile([1.0, 0.0], (n, 1)), research=0.0)
    add_ties(world, np.r_[:n, :n], np.r_[far, like])
    Innovation(rate=8.0, recombination=1.0, science=0.0, **EXPLOIT).apply(world, luck())
    mean = n * 8.0 * 0.5 * 1.5 / 2.0 / 4
    assert world.flows.innovations.sum() == pytest.approx(mean, abs=4 * np.sqrt(mean))


def test_more_research_brings_more_innovations():
    counts = []
    for research in (0.0, 0.01, 0.03, 0.3):
        world = world_of([0.5, 0.0], n=4000, research=research)
        Innovation(rate=4.0, **ALONE).apply(world, luck())
        counts.append(world.flows.innovations.sum())
    assert counts[0] == 0.0
    assert counts == sorted(counts)


def test_larger_firms_innovate_more_often_but_less_per_job():
    # 640 jobs are 64 times ten; the root of that is 8. A firm below one job counts as one.
    for size, factor in ((10.0, 1.0), (640.0, 8.0), (0.5, 0.1**0.5)):
        world = world_of([0.5, 0.0], size=size)
        Innovation(rate=0.2, size_slope=0.5, **ALONE, **EXPLOIT).apply(world, luck())
        mean = N * 0.2 / 8 * factor
        assert world.flows.innovations.sum() == pytest.approx(mean, abs=4 * np.sqrt(mean))


def test_the_effort_of_science_does_not_depend_on_its_size():
    world = empty_world(relevance=(1.0, 1.0), exchange=EXCHANGE)
    add_actors(world, np.full((N, 2), 0.5), Kind.UNIVERSITY)
    Innovation(rate=0.4, size_slope=1.0, **ALONE, step=0.1).apply(world, luck())
    new, _ = changed(world, [0.5, 0.5])
    share_close_to((~new).sum(), N, np.exp(-0.05))


def test_the_last_innovation_is_remembered():
    world = world_of([0.5, 0.4], relevance=(1.0, 1.0))
    world.fields.green[:] = [False, True]
    world.clock.step = 7
    Innovation(**ALONE, **EXPLOIT).apply(world, luck())
    new = world.actors.knowledge > np.array([0.5, 0.4], dtype=world.actors.knowledge.dtype)
    assert (world.actors.innovated == np.where(new.any(axis=1), 7, NEVER)).all()
    assert (world.actors.innovated_green == np.where(new[:, 1], 7, NEVER)).all()


def test_there_is_a_most():
    world = world_of([0.5, 0.0], n=2000, research=1e6)
    for step in range(30):
        Innovation(rate=8.0, **ALONE).apply(world, luck(step))
    # Poisson with mean 2 has nine or more in 0.024 % of cases.
    per_quarter = world.flows.innovations.sum() / 2000 / 30
    assert per_quarter == pytest.approx(2.0, abs=4 * np.sqrt(2.0 / 60_000))
    assert MOST_ARRIVALS == 8


def test_a_step_closes_a_share_of_the_room():
    # k = 0.5: the advance is uniform between 0 and 2 * 0.1 * 0.5.
    world = world_of([0.5, 0.0])
    Innovation(rate=0.1, **ALONE, **EXPLOIT, step=0.1).apply(world, luck())
    new, field = changed(world, [0.5, 0.0])
    assert (field[new] == 0).all()
    advance = world.actors.knowledge[new, 0] - 0.5
    # Of some 250 who advance, hardly one has two innovations.
    assert stats.kstest(advance, stats.uniform(0, 0.1).cdf).pvalue > 1e-3


def test_nobody_passes_the_frontier():
    world = world_of([0.9, 0.7], n=500, research=1e6)
    for step in range(40):
        Innovation(rate=8.0, **ALONE, step=0.5).apply(world, luck(step))
    assert world.actors.knowledge.max() <= 1.0
    assert world.actors.knowledge.min() > 0.95


def test_exploitation_goes_by_strength_squared_and_relevance():
    # w k^2: 0.2 * 0.36 and 0.8 * 0.09 are alike; relevance alone would say 1 to 4.
    world = world_of([0.6, 0.3], relevance=(0.2, 0.8))
    Innovation(**RARE, **EXPLOIT).apply(world, luck())
    new, field = changed(world, [0.6, 0.3])
    share_close_to((field[new] == 0).sum(), new.sum(), 0.5)


def test_exploration_goes_to_related_and_needed_room():
    # One sector uses fields 0 (3/4) and 1 (1/4): both are used by the same sector, so their
    # relatedness is 1, and 0 to the field that nobody uses. k = (0.8, 0.4, 0).
    # related = (0.6, 0.6, 0); weights (1 - k) (0.1 + related) (1 - 0.5 + 0.5 w / max w):
    weights = np.array([0.2 * 0.7 * 1.0, 0.6 * 0.7 * (0.5 + 0.5 / 3), 1.0 * 0.1 * 0.5])
    known = [0.8, 0.4, 0.0]
    world = world_of(known, relevance=(3.0, 1.0, 0.0))
    assert world.fields.relatedness[0, 1] == pytest.approx(1.0)
    innovation = Innovation(**RARE, exploration=1.0, novelty=0.1, pull=0.5)
    innovation.apply(world, luck())
    new, field = changed(world, known)
    for m, share in enumerate(weights / weights.sum()):
        share_close_to((field[new] == m).sum(), new.sum(), share)


@pytest.mark.parametrize(
    ("exploration", "search", "lead", "share"),
    [(0.3, 0.4, 0.5, 0.3), (0.3, 0.4, -0.5, 0.7), (0.0, 0.0, -0.5, 0.0), (0.8, 0.9, -0.5, 1.0)],
)
def test_exploration_is_more_below_aspiration(exploration, search, lead, share):
    # Exploitation must go to field 0; exploration, with all of it known, must go to field 1.
    known = [1.0, 0.0]
    world = world_of(known, log_productivity=lead)
    innovation = Innovation(**RARE, exploration=exploration, search=search)
    innovation.apply(world, luck())
    _, field = changed(world, known)
    n = world.flows.innovations.sum()
    share_close_to((field == 1).sum(), n, share * (1 - 0.025))  # few have two, and count once


def test_who_knows_nothing_explores():
    world = world_of([0.0, 0.0], n=4000)
    Innovation(**RARE, **EXPLOIT).apply(world, luck())
    new, _ = changed(world, [0.0, 0.0])
    assert new.any()


def test_the_main_field_moves_to_what_now_counts_most():
    # Field 1 is a little behind field 0 in w k; a step of up to the whole room carries it past.
    world = world_of([0.5, 0.48], n=2000)
    Innovation(**ALONE, rate=8.0, exploration=0.0, search=0.0, step=0.4).apply(world, luck())
    known = world.actors.knowledge
    moved = world.actors.niche == 1
    assert 0 < moved.sum() < moved.size
    assert np.array_equal(moved, known[:, 1] > known[:, 0])


def test_a_university_counts_every_field_as_relevant_and_is_not_counted():
    known = [0.5, 0.5, 0.5]
    world = empty_world(relevance=(1.0, 0.0, 0.0), exchange=EXCHANGE)
    add_actors(world, np.tile(known, (N, 1)), Kind.UNIVERSITY)
    Innovation(**RARE, **EXPLOIT).apply(world, luck())
    new, field = changed(world, known)
    assert world.flows.innovations.sum() == 0.0
    for m in range(3):
        share_close_to((field[new] == m).sum(), new.sum(), 1 / 3)


def test_at_a_rate_of_zero_nobody_innovates():
    world = world_of([0.5, 0.0], n=100)
    Innovation(rate=0.0).apply(world, luck())
    assert not changed(world, [0.5, 0.0])[0].any()


# Levers.


@pytest.mark.parametrize("lever", [0.0, 0.5, 4.0])
def test_the_lever_changes_the_mean_of_arrivals(lever):
    world = world_of([0.5, 0.0])
    world.levers.put("innovation", np.arange(N), lever)
    Innovation(rate=2.0, **ALONE, **EXPLOIT).apply(world, luck())
    mean = N * lever * 2.0 / 8
    assert world.flows.innovations.sum() == pytest.approx(mean, abs=4 * np.sqrt(mean))


@pytest.mark.parametrize("lever", [0.25, 0.5, 2.0, 8.0])
def test_the_lever_is_as_good_as_another_rate_whoever_the_partners_are(lever):
    # Most are decided by bounds on what the best of partners would bring.
    known = []
    for rate, value in ((1.0, lever), (lever, 1.0)):
        n = 3000
        start = np.random.default_rng(2).random((n, 2))
        world = world_of(start)
        science = add_actors(world, np.ones((50, 2)), Kind.RTO, sector=0, research=0.1)
        add_ties(world, np.r_[: n // 2, :50], np.r_[n // 2 : n, science])
        world.levers.put("innovation", world.actors.rows(), value)
        Innovation(rate=rate).apply(world, luck())
        known.append(world.actors.knowledge.copy())
    assert np.array_equal(*known)
    assert (known[0][:n] != start).any()


def shifting_world(first, knowledge, n=N, foresight=1.0):
    """The year 2000 of a world in which field 1 comes to rule in 2004."""
    row = (paradigm(first), paradigm((0, 1), year=2004.0, width=1.0))
    world = empty_world(((1.0,),), paradigms=[row], start_year=2000, exchange=EXCHANGE)
    add_actors(world, np.tile(knowledge, (n, 1)))
    world.sectors.relevance[:] = relevance(world.sectors, 2000.0)
    world.levers.put("foresight", np.arange(n), foresight)
    return world


@pytest.mark.parametrize("foresight", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("years", [0.0, 5.0, 50.0])
def test_foresight_explores_by_what_will_be_relevant(foresight, years):
    now, then = 1 / (1 + np.exp(4.0)), 1 / (1 + np.exp(4.0 - years))
    weights = np.array([1 - now, now]) * (1 - foresight)
    weights += np.array([1 - then, then]) * foresight
    world = shifting_world((1, 0), [0.0, 0.0], foresight=foresight)
    Innovation(**RARE, pull=1.0, foresight_years=years).apply(world, luck())
    new, field = changed(world, [0.0, 0.0])
    share_close_to((field[new] == 1).sum(), new.sum(), weights[1])  # they add up to one


def test_nothing_is_foreseen_where_no_paradigm_comes():
    world = shifting_world((1, 0), [0.0, 0.0])
    world.sectors.relevance[:] = [[1.0, 0.0]]
    Innovation(**RARE, pull=1.0).apply(world, luck())
    new, field = changed(world, [0.0, 0.0])
    assert new.sum() > 500
    assert (field[new] == 0).all()


def test_foresight_does_not_change_what_is_exploited_or_counts_as_main_field():
    worlds = [shifting_world((3, 1), [0.5, 0.5], 2000, foresight) for foresight in (0.0, 1.0)]
    for world in worlds:
        Innovation(**RARE, **EXPLOIT, step=0.5).apply(world, luck())
    plain, foreseeing = (world.actors for world in worlds)
    assert np.array_equal(plain.knowledge, foreseeing.knowledge)
    assert np.array_equal(plain.niche, foreseeing.niche)
    assert (plain.niche == 0).all()  # field 1 counts a third of field 0 today


@pytest.mark.parametrize("wrong", [{"rate": 8.5}, {"step": 0.51}, {"pull": -0.1}])
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Innovation(**wrong)
