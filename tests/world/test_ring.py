import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from clustersim.world.ring import Circle

PLACE = st.integers(0, 999).map(lambda i: i / 1000.0)


def ring_of(places, groups, n_groups):
    """A ring of actors 0, 1, ... at the given places."""
    places, groups = np.asarray(places, dtype=float), np.asarray(groups, dtype=np.int64)
    return Circle(np.arange(places.size), places).ring(groups, n_groups)


def meet(ring, groups, points, seekers):
    return ring.meet(
        np.asarray(groups, dtype=np.int64),
        np.asarray(points, dtype=float),
        np.asarray(seekers, dtype=np.int64),
    ).tolist()


def test_meets_the_next_clockwise():
    ring = ring_of([0.7, 0.2, 0.5], [0, 0, 0], 1)
    # 0.1 -> 0.2 (actor 1), 0.3 -> 0.5 (2), 0.6 -> 0.7 (0), 0.9 -> over the top to 0.2 (1)
    assert meet(ring, [0] * 4, [0.1, 0.3, 0.6, 0.9], [9] * 4) == [1, 2, 0, 1]


def test_nobody_meets_itself_but_the_one_behind():
    ring = ring_of([0.7, 0.2, 0.5], [0, 0, 0], 1)
    assert meet(ring, [0, 0, 0], [0.1, 0.3, 0.6], [1, 2, 0]) == [2, 0, 1]


def test_a_seeker_passes_over_all_of_its_places():
    rows = np.array([4, 7, 7, 5, 7])
    ring = Circle(rows, np.array([0.1, 0.3, 0.5, 0.6, 0.8])).ring(np.zeros(5, dtype=np.int64), 1)
    assert meet(ring, [0] * 4, [0.2, 0.2, 0.7, 0.7], [7, 4, 7, 4]) == [5, 7, 4, 7]
    alone = Circle(rows[1:3], np.array([0.3, 0.5])).ring(np.zeros(2, dtype=np.int64), 1)
    assert meet(alone, [0], [0.2], [7]) == [-1]


def test_the_lonely_meet_nobody():
    ring = ring_of([0.3, 0.6, 0.9], [0, 1, 1], 3)
    # Actor 0 is alone in group 0; group 2 is empty; a stranger may meet the lonely one.
    assert meet(ring, [0, 2, 0], [0.5, 0.5, 0.5], [0, 1, 1]) == [-1, -1, 0]


def test_groups_do_not_mix():
    ring = ring_of([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1], 2)
    assert meet(ring, [0, 1, 0, 1], [0.15, 0.15, 0.35, 0.35], [9] * 4) == [2, 1, 0, 3]


@given(st.lists(st.tuples(PLACE, st.integers(0, 2)), max_size=12, unique_by=lambda a: a[0]), PLACE)
def test_meeting_is_that_of_a_walk_around_the_circle(actors, point):
    ring = ring_of([a[0] for a in actors], [a[1] for a in actors], 3)
    for seeker in range(len(actors) + 1):
        for group in range(3):
            others = [
                ((place - point) % 1.0, i)
                for i, (place, g) in enumerate(actors)
                if g == group and i != seeker
            ]
            nearest = min(others)[1] if others else -1
            assert meet(ring, [group], [point], [seeker]) == [nearest]


@given(
    st.lists(PLACE, min_size=2, max_size=15, unique=True),
    st.lists(PLACE, min_size=1, max_size=20),
)
def test_one_more_actor_takes_only_what_falls_to_it(places, points):
    *old, newcomer = places
    n = len(old)
    before, after = ring_of(old, [0] * n, 1), ring_of(places, [0] * (n + 1), 1)
    for seeker in range(n):
        for point in points:
            (was,) = meet(before, [0], [point], [seeker])
            (now,) = meet(after, [0], [point], [seeker])
            arcs = [(p - point) % 1.0 for i, p in enumerate(old) if i != seeker]
            falls_to_newcomer = all((newcomer - point) % 1.0 < arc for arc in arcs)
            assert now == (n if falls_to_newcomer else was)


def test_everybody_is_met_alike_in_the_long_run():
    # 60,000 rings of six; the first of each looks for somebody.
    n_rings, n = 60_000, 6
    rng = np.random.default_rng(11)
    group = np.repeat(np.arange(n_rings), n)
    ring = ring_of(rng.random(n_rings * n), group, n_rings)
    seekers = np.arange(n_rings) * n
    met = ring.meet(np.arange(n_rings), rng.random(n_rings), seekers)
    counts = np.bincount(met - seekers, minlength=n)
    assert counts[0] == 0
    assert stats.chisquare(counts[1:]).pvalue > 1e-3


def test_everybody_is_on_one_ring():
    places = np.array([0.7, 0.2, 0.5, 0.21])
    circle = Circle(np.array([4, 5, 6, 7]), places)
    seekers, points = np.array([4, 5, 9]), np.array([0.1, 0.2, 0.8])
    none = np.zeros(3, dtype=np.int64)
    whole = circle.ring(np.zeros(4, dtype=np.int64), 1)
    assert circle.everybody().meet(none, points, seekers).tolist() == [5, 7, 5]
    assert whole.meet(none, points, seekers).tolist() == [5, 7, 5]
