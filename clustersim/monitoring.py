"""What monitoring sees of a run: indicators of every local industry and cluster organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from clustersim.measures.checks import ratio
from clustersim.measures.demography import entry_rate, exit_rate
from clustersim.measures.knowledge import mean_by_group
from clustersim.measures.monitoring import (
    Compared,
    Family,
    absorption,
    collaborations_by_group,
    labels,
    members_and_others,
    share_by_group,
)
from clustersim.policies.serving import value_added
from clustersim.policies.turn import CENTS, column_name
from clustersim.world.actors import Kind
from clustersim.world.ledger import NOBODY, Purpose
from clustersim.world.types import AnyArray, Flags, Floats, Ids
from clustersim.world.world import DT, World

Table: TypeAlias = dict[str, AnyArray]

INDICATORS: Final[dict[Family, dict[str, str]]] = {
    Family.COLLABORATION: {
        "collaborations_inside": "collaborations of a firm with firms of the place, mean",
        "collaborations_region": "collaborations of a firm with others in its region, mean",
        "collaborations_outside": "collaborations of a firm outside its region, mean",
        "collaborating_share": "share of firms that collaborate",
        "science_share": "share of the firms' collaborations that is with universities or RTOs",
        "trust": "mean trust over the firms' collaborations",
        "member_share": "share of firms that are members of a cluster organisation",
    },
    Family.INNOVATION: {
        "innovations_per_firm": "innovations per firm and year since the last record",
        "innovating_share": "share of firms that have innovated in the last year",
        "research_share": "R&D over revenue of all firms together",
        "absorption": "mean absorptive capacity of the firms, 0 to 1",
        "digital_share": "share of firms that have adopted digital technology",
    },
    Family.COMPETITIVENESS: {
        "world_share": "share of all jobs of the sector, at home and abroad, that is in the place",
        "export_share": "share of output sold abroad, weighted by jobs",
        "multinational_share": "share of jobs that is in multinationals",
    },
    Family.PERFORMANCE: {
        "value_added": "value added per job, euro a year; NaN until the market has met",
        "exit_rate": "share of firms that left, a year, since the last record",
        "in_debt": "share of firms without liquid funds of their own",
    },
    Family.SYSTEM: {
        "entry_rate": "share of firms that are new, a year, since the last record",
        "green_share": "share of firms that have adopted green technology",
        "unemployment": "share of those who work or look for work in the place who look for it",
        "emission_intensity": "CO2 since the last record over value added at today's pace, kg/euro",
        "wage": "wage in the region, euro a year",
        "organisations": "cluster organisations of the place",
    },
}
"""Indicators of a place by family."""

MONITORING: Final = {
    "quarter": "quarters since the start",
    "year": "calendar year",
    "region": "index of the region",
    "sector": "index of the sector",
    **{name: text for of_family in INDICATORS.values() for name, text in of_family.items()},
}
"""Columns of the table ``monitoring``, one row for each place with firms and record."""

IN_CLUSTERS: Final[dict[Family, tuple[str, ...]]] = {
    Family.COLLABORATION: ("projects",),
    Family.INNOVATION: ("innovations", "research", "heterogeneity", "newer_share"),
    Family.COMPETITIVENESS: ("subsidiaries", "relocations"),
    Family.PERFORMANCE: ("jobs", "log_productivity", "jobs_lost_to_exit", "output"),
    Family.SYSTEM: ("entries", "spin_offs", "unemployed", "taxes", "emissions", "local_suppliers"),
}
"""Columns of the table ``clusters`` that are indicators too, by family."""

MONEY: Final[dict[str, tuple[Purpose, str]]] = {
    "public": (Purpose.APPROPRIATION, "public money received since the last record, euro"),
    "fees": (Purpose.FEE, "fees of members since the last record, euro"),
    "staff_cost": (Purpose.STAFF, "paid to staff since the last record, euro"),
    "measures": (Purpose.MEASURE, "spent on measures since the last record, euro"),
    "returned": (Purpose.RETURN, "given back to the treasury since the last record, euro"),
}
"""Columns of money of an organisation: the purpose in the ledger and the meaning."""
RECEIVED: Final = (Purpose.APPROPRIATION, Purpose.FEE)
"""What an account receives; everything else it pays."""

COMPARED: Final[dict[Family, dict[str, str]]] = {
    Family.COLLABORATION: {"collaborations": "collaborations of a firm, mean"},
    Family.INNOVATION: {"innovating": "share of firms that have innovated in the last year"},
    Family.COMPETITIVENESS: {"export": "share of output sold abroad, weighted by jobs"},
    Family.PERFORMANCE: {
        "productivity": "mean log productivity, weighted by jobs; NaN until the market has met",
        "survival": "share of those of the last record that are still there",
        "growth": "jobs now of those of the last record, over their jobs then; who left has none",
    },
    Family.SYSTEM: {"green": "share of firms that have adopted green technology"},
}
"""What is compared between members and others of the place, by family."""

ORGANISATIONS: Final = {
    "quarter": "quarters since the start",
    "year": "calendar year",
    "id": "identity of the cluster organisation",
    "region": "index of the region",
    "sector": "index of the sector; -1 for none",
    "policy": "policy that it carries out, or did last; empty for none",
    "phase": "phase of the management cycle: define, design, implement, monitor, evaluate or "
    "revise; empty without a policy, or when it has ended",
    "excellence": "how well it is managed, 0 to 1",
    "label": "none, bronze, silver or gold, by excellence",
    **{name: text for name, (_, text) in MONEY.items()},
    "account": "money left in its account, euro",
    "bridges": "other organisations to which it has bridges",
    "member_firms": "real firms that are members",
    "member_universities": "universities that are members",
    "member_rtos": "RTOs that are members",
    "member_share": "share of the firms of its place that are members",
    "served": "real member firms that its policy has served in the last quarter",
    **{
        f"{name}_{who}": f"{text}: {of_whom}"
        for of_family in COMPARED.values()
        for name, text in of_family.items()
        for who, of_whom in (("members", "members in its place"), ("others", "others there"))
    },
}
"""Columns of the table ``organisations``, one row for each cluster organisation and record.

