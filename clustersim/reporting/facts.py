"""What a report is made of: everything that its pages show, as one document that JSON can hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

import clustersim
from clustersim.experiments.comparison.judged import USUAL
from clustersim.experiments.comparison.money import Prices
from clustersim.experiments.comparison.runs import cases_of, compare_stored
from clustersim.experiments.outcomes import STAGES
from clustersim.experiments.sweep.keeping import plan_of
from clustersim.experiments.sweep.plan import Cell, Plan
from clustersim.policies.actions import BY_NAME
from clustersim.scenario.policy_words import policy_sentences
from clustersim.scenario.schema import Scenario
from clustersim.scenario.shock_words import sentence
from clustersim.store import StoredRuns
from clustersim.world.policy import LARGE

_VARIED_APART: Final = frozenset({"title", "about", "question", "against", "seed", "policies"})


def gather(
    stored: StoredRuns,
    *,
    prices: Prices = USUAL,
    point: int | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Return all facts of a report.

    Parameters
    ----------
    stored
        A sweep in which scenarios are compared.
    prices, point, workers, progress
        As for `compare_stored`.

    Returns
    -------
    dict
        ``title``, ``question``, ``comparison`` (what `compare` says), ``scenarios`` (with policies
        in words, the first being what the others are compared with), ``stages`` and ``ledger`` by
        scenario, ``actions`` (what they are assumed to do, and on what ground), ``origin`` (seeds,
        versions, commit, fingerprint, files).

    Raises
    ------
    StoreError
        As `compare_stored`.
    """
    found = compare_stored(stored, prices=prices, point=point, workers=workers, progress=progress)
    plan = plan_of(stored)
    names = [case.name for case in found.cases]
    cells = _cells(plan, names, point)
    scenarios = {name: _scenario(cell) for name, cell in cells.items()}
    keys = {(cell.label, cell.option, cell.point): name for name, cell in cells.items()}
    seeds = set(found.seeds)
    return {
        "title": stored.manifest["title"],
        "question": stored.manifest.get("question"),
        "comparison": found.to_dict(),
        "scenarios": [
            _told(name, cell, scenarios[name], _changes(plan, cell)) for name, cell in cells.items()
        ],
        "world": _world(next(iter(scenarios.values())), stored),
        "stages": _stages(stored, keys, seeds),
        "ledger": _ledger(stored, keys, seeds),
        "actions": _actions(scenarios.values()),
        "origin": _origin(stored),
    }


def _cells(plan: Plan, names: list[str], point: int | None) -> dict[str, Cell]:
    """Return the cells that are reported on by name: what is compared with first, once each."""
    cases = [cell for cell in cases_of(plan) if point is None or cell.point == point]
    out: dict[str, Cell] = {}
    for cell in cases:
        other = plan.cells[cell.against]
        label = other.label if other.role == "scenario" else other.title
        if other not in out.values():
            out.setdefault(label, other)
    out.update(zip(names, cases, strict=True))
    return out


def _scenario(cell: Cell) -> Scenario:
    # It has been checked: neither its graph nor mechanisms of the user's own need to be at hand.
    return Scenario.model_validate({**cell.data, "seed": 1})


def _told(name: str, cell: Cell, scenario: Scenario, changes: list[str]) -> dict[str, Any]:
    policies = [one for one in scenario.policies if one.enabled]
    return {
        "name": name,
        "title": cell.title,
        "role": cell.role,
        "about": scenario.about or "",
        "policies": [
            {"name": one.name, "about": one.about or "", "words": policy_sentences(one)}
            for one in policies
        ],
        "changes": changes,
    }


def _changes(plan: Plan, cell: Cell) -> list[str]:
    """Return what but its policies differs from what a scenario is compared with."""
    if cell.against < 0:
        return []
    mine, other = (dict(_leaves(one.data)) for one in (cell, plan.cells[cell.against]))
    return [
        f"{name}: {_written(mine.get(name))} instead of {_written(other.get(name))}"
        for name in sorted({*mine, *other})
        if mine.get(name) != other.get(name)
    ]


