"""What flows and what there is over the years of a pair of runs: jobs, product, CO2, money."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.experiments.comparison.effects import known
from clustersim.experiments.counterpart import first_difference
from clustersim.experiments.uncertainty import mean
from clustersim.store import Tables
from clustersim.world.types import Floats, Ids

_QUARTERS: Final = 4
SUMS: Final = ("job_years", "product", "innovations", "emissions", "euro")


@dataclass(frozen=True, eq=False)
class Flows:
    """Stocks and flows of a scenario and its counterpart at one seed.

    The first of two rows is of the scenario, the second of its counterpart. Spells are years, from
    one yearly record to the next; where records are rarer, they are as long as those.

    Attributes
    ----------
    years
        Calendar time of the borders of the spells, shape (T + 1,).
    begins
        Time from which the two can differ: that of the last record in which they are the same, or
        the begin of the first spell in which they do not take the same public money.
    jobs
        Real jobs at the borders, shape (2, T + 1).
    firms
        Real firms at the end, shape (2,).
    job_years
        Jobs times years in each spell, shape (2, T).
    product
        Job-years in terms of what one job of the counterpart produces: each weighted by the
        productivity of its place over the mean of the counterpart in the sector at that time, and
        by the share of its usual output that the place can produce, shape (2, T).
    innovations, emissions, euro
        Innovations, tonnes of CO2, and what policies were given less what they gave back, shape
        (2, T).
    """

    years: Floats
    begins: float
    jobs: Floats
    firms: Floats
    job_years: Floats
    product: Floats
    innovations: Floats
    emissions: Floats
    euro: Floats


def flows(done: Tables, without: Tables) -> Flows:
    """Return what flows in a pair of runs of the same places and records.

    Parameters
    ----------
    done, without
        Tables of the scenario and of its counterpart.
    """
    quarter = np.asarray(done["economy"]["quarter"], dtype=np.int64)
    year = np.asarray(done["economy"]["year"], dtype=np.float64)
    border = np.unique([0, *np.flatnonzero(quarter % _QUARTERS == 0), quarter.size - 1])
    first = first_difference(done, without, quarter.size)
    usual = _usual_productivity(without, quarter.size)
    both = (done, without)

    def at_border(column: str) -> Floats:
        return np.stack([_by_record(one, column, quarter.size).sum(axis=1) for one in both])

    def summed(values: Floats) -> Floats:
        """Sum what belongs to the time before each record, from border to border."""
        total = np.cumsum(values, axis=1)[:, border]
        return np.diff(total, axis=1)

    def over_time(stock: Floats) -> Floats:
        step = 0.5 * (stock[:, 1:] + stock[:, :-1]) * np.diff(year)
        return summed(np.pad(step, ((0, 0), (1, 0))))

    jobs = at_border("jobs")
    euro = np.stack([_money(one, quarter[border]) for one in both])
    return Flows(
        years=year[border],
        begins=min(float(year[max(first - 1, 0)]), _first_money(year[border], euro)),
        jobs=jobs[:, border],
        firms=at_border("firms")[:, -1],
        job_years=over_time(jobs),
        product=over_time(np.stack([_product(one, usual) for one in both])),
        innovations=summed(at_border("innovations")),
        emissions=summed(at_border("emissions")),
        euro=euro,
    )


def _first_money(years: Floats, euro: Floats) -> float:
    """Return when the first spell begins in which the money differs; infinity if it never does."""
    unlike = np.flatnonzero(euro[0] != euro[1])
    return float(years[unlike[0]]) if unlike.size else math.inf


def _by_record(tables: Tables, column: str, n_records: int) -> Floats:
    """Return a column of the places by record, shape (records, P)."""
    return np.asarray(tables["clusters"][column], dtype=np.float64).reshape(n_records, -1)


def _usual_productivity(without: Tables, n_records: int) -> Floats:
    """Return the counterpart's mean log productivity in the sector of each place, (records, P)."""
    shape = (n_records, -1, len(without["sectors"]["name"]))
    jobs = _by_record(without, "jobs", n_records).reshape(shape)
    level = _by_record(without, "log_productivity", n_records).reshape(shape)
    weight = np.where(np.isnan(level), 0.0, jobs)
    total = weight.sum(axis=1)
    sums = (np.nan_to_num(level) * weight).sum(axis=1)
    means = np.divide(sums, total, out=np.zeros(total.shape), where=total > 0.0)
    return np.broadcast_to(means[:, np.newaxis, :], jobs.shape).reshape(n_records, -1)


