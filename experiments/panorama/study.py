"""What becomes of the clusters of the panorama, and what the programme for them brings.

Run it from the root of the checkout: ``python -m experiments.panorama.study --help``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clustersim.experiments.run import run
from clustersim.experiments.workers import each
from clustersim.measures.clusters import cluster_strength
from clustersim.measures.productivity import cluster_premium, premium_by_class
from clustersim.world.elementary import exponential
from experiments.panorama.sectors import FAMILIES, LOCAL

PROGRAMMES: Final = {
    "none": {"policy.enabled": False},
    "strong": {},
    "thin": {"policies.strong.enabled": False, "policies.thin.enabled": True},
}
"""What is set in each of the worlds that are compared."""
SHOWN: Final = 5
"""Years from one line of the first table to the next."""


COLUMNS: Final = ("jobs", "innovations", "research", "log_productivity")
NAMES: Final = {3: "high", 2: "medium", 1: "basic"}


@dataclass(frozen=True)
class Course:
    """One run: what it recorded of places, and what a programme paid, by place, shape (P,)."""

    years: NDArray[np.float64]
    columns: dict[str, NDArray[np.float64]]
    """Each of shape (years, regions, sectors)."""
    traded: NDArray[np.bool_]
    paid: NDArray[np.float64]
    """Euro of appropriations less what came back, shape (R, S)."""


def course(scale: float | None, years: float | None, case: tuple[str, int]) -> Course:
    """Run one world."""
    programme, seed = case
    given: dict[str, Any] = dict(PROGRAMMES[programme])
    if scale is not None:
        given["world.employment_scale"] = scale
    tables = run("panorama", seed=seed, years=years, overrides=given).tables
    clusters, names = tables["clusters"], tables["sectors"]["name"]
    shape = (-1, tables["regions"]["name"].size, names.size)
    paid = np.zeros(shape[1:])
    ledger = tables.get("ledger")
    if ledger is not None:
        for purpose, sign in (("appropriation", 1.0), ("return", -1.0)):
            rows = ledger["purpose"] == purpose
            at = ledger["region"][rows], ledger["sector"][rows]
            np.add.at(paid, at, sign * ledger["euro"][rows])
    return Course(
        years=np.unique(clusters["year"]),
        columns={name: clusters[name].reshape(shape) for name in COLUMNS},
        traded=~np.isin(names, list(FAMILIES[LOCAL].sectors)),
        paid=paid,
    )


def structure(one: Course, t: int) -> dict[str, float]:
    """Return clusters, their weight and their premium in a year.

    Productivity is that over the mean of the sector, as levels of sectors do not compare.
    """
    jobs, log = one.columns["jobs"][t], one.columns["log_productivity"][t]
    strength = cluster_strength(jobs)
    inside = strength > 0
    out = {
        "year": float(one.years[t]),
        **{
            name: int((strength == k).sum())
            for k, name in ((3, "high"), (2, "medium"), (1, "basic"))
        },
        "clusters": int(inside.sum()),
        "traded": int(inside[:, one.traded].sum()),
        "jobs": float(jobs[inside].sum()) / 1e6,
        "share": float(jobs[inside].sum() / jobs.sum()),
        "share_of_traded": float(
            jobs[:, one.traded][inside[:, one.traded]].sum() / jobs[:, one.traded].sum()
        ),
        "mean_jobs": float(jobs[inside].mean()),
    }
    known = np.isfinite(log) & (jobs > 0.0)
    if known.any():
        level = np.where(known, exponential(np.where(known, log, 0.0)), 0.0)
        mean = (level * jobs).sum(axis=0) / np.where(known, jobs, 0.0).sum(axis=0)
        relative, weight = (level / mean)[known], jobs[known]
        by_class = premium_by_class(relative, weight, strength[known].astype(np.int64), 4)
        out["premium"] = cluster_premium(relative, weight, inside[known])
        out |= {f"premium_{name}": float(by_class[k]) for k, name in NAMES.items()}
    return out


def effects(done: Course, without: Course, places: NDArray[np.bool_]) -> dict[str, float]:
    """Return what a programme changes in some places, from its world less the one without."""
    flows = {
        name: (done.columns[name] - without.columns[name])[:, places].sum()
        for name in ("innovations", "research")
    }
    jobs = (done.columns["jobs"] - without.columns["jobs"])[-1][places].sum()
    before = without.columns["innovations"][:, places].sum()
    return {
        "innovations": float(flows["innovations"]),
        "innovations_relative": float(flows["innovations"] / before),
        "research": float(flows["research"]) / 1e6,
        "jobs_at_the_end": float(jobs),
    }


def mean_of(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the mean over seeds of each figure."""
    return {name: float(np.mean([row[name] for row in rows])) for name in rows[0]}


