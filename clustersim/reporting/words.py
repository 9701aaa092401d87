"""Sentences and figures of a report, as an official reads them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from clustersim.experiments.comparison.outcomes import WORSE
from clustersim.experiments.outcomes import PAIRED
from clustersim.scenario.problems import did_you_mean

GOALS: Final = (
    "jobs at the end",
    "firms at the end",
    "innovations",
    "productivity at the end",
    "R&D",
    "CO2",
)
"""Outcomes of the first table, and what a report can be about."""
MILLION: Final = 1e6
DASH: Final = "–"
_PERCENT: Final = "\N{NO-BREAK SPACE}%"
_FEW: Final = 100.0


def number(value: float | None, digits: int = 0) -> str:
    """Return an amount, or a dash where it is unknown."""
    if value is None or math.isnan(value):
        return DASH
    return f"{value:,.{digits}f}".replace("-", "−")


def signed(value: float | None, digits: int = 0) -> str:
    """Return a difference with its sign; next to nothing has none."""
    if value is None or math.isnan(value):
        return DASH
    value = round(value, digits)
    return f"{value:+,.{digits}f}".replace("-", "−") if value else f"{0.0:.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share as a difference in percent."""
    return DASH if value is None else f"{signed(100.0 * value, digits)}{_PERCENT}"


def share(value: float | None) -> str:
    """Return a share of seeds."""
    return DASH if value is None else f"{100.0 * value:.0f}{_PERCENT}"


def euro(value: float | None) -> str:
    """Return an amount of money, euro."""
    if value is None or math.isnan(value):
        return DASH
    return number(value, 2 if abs(value) < _FEW else 0)


def millions(value: float | None, digits: int = 1) -> str:
    """Return a difference in money, million euro."""
    return DASH if value is None else signed(value / MILLION, digits)


def digits_of(*amounts: float | None) -> int:
    """Return with how many digits amounts of euro are told in millions: more if all are small."""
    most = max(abs(one or 0.0) for one in amounts)
    return 0 if most >= 10 * MILLION else 1 if most >= MILLION else 2


def span(low: str, high: str) -> str:
    """Return an interval; a dash where it is unknown."""
    return DASH if DASH in {low, high} else f"{low} to {high}"


def effect(row: Mapping[str, Any], key: str = "ci") -> tuple[str, str]:
    """Return an effect and its interval, in its unit."""
    low, high = row[key]
    return _effect(row["effect"], row), span(_effect(low, row), _effect(high, row))


def _effect(value: float | None, row: Mapping[str, Any]) -> str:
    if row["relative"] is True:
        return percent(value, 2)
    if row["unit"] == "share":
        return DASH if value is None else f"{signed(100.0 * value, 2)} points"
    return signed(value, 4)


def level(row: Mapping[str, Any]) -> str:
    """Return what there is without, in its unit."""
    value = row["without"]
    if row["unit"] == "euro":
        return f"{number(value / MILLION, 1)} million"
    return number(value, 0 if row["relative"] is True else 3)


def sure(row: Mapping[str, Any]) -> bool:
    """Tell whether an effect is on one side of zero, for all outcomes together."""
    low, high = row["ci_all"]
    return low is not None and (low > 0.0 or high < 0.0)


def outcome_of(case: Mapping[str, Any], name: str, scope: str = "all") -> Mapping[str, Any] | None:
    """Return a row of the outcomes of a scenario; None if there is none."""
    for row in case["outcomes"]:
        if row["outcome"] == name and row["scope"] == scope:
            found: Mapping[str, Any] = row
            return found
    return None


def amount(row: Mapping[str, Any]) -> float | None:
    """Return an effect in the unit of its outcome, not as a share."""
    value: float | None = row["effect"]
    if value is None or row["relative"] is not True:
        return value
    return value * float(row["without"])


def goal_name(goal: str) -> str:
    """Return the name of an outcome that is called by its name or its key.

    Raises
    ------
    ValueError
        If nothing is called so.
    """
    names = {**{one.name: one.name for one in PAIRED}, **{one.key: one.name for one in PAIRED}}
    if goal not in names:
        hint = did_you_mean(goal, names) or f"there are {', '.join(dict.fromkeys(names.values()))}"
        raise ValueError(f"goal: nothing is called {goal!r}; {hint}")
    return names[goal]


