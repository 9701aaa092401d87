"""The groups of clusters whose premium is explained, and what was found in Europe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from clustersim.measures.checks import BoolArray
from clustersim.measures.clusters import Strength


@dataclass(frozen=True)
class Group:
    """Clusters of some strength classes.

    Attributes
    ----------
    name
        In words.
    classes
        Strength classes.
    low, high
        Premium found in Europe, as shares (European Panorama of Clusters and Industrial Change
        2020, in the brief).
    """

    name: str
    classes: tuple[Strength, ...]
    low: float
    high: float

    def inside(self, strength: np.ndarray) -> BoolArray:
        """Tell which places (or firms), by their strength, belong to it."""
        return np.isin(strength, self.classes)


GROUPS: Final = (
    Group("all clusters", (Strength.BASIC, Strength.MEDIUM, Strength.HIGH), 0.25, 0.25),
    Group("basic and medium", (Strength.BASIC, Strength.MEDIUM), 0.10, 0.15),
    Group("high-performing", (Strength.HIGH,), 1.40, 1.40),
)
"""In the order in which they are shown."""
