"""Numbers of a world in plain words, each with its unit and what it means."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustersim.app.running import Running
from clustersim.measures.clusters import Strength


@dataclass(frozen=True)
class Indicator:
    """One number.

    Attributes
    ----------
    label
        What it is.
    value
        With its unit, as text.
    change
        Against the founding, as text; empty where that means nothing.
    meaning
        For the tooltip.
    """

    label: str
    value: str
    change: str
    meaning: str


def indicators(running: Running) -> tuple[Indicator, ...]:
    """Return the indicators of a world.

    Parameters
    ----------
    running
        The world, as it is now.
    """
    history, economy = running.history, running.tables["economy"]
    jobs = history.total()
    strengths = running.strengths()
    digital, green = running.adopters()
    clusters = int(np.count_nonzero(strengths > Strength.NONE))
    found = [
        Indicator(
            "Jobs",
            f"{jobs[-1]:,.0f}",
            _change(jobs[0], jobs[-1]),
            "People at work in all firms of all regions.",
        ),
        Indicator(
            "Firms",
            f"{history.firms[-1]:,.0f}",
            _change(history.firms[0], history.firms[-1]),
            "Firms in all regions.",
        ),
        Indicator(
            "Out of work",
            f"{history.unemployed[-1]:.1%}",
            "",
            "People who look for work, of all who work or look for work.",
        ),
        Indicator(
            "Clusters",
            f"{clusters}",
            "",
            "Local industries that are much larger than their region would lead to expect.",
        ),
        Indicator(
            "Partners",
            f"{history.partners[-1]:.1f} a firm",
            "",
            "With how many others a firm works that works with anybody.",
        ),
        Indicator(
            "Productivity",
            f"{np.expm1(_gain(economy['log_productivity'])):+.0%}",
            "",
            "Output for each job, against the first year in which the market has met.",
        ),
        Indicator(
            "Innovations",
            f"{_of_last_record(running, 'innovations'):,.0f} a year",
            "",
            "New ideas in use, in all firms, in the last year that was recorded.",
        ),
        Indicator(
            "Births and deaths",
            f"{_of_last_record(running, 'entries'):,.0f} / "
            f"{_of_last_record(running, 'exits'):,.0f} a year",
            "",
            "Firms that were founded, and firms that closed, in the last recorded year.",
        ),
        Indicator(
            "Digital / green",
            f"{digital:.0%} / {green:.0%}",
            "",
            "Firms that have adopted digital technology, and green technology.",
        ),
    ]
    if running.money() > 0.0:
        found.append(
            Indicator(
                "Public money",
                f"€{running.money() / 1e6:,.1f} m",
                "",
                "What public policy was given so far, less what it gave back.",
            )
        )
    return tuple(found)


def _change(first: float, last: float) -> str:
    return f"{last / first - 1.0:+.0%}" if first > 0.0 else ""


def _gain(log_productivity: np.ndarray) -> float:
    known = log_productivity[~np.isnan(log_productivity)]
    return float(known[-1] - known[0]) if known.size else 0.0


def _of_last_record(running: Running, column: str) -> float:
    """Return a flow of the last record, a year."""
    places, years = running.tables["clusters"], running.tables["economy"]["year"]
    if years.size < 2:  # noqa: PLR2004  # the first record is of the founding
        return 0.0
    last = places["year"] == years[-1]
    return float(places[column][last].sum()) / float(years[-1] - years[-2])
