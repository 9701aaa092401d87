import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.mechanisms.adoption import Adoption
from clustersim.world.actors import Kind
from tests.worlds import add_actors, add_ties, empty_world, luck

N = 20_000
NOBODY = {
    "digital_innovation": 0.0,
    "digital_imitation": 0.0,
    "green_innovation": 0.0,
    "green_imitation": 0.0,
}


def world_of(n=N, **columns):
    """Firms that know half of three fields; the second is digital, the third green."""
    world = empty_world(relevance=(1, 1, 1), tags={1: ("digital",), 2: ("green",)})
    add_actors(world, np.full((n, 3), 0.5), **columns)
    return world


def share_close_to(flags, expected):
    error = np.sqrt(expected * (1 - expected) / flags.size)
    assert flags.mean() == pytest.approx(expected, abs=4 * error)


@pytest.mark.parametrize(("name", "other"), [("digital", "green"), ("green", "digital")])
def test_firms_adopt_by_themselves_at_their_hazard(name, other):
    world = world_of()
    Adoption(**NOBODY | {f"{name}_innovation": 0.8}).apply(world, luck())
    share_close_to(getattr(world.actors, name), 1 - np.exp(-0.2))
    assert not getattr(world.actors, other).any()


@pytest.mark.parametrize("adopters", [0, 1, 2])
def test_firms_adopt_by_example_of_their_partners(adopters):
    # Two partners each, 0, 1 or 2 of whom have adopted: hazard 0.4 + 1.6 F.
    n = N // 4
    world = world_of(n)
    rows = [add_actors(world, np.full((n, 3), 0.5), digital=i < adopters) for i in range(2)]
    add_ties(world, np.r_[:n, :n], np.concatenate(rows))
    Adoption(**NOBODY | {"digital_innovation": 0.4, "digital_imitation": 1.6}).apply(world, luck())
    share_close_to(world.actors.digital[:n], 1 - np.exp(-(0.4 + 1.6 * adopters / 2) / 4))


@pytest.mark.parametrize(("size", "ease"), [(640.0, 8.0), (10.0, 1.0), (0.2, 0.1**0.5)])
def test_larger_firms_adopt_earlier(size, ease):
    # 640 jobs are 64 times ten, the root of which is 8; a firm below one job counts as one.
    world = world_of(size=size)
    Adoption(**NOBODY | {"green_innovation": 0.2}, size_slope=0.5).apply(world, luck())
    share_close_to(world.actors.green, 1 - np.exp(-0.05 * ease))


def test_adopting_advances_the_fields_of_the_transition_once():
    # 0.5 + 0.2 * (1 - 0.5) = 0.6 in the field concerned.
    world = world_of(2000)
    adoption = Adoption(**NOBODY | {"green_innovation": 5.0}, advance=0.2)
    for step in range(12):
        adoption.apply(world, luck(step))
    assert world.actors.green.mean() > 0.99
    expected = np.where(world.actors.green, 0.6, 0.5)
    assert world.actors.knowledge[:, 2] == pytest.approx(expected)
    assert (world.actors.knowledge[:, :2] == 0.5).all()


def test_both_transitions_are_drawn_apart():
    world = world_of()
    Adoption(digital_innovation=2.0, green_innovation=2.0).apply(world, luck())
    both = world.actors.digital & world.actors.green
    share_close_to(both, (1 - np.exp(-0.5)) ** 2)


def test_an_example_is_followed_a_quarter_later():
    # A chain in which only the first has adopted: one more follows at most in each quarter.
    n = 30
    world = world_of(n, digital=np.arange(n) == 0)
    add_ties(world, np.arange(n - 1), np.arange(1, n))
    adoption = Adoption(**NOBODY | {"digital_imitation": 10.0})
    reached = [0]
    for step in range(40):
        adoption.apply(world, luck(step))
        adopted = np.flatnonzero(world.actors.digital)
        assert np.array_equal(adopted, np.arange(adopted.size))
        reached.append(adopted.size - 1)
    assert set(np.diff(reached)) == {0, 1}


def test_only_firms_adopt_and_none_if_no_hazard():
    world = world_of(200)
    rows = add_actors(world, np.full((200, 3), 0.5), Kind.RTO, sector=0)
    Adoption(**NOBODY).apply(world, luck())
    assert not world.actors.digital.any()
    Adoption(**NOBODY | {"digital_innovation": 5.0}).apply(world, luck())
    assert world.actors.digital.any()
    assert not world.actors.digital[rows].any()


@pytest.mark.parametrize(("name", "other"), [("digital", "green"), ("green", "digital")])
def test_a_lever_changes_the_hazard_of_one_transition(name, other):
    # Half of the firms have a lever of 3, half one of 0; both transitions have a hazard of 0.8.
    world = world_of()
    world.levers.put(name, np.arange(N), np.where(np.arange(N) % 2, 3.0, 0.0))
    numbers = {"digital_innovation": 0.8, "green_innovation": 0.8}
    Adoption(**NOBODY | numbers).apply(world, luck())
    assert not getattr(world.actors, name)[::2].any()
    share_close_to(getattr(world.actors, name)[1::2], 1 - np.exp(-0.6))
    share_close_to(getattr(world.actors, other), 1 - np.exp(-0.2))


def test_a_lever_changes_adoption_by_example_too():
    n = N // 2
    world = world_of(n)
    add_ties(world, np.arange(n), add_actors(world, np.full((n, 3), 0.5), digital=True))
    world.levers.put("digital", np.arange(n), 0.5)
    Adoption(**NOBODY | {"digital_imitation": 1.6}).apply(world, luck())
    share_close_to(world.actors.digital[:n], 1 - np.exp(-0.5 * 1.6 / 4))


@pytest.mark.parametrize("wrong", [{"digital_innovation": 5.1}, {"advance": 1.1}])
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Adoption(**wrong)


def test_when_who_has_adopted_is_known():
    world = world_of(200)
    world.clock.step = 7
    both = {"digital_innovation": 2.0, "green_innovation": 2.0}
    Adoption(**NOBODY | both).apply(world, luck(7))
    actors = world.actors
    adopted = actors.digital | actors.green
    assert adopted.any()
    assert not adopted.all()
    assert ((actors.adopted == 7) == adopted).all()
    assert ((actors.adopted_green == 7) == actors.green).all()
