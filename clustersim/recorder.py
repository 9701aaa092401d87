"""What is remembered of a run: tables of columns, and the final state."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np

from clustersim.measures.knowledge import (
    heterogeneity_by_group,
    mean_by_group,
    newer_paradigm_share,
)
from clustersim.measures.ties import local_share
from clustersim.monitoring import Monitor
from clustersim.world.actors import COLUMNS, Kind
from clustersim.world.ledger import Purpose
from clustersim.world.projects import Outcome
from clustersim.world.shock import BEFORE_HALF
from clustersim.world.types import AnyArray, Flags, Floats, Ids
from clustersim.world.world import Sectors, World

Table: TypeAlias = dict[str, AnyArray]

CLUSTERS: Final = {
    "quarter": "quarters since the start",
    "year": "calendar year",
    "region": "index of the region",
    "sector": "index of the sector",
    "jobs": "real jobs",
    "firms": "real firms",
    "entries": "real firms that entered since the last record",
    "exits": "real firms that left since the last record",
    "spin_offs": "entries that were spin-offs of firms or universities",
    "innovations": "innovations since the last record, of real firms",
    "jobs_lost_to_exit": "real jobs of firms that left since the last record",
    "subsidiaries": "entries that were subsidiaries of foreign multinationals",
    "relocations": "real firms that moved away to another region since the last record",
    "research": "R&D of firms since the last record, euro",
    "taxes": "taxes on profit since the last record, euro",
    "emissions": "CO2 that firms emitted since the last record, tonnes",
    "unemployed": "people who look for work in the sector and region",
    "log_productivity": "mean log productivity, weighted by jobs, world frontier = 0; NaN until "
    "the market has met",
    "heterogeneity": "mean cognitive distance between the firms, 0 to 1",
    "newer_share": "share of relevant knowledge that serves the newer paradigm, weighted by jobs; "
    "NaN until it has come",
    "largest_share": "share of jobs in the largest firm",
    "output": "share of its usual output that the place can produce, weighted by jobs",
    "local_suppliers": "share of the firms' key suppliers that are in their region",
    "projects": "real projects that run and have a firm of the place as a member",
}
"""Columns of the table ``clusters``, one row for each place (region and sector) and record."""

ECONOMY: Final = {
    "quarter": "quarters since the start",
    "year": "calendar year",
    "jobs": "real jobs",
    "firms": "real firms",
    "unemployed": "people who look for work",
    "home_share": "share of the world market's jobs that is at home",
    "log_productivity": "mean log productivity at home, weighted by jobs",
    "collaborations": "ties in collaboration, simulated",
    "mean_degree": "mean number of collaborations of actors with any",
    "mean_trust": "mean trust over collaborations",
    "digital_share": "share of firms that have adopted digital technology",
    "green_share": "share of firms that have adopted green technology",
    "projects": "real projects that run",
    "projects_succeeded": "real projects that ended in success since the last record",
}
"""Columns of the table ``economy``, one row for each record."""

SIZES: Final = {
    "quarter": "quarters since the start",
    "year": "calendar year",
    "region": "index of the region",
    "size": "micro, small, medium or large",
    "firms": "real firms",
    "jobs": "real jobs",
}
"""Columns of the table ``sizes``, one row for each region, size class of firms and record."""

SIZE_CLASSES: Final = {"micro": 0.0, "small": 10.0, "medium": 50.0, "large": 250.0}
"""Classes of firms by jobs, and the least of each (as those of headcount in Commission
Recommendation 2003/361/EC)."""

PROJECTS: Final = {
    "id": "identity of the project",
    "coordinator": "identity of the actor that proposed it",
    "field": "index of the technology field",
    "start": "quarter in which it was founded",
    "end": "quarter in which it ended; -1 while it runs",
    "first_trl": "technology readiness at the start, 1 to 9",
    "trl": "technology readiness at the end, or now",
    "target": "technology readiness aimed at",
    "members": "members at the start",
    "firms": "firms among them",
    "science": "universities and RTOs among them",
    "budget": "R&D of the members in the project over its length, euro",
    "outcome": "running, succeeded or failed",
}
"""Columns of the table ``projects``, one row for each simulated project of the run."""

LEDGER: Final = {
    "quarter": "quarters since the start",
    "policy": "name of the policy",
    "measure": "action of the measure; empty for none",
    "purpose": "appropriation, fee, staff, measure, return or levy",
    "region": "index of the region of the account",
    "sector": "index of the sector of the account",
    "payer": "identity of who pays; -1 for the treasury",
    "recipient": "identity of who receives, or is served; -1 for nobody simulated",
    "kind": "kind of the recipient; empty for nobody simulated",
    "jobs": "jobs of the recipient",
    "euro": "amount, euro",
    "cost": "cost of the project that the amount is aid for, euro; 0 for none",
}
"""Columns of the table ``ledger``, one row for each payment; only where there is a policy."""

_CHUNK = 50_000
_OUTCOMES = np.array([outcome.name.lower() for outcome in Outcome])


class Recorder:
    """Collects the tables of a run.

    Parameters
    ----------
    every
        Quarters between two records.
    monitored
        Whether to make the tables ``monitoring`` and ``organisations``, about a tenth of a run.
    """

    def __init__(self, every: int, *, monitored: bool = True) -> None:
        if every < 1:
            msg = f"record_every must be at least one quarter, not {every}"
            raise ValueError(msg)
        self.every = every
        self._clusters: list[Table] = []
        self._economy: list[dict[str, float]] = []
        self._sizes: list[Table] = []
        self._ended: list[Table] = []
        self._monitor = Monitor() if monitored else None

    def observe(self, world: World) -> None:
        """Record the world as it is, set its flows to zero and forget the projects that ended."""
        clusters = clusters_now(world)
        self._clusters.append(clusters)
        self._economy.append(economy_now(world, clusters))
        self._sizes.append(sizes_now(world))
        self._ended.append(projects_now(world, ~world.projects.running))
        if self._monitor is not None:
            self._monitor.observe(world)
        world.flows.clear()
        world.projects.forget_ended()

    def tables(self, world: World) -> dict[str, Table]:
        """Return what was recorded so far, and ``actors`` and ``ties`` of the moment."""
        clusters = {
            name: np.concatenate([part[name] for part in self._clusters]) for name in CLUSTERS
        }
        economy = {name: np.array([row[name] for row in self._economy]) for name in ECONOMY}
        for name in ("quarter",):
            economy[name] = economy[name].astype(np.int32)
        parts = [*self._ended, projects_now(world, np.ones(len(world.projects), dtype=np.bool_))]
        projects = {name: np.concatenate([part[name] for part in parts]) for name in PROJECTS}
        order = np.lexsort((projects["id"], projects["start"]))
        tables = {
            "clusters": clusters,
            "economy": economy,
            "sizes": {name: np.concatenate([part[name] for part in self._sizes]) for name in SIZES},
            "projects": {name: values[order] for name, values in projects.items()},
            "actors": actors_now(world),
            "ties": ties_now(world),
            **(self._monitor.tables() if self._monitor is not None else {}),
        }
        if world.public.standing:
            tables["ledger"] = payments(world)
        return tables


def clusters_now(world: World) -> Table:
    """Return the columns of ``clusters`` for this moment, each of shape (R S,)."""
    actors, scale = world.actors, world.employment_scale
    firms = actors.rows(Kind.FIRM)
    place = actors.region[firms].astype(np.int64) * world.n_sectors + actors.sector[firms]
    n_places = world.n_regions * world.n_sectors
    size = actors.size[firms]
    jobs = world.jobs().ravel()
    largest = np.zeros(n_places)
    np.maximum.at(largest, place, size)
    region, sector = np.divmod(np.arange(n_places, dtype=np.int32), np.int32(world.n_sectors))
    supplier, buyer = world.ties.supply.first, world.ties.supply.second
    group = np.full(actors.n_rows, -1, dtype=np.int64)
    group[firms] = place
    met = ~np.isnan(world.sectors.world_standing)[actors.sector[firms]]
    flows = {name: values.ravel() * scale for name, values in vars(world.flows).items()}
    return {
        "quarter": np.full(n_places, world.clock.step, dtype=np.int32),
        "year": np.full(n_places, world.clock.year),
        "region": region,
        "sector": sector,
        "jobs": jobs * scale,
        "firms": np.bincount(place, minlength=n_places) * scale,
        **flows,
        "unemployed": world.places.unemployed.ravel() * scale,
        "log_productivity": mean_by_group(
            np.where(met, actors.log_productivity[firms], np.nan), size, place, n_places
        ),
        "heterogeneity": heterogeneity_by_group(actors.knowledge, group, n_places),
        "newer_share": mean_by_group(_newer_share(world, firms), size, place, n_places),
        "largest_share": np.divide(largest, jobs, out=np.full(n_places, np.nan), where=jobs > 0.0),
        "output": mean_by_group(actors.output[firms], size, place, n_places),
        "local_suppliers": local_share(
            actors.region[supplier], actors.region[buyer], group[buyer], n_places
        ),
        "projects": _projects_by_place(world) * scale,
    }


def sizes_now(world: World) -> Table:
    """Return the columns of ``sizes`` for this moment, each of shape (R classes,)."""
    actors, scale = world.actors, world.employment_scale
    firms = actors.rows(Kind.FIRM)
    size, n_classes = actors.size[firms], len(SIZE_CLASSES)
    least = np.array(list(SIZE_CLASSES.values()))
    group = actors.region[firms].astype(np.int64) * n_classes
    group += np.searchsorted(least, size, side="right") - 1
    n = world.n_regions * n_classes
    return {
        "quarter": np.full(n, world.clock.step, dtype=np.int32),
        "year": np.full(n, world.clock.year),
        "region": np.repeat(np.arange(world.n_regions, dtype=np.int32), n_classes),
        "size": np.tile(np.array(list(SIZE_CLASSES), dtype=np.str_), world.n_regions),
        "firms": np.bincount(group, minlength=n) * scale,
        "jobs": np.bincount(group, weights=size, minlength=n) * scale,
    }


def _projects_by_place(world: World) -> Floats:
    """Return how many projects have a firm of each place as a member, shape (R S,)."""
    actors, projects = world.actors, world.projects
    n_places = world.n_regions * world.n_sectors
    rows = projects.member
    number = np.repeat(np.arange(len(projects)), projects.counts)
    place = actors.region[rows].astype(np.int64) * world.n_sectors + actors.sector[rows]
    pairs = np.unique((number * n_places + place)[actors.kind[rows] == Kind.FIRM])
    return np.bincount(pairs % n_places, minlength=n_places).astype(np.float64)


def _newer_share(world: World, firms: Ids) -> Floats:
    """Return each firm's share of knowledge that serves the newer paradigm, shape (n,).

    NaN where no newer paradigm has come. Firms are taken some at a time, so that a large world is
    measured without a copy of itself.
    """
    # Paradigms may be switched off: that one has come shows in relevance, not on the calendar.
    moved = (world.sectors.relevance != world.sectors.paradigm_weights[:, 0]).any(axis=1)
    come = moved & (_begun(world.sectors, world.clock.year).sum(axis=1) > 1)
    share = np.full(firms.size, np.nan)
    if not come.any():
        return share
    older, newer = paradigm_pair(world.sectors, world.clock.year)
    known = np.flatnonzero(come[world.actors.sector[firms]])
    for first in range(0, known.size, _CHUNK):
        part = known[first : first + _CHUNK]
        rows = firms[part]
        sector = world.actors.sector[rows]
        share[part] = newer_paradigm_share(
            world.actors.knowledge[rows], older[sector], newer[sector]
        )
    return share


def economy_now(world: World, clusters: Table) -> dict[str, float]:
    """Return the values of ``economy`` for this moment."""
    actors, layer, projects = world.actors, world.ties.collaboration, world.projects
    firms = actors.rows(Kind.FIRM)
    size = actors.size[firms]
    home = float(size.sum())
    everybody = home + float(world.sectors.world_jobs.sum())
    has_tie = np.zeros(actors.n_rows, dtype=np.bool_)
    has_tie[layer.first] = has_tie[layer.second] = True
    tied = np.count_nonzero(has_tie)
    return {
        "quarter": world.clock.step,
        "year": world.clock.year,
        "jobs": float(clusters["jobs"].sum()),
        "firms": firms.size * world.employment_scale,
        "unemployed": float(clusters["unemployed"].sum()),
        "home_share": home / everybody if everybody > 0.0 else np.nan,
        "log_productivity": _mean(clusters["log_productivity"], clusters["jobs"]),
        "collaborations": len(layer),
        "mean_degree": 2.0 * len(layer) / tied if tied else 0.0,
        "mean_trust": float(layer.trust.mean()) if len(layer) else np.nan,
        "digital_share": float(actors.digital[firms].mean()) if firms.size else np.nan,
        "green_share": float(actors.green[firms].mean()) if firms.size else np.nan,
        "projects": np.count_nonzero(projects.running) * world.employment_scale,
        "projects_succeeded": np.count_nonzero(projects.outcome == Outcome.SUCCEEDED)
        * world.employment_scale,
    }


def _mean(values: Floats, weights: Floats) -> float:
    known = ~np.isnan(values)
    total = float(weights[known].sum())
    return float((values * weights)[known].sum()) / total if total > 0.0 else float("nan")


def paradigm_pair(sectors: Sectors, year: float) -> tuple[Floats, Floats]:
    """Return the relevance under the older and the newer paradigm of the moment, (S, M) each.

    The newer paradigm of a sector is the last that has begun, that is, whose year less three
    widths has come; before the second has begun, it is the second. A sector that never sees a
    second has the same as both.
    """
    begun = _begun(sectors, year)
    last = np.count_nonzero(np.isfinite(sectors.paradigm_year), axis=1)
    newer = np.clip(begun.sum(axis=1) - 1, np.minimum(1, last), last)
    rows = np.arange(newer.size)
    older = np.maximum(newer - 1, 0)
    return sectors.paradigm_weights[rows, older], sectors.paradigm_weights[rows, newer]


def _begun(sectors: Sectors, year: float) -> Flags:
    """Return which paradigms have begun, shape (S, P); the first always has."""
    return np.asarray(sectors.paradigm_year - BEFORE_HALF * sectors.paradigm_width <= year)


def actors_now(world: World) -> Table:
    """Return the living actors in the order of their identities, each column of shape (n,).

    All columns of the schema but ``alive`` and ``orders``, and each technology field as
    ``knowledge_0``, ``knowledge_1``, ...
    """
    rows = _by_identity(world)
    actors = world.actors
    table: Table = {
        column.name: getattr(actors, column.name)[rows]
        for column in COLUMNS
        if column.name not in {"alive", "orders"}
    }
    for m in range(world.n_fields):
        table[f"knowledge_{m}"] = actors.knowledge[rows, m]
    return table


def _by_identity(world: World) -> Ids:
    rows = world.actors.rows()
    return rows[np.argsort(world.actors.id[rows])]


def projects_now(world: World, chosen: Flags) -> Table:
    """Return the chosen ones of the present projects, shape (projects,), as rows of the table."""
    projects = world.projects
    return {
        "id": projects.id[chosen],
        "coordinator": projects.coordinator[chosen],
        "field": projects.field[chosen],
        "start": projects.born[chosen],
        "end": projects.ended[chosen],
        "first_trl": projects.first_trl[chosen],
        "trl": projects.trl[chosen],
        "target": projects.target[chosen],
        "members": projects.firms[chosen] + projects.science[chosen],
        "firms": projects.firms[chosen],
        "science": projects.science[chosen],
        "budget": projects.budget[chosen],
        "outcome": _OUTCOMES[projects.outcome[chosen]],
    }


def payments(world: World) -> Table:
    """Return the payments of all policies so far, as columns of ``ledger``."""
    booked, standing = world.public.ledger.table(), world.public.standing
    names = np.array(list(standing), dtype=np.str_)
    actions = [(*one.actions, "") for one in standing.values()]
    starts = np.cumsum([0, *(len(one) for one in actions)])
    every = np.array([name for one in actions for name in one], dtype=np.str_)
    policy, measure = booked["policy"], booked["measure"]
    # The empty name stands last of its policy, where -1 points when the next one's start is added.
    at = np.where(measure < 0, starts[policy + 1], starts[policy]) + measure
    kinds = np.array([*(kind.name.lower() for kind in Kind), ""])
    return {
        **{name: booked[name] for name in ("quarter", "region", "sector", "payer", "recipient")},
        "policy": names[policy],
        "measure": every[at],
        "purpose": np.array([purpose.name.lower() for purpose in Purpose])[booked["purpose"]],
        "kind": kinds[booked["kind"]],
        "jobs": booked["jobs"],
        "euro": booked["cents"] / 100.0,
        "cost": booked["cost"] / 100.0,
    }


def ties_now(world: World) -> Table:
    """Return all ties: layer, identities of both ends, trust, km and quarter made."""
    names, parts = [], []
    for name, layer in world.ties:
        first, second = world.actors.id[layer.first], world.actors.id[layer.second]
        order = np.lexsort((second, first))
        names += [name] * len(layer)
        parts.append(
            {
                "first": first[order],
                "second": second[order],
                "trust": layer.trust[order],
                "km": layer.km[order],
                "born": layer.born[order],
            }
        )
    table: Table = {column: np.concatenate([part[column] for part in parts]) for column in parts[0]}
    return {"layer": np.array(names, dtype=np.str_), **table}
