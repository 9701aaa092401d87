import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.mechanisms.collaboration import Collaboration
from clustersim.world.actors import Kind
from tests.worlds import add_actors, add_ties, empty_world, luck

# Capacity 1/2 at R&D of 0.03; the most fruitful distance is then 1.
EXCHANGE = {
    "tacit_km": 3.0,
    "codified_km": 500.0,
    "research_half": 0.03,
    "experience": 0.0,
    "fruitful_distance": 0.8,
    "fruitful_stretch": 0.5,
}
NUMBERS = {
    "meeting_rate": 4.0,
    "closure": 0.0,
    "milieu": 1.0,
    "region": 0.0,
    "geographic": 1.0,
    "social": 2.0,
    "organisational": 3.0,
    "institutional": 4.0,
    "capacity": 5.0,
    "length": 2.0,
    "success": 0.8,
    "trust_gain": 0.2,
    "trust_loss": 0.5,
    "renewal": 0.5,
}
ALWAYS = {"meeting_rate": 50.0}  # at capacity 1/2 a meeting in 99.8 % of quarters
MEETS = 1 - np.exp(-50.0 * 0.5 / 4)
R = 1000
STEPS = 8


def regions(n=R, sectors=1, **changes):
    return empty_world(((1.0,) * sectors,) * n, exchange=EXCHANGE, **changes)


def pairs(seeker=(1.0, 0.0), other=(0.0, 1.0), quality=0.6, other_kind=Kind.FIRM, **columns):
    """A thousand regions of two actors; only the first of each looks for partners."""
    world = regions(region={"institutional_quality": quality})
    region = np.arange(R)
    first = {k: v[0] for k, v in columns.items()}
    second = {k: v[1] for k, v in columns.items()}
    add_actors(world, np.tile(seeker, (R, 1)), region=region, research=0.03, **first)
    add_actors(
        world,
        np.tile(other, (R, 1)),
        other_kind,
        **{"sector": 0, "region": region, "research": 1e-15, **second},
    )
    return world


def agreements(world, standing=None, **numbers):
    """Share of first actors who get a tie to the second in a quarter, over many quarters."""
    collaboration = Collaboration(**{**NUMBERS, **ALWAYS, **numbers})
    made, layer = 0, world.ties.collaboration
    for step in range(STEPS):
        layer.keep(np.zeros(len(layer), dtype=bool))
        if standing is not None:
            add_ties(world, *standing)
        collaboration.apply(world, luck(step))
        made += np.count_nonzero((layer.first < R) & (layer.second < 2 * R))
    return made / (R * STEPS)


def close_to(share, expected):
    error = np.sqrt(expected * (1 - expected) / (R * STEPS))
    assert share == pytest.approx(expected, abs=4 * error)


TOTAL = 1.0 + 2.0 + 3.0 + 4.0


# Meeting and agreement between two.


@pytest.mark.parametrize("rate", [0.5, 4.0])
def test_meetings_come_with_the_effort_of_research(rate):
    # Strangers at distance 1 (L = 1) in one spot: agreement (geographic + institutional) / total.
    meets = 1 - np.exp(-rate * 0.5 / 4)
    close_to(agreements(pairs(), meeting_rate=rate), meets * 5.0 / TOTAL)


@pytest.mark.parametrize(("cos", "expected"), [(0.0, 1.0), (0.5, 0.5 * np.exp(0.5)), (1.0, 0.0)])
def test_cognitive_proximity_is_an_inverted_U(cos, expected):
    world = pairs(other=(cos, np.sqrt(1 - cos**2)))
    close_to(agreements(world), MEETS * expected * 5.0 / TOTAL)


@pytest.mark.parametrize("km", [2.0, 100.0])
def test_geographic_proximity(km):
    near = 0.5 * np.exp(-km / 3.0) + 0.5 * np.exp(-km / 500.0)
    world = pairs(x=(0.0, 0.6 * km), y=(0.0, 0.8 * km))
    close_to(agreements(world), MEETS * (near + 4.0) / TOTAL)


def test_organisational_proximity_of_parent_and_spin_off():
    ids = np.arange(R) + 10_000
    world = pairs(id=(ids, ids + R), parent=(-1, ids))
    close_to(agreements(world), MEETS * (5.0 + 3.0) / TOTAL)