def error_of(rows: Sequence[Mapping[str, float]], name: str) -> float | None:
    """Return the standard error of a mean over seeds; None for one seed."""
    values = [row[name] for row in rows]
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None


def result(courses: Mapping[tuple[str, int], Course], seeds: int) -> dict[str, Any]:
    """Return everything that is printed."""
    plain = [courses["none", seed] for seed in range(1, seeds + 1)]
    rows = [
        mean_of([structure(one, t) for one in plain]) for t in range(0, len(plain[0].years), SHOWN)
    ]
    found = {}
    for programme in ("strong", "thin"):
        done = [courses[programme, seed] for seed in range(1, seeds + 1)]
        served = [effects(a, b, a.paid != 0.0) for a, b in zip(done, plain, strict=True)]
        everywhere = [
            effects(a, b, np.ones_like(a.paid, dtype=np.bool_))
            for a, b in zip(done, plain, strict=True)
        ]
        found[programme] = {
            "clusters": float(np.mean([np.count_nonzero(one.paid) for one in done])),
            "million_euro": float(np.mean([one.paid.sum() for one in done])) / 1e6,
            "in_its_clusters": mean_of(served),
            "everywhere": mean_of(everywhere),
            "error": {name: error_of(everywhere, name) for name in everywhere[0]},
        }
    return {"seeds": seeds, "structure": rows, "programmes": found}


def words(found: Mapping[str, Any]) -> str:
    """Return the result as text."""
    head = (
        f"{'year':>4}{'high':>6}{'medium':>8}{'basic':>7}{'all':>7}{'traded':>8}{'jobs, M':>9}"
        f"{'of all':>8}{'of traded':>11}{'mean jobs':>11}"
        f"{'premium':>9}{'basic':>7}{'medium':>8}{'high':>7}"
    )
    lines = [head]
    for row in found["structure"]:
        names = ("premium", *(f"premium_{name}" for name in ("basic", "medium", "high")))
        percent = [f"{row[name]:+.1%}" if name in row else "-" for name in names]
        lines.append(
            f"{row['year']:4.0f}{row['high']:6,.0f}{row['medium']:8,.0f}{row['basic']:7,.0f}"
            f"{row['clusters']:7,.0f}{row['traded']:8,.0f}{row['jobs']:9.1f}{row['share']:8.1%}"
            f"{row['share_of_traded']:11.1%}{row['mean_jobs']:11,.0f}"
            f"{percent[0]:>9}{percent[1]:>7}{percent[2]:>8}{percent[3]:>7}"
        )
    for name, one in found["programmes"].items():
        near, far = one["in_its_clusters"], one["everywhere"]
        error = {
            key: "-" if value is None else f"{value:,.0f}" for key, value in one["error"].items()
        }
        lines += [
            f"\n{name}: {one['million_euro']:,.0f} million euro in {one['clusters']:,.0f} clusters",
            f"  innovations {far['innovations']:+,.0f} ({error['innovations']}), "
            f"in its clusters {near['innovations']:+,.0f} ({near['innovations_relative']:+.2%})",
            f"  R&D {far['research']:+,.0f} million euro ({error['research']})",
            f"  jobs at the end {far['jobs_at_the_end']:+,.0f} ({error['jobs_at_the_end']}), "
            f"in its clusters {near['jobs_at_the_end']:+,.0f}",
        ]
    lines.append(
        "\nin brackets: standard error over the seeds; shares are of all innovations there"
    )
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the worlds and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3, help="number of runs of each world")
    parser.add_argument("--years", type=float, help="length of each run")
    parser.add_argument("--scale", type=float, help="real jobs per simulated job")
    parser.add_argument("--workers", type=int, help="processes; one per core if left out")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    given = parser.parse_args(arguments)
    cases = [(name, seed) for seed in range(1, given.seeds + 1) for name in PROGRAMMES]
    simulate: Callable[[tuple[str, int]], Course] = partial(course, given.scale, given.years)
    courses = dict(zip(cases, each(simulate, cases, workers=given.workers), strict=True))
    found = result(courses, given.seeds)
    sys.stdout.write(json.dumps(found, indent=2) + "\n" if given.json else words(found))


if __name__ == "__main__":
    main()
