"""The sectors of the panorama: families that share technology fields. All of it is assumption.

Sectors are those that statistics of clusters speak of, in ten families that sell beyond their
region and one that serves it. A family knows the same fields, so that its sectors are near to each
other in what they know; each sector adds one field of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

Weights = Mapping[str, int]

LOCAL = "local"
"""The family that serves its own region."""


@dataclass(frozen=True)
class Family:
    """A family of sectors.

    Parameters
    ----------
    first, later
        Weights of technology fields before and after the change of paradigm.
    year
        When half of the change is done in the sector in the middle; the others go before and after
        it in steps of two years.
    growth
        Demand growth a year.
    export_share, carbon
        As in a scenario file.
    buys
        Input coefficients, beside what a sector buys from itself and from its family.
    sectors
        By name: how large the sector is, from 1 to 5, and the field that it adds.
    home_share
        Share of the world market.
    """

    first: Weights
    later: Weights
    year: int
    growth: float
    export_share: float
    carbon: float
    buys: Mapping[str, float]
    sectors: Mapping[str, tuple[int, str]]
    home_share: float = 0.25


SERVICES: Mapping[str, float] = {"business services": 0.04, "transport and haulage": 0.03}
MACHINES: Mapping[str, float] = {"machine tools": 0.03, "electrical equipment": 0.02}

FAMILIES: Mapping[str, Family] = {
    "metal": Family(
        first={"mechanical engineering": 7, "metal processing": 6, "materials": 4, "tooling": 4},
        later={
            "robotics and automation": 6,
            "software": 4,
            "mechanical engineering": 4,
            "circular materials": 4,
            "energy efficiency": 3,
        },
        year=2031,
        growth=0.002,
        export_share=0.45,
        carbon=0.2,
        buys={**SERVICES, "mining": 0.04},
        sectors={
            "metalworking": (5, "process engineering"),
            "machine tools": (3, "electronics"),
            "engines and pumps": (3, "electrical engineering"),
            "foundries": (2, "chemistry"),
            "lifting equipment": (2, "transport and logistics"),
        },
    ),
    "vehicles": Family(
        first={
            "mechanical engineering": 6,
            "materials": 5,
            "electronics": 4,
            "electrical engineering": 3,
            "transport and logistics": 3,
        },
        later={
            "storage and hydrogen": 7,
            "software": 5,
            "data and artificial intelligence": 4,
            "electronics": 4,
            "materials": 3,
        },
        year=2030,
        growth=0.004,
        export_share=0.5,
        carbon=0.12,
        buys={**SERVICES, **MACHINES, "metalworking": 0.1, "electronics": 0.06, "plastics": 0.04},
        sectors={
            "automotive": (5, "tooling"),
            "aerospace": (2, "optics and sensors"),
            "shipbuilding": (1, "construction technology"),
            "rail vehicles": (1, "connectivity"),
            "bicycles and motorcycles": (1, "design and organisation"),
        },
    ),
    "electrical": Family(
        first={
            "electronics": 7,
            "electrical engineering": 5,
            "optics and sensors": 4,
            "software": 4,
            "materials": 2,
        },
        later={
            "data and artificial intelligence": 7,
            "connectivity": 5,
            "software": 5,
            "optics and sensors": 3,
            "energy efficiency": 3,
        },
        year=2029,
        growth=0.010,
        export_share=0.5,
        carbon=0.06,
        buys={**SERVICES, "metalworking": 0.04, "chemicals": 0.04, "IT services": 0.03},
        sectors={
            "electronics": (3, "connectivity"),
            "electrical equipment": (4, "mechanical engineering"),
            "measuring instruments": (2, "tooling"),
            "lighting": (1, "design and organisation"),
            "communications equipment": (2, "robotics and automation"),
        },
    ),
    "process": Family(
        first={"chemistry": 8, "process engineering": 6, "materials": 4, "energy efficiency": 2},
        later={
            "circular materials": 7,
            "biotechnology": 5,
            "storage and hydrogen": 4,
            "chemistry": 4,
            "process engineering": 3,
        },
        year=2033,
        growth=0.002,
        export_share=0.4,
        carbon=0.5,
        buys={**SERVICES, "energy generation": 0.06, "mining": 0.02},
        sectors={
            "chemicals": (3, "biotechnology"),
            "plastics": (4, "tooling"),
            "rubber": (1, "textiles"),
            "paper and packaging": (2, "transport and logistics"),
            "refining": (1, "mechanical engineering"),
        },
    ),
    "health": Family(
        first={
            "medical technology": 6,
            "biotechnology": 6,
            "chemistry": 4,
            "optics and sensors": 2,
            "design and organisation": 2,
        },
        later={
            "data and artificial intelligence": 6,
            "biotechnology": 6,
            "medical technology": 4,
            "software": 4,
        },
        year=2030,
        growth=0.012,
        export_share=0.45,
        carbon=0.05,
        buys={**SERVICES, "chemicals": 0.08, "measuring instruments": 0.03},
        sectors={
            "pharmaceuticals": (2, "process engineering"),
            "medical devices": (2, "electronics"),
            "life sciences": (2, "software"),
        },
    ),
    "food": Family(
        first={
            "food technology": 8,
            "process engineering": 4,
            "transport and logistics": 3,
            "biotechnology": 2,
        },
        later={
            "food technology": 5,
            "biotechnology": 5,
            "circular materials": 4,
            "optics and sensors": 3,
            "robotics and automation": 3,
        },
        year=2034,
        growth=0.001,
        export_share=0.25,
        carbon=0.25,
        buys={**SERVICES, "paper and packaging": 0.03, "chemicals": 0.02},
        sectors={
            "food processing": (5, "tooling"),
            "beverages": (2, "chemistry"),
            "agricultural inputs": (2, "mechanical engineering"),
            "livestock and dairy": (3, "medical technology"),
            "fish and seafood": (1, "energy efficiency"),
        },
    ),
    "living": Family(
        first={"textiles": 7, "design and organisation": 5, "materials": 4, "tooling": 2},
        later={
            "circular materials": 6,
            "design and organisation": 4,
            "robotics and automation": 4,
            "textiles": 3,
            "connectivity": 3,
        },
        year=2032,
        growth=-0.002,
        export_share=0.4,
        carbon=0.1,
        buys={**SERVICES, "chemicals": 0.03},
        sectors={
            "textiles": (2, "chemistry"),
            "apparel": (3, "software"),
            "footwear": (1, "mechanical engineering"),
            "furniture": (3, "construction technology"),
            "sports goods and toys": (1, "electronics"),
        },
    ),
    "resources": Family(
        first={
            "construction technology": 6,
            "materials": 5,
            "process engineering": 3,
            "mechanical engineering": 2,
        },
        later={
            "energy efficiency": 6,
            "circular materials": 5,
            "renewable energy": 4,
            "construction technology": 4,
        },
        year=2032,
        growth=0.001,
        export_share=0.2,
        carbon=0.6,
        buys={**SERVICES, **MACHINES},
        sectors={
            "construction products": (4, "tooling"),
            "glass and ceramics": (2, "chemistry"),
            "wood products": (3, "metal processing"),
            "mining": (1, "robotics and automation"),
            "energy generation": (2, "electrical engineering"),
        },
    ),
    "knowledge": Family(
        first={"software": 6, "design and organisation": 6, "connectivity": 4, "electronics": 1},
        later={
            "data and artificial intelligence": 8,
            "software": 5,
            "connectivity": 4,
            "design and organisation": 3,
        },
        year=2028,
        growth=0.010,
        export_share=0.3,
        carbon=0.02,
        buys={"business services": 0.06},
        sectors={
            "business services": (5, "transport and logistics"),
            "financial services": (4, "data and artificial intelligence"),
            "IT services": (4, "robotics and automation"),
            "media": (2, "optics and sensors"),
            "research and education services": (3, "biotechnology"),
        },
    ),
    "mobility": Family(
        first={
            "transport and logistics": 7,
            "design and organisation": 4,
            "connectivity": 2,
            "software": 2,
        },
        later={
            "connectivity": 5,
            "data and artificial intelligence": 5,
            "transport and logistics": 4,
            "energy efficiency": 3,
            "renewable energy": 2,
        },
        year=2031,
        growth=0.004,
        export_share=0.25,
        carbon=0.2,
        buys={"business services": 0.04, "refining": 0.03},
        sectors={
            "transport and haulage": (5, "mechanical engineering"),
            "wholesale and e-commerce": (5, "software"),
            "tourism": (5, "construction technology"),
        },
    ),
    LOCAL: Family(
        first={"design and organisation": 7, "construction technology": 2, "software": 2},
        later={
            "design and organisation": 5,
            "software": 4,
            "data and artificial intelligence": 3,
            "energy efficiency": 3,
        },
        year=2033,
        growth=0.002,
        export_share=0.02,
        carbon=0.05,
        buys={"business services": 0.03},
        sectors={
            "building trades": (3, "materials"),
            "retail": (4, "transport and logistics"),
            "hospitals and care": (4, "medical technology"),
            "schools": (3, "connectivity"),
            "public administration": (3, "connectivity"),
            "restaurants": (3, "food technology"),
            "household services": (2, "textiles"),
            "property and utilities": (2, "electrical engineering"),
        },
        home_share=0.9,
    ),
}
"""The families by name, in the order of the file."""

OWN_INPUTS = 0.12
"""What a sector buys from itself, euro per euro of output."""
FAMILY_INPUTS = 0.02
"""What it buys from each other sector of its family."""
WIDTH = 3.0
"""Years of the width of a change of paradigm."""
STEP_YEARS = 2
"""Years by which the change comes later from one sector of a family to the next."""


@dataclass(frozen=True)
class Sector:
    """A sector as a scenario file describes it."""

    name: str
    family: str
    size: int
    inputs: Mapping[str, float] = field(repr=False)
    first: Weights = field(repr=False)
    later: Weights = field(repr=False)
    year: int = 0


def sectors() -> Iterator[Sector]:
    """Return the sectors, family after family."""
    for name, family in FAMILIES.items():
        names = list(family.sectors)
        for position, (sector, (size, own)) in enumerate(family.sectors.items()):
            inputs = {sector: OWN_INPUTS}
            if name != LOCAL:
                inputs |= {other: FAMILY_INPUTS for other in names if other != sector}
            for other, euro in family.buys.items():
                inputs[other] = round(inputs.get(other, 0.0) + euro, 3)
            yield Sector(
                name=sector,
                family=name,
                size=size,
                inputs=inputs,
                first={**family.first, own: max(family.first.get(own, 0), 3)},
                later={**family.later, own: max(family.later.get(own, 0), 2)},
                year=family.year + STEP_YEARS * (position - len(names) // 2),
            )
