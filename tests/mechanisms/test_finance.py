import numpy as np
import pytest
from pydantic import ValidationError

from clustersim.mechanisms.finance import Finance
from clustersim.schedule import mechanisms
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from tests.worlds import SEED, add_actors, empty_world, living_world, luck

NUMBERS = {
    "capital": 8_000.0,
    "energy_cost": 6_000.0,
    "reserve": 1.0,
    "interest": 0.0,
    "tax": 0.0,
}


def booked(wage=40_000.0, **columns):
    world, _ = books_of(wage, **columns)
    return world.actors.cash[0]


def books_of(wage=40_000.0, price=1.0, numbers=None, **columns):
    """Return a world with one firm after a quarter, and the firm's books."""
    world = empty_world(sector={"carbon_intensity": 0.5})
    world.regions.wage[:] = wage
    world.conditions.energy_price[:] = price
    world.sectors.mean_log_productivity[:] = 0.1
    add_actors(world, [[1.0, 1.0]], **{"size": 10.0, "log_productivity": 0.1, **columns})
    finance = Finance(**NUMBERS | (numbers or {}))
    books = finance.books(world, np.array([0]))
    finance.apply(world, luck())
    return world, books


def test_a_quarter_at_the_mean_of_the_market():
    # Revenue 600,000; profit 0.95 * 600,000 - 10 * 48,000 = 90,000 a year.
    assert booked(research=0.05, cash=1000.0) == pytest.approx(1000.0 + 22_500.0)


def test_value_added_is_that_of_the_sector():
    world, _ = books_of(research=0.0)
    world.actors.cash[:] = 0.0
    world.sectors.value_added[0] = 90_000.0
    Finance(**NUMBERS).apply(world, luck())
    assert world.actors.cash[0] == pytest.approx((900_000.0 - 480_000.0) / 4)


def test_revenue_grows_with_productivity():
    # exp(ln A - mean) = 2: revenue 1,200,000, profit 1,140,000 - 480,000.
    lead = 0.1 + np.log(2.0)
    assert booked(research=0.05, log_productivity=lead) == pytest.approx(165_000.0)


def test_what_is_not_produced_earns_nothing_and_costs_the_same():
    # 40 % of 600,000: 240,000 - 480,000.
    assert booked(research=0.0, output=0.4) == pytest.approx(-60_000.0)


def test_a_bad_quarter_does_not_lower_the_reserve():
    assert booked(research=0.0, output=0.8, cash=600_000.0) == pytest.approx(600_000.0)


def test_losses_become_debt():
    # Half the revenue: 285,000 - 480,000.
    lead = 0.1 - np.log(2.0)
    assert booked(research=0.05, log_productivity=lead) == pytest.approx(-48_750.0)


def test_what_exceeds_the_reserve_goes_to_the_owners():
    assert booked(cash=590_000.0, research=0.0) == pytest.approx(600_000.0)


def test_wages_are_those_of_the_region():
    assert booked(wage=50_000.0, research=0.0) == pytest.approx((600_000.0 - 580_000.0) / 4)


def test_a_firm_without_jobs_has_neither_revenue_nor_cost():
    assert booked(size=0.0, cash=0.0) == 0.0


def test_only_firms_keep_books():
    assert booked(kind=Kind.UNIVERSITY, cash=5.0) == 5.0


def test_debt_bears_interest_and_funds_do_not():
    # 10 % of 100,000 for a quarter: 2,500 less than without.
    numbers = {"interest": 0.1}
    plain = booked(cash=-100_000.0)
    world, books = books_of(cash=-100_000.0, numbers=numbers)
    assert world.actors.cash[0] == pytest.approx(plain - 2_500.0)
    assert books.interest == pytest.approx([2_500.0])
    assert books_of(cash=100_000.0, numbers=numbers)[0].actors.cash[0] == booked(cash=100_000.0)


def test_a_quarter_of_a_profit_is_paid_as_tax_and_nothing_of_a_loss():
    # The mean firm earns 90,000 a year.
    world, books = books_of(research=0.05, numbers={"tax": 0.25})
    assert world.actors.cash[0] == pytest.approx(0.75 * 22_500.0)
    assert world.flows.taxes == pytest.approx(np.array([[5_625.0]]))
    assert books.taxes == pytest.approx([5_625.0])
    world, books = books_of(wage=60_000.0, research=0.05, numbers={"tax": 0.25})
    assert world.flows.taxes.tolist() == [[0.0]]
    assert world.actors.cash[0] == booked(wage=60_000.0, research=0.05) < 0.0


