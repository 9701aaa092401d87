import itertools

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from clustersim.plots import style


def seen_by(colours, matrix):
    """Colours in linear light as seen by an eye described by a matrix."""
    rgb = np.array([to_rgb(colour) for colour in colours])
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.clip(linear @ np.array(matrix).T, 0, 1)


# Machado, Oliveira & Fernandes 2009, severity 1: no red cones, no green cones.
PROTAN = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.0039, -0.0481, 1.052],
]
DEUTAN = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.0118, 0.0429, 0.9689],
]


@pytest.mark.parametrize("eye", [np.eye(3), PROTAN, DEUTAN], ids=["usual", "protan", "deutan"])
def test_stages_differ_to_every_eye(eye):
    seen = seen_by(style.STAGE_COLOURS.values(), eye)
    gaps = [np.abs(a - b).max() for a, b in itertools.combinations(seen, 2)]
    assert min(gaps) > 0.09


def test_every_stage_has_a_colour():
    assert list(style.STAGE_COLOURS) == ["INFANCY", "GROWTH", "MATURITY", "DECLINE", "RENEWAL"]
    assert len(set(style.STAGE_COLOURS.values())) == 5


def test_settings_are_known_to_matplotlib():
    with mpl.rc_context(style.STYLE):
        assert mpl.rcParams["text.parse_math"] is False
    assert style.DIVERGING in mpl.colormaps


def test_sizes():
    assert style.figure_size(10, ratio=0.5) == (10, 5)
    assert style.figure_size(10, height=3) == (10, 3)
    assert style.figure_size(1e6, height=1e6) == (60, 60)


@pytest.mark.parametrize(
    ("name", "width", "short"),
    [
        ("Trade", 10, "Trade"),
        ("Arts  and crafts", 20, "Arts & crafts"),
        ("Kunst und Handwerk", 20, "Kunst & Handwerk"),
        ("Gloucestershire, Wiltshire and Bath", 30, "Gloucestershire, Wiltshire…"),
        ("Abcdefghijklmnop", 8, "Abcdefg…"),
    ],
)
def test_shortened(name, width, short):
    assert style.shortened(name, width) == short
    assert len(short) <= width


def test_wrapped():
    assert style.wrapped("Water supply and sewerage", 14) == "Water supply &\nsewerage"
    long = style.wrapped("Public administration and defence; compulsory social security", 16)
    assert long.count("\n") == 1
    assert max(map(len, long.split("\n"))) <= 16
    assert style.wrapped("Trade", 14) == "Trade"
    assert style.wrapped("Schifffahrtsgesellschaft of ports", 18) == (
        "Schifffahrtsgesellschaft\nof ports"
    )
