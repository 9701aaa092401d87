"""The premium of clusters explained: parts that add up, by strength class, with intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

import clustersim
from clustersim.experiments import uncertainty
from clustersim.experiments.premium.accounting import ITEM_WORDS, ITEMS
from clustersim.experiments.premium.classes import GROUPS, Group
from clustersim.experiments.premium.worlds import (
    ALL_ON,
    MAPS,
    N_WORLDS,
    OWN_MAP,
    PARTS,
    Job,
    Measured,
    measure,
)
from clustersim.experiments.run import resolve
from clustersim.experiments.uncertainty import Estimate
from clustersim.experiments.validation.panel import check_length
from clustersim.experiments.workers import each, seed_numbers
from clustersim.measures.checks import FloatArray
from clustersim.measures.shapley import shapley

SEEDS: Final = 20
QUICK_SEEDS: Final = 4
SECTOR_MIX: Final = "sector mix"
REST: Final = "rest"
BASE_WORDS: Final = {
    SECTOR_MIX: "with all of these off, clusters lie in the more productive sectors",
    REST: "with all of these off, clusters of one sector differ by founding and chance",
}

THREE: Final = {
    "externality": ("place", "spillovers"),
    "selection": ("selection",),
    "sorting": ("sorting", SECTOR_MIX),
    REST: (REST,),
}
"""The three explanations of the literature, and the parts that each of them is the sum of."""


@dataclass(frozen=True)
class Effect:
    """What one cause adds to the premium, in shares of mean productivity.

    Attributes
    ----------
    name
        Of the cause.
    part
        Its share of the premium: the mean over all orders of switching on (Shapley).
    alone
        What it adds to a world in which it is the only one at work.
    last
        What the full world loses without it.
    """

    name: str
    part: Estimate
    alone: Estimate
    last: Estimate


@dataclass(frozen=True)
class Explained:
    """The premium of one group of clusters under one map.

    Attributes
    ----------
    group, map
        Which clusters.
    premium
        In the full world.
    effects
        Of the causes; their parts, the sector mix and the rest add up to the premium.
    sector_mix, rest
        The premium with all causes off: what comes from the sectors that clusters lie in, and what
        is left, from founding and chance.
    three
        The same in the words of the literature: sums of parts, by the names of `THREE`.
    left_out
        Seeds in which some world has no such cluster; they do not count here.
    """

    group: Group
    map: str
    premium: Estimate
    effects: tuple[Effect, ...]
    sector_mix: Estimate
    rest: Estimate
    three: dict[str, Estimate]
    left_out: int

    def to_dict(self) -> dict[str, Any]:
        """Return what a reader of JSON wants."""
        return {
            "group": self.group.name,
            "map": self.map,
            "premium": self.premium.to_dict(),
            "found_in_europe": [self.group.low, self.group.high],
            "parts": {
                one.name: {
                    **one.part.to_dict(),
                    "alone": one.alone.to_dict(),
                    "last": one.last.to_dict(),
                }
                for one in self.effects
            },
            "base": {SECTOR_MIX: self.sector_mix.to_dict(), REST: self.rest.to_dict()},
            "three": {name: value.to_dict() for name, value in self.three.items()},
            "seeds_left_out": self.left_out,
        }


@dataclass(frozen=True)
class Accounted:
    """The premium of one group in the full world, taken apart by accounting."""

    group: Group
    premium: Estimate
    items: tuple[Estimate, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return what a reader of JSON wants."""
        items = zip(ITEMS, self.items, strict=True)
        return {
            "group": self.group.name,
            "premium": self.premium.to_dict(),
            "items": {name: value.to_dict() for name, value in items},
        }


@dataclass(frozen=True)
class Premium:
    """All of it.

    Attributes
    ----------
    scenario, seeds
        What was run.
    explained
        By map, then group.
    accounted
        By group.
    clusters
        Mean number of clusters of each group in each world, shape (worlds, groups).
    shared
        Mean share of the full world's clusters that are clusters in each world too, shape
        (worlds,).
    """

    scenario: str
    seeds: tuple[int, ...]
    explained: tuple[Explained, ...]
    accounted: tuple[Accounted, ...]
    clusters: FloatArray
    shared: FloatArray

    def under(self, which: str) -> tuple[Explained, ...]:
        """Return what is explained under one map, by group."""
        return tuple(one for one in self.explained if one.map == which)

    def to_dict(self) -> dict[str, Any]:
        """Return the study for JSON."""
        return {
            "scenario": self.scenario,
            "seeds": list(self.seeds),
            "version": clustersim.__version__,
            "causes": {part.name: {"words": part.words, "off": dict(part.off)} for part in PARTS},
            "base": BASE_WORDS,
            "items": ITEM_WORDS,
            "explained": [one.to_dict() for one in self.explained],
            "accounted": [one.to_dict() for one in self.accounted],
            "worlds": [
                {
                    "on": [part.name for i, part in enumerate(PARTS) if world >> i & 1],
                    "clusters": dict(
                        zip([g.name for g in GROUPS], self.clusters[world].tolist(), strict=True)
                    ),
                    "shared_with_full": float(self.shared[world]),
                }
                for world in range(N_WORLDS)
            ],
        }

    def words(self) -> str:
        """Return what came out, in a few sentences."""
        return "\n".join([*(_sentence(one) for one in self.under(OWN_MAP)), *self._caveats()])

    def _caveats(self) -> list[str]:
        lines = []
        shared, n = float(self.shared[0]), float(self.clusters[0, 0])
        if not np.isnan(shared):
            lines.append(
                f"With all causes off there are {n:.1f} clusters on average, against "
                f"{self.clusters[ALL_ON, 0]:.1f}, and {shared:.0%} of the full world's are among "
                "them: the second map keeps to these."
            )
        lines += [
            f"{one.group.name}, {one.map}: {one.left_out} of {len(self.seeds)} seeds are left out, "
            "as some world there has no such cluster."
            for one in self.explained
            if one.left_out
        ]
        return lines


