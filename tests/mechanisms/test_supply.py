import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.mechanisms.base import Mechanism
from clustersim.mechanisms.supply import NOTHING, Supply
from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from clustersim.world.first_ties import tie
from tests.worlds import SEED, add_actors, empty_world, living_world, luck

GAIN = {"variety_gain": 0.02, "supplier_reference": 10.0}


def world_of(firms):
    """A world with so many firms of each place, shape (R, S)."""
    firms = np.asarray(firms)
    world = empty_world(np.ones(firms.shape).tolist(), employment_scale=2)
    region, sector = np.divmod(np.repeat(np.arange(firms.size), firms.ravel()), firms.shape[1])
    add_actors(world, np.ones((firms.sum(), 2)), region=region, sector=sector)
    return world


def test_suppliers_by_hand():
    # Sector 1 buys 0.2 from sector 0 and 0.1 from itself; at scale 2 region 0 has 12 and 6 firms:
    # (0.2 * 12 + 0.1 * 6) / 0.3 = 10 suppliers. In region 1 there are 0.1 * 6 / 0.3 = 2.
    world = world_of([[6, 3], [0, 3]])
    world.sectors.inputs[:] = [[0.0, 0.2], [0.0, 0.1]]
    Supply(**GAIN).apply(world, luck())
    assert world.places.supply_advantage == pytest.approx(
        0.02 * np.array([[0.0, np.log(1 + 10 / 10)], [0.0, np.log(1 + 2 / 10)]])
    )


def test_who_buys_nothing_gains_nothing():
    world = world_of([[6, 3], [0, 3]])
    world.places.supply_advantage[:] = 0.7
    Supply(**GAIN).apply(world, luck())
    assert (world.places.supply_advantage == 0.0).all()


def test_only_firms_supply():
    world = world_of([[1, 1]])
    world.sectors.inputs[:] = [[0.0, 0.2], [0.0, 0.0]]
    Supply(**GAIN).apply(world, luck())
    before = world.places.supply_advantage.copy()
    add_actors(world, np.ones((5, 2)), Kind.RTO, sector=0)
    Supply(**GAIN).apply(world, luck())
    assert np.array_equal(world.places.supply_advantage, before)


def test_more_suppliers_are_better_at_a_falling_rate():
    gains = []
    for n in (0, 10, 20, 30):
        world = world_of([[n, 1]])
        world.sectors.inputs[:] = [[0.0, 0.3], [0.0, 0.0]]
        Supply(**GAIN).apply(world, luck())
        gains.append(world.places.supply_advantage[0, 1])
    steps = np.diff(gains)
    assert (steps > 0).all()
    assert (np.diff(steps) < 0).all()


# Key suppliers.

A, B, C = range(3)
KEY = {"dependence": 0.6, "substitution": 0.0, "contract": 1e6}


def chain_world(firms=((1, 1, 1),), size=10.0):
    """Firms of each place: sector C buys from B, and B from A, which buys nothing."""
    firms = np.asarray(firms)
    world = empty_world(np.ones(firms.shape).tolist())
    region, sector = np.divmod(np.repeat(np.arange(firms.size), firms.ravel()), firms.shape[1])
    add_actors(world, np.ones((firms.sum(), 2)), region=region, sector=sector, size=size)
    world.sectors.inputs[A, B] = 0.2
    world.sectors.inputs[B, C] = 0.4
    return world


def run(world, quarters, struck=(), place=(0, A), capacity=0.0, **numbers):
    """Apply supply for some quarters, in some of which a place is struck; yield the world."""
    supply = Supply(**{**KEY, **numbers})
    for step in range(quarters):
        world.clock.step = step
        world.conditions.output[place] = capacity if step in struck else 1.0
        supply.apply(world, luck(step))
        yield world


def outputs(world, quarters, **changes):
    return np.array([w.actors.output.copy() for w in run(world, quarters, **changes)])


def pairs(world):
    layer = world.ties.supply
    return set(zip(layer.first.tolist(), layer.second.tolist(), strict=True))


