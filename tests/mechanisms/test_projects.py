import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from clustersim.mechanisms.projects import Projects
from clustersim.recorder import Recorder
from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import NEVER, Kind
from clustersim.world.projects import RUNNING, Outcome
from tests.mechanisms.test_declarations import arrays
from tests.worlds import add_actors, add_ties, empty_world, living_world, luck

# Capacity 1/2 at R&D of 0.03; the most fruitful distance is then 1.
EXCHANGE = {
    "research_half": 0.03,
    "experience": 0.0,
    "fruitful_distance": 0.8,
    "fruitful_stretch": 0.5,
}
IDLE = 1e-12
"""R&D of an actor that hardly ever proposes, but can be asked."""
EAGER = 1e6
"""R&D of an actor that does research and nothing else: capacity 1."""
ALWAYS = {"proposal_rate": 50.0, "groups": 1000.0}
"""Proposed in a quarter with chance 1 - exp(-12.5)."""
NEW = {"proposal_rate": 0.0, "sharing": 0.0}
"""No new projects, and no learning in those that run."""
JUST_KNOWLEDGE = {"complementarity": 0.0}


def world_of(relevance=(1.0, 0.0), jobs=((1.0,),), **changes):
    return empty_world(jobs, relevance=relevance, exchange=EXCHANGE, **changes)


def begin(world, crews, *, field=0, trl=4, target=6, length=12, born=0):
    """Begin projects by hand: a list of rows for each, the leader first."""
    n, actors = len(crews), world.actors
    members = np.array([row for crew in crews for row in crew])
    counts = np.array([len(crew) for crew in crews])
    first = len(world.projects)
    given = {
        "id": np.arange(first, first + n) + 1000,
        "coordinator": actors.id[[crew[0] for crew in crews]],
        "field": field,
        "born": born,
        "length": length,
        "first_trl": trl,
        "target": target,
        "firms": counts,
        "science": 0,
        "budget": 0.0,
    }
    columns = {name: np.broadcast_to(value, n) for name, value in given.items()}
    world.projects.add(columns, members, counts)


def crews_of(world):
    projects = world.projects
    return [
        projects.member[projects.start[p] : projects.start[p + 1]].tolist()
        for p in range(len(projects))
    ]


def run(world, mechanism, first, n):
    for step in range(first, first + n):
        world.clock.step = step
        mechanism.apply(world, luck(step))


def share_close_to(count, n, expected):
    assert count / n == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / n))


# Who founds a project, with whom.


def test_a_consortium_by_hand():
    world = world_of()
    world.regions.institutional_quality[:] = 0.6
    firms = add_actors(
        world, [[0.0, 0.5], [0.4, 0.0], [0.8, 0.0]], research=[EAGER, IDLE, IDLE], size=10.0
    )
    university = add_actors(
        world, [[1.0, 0.0]], Kind.UNIVERSITY, research=IDLE, x=3.0, y=4.0
    )  # 5 km away
    add_ties(world, [0, 1], [1, 2], trust=[0.3, 0.9])
    world.clock.step = 7
    world.sectors.value_added[:] = 50_000.0
    Projects(**ALWAYS, commitment=0.2, group=30_000.0).apply(world, luck(7))
    projects = world.projects
    assert len(projects) == 1
    crew = crews_of(world)[0]
    assert crew[0] == 0
    # Size 3 to 9, but there are no more than four.
    assert set(crew) <= {*firms.tolist(), *university.tolist()}
    assert university[0] in crew
    assert len(crew) == projects.firms[0] + projects.science[0] >= 3
    assert projects.coordinator[0] == world.actors.id[0]
    assert projects.field[0] == 0
    assert projects.first_trl[0] == projects.trl[0] == 4  # the coordinator knows nothing of it
    assert projects.target[0] in (6, 7)
    assert 8 <= projects.length[0] <= 16
    assert projects.born[0] == 7
    assert projects.ended[0] == RUNNING
    # R&D of the coordinator is 1e6 times its revenue of 10 jobs; the others do hardly any.
    yearly = 0.2 * EAGER * 50_000.0 * 10.0 + 30_000.0
    assert projects.budget[0] == pytest.approx(yearly * projects.length[0] / 4)
    # A star: the tie with firm 1 stays as it is, the others are new.
    ties = world.ties.collaboration
    new = sorted(zip(ties.first[2:].tolist(), ties.second[2:].tolist(), strict=True))
    assert new == sorted((0, row) for row in crew[1:] if row != 1)
    assert ties.trust[:2].tolist() == [0.3, 0.9]
    assert (ties.trust[2:] == 0.6).all()
    assert (ties.born[2:] == 7).all()
    at_university = ties.second == university[0]
    assert ties.km[at_university] == pytest.approx(5.0)