@pytest.mark.parametrize(("price", "paid"), [(1.0, 0.0), (2.0, 15_000.0), (0.5, -7_500.0)])
def test_energy_above_its_usual_price_costs(price, paid):
    # 6,000 for each of ten jobs, for a quarter.
    world, books = books_of(research=0.0, price=price)
    assert books.energy == pytest.approx([paid])
    assert world.actors.cash[0] == pytest.approx(booked(research=0.0) - paid)


def test_green_technology_saves_energy_and_carbon():
    world, books = books_of(price=2.0, green=True)
    assert books.energy == pytest.approx([0.6 * 15_000.0])
    # 0.5 kg per euro of 150,000 in the quarter: 75 tonnes, less 40 %.
    assert world.flows.emissions == pytest.approx(np.array([[45.0]]))
    assert books_of()[0].flows.emissions == pytest.approx(np.array([[75.0]]))
    # At the usual price it makes no difference to funds.
    assert booked(green=True) == booked(green=False)


def test_research_is_booked_where_it_is_done():
    assert books_of(research=0.05)[0].flows.research == pytest.approx(np.array([[7_500.0]]))


def test_public_money_pays_its_part_of_research():
    # Of 5 % of 600,000 the firm pays 3 %: 12,000 a year less; all of it is done there.
    world, books = books_of(research=0.05, funded=0.02, cash=1000.0)
    plain, _ = books_of(research=0.03, cash=1000.0)
    assert world.actors.cash[0] == plain.actors.cash[0] == pytest.approx(1000.0 + 25_500.0)
    assert books.research == pytest.approx([0.03 * 150_000.0])
    assert world.flows.research == pytest.approx(np.array([[7_500.0]]))
    # More than there is can't be funded.
    assert booked(research=0.05, funded=0.06) == booked(research=0.0)


def test_flows_add_up_over_firms_and_quarters():
    world = empty_world(((1.0, 1.0), (1.0, 1.0)))
    add_actors(world, np.ones((4, 2)), region=[0, 1, 1, 1], sector=[1, 0, 0, 1], research=0.1)
    add_actors(world, [[1.0, 1.0]], Kind.UNIVERSITY, region=1, research=1.0)
    for _ in range(3):
        Finance(**NUMBERS).apply(world, luck())
    assert world.flows.research == pytest.approx(45_000.0 * np.array([[0, 1], [2, 1]]))


def add_up(books):
    """What is paid, saved and taken out."""
    parts = books._asdict()
    return parts.pop("revenue"), sum(parts.values())


HAND_MADE = {
    "size": [10.0, 10.0, 10.0, 3.0, 0.0, 250.0],
    "cash": [0.0, -5e5, 2e6, 1e4, 100.0, -1.0],
    "log_productivity": [0.1, -0.9, 0.8, 0.0, 0.0, 0.3],
    "research": [0.03, 0.2, 0.0, 1.0, 0.1, 0.05],
    "funded": [0.01, 0.2, 0.0, 0.3, 0.0, 0.0],
    "green": [False, True, False, True, True, False],
    "output": [1.0, 1.0, 1.0, 0.3, 1.0, 0.9],
}


@pytest.mark.parametrize("price", [1.0, 3.0, 0.2])
def test_money_is_accounted_for_by_hand(price):
    world = empty_world()
    world.conditions.energy_price[:] = price
    rows = add_actors(world, np.ones((6, 2)), **HAND_MADE)
    finance, before = Finance(), world.actors.cash.copy()
    books = finance.books(world, rows)
    finance.apply(world, luck())
    revenue, parts = add_up(books)
    assert parts == pytest.approx(revenue, abs=1e-6)
    assert books.saved == pytest.approx(world.actors.cash - before, abs=1e-6)
    assert (books.owners >= 0.0).all()
    assert books.owners[2] > 0.0  # who has more than a year's revenue
    assert (books.interest > 0.0).tolist() == [False, True, False, False, False, True]
    assert (books.taxes > 0.0).any()
    assert not (books.taxes > 0.0).all()


