"""Which uncertainty outcomes and effects hang on, from the runs of a study."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from clustersim.experiments.outcomes import PAIRED, WHOLE
from clustersim.experiments.sensitivity import SensitivityError
from clustersim.experiments.sensitivity.indices import (
    SETTLED,
    WIDEST,
    WIDEST_SHARE,
    Indices,
    morris,
    ranks,
    sobol,
    to_dict,
)
from clustersim.experiments.sensitivity.luck import Luck, luck_of
from clustersim.experiments.sweep.keeping import SHARE
from clustersim.experiments.sweep.study import Exploration, Study
from clustersim.scenario.problems import did_you_mean
from clustersim.store import StoredRuns, read_runs
from clustersim.world.types import Floats

if TYPE_CHECKING:
    import pandas as pd

Places = np.ndarray[Any, np.dtype[np.int64]]
Marks = np.ndarray[Any, np.dtype[np.bool_]]

DEFAULT: Final = ("jobs", "productivity", "innovations", "clusters")
"""Outcomes that are looked at if none are named."""
OUTCOMES: Final = (*(one.key for one in PAIRED), *WHOLE)
"""Outcomes that can be named."""
LEVEL: Final = "level"
EFFECT: Final = "effect"
_MANY: Final = 64.0
"""Factors that so many times the blocks would be needed to tell apart matter about equally."""
_LOW_RANKS: Final = 0.7
_HALF: Final = 0.5


@dataclass(frozen=True)
class Analysis:
    """What one outcome of one scenario says of each factor.

    Attributes
    ----------
    scenario, option
        Name in the study, and number of the setting that is not varied; -1 for none.
    of
        ``"level"``: the outcome; ``"effect"``: what it differs by from what the scenario is
        compared with, at the same point and the same seed.
    outcome
        Its key.
    factors
        Names of what is varied.
    points, seeds
        On which it rests; the outcome at a point is its mean over seeds.
    dropped
        Points that are left out, as runs of them are missing.
    mean, deviation
        Of the outcome over points.
    luck
        How much of its variance is luck.
    indices
        Of each factor.
    """

    scenario: str
    option: int
    of: str
    outcome: str
    factors: tuple[str, ...]
    points: int
    seeds: int
    dropped: int
    mean: float
    deviation: float
    luck: Luck
    indices: Indices

    @property
    def label(self) -> str:
        """Scenario and setting."""
        return self.scenario if self.option < 0 else f"{self.scenario}, option {self.option}"

    def warnings(self) -> list[str]:
        """Say what is not sure yet, and what would make it so."""
        found, blocks = [], self.indices.blocks
        kind = {"sobol": "base samples", "morris": "trajectories"}.get(
            self.indices.method, "points"
        )
        about = f"{self.label}, {self.of} of {self.outcome}"
        if self.indices.wide:
            width = (
                f"half an interval of mu* is up to {self.indices.half:.2f} of the largest mu*, and "
                f"more than {WIDEST_SHARE:g}"
                if self.indices.method == "morris"
                else f"half an interval is up to {self.indices.half:.2f}, and more than {WIDEST:g}"
            )
            found.append(
                f"{about}: {width}; about {self.indices.needed:,} {kind} would do ({blocks:,} now)"
            )
        if self.indices.settled < SETTLED:
            first = self.factors[self.indices.order[0]]
            second = self.factors[self.indices.rival]
            text = (
                f"{about}: it is not settled that {first} comes first, before {second} (it does in "
                f"{self.indices.settled:.0%} of resamples, not {SETTLED:.0%})"
            )
            many = self.indices.needed_order > _MANY * blocks
            found.append(
                f"{text}; they matter about equally"
                if many
                else f"{text}; about {math.ceil(self.indices.needed_order):,} {kind} would tell"
            )
        if self.luck.noise > _HALF:
            found.append(
                f"{about}: {self.luck.noise:.0%} of the variance between points is luck; more "
                "seeds (`clustersim resume FOLDER --add-replications N`) help more than points"
            )
        if self.indices.explained < _LOW_RANKS:
            found.append(
                f"{about}: the ranks of the factors explain {self.indices.explained:.0%} of the "
                f"outcome's, less than {_LOW_RANKS:.0%}; what goes up and down again, and luck, is "
                "not in the figures (the design saltelli sees it)"
            )
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {
            "scenario": self.scenario,
            "option": self.option,
            "of": self.of,
            "outcome": self.outcome,
            "points": self.points,
            "seeds": self.seeds,
            "dropped": self.dropped,
            "mean": self.mean,
            "deviation": self.deviation,
            "variance": asdict(self.luck),
            **to_dict(self.indices, self.factors),
            "warnings": self.warnings(),
        }


@dataclass(frozen=True)
class Sensitivity:
    """What a study says of what its outcomes hang on.

    Attributes
    ----------
    title
        Of the study.
    design
        How its points are laid out.
    analyses
        Of each scenario, its level and its effect, and each outcome.
    notes
        What was left out, and why.
    """

    title: str
    design: str
    analyses: tuple[Analysis, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {
            "title": self.title,
            "design": self.design,
            "analyses": [one.to_dict() for one in self.analyses],
            "notes": list(self.notes),
        }

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Return the tables ``indices`` and ``variance`` as rows."""
        indices, variance = [], []
        for one in self.analyses:
            key = {
                "scenario": one.scenario,
                "option": one.option,
                "of": one.of,
                "outcome": one.outcome,
            }
            variance.append(
                {
                    **key,
                    "points": one.points,
                    "seeds": one.seeds,
                    "mean": one.mean,
                    "deviation": one.deviation,
                    **asdict(one.luck),
                }
            )
            for measure, found in one.indices.measures.items():
                for name, index in zip(one.factors, found, strict=True):
                    indices.append({**key, "factor": name, "measure": measure, **index._asdict()})
        return {"indices": indices, "variance": variance}

    def warnings(self) -> list[str]:
        """Say what is not sure yet, of all outcomes."""
        return [text for one in self.analyses for text in one.warnings()]

    def words(self) -> str:
        """Say what matters most, a line for each outcome."""
        lines = []
        for one in self.analyses:
            first = one.indices.order[0]
            index = one.indices.measures[one.indices.main][first]
            figures = f"{one.indices.main} {index.value:.3g}, {index.low:.3g} to {index.high:.3g}"
            about = f"{one.label}: the {one.of} of {one.outcome}"
            if one.luck.noise > _HALF:
                lines.append(
                    f"{about} differs from point to point by luck more than by any factor "
                    f"({one.luck.noise:.0%})."
                )
            elif one.indices.settled < SETTLED:
                lines.append(
                    f"{about} seems to hang most on {one.factors[first]} ({figures}) or "
                    f"{one.factors[one.indices.rival]}; that is not settled."
                )
            else:
                lines.append(f"{about} hangs most on {one.factors[first]} ({figures}).")
        return "\n".join(lines)