def test_only_who_is_near_busy_with_nothing_and_does_research_is_asked():
    # 0 is tied to 1, 1 to 2, 2 to 3: 3 is three steps away. 4 is busy, 5 does no research, and of
    # the universities one is in another region.
    world = world_of(jobs=((1.0,), (1.0,)))
    research = [EAGER, IDLE, IDLE, IDLE, IDLE, 0.0]
    add_actors(world, np.full((6, 2), 0.5), research=research)
    near = add_actors(world, [[0.5, 0.5]], Kind.UNIVERSITY, research=IDLE)
    add_actors(world, [[0.5, 0.5]], Kind.UNIVERSITY, research=IDLE, region=1)
    add_actors(world, [[0.5, 0.5]], Kind.CLUSTER_ORGANISATION, research=0.0)
    others = add_actors(world, np.full((2, 2), 0.5), research=IDLE)
    add_ties(world, [0, 1, 2, 0, 0], [1, 2, 3, 4, 5])
    begin(world, [[others[0], 4], [others[1], 4]], length=40)
    Projects(**ALWAYS, **JUST_KNOWLEDGE, least_members=4, consortium=50).apply(world, luck())
    assert len(world.projects) == 3
    assert sorted(crews_of(world)[2]) == [0, 1, 2, near[0]]


def test_science_can_join_any_number_of_projects():
    world = world_of()
    add_actors(world, np.full((60, 2), 0.5), research=IDLE)
    university = add_actors(world, [[0.5, 0.5]], Kind.UNIVERSITY, research=IDLE)[0]
    begin(world, [[row, university] for row in range(50)], length=40)
    world.actors.research[55] = EAGER
    add_ties(world, 55, 56)
    Projects(**ALWAYS).apply(world, luck())
    assert crews_of(world)[50][0] == 55
    assert set(crews_of(world)[50]) == {55, 56, university}


@pytest.mark.parametrize(
    ("kind", "known", "science", "comes_about"),
    [
        (Kind.FIRM, 0.0, None, False),
        (Kind.FIRM, 0.0, Kind.RTO, True),
        (Kind.FIRM, 0.0, Kind.UNIVERSITY, True),
        (Kind.UNIVERSITY, 0.0, None, True),
        (Kind.RTO, 0.0, None, False),  # begins at 3, which needs a university
        (Kind.RTO, 0.0, Kind.RTO, False),
        (Kind.RTO, 0.0, Kind.UNIVERSITY, True),
        (Kind.RTO, 0.999999, None, True),  # begins at 4
    ],
)
def test_a_project_needs_the_science_of_its_level(kind, known, science, comes_about):
    world = world_of()
    row = add_actors(world, [[known, 0.5]], kind, research=EAGER, sector=0)[0]
    firms = add_actors(world, np.full((3, 2), 0.5), research=IDLE)
    add_ties(world, np.full(3, row), firms)
    if science is not None:
        add_actors(world, [[0.5, 0.5]], science, research=IDLE)
    Projects(**ALWAYS, **JUST_KNOWLEDGE, consortium=4).apply(world, luck())
    assert len(world.projects) == comes_about
    if comes_about:
        lower = {Kind.FIRM: 4, Kind.RTO: 3, Kind.UNIVERSITY: 2}[kind]
        assert world.projects.first_trl[0] == lower + (known > 0.5)


def test_a_project_needs_firms_and_members():
    for needs, comes_about in (
        ({"least_firms": 3}, True),
        ({"least_firms": 4}, False),
        ({"least_members": 4}, True),
        ({"least_members": 5}, False),
    ):
        world = world_of()
        add_actors(world, np.full((3, 2), 0.5), research=[EAGER, IDLE, IDLE])
        add_actors(world, [[0.5, 0.5]], Kind.RTO, research=IDLE)
        add_ties(world, [0, 0], [1, 2])
        Projects(**ALWAYS, **needs).apply(world, luck())
        assert len(world.projects) == comes_about, needs


