"""The life cycle of clusters, described over many seeds: tables, pictures and words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

import clustersim
from clustersim.experiments.cycles import declines, passages, phase, renewals, sensitivity
from clustersim.experiments.cycles.history import History, Job, collect
from clustersim.experiments.cycles.passages import LIVING, duration_curve
from clustersim.experiments.life_cycles import LOCAL_STAGE_RULE
from clustersim.experiments.validation.panel import check_length
from clustersim.experiments.workers import each, seed_numbers

SEEDS: Final = 30
QUICK_SEEDS: Final = 6
FACTOR: Final = 1.25

Row = dict[str, Any]

TABLES: Final = {
    "passages": "passages",
    "durations": "durations",
    "reasons": "reasons",
    "declines": "declines",
    "renewals": "differences",
    "regression": "regression",
    "thresholds": "thresholds",
    "phase_cells": "cells",
    "phase_stages": "positions",
    "path": "path",
    "survival": "curves",
}
"""Attributes of `Cycles` by the names of their tables in files."""


@dataclass(frozen=True)
class Cycles:
    """The description; every table is a list of rows.

    Attributes
    ----------
    scenario, seeds
        What was run.
    clusters
        Clusters followed, over all seeds.
    years
        Cluster-years with a stage.
    factor
        By which thresholds were moved.
    passages, durations, reasons
        How often, how long and why, by stage.
    declines
        Why clusters decline.
    differences, regression
        What declines that renewed had in common.
    outcomes
        Declines that renewed, that did not, and whose outcome is unknown.
    thresholds
        How the stages depend on what defines them.
    cells, positions, path
        The phase picture.
    curves
        Share of spells that outlast each number of years, by stage; of stages that ended at fewer
        than five different ages there is no curve.
    """

    scenario: str
    seeds: tuple[int, ...]
    clusters: int
    years: int
    factor: float
    passages: list[Row]
    durations: list[Row]
    reasons: list[Row]
    declines: list[Row]
    differences: list[Row]
    regression: list[Row]
    outcomes: Row
    thresholds: list[Row]
    cells: list[Row]
    positions: list[Row]
    path: list[Row]
    curves: list[Row]

    def tables(self) -> dict[str, list[Row]]:
        """Return the tables by name, as they are written to files."""
        return {name: getattr(self, attribute) for name, attribute in TABLES.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return the study for JSON."""
        return {
            "scenario": self.scenario,
            "seeds": list(self.seeds),
            "version": clustersim.__version__,
            "clusters": self.clusters,
            "cluster_years": self.years,
            "threshold_factor": self.factor,
            "outcomes": self.outcomes,
            **self.tables(),
        }

    def words(self) -> str:
        """Return what came out, in a few sentences."""
        if not self.clusters:
            return "No place was a cluster for long enough: there is nothing to describe."
        lines = [
            f"{self.scenario}, {_seeds(len(self.seeds))}: {self.clusters} clusters, {self.years:,} "
            "cluster-years."
        ]
        lasting = [
            f"{row['stage']} {row['median']:.0f}"
            for row in self.durations
            if not np.isnan(row["median"])
        ]
        if lasting:
            lines.append(f"Half of all spells end within (years): {', '.join(lasting)}.")
        if self._total(self.declines):
            main = sorted(self.declines, key=lambda row: -row["count"])
            listed = [f"{row['reason']} {row['share']:.0%}" for row in main if row["count"]]
            lines.append(f"Declines, by main reason: {', '.join(listed)}.")
            lines.append(self._renewal_words())
        worst = max(self.thresholds, key=lambda row: row["changed_share"])
        if worst["changed_share"] > 0:
            lines.append(
                f"Of the thresholds, {worst['threshold']} matters most: at {worst['value']:.3g} "
                f"instead of {worst['usual']:.3g}, {worst['changed_share']:.0%} of cluster-years "
                "would have another stage."
            )
        return "\n".join(lines)

    def _renewal_words(self) -> str:
        renewed, of = self.outcomes["renewed"], self.outcomes["known"]
        text = f"Within {renewals.WITHIN} years {renewed} of {of} declines renewed"
        clear = [
            row
            for row in self.differences
            if row["when"] == renewals.AT_START and row["low"] * row["high"] > 0
        ]
        if not clear:
            return f"{text}; at the start they did not differ clearly from the others in any trait."
        clear.sort(key=lambda row: -abs(row["difference"]))
        told = [f"{row['trait']} {row['difference']:+.2f}" for row in clear]
        return (
            f"{text}; they began with a clearly different (standard deviations) {', '.join(told)}."
        )

    @staticmethod
    def _total(rows: Sequence[Row]) -> int:
        return sum(int(row["count"]) for row in rows)