def test_money_is_accounted_for_in_a_running_world():
    """Funds of every firm change by its books alone; taxes and R&D are those of the firms."""
    world, schedule = living_world(), mechanisms({"shocks": {"enabled": False}})
    finance = next(one for one in schedule if one.name == "finance")
    seen = []

    class Watch(Finance):
        def apply(self, world, draws):
            firms = world.actors.rows(Kind.FIRM)
            before, books = world.actors.cash[firms], finance.books(world, firms)
            taxes, research = world.flows.taxes.sum(), world.flows.research.sum()
            finance.apply(world, draws)
            revenue, parts = add_up(books)
            assert parts == pytest.approx(revenue, rel=1e-9, abs=1e-4)
            assert before + books.saved == pytest.approx(world.actors.cash[firms], abs=1e-4)
            assert (books.owners >= 0.0).all()
            assert books.taxes.sum() == pytest.approx(world.flows.taxes.sum() - taxes)
            assert books.research.sum() == pytest.approx(world.flows.research.sum() - research)
            seen.append([(values != 0.0).any() for values in books])

    watched = [Watch() if one is finance else one for one in schedule]
    simulation = Simulation(world, watched, seed=SEED, record_every=1000)
    for quarter in range(16):
        world.conditions.energy_price[:] = 1.0 if quarter < 8 else 1.5
        simulation.step()
    assert np.any(seen, axis=0).all(), "something was never booked"


def test_a_carbon_price_hits_carbon_and_spares_the_green():
    world = empty_world(((1.0, 1.0),))
    world.sectors.carbon_intensity[:] = [0.6, 0.05]
    world.conditions.energy_price[:] = 2.0
    rows = add_actors(world, np.ones((4, 2)), sector=[0, 0, 1, 1], green=[False, True] * 2)
    energy = Finance().books(world, rows).energy
    assert energy[0] > energy[1] > energy[2] > energy[3] > 0.0


@pytest.mark.parametrize(
    "wrong",
    [{"capital": -1.0}, {"reserve": 21.0}, {"interest": -0.1}, {"tax": 1.0}],
)
def test_parameters_out_of_bounds_are_refused(wrong):
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        Finance(**wrong)


# Directions.


def changed(seed, price=1.0, credit=1.0):
    """Return a world after two years of a price of energy and of credit.

    Half of the firms have green technology, a quarter has debts.
    """
    world = living_world(seed)
    world.sectors.carbon_intensity[:] = [0.6, 0.05]
    firms = world.actors.rows(Kind.FIRM)
    world.actors.green[firms[::2]] = True
    indebted = firms[1::4]
    world.actors.cash[indebted] = -1.5 * 40_000.0 * world.actors.size[indebted]
    schedule = mechanisms(
        {
            "shocks": {"enabled": False},
            "entry": {"enabled": False},
            "adoption": {"enabled": False},
            "relocation": {"enabled": False},
        }
    )
    world.conditions.energy_price[:] = price
    world.conditions.credit[:] = credit
    simulation = Simulation(world, schedule, seed=seed, record_every=1000)
    for _ in range(8):  # `run` would record the end and with it clear the flows
        simulation.step()
    return world


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_credit_crunch_makes_more_firms_leave(seed):
    """Banks call debts that they carry in usual times."""
    usual, crunch = changed(seed), changed(seed, credit=0.3)
    assert crunch.flows.exits.sum() > 1.1 * usual.flows.exits.sum()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_dear_energy_hits_carbon_and_spares_the_green(seed):
    """Jobs are lost in the sector of much carbon, and fewer of them in green firms."""
    usual, dear = changed(seed), changed(seed, price=4.0)

    def jobs(world, sector, green):
        actors = world.actors
        here = actors.alive & (actors.kind == Kind.FIRM) & (actors.sector == sector)
        return actors.orders[here & (actors.green == green)].sum()

    kept = {
        (sector, green): jobs(dear, sector, green) / jobs(usual, sector, green)
        for sector in (0, 1)
        for green in (True, False)
    }
    assert kept[0, False] < kept[0, True]
    assert kept[0, False] < min(kept[1, False], kept[1, True])
    assert dear.flows.emissions[:, 0].sum() < usual.flows.emissions[:, 0].sum()
