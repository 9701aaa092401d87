"""The life cycle of clusters, with a scenario and without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from clustersim.experiments.comparison.effects import Effect, effects
from clustersim.store import Tables
from clustersim.world.types import Floats

STAGES: Final = ("infancy", "growth", "maturity", "decline", "renewal")
PASSAGES: Final = {
    "reaching maturity": "maturity",
    "declining": "decline",
    "renewing": "renewal",
    "dissolving": "none",
}
"""What clusters are counted for, and the stage that they enter then."""


@dataclass(frozen=True, eq=False)
class Lives:
    """The lives of the clusters at one seed; the first of two is the scenario, then without.

    Attributes
    ----------
    years
        Years that clusters spend in each of `STAGES`, all together, shape (2, 5).
    passages
        Clusters that enter a stage of `PASSAGES` at least once, shape (2, 4).
    """

    years: Floats
    passages: Floats


def lives(done: Tables, without: Tables) -> Lives:
    """Return the lives of the clusters of a pair of runs.

    Parameters
    ----------
    done, without
        Tables of the scenario and of its counterpart.
    """
    both = (done, without)
    return Lives(
        np.stack([_years(one) for one in both]), np.stack([_passages(one) for one in both])
    )


def _years(tables: Tables) -> Floats:
    """Return the years in each stage; the table `stages` has a row for each cluster and year."""
    stage = np.asarray(tables["stages"]["stage"])
    return np.array([np.count_nonzero(stage == name) for name in STAGES], dtype=np.float64)


def _passages(tables: Tables) -> Floats:
    table = tables["transitions"]
    after = np.asarray(table["after"])
    place = np.stack([table["region"], table["sector"]])
    return np.array(
        [np.unique(place[:, after == name], axis=1).shape[1] for name in PASSAGES.values()],
        dtype=np.float64,
    )


def life_cycle(found: Sequence[Lives]) -> tuple[Effect, ...]:
    """Return what a scenario changes in the life cycle; all of it is looked at together.

    Years in each stage, then the numbers of clusters that reach one. Places that are a cluster in
    one run only count there only.

    Parameters
    ----------
    found
        One for each seed.
    """
    names = [f"in {name}" for name in STAGES] + [f"clusters {name}" for name in PASSAGES]
    units = ["cluster-years"] * len(STAGES) + ["clusters"] * len(PASSAGES)
    done, without = (
        np.stack([np.concatenate([one.years[side], one.passages[side]]) for one in found])
        for side in (0, 1)
    )
    return effects(names, units, done, without)
