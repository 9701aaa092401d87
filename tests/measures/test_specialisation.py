"""Location quotient and its relatives: published examples, an independent library, properties."""

import csv
from pathlib import Path

import econcomplex
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose

from clustersim.measures import specialisation as sp

tables = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8),
    elements=st.integers(0, 10_000).map(float),
).filter(lambda t: t.sum() > 0)


@pytest.fixture(scope="module")
def uk(shared_data: Path) -> np.ndarray:
    """Jobs by 40 regions and 19 sectors, 2022; the cells that are absent hold no jobs."""
    with (shared_data / "uk_itl2_jobs_2015_2022.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["year"] == "2022"]
    regions = sorted({row["region"] for row in rows})
    sectors = sorted({row["sector"] for row in rows})
    table = np.zeros((len(regions), len(sectors)))
    for row in rows:
        table[regions.index(row["region"]), sectors.index(row["sector"])] = float(row["jobs"])
    return table


@pytest.fixture(scope="module")
def goettingen(shared_data: Path) -> np.ndarray:
    """Jobs in 15 sections, 2017: Göttingen, Germany. The first row of the file is the total."""
    with (shared_data / "goettingen_industries_2008_2017.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))[1:]
    return np.array(
        [[float(r["Goettingen2017"]) for r in rows], [float(r["BRD2017"]) for r in rows]]
    )


def test_location_quotient_of_farhauer_and_kroell():
    # 1,714 of the region's 879,213 jobs; 79,006 of the nation's 15,593,224.
    region = np.array([1714.0, 879213 - 1714])
    nation = np.array([79006.0, 15593224 - 79006])
    lq = sp.location_quotient(np.stack([region, nation - region]))
    assert lq[0, 0] == pytest.approx(0.3847623, abs=5e-8)


def test_litzenberger_sternberg_of_farhauer_and_kroell():
    index = sp.litzenberger_sternberg(
        jobs=[[1743.0], [5740.0 - 1743]],
        firms=[[35], [53 - 35]],
        population=[488, 4621 - 488],
        area=[50, 576 - 50],
    )
    assert index[0, 0] == pytest.approx(21.87491, abs=5e-6)


def test_krugman_of_goettingen(goettingen):
    assert sp.structure_difference(*goettingen) == pytest.approx(0.4508469, abs=5e-8)


def test_krugman_of_two_places_without_a_common_sector_is_2():
    assert sp.structure_difference([20, 10, 70, 0, 0], [0, 0, 0, 60, 40]) == pytest.approx(2.0)


def test_uk_agrees_with_econcomplex(uk):
    assert_allclose(sp.location_quotient(uk), econcomplex.location_quotient(uk), rtol=1e-12)
    assert_allclose(sp.krugman_specialisation(uk), econcomplex.krugman_index(uk), rtol=1e-12)


def test_uk_has_the_known_share_of_specialised_cells(uk):
    assert 0.08 <= (sp.location_quotient(uk) > 1.5).mean() <= 0.10


def test_size_and_focus_by_hand():
    jobs = [[30.0, 10.0], [10.0, 50.0]]
    assert_allclose(sp.cluster_size(jobs), [[0.75, 1 / 6], [0.25, 5 / 6]])
    assert_allclose(sp.cluster_focus(jobs), [[0.75, 0.25], [1 / 6, 5 / 6]])
    assert_allclose(sp.location_quotient(jobs), [[1.875, 5 / 12], [5 / 12, 25 / 18]])


def test_empty_regions_and_sectors():
    jobs = [[1.0, 0.0], [0.0, 0.0]]
    assert_allclose(sp.location_quotient(jobs), [[1, 0], [0, 0]])
    assert_allclose(sp.krugman_specialisation(jobs), [0, np.nan])


@given(tables, st.sampled_from([0.25, 2.0, 1024.0]))
def test_location_quotient_does_not_depend_on_the_unit(jobs, scale):
    assert_allclose(sp.location_quotient(jobs * scale), sp.location_quotient(jobs), rtol=1e-12)


@given(tables)
def test_weighted_mean_of_a_sectors_quotients_is_one(jobs):
    weights = jobs.sum(axis=1) / jobs.sum()
    mean = weights @ sp.location_quotient(jobs)
    assert_allclose(mean[jobs.sum(axis=0) > 0], 1.0, rtol=1e-9)


@given(tables)
def test_shares_add_up_and_krugman_is_within_0_and_2(jobs):
    assert_allclose(sp.cluster_size(jobs).sum(axis=0), jobs.sum(axis=0) > 0, atol=1e-12)
    assert_allclose(sp.cluster_focus(jobs).sum(axis=1), jobs.sum(axis=1) > 0, atol=1e-12)
    krugman = sp.krugman_specialisation(jobs)
    known = krugman[jobs.sum(axis=1) > 0]
    assert (known >= 0).all()
    assert (known <= 2 + 1e-12).all()


@pytest.mark.parametrize(
    ("jobs", "message"),
    [
        ([1.0, 2.0], "expected 2 dimension"),
        ([[1.0, -2.0]], r"got -2.0 at index \(0, 1\)"),
        ([[1.0, np.nan]], "finite"),
        ([[0.0, 0.0]], "holds no job"),
    ],
)
@pytest.mark.parametrize(
    "measure",
    [sp.location_quotient, sp.cluster_size, sp.cluster_focus, sp.krugman_specialisation],
)
def test_bad_tables_are_refused(measure, jobs, message):
    with pytest.raises(ValueError, match=message):
        measure(jobs)


def test_other_bad_input_is_refused():
    with pytest.raises(ValueError, match="positive population and area"):
        sp.litzenberger_sternberg([[1.0]], [[1]], [0], [1])
    with pytest.raises(ValueError, match="firms: expected shape"):
        sp.litzenberger_sternberg([[1.0]], [[1, 2]], [1], [1])
    with pytest.raises(ValueError, match="both places must have jobs"):
        sp.structure_difference([0, 0], [1, 2])
    with pytest.raises(ValueError, match="reference: expected shape"):
        sp.structure_difference([1, 2], [1, 2, 3])
