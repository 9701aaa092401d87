"""The best settings of the levers of a study: its front, how sure it is, and its knee."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clustersim.experiments.optimise import OptimisationError
from clustersim.experiments.optimise.robust import Scores, scored
from clustersim.experiments.optimise.search import Candidate, Journal, search
from clustersim.experiments.optimise.trying import Trials, check
from clustersim.experiments.provenance import sources
from clustersim.experiments.sweep.study import Optimisation, Study, read_study

KNEE: Final = (
    "of the front, the least mean of the goals, each counted from 0 (its best on the front) to 1 "
    "(its worst)"
)
"""The rule for the knee."""
COUNTED: Final = {
    "mean": "means over points",
    "worst": "values at the worst point",
    "regret": "largest regrets over points",
}
"""What the figures of the goals are."""


@dataclass(frozen=True, eq=False)
class Front:
    """What a search found.

    Attributes
    ----------
    title
        Of the study.
    section
        Goals, and what is allowed.
    candidates
        All that were tried.
    scores
        What they are worth.
    points, seeds
        That every candidate has met.
    """

    title: str
    section: Optimisation
    candidates: tuple[Candidate, ...]
    scores: Scores
    points: int
    seeds: int

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each candidate: levers, goals with intervals, and how good it is."""
        section, scores, found = self.section, self.scores, []
        for i, one in enumerate(self.candidates):
            row: dict[str, Any] = {"candidate": one.number, **one.values}
            for goal, estimate in zip(section.goals, scores.intervals[i], strict=True):
                row[goal.key] = estimate.value
                row[f"{goal.key}:low"], row[f"{goal.key}:high"] = estimate.low, estimate.high
                row[f"{goal.key}:mean"] = self._mean(one, goal.key)
            for name in (*section.at_most, *section.at_least):
                row[f"{name}:mean"] = self._mean(one, name)
            row["allowed"] = bool(scores.violation[i] <= 0.0)
            row["front"] = i in scores.front
            row["knee"] = i == scores.knee
            row["undominated_share"] = float(scores.shares[i])
            row["failed"] = one.failed or ""
            found.append(row)
        return found

    def best(self) -> list[dict[str, Any]]:
        """Return the rows of the front, in the order of the first goal."""
        return sorted(
            (row for row in self.rows() if row["front"]),
            key=lambda row: row[self.section.goals[0].key],
        )

    def to_dict(self) -> dict[str, Any]:
        """Return everything as one dictionary that JSON can hold."""
        return {
            "title": self.title,
            "goals": [
                {"key": goal.key, "name": goal.name, "better": goal.better}
                for goal in self.section.goals
            ],
            "robust": self.section.robust,
            "quantile": self.section.quantile,
            "at_most": dict(self.section.at_most),
            "at_least": dict(self.section.at_least),
            "points": self.points,
            "seeds": self.seeds,
            "knee_rule": KNEE,
            "candidates": self.rows(),
        }

    def words(self) -> str:
        """Say what came out, in a few sentences."""
        n, front = len(self.candidates), len(self.scores.front)
        failed = sum(one.failed is not None for one in self.candidates)
        barred = sum(v > 0.0 for v in self.scores.violation) - failed
        text = (
            f"{self.title}: {n} candidates, each at {_count(self.points, 'point')} and "
            f"{_count(self.seeds, 'seed')}; {front} of them are on the front."
        )
        if barred:
            text += f" {barred} are beyond what is allowed."
        if failed:
            text += f" Runs of {failed} failed."
        if self.scores.knee is not None:
            knee = self.candidates[self.scores.knee]
            text += f"\nThe knee is candidate {knee.number} ({KNEE})."
        return text

    @staticmethod
    def _mean(one: Candidate, key: str) -> float:
        return math.nan if one.outcomes is None else float(one.outcomes[key].mean())


def optimise(
    study: Study | str | Path,
    out: str | Path,
    *,
    candidates: int | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Front:
    """Search for the settings of the levers that no other is better than in all goals.

    Parameters
    ----------
    study
        A study with a section `optimise`, or its file.
    out
        Folder of the journal; a search that lies there already goes on, and ends as if it had not
        been interrupted.
    candidates
        Candidates in all, instead of the study's number.
    workers
        Processes; as many as there are cores if not given.
    progress
        Told after each run about how many candidates are done, and of how many.

    Returns
    -------
    Front

    Raises
    ------
    ScenarioError
        If the study or its scenario cannot be used.
    OptimisationError
        If the study has no section `optimise`, or the folder holds another search.
    MissingExtraError
        If optuna is not installed.
    """
    read, root = (study, None) if isinstance(study, Study) else read_study(study)
    file = None if isinstance(study, Study) else study
    section = read.optimise
    if section is None:
        raise OptimisationError(
            f"{file or read.title}: there is no section `optimise` that says what the goals are"
        )
    check(read, file=file, root=root)
    journal = Journal(Path(out), _identity(read), len(section.goals))
    levers = read.levers.parameters
    wanted = candidates or section.candidates
    done = len(journal.candidates(levers))

    def show(runs: int, of: int) -> None:
        if progress is not None:
            under_way = min(section.generation - done % section.generation, wanted - done)
            progress(done + under_way * runs // of, wanted)

    def count(so_far: int, of: int) -> None:
        nonlocal done
        done = so_far
        if progress is not None:
            progress(so_far, of)

    trials = Trials(read, file=file, root=root, journal=journal, workers=workers, progress=show)
    tried = search(section, levers, trials, journal, most=wanted, progress=count)
    return front_of(read.title, section, tried)


def front_of(title: str, section: Optimisation, tried: Sequence[Candidate]) -> Front:
    """Return what candidates come to."""
    shapes = [next(iter(one.outcomes.values())).shape for one in tried if one.outcomes is not None]
    points, seeds = shapes[0] if shapes else (0, 0)
    scores = scored(section, [one.outcomes for one in tried])
    return Front(title, section, tuple(tried), scores, points, seeds)


def _identity(study: Study) -> dict[str, Any]:
    """Return what makes a search another one: all but its length, and the program."""
    found: dict[str, Any] = study.model_dump(mode="json", exclude={"title", "question", "about"})
    del found["optimise"]["candidates"]
    return {**found, "program": sources()}


def _count(n: int, of: str) -> str:
    return f"{n} {of}{'' if n == 1 else 's'}"
