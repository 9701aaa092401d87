"""Herfindahl, Gini and Ellison–Glaeser: published examples, an independent library, properties."""

import csv
from pathlib import Path

import econcomplex
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from clustersim.measures.concentration import (
    ellison_glaeser,
    gini,
    gini_specialisation,
    herfindahl,
)

vectors = arrays(np.float64, st.integers(1, 20), elements=st.integers(0, 10**6).map(float)).filter(
    lambda x: x.sum() > 0
)

# Farhauer & Kröll 2014: plants in Wien (5), Linz (4) and Graz (1).
PLANTS = [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000]
PLACES = [0, 0, 0, 0, 0, 1, 1, 1, 1, 2]
PLACE_JOBS = [500_000, 400_000, 100_000]


def test_ellison_glaeser_of_farhauer_and_kroell():
    assert ellison_glaeser(PLANTS, PLACES, PLACE_JOBS) == pytest.approx(0.05990628, abs=5e-9)


def test_four_industries_of_farhauer_and_kroell_agree_with_the_form_by_pairs(shared_data: Path):
    with (shared_data / "farhauer_kroell_plants.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    region_jobs = {row["region"]: float(row["emp_region"]) for row in rows}
    order = sorted(region_jobs)
    x = np.array([region_jobs[region] for region in order])
    x /= x.sum()
    spread = 1 - np.square(x).sum()
    for industry in ("Clothing trade", "Forestry", "Textiles dyeing", "Textiles trade"):
        plants = [row for row in rows if row["industry"] == industry]
        z = np.array([float(row["emp_firm"]) for row in plants])
        place = np.array([order.index(row["region"]) for row in plants])
        # G as a double sum over plants k, l of z_k z_l (1_k - x).(1_l - x).
        share = z / z.sum()
        residual = np.eye(x.size)[place] - x
        g = share @ (residual @ residual.T) @ share
        h = np.square(share).sum()
        expected = (g - spread * h) / (spread * (1 - h))
        assert ellison_glaeser(z, place, x) == pytest.approx(expected, rel=1e-10)


def test_ellison_glaeser_is_zero_on_average_for_plants_thrown_at_jobs():
    rng = np.random.default_rng(7)
    jobs = rng.integers(1, 100, 12)
    plants = rng.lognormal(3, 1, 30)
    draws = [
        ellison_glaeser(plants, rng.choice(12, 30, p=jobs / jobs.sum()), jobs) for _ in range(2000)
    ]
    error = np.std(draws) / np.sqrt(len(draws))
    assert abs(np.mean(draws)) < 4 * error


def test_ellison_glaeser_without_meaning_is_nan():
    assert np.isnan(ellison_glaeser([5], [0], [1, 1]))
    assert np.isnan(ellison_glaeser([5, 5], [0, 0], [1]))


@pytest.mark.parametrize(
    ("plants", "place", "jobs", "message"),
    [
        ([1, 2], [0], [1, 1], r"region: expected shape \(2,\)"),
        ([1, 2], [0, 2], [1, 1], "expected indices"),
        ([1, 2], [0, -1], [1, 1], "every plant needs a region"),
        ([1, 2], [0.0, 1.0], [1, 1], "whole numbers"),
        ([0, 0], [0, 1], [1, 1], "positive total"),
    ],
)
def test_ellison_glaeser_refuses_bad_input(plants, place, jobs, message):
    with pytest.raises(ValueError, match=message):
        ellison_glaeser(plants, place, jobs)


def test_gini_of_specialisation_of_farhauer_and_kroell():
    region = [700, 600, 500, 10_000, 40_000]
    nation = [30_000, 15_000, 10_000, 60_000, 50_000]
    assert gini_specialisation(region, nation) == pytest.approx(0.6222222, abs=5e-8)


def test_gini_of_specialisation_of_goettingen(shared_data: Path):
    with (shared_data / "goettingen_industries_2008_2017.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[1:]
    region = [float(row["Goettingen2017"]) for row in rows]
    nation = [float(row["BRD2017"]) for row in rows]
    assert gini_specialisation(region, nation) == pytest.approx(0.359852, abs=5e-7)


def test_gini_by_hand():
    assert gini([1, 1, 1, 1]) == 0.0
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert gini([0, 0, 0, 8], corrected=True) == pytest.approx(1.0)
    assert np.isnan(gini([0.0, 0.0]))
    assert np.isnan(gini([3.0], corrected=True))


@given(vectors)
def test_gini_is_half_the_relative_mean_difference_and_agrees_with_econcomplex(x):
    brute = np.abs(x[:, None] - x).sum() / (2 * x.size**2 * x.mean())
    assert_allclose(gini(x), brute, atol=1e-12)
    assert_allclose(gini(x), econcomplex.gini(x), atol=1e-12)
    assert -1e-12 <= gini(x) <= 1 - 1 / x.size + 1e-12


@given(vectors)
def test_herfindahl_lies_between_1_over_n_and_1(x):
    assert 1 / x.size - 1e-12 <= herfindahl(x) <= 1 + 1e-12
    assert_allclose(herfindahl(np.full(x.size, 3.0)), 1 / x.size)


def test_herfindahl_agrees_with_econcomplex():
    table = np.random.default_rng(3).integers(1, 100, (6, 9)).astype(float)
    assert_allclose(herfindahl(table), np.square(table / table.sum(1, keepdims=True)).sum(1))
    assert_allclose(
        herfindahl(table, axis=0), np.asarray(econcomplex.herfindahl(table.T, normalize=False))
    )


def test_herfindahl_of_nothing_is_nan_and_bad_input_is_refused():
    assert_allclose(herfindahl([[0.0, 0.0], [1.0, 1.0]]), [np.nan, 0.5])
    with pytest.raises(ValueError, match="single number"):
        herfindahl(3.0)
    with pytest.raises(ValueError, match="at least 0"):
        herfindahl([1.0, -1.0])
    with pytest.raises(ValueError, match="leave out empty sectors"):
        gini_specialisation([1, 1], [1, 0])
    with pytest.raises(ValueError, match="no jobs"):
        gini_specialisation([0, 0], [1, 1])
