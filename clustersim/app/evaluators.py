"""What evaluators would say of a policy, and what was true: the second world knows.

An evaluator sees one world. Who looks at the supported places before and after calls every change
the policy's; who compares them with other places takes these for what would have happened without
it. Two worlds on the same luck show what did.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import numpy as np

from clustersim.app.running import Running


@dataclass(frozen=True)
class Verdict:
    """What one evaluator says.

    Attributes
    ----------
    who
        The evaluator.
    how
        What is compared with what.
    jobs
        Jobs that the policy is said to have brought to the supported places.
    """

    who: str
    how: str
    jobs: float


def verdicts(running: Running, other: Running) -> tuple[Verdict, ...]:
    """Return what is said of the policies of a world; empty before there is public money.

    Parameters
    ----------
    running, other
        The world with policy, and the one without, of the same quarters.

    Returns
    -------
    tuple of Verdict
        Before and after; with other places of the same sectors, as if these had grown alike
        (difference in differences of the logarithm); and the truth.
    """
    treated = running.supported()
    begin = _begin(running)
    if not treated.any() or begin is None:
        return ()
    history = running.history
    jobs = history.of(treated)
    before, now = float(jobs[begin]), float(jobs[-1])
    found = [
        Verdict("Before and after", "the supported places now, less at the start", now - before)
    ]
    # Other places of the sectors that are supported.
    control = ~treated & treated.any(axis=0)[None, :]
    others = history.of(control)
    if control.any() and others[begin] > 0.0:
        grown = before * float(others[-1] / others[begin])
        how = "the same, less what it would be had they grown as the sector did elsewhere"
        found.append(Verdict("With and without", how, now - grown))
    truth = now - float(other.history.of(treated)[-1])
    how = "the supported places in this world, less the same places in the other"
    found.append(Verdict("The truth", how, truth))
    return tuple(found)


def _begin(running: Running) -> int | None:
    """Return the quarter in which the first public money flowed; None if none has."""
    ledger = running.tables.get("ledger")
    if ledger is None:
        return None
    given = ledger["purpose"] == "appropriation"
    return int(ledger["quarter"][given].min()) if given.any() else None


def verdicts_html(running: Running, other: Running) -> str:
    """Return the verdicts as a table; words that say why not before there is public money."""
    found = verdicts(running, other)
    if not found:
        return (
            '<p class="cs-note">Here is what evaluators would say, as soon as there is public '
            "money.</p>"
        )
    largest = max(*(abs(one.jobs) for one in found), 1.0)
    rows = "".join(
        f"<tr><th scope='row'>{escape(one.who)}<small>{escape(one.how)}</small></th>"
        f"<td>{one.jobs:+,.0f} jobs{_bar(one.jobs / largest, one.who == 'The truth')}</td></tr>"
        for one in found
    )
    return f'<table class="cs-table"><tbody>{rows}</tbody></table>'


def _bar(share: float, true: bool) -> str:
    """Return a bar from the middle: to the right for more, to the left for fewer."""
    half = 60.0
    wide = float(np.clip(abs(share), 0.0, 1.0)) * half
    left = half - wide if share < 0.0 else half
    colour = "#D55E00" if true else "#0072B2"
    return (
        f'<svg width="120" height="10" aria-hidden="true"><line x1="60" x2="60" y1="0" y2="10" '
        f'stroke="currentColor"/><rect x="{left:.1f}" width="{wide:.1f}" y="2" height="6" '
        f'fill="{colour}"/></svg>'
    )