def _product(tables: Tables, usual: Floats) -> Floats:
    """Return jobs in terms of the usual product of one, at each record, shape (records,)."""
    n_records = len(usual)
    jobs, level, share = (
        _by_record(tables, name, n_records) for name in ("jobs", "log_productivity", "output")
    )
    # Before the market has met nobody leads.
    lead = np.where(np.isnan(level), 0.0, level - usual)
    total: Floats = (jobs * np.exp(lead) * np.where(np.isnan(share), 1.0, share)).sum(axis=1)
    return total


def _signed_euro(tables: Tables) -> tuple[Ids, Floats]:
    """Return quarter and amount of what the treasury gives to policies, less what comes back."""
    if "ledger" not in tables:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    ledger = tables["ledger"]
    purpose = np.asarray(ledger["purpose"])
    counts = (purpose == "appropriation") | (purpose == "return")
    quarter = np.asarray(ledger["quarter"])[counts].astype(np.int64)
    euro = np.asarray(ledger["euro"], dtype=np.float64)[counts]
    return quarter, np.where(purpose[counts] == "return", -euro, euro)


def _money(tables: Tables, border: Ids) -> Floats:
    """Return public money in each spell, shape (T,)."""
    quarter, euro = _signed_euro(tables)
    n = border.size - 1
    # What is paid in the quarter that begins at a border belongs to the spell after it.
    spell = np.clip(np.searchsorted(border, quarter, side="right") - 1, 0, max(n - 1, 0))
    return np.bincount(spell, weights=euro, minlength=n)[:n].astype(np.float64)


@dataclass(frozen=True, eq=False)
class Course:
    """Jobs over the years, with a scenario and without it, mean over seeds.

    Attributes
    ----------
    years
        Calendar time, shape (T,).
    done, without
        Mean jobs, shape (T,).
    difference
        Mean, lower and upper end of the interval of 95 % of the paired difference, shape (T, 3).
    """

    years: Floats
    done: Floats
    without: Floats
    difference: Floats

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        found: dict[str, Any] = known(
            {
                "years": self.years,
                "done": self.done,
                "without": self.without,
                "difference": self.difference[:, 0],
                "low": self.difference[:, 1],
                "high": self.difference[:, 2],
            }
        )
        return found


def course(found: Sequence[Flows]) -> Course:
    """Return jobs over the years, with and without, mean over seeds.

    Parameters
    ----------
    found
        One for each seed, of the same times.

    Raises
    ------
    ValueError
        If the times differ.
    """
    years = found[0].years
    if any(not np.array_equal(one.years, years) for one in found):
        raise ValueError("found: expected seeds with records of the same times")
    jobs = np.stack([one.jobs for one in found])
    paired = [mean(column)[:3] for column in (jobs[:, 0] - jobs[:, 1]).T]
    return Course(years, jobs[:, 0].mean(axis=0), jobs[:, 1].mean(axis=0), np.array(paired))


def present(found: Sequence[Flows], rate: float, base: float) -> dict[str, Floats]:
    """Return what the scenario has more of each flow, discounted to a year, at each seed, (n,).

    Parameters
    ----------
    found
        One for each seed.
    rate
        A year, as 0.03; what flows in a spell is discounted from its middle.
    base
        Calendar year to which it is discounted.

    Raises
    ------
    ValueError
        If the rate is not above -1, or not finite.
    """
    if not (math.isfinite(rate) and rate > -1.0):
        raise ValueError(f"rate: expected a finite number above -1, got {rate}")
    sums: dict[str, list[float]] = {name: [] for name in SUMS}
    for one in found:
        middle = 0.5 * (one.years[1:] + one.years[:-1])
        factor = (1.0 + rate) ** (base - middle)
        for name, values in sums.items():
            flow = getattr(one, name)
            values.append(float(((flow[0] - flow[1]) * factor).sum()))
    return {name: np.array(values) for name, values in sums.items()}
