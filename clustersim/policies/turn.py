"""One quarter of one policy: what it works with, and how it pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from clustersim.policies.actions import BY_NAME, Action
from clustersim.world.actors import Column, Kind
from clustersim.world.draws import Draws, name_key
from clustersim.world.ledger import NOBODY, Purpose
from clustersim.world.policy import LARGE, Measure, Policy
from clustersim.world.public import Standing
from clustersim.world.types import AnyArray, Flags, Floats, Ids
from clustersim.world.world import DT, World

CENTS: Final = 100.0


@dataclass(frozen=True)
class Turn:
    """A policy in a quarter.

    Parameters
    ----------
    world
        The world.
    draws
        Luck.
    policy
        The policy.
    payer
        Identity of the authority.
    lasting
        How long effects last, over what actions and measures say.
    """

    world: World
    draws: Draws
    policy: Policy
    payer: int
    lasting: float = 1.0

    @property
    def standing(self) -> Standing:
        """How the policy stands."""
        return self.world.public.standing[self.policy.name]

    @property
    def key(self) -> int:
        """Number of the policy by its name: its luck belongs to it."""
        return name_key(self.policy.name)

    @property
    def n_places(self) -> int:
        """Number of places, P."""
        return self.world.n_regions * self.world.n_sectors

    @property
    def being_set_up(self) -> bool:
        """Whether its organisations are being set up still, and serve nobody."""
        rules, age = self.policy.governance, self.world.clock.step - self.standing.began
        return rules is not None and age < quarters(rules.setup)

    def fade(self, k: int) -> float:
        """Return the years in which the effect of measure `k` fades to 37 %."""
        return number(self.policy.measures[k], "fade") * self.lasting

    def luck(self, decision: str, rows: Ids, salt: str = "") -> Floats:
        """Return one uniform for each actor, of a decision of this policy, shape (n,)."""
        other = np.full(rows.size, name_key(self.policy.name, salt))
        return self.draws.uniform(decision, self.world.actors.id[rows], other)

    def place(self, rows: Ids) -> Ids:
        """Return the place of each actor that has region and sector, shape (n,)."""
        actors = self.world.actors
        out: Ids = actors.region[rows].astype(np.int64) * self.world.n_sectors + actors.sector[rows]
        return out

    def offices(self) -> Ids:
        """Return the row of the office of each place, -1 for none, shape (P,)."""
        actors, office = self.world.actors, self.standing.office
        rows = actors.rows(Kind.CLUSTER_ORGANISATION)
        if rows.size == 0:
            return np.full(self.n_places, NOBODY, dtype=np.int64)
        rows = rows[np.argsort(actors.id[rows])]
        at = np.minimum(np.searchsorted(actors.id[rows], office), rows.size - 1)
        out: Ids = np.where(actors.id[rows[at]] == office, rows[at], NOBODY)
        return out

    def receive(self, purpose: Purpose, places: Ids, cents: Ids, payers: Ids | int) -> None:
        """Let accounts receive money, one payment for each place given, shape (n,)."""
        np.add.at(self.standing.account, places, cents)
        office = self.standing.office[places]
        kind = np.where(office == NOBODY, NOBODY, int(Kind.CLUSTER_ORGANISATION))
        self._book(purpose, places, cents, payer=payers, recipient=office, kind=kind)

    def pay(
        self,
        places: Ids,
        cents: Ids,
        measure: int,
        recipients: Ids | None = None,
        cost: Ids | int = 0,
    ) -> None:
        """Pay from accounts for a measure, one payment for each place given, shape (n,).

        Parameters
        ----------
        places
            Whose accounts.
        cents
            How much.
        measure
            Number of the measure.
        recipients
            Rows of the actors paid or served; None for what is bought from nobody simulated.
        cost
            Cents that the projects cost that are aided, shape (n,); 0 for no aid.
        """
        np.subtract.at(self.standing.account, places, cents)
        actors = self.world.actors
        named: dict[str, Any] = {}
        if recipients is not None:
            named = {
                "recipient": actors.id[recipients],
                "kind": actors.kind[recipients],
                "jobs": actors.size[recipients],
            }
        self._book(
            Purpose.MEASURE,
            places,
            cents,
            measure=measure,
            payer=self._payers(places),
            cost=cost,
            **named,
        )

    def pay_out(self, purpose: Purpose, places: Ids, cents: Ids) -> None:
        """Pay from accounts to staff, or back to the treasury, shape (n,)."""
        np.subtract.at(self.standing.account, places, cents)
        self._book(purpose, places, cents, payer=self._payers(places))

    def take(self, firms: Ids, cents: Ids, measure: int) -> None:
        """Book what firms, given by row, pay to the treasury under a rule, shape (n,)."""
        pays, actors = cents > 0, self.world.actors
        rows = firms[pays]
        self._book(
            Purpose.LEVY, self.place(rows), cents[pays], measure=measure, payer=actors.id[rows]
        )

    def _payers(self, places: Ids) -> Ids:
        office = self.standing.office[places]
        return np.where(office == NOBODY, self.payer, office)

    def _book(self, purpose: Purpose, places: Ids, cents: Ids, **values: Any) -> None:
        region, sector = np.divmod(places, self.world.n_sectors)
        usual = {"measure": NOBODY, "recipient": NOBODY, "kind": NOBODY, "jobs": 0.0, "cost": 0}
        self.world.public.ledger.book(
            places.size,
            quarter=self.world.clock.step,
            policy=list(self.world.public.standing).index(self.policy.name),
            purpose=int(purpose),
            region=region,
            sector=sector,
            cents=cents,
            **{**usual, **values},
        )


def whole_cents(euro: Any) -> Ids:
    """Return amounts in whole cents, rounded down, shape as given."""
    return np.floor(np.asarray(euro, dtype=np.float64) * CENTS).astype(np.int64)


def firms_of(turn: Turn) -> Ids:
    """Return the rows of the firms that a policy can serve, shape (n,).

    Members of its organisations; where the authority itself carries it out, all of its places.
    """
    world, standing = turn.world, turn.standing
    if turn.policy.governance is None:
        firms = world.actors.rows(Kind.FIRM)
        return firms[standing.chosen[turn.place(firms)]]
    return members_of(turn)


def members_of(turn: Turn, kind: Kind = Kind.FIRM) -> Ids:
    """Return the rows of the members of a policy's organisations, of one kind, shape (n,)."""
    world = turn.world
    layer = world.ties.membership
    own: Flags = np.isin(world.actors.id[layer.second], turn.standing.office)
    rows = layer.first[own].astype(np.int64)
    return np.unique(rows[world.actors.kind[rows] == kind])