def test_a_consortium_can_be_larger_than_wished_if_so_many_are_needed():
    # An RTO that begins at 3 needs a university besides itself and the firms.
    world = world_of()
    rtos = add_actors(world, np.full((50, 2), 1e-6), Kind.RTO, research=EAGER, sector=0)
    firms = add_actors(world, np.full((150, 2), 0.5), research=IDLE)
    add_actors(world, [[0.5, 0.5]], Kind.UNIVERSITY, research=IDLE)
    add_ties(world, np.repeat(rtos, 3), firms)
    Projects(**ALWAYS, least_firms=3, least_members=2, consortium=2).apply(world, luck())
    projects = world.projects
    assert len(projects) == 50
    assert (projects.counts == 5).all()
    assert (projects.firms == 3).all()
    for crew, rto in zip(crews_of(world), projects.coordinator, strict=True):
        assert world.actors.id[crew[0]] == rto
        assert len(set(crew)) == 5
        assert world.actors.kind[crew].tolist().count(Kind.UNIVERSITY) == 1


def test_no_project_without_a_partner_or_anything_to_research():
    world = world_of()
    add_actors(world, [[0.5, 0.5]], research=EAGER)
    add_actors(world, [[0.0, 0.5], [0.0, 0.0]], research=[EAGER, IDLE])  # nobody knows field 0
    add_actors(world, [[1.0, 0.5], [1.0, 0.5]], research=[EAGER, IDLE])  # no room left
    add_actors(world, [[0.0, 0.5]], Kind.UNIVERSITY, research=IDLE)
    add_ties(world, [1, 3], [2, 4])
    Projects(**ALWAYS).apply(world, luck())
    assert len(world.projects) == 0


def test_nobody_coordinates_two_projects():
    world = world_of()
    add_actors(world, np.full((4, 2), 0.5), research=[EAGER, IDLE, IDLE, IDLE])
    add_actors(world, [[0.5, 0.5]], Kind.RTO, research=IDLE)
    add_ties(world, [0, 0, 0], [1, 2, 3])
    run(world, Projects(**ALWAYS, capacity=9, consortium=3, longest=2.0), 0, 8)
    assert len(world.projects) == 1
    run(world, Projects(**ALWAYS, capacity=9, consortium=3, longest=2.0), 8, 2)
    assert len(world.projects) == 2  # the first has ended


def stars(n, knowledge, **columns):
    """A world of `n` coordinators, each with the given others, tied in a chain, and an RTO."""
    world = world_of(**columns)
    rto = add_actors(world, np.full((1, world.n_fields), 0.5), Kind.RTO, research=IDLE)[0]
    first = add_actors(world, np.tile(knowledge[0], (n, 1)), research=EAGER)
    chain = [first]
    for known in knowledge[1:]:
        chain.append(add_actors(world, np.tile(known, (n, 1)), research=IDLE))
        add_ties(world, chain[-2], chain[-1])
    return world, rto, chain


@pytest.mark.parametrize("familiarity", [0.0, 1.0, 3.0])
def test_who_knows_more_and_who_is_known_is_asked_first(familiarity):
    # A partner who knows 0.3 and its partner who knows 0.6: 0.3 f over 0.3 f + 0.6.
    n = 4000
    world, rto, (first, second, third) = stars(n, [[0.5, 0.5], [0.3, 0.0], [0.6, 0.0]])
    Projects(**ALWAYS, **JUST_KNOWLEDGE, familiarity=familiarity, consortium=3).apply(world, luck())
    crews = np.array([crew for crew in crews_of(world) if crew[0] in set(first)])
    assert len(crews) > 0.999 * n
    assert (crews[:, 1] == rto).all()
    assert np.isin(crews[:, 2], [*second, *third]).all()
    expected = 0.3 * familiarity / (0.3 * familiarity + 0.6)
    asked = np.isin(crews[:, 2], second).sum()
    if familiarity == 0.0:
        assert asked == 0
    else:
        share_close_to(asked, len(crews), expected)


@pytest.mark.parametrize("travel", [1.0, 0.3, 0.0])
def test_people_of_other_regions_are_asked_in_proportion_to_travel(travel):
    # The only partner lives in the other region, and without it a consortium is too small.
    n = 4000
    world, _, (_, second) = stars(n, [[0.5, 0.5], [0.3, 0.0]], jobs=((1.0,), (1.0,)))
    world.actors.region[second] = 1
    world.conditions.travel[:] = travel
    Projects(**ALWAYS, **JUST_KNOWLEDGE, consortium=3).apply(world, luck())
    if travel in (0.0, 1.0):
        assert len(crews_of(world)) == pytest.approx(travel * n, abs=0.001 * n)
    else:
        share_close_to(len(crews_of(world)), n, travel)