def describe(
    scenario: str | Path = "base",
    *,
    seeds: Sequence[int] | int = SEEDS,
    factor: float = FACTOR,
    overrides: Mapping[str, Any] | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Cycles:
    """Run a scenario at several seeds and describe the life cycle of its clusters.

    Parameters
    ----------
    scenario
        Name or file.
    seeds
        Seeds, or how many of them, from 1 on.
    factor
        By which each threshold of the stages is divided and multiplied.
    overrides
        Further values in all runs, as ``{"learning.tie_rate": 0.2}``.
    workers
        Processes; as many as there are cores if not given.
    progress
        Told after each run how many are done, and of how many.

    Raises
    ------
    ScenarioError
        If the scenario cannot be used.
    ValueError
        If there is no seed, or the factor is not above 1.
    """
    numbers = seed_numbers(seeds)
    next(sensitivity.variants(LOCAL_STAGE_RULE, factor))  # refuses a factor without sense
    given = tuple((overrides or {}).items())
    jobs = [Job(str(scenario), seed, given, factor) for seed in numbers]
    check_length(jobs[0].resolved())  # all errors before any run
    runs = each(collect, jobs, workers=workers, progress=progress)
    return summary(str(scenario), runs, factor)


def summary(scenario: str, runs: Sequence[History], factor: float = FACTOR) -> Cycles:
    """Put the runs together."""
    found = [declines.falls(run, LOCAL_STAGE_RULE) for run in runs]
    outcomes = [renewals.cases(run, those) for run, those in zip(runs, found, strict=True)]
    known = sum(one.renewed.size for one in outcomes)
    renewed = sum(int(one.renewed.sum()) for one in outcomes)
    return Cycles(
        scenario=scenario,
        seeds=tuple(run.seed for run in runs),
        clusters=sum(run.stage.shape[1] for run in runs),
        years=sum(int((run.stage > 0).sum()) for run in runs),
        factor=factor,
        passages=passages.passage_rows(runs),
        durations=passages.duration_rows(runs),
        reasons=passages.reason_rows(runs),
        declines=declines.rows(found),
        differences=renewals.difference_rows(outcomes),
        regression=renewals.regression_rows(outcomes),
        outcomes={
            "known": known,
            "renewed": renewed,
            "unknown": sum(one.unknown for one in outcomes),
            "within_years": renewals.WITHIN,
        },
        thresholds=sensitivity.rows([run.rereadings for run in runs]),
        cells=phase.cells(runs),
        positions=phase.stage_rows(runs),
        path=phase.path_rows(runs),
        curves=_curves(runs),
    )


def _seeds(n: int) -> str:
    return f"{n} seed{'s' if n != 1 else ''}"


def _curves(runs: Sequence[History]) -> list[Row]:
    rows = []
    for stage in LIVING:
        curve = duration_curve(runs, stage)
        if curve.age.size < phase.FEWEST:
            continue
        rows += [
            {"stage": passages.name(stage), "years": float(age), "share": float(share)}
            for age, share in zip(curve.age, curve.share, strict=True)
        ]
    return rows
