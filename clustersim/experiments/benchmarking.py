"""Cluster organisations side by side: what they have, and where each is ahead of the others."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from clustersim.experiments.result import RunResult
from clustersim.measures.monitoring import NO_LABEL, Family, percentile_rank
from clustersim.monitoring import COMPARED, INDICATORS, MONITORING, ORGANISATIONS
from clustersim.store import Table, Tables, read_run
from clustersim.world.types import Floats, Ids

LEAST: Final = 3
"""Organisations of one sector from which they are compared among themselves; where there are fewer,
they are compared with all others (assumption)."""

LESS_IS_BETTER: Final = frozenset({"exit_rate", "in_debt", "unemployment", "emission_intensity"})
"""Indicators that a place wants to be low."""
NOT_RANKED: Final = frozenset({"organisations"})
"""Indicators of which neither more nor less is better."""
READ: Final = ("organisations", "monitoring", "regions", "sectors")
"""Tables of a run that benchmarking reads."""

_NEEDED: Final = {
    "organisations": tuple(ORGANISATIONS),
    "monitoring": tuple(MONITORING),
    "regions": ("name",),
    "sectors": ("name",),
}


class BenchmarkError(ValueError):
    """A run holds nothing that can be compared; the message says why and what to do."""


@dataclass(frozen=True)
class Indicator:
    """One figure of an organisation.

    Attributes
    ----------
    value
        As recorded; nan if unknown.
    rank
        Share of the comparable organisations that it is better than, 0 to 1; nan if unknown.
    """

    value: float
    rank: float


@dataclass(frozen=True)
class Benchmarked:
    """A cluster organisation among others.

    Attributes
    ----------
    name
        As in "C3 Southbay electronics"; numbered in the order in which they appear in the run.
    id
        Identity.
    region, sector
        Where it is.
    policy
        Policy that it carries out; empty for none.
    label, excellence
        Its label, and excellence from 0 to 1.
    member_firms
        Real firms that are members.
    member_share
        Share of the firms of its place that are members.
    money
        Public money and fees, euro a year; nan at the first record.
    money_per_member
        The same for each member firm; nan without any.
    compared_with
        Sector of the organisations that it is compared with; empty for all sectors.
    others
        How many these are, without itself.
    ranks
        By family, the mean rank of its indicators, 0 the worst and 1 the best; nan if unknown.
    indicators
        By family and name. Those of members end in ``_members``; the rest are of the place.
    best, worst
        Family with the highest and with the lowest rank; empty if they are level or unknown.
    """

    name: str
    id: int
    region: str
    sector: str
    policy: str
    label: str
    excellence: float
    member_firms: float
    member_share: float
    money: float
    money_per_member: float
    compared_with: str
    others: int
    ranks: dict[str, float]
    indicators: dict[str, dict[str, Indicator]]
    best: str
    worst: str

    def sentence(self) -> str:
        """Return the main facts in a sentence or two."""
        label = "no label" if self.label == NO_LABEL else f"label {self.label}"
        text = f"{self.name}: {label}, {self.member_firms:,.0f} member firms"
        if self.money > 0.0:
            text += f", {self.money / 1e6:,.2f} million euro a year"
        if not self.best:
            return f"{text}. It cannot be told from others."
        among = f"of its {self.others} peers"
        return (
            f"{text}. Best in {Family[self.best.upper()].value} (ahead of "
            f"{self.ranks[self.best]:.0%} {among} on average), weakest in "
            f"{Family[self.worst.upper()].value} ({self.ranks[self.worst]:.0%})."
        )


@dataclass(frozen=True)
class Benchmark:
    """The cluster organisations of a run at one time.

    Attributes
    ----------
    title
        Of the scenario; empty if unknown.
    year
        Calendar year of the record.
    organisations
        In the order of their numbers.
    """

    title: str
    year: float
    organisations: tuple[Benchmarked, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold; an unknown number is nan."""
        return {**asdict(self), "caution": CAUTION}

    def words(self) -> str:
        """Return a sentence on each organisation, and what ranks do not say."""
        lines = [f"{len(self.organisations)} cluster organisations in {self.year:g}."]
        lines += [one.sentence() for one in self.organisations]
        return "\n".join([*lines, "", CAUTION])