def test_who_is_fruitfully_different_is_asked_first():
    # The coordinator knows field 0. Partner and partner of the partner know nothing of it to speak
    # of; what they know is at distance 1 (fruitful) or 0 (not).
    other = {"relevance": (1.0, 0.0, 0.0)}
    for near, share in (([0.0, 0.0, 0.5], 0.5), ([5e-4, 0.0, 0.0], 0.0)):
        knowledge = [[0.5, 0.0, 0.0], near, [0.0, 0.5, 0.0]]
        world, _, (first, second, _) = stars(500, knowledge, **other)
        Projects(**ALWAYS, familiarity=1.0, consortium=3).apply(world, luck())
        crews = [crew for crew in crews_of(world) if crew[0] in set(first)]
        asked = sum(crew[2] in set(second) for crew in crews) / len(crews)
        assert asked == pytest.approx(share, abs=0.1 if share else 0.01)


def test_the_field_is_drawn_by_relevance_room_and_what_is_known():
    # Coordinator knows (0.5, 0, 0.2, 0), its partner (0, 0.4, 0, 0); weights
    # 4 * 0.5 * 0.5, 2 * 1 * 0.4, 1 * 0.8 * 0.2, and nothing for what nobody knows.
    n = 4000
    world, _, (first, *_) = stars(
        n, [[0.5, 0.0, 0.2, 0.0], [0.0, 0.4, 0.0, 0.0]], relevance=(4.0, 2.0, 1.0, 9.0)
    )
    Projects(**ALWAYS).apply(world, luck())
    led = np.isin(world.projects.coordinator, world.actors.id[first])
    counts = np.bincount(world.projects.field[led], minlength=4)
    weights = np.array([1.0, 0.8, 0.16])
    assert counts[3] == 0
    expected = counts.sum() * weights / weights.sum()
    assert stats.chisquare(counts[:3], expected).pvalue > 1e-3


def test_levels_lengths_and_sizes_are_drawn_as_they_should():
    n = 3000
    world, _, _ = stars(n, [[0.3, 0.0]] + [[0.5, 0.5]] * 2)
    Projects(**ALWAYS, ambition=0.25, shortest=1.0, longest=2.0, consortium=4).apply(world, luck())
    projects = world.projects
    total = len(projects)
    assert total > 0.99 * n
    share_close_to((projects.first_trl == 5).sum(), total, 0.3)
    rise = projects.target - projects.first_trl
    assert set(rise.tolist()) == {2, 3}
    share_close_to((rise == 3).sum(), total, 0.25)
    lengths = np.bincount(projects.length)
    assert lengths.nonzero()[0].tolist() == [4, 5, 6, 7, 8]
    assert stats.chisquare(lengths[4:]).pvalue > 1e-3
    sizes = np.bincount(projects.counts)
    assert sizes.nonzero()[0].tolist() == [3, 4]
    assert stats.chisquare(sizes[3:]).pvalue > 1e-3


@pytest.mark.parametrize(("rate", "scale"), [(0.4, 1.0), (2.0, 4.0)])
def test_proposals_follow_capacity_and_the_scale(rate, scale):
    # Capacity 1/2. Firms propose at the rate, science at 10 / scale of it.
    n = 8000
    world = world_of(employment_scale=scale)
    firms = add_actors(world, np.full((2 * n, 2), 0.5))
    rtos = add_actors(world, np.full((n, 2), 0.999999), Kind.RTO, sector=0)
    extra = add_actors(world, np.full((2 * n, 2), 0.5), research=IDLE)
    # Every RTO has two firms of its own, which are not those that propose.
    add_ties(world, np.r_[rtos, rtos], extra)
    add_ties(world, firms[:n], rtos)
    add_ties(world, firms[:n], firms[n:])
    world.actors.region[rtos] = 0
    Projects(proposal_rate=rate, groups=10.0).apply(world, luck())
    by_kind = {
        kind: np.isin(world.projects.coordinator, world.actors.id[rows]).sum()
        for kind, rows in (("firms", firms), ("rtos", rtos))
    }
    share_close_to(by_kind["firms"], 2 * n, 1 - np.exp(-rate / 8))
    share_close_to(by_kind["rtos"], n, 1 - np.exp(-10.0 / scale * rate / 8))


# What becomes of a project.


def crews_of_two(n, knowledge=(1.0, 0.0), kind=Kind.FIRM, **columns):
    world = world_of()
    rows = add_actors(world, np.tile(knowledge, (n, 1)), **columns)
    sector = {} if kind == Kind.UNIVERSITY else {"sector": 0}
    others = add_actors(world, np.tile(knowledge, (n, 1)), kind, **sector)
    return world, np.column_stack([rows, others]).tolist()


