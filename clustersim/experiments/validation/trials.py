"""Programmes of policy tried on a scenario, each against the same run without it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np

from clustersim.experiments.legs import begin, go_to
from clustersim.experiments.run import resolve
from clustersim.policies.programmes import BY_NAME
from clustersim.policies.serving import value_added
from clustersim.policies.turn import column_name
from clustersim.simulation import Simulation
from clustersim.world.actors import Kind
from clustersim.world.ledger import Purpose
from clustersim.world.policy import LARGE, Policy
from clustersim.world.types import Floats
from clustersim.world.world import DT, World

BEGINS: Final = 15
"""Years of a run before a programme begins, when the founding shows no longer."""
LASTS: Final = 5
"""Years that a programme lasts."""
AFTER: Final = 8
"""Years that are looked at after its end."""
YEARS: Final = LASTS + AFTER
_ALL: Final = {"quotient": 0.0}
_POLES: Final = BY_NAME["poles"].values

PROGRAMMES: Final[dict[str, dict[str, Any]]] = {
    "grants": {
        "budget": 1e8,
        "identification": _ALL,
        "measures": [{"action": "rd_grant"}],
    },
    "poles": {
        **_POLES,
        "budget": 4e7,
        "identification": {**_POLES["identification"], "most": 12},
    },
    "vouchers": {
        "budget": 4e7,
        "identification": _ALL,
        "measures": [{"action": "innovation_voucher"}],
    },
    "networks": {
        "budget": 1.5e8,
        "identification": _ALL,
        "governance": {"staff": 8, "fee": 0.0, "public_share": 1.0},
        "measures": [{"action": "firm_networks"}],
    },
}
"""The programmes that are tried; amounts and numbers are assumptions. What poles are is as in the
programme `poles` that policies can name."""


@dataclass(frozen=True)
class Course:
    """What is seen of a run in each year from the beginning of the programme."""

    research: Floats
    """R&D of SMEs and of large firms, real euro, shape (years, 2)."""
    ties: Floats
    """Collaborations at the end of the year, shape (years,)."""
    innovations: Floats
    """Innovations of firms in the year, shape (years,)."""
    log_productivity: Floats
    """Mean log productivity of firms, weighted by jobs, shape (years,)."""
    jobs: Floats
    """Simulated jobs, shape (years,)."""
    spent: Floats
    """Real euro of the programme's measures for SMEs and for large firms, shape (years, 2)."""
    served: Floats
    """Shares of the firms that were served at first, and of those who did more, shape (2,)."""


@dataclass(frozen=True)
class Trial:
    """A scenario at one seed, without any programme and with each of them.

    Parameters
    ----------
    scenario
        Name or file; it needs `BEGINS` + `YEARS` years at least before anything else happens.
    seed
        Seed of all luck.
    overrides
        Further values, by dotted name.
    """

    scenario: str
    seed: int
    overrides: tuple[tuple[str, Any], ...] = ()

    @cached_property
    def start(self) -> Simulation:
        """The run up to the moment when programmes begin; it is copied and never goes on itself."""
        resolved = resolve(self.scenario, {**dict(self.overrides), "seed": self.seed})
        # No record is made after the founding, as none is looked at.
        scenario = resolved.scenario.model_copy(update={"record_every": 2**30, "policies": ()})
        simulation = begin(replace(resolved, scenario=scenario))
        go_to(simulation, round(BEGINS / DT))
        return simulation

    @cached_property
    def without(self) -> Course:
        """The course without any programme."""
        return self._course(())

    def with_programme(self, name: str) -> Course:
        """Return the course with a programme."""
        start = self.start.world.clock.year
        times = {"name": name, "year": start, "until": start + LASTS}
        return self._course((Policy.model_validate({**times, **PROGRAMMES[name]}),))

    def _course(self, policies: tuple[Policy, ...]) -> Course:
        simulation = copy.deepcopy(self.start)
        world = simulation.world
        simulation.mechanisms = tuple(
            one.model_copy(update={"policies": policies}) if one.name == "policy" else one
            for one in simulation.mechanisms
        )
        research, state = np.zeros((YEARS, 2)), np.zeros((YEARS, 4))
        before, served = world.flows.innovations.sum(), np.full(2, np.nan)
        for quarter in range(round(YEARS / DT)):
            simulation.step()
            year = int(quarter * DT)
            research[year] += _research(world) * DT
            state[year] = _state(world)
            if quarter == 0:
                served = _served(world)
        return Course(
            research=research,
            ties=state[:, 0],
            innovations=np.diff(state[:, 1], prepend=before),
            log_productivity=state[:, 2],
            jobs=state[:, 3],
            spent=_spent(world),
            served=served,
        )


def _research(world: World) -> Floats:
    """Return the R&D of SMEs and of large firms, real euro a year, shape (2,)."""
    actors = world.actors
    firms = actors.rows(Kind.FIRM)
    euro = actors.research[firms] * value_added(world, firms) * world.employment_scale
    large = actors.size[firms] >= LARGE
    return np.array([euro[~large].sum(), euro[large].sum()])


def _state(world: World) -> tuple[float, float, float, float]:
    """Return ties, innovations so far, log productivity and jobs."""
    actors = world.actors
    firms = actors.rows(Kind.FIRM)
    size = actors.size[firms]
    productivity = float((actors.log_productivity[firms] * size).sum() / size.sum())
    ties, found = len(world.ties.collaboration), float(world.flows.innovations.sum())
    return ties, found, productivity, float(size.sum())


def _spent(world: World) -> Floats:
    """Return what measures cost for SMEs and for large firms, real euro, shape (years, 2)."""
    booked, out = world.public.ledger.table(), np.zeros((YEARS, 2))
    firms = (booked["purpose"] == Purpose.MEASURE) & (booked["kind"] == Kind.FIRM)
    year = ((booked["quarter"][firms] - BEGINS / DT) * DT).astype(np.int64)
    large = (booked["jobs"][firms] >= LARGE).astype(np.int64)
    np.add.at(out, (year, large), booked["cents"][firms] / 100.0)
    return out


def _served(world: World) -> Floats:
    """Return who is served, and who does more by it, as shares of all firms, shape (2,)."""
    firms = world.actors.rows(Kind.FIRM)
    for name in world.public.standing:
        until = world.actors.column(column_name(name, 0, "until"))
        effect = world.actors.column(column_name(name, 0, "effect"))
        if until is not None and effect is not None:
            served = until[firms] >= world.clock.step
            return np.array([served.mean(), (served & (effect[firms] > 0.0)).mean()])
    return np.full(2, np.nan)