CAUTION: Final = (
    "A rank tells how an organisation and its place stand, not what the organisation has brought "
    "about: places and members differed before. The effect of a policy is the difference from a "
    "run without it."
)
"""What a rank does not say."""


def benchmark(run: RunResult | str | Path, *, year: float | None = None) -> Benchmark:
    """Compare the cluster organisations of a run at one time.

    For each indicator an organisation is ranked among those of its sector, if there are at least
    `LEAST` of them, else among all. Indicators are those of its place in the table ``monitoring``
    and those of its members in ``organisations``; the rank in a family is the mean over those that
    are known. Money is that of the year before the record, or of the time between two records if
    they are further apart.

    Parameters
    ----------
    run
        A result, or the folder of one.
    year
        Calendar year; the record at that time or the last before it is taken. The last of the run
        if left out.

    Returns
    -------
    Benchmark

    Raises
    ------
    StoreError
        If the folder holds no whole run.
    BenchmarkError
        If the run has no organisation at that time, or `year` is outside of it.
    """
    if isinstance(run, RunResult):
        tables, manifest = run.tables, run.manifest
    else:
        stored = read_run(run)
        there = [name for name in READ if name in stored.names]
        tables, manifest = {name: stored.arrays(name) for name in there}, stored.manifest
    _check(tables)
    organisations, monitoring = tables["organisations"], tables["monitoring"]
    at = _record(organisations, monitoring, year)
    rows = np.flatnonzero(organisations["year"] == at)
    numbers = _numbers(organisations)
    rows = rows[np.argsort(numbers[rows])]
    now = {name: values[rows] for name, values in organisations.items()}
    scenario = manifest.get("scenario")
    title = scenario.get("title", "") if isinstance(scenario, dict) else ""
    money = _yearly_money(organisations, monitoring, now, at)
    return Benchmark(str(title), at, _listed(tables, now, numbers[rows], money))


def _check(tables: Tables) -> None:
    """Refuse tables that lack what is needed: those of another version."""
    for name, columns in _NEEDED.items():
        missing = set(columns) - set(tables.get(name, {}))
        if missing:
            what = f"column {sorted(missing)[0]!r} of table {name!r}"
            raise BenchmarkError(
                f"this run has no {what if name in tables else f'table {name!r}'}: another version "
                "of clustersim wrote it; run the scenario again with this one"
            )


def _record(organisations: Table, monitoring: Table, year: float | None) -> float:
    """Return the year of the record that is meant."""
    if organisations["id"].size == 0:
        raise BenchmarkError(
            "this run has no cluster organisation to compare; give its regions "
            "`cluster_organisations:` or it a policy with `governance:`, as in `clustersim run "
            "vouchers`"
        )
    # Where all firms are gone only one of both tables goes on.
    years = np.union1d(organisations["year"], monitoring["year"])
    wanted = years[-1] if year is None else year
    if not years[0] <= wanted <= years[-1]:
        raise BenchmarkError(
            f"year {wanted:g} is outside of the run; expected one from {years[0]:g} to "
            f"{years[-1]:g}"
        )
    found = float(years[years <= wanted][-1])
    first = float(organisations["year"].min())
    if found < first:
        raise BenchmarkError(
            f"there was no cluster organisation in {wanted:g}; expected a year from {first:g} on, "
            "when the first is recorded"
        )
    return found


def _numbers(organisations: Table) -> Ids:
    """Return the number of the organisation of each row, from 1 on, in the order of appearance."""
    order = np.lexsort([organisations[name] for name in ("id", "sector", "region", "quarter")])
    ids, first, of_row = np.unique(
        organisations["id"][order], return_index=True, return_inverse=True
    )
    number = np.empty(ids.size, dtype=np.int64)
    number[np.argsort(first)] = np.arange(ids.size) + 1
    out = np.empty(order.size, dtype=np.int64)
    out[order] = number[of_row]
    return out


def _yearly_money(organisations: Table, monitoring: Table, now: Table, at: float) -> Floats:
    """Return public money and fees of each organisation of a record, euro a year, shape (n,)."""
    years = np.union1d(organisations["year"], monitoring["year"])
    earlier = years[years <= at - 1.0] if (years <= at - 1.0).any() else years[:1]
    since = float(earlier[-1])
    if since >= at:
        return np.full(now["id"].size, np.nan)
    recent = (organisations["year"] > since) & (organisations["year"] <= at)
    ids, of_row = np.unique(organisations["id"][recent], return_inverse=True)
    received = (organisations["public"] + organisations["fees"])[recent]
    total = np.bincount(of_row, weights=received, minlength=ids.size)
    return np.asarray(total[np.searchsorted(ids, now["id"])] / (at - since))