@pytest.mark.parametrize(("levels", "quarters", "progress"), [(2, 12, 3.0), (3, 8, 4.0)])
def test_success_is_that_of_a_binomial_count(levels, quarters, progress):
    # Capacity 1/2 and knowledge 1: the chance of a level is p = 1 - exp(-progress / 8), and with
    # as many draws as quarters at least so many succeed.
    n = 4000
    world, crews = crews_of_two(n)
    begin(world, crews, trl=4, target=4 + levels, length=quarters)
    run(world, Projects(**NEW, **JUST_KNOWLEDGE, progress=progress), 1, quarters)
    projects = world.projects
    p = 1 - np.exp(-progress / 8)
    expected = stats.binom.sf(levels - 1, quarters, p)
    share_close_to((projects.outcome == Outcome.SUCCEEDED).sum(), n, expected)
    assert (projects.ended == quarters).all()
    reached = np.minimum(np.arange(quarters + 1), levels)
    mean = (reached * stats.binom.pmf(np.arange(quarters + 1), quarters, p)).sum()
    assert (projects.trl - 4).mean() == pytest.approx(mean, abs=0.1)


def test_readiness_rises_one_at_a_time_up_to_the_target():
    world, crews = crews_of_two(300)
    for first, target in ((1, 4), (4, 7), (6, 9)):
        begin(world, crews, trl=first, target=target, length=40)
    before = world.projects.trl.copy()
    for step in range(1, 40):
        run(world, Projects(**NEW, **JUST_KNOWLEDGE, progress=8.0), step, 1)
        rise = world.projects.trl - before
        assert set(rise.tolist()) <= {0, 1}
        before = world.projects.trl.copy()
    assert (world.projects.trl == world.projects.target).all()
    assert world.projects.trl.max() == 9


def test_progress_needs_capacity_knowledge_and_difference():
    def risen(knowledge=(1.0, 0.0), other=None, research=0.03, **numbers):
        n = 4000
        world, crews = crews_of_two(n, knowledge, research=research)
        world.actors.research[:] = research
        if other is not None:
            world.actors.knowledge[n:] = other
        begin(world, crews)
        run(world, Projects(**NEW, **{"progress": 1.0, **numbers}), 1, 1)
        return (world.projects.trl == 5).mean()

    def chance(hazard):
        return 1 - np.exp(-hazard / 4)

    near = {"abs": 4 * np.sqrt(0.25 / 4000)}
    assert risen(**JUST_KNOWLEDGE) == pytest.approx(chance(0.5), **near)
    assert risen(**JUST_KNOWLEDGE, research=1e6) == pytest.approx(chance(1.0), **near)
    assert risen((0.4, 0.0), research=1e6, **JUST_KNOWLEDGE) == pytest.approx(chance(0.4), **near)
    # Alike: half of what is at the best distance, with equal weights; 3 for complementarity.
    alike = risen(research=1e6, progress=4.0, complementarity=1.0)
    assert alike == pytest.approx(chance(2.0), **near)
    fruit = (ratio := 1 / 1.2) * np.exp(1 - ratio)  # the peak is at 0.8 (1 + 0.5)
    apart = risen(other=(0.0, 1.0), research=1e6, progress=4.0, complementarity=3.0)
    assert apart == pytest.approx(chance(4.0 * (1 + 3 * fruit) / 4), **near)
    assert risen(progress=0.0) == 0.0
    assert risen((0.0, 1.0)) == 0.0


@pytest.mark.parametrize("trl", [3, 4, 5, 6, 7])
def test_the_demonstrators_of_an_rto_help_from_4_to_6(trl):
    n = 4000
    risen = {}
    for kind in (Kind.FIRM, Kind.UNIVERSITY, Kind.RTO):
        world, crews = crews_of_two(n, kind=kind)
        begin(world, crews, trl=trl, target=9)
        mechanism = Projects(**NEW, **JUST_KNOWLEDGE, progress=2.0, demonstrator=2.0)
        run(world, mechanism, 1, 1)
        risen[kind] = (world.projects.trl == trl + 1).sum()
    plain, helped = 1 - np.exp(-0.25), 1 - np.exp(-0.75)
    share_close_to(risen[Kind.FIRM], n, plain)
    share_close_to(risen[Kind.UNIVERSITY], n, plain)
    share_close_to(risen[Kind.RTO], n, helped if 4 <= trl <= 6 else plain)