def explain(
    scenario: str | Path = "base",
    *,
    seeds: Sequence[int] | int = SEEDS,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Premium:
    """Run a scenario with every combination of causes on and off, and explain the premium.

    Parameters
    ----------
    scenario
        Name or file.
    seeds
        Seeds, or how many of them, from 1 on.
    overrides
        Further values in all worlds, as ``{"learning.tie_rate": 0.2}``; where a cause is switched
        off, that counts.
    workers
        Processes; as many as there are cores if not given.
    progress
        Told after each seed how many are done, and of how many.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    ValueError
        If there is no seed.
    """
    numbers = seed_numbers(seeds)
    given = tuple((overrides or {}).items())
    jobs = [Job(str(scenario), seed, given) for seed in numbers]
    for world in (ALL_ON, 0):  # all errors before any run
        check_length(resolve(scenario, jobs[0].values(world)))
    return summary(str(scenario), each(measure, jobs, workers=workers, progress=progress))


def summary(scenario: str, runs: Sequence[Measured]) -> Premium:
    """Put the seeds together."""
    explained = []
    for m, which in enumerate(MAPS):
        premium = np.stack([run.premium[m] for run in runs])
        sectors = np.stack([run.sectors_off[m] for run in runs])
        explained += [
            _explained(group, which, premium[:, :, g], sectors[:, g])
            for g, group in enumerate(GROUPS)
        ]
    items = np.stack([run.accounts for run in runs])
    whole = np.stack([run.premium_accounted for run in runs])
    accounted = [
        Accounted(
            group,
            uncertainty.mean(whole[:, g]),
            tuple(uncertainty.mean(items[:, g, k]) for k in range(len(ITEMS))),
        )
        for g, group in enumerate(GROUPS)
    ]
    return Premium(
        scenario=scenario,
        seeds=tuple(run.seed for run in runs),
        explained=tuple(explained),
        accounted=tuple(accounted),
        clusters=np.mean([run.clusters for run in runs], axis=0),
        shared=_mean_known([run.shared for run in runs]),
    )


def _explained(group: Group, which: str, premium: FloatArray, sectors: FloatArray) -> Explained:
    """Explain the premium of one group, shape (seeds, worlds)."""
    known = np.asarray(~np.isnan(premium).any(axis=1), dtype=np.bool_)
    worlds = premium[known].T
    parts = shapley(worlds)
    effects = tuple(
        Effect(
            part.name,
            uncertainty.mean(parts[i]),
            uncertainty.mean(worlds[1 << i] - worlds[0]),
            uncertainty.mean(worlds[ALL_ON] - worlds[ALL_ON ^ (1 << i)]),
        )
        for i, part in enumerate(PARTS)
    )
    per_seed = dict(zip([part.name for part in PARTS], parts, strict=True))
    per_seed |= {SECTOR_MIX: sectors[known], REST: worlds[0] - sectors[known]}
    return Explained(
        group=group,
        map=which,
        premium=uncertainty.mean(worlds[ALL_ON]),
        effects=effects,
        sector_mix=uncertainty.mean(per_seed[SECTOR_MIX]),
        rest=uncertainty.mean(per_seed[REST]),
        three={
            name: uncertainty.mean(np.sum([per_seed[one] for one in those], axis=0))
            for name, those in THREE.items()
        },
        left_out=int((~known).sum()),
    )


def _mean_known(rows: Sequence[FloatArray]) -> FloatArray:
    table = np.stack(rows)
    return np.array([uncertainty.mean(column).value for column in table.T])


def _sentence(one: Explained) -> str:
    europe = f"{one.group.low:+.0%}"
    if one.group.high != one.group.low:
        europe += f" to {one.group.high:+.0%}"
    if not one.premium.n:
        return (
            f"Jobs in {one.group.name}: no seed has such clusters in every world (Europe {europe})."
        )
    parts = sorted(one.three.items(), key=lambda pair: -abs(pair[1].value))
    listed = ", ".join(f"{name} {100 * part.value:+.1f}" for name, part in parts)
    return (
        f"Jobs in {_named(one.group)} differ from all jobs in productivity by "
        f"{one.premium.value:+.1%} (Europe {europe}). Of that, in points: {listed}."
    )


def _named(group: Group) -> str:
    return group.name if group.name.endswith("clusters") else f"{group.name} clusters"
