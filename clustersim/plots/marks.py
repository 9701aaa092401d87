"""What befell a run, as marks across time: its shocks, and begin and end of its policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from clustersim.plots.lifecycle import Mark
from clustersim.scenario.schema import Scenario
from clustersim.scenario.shock_words import label, strike_years
from clustersim.store import Table


def shock_marks(scenario: Scenario) -> list[Mark]:
    """Return what marks the shocks, in the panels of the regions and sectors that they strike.

    Parameters
    ----------
    scenario
        The scenario.
    """
    return [
        Mark(
            year,
            label(shock),
            region=getattr(shock, "region", None),
            sector=getattr(shock, "sector", None),
        )
        for shock, years in zip(scenario.shocks, strike_years(scenario), strict=True)
        for year in years
    ]


def policy_marks(
    scenario: Scenario, tables: Mapping[str, Table], regions: Sequence[str], sectors: Sequence[str]
) -> list[Mark]:
    """Return what marks begin and end of policies, in the panels of the places they paid for.

    Parameters
    ----------
    scenario
        The scenario.
    tables
        Tables of its run; the ``ledger`` says who was paid for.
    regions, sectors
        Names, by index.
    """
    marks = []
    for policy in scenario.policies if "ledger" in tables else ():
        ledger = tables["ledger"]
        paid = (np.asarray(ledger["policy"]) == policy.name) & (
            np.asarray(ledger["purpose"]) == "appropriation"
        )
        pairs = zip(ledger["region"][paid].tolist(), ledger["sector"][paid].tolist(), strict=True)
        places = frozenset((regions[r], sectors[s]) for r, s in set(pairs))
        if places:
            marks.append(Mark(policy.year, f"policy {policy.name!r} begins", places=places))
        if places and policy.until is not None:
            marks.append(Mark(policy.until, f"policy {policy.name!r} ends", places=places))
    return marks
