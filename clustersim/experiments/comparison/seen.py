"""What is kept of a scenario and its counterpart at one seed: small, whatever the runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from clustersim.experiments.comparison.flows import Flows, flows
from clustersim.experiments.comparison.groups import Places, places
from clustersim.experiments.comparison.stages import Lives, lives
from clustersim.experiments.counterpart import Difference, differences
from clustersim.experiments.outcomes import public_money
from clustersim.store import Tables

TABLES: Final = (
    "clusters",
    "economy",
    "ledger",
    "regions",
    "sectors",
    "sizes",
    "stages",
    "transitions",
)
"""Tables of a run that are read; `ledger` only where there is a policy."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A scenario at one seed, against its counterpart on the same luck.

    Attributes
    ----------
    differences
        What differs, by outcome.
    euro
        Public money that it took more, euro, not discounted.
    flows
        What flows over the years.
    places
        What there is in each place and size class.
    lives
        The lives of the clusters.
    """

    differences: tuple[Difference, ...]
    euro: float
    flows: Flows
    places: Places
    lives: Lives


def see(done: Tables, without: Tables) -> Seen:
    """Return what is kept of a pair of runs with the same places, records and luck.

    Parameters
    ----------
    done, without
        Tables of the scenario and of its counterpart; only `TABLES` are read.

    Raises
    ------
    ValueError
        If the two have not the same places and records.
    """
    return Seen(
        differences=differences(done, without),
        euro=public_money(done) - public_money(without),
        flows=flows(done, without),
        places=places(done, without),
        lives=lives(done, without),
    )
