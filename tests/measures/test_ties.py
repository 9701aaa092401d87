"""Local share of ties, repetition and trust."""

import numpy as np
import pytest

from clustersim.measures.ties import local_share, mean_trust, repeat_share


def test_repeat_share_by_hand():
    source, target = [0, 1, 2, 1, 0], [1, 2, 0, 0, 3]
    assert repeat_share(source, target, 4) == pytest.approx(1 / 5)  # 1-0 repeats 0-1
    assert repeat_share(source, target, 4, history=3) == pytest.approx(1 / 2)
    assert np.isnan(repeat_share(source, target, 4, history=5))
    assert np.isnan(repeat_share([], [], 4))


def test_mean_trust():
    assert mean_trust([0.2, 0.4]) == pytest.approx(0.3)
    assert np.isnan(mean_trust([]))


def test_local_share_by_hand():
    # Group 0 has a local tie and one from elsewhere, group 1 only a local one, group 2 none; the
    # last tie is in no group.
    share = local_share([0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 1, -1], 3)
    assert share == pytest.approx([0.5, 1.0, np.nan], nan_ok=True)
    assert np.isnan(local_share([], [], [], 2)).all()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="target_region: expected shape"):
        local_share([0, 1], [0], [0, 0], 1)
    with pytest.raises(ValueError, match="group: expected indices"):
        local_share([0], [0], [1], 1)
    with pytest.raises(ValueError, match="history"):
        repeat_share([0], [1], 2, history=2)
    with pytest.raises(ValueError, match="needs two nodes"):
        repeat_share([0], [-1], 2)
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        mean_trust([1.5])