def _leaves(data: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    out: list[tuple[str, Any]] = []
    for name, value in data.items():
        if not before and name in _VARIED_APART:
            continue
        if isinstance(value, Mapping):
            out += _leaves(value, f"{before}{name}.")
        else:
            out.append((f"{before}{name}", value))
    return out


def _written(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    most = 60
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _world(scenario: Scenario, stored: StoredRuns) -> dict[str, Any]:
    world = scenario.world
    # Not those of the scenario, which has none if its world is from a graph.
    first = [min(stored.state.done)]
    return {
        "regions": len(stored.frame("regions", runs=first)),
        "sectors": stored.frame("sectors", runs=first)["name"].tolist(),
        "start_year": world.start_year,
        "years": scenario.years,
        "employment_scale": world.employment_scale,
        "shocks": [sentence(one) for one in scenario.shocks if one.enabled],
    }


def _stages(
    stored: StoredRuns, keys: Mapping[tuple[str, int, int], str], seeds: set[int]
) -> dict[str, Any]:
    """Return clusters in each stage by year, mean over seeds, by scenario."""
    frame = _of(stored.frame("stages", columns=["year", "stage"]), keys, seeds)
    out = {}
    for name, some in frame.groupby("case", observed=True):
        counts = some.groupby(["year", "stage"], observed=True).size().unstack(fill_value=0)
        counts = counts.reindex(columns=STAGES, fill_value=0).sort_index()
        out[str(name)] = {
            "years": [float(year) for year in counts.index],
            **{stage: (counts[stage] / len(seeds)).tolist() for stage in STAGES},
        }
    return out


def _ledger(
    stored: StoredRuns, keys: Mapping[tuple[str, int, int], str], seeds: set[int]
) -> list[dict[str, Any]]:
    """Return what was paid, mean over seeds, by scenario, policy, purpose and measure."""
    if "ledger" not in stored.names:
        return []
    wanted = ["policy", "measure", "purpose", "kind", "jobs", "euro"]
    frame = _of(stored.frame("ledger", columns=wanted), keys, seeds)
    small = (frame["kind"] == "firm") & (frame["jobs"] < LARGE)
    frame = frame.assign(
        to_firms=np.where(frame["kind"] == "firm", frame["euro"], 0.0),
        to_small=np.where(small, frame["euro"], 0.0),
    )
    by = ["case", "policy", "purpose", "measure"]
    sums = frame.groupby(by, observed=True)[["euro", "to_firms", "to_small"]].sum() / len(seeds)
    return [
        {
            "scenario": name,
            "policy": policy,
            "purpose": purpose,
            "measure": measure,
            "euro": float(row["euro"]),
            "to_firms": float(row["to_firms"]),
            "to_small": float(row["to_small"]),
        }
        for (name, policy, purpose, measure), row in sums.iterrows()
        if abs(row["euro"]) > 0.0
    ]


def _of(frame: Any, keys: Mapping[tuple[str, int, int], str], seeds: set[int]) -> Any:
    """Return the rows of the runs that are reported on, with the name of each."""
    which = zip(frame["scenario"], frame["option"], frame["point"], strict=True)
    frame = frame.assign(case=[keys.get(key) for key in which])
    return frame[frame["case"].notna() & frame["seed"].isin(seeds)]


def _actions(scenarios: Any) -> list[dict[str, Any]]:
    """Return what the actions of all policies are assumed to do, and on what ground."""
    names = {
        measure.action
        for scenario in scenarios
        for policy in scenario.policies
        if policy.enabled
        for measure in policy.measures
    }
    return [
        {
            "name": one.name,
            "title": one.title,
            "channel": one.channel,
            "effects": [f"{effect.lever} {effect.size:+g}" for effect in one.effects],
            "deadweight": one.deadweight,
            "source": one.source,
        }
        for one in (BY_NAME[name] for name in sorted(names))
    ]


def _origin(stored: StoredRuns) -> dict[str, Any]:
    manifest = stored.manifest
    return {
        "folder": stored.folder.name,
        "runs": len(stored.state.done),
        "failed": len(stored.state.failed),
        "asked": stored.n_runs,
        "seeds": manifest["seeds"],
        "created": manifest["created"],
        "fingerprint": manifest["fingerprint"],
        "git": manifest["git"],
        "versions": manifest["versions"],
        "platform": manifest["platform"],
        "reported_by": clustersim.__version__,
        "study": manifest["study"],
        "files": {one["name"]: one["files"] for one in manifest["scenarios"]},
        "notes": sorted({note for one in manifest["scenarios"] for note in one["notes"]}),
    }