def action_of(measure: Measure) -> Action:
    """Return the action of a measure."""
    return BY_NAME[measure.action]


def of_sizes(turn: Turn, measure: Measure, rows: Ids) -> Flags:
    """Return which firms are of the sizes that a measure is for, shape (n,)."""
    large = turn.world.actors.size[rows] >= LARGE
    return np.where(large, "large" in measure.sizes, "sme" in measure.sizes)


def new_fields(world: World, policy: Policy) -> Flags:
    """Return which technology fields count as new for a policy, shape (M,)."""
    if policy.priorities:
        return np.isin(world.fields.names, policy.priorities)
    return world.fields.digital | world.fields.green


def number(measure: Measure, name: str) -> float:
    """Return a number of a measure; where it names none, that of its action."""
    own = getattr(measure, name)
    value = getattr(action_of(measure), name) if own is None else own
    return float(value)


def column_name(policy: str, k: int, name: str) -> str:
    """Return the name of a column that measure `k` of a policy keeps about each actor."""
    return f"policy.{policy}.{k}.{name}"


def measure_column(turn: Turn, k: int, one: Column) -> AnyArray:
    """Return a column of measure `k`, shape (rows,); it is made if there is none."""
    actors, full = turn.world.actors, column_name(turn.policy.name, k, one.name)
    held = actors.column(full)
    if held is None:
        held = actors.add_column(Column(full, one.dtype, one.default, one.unit, one.meaning))
    return held


def quarters(years: float) -> int:
    """Return years as whole quarters, rounded."""
    return round(years / DT)
