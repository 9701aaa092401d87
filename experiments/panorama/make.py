"""Makes the table and the scenario file of the European panorama.

    python -m experiments.panorama.make            # writes scenarios/panorama.csv and .yaml
    python -m experiments.panorama.make --check    # says whether they are what it would write

No statistics stand behind it: regions, sectors and jobs are drawn, and the numbers at the top of
this file are chosen so that cluster mapping with the default rule of `clustersim identify` finds
in the table what the *European Panorama of Clusters and Industrial Change* found in Europe: 2,950
clusters, 198 high, 898 medium and 1,854 basic, with 61.8 million jobs of 264.1 million. The
founding state is CONSTRUCTED to meet these figures; what becomes of them in a run is not.

1. *Regions.* A region's size is ``RANGE**u``, u being its rank from 0 to 1, drawn by lot; those of
   low rank are rural. They lie on a spiral around the centre of the continent, and away from it
   are less dear and less well governed.
2. *Industries that sell beyond the region.* A sector's weight is ``exp(SPREAD (size - 3) / 2)``.
   In each region some families of sectors are strong, with chance `STRONG_FAMILY`. A local
   industry is strong with chance `STRONG` times `IN_FAMILY` or `ELSEWHERE`. Where it is strong it
   has ``BOOST exp(-LEAN (2 u - 1))`` times as many jobs, spread by `STRONG_SPREAD`, as small
   regions are more specialised; elsewhere as many as expected, spread by `OTHER_SPREAD`. All of
   them together have `TRADED` jobs.
3. *Industries that serve the region* follow its size, spread by `LOCAL_SPREAD`, with the rest of
   the jobs.
4. *The last few.* Some local industries just above or below the location quotient from which a
   cluster counts are moved just across it, until the classes have exactly the wanted sizes.

Luck is keyed (`clustersim.world.draws`): the files are the same everywhere, byte for byte.
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clustersim.measures.clusters import DEFAULT_STRENGTH_RULE, cluster_stars, cluster_strength
from clustersim.measures.specialisation import location_quotient
from clustersim.world.draws import Draws, name_key
from clustersim.world.elementary import direction, exponential, logarithm
from experiments.panorama.sectors import FAMILIES, LOCAL, WIDTH, Sector, sectors

Floats = NDArray[np.float64]

HERE = Path(__file__).parent
SCENARIOS = HERE.parents[1] / "scenarios"
"""Where the two files belong."""

WANTED = {1: 1_854, 2: 898, 3: 198}
"""Clusters: basic, medium, high (the brief)."""
CLUSTER_JOBS = 61.8e6
"""Jobs in clusters (the brief)."""
JOBS = CLUSTER_JOBS / 0.234
"""All jobs: clusters have 23.4 % (the brief)."""
TRADED = CLUSTER_JOBS / 0.503
"""Jobs of exporting industries, of which clusters have 50.3 % (the brief)."""

# Chosen so that the counts and the jobs of clusters come out; no statistics stand behind them.
REGIONS = 250
SEED = 1
RANGE = 45.0
SPREAD = 0.4
STRONG_FAMILY = 0.3
STRONG = 0.38
IN_FAMILY, ELSEWHERE = 1.75, 0.3
LEAN = 0.12
BOOST = 3.36
STRONG_SPREAD = 0.08
OTHER_SPREAD = 0.79
LOCAL_SPREAD = 0.1

LEAST = 400.0
"""Jobs that a local industry has at least, so that a simulated firm does not stand for more."""
SPACING_KM = 133.0
"""Distance between neighbouring regions: 250 of them on about the area of the European Union."""
NEAR, ACROSS = 1.1, 1.02
"""How near to the least quotient a local industry is that is moved, and how far it then goes."""
ROUNDS = 200
"""Local industries that are moved, at most."""
GOLDEN = (3.0 - math.sqrt(5.0)) / 2.0
"""Share of a turn from one region of the spiral to the next."""
WIDEST = 100
"""Signs in a line of the scenario file."""
KINDS = (("rural", 0.25), ("mixed", 0.6), ("urban", 0.9), ("metropolitan", 1.0))
"""Kinds of region, each up to a rank."""
UNIVERSITIES = {"rural": 1, "mixed": 1, "urban": 2, "metropolitan": 4}
RTOS = {"rural": 0, "mixed": 1, "urban": 1, "metropolitan": 3}


def normal(draws: Draws, decision: str, keys: NDArray[np.int64]) -> Floats:
    """Return a standard normal number for each key."""
    one, other = (draws.uniform(decision, keys, lane=lane) for lane in (0, 1))
    return np.asarray(np.sqrt(-2.0 * logarithm(1.0 - one)) * direction(other)[0])


def ranks(draws: Draws, decision: str, n: int) -> Floats:
    """Return evenly spread numbers between 0 and 1 in an order drawn by lot."""
    order = np.argsort(np.argsort(draws.uniform(decision, np.arange(n)), kind="stable"))
    return (order + 0.5) / n


def employment(all_sectors: list[Sector]) -> tuple[Floats, Floats]:
    """Return the rank of each region, shape (R,), and jobs, shape (R, S)."""
    draws = Draws(SEED)
    rank = ranks(draws, "panorama.rank", REGIONS)
    size = exponential(rank * math.log(RANGE))
    cells = np.zeros((REGIONS, len(all_sectors)))
    families = {name: draws.uniform("panorama.family", key(name)) for name in FAMILIES}
    for s, sector in enumerate(all_sectors):
        keys = key(sector.name)
        if sector.family == LOCAL:
            spread = LOCAL_SPREAD * normal(draws, "panorama.local", keys)
        else:
            near = families[sector.family] < STRONG_FAMILY
            chance = STRONG * np.where(near, IN_FAMILY, ELSEWHERE)
            strong = draws.uniform("panorama.strong", keys) < chance
            luck = normal(draws, "panorama.jobs", keys)
            more = math.log(BOOST) - LEAN * (2.0 * rank - 1.0)
            spread = np.where(strong, more + STRONG_SPREAD * luck, OTHER_SPREAD * luck)
        cells[:, s] = size * exponential(spread + SPREAD * (sector.size - 3) / 2.0)
    local = np.array([sector.family == LOCAL for sector in all_sectors])
    cells[:, ~local] *= TRADED / math.fsum(cells[:, ~local].ravel())
    cells[:, local] *= (JOBS - TRADED) / math.fsum(cells[:, local].ravel())
    return rank, rounded(cells)


def key(name: str) -> NDArray[np.int64]:
    """Return a key for each region and the name of a sector or a family, shape (R,)."""
    return np.array([name_key(name, str(r)) for r in range(REGIONS)], dtype=np.int64)


def rounded(jobs: Floats) -> Floats:
    """Return jobs as the table has them."""
    return np.maximum(np.round(jobs), LEAST)


def counts(strength: NDArray[np.int8]) -> dict[int, int]:
    """Return the number of clusters of each class."""
    return {level: int((strength == level).sum()) for level in WANTED}


def adjusted(jobs: Floats) -> Floats:
    """Return jobs with exactly the wanted clusters, by moving a few across the least quotient.

    One at a time and none twice, the strongest class first, as stars pass from one to another.
    """
    jobs = jobs.copy()
    free = jobs > 2.0 * LEAST
    least = DEFAULT_STRENGTH_RULE.minimum_quotient
    for _ in range(ROUNDS):
        strength = cluster_strength(jobs)
        found = counts(strength)
        if found == WANTED:
            return jobs
        level = max(one for one in WANTED if found[one] != WANTED[one])
        quotient = location_quotient(jobs)
        if found[level] > WANTED[level]:
            those = (strength == level) & (quotient < least * NEAR)
            aim = least / ACROSS
        else:
            those = (cluster_stars(jobs) == level) & (quotient < least) & (quotient > least / NEAR)
            aim = least * ACROSS
        cells = np.flatnonzero(those & free)
        if cells.size == 0:
            break
        # The smallest, so that hardly a job is moved.
        cell = np.unravel_index(cells[np.argmin(jobs.ravel()[cells])], jobs.shape)
        jobs[cell] = rounded(jobs[cell] * aim / quotient[cell])
        free[cell] = False
    msg = f"{counts(cluster_strength(jobs))} clusters instead of {WANTED}: choose other numbers"
    raise ValueError(msg)


def places() -> tuple[Floats, Floats, Floats]:
    """Return where regions lie, km to the east and north, and how far out, 0 to 1, shape (R,)."""
    number = np.arange(REGIONS)
    out = np.sqrt((number + 0.5) / REGIONS)
    cosine, sine = direction((number * GOLDEN) % 1.0)
    radius = SPACING_KM * math.sqrt(REGIONS / math.pi) * out
    return np.round(radius * cosine), np.round(radius * sine), out


def names(rank: Floats) -> tuple[list[str], list[str]]:
    """Return the name and the kind of each region; no real region is meant."""
    kinds = [next(kind for kind, up_to in KINDS if one < up_to) for one in rank]
    return [f"{kind} region {r + 1:03d}" for r, kind in enumerate(kinds)], kinds


def table(all_sectors: list[Sector], regions: list[str], jobs: Floats) -> str:
    """Return the table of employment as CSV."""
    east, north, _ = places()
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["region", "sector", "jobs", "x", "y"])
    for r, region in enumerate(regions):
        for s, sector in enumerate(all_sectors):
            writer.writerow(
                [region, sector.name, *(int(v) for v in (jobs[r, s], east[r], north[r]))]
            )
    return out.getvalue()


def scenario(all_sectors: list[Sector], regions: list[str], kinds: list[str], rank: Floats) -> str:
    """Return the scenario file: its head, which is written by hand, and the world."""
    lines = [(HERE / "head.yaml").read_text(encoding="utf-8").rstrip(), "  sectors:"]
    for sector in all_sectors:
        family = FAMILIES[sector.family]
        lines += [
            f"    - name: {sector.name}",
            f"      demand_growth: {family.growth}",
            f"      home_share: {family.home_share}",
            f"      export_share: {family.export_share}",
            f"      carbon_intensity: {family.carbon}",
            *flow("      inputs: ", sector.inputs),
            "      paradigms:",
            *flow("        - weights: ", sector.first),
            f"        - year: {sector.year}",
            f"          width: {WIDTH}",
            *flow("          weights: ", sector.later),
        ]
    lines.append("  regions:")
    *_, out = places()
    for r, (region, kind) in enumerate(zip(regions, kinds, strict=True)):
        cost = 0.8 + 0.45 * rank[r] - 0.2 * out[r] ** 2
        quality = 0.72 - 0.2 * out[r] ** 2
        about: dict[str, object] = {
            "name": region,
            "cost_level": round(cost, 2),
            "institutional_quality": round(quality, 2),
            "universities": UNIVERSITIES[kind],
            "rtos": RTOS[kind],
        }
        lines += flow("    - ", about)
    return "\n".join(lines) + "\n"


def flow(start: str, values: Mapping[str, object]) -> list[str]:
    """Return a mapping in braces, in lines of at most 100 signs."""
    lines, line = [], start + "{"
    for position, (name, value) in enumerate(values.items()):
        text = f"{name}: {value}" + ("}" if position == len(values) - 1 else ",")
        if len(line) + len(text) + 1 > WIDEST:
            lines.append(line.rstrip())
            line = " " * (len(start) + 1)
        line += text + ("" if text.endswith("}") else " ")
    return [*lines, line]


def make() -> dict[str, str]:
    """Return the text of both files by name."""
    all_sectors = list(sectors())
    rank, jobs = employment(all_sectors)
    regions, kinds = names(rank)
    jobs = adjusted(jobs)
    return {
        "panorama.csv": table(all_sectors, regions, jobs),
        "panorama.yaml": scenario(all_sectors, regions, kinds, rank),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files, or check them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only compare with what is there")
    parser.add_argument("--out", type=Path, default=SCENARIOS, help="folder of the two files")
    given = parser.parse_args(arguments)
    for name, text in make().items():
        path = given.out / name
        if not given.check:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.is_file() or path.read_bytes() != text.encode():
            sys.exit(f"{path} is not what this program writes")


if __name__ == "__main__":
    main()
