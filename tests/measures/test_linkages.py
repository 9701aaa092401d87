"""Input–output linkages: the German table of Eurostat's manual, and identities."""

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from clustersim.measures.linkages import (
    allocation_coefficients,
    backward_linkages,
    forward_linkages,
    leontief_inverse,
    technical_coefficients,
)

SECTORS = [
    "agriculture_group",
    "industry_group",
    "construction",
    "trade_group",
    "business_services_group",
    "other_services_group",
]


@pytest.fixture(scope="module")
def germany(shared_data: Path) -> tuple[np.ndarray, np.ndarray]:
    """Domestic flows and output 1995, million euro."""
    with (shared_data / "germany_1995_input_output.csv").open(encoding="utf-8") as file:
        cells = {(r["iotables_row"], r["iotables_col"]): r["values"] for r in csv.DictReader(file)}
    flows = np.array([[float(cells[row, col]) for col in SECTORS] for row in SECTORS])
    output = np.array([float(cells["output", col]) for col in SECTORS])
    return flows, output


def test_backward_linkages_of_germany(germany):
    expected = [1.7048, 1.8413, 1.8136, 1.6035, 1.5951, 1.3782]
    assert_allclose(backward_linkages(*germany), expected, atol=5e-5)


def test_forward_linkages_carry_value_added_to_output(germany):
    flows, output = germany
    primary = output - flows.sum(axis=0)
    # Ghosh: output = primary inputs times the inverse, so linkages weigh them up to all output.
    assert forward_linkages(flows, output) @ primary == pytest.approx(output.sum())
    final = output - flows.sum(axis=1)
    assert backward_linkages(flows, output) @ final == pytest.approx(output.sum())


@given(st.integers(0, 2**32 - 1), st.integers(1, 8))
def test_the_inverse_is_the_sum_of_all_rounds(seed, n):
    rng = np.random.default_rng(seed)
    flows = rng.random((n, n))
    output = flows.sum(axis=0) + flows.sum(axis=1) + rng.random(n) + 0.1
    a = technical_coefficients(flows, output)
    rounds, power = np.eye(n), np.eye(n)
    for _ in range(400):
        power = power @ a
        rounds += power
    assert_allclose(leontief_inverse(a), rounds, rtol=1e-9)
    assert_allclose(allocation_coefficients(flows, output) * output[:, None], flows)
    assert (backward_linkages(flows, output) >= 1).all()
    assert (forward_linkages(flows, output) >= 1).all()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="positive output"):
        backward_linkages([[1.0]], [0.0])
    with pytest.raises(ValueError, match="flows: expected shape"):
        backward_linkages([[1.0, 2.0]], [1.0])
    with pytest.raises(ValueError, match="square"):
        leontief_inverse([[0.1, 0.2]])
    with pytest.raises(ValueError, match=r"largest eigenvalue is 1\.2"):
        leontief_inverse([[1.2]])