def test_a_shortage_travels_down_the_chain_a_tie_a_quarter():
    # A stands still in quarters 1 to 3. Stocks last for a quarter of a quarter.
    # B: 1 - 0.6 * (1 - 0.25) = 0.55, then 1 - 0.6 = 0.4 twice.
    # C: missing 0.45 less 0.25 in store: 1 - 0.6 * 0.2 = 0.88; then 1 - 0.6 * 0.6 = 0.64 twice.
    output = outputs(chain_world(), 8, struck=(1, 2, 3), inventory=0.25)
    assert output[:, A].tolist() == [1, 0, 0, 0, 1, 1, 1, 1]
    assert output[:, B] == pytest.approx([1, 1, 0.55, 0.4, 0.4, 1, 1, 1])
    assert output[:, C] == pytest.approx([1, 1, 1, 0.88, 0.64, 0.64, 1, 1])


def test_output_falls_only_when_the_stock_is_used():
    # With a full quarter in store B goes on in quarter 2, and C, short by 0.6, uses 0.6 and then
    # the other 0.4: 1 - 0.6 * 0.2 = 0.88.
    world = chain_world()
    output, stock = [], []
    for w in run(world, 8, struck=(1, 2, 3), inventory=1.0):
        output.append(w.actors.output.copy())
        stock.append(w.actors.stock.copy())
    output, stock = np.array(output), np.array(stock)
    assert output[:, B] == pytest.approx([1, 1, 1, 0.4, 0.4, 1, 1, 1])
    assert output[:, C] == pytest.approx([1, 1, 1, 1, 1, 0.88, 1, 1])
    assert stock[:, B] == pytest.approx([1, 1, 0, 0, 0, 1, 1, 1])
    assert stock[:, C] == pytest.approx([1, 1, 1, 1, 0.4, 0, 1, 1])
    assert (stock[:, A] == NOTHING).all()  # buys nothing


def test_a_supplier_with_little_to_spare_does_not_fill_stocks():
    # A at 0.8 for long: B uses up its 0.25, then lacks 0.2; at 0.995 the stock comes back.
    world = chain_world()
    output = outputs(world, 5, struck=range(1, 9), capacity=0.8, inventory=0.25)
    assert output[:, B] == pytest.approx([1, 1, 1, 1 - 0.6 * 0.15, 1 - 0.6 * 0.2])
    assert world.actors.stock[B] == pytest.approx(0.0)
    world.actors.output[A] = 0.995
    Supply(**KEY, inventory=0.25).apply(world, luck(5))
    assert world.actors.stock[B] == 0.25


def test_the_own_place_limits_output_and_need():
    # B can use half of its capacity and A delivers 0.8: 0.3 is left over and goes into the store,
    # as far as it has room.
    world = chain_world()
    supply = Supply(**KEY, inventory=0.5)
    supply.apply(world, luck())
    world.conditions.output[0, B] = 0.5
    for delivered, before, after in ((0.8, 0.1, 0.4), (0.8, 0.4, 0.5), (0.3, 0.4, 0.2)):
        world.actors.output[A] = delivered
        world.actors.stock[B] = before
        supply.apply(world, luck(1))
        assert world.actors.output[B] == 0.5
        assert world.actors.stock[B] == pytest.approx(after)


def test_suppliers_nearby_lessen_the_dependence_unless_they_are_struck_too():
    # 10 suppliers at a reference of 10: d = 0.6 / (1 + 0.5 ln 2).
    # Half of them idle is as good as 5: d = 0.6 / (1 + 0.5 ln 1.5).
    for capacity, n in ((1.0, 10.0), (0.5, 5.0)):
        world = chain_world([[10, 1, 0]])
        numbers = {**KEY, "substitution": 0.5, "inventory": 0.0}
        Supply(**numbers).apply(world, luck())
        world.ties.supply.keep(np.zeros(1, dtype=bool))
        world.conditions.output[0, A] = capacity
        Supply(**numbers).apply(world, luck(1))
        expected = 1 - 0.6 / (1 + 0.5 * np.log(1 + n / 10))
        assert world.actors.output[10] == pytest.approx(expected)


def test_everybody_has_a_supplier_at_the_start_and_newcomers_on_arrival():
    world = chain_world([[5, 40, 30]])
    next(run(world, 1))
    layer, actors = world.ties.supply, world.actors
    assert np.sort(layer.second).tolist() == list(range(5, 75))  # one each, for all who buy
    assert (actors.sector[layer.first] == actors.sector[layer.second] - 1).all()
    new = add_actors(world, np.ones((7, 2)), sector=B)
    Supply(**KEY).apply(world, luck(1))
    assert set(new) <= set(layer.second.tolist())
    assert (actors.output == 1.0).all()