def sensitivity(
    runs: StoredRuns | str | Path, outcomes: Sequence[str] | None = None
) -> Sensitivity:
    """Find out which uncertainty the outcomes of a sweep hang on.

    Morris's elementary effects of the design `morris`, Sobol's indices of `saltelli`, and rank
    correlations of `lhs` and `sobol`; of each scenario, and of its effect where it is compared with
    another. The uncertainties are looked at, for each setting of the levers; or the levers, if no
    uncertainty has a range.

    Parameters
    ----------
    runs
        Of a sweep, or its folder.
    outcomes
        Keys of `OUTCOMES`; those of `DEFAULT` if not given.

    Returns
    -------
    Sensitivity

    Raises
    ------
    SensitivityError
        If there are no ranges, an outcome is unknown, or runs are missing that cannot be done
        without.
    StoreError
        If the folder holds no sweep, or cannot be read.
    MissingExtraError
        If SALib is not installed, and the design needs it.
    """
    stored = runs if isinstance(runs, StoredRuns) else read_runs(runs)
    wanted = check_outcomes(outcomes)
    study = Study.model_validate(stored.manifest["study"])
    explored(study)
    if not stored.state.done:
        raise SensitivityError(
            f"{stored.folder}: no run is done yet; `clustersim resume {stored.folder}` does them"
        )
    return analyse(
        study,
        stored.design,
        stored.frame("runs"),
        stored.manifest["seeds"],
        wanted if outcomes else None,
        folder=str(stored.folder),
        failed=len(stored.state.failed),
    )