def _listed(tables: Tables, now: Table, numbers: Ids, money: Floats) -> tuple[Benchmarked, ...]:
    regions, sectors = tables["regions"]["name"], tables["sectors"]["name"]
    sector = now["sector"]
    values = _values(tables["monitoring"], now)
    same = np.array([np.count_nonzero(sector == s) for s in sector])
    group = np.where((sector >= 0) & (same >= LEAST), sector, -1)
    ranks = {name: _ranks(name, column, group) for name, column in values.items()}
    out = []
    for k, number in enumerate(numbers.tolist()):
        region_name = str(regions[now["region"][k]]) if now["region"][k] >= 0 else ""
        sector_name = str(sectors[sector[k]]) if sector[k] >= 0 else ""
        families = {family.name.lower(): _names(family) for family in Family}
        of_family = {
            family: _mean(np.array([ranks[name][k] for name in names]))
            for family, names in families.items()
        }
        best, worst = _ends(of_family)
        members = float(now["member_firms"][k])
        out.append(
            Benchmarked(
                name=" ".join(part for part in (f"C{number}", region_name, sector_name) if part),
                id=int(now["id"][k]),
                region=region_name,
                sector=sector_name,
                policy=str(now["policy"][k]),
                label=str(now["label"][k]),
                excellence=float(now["excellence"][k]),
                member_firms=members,
                member_share=float(now["member_share"][k]),
                money=float(money[k]),
                money_per_member=float(money[k]) / members if members > 0.0 else float("nan"),
                compared_with=sector_name if group[k] >= 0 else "",
                others=int(same[k] if group[k] >= 0 else sector.size) - 1,
                ranks=of_family,
                indicators={
                    family: {
                        name: Indicator(float(values[name][k]), float(ranks[name][k]))
                        for name in names
                    }
                    for family, names in families.items()
                },
                best=best,
                worst=worst,
            )
        )
    return tuple(out)


def _names(family: Family) -> list[str]:
    """Return the indicators of a family that are ranked: of the place, then of members."""
    of_place = [name for name in INDICATORS[family] if name not in NOT_RANKED]
    return of_place + [f"{name}_members" for name in COMPARED[family]]


def _values(monitoring: Table, now: Table) -> dict[str, Floats]:
    """Return the indicators of each organisation, shape (n,) each; nan where there is none."""
    here = np.flatnonzero(monitoring["quarter"] == now["quarter"][0])
    # A place is one number; places without firms are missing.
    width = 1 + max(int(monitoring["sector"].max(initial=0)), int(now["sector"].max(initial=0)))
    place = monitoring["region"][here].astype(np.int64) * width + monitoring["sector"][here]
    wanted = now["region"].astype(np.int64) * width + now["sector"]
    order = np.argsort(place)
    at = np.searchsorted(place[order], wanted)
    found = (at < place.size) & (now["sector"] >= 0)
    found[found] = place[order][at[found]] == wanted[found]
    values = {}
    for family in Family:
        for name in _names(family):
            if name in monitoring:
                column = np.full(wanted.size, np.nan)
                column[found] = monitoring[name][here][order][at[found]]
                values[name] = column
            else:
                values[name] = now[name]
    return values


def _ranks(name: str, values: Floats, group: Ids) -> Floats:
    """Return the rank of each in its group; those of group -1 among all, shape (n,)."""
    better = -values if name in LESS_IS_BETTER else values
    out = percentile_rank(better)
    for s in np.unique(group[group >= 0]):
        out[group == s] = percentile_rank(better[group == s])
    return out


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _ends(ranks: dict[str, float]) -> tuple[str, str]:
    """Return the families with the highest and the lowest rank; empty where they are level."""
    known = {family: rank for family, rank in ranks.items() if not np.isnan(rank)}
    if not known or max(known.values()) == min(known.values()):
        return "", ""
    return max(known, key=lambda one: known[one]), min(known, key=lambda one: known[one])
