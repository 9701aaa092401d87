"""From the engine's arrays to the twin's objects: the only place where the twin reads arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from clustersim.world.levers import LEVERS, Lever
from clustersim.world.projects import Outcome
from clustersim.world.world import World
from tests.reference.actor import PROPERTIES
from tests.reference.state import (
    Conditions,
    Fields,
    Paradigm,
    Place,
    Project,
    Region,
    Sector,
    Whose,
)


def fields(world: World) -> Fields:
    """Return the technology fields."""
    return Fields(
        names=world.fields.names,
        digital=world.fields.digital.tolist(),
        green=world.fields.green.tolist(),
        relatedness=world.fields.relatedness.tolist(),
    )


def sectors(world: World) -> list[Sector]:
    """Return the sectors."""
    table = world.sectors
    mean = sum(table.carbon_intensity.tolist()) / len(table.names)
    return [
        Sector(
            name=name,
            demand_start=float(table.demand_start[s]),
            demand_growth=float(table.demand_growth[s]),
            demand_factor=float(table.demand_factor[s]),
            export_share=float(table.export_share[s]),
            carbon_intensity=float(table.carbon_intensity[s]),
            value_added=float(table.value_added[s]),
            green_saving=float(table.green_saving[s]),
            relative_intensity=float(table.carbon_intensity[s]) / mean if mean else 0.0,
            inputs=table.inputs[:, s].tolist(),
            paradigms=[
                Paradigm(weights, year, width)
                for weights, year, width in zip(
                    table.paradigm_weights[s].tolist(),
                    table.paradigm_year[s].tolist(),
                    table.paradigm_width[s].tolist(),
                    strict=True,
                )
            ],
            relevance=table.relevance[s].tolist(),
            world_log_productivity=float(table.world_log_productivity[s]),
            world_standing=float(table.world_standing[s]),
            world_jobs=float(table.world_jobs[s]),
            home_log_productivity=float(table.home_log_productivity[s]),
            mean_log_productivity=float(table.mean_log_productivity[s]),
        )
        for s, name in enumerate(table.names)
    ]


def regions(world: World) -> list[Region]:
    """Return the regions."""
    table = world.regions
    return [
        Region(
            name=name,
            population=float(table.population[r]),
            cost_level=float(table.cost_level[r]),
            institutional_quality=float(table.institutional_quality[r]),
            jobs_usual=float(table.jobs_usual[r]),
            wage=float(table.wage[r]),
        )
        for r, name in enumerate(table.names)
    ]


def places(world: World) -> dict[tuple[int, int], Place]:
    """Return the local industries by region and sector."""
    arrays = {**vars(world.places), **vars(world.flows)}
    return {
        (r, s): Place(**{name: array[r, s].item() for name, array in arrays.items()})
        for r in range(world.n_regions)
        for s in range(world.n_sectors)
    }


def conditions(world: World) -> Conditions:
    """Return what shocks make of the quarter."""
    table = world.conditions
    return Conditions(
        output={
            (r, s): float(table.output[r, s])
            for r in range(world.n_regions)
            for s in range(world.n_sectors)
        },
        travel=float(table.travel[0]),
        energy_price=float(table.energy_price[0]),
        credit=float(table.credit[0]),
    )


def levers(world: World) -> dict[str, dict[Whose, float]]:
    """Return the values of all levers in use, by name and by whose they are."""
    return {
        lever.name: dict(lever_values(world, lever)) if world.levers.uses(lever.name) else {}
        for lever in LEVERS
    }


def lever_values(world: World, lever: Lever) -> Iterator[tuple[Whose, float]]:
    """Yield whose a lever is and its value, of living actors, places or regions."""
    values = getattr(world.levers, lever.name)
    if lever.of == "actor":
        for row in world.actors.rows().tolist():
            yield int(world.actors.id[row]), float(values[row])
    elif lever.of == "place":
        for r, s in np.ndindex(values.shape):
            yield (r, s), float(values[r, s])
    else:
        yield from enumerate(values.tolist())


def actors(world: World) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Yield row, kind and properties of each living actor."""
    table = world.actors
    for row in table.rows().tolist():
        properties = {name: getattr(table, name)[row].item() for name in PROPERTIES}
        yield (
            row,
            int(table.kind[row]),
            {
                "identity": int(table.id[row]),
                "knowledge": table.knowledge[row].astype(float).tolist(),
                **properties,
            },
        )


def projects(world: World, by_row: Mapping[int, Any]) -> list[Project]:
    """Return the projects, with agents as members."""
    table = world.projects
    columns = ("field", "born", "length", "first_trl", "target", "firms", "science", "budget")
    return [
        Project(
            identity=int(table.id[p]),
            coordinator=int(table.coordinator[p]),
            members=[by_row[r] for r in table.member[table.start[p] : table.start[p + 1]].tolist()],
            trl=int(table.trl[p]),
            ended=int(table.ended[p]),
            outcome=Outcome(table.outcome[p]).name,
            **{name: getattr(table, name)[p].item() for name in columns},
        )
        for p in range(len(table))
    ]