@pytest.mark.parametrize("search", [0.25, 0.375, 1.0])
def test_searching_takes_as_long_as_stated_and_is_memoryless(search):
    n, numbers = 4000, {**KEY, "search": search, "inventory": 0.0}
    world = chain_world([[50, n, 0]])
    Supply(**numbers).apply(world, luck())
    world.ties.supply.keep(np.zeros(n, dtype=bool))
    missed = np.zeros(n, dtype=int)
    for step in range(1, 60):
        Supply(**numbers).apply(world, luck(step))
        missed += world.actors.output[50:] < 1.0
    mean = search / 0.25
    spread = np.sqrt(mean * (mean - 1))  # of a geometric distribution from one
    assert missed.min() == 1
    assert missed.mean() == pytest.approx(mean, abs=4 * spread / np.sqrt(n))
    first = np.mean(missed == 1)
    assert first == pytest.approx(1 / mean, abs=4 * np.sqrt(1 / mean * (1 - 1 / mean) / n) + 1e-12)
    assert len(world.ties.supply) == n


def test_a_firm_leaves_its_supplier_only_for_another():
    # Contracts of a year: each firm chooses in one quarter of four, and no output is lost.
    world = chain_world([[200, 400, 0]])
    before, changed = None, []
    for w in run(world, 9, contract=1.0):
        assert len(w.ties.supply) == 400
        assert (w.actors.output == 1.0).all()
        now = pairs(w)
        changed.append(0 if before is None else len(now - before))
        before = now
    # Identities are 1 to 600, so a hundred firms choose in each quarter, nearly all of them anew.
    assert all(85 <= n <= 100 for n in changed[1:])


def test_a_single_possible_supplier_is_kept():
    world = chain_world()
    worlds = run(world, 6, contract=0.25)
    next(worlds)
    born = world.ties.supply.born.copy()
    for w in worlds:
        assert pairs(w) == {(A, B), (B, C)}
        assert w.ties.supply.born.tolist() == born.tolist()


def choices(world, quarters, buyers, **numbers):
    """Rows of the suppliers that the buyers choose, contracts ending in every quarter."""
    chosen = []
    for w in run(world, quarters, contract=0.25, **numbers):
        layer = w.ties.supply
        chosen.append(layer.first[np.isin(layer.second, buyers)])
    return np.concatenate(chosen)


@pytest.mark.parametrize("offers", [1e9, 60.0])
@pytest.mark.parametrize("n", [0, 20, 100])
def test_the_local_share_rises_with_what_the_region_has(n, offers):
    # In region 0 there are n suppliers of 200, and local ones are five times as likely. With few
    # open stands at a time the share is the same.
    world = chain_world([[n, 30, 0], [200 - n, 0, 0]])
    buyers = np.arange(n, n + 30)
    chosen = choices(world, 200, buyers, local=5.0, offers=offers)
    expected = 5 * n / (5 * n + 200 - n)
    share = np.mean(world.actors.region[chosen] == 0)
    assert share == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize("offers", [1e9, 60.0])
def test_large_firms_have_more_buyers(offers):
    # 50 firms with one stand and one of 480 jobs with 48.
    size = np.full(101, 10.0)
    size[0] = 475.0
    world = chain_world([[51, 50, 0]], size=size)
    chosen = choices(world, 300, np.arange(51, 101), offers=offers)
    assert np.mean(chosen == 0) == pytest.approx(48 / 98, abs=0.03)


def test_the_sector_of_the_key_input_is_drawn_by_the_input_coefficients():
    world = chain_world([[40, 40, 300]])
    world.sectors.inputs[A, C] = 0.2
    world.sectors.inputs[C, C] = 0.2
    chosen = choices(world, 30, np.arange(80, 380))
    share = np.bincount(world.actors.sector[chosen], minlength=3) / chosen.size
    assert share == pytest.approx([0.25, 0.5, 0.25], abs=4 * np.sqrt(0.25 / chosen.size))


def test_nobody_supplies_itself():
    world = chain_world([[2, 0, 0]], size=[200.0, 10.0])
    world.sectors.inputs[A, A] = 0.3
    for w in run(world, 20, contract=0.25):
        assert pairs(w) == {(0, 1), (1, 0)}