def check_outcomes(outcomes: Sequence[str] | None) -> tuple[str, ...]:
    """Return the outcomes that are wanted.

    Raises
    ------
    SensitivityError
        If one is unknown.
    """
    wanted = tuple(dict.fromkeys(outcomes or DEFAULT))
    for name in wanted:
        if name not in OUTCOMES:
            hint = did_you_mean(name, OUTCOMES) or f"there are {', '.join(OUTCOMES)}"
            raise SensitivityError(f"no outcome {name!r}; {hint}")
    return wanted


def explored(study: Study) -> tuple[str, Exploration]:
    """Return which part of a study is analysed, ``"uncertainties"`` or ``"levers"``.

    Raises
    ------
    SensitivityError
        If no part has points laid out over ranges.
    """
    for name in ("uncertainties", "levers"):
        part: Exploration = getattr(study, name)
        if part.parameters and part.design not in {"grid", "search"}:
            return name, part
    raise SensitivityError(
        f"{study.title}: nothing is varied over ranges; give `uncertainties` a `design` (morris, "
        "saltelli, lhs or sobol), `samples`, and `low` and `high` of each factor"
    )


def analyse(
    study: Study,
    design: pd.DataFrame,
    runs: pd.DataFrame,
    seeds: Sequence[int],
    outcomes: Sequence[str] | None = None,
    *,
    folder: str = "FOLDER",
    failed: int = 0,
) -> Sensitivity:
    """Find out which factor outcomes hang on, from tables of cells and of runs.

    Parameters
    ----------
    study
        What was asked for.
    design
        A row for each cell: cell, scenario, role, option, point, against and shares of the ranges.
    runs
        A row for each run: cell, seed and outcomes.
    seeds
        Of each cell.
    outcomes
        As for `sensitivity`. Of the default ones those are left out that are not known everywhere.
    folder, failed
        For messages: where the sweep is, and how many runs of it have failed.
    """
    part, exploration = explored(study)
    varied, fixed = ("point", "option") if part == "uncertainties" else ("option", "point")
    table = runs.set_index(["cell", "seed"])
    found: list[Analysis] = []
    notes: list[str] = []
    own = design[(design["role"] == "scenario") & (design[varied] >= 0)]
    for (scenario, option), group in own.groupby(["scenario", fixed], sort=False):
        cells = group.sort_values(varied)
        names = tuple(
            name
            for name, factor in exploration.parameters.items()
            if factor.scenarios is None or scenario in factor.scenarios
        )
        if not names:
            continue
        looked = _Looked(
            study.title,
            exploration.design,
            str(scenario),
            int(option),
            names,
            cells[[f"{SHARE}{name}" for name in names]].to_numpy(dtype=np.float64),
            folder,
            failed,
        )
        against = cells["against"].to_numpy()
        sides = [(LEVEL, cells["cell"].to_numpy(), None)]
        if (against >= 0).all():
            sides.append((EFFECT, cells["cell"].to_numpy(), against))
        for of, these, those in sides:
            done, problems = looked.at(of, table, these, those, seeds, outcomes)
            found += done
            notes += problems
    if not found:
        raise SensitivityError("\n".join(dict.fromkeys(notes)) or f"{study.title}: nothing to see")
    return Sensitivity(study.title, exploration.design, tuple(found), tuple(dict.fromkeys(notes)))


