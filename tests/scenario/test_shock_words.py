"""Shocks in words, and when they strike."""

import pytest
from pydantic import TypeAdapter

from clustersim.scenario.describe import in_words
from clustersim.scenario.reader import read_scenario
from clustersim.scenario.shock_words import label, sentence, strike_years
from clustersim.world.shock import Shock

KINDS = TypeAdapter(Shock)


@pytest.mark.parametrize(
    ("shock", "short", "words"),
    [
        (
            {"kind": "demand", "year": 2008.75, "depth": 0.2},
            "demand for everything falls by 20%",
            "In 2008.75 demand in all sectors falls by 20% and recovers with a time constant of "
            "1.5 years.",
        ),
        (
            {"kind": "demand", "rate": 0.1, "sector": "cars", "depth": 0.2},
            "demand for cars falls by 20%",
            "At random, 0.1 times a year, demand for cars falls by 20%",
        ),
        (
            {"kind": "supply_outage", "year": 2011.25, "region": "North", "depth": 0.5},
            "outage of 50%: everything in North",
            "everything in North cannot use 50% of capacity for 0.5 years",
        ),
        (
            {"kind": "pandemic", "year": 2020.25},
            "pandemic",
            "a pandemic takes 10% of demand and 10% of capacity",
        ),
        (
            {"kind": "energy_price", "year": 2022, "factor": 2.5, "lasting": 0.2},
            "energy and carbon at 2.5 times the price",
            "energy and carbon cost 2.5 times as much; 20% of that lasts",
        ),
        (
            {"kind": "technology", "year": 2022, "sector": "cars"},
            "new technology: cars",
            "the next or a new paradigm of cars begins to come",
        ),
        (
            {"kind": "technology", "year": 2022, "sector": "cars", "weights": {"software": 1}},
            "new technology: cars",
            "a new paradigm of cars begins to come",
        ),
        (
            {"kind": "anchor_exit", "year": 2022, "region": "North", "sector": "cars"},
            "largest firm closes: cars, North",
            "In 2022 the largest firm of cars in North closes.",
        ),
        (
            {"kind": "talent_loss", "year": 2022, "region": "North", "depth": 0.3},
            "30% of skill lost: everything in North",
            "everything in North loses 30% of skill and its firms 10% of what they know",
        ),
        (
            {"kind": "credit_crunch", "year": 2022, "depth": 0.3},
            "credit falls by 30%",
            "credit falls by 30% and recovers",
        ),
    ],
)
def test_each_kind_in_words(shock, short, words):
    one = KINDS.validate_python(shock)
    assert label(one) == short
    assert words in sentence(one)
    assert sentence(one).endswith(".")


def test_shocks_that_are_off_are_not_told():
    overrides = {f"shocks.{k}.enabled": False for k in range(1, 8)}
    text = in_words(read_scenario("shocks", overrides=overrides))
    assert "In 1995 everything in Silvertown loses" in text
    assert "pandemic" not in text
    every = {f"shocks.{k}.enabled": False for k in range(8)}
    assert "There are no shocks." in in_words(read_scenario("shocks", overrides=every))


def test_when_the_shocks_of_a_run_strike():
    shocks = [
        {"kind": "pandemic", "year": 2020.25},
        {"kind": "demand", "rate": 0.5, "depth": 0.1},
        {"kind": "credit_crunch", "rate": 20.0, "depth": 0.1, "enabled": False},
    ]
    first, second, third = strike_years(
        read_scenario("base", overrides={"shocks": shocks}).scenario
    )
    assert first == [2020.25]
    assert third == []
    assert 10 < len(second) < 50
    assert all(1990.0 <= year < 2050.0 for year in second)