def test_organisational_proximity_of_siblings():
    close_to(agreements(pairs(parent=(77, 77))), MEETS * (5.0 + 3.0) / TOTAL)
    close_to(agreements(pairs(parent=(77, 78))), MEETS * 5.0 / TOTAL)


def test_institutional_proximity_of_firms_and_science_is_the_quality_of_government():
    world = pairs(other_kind=Kind.RTO, quality=0.3)
    close_to(agreements(world), MEETS * (1.0 + 4.0 * 0.3) / TOTAL)


def test_social_proximity_and_the_cost_of_ties():
    # Both are tied to a third: social proximity, and at a capacity of 1 a load of (1 + 1) / 2.
    world = pairs()
    third = add_actors(world, np.ones((R, 2)), region=np.arange(R), research=0.0)
    standing = (np.r_[:R, R : 2 * R], np.r_[third, third])
    share = agreements(world, standing, capacity=1.0)
    close_to(share, MEETS * (5.0 + 2.0) / TOTAL * np.exp(-1.0))


def test_science_carries_ten_times_the_ties():
    # An RTO with one tie (load 1/10) and a firm with one tie (1), to different partners.
    world = pairs(other_kind=Kind.RTO, quality=0.3)
    more = add_actors(world, np.ones((2 * R, 2)), region=np.tile(np.arange(R), 2), research=0.0)
    share = agreements(world, (np.r_[: 2 * R], more), capacity=1.0)
    close_to(share, MEETS * (1.0 + 4.0 * 0.3) / TOTAL * np.exp(-(1 + 1 / 10) / 2))


def test_who_is_tied_does_not_agree_again():
    world = pairs()
    add_ties(world, np.arange(R), np.arange(R) + R)
    collaboration = Collaboration(**{**NUMBERS, **ALWAYS, "length": 50.0})
    for step in range(3):
        collaboration.apply(world, luck(step))
        ends = np.stack([world.ties.collaboration.first, world.ties.collaboration.second])
        assert np.unique(ends, axis=1).shape == ends.shape


def test_two_who_ask_each_other_make_one_tie():
    world = pairs()
    world.actors.research[:] = 0.03
    Collaboration(**{**NUMBERS, **ALWAYS}).apply(world, luck())
    q = MEETS * 5.0 / TOTAL
    expected = 1 - (1 - q) ** 2
    share = len(world.ties.collaboration) / R
    assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / R))


def test_a_new_tie_has_trust_length_and_birth():
    world = pairs(x=(0.0, 3.0), y=(0.0, 4.0), quality=0.3)
    world.clock.step = 11
    Collaboration(**{**NUMBERS, **ALWAYS, "length": 0.25}).apply(world, luck(11))
    layer = world.ties.collaboration
    assert len(layer) > 0
    assert (layer.trust == 0.3).all()
    assert layer.km == pytest.approx(np.full(len(layer), 5.0))
    assert (layer.born == 11).all()
    assert (layer.first < layer.second).all()


# Where partners are met.


def crowd(**columns):
    """Four regions, two sectors, 25 firms in each place, and a university in each region."""
    world = regions(4, sectors=2)
    region, sector = np.divmod(np.repeat(np.arange(8), 25), 2)
    knowledge = np.random.default_rng(1).random((200, 2))
    add_actors(world, knowledge, region=region, sector=sector, **columns)
    add_actors(world, np.ones((4, 2)), Kind.UNIVERSITY, region=np.arange(4), research=0.5)
    return world


def who_meets(quarters=30, world=None, **numbers):
    """Ties of a crowd after some quarters: rows of both ends."""
    world = crowd() if world is None else world
    collaboration = Collaboration(**{**NUMBERS, **ALWAYS, "capacity": 1000.0, **numbers})
    for step in range(quarters):
        collaboration.apply(world, luck(step))
    layer = world.ties.collaboration
    return world, layer.first, layer.second


def test_in_the_milieu_only():
    world, first, second = who_meets(milieu=1.0)
    assert first.size > 100
    assert np.array_equal(world.milieu(first), world.milieu(second))


def test_in_the_region_only():
    world, first, second = who_meets(milieu=0.0, region=1.0)
    assert np.array_equal(world.actors.region[first], world.actors.region[second])
    assert (world.actors.sector[first] != world.actors.sector[second]).any()
    assert (world.actors.kind[second] == Kind.UNIVERSITY).any()