def answer(comparison: Mapping[str, Any], goal: str) -> list[str]:
    """Return the answer in two sentences, with how sure it is.

    The first says what the scenario that does best brings of the goal, the second what the money
    brings. Nothing is called better that the intervals do not tell from nothing.

    Parameters
    ----------
    comparison
        What a comparison says.
    goal
        Name of an outcome of the whole economy.
    """
    cases = comparison["cases"]
    rows = {case["title"]: outcome_of(case, goal) for case in cases}
    known = {title: row for title, row in rows.items() if row is not None}
    if not known:
        return [f"Of {goal} nothing is known at all seeds.", _second(cases)]
    sign = -1.0 if goal in WORSE else 1.0
    return [_first(comparison, known, goal, sign), _second(cases)]


def _first(
    comparison: Mapping[str, Any],
    rows: Mapping[str, Mapping[str, Any]],
    goal: str,
    sign: float,
) -> str:
    n = len(comparison["seeds"])
    size = {title: sign * (row["effect"] or 0.0) for title, row in rows.items()}
    first = max(size, key=lambda title: size[title])
    better = [title for title, row in rows.items() if sure(row) and size[title] > 0.0]
    worse = [title for title, row in rows.items() if sure(row) and size[title] < 0.0]
    value, interval = effect(rows[first])
    if not better:
        bad = f"; {_listed(worse)} make{'s' if len(worse) == 1 else ''} it worse" if worse else ""
        return (
            f"In {n} histories no scenario improves {goal} for sure: at best “{first}”, {value} "
            f"(95 %: {interval}){bad}."
        )
    best = max(better, key=lambda title: size[title])
    row = rows[best]
    value, interval = effect(row)
    amount_of = amount(row)
    inside = f", about {signed(amount_of)} {row['unit']}" if row["relative"] is True else ""
    if row["unit"] == "euro" and amount_of is not None:
        inside = f", about {millions(amount_of)} million euro"
    text = f"“{best}” improves {goal} for sure: {value}{inside} (95 %: {interval})"
    if first != best:
        more, wide = effect(rows[first])
        return f"{text}; “{first}” may bring more, but not for sure ({more}, 95 %: {wide})."
    return text + _against_others(comparison, best, goal) + "."


def _against_others(comparison: Mapping[str, Any], best: str, goal: str) -> str:
    """Return whether the best is told from the others, and how often it is the best."""
    if len(comparison["cases"]) == 1:
        return ""
    names = {case["title"]: case["scenario"] for case in comparison["cases"]}
    for one in comparison["rivals"]:
        if one["outcome"] == goal and one["scope"] == "all":
            often = one["best"].get(names[best])
            mine = [pair for pair in one["pairs"] if names[best] in pair["name"].split(" less ")]
            told = [pair for pair in mine if pair["ci_all"][0] is not None and sure(pair)]
            tell = "and is told from" if len(told) == len(mine) else "but is not told from"
            every = "each of the others" if len(told) == len(mine) else "all of the others"
            return (
                f", is the best of {len(names)} in {share(often)} of the histories, {tell} {every}"
            )
    return ""


def _second(cases: Sequence[Mapping[str, Any]]) -> str:
    paid = [case for case in cases if case["euro"]]
    if not paid:
        return "No scenario takes public money, so there is no cost to weigh."
    best = max(paid, key=lambda case: case["money"]["npv"]["value"] or -math.inf)
    money = best["money"]
    low, high = money["npv"]["ci"]
    costs = {one["what"]: one["euro"] for one in money["costs"]}
    job, innovation = costs["job at the end"], costs["innovation"]
    price = "what one more job costs is unknown, as there may be none"
    if job["value"] is not None:
        price = f"one more job costs {euro(job['value'])} euro ({_interval(job)})"
    elif innovation["value"] is not None:
        price += f"; one more innovation costs {euro(innovation['value'])} euro"
        price += f" ({_interval(innovation)})"
    verdict = "more than it costs" if low is not None and low > 0.0 else "not surely what it costs"
    lead = (
        f"“{best['title']}”"
        if len(cases) == 1
        else f"For the money, “{best['title']}” does best: it"
    )
    if high is not None and high < 0.0:
        verdict = "less than it costs"
        if len(cases) > 1:
            lead = (
                f"For the money, none brings what it costs; “{best['title']}”, which loses least,"
            )
    digits = digits_of(money["npv"]["value"], best["euro"])
    return (
        f"{lead} takes {number(best['euro'] / MILLION, digits)} million euro and brings {verdict} "
        f"(net present value {millions(money['npv']['value'], digits)} million euro, "
        f"95 %: {span(millions(low, digits), millions(high, digits))}), and {price}."
    )


def _interval(one: Mapping[str, Any]) -> str:
    return f"95 %: {span(euro(one['ci'][0]), euro(one['ci'][1]))}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"“{name}”" for name in names)
