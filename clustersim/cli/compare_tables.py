"""Tables and sentences of the command ``compare``, for people who read 100 columns."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from clustersim.cli import console

if TYPE_CHECKING:
    from clustersim.experiments.comparison.choice import Choice
    from clustersim.experiments.comparison.effects import Effect
    from clustersim.experiments.comparison.groups import Group, Groups
    from clustersim.experiments.comparison.judged import Compared, Comparison
    from clustersim.experiments.comparison.money import Money
    from clustersim.experiments.comparison.outcomes import Contrast
    from clustersim.experiments.comparison.rivals import Rivals
    from clustersim.experiments.uncertainty import Estimate

KINDS: Final = ("region", "sector", "cluster", "size of firms")
_WHERE: Final = {"all": "everywhere", "supported": "supported"}
_NAME: Final = 36
_COLUMNS: Final = 100
_GAP: Final = 2
_LEAST_NAME: Final = 6
_MILLION: Final = 1e6
_FEW: Final = 100.0
PLAIN_UNITS: Final = ("share", "ln", "0 to 1")
"""Units of small numbers."""


def outcomes(case: Compared, *, everything: bool, precision: float | None) -> str:
    """Return the table of outcomes: those that differ for sure, or all."""
    heading: tuple[str, ...] = ("what", "where", "without", "effect", "95 %", "p", "better")
    heading += ("seeds",) if precision is not None else ()
    rows: list[tuple[str, ...]] = []
    for one in case.contrasts:
        if not (everything or one.sure):
            continue
        row: tuple[str, ...] = (
            one.outcome,
            _WHERE[one.scope],
            _amount(one),
            _effect(one.effect.value, one),
            _to(_effect(one.effect.low, one), _effect(one.effect.high, one)),
            _p(one.holm),
            "" if math.isnan(one.better) else f"{one.better:.0%}",
        )
        needed = one.seeds_for(precision) if precision is not None else None
        rows.append((*row, f"{needed:,}" if needed else "") if precision is not None else row)
    if not rows:
        return "Nothing differs for sure; --all shows every outcome."
    return console.table(heading, rows)


def winners(groups: Groups, top: int) -> str:
    """Return who has more jobs and who has fewer, the most of each kind, and how unequal it is."""
    rows = []
    lines = []
    for kind in KINDS:
        group = groups.of(kind)
        changed = sorted(
            (one for one in group.effects if one.effect.value), key=lambda one: -one.effect.value
        )
        chosen = changed if len(changed) <= 2 * top else changed[:top] + changed[-top:]
        rows += [
            (
                kind,
                console.cut(one.name, _NAME),
                f"{one.without:,.0f}",
                _signed(one.effect.value),
                "" if math.isnan(one.relative) else f"{_signed(100.0 * one.relative, 2)}%",
                _range(one.effect),
                _p(one.holm),
                f"{one.gains:.0%}",
            )
            for one in chosen
        ]
        if kind in {"region", "cluster"} and group.effects:
            lines.append(_won_and_lost(group))
    if not rows:
        return "Jobs at the end are the same everywhere."
    heading = ("by", "jobs at the end", "without", "effect", "", "95 %", "p", "gains at")
    theil = groups.concentration[0]
    lines.append(
        f"Concentration of jobs between regions (Theil): {theil.without:.4f} without, "
        f"{theil.effect.value:+.5f} ({theil.effect.low:+.5f} to {theil.effect.high:+.5f})."
    )
    return "\n".join([console.table(heading, rows), "", *lines])


def _won_and_lost(group: Group) -> str:
    text = (
        f"By {group.kind}, {group.losing:.0%} of {len(group.effects)} have fewer jobs on average."
    )
    told = []
    if group.won.low > 0.0:
        told.append(f"those that gain have {_signed(group.won.value)} jobs ({_range(group.won)})")
    if group.lost.high < 0.0:
        told.append(f"those that lose {_signed(group.lost.value)} ({_range(group.lost)})")
    if not told:
        return wrapped(f"{text} These seeds do not tell which gain and which lose.")
    return wrapped(f"{text} As the other seeds tell which they are, {' and '.join(told)}.")


def wrapped(text: str) -> str:
    """Return sentences in lines of at most 100 signs."""
    return textwrap.fill(text, _COLUMNS, break_long_words=False, break_on_hyphens=False)


def money(one: Money) -> str:
    """Return the present values and what one more costs."""
    prices = one.prices
    rows = [
        (name, _millions(value.value), _to(_millions(value.low), _millions(value.high)))
        for name, value in (
            (f"value added, {prices.value_added:,.0f} a job and year", one.product),
            ("  of which from more jobs", one.by_jobs),
            ("public money" + _deadweight(prices.deadweight), one.public),
            (f"CO2, {prices.co2:,.0f} a tonne", one.co2),
            ("net present value", one.npv),
        )
    ]
    heading = (f"million euro of {one.base:.0f}, {prices.discount_rate:.1%} a year", "", "95 %")
    text = [console.table(heading, rows), ""]
    sentence = f"It is above zero at {one.positive:.0%} of the seeds"
    if not math.isnan(one.ratio.value):
        sentence += f"; benefits are {one.ratio.value:.2f} times the money ({_plain(one.ratio)})"
    if not math.isnan(one.break_even.value):
        sentence += f"; a job must add {one.break_even.value:,.0f} euro a year for that to be zero"
    text.append(wrapped(f"{sentence}."))
    rates = ", ".join(f"{value.value / _MILLION:,.1f} at {rate:.0%}" for rate, value in one.by_rate)
    text.append(f"By discount rate, in millions: {rates}.")
    if one.euro.any():
        head = ("one more", "how many", "95 %", "euro for one", "95 %")
        costs = [
            (
                cost.what,
                _signed(cost.more.value),
                _range(cost.more),
                _euro(cost.euro.value),
                "may be none" if math.isnan(cost.euro.value) else _plain(cost.euro),
            )
            for cost in one.costs
        ]
        text += ["", console.table(head, costs)]
    return "\n".join(text)


def stages(found: Sequence[Effect], *, everything: bool) -> str:
    """Return what differs in the life cycle of clusters: what differs for sure, or all."""
    rows = [
        (
            one.name,
            one.unit,
            f"{one.without:,.1f}",
            _signed(one.effect.value, 2),
            _range(one.effect, 2),
            _p(one.holm),
        )
        for one in found
        if everything or one.sure
    ]
    if not rows:
        return "Nothing differs for sure in the life cycle of the clusters."
    return console.table(("life cycle", "unit", "without", "effect", "95 %", "p"), rows)


def several(found: Comparison) -> str:
    """Return what to choose: dominance, and how likely each scenario is the best."""
    text = []
    if not found.same_counterpart:
        text += [
            "The scenarios are compared with different things; what follows holds their "
            "differences against each other.",
        ]
    text.append(_worth(found))
    text += [_choice(one) for one in found.choices[:1]]
    rows = [one for one in found.rivals if one.scope == "all"]
    if rows:
        text.append(_best(rows))
    return "\n\n".join(text)


def _worth(found: Comparison) -> str:
    rows = [
        (
            console.cut(case.name, _NAME),
            _millions(case.money.npv.value),
            _to(_millions(case.money.npv.low), _millions(case.money.npv.high)),
            f"{case.money.positive:.0%}",
            "-" if math.isnan(case.money.ratio.value) else f"{case.money.ratio.value:.2f}",
        )
        for case in found.cases
    ]
    heading = ("net present value", "million", "95 %", "above zero", "benefits over money")
    return console.table(heading, rows)


def _choice(one: Choice) -> str:
    asked = one.at_asked
    rows = [
        (
            console.cut(point.name, _NAME),
            f"{point.euro / _MILLION:,.1f}",
            _signed(point.gain, 1),
            "" if math.isnan(point.icer) else f"{point.icer:,.0f}",
            point.state,
            "" if math.isnan(asked[point.name]) else f"{asked[point.name]:.0%}",
        )
        for point in one.points
    ]
    heading = ("for one more " + one.what, "million", "more", "euro for one", "", "best")
    note = (
        "Euro for one more than by the one before it on the frontier; best: chance to be the best "
        f"on average at {one.asked:,.0f} euro for one more."
    )
    return f"{console.table(heading, rows)}\n\n{wrapped(note)}"


def _best(found: Sequence[Rivals]) -> str:
    names = found[0].names
    rows = [
        (one.outcome, *("" if math.isnan(p) else f"{p:.0%}" for p in one.best_on_average))
        for one in found
    ]
    heading = "best on average, chance"
    room = (_COLUMNS - max(len(heading), *(len(row[0]) for row in rows))) // len(names) - _GAP
    short = [console.cut(name, max(room, _LEAST_NAME)) for name in names]
    return console.table((heading, *short), rows)


def _deadweight(share: float) -> str:
    return f", and {share:.0%} deadweight" if share else ""


def _range(one: Estimate, digits: int = 0) -> str:
    if math.isnan(one.low):
        return "-"
    return _to(_signed(one.low, digits), _signed(one.high, digits))


def _signed(value: float, digits: int = 0) -> str:
    # Next to nothing has no sign.
    value = round(value, digits)
    return f"{value:+,.{digits}f}" if value else f"{0.0:.{digits}f}"


def _plain(one: Estimate) -> str:
    if math.isnan(one.low):
        return "-"
    return _to(_euro(one.low), _euro(one.high))


def _to(low: str, high: str) -> str:
    return f"{low} to {high}"


def _p(value: float) -> str:
    if math.isnan(value):
        return ""
    least = 0.001
    return "<0.001" if value < least else f"{value:.3f}"


def _millions(value: float) -> str:
    return "-" if math.isnan(value) else _signed(value / _MILLION, 1)


def _euro(value: float) -> str:
    if math.isnan(value):
        return ""
    return f"{value:.2f}" if abs(value) < _FEW else f"{value:,.0f}"


def _effect(value: float, one: Contrast) -> str:
    if math.isnan(value):
        return "-"
    if one.relative:
        return f"{_signed(100.0 * value, 2)}%"
    if one.unit == "share":
        return f"{_signed(100.0 * value, 2)} pt"
    return _signed(value, 4 if one.unit in PLAIN_UNITS else 1)


def _amount(one: Contrast) -> str:
    if one.unit == "euro":
        return f"{one.without / _MILLION:,.1f} m"
    return f"{one.without:.3f}" if one.unit in PLAIN_UNITS else f"{one.without:,.0f}"