def test_anywhere():
    world, first, second = who_meets(milieu=0.0, region=0.0, geographic=0.0)
    same = (world.actors.region[first] == world.actors.region[second]).mean()
    assert same == pytest.approx(50 / 203, abs=4 * np.sqrt(0.19 / first.size))


def test_who_has_no_partner_falls_back_on_the_milieu():
    world, first, second = who_meets(quarters=1, closure=1.0, milieu=0.0)
    assert first.size > 0
    assert np.array_equal(world.milieu(first), world.milieu(second))


def test_partners_of_partners_are_met():
    # In a chain a - b - c the only partner of a's partner is c, in another region.
    world = regions(3)
    add_actors(world, np.eye(2)[[0, 1, 1]], region=[0, 1, 2], research=[0.03, 0.0, 0.0])
    made = 0
    for step in range(200):
        world.ties.collaboration.keep(np.zeros(len(world.ties.collaboration), dtype=bool))
        add_ties(world, [0, 1], [1, 2])
        Collaboration(
            **{**NUMBERS, **ALWAYS, "closure": 1.0, "milieu": 0.0, "length": 50.0, "capacity": 1e3}
        ).apply(world, luck(step))
        layer = world.ties.collaboration
        made += ((layer.first == 0) & (layer.second == 2)).any()
    expected = MEETS * (1.0 + 2.0 + 4.0) / TOTAL * np.exp(-1e-3)
    assert made / 200 == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / 200))


def test_who_does_no_research_meets_nobody():
    world, first, second = who_meets(world=crowd(research=np.arange(200) % 2 * 0.03))
    firms = np.r_[first, second]
    assert (world.actors.research[firms] > 0.0).all()


def test_one_more_actor_changes_few_meetings():
    here, there = crowd(), crowd()
    add_actors(there, [[0.3, 0.9]], region=1, sector=1)
    ties = []
    for world in (here, there):
        _, first, second = who_meets(quarters=1, world=world)
        ties.append(set(zip(first.tolist(), second.tolist(), strict=True)))
    newcomer = there.actors.n_rows - 1
    of_newcomer = {pair for pair in ties[1] if newcomer in pair}
    # Whom the newcomer keeps from a meeting are those who met the next on the ring instead.
    assert ties[1] - of_newcomer <= ties[0]
    assert len(ties[0] - ties[1]) <= 5


# Projects and trust.


def projects(n=4000, trust=0.5):
    world = empty_world(exchange=EXCHANGE)
    add_actors(world, np.ones((2 * n, 2)))
    add_ties(world, np.arange(n), np.arange(n) + n, trust=trust)
    return world


def test_length_of_projects_is_geometric():
    # Without renewal a tie lasts as long as its project: exp(-t / 2) are left after t years.
    world = projects()
    collaboration = Collaboration(**{**NUMBERS, "meeting_rate": 0.0, "renewal": 0.0})
    for quarter in range(1, 25):
        collaboration.apply(world, luck(quarter))
        expected = np.exp(-quarter / 4 / 2.0)
        error = np.sqrt(expected * (1 - expected) / 4000)
        assert len(world.ties.collaboration) / 4000 == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize("trust", [0.1, 0.5])
def test_trust_rises_with_success_and_falls_with_failure(trust):
    # Success with chance 0.8 (1 + trust) / 2; then 0.2 of what is missing is added, or half lost.
    # All go on whose luck is below what trust is left.
    n = 20_000
    world = projects(n, trust)
    Collaboration(**{**NUMBERS, "meeting_rate": 0.0, "length": 0.25, "renewal": 1.0}).apply(
        world, luck()
    )
    left = world.ties.collaboration.trust
    success, failure = trust + 0.2 * (1 - trust), trust * 0.5
    ends, wins = 1 - np.exp(-1.0), 0.8 * (1 + trust) / 2
    for value, chance in (
        (success, ends * wins * success),
        (failure, ends * (1 - wins) * failure),
        (trust, 1 - ends),
    ):
        error = np.sqrt(chance * (1 - chance) / n)
        assert np.isclose(left, value).sum() / n == pytest.approx(chance, abs=4 * error)
    assert np.isin(left.round(9), np.round([success, failure, trust], 9)).all()


