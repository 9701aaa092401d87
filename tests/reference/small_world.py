"""A small world in which everything happens within ten years."""

from __future__ import annotations

from typing import Any

from clustersim.mechanisms.base import Mechanism
from clustersim.mechanisms.shocks import (
    AnchorExit,
    CreditCrunch,
    DemandShock,
    EnergyPrice,
    Pandemic,
    SupplyOutage,
    TalentLoss,
    Technology,
)
from clustersim.schedule import mechanisms
from clustersim.world.founding import found
from clustersim.world.spec import ParadigmSpec, RegionSpec, SectorSpec, WorldSpec
from clustersim.world.world import World

START = 2000
ANCHOR_QUARTER = 10
"""The quarter in which the anchor of engines in the north closes."""


def small_spec(**changes: Any) -> WorldSpec:
    """Return 4 regions, 3 sectors and about 200 firms; `changes` go to the `WorldSpec`.

    Engines see a new paradigm after five years, tools buy from engines and engines from tools,
    and foods stand alone. Two real jobs and firms stand behind each simulated one.
    """
    sectors = (
        SectorSpec(
            name="engines",
            demand_growth=0.03,
            home_share=0.2,
            inputs={"tools": 0.3, "engines": 0.1},
            paradigms=(
                ParadigmSpec(
                    weights={"mechanical engineering": 4, "materials": 3, "metal processing": 2}
                ),
                ParadigmSpec(
                    year=START + 5,
                    width=1.0,
                    weights={"storage and hydrogen": 4, "software": 3, "materials": 1},
                ),
            ),
        ),
        SectorSpec(
            name="tools",
            inputs={"engines": 0.2},
            paradigms=(
                ParadigmSpec(weights={"tooling": 4, "metal processing": 3, "materials": 2}),
                ParadigmSpec(
                    year=START + 8,
                    width=2.0,
                    weights={"robotics and automation": 4, "tooling": 2, "software": 2},
                ),
            ),
        ),
        SectorSpec(
            name="foods",
            demand_growth=-0.02,
            export_share=0.1,
            paradigms=(ParadigmSpec(weights={"food technology": 5, "biotechnology": 2}),),
        ),
    )
    regions = (
        _region("north", (900, 400, 300), universities=2, rtos=1, cost_level=1.1),
        _region("east", (500, 700, 200), rtos=2, institutional_quality=0.4),
        _region("south", (200, 300, 600), universities=0, cost_level=0.8),
        _region("west", (300, 0, 400), institutional_quality=0.8),
    )
    return WorldSpec(
        start_year=START,
        employment_scale=2.0,
        sectors=sectors,
        regions=regions,
        **{"knowledge_precision": "double", **changes},
    )


def _region(name: str, simulated_jobs: tuple[int, int, int], **properties: Any) -> RegionSpec:
    names = ("engines", "tools", "foods")
    jobs = {sector: 2.0 * n for sector, n in zip(names, simulated_jobs, strict=True) if n}
    return RegionSpec(
        name=name,
        jobs=jobs,
        firms={sector: round(n / 22.0) for sector, n in jobs.items()},
        cluster_organisations={"engines": 1},
        **properties,
    )


def small_world(seed: int, **changes: Any) -> World:
    """Return the small world, founded with a seed."""
    return found(small_spec(**changes), seed)


EVENTS = (
    DemandShock(kind="demand", year=START + 2, depth=0.2, recovery=1.0),
    DemandShock(kind="demand", year=START + 4.1, sector="tools", depth=0.5, recovery=0.5),
    AnchorExit(
        kind="anchor_exit", year=START + ANCHOR_QUARTER / 4 + 0.1, region="north", sector="engines"
    ),
)

SHOCKS = (
    *EVENTS,
    DemandShock(kind="demand", rate=0.7, sector="foods", depth=0.2, recovery=0.3),
    DemandShock(kind="demand", rate=0.7, sector="foods", depth=0.1, enabled=False),
    DemandShock(kind="demand", rate=0.7, sector="foods", depth=0.15, recovery=0.4),
    SupplyOutage(kind="supply_outage", year=START + 1, region="north", sector="tools", depth=0.5),
    SupplyOutage(kind="supply_outage", rate=0.4, region="east", depth=0.2, length=0.25),
    Pandemic(kind="pandemic", year=START + 3.25, length=1.0, travel=0.9, skill=0.2),
    Pandemic(
        kind="pandemic",
        year=START + 4,
        travel=0.3,
        skill=0.3,
        leave=0.1,
        hardest=("north", "west"),
        severity={"engines": 2.0, "tools": 0.0},
    ),
    EnergyPrice(kind="energy_price", year=START + 1.5, factor=3.0, lasting=0.2),
    EnergyPrice(kind="energy_price", rate=0.3, factor=0.5, recovery=0.5),
    Technology(kind="technology", year=START + 1, sector="engines"),
    Technology(
        kind="technology",
        year=START + 0.6,
        sector="foods",
        width=0.5,
        weights={"software": 3, "biotechnology": 1},
    ),
    Technology(kind="technology", rate=0.5, sector="tools", weights={"materials": 1}),
    Technology(kind="technology", rate=0.5, sector="tools", width=1.0),
    Technology(kind="technology", year=START + 3.5, sector="foods", width=0.3),
    AnchorExit(kind="anchor_exit", rate=0.5, region="west", sector="foods"),
    TalentLoss(kind="talent_loss", year=START + 2.5, region="east", depth=0.6, leave=0.2),
    TalentLoss(kind="talent_loss", rate=0.3, region="south", sector="tools", depth=0.3, tacit=0.3),
    CreditCrunch(kind="credit_crunch", year=START + 1.75, depth=0.9),
)
"""Shocks of every kind, scheduled and at random."""


def small_schedule(**changes: dict[str, Any]) -> tuple[Mechanism, ...]:
    """Return the schedule with shocks, lively spin-offs and adoption, and `changes` by mechanism.

    A few rates are higher than usual, so that ten years see rare events too.
    """
    lively: dict[str, dict[str, Any]] = {
        "shocks": {"events": EVENTS},
        "adoption": {"digital_innovation": 0.05, "green_innovation": 0.03},
        "entry": {"spin_off_rate": 0.08, "local": 0.7, "diversification": 0.3},
        "exit": {"debt_limit": 0.2},
        "relocation": {
            "move_rate": 0.3,
            "arrival_rate": 0.5,
            "smallest": 5.0,
            "largest": 60.0,
            "large": 40.0,
            "join_rate": 0.3,
        },
        "projects": {"proposal_rate": 0.5, "shortest": 1.0, "longest": 3.0},
    }
    for name, parameters in changes.items():
        lively[name] = {**lively.get(name, {}), **parameters}
    return mechanisms(lively)