@pytest.mark.parametrize("firms", [[[0, 5, 0]], [[1, 0, 0]]])
def test_what_nobody_else_at_home_makes_comes_from_abroad_and_does_not_fail(firms):
    world = chain_world(firms)
    world.sectors.inputs[A, A] = 0.3  # the one firm of A would have to buy from itself
    for w in run(world, 4, dependence=1.0):
        assert (w.actors.output == 1.0).all()
        assert (w.actors.stock == NOTHING).all()
        assert len(w.ties.supply) == 0
    # As soon as somebody makes it, it is bought there, and nobody has gone short.
    add_actors(world, np.ones((3, 2)), sector=A)
    Supply(**KEY).apply(world, luck(5))
    assert (world.actors.output == 1.0).all()
    assert len(world.ties.supply) > 0


def test_who_loses_the_last_supplier_at_home_goes_abroad():
    world = chain_world([[1, 3, 0]])
    next(run(world, 1))
    world.dismiss_firms(np.array([0]))
    Supply(**KEY).apply(world, luck(1))
    assert (world.actors.output[1:] == 1.0).all()
    assert (world.actors.stock == NOTHING).all()


def test_where_no_stand_is_open_nobody_is_found():
    # Each of the 100 stands is open with a chance of 4 %, so that in 1.7 % of cases none is. A firm
    # that has found nobody has none yet, and lacks nothing.
    world = chain_world([[100, 1, 0]])
    actors, layer = world.actors, world.ties.supply
    found = np.zeros(1000, dtype=bool)
    for seed in range(found.size):
        layer.keep(np.zeros(len(layer), dtype=bool))
        actors.stock[:] = NOTHING
        Supply(**KEY, offers=1.0).apply(world, luck(seed=seed))
        assert (actors.output == 1.0).all()
        found[seed] = len(layer)
        assert actors.stock[100] == (0.25 if found[seed] else NOTHING)
    none = 0.96**100
    assert np.mean(~found) == pytest.approx(none, abs=4 * np.sqrt(none / found.size))
    assert not found.all()


def test_several_suppliers_from_a_graph_share_the_deliveries_and_are_kept():
    world = chain_world([[2, 1, 0]])
    tie(world, "supply", np.array([0, 1]), np.array([2, 2]))
    supply = Supply(**{**KEY, "contract": 0.25}, inventory=0.0)
    supply.apply(world, luck())
    world.actors.output[0] = 0.2
    supply.apply(world, luck(1))
    assert pairs(world) == {(0, 2), (1, 2)}
    assert world.actors.output[2] == pytest.approx(1 - 0.6 * (1 - 0.6))
    world.dismiss_firms(np.array([0]))
    supply.apply(world, luck(2))
    assert world.actors.output[2] == 1.0  # the other one delivers everything


def test_one_firm_more_changes_the_choice_of_few():
    n_changed = 0
    for seed in range(10):
        plain, more = chain_world([[200, 400, 0]]), chain_world([[200, 400, 0]])
        supplier = add_actors(more, np.ones((1, 2)), sector=A)
        buyer = add_actors(more, np.ones((1, 2)), sector=B)
        for world in (plain, more):
            Supply(**KEY).apply(world, luck(seed=seed))
        new = {pair for pair in pairs(more) if pair[1] != buyer[0]}
        assert len(new) == 400
        changed = new - pairs(plain)
        assert {first for first, _ in changed} <= set(supplier.tolist())
        n_changed += len(changed)
    assert 5 < n_changed < 50  # about 10 * 400 / 201


# What an outage does.


def losses(place, **numbers):
    """Output lost by sector when a place is struck for a year, for a chain of many firms."""
    world = chain_world([[40, 40, 40]])
    output = outputs(world, 16, struck=range(1, 5), place=place, capacity=0.3, **numbers)
    return (1.0 - output).reshape(-1, 3, 40).sum(axis=(0, 2))


def test_an_outage_is_felt_downstream_and_not_upstream():
    upstream, struck, downstream = losses((0, B))
    assert upstream == 0.0
    assert struck == pytest.approx(40 * 4 * 0.7)
    assert 0.0 < downstream < struck


def test_stocks_soften_an_outage():
    few, some, many = (losses((0, A), inventory=n)[B] for n in (0.0, 0.5, 4.0))
    assert few > some > many == 0.0