Members are compared with the others of the same place, as a manager would. The difference is no
effect: those who join, and those who are let in, differ from the others before they do.
"""


@dataclass(frozen=True)
class _Seen:
    """The firms of a record, to tell at the next one who is still there."""

    rows: Ids
    """Rows of the firms, shape (f,)."""
    ids: Ids
    """Their identities, shape (f,)."""
    size: Floats
    """Their jobs, shape (f,)."""
    place: Ids
    """Their places, shape (f,)."""
    inside: tuple[Ids, Ids]
    """Number of the firm and of the organisation of each membership in its place."""
    offices: Ids
    """Identities of the organisations, shape (n,)."""
    home: Ids
    """Their places, shape (n,)."""


class Monitor:
    """Collects the tables ``monitoring`` and ``organisations`` of a run."""

    def __init__(self) -> None:
        self._monitoring: list[Table] = []
        self._organisations: list[Table] = []
        self._step: int | None = None
        self._payments = 0
        self._seen: _Seen | None = None

    def observe(self, world: World) -> None:
        """Look at the world as it is; its flows are those since the last look."""
        look = _Look(world)
        years = 0.0 if self._step is None else (world.clock.step - self._step) * DT
        self._monitoring.append(monitoring_now(look, years))
        money = self._money(look)
        self._organisations.append(organisations_now(look, money, self._since(look)))
        self._seen = look.remembered() if look.offices.size else None
        self._step = world.clock.step

    def tables(self) -> dict[str, Table]:
        """Return what was seen so far."""
        return {
            "monitoring": _joined(self._monitoring, MONITORING),
            "organisations": _joined(self._organisations, ORGANISATIONS),
        }

    def _money(self, look: _Look) -> dict[str, Floats]:
        """Return what the organisations received and paid since the last look, euro, (n,) each."""
        booked = look.world.public.ledger.since(self._payments)
        self._payments += booked["cents"].size
        # What regulated firms pay goes to the treasury: no organisation has part in it.
        own = booked["purpose"] != Purpose.LEVY
        booked = {name: values[own] for name, values in booked.items()}
        organisation = _of_payments(look, booked)
        known = organisation >= 0
        n, purposes = look.offices.size, max(Purpose) + 1
        code = organisation[known] * purposes + booked["purpose"][known]
        # Sums of whole cents are exact in doubles up to 90 trillion euro.
        cents = np.bincount(code, weights=booked["cents"][known], minlength=n * purposes)
        euro = cents.reshape(n, purposes) / CENTS
        return {name: euro[:, purpose] for name, (purpose, _) in MONEY.items()}

    def _since(self, look: _Look) -> dict[str, Compared]:
        """Return what became of the firms of the last look, by organisation."""
        unknown = np.full(look.offices.size, np.nan)
        seen = self._seen
        if seen is None:
            return dict.fromkeys(("survival", "growth"), Compared(unknown, unknown))
        actors = look.world.actors
        stays = actors.id[seen.rows] == seen.ids
        # Organisations come, but never leave; new ones had no members then.
        then = _find(seen.offices, look.ids)
        found = {}
        for name, amount, weight in (
            ("survival", stays, np.ones(stays.size)),
            ("growth", np.where(stays, actors.size[seen.rows], 0.0), seen.size),
        ):
            pair = members_and_others(
                amount,
                weight,
                inside=seen.inside,
                place=seen.place,
                n_places=look.n_places,
                home=seen.home,
            )
            found[name] = Compared(*(np.where(then >= 0, values[then], np.nan) for values in pair))
        return found


def _joined(parts: list[Table], columns: dict[str, str]) -> Table:
    return {name: np.concatenate([part[name] for part in parts]) for name in columns}


class _Look:
    """The world as monitoring sees it: firms, places, organisations and their members."""

    def __init__(self, world: World) -> None:
        self.world = world
        actors = world.actors
        self.n_places = world.n_regions * world.n_sectors
        self.firms = actors.rows(Kind.FIRM)
        self.place = self._places(self.firms)
        self.size = actors.size[self.firms]
        self.counts = np.bincount(self.place, minlength=self.n_places)
        self.group = np.full(actors.n_rows, NOBODY, dtype=np.int64)
        self.group[self.firms] = self.place
        offices = actors.rows(Kind.CLUSTER_ORGANISATION)
        self.offices = offices[np.argsort(actors.id[offices])]
        self.ids = actors.id[self.offices]
        has_place = (actors.region[self.offices] >= 0) & (actors.sector[self.offices] >= 0)
        self.home = np.where(has_place, self._places(self.offices), NOBODY)
        self.member, self.organisation = self._memberships()
        self.met = ~np.isnan(world.sectors.world_standing)[actors.sector[self.firms]]
        collaboration = world.ties.collaboration
        self.degree = np.bincount(collaboration.first, minlength=actors.n_rows)
        self.degree += np.bincount(collaboration.second, minlength=actors.n_rows)

    def _places(self, rows: Ids) -> Ids:
        actors = self.world.actors
        out: Ids = actors.region[rows].astype(np.int64) * self.world.n_sectors + actors.sector[rows]
        return out

    def _memberships(self) -> tuple[Ids, Ids]:
        """Return the row of the member and the number of the organisation of each, once."""
        layer, n = self.world.ties.membership, self.offices.size
        number = np.full(self.world.actors.n_rows, NOBODY, dtype=np.int64)
        number[self.offices] = np.arange(n)
        organisation = number[layer.second]
        known = organisation >= 0
        pairs = np.unique(layer.first[known].astype(np.int64) * n + organisation[known])
        member, organisation = np.divmod(pairs, max(n, 1))
        return member, organisation

    @property
    def innovated(self) -> Flags:
        """Which firms have innovated in the last year, shape (f,)."""
        return np.asarray(
            self.world.actors.innovated[self.firms] >= self.world.clock.step - round(1.0 / DT)
        )

    def inside(self) -> tuple[Ids, Ids]:
        """Return firm, as a number among the firms, and organisation of each in its own place."""
        here = self.group[self.member] >= 0
        here &= self.group[self.member] == self.home[self.organisation]
        return np.searchsorted(self.firms, self.member[here]), self.organisation[here]

    def remembered(self) -> _Seen:
        """Return what the next look needs: the firms of places that have an organisation."""
        seen = np.isin(np.arange(self.n_places), self.home)[self.place]
        firm, organisation = self.inside()
        number = np.cumsum(seen) - 1
        rows = self.firms[seen]
        return _Seen(
            rows=rows,
            ids=self.world.actors.id[rows],
            size=self.size[seen],
            place=self.place[seen],
            inside=(number[firm], organisation),
            offices=self.ids,
            home=self.home,
        )


def monitoring_now(look: _Look, years: float) -> Table:
    """Return the rows of ``monitoring`` of this moment, for places with firms.

    Parameters
    ----------
    look
        The world.
    years
        Years since the last record; 0 if this is the first.
    """
    world, n = look.world, look.n_places
    actors, flows, place = world.actors, world.flows, look.place
    firms, size, counts = look.firms, look.size, look.counts
    layer = world.ties.collaboration
    ties = collaborations_by_group(
        layer.first,
        layer.second,
        layer.trust,
        group=look.group,
        region=actors.region,
        science=(actors.kind == Kind.UNIVERSITY) | (actors.kind == Kind.RTO),
        n_groups=n,
    )
    member = np.zeros(actors.n_rows, dtype=np.bool_)
    member[look.member] = True
    added = value_added(world, firms)
    usual = np.bincount(place, weights=np.where(look.met, added, np.nan), minlength=n)
    jobs = np.bincount(place, weights=size, minlength=n)
    region, sector = np.divmod(np.arange(n), world.n_sectors)
    home = np.bincount(sector, weights=jobs, minlength=world.n_sectors)
    unemployed = world.places.unemployed.ravel()
    active = counts + flows.exits.ravel()
    unknown = np.full(n, np.nan)
    exchange = world.exchange
    values = {
        "collaborations_inside": ratio(ties.inside, counts),
        "collaborations_region": ratio(ties.region, counts),
        "collaborations_outside": ratio(ties.outside, counts),
        "collaborating_share": share_by_group(look.degree[firms] > 0, place, n),
        "science_share": ratio(ties.science, ties.total, empty=np.nan),
        "trust": ties.trust,
        "member_share": share_by_group(member[firms], place, n),
        "innovations_per_firm": (
            ratio(flows.innovations.ravel(), counts * years) if years else unknown
        ),
        "innovating_share": share_by_group(look.innovated, place, n),
        "research_share": mean_by_group(
            actors.research[firms], added * actors.output[firms], place, n
        ),
        "absorption": mean_by_group(
            absorption(actors.research[firms], exchange.research_half, exchange.experience),
            np.ones(firms.size),
            place,
            n,
        ),
        "digital_share": share_by_group(actors.digital[firms], place, n),
        "world_share": ratio(jobs, (home + world.sectors.world_jobs)[sector], empty=np.nan),
        "export_share": mean_by_group(actors.export_share[firms], size, place, n),
        "multinational_share": ratio(
            np.bincount(place, weights=size * actors.multinational[firms], minlength=n),
            jobs,
            empty=np.nan,
        ),
        "value_added": ratio(usual, jobs, empty=np.nan),
        "exit_rate": exit_rate(flows.exits.ravel(), active, years) if years else unknown,
        "in_debt": share_by_group(actors.cash[firms] < 0.0, place, n),
        "entry_rate": entry_rate(flows.entries.ravel(), active, years) if years else unknown,
        "green_share": share_by_group(actors.green[firms], place, n),
        "unemployment": ratio(unemployed, unemployed + jobs, empty=np.nan),
        "emission_intensity": (
            ratio(1e3 * flows.emissions.ravel(), usual * years, empty=np.nan) if years else unknown
        ),
        "wage": world.regions.wage[region],
        "organisations": np.bincount(look.home[look.home >= 0], minlength=n).astype(np.int32),
    }
    there = np.flatnonzero(counts)
    return {
        "quarter": np.full(there.size, world.clock.step, dtype=np.int32),
        "year": np.full(there.size, world.clock.year),
        "region": region[there].astype(np.int32),
        "sector": sector[there].astype(np.int32),
        **{name: column[there] for name, column in values.items()},
    }


def organisations_now(look: _Look, money: dict[str, Floats], since: dict[str, Compared]) -> Table:
    """Return the rows of ``organisations`` of this moment, in the order of identities.

    Parameters
    ----------
    look
        The world.
    money
        Columns of `MONEY`, shape (n,) each.
    since
        What became of members and others of the last record, shape (n,) each.
    """
    world, actors = look.world, look.world.actors
    n, scale = look.offices.size, world.employment_scale
    kind = actors.kind[look.member]
    inside = look.inside()
    policy, phase, account, served = _policies(look)
    bridge = world.ties.bridge
    ends = np.concatenate([bridge.first, bridge.second])

    def compared(amount: AnyArray, weight: AnyArray) -> Compared:
        if n == 0:
            return Compared(np.empty(0), np.empty(0))
        return members_and_others(
            amount,
            weight,
            inside=inside,
            place=look.place,
            n_places=look.n_places,
            home=look.home,
        )

    firms, size = look.firms, look.size
    each = np.ones(firms.size)
    pairs = {
        "collaborations": compared(look.degree[firms], each),
        "innovating": compared(look.innovated, each),
        "export": compared(actors.export_share[firms] * size, size),
        "productivity": compared(
            np.where(look.met, actors.log_productivity[firms], np.nan) * size, size
        ),
        **since,
        "green": compared(actors.green[firms], each),
    }
    excellence = actors.quality[look.offices]
    there = np.where(look.home >= 0, look.counts[look.home], 0)
    members = {
        one: np.bincount(look.organisation[kind == one], minlength=n)
        for one in (Kind.FIRM, Kind.UNIVERSITY, Kind.RTO)
    }
    return {
        "quarter": np.full(n, world.clock.step, dtype=np.int32),
        "year": np.full(n, world.clock.year),
        "id": look.ids,
        "region": actors.region[look.offices],
        "sector": actors.sector[look.offices],
        "policy": policy,
        "phase": phase,
        "excellence": excellence,
        "label": labels(excellence),
        **money,
        "account": account,
        "bridges": np.bincount(ends, minlength=actors.n_rows)[look.offices].astype(np.int32),
        "member_firms": members[Kind.FIRM] * scale,
        "member_universities": members[Kind.UNIVERSITY].astype(np.int32),
        "member_rtos": members[Kind.RTO].astype(np.int32),
        "member_share": ratio(np.bincount(inside[1], minlength=n), there, empty=np.nan),
        "served": served * scale,
        **{f"{name}_members": pair.members for name, pair in pairs.items()},
        **{f"{name}_others": pair.others for name, pair in pairs.items()},
    }


def _policies(look: _Look) -> tuple[AnyArray, AnyArray, Floats, Floats]:
    """Return policy, phase, euro in the account, and members served, of each organisation, (n,)."""
    world, n = look.world, look.offices.size
    names, phases = np.full(n, "", dtype=object), np.full(n, "", dtype=object)
    account, served = np.zeros(n), np.zeros(n)
    is_firm = world.actors.kind[look.member] == Kind.FIRM
    for name, standing in world.public.standing.items():
        at = np.flatnonzero(standing.office != NOBODY)
        number = _find(look.ids, standing.office[at])
        at, number = at[number >= 0], number[number >= 0]
        names[number] = name
        phases[number] = "" if standing.phase is None else standing.phase.name.lower()
        account[number] += standing.account[at] / CENTS
        mine = np.zeros(n, dtype=np.bool_)
        mine[number] = True
        now = np.zeros(world.actors.n_rows, dtype=np.bool_)
        for k in range(len(standing.actions)):
            until = world.actors.column(column_name(name, k, "until"))
            if until is not None:
                # The clock has gone on since the policies acted.
                now |= until >= world.clock.step
        those = is_firm & mine[look.organisation] & now[look.member]
        served += np.bincount(look.organisation[those], minlength=n)
    return names.astype(np.str_), phases.astype(np.str_), account, served


def _of_payments(look: _Look, booked: Table) -> Ids:
    """Return the number of the organisation that each payment is of, shape (payments,); -1: none.

    Whose account it is, the payment names as who receives, or pays. The first money of a place
    comes before it has an office: that is of the one which the account is of next.
    """
    receives = np.isin(booked["purpose"], RECEIVED)
    organisation = _find(look.ids, np.where(receives, booked["recipient"], booked["payer"]))
    unknown = np.flatnonzero(organisation < 0)
    if unknown.size == 0:
        return organisation
    place = booked["region"].astype(np.int64) * look.world.n_sectors + booked["sector"]
    account = booked["policy"] * look.n_places + place
    # Sorted by account and time, the next payment that is known stands behind it.
    n = np.int64(organisation.size)
    known = np.flatnonzero((organisation >= 0) & np.isin(account, account[unknown]))
    key = np.sort(account[known] * n + known)
    at = np.searchsorted(key, account[unknown] * n + unknown)
    found = key[np.minimum(at, key.size - 1)] if key.size else np.full(unknown.size, NOBODY)
    same = (at < key.size) & (found // n == account[unknown])
    offices = np.concatenate([one.office for one in look.world.public.standing.values()])
    organisation[unknown] = np.where(
        same, organisation[found % n], _find(look.ids, offices[account[unknown]])
    )
    return organisation


def _find(ids: Ids, wanted: Ids) -> Ids:
    """Return where each of some identities stands among sorted ones, shape as wanted; -1: not."""
    if ids.size == 0:
        return np.full(wanted.shape, NOBODY, dtype=np.int64)
    at = np.minimum(np.searchsorted(ids, wanted), ids.size - 1)
    found: Ids = np.where(ids[at] == wanted, at, NOBODY)
    return found