@dataclass(frozen=True)
class _Looked:
    """A scenario whose outcomes are looked at, at all points."""

    title: str
    design: str
    scenario: str
    option: int
    names: tuple[str, ...]
    shares: Floats
    folder: str
    failed: int

    def at(
        self,
        of: str,
        table: pd.DataFrame,
        cells: Places,
        against: Places | None,
        seeds: Sequence[int],
        outcomes: Sequence[str] | None,
    ) -> tuple[list[Analysis], list[str]]:
        """Return analyses of all outcomes, and what was left out."""
        there = _there(table, cells, seeds)
        if against is not None:
            there &= _there(table, against, seeds)
        kept, notes = self._whole(there)
        found = []
        for outcome in outcomes or DEFAULT:
            values = _matrix(table, outcome, cells, seeds)
            if against is not None:
                values = values - _matrix(table, outcome, against, seeds)
            values = values[kept]
            about = f"{self.scenario}: {of} of {outcome}"
            unknown = int(np.isnan(values).any(axis=1).sum())
            if unknown:
                notes.append(f"{about}: not known at {unknown} points; left out")
                continue
            if np.ptp(values.mean(axis=1)) <= 0.0:
                notes.append(f"{about}: the same at all points; left out")
                continue
            found.append(self._one(of, outcome, values, kept, len(cells)))
        return found, notes

    def _whole(self, there: Marks) -> tuple[Places, list[str]]:
        """Return the points that can be used, as whole blocks of the design need them."""
        points: Marks = np.all(there, axis=1)
        missing = int((~there).sum())
        if not missing:
            return np.arange(len(points), dtype=np.int64), []
        remedy = f"`clustersim resume {self.folder}` does them"
        if self.failed:
            remedy = (
                f"{self.failed} have failed, `clustersim resume {self.folder} --retry-failed`"
                " does them again"
            )
        said = f"{self.scenario}: {missing:,} of {there.size:,} runs are missing"
        if not points.any():
            raise SensitivityError(f"{said}, and no point is whole; {remedy}")
        if self.design == "saltelli":
            raise SensitivityError(f"{said}, and Sobol's indices need them all; {remedy}")
        if self.design == "morris":
            size = len(self.names) + 1
            blocks: Marks = np.all(points.reshape(-1, size), axis=1)
            lost = int((~blocks).sum())
            return _places(np.repeat(blocks, size)), [
                f"{said}: {lost} of {len(blocks)} trajectories are left out; {remedy}"
            ]
        return _places(points), [
            f"{said}: {int((~points).sum())} of {len(points)} points are left out; {remedy}"
        ]

    def _one(self, of: str, outcome: str, values: Floats, kept: Places, points: int) -> Analysis:
        means, x = values.mean(axis=1), self.shares[kept]
        luck = luck_of(values[_independent(self.design, len(values), len(self.names))])
        if self.design == "saltelli":
            indices = sobol(means, len(self.names), luck.noise)
        elif self.design == "morris":
            indices = morris(x, means)
        else:
            indices = ranks(x, means)
        return Analysis(
            scenario=self.scenario,
            option=self.option,
            of=of,
            outcome=outcome,
            factors=self.names,
            points=len(values),
            seeds=values.shape[1],
            dropped=points - len(values),
            mean=float(means.mean()),
            deviation=float(means.std(ddof=1)),
            luck=luck,
            indices=indices,
        )


def _independent(design: str, n_points: int, n_factors: int) -> Places:
    """Return the points that the variance is taken of: of Saltelli, the two samples."""
    if design != "saltelli":
        return np.arange(n_points, dtype=np.int64)
    place = np.arange(n_points) % (n_factors + 2)
    return _places((place == 0) | (place == n_factors + 1))


def _places(marks: Marks) -> Places:
    return np.flatnonzero(marks).astype(np.int64)


def _index(cells: Places, seeds: Sequence[int]) -> pd.MultiIndex:
    import pandas as pd

    return pd.MultiIndex.from_product([cells, list(seeds)])


def _there(table: pd.DataFrame, cells: Places, seeds: Sequence[int]) -> Marks:
    """Tell which runs are there, shape (cells, seeds)."""
    found: Marks = _index(cells, seeds).isin(table.index)
    return found.reshape(len(cells), len(seeds))


def _matrix(table: pd.DataFrame, outcome: str, cells: Places, seeds: Sequence[int]) -> Floats:
    """Return an outcome, shape (cells, seeds); NaN where a run is missing."""
    found: Floats = table[outcome].reindex(_index(cells, seeds)).to_numpy(dtype=np.float64)
    return found.reshape(len(cells), len(seeds))