def test_those_who_trust_go_on():
    # Half of full trust renews: of those who end in success 0.5 * 1 go on.
    world = projects(20_000, trust=1.0)
    collaboration = Collaboration(
        **{**NUMBERS, "meeting_rate": 0.0, "length": 0.25, "renewal": 0.5, "success": 1.0}
    )
    collaboration.apply(world, luck())
    expected = np.exp(-1.0) + (1 - np.exp(-1.0)) * 0.5
    assert len(world.ties.collaboration) / 20_000 == pytest.approx(expected, abs=0.014)


def test_luck_of_a_project_does_not_depend_on_who_comes_first():
    here, there = projects(500), projects(500)
    layer = there.ties.collaboration
    layer.first, layer.second = layer.second.copy(), layer.first.copy()
    for world in (here, there):
        Collaboration(**{**NUMBERS, "meeting_rate": 0.0}).apply(world, luck())
    assert np.array_equal(here.ties.collaboration.trust, there.ties.collaboration.trust)


def test_without_meetings_no_tie_is_made():
    world = crowd()
    Collaboration(**{**NUMBERS, "meeting_rate": 0.0}).apply(world, luck())
    assert len(world.ties.collaboration) == 0


def test_nobody_there_is_no_error():
    world = regions(1)
    Collaboration(**NUMBERS).apply(world, luck())
    add_actors(world, [[1.0, 1.0]])
    Collaboration(**{**NUMBERS, **ALWAYS}).apply(world, luck())
    assert len(world.ties.collaboration) == 0


# Levers.


@pytest.mark.parametrize("lever", [0.0, 0.5, 3.0])
def test_the_lever_of_who_seeks_changes_the_rate_of_meetings(lever):
    world = pairs()
    world.levers.put("meeting", np.arange(R), lever)
    world.levers.put("meeting", np.arange(R) + R, 10.0)  # of those who are asked
    close_to(agreements(world, meeting_rate=2.0), (1 - np.exp(-2.0 * lever * 0.5 / 4)) * 5 / TOTAL)


def test_outreach_takes_the_same_share_of_all_meetings_nearby():
    def met(outreach, **shares):
        world = crowd()
        world.levers.put("outreach", world.actors.rows(), outreach)
        _, first, second = who_meets(quarters=6, world=world, **shares)
        return first.tolist(), second.tolist()

    shares = {"closure": 0.25, "milieu": 0.25, "region": 0.5}
    assert met(0.5, **shares) == met(0.0, closure=0.125, milieu=0.125, region=0.25)
    assert met(1.0, **shares) == met(0.0, closure=0.0, milieu=0.0, region=0.0)
    assert met(0.0, **shares) != met(0.5, **shares)


def test_outreach_is_that_of_who_seeks():
    # In the milieu only, or anywhere for those of the first two regions.
    world = crowd()
    actors = world.actors
    far = actors.rows()[actors.region[actors.rows()] < 2]
    world.levers.put("outreach", far, 1.0)
    actors.research[far] *= 1e6
    idle = np.setdiff1d(actors.rows(), far)
    actors.research[idle] = 1e-12
    _, first, second = who_meets(world=world, milieu=1.0, geographic=0.0)
    assert first.size > 100
    assert (world.milieu(first) != world.milieu(second)).mean() > 0.7


@pytest.mark.parametrize(
    ("levers", "expected"),
    [((3.0, 1.0), 0.5 + 2 * 0.2 * 0.5), ((0.0, 0.0), 0.5), ((10.0, 10.0), 1.0)],
)
def test_trust_is_gained_by_the_mean_of_both_levers_up_to_one(levers, expected):
    n = 2000
    world = projects(n, trust=0.5)
    for part, lever in enumerate(levers):
        world.levers.put("trust", np.arange(n) + part * n, lever)
    Collaboration(
        **{**NUMBERS, "meeting_rate": 0.0, "length": 0.25, "renewal": 1.0, "trust_loss": 1.0}
    ).apply(world, luck())
    trust = world.ties.collaboration.trust
    gained = trust != 0.5
    assert gained.any() == (expected != 0.5)
    assert trust[gained] == pytest.approx(np.full(gained.sum(), expected))
    assert trust.max() <= 1.0


@pytest.mark.parametrize("wrong", [{"length": 0.1}, {"institutional": 0.0}, {"closure": 1.1}])
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Collaboration(**wrong)