def test_members_learn_from_the_best_in_the_field():
    world = world_of()
    add_actors(world, [[0.2, 0.1], [0.8, 0.9], [0.5, 0.0], [0.9, 0.0], [0.1, 0.1]])
    begin(world, [[0, 1], [0, 2], [2, 3]], target=9)
    run(world, Projects(proposal_rate=0.0, sharing=2.0), 1, 1)
    share = 1 - np.exp(-2.0 * 0.5 / 4)
    # 0 is in two projects: only the better partner counts. 2 learns from what 3 knew before.
    expected = [0.2 + share * 0.6, 0.8, 0.5 + share * 0.4, 0.9, 0.1]
    assert world.actors.knowledge[:, 0] == pytest.approx(expected)
    assert world.actors.knowledge[:, 1].tolist() == [0.1, 0.9, 0.0, 0.0, 0.1]


def ended(trl, target, *, green=False, trust_levers=None):
    """A world in which a project of firm, firm and university has just ended in quarter 5."""
    world = world_of(relevance=(1.0, 1.0), tags={0: ("green",)} if green else {})
    add_actors(world, [[0.4, 0.45], [0.1, 0.8]], niche=1)
    add_actors(world, [[0.6, 0.0]], Kind.UNIVERSITY)
    add_actors(world, [[0.5, 0.5]])
    add_ties(world, [0, 0, 1, 0], [1, 2, 2, 3], trust=0.5)
    begin(world, [[0, 1, 2]], trl=trl, target=target, length=5)
    if trust_levers is not None:
        world.levers.put("trust", [0, 1, 2], trust_levers)
    mechanism = Projects(**NEW, progress=0.0, gain=0.2, trust_gain=0.3, trust_loss=0.6)
    run(world, mechanism, 5, 1)
    assert world.projects.ended.tolist() == [5]
    assert crews_of(world) == [[]]
    return world


def test_success():
    world = ended(6, 6)
    assert world.projects.outcome.tolist() == [Outcome.SUCCEEDED]
    assert world.actors.knowledge[:, 0] == pytest.approx([0.52, 0.28, 0.68, 0.5])
    assert world.actors.knowledge[:, 1].tolist() == [0.45, 0.8, 0.0, 0.5]
    # The first firm's main field is the project's now, the second still knows more of another.
    assert world.actors.niche.tolist() == [0, 1, 0, 0]
    assert world.actors.innovated.tolist() == [5, 5, 5, NEVER]
    assert (world.actors.innovated_green == NEVER).all()
    assert world.flows.innovations.tolist() == [[2.0]]
    # Ties between the leader and members: 0.5 + 0.3 (1 - 0.5); not among the others.
    assert world.ties.collaboration.trust == pytest.approx([0.65, 0.65, 0.5, 0.5])


def test_success_in_a_green_field():
    world = ended(6, 6, green=True)
    assert world.actors.innovated_green.tolist() == [5, 5, 5, NEVER]


def test_failure():
    world = ended(5, 6)
    assert world.projects.outcome.tolist() == [Outcome.FAILED]
    assert world.actors.knowledge[:, 0].tolist() == [0.4, 0.1, 0.6, 0.5]
    assert world.actors.niche.tolist() == [1, 1, 0, 0]
    assert (world.actors.innovated == NEVER).all()
    assert world.flows.innovations.sum() == 0.0
    assert world.ties.collaboration.trust == pytest.approx([0.2, 0.2, 0.5, 0.5])


def test_a_prototype_is_an_innovation_even_when_more_was_wanted():
    world = ended(7, 8)
    assert world.projects.outcome.tolist() == [Outcome.FAILED]
    assert world.flows.innovations.tolist() == [[2.0]]
    assert world.actors.innovated.tolist() == [5, 5, 5, NEVER]
    assert world.actors.knowledge[:, 0].tolist() == [0.4, 0.1, 0.6, 0.5]


def test_who_leaves_leaves_its_projects():
    world = world_of()
    add_actors(world, np.full((5, 2), 0.5))
    begin(world, [[0, 1, 2], [3, 4], [1, 0]])
    world.dismiss_firms(np.array([0, 4]))
    assert crews_of(world) == [[1, 2], [3], [1]]
    assert world.projects.running.all()
    # The row is given to somebody else, who is no member.
    add_actors(world, [[0.9, 0.9]])
    assert crews_of(world) == [[1, 2], [3], [1]]
    run(world, Projects(**NEW), 1, 1)
    # The first goes on, led by the next; those with a single member fail.
    assert crews_of(world) == [[1, 2], [], []]
    assert world.projects.outcome.tolist() == [0, Outcome.FAILED, Outcome.FAILED]
    assert world.projects.ended.tolist() == [RUNNING, 1, 1]
    assert (world.actors.innovated == NEVER).all()


