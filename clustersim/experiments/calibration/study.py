"""The file of a calibration: what is free, within which bounds, and how long to search."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from clustersim.experiments.run import resolve
from clustersim.scenario.documents import Part, read_document
from clustersim.scenario.problems import Findings, ScenarioError
from clustersim.scenario.validate import locate


class FreeParameter(Part):
    """A parameter that the search may change."""

    low: float = Field(description="Smallest value tried.")
    high: float = Field(description="Largest value tried.")
    start: float = Field(description="Value of the first trial.")
    log: bool = Field(default=False, description="Whether to search in logarithms.")
    source: str = Field(min_length=1, description="Why these bounds.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.low <= self.start <= self.high or self.low == self.high:
            raise ValueError(f"start is {self.start:g}, low {self.low:g}, high {self.high:g}")
        if self.log and self.low <= 0.0:
            raise ValueError(f"low is {self.low:g}: a search in logarithms begins above zero")
        return self

    def to_unit(self, value: float) -> float:
        """Return where a value lies between `low` (0) and `high` (1)."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def from_unit(self, share: float) -> float:
        """Return the value at a share of the way from `low` to `high`."""
        if self.log:
            value = float(self.low * (self.high / self.low) ** share)
        else:
            value = self.low + (self.high - self.low) * share
        return min(max(value, self.low), self.high)


class Study(Part):
    """A calibration."""

    title: str = Field(min_length=1)
    scenario: str = Field(description="Built-in scenario, or a file beside the study.")
    years: int = Field(ge=16, le=200, description="Length of each run, years.")
    seeds: tuple[int, ...] = Field(min_length=1, description="Seeds of the runs of each trial.")
    trials: int = Field(ge=1, le=100_000, description="Trials in all.")
    batch: int = Field(
        default=12,
        ge=4,
        le=1000,
        description="Trials that are chosen together: the same search on any number of cores.",
    )
    spread: float = Field(
        default=0.15,
        gt=0,
        le=1,
        description="Spread of the first trials about the start, share of the ranges.",
    )
    seed: int = Field(default=1, ge=0, lt=2**31, description="Luck of the search.")
    fixed: dict[str, Any] = Field(
        default_factory=dict, description="Values that are set in every trial, by dotted name."
    )
    parameters: dict[str, FreeParameter] = Field(min_length=1)


def read_study(path: str | Path) -> Study:
    """Read the file of a calibration and check that its scenario takes the parameters.

    Parameters
    ----------
    path
        YAML file.

    Raises
    ------
    ScenarioError
        With all that is wrong, each with its place.
    """
    (study, root), findings = read_document(path, Study), Findings()
    source = scenario_of(study, Path(path))
    for name, free in study.parameters.items():
        for value in (free.low, free.high, free.start):
            _, place, _ = locate(root, ("parameters", name))
            try:
                resolve(source, {**study.fixed, name: value})
            except ScenarioError as error:
                found = error.problems[0]
                findings.add(place, found.message, found.expected, found.hint)
                break
    findings.raise_if_any()
    return study


def scenario_of(study: Study, file: Path) -> str:
    """Return the scenario of a study: a file beside it if there is one of that name."""
    beside = file.parent / study.scenario
    return str(beside) if beside.is_file() else study.scenario
