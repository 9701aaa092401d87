"""Charts: scales that can be read whatever the numbers are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustersim.app.charts import _ticks


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.sampled_from([3, 4]))
def test_a_scale_has_a_few_round_numbers(low: float, span: float, about: int) -> None:
    high = low + span
    ticks = _ticks(low, high, about)
    assert 2 <= len(ticks) <= about + 3
    assert all(low - 1e-6 * span <= one <= high + 1e-6 * span for one in ticks)


def test_a_small_difference_to_both_sides_has_more_than_its_zero() -> None:
    assert _ticks(-9.6, 9.6, 3) == pytest.approx([-5.0, 0.0, 5.0])