def test_a_long_search_deepens_the_exit_of_suppliers():
    lost = []
    for search in (0.25, 0.5, 2.0):
        world = chain_world([[40, 200, 0]])
        supply = Supply(**KEY, search=search)
        supply.apply(world, luck())
        world.dismiss_firms(np.arange(20))
        total = 0.0
        for step in range(1, 20):
            supply.apply(world, luck(step))
            total += (1.0 - world.actors.output[40:]).sum()
        lost.append(total)
    assert lost == sorted(lost)
    assert lost[0] > 0.0


def test_without_shock_and_exit_output_stays_exactly_one():
    world = living_world()
    for w in run(world, 12, contract=0.5, dependence=1.0, inventory=0.0):
        assert (w.actors.output == 1.0).all()
    assert len(world.ties.supply) == world.actors.rows(Kind.FIRM).size


# Switches.


def after_two_years(**supply):
    world = living_world()
    Simulation(world, mechanisms({"supply": supply}), seed=SEED).run(8)
    return world


def columns(world, but=()):
    names = sorted(set(world.actors.table._fields) - set(but))
    yield from (getattr(world.actors, name) for name in names)
    yield from vars(world.places).values()
    for name, layer in world.ties:
        if name not in but:
            yield from (layer.first, layer.second, layer.trust, layer.km, layer.born)


def same(one, other, but=()):
    return all(
        a.tobytes() == b.tobytes()
        for a, b in zip(columns(one, but), columns(other, but), strict=True)
    )


def test_without_key_suppliers_and_gain_the_world_is_as_without_the_mechanism():
    off = after_two_years(enabled=False)
    assert same(after_two_years(key_suppliers=False, variety_gain=0.0), off)
    assert not same(after_two_years(), off)


def test_without_dependence_ties_do_no_harm():
    harmless = after_two_years(dependence=0.0)
    without = after_two_years(key_suppliers=False)
    assert len(harmless.ties.supply) > len(without.ties.supply) == 0
    assert same(harmless, without, but=("supply", "stock"))


def test_without_key_suppliers_output_is_the_capacity_of_the_place():
    world = chain_world()
    tie(world, "supply", np.array([A]), np.array([B]))  # from a graph
    output = outputs(world, 4, struck=(1, 2), capacity=0.4, key_suppliers=False)
    assert output.tolist() == [[1, 1, 1], [0.4, 1, 1], [0.4, 1, 1], [1, 1, 1]]
    assert pairs(world) == {(A, B)}


def test_people_are_conserved_through_outages():
    class Outage(Mechanism):
        name = "outage"

        def apply(self, world, draws):
            world.conditions.output[0] = 0.2 if world.clock.step in (2, 3, 4) else 1.0

    world = living_world()
    people = world.jobs().sum() + world.places.unemployed.sum()
    shocks, *others = mechanisms({"market": {"lost_orders": 1.0}})
    simulation = Simulation(world, (shocks, Outage(), *others), seed=SEED)
    least = 1.0
    for _ in range(12):
        simulation.step()
        least = min(least, world.actors.output.min())
        assert world.jobs().sum() + world.places.unemployed.sum() == pytest.approx(people)
    assert least <= 0.2


def test_a_lever_changes_how_soon_a_supplier_is_found():
    # Four regions, a chance of 1/8 a quarter, times 0, 1, 2 and 8 (certain).
    n = 2000
    world = chain_world([[50, n, 0]] + [[0, n, 0]] * 3)
    numbers = {**KEY, "search": 2.0}
    Supply(**numbers).apply(world, luck())
    world.ties.supply.keep(np.zeros(4 * n, dtype=bool))
    world.levers.put("suppliers", (np.arange(4), B), [0.0, 1.0, 2.0, 8.0])
    Supply(**numbers).apply(world, luck(1))
    found = np.bincount(world.actors.region[world.ties.supply.second], minlength=4)
    assert found[[0, 3]].tolist() == [0, n]
    for count, chance in zip(found[1:3], (1 / 8, 1 / 4), strict=True):
        error = np.sqrt(chance * (1 - chance) / n)
        assert count / n == pytest.approx(chance, abs=4 * error)


@pytest.mark.parametrize(
    "wrong",
    [
        {"variety_gain": 0.6},
        {"supplier_reference": 0.0},
        {"dependence": 1.1},
        {"inventory": -0.1},
        {"search": 0.2},
        {"contract": 0.0},
        {"local": 0.5},
        {"offers": 0.0},
    ],
)
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Supply(**wrong)
