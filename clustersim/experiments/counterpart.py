"""What a scenario is compared with, and what differs: the same luck, with a policy and without it.

A difference at one seed is exact for that one history; how far it would be the same in others, only
several seeds can tell.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from clustersim.experiments.outcomes import PAIRED, Outcome
from clustersim.experiments.run import resolve
from clustersim.experiments.user_mechanism import UserMechanism
from clustersim.mechanisms.base import Mechanism
from clustersim.scenario.problems import Problem, ScenarioError
from clustersim.scenario.resolved import ResolvedScenario
from clustersim.scenario.schema import TableSpec
from clustersim.store import Tables

SUPPORTED: Final = "supported"
"""Scope: the places for which there is money."""
ALL: Final = "all"
"""Scope: the whole economy."""
_OWN: Final = ("policies", "shocks", "title", "about", "question", "against")
"""Sections of which the two scenarios have their own."""


@dataclass(frozen=True)
class Difference:
    """How much of an outcome there is in a scenario, and in the one that it is compared with.

    Attributes
    ----------
    outcome, unit
        What it is.
    scope
        ``"all"`` for the whole economy, ``"supported"`` for the places for which there is money.
    done, without
        In the scenario, and in its counterpart; NaN where it is unknown.
    """

    outcome: str
    unit: str
    scope: str
    done: float
    without: float

    @property
    def difference(self) -> float:
        """With less without."""
        return self.done - self.without

    @property
    def relative(self) -> float | None:
        """The difference over what there is without; None of shares, logs, and of nothing."""
        if self.unit in _PLAIN or not abs(self.without) > 0.0:
            return None
        return self.difference / abs(self.without)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        found = {**asdict(self), "difference": self.difference, "relative": self.relative}
        return {
            name: None if isinstance(value, float) and math.isnan(value) else value
            for name, value in found.items()
        }


_PLAIN: Final = ("share", "ln", "0 to 1")


def counterpart(
    resolved: ResolvedScenario,
    overrides: Mapping[str, Any] | None = None,
    mechanisms: Sequence[Mechanism | UserMechanism] = (),
    table: TableSpec | str | Path | None = None,
) -> ResolvedScenario | None:
    """Return the scenario that one is compared with; None if there is none.

    The scenario that it names under `against`, at its own seed, years and records; itself with the
    values that stand there; or else itself without its policies, if it has any.

    Parameters
    ----------
    resolved
        The scenario.
    overrides
        Values that were set for it, by dotted name; they hold for the other too, but for those of
        policies and shocks.
    mechanisms, table
        As they were given for it.

    Raises
    ------
    ScenarioError
        If what it names cannot be used.
    """
    scenario, file = resolved.scenario, resolved.files[0]
    given = dict(overrides or {})
    if isinstance(scenario.against, str):
        own = {name: value for name, value in given.items() if name.partition(".")[0] not in _OWN}
        alike = {name: getattr(scenario, name) for name in ("seed", "years", "record_every")}
        beside = file.parent / scenario.against
        source = str(beside) if beside.is_file() else scenario.against
        return resolve(source, {**own, **alike}, mechanisms, table)
    if scenario.against is not None:
        title = f"{scenario.title or file.stem}, otherwise"
        other = {"title": title, **scenario.against}
        try:
            return resolve(file, {**given, **other}, mechanisms, table)
        except ScenarioError as error:
            raise ScenarioError(
                [_under_against(one, file.name) for one in error.problems]
            ) from None
    if not any(policy.enabled for policy in scenario.policies):
        return None
    title = f"{scenario.title or file.stem}, without its policies"
    return replace(resolved, scenario=scenario.model_copy(update={"policies": (), "title": title}))


def _under_against(problem: Problem, file: str) -> Problem:
    """Return a problem of a value that stands under `against` of a scenario file."""
    return replace(problem, path=problem.path.replace("command line: --set", f"{file}, against:"))


def differences(
    done: Tables, without: Tables, *, first: int | None = None
) -> tuple[Difference, ...]:
    """Return what differs between two runs of the same places and records.

    Parameters
    ----------
    done, without
        Tables of the scenario and of its counterpart.
    first
        Number of the record from which sums run; that after which the two can differ if not given.

    Returns
    -------
    tuple of Difference
        Of the whole economy, then of the places for which the ledger of the scenario shows money.

    Raises
    ------
    ValueError
        If the two have not the same places and records.
    """
    for table, column in (("clusters", "quarter"), ("economy", "year")):
        if not np.array_equal(done[table][column], without[table][column]):
            raise ValueError("the two runs differ in their places or their records")
    n_records = len(done["economy"]["year"])
    first = first_difference(done, without, n_records) if first is None else first
    n_places = len(done["clusters"]["quarter"]) // n_records
    found = [
        _compare(one, ALL, done, without, first, np.ones(n_places, dtype=np.bool_))
        for one in PAIRED
    ]
    paid = supported(done, n_places)
    if paid.any():
        found += [
            _compare(one, SUPPORTED, done, without, first, paid)
            for one in PAIRED
            if one.table == "clusters"
        ]
    return tuple(found)


def _compare(  # two runs, and what of them
    one: Outcome, scope: str, done: Tables, without: Tables, first: int, places: Any
) -> Difference:
    values = [_value(one, tables, first, places) for tables in (done, without)]
    return Difference(one.name, one.unit, scope, *values)


def _value(one: Outcome, tables: Tables, first: int, places: Any) -> float:
    column = np.asarray(tables[one.table][one.column], dtype=np.float64)
    if one.table == "economy":
        return one.how(column[first:], column[first:])
    jobs = np.asarray(tables["clusters"]["jobs"], dtype=np.float64)
    shape = (-1, places.size)
    return one.how(column.reshape(shape)[first:, places], jobs.reshape(shape)[first:, places])


def first_difference(done: Tables, without: Tables, n_records: int) -> int:
    """Return the first record in which anything of the places differs; the last if nothing does."""
    unlike = np.zeros(n_records, dtype=np.bool_)
    for name, values in done["clusters"].items():
        other = without["clusters"][name]
        same = (values == other) | ((values != values) & (other != other))  # noqa: PLR0124  # NaN
        unlike |= ~same.reshape(n_records, -1).all(axis=1)
    return int(np.argmax(unlike)) if unlike.any() else n_records - 1


def supported(tables: Tables, n_places: int) -> np.ndarray[Any, Any]:
    """Return for which places there was money, shape (P,)."""
    out = np.zeros(n_places, dtype=np.bool_)
    if "ledger" in tables:
        ledger = tables["ledger"]
        given = np.asarray(ledger["purpose"]) == "appropriation"
        region, sector = (np.asarray(ledger[name])[given] for name in ("region", "sector"))
        out[region.astype(np.int64) * len(tables["sectors"]["name"]) + sector] = True
    return out


def rows(found: Sequence[Difference]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return heading and rows of a table of differences, as text."""
    heading = ("what", "where", "with", "without", "difference", "")
    where = {ALL: "everywhere", SUPPORTED: "in what is supported"}
    lines: list[tuple[str, ...]] = [
        (
            one.outcome,
            where[one.scope],
            _shown(one.done, one.unit),
            _shown(one.without, one.unit),
            _shown(one.difference, one.unit, sign="+"),
            "" if one.relative is None else f"{one.relative:+.2%}",
        )
        for one in found
        if not (math.isnan(one.done) or math.isnan(one.without))
    ]
    return heading, lines


def _shown(value: float, unit: str, sign: str = "") -> str:
    if unit in _PLAIN:
        return f"{value:{sign}.3f}"
    millions = 1e6
    if unit == "euro":
        return f"{value / millions:{sign},.1f} m"
    return f"{value:{sign},.0f}"


def from_manifest(compared: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Return the differences that stand in a manifest, where what is unknown is None."""
    return tuple(
        Difference(
            one["outcome"],
            one["unit"],
            one["scope"],
            *(math.nan if one[name] is None else float(one[name]) for name in ("done", "without")),
        )
        for one in compared["differences"]
    )
