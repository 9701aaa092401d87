"""What a comparison found, as tables: one row for each thing that is told of a scenario."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pandas as pd

_INTERVALS: Final = {"ci": "", "ci_bootstrap": "_bootstrap", "ci_all": "_all"}
"""Ends of names of the columns that have the two ends of an interval."""

Row = dict[str, Any]


def _outcomes(case: Mapping[str, Any]) -> Iterator[Row]:
    yield from case["outcomes"]


def _money(case: Mapping[str, Any]) -> Iterator[Row]:
    found = case["money"]
    named = {
        "net present value": found["npv"],
        **{name.replace("_", " "): one for name, one in found["parts"].items()},
        "benefit-cost ratio": found["benefit_cost_ratio"],
        "break-even value added": found["break_even_value_added"],
    }
    for name, one in named.items():
        yield {"name": name, **one}


def _costs(case: Mapping[str, Any]) -> Iterator[Row]:
    for one in case["money"]["costs"]:
        yield {"what": one["what"], "more": one["more"]["value"], **one["euro"]}


def _groups(case: Mapping[str, Any]) -> Iterator[Row]:
    for group in case["groups"]["by"]:
        for one in group["effects"]:
            yield {"kind": group["kind"], "outcome": group["outcome"], **one}


def _concentration(case: Mapping[str, Any]) -> Iterator[Row]:
    yield from case["groups"]["concentration"]


def _stages(case: Mapping[str, Any]) -> Iterator[Row]:
    yield from case["stages"]


def _course(case: Mapping[str, Any]) -> Iterator[Row]:
    found = case["course"]
    for values in zip(*found.values(), strict=True):
        yield dict(zip(found, values, strict=True))


_OF_CASES: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[Row]]]] = {
    "outcomes": _outcomes,
    "money": _money,
    "costs": _costs,
    "groups": _groups,
    "concentration": _concentration,
    "stages": _stages,
    "course": _course,
}


def _rivals(document: Mapping[str, Any]) -> Iterator[Row]:
    for one in document["rivals"]:
        for mine, row in zip(one["scenarios"], one["beats"], strict=True):
            for other, share in zip(one["scenarios"], row, strict=True):
                if mine != other:
                    yield {
                        "scenario": mine,
                        "outcome": one["outcome"],
                        "scope": one["scope"],
                        "other": other,
                        "beats": share,
                    }


def _choices(document: Mapping[str, Any]) -> Iterator[Row]:
    for one in document["choices"]:
        for point in one["points"]:
            yield {"what": one["what"], "scenario": point["name"], **point}


def _acceptability(document: Mapping[str, Any]) -> Iterator[Row]:
    for one in document["choices"]:
        for name, chances in one["probability"].items():
            for willing, chance in zip(one["willing"], chances, strict=True):
                yield {
                    "scenario": name,
                    "what": one["what"],
                    "willing": willing,
                    "probability": chance,
                }


_OF_ALL: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[Row]]]] = {
    "rivals": _rivals,
    "choices": _choices,
    "acceptability": _acceptability,
}
NAMES: Final = (*_OF_CASES, *_OF_ALL)
"""Names of the tables."""


def frame(document: Mapping[str, Any], name: str) -> pd.DataFrame:
    """Return a table of a comparison.

    Parameters
    ----------
    document
        As `Comparison.to_dict`.
    name
        One of `NAMES`.

    Raises
    ------
    KeyError
        If there is no such table.
    """
    import pandas as pd

    if name in _OF_ALL:
        rows = [_flat(row) for row in _OF_ALL[name](document)]
    elif name in _OF_CASES:
        rows = [
            {"scenario": case["scenario"], **_flat(row)}
            for case in document["cases"]
            for row in _OF_CASES[name](case)
        ]
    else:
        raise KeyError(f"no table {name!r}; there are {', '.join(NAMES)}")
    return pd.DataFrame(rows)


def _flat(row: Mapping[str, Any]) -> Row:
    """Return a row with the ends of an interval in two columns, and NaN for what is unknown."""
    out: Row = {}
    for name, value in row.items():
        if name in _INTERVALS:
            end = _INTERVALS[name]
            out[f"low{end}"], out[f"high{end}"] = value or (None, None)
        else:
            out[name] = value
    return {name: float("nan") if value is None else value for name, value in out.items()}