def test_a_project_that_everybody_has_left_fails():
    world = world_of()
    add_actors(world, np.full((3, 2), 0.5))
    begin(world, [[0, 1, 2]], trl=8, target=8)
    world.dismiss_firms(np.array([0, 1, 2]))
    run(world, Projects(**NEW), 1, 1)
    assert world.projects.outcome.tolist() == [Outcome.FAILED]
    assert world.flows.innovations.sum() == 0.0


# Promises of every mechanism.


def states(world):
    return {f"{name} {n}": array.copy() for n, (name, array) in enumerate(arrays(world))}


def test_no_proposals_are_as_good_as_no_mechanism():
    worlds = []
    for parameters in ({"proposal_rate": 0.0}, {"enabled": False}, {"proposal_rate": 3.0}):
        world = living_world()
        Simulation(world, mechanisms({"projects": parameters}), seed=5).run(8)
        worlds.append(states(world))
    without, off, lively = worlds
    assert all(off[name].tobytes() == array.tobytes() for name, array in without.items())
    assert any(lively[name].tobytes() != array.tobytes() for name, array in without.items())


def test_one_more_project_does_not_shift_the_luck_of_others():
    def world_with(crews):
        world, _, _ = stars(40, [[0.3, 0.3]] + [[0.5, 0.5]] * 2)
        world.actors.research[:] = 0.03
        begin(world, crews, target=9)
        run(world, Projects(proposal_rate=5.0, longest=2.0), 1, 12)
        world.projects.release(world.actors.alive)
        table = vars(world.projects)
        return {
            int(identity): (int(table["first_trl"][p]), int(table["trl"][p]), table["length"][p])
            for p, identity in enumerate(world.projects.id.tolist())
        }

    plain = world_with([[1, 41]])
    # Both chains of the extra project are far from those of the others.
    more = world_with([[1, 41], [40, 80, 120]])
    assert len(more) > 10
    shared = plain.keys() & more.keys()
    assert more.keys() - plain.keys() >= {1001}
    assert len(shared) >= len(plain) - 2
    assert all(plain[identity] == more[identity] for identity in shared)


def test_nothing_is_lost_over_the_years():
    world = living_world()
    schedule = mechanisms({"projects": {"proposal_rate": 3.0}, "exit": {"hazard_old": 0.3}})
    simulation = Simulation(world, schedule, seed=2, record_every=4)
    for _ in range(30):
        people = (world.jobs().sum() + world.places.unemployed.sum()).item()
        projects = next(one for one in schedule if one.name == "projects")
        draws = luck(world.clock.step)
        projects.apply(world, draws)
        assert world.jobs().sum() + world.places.unemployed.sum() == people
        simulation.step()
        table = world.projects
        assert world.actors.alive[table.member].all()
        assert (np.diff(table.start) >= 0).all()
        assert table.start[-1] == table.member.size
        assert (table.counts[~table.running] == 0).all()
        for crew in crews_of(world):
            assert len(set(crew)) == len(crew)
    projects = simulation.tables()["projects"]
    assert np.unique(projects["id"]).size == projects["id"].size > 50
    assert set(projects["outcome"]) == {"running", "succeeded", "failed"}
    assert ((projects["trl"] >= 1) & (projects["trl"] <= projects["target"])).all()
    assert projects["target"].max() <= 9


def test_the_table_holds_what_runs_and_what_ended_since_the_last_record():
    world, crews = crews_of_two(6)
    begin(world, crews[:3], length=4)
    begin(world, crews[3:], length=8)
    recorder = Recorder(4)
    recorder.observe(world)
    run(world, Projects(**NEW, progress=0.0), 1, 4)
    assert len(world.projects) == 6
    before = recorder.tables(world)["projects"]
    world.clock.step = 5
    recorder.observe(world)
    assert len(world.projects) == 3
    after = recorder.tables(world)
    for name, values in before.items():
        assert np.array_equal(values, after["projects"][name]), name
    assert after["projects"]["outcome"].tolist() == ["failed"] * 3 + ["running"] * 3
    assert after["projects"]["end"].tolist() == [4] * 3 + [-1] * 3
    assert after["economy"]["projects"].tolist() == [6.0, 3.0]
    # One local industry, of which all these firms are.
    assert after["clusters"]["projects"].tolist() == [6.0, 3.0]


