"""Repetition of ties and trust."""

import numpy as np
import pytest

from clustersim.measures.ties import mean_trust, repeat_share


def test_repeat_share_by_hand():
    source, target = [0, 1, 2, 1, 0], [1, 2, 0, 0, 3]
    assert repeat_share(source, target, 4) == pytest.approx(1 / 5)  # 1-0 repeats 0-1
    assert repeat_share(source, target, 4, history=3) == pytest.approx(1 / 2)
    assert np.isnan(repeat_share(source, target, 4, history=5))
    assert np.isnan(repeat_share([], [], 4))


def test_mean_trust():
    assert mean_trust([0.2, 0.4]) == pytest.approx(0.3)
    assert np.isnan(mean_trust([]))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="history"):
        repeat_share([0], [1], 2, history=2)
    with pytest.raises(ValueError, match="needs two nodes"):
        repeat_share([0], [-1], 2)
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        mean_trust([1.5])
