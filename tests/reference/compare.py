"""Engine and twin side by side: everything compared by identity, after each quarter or rule."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustersim.mechanisms.base import Mechanism
from clustersim.simulation import Simulation
from clustersim.world.actors import COLUMNS
from clustersim.world.draws import Draws
from clustersim.world.levers import LEVERS
from clustersim.world.projects import Outcome
from clustersim.world.world import World
from tests.reference.copying import lever_values
from tests.reference.twin import TwinModel

RELATIVE = 1e-9
ABSOLUTE = 1e-12
"""Absolute tolerance near zero, for arrays whose values are of the order of one; times the largest
value of the array where that is more, for funds that pass through zero on the way from millions
to minus millions."""

SECTOR_STATE = (
    "demand_factor",
    "relevance",
    "world_log_productivity",
    "world_standing",
    "world_jobs",
    "home_log_productivity",
    "mean_log_productivity",
)
PROJECT_STATE = (
    "coordinator",
    "field",
    "born",
    "length",
    "ended",
    "first_trl",
    "trl",
    "target",
    "firms",
    "science",
    "budget",
)
MOST_SHOWN = 12


@dataclass(frozen=True)
class Difference:
    """A value on which engine and twin do not agree; None where one of them has no such thing."""

    array: str
    where: object
    engine: object
    twin: object

    def __str__(self) -> str:
        return f"{self.array} of {self.where}: engine {self.engine!r}, twin {self.twin!r}"


class DisagreementError(AssertionError):
    """Raised when engine and twin have come apart, with quarter, rule and the first differences."""

    def __init__(self, quarter: int, rule: str, differences: list[Difference]) -> None:
        self.differences = differences
        shown = "\n  ".join(map(str, differences[:MOST_SHOWN]))
        super().__init__(
            f"engine and twin differ in {len(differences)} values after {rule} of quarter "
            f"{quarter}:\n  {shown}"
        )


def differences(world: World, model: TwinModel) -> list[Difference]:
    """Return all differences between the states of engine and twin."""
    return [
        *_actors(world, model),
        *_ties(world, model),
        *_projects(world, model),
        *_places(world, model),
        *_rest(world, model),
        *_levers(world, model),
    ]


def run_together(
    world: World,
    mechanisms: Sequence[Mechanism],
    seed: int,
    n_quarters: int,
    *,
    each_rule: bool = False,
    on_quarter: Callable[[TwinModel], None] = lambda _model: None,
) -> TwinModel:
    """Run the engine and its twin for some quarters and compare them as they go.

    Parameters
    ----------
    world
        World to start from; it is changed. Its knowledge should be stored in double precision.
    mechanisms
        The schedule of both.
    seed
        Seed of both.
    n_quarters
        Quarters to run.
    each_rule
        Whether to compare after every mechanism, which finds the culprit, instead of after every
        quarter.
    on_quarter
        Called with the twin after each quarter.

    Raises
    ------
    DisagreementError
        At the first difference.
    """
    # Recording resets the flows; with a period this long it happens once, before the twin is made.
    simulation = Simulation(world, mechanisms, seed=seed, record_every=2**30)
    model = TwinModel.from_world(world, mechanisms, seed)
    for _ in range(n_quarters):
        quarter = model.quarter
        if each_rule:
            _step_by_rule(simulation, model)
        else:
            simulation.step()
            model.step()
        _demand_agreement(world, model, quarter, "the end")
        on_quarter(model)
    return model


def _step_by_rule(simulation: Simulation, model: TwinModel) -> None:
    world, draws = simulation.world, Draws(simulation.draws.seed)
    draws.step = world.clock.step
    model.begin_quarter()
    for rule, mechanism in model.rules:
        if mechanism.enabled:
            mechanism.apply(world, draws)
            rule(model, mechanism)
            _demand_agreement(world, model, model.quarter, mechanism.name)
    world.clock.step += 1
    model.end_quarter()


def _demand_agreement(world: World, model: TwinModel, quarter: int, rule: str) -> None:
    found = differences(world, model)
    if found:
        raise DisagreementError(quarter, rule, found)


def _actors(world: World, model: TwinModel) -> Iterator[Difference]:
    table = world.actors
    row_of = {int(table.id[row]): int(row) for row in table.rows()}
    agents = {agent.identity: agent for agent in model.agents}
    for identity in sorted(row_of.keys() - agents.keys()):
        yield Difference("actors", identity, "alive", None)
    for identity in sorted(agents.keys() - row_of.keys()):
        yield Difference("actors", identity, None, "alive")
    common = sorted(row_of.keys() & agents.keys())
    rows = [row_of[identity] for identity in common]
    for column in COLUMNS:
        if column.name in {"id", "alive"}:
            continue
        twin = np.array([getattr(agents[identity], column.name) for identity in common])
        engine = getattr(table, column.name)[rows]
        yield from _unequal(f"actors.{column.name}", common, engine, twin)
    known = np.array([agents[identity].knowledge for identity in common])
    yield from _unequal("actors.knowledge", common, table.knowledge[rows], known)


def _ties(world: World, model: TwinModel) -> Iterator[Difference]:
    for name, layer in world.ties:
        directed = name not in {"collaboration", "bridge"}
        ids = world.actors.id
        ends = zip(ids[layer.first].tolist(), ids[layer.second].tolist(), strict=True)
        engine = {_pair(a, b, directed): t for t, (a, b) in enumerate(ends)}
        twin = {
            _pair(tie.first.identity, tie.second.identity, directed): tie
            for tie in model.ties[name]
        }
        if (len(engine), len(twin)) != (len(layer), len(model.ties[name])):
            doubled = (len(layer) - len(engine), len(model.ties[name]) - len(twin))
            yield Difference(f"ties.{name}", "pairs tied more than once", *doubled)
        for pair in sorted(engine.keys() - twin.keys()):
            yield Difference(f"ties.{name}", pair, "tied", None)
        for pair in sorted(twin.keys() - engine.keys()):
            yield Difference(f"ties.{name}", pair, None, "tied")
        common = sorted(engine.keys() & twin.keys())
        rows = [engine[pair] for pair in common]
        for column in ("trust", "km", "born"):
            values = np.array([getattr(twin[pair], column) for pair in common])
            there = getattr(layer, column)[rows]
            yield from _unequal(f"ties.{name}.{column}", common, there, values)


def _pair(first: int, second: int, directed: bool) -> tuple[int, int]:
    return (first, second) if directed or first <= second else (second, first)


def _projects(world: World, model: TwinModel) -> Iterator[Difference]:
    table = world.projects
    here, there = table.id.tolist(), [project.identity for project in model.projects]
    if here != there:
        yield Difference("projects", "identities, in order", here, there)
        return
    for name in PROJECT_STATE:
        twin = np.array([getattr(project, name) for project in model.projects])
        yield from _unequal(f"projects.{name}", here, getattr(table, name), twin)
    for p, project in enumerate(model.projects):
        rows = table.member[table.start[p] : table.start[p + 1]]
        engine = world.actors.id[rows].tolist(), Outcome(table.outcome[p]).name
        twin_side = [member.identity for member in project.members], project.outcome
        if engine != twin_side:
            yield Difference("projects, members and outcome", here[p], engine, twin_side)


def _places(world: World, model: TwinModel) -> Iterator[Difference]:
    for group in ("places", "flows"):
        for name, engine in vars(getattr(world, group)).items():
            twin = np.array([getattr(place, name) for place in model.places.values()])
            yield from _unequal(f"{group}.{name}", list(model.places), engine.ravel(), twin)


def _rest(world: World, model: TwinModel) -> Iterator[Difference]:
    for name in SECTOR_STATE:
        twin = np.array([getattr(sector, name) for sector in model.sectors])
        engine = getattr(world.sectors, name)
        yield from _unequal(f"sectors.{name}", list(world.sectors.names), engine, twin)
    for s, sector in enumerate(model.sectors):
        years = world.sectors.paradigm_year[s, world.sectors.has_paradigm[s]]
        held = np.array([paradigm.year for paradigm in sector.paradigms if paradigm.year < np.inf])
        yield from _unequal(f"sectors.paradigm_year.{sector.name}", range(held.size), years, held)
    wages = np.array([region.wage for region in model.regions])
    yield from _unequal("regions.wage", list(world.regions.names), world.regions.wage, wages)
    for name, there in vars(world.conditions).items():
        held = getattr(model.conditions, name)
        twin = np.array(list(held.values()) if isinstance(held, dict) else [held])
        yield from _unequal(f"conditions.{name}", range(twin.size), there.ravel(), twin)
    if world.clock.step != model.quarter:
        yield Difference("clock.step", "the world", world.clock.step, model.quarter)


def _levers(world: World, model: TwinModel) -> Iterator[Difference]:
    for lever in LEVERS:
        held = dict(lever_values(world, lever))
        engine = np.array(list(held.values()))
        twin = np.array([model.lever(lever.name, whose) for whose in held])
        yield from _unequal(f"levers.{lever.name}", list(held), engine, twin)


def _unequal(
    name: str, labels: Sequence[Any], engine: NDArray[Any], twin: NDArray[Any]
) -> Iterator[Difference]:
    """Yield where two arrays differ; the first axis is labelled."""
    if engine.size == 0 == twin.size:
        return
    if engine.shape != twin.shape:
        yield Difference(name, "shape", engine.shape, twin.shape)
        return
    if engine.dtype.kind == "f":
        finite = np.abs(engine[np.isfinite(engine)])
        allowed = ABSOLUTE * max(1.0, float(finite.max(initial=0.0)))
        equal = np.isclose(twin, engine, rtol=RELATIVE, atol=allowed, equal_nan=True)
    else:  # identities and indices, which are equal or not
        equal = np.asarray(engine == twin)
    for index in np.argwhere(~equal):
        at = tuple(index.tolist())
        where = labels[at[0]] if len(at) == 1 else (labels[at[0]], *at[1:])
        yield Difference(name, where, engine[at].item(), twin[at].item())