def test_projects_of_a_place_count_once_however_many_of_its_firms_take_part():
    world = world_of(jobs=((1.0, 1.0), (1.0, 1.0)), employment_scale=10)
    add_actors(world, np.full((4, 2), 0.5), region=[0, 0, 1, 1], sector=[0, 0, 0, 1])
    add_actors(world, [[0.5, 0.5]], Kind.RTO, region=1, sector=1)
    begin(world, [[0, 1, 2], [1, 4]])
    recorder = Recorder(4)
    recorder.observe(world)
    tables = recorder.tables(world)
    assert tables["clusters"]["projects"].tolist() == [20.0, 0.0, 10.0, 0.0]
    assert tables["economy"]["projects"].tolist() == [20.0]


def test_a_world_without_projects_has_an_empty_table():
    world = world_of()
    Projects(**ALWAYS).apply(world, luck())
    recorder = Recorder(4)
    recorder.observe(world)
    assert recorder.tables(world)["projects"]["outcome"].size == 0


# Levers and public money.


def test_a_lever_changes_how_often_an_actor_proposes():
    n = 8000
    world = world_of()
    firms = add_actors(world, np.full((n, 2), 0.5))
    add_ties(world, firms, add_actors(world, np.full((n, 2), 0.5), research=IDLE))
    add_actors(world, [[0.5, 0.5]], Kind.RTO, research=IDLE)
    world.levers.put("proposal", firms, np.where(np.arange(n) % 2, 2.0, 0.0))
    Projects(proposal_rate=1.0).apply(world, luck())
    proposed = np.isin(world.actors.id[firms], world.projects.coordinator)
    assert not proposed[::2].any()
    share_close_to(proposed[1::2].sum(), n / 2, 1 - np.exp(-2.0 * 0.5 / 4))


@pytest.mark.parametrize(("levers", "mean"), [((0.0, 0.0), 0.0), ((3.0, 1.0), 2.0)])
def test_readiness_rises_by_the_mean_lever_of_the_members(levers, mean):
    n = 4000
    world, crews = crews_of_two(n)
    begin(world, crews)
    world.levers.put("progress", np.array(crews), levers)
    run(world, Projects(**NEW, **JUST_KNOWLEDGE, progress=2.0), 1, 1)
    share_close_to((world.projects.trl == 5).sum(), n, 1 - np.exp(-2.0 * mean * 0.5 / 4))


@pytest.mark.parametrize(
    ("levers", "expected"), [((1.0, 3.0, 0.0), (0.8, 0.575)), ((10.0, 10.0, 9.0), (1.0, 1.0))]
)
def test_success_makes_trust_by_the_mean_lever_of_leader_and_member(levers, expected):
    # 0.5 + 0.3 g (1 - 0.5) with g = 2 and 1/2; never above one.
    world = ended(6, 6, trust_levers=levers)
    assert world.ties.collaboration.trust == pytest.approx([*expected, 0.5, 0.5])


def test_the_budget_counts_what_firms_pay_themselves():
    budgets = []
    for funded in (0.0, EAGER / 4):
        world = world_of()
        research = [EAGER, IDLE, IDLE]
        add_actors(world, np.full((3, 2), 0.5), research=research, funded=[funded, 0.0, 0.0])
        add_actors(world, [[0.5, 0.5]], Kind.RTO, research=IDLE)
        add_ties(world, [0, 0], [1, 2])
        Projects(**ALWAYS, group=0.0).apply(world, luck())
        budgets.append(world.projects.budget[0])
    assert budgets[1] == pytest.approx(0.75 * budgets[0])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"capacity": 0}, "capacity\n  Input should be greater than"),
        ({"capacity": 1.5}, "capacity\n  Input should be a valid integer"),
        ({"least_members": 1}, "least_members\n  Input should be greater than"),
        ({"ambition": 1.1}, "ambition\n  Input should be less than"),
        ({"shortest": 0.0}, "shortest\n  Input should be greater than"),
        ({"progress": float("inf")}, "progress\n  Input should be"),
    ],
)
def test_impossible_parameters_are_refused(wrong, message):
    with pytest.raises(ValidationError, match=message):
        Projects(**wrong)


def test_bounds_that_cross_give_the_lower_one():
    n = 300
    world, _, _ = stars(n, [[0.3, 0.0]] + [[0.5, 0.5]] * 3)
    Projects(**ALWAYS, shortest=3.0, longest=1.0, least_members=4, consortium=2).apply(
        world, luck()
    )
    assert (world.projects.length == 12).all()
    assert (world.projects.counts == 4).all()
