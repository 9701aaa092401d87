"""What is seen of a run once a policy has begun: the same firms, quarter by quarter."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

import numpy as np

from clustersim.policies.serving import value_added
from clustersim.policies.turn import column_name
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind, Origin
from clustersim.world.paradigms import relevance
from clustersim.world.projects import Outcome
from clustersim.world.types import AnyArray, Flags, Floats, Ids
from clustersim.world.world import DT, World

YOUNG: Final = 4.0
"""Age up to which a firm is young here, years."""
AHEAD: Final = 5.0
"""How far ahead it is asked what firms know of what will matter, years."""
NAME: Final = "trial"
"""Name of the policy that is tried."""
FIRST_YEAR: Final = round(1.0 / DT)
"""Quarters in which those who are looked at later are served first."""


class Course:
    """A run, seen through the firms that there were at its beginning, and as a whole.

    Attributes
    ----------
    ids
        Identities of the firms at the beginning, ascending, shape (n,).
    age
        Their age then, years, shape (n,).
    served
        Which of them the policy has served within the first year, shape (n,).
    firms
        Values of each firm by name, at the end of each quarter, shape (quarters, n); NaN once it
        has closed.
    totals
        Values of the whole country by name, shape (quarters,).
    trust
        Trust of each tie at the end, by the identities of the two.
    """

    def __init__(self, simulation: Simulation, quarters: int) -> None:
        self.world = simulation.world
        actors = self.world.actors
        rows = actors.rows(Kind.FIRM)
        order = np.argsort(actors.id[rows])
        self.ids: Ids = actors.id[rows][order]
        self.age: Floats = np.asarray((self.world.clock.step - actors.birth[rows][order]) * DT)
        self.served: Flags = np.zeros(self.ids.size, dtype=np.bool_)
        self.firms: dict[str, Floats] = defaultdict(
            lambda: np.full((quarters, self.ids.size), np.nan)
        )
        self.totals: dict[str, Floats] = defaultdict(lambda: np.full(quarters, np.nan))
        self._levels: tuple[int, float, float, Ids] = (
            int((self.world.projects.trl - self.world.projects.first_trl).sum()),
            float(self.world.flows.subsidiaries.sum()),
            float(self.world.flows.emissions.sum()),
            _young(self.world),
        )
        for quarter in range(quarters):
            simulation.step()
            self._see_firms(quarter)
            self._see_all(quarter)
            self._see_policy(quarter)
        self.trust = _trust(self.world)

    def _see_firms(self, quarter: int) -> None:
        world, actors = self.world, self.world.actors
        every = actors.rows(Kind.FIRM)
        at = np.minimum(np.searchsorted(self.ids, actors.id[every]), self.ids.size - 1)
        known = self.ids[at] == actors.id[every]
        rows, at = every[known], at[known]
        rising = np.maximum(
            relevance(world.sectors, world.clock.year + AHEAD)
            - relevance(world.sectors, world.clock.year),
            0.0,
        )
        now = world.clock.step - 1
        values: dict[str, AnyArray] = {
            "jobs": actors.size[rows],
            "orders": actors.orders[rows],
            "productivity": actors.log_productivity[rows],
            "digital": actors.digital[rows],
            "green": actors.green[rows],
            "innovations": actors.innovated[rows] == now,
            "research": actors.research[rows] * value_added(world, rows),
            "rising": (actors.knowledge[rows] * rising[actors.sector[rows]]).sum(axis=1),
            **{name: each[rows] for name, each in _ties(world).items()},
        }
        for name, found in values.items():
            self.firms[name][quarter, at] = found
        born = every[actors.birth[every] == now]
        spun = actors.parent[born[actors.origin[born] == Origin.SPIN_OFF]]
        begun = world.projects.coordinator[world.projects.born == now]
        for name, who in (("spin_offs", spun), ("projects", begun)):
            count = np.zeros(self.ids.size)
            place = np.minimum(np.searchsorted(self.ids, who), self.ids.size - 1)
            np.add.at(count, place[self.ids[place] == who], 1.0)
            self.firms[name][quarter, at] = count[at]
        self.totals["start_ups"][quarter] = (actors.origin[born] == Origin.START_UP).sum()

    def _see_all(self, quarter: int) -> None:
        world, actors, projects = self.world, self.world.actors, self.world.projects
        firms = actors.rows(Kind.FIRM)
        risen = int((projects.trl - projects.first_trl).sum())
        arrived = float(world.flows.subsidiaries.sum())
        emitted = float(world.flows.emissions.sum())
        before, subsidiaries, before_that, young = self._levels
        jobs, unemployed = float(actors.size[firms].sum()), float(world.places.unemployed.sum())
        found: dict[str, float] = {
            "all_jobs": jobs,
            "unemployed": unemployed,
            "emissions": emitted - before_that,
            "rises": risen - before,
            "running": float(projects.running.sum()),
            "succeeded": float(
                (
                    (projects.outcome == Outcome.SUCCEEDED)
                    & (projects.ended == world.clock.step - 1)
                ).sum()
            ),
            "subsidiaries": arrived - subsidiaries,
            "young": float(young.size),
            "young_closed": float((~np.isin(young, actors.id[firms])).sum()),
        }
        for name, value in found.items():
            self.totals[name][quarter] = value
        self._levels = (risen, arrived, emitted, _young(world))

    def _see_policy(self, quarter: int) -> None:
        """See who is served and how well, and the members of organisations."""
        world, actors = self.world, self.world.actors
        standing = world.public.standing.get(NAME)
        if standing is None:
            return
        firms = actors.rows(Kind.FIRM)
        layer = world.ties.membership
        own = np.isin(actors.id[layer.second], standing.office[standing.office >= 0])
        self.totals["members"][quarter] = float(own.sum())
        for k in range(len(standing.actions)):
            until = actors.column(column_name(NAME, k, "until"))
            effect = actors.column(column_name(NAME, k, "effect"))
            if until is None or effect is None:
                continue
            rows = firms[until[firms] >= world.clock.step]
            if quarter < FIRST_YEAR:
                self.served |= np.isin(self.ids, actors.id[rows])
            if rows.size:
                self.totals["served"][quarter] = rows.size
                self.totals["additional"][quarter] = (effect[rows] > 0.0).mean()
                self.totals["help"][quarter] = effect[rows].sum()


def _young(world: World) -> Ids:
    """Return the identities of the young firms, shape (n,)."""
    actors = world.actors
    firms = actors.rows(Kind.FIRM)
    return actors.id[firms[(world.clock.step - actors.birth[firms]) * DT <= YOUNG]]


def _ties(world: World) -> dict[str, Floats]:
    """Return the collaborations of each row, and those with another region, shape (rows,)."""
    actors, layer = world.actors, world.ties.collaboration
    ends = np.concatenate([layer.first, layer.second])
    outside = actors.region[layer.first] != actors.region[layer.second]
    return {
        "ties": np.bincount(ends, minlength=actors.n_rows).astype(np.float64),
        "outside": np.bincount(ends[np.tile(outside, 2)], minlength=actors.n_rows).astype(
            np.float64
        ),
    }


def _trust(world: World) -> dict[tuple[int, int], float]:
    actors, layer = world.actors, world.ties.collaboration
    pairs = np.sort(np.stack([actors.id[layer.first], actors.id[layer.second]]), axis=0)
    return dict(zip(zip(*pairs.tolist(), strict=True), layer.trust.tolist(), strict=True))
